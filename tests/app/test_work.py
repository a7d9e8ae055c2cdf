"""The lines of work: bounded, also for each one who uses them, so that nobody fills them for all."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from assistant.web.work import Job, Line, LineFull


def _until(go: threading.Event) -> Callable[[Job], None]:
    def work(_: Job) -> None:
        assert go.wait(30)

    return work


def test_nobody_fills_a_line_for_the_others() -> None:
    line, go = Line("test", 5, 3), threading.Event()

    def sent(by: str) -> Job:
        return line.put(Job("file", "reading", by=by), _until(go))

    jobs = [sent("李娜") for _ in range(3)]
    with pytest.raises(LineFull, match="files of yours"):
        sent("李娜")
    jobs.append(sent("王强"))
    go.set()
    assert line.wait(30)
    assert [job.state for job in jobs] == ["done"] * 4
    assert sent("李娜").by == "李娜"  # and once they are done there is room again


def test_a_line_is_bounded_for_all_together() -> None:
    line, go = Line("test", 2, 2), threading.Event()
    try:
        for number in range(3):  # one is worked at, two wait
            line.put(Job("file", "reading", by=str(number)), _until(go))
            while number == 0 and line._waiting.qsize():
                pass
        with pytest.raises(LineFull, match="too many files wait"):
            line.put(Job("file", "reading", by="3"), lambda _: None)
    finally:
        go.set()
