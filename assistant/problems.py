"""Errors over HTTP as RFC 9457 problem details: type, title, status, detail, and nothing of the input.

Below /v1/, where clients of OpenAI's API ask, a problem has one member more, ``error``, from which such clients make
their exceptions; and what they sent wrongly is 400 there, as they expect it, where elsewhere it is 422.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from assistant.holder import NotReady
from assistant.render import shown
from assistant.web.fault_page import fault_page
from corpus.errors import AssistantError, QuestionInvalid

_NAME = re.compile(r"[A-Za-z_-]{1,40}")

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
OPENAI = "/v1/"  # what begins so is asked by clients of OpenAI's API

# Which status an exception gets, the most special class first. An AssistantError that the caller
# cannot mend (a damaged index, say) is told in the log; the caller learns only that it is ours.
STATUS: tuple[tuple[type[AssistantError], int], ...] = ((QuestionInvalid, 422), (NotReady, 503))

# What OpenAI's API calls the kinds of errors.
_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


class Refusal(HTTPException):
    """An error that names the parameter at fault and a word for it, for clients of OpenAI's API."""

    def __init__(self, status: int, detail: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(status, detail)
        self.param = param
        self.code = code


class Problem(JSONResponse):
    """A response with the media type of RFC 9457."""

    media_type = MEDIA_TYPE
    said = ""  # the detail
    param: str | None = None
    code: str | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it; below ``OPENAI`` with the member ``error``, wherever the problem arose."""
        if scope.get("path", "").startswith(OPENAI):
            kind = _KINDS.get(self.status_code, "server_error" if self.status_code >= 500 else "invalid_request_error")
            error = {"message": self.said, "type": kind, "param": self.param, "code": self.code}
            kept = {
                name: value for name, value in self.headers.items() if name not in ("content-length", "content-type")
            }
            body = {**_body(self.status_code, self.said), "error": error}
            whole = JSONResponse(body, self.status_code, kept, MEDIA_TYPE)
            await whole(scope, receive, send)
            return
        await super().__call__(scope, receive, send)


def _body(status: int, detail: str) -> dict[str, object]:
    """``type`` is about:blank, so ``title`` is the phrase of the status (RFC 9457, 4.2.1)."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Problem:
    """One problem. No cache keeps it: what is hidden or missing now may be there in a moment."""
    said = shown(detail)
    headers = {"Cache-Control": "no-store", **(headers or {})}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {"Retry-After": "2", **headers}
    made = Problem(_body(status, said), status_code=status, headers=headers)
    made.said = said
    return made


def _of_client(request: Request, status: int) -> int:
    """The status for what the caller sent wrongly."""
    return 400 if status == 422 and request.url.path.startswith(OPENAI) else status


async def _of_assistant(request: Request, error: Exception) -> Response:
    for kind, status in STATUS:
        if isinstance(error, kind):
            return _shown(request, problem(_of_client(request, status), str(error)))
    log.error("%s", error)
    return _shown(request, problem(500, "the server cannot answer; its log says why"))


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    made = problem(_of_client(request, error.status_code), str(error.detail), dict(error.headers or {}))
    if isinstance(error, Refusal):
        made.param, made.code = error.param, error.code
    return _shown(request, made)


async def _of_validation(request: Request, error: Exception) -> Response:
    """Names the fields and what is wrong with them. The input is left out: it may be no valid text at all."""
    assert isinstance(error, RequestValidationError)
    places = [_place(fault["loc"]) for fault in error.errors()[:5]]
    said = [f"{place}: {fault['msg']}" for place, fault in zip(places, error.errors(), strict=False)]
    made = problem(_of_client(request, 422), "; ".join(dict.fromkeys(said)))
    made.param = places[0].partition(".")[2] or None if places else None
    return _shown(request, made)


def _place(steps: Sequence[str | int]) -> str:
    """Where a fault is, in names and numbers; what is no plain name is a type among several, or comes from outside."""
    return ".".join(str(step) for step in steps if isinstance(step, int) or _NAME.fullmatch(step))


async def _of_anything(request: Request, error: Exception) -> Response:
    return _shown(request, problem(500, "the server failed on this request; its log says why"))


def _shown(request: Request, made: Problem) -> Response:
    """The problem, or a page that says it where a person's browser asked for one."""
    return fault_page(made, request.scope) or made


def install(app: FastAPI) -> None:
    """Every error of ``app`` becomes a problem; the server logs what it did not expect."""
    app.add_exception_handler(AssistantError, _of_assistant)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(Exception, _of_anything)
