"""Puts a set to the assistant and scores what comes back: one row a question, figures after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from time import perf_counter
from typing import Protocol, runtime_checkable

from assistant.model import Answer
from assistant.service import Assistant
from corpus.model import Plan
from evals import measures, retrieval
from evals.interval import interval, percentile_interval
from evals.measures import Judged, Ratio
from evals.questions import Question
from evals.refusal import points
from evals.results import CRASHED, Facts, Figure, Place, Row, Share, Summary, Treated
from evals.strict import reasons
from evals.text import one_line


class Answerer(Protocol):
    """What a run asks of ``assistant.service.Assistant``."""

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The loaded plans by id."""

    def ask(self, turns: Sequence[str], plans: Collection[str] | None = None) -> Answer:
        """The answer to the last of ``turns``, from the plans named or from all."""


@runtime_checkable
class Searcher(Protocol):
    """An answerer with a search of its own to be measured; ``Assistant`` needs none (``evals/retrieval.py``)."""

    def ranked(self, question: Question) -> list[str]:
        """The documents that its search brings for a question, best first, none twice."""


def run_set(assistant: Answerer, questions: Iterable[Question]) -> Iterator[Row]:
    """One row for each question, in the order of the set, as soon as it is answered.

    A question that raises is a wrong row with the error as its reason: nobody drops out. Only the
    question's turns and its own ``filter`` are handed over, never the gold.
    """
    plans = assistant.plans
    texts = {plan.id: plan.text for plan in plans.values()}
    return (_row(assistant, question, plans, texts) for question in questions)


def _row(assistant: Answerer, question: Question, plans: Mapping[str, Plan], texts: Mapping[str, str]) -> Row:
    answer: Answer | None = None
    began = perf_counter()
    try:
        answer = assistant.ask(list(question.turns), plans=question.filter)
    except Exception as error:  # whatever it is, it is a wrong answer to this question and no end of the run
        wrong = [f"error: {type(error).__name__}: {one_line(str(error), 300)}"]
    ms = (perf_counter() - began) * 1000
    if answer is not None:
        wrong = reasons(question, answer)
    # A question that crashed found nothing, whatever search would have brought.
    ranking, ranked, treated = _searched(assistant, question, answer is not None)
    case = Judged(question, answer, wrong, texts, ranked)
    confusion: dict[str, dict[str, int]] = {}
    for (gold, asserted), times in sorted(measures.role_confusion(case).items()):
        confusion.setdefault(gold, {})[asserted] = times
    return Row(
        id=question.id,
        category=question.category,
        strictly_right=not wrong,
        reasons=wrong,
        status=answer.status if answer is not None else CRASHED,
        answer=answer,
        ms=ms,
        question=question,
        scores=measures.measured(case),
        confusion=confusion,
        ranking=ranking,
        gold=_gold(question, plans) if wrong else [],
        treated=treated,
    )


def _searched(
    assistant: Answerer, question: Question, answered: bool
) -> tuple[list[str], Mapping[str, float], list[Treated]]:
    """The ranking for a question, its measures, and what refusing was decided by. Outside the time of the answer."""
    if not isinstance(assistant, Assistant | Searcher):
        return [], {}, []
    relevant = retrieval.qrels(question, assistant.plans)
    try:
        if not answered:
            ranking, treated = list[str](), list[Treated]()
        elif isinstance(assistant, Assistant):
            ranking = retrieval.ranked(assistant, question)
            treated = [Treated(share=point.treated, short=point.short) for point in points(assistant, [question])]
        else:
            ranking, treated = assistant.ranked(question), []
    except Exception:  # the answer's row says what is wrong; an empty ranking scores 0
        ranking, treated = [], []
    scores = retrieval.scores({question.id: relevant}, {question.id: ranking})
    return ranking, scores.get(question.id, {}), treated


def _gold(question: Question, plans: Mapping[str, Plan]) -> list[Place]:
    """The clauses that the gold rests on, for a reader who wants to see who is right."""
    found = retrieval.holders(question, (*question.evidence, *question.tasks), plans)
    return [
        Place(plan=plan.id, clause=c.path, start=c.span.start, end=c.span.end, text=plan.quote(c.span))
        for plan, c in found
    ]


@dataclass(slots=True)
class _Group:
    """What is kept of each row of a group: figures, never texts."""

    scores: list[Mapping[str, tuple[float, float]]] = field(default_factory=list)
    ms: list[float] = field(default_factory=list)
    right: int = 0

    def add(self, row: Row) -> None:
        self.scores.append(row.scores)
        self.ms.append(row.ms)
        self.right += row.strictly_right

    @property
    def share(self) -> Share:
        return Share(right=self.right, questions=len(self.ms), share=self.right / len(self.ms))

    def figures(self) -> dict[str, Figure]:
        found = {}
        for name in measures.MEASURES:
            ratios = [scores[name] for scores in self.scores if name in scores]
            if ratios:
                found[name] = share_of(ratios)
        for percent in (50, 95):
            value = measures.percentile(self.ms, percent)
            assert value is not None  # a group has a row
            low, high = percentile_interval(self.ms, percent) or (None, None)
            found[f"p{percent} ms"] = Figure(value=value, low=low, high=high, questions=len(self.ms))
        return found


def share_of(ratios: Sequence[tuple[float, float]]) -> Figure:
    """One measure over the questions that count for it; ``ratios`` has (top, bottom) of each, and is not empty."""
    tops, bottoms = [top for top, _ in ratios], [bottom for _, bottom in ratios]
    low, high = interval(tops, bottoms) or (None, None)
    whole = Ratio(sum(tops), sum(bottoms))
    return Figure(
        value=whole.top / whole.bottom, low=low, high=high, questions=len(ratios), top=whole.top, bottom=whole.bottom
    )


def summarise(rows: Iterable[Row], facts: Facts) -> Summary:
    """The figures of a run. ``rows`` is not empty, and is read once."""
    everything, categories, plans = _Group(), dict[str, _Group](), dict[str, _Group]()
    confusion: dict[str, Counter[str]] = {}
    crashed = 0
    for row in rows:
        everything.add(row)
        categories.setdefault(row.category, _Group()).add(row)
        for plan in dict.fromkeys(row.question.plans):
            plans.setdefault(plan, _Group()).add(row)
        for gold, asserted in row.confusion.items():
            confusion.setdefault(gold, Counter()).update(asserted)
        crashed += row.status == CRASHED
    return Summary(
        **facts.model_dump(),
        strictly_right=everything.share,
        categories={name: group.share for name, group in categories.items()},
        crashed=crashed,
        measures=everything.figures(),
        by_category={name: group.figures() for name, group in categories.items()},
        by_plan={name: group.figures() for name, group in plans.items()},
        confusion={gold: dict(asserted) for gold, asserted in confusion.items()},
    )


def corpus_digest(plans: Mapping[str, Plan]) -> str:
    """SHA-256 over the ids and texts of the plans that are asked, in hexadecimal."""
    digest = sha256()
    for name in sorted(plans):
        digest.update(f"{name}\n{sha256(plans[name].text.encode('utf-8')).hexdigest()}\n".encode())
    return digest.hexdigest()
