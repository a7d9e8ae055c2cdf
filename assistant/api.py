"""The HTTP API and the plan page, on the application that the chat is mounted on (docs/interfaces.md, "HTTP")."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from assistant import problems
from assistant.access.authenticate import Identify, principal_of
from assistant.audit import Audit
from assistant.guard.bodies import MAX_PLANS
from assistant.guard.forwarded import Network
from assistant.guard.settings import ServerSettings
from assistant.guard.stack import stand_before
from assistant.holder import Asker, Holder
from assistant.listing import assignment_rows
from assistant.metrics import Metrics
from assistant.model import Answer, AssignmentRow, SearchHit, Suggestion
from assistant.plan_page import plan_html
from assistant.render import ROLES
from assistant.strings import strings
from assistant.watch import Watch
from corpus.extract import clause_lines
from corpus.model import Plan
from corpus.sheets import literal

STATIC = Path(__file__).resolve().parent / "static"
MAX_TURNS = 50  # turns of one conversation that a request may carry
MAX_OFFSET = 10**9  # code points; beyond any plan, so that a link's numbers stay small

Role = Literal["lead", "support", "responsible", "implicit"]
PlanIds = Annotated[list[str] | None, Query(max_length=500)]
Name = Annotated[str, Query(max_length=200)]


def _whole(text: str) -> str:
    """Refuses half of a surrogate pair, which JSON can write and no later step could encode."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("not valid Unicode text (a lone surrogate)") from None
    return text


Text = Annotated[str, AfterValidator(_whole)]


class AskBody(BaseModel):
    """The body of POST /api/v1/ask: the last of ``turns`` is the question; ``plans`` null means all."""

    model_config = ConfigDict(extra="forbid")
    turns: list[Text] = Field(min_length=1, max_length=MAX_TURNS)
    plans: list[Text] | None = Field(default=None, max_length=500)


class Hits(BaseModel):
    """The body of GET /api/v1/search."""

    hits: list[SearchHit]


class Suggestions(BaseModel):
    """The body of GET /api/v1/suggest."""

    suggestions: list[Suggestion]


def build_api(
    holder: Holder,
    server: ServerSettings | None = None,
    *,
    identify: Identify | None = None,
    proxies: Collection[Network] = (),
    max_plans: int = MAX_PLANS,
    audit: Audit | None = None,
    metrics: Metrics | None = None,
) -> FastAPI:
    """The application with every route but the chat. Routes answer 503 until ``holder`` is ready.

    What ``server``, ``identify``, ``proxies`` and ``max_plans`` mean says ``guard.stack.stand_before``. Events are
    written to ``audit``, and ``metrics`` counts.
    """
    # The interactive pages of FastAPI load scripts from another host; /openapi.json stays.
    api = FastAPI(title="Plan assistant", version="1", docs_url=None, redoc_url=None)
    stand_before(api, lambda: holder.ready, server, identify=identify, proxies=proxies, max_plans=max_plans)
    api.add_middleware(Watch, audit=audit, metrics=metrics)
    problems.install(api)
    _health(api, holder)
    if metrics:
        metrics.install(api)
    _questions(api, holder)
    _plans(api, holder)
    api.mount("/web", StaticFiles(directory=STATIC), name="web")
    return api


def _health(api: FastAPI, holder: Holder) -> None:
    @api.get("/healthz")
    async def healthz() -> dict[str, str]:
        """200 while the process is alive."""
        return {"status": "ok"}

    @api.get("/readyz")
    async def readyz() -> dict[str, str]:
        """200 once index and model are loaded, 503 before."""
        return {"status": "ready", "index": holder.assistant.fingerprint}


def _questions(api: FastAPI, holder: Holder) -> None:
    @api.post("/api/v1/ask")
    def ask(request: Request, body: AskBody) -> Answer:
        """Answers the last turn; the earlier ones are the conversation."""
        assistant = holder.seen_by(principal_of(request))
        return assistant.ask(body.turns, _known(assistant, body.plans))

    @api.get("/api/v1/search")
    def search(
        request: Request,
        q: str,
        plan: PlanIds = None,
        unit: Name = "",
        role: Role | None = None,
        k: Annotated[int, Query(ge=1, le=100)] = 10,
        semantic: bool = True,
    ) -> Hits:
        """The passages nearest to ``q``, best first; ``semantic`` false compares words alone, at each key."""
        assistant = holder.seen_by(principal_of(request))
        known = _known(assistant, plan)
        return Hits(hits=assistant.search(q, plans=known, unit=unit or None, role=role, k=k, semantic=semantic))

    @api.get("/api/v1/suggest")
    def suggest(
        request: Request, q: Annotated[str, Query(max_length=200)], k: Annotated[int, Query(ge=1, le=50)] = 8
    ) -> Suggestions:
        """Plans, bodies and clauses that begin with ``q`` or hold it."""
        return Suggestions(suggestions=holder.seen_by(principal_of(request)).suggest(q, k))


def _plans(api: FastAPI, holder: Holder) -> None:
    @api.get("/api/v1/plans")
    def plans(request: Request) -> dict[str, Any]:
        """What is known of each loaded plan, without its text."""
        return {"plans": [_summary(plan) for plan in holder.seen_by(principal_of(request)).plans.values()]}

    @api.get("/api/v1/plans/{plan_id}")
    def plan(request: Request, plan_id: str) -> dict[str, Any]:
        """One plan with its full text; every offset of the API counts code points of that text."""
        found = _plan(holder, request, plan_id)
        return {**_summary(found), "text": found.text}

    @api.get("/api/v1/plans/{plan_id}/clauses")
    def clauses(request: Request, plan_id: str) -> dict[str, Any]:
        """Every clause of one plan that states a task or duty, also when nobody is assigned."""
        return {"clauses": list(clause_lines(_plan(holder, request, plan_id)))}

    @api.get("/api/v1/assignments", response_model=None)
    def assignments(
        request: Request,
        plan: PlanIds = None,
        unit: Name = "",
        role: Role | None = None,
        format: Literal["json", "csv"] = "json",
    ) -> Response:
        """Who is responsible for what, in the plans' order; ``unit`` is any way to say a unit."""
        assistant = holder.seen_by(principal_of(request))
        rows = assignment_rows(assistant, _known(assistant, plan), unit, role)
        if format == "csv":
            return _csv(rows)
        return JSONResponse({"count": len(rows), "assignments": [row.model_dump() for row in rows]})

    @api.get("/plans/{plan_id}", response_class=HTMLResponse, include_in_schema=False)
    def page(
        request: Request,
        plan_id: str,
        start: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
        end: Annotated[int, Query(ge=0, le=MAX_OFFSET)] = 0,
        lang: str = "",
    ) -> HTMLResponse:
        """The whole plan as a page, with [start, end) of its text marked."""
        return HTMLResponse(plan_html(_plan(holder, request, plan_id), strings(lang), start, end))


def _plan(holder: Holder, request: Request, plan_id: str) -> Plan:
    found = holder.seen_by(principal_of(request)).plans.get(plan_id)
    if found is None:
        raise HTTPException(404, "there is no plan with this id; GET /api/v1/plans lists them")
    return found


def _known(assistant: Asker, ids: list[str] | None) -> Collection[str] | None:
    """The plans asked for; an unknown one is refused, because leaving it out would widen or empty the question."""
    for plan_id in ids or []:
        if plan_id not in assistant.plans:
            raise HTTPException(422, f"there is no plan {plan_id[:80]!a}; GET /api/v1/plans lists them")
    return ids


def _summary(plan: Plan) -> dict[str, Any]:
    meta = plan.meta
    return {
        "id": plan.id,
        "title": meta.title,
        "number": meta.number,
        "issuer": meta.issuer,
        "issue_date": meta.issue_date,
        "publish_date": meta.publish_date,
        "region": meta.region,
        "level": meta.level,
        "period": meta.period,
        "source": meta.source,
        "file": meta.file,
        "source_sha256": meta.sha256,
        "text_sha256": sha256(plan.text.encode("utf-8")).hexdigest(),
        "characters": len(plan.text),
        "tasks": len(plan.tasks()),
    }


_COLUMNS = ("plan", "clause", "part", "no", "title", *ROLES, "basis", "deadline", "deadline_implicit", "corrected")


def _cell(value: object) -> str:
    """One cell as text, which a spreadsheet never takes for a formula."""
    if isinstance(value, bool):
        return "1" if value else ""
    return literal("、".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value))


def _csv(rows: list[AssignmentRow]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_COLUMNS)
    writer.writerows([_cell(getattr(row, column)) for column in _COLUMNS] for row in rows)
    # The byte order mark is what makes spreadsheets read the file as UTF-8.
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="assignments.csv"'},
    )
