"""Everything that a body does: looked up in the parsed assignments, complete and counted, never ranked."""

from __future__ import annotations

from assistant.draft import Draft
from assistant.model import Status
from assistant.query import Query
from assistant.wording import clause_name, join, plain, plan_name, role_words
from corpus.fold import simplify
from corpus.model import Assignment, Clause, ClauseKind, Plan, Role, Span


def tasks_of(plan: Plan, names: frozenset[str], roles: frozenset[Role]) -> list[tuple[Clause, Assignment]]:
    """The clauses of a plan that give any of ``names`` one of ``roles``, in the plan's order."""
    found = []
    for clause in plan.clauses:
        assignment = plan.assignment(clause)
        if assignment and any(p.name in names and p.role in roles for p in assignment.parties):
            found.append((clause, assignment))
    return found


def wanted_roles(query: Query) -> frozenset[Role]:
    """The roles that a listing is limited to; all where the question names several or only asks for tasks."""
    if query.only and Role.SUPPORT in query.roles:
        return frozenset({Role.SUPPORT})
    if query.roles == frozenset({Role.LEAD}) or query.roles == frozenset({Role.SUPPORT}):
        return query.roles
    return frozenset(Role)


def answer_tasks(draft: Draft, query: Query, plans: dict[str, Plan]) -> Status:
    """Every task of the bodies asked about, by plan; a body that no plan lists is said to be not listed."""
    roles = wanted_roles(query)
    total = 0
    listed = False
    seated: list[tuple[Plan, str]] = []
    for plan in _in_scope(query, plans):
        names = frozenset(n for mention in query.units for n in mention.names.get(plan.id, ()))
        if not names:
            continue
        if not tasks_of(plan, names, frozenset(Role)):
            seated += [(plan, name) for name in names]
            continue
        listed = True
        found = tasks_of(plan, names, roles)
        total += len(found)
        _list(draft, query, plan, names, roles, found)
    if listed:
        draft.count = total
        return Status.ANSWERED
    if seated:
        return _seated(draft, query, seated)
    return _not_listed(draft, query, plans)


def _in_scope(query: Query, plans: dict[str, Plan]) -> list[Plan]:
    return [p for p in plans.values() if query.plans is None or p.id in query.plans]


def _list(
    draft: Draft,
    query: Query,
    plan: Plan,
    names: frozenset[str],
    roles: frozenset[Role],
    found: list[tuple[Clause, Assignment]],
) -> None:
    read = len([c for c in plan.tasks() if not c.part])
    shown = join([n for n in plan.mentioned if n in names])
    limited = "" if roles == frozenset(Role) else role_words(roles, query.english)
    if query.english:
        draft.say(f"{shown} in {plan_name(plan)}: {len(found)} {limited} task(s); {read} of {read} clauses read.")
    else:
        verb = f"{limited}的任务" if limited else "任务"
        draft.say(f"{shown}在{plan_name(plan)}中共有{len(found)}项{verb}(已通读全部{read}条):")
    for clause, assignment in found:
        mentions = [p.mention for p in assignment.parties if p.name in names and p.mention and not p.implicit]
        n = draft.cite(plan, clause, mentions)
        held = [p.role for p in assignment.parties if p.name in names]
        how = role_words(frozenset(held), query.english)
        if any(p.implicit for p in assignment.parties if p.name in names):
            how += "(by rule)" if query.english else "(依通则)"
        draft.say(f"- {clause_name(clause, query.english)}:{_gist(plan, clause, assignment)}({how})", [n])
        draft.assert_assignment(plan, clause, assignment, n)


def _gist(plan: Plan, clause: Clause, assignment: Assignment) -> str:
    """The first words of a task without the bracket that assigns it, where it has no heading of its own."""
    if clause.title:
        return ""
    raw = assignment.raw
    body = clause.body
    if raw is not None and body.start < raw.start < body.end:
        body = Span(body.start, raw.start)
    words = simplify(plan.quote(body))
    return plain(words if len(words) <= 40 else words[:40] + "…")


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
                    else f"{plan_name(plan)}没有给{name}单独分派任务;名单中列有{person.name}({person.post})。",
                    [n],
                )
    draft.count = 0
    return Status.UNASSIGNED


def _not_listed(draft: Draft, query: Query, plans: dict[str, Plan]) -> Status:
    words = plain(join(list(dict.fromkeys(simplify(m.words) for m in query.units))))
    titles = join([plan_name(p) for p in _in_scope(query, plans)])
    draft.say(
        f"{words} is not listed in {titles}." if query.english else f"{titles}没有列出“{words}”,因此没有它的任务。"
    )
    for plan in _in_scope(query, plans):
        closing = next((c for c in plan.clauses if c.kind is ClauseKind.CLOSING), None)
        if closing is not None and len(_in_scope(query, plans)) == 1:
            draft.relate(plan, closing)
    draft.count = 0
    return Status.NOT_FOUND
