"""How a request is refused before a route sees it: a page for staff in a browser, problem details for programs."""

from __future__ import annotations

from assistant.access.asked import principal_in
from assistant.guard.asgi import ASGIScope, Receive, Send, only
from assistant.language import language_in
from assistant.problems import Problem
from assistant.web.frame import bare_notice

STAFF = ("/evals", "/library", "/staging")  # the staff's pages


_REFUSED = "assistant.refused"


def was_refused(scope: ASGIScope) -> bool:
    """Whether a request was refused because there was no room for it, or because its user had his share."""
    return _REFUSED in scope


async def refuse(refusal: Problem, scope: ASGIScope, receive: Receive, send: Send) -> None:
    """Sends the refusal."""
    if "retry-after" in refusal.headers:
        scope[_REFUSED] = True
    home = next((prefix for prefix in STAFF if scope["path"].startswith(prefix)), None)
    if home is None or b"text/html" not in (only(scope, b"accept") or b""):
        await refusal(scope, receive, send)
        return
    # Who is not let in is led back to the chat, and not to the page that he may not open.
    barred = refusal.status_code in (401, 403) and principal_in(scope) is None
    back = "/" if barred else "/library" if home == "/staging" else home
    page = bare_notice(language_in(scope["query_string"]), refusal.said, refusal.status_code, back, principal_in(scope))
    for name in ("retry-after", "connection", "www-authenticate", "allow"):
        if name in refusal.headers:
            page.headers[name] = refusal.headers[name]
    await page(scope, receive, send)
