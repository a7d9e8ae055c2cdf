"""Whether a plan that is to be added is one that is there already, or a new version of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from corpus.fold import simplify, squeeze
from corpus.model import Plan, PlanMeta

# What an office writes behind a title that stays the same: (修订版), (2021年修订), (征求意见稿), (试行).
_STATE = re.compile(
    r"[(〔\[](?:\d{4}年)?(?:第[一二三四五六七八九十\d]{1,3}次)?(?:修订|修改|修正|征求意见|送审|报批|讨论|试行|暂行|正式|更新)[^()〔〕\[\]]{0,8}[)〕\]]$"
)
_MAX_TITLE = 200  # characters of a title that are compared


@dataclass(frozen=True, slots=True)
class Kin:
    """A plan that is there and may be an earlier version of one that is to be added."""

    plan: str  # its id
    title: str
    why: Literal["number", "title"]  # the same document number; the same title, and no other region or issuer


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
