"""How large a request may be: its headers, and its body by what it says and by what really comes.

The limit on a body without a length, or with a wrong one, is found while somebody behind reads it; the answer is 413
all the same, unless the route has begun to answer.
"""

from __future__ import annotations

import re

from assistant.guard.asgi import App, ASGIScope, Message, Receive, Send, every, only
from assistant.guard.refusal import refuse
from assistant.problems import Problem, problem

MAX_HEADERS = 16 << 10  # bytes of the first line and all headers
MAX_BODY = 1_000_000  # bytes, where no setting says otherwise; the longest question allowed is far below
UPLOAD = "/evals/sets"  # takes a question set
MAX_UPLOAD = 65 << 20  # bytes; a question set has at most 64 MiB, and the form around it takes some
PLANS = re.compile(r"/library(?:/[^/]{1,300}/replace)?")  # takes files of plans
MAX_PLANS = 201 << 20  # bytes, where no setting says otherwise; files of 200 MiB, and the form around them
MAX_BOUNDARY = 200  # bytes of a form's boundary; RFC 2046 allows 70


def is_upload(path: str) -> bool:
    """Whether a route takes files."""
    return path == UPLOAD or PLANS.fullmatch(path) is not None


class Bodies:
    """ASGI middleware: 431, 400, 413 or 415, and never more bytes than the limit to what stands behind."""

    def __init__(self, app: App, max_body: int = MAX_BODY, max_plans: int = MAX_PLANS) -> None:
        self._app = app
        self._max_body = max_body
        self._max_plans = max_plans

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most(scope["path"])
        refusal = _refusal(scope, most)
        if refusal is not None:
            await refuse(refusal, scope, receive, send)
            return
        counted = _Counted(receive, send, most)
        try:
            await self._app(scope, counted.receive, counted.send)
        except Exception:
            if not counted.over:  # what fails because its body was cut off fails for that reason
                raise
        if counted.over and not counted.answering:
            await refuse(_too_large(most), scope, receive, send)

    def _most(self, path: str) -> int:
        if PLANS.fullmatch(path):
            return self._max_plans
        return MAX_UPLOAD if path == UPLOAD else self._max_body


class _Counted:
    """Passes on a body up to a limit; behind it, the client seems to be gone, and nothing is answered for it."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive, self._send, self._left = receive, send, most
        self.over = False
        self.answering = False

    async def receive(self) -> Message:
        if self.over:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.over = True
                return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        if self.over and not self.answering:
            return
        self.answering = True
        await self._send(message)


def _too_large(most: int) -> Problem:
    # What still comes of it is not waited for.
    return problem(413, f"the body is larger than {most} bytes", {"Connection": "close"})


def _refusal(scope: ASGIScope, most: int) -> Problem | None:
    line = len(scope.get("raw_path") or scope["path"].encode()) + len(scope["query_string"])
    if line + sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > MAX_HEADERS:
        return problem(431, f"the address and the headers are larger than {MAX_HEADERS} bytes")
    lengths = every(scope, b"content-length")
    if len(lengths) > 1 or (lengths and every(scope, b"transfer-encoding")):
        return problem(400, "the length of the body is said in two ways", {"Connection": "close"})
    length = lengths[0] if lengths else b"0"
    if not (length.isascii() and length.isdigit()):
        return problem(400, "Content-Length is no number", {"Connection": "close"})
    if len(length) > 12 or int(length) > most:
        return _too_large(most)
    if any(coding.strip().lower() != b"identity" for coding in every(scope, b"content-encoding")):
        return problem(415, "a body is taken as it is: without Content-Encoding")
    kind = only(scope, b"content-type") or b""
    if kind.lower().startswith(b"multipart/") and len(kind) > MAX_BOUNDARY:
        return problem(400, f"the boundary of the form is longer than {MAX_BOUNDARY} bytes")
    return None
