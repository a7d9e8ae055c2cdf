"""Every fault that a page may show comes in Chinese: provoked for real, and found again by told.toml."""

from __future__ import annotations

import ast
import re
import sqlite3
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

import assistant.sqlite_file
from assistant.access.model import LOCAL
from assistant.access.sight import Sight
from assistant.feedback import FeedbackStore
from assistant.holder import Holder
from assistant.service import Assistant
from assistant.web import told as module
from assistant.web.told import LONGEST, short, told
from corpus.child import Limits, parse_rows
from corpus.config import CHECKOUT, SECTIONS, load_section
from corpus.errors import AssistantError
from corpus.library import read_text
from corpus.read import read_source
from corpus.read_draft import ReadError
from corpus.unpack import unpack
from evals.cases import feedback_set
from evals.compare import changes, compare
from evals.config import EvalSettings
from evals.errors import SetInvalid
from evals.gate import baseline_of, hold, read_baseline
from evals.questions import Category, Question, QuestionSet, parse_set
from evals.results import ROWS, RUN, SUMMARY, RunWriter, read_facts, read_run
from evals.runner import resume, run_into
from evals.set_files import set_bytes
from evals.validate import faults
from evals.web.jobs import Jobs
from evals.web.labels import reason
from evals.web.sets import Sets
from index.config import IndexSettings
from tests.corpus.test_read_package import REFUSED as REFUSED_FILES
from tests.corpus.test_sheets import HOSTILE as HOSTILE_BOOKS
from tests.corpus.test_unpack import REFUSED as REFUSED_ARCHIVES
from tests.evals.runs import Fixed, as_set, facts, questions_and_answers, run_of, small_library
from tests.evals.test_questions import FAULTS
from tests.evals.test_questions import line as json_line
from tests.evals.test_sheets import CSV_FAULTS, workbook

TABLE = tomllib.loads(Path(module.__file__).with_suffix(".toml").read_text(encoding="utf-8"))
# Latin words that are no English sentence: keys, values, formats, what files and settings are called.
PLAIN = {
    *Question.model_fields,
    *get_args(Category),
    *("PNG", "SVG", "Noto", "Sans", "CJK"),
    *("JSON", "Lines", "UTF", "utf", "MB", "Excel", "Word", "CSV", "TOML", "TRUE", "FALSE", "true", "false"),
    *("xlsx", "xls", "csv", "jsonl", "json", "evals", "settings", "summary", "rows", "run", "set"),
    *(
        "txt",
        "md",
        "html",
        "docx",
        "pdf",
        "doc",
        "mht",
        "PDF",
        "RTF",
        "OCR",
        "Office",
        "plan",
        "toml",
        "UOF",
        "OFD",
        "WPS",
    ),
    *("OpenDocument", "iWork", "xlsb", "wps", "et", "sha", "file", "reading", "max_file_mb", "max_plans"),
    *("Authorization", "Bearer", "GET", "openapi"),
    *("max_set_bytes", "max_questions", "feedback_rows", "feedback_days"),
}
WORD = re.compile(r"[A-Za-z][A-Za-z_]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def words(text: str) -> set[str]:
    return set(WORD.findall(text))


def is_chinese(line: str, *values: str) -> str:
    """The line as a Chinese page shows it, after it was looked at; ``values`` hold words that may stay."""
    shown = told(line, "zh")
    assert CHINESE.search(shown), line
    left = words(shown) - PLAIN - {word for value in values for word in words(value)}
    assert not left, f"{line}\n{shown}\n{left}"
    return shown


def lines_of(provoke: Callable[[], object]) -> list[str]:
    """What an error says, a line each; nothing but an error will do."""
    with pytest.raises((AssistantError, ReadError)) as caught:
        provoke()
    return str(caught.value).splitlines()


# -- a set that is uploaded ------------------------------------------------------------------------------------------


BAD_JSON = [
    *('{"a" 1}', '{"a":1,}', '{"a":}', "{a:1}", '{"a":1} x', '{"a":"x', '{"a":"\x01"}', '{"a":"\\q"}', '{"a":"\\u12"}'),
    *('{"a":[1,2 3]}', '{"a":[1,', "nul", '"x"', '{"a":1,"a":2}', '{"x":' * 3000, '{"id":' + "9" * 5000 + "}"),
]  # fmt: skip
VALUES = ("null", "7", "1.5", "true", '""', "[]", "[7]", '[""]', "{}", "-1", '"x"', '["\\ud800"]', "9" * 40)


@pytest.mark.parametrize("line", [*(fault for fault, _ in FAULTS), *BAD_JSON], ids=range(len(FAULTS) + len(BAD_JSON)))
def test_a_faulty_line_of_json(line: bytes | str) -> None:
    text = line if isinstance(line, bytes) else line.encode()
    with pytest.raises(SetInvalid) as caught:
        parse_set(json_line(id="first").encode() + b"\n" + text, "s.jsonl")
    # What Python says of bad JSON is no value, although some of its words may stand in the line.
    value = "" if "not valid JSON" in str(caught.value) else text.decode("latin-1")
    for fault in caught.value.faults:
        assert is_chinese(fault, value).startswith("s.jsonl 第2行：")
        assert told(fault, "en") == fault


def test_a_value_of_each_wrong_type() -> None:
    right = {"id": '"z"', "category": '"roster"', "turns": '["x"]'}
    found: list[str] = []
    for key in Question.model_fields:
        for value in VALUES:
            line = ",".join(f'"{name}": {raw}' for name, raw in {**right, key: value}.items())
            try:
                parse_set(f"{{{line}}}".encode(), "s.jsonl")
            except SetInvalid as error:
                found += error.faults
    assert len(found) > 150  # most of 17 keys × 13 values
    for fault in found:
        is_chinese(fault, "s.jsonl")
        assert told(fault, "en") == fault


OTHER_FILES: list[tuple[bytes, str]] = [
    *((data, "set.csv") for data, _ in CSV_FAULTS),
    ("第一条".encode("gb18030"), "s.jsonl"),
    (b"id,category,turns\na,roster,x", "s.jsonl"),
    (b"PK\x03\x04", "s.json"),
    (b"", "s.txt"),
    (b"no set at all", "upload"),
    (b"[]", "s.json"),
    (b"", "empty.jsonl"),
    (b"\xd0\xcf\x11\xe0", "old.xls"),
    (b"\xff\xfe\x00\xd8bad", "x.csv"),
    (b"\xff\xfe\x00\xd8bad", "x.jsonl"),
    (b'id,category,turns\n"a"x,roster,y', "x.csv"),
    (b"id,category,turns\na,roster,\"" + b"x" * 140_000 + b'"', "x.csv"),
    (b"id,category,turns\ra,roster,x\r\ny\r", "x.csv"),
    (workbook(["题号", "类别", "提问"], ["a", "roster", '=HYPERLINK("http://x","y")']), "x.xlsx"),
    (workbook(["id", "category", "turns", "facts"], ["a", "roster", "x", 0.2], D2="0%"), "x.xlsx"),
    (workbook(["id", "category", "turns", "note"], ["a", "roster", "x", 45_000], D2="yyyy-mm-dd"), "x.xlsx"),
    (workbook(["id", "category", "turns", "lader", "id"], ["a", "roster", "x", "y"]), "x.xlsx"),
    (workbook(["id", "category", "turns", "count"], ["", "riddle", "x|y", "三"], ["b", "roster", "x"] * 2), "x.xlsx"),
    (workbook(["id", "category"], ["a", "roster"]), "x.xlsx"),
    (workbook(["a", "b"]), "x.xlsx"),
    (workbook(["id", "category", "turns"]), "x.xlsx"),
    (workbook(["id"], ["a"])[:-30], "x.xlsx"),
    (b"", "x.xlsx"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "name"), OTHER_FILES, ids=range(len(OTHER_FILES)))
def test_a_file_that_is_no_set(data: bytes, name: str) -> None:
    values = ["lader", "riddle", "more"] if len(data) < 100_000 else []
    for line in lines_of(lambda: parse_set(data, name)):
        is_chinese(line, name, *values)
        assert told(line, "en") == line


def with_password() -> bytes:
    """A workbook whose directory says that its parts are encrypted (PKWARE APPNOTE, 4.4.4, bit 0)."""
    return re.sub(rb"(PK\x01\x02.{4}).", lambda found: found[1] + b"\x01", workbook(["id"]), flags=re.DOTALL)


@pytest.mark.parametrize("case", [*HOSTILE_BOOKS, "password"])
def test_a_hostile_workbook(tmp_path: Path, case: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(with_password() if case == "password" else HOSTILE_BOOKS[case][0])
    with path.open("rb") as file:
        (line,) = lines_of(lambda: parse_rows(file, Limits(cpu_seconds=1)))
    is_chinese(f"x.xlsx: {line}", "x.xlsx xl/workbook.xml worksheets/sheet1.xml OSError XMLSyntaxError")
    assert told(line, "en") == line


@pytest.mark.parametrize(
    "limits",
    [Limits(wall_seconds=0.01), Limits(result_bytes=1), Limits(memory_bytes=1)],
    ids=["time", "text", "memory"],
)
def test_a_workbook_that_takes_too_much(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(workbook(["id", "category", "turns"], ["a", "roster", "x"]))
    with path.open("rb") as file:
        (line,) = lines_of(lambda: parse_rows(file, limits))
    is_chinese(f"x.xlsx: {line}", "x.xlsx", "MemoryError")


def test_a_set_over_the_limits() -> None:
    lines = "\n".join(json_line(id=f"q{n}") for n in range(30))
    for limits in (EvalSettings(max_questions=4), EvalSettings(max_set_bytes=1024)):
        (line,) = lines_of(lambda limits=limits: parse_set(lines.encode(), "s.jsonl", limits))  # type: ignore[misc]
        is_chinese(line, "s.jsonl")


def test_of_many_faults_the_rest_is_counted() -> None:
    lines = lines_of(lambda: parse_set(b'{"id": 1}\n' * 30, "s.jsonl"))
    assert told(lines[-1], "zh") == "……另有70处错误"  # id, category and turns of 30 lines, less the 20 that are shown


def test_what_a_cell_cannot_hold() -> None:
    for kind, note in (("xlsx", "\x01"), ("xlsx", "x" * 32_768), ("csv", "x" * 131_073)):
        question = Question(id="a", category="roster", turns=["x"], note=note)
        (line,) = lines_of(lambda kind=kind, question=question: set_bytes([question], kind))  # type: ignore[misc]
        is_chinese(line)


# -- a set beside the plans ------------------------------------------------------------------------------------------

PLANS = {
    name: read_text(text, name)
    for name, text in (
        ("north", "北山州方案\n\n一、重点任务\n1.建立公共数据目录，每季度更新一次。（牵头单位：自治州大数据局）\n"),
        ("south", "南湖市方案\n\n一、重点任务\n1.栽植行道树三万株。（责任单位：市园林局）\n"),
    )
}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"plans": ["nort"]}, "方案（plans）：方案“nort”没有载入；是不是“north”？"),
        ({"filter": ["zzz"]}, "限定方案（filter）：方案“zzz”没有载入；已载入的有 north、south"),
        ({"evidence": ["建立公共台账"]}, "依据（evidence）：north 中没有“建立公共台账”；最接近的是“建立公共数据”"),
        ({"evidence": ["栽植行道树"]}, "依据（evidence）：north 中没有“栽植行道树”，south 中才有；请改正方案或片段"),
        ({"tasks": ["发展低空经济"]}, "任务（tasks）：north 中没有“发展低空经济”；请从方案中重新复制"),
        ({"lead": ["市园林局"]}, "牵头（lead）：north 没有提到单位“市园林局”，south 才有；请改正方案或单位"),
        ({"support": ["自治州大数居"]}, "配合（support）：north 没有提到单位“自治州大数居”；是不是“自治州大数据局”？"),
        ({"responsible": ["气象台"]}, "负责（responsible）：north 没有提到单位“气象台”；请照方案的写法填写"),
        ({"implicit": ["台"], "plans": []}, "依通则（implicit）：north、south 没有提到单位“台”；请照方案的写法填写"),
    ],
)  # fmt: skip
def test_gold_that_does_not_fit_the_plans(keys: dict[str, object], said: str) -> None:
    gold = {"id": "a", "category": "task_owner", "turns": ["谁?"], "plans": ["north"], **keys}
    question = Question.model_validate(gold)
    (line,) = faults(QuestionSet("s.csv", (question,), ("s.csv, line 2",)), PLANS)
    assert is_chinese(line, "s.csv", "north south nort zzz") == f"s.csv 第2行：{said}"
    assert told(line, "en") == line


def test_gold_without_any_plan() -> None:
    gold = {"id": "a", "category": "task_owner", "turns": ["谁?"], "plans": [], "filter": ["x"], "lead": ["甲局"]}
    question = Question.model_validate({**gold, "evidence": ["一二三四"]})
    for line in faults(QuestionSet("s.csv", (question,), ("s.csv, line 2",)), {}):
        is_chinese(line, "s.csv")


# -- runs ------------------------------------------------------------------------------------------------------------


def finished(folder: Path) -> tuple[QuestionSet, dict[str, Any]]:
    questions, answers = questions_and_answers()
    asked = as_set(questions)
    run_into(folder, Fixed(answers), asked, facts(set_sha256=asked.digest))
    return asked, answers


DAMAGE: list[Callable[[Path], object]] = [
    lambda folder: (folder / SUMMARY).unlink(),
    lambda folder: [file.unlink() for file in folder.glob("*.json")],
    lambda folder: (folder / SUMMARY).write_text("{}"),
    lambda folder: (folder / SUMMARY).write_text("[1, 2"),
    lambda folder: (folder / SUMMARY).write_text(
        (folder / SUMMARY).read_text().replace('"strictly right"', '"x"', 1).replace("10", '"ten"', 1)
    ),
    lambda folder: (folder / ROWS).write_text("{\n"),
    lambda folder: (folder / ROWS).write_text("[]\n"),
    lambda folder: (folder / ROWS).write_text('{"id": 1, "scores": {"a": [1]}, "status": null, "gold": [1]}\n'),
    lambda folder: (folder / ROWS).write_text(""),
]


@pytest.mark.parametrize("damage", DAMAGE, ids=range(len(DAMAGE)))
def test_a_damaged_run(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    folder = tmp_path / "data" / "evals" / "runs" / "dev-1"
    finished(folder)
    damage(folder)
    (line,) = lines_of(lambda: read_run(folder))
    shown = is_chinese(line, "dev-1 runs", "strictly_right set_sha256 strictly right")
    for lang in ("zh", "en"):
        assert "evals/runs" not in told(line, lang)  # no more than the last two parts of a path
    assert shown.startswith(("…/runs/dev-1：", "…/dev-1/"))


@pytest.mark.parametrize("text", ["", "{", '{"a"}', '{"a":1,}', '{"a" 1}', "nul", "1", '{"set":1}', '{"a":"\x01"}',
                                  '{"a":"\\q"}', '{"a":"x', '{"a":01}', "[" * 500, "{} x"])  # fmt: skip
def test_facts_that_cannot_be_read(tmp_path: Path, text: str) -> None:
    (tmp_path / RUN).write_text(text)
    (line,) = lines_of(lambda: read_facts(tmp_path))
    is_chinese(line, str(tmp_path))


def test_runs_in_each_others_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data" / "evals" / "runs" / "dev-1"
    asked, answers = finished(folder)
    now = facts(set_sha256=asked.digest)
    found = []
    with RunWriter(folder):
        found += lines_of(lambda: run_into(folder, Fixed(answers), asked, now))
    (folder / SUMMARY).unlink()
    found += lines_of(lambda: run_into(folder, Fixed(answers), asked, now))
    for key in ("set_sha256", "corpus_sha256", "index", "code", "settings"):
        other: object = {} if key == "settings" else "other"
        changed = now.model_copy(update={key: other})
        found += lines_of(lambda changed=changed: resume(folder, Fixed(answers), lambda _: changed))  # type: ignore[misc]
    rows = (folder / ROWS).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / ROWS).write_text(rows[0] + rows[0], encoding="utf-8")
    found += lines_of(lambda: resume(folder, Fixed(answers), lambda _: now))
    (folder / ROWS).write_text(rows[0].replace('"led"', '"other"'), encoding="utf-8")
    found += lines_of(lambda: resume(folder, Fixed(answers), lambda _: now))
    (folder / ROWS).write_text(rows[0], encoding="utf-8")
    for code, text in ((28, "No space left on device"), (13, "Permission denied")):
        with monkeypatch.context() as patched:
            patched.setattr(Path, "open", failing(OSError(code, text)))
            found += lines_of(lambda: resume(folder, Fixed(answers), lambda _: now))
    (tmp_path / "file").write_text("")
    found += lines_of(lambda: run_into(tmp_path / "file" / "run", Fixed(answers), asked, now))
    for line in found:
        is_chinese(line, "dev-1 runs", "file run")
        assert str(tmp_path.parent) not in told(line, "en")
    assert len(found) == 12


def failing(error: OSError) -> Callable[..., Any]:
    """``Path.open`` on a disk where no row can be written."""
    real = Path.open

    def opened(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if path.name == ROWS and mode == "a":
            raise error
        return real(path, mode, *more, **named)

    return opened


def test_runs_that_cannot_be_compared_or_held() -> None:
    run = run_of()
    other = run.summary.model_copy(update={"set_sha256": "1", "index": "f2", "code": "c2", "corpus_sha256": "9"})
    renamed = [row.model_copy(update={"id": f"x{row.id}"}) for row in run.rows]
    (line,) = lines_of(lambda: compare(run, type(run)(summary=run.summary, rows=renamed)))
    is_chinese(line, "set.jsonl")
    baseline = baseline_of(run)
    for given in (("2", run.rows), (baseline.set_sha256, run.rows[:3])):
        (line,) = lines_of(lambda given=given: hold(given[1], given[0], baseline))  # type: ignore[misc]
        is_chinese(line, "set.jsonl")
    settings = {"assistant": {"limit": 6}, "index": {"embedder": "hash"}}
    found = list(changes(run.summary, other.model_copy(update={"settings": settings})))
    assert [told(line, "zh").split(" ")[0] for line in found] == [
        "题集：0", "方案：", "索引：f1", "程序：unknown", "设置", "设置",
    ]  # fmt: skip
    for line in found:
        is_chinese(line, "assistant.limit index.embedder hash unknown None")
        assert told(line, "en") == line


def test_a_baseline_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "dev.json").write_text("{}")
    for name in ("dev.json", "none.json"):
        (line,) = lines_of(lambda name=name: read_baseline(tmp_path / name))  # type: ignore[misc]
        is_chinese(line, str(tmp_path), name)


def test_a_question_that_could_not_be_asked(tmp_path: Path) -> None:
    folder = small_library(tmp_path)
    assistant = Assistant.open(folder / "data", index_settings=IndexSettings(embedder="hash"))
    for turns, plans in ((["x" * 5000], None), (["？"], None), (["谁?"], ["none"])):
        with pytest.raises(AssistantError) as caught:
            assistant.ask(turns, plans=plans)
        why = f"error: {type(caught.value).__name__}: {caught.value}"
        left = words(reason(why, "zh")) - {"QuestionInvalid", "none", "health"}
        assert not left, reason(why, "zh")
        assert reason(why, "en") == why


# -- pages -----------------------------------------------------------------------------------------------------------


def test_what_the_pages_look_up(tmp_path: Path) -> None:
    folder = small_library(tmp_path)
    data = folder / "data"
    everything = Sight(LOCAL, {})
    jobs = Jobs(Holder(), data, folder / "settings.toml")
    sets = Sets(data, EvalSettings())
    (data / "evals").mkdir(exist_ok=True)
    (data / "evals" / "sets").write_text("in the way")
    found = [
        *lines_of(lambda: jobs.entry("none")),
        *lines_of(lambda: sets.open("shipped:none", everything)),
        *lines_of(lambda: sets.keep(json_line().encode(), "s.jsonl", everything)),
        *lines_of(lambda: Holder().assistant),
        *lines_of(lambda: feedback_set(FeedbackStore(data / "f.sqlite"))),
    ]
    for line in found:
        is_chinese(
            line, "sets 0123456789abcdef", re.findall(r"sets/(\w+)", line)[0] if "sets/" in line else "", "feedback"
        )


def test_settings_that_changed_while_the_server_ran(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    for text in (
        "x = [",
        "[wrong]\n",
        "[evals]\nmax_questions = 0\n",
        '[evals]\nmax_questions = "x"\n',
        "[evals]\nx = 1\n",
    ):
        file.write_text(text)
        (line,) = lines_of(lambda: load_section("evals", EvalSettings, file))
        # What the TOML reader says of its own is told as it is.
        is_chinese(line, str(file), f"wrong {' '.join(SECTIONS)}", line if "not valid TOML" in line else "")


def test_feedback_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant.sqlite_file, "_WAIT", 0.1)
    damaged, foreign, later, busy = (tmp_path / f"{name}.sqlite" for name in ("damaged", "foreign", "later", "busy"))
    damaged.write_bytes(b"not a database" * 100)
    for path, statement in ((foreign, "CREATE TABLE x (y)"), (later, "PRAGMA user_version = 99")):
        with sqlite3.connect(path) as database:
            database.execute(statement)
        database.close()
    (tmp_path / "file").write_text("")
    holding = sqlite3.connect(busy, isolation_level=None)
    holding.execute("CREATE TABLE x (y)")
    holding.execute("BEGIN EXCLUSIVE")
    found = []
    for path in (damaged, foreign, later, busy, tmp_path / "file" / "f.sqlite", tmp_path):
        found += lines_of(lambda path=path: FeedbackStore(path).count())  # type: ignore[misc]
    holding.close()
    for line in found:
        is_chinese(line, str(tmp_path), "damaged foreign later busy file sqlite")
    assert len({told(line, "zh").partition("：")[2] for line in found}) == 6


# -- the table -------------------------------------------------------------------------------------------------------

SENTENCES = [(part, one["en"], one["zh"]) for part in ("place", "line") for one in TABLE[part]]
SLOT = re.compile(r"\{(\w+)\}")


def filled(sentence: str, values: dict[str, str]) -> str:
    return sentence.format(**{name: values[name.rstrip("0123456789")] for name in SLOT.findall(sentence)})


def sample(sentence: str) -> dict[str, str]:
    kinds = {name.rstrip("0123456789") for name in SLOT.findall(sentence)}
    known = {"n": "7", "path": "x.jsonl", "list": "p, q", "fault": "is missing; add it", "said": "File exists", "s": ""}
    return {kind: known.get(kind, "甲") for kind in kinds}


@pytest.mark.parametrize(("part", "en", "zh"), SENTENCES, ids=range(len(SENTENCES)))
def test_each_sentence_is_found_again(part: str, en: str, zh: str) -> None:
    """No sentence before it takes it, nothing is made up, and its Chinese has no English in it."""
    assert set(SLOT.findall(zh)) <= set(SLOT.findall(en))
    assert CHINESE.search(zh) or zh in (" JSON Lines", "{said}", "{path}：{fault}")
    assert words(SLOT.sub("", zh)) <= PLAIN
    values = sample(en)
    line, place = filled(en, values), "" if part == "place" else "f.csv"
    told_values = {**values, "list": "p、q", "fault": "缺少；请补上", "said": "已有同名文件"}
    assert told(f"{place}: {line}" if place else line, "zh").removeprefix(f"{place}：") == filled(zh, told_values)
    assert told(line, "en") == line


def fragments(path: Path, raised: bool = False) -> Iterator[str]:
    """What a module says in words: pieces of its strings, without docstrings; with ``raised``, of what it raises."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told_off = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    within = [node for node in ast.walk(tree) if isinstance(node, ast.Raise)] if raised else [tree]
    for node in (inner for outer in within for inner in ast.walk(outer)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told_off:
            piece = node.value.strip(" :;,.()“”'\n")
            if re.search(r"[a-z] [a-z]", piece) and not piece.isupper():
                yield piece


SAYING = [
    *(f"evals/{name}.py" for name in ("questions", "records", "sheets", "validate", "results", "runner")),
    *(f"evals/web/{name}.py" for name in ("jobs", "sets", "run_pages", "feedback_pages", "feedback_form")),
    *(f"corpus/{name}.py" for name in ("read_rows", "read_archive", "child", "read_text")),
    *(f"corpus/{name}.py" for name in ("apart", "corrections", "corrections_file")),
    *(f"index/{name}.py" for name in ("staging", "uploads", "labels", "changes")),
    *(f"assistant/web/{name}.py" for name in ("work", "drafts", "shelf", "library_pages", "upload_pages")),
    *(f"assistant/{name}.py" for name in ("feedback_file", "sqlite_file", "holder")),
    *(f"assistant/access/{name}.py" for name in ("proxy", "ways")),
]
# Readers of plans also write notes, of which a page tells only the kind: what they raise has to be put into Chinese.
RAISING = [
    *(f"corpus/{path.name}" for path in sorted((CHECKOUT / "corpus").glob("read*.py"))),
    "corpus/library.py",
    "corpus/unpack.py",
    "assistant/drawing.py",
]
ON_NO_PAGE = {
    "jsonl, csv and xlsx",  # a {list}
    "txt, md, html, docx and pdf",
    "the formats read are txt, md, html, docx and pdf",
    "makes its reader fail; save its text as txt, or split it",  # in two parts
    "file must name the source beside it; correct that line",
    "seconds to read; split it",
    "seconds of computing to read; split it",
    "…: is too long for a plan's id; shorten it",  # behind a place
    "%s failed",  # the log
    "strictly right",  # a measure
    'Bearer error="invalid_token"',  # a header
    "a run failed",  # the log
    "save its text as txt, or split it",  # of a plan
    "is not text: it is full of control characters",  # of a plan
    "not a plan and a name",  # of a form, whose field is named instead
}


@pytest.mark.parametrize(("name", "raised"), [*((name, False) for name in SAYING), *((name, True) for name in RAISING)])
def test_whatever_a_module_says_the_table_has(name: str, raised: bool) -> None:
    """A message that is added or changed has to be put into Chinese."""
    blank = "\n".join(SLOT.sub("\0", en).format() for _, en, _ in SENTENCES)
    numbers = "\n".join(re.sub(r"\{n\d?\}", "0", en) for _, en, _ in SENTENCES)
    missing = [piece for piece in fragments(CHECKOUT / name, raised) if piece not in blank and piece not in numbers]
    assert [piece for piece in missing if piece not in ON_NO_PAGE and "CREATE " not in piece] == []


HOSTILE = 100_000  # characters; what SECURITY.md F61 asks for
TOO_LONG = 0.5  # seconds of this process: F61 asks for .05, linear takes .002, quadratic a minute


def hostile(sentence: str) -> Iterator[str]:
    """Lines that begin like the sentence again and again, and never end like it."""
    pieces = SLOT.split(sentence.replace("{{", "").replace("}}", ""))[::2]
    for piece in {*pieces, "".join(pieces), "7".join(pieces), "7", "a: ", ": ", " "} - {""}:
        for start in ("", pieces[0]):
            yield (start + piece * (HOSTILE // len(piece) + 1))[:HOSTILE] + "\0"
    for cut in range(1, len(pieces)):
        start = "x".join(pieces[:cut])
        yield (start * (HOSTILE // max(len(start), 1) + 1))[:HOSTILE] + "\0"


@pytest.mark.parametrize(("part", "en", "zh"), SENTENCES, ids=range(len(SENTENCES)))
def test_every_pattern_takes_linear_time(part: str, en: str, zh: str) -> None:
    pattern, _ = module._compiled(en)
    for line in hostile(en):
        began = time.process_time()
        pattern.fullmatch(line)
        assert time.process_time() - began < TOO_LONG, line[:80]


@pytest.mark.parametrize(
    "piece", ["a: ", "/", "/a", "a/b/", "“", "key x: ", "x, line 1: ", "C:\\", "; run the set again"]
)
def test_a_whole_line_takes_linear_time(piece: str) -> None:
    for length in (HOSTILE, LONGEST):
        began = time.process_time()
        told((piece * (length // len(piece) + 1))[:length], "zh")
        assert time.process_time() - began < TOO_LONG


# -- paths and other lines -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/srv/my data/evals/runs/dev-1", "…/runs/dev-1"),
        ("C:\\data\\evals\\runs\\dev-1", "…/runs/dev-1"),
        ("/f.sqlite", "…/f.sqlite"),
        ("题.jsonl", "题.jsonl"),
        ("evals/runs/dev-1", "evals/runs/dev-1"),
    ],
)
def test_of_a_path_the_last_two_parts_are_shown(path: str, said: str) -> None:
    assert short(path) == said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("it broke over /srv/data/evals/runs/x, sorry", "it broke over …/runs/x, sorry"),
        ("cannot open '/srv/data/f'", "cannot open '…/data/f'"),
        ("条款 三/(二)/43", "条款 三/(二)/43"),
        ("https://example.org/a/b", "https://example.org/a/b"),
        ("see /library/x/clauses", "see /library/x/clauses"),
        ("see /evals/feedback/0123", "see /evals/feedback/0123"),
        ("请勾选两次已完成的运行，再比较。", "请勾选两次已完成的运行，再比较。"),
        ("x: nothing that the table has", "x: nothing that the table has"),
        ("a" * (LONGEST + 1), "a" * (LONGEST + 1)),
    ],
)  # fmt: skip
def test_a_line_that_the_table_lacks_stays(line: str, said: str) -> None:
    assert told(line, "zh") == told(line, "en") == said


# -- plans of any format ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "data", "reason"), REFUSED_FILES, ids=[f"{n}: {r[:25]}" for n, _, r in REFUSED_FILES])
def test_a_plan_file_that_is_refused(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(data)
    (line,) = lines_of(lambda: read_source(tmp_path / name))
    is_chinese(line, str(tmp_path / name), "docm xlsm")


@pytest.mark.parametrize("case", REFUSED_ARCHIVES)
def test_an_archive_that_is_refused(tmp_path: Path, case: str) -> None:
    (tmp_path / "plans.zip").write_bytes(REFUSED_ARCHIVES[case][0])
    (tmp_path / "scratch").mkdir()

    def read() -> None:
        archive = unpack(tmp_path / "plans.zip", tmp_path / "scratch")
        for one in archive.plans if archive else ():
            read_source(one.file, called=one.called)

    (line,) = lines_of(read)
    is_chinese(line, str(tmp_path), "plans zip a b RAR md markdown htm", line.partition("id: ")[2])
