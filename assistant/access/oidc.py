"""The OpenID provider: where a log-in is sent to, and what becomes of the code that it comes back with.

``authlib`` does the protocol. What is stricter here: the discovery document has to be the configured issuer's, of its
content only what is named below is believed, no connection goes to any other origin or follows a redirect, ID tokens
are signed with a key that is public, and have to name this server as their audience.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.starlette_client import StarletteIntegration, StarletteOAuth2App
from joserfc.errors import ClaimError, JoseError, SecurityWarning

from assistant.access.login_settings import OidcSettings, origin_of
from assistant.access.names import name_of, user_of
from assistant.render import shown
from corpus.errors import AssistantError, SettingsInvalid

log = logging.getLogger(__name__)

# RFC 9864 gave the algorithm another name; providers still write the one of before.
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)

PATIENCE = 10.0  # seconds for which the provider is waited for, with each of its answers
MOST = 1 << 20  # bytes of one of its answers
FRESH = 3600.0  # seconds for which its metadata and keys are not asked for again
AGAIN = 3.0  # seconds after a failure before it is asked anew
LEEWAY = 60  # seconds by which its clock may differ from ours
MOST_GROUPS = 1_000
_DISCOVERY = "/.well-known/openid-configuration"
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Reason(StrEnum):
    """Why somebody was not logged in, as the page says it."""

    DENIED = "denied"  # the provider says no, or the user went back
    EXPIRED = "expired"  # no log-in was begun in this browser, or too long ago, or it was used already
    REFUSED = "refused"  # what the provider sent does not hold
    UNREACHABLE = "unreachable"
    NAMELESS = "nameless"  # no user name that can be used
    UNKEPT = "unkept"  # the session cannot be written down
    TOO_MANY = "too_many"


class LoginFailed(AssistantError):
    """Somebody was not logged in. ``reason`` is for the page, the text for the log."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Begun:
    """A log-in on its way: what has to come back, and what goes to the provider with the code."""

    url: str  # where the browser is sent
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for."""

    user: str
    groups: frozenset[str]


class _Unfit(httpx2.HTTPError):
    """The provider leads elsewhere, or answers what nobody asked for."""


class _Bounded(httpx2.AsyncBaseTransport):
    """Connections to some origins alone; no answer larger than ``MOST`` bytes, and none packed."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, origins: frozenset[str]) -> None:
        self._inner = inner
        self._origins = origins

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if origin_of(str(request.url)) not in self._origins:
            raise _Unfit(f"{origin_of(str(request.url))} is neither the issuer's origin nor one of other_origins")
        answer = await self._inner.handle_async_request(request)
        if answer.headers.get("content-encoding", "identity") != "identity":
            await answer.aclose()
            raise _Unfit("a packed answer that was not asked for")
        assert isinstance(answer.stream, httpx2.AsyncByteStream)
        answer.stream = _Counted(answer.stream)
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = 0
        async for part in self._inner:
            taken += len(part)
            if taken > MOST:
                raise _Unfit(f"an answer of more than {MOST} bytes")
            yield part

    async def aclose(self) -> None:
        await self._inner.aclose()


class _App(StarletteOAuth2App):  # type: ignore[misc]
    """authlib's client with a discovery document that is checked; its own believes whatever keys it finds there."""

    def __init__(self, settings: OidcSettings, secret: str, tls: ssl.SSLContext) -> None:
        origins = frozenset({origin_of(settings.issuer), *settings.other_origins})
        self._settings = settings
        self._loaded = self._failed = float("-inf")
        self._loading = asyncio.Lock()
        self._tls, self._origins = tls, origins
        self.server_metadata: dict[str, Any] = {}
        super().__init__(
            StarletteIntegration("oidc"),
            name="oidc",
            client_id=settings.client_id,
            client_secret=secret or None,
            client_kwargs={
                "scope": " ".join(settings.scopes),
                "code_challenge_method": "S256",
                "timeout": PATIENCE,
                "trust_env": False,  # no proxy, no .netrc of whoever started the server
                "follow_redirects": False,
                "headers": {"Accept-Encoding": "identity"},
            },
            user_agent="plan-assistant",
        )

    def _bounded(self) -> httpx2.AsyncBaseTransport:
        return _Bounded(httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False), self._origins)

    def _get_session(self) -> Any:
        self.client_kwargs["transport"] = self._bounded()
        return super()._get_session()

    def _get_oauth_client(self, **metadata: Any) -> Any:
        self.client_kwargs["transport"] = self._bounded()
        return super()._get_oauth_client(**metadata)

    async def load_server_metadata(self) -> dict[str, Any]:
        async with self._loading:
            now = time.monotonic()
            if now - self._loaded < FRESH:
                return self.server_metadata
            if now - self._failed < AGAIN:
                raise httpx2.HTTPError("it did not answer a moment ago")
            try:
                async with self._get_session() as client:
                    answer = await client.request(
                        "GET", self._settings.issuer.rstrip("/") + _DISCOVERY, withhold_token=True
                    )
                    answer.raise_for_status()
                    found = answer.json()
                self.server_metadata = self._checked(found)
            except BaseException:
                self._failed = time.monotonic()
                raise
            self._loaded = now
            return self.server_metadata

    @asynccontextmanager
    async def forgets_keys(self) -> AsyncIterator[None]:
        """Where what is within fails, the keys are fetched anew by whoever comes next: they may be others by now."""
        try:
            yield
        except BaseException:
            self.server_metadata.pop("jwks", None)
            raise

    def _checked(self, found: Any) -> dict[str, Any]:
        """Of a discovery document what is used, or ``ValueError``."""
        if not isinstance(found, dict) or found.get("issuer") != self._settings.issuer:
            said = found.get("issuer") if isinstance(found, dict) else None
            raise ValueError(f"the discovery document is of the issuer {said!a}")
        known: dict[str, Any] = {"issuer": self._settings.issuer}
        for key in (*_NEEDED, "end_session_endpoint"):
            if key not in found and key not in _NEEDED:
                continue
            if not isinstance(found.get(key), str) or origin_of(found[key]) not in self._origins:
                raise ValueError(f"{key} is neither at the issuer's origin nor at one of other_origins")
            known[key] = found[key]
        offered = found.get("id_token_signing_alg_values_supported", list(self._settings.algorithms))
        allowed = [name for name in self._settings.algorithms if isinstance(offered, list) and name in offered]
        if not allowed:  # an empty list would mean any algorithm to what checks the token
            raise ValueError(f"it signs ID tokens with none of {', '.join(self._settings.algorithms)}")
        known["id_token_signing_alg_values_supported"] = allowed
        if self.client_secret:
            ways = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            posted = "client_secret_basic" not in ways and "client_secret_post" in ways
            known["token_endpoint_auth_method"] = "client_secret_post" if posted else "client_secret_basic"
        return known


class Provider:
    """One OpenID provider and what this server is to it. ``redirect`` is the address of our callback.

    Raises ``SettingsInvalid`` for a secret or certificates that cannot be read.
    """

    def __init__(self, settings: OidcSettings, redirect: str) -> None:
        self._settings = settings
        self._redirect = redirect
        try:
            tls = ssl.create_default_context(cafile=settings.ca_file)
        except OSError:  # ssl.SSLError is one
            raise SettingsInvalid(
                f"access.oidc.ca_file: {settings.ca_file} holds no certificates in PEM that can be read"
            ) from None
        self._app = _App(settings, settings.secret(), tls)

    @property
    def issuer(self) -> str:
        """The provider's own name for itself."""
        return self._settings.issuer

    async def begin(self) -> Begun:
        """What a new log-in needs. Raises ``LoginFailed``."""
        async with _told("cannot begin a log-in"):
            made = await self._app.create_authorization_url(self._redirect)
        return Begun(made["url"], made["state"], made["nonce"], made["code_verifier"])

    async def finish(self, code: str, nonce: str, verifier: str) -> Vouched:
        """Takes a code to the provider, and checks the ID token that it gives. Raises ``LoginFailed``."""
        if not nonce or not verifier:
            raise LoginFailed(Reason.EXPIRED, "a log-in without nonce or verifier")
        async with _told("no ID token"):
            given = await self._app.fetch_access_token(
                redirect_uri=self._redirect, code=code, code_verifier=verifier, grant_type="authorization_code"
            )
            if "error" in given:
                raise OAuthError(str(given["error"])[:100])
            if not isinstance(given.get("id_token"), str):
                raise ValueError("the provider's answer has no ID token")
        async with _told("an ID token that does not hold"), self._app.forgets_keys():
            claims = await self._app.parse_id_token(
                given,
                nonce=nonce,
                claims_options={
                    "iss": {"essential": True, "value": self._settings.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                },
                leeway=LEEWAY,
            )
        return Vouched(self._user(claims), self._groups(claims))

    async def end_address(self, back: str) -> str | None:
        """Where a user ends his session at the provider too; None where it offers none, or does not answer."""
        try:
            async with _told("cannot tell where to log out"):
                known = await self._app.load_server_metadata()
        except LoginFailed:
            return None
        where = known.get("end_session_endpoint")
        if where is None:
            return None
        said = urlencode({"client_id": self._settings.client_id, "post_logout_redirect_uri": back})
        return f"{where}{'&' if '?' in where else '?'}{said}"

    def _user(self, claims: Mapping[str, Any]) -> str:
        claim = self._settings.user_claim
        found = claims.get(claim)
        user = user_of(found) if isinstance(found, str) else None
        if user is None:
            raise LoginFailed(Reason.NAMELESS, f"the claim {claim} of the ID token holds no user name: {found!a:.100}")
        # An address that its owner never confirmed may be anybody's.
        if claim == "email" and claims.get("email_verified") is not True:
            raise LoginFailed(Reason.NAMELESS, "the provider has not verified the user's e-mail address")
        return user

    def _groups(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """The groups that the ID token names. What is no list of names is none, and the log says so."""
        claim = self._settings.groups_claim
        found = _claim(claims, claim)
        listed = [found] if isinstance(found, str) else [] if found is None else found
        if not isinstance(listed, list) or len(listed) > MOST_GROUPS:
            log.warning("the claim %s of an ID token is no list of at most %d groups", shown(claim), MOST_GROUPS)
            return frozenset()
        names = (name_of(one) if isinstance(one, str) else None for one in listed)
        return frozenset(name for name in names if name is not None)


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name; else, for a.b, what stands as b inside a."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


@asynccontextmanager
async def _told(what: str) -> AsyncIterator[None]:
    """Whatever goes wrong with the provider within becomes ``LoginFailed`` with one line for the log.

    A provider may answer anything at all, so no kind of exception is left out.
    """
    try:
        async with asyncio.timeout(3 * PATIENCE):
            yield
    except LoginFailed:
        raise
    except Exception as error:
        reason, said = _reason(error)
        raise LoginFailed(reason, f"OpenID provider: {what}: {shown(said)[:300]}") from None


def _reason(error: Exception) -> tuple[Reason, str]:
    """Why a log-in failed, and what the log says of it: never a code, a token or a secret.

    So of an exception that is neither ours nor a short one of the protocol only its kind is said.
    """
    if isinstance(error, httpx2.HTTPStatusError):
        return Reason.UNREACHABLE, f"HTTP {error.response.status_code}"
    if isinstance(error, _Unfit):
        return Reason.REFUSED, str(error)
    if isinstance(error, (httpx2.HTTPError, OSError)):  # TimeoutError is one
        return Reason.UNREACHABLE, f"{type(error).__name__} {error}"
    if isinstance(error, ClaimError):
        return Reason.REFUSED, f"{error.error} {error.claim}"
    if isinstance(error, (OAuthError, JoseError)):
        return Reason.REFUSED, str(error.error)
    return Reason.REFUSED, f"{type(error).__name__} {error}" if type(error) is ValueError else type(error).__name__
