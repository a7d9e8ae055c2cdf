"""``Assistant.ask`` and ``Assistant.search`` over three invented plans."""

from __future__ import annotations

import contextlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.model import Answer, Status
from assistant.service import Assistant
from corpus.errors import QuestionInvalid
from corpus.model import Role
from tests.assistant.invented import QUESTIONS, assert_sound

Place = tuple[str, str]


def places(answer: Answer) -> list[Place]:
    return [(row.plan, row.clause) for row in answer.assignments]


# -- every answer -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_is_sound(assistant: Assistant, question: str) -> None:
    assert_sound(assistant.ask([question]), assistant.plans)


@pytest.mark.parametrize("question", QUESTIONS[::7])
def test_every_answer_to_a_later_turn_is_sound(assistant: Assistant, question: str) -> None:
    for before in QUESTIONS[::11]:
        assert_sound(assistant.ask([before, question]), assistant.plans)


def test_the_same_question_has_the_same_answer_from_any_thread(assistant: Assistant) -> None:
    some = QUESTIONS[::4]
    alone = [assistant.ask([q]).model_dump(exclude={"timings_ms"}) for q in some]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda q: assistant.ask([q]).model_dump(exclude={"timings_ms"}), some))
    assert together == alone


# -- who ----------------------------------------------------------------------------------------------------

# question, plan and clause, lead, support, responsible, implicit, basis
WHO = [
    # the plan's own rule: first listed leads
    ("县域医疗中心由谁牵头?", ("health", "一/1"), "省卫生健康委", "省财政厅 省发展改革委", "", "", "first_listed"),
    # a single unit is not ranked
    ("澜河省培训乡村医生由谁负责?", ("health", "一/2"), "", "", "省卫生健康委", "", "stated"),
    ("家庭医生签约服务谁牵头?", ("health", "一/3"), "省卫生健康委", "省医保局", "", "", "stated"),
    # that rule stays in its plan: several units elsewhere have no lead; the other plan's rule adds the counties
    (
        "河湖巡查制度由谁负责?",
        ("river", "二/4"),
        "",
        "",
        "自治州水利局 自治州公安局",
        "各县(市)人民政府",
        "document_rule",
    ),
    (
        "清理河道漂浮垃圾由谁牵头?",
        ("river", "一/2"),
        "自治州水利局",
        "自治州城管局",
        "",
        "各县(市)人民政府",
        "document_rule",
    ),
    # a prefix that is said once; the clause is in traditional characters, names are shown simplified
    ("保护湿地候鸟由谁负责?", ("river", "一/3"), "", "", "自治州林草局", "各县(市)人民政府", "document_rule"),
]


@pytest.mark.parametrize(("question", "place", "lead", "support", "responsible", "implicit", "basis"), WHO)
def test_who_is_responsible(
    assistant: Assistant,
    question: str,
    place: Place,
    lead: str,
    support: str,
    responsible: str,
    implicit: str,
    basis: str,
) -> None:
    answer = assistant.ask([question])
    assert answer.status is Status.ANSWERED
    assert places(answer) == [place]
    row = answer.assignments[0]
    assert (row.lead, row.support) == (lead.split(), support.split())
    assert (row.responsible, row.implicit) == (responsible.split(), implicit.split())
    assert row.basis == basis
    for name in (*row.lead, *row.support, *row.responsible, *row.implicit):
        assert name in answer.text
    if basis != "stated":  # the sentence of the rule is cited too
        assert len(answer.citations) == 2
        assert answer.citations[1].plan == place[0]


def test_no_lead_is_said_and_not_guessed(assistant: Assistant) -> None:
    answer = assistant.ask(["碧野自治州河湖巡查制度由谁牵头?"])
    assert answer.assignments[0].lead == []
    assert "未明确牵头单位" in answer.text


@pytest.mark.parametrize(
    ("question", "clause"),
    [("澜河省推进远程会诊平台由谁负责?", ("health", "二/5")), ("云汀市延长夜班公交线路由谁牵头?", ("bus", "一/(一)"))],
)
def test_unassigned_cites_the_clause_and_asserts_nothing(assistant: Assistant, question: str, clause: Place) -> None:
    answer = assistant.ask([question])
    assert answer.status is Status.UNASSIGNED
    assert answer.assignments == []
    assert [(c.plan, c.clause) for c in answer.citations] == [clause]


@pytest.mark.parametrize(
    "question",
    [
        "四川省的家庭医生签约由谁牵头?",  # another region
        "澜河省2025年的方案里谁牵头县域医疗中心?",  # another year
        "云汀市公交的联系电话是多少?",  # a kind of fact that no plan states
        "你觉得哪份方案写得更好?",  # an opinion
    ],
)
def test_what_the_plans_do_not_say_is_not_found(assistant: Assistant, question: str) -> None:
    answer = assistant.ask([question])
    assert answer.status is Status.NOT_FOUND
    assert (answer.assignments, answer.citations) == ([], [])


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        ("清理河道垃圾是不是由自治州水利局牵头?", "是"),
        ("清理河道垃圾是自治州公安局牵头吗?", "不是"),
        ("清理河道垃圾是由自治州城管局牵头吧?", "不是"),  # named, in another role
    ],
)
def test_yes_or_no_opens_the_answer(assistant: Assistant, question: str, opening: str) -> None:
    answer = assistant.ask([question])
    assert answer.text.startswith(opening)
    assert answer.assignments[0].lead == ["自治州水利局"]
    assert "自治州水利局" in answer.text


# -- listings -----------------------------------------------------------------------------------------------

LISTINGS: list[tuple[str, list[Place]]] = [
    ("省卫生健康委有哪些任务?", [("health", "一/1"), ("health", "一/2"), ("health", "一/3"), ("health", "二/4")]),
    ("省卫健委牵头哪些任务?", [("health", "一/1"), ("health", "一/3")]),  # the short name, by role
    ("省卫生健康委员会配合哪些任务?", [("health", "二/4")]),
    ("自治州水利局有哪些任务?", [("river", "一/1"), ("river", "一/2"), ("river", "二/4")]),  # 水利局 with the prefix
    ("自治州生态环境局有几项任务?", [("river", "一/1"), ("river", "二/5")]),
    # one short name in two plans: shown by plan
    ("林草局有哪些任务?", [("health", "二/6"), ("river", "一/3")]),
    ("碧野自治州林草局有哪些任务?", [("river", "一/3")]),
    # groups are units of their own
    ("各市(州)人民政府有哪些任务?", [("health", "二/6")]),
    (
        "各县(市)人民政府有哪些任务?",
        [("river", "一/1"), ("river", "一/2"), ("river", "一/3"), ("river", "二/4"), ("river", "二/5")],
    ),
]


@pytest.mark.parametrize(("question", "expected"), LISTINGS)
def test_a_listing_is_complete_and_counted(assistant: Assistant, question: str, expected: list[Place]) -> None:
    answer = assistant.ask([question])
    assert answer.status is Status.ANSWERED
    assert places(answer) == expected
    assert answer.count == len(expected)
    assert str(answer.count) in answer.text


def test_listings_agree_with_the_assignments_of_every_unit(assistant: Assistant) -> None:
    """Asked by its full name and the plan's region, every unit has exactly the clauses that name it."""
    regions = {"health": "澜河省", "river": "碧野自治州"}
    asked = 0
    for plan_id, region in regions.items():
        plan = assistant.plans[plan_id]
        for name in plan.mentioned:
            expected = [
                (plan_id, c.path)
                for c in plan.clauses
                if (a := plan.assignment(c)) and any(p.name == name for p in a.parties)
            ]
            answer = assistant.ask([f"{region}的方案里,{name}有哪些任务?"], [plan_id])
            assert places(answer) == expected, name
            asked += 1
    assert asked >= 12


@pytest.mark.parametrize(
    ("question", "role"), [("省医保局牵头哪些任务?", Role.LEAD), ("省医保局配合哪些任务?", Role.SUPPORT)]
)
def test_a_listing_by_role_has_that_role_in_every_row(assistant: Assistant, question: str, role: Role) -> None:
    answer = assistant.ask([question])
    assert answer.count == 1
    assert all("省医保局" in getattr(row, role.value) for row in answer.assignments)


def test_a_unit_that_never_has_the_role_asked_for_is_answered_with_none(assistant: Assistant) -> None:
    answer = assistant.ask(["自治州城管局牵头哪些任务?"])
    assert (answer.status, answer.count, answer.assignments) == (Status.ANSWERED, 0, [])


@pytest.mark.parametrize("question", ["省教育厅有哪些任务?", "自治州审计局承担哪几项任务?"])
def test_a_unit_that_no_plan_names_is_not_listed(assistant: Assistant, question: str) -> None:
    answer = assistant.ask([question])
    assert (answer.status, answer.count, answer.assignments) == (Status.NOT_FOUND, 0, [])
    assert "没有列出" in answer.text


def test_a_unit_that_stands_only_in_a_roster_has_its_line_and_no_task(assistant: Assistant) -> None:
    answer = assistant.ask(["云汀市财政局有哪些任务?"])
    assert answer.status is Status.UNASSIGNED
    assert answer.assignments == []
    assert [c.clause for c in answer.citations] == ["附件/名单/3"]
    assert "苏明远" in answer.text


def test_one_county_is_not_in_the_group_of_all_counties(assistant: Assistant) -> None:
    answer = assistant.ask(["碧野自治州财政局有哪些任务?"])
    assert places(answer) == [("river", "一/1")]
    for row in answer.assignments:
        assert row.implicit == ["各县(市)人民政府"]


# -- people and the document --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("云汀市领导小组组长是谁?", "林望舒"),
        ("市财政局在领导小组里派的是谁?", "苏明远"),
        ("领导小组办公室主任是谁?", "郑和光"),
    ],
)
def test_people_come_from_the_roster(assistant: Assistant, question: str, name: str) -> None:
    answer = assistant.ask([question])
    assert answer.status is Status.ANSWERED
    assert [p.name for p in answer.people] == [name]
    assert name in answer.text
    assert answer.assignments == []


def test_a_list_of_people_is_counted(assistant: Assistant) -> None:
    answer = assistant.ask(["领导小组成员名单里都有谁?"])
    assert answer.count == len(answer.people) >= 2


def test_a_figure_is_quoted_from_its_clause(assistant: Assistant) -> None:
    answer = assistant.ask(["乡村医生每年培训不少于多少?"])
    assert answer.status is Status.ANSWERED
    assert "300" in answer.text
    assert answer.citations[0].clause == "一/2"
    assert answer.assignments == []


def test_the_number_of_a_plan_is_cited_and_a_missing_one_is_not_found(assistant: Assistant) -> None:
    assert "澜政办发〔2031〕12号" in assistant.ask(["澜河省这份方案的文号是什么?"]).text
    silent = assistant.ask(["碧野自治州这份方案的文号是什么?"])
    assert (silent.status, silent.citations) == (Status.NOT_FOUND, [])


# -- turns and filters --------------------------------------------------------------------------------------


def test_a_later_turn_takes_over_plan_and_task_and_says_so(assistant: Assistant) -> None:
    answer = assistant.ask(["澜河省家庭医生签约由谁牵头?", "配合的呢?"])
    assert places(answer) == [("health", "一/3")]
    assert "省医保局" in answer.text
    said = " ".join(answer.scope)
    assert assistant.plans["health"].meta.title in said
    assert "家庭医生签约" in said


def test_a_first_turn_takes_over_nothing(assistant: Assistant) -> None:
    assert assistant.ask(["澜河省家庭医生签约由谁牵头?"]).scope == []


def test_a_later_turn_with_a_question_of_its_own_stands_alone(assistant: Assistant) -> None:
    answer = assistant.ask(["澜河省家庭医生签约由谁牵头?", "碧野自治州清理河道漂浮垃圾由谁牵头?"])
    assert places(answer) == [("river", "一/2")]


def test_a_filter_limits_every_kind_of_answer(assistant: Assistant) -> None:
    for question in QUESTIONS:
        answer = assistant.ask([question], ["river"])
        assert {c.plan for c in (*answer.citations, *answer.related)} <= {"river"}, question
        assert {row.plan for row in answer.assignments} <= {"river"}, question
        assert not answer.people, question


def test_an_empty_filter_finds_nothing_and_is_not_taken_for_none(assistant: Assistant) -> None:
    for question in QUESTIONS:
        answer = assistant.ask([question], [])
        assert answer.status is Status.NOT_FOUND, question
        assert (answer.citations, answer.related) == ([], []), question


def test_a_filter_with_an_unknown_plan_is_refused(assistant: Assistant) -> None:
    with pytest.raises(QuestionInvalid, match=r"nowhere.*health") as caught:
        assistant.ask(["县域医疗中心由谁牵头?"], ["nowhere"])
    assert (caught.value.reason, caught.value.values) == ("unknown_plan", {"plan": "nowhere"})


# -- scripts and languages ----------------------------------------------------------------------------------

SAME = [
    ("县域医疗中心由谁牵头?", "縣域醫療中心由誰牽頭?"),
    ("保护湿地候鸟由谁负责?", "保護溼地候鳥由誰負責?"),
    ("省卫健委有哪些任务?", "省衛健委有哪些任務?"),
    ("澜河省第4条由谁牵头?", "澜河省第４条由谁牵头？"),
    ("各县(市)人民政府有哪些任务?", "各县（市）人民政府有哪些任务？"),
    ("清理河道漂浮垃圾由谁牵头?", "  清理河道\n漂浮垃圾由谁牵头 ?\u200b"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_script_width_and_blanks_change_nothing(assistant: Assistant, one: str, other: str) -> None:
    first, second = assistant.ask([one]), assistant.ask([other])
    assert first.assignments
    assert second.assignments == first.assignments
    assert (second.status, second.count) == (first.status, first.count)


def test_an_english_question_has_an_english_answer_with_chinese_names(assistant: Assistant) -> None:
    answer = assistant.ask(["Who leads the county medical centre (县域医疗中心)? Please answer in English."])
    assert places(answer) == [("health", "一/1")]
    assert "lead" in answer.text
    assert "牵头单位" not in answer.text
    assert "省卫生健康委" in answer.text
    assert answer.citations[0].quote.startswith("1.建设县域医疗中心")


def test_a_traditional_clause_is_quoted_as_it_stands(assistant: Assistant) -> None:
    assert (
        assistant.ask(["保护湿地候鸟由谁负责?"]).citations[0].quote == "3.保護溼地候鳥,設立觀測站。(自治州林草局負責)"
    )


# -- bad input ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    ["", "   \n\t", "?!。，；……", "\x00", "\x00\x01\x1b[", "\ud800", "🚌🚌🚌", "\u200b\ufeff", "问" * 10_000],
)
def test_what_is_no_question_is_refused(assistant: Assistant, question: str) -> None:
    with pytest.raises(QuestionInvalid) as refused:
        assistant.ask([question])
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


def test_no_turns_at_all_are_refused(assistant: Assistant) -> None:
    with pytest.raises(QuestionInvalid):
        assistant.ask([])


@pytest.mark.parametrize(
    "spoilt", ["\x00{}", "{}\ud800", "\ufeff{}", "{}🚌", "<b>{}</b>", "{}\x1b[31m", "'; DROP TABLE--{}"]
)
def test_stray_characters_do_not_hide_a_question(assistant: Assistant, spoilt: str) -> None:
    answer = assistant.ask([spoilt.format("县域医疗中心由谁牵头?")])
    assert places(answer) == [("health", "一/1")]
    answer.model_dump_json().encode("utf-8")  # nothing of it comes back in a form that cannot be sent


def test_an_empty_turn_before_the_question_is_no_turn(assistant: Assistant) -> None:
    assert places(assistant.ask(["", "\x00", "县域医疗中心由谁牵头?"])) == [("health", "一/1")]


def ask_anything(assistant: Assistant, turns: list[str]) -> None:
    with contextlib.suppress(QuestionInvalid):
        answer = assistant.ask(turns)
        assert_sound(answer, assistant.plans)
        answer.model_dump_json().encode("utf-8")


QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(st.lists(st.text(st.characters(), max_size=60), min_size=1, max_size=3))
def test_any_text_is_answered_or_refused(assistant: Assistant, turns: list[str]) -> None:
    ask_anything(assistant, turns)


# Words that the rules of reading look for, in any order.
WORDS = [
    "的",
    "第",
    "条",
    "第4条",
    "第一百二十条",
    "哪",
    "谁",
    "是不是",
    "吗",
    "呢",
    "那",
    "和",
    "、",
    "(",
    ")",
    "《",
    "》",
    "?",
    "2031年",
    "2025年",
    "%",
    "①",
    "Ⅳ",
    "牵头",
    "配合",
    "负责",
    "只是",
    "几项",
    "哪些任务",
    "文号",
    "印发日期",
    "组长",
    "办公室主任",
    "名单",
    "电话",
    "你觉得",
    "各县(市)人民政府",
    "省财政厅",
    "林草局",
    "澜河省",
    "碧野自治州",
    "云汀市",
    "四川省",
    "县域医疗中心",
    "清理河道垃圾",
    "who",
    "leads",
    "tasks",
    "how",
    "many",
]


mixes = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join)


@QUICK
@given(mixes)
def test_any_mix_of_telling_words_is_answered_soundly(assistant: Assistant, question: str) -> None:
    ask_anything(assistant, [question])


@QUICK
@given(st.lists(mixes, min_size=2, max_size=3))
def test_any_conversation_of_telling_words_raises_nothing_else(assistant: Assistant, turns: list[str]) -> None:
    with contextlib.suppress(QuestionInvalid):
        assert {c.plan for c in assistant.ask(turns, ["river"]).citations} <= {"river"}


# -- search -------------------------------------------------------------------------------------------------


def test_search_quotes_the_plan_and_shows_who_is_responsible(assistant: Assistant) -> None:
    hits = assistant.search("县域医疗中心", k=3)
    assert [h.rank for h in hits] == list(range(1, len(hits) + 1))
    assert 0 < len(hits) <= 3
    assert (hits[0].plan, hits[0].clause) == ("health", "一/1")
    for hit in hits:
        assert assistant.plans[hit.plan].text[hit.start : hit.end] == hit.quote
    assert hits[0].assignment is not None
    assert hits[0].assignment.lead == ["省卫生健康委"]


def test_search_keeps_to_plans_units_and_roles(assistant: Assistant) -> None:
    found = Counter(h.clause for h in assistant.search("建设", unit="省卫健委", k=20))
    assert found == Counter(["一/1", "一/2", "一/3", "二/4"])
    assert {h.clause for h in assistant.search("建设", unit="省卫健委", role="lead")} == {"一/1", "一/3"}
    added = {
        (plan.id, clause.path)
        for plan in assistant.plans.values()
        for clause in plan.clauses
        if (row := plan.assignment(clause)) and row.implicit
    }
    assert added == {(h.plan, h.clause) for h in assistant.search("建设", role="implicit", k=100)} != set()
    assert {h.plan for h in assistant.search("建设", unit="各县(市)人民政府", role="implicit")} == {"river"}
    assert {h.plan for h in assistant.search("林草局", unit="林草局")} == {"health", "river"}
    assert {h.plan for h in assistant.search("林草局", ["river"], unit="林草局")} == {"river"}
    assert assistant.search("建设", []) == []
    assert assistant.search("建设", unit="省教育厅") == []  # no plan names it: nothing, not everything
    assert assistant.search("建设", unit="不是单位") == []


def test_search_refuses_what_it_cannot_take(assistant: Assistant) -> None:
    with pytest.raises(QuestionInvalid, match="empty"):
        assistant.search(" ")
    with pytest.raises(QuestionInvalid, match=r"boss.*lead"):
        assistant.search("建设", role="boss")
    with pytest.raises(QuestionInvalid, match="nowhere"):
        assistant.search("建设", ["nowhere"])


# -- examples -----------------------------------------------------------------------------------------------


def test_every_example_has_an_answer(assistant: Assistant) -> None:
    examples = assistant.examples()
    assert len(examples) >= 2
    assert len(set(examples)) == len(examples)
    for question in examples:
        assert assistant.ask([question]).status in (Status.ANSWERED, Status.UNASSIGNED), question
