"""Questions, searches, and what is suggested while one is typed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from assistant.audit import Shown, of_answer, of_hits, of_suggestions, tell
from assistant.holder import Asker, Holder
from assistant.model import Answer, Carried
from assistant.rest.requests import InRole, Number, PlanIds, Routes, Text, Truth, Unit, known, seen
from assistant.rest.responses import UNKEPT, unless_known
from assistant.rest.shapes import Hits, Suggestions

TAG = "questions"
MAX_TURNS = 50  # turns of one conversation that a request may carry
MAX_SEARCH = 100_000  # code points of a query; the assistant's own limit lies below and says so in words


class AskBody(BaseModel):
    """A question, with the turns that led to it."""

    model_config = ConfigDict(extra="forbid")
    turns: list[Text] = Field(
        min_length=1, max_length=MAX_TURNS, description="what was asked, oldest first; the last is the question"
    )
    plans: list[Text] | None = Field(
        default=None, max_length=500, description="ids of the plans that may answer; null: all, []: none"
    )
    without: list[Carried] = Field(
        default=[], max_length=3, description="what the question does not take over from earlier turns (`scope_kinds`)"
    )


def answer_to(
    request: Request,
    assistant: Asker,
    turns: Sequence[str],
    plans: Collection[str] | None,
    without: Collection[Carried] = (),
) -> Answer:
    """The answer to the last turn, told to the audit. Raises ``QuestionInvalid``."""
    answer = assistant.ask(turns, plans, [without])
    tell(request.scope, of_answer(turns[-1], answer))
    return answer


def install(api: FastAPI, holder: Holder) -> None:
    """POST /api/v1/ask, GET /api/v1/search and /api/v1/suggest."""
    routes = Routes(api)

    @routes.post("/api/v1/ask", "ask", "Answer a question with citations", TAG)
    def ask(request: Request, response: Response, body: AskBody) -> Answer:
        """Answers the last turn; the earlier ones are the conversation, from which it takes over what it leaves out.

        Every quote of `citations` is cut from the text that GET /api/v1/plans/{plan_id} serves. That the plans have
        no answer is an answer too, with `status` unassigned or not_found.
        """
        response.headers.update(UNKEPT)
        assistant = seen(holder, request)
        return answer_to(request, assistant, body.turns, known(assistant, body.plans), body.without)

    @routes.get("/api/v1/search", "search", "Search the passages of the plans", TAG)
    def search(
        request: Request,
        response: Response,
        q: Annotated[str, Query(max_length=MAX_SEARCH, description="what to search for, in words or as a sentence")],
        plan: PlanIds = None,
        unit: Unit = "",
        role: InRole = None,
        k: Annotated[Number, Query(ge=1, le=100, description="most passages")] = 10,
        semantic: Annotated[
            Truth, Query(description="false: compare words alone, without the model, for a search at every key")
        ] = True,
    ) -> Hits:
        """The passages nearest to `q`, best first, with who is responsible for their clauses.

        Operators have no meaning here: every character is text.
        """
        assistant = seen(holder, request)
        plans = known(assistant, plan)
        unless_known(request, response, assistant, Shown("search", q, plans=tuple(plans or ())))
        hits = assistant.search(q, plans=plans, unit=unit or None, role=role, k=k, semantic=semantic)
        tell(request.scope, of_hits(q, hits))
        return Hits(hits=hits)

    @routes.get("/api/v1/suggest", "suggest", "Suggest what is being typed", TAG)
    def suggest(
        request: Request,
        response: Response,
        q: Annotated[str, Query(max_length=200, description="what was typed so far")],
        k: Annotated[Number, Query(ge=1, le=50, description="most suggestions")] = 8,
    ) -> Suggestions:
        """Plans, bodies and clauses that begin with `q` or hold it; quick enough for every key."""
        assistant = seen(holder, request)
        unless_known(request, response, assistant, Shown("suggest", q))
        found = assistant.suggest(q, k)
        tell(request.scope, of_suggestions(q, found))
        return Suggestions(suggestions=found)
