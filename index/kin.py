"""Whether a plan that is to be added is one that is there already, a new version of it, or repeats what is there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from typing import Literal
from zlib import crc32

from corpus.fold import simplify, squeeze
from corpus.model import Clause, Plan, PlanMeta

# What an office writes behind a title that stays the same: (修订版), (2021年修订), (征求意见稿), (试行).
_STATE = re.compile(
    r"[(〔\[](?:\d{4}年)?(?:第[一二三四五六七八九十\d]{1,3}次)?(?:修订|修改|修正|征求意见|送审|报批|讨论|试行|暂行|正式|更新)[^()〔〕\[\]]{0,8}[)〕\]]$"
)
_FIGURES = re.compile(r"[0-9一二三四五六七八九十百]")
_MARKS = 6  # numbers of a sketch; two texts that share .7 of their pairs share none of them once in a thousand times
_TELLING = 8  # pairs that a text must have before a likeness says anything
_NEAR = 20  # clauses that are remembered for one of these numbers
COPY = 0.7  # share of all pairs of two texts that stand in both
_MAX_TITLE = 200  # characters of a title that are compared


@dataclass(frozen=True, slots=True)
class Kin:
    """A plan that is there and may be an earlier version of one that is to be added."""

    plan: str  # its id
    title: str
    why: Literal["number", "title"]  # the same document number; the same title, and no other region or issuer


def is_copy(one: str, other: str) -> bool:
    """Whether two texts say nearly the same: most pairs of characters that stand in either stand in both."""
    a, b = _pairs(one), _pairs(other)
    if not a or not b or min(len(a), len(b)) < COPY * max(len(a), len(b)):
        return False
    both = len(a & b)
    return both >= COPY * (len(a) + len(b) - both)


@dataclass(frozen=True, slots=True)
class Copy:
    """A clause that says nearly what another one says."""

    path: str  # of the plan that is to be added
    plan: str  # where the other stands; the plan itself, where it repeats itself
    other: str  # its path there
    alike: bool  # whether the same bodies have the same roles


def copies_of(plan: Plan, plans: Iterable[Plan]) -> tuple[Copy, ...]:
    """The tasks of a plan that is to be added which nearly repeat a task of ``plans``, or one before them in the plan.

    Of each task the first that is found. Time grows with the number of tasks: only texts with some rare pairs of
    characters in common are compared.
    """
    known: dict[int, list[tuple[Plan, Clause]]] = {}
    found = []
    for other in plans:
        if other.id != plan.id:
            for clause in other.tasks():
                _note(known, other, clause)
    for clause in plan.tasks():
        text = _task(plan, clause)
        near = (pair for mark in _sketch(text) for pair in known.get(mark, ()))
        twin = next(((of, one) for of, one in near if is_copy(text, _task(of, one))), None)
        if twin is not None:
            alike = _roles(plan, clause) == _roles(*twin)
            found.append(Copy(clause.path, twin[0].id, twin[1].path, alike))
        _note(known, plan, clause)
    return tuple(found)


def _note(known: dict[int, list[tuple[Plan, Clause]]], plan: Plan, clause: Clause) -> None:
    for mark in _sketch(_task(plan, clause)):
        of = known.setdefault(mark, [])
        if len(of) < _NEAR:
            of.append((plan, clause))


def _task(plan: Plan, clause: Clause) -> str:
    """What is to be done, without the words that say by whom."""
    assignment = plan.assignment(clause)
    said = assignment.raw if assignment else None
    if said is None or not clause.body.holds(said):
        return plan.quote(clause.body)
    return plan.text[clause.body.start : said.start] + plan.text[said.end : clause.body.end]


@lru_cache(maxsize=65_536)
def _sketch(text: str) -> tuple[int, ...]:
    """A few numbers that texts with most pairs in common share: the smallest of a hash over all pairs.

    None for a text so short that many say the same.
    """
    pairs = _pairs(text)
    return tuple(nsmallest(_MARKS, {crc32(pair.encode("utf-8")) for pair in pairs})) if len(pairs) >= _TELLING else ()


def _roles(plan: Plan, clause: Clause) -> frozenset[tuple[str, str]]:
    assignment = plan.assignment(clause)
    return frozenset((party.name, str(party.role)) for party in assignment.parties) if assignment else frozenset()


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    """Pairs of characters; figures are left out, because copies are often numbered."""
    bare = _FIGURES.sub("", squeeze(text))
    return frozenset(bare[at : at + 2] for at in range(len(bare) - 1))


def kin_of(meta: PlanMeta, plans: Iterable[Plan]) -> tuple[Kin, ...]:
    """The plans that have the same document number or title as a plan that is to be added, likeliest first."""
    found = []
    for plan in plans:
        if plan.id == meta.id:
            continue
        if meta.number and squeeze(meta.number) == squeeze(plan.meta.number):
            found.append(Kin(plan.id, plan.meta.title, "number"))
        elif _same_title(meta, plan.meta):
            found.append(Kin(plan.id, plan.meta.title, "title"))
    return tuple(sorted(found, key=lambda kin: (kin.why != "number", kin.plan)))


def _same_title(one: PlanMeta, other: PlanMeta) -> bool:
    """Whether two titles are one, but for words that say which state of it: titles of two offices may be alike."""
    title = _bare(one.title)
    if not title or title == squeeze(one.id) or title != _bare(other.title):
        return False
    return all(
        not a or not b or squeeze(a) == squeeze(b) for a, b in ((one.region, other.region), (one.issuer, other.issuer))
    )


def _bare(title: str) -> str:
    return squeeze(_STATE.sub("", simplify(title[:_MAX_TITLE])))
