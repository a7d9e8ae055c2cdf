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

from corpus.fold import fold
from corpus.model import Assignment, Basis, Clause, ClauseKind, Party, Role, Rule, Span
from corpus.phrases import DEADLINE
from corpus.ranges import has_children, is_below, tasks_in_range
from corpus.rules import RuleSentence
from corpus.statements import Reading, Statement, read_words, shift_statement
from corpus.units import UnitTable


@dataclass(frozen=True, slots=True)
class Resolved:
    """Clauses with their parts, one assignment at most for each, and the rules with what they touched."""

    clauses: tuple[Clause, ...]
    assignments: tuple[Assignment, ...]
    rules: tuple[Rule, ...]


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
    if above:
        assignments = _inherit(above, clauses, assignments)
    applied: list[Rule] = []
    for rule in rules:
        apply = {
            Basis.FIRST_LISTED: _rank,
            Basis.DOCUMENT_RULE: _add_everywhere,
            Basis.CHAPTER_RULE: _add_to_range,
        }[rule.kind]
        assignments, done = apply(text, rule, all_clauses, assignments, prose, units)
        if done.parties or done.paths or done.kind is Basis.FIRST_LISTED:  # else it names no body
            applied.append(done)
    return Resolved(tuple(all_clauses), tuple(assignments), tuple(applied))


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


def _inherit(above: dict[str, Statement], clauses: Sequence[Clause], assignments: list[Assignment]) -> list[Assignment]:
    """What the nearest heading with a statement adds: all its bodies to a task that names nobody, its lead to one
    that names no lead."""
    named = {a.path for a in assignments}
    found: list[Assignment] = []
    for assignment in assignments:
        statement = _over(above, assignment.path)
        lead = tuple(p for p in statement.parties if p.role is Role.LEAD) if statement else ()
        if statement and lead and not assignment.lead and not assignment.part:
            listed = {p.name for p in assignment.parties}
            new = tuple(replace(p, implicit=True) for p in lead if p.name not in listed)
            parties = (*assignment.parties, *new)
            if new:
                assignment = replace(assignment, parties=parties, basis=Basis.INHERITED, rule=statement.raw)
        found.append(assignment)
    for clause in clauses:
        statement = _over(above, clause.path)
        if clause.kind is ClauseKind.TASK and statement and clause.path not in named:
            parties = tuple(replace(p, implicit=True) for p in statement.parties)
            dated = statement.deadline
            found.append(
                Assignment(clause.path, 0, parties, Basis.INHERITED, None, statement.raw, deadline_implicit=dated)
            )
    return found


def _over(above: dict[str, Statement], path: str) -> Statement | None:
    """The statement of the nearest heading above a path."""
    while "/" in path:
        path = path.rsplit("/", 1)[0]
        if path in above:
            return above[path]
    return None


# -- rules -------------------------------------------------------------------------------------------------

_ON = "以下|下述|下列|后续"
_Touched = tuple[list[Assignment], Rule]


def _rank(
    text: str,
    rule: RuleSentence,
    clauses: Sequence[Clause],
    assignments: list[Assignment],
    prose: set[tuple[str, int]],
    units: UnitTable,
) -> _Touched:
    """First listed leads, the others support: only where several bodies are listed and none is said to lead."""
    ranked: list[Assignment] = []
    paths: list[str] = []
    reached = _ranked_paths(text, rule, clauses)
    for assignment in assignments:
        stated = [p for p in assignment.parties if not p.implicit]
        if (
            (assignment.path, assignment.part) not in prose
            and assignment.path in reached
            and len(stated) > 1
            and all(p.role is Role.RESPONSIBLE for p in stated)
            and not stated[0].name.startswith("各")
        ):
            parties = (
                replace(stated[0], role=Role.LEAD),
                *(replace(p, role=Role.SUPPORT) for p in stated[1:]),
                *(p for p in assignment.parties if p.implicit),
            )
            assignment = replace(assignment, parties=parties, basis=Basis.FIRST_LISTED, rule=rule.span)
            paths.append(assignment.path)
        ranked.append(assignment)
    scope = f"{rule.range}列出多个单位而未写明牵头的各条"
    return ranked, Rule(Basis.FIRST_LISTED, rule.span, scope, tuple(dict.fromkeys(paths)))


def _ranked_paths(text: str, rule: RuleSentence, clauses: Sequence[Clause]) -> set[str]:
    """The tasks that a ranking rule is for; 上述 in the last clause of a plan speaks of the whole plan."""
    written = [c.path for c in clauses if c.kind is ClauseKind.TASK]
    last = all(c.span.start <= rule.span.start for c in clauses if c.kind is ClauseKind.TASK)
    tasks = tasks_in_range(rule.range, "", "文末" if last else rule.clause, rule.span.start, clauses)
    noted = rule.clause == "文末" and re.match("注|备注|说明", rule.span.of(text))
    root = (written[-1] if noted and written else rule.clause).split("/")[0]
    if not rule.range and root.startswith("附"):  # a note to a list in an annex speaks of that list
        tasks = [c for c in tasks if is_below(c.path, root)] or tasks
    return {c.path for c in tasks}


def _parties_of(text: str, rule: RuleSentence, units: UnitTable, default: Role) -> tuple[tuple[Party, ...], str]:
    """The units that a rule adds, with their roles, and the deadline it sets."""
    deadline = DEADLINE.search(fold(rule.span.of(text)))
    written = re.sub(r"\s", "", deadline[0]) if deadline else ""
    if rule.who is None:
        return (), written
    # 牵头单位为A says the same as 牵头单位:A, in as many characters.
    words = re.sub("(?<=单位|部门|处室)为", ":", fold(rule.who.of(text)))
    whole = Span(0, len(words))
    statement = read_words(words, whole, whole, units)
    if statement is not None:
        statement = shift_statement(statement, rule.who.start)
        return tuple(replace(p, implicit=True) for p in statement.parties), written
    parties = []
    for mention in units.split_units(rule.who.of(text)):
        if not units.is_body(mention.name):
            return (), written
        span = Span(rule.who.start + mention.span.start, rule.who.start + mention.span.end)
        parties.append(Party(mention.name, default, span, implicit=True, aliases=mention.aliases))
    return tuple(parties), written


def _add_everywhere(
    text: str,
    rule: RuleSentence,
    clauses: Sequence[Clause],
    assignments: list[Assignment],
    prose: set[tuple[str, int]],
    units: UnitTable,
) -> _Touched:
    """以下责任单位均有…: to every statement of a responsible unit in the range that does not list it."""
    tail = fold(rule.span.of(text))
    default = Role.SUPPORT if re.search("配合|参与", tail) else Role.RESPONSIBLE
    added, _ = _parties_of(text, rule, units, default)
    starts = {(c.path, c.part): c.span.start for c in clauses}
    # A heading speaks of what stands below it; only there are the tasks meant that name nobody.
    heading = rule.clause if has_children(rule.clause, clauses) and re.match(_ON, rule.range) else ""
    of_tasks = bool(heading) and not re.search("责任(?:单位|部门)(?:均|都|皆)", tail)
    touched: list[Assignment] = []
    paths: list[str] = []
    for assignment in assignments:
        key = (assignment.path, assignment.part)
        start = starts[key]
        in_range = is_below(assignment.path, heading) and (
            start > rule.span.start
            if re.match(_ON, rule.range)
            else start < rule.span.start
            if re.match("以上|上述", rule.range)
            else True
        )
        listed = {p.name for p in assignment.parties}
        new = tuple(p for p in added if p.name not in listed)
        if in_range and new and (of_tasks or key not in prose) and assignment.path != rule.clause:
            basis = Basis.DOCUMENT_RULE if assignment.basis is Basis.STATED else assignment.basis
            assignment = replace(assignment, parties=(*assignment.parties, *new), basis=basis, rule=rule.span)
            paths.append(assignment.path)
        touched.append(assignment)
    named = {a.path for a in assignments}
    for clause in clauses if of_tasks and added else ():
        if clause.kind is ClauseKind.TASK and clause.path not in named and is_below(clause.path, heading):
            touched.append(Assignment(clause.path, 0, added, Basis.DOCUMENT_RULE, None, rule.span))
            paths.append(clause.path)
    scope = f"{rule.range}有责任单位的各条"
    return touched, Rule(Basis.DOCUMENT_RULE, rule.span, scope, tuple(dict.fromkeys(paths)), added)


def _add_to_range(
    text: str,
    rule: RuleSentence,
    clauses: Sequence[Clause],
    assignments: list[Assignment],
    prose: set[tuple[str, int]],
    units: UnitTable,
) -> _Touched:
    """本章任务由…, 以上任务由…, 第三条至第六条由…: to the tasks in the range that name nobody."""
    added, deadline = _parties_of(text, rule, units, Role.RESPONSIBLE)
    if rule.who is None:
        return _date(text, rule, clauses, assignments, deadline)
    named = {a.path for a in assignments}
    assignments = list(assignments)
    paths: list[str] = []
    for clause in _reached(text, rule, rule.range, clauses):
        if added and clause.path not in named:
            paths.append(clause.path)
            assignments.append(
                Assignment(clause.path, 0, added, Basis.CHAPTER_RULE, None, rule.span, deadline_implicit=deadline)
            )
    return assignments, Rule(Basis.CHAPTER_RULE, rule.span, rule.range, tuple(paths), added)


def _date(
    text: str, rule: RuleSentence, clauses: Sequence[Clause], assignments: list[Assignment], deadline: str
) -> _Touched:
    """上述四项工作均应于…前完成: the date, as implicit, for the assigned tasks in the range that set none."""
    # 上述四项 may also be four sentences of one clause.
    tasks = _reached(text, rule, rule.range, clauses) or _reached(text, rule, rule.range[:2], clauses)
    reached = {clause.path for clause in tasks}
    dated = [
        replace(a, deadline_implicit=deadline) if a.path in reached and not (a.deadline or a.deadline_implicit) else a
        for a in assignments
    ]
    paths = tuple(dict.fromkeys(a.path for a in dated if a.path in reached and a.deadline_implicit == deadline))
    return dated, Rule(Basis.CHAPTER_RULE, rule.span, rule.range, paths)


def _reached(text: str, rule: RuleSentence, words: str, clauses: Sequence[Clause]) -> list[Clause]:
    return tasks_in_range(words, fold(rule.span.of(text)), rule.clause, rule.span.start, clauses)
