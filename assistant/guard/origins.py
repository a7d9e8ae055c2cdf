"""Pages of other sites: what they may read (CORS, an explicit list), and that they may change nothing.

A listed page may use the API from a browser, by a token and never by a cookie; whoever is logged in to us in that
browser is not asked for by it. The staff's pages and the chat are for no other site, listed or not.
"""

from __future__ import annotations

import re

from assistant.guard.asgi import App, ASGIScope, Message, Receive, Send, every, only
from assistant.guard.refusal import refuse
from assistant.guard.settings import ServerSettings
from assistant.problems import problem

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# What a listed page may use. Everything else is between our own pages and us.
_SHARED = re.compile(r"/(?:api|v1|mcp|openapi\.json|widget\.js|opensearch\.xml)(?:/.*)?")
METHODS = ("GET", "HEAD", "POST")
HEADERS = ("Authorization", "Content-Type", "Accept", "If-None-Match", "Mcp-Session-Id", "Mcp-Protocol-Version")
EXPOSED = ("ETag", "Link", "Retry-After", "X-Total-Count", "Content-Disposition", "Mcp-Session-Id")


def is_shared(path: str) -> bool:
    """Whether a page of a listed origin may use this address."""
    return _SHARED.fullmatch(path) is not None


class Apart:
    """ASGI middleware before CORS: cookies of a page elsewhere are dropped, and nothing but the API is shared."""

    def __init__(self, app: App, settings: ServerSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _is_elsewhere(scope, self._settings) and not _follows_a_link(scope):
            scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
        if is_shared(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def unshared(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", [])
                kept = [(name, value) for name, value in headers if not name.lower().startswith(b"access-control-")]
                message = {**message, "headers": kept}
            await send(message)

        await self._app(scope, receive, unshared)


class ForeignPages:
    """ASGI middleware: 403 for whatever could change something and is sent by a page of another site.

    Of listed origins the API is used by POST too. Scripts outside a browser send neither header.
    """

    def __init__(self, app: App, settings: ServerSettings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE and _is_elsewhere(scope, self._settings):
            listed = only(scope, b"origin") in {origin.encode() for origin in self._settings.cors_origins}
            if not (listed and is_shared(scope["path"])):
                await refuse(problem(403, "this was sent by a page of another site"), scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_elsewhere(scope: ASGIScope, settings: ServerSettings) -> bool:
    """Whether a browser says that a page of another origin sends this.

    Every browser of today sends Sec-Fetch-Site; Origin is for those that do not.
    """
    sites = every(scope, b"sec-fetch-site")
    if sites:
        return sites not in ([b"same-origin"], [b"none"])
    origins = every(scope, b"origin")
    if not origins:
        return False
    host = b"".join(every(scope, b"host"))
    ours = {f"{scope['scheme']}://".encode() + host}
    if settings.public_url:
        ours.add(settings.public_url.encode())
    return len(origins) != 1 or origins[0] not in ours


def _follows_a_link(scope: ASGIScope) -> bool:
    """Whether a person comes to us from another site, and no script or picture there asks."""
    return scope["method"] in ("GET", "HEAD") and only(scope, b"sec-fetch-mode") == b"navigate"
