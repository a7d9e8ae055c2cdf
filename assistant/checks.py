"""What a reader may want to ask the office that wrote a plan: who leads, who has too much, by when.

Each finding says what the plan names or does not name; that is no judgement, for an office may want it so. The plan's
own rules are counted in: where one makes the first of several units the lead there is a lead, and a unit that a rule
adds to every clause (各县均有…) makes no clause one of several units.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from assistant.filters import is_group
from assistant.load import FACTOR, LEAST, Threshold, plan_threshold
from assistant.matrix import Column, Row, matrix_of
from corpus.fold import fold
from corpus.model import Plan, Role
from corpus.phrases import DEADLINE

Kind = Literal["unassigned", "group_only", "no_lead", "two_leads", "no_deadline", "overloaded"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found. ``row`` is the clause; None where it is about a unit, which ``column`` then has."""

    kind: Kind
    plan: Plan
    row: Row | None
    units: tuple[str, ...]  # that the finding is about, in the plan's order
    column: Column | None = None


@dataclass(frozen=True, slots=True)
class PlanChecks:
    """Everything found in one plan."""

    plan: Plan
    findings: tuple[Finding, ...]  # by kind in the order of KINDS, then as the plan has them
    tasks: int  # that name somebody
    threshold: Threshold  # of "overloaded"
    dated: bool  # whether any assignment of the plan has a deadline

    def of(self, kind: str) -> tuple[Finding, ...]:
        """The findings of one kind."""
        return tuple(finding for finding in self.findings if finding.kind == kind)


def checks_of(plan: Plan, kinds: Collection[str] = KINDS, factor: float = FACTOR, least: int = LEAST) -> PlanChecks:
    """The findings of some kinds in one plan; ``factor`` and ``least`` make the threshold of "overloaded"."""
    matrix = matrix_of(plan)
    threshold = plan_threshold(matrix, factor, least)
    found = [
        Finding(kind, plan, row, units)
        for row in matrix.rows
        for kind, units in _of_row(plan, row).items()
        if kind in kinds
    ]
    if "overloaded" in kinds:
        heavy = sorted((c for c in matrix.columns if threshold.exceeded(c)), key=lambda c: -c.tasks)
        found += [Finding("overloaded", plan, None, (column.unit,), column) for column in heavy]
    found.sort(key=lambda finding: KINDS.index(finding.kind))
    dated = any(row.deadline for row in matrix.rows)
    return PlanChecks(plan, tuple(found), matrix.tasks, threshold, dated)


def counted(checks: Collection[PlanChecks]) -> dict[Kind, int]:
    """How many findings of each kind there are."""
    return {kind: sum(len(one.of(kind)) for one in checks) for kind in KINDS}


def _of_row(plan: Plan, row: Row) -> Mapping[Kind, tuple[str, ...]]:
    """What is found of one clause: kind → the units that it is about."""
    assignment = row.assignment
    if assignment is None:
        return {"unassigned": ()}
    named = tuple(dict.fromkeys(party.name for party in assignment.parties))
    stated = tuple(dict.fromkeys(party.name for party in assignment.parties if not party.implicit))
    leads = tuple(dict.fromkeys(party.name for party in assignment.parties if party.role is Role.LEAD))
    found: dict[Kind, tuple[str, ...]] = {}
    if named and all(map(is_group, named)):
        found["group_only"] = named
    # A body and what it must do (各地要…): each sentence is one body's own, and nothing there could have named a lead.
    if len(stated) > 1 and not leads and not assignment.prose:
        found["no_lead"] = stated
    if len(leads) > 1:
        found["two_leads"] = leads
    if leads and not _says_when(plan, row):
        found["no_deadline"] = leads
    return found


def _says_when(plan: Plan, row: Row) -> bool:
    """Whether the assignment has a deadline, or the clause speaks of a date by which something is to be done."""
    return bool(row.deadline) or DEADLINE.search(fold(plan.quote(row.quote))) is not None
