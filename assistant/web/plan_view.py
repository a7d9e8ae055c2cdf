"""A plan as its editor reads it: the clause tree, the words that assign marked, what was not understood, who is named.

Plain values for a template; nothing here is HTML.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from assistant.render import deadlines, plan_link, slug
from assistant.web.told import told
from assistant.wording import shortened
from corpus.corrections import CORRECTABLE, Corrected, written_at
from corpus.model import Assignment, Clause, Note, Plan, Role, Span
from corpus.report import LEFT_OUT, ReadingReport, reading_report
from corpus.units import UnitTable

LONGEST = 4_000  # characters of one clause that are shown; the page of the whole plan has the rest
DEEPEST = 5
LISTS = ("lead", "support", "responsible", "implicit")

Look = Literal["note", "unassigned", "absent", "strange"]  # why a clause needs a look


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a clause's text: plain, its title, words that assign, or words that were not understood."""

    text: str
    kind: Literal["", "title", "who", "odd"] = ""


@dataclass(frozen=True, slots=True)
class Named:
    """One body in one role."""

    name: str
    role: str  # lead, support, responsible or implicit
    absent: bool = False  # the clause does not write its name, and no rule of the plan adds it
    strange: bool = False  # the table of units does not know it, and it does not end as offices do


@dataclass(frozen=True, slots=True)
class Who:
    """Who is responsible for a clause, and by when."""

    names: tuple[Named, ...] = ()
    deadline: str = ""
    basis: str = ""  # of corpus/model.py, "" where nobody is named
    rule: str = ""  # the sentence of the plan that ranks or adds

    def of(self, role: str) -> list[str]:
        """The names in one role."""
        return [named.name for named in self.names if named.role == role]


@dataclass(frozen=True, slots=True)
class Row:
    """One clause of the tree."""

    path: str
    part: int
    anchor: str  # of its place in the page
    depth: int
    kind: str
    page: int | None  # of the source
    pieces: tuple[Piece, ...]
    cut: bool  # whether its text goes on
    who: Who
    read: Who | None  # what the plan was read as, where an editor has it otherwise
    note: str  # the editor's reason
    by: str  # who corrected it; "" while there is no log-in
    looks: tuple[Look, ...]
    correctable: bool
    link: str  # to its place in the whole plan


@dataclass(frozen=True, slots=True)
class Tree:
    """Every clause of a plan in its order, with the reading report on it."""

    rows: tuple[Row, ...]
    report: ReadingReport
    to_look_at: tuple[Row, ...]  # the clauses that need a look
    places: Mapping[tuple[str, int], int]  # where in ``rows`` each (path, part) stands


def who_of(plan: Plan, clause: Clause, assignment: Assignment | None, strange: Collection[str] = ()) -> Who:
    """An assignment as it is shown; ``strange`` are the names that nobody knows."""
    if assignment is None:
        return Who()
    names = [
        Named(
            party.name,
            role.value,
            party.mention is None and written_at(plan.text, clause.span, party.name) is None,
            party.name in strange and not assignment.corrected,
        )
        for role in Role
        for party in assignment.parties
        if party.role is role and not party.implicit
    ]
    names += [Named(p.name, "implicit", p.mention is None) for p in assignment.parties if p.implicit]
    rule = plan.quote(assignment.rule) if assignment.rule else ""
    return Who(tuple(names), deadlines(assignment), str(assignment.basis), rule)


def tree(read: Plan, corrected: Corrected, units: UnitTable, lang: str = "") -> Tree:
    """The clauses of a plan as it was read, with what laying corrections over it gave."""
    shown = corrected.plan
    report = reading_report(shown, corrected, units)
    corrections = {(clause.path, clause.part): correction for correction, clause in corrected.applied}
    silent = {(place.clause, place.part) for place in report.unassigned} - set(corrections)
    strange = {unit.name for unit in report.strange_units}
    notes = notes_by_clause(read)
    rows = []
    for clause in read.clauses:
        key = (clause.path, clause.part)
        who = who_of(shown, clause, shown.assignment(clause), strange)
        correction = corrections.get(key)
        own = notes.get(key, ())
        looks: dict[Look, bool] = {
            "note": any(note.kind not in LEFT_OUT for note in own) and correction is None,
            "unassigned": key in silent,
            "absent": any(named.absent for named in who.names),
            "strange": any(named.strange for named in who.names),
        }
        pieces, cut = _pieces(read, clause, read.assignment(clause), own)
        rows.append(
            Row(
                path=clause.path,
                part=clause.part,
                anchor=slug(clause.path, clause.part),
                depth=min(clause.path.count("/") + (1 if clause.part else 0), DEEPEST),
                kind=str(clause.kind),
                page=clause.page,
                pieces=pieces,
                cut=cut,
                who=who,
                read=who_of(read, clause, read.assignment(clause)) if correction else None,
                note=correction.note if correction else "",
                by=correction.by if correction else "",
                looks=tuple(why for why, so in looks.items() if so),
                correctable=clause.kind in CORRECTABLE,
                link=plan_link(read.id, clause.path, clause.part, clause.span.start, clause.span.end, lang),
            )
        )
    places = {(row.path, row.part): at for at, row in enumerate(rows)}
    return Tree(tuple(rows), report, tuple(row for row in rows if row.looks), places)


def notes_by_clause(plan: Plan) -> dict[tuple[str, int], tuple[Note, ...]]:
    """Each note with the innermost clause that it begins in; one outside all clauses with the clause before it."""
    ordered = sorted(plan.clauses, key=lambda clause: (clause.span.start, -clause.span.end, clause.part))
    starts = [clause.span.start for clause in ordered]
    found: dict[tuple[str, int], list[Note]] = {}
    for note in plan.notes:
        at = bisect_right(starts, note.span.start) - 1
        holding = at
        while holding >= 0 and ordered[holding].span.end <= note.span.start and at - holding < 50:
            holding -= 1
        clause = ordered[max(holding if holding >= 0 and at - holding < 50 else at, 0)] if ordered else None
        if clause is not None:
            found.setdefault((clause.path, clause.part), []).append(note)
    return {key: tuple(notes) for key, notes in found.items()}


def _pieces(
    plan: Plan, clause: Clause, assignment: Assignment | None, notes: Sequence[Note]
) -> tuple[tuple[Piece, ...], bool]:
    """The clause's text in runs, at most ``LONGEST`` characters of it, and whether that is less than all."""
    span = Span(clause.span.start, min(clause.span.end, clause.span.start + LONGEST))
    marks: list[tuple[Span, Literal["title", "who", "odd"]]] = []
    if assignment and assignment.raw:
        marks.append((assignment.raw, "who"))
    number_ends = max(clause.body.start, clause.span.start + 1)
    for note in notes:
        about_number = note.kind == "numbering" and clause.span.holds(note.span)
        marks.append((Span(note.span.start, max(number_ends, note.span.start)) if about_number else note.span, "odd"))
    if clause.title and (at := plan.text.find(clause.title, span.start, span.end)) >= 0:
        marks.append((Span(at, at + len(clause.title)), "title"))
    edges = {span.start, span.end}
    edges.update(edge for mark, _ in marks for edge in (mark.start, mark.end) if span.start < edge < span.end)
    pieces = []
    for start, end in pairwise(sorted(edges)):
        kind = next((kind for mark, kind in marks if mark.start <= start and end <= mark.end), "")
        pieces.append(Piece(plan.text[start:end], kind))  # type: ignore[arg-type]
    return tuple(pieces), span.end < clause.span.end


@dataclass(frozen=True, slots=True)
class At:
    """Which part of a tree a page shows."""

    path: str  # of the page
    page: int
    pages: int
    only: bool  # only what needs a look
    linked: bool  # whether the whole plan has a page to link to
    carried: frozenset[tuple[str, int]] = frozenset()  # clauses whose correction cannot be taken back here

    @property
    def query(self) -> dict[str, int | None]:
        """Its parameters in an address."""
        return {"page": self.page if self.page > 1 else None, "only": 1 if self.only else None}


ROWS_A_PAGE = 100
NOTE_KINDS = frozenset({"bracket", "unit", "numbering", "hidden", "junk"})  # that pages have words for


def page_of(whole: Tree, path: str, page: int, only: bool, seen: str, linked: bool) -> tuple[At, Sequence[Row]]:
    """The rows that a page of a tree shows; one that was just corrected (``seen``, its anchor) stays in sight."""
    rows = [row for row in whole.rows if row.looks or row.anchor == seen] if only else whole.rows
    pages = max(1, -(-len(rows) // ROWS_A_PAGE))
    page = min(page, pages)
    return At(path, page, pages, only, linked), rows[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]


def place_of(whole: Tree, path: str, part: int) -> dict[str, int | None]:
    """The parameters of the page of all rows that a clause stands on."""
    at = whole.places.get((path, part), 0)
    return {"page": at // ROWS_A_PAGE + 1 if at >= ROWS_A_PAGE else None}


@dataclass(frozen=True, slots=True)
class Found:
    """A place that the report tells of, on the pages of the tree and in the whole plan."""

    text: str
    path: str  # of the clause
    anchor: str
    where: dict[str, int | None]  # parameters of the page of the tree
    link: str  # to the place in the whole plan
    count: int = 1  # of clauses that it holds for


def report_places(read: Plan, whole: Tree, lang: str = "") -> dict[str, list[Found]]:
    """What needs a look and what was left out, by kind, in the order of the text; kinds without any are left out."""
    report = whole.report

    def found(path: str, part: int, text: str, start: int, end: int, count: int = 1) -> Found:
        link = plan_link(read.id, path, part, start, end, lang)
        return Found(text, path, slug(path, part), place_of(whole, path, part), link, count)

    kinds: dict[str, list[Found]] = {}
    for (path, part), notes in notes_by_clause(read).items():
        for note in notes:
            text = _short(read.quote(note.span)) or told(note.message, lang)  # of a whole file: in its own words
            one = found(path, part, text, note.span.start, note.span.end)
            kinds.setdefault(note.kind if note.kind in NOTE_KINDS else "other", []).append(one)
    for unit in report.strange_units:
        at = unit.first
        one = found(at.clause, at.part, unit.name, at.start, at.start, unit.clauses)
        kinds.setdefault("strange", []).append(one)
    for place in report.unassigned:
        clause = read.clause(place.clause, place.part)
        if clause:
            text = _short(read.quote(clause.span))
            one = found(place.clause, place.part, text, clause.span.start, clause.span.end)
            kinds.setdefault("unassigned", []).append(one)
    return kinds


def rule_places(read: Plan, lang: str = "") -> list[tuple[str, Found]]:
    """The plan's own rules (kind, place): sentences that hold for many clauses."""
    found = []
    for rule in read.rules:
        path = next((c.path for c in read.clauses if c.span.holds(rule.span)), "")
        link = plan_link(read.id, path, 0, rule.span.start, rule.span.end, lang)
        found.append((str(rule.kind), Found(_short(read.quote(rule.span)), path, "", {}, link, len(rule.paths))))
    return found


def _short(text: str) -> str:
    return shortened(" ".join(text.split()), LONGEST_PLACE)


LONGEST_PLACE = 120
