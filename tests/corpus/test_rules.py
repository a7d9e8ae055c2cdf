"""The rules that a plan gives itself: found where they stand, applied in their range, never in another plan."""

from __future__ import annotations

import pytest

from corpus.library import read_text
from corpus.model import Basis, Plan
from corpus.rules import is_rule
from tests.corpus.invented import assigned, plan_of, who

LISTED = (
    "1.铺步道。(市园林局、市水利局、市体育局负责)\n"  # several, nobody leads
    "2.建驿站。(市住建局负责)\n"  # one alone
    "3.植树。(市林业局牵头,市园林局负责)\n"  # a lead is written
    "4.养护。(市园林局、市城管局牵头)\n"  # joint leads are written
    "5.宣传。(各成员单位按职责分工负责)\n"  # a group
    "6.巡查。(各县(市)、市公安局负责)\n"  # a group in front
)
RULE = "上述任务由多个部门负责的,列第一位的部门为牵头部门,其他为配合部门。\n"


def test_first_listed_leads_only_in_the_plan_that_says_so() -> None:
    with_rule, without = plan_of(LISTED + RULE), plan_of(LISTED)
    assert who(assigned(with_rule, "一/1")) == ("市园林局", "市水利局 市体育局", "")
    assert who(assigned(without, "一/1")) == ("", "", "市园林局 市水利局 市体育局")
    for path in ("一/2", "一/3", "一/4", "一/5", "一/6"):
        assert who(assigned(with_rule, path)) == who(assigned(without, path)), path
    assert without.rules == ()
    (rule,) = with_rule.rules
    assert (rule.kind, rule.paths) == (Basis.FIRST_LISTED, ("一/1",))
    assert with_rule.quote(rule.span) == RULE.strip()


def test_a_ranked_assignment_says_so_and_points_at_the_rule() -> None:
    plan = plan_of(LISTED + RULE)
    ranked, alone = assigned(plan, "一/1"), assigned(plan, "一/2")
    assert ranked is not None and ranked.rule is not None and alone is not None
    assert (ranked.basis, plan.quote(ranked.rule)) == (Basis.FIRST_LISTED, RULE.strip())
    assert (alone.basis, alone.rule) == (Basis.STATED, None)


FIRST_LISTED = [
    "列在第一位的责任单位为牵头单位。",
    "各项任务排名第一的单位为牵头单位,其他单位配合。",
    "(注:多个单位负责的,排在首位的为牵头单位。)",
    "涉及多个部门的任务,牵头单位为排列第一位的部门。",
]


@pytest.mark.parametrize("sentence", FIRST_LISTED)
def test_ways_to_say_that_the_first_listed_leads(sentence: str) -> None:
    plan = plan_of(f"1.铺步道。(市园林局、市水利局负责)\n{sentence}\n")
    assert who(assigned(plan, "一/1")) == ("市园林局", "市水利局", "")


NO_RULES = [
    "市园林局为牵头单位。",
    "第一批步道由市园林局牵头。",
    "争创全省第一位。",
    "各项工作均有新进展。",
    "(市园林局牵头,市水利局配合)",
    "第三条步道由市园林局铺设。",
]


@pytest.mark.parametrize("sentence", NO_RULES)
def test_sentences_that_rank_nobody(sentence: str) -> None:
    plan = plan_of(f"1.铺步道。(市园林局、市水利局负责)\n2.甲。{sentence}\n3.乙。\n")
    assert who(assigned(plan, "一/1")) == ("", "", "市园林局 市水利局")
    assert plan.rules == ()
    assert assigned(plan, "一/3") is None


def implicit(plan: Plan, path: str) -> dict[str, list[str]]:
    found = assigned(plan, path)
    return found.implicit_roles if found else {}


EVERYWHERE = (
    "1.铺步道。(市园林局负责)\n"
    "2.建驿站。(市住建局、各县(市)人民政府负责。以下责任单位均有各县(市)人民政府,不再列出。)\n"
    "3.植树。(市林业局牵头,市园林局配合)\n"
    "4.养护。\n"
    "5.巡查。(市公安局、各县(市)人民政府负责)\n"
    "6.各部门要广泛宣传。\n"
)


def test_from_here_on_every_list_also_has() -> None:
    plan = plan_of(EVERYWHERE)
    added = {"responsible": ["各县(市)人民政府"]}
    expected = {
        "一/1": {},  # above the sentence
        "一/2": {},  # lists them itself
        "一/3": added,
        "一/4": {},  # has no responsible units to which they could be added
        "一/5": {},  # lists them itself
        "一/6": {},  # a duty in prose is no list
    }
    assert {path: implicit(plan, path) for path in expected} == expected
    assert who(assigned(plan, "一/2")) == ("", "", "市住建局 各县(市)人民政府")
    third = assigned(plan, "一/3")
    assert third is not None and third.rule is not None
    assert (third.basis, third.lead, third.support) == (Basis.DOCUMENT_RULE, ("市林业局",), ("市园林局",))
    assert plan.quote(third.rule).startswith("以下责任单位均有")


def test_the_same_text_without_the_sentence_adds_nobody() -> None:
    plan = plan_of(EVERYWHERE.replace("以下责任单位均有各县(市)人民政府,不再列出。", ""))
    assert [a.path for a in plan.assignments if a.implicit] == []


RANGES = [
    # the text of chapter 一 and 二, the paths that the rule reaches, why
    (
        "一、甲\n本章任务由市园林局牵头,市财政局配合。\n1.铺步道。\n2.建驿站。(市住建局负责)\n二、乙\n3.植树。\n",
        ["一/1"],
        "本章 ends with the chapter, and who is named is left alone",
    ),
    (
        "一、甲\n(一)丙\n1.铺步道。\n2.建驿站。\n以上任务由市园林局负责。\n(二)丁\n3.植树。\n",
        ["一/(一)/1", "一/(一)/2"],
        "以上 reaches back to the start of the section",
    ),
    (
        "一、甲\n(一)丙\n1.铺步道。\n(二)丁\n2.建驿站。(市住建局负责)\n3.植树。\n以上任务由市园林局负责。\n二、乙\n4.巡查。\n",
        ["一/(二)/3"],
        "and not into the section before",
    ),
    (
        "一、甲\n1.铺步道。\n二、乙\n2.植树。(市林业局负责)\n上述各项任务由市园林局负责。\n抄送:市委办公室\n",
        ["一/1"],
        "behind the last clause it speaks of the whole plan",
    ),
    (
        "第一条 铺步道。\n第二条 建驿站。\n第三条 植树。\n第四条 巡查。\n第二条至第三条由市园林局负责。\n",
        ["第二条", "第三条"],
        "a range of articles",
    ),
    (
        "第一章 甲\n第一条 铺步道。\n第二章 乙\n第二条 植树。\n第三条 巡查。\n第三章 丙\n"
        "第四条 本办法自印发之日起施行。\n第二章任务由市园林局负责。\n",
        ["第二章/第二条", "第二章/第三条"],
        "a chapter named from elsewhere",
    ),
    (
        "一、甲\n除第2项外,本章任务由市园林局负责。\n1.铺步道。\n2.建驿站。\n3.植树。\n",
        ["一/1", "一/3"],
        "what the rule excepts",
    ),
    (
        "十、甲\n(一)丙\n1.铺步道。\n以上任务由市园林局负责。\n十一、乙\n2.植树。\n",
        ["十/(一)/1"],
        "十 is not 十一",
    ),
]


@pytest.mark.parametrize(("text", "reached", "why"), RANGES, ids=[row[2] for row in RANGES])
def test_the_range_of_a_rule(text: str, reached: list[str], why: str) -> None:
    plan = read_text("临江市绿道建设方案\n" + text)
    assert [c.path for c in plan.tasks() if (a := plan.assignment(c)) and a.implicit] == reached, why
    (rule,) = plan.rules
    assert rule.kind is Basis.CHAPTER_RULE
    assert sorted(rule.paths) == sorted(reached)
    for path in reached:
        found = assigned(plan, path)
        assert found is not None and (found.basis, found.rule) == (Basis.CHAPTER_RULE, rule.span)
        assert who(found) == ("", "", "")  # all of them implicit
        assert "市园林局" in found.implicit


def test_a_rule_for_a_range_carries_roles_and_the_date() -> None:
    plan = plan_of("本章任务由市园林局牵头,市财政局、水利局配合,2031年9月底前完成。\n1.铺步道。\n")
    found = assigned(plan, "一/1")
    assert found is not None
    assert found.implicit_roles == {"lead": ["市园林局"], "support": ["市财政局", "市水利局"]}
    assert (found.deadline, found.deadline_implicit) == ("", "2031年9月底前")


def test_a_date_for_several_tasks_is_implicit_and_names_nobody() -> None:
    plan = plan_of(
        "1.铺步道。(市园林局负责)\n2.建驿站。(市住建局负责,2031年6月底前完成)\n3.植树。\n"
        "上述三项工作均应于2031年11月底前取得进展。\n"
    )
    dates = {a.path: (a.deadline, a.deadline_implicit) for a in plan.assignments}
    assert dates == {"一/1": ("", "2031年11月底前"), "一/2": ("2031年6月底前", "")}
    assert [a.implicit for a in plan.assignments] == [(), ()]
    (rule,) = plan.rules
    assert (rule.paths, rule.parties) == (("一/1",), ())


def test_a_heading_with_an_assignment_gives_it_to_the_tasks_below() -> None:
    plan = read_text(
        "一、重点任务(总牵头单位:市园林局)\n1.铺步道。责任单位:市水利局\n2.建驿站。\n3.植树。(市林业局牵头)\n"
        "(一)丁(市体育局负责)\n4.办赛。\n5.评比。(市教育局负责)\n二、乙\n6.巡查。\n"
    )
    expected = {
        "一/1": (("", "", "市水利局"), {"lead": ["市园林局"]}, Basis.INHERITED),
        "一/2": (("", "", ""), {"lead": ["市园林局"]}, Basis.INHERITED),
        "一/3": (("市林业局", "", ""), {}, Basis.STATED),
        "一/(一)/4": (("", "", ""), {"responsible": ["市体育局"]}, Basis.INHERITED),
        "一/(一)/5": (("", "", "市教育局"), {}, Basis.STATED),
    }
    for path, (stated, roles, basis) in expected.items():
        found = assigned(plan, path)
        assert found is not None
        assert (who(found), found.implicit_roles, found.basis) == (stated, roles, basis), path
    assert assigned(plan, "二/6") is None


def test_an_item_gives_its_assignment_to_the_items_below() -> None:
    plan = plan_of("1.整治占道。(市城管局牵头,市公安局配合)\n(1)清理。\n(2)巡查。(市公安局负责)\n2.植树。\n")
    first, second = assigned(plan, "一/1/(1)"), assigned(plan, "一/1/(2)")
    assert first is not None and second is not None
    assert first.implicit_roles == {"lead": ["市城管局"], "support": ["市公安局"]}
    assert (second.responsible, second.implicit_roles) == (("市公安局",), {"lead": ["市城管局"]})
    assert assigned(plan, "一/2") is None


def test_two_plans_never_share_a_rule() -> None:
    text = "1.铺步道。(市园林局、市水利局负责)\n"
    ruled = plan_of(text + RULE)
    assert who(assigned(ruled, "一/1"))[0] == "市园林局"
    assert who(assigned(plan_of(text), "一/1"))[0] == ""  # read after the other, in the same process


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        (RULE, True),
        ("本章任务由市园林局负责。", True),
        ("以下任务均需各县(市)落实。", True),
        ("由市园林局负责。", False),
        ("", False),
    ],
)
def test_is_rule(sentence: str, rule: bool) -> None:
    assert is_rule(sentence) is rule
