"""Two to four plans side by side by subject: who leads where, by when, which figures, what one has and another lacks.

Everything shown is read from the plans; what is worked out here is which tasks stand beside each other
(``assistant/alignment.py``) and what is told of that. Offices of different plans are never taken for one body: 省科技厅
and 市科技局 are of one *kind*, where the table of units knows both, and only kinds are compared.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from assistant.alignment import Alignment, Key, Partners, Row, align, tasks_of
from assistant.alignment_edits import Edit, edited, handle
from assistant.alignment_file import Saved
from assistant.draft import row_of
from assistant.filters import is_group
from assistant.holder import Asker
from assistant.model import AssignmentRow
from assistant.targets import Target, targets_of
from assistant.wording import gist
from corpus.errors import AssistantError
from corpus.fold import fold, simplify, squeeze
from corpus.model import Assignment, Clause, Plan, Span
from corpus.units import UnitTable

FEWEST, MOST = 2, 4  # plans that are compared
MOST_TASKS = 3_000  # of all of them
KEPT = 8  # comparisons that are kept ready
GIST = 60  # characters that a task without a heading is called by

Show = Literal["all", "common", "only", "lead", "deadline", "targets"]


class ComparisonRefused(AssistantError):
    """These plans cannot be compared: too few, too many, one twice, or too many tasks."""


@dataclass(frozen=True)
class Task:
    """A task of one plan, as a cell shows it."""

    plan: Plan
    clause: Clause
    handle: str
    title: str  # its own heading, or its first words, simplified
    targets: tuple[Target, ...]
    kinds: frozenset[str] | None  # of the offices that lead, or of the one that alone is responsible; None: not known

    @property
    def key(self) -> Key:
        """(plan id, path)."""
        return (self.plan.id, self.clause.path)

    @cached_property
    def assignments(self) -> tuple[tuple[Clause, Assignment], ...]:
        """Who is responsible, for the whole and for each part that names somebody itself."""
        found = []
        for part in _parts(self.plan, self.clause):
            assignment = self.plan.assignment(part)
            if assignment is not None:
                found.append((part, assignment))
        return tuple(found)

    @cached_property
    def rows(self) -> tuple[AssignmentRow, ...]:
        """The same in the published form."""
        return tuple(row_of(self.plan, clause, assignment) for clause, assignment in self.assignments)

    @cached_property
    def deadlines(self) -> tuple[str, ...]:
        """By when, in the plan's words."""
        said = [a.deadline or a.deadline_implicit for _, a in self.assignments]
        return tuple(dict.fromkeys(one for one in said if one))

    @property
    def quote(self) -> str:
        """The plan's own characters."""
        return self.plan.quote(self.clause.span)

    @cached_property
    def marks(self) -> tuple[Span, ...]:
        """What of the quote says who, by when and how much; in the order of the text, none overlaps another."""
        span = self.clause.span
        said = [a.raw for _, a in self.assignments if a.raw and span.holds(a.raw)]
        wanted = sorted([*said, *(target.span for target in self.targets)])
        marks: list[Span] = []
        for mark in wanted:
            start = max(mark.start, marks[-1].end if marks else span.start)
            if start < min(mark.end, span.end):
                marks.append(Span(start, min(mark.end, span.end)))
        return tuple(marks)

    @cached_property
    def searched(self) -> str:
        """What a search looks through, folded and without white space."""
        names = [name for row in self.rows for name in (*row.lead, *row.support, *row.responsible, *row.implicit)]
        return squeeze(fold(" ".join([self.title, self.quote, *names])))


@dataclass(frozen=True)
class Subject:
    """One row: what each plan has on a subject."""

    number: int  # from 1, in the order of the whole comparison
    cells: tuple[tuple[Task, ...], ...]  # one for each plan, in their order; () where a plan has nothing

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All of them, plan by plan."""
        return tuple(task for cell in self.cells for task in cell)

    @property
    def handle(self) -> str:
        """How the row is called in an address: as its first task."""
        return self.tasks[0].handle

    @property
    def title(self) -> str:
        """What the row is called: as its first task."""
        return self.tasks[0].title

    @property
    def chapter(self) -> str:
        """The outermost heading above its first task, simplified; "" where there is none."""
        headings = self.tasks[0].clause.headings
        return simplify(headings[0]) if headings else ""

    @cached_property
    def plans(self) -> frozenset[int]:
        """The numbers of the plans that have something, from 0."""
        return frozenset(n for n, cell in enumerate(self.cells) if cell)

    @property
    def common(self) -> bool:
        """Whether more than one plan has something on it."""
        return len(self.plans) > 1

    @cached_property
    def lead(self) -> Literal["", "same", "different"]:
        """Whether offices of one kind lead in all plans that have the subject; "" where that cannot be told.

        That two plans differ is enough for "different"; "same" is said of all or not at all.
        """
        of_plans = [_joined(task.kinds for task in cell) for cell in self.cells if cell]
        known = [kinds for kinds in of_plans if kinds]
        if len(known) < 2:
            return ""
        if not frozenset.intersection(*known):
            return "different"
        return "same" if len(known) == len(of_plans) else ""

    @cached_property
    def deadline_differs(self) -> bool:
        """Whether one plan says another date than another, or says one where another says none."""
        said = [frozenset(when for task in cell for when in task.deadlines) for cell in self.cells if cell]
        return len(set(said)) > 1

    @property
    def has_targets(self) -> bool:
        """Whether any plan sets itself a figure."""
        return any(task.targets for task in self.tasks)

    def shown(self, show: Show, of: int) -> bool:
        """Whether a filter keeps the row; ``of`` is the number of the plan for "only"."""
        return {
            "all": True,
            "common": self.common,
            "only": self.plans == {of},
            "lead": self.lead == "different",
            "deadline": self.common and self.deadline_differs,
            "targets": self.has_targets,
        }[show]


@dataclass(frozen=True)
class Summary:
    """Counts over all rows."""

    subjects: int
    common: int  # in two plans or more
    everywhere: int  # in all
    only: tuple[int, ...]  # of each plan: subjects that no other has
    same_lead: int
    different_lead: int
    different_deadline: int
    with_targets: int


@dataclass(frozen=True)
class Comparison:
    """Plans side by side, as a reader has put them right."""

    plans: tuple[Plan, ...]
    subjects: tuple[Subject, ...]
    rows: tuple[Row, ...]  # the same as keys
    before: tuple[Row, ...]  # without this reader's corrections
    touched: frozenset[Key]
    lost: int  # corrections whose tasks are not there
    base: Base

    @cached_property
    def summary(self) -> Summary:
        """Counts over all rows."""
        each = self.subjects
        return Summary(
            len(each),
            sum(one.common for one in each),
            sum(len(one.plans) == len(self.plans) for one in each),
            tuple(sum(one.plans == {n} for one in each) for n in range(len(self.plans))),
            sum(one.lead == "same" for one in each),
            sum(one.lead == "different" for one in each),
            sum(one.common and one.deadline_differs for one in each),
            sum(one.has_targets for one in each),
        )

    def select(self, show: Show = "all", of: str = "", text: str = "") -> list[Subject]:
        """The rows that a filter and a search keep. ``of``: a plan's id, for "only"; the first plan where unknown."""
        number = next((n for n, plan in enumerate(self.plans) if plan.id == of), 0)
        wanted = squeeze(fold(text))
        return [
            one
            for one in self.subjects
            if one.shown(show, number) and (not wanted or any(wanted in task.searched for task in one.tasks))
        ]

    def task(self, called: str) -> Task | None:
        """A task by its handle."""
        key = self.base.handles.get(called)
        return self.base.tasks[key] if key else None

    def subject_of(self, task: Task) -> Subject:
        """The row that a task stands in."""
        return next(one for one in self.subjects if task in one.cells[self.base.place[task.plan.id]])

    def nearest(self, task: Task, k: int = 5) -> list[Subject]:
        """The rows that a task may belong to instead, the likeliest first."""
        return [self.subjects[n] for n in self.base.alignment.nearest(task.key, self.rows, k)]


@dataclass(frozen=True)
class Base:
    """What does not hang on a reader: the plans, their tasks, and how they are aligned."""

    plans: tuple[Plan, ...]
    tasks: Mapping[Key, Task]
    handles: Mapping[str, Key]
    alignment: Alignment

    @cached_property
    def place(self) -> dict[str, int]:
        """The number of each plan, from 0."""
        return {plan.id: n for n, plan in enumerate(self.plans)}

    def ordered(self, ids: Sequence[str]) -> Base:
        """The same with the plans in the order of ``ids``."""
        if [plan.id for plan in self.plans] == list(ids):
            return self
        plans = tuple(self.plans[self.place[one]] for one in ids)
        return replace(self, plans=plans, alignment=self.alignment.ordered(ids))

    def compared(self, edits: Sequence[Edit] = ()) -> Comparison:
        """The comparison with a reader's corrections."""
        made = edited(self.alignment.rows, self.alignment.keys, edits, self.handles)
        subjects = tuple(self._subject(number, row) for number, row in enumerate(made.rows, 1))
        return Comparison(self.plans, subjects, made.rows, self.alignment.rows, made.touched, made.lost, self)

    def _subject(self, number: int, row: Row) -> Subject:
        cells: list[list[Task]] = [[] for _ in self.plans]
        for key in row:
            cells[self.place[key[0]]].append(self.tasks[key])
        return Subject(number, tuple(map(tuple, cells)))


class Comparisons:
    """Makes comparisons, and keeps the last few ready. Safe to use from several threads.

    What is kept is found by the index and the plans, which whoever asks was let see; it holds nothing of other plans.
    Who asks for one that is just being made waits for it, and the plans may stand in any order.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[object, Base] = OrderedDict()
        self._making: dict[object, Future[Base]] = {}
        self._lock = threading.Lock()

    def get(self, asker: Asker, ids: Sequence[str], units: UnitTable, saved: Saved | None = None) -> Base:
        """The plans with these ids, of those that ``asker`` has, side by side.

        ``saved`` is what editors have put right for everyone. Raises ``ComparisonRefused``.
        """
        plans = [asker.plans[one] for one in ids if one in asker.plans]
        check(plans)
        named = [plan.id for plan in plans]
        known = (asker.fingerprint, tuple(sorted(named)), units, saved.state if saved else ())
        mine: Future[Base] = Future()
        with self._lock:
            base = self._kept.get(known)
            if base is not None:
                self._kept.move_to_end(known)
                return base.ordered(named)
            making = self._making.setdefault(known, mine)
        if making is mine:
            self._make(known, mine, sorted(plans, key=lambda plan: plan.id), asker, units, saved)
        return making.result().ordered(named)

    def _make(
        self,
        known: object,
        mine: Future[Base],
        plans: Sequence[Plan],
        asker: Asker,
        units: UnitTable,
        saved: Saved | None,
    ) -> None:
        """Make a comparison for all who wait for it; what fails is raised to each, and tried again by the next."""
        try:
            base = _made(plans, asker, units, saved.partners if saved else {})
        except BaseException as error:
            with self._lock:
                del self._making[known]
            mine.set_exception(error)
            return
        with self._lock:
            self._kept[known] = base
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            del self._making[known]
        mine.set_result(base)


def check(plans: Sequence[Plan]) -> None:
    """Raises ``ComparisonRefused`` for plans that are not compared."""
    if len({plan.id for plan in plans}) != len(plans) or not FEWEST <= len(plans) <= MOST:
        raise ComparisonRefused(f"choose {FEWEST} to {MOST} different plans to compare")
    count = sum(len(tasks_of(plan)) for plan in plans)
    if count > MOST_TASKS:
        raise ComparisonRefused(
            f"the plans have {count} tasks together, and at most {MOST_TASKS} are compared; choose fewer plans"
        )


def _made(plans: Sequence[Plan], asker: Asker, units: UnitTable, partners: Partners) -> Base:
    aligned = align(plans, {plan.id: asker.clause_vectors(plan.id) for plan in plans}, partners)
    tasks = {}
    for plan in plans:
        for clause in tasks_of(plan):
            title = simplify(clause.title) or gist(plan, clause, plan.assignment(clause), GIST)
            kinds = _kinds(plan, clause, units)
            task = Task(plan, clause, handle(plan, clause), title, targets_of(plan, clause), kinds)
            tasks[task.key] = task
    return Base(tuple(plans), tasks, {task.handle: key for key, task in tasks.items()}, aligned)


def _parts(plan: Plan, clause: Clause) -> list[Clause]:
    """A clause and the parts of it that have assignees of their own."""
    found = [clause]
    while (part := plan.clause(clause.path, len(found))) is not None:
        found.append(part)
    return found


def _kinds(plan: Plan, clause: Clause, units: UnitTable) -> frozenset[str] | None:
    names: list[str] = []
    for part in _parts(plan, clause):
        assignment = plan.assignment(part)
        if assignment:
            alone = assignment.responsible if len(assignment.responsible) == 1 else ()
            names += assignment.lead or alone
    if not names or any(is_group(name) for name in names):
        return None
    kinds = {units.key(name).office for name in names}
    # A name that the table does not know may be another way to say one that it does.
    return frozenset(kinds) if all(units.office(kind) is not None for kind in kinds) else None


def _joined(kinds: Iterable[frozenset[str] | None]) -> frozenset[str]:
    """The kinds of several tasks; none where one of them is not known."""
    found: set[str] = set()
    for one in kinds:
        if one is None:
            return frozenset()
        found |= one
    return frozenset(found)
