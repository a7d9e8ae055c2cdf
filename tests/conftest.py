"""What several layers' tests share: one index of the shipped plans, made with the real embedder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_TOLD = pytest.StashKey[list[str]]()


@pytest.fixture
def tell_at_the_end(request: pytest.FixtureRequest) -> Callable[[list[str]], None]:
    """Prints some lines after all tests, whether they pass or not."""
    return request.config.stash.setdefault(_TOLD, []).extend


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The verdicts of the gate, with every question lost."""
    told = config.stash.get(_TOLD, [])
    if told:
        terminalreporter.section("gate")
        for line in told:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def shipped_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an index of the shipped plans. Read it, copy it, never change it."""
    from index.build import build
    from index.config import IndexSettings

    data = tmp_path_factory.mktemp("shipped")
    build(data, IndexSettings(), progress=False)
    return data
