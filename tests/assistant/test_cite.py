"""Citations: cut from the plan, or not made."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.cite import cite, quote_span, source_name
from corpus.library import read_text
from corpus.model import Span
from tests.assistant.invented import BUS, HEALTH, RIVER

PLAN = read_text(RIVER, "river")
CLAUSE = PLAN.by_key[("一/2", 0)]
START, END = CLAUSE.span.start, CLAUSE.span.end


def test_a_citation_is_cut_from_the_plan_in_its_own_script() -> None:
    clause = PLAN.by_key[("一/3", 0)]
    made = cite(PLAN, clause, 4, clause.span)
    assert made.quote == "3.保護溼地候鳥,設立觀測站。(自治州林草局負責)"
    assert PLAN.text[made.start : made.end] == made.quote
    assert (made.n, made.plan, made.clause, made.part) == (4, "river", "一/3", 0)
    assert made.path == "治理污染"
    assert made.source == "《碧野自治州2032年河湖生态保护工作方案》"


def test_the_source_shows_the_number_where_there_is_one() -> None:
    assert source_name(read_text(HEALTH)).endswith("方案》（澜政办发〔2031〕12号）")


# offsets from the start of the clause → the marks that remain
MARKS: list[tuple[list[tuple[int, int]], list[tuple[int, int]]]] = [
    ([], []),
    ([(2, 4)], [(2, 4)]),
    ([(6, 8), (2, 4)], [(2, 4), (6, 8)]),  # in the order of the text
    ([(2, 5), (4, 8)], [(2, 8)]),  # overlapping
    ([(2, 4), (4, 6)], [(2, 6)]),  # touching
    ([(2, 9), (3, 5)], [(2, 9)]),  # one inside the other
    ([(2, 4), (2, 4)], [(2, 4)]),  # twice the same
    ([(3, 3)], []),  # empty
]


@pytest.mark.parametrize(("given_marks", "kept"), MARKS)
def test_marks_are_sorted_and_joined(given_marks: list[tuple[int, int]], kept: list[tuple[int, int]]) -> None:
    made = cite(PLAN, CLAUSE, 1, CLAUSE.span, [Span(START + a, START + b) for a, b in given_marks])
    assert made.marks == [(START + a, START + b) for a, b in kept]


@given(st.lists(st.tuples(st.integers(START, END), st.integers(START, END)).map(sorted)))
def test_joined_marks_cover_the_same_characters_and_do_not_touch(pairs: list[list[int]]) -> None:
    made = cite(PLAN, CLAUSE, 1, CLAUSE.span, [Span(a, b) for a, b in pairs])
    assert {i for a, b in made.marks for i in range(a, b)} == {i for a, b in pairs for i in range(a, b)}
    ends = [place for mark in made.marks for place in mark]
    assert ends == sorted(set(ends))


@pytest.mark.parametrize("mark", [Span(START - 1, START + 2), Span(END - 1, END + 1), Span(0, 2)])
def test_a_mark_outside_the_quote_is_an_error(mark: Span) -> None:
    with pytest.raises(ValueError, match="outside the quote of 一/2 of river"):
        cite(PLAN, CLAUSE, 1, CLAUSE.span, [mark])


@pytest.mark.parametrize(
    "span",
    [Span(START, START), Span(END, END + 1), Span(len(PLAN.text) - 3, len(PLAN.text) + 3), Span(10**6, 10**6 + 4)],
)
def test_nothing_is_not_quoted(span: Span) -> None:
    with pytest.raises(ValueError, match="nothing to quote"):
        cite(PLAN, CLAUSE, 1, span)


def test_a_numbered_clause_and_a_roster_line_are_quoted_whole_and_other_text_where_it_matters() -> None:
    sentence = Span(START + 2, START + 6)
    assert quote_span(PLAN, CLAUSE, sentence) == CLAUSE.span
    assert quote_span(PLAN, PLAN.by_key[("前言", 0)], sentence) == sentence
    assert quote_span(PLAN, PLAN.by_key[("前言", 0)]) == PLAN.by_key[("前言", 0)].span
    bus = read_text(BUS, "bus")
    line = bus.by_key[("附件/名单/3", 0)]
    assert quote_span(bus, line, Span(line.span.start, line.span.start + 2)) == line.span


def test_a_part_is_quoted_with_the_whole_of_its_clause() -> None:
    plan = read_text("云汀市工作方案\n一、任务\n1.修桥。(市交通运输局负责)铺路。(市城管局负责)\n", "two")
    parts = [c for c in plan.clauses if c.part]
    assert len(parts) == 2
    assert {quote_span(plan, part) for part in parts} == {plan.by_key[("一/1", 0)].span}
