"""Who is logged in: ``sessions.sqlite`` in the data folder.

On disk, so that a new version or a restart logs nobody out in the middle of a day's work. What is kept of a session's
id is its SHA-256: a copy of the file lets nobody in. What a user may do is not kept at all; it is worked out from his
groups at each request, by the settings of that moment.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.access.login_settings import SessionSettings
from assistant.access.tokens import digest
from assistant.sqlite_file import Kind, SqliteFile
from corpus.errors import AssistantError

FILE = "sessions.sqlite"  # in the data folder
BYTES = 32  # of randomness in an id
_ID = 43  # characters of an id: its bytes in base64 without padding

_SESSION = """
CREATE TABLE session (
    key BLOB NOT NULL PRIMARY KEY CHECK (length(key) = 32),
    user TEXT NOT NULL,
    groups TEXT NOT NULL,
    issuer TEXT NOT NULL,
    began REAL NOT NULL,
    seen REAL NOT NULL
) STRICT, WITHOUT ROWID
"""


class SessionsUnusable(AssistantError):
    """The file of log-in sessions cannot be read or written: then nobody is logged in."""


_KIND = Kind(
    schema=(_SESSION, "CREATE INDEX session_user ON session (user, began)"),
    things=frozenset({("table", "session"), ("index", "session_user")}),
    version=1,
    foreign="not a file of log-in sessions; move it away, and everybody logs in anew",
    damaged="damaged; move it away, and everybody logs in anew",
    unusable=SessionsUnusable,
)


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in that holds. Times in seconds since 1970."""

    user: str
    groups: frozenset[str]
    began: float
    seen: float  # to a minute or so


class LoginSessions:
    """See the module's docstring. Usable from any thread; nothing is written before somebody logs in."""

    def __init__(
        self, path: Path, settings: SessionSettings, issuer: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.path = path
        self._file = SqliteFile(path, _KIND)
        self._settings = settings
        self._issuer = issuer  # whoever was vouched for by another provider is not logged in
        self._clock = clock
        self._longest = settings.hours * 3600
        self._idle = settings.idle_minutes * 60
        self._grain = min(60.0, self._idle / 10)  # how exactly it is kept when a session was used last
        self._lock = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._read_from: tuple[int, int] | None = None

    def begin(self, user: str, groups: frozenset[str], instead: str | None = None) -> str:
        """Logs ``user`` in and returns the id of a new session; the session ``instead`` ends with that.

        Where he, or everybody, has too many, the oldest end. Raises ``SessionsUnusable``.
        """
        made = secrets.token_urlsafe(BYTES)
        now = self._clock()
        said = json.dumps(sorted(groups), ensure_ascii=False)
        with self._file.writing() as database:
            self._sweep(database, now)
            if instead is not None:
                database.execute("DELETE FROM session WHERE key = ?", (digest(instead),))
            (all_,) = database.execute("SELECT count(*) FROM session").fetchone()
            (his,) = database.execute("SELECT count(*) FROM session WHERE user = ?", (user,)).fetchone()
            if his >= self._settings.per_user:
                database.execute(
                    "DELETE FROM session WHERE key IN (SELECT key FROM session WHERE user = ? ORDER BY began LIMIT ?)",
                    (user, his - self._settings.per_user + 1),
                )
            elif all_ >= self._settings.most:
                database.execute(
                    "DELETE FROM session WHERE key IN (SELECT key FROM session ORDER BY seen LIMIT ?)",
                    (all_ - self._settings.most + 1,),
                )
            row = (digest(made), user, said, self._issuer, now, now)
            database.execute("INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)", row)
        return made

    def find(self, given: str) -> Session | None:
        """The session of an id, or None: there is none, or it has ended. Raises ``SessionsUnusable``."""
        if len(given) != _ID:
            return None
        row = self._row(digest(given))
        return None if row is None else self._held(row)

    def _held(self, row: sqlite3.Row) -> Session | None:
        """The session of a row, as long as it holds."""
        now = self._clock()
        began, seen = row["began"], row["seen"]
        # A clock that was set back makes no session live longer than it has, counted from its beginning.
        if row["issuer"] != self._issuer or not began <= now + self._grain or now - began >= self._longest:
            return None
        if now - seen >= self._idle:
            return None
        return Session(row["user"], frozenset(json.loads(row["groups"])), began, seen)

    def is_due(self, session: Session) -> bool:
        """Whether it is time to keep that a session was used."""
        return self._clock() - session.seen >= self._grain

    def note_use(self, given: str) -> None:
        """Keeps that a session was used now. Raises ``SessionsUnusable``."""
        with self._file.writing() as database:
            database.execute("UPDATE session SET seen = ? WHERE key = ?", (self._clock(), digest(given)))

    def end(self, given: str) -> None:
        """Logs one session out; nothing happens where there is none. Raises ``SessionsUnusable``."""
        if self._file.exists():
            with self._file.writing() as database:
                database.execute("DELETE FROM session WHERE key = ?", (digest(given),))

    def end_all(self, user: str | None = None) -> int:
        """Logs a user out everywhere, or everybody, and says how many sessions that ended.

        Raises ``SessionsUnusable``.
        """
        if not self._file.exists():
            return 0
        with self._file.writing() as database:
            self._sweep(database, self._clock())
            chosen, values = ("", ()) if user is None else ("WHERE user = ?", (user,))
            gone = database.execute(f"DELETE FROM session {chosen}", values)  # noqa: S608 - our own words; what is asked for is a parameter
            return int(gone.rowcount)

    def all(self) -> list[Session]:
        """Every session that holds, by user and beginning. Raises ``SessionsUnusable``."""
        if not self._file.exists():
            return []
        with self._file.opened() as database:
            rows = database.execute("SELECT * FROM session ORDER BY user, began").fetchall()
        return [session for session in map(self._held, rows) if session is not None]

    def count(self) -> int:
        """How many sessions are kept, ended ones that were not swept yet among them. Raises ``SessionsUnusable``."""
        if not self._file.exists():
            return 0
        with self._file.opened() as database:
            return int(database.execute("SELECT count(*) FROM session").fetchone()[0])

    def close(self) -> None:
        """Gives the file back. The sessions can be used again after it."""
        with self._lock:
            self._close()

    def _sweep(self, database: sqlite3.Connection, now: float) -> None:
        database.execute("DELETE FROM session WHERE began <= ? OR seen <= ?", (now - self._longest, now - self._idle))

    def _row(self, key: bytes) -> sqlite3.Row | None:
        with self._lock, self._file.told():
            found = self._file.identity()
            if found is None:
                self._close()
                return None
            try:
                if self._reader is None or found != self._read_from:
                    self._close()
                    self._read_from = found
                    self._reader = self._file.connect(any_thread=True)
                row: sqlite3.Row | None = self._reader.execute("SELECT * FROM session WHERE key = ?", (key,)).fetchone()
            except BaseException:
                self._close()
                raise
            return row

    def _close(self) -> None:
        if self._reader is not None:
            with suppress(sqlite3.Error):
                self._reader.close()
        self._reader = None
