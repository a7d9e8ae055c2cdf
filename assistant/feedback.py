"""What readers say of answers, in one SQLite file: data/feedback.sqlite.

A row is one answer with its vote; voting again changes the row. Nothing of who asked is in it: no name, no address,
no session; only which plans he could see, so that nobody is shown it who may not see them too. What of the question is
kept, for how long, and whether personal data is masked is up to the settings.
"""

from __future__ import annotations

import copy
import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError

from assistant.access.sight import Sight
from assistant.config import AssistantSettings
from assistant.feedback_file import FeedbackFile, named_in, seen_id
from assistant.feedback_file import FeedbackUnwritable as FeedbackUnwritable
from assistant.model import Answer
from assistant.privacy import mask
from assistant.render import shown

Rating = Literal["up", "down"]
Reason = Literal["omission", "wrong_citation", "wrong_unit", "should_refuse", "other"]
State = Literal["new", "case", "dismissed"]
REASONS: tuple[Reason, ...] = get_args(Reason)

FILE = "feedback.sqlite"  # in the data folder
LONGEST_COMMENT = 500  # characters

_Value = TypeVar("_Value")
_TEXTS: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])
_CASE: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])


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
    damaged: tuple[str, ...] = ()  # columns that cannot be read; they are empty here, and in the file as they were

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
        self._file = FeedbackFile(file)
        self._sight: Sight | None = None  # None: an administrator's, at the command line

    def seen_by(self, sight: Sight) -> FeedbackStore:
        """The same feedback without the rows of those who could see a plan that is hidden from this one.

        Such rows are not counted, listed, exported, opened or changed.
        """
        part = copy.copy(self)
        part._sight = sight
        return part

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
        seen: Collection[str] = (),
    ) -> None:
        """Keep a vote; one on the same ``id`` is replaced, and what an editor made of it stays.

        ``turns`` are the conversation's questions, the one voted on last; ``seen`` every plan that the asker could
        see, to which those are added that the answer names. Raises ``ValueError`` for a rating
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
        row: dict[str, Any] = {
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
        with self._file.writing() as database:
            self._forget_old(database)
            self._make_room(database, id)
            row["seen"] = seen_id(database, {*seen, *(filter or ()), *named_in(answer)})
            database.execute(
                "INSERT INTO feedback VALUES (:id, :now, :now, NULL, 'new', :rating, :reason, :status, :plans,"
                " :fingerprint, :lang, :seen, :comment, :filter, :turns, NULL, :answer)"
                " ON CONFLICT (id) DO UPDATE SET updated = excluded.updated, rating = excluded.rating,"
                " reason = excluded.reason, comment = excluded.comment",
                row,
            )

    def withdraw(self, id: str) -> None:
        """The reader takes a vote back: the row goes, unless an editor has made a case of it."""
        if self._file.exists():
            with self._file.writing() as database:
                database.execute("DELETE FROM feedback WHERE id = ? AND state != 'case'", (id,))

    def get(self, id: str) -> Feedback | None:
        """One row, or None where there is none."""
        found = self._read("SELECT *", {"id": id})
        return _row(found[0]) if found else None

    def rows(
        self, state: State | None = None, rating: Rating | None = None, limit: int = -1, offset: int = 0
    ) -> list[Feedback]:
        """Rows, the newest first; ``limit`` -1 means all from ``offset`` on."""
        newest = " ORDER BY created DESC, rowid DESC LIMIT ? OFFSET ?"
        found = self._read("SELECT *", {"state": state, "rating": rating}, newest, (limit, offset))
        return [_row(row) for row in found]

    def count(self, state: State | None = None, rating: Rating | None = None) -> int:
        """How many rows ``rows`` would give without a limit."""
        found = self._read("SELECT count(*)", {"state": state, "rating": rating})
        return int(found[0][0]) if found else 0

    def set_case(self, id: str, case: dict[str, Any], plans: Collection[str] = ()) -> bool:
        """The row has become a question of an eval set, with what ``plans`` say; False where there is no such row."""
        return self._edit(id, "case", _json(case), plans)

    def dismiss(self, id: str) -> bool:
        """The row shall not become a question; a case made of it goes. False where there is no such row."""
        return self._edit(id, "dismissed", None)

    def reopen(self, id: str) -> bool:
        """The row is to be looked at again; a case made of it goes. False where there is no such row."""
        return self._edit(id, "new", None)

    def delete(self, id: str) -> bool:
        """Remove a row for good; False where there is no such row."""
        if not self._file.exists():
            return False
        with self._file.writing() as database:
            where, values = self._where(database, {"id": id})
            gone = database.execute(f"DELETE FROM feedback{where}", values)  # noqa: S608 - our own words; what is asked for is a parameter
            return gone.rowcount > 0

    def _edit(self, id: str, state: State, case: str | None, plans: Collection[str] = ()) -> bool:
        if not self._file.exists():
            return False
        with self._file.writing() as database:
            where, values = self._where(database, {"id": id})
            rows = database.execute(f"SELECT seen FROM feedback{where}", values)  # noqa: S608 - our own words; what is asked for is a parameter
            found = rows.fetchone()
            if found is None:
                return False
            seen = found["seen"]
            if plans:  # whoever may not see the plans of the case is not shown it
                before = _seen(database, seen)
                seen = seen_id(database, {*before, *plans}) if before is not None else seen
            database.execute(
                "UPDATE feedback SET state = ?, eval_case = ?, edited = ?, seen = ? WHERE id = ?",
                (state, case, _now(), seen, id),
            )
            return True

    def _where(self, database: sqlite3.Connection, given: dict[str, str | None]) -> tuple[str, tuple[str, ...]]:
        """A condition on the columns that are given and on what may be seen, and the values for its marks."""
        known = {name: value for name, value in given.items() if value is not None}
        conditions = [f"{name} = ?" for name in known]
        values = list(known.values())
        if self._sight is not None and not self._sight.sees_everything:
            sets = [int(row["id"]) for row in database.execute("SELECT id FROM seen_plans")]
            plans = {number: _seen(database, number) for number in sets}
            opened = [number for number, named in plans.items() if named is not None and self._sight.sees_all(named)]
            conditions.append("seen IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(opened))
        return (f" WHERE {' AND '.join(conditions)}" if conditions else ""), tuple(values)

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

    def _read(
        self, what: str, given: dict[str, str | None], order: str = "", values: tuple[int, ...] = ()
    ) -> list[sqlite3.Row]:
        """All rows of a query; none where nobody has voted yet, and no file is made for it."""
        if not self._file.exists():
            return []
        if self.settings.feedback_days:
            with self._file.writing() as database:
                self._forget_old(database)
        with self._file.opened() as database:
            where, known = self._where(database, given)
            return database.execute(f"{what} FROM feedback{where}{order}", (*known, *values)).fetchall()


def _seen(database: sqlite3.Connection, number: int) -> tuple[str, ...] | None:
    """A set of plans; None where somebody broke it, and then only who sees every plan is shown its rows."""
    found = database.execute("SELECT plans FROM seen_plans WHERE id = ?", (number,)).fetchone()
    try:
        return _TEXTS.validate_json(found["plans"])
    except (ValidationError, TypeError):
        return None


def _row(row: sqlite3.Row) -> Feedback:
    """A row as it is kept; what somebody broke in it is left empty, and takes neither the rest nor other rows away."""
    damaged: list[str] = []

    def read(column: str, shape: TypeAdapter[_Value], empty: _Value) -> _Value:
        try:
            return shape.validate_json(row[column])
        except ValidationError:
            damaged.append(column)
            return empty

    reason = row["reason"]
    if reason not in ("", *REASONS):
        damaged.append("reason")
        reason = ""
    turns, plans = read("turns", _TEXTS, ()), read("plans", _TEXTS, ())
    limited = None if row["filter"] is None else read("filter", _TEXTS, ())
    case = None if row["state"] != "case" else read("eval_case", _CASE, {})
    return Feedback(
        id=row["id"],
        created=row["created"],
        updated=row["updated"],
        rating=row["rating"],
        reason=reason,
        comment=row["comment"],
        turns=turns,
        filter=limited,
        status=row["status"],
        plans=plans,
        answer_json=row["answer"],
        fingerprint=row["fingerprint"],
        lang=row["lang"],
        state=row["state"],
        case=case,
        edited=row["edited"],
        damaged=tuple(damaged),
    )


def one_line(text: str) -> str:
    """Free text as one line without control characters, directional marks and lone surrogates."""
    return shown(" ".join(text.split()))


def _json(value: Any) -> str:
    # A lone surrogate, which no file in UTF-8 can hold, may stand in what a model reworded.
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "ignore").decode("utf-8")


def _now() -> str:
    return _text(datetime.now(UTC))


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
