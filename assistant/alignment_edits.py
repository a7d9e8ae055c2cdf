"""What a reader has otherwise than the alignment: a task moved, split off, two rows made one. Kept in an address.

A task is called by a short hash of its plan, place and words (``handle``), so that an address stays short, and one that
was made for another version of a plan is known to be old instead of moving the wrong task.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from assistant.alignment import Key, Row, in_order
from corpus.corrections import anchor_of
from corpus.model import Clause, Plan

MOST = 60  # that one address carries; more are saved, or undone
_HANDLE = r"[0-9a-f]{10}"
_FORM = re.compile(rf"(?:(?P<alone>s){_HANDLE}|[mj]{_HANDLE}{_HANDLE})")
_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Edit:
    """One correction. ``what`` and ``to`` are handles of tasks."""

    kind: Literal["m", "s", "j"]  # move a task into the row of another, stand alone, join its row with another's
    what: str
    to: str = ""

    def __str__(self) -> str:
        return f"{self.kind}{self.what}{self.to}"


@dataclass(frozen=True)
class Edited:
    """Rows with corrections laid over them."""

    rows: tuple[Row, ...]
    touched: frozenset[Key]  # the tasks that a correction speaks of
    lost: int  # corrections of tasks that are not there


def handle(plan: Plan, clause: Clause) -> str:
    """How a task is called in an address."""
    whole = "\0".join((plan.id, clause.path, anchor_of(plan, clause)))
    return sha256(whole.encode()).hexdigest()[:_LENGTH]


def read_edits(written: Sequence[str]) -> tuple[Edit, ...] | None:
    """The corrections of an address; None where one is not of our making, or there are too many."""
    if len(written) > MOST or not all(_FORM.fullmatch(one) for one in written):
        return None
    return tuple(Edit(one[0], one[1 : 1 + _LENGTH], one[1 + _LENGTH :]) for one in written)  # type: ignore[arg-type]


def edited(rows: Iterable[Row], keys: Sequence[Key], edits: Sequence[Edit], handles: Mapping[str, Key]) -> Edited:
    """The rows with corrections laid over them in their order."""
    groups = [list(row) for row in rows]
    touched: set[Key] = set()
    lost = 0
    for edit in edits:
        what, to = handles.get(edit.what), handles.get(edit.to)
        if what is None or (edit.kind != "s" and to is None):
            lost += 1
            continue
        home = next(row for row in groups if what in row)
        if edit.kind == "s":
            if len(home) > 1:
                home.remove(what)
                groups.append([what])
                touched.add(what)
            continue
        goal = next(row for row in groups if to in row)
        if goal is home:
            continue
        moved = [what] if edit.kind == "m" else list(home)
        for key in moved:
            home.remove(key)
        goal += moved
        touched.update(moved)
        groups = [row for row in groups if row]
    return Edited(in_order([tuple(row) for row in groups], keys), frozenset(touched), lost)
