"""The place in a plan that an assignment of a listing rests on."""

from __future__ import annotations

from assistant.cite import cite
from assistant.model import AssignmentRow
from assistant.render import plan_link
from assistant.rest.shapes import Cited, ListedAssignment, Place
from corpus.model import Plan


def listed(plan: Plan, row: AssignmentRow) -> ListedAssignment:
    """A row of a plan with its citation: the whole clause, and the rule's sentence where there is one."""
    clause = plan.clause(row.clause, row.part)
    assert clause is not None, "a row is made of a clause of its plan"
    whole = plan.clause(clause.path) or clause
    assignment = plan.assignment(clause)
    said = [assignment.raw] if assignment and assignment.raw and whole.span.holds(assignment.raw) else []
    made = cite(plan, clause, 1, whole.span, said)
    rule = assignment.rule if assignment else None
    return ListedAssignment(
        **row.model_dump(),
        cited=Cited(
            quote=made.quote,
            start=made.start,
            end=made.end,
            marks=made.marks,
            source=made.source,
            path=made.path,
            page=made.page,
            link=plan_link(plan.id, clause.path, clause.part, made.start, made.end),
            rule=Place(quote=plan.quote(rule), start=rule.start, end=rule.end) if rule else None,
        ),
    )
