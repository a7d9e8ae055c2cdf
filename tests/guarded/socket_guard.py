"""No test reaches another machine: a hook that refuses connections and look-ups which leave this one, and notes them.

An audit hook sees every socket of Python, also those of a library that swallows the error, and cannot be taken off
again. What it refuses goes as a line of JSON to the file that NOTES names, so that a server which a test starts
(``sitecustomize.py`` in this folder guards it) tells as well as the test's own process. Standard library only: it is
loaded before anything else.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOTES = "SOCKET_GUARD_NOTES"  # the environment variable with the path of the file
FOLDER = Path(__file__).resolve().parent
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_SENDS = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class Outside(OSError):
    """Something tried to leave this machine."""


def is_here(host: object) -> bool:
    """Whether a host is this machine: localhost or a loopback address. Any other name would have to be looked up."""
    text = host.decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text.lower() == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def outside(event: str, arguments: tuple[Any, ...]) -> str | None:
    """Where an audit event leads, if it leads out of this machine."""
    if event in _LOOKUPS:
        host = arguments[0]
        here = host in (None, "", b"", "0.0.0.0", "::") or is_here(host)  # without a name: where a server listens
        return None if here else str(host)
    if event in _SENDS:
        opened, where = arguments[0], arguments[-1]
        if where is None or opened.family not in (socket.AF_INET, socket.AF_INET6):
            return None  # connected before, or a socket that is a file
        return None if is_here(where[0]) else str(where)
    return None


def hook(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuses what leads out, and notes it. Raises ``Outside``."""
    if event.startswith("socket.") and (where := outside(event, arguments)) is not None:
        if notes := os.environ.get(NOTES):
            line = json.dumps({"event": event, "where": where, "process": os.getpid(), "program": sys.argv[:2]})
            with Path(notes).open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        raise Outside(f"not allowed in a test: {event} {where}")


def install() -> None:
    """Guards this process from now on."""
    sys.addaudithook(hook)


class Notes:
    """What was refused in this run: in the test's process, and in those that it started."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen = file.stat().st_size

    def new(self) -> list[dict[str, Any]]:
        """What was refused since the last call."""
        if self._file.stat().st_size == self._seen:
            return []
        with self._file.open("rb") as file:
            file.seek(self._seen)
            lines = file.read()
        self._seen += len(lines)
        return [json.loads(line) for line in lines.decode("utf-8").splitlines()]

    @contextmanager
    def expected(self) -> Iterator[list[dict[str, Any]]]:
        """For a test that tries to reach out on purpose: what was refused within stands in the list afterwards."""
        refused: list[dict[str, Any]] = []
        try:
            yield refused
        finally:
            refused.extend(self.new())
