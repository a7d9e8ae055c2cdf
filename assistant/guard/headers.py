"""Headers that every answer carries: what a browser may load for a page of ours, keep of it, and show it in."""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.guard.asgi import App, ASGIScope, Message, Receive, Send
from assistant.guard.settings import ServerSettings

# Gradio's page has inline scripts and styles; our own pages need neither.
_GRADIO = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; "
    "worker-src 'self' blob:; frame-src 'none'; object-src 'none'; base-uri 'self'; form-action 'self'"
)
_OWN = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
# Pages of ours with forms and a script file, and none of it inline.
_FORM = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'"
)
# A report is one file with its style and pictures inside; it may not even run a script.
_REPORT = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"

_GRADIO_PATHS = re.compile(r"/|/(?:gradio_api|assets|static|svelte|config|theme\.css)(?:/.*)?")
_FORM_PATHS = re.compile(r"/(?:evals|library|staging|login|logout|plans|ledger|matrix|compare)(?:/.*)?")
# The widget is made to be loaded by other pages; whatever else of ours a page of another site loads stays shut to it.
_FOR_OTHER_SITES = re.compile(r"/widget\.js|/opensearch\.xml")
_KEPT = re.compile(r"/(?:web|assets|static|svelte|evals/static|gradio_api/(?:static|assets|svelte))/.+|/widget\.js")

_ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
)
# Scripts and styles of a page are of one release: a browser asks whether what it has is still so, and mostly hears 304.
_ASKED_AGAIN = re.compile(r"/(?:web|evals/static)/.+")
# Gradio's page asks for the style sheets in its head by a script, when it is about to be drawn. Asked for with the
# page, they are there by then, and nothing moves when they come.
_AHEAD = ", ".join(f"</web/{sheet}.css>; rel=preload; as=style" for sheet in ("base", "ask")).encode()
_A_YEAR = ("strict-transport-security", "max-age=31536000")


class ResponseHeaders:
    """ASGI middleware, outermost, so that refusals carry the headers too."""

    def __init__(self, app: App, settings: ServerSettings, ready: Callable[[], bool]) -> None:
        self._app = app
        self._ready = ready
        self._ancestors = " ".join(["frame-ancestors 'self'", *settings.frame_ancestors])
        always = (*_ALWAYS, _A_YEAR) if settings.secure else _ALWAYS
        self._always = [(name.encode(), value.encode()) for name, value in always]

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def wrapped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", [])]
                said = {name.lower() for name, _ in headers}  # what a route says itself holds
                headers += [(name, value) for name, value in self._of(path) if name not in said]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, wrapped)

    def _of(self, path: str) -> list[tuple[bytes, bytes]]:
        policy = f"{self._policy(path)}; {self._ancestors}"
        shared = b"cross-origin" if _FOR_OTHER_SITES.fullmatch(path) else b"same-origin"
        own = [
            *self._always,
            (b"content-security-policy", policy.encode()),
            (b"cross-origin-resource-policy", shared),
        ]
        # Answers, plans and lists are read once: a shared computer keeps none of them.
        if _ASKED_AGAIN.fullmatch(path):
            return [*own, (b"cache-control", b"no-cache")]
        if path == "/" and self._ready():
            own.append((b"link", _AHEAD))
        return own if _KEPT.fullmatch(path) else [*own, (b"cache-control", b"no-store")]

    def _policy(self, path: str) -> str:
        if path.endswith("/report.html"):
            return _REPORT
        if _FORM_PATHS.fullmatch(path):
            return _FORM
        return _GRADIO if _GRADIO_PATHS.fullmatch(path) and self._ready() else _OWN
