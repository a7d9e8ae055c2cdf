"""The [access] section of the settings file: who is let in, and as what."""

from __future__ import annotations

import re
from collections.abc import Set
from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from assistant.access.login_settings import Groups, OidcSettings, PortalSettings, SessionSettings
from assistant.access.model import SCOPES, Principal, UserRole
from assistant.guard.forwarded import Network
from corpus.config import Section


def _header(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,100}", name):
        raise ValueError("not the name of a header; letters, digits and - only, such as X-Remote-User")
    if name.lower() in ("authorization", "cookie", "host", "x-forwarded-for", "forwarded"):
        raise ValueError("this header has another meaning; let the proxy send one of its own, such as X-Remote-User")
    return name


def _network(text: str) -> str:
    """Checks an address or a network; the setting stays as it was written."""
    try:
        network = ip_network(text)
    except ValueError:
        raise ValueError(f"{text!a} is no address and no network such as 10.1.2.0/24") from None
    if network.prefixlen == 0:
        raise ValueError(f"{text} is every address there is; name the proxy's own")
    return text


Header = Annotated[str, AfterValidator(_header)]
Proxy = Annotated[str, AfterValidator(_network)]


class AccessSettings(Section):
    """How users log in, and what their groups make of them. API tokens work beside every mode."""

    mode: Literal["none", "token", "proxy", "oidc"] = Field(
        default="none",
        description="none: no log-in, for this machine alone; token: API tokens alone; proxy: a proxy in front logs "
        "users in and names them in a header; oidc: OpenID Connect",
    )
    tokens: bool = Field(default=True, description="whether API tokens are taken")
    trusted_proxies: tuple[Proxy, ...] = Field(
        default=(), max_length=100, description="addresses or networks whose headers about users are believed"
    )
    user_header: Header = Field(default="X-Remote-User", description="header in which the proxy names the user")
    groups_header: Header = Field(default="X-Remote-Groups", description="header in which it names his groups")
    groups_separator: str = Field(default=",", min_length=1, max_length=1, description="between two groups")
    reader_groups: Groups = Field(
        default=frozenset(), description="groups whose members may read; none named: every user who is logged in"
    )
    editor_groups: Groups = Field(default=frozenset(), description="groups whose members may also edit and evaluate")
    admin_groups: Groups = Field(default=frozenset(), description="groups whose members may do everything")
    oidc: OidcSettings | None = Field(default=None, description='the OpenID provider, for mode = "oidc"')
    sessions: SessionSettings = Field(default=SessionSettings(), description="how long a log-in holds")
    portals: dict[str, PortalSettings] = Field(default={}, description="portals that sign tokens for their users")
    failures: int = Field(
        default=20, ge=1, le=10_000, description="failed log-ins a minute from one address, then it has to wait"
    )

    @model_validator(mode="after")
    def _whole(self) -> AccessSettings:
        """A mode has all that it needs."""
        if self.mode == "proxy" and not self.trusted_proxies:
            raise ValueError('mode = "proxy" needs trusted_proxies, the addresses of the proxy that logs users in')
        if self.mode == "oidc" and self.oidc is None:
            raise ValueError('mode = "oidc" needs [access.oidc] with issuer and client_id')
        if self.mode == "token" and not self.tokens:
            raise ValueError('mode = "token" needs tokens = true, or nobody could log in')
        if self.user_header.lower() == self.groups_header.lower():
            raise ValueError("user_header and groups_header name the same header; give each its own")
        return self

    def networks(self) -> tuple[Network, ...]:
        """The trusted proxies, to be compared with addresses."""
        return tuple(ip_network(text) for text in self.trusted_proxies)

    def role_of(self, groups: Set[str]) -> UserRole | None:
        """What a logged-in user is by his groups; None: he may do nothing here."""
        if groups & self.admin_groups:
            return UserRole.ADMIN
        if groups & self.editor_groups:
            return UserRole.EDITOR
        return UserRole.READER if not self.reader_groups or groups & self.reader_groups else None

    def member(self, user: str, groups: Set[str], via: str) -> Principal:
        """The member of staff whom a proxy or an identity provider names; without a role, one who may do nothing."""
        role = self.role_of(groups)
        return Principal(user, SCOPES[role] if role else frozenset(), frozenset(groups), via=via)
