"""What a plan is made of. Data only: no reading, no rules.

All offsets count code points in ``Plan.text``; the invariant behind everything is
``plan.text[span.start:span.end] == quote`` for each clause, mention, passage and citation.
The classes are plain frozen dataclasses; ``plan_to_json`` and ``plan_from_json`` are the one way
in and out of a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points in a plan's text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: {self.start}..{self.end}")

    def of(self, text: str) -> str:
        """The characters of ``text`` that the span covers."""
        return text[self.start : self.end]

    def holds(self, other: Span) -> bool:
        """Whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


class Role(StrEnum):
    """What an assignment makes of a unit (docs/interfaces.md, "Roles")."""

    LEAD = "lead"  # 牵头, 主责单位, A in "A会同B"
    SUPPORT = "support"  # 配合, 参与, 协助, 协办, B in "A会同B"
    RESPONSIBLE = "responsible"  # 负责, 落实, 责任单位, 按职责分工负责


class Basis(StrEnum):
    """How we know who is responsible."""

    STATED = "stated"  # the clause itself says it
    FIRST_LISTED = "first_listed"  # the plan's rule makes the first of several the lead
    DOCUMENT_RULE = "document_rule"  # a sentence elsewhere adds units
    CHAPTER_RULE = "chapter_rule"  # a sentence for one chapter or range adds units
    INHERITED = "inherited"  # from the parent item or heading


class ClauseKind(StrEnum):
    """What a stretch of the outline is."""

    FRONT = "front"  # 首部: letterhead, title, addressees, page metadata that belongs to the plan
    PREFACE = "preface"  # 前言: text before the first chapter
    HEADING = "heading"  # a title that only groups what follows
    GENERAL = "general"  # guiding text of a chapter such as 指导思想, that states no task
    TASK = "task"  # a task, goal, duty or safeguard: what somebody has to do
    ROSTER = "roster"  # a line of a list of people
    CLOSING = "closing"  # 文末: text after the last clause


@dataclass(frozen=True, slots=True)
class Clause:
    """One stretch of the outline. ``plan`` and ``path`` and ``part`` identify it.

    ``part`` 0 is the clause itself; sentences of one clause with different assignees are further
    clauses with the same path and ``part`` 1, 2, … whose spans lie inside that of part 0.
    """

    plan: str
    path: str  # "三/(二)/43"
    part: int
    no: int | None  # the running number where it is unique in the plan
    title: str  # the clause's own short heading, "" if it has none
    headings: tuple[str, ...]  # the headings above it, outermost first, as the plan writes them
    kind: ClauseKind
    span: Span  # from its number to its assignment
    body: Span  # what is to be done, without number and assignment
    page: int | None = None  # 1-based, where the source has pages

    @property
    def key(self) -> tuple[str, str, int]:
        """(plan, path, part): identity is the place, not the text."""
        return (self.plan, self.path, self.part)


@dataclass(frozen=True, slots=True)
class Party:
    """One unit in one role. ``name`` is shown: simplified, prefix restored, no alias or remark."""

    name: str
    role: Role
    mention: Span | None  # where the plan writes it; for an implicit party, in the rule's sentence
    implicit: bool = False  # added by a sentence elsewhere in the same plan
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who is responsible for one clause: at most one for each (path, part)."""

    path: str
    part: int
    parties: tuple[Party, ...]
    basis: Basis
    raw: Span | None  # the bracket, label line, cell or sentence that says it
    rule: Span | None = None  # the sentence of the rule, where the basis is one
    deadline: str = ""
    deadline_implicit: str = ""
    open_list: bool = False  # the plan ends the list with 等
    prose: bool = False  # a body and what it must do, not a bracket, label or cell
    corrected: bool = False  # by an editor (``corpus/corrections.py``); what is quoted stays the plan's

    def names(self, role: Role) -> tuple[str, ...]:
        """The stated units in a role, in the plan's order."""
        return tuple(p.name for p in self.parties if p.role is role and not p.implicit)

    @property
    def lead(self) -> tuple[str, ...]:
        return self.names(Role.LEAD)

    @property
    def support(self) -> tuple[str, ...]:
        return self.names(Role.SUPPORT)

    @property
    def responsible(self) -> tuple[str, ...]:
        return self.names(Role.RESPONSIBLE)

    @property
    def implicit(self) -> tuple[str, ...]:
        """Units added by a sentence elsewhere in the plan, whatever role it gives them."""
        return tuple(p.name for p in self.parties if p.implicit)

    @property
    def implicit_roles(self) -> dict[str, list[str]]:
        """Which role the rule gives to each implicit unit: ``{"responsible": ["各县(市)人民政府"]}``."""
        roles: dict[str, list[str]] = {}
        for party in self.parties:
            if party.implicit:
                roles.setdefault(str(party.role), []).append(party.name)
        return roles

    @property
    def aliases(self) -> dict[str, list[str]]:
        """Other names that the plan gives a unit in brackets: ``{"市市场监管局": ["市知识产权局"]}``."""
        return {p.name: list(p.aliases) for p in self.parties if p.aliases}


@dataclass(frozen=True, slots=True)
class Rule:
    """A sentence that holds for many clauses of its own plan, and for no other plan."""

    kind: Basis  # FIRST_LISTED, DOCUMENT_RULE or CHAPTER_RULE
    span: Span
    scope: str  # in words: which clauses it holds for
    paths: tuple[str, ...] = ()  # the clauses that it was applied to
    parties: tuple[Party, ...] = ()  # the units that it adds; empty for FIRST_LISTED


@dataclass(frozen=True, slots=True)
class Person:
    """One line of a roster."""

    name: str
    post: str
    unit: str
    role: str  # 组长, 副组长, 成员
    group: str  # the body whose roster it is
    path: str
    span: Span
    other_roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """Something that reading did not understand or left out, for the reading report. Never guessed at."""

    kind: str  # "bracket", "unit", "numbering"; "junk" and "hidden" for what was left out
    message: str
    span: Span  # empty, at the start, where it speaks of the whole file


@dataclass(frozen=True, slots=True)
class PlanMeta:
    """What plan.toml says of a plan; empty strings where the plan is silent."""

    id: str
    title: str = ""
    issuer: str = ""
    issuer_stated: bool = True
    number: str = ""  # 文号
    issue_date: str = ""  # YYYY-MM-DD
    publish_date: str = ""
    region: str = ""  # 甘肃省, 山东省淄博市
    level: str = ""  # province, prefecture, city, county
    period: str = ""  # 2020年
    nicknames: tuple[str, ...] = ()  # further names that people use for it
    source: str = ""  # where it came from
    file: str = ""  # name of the source file
    sha256: str = ""  # of the source file


@dataclass(frozen=True)
class Plan:
    """A plan as read: its text, outline, assignments, rules and people."""

    meta: PlanMeta
    text: str
    clauses: tuple[Clause, ...]  # in the order of the text, part 0 before its parts
    assignments: tuple[Assignment, ...]
    rules: tuple[Rule, ...] = ()
    people: tuple[Person, ...] = ()
    notes: tuple[Note, ...] = ()
    # The way back: (start in text, start in source, length) of each run copied from the source.
    origins: tuple[tuple[int, int, int], ...] = ()
    mentioned: tuple[str, ...] = field(default=())  # every unit name that the plan writes anywhere
    emptied: tuple[tuple[str, int], ...] = ()  # (path, part) where an editor says that nobody is named

    @property
    def id(self) -> str:
        return self.meta.id

    @cached_property
    def by_key(self) -> dict[tuple[str, int], Clause]:
        """Clauses by (path, part)."""
        return {(c.path, c.part): c for c in self.clauses}

    @cached_property
    def assignment_by_key(self) -> dict[tuple[str, int], Assignment]:
        """Assignments by (path, part)."""
        return {(a.path, a.part): a for a in self.assignments}

    def clause(self, path: str, part: int = 0) -> Clause | None:
        """The clause at a path, or None."""
        return self.by_key.get((path, part))

    def assignment(self, clause: Clause) -> Assignment | None:
        """Who is responsible for a clause, or None where the plan names nobody."""
        return self.assignment_by_key.get((clause.path, clause.part))

    def is_corrected(self, clause: Clause) -> bool:
        """Whether an editor says who is responsible for a clause, or that nobody is."""
        assignment = self.assignment(clause)
        return (clause.path, clause.part) in self.emptied if assignment is None else assignment.corrected

    def quote(self, span: Span) -> str:
        """The plan's own characters."""
        return span.of(self.text)

    @cached_property
    def _tasks(self) -> tuple[Clause, ...]:
        return tuple(c for c in self.clauses if c.kind is ClauseKind.TASK)

    def tasks(self) -> tuple[Clause, ...]:
        """Every clause that states a task or duty; where a clause has parts, itself and its parts."""
        return self._tasks

    @cached_property
    def _of_unit(self) -> dict[str, tuple[tuple[Clause, Assignment], ...]]:
        named: dict[str, list[tuple[Clause, Assignment]]] = {}
        for clause in self.clauses:
            assignment = self.assignment(clause)
            for name in dict.fromkeys(p.name for p in assignment.parties) if assignment else ():
                named.setdefault(name, []).append((clause, assignment))  # type: ignore[arg-type]
        return {name: tuple(found) for name, found in named.items()}

    def assigned_to(self, name: str) -> tuple[tuple[Clause, Assignment], ...]:
        """Every clause whose assignment names a unit, in the plan's order; () where none does."""
        return self._of_unit.get(name, ())


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Plan]:
    from pydantic import TypeAdapter  # imported late: data classes alone need no pydantic

    return TypeAdapter(Plan)


def plan_to_json(plan: Plan) -> bytes:
    """One plan as JSON bytes; ``plan_from_json`` gives an equal plan back."""
    return _adapter().dump_json(plan)


def plan_from_json(data: bytes) -> Plan:
    """A plan from ``plan_to_json``; raises ``pydantic.ValidationError`` on anything else."""
    return _adapter().validate_json(data)
