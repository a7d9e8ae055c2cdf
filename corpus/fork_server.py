"""A process that forks one child for each file: what is read in the child cannot harm the caller.

A fresh interpreter for each file takes longer to start than most files take to read. So one process is started when
the first file comes, imports the readers, and forks a child for each file; the child binds itself by limits, gets the
file as an open descriptor and writes its answer into a pipe. The process is started by exec, never by forking the
caller: a server of pages has threads, open files and secrets, and a fork would copy all of them.

``multiprocessing``'s own fork server was looked at and left: each of its children imports the caller's ``__main__``
anew (here app.py, pytest or a command), descriptors travel only by names that its documentation does not promise, and
there is one for the whole process, which any library may have set up already. Linux only, as it rests on
descriptors of processes.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import json
import os
import resource
import select
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CHECKOUT = Path(__file__).resolve().parent.parent
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH")  # no key of any service
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # a process with threads should not fork
_MESSAGE = 1 << 14  # bytes of the longest request
_DESCRIPTORS = 1024  # of the server: three for each child at work
_ENDING = 5.0  # seconds that a killed child, or the whole server, may take to be gone

Request = Mapping[str, Any]
# Both are given the request of ``ForkServer.run``. The first runs in the server, once for each ``kind``, and loads
# what all children of that kind need; the second runs in the child and is given the file's bytes.
Prepare = Callable[[Request], object]
Work = Callable[[Request, bytes], bytes]


class ChildError(Exception):
    """The child gave no answer. ``reason``: "wall", "size", "cpu" or "failed"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _ServerGoneError(Exception):
    """The server ended while a child was at work."""


# -- the caller's side -----------------------------------------------------------------------------------------------


class ForkServer:
    """Starts the server on first need, again if it has ended, and asks it for children; safe from several threads."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None
        os.register_at_fork(after_in_child=self._forget)
        atexit.register(self.close)

    @property
    def pid(self) -> int | None:
        """The server's process id, None before the first file."""
        return self._process.pid if self._process else None

    def run(self, request: Request, file: int, *, wall_seconds: float, result_bytes: int) -> bytes:
        """What a child makes of a file; ``file`` is the descriptor of a regular one.

        The request is plain JSON with at least ``kind``, ``cpu_seconds``, ``memory_bytes`` and ``file_bytes``, the
        most that is read of the file. The child and its group are gone when this returns. Raises ``ChildError``
        where it gives no whole answer within the limits, ``OSError`` where no process can be started.
        """
        deadline = time.monotonic() + wall_seconds
        try:
            return self._ask(request, file, deadline, result_bytes)
        except _ServerGoneError:  # killed from outside, or with another child: not this file's doing
            with suppress(_ServerGoneError):
                return self._ask(request, file, deadline, result_bytes)
            raise ChildError("failed") from None

    def close(self) -> None:
        """Ends the server and all its children."""
        with self._lock:
            self._end()

    def _ask(self, request: Request, file: int, deadline: float, result_bytes: int) -> bytes:
        message = json.dumps(dict(request)).encode()
        if len(message) > _MESSAGE:
            raise ValueError("a request is a few names and numbers")
        answer, answer_end = os.pipe()
        ours, theirs = socket.socketpair()
        try:
            try:
                self._send(message, [file, answer_end, theirs.fileno()])
            finally:
                os.close(answer_end)
                theirs.close()
            data = _collected(answer, ours, deadline, result_bytes)
        finally:
            os.close(answer)
            ours.close()
        return data

    def _send(self, message: bytes, descriptors: list[int]) -> None:
        with self._lock:
            for attempt in range(2):
                requests = self._requests
                if requests is None or self._process is None or self._process.poll() is not None:
                    self._end()
                    requests = self._start()
                try:
                    socket.send_fds(requests, [message], descriptors)
                    return
                except (BrokenPipeError, ConnectionError):  # it has just ended
                    self._end()
                    if attempt:
                        raise

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=_CHECKOUT,
                env={name: os.environ[name] for name in _KEPT if name in os.environ} | _ONE_THREAD,
                start_new_session=True,  # Ctrl-C is for the caller; the server ends when it sees the socket closed
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.settimeout(_ENDING)
        self._requests = ours
        return ours

    def _end(self) -> None:
        process, requests = self._process, self._requests
        self._process = self._requests = None
        if requests is not None:
            requests.close()
        if process is not None:
            try:
                process.wait(_ENDING)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _forget(self) -> None:
        """In a fork of the caller: the server is the parent's, and so are the children it tells of."""
        self._lock = threading.Lock()
        if self._process is not None:
            self._process.returncode = 0  # or its end would be waited for
        if self._requests is not None:
            self._requests.close()
        self._process = self._requests = None


def _collected(answer: int, control: socket.socket, deadline: float, result_bytes: int) -> bytes:
    """All that a child writes, once it has ended well; whatever happens, it has ended."""
    pieces: list[bytes] = []
    size = 0
    ended = False
    try:
        while piece := _within(deadline, answer, lambda: os.read(answer, 1 << 16)):
            size += len(piece)
            if size > result_bytes:
                raise ChildError("size")
            pieces.append(piece)
        status = _within(deadline, control.fileno(), lambda: control.recv(16))
        ended = True
    finally:
        if not ended:
            with suppress(OSError):
                control.shutdown(socket.SHUT_WR)  # asks for its end
                control.settimeout(_ENDING)
                control.recv(16)
    if not status:
        raise _ServerGoneError
    if int(status) == -signal.SIGXCPU:
        raise ChildError("cpu")
    if int(status) != 0:
        raise ChildError("failed")
    return b"".join(pieces)


def _within(deadline: float, descriptor: int, receive: Callable[[], bytes]) -> bytes:
    waiting = select.poll()  # not select(): a caller may have more than 1,024 descriptors
    waiting.register(descriptor, select.POLLIN)
    left = deadline - time.monotonic()
    if left <= 0 or not waiting.poll(left * 1000):
        raise ChildError("wall")
    return receive()


# -- the server's side -----------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Child:
    pid: int
    ended: int  # descriptor of the process: readable when it has ended
    control: socket.socket  # closed for writing by the caller when it wants the child gone
    stopped: bool = False


def serve(requests: socket.socket, prepare: Prepare, work: Work) -> None:
    """Forks a child for each request until the caller's end of the socket is closed; then all of them are killed."""
    _leave_the_network()
    _bind(resource.RLIMIT_NOFILE, _DESCRIPTORS, _DESCRIPTORS)
    waiting = select.poll()
    waiting.register(requests, select.POLLIN)
    children: list[_Child] = []
    prepared: set[str] = set()
    while True:
        ready = {descriptor for descriptor, _ in waiting.poll()}
        for child in [child for child in children if child.ended in ready]:
            children.remove(child)
            _bury(child, waiting)
        for child in children:
            if not child.stopped and child.control.fileno() in ready:
                waiting.unregister(child.control)
                child.stopped = True
                os.killpg(child.pid, signal.SIGKILL)
        if requests.fileno() in ready:  # last: until here no descriptor of ``ready`` can have been given out anew
            message, descriptors, _, _ = socket.recv_fds(requests, _MESSAGE, 3)
            if not message:
                for child in children:
                    os.killpg(child.pid, signal.SIGKILL)
                return
            if len(descriptors) == 3:  # fewer: this process has no room for them, and the caller sees them closed
                _prepare(json.loads(message), prepared, prepare)
                children.append(_fork(json.loads(message), descriptors, work))
                waiting.register(children[-1].ended, select.POLLIN)
                waiting.register(children[-1].control, select.POLLIN)
            for descriptor in descriptors[:2]:
                os.close(descriptor)


def _prepare(request: Request, prepared: set[str], prepare: Prepare) -> None:
    if request["kind"] not in prepared:
        prepared.add(request["kind"])
        with suppress(Exception):  # the child will fail over the same, and only the child
            prepare(request)
        gc.collect()
        gc.freeze()  # so that a child's collector does not touch, and thereby copy, what all share


def _bury(child: _Child, waiting: select.poll) -> None:
    """What is left of the child's group is killed before its number can be given to another."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    _, status = os.waitpid(child.pid, 0)
    waiting.unregister(child.ended)
    os.close(child.ended)
    if not child.stopped:
        waiting.unregister(child.control)
    with suppress(OSError):  # the caller no longer listens
        child.control.send(str(os.waitstatus_to_exitcode(status)).encode())
    child.control.close()


def _fork(request: Request, descriptors: list[int], work: Work) -> _Child:
    file, answer, control = descriptors
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            os.setpgid(0, 0)
            _in_child(request, file, answer, work, parent)
            os._exit(0)
        finally:
            os._exit(1)  # whatever was raised: a child never goes back into the loop above
    with suppress(OSError):  # the child may have done it, or have ended
        os.setpgid(pid, pid)
    return _Child(pid, os.pidfd_open(pid), socket.socket(fileno=control))


def _in_child(request: Request, file: int, answer: int, work: Work, parent: int) -> None:
    _libc("prctl", 1, signal.SIGKILL)  # PR_SET_PDEATHSIG: it goes with the server
    if os.getppid() != parent:
        return
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    kept = sorted((file, answer))
    for low, high in ((3, kept[0]), (kept[0] + 1, kept[1]), (kept[1] + 1, _DESCRIPTORS)):
        os.closerange(low, high)
    _limit(request["cpu_seconds"], request["memory_bytes"])
    size = request["file_bytes"]
    data = b""
    while len(data) < size and (piece := os.pread(file, size - len(data), len(data))):
        data += piece
    result = work(request, data)
    with open(answer, "wb") as out:
        out.write(result)


def _limit(cpu_seconds: int, memory_bytes: int) -> None:
    """Binds this process; the memory counts on top of what the readers take already."""
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    _bind(resource.RLIMIT_CPU, cpu_seconds, cpu_seconds + 1)
    _bind(resource.RLIMIT_NOFILE, 64, 64)
    _bind(resource.RLIMIT_CORE, 0, 0)
    _bind(resource.RLIMIT_AS, in_use + memory_bytes, in_use + memory_bytes)


def _bind(kind: int, soft: int, hard: int) -> None:
    """Sets a limit, or keeps the one that the caller's own system has set lower: nobody may raise that."""
    _, most = resource.getrlimit(kind)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    resource.setrlimit(kind, (soft, hard))


def _leave_the_network() -> None:
    """Where the system lets anybody have a network of their own, the server takes one, and there nothing is."""
    user, network = 0x10000000, 0x40000000  # CLONE_NEWUSER, CLONE_NEWNET
    if _libc("unshare", network) != 0:  # not root
        _libc("unshare", user | network)


def _libc(name: str, *arguments: int) -> int:
    call = getattr(ctypes.CDLL(None, use_errno=True), name)
    return int(call(*(ctypes.c_ulong(argument) for argument in arguments)))


def main(prepare: Prepare, work: Work) -> None:
    """The server's process: the socket is its standard input."""
    serve(socket.socket(fileno=os.dup(0)), prepare, work)
