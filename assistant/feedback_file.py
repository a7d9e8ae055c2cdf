"""The SQLite file of the feedback: its table, and what is said of a file that is none."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from assistant.model import Answer
from assistant.sqlite_file import Kind, SqliteFile, Step
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
    seen INTEGER NOT NULL REFERENCES seen_plans (id),
    comment TEXT NOT NULL,
    filter TEXT,
    turns TEXT NOT NULL,
    eval_case TEXT,
    answer TEXT
) STRICT
"""
# The plans that one could see, each such set once: who may not see them all is not shown the rows.
_SEEN = "CREATE TABLE seen_plans (id INTEGER PRIMARY KEY, plans TEXT NOT NULL UNIQUE) STRICT"
_INDEX = "CREATE INDEX feedback_by_time ON feedback (created, state, rating)"


class FeedbackUnwritable(AssistantError):
    """The file of the feedback cannot be read or written: no room, no rights, damaged, in use, or too many rows."""


def seen_id(database: sqlite3.Connection, plans: Iterable[str]) -> int:
    """The number of a set of plans, kept where it is a new one."""
    listed = json.dumps(sorted(set(plans)), ensure_ascii=False)
    database.execute("INSERT INTO seen_plans (plans) VALUES (?) ON CONFLICT DO NOTHING", (listed,))
    return int(database.execute("SELECT id FROM seen_plans WHERE plans = ?", (listed,)).fetchone()[0])


def named_in(answer: Answer) -> Iterator[str]:
    """The plans that an answer names, those worth reading among them."""
    yield from (citation.plan for citation in (*answer.citations, *answer.related))
    yield from (row.plan for row in answer.assignments)


def _who_saw_what(database: sqlite3.Connection) -> None:
    """Version 1 did not say what the asker could see: then it is taken to be the plans that the row names."""
    database.execute("ALTER TABLE feedback RENAME TO earlier")
    database.execute("DROP INDEX feedback_by_time")
    for statement in (_SEEN, _SCHEMA, _INDEX):
        database.execute(statement)
    for row in database.execute("SELECT rowid, plans, filter, answer FROM earlier ORDER BY rowid").fetchall():
        database.execute(
            "INSERT INTO feedback SELECT id, created, updated, edited, state, rating, reason, status, plans,"
            " fingerprint, lang, ?, comment, filter, turns, eval_case, answer FROM earlier WHERE rowid = ?",
            (seen_id(database, _named(row)), row["rowid"]),
        )
    database.execute("DROP TABLE earlier")


def _named(row: sqlite3.Row) -> set[str]:
    found: set[str] = set()
    for column in ("plans", "filter"):
        try:
            found |= {str(plan) for plan in json.loads(row[column] or "[]")}
        except (ValueError, TypeError, RecursionError):
            continue  # a column that somebody broke: the row says so where it is shown
    try:
        return found | set(named_in(Answer.model_validate_json(row["answer"] or "")))
    except ValidationError:
        return found


_INDEX_THING = ("index", "feedback_by_time")
KIND = Kind(
    schema=(_SEEN, _SCHEMA, _INDEX),
    things=frozenset({("table", "feedback"), ("table", "seen_plans"), _INDEX_THING}),
    steps={1: Step(frozenset({("table", "feedback"), _INDEX_THING}), _who_saw_what)},
    version=2,
    foreign="not a file of feedback; move it away, and a new one is begun",
    damaged="damaged, and left as it is; bring it back from a backup, or move it away and a new one is begun",
    unusable=FeedbackUnwritable,
)


class FeedbackFile(SqliteFile):
    """One file with the table ``feedback``. A file that is damaged, or not ours, is refused and left as it is."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, KIND)
