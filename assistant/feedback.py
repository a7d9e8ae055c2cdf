"""What readers say of answers, in one SQLite file: data/feedback.sqlite.

A row is one answer with its vote; voting again changes the row. Nothing of who asked is in it: no name, no address,
no session. What of the question is kept, for how long, and whether personal data is masked is up to the settings.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import ValidationError

from assistant.config import AssistantSettings
from assistant.model import Answer
from assistant.privacy import mask
from assistant.render import shown
from corpus.errors import AssistantError

Rating = Literal["up", "down"]
Reason = Literal["omission", "wrong_citation", "wrong_unit", "should_refuse", "other"]
State = Literal["new", "case", "dismissed"]
REASONS: tuple[Reason, ...] = get_args(Reason)
STATES: tuple[State, ...] = get_args(State)

FILE = "feedback.sqlite"  # in the data folder
LONGEST_COMMENT = 500  # characters
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


@dataclass(frozen=True, slots=True)
class Feedback:
    """One row: an answer with what its reader said of it. Times are UTC in ISO 8601, to the second."""

    id: str  # of the exchange in the chat, 32 hexadecimal digits
    created: str
    updated: str
    rating: Rating
    reason: Reason | Literal[""]
    comment: str  # one line of at most 500 characters
    turns: tuple[str, ...]  # the conversation's questions up to this one; () where only ratings are kept
    filter: tuple[str, ...] | None  # plans to which the reader limited the question; None: no limit
    status: str  # of the answer
    plans: tuple[str, ...]  # that the answer names, in its order
    answer_json: str | None  # the answer as it was given; None where only ratings are kept
    fingerprint: str  # of the index that gave it
    lang: str  # of the page: zh or en
    state: State
    case: dict[str, Any] | None  # the question of an eval set that an editor made of it
    edited: str | None  # when an editor last touched it

    @property
    def question(self) -> str:
        """What was asked; "" where only ratings are kept."""
        return self.turns[-1] if self.turns else ""

    def answer(self) -> Answer | None:
        """The answer as it was given; None where it is not kept, or of a shape that this version does not know."""
        try:
            return Answer.model_validate_json(self.answer_json) if self.answer_json else None
        except ValidationError:
            return None


class FeedbackStore:
    """The feedback of one data folder. Safe to use from several threads and processes.

    Nothing is opened before it is needed, so a disk that is full or read-only stops no chat: each method
    that touches the file may raise ``FeedbackUnwritable``. A damaged file is left as it is.
    """

    def __init__(self, file: Path, settings: AssistantSettings | None = None) -> None:
        self.file = file
        self.settings = settings or AssistantSettings()
        self._checked: tuple[int, int] | None = None  # device and inode of the file that was found in order
        self._opening = threading.Lock()

    @property
    def offered(self) -> bool:
        """Whether readers are asked what they think of an answer."""
        return self.settings.feedback != "off"

    @property
    def with_words(self) -> bool:
        """Whether question, answer and comment are kept, and not the rating alone."""
        return self.settings.feedback == "full"

    def record(
        self,
        id: str,
        rating: Rating,
        turns: Sequence[str],
        answer: Answer,
        fingerprint: str,
        *,
        filter: Sequence[str] | None = None,
        reason: Reason | Literal[""] = "",
        comment: str = "",
        lang: str = "zh",
    ) -> None:
        """Keep a vote; one on the same ``id`` is replaced, and what an editor made of it stays.

        ``turns`` are the conversation's questions, the one voted on last. Raises ``ValueError`` for a rating
        or reason that does not exist, and ``FeedbackUnwritable``.
        """
        if rating not in get_args(Rating) or (reason and reason not in REASONS):
            raise ValueError(f"no such vote: {rating!r}, {reason!r}")
        if not self.offered:
            return
        asked, said, made = [shown(turn) for turn in turns], one_line(comment), answer
        if self.settings.feedback_mask:
            asked, said = [mask(turn) for turn in asked], mask(said)
            # Quotes are the plans' own words, and their places would no longer fit.
            update = {"text": mask(answer.text), "scope": [mask(words) for words in answer.scope]}
            made = answer.model_copy(update=update)
        now = _now()
        row = {
            "id": id,
            "now": now,
            "rating": rating,
            "reason": reason,
            "comment": said[:LONGEST_COMMENT] if self.with_words else "",
            "turns": _json(asked if self.with_words else []),
            "filter": _json(list(filter)) if filter is not None and self.with_words else None,
            "status": str(answer.status),
            "plans": _json(list(dict.fromkeys(citation.plan for citation in answer.citations))),
            "answer": _json(made.model_dump(mode="json")) if self.with_words else None,
            "fingerprint": fingerprint,
            "lang": lang,
        }
        with self._writing() as database:
            self._forget_old(database)
            self._make_room(database, id)
            database.execute(
                "INSERT INTO feedback VALUES (:id, :now, :now, NULL, 'new', :rating, :reason, :status, :plans,"
                " :fingerprint, :lang, :comment, :filter, :turns, NULL, :answer)"
                " ON CONFLICT (id) DO UPDATE SET updated = excluded.updated, rating = excluded.rating,"
                " reason = excluded.reason, comment = excluded.comment",
                row,
            )

    def withdraw(self, id: str) -> None:
        """The reader takes a vote back: the row goes, unless an editor has made a case of it."""
        if self._exists():
            with self._writing() as database:
                database.execute("DELETE FROM feedback WHERE id = ? AND state != 'case'", (id,))

    def get(self, id: str) -> Feedback | None:
        """One row, or None where there is none."""
        found = self._read("SELECT * FROM feedback WHERE id = ?", (id,))
        return self._row(found[0]) if found else None

    def rows(
        self, state: State | None = None, rating: Rating | None = None, limit: int = -1, offset: int = 0
    ) -> list[Feedback]:
        """Rows, the newest first; ``limit`` -1 means all from ``offset`` on."""
        where, values = _where(state, rating)
        newest = f"SELECT * FROM feedback{where} ORDER BY created DESC, rowid DESC LIMIT ? OFFSET ?"
        return [self._row(row) for row in self._read(newest, (*values, limit, offset))]

    def count(self, state: State | None = None, rating: Rating | None = None) -> int:
        """How many rows ``rows`` would give without a limit."""
        where, values = _where(state, rating)
        found = self._read(f"SELECT count(*) FROM feedback{where}", values)
        return int(found[0][0]) if found else 0

    def set_case(self, id: str, case: dict[str, Any]) -> bool:
        """The row has become a question of an eval set; False where there is no such row."""
        return self._edit(id, "case", _json(case))

    def dismiss(self, id: str) -> bool:
        """The row shall not become a question; a case made of it goes. False where there is no such row."""
        return self._edit(id, "dismissed", None)

    def reopen(self, id: str) -> bool:
        """The row is to be looked at again; a case made of it goes. False where there is no such row."""
        return self._edit(id, "new", None)

    def delete(self, id: str) -> bool:
        """Remove a row for good; False where there is no such row."""
        if not self._exists():
            return False
        with self._writing() as database:
            return database.execute("DELETE FROM feedback WHERE id = ?", (id,)).rowcount > 0

    def _edit(self, id: str, state: State, case: str | None) -> bool:
        if not self._exists():
            return False
        with self._writing() as database:
            changed = database.execute(
                "UPDATE feedback SET state = ?, eval_case = ?, edited = ? WHERE id = ?", (state, case, _now(), id)
            )
            return changed.rowcount > 0

    def _forget_old(self, database: sqlite3.Connection) -> None:
        days = self.settings.feedback_days
        if days:
            oldest = _text(datetime.now(UTC) - timedelta(days=days))
            database.execute("DELETE FROM feedback WHERE state != 'case' AND created < ?", (oldest,))

    def _make_room(self, database: sqlite3.Connection, id: str) -> None:
        most = self.settings.feedback_rows
        kept = database.execute("SELECT count(*) FROM feedback WHERE id != ?", (id,)).fetchone()[0]
        if kept >= most:
            raise FeedbackUnwritable(
                f"{self.file}: holds {kept:,} rows, as many as feedback_rows allows; raise that setting, or set "
                "feedback_days so that old rows go"
            )

    def _read(self, query: str, values: tuple[Any, ...]) -> list[sqlite3.Row]:
        """All rows of a query; none where nobody has voted yet, and no file is made for it."""
        if not self._exists():
            return []
        if self.settings.feedback_days:
            with self._writing() as database:
                self._forget_old(database)
        with self._open() as database:
            return database.execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other writer comes between; it is on the disk once this is left without an error."""
        with self._open() as database, _transaction(database):
            yield database

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection for one call. Every error of SQLite becomes ``FeedbackUnwritable``."""
        try:
            with self._opening:
                if self._identity() is None:
                    self._create()
            with closing(sqlite3.connect(self.file, timeout=_WAIT, isolation_level=None)) as database:
                database.row_factory = sqlite3.Row
                for pragma in ("trusted_schema = OFF", "foreign_keys = ON", "secure_delete = ON", "synchronous = FULL"):
                    database.execute(f"PRAGMA {pragma}")
                with self._opening:
                    if self._checked is None or self._checked != self._identity():
                        self._check(database)
                        self._checked = self._identity()
                yield database
        except sqlite3.Error as error:
            raise FeedbackUnwritable(f"{self.file}: {_remedy(error)}") from None
        except OSError as error:
            raise FeedbackUnwritable(
                f"{self.file}: cannot be written ({error.strerror}); give the server the right to write there"
            ) from None

    def _exists(self) -> bool:
        try:
            return self._identity() is not None
        except OSError:
            return True  # opening it will say what is wrong

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self.file.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def _create(self) -> None:
        """An empty file that only the server's user may read; SQLite gives the files beside it the same rights.

        A file that is there already is not opened: closing it would take away the locks that other
        connections of this process hold on it.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(self.file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))

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
                    f"{self.file}: written by a later version of the assistant (schema {version}, this one knows "
                    f"{VERSION}); update the assistant"
                )
            elif things != _OURS:
                raise FeedbackUnwritable(f"{self.file}: not a file of feedback; move it away, and a new one is begun")
        if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise FeedbackUnwritable(f"{self.file}: {_DAMAGED}")

    def _row(self, row: sqlite3.Row) -> Feedback:
        case, limited = row["eval_case"], row["filter"]
        try:
            return Feedback(
                id=row["id"],
                created=row["created"],
                updated=row["updated"],
                rating=row["rating"],
                reason=row["reason"],
                comment=row["comment"],
                turns=tuple(json.loads(row["turns"])),
                filter=None if limited is None else tuple(json.loads(limited)),
                status=row["status"],
                plans=tuple(json.loads(row["plans"])),
                answer_json=row["answer"],
                fingerprint=row["fingerprint"],
                lang=row["lang"],
                state=row["state"],
                case=None if case is None else json.loads(case),
                edited=row["edited"],
            )
        except ValueError:
            raise FeedbackUnwritable(f"{self.file}: {_DAMAGED}") from None


def one_line(text: str) -> str:
    """Free text as one line without control characters, directional marks and lone surrogates."""
    return shown(" ".join(text.split()))


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


def _where(state: State | None, rating: Rating | None) -> tuple[str, tuple[str, ...]]:
    """A condition with a mark for each value, and the values."""
    given = {name: value for name, value in (("state", state), ("rating", rating)) if value is not None}
    return (f" WHERE {' AND '.join(f'{name} = ?' for name in given)}" if given else ""), tuple(given.values())


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
    return f"cannot be used ({one_line(str(error))}); check the disk"


def _json(value: Any) -> str:
    # A lone surrogate, which no file in UTF-8 can hold, may stand in what a model reworded.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "ignore").decode("utf-8")


def _now() -> str:
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
