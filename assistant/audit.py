"""The audit trail: one JSON line for each event, in a file for each day, kept as long as the office says.

Who asked what by which door, which plans and clauses he was shown, and what came of it. A line is written whole, or
not at all; it is with the operating system before the next one begins, so that a killed process loses none. What
strangers can have written is bounded (``tally.py``), and so is all of it together.
"""

from __future__ import annotations

import errno
import hashlib
import hmac
import json
import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterable, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from assistant.access.model import Principal
from assistant.model import Answer, SearchHit, Suggestion
from assistant.privacy import mask
from assistant.render import shown
from assistant.tally import Tally
from assistant.wording import within
from corpus.config import Section
from corpus.errors import AssistantError

FOLDER = "audit"
KEY = "key"  # of the hashes of questions, beside the files
LIMITED = "plan limited"  # the event
MOST_CLAUSES = 500  # that a line names; the others are counted
MOST_TEXT = 2000  # characters of a question that are kept
MOST_TARGET = 300  # characters of an address that are kept
_STEPS = 16  # in which the file of a day grows to its most; after each there is looked whether older ones have to go

log = logging.getLogger(__name__)

_SHOWN = "assistant.shown"


class AuditSettings(Section):
    """What is written down of who asked what."""

    enabled: bool = Field(default=True, description="whether anything is written")
    questions: Literal["hash", "text", "off"] = Field(
        default="hash", description="of a question: a keyed hash, by which equal ones are known; its words; nothing"
    )
    mask: bool = Field(
        default=True, description="mask numbers of identity cards and telephones, e-mail addresses and keys in words"
    )
    days: int = Field(default=180, ge=1, le=36_500, description="days for which lines are kept")
    max_mb: int = Field(
        default=1024, ge=1, le=1_000_000, description="megabytes of all files, and of one day; the oldest go first"
    )


class AuditUnwritable(AssistantError):
    """The folder of the audit cannot be made, read or written."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one question, search or listing brought before somebody's eyes."""

    event: str  # ask, search, suggest, list, read, export, change …
    question: str = ""
    answer: str = ""  # its status
    plans: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()  # "plan:path", and "~part" where it is a part


def _of(event: str, question: str, answer: str, places: Sequence[tuple[str, str, int]]) -> Shown:
    clauses = dict.fromkeys(f"{plan}:{path}" + (f"~{part}" if part else "") for plan, path, part in places)
    return Shown(event, question, answer, tuple(dict.fromkeys(place[0] for place in places)), tuple(clauses))


def of_answer(question: str, answer: Answer) -> Shown:
    """What an answer shows: the clauses that it cites, relates and asserts."""
    cited = [(c.plan, c.clause, c.part) for c in (*answer.citations, *answer.related)]
    return _of(
        "ask", question, answer.status.value, [*cited, *((a.plan, a.clause, a.part) for a in answer.assignments)]
    )


def of_hits(question: str, hits: Iterable[SearchHit]) -> Shown:
    """What a search shows."""
    return _of("search", question, "", [(hit.plan, hit.clause, hit.part) for hit in hits])


def of_places(event: str, places: Iterable[tuple[str, str, int]], question: str = "") -> Shown:
    """What a listing or an export shows: (plan, path, part) of each clause."""
    return _of(event, question, "", list(places))


def of_suggestions(typed: str, found: Iterable[Suggestion]) -> Shown:
    """What is suggested while somebody types: the plans of each title, body and clause, and the clauses."""
    found = list(found)
    clauses = dict.fromkeys(f"{one.plans[0]}:{one.clause}" for one in found if one.clause)
    plans = dict.fromkeys(plan for one in found for plan in one.plans)
    return Shown("suggest", typed, plans=tuple(plans), clauses=tuple(clauses))


def tell(scope: MutableMapping[str, Any], what: Shown) -> None:
    """Say what a request shows; ``assistant/watch.py`` writes it down when the response has ended."""
    scope.setdefault(_SHOWN, []).append(what)


def told(scope: MutableMapping[str, Any]) -> list[Shown]:
    """All that was said of a request, in order."""
    found: list[Shown] = scope.get(_SHOWN, [])
    return found


class Audit:
    """Writes the trail of one data folder. Safe to use from several threads, and beside other processes."""

    def __init__(
        self, data: Path, settings: AuditSettings | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Makes the folder, for its owner alone. Raises ``AuditUnwritable``."""
        self.settings = settings or AuditSettings()
        self.folder = data / FOLDER
        self.lost = 0  # lines that could not be written
        self._now = now
        self._lock = threading.Lock()
        self._day = ""
        self._file: int | None = None
        self._cut = False  # whether the last line was written in part
        self._step = -1  # of the file of the day, in which the older ones were looked at
        self._minute = -1
        self._strangers, self._users = Tally(), Tally()  # what was refused to nobody known, and to people by name
        self._key = b""
        if self.settings.enabled:
            try:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._key = _key(self.folder / KEY)
            except OSError as error:
                raise AuditUnwritable(
                    f"{self.folder}: cannot be written ({error.strerror}); free space or correct the permissions, "
                    "or set [audit] enabled = false"
                ) from None

    def write(
        self,
        event: str,
        who: Principal | None,
        *,
        door: str = "",
        status: int | None = None,
        ms: float | None = None,
        address: str = "",
        what: Shown | None = None,
        target: str = "",
    ) -> None:
        """One line. Never raises: the reader is answered, and the log tells what was not written down.

        ``status`` is that of HTTP, ``target`` what a change was made to, or the path that was asked for.
        """
        if not self.settings.enabled:
            return
        moment = self._now().astimezone(UTC)
        line: dict[str, Any] = {"time": moment.isoformat(timespec="milliseconds"), "event": event}
        line |= {"who": who.name, "via": who.via} if who else {"who": "", "via": "nobody"}
        place = self._place(target)
        line |= {name: value for name, value in (("door", door), ("from", address), ("target", place)) if value}
        line |= {name: value for name, value in (("status", status), ("ms", ms and round(ms, 1))) if value is not None}
        if what:
            line |= self._shown(what)
        with self._lock:
            minute = int(moment.timestamp() // 60)
            if minute != self._minute:
                self._minute = minute
                self._sum_up(moment)
            self._try(moment, line)

    def refused(
        self, who: Principal | None, door: str, status: int, address: str, target: str = "", event: str = "refused"
    ) -> None:
        """A line about a request that was not let in, or that anybody can send; of too many, only how many they were.

        What people are refused by name is counted apart, so that no stranger hides it.
        """
        if not self.settings.enabled:
            return
        with self._lock:
            tally = self._users if who else self._strangers
            if not tally.has_line(self._now().timestamp(), who.name if who else address, status):
                return
        self.write(event, who, door=door, status=status, address=address, target=target)

    def close(self) -> None:
        """Write down what was only counted, and close the file of the day."""
        with self._lock:
            self._sum_up(self._now().astimezone(UTC))
            self._shut()

    def _sum_up(self, moment: datetime) -> None:
        for tally, via in ((self._strangers, "nobody"), (self._users, "users")):
            counted = tally.counted()
            if counted:
                time = moment.isoformat(timespec="milliseconds")
                self._try(moment, {"time": time, "event": "refused", "who": "", "via": via, **counted})

    def _place(self, target: str) -> str:
        """A path as it is kept: not longer than a line can bear, and without personal data and keys."""
        kept = target[: 2 * MOST_TARGET]
        if self.settings.mask:
            kept = "/".join(map(mask, kept.split("/")))  # part by part, or a long path would look like a key
        return within(kept, MOST_TARGET)

    def _try(self, moment: datetime, line: dict[str, Any]) -> None:
        try:
            self._put(moment, line)
        except OSError as error:
            self.lost += 1
            if self.lost == 1 or self.lost % 1000 == 0:
                log.error("%s: an event was not written down (%s), %d so far", self.folder, error.strerror, self.lost)

    def _shown(self, what: Shown) -> dict[str, Any]:
        said: dict[str, Any] = {}
        if what.question and self.settings.questions == "text":
            words = mask(what.question) if self.settings.mask else what.question
            said["question"] = words[:MOST_TEXT]
        elif what.question and self.settings.questions == "hash":
            whole = what.question.encode("utf-8", "replace")
            said["question_hash"] = hmac.new(self._key, whole, hashlib.sha256).hexdigest()[:16]
        if what.answer:
            said["answer"] = what.answer
        said |= {"plans": list(what.plans), "clauses": list(what.clauses[:MOST_CLAUSES])}
        if len(what.clauses) > MOST_CLAUSES:
            said["more_clauses"] = len(what.clauses) - MOST_CLAUSES
        return said

    def _put(self, moment: datetime, line: dict[str, Any]) -> None:
        day = moment.date().isoformat()
        if self._file is None or day != self._day:
            self._shut()
            self._file = os.open(self.folder / f"{day}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            self._day, self._step = day, -1
        # JSON escapes line ends and what steers a terminal; directional marks and the like are taken out.
        text = json.dumps(_plain(line), ensure_ascii=False, separators=(",", ":"))
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")  # some viewers break lines there
        content = (b"\n" if self._cut else b"") + text.encode("utf-8") + b"\n"
        size = os.fstat(self._file).st_size  # other processes write there too
        if size + len(content) > self._most:
            raise OSError(errno.EFBIG, "the file of the day has the size of [audit] max_mb")
        step = _STEPS * size // self._most
        if step != self._step:
            self._step = step
            self._clear(moment, size)
        self._cut = os.write(self._file, content) != len(content)
        if self._cut:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _shut(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    @property
    def _most(self) -> int:
        return self.settings.max_mb << 20

    def _clear(self, moment: datetime, size: int) -> None:
        """Remove the files that are too old, and the oldest where all together are too large; never that of today.

        ``size`` is that of today's; what it may grow by until this is done again counts too. Of a file for which there
        is no room, only that file goes: an older and smaller one, for which there is, stays.
        """
        oldest = (moment - timedelta(days=self.settings.days)).date().isoformat()
        room = self._most - size - self._most // _STEPS
        for file in sorted(self.folder.glob("[0-9]*-[0-9]*-[0-9]*.jsonl"), reverse=True):
            if file.stem == self._day:
                continue
            with suppress(FileNotFoundError):  # another process was quicker
                size = file.stat().st_size
                if file.stem < oldest or size > room:
                    file.unlink()
                else:
                    room -= size


def _key(path: Path) -> bytes:
    """The key in a file, made where there is none. Whoever has it can try questions against the hashes."""
    if not path.exists():
        fresh = path.with_suffix(f".{secrets.token_hex(8)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(secrets.token_bytes(32))
        with suppress(FileExistsError):  # another process was quicker, and its key is the one
            os.link(fresh, path)
        fresh.unlink()
    return path.read_bytes()


def _plain(value: Any) -> Any:
    """Texts without what could mislead whoever reads the file."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {name: _plain(item) for name, item in value.items()} if isinstance(value, dict) else value
