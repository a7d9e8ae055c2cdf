"""Nothing that the product does opens a connection to another machine: it starts and answers without a network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.assistant.questions import SHIPPED_QUESTIONS

CHECKOUT = Path(__file__).parents[1]

# Runs in a process of its own, because only there is every module imported afresh. Like each that a test starts it is
# guarded (tests/guarded), and what it tried fails the test; here it may not listen elsewhere either.
IMPORTED = """
import importlib, os, socket, sys
from pathlib import Path


def only_loopback(event, arguments):
    if event == "socket.bind" and arguments[0].family != socket.AF_UNIX:
        assert arguments[1][0] in ("127.0.0.1", "::1", "localhost"), arguments[1]


sys.addaudithook(only_loopback)
assert "socket_guard" in sys.modules
names = ["app"]
for layer in ("corpus", "index", "assistant", "evals"):
    names += [".".join(file.with_suffix("").parts) for file in sorted(Path(layer).rglob("*.py"))]
for name in names:
    importlib.import_module(name.removesuffix(".__init__"))
assert {"gradio", "sentence_transformers"} & set(sys.modules)

from assistant.service import Assistant

assistant = Assistant.open(Path(os.environ["INDEX"]))
assistant.warm()
answers = [assistant.ask([question]) for question in sys.argv[1:]]
hits = assistant.search("知识产权质押融资")
assert hits and sum(bool(a.citations) for a in answers) > len(answers) / 2
print(len(names), len(answers))
"""

# Runs in a network of its own, in which there is no interface but a loopback one that is down.
ALONE = """
import fcntl, json, socket, struct, subprocess, sys, time, urllib.error, urllib.request
from urllib.parse import quote

UP, GET_FLAGS, SET_FLAGS = 0x1, 0x8913, 0x8914  # linux/if.h, linux/sockios.h
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
    flags = struct.unpack("16sh", fcntl.ioctl(opened, GET_FLAGS, struct.pack("16sh", b"lo", 0)))[1]
    fcntl.ioctl(opened, SET_FLAGS, struct.pack("16sh", b"lo", flags | UP))
interfaces = [name for _, name in socket.if_nameindex()]

command = [sys.executable, "app.py", "--port", "7860", "--data", sys.argv[1]]
server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
where = "http://127.0.0.1:7860"
try:
    for _ in range(1000):
        if server.poll() is not None:
            raise SystemExit(server.communicate()[1])
        try:
            urllib.request.urlopen(where + "/readyz", timeout=5).read()
            break
        except OSError:
            time.sleep(0.2)
    body = json.dumps({"turns": [sys.argv[2]]}).encode()
    asked = urllib.request.Request(where + "/api/v1/ask", body, {"Content-Type": "application/json"})
    answer = json.load(urllib.request.urlopen(asked, timeout=60))
    page = urllib.request.urlopen(where + "/", timeout=60).read()
finally:
    server.terminate()
    status = server.wait(timeout=30)
print(json.dumps({"interfaces": interfaces, "answer": answer, "page": len(page), "status": status}))
"""


def test_114_importing_everything_and_answering_opens_no_connection(shipped_data: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *SHIPPED_QUESTIONS],
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


def namespace() -> list[str]:
    """The command that runs another in a network of its own; the test is skipped where that is not permitted."""
    if unshare := shutil.which("unshare"):
        for way in ([unshare, "--net"], [unshare, "--net", "--map-root-user"]):
            if subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0:
                return way
    pytest.skip("this machine gives no process a network of its own (unshare --net)")


@pytest.mark.slow
def test_114_the_server_starts_from_nothing_and_answers_where_there_is_no_network(tmp_path: Path) -> None:
    """What no hook in Python sees, a library's own C code, finds no way out here either: nothing but lo is there."""
    command = [*namespace(), sys.executable, "-c", ALONE, str(tmp_path / "data"), "甘肃省谁负责知识产权质押融资?"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["interfaces"] == ["lo"]
    assert told["answer"]["assignments"][0]["responsible"] == ["省市场监管局"]
    assert told["answer"]["citations"][0]["quote"].startswith("43.")
    assert told["page"] > 1000
    assert told["status"] == 0
