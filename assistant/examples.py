"""Example questions, made from the loaded plans, so that each has an answer."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.regions import own_region, spoken
from corpus.fold import simplify
from corpus.model import ClauseKind, Plan
from corpus.units import load_units


def examples(plans: Mapping[str, Plan], limit: int = 5) -> list[str]:
    """Up to ``limit`` questions, one a plan, of kinds as different as the plans allow."""
    makers = [_unit, _person, _owner, _silent]
    made: list[str] = []
    for plan in plans.values():
        for maker in makers:
            question = maker(plan)
            if question and question not in made:
                made.append(question)
                makers = [*(m for m in makers if m is not maker), maker]  # the kinds not shown yet come first
                break
    return made[:limit]


def spoken_place(plan: Plan) -> str:
    """The region as people say it: 克州 for 克孜勒苏柯尔克孜自治州."""
    own = own_region(plan.meta.region)
    said = [name for name in spoken(own, load_units()) if not name.isascii()] if own else []
    return min(said, key=len) if said else f"《{plan.meta.title}》"


def _subject(plan: Plan, assigned: bool) -> str:
    """The heading of a task, or the first words of one, that the plan assigns or does not."""
    for clause in plan.tasks():
        if clause.part or clause.kind is not ClauseKind.TASK or bool(plan.assignment(clause)) is not assigned:
            continue
        if any(c.part and c.path == clause.path for c in plan.clauses):
            continue
        words = simplify(clause.title or plan.quote(clause.body).split("。")[0].split(",")[0])
        if 4 <= len(words) <= 24:
            return words
    return ""


def _owner(plan: Plan) -> str:
    subject = _subject(plan, True)
    return f"{spoken_place(plan)}“{subject}”由谁负责？" if subject else ""


def _silent(plan: Plan) -> str:
    subject = _subject(plan, False)
    return f"{spoken_place(plan)}“{subject}”由哪个单位负责？" if subject else ""


def _unit(plan: Plan) -> str:
    """A body with a handful of tasks, as plans name many times those that lead everything."""
    counts: dict[str, int] = {}
    for assignment in plan.assignments:
        for party in assignment.parties:
            if not party.implicit and not party.name.startswith("各"):
                counts[party.name] = counts.get(party.name, 0) + 1
    for name, count in counts.items():
        if 3 <= count <= 6:
            return f"{spoken_place(plan)}的{name}有哪些任务？"
    return ""


def _person(plan: Plan) -> str:
    for person in plan.people[len(plan.people) // 2 :]:
        if person.unit:
            return f"{spoken_place(plan)}领导小组里{person.unit}派的是谁？"
    return ""
