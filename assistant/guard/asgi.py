"""The shapes of ASGI, and two ways of reading headers that leave no room for a second reading.

What is found out about a request is written into its one scope, so that whoever stands outside may read it afterwards.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
ASGIScope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[ASGIScope, Receive, Send], Awaitable[None]]


def every(scope: ASGIScope, name: bytes) -> list[bytes]:
    """Each value of a header, in the order in which they came; ``name`` in small letters."""
    return [value for key, value in scope["headers"] if key == name]


def only(scope: ASGIScope, name: bytes) -> bytes | None:
    """The one value of a header; None where it is missing or comes several times."""
    values = every(scope, name)
    return values[0] if len(values) == 1 else None


def again(body: bytes, receive: Receive) -> Receive:
    """A body that was read, for whoever comes next; then whatever else the client says, such as that it has left."""
    given = False

    async def wrapped() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return wrapped
