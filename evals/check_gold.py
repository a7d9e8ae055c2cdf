"""python -m evals.check_gold SET.jsonl ...: lay the gold of a set beside the plans and their parsed assignments.

A set is written by hand and the plans are read by rule, so either may be wrong; this prints every place where
they differ, with both sides, and a person settles it by reading the plan. The assistant takes no part. Checked
of each question:

1. every snippet of ``evidence`` and ``tasks`` stands exactly once in the text of the plans that it names;
2. its units are those of the clauses that its snippets lie in, by the rule the scorer uses: leads, and the union
   of the other three roles; with ``judge``, each of those roles for itself;
3. each of ``tasks`` is a clause of its own that somebody is assigned to, and ``count`` is their number;
4. for category no_assignment nobody is assigned at its evidence; an unanswerable question has no gold answer;
5. where the note says what the list is of, the list is that: ``lookup=PLAN:UNIT:HOW``. PLAN may go on with the
   path that the clauses lie under (``gansu-2020/四``), UNIT may join several with "+" (all of them in one task)
   or be "*" (anybody), HOW is one of HOWS, ``over_N`` or ``at_most_N`` (stated units). Several lookups add up.

A note with ``disagrees: REASON`` explains a difference that was read and stays. Exit status 0 when nothing is
unexplained, 1 when something is, 2 for a set that cannot be read.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import AssistantError
from corpus.library import read_plan, shipped_plans
from corpus.model import Assignment, Basis, Clause, ClauseKind, Plan
from evals.errors import Parser
from evals.questions import Question, RoleName, load_set
from evals.text import bare

OTHERS: tuple[RoleName, ...] = ("support", "responsible", "implicit")
HOWS: Mapping[str, Callable[[Assignment, str], bool]] = {
    # HOW in a lookup: whether a unit (its bare name, "" for anybody) stands so in an assignment.
    "any": lambda a, unit: not unit or unit in _names(a, ("lead", *OTHERS)),
    "lead": lambda a, unit: unit in _names(a, ("lead",)) if unit else bool(a.lead),
    # The clause itself writes 牵头; a lead by the plan's rule on the first listed is none.
    "stated_lead": lambda a, unit: a.basis is not Basis.FIRST_LISTED and HOWS["lead"](a, unit),
    "joint_lead": lambda a, unit: len(a.lead) > 1 and HOWS["lead"](a, unit),
    "no_lead": lambda a, unit: not a.lead and HOWS["any"](a, unit),
    "support": lambda a, unit: unit in _names(a, ("support",)) if unit else bool(a.support),
    "responsible": lambda a, unit: unit in _names(a, ("responsible",)) if unit else bool(a.responsible),
    "sole": lambda a, unit: len(a.parties) == 1 and HOWS["any"](a, unit),
}
_LOOKUP = re.compile(r"lookup=([^\s:;；]+):([^\s:;；]+):(\w+)", re.ASCII)
_SIZE = re.compile(r"(over|at_most)_(\d+)")
_EXPLAINED = re.compile(r"disagrees:\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a snippet stands: a plan and the narrowest of its clauses that holds the snippet."""

    plan: Plan
    clause: Clause

    @property
    def assignment(self) -> Assignment | None:
        return self.plan.assignment(self.clause) if self.clause.kind is ClauseKind.TASK else None

    @property
    def key(self) -> tuple[str, str]:
        """(plan, path): what the scorer counts as one clause."""
        return (self.plan.id, self.clause.path)

    def __str__(self) -> str:
        part = f"#{self.clause.part}" if self.clause.part else ""
        return f"{self.plan.id} {self.clause.path}{part}"


def check(question: Question, plans: Mapping[str, Plan]) -> list[str]:
    """Where the gold of one question and the plans differ, a line each; empty when they agree."""
    unknown = [name for name in question.plans if name not in plans]
    if unknown:
        return [f"plans: {', '.join(unknown)} is no shipped plan"]
    named = [plans[name] for name in question.plans]
    found: list[str] = []
    evidence = [place for snippet in question.evidence if (place := _place(snippet, named, found))]
    tasks = [place for snippet in question.tasks if (place := _place(snippet, named, found))]
    if not question.answerable:
        return found + _gold_of_the_unanswerable(question)
    found += _units(question, [*evidence, *tasks])
    found += _listing(question, tasks)
    found += _looked_up(question, plans, tasks)
    if question.category == "no_assignment":
        found += [
            f"no_assignment: {place} is assigned to {'、'.join(p.name for p in place.assignment.parties)}"
            for place in evidence
            if place.assignment
        ]
    return found


def explanation(question: Question) -> str:
    """The reason that the note gives for a difference, or ""."""
    match = _EXPLAINED.search(question.note)
    return match[1] if match else ""


def _place(snippet: str, plans: Sequence[Plan], found: list[str]) -> Place | None:
    """The clause of a snippet; a snippet that does not stand exactly once is reported in ``found``.

    None for a snippet in the sentence of a rule: it is evidence for the rule, and the clause in whose bracket
    the rule happens to stand is not what the question is about.
    """
    wanted = bare(snippet)
    times = sum(bare(plan.text).count(wanted) for plan in plans)
    if times != 1:
        found.append(f"snippet: “{snippet}” stands {times} times in {', '.join(p.id for p in plans) or 'no plan'}")
        return None
    plan = next(plan for plan in plans if wanted in bare(plan.text))
    if any(wanted in bare(plan.quote(rule.span)) for rule in plan.rules):
        return None
    holders = [clause for clause in plan.clauses if wanted in bare(plan.quote(clause.span))]
    if not holders:
        found.append(f"snippet: “{snippet}” lies in no single clause of {plan.id}")
        return None
    return Place(plan, min(holders, key=lambda clause: clause.span.end - clause.span.start))


def _names(assignment: Assignment, roles: Iterable[RoleName]) -> frozenset[str]:
    return frozenset(bare(name) for role in roles for name in getattr(assignment, role))


def _units(question: Question, places: Iterable[Place]) -> list[str]:
    """Rule 2. A unit may lead one clause and support another, so roles are united over the clauses."""
    if not question.judged_on_units:
        return []
    assigned = [place.assignment for place in places if place.assignment]
    judged: list[tuple[RoleName, ...]] = [(role,) for role in dict.fromkeys(question.judge)]
    found = []
    for roles in judged or [("lead",), OTHERS]:
        gold = frozenset().union(*(question.units(role) for role in roles))
        parsed = frozenset[str]().union(*(_names(a, roles) for a in assigned))
        if gold != parsed:
            only_gold, only_parsed = ("、".join(sorted(side)) or "nobody" for side in (gold - parsed, parsed - gold))
            found.append(f"units, {' + '.join(roles)}: only the gold has {only_gold}; only the plan has {only_parsed}")
    return found


def _listing(question: Question, tasks: Sequence[Place]) -> list[str]:
    """Rule 3."""
    found = [f"listing: nobody is assigned at {place}" for place in tasks if place.assignment is None]
    keys = [place.key for place in tasks]
    found += [f"listing: two snippets lie in {' '.join(key)}" for key in dict.fromkeys(keys) if keys.count(key) > 1]
    if question.tasks and question.count is not None and question.count != len(question.tasks):
        found.append(f"listing: count {question.count}, but {len(question.tasks)} tasks")
    return found


def _looked_up(question: Question, plans: Mapping[str, Plan], tasks: Iterable[Place]) -> list[str]:
    """Rule 5."""
    lookups = _LOOKUP.findall(question.note)
    if not lookups:
        return ["note: a lookup that cannot be read"] if "lookup=" in question.note else []
    keys: set[tuple[str, str]] = set()
    for scope, units, how in lookups:
        plan_id, _, under = scope.partition("/")
        if plan_id not in question.plans or not (how in HOWS or _SIZE.fullmatch(how)):
            return [f"note: lookup={scope}:{units}:{how} names a plan that the question does not, or no HOW"]
        keys |= {(plan_id, path) for path in _matching(plans[plan_id], under, units, how)}
    if not question.tasks:  # how many, without a list
        if question.count == len(keys):
            return []
        return [f"lookup: count {question.count}, the plan gives {len(keys)}: {_shown(keys)}"]
    gold = {place.key for place in tasks}
    if gold == keys:
        return []
    return [f"lookup: only the gold has {_shown(gold - keys)}; only the plan has {_shown(keys - gold)}"]


def _matching(plan: Plan, under: str, units: str, how: str) -> set[str]:
    """The paths below ``under`` whose assignment has every one of the units in the way that ``how`` says."""
    names = [""] if units == "*" else [bare(name) for name in units.split("+")]
    size = _SIZE.fullmatch(how)
    found = set()
    for assignment in plan.assignments:
        if under and not f"{assignment.path}/".startswith(f"{under}/"):
            continue
        if size:
            stated = sum(not party.implicit for party in assignment.parties)
            fits = stated > int(size[2]) if size[1] == "over" else stated <= int(size[2])
            fits = fits and all(HOWS["any"](assignment, name) for name in names)
        else:
            fits = all(HOWS[how](assignment, name) for name in names)
        if fits:
            found.add(assignment.path)
    return found


def _shown(keys: Iterable[tuple[str, str]]) -> str:
    return ", ".join(" ".join(key) for key in sorted(keys)) or "nothing"


def _gold_of_the_unanswerable(question: Question) -> list[str]:
    """Rule 4, second half: nothing is asserted, so nothing can be expected."""
    if question.judged_on_units or question.evidence or question.tasks or question.count is not None or question.facts:
        return ["unanswerable: units, evidence, tasks, count and facts must be empty"]
    return []


def main(arguments: Sequence[str] | None = None) -> int:
    """Check every set that is named and print what differs; see the module for the exit status."""
    parser = Parser(prog="python -m evals.check_gold", description="Lay the gold of sets beside the plans.")
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET.jsonl")
    paths: list[Path] = parser.parse_args(arguments).sets
    try:
        sets = [(path, load_set(path)) for path in paths]
        plans = {plan.id: plan for plan in map(read_plan, shipped_plans())}
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2
    open_ones = 0
    for path, questions in sets:
        differing = [(question, found) for question in questions if (found := check(question, plans))]
        for question, found in differing:
            reason = explanation(question)
            open_ones += not reason
            for line in found:
                print(f"{question.id}: {line}" + (f" (explained: {reason})" if reason else ""))
        print(f"{path}: {len(questions)} questions, {len(differing)} differ from the plans")
    return 1 if open_ones else 0


if __name__ == "__main__":
    raise SystemExit(main())
