"""The tree of a plan's clauses on a page, with the form of one of them: the same before and after a plan is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from assistant.render import slug
from assistant.web.frame import NoSuchPage, see_other
from assistant.web.library_form import ClauseForm
from assistant.web.plan_view import Tree, page_of
from corpus.model import Clause, Plan

NAMES_OFFERED = 500


class Where(BaseModel):
    """Which part of the tree an address asks for, and which clause's form is open."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    only: bool = False
    edit: Annotated[str, Field(max_length=500)] = ""
    part: Annotated[int, Field(ge=0, le=100_000)] = 0
    seen: Annotated[str, Field(max_length=2_000)] = ""  # anchor of the clause that was just corrected


def tree_context(
    plan: Plan,
    whole: Tree,
    where: Where,
    path: str,
    linked: bool,
    sent: ClauseForm | None = None,
    fault: str = "",
    carried: frozenset[tuple[str, int]] = frozenset(),
) -> dict[str, Any]:
    """What ``clause_tree.html`` is given. ``sent`` and ``fault``: a form that could not be kept, and why.

    ``carried`` are the clauses, by (path, part), whose correction cannot be taken back here.
    """
    key = (sent.path, sent.part) if sent else (where.edit, where.part) if where.edit else None
    seen = where.seen or (slug(*key) if key else "")
    at, rows = page_of(whole, path, where.page, where.only, seen, linked)
    return {
        "t": whole,
        "at": replace(at, carried=carried),
        "rows": rows,
        "open": key,
        "names": list(_offered(plan)) if key else [],
        "sent": sent,
        "clause_fault": fault,
    }


def _offered(plan: Plan) -> Sequence[str]:
    return plan.mentioned[:NAMES_OFFERED]


def back_to(request: Request, path: str, where: Where, sent: ClauseForm) -> RedirectResponse:
    """The page that the form stood on, at its clause."""
    anchor = slug(sent.path, sent.part)
    return see_other(
        request, path, anchor, page=where.page if where.page > 1 else None, only=1 if where.only else None,
        seen=anchor if where.only else None,
    )  # fmt: skip


def clause_of(plan: Plan, sent: ClauseForm, gone: str) -> Clause:
    """The clause that a form is about. Raises ``NoSuchPage`` with the words ``gone``."""
    found = plan.clause(sent.path, sent.part)
    if found is None:
        raise NoSuchPage(gone)
    return found


def moment() -> str:
    """Now, as corrections keep it: ISO 8601 with the offset from UTC."""
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")
