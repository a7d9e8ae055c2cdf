"""What lies where a plan should: links, pipes, devices, folders, files at work; and readers that are killed.

The numbers in the names are those of the project's list of bad inputs. What a child process may do to its caller is
tested in test_fork_server.py.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.child import parse
from corpus.errors import PlanUnreadable
from corpus.library import read_plan
from corpus.read import read_source
from corpus.read_draft import Limits, ReadError
from corpus.units import load_units
from index.sources import named
from tests.corpus.made import NORMAL, SHOWN, next_is_read, pages_of, reason, stream, written


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """A folder with one plan and what else may lie beside it."""
    folder = tmp_path / "plans"
    folder.mkdir()
    written(folder, NORMAL, "plan.txt")
    return folder


def ids(folder: Path, data: Path) -> list[str]:
    scratch = data / "scratch"
    scratch.mkdir()
    return [plan.id for _, plan in named([folder], data, load_units(), scratch)]


@pytest.mark.parametrize("name", ["a.docx", "a.pdf", "a.txt", "a.html"])
def test_e54_a_folder_named_like_a_file_is_a_folder(watched: Path, tmp_path: Path, name: str) -> None:
    (watched / name).mkdir()
    assert "is a folder" in reason_of(watched / name)
    assert ids(watched, tmp_path) == ["plan"]


def reason_of(path: Path) -> str:
    with pytest.raises(PlanUnreadable) as refusal:
        read_source(path)
    told = str(refusal.value)
    assert told.isprintable()
    return told


def test_e54_a_pipe_is_not_waited_for(watched: Path) -> None:
    os.mkfifo(watched / "a.docx")
    start = time.monotonic()
    assert "not a regular file" in reason_of(watched / "a.docx")
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_e54_devices_and_links_to_them_are_refused(watched: Path, device: str) -> None:
    (watched / "a.txt").symlink_to(device)
    assert "not a regular file" in reason_of(watched / "a.txt")
    assert "not a regular file" in reason_of(Path(device))


def test_e54_links_that_lead_nowhere_or_round_are_refused(watched: Path) -> None:
    (watched / "gone.docx").symlink_to("nothing.docx")
    (watched / "round.docx").symlink_to("round.docx")
    assert "no such file" in reason_of(watched / "gone.docx")
    assert "cannot be read" in reason_of(watched / "round.docx")


def test_e54_a_link_to_a_plan_is_read(watched: Path) -> None:
    (watched / "link.txt").symlink_to("plan.txt")
    assert read_source(watched / "link.txt").text == NORMAL


def test_e54_a_name_with_line_breaks_is_told_on_one_line(watched: Path) -> None:
    path = watched / "two\nlines\r.txt"
    path.write_bytes(b"")
    assert reason_of(path).endswith("two?lines?.txt: is empty; get the file again")


@pytest.mark.parametrize("name", ["plan.txt", "plan.html"])
def test_e54_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = written(tmp_path, f"<html><body><p>{NORMAL}" if name.endswith("html") else NORMAL, name)
    import corpus.read as module

    whole = module._source

    def slowly(*args: object) -> object:
        source = whole(*args)  # type: ignore[arg-type]
        path.write_text("第一条 别的\n" * 99, encoding="utf-8")
        return source

    monkeypatch.setattr(module, "_source", slowly)
    assert "was changed while it was read" in reason(path)
    monkeypatch.undo()
    read_plan(path)


def test_e54_a_file_that_nobody_may_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, NORMAL, "plan.txt")
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    assert "check the path and its permissions" in reason(path)


def children() -> Iterator[int]:
    """The processes below this one, the nearest first."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has ended
                continue
            parents.setdefault(parent, []).append(int(folder.name))
    waiting = [os.getpid()]
    while waiting:
        found = parents.get(waiting.pop(0), [])
        yield from found
        waiting += found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGSTOP])
def test_e55_a_reader_that_is_killed_at_its_work_is_told(tmp_path: Path, number: signal.Signals) -> None:
    next_is_read(tmp_path)  # the server of readers runs
    path = written(tmp_path, pages_of(stream(SHOWN + b" q Q" * 3_000_000)), "slow.pdf")
    before = set(children())
    told: list[str] = []

    def read() -> None:
        with path.open("rb") as file:
            try:
                parse("pdf", file, Limits(cpu_seconds=8, wall_seconds=5.0))
            except ReadError as error:
                told.append(str(error))

    reading = threading.Thread(target=read)
    reading.start()
    deadline = time.monotonic() + 10
    while not (new := set(children()) - before) and time.monotonic() < deadline:
        time.sleep(0.01)
    for child in new:
        os.kill(child, number)
    reading.join(30)
    assert not reading.is_alive()
    expected = "more than 5 seconds" if number == signal.SIGSTOP else "makes its reader fail"
    assert told
    assert expected in told[0]
    assert not set(children()) - before
    next_is_read(tmp_path)


def test_e55_a_flood_of_text_is_cut_off(tmp_path: Path) -> None:
    path = written(tmp_path, "<html><body>" + "<p>一、推动企业开办</p>" * 20_000, "plan.html")
    with path.open("rb") as file, pytest.raises(ReadError, match="more text than can be read"):
        parse("html", file, Limits(result_bytes=100_000))
    next_is_read(tmp_path)
