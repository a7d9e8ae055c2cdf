"""What the page of a comparison shows, as plain values: its address, short names of plans, rows with their headings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from assistant.alignment_edits import Edit
from assistant.compare import Comparison, Show, Subject, Task
from assistant.render import plan_link
from assistant.web.compare_words import CompareWords
from assistant.wording import shortened
from corpus.fold import simplify
from corpus.model import Plan, Span

ROWS_A_PAGE = 40
_PROVINCE = re.compile(r"^.{2,8}?(?:省|自治区)(?=..)")  # what stands in front of a city's own name
_YEAR = re.compile(r"20\d\d")
SHORT = 14  # characters of a plan's name in labels


@dataclass(frozen=True, slots=True)
class View:
    """What an address asks for. ``pick`` is a task (m) or a row (j) that is being moved, by its handle."""

    plans: tuple[str, ...]
    show: Show = "all"
    of: str = ""
    q: str = ""
    page: int = 1
    edits: tuple[Edit, ...] = ()
    pick: str = ""
    seen: str = ""  # a task that was just moved: its page is shown, and its row whatever is filtered

    def __post_init__(self) -> None:
        """``of`` is one of the plans where the filter asks for one, else ""."""
        known = self.of if self.of in self.plans else next(iter(self.plans), "")
        object.__setattr__(self, "of", known if self.show == "only" else "")

    def at(self, **changes: Any) -> dict[str, Any]:
        """The parameters of the address of this view with changes; what is as ever is left out."""
        new = replace(self, **{"seen": "", **changes})
        return {
            "plan": list(new.plans),
            "show": new.show if new.show != "all" else None,
            "of": new.of or None,
            "q": new.q or None,
            "page": new.page if new.page > 1 else None,
            "fix": [str(edit) for edit in new.edits] or None,
            "pick": new.pick or None,
            "seen": new.seen or None,
        }

    def first(self, plan: str) -> tuple[str, ...]:
        """The plans with this one in front."""
        return (plan, *(one for one in self.plans if one != plan))

    def moved(self, to: str) -> dict[str, Any]:
        """The address after what is picked was moved into the row of a task."""
        edit = Edit("j" if self.pick[0] == "j" else "m", self.pick[1:], to)
        return self.at(edits=(*self.edits, edit), pick="", seen=self.pick[1:])

    def alone(self) -> dict[str, Any]:
        """The address after the picked task was split off."""
        return self.at(edits=(*self.edits, Edit("s", self.pick[1:])), pick="", seen=self.pick[1:])

    @property
    def undone(self) -> dict[str, Any]:
        """The address without the last correction."""
        return self.at(edits=self.edits[:-1])


@dataclass(frozen=True, slots=True)
class Section:
    """Rows below one heading of the first plan, or those that it lacks."""

    title: str
    subjects: tuple[Subject, ...]


def short_names(plans: Sequence[Plan]) -> dict[str, str]:
    """A short name for each plan, that tells them apart: its region and year, or its title cut."""
    names = {}
    for plan in plans:
        region = _PROVINCE.sub("", simplify(plan.meta.region))
        year = _YEAR.search(plan.meta.issue_date or plan.meta.publish_date or plan.meta.period)
        cut = shortened(simplify(plan.meta.title) or plan.id, SHORT)
        names[plan.id] = " ".join([region, *([year[0]] if year else [])]) if region else cut
    twice = {name for name in names.values() if list(names.values()).count(name) > 1}
    return {one: f"{name} · {one}" if name in twice else name for one, name in names.items()}


def sections(
    compared: Comparison, subjects: Sequence[Subject], said: CompareWords, names: Mapping[str, str]
) -> list[Section]:
    """The rows of a page below their headings."""
    found: list[tuple[str, list[Subject]]] = []
    for one in subjects:
        lacks = 0 not in one.plans
        title = said.without_first.format(plan=names[compared.plans[0].id]) if lacks else one.chapter or said.no_chapter
        if not found or found[-1][0] != title:
            found.append((title, []))
        found[-1][1].append(one)
    return [Section(title, tuple(rows)) for title, rows in found]


def pieces(task: Task) -> list[tuple[str, bool]]:
    """The quote of a task in runs: (text, whether it says who, by when or how much)."""
    span = task.clause.span
    edges = sorted({span.start, span.end, *(edge for mark in task.marks for edge in (mark.start, mark.end))})
    return [
        (task.plan.text[start:end], any(mark.start <= start and end <= mark.end for mark in task.marks))
        for start, end in pairwise(edges)
    ]


def link(task: Task, lang: str, span: Span | None = None) -> str:
    """The address of a task in its plan, with its words, or some of them, marked."""
    where = span or task.clause.span
    return plan_link(task.plan.id, task.clause.path, 0, where.start, where.end, lang)


def place_name(task: Task, said: CompareWords) -> str:
    """Where a task stands: its number in the plan, and its path."""
    clause = task.clause
    number = said.item.format(n=clause.no) + " · " if clause.no is not None else ""
    return f"{number}{clause.path.partition('~')[0]}"


def tags(subject: Subject, said: CompareWords, names: Mapping[str, str], plans: Sequence[Plan]) -> list[str]:
    """What the plans have in common on a subject, and where they differ, in words."""
    if subject.common:
        found = [said.common_tag.format(n=len(subject.plans))]
    else:
        found = [said.only_tag.format(plan=names[plans[next(iter(subject.plans))].id])]
    if subject.common and subject.lead:
        found.append(said.lead_tags[subject.lead])
    if subject.common and subject.deadline_differs:
        found.append(said.deadline_tag)
    return found
