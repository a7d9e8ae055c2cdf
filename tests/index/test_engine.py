"""How calls of the bundled engine share its threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index import engine as module
from index.engine import BUNDLED_DIM, Engine, Matrix


class Desk:
    """Stands for the models: notes on how many threads each works, and lets calls wait for one another."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.busy = self.most = self.made = 0
        self.seen: list[int] = []
        self.hold: Callable[[], object] = lambda: None

    def load(self, threads: int) -> Model:
        self.made += 1
        return Model(self, threads)


class Model:
    def __init__(self, desk: Desk, threads: int) -> None:
        self.desk, self.threads, self.mine = desk, threads, threading.Lock()

    def encode(self, texts: Sequence[str], *, is_query: bool) -> Matrix:
        assert self.mine.acquire(blocking=False), "a model serves one call at a time"
        with self.desk.lock:
            self.desk.busy += self.threads
            self.desk.most = max(self.desk.most, self.desk.busy)
            self.desk.seen.append(self.threads)
        self.desk.hold()
        with self.desk.lock:
            self.desk.busy -= self.threads
        self.mine.release()
        return np.zeros((len(texts), BUNDLED_DIM), dtype=np.float32)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk()
    monkeypatch.setattr(module, "_loaded", made.load)
    return made


def test_a_call_that_is_alone_has_all_threads(desk: Desk) -> None:
    engine = Engine(4)
    for _ in range(3):
        engine.encode(["一"], is_query=True)
    assert desk.seen == [4, 4, 4]
    assert desk.made == 1


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_calls_that_meet_never_work_on_more_threads_than_were_set(desk: Desk, threads: int) -> None:
    engine = Engine(threads)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: engine.encode(["一"] * 20, is_query=False), range(100)))
    assert desk.most <= threads
    assert desk.made <= 1 + threads  # models are used again
    assert desk.busy == 0
    assert engine._threads_free == threads


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_calls_that_meet_work_beside_each_other(desk: Desk) -> None:
    """Three calls wait for a first one; two of them then have to be at work at the same time to end."""
    engine = Engine(2)
    first, meeting = threading.Event(), threading.Barrier(2)
    desk.hold = lambda: first.wait(20)
    with ThreadPoolExecutor(4) as pool:
        alone = pool.submit(engine.encode, ["一"], is_query=True)
        until(lambda: bool(desk.seen))
        others = [pool.submit(engine.encode, ["二"], is_query=True) for _ in range(2)]
        until(lambda: engine._waiting == 2)
        desk.hold = lambda: meeting.wait(20)
        first.set()
        for call in (alone, *others):
            call.result(30)
    assert desk.seen == [2, 1, 1]


def test_a_call_that_fails_gives_its_threads_back(desk: Desk) -> None:
    engine = Engine(2)

    def fail() -> None:
        desk.busy = 0
        raise MemoryError

    desk.hold = fail
    with pytest.raises(MemoryError):
        engine.encode(["一"], is_query=True)
    assert engine._threads_free == 2
