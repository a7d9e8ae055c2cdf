"""What somebody may be about to type: titles of plans, bodies, and clauses by their heading or first words.

By the letters alone, without a model and without a ranking by meaning: it has to be there between two keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from assistant.cite import source_name
from assistant.model import Suggestion
from corpus.fold import simplify, squeeze
from corpus.model import Clause, ClauseKind, Plan

KINDS = ("plan", "unit", "clause")
SHOWN = 60  # code points of a clause that has no heading of its own
LONGEST = 200  # code points that are looked at of what was typed; no title is longer

# Folded way to say a unit → plan id → names in that plan.
Ways = Mapping[str, Mapping[str, Collection[str]]]


@dataclass(frozen=True, slots=True)
class _Entry:
    keys: tuple[str, ...]  # squeezed; what was typed has to stand in one of them
    suggestion: Suggestion


class Suggester:
    """Suggestions over some plans; made once, asked at every key."""

    def __init__(self, plans: Mapping[str, Plan], ways: Ways) -> None:
        self._entries = (*_plans(plans), *_units(plans, ways), *_clauses(plans))

    def suggest(self, typed: str, k: int) -> list[Suggestion]:
        """Up to ``k`` suggestions, best first; none for what has no letter in it.

        What begins with the typed text comes before what merely holds it, a plan before a body before a clause. No
        kind takes more than half of the places while another has something to show.
        """
        wanted = squeeze(typed[:LONGEST])
        if not wanted:
            return []
        found: dict[str, list[tuple[bool, int, _Entry]]] = {kind: [] for kind in KINDS}
        for place, entry in enumerate(self._entries):
            holding = [key for key in entry.keys if wanted in key]
            if holding:
                begins = any(key.startswith(wanted) for key in holding)
                found[entry.suggestion.kind].append((not begins, place, entry))
        ordered = {kind: sorted(of, key=lambda one: one[:2]) for kind, of in found.items()}
        half = -(-k // 2)
        first = [one for kind in KINDS for one in ordered[kind][:half]]
        first += [one for kind in KINDS for one in ordered[kind][half:]]
        return [
            entry.suggestion
            for _, _, entry in sorted(first[:k], key=lambda one: (one[0], KINDS.index(one[2].suggestion.kind), one[1]))
        ]


def _plans(plans: Mapping[str, Plan]) -> Iterator[_Entry]:
    for plan in plans.values():
        title = plan.meta.title or plan.id
        said = (title, plan.meta.number, *plan.meta.nicknames)
        yield _Entry(
            _keys(said),
            Suggestion(kind="plan", text=title, plans=[plan.id], source=source_name(plan)),
        )


def _units(plans: Mapping[str, Plan], ways: Ways) -> Iterator[_Entry]:
    """Bodies by each way to say them, those of most plans first."""
    said: dict[str, dict[str, set[str]]] = {}  # name → plan → ways
    for way, of in ways.items():
        for plan, names in of.items():
            for name in names:
                said.setdefault(name, {}).setdefault(plan, set()).add(way)
    order = {plan: number for number, plan in enumerate(plans)}
    for name, where in sorted(said.items(), key=lambda item: (-len(item[1]), item[0])):
        keys = _keys({name, *(way for of in where.values() for way in of)})
        yield _Entry(keys, Suggestion(kind="unit", text=name, plans=sorted(where, key=order.__getitem__)))


def _clauses(plans: Mapping[str, Plan]) -> Iterator[_Entry]:
    for plan in plans.values():
        for clause in plan.clauses:
            text = "" if clause.part else _words(plan, clause)
            if text:
                yield _Entry(
                    _keys([text]),
                    Suggestion(
                        kind="clause",
                        text=text,
                        plans=[plan.id],
                        clause=clause.path,
                        start=clause.span.start,
                        end=clause.span.end,
                        source=source_name(plan),
                    ),
                )


def _words(plan: Plan, clause: Clause) -> str:
    """The clause's heading, or the first words of what it asks for; "" for what is neither heading nor task."""
    if clause.kind not in (ClauseKind.HEADING, ClauseKind.TASK):
        return ""
    return simplify(clause.title or plan.quote(clause.body))[:SHOWN]


def _keys(said: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted({key for text in said if (key := squeeze(text))}))
