"""Load and life cycle (108 to 112): too many questions, clients that leave, signals, plans that come in meanwhile, and
starts that cannot succeed. What has to come out is asserted, not how long it takes; that measures
``python -m evals.bench load``.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import Response

from assistant.access.model import SCOPES, Principal, UserRole
from assistant.api import build_api
from assistant.guard import patience
from assistant.guard import run as run_module
from assistant.guard.asgi import ASGIScope
from assistant.guard.limited import FILES, FILES_PER_USER, FILES_WAITING, PAGES, cost_of
from assistant.guard.settings import ServerSettings
from assistant.guard.stack import stand_before
from assistant.holder import Holder
from assistant.model import Answer
from evals.bench.client import run
from tests.app.conftest import FakeAssistant, Server, make_plan, start_server
from tests.loops import in_own_loop
from tests.security.live import Live, answer, eventually, get, head, inside, live, status

ROOT = Path(__file__).resolve().parents[2]
ASK = get("/api/v1/ask", "Content-Type: application/json", method="POST", body=b'{"turns": ["x"]}')
KEPT_ASK = ASK.replace(b"Connection: close\r\n", b"").decode()


class Users:
    """Lets in whoever names himself; with tokens or a proxy it would be as sure."""

    async def identify(self, scope: ASGIScope) -> Principal | Response | None:
        name = dict(scope["headers"]).get(b"x-name", b"").decode()
        return Principal(name, SCOPES[UserRole.READER], via="token") if name else None


def slow(seconds: float) -> FakeAssistant:
    """An assistant that takes its time."""
    plan = make_plan()
    fake = FakeAssistant({plan.id: plan})

    def reply(_: Sequence[str]) -> Answer:
        time.sleep(seconds)
        return fake.first()

    fake.reply = reply
    return fake


def serve(fake: FakeAssistant, users: Any = None, **settings: Any) -> Any:
    return live(build_api(Holder(fake), ServerSettings(**settings), identify=users))


def asking(site: Live, clients: int, seconds: float, **more: Any) -> Any:
    """What comes of that many clients, in a loop of their own."""
    task = {"port": site.port, "clients": clients, "seconds": seconds, "requests": [KEPT_ASK], **more}
    return in_own_loop(run(task))


# -- too much -----------------------------------------------------------------------------------------------------


def test_108_of_ten_times_the_load_a_part_is_answered_and_the_rest_is_told_when_to_come_back() -> None:
    with serve(slow(0.01), work_at_once=2, work_waiting=4, wait_seconds=0.2) as site:
        before = asking(site, 2, 0.5)
        assert (before.refused, before.failed) == ([], {})
        during = asking(site, 60, 1.5)
        assert during.accepted
        assert during.refused
        assert during.bare == 0  # each says Retry-After
        assert during.failed == {}
        after = asking(site, 2, 0.5)
        assert (after.refused, after.failed) == ([], {})
        assert after.accepted
        assert eventually(lambda: all(inside(gate) == 0 for gate in site.limits.pools.values()))


def test_108_a_flood_of_questions_starves_neither_pages_nor_liveness() -> None:
    with serve(slow(0.3), work_at_once=2, work_waiting=4, wait_seconds=5) as site:
        ended = threading.Event()

        def flood() -> None:
            while not ended.is_set():
                asking(site, 30, 0.5)

        flooding = threading.Thread(target=flood)
        flooding.start()
        try:
            assert eventually(lambda: site.limits.pools["work"].full)
            for path in ("/healthz", "/readyz", "/api/v1/plans", "/plans/water", "/web/plan.css"):
                assert status(site.ask(get(path))) == 200, path
        finally:
            ended.set()
            flooding.join()


def test_108_one_user_takes_no_more_than_his_share() -> None:
    fake = slow(0.5)
    with (
        serve(fake, Users(), work_at_once=4, work_waiting=8, work_per_user=2, wait_seconds=10) as site,
        ExitStack() as stack,
    ):
        greedy = [stack.enter_context(site.connect()) for _ in range(6)]
        for to in greedy:
            to.sendall(ASK.replace(b"\r\n", b"\r\nX-Name: bob\r\n", 1))
        assert status(site.ask(ASK.replace(b"\r\n", b"\r\nX-Name: alice\r\n", 1))) == 200
        said = [answer(to) for to in greedy]
        assert sorted(map(status, said)) == [200, 200, 429, 429, 429, 429]
        assert all(b"\r\nretry-after: 1\r\n" in one for one in said if status(one) == 429)
        assert all(b"application/problem+json" in one for one in said if status(one) == 429)


def test_108_no_user_takes_all_the_room_for_pages() -> None:
    made, shut = FastAPI(), threading.Event()
    stand_before(made, lambda: True, ServerSettings(), identify=Users())

    @made.get("/api/v1/plans")
    def plans() -> None:
        assert shut.wait(30)

    def asking(name: str) -> bytes:
        return get("/api/v1/plans", f"X-Name: {name}")

    with live(made) as site, ExitStack() as stack:
        greedy = [stack.enter_context(site.connect()) for _ in range(PAGES)]
        for to in greedy:
            to.sendall(asking("bob"))
        assert eventually(lambda: inside(site.limits.pools["pages"]) == PAGES // 3)
        assert not site.limits.pools["pages"].full
        with site.connect() as other:
            other.sendall(asking("alice"))
            assert eventually(lambda: inside(site.limits.pools["pages"]) == PAGES // 3 + 1)
            shut.set()
            assert status(answer(other)) == 200
        assert sorted(status(answer(to)) for to in greedy) == [200] * (PAGES // 3) + [429] * (PAGES - PAGES // 3)


FILE = "/ledger/export.xlsx"


@pytest.mark.parametrize(
    ("address", "pool"),
    [
        *((f"/ledger/export.{kind}", "files") for kind in ("csv", "xlsx", "docx")),
        *((f"/matrix/{file}", "files") for file in ("table.xlsx", "load.png", "network.svg", "checks.csv")),
        ("/compare/export.xlsx?plan=a&plan=b", "files"),
        ("/compare/export.docx?plan=a&plan=b", "files"),
        ("/api/v1/assignments?format=xlsx", "files"),
        ("/api/v1/assignments?plan=a&form%61t=%63sv&limit=3", "files"),
        *((f"/api/v1/assignments{query}", "pages") for query in ("", "?format=json", "?unit=format", "?format=")),
        *((f"{page}?format=xlsx", "pages") for page in ("/ledger", "/matrix", "/matrix/checks", "/compare")),
        ("/plans/export.xlsx", "pages"),
    ],
)
def test_108_what_is_saved_as_a_file_waits_among_files(address: str, pool: str) -> None:
    path, _, query = address.partition("?")
    cost = cost_of("GET", path, query.encode())
    assert cost
    assert cost.pool == pool


def test_108_files_are_made_one_after_the_other_and_hold_neither_threads_nor_room_for_pages() -> None:
    made, shut, at_once, most = FastAPI(), threading.Event(), list[str](), list[int]()
    stand_before(made, lambda: True, ServerSettings(), identify=Users())

    @made.get(FILE)
    def file() -> None:
        at_once.append("")
        most.append(len(at_once))
        assert shut.wait(30)
        at_once.pop()

    @made.get("/ledger")
    @made.get("/api/v1/assignments")
    def page() -> None:
        return None

    def asking(name: str, path: str = FILE, *headers: str) -> bytes:
        return get(path, f"X-Name: {name}", *headers)

    with live(made) as site, ExitStack() as stack:
        files = site.limits.pools["files"]
        greedy = [stack.enter_context(site.connect()) for _ in range(FILES_PER_USER + 2)]
        for to in greedy:
            to.sendall(asking("bob"))
        assert eventually(lambda: inside(files) == FILES_PER_USER)
        others = [stack.enter_context(site.connect()) for _ in range(FILES_WAITING + FILES - FILES_PER_USER)]
        for n, to in enumerate(others):
            to.sendall(asking(f"user{n}"))
        assert eventually(lambda: files.full)
        assert len(at_once) == 1  # the others hold no thread
        assert inside(site.limits.pools["pages"]) == 0
        assert [status(site.ask(asking("bob", path))) for path in ("/ledger", "/api/v1/assignments")] == [200, 200]
        for path, accept in ((FILE, "text/html"), (FILE, "*/*"), ("/api/v1/assignments?format=csv", "text/html")):
            said = site.ask(asking("alice", path, f"Accept: {accept}"))
            assert status(said) == 503
            assert b"\r\nretry-after: 5\r\n" in said
            is_page = path == FILE and accept == "text/html"
            assert ("正在生成其他文件；请稍后再试" if is_page else "other files are being made").encode() in said
            assert (b"application/problem+json" in said) is not is_page
        others.pop().close()  # whoever leaves makes room in the line
        assert eventually(lambda: not files.full)
        shut.set()
        assert {status(answer(to)) for to in others} == {200}
        assert sorted(status(answer(to)) for to in greedy) == [200] * FILES_PER_USER + [429] * 2
        assert max(most) == 1
        assert eventually(lambda: inside(files) == 0)


def test_108_who_does_not_take_his_file_holds_up_no_other() -> None:
    """A second one is made while the first cannot be sent; then others have their turn, before it is sent either."""
    made, begun = FastAPI(), list[str]()
    stand_before(made, lambda: True, ServerSettings(), identify=Users())

    @made.get(FILE)
    def file() -> Response:
        begun.append("")
        return Response(b"x" * 16_000_000)

    with live(made) as site, site.connect() as to:
        to.sendall(get(FILE, "X-Name: bob").replace(b"Connection: close\r\n", b"") * 2)
        assert eventually(lambda: len(begun) == 2)
        assert status(site.ask(get(FILE, "X-Name: alice"))) == 200
        assert not inside(site.limits.pools["files"])


def test_108_a_file_that_failed_holds_up_none() -> None:
    made = FastAPI()
    stand_before(made, lambda: True, ServerSettings(), identify=Users())

    @made.get(FILE)
    def file() -> None:
        raise OSError("no room")

    with live(made) as site:
        assert [status(site.ask(get(FILE, "X-Name: bob"))) for _ in range(3)] == [500] * 3
        assert not inside(site.limits.pools["files"])


@pytest.mark.parametrize("settings", [{}, {"work_waiting": 4, "wait_seconds": 0.1}])
def test_108_without_a_log_in_a_script_with_many_threads_waits_for_its_turn(settings: dict[str, Any]) -> None:
    """Sixty questions at once, of one person on this machine; unless the settings say that they are too many."""
    made = build_api(Holder(slow(0.05)), ServerSettings(**settings), alone=True)
    with live(made) as site, ExitStack() as stack:
        threads = [stack.enter_context(site.connect()) for _ in range(60)]
        for to in threads:
            to.sendall(ASK)
        said = [status(answer(to)) for to in threads]
    assert set(said) == ({200, 503} if settings else {200})


def test_108_more_than_so_many_in_a_minute_are_refused_to_one_user_and_not_to_another() -> None:
    limits = {"ask_per_minute": 3, "search_per_minute": 2, "other_per_minute": 5}
    with serve(slow(0), Users(), **limits) as site:

        def asked(name: str, path: str = "") -> bytes:
            request = get(path) if path else ASK
            return site.ask(request.replace(b"\r\n", f"\r\nX-Name: {name}\r\n".encode(), 1))

        assert [status(asked("bob")) for _ in range(4)] == [200, 200, 200, 429]
        (after,) = [line for line in asked("bob").split(b"\r\n") if line.startswith(b"retry-after: ")]
        assert 1 <= int(after.split()[1]) <= 61
        assert status(asked("alice")) == 200
        search = [status(asked("bob", "/api/v1/search?q=x")) for _ in range(3)]
        assert search == [200, 200, 429]  # each kind of door has a window of its own
        assert [status(asked("bob", "/api/v1/plans")) for _ in range(6)] == [200] * 5 + [429]
        assert {status(site.ask(get("/healthz"))) for _ in range(10)} == {200}
        assert {status(site.ask(get("/web/plan.css"))) for _ in range(10)} == {200}


def test_108_who_is_refused_and_asks_again_at_once_is_not_read_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE", 1.0)
    with serve(slow(0), Users(), ask_per_minute=1) as site:
        request = KEPT_ASK.replace("\r\n", "\r\nX-Name: bob\r\n", 1).encode()
        health = get("/healthz").replace(b"Connection: close\r\n", b"")
        assert status(site.ask(request)) == 200
        with site.connect() as to:
            to.sendall(request)
            assert status(answer(to)) == 429
            began = time.monotonic()
            to.sendall(health)
            assert status(answer(to)) == 200
            assert time.monotonic() - began > 0.9
            to.sendall(health)  # and then as before
            assert status(answer(to)) == 200


def test_108_head_and_body_of_an_answer_are_sent_as_one() -> None:
    """Sending is most of what a refusal costs; what is large, or comes bit by bit, is sent as it comes."""
    sent: list[bytes] = []

    class Wire:
        def write(self, data: bytes) -> None:
            sent.append(data)

        def close(self) -> None:
            sent.append(b"closed")

        def is_closing(self) -> bool:
            return True

    async def answers() -> None:
        to = patience.Together(Wire(), asyncio.get_running_loop())  # type: ignore[arg-type]
        assert to.is_closing()
        to.write(b"head")
        to.write(b"body")
        assert sent == []
        await asyncio.sleep(0)
        assert sent == [b"headbody"]
        to.write(b"next")
        await asyncio.sleep(0)
        to.write(b"x" * to.MOST)
        assert sent[1:] == [b"next"]
        to.write(b"x")  # more than is kept back
        assert len(sent[2]) == to.MOST + 1
        to.write(b"last")
        to.close()
        await asyncio.sleep(0)
        assert sent[3:] == [b"last", b"closed"]

    in_own_loop(answers())


# -- clients that leave -------------------------------------------------------------------------------------------


def held() -> tuple[int, int]:
    """(threads, open files) of this process."""
    gc.collect()
    return threading.active_count(), len([*Path("/proc/self/fd").iterdir()])


@pytest.mark.parametrize("leaving", [60, pytest.param(500, marks=pytest.mark.slow)])
def test_109_of_clients_that_leave_nothing_stays(leaving: int) -> None:
    fake = slow(0.05)
    with serve(fake, work_at_once=2, work_waiting=30, wait_seconds=5) as site:
        assert status(site.ask(ASK)) == 200
        assert eventually(lambda: not site.server.server_state.connections)
        threads, files = held()
        for n in range(leaving):
            with site.connect() as to:
                to.sendall(ASK)
                to.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0" if n % 2 else b"\0" * 8)
        assert eventually(lambda: not site.server.server_state.tasks and not site.server.server_state.connections)
        assert all(inside(gate) == 0 for gate in site.limits.pools.values())
        assert inside(site.limits.reading) == 0
        # whoever had left when his turn came was not answered
        assert len(fake.asked) < leaving // 2
        assert eventually(lambda: held()[1] <= files)
        assert held()[0] <= threads + 2  # the two that were at work
        assert status(site.ask(ASK)) == 200


# -- the program itself -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Vectors of letters instead of the model, for every server that starts here."""
    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    file.write_text('[index]\nembedder = "hash"\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSISTANT_CONFIG", str(file))
        yield file


@pytest.fixture
def program(settings: Path, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Starts the program over a folder of its own."""
    with ExitStack() as stack:

        def start() -> Server:
            running = start_server(tmp_path / "data")
            stack.callback(running.process.stderr.close)  # type: ignore[union-attr]
            stack.callback(running.process.wait, 20)
            stack.callback(running.process.kill)
            return running

        yield start


def connect(running: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2])), timeout=30)


def question(n: int) -> bytes:
    body = json.dumps({"turns": [f"甘肃省研发费用加计扣除由谁牵头?{n}"]}).encode()
    return get("/api/v1/ask", "Content-Type: application/json", method="POST", body=body)


def run_program(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "app.py"), "--port", "0", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, **more)


def is_one_line(done: subprocess.CompletedProcess[str], *words: str) -> bool:
    """Whether a start was refused in one line that says these words."""
    told = [line for line in done.stderr.splitlines() if line.startswith("app.py: ")]  # a build tells how far it is
    return (
        done.returncode == 2
        and "Traceback" not in done.stderr
        and len(told) == 1
        and all(word in told[0] for word in words)
    )


@pytest.mark.parametrize(
    ("ending", "stopped"),
    [
        (signal.SIGTERM, 1.0),
        pytest.param(signal.SIGHUP, 0.0, marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, 30.0, marks=pytest.mark.slow),
    ],
)
def test_110_what_was_begun_is_answered_when_the_server_ends(
    program: Callable[[], Server], ending: signal.Signals, stopped: float
) -> None:
    """Fifty open tabs, ten questions; stopped and continued; told twice to end. And a second server meanwhile (112)."""
    running = program()
    second = run_program("--data", str(running.data))
    assert is_one_line(second, "another server", "--data"), second
    with ExitStack() as stack:
        tabs = [stack.enter_context(connect(running)) for _ in range(50)]
        for n, to in enumerate(tabs):
            to.sendall(f"GET /gradio_api/heartbeat/tab{n:08d} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        assert {status(head(to)) for to in tabs} == {200}
        if stopped:
            running.process.send_signal(signal.SIGSTOP)
            time.sleep(stopped)
            running.process.send_signal(signal.SIGCONT)
        asked = [stack.enter_context(connect(running)) for _ in range(10)]
        for n, to in enumerate(asked):
            to.sendall(question(n))
        assert status(answer(asked[0])) == 200  # the others are being worked on, or wait
        running.process.send_signal(ending)
        time.sleep(0.3)
        if ending is signal.SIGTERM:
            running.process.send_signal(ending)
        for to in asked[1:]:
            assert status(answer(to)) == 200
    assert running.process.wait(timeout=20) == 0
    assert "Traceback" not in running.process.stderr.read()  # type: ignore[union-attr]
    trail = "".join(file.read_text() for file in (running.data / "audit").glob("*.jsonl"))
    assert (
        len([line for line in trail.splitlines() if json.loads(line)["event"] == "ask"]) == 10
    )  # what was answered is written down


ENDLESS = """
import os, signal, socket
import app
from assistant.api import build_api
from assistant.guard import run
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from tests.security.test_j_load import slow

run.GRACE, run.LAST = 0.5, 1.5
signal.signal(signal.SIGTERM, app._terminated)
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
run.Server(build_api(Holder(slow(60)), ServerSettings()), lambda: os._exit(7)).run(sockets=[listener])
"""


def test_110_work_that_does_not_end_keeps_no_process() -> None:
    """A thread cannot be ended, and Python waits for it; so the server has a last moment."""
    assert run_module.GRACE + 1 < run_module.LAST < 9.5
    process = subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with socket.create_connection(("127.0.0.1", port), timeout=30) as to:
            to.sendall(ASK)
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)  # a second one changes nothing
            assert process.wait(timeout=20) == 7
            assert time.monotonic() - began < 5
    finally:
        process.kill()
        process.stdout.close()  # type: ignore[union-attr]


@pytest.mark.parametrize("documents", [12, pytest.param(1000, marks=pytest.mark.slow)])
def test_111_readers_are_answered_while_plans_come_in(
    program: Callable[[], Server], settings: Path, tmp_path: Path, documents: int
) -> None:
    running = program()
    port = int(running.url.rpartition(":")[2])
    given = tmp_path / "given"
    given.mkdir()
    for n in range(documents):
        text = f"青川市第{n}号绿道建设方案\n一、任务\n1.修建第{n}段绿道。（市园林局{n}牵头，市财政局配合）\n"
        (given / f"greenway{n}.txt").write_text(text, encoding="utf-8")
    results: list[Any] = []
    ended = threading.Event()
    requests = [question(0).replace(b"Connection: close\r\n", b"").decode()]

    def read() -> None:
        while not ended.is_set():
            results.append(in_own_loop(run({"port": port, "clients": 8, "seconds": 1.0, "requests": requests})))

    reading = threading.Thread(target=read)
    reading.start()
    build = [sys.executable, "-m", "index", "build", str(given), "--data", str(running.data), "--config", str(settings)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=1800, cwd=ROOT)

    def count() -> int:
        with connect(running) as to:
            to.sendall(get("/api/v1/plans"))
            return len(json.loads(answer(to).partition(b"\r\n\r\n")[2])["plans"])

    try:
        assert done.returncode == 0, done.stderr
        assert eventually(lambda: count() >= documents, 60)
    finally:
        ended.set()
        reading.join()
    assert sum(len(result.accepted) for result in results) > 10
    assert {what for result in results for what in result.failed} == set()
    assert not any(result.bare for result in results)


# -- starts that cannot succeed -----------------------------------------------------------------------------------


@pytest.mark.slow  # Gradio is loaded meanwhile
def test_112_a_model_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(f'[index]\nembedder = "{tmp_path}/nowhere"\n', encoding="utf-8")
    done = run_program("--data", str(tmp_path / "data"), "--config", str(config))
    assert is_one_line(done, "nowhere", "[index]"), done


@pytest.mark.slow
def test_112_a_disk_that_takes_nothing_is_one_line(settings: Path, tmp_path: Path) -> None:
    """No file may grow beyond 4 kB: what a full disk says, for as long as the test runs."""
    (tmp_path / "data").mkdir()

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = run_program("--data", str(tmp_path / "data"), preexec_fn=full)
    assert is_one_line(done, str(tmp_path / "data")), done


def test_112_a_data_folder_that_is_none_is_one_line(settings: Path, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert is_one_line(run_program("--data", str(tmp_path / "data")), str(tmp_path / "data"), "--data")


@pytest.mark.slow
def test_112_files_of_the_future_are_served(program: Callable[[], Server], tmp_path: Path) -> None:
    """As after a clock that went wrong: what an index is made of says its content, not its time."""
    first = program()
    first.process.terminate()
    assert first.process.wait(20) == 0
    for path in (tmp_path / "data").rglob("*"):
        os.utime(path, (4e9, 4e9))
    second = program()
    with connect(second) as to:
        to.sendall(question(1))
        assert status(answer(to)) == 200
