"""Where the principal of a request is kept while it is answered."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from starlette.requests import HTTPConnection

from assistant.access.model import Principal

_KEY = "assistant.principal"


def let_in(scope: MutableMapping[str, Any], who: Principal) -> None:
    """From here on the request is that of ``who``."""
    scope[_KEY] = who


def principal_in(scope: Mapping[str, Any]) -> Principal | None:
    """Who was let in with a request; None where nobody was, or the request was answered before."""
    who: Principal | None = scope.get(_KEY)
    return who


def principal_of(request: HTTPConnection) -> Principal:
    """Who sends a request. Raises ``KeyError`` where no ``Authenticate`` stood before the route: it shows nothing."""
    who: Principal = request.scope[_KEY]
    return who
