"""What the server counts and writes down of requests, whatever comes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from assistant.access.authenticate import Authenticate
from assistant.access.model import LOCAL, Principal
from assistant.audit import Audit, of_places, tell
from assistant.guard.asgi import ASGIScope
from assistant.holder import Holder
from assistant.metrics import Metrics
from assistant.problems import problem
from assistant.watch import Watch


class Named:
    """Lets in whoever says a name; ``Wrong`` is refused by the way of identifying itself."""

    async def identify(self, scope: ASGIScope) -> Principal | Response | None:
        name = dict(scope["headers"]).get(b"x-name", b"").decode()
        if name == "Wrong":
            return problem(401, "no")
        return Principal(name, LOCAL.scopes, via="proxy") if name else None


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    return Audit(tmp_path)


@pytest.fixture
def client(audit: Audit) -> TestClient:
    api = FastAPI()
    metrics = Metrics(Holder(), lambda: audit.lost)
    api.add_middleware(Authenticate, identify=Named())
    api.add_middleware(Watch, audit=audit, metrics=metrics)
    metrics.install(api)

    @api.get("/api/v1/search")
    def search(request: Request, q: str) -> dict[str, str]:
        tell(request.scope, of_places("search", [("water", "一", 0)], q))
        return {}

    @api.get("/api/v1/plans")
    def plans() -> None:
        raise RuntimeError("broken")

    return TestClient(api, raise_server_exceptions=False)


def lines(audit: Audit) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for file in sorted(audit.folder.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]


def test_what_was_shown_is_written_down_with_who_and_how_long(client: TestClient, audit: Audit) -> None:
    assert client.get("/api/v1/search?q=x", headers={"x-name": "li"}).status_code == 200
    (line,) = lines(audit)
    assert (line["event"], line["who"], line["via"], line["door"], line["status"]) == (
        "search", "li", "proxy", "search", 200,
    )  # fmt: skip
    assert line["plans"] == ["water"] and line["clauses"] == ["water:一"] and line["ms"] >= 0
    assert line["from"] == "testclient"


def test_who_was_not_let_in_is_written_down(client: TestClient, audit: Audit) -> None:
    assert client.get("/api/v1/search?q=x").status_code == 401
    assert client.get("/api/v1/search?q=x", headers={"x-name": "Wrong"}).status_code == 401
    assert [(line["event"], line["who"], line["status"]) for line in lines(audit)] == [("refused", "", 401)] * 2


def test_a_failure_is_written_down_as_one(client: TestClient, audit: Audit) -> None:
    assert client.get("/api/v1/plans", headers={"x-name": "li"}).status_code == 500
    (line,) = lines(audit)
    assert (line["event"], line["status"], line["target"]) == ("read", 500, "/api/v1/plans")


def test_metrics_count_by_door_and_name_nobody(client: TestClient) -> None:
    for _ in range(3):
        client.get("/api/v1/search?q=secretquestion", headers={"x-name": "secretname"})
    client.get("/api/v1/search?q=secretquestion")
    client.request("HACK", "/made/up/secretpath", headers={"x-name": "secretname"})
    answer = client.get("/metrics", headers={"x-name": "secretname"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert "secret" not in answer.text
    found = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    door = ("door", "search")
    assert found["assistant_requests_total", door, ("method", "GET"), ("status", "200")] == 3
    assert found["assistant_requests_total", door, ("method", "GET"), ("status", "401")] == 1
    assert found["assistant_requests_total", ("door", "none"), ("method", "other"), ("status", "404")] == 1
    assert found["assistant_request_seconds_count", door] == 4
    assert found["assistant_ready",] == 0
    assert found["assistant_requests_in_flight",] == 1, "the one that asks"
    assert found["process_open_fds",] > 0
