"""Who is responsible for a clause, in the shape that lists and pages of a plan show."""

from __future__ import annotations

from assistant.draft import row_of
from assistant.model import AssignmentRow
from corpus.model import Clause, Plan


def assignment_row(plan: Plan, clause: Clause) -> AssignmentRow | None:
    """Who is responsible for a clause, in the shape of an answer's rows; None where nobody is named."""
    assignment = plan.assignment(clause)
    if assignment is None:
        return None
    return row_of(plan, clause, assignment)
