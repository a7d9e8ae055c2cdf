"""The least that a cited answer can be: the first clause found, quoted, with whoever is responsible for it.

What understanding a question is worth shows against this: nothing of the question is read, the earlier turns are not
looked at, and the words of the last one are searched for as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from assistant.draft import Draft
from assistant.model import Answer, Status
from corpus.model import Plan
from evals.questions import Question
from evals.retrieval import plain_ranked
from index.passage import Passage
from index.search import SearchIndex


class PlainAssistant:
    """Answers every question by the first clause that search brings; a run takes it in place of ``Assistant``."""

    def __init__(self, index: SearchIndex, lexical_weight: float) -> None:
        self._index = index
        self._lexical_weight = lexical_weight

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The loaded plans by id."""
        return self._index.plans

    def ask(self, turns: Sequence[str], plans: Collection[str] | None = None) -> Answer:
        """The first clause for the last of ``turns``, from the plans named or from all."""
        # With words alone the model is not asked, so that the time is that of words alone.
        hits = self._index.search(
            turns[-1], 1, plans, dense=self._lexical_weight < 1.0, lexical_weight=self._lexical_weight
        )
        return self._quoted(hits[0].passage) if hits else Draft().finish(Status.NOT_FOUND)

    def ranked(self, question: Question) -> list[str]:
        """The documents found for a question (``evals/retrieval.py``), best first."""
        return plain_ranked(self._index, question, lexical_weight=self._lexical_weight)

    def _quoted(self, passage: Passage) -> Answer:
        plan = self.plans[passage.plan]
        clause = plan.by_key[passage.path, passage.part]
        assignment = plan.assignment(clause)
        draft = Draft()
        n = draft.cite(plan, clause, at=clause.span)
        draft.say(plan.quote(clause.span), [n])
        draft.assert_assignment(plan, clause, assignment, n)
        return draft.finish(Status.ANSWERED if assignment else Status.UNASSIGNED)
