"""kill -9 at every touch of the disk: the old index or the new one serves, and the next build works."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from pathlib import Path

import pytest

from index import store
from index.build import build
from index.config import IndexSettings
from index.search import SearchIndex

HASHED = IndexSettings(embedder="hash")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a child process")


def build_until(data: Path, given: Path, touches: int | None) -> int:
    """Build in a child process that dies at its n-th touch of the data folder; how it ended.

    Python reports every opening, renaming, making and removing to audit hooks just before it happens.
    """
    child = os.fork()
    if child == 0:
        seen = 0

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            path = arguments[0] if arguments else None
            if event.startswith(("open", "os.", "shutil.", "sqlite3.connect")) and str(data) in str(path):
                seen += 1
                if seen == touches:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            build(data, HASHED, [given], progress=False)
        finally:
            os._exit(min(seen, 255))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


@pytest.fixture
def changed(plan_files: Path) -> Path:
    """One plan with another text and one more plan."""
    (plan_files / "pond.txt").write_bytes((plan_files / "lake.txt").read_bytes())
    lake = plan_files / "lake.txt"
    lake.write_text(lake.read_text(encoding="utf-8").replace("社区食堂", "村镇食堂"), encoding="utf-8")
    return plan_files


def survives(data: Path, given: Path, touches: int) -> None:
    assert build_until(data, given, touches) == -signal.SIGKILL
    index = SearchIndex.open(data, HASHED)  # whole, and of one state
    if "pond" in index.plans:
        assert "村镇食堂" in index.plans["lake"].text
    else:
        assert set(index.plans) == {"river", "lake"}
        assert "社区食堂" in index.plans["lake"].text
    assert index.search("食堂")

    build(data, HASHED, [given], progress=False)
    index = SearchIndex.open(data, HASHED)
    assert set(index.plans) == {"river", "lake", "pond"}
    assert "村镇食堂" in index.plans["lake"].text
    assert sorted(p.name for p in (data / "library").iterdir()) == ["lake", "pond", "river"]
    assert "村镇食堂" in (data / "library/lake/lake.txt").read_text(encoding="utf-8")
    left = {p.name for p in (data / "index").iterdir()}
    assert len(store.generations(data)) <= 2
    assert not [name for name in left if name.endswith(".tmp")]


def touches_of(data: Path, given: Path, tmp_path: Path) -> int:
    shutil.copytree(data, tmp_path / "counted")
    return build_until(tmp_path / "counted", given, None)


def test_killed_anywhere_a_sample(built: Path, changed: Path, tmp_path: Path) -> None:
    touches = touches_of(built, changed, tmp_path)
    assert 40 < touches < 255  # as many as an exit status can say
    for n in sorted(random.Random(7).sample(range(1, touches), 12)):
        data = tmp_path / f"killed-{n}"
        shutil.copytree(built, data)
        survives(data, changed, n)


@pytest.mark.slow
def test_killed_everywhere(built: Path, changed: Path, tmp_path: Path) -> None:
    for n in range(1, touches_of(built, changed, tmp_path)):
        data = tmp_path / f"killed-{n}"
        shutil.copytree(built, data)
        survives(data, changed, n)


def test_killed_again_and_again_it_gets_there(built: Path, changed: Path) -> None:
    """Each attempt dies a little later than the one before, on what that one left."""
    for n in range(3, 60, 8):
        assert build_until(built, changed, n) == -signal.SIGKILL
    assert build(built, HASHED, [changed], progress=False)
    assert set(SearchIndex.open(built, HASHED).plans) == {"river", "lake", "pond"}
