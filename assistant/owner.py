"""Who leads, supports, is responsible for a task: found by search, looked up in the parsed assignments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.draft import Draft
from assistant.find import AIM_LEADS, AIM_TREATED, AIMS, ALSO, TASKS, Finder, FoundClause
from assistant.model import Reason, Status
from assistant.query import Query
from assistant.silence import not_treated
from assistant.wording import by_rule, clause_name, colon, corrected, no_lead, plan_name, who
from corpus.model import Assignment, Basis, Clause, Plan, Role


def answer_owner(draft: Draft, query: Query, finder: Finder, plans: dict[str, Plan]) -> Status | None:
    """Answered, unassigned, or None where no clause treats the matter."""
    chosen = _choose(query, finder, plans)
    if not chosen:
        return None
    assignments = [found.plan.assignment(found.part) for found in chosen]
    for found, assignment in zip(chosen, assignments, strict=True):
        _state(draft, query, finder, found, assignment)
    assigned = any(assignments)
    draft.reason = _reason(assignments)
    if re.search(r"几家|多少家|几个(?:单位|部门)|多少个?(?:单位|部门)", query.text):
        draft.count = len({name for row in draft.rows for name in (*row.lead, *row.support, *row.responsible)})
    if not (query.numbers or query.paths):
        not_treated(draft, query, finder, {found.plan.id for found in chosen}, TASKS)
    for found in finder.clauses(query.topic or query.text, query.plans, TASKS, 4):
        if all(found.clause.path != c.clause.path or found.plan.id != c.plan.id for c in chosen):
            draft.relate(found.plan, found.clause)
    return Status.ANSWERED if assigned else Status.UNASSIGNED


def _reason(assignments: Sequence[Assignment | None]) -> Reason:
    """Why an answer from these assignments has its status; None stands for a clause that names nobody."""
    made = [assignment for assignment in assignments if assignment is not None]
    if not made:
        return Reason.NOBODY_NAMED
    if len(made) < len(assignments):
        return Reason.PARTLY
    return Reason.STATED if any(one.basis is Basis.STATED for one in made) else Reason.BY_RULE


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
    aims = finder.clauses(topic, query.plans, AIMS, 1)
    task = finder.treated(found[0], topic) if found else 0.0
    if aims and finder.treated(aims[0], topic) >= max(AIM_TREATED, AIM_LEADS * task):
        return aims
    if not found or not finder.is_treated(found[0], topic, query.one_task and query.plans is not None):
        return []
    if query.plans is not None:
        return found[:1]
    best: dict[str, FoundClause] = {}
    for one in found:
        if one.score >= ALSO * found[0].score:
            best.setdefault(one.plan.id, one)
    return list(best.values())


def _by_number(query: Query, plans: dict[str, Plan]) -> list[FoundClause]:
    """The clauses that a question names by number or path, in each plan in scope that has them.

    附件 or 清单 in the question means the annex; without, a number of the body comes before one of the annex.
    """
    found: list[FoundClause] = []
    for plan in plans.values():
        if not query.covers(plan.id):
            continue
        named = [c for c in plan.tasks() if not c.part and _is_named(query, c)]
        annex = [c for c in named if re.match(r"附|表", c.path)]
        body = [c for c in named if c not in annex]
        wanted = annex if re.search(r"附件|附录|附表|清单|表格", query.text) and annex else body or annex
        found += [FoundClause(plan, clause, clause, 1.0, None) for clause in wanted]
    return found


def _is_named(query: Query, clause: Clause) -> bool:
    if query.paths:
        return tuple(clause.path.split("/")) in query.paths
    return clause.no in query.numbers or clause.path.split("/")[-1] in {str(n) for n in query.numbers}


def _state(draft: Draft, query: Query, finder: Finder, found: FoundClause, assignment: Assignment | None) -> None:
    """One plan's sentence: who it is, or that the plan names nobody."""
    plan, clause, english = found.plan, found.part, query.english
    marks = finder.sentences(plan, clause, query.topic or query.text, 1)
    if assignment is not None and assignment.raw is not None:
        marks = [*marks, assignment.raw]
    n = draft.cite(plan, clause, marks, at=marks[0] if marks else None)
    name = f"{plan_name(plan)}{clause_name(clause, english)}"
    checked = corrected(plan, clause, english)
    if assignment is None:
        text = (
            f"{name}: the plan treats this and names nobody responsible (原文未明确责任单位){checked}."
            if english
            else f"{name}提到此事，但原文未明确牵头单位或责任单位{checked}。"
        )
        draft.say(text, [n])
        return
    opening = _yes_no(query, plan, assignment) if query.yes_no else ""
    stop = "." if english else "。"
    draft.say(f"{opening}{name}{colon(english)}{who(assignment, english)}{checked}{stop}", [n])
    missing = no_lead(assignment, english)
    if missing and (Role.LEAD in query.roles or query.yes_no):
        draft.say(missing, [n])
    if assignment.rule is not None:
        draft.say(by_rule(assignment, english), [draft.cite_span(plan, assignment.rule)])
    draft.assert_assignment(plan, clause, assignment, n)


def _yes_no(query: Query, plan: Plan, assignment: Assignment) -> str:
    """是 or 不是 where the question proposes a body and a role, "" where it proposes none."""
    if not query.units:
        return ""
    named = [name for mention in query.units for name in mention.names.get(plan.id, ())]
    roles = query.roles or frozenset(Role)
    holders = {p.name for p in assignment.parties if p.role in roles}
    right = bool(named) and all(name in holders for name in named)
    if re.search(r"一家|独|仅|只", query.text):
        right = right and len(holders) == len(set(named))
    if "还是" in query.text:
        return ""
    if query.english:
        return "Yes. " if right else "No. "
    return "是。" if right else "不是。"
