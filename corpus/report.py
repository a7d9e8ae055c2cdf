"""What reading made of a plan, for the person who adds it: how much is assigned and by what, and what is unclear.

A report is short. What was not understood is listed with its place, every strange name once.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from corpus.corrections import Corrected, Correction
from corpus.fold import simplify
from corpus.model import Assignment, Basis, Clause, ClauseKind, Plan, Span
from corpus.units import UnitTable, load_units

LONGEST_QUOTE = 80  # characters of a quote in a report
_GROUP = re.compile("各|全|有关|相关|其他|所有")
# Notes of these kinds tell of words that reading left out on purpose.
LEFT_OUT = frozenset({"hidden", "junk"})
_NUMBERING = "numbering"


@dataclass(frozen=True, slots=True)
class Place:
    """A clause, as a report names it."""

    clause: str  # its path
    part: int
    title: str  # its heading, or the first of its words
    start: int  # code points of the plan's text


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A sentence that holds for several clauses."""

    kind: str  # first_listed, document_rule, chapter_rule
    sentence: str
    scope: str  # in words
    clauses: int  # to how many it was applied
    start: int


@dataclass(frozen=True, slots=True)
class Unclear:
    """Words that were not understood, or left out."""

    kind: str  # "bracket", "unit", "numbering", "junk", "hidden" …
    message: str
    quote: str
    clause: str  # path of the innermost clause that holds them, "" for none
    start: int


@dataclass(frozen=True, slots=True)
class StrangeUnit:
    """A name taken for a body that the table of units does not know, and that does not end as offices do."""

    name: str
    clauses: int  # whose assignment names it
    first: Place


@dataclass(frozen=True, slots=True)
class CorrectedClause:
    """A correction that was laid over the plan, or an orphan, whose ``clause`` is where it was made for."""

    clause: str
    part: int
    note: str
    at: str
    by: str


@dataclass(frozen=True, slots=True)
class ReadingReport:
    """The report on one plan. All counts are of clauses, not of their parts."""

    plan: str
    title: str
    file: str
    characters: int
    clauses: int
    tasks: int
    assigned: int  # tasks for which anybody is named, in a part of them too
    by_basis: dict[str, int]  # how we know, for those: stated, first_listed …; a task may count for two
    unassigned: tuple[Place, ...]
    rules: tuple[RuleLine, ...]
    people: int
    units: int  # different names
    not_understood: tuple[Unclear, ...]
    numbering: tuple[Unclear, ...]  # numbers of which a part is missing, or that stand twice; read all the same
    left_out: tuple[Unclear, ...]
    strange_units: tuple[StrangeUnit, ...]
    corrected: tuple[CorrectedClause, ...]
    orphans: tuple[CorrectedClause, ...]

    def as_dict(self) -> dict[str, Any]:
        """As ``report --json`` prints it (docs/interfaces.md)."""
        return asdict(self)


def reading_report(plan: Plan, corrected: Corrected | None = None, units: UnitTable | None = None) -> ReadingReport:
    """What reading made of a plan. ``corrected`` is what laying corrections over it gave, and ``plan`` its plan."""
    units = units or load_units()
    tasks = [clause for clause in plan.tasks() if not clause.part]
    of: dict[str, list[Assignment]] = {}
    for assignment in plan.assignments:
        if assignment.parties:
            of.setdefault(assignment.path, []).append(assignment)
    bases = Counter(str(basis) for task in tasks for basis in {a.basis for a in of.get(task.path, [])})
    unclear = [_unclear(plan, note.kind, note.message, note.span) for note in plan.notes]
    return ReadingReport(
        plan=plan.id,
        title=plan.meta.title,
        file=plan.meta.file,
        characters=len(plan.text),
        clauses=sum(1 for clause in plan.clauses if not clause.part),
        tasks=len(tasks),
        assigned=sum(task.path in of for task in tasks),
        by_basis={str(basis): bases[str(basis)] for basis in Basis if bases[str(basis)]},
        unassigned=tuple(_place(plan, task) for task in tasks if task.path not in of),
        rules=tuple(
            RuleLine(str(rule.kind), _shown(plan, rule.span), rule.scope, len(rule.paths), rule.span.start)
            for rule in plan.rules
        ),
        people=len(plan.people),
        units=len({party.name for assignment in plan.assignments for party in assignment.parties}),
        not_understood=tuple(one for one in unclear if one.kind not in {*LEFT_OUT, _NUMBERING}),
        numbering=tuple(one for one in unclear if one.kind == _NUMBERING),
        left_out=tuple(one for one in unclear if one.kind in LEFT_OUT),
        strange_units=tuple(_strange(plan, units)),
        corrected=tuple(_corrected(c, clause.path, clause.part) for c, clause in corrected.applied)
        if corrected
        else (),
        orphans=tuple(_corrected(c, c.path, c.part) for c in corrected.orphans) if corrected else (),
    )


def is_strange(name: str, units: UnitTable) -> bool:
    """Whether a name is of no body that the table knows, no group, and does not end as offices do."""
    bare = re.sub(r"\([^()]*\)", "", name)
    if _GROUP.match(bare) or units.is_office(bare):
        return False
    return units.office(bare) is None and units.office(units.key(bare).office) is None


def _strange(plan: Plan, units: UnitTable) -> Iterator[StrangeUnit]:
    named: dict[str, list[Assignment]] = {}
    for assignment in plan.assignments:
        for name in dict.fromkeys(party.name for party in assignment.parties if not assignment.corrected):
            named.setdefault(name, []).append(assignment)
    for name, found in named.items():
        first = plan.clause(found[0].path, found[0].part)
        if first is not None and is_strange(name, units):
            yield StrangeUnit(name, len(found), _place(plan, first))


def _place(plan: Plan, clause: Clause) -> Place:
    words = clause.title or plan.quote(clause.body) or plan.quote(clause.span)
    shown = simplify(words[:LONGEST_QUOTE])
    return Place(clause.path, clause.part, shown if len(shown) <= 40 else shown[:40] + "…", clause.span.start)


def _unclear(plan: Plan, kind: str, message: str, span: Span) -> Unclear:
    holding = [c for c in plan.clauses if not c.part and c.span.holds(span) and c.kind is not ClauseKind.FRONT]
    home = min(holding, key=lambda c: c.span.end - c.span.start, default=None)
    return Unclear(kind, message, _shown(plan, span), home.path if home else "", span.start)


def _shown(plan: Plan, span: Span) -> str:
    words = " ".join(plan.quote(span).split())
    return words if len(words) <= LONGEST_QUOTE else words[:LONGEST_QUOTE] + "…"


def _corrected(correction: Correction, path: str, part: int) -> CorrectedClause:
    return CorrectedClause(path, part, correction.note, correction.at, correction.by)
