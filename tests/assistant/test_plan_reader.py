"""What a reader of a whole plan is given beside its text, over a plan that was read from a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.plan_reader import counts, facts, find, given_to, on_page, outline, quoted, units, validity
from assistant.plan_text import blocks_of, paragraphs
from assistant.render import shown, slug
from corpus.fold import fold
from corpus.library import read_plan
from corpus.model import Clause, ClauseKind, Plan, PlanMeta, Span

TEXT = """青川市人民政府关于印发青川市水网建设实施方案的通知
青政发〔2031〕7号
各县人民政府：
本方案自2031年1月1日起施行，有效期五年。
一、总　则
为建好水网，制定本方案。
二、重点任务
（一）改造供水管网
1.更换老旧管道三百公里。（市水务局牵头，市财政局配合）
2.公布水质结果，延长取水许可证有效期。（责任单位：市卫生健康委）
3.研究水价機制。
（二）节约用水
4.推广节水器具。（市水务局牵头）
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    file = tmp_path_factory.mktemp("reader") / "water.txt"
    file.write_text(TEXT, encoding="utf-8")
    return read_plan(file, plan_id="water")


def test_the_outline_has_every_chapter_with_what_is_below_it(plan: Plan) -> None:
    entries = outline(plan, blocks_of(plan))
    assert [(entry.text, entry.tasks) for entry in entries] == [("一、总 则", 0), ("二、重点任务", 4)]
    assert [(one.text, one.tasks) for one in entries[1].inner] == [("（一）改造供水管网", 3), ("（二）节约用水", 1)]
    assert entries[1].inner[0].anchor == slug("二/(一)")


def test_a_plan_without_headings_has_its_tasks_as_outline() -> None:
    text = "1.更换管道。\n2.公布结果。"
    spans = (Span(0, 7), Span(8, 15))
    clauses = tuple(Clause("p", str(n), 0, n, "", (), ClauseKind.TASK, span, span) for n, span in enumerate(spans, 1))
    plan = Plan(PlanMeta("p"), text, clauses, ())
    assert [entry.text for entry in outline(plan, blocks_of(plan))] == ["1.更换管道。", "2.公布结果。"]


def test_facts_are_those_that_are_known(plan: Plan) -> None:
    found = {fact.name: fact for fact in facts(plan)}
    assert found["number"].value == "青政发〔2031〕7号"
    assert found["validity"].value == "本方案自2031年1月1日起施行，有效期五年。"
    assert found["validity"].place is not None
    assert plan.quote(found["validity"].place) == found["validity"].value
    assert {"pages", "published", "issuer"}.isdisjoint(found)
    assert found["file"].value == "water.txt" and "source" not in found  # the same words once


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("本方案自印发之日起施行。", True),
        ("本方案有效期至2035年12月31日。", True),
        ("（三）本办法自2031年5月1日起實施，有效期五年。", True),
        ("自发布之日起施行，有效期三年。", True),
        ("1.延长取水许可证有效期。", False),
        ("自2031年起每年新建水厂十座。", False),
        ("加强本方案宣传，核对许可证的有效期。", False),
    ],
)
def test_a_sentence_of_validity_speaks_of_the_plan(sentence: str, says: bool) -> None:
    assert bool(validity(Plan(PlanMeta("p"), f"青川市方案\n{sentence}\n", (), ()))) is says


def test_counts_and_units(plan: Plan) -> None:
    counted = counts(plan)
    assert (counted.tasks, counted.led, counted.named, counted.nobody) == (5, 2, 1, 2)  # 一 is one too
    assert counted.assigned == 3
    assert units(plan) == [("市水务局", 2), ("市卫生健康委", 1), ("市财政局", 1)]


def test_only_what_one_body_is_given(plan: Plan) -> None:
    blocks = blocks_of(plan)
    lead, headed = given_to(plan, blocks, {"市水务局"}, "")
    assert lead == [slug("二/(一)/1"), slug("二/(二)/4")]
    assert headed == {*lead, slug("二"), slug("二/(一)"), slug("二/(二)")}
    assert given_to(plan, blocks, {"市财政局"}, "lead")[0] == []
    assert given_to(plan, blocks, set(), "support")[0] == [slug("二/(一)/1")]
    assert given_to(plan, blocks, {"省水利厅"}, "") == ([], set())


@pytest.mark.parametrize("words", ["水价机制", "水價機制", "水 价 机 制", "總則", "总　则"])
def test_words_are_found_in_both_scripts_and_across_spaces(plan: Plan, words: str) -> None:
    places = find(plan, words, paragraphs(plan, blocks_of(plan)))
    assert [fold("".join(plan.quote(place).split())) for place in places] == [fold("".join(words.split()))]


@pytest.mark.parametrize("words", ["", " ", "　"])
def test_nothing_is_found_by_nothing(plan: Plan, words: str) -> None:
    assert find(plan, words, paragraphs(plan, blocks_of(plan))) == []


def test_signs_have_no_meaning_in_a_search(plan: Plan) -> None:
    lines = paragraphs(plan, blocks_of(plan))
    assert find(plan, ".*", lines) == []
    assert len(find(plan, "（市水务局牵头", lines)) == 2  # wide or narrow brackets


def test_only_what_is_shown_is_searched(plan: Plan) -> None:
    blocks = blocks_of(plan)
    whole = find(plan, "管", paragraphs(plan, blocks))
    some = find(plan, "管", paragraphs(plan, blocks, {slug("二/(一)/1")}))
    assert len(whole) > len(some) == 1
    assert plan.quote(Span(some[0].start - 4, some[0].end)) == "更换老旧管"


@given(st.text(st.sampled_from("水𠮷\x07a\n 电"), max_size=60))
def test_places_on_the_page_are_counted_in_characters(text: str) -> None:
    plan = Plan(PlanMeta("p"), text, (), ())
    lines = paragraphs(plan, [])
    places = find(plan, "水", lines)
    assert len(places) == text.count("水")
    for place, (line, start, end) in zip(places, on_page(plan, places, lines), strict=True):
        assert shown(text[line:].split("\n")[0])[start:end] == "水"
        assert line <= place.start


def test_a_quote_says_where_it_stands(plan: Plan) -> None:
    clause = plan.clause("二/(一)/1")
    assert clause is not None
    said = quoted(plan, clause.span)
    assert said is not None
    assert said[0] == clause.key
    quote, _, source = said[1].partition("\n——")
    assert quote == plan.quote(clause.span)
    assert source == "《青川市水网建设实施方案》（青政发〔2031〕7号），二、重点任务 › （一）改造供水管网\n"
    assert quoted(plan, Span(3, 3)) is None


def test_every_line_is_a_paragraph_once() -> None:
    """Every line that shows something is a paragraph, and lines are in the order of the text."""
    plan = Plan(PlanMeta("p"), TEXT, (), ())
    lines = paragraphs(plan, [])
    assert [plan.quote(line) for line in lines] == [line for line in TEXT.split("\n") if line.strip()]
