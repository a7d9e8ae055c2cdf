"""Nothing that the product does opens a connection to another machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.assistant.questions import SHIPPED_QUESTIONS

CHECKOUT = Path(__file__).parents[1]

# Runs in a process of its own: an audit hook sees every socket, also those that C code asks Python for, and cannot be
# taken off again; and only there is every module imported afresh.
GUARDED = """
import importlib, os, socket, sys
from pathlib import Path

tried = []


def guard(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind"):
        where = arguments[1] if event in ("socket.connect", "socket.sendto", "socket.bind") else arguments[0]
        host = where[0] if isinstance(where, tuple) else where
        if event.endswith(("connect", "sendto", "bind")) and arguments[0].family == socket.AF_UNIX:
            return
        if host not in ("127.0.0.1", "::1", "localhost", None):
            tried.append((event, where))
            raise OSError(f"not allowed: {event} {where}")


sys.addaudithook(guard)

# The guard works: a name and an address (one for documentation, that nobody has) are both refused.
for attempt in (
    lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
    lambda: socket.getaddrinfo("host.invalid", 80),
):
    try:
        attempt()
    except OSError as error:
        assert "not allowed" in str(error), error
    else:
        raise SystemExit("the guard let something through")
assert len(tried) == 2, tried
tried.clear()

names = ["app"]
for layer in ("corpus", "index", "assistant", "evals"):
    names += [f"{layer}.{file.stem}" for file in sorted(Path(layer).glob("*.py"))]
for name in names:
    importlib.import_module(name.removesuffix(".__init__"))
assert {"gradio", "sentence_transformers", "trafilatura", "docx"} & set(sys.modules)

from assistant.service import Assistant

assistant = Assistant.open(Path(os.environ["INDEX"]))
assistant.warm()
answers = [assistant.ask([question]) for question in sys.argv[1:]]
hits = assistant.search("知识产权质押融资")
assert hits and sum(bool(a.citations) for a in answers) > len(answers) / 2
assert not tried, tried
print(len(names), len(answers))
"""


def test_importing_everything_and_answering_opens_no_connection(shipped_data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, *SHIPPED_QUESTIONS],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**os.environ, "INDEX": str(shipped_data)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    modules, answered = map(int, done.stdout.split()[-2:])
    assert modules > 60
    assert answered == len(SHIPPED_QUESTIONS) >= 20
