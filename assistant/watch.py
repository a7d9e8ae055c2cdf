"""ASGI middleware, outermost of all: what came of each request, counted and written down."""

from __future__ import annotations

import time

from assistant.access.asked import sender_of
from assistant.access.model import Principal
from assistant.access.rules import rule_of
from assistant.audit import LIMITED, Audit, Shown, of_answer, told
from assistant.guard.asgi import App, ASGIScope, Message, Receive, Send
from assistant.guard.forwarded import client_of
from assistant.guard.refusal import was_refused
from assistant.metrics import Metrics
from assistant.model import Answer

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Asked many times a minute by machines, and shows nothing of a plan. A question in the chat is told by the chat.
_QUIET = frozenset({"health", "static", "metrics", "chat"})
_CHANGES = frozenset({"change", LIMITED})
_REFUSED = frozenset({401, 403, 429})
# What a request is called that tells nothing of itself.
_EVENTS = {"/login": "log-in begun", "/login/callback": "log-in", "/logout": "log-out"}


class Watch:
    """See the module's docstring."""

    def __init__(self, app: App, audit: Audit | None = None, metrics: Metrics | None = None) -> None:
        self._app = app
        self._audit = audit
        self._metrics = metrics

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500  # where the application fails before it answers

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = time.perf_counter()
        if self._metrics:
            self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, noted)
        finally:
            if self._metrics:
                self._metrics.in_flight.dec()
            self._ended(scope, status, time.perf_counter() - began)

    def _ended(self, scope: ASGIScope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        rule = rule_of(scope["method"], scope["path"])
        door = rule.door if rule else "none"
        what = told(scope)
        if self._metrics:
            self._metrics.request(door, method, status, seconds)
            for one in what:
                if one.answer:
                    self._metrics.answered(door, one.answer)
        if self._audit is None:
            return
        who, address, path = sender_of(scope), client_of(scope), scope["path"]
        event = _EVENTS.get(path) or ("read" if method in ("GET", "HEAD") else "change")
        if door == "health" and status == 503:
            return  # an answer to whoever watches the server
        if status in _REFUSED or was_refused(scope) or (status >= 400 and (who is None or rule is None)):
            self._audit.refused(who, door, status, address, path)
        elif what:
            for one in what:
                self._audit.write(
                    one.event, who, door=door, status=status, ms=seconds * 1000, address=address, what=one,
                    target=path if one.event in _CHANGES else "",  # what was changed in a plan, the address says
                )  # fmt: skip
        elif door in _QUIET or method == "OPTIONS":
            return
        elif who is None:  # nobody is shown anything, and anybody can send as many as he likes
            self._audit.refused(None, door, status, address, path, event)
        else:
            self._audit.write(event, who, door=door, status=status, ms=seconds * 1000, address=address, target=path)


class ChatWatch:
    """The same for the chat, whose questions come in one request and are answered in another."""

    def __init__(self, audit: Audit | None = None, metrics: Metrics | None = None) -> None:
        self._audit = audit
        self._metrics = metrics

    def asked(self, who: Principal, address: str, question: str, answer: Answer | None) -> None:
        """One question, and its answer where there is one."""
        if self._metrics and answer:
            self._metrics.answered("chat", answer.status.value)
        if self._audit:
            what = of_answer(question, answer) if answer else Shown("ask", question, "none")
            ms = answer.timings_ms.get("total") if answer else None
            self._audit.write("ask", who, door="chat", ms=ms, address=address, what=what)
