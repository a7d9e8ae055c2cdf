"""Puts a set to the assistant and scores what comes back: one row a question, averages after."""

from __future__ import annotations

import subprocess
from collections.abc import Collection, Mapping, Sequence
from time import perf_counter
from typing import Any, Protocol

from tqdm import tqdm

from assistant.model import Answer
from corpus.config import CHECKOUT
from evals import measures
from evals.questions import ROLES, Question
from evals.results import CRASHED, Row, Scores, Share, Summary
from evals.strict import reasons
from evals.text import one_line


class Answerer(Protocol):
    """What a run asks of ``assistant.service.Assistant``."""

    def ask(self, turns: Sequence[str], plans: Collection[str] | None = None) -> Answer:
        """The answer to the last of ``turns``, from the plans named or from all."""


def run_set(assistant: Answerer, questions: Sequence[Question]) -> list[Row]:
    """One row for each question, in the order of the set; progress on stderr where that is a terminal.

    A question that raises is a wrong row with the error as its reason: nobody drops out. Only the
    question's turns and its own ``filter`` are handed over, never the gold.
    """
    return [_row(assistant, question) for question in tqdm(questions, unit="question", disable=None)]


def _row(assistant: Answerer, question: Question) -> Row:
    answer: Answer | None = None
    began = perf_counter()
    try:
        answer = assistant.ask(list(question.turns), plans=question.filter)
    except Exception as error:  # whatever it is, it is a wrong answer to this question and no end of the run
        wrong = [f"error: {type(error).__name__}: {one_line(str(error), 300)}"]
    ms = (perf_counter() - began) * 1000
    if answer is not None:
        wrong = reasons(question, answer)
    return Row(
        id=question.id,
        category=question.category,
        strictly_right=not wrong,
        reasons=wrong,
        status=answer.status if answer is not None else CRASHED,
        answer=answer,
        ms=ms,
        question=question,
    )


def summarise(
    rows: Sequence[Row],
    *,
    set_name: str,
    set_sha256: str,
    texts: Mapping[str, str],
    index: str,
    settings: Mapping[str, dict[str, Any]],
    code: str,
) -> Summary:
    """The figures of a run. ``texts`` has the text of each plan by id; ``rows`` is not empty."""
    categories: dict[str, list[Row]] = {}
    for row in rows:
        categories.setdefault(row.category, []).append(row)
    times = [row.ms for row in rows]
    quotes = sum((measures.verbatim(row.answer, texts) for row in rows), measures.Tally())
    return Summary(
        set=set_name,
        set_sha256=set_sha256,
        questions=len(rows),
        strictly_right=_share(rows),
        categories={name: _share(those) for name, those in categories.items()},
        units={
            role: _scores(sum((measures.units(row.question, row.answer, role) for row in rows), measures.Tally()))
            for role in ROLES
        },
        refusal=_scores(sum((measures.refusal(row.question, row.answer) for row in rows), measures.Tally())),
        verbatim=quotes.precision,
        crashed=sum(row.status == CRASHED for row in rows),
        p50_ms=measures.percentile(times, 50),
        p95_ms=measures.percentile(times, 95),
        index=index,
        settings=dict(settings),
        code=code,
    )


def _share(rows: Sequence[Row]) -> Share:
    right = sum(row.strictly_right for row in rows)
    return Share(right=right, questions=len(rows), share=right / len(rows))


def _scores(tally: measures.Tally) -> Scores:
    return Scores(precision=tally.precision, recall=tally.recall)


def code_version() -> str:
    """The commit of the checkout, with ``-dirty`` where tracked files are changed; "unknown" without git."""
    command = ["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip() or "unknown"
