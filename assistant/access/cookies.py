"""The two cookies of a log-in: of the session, and of a flow that is on its way to the provider and back."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from fastapi.responses import Response
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer

from assistant.access.oidc import Begun
from assistant.access.own_path import own_path
from assistant.guard.asgi import every

MINUTES = 10  # that a user has at the provider
MOST_FLOWS = 5  # begun in one browser; tabs that are opened again together each begin one
_USED = 10_000  # states that are remembered as used
_STATE = 12  # characters of a state in the name of its cookie


@dataclass(frozen=True, slots=True)
class Flow:
    """A log-in that was begun in this browser."""

    state: str
    nonce: str
    verifier: str
    back: str  # a path of our own
    lang: str


class Cookies:
    """Sets, reads and deletes them.

    With https their names begin with ``__Host-``: no other host, and nobody who sits on a line without https, can set
    one. What a flow holds is signed with a key that lives as long as the process; a restart costs those who are at the
    provider at that moment another click.
    """

    def __init__(self, secure: bool, clock: Callable[[], float] = time.time) -> None:
        prefix = "__Host-plan-" if secure else "plan-"
        self.session = f"{prefix}session"
        self._flow = f"{prefix}login-"
        self._secure = secure
        self._clock = clock
        signer = type("Signer", (TimestampSigner,), {"get_timestamp": lambda _: int(clock())})
        self._signed = URLSafeTimedSerializer(
            secrets.token_bytes(32), salt="login-flow", signer=signer, signer_kwargs={"digest_method": sha256}
        )
        self._used: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def session_of(self, scope: Any) -> str | None:
        """The id that a request sends; None without one, or with several, one of which somebody else put there."""
        found = _sent(scope, self.session)
        return found[0] if len(found) == 1 else None

    def keep_session(self, answer: Response, given: str) -> None:
        """Hands the browser a session's id. It goes with the browser: how long it holds, the server knows."""
        self._set(answer, self.session, given, None)

    def drop_session(self, answer: Response) -> None:
        """Takes the id away again."""
        self._drop(answer, self.session)

    def keep_flow(self, scope: Any, answer: Response, begun: Begun, back: str, lang: str) -> None:
        """Hands the browser what has to be there when the provider sends it back."""
        there = self._flows(scope)
        if len(there) >= MOST_FLOWS:  # or a page elsewhere could fill the browser's cookies, and each of its requests
            for name in there:
                self._drop(answer, name)
        held = {"s": begun.state, "n": begun.nonce, "v": begun.verifier, "b": back, "l": lang}
        self._set(answer, self._flow + begun.state[:_STATE], str(self._signed.dumps(held)), MINUTES * 60)

    def take_flow(self, scope: Any, state: str) -> Flow | None:
        """The flow that a state belongs to, once. None: it was not begun in this browser, or not lately."""
        sent = _sent(scope, self._flow + state[:_STATE]) if state.isalnum() else []
        if len(sent) != 1:
            return None
        try:
            held = self._signed.loads(sent[0], max_age=MINUTES * 60)
            flow = Flow(held["s"], held["n"], held["v"], own_path(held["b"]), held["l"])
        except (BadData, KeyError, TypeError):
            return None
        if not secrets.compare_digest(flow.state.encode(), state.encode()) or not self._first_use(flow.state):
            return None
        return flow

    def drop_flow(self, scope: Any, answer: Response, state: str) -> None:
        """Takes the cookie of a flow away, if there is one."""
        name = self._flow + state[:_STATE]
        if name in self._flows(scope):
            self._drop(answer, name)

    def _flows(self, scope: Any) -> list[str]:
        return sorted({name for name, _ in _pairs(scope) if name.startswith(self._flow)})[: 4 * MOST_FLOWS]

    def _first_use(self, state: str) -> bool:
        now = self._clock()
        with self._lock:
            while self._used and (len(self._used) >= _USED or next(iter(self._used.values())) < now):
                self._used.popitem(last=False)
            if state in self._used:
                return False
            self._used[state] = now + MINUTES * 60 + 1
            return True

    def _set(self, answer: Response, name: str, value: str, seconds: int | None) -> None:
        answer.set_cookie(name, value, max_age=seconds, path="/", secure=self._secure, httponly=True, samesite="lax")

    def _drop(self, answer: Response, name: str) -> None:
        answer.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite="lax")


def _pairs(scope: Any) -> list[tuple[str, str]]:
    parts = [part for value in every(scope, b"cookie") for part in value.decode("latin-1").split(";")]
    return [(name.strip(), value.strip()) for name, _, value in (part.partition("=") for part in parts)]


def _sent(scope: Any, name: str) -> list[str]:
    return [value for key, value in _pairs(scope) if key == name]
