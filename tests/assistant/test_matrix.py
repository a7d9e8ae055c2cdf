"""The matrix, the load, the network and the checks, held against the assignments, the chat and the gold."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.checks import KINDS, checks_of, counted
from assistant.filters import is_group
from assistant.holder import Asker
from assistant.ledger_rows import plan_rows
from assistant.load import loads_of, plan_threshold, threshold_of
from assistant.matrix import Choice, Matrix, chapters_of, known_units, matrix_of, units_of
from assistant.model import ROLES
from assistant.partners import network_of
from assistant.service import Assistant
from corpus.model import Assignment, Basis, Clause, ClauseKind, Party, Plan, PlanMeta, Role, Span
from tests.corpus.gold import PLANS as SHIPPED_IDS
from tests.corpus.gold import rows as gold_rows
from tests.corpus.gold import shipped

UNITS = ["市甲局", "市乙局", "市丙局", "各县(市)人民政府", "市丁中心"]


@pytest.fixture(scope="module")
def plans() -> dict[str, Plan]:
    return {plan_id: shipped(plan_id) for plan_id in SHIPPED_IDS}


Parties = list[tuple[str, str, bool]]  # unit, role, whether a rule adds it


def made(tasks: list[Parties], deadlines: list[str] | None = None, text: str = "做好工作。") -> Plan:
    """A plan of one task a line, two tasks a chapter but for the last one."""
    clauses, assignments, at = [], [], 0
    lines = []
    for number, parties in enumerate(tasks):
        line = f"{number + 1}.{text}\n"
        span = Span(at, at + len(line) - 1)
        path = f"{'一二三四五六七八九'[min(number // 2, 8)]}/{number + 1}"
        clauses.append(Clause("made", path, 0, number + 1, "", (), ClauseKind.TASK, span, span))
        named = tuple(Party(unit, Role(role), None, implicit) for unit, role, implicit in parties)
        if named:
            when = deadlines[number] if deadlines else ""
            assignments.append(Assignment(path, 0, named, Basis.STATED, None, deadline=when))
        lines.append(line)
        at += len(line)
    return Plan(PlanMeta(id="made", title="某方案"), "".join(lines), tuple(clauses), tuple(assignments))


party = st.tuples(st.sampled_from(UNITS), st.sampled_from([str(r) for r in Role]), st.booleans())
plan_of = st.lists(st.lists(party, max_size=5), min_size=1, max_size=12).map(made)
choice_of = st.builds(
    Choice,
    chapter=st.sampled_from(["", "一", "二", "无"]),
    units=st.lists(st.sampled_from([*UNITS, "不存在局"]), unique=True, max_size=2).map(tuple),
    role=st.sampled_from(["", *ROLES]),
    singles=st.booleans(),
    unassigned=st.booleans(),
    sort=st.sampled_from(["plan", "load"]),
)


def assert_sums(matrix: Matrix) -> None:
    """Rows, columns, chapters and the whole are the same number, for each kind too."""
    cells = [(row, unit, cell) for row in matrix.rows for unit, cell in row.cells.items()]
    assert matrix.assignments == len(cells) == sum(column.tasks for column in matrix.columns)
    assert matrix.assignments == sum(chapter.assignments for chapter in matrix.chapters)
    held = Counter(kind for _, _, cell in cells for kind in cell.kinds)
    assert matrix.counts == {kind: held[kind] for kind in ROLES}
    for column in matrix.columns:
        of = [(row, cell) for row, unit, cell in cells if unit == column.unit]
        assert column.tasks == len(of) == sum(column.chapters.values()) > 0
        assert dict(column.counts) == {kind: sum(kind in cell.kinds for _, cell in of) for kind in ROLES}
    assert {unit for _, unit, _ in cells} == {column.unit for column in matrix.columns}


@given(plan_of, choice_of)
@settings(max_examples=60, deadline=None)
def test_sums_are_the_assignments_that_meet_the_choice(plan: Plan, choice: Choice) -> None:
    matrix = matrix_of(plan, choice)
    assert_sums(matrix)
    # By brute force over what the plan says, without the code of the matrix.
    wanted: set[tuple[str, str, str]] = set()
    for a in plan.assignments:
        named = {
            (p.name, "implicit" if p.implicit else str(p.role))
            for p in a.parties
            if choice.role in ("", "implicit" if p.implicit else str(p.role))
        }
        if choice.chapter not in ("", a.path.split("/")[0]):
            continue
        if choice.units and not {name for name, _ in named} & set(choice.units):
            continue
        wanted |= {(a.path, name, kind) for name, kind in named}
    tasks = Counter(name for _, name in {(path, name) for path, name, _ in wanted})
    left_out = {n for n, count in tasks.items() if not choice.singles and count == 1 and n not in choice.units}
    shown = {(row.clause.path, unit, kind) for row in matrix.rows for unit, c in row.cells.items() for kind in c.kinds}
    assert shown == {one for one in wanted if one[1] not in left_out}
    assert set(matrix.hidden) == left_out
    assert sum(row.hidden for row in matrix.rows) == len(left_out)


@given(plan_of, choice_of)
@settings(max_examples=60, deadline=None)
def test_what_is_shown_of_a_plan_moves_no_threshold(plan: Plan, choice: Choice) -> None:
    tasks = Counter(name for a in plan.assignments for name in {p.name for p in a.parties} if not is_group(name))
    threshold = plan_threshold(matrix_of(plan, choice))
    assert threshold == threshold_of(list(tasks.values()))


@given(plan_of)
@settings(max_examples=40, deadline=None)
def test_the_network_counts_each_pair_of_each_task_once(plan: Plan) -> None:
    network = network_of(plan)
    by_hand: Counter[frozenset[str]] = Counter()
    led: Counter[tuple[str, str]] = Counter()
    for a in plan.assignments:
        names = {p.name for p in a.parties}
        by_hand.update(frozenset(pair) for pair in combinations(sorted(names), 2))
        leads = {p.name for p in a.parties if p.role is Role.LEAD}
        helps = {p.name for p in a.parties if p.role is Role.SUPPORT}
        led.update((one, other) for one in leads for other in helps if one != other)
    assert {frozenset((edge.one, edge.other)): edge.weight for edge in network.edges} == dict(by_hand)
    for edge in network.edges:
        assert (edge.forward, edge.backward) == (led[edge.one, edge.other], led[edge.other, edge.one])
        assert all(edge.one in row.cells and edge.other in row.cells for row in edge.tasks)
    small = network.narrowed(most=2, at_least=2)
    assert len(small.nodes) <= 2
    assert all(edge.weight >= 2 for edge in small.edges)
    assert {unit for edge in small.edges for unit in (edge.one, edge.other)} <= {node.unit for node in small.nodes}
    assert [node.tasks for node in network.nodes] == sorted((node.tasks for node in network.nodes), reverse=True)


def test_what_is_shown_of_a_matrix_can_be_chosen() -> None:
    lead, support = ("市甲局", "lead", False), ("市乙局", "support", False)
    plan = made(
        [[lead, support], [lead], [("市丙局", "responsible", False), ("各县(市)人民政府", "support", True)], []]
    )
    every = matrix_of(plan)
    assert [column.unit for column in every.columns] == ["市甲局", "市乙局", "市丙局", "各县(市)人民政府"]
    assert [chapter.path for chapter in every.chapters] == ["一", "二"]
    assert (every.tasks, len(every.rows), every.assignments) == (3, 4, 5)
    assert every.rows[2].cells["各县(市)人民政府"].kinds == ("implicit",)
    assert every.rows[2].cells["各县(市)人民政府"].roles == (Role.SUPPORT,)
    assert [column.unit for column in matrix_of(plan, Choice(role="lead")).columns] == ["市甲局"]
    busy = matrix_of(plan, Choice(singles=False))
    assert [column.unit for column in busy.columns] == ["市甲局"]
    assert [row.hidden for row in busy.rows] == [1, 0, 2, 0]
    assert busy.tasks == 3
    assert len(matrix_of(plan, Choice(unassigned=False)).rows) == 3
    second = matrix_of(plan, Choice(units=("市乙局",)))
    assert [column.unit for column in second.columns] == ["市乙局", "市甲局"]
    assert matrix_of(plan, Choice(chapter="九")).rows == ()
    assert known_units(plan, ["不存在局", "市丙局", "市甲局"]) == ("市甲局", "市丙局")
    assert units_of(plan) == [column.unit for column in every.columns]
    assert chapters_of(plan) == [("一", ""), ("二", "")]


def test_a_task_whose_parts_an_editor_emptied_names_nobody() -> None:
    plan = made([[("市甲局", "lead", False)], [("市乙局", "lead", False)]])
    task = plan.clauses[0]
    part = replace(task, part=1)
    emptied = replace(plan.assignments[0], part=1, parties=())
    plan = replace(plan, clauses=(task, part, plan.clauses[1]), assignments=(emptied, plan.assignments[1]))
    assert [(row.clause.path, row.clause.part, row.assignment is None) for row in matrix_of(plan).rows] == [
        ("一/1", 0, True),
        ("一/2", 0, False),
    ]
    assert [f.row.clause.path for f in checks_of(plan, ["unassigned"]).findings if f.row] == ["一/1"]
    # One part that names somebody is the task's assignment.
    held = replace(plan, assignments=(replace(emptied, parties=plan.assignments[1].parties), plan.assignments[1]))
    assert [(row.clause.path, row.clause.part) for row in matrix_of(held).rows] == [("一/1", 1), ("一/2", 0)]


@pytest.mark.parametrize("plan_id", SHIPPED_IDS)
def test_matrix_and_ledger_have_the_same_tasks_whatever_an_editor_emptied(plan_id: str, plans: dict[str, Plan]) -> None:
    plan = plans[plan_id]
    parts = tuple(replace(one, parties=()) if one.part else one for one in plan.assignments)
    every = tuple(replace(one, parties=()) for one in plan.assignments)
    for edited in (plan, replace(plan, assignments=parts), replace(plan, assignments=every)):
        entries = plan_rows(cast("Asker", SimpleNamespace(bodies=lambda _: ())), edited).entries
        listed = {(entry.clause.path, entry.clause.part, bool(entry.parties)) for entry in entries}
        assert {(r.clause.path, r.clause.part, bool(r.cells)) for r in matrix_of(edited).rows} == listed


@pytest.mark.parametrize("plan_id", SHIPPED_IDS)
def test_the_shipped_plans_add_up(plan_id: str, plans: dict[str, Plan]) -> None:
    plan = plans[plan_id]
    matrix = matrix_of(plan)
    assert_sums(matrix)
    assert matrix.assignments == sum(len({p.name for p in a.parties}) for a in plan.assignments)
    assert matrix.tasks == sum(1 for a in plan.assignments if a.parties)
    for row in matrix.rows:
        assert plan.quote(row.quote).strip()
        assert row.title
    shares = loads_of(matrix)
    assert [load.column.tasks for load in shares] == sorted((c.tasks for c in matrix.columns), reverse=True)
    assert all(0 < load.share <= 1 for load in shares)


def test_the_network_says_what_the_chat_answers(assistant: Assistant) -> None:
    asked = 0
    for plan in assistant.plans.values():
        network = network_of(plan)
        for node in network.nodes:
            answer = assistant.ask([f"{node.unit}和哪些单位一起干活?"], [plan.id])
            told = {
                name: count
                for one, other, count in ((e.one, e.other, e.weight) for e in network.edges)
                for name in (one, other)
                if node.unit in (one, other) and name != node.unit
            }
            if "列在同一任务" not in answer.text:
                continue
            asked += 1
            for name, count in told.items():
                assert f"{name}（{count}项）" in answer.text, (plan.id, node.unit)
            assert answer.count == len(told)
    assert asked >= 8


# -- checks -----------------------------------------------------------------------------------------------------


def gold() -> dict[tuple[str, str], list[dict[str, Any]]]:
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in gold_rows("clauses"):
        if row["required"]:
            rows.setdefault((row["plan"], row["clause_id"].partition("#")[0]), []).append(row)
    return rows


def test_checks_are_those_of_the_gold(plans: dict[str, Plan]) -> None:
    """Who leads and who is alone by the gold, which was written by people, is who the checks find."""
    found: dict[str, set[tuple[str, str]]] = {kind: set() for kind in KINDS}
    for plan in plans.values():
        for finding in checks_of(plan).findings:
            if finding.row:
                found[finding.kind].add((plan.id, finding.row.clause.path))
    expected: dict[str, set[tuple[str, str]]] = {kind: set() for kind in KINDS}
    for place, rows in gold().items():
        for row in rows:
            stated = [*row["lead"], *row["support"], *row["responsible"]]
            bracket = row["kind"] != "named_body"  # which is a sentence on what a body does
            if bracket and len(stated) > 1 and not row["lead"]:
                expected["no_lead"].add(place)
            if len(row["lead"]) > 1:
                expected["two_leads"].add(place)
            names = stated + row["implicit"]
            if names and all(map(is_group, names)):
                expected["group_only"].add(place)
        # A task whose sentences name somebody names somebody.
        if all(not row[role] for row in rows for role in ROLES):
            expected["unassigned"].add(place)
    for kind in ("no_lead", "two_leads", "group_only", "unassigned"):
        assert found[kind] == expected[kind], (kind, found[kind] ^ expected[kind])
    assert {kind: len(places) for kind, places in expected.items() if places} == {
        "unassigned": 42, "no_lead": 18, "two_leads": 4, "group_only": 12
    }  # fmt: skip


def test_each_finding_rests_on_its_clause(plans: dict[str, Plan]) -> None:
    for plan in plans.values():
        checks = checks_of(plan)
        assert counted([checks]) == {kind: len(checks.of(kind)) for kind in KINDS}
        for finding in checks.findings:
            if finding.row is None:
                assert finding.column
                assert finding.column.unit == finding.units[0]
                continue
            assert plan.quote(finding.row.quote).strip()
            assignment = plan.assignment(finding.row.clause)
            assert set(finding.units) <= {p.name for p in assignment.parties} if assignment else not finding.units


def test_a_unit_that_a_rule_adds_makes_no_clause_one_of_several_units() -> None:
    plan = made(
        [
            [("市甲局", "responsible", False), ("各县(市)人民政府", "responsible", True)],
            [("市甲局", "responsible", False), ("市乙局", "responsible", False)],
            [("市甲局", "lead", False), ("市乙局", "support", False)],
        ]
    )
    assert [f.row.clause.path for f in checks_of(plan, ["no_lead"]).findings if f.row] == ["一/2"]


def test_a_lead_with_a_date_in_the_bracket_or_in_the_task_has_one() -> None:
    lead = [("市甲局", "lead", False)]
    assert [f.kind for f in checks_of(made([lead])).findings] == ["no_deadline"]
    assert checks_of(made([lead], ["2031年6月底前"])).findings == ()
    assert checks_of(made([lead], text="2031年6月底前建成平台。")).findings == ()


def test_who_has_far_more_than_the_others() -> None:
    units = [f"市{name}局" for name in "甲乙丙丁戊己"]
    tasks = [[(units[0], "lead", False), (unit, "support", False)] for unit in units[1:]]
    tasks += [[(units[0], "lead", False), ("各县(市)人民政府", "support", False)]] * 4
    plan = made(tasks)
    heavy = checks_of(plan, ["overloaded"])
    assert [finding.units for finding in heavy.findings] == [(units[0],)]  # the group has four, and is nobody
    limit = heavy.threshold
    counts = [9, 1, 1, 1, 1, 1]
    assert (limit.median, limit.deviation) == (statistics.median(counts), 0)
    assert checks_of(plan, ["overloaded"], least=10).findings == ()
    assert plan_threshold(matrix_of(plan), factor=0).tasks == 1
    assert checks_of(made([[]]), ["overloaded"]).findings == ()
