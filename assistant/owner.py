"""Who leads, supports, is responsible for a task: found by search, looked up in the parsed assignments."""

from __future__ import annotations

import re

from assistant.draft import Draft
from assistant.find import ALSO, TASKS, Finder, FoundClause
from assistant.model import Status
from assistant.query import Query
from assistant.silence import not_treated
from assistant.wording import by_rule, clause_name, colon, no_lead, plan_name, who
from corpus.model import Assignment, Plan, Role, Rule


def answer_owner(draft: Draft, query: Query, finder: Finder, plans: dict[str, Plan]) -> Status | None:
    """Answered, unassigned, or None where no clause treats the matter."""
    chosen = _choose(query, finder, plans)
    if not chosen:
        return None
    assigned = False
    for found in chosen:
        assignment = found.plan.assignment(found.part)
        assigned = assigned or assignment is not None
        _state(draft, query, finder, found, assignment)
    if not (query.numbers or query.paths):
        not_treated(draft, query, finder, {found.plan.id for found in chosen}, TASKS)
    for found in finder.clauses(query.topic or query.text, query.plans, TASKS, 4):
        if all(found.clause.path != c.clause.path or found.plan.id != c.plan.id for c in chosen):
            draft.relate(found.plan, found.clause)
    return Status.ANSWERED if assigned else Status.UNASSIGNED


def _choose(query: Query, finder: Finder, plans: dict[str, Plan]) -> list[FoundClause]:
    """The clauses that the question is about: by number, one for each plan named, or the best of all."""
    if query.numbers or query.paths:
        return _by_number(query, plans)
    topic = query.topic or query.text
    if query.topics:
        own_best = [(own, f) for plan, own in query.topics for f in finder.clauses(own, [plan], TASKS, 1)]
        return [f for own, f in own_best if finder.is_treated(f, own, True)]
    if query.plans is not None and len(query.plans) > 1:
        best_of = [f for plan in query.plans for f in finder.clauses(topic, [plan], TASKS, 1)]
        return [f for f in best_of if finder.is_treated(f, topic, True)]
    found = finder.clauses(topic, query.plans, TASKS, 12)
    if not found or not finder.is_treated(found[0], topic):
        return []
    if query.plans is not None:
        return found[:1]
    best: dict[str, FoundClause] = {}
    for one in found:
        if one.score >= ALSO * found[0].score:
            best.setdefault(one.plan.id, one)
    return list(best.values())


def _by_number(query: Query, plans: dict[str, Plan]) -> list[FoundClause]:
    """The clauses that a question names by number or path, in each plan in scope that has them."""
    return [
        FoundClause(plan, clause, clause, 1.0, None)
        for plan in plans.values()
        if query.plans is None or plan.id in query.plans
        for clause in plan.tasks()
        if not clause.part
        and (
            clause.path.split("/")[-1] in {str(n) for n in query.numbers} or clause.no in query.numbers
            if not query.paths
            else tuple(clause.path.split("/")) in query.paths
        )
    ]


def _state(draft: Draft, query: Query, finder: Finder, found: FoundClause, assignment: Assignment | None) -> None:
    """One plan's sentence: who it is, or that the plan names nobody."""
    plan, clause, english = found.plan, found.part, query.english
    marks = finder.sentences(plan, clause, query.topic or query.text, 1)
    if assignment is not None and assignment.raw is not None:
        marks = [*marks, assignment.raw]
    n = draft.cite(plan, clause, marks)
    name = f"{plan_name(plan)}{clause_name(clause, english)}"
    if assignment is None:
        text = (
            f"{name}: the plan treats this and names nobody responsible (原文未明确责任单位)."
            if english
            else f"{name}提到此事，但原文未明确牵头单位或责任单位。"
        )
        draft.say(text, [n])
        return
    opening = _yes_no(query, plan, assignment) if query.yes_no else ""
    draft.say(f"{opening}{name}{colon(english)}{who(assignment, english)}{'.' if english else '。'}", [n])
    missing = no_lead(assignment, english)
    if missing and (Role.LEAD in query.roles or query.yes_no):
        draft.say(missing, [n])
    rule = rule_of(plan, assignment)
    if rule is not None:
        draft.say(by_rule(assignment, english), [draft.cite_rule(plan, rule)])
    draft.assert_assignment(plan, clause, assignment, n)


def rule_of(plan: Plan, assignment: Assignment) -> Rule | None:
    """The rule that an assignment rests on."""
    if assignment.rule is None:
        return None
    return next((rule for rule in plan.rules if rule.span == assignment.rule), None)


def _yes_no(query: Query, plan: Plan, assignment: Assignment) -> str:
    """是 or 不是 where the question proposes a body and a role, "" where it proposes none."""
    named = [name for mention in query.units for name in mention.names.get(plan.id, ())]
    if not named:
        return ""
    roles = query.roles or frozenset(Role)
    holders = {p.name for p in assignment.parties if p.role in roles}
    right = all(name in holders for name in named)
    if re.search(r"一家|独|仅|只", query.text):
        right = right and len(holders) == len(set(named))
    if "还是" in query.text:
        return ""
    if query.english:
        return "Yes. " if right else "No. "
    return "是。" if right else "不是。"
