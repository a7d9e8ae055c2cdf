"""Listings: complete, counted, by role, by condition; a number alone where only the number is wanted."""

from __future__ import annotations

import pytest

from assistant.model import Answer, Status
from assistant.service import Assistant
from assistant.tasks import tasks_of
from corpus.model import Role
from tests.assistant.invented import assert_sound

ROLES = frozenset(Role)


def ask(assistant: Assistant, *turns: str) -> Answer:
    answer = assistant.ask(turns)
    assert_sound(answer, assistant.plans)
    return answer


def clauses(answer: Answer) -> list[str]:
    return [f"{row.plan} {row.clause}" for row in answer.assignments]


LISTED = [
    # roles
    ("省卫健委有哪些任务?", "health 一/1, health 一/2, health 一/3, health 二/4"),
    ("省卫健委牵头哪些任务?", "health 一/1, health 一/3"),
    ("省卫健委只是配合、不是牵头的有哪几项?", "health 二/4"),
    ("省卫健委有哪些任务?配合的不要。", "health 一/1, health 一/2, health 一/3"),
    ("省卫健委有哪些任务,不包括配合的", "health 一/1, health 一/2, health 一/3"),
    # several bodies: either, or both in one task
    ("省医保局和省药监局有哪些任务?", "health 一/3, health 二/4"),
    ("省医保局和省药监局都参与的任务有哪些?", "health 二/4"),
    # conditions
    ("碧野自治州哪些任务没有牵头单位?", "river 一/1, river 一/3, river 二/4, river 二/5"),
    ("碧野自治州哪些任务明写了牵头?", "river 一/2"),
    ("澜河省哪些任务明写了牵头?", "health 一/3"),  # by the plan's rule is not stated
    ("澜河省哪些任务没写责任单位?", "health 二/5"),
    ("澜河省哪些任务由一家单独负责?", "health 一/2"),
    ("澜河省超过两家单位的任务有哪些?", "health 一/1, health 二/4"),
    ("澜河省不少于三家单位的任务有哪些?", "health 一/1, health 二/4"),
    ("澜河省第二章有哪些任务?", "health 二/4, health 二/5, health 二/6"),
    ("完善药品供应这一章里省林草局有哪些任务?", "health 二/6"),
    # the whole plan
    ("云汀市一共多少项任务?", "bus 一/(一), bus 一/(二), bus 二/(一)"),
]


@pytest.mark.parametrize(("question", "expected"), LISTED)
def test_a_listing_is_exact_and_counted(assistant: Assistant, question: str, expected: str) -> None:
    answer = ask(assistant, question)
    assert answer.status is Status.ANSWERED
    assert clauses(answer) == expected.split(", ")
    assert answer.count == len(answer.assignments)
    assert f"共有{answer.count}项" in answer.text


@pytest.mark.parametrize("question", ["省卫健委一共几项任务?只要数字", "省卫健委有几项任务?报个数"])
def test_a_number_alone_is_no_list(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert (answer.count, answer.assignments) == (4, [])
    assert "4项" in answer.text
    assert "\n" not in answer.text
    assert len(answer.citations) == 4  # and still shows what it rests on


def test_units_by_rule_are_marked_in_the_list(assistant: Assistant) -> None:
    answer = ask(assistant, "碧野自治州的各县(市)人民政府有几项任务?")
    assert answer.count == 5
    assert answer.text.count("依通则") == 5
    assert answer.citations[-1].clause == "前言"  # the sentence that adds them
    assert "依通则" not in ask(assistant, "自治州水利局有哪些任务?").text


def test_a_role_that_a_body_never_has_counts_nothing(assistant: Assistant) -> None:
    answer = ask(assistant, "自治州城管局牵头哪些任务?")
    assert (answer.status, answer.count, answer.assignments) == (Status.ANSWERED, 0, [])


def test_a_count_in_a_list_before(assistant: Assistant) -> None:
    answer = ask(assistant, "澜河省省卫健委有哪些任务?", "有几项是牵头?")
    assert clauses(answer) == ["health 一/1", "health 一/3"]


@pytest.mark.parametrize(
    ("question", "partners"),
    [
        ("省医保局和哪些单位一起干活?", {"省卫生健康委": 2, "省药监局": 1}),
        ("自治州公安局跟谁搭档?", {"自治州水利局": 1, "各县(市)人民政府": 1}),
    ],
)
def test_partners_are_counted_by_shared_tasks(assistant: Assistant, question: str, partners: dict[str, int]) -> None:
    answer = assistant.ask([question])
    assert answer.status is Status.ANSWERED
    assert answer.count == len(partners)  # units, not the tasks shared
    for name, shared in partners.items():
        assert f"{name}（{shared}项）" in answer.text


@pytest.mark.parametrize("question", ["市教育局和哪些单位搭档?", "省教育厅有哪些任务?", "四川省教育厅有哪些任务?"])
def test_a_body_that_no_plan_lists(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert (answer.status, answer.assignments) == (Status.NOT_FOUND, [])


def test_a_body_listed_in_another_plan_is_said_to_be_there(assistant: Assistant) -> None:
    answer = ask(assistant, "碧野自治州的方案里省医保局有哪些任务?")
    assert answer.status is Status.NOT_FOUND
    assert assistant.plans["health"].meta.title in answer.text


def test_tasks_of_agrees_with_a_walk_over_the_plan(assistant: Assistant) -> None:
    for plan in assistant.plans.values():
        for name in plan.mentioned:
            for roles in (ROLES, frozenset({Role.LEAD}), frozenset({Role.SUPPORT}), frozenset({Role.RESPONSIBLE})):
                walked = [
                    clause.path
                    for clause in plan.clauses
                    if (assignment := plan.assignment(clause))
                    and any(p.name == name and p.role in roles for p in assignment.parties)
                ]
                assert [c.path for c, _ in tasks_of(plan, frozenset({name}), roles)] == walked
