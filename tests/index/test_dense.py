"""FAISS against brute force, whatever the kind of index, with and without a filter."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import SettingsInvalid
from index.dense import ExactDense, FaissDense

COUNT, DIM = 2000, 32


def unit_vectors(count: int, seed: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, DIM)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = unit_vectors(COUNT, 1)
QUERIES = unit_vectors(20, 2)
EXACT = ExactDense(VECTORS)
EVERY_SEVENTH = np.arange(0, COUNT, 7, dtype=np.int64)

# The share of the true ten that each kind must find here. Flat is exact; the others are set to search widely.
KINDS = [
    ("Flat", "", 1.0),
    ("SQfp16", "", 0.99),
    ("HNSW32", "efSearch=256", 0.95),
    ("IVF8,Flat", "nprobe=8", 1.0),
    ("IVF8,PQ16x4fs,Refine(SQfp16)", "nprobe=8,k_factor_rf=20", 0.95),
]


@lru_cache
def trained(factory: str, parameters: str) -> FaissDense:
    return FaissDense.build(VECTORS, factory, parameters)


@pytest.mark.parametrize("rows", [None, EVERY_SEVENTH], ids=["all", "filtered"])
@pytest.mark.parametrize(("factory", "parameters", "share"), KINDS, ids=[k[0] for k in KINDS])
def test_agrees_with_brute_force(factory: str, parameters: str, share: float, rows: np.ndarray | None) -> None:
    index = trained(factory, parameters)
    found = 0
    for query in QUERIES:
        expected, _ = EXACT.search(query, 10, rows)
        got, cosines = index.search(query, 10, rows)
        assert len(got) == 10
        assert rows is None or set(got) <= set(rows.tolist())
        assert cosines == pytest.approx(EXACT.scores(query, got), abs=2e-3)
        assert (np.diff(cosines) <= 1e-6).all()
        found += len(set(got) & set(expected))
    assert found / (10 * len(QUERIES)) >= share


def test_flat_gives_the_same_order_and_the_same_cosines() -> None:
    index = FaissDense.build(VECTORS)
    for query in QUERIES:
        expected_rows, expected = EXACT.search(query, 25, EVERY_SEVENTH)
        rows, cosines = index.search(query, 25, EVERY_SEVENTH)
        assert rows.tolist() == expected_rows.tolist()
        assert cosines == pytest.approx(expected, abs=1e-6)


def test_an_exact_match_has_cosine_one_and_the_opposite_minus_one() -> None:
    index = FaissDense.build(np.stack([VECTORS[3], -VECTORS[3]]))
    rows, cosines = index.search(VECTORS[3], 2)
    assert rows.tolist() == [0, 1]
    assert cosines == pytest.approx([1, -1], abs=1e-6)


@pytest.mark.parametrize("index", [EXACT, FaissDense.build(VECTORS)], ids=["exact", "faiss"])
def test_nothing_allowed_is_not_everything_allowed(index: ExactDense | FaissDense) -> None:
    assert index.search(QUERIES[0], 5, np.empty(0, dtype=np.int64))[0].tolist() == []
    assert len(index.search(QUERIES[0], 5, None)[0]) == 5


def test_more_wanted_than_there_is() -> None:
    rows, _ = FaissDense.build(VECTORS).search(QUERIES[0], 50, EVERY_SEVENTH[:3])
    assert sorted(rows) == [0, 7, 14]


def test_scores_of_rows_stand_in_the_order_asked_for() -> None:
    rows = np.array([5, 3, 1999], dtype=np.int64)
    assert FaissDense.build(VECTORS).scores(QUERIES[0], rows) == pytest.approx(VECTORS[rows] @ QUERIES[0], abs=1e-6)


def test_no_vectors_at_all() -> None:
    index = FaissDense.build(np.empty((0, DIM), dtype=np.float32))
    assert index.search(QUERIES[0], 5)[0].tolist() == []


def test_saved_and_loaded_it_finds_the_same(tmp_path: Path) -> None:
    index = FaissDense.build(VECTORS)
    index.save(tmp_path / "v")
    loaded = FaissDense.load(tmp_path / "v")
    assert (len(loaded), loaded.dim) == (COUNT, DIM)
    assert loaded.search(QUERIES[0], 10)[0].tolist() == index.search(QUERIES[0], 10)[0].tolist()


@pytest.mark.parametrize(
    ("factory", "parameters", "named"),
    [("Flatt", "", "faiss_factory"), ("IVF4096,Flat", "", "faiss_factory"), ("Flat", "probe=3", "faiss_search")],
)
def test_settings_that_faiss_cannot_use_are_one_line(factory: str, parameters: str, named: str) -> None:
    with pytest.raises(SettingsInvalid, match=named) as caught:
        FaissDense.build(VECTORS, factory, parameters)
    assert "\n" not in str(caught.value)
