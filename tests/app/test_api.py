"""The HTTP API over a stand-in: shapes, problem details for every error, refused routes, headers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.api import build_api
from assistant.guard.bodies import MAX_BODY
from assistant.guard.denied import REFUSED
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.model import Answer
from corpus.errors import AssistantError


@pytest.fixture
def client(fake: Any) -> Iterator[TestClient]:
    yield TestClient(build_api(Holder(fake)), raise_server_exceptions=False)


@pytest.fixture
def loading() -> TestClient:
    return TestClient(build_api(Holder()), raise_server_exceptions=False)


def check_problem(response: Any, status: int) -> str:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == status
    assert "\n" not in body["detail"]
    return str(body["detail"])


def test_ask_answers(client: TestClient, fake: Any) -> None:
    response = client.post("/api/v1/ask", json={"turns": ["甲？", "乙？"], "plans": ["water"]})
    assert Answer.model_validate(response.json()) == fake.first()
    assert fake.asked == [(["甲？", "乙？"], ["water"])]


def test_no_plans_means_all_and_an_empty_list_stays_empty(client: TestClient, fake: Any) -> None:
    for plans in (None, []):
        client.post("/api/v1/ask", json={"turns": ["甲？"], "plans": plans})
    assert [plans for _, plans in fake.asked] == [None, []]


BODIES = [
    b'{"turns": []}',
    b"{}",
    b'{"turns": [""]}',
    b'{"turns": "x"}',
    b'{"turns": ["x"], "plan": ["water"]}',
    b'{"turns": ["x"], "plans": ["nowhere"]}',
    b'{"turns": ["\\ud800"]}',
    b'{"turns": [NaN]}',
    b'{"turns": ["x"], "plans": NaN}',
    b'{"turns": [1e400]}',
    b'{"turns": ["x"], "plans": [' + b"9" * 5000 + b"]}",
    b"NaN",
    b"null",
    b"{",
    b"",
    b'{"turns": ["' + "问".encode() * 10_000 + b'"]}',
]


@pytest.mark.parametrize("body", BODIES)
def test_a_bad_body_is_a_problem(client: TestClient, body: bytes) -> None:
    response = client.post("/api/v1/ask", content=body, headers={"content-type": "application/json"})
    check_problem(response, response.status_code)
    assert response.status_code in (400, 422)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"turns": ["\xff\xfe"]}'])
def test_what_is_no_json_at_all_is_a_problem(client: TestClient, body: bytes) -> None:
    response = client.post("/api/v1/ask", content=body, headers={"content-type": "application/json"})
    check_problem(response, response.status_code)
    assert 400 <= response.status_code < 500


def test_a_body_over_the_limit_is_refused_with_and_without_its_length(client: TestClient) -> None:
    check_problem(client.post("/api/v1/ask", content=b" " * (MAX_BODY + 1)), 413)

    def stream() -> Iterator[bytes]:
        for _ in range(MAX_BODY // 100_000 + 2):
            yield b" " * 100_000

    response = client.post("/api/v1/ask", content=stream(), headers={"content-type": "application/json"})
    assert 400 <= response.status_code < 500


def test_emoji_and_control_characters_are_no_failure(client: TestClient) -> None:
    assert client.post("/api/v1/ask", json={"turns": ["谁负责😀\x00\x1b[2J？"]}).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["", "?q=", "?q=x&k=0", "?q=x&k=-1", "?q=x&k=1000000000", "?q=x&role=boss", "?q=x&plan=nowhere", "?q=%20"],
)
def test_a_bad_search_is_a_problem(client: TestClient, query: str) -> None:
    check_problem(client.get(f"/api/v1/search{query}"), 422)


def test_search_finds(client: TestClient) -> None:
    (hit,) = client.get("/api/v1/search", params={"q": "管道", "plan": "water"}).json()["hits"]
    assert hit["quote"].startswith("1.更换老旧管道")


def test_plans_and_their_text(client: TestClient, plan: Any) -> None:
    (summary,) = client.get("/api/v1/plans").json()["plans"]
    whole = client.get("/api/v1/plans/water").json()
    assert whole.pop("text") == plan.text
    assert whole == summary
    assert summary["number"] == "青政发〔2031〕7号"
    assert summary["tasks"] == 3


def test_clauses_also_without_an_assignment(client: TestClient, plan: Any) -> None:
    first, second, third = client.get("/api/v1/plans/water/clauses").json()["clauses"]
    assert first["text"] == plan.text[first["start"] : first["end"]]
    assert first["raw"] == "（市水务局牵头，市财政局、市住建局配合）"
    assert second["responsible"] == ["市卫健委"]
    assert (third["lead"], third["responsible"], third["raw"]) == ([], [], "")


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        ("", ["一/(一)/1", "一/(一)/2"]),
        ("?role=lead", ["一/(一)/1"]),
        ("?role=responsible", ["一/(一)/2"]),
        ("?unit=市財政局", ["一/(一)/1"]),  # traditional characters
        ("?unit=市财政局&role=lead", []),
        ("?unit=市财政", []),  # a part of a name is another unit
        ("?plan=water&unit=市卫健委", ["一/(一)/2"]),
    ],
)
def test_assignments(client: TestClient, query: str, clauses: list[str]) -> None:
    body = client.get(f"/api/v1/assignments{query}").json()
    assert [row["clause"] for row in body["assignments"]] == clauses
    assert body["count"] == len(clauses)


def test_assignments_as_csv(client: TestClient) -> None:
    response = client.get("/api/v1/assignments?format=csv")
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["support"] for row in rows] == ["市财政局、市住房和城乡建设局", ""]


@pytest.mark.parametrize("lead", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_a_cell_is_never_a_formula(client: TestClient, fake: Any, lead: str) -> None:
    import dataclasses

    from corpus.model import Party, Role

    plan = fake.plans["water"]
    hostile = dataclasses.replace(plan.assignments[0], parties=(Party(lead, Role.LEAD, None),))
    fake.plans["water"] = dataclasses.replace(plan, assignments=(hostile,))
    text = client.get("/api/v1/assignments?format=csv").content.decode("utf-8-sig")
    assert next(csv.DictReader(io.StringIO(text)))["lead"] == "'" + lead


def test_the_plan_page(client: TestClient) -> None:
    response = client.get("/plans/water?start=0&end=3&lang=en")
    assert response.status_code == 200
    assert '<mark class="cited" id="cited" tabindex="-1" autofocus>青川市</mark>' in response.text
    policy = response.headers["content-security-policy"]  # our own script file, and nothing inline
    assert "script-src 'self';" in policy and "unsafe" not in policy
    assert client.get("/web/plan.css").status_code == 200


def test_a_file_name_in_chinese_is_a_plan_id(client: TestClient, fake: Any) -> None:
    fake.plans["水网 方案"] = fake.plans["water"]
    assert client.get("/plans/水网 方案").status_code == 200
    assert client.get("/api/v1/plans/水网 方案").status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("GET", "/api/v1/plans/nowhere", 404),
        ("GET", "/api/v1/plans/nowhere/clauses", 404),
        ("GET", "/plans/nowhere", 404),
        ("GET", "/plans/water?start=-1", 422),
        ("GET", "/plans/water?start=99999999999999999999", 422),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v1/ask", 405),
        ("DELETE", "/api/v1/plans", 405),
        ("GET", "/api/v1/assignments?format=doc", 422),
        ("GET", "/docs", 404),  # its scripts lie on another host
    ],
)
def test_other_errors_are_problems(client: TestClient, method: str, address: str, status: int) -> None:
    check_problem(client.request(method, address), status)


@pytest.mark.parametrize("error", [RuntimeError("secret"), AssistantError("index damaged at secret/place")])
def test_a_failure_is_a_problem_without_the_details(client: TestClient, fake: Any, error: Exception) -> None:
    def fail(_: object) -> Answer:
        raise error

    fake.reply = fail
    assert "secret" not in check_problem(client.post("/api/v1/ask", json={"turns": ["甲？"]}), 500)


def test_before_loading_is_done_only_healthz_is_well(loading: TestClient) -> None:
    assert loading.get("/healthz").status_code == 200
    for address in ("/readyz", "/api/v1/plans", "/api/v1/search?q=x", "/plans/water"):
        response = loading.get(address)
        check_problem(response, 503)
        assert response.headers["retry-after"]
    page = loading.get("/")
    assert page.status_code == 503
    assert "正在准备" in page.text
    assert "Starting" in loading.get("/?lang=en").text


def test_ready_once_the_assistant_is_there(fake: Any) -> None:
    holder = Holder()
    client = TestClient(build_api(holder))
    assert client.get("/readyz").status_code == 503
    holder.put(fake)
    assert client.get("/readyz").json() == {"status": "ready", "index": "f00d"}


@pytest.mark.parametrize(
    "address",
    [
        "/gradio_api/file=http://127.0.0.1:22/",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file%3Dhttp://127.0.0.1/",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=http://127.0.0.1/",
        "/gradio_api/dev/reload",
        "/gradio_api/vibe-code",
        "/gradio_api/upload",
        "/gradio_api/profiling/summary",
        "/gradio_api/runs",
        "/gradio_api/run-history/buckets",
        "/monitoring",
        "/monitoring/summary",
        "/logout/",
        "/gradio_api/logout",
        "/login/",
    ],
)
def test_routes_that_nobody_needs_are_refused_before_the_chat_sees_them(client: TestClient, address: str) -> None:
    assert check_problem(client.get(address), 404) == "there is nothing at this address"


@pytest.mark.parametrize("path", ["/", "/gradio_api/queue/join", "/gradio_api/heartbeat/x", "/gradio_api/run/x"])
def test_what_the_chat_needs_is_not_refused(path: str) -> None:
    assert not REFUSED.match(path)


def test_no_other_origin_is_let_in(client: TestClient) -> None:
    for origin in ("https://elsewhere.example", "null"):
        response = client.get("/api/v1/plans", headers={"origin": origin})
        assert "access-control-allow-origin" not in response.headers
        asked = {"origin": origin, "access-control-request-method": "POST"}
        assert client.options("/api/v1/ask", headers=asked).status_code == 400


def test_every_answer_carries_the_headers(client: TestClient) -> None:
    for address in ("/api/v1/plans", "/healthz", "/plans/nowhere", "/gradio_api/upload", "/web/plan.css"):
        headers = client.get(address).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_openapi_lists_the_routes(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/api/v1/ask", "/api/v1/search", "/api/v1/plans", "/api/v1/assignments", "/healthz", "/readyz"} <= set(
        paths
    )


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7860", 200),
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("127.8.0.1", 200),
        ("[::1]:7860", 200),
        ("evil.example", 400),
        ("evil.example:7860", 400),
        ("127.0.0.1.evil.example", 400),
        ("localhost.evil.example", 400),
        ("127.0.0.1:99999999", 400),
        ("", 400),
        ("127.0.0.1@evil.example", 400),
        ("127.0.0.1\n", 400),
    ],
)
def test_a_name_that_somebody_else_gave_the_server_is_refused(fake: Any, host: str, status: int) -> None:
    client = TestClient(build_api(Holder(fake), ServerSettings()))
    for path in ("/healthz", "/api/v1/plans"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == status
        assert "evil" not in answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://testserver"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
    ],
)
def test_what_a_page_of_another_site_sends_is_refused(client: TestClient, headers: dict[str, str], status: int) -> None:
    assert client.post("/api/v1/ask", json={"turns": ["谁牵头?"]}, headers=headers).status_code == status
    assert client.get("/api/v1/plans", headers=headers).status_code == 200


class Counted(Holder):
    """Counts how often the assistant is asked for."""

    asked_for = 0

    @property
    def assistant(self) -> Any:
        self.asked_for += 1
        return super().assistant


def test_a_request_is_answered_by_one_assistant(fake: Any) -> None:
    """Plans may change between two looks at the holder; no answer may be put together of two states."""
    holder = Counted(fake)
    client = TestClient(build_api(holder), raise_server_exceptions=False)
    routes = [
        *("/readyz", "/api/v1/plans", "/api/v1/plans/water", "/api/v1/plans/water/clauses"),
        *("/api/v1/search?q=甲&plan=water", "/api/v1/assignments?plan=water&unit=市水务局"),
        *("/api/v1/assignments?format=csv", "/plans/water?start=1&end=5"),
    ]
    requests: list[tuple[str, str, Any]] = [("GET", route, None) for route in routes]
    for method, route, body in [*requests, ("POST", "/api/v1/ask", {"turns": ["甲？"], "plans": ["water"]})]:
        holder.asked_for = 0
        assert client.request(method, route, json=body).status_code == 200
        assert holder.asked_for == 1, route


def test_search_by_words_alone(client: TestClient) -> None:
    assert client.get("/api/v1/search", params={"q": "管道", "semantic": "false"}).json()["hits"]
    check_problem(client.get("/api/v1/search", params={"q": "管道", "semantic": "perhaps"}), 422)


def test_suggestions(client: TestClient) -> None:
    (first, *_) = client.get("/api/v1/suggest", params={"q": "青川"}).json()["suggestions"]
    assert (first["kind"], first["plans"]) == ("plan", ["water"])
    assert client.get("/api/v1/suggest", params={"q": "，"}).json() == {"suggestions": []}
    for query in ("", "?q=x&k=0", "?q=x&k=51", "?q=" + "x" * 201):
        check_problem(client.get(f"/api/v1/suggest{query}"), 422)
