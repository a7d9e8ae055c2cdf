"""The plans as a list for readers: what is known of each, how much it assigns, and which of them fit some words.

Plain values, no HTML: ``assistant/web/list_pages.py`` shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from assistant.plan_reader import validity
from corpus.fold import squeeze
from corpus.model import Plan
from corpus.report import LEFT_OUT

LONGEST_QUERY = 200  # characters
Order = Literal["library", "newest", "title", "tasks"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One plan. Empty strings where the plan is silent; tasks without their parts."""

    id: str
    title: str
    number: str  # 文号
    issuer: str
    issued: str  # YYYY-MM-DD, or ""
    region: str
    period: str  # for which years, in its own words
    validity: str  # the sentence by which it says until when it holds
    tasks: int
    assigned: int  # tasks for which anybody is named
    units: int  # bodies that are named for anything
    corrected: int  # clauses of which an editor says who is responsible
    unclear: int  # places that reading did not understand


def listed(plan: Plan) -> Listed:
    """What the list shows of a plan."""
    meta = plan.meta
    tasks = [clause for clause in plan.tasks() if not clause.part]
    named = {assignment.path for assignment in plan.assignments if assignment.parties}
    return Listed(
        id=plan.id,
        title=meta.title or plan.id,
        number=meta.number,
        issuer=meta.issuer,
        issued=meta.issue_date or meta.publish_date,
        region=meta.region,
        period=meta.period,
        validity=" ".join(" ".join(map(plan.quote, validity(plan))).split()),
        tasks=len(tasks),
        assigned=sum(task.path in named for task in tasks),
        units=len({party.name for assignment in plan.assignments for party in assignment.parties}),
        corrected=sum(plan.is_corrected(clause) for clause in plan.clauses),
        unclear=sum(note.kind not in LEFT_OUT for note in plan.notes),
    )


def fits(plan: Plan, query: str) -> bool:
    """Whether every word of a query stands in what is known of a plan, however it is written."""
    meta = plan.meta
    known = [plan.id, meta.title, meta.number, meta.issuer, meta.issue_date, meta.region, meta.period, *meta.nicknames]
    said = "\n".join(map(squeeze, known))
    return all(word in said for word in map(squeeze, query[:LONGEST_QUERY].split()) if word)


_KEYS: dict[Order, Callable[[Listed], Any]] = {
    # Plans without a date come last, the others from the newest.
    "newest": lambda one: (not one.issued, [-ord(sign) for sign in one.issued]),
    "title": lambda one: squeeze(one.title),
    "tasks": lambda one: -one.tasks,
}


def plan_list(plans: Iterable[Plan], query: str = "", order: Order = "library") -> list[Listed]:
    """The plans that fit a query, as the library has them or in another order; equal ones stay in the library's."""
    found = [listed(plan) for plan in plans if fits(plan, query)]
    return sorted(found, key=_KEYS[order]) if order in _KEYS else found
