"""The bench of the server under load measures what it says: answers, refusals, and what was asked."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from evals.bench.client import NEW, run
from evals.bench.load import Row, Served, copied, get, post
from tests.loops import in_own_loop


class Answers:
    """A server that answers each path in its own way, and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(head.split(b"\r\n")[0])
                said = {b"/full": b"503 x\r\nRetry-After: 7", b"/bare": b"429 x", b"/wrong": b"500 x"}
                status = said.get(head.split()[1], b"200 OK")
                writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n{}")
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()


def driven(path: str, **more: Any) -> tuple[Any, Answers]:
    async def both() -> tuple[Any, Answers]:
        answers = Answers()
        server = await asyncio.start_server(answers, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        task = {"port": port, "clients": 2, "seconds": 0.2, "requests": [get(path)], **more}
        async with server:
            return await run(task), answers

    return in_own_loop(both())


def test_each_answer_counts_as_what_it_is() -> None:
    good, asked = driven("/x")
    assert len(good.accepted) == len(asked.asked) > 2
    assert (good.refused, good.bare, good.failed) == ([], 0, {})
    full, _ = driven("/full")
    assert full.refused
    assert (full.accepted, full.bare, full.failed) == ([], 0, {})
    bare, _ = driven("/bare")
    assert bare.bare == len(bare.refused) > 0
    wrong, _ = driven("/wrong")
    assert (wrong.accepted, wrong.refused) == ([], [])
    assert wrong.failed["500"] > 0


def test_a_new_text_is_another_one_each_time() -> None:
    _, asked = driven(f"/x{NEW}")
    assert len(set(asked.asked)) == len(asked.asked) > 2


def test_a_polite_client_waits() -> None:
    async def waited() -> float:
        answers = Answers()
        server = await asyncio.start_server(answers, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        task = {"port": port, "clients": 1, "seconds": 0.1, "requests": [get("/full")], "polite": True}
        async with server:
            try:
                return (await asyncio.wait_for(run(task), 1.0)).seconds
            except TimeoutError:
                return float(len(answers.asked))

    assert in_own_loop(waited()) == 1.0  # one request, and seven seconds of patience


def test_what_the_server_computed_and_holds_is_read_of_its_process() -> None:
    class Own:
        pid = os.getpid()

    own = Served(0, Own())  # type: ignore[arg-type]
    before = own.cpu()
    while own.cpu() < before + 0.05:
        sum(range(10_000))
    threads, files, megabytes = own.held()
    assert threads >= 1
    assert files >= 3
    assert megabytes > 10


def test_a_copy_has_the_index_and_not_the_rest(tmp_path: Path) -> None:
    for name in ("index/1/x", "cache/vectors.sqlite", "feedback.sqlite", "audit/y"):
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "data" / name).write_text("x")
    copy = copied(tmp_path / "data", tmp_path / "copy")
    assert sorted(path.name for path in copy.iterdir()) == ["cache", "index"]


def test_a_row_is_as_wide_as_the_head() -> None:
    from evals.bench.load import HEAD

    assert len(Row("x", 8, 1.0, 2.0, 3.0, 4.0, 5, 6.0, 0, 7).line()) == len(HEAD)
    assert post("/x", {"a": "问"}).endswith('{"a": "\\u95ee"}')
