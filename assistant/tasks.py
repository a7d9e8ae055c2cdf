"""Everything that a body does: looked up in the parsed assignments, complete and counted, never ranked."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.draft import Draft
from assistant.model import Reason, Status
from assistant.query import Query
from assistant.wording import clause_name, colon, corrected, gist, join, plain, plan_name, role_words, who
from corpus.fold import simplify
from corpus.model import Assignment, Basis, Clause, ClauseKind, Plan, Role

MOST_CITED = 8  # of a number alone; a list cites each of its clauses


def tasks_of(plan: Plan, names: frozenset[str], roles: frozenset[Role]) -> list[tuple[Clause, Assignment]]:
    """The clauses of a plan that give any of ``names`` one of ``roles``, in the plan's order."""
    found = {
        clause.key: (clause, assignment)
        for name in names
        for clause, assignment in plan.assigned_to(name)
        if any(p.name in names and p.role in roles for p in assignment.parties)
    }
    return sorted(found.values(), key=lambda pair: (pair[0].span.start, pair[0].part))


def wanted_roles(query: Query) -> frozenset[Role]:
    """The roles that a listing is limited to; all where the question names several or only asks for tasks."""
    if query.filters.no_lead:
        return frozenset(Role)
    if query.only_support:  # 不是牵头: whatever else it is
        return frozenset({Role.SUPPORT} if Role.SUPPORT in query.roles else {Role.SUPPORT, Role.RESPONSIBLE})
    if query.roles == frozenset({Role.LEAD}) or query.roles == frozenset({Role.SUPPORT}):
        return query.roles
    return frozenset(Role) - {Role.SUPPORT} if query.no_support else frozenset(Role)


def answer_tasks(draft: Draft, query: Query, plans: dict[str, Plan]) -> Status:
    """Every task that meets the conditions, by plan; a body that no plan lists is said to be not listed."""
    scope = _in_scope(query, plans)
    if query.units and all(not _names(query, plan) for plan in scope):
        return _not_listed(draft, query, plans)
    total = 0
    listed = False
    seated: list[tuple[Plan, str]] = []
    for plan in scope:
        if query.units:
            names = _names(query, plan)
            if not names:
                continue
            if not tasks_of(plan, names, frozenset(Role)):
                seated += [(plan, name) for name in sorted(names)]
                continue
        elif query.filters.chapters and plan.id not in {owner for owner, _ in query.filters.chapters}:
            continue
        found = _matching(query, plan)
        if not found and not query.units and query.plans is None:
            continue  # a plan that was not asked about and has no such task is not worth a line
        listed = True
        total += len(found)
        _list(draft, query, plan, found)
    if listed:
        draft.count = total
        draft.reason = Reason.LISTED
        return Status.ANSWERED
    if seated:
        return _seated(draft, query, seated)
    return _not_listed(draft, query, plans)


def _named_anywhere(query: Query, plan: Plan) -> bool:
    """Whether a plan outside the scope lists a body by the very words of the question."""
    return any(simplify(mention.words) in plan.mentioned for mention in query.units)


def _in_scope(query: Query, plans: dict[str, Plan]) -> list[Plan]:
    return [p for p in plans.values() if query.covers(p.id)]


def _names(query: Query, plan: Plan) -> frozenset[str]:
    return frozenset(n for mention in query.units for n in mention.names.get(plan.id, ()))


def _matching(query: Query, plan: Plan) -> list[tuple[Clause, Assignment | None]]:
    """The tasks of a plan that meet the query's conditions on units, roles and structure, in the plan's order."""
    roles = wanted_roles(query)
    wanted = [frozenset(m.names[plan.id]) for m in query.units if plan.id in m.names]
    groups = list(dict.fromkeys(wanted)) if query.filters.every else [frozenset().union(*wanted)] if wanted else []
    found: list[tuple[Clause, Assignment | None]] = []
    pool: Sequence[tuple[Clause, Assignment | None]] = (
        tasks_of(plan, frozenset().union(*groups), roles)
        if groups
        else [(clause, plan.assignment(clause)) for clause in plan.tasks()]
    )
    for clause, assignment in pool:
        if assignment is None and (clause.part or groups or _has_parts(plan, clause)):
            continue
        if groups and not all(
            any(p.name in names and p.role in roles for p in (assignment.parties if assignment else ()))
            for names in groups
        ):
            continue
        if not groups and roles != frozenset(Role) and not _has_role(assignment, roles):
            continue
        if query.filters.holds(plan, clause, assignment):
            found.append((clause, assignment))
    return found


def _has_parts(plan: Plan, clause: Clause) -> bool:
    return plan.clause(clause.path, 1) is not None


def _has_role(assignment: Assignment | None, roles: frozenset[Role]) -> bool:
    return assignment is not None and any(p.role in roles for p in assignment.parties)


def _list(draft: Draft, query: Query, plan: Plan, found: list[tuple[Clause, Assignment | None]]) -> None:
    """How many, out of how many clauses read, and each with its citation."""
    names = _names(query, plan)
    read = len([c for c in plan.tasks() if not c.part])
    roles = wanted_roles(query)
    limited = "" if roles == frozenset(Role) else role_words(roles, query.english)
    shown = join([n for n in plan.mentioned if n in names])
    if query.english:
        subject = f"{shown} in " if shown else ""
        draft.say(f"{subject}{plan_name(plan)}: {len(found)} {limited} task(s); {read} of {read} clauses read.")
    else:
        subject = f"{shown}在{plan_name(plan)}中" if shown else plan_name(plan)
        matched = "符合条件的" if query.filters.any else ""
        ending = "。" if not found or _counts_only(query, found) else "："
        draft.say(
            f"{subject}共有{len(found)}项{matched}{f'{limited}的' if limited else ''}任务（已通读全部{read}条）{ending}"
        )
    if _counts_only(query, found):
        for clause, _ in found[:MOST_CITED]:
            draft.cite(plan, clause)
        return
    for clause, assignment in found:
        parties = assignment.parties if assignment else ()
        mentions = [p.mention for p in parties if p.name in names and p.mention and not p.implicit]
        n = draft.cite(plan, clause, mentions or ([assignment.raw] if assignment and assignment.raw else []))
        how = _how(query, assignment, names)
        draft.say(_line(query, plan, clause, assignment, how), [n])
        if assignment is None:
            assignment = Assignment(clause.path, clause.part, (), Basis.STATED, None)
        draft.assert_assignment(plan, clause, assignment, n)
    for span in dict.fromkeys(a.rule for _, a in found if a and names and a.rule):
        words = plain(simplify(plan.quote(span)))
        draft.say(f"{plan_name(plan)}{colon(query.english)}{words}", [draft.cite_span(plan, span)])


def _line(query: Query, plan: Plan, clause: Clause, assignment: Assignment | None, how: str) -> str:
    """One task of a listing: number and heading, or the first words, and the roles."""
    name = clause_name(clause, query.english)
    # Where a task has a heading of its own, that says enough.
    first = "" if clause.title else plain(gist(plan, clause, assignment))
    words = f"{name}{colon(query.english)}{first}" if first else name
    checked = corrected(plan, clause, query.english)
    return f"- {words} ({how}){checked}" if query.english else f"- {words}（{how}）{checked}"


def _counts_only(query: Query, found: list[tuple[Clause, Assignment | None]]) -> bool:
    """Whether the number is wanted and not the list: 只要数字, or the size of a whole plan."""
    whole = query.counting and not query.units and not query.filters.any and len(found) > MOST_CITED
    return query.figures_only or whole


def _how(query: Query, assignment: Assignment | None, names: frozenset[str]) -> str:
    """The roles of the bodies asked about; without any, who it is."""
    if assignment is None:
        return "nobody named" if query.english else "原文未明确责任单位"
    if not names:
        return who(assignment, query.english)
    held = role_words(frozenset(p.role for p in assignment.parties if p.name in names), query.english)
    if any(p.implicit for p in assignment.parties if p.name in names):
        held += "(by rule)" if query.english else "（依通则）"
    return held


def answer_partners(draft: Draft, query: Query, plans: dict[str, Plan]) -> Status:
    """The bodies that share a task with a body, with the number of tasks shared, most first."""
    scope = [plan for plan in _in_scope(query, plans) if _names(query, plan)]
    if not scope:
        return _not_listed(draft, query, plans)
    everyone: set[tuple[str, str]] = set()
    for plan in scope:
        names = _names(query, plan)
        shared: dict[str, int] = {}
        citations: list[int] = []
        for clause, assignment in tasks_of(plan, names, wanted_roles(query)):
            others = [name for name in dict.fromkeys(p.name for p in assignment.parties) if name not in names]
            for other in others:
                shared[other] = shared.get(other, 0) + 1
            if others:
                citations.append(draft.cite(plan, clause, [assignment.raw] if assignment.raw else []))
                draft.assert_assignment(plan, clause, assignment, citations[-1])
        everyone |= {(plan.id, name) for name in shared}
        shown = join([n for n in plan.mentioned if n in names])
        listed = join([f"{name}（{count}项）" for name, count in sorted(shared.items(), key=lambda item: -item[1])])
        if query.english:
            draft.say(f"{shown} shares tasks in {plan_name(plan)} with: {listed or 'nobody'}.", citations)
        else:
            draft.say(f"{shown}在{plan_name(plan)}中与以下单位列在同一任务：{listed or '无'}。", citations)
    draft.count = len(everyone)
    draft.reason = Reason.LISTED
    return Status.ANSWERED


def _seated(draft: Draft, query: Query, seated: list[tuple[Plan, str]]) -> Status:
    """A body that stands only in a roster: the plan gives it no task, and its line shows it."""
    for plan, name in seated:
        for person in plan.people:
            line = plan.clause(person.path)
            if person.unit == name and line is not None:
                n = draft.cite(plan, line, [person.span])
                draft.say(
                    f"{plan_name(plan)} gives {name} no task; it is listed with {person.name} ({person.post})."
                    if query.english
                    else f"{plan_name(plan)}没有给{name}单独分派任务；名单中列有{person.name}（{person.post}）。",
                    [n],
                )
    draft.count = 0
    draft.reason = Reason.SEATED_ONLY
    return Status.UNASSIGNED


def _not_listed(draft: Draft, query: Query, plans: dict[str, Plan]) -> Status:
    words = plain(join(list(dict.fromkeys(simplify(m.words) for m in query.units))))
    titles = join([plan_name(p) for p in _in_scope(query, plans)])
    draft.say(
        f"{words} is not listed in {titles}." if query.english else f"{titles}没有列出“{words}”，因此没有它的任务。"
    )
    elsewhere = [p for p in plans.values() if p not in _in_scope(query, plans) and _named_anywhere(query, p)]
    if elsewhere:
        where = join([plan_name(p) for p in elsewhere])
        draft.say(f"It is listed in {where}." if query.english else f"列有这一单位的是{where}。")
    for plan in _in_scope(query, plans):
        closing = next((c for c in plan.clauses if c.kind is ClauseKind.CLOSING), None)
        if closing is not None and len(_in_scope(query, plans)) == 1:
            draft.relate(plan, closing)
    draft.count = 0
    draft.reason = Reason.NOT_LISTED
    return Status.NOT_FOUND
