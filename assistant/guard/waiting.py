"""The first page while index and model are being loaded: it says so, and comes back by itself."""

from __future__ import annotations

from collections.abc import Callable

from assistant.guard.asgi import App, ASGIScope, Receive, Send
from assistant.language import language_in
from assistant.web.frame import bare_loading


class Waiting:
    """ASGI middleware: 503 with that page at / until ``ready`` says otherwise."""

    def __init__(self, app: App, ready: Callable[[], bool]) -> None:
        self._app = app
        self._ready = ready

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or self._ready():
            await self._app(scope, receive, send)
            return
        await bare_loading(language_in(scope["query_string"]))(scope, receive, send)
