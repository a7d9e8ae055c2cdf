"""How requests are read: strictly, because what is misread or passed over would be answered wrongly in silence.

JSON bodies are UTF-8 and nothing else (RFC 8259), say what they are, and say each thing once; a parameter that an
address does not know is refused, since a filter that is left out widens the answer.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Annotated, Any, TypeVar

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import AfterValidator, BeforeValidator
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from assistant.access.asked import principal_of
from assistant.holder import Asker, Holder
from assistant.listing import known_plans
from assistant.model import RoleName
from corpus.model import Plan

MAX_DEPTH = 64  # of a JSON body; ours have three
MAX_DIGITS = 40  # of a number in a JSON body
MAX_OFFSET = 10**9  # beyond any list and any plan's text, so that numbers stay small

_F = TypeVar("_F", bound=Callable[..., Any])

_WHOLE = re.compile(r"-?[0-9]{1,18}")


def _plain_number(value: Any) -> Any:
    """Digits as everybody writes them: not 1_000, +5, or those of other scripts."""
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise ValueError("not a whole number in digits")
    return value


def _plain_truth(value: Any) -> Any:
    if isinstance(value, str) and value not in ("true", "false"):
        raise ValueError("neither true nor false")
    return value


def _whole_text(text: str) -> str:
    """Refuses half of a surrogate pair, which JSON can write and no later step could encode."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("not valid Unicode text (a lone surrogate)") from None
    return text


Number = Annotated[int, BeforeValidator(_plain_number)]
Truth = Annotated[bool, BeforeValidator(_plain_truth)]
Text = Annotated[str, AfterValidator(_whole_text)]
PlanIds = Annotated[
    list[str] | None, Query(max_length=500, description="ids of plans, one parameter each; none: all plans")
]
Unit = Annotated[str, Query(max_length=200, description="a unit, said in any way; empty: any unit")]
InRole = Annotated[RoleName | None, Query(description="only where the unit, or anybody, has this role")]


class StrictRoute(APIRoute):
    """A route that is read strictly, and that answers HEAD where it answers GET (RFC 9110, 9.3.2)."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()
        dependants = [self.dependant]
        for dependant in dependants:  # grows while it is walked
            dependants += dependant.dependencies
        several = {
            str(field.alias): "list" in str(field.field_info.annotation)
            for dependant in dependants
            for field in dependant.query_params
        }
        takes_body = self.body_field is not None

        async def strict(request: Request) -> Response:
            _check_query(request, several)
            if takes_body:
                _check_media(request)
                request = _StrictRequest(request.scope, request.receive)
            return await handler(request)

        return strict

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            match, child = super().matches({**scope, "method": "GET"})
            return match, child
        return super().matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD" and "GET" in (self.methods or ()):
            await self.app(scope, receive, send)
            return
        await super().handle(scope, receive, send)


class Routes:
    """Adds strict routes to an application, each with all that OpenAPI says of it."""

    def __init__(self, api: FastAPI) -> None:
        self._api = api

    def get(self, path: str, operation: str, summary: str, tag: str, **more: Any) -> Callable[[_F], _F]:
        """A decorator; ``operation`` is the operationId."""
        return self._route("GET", path, operation, summary, tag, more)

    def post(self, path: str, operation: str, summary: str, tag: str, **more: Any) -> Callable[[_F], _F]:
        """A decorator; ``operation`` is the operationId."""
        return self._route("POST", path, operation, summary, tag, more)

    def _route(
        self, method: str, path: str, operation: str, summary: str, tag: str, more: dict[str, Any]
    ) -> Callable[[_F], _F]:
        def add(endpoint: _F) -> _F:
            self._api.router.add_api_route(
                path,
                endpoint,
                methods=[method],
                operation_id=operation,
                summary=summary,
                tags=[tag],
                route_class_override=StrictRoute,
                **more,
            )
            return endpoint

        return add


def _check_query(request: Request, several: dict[str, bool]) -> None:
    """Refuses parameters that the address does not know, and one that is said twice where once is meant."""
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if name not in several:
            known = f"it takes {', '.join(sorted(several))}" if several else "it takes none"
            raise HTTPException(422, f"this address has no parameter {name[:80]!a}; {known}")
        if names.count(name) > 1 and not several[name]:
            raise HTTPException(422, f"the parameter {name!a} is there more than once")


def _check_media(request: Request) -> None:
    """Refuses a body that is not said to be JSON; one that is compressed has not come this far."""
    said = Message()
    said["content-type"] = request.headers.get("content-type", "")
    kind, charset = said.get_content_type(), said.get_content_charset("utf-8")
    if not said["content-type"] or not (kind == "application/json" or re.fullmatch(r"application/[^/]+\+json", kind)):
        raise HTTPException(415, "send JSON, with Content-Type: application/json", {"Accept": "application/json"})
    if charset not in ("utf-8", "utf8"):
        raise HTTPException(415, "JSON is sent in UTF-8", {"Accept": "application/json"})


class _StrictRequest(Request):
    async def json(self) -> Any:
        return strict_json(await self.body())


def strict_json(body: bytes) -> Any:
    """The value of a JSON text. Raises ``HTTPException``, 400 for what is no JSON, 422 for half a surrogate pair."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise HTTPException(400, "the body is not valid UTF-8") from None
    try:
        value = json.loads(
            text, object_pairs_hook=_once, parse_constant=_no_constant, parse_float=_finite, parse_int=_short
        )
        _check_depth(value)
    except json.JSONDecodeError as error:
        raise HTTPException(400, f"the body is no JSON (character {error.pos}): {error.msg}") from None
    except RecursionError:
        raise HTTPException(400, f"the body is nested deeper than {MAX_DEPTH} levels") from None
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise HTTPException(422, "the body holds half of a surrogate pair, which is no text") from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise HTTPException(400, "the body says the same name twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise HTTPException(400, f"the body holds {name}, which is no JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise HTTPException(400, "the body holds a number that is too large")
    return value


def _short(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise HTTPException(400, f"the body holds a number of more than {MAX_DIGITS} digits")
    return int(digits)


def _check_depth(value: Any) -> None:
    """Level by level, so that the check itself does not nest."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for one in level
            if isinstance(one, list | dict)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise RecursionError


def seen(holder: Holder, request: Request) -> Asker:
    """The assistant as whoever sends the request may see it: what every route works with. Raises ``NotReady``."""
    return holder.seen_by(principal_of(request))


def plan_in(assistant: Asker, plan_id: str) -> Plan:
    """A plan by its id; the same 404 for one that does not exist and one that is hidden."""
    found = assistant.plans.get(plan_id)
    if found is None:
        raise HTTPException(404, "there is no plan with this id; GET /api/v1/plans lists them")
    return found


def known(assistant: Asker, ids: list[str] | None) -> list[str] | None:
    """``known_plans``, with the way to find their ids here."""
    return known_plans(assistant, ids, "GET /api/v1/plans lists them")
