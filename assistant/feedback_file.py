"""The SQLite file of the feedback: made, opened and checked, and its errors as one line with the remedy."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from assistant.render import shown
from corpus.errors import AssistantError

VERSION = 1  # of the schema, kept as user_version
_DAMAGED = "damaged, and left as it is; bring it back from a backup, or move it away and a new one is begun"
_WAIT = 5.0  # seconds for which another writer is waited for

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
_OURS = {("table", "feedback"), ("index", "feedback_by_time")}


class FeedbackUnwritable(AssistantError):
    """The file of the feedback cannot be read or written: no room, no rights, damaged, in use, or too many rows."""


class FeedbackFile:
    """One file with the table ``feedback``; a connection for each use, from any thread or process.

    Nothing is opened before it is needed. A file that is damaged, or not ours, is refused and left as it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._checked: tuple[int, int] | None = None  # device and inode of the file that was found in order
        self._opening = threading.Lock()

    def exists(self) -> bool:
        """Whether there is a file; True where that cannot be told, and opening it will say why."""
        try:
            return self._identity() is not None
        except OSError:
            return True

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other writer comes between; it is on the disk once this is left without an error."""
        with self.opened() as database, _transaction(database):
            yield database

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """A connection, to a new file where there is none. Every error of SQLite becomes ``FeedbackUnwritable``."""
        try:
            with self._opening:
                if self._identity() is None:
                    self._create()
            with closing(sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)) as database:
                database.row_factory = sqlite3.Row
                # One text that is no UTF-8 would take all other rows away.
                database.text_factory = lambda raw: raw.decode("utf-8", "replace")
                for pragma in ("trusted_schema = OFF", "foreign_keys = ON", "secure_delete = ON", "synchronous = FULL"):
                    database.execute(f"PRAGMA {pragma}")
                with self._opening:
                    if self._checked is None or self._checked != self._identity():
                        self._check(database)
                        self._checked = self._identity()
                yield database
        except sqlite3.Error as error:
            raise FeedbackUnwritable(f"{self.path}: {_remedy(error)}") from None
        except OSError as error:
            raise FeedbackUnwritable(
                f"{self.path}: cannot be written ({error.strerror}); give the server the right to write there"
            ) from None

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _create(self) -> None:
        """An empty file that only the server's user may read; SQLite gives the files beside it the same rights.

        A file that is there already is not opened: closing it would take away the locks that other
        connections of this process hold on it.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

    def _check(self, database: sqlite3.Connection) -> None:
        """Make the table where the file is new; refuse one that is not ours, of a later version, or damaged."""
        _write_ahead(database)
        with _transaction(database):
            version = database.execute("PRAGMA user_version").fetchone()[0]
            things = {tuple(row) for row in database.execute("SELECT type, name FROM sqlite_schema WHERE sql NOTNULL")}
            if not version and not things:
                database.execute(_SCHEMA)
                database.execute(_INDEX)
                database.execute(f"PRAGMA user_version = {VERSION}")
            elif version > VERSION:
                raise FeedbackUnwritable(
                    f"{self.path}: written by a later version of the assistant (schema {version}, this one knows "
                    f"{VERSION}); update the assistant"
                )
            elif things != _OURS:
                raise FeedbackUnwritable(f"{self.path}: not a file of feedback; move it away, and a new one is begun")
        if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise FeedbackUnwritable(f"{self.path}: {_DAMAGED}")


def _write_ahead(database: sqlite3.Connection) -> None:
    """Write-ahead log, so that readers and the writer do not wait for each other.

    SQLite does not wait by itself where two connections change the mode at once.
    """
    end = time.monotonic() + _WAIT
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.02)


@contextmanager
def _transaction(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # where SQLite has undone it by itself
            database.execute("ROLLBACK")
        raise


def _remedy(error: sqlite3.Error) -> str:
    """What is wrong with the file, and what to do about it."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the rest only says where it happened
    if code == sqlite3.SQLITE_FULL:
        return "cannot be written, the disk is full; make room"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "in use by another program; try again, or end that program"
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _DAMAGED
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return "cannot be written; give the server the right to write to the file and its folder"
    said = shown(" ".join(str(error).split()))
    return f"cannot be used ({said}); check the disk"
