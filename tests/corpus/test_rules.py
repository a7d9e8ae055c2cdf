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
    "涉及多个部门的任务，由排名第一的单位牵头，其他单位配合。",
    "排序第１位的责任单位为牵头单位。",
]


@pytest.mark.parametrize("sentence", FIRST_LISTED)
def test_ways_to_say_that_the_first_listed_leads(sentence: str) -> None:
    plan = plan_of(f"1.铺步道。(市园林局、市水利局负责)\n{sentence}\n")
    assert who(assigned(plan, "一/1")) == ("市园林局", "市水利局", "")


NO_RULES = [
    "市园林局为牵头单位。",
    "第一牵头单位要抓好落实。",
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


COUNTED = [
    (
        "一、甲\n1.铺步道;\n2.建驿站;\n3.植树。\n以上三项任务由市园林局牵头,市财政局配合。\n4.巡查。\n",
        ["一/1", "一/2", "一/3"],
        "three items to here, and not the one behind",
    ),
    (
        "一、甲\n1.铺步道。\n2.建驿站。\n3.植树。(以上两项由市园林局牵头,市财政局配合)\n",
        ["一/2", "一/3"],
        "two of three, in a bracket",
    ),
    (
        "一、甲\n1.铺步道。\n2.建驿站。\n3.植树。\n上述3项任务,由市园林局牵头,市财政局配合。\n",
        ["一/1", "一/2", "一/3"],
        "a count in digits behind the last clause",
    ),
    (
        "一、甲\n1.铺步道。\n(1)丙段。\n(2)丁段。\n(3)戊段。\n以上（1）（3）两项由市园林局负责。\n2.植树。\n",
        ["一/1/(1)", "一/1/(3)"],
        "two that are named by number",
    ),
    (
        "一、甲\n1.铺步道。\n2.建驿站。\n(1)丙段。\n(2)丁段。\n以上两项任务由市园林局负责。\n3.植树。\n",
        ["一/2/(1)", "一/2/(2)"],
        "the nearest level that has as many",
    ),
    (
        "一、甲\n1.铺步道。\n2.建驿站。\n(1)丙段。\n(2)丁段。\n(3)戊段。\n以上两项任务由市园林局负责。\n3.植树。\n",
        ["一/1", "一/2/(1)", "一/2/(2)", "一/2/(3)"],
        "a level with just as many goes before one with more",
    ),
    (
        "一、甲\n以下两项任务由市园林局负责。\n1.铺步道。\n2.建驿站。\n3.植树。\n",
        ["一/1", "一/2"],
        "the next two",
    ),
]
LISTED_NUMBERS = [
    (
        "第一章 甲\n第一条 铺步道。\n第二条 驿站。\n第二章 乙\n第三条 植树。\n第四条 第一条、第三条由市园林局负责。\n",
        ["第一章/第一条", "第二章/第三条"],
        "articles one by one",
    ),
    (
        "一、甲\n1.铺步道。\n二、乙\n以下第2项至第3项由市园林局牵头,市财政局配合。\n2.建驿站。\n3.植树。\n4.巡查。\n",
        ["二/2", "二/3"],
        "items by running number",
    ),
    (
        "一、甲\n（一）铺步道。\n二、乙\n本部分（一）至（二）项由市园林局负责。\n（一）植树。\n（二）巡查。\n（三）评比。\n",
        ["二/(一)", "二/(二)"],
        "numbers that start anew in each section",
    ),
    ("一、甲\n第1—2项由市园林局负责。\n1.铺步道。\n2.建驿站。\n3.植树。\n", ["一/1", "一/2"], "a dash"),
    (
        "一、甲\n1.铺步道。\n二、乙\n2.植树。\n三、丙\n3.巡查。\n第一、三部分任务由市园林局负责。\n",
        ["一/1", "三/3"],
        "two chapters",
    ),
]
CHAPTERS = [
    (
        "第一章 甲\n第一条 本章任务由市园林局牵头,市财政局配合,各县负责落实；条文中另有规定的，从其规定。\n"
        "第二条 铺步道。\n第三条 植树。(市林业局负责)\n第二章 乙\n第四条 巡查。\n",
        ["第一章/第二条"],
        "an article that is the rule of its chapter",
    ),
    (
        "一、甲\n（本部分任务除另有注明的外，均由市园林局牵头，市财政局（市国资局）配合。）\n1.铺步道。\n二、乙\n2.植树。\n",
        ["一/1"],
        "in a bracket of its own",
    ),
    (
        "一、甲【除第2项外，本部分任务由市园林局负责】\n1.铺步道。\n2.植树。\n二、乙\n3.巡查。\n",
        ["一/1"],
        "in a heading",
    ),
    ("一、甲\n以下任务由市园林局负责。\n1.铺步道。\n二、乙\n2.植树。\n", ["一/1"], "以下 under a heading ends with it"),
    ("一、甲\n1.铺步道。\n以上任务责任单位：市园林局、市财政局\n2.植树。\n", ["一/1"], "a label"),
    ("一、甲\n1.铺步道。\n以上任务的牵头单位为市园林局，配合单位为市财政局。\n2.植树。\n", ["一/1"], "units after 为"),
    ("一、甲\n1.铺步道。\n2.植树。\n第1项至第2项所列各项任务由市园林局负责。\n", ["一/1", "一/2"], "所列各项"),
    (
        "一、甲\n1.铺步道。\n2.建驿站。\n以上任务由市园林局牵头；市财政局配合；2031年6月底前完成；另有规定的从其规定。\n二、乙\n3.植树。\n",
        ["一/1", "一/2"],
        "parted by semicolons",
    ),
]
RANGES += [*COUNTED, *LISTED_NUMBERS, *CHAPTERS]


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


NO_RANGES = [
    "1.铺步道。\n2.植树。\n以上两项任务所需资金由市财政局统筹安排。\n",
    "1.铺步道。\n2.植树。\n以上工作由市园林局负责汇总上报。\n",
    "1.铺步道。\n2.植树。\n以上三项指标由各县完成。\n",
    "1.铺步道。\n2.植树。\n第1项至第2项由市园林局负责解释。\n",
    "1.铺步道。\n2.植树。\n上述由市级部门负责的事项,按规定办理。\n",
    "1.铺步道。\n2.植树。\n以上九项任务由市园林局负责。\n",  # no nine items stand before it
    "1.铺步道。\n2.植树。\n第2项至第7项由市园林局负责。\n",  # nor a seventh in the plan
    "1.铺步道。第三条步道由市园林局铺设。\n2.植树。\n",
]


@pytest.mark.parametrize("body", NO_RANGES)
def test_sentences_that_give_several_clauses_to_nobody(body: str) -> None:
    assert [a.path for a in plan_of(body).assignments if a.implicit] == []


@pytest.mark.parametrize(
    "body", ["(1)由市园林局牵头,市财政局配合。\n", "1.由市园林局负责铺步道。\n", "第一条 由市园林局负责。\n"]
)
def test_a_number_before_its_own_clause_is_no_range(body: str) -> None:
    assert plan_of(body).rules == ()


def test_a_counted_rule_carries_roles_and_date() -> None:
    plan = plan_of("1.铺步道;\n2.植树。\n以上两项任务由市园林局牵头，市财政局配合，2031年11月底前完成。\n3.巡查。\n")
    for path in ("一/1", "一/2"):
        found = assigned(plan, path)
        assert found is not None
        assert found.implicit_roles == {"lead": ["市园林局"], "support": ["市财政局"]}
        assert (found.deadline, found.deadline_implicit) == ("", "2031年11月底前")


@pytest.mark.parametrize(
    "words",
    [
        "由市园林局牵头，市财政局、水利局配合",
        "由市园林局牵头；市财政局、水利局配合",
        "牵头单位为市园林局，配合单位为市财政局、水利局",
        "牵头单位：市园林局；配合单位：市财政局、水利局",
    ],
)
def test_ways_to_give_roles_to_several_clauses(words: str) -> None:
    plan = plan_of(f"1.铺步道。\n以上任务{words}。\n2.植树。\n")
    found = assigned(plan, "一/1")
    assert found is not None
    assert found.implicit_roles == {"lead": ["市园林局"], "support": ["市财政局", "市水利局"]}
    (rule,) = plan.rules
    assert all(p.mention and p.name.removeprefix("市") in plan.quote(p.mention) for p in rule.parties)


HEADINGS = [
    "（以下任务均需各县（市）人民政府落实，不再逐项列出）",
    "(以下各项任务均由各县(市)人民政府落实)",
    "（各项任务均需各县（市）人民政府落实）",
    "【以下任务各县（市）人民政府均需落实】",
    "（下列任务，各县（市）人民政府均为责任单位，不再一一列出）",
]


@pytest.mark.parametrize("bracket", HEADINGS)
def test_a_rule_in_the_bracket_of_a_heading_ends_with_that_heading(bracket: str) -> None:
    plan = plan_of(
        f"1.铺步道。(市园林局负责)\n(一)丙{bracket}\n2.建驿站。(市住建局负责)\n3.养护。\n"
        "(二)丁\n4.植树。(市林业局负责)\n二、乙\n5.巡查。(市公安局负责)\n"
    )
    added = {"responsible": ["各县(市)人民政府"]}
    found = {a.path: a.implicit_roles for a in plan.assignments}
    assert {path for path, roles in found.items() if roles} == {"一/(一)/2", "一/(一)/3"}
    assert found["一/(一)/2"] == found["一/(一)/3"] == added


RANKED_CHAPTERS = [
    # the rule in chapter 二, the paths that it ranks
    ("第二条 本章各条所列责任单位有两个以上的，排名第一的为牵头单位，其他单位为配合单位。\n", {"第二章/第三条"}),
    ("(本部分列第一位的单位为牵头单位)\n", {"第二章/第三条"}),
    ("以下任务中排在首位的责任单位为牵头单位。\n", {"第二章/第三条"}),
    ("第二条 各项任务责任单位排名第一的为牵头单位。\n", {"第一章/第一条", "第二章/第三条", "第三章/第四条"}),
]


@pytest.mark.parametrize(("rule", "ranked"), RANKED_CHAPTERS)
def test_a_ranking_rule_of_a_chapter_stays_in_it(rule: str, ranked: set[str]) -> None:
    listed = "(市园林局、市水利局负责)"
    plan = read_text(
        f"临江市绿道建设方案\n第一章 甲\n第一条 铺步道。{listed}\n第二章 乙\n{rule}第三条 建驿站。{listed}\n"
        f"第三章 丙\n第四条 植树。{listed}\n"
    )
    assert {a.path for a in plan.assignments if a.basis is Basis.FIRST_LISTED} == ranked


def test_a_ranking_note_of_an_annex_stays_in_it() -> None:
    plan = plan_of(
        "1.铺步道。(市园林局、市水利局负责)\n附件1 清单\n1.植树。(市林业局、市园林局负责)\n注：列第一位的为牵头单位。\n"
    )
    assert [a.path for a in plan.assignments if a.basis is Basis.FIRST_LISTED] == ["附件1/1"]
