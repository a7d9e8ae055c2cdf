"""The process that forks a child for each file: whatever a child does, the caller gets an answer or a reason."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from corpus.config import CHECKOUT
from corpus.fork_server import ChildError, ForkServer

# What a child of this server does with a file: it runs the code that the file holds, which sets ``answer``.
CODE = """
import os, signal, socket, sys, time
from corpus.fork_server import main

def prepare(request):
    if request["kind"] == "none":
        raise ImportError("a library that is not there")

def work(request, data):
    names = {"request": request, "os": os, "signal": signal, "socket": socket, "sys": sys, "time": time}
    exec(data.decode(), names)
    return str(names["answer"]).encode()

main(prepare, work)
"""
MB = 1 << 20


class Office:
    """A server and a way to run code in its children."""

    def __init__(self) -> None:
        self.server = ForkServer([sys.executable, "-c", CODE])

    def run(self, code: str, *, wall: float = 30, cpu: int = 20, memory: int = 256 * MB, kind: str = "code") -> str:
        request: dict[str, Any] = {"kind": kind, "cpu_seconds": cpu, "memory_bytes": memory, "file_bytes": MB}
        with written(code) as file:
            return self.server.run(request, file.fileno(), wall_seconds=wall, result_bytes=MB).decode()

    @property
    def pid(self) -> int:
        assert self.server.pid is not None
        return self.server.pid


@contextmanager
def written(code: str) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        file.write(code.encode())
        file.flush()
        yield file


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    office = Office()
    yield office
    office.server.close()


def gone(pid: int) -> bool:
    """Whether a process ends within a few seconds; a zombie of somebody else's counts as ended."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.02)
    return False


def status(pid: int, key: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line for line in lines if line.startswith(f"{key}:")).split()[1]


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


BAD: dict[str, tuple[str, str]] = {
    "killed": ("os.kill(os.getpid(), 9)", "failed"),
    "a crash": ("os.kill(os.getpid(), signal.SIGSEGV)", "failed"),
    "an exit": ("os._exit(0)\n", ""),  # says that all is well, and writes nothing
    "SystemExit": ("raise SystemExit(0)", "failed"),
    "an exception": ("1 / 0", "failed"),
    "no end of computing": ("while True: pass", "cpu"),
    "no end of waiting": ("time.sleep(60)", "wall"),
    "deaf to signals": ("for n in range(1, 31):\n  if n not in (9, 19): signal.signal(n, signal.SIG_IGN)\n"
                        "time.sleep(60)", "wall"),
    "a closed answer": ("os.closerange(3, 64)\ntime.sleep(60)", "wall"),
    "too much memory": ("answer = len(b'x' * (1 << 30))", "failed"),
    "too long an answer": ("answer = 'x' * (100 << 20)", "size"),
    "an answer without end": (
        "name = max(int(n) for n in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{n}'))\n"
        "while True: os.write(name, b'x' * 100_000)", "size"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_whatever_a_child_does_the_caller_gets_a_reason(office: Office, case: str) -> None:
    code, reason = BAD[case]
    began = time.monotonic()
    if reason:
        with pytest.raises(ChildError) as error:
            office.run(code, wall=1 if reason == "wall" else 30, cpu=1)
        assert error.value.reason == reason
    else:
        assert office.run(code) == ""
    assert time.monotonic() - began < 10
    assert office.run("answer = 6 * 7") == "42"  # the next one is read as ever


def test_a_flood_on_the_standard_streams_goes_nowhere(office: Office) -> None:
    flood = "for stream in (1, 2):\n  for _ in range(5_000): os.write(stream, b'x' * 200_000)\nanswer = 'done'"
    assert office.run(flood) == "done"  # 1 GB on each


def test_the_whole_group_of_a_child_is_ended(office: Office) -> None:
    fork = "pid = os.fork()\nif pid == 0:\n  os.closerange(0, 64)\n  time.sleep(60)\n  os._exit(0)\n"
    assert gone(int(office.run(fork + "answer = pid")))
    with written("") as told:
        tell = f"open('/proc/{os.getpid()}/fd/{told.fileno()}', 'w').write(str(pid))\n"
        with pytest.raises(ChildError):
            office.run(fork + tell + "time.sleep(60)", wall=2)
        told.seek(0)
        assert gone(int(told.read()))


def test_a_child_has_the_file_the_answer_and_nothing_else(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    # listdir itself opens one
    assert office.run("answer = len(os.listdir('/proc/self/fd'))") == "6"
    assert office.run("answer = {os.readlink(f'/proc/self/fd/{n}') for n in (0, 1, 2)}") == "{'/dev/null'}"
    monkeypatch.setenv("OFFICE_KEY", "secret")
    fresh = Office()
    assert fresh.run("answer = os.environ.get('OFFICE_KEY')") == "None"
    fresh.server.close()


def test_a_child_has_no_network_where_that_can_be_had(office: Office) -> None:
    if office.run("answer = os.readlink('/proc/self/ns/net')") == str(Path("/proc/self/ns/net").readlink()):
        pytest.skip("this system lets nobody have a network of their own")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = listener.getsockname()
        code = f"try: socket.create_connection({place}, 2)\nexcept OSError: answer = 'no way'"
        assert office.run(code) == "no way"


def test_limits_bind_the_child_alone(office: Office) -> None:
    import resource

    before = [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE)]
    code = "import resource as r\nanswer = [r.getrlimit(k) for k in (r.RLIMIT_CPU, r.RLIMIT_NOFILE, r.RLIMIT_CORE)]"
    assert office.run(code, cpu=7) == "[(7, 8), (64, 64), (0, 0)]"
    assert office.run("answer = len(b'x' * (200 << 20))", memory=300 * MB) == str(200 * MB)  # on top of what is in use
    after = [resource.getrlimit(kind) for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_NOFILE)]
    assert after == before


def test_lower_limits_of_the_system_are_kept() -> None:
    """As a service has them, or a shell after ulimit: no user may raise what is set there."""
    code = (
        "import resource\n"
        "from tests.corpus.test_fork_server import Office\n"
        "for kind, most in ((resource.RLIMIT_AS, 3 << 29), (resource.RLIMIT_NOFILE, 40), (resource.RLIMIT_CPU, 9)):\n"
        "    resource.setrlimit(kind, (most, most))\n"
        "asked = 'import resource as r; answer = [r.getrlimit(k)[1] for k in (r.RLIMIT_NOFILE, r.RLIMIT_CPU)]'\n"
        "print(Office().run(asked, memory=4 << 30))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[40, 9]\n", "")


def test_only_so_much_of_a_file_is_read(office: Office) -> None:
    assert office.run("answer = 1\n" + "#" * MB + "\nanswer = 2") == "1"  # cut off in the comment


def test_what_cannot_be_loaded_fails_in_the_child(office: Office) -> None:
    office.run("answer = 1")
    pid = office.pid
    assert office.run("answer = 1", kind="none") == "1"  # prepare raised; this work does not need it
    assert office.pid == pid


def test_several_threads_at_once(office: Office) -> None:
    found: list[str] = []

    def ask(number: int) -> None:
        for turn in range(10):
            found.append(office.run(f"time.sleep(.01)\nanswer = '{number}.{turn}'"))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(f"{number}.{turn}" for number in range(8) for turn in range(10))


def test_one_slow_child_holds_up_nobody(office: Office) -> None:
    slow = threading.Thread(target=lambda: office.run("time.sleep(3)\nanswer = 1"))
    slow.start()
    began = time.monotonic()
    assert office.run("answer = 2") == "2"
    assert time.monotonic() - began < 2
    slow.join()


def test_a_server_that_was_killed_is_started_again(office: Office) -> None:
    office.run("answer = 1")
    first = office.pid
    os.kill(first, signal.SIGKILL)
    assert office.run("answer = 2") == "2"
    assert office.pid != first


def test_a_file_at_work_when_the_server_is_killed_is_read_again(office: Office) -> None:
    office.run("answer = 1")
    first = office.pid
    with written("") as told:
        tell = f"open('/proc/{os.getpid()}/fd/{told.fileno()}', 'a').write(f'{{os.getpid()}} ')\n"
        found: list[str] = []
        reading = threading.Thread(target=lambda: found.append(office.run(tell + "time.sleep(1)\nanswer = 3")))
        reading.start()
        while os.fstat(told.fileno()).st_size == 0:
            time.sleep(0.01)
        os.kill(first, signal.SIGKILL)
        reading.join()
        told.seek(0)
        children = [int(pid) for pid in told.read().split()]
    assert found == ["3"]
    assert len(children) == 2
    assert all(gone(pid) for pid in children)


@pytest.mark.parametrize("end", ["pass", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_the_server_and_its_children_end_with_the_caller(end: str) -> None:
    code = (
        "import os, sys, threading, time\n"
        "from tests.corpus.test_fork_server import Office\n"
        "office = Office()\n"
        "child = office.run('answer = os.getpid()')\n"
        "threading.Thread(target=lambda: office.run('time.sleep(600)'), daemon=True).start()\n"
        "time.sleep(.5)\n"
        "print(office.pid, flush=True)\n" + end
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    server = int(done.stdout)
    assert gone(server)
    assert done.stderr == ""


def test_a_fork_of_the_caller_has_a_server_of_its_own(office: Office) -> None:
    office.run("answer = 1")
    ours = office.pid
    pid = os.fork()
    if pid == 0:
        try:
            right = office.run("answer = 2") == "2" and office.pid != ours
            office.server.close()
            os._exit(0 if right else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert office.run("answer = 3") == "3"
    assert office.pid == ours


def test_nothing_is_left_behind_by_a_file(office: Office) -> None:
    def some(count: int) -> tuple[int, int, int, int]:
        for number in range(count):
            if number % 10:
                assert office.run("answer = len(b'x' * (5 << 20))") == str(5 * MB)
            else:
                with pytest.raises(ChildError):
                    office.run("1 / 0")
        own = os.getpid()
        time.sleep(0.5)  # the answer comes before the server has closed the last of a child
        return descriptors(own), descriptors(office.pid), *(int(status(pid, "VmRSS")) for pid in (own, office.pid))

    ours, servers, *before = some(20)
    later = some(200)
    assert later[:2] == (ours, servers)
    assert all(after - earlier < 2048 for earlier, after in zip(before, later[2:], strict=True))  # kB


def test_a_server_that_does_not_start_says_so() -> None:
    with written("") as file, pytest.raises(OSError):
        ForkServer(["/nowhere/python"]).run({}, file.fileno(), wall_seconds=5, result_bytes=MB)
    broken = ForkServer([sys.executable, "-c", "raise SystemExit(3)"])
    with written("") as file, pytest.raises((OSError, ChildError)):
        broken.run({}, file.fileno(), wall_seconds=5, result_bytes=MB)
    broken.close()
