"""The assistant over three invented plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.service import Assistant
from index.build import build
from index.config import IndexSettings
from tests.assistant.invented import PLANS

HASHED = IndexSettings(embedder="hash")  # vectors that depend on the words; no model is loaded


@pytest.fixture(scope="session")
def invented_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an index of the three plans."""
    given, data = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("data")
    for name, text in PLANS.items():
        (given / f"{name}.txt").write_text(text, encoding="utf-8")
    build(data, HASHED, [given], progress=False)
    return data


@pytest.fixture(scope="session")
def assistant(invented_data: Path) -> Assistant:
    """The assistant over the three plans."""
    return Assistant.open(invented_data, index_settings=HASHED)
