"""A running OpenID provider and a server that trusts it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.access.office import SECRET_ENV, Office
from tests.access.provider import SECRET, Provider, running


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as made:
        yield made


@pytest.fixture
def office(provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv(SECRET_ENV, SECRET)
    return Office(provider, tmp_path)


@pytest.fixture(scope="session")
def _standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with running() as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET_ENV, SECRET)
        office = Office(made, tmp_path_factory.mktemp("office"))
        assert office.app
        yield office


@pytest.fixture
def steady(_standing: Office) -> Office:
    """A server that stands through the run, for what changes nothing of it; its provider is as at the beginning."""
    _standing.provider.reset()
    return _standing
