"""An SQLite file of ours: made, opened and checked, and its errors as one line with the remedy."""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from assistant.render import shown
from corpus.errors import AssistantError
from index.incoming import sync

_WAIT = 5.0  # seconds for which another writer is waited for


@dataclass(frozen=True, slots=True)
class Step:
    """From one version of a schema to the next: what a file of the version has, and what is done with it."""

    things: frozenset[tuple[str, str]]
    take: Callable[[sqlite3.Connection], object]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file holds, and how its faults are told.

    ``replaceable``: a lost file may be begun anew. Of others an empty file is damage too, and none is ever begun in
    the place of one that was there.
    """

    schema: tuple[str, ...]
    things: frozenset[tuple[str, str]]  # (type, name) of all that the schema makes
    version: int  # of the schema, kept as user_version
    foreign: str  # what is said of a file that is not of this kind
    damaged: str
    unusable: type[AssistantError]
    replaceable: bool = True
    steps: Mapping[int, Step] = field(default_factory=dict)  # from each earlier version that is still taken


class SqliteFile:
    """One file; a connection for each use, from any thread or process.

    Nothing is opened before it is needed. A file that is damaged, or not ours, is refused and left as it is.
    """

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path = path
        self._kind = kind
        self._checked: tuple[int, int] | None = None  # device and inode of the file that was found in order
        self._opening = threading.Lock()

    def exists(self) -> bool:
        """Whether there is a file; True where that cannot be told, and opening it will say why."""
        try:
            return self.identity() is not None
        except OSError:
            return True

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other writer comes between; it is on the disk once this is left without an error."""
        with self.opened() as database:
            with _transaction(database):
                yield database
            if not self._kind.replaceable:  # so that the file is whole by itself, without the log beside it
                database.execute("PRAGMA wal_checkpoint(PASSIVE)")

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """A connection, to a new file where there is none. Every error of SQLite is raised as the kind's own."""
        with self.told():
            with self._opening:
                if self.identity() is None:
                    self._create()
                    self._checked = None  # a new file may be given the inode of the one that was there
            with closing(self.connect()) as database:
                yield database

    def connect(self, any_thread: bool = False) -> sqlite3.Connection:
        """A connection to the file that is there, checked; whoever asks for it closes it. Use it within ``told``."""
        database = sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None, check_same_thread=not any_thread)
        try:
            database.row_factory = sqlite3.Row
            if self._kind.replaceable:  # one text that is no UTF-8 would take all other rows away
                database.text_factory = lambda raw: raw.decode("utf-8", "replace")
            for pragma in ("trusted_schema = OFF", "foreign_keys = ON", "secure_delete = ON", "synchronous = FULL"):
                database.execute(f"PRAGMA {pragma}")
            with self._opening:
                if not self._kind.replaceable or self._checked is None or self._checked != self.identity():
                    self._check(database)
                    self._checked = self.identity()
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def told(self) -> Iterator[None]:
        """Every error of SQLite or of the disk within becomes one line with the remedy."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._kind.unusable(f"{self.path}: {self._remedy(error)}") from None
        except OSError as error:
            raise self._kind.unusable(
                f"{self.path}: cannot be written ({error.strerror}); give the server the right to write there"
            ) from None

    def identity(self) -> tuple[int, int] | None:
        """Device and inode of the file; None where there is none. Raises ``OSError``."""
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
        if self._kind.replaceable:
            with suppress(FileExistsError):
                os.close(_new(self.path))
            return
        # Made whole beside its place: an empty file there is never one that is just being made.
        made = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        try:
            owned = _new(made)
            try:
                owner = self.path.parent.stat()
                if os.geteuid() == 0 and owner.st_uid != 0:  # begun by an administrator, used by the server
                    os.fchown(owned, owner.st_uid, owner.st_gid)
            finally:
                os.close(owned)
            with closing(sqlite3.connect(made, isolation_level=None)) as database:
                database.execute("PRAGMA synchronous = FULL")
                _write_ahead(database)
                with _transaction(database):
                    self._lay_out(database)
            with suppress(FileExistsError):
                os.link(made, self.path)
        finally:
            made.unlink(missing_ok=True)
        sync(self.path.parent)

    def _lay_out(self, database: sqlite3.Connection) -> None:
        for statement in self._kind.schema:
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {self._kind.version:d}")

    def _check(self, database: sqlite3.Connection) -> None:
        """Make the tables where the file is new; refuse one that is not ours, of a later version, or damaged.

        A file that may not be begun anew is looked at before anything is written to it.
        """
        kind = self._kind
        if kind.replaceable:
            _write_ahead(database)
        with _transaction(database, "IMMEDIATE" if kind.replaceable or kind.steps else "DEFERRED"):
            version = database.execute("PRAGMA user_version").fetchone()[0]
            things = _things(database)
            while version in kind.steps and things == kind.steps[version].things:
                kind.steps[version].take(database)
                version, things = version + 1, _things(database)
                database.execute(f"PRAGMA user_version = {version:d}")
            if not version and not things and kind.replaceable:
                self._lay_out(database)
            elif version > kind.version:
                raise kind.unusable(
                    f"{self.path}: written by a later version of the assistant (schema {version}, this one knows "
                    f"{kind.version}); update the assistant"
                )
            elif things != kind.things or version != kind.version:
                raise kind.unusable(f"{self.path}: {kind.foreign}")
        if database.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise kind.unusable(f"{self.path}: {kind.damaged}")
        _write_ahead(database)

    def _remedy(self, error: sqlite3.Error) -> str:
        """What is wrong with the file, and what to do about it."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the rest only says where it happened
        if code == sqlite3.SQLITE_FULL:
            return "cannot be written, the disk is full; make room"
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return "in use by another program; try again, or end that program"
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return self._kind.damaged
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
            return "cannot be written; give the server the right to write to the file and its folder"
        said = shown(" ".join(str(error).split()))
        return f"cannot be used ({said}); check the disk"


def _things(database: sqlite3.Connection) -> set[tuple[str, str]]:
    return {tuple(row) for row in database.execute("SELECT type, name FROM sqlite_schema WHERE sql NOTNULL")}


def _new(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)


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
def _transaction(database: sqlite3.Connection, how: str = "IMMEDIATE") -> Iterator[None]:
    database.execute(f"BEGIN {how}")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # where SQLite has undone it by itself
            database.execute("ROLLBACK")
        raise
