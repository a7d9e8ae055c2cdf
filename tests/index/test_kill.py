"""kill -9 at every touch of the disk: the old index or the new one serves, and the next build works."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.corrections import correction_of
from corpus.model import Plan
from index import store
from index.build import build
from index.config import IndexSettings
from index.library import Library, listing
from index.search import SearchIndex

HASHED = IndexSettings(embedder="hash")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a child process")


def build_until(data: Path, given: Path, touches: int | None) -> int:
    """Build in a child process that dies at its n-th touch of the data folder; how it ended."""
    return until(data, lambda: build(data, HASHED, [given], progress=False), touches)


def until(data: Path, act: Callable[[], object], touches: int | None) -> int:
    """Something done in a child process that dies at its n-th touch of the data folder; how it ended.

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
            act()
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


# -- whoever looks after a library ----------------------------------------------------------------------------

State = tuple[tuple[str, bool, str], ...]


def state_of(data: Path) -> State:
    """What a reader sees: each plan, whether its text is the new one, and who leads its first task."""
    return tuple(
        (plan.id, "村镇食堂" in plan.text, led(plan)) for plan in SearchIndex.open(data, HASHED).plans.values()
    )


def led(plan: Plan) -> str:
    assignment = next(iter(plan.assignments))
    return "、".join(assignment.lead)


def replaced(data: Path, given: Path) -> None:
    Library(data, HASHED).replace("lake", given / "lake.txt")


def removed(data: Path, given: Path) -> None:
    Library(data, HASHED).remove("lake")


def restored(data: Path, given: Path) -> None:
    Library(data, HASHED).restore("lake")


def corrected(data: Path, given: Path) -> None:
    plan = SearchIndex.open(data, HASHED).plans["lake"]
    Library(data, HASHED).correct("lake", [correction_of(plan, plan.tasks()[0], lead=["市老龄办"])])


Act = Callable[[Path, Path], None]
# What is done before, and what is done while the process is killed.
OPERATIONS: dict[str, tuple[list[Act], Act]] = {
    "replace": ([], replaced),
    "replace a corrected plan": ([corrected], replaced),
    "remove": ([], removed),
    "remove a corrected plan": ([corrected], removed),
    "restore a removed plan": ([removed], restored),
    "restore an earlier version": ([replaced], restored),
    "correct": ([], corrected),
}


def prepared(built: Path, given: Path, name: str) -> tuple[Path, Act]:
    before, act = OPERATIONS[name]
    for earlier in before:
        earlier(built, given)
    return built, act


def outlives(data: Path, given: Path, act: Act, touches: int, old: State, new: State) -> None:
    """Killed at a touch: the old state or the new; and the next operation leaves no trace of it."""
    assert until(data, lambda: act(data, given), touches) == -signal.SIGKILL
    now = state_of(data)
    assert now in (old, new)
    listing(data)
    build(data, HASHED, [data / "library"], progress=False)  # whatever comes next finishes it or clears it away
    assert state_of(data) == now
    assert not [p for p in (data / "index").iterdir() if p.name.endswith(".tmp")]
    assert not list(data.glob("**/.old-*")) and not list(data.glob("index/*/incoming"))
    current = {entry.id for entry in listing(data) if entry.state == "current"}
    assert {p.name for p in (data / "library").iterdir()} == current
    if now == old:
        act(data, given)
        assert state_of(data) == new
    build(data, HASHED, [data / "library"], progress=False)
    assert state_of(data) == new
    versions = {(entry.id, version.number) for entry in listing(data) for version in entry.versions}
    kept = data.glob("versions/*/*/version.json")
    assert {(p.parent.parent.name, int(p.parent.name)) for p in kept} == versions


def before_and_after(data: Path, given: Path, act: Act, tmp_path: Path) -> tuple[State, State, int]:
    counted = tmp_path / "counted"
    shutil.copytree(data, counted)
    touches = until(counted, lambda: act(counted, given), None)
    assert 40 < touches < 255
    old, new = state_of(data), state_of(counted)
    assert old != new
    return old, new, touches


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_killed_anywhere_a_sample(built: Path, changed: Path, tmp_path: Path, name: str) -> None:
    data, act = prepared(built, changed, name)
    old, new, touches = before_and_after(data, changed, act, tmp_path)
    for n in sorted(random.Random(name).sample(range(1, touches), 5)):
        copy = tmp_path / f"killed-{n}"
        shutil.copytree(data, copy)
        outlives(copy, changed, act, n, old, new)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_killed_everywhere(built: Path, changed: Path, tmp_path: Path, name: str) -> None:
    data, act = prepared(built, changed, name)
    old, new, touches = before_and_after(data, changed, act, tmp_path)
    for n in range(1, touches):
        copy = tmp_path / f"killed-{n}"
        shutil.copytree(data, copy)
        outlives(copy, changed, act, n, old, new)
        shutil.rmtree(copy)
