"""Feedback becomes questions of an eval set: what an editor picks from the plans is turned into gold.

Units are those that the plan names, and a snippet is cut from the text of the clause that was picked, so the gold of
a case fits its plan.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from assistant.feedback import FILE, Feedback, FeedbackStore
from assistant.model import Answer, Status
from corpus.config import data_folder
from corpus.errors import AssistantError
from corpus.model import Assignment, Clause, Plan
from evals.errors import SetInvalid
from evals.questions import ROLES, Category, Question, QuestionSet, RoleName
from evals.set_files import write_set
from evals.snippets import clause_of, cut
from evals.text import bare, one_line
from evals.validate import faults

_REFUSALS: Mapping[str, tuple[str, str]] = {
    "no_words": (
        "这条反馈没有保存提问（设置为只保存评价），不能做成题目",
        "this feedback was kept without its question (only ratings are kept), so no case can be made of it",
    ),
    "damaged": (
        "反馈 {row} 的提问或限定方案已损坏，不能做成题目；请从备份恢复，或删除这条反馈",
        "the question or filter of feedback {row} is damaged, so no case can be made of it; restore a backup, or "
        "delete the feedback",
    ),
    "plan": (
        "方案“{plan}”没有载入，请另选方案",
        "plan “{plan}” is not loaded; choose another",
    ),
    "filter": (
        "提问时限定了方案“{plan}”，现在没有载入；请先载入该方案，或标为“不作题目”",
        "the question was limited to plan “{plan}”, which is not loaded; load it, or dismiss the feedback",
    ),
    "clause": (
        "方案“{plan}”中没有条款 {path}，请重新选择条款",
        "plan “{plan}” has no clause {path}; pick it anew",
    ),
    "no_clause": (
        "没有选择条款：请选出回答应当依据的条款；方案确实没有答案时，类别选“无法回答”",
        "no clause is picked: pick the clauses that the answer must rest on, or choose the category unanswerable",
    ),
    "no_units": (
        "没有勾选单位：请勾选责任单位；原文没有写明时，类别选“原文未明确”",
        "no unit is ticked: tick the units in charge, or choose the category no_assignment where the plan names none",
    ),
    "unit": (
        "所选方案没有提到单位“{unit}”，请从列出的单位中勾选，或照原文填写",
        "the plans picked do not name the unit “{unit}”; tick one of those listed, or write it as the plan does",
    ),
    "count": (
        "数量“{count}”不是整数，请填写 0 或更大的整数，或留空",
        "count “{count}” is no whole number; write 0 or more, or leave it empty",
    ),
    "no_text": (
        "条款 {path} 的文字太短，截不出可比对的片段，请改选上一级条款",
        "clause {path} is too short to cut a snippet from; pick the clause above it",
    ),
    "twice": (
        "条款 {path} 的文字在方案中不止一处，清单无法区分，请换一条或不作清单题",
        "the text of clause {path} stands in the plan more than once, so a listing cannot tell it; pick another, "
        "or make it no listing",
    ),
    "invalid": ("题目不合格式（{fault}），请改正", "the question is not valid ({fault}); correct it"),
}


class CaseInvalid(AssistantError):
    """What an editor has chosen makes no question. ``said`` tells it in the reader's language."""

    def __init__(self, reason: str, **values: str) -> None:
        self.reason, self.values = reason, {name: one_line(value, 200) for name, value in values.items()}
        super().__init__(self.said("en"))

    def said(self, lang: str) -> str:
        """One line in "zh" or "en": what is wrong, and the remedy."""
        zh, en = _REFUSALS[self.reason]
        return (zh if lang == "zh" else en).format(**self.values)


class Key(NamedTuple):
    """A clause of a plan."""

    plan: str
    path: str
    part: int


Units = Mapping[RoleName, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Choices:
    """What an editor has chosen for one row; ``make_case`` makes a question of it."""

    category: Category = "task_owner"
    answerable: bool = True  # False: the plans have no answer; the category unanswerable says so by itself
    listing: bool = False  # a right answer asserts exactly the clauses picked
    clauses: tuple[Key, ...] = ()
    units: Units = field(default_factory=dict)
    count: int | None = None  # None: in a listing the number of its clauses, else none is asked for
    facts: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    note: str = ""
    plan: str = ""  # where the gold lies if no clause is picked: "none of them", counted as 0

    @property
    def unanswerable(self) -> bool:
        """Whether a right answer is that the plans have none."""
        return not self.answerable or self.category == "unanswerable"

    @property
    def expected(self) -> Status:
        """The status of a right answer, as ``evals.strict.expected_status`` has it."""
        if self.unanswerable:
            return Status.NOT_FOUND
        return Status.UNASSIGNED if self.category == "no_assignment" else Status.ANSWERED


def case_id(row: Feedback, digits: int = 8) -> str:
    """The id of the question made of a row: fb- and the first digits of the row's own."""
    return f"fb-{row.id[:digits]}"


def draft_case(row: Feedback, plans: Mapping[str, Plan]) -> Choices:
    """A first guess for the editor, from what was answered and what the reader said of it.

    Clauses are taken over where the reader found them right (👍, 漏项, 单位不对) and left to the editor
    otherwise, so that a wrong citation does not become gold by a slip.
    """
    answer = row.answer()
    if answer is None:
        return Choices(plan=next(iter(row.plans or plans), ""))
    category = _category(row, answer)
    trusted = row.rating == "up" or row.reason in ("omission", "wrong_unit")
    picked = tuple(key for key in answered_keys(answer, plans)) if trusted and category != "unanswerable" else ()
    listing = answer.count is not None and bool(answer.assignments) and category != "unanswerable"
    about_units = bool(answer.assignments) and not listing
    plan = next((name for name in (*row.plans, *plans) if name in plans), "")
    return Choices(
        category=category,
        listing=listing,
        clauses=picked,
        units=units_of(picked, plans) if about_units else {},
        count=answer.count if row.rating == "up" else None,
        note=row.comment,
        plan=plan,
    )


def _category(row: Feedback, answer: Answer) -> Category:
    if row.reason == "should_refuse" or answer.status is Status.NOT_FOUND:
        return "unanswerable"
    if answer.status is Status.UNASSIGNED:
        return "no_assignment"
    if len(row.turns) > 1:
        return "follow_up"
    if answer.people:
        return "roster"
    if len({assignment.plan for assignment in answer.assignments}) > 1:
        return "cross_plan"
    if answer.count is not None:
        return "unit_tasks"
    return "task_owner" if answer.assignments else "fact_target"


def answered_keys(answer: Answer, plans: Mapping[str, Plan]) -> tuple[Key, ...]:
    """The clauses that an answer asserts, or cites where it asserts none, as far as the plans still have them."""
    said: Iterable[Any] = answer.assignments or answer.citations
    keys = dict.fromkeys(Key(place.plan, place.clause, place.part) for place in said)
    return tuple(key for key in keys if key.plan in plans and plans[key.plan].clause(key.path, key.part))


def units_of(keys: Iterable[Key], plans: Mapping[str, Plan]) -> dict[RoleName, tuple[str, ...]]:
    """The units of the clauses' own assignments by role, united over the clauses.

    A clause whose sentences are assigned each for itself has the units of all of them.
    """
    found: dict[RoleName, dict[str, None]] = {role: {} for role in ROLES}
    for key in keys:
        for assignment in _assignments(plans[key.plan], key):
            for role in ROLES:
                found[role].update(dict.fromkeys(getattr(assignment, role)))
    return {role: tuple(names) for role, names in found.items() if names}


def _assignments(plan: Plan, key: Key) -> Sequence[Assignment]:
    own = plan.assignment_by_key.get((key.path, key.part))
    if own is not None:
        return [own]
    return [] if key.part else [a for a in plan.assignments if a.path == key.path]


def unit_names(plans: Iterable[Plan]) -> tuple[str, ...]:
    """Every unit that the plans name, in their order."""
    names: dict[str, None] = {}
    for plan in plans:
        parties = [party for assignment in plan.assignments for party in assignment.parties]
        parties += [party for rule in plan.rules for party in rule.parties]
        names.update(dict.fromkeys(party.name for party in parties))
        names.update(dict.fromkeys(plan.mentioned))
        names.update(dict.fromkeys(person.unit for person in plan.people if person.unit))
    return tuple(names)


def make_case(row: Feedback, choices: Choices, plans: Mapping[str, Plan]) -> Question:
    """The question that an editor's choices make of a row. Raises ``CaseInvalid``.

    An unanswerable question has no gold but its status; one without an assignment has no units.
    """
    if {"turns", "filter"} & set(row.damaged):
        raise CaseInvalid("damaged", row=row.id)
    if not row.turns:
        raise CaseInvalid("no_words")
    picked = [(key, _clause(key, plans)) for key in choices.clauses]
    gold: dict[str, Any] = {}
    if not choices.unanswerable:
        gold = _gold(row, choices, picked, plans)
    for name in row.filter or ():
        if name not in plans:
            raise CaseInvalid("filter", plan=name)
    try:
        question = Question.model_validate(
            {
                "id": case_id(row),
                "category": choices.category,
                "turns": list(row.turns),
                "filter": None if row.filter is None else list(row.filter),
                "answerable": not choices.unanswerable,
                "forbidden": list(choices.forbidden),
                "note": choices.note,
                **gold,
            }
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise CaseInvalid("invalid", fault=f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    if found := faults(QuestionSet("feedback", (question,), (question.id,)), plans):
        raise CaseInvalid("invalid", fault=found[0])
    return question


def choices_of(question: Question, plans: Mapping[str, Plan]) -> Choices:
    """The choices that make a question, so that an editor may go on with a case. What the plans lost is left out."""
    named = [plans[name] for name in question.plans if name in plans]
    found = (clause_of(snippet, named) for snippet in (*question.tasks, *question.evidence))
    clauses = tuple(dict.fromkeys(Key(*clause.key) for clause in found if clause))
    counted = bool(question.tasks) and question.count == _number(clauses)
    units: dict[RoleName, tuple[str, ...]] = {role: tuple(getattr(question, role)) for role in ROLES}
    return Choices(
        category=question.category,
        answerable=question.answerable,
        listing=bool(question.tasks),
        clauses=clauses,
        units={role: names for role, names in units.items() if names},
        count=None if counted else question.count,
        facts=tuple(question.facts),
        forbidden=tuple(question.forbidden),
        note=question.note,
        plan=named[0].id if named else next(iter(plans), ""),
    )


def _number(keys: Iterable[Key]) -> int:
    """How many clauses; sentences of one clause are one."""
    return len({(key.plan, key.path) for key in keys})


def _clause(key: Key, plans: Mapping[str, Plan]) -> Clause:
    if key.plan not in plans:
        raise CaseInvalid("plan", plan=key.plan)
    found = plans[key.plan].clause(key.path, key.part)
    if found is None:
        raise CaseInvalid("clause", plan=key.plan, path=key.path)
    return found


def _gold(
    row: Feedback, choices: Choices, picked: Sequence[tuple[Key, Clause]], plans: Mapping[str, Plan]
) -> dict[str, Any]:
    """The keys of a question that plans answer."""
    if not picked and choices.count is None:
        raise CaseInvalid("no_clause")
    if not picked and choices.plan not in plans:
        raise CaseInvalid("plan", plan=choices.plan)
    named = [plans[name] for name in dict.fromkeys([key.plan for key, _ in picked] or [choices.plan])]
    snippets = []
    for key, clause in picked:
        snippet, unique = cut(plans[key.plan], clause, named, choices.facts, _quotes(row, key))
        if not snippet:
            raise CaseInvalid("no_text", path=clause.path)
        if choices.listing and not unique:
            raise CaseInvalid("twice", path=clause.path)
        snippets.append(snippet)
    count = choices.count
    if choices.listing and count is None:
        count = _number(key for key, _ in picked)
    gold: dict[str, Any] = {"plans": [plan.id for plan in named], "count": count, "facts": list(choices.facts)}
    gold["tasks" if choices.listing else "evidence"] = snippets
    return {**gold, **_units(choices, named)}


def _quotes(row: Feedback, key: Key) -> list[str]:
    """What the answer quoted from a clause."""
    answer = row.answer()
    return [c.quote for c in (answer.citations if answer else ()) if Key(c.plan, c.clause, c.part) == key]


def _units(choices: Choices, named: Sequence[Plan]) -> dict[str, Any]:
    if choices.category == "no_assignment" or choices.listing:
        return {}
    known = {bare(name) for name in unit_names(named)}
    for name in (name for role in ROLES for name in choices.units.get(role, ())):
        # What reading missed may be added: the plan's own words are enough.
        if not bare(name) or (bare(name) not in known and not any(bare(name) in bare(plan.text) for plan in named)):
            raise CaseInvalid("unit", unit=name)
    units: dict[str, Any] = {role: list(choices.units[role]) for role in ROLES if choices.units.get(role)}
    if choices.category == "task_owner" and not units:
        raise CaseInvalid("no_units")
    return units


class Cases(NamedTuple):
    """What editors have made of feedback."""

    questions: list[Question]  # the oldest first, each with an id of its own
    faulty: dict[str, str]  # by the id of its row, a case that cannot be read: one line with what to do


def case_of(row: Feedback) -> Question | None:
    """The question saved for a row; None where there is none, or none that this version can read."""
    try:
        return Question.model_validate(row.case)
    except ValidationError:
        return None


def all_cases(store: FeedbackStore) -> Cases:
    """Every case that editors have made. Raises ``FeedbackUnwritable``."""
    made = Cases([], {})
    seen: set[str] = set()
    for row in reversed(store.rows(state="case")):
        question = case_of(row)
        if question is None:
            remedy = f"save it anew at /evals/feedback/{row.id}"
            made.faulty[row.id] = f"the case of feedback {row.id} does not fit this version; {remedy}"
            continue
        if question.id in seen:  # eight digits of two rows may be the same
            question = question.model_copy(update={"id": case_id(row, len(row.id))})
        seen.add(question.id)
        made.questions.append(question)
    return made


def feedback_set(store: FeedbackStore, *, skip_faulty: bool = False) -> Cases:
    """``all_cases``, if they make a set; else raises ``SetInvalid``, with a line for each that may not be left out."""
    made = all_cases(store)
    if made.faulty and not (skip_faulty and made.questions):
        raise SetInvalid(list(made.faulty.values()))
    if not made.questions:
        raise SetInvalid("no feedback has been made a case yet; make one on the page /evals/feedback")
    return made


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``python -m evals export-feedback``."""
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="a jsonl, csv or xlsx file (default: evals/feedback.jsonl in --data)"
    )
    parser.add_argument("--skip-faulty", action="store_true", help="leave out cases that cannot be read")
    parser.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: ASSISTANT_DATA or data)")


def command(options: argparse.Namespace) -> str:
    """``python -m evals export-feedback``: writes the set and says where. Raises ``AssistantError``."""
    data = data_folder(options.data)
    out: Path = options.out or data / "evals" / "feedback.jsonl"
    if options.out is None:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SetInvalid(f"{out}: cannot be written ({error.strerror}); name another file with --out") from None
    made = feedback_set(FeedbackStore(data / FILE), skip_faulty=options.skip_faulty)
    write_set(out, made.questions, replace=options.out is None)  # the file in the data folder is ours
    number = len(made.questions)
    written = f"{number} {'case' if number == 1 else 'cases'} written to {out}"
    return "\n".join([written, *(f"left out: {fault}" for fault in made.faulty.values())])
