"""The orders in which the ledger lists its rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Literal, get_args

from pypinyin import lazy_pinyin

from assistant.ledger_rows import Entry
from corpus.marks import chinese_number
from corpus.model import Basis

Sort = Literal["plan", "clause", "unit", "lead", "support", "responsible", "implicit", "units", "deadline", "basis"]
SORTS: tuple[Sort, ...] = get_args(Sort)
BASES = tuple(str(basis) for basis in Basis)

_FIRST_NAMED = ("lead", "responsible", "support", "implicit")
_LEVEL = re.compile(r"[第(]?([0-9〇零一二三四五六七八九十百]+)[章节条款)]?")
_OUTSIDE = {"首部": -2, "前言": -1}  # levels without a number; any other stands behind the chapters
_BEHIND = 10_000


@lru_cache(maxsize=16_384)
def sound(name: str) -> tuple[str, ...]:
    """How a name is sorted: by the sound of its characters."""
    return tuple(lazy_pinyin(name))


@lru_cache(maxsize=16_384)
def _position(path: str) -> tuple[tuple[int, str], ...]:
    """A clause's place by the numbers of its levels."""
    position = []
    for level in path.split("/"):
        number = _LEVEL.fullmatch(level)
        position.append((chinese_number(number[1]) if number else _OUTSIDE.get(level, _BEHIND), level))
    return tuple(position)


def _sort_key(sort: Sort, plans: Sequence[str]) -> Callable[[Entry], Any]:
    """What a row is sorted by; None where it has nothing of the kind."""
    if sort == "plan":
        place = {plan: number for number, plan in enumerate(plans)}
        return lambda entry: place[entry.row.plan]
    if sort == "clause":
        return lambda entry: (_position(entry.row.clause), entry.row.part)
    if sort == "unit":
        return lambda entry: _first(entry, _FIRST_NAMED)
    if sort == "units":
        return lambda entry: entry.units
    if sort == "deadline":
        return lambda entry: entry.due
    if sort == "basis":
        return lambda entry: BASES.index(entry.row.basis) if entry.row.basis else None
    return lambda entry: _first(entry, (sort,))


def _first(entry: Entry, roles: Sequence[str]) -> tuple[str, ...] | None:
    return next((sound(name) for role in roles for name in getattr(entry.row, role)), None)


def ordered(rows: Sequence[Entry], sort: Sort, descending: bool, plans: Sequence[str]) -> list[Entry]:
    """Rows by what they are sorted by, those that have nothing of it last both ways; ties in the plans' order.

    That order is the one that ``rows`` come in.
    """
    if sort == "plan" and not descending:
        return list(rows)
    key = _sort_key(sort, plans)
    keyed = [(key(entry), entry) for entry in rows]
    having = sorted((one for one in keyed if one[0] is not None), key=lambda one: one[0], reverse=descending)
    lacking = [entry for value, entry in keyed if value is None]
    if sort == "deadline":  # one in words comes before none at all
        lacking.sort(key=lambda entry: not entry.deadline)
    return [entry for _, entry in having] + lacking
