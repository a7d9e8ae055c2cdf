"""J 114: no test connects to another machine or looks a name up, and the guard that sees to it bites."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guarded.socket_guard import NOTES, Notes

ROOT = Path(__file__).resolve().parents[1]
NOBODYS = "192.0.2.1"  # an address for documentation: no machine has it


def _datagram() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"?", (NOBODYS, 53))


def _message() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendmsg([b"?"], [], 0, (NOBODYS, 53))


def _connect(address: str, family: socket.AddressFamily = socket.AF_INET) -> Callable[[], None]:
    def attempt() -> None:
        with socket.socket(family) as opened:
            opened.settimeout(1)
            opened.connect_ex((address, 80))

    return attempt


OUT: dict[str, Callable[[], object]] = {
    "connection": lambda: socket.create_connection((NOBODYS, 80), timeout=1),
    "connection without exception": _connect(NOBODYS),
    "version 6": _connect("2001:db8::1", socket.AF_INET6),
    "version 4 in 6": _connect(f"::ffff:{NOBODYS}", socket.AF_INET6),
    "every address": _connect("0.0.0.0"),
    "datagram": _datagram,
    "message": _message,
    "name": lambda: socket.getaddrinfo("host.invalid", 80),
    "name of old": lambda: socket.gethostbyname("host.invalid"),
    "name and more": lambda: socket.gethostbyname_ex("host.invalid"),
    "name behind": lambda: socket.gethostbyaddr(NOBODYS),
    "name that begins like ours": lambda: socket.getaddrinfo("localhost.host.invalid", 80),
    "address of a machine": lambda: socket.getaddrinfo(NOBODYS, 80),
}


@pytest.mark.parametrize("way", OUT)
def test_114_a_way_out_is_refused_and_noted(way: str, refused: Notes) -> None:
    with refused.expected() as tried, pytest.raises(OSError, match="not allowed in a test"):
        OUT[way]()
    assert [one["event"].partition(".")[0] for one in tried] == ["socket"]
    assert tried[0]["process"] == os.getpid()


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_114_this_machine_is_reached(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family) as listener:
        try:
            listener.bind((address, 0))
        except OSError:
            pytest.skip(f"this machine has no {address}")
        listener.listen()
        with socket.create_connection((address, listener.getsockname()[1]), timeout=5) as opened:
            opened.sendall(b"?")
            assert listener.accept()[0].recv(1) == b"?"


def test_114_a_socket_that_is_a_file_is_reached(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as opened:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        opened.connect(str(tmp_path / "socket"))
    assert socket.getaddrinfo("localhost", 80)
    assert socket.getaddrinfo(None, 0, flags=socket.AI_PASSIVE)


SWALLOWED = """
import socket, subprocess, sys

CHILD = "import socket\\ntry:\\n    socket.create_connection(('192.0.2.1', 80), 1)\\nexcept OSError:\\n    pass"

def test_fails_although_nobody_raised():
    try:
        socket.getaddrinfo("host.invalid", 80)
    except OSError:
        pass

def test_fails_because_of_its_child():
    assert subprocess.run([sys.executable, "-c", CHILD]).returncode == 0

def test_passes():
    socket.getaddrinfo("localhost", 80)
"""


def test_114_a_test_fails_where_the_refusal_was_swallowed(tmp_path: Path) -> None:
    (tmp_path / "test_swallowed.py").write_text(SWALLOWED, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-o", "addopts="]
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path), "--import-mode=importlib", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if name != NOTES},
    )
    assert "2 failed, 1 passed" in done.stdout.splitlines()[-1], done.stdout + done.stderr
    assert "tried socket.getaddrinfo host.invalid" in done.stdout
    assert "tried socket.getaddrinfo 192.0.2.1" in done.stdout


def test_114_the_product_is_guarded_where_it_is_a_process_of_its_own(
    shipped_data: Path, tmp_path: Path, refused: Notes
) -> None:
    """An endpoint that the settings name is the one place that the product ever reaches: here it must not."""
    settings = tmp_path / "settings.toml"
    settings.write_text(f'[assistant]\nwriter_url = "http://{NOBODYS}/v1"\nwriter_model = "m"\n', encoding="utf-8")
    command = [sys.executable, "-m", "assistant", "ask", "甘肃省谁负责知识产权质押融资?", "--config", str(settings)]
    with refused.expected() as tried:
        done = subprocess.run(
            [*command, "--data", str(shipped_data)], cwd=ROOT, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0
    assert "省市场监管局" in done.stdout, done.stderr
    assert [(one["event"], one["where"]) for one in tried] == [("socket.getaddrinfo", NOBODYS)]
