"""What goes with a list or a plan: which part of it, and how a client knows that it has it already."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Query, Request, Response

from assistant.audit import Shown, tell
from assistant.holder import Asker
from assistant.rest.requests import MAX_OFFSET, Number

MAX_LIMIT = 1000  # rows of one page
VARY = "Authorization, Cookie"
# May be kept by the browser that asked, and is compared with ours before each use.
KEPT = {"Cache-Control": "private, no-cache", "Vary": VARY}
# Questions and answers are nobody else's business, and not the disk's.
UNKEPT = {"Cache-Control": "no-store", "Vary": VARY}
CHECKOUT = Path(__file__).resolve().parents[2]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a list are asked for; ``limit`` None means all from ``offset`` on."""

    limit: int | None
    offset: int


def _page(
    limit: Annotated[
        Number | None, Query(ge=1, le=MAX_LIMIT, description="most rows of this page; without it, all of them")
    ] = None,
    offset: Annotated[Number, Query(ge=0, le=MAX_OFFSET, description="rows that are left out before it")] = 0,
) -> Page:
    return Page(limit, offset)


Paging = Annotated[Page, Depends(_page)]


def cut(rows: Sequence[T], page: Page, request: Request, response: Response) -> tuple[list[T], str | None]:
    """The rows of a page, and the address of the next one; both neighbours stand in Link (RFC 8288).

    By offset and not by cursor: a list of one index never changes its order, and pages of two states of the index
    have different ETags. Addresses are relative, so that they hold behind any proxy and repeat no Host.
    """
    end = len(rows) if page.limit is None else page.offset + page.limit
    following = _address(request, page, end) if end < len(rows) else None
    links = {"next": following}
    if page.limit is not None and page.offset:
        links["prev"] = _address(request, page, max(page.offset - page.limit, 0))
    said = ", ".join(f'<{address}>; rel="{name}"' for name, address in links.items() if address)
    if said:
        response.headers["Link"] = said
    return list(rows[page.offset : end]), following


def _address(request: Request, page: Page, offset: int) -> str:
    others = [(name, value) for name, value in request.query_params.multi_items() if name not in ("limit", "offset")]
    return "?" + urlencode([*others, ("limit", page.limit), ("offset", offset)])


class NotModified(Exception):
    """The client has what it asks for."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__()
        self.headers = headers


def install(api: FastAPI) -> None:
    """``NotModified`` becomes a 304."""

    async def unchanged(_: Request, error: Exception) -> Response:
        assert isinstance(error, NotModified)
        return Response(status_code=304, headers=error.headers)

    api.add_exception_handler(NotModified, unchanged)


def unless_known(request: Request, response: Response, assistant: Asker, asked: Shown | None = None) -> None:
    """Gives a response its ETag. Raises ``NotModified`` where the client has named it: nothing is looked up then.

    ``asked`` is what the audit is told in that case: what was asked for is read by somebody, once more.

    Weak, since the bytes may differ where the meaning does not (a workbook holds its hour, a proxy compresses). It
    says what the answer depends on: the plans that this client sees and the index of them, the address with its
    query, and the code that answers.
    """
    content = [assistant.fingerprint, *assistant.plans, request.url.path, *sorted(map(repr, _query(request))), _code()]
    headers = {**KEPT, "ETag": f'W/"{hashlib.sha256(chr(0).join(content).encode()).hexdigest()[:24]}"'}
    response.headers.update(headers)
    if _named(request.headers.get("if-none-match", ""), headers["ETag"]):
        if asked is not None:
            tell(request.scope, asked)
        raise NotModified(headers)


def _query(request: Request) -> list[tuple[str, str]]:
    return request.query_params.multi_items()


def _named(said: str, tag: str) -> bool:
    """Whether If-None-Match names a tag, compared weakly (RFC 9110, 13.1.2)."""
    return said.strip() == "*" or tag.removeprefix("W/") in re.findall(r'"[^"]*"', said)


@lru_cache(maxsize=1)
def _code() -> str:
    """A hash over the code that answers, so that a new version of this program takes nothing for known."""
    digest = hashlib.sha256()
    for file in sorted(file for layer in ("corpus", "assistant") for file in (CHECKOUT / layer).rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()
