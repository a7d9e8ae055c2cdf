"""An answer while it is put together: numbers, marks, rows, what is only related."""

from __future__ import annotations

import pytest

from assistant.draft import Draft, assignment_row, home_of, row_of
from assistant.model import Status
from corpus.library import read_text
from corpus.model import Clause, Plan, Span
from tests.assistant.invented import BUS, HEALTH, RIVER

HEALTH_PLAN, RIVER_PLAN = read_text(HEALTH, "health"), read_text(RIVER, "river")


def clause(plan: Plan, path: str) -> Clause:
    return plan.by_key[(path, 0)]


def test_citations_are_numbered_in_the_order_in_which_they_are_made() -> None:
    draft = Draft()
    second, first = clause(HEALTH_PLAN, "二/4"), clause(HEALTH_PLAN, "一/1")
    assert draft.cite(HEALTH_PLAN, second) == 1
    assert draft.cite(RIVER_PLAN, clause(RIVER_PLAN, "一/1")) == 2  # the same path in another plan
    assert draft.cite(HEALTH_PLAN, first) == 3
    assert draft.cite(HEALTH_PLAN, second) == 1  # cited before
    answer = draft.finish(Status.ANSWERED)
    assert [(c.n, c.plan, c.clause) for c in answer.citations] == [
        (1, "health", "二/4"),
        (2, "river", "一/1"),
        (3, "health", "一/1"),
    ]


def test_a_clause_cited_twice_has_the_marks_of_both() -> None:
    draft = Draft()
    one = clause(HEALTH_PLAN, "一/1")
    start = one.span.start
    draft.cite(HEALTH_PLAN, one, [Span(start + 2, start + 4)])
    draft.cite(HEALTH_PLAN, one, [Span(start + 3, start + 6), Span(0, 2)])  # the last lies elsewhere
    assert draft.finish(Status.ANSWERED).citations[0].marks == [(start + 2, start + 6)]


def test_each_sentence_ends_with_its_marks_once() -> None:
    draft = Draft()
    draft.say("甲。", [2, 1, 2])
    draft.say("乙。")
    assert draft.finish(Status.ANSWERED).text == "甲。[2][1]\n乙。"


def test_what_is_cited_is_not_related_whichever_came_first() -> None:
    draft = Draft()
    first, second, third = (clause(HEALTH_PLAN, path) for path in ("一/1", "一/2", "一/3"))
    draft.cite(HEALTH_PLAN, first)
    for one in (first, second, third):
        draft.relate(HEALTH_PLAN, one)
    draft.cite(HEALTH_PLAN, second)
    answer = draft.finish(Status.ANSWERED)
    assert [c.clause for c in answer.citations] == ["一/1", "一/2"]
    assert [c.clause for c in answer.related] == ["一/3"]


def test_nothing_is_related_twice_and_numbers_have_no_gaps() -> None:
    draft = Draft()
    for path in ("一/1", "一/2", "一/2", "一/1", "一/3"):
        draft.relate(HEALTH_PLAN, clause(HEALTH_PLAN, path))
    draft.cite(HEALTH_PLAN, clause(HEALTH_PLAN, "一/1"))
    related = draft.finish(Status.NOT_FOUND).related
    assert [(c.n, c.clause) for c in related] == [(1, "一/2"), (2, "一/3")]


def test_a_rule_is_cited_by_its_own_sentence() -> None:
    draft = Draft()
    rule = RIVER_PLAN.rules[0]
    draft.cite_span(RIVER_PLAN, rule.span)
    made = draft.finish(Status.ANSWERED).citations[0]
    assert made.clause == "前言"
    assert made.quote == "以下责任单位均有各县(市)人民政府,不再列出。"
    assert made.marks == [(made.start, made.end)]


def test_a_row_says_what_the_plan_assigns_and_where_it_is_shown() -> None:
    one = clause(RIVER_PLAN, "一/2")
    assignment = RIVER_PLAN.assignment(one)
    assert assignment is not None
    row = row_of(RIVER_PLAN, one, assignment, 7)
    assert (row.plan, row.clause, row.part, row.no, row.citation) == ("river", "一/2", 0, 2, 7)
    assert (row.lead, row.support, row.responsible) == (["自治州水利局"], ["自治州城管局"], [])
    assert (row.implicit, row.implicit_roles) == (["各县(市)人民政府"], {"responsible": ["各县(市)人民政府"]})
    assert row.basis == "document_rule"
    assert assignment_row(RIVER_PLAN, one) == row.model_copy(update={"citation": 0})


def test_a_clause_that_names_nobody_has_no_row() -> None:
    assert assignment_row(HEALTH_PLAN, clause(HEALTH_PLAN, "二/5")) is None


def test_nobody_makes_no_row_and_a_person_one() -> None:
    draft = Draft()
    draft.assert_assignment(HEALTH_PLAN, clause(HEALTH_PLAN, "二/5"), None, 1)
    bus = read_text(BUS, "bus")
    draft.assert_person(bus.people[2])
    answer = draft.finish(Status.ANSWERED, [("units", "甲")])
    assert answer.assignments == []
    assert [(p.name, p.post, p.unit, p.role) for p in answer.people] == [
        ("苏明远", "市财政局副局长", "市财政局", "成员")
    ]
    assert answer.scope == ["甲"]


def test_the_home_of_a_span_is_the_innermost_clause() -> None:
    one = clause(RIVER_PLAN, "一/2")
    assert home_of(RIVER_PLAN, Span(one.span.start + 1, one.span.start + 3)) == one
    with pytest.raises(ValueError, match="no clause of river"):
        home_of(RIVER_PLAN, Span(0, len(RIVER_PLAN.text)))
