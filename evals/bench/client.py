"""Many clients in one process, as cheap as Python allows: one task and one connection each, requests as finished bytes.

    python -m evals.bench.client < TASK.json > RESULT.json

In a process of its own, so that the server is not measured with its clients' work in it; they share the machine's cores
all the same. Imports nothing of ours. A task is ``{"port", "clients", "seconds", "polite", "requests"}``: each client
sends one of ``requests`` (a text, sent as it is but for ``NEW``, in whose place stands another number each time) after
the other, the next when the last is answered. A polite one waits for as long as Retry-After says. In a chat task,
``{"chat": {"fn", "asks"}}``, each asks through Gradio's queue instead: joins it with the inputs of one of ``asks``, and
listens until the answer is there.

The result has, in milliseconds, every time of an answer that was given (``accepted``) and of one that was refused
(``refused``, 429 and 503), the number of refusals without Retry-After, and every other status (``failed``).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import secrets
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_AFTER = re.compile(rb"\r\nretry-after: (\d+)", re.IGNORECASE)
NEW = "00000000"
PATIENCE = 30.0  # seconds for one answer


@dataclass
class Result:
    """What came of a task."""

    seconds: float = 0.0
    accepted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    bare: int = 0  # refusals without Retry-After
    failed: dict[str, int] = field(default_factory=dict)

    def fail(self, what: str) -> None:
        """One request that was neither answered nor refused."""
        self.failed[what] = self.failed.get(what, 0) + 1


class Connection:
    """One connection, opened again where the server closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, request: bytes) -> tuple[int, bytes, bytes]:
        """(status, head, body) of the answer. Raises ``OSError`` or ``EOFError``."""
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if b"\r\nconnection: close" in head.lower() or not length:
            await self.close()
        return int(head[9:12]), head, body

    async def close(self) -> None:
        """Ends it."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _client(task: dict[str, Any], n: int, end: float, result: Result) -> None:
    connection = Connection(task["port"])
    numbers = itertools.count(n * 100_000 + 1)
    chat, polite = task.get("chat"), task.get("polite", False)
    requests = itertools.cycle([one.encode() for one in task.get("requests", [])] or [b""])
    for _ in range(n % max(len(task.get("requests", [])), 1)):
        next(requests)  # not all the same question at once
    asked = 0
    while time.perf_counter() < end:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                if chat:
                    asked += 1
                    status, head = await _ask_in_the_chat(task["port"], connection, chat, n + asked)
                else:
                    status, head, _ = await connection.exchange(
                        next(requests).replace(NEW.encode(), b"%08d" % next(numbers))
                    )
        except (OSError, EOFError, asyncio.IncompleteReadError, TimeoutError) as error:
            result.fail(type(error).__name__)
            await connection.close()
            await asyncio.sleep(0.01)
            continue
        spent = (time.perf_counter() - began) * 1000
        if status == 200:
            result.accepted.append(spent)
        elif status in (429, 503):
            result.refused.append(spent)
            after = _AFTER.search(head)
            result.bare += after is None
            if polite:
                await asyncio.sleep(float(after[1]) if after else 1.0)
        else:
            result.fail(str(status))
    await connection.close()


async def _ask_in_the_chat(port: int, connection: Connection, chat: dict[str, Any], n: int) -> tuple[int, bytes]:
    """One question through Gradio's queue: joined, and listened for until the answer is there; (status, head)."""
    session = secrets.token_hex(8)
    inputs = chat["asks"][n % len(chat["asks"])]
    asked = {"data": inputs, "fn_index": chat["fn"], "session_hash": session, "event_data": None}
    body = json.dumps(asked).replace(NEW, f"{secrets.randbelow(10**8):08d}").encode()
    join = (
        b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    status, head, _ = await connection.exchange(join + body)
    if status != 200:
        return status, head
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        listen = f"GET /gradio_api/queue/data?session_hash={session} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        writer.write(listen.encode())
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        said = b""
        while status == 200 and (more := await reader.read(65536)):
            said += more
            if b'"close_stream"' in said:
                # What fails behind the queue is told as an event, after which the page says so.
                return (200 if b'"success":true' in said else 500), head
        return (status if status != 200 else 500), head
    finally:
        writer.close()


async def run(task: dict[str, Any]) -> Result:
    """All clients of a task, to its end."""
    result = Result()
    began = time.perf_counter()
    end = began + task["seconds"]
    await asyncio.gather(*(_client(task, n, end, result) for n in range(task["clients"])))
    result.seconds = time.perf_counter() - began
    return result


if __name__ == "__main__":
    json.dump(asdict(asyncio.run(run(json.load(sys.stdin)))), sys.stdout)
