"""How well the clauses that hold the evidence are found: rankings, relevance, and the measures of the field.

A document is a clause, named "PLAN PATH"; it is relevant (1) where an evidence snippet of the question lies in it.
The measures are those of trec_eval, by ``ir_measures`` over ``pytrec_eval``, under the names that it prints:

R@k      recall: relevant clauses among the first k, of all that are relevant
RR@k     one over the rank of the first relevant clause, 0 where none is among the first k; its mean is the MRR
         (Voorhees, "The TREC-8 Question Answering Track Report", 1999)
nDCG@k   the gain of each relevant clause over log2(rank + 1), added up, of what the ideal order would give
         (Järvelin and Kekäläinen, ACM TOIS 20, 2002)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Any

import ir_measures
from ir_measures import RR, R, nDCG

from assistant.find import TASKS, TEXTS, Finder
from assistant.query import Kind, Query
from assistant.service import Assistant
from corpus.model import Clause, ClauseKind, Plan
from evals.questions import Question
from evals.text import bare
from index.search import SearchIndex

MEASURES: tuple[Any, ...] = (R @ 1, R @ 5, R @ 10, RR @ 10, nDCG @ 10)
NAMES = tuple(map(str, MEASURES))  # "R@1", "R@5", "R@10", "RR@10", "nDCG@10"
DEPTH = 10
PASSAGES = 4  # a long clause is cut into several passages; so many are asked for, to be left with enough clauses
# The kinds of question that search has to answer, and the clauses that it looks among. The other kinds are looked up
# (rosters, letterheads, rules, tasks of a body); for them it is what the page's search finds for the same words.
_SEARCHED: Mapping[Kind, frozenset[ClauseKind]] = {Kind.OWNER: TASKS, Kind.FACT: TEXTS, Kind.COMPARE: TEXTS}


def document_id(plan: str, path: str) -> str:
    """The name of a clause as a document: "gansu-2020 三/(二)/43"."""
    return f"{plan} {path}"


def qrels(question: Question, plans: Mapping[str, Plan]) -> dict[str, int]:
    """The relevant documents of a question, each with relevance 1; {} where it is not judged on retrieval.

    That is the narrowest clause that holds each snippet, of the plans that the question names (of all, where it names
    none). Not judged: a question without evidence, an unanswerable one, and a listing, which is looked up and not
    ranked. Nor is a snippet in the sentence of a rule: the assistant looks the rule up when it has the clause, and the
    clause in whose bracket the rule happens to stand is not what the question is about. A snippet that stands in no
    clause is a fault of the set (``evals.check_gold``) and gives nothing here.
    """
    if not question.answerable or question.tasks:
        return {}
    return {document_id(plan.id, clause.path): 1 for plan, clause in holders(question, question.evidence, plans)}


def holders(question: Question, snippets: Iterable[str], plans: Mapping[str, Plan]) -> list[tuple[Plan, Clause]]:
    """The narrowest clauses that hold some snippets of a question's gold, in the plans that it names, none twice."""
    named = [plans[name] for name in question.plans if name in plans] if question.plans else plans.values()
    wanted = [bare(snippet) for snippet in snippets]
    found = {
        (plan.id, clause.path): (plan, clause)
        for plan in named
        for snippet in wanted
        for clause in _narrowest(_bare_plan(plan), snippet)
    }
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _BarePlan:
    """A plan's clauses (part 0) and rules in the form in which snippets are compared."""

    plan: Plan
    clauses: tuple[tuple[Clause, str], ...]
    rules: tuple[str, ...]


_bare_plans: dict[int, _BarePlan] = {}  # by identity: to compare two plans is to read them both
_MOST_PLANS = 1000


def _bare_plan(plan: Plan) -> _BarePlan:
    """Made once for a plan, so that thousands of questions do not convert it thousands of times."""
    known = _bare_plans.get(id(plan))
    if known is None or known.plan is not plan:
        if len(_bare_plans) >= _MOST_PLANS:
            _bare_plans.clear()
        known = _BarePlan(
            plan,
            tuple((clause, bare(plan.quote(clause.span))) for clause in plan.clauses if not clause.part),
            tuple(bare(plan.quote(rule.span)) for rule in plan.rules),
        )
        _bare_plans[id(plan)] = known
    return known


def _narrowest(of: _BarePlan, snippet: str) -> list[Clause]:
    """The clauses that hold a snippet and have none inside them that does."""
    if any(snippet in rule for rule in of.rules):
        return []
    holders = [clause for clause, text in of.clauses if snippet in text]
    return [c for c in holders if not any(c is not other and c.span.holds(other.span) for other in holders)]


def ranked(assistant: Assistant, question: Question, depth: int = DEPTH) -> list[str]:
    """The documents that search brings for a question as the assistant understands it, best first, none twice.

    One search is made for each plan named and each part of the question. They take turns, the best of each first: each
    search scores by its own best candidate, so scores of two searches do not compare, and one after the other would
    put the whole second plan behind the tail of the first. Clauses that the question names by number come first.
    Raises ``QuestionInvalid`` for a question that ``Assistant.ask`` does not take.
    """
    queries = assistant.read(question.turns, question.filter)
    finder = assistant.finder()
    numbered = [name for query in queries for name in _numbered(assistant, query)]
    searches = [found for query in queries for found in _searches(assistant, finder, query, question.filter, depth)]
    return _first(chain(numbered, _in_turn(searches)), depth)


def _numbered(assistant: Assistant, query: Query) -> list[str]:
    """The clauses that a query names by number or path, in the plans that it names."""
    return [
        document_id(plan.id, clause.path)
        for plan in assistant.plans.values()
        for clause in (plan.tasks() if query.covers(plan.id) and (query.numbers or query.paths) else ())
        if clause.no in query.numbers or tuple(clause.path.split("/")) in query.paths
    ]


def _searches(
    assistant: Assistant, finder: Finder, query: Query, only: Sequence[str] | None, depth: int
) -> Iterator[list[str]]:
    """The documents of each search for one query: one over all plans, or one for each plan named."""
    own = dict(query.topics)  # what a question says of one plan alone
    for scope in [only] if query.plans is None else [[plan] for plan in query.plans]:
        if query.kind in _SEARCHED:
            topic = (own.get(scope[0]) if scope else None) or query.topic or query.text
            found = finder.clauses(topic, scope, _SEARCHED[query.kind], depth)
            yield [document_id(one.plan.id, one.clause.path) for one in found]
        else:
            # A topic has lost the words that a look-up goes by: the name of a body, a post, 文号.
            hits = assistant.search(query.text, scope, k=depth * PASSAGES)
            yield [document_id(hit.plan, hit.clause) for hit in hits]


def plain_ranked(
    index: SearchIndex, question: Question, depth: int = DEPTH, lexical_weight: float | None = None
) -> list[str]:
    """The documents found for the last turn as it is written, over all plans: what search does without understanding.

    Over those of the question's filter, where it has one. ``lexical_weight`` 1 searches words alone, 0 vectors alone;
    None is the setting.
    """
    hits = index.search(
        question.turns[-1],
        depth * PASSAGES,
        question.filter,
        dense=lexical_weight != 1.0,
        lexical_weight=lexical_weight,
    )
    return _first((document_id(hit.passage.plan, hit.passage.path) for hit in hits), depth)


def _in_turn(rankings: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first of each, then the second of each, and so on."""
    return (document for document in chain.from_iterable(zip_longest(*rankings)) if document is not None)


def _first(documents: Iterable[str], depth: int) -> list[str]:
    return list(islice(dict.fromkeys(documents), depth))


def scores(
    qrels_by_query: Mapping[str, Mapping[str, int]],
    run_by_query: Mapping[str, Sequence[str]],
    measures: Sequence[Any] = MEASURES,
) -> dict[str, dict[str, float]]:
    """The value of each measure for each judged query: {query: {"R@5": 1.0, …}}, 0 to 1.

    ``run_by_query`` has the documents of each query, best first. A judged query without a ranking, or with an empty
    one, scores 0 in everything and never drops out; a query that is not judged (no entry, or an empty one) has no
    scores. A mean over the values is the measure of the run.
    """
    judged = {query: dict(relevant) for query, relevant in qrels_by_query.items() if relevant}
    # trec_eval sorts by score, and equal scores by name: falling scores keep the order that was given.
    run = {
        query: {document: float(-rank) for rank, document in enumerate(dict.fromkeys(run_by_query.get(query, ())))}
        for query in judged
    }
    values: dict[str, dict[str, float]] = {query: {str(m): 0.0 for m in measures} for query in judged}
    if judged:
        for metric in ir_measures.pytrec_eval.iter_calc(list(measures), judged, run):
            values[metric.query_id][str(metric.measure)] = float(metric.value)
    return values
