"""Who is responsible for what, over all plans that one may see: the rows that REST, its exports and MCP show."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from assistant.draft import assignment_row
from assistant.holder import Asker
from assistant.model import ROLES, AssignmentRow
from corpus.errors import QuestionInvalid
from corpus.fold import squeeze
from corpus.model import Plan


class Said:
    """A unit, said in any way: which names in which plan it means."""

    def __init__(self, assistant: Asker, unit: str, plans: Collection[str] | None = None) -> None:
        self._names = assistant.names_of(unit, plans) if unit else {}
        self._wanted = squeeze(unit)

    def means(self, plan: str, name: str, aliases: Sequence[str] = ()) -> bool:
        """Whether a name in a plan, or an alias that the plan gives it in brackets, is the unit."""
        if not self._wanted:  # signs alone name nobody; taken for no filter, they would bring every row
            return False
        return name in self._names.get(plan, ()) or self._wanted in map(squeeze, (name, *aliases))


def known_plans(assistant: Asker, ids: list[str] | None, remedy: str) -> list[str] | None:
    """The plans asked for; an unknown one is refused, because leaving it out would widen or empty the question.

    Raises ``QuestionInvalid``, which ends with the ``remedy``.
    """
    for plan_id in ids or []:
        if plan_id not in assistant.plans:
            raise QuestionInvalid(f"there is no plan {plan_id[:80]!a}; {remedy}")
    return ids


def assignment_rows(
    assistant: Asker, plans: Collection[str] | None = None, unit: str = "", role: str | None = None
) -> list[AssignmentRow]:
    """Every row that names ``unit``, said in any way (any unit, if empty), in ``role`` (any, if None).

    In the plans' order, then in the order of the text; ``plans`` None means all.
    """
    said = Said(assistant, unit, plans) if unit else None
    return [
        row
        for plan in assistant.plans.values()
        if plans is None or plan.id in plans
        for row in rows_of(plan)
        if _matches(row, said, role)
    ]


def rows_of(plan: Plan) -> Iterator[AssignmentRow]:
    """Who is responsible for what in one plan, in the order of the text."""
    for clause in plan.clauses:
        row = assignment_row(plan, clause)
        if row is not None:
            yield row


def _matches(row: AssignmentRow, said: Said | None, role: str | None) -> bool:
    """Whether a row names the unit (any unit, if None) in the role (any role, if None)."""
    names = [name for r in ROLES if role in (None, r) for name in getattr(row, r)]
    if said is None:
        return bool(names)
    return any(said.means(row.plan, name, row.aliases.get(name, ())) for name in names)
