"""The server's command line: wrong usage ends with one line and 2, before anything slow is loaded."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *arguments], capture_output=True, text=True, timeout=120
    )


def check_refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    for word in words:
        assert word in result.stderr


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = run("--port", port, "--data", str(tmp_path / "data"))
    check_refused(result, f"127.0.0.1:{port}", "--port")
    assert not (tmp_path / "data").exists()  # nothing was built for a server that cannot start


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "elsewhere.example", "127.1", "１２７.0.0.1", ""])
def test_only_loopback_is_served(host: str, tmp_path: Path) -> None:
    check_refused(run("--host", host, "--data", str(tmp_path)), "--host", "loopback")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(("--port", "x"), "--port"), (("--port", "70000"), "70000"), (("--nonsense",), "--nonsense")],
)
def test_wrong_usage(arguments: tuple[str, ...], word: str) -> None:
    check_refused(run(*arguments), word)
