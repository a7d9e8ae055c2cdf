"""The index as an object: opened once, searched by many at the same time."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from corpus.model import Plan
from index import store
from index.config import IndexSettings
from index.dense import FaissDense, Rows
from index.embed import Embedder, open_embedder
from index.errors import IndexDamaged, IndexStale
from index.fuse import best_first, fuse, scale_lexical
from index.kin import is_copy
from index.lexical import Lexical, best_rows
from index.manifest import Manifest, check, recipe_of
from index.passage import Passage, search_form
from index.vectors import Vector

QUESTIONS = 64  # whose vectors are kept
COPIES = 3  # passages of one plan that say nearly the same and are found
CROWDED = 16  # the best hits, which are looked at for copies; no answer uses more
MIN_NORM = 1e-9  # below it a vector says nothing
CROWDS = 4  # times that a search is made because copies crowded it
# FAISS factories that give back every vector as it was put in.
_KEEPS_VECTORS = re.compile(r"(?:IVF\d+(?:_HNSW\d+)?,)?(?:Flat|HNSW\d*(?:,Flat)?)")


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. ``score`` lies in 0..1 and compares hits of one search only.

    ``dense_rank`` and ``lexical_rank`` count from 1; None where the passage was not among that leg's candidates.
    """

    passage: Passage
    score: float
    rank: int
    dense_rank: int | None
    lexical_rank: int | None


def crowding(hits: Sequence[Hit], of_plan: Callable[[str], Iterable[Passage]]) -> set[Passage]:
    """The passages that are too many: copies of one that a plan brings more than COPIES times, but for the best.

    ``hits`` best first; ``of_plan`` gives all passages of a plan.
    """
    groups: dict[str, list[list[Passage]]] = {}
    for hit in hits:
        of = groups.setdefault(hit.passage.plan, [])
        group = next((one for one in of if is_copy(one[0].quote, hit.passage.quote)), None)
        if group is None:
            of.append([hit.passage])
        else:
            group.append(hit.passage)
    many: set[Passage] = set()
    for plan, of in groups.items():
        for group in of:
            if len(group) > COPIES:
                copies = {passage for passage in of_plan(plan) if is_copy(group[0].quote, passage.quote)}
                many |= copies - set(group[:COPIES])
    return many


class SearchIndex:
    """One generation of an index, whole and checked. Safe to search from several threads."""

    def __init__(self, generation: store.Generation, settings: IndexSettings, embedder: Embedder) -> None:
        self._generation = generation
        self._settings = settings
        self._embedder = embedder
        # One question is searched for in several plans; its vector is made once.
        self._query_vector = lru_cache(maxsize=QUESTIONS)(embedder.embed_query)
        self._loading = threading.Lock()
        self._dense: FaissDense | None = None
        self._lexical: Lexical | None = None
        try:
            self.plans: dict[str, Plan] = {plan.id: plan for plan in generation.plans()}
            self.passages: tuple[Passage, ...] = tuple(generation.passages())
        except ValueError:  # the bytes are those written, so it was another version that wrote them
            raise generation.damaged(generation.folder, "written by another version of this program") from None
        if len(self.passages) != self.manifest.passages:
            raise generation.damaged(generation.folder, "the number of passages is not that of the manifest")

    @classmethod
    def open(cls, folder: Path, settings: IndexSettings, embedder: Embedder | None = None) -> SearchIndex:
        """The current index of a data folder.

        Every file is compared with the manifest, and the manifest with the settings, the code and the plans' files.
        Neither FAISS nor the model is loaded before the first search, so looking up assignments does not wait for
        them. Raises ``IndexMissing``, ``IndexDamaged`` or ``IndexStale``, each with the command that mends it.
        """
        embedder = embedder or open_embedder(settings.embedder, settings.threads)
        while True:
            generation = store.current(folder)
            try:
                generation.verify()
                check(generation.manifest, recipe_of(settings, embedder.name, folder), folder, generation.folder)
                return cls(generation, settings, embedder)
            except (IndexDamaged, IndexStale):
                if store.current(folder).name == generation.name:  # else a build has replaced it while we read
                    raise

    @property
    def manifest(self) -> Manifest:
        """What the index was made from."""
        return self._generation.manifest

    @property
    def embedder(self) -> Embedder:
        """The model, loaded by the first search or ``warm``."""
        return self._embedder

    @property
    def generation(self) -> str:
        """The name of the generation that is open."""
        return self._generation.name

    @cached_property
    def _rows_of(self) -> dict[str, Rows]:
        """The rows of each plan's passages."""
        rows: dict[str, list[int]] = {plan: [] for plan in self.plans}
        for row, passage in enumerate(self.passages):
            rows[passage.plan].append(row)
        return {plan: np.array(of, dtype=np.int64) for plan, of in rows.items()}

    def limited_to(self, plans: Collection[str]) -> SearchIndex:
        """An index as if only these plans had been built: its scores, ranks, counts and fingerprint know no other."""
        return _Part(self, plans)

    def clause_vectors(self, plan: str) -> dict[str, Vector]:
        """Path of each clause that is searched → its vector, of length 1: the mean of those of its passages.

        They are those of the index; nothing is embedded. {} for an unknown plan.
        """
        rows = self._rows_of.get(plan)
        if rows is None or not len(rows):
            return {}
        dense, _ = self._legs()
        sums: dict[str, Vector] = {}
        for row, vector in zip(rows.tolist(), dense.vectors(rows), strict=True):
            path = self.passages[row].path
            sums[path] = sums[path] + vector if path in sums else vector
        return {path: vector / max(float(np.linalg.norm(vector)), MIN_NORM) for path, vector in sums.items()}

    def warm(self) -> None:
        """Load everything that the first search would load, the model among it: for a server that reports ready."""
        self._legs()
        self._embedder.embed_query("预热")

    def search(
        self,
        text: str,
        k: int = 10,
        within: Collection[str] | None = None,
        allowed: Callable[[Passage], bool] | None = None,
        *,
        dense: bool = True,
        lexical_weight: float | None = None,
        timings: dict[str, float] | None = None,
    ) -> list[Hit]:
        """The best ``k`` passages for a text, best first; [] for a text without words, or where nothing is allowed.

        ``within`` holds plan ids: None means all plans, an empty collection none, an unknown id adds none.
        ``allowed`` picks passages; both apply before ranking, so a filter never costs hits. ``dense`` False searches
        characters only and needs no model. ``lexical_weight`` overrides the setting for this search.
        ``timings`` gains "embed" and "search", in milliseconds. Where several plans are searched, no more than
        COPIES of one plan's passages that say nearly the same are found: what repeats itself crowds out nothing.
        """
        if k < 1:
            raise ValueError(f"k must be at least 1, not {k}")
        several = len(self.plans if within is None else set(within)) > 1
        crowd: set[Passage] = set()

        def wanted(passage: Passage) -> bool:
            return passage not in crowd and (allowed is None or allowed(passage))

        for _ in range(CROWDS):
            hits = self._ranked(text, k, within, wanted if crowd else allowed, dense, lexical_weight, timings)
            more = crowding(hits[:CROWDED], self._of_plan) if several else set()
            if more <= crowd:
                break
            crowd |= more
        return hits

    def _of_plan(self, plan: str) -> Iterable[Passage]:
        return (self.passages[row] for row in self._rows_of[plan])

    def _ranked(
        self,
        text: str,
        k: int,
        within: Collection[str] | None,
        allowed: Callable[[Passage], bool] | None,
        dense: bool,
        lexical_weight: float | None,
        timings: dict[str, float] | None,
    ) -> list[Hit]:
        """As ``search``, with every copy."""
        question = search_form(text)
        rows = self._allowed_rows(within, allowed)
        if not question or (rows is not None and not len(rows)):
            return []
        vectors, lexical = self._legs()
        started = time.perf_counter()
        vector = self._query_vector(question) if dense else None
        embedded = time.perf_counter()

        pool = max(k, self._settings.candidates)
        bm25 = lexical.scores(question, rows)
        lexical_best, _ = best_rows(bm25, pool)
        if vector is None:
            candidates, dense_best = lexical_best, np.empty(0, dtype=np.int64)
            scores = scale_lexical(bm25[candidates])
        else:
            dense_best, _ = vectors.search(vector, pool, rows)
            candidates = np.union1d(lexical_best, dense_best)  # in the order of the passages: ties are repeatable
            weight = self._settings.lexical_weight if lexical_weight is None else lexical_weight
            scores = fuse(bm25[candidates], vectors.scores(vector, candidates), weight)
        best = best_first(scores)[:k]
        lexical_ranks = {int(row): rank for rank, row in enumerate(lexical_best, 1)}
        dense_ranks = {int(row): rank for rank, row in enumerate(dense_best, 1)}
        hits = [
            Hit(
                passage=self.passages[row],
                score=float(score),
                rank=rank,
                dense_rank=dense_ranks.get(row),
                lexical_rank=lexical_ranks.get(row),
            )
            for rank, (row, score) in enumerate(zip(candidates[best].tolist(), scores[best], strict=True), 1)
        ]
        if timings is not None:
            timings["embed"] = timings.get("embed", 0.0) + (embedded - started) * 1000.0
            timings["search"] = timings.get("search", 0.0) + (time.perf_counter() - embedded) * 1000.0
        return hits

    def _allowed_rows(self, within: Collection[str] | None, allowed: Callable[[Passage], bool] | None) -> Rows | None:
        """The rows that may be found; None for all, which is something else than none."""
        if within is None and allowed is None:
            return None
        if within is None:
            rows = np.arange(len(self.passages), dtype=np.int64)
        else:
            parts = [self._rows_of[plan] for plan in sorted(set(within)) if plan in self._rows_of]
            rows = np.sort(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)
        if allowed is not None:
            rows = rows[[allowed(self.passages[row]) for row in rows]] if len(rows) else rows
        return rows

    def _legs(self) -> tuple[FaissDense, Lexical]:
        """Both indexes, loaded on first use."""
        with self._loading:
            if self._dense is None or self._lexical is None:
                folder, count = self._generation.folder, len(self.passages)
                try:
                    dense = FaissDense.load(folder / store.VECTORS, self._settings.faiss_search)
                    lexical = Lexical.load(folder / store.BM25, count)
                except OSError as error:
                    raise self._generation.damaged(folder, f"cannot be read ({error.strerror})") from None
                if len(dense) != count or dense.dim != self.manifest.dim:
                    raise self._generation.damaged(folder / store.VECTORS, "does not fit the passages")
                self._dense, self._lexical = dense, lexical
            return self._dense, self._lexical


class _Part(SearchIndex):
    """Some plans of another index. Frequencies of terms are counted anew, so that no hidden plan moves a score."""

    def __init__(self, whole: SearchIndex, plans: Collection[str]) -> None:
        self._whole = whole
        self._generation = whole._generation
        self._settings = whole._settings
        self._embedder = whole._embedder
        # Of its own: how long a question takes does not tell what others have asked.
        self._query_vector = lru_cache(maxsize=QUESTIONS)(whole._embedder.embed_query)
        self._loading = threading.Lock()
        self._dense = None
        self._lexical = None
        self.plans = {plan.id: plan for plan in whole.plans.values() if plan.id in plans}
        self._rows = [row for row, passage in enumerate(whole.passages) if passage.plan in self.plans]
        self.passages = tuple(whole.passages[row] for row in self._rows)
        entries = tuple(entry for entry in whole.manifest.plans if entry.id in self.plans)
        self._manifest = whole.manifest.model_copy(
            update={"plans": entries, "passages": len(self.passages), "files": {}}
        )

    @property
    def manifest(self) -> Manifest:
        """What these plans were made from."""
        return self._manifest

    def _legs(self) -> tuple[FaissDense, Lexical]:
        """Both indexes, made on first use."""
        dense, _ = self._whole._legs()
        with self._loading:
            if self._dense is None or self._lexical is None:
                settings = self._settings
                texts = [passage.embed_text for passage in self.passages]
                # Flat whatever the whole is: it is small, and an index that was trained on other plans would know
                # them. What such an index has rounded is embedded again.
                exact = not texts or _KEEPS_VECTORS.fullmatch(settings.faiss_factory)
                rows = np.array(self._rows, dtype=np.int64)
                self._dense = FaissDense.build(dense.vectors(rows) if exact else self._embedder.embed_passages(texts))
                self._lexical = Lexical.build(texts, k1=settings.bm25_k1, b=settings.bm25_b)
            return self._dense, self._lexical
