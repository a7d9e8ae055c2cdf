"""Log-in with OpenID Connect: what its routes do, and how a browser that logged in is known again."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from assistant.access.asked import let_in
from assistant.access.cookies import Cookies, Flow
from assistant.access.login_routes import CALLBACK, LOGIN, Page, led, wants_page
from assistant.access.login_sessions import FILE, LoginSessions, SessionsUnusable
from assistant.access.login_settings import is_private_line
from assistant.access.model import Principal
from assistant.access.oidc import LoginFailed, Provider, Reason
from assistant.access.own_path import HOME, own_path
from assistant.access.rules import rule_of
from assistant.access.settings import AccessSettings
from assistant.guard.asgi import every, only
from assistant.guard.forwarded import counted_as
from assistant.guard.rates import Window
from assistant.language import language_in, language_of
from assistant.problems import problem
from assistant.render import shown
from assistant.web.frame import address, language
from assistant.web.login_words import login_words
from corpus.errors import SettingsInvalid

log = logging.getLogger(__name__)

MOST_CODE = 4_096  # characters of a code
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_STATUS = {Reason.EXPIRED: 400, Reason.UNREACHABLE: 503, Reason.UNKEPT: 503}  # any other: 403


class Login:
    """Log-in of one server. ``public_url`` is where users reach it: scheme, host and port."""

    def __init__(
        self,
        settings: AccessSettings,
        public_url: str,
        provider: Provider,
        sessions: LoginSessions,
        failures: Window,
    ) -> None:
        self._settings = settings
        self._public_url = public_url
        self._provider = provider
        self._sessions = sessions
        self._failures = failures
        self._cookies = Cookies(secure=public_url.startswith("https://"))

    # -- at each request ---------------------------------------------------------------------------------------

    async def identify(self, scope: Any) -> Principal | Response | None:
        """The user whose session the request's cookie names; a browser without one that asks for a page is led to
        the log-in. See ``Identify``."""
        who = await self._known(scope)
        rule = rule_of(scope["method"], scope["path"])
        if rule is not None and rule.needs is None:  # also where sessions cannot be read
            return who if isinstance(who, Principal) else None
        if who is None and rule is not None and rule.door == "chat" and self._is_ours(scope):
            # What the chat's page asks for after the log-in has ended; it shows this in its own way.
            ended = " / ".join(login_words(lang).ended for lang in ("zh", "en"))
            return problem(401, ended, {"WWW-Authenticate": "Bearer"})
        return who or _to_login(scope)

    async def _known(self, scope: Any) -> Principal | Response | None:
        """The user, with the rights that his groups give him now.

        A cookie is sent by the browser, not by its user: what changes something has to come from a page of ours.
        """
        given = self._cookies.session_of(scope)
        if given is None or (scope["method"] not in _SAFE and not self._is_ours(scope)):
            return None
        try:
            session = self._sessions.find(given)
        except SessionsUnusable as error:
            log.error("%s", error)
            return problem(503, "who is logged in cannot be read; the server's log says why")
        if session is None:
            return None
        if self._sessions.is_due(session):
            try:
                await run_in_threadpool(self._sessions.note_use, given)
            except SessionsUnusable as error:  # then it ends as one that nobody uses
                log.warning("%s", error)
        return self._settings.member(session.user, session.groups, "oidc")

    def _is_ours(self, scope: Any) -> bool:
        """Whether the browser says that a page of ours sends this; one that says nothing is not believed."""
        sites = every(scope, b"sec-fetch-site")
        if sites:
            return sites == [b"same-origin"]
        return only(scope, b"origin") == self._public_url.encode("latin-1")

    # -- the routes --------------------------------------------------------------------------------------------

    async def login(self, request: Request) -> Response:
        """Sends the browser to the provider; one that is logged in goes on at once."""
        back, page = own_path(_one(request, "next")), Page(request, language(request))
        who = await self._known(request.scope)
        if isinstance(who, Principal) and who.scopes:
            return led(self._public_url + back)
        wait = self._failures.wait(counted_as(request.scope))
        if wait:
            return page.too_many(wait)
        try:
            begun = await self._provider.begin()
        except LoginFailed as error:
            return _failed(page, error, back)
        answer = led(begun.url)
        self._cookies.keep_flow(request.scope, answer, begun, back, page.lang)
        return answer

    async def callback(self, request: Request) -> Response:
        """Where the provider sends the browser back to: with a code for which it vouches, or with why not."""
        client, page = counted_as(request.scope), Page(request, language(request))
        place = only(request.scope, b"sec-fetch-dest")
        if place not in (None, b"document", b"iframe"):
            return page.says(403, "foreign")
        wait = self._failures.wait(client)
        if wait:
            return page.too_many(wait)
        state, back = _one(request, "state") or "", HOME
        flow = self._cookies.take_flow(request.scope, state)
        try:
            if flow is None:
                raise LoginFailed(Reason.EXPIRED, "not begun in this browser, not lately, or used already")
            page, back = Page(request, language_of(flow.lang)), flow.back
            answer = await self._finished(page, flow)
        except LoginFailed as error:
            if place in (None, b"document"):  # or a page elsewhere could have its readers' address shut out by frames
                self._failures.count(client)
            answer = _failed(page, error, back)
        self._cookies.drop_flow(request.scope, answer, state)
        return answer

    async def logout(self, request: Request) -> Response:
        """Ends the session of the browser, where one of our pages asks for it."""
        page = Page(request, language(request))
        if not self._is_ours(request.scope):
            return page.says(403, "foreign")
        given = self._cookies.session_of(request.scope)
        try:
            if given is not None:
                await run_in_threadpool(self._sessions.end, given)
        except SessionsUnusable as error:
            return _failed(page, LoginFailed(Reason.UNKEPT, str(error)), None)
        answer = page.logged_out(await self._end())
        self._cookies.drop_session(answer)
        return answer

    async def _finished(self, page: Page, flow: Flow) -> Response:
        """A new session, never one whose id the browser knew before. Raises ``LoginFailed``."""
        request = page.request
        error, code, issuer = _one(request, "error"), _one(request, "code"), _one(request, "iss")
        if issuer is not None and issuer != self._provider.issuer:  # RFC 9207
            raise LoginFailed(Reason.REFUSED, f"an answer of another issuer: {issuer[:200]!a}")
        if error is not None:
            raise LoginFailed(Reason.DENIED, f"the OpenID provider says {error[:100]!a}")
        if not code or len(code) > MOST_CODE:
            raise LoginFailed(Reason.REFUSED, "the OpenID provider sent no code")
        vouched = await self._provider.finish(code, flow.nonce, flow.verifier)
        member = self._settings.member(vouched.user, vouched.groups, "oidc")
        let_in(request.scope, member)  # for the trail, also where he may do nothing
        if not member.scopes:
            log.warning("log-in refused: %s is in no group that may use this server", shown(vouched.user))
            return page.says(403, "no_role", await self._end(), user=vouched.user)
        before = self._cookies.session_of(request.scope)
        try:
            made = await run_in_threadpool(self._sessions.begin, vouched.user, vouched.groups, before)
        except SessionsUnusable as fault:
            raise LoginFailed(Reason.UNKEPT, str(fault)) from None
        answer = led(self._public_url + flow.back)
        self._cookies.keep_session(answer, made)
        return answer

    async def _end(self) -> str | None:
        return await self._provider.end_address(self._public_url + HOME)


def _failed(page: Page, error: LoginFailed, back: str | None) -> Response:
    """The sentence for a failure; the log has its own."""
    log.warning("log-in refused: %s", shown(str(error)))
    return page.says(_STATUS.get(error.reason, 403), error.reason.value, back=back)


def login_by(settings: AccessSettings, public_url: str, data: Path) -> Login:
    """The log-in of a server whose settings ask for OpenID Connect. Raises ``SettingsInvalid``."""
    if settings.oidc is None:
        raise SettingsInvalid('access.mode = "oidc" needs [access.oidc] with issuer and client_id')
    if not public_url:
        raise SettingsInvalid(
            'access.mode = "oidc" needs public_url in [server], the address to which the provider sends users back'
        )
    if not is_private_line(public_url):
        raise SettingsInvalid(f"server.public_url: {public_url}: a log-in needs https, except on this machine")
    provider = Provider(settings.oidc, public_url + CALLBACK)
    sessions = LoginSessions(data / FILE, settings.sessions, settings.oidc.issuer)
    return Login(settings, public_url, provider, sessions, Window(settings.failures))


def _to_login(scope: Any) -> Response | None:
    """Where a browser is led that asks for a page without a log-in; None for programs, and for parts of pages."""
    if scope["method"] != "GET" or not wants_page(scope):
        return None
    if every(scope, b"sec-fetch-mode") not in ([], [b"navigate"]):
        return None
    path, query = quote(scope["path"], safe="/~!$&'()*+,;=:@"), scope["query_string"].decode("latin-1")
    return led(address(LOGIN, language_in(scope["query_string"]), next=own_path(f"{path}?{query}" if query else path)))


def _one(request: Request, name: str) -> str | None:
    """A parameter of the query that is there once; None where it is not there, or twice."""
    found = request.query_params.getlist(name)
    return found[0] if len(found) == 1 else None
