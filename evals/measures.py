"""Measures: what a number is made of, when it moves.

Each measure takes one question with its answer and gives a ``Ratio``; ratios add up over a set, so precision and
recall are over units, clauses or quotes, not averages of averages (micro-averaged; van Rijsbergen, Information
Retrieval, 1979). A question that crashed counts with ``answer`` None: it asserted nothing, and it stays in the
denominators. A measure that does not apply to a question gives a ratio over nothing, which is no score and not zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

from assistant.model import Answer, Status
from evals import retrieval
from evals.questions import ROLES, Question, RoleName
from evals.strict import asserted_texts, asserted_units, expected_status, held_by
from evals.text import bare, states


@dataclass(frozen=True, slots=True)
class Ratio:
    """So many of so many; adds up over questions."""

    top: float = 0.0
    bottom: float = 0.0

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.top + other.top, self.bottom + other.bottom)

    @property
    def value(self) -> float | None:
        """``top`` of ``bottom``, 0 to 1; None where there is nothing to divide by."""
        return self.top / self.bottom if self.bottom else None


NOT_JUDGED = Ratio()


@dataclass(frozen=True, slots=True)
class Judged:
    """One question, its answer, and what the measures need beside them."""

    question: Question
    answer: Answer | None  # None where the question raised
    reasons: Sequence[str] = ()  # why it is not strictly right
    texts: Mapping[str, str] = field(default_factory=dict)  # text of each plan by id
    retrieval: Mapping[str, float] = field(default_factory=dict)  # measures of the ranking; {}: not judged on it


def whether(held: bool) -> Ratio:
    """A measure that a question either meets or not."""
    return Ratio(float(held), 1.0)


def strictly_right(case: Judged) -> Ratio:
    """Strictly right: all five rules hold (docs/interfaces.md, "An eval set")."""
    return whether(not case.reasons)


def status(case: Judged) -> Ratio:
    """Rule 1 alone: answered, unassigned or not_found, as the gold says."""
    return whether(case.answer is not None and case.answer.status is expected_status(case.question))


# Units


def judged_roles(question: Question) -> tuple[RoleName, ...]:
    """The roles in which a question's units are compared; empty where it is not judged on units."""
    if not question.judged_on_units:
        return ()
    return tuple(role for role in ROLES if not question.judge or role in question.judge)


def _units(case: Judged, role: RoleName) -> tuple[int, int, int]:
    """(right, asserted, gold) units of one role; zeros for a role that the question does not judge.

    Stricter than rule 3: support, responsible and implicit are kept apart, and a sole responsible unit
    that is called lead counts as wrong in both roles.
    """
    if role not in judged_roles(case.question):
        return 0, 0, 0
    gold = case.question.units(role)
    asserted = asserted_units(case.answer, (role,)) if case.answer else frozenset[str]()
    return len(asserted & gold), len(asserted), len(gold)


def unit_precision(case: Judged, role: RoleName) -> Ratio:
    """Of the units asserted in a role, the share that the gold has in it."""
    right, asserted, _ = _units(case, role)
    return Ratio(right, asserted)


def unit_recall(case: Judged, role: RoleName) -> Ratio:
    """Of the gold units of a role, the share that is asserted in it."""
    right, _, gold = _units(case, role)
    return Ratio(right, gold)


def unit_f1(case: Judged, role: RoleName) -> Ratio:
    """The harmonic mean of precision and recall, as 2·right ÷ (asserted + gold) (van Rijsbergen 1979, β = 1)."""
    right, asserted, gold = _units(case, role)
    return Ratio(2 * right, asserted + gold)


MISSING = "missing"  # a gold unit that is not asserted at all
NOT_IN_GOLD = "none"  # an asserted unit that the gold does not have


def role_confusion(case: Judged) -> Counter[tuple[str, str]]:
    """How often a unit of one gold role is asserted in another: counts of (gold role, asserted role).

    A unit asserted in its gold role counts as right there, whatever other rows say of it. Over judged roles.
    """
    found: Counter[tuple[str, str]] = Counter()
    judged = judged_roles(case.question)
    asserted = {role: asserted_units(case.answer, (role,)) if case.answer else frozenset[str]() for role in ROLES}
    gold = {role: case.question.units(role) for role in judged}
    for role in judged:
        for unit in gold[role]:
            called = [r for r in ROLES if unit in asserted[r]]
            found[role, role if role in called else called[0] if called else MISSING] += 1
        everywhere = frozenset[str]().union(*gold.values())
        found[NOT_IN_GOLD, role] += len(asserted[role] - everywhere)
    return +found


# Listings


def _listed(case: Judged) -> tuple[int, int, int, int]:
    """(snippets found, snippets, clauses that hold a snippet, asserted clauses) of a listing; zeros elsewhere."""
    snippets = {bare(snippet) for snippet in case.question.tasks}
    if not snippets:
        return 0, 0, 0, 0
    texts = asserted_texts(case.answer) if case.answer else {}
    holders = {snippet: held_by(snippet, texts) for snippet in snippets}
    holding = {place for places in holders.values() for place in places}
    return sum(map(bool, holders.values())), len(snippets), len(holding), len(texts)


def list_recall(case: Judged) -> Ratio:
    """Completeness of a listing: the share of its clauses that is asserted."""
    found, wanted, _, _ = _listed(case)
    return Ratio(found, wanted)


def list_precision(case: Judged) -> Ratio:
    """Nothing extra in a listing: the share of asserted clauses that belong to it."""
    _, _, right, asserted = _listed(case)
    return Ratio(right, asserted)


def count(case: Judged) -> Ratio:
    """The number that an answer gives, where the gold has one."""
    if case.question.count is None:
        return NOT_JUDGED
    return whether(case.answer is not None and case.answer.count == case.question.count)


# Citations


def cited(case: Judged) -> Ratio:
    """Of the asserted assignments, the share whose citation is there and is of that clause."""
    if case.answer is None:
        return NOT_JUDGED
    places = {c.n: (c.plan, c.clause) for c in case.answer.citations}
    rows = case.answer.assignments
    return Ratio(sum(places.get(row.citation) == (row.plan, row.clause) for row in rows), len(rows))


def verbatim(case: Judged) -> Ratio:
    """Of all quotes shown, the share that is the plan's own characters at its offsets.

    A citation of a plan whose text is not there counts as wrong.
    """
    shown = [*case.answer.citations, *case.answer.related] if case.answer else []
    exact = sum(case.texts.get(c.plan, "")[c.start : c.end] == c.quote != "" for c in shown)
    return Ratio(exact, len(shown))


def evidence_recall(case: Judged) -> Ratio:
    """Of the evidence snippets, the share that lies in a quote of the citations."""
    wanted = case.question.evidence
    quotes = [bare(c.quote) for c in case.answer.citations] if case.answer else []
    return Ratio(sum(any(bare(snippet) in quote for quote in quotes) for snippet in wanted), len(wanted))


def clause_precision(case: Judged) -> Ratio:
    """Of the asserted clauses, the share that holds a snippet of the gold, evidence or task.

    Judged where the gold names units: there its snippets are of the clauses that assign them.
    """
    question = case.question
    snippets = {bare(snippet) for snippet in (*question.evidence, *question.tasks)}
    if case.answer is None or not snippets or not (question.judged_on_units or question.tasks):
        return NOT_JUDGED
    texts = asserted_texts(case.answer)
    right = {place for snippet in snippets for place in held_by(snippet, texts)}
    return Ratio(len(right), len(texts))


# Silence


def _silence(case: Judged, of: Status, which: str) -> Ratio:
    said = case.answer is not None and case.answer.status is of
    wanted = expected_status(case.question) is of
    return Ratio(float(said and wanted), float(said if which == "precision" else wanted))


def refusing_precision(case: Judged) -> Ratio:
    """Of the refusals (``not_found``), the share that is right: falls with needless refusals."""
    return _silence(case, Status.NOT_FOUND, "precision")


def refusing_recall(case: Judged) -> Ratio:
    """Of the unanswerable questions, the share that is refused: falls with invented answers."""
    return _silence(case, Status.NOT_FOUND, "recall")


def unassigned_precision(case: Judged) -> Ratio:
    """Of the answers "the plan names nobody", the share that is right."""
    return _silence(case, Status.UNASSIGNED, "precision")


def unassigned_recall(case: Judged) -> Ratio:
    """Of the questions whose matter nobody is assigned to, the share that is answered so."""
    return _silence(case, Status.UNASSIGNED, "recall")


# Wording


def facts(case: Judged) -> Ratio:
    """Of the facts that the gold wants, the share that stands in the text."""
    text = case.answer.text if case.answer else ""
    return Ratio(sum(states(text, fact) for fact in case.question.facts), len(case.question.facts))


def forbidden_avoided(case: Judged) -> Ratio:
    """Of the strings that must not stand in the text, the share that does not. A crash avoids nothing."""
    wrong = case.question.forbidden
    if case.answer is None:
        return Ratio(0, len(wrong))
    return Ratio(sum(not states(case.answer.text, one) for one in wrong), len(wrong))


def _of_ranking(name: str) -> Callable[[Judged], Ratio]:
    """A measure of the ranking (``evals/retrieval.py``), averaged over the questions that are judged on it."""
    return lambda case: Ratio(case.retrieval[name], 1.0) if name in case.retrieval else NOT_JUDGED


def _of_role(measure: Callable[[Judged, RoleName], Ratio], role: RoleName) -> Callable[[Judged], Ratio]:
    return lambda case: measure(case, role)


# Every measure by the name that reports show, in their order.
MEASURES: Mapping[str, Callable[[Judged], Ratio]] = {
    "strictly right": strictly_right,
    "status": status,
    **{
        f"{role} {name}": _of_role(measure, role)
        for role in ROLES
        for name, measure in (("precision", unit_precision), ("recall", unit_recall), ("F1", unit_f1))
    },
    "list recall": list_recall,
    "list precision": list_precision,
    "count": count,
    "cited": cited,
    "verbatim": verbatim,
    "evidence recall": evidence_recall,
    "clause precision": clause_precision,
    "refusing precision": refusing_precision,
    "refusing recall": refusing_recall,
    "unassigned precision": unassigned_precision,
    "unassigned recall": unassigned_recall,
    "facts": facts,
    "forbidden avoided": forbidden_avoided,
    **{name: _of_ranking(name) for name in retrieval.NAMES},
}


def measured(case: Judged) -> dict[str, tuple[float, float]]:
    """(top, bottom) of every measure that counts for a question, by name."""
    ratios = {name: measure(case) for name, measure in MEASURES.items()}
    return {name: (ratio.top, ratio.bottom) for name, ratio in ratios.items() if ratio.bottom}


def total(ratios: Iterable[tuple[float, float]]) -> Ratio:
    """The sum of ratios as rows keep them."""
    return sum((Ratio(*ratio) for ratio in ratios), NOT_JUDGED)


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The percentile (1 to 99) by linear interpolation between neighbours, None without values.

    The definition is type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996).
    """
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=100, method="inclusive")[percent - 1]
