"""What several layers' tests share: an index of the shipped plans, and the guard that lets nothing off this machine."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.guarded import socket_guard

# Two workers with two threads each on two cores: a thread that waits must not hold a core (a third less computing).
# Read when the embedding engine is loaded, here and in the servers that tests start.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# How long one example takes says what else the machine does; growth is measured where it matters.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

_REFUSED = pytest.StashKey[socket_guard.Notes]()
_TOLD = pytest.StashKey[list[str]]()
_SENT = "told"  # the name under which a worker of pytest-xdist sends its lines to the process that prints


def pytest_configure(config: pytest.Config) -> None:
    """From here on neither this process nor one that it starts can reach another machine."""
    descriptor, notes = tempfile.mkstemp(prefix="refused-", suffix=".jsonl")
    os.close(descriptor)
    config.add_cleanup(Path(notes).unlink)
    config.stash[_REFUSED] = socket_guard.Notes(Path(notes))
    os.environ[socket_guard.NOTES] = notes
    guarded = [str(socket_guard.FOLDER), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(filter(None, guarded)))
    socket_guard.install()


@pytest.hookimpl(wrapper=True)
def _stayed_here(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fails a test in which something tried to reach out, also where the product swallowed the refusal."""
    done = yield
    if refused := item.config.stash[_REFUSED].new():
        pytest.fail("\n".join(f"{one['program']} tried {one['event']} {one['where']}" for one in refused))
    return done


# Each part of a test, so that what a fixture does at its beginning or end counts too.
pytest_runtest_setup = pytest_runtest_call = pytest_runtest_teardown = _stayed_here


@pytest.fixture
def refused(request: pytest.FixtureRequest) -> socket_guard.Notes:
    """What the guard refused: for a test that reaches out on purpose (``with refused.expected() as tried``)."""
    return request.config.stash[_REFUSED]


@pytest.fixture
def tell_at_the_end(request: pytest.FixtureRequest) -> Callable[[list[str]], None]:
    """Prints some lines after all tests, whether they pass or not."""
    return request.config.stash.setdefault(_TOLD, []).extend


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker prints nothing: what its tests have to say goes to the process that does."""
    sent = getattr(session.config, "workeroutput", None)
    if sent is not None:
        sent[_SENT] = session.config.stash.get(_TOLD, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Takes a worker's lines; one that crashed has sent none."""
    told = node.config.stash.setdefault(_TOLD, [])
    told.extend((getattr(node, "workeroutput", None) or {}).get(_SENT, []))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The verdicts of the gate, with every question lost."""
    told = config.stash.get(_TOLD, [])
    if told:
        terminalreporter.section("gate")
        for line in told:
            terminalreporter.write_line(line)


def shared_folder(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that ``make`` fills once a run, however many workers there are: they wait for the first of them."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = tmp_path_factory.mktemp(name)
        make(folder)
        return folder
    folder = base.parent / f"shared-{name}"  # beside the folders of the workers
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            making = base / name  # a name of its own, so that a folder that was not finished is never taken
            making.mkdir()
            make(making)
            making.rename(folder)
    return folder


@pytest.fixture(scope="session")
def shipped_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an index of the shipped plans. Read it, copy it, never change it."""
    from index.build import build
    from index.config import IndexSettings

    return shared_folder(tmp_path_factory, "shipped", lambda data: build(data, IndexSettings(), progress=False))


QUIET = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


def chromium_path() -> str | None:
    """Where this machine's Chromium lies."""
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return None


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium; without one the test is skipped, or fails where REQUIRE_BROWSER is set."""
    path = chromium_path()
    if path is None:
        reason = "no Chromium on this machine: apt-get install chromium fonts-noto-cjk"
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()
