"""A disk that is nearly full: /readyz says so, to an administrator also why, and doctor tells it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi.responses import Response
from fastapi.testclient import TestClient

from assistant.access.model import Principal
from assistant.api import build_api
from assistant.guard.asgi import ASGIScope
from assistant.holder import Holder
from assistant.room import want_of_room

GB = 1 << 30


class Usage(NamedTuple):
    """What the system says of a disk, in bytes."""

    total: int
    used: int
    free: int


class Nobody:
    """Nobody has logged in."""

    async def identify(self, scope: ASGIScope) -> Principal | Response | None:
        return None


@pytest.mark.parametrize(
    ("total", "free", "room"),
    [(100, 50, True), (100, 0.9, False), (10, 0.6, True), (10, 0.4, False), (4000, 1.1, True), (4000, 0.9, False)],
)
def test_five_percent_or_a_gigabyte_is_room(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, total: float, free: float, room: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(int(total * GB), 0, int(free * GB)))
    assert (want_of_room(tmp_path) is None) is room


def test_a_full_disk_is_not_ready(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, fake: Any) -> None:
    local = TestClient(build_api(Holder(fake), data=tmp_path))
    stranger = TestClient(build_api(Holder(fake), data=tmp_path, identify=Nobody()))
    assert local.get("/readyz").status_code == stranger.get("/readyz").status_code == 200
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(100 * GB, 100 * GB, 5 << 20))
    answers = [client.get("/readyz") for client in (local, stranger)]
    assert [answer.status_code for answer in answers] == [503, 503]
    assert all(answer.headers["retry-after"] for answer in answers)
    assert "5 MB" in answers[0].json()["detail"]
    assert "MB" not in answers[1].text
    assert str(tmp_path) not in answers[1].text
    assert local.get("/healthz").status_code == 200
    assert local.get("/api/v1/plans").status_code == 200  # what is there is read as before
