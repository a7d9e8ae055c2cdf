"""The first page while index and model are being loaded: it says so, and comes back by itself."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.responses import HTMLResponse

from assistant.guard.asgi import App, ASGIScope, Receive, Send
from assistant.language import language_in
from assistant.plan_page import waiting_html
from assistant.strings import strings


class Waiting:
    """ASGI middleware: 503 with that page at / until ``ready`` says otherwise."""

    def __init__(self, app: App, ready: Callable[[], bool]) -> None:
        self._app = app
        self._ready = ready

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or self._ready():
            await self._app(scope, receive, send)
            return
        words = strings(language_in(scope["query_string"]))
        page = HTMLResponse(waiting_html(words), status_code=503, headers={"Retry-After": "2"})
        await page(scope, receive, send)
