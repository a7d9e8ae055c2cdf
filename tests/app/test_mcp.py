"""/mcp by the official client: over HTTP inside this process, and once against the real server as the docs show it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from assistant import problems
from assistant.access.model import LOCAL, Limits, Principal, Scope
from assistant.guard.asgi import ASGIScope
from assistant.guard.stack import stand_before
from assistant.holder import Holder
from assistant.mcp.door import THREADS, WAITING, install
from assistant.mcp.tools import TOOLS, UNTRUSTED
from assistant.model import Answer, Status
from tests.app.conftest import FakeAssistant, Server, make_plan
from tests.loops import in_own_loop

DOCS = Path(__file__).resolve().parents[2] / "docs" / "interfaces.md"
READER = Principal("zhang", frozenset({Scope.ASK, Scope.SEARCH}))


class Says:
    """Whoever the test says."""

    def __init__(self, who: Principal) -> None:
        self._who = who

    async def identify(self, scope: ASGIScope) -> Principal:
        return self._who


class Closed:
    """One plan is limited to a group."""

    def limits(self) -> Limits:
        return {"secret": frozenset({"finance"})}


def app_of(holder: Holder, who: Principal = READER) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    stand_before(app, lambda: True, identify=Says(who))
    problems.install(app)
    install(app, holder)
    return app


def with_client(app: FastAPI, use: Callable[[Client], Awaitable[Any]], mode: str = "auto") -> Any:
    """What ``use`` returns, with a client of the official package that talks to ``app`` over HTTP without a socket."""

    async def run() -> Any:
        wire = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1")
        async with wire:
            transport = streamable_http_client("http://127.0.0.1/mcp", http_client=wire)
            async with Client(transport, mode=mode) as client:
                return await use(client)

    return in_own_loop(run())


def call(app: FastAPI, tool: str, mode: str = "auto", **arguments: Any) -> Any:
    async def use(client: Client) -> Any:
        return await client.call_tool(tool, arguments)

    return with_client(app, use, mode)


def given(result: Any) -> dict[str, Any]:
    """The data of a result, which the text has to say once more."""
    assert not result.is_error, result.content
    data: dict[str, Any] = result.structured_content
    assert json.loads(result.content[0].text) == data
    assert data["note"] == UNTRUSTED
    return data


def wrong(result: Any) -> tuple[int, str]:
    """Status and detail of a result that is an error."""
    assert result.is_error and result.structured_content is None
    problem = json.loads(result.content[0].text)
    assert set(problem) == {"type", "title", "status", "detail"}
    return problem["status"], problem["detail"]


@pytest.fixture
def holder(fake: FakeAssistant) -> Holder:
    return Holder(fake)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_every_tool_is_listed_and_called(holder: Holder, fake: FakeAssistant, mode: str) -> None:
    async def use(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"ask", "search", "list_assignments", "get_clause"}
        for tool in tools.values():
            assert tool.input_schema["additionalProperties"] is False
            assert tool.output_schema is not None and tool.output_schema["additionalProperties"] is False
            assert UNTRUSTED in str(tool.description)
        # The client itself holds each result against the schema of its tool.
        answer = given(await client.call_tool("ask", {"question": "水网由谁牵头?", "turns": ["更换管道"]}))["answer"]
        assert answer == json.loads(fake.first().model_dump_json())
        assert fake.asked[-1] == (["更换管道", "水网由谁牵头?"], None)
        hits = given(await client.call_tool("search", {"text": "管道", "plans": ["water"], "k": 3}))["hits"]
        assert [hit["clause"] for hit in hits] == ["一/(一)/1"]
        rows = given(await client.call_tool("list_assignments", {"role": "lead"}))
        assert rows["count"] == 1 and rows["assignments"][0]["lead"] == ["市水务局"]
        clause = given(await client.call_tool("get_clause", {"plan": "water", "clause": "一/(一)/2"}))
        assert clause["found"] and clause["assignment"]["responsible"] == ["市卫健委"]
        cited = clause["citation"]
        assert fake.plans["water"].text[cited["start"] : cited["end"]] == cited["quote"]

    with_client(app_of(holder), use, mode)


def test_the_rows_of_a_listing_come_in_pages(holder: Holder) -> None:
    app = app_of(holder)
    whole = given(call(app, "list_assignments"))
    assert whole["count"] == 2 == len(whole["assignments"])
    first, second, third = (given(call(app, "list_assignments", limit=1, offset=at)) for at in range(3))
    assert [*first["assignments"], *second["assignments"]] == whole["assignments"]
    assert third["assignments"] == [] and third["count"] == 2


def test_not_finding_is_an_answer(fake: FakeAssistant) -> None:
    fake.reply = lambda turns: Answer(status=Status.NOT_FOUND, text="没有找到。")
    app = app_of(Holder(fake))
    assert given(call(app, "ask", question="外星人由谁接待?"))["answer"]["status"] == "not_found"
    for plan, clause, part in (("water", "九/9", 0), ("nothing", "一", 0), ("water", "一/(一)/1", 7)):
        found = given(call(app, "get_clause", plan=plan, clause=clause, part=part))
        assert found == {"note": UNTRUSTED, "found": False, "citation": None, "assignment": None}
    assert given(call(app, "list_assignments", unit="没有的单位"))["count"] == 0


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tool_is_offered_to_whom_its_scope_belongs(holder: Holder, tool: Any) -> None:
    other = Scope.SEARCH if tool.needs is Scope.ASK else Scope.ASK
    minimal = {"ask": {"question": "谁?"}, "search": {"text": "水"}, "get_clause": {"plan": "water", "clause": "一"}}

    async def use(client: Client) -> tuple[bool, Any]:
        listed = {found.name for found in (await client.list_tools()).tools}
        return tool.name in listed, await client.call_tool(tool.name, minimal.get(tool.name, {}))

    listed, result = with_client(app_of(holder, Principal("t", frozenset({tool.needs}))), use)
    assert listed
    given(result)
    listed, result = with_client(app_of(holder, Principal("t", frozenset({other}))), use)
    assert not listed
    assert wrong(result)[0] == 403


def test_a_hidden_plan_is_in_no_result(fake: FakeAssistant) -> None:
    secret = make_plan("secret", "机密方案")
    both = FakeAssistant({"secret": secret, "water": fake.plans["water"]})
    holder = Holder(both, Closed())
    finance = Principal("li", READER.scopes, frozenset({"finance"}))
    for who, seen in ((READER, {"water"}), (finance, {"secret", "water"}), (LOCAL, {"secret", "water"})):
        app = app_of(holder, who)
        rows = given(call(app, "list_assignments"))
        assert {row["plan"] for row in rows["assignments"]} == seen
        assert rows["count"] == 2 * len(seen)
        assert given(call(app, "get_clause", plan="secret", clause="一"))["found"] is ("secret" in seen)
        asked = call(app, "search", text="水", plans=["secret"])
        if "secret" in seen:
            given(asked)
        else:  # word for word what a plan that never was is answered
            absent = call(app, "search", text="水", plans=["absent"])
            assert wrong(asked)[1].replace("secret", "absent") == wrong(absent)[1]


def test_errors_are_typed_and_without_a_trace(fake: FakeAssistant, caplog: pytest.LogCaptureFixture) -> None:
    assert wrong(call(app_of(Holder()), "ask", question="谁?"))[0] == 503

    def fails(turns: Sequence[str]) -> Answer:
        raise RuntimeError("/etc/secret is broken")

    fake.reply = fails
    app = app_of(Holder(fake))
    status, said = wrong(call(app, "ask", question="谁?"))
    assert (status, "secret" in said) == (500, False)
    assert "secret" in caplog.text
    assert wrong(call(app, "ask", question=" "))[0] == 422
    assert wrong(call(app, "search", text="水", k=0)) == (422, "k: Input should be greater than or equal to 1")


@pytest.mark.parametrize(
    ("accept", "type"),
    [
        ("application/json", "application/json"),
        ("application/json, text/event-stream", "text/event-stream"),
        ("text/event-stream, application/json", "text/event-stream"),
        ("*/*", "text/event-stream"),
    ],
)
def test_a_client_gets_the_form_that_it_takes(holder: Holder, accept: str, type: str) -> None:
    async def run() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app_of(holder))) as client:
            body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
            return await client.post("http://127.0.0.1/mcp", json=body, headers={"accept": accept})

    answer = in_own_loop(run())
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(type)
    assert '"get_clause"' in answer.text


def test_calls_are_worked_on_a_few_at_a_time(fake: FakeAssistant) -> None:
    running, most, lock, gate = 0, 0, threading.Lock(), threading.Event()

    def slow(turns: Sequence[str]) -> Answer:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        assert gate.wait(20)
        with lock:
            running -= 1
        return fake.first()

    fake.reply = slow
    app = app_of(Holder(fake))

    async def run() -> list[Any]:
        body = {
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "ask", "arguments": {"question": "谁?"}},
        }  # fmt: skip
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app)) as client:

            async def post() -> Any:
                answer = await client.post(
                    "http://127.0.0.1/mcp", json=body, headers={"accept": "application/json"}, timeout=60
                )
                return answer.json()["result"]

            calls = [asyncio.create_task(post()) for _ in range(THREADS + WAITING + 8)]
            # Those that are told to come again, while as many as may are worked on.
            while sum(call.done() for call in calls) < 8 or running < THREADS:
                await asyncio.sleep(0.01)
            gate.set()
            return await asyncio.gather(*calls)

    results = in_own_loop(run())
    assert most == THREADS
    busy = [json.loads(r["content"][0]["text"])["status"] for r in results if r.get("isError")]
    assert busy == [503] * 8


def test_the_example_of_the_documents_runs_against_the_real_server(server: Server) -> None:
    found = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    [example] = [code for code in found if "from mcp import Client" in code]
    assert "http://127.0.0.1:7860/mcp" in example
    out = io.StringIO()
    code = compile(example.replace("http://127.0.0.1:7860", server.url), "interfaces.md", "exec")
    with contextlib.redirect_stdout(out), ThreadPoolExecutor(1) as thread:  # a browser may keep the loop of this one
        thread.submit(exec, code, {}).result()
    assert "answered" in out.getvalue()
    assert "ask, search, list_assignments, get_clause" in out.getvalue()
