"""API tokens and the limits of plans: ``access.sqlite`` in the data folder.

What it says holds from the next request on, whichever process wrote it: a reader looks at SQLite's count of changes
each time. Where the file cannot be read, nobody is let in by it and no plan is shown; nothing falls back to "open".
A file that is gone is no new beginning either: an empty ``access.begun`` beside it says that there was one.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from assistant.access.model import Limits, Principal, Scope
from assistant.access.names import LONGEST, is_token_name, name_of
from assistant.access.tokens import digest, is_token, new_token
from assistant.sqlite_file import Kind, SqliteFile
from corpus.errors import AssistantError

FILE = "access.sqlite"  # in the data folder
BEGUN = ".begun"  # the suffix of what says that there was such a file
DAYS = 365  # a token's life, where nothing else is said
MOST_DAYS = 3650
MOST_TOKENS = 10_000  # with the revoked ones

_TOKENS = """
CREATE TABLE token (
    name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    hint TEXT NOT NULL,
    scopes TEXT NOT NULL,
    groups TEXT NOT NULL,
    plans TEXT,
    created TEXT NOT NULL,
    expires TEXT,
    revoked TEXT,
    used TEXT
) STRICT
"""
_LIMITS = """
CREATE TABLE plan_limit (
    plan TEXT NOT NULL,
    group_name TEXT NOT NULL,
    PRIMARY KEY (plan, group_name)
) STRICT, WITHOUT ROWID
"""


class AccessUnusable(AssistantError):
    """The file of tokens and limits cannot be read or written: then nobody is let in by it, and no plan is shown."""


class AccessInvalid(AssistantError):
    """A token or a limit that cannot be made, or is not there."""


_KIND = Kind(
    schema=(_TOKENS, _LIMITS),
    things=frozenset({("table", "token"), ("table", "plan_limit")}),
    version=1,
    foreign="not a file of tokens and limits; bring it back from a backup",
    damaged="damaged, and left as it is; bring it back from a backup: without it nobody knows which plans are limited",
    unusable=AccessUnusable,
    replaceable=False,
)


_GONE = "is gone; bring it back from a backup: without it nobody knows which plans are limited"


def now() -> datetime:
    """The time by which tokens are made and end, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Token:
    """One API token as it is kept. ``plans`` None: not confined to any; times in UTC; ``used`` by day, or empty."""

    name: str
    hint: str  # its last four characters
    scopes: frozenset[Scope]
    groups: frozenset[str]
    plans: frozenset[str] | None
    created: datetime
    expires: datetime | None
    revoked: datetime | None
    used: str
    digest: bytes = field(repr=False)

    def state(self, at: datetime) -> str:
        """ "live", "expired" or "revoked"."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and at >= self.expires else "live"

    def principal(self) -> Principal:
        """Who asks with it."""
        return Principal(f"token:{self.name}", self.scopes, self.groups, self.plans, "token")


@dataclass(frozen=True, slots=True)
class _State:
    """All that the file says."""

    tokens: dict[bytes, Token]
    limits: Limits


_NOTHING = _State({}, MappingProxyType({}))


class AccessStore:
    """See the module's docstring. Usable from any thread; nothing is written before there is something to write."""

    def __init__(self, path: Path, clock: Callable[[], datetime] = now) -> None:
        self.path = path
        self._file = SqliteFile(path, _KIND)
        self._begun = path.with_suffix(BEGUN)
        self._clock = clock
        self._lock = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._read_from: tuple[int, int] | None = None  # the file that the reader has open
        self._version = -1
        self._state = _NOTHING

    # -- as requests need it -----------------------------------------------------------------------------------

    def limits(self) -> Limits:
        """Plan id → groups that may see it, as it is now. Raises ``AccessUnusable``."""
        return self._now().limits

    def token_of(self, text: str) -> Token | None:
        """The live token that a text is; None: it is none of ours, has ended, or was revoked.

        Raises ``AccessUnusable``.
        """
        kept = digest(text)
        token = self._now().tokens.get(kept) if is_token(text) else None
        if token is None or not secrets.compare_digest(token.digest, kept):
            return None
        return token if token.state(self._clock()) == "live" else None

    def note_use(self, token: Token) -> None:
        """Keeps that a token was used today, once a day. Raises ``AccessUnusable``."""
        today = self._clock().date().isoformat()
        if token.used < today:
            with self._writing() as database:
                database.execute("UPDATE token SET used = ? WHERE name = ?", (today, token.name))

    def _now(self) -> _State:
        with self._lock, self._file.told():
            found = self._file.identity()
            if found is None:
                self._close()
                if self._begun.exists():
                    raise AccessUnusable(f"{self.path}: {_GONE}")
                return _NOTHING
            try:
                if self._reader is None or found != self._read_from or _version(self._reader) != self._version:
                    self._close()
                    self._read_from = found
                    self._begin()
                    self._reader = self._file.connect(any_thread=True)  # looked at anew: it may be damaged by now
                    self._version = _version(self._reader)
                    self._state = _read(self._reader)
            except BaseException:
                self._close()
                raise
            return self._state

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction; on a new file only where there never was one."""
        self._now()
        with self._file.writing() as database:
            yield database
        with self._file.told():
            self._begin()

    def _begin(self) -> None:
        """Keeps that there is a file. Raises ``OSError``."""
        if not self._begun.exists():
            self._begun.touch(mode=0o600)

    def _close(self) -> None:
        if self._reader is not None:
            with suppress(sqlite3.Error):
                self._reader.close()
        self._reader, self._version, self._state = None, -1, _NOTHING

    def close(self) -> None:
        """Gives the file back. The store can be used again after it."""
        with self._lock:
            self._close()

    # -- as commands need it -----------------------------------------------------------------------------------

    def tokens(self) -> list[Token]:
        """Every token, also those that ended, by name. Raises ``AccessUnusable``."""
        return sorted(self._now().tokens.values(), key=lambda token: token.name.lower())

    def create(
        self,
        name: str,
        scopes: Collection[Scope],
        groups: Collection[str] = (),
        plans: Collection[str] | None = None,
        days: int = DAYS,
    ) -> str:
        """Makes a token and returns its text, which is kept nowhere. ``days`` 0: it never ends.

        Raises ``AccessInvalid`` and ``AccessUnusable``.
        """
        if not is_token_name(name):
            raise AccessInvalid(
                f"{name[:80]!a}: not a name for a token; at most 64 letters, digits, dots and lines, such as portal-2"
            )
        if not scopes:
            raise AccessInvalid(f"{name}: a token needs a scope; give --scope {'|'.join(Scope)}")
        if not 0 <= days <= MOST_DAYS:
            raise AccessInvalid(f"{name}: {days} days; give 1 to {MOST_DAYS}, or 0 for a token that never ends")
        named = sorted(_plan(plan) for plan in plans) if plans is not None else None
        text, at = new_token(), self._clock()
        row = (
            name,
            digest(text),
            text[-4:],
            json.dumps(sorted(scopes)),
            json.dumps(sorted(set(_groups(groups))), ensure_ascii=False),
            None if named is None else json.dumps(named, ensure_ascii=False),
            at.isoformat(timespec="seconds"),
            (at + timedelta(days=days)).isoformat(timespec="seconds") if days else None,
        )
        with self._writing() as database:
            if database.execute("SELECT 1 FROM token WHERE name = ?", (name,)).fetchone():
                raise AccessInvalid(f"{name}: there is or was a token of this name; choose another")
            if database.execute("SELECT count(*) FROM token").fetchone()[0] >= MOST_TOKENS:
                raise AccessInvalid(f"{self.path}: holds {MOST_TOKENS} tokens; share one, or begin a new data folder")
            database.execute(
                "INSERT INTO token (name, digest, hint, scopes, groups, plans, created, expires) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
        return text

    def revoke(self, name: str) -> Token:
        """Ends a token at once and for good. Raises ``AccessInvalid`` where there is none, ``AccessUnusable``."""
        token = next((one for one in self.tokens() if one.name.lower() == name.lower()), None)
        if token is None:
            raise AccessInvalid(f"{name[:80]!a}: there is no token of this name; python -m assistant token list")
        at = self._clock().isoformat(timespec="seconds")
        with self._writing() as database:
            database.execute("UPDATE token SET revoked = coalesce(revoked, ?) WHERE name = ?", (at, token.name))
        return token

    def limit(self, plan: str, groups: Collection[str]) -> frozenset[str]:
        """Only members of these groups (and admins) know of the plan from now on; it need not be loaded yet.

        Returns the groups as they are compared. Raises ``AccessInvalid`` and ``AccessUnusable``.
        """
        plan, named = _plan(plan), _groups(groups)
        if not named:
            raise AccessInvalid(f"{plan}: no group is named; give --group, or take the limit away with: groups open")
        with self._writing() as database:
            database.execute("DELETE FROM plan_limit WHERE plan = ?", (plan,))
            database.executemany("INSERT INTO plan_limit VALUES (?, ?)", [(plan, group) for group in named])
        return named

    def open_to_all(self, plan: str) -> None:
        """Takes the limit of a plan away. Raises ``AccessInvalid`` where it has none, ``AccessUnusable``."""
        if plan not in self.limits():
            raise AccessInvalid(f"{plan[:80]!a}: is not limited; python -m assistant groups list shows what is")
        with self._writing() as database:
            database.execute("DELETE FROM plan_limit WHERE plan = ?", (plan,))


def _groups(names: Collection[str]) -> frozenset[str]:
    found = set[str]()
    for text in names:
        name = name_of(text)
        if name is None:
            raise AccessInvalid(f"{text[:80]!a}: no name of a group; 1 to {LONGEST} characters that can be seen")
        found.add(name)
    return frozenset(found)


def _plan(plan: str) -> str:
    if name_of(plan) != plan:
        raise AccessInvalid(f"{plan[:80]!a}: no id of a plan; python -m index list shows them")
    return plan


def _version(database: sqlite3.Connection) -> int:
    """A number that changes when another connection, of any process, has changed the file."""
    found: int = database.execute("PRAGMA data_version").fetchone()[0]
    return found


def _read(database: sqlite3.Connection) -> _State:
    """All rows. One that cannot be understood makes the whole file unusable: it may be the one that limits."""
    try:
        database.execute("BEGIN")
        tokens = {row["digest"]: _token(row) for row in database.execute("SELECT * FROM token")}
        limits: dict[str, frozenset[str]] = {}
        for row in database.execute("SELECT plan, group_name FROM plan_limit"):
            limits[row["plan"]] = limits.get(row["plan"], frozenset()) | {row["group_name"]}
        database.execute("COMMIT")
    except (ValueError, KeyError, TypeError):
        raise sqlite3.DatabaseError("a row that this version does not understand") from None
    return _State(tokens, MappingProxyType(limits))


def _token(row: sqlite3.Row) -> Token:
    plans = json.loads(row["plans"]) if row["plans"] is not None else None
    return Token(
        name=row["name"],
        hint=row["hint"],
        scopes=frozenset(Scope(scope) for scope in json.loads(row["scopes"])),
        groups=frozenset(_texts(json.loads(row["groups"]))),
        plans=None if plans is None else frozenset(_texts(plans)),
        created=_time(row["created"]),
        expires=None if row["expires"] is None else _time(row["expires"]),
        revoked=None if row["revoked"] is None else _time(row["revoked"]),
        used=row["used"] or "",
        digest=row["digest"],
    )


def _texts(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError("no list of texts")
    return value


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    return at
