"""Clients that take their time (17): idle connections, heads and bodies that do not end, lengths that lie, answers that
nobody reads. What they hold is bounded, and others are served meanwhile.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from fastapi.testclient import TestClient

from assistant.access.login_routes import LOGIN_ROUTES
from assistant.access.model import SCOPES, Principal, UserRole
from assistant.api import build_api
from assistant.guard import limited, patience, run
from assistant.guard.asgi import ASGIScope, only
from assistant.guard.settings import ServerSettings
from assistant.guard.stack import stand_before
from assistant.holder import Holder
from tests.app.conftest import FakeAssistant, make_plan
from tests.security.live import Live, answer, eventually, get, head, inside, live, status, whole

ASK = b'{"turns": ["x"]}'


@pytest.fixture
def fake() -> FakeAssistant:
    plan = make_plan()
    return FakeAssistant({plan.id: plan})


@pytest.fixture
def site(fake: FakeAssistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    for name in ("HEAD_SECONDS", "BODY_SECONDS", "READ_SECONDS"):
        monkeypatch.setattr(patience, name, 0.6)
    with live(build_api(Holder(fake), ServerSettings(work_at_once=2, work_waiting=2))) as running:
        yield running


def is_served(site: Live) -> bool:
    """Whether others are answered: liveness, and a question."""
    asked = get("/api/v1/ask", "Content-Type: application/json", method="POST", body=ASK)
    return status(site.ask(get("/healthz"))) == 200 and status(site.ask(asked)) == 200


@pytest.mark.parametrize("first", [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "])
def test_17_a_head_that_comes_byte_by_byte_has_an_end(site: Live, first: bytes) -> None:
    with site.connect() as to:
        to.sendall(first)
        assert is_served(site)
        to.settimeout(0.1)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                if to.recv(100) == b"":
                    break
            except TimeoutError:
                pass
            except ConnectionError:
                break
            try:
                to.sendall(b"a" if first else b"")
            except OSError:
                break
        else:
            pytest.fail("the connection is still open")
    assert eventually(lambda: not site.server.server_state.connections)
    assert not site.server.config.http.waiting


def test_17_bodies_that_never_end_take_no_room_from_others(site: Live, fake: FakeAssistant) -> None:
    request = b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with ExitStack() as stack:
        slow = [stack.enter_context(site.connect()) for _ in range(20)]  # more than are worked on or may wait
        for to in slow:
            to.sendall(request + b"Content-Length: 16\r\n\r\n" + ASK[:8])
        assert eventually(lambda: inside(site.limits.reading) == 20)
        assert is_served(site)
        for to in slow:
            assert answer(to) == b""  # closed by the server
    assert eventually(lambda: inside(site.limits.reading) == 0)
    assert len(fake.asked) == 1  # the one of is_served


class Members:
    """Lets in who names himself."""

    async def identify(self, scope: ASGIScope) -> Principal | None:
        name = (only(scope, b"x-name") or b"").decode()
        return Principal(name, SCOPES[UserRole.READER], via="token") if name else None


def test_17_of_a_client_without_a_log_in_no_body_is_waited_for(fake: FakeAssistant) -> None:
    """What is open to everybody needs none; those who are logged in need the room."""
    with live(build_api(Holder(fake), ServerSettings(), identify=Members())) as site, ExitStack() as stack:
        slow = [stack.enter_context(site.connect()) for _ in range(limited.READING + 1)]
        for n, to in enumerate(slow):
            path = (b"/logout", b"/login", b"/login/callback")[n % 3]
            to.sendall(b"POST " * (n % 3 == 0) + b"GET " * (n % 3 > 0) + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            to.sendall(b"Content-Length: 16\r\n\r\n" + ASK[:8])
            assert inside(site.limits.reading) == 0
        asked = get("/api/v1/ask", "Content-Type: application/json", "X-Name: li", method="POST", body=ASK)
        assert status(site.ask(asked)) == 200
        # Nobody waits: whom one address has no more room for is told so.
        assert {status(answer(to)) for to in slow} <= {404, 429, 503}
    assert not inside(site.limits.pools["strangers"])


def test_17_a_client_without_a_log_in_has_one_share_for_all_his_addresses() -> None:
    """Of IPv6 he can take any in his network."""
    made = FastAPI()
    stand_before(made, lambda: True, ServerSettings(other_per_minute=2), identify=Members(), routes=LOGIN_ROUTES)

    @made.get("/login")
    def login() -> None:
        """Nothing."""

    def asked(address: str) -> int:
        return TestClient(made, base_url="http://127.0.0.1", client=(address, 5000)).get("/login").status_code

    assert [asked(f"fd00:1:2:3::{n}") for n in range(1, 4)] == [200, 200, 429]
    assert asked("fd00:1:2:4::1") == 200


def test_17_a_body_that_nobody_waits_for_holds_no_connection(site: Live) -> None:
    """The answer is there before the body: uvicorn alone reads on for as long as something comes."""
    with site.connect() as to:
        to.sendall(b"POST /nowhere HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nx")
        assert status(answer(to)) == 404
        to.settimeout(0.1)
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                to.sendall(b"x")
                if to.recv(100) == b"":
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("the connection is still open")
    assert eventually(lambda: not site.server.server_state.connections)


def test_17_a_body_shorter_than_its_length_asks_nothing(site: Live, fake: FakeAssistant) -> None:
    with site.connect() as to:
        to.sendall(get("/api/v1/ask", "Content-Type: application/json", "Content-Length: 50", method="PUT") + ASK)
        to.shutdown(socket.SHUT_WR)
        assert status(answer(to)) in (0, 400, 404, 405)
    with site.connect() as to:
        to.sendall(
            b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Content-Length: 50\r\n\r\n" + ASK
        )
        to.shutdown(socket.SHUT_WR)
        assert status(answer(to)) in (0, 400)
    assert fake.asked == []
    assert is_served(site)


@pytest.mark.parametrize(
    "length",
    [
        *(b"Content-Length: 16\r\nContent-Length: 17", b"Content-Length: -1", b"Content-Length: 1e3"),
        *(b"Content-Length: 16\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked"),
        *(b"Content-Length: 99999999999999999999", b"Content-Length: +16", b"Transfer-Encoding: chunked, chunked"),
    ],
)
def test_17_a_length_that_is_said_in_two_ways_or_in_none_is_refused(
    site: Live, fake: FakeAssistant, length: bytes
) -> None:
    with site.connect() as to:
        to.sendall(
            b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            + length
            + b"\r\n\r\n"
            + ASK
            + b"0\r\n\r\n"
        )
        assert status(answer(to)) in (400, 413, 501)
    assert fake.asked == []


def test_17_chunks_without_end_are_cut_off_at_the_limit(site: Live, fake: FakeAssistant) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    sent = 0
    with site.connect() as to:
        to.sendall(
            b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        try:
            while sent < 100_000_000:
                to.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
        said = answer(to)
    assert sent < 20_000_000  # what the limit lets in and what the buffers of the system hold
    assert status(said) in (0, 413)
    assert fake.asked == []
    assert is_served(site)


def test_17_idle_connections_give_way_to_a_new_one(fake: FakeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "CONNECTIONS", 40)
    monkeypatch.setattr(patience, "SPARE", 10)
    monkeypatch.setattr(run, "CONNECTIONS", 40)
    with live(build_api(Holder(fake), ServerSettings())) as site, ExitStack() as stack:
        idle = [stack.enter_context(site.connect()) for _ in range(120)]
        assert is_served(site)
        assert len(site.server.server_state.connections) <= 40
        assert idle[0].recv(1) == b""  # who waited longest went first
        idle[-1].sendall(get("/healthz"))
        assert status(answer(idle[-1])) == 200


def test_17_an_answer_that_nobody_reads_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "READ_SECONDS", 0.5)
    made = FastAPI()
    stand_before(made, lambda: True, ServerSettings())

    @made.get("/api/v1/plans")
    def large() -> PlainTextResponse:
        return PlainTextResponse(b"x" * 50_000_000)

    with live(made) as site, site.connect() as to:
        to.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        to.sendall(get("/api/v1/plans"))
        assert eventually(lambda: inside(site.limits.pools["pages"]) == 1)
        assert eventually(lambda: inside(site.limits.pools["pages"]) == 0)
        assert eventually(lambda: not site.server.server_state.connections)


def test_an_answer_that_is_read_slowly_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of some megabytes over a slow line."""
    monkeypatch.setattr(patience, "READ_SECONDS", 0.3)
    size = 20_000_000
    made = FastAPI()
    stand_before(made, lambda: True, ServerSettings())

    @made.get("/api/v1/plans")
    def large() -> PlainTextResponse:
        return PlainTextResponse(b"x" * size)

    with live(made) as site, site.connect() as to:
        to.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        to.sendall(get("/api/v1/plans"))
        taken = 0
        while taken <= size and (more := to.recv(size)):
            taken += len(more)
            time.sleep(0.01)
        assert taken > size  # with its head


@pytest.mark.parametrize("tabs", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_17_idle_tabs_are_bounded_and_others_are_served(tmp_path: Path, tabs: int) -> None:
    """Each open tab holds one connection for ever; beyond the limit one is told so, and its connection is closed."""
    most = tabs * 2 // 5
    made, _ = whole(tmp_path / "data", f"[server]\nstreams = {most}\n")
    with live(made) as site:
        with ExitStack() as stack:
            opened = [stack.enter_context(site.connect()) for _ in range(tabs)]
            for n, to in enumerate(opened):
                to.sendall(f"GET /gradio_api/heartbeat/tab{n:08d} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            heads = [head(to) for to in opened]
            assert sorted(map(status, heads)) == [200] * most + [503] * (tabs - most)
            assert all(b"\r\nretry-after: 1\r\n" in said for said in heads if status(said) == 503)
            assert inside(site.limits.pools["streams"]) == most
            assert is_served(site)
        assert eventually(lambda: inside(site.limits.pools["streams"]) == 0)
        assert eventually(lambda: not site.server.server_state.tasks)
