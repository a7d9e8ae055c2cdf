"""What several layers' tests share: one index of the shipped plans, made with the real embedder."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shipped_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an index of the shipped plans. Read it, copy it, never change it."""
    from index.build import build
    from index.config import IndexSettings

    data = tmp_path_factory.mktemp("shipped")
    build(data, IndexSettings(), progress=False)
    return data
