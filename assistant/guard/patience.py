"""How long the server waits for a client: uvicorn's protocol with an end to requests that never come to theirs.

uvicorn waits for ever for a first request, for the rest of its headers, for the rest of its body, and for a client that
does not read its answer; and a connection that waits so counts as one of those that it serves at most. Here each has a
time. Where nearly all connections are taken, the one that has waited longest without a request is closed for the new
one.

A client that was refused and asks again at once, whatever Retry-After says, would have the server do nothing but refuse
it: what it sends is not read for a moment. A proxy's connections are many users', and are always read.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Collection
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.guard.forwarded import Network, within
from assistant.guard.refusal import was_refused

HEAD_SECONDS = 10.0  # from the connection, or the first byte of a further request, to the end of its headers
BODY_SECONDS = 30.0  # for any body
BODY_RATE = 20_000  # bytes a second that a body has to come with, beyond that time, and an answer to be taken with
READ_SECONDS = 30.0  # between two looks at how much of an answer that does not fit into the buffers was taken
CONNECTIONS = 2_000  # above all that our own limits let in, so that uvicorn's bare refusal is not reached
PAUSE = 0.5  # seconds after a refusal for want of room in which nothing more is read of that client
SPARE = 50  # connections that are kept free of waiting ones


class Together:
    """A transport that sends head and body of an answer, which uvicorn writes one after the other, as one.

    Sending is most of what a short answer costs. What is written waits until whoever writes lets others run, and never
    for more than ``MOST`` bytes; everything else is the transport's own.
    """

    MOST = 65_536

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []
        self._length = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Sends it, at the latest when the event loop comes round."""
        if not self._written:
            self._loop.call_soon(self._send)
        self._written.append(data)
        self._length += len(data)
        if self._length > self.MOST:
            self._send()

    def close(self) -> None:
        """Closes it behind what was written."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._written:
            whole = b"".join(self._written)
            self._written, self._length = [], 0
            self._transport.write(whole)


def patient(proxies: Collection[Network]) -> type[Patient]:
    """The protocol of one server."""
    return type("Patient", (Patient,), {"waiting": {}, "proxies": tuple(proxies)})


class Patient(H11Protocol):  # type: ignore[misc]
    """One connection; see the module's docstring."""

    # Connections that wait for a request, the longest waiting first, and whose connections are many users'.
    waiting: dict[Patient, None]
    proxies: tuple[Network, ...]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._deadline: asyncio.TimerHandle | None = None
        self._stage: object = None
        self._taken = 0
        self._since = 0.0
        self._unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Waits for the first request."""
        super().connection_made(Together(transport, self.loop))
        # asyncio does this only for listeners that were made with the number of TCP. Without it, head and body of
        # an answer, two writes, come 40 ms apart: the second waits until the first is acknowledged.
        link = transport.get_extra_info("socket")
        if link is not None and link.family in (socket.AF_INET, socket.AF_INET6):
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if len(self.connections) > CONNECTIONS - SPARE and self.waiting:
            next(iter(self.waiting))._give_up()
        self._look()

    def data_received(self, data: bytes) -> None:
        """Takes what came, and sees what is still to come."""
        self._taken += len(data)
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """The next request, or the rest of a body that nobody read, has its own time."""
        super().on_response_complete()
        self._look()
        if was_refused(self.cycle.scope) and not self.transport.is_closing() and not within(self.client, self.proxies):
            self.flow.pause_reading()
            self.loop.call_later(PAUSE, self._go_on)

    def _go_on(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is waited for."""
        self._set(None, 0.0)
        self._read_on()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._read_on()
        self._look_again()

    def _look_again(self) -> None:
        self._unread = self.loop.call_later(READ_SECONDS, self._taken_of, self.transport.get_write_buffer_size())

    def _taken_of(self, before: int) -> None:
        """A whole file lies in the buffer until its last bytes: who takes it slowly, but takes it, keeps it."""
        if before - self.transport.get_write_buffer_size() < READ_SECONDS * BODY_RATE:
            self.transport.abort()
        else:
            self._look_again()

    def resume_writing(self) -> None:
        """It reads on."""
        self._read_on()
        super().resume_writing()

    def _read_on(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _look(self) -> None:
        """Sets the clock by what the client has to send next; it runs on as long as that stays the same."""
        state = self.conn.their_state
        if self.transport.is_closing():
            self._set(None, 0.0)
        elif state is h11.IDLE:
            # Between two requests uvicorn has a clock of its own, until the first byte.
            begun = self.cycle is None or bool(self.conn.trailing_data[0])
            self._set("head" if begun else None, HEAD_SECONDS)
        elif state is h11.SEND_BODY:
            self._set("body", BODY_SECONDS)
        else:
            self._set(None, 0.0)

    def _set(self, stage: str | None, seconds: float) -> None:
        if stage == self._stage:
            return
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        self.waiting.pop(self, None)
        self._stage, self._taken = stage, 0
        if stage is None:
            return
        if stage == "head":
            self.waiting[self] = None
        self._since = self.loop.time()
        self._deadline = self.loop.call_later(seconds, self._over)

    def _over(self) -> None:
        """A body may take longer where it comes fast enough; for everything else the time is over."""
        if self._stage == "body":
            left = BODY_SECONDS + self._taken / BODY_RATE - (self.loop.time() - self._since)
            if left > 0 or self.flow.read_paused:  # it is we who do not read
                self._deadline = self.loop.call_later(max(left, 1.0), self._over)
                return
        self._give_up()

    def _give_up(self) -> None:
        self._set(None, 0.0)
        self.transport.close()
