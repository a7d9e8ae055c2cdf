"""The real server while plans change: another process builds, readers go on asking, and nothing is restarted."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "修建滨江绿道由谁牵头?"
OFFICES = ("市园林局", "市水利局")


def greenway(folder: Path, office: str) -> Path:
    file = folder / f"{office}.txt"
    file.write_text(f"临江市2031年绿道建设方案\n一、任务\n1.修建滨江绿道,串联公园。({office}牵头)\n", encoding="utf-8")
    return file


def index(data: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "index", *arguments, "--data", str(data)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def fetch(url: str, body: dict[str, Any] | None = None) -> Any:
    data = json.dumps(body).encode() if body else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def eventually(holds: Callable[[], bool], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return holds()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The plan that changes, and another; no model is loaded."""
    config, given = tmp_path / "settings.toml", tmp_path / "given"
    config.write_text('[index]\nembedder = "hash"\n', encoding="utf-8")
    monkeypatch.setenv("ASSISTANT_CONFIG", str(config))
    given.mkdir()
    greenway(tmp_path, OFFICES[0]).rename(given / "greenway.txt")
    (given / "corner.txt").write_text("河西市图书角方案\n一、任务\n1.设立图书角。(市文旅局牵头)\n", encoding="utf-8")
    index(tmp_path / "data", "build", str(given))
    return tmp_path / "data"


@pytest.mark.slow  # tests/assistant/test_reload.py asks within one process in make test
def test_readers_of_a_running_server_see_each_state_whole(
    data: Path, tmp_path: Path, start: Callable[[Path], Any]
) -> None:
    server = start(data)
    faults: list[str] = []
    ended = threading.Event()
    answered = [0]

    def read() -> None:
        while not ended.is_set():
            try:
                answer = fetch(f"{server.url}/api/v1/ask", {"turns": [QUESTION]})
                (row,) = answer["assignments"]
                (lead,) = row["lead"]
                if not any(lead in citation["quote"] for citation in answer["citations"]) or lead not in answer["text"]:
                    faults.append(f"an answer of two states: {answer}")
                fetch(f"{server.url}/api/v1/search?q={urllib.parse.quote('图书角')}")
                answered[0] += 1
            except Exception as error:
                faults.append(f"{type(error).__name__}: {error}")

    def lead_is(office: str) -> bool:
        rows = fetch(f"{server.url}/api/v1/assignments?plan=greenway")["assignments"]
        return bool([row for row in rows if row["lead"] == [office]])

    def served() -> list[str]:
        return [plan["id"] for plan in fetch(f"{server.url}/api/v1/plans")["plans"]]

    threads = [threading.Thread(target=read) for _ in range(2)]
    try:
        for thread in threads:
            thread.start()
        for office in (OFFICES[1], OFFICES[0], OFFICES[1]):
            index(data, "replace", "greenway", str(greenway(tmp_path, office)))
            assert eventually(lambda office=office: lead_is(office)), office  # type: ignore[misc]
        index(data, "remove", "corner")
        assert eventually(lambda: "corner" not in served())
        index(data, "restore", "corner")
        assert eventually(lambda: "corner" in served())
        (damaged := data / "index" / "CURRENT").write_text("000099 0\n")  # what no build writes
        time.sleep(5)
        assert "corner" in served()
        ended.set()
        damaged.unlink()
    finally:
        ended.set()
        for thread in threads:
            thread.join()
        server.process.terminate()
        _, said = server.process.communicate(timeout=30)
    assert faults == []
    assert answered[0] > 10
    (line,) = [line for line in said.splitlines() if "still serving" in line]
    assert "000099" in line
    assert "Traceback" not in said
