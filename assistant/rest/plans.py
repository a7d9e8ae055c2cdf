"""The plans: what is known of them, their texts and clauses."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from assistant.audit import Shown, of_places, tell
from assistant.holder import Holder
from assistant.rest.requests import Routes, plan_in, seen
from assistant.rest.responses import Paging, cut, unless_known
from assistant.rest.shapes import ClauseList, ClauseRow, PlanList, PlanSummary, PlanText

TAG = "plans"


def install(api: FastAPI, holder: Holder) -> None:
    """GET /api/v1/plans, one of them, and its clauses."""
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
        shown = Shown("read", plans=(found.id,))
        unless_known(request, response, assistant, shown)
        tell(request.scope, shown)
        return PlanText.of(found)

    @routes.get("/api/v1/plans/{plan_id}/clauses", "listClauses", "List the clauses of a plan", TAG)
    def clauses(request: Request, response: Response, plan_id: str, page: Paging) -> ClauseList:
        """Every clause that states a task or duty, also when nobody is assigned, in the order of the text."""
        assistant = seen(holder, request)
        found = plan_in(assistant, plan_id)
        unless_known(request, response, assistant, Shown("list", plans=(found.id,)))
        every = found.tasks()
        rows, following = cut(every, page, request, response)
        tell(request.scope, of_places("list", [clause.key for clause in rows]))
        return ClauseList(count=len(every), next=following, clauses=[ClauseRow.of(found, clause) for clause in rows])
