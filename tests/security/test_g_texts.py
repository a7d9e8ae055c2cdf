"""Attacks, section G: marks of Markdown and formulas in what plans say, and lines of the log that somebody forges."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import html as lxml_html
from openpyxl import load_workbook

from assistant.access.model import LOCAL, Principal
from assistant.access.names import user_of
from assistant.api import build_api
from assistant.audit import Audit, AuditSettings, Shown
from assistant.conversation import converse
from assistant.holder import Holder
from assistant.model import Answer
from assistant.plain_log import PlainLines
from assistant.plan_text import TextView, article_html
from assistant.render import answer_html, sources_html
from assistant.service import Assistant
from assistant.strings import ZH
from index.build import build
from index.config import IndexSettings
from tests.app.conftest import FakeAssistant, make_plan

# Marks that mean something in Markdown, in HTML, or in the marks of citations.
MARKS = [
    "换管](http://x.example) [1",
    "换管) [2](javascript:x) ![",
    "换管`code` ```fence",
    "换管 $$x$$ $y$ \\(z\\)",
    "换管 | a | b |",
    "换管<details><summary>a</summary>",
    "换管" + "*" * 10_000,
    "换管 **粗** __b__ ~~c~~ ==d==",
    "换管 [9] [1] \\[1\\] [^1] [[1]]",
    "换管 &lt;b&gt; &amp;#91;1] &#x5b;1]",
]
# What a spreadsheet takes for a formula, or for another cell or line.
FORMULAS = ['=HYPERLINK("http://x.example","a")', "+1+1", "-1+1", "@SUM(1)", "＝1+1", "=cmd|' /C calc'!A0"]
# What steers a terminal, or looks like a further line of a log.
FORGED = "谁牵头\x1b[2J\x1b]0;x\x07\r\nERROR root: 伪造的一行\n\x9b2J\u2028WARNING x: y\u202e\u0000\ud800"


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """The assistant over a plan whose tasks hold those marks."""
    folder = tmp_path_factory.mktemp("marks")
    lines = [f"{n}.{mark}第{n}号。(市水务局牵头,市财政局配合)" for n, mark in enumerate(MARKS, 1)]
    text = "青川市水网方案\n一、重点任务\n" + "\n".join(lines) + "\n"
    (folder / "marks.txt").write_text(text, encoding="utf-8")
    hashed = IndexSettings(embedder="hash")
    build(folder / "data", hashed, [folder / "marks.txt"], progress=False)
    return Assistant.open(folder / "data", index_settings=hashed)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_88_marks_in_a_clause_are_shown_literally(marked: Assistant) -> None:
    """Brackets, backticks, dollars, bars, tags and ten thousand stars: in quotes and on the plan's page as written."""
    answer = marked.ask(["市水务局负责哪些任务？"])
    assert answer.count == len(MARKS)
    begun = time.perf_counter()
    sources = lxml_html.fromstring(sources_html(answer, ZH))
    page = lxml_html.fromstring(article_html(marked.plans["marks"], TextView(ZH)))
    assert time.perf_counter() - begun < 5  # stars do not make it slow
    quotes = [squeezed(quote.text_content()) for quote in sources.iter("blockquote")]
    whole = squeezed(page.text_content())
    for mark in MARKS:
        assert any(squeezed(mark) in quote for quote in quotes)
        assert squeezed(mark) in whole
    for tree in (sources, page):
        assert {link.get("href", "")[:8] for link in tree.iter("a")} <= {"/plans/m", "#c-一", "/ledger?"}
        assert not tree.xpath(".//blockquote//*[not(self::mark or self::br)]")


def test_88_no_mark_makes_or_breaks_a_citation(marked: Assistant) -> None:
    """Of an answer's text, only the marks that the assistant set are links, each to the source of its own number."""
    for question in ("市水务局负责哪些任务？", *(f"第{n}项由谁牵头？" for n in range(1, len(MARKS) + 1))):
        answer = marked.ask([question])
        shown = lxml_html.fromstring(answer_html(answer, ZH))
        links = [(link.get("href"), link.text_content()) for link in shown.iter("a")]
        numbers = [citation.n for citation in answer.citations]
        assert {number for _, number in links} <= {f"[{n}]" for n in numbers}
        assert all(href == f"#cite-1-{number[1:-1]}" for href, number in links)
        if question.startswith("市"):  # one for each task, in the order of the sources
            assert [number for _, number in links][: len(MARKS)] == [f"[{n}]" for n in range(1, len(MARKS) + 1)]
            listed = [squeezed(item.text_content()) for item in shown.iter("li")]
            for mark, item in zip(MARKS, listed, strict=True):
                assert squeezed(mark)[:20] in item
        assert not shown.xpath(".//img | .//details | .//code | .//pre | .//table | .//del")


def test_89_no_cell_of_an_export_is_a_formula(tmp_path: Path) -> None:
    """Texts that a spreadsheet would compute, in what a plan says and is called: text in CSV and in a workbook."""
    lines = [f"{n}.{formula}{n}号管道更换。({formula}市水务局牵头)" for n, formula in enumerate(FORMULAS, 1)]
    (tmp_path / "=1+1.txt").write_text("=1+1青川市方案\n一、任务\n" + "\n".join(lines) + "\n", encoding="utf-8")
    hashed = IndexSettings(embedder="hash")
    build(tmp_path / "data", hashed, [tmp_path / "=1+1.txt"], progress=False)
    client = TestClient(build_api(Holder(Assistant.open(tmp_path / "data", index_settings=hashed))))
    rows = list(csv.reader(io.StringIO(client.get("/api/v1/assignments?format=csv").content.decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(client.get("/api/v1/assignments?format=xlsx").content))
    assert len(rows) > 1
    starting = re.compile(r"[\s\x00]*[=+\-@＝＋－＠\t\r]")
    hostile = [cell for row in rows for cell in row if "1+1" in cell or "HYPERLINK" in cell]
    assert hostile
    assert not [cell for row in rows for cell in row if starting.match(cell)]
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None or cell.hyperlink.target.startswith("http://testserver/plans/")


class Failing:
    """A log as the server writes it."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        handler = logging.StreamHandler(self.out)
        handler.setFormatter(PlainLines("%(levelname)s %(name)s: %(message)s"))
        self.handler = handler

    def lines(self) -> list[str]:
        return self.out.getvalue().splitlines()


@pytest.fixture
def written() -> Iterator[Failing]:
    log = Failing()
    logging.getLogger().addHandler(log.handler)
    yield log
    logging.getLogger().removeHandler(log.handler)


def is_plain(lines: Sequence[str]) -> bool:
    """Whether nothing in the lines steers a terminal or hides."""
    return all(line.isprintable() for line in lines)


def test_90_a_question_forges_no_line_of_the_log(written: Failing) -> None:
    """A failure that quotes a question with control sequences and line ends: one event, its traceback set in."""

    def reply(turns: Sequence[str]) -> Answer:
        raise RuntimeError(f"cannot answer {turns[-1]}")

    plan = make_plan()
    converse(Holder(FakeAssistant({plan.id: plan}, reply)), LOCAL, FORGED, (), ())
    lines = written.lines()
    events = [line for line in lines if not line.startswith("  ")]
    assert events == ["ERROR assistant.conversation: a question failed"]
    assert any("ERROR root: 伪造的一行" in line for line in lines)  # it is there, and no event of its own
    assert is_plain(lines)


def test_90_a_message_is_one_line(written: Failing) -> None:
    """The same in the message itself, as the name of a file or of a user."""
    # Handed to the handler alone: what tests log is also sent between the processes that run them.
    written.handler.handle(logging.LogRecord("x", logging.WARNING, "", 0, "%s: cannot be read", (FORGED,), None))
    (line,) = written.lines()
    assert r"谁牵头\x1b[2J\x1b]0;x\x07\r\nERROR root: 伪造的一行\n\x9b2J\u2028WARNING x: y\u202e\x00\ud800" in line
    assert is_plain([line])


def test_90_the_server_logs_so() -> None:
    """The formatter is the one that the server installs."""
    source = (Path(__file__).resolve().parents[2] / "app.py").read_text(encoding="utf-8")
    assert "handler.setFormatter(PlainLines(" in source


def test_90_nor_a_line_of_the_audit(tmp_path: Path) -> None:
    """A question and a user's name in the audit, also where its words are kept: one line of JSON, nothing unseen."""
    audit = Audit(tmp_path, AuditSettings(questions="text"))
    who = Principal(FORGED, frozenset(), via="proxy")
    audit.write("ask", who, door="chat", what=Shown("ask", FORGED, "answered"), target=FORGED, address="127.0.0.1")
    audit.close()
    (file,) = (tmp_path / "audit").glob("*.jsonl")
    content = file.read_text(encoding="utf-8")
    assert content.count("\n") == 1
    assert content.endswith("\n")
    assert is_plain([content[:-1]])
    line = json.loads(content)
    assert line["event"] == "ask"
    assert "\x1b" not in line["who"] + line["question"] + line["target"]


@pytest.mark.parametrize("bad", [FORGED, "a\nb", "a\x1b[2J", "a\u202eb", "a\u2028b", "a\ud800"])
def test_90_nobody_is_called_so(bad: str) -> None:
    """A proxy's or a log-in's name with anything of that kind is no name."""
    assert user_of(bad) is None
