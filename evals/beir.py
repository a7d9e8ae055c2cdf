"""Retrieval over any collection in BEIR form, with the configured embedder: the same parts on other people's questions.

Figures of public collections compare models that an office considers; those of its own sets (``export_beir``) compare
our search with other programs. A document is treated as a clause of a plan is: its title in front, folded, cut at
sentence ends where it is longer than ``max_chars``, and it scores as its best passage (MaxP: Dai and Callan, SIGIR
2019). A query is its text as it is written: nothing of the assistant's understanding takes part.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from statistics import fmean, median
from time import perf_counter
from typing import Any
from urllib.parse import quote

import numpy as np
from ir_measures import AP, RR, R, nDCG
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from tqdm import tqdm

from assistant.whole_file import write_whole
from corpus.model import Clause, ClauseKind, Plan, PlanMeta, Span
from evals.beir_command import LEGS
from evals.code import code_version
from evals.collection import Document, read_collection, write_collection
from evals.errors import RunInvalid, SetInvalid
from evals.interval import interval
from evals.questions import Question
from evals.results import Figure
from evals.retrieval import document_id, qrels, scores
from evals.text import one_line
from index.cache import VectorCache, vector_key
from index.config import IndexSettings
from index.dense import FaissDense, Rows
from index.embed import Embedder, open_embedder
from index.engine import BATCH
from index.errors import IndexUnwritable
from index.fuse import best_first, fuse
from index.lexical import Lexical, best_rows
from index.passage import passages_of, search_form
from index.vectors import Matrix

LEAST_DEPTH = 10
RESULT = "beir.json"
QRELS = "qrels.trec"
_ASK_AT_ONCE = 256  # passages whose vectors are looked up in the cache together


class Leg(BaseModel):
    """How well one way of searching did."""

    model_config = ConfigDict(frozen=True)

    measures: dict[str, Figure]  # by the names of ir_measures, means over the queries
    p50_ms: float  # median time of a query, its embedding included where the leg needs one


class BeirResult(BaseModel):
    """The figures of a collection and everything that could explain them; as JSON without the rankings."""

    model_config = ConfigDict(frozen=True)

    collection: str
    split: str
    digest: str  # SHA-256 over the three files
    documents: int
    without_text: int  # documents that no search can find
    passages: int
    queries: int  # that were searched for and count
    unjudged: int  # left out: the split says nothing about them
    not_asked: int  # left out by a limit
    depth: int
    embedder: str | None  # None where no leg needs one
    dim: int | None
    settings: dict[str, Any]  # the [index] section
    code: str
    legs: dict[str, Leg]
    rankings: dict[str, dict[str, list[str]]] = Field(exclude=True)  # leg → query → documents, best first
    qrels: dict[str, dict[str, int]] = Field(exclude=True)  # of the queries that count


def run_beir(
    folder: Path,
    settings: IndexSettings,
    cache_file: Path,
    *,
    split: str = "test",
    depth: int = 100,
    legs: Sequence[str] = LEGS,
    progress: bool = True,
    limit: int | None = None,
) -> BeirResult:
    """Search a collection for each of its judged queries and measure what is found.

    ``legs`` are some of ``LEGS``: BM25 alone, vectors alone, both fused with the configured weight. ``limit`` asks the
    first queries only, over all documents. ``depth`` documents a query are ranked, at least ``LEAST_DEPTH``; the
    measures are nDCG@10, R@10, RR@10, R@depth and AP@depth. A query with no ranking counts as 0; so does one whose
    judgements are all 0, as in trec_eval.

    Vectors are kept in ``cache_file`` as soon as they are made, so an interrupted run goes on where it stopped. All
    else is in memory: about 20 kB a passage at the peak, most of it while BM25 counts terms, so 2 GB for 100,000.
    Raises ``SetInvalid`` for a collection that cannot be read, ``EmbedderUnusable``, ``SettingsInvalid`` for a
    faiss_factory that does not fit, ``IndexUnwritable`` for the cache, and ``ValueError`` for other arguments.
    """
    if depth < LEAST_DEPTH or not legs or not set(legs) <= set(LEGS) or (limit is not None and limit < 1):
        raise ValueError(f"depth {depth} under {LEAST_DEPTH}, legs {legs} not of {LEGS}, or limit {limit} under 1")
    collection = read_collection(folder, split)
    queries = dict(list(collection.queries.items())[:limit])
    texts, owners, without_text = _passages(collection.documents, settings)
    if not texts:
        raise SetInvalid(f"{folder}: no document has words to search for; give the documents a text")
    embedder = open_embedder(settings.embedder, settings.threads) if set(legs) - {"bm25"} else None
    dense = None
    if embedder is not None:
        dense = FaissDense.build(
            _vectors(texts, embedder, cache_file, progress), settings.faiss_factory, settings.faiss_search
        )
        embedder.embed_query("预热")  # the model's start belongs to no query
    lexical = Lexical.build(texts, k1=settings.bm25_k1, b=settings.bm25_b) if set(legs) - {"dense"} else None
    search = _Search(settings, owners, lexical, dense, embedder)

    rankings: dict[str, dict[str, list[str]]] = {leg: {} for leg in legs}
    times: dict[str, list[float]] = {leg: [] for leg in legs}
    for name, text in tqdm(queries.items(), desc="searching", unit=" queries", file=sys.stderr, disable=not progress):
        for leg, (found, ms) in search(text, depth, legs).items():
            rankings[leg][name] = [collection.documents[row].id for row in found]
            times[leg].append(ms)
    relevant = {name: dict(collection.qrels[name]) for name in queries}
    return BeirResult(
        collection=collection.name,
        split=split,
        digest=collection.digest,
        documents=len(collection.documents),
        without_text=without_text,
        passages=len(texts),
        queries=len(queries),
        unjudged=collection.unjudged,
        not_asked=len(collection.queries) - len(queries),
        depth=depth,
        embedder=embedder.name if embedder else None,
        dim=embedder.dim if embedder else None,
        settings=settings.model_dump(mode="json"),
        code=code_version(),
        legs={leg: Leg(measures=_figures(relevant, rankings[leg], depth), p50_ms=median(times[leg])) for leg in legs},
        rankings=rankings,
        qrels=relevant,
    )


def _figures(
    relevant: Mapping[str, Mapping[str, int]], run: Mapping[str, Sequence[str]], depth: int
) -> dict[str, Figure]:
    measures = dict.fromkeys([nDCG @ 10, R @ 10, RR @ 10, R @ depth, AP @ depth])
    by_query = list(scores(relevant, run, list(measures)).values())
    figures = {}
    for name in map(str, measures):
        values = [of[name] for of in by_query]
        low, high = interval(values, [1.0] * len(values)) or (None, None)
        figures[name] = Figure(value=fmean(values), low=low, high=high, questions=len(values))
    return figures


def _passages(documents: Sequence[Document], settings: IndexSettings) -> tuple[list[str], NDArray[np.int64], int]:
    """What is searched, the row of the document that each passage is of, and how many documents have none."""
    texts: list[str] = []
    owners: list[int] = []
    without = 0
    for row, document in enumerate(documents):
        before = len(texts)
        # A document is handed over as a plan of one clause, so that it is cut and folded by the code for plans.
        text, title = (document.text, document.title) if document.text.strip() else (document.title, "")
        span = Span(0, len(text))
        clause = Clause(document.id, "", 0, None, "", (), ClauseKind.GENERAL, span, span)
        plan = Plan(PlanMeta(id=document.id, title=title), text, (clause,), ())
        for passage in passages_of(plan, max_chars=settings.max_chars, overlap=settings.overlap):
            if passage.embed_text:
                texts.append(passage.embed_text)
                owners.append(row)
        without += len(texts) == before
    return texts, np.array(owners, dtype=np.int64), without


def _vectors(texts: Sequence[str], embedder: Embedder, cache_file: Path, progress: bool) -> Matrix:
    """The vectors of all passages, shape (n, dim); each batch is in the cache before the next is begun."""
    matrix = np.empty((len(texts), embedder.dim), dtype=np.float32)
    bar = tqdm(total=len(texts), desc="embedding", unit=" passages", file=sys.stderr, disable=not progress)
    try:
        with bar, closing(VectorCache(cache_file)) as cache:
            for start in range(0, len(texts), _ASK_AT_ONCE):
                part = texts[start : start + _ASK_AT_ONCE]
                keys = [vector_key(embedder.name, text) for text in part]
                known = {key: of for key, of in cache.get(keys).items() if of.shape == (embedder.dim,)}
                missing = {key: text for key, text in zip(keys, part, strict=True) if key not in known}
                bar.update(len(part) - len(missing))
                for batch in _batches(list(missing)):
                    computed = embedder.embed_passages([missing[key] for key in batch])
                    cache.put(batch, computed)
                    known.update(zip(batch, computed, strict=True))
                    bar.update(len(batch))
                matrix[start : start + len(part)] = [known[key] for key in keys]
    except KeyboardInterrupt:
        raise KeyboardInterrupt("stopped; what was embedded is kept: the same command goes on from there") from None
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise IndexUnwritable(f"{cache_file}: {reason}; free space, correct the permissions, or remove it") from None
    return matrix


def _batches(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


class _Search:
    """Both legs over the passages of a collection; finds documents, by row."""

    def __init__(
        self,
        settings: IndexSettings,
        owners: NDArray[np.int64],
        lexical: Lexical | None,
        dense: FaissDense | None,
        embedder: Embedder | None,
    ) -> None:
        self._settings = settings
        self._owners = owners
        self._lexical = lexical
        self._dense = dense
        self._embedder = embedder

    def __call__(self, query: str, depth: int, legs: Sequence[str]) -> dict[str, tuple[list[int], float]]:
        """The best ``depth`` documents, best first, and the milliseconds that they took, for each leg.

        Work that two legs share is done once and counted in both. Fused as ``SearchIndex.search`` does: the best
        ``candidates`` of each leg, their scores stretched and added.
        """
        text = search_form(query)
        if not text:
            return dict.fromkeys(legs, ([], 0.0))
        wanted = max(depth, self._settings.candidates) if "fused" in legs else depth
        found: dict[str, tuple[list[int], float]] = {}
        lexical_ms = dense_ms = 0.0
        started = perf_counter()
        if self._lexical is not None:
            bm25 = self._lexical.scores(text)
            every, _ = best_rows(bm25, len(bm25))
            lexical_rows = self._enough(lambda k: every[:k], wanted)
            lexical_ms = _since(started)
            found["bm25"] = (self._documents(lexical_rows, depth), lexical_ms)
        started = perf_counter()
        if self._dense is not None and self._embedder is not None:
            dense, vector = self._dense, self._embedder.embed_query(text)
            dense_rows = self._enough(lambda k: dense.search(vector, k)[0], wanted)
            dense_ms = _since(started)
            found["dense"] = (self._documents(dense_rows, depth), dense_ms)
        started = perf_counter()
        if "fused" in legs and self._dense is not None:
            both = np.union1d(lexical_rows, dense_rows)  # in the order of the documents: ties are repeatable
            fused = fuse(bm25[both], self._dense.scores(vector, both), self._settings.lexical_weight)
            documents = self._documents(both[best_first(fused)], depth)
            found["fused"] = (documents, lexical_ms + dense_ms + _since(started))
        return {leg: found[leg] for leg in legs}

    def _enough(self, best: Callable[[int], Rows], documents: int) -> Rows:
        """The best rows, of so many documents or of all that there are: one document may hold many of the best."""
        k = documents
        while True:
            rows = best(k)
            if len(rows) < k or len(np.unique(self._owners[rows])) >= documents:
                return rows
            k *= 2

    def _documents(self, rows: Rows, depth: int) -> list[int]:
        """Documents in the order of their best passage."""
        return list(dict.fromkeys(self._owners[rows].tolist()))[:depth]


def _since(started: float) -> float:
    return (perf_counter() - started) * 1000.0


def as_text(result: BeirResult) -> str:
    """The result for a terminal: what was searched, and a table with a line for each leg."""
    left_out = [
        f"{what}: {count}"
        for count, what in (
            (result.without_text, "documents without text"),
            (result.unjudged, "queries without a judgement, left out"),
            (result.not_asked, "queries beyond --limit"),
        )
        if count
    ]
    counts = f"{result.documents} documents in {result.passages} passages, {result.queries} queries"
    lines = [
        f"{one_line(result.collection)}, {result.split}: {'; '.join([counts, *left_out])}",
        f"embedder {result.embedder}, {result.dim} numbers" if result.embedder else "no embedder",
        "",
    ]
    names = list(next(iter(result.legs.values())).measures)
    lines.append(f"{'':8}" + "".join(f"{name:20}" for name in names) + "p50 ms")
    for name, leg in result.legs.items():
        cells = "".join(f"{_shown(leg.measures[measure]):20}" for measure in names)
        lines.append(f"{name:8}{cells}{leg.p50_ms:.1f}")
    return "\n".join([*lines, "", "in brackets: 95 % bootstrap interval over the queries"])


def _shown(figure: Figure) -> str:
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} ({figure.low:.3f}–{figure.high:.3f})"


def write_result(folder: Path, result: BeirResult) -> None:
    """Write the figures as JSON, and a TREC run for each leg beside the judgements, so that trec_eval can check them.

    TREC's columns are parted by blanks, so blanks in ids are written as in a URL, in all of these files alike. The
    scores of a run only fall: trec_eval sorts by them, and equal ones by id. Raises ``RunInvalid``.
    """
    files = {
        RESULT: result.model_dump_json(indent=2) + "\n",
        QRELS: "".join(
            f"{_trec(query)} 0 {_trec(document)} {score}\n"
            for query, of in result.qrels.items()
            for document, score in of.items()
        ),
    }
    for leg, ranking in result.rankings.items():
        files[f"{leg}.trec"] = "".join(
            f"{_trec(query)} Q0 {_trec(document)} {rank} {result.depth - rank + 1} {leg}\n"
            for query, documents in ranking.items()
            for rank, document in enumerate(documents, 1)
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            write_whole(folder / name, content)
    except OSError as error:
        raise RunInvalid(
            f"{error.filename or folder}: cannot be written ({error.strerror}); free space, or name another --out"
        ) from None


def _trec(name: str) -> str:
    """An id without white space; different ids stay different."""
    return re.sub(r"[\s%]+", lambda found: quote(found[0], safe=""), name)


def export_beir(questions: Sequence[Question], plans: Mapping[str, Plan], folder: Path) -> tuple[int, int]:
    """Write our own questions as a collection: (documents, queries) written.

    A document is a clause that search can find (or that a question wants), its title the plan's and the headings above
    it. A query is the last turn of a question that is judged on retrieval (``evals.retrieval.qrels``); earlier turns
    have no place in the form. Raises ``SetInvalid`` where no question is judged, and as ``write_collection``.
    """
    judged = [(question, relevant) for question in questions if (relevant := qrels(question, plans))]
    if not judged:
        raise SetInvalid("no question has evidence in these plans to search for; name another set, or build its plans")
    wanted = {document for _, relevant in judged for document in relevant}
    documents = [
        Document(name, " / ".join([plan.meta.title, *clause.headings]), plan.quote(clause.span))
        for plan in plans.values()
        for clause in plan.clauses
        if not clause.part
        and ((name := document_id(plan.id, clause.path)) in wanted or clause.kind is not ClauseKind.HEADING)
    ]
    queries = {question.id: question.turns[-1] for question, _ in judged}
    write_collection(folder, documents, queries, {question.id: relevant for question, relevant in judged})
    return len(documents), len(judged)
