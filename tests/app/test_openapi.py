"""The OpenAPI document: whole, and true: its examples are what the server answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from assistant.access.model import Principal, Scope
from assistant.access.rules import rule_of
from assistant.api import build_api
from assistant.holder import Holder
from assistant.rest.openapi import PROBLEMS, TAGS, examples
from assistant.service import Assistant
from tools.api_examples import REQUESTS, answered

METHODS = {"get", "post"}


@pytest.fixture(scope="module")
def shipped(shipped_data: Path) -> FastAPI:
    return build_api(Holder(Assistant.open(shipped_data)))


@pytest.fixture(scope="module")
def document(shipped: FastAPI) -> dict[str, Any]:
    made: dict[str, Any] = TestClient(shipped).get("/openapi.json").json()
    return made


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_published_route_is_in_it_and_nothing_else(tmp_path: Path) -> None:
    from assistant.config import AssistantSettings
    from assistant.feedback import FILE, FeedbackStore
    from assistant.reload import Reloader
    from assistant.web.library import install as install_library
    from evals.web.pages import install as install_evals

    holder = Holder()
    api = build_api(holder)
    install_library(api, holder, tmp_path, None, Reloader(holder, tmp_path))
    install_evals(api, holder, FeedbackStore(tmp_path / FILE, AssistantSettings()), tmp_path, None)
    document = api.openapi()
    described = {(method.upper(), path) for path, method, _ in operations(document)}
    routes = [route for route in api.routes if isinstance(route, APIRoute) and route.include_in_schema]
    published = {(method, route.path_format) for route in routes for method in route.methods}
    assert described == published
    inside = [route.path for route in api.routes if isinstance(route, APIRoute) and not route.include_in_schema]
    assert not [path for path in inside if path.startswith(("/api/", "/v1/"))]
    for method, path in described:
        assert rule_of(method, path.replace("{", "").replace("}", "")) is not None, path


def test_every_operation_is_complete(document: dict[str, Any]) -> None:
    names = []
    for path, method, operation in operations(document):
        assert method in METHODS
        names.append(operation["operationId"])
        assert operation["summary"]
        assert operation["description"]
        assert len(operation["tags"]) == 1
        assert operation["tags"][0] in TAGS
        answer = operation["responses"]["200"]["content"]["application/json"]
        assert answer["schema"]["$ref"].startswith("#/components/schemas/")
        assert "example" in answer
        for parameter in operation.get("parameters", []):
            assert parameter.get("description") or parameter["in"] == "path", (path, parameter["name"])
        if method == "post":
            assert "example" in operation["requestBody"]["content"]["application/json"]
        wanted = {"200", "400"} if path == "/healthz" else {"200", "400", "503"}
        if operation["tags"] != ["health"]:
            wanted |= {"401", "403", "429"}
            assert "security" not in operation
        assert wanted <= set(operation["responses"])
    assert len(set(names)) == len(names)
    assert set(names) == set(examples()) == set(REQUESTS)


def test_problems_are_problem_details(document: dict[str, Any]) -> None:
    assert "HTTPValidationError" not in json.dumps(document)
    for status in PROBLEMS:
        content = document["components"]["responses"][f"Problem{status}"]["content"]
        assert list(content) == ["application/problem+json"]
    assert set(document["components"]["securitySchemes"]) == {"bearer", "cookie"}


def test_words_of_the_document_are_english_and_its_examples_chinese(document: dict[str, Any]) -> None:
    for _, _, operation in operations(document):
        assert operation["summary"].isascii()
    assert "牵头" in json.dumps(document, ensure_ascii=False)


def test_the_examples_are_what_the_server_answers(shipped: FastAPI) -> None:
    now, shown = answered(TestClient(shipped)), json.loads(json.dumps(examples()))
    for made in (now, shown):
        assert made["isReady"]["answer"].pop("index")
        completion = made["createChatCompletion"]["answer"]
        assert completion.pop("id").startswith("chatcmpl-")
        assert completion.pop("created") > 0
    vectors = [
        np.frombuffer(base64.b64decode(made["createEmbeddings"]["answer"]["data"][0].pop("embedding")), "<f4")
        for made in (now, shown)
    ]
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=0.02)  # machines compute with other instructions
    scores = [made["search"]["answer"]["hits"][0].pop("score") for made in (now, shown)]
    assert scores[0] == pytest.approx(scores[1], abs=0.02)
    assert now == shown


def test_the_examples_are_of_the_shapes_described(shipped: FastAPI) -> None:
    for route in shipped.routes:
        if isinstance(route, APIRoute) and route.operation_id in examples():
            answer = examples()[route.operation_id]["answer"]
            made = TypeAdapter(route.response_model).validate_python(answer)
            assert TypeAdapter(route.response_model).dump_python(made, mode="json") == answer


class _Nobody:
    async def identify(self, scope: Any) -> Principal | Response | None:
        return None


class _Searcher:
    async def identify(self, scope: Any) -> Principal | Response | None:
        return Principal("token:portal", frozenset({Scope.SEARCH}), via="token")


def _post(client: TestClient, body: bytes, kind: str = "application/json") -> Any:
    return client.post("/api/v1/ask", content=body, headers={"content-type": kind})


TRIGGERS: dict[int, Callable[[Any, TestClient], Any]] = {
    400: lambda _, client: _post(client, b'"\xff"'),
    401: lambda fake, _: TestClient(build_api(Holder(fake), identify=_Nobody())).get("/api/v1/plans"),
    403: lambda fake, _: _post(TestClient(build_api(Holder(fake), identify=_Searcher())), b"{}"),
    404: lambda _, client: client.get("/api/v1/plans/nowhere"),
    413: lambda _, client: _post(client, b" " * 1_100_000),
    415: lambda _, client: _post(client, b"{}", "text/plain"),
    422: lambda _, client: client.get("/api/v1/search?q=x&k=101"),
    431: lambda _, client: client.get("/api/v1/search?q=" + "x" * 20_000),
    503: lambda _, __: TestClient(build_api(Holder())).get("/api/v1/plans"),
}


@pytest.mark.parametrize("status", sorted(TRIGGERS))
def test_the_problems_are_what_the_server_answers(fake: Any, document: dict[str, Any], status: int) -> None:
    response = TRIGGERS[status](fake, TestClient(build_api(Holder(fake))))
    shown = document["components"]["responses"][f"Problem{status}"]["content"]["application/problem+json"]["example"]
    assert response.status_code == status
    assert response.json() == shown
