"""GET /plans: the plans that one may see, with what is known of each and where to go on from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse

from assistant.access.asked import principal_of
from assistant.access.rules import rule_of
from assistant.audit import Shown, tell
from assistant.holder import Holder
from assistant.plan_list import LONGEST_QUERY, Order, fitting, listed
from assistant.web.frame import Frame, Section
from assistant.web.list_words import ListWords, list_words

PREFIX = "/plans"
PER_PAGE = 60
SECTION: Section[ListWords] = Section(PREFIX, None, list_words)


def install(app: FastAPI, holder: Holder, data: Path) -> None:
    """Add the list. To be called before the chat is mounted at /."""
    app.include_router(list_routes(Frame(SECTION, holder, data)))


def list_routes(frame: Frame[ListWords]) -> APIRouter:
    """The one route."""
    router = frame.router()

    @router.get("")
    def plans(
        request: Request,
        q: Annotated[str, Query(max_length=LONGEST_QUERY)] = "",
        order: Order = "library",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> HTMLResponse:
        """The list, or what of it fits ``q``."""
        loaded, who = frame.seen(request).plans, principal_of(request)
        found = fitting(loaded.values(), q, order)
        pages = max(1, -(-len(found) // PER_PAGE))
        at = min(page, pages)
        rows = [listed(plan) for plan in found[(at - 1) * PER_PAGE : at * PER_PAGE]]
        tell(request.scope, Shown("list", q.strip(), plans=tuple(row.id for row in rows)))
        # Pages that are not there are not linked to.
        rules = {path: rule_of("GET", f"/{path}") for path in ("ledger", "matrix", "compare")}
        there = {path for path, rule in rules.items() if rule is not None and rule.lets_in(who)}
        return frame.page(
            request, "plans.html", rows=rows, found=len(found), loaded=len(loaded), q=q.strip(), order=order, page=at,
            pages=pages, there=there,
        )  # fmt: skip

    return router
