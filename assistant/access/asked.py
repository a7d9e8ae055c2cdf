"""Where the principal of a request is kept while it is answered.

Who was let in is one thing, and who is known to have asked another: somebody who may not use a route is known, and the
trail names him, while nothing behind the log-in ever finds him.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any

from starlette.requests import HTTPConnection

from assistant.access.model import Principal

_KEY = "assistant.principal"
_KNOWN = "assistant.known"


def recognise(scope: MutableMapping[str, Any], who: Principal) -> None:
    """The request is known to be sent by ``who``, whether or not he is let in."""
    scope[_KNOWN] = who


def let_in(scope: MutableMapping[str, Any], who: Principal) -> None:
    """From here on the request is that of ``who``."""
    scope[_KEY] = who


def principal_in(scope: Mapping[str, Any]) -> Principal | None:
    """Who was let in with a request; None where nobody was, or the request was answered before."""
    who: Principal | None = scope.get(_KEY)
    return who


def sender_of(scope: Mapping[str, Any]) -> Principal | None:
    """Who sends a request, let in or not: for the trail. None where nobody is known to."""
    who = principal_in(scope) or scope.get(_KNOWN)
    return who if who is not None and who.name else None


def principal_of(request: HTTPConnection) -> Principal:
    """Who sends a request. Raises ``KeyError`` where no ``Authenticate`` stood before the route: it shows nothing."""
    who: Principal = request.scope[_KEY]
    return who
