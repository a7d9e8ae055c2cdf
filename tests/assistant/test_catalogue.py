"""Which plans and which bodies a question names: by tables of names, never by likeness."""

from __future__ import annotations

import pytest

from assistant.catalogue import Catalogue, UnitMention
from corpus.fold import fold
from corpus.library import read_plan, read_text, shipped_plans
from corpus.units import load_units
from tests.assistant.invented import PLANS


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    """The shipped plans, read without an index."""
    return Catalogue({folder.name: read_plan(folder) for folder in shipped_plans()}, load_units())


@pytest.fixture(scope="module")
def invented() -> Catalogue:
    """The three invented plans."""
    return Catalogue({name: read_text(text, name) for name, text in PLANS.items()}, load_units())


# -- plans ----------------------------------------------------------------------------------------------------

# question, plans (None: it names none), the region or year that is not here
SHIPPED_SCOPE = [
    ("《2020年全省知识产权工作要点》由谁牵头?", "jiangsu-2020", ""),  # title
    ("江苏工作要点由谁牵头?", "jiangsu-2020", ""),  # nickname
    ("克州强区方案由谁牵头?", "kizilsu-2023", ""),
    ("知战办发〔2020〕3号由谁牵头?", "gansu-2020", ""),  # number
    ("知战办发[2020]3号由谁牵头?", "gansu-2020", ""),  # as people type it
    ("市委办发(2021)45号由谁牵头?", "tianshui-2021", ""),
    ("tianshui-2021由谁牵头?", "tianshui-2021", ""),  # id
    ("天水市由谁牵头?", "tianshui-2021", ""),  # region
    ("天水由谁牵头?", "tianshui-2021", ""),
    ("克孜勒苏由谁牵头?", "kizilsu-2023", ""),
    ("Who leads patent pledges in Zibo?", "zibo-2014", ""),  # Latin letters
    ("Who leads patent pledges in zibonia?", None, ""),  # and only as a whole word
    ("自治州质押融资由谁牵头?", "kizilsu-2023", ""),  # the one autonomous prefecture
    ("州里由谁牵头?", "kizilsu-2023", ""),
    ("甘肃和江苏由谁牵头?", "gansu-2020 jiangsu-2020", ""),
    ("质押融资由谁牵头?", None, ""),
    # editions
    ("2020年的计划里由谁牵头?", "gansu-2020 jiangsu-2020", ""),
    ("2014年方案由谁牵头?", "zibo-2014", ""),
    ("2015年的方案由谁牵头?", "zibo-2014", ""),  # within its period
    ("甘肃2020年计划由谁牵头?", "gansu-2020", ""),
    ("甘肃2021年计划由谁牵头?", "", "2021年"),
    ("2040年的计划由谁牵头?", "", "2040年"),
    ("天水到2025年的目标是多少?", "tianshui-2021", ""),  # a year that the plan states
    ("江苏到2025年的目标是多少?", "", "2025年"),
    # other regions
    ("陕西省质押融资由谁牵头?", "", "陕西省"),
    ("宁夏质押融资由谁牵头?", "", "宁夏回族自治区"),
    ("内蒙古质押融资由谁牵头?", "", "内蒙古自治区"),
    ("西藏质押融资由谁牵头?", "", "西藏自治区"),
    ("成都质押融资由谁牵头?", "", "成都市"),
    ("陇西县质押融资由谁牵头?", "", "陇西县"),
    # a place that a plan mentions is a subject
    ("徐州保护中心由谁负责?", None, ""),
    ("兰州新区的商标窗口由谁负责?", None, ""),
    ("定西的商标窗口由谁负责?", None, ""),
    ("市场建设由谁负责?", None, ""),
]


@pytest.mark.parametrize(("question", "plans", "foreign"), SHIPPED_SCOPE)
def test_the_plans_that_a_question_names(shipped: Catalogue, question: str, plans: str | None, foreign: str) -> None:
    scope = shipped.scope(fold(question))
    assert scope.plans == (None if plans is None else tuple(plans.split()))
    assert scope.foreign == foreign
    for found in scope.found:
        assert fold(question)[found.start : found.end] == found.words


@pytest.mark.parametrize(
    ("question", "plans"),
    [
        ("澜河省由谁牵头?", ("health",)),  # the region is read from the text of the plan
        ("碧野由谁牵头?", ("river",)),
        ("云汀的公交由谁管?", ("bus",)),
        ("2033年的要点里由谁牵头?", ("bus",)),
        ("澜政办发【2031】12号由谁牵头?", ("health",)),
    ],
)
def test_plans_without_a_table_are_named_by_what_they_say(
    invented: Catalogue, question: str, plans: tuple[str, ...]
) -> None:
    assert invented.scope(fold(question)).plans == plans


def test_without_plans_nothing_is_named() -> None:
    empty = Catalogue({}, load_units())
    assert empty.scope("质押融资由谁牵头?").plans is None
    assert [unit.names for unit in empty.units_in("省科技厅有哪些任务?", None)] == [{}]


# -- units ----------------------------------------------------------------------------------------------------


def only(catalogue: Catalogue, question: str, plans: list[str] | None = None) -> UnitMention:
    """The one body that a question names."""
    mentions = catalogue.units_in(fold(question), plans)
    assert len(mentions) == 1, mentions
    return mentions[0]


# question, plan → its names, where one plan is looked into
WAYS = [
    ("省发展改革委有哪些任务?", "gansu-2020", "省发展改革委"),
    ("省发展和改革委员会有哪些任务?", "gansu-2020", "省发展改革委"),  # in full
    ("发改委有哪些任务?", "gansu-2020", "省发展改革委"),  # short
    ("甘肃发改委有哪些任务?", "gansu-2020", "省发展改革委"),  # by the region
    ("甘肃省发改委有哪些任务?", "gansu-2020", "省发展改革委"),
    ("发改有哪些任务?", "gansu-2020", "省发展改革委"),  # without its ending
    ("人社要做什么?", "gansu-2020", "省人社厅"),
    ("人力资源和社会保障厅有哪些任务?", "gansu-2020", "省人社厅"),
    ("工信有哪些任务?", "tianshui-2021", "市工信局"),
    ("市监局有哪些任务?", "tianshui-2021", "市市场监管局"),
    ("天水市场监管局有哪些任务?", "tianshui-2021", "市市场监管局"),  # 市 said once for two
    ("天水市市场监督管理局有哪些任务?", "tianshui-2021", "市市场监管局"),
    ("天水市场监官局有哪些任务?", "tianshui-2021", "市市场监管局"),  # misspelt, by sound
    ("人行有哪些任务?", "tianshui-2021", "人行天水支行"),
    ("中国人民银行天水市中心支行有哪些任务?", "tianshui-2021", "人行天水支行"),
    ("克州科技局有哪些任务?", "kizilsu-2023", "自治州科技局"),
    ("州科技局有哪些任务?", "kizilsu-2023", "自治州科技局"),
    ("自治州科学技术局有哪些任务?", "kizilsu-2023", "自治州科技局"),
    ("宣传部有哪些任务?", "kizilsu-2023", "自治州党委宣传部"),  # a party organ without its committee
    ("各成员单位有哪些任务?", "gansu-2020", "各成员单位"),  # groups are units of their own
    ("成员单位有哪些任务?", "gansu-2020", "各成员单位"),
    ("市人大有哪些任务?", "tianshui-2021", "市人大常委会法工委 市人大教科文卫委"),  # both committees
]


@pytest.mark.parametrize(("question", "plan", "names"), WAYS)
def test_the_ways_to_say_a_unit(shipped: Catalogue, question: str, plan: str, names: str) -> None:
    found = only(shipped, question, [plan])
    assert set(found.names[plan]) == set(names.split())


def test_a_leading_group_is_called_by_any_ending_of_its_name(shipped: Catalogue) -> None:
    for said in ("领导小组", "知识产权示范城市工作领导小组", "市国家知识产权示范城市工作领导小组"):
        assert "市国家知识产权示范城市工作领导小组" in only(shipped, f"{said}要做什么?").names["zibo-2014"]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        (
            "科技局有哪些任务?",
            {"kizilsu-2023": ("自治州科技局",), "tianshui-2021": ("市科技局",), "zibo-2014": ("市科技局",)},
        ),
        ("公安局有哪些任务?", {"tianshui-2021": ("市公安局",), "zibo-2014": ("市公安局",)}),
        ("省公安厅有哪些任务?", {"gansu-2020": ("省公安厅",)}),  # the level tells them apart
    ],
)
def test_one_short_name_in_several_plans_stays_apart(
    shipped: Catalogue, question: str, names: dict[str, tuple[str, ...]]
) -> None:
    found = only(shipped, question).names
    assert {plan: found.get(plan) for plan in names} == names
    assert set(found) == set(names)


def test_plans_out_of_scope_lend_no_names(shipped: Catalogue) -> None:
    assert set(only(shipped, "科技局有哪些任务?", ["zibo-2014"]).names) == {"zibo-2014"}
    assert only(shipped, "科技局有哪些任务?", []).names == {}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("省交通运输厅有哪些任务?", "省交通运输厅"),  # an office that exists and that no plan names
        ("甘肃省交通运输厅有哪些任务?", "甘肃省交通运输厅"),
        ("兰州市人民政府有哪些任务?", "兰州市人民政府"),  # the government of another place
        ("兰州市科技局有哪些任务?", "兰州市科技局"),  # 市科技局 of two plans, and neither of this city
        ("兰州科技局有哪些任务?", "兰州科技局"),
    ],
)
def test_a_body_that_no_plan_names_is_a_body_without_names(shipped: Catalogue, question: str, words: str) -> None:
    found = only(shipped, question)
    assert (found.words, found.names) == (words, {})


@pytest.mark.parametrize(
    "question", ["市场建设由谁负责?", "保护工作由谁负责?", "政府有哪些任务?", "质押融资由谁牵头?", ""]
)
def test_what_is_no_body(shipped: Catalogue, question: str) -> None:
    assert shipped.units_in(question, None) == ()


def test_every_unit_of_every_plan_is_known_by_its_own_name(shipped: Catalogue) -> None:
    for plan in shipped.plans.values():
        for name in plan.mentioned:
            mentions = shipped.units_in(fold(f"{name}负责哪些任务?"), [plan.id])
            assert any(name in found for m in mentions for found in m.names.values()) or name in (
                *shipped.units.levels,
            ), (plan.id, name)


def test_bodies_come_from_left_to_right(invented: Catalogue) -> None:
    mentions = invented.units_in("省药监局、省教育厅和省医保局都有哪些任务?", None)
    assert [m.words for m in mentions] == ["省药监局", "省教育厅", "省医保局"]
    assert [sorted(m.names) for m in mentions] == [["health"], [], ["health"]]


def test_heads_are_clauses_with_clauses_below(invented: Catalogue) -> None:
    assert [path for path, _ in invented.heads("river")] == ["一", "二"]
    assert dict(invented.heads("river"))["一"] == "治理污染"


def test_folded_text_keeps_every_place(invented: Catalogue) -> None:
    text = invented.plans["river"].text
    folded = invented.folded("river")
    assert len(folded) == len(text)
    assert folded[text.index("溼地") :].startswith("湿地")
