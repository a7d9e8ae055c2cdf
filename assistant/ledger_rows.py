"""The tasks of a plan as the ledger lists them, read once for each plan and kept as long as the plan is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.draft import row_of
from assistant.due import due_by, year_of
from assistant.holder import Asker
from assistant.kept import KeptOfPlans
from assistant.model import ROLES, AssignmentRow
from assistant.wording import shortened
from corpus.fold import simplify, squeeze
from corpus.model import Clause, ClauseKind, Plan

BIT = {role: 1 << place for place, role in enumerate(ROLES)}  # roles as one number, so that comparing them is quick
ANY = sum(BIT.values())
DEPTH = 2  # levels of headings that are offered: chapter and section
LONGEST_HEAD = 60  # code points of a heading that has no title of its own


Place = tuple[str, str]  # (plan, path of a chapter or section)
Body = tuple[str, str]  # (plan, the name that the ledger lists a unit under)


@dataclass(frozen=True, slots=True, eq=False)
class Party:
    """A unit of a row: by its name there, by the name that the ledger lists it under, and its roles (``BIT``).

    Rows of a plan that name it alike share the object, and it is known by itself.
    """

    name: str
    body: Body
    roles: int
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger: an assignment, or a task for which the plan names nobody (``parties`` is empty then)."""

    row: AssignmentRow
    clause: Clause
    parties: tuple[Party, ...]
    bodies: tuple[Body, ...]  # of the parties, each once
    heads: tuple[Place, ...]  # chapter and section
    words: str  # title and text, squeezed
    headings: str  # the headings above it, squeezed
    due: date | None
    held: int  # the roles that somebody has, as ``BIT`` counts them

    @property
    def deadline(self) -> str:
        """The deadline in the plan's words, "" for none."""
        return self.row.deadline or self.row.deadline_implicit

    @property
    def units(self) -> int:
        """How many units are named."""
        return len(self.parties)


@dataclass(frozen=True, slots=True)
class PlanRows:
    """What the ledger knows of one plan."""

    entries: tuple[Entry, ...]  # in the order of the text
    read: int  # clauses that state a task: all were read
    heads: tuple[tuple[str, str], ...]  # (path, heading) of chapters and sections with rows below them
    bodies: tuple[Body, ...]  # the units, in the text's order
    parties: tuple[Party, ...]  # those of the rows, each once


_kept: KeptOfPlans[PlanRows] = KeptOfPlans()


def plan_rows(assistant: Asker, plan: Plan) -> PlanRows:
    """The rows of one plan, those that name nobody too."""
    return _kept.of(plan, lambda: _read(plan, assistant.bodies(plan.id)))


def _read(plan: Plan, bodies: Sequence[Sequence[str]]) -> PlanRows:
    listed = [(plan.id, names[0]) for names in bodies]
    home = {name: body for body, names in zip(listed, bodies, strict=True) for name in names}
    known: dict[tuple[str, int, tuple[str, ...]], Party] = {}
    places: dict[Place, Place] = {}
    assigned = {assignment.path for assignment in plan.assignments if assignment.parties}
    year = year_of(plan.meta)
    entries: list[Entry] = []
    for clause in plan.clauses:
        assignment = plan.assignment(clause)
        named = assignment is not None and bool(assignment.parties)
        if not named and (clause.part or clause.path in assigned or clause.kind is not ClauseKind.TASK):
            continue
        row = row_of(plan, clause, assignment)
        if not named:
            row = row.model_copy(update={"basis": ""})  # a deadline may stand there all the same
        parties = _parties(row, home, known)
        entries.append(
            Entry(
                row=row,
                clause=clause,
                parties=parties,
                bodies=tuple(dict.fromkeys(party.body for party in parties)),
                heads=tuple(places.setdefault(place, place) for place in _heads(plan.id, clause.path)),
                words=squeeze(f"{clause.title} {plan.quote(clause.span)}"),
                headings=squeeze(" ".join(clause.headings)),
                due=due_by(row.deadline or row.deadline_implicit, year),
                held=sum(bit for role, bit in BIT.items() if getattr(row, role)),
            )
        )
    # A clause at the level of sections is offered as one where others stand below it.
    held = {head for entry in entries for _, head in entry.heads if head != entry.row.clause or "/" not in head}
    return PlanRows(
        entries=tuple(entries),
        read=sum(1 for clause in plan.tasks() if not clause.part),
        heads=tuple((c.path, _heading(plan, c)) for c in plan.clauses if not c.part and c.path in held),
        bodies=tuple(listed),
        parties=tuple(known.values()),
    )


def _parties(
    row: AssignmentRow, home: Mapping[str, Body], known: dict[tuple[str, int, tuple[str, ...]], Party]
) -> tuple[Party, ...]:
    roles: dict[str, int] = {}
    for role, bit in BIT.items():
        for name in getattr(row, role):
            roles[name] = roles.get(name, 0) | bit
    parties = []
    for name, held in roles.items():
        key = name, held, tuple(row.aliases.get(name, ()))
        if key not in known:
            known[key] = Party(name, home.get(name, (row.plan, name)), held, key[2])
        parties.append(known[key])
    return tuple(parties)


def _heads(plan: str, path: str) -> tuple[Place, ...]:
    """A clause's chapter and section, itself too where it is one: ``三/(二)/43`` → ``三``, ``三/(二)``."""
    levels = path.split("/")
    return tuple((plan, "/".join(levels[:depth])) for depth in range(1, min(DEPTH, len(levels)) + 1))


def _heading(plan: Plan, clause: Clause) -> str:
    """A heading as it is shown: in simplified characters, with its number."""
    first = plan.quote(clause.span).strip().split("\n")[0]
    return shortened(simplify(first), LONGEST_HEAD)
