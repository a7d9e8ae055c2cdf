"""The assistant in other places: /widget.js for pages of the office, /opensearch.xml for the browser's address bar.

Neither holds anything of a plan, so both are open to everyone who reaches the port; what they ask for is not.
"""

from __future__ import annotations

import re
from email.utils import formatdate
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import JSONResponse

from assistant.access.asked import principal_of
from assistant.audit import of_suggestions, tell
from assistant.holder import Holder
from assistant.language import asked, in_address
from assistant.problems import problem
from assistant.strings import strings

SCRIPT = Path(__file__).resolve().parent / "static" / "widget.js"
_HOUR = 3600  # seconds that a browser uses the script without asking; then the ETag says whether it changed
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?", re.IGNORECASE)
LONGEST_QUERY = 300  # code points of a question in an address that is asked when the chat opens
_TYPED = 200  # code points; what /api/v1/suggest takes

# https://developer.mozilla.org/docs/Web/XML/Guides/OpenSearch
_DESCRIPTION = """\
<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>{name}</ShortName>
<Description>{description}</Description>
<InputEncoding>UTF-8</InputEncoding>
<Language>{language}</Language>
<Url type="text/html" method="get" template="{base}/?{lang}q={{searchTerms}}"/>
<Url type="application/x-suggestions+json" method="get" template="{base}/opensearch/suggest?q={{searchTerms}}"/>
<Url type="application/opensearchdescription+xml" rel="self" template="{base}/opensearch.xml{own}"/>
</OpenSearchDescription>
"""


def opening_question(given: str | None) -> str:
    """The question in the address that the chat was opened by (``?q=``), without space around it.

    "" where it is none, longer than ``LONGEST_QUERY``, or holds what cannot be printed: a link that somebody else
    made is no reason to ask, show or log that.
    """
    question = (given or "").strip()
    return question if len(question) <= LONGEST_QUERY and question.isprintable() else ""


def install(api: FastAPI, holder: Holder, public_url: str = "") -> None:
    """Adds the routes. ``public_url`` is the address that users see; empty: the host that the request names.

    The guard before the routes has compared that host with those that the server may be asked by.
    """
    script = SCRIPT.read_bytes()
    kept = {
        "ETag": f'"{sha256(script).hexdigest()[:32]}"',
        "Cache-Control": f"public, max-age={_HOUR}",
        "Last-Modified": formatdate(SCRIPT.stat().st_mtime, usegmt=True),
        # It is the same for everybody, and made to be loaded by pages of other origins.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }

    @api.api_route("/widget.js", methods=["GET", "HEAD"], include_in_schema=False)
    async def widget(request: Request) -> Response:
        """The widget: one script without dependencies."""
        known = request.headers.get("if-none-match", "")
        if known == "*" or kept["ETag"] in (tag.strip().removeprefix("W/") for tag in known.split(",")):
            return Response(status_code=304, headers=kept)
        return Response(script, media_type="text/javascript; charset=utf-8", headers=kept)

    @api.api_route("/opensearch.xml", methods=["GET", "HEAD"], include_in_schema=False)
    async def description(request: Request, lang: str = "") -> Response:
        """How a browser's address bar searches here."""
        base = _base(request, public_url)
        if base is None:
            return problem(400, "the host of this request is no name that an address can be made of")
        words = strings(lang)
        made = _DESCRIPTION.format(
            name=escape(words.app[:16]),
            description=escape(words.tagline),
            language=words.lang,
            base=escape(base),
            lang=f"lang={known}&amp;" if (known := asked(words.lang)) else "",
            own=in_address(words.lang),
        )
        return Response(made, media_type="application/opensearchdescription+xml; charset=utf-8")

    @api.get("/opensearch/suggest", include_in_schema=False)
    def suggest(request: Request, q: Annotated[str, Query(max_length=_TYPED)]) -> Response:
        """What a browser shows below its address bar while somebody types: the text typed, and suggestions."""
        found = holder.seen_by(principal_of(request)).suggest(q, 8)
        tell(request.scope, of_suggestions(q, found))
        texts: list[Any] = list(dict.fromkeys(one.text for one in found))
        return JSONResponse(
            [q, texts], media_type="application/x-suggestions+json", headers={"Cache-Control": "no-store"}
        )


def _base(request: Request, public_url: str) -> str | None:
    """Our own address without a slash at the end; None where the request names no proper host."""
    if public_url:
        return public_url.rstrip("/")
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host}" if _HOST.fullmatch(host) else None
