"""What a rule makes of the assignments of its plan: it ranks them, adds bodies, gives tasks away, or dates them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from corpus.deadlines import dated_task
from corpus.fold import fold, squeeze
from corpus.model import Assignment, Basis, Clause, ClauseKind, Party, Role, Rule, Span
from corpus.phrases import LABEL, ROLE
from corpus.ranges import REST, has_children, is_below, is_onward, is_supporting, is_wide, tasks_in_range
from corpus.rule_parts import EMPTY
from corpus.rules import RuleSentence
from corpus.statements import read_words, shift_statement
from corpus.units import UnitTable

Touched = tuple[list[Assignment], Rule]


@dataclass(frozen=True, slots=True)
class Outlined:
    """What rules are applied to: the text, all clauses with their parts, and which parts are prose."""

    text: str
    clauses: Sequence[Clause]
    prose: frozenset[tuple[str, int]]
    units: UnitTable
    unread: frozenset[str] = frozenset()  # clauses that name somebody in words that were not understood
    known: dict[tuple[str, Span], list[Clause]] = field(default_factory=dict)  # what was reached before

    def reached(self, rule: RuleSentence) -> list[Clause]:
        """The tasks that a rule is for."""
        key = (rule.range, rule.span)
        if key not in self.known:
            onward = rule.kind is Basis.DOCUMENT_RULE
            found = tasks_in_range(
                rule.range, rule.said, rule.clause, rule.span.start, self.clauses, onward=onward, noted=rule.noted
            )
            if rule.about:
                words = squeeze(rule.about)
                found = [c for c in found if words in squeeze(fold(c.body.of(self.text).split("\n")[0]))]
            self.known[key] = found if not rule.about or len(found) == 1 else []
        return self.known[key]


def apply(rule: RuleSentence, plan: Outlined, assignments: list[Assignment]) -> Touched:
    """The assignments after a rule, and the rule with what it touched."""
    if rule.kind is Basis.FIRST_LISTED:
        return _rank(rule, plan, assignments)
    if rule.kind is Basis.DOCUMENT_RULE:
        return _add(rule, plan, assignments)
    return _date(rule, plan, assignments) if rule.who is None else _fill(rule, plan, assignments)


# -- the first of a list ----------------------------------------------------------------------------------------


def _rank(rule: RuleSentence, plan: Outlined, assignments: list[Assignment]) -> Touched:
    """First listed leads, the others support: only where several bodies are listed and none is said to lead."""
    ranked: list[Assignment] = []
    paths: list[str] = []
    order = rule.ranking
    reached = _ranked_paths(rule, plan)
    for assignment in assignments:
        stated = [p for p in assignment.parties if not p.implicit]
        if (
            order is not None
            and (assignment.path, assignment.part) not in plan.prose
            and assignment.path in reached
            and len(stated) > 1
            and all(p.role is Role.RESPONSIBLE for p in stated)
            and not stated[0].name.startswith("各")
            and _is_list(rule, plan.text, assignment)
        ):
            parties = (
                replace(stated[0], role=order.first),
                *(replace(p, role=order.rest) for p in stated[1:]),
                *(p for p in assignment.parties if p.implicit),
            )
            assignment = replace(assignment, parties=parties, basis=Basis.FIRST_LISTED, rule=rule.span)
            paths.append(assignment.path)
        ranked.append(assignment)
    scope = f"{rule.range}列出多个单位而未写明牵头的各条"
    return ranked, Rule(Basis.FIRST_LISTED, rule.span, scope, tuple(dict.fromkeys(paths)))


# Each for its part: nobody among them comes first.
_EACH = re.compile("(?:职责|职能|分工|分别|各自|各负其责)[^,。;]{0,8}(?:负责|落实|承担|实施)|分别")


def _is_list(rule: RuleSentence, text: str, assignment: Assignment) -> bool:
    """Whether an assignment is a list of the kind that a ranking rule is for."""
    raw = fold(assignment.raw.of(text)) if assignment.raw else ""
    row = raw.startswith("|")
    if rule.ranking is None or (rule.ranking.brackets and not raw.startswith(("(", "[", "【", "〔"))):
        return False
    if row:
        return True
    if rule.ranking.bare and (ROLE.search(raw) or LABEL.search(raw)):
        return False
    shares = len(re.findall("负责", raw)) > 1
    return not _EACH.search(raw) and not shares


def _ranked_paths(rule: RuleSentence, plan: Outlined) -> set[str]:
    """The tasks that a ranking rule is for; 上述 in the last clause of a plan speaks of the whole plan."""
    clauses, path = plan.clauses, rule.clause
    if rule.table is not None:
        return {c.path for c in clauses if rule.table.holds(c.span)}
    tasks = [c for c in clauses if c.kind is ClauseKind.TASK and not c.part]
    last = all(c.span.start <= rule.span.start for c in tasks)
    reached = tasks_in_range(rule.range, rule.said, "文末" if last else path, rule.span.start, clauses)
    noted = re.match(r"\W{0,2}(?:注|备注|说明)", rule.span.of(plan.text))
    root = (tasks[-1].path if noted and path == "文末" and tasks else path).split("/")[0]
    if not rule.range and root.startswith("附"):  # a note to a list in an annex speaks of that list
        reached = [c for c in reached if is_below(c.path, root)] or reached
    elif not rule.range and noted and has_children(path, clauses):
        reached = [c for c in reached if is_below(c.path, path)] or reached
    elif not rule.range and rule.ranking and rule.ranking.tables:
        reached = [c for c in reached if c.span.of(plan.text).startswith("|") or c.path.startswith("附")] or reached
    return {c.path for c in reached}


# -- bodies that are added -----------------------------------------------------------------------------------------


def _parties(rule: RuleSentence, plan: Outlined) -> tuple[Party, ...]:
    """The units that a rule adds, with their roles; () where its words name no bodies."""
    if rule.who is None or EMPTY.match(fold(rule.who.of(plan.text))):
        return ()
    # 牵头单位为A says the same as 牵头单位:A, in as many characters; what a bracket excepts names nobody.
    words = re.sub(
        r"(?<=单位|部门|处室|科室|主体)(?:均|都|统一|一律)?[为是](?=\S)", _colon, fold(rule.who.of(plan.text))
    )
    words = re.sub(r",(?:以下|文中|下文|后文|下同)?(?:均)?(?:不再|不一一|不逐)[^。;]{0,20}$|,下同$", _commas, words)
    words = _ROLE_NOUN.sub(_role_word, words)
    words = re.sub(r"\([^()]{0,30}(?:除外|不在此列|另有[^()]{0,10})\)", _commas, words)
    whole = Span(0, len(words))
    statement = read_words(words, whole, whole, plan.units, ruled=True)
    if statement is not None:
        statement = shift_statement(statement, rule.who.start)
        return tuple(replace(p, implicit=True) for p in statement.parties)
    parties = []
    for mention in plan.units.split_units(rule.who.of(plan.text)):
        if not plan.units.is_body(mention.name):
            return ()
        span = Span(rule.who.start + mention.span.start, rule.who.start + mention.span.end)
        parties.append(Party(mention.name, rule.role, span, implicit=True, aliases=mention.aliases))
    return tuple(parties)


# A为第1项至第3项任务的牵头单位,B为配合单位 says the same as A牵头,B配合.
_ROLE_NOUN = re.compile(
    r"(?:均|都)?(?:为|是|作为)(?:[^,。;]{2,40}的)?(?:共同|主要|总)?(?P<role>牵头|主责|责任|落实|配合|参与|协办|协同|实施|承办)(?P<noun>单位|部门|主体)"
)


def _role_word(match: re.Match[str]) -> str:
    word = "负责" if match["role"] in ("责任", "落实", "实施", "承办") else match["role"]
    return (word + ",").rjust(len(match[0]) - 1, ",") + ","


def _commas(match: re.Match[str]) -> str:
    return "," * len(match[0])


def _colon(match: re.Match[str]) -> str:
    return " " * (len(match[0]) - 1) + ":"


def _add(rule: RuleSentence, plan: Outlined, assignments: list[Assignment]) -> Touched:
    """以下任务均需…落实: to every task in the range; 以下责任单位均有…: to every one that lists somebody."""
    added = _parties(rule, plan)
    reached = {c.path: c for c in plan.reached(rule)}
    whole = {a.path for a in assignments if (a.path, a.part) not in plan.prose}
    touched: list[Assignment] = []
    paths: list[str] = []
    for assignment in assignments:
        key = (assignment.path, assignment.part)
        listed = {p.name for p in assignment.parties}
        new = tuple(p for p in added if p.name not in listed)
        prose = key in plan.prose and (rule.listed or key[0] in whole)
        if assignment.path in reached and new and assignment.parties and not prose:
            parties = (*assignment.parties, *new)
            assignment = (
                replace(assignment, parties=parties, basis=Basis.DOCUMENT_RULE, rule=rule.span)
                if assignment.basis is Basis.STATED
                else replace(assignment, parties=parties)
            )
            paths.append(assignment.path)
        touched.append(assignment)
    if not rule.listed and added:
        empty = [c for c in _unnamed(list(reached.values()), touched) if not _carries_out(c, rule)]
        touched = _given(empty, added, Basis.DOCUMENT_RULE, rule, "", touched, plan.text)
        paths += [c.path for c in empty]
    scope = f"{rule.range}有责任单位的各条" if rule.listed else rule.range
    return touched, Rule(Basis.DOCUMENT_RULE, rule.span, scope, tuple(dict.fromkeys(paths)), added)


def _carries_out(clause: Clause, rule: RuleSentence) -> bool:
    """Whether a clause says how the plan is carried out, in another chapter than the rule: 各项任务 are others."""
    wide = (is_wide(rule.range) or is_onward(rule.range)) and not rule.lacks and not re.match(REST, rule.range)
    return wide and is_supporting(clause) and not is_below(clause.path, rule.clause.split("/")[0])


def _unnamed(clauses: Sequence[Clause], assignments: list[Assignment]) -> list[Clause]:
    """The clauses of which nothing says who does them; a duty of a body in one of its sentences does not."""
    named = {a.path for a in assignments if a.parties and not (a.prose and a.part)}
    return [c for c in clauses if c.path not in named]


def own_date(text: str, clause: Clause) -> str:
    """The completion date in the words of a task that names nobody."""
    return dated_task(fold(clause.body.of(text).split("\n")[0]))


def _given(
    clauses: Sequence[Clause],
    parties: tuple[Party, ...],
    basis: Basis,
    rule: RuleSentence,
    deadline: str,
    assignments: list[Assignment],
    text: str,
) -> list[Assignment]:
    """``assignments`` with one for each of ``clauses``; a row that only had a date keeps it."""
    dated = {a.path: a.deadline for a in assignments if not a.part and not a.parties}
    gone = {c.path for c in clauses} & dated.keys()
    kept = [a for a in assignments if a.part or a.parties or a.path not in gone]
    for clause in clauses:
        own = dated.get(clause.path) or own_date(text, clause)
        later = "" if own else deadline
        kept.append(Assignment(clause.path, 0, parties, basis, None, rule.span, deadline=own, deadline_implicit=later))
    return kept


# -- tasks that are given ----------------------------------------------------------------------------------------------


def _fill(rule: RuleSentence, plan: Outlined, assignments: list[Assignment]) -> Touched:
    """本章任务由…, 以上任务由…, 第三条至第六条由…: to the tasks in the range that name nobody."""
    added = _parties(rule, plan)
    if not added:
        return assignments, Rule(Basis.CHAPTER_RULE, rule.span, rule.range)
    reached = plan.reached(rule)
    within = {c.path for c in reached}
    leads = all(p.role is Role.LEAD for p in added)
    over_all = leads and (re.search("牵头|主责", rule.lacks) or re.search("总牵头|牵头抓总|牵总", rule.said))
    paths: list[str] = []
    touched: list[Assignment] = []
    for assignment in assignments:
        roles = {p.role for p in assignment.parties}
        shared = rule.takes and assignment.basis is Basis.CHAPTER_RULE and all(p.implicit for p in assignment.parties)
        lacks = shared or roles == {Role.SUPPORT} or (over_all and roles and Role.LEAD not in roles)
        listed = {p.name for p in assignment.parties}
        new = tuple(p for p in added if p.name not in listed and (over_all or shared or p.role is not Role.SUPPORT))
        if assignment.path in within and lacks and new and (assignment.path, assignment.part) not in plan.prose:
            parties = (*assignment.parties, *new)
            assignment = replace(assignment, parties=parties, basis=Basis.CHAPTER_RULE, rule=rule.span)
            paths.append(assignment.path)
        touched.append(assignment)
    unnamed = [c for c in _unnamed(reached, touched) if c.path not in plan.unread]
    empty = [c for c in unnamed if not _carries_out(c, rule)]
    touched = _given(empty, added, Basis.CHAPTER_RULE, rule, rule.deadline, touched, plan.text)
    paths += [c.path for c in empty]
    return touched, Rule(Basis.CHAPTER_RULE, rule.span, rule.range, tuple(dict.fromkeys(paths)), added)


def _date(rule: RuleSentence, plan: Outlined, assignments: list[Assignment]) -> Touched:
    """上述四项工作均应于…前完成: the date, as implicit, for the assigned tasks in the range that set none."""
    # 上述四项 may also be four sentences of one clause.
    tasks = plan.reached(rule) or plan.reached(replace(rule, range=rule.range[:2]))
    reached = {clause.path for clause in tasks}
    dated = [
        replace(a, deadline_implicit=rule.deadline)
        if a.path in reached and not (a.deadline or a.deadline_implicit)
        else a
        for a in assignments
    ]
    paths = tuple(dict.fromkeys(a.path for a in dated if a.path in reached and a.deadline_implicit == rule.deadline))
    return dated, Rule(Basis.CHAPTER_RULE, rule.span, rule.range, paths)
