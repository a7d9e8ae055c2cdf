"""``python -m evals.bench load``: the server under load, over HTTP, in one table; under six minutes.

A real server (``app.py`` over a copy of the data folder) and, in a process of its own, 1 to 256 clients, each of which
sends its next request when the last is answered. Beside the time of each answer stands what the server computed for it
(CPU), which other work on the machine changes less. The floor of the same run is /healthz, which does nothing: what a
request costs before anything of ours looks at it.

Overload: ten times the normal load, and 256 clients who ask again at once whatever they are told, between spells of
normal load.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from assistant.guard.settings import ServerSettings
from corpus.errors import AssistantError
from evals.bench.client import NEW, Result
from evals.measures import percentile
from evals.questions import load_set

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = (1, 8, 32, 64, 256)
ASK = "ask over REST, each text new"
OVERLOADED = 256
CALM = 8  # clients of a normal load
PATIENCE = 180.0  # seconds until the server has to be ready
_TICK = os.sysconf("SC_CLK_TCK")

Task = Mapping[str, Any]


class LoadFailed(AssistantError):
    """The server did not start, or the clients did not."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; times in milliseconds."""

    what: str
    clients: int
    rate: float  # answers a second
    p50: float
    p99: float
    cpu: float  # of the server for one request, answered or refused
    refused: int
    refused_p99: float
    bare: int
    failed: int

    def line(self) -> str:
        """As printed."""
        return (
            f"{self.what:<34}{self.clients:>7} {self.rate:>9.1f} {self.p50:>8.1f} {self.p99:>9.1f} {self.cpu:>7.2f} "
            f"{self.refused:>8} {self.refused_p99:>9.1f} {self.failed:>6}"
        )


HEAD = (
    f"{'':<34}{'clients':>7} {'answers/s':>9} {'p50 ms':>8} {'p99 ms':>9} {'CPU ms':>7} "
    f"{'refused':>8} {'p99 ms':>9} {'failed':>6}"
)


@dataclass(frozen=True, slots=True)
class Served:
    """A server of this run."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu(self) -> float:
        """Seconds that it has computed, all its threads together."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def held(self) -> tuple[int, int, int]:
        """(threads, open files, megabytes in memory)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        values = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        files = len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))
        return int(values["Threads"]), files, int(values["VmRSS"].split()[0]) // 1024

    def read(self, path: str) -> bytes:
        """The body of a GET."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            body: bytes = answer.read()
            return body


@contextmanager
def served(command: list[str], port: int) -> Iterator[Served]:
    """Runs a server until the end of the block. Raises ``LoadFailed``."""
    # Its lines go to a file: a pipe that nobody reads would stop it.
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stderr=said, stdout=subprocess.DEVNULL, cwd=ROOT)
        running = Served(port, process)
        try:
            end = time.monotonic() + PATIENCE
            while True:
                if process.poll() is not None or time.monotonic() > end:
                    said.seek(0)
                    raise LoadFailed(f"the server was not ready: {said.read().decode(errors='replace')[-500:]!a}")
                try:
                    running.read("/readyz")
                    break
                except OSError:
                    time.sleep(0.2)
            yield running
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def drive(to: Served, task: Task, clients: int, seconds: float, **more: Any) -> tuple[Result, float]:
    """Sends a task from a process of its own; what came of it, and the seconds that the server computed."""
    asked = {"port": to.port, "clients": clients, "seconds": seconds, **task, **more}
    before = to.cpu()
    done = subprocess.run(
        [sys.executable, "-m", "evals.bench.client"], input=json.dumps(asked), capture_output=True, text=True, cwd=ROOT
    )
    if done.returncode:
        raise LoadFailed(f"the clients ended with {done.returncode}: {done.stderr[-500:]!a}")
    return Result(**json.loads(done.stdout)), to.cpu() - before


def measure(what: str, to: Served, task: Task, clients: int, seconds: float, **more: Any) -> Row:
    """One line of the table."""
    result, cpu = drive(to, task, clients, seconds, **more)
    answered = len(result.accepted) + len(result.refused)
    return Row(
        what,
        clients,
        len(result.accepted) / result.seconds,
        percentile(result.accepted, 50) or 0.0,
        percentile(result.accepted, 99) or 0.0,
        1000 * cpu / answered if answered else 0.0,
        len(result.refused),
        percentile(result.refused, 99) or 0.0,
        result.bare,
        sum(result.failed.values()),
    )


def get(path: str) -> str:
    """A request as it is sent."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def post(path: str, body: object) -> str:
    """A request with a JSON body."""
    said = json.dumps(body)
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(said)}\r\n\r\n{said}"
    )


def tasks(to: Served, questions: list[str]) -> dict[str, Task]:
    """What is measured over the shipped plans; the last is the chat page."""
    config = json.loads(to.read("/config"))
    box = next(one["id"] for one in config["components"] if one["props"].get("elem_id") == "question")
    submit = next(one for one in config["dependencies"] if [box, "submit"] in one["targets"])
    blank = [None] * (len(submit["inputs"]) - 3)
    return {
        "GET /healthz (the floor)": {"requests": [get("/healthz")]},
        "suggestions, without embedding": {"requests": [get(f"/api/v1/suggest?q={quote(q[:4])}") for q in questions]},
        "search, each text new": {"requests": [get(f"/api/v1/search?q={quote(q)}{NEW}") for q in questions]},
        "search, texts asked before": {"requests": [get(f"/api/v1/search?q={quote(q)}") for q in questions]},
        ASK: {"requests": [post("/api/v1/ask", {"turns": [q + NEW]}) for q in questions]},
        "ask, in the chat (Gradio's queue)": {
            "chat": {"fn": submit["id"], "asks": [[q + NEW, [], "zh", *blank] for q in questions]}
        },
    }


def overload(to: Served, task: Task, seconds: float) -> Iterator[Row]:
    """Normal, too much by far, and normal again; with clients who do as Retry-After says, and with others."""
    yield measure("normal", to, task, CALM, seconds)
    yield measure("ten times, as Retry-After says", to, task, 10 * CALM, 4 * seconds, polite=True)
    yield measure("normal, at once after it", to, task, CALM, seconds)
    yield measure("overload, asking again at once", to, task, OVERLOADED, 2 * seconds)
    yield measure("normal, at once after it", to, task, CALM, seconds)
    yield measure("overload, as Retry-After says", to, task, OVERLOADED, 2 * seconds, polite=True)
    yield measure("normal, at once after it", to, task, CALM, seconds)


def copied(data: Path, folder: Path) -> Path:
    """A data folder with the index and the known vectors of another, so that nothing is embedded again."""
    for part in ("index", "cache", "library", "corrections", "removed.json", "units.toml"):
        if (data / part).is_dir():
            shutil.copytree(data / part, folder / part)
        elif (data / part).is_file():
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy(data / part, folder / part)
    return folder


def load(data: Path, questions_file: Path, seconds: float = 3.0, clients: tuple[int, ...] = CLIENTS) -> list[Row]:
    """Measures and prints; every row. Raises ``AssistantError``."""
    questions = [question.turns[-1] for question in load_set(questions_file)]
    rows: list[Row] = []

    def tell(row: Row) -> None:
        rows.append(row)
        print(row.line(), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        own, port = copied(data, Path(folder) / "data"), free_port()
        command = [sys.executable, str(ROOT / "app.py"), "--port", str(port), "--data", str(own)]
        if "ASSISTANT_CONFIG" not in os.environ:
            command += ["--config", str(_as_with_a_log_in(Path(folder) / "settings.toml"))]
        with served(command, port) as to:
            busy = os.getloadavg()[0]
            print(
                f"{len(os.sched_getaffinity(0))} cores, load of the machine before it {busy:.1f}; {seconds:g} s a line"
            )
            print(HEAD)
            measured = tasks(to, questions)
            for task in measured.values():
                drive(to, task, 4, 1.0)  # everything loaded, every thread there
            held = to.held()
            for what, task in measured.items():
                for n in clients:
                    tell(measure(what, to, task, n, seconds))
            for row in overload(to, measured[ASK], seconds):
                tell(row)
            time.sleep(6)  # connections that are kept for a next request are closed by then
            names = ("threads", "open files", "MB")
            kept = ", ".join(f"{name} {a} → {b}" for name, a, b in zip(names, held, to.held(), strict=True))
            print(f"before and after all that: {kept}")
    _verdicts(rows)
    return rows


def _as_with_a_log_in(file: Path) -> Path:
    """Settings by which many users ask: without a log-in one person does, and his questions wait longer."""
    waiting, seconds = ServerSettings().line(alone=False)
    file.write_text(f"[server]\nwork_waiting = {waiting}\nwait_seconds = {seconds}\n", encoding="utf-8")
    return file


def _verdicts(rows: list[Row]) -> None:
    """How the goodput under overload stands to the best, and how answers and refusals stand to what is aimed at."""
    asked = [row for row in rows if row.what == ASK]
    for row in rows:
        if row.what.startswith(("overload", "ten times")) and asked:
            share = row.rate / max(one.rate for one in asked)
            print(f"{row.what}: {share:.0%} of the best rate; p99 {row.p99:.0f} ms, refused {row.refused_p99:.0f} ms")
