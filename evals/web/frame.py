"""What all pages of the evals share: templates, language, links, and errors as pages.

Server-rendered HTML that works without scripts; ``static/evals.js`` only makes it pleasanter. Jinja2 escapes every
value that a template shows, and ``shown`` takes out of it what could mislead a reader (``assistant/render.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.holder import Holder, NotReady
from assistant.render import plan_link, shown
from corpus.errors import AssistantError
from evals.errors import NoSuchPage
from evals.web.labels import called
from evals.web.told import told
from evals.web.words import Words, words

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
PREFIX = "/evals"

# What a user can mend, and the status of the page that says it; the first that fits.
_STATUS: tuple[tuple[type[AssistantError], int], ...] = ((NoSuchPage, 404), (NotReady, 503), (AssistantError, 422))


def environment() -> Environment:
    """Templates with escaping on, and an error instead of an empty place for a name that is not there."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: shown(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["percent"] = lambda share: "–" if share is None else f"{share:.1%}"
    made.filters["one_decimal"] = lambda value: "–" if value is None else f"{value:.1f}"
    made.filters["told"] = told
    made.globals["plan_link"] = plan_link
    return made


def language(request: Request) -> Words:
    """The words of the request's language: English with ``?lang=en``, else Chinese."""
    return words(request.query_params.get("lang"))


def address(path: str, said: Words, **parameters: Any) -> str:
    """A path below our own host that keeps the language; parameters that are None are left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    if said.lang == "en":
        given["lang"] = "en"
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def see_other(request: Request, path: str, **parameters: Any) -> RedirectResponse:
    """The page to show after a form was taken, so that reloading it sends nothing twice."""
    return RedirectResponse(address(path, language(request), **parameters), status_code=303)


class Frame:
    """Renders the pages of one server."""

    def __init__(self, holder: Holder, data: Path) -> None:
        self.holder = holder
        self.data = data
        self._templates = environment()

    def page(self, request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A template in the language of the request. ``context`` holds plain values, never HTML.

        Every template is given ``w`` (words), ``url(path, **parameters)``, ``here`` (the path of the request), and
        ``label``, ``field`` and ``reason`` (``evals/web/labels.py``).
        """
        said = language(request)
        rendered = self._templates.get_template(template).render(
            w=said,
            url=lambda path, **parameters: address(path, said, **parameters),
            here=request.url.path,
            **called(said.lang),
            **context,
        )
        return HTMLResponse(rendered, status_code=status, headers={"Cache-Control": "no-store"})

    def router(self) -> APIRouter:
        """Routes below /evals, outside the published API. What a user can mend is shown as a page."""
        frame = self

        class PageRoute(APIRoute):
            def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
                handler = super().get_route_handler()

                async def guarded(request: Request) -> Response:
                    try:
                        return await handler(request)
                    except AssistantError as error:
                        status = next(status for kind, status in _STATUS if isinstance(error, kind))
                        return frame.notice(request, str(error), status)
                    except RequestValidationError as error:
                        fields = (".".join(map(str, fault["loc"][1:])) for fault in error.errors()[:5])
                        return frame.notice(request, language(request).form_invalid.format(fields="、".join(fields)))

                return guarded

        return APIRouter(prefix=PREFIX, include_in_schema=False, route_class=PageRoute)

    def notice(self, request: Request, text: str, status: int = 422) -> HTMLResponse:
        """A page that says one thing, a paragraph a line, and leads back."""
        lang = language(request).lang
        return self.page(request, "notice.html", status, lines=[told(line, lang) for line in text.splitlines()])
