"""How a request is refused before a route sees it: a page for a person's browser, problem details for programs."""

from __future__ import annotations

from assistant.guard.asgi import ASGIScope, Receive, Send
from assistant.problems import Problem
from assistant.web.fault_page import fault_page

_REFUSED = "assistant.refused"


def was_refused(scope: ASGIScope) -> bool:
    """Whether a request was refused because there was no room for it, or because its user had his share."""
    return _REFUSED in scope


async def refuse(refusal: Problem, scope: ASGIScope, receive: Receive, send: Send) -> None:
    """Sends the refusal."""
    if "retry-after" in refusal.headers:
        scope[_REFUSED] = True
    await (fault_page(refusal, scope) or refusal)(scope, receive, send)
