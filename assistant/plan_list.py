"""The plans as a list for readers: what is known of each, how much it assigns, and which of them fit some words.

Plain values, no HTML: ``assistant/web/list_pages.py`` shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from assistant.kept import KeptOfPlans
from assistant.plan_reader import counts, units, validity
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


_known: KeptOfPlans[Listed] = KeptOfPlans()


def listed(plan: Plan) -> Listed:
    """What the list shows of a plan; found once, since it reads the whole text."""
    return _known.of(plan, lambda: _listed(plan))


def _listed(plan: Plan) -> Listed:
    meta, counted = plan.meta, counts(plan)
    return Listed(
        id=plan.id,
        title=_title(plan),
        number=meta.number,
        issuer=meta.issuer,
        issued=_issued(plan),
        region=meta.region,
        period=meta.period,
        validity=" ".join(" ".join(map(plan.quote, validity(plan))).split()),
        tasks=counted.tasks,
        assigned=counted.assigned,
        units=len(units(plan)),
        corrected=len(counted.corrected),
        unclear=sum(note.kind not in LEFT_OUT for note in plan.notes),
    )


def fits(plan: Plan, query: str) -> bool:
    """Whether every word of a query stands in what is known of a plan, however it is written."""
    meta = plan.meta
    known = [plan.id, meta.title, meta.number, meta.issuer, meta.issue_date, meta.region, meta.period, *meta.nicknames]
    said = "\n".join(map(squeeze, known))
    return all(word in said for word in map(squeeze, query[:LONGEST_QUERY].split()) if word)


_KEYS: dict[Order, Callable[[Plan], Any]] = {
    # Plans without a date come last, the others from the newest.
    "newest": lambda plan: (not _issued(plan), [-ord(sign) for sign in _issued(plan)]),
    "title": lambda plan: squeeze(_title(plan)),
    "tasks": lambda plan: -sum(not clause.part for clause in plan.tasks()),
}


def fitting(plans: Iterable[Plan], query: str = "", order: Order = "library") -> list[Plan]:
    """The plans that fit a query, as the library has them or in another order; equal ones stay in the library's.

    Looks at no plan's text: what is shown of those on one page is found by ``listed``.
    """
    found = [plan for plan in plans if fits(plan, query)]
    return sorted(found, key=_KEYS[order]) if order in _KEYS else found


def _title(plan: Plan) -> str:
    return plan.meta.title or plan.id


def _issued(plan: Plan) -> str:
    return plan.meta.issue_date or plan.meta.publish_date
