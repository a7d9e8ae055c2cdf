"""The page of a whole plan: every character once, the range marked, each clause with its anchor."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html

from assistant.plan_page import assignment_row, marked_text, outer_clauses, plan_html
from assistant.render import slug
from assistant.strings import EN, ZH
from corpus.model import Clause, ClauseKind, Plan, PlanMeta, Span


def tree(page: str) -> Any:
    return lxml_html.document_fromstring(page)


def lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def test_the_page_holds_the_whole_text_once(plan: Plan) -> None:
    main = tree(plan_html(plan, ZH)).find(".//main")
    assert [p.text_content() for p in main.iter("p")] == lines(plan.text)


def test_exactly_the_range_is_marked(plan: Plan) -> None:
    start = plan.text.index("更换")
    end = plan.text.index("公布") + 2
    marks = tree(plan_html(plan, ZH, start, end)).findall(".//mark")
    assert "\n".join(m.text_content() for m in marks) == plan.text[start:end]


def test_every_clause_has_one_anchor_and_its_units(plan: Plan) -> None:
    page = tree(plan_html(plan, ZH))
    for clause in plan.clauses:
        (element,) = page.xpath("//*[@id=$name]", name=slug(clause.path, clause.part))
        assert element.text_content().startswith(plan.quote(clause.span))
    chips = page.get_element_by_id(slug("一/(一)/1")).find_class("chip")
    assert [c.text_content() for c in chips] == ["牵头 市水务局", "配合 市财政局", "配合 市住房和城乡建设局"]
    assert not page.get_element_by_id(slug("一/(一)/3")).find_class("chip")


def test_markup_in_a_plan_is_text(plan: Plan) -> None:
    page = plan_html(plan, EN)
    assert "研究水价&lt;b&gt;机制&lt;/b&gt;" in page
    assert "<script" not in page
    assert '<html lang="en">' in page


def test_a_clause_inside_another_gets_an_anchor_and_no_block() -> None:
    text = "一、总任务：甲做；乙做。\n二、其他。"

    def clause(path: str, part: int, start: int, end: int) -> Clause:
        return Clause("p", path, part, None, "", (), ClauseKind.TASK, Span(start, end), Span(start, end))

    clauses = (clause("一", 0, 0, 12), clause("一", 1, 6, 9), clause("一", 2, 9, 12), clause("二", 0, 13, 18))
    plan = Plan(PlanMeta("p"), text, clauses, ())
    assert [c.path for c in outer_clauses(plan)] == ["一", "二"]
    page = tree(plan_html(plan, ZH))
    assert page.get_element_by_id(slug("一", 2)).tail == "乙做。"
    assert len(page.xpath("//section")) == 2


TEXTS = st.text(st.sampled_from("甲乙<&>\n \U00020bb7x"), max_size=40)


@given(TEXTS, st.data())
def test_marking_keeps_every_line(text: str, data: st.DataObject) -> None:
    a, b = sorted(data.draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    at = data.draw(st.integers(0, len(text)))
    page = lxml_html.fragment_fromstring(
        marked_text(text, Span(0, len(text)), Span(a, b), [(at, "c-x")]), create_parent="div"
    )
    assert [p.text_content() for p in page.iter("p")] == lines(text)
    # What is marked is the range without line ends, and without lines that show nothing
    shown = "".join(text[i] for i in range(a, b) if _line_shows(text, i))
    assert "".join(m.text_content() for m in page.iter("mark")) == shown


def _line_shows(text: str, i: int) -> bool:
    if text[i] == "\n":
        return False
    end = text.find("\n", i)
    return bool(text[text.rfind("\n", 0, i) + 1 : len(text) if end < 0 else end].strip())


def test_a_row_repeats_the_assignment(plan: Plan) -> None:
    row = assignment_row(plan, plan.clauses[2])
    assert row is not None
    assert (row.lead, row.support, row.no) == (["市水务局"], ["市财政局", "市住房和城乡建设局"], 1)
    assert assignment_row(plan, plan.clauses[4]) is None
