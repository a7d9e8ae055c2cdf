"""The ways of letting people in, put together as the settings say: a token first, then what the mode asks for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from assistant.access.authenticate import Everyone, Identify
from assistant.access.model import Principal
from assistant.access.proxy import Proxied
from assistant.access.settings import AccessSettings
from assistant.access.store import AccessStore, AccessUnusable
from assistant.access.tokens import PREFIX
from assistant.guard.asgi import every
from assistant.guard.forwarded import counted_as
from assistant.guard.rates import Window
from assistant.problems import OPENAI, problem

log = logging.getLogger(__name__)


class Bearer(Protocol):
    """One kind of token that is sent as ``Authorization: Bearer …``."""

    async def bearer(self, text: str) -> Principal | None:
        """Who asks with this token; None: it is not of this kind, or not valid."""


class ApiTokens:
    """The tokens of the store."""

    def __init__(self, store: AccessStore) -> None:
        self._store = store

    async def bearer(self, text: str) -> Principal | None:
        """The token's principal; notes once a day that it was used."""
        token = self._store.token_of(text)
        if token is None:
            return None
        try:
            await run_in_threadpool(self._store.note_use, token)
        except AccessUnusable as error:  # a full disk takes nobody's right away
            log.warning("%s", error)
        return token.principal()


class Nobody:
    """No way in but by token."""

    async def identify(self, scope: Any) -> Principal | Response | None:
        """Nobody."""
        return None


class Ways:
    """A token where one is sent, whatever the mode; else the mode's own way. A wrong token is never overlooked."""

    def __init__(self, bearers: Sequence[Bearer], mode: Identify, failures: Window) -> None:
        self._bearers = tuple(bearers)
        self._mode = mode
        self._failures = failures

    async def identify(self, scope: Any) -> Principal | Response | None:
        """See ``Identify``. What cannot be read lets nobody in."""
        try:
            sent = [value for value in every(scope, b"authorization") if _is_bearer(value)]
            if not sent or (isinstance(self._mode, Everyone) and _any_key_will_do(scope, sent)):
                return await self._mode.identify(scope)
            who = await self._bearer(sent[0]) if len(sent) == 1 else None
        except AccessUnusable as error:
            log.error("%s", error)
            return problem(503, "who may do what cannot be read; the server's log says why")
        return who or self.refusal(scope)

    async def _bearer(self, value: bytes) -> Principal | None:
        try:
            text = value.strip(b" \t").partition(b" ")[2].strip(b" \t").decode("ascii")
        except UnicodeDecodeError:
            return None
        for kind in self._bearers:
            who = await kind.bearer(text)
            if who is not None:
                return who
        return None

    def refusal(self, scope: Any) -> Response:
        """What a failed log-in is answered; too many from one address have to wait."""
        wait = self._failures.count(counted_as(scope))
        if wait:
            said = f"too many failed log-ins from this address; try again in {wait} seconds"
            return problem(429, said, {"Retry-After": str(wait)})
        said = "this token is not valid: unknown, expired or revoked"
        return problem(401, said, {"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _is_bearer(value: bytes) -> bool:
    """Whether a header is about a token; what a proxy's own log-in (Basic, say) leaves there is none of ours."""
    scheme, _, _ = value.strip(b" \t").partition(b" ")
    return scheme.lower() == b"bearer"


def _any_key_will_do(scope: Any, sent: Sequence[bytes]) -> bool:
    """Whether keys mean nothing here: clients of OpenAI's API cannot be without one, though everyone is let in.

    What has the form of a token of ours, of either kind, is one, and is refused if it is wrong.
    """
    if not scope.get("path", "").startswith(OPENAI):
        return False
    return not any(PREFIX.encode() in value or value.count(b".") > 1 for value in sent)


def identify_by(settings: AccessSettings, store: AccessStore, login: Identify | None = None) -> Identify:
    """How this server finds out who asks. ``login`` knows those who logged in with OpenID Connect.

    Raises ``SettingsInvalid`` for a portal whose key cannot be used.
    """
    bearers: list[Bearer] = [ApiTokens(store)] if settings.tokens else []
    if settings.portals:
        from assistant.access.widget_tokens import WidgetTokens

        bearers.append(WidgetTokens(settings.portals))
    mode: Identify
    if settings.mode == "none":
        mode = Everyone()
    elif settings.mode == "proxy":
        mode = Proxied(settings)
    elif settings.mode == "oidc" and login is not None:
        mode = login
    else:
        mode = Nobody()
    return Ways(bearers, mode, Window(settings.failures))
