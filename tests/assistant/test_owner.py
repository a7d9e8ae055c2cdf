"""Who answers for a task: which clause is chosen, how yes and no are said, and that silence is not filled."""

from __future__ import annotations

import pytest

from assistant.model import Answer, Status
from assistant.service import Assistant
from tests.assistant.invented import assert_sound


def ask(assistant: Assistant, question: str) -> Answer:
    answer = assistant.ask([question])
    assert_sound(answer, assistant.plans)
    return answer


def places(answer: Answer) -> list[tuple[str, str]]:
    return [(row.plan, row.clause) for row in answer.assignments]


# question, how the answer opens, what is true
YES_NO = [
    ("清理漂浮垃圾是不是由自治州水利局牵头?", "是。", "自治州水利局"),
    ("清理漂浮垃圾是自治州水利局牵头的吧?", "是。", "自治州水利局"),
    ("清理漂浮垃圾是自治州城管局牵头吗?", "不是。", "自治州水利局"),  # named, in another role
    ("清理漂浮垃圾是自治州城管局配合吗?", "是。", "自治州城管局"),
    ("清理漂浮垃圾是不是只有自治州水利局一家?", "不是。", "自治州城管局"),  # not alone
    ("培训乡村医生是不是由省卫生健康委一家负责?", "是。", "省卫生健康委"),
    ("扩大用药目录是不是省卫健委和省药监局配合?", "是。", "省药监局"),  # both
    ("扩大用药目录是不是省卫健委和省财政厅配合?", "不是。", "省药监局"),  # one of them
    ("河湖巡查制度是不是自治州水利局牵头?", "不是。", "未明确牵头单位"),  # responsible, and nobody leads
    ("Is 自治州水利局 the lead for 清理河道漂浮垃圾?", "Yes.", "自治州水利局"),
    ("Is 自治州城管局 the lead for 清理河道漂浮垃圾?", "No.", "自治州水利局"),
]


@pytest.mark.parametrize(("question", "opening", "true"), YES_NO)
def test_yes_or_no_comes_first_and_then_what_is_true(
    assistant: Assistant, question: str, opening: str, true: str
) -> None:
    answer = ask(assistant, question)
    assert answer.status is Status.ANSWERED
    assert answer.text.startswith(opening)
    assert true in answer.text
    assert answer.assignments


@pytest.mark.parametrize(
    "question",
    [
        "清理漂浮垃圾由自治州水利局还是城管局牵头?",  # one of two: neither yes nor no
        "河湖巡查制度有没有牵头单位?",  # no body is proposed
        "清理漂浮垃圾由谁牵头?",
    ],
)
def test_no_yes_or_no_where_nothing_is_proposed(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert not answer.text.startswith(("是。", "不是。"))
    assert answer.assignments


def test_that_nobody_leads_is_said_only_where_it_was_asked(assistant: Assistant) -> None:
    assert "未明确牵头单位" in ask(assistant, "河湖巡查制度由谁牵头?").text
    assert "未明确牵头单位" not in ask(assistant, "河湖巡查制度由谁负责?").text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("澜河省第4条由谁牵头?", [("health", "二/4")]),
        ("第4条由谁牵头?", [("health", "二/4"), ("river", "二/4")]),  # in every plan that has it
        ("澜河省第1条和第3条由谁负责?", [("health", "一/1"), ("health", "一/3")]),
        ("中药材种植和湿地候鸟,澜河省和碧野自治州各由谁负责?", [("health", "二/6"), ("river", "一/3")]),
        ("澜河省的中药材种植由谁负责,碧野自治州的湿地候鸟由谁保护?", [("health", "二/6"), ("river", "一/3")]),
    ],
)
def test_the_clauses_that_a_question_is_about(
    assistant: Assistant, question: str, expected: list[tuple[str, str]]
) -> None:
    assert places(ask(assistant, question)) == expected


@pytest.mark.parametrize(
    "question",
    ["月球基地由谁牵头建设?", "澜河省第40条由谁牵头?", "澜河省和碧野自治州的无障碍候车亭由谁负责?", "高铁站由谁牵头?"],
)
def test_what_no_clause_treats_is_not_found(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert (answer.status, answer.assignments) == (Status.NOT_FOUND, [])


def test_a_number_that_a_plan_does_not_have_is_said_with_its_last(assistant: Assistant) -> None:
    text = ask(assistant, "澜河省第40条由谁牵头?").text
    assert "没有第40项" in text
    assert "第6项" in text


def test_a_rule_is_cited_where_roles_rest_on_it_and_only_there(assistant: Assistant) -> None:
    ranked = ask(assistant, "扩大基层用药目录由谁牵头?")
    assert [c.clause for c in ranked.citations] == ["二/4", "文末"]
    stated = ask(assistant, "家庭医生签约由谁牵头?")
    assert [c.clause for c in stated.citations] == ["一/3"]


def test_the_nearest_other_clauses_are_related_and_not_asserted(assistant: Assistant) -> None:
    answer = ask(assistant, "县域医疗中心由谁牵头?")
    assert answer.related
    assert ("health", "一/1") not in [(c.plan, c.clause) for c in answer.related]
