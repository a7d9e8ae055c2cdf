"""What a later turn takes over from the earlier ones, and what a turn of several questions becomes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assistant.catalogue import Catalogue, UnitMention
from assistant.model import Status
from assistant.query import Kind, Query
from assistant.service import Assistant
from assistant.understand import understand
from corpus.model import Role
from corpus.units import load_units

HEALTH = "澜河省2031年基层医疗服务提升实施方案"


@pytest.fixture(scope="module")
def catalogue(assistant: Assistant) -> Catalogue:
    """The three invented plans."""
    return Catalogue(assistant.plans, load_units())


def last(assistant: Assistant, *turns: str) -> Query:
    return assistant.read(turns)[0]


# earlier turn, later turn, kind, topic, plans, scope
CARRIED = [
    # another role of the same task
    ("澜河省家庭医生签约由谁牵头?", "配合的呢?", Kind.OWNER, "家庭医生签约", ("health",), (HEALTH, "家庭医生签约")),
    ("家庭医生签约由谁牵头?", "谁配合?", Kind.OWNER, "家庭医生签约", None, ("家庭医生签约",)),
    # the same question of another plan: the plan is not taken over, the task is
    ("澜河省家庭医生签约由谁牵头?", "那碧野自治州呢?", Kind.OWNER, "家庭医生签约", ("river",), ("家庭医生签约",)),
    # a new subject drops the old one and keeps plan and kind
    ("澜河省家庭医生签约由谁牵头?", "那药品目录呢?", Kind.OWNER, "药品目录", ("health",), (HEALTH,)),
    # a subject and a question of its own keep the plan alone
    ("澜河省家庭医生签约由谁牵头?", "药品目录有什么要求?", Kind.FACT, "药品目录有什么要求", ("health",), (HEALTH,)),
    # nothing is taken over where the turn names its own plan, subject and question
    ("澜河省家庭医生签约由谁牵头?", "碧野自治州清理垃圾由谁牵头?", Kind.OWNER, "清理垃圾", ("river",), ()),
    # the number of the clause that was asked about
    ("澜河省家庭医生签约由谁牵头?", "这条是第几项?", Kind.OWNER, "家庭医生签约", ("health",), (HEALTH, "家庭医生签约")),
    # seats go on in the plan
    ("云汀市领导小组组长是谁?", "副组长呢?", Kind.ROSTER, "副组长", ("bus",), ("云汀市2033年公共交通便民工作要点",)),
]  # fmt: skip


@pytest.mark.parametrize(("before", "turn", "kind", "topic", "plans", "scope"), CARRIED)
def test_what_is_taken_over_and_said(
    assistant: Assistant,
    before: str,
    turn: str,
    kind: Kind,
    topic: str,
    plans: tuple[str, ...] | None,
    scope: tuple[str, ...],
) -> None:
    query = last(assistant, before, turn)
    assert (query.kind, query.topic, query.plans, query.scope) == (kind, topic, plans, scope)


def test_what_is_taken_over_can_be_left_out_of_each_turn(assistant: Assistant) -> None:
    turns = ["澜河省家庭医生签约由谁牵头?", "配合的呢?"]
    whole = assistant.ask(turns)
    assert (whole.scope, whole.scope_kinds) == ([HEALTH, "家庭医生签约"], ["plans", "subject"])
    alone = assistant.ask(turns, without=[["plans"]])
    assert alone.scope == ["家庭医生签约"]
    assert assistant.ask(turns, without=[["subject"]]).status is Status.CLARIFY
    assert assistant.ask(turns, without=[["subject", "plans"]]).scope == []
    # what a turn left out is not there for the next one either, and blank turns count for nothing
    later = [*turns, " ", "那谁负责?"]
    assert assistant.ask(later, without=[["plans"], [], []]).scope == ["家庭医生签约"]
    assert assistant.ask(later).scope == [HEALTH, "家庭医生签约"]


def test_bodies_that_were_taken_over_can_be_left_out(assistant: Assistant) -> None:
    turns = ["碧野自治州清理垃圾由谁牵头?", "这家单位一共有几项任务?"]
    assert "units" in assistant.ask(turns).scope_kinds
    assert "units" not in assistant.ask(turns, without=[["units"]]).scope_kinds
    turns = ["省卫健委有哪些任务?", "其中有几项是配合?"]
    assert "units" in assistant.ask(turns).scope_kinds
    assert "units" not in assistant.ask(turns, without=[["units"]]).scope_kinds


def test_a_number_is_taken_over_with_its_plan(assistant: Assistant) -> None:
    query = last(assistant, "澜河省第4条由谁牵头?", "配合单位呢?")
    assert (query.numbers, query.plans, query.roles) == ((4,), ("health",), frozenset({Role.SUPPORT}))
    assert query.scope == (HEALTH, "第4项")


def test_a_new_number_replaces_the_old_one(assistant: Assistant) -> None:
    query = last(assistant, "澜河省第4条由谁牵头?", "第3条呢?")
    assert (query.kind, query.numbers, query.plans) == (Kind.OWNER, (3,), ("health",))
    assert query.roles == {Role.LEAD}


# earlier turn, later turn, units, roles
LISTED = [
    ("省卫健委牵头哪些任务?", "省医保局呢?", ["省医保局"], {Role.LEAD}),  # the body is new, the role is not
    ("省卫健委牵头哪些任务?", "配合的呢?", ["省卫健委"], {Role.SUPPORT}),  # the role is new, the body is not
    ("澜河省省卫健委有哪些任务?", "有几项是牵头?", ["省卫健委"], {Role.LEAD}),  # counts in the list before
    ("省卫健委有哪些任务?", "其中有几项是配合?", ["省卫健委"], {Role.SUPPORT}),
]


@pytest.mark.parametrize(("before", "turn", "units", "roles"), LISTED)
def test_a_listing_goes_on(assistant: Assistant, before: str, turn: str, units: list[str], roles: set[Role]) -> None:
    query = last(assistant, before, turn)
    assert query.kind is Kind.TASKS
    assert [unit.words for unit in query.units] == units
    assert query.roles == roles


def test_a_figure_after_a_listing_is_still_a_fact(assistant: Assistant) -> None:
    query = last(assistant, "省卫健委有哪些任务?", "乡村医生每年培训多少人?")
    assert query.kind is Kind.FACT
    assert query.units == ()


def test_the_field_of_a_document_is_taken_over(assistant: Assistant) -> None:
    query = last(assistant, "澜河省方案的文号是什么?", "那云汀市呢?")
    assert (query.kind, query.plans) == (Kind.DOCUMENT, ("bus",))
    assert "文号" in query.text


def test_another_region_stays_another_region(assistant: Assistant) -> None:
    assert last(assistant, "澜河省家庭医生签约由谁牵头?", "四川省呢?").foreign == "四川省"
    assert last(assistant, "四川省家庭医生签约由谁牵头?", "配合的呢?").foreign == "四川省"


def test_a_chain_of_turns_is_taken_over_step_by_step(assistant: Assistant) -> None:
    query = last(assistant, "澜河省家庭医生签约由谁牵头?", "那药品目录呢?", "配合的呢?")
    assert (query.topic, query.plans, query.roles) == ("药品目录", ("health",), frozenset({Role.SUPPORT}))


def test_a_first_turn_takes_over_nothing(assistant: Assistant) -> None:
    assert last(assistant, "澜河省配合的呢?").scope == ()


# -- the bodies of the answer before --------------------------------------------------------------------------


def test_this_unit_is_the_one_of_the_answer_before(catalogue: Catalogue) -> None:
    asked: list[tuple[str, ...]] = []

    def answered(turns: Sequence[str]) -> list[UnitMention]:
        asked.append(tuple(turns))
        return [UnitMention("省卫生健康委", 0, 0, {"health": ("省卫生健康委",)})]

    turns = ["澜河省家庭医生签约由谁牵头?", "这家单位还有哪些任务?"]
    query = understand(turns, catalogue, None, answered)[0]
    assert asked == [(turns[0],)]
    assert query.kind is Kind.TASKS
    assert [unit.words for unit in query.units] == ["省卫生健康委"]
    assert query.plans == ("health",)
    assert "省卫生健康委" in query.scope


def test_this_unit_with_a_name_of_its_own_asks_no_answer(catalogue: Catalogue) -> None:
    def never(turns: Sequence[str]) -> list[UnitMention]:
        raise AssertionError(turns)

    query = understand(["家庭医生签约由谁牵头?", "这家单位和省医保局有哪些任务?"], catalogue, None, never)[0]
    assert [unit.words for unit in query.units] == ["省医保局"]


# -- several questions in one turn ----------------------------------------------------------------------------

PARTS = [
    ("澜河省家庭医生签约谁牵头?谁配合?", [Kind.OWNER]),  # one task, two roles
    ("碧野自治州巡查归谁管?具体哪家单位?", [Kind.OWNER]),
    ("县域医疗中心由谁牵头?清理河道垃圾由谁负责?", [Kind.OWNER, Kind.OWNER]),  # two subjects
    ("首位为牵头的规定能用到碧野自治州吗?河湖巡查制度由谁牵头?", [Kind.RULE, Kind.OWNER]),  # two kinds
    ("省卫健委牵头哪几项?配合的不要。", [Kind.TASKS]),  # what is not wanted is no question
]


@pytest.mark.parametrize(("turn", "kinds"), PARTS)
def test_a_turn_of_several_questions(assistant: Assistant, turn: str, kinds: list[Kind]) -> None:
    assert [query.kind for query in assistant.read([turn])] == kinds
