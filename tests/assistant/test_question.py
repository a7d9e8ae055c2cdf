"""How one turn is read: kind, roles, numbers, what an answer must hold; and that any text is read in linear time."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.catalogue import Catalogue
from assistant.query import Kind, Query
from assistant.question import read_turn
from assistant.service import Assistant
from corpus.library import read_plan, shipped_plans
from corpus.model import Role
from corpus.units import load_units
from tests.timed import seconds


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    """The shipped plans, read without an index: questions are read from names alone."""
    return Catalogue({folder.name: read_plan(folder) for folder in shipped_plans()}, load_units())


def read(assistant: Assistant, question: str) -> Query:
    return assistant.read([question])[0]


# -- kinds --------------------------------------------------------------------------------------------------

KINDS = [
    # who does it, however it is put
    ("县域医疗中心由谁牵头?", Kind.OWNER),
    ("县域医疗中心归哪个部门管?", Kind.OWNER),
    ("远程会诊平台谁挑头?", Kind.OWNER),
    ("乡村医生培训的责任单位是谁?", Kind.OWNER),
    ("中药材种植落到哪个部门了?", Kind.OWNER),
    ("清理漂浮垃圾谁打下手?", Kind.OWNER),
    ("夜班公交归口哪里?", Kind.OWNER),
    ("Who is in charge of the county medical centre (县域医疗中心)?", Kind.OWNER),
    ("清理漂浮垃圾是不是自治州水利局牵头?", Kind.OWNER),  # a body is proposed, no list is asked for
    ("河湖巡查有没有牵头单位?", Kind.OWNER),  # asks about one task; no listing of tasks without a lead
    ("第4条由谁负责?", Kind.OWNER),  # by number
    ("这条是第几项?", Kind.OWNER),  # the number of a clause, not how many there are
    ("乡村医生培训排第几?", Kind.OWNER),
    ("有没有不牵头的单位?", Kind.OWNER),  # about units, not about tasks without a lead
    # everything that a body does, or that meets a condition
    ("省医保局有哪些任务?", Kind.TASKS),
    ("自治州水利局牵头什么?", Kind.TASKS),  # a body and no task
    ("省卫健委一共几项任务?", Kind.TASKS),
    ("林草局负责哪几项?", Kind.TASKS),
    ("省卫健委领了几项活?", Kind.TASKS),
    ("省医保局要干什么?", Kind.TASKS),
    ("Which tasks does 省医保局 have?", Kind.TASKS),
    ("哪些任务没有牵头单位?", Kind.TASKS),
    ("都哪些任务没人管?", Kind.TASKS),
    ("碧野自治州方案共有几项任务?", Kind.TASKS),  # the whole plan
    ("第二章有哪些任务?", Kind.TASKS),
    # with whom
    ("省医保局和哪些单位一起干活?", Kind.PARTNERS),
    ("自治州水利局跟谁搭档?", Kind.PARTNERS),
    ("省卫健委的合作单位有哪些?", Kind.PARTNERS),
    ("哪些部门和省医保局合作?", Kind.PARTNERS),
    ("Which units does 省医保局 work with?", Kind.PARTNERS),
    # two plans side by side
    ("澜河省和碧野自治州的方案有什么不同?", Kind.COMPARE),
    ("中药材种植,澜河省和碧野自治州的要求有何区别?", Kind.COMPARE),
    ("对比一下澜河省和云汀市的目标", Kind.COMPARE),
    ("澜河省与云汀市两份文件差别在哪?", Kind.COMPARE),
    # what the plan says
    ("乡村医生每年培训多少人?", Kind.FACT),
    ("无障碍候车亭要增设几座?", Kind.FACT),
    ("夜班公交要覆盖什么?", Kind.FACT),
    ("县域医疗中心哪年建成?", Kind.FACT),
    ("县域医疗中心要和哪家机构合作?", Kind.FACT),  # with whom a task is done, nobody's assignment
    ("要推动多少家企业?", Kind.FACT),  # 多少家 counts companies, not responsible bodies
    ("方案依据的是省里几号文?", Kind.FACT),  # the number of another document
    ("根据国务院几号文制定?", Kind.FACT),
    ("有什么区别?", Kind.FACT),  # nothing to compare: no two plans are named
    # the plan as a document
    ("澜河省这份方案的文号是什么?", Kind.DOCUMENT),
    ("澜政办发几号文?", Kind.DOCUMENT),
    ("方案是什么时候印发的?", Kind.DOCUMENT),
    ("云汀市要点由谁印发?", Kind.DOCUMENT),
    ("澜河省的方案是哪个部门印发的?", Kind.DOCUMENT),
    ("方案实施期限是多久?", Kind.DOCUMENT),
    ("两份方案哪个先出?", Kind.DOCUMENT),
    # rules for a whole plan
    ("一项任务列了好几家单位又没写牵头,怎么看谁是牵头?", Kind.RULE),
    ("列第一位的就是牵头吗?", Kind.RULE),
    ("没写牵头的话怎么确定牵头?", Kind.RULE),
    ("“以下责任单位均有”是什么意思?", Kind.RULE),
    ("首位为牵头的规定能用到碧野自治州吗?", Kind.RULE),
    # people and posts
    ("领导小组组长是谁?", Kind.ROSTER),
    ("郑和光是什么职务?", Kind.ROSTER),
    ("领导小组有哪些成员?", Kind.ROSTER),
    ("市财政局派的是谁?", Kind.ROSTER),
    ("成员名单里一共几个人?", Kind.ROSTER),
    ("领导小组办公室主任由谁兼任?", Kind.ROSTER),
    # what plans do not say
    ("你觉得哪份方案好?", Kind.OUTSIDE),
    ("实际完成了多少?", Kind.OUTSIDE),
    ("清理了多少吨垃圾?", Kind.OUTSIDE),  # what was done
    ("效果如何?", Kind.OUTSIDE),
    ("最后评了哪几家?", Kind.OUTSIDE),
]


@pytest.mark.parametrize(("question", "kind"), KINDS)
def test_the_kind_of_a_question(assistant: Assistant, question: str, kind: Kind) -> None:
    assert read(assistant, question).kind is kind


PLANNED = [
    ("方案安排了多少项任务?", Kind.OUTSIDE),  # 安排了 is what a plan does, not a result
    ("方案列了多少座候车亭?", Kind.OUTSIDE),
    ("方案定了多少座候车亭?", Kind.OUTSIDE),
    ("结合实际情况怎么培训?", Kind.OUTSIDE),  # 实际情况 is no result
]


@pytest.mark.parametrize(("question", "not_kind"), PLANNED)
def test_what_a_plan_sets_is_not_taken_for_a_result(assistant: Assistant, question: str, not_kind: Kind) -> None:
    assert read(assistant, question).kind is not not_kind


# -- roles --------------------------------------------------------------------------------------------------

ROLES = [
    ("县域医疗中心由谁牵头?", "lead"),
    ("县域医疗中心谁挂帅?", "lead"),  # colloquial
    ("县域医疗中心谁打头?", "lead"),
    ("县域医疗中心谁主抓?", "lead"),
    ("县域医疗中心谁领头?", "lead"),
    ("县域医疗中心哪家主责?", "lead"),
    ("Who leads 县域医疗中心?", "lead"),
    ("县域医疗中心谁配合?", "support"),
    ("县域医疗中心谁搭把手?", "support"),
    ("县域医疗中心谁打下手?", "support"),
    ("县域医疗中心由谁协办?", "support"),
    ("Which units support 县域医疗中心?", "support"),
    ("县域医疗中心由谁负责?", "responsible"),
    ("县域医疗中心的责任部门有哪些?", "responsible"),
    ("县域医疗中心谁牵头、谁配合?", "lead support"),
    ("县域医疗中心谁牵头、谁配合、谁负责?", "lead support responsible"),
    ("县域医疗中心归谁管?", ""),  # any role
    ("省卫健委只是配合、不是牵头的有哪几项?", "support"),  # 不是牵头 asks for no lead
    ("省卫健委牵头哪几项?配合的不要。", "lead"),  # what is not wanted sets no role
    ("省卫健委有哪些任务?配合的不算。", ""),
    ("省卫健委有哪些任务,配合的除外。", ""),
    ("省卫健委有哪些任务,不包括配合的", ""),  # the refusal stands in front
]


@pytest.mark.parametrize(("question", "roles"), ROLES)
def test_the_roles_asked_for(assistant: Assistant, question: str, roles: str) -> None:
    assert read(assistant, question).roles == {Role(role) for role in roles.split()}


@pytest.mark.parametrize(
    ("question", "only", "none"),
    [
        ("省卫健委只是配合、不是牵头的有哪几项?", True, False),
        ("省卫健委配合哪几项?", False, False),
        ("省卫健委有哪些任务?配合的不要。", False, True),
        ("省卫健委有哪些任务,不包括配合的", False, True),
        ("省卫健委有哪些任务,除了配合的", False, True),
        ("省卫健委牵头哪几项?靠规则推出来的不算。", False, False),
    ],
)
def test_support_alone_and_support_left_out(assistant: Assistant, question: str, only: bool, none: bool) -> None:
    query = read(assistant, question)
    assert (query.only_support, query.no_support) == (only, none)


# -- flags, numbers, figures ----------------------------------------------------------------------------------

FLAGS = [
    ("清理垃圾是不是由水利局牵头?", "yes_no"),
    ("清理垃圾是水利局牵头吗?", "yes_no"),
    ("清理垃圾由水利局牵头,对不对?", "yes_no"),
    ("县里要不要管河湖巡查?", "yes_no"),
    ("县里算不算责任单位?", "yes_no"),
    ("清理垃圾由谁牵头?", ""),
    ("乡村医生培训是第几项?", "ordinal counting"),
    ("省卫健委有几项任务?", "counting"),
    ("省卫健委有几项任务?只要数字", "counting figures_only"),
    ("那配合的呢?", "follows"),
    ("还有哪些单位?", "follows"),
    ("这家单位还有哪些任务?", "follows refers"),
    ("它一共几项任务?", "follows refers counting"),
    ("Who leads the county medical centre?", "english"),
    ("Is 自治州水利局 the lead for 清理河道漂浮垃圾?", "yes_no english"),  # Chinese names in an English question
    ("推进TISC、WIPO和PCT、AI合作由谁负责?", ""),  # acronyms make no English question
]


@pytest.mark.parametrize(("question", "flags"), FLAGS)
def test_how_a_question_is_worded(assistant: Assistant, question: str, flags: str) -> None:
    query = read(assistant, question)
    names = ("yes_no", "ordinal", "counting", "figures_only", "follows", "refers", "english")
    assert {name for name in names if getattr(query, name)} == set(flags.split())


NUMBERS = [
    ("第4条由谁牵头?", (4,)),
    ("第４条由谁牵头?", (4,)),  # full width
    ("第三十四项由谁牵头?", (34,)),
    ("第三项和第四项由谁负责?", (3, 4)),
    ("第 12 款归谁?", (12,)),
    ("第二章有哪些任务?", ()),  # a chapter is no clause
    ("第一位为牵头单位是什么意思?", ()),
    ("一共4项任务?", ()),
]


@pytest.mark.parametrize(("question", "numbers"), NUMBERS)
def test_clause_numbers(assistant: Assistant, question: str, numbers: tuple[int, ...]) -> None:
    assert read(assistant, question).numbers == numbers


PATHS = [
    ("三(二)43由谁牵头?", (("三", "(二)", "43"),)),
    ("三、(二)由谁牵头?", (("三", "(二)"),)),
    ("三（二）43由谁牵头?", (("三", "(二)", "43"),)),
    ("三/(二)/43由谁牵头?", (("三", "(二)", "43"),)),
    ("县(市)由谁牵头?", ()),
]


@pytest.mark.parametrize(("question", "paths"), PATHS)
def test_clause_paths(assistant: Assistant, question: str, paths: tuple[tuple[str, ...], ...]) -> None:
    assert read(assistant, question).paths == paths


WANTS = [
    ("培训多少人?", "每年300人", "培训乡村医生"),
    ("增设几座候车亭?", "增设四座", "增设候车亭"),
    ("几家医院?", "三家医院", "医院"),
    ("目标是多少?", "达到15%", "明显提高"),
    ("哪年建成?", "2031年建成", "建成30所"),  # a figure is no year
    ("什么时候完成?", "2032年底", "年底"),
]


@pytest.mark.parametrize(("question", "stating", "silent"), WANTS)
def test_a_figure_or_a_year_asked_for_must_be_stated(
    assistant: Assistant, question: str, stating: str, silent: str
) -> None:
    wants = read(assistant, question).wants
    assert wants is not None
    assert wants.search(stating)
    assert not wants.search(silent)


@pytest.mark.parametrize("question", ["夜班公交要覆盖什么?", "保护目标是什么?", "县域医疗中心由谁牵头?"])
def test_nothing_more_is_wanted_where_no_figure_is_asked_for(assistant: Assistant, question: str) -> None:
    assert read(assistant, question).wants is None


# -- one thing of one plan, another of another ----------------------------------------------------------------


def test_each_plan_has_its_own_part_of_a_question(assistant: Assistant) -> None:
    query = read(assistant, "澜河省的中药材种植由谁负责,碧野自治州的湿地候鸟由谁保护?")
    assert dict(query.topics).keys() == {"health", "river"}
    assert "中药材" in dict(query.topics)["health"]
    assert "候鸟" in dict(query.topics)["river"]


def test_one_part_for_two_plans_is_not_cut(assistant: Assistant) -> None:
    assert read(assistant, "澜河省和碧野自治州的林草局各负责什么?").topics == ()


# -- shipped plans --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "plans", "units"),
    [
        # a region inside the name of a body speaks for that body and shuts out no other
        (
            "天水海关和兰州海关分别有哪些任务?",
            {"gansu-2020", "tianshui-2021"},
            [{"tianshui-2021"}, {"gansu-2020"}],
        ),
        ("天水海关有哪些任务?", {"tianshui-2021"}, [{"tianshui-2021"}]),
    ],
)
def test_a_region_in_the_name_of_a_body(
    shipped: Catalogue, question: str, plans: set[str], units: list[set[str]]
) -> None:
    query = read_turn(question, shipped, None)
    assert set(query.plans or ()) == plans
    assert [set(unit.names) for unit in query.units] == units


def test_a_filter_and_the_plan_named_are_both_kept(shipped: Catalogue) -> None:
    assert read_turn("甘肃质押融资由谁牵头?", shipped, None).plans == ("gansu-2020",)
    assert read_turn("质押融资由谁牵头?", shipped, ["zibo-2014"]).plans == ("zibo-2014",)
    assert read_turn("质押融资由谁牵头?", shipped, []).plans == ()
    against = read_turn("甘肃质押融资由谁牵头?", shipped, ["zibo-2014"])
    assert (against.plans, against.contradicted) == ((), ("gansu-2020",))


# -- any text -------------------------------------------------------------------------------------------------

HOSTILE = [
    "谁",
    "的",
    "第一",
    "第",
    "(",
    "、",
    "1",
    "(一)",
    "哪些",
    "“",
    "和哪",
    "市",
    "局",
    "发改委",
    "不",
    "没有",
    "牵头",
    "2031年",
]


def taken(catalogue: Catalogue, text: str) -> float:
    """Computing time of one reading."""
    return seconds(lambda: read_turn(text, catalogue, None))


@pytest.mark.parametrize("words", HOSTILE)
def test_reading_a_hostile_question_grows_with_its_length(shipped: Catalogue, words: str) -> None:
    """Ratios, never seconds: twice the characters take twice the time, where squares would take four times."""
    long = words * (4000 // len(words))
    read_turn(long, shipped, None)  # tables and patterns are made once
    ratios = []
    for attempt in range(1, 4):
        # A character less each time: folding remembers what it has seen.
        once = taken(shipped, long[: 2000 - attempt])
        ratios.append(taken(shipped, long[: 4000 - attempt]) / once)
        if ratios[-1] < 3.5:
            break
    assert min(ratios) < 3.5


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from([*HOSTILE, "澜河省", "省卫健委", "?", " ", "呢"]), max_size=20).map("".join)
)
def test_any_text_is_read_and_keeps_to_its_catalogue(shipped: Catalogue, text: str) -> None:
    query = read_turn(text, shipped, ["gansu-2020", "zibo-2014"])
    assert query.plans is not None
    assert set(query.plans) <= {"gansu-2020", "zibo-2014"}
    for unit in query.units:
        assert query.text[unit.start : unit.end] == unit.words
        assert set(unit.names) <= set(query.plans)
