"""An editor's corrections of who is responsible, kept apart from the plan and laid over it whenever it is read.

A correction belongs to a clause: to its path, and to its words (``anchor``). It is found again when the plan is read
by new code, and in a new version of the plan where the clause has moved; where no clause, or more than one, has these
words it is an orphan: kept and reported, and never laid over another clause.

What the plan says stays what is quoted. Only who is responsible, and by when, is the editor's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from corpus.fold import fold, simplify, squeeze
from corpus.model import Assignment, Basis, Clause, ClauseKind, Party, Plan, Role, Span

MAX_NAME = 60  # characters of one name
MAX_NAMES = 200  # of one role
MAX_NOTE = 500
_SHOWN = 60  # characters of an anchor that can be read; the rest is a hash
# What a clause opens with and loses or changes where others come before it: 43. (二) 第三条 3.2 ① and the cell | 3 |.
_NUMBER = re.compile(
    r"[\s(\[〔【|]{0,4}(?:\d{1,3}(?:\.\d{1,3}){0,4}(?![\d年月日%])|[①-⑳]|第\d{1,3}[章节条项款]|第?[一二三四五六七八九十百零]{1,5}[)\]〕】.、章节条项款])"
)
_BY_RULE = frozenset({Basis.DOCUMENT_RULE, Basis.CHAPTER_RULE, Basis.INHERITED})
# An item of a list or a goal may be assigned; headings and lines of a roster hand nothing to an answer.
CORRECTABLE = frozenset({ClauseKind.TASK})


@dataclass(frozen=True, slots=True)
class Correction:
    """Who is responsible for one clause, as an editor has it. All four lists empty: the plan names nobody."""

    path: str  # "三/(二)/43"
    part: int
    anchor: str  # the clause's words, from ``anchor_of``
    lead: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    implicit: tuple[str, ...] = ()  # by a sentence elsewhere in the plan
    deadline: str = ""
    note: str = ""  # the editor's reason
    at: str = ""  # ISO 8601 with the offset from UTC
    by: str = ""  # who corrected it; "" while there is no log-in

    @property
    def key(self) -> tuple[str, int, str]:
        """(path, part, anchor): what tells corrections of one plan apart."""
        return (self.path, self.part, self.anchor)

    @property
    def names_nobody(self) -> bool:
        """Whether the clause is to have no assignment at all."""
        return not (self.lead or self.support or self.responsible or self.implicit)


@dataclass(frozen=True, slots=True)
class Corrected:
    """A plan with corrections laid over it."""

    plan: Plan
    applied: tuple[tuple[Correction, Clause], ...] = ()  # with the clause that each was laid over
    orphans: tuple[Correction, ...] = ()  # no clause, or more than one, has the words they were made for


def anchor_of(plan: Plan, clause: Clause) -> str:
    """The words by which a clause is known again: folded, without its number, without white space and punctuation.

    Its title belongs to them, and so do the words that assign it: a correction does not outlive what it corrected. They
    hang on the span of the clause alone, so that reading it better changes nothing. Of long clauses the beginning
    and a hash.
    """
    words = fold(plan.quote(clause.span))
    number = _NUMBER.match(words)
    words = squeeze(words[number.end() :] if number else words)
    if len(words) <= 2 * _SHOWN:
        return words
    return f"{words[:_SHOWN]}…{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def correction_of(
    plan: Plan,
    clause: Clause,
    *,
    lead: Iterable[str] = (),
    support: Iterable[str] = (),
    responsible: Iterable[str] = (),
    implicit: Iterable[str] = (),
    deadline: str = "",
    note: str = "",
    at: str = "",
    by: str = "",
) -> Correction:
    """A correction of one clause of a plan, its names as names are shown. Raises ``ValueError`` with the fault."""
    return cleaned(
        Correction(
            clause.path,
            clause.part,
            anchor_of(plan, clause),
            tuple(lead),
            tuple(support),
            tuple(responsible),
            tuple(implicit),
            deadline,
            note,
            at,
            by,
        )
    )


def cleaned(correction: Correction) -> Correction:
    """The same with its names as names are shown: simplified, without white space, each once.

    Raises ``ValueError``, its text one line, for a name that is none, too many names or a note that is too long.
    """
    lists = {role: _names(role, getattr(correction, role)) for role in ("lead", "support", "responsible", "implicit")}
    twice = [n for n in lists["implicit"] if any(n in lists[r] for r in ("lead", "support", "responsible"))]
    if twice:
        raise ValueError(f"{twice[0]} is listed twice; leave it in one of the lists")
    deadline = "".join(correction.deadline.split())
    if len(deadline) > MAX_NAME:
        raise ValueError(f"the deadline has more than {MAX_NAME} characters; shorten it")
    if len(correction.note) > MAX_NOTE:
        raise ValueError(f"the note has more than {MAX_NOTE} characters; shorten it")
    return replace(
        correction,
        lead=lists["lead"],
        support=lists["support"],
        responsible=lists["responsible"],
        implicit=lists["implicit"],
        deadline=deadline,
        note=" ".join(correction.note.split()),
    )


def _names(role: str, names: Sequence[str]) -> tuple[str, ...]:
    if len(names) > MAX_NAMES:
        raise ValueError(f"{role} has more than {MAX_NAMES} names; shorten the list")
    found = []
    for name in names:
        shown = simplify(name)
        if not shown.isprintable() or not any(char.isalnum() for char in shown) or len(shown) > MAX_NAME:
            raise ValueError(f"{role} has {name[:20]!r}, which is no name of a body; correct or remove it")
        if set(shown) & set(",;、。"):
            raise ValueError(f"{role} has {name[:20]!r}, which is several names; write one name an entry")
        found.append(shown)
    return tuple(dict.fromkeys(found))


def merged(kept: Sequence[Correction], new: Iterable[Correction]) -> tuple[Correction, ...]:
    """``kept`` with ``new`` in the place of those of the same clause."""
    by_key = {correction.key: correction for correction in kept}
    by_key.update({correction.key: correction for correction in new})
    return tuple(sorted(by_key.values(), key=lambda c: (c.path, c.part, c.anchor)))


def apply(plan: Plan, corrections: Sequence[Correction]) -> Corrected:
    """The plan with these assignments in the place of those that were read."""
    if not corrections:
        return Corrected(plan)
    anchors = {(c.path, c.part): anchor_of(plan, c) for c in plan.clauses if c.kind in CORRECTABLE}
    keys_of: dict[str, list[tuple[str, int]]] = {}
    for key, anchor in anchors.items():
        keys_of.setdefault(anchor, []).append(key)
    assignments = dict(plan.assignment_by_key)
    applied: list[tuple[Correction, Clause]] = []
    orphans: list[Correction] = []
    taken: set[tuple[str, int]] = set()
    # Those that stand where they stood come first: one that has moved never takes their place.
    for correction in sorted(corrections, key=lambda c: anchors.get((c.path, c.part)) != c.anchor):
        key = (correction.path, correction.part)
        if anchors.get(key) != correction.anchor:
            found = keys_of.get(correction.anchor, [])
            key = found[0] if len(found) == 1 else ("", 0)
        clause = plan.by_key.get(key)
        if clause is None or key in taken:
            orphans.append(correction)
            continue
        taken.add(key)
        applied.append((correction, clause))
        assignments.pop(key, None)
        if not correction.names_nobody:
            assignments[key] = _assignment(plan, clause, correction)
    order = {(c.path, c.part): place for place, c in enumerate(plan.clauses)}
    in_order = tuple(assignments[key] for key in sorted(assignments, key=lambda key: order[key]))
    named = [p.name for a in in_order for p in a.parties] + [p.unit for p in plan.people if p.unit]
    emptied = tuple((c.path, c.part) for correction, c in applied if correction.names_nobody)
    made = replace(plan, assignments=in_order, mentioned=tuple(dict.fromkeys(named)), emptied=emptied)
    return Corrected(made, tuple(applied), tuple(orphans))


def _assignment(plan: Plan, clause: Clause, correction: Correction) -> Assignment:
    read = plan.assignment(clause)
    before = {(p.name, p.role): p for p in reversed(read.parties)} if read else {}
    parties = [
        _party(plan, clause, read, before.get((name, role)), name, role)
        for role in Role
        for name in getattr(correction, role.value)
    ]
    by_name = {p.name: p for p in before.values() if p.implicit}
    for name in correction.implicit:
        known = by_name.get(name)
        parties.append(known or Party(name, Role.RESPONSIBLE, None, implicit=True))
    # A ranking rule would claim that the plan's order decided; a rule that adds still explains what it added.
    rule = read.rule if read and read.rule and read.implicit and correction.implicit else None
    implied = read.deadline_implicit if read and correction.deadline == read.deadline_implicit else ""
    return Assignment(
        path=clause.path,
        part=clause.part,
        parties=tuple(parties),
        basis=read.basis if read and rule and read.basis in _BY_RULE else Basis.STATED,
        raw=read.raw if read else None,
        rule=rule,
        deadline="" if implied else correction.deadline,
        deadline_implicit=implied,
        open_list=read.open_list if read else False,
        prose=read.prose if read else False,
        corrected=True,
    )


def _party(plan: Plan, clause: Clause, read: Assignment | None, before: Party | None, name: str, role: Role) -> Party:
    """A party with the place where the clause writes its name, None where it does not."""
    if before is not None and not before.implicit:
        return before
    for other in read.parties if read else ():
        if other.name == name and not other.implicit:  # read with another role
            return replace(other, role=role)
    mention = None
    for place in (read.raw if read and read.raw and clause.span.holds(read.raw) else None, clause.span):
        mention = mention or (written_at(plan.text, place, name) if place else None)
    return Party(name, role, mention)


def written_at(text: str, within: Span, name: str) -> Span | None:
    """The last place in a stretch of text that writes a name, white space and script apart; None where none does."""
    folded = fold(within.of(text))
    kept = [at for at, char in enumerate(folded) if not char.isspace()]
    wanted = fold(name)
    found = "".join(folded[at] for at in kept).rfind(wanted) if wanted else -1
    if found < 0:
        return None
    return Span(within.start + kept[found], within.start + kept[found + len(wanted) - 1] + 1)
