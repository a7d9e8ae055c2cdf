"""A query → an answer: which way to answer, and what to say where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.draft import Draft
from assistant.facts import answer_compare, answer_document, answer_fact, answer_rule, unstated_kind
from assistant.filters import is_group
from assistant.find import Finder
from assistant.lexicon import cue
from assistant.model import Answer, Reason, Status
from assistant.owner import answer_owner
from assistant.people import answer_people
from assistant.query import Kind, Query, is_bare
from assistant.silence import no_such_clause, not_here, silent
from assistant.tasks import answer_partners, answer_tasks
from assistant.wording import plan_name
from corpus.model import Basis, Plan


def answer(queries: Sequence[Query], finder: Finder, plans: dict[str, Plan]) -> Answer:
    """The answer to the parts of a question over the loaded plans. Never empty: silence is said, and shown.

    A question of several parts is answered if any part is; the parts share one numbering of citations.
    """
    draft = Draft()
    if len(queries) > 1:
        draft.say("Two questions in one; each is answered." if queries[0].english else "问题包含几问，逐一回答：")
    statuses, reasons = list[Status](), list[Reason | None]()
    for query in queries:
        statuses.append(_part(draft, query, finder, plans))
        reasons.append(draft.reason)
    status = Status.ANSWERED if Status.ANSWERED in statuses else statuses[0]
    draft.reason = Reason.PARTLY if len(set(statuses)) > 1 else reasons[0]
    return draft.finish(status, dict.fromkeys(taken for query in queries for taken in query.carried))


def _part(draft: Draft, query: Query, finder: Finder, plans: dict[str, Plan]) -> Status:
    if query.foreign or query.plans == ():
        return not_here(draft, query, plans)
    unclear = _unclear(query, plans)
    if unclear:
        return _clarify(draft, query, unclear)
    if query.kind is Kind.OUTSIDE:
        outside = "这类评价、结果或实际完成情况"
        return silent(draft, query, finder, outside, "an opinion or a result", Reason.OUTSIDE)
    if query.kind is Kind.TASKS:
        return answer_tasks(draft, query, plans)
    if query.kind is Kind.PARTNERS:
        return answer_partners(draft, query, plans)
    if query.kind is Kind.DOCUMENT:
        return answer_document(draft, query, plans)
    made: Status | None = None
    unstated = unstated_kind(query, finder) if query.kind in (Kind.FACT, Kind.ROSTER) else ""
    if unstated:
        return silent(draft, query, finder, f"“{unstated}”", unstated, Reason.KIND_UNSTATED)
    if query.kind is Kind.ROSTER:
        made = answer_people(draft, query, finder, plans)
    elif query.kind is Kind.RULE:
        made = answer_rule(draft, query, plans)
        if made is not None and is_about_task(query):
            answer_owner(draft, replace(query, plans=without_rule(query, plans)), finder, plans)
            draft.reason = Reason.RULE
    if made is None and query.kind is Kind.FACT:
        made = answer_fact(draft, query, finder)
    elif made is None and query.kind is Kind.COMPARE:
        made = answer_compare(draft, query, finder)
    elif made is None and query.kind is not Kind.ROSTER:
        made = answer_owner(draft, query, finder, plans)
    if made is None and (query.numbers or query.paths):
        return no_such_clause(draft, query, plans)
    return made or silent(draft, query, finder, "这一问题的答案", "an answer to this")


def _unclear(query: Query, plans: dict[str, Plan]) -> list[str]:
    """The readings of a question that fits several, or names no subject; [] where it is clear."""
    if query.kind is Kind.TASKS:
        for mention in query.units:
            for plan, found in mention.names.items():
                names = [name for name in found if not is_group(name)]
                if len(names) > 1 and plan in plans and not same_body(names):
                    return [f"{name}({plan_name(plans[plan])})" for name in names]
    elif query.kind in (Kind.OWNER, Kind.FACT) and is_bare(query.topic) and not (query.numbers or query.paths):
        return [plan_name(plan) for plan in plans.values() if query.covers(plan.id)]
    return []


def same_body(names: list[str]) -> bool:
    """Whether names are one body written longer and shorter: 市国家…领导小组, 国家…领导小组."""
    longest = max(names, key=len)
    return all(longest.endswith(name) for name in names)


def is_about_task(query: Query) -> bool:
    """Whether a question about a rule also names a task that it is held against: 能不能套到…那条上?"""
    held = query.one_task or cue("rule", "applies").search(query.text) is not None
    return held and not is_bare(query.topic)


def without_rule(query: Query, plans: dict[str, Plan]) -> tuple[str, ...] | None:
    """The plans named that do not have the rule themselves, where there are any."""
    if query.plans is None:
        return None
    without = tuple(plan for plan in query.plans if not any(r.kind is Basis.FIRST_LISTED for r in plans[plan].rules))
    return without or query.plans


def _clarify(draft: Draft, query: Query, readings: list[str]) -> Status:
    """Several readings lead to different answers: they are listed, and nothing is asserted."""
    draft.reason = Reason.SEVERAL_BODIES if query.kind is Kind.TASKS else Reason.NO_SUBJECT
    if query.kind is Kind.TASKS:
        draft.say("Which of these do you mean?" if query.english else "问题中的单位可以指以下几个，请明确：")
    else:
        draft.say(
            "Please name a task, a unit, or a clause; these plans are loaded:"
            if query.english
            else "请说明要问哪项任务、哪个单位或第几条；可查的方案有："
        )
    for reading in readings:
        draft.say(f"- {reading}")
    return Status.CLARIFY
