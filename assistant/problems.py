"""Errors over HTTP as RFC 9457 problem details: type, title, status, detail, and nothing of the input."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from assistant.holder import NotReady
from assistant.render import shown
from corpus.errors import AssistantError, QuestionInvalid

log = logging.getLogger(__name__)

# Which status an exception gets, the most special class first. An AssistantError that the caller
# cannot mend (a damaged index, say) is told in the log; the caller learns only that it is ours.
STATUS: tuple[tuple[type[AssistantError], int], ...] = ((QuestionInvalid, 422), (NotReady, 503))


class Problem(JSONResponse):
    """A response with the media type of RFC 9457."""

    media_type = "application/problem+json"
    said = ""  # the detail


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Problem:
    """One problem. ``type`` is about:blank, so ``title`` is the phrase of the status (RFC 9457, 4.2.1)."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": shown(detail)}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = {"Retry-After": "2", **(headers or {})}
    made = Problem(body, status_code=status, headers=headers)
    made.said = shown(detail)
    return made


async def _of_assistant(_: Request, error: Exception) -> Response:
    for kind, status in STATUS:
        if isinstance(error, kind):
            return problem(status, str(error))
    log.error("%s", error)
    return problem(500, "the server cannot answer; its log says why")


async def _of_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def _of_validation(_: Request, error: Exception) -> Response:
    """Names the fields and what is wrong with them. The input is left out: it may be no valid text at all."""
    assert isinstance(error, RequestValidationError)
    found = [f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors()[:5]]
    return problem(422, "; ".join(found))


async def _of_anything(_: Request, error: Exception) -> Response:
    return problem(500, "the server failed on this request; its log says why")


def install(app: FastAPI) -> None:
    """Every error of ``app`` becomes a problem; the server logs what it did not expect."""
    app.add_exception_handler(AssistantError, _of_assistant)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(Exception, _of_anything)
