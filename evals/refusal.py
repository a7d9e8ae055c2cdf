"""``python -m evals.refusal [SET.jsonl ...]``: the curve that chose when to be silent.

For every question that search has to answer (who, what), how much of its subject the best clause treats
(``Finder.treated``); then, for each pair of thresholds (short and long subjects), how many questions with an answer
would be refused and how many without one answered. Five-fold cross-validation says what the choice is worth on
questions that did not choose it. The thresholds in force are ``TREATED_SHORT`` and ``TREATED_LONG`` in
assistant/find.py. Questions refused by structure (other region, year, kind of fact) are not part of the curve.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.facts import unstated_kind
from assistant.find import SHORT_TOPIC, TASKS, TEXTS, TREATED_LONG, TREATED_SHORT
from assistant.query import Kind, is_bare
from assistant.service import Assistant
from assistant.vocabulary import bigrams
from corpus.config import data_folder
from corpus.errors import AssistantError
from evals.questions import Question, load_set

SETS = [Path(__file__).with_name("sets") / name for name in ("dev.jsonl", "ledger.jsonl", "outside.jsonl")]
GRID = [round(step * 0.01, 2) for step in range(61)]
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Point:
    """One question: how much of its subject the best clause treats, and whether there is an answer."""

    question: str
    treated: float
    short: bool
    answerable: bool


def points(assistant: Assistant, questions: Sequence[Question]) -> Iterator[Point]:
    """The questions that search has to answer, one point for each plan that it looks in."""
    for question in questions:
        if question.answerable and not question.evidence:
            continue
        for query in assistant.read(question.turns, question.filter)[:1]:
            topic = query.topic or query.text
            if query.kind not in (Kind.OWNER, Kind.FACT) or query.foreign or query.numbers or query.paths:
                continue
            finder = assistant.finder()
            if is_bare(query.topic) or (query.kind is Kind.FACT and unstated_kind(query, finder)):
                continue
            several = query.plans is not None and len(query.plans) > 1
            scopes = [question.filter] if query.plans is None else [[plan] for plan in query.plans]
            for scope in scopes:
                kinds = TASKS if query.kind is Kind.OWNER else TEXTS
                found = finder.clauses(topic, scope, kinds, 1)
                share = finder.treated(found[0], topic) if found else 0.0
                short = len(bigrams(topic)) <= SHORT_TOPIC and not several
                yield Point(question.id, share, short, question.answerable)


def errors(sample: Sequence[Point], short: float, long: float) -> tuple[int, int]:
    """(questions with an answer that are refused, questions without one that are answered)."""
    refused = [p.treated < (short if p.short else long) for p in sample]
    wrong = sum(r and p.answerable for r, p in zip(refused, sample, strict=True))
    missed = sum(not r and not p.answerable for r, p in zip(refused, sample, strict=True))
    return wrong, missed


def choose(sample: Sequence[Point]) -> tuple[float, float]:
    """The thresholds with the fewest errors, both kinds alike; of equals the middle, which leaves most room."""
    chosen = []
    for short in (True, False):
        part = [p for p in sample if p.short is short]
        counts = {t: sum(errors(part, t, t)) for t in GRID}
        best = [t for t, count in counts.items() if count == min(counts.values())]
        chosen.append(best[len(best) // 2])
    return chosen[0], chosen[1]


def cross_validated(sample: Sequence[Point]) -> tuple[int, int]:
    """Errors of thresholds chosen on four fifths, counted on the other fifth; folds by question."""
    ids = sorted({p.question for p in sample})
    fold_of = {name: number % FOLDS for number, name in enumerate(ids)}
    wrong = missed = 0
    for fold in range(FOLDS):
        short, long = choose([p for p in sample if fold_of[p.question] != fold])
        one = errors([p for p in sample if fold_of[p.question] == fold], short, long)
        wrong, missed = wrong + one[0], missed + one[1]
    return wrong, missed


def main(argv: list[str] | None = None) -> int:
    """Print the curve, the choice, and what cross-validation says of it; 0, or 2 with one line."""
    parser = argparse.ArgumentParser(prog="python -m evals.refusal", description="The curve that chose silence.")
    parser.add_argument("sets", nargs="*", type=Path, default=SETS)
    parser.add_argument("--data", default=None)
    arguments = parser.parse_args(argv)
    try:
        assistant = Assistant.open(data_folder(arguments.data))
        sample = [p for path in arguments.sets for p in points(assistant, load_set(path))]
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2
    with_answer = sum(p.answerable for p in sample)
    print(f"{len(sample)} looks into a plan: {with_answer} with an answer, {len(sample) - with_answer} without")
    print("threshold   short: refused/answered wrongly   long: refused/answered wrongly")
    for threshold in GRID[::3]:
        cells = [errors([p for p in sample if p.short is short], threshold, threshold) for short in (True, False)]
        print(f"{threshold:9.2f}   {cells[0][0]:>14} / {cells[0][1]:<14} {cells[1][0]:>14} / {cells[1][1]}")
    short, long = choose(sample)
    print(f"fewest errors: short {short:.2f}, long {long:.2f}; in force: short {TREATED_SHORT}, long {TREATED_LONG}")
    for name, (wrong, missed) in (
        ("in force", errors(sample, TREATED_SHORT, TREATED_LONG)),
        (f"{FOLDS}-fold cross-validation", cross_validated(sample)),
    ):
        silent = len(sample) - with_answer - missed
        precision = silent / (silent + wrong) if silent + wrong else 1.0
        recall = silent / (len(sample) - with_answer) if len(sample) > with_answer else 1.0
        print(
            f"{name}: {wrong} refused wrongly, {missed} answered wrongly; "
            f"refusing: precision {precision:.3f}, recall {recall:.3f}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
