"""A fault as a page, for a person whose browser asked for one; programs are told the same as problem details."""

from __future__ import annotations

import re
from typing import Protocol

from starlette.datastructures import Headers
from starlette.responses import Response

from assistant.access.asked import principal_in
from assistant.guard.asgi import ASGIScope, only
from assistant.language import language_in
from assistant.web.frame import bare_notice

# What programs ask, whatever they say that they would take.
_FOR_PROGRAMS = re.compile(r"/(?:api|v1|mcp|gradio_api|metrics|openapi\.json|healthz|readyz)(?:/.*)?")
_HOMES = re.compile(r"(/(?:plans|ledger|matrix|compare|library|staging|evals))(?:/.*)?")
_KEPT = ("retry-after", "connection", "www-authenticate", "allow")


class Fault(Protocol):
    """What is known of a problem (``assistant/problems.py``)."""

    status_code: int
    said: str

    @property
    def headers(self) -> Headers:
        """The headers of the answer."""


def fault_page(fault: Fault, scope: ASGIScope) -> Response | None:
    """The page, which leads back to where one may go on; None where no page was asked for."""
    path: str = scope["path"]
    if _FOR_PROGRAMS.fullmatch(path) or b"text/html" not in (only(scope, b"accept") or b""):
        return None
    who, found = principal_in(scope), _HOMES.fullmatch(path)
    if found is None and scope["method"] not in ("GET", "HEAD"):  # no form of ours is sent there
        return None
    home = found[1] if found else "/"
    # Who is not let in is led back to the chat, and not to the page that he may not open.
    barred = fault.status_code in (401, 403) and who is None
    back = "/" if barred else "/library" if home == "/staging" else home
    page = bare_notice(language_in(scope["query_string"]), fault.said, fault.status_code, back, who)
    for name in _KEPT:
        if name in fault.headers:
            page.headers[name] = fault.headers[name]
    return page
