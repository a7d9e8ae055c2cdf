"""Silence, said and shown: what no loaded plan covers, what a plan does not write, what a plan does not treat."""

from __future__ import annotations

from collections.abc import Collection

from assistant.draft import Draft
from assistant.find import TEXTS, Finder
from assistant.model import Reason, Status
from assistant.query import Query
from assistant.wording import clause_name, join, plan_name
from corpus.model import ClauseKind, Plan


def not_here(draft: Draft, query: Query, plans: dict[str, Plan]) -> Status:
    """A region or edition that no loaded plan covers."""
    titles = join([plan_name(plan) for plan in plans.values()])
    draft.reason = Reason.FILTERED if query.contradicted else Reason.ELSEWHERE if query.foreign else Reason.NO_PLAN
    if query.contradicted:
        named = join([plan_name(plans[plan]) for plan in query.contradicted])
        draft.say(
            f"The question names {named}, and the plan filter leaves that out; change one of them."
            if query.english
            else f"问题问的是{named}，而所选的方案范围不含它；请改选方案或改问题。"
        )
        return Status.NOT_FOUND
    if query.english:
        draft.say(f"No loaded plan covers {query.foreign or 'what was asked'}. Loaded: {titles}.")
    elif query.foreign:
        draft.say(f"已载入的方案中没有{query.foreign}的方案，无法回答。已载入：{titles}。")
    else:
        draft.say(f"所选范围内没有方案。已载入：{titles}。")
    return Status.NOT_FOUND


def silent(
    draft: Draft, query: Query, finder: Finder, what: str, what_english: str, reason: Reason = Reason.NOT_TREATED
) -> Status:
    """Nothing in the plans answers it; the nearest passages are shown as worth reading, not as an answer."""
    draft.reason = reason
    draft.say(
        f"The plans do not state {what_english}; nothing is asserted."
        if query.english
        else f"已载入的方案没有写明{what}，不作推断。"
    )
    for found in finder.clauses(query.topic or query.text, query.plans, TEXTS, 3):
        draft.relate(found.plan, found.clause, found.passage.span if found.passage else None)
    return Status.NOT_FOUND


def no_such_clause(draft: Draft, query: Query, plans: dict[str, Plan]) -> Status:
    """A clause number that no plan in scope has: said with the highest that there is."""
    draft.reason = Reason.NO_SUCH_ITEM
    asked = "、".join([*(f"第{n}项" for n in query.numbers), *("/".join(path) for path in query.paths)])
    for plan in plans.values():
        if query.covers(plan.id):
            last = max((c.no for c in plan.clauses if c.no is not None), default=None)
            if query.english:
                draft.say(f"{plan_name(plan)} has no item {asked}" + (f"; the last is {last}." if last else "."))
            else:
                draft.say(f"{plan_name(plan)}没有{asked}" + (f"，编号到第{last}项为止。" if last else "。"))
    return Status.NOT_FOUND


def not_treated(
    draft: Draft, query: Query, finder: Finder, said: Collection[str], kinds: Collection[ClauseKind]
) -> None:
    """For each plan that the question names and that has no clause on the matter: that it has none, and its nearest."""
    for plan in query.plans or ():
        if plan in said or len(query.plans or ()) < 2:
            continue
        topic = next((own for owner, own in query.topics if owner == plan), query.topic or query.text)
        for found in finder.clauses(topic, [plan], kinds, 1):
            n = draft.cite(found.plan, found.clause, at=found.passage.span if found.passage else None)
            name = clause_name(found.clause, query.english)
            draft.say(
                f"{plan_name(found.plan)} has no clause on this; the nearest is {name}."
                if query.english
                else f"{plan_name(found.plan)}没有条款直接写到此事，最接近的是{name}。",
                [n],
            )
