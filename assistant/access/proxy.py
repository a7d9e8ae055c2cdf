"""Users that a proxy in front has logged in, and names in headers of its own."""

from __future__ import annotations

from typing import Any

from fastapi.responses import Response

from assistant.access.model import Principal
from assistant.access.names import name_of, user_of
from assistant.access.settings import AccessSettings
from assistant.guard.asgi import every
from assistant.guard.forwarded import is_trusted
from assistant.problems import problem

_LONGEST = 16_384  # bytes of the header with the groups
_MOST_GROUPS = 1000


class Proxied:
    """Believes the headers of trusted proxies and of nobody else."""

    def __init__(self, settings: AccessSettings) -> None:
        self._settings = settings
        self._proxies = settings.networks()
        self._user = settings.user_header.lower().encode("ascii")
        self._groups = settings.groups_header.lower().encode("ascii")

    async def identify(self, scope: Any) -> Principal | Response | None:
        """The user whom the proxy names; None where it names nobody, or where the peer is no trusted proxy."""
        settings = self._settings
        if not is_trusted(scope, self._proxies):
            return None
        users = every(scope, self._user)
        if not users or users == [b""]:
            return None
        groups = every(scope, self._groups)
        if len(users) > 1 or len(groups) > 1:
            return _refused("the proxy sends a header about the user twice; it has to replace what a client sends")
        user = _decoded(users[0])
        name = None if user is None else user_of(user)
        if name is None:
            return _refused("the proxy sends a name that no user can have")
        named = groups_of(groups[0], settings.groups_separator) if groups else frozenset[str]()
        if named is None:
            return _refused("the proxy sends names that no groups can have")
        return settings.member(name, named, "proxy")


def groups_of(header: bytes, separator: str) -> frozenset[str] | None:
    """The groups that a header lists; None where one is no name, or they are too many. Empty places do not count."""
    text = _decoded(header) if len(header) <= _LONGEST else None
    if text is None:
        return None
    parts = [part for part in text.split(separator) if part.strip(" \t")]
    names = [name_of(part) for part in parts]
    if len(names) > _MOST_GROUPS or None in names:
        return None
    return frozenset(name for name in names if name is not None)


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _refused(why: str) -> Response:
    return problem(400, why)
