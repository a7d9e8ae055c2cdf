"""Short invented plans (绿道, 驿站 and their offices) and the few words that a table row needs of them."""

from __future__ import annotations

from corpus.library import read_text
from corpus.model import Assignment, Clause, ClauseKind, Plan

FRAME = "临江市2031年绿道建设实施方案\n一、重点任务\n"

# (lead, support, responsible), each with names parted by blanks
Who = tuple[str, str, str]
NOBODY: Who = ("", "", "")


def plan_of(body: str) -> Plan:
    """A plan with one chapter, 一、重点任务, that holds ``body``."""
    return read_text(FRAME + body)


def assigned(plan: Plan, path: str, part: int = 0) -> Assignment | None:
    """The assignment at a path; an error where there is no such clause."""
    clause = plan.clause(path, part)
    assert clause is not None, f"no {path}#{part} in {[(c.path, c.part) for c in plan.clauses]}"
    return plan.assignment(clause)


def who(assignment: Assignment | None) -> Who:
    """The stated units of an assignment, "" in each role for none."""
    if assignment is None:
        return NOBODY
    return (" ".join(assignment.lead), " ".join(assignment.support), " ".join(assignment.responsible))


def who_does(task: str) -> Who:
    """Who is responsible for item 1 of an invented plan, over the clause and all its parts."""
    plan = plan_of(f"1.{task}\n")
    found = [who(a) for a in plan.assignments if a.path == "一/1"]
    return (_together(found, 0), _together(found, 1), _together(found, 2))


def _together(found: list[Who], role: int) -> str:
    return " ".join(names[role] for names in found if names[role])


def outline(text: str) -> list[tuple[str, str, str]]:
    """(path, kind, title) of each clause of a text, parts left out."""
    return [(c.path, str(c.kind), c.title) for c in read_text(text).clauses if not c.part]


def paths(text: str, *kinds: ClauseKind) -> list[str]:
    """The paths of a text's clauses, all or of some kinds."""
    return [c.path for c in read_text(text).clauses if not c.part and (not kinds or c.kind in kinds)]


def clause(plan: Plan, path: str) -> Clause:
    """The clause at a path; an error where there is none."""
    found = plan.clause(path)
    assert found is not None, f"no {path} in {[c.path for c in plan.clauses]}"
    return found
