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
from assistant.access.model import LOCAL, SCOPES, Principal, UserRole
from assistant.api import build_api
from assistant.audit import Audit, of_places, tell
from assistant.guard.asgi import ASGIScope
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.metrics import Metrics
from assistant.problems import problem
from assistant.tally import AT_ONCE
from assistant.watch import Watch
from tests.seeded import seeded


class Named:
    """Lets in whoever says a name; ``Wrong`` is refused by the way of identifying itself, ``reader`` may only read."""

    async def identify(self, scope: ASGIScope) -> Principal | Response | None:
        name = dict(scope["headers"]).get(b"x-name", b"").decode()
        if name == "Wrong":
            return problem(401, "no")
        scopes = SCOPES[UserRole.READER] if name == "reader" else LOCAL.scopes
        return Principal(name, scopes, via="proxy") if name else None


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


def test_who_may_not_is_written_down_by_name_with_what_he_wanted(client: TestClient, audit: Audit) -> None:
    assert client.get("/library/water", headers={"x-name": "reader"}).status_code == 403
    assert client.get("/nowhere", headers={"x-name": "li"}).status_code == 404
    assert client.delete("/api/v1/plans", headers={"x-name": "li"}).status_code == 405
    assert [(line["event"], line["who"], line["via"], line["status"], line["target"]) for line in lines(audit)] == [
        ("refused", "reader", "proxy", 403, "/library/water"),
        ("refused", "li", "proxy", 404, "/nowhere"),
        ("refused", "li", "proxy", 405, "/api/v1/plans"),
    ]


LONG = "x" * 15_000


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    seeded(
        [
            ("GET", f"/{LONG}", {"host": "elsewhere.example"}, 400),
            ("GET", f"/gradio_api/file={LONG}", {}, 404),
            ("GET", f"/{LONG}", {}, 401),
            ("GET", f"/web/{LONG}", {}, 404),
            ("POST", f"/{LONG}", {"content-length": "2000000000"}, 413),
            ("POST", f"/{LONG}", {"content-encoding": "gzip"}, 415),
            ("GET", f"/{LONG}", {"x-long": LONG}, 431),
            ("GET", "/login", {}, 404),
            ("GET", "/login/callback", {}, 404),
            ("POST", "/logout", {}, 404),
            ("OPTIONS", f"/api/{LONG}", {"origin": "https://a.example", "access-control-request-method": "PUT"}, 400),
        ],
        4,
    ),
)
def test_what_anybody_can_send_fills_no_disk(
    audit: Audit, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    """Before a log-in: a line for some, with as much of the path as an administrator needs, and then numbers."""
    api = build_api(Holder(), ServerSettings(other_per_minute=1_000_000), identify=Named(), audit=audit)
    client = TestClient(api, base_url="http://127.0.0.1", raise_server_exceptions=False)
    for _ in range(AT_ONCE + 20):
        assert client.request(method, path, headers=headers).status_code == status
    written = lines(audit)
    assert len(written) == AT_ONCE
    assert {(line["event"], line["who"], line["status"]) for line in written} == {("refused", "", status)}
    assert written[0]["target"][:290] == path[:290] and len(written[0]["target"]) <= 300
    audit.close()
    assert lines(audit)[-1]["target"] == "20 more"


def test_what_is_no_refusal_is_not_written_down_as_one(audit: Audit) -> None:
    """A server that is asked whether it is ready, and a browser that asks whether it may ask."""
    settings = ServerSettings(cors_origins=("https://portal.example",))
    client = TestClient(build_api(Holder(), settings, identify=Named(), audit=audit), base_url="http://127.0.0.1")
    assert client.get("/readyz").status_code == 503
    headers = {"origin": "https://portal.example", "access-control-request-method": "POST"}
    assert client.options("/api/v1/ask", headers=headers).status_code == 200
    assert lines(audit) == []


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
