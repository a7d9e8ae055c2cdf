"""The plans: what is known of them, their texts, clauses and pages."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse

from assistant.audit import Shown, of_places, tell
from assistant.holder import Holder
from assistant.plan_page import plan_html
from assistant.rest.requests import MAX_OFFSET, Routes, plan_in, seen
from assistant.rest.responses import KEPT, Paging, cut, unless_known
from assistant.rest.shapes import ClauseList, ClauseRow, PlanList, PlanSummary, PlanText
from assistant.strings import strings

TAG = "plans"


def install(api: FastAPI, holder: Holder) -> None:
    """GET /api/v1/plans, one of them, its clauses, and the plan's page for readers."""
    routes = Routes(api)

    @routes.get("/api/v1/plans", "listPlans", "List the plans", TAG)
    def plans(request: Request, response: Response, page: Paging) -> PlanList:
        """What is known of each plan that you may see, without its text."""
        assistant = seen(holder, request)
        unless_known(request, response, assistant)
        rows, following = cut(list(assistant.plans.values()), page, request, response)
        return PlanList(count=len(assistant.plans), next=following, plans=[PlanSummary.of(plan) for plan in rows])

    @routes.get("/api/v1/plans/{plan_id}", "getPlan", "Get a plan with its text", TAG)
    def plan(request: Request, response: Response, plan_id: str) -> PlanText:
        """One plan with its full text; every offset of the API counts code points of that text."""
        assistant = seen(holder, request)
        found = plan_in(assistant, plan_id)
        unless_known(request, response, assistant)
        tell(request.scope, Shown("read", plans=(found.id,)))
        return PlanText.of(found)

    @routes.get("/api/v1/plans/{plan_id}/clauses", "listClauses", "List the clauses of a plan", TAG)
    def clauses(request: Request, response: Response, plan_id: str, page: Paging) -> ClauseList:
        """Every clause that states a task or duty, also when nobody is assigned, in the order of the text."""
        assistant = seen(holder, request)
        found = plan_in(assistant, plan_id)
        unless_known(request, response, assistant)
        every = found.tasks()
        rows, following = cut(every, page, request, response)
        tell(request.scope, of_places("list", [clause.key for clause in rows]))
        return ClauseList(count=len(every), next=following, clauses=[ClauseRow.of(found, clause) for clause in rows])

    @api.get("/plans/{plan_id}", response_class=HTMLResponse, include_in_schema=False)
    def page(
        request: Request,
        plan_id: str,
        start: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
        end: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
        lang: str = "",
    ) -> HTMLResponse:
        """The whole plan as a page, with [start, end) of its text marked."""
        found = plan_in(seen(holder, request), plan_id)
        tell(request.scope, Shown("read", plans=(found.id,)))
        return HTMLResponse(plan_html(found, strings(lang), start, end), headers=KEPT)
