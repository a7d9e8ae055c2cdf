"""The vector cache: what is stored comes back, what is damaged does not."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from index.cache import VectorCache, vector_key

KEYS = [vector_key("model", text) for text in ("一", "二", "三")]
VECTORS = np.arange(12, dtype=np.float32).reshape(3, 4)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "cache" / "vectors.sqlite"
    cache = VectorCache(file)
    cache.put(KEYS, VECTORS)
    cache.close()
    return file


def stored(file: Path) -> dict[bytes, np.ndarray]:
    cache = VectorCache(file)
    try:
        return cache.get([*KEYS, vector_key("model", "四")])
    finally:
        cache.close()


def test_what_is_stored_comes_back(file: Path) -> None:
    found = stored(file)
    assert set(found) == set(KEYS)
    assert all(np.array_equal(found[key], VECTORS[i]) for i, key in enumerate(KEYS))


def test_the_model_is_part_of_the_key() -> None:
    assert vector_key("a", "文") != vector_key("b", "文")
    assert vector_key("a", "b文") != vector_key("ab", "文")


def test_an_altered_vector_is_forgotten(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("UPDATE vectors SET vector = zeroblob(16) WHERE key = ?", (KEYS[1],))
    assert set(stored(file)) == {KEYS[0], KEYS[2]}


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look at" * 99, b"SQLite format 3\x00" * 9]
)
def test_a_damaged_file_is_begun_anew(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert stored(file) == {}
    cache = VectorCache(file)
    cache.put(KEYS[:1], VECTORS[:1])
    cache.close()
    assert set(stored(file)) == {KEYS[0]}


def test_a_file_with_other_tables_is_begun_anew(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE vectors (something TEXT)")
    assert stored(file) == {}


def test_more_keys_than_one_statement_takes(file: Path) -> None:
    keys = [vector_key("model", str(i)) for i in range(1200)]
    cache = VectorCache(file)
    cache.put(keys, np.ones((1200, 2), dtype=np.float32))
    assert len(cache.get(keys)) == 1200
    cache.close()
