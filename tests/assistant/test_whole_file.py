"""A file that is replaced in one step, whatever ends the writing."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.whole_file import write_whole

# Ends as a server that is killed does, with half of the new content written.
KILLED = """
import os, sys
from pathlib import Path
from assistant.whole_file import write_whole

def half(path, content):
    with path.open("wb") as file:
        file.write(content[: len(content) // 2])
    os._exit(9)

Path.write_bytes = half
write_whole(Path(sys.argv[1]), "what is new")
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "kept.json"
    path.write_text("what was there", encoding="utf-8")
    return path


@pytest.fixture
def umask() -> Iterator[None]:
    before = os.umask(0o027)
    yield
    os.umask(before)


@pytest.mark.parametrize(("content", "held"), [("新", "新".encode()), (b"\xff\n", b"\xff\n"), ("", b"")])
def test_the_new_content_stands_alone(file: Path, content: str | bytes, held: bytes) -> None:
    for path in (file, file.with_name("begun")):
        write_whole(path, content)
        assert path.read_bytes() == held
    assert sorted(one.name for one in file.parent.iterdir()) == ["begun", "kept.json"]


def test_a_process_that_is_killed_in_the_middle_leaves_the_old_file(file: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(file)], check=False, timeout=60)
    assert ended.returncode == 9
    assert file.read_text(encoding="utf-8") == "what was there"
    write_whole(file, "what is new")  # what it left is in nobody's way
    assert file.read_text(encoding="utf-8") == "what is new"


@pytest.mark.parametrize("step", ["pathlib.Path.write_bytes", "assistant.whole_file.sync", "pathlib.Path.replace"])
def test_a_step_that_fails_leaves_the_old_file_and_nothing_beside_it(
    file: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*of: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(step, full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(file, "what is new")
    assert file.read_text(encoding="utf-8") == "what was there"
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.usefixtures("umask")
def test_others_may_read_what_the_umask_lets_them(file: Path) -> None:
    """As of a file that is simply written: not the 0600 of a temporary one."""
    for path in (file, file.with_name("begun")):
        write_whole(path, "what is new")
        assert path.stat().st_mode & 0o777 == 0o640


def test_it_is_on_the_disk_before_it_takes_the_place(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []

    def sync(path: Path) -> None:
        synced.append((path.read_text(encoding="utf-8"), file.read_text(encoding="utf-8")))

    monkeypatch.setattr("assistant.whole_file.sync", sync)
    write_whole(file, "what is new")
    assert synced == [("what is new", "what was there")]
