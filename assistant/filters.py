"""Conditions of a listing: which clauses are asked for, by what their assignments are, not by what they say.

没有牵头单位的任务, 只由各成员单位负责的任务, 涉及十家以上单位的任务, 第四章的任务, 甲和乙共同承担的任务: each is a
condition over the parsed assignments, so the list is complete and can be counted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assistant.catalogue import Catalogue
from assistant.lexicon import cue
from corpus.fold import fold, squeeze
from corpus.marks import chinese_number
from corpus.model import Assignment, Basis, Clause, Plan, Role

_COUNT = r"(\d{1,3}|[一二两三四五六七八九十]{1,3})"
_MORE = re.compile(
    rf"(?<!不)(?:超过|多于|大于|more than)\s*{_COUNT}\s*(?:家|个)?|{_COUNT}\s*(?:家|个)(?:单位|部门)?(?:以上)"
)
_AT_LEAST = re.compile(rf"(?:不少于|不低于|至少|达到|at least)\s*{_COUNT}\s*(?:家|个)?")
_AT_MOST = re.compile(
    rf"(?:不超过|不多于|至多|最多|at most)\s*{_COUNT}\s*(?:家|个)?|{_COUNT}\s*(?:家|个)(?:单位|部门)?(?:以内|以下)"
)
_LESS = re.compile(rf"(?<!不)(?:少于|不到|低于|不足|fewer than|less than)\s*{_COUNT}\s*(?:家|个)?")
_CHAPTER = re.compile(
    r"第([一二三四五六七八九十]{1,3}|\d{1,2})(?:个)?(?:章|部分|大项|大类|板块|方面)(?:的?第([一二三四五六七八九十]{1,3}|\d{1,2})(?:节|小节|部分|小项))?"
)
_PATH = re.compile(
    r"(?:^|[^\u4e00-\u9fff])?([一二三四五六七八九十]{1,2})[、/.]?\(([一二三四五六七八九十]{1,2})\)[、/.]?(\d{1,3})?"
)

_GROUP = re.compile(r"^(?:有关|相关|其他|所有)|各(?!界)|(?:有关|相关|直|直属|成员)(?:部门|单位|机构)$")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a clause must be to be listed; the default lets every assigned or unassigned task through."""

    no_lead: bool = False  # assigned, and nobody leads
    has_lead: bool = False
    stated_lead: bool = False  # the clause itself says 牵头; not by a ranking rule
    group_only: bool = False  # only bodies without a name of their own: 各成员单位
    unassigned: bool = False  # nobody is named
    assigned: bool = False  # somebody is named
    sole: bool = False  # one unit alone
    joint_lead: bool = False  # more than one lead
    at_least: int = 0  # units, implicit ones included
    at_most: int = 0
    chapters: tuple[tuple[str, str], ...] = ()  # (plan, path) of chapters and sections
    every: bool = False  # every unit named must be there, not just one of them

    @property
    def any(self) -> bool:
        """Whether there is a condition besides units."""
        return self != Filters(every=self.every)

    @property
    def structural(self) -> bool:
        """Whether there is a condition on what an assignment is, besides where it stands."""
        return replace(self, chapters=(), every=False) != Filters()

    def holds(self, plan: Plan, clause: Clause, assignment: Assignment | None) -> bool:
        """Whether a clause of a plan meets every condition (units are the caller's business)."""
        if self.chapters and not any(
            plan.id == owner and (clause.path == path or clause.path.startswith(path + "/"))
            for owner, path in self.chapters
        ):
            return False
        if assignment is None:
            return not (
                self.no_lead
                or self.has_lead
                or self.stated_lead
                or self.assigned
                or self.group_only
                or self.sole
                or self.joint_lead
                or self.at_least
                or self.at_most
            )
        if assignment.prose and (self.no_lead or self.sole or self.group_only):
            return False  # a body and what it must do: nothing there could have named a lead
        leads = [p for p in assignment.parties if p.role is Role.LEAD]
        names = {p.name for p in assignment.parties}
        return not (
            self.unassigned
            or (self.no_lead and leads)
            or (self.has_lead and not leads)
            or (self.stated_lead and (not leads or assignment.basis is Basis.FIRST_LISTED))
            or (self.group_only and not all(is_group(name) for name in names))
            or (self.sole and len(names) != 1)
            or (self.joint_lead and len(leads) < 2)
            or (self.at_least and len(names) < self.at_least)
            or (self.at_most and len(names) > self.at_most)
        )


NO_FILTERS = Filters()


def is_group(name: str) -> bool:
    """Whether a name stands for many bodies: 各成员单位, 有关单位, 自治州各有关部门, 市直部门."""
    return _GROUP.search(name) is not None


def read_filters(cues: str, text: str, catalogue: Catalogue, plans: Collection[str] | None) -> Filters:
    """The conditions that a question sets: ``cues`` are its folded words without quotation marks and without what
    it does not want, ``text`` is the whole."""
    sole = _has(cues, "sole") and not ("牵头" in cues and "配合" in cues)
    return Filters(
        no_lead=_has(cues, "no_lead"),
        stated_lead=_has(cues, "stated_lead"),
        group_only=_has(cues, "group_only"),
        unassigned=_has(cues, "unassigned") and not _has(cues, "no_lead"),
        assigned=_has(cues, "assigned"),
        sole=sole,
        joint_lead=_has(cues, "joint_lead"),
        at_least=_number(_MORE, cues, 1) or _number(_AT_LEAST, cues, 0),
        at_most=max(0, _number(_LESS, cues, -1)) or _number(_AT_MOST, cues, 0),
        chapters=tuple(_chapters(text, catalogue, plans)),
        every=_has(cues, "every"),
    )


def _has(text: str, key: str) -> bool:
    return cue("filter", key).search(text) is not None


def _number(pattern: re.Pattern[str], text: str, add: int) -> int:
    """The number that a condition names, plus ``add``; 0 where there is no such condition.

    X家以上 counts X itself; 超过X家 does not.
    """
    match = pattern.search(text)
    if match is None:
        return 0
    written = next(group for group in match.groups() if group)
    number = chinese_number(written.replace("两", "二"))
    return number if "以上" in match[0] else number + add


def _chapters(text: str, catalogue: Catalogue, plans: Collection[str] | None) -> list[tuple[str, str]]:
    """The chapters and sections that a question names by number or by their whole title."""
    found: list[tuple[str, str]] = []
    numbered = _CHAPTER.search(text)
    for plan in catalogue.plans.values():
        if plans is not None and plan.id not in plans:
            continue
        heads = catalogue.heads(plan.id)
        if numbered:
            chapter = chinese_number(numbered[1])
            section = chinese_number(numbered[2]) if numbered[2] else 0
            found += [(plan.id, path) for path, _ in heads if _is_number(path, chapter, section)]
        else:
            path = _titled(text, heads)
            found += [(plan.id, path)] if path else []
    return found


def _titled(text: str, heads: Sequence[tuple[str, str]]) -> str:
    """The path of the chapter that a question names by its whole title, or by a quoted part of it; "" for none."""
    said = squeeze(text)
    quoted = [squeeze(words) for words in re.findall(r"[“‘\"]([^“”‘’\"]{3,40})[”’\"]", text)]
    marked = re.search(r"(?:章|部分|节|方面|板块|大项|[这那一]块|环节|下面|下的|里的?|之?中)", text) is not None
    for path, title in sorted(heads, key=lambda head: -len(head[1])):
        if len(title) < 4:
            continue
        if title in quoted or (title in said and marked):
            return path
        if marked and any(words in title for words in quoted):
            return path
    return ""


def _is_number(path: str, chapter: int, section: int) -> bool:
    parts = [chinese_number(re.sub(r"[第章节()]", "", part)) for part in path.split("/")]
    return parts == ([chapter, section] if section else [chapter])


def paths_in(text: str) -> Sequence[tuple[str, ...]]:
    """Clause paths written out in a folded question: 三(二)43 → ("三", "(二)", "43")."""
    found = []
    for match in _PATH.finditer(fold(text)):
        parts = [match[1], f"({match[2]})", *([match[3]] if match[3] else [])]
        found.append(tuple(parts))
    return found
