"""The server itself over an application, in a thread, and requests written byte by byte: a client would mend them."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

import app as program
from assistant.guard.gate import Gate
from assistant.guard.limited import Limits
from assistant.guard.run import Server
from tests.app.conftest import FakeAssistant, make_plan


@dataclass
class Live:
    """A running server."""

    app: FastAPI
    port: int
    server: Server

    @property
    def limits(self) -> Limits:
        limits: Limits = self.app.state.limits
        return limits

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def ask(self, request: bytes) -> bytes:
        """What is answered to these bytes until the server closes, or has sent the length that it said."""
        with self.connect() as to:
            to.sendall(request)
            return answer(to)


@contextmanager
def live(app: FastAPI, port: int = 0) -> Iterator[Live]:
    """Serves ``app`` on a port, or a free one, until the end of the block."""
    listener = socket.create_server(("127.0.0.1", port), backlog=1024)
    server = Server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    assert eventually(lambda: server.started)
    try:
        yield Live(app, listener.getsockname()[1], server)
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


def whole(data: Path, settings: str = "") -> tuple[FastAPI, FakeAssistant]:
    """Every route that the program serves, over a stand-in for the assistant."""
    data.mkdir(parents=True, exist_ok=True)
    config = data.parent / "settings.toml"
    config.write_text(settings, encoding="utf-8")
    state = program.open_state(data, config)
    plan = make_plan()
    fake = FakeAssistant({plan.id: plan})
    state.holder.put(fake)
    return program.put_together(state), fake


def inside(gate: Gate) -> int:
    """How many are inside or wait, of all users."""
    return gate._held.total()


def get(path: str, *headers: str, host: str = "127.0.0.1", method: str = "GET", body: bytes = b"") -> bytes:
    """One request, after which the connection is closed."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def answer(to: socket.socket) -> bytes:
    """Head and body of one answer; b"" where the connection is closed without one."""
    said = b""
    while True:
        head, found, body = said.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        if found and length and len(body) >= int(length[1]):
            return said
        try:
            more = to.recv(65536)
        except ConnectionError:
            return said
        if not more:
            return said
        said += more


def head(to: socket.socket) -> bytes:
    """The head of an answer, and whatever came with it."""
    said = b""
    while b"\r\n\r\n" not in said:
        more = to.recv(65536)
        if not more:
            return said
        said += more
    return said


def status(said: bytes) -> int:
    """The status of an answer; 0 where there is none."""
    match = re.match(rb"HTTP/1\.1 (\d{3}) ", said)
    return int(match[1]) if match else 0


def eventually(holds: Callable[[], object], seconds: float = 20) -> bool:
    """Whether something comes true within a time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
