"""The plans: what is known of them, their texts, clauses and pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse

from assistant.audit import Shown, of_places, tell
from assistant.holder import Holder
from assistant.language import reading
from assistant.plan_page import plan_html
from assistant.plan_text import Mark, TextView, article_html
from assistant.rest.requests import MAX_OFFSET, Routes, plan_in, seen
from assistant.rest.responses import KEPT, Paging, cut, unless_known
from assistant.rest.shapes import ClauseList, ClauseRow, PlanList, PlanSummary, PlanText
from assistant.strings import strings
from corpus.model import Span

TAG = "plans"
MOST_MARKS = 200  # of one text
_MARK = re.compile(r"([1-9][0-9]{0,3}):([0-9]{1,9})-([0-9]{1,9})")


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
        return HTMLResponse(reading(plan_html(found, strings(lang), start, end), lang), headers=KEPT)

    @api.get("/plans/{plan_id}/text", response_class=HTMLResponse, include_in_schema=False)
    def text(
        request: Request,
        response: Response,
        plan_id: str,
        mark: Annotated[list[str] | None, Query(max_length=MOST_MARKS)] = None,
        lang: str = "",
    ) -> HTMLResponse:
        """The text of the plan as a part of a page, with the characters of citations marked: ``mark=N:S-E`` each."""
        assistant = seen(holder, request)
        found = plan_in(assistant, plan_id)
        view = TextView(strings(lang), marks_in(mark or []))
        unless_known(request, response, assistant)
        tell(request.scope, Shown("read", plans=(found.id,)))
        return HTMLResponse(reading(article_html(found, view), lang), headers=dict(response.headers))


def marks_in(values: Sequence[str]) -> tuple[Mark, ...]:
    """Citations as an address names them: number, colon, where it begins, hyphen, where it ends. Raises 422."""
    marks = []
    for value in values:
        match = _MARK.fullmatch(value)
        if match is None or int(match[2]) >= int(match[3]):
            raise HTTPException(422, "a mark is written N:S-E, as in mark=1:120-168, with S before E")
        marks.append(Mark(Span(int(match[2]), int(match[3])), int(match[1])))
    return tuple(marks)
