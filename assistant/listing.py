"""Who is responsible for what, over all plans that one may see: the rows that REST, its exports and MCP show."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from assistant.holder import Asker
from assistant.model import ROLES, AssignmentRow
from assistant.plan_page import assignment_row
from corpus.fold import squeeze
from corpus.model import Plan


def assignment_rows(
    assistant: Asker, plans: Collection[str] | None = None, unit: str = "", role: str | None = None
) -> list[AssignmentRow]:
    """Every row that names ``unit``, said in any way (any unit, if empty), in ``role`` (any, if None).

    In the plans' order, then in the order of the text; ``plans`` None means all.
    """
    names = assistant.names_of(unit, plans) if unit else {}
    return [
        row
        for plan in assistant.plans.values()
        if plans is None or plan.id in plans
        for row in _rows(plan)
        if _matches(row, unit, names.get(plan.id, ()), role)
    ]


def _rows(plan: Plan) -> Iterator[AssignmentRow]:
    for clause in plan.clauses:
        row = assignment_row(plan, clause)
        if row is not None:
            yield row


def _matches(row: AssignmentRow, unit: str, known: Collection[str], role: str | None) -> bool:
    """Whether a row names the unit (any unit, if empty) in the role (any role, if None).

    ``known`` are the unit's names in the row's plan; an alias that the plan gives in brackets counts too.
    """
    wanted = squeeze(unit)
    names = [name for r in ROLES if role in (None, r) for name in getattr(row, r)]
    if not unit:
        return bool(names)
    if not wanted:  # signs alone name nobody; taken for no filter, they would bring every row
        return False
    return any(name in known or wanted in map(squeeze, (name, *row.aliases.get(name, []))) for name in names)
