"""One file of any format → its clauses and who is responsible (docs/interfaces.md, "A clause")."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypedDict

from corpus.model import Clause, Plan


class ClauseLine(TypedDict):
    """One line of ``extract --json``."""

    file: str
    clause: str
    part: int
    title: str
    text: str
    start: int
    end: int
    page: int | None
    lead: list[str]
    support: list[str]
    responsible: list[str]
    implicit: list[str]
    implicit_roles: dict[str, list[str]]
    aliases: dict[str, list[str]]
    basis: str
    deadline: str
    deadline_implicit: str
    raw: str
    corrected: bool


def clause_line(plan: Plan, clause: Clause) -> ClauseLine:
    """A clause with its assignment; where the plan names nobody the lists are empty."""
    assignment = plan.assignment(clause)
    return ClauseLine(
        file=plan.meta.file,
        clause=clause.path,
        part=clause.part,
        title=clause.title,
        text=plan.quote(clause.span),
        start=clause.span.start,
        end=clause.span.end,
        page=clause.page,
        lead=list(assignment.lead) if assignment else [],
        support=list(assignment.support) if assignment else [],
        responsible=list(assignment.responsible) if assignment else [],
        implicit=list(assignment.implicit) if assignment else [],
        implicit_roles=assignment.implicit_roles if assignment else {},
        aliases=assignment.aliases if assignment else {},
        basis=str(assignment.basis) if assignment else "stated",
        deadline=assignment.deadline if assignment else "",
        deadline_implicit=assignment.deadline_implicit if assignment else "",
        raw=plan.quote(assignment.raw) if assignment and assignment.raw else "",
        corrected=plan.is_corrected(clause),
    )


def clause_lines(plan: Plan) -> Iterator[ClauseLine]:
    """One line for every clause that states a task or duty, and for each part with its own assignee."""
    for clause in plan.tasks():
        yield clause_line(plan, clause)
