"""What all pages of ours beside the chat share: templates, language, links, and errors as pages.

Server-rendered HTML that works without scripts; ``assistant/static/staff.js`` only makes it pleasanter. Jinja2 escapes
every value that a template shows, and ``shown`` takes out of it what could mislead a reader (``assistant/render.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assistant.access.asked import principal_of
from assistant.access.model import Principal, Scope
from assistant.access.sight import Sight
from assistant.alignment_file import AlignmentUnreadable
from assistant.holder import Asker, Holder, NotReady
from assistant.language import Language, asked, language_of, reading
from assistant.render import plan_link, role_html, search_link, shown
from assistant.strings import strings
from assistant.web.masthead import masthead_html
from assistant.web.told import told
from assistant.web.words import Common, common_words
from corpus.errors import AssistantError
from index.errors import NoSuchPlan, NoSuchStaging

TEMPLATES = Path(__file__).resolve().parent / "templates"

W = TypeVar("W", bound=Common)


class NoSuchPage(AssistantError):
    """An address of the staff's pages that leads to nothing: a plan, run, set or feedback that is not there."""


# What a user can mend, and the status of the page that says it; the first that fits.
_STATUS: tuple[tuple[type[AssistantError], int], ...] = (
    (NoSuchPage, 404),
    (NoSuchPlan, 404),
    (NoSuchStaging, 404),
    (NotReady, 503),
    (AlignmentUnreadable, 500),
    (AssistantError, 422),
)


def environment(*folders: Path) -> Environment:
    """The shared templates and those of ``folders``, with escaping on, and an error for a name that is not there."""
    made = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: shown(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["percent"] = lambda share: "–" if share is None else f"{share:.1%}"
    made.filters["one_decimal"] = lambda value: "–" if value is None else f"{value:.1f}"
    made.filters["told"] = told
    made.filters["when"] = _when
    made.globals["plan_link"] = plan_link
    made.globals["role_mark"] = lambda role, lang, named=True: Markup(  # noqa: S704 - escaped there
        role_html(role, strings(lang), named)
    )
    made.globals["search_link"] = lambda lang: Markup(search_link(strings(lang)))  # noqa: S704 - escaped there
    return made


def _when(moment: str) -> str:
    """A moment in ISO 8601 as the server's clock has it, to the minute; anything else as it is."""
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment


def language(request: Request) -> Language:
    """The language of a request, by its ``?lang=``."""
    return language_of(request.query_params.get("lang"))


def address(path: str, lang: str, **parameters: Any) -> str:
    """A path below our own host that keeps the language; parameters that are None are left out."""
    given = {name: value for name, value in parameters.items() if value is not None}
    if known := asked(lang):
        given["lang"] = known
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def see_other(request: Request, path: str, anchor: str = "", **parameters: Any) -> RedirectResponse:
    """The page to show after a form was taken, at an anchor of it, so that reloading it sends nothing twice."""
    place = f"#{quote(anchor, safe='~')}" if anchor else ""
    return RedirectResponse(address(path, language(request), **parameters) + place, status_code=303)


def bare_notice(lang: Language, text: str, status: int, home: str, who: Principal | None) -> HTMLResponse:
    """A page that says one thing, where no section can: before a request reaches its route.

    ``who`` None: without links to any page but the one to go back to.
    """
    lines = [told(line, lang) for line in text.splitlines()]
    return _bare("notice.html", lang, status, home, who, lines=lines)


def bare_loading(lang: Language) -> HTMLResponse:
    """The first page while index and model are being loaded, before it is known who asks: it comes back by itself."""
    page = _bare("loading.html", lang, 503, "/", None)
    page.headers["Retry-After"] = "2"
    return page


def _bare(template: str, lang: Language, status: int, home: str, who: Principal | None, **context: Any) -> HTMLResponse:
    rendered = (
        environment()
        .get_template(template)
        .render(
            may=lambda scope: False,
            masthead=Markup(masthead_html(who, lang, "", home)),  # noqa: S704 - escaped there
            w=common_words(lang),
            url=lambda path, **parameters: address(path, lang, **parameters),
            here=home,
            home=home,
            **context,
        )
    )
    return HTMLResponse(reading(rendered, lang), status_code=status, headers={"Cache-Control": "no-store"})


def _nothing_more(lang: str) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Section(Generic[W]):
    """A group of the staff's pages: where they are, how they look and what they say."""

    prefix: str  # of their addresses
    templates: Path | None  # beside the shared ones
    words: Callable[[str], W]  # in a language
    called: Callable[[str], Mapping[str, Any]] = _nothing_more  # what templates may call, in a language


class Frame(Generic[W]):
    """Renders the pages of one section of one server."""

    def __init__(self, section: Section[W], holder: Holder, data: Path) -> None:
        self.section = section
        self.holder = holder
        self.data = data
        self._templates = environment(*filter(None, [section.templates]))

    def words(self, request: Request) -> W:
        """The words of the section in the language of a request."""
        return self.section.words(language(request))

    def sight(self, request: Request) -> Sight:
        """What whoever sends a request may know of, at this moment."""
        return self.holder.sight(principal_of(request))

    def seen(self, request: Request) -> Asker:
        """The assistant as whoever sends a request may see it. Raises ``NotReady``."""
        return self.holder.seen_by(principal_of(request))

    def page(self, request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A template in the language of the request. ``context`` holds plain values, never HTML.

        Every template is given ``w`` (words), ``may`` (whether whoever asks has a scope), ``masthead`` (the head of the
        page), ``url(path, **parameters)``, which keeps the language, ``here`` (the path of the request), ``home`` (the
        section's first page), and what ``section.called`` gives. ``turned`` in ``context`` is the address without a
        language of this page in the others, where that is not the one of the request.
        """
        said, lang = self.words(request), language(request)
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
        query = urlencode(kept)
        turned = context.pop("turned", None) or (f"{request.url.path}?{query}" if query else request.url.path)
        who = principal_of(request)
        rendered = self._templates.get_template(template).render(
            may=lambda scope: who.may(Scope(scope)),
            masthead=Markup(masthead_html(who, lang, request.url.path, turned)),  # noqa: S704 - escaped there
            w=said,
            url=lambda path, **parameters: address(path, lang, **parameters),
            here=request.url.path,
            home=self.section.prefix,
            **self.section.called(lang),
            **context,
        )
        return HTMLResponse(reading(rendered, lang), status_code=status, headers={"Cache-Control": "no-store"})

    def router(self, prefix: str | None = None) -> APIRouter:
        """Routes of the section (or below another ``prefix``), outside the published API.

        What a user can mend is shown as a page.
        """
        frame = self

        class PageRoute(APIRoute):
            def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
                handler = super().get_route_handler()

                async def guarded(request: Request) -> Response:
                    try:
                        return await handler(request)
                    except NotReady:
                        return frame.page(request, "loading.html", 503)
                    except AssistantError as error:
                        status = next(status for kind, status in _STATUS if isinstance(error, kind))
                        return frame.notice(request, str(error), status)
                    except RequestValidationError as error:
                        fields = (".".join(map(str, fault["loc"][1:])) for fault in error.errors()[:5])
                        return frame.notice(request, frame.words(request).form_invalid.format(fields="、".join(fields)))

                return guarded

        return APIRouter(
            prefix=self.section.prefix if prefix is None else prefix, include_in_schema=False, route_class=PageRoute
        )

    def notice(self, request: Request, text: str, status: int = 422) -> HTMLResponse:
        """A page that says one thing, a paragraph a line, and leads back."""
        lang = language(request)
        return self.page(request, "notice.html", status, lines=[told(line, lang) for line in text.splitlines()])
