"""Who is responsible for what: as JSON, and as a file for a spreadsheet."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, Query, Request, Response

from assistant.audit import Shown, of_places, tell
from assistant.holder import Holder
from assistant.ledger_files import MOST_IN_WORKBOOK, check
from assistant.listing import assignment_rows
from assistant.rest.citing import listed
from assistant.rest.export import TYPES, attachment, csv_file, xlsx_file
from assistant.rest.requests import InRole, PlanIds, Routes, Unit, known, seen
from assistant.rest.responses import Paging, cut, unless_known
from assistant.rest.shapes import AssignmentList

TAG = "assignments"


def install(api: FastAPI, holder: Holder, public_url: str = "") -> None:
    """GET /api/v1/assignments. ``public_url`` is put before the links of exported rows, which leave this server."""
    routes = Routes(api)

    @routes.get(
        "/api/v1/assignments",
        "listAssignments",
        "List who is responsible for what",
        TAG,
        response_model=AssignmentList,
    )
    def assignments(
        request: Request,
        response: Response,
        page: Paging,
        plan: PlanIds = None,
        unit: Unit = "",
        role: InRole = None,
        format: Annotated[
            Literal["json", "csv", "xlsx"],
            Query(
                description="csv and xlsx: a file with one row for each assignment, made after those before it; "
                f"an xlsx of more than {MOST_IN_WORKBOOK:,} rows is refused with 422"
            ),
        ] = "json",
    ) -> AssignmentList | Response:
        """Every assignment in the plans' order, each with the place in the plan that says it.

        `unit` is any way to say a unit. In a file no cell is a formula: what a spreadsheet would take for one has an
        apostrophe before it.
        """
        assistant = seen(holder, request)
        chosen = known(assistant, plan)
        event = "list" if format == "json" else "export"
        unless_known(request, response, assistant, Shown(event, unit, plans=tuple(chosen or ())))
        every = assignment_rows(assistant, chosen, unit, role)
        cut_rows, following = cut(every, page, request, response)
        check(format, len(cut_rows))
        rows = [listed(assistant.plans[row.plan], row) for row in cut_rows]
        tell(request.scope, of_places(event, [(row.plan, row.clause, row.part) for row in rows], unit))
        if format == "json":
            return AssignmentList(count=len(every), next=following, assignments=rows)
        made = csv_file(rows, public_url) if format == "csv" else xlsx_file(rows, public_url)
        named = attachment(chosen, format)
        return Response(made, media_type=TYPES[format], headers={**response.headers, "Content-Disposition": named})
