"""Statements → assignments: what the plan's own rules make of what its clauses say.

Reading and resolving are different steps, and resolving never guesses:

* a clause with one statement has one assignment; sentences with assignees of their own become parts;
* 列第一位的部门为牵头部门 ranks the bodies of a statement that only says 负责 — in the plan that has the sentence;
* 以下责任单位均有X adds X, as implicit, to the statements in its range that do not list it;
* 本章任务由X牵头 gives X, as implicit, to the tasks in its range that name nobody;
* a rule in the line of a heading ends with that heading, and 本章 with its chapter (``ranges``);
* a heading with a bracket of its own, 二、优化服务(总牵头单位:X), gives X, as implicit, to the tasks below it;
* 各成员单位 stays a group and is never expanded.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.apply_rules import Outlined, apply, own_date
from corpus.fold import fold
from corpus.model import Assignment, Basis, Clause, ClauseKind, Note, Role, Rule, Span
from corpus.ranges import DITTO, MAX_DITTO, OTHERWISE, excepted, numbers
from corpus.rules import RuleSentence
from corpus.statements import Reading, Statement
from corpus.units import UnitTable

MAX_RULES = 400  # of one plan: each looks at all clauses, and no plan has as many


@dataclass(frozen=True, slots=True)
class Resolved:
    """Clauses with their parts, one assignment at most for each, and the rules with what they touched."""

    clauses: tuple[Clause, ...]
    assignments: tuple[Assignment, ...]
    rules: tuple[Rule, ...]
    notes: tuple[Note, ...] = ()


def resolve(
    text: str,
    clauses: Sequence[Clause],
    readings: dict[str, Reading],
    rules: Sequence[RuleSentence],
    units: UnitTable,
) -> Resolved:
    """``readings`` by clause path (part 0)."""
    all_clauses: list[Clause] = []
    assignments: list[Assignment] = []
    prose: set[tuple[str, int]] = set()
    above: dict[str, Statement] = {}  # what a heading states for the tasks below it
    for clause in clauses:
        all_clauses.append(clause)
        if clause.kind is not ClauseKind.TASK:
            stated = [s for s in readings.get(clause.path, Reading(())).statements if not s.prose]
            if len(stated) == 1:
                above[clause.path] = stated[0]
            continue
        for part, statement in _parts(text, clause, readings.get(clause.path, Reading(()))):
            if part:
                all_clauses.append(replace(clause, part=part, span=statement.covers, body=_body(statement), title=""))
            if statement.prose:
                prose.add((clause.path, part))
            assignments.append(
                Assignment(
                    clause.path,
                    part,
                    statement.parties,
                    Basis.STATED,
                    statement.raw,
                    deadline=statement.deadline,
                    open_list=statement.open_list,
                    prose=statement.prose,
                )
            )
    assignments = _ditto(text, clauses, assignments)
    unread = frozenset(p for p, read in readings.items() if read.notes and not any(s.parties for s in read.statements))
    plan = Outlined(text, all_clauses, frozenset(prose), units, unread)
    applied: list[Rule] = []
    for rule in rules[:MAX_RULES]:
        if rule.kind is Basis.FIRST_LISTED:
            assignments, done = apply(rule, plan, assignments)
            applied.append(done)
    if above:
        assignments = _inherit(text, above, clauses, assignments)
    notes: list[Note] = []
    for rule in rules:
        if rule.vague and not rule.is_empty(text):
            notes.append(Note("rule", "a sentence that may hold for several clauses does not say which", rule.span))
    for rule in _in_turn([rule for rule in rules if not rule.vague], plan):
        assignments, done = apply(rule, plan, assignments)
        if done.parties or done.paths:  # else it names no body
            applied.append(done)
        if not done.paths and not rule.is_empty(text):
            notes.append(Note("rule", "a sentence that seems to hold for several clauses reached none", rule.span))
    applied.sort(key=lambda done: done.span)
    # A date alone waits for a rule that says who; a row keeps it in any case.
    kept = [a for a in assignments if a.parties or (a.raw is not None and a.raw.of(text).startswith("|"))]
    return Resolved(tuple(all_clauses), tuple(kept), tuple(applied), tuple(notes))


def _in_turn(rules: Sequence[RuleSentence], plan: Outlined) -> list[RuleSentence]:
    """Who does tasks that name nobody, the narrowest range first, then dates and what is added."""
    kept = rules[:MAX_RULES]
    given = [r for r in kept if r.kind is Basis.CHAPTER_RULE and r.who is not None]
    size = {id(r): len(plan.reached(r)) for r in given} if len(given) > 1 else {}
    return [
        *sorted(given, key=lambda r: size.get(id(r), 0)),
        *(r for r in kept if r.kind is Basis.CHAPTER_RULE and r.who is None),
        *(r for r in kept if r.kind is Basis.DOCUMENT_RULE),
    ]


def _ditto(text: str, clauses: Sequence[Clause], assignments: list[Assignment]) -> list[Assignment]:
    """(责任单位同上), 责任单位:同第1项, 牵头单位:市林业局;配合单位同上: what another task states, where one says so."""
    stated = {a.path: a for a in assignments if a.parties and not a.part}
    above: Assignment | None = None
    tasks = [c for c in clauses if c.kind is ClauseKind.TASK]
    called = {c.no: c.path for c in tasks if c.no is not None}  # a running number stands once in a plan
    for clause in tasks:
        own = stated.get(clause.path)
        left = max(clause.span.start, clause.span.end - MAX_DITTO)
        same = DITTO.search(fold(text[left : clause.span.end]))
        label = same["label"] if same else None
        if same is not None and (own is None or label is not None):
            number = numbers(f"第{same['number']}项") if same["number"] else set()
            source = stated.get(called.get(min(number), "")) if number else above
            roles = _DITTO_ROLES.get(label or "", tuple(Role))
            parties = tuple(replace(p, mention=None) for p in source.parties if p.role in roles) if source else ()
            raw = Span(left + same.start(), left + same.end())
            if own is None and parties:
                own = Assignment(clause.path, 0, parties, Basis.STATED, raw, deadline=own_date(text, clause))
            elif own is not None and not {p.role for p in own.parties} & set(roles):
                own = replace(own, parties=(*own.parties, *parties))
            if own is not None:
                stated[clause.path] = own
        above = own
    kept = [stated.pop(a.path, a) if not a.part else a for a in assignments]
    return [*kept, *(a for a in stated.values())]


_DITTO_ROLES = {"牵头": (Role.LEAD,), "配合": (Role.SUPPORT,)}


def _body(statement: Statement) -> Span:
    if statement.prose:
        return statement.covers
    return Span(statement.covers.start, max(statement.covers.start, statement.raw.start))


def _parts(text: str, clause: Clause, reading: Reading) -> list[tuple[int, Statement]]:
    """Which statement speaks for the clause itself (part 0) and which for a part of it."""
    whole = [s for s in reading.statements if not s.prose]
    duties = [s for s in reading.statements if s.prose]
    numbered: list[tuple[int, Statement]] = []
    parts = list(duties)
    if len(whole) == 1:
        numbered.append((0, whole[0]))
    elif not whole and len(duties) == 1 and _is_all(text, clause, duties[0]):
        return [(0, duties[0])]
    else:
        parts += whole
    parts.sort(key=lambda s: s.raw)
    return numbered + list(enumerate(parts, 1))


def _is_all(text: str, clause: Clause, duty: Statement) -> bool:
    """Whether a duty is the only sentence of its clause."""
    rest = text[clause.body.start : duty.covers.start] + text[duty.covers.end : clause.body.end]
    return not re.sub(r"[\W_]", "", rest)


def _inherit(
    text: str, above: dict[str, Statement], clauses: Sequence[Clause], assignments: list[Assignment]
) -> list[Assignment]:
    """What the nearest heading with a statement adds: all its bodies to a task that names nobody, its lead to one
    that names no lead."""
    dated_only = {a.path: a for a in assignments if not a.parties and not a.part}
    assignments = [a for a in assignments if a.parties or a.part]
    named = {a.path for a in assignments}
    found: list[Assignment] = []
    free = {p for at, s in above.items() for p in excepted(fold(s.raw.of(text)), at, clauses)}
    for assignment in assignments:
        statement = _over(above, assignment.path) if assignment.path not in free else None
        lead = tuple(p for p in statement.parties if p.role is Role.LEAD) if statement else ()
        yields = statement is not None and OTHERWISE.search(fold(statement.raw.of(text))) is not None
        if statement and lead and not yields and not assignment.lead and not assignment.part:
            listed = {p.name for p in assignment.parties}
            new = tuple(replace(p, implicit=True) for p in lead if p.name not in listed)
            parties = (*assignment.parties, *new)
            if new:
                assignment = replace(assignment, parties=parties, basis=Basis.INHERITED, rule=statement.raw)
        found.append(assignment)
    for clause in clauses:
        statement = _over(above, clause.path) if clause.path not in free else None
        if clause.kind is ClauseKind.TASK and statement and clause.path not in named:
            parties = tuple(replace(p, implicit=True) for p in statement.parties)
            only = dated_only.pop(clause.path, None)
            own = only.deadline if only else own_date(text, clause)
            dated = "" if own else statement.deadline
            given = Assignment(clause.path, 0, parties, Basis.INHERITED, None, statement.raw)
            found.append(replace(given, deadline=own, deadline_implicit=dated))
    return [*found, *dated_only.values()]


def _over(above: dict[str, Statement], path: str) -> Statement | None:
    """The statement of the nearest heading above a path."""
    while "/" in path:
        path = path.rsplit("/", 1)[0]
        if path in above:
            return above[path]
    return None
