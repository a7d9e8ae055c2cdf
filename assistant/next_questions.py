"""What may be asked next: questions made of what an answer named, by the ledger of assignments, each with an answer.

Every question names its plan and a body or a clause, so that it means the same wherever it is asked, and each is asked
before it is offered: what the plans do not answer is left out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from assistant.examples import spoken_place
from assistant.filters import is_group
from assistant.find import TASKS, Finder, FoundClause
from assistant.model import Answer, AssignmentRow
from assistant.query import Kind, Query
from assistant.wording import gist, shortened
from corpus.fold import simplify, squeeze
from corpus.model import Clause, Plan

MOST = 4  # questions offered
_TRIED = 3  # of one kind
_PATH = re.compile(r"[一二三四五六七八九十]{1,2}/\([一二三四五六七八九十]{1,2}\)(?:/\d{1,3})?")
_LONGEST = 18  # characters of a task that say which one it is


@dataclass(frozen=True, slots=True)
class Asked:
    """The question that was answered last, with its answer, and the plans that may answer."""

    query: Query
    answer: Answer
    plans: Mapping[str, Plan]
    english: bool


def candidates(asked: Asked, finder: Finder) -> Iterator[str]:
    """Questions that may follow, those of the different kinds by turns, most fitting first; not yet held against the
    plans."""
    rows = [row for row in asked.answer.assignments if row.plan in asked.plans]
    kinds = [
        _tasks(asked, rows),
        _support(asked, rows),
        _elsewhere(asked, rows, finder),
        _deadline(asked, rows),
        _partners(asked, rows),
        _unassigned(asked),
    ]
    tried = zip_longest(*([question for question, _ in zip(kind, range(_TRIED), strict=False)] for kind in kinds))
    seen = set[str]()
    for question in (one for several in tried for one in several):
        if question and question not in seen:
            seen.add(question)
            yield question


def is_new(question: Query, asked: Query) -> bool:
    """Whether a question, read, asks something else than the one before it."""

    def meaning(query: Query) -> tuple[object, ...]:
        names = frozenset((plan, name) for unit in query.units for plan, of in unit.names.items() for name in of)
        return query.kind, names, query.roles, query.numbers, query.paths, query.filters, query.deadline

    same_words = bool(squeeze(question.topic)) and squeeze(question.topic) == squeeze(asked.topic)
    return meaning(question) != meaning(asked) and not (same_words and question.plans == asked.plans)


def _tasks(asked: Asked, rows: Sequence[AssignmentRow]) -> Iterator[str]:
    """All tasks of a body that the answer names: leads first; of people, the bodies that they come from."""
    named = [(row.plan, name) for role in ("lead", "responsible", "support") for row in rows for name in _of(row, role)]
    people = {person.unit for person in asked.answer.people}
    named += [(c.plan, unit) for c in asked.answer.citations for unit in people if unit in _mentioned(asked, c.plan)]
    for plan, name in dict.fromkeys(named):
        place = spoken_place(asked.plans[plan])
        yield f"What are the tasks of {name} in {place}?" if asked.english else f"{place}的{name}有哪些任务？"


def _support(asked: Asked, rows: Sequence[AssignmentRow]) -> Iterator[str]:
    """Who supports, where the question was not about one clause alone."""
    if asked.query.kind is Kind.OWNER:
        return
    for row in rows:
        if row.support and (name := _named(asked, row)):
            yield f"Who supports {name}?" if asked.english else f"{name}由谁配合？"


def _partners(asked: Asked, rows: Sequence[AssignmentRow]) -> Iterator[str]:
    """With whom a body that the answer names shares tasks."""
    for row in rows:
        for name in (*_of(row, "lead"), *_of(row, "responsible")):
            place = spoken_place(asked.plans[row.plan])
            yield (
                f"Which bodies share tasks with {name} in {place}?"
                if asked.english
                else f"{place}的{name}和哪些单位共同承担任务？"
            )


def _elsewhere(asked: Asked, rows: Sequence[AssignmentRow], finder: Finder) -> Iterator[str]:
    """The same matter in a plan that the answer does not speak of: the clause there that treats it, by its number."""
    topic = asked.query.topic
    if (
        asked.query.kind not in (Kind.OWNER, Kind.FACT, Kind.COMPARE)
        or not topic
        or not (rows or asked.answer.citations)
    ):
        return
    spoken_of = {citation.plan for citation in asked.answer.citations}
    others = [plan for plan in asked.plans if plan not in spoken_of]
    found = finder.clauses(topic, others, TASKS, 6) if others else []
    first: dict[str, FoundClause] = {}
    for one in found:
        if one.plan.assignment(one.part) is not None and finder.is_treated(one, topic):
            first.setdefault(one.plan.id, one)
    for one in first.values():
        if name := _clause_named(one.plan, one.clause, asked.english):
            yield f"Who is responsible for {name}?" if asked.english else f"{name}由谁负责？"


def _deadline(asked: Asked, rows: Sequence[AssignmentRow]) -> Iterator[str]:
    """By when, where the clause says so and that was not the question."""
    if asked.query.deadline:
        return
    for row in rows:
        if (row.deadline or row.deadline_implicit) and (name := _named(asked, row)):
            yield f"What is the deadline of {name}?" if asked.english else f"{name}的完成时限是什么时候？"


def _unassigned(asked: Asked) -> Iterator[str]:
    """The tasks of a plan that the answer cites for which it names no lead, or nobody."""
    for plan in dict.fromkeys(citation.plan for citation in asked.answer.citations if citation.plan in asked.plans):
        place = spoken_place(asked.plans[plan])
        if asked.english:
            yield f"Which tasks in {place} name nobody responsible?"
            yield f"Which tasks in {place} have no lead?"
        else:
            yield f"{place}有哪些任务没有明确责任单位？"
            yield f"{place}有哪些任务没有牵头单位？"


def _of(row: AssignmentRow, role: str) -> list[str]:
    return [name for name in getattr(row, role) if not is_group(name)]


def _mentioned(asked: Asked, plan: str) -> Collection[str]:
    return asked.plans[plan].mentioned if plan in asked.plans else ()


def _named(asked: Asked, row: AssignmentRow) -> str:
    plan = asked.plans[row.plan]
    clause = plan.clause(row.clause)
    return _clause_named(plan, clause, asked.english) if clause else ""


def _clause_named(plan: Plan, clause: Clause, english: bool) -> str:
    """A clause by its plan, its number and its first words; "" for one that no question can name by a number."""
    number = f"第{clause.no}项" if clause.no is not None else ""
    if not number and _PATH.fullmatch(clause.path):
        number = clause.path.replace("/", "").replace("(", "（").replace(")", "）")
    if not number:
        return ""
    if english:
        number = number if clause.no is None else f"item 第{clause.no}项"
    words = simplify(clause.title) or gist(plan, clause, plan.assignment(clause), _LONGEST).replace("\\", "")
    words = re.split(r"[。；;\n]", words)[0].strip().strip('“”‘’"')
    where = f" in {spoken_place(plan)}" if english else ""
    said = f"“{shortened(words, _LONGEST)}”" if words else ""
    return f"{number}{said}{where}" if english else f"{spoken_place(plan)}{number}{said}"
