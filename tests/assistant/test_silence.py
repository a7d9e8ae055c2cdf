"""Silence is said: of regions and editions not loaded, of plans named that have no clause, of what nobody writes."""

from __future__ import annotations

import pytest

from assistant.model import Answer, Status
from assistant.service import Assistant
from tests.assistant.invented import assert_sound


def ask(assistant: Assistant, question: str, plans: list[str] | None = None) -> Answer:
    answer = assistant.ask([question], plans)
    assert_sound(answer, assistant.plans)
    return answer


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("四川省的家庭医生签约由谁牵头?", "四川省"),
        ("内蒙古家庭医生签约由谁牵头?", "内蒙古自治区"),
        ("2040年的方案由谁牵头?", "2040年"),
        ("澜河省2029年的方案由谁牵头?", "2029年"),
        ("Who leads 家庭医生签约 in Sichuan (四川省)?", "四川省"),
    ],
)
def test_what_is_not_loaded_is_named_with_what_is(assistant: Assistant, question: str, said: str) -> None:
    answer = ask(assistant, question)
    assert (answer.status, answer.citations, answer.related) == (Status.NOT_FOUND, [], [])
    assert said in answer.text
    for plan in assistant.plans.values():
        assert plan.meta.title in answer.text


def test_an_empty_selection_is_said(assistant: Assistant) -> None:
    assert "没有方案" in ask(assistant, "县域医疗中心由谁牵头?", []).text


def test_a_plan_named_against_the_selection_is_said(assistant: Assistant) -> None:
    answer = ask(assistant, "澜河省县域医疗中心由谁牵头?", ["river"])
    assert answer.status is Status.NOT_FOUND
    assert assistant.plans["health"].meta.title in answer.text
    assert assistant.plans["river"].meta.title not in answer.text


@pytest.mark.parametrize(
    ("question", "speaking", "silent"),
    [
        ("澜河省和云汀市的乡村医生培训由谁负责?", "health", "bus"),
        ("澜河省和碧野自治州的乡村医生每年培训多少人?", "health", "river"),
        ("碧野自治州和云汀市的湿地候鸟由谁保护?", "river", "bus"),
    ],
)
def test_of_the_plans_named_one_without_a_clause_is_said_to_have_none(
    assistant: Assistant, question: str, speaking: str, silent: str
) -> None:
    answer = ask(assistant, question)
    assert answer.status is Status.ANSWERED
    lines = answer.text.split("\n")
    of_silent = [line for line in lines if assistant.plans[silent].meta.title in line]
    assert len(of_silent) == 1
    assert "没有条款直接写到" in of_silent[0]
    assert {row.plan for row in answer.assignments} <= {speaking}
    assert {c.plan for c in answer.citations} == {speaking, silent}  # and its nearest clause is shown


def test_a_plan_that_was_not_named_is_not_said_to_be_silent(assistant: Assistant) -> None:
    assert "没有条款" not in ask(assistant, "乡村医生培训由谁负责?").text
    assert "没有条款" not in ask(assistant, "澜河省乡村医生培训由谁负责?").text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("你觉得哪份方案写得更好?", "评价"),
        ("碧野自治州去年清理了多少吨垃圾?", "实际完成情况"),
        ("月球基地由谁牵头?", "没有写明"),
        ("Which plan do you think is better?", "opinion"),
    ],
)
def test_what_no_plan_answers_is_said_in_words(assistant: Assistant, question: str, said: str) -> None:
    answer = ask(assistant, question)
    assert (answer.status, answer.citations, answer.assignments) == (Status.NOT_FOUND, [], [])
    assert said in answer.text
