"""Conditions of a listing: how they are said, and which clauses meet them."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.catalogue import Catalogue
from assistant.filters import Filters, is_group
from assistant.query import Query
from assistant.question import read_turn
from corpus.library import read_text
from corpus.units import load_units

# One clause of each kind of assignment; 列第一位 is this plan's own rule.
GARDENS = """清源市2034年口袋公园建设实施方案
为建设口袋公园,制定本方案。
一、选址与设计
1.普查闲置地块。(市自然资源局负责)
2.编制设计导则。(市住建局牵头,市文旅局配合)
3.征集市民意见。(市住建局、市民政局按职责分工负责)
(一)公布候选名单。
二、施工与验收
4.统一采购苗木。(市林草局、市财政局共同牵头,市审计局配合)
5.开展安全检查。(各县(市)人民政府负责)
6.联合验收工程。(市住建局、市应急局、市林草局、市财政局、市城管局负责)
7.设立意见箱。
"""

# A second plan with chapters of the same numbers.
NOISE = """松岭市2034年噪声治理工作方案
一、源头防控
1.划定静音路段。(市公安局牵头,市交通运输局配合)
二、执法监督
2.查处违规鸣笛。(市公安局负责)
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Both plans, read from their texts."""
    return Catalogue({"gardens": read_text(GARDENS, "gardens"), "noise": read_text(NOISE, "noise")}, load_units())


def read(catalogue: Catalogue, question: str) -> Query:
    return read_turn(question, catalogue, None)


def set_in(filters: Filters) -> dict[str, object]:
    return {f.name: getattr(filters, f.name) for f in fields(Filters) if getattr(filters, f.name)}


SAID = [
    ("哪些任务没有牵头单位?", {"no_lead": True}),
    ("哪几项没写牵头?", {"no_lead": True}),
    ("哪些任务未明确牵头部门?", {"no_lead": True}),
    ("哪些任务牵头单位一个都没有?", {"no_lead": True, "every": True}),  # 都: of no weight without bodies
    ("Which tasks have no lead?", {"no_lead": True}),
    ("静音路段有没有牵头单位?", {}),  # asks whether, and lists nothing
    ("静音路段是不是市公安局牵头?", {}),
    ("哪些任务明写了牵头单位?", {"stated_lead": True}),
    ("写着牵头的任务有哪些?", {"stated_lead": True}),
    ("哪些任务只由各单位负责?", {"group_only": True}),
    ("哪些任务没有点名具体单位?", {"group_only": True}),
    ("哪几项任务没写责任单位?", {"unassigned": True}),
    ("没人管的任务有哪些?", {"unassigned": True}),
    ("哪些任务没落实责任部门?", {"unassigned": True}),
    ("静音路段有没有落实责任部门?", {}),  # asks whether
    ("哪些任务写明了由谁负责?", {"assigned": True}),
    ("哪些任务由一家单独负责?", {"sole": True}),
    ("独家承担的任务有哪些?", {"sole": True}),
    ("只有一家单位的任务有哪些?", {"sole": True}),
    ("哪些任务是共同牵头?", {"joint_lead": True, "every": True}),
    ("两家牵头的任务有哪几项?", {"joint_lead": True}),
    # how many units: the number itself counts or does not
    ("超过3家单位的任务有哪些?", {"at_least": 4}),
    ("多于两家单位的任务有哪些?", {"at_least": 3}),
    ("3家以上单位的任务有哪些?", {"at_least": 3}),
    ("三家单位以上的任务有哪些?", {"at_least": 3}),
    ("至少两家单位的任务有哪些?", {"at_least": 2}),
    ("不少于十家单位的任务有哪些?", {"at_least": 10}),  # and no upper bound
    ("不低于3家单位的任务有哪些?", {"at_least": 3}),
    ("不超过两家单位的任务有哪些?", {"at_most": 2}),
    ("最多2家单位的任务有哪些?", {"at_most": 2}),
    ("三家以内单位的任务有哪些?", {"at_most": 3}),
    ("少于两家单位的任务有哪些?", {"at_most": 1}),
    ("不足3家单位的任务有哪些?", {"at_most": 2}),
    ("Which tasks have more than 3 units?", {"at_least": 4}),
    ("Which tasks have at most 3 units?", {"at_most": 3}),
    # both bodies in one task, or the tasks of either
    ("市住建局和市林草局都参与的任务有哪些?", {"every": True}),
    ("市住建局和市林草局共同负责哪些任务?", {"every": True}),
    ("市住建局和市林草局有哪些任务?", {}),
    # chapters
    ("第二章有哪些任务?", {"chapters": (("gardens", "二"), ("noise", "二"))}),
    ("清源市第2部分有哪些任务?", {"chapters": (("gardens", "二"),)}),
    ("第九章有哪些任务?", {}),  # no such chapter
    ("施工与验收这一章有哪些任务?", {"chapters": (("gardens", "二"),)}),  # by its whole title
    ("“施工与验收”有哪些任务?", {"chapters": (("gardens", "二"),)}),
    ("“执法”那一章有哪些任务?", {}),  # too short to name a chapter
    ("“执法监”那一章有哪些任务?", {"chapters": (("noise", "二"),)}),  # a quoted part of the title
    ("验收有哪些任务?", {}),  # a word of a title names no chapter
    # what is not wanted sets no condition
    ("市住建局有哪些任务?没写牵头的不算。", {}),
    ("市住建局有哪些任务,单独负责的不要。", {}),
    ("市住建局有哪些任务,不包括单独负责的", {}),
]


@pytest.mark.parametrize(("question", "expected"), SAID)
def test_the_conditions_that_a_question_sets(catalogue: Catalogue, question: str, expected: dict[str, object]) -> None:
    assert set_in(read(catalogue, question).filters) == expected


# condition, the numbers of the clauses of the first plan that meet it
HELD = [
    (Filters(), "1 2 3 (一) 4 5 6 7"),
    (Filters(no_lead=True), "1 3 5 6"),
    (Filters(has_lead=True), "2 4"),
    (Filters(stated_lead=True), "2 4"),
    (Filters(group_only=True), "5"),
    (Filters(unassigned=True), "(一) 7"),
    (Filters(assigned=True), "1 2 3 4 5 6"),
    (Filters(sole=True), "1 5"),
    (Filters(joint_lead=True), "4"),
    (Filters(at_least=3), "4 6"),
    (Filters(at_most=2), "1 2 3 5"),
    (Filters(at_least=2, at_most=2), "2 3"),
    (Filters(chapters=(("gardens", "二"),)), "4 5 6 7"),
    (Filters(chapters=(("gardens", "二"),), no_lead=True), "5 6"),
    (Filters(chapters=(("noise", "二"),)), ""),  # a chapter of another plan
]


@pytest.mark.parametrize(("filters", "expected"), HELD)
def test_which_clauses_meet_a_condition(catalogue: Catalogue, filters: Filters, expected: str) -> None:
    plan = catalogue.plans["gardens"]
    held = [c.path.split("/")[-1] for c in plan.tasks() if filters.holds(plan, c, plan.assignment(c))]
    assert held == expected.split()


def test_a_lead_by_a_ranking_rule_is_a_lead_but_not_a_stated_one() -> None:
    text = GARDENS + "上述任务列多个责任单位的,列第一位的为牵头单位。\n"
    plan = read_text(text, "ranked")
    clause = next(c for c in plan.tasks() if c.path == "二/6")
    assignment = plan.assignment(clause)
    assert assignment is not None
    assert assignment.lead
    assert Filters(has_lead=True).holds(plan, clause, assignment)
    assert not Filters(stated_lead=True).holds(plan, clause, assignment)


@given(st.booleans(), st.integers(0, 6), st.integers(0, 6))
def test_more_conditions_never_let_more_clauses_through(
    catalogue: Catalogue, no_lead: bool, at_least: int, at_most: int
) -> None:
    plan = catalogue.plans["gardens"]
    for clause in plan.tasks():
        assignment = plan.assignment(clause)
        together = Filters(no_lead=no_lead, at_least=at_least, at_most=at_most).holds(plan, clause, assignment)
        apart = [Filters(no_lead=no_lead), Filters(at_least=at_least), Filters(at_most=at_most)]
        assert together == all(one.holds(plan, clause, assignment) for one in apart)


def test_any_and_structural() -> None:
    assert not Filters().any
    assert not Filters(every=True).any
    assert Filters(no_lead=True).any
    assert Filters(no_lead=True).structural
    place = Filters(chapters=(("gardens", "二"),))
    assert (place.any, place.structural) == (True, False)


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("各成员单位", True),
        ("有关部门", True),
        ("各县(市)人民政府", True),
        ("市住建局", False),
        ("省各界联合会", False),
        ("自治州各有关部门", True),
        ("市直部门", True),
        ("领导小组成员单位", True),
        ("市直机关工委", False),
    ],
)
def test_names_that_stand_for_many(name: str, group: bool) -> None:
    assert is_group(name) is group
