"""What a plan says: the sentence that states it, a figure or a year only where one stands, its own number and date."""

from __future__ import annotations

import pytest

from assistant.model import Answer, Status
from assistant.service import Assistant
from tests.assistant.invented import assert_sound


def ask(assistant: Assistant, question: str) -> Answer:
    answer = assistant.ask([question])
    assert_sound(answer, assistant.plans)
    return answer


@pytest.mark.parametrize(
    ("question", "place", "words"),
    [
        ("乡村医生每年培训多少人?", ("health", "一/2"), "300"),
        ("无障碍候车亭要增设几座?", ("bus", "一/(二)"), "40座"),
        ("夜班公交要覆盖什么?", ("bus", "一/(一)"), "主要医院"),
        ("用药目录要保障什么?", ("health", "二/4"), "慢性病用药"),
        ("溼地候鳥要設立什麼?", ("river", "一/3"), "观测站"),  # traditional, in question and plan
    ],
)
def test_the_sentence_that_says_it_is_quoted(
    assistant: Assistant, question: str, place: tuple[str, str], words: str
) -> None:
    answer = ask(assistant, question)
    assert answer.status is Status.ANSWERED
    assert words in answer.text
    assert (answer.citations[0].plan, answer.citations[0].clause) == place
    assert (answer.assignments, answer.count) == ([], None)


@pytest.mark.parametrize(
    "question",
    [
        "观测站要设立多少座?",  # the clause is there, a figure is not
        "夜班公交要延长几条?",
        "县域医疗中心哪年建成?",  # nor a year
        "中药材种植要推广多少个品种?",
        "家庭医生签约什么时候完成?",
    ],
)
def test_a_figure_or_year_that_is_not_stated_is_not_answered(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert answer.status is Status.NOT_FOUND
    assert answer.citations == []
    assert "没有写明" in answer.text


def test_the_number_of_a_clause_is_no_figure_of_it(assistant: Assistant) -> None:
    """「6.规范中药材种植」 states no 6."""
    assert ask(assistant, "规范中药材种植多少亩?").status is Status.NOT_FOUND


# -- the plan as a document -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("澜河省这份方案的文号是什么?", "澜政办发〔2031〕12号"),
        ("澜河省的方案是什么时候印发的?", "2031年3月5日"),
        ("澜河省的方案由谁印发?", "澜河省人民政府办公厅"),
        ("澜河省方案的文号和印发日期?", "澜政办发〔2031〕12号"),
    ],
)
def test_fields_of_a_document_are_shown_by_their_line(assistant: Assistant, question: str, words: str) -> None:
    answer = ask(assistant, question)
    assert answer.status is Status.ANSWERED
    assert words in answer.text
    assert {c.clause for c in answer.citations} == {"首部"}


def test_two_fields_are_both_shown(assistant: Assistant) -> None:
    text = ask(assistant, "澜河省方案的文号和印发日期?").text
    assert "12号" in text
    assert "3月5日" in text


@pytest.mark.parametrize(
    "question", ["碧野自治州方案的文号是什么?", "云汀市要点什么时候印发的?", "云汀市要点由谁印发?"]
)
def test_a_field_that_a_plan_does_not_have_is_said_to_be_missing(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert (answer.status, answer.citations) == (Status.NOT_FOUND, [])
    assert "原文没有" in answer.text


def test_of_several_plans_each_has_its_line(assistant: Assistant) -> None:
    answer = ask(assistant, "哪些方案有文号?")
    assert answer.status is Status.ANSWERED
    assert answer.text.count("原文没有文号") == 2
    assert [c.plan for c in answer.citations] == ["health"]


# -- rules and comparisons ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "plan", "words"),
    [
        ("列第一位的就是牵头吗?", "health", "列第一位的为牵头单位"),
        ("“以下责任单位均有”是什么意思?", "river", "各县(市)人民政府"),
    ],
)
def test_a_rule_is_quoted_from_its_own_plan(assistant: Assistant, question: str, plan: str, words: str) -> None:
    answer = ask(assistant, question)
    assert answer.status is Status.ANSWERED
    assert words in answer.text
    assert {c.plan for c in answer.citations} == {plan}
    assert "不适用于其他" in answer.text
    assert answer.assignments == []


def test_a_rule_is_not_lent_to_another_plan(assistant: Assistant) -> None:
    answer = ask(assistant, "碧野自治州列第一位的就是牵头吗?")
    assert (answer.status, answer.assignments) == (Status.NOT_FOUND, [])


def test_a_comparison_has_each_plan_and_whom_it_makes_responsible(assistant: Assistant) -> None:
    answer = ask(assistant, "澜河省和碧野自治州对中药材种植和湿地候鸟保护有什么不同要求?")
    assert [(row.plan, row.clause) for row in answer.assignments] == [("health", "二/6"), ("river", "一/3")]
    for words in ("推广道地品种", "观测站", "省林草局", "自治州林草局"):
        assert words in answer.text


# -- kinds of fact that plans do not state ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "云汀市公交的联系电话是多少?",
        "澜河省乡村医生培训的经费预算是多少?",
        "清理河道垃圾罚款多少?",
        "县域医疗中心在哪里办公?",
    ],
)
def test_an_unstated_kind_of_fact_is_silence(assistant: Assistant, question: str) -> None:
    answer = ask(assistant, question)
    assert (answer.status, answer.citations) == (Status.NOT_FOUND, [])
