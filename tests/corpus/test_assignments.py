"""Who is responsible, as a clause itself says it: words in, roles out, one reason a row.

The clause is item 1 of an invented plan; the roles are those of docs/interfaces.md.
"""

from __future__ import annotations

import pytest

from corpus.model import Assignment
from tests.corpus.invented import NOBODY, Who, assigned, clause, plan_of, who, who_does

BRACKETS: list[tuple[str, Who, str]] = [
    ("铺步道。(市园林局牵头)", ("市园林局", "", ""), "one lead"),
    ("铺步道。(市园林局负责)", ("", "", "市园林局"), "one responsible"),
    ("铺步道。(市园林局、市水利局负责)", ("", "", "市园林局 市水利局"), "several stand side by side"),
    ("铺步道。(市园林局牵头,市财政局、水利局配合)", ("市园林局", "市财政局 市水利局", ""), "lead and support"),
    ("铺步道。(市财政局配合,市园林局牵头)", ("市园林局", "市财政局", ""), "in the other order"),
    ("铺步道。(市园林局、市林业局牵头)", ("市园林局 市林业局", "", ""), "joint leads in the plan's order"),
    ("铺步道。(市园林局负责,市水利局配合)", ("", "市水利局", "市园林局"), "负责 beside 配合 is no lead"),
    ("铺步道。(市园林局牵头,市水利局按职责分工负责)", ("市园林局", "", "市水利局"), "beside a lead"),
    ("铺步道。(市园林局牵头,市水利局参与,各县(市)落实)", ("市园林局", "市水利局", "各县(市)"), "three roles"),
    ("铺步道。(市园林局牵头负责)", ("市园林局", "", ""), "牵头负责 is one word"),
    ("铺步道。(市园林局、市水利局按照职责分工分别负责)", ("", "", "市园林局 市水利局"), "按照…分别负责"),
    ("铺步道。（市园林局会同市水利局、体育局开展）", ("市园林局", "市水利局 市体育局", ""), "会同 before 开展"),
    (
        "铺步道。(市园林局会同市水利局组织实施,市财政局配合",
        ("市园林局", "市水利局 市财政局", ""),
        "会同 before 组织实施",
    ),
    ("铺步道。（市园林局、水利局，各县（市）人民政府）", ("", "", "市园林局 市水利局 各县(市)人民政府"), "only bodies"),
    ("铺步道。【市园林局】", ("", "", "市园林局"), "only one body"),
    ("铺步道十公里(市园林局、市水利局)。", ("", "", "市园林局 市水利局"), "only bodies before the full stop"),
    ("铺步道。(市园林局,市公安局城东分局,长期坚持)", ("", "", "市园林局 市公安局城东分局"), "only bodies and a date"),
    ("铺步道。(市园林局会同市水利局负责)", ("市园林局", "市水利局", ""), "A会同B"),
    ("铺步道。(市园林局分别会同市水利局、体育局办理)", ("市园林局", "市水利局 市体育局", ""), "分别会同"),
    ("铺步道。(市园林局主办,市水利局协办)", ("市园林局", "市水利局", ""), "主办 and 协办"),
    ("铺步道。(由市园林局负责,市财政局予以支持)", ("", "市财政局", "市园林局"), "由 in front, 予以支持"),
    ("铺步道。（市园林局牵头；市水利局配合）", ("市园林局", "市水利局", ""), "full-width marks"),
    ("铺步道。〔市园林局牵头〕", ("市园林局", "", ""), "〔〕"),
    ("铺步道。【市园林局牵头】", ("市园林局", "", ""), "【】"),
    ("铺步道。[市园林局牵头]", ("市园林局", "", ""), "[]"),
    ("铺步道(市园林局牵头)。", ("市园林局", "", ""), "before the full stop"),
    ("铺步道。(市园林局牵头。)", ("市园林局", "", ""), "a full stop inside"),
    ("铺步道。(市园林局牵头,市水利局配合", ("市园林局", "市水利局", ""), "never closed"),
    ("铺步道。(各县(市)、市园林局负责", ("", "", "各县(市) 市园林局"), "never closed, a bracket inside"),
    ("铺步道。(市园林局、各县(市)人民政府负责)", ("", "", "市园林局 各县(市)人民政府"), "nested"),
    ("铺步道。(市园林局(市绿化办)牵头)", ("市园林局", "", ""), "an alias is not a body of its own"),
    ("铺步道。(市城管局(供水、供气)负责)", ("", "", "市城管局"), "a scope remark is dropped"),
    ("铺步道。(市园林局等部门负责)", ("", "", "市园林局"), "等 is dropped"),
    ("铺步道。(市园林局\n、市财政局负责)", ("", "", "市园林局 市财政局"), "a line break in the list"),
    ("铺步道。(责任单位:市园林局)", ("", "", "市园林局"), "a label inside"),
    ("铺步道。(牵头单位:市园林局;配合单位:市水利局)", ("市园林局", "市水利局", ""), "two labels inside"),
    ("铺步道。(牵头单位:市园林局)(配合单位:市水利局)", ("市园林局", "市水利局", ""), "two brackets are one statement"),
    ("铺步道。(市园林局负责步道,市水利局负责河道)", ("", "", "市园林局 市水利局"), "each with its own share"),
    (
        "铺步道。(市人力资源和社会保障局和市财政局负责)",
        ("", "", "市人力资源和社会保障局 市财政局"),
        "和 between",
    ),
    ("鋪步道。(市園林局牽頭,市財政局配合)", ("市园林局", "市财政局", ""), "traditional characters"),
    ("铺步道。(各成员单位按职责分工负责)", ("", "", "各成员单位"), "a group stays a group"),
    ("铺步道。（市园林局承办，市水利局协办）", ("", "市水利局", "市园林局"), "承办 and 协办"),
    ("铺步道。(市园林局等负有管护职责的部门按职责分工负责)", ("", "", "市园林局"), "等 with what the others are"),
    (
        "铺步道。（市园林局牵头，各乡镇人民政府（街道办事处）落实",
        ("市园林局", "", "各乡镇人民政府(街道办事处)"),
        "a group with a bracket",
    ),
    (
        "铺步道。(市园林局牵头,市委组织部、市纪委监委机关配合)",
        ("市园林局", "市委组织部 市纪委监委机关", ""),
        "机关, and 组织 in a name",
    ),
    ("铺步道。(市园林局牵头,市园林局、市水利局负责)", ("市园林局", "", "市园林局 市水利局"), "one body in two roles"),
]
LABELS: list[tuple[str, Who, str]] = [
    ("铺步道。责任单位:市园林局", ("", "", "市园林局"), "inline"),
    ("铺步道。\n责任单位:市园林局", ("", "", "市园林局"), "on a line of its own"),
    ("铺步道。\n牵头单位:市园林局\n配合单位:市财政局、水利局", ("市园林局", "市财政局 市水利局", ""), "two lines"),
    ("铺步道。牵头单位:市园林局;责任单位:市水利局", ("市园林局", "", "市水利局"), "a lead and others responsible"),
    ("铺步道。牵头单位:市园林局。配合单位:市水利局。", ("市园林局", "市水利局", ""), "each closed by a full stop"),
    ("铺步道。\n主责单位:市园林局\n协同单位:市水利局", ("市园林局", "市水利局", ""), "other words for them"),
    ("铺步道。责任部门:市园林局负责", ("", "", "市园林局"), "a role word behind the list says no more"),
    ("铺步道。责任单位:各县(市)人民政府,市直有关部门", ("", "", "各县(市)人民政府 市直有关部门"), "groups"),
]
PHRASES: list[tuple[str, Who, str]] = [
    ("铺步道,由市园林局牵头,市水利局配合。", ("市园林局", "市水利局", ""), "由 behind a comma"),
    ("铺步道。由市园林局会同市水利局负责。", ("市园林局", "市水利局", ""), "由 at the start of a sentence"),
    ("铺步道。市园林局会同市水利局推进。", ("市园林局", "市水利局", ""), "会同 and a verb that ends the sentence"),
    ("铺步道。市园林局负责绿化，市水利局负责河道。", ("", "", "市园林局 市水利局"), "each for its own part"),
    (
        "铺步道。市园林局负责绿化,临江交投集团负责路面,市公安局、水利局负责巡查",
        (
            "",
            "",
            "市园林局 临江交投集团 市公安局 市水利局",
        ),
        "each for its own part, a company and a list",
    ),
    (
        "铺步道,市园林局负责绿化;市水利局负责河道,市财政局配合。",
        (
            "",
            "市财政局",
            "市园林局 市水利局",
        ),
        "each for its own part, and one that helps",
    ),
    ("铺步道,市园林局会同市水利局负责。", ("市园林局", "市水利局", ""), "the last words of a sentence"),
    ("铺步道,市园林局牵头,市水利局配合。", ("市园林局", "市水利局", ""), "without 由"),
    ("铺步道。市园林局负责。", ("", "", "市园林局"), "a sentence of its own"),
    ("铺步道,市园林局负责,2031年9月底前完成。", ("", "", "市园林局"), "a date behind it"),
]
DUTIES: list[tuple[str, Who, str]] = [
    ("各县(市)、各部门要落实管护责任。", ("", "", "各县(市) 各部门"), "groups and 要"),
    (
        "巡查步道。\n各县（市、区）要每年报送养护计划。",
        ("", "", "各县(市、区)"),
        "a duty to report is no closing formula",
    ),
    ("市园林局指导各县(市)开展巡查。", ("", "", "市园林局"), "who is guided is not responsible"),
    ("市园林局应当每年公布步道名录。", ("", "", "市园林局"), "应当"),
    ("市园林局会同市体育局开展评比。", ("市园林局", "市体育局", ""), "A会同B in prose"),
    ("各县(市)要铺步道;市园林局负责验收。", ("", "", "各县(市) 市园林局"), "two duties in one sentence"),
    (
        "领导小组办公室设在市园林局,负责日常协调。",
        ("", "", "领导小组办公室"),
        "where it sits",
    ),
    ("市园林局(市绿化办)加强巡查。", ("", "", "市园林局"), "an alias behind the body"),
    (
        "加强巡查。\n市园林局:每季巡查一次;\n市公安局、城管局:查处占道。",
        ("", "", "市园林局 市公安局 市城管局"),
        "paragraphs by body",
    ),
]
EVERY = [*BRACKETS, *LABELS, *PHRASES, *DUTIES]


@pytest.mark.parametrize(("task", "expected", "why"), EVERY, ids=[row[2] for row in EVERY])
def test_what_assigns(task: str, expected: Who, why: str) -> None:
    assert who_does(task) == expected, why


NOTHING = [
    ("支持园林企业牵头制定标准。", "who is supported leads nothing"),
    ("鼓励高校牵头组建绿道联盟。", "鼓励…牵头"),
    ("会同有关部门开展检查。", "no subject"),
    ("支持各地建设绿道。", "支持各地"),
    ("在城东区、西岭县建设驿站。", "places"),
    ("建设步道(如环湖步道、滨江步道)示范段。", "examples in a bracket"),
    ("对接绿道服务中心(TISC)。", "an acronym in a bracket"),
    ("全市步道管护机制进一步健全。", "全市 is no body"),
    ("企业管护能力明显提升。", "企业…提升"),
    ("绿道管理制度进一步健全。", "a thing that becomes better"),
    ("公布绿道管护单位名单。", "名单"),
    ("建立牵头部门负责、配合部门参与的机制。", "words on roles, no bodies"),
    ("培训驿站负责人(站长)。", "负责人 is a person"),
    ("严格落实(属地负责)要求。", "a bracket without a body"),
    ("推进建设单位:施工单位责任清单。", "a colon in a text"),
    ("步道由社会资本参与建设。", "no office"),
    ("2031年由步道连接各驿站。", "由 with no role"),
    ("牵头注册绿道商标。", "牵头 without a subject"),
    ("市委组织部门作风。", "组织 inside a name is no predicate"),
    ("公布(赛事承办单位)名录。", "承办单位 in a text"),
    ("铺步道。\n本方案由市园林局会同市水利局负责解释。", "who explains the plan"),
    ("铺步道。\n本方案自印发之日起施行，由市园林局负责解释。", "who explains it, behind a comma"),
    ("铺步道。\n各县（市、区）要结合实际制定实施方案，于2031年6月底前报市园林局备案。", "a closing formula"),
    ("铺步道。\n各单位要按照分工,于3月31日前将细化措施报市园林局汇总", "a closing formula for all"),
    ("推进共建。社会组织负责人讲课,市民负责人参加。", "负责人 is no share"),
    ("压实责任。对步道安全负责,对游客负责。", "对…负责"),
    ("铺步道。建设单位负责施工,监理单位负责监理。", "no office: how a work is parted"),
    ("铺步道(西岭县、城东区)。", "places at the end"),
    ("建服务大厅(市民中心)。", "another name at the end"),
    ("建服务设施(驿站服务中心、游客中心)。", "examples at the end"),
    ("报送市水利局(市河长办)。", "an alias at the end"),
    ("报有关单位(市水利局、市公安局)。", "examples of a group at the end"),
    ("建设绿道(市园林局所管)十公里。", "a body in the middle"),
    ("健全园林部门会同水利部门开展巡查的机制。", "会同 in the content"),
    ("用好绿道品牌。由市园林协会牵头注册的“临江绿道”商标统一管理,鼓励企业会同院校开发。", "牵头注册 says which thing"),
]


@pytest.mark.parametrize(("task", "why"), NOTHING, ids=[row[1] for row in NOTHING])
def test_what_does_not_assign(task: str, why: str) -> None:
    assert who_does(task) == NOBODY, why


@pytest.mark.parametrize(("task", "why"), NOTHING, ids=[row[1] for row in NOTHING])
def test_nor_does_it_hide_the_bracket_behind_it(task: str, why: str) -> None:
    assert who_does(f"{task}(市园林局负责)") == ("", "", "市园林局"), why


def test_a_missing_opening_bracket_is_mended_by_a_name_the_plan_knows() -> None:
    plan = plan_of("1.铺步道。(市园林局负责)\n2.建成步道网络市园林局、市水利局负责)\n3.建驿站网络市住建局负责)\n")
    found = assigned(plan, "一/2")
    assert who(found) == ("", "", "市园林局 市水利局")
    assert found is not None and found.raw is not None
    assert plan.quote(found.raw) == "市园林局、市水利局负责)"
    assert assigned(plan, "一/3") is None  # nobody else names 市住建局: where its name begins would be a guess


def only(task: str) -> Assignment:
    """The one assignment of item 1."""
    plan = plan_of(f"1.{task}\n")
    assert len(plan.assignments) == 1
    return plan.assignments[0]


DEADLINES = [
    ("铺步道。(市园林局负责,2031年6月底前完成)", "2031年6月底前", "in the bracket"),
    ("铺步道。\n责任单位:市园林局\n完成时限:2031年9月底", "2031年9月底", "a label line"),
    ("铺步道。(责任单位:市园林局)(完成时限:长期坚持)", "长期坚持", "a bracket of its own"),
    ("铺步道。由市园林局牵头,2031年底前完成。", "2031年底前", "behind the phrase"),
    ("铺步道，2031年5月底前开放试行。（市园林局负责）", "2031年5月底前", "the last words of the task"),
    ("铺步道,长期坚持。(市园林局负责)", "长期坚持", "the last words, without a date"),
    ("铺步道,2031年5月底前开放。(市园林局负责,6月底前)", "6月底前", "the bracket's own date goes first"),
    ("2031年5月底前,铺步道二十公里,建驿站。(市园林局负责)", "2031年5月底前", "in front of what is to be done"),
    ("每年3月底前,铺步道,建驿站。(市园林局负责)", "每年3月底前", "every year"),
    ("2031年5月底前铺步道,9月底前验收路面一次。(市园林局负责)", "9月底前", "of several, the one at the end"),
    ("到2031年底,铺步道二十公里。(市园林局负责)", "", "到…年底 is a target"),
    ("铺步道,2031年内开放。(市园林局负责)", "", "年内 is none"),
    ("铺步道,建立持续推进的机制。(市园林局负责)", "", "持续推进 in the middle"),
    ("2031年铺步道二十公里。(市园林局负责)", "", "a target year is none"),
]


@pytest.mark.parametrize(("task", "deadline", "why"), DEADLINES, ids=[row[2] for row in DEADLINES])
def test_a_deadline(task: str, deadline: str, why: str) -> None:
    assert only(task).deadline == deadline, why
    assert who(only(task))[2] or who(only(task))[0] == "市园林局"


def test_shares_of_a_task_are_one_assignment_of_the_whole() -> None:
    plan = plan_of("1.铺步道。市园林局负责绿化，市水利局负责河道。\n")
    assert [c.part for c in plan.clauses if c.path == "一/1"] == [0]
    assert who(assigned(plan, "一/1")) == ("", "", "市园林局 市水利局")


def test_a_bracket_behind_the_title_speaks_for_the_title() -> None:
    plan = plan_of("1.铺步道，连片成网。\n（市园林局负责，2031年6月15日前）建驿站。（市住建局负责）\n")
    parts = [c for c in plan.clauses if c.path == "一/1" and c.part]
    assert [who(plan.assignment(c)) for c in parts] == [("", "", "市园林局"), ("", "", "市住建局")]
    assert ["步道" in plan.quote(c.span) for c in parts] == [True, False]


def test_an_open_list_is_said_to_be_open() -> None:
    assert only("铺步道。(市园林局、水利局等部门负责)").open_list
    assert only("铺步道。(市园林局等按职责分工负责)").open_list
    assert only("铺步道。(市园林局等负有管护职责的部门按职责分工负责)").open_list
    assert not only("铺步道。(市园林局、水利局负责)").open_list


def test_an_alias_is_kept_beside_the_name() -> None:
    assert only("铺步道。(市园林局(市绿化办)牵头)").aliases == {"市园林局": ["市绿化办"]}


def test_sentences_with_assignees_of_their_own_are_parts() -> None:
    plan = plan_of("1.铺步道(市园林局负责)。建驿站(市住建局负责)。\n")
    assert assigned(plan, "一/1") is None
    parts = [c for c in plan.clauses if c.path == "一/1" and c.part]
    assert [who(plan.assignment(c)) for c in parts] == [("", "", "市园林局"), ("", "", "市住建局")]
    assert ["步道" in plan.quote(c.span) for c in parts] == [True, False]
    assert ["驿站" in plan.quote(c.span) for c in parts] == [False, True]


def test_a_bracket_that_is_not_understood_is_noted_not_guessed() -> None:
    plan = plan_of("1.铺步道。(市园林局和热心市民牵头)\n")
    assert plan.assignments == ()
    assert [n.kind for n in plan.notes] == ["bracket"]


def test_raw_is_what_the_plan_writes() -> None:
    plan = plan_of("1.鋪步道。（市園林局牽頭，市財政局配合）\n")
    found = assigned(plan, "一/1")
    assert found is not None and found.raw is not None
    assert plan.quote(found.raw) == "（市園林局牽頭，市財政局配合）"
    assert [plan.quote(p.mention) for p in found.parties if p.mention] == ["市園林局", "市財政局"]
    assert clause(plan, "一/1").span.holds(found.raw)
