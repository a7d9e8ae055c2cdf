"""What stands between the log-in and Gradio: whose a chat is, and whether a call is one that the page can make.

Gradio keeps conversations under a name that the browser makes up, its session hash, and hands them to whoever says that
name. So each name is taken together with the principal who says it: what Gradio gets to see is a keyed hash of both,
and the name that somebody else uses leads to nothing of his. The table here says which of these are in use, so that
what is not there is 404; it is bounded, and nothing but that answer is lost with a row of it.

A call names a function by its number and brings the values of its inputs. Gradio looks at neither number nor values
before it works with them, and takes a value that looks like a file for one. Here both are held against the page. Which
function it is says, too, whether the call asks a question, and counts as one.

What comes of calls comes as a stream, which Gradio ends when nothing is under way, and its page opens another for the
next call. A call that is taken between the two would wait for ever: the page still believes in the old stream. Now the
page leaves a stream as soon as it reads that it ends. So its end is left out here until the page has left, and the
answer to a call comes after that.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlencode

import pydantic_core
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from starlette.requests import ClientDisconnect, Request

from assistant.access.asked import principal_of
from assistant.guard.asgi import App, ASGIScope, Message, Receive, Send, again
from assistant.guard.limited import Limits
from assistant.guard.refusal import refuse
from assistant.problems import problem

MAX_SESSIONS = 20_000
MAX_EVENTS = 64  # of one session that are remembered; the page has few at a time
KEPT = 7 * 3600  # seconds without a request after which a session is forgotten; the chat forgets after six hours
LEAVING = 5.0  # seconds in which a client should leave a stream that says that it ends; Gradio's own leave at once
LONGEST = 100_000  # code points of one value; the most that the setting max_question allows
MOST = 1_000  # values of a list, such as the plans that a question is limited to
MAX_EVENT_DATA = 400_000  # code points of what the browser says of a click; the answer that was clicked on is in it

_HEARTBEAT = re.compile(r"(/gradio_api/heartbeat/)([^/]*)")
_NAME = r"^[0-9A-Za-z-]{5,64}$"

SessionName = Annotated[str, StringConstraints(pattern=_NAME)]
EventId = Annotated[str, StringConstraints(pattern=r"^[0-9a-z-]{8,64}$")]
# What the page's inputs hold. None of them is a file, and nothing that could be taken for one comes through.
Value = (
    Annotated[str, StringConstraints(max_length=LONGEST)]
    | Annotated[list[Annotated[str, StringConstraints(max_length=LONGEST)]], Field(max_length=MOST)]
    | None
)
Shape = Literal["state", "text", "texts"]
# Of a function's name, its values and the query of the page's address.
Asks = Callable[[str, Sequence[str | list[str] | None], str], bool]


@dataclass(frozen=True, slots=True)
class Event:
    """A function of the page: what its inputs hold, which components call it, and whether by a click on an example.

    ``name`` is the function's own.
    """

    inputs: tuple[Shape, ...]
    triggers: frozenset[int]
    example: bool = False
    name: str = ""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Join(_Body):
    """The body of queue/join, as the page sends it."""

    session_hash: SessionName
    fn_index: int
    trigger_id: int | None = None
    data: Annotated[list[Value], Field(max_length=100)]
    event_data: dict[str, Any] | None = None


class _Example(BaseModel):
    """What of an example that was clicked on is read; the browser says more."""

    model_config = ConfigDict(strict=True)
    text: Annotated[str, StringConstraints(max_length=LONGEST)]


class _Click(BaseModel):
    model_config = ConfigDict(strict=True)
    value: _Example


class _Cancel(_Body):
    session_hash: SessionName
    fn_index: int
    event_id: EventId


class _Reset(_Body):
    event_id: EventId


@dataclass(slots=True)
class _Session:
    used: float
    joined: bool = False
    left: asyncio.Event | None = None  # set once the client has left a stream that ends
    events: OrderedDict[str, None] = field(default_factory=OrderedDict)


class Sessions:
    """ASGI application around Gradio's own; see the module's docstring."""

    def __init__(
        self,
        app: App,
        events: Mapping[int, Event],
        now: Callable[[], float] = time.monotonic,
        *,
        limits: Limits | None = None,
        asks: Asks = lambda name, values, query: True,
    ) -> None:
        """``limits``: whose windows count the calls that are questions; ``asks`` says which are."""
        self._app = app
        self._events = events
        self._now = now
        self._limits = limits
        self._asks = asks
        self._key = secrets.token_bytes(32)
        self._sessions: OrderedDict[str, _Session] = OrderedDict()  # by the name that Gradio sees; oldest use first
        self.routes: Sequence[Any] = getattr(app, "routes", ())  # for whoever walks all routes

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, method = scope["path"].rstrip("/"), scope["method"]
        heartbeat = _HEARTBEAT.fullmatch(path)
        if heartbeat:
            await self._beat(heartbeat, scope, receive, send)
        elif path == "/gradio_api/queue/data":
            await self._data(scope, receive, send)
        elif path == "/gradio_api/queue/join" and method == "POST":
            await self._with_body(_Join, self._join, scope, receive, send)
        elif path == "/gradio_api/cancel" and method == "POST":
            await self._with_body(_Cancel, self._cancel, scope, receive, send)
        elif path == "/gradio_api/reset" and method == "POST":
            await self._with_body(_Reset, self._reset, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _beat(self, heartbeat: re.Match[str], scope: ASGIScope, receive: Receive, send: Send) -> None:
        """A tab says that it is open: its session begins with this, or goes on."""
        if not re.fullmatch(_NAME, heartbeat[2]):
            await problem(400, "this is no name of a session")(scope, receive, send)
            return
        name = self._inner(scope, heartbeat[2])
        self._use(name)
        scope["path"] = heartbeat[1] + name
        scope["raw_path"] = scope["path"].encode("ascii")
        await self._app(scope, receive, send)

    async def _data(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """What came of a session's calls, as a stream."""
        asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        names = [value for key, value in asked if key == "session_hash"]
        if len(names) != 1 or not re.fullmatch(_NAME, names[0]):
            await problem(400, "say the name of one session")(scope, receive, send)
            return
        name = self._inner(scope, names[0])
        session = self._sessions.get(name)
        if session is None or not session.joined:
            await _nothing(scope, receive, send)
            return
        session = self._use(name)
        scope["query_string"] = urlencode({"session_hash": name}).encode("ascii")

        left = asyncio.Event()
        ends = False

        async def heard(message: Message) -> None:
            nonlocal ends
            if b'"close_stream"' in message.get("body", b""):
                session.left, ends = left, True
            if ends and message["type"] == "http.response.body":
                message = {**message, "more_body": True}
            await send(message)

        try:
            await self._app(scope, receive, heard)
            if ends:
                with suppress(TimeoutError):
                    await asyncio.wait_for(_gone(receive), LEAVING)
                await send({"type": "http.response.body", "body": b""})
        finally:
            left.set()

    async def _with_body(
        self, kind: type[_Body], then: Callable[..., Awaitable[None]], scope: ASGIScope, receive: Receive, send: Send
    ) -> None:
        """``then`` with the body read; what cannot be read is 400, and what the page would not send is 422."""
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            return
        try:
            said = pydantic_core.from_json(body, allow_inf_nan=False)
        except ValueError:
            await problem(400, "the body is not JSON")(scope, receive, send)
            return
        try:
            read = kind.model_validate(said)
        except ValidationError as error:
            found = {str(part) for e in error.errors(include_input=False) for part in e["loc"][:1]}
            wrong = ", ".join(sorted(found & kind.model_fields.keys())) or "what it has"
            await problem(422, f"the page does not send such a body: {wrong}")(scope, receive, send)
            return
        await then(read, scope, receive, send)

    async def _join(self, said: _Join, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """A call of a function of the page."""
        event = self._events.get(said.fn_index)
        wrong = _unlike(said, event)
        if wrong:
            await problem(422, wrong)(scope, receive, send)
            return
        if self._limits and event and self._asks(event.name, said.data, scope["query_string"].decode("latin-1")):
            refused = self._limits.refusal("ask", scope)
            if refused is not None:
                await refuse(refused, scope, receive, send)
                return
        name = self._inner(scope, said.session_hash)
        session = self._use(name)
        session.joined = True
        start: Message = {}
        answer = b""

        async def heard(message: Message) -> None:
            """Waits for the whole answer, a line of JSON, so that the call is known before anybody can speak of it."""
            nonlocal start, answer
            if message["type"] == "http.response.start":
                start = message
                return
            answer += message.get("body", b"")
            if not message.get("more_body", False):
                if start["status"] == 200:
                    session.events[json.loads(answer)["event_id"]] = None
                    while len(session.events) > MAX_EVENTS:
                        session.events.popitem(last=False)
                if session.left:
                    await session.left.wait()
                await send(start)
                await send({"type": "http.response.body", "body": answer})

        await self._app(scope, _again(scope, {**said.model_dump(), "session_hash": name}, receive), heard)

    async def _cancel(self, said: _Cancel, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """The end of a call, by whose session made it."""
        name = self._inner(scope, said.session_hash)
        session = self._sessions.get(name)
        if session is None or said.event_id not in session.events:
            await _nothing(scope, receive, send)
            return
        self._use(name)
        await self._app(scope, _again(scope, {**said.model_dump(), "session_hash": name}, receive), send)

    async def _reset(self, said: _Reset, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Names a call and no session, and does nothing: nobody's call is known here."""
        await _nothing(scope, receive, send)

    def _inner(self, scope: ASGIScope, name: str) -> str:
        """The name under which Gradio knows the session that a principal calls ``name``."""
        who = principal_of(Request(scope))
        said = f"{who.via}\0{who.name}\0{name}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(said, key=self._key, digest_size=16).hexdigest()

    def _use(self, name: str) -> _Session:
        """The session, used now; those that nobody used for long are forgotten."""
        now = self._now()
        session = self._sessions.pop(name, None) or _Session(now)
        session.used = now
        self._sessions[name] = session
        while len(self._sessions) > MAX_SESSIONS or next(iter(self._sessions.values())).used < now - KEPT:
            self._sessions.popitem(last=False)
        return session


def events_of(functions: Mapping[int, Any]) -> dict[int, Event]:
    """The functions of a page (``Blocks.fns``). Raises ``ValueError`` for an input of a kind that is not known here."""
    return {
        number: Event(
            tuple(_shape(component) for component in function.inputs),
            frozenset(component for component, _ in function.targets if component is not None),
            any(name == "example_select" for _, name in function.targets),
            str(function.name),
        )
        for number, function in functions.items()
    }


def _shape(component: Any) -> Shape:
    kind = component.get_block_name()
    if kind == "state":
        return "state"
    if kind in ("textbox", "radio"):
        return "text"
    if kind == "dropdown" and component.multiselect:
        return "texts"
    raise ValueError(f"an input of the page is a {kind}; say in assistant/access/sessions.py what may come of it")


_FITS: Mapping[Shape, Callable[[Any], bool]] = {
    "state": lambda value: value is None,  # kept here; what a browser says of it counts for nothing
    "text": lambda value: value is None or isinstance(value, str),
    "texts": lambda value: value is None or isinstance(value, list),
}


def _unlike(said: _Join, event: Event | None) -> str:
    """What of a call the page would not send; "" where it would."""
    if event is None:
        return "the page has no such function"
    if said.trigger_id is not None and said.trigger_id not in event.triggers:
        return "nothing on the page calls that function so"
    if len(said.data) != len(event.inputs):
        return f"the function takes {len(event.inputs)} values"
    if not all(_FITS[shape](value) for shape, value in zip(event.inputs, said.data, strict=True)):
        return "a value is not of the kind that its component holds"
    if event.example and not _is_click(said.event_data):
        return "an example that is clicked on brings its text"
    if said.event_data is not None and len(json.dumps(said.event_data, ensure_ascii=False)) > MAX_EVENT_DATA:
        return "what is said of the event is too long"
    return ""


def _is_click(said: Mapping[str, Any] | None) -> bool:
    try:
        _Click.model_validate(said)
    except ValidationError:
        return False
    return True


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _nothing(scope: ASGIScope, receive: Receive, send: Send) -> None:
    await problem(404, "there is no such session")(scope, receive, send)


def _again(scope: ASGIScope, said: Mapping[str, Any], receive: Receive) -> Receive:
    """A body for whoever comes next: what was understood here, not bytes that a second reader might read otherwise."""
    body = json.dumps(said, ensure_ascii=False).encode("utf-8")
    kept = [(name, value) for name, value in scope["headers"] if name not in (b"content-length", b"transfer-encoding")]
    scope["headers"] = [*kept, (b"content-length", str(len(body)).encode("ascii"))]
    return again(body, receive)
