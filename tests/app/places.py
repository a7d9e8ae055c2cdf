"""Applications served on ports of their own, within the process of the tests: ours, pages of others, listeners."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn


def bound() -> socket.socket:
    """A socket on a free loopback port, so that an address is known before anything is served there."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    return listener


def origin_of(listener: socket.socket) -> str:
    """The origin that is served on a socket."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def served(app: Any, listener: socket.socket) -> Iterator[str]:
    """Serves ``app`` in a thread; its origin."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    end = time.monotonic() + 60
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < end
        time.sleep(0.02)
    try:
        yield origin_of(listener)
    finally:
        server.should_exit = True
        thread.join(20)


@dataclass
class Pages:
    """A site of somebody else: path → content type, body and headers. Everything asked is noted, with its headers."""

    content: dict[str, tuple[str, str, dict[str, str]]] = field(
        default_factory=lambda: {"/favicon.ico": ("image/x-icon", "", {})}
    )
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def put(self, path: str, body: str, kind: str = "text/html", **headers: str) -> None:
        """One page; a header's name is written with ``_`` for ``-``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.content[path] = (f"{kind}; charset=utf-8", body, named)

    def paths(self) -> list[str]:
        """The paths that were asked, in order, without a browser's search for an icon."""
        return [path for path, _ in self.asked if path != "/favicon.ico"]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] != "http":
            return
        query = scope["query_string"].decode("latin-1")
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.asked.append((scope["path"] + (f"?{query}" if query else ""), headers))
        kind, body, more = self.content.get(scope["path"], ("text/plain", "", {}))
        status = 200 if scope["path"] in self.content else 404
        out = [(b"content-type", kind.encode())]
        out += [(name.encode(), value.encode("utf-8")) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": out})
        await send({"type": "http.response.body", "body": body.encode("utf-8")})
