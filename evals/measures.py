"""Small measures beside "strictly right": what a number is made of, when it moves.

Each takes one question and one answer and gives a ``Tally``; tallies add up over a set, so shares are
over units or quotes, not averages of averages. A question that crashed counts with ``answer`` None:
it asserted nothing, and it stays in the denominators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

from assistant.model import Answer, Status
from evals.questions import ROLES, Question, RoleName
from evals.strict import asserted_units


@dataclass(frozen=True, slots=True)
class Tally:
    """How many were right, of how many asserted, and how many there were to find."""

    right: int = 0
    asserted: int = 0
    gold: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.asserted + other.asserted, self.gold + other.gold)

    @property
    def precision(self) -> float | None:
        """Right of asserted, 0 to 1; None where nothing was asserted, which is no score and not zero."""
        return self.right / self.asserted if self.asserted else None

    @property
    def recall(self) -> float | None:
        """Right of gold, 0 to 1; None where there was nothing to find."""
        return self.right / self.gold if self.gold else None


def judged_roles(question: Question) -> tuple[RoleName, ...]:
    """The roles in which a question's units are compared; empty where it is not judged on units."""
    if not question.judged_on_units:
        return ()
    return tuple(role for role in ROLES if not question.judge or role in question.judge)


def units(question: Question, answer: Answer | None, role: RoleName) -> Tally:
    """The asserted units of one role against the gold ones, over all rows of the answer.

    Stricter than rule 3: support, responsible and implicit are kept apart, and a sole responsible unit
    that is called lead counts as wrong in both roles. Empty for a role that the question does not judge.
    """
    if role not in judged_roles(question):
        return Tally()
    gold = question.units(role)
    asserted = asserted_units(answer, (role,)) if answer else frozenset[str]()
    return Tally(len(asserted & gold), len(asserted), len(gold))


def refusal(question: Question, answer: Answer | None) -> Tally:
    """``not_found`` against unanswerable: precision falls with needless refusals, recall with invented answers.

    ``unassigned`` and ``clarify`` are no refusals: the one is an answer, the other a question back.
    """
    refused = answer is not None and answer.status is Status.NOT_FOUND
    return Tally(int(refused and not question.answerable), int(refused), int(not question.answerable))


def verbatim(answer: Answer | None, texts: Mapping[str, str]) -> Tally:
    """Quotes that are the plan's own characters at their offsets, of all quotes shown.

    ``texts`` has the text of each plan by id; a citation of a plan that is not there counts as wrong.
    """
    shown = [*answer.citations, *answer.related] if answer else []
    exact = sum(texts.get(place.plan, "")[place.start : place.end] == place.quote != "" for place in shown)
    return Tally(exact, len(shown), len(shown))


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The percentile (1 to 99) by linear interpolation between neighbours, None without values.

    The definition is type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996).
    """
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=100, method="inclusive")[percent - 1]
