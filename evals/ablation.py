"""``python -m evals.ablation [SET.jsonl ...]``: what each part is worth, on the same questions in the same run.

Without understanding, the last turn is the query, all plans are searched, and the answer is the first clause found
with whoever is responsible for it: the least that a cited answer can be. With understanding, it is the assistant
itself, with words alone, vectors alone, or both. recall@5: the share of evidence snippets that lie in the first five
clauses found, over the questions that search has to answer (who, what, compared; lists, rosters and letterheads are
looked up).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from assistant.draft import Draft
from assistant.find import TASKS, TEXTS
from assistant.model import Answer, Status
from assistant.query import Kind
from assistant.service import Assistant
from corpus.config import data_folder
from corpus.errors import AssistantError
from corpus.model import Clause, Plan
from evals.questions import Question, load_set
from evals.strict import reasons
from evals.text import bare
from index.config import IndexSettings
from index.search import SearchIndex

SETS = [Path(__file__).with_name("sets") / f"{name}.jsonl" for name in ("dev", "ledger", "fresh")]
LEGS = (("BM25 alone", 1.0), ("vectors alone", 0.0), ("fusion", 0.7))
DEPTH = 5


def plain_clauses(index: SearchIndex, question: Question, weight: float) -> list[tuple[Plan, Clause]]:
    """The first clauses for the last turn as it is written, over all plans."""
    hits = index.search(question.turns[-1], DEPTH * 4, dense=weight < 1.0, lexical_weight=weight)
    found = {(h.passage.plan, h.passage.path): None for h in hits}
    clauses = [(index.plans[plan], index.plans[plan].clause(path)) for plan, path in found]
    return [(plan, clause) for plan, clause in clauses if clause is not None][:DEPTH]


def plain_answer(found: Sequence[tuple[Plan, Clause]]) -> Answer:
    """The first clause, quoted, with its assignment."""
    draft = Draft()
    if not found:
        return draft.finish(Status.NOT_FOUND)
    plan, clause = found[0]
    assignment = plan.assignment(clause)
    n = draft.cite(plan, clause, at=clause.span)
    draft.say(plan.quote(clause.span), [n])
    draft.assert_assignment(plan, clause, assignment, n)
    return draft.finish(Status.ANSWERED if assignment else Status.UNASSIGNED)


def understood_clauses(assistant: Assistant, question: Question) -> list[tuple[Plan, Clause]]:
    """The first clauses for what the question was understood to ask, in the plans that it names."""
    found: list[tuple[Plan, Clause]] = []
    for query in assistant.read(question.turns):
        kinds = TASKS if query.kind is Kind.OWNER else TEXTS
        for plan in query.plans or (None,):
            topic = next((own for owner, own in query.topics if owner == plan), query.topic or query.text)
            clauses = assistant.finder().clauses(topic, None if plan is None else [plan], kinds, DEPTH)
            found += [(f.plan, f.clause) for f in clauses]
    return found


def recall(found: Sequence[tuple[Plan, Clause]], question: Question) -> float:
    """The share of a question's evidence that lies in the clauses found."""
    texts = [bare(plan.quote(clause.span)) for plan, clause in found]
    return sum(any(bare(snippet) in text for text in texts) for snippet in question.evidence) / len(question.evidence)


def main(argv: list[str] | None = None) -> int:
    """Print one table a set; 0, or 2 with one line."""
    parser = argparse.ArgumentParser(prog="python -m evals.ablation", description="What each part is worth.")
    parser.add_argument("sets", nargs="*", type=Path, default=SETS)
    parser.add_argument("--data", default=None)
    arguments = parser.parse_args(argv)
    try:
        for path in arguments.sets:
            _table(path, load_set(path), data_folder(arguments.data))
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _table(path: Path, questions: Sequence[Question], data: Path) -> None:
    reader = Assistant.open(data)
    searched = (Kind.OWNER, Kind.FACT, Kind.COMPARE)
    with_evidence = [q for q in questions if q.evidence and reader.read(q.turns)[0].kind in searched]
    print(f"{path.stem}: {len(questions)} questions, {len(with_evidence)} with evidence to search for")
    print(f"{'':36} strictly right   recall@{DEPTH}")
    for understanding in (False, True):
        for name, weight in LEGS:
            settings = IndexSettings(lexical_weight=weight)
            assistant = Assistant.open(data, index_settings=settings)
            index = SearchIndex.open(data, settings)
            right, recalled = 0, 0.0
            for question in questions:
                if understanding:
                    answer = assistant.ask(question.turns, question.filter)
                else:
                    answer = plain_answer(plain_clauses(index, question, weight))
                right += not reasons(question, answer)
            for question in with_evidence:
                found = (
                    understood_clauses(assistant, question) if understanding else plain_clauses(index, question, weight)
                )
                recalled += recall(found, question)
            label = f"{name}{', with understanding' if understanding else ''}"
            share = recalled / len(with_evidence) if with_evidence else 0.0
            print(f"{label:36} {right:6} of {len(questions):<6} {share:.3f}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
