"""Units × tasks of one plan: who has which role in which task, by chapter, complete and counted.

Built from the parsed assignments alone, so that row sums, column sums and the number of assignments are the same
number. What a reader leaves out (a chapter, units, a role, units with a single task) is left out here, and counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from assistant.filters import is_group
from assistant.model import ROLES
from assistant.wording import gist
from corpus.fold import simplify
from corpus.model import Assignment, Clause, ClauseKind, Party, Plan, Role, Span

Sort = Literal["plan", "load"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one unit has to do with one task."""

    unit: str
    # Of ROLES, in their order; nearly always one. Who is added by a sentence elsewhere is "implicit", whatever role
    # that sentence gives him, which stands in ``roles``.
    kinds: tuple[str, ...]
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One task, or a part of it that has assignees of its own."""

    clause: Clause
    assignment: Assignment | None  # None: the plan names nobody
    cells: Mapping[str, Cell]  # by unit, in the plan's order; what is shown
    hidden: int  # units that are named, and whose columns are not shown
    title: str  # the task's own heading, or its first words, simplified

    @property
    def quote(self) -> Span:
        """Its characters in the plan: of the clause, or of the part."""
        return self.clause.span

    @property
    def place(self) -> str:
        """Where it stands, for people: the path, and after ~ the number of the part."""
        return self.clause.path + (f"~{self.clause.part}" if self.clause.part else "")

    def units(self, kind: str) -> tuple[str, ...]:
        """The units shown that have a role of ``ROLES``, in the plan's order."""
        return tuple(unit for unit, cell in self.cells.items() if kind in cell.kinds)

    @property
    def deadline(self) -> str:
        """By when, in the plan's words; "" where it says nothing."""
        assignment = self.assignment
        return (assignment.deadline or assignment.deadline_implicit) if assignment else ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """The tasks below one of the plan's first numbers."""

    path: str
    title: str  # simplified; "" where the plan gives it none
    rows: tuple[Row, ...]

    @property
    def assignments(self) -> int:
        """Cells that are shown."""
        return sum(len(row.cells) for row in self.rows)


@dataclass(frozen=True, slots=True)
class Column:
    """One unit, and what it has in the rows that are shown."""

    unit: str
    group: bool  # 各成员单位: a name that stands for many
    tasks: int
    counts: Mapping[str, int]  # by kind; a unit in two roles in one task counts in both
    chapters: Mapping[str, int]  # tasks by the path of the chapter


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a plan is shown, and in which order its units stand."""

    chapter: str = ""  # path of a chapter; "" for all
    units: tuple[str, ...] = ()  # the tasks that name one of these; () for all
    role: str = ""  # of ROLES: only what is held in this role
    singles: bool = True  # units with one task
    unassigned: bool = True  # tasks that name nobody; never beside units or a role
    sort: Sort = "plan"

    @property
    def every_unit(self) -> bool:
        """Whether each unit of a plan is shown, and all that it has."""
        return not (self.chapter or self.units or self.role) and self.singles


EVERYTHING = Choice()


@dataclass(frozen=True)
class Matrix:
    """See the module's docstring."""

    plan: Plan
    choice: Choice
    chapters: tuple[Chapter, ...]
    columns: tuple[Column, ...]
    hidden: tuple[str, ...]  # units with one task that are left out, in the plan's order

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The tasks of all chapters."""
        return tuple(row for chapter in self.chapters for row in chapter.rows)

    @property
    def tasks(self) -> int:
        """The tasks that name somebody, whether or not his column is shown."""
        return sum(1 for row in self.rows if row.cells or row.hidden)

    @property
    def assignments(self) -> int:
        """Cells that are shown: the sum of the rows, and of the columns."""
        return sum(len(row.cells) for row in self.rows)

    @property
    def counts(self) -> dict[str, int]:
        """How often each kind of ROLES is shown."""
        return {kind: sum(column.counts[kind] for column in self.columns) for kind in ROLES}


def chapters_of(plan: Plan) -> list[tuple[str, str]]:
    """(path, simplified title) of each chapter that holds a task, in the plan's order."""
    found = dict.fromkeys(_chapter(clause.path) for clause, _ in tasks_in(plan))
    return [(path, _title(plan, path)) for path in found]


def units_of(plan: Plan) -> list[str]:
    """The units that have a task, as they first stand in the plan."""
    return list(
        dict.fromkeys(
            party.name for _, assignment in tasks_in(plan) if assignment for party in _in_order(assignment.parties)
        )
    )


def tasks_in(plan: Plan) -> Iterator[tuple[Clause, Assignment | None]]:
    """Every clause that names somebody, and every task that names nobody, itself or in a part; in the plan's order."""
    # A part that an editor emptied names nobody: its task may be one of those, and must not be lost.
    named = {clause.path for clause in plan.clauses if (held := plan.assignment(clause)) and held.parties}
    for clause in sorted(plan.clauses, key=lambda c: (c.span.start, c.part)):
        assignment = plan.assignment(clause)
        if assignment is not None and assignment.parties:
            yield clause, assignment
        elif clause.kind is ClauseKind.TASK and not clause.part and clause.path not in named:
            yield clause, None


def matrix_of(plan: Plan, choice: Choice = EVERYTHING) -> Matrix:
    """The matrix of one plan. A chapter, unit or role that the plan has not gives an empty one."""
    found: list[tuple[Clause, Assignment | None, dict[str, Cell]]] = []
    for clause, assignment in tasks_in(plan):
        if choice.chapter and _chapter(clause.path) != choice.chapter:
            continue
        cells = _cells(assignment, choice.role)
        if choice.units and not any(unit in cells for unit in choice.units):
            continue
        if not cells and (assignment is not None or choice.role or not choice.unassigned):
            continue
        found.append((clause, assignment, cells))
    columns = _columns([(clause, cells) for clause, _, cells in found], choice)
    hidden = [c.unit for c in columns if not choice.singles and c.tasks == 1 and c.unit not in choice.units]
    chapters: dict[str, list[Row]] = {}
    for clause, assignment, cells in found:
        shown = {unit: cell for unit, cell in cells.items() if unit not in hidden}
        row = Row(
            clause,
            assignment,
            shown,
            len(cells) - len(shown),
            simplify(clause.title) or gist(plan, clause, assignment, 60).strip(),
        )
        chapters.setdefault(_chapter(clause.path), []).append(row)
    return Matrix(
        plan,
        choice,
        tuple(Chapter(path, _title(plan, path), tuple(rows)) for path, rows in chapters.items()),
        tuple(column for column in columns if column.unit not in hidden),
        tuple(hidden),
    )


def _cells(assignment: Assignment | None, role: str) -> dict[str, Cell]:
    held: dict[str, list[Party]] = {}
    for party in _in_order(assignment.parties) if assignment else ():
        if role in ("", _kind(party)):
            held.setdefault(party.name, []).append(party)
    return {
        unit: Cell(
            unit,
            tuple(kind for kind in ROLES if any(_kind(party) == kind for party in parties)),
            tuple(dict.fromkeys(party.role for party in parties)),
        )
        for unit, parties in held.items()
    }


def _kind(party: Party) -> str:
    return "implicit" if party.implicit else str(party.role)


def _in_order(parties: Sequence[Party]) -> list[Party]:
    """As the plan writes them; whoever a rule adds comes last."""
    return sorted(parties, key=lambda party: party.implicit)


def _columns(rows: Sequence[tuple[Clause, Mapping[str, Cell]]], choice: Choice) -> list[Column]:
    held: dict[str, list[tuple[Clause, Cell]]] = {}
    for clause, cells in rows:
        for unit, cell in cells.items():
            held.setdefault(unit, []).append((clause, cell))
    columns = []
    for unit, of in held.items():
        chapters: dict[str, int] = {}
        for clause, _ in of:
            chapters[_chapter(clause.path)] = chapters.get(_chapter(clause.path), 0) + 1
        counts = {kind: sum(kind in cell.kinds for _, cell in of) for kind in ROLES}
        columns.append(Column(unit, is_group(unit), len(of), counts, chapters))
    if choice.sort == "load":
        columns.sort(key=lambda column: (-column.tasks, -column.counts["lead"]))
    # Whoever was asked for stands first.
    return sorted(columns, key=lambda column: column.unit not in choice.units)


def _chapter(path: str) -> str:
    return path.split("/", 1)[0]


def _title(plan: Plan, path: str) -> str:
    head = plan.clause(path)
    return simplify(head.title) if head else ""


def known_units(plan: Plan, units: Collection[str]) -> tuple[str, ...]:
    """Those of ``units`` that have a task in the plan, in the plan's order."""
    return tuple(unit for unit in units_of(plan) if unit in units)
