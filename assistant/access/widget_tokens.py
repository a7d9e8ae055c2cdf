"""Widget tokens: what a portal's back end signs for one of its users, for some minutes (``[access.portals.NAME]``).

A JWT with ``iss`` (the portal's name here), ``sub`` (the user), ``aud``, ``iat`` and ``exp``, and where the portal
wants to grant less than it may: ``scopes``, ``groups`` and ``plans``. How a token is checked is decided by the
portal's key in the settings, never by the token; and none grants more than asking and searching.
"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import urlsafe_b64decode

from assistant.access.login_settings import PortalSettings
from assistant.access.model import Principal, Scope
from assistant.access.names import is_token_name, name_of
from assistant.access.secret import LONGEST, secret_of
from corpus.errors import SettingsInvalid

MOST = 4_096  # characters of a token
SHORTEST_SECRET = 32  # bytes, as RFC 7518 asks of HS256
SHORTEST_RSA = 2_048  # bits
LEEWAY = 30  # seconds by which a portal's clock may be ahead of ours
MOST_NAMES = 500  # groups or plans in one token
GRANTED = frozenset({Scope.ASK, Scope.SEARCH})  # the most that any may do

# RFC 9864 gave the algorithm another name; libraries still write the one of before.
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)


class _Invalid(Exception):
    """A token that does not hold. Nobody is told why but by the tests: a portal's log knows what it signed."""


@dataclass(frozen=True, slots=True)
class _Portal:
    name: str
    settings: PortalSettings
    key: Key
    algorithms: tuple[str, ...]


class WidgetTokens:
    """The tokens of all portals. Raises ``SettingsInvalid`` for a key that cannot be used."""

    def __init__(self, portals: Mapping[str, PortalSettings], clock: Callable[[], float] = time.time) -> None:
        self._portals = {name: _portal(name, settings) for name, settings in portals.items()}
        self._clock = clock

    async def bearer(self, text: str) -> Principal | None:
        """Who asks with this token; None: no widget token, or one that does not hold."""
        try:
            return self._principal(text)
        except (_Invalid, JoseError, ValueError, TypeError, RecursionError):
            return None

    def _principal(self, text: str) -> Principal:
        portal = self._portals.get(_issuer(text))
        if portal is None:
            raise _Invalid("of no portal")
        claims = jwt.decode(text, portal.key, algorithms=portal.algorithms).claims
        settings, now = portal.settings, int(self._clock())
        JWTClaimsRegistry(
            now=now,
            leeway=0,
            iss={"essential": True, "value": portal.name},
            aud={"essential": True, "value": settings.audience},
            sub={"essential": True},
            exp={"essential": True},
        ).validate({name: value for name, value in claims.items() if name not in ("iat", "nbf")})
        JWTClaimsRegistry(now=now, leeway=LEEWAY, iat={"essential": True}).validate(
            {name: value for name, value in claims.items() if name in ("iat", "nbf")}
        )
        if not 0 < claims["exp"] - claims["iat"] <= settings.max_seconds:
            raise _Invalid("holds too long")
        user = name_of(claims["sub"])
        if user is None:
            raise _Invalid("a user without a name")
        scopes = GRANTED if claims.get("scopes") is None else frozenset(map(Scope, _names(claims, "scopes") or ()))
        if not scopes <= GRANTED:
            raise _Invalid("asks for more than any portal can grant")
        groups = {name_of(group) for group in _names(claims, "groups") or ()}
        plans = _names(claims, "plans")
        if settings.plans is not None:
            plans = settings.plans if plans is None else plans & settings.plans
        return Principal(f"widget:{portal.name}/{user}", scopes, settings.groups & groups, plans, "widget")


def _issuer(text: str) -> str:
    """The portal that a token says it is of: only which key is tried depends on that."""
    if len(text) > MOST or text.count(".") != 2:
        raise _Invalid("no JWT")
    said = json.loads(urlsafe_b64decode(text.split(".")[1].encode("ascii")))
    issuer = said.get("iss") if isinstance(said, dict) else None
    if not isinstance(issuer, str):
        raise _Invalid("of nobody")
    return issuer


def _names(claims: Mapping[str, Any], claim: str) -> frozenset[str] | None:
    """A list of texts among the claims; None where there is none."""
    found = claims.get(claim)
    if found is None:
        return None
    if not isinstance(found, list) or len(found) > MOST_NAMES or not all(isinstance(one, str) for one in found):
        raise _Invalid(f"{claim} is no list of names")
    return frozenset(found)


def _portal(name: str, settings: PortalSettings) -> _Portal:
    place = f"access.portals.{name}"
    if not is_token_name(name):
        raise SettingsInvalid(f"{place[:100]!a}: name a portal with at most 64 letters, digits, dots and lines")
    secret = secret_of(f"{place}.secret", settings.secret_env, settings.secret_file)
    if bool(secret) == (settings.public_key_file is not None):
        raise SettingsInvalid(f"{place}: needs one of secret_env, secret_file and public_key_file")
    if secret:
        if len(secret.encode()) < SHORTEST_SECRET or "-----BEGIN" in secret:
            raise SettingsInvalid(
                f"{place}: a secret has at least {SHORTEST_SECRET} bytes and is no key; draw one with: "
                "openssl rand -base64 48"
            )
        return _Portal(name, settings, OctKey.import_key(secret), ("HS256",))
    return _Portal(name, settings, *_public_key(place, settings))


def _public_key(place: str, settings: PortalSettings) -> tuple[Key, tuple[str, ...]]:
    assert settings.public_key_file is not None
    try:
        with settings.public_key_file.open("rb") as file:
            pem = file.read(LONGEST)
    except OSError as error:
        raise SettingsInvalid(
            f"{place}.public_key_file: {settings.public_key_file} cannot be read ({error.strerror})"
        ) from None
    if b"PRIVATE KEY" in pem:
        raise SettingsInvalid(f"{place}.public_key_file: this is a private key, which stays with the portal")
    kinds: tuple[tuple[type[Key], tuple[str, ...]], ...] = (
        (OKPKey, ("Ed25519", "EdDSA")),
        (ECKey, ("ES256",)),
        (RSAKey, ("RS256",)),
    )
    for kind, algorithms in kinds:
        try:
            key = kind.import_key(pem)
        except (JoseError, ValueError, TypeError):
            continue
        if _is_strong(key):
            return key, algorithms
    raise SettingsInvalid(
        f"{place}.public_key_file: no public key in PEM of the kinds Ed25519, EC P-256 or RSA of {SHORTEST_RSA} bits"
    )


def _is_strong(key: Key) -> bool:
    if isinstance(key, RSAKey):
        return key.public_key.key_size >= SHORTEST_RSA
    return isinstance(key, (OKPKey, ECKey)) and key.curve_name in ("Ed25519", "P-256")
