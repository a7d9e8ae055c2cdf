"""By which name the server is asked. A page elsewhere can make its own name lead here (DNS rebinding), and would then
count as the same origin; a name that we never gave out is refused, and none comes into a link.
"""

from __future__ import annotations

import re

from assistant.guard.asgi import App, ASGIScope, Receive, Send, every
from assistant.problems import problem

_LOOPBACK = re.compile(r"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::(?P<port>[1-9]\d{0,4}))?")


def is_ours(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header names us: one of ``names`` to the letter, or this machine itself at any port.

    At any port, because a tunnel to this machine may end at another one; no page can make a browser name itself so.
    """
    host = host.lower()
    match = _LOOPBACK.fullmatch(host)
    return host in names or (match is not None and int(match["port"] or 1) <= 65535)


class Hosts:
    """ASGI middleware: 400 where the Host is missing, empty, given twice, or none of ours."""

    def __init__(self, app: App, names: frozenset[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            hosts = every(scope, b"host")
            if len(hosts) != 1 or not is_ours(hosts[0].decode("latin-1"), self._names):
                said = "this server is not asked by that name; [server] hosts in its settings lists those that it has"
                await problem(400, said)(scope, receive, send)
                return
        await self._app(scope, receive, send)
