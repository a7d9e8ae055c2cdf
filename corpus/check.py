"""Every invariant over a plan; used by ``python -m corpus check`` and by the tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from corpus.clean import Cleaned
from corpus.fold import fold, squeeze
from corpus.meta import read_counts
from corpus.model import Plan, Span
from corpus.read import read_source


def counts(plan: Plan) -> dict[str, int]:
    """What plan.toml's [counts] pins: a parsing regression shows as a number that moved."""
    return {
        "clauses": len([c for c in plan.clauses if c.part == 0]),
        "tasks": len([c for c in plan.tasks() if c.part == 0]),
        "assignments": len(plan.assignments),
        "people": len(plan.people),
        "rules": len(plan.rules),
    }


def problems(plan: Plan, folder: Path | None = None) -> Iterator[str]:
    """Each broken invariant in one line; nothing where all hold.

    ``folder`` is the plan's folder: with it the way back to the source characters and the counts of plan.toml
    are checked too.
    """
    size = len(plan.text)
    seen: set[tuple[str, int]] = set()
    for clause in plan.clauses:
        where = f"{plan.id} {clause.path}#{clause.part}"
        if clause.plan != plan.id:
            yield f"{where}: belongs to {clause.plan}"
        if (clause.path, clause.part) in seen:
            yield f"{where}: stands twice"
        seen.add((clause.path, clause.part))
        if not clause.span.end <= size or not plan.quote(clause.span).strip():
            yield f"{where}: its span is empty or outside the text"
        if clause.part == 0 and not clause.span.holds(clause.body):
            yield f"{where}: its body lies outside it"
        whole = plan.clause(clause.path)
        if clause.part and (whole is None or not whole.span.holds(clause.span)):
            yield f"{where}: a part outside its clause"
    for assignment in plan.assignments:
        where = f"{plan.id} {assignment.path}#{assignment.part}"
        owner = plan.clause(assignment.path, assignment.part)
        if owner is None:
            yield f"{where}: an assignment without a clause"
            continue
        for party in assignment.parties:
            if party.mention is not None and not _says(plan, party.mention, party.name):
                yield f"{where}: {party.name} is not what {plan.quote(party.mention)!r} says"
            if party.mention is not None and not party.implicit and not owner.span.holds(party.mention):
                yield f"{where}: {party.name} is named outside its clause"
        if assignment.implicit and assignment.rule is None and not assignment.corrected:
            yield f"{where}: implicit units without a rule"
    for person in plan.people:
        if squeeze(person.name) not in squeeze(plan.quote(person.span)):  # a short name may be set in two
            yield f"{plan.id} {person.path}: {person.name} is not in its line"
    if folder is not None:
        yield from _against_source(plan, folder)


def _says(plan: Plan, mention: Span, name: str) -> bool:
    """Whether a shown name is its mention, perhaps with an inherited prefix."""
    quoted = fold(plan.quote(mention))
    shown = squeeze(name)
    # A remark in brackets is dropped from a name; in 各县(市) the brackets belong to it.
    for words in (quoted, re.sub(r"[(〔\[][^()〔〕\[\]]*[)〕\]]", "", quoted)):
        written = squeeze(words)
        if shown.endswith(written) or written.startswith(shown) or shown in written:
            return True
        end = shown[-len(written) :]  # a slip is mended in the shown name, one character at most
        if len(end) == len(written) and sum(a != b for a, b in zip(end, written, strict=True)) <= 1 < len(written) - 2:
            return True
    return False


def _against_source(plan: Plan, folder: Path) -> Iterator[str]:
    source = read_source(folder / plan.meta.file).text
    cleaned = Cleaned(plan.text, plan.origins)
    wrong = next((i for i, char in enumerate(plan.text) if source[cleaned.to_source(i)] != char), None)
    if wrong is not None:
        yield f"{plan.id}: character {wrong} is not that of the source"
    found = counts(plan)
    for key, value in read_counts(folder).items():
        if found.get(key) != value:
            yield f"{plan.id}: {found.get(key)} {key}, plan.toml says {value}"
