"""The routes of the log-in, what their pages say, and that they lead nowhere where nobody logs in by them.

/login, /login/callback and /logout are routes of ours in every mode, and for every method: Gradio, which is mounted
behind them, has routes of these names that must never be reached.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route

from assistant.access.model import Principal
from assistant.guard.asgi import ASGIScope, Receive, Send, every
from assistant.language import Language, language_in
from assistant.problems import problem
from assistant.web.frame import address, environment, language
from assistant.web.login_words import LoginWords, login_words

LOGIN, CALLBACK, LOGOUT = "/login", "/login/callback", "/logout"
LOGIN_ROUTES = frozenset({LOGIN, LOGOUT})  # which Gradio has too
_TEMPLATES = environment()

Handler = Callable[[Request], Awaitable[Response]]


class LoginRoutes(Protocol):
    """Who answers the routes (``assistant/access/login.py``)."""

    async def login(self, request: Request) -> Response:
        """GET /login: begins a log-in."""

    async def callback(self, request: Request) -> Response:
        """GET /login/callback: ends it."""

    async def logout(self, request: Request) -> Response:
        """POST /logout: ends the session."""


def install_login(api: FastAPI, login: LoginRoutes | None) -> None:
    """The routes, on the application that the chat will be mounted on. Without ``login`` there is nothing at them."""
    routes: tuple[tuple[str, str, Handler | None], ...] = (
        (LOGIN, "GET", login.login if login else None),
        (CALLBACK, "GET", login.callback if login else None),
        (LOGOUT, "POST", login.logout if login else None),
    )
    for path, method, handler in routes:
        api.router.routes.append(Route(path, _Only(method, handler), include_in_schema=False))


class _Only:
    """What answers a route, as an application of its own: so no method falls through to the routes behind it."""

    def __init__(self, method: str, handler: Handler | None) -> None:
        self._method = method
        self._handler = handler

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method != self._method:
            said = f"{request.method} is not allowed here; {self._method} is"
            answer: Response = problem(405, said, {"Allow": self._method})
        elif self._handler is None:
            answer = Page(request, language(request)).says(404, "none")
        else:
            answer = await self._handler(request)
        await answer(scope, receive, send)


@dataclass(frozen=True, slots=True)
class Page:
    """What the log-in says, to a browser as a page in a language, to a program as a problem."""

    request: Request
    lang: Language

    def says(
        self, status: int, key: str, end: str | None = None, back: str | None = None, **values: object
    ) -> Response:
        """Why somebody is not logged in: a sentence of ``login_words``. ``back`` is where another try would lead."""
        if not wants_page(self.request.scope):
            return problem(status, login_words("en").failed[key].format(**values))
        words = login_words(self.lang)
        again = None if back is None else address(LOGIN, self.lang, next=back)
        return _shown(words, status, words.failed_title, [words.failed[key].format(**values)], again=again, end=end)

    def too_many(self, wait: int) -> Response:
        """Come back in ``wait`` seconds."""
        answer = self.says(429, "too_many", seconds=wait)
        answer.headers["Retry-After"] = str(wait)
        return answer

    def logged_out(self, end: str | None) -> Response:
        """Done; and that the provider may still know the user."""
        words = login_words(self.lang)
        lines = [words.logged_out, words.also_there]
        return _shown(words, 200, words.logged_out_title, lines, again=address(LOGIN, self.lang), end=end)


def without_role(scope: ASGIScope, who: Principal) -> Response:
    """What a browser shows to somebody who is logged in and may do nothing here: whom to ask, and how to leave."""
    lang = language_in(scope["query_string"])
    words = login_words(lang)
    out = address(LOGOUT, lang) if who.leaves else None
    return _shown(words, 403, words.no_role_title, [words.no_role.format(user=who.name), words.ask_for_role], out=out)


def _shown(
    words: LoginWords,
    status: int,
    heading: str,
    lines: list[str],
    again: str | None = None,
    end: str | None = None,
    out: str | None = None,
) -> Response:
    page = _TEMPLATES.get_template("login.html")
    html = page.render(w=words, heading=heading, lines=lines, failed=status >= 400, again=again, end=end, out=out)
    return HTMLResponse(html, status, {"Cache-Control": "no-store"})


def wants_page(scope: Any) -> bool:
    """Whether a browser asks for something that a person will read."""
    return any(b"text/html" in value for value in every(scope, b"accept"))


def led(where: str) -> Response:
    """Leads a browser on; nobody keeps the answer."""
    return RedirectResponse(where, status_code=303, headers={"Cache-Control": "no-store"})
