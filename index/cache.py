"""Vectors by content: a rebuild embeds only texts that it has never seen with this model."""

from __future__ import annotations

import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from index.vectors import Matrix, Vector

# Kept well below the number of variables that SQLite allows in one statement.
_ASK_AT_ONCE = 500


def vector_key(model: str, text: str) -> bytes:
    """What a vector is stored under: the model and all of the text."""
    return hashlib.sha256(f"{model}\x00{text}".encode("utf-8", "surrogatepass")).digest()


class VectorCache:
    """A file of vectors. It may be deleted at any time, and a damaged one is begun anew: it costs time, no more."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._database = self._open(file)
        except sqlite3.DatabaseError:
            for part in file.parent.glob(f"{file.name}*"):  # with its journal
                part.unlink()
            self._database = self._open(file)

    @staticmethod
    def _open(file: Path) -> sqlite3.Connection:
        database = sqlite3.connect(file, timeout=10)
        try:
            database.execute("PRAGMA trusted_schema = OFF")
            if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise sqlite3.DatabaseError("damaged")
            database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL, crc INTEGER NOT NULL)"
                " WITHOUT ROWID"
            )
            database.execute("SELECT key, vector, crc FROM vectors LIMIT 1")
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    def get(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        """Those of the vectors that are stored and whole, by key."""
        found: dict[bytes, Vector] = {}
        for start in range(0, len(keys), _ASK_AT_ONCE):
            part = keys[start : start + _ASK_AT_ONCE]
            marks = ",".join("?" * len(part))
            asked = f"SELECT key, vector, crc FROM vectors WHERE key IN ({marks})"  # noqa: S608 - marks are question marks
            with closing(self._database.execute(asked, part)) as rows:
                for key, blob, crc in rows:
                    if zlib.crc32(blob) == crc and len(blob) % 4 == 0:
                        found[key] = np.frombuffer(blob, dtype="<f4").astype(np.float32)
        return found

    def put(self, keys: Iterable[bytes], vectors: Matrix) -> None:
        """Store vectors, one for each key, at once and for good: an interrupted build goes on from here."""
        blobs = [vector.astype("<f4").tobytes() for vector in vectors]
        rows = [(key, blob, zlib.crc32(blob)) for key, blob in zip(keys, blobs, strict=True)]
        with self._database:
            self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Release the file."""
        self._database.close()
