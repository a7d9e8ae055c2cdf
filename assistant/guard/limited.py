"""ASGI middleware: how much is done for one user, and for all, decided before a body is read or anything is looked up.

Six pools keep apart what would starve each other: questions and searches, pages and lists, what is saved as a file,
uploads, connections that stay open, and whoever is not logged in. A full pool answers 503, a user who has his share of
it 429, each with Retry-After; liveness, readiness and files of ours pass always. Whoever is no longer there when his
turn comes is not answered. Of a client without a log-in no body is waited for: it would hold room that others read
theirs in.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal

from starlette.datastructures import QueryParams

from assistant.access.asked import principal_in
from assistant.access.model import LOCAL, NOBODY
from assistant.access.rules import SHORT
from assistant.guard.asgi import App, ASGIScope, Message, Receive, Send
from assistant.guard.bodies import is_upload
from assistant.guard.forwarded import Network, counted_as
from assistant.guard.gate import Full, Gate, Left
from assistant.guard.rates import Kind, Rates
from assistant.guard.refusal import refuse
from assistant.guard.settings import ServerSettings
from assistant.problems import Problem, problem

Pool = Literal["work", "pages", "files", "uploads", "streams", "strangers"]
# Made once: where much is refused, that has to be cheap.
_BUSY = problem(503, "the server is busy; ask again in a moment", {"Retry-After": "1"})
_FILES_BUSY = problem(503, "other files are being made; try again in a moment", {"Retry-After": "5"})
_MINE = problem(429, "too many of your requests are being worked on; wait for one of them", {"Retry-After": "1"})
# Together below the 40 threads that routes and the chat share, so that no pool can take them all.
PAGES = 24
FILES = 1  # two together take as long as one after the other, and leave less to questions meanwhile
UPLOADS = 4
STRANGERS = 16  # log-ins; they wait for the provider and take no thread
# Who waits for a file holds no thread; a long one takes ten seconds, and each user has room for a list in every kind.
FILES_WAITING = 15
FILES_SECONDS = 30.0
FILES_PER_USER = 3
READING = 256  # requests whose body is still coming; the slow ones are ended by ``patience.py``

_FREE = re.compile(r"/(?:healthz|readyz|metrics|favicon\.ico|robots\.txt|widget\.js|opensearch\.xml)")
_FILES = re.compile(r"/(?:web|assets|static|svelte|evals/static|gradio_api/(?:static|assets|svelte))/.+")
_LOGIN = re.compile(r"/login(?:/callback)?|/logout")
_STREAMS = re.compile(r"/gradio_api/(?:queue/data|heartbeat/.*)")
_IDLE = re.compile(r"/gradio_api/heartbeat/.*")  # says only that a tab is open
_JOIN = re.compile(r"/gradio_api/queue/join/?")  # the queue does the work; which are questions says access/sessions.py
_ASK = re.compile(r"/(?:api/v1/ask|v1/chat/completions|mcp)/?")
_SAVED = re.compile(r"/(?:ledger|compare)/export\.[a-z]+|/matrix/[a-z]+\.[a-z]+")
_LISTING = "/api/v1/assignments"  # a file where its query says so
_SEARCH = re.compile(r"/(?:api/v1/search|api/v1/suggest|opensearch/suggest|v1/embeddings)/?")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request costs: which of a user's windows it counts in, and which pool it needs room in."""

    kind: Kind
    pool: Pool | None


def cost_of(method: str, path: str, query: bytes = b"") -> Cost | None:
    """What a request to this address costs; None: nothing worth counting."""
    if path == _LISTING and not {"json", ""}.issuperset(QueryParams(query).getlist("format")):
        return Cost("other", "files")
    return _remembered(method, path) if len(method) + len(path) <= SHORT else _worked_out(method, path)


def _worked_out(method: str, path: str) -> Cost | None:
    if _FREE.fullmatch(path) or _FILES.fullmatch(path):
        return None
    if _LOGIN.fullmatch(path):
        return Cost("other", "strangers")
    if _STREAMS.fullmatch(path):
        return Cost("other", "streams")
    if method == "POST":
        if _JOIN.fullmatch(path):
            return Cost("other", None)
        if is_upload(path):
            return Cost("other", "uploads")
    if _ASK.fullmatch(path):
        return Cost("ask", "work")
    if _SAVED.fullmatch(path):
        return Cost("other", "files")
    return Cost("search", "work") if _SEARCH.fullmatch(path) else Cost("other", "pages")


_remembered = lru_cache(maxsize=4096)(_worked_out)


class Limits:
    """The pools and windows of one server."""

    def __init__(self, settings: ServerSettings, proxies: Collection[Network] = (), alone: bool = False) -> None:
        """``alone``: there is no log-in, and one person may send all that comes."""
        self.proxies = tuple(proxies)  # whose connections are many users'
        self.rates = Rates(settings)
        wait = settings.wait_seconds
        self.pools: dict[Pool, Gate] = {
            "work": Gate(settings.work_at_once, *settings.line(alone), per_user=settings.work_per_user),
            "pages": Gate(PAGES, 4 * PAGES, wait, per_user=PAGES // 3),
            "files": Gate(FILES, FILES_WAITING, FILES_SECONDS, per_user=FILES_PER_USER),
            "uploads": Gate(UPLOADS, per_user=UPLOADS // 2),
            "streams": Gate(settings.streams, per_user=settings.streams_per_user),
            "strangers": Gate(STRANGERS, 4 * STRANGERS, wait, per_user=STRANGERS // 2),
        }
        self.reading = Gate(READING, per_user=READING // 4)
        self._closing = asyncio.Event()

    def close(self) -> None:
        """The server ends: connections that only stay open are done."""
        self._closing.set()

    def refusal(self, kind: Kind, scope: ASGIScope) -> Problem | None:
        """Counts one request of whoever sends it; what it is answered where he has sent too many of its kind."""
        who = _who(scope)
        seconds = self.rates.too_many(kind, who) if who is not None else 0
        if not seconds:
            return None
        said = f"too many requests in a minute; send the next one in {seconds} s"
        return problem(429, said, {"Retry-After": str(seconds)})

    async def until_closed(self, receive: Receive) -> Message:
        """What ``receive`` says next; once the server ends, that the client is gone."""
        closing = asyncio.ensure_future(self._closing.wait())
        coming = asyncio.ensure_future(receive())
        try:
            await asyncio.wait((closing, coming), return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else {"type": "http.disconnect"}
        finally:
            closing.cancel()
            coming.cancel()


class Shed:
    """Before anything is looked up: 503 for what would find its pool full."""

    def __init__(self, app: App, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            cost = _cost(scope)
            if cost and cost.pool and self._limits.pools[cost.pool].full:
                await refuse(_busy(cost.pool), scope, receive, send)
                return
        await self._app(scope, receive, send)


class Limited:
    """Behind the log-in; see the module's docstring."""

    def __init__(self, app: App, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        cost = _cost(scope) if scope["type"] == "http" else None
        if cost is None:
            await self._app(scope, receive, send)
            return
        refused = self._limits.refusal(cost.kind, scope)
        if refused is not None:
            await refuse(refused, scope, receive, send)
            return
        if cost.pool is None:
            await self._app(scope, receive, send)
            return
        pool: Pool = "strangers" if principal_in(scope) in (None, NOBODY) else cost.pool
        try:
            await self._let_in(pool, _who(scope), scope, receive, send)
        except Full as full:
            await refuse(_MINE if full.mine else _busy(pool), scope, receive, send)

    async def _let_in(self, pool: Pool, who: str | None, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Raises ``Full`` before anything was answered."""
        gate = self._limits.pools[pool]
        if pool in ("work", "pages", "files"):
            if gate.full:
                raise Full(mine=False)
            body = await self._read(who, receive)
            if body is None:
                return
            client = _Client(body, receive)
            try:
                await client.enter(gate, who)
            except Left:
                return
            receive = client.receive
        else:
            await gate.enter(who)
            if _IDLE.fullmatch(scope["path"]):
                receive = partial(self._limits.until_closed, receive)
        inside = True

        async def made(message: Message) -> None:
            """A file is made once its answer begins: who takes it slowly holds up nobody else's."""
            nonlocal inside
            if inside:
                inside = False
                gate.leave(who)
            await send(message)

        try:
            await self._app(scope, receive, made if pool == "files" else send)
        finally:
            if inside:
                gate.leave(who)

    async def _read(self, who: str | None, receive: Receive) -> list[Message] | None:
        """The whole body, so that one that comes slowly takes no room in the pool; None where the client is gone."""
        await self._limits.reading.enter(who)
        try:
            body: list[Message] = []
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                body.append(message)
                if not message.get("more_body", False):
                    return body
        finally:
            self._limits.reading.leave(who)


class _Client:
    """A client that waits for its turn: its body, which was read, and whether it is still there."""

    def __init__(self, body: list[Message], receive: Receive) -> None:
        self._body = list(reversed(body))
        self._receive = receive
        self._next: asyncio.Future[Message] | None = None

    async def enter(self, gate: Gate, who: str | None) -> None:
        """Enters the gate. Raises ``Full``, and ``Left`` where the client is gone before its turn."""
        if gate.open:
            await gate.enter(who)
            return
        self._next = asyncio.ensure_future(self._receive())  # listens whether it is still there
        try:
            await gate.enter(who, self._next)
        except BaseException:
            self._next.cancel()
            raise

    async def receive(self) -> Message:
        if self._body:
            return self._body.pop()
        if self._next is not None:
            coming, self._next = self._next, None
            return await coming
        return await self._receive()


def _cost(scope: ASGIScope) -> Cost | None:
    return cost_of(scope["method"], scope["path"], scope["query_string"])


def _busy(pool: Pool) -> Problem:
    return _FILES_BUSY if pool == "files" else _BUSY


def _who(scope: ASGIScope) -> str | None:
    """Whose share it counts in; None for the user of a server without log-in, who has it all."""
    who = principal_in(scope)
    if who is LOCAL:
        return None
    return who.name if who is not None and who.name else f"address:{counted_as(scope)}"
