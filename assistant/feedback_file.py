"""The SQLite file of the feedback: its table, and what is said of a file that is none."""

from __future__ import annotations

from pathlib import Path

from assistant.sqlite_file import Kind, SqliteFile
from corpus.errors import AssistantError

# The long columns stand last: what stands behind them costs SQLite a walk through all of their pages.
_SCHEMA = """
CREATE TABLE feedback (
    id TEXT NOT NULL PRIMARY KEY,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    edited TEXT,
    state TEXT NOT NULL CHECK (state IN ('new', 'case', 'dismissed')),
    rating TEXT NOT NULL CHECK (rating IN ('up', 'down')),
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    plans TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    lang TEXT NOT NULL,
    comment TEXT NOT NULL,
    filter TEXT,
    turns TEXT NOT NULL,
    eval_case TEXT,
    answer TEXT
) STRICT
"""
_INDEX = "CREATE INDEX feedback_by_time ON feedback (created, state, rating)"


class FeedbackUnwritable(AssistantError):
    """The file of the feedback cannot be read or written: no room, no rights, damaged, in use, or too many rows."""


KIND = Kind(
    schema=(_SCHEMA, _INDEX),
    things=frozenset({("table", "feedback"), ("index", "feedback_by_time")}),
    version=1,
    foreign="not a file of feedback; move it away, and a new one is begun",
    damaged="damaged, and left as it is; bring it back from a backup, or move it away and a new one is begun",
    unusable=FeedbackUnwritable,
)


class FeedbackFile(SqliteFile):
    """One file with the table ``feedback``. A file that is damaged, or not ours, is refused and left as it is."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, KIND)
