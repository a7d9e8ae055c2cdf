"""What stands before every route: routes that are refused, foreign pages, a limit on bodies, response headers.

Plain ASGI, because Gradio streams its answers. Authentication, host names and rate limits are not
here: the server binds to a loopback address only (``app.py``).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from fastapi.responses import HTMLResponse, Response

from assistant.holder import Holder
from assistant.plan_page import waiting_html
from assistant.problems import Problem, problem
from assistant.strings import strings
from assistant.web.frame import bare_notice
from assistant.web.words import Language

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MAX_BODY = 1_000_000  # bytes; the longest question allowed is far below
UPLOAD = "/evals/sets"  # takes a question set
MAX_UPLOAD = 65 << 20  # bytes; a question set has at most 64 MiB, and the form around it takes some
PLANS = re.compile(r"/library(?:/[^/]{1,300}/replace)?")  # takes files of plans
MAX_PLANS = 201 << 20  # bytes, where no setting says otherwise; files of 200 MiB, and the form around them
STAFF = ("/evals", "/library", "/staging")  # the staff's pages
# What a browser names the server by. A page elsewhere can make its own name lead here (DNS rebinding), and would then
# count as the same origin.
_LOOPBACK = re.compile(rb"(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

# Routes that Gradio brings and this page never uses. file= and proxy= take an address and would make
# the server itself look a name up; the rest reads or writes files, or shows what others ask.
REFUSED = re.compile(
    r"/(?:gradio_api/)?(?:file[=/]|proxy=|dev/|vibe-|undo-vibe|monitoring|profiling|upload|process_recording"
    r"|run-history|runs|custom_component|stream/|deep_link|token|user|login$|login/$|logout)"
)

# Gradio's page has inline scripts and styles; our own pages need neither.
_GRADIO_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; "
    "worker-src 'self' blob:; frame-src 'none'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'self'"
)
_OWN_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
# Pages of ours with forms and a script file, and none of it inline.
_FORM_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
# A report is one file with its style and pictures inside; it may not even run a script.
_REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
)


class Guard:
    """ASGI middleware; see the module's docstring."""

    def __init__(self, app: App, holder: Holder, own_hosts_only: bool = False, max_plans: int = MAX_PLANS) -> None:
        self.app = app
        self.holder = holder
        self.own_hosts_only = own_hosts_only
        self.max_plans = max_plans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]
        send = _with_headers(send, _policy(path, self.holder.ready))
        refusal = self._refusal(scope)
        if refusal is not None:
            refusal = _as_page(refusal, scope)
            await refusal(scope, receive, send)
            return
        await self.app(scope, _limited(receive, self._most(scope["path"])), send)

    def _most(self, path: str) -> int:
        if PLANS.fullmatch(path):
            return self.max_plans
        return MAX_UPLOAD if path == UPLOAD else MAX_BODY

    def _refusal(self, scope: Scope) -> Response | None:
        if REFUSED.match(scope["path"]):
            return problem(404, "there is nothing at this address")
        headers = dict(scope["headers"])
        if self.own_hosts_only and not _LOOPBACK.fullmatch(headers.get(b"host", b"")):
            return problem(400, "this server is asked by its loopback address only, such as 127.0.0.1")
        if scope["method"] not in _SAFE and _foreign(headers):
            return problem(403, "this was sent by a page of another site")
        length, most = headers.get(b"content-length", b"0"), self._most(scope["path"])
        if not length.isdigit() or int(length[:12]) > most:
            return problem(413, f"the body is larger than {most} bytes")
        if scope["path"] == "/" and not self.holder.ready:
            language = "en" if b"lang=en" in scope["query_string"] else "zh"
            page = HTMLResponse(waiting_html(strings(language)), status_code=503)
            page.headers["retry-after"] = "2"
            return page
        return None


def _as_page(refusal: Response, scope: Scope) -> Response:
    """What a member of staff reads in a browser is a page in their language; programs get the problem as it is."""
    home = next((prefix for prefix in STAFF if scope["path"].startswith(prefix)), None)
    if (
        home is None
        or not isinstance(refusal, Problem)
        or b"text/html" not in dict(scope["headers"]).get(b"accept", b"")
    ):
        return refusal
    lang: Language = "en" if b"lang=en" in scope["query_string"] else "zh"
    return bare_notice(lang, refusal.said, refusal.status_code, "/library" if home == "/staging" else home)


def _policy(path: str, ready: bool) -> str:
    if path.endswith("/report.html"):
        return _REPORT_POLICY
    if path.startswith(STAFF):
        return _FORM_POLICY
    own = path.startswith(("/plans/", "/api/", "/healthz", "/readyz")) or not ready
    return _OWN_POLICY if own else _GRADIO_POLICY


def _foreign(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser says that a page of another site sends this; scripts outside a browser send neither header.

    Every browser of today sends Sec-Fetch-Site; Origin is for those that do not.
    """
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in (b"same-origin", b"none")
    origin = headers.get(b"origin")
    return origin is not None and origin.partition(b"://")[2] != headers.get(b"host", b"")


def _with_headers(send: Send, policy: str) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", [])]
            headers += [(name.encode(), value.encode()) for name, value in _HEADERS]
            headers.append((b"content-security-policy", policy.encode()))
            message = {**message, "headers": headers}
        await send(message)

    return wrapped


def _limited(receive: Receive, most: int) -> Receive:
    """Counts what really comes in: a body without Content-Length is cut off at the limit."""
    taken = 0

    async def wrapped() -> Message:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > most:
                return {"type": "http.disconnect"}
        return message

    return wrapped
