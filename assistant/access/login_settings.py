"""Settings of the log-in with OpenID Connect, of log-in sessions, and of portals that issue widget tokens."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from assistant.access.names import group_of
from assistant.access.secret import secret_of
from corpus.config import Section

# Signatures that a public key checks. What a shared secret signs is never an ID token here: the client secret would
# then make ID tokens, and a public key taken for a secret would too.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")


def origin_of(address: str) -> str:
    """Scheme, host and port of an address as browsers write them. Raises ``ValueError`` where it is none."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise ValueError("this is no http or https address")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if parts.port in (None, usual) else f"{parts.scheme}://{host}:{parts.port}"


def is_private_line(address: str) -> bool:
    """Whether nobody listens in on the way to an address: https, or this machine itself."""
    parts = urlsplit(address)
    if parts.scheme == "https":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def _issuer(address: str) -> str:
    origin_of(address)
    parts = urlsplit(address)
    if parts.query or parts.fragment or address != address.strip():
        raise ValueError("an issuer is an address without ? and #")
    if not is_private_line(address):
        raise ValueError("an issuer is reached by https, except on this machine")
    return address


def _origin(address: str) -> str:
    if origin_of(address) != address or not is_private_line(address):
        raise ValueError("write it as https://host or https://host:port")
    return address


def _algorithm(name: str) -> str:
    if name not in ALGORITHMS:
        raise ValueError(f"this is none of {', '.join(ALGORITHMS)}")
    return name


Word = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Groups = Annotated[frozenset[Annotated[str, AfterValidator(group_of)]], Field(max_length=1000)]


class OidcSettings(Section):
    """``[access.oidc]``: log-in with OpenID Connect, by authorization code with PKCE."""

    issuer: Annotated[str, AfterValidator(_issuer)] = Field(
        description="address of the provider, as its discovery document says it"
    )
    client_id: Word = Field(description="what the provider calls this server")
    client_secret_env: str = Field(default="", description="environment variable that holds the client secret")
    client_secret_file: Path | None = Field(default=None, description="file (0600) that holds the client secret")
    ca_file: Path | None = Field(default=None, description="certificates of the office's own authority, PEM")
    scopes: tuple[Word, ...] = Field(default=("openid", "profile"), description="what the provider is asked for")
    user_claim: Word = Field(default="preferred_username", description="claim of the ID token that names the user")
    groups_claim: Word = Field(default="groups", description="claim that lists the user's groups; a.b for b inside a")
    algorithms: tuple[Annotated[str, AfterValidator(_algorithm)], ...] = Field(
        default=ALGORITHMS, min_length=1, description="signatures that an ID token may have"
    )
    other_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = Field(
        default=(), description="where else the provider's endpoints may lie, as https://host"
    )

    def secret(self) -> str:
        """The client secret; empty for a public client. Raises ``SettingsInvalid``."""
        return secret_of("access.oidc.client_secret", self.client_secret_env, self.client_secret_file)


class SessionSettings(Section):
    """``[access.sessions]``: how long somebody who logged in stays so."""

    hours: float = Field(default=10.0, gt=0, le=720, description="a log-in ends after that, however busy")
    idle_minutes: float = Field(default=120.0, gt=0, le=43_200, description="a log-in that nobody uses ends after that")
    per_user: int = Field(default=20, ge=1, le=1_000, description="log-ins of one user at a time; the oldest ends")
    most: int = Field(default=20_000, ge=10, le=1_000_000, description="log-ins of all users at a time")


class PortalSettings(Section):
    """``[access.portals.NAME]``: a portal whose back end signs short-lived tokens for its users.

    One key: a secret of at least 32 bytes that both know (HS256), or the portal's public key (Ed25519, ES256 or RS256,
    which its kind decides). The token never says how it is to be checked.
    """

    secret_env: str = Field(default="", description="environment variable that holds the secret that both know")
    secret_file: Path | None = Field(default=None, description="file (0600) that holds the secret that both know")
    public_key_file: Path | None = Field(default=None, description="the portal's public key, PEM")
    audience: Word = Field(default="plan-assistant", description="what aud of its tokens has to say")
    max_seconds: int = Field(default=600, ge=10, le=600, description="how long a token of its may hold")
    groups: Groups = Field(default=frozenset(), description="groups that it may speak for")
    plans: frozenset[Word] | None = Field(default=None, description="plans that its users may see; unset: any")
