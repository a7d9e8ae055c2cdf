"""Vectors → the nearest passages. Rows are positions in the list of passages, everywhere.

Vectors have length 1, so an inner product is a cosine: a score, larger is nearer. No distance occurs anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from corpus.errors import SettingsInvalid
from index.fuse import Scores, best_first
from index.vectors import Matrix, Vector

Rows: TypeAlias = NDArray[np.int64]


def _faiss() -> Any:
    # Imported late, for commands that search nothing; untyped, because its stubs lack half of what it takes.
    import faiss

    return faiss


class Dense(Protocol):
    """What search needs of a store of vectors."""

    def search(self, query: Vector, k: int, rows: Rows | None = None) -> tuple[Rows, Scores]:
        """The nearest ``k`` rows, best first, with their cosines. ``rows`` None: among all; empty: nothing."""

    def scores(self, query: Vector, rows: Rows) -> Scores:
        """The cosines of these rows, in their order."""


class ExactDense:
    """Brute force over a matrix: the reference that every faster index is tested against."""

    def __init__(self, vectors: Matrix) -> None:
        self._vectors = vectors

    def search(self, query: Vector, k: int, rows: Rows | None = None) -> tuple[Rows, Scores]:
        """As ``Dense.search``."""
        among = np.arange(len(self._vectors), dtype=np.int64) if rows is None else rows
        scores = self.scores(query, among)
        order = best_first(scores)[:k]
        return among[order], scores[order]

    def scores(self, query: Vector, rows: Rows) -> Scores:
        """As ``Dense.scores``."""
        cosines: Scores = self._vectors[rows] @ query
        return cosines


class FaissDense:
    """A FAISS index over inner products; flat by default, which is exact."""

    def __init__(self, index: Any, search_parameters: str = "") -> None:
        faiss = _faiss()
        self._index = index
        if search_parameters:
            with _settings_blamed("faiss_search", search_parameters):
                faiss.ParameterSpace().set_index_parameters(index, search_parameters)
        inverted = faiss.try_extract_index_ivf(index)
        if inverted is not None:  # without this map an inverted file cannot say what a row's vector is
            faiss.extract_index_ivf(index).make_direct_map()

    @classmethod
    def build(cls, vectors: Matrix, factory: str = "Flat", search_parameters: str = "") -> FaissDense:
        """An index of ``vectors``, shape (n, dim), rows of length 1.

        Raises ``SettingsInvalid`` where FAISS does not know the factory string, or wants more vectors to train on.
        """
        faiss = _faiss()
        with _settings_blamed("faiss_factory", factory):
            index = faiss.index_factory(vectors.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
            if not index.is_trained:
                index.train(vectors)
            index.add(vectors)
        return cls(index, search_parameters)

    @classmethod
    def load(cls, file: Path, search_parameters: str = "") -> FaissDense:
        """The index in a file. FAISS files have no checksum: the caller has compared one."""
        content = np.frombuffer(file.read_bytes(), dtype=np.uint8)
        return cls(_faiss().deserialize_index(content), search_parameters)

    def save(self, file: Path) -> None:
        """Write the index to a file. Raises ``OSError``; FAISS's own writer would tell a full disk as a crash."""
        file.write_bytes(_faiss().serialize_index(self._index).tobytes())

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Numbers in a vector."""
        return int(self._index.d)

    def search(self, query: Vector, k: int, rows: Rows | None = None) -> tuple[Rows, Scores]:
        """As ``Dense.search``. An approximate index may return fewer than ``k``."""
        faiss = _faiss()
        k = min(k, len(self) if rows is None else len(rows))
        if k <= 0:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        parameters = None if rows is None else _only(self._index, faiss.IDSelectorBatch(rows))
        scores, found = self._index.search(query.reshape(1, -1), k, params=parameters)
        kept = found[0] >= 0  # FAISS fills up with -1 where it finds too few
        nearest, cosines = found[0][kept], scores[0][kept]
        order = np.lexsort((nearest, -cosines))  # equal cosines in the order of the passages
        return nearest[order], cosines[order]

    def scores(self, query: Vector, rows: Rows) -> Scores:
        """As ``Dense.scores``, from the vectors as the index keeps them."""
        if not len(rows):
            return np.empty(0, dtype=np.float32)
        cosines: Scores = self.vectors(rows) @ query
        return cosines

    def vectors(self, rows: Rows) -> Matrix:
        """The vectors of these rows as the index keeps them, shape (len(rows), dim)."""
        if not len(rows):
            return np.empty((0, self.dim), dtype=np.float32)
        kept: Matrix = self._index.reconstruct_batch(rows)
        return kept


def _only(index: Any, selector: Any) -> Any:
    """Search parameters that let only selected rows take part, before ranking, whatever kind the index is.

    Parameters given to a search replace those set on the index, so the latter are copied.
    """
    faiss = _faiss()
    index = faiss.downcast_index(index)
    if isinstance(index, faiss.IndexRefine):
        return faiss.IndexRefineSearchParameters(
            k_factor=index.k_factor, base_index_params=_only(index.base_index, selector)
        )
    if isinstance(index, faiss.IndexPreTransform):
        return faiss.SearchParametersPreTransform(index_params=_only(index.index, selector))
    if isinstance(index, faiss.IndexIVF):
        return faiss.SearchParametersIVF(sel=selector, nprobe=index.nprobe)
    if isinstance(index, faiss.IndexHNSW):
        return faiss.SearchParametersHNSW(sel=selector, efSearch=index.hnsw.efSearch)
    return faiss.SearchParameters(sel=selector)


@contextmanager
def _settings_blamed(key: str, value: str) -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # FAISS's C++ exceptions; the reason stands after the place in its source
        reason = str(error).strip().splitlines()[0].rsplit(": ", 1)[-1]
        raise SettingsInvalid(
            f'settings: [index] {key} = "{value}": FAISS cannot use it ({reason}); "Flat" always works'
        ) from None
