"""The page of a whole plan: every character once, the range marked, each clause with its anchor."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from assistant.api import build_api
from assistant.holder import Holder
from assistant.plan_text import LONG, Mark, TextView, article_html, blocks_of
from assistant.render import slug
from assistant.strings import ZH
from corpus.model import Clause, ClauseKind, Plan, PlanMeta, Span

OWN_SCRIPTS = ("staff", "reader")


@pytest.fixture
def client(fake: Any) -> Iterator[TestClient]:
    with TestClient(build_api(Holder(fake))) as opened:
        yield opened


def tree(page: str) -> Any:
    return lxml_html.document_fromstring(page)


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def test_the_page_holds_the_whole_text_once(plan: Plan) -> None:
    article = lxml_html.fragment_fromstring(article_html(plan, TextView(ZH)))
    assert [p.text_content() for p in article.iter("p")] == lines(plan.text)


def test_exactly_the_range_is_marked(client: TestClient, plan: Plan) -> None:
    start = plan.text.index("更换")
    end = plan.text.index("公布") + 2
    marks = tree(client.get(f"/plans/water?start={start}&end={end}").text).findall(".//mark")
    assert "\n".join(m.text_content() for m in marks) == plan.text[start:end]


def test_every_clause_has_one_anchor_and_its_units(client: TestClient, plan: Plan) -> None:
    page = tree(client.get("/plans/water").text)
    for clause in plan.clauses:
        (element,) = page.xpath("//*[@id=$name]", name=slug(clause.path, clause.part))
        assert element.text_content().removeprefix("¶").startswith(plan.quote(clause.span))
    chips = page.get_element_by_id(slug("一/(一)/1")).find_class("chip")
    assert [c.text_content() for c in chips] == ["牵头 市水务局", "配合 市财政局", "配合 市住房和城乡建设局"]
    assert not page.get_element_by_id(slug("一/(一)/3")).find_class("chip")


def test_markup_in_a_plan_is_text(client: TestClient) -> None:
    page = client.get("/plans/water?lang=en").text
    assert "研究水价&lt;b&gt;机制&lt;/b&gt;" in page
    assert set(re.findall("<script[^>]*", page)) <= {f'<script src="/web/{name}.js" defer' for name in OWN_SCRIPTS}
    assert '<html lang="en">' in page


def test_a_clause_inside_another_gets_an_anchor_and_no_block() -> None:
    text = "一、总任务：甲做；乙做。\n二、其他。"

    def clause(path: str, part: int, start: int, end: int) -> Clause:
        return Clause("p", path, part, None, "", (), ClauseKind.TASK, Span(start, end), Span(start, end))

    clauses = (clause("一", 0, 0, 12), clause("一", 1, 6, 9), clause("一", 2, 9, 12), clause("二", 0, 13, 18))
    plan = Plan(PlanMeta("p"), text, clauses, ())
    assert [block.clause.path for block in blocks_of(plan)] == ["一", "二"]
    page = tree(article_html(plan, TextView(ZH)))
    assert page.get_element_by_id(slug("一", 2)).tail == "乙做。"
    assert len(page.xpath("//section")) == 2


TEXTS = st.text(st.sampled_from("甲乙<&>\n \U00020bb7x"), max_size=40)


@given(TEXTS, st.data())
def test_marking_keeps_every_line(text: str, data: st.DataObject) -> None:
    """Marks that overlap each other, lines and clauses: each has its own characters, and no line loses any."""
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    spans = [Span(*sorted(data.draw(places))) for _ in range(3)]
    inner = Span(*sorted(data.draw(places)))
    whole = Span(0, len(text))
    clauses = tuple(
        Clause("p", "一", part, None, "", (), ClauseKind.TASK, span, span) for part, span in enumerate((whole, inner))
    )
    plan = Plan(PlanMeta("p"), text, clauses, ())
    marks = tuple(Mark(span, n) for n, span in enumerate(spans, 1))
    article = lxml_html.fragment_fromstring(article_html(plan, TextView(ZH, marks)))
    assert [p.text_content() for p in article.iter("p")] == lines(text)
    for mark in marks:
        # What is marked is the range without line ends, and without lines that show nothing
        shown = "".join(text[i] for i in range(mark.span.start, mark.span.end) if _line_shows(text, i))
        assert marked(article, mark.n) == shown


@pytest.mark.parametrize(("clauses", "kinds"), [(LONG - 1, "plan-text"), (LONG, "plan-text long")])
def test_a_long_plan_says_so(clauses: int, kinds: str) -> None:
    """A browser lays out what is out of sight later; of it alone, what is shown counts."""
    text = "".join(f"{n}.修渠。\n" for n in range(clauses))
    spans = [Span(found.start(), found.end() - 1) for found in re.finditer("[^\n]+\n", text)]
    tasks = tuple(Clause("p", f"{n}", 0, n, "", (), ClauseKind.TASK, s, s) for n, s in enumerate(spans))
    plan = Plan(PlanMeta("p"), text, tasks, ())
    assert lxml_html.fragment_fromstring(article_html(plan, TextView(ZH))).get("class") == kinds
    assert lxml_html.fragment_fromstring(article_html(plan, TextView(ZH, only={"c-1"}))).get("class") == "plan-text"


def marked(article: Any, n: int) -> str:
    """The text of all marks of citation ``n``."""
    return "".join(m.text_content() for m in article.iter("mark") if str(n) in m.get("data-n", "").split())


def _line_shows(text: str, i: int) -> bool:
    if text[i] == "\n":
        return False
    end = text.find("\n", i)
    return bool(text[text.rfind("\n", 0, i) + 1 : len(text) if end < 0 else end].strip())


def test_a_fragment_marks_what_each_citation_quotes(client: TestClient, plan: Plan) -> None:
    """Two citations that overlap, one of them over a line end."""
    first = Span(plan.text.index("1.更换"), plan.text.index("市财政局"))
    second = Span(plan.text.index("市水务局"), plan.text.index("水质"))
    address = f"/plans/water/text?mark=1:{first.start}-{first.end}&mark=2:{second.start}-{second.end}"
    response = client.get(address)
    assert response.status_code == 200
    article = lxml_html.fragment_fromstring(response.text)
    assert (article.tag, article.get("class"), article.get("data-plan")) == ("article", "plan-text", "water")
    for n, span in ((1, first), (2, second)):
        assert marked(article, n) == plan.quote(span).replace("\n", "")
    assert "市水务局" in marked(article, 1) and "1 2" in {m.get("data-n") for m in article.iter("mark")}
    page = lxml_html.document_fromstring(client.get("/plans/water").text)
    assert {e.get("id") for e in article.xpath("//section")} == {e.get("id") for e in page.xpath("//article//section")}
    again = client.get(address, headers={"if-none-match": response.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "query",
    [
        *("mark=1", "mark=1:5-5", "mark=1:6-5", "mark=0:1-5", "mark=x:1-5", "mark=1:-1-5", "mark=1:1-99999999999"),
        "&".join(f"mark={n}:1-5" for n in range(1, 202)),
    ],
)
def test_a_mark_that_is_none_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/plans/water/text?{query}").status_code == 422


def test_a_fragment_takes_two_hundred_marks_and_ranges_beyond_the_text(client: TestClient) -> None:
    many = "&".join(f"mark={n}:{n}-999999" for n in range(1, 201))
    assert client.get(f"/plans/water/text?{many}").status_code == 200


def test_a_plan_that_is_not_there_has_no_text(client: TestClient) -> None:
    assert client.get("/plans/nowhere/text").status_code == 404
