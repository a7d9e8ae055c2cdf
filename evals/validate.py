"""Whether the gold of a set can be right for the plans that are loaded: what has to be mended before a run.

A question can be well written and still be about nothing: its plan was never loaded, or its snippet was copied from
an older version of the text. Such gold makes a right answer wrong, so it is told before the run and not counted as a
miss after it. Compared is as the scorer compares (``evals.text.bare``). What could be right is let through: whether
it *is* right, ``evals.check_gold`` says, for plans whose reading one trusts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher, get_close_matches
from functools import cached_property

from corpus.model import Plan
from evals.errors import SetInvalid
from evals.questions import ROLES, Question, QuestionSet
from evals.text import SENTENCE, bare, one_line

MOST_HINTS = 50  # faults that name what comes nearest, which takes milliseconds each; a set with more has another fault
_NEAR = 0.6  # share of a snippet or name that must agree before it is worth showing; below it, hints mislead


def faults(questions: QuestionSet, plans: Mapping[str, Plan]) -> list[str]:
    """One line each, in the set's order: the place, what the plans lack, and what comes nearest or else the remedy.

    Told are: a plan in ``plans`` or ``filter`` that is not loaded; a snippet of ``evidence`` or ``tasks`` that
    stands in no plan that the question names; a unit that none of them names. A question that names no plan is
    held against all of them; one that names a plan that is not loaded, against none.
    """
    known = {name: _Known(plan) for name, plan in plans.items()}
    hints = _Hints()
    return [
        f"{place}: {fault}"
        for place, question in zip(questions.places, questions, strict=True)
        for fault in _of_question(question, known, hints)
    ]


def check(questions: QuestionSet, plans: Mapping[str, Plan]) -> None:
    """Raises ``SetInvalid`` with every one of ``faults``, where there are any."""
    found = faults(questions, plans)
    if found:
        raise SetInvalid(found)


@dataclass(frozen=True)
class _Known:
    """What of a plan gold is compared with, worked out once."""

    plan: Plan

    @cached_property
    def text(self) -> str:
        return bare(self.plan.text)

    @cached_property
    def names(self) -> dict[str, str]:
        """Every body that the plan names, as it is compared and as it is shown."""
        plan = self.plan
        parties = [party for a in plan.assignments for party in a.parties]
        parties += [party for rule in plan.rules for party in rule.parties]
        shown = [name for party in parties for name in (party.name, *party.aliases)]
        return {bare(name): name for name in (*plan.mentioned, *(person.unit for person in plan.people), *shown)}

    def may_name(self, unit: str) -> bool:
        # A restored prefix (自治州工信局) stands nowhere in the text, a body of a heading in no assignment.
        return unit in self.names or unit in self.text


class _Hints:
    """What comes nearest to something that was not found; "" once enough has been looked for."""

    def __init__(self) -> None:
        self._left = MOST_HINTS

    def _may(self) -> bool:
        self._left -= 1
        return self._left >= 0

    def name(self, wanted: str, names: Mapping[str, str]) -> str:
        """The name, as shown, whose compared form (the keys) is nearest."""
        near = get_close_matches(wanted, names, n=1, cutoff=_NEAR) if self._may() else []
        return names[near[0]] if near else ""

    def sentence(self, wanted: str, plans: Iterable[_Known]) -> str:
        """The plan's own characters about where most of a snippet stands in one piece."""
        if not self._may():
            return ""
        best, where = 0, None
        for known in plans:
            match = SequenceMatcher(None, known.text, wanted, autojunk=False).find_longest_match()
            if match.size > best:
                best, where = match.size, (known, match.a, match.b)
        if where is None:
            return ""
        known, at, within = where
        start = max(at - within, 0)
        there = known.text[start : start + len(wanted)]
        if SequenceMatcher(None, there, wanted, autojunk=False).ratio() < _NEAR:
            return ""
        piece = known.text[at : at + best]
        for sentence in SENTENCE.findall(known.plan.text):
            if piece in bare(sentence):
                return _cut(sentence, bare(sentence).find(piece) - within, len(wanted))
        return there  # it runs over the end of a sentence


def _cut(sentence: str, start: int, length: int) -> str:
    """About ``length`` characters that count, from the ``start``-th on, with the punctuation between them."""
    places = [at for at, char in enumerate(sentence) if bare(char)]
    first = places[max(start, 0)] if start < len(places) else 0
    last = places[min(max(start, 0) + length, len(places)) - 1]
    return sentence[first : last + 1]


def _of_question(question: Question, known: Mapping[str, _Known], hints: _Hints) -> list[str]:
    found = []
    for key, named in (("plans", question.plans), ("filter", question.filter or [])):
        for name in named:
            if name not in known:
                near = hints.name(name, {plan: plan for plan in known})
                remedy = f"did you mean {near}?" if near else f"loaded are {', '.join(known) or 'none'}"
                found.append(f"{key}: plan {one_line(name, 60)} is not loaded; {remedy}")
    if not all(name in known for name in question.plans):
        return found  # the missing one may hold what the others lack
    among = {name: known[name] for name in question.plans} or known
    for key, snippets in (("evidence", question.evidence), ("tasks", question.tasks)):
        found += [f"{key}: {fault}" for s in snippets if (fault := _snippet(s, among, known, hints))]
    for role in ROLES:
        found += [f"{role}: {fault}" for unit in getattr(question, role) if (fault := _unit(unit, among, known, hints))]
    return found


def _snippet(snippet: str, among: Mapping[str, _Known], known: Mapping[str, _Known], hints: _Hints) -> str:
    wanted = bare(snippet)
    if any(wanted in plan.text for plan in among.values()):
        return ""
    shown = f"“{one_line(snippet, 60)}” does not stand in {_these(among)}"
    if others := [name for name, plan in known.items() if name not in among and wanted in plan.text]:
        return f"{shown}, but in {', '.join(others)}; correct plans or the snippet"
    near = hints.sentence(wanted, among.values())
    return f"{shown}; the nearest there is “{one_line(near, 80)}”" if near else f"{shown}; copy it from the plan anew"


def _unit(unit: str, among: Mapping[str, _Known], known: Mapping[str, _Known], hints: _Hints) -> str:
    wanted = bare(unit)
    if any(plan.may_name(wanted) for plan in among.values()):
        return ""
    shown = f"unit {one_line(unit, 60)} is named nowhere in {_these(among)}"
    if others := [name for name, plan in known.items() if name not in among and plan.may_name(wanted)]:
        return f"{shown}, but in {', '.join(others)}; correct plans or the unit"
    near = hints.name(wanted, {key: name for plan in among.values() for key, name in plan.names.items()})
    return f"{shown}; did you mean {near}?" if near else f"{shown}; write it as the plan does"


def _these(among: Collection[str]) -> str:
    return ", ".join(among) if among else "any plan, for none is loaded"
