"""The OpenAPI document: what FastAPI knows of the routes, and what it does not: problems, log-in, headers, examples.

Only routes that carry a tag of ``TAGS`` are published; the chat's and the staff's are not.
"""

from __future__ import annotations

import json
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from assistant.problems import MEDIA_TYPE, OPENAI
from assistant.rest.export import TYPES

EXAMPLES = Path(__file__).resolve().parent / "examples.json"

TITLE = "Plan assistant"
ABOUT = """Who is responsible for what in the plans of an office: answers, searches and listings, cited verbatim.

Every offset counts Unicode code points of the text that `GET /api/v1/plans/{plan_id}` serves, and
`text[start:end] == quote` always holds. You see the plans that you may see, and nothing anywhere tells of others.

Errors are problem details (RFC 9457). A parameter or member that is not known is refused, never passed over.
Responses to GET carry an ETag: send it back as If-None-Match and what has not changed is 304, without a body.
Where the server asks for a log-in, send a token as `Authorization: Bearer …`, or the cookie of a log-in."""

TAGS = {
    "questions": "Answers with citations, searches, and suggestions while one types",
    "plans": "The plans, their texts and their clauses",
    "assignments": "Who is responsible for what, as JSON and as files",
    "openai": "For clients of OpenAI's API: vectors of texts, and answers as a chat",
    "health": "Whether the server lives and is ready; open to everyone who reaches it",
}

# What each problem looks like. The details are those of real answers (tests/app/test_openapi.py).
PROBLEMS = {
    400: "the body is not valid UTF-8",
    401: "log in, or send a token: Authorization: Bearer …",
    403: "this needs the scope ask, which token 'token:portal' has not",
    404: "there is no plan with this id; GET /api/v1/plans lists them",
    413: "the body is larger than 1000000 bytes",
    415: "send JSON, with Content-Type: application/json",
    422: "query.k: Input should be less than or equal to 100",
    429: "too many requests in a minute; send the next one in 12 s",
    431: "the address and the headers are larger than 16384 bytes",
    503: "the index and the model are still being loaded; ask again in a moment",
}
_MEANING = {
    400: "Not a request that can be read, or the server is called by a name that is not its own",
    401: "Nobody is logged in, and no valid token was sent",
    403: "You are known, and may not do this",
    404: "It is not there, or hidden from you",
    413: "The body is too large",
    415: "The body is compressed, or no JSON",
    422: "A value that cannot be taken",
    429: "Too many requests; Retry-After says when to come back",
    431: "The address with its query, or the headers, are too large; ask with POST where there is one",
    503: "Still loading, or too busy; Retry-After says when to come back",
}
_WAITING = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}}
_KEPT = {
    "ETag": {"description": "changes when this answer may", "schema": {"type": "string"}},
    "Cache-Control": {"description": "private, no-cache", "schema": {"type": "string"}},
}
_LINK = {"Link": {"description": "the next and the previous page (RFC 8288)", "schema": {"type": "string"}}}
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. Below /v1/ with `error`, as clients of OpenAI's API expect it.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "the phrase of the status"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong, in one line"},
        "error": {
            "type": "object",
            "required": ["message", "type", "param", "code"],
            "properties": {
                "message": {"type": "string"},
                "type": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
            },
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}


def install(api: FastAPI) -> None:
    """/openapi.json serves the document; it is made when it is first asked for, when all routes are there."""
    api.openapi = lru_cache(maxsize=1)(lambda: document(api))  # type: ignore[method-assign]


def document(api: FastAPI) -> dict[str, Any]:
    """The whole document."""
    published = [route for route in api.routes if isinstance(route, APIRoute) and set(route.tags) & set(TAGS)]
    made = get_openapi(
        title=TITLE,
        version=api.version,
        description=ABOUT,
        routes=published,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        separate_input_output_schemas=False,
    )
    parts = made["components"]
    parts["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "a token that the office gave out"},
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": "plan-session",
            "description": "of a log-in in a browser; over https its name is __Host-plan-session",
        },
    }
    # The empty one: a server without a log-in, on this machine alone.
    made["security"] = [{"bearer": []}, {"cookie": []}, {}]
    for name in ("HTTPValidationError", "ValidationError"):
        parts["schemas"].pop(name, None)
    parts["schemas"]["Problem"] = _PROBLEM
    parts["responses"] = {f"Problem{status}": _problem(status) for status in PROBLEMS}
    for path, methods in made["paths"].items():
        for operation in methods.values():
            _complete(path, operation)
    return made


def _problem(status: int) -> dict[str, Any]:
    example = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": PROBLEMS[status],
    }
    return {
        "description": _MEANING[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
        **({"headers": _WAITING} if status in (429, 503) else {}),
    }


def _complete(path: str, operation: dict[str, Any]) -> None:
    responses, tags = operation["responses"], operation["tags"]
    responses.pop("422", None)
    for status in _statuses(path, operation):
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if "health" in tags:
        operation["security"] = [{}]
    elif "requestBody" not in operation and not path.startswith(OPENAI):
        paged = any(parameter["name"] == "offset" for parameter in operation.get("parameters", ()))
        responses["200"]["headers"] = {**_KEPT, **(_LINK if paged else {})}
        responses["304"] = {"description": "You have it: what If-None-Match names has not changed", "headers": _KEPT}
    if operation["operationId"] == "listAssignments":
        responses["200"]["content"] |= {
            kind.partition(";")[0]: {"schema": {"type": "string", **({} if name == "csv" else {"format": "binary"})}}
            for name, kind in TYPES.items()
        }
    _exemplify(operation)


def _statuses(path: str, operation: dict[str, Any]) -> list[int]:
    """Which problems an operation may answer with."""
    if "health" in operation["tags"]:
        return [400, 431, 503] if operation["operationId"] == "isReady" else [400, 431]
    found = [400, 401, 403, 429, 431, 503]
    if "{" in path or path.startswith(OPENAI):
        found.append(404)
    if "requestBody" in operation:
        found += [413, 415]
    if not path.startswith(OPENAI):
        found.append(422)
    return sorted(found)


def _exemplify(operation: dict[str, Any]) -> None:
    """Puts the example of an operation at its parameters, its body and its answer."""
    example = examples()[operation["operationId"]]
    said = {**example.get("path", {}), **example.get("query", {})}
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in said:
            parameter["example"] = said[parameter["name"]]
    if "body" in example:
        operation["requestBody"]["content"]["application/json"]["example"] = example["body"]
    operation["responses"]["200"]["description"] = example["description"]
    operation["responses"]["200"]["content"]["application/json"]["example"] = example["answer"]


@lru_cache(maxsize=1)
def examples() -> dict[str, Any]:
    """By operationId: the request, what it answers in words, and the answer; ``tools/api_examples.py`` writes them."""
    made: dict[str, Any] = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    return made
