"""Parses one file in a process of its own, within limits.

A small file can keep a parser busy for minutes or fill the memory, and a damaged one can crash it. So Word, PDF,
web pages and workbooks are read by ``python -m corpus.child FORMAT``: the file is its standard input, and one JSON
object, what was read or the reason for refusing, is its standard output. Whatever happens in there, the caller
gets a ``Draft``, or the rows of a workbook, or a ``ReadError``.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from corpus.read_draft import MAX_FILE_BYTES, Draft, ReadError, draft_from_json, draft_to_json
from corpus.sheets import Sheet, sheets_from_json, sheets_to_json

Result = TypeVar("Result")
_CHECKOUT = Path(__file__).resolve().parent.parent
_REMEDY = "save its text as txt, or split it"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of file is read, how the result travels, and what to do with a file that cannot be read."""

    reader: str  # a module of corpus and the function in it
    to_json: Callable[[Any], dict[str, Any]] = draft_to_json
    remedy: str = _REMEDY


KINDS = {
    "docx": Kind("read_docx"),
    "html": Kind("read_html"),
    "md": Kind("read_md"),
    "pdf": Kind("read_pdf"),
    "rows": Kind("read_rows", sheets_to_json, "save the sheet alone as a new xlsx or as csv, or split it"),
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. A plan of 300 pages takes a tenth of each."""

    cpu_seconds: int = 20
    wall_seconds: float = 60.0
    memory_bytes: int = 1 << 30  # on top of the interpreter and its libraries
    result_bytes: int = 32 << 20


DEFAULT_LIMITS = Limits()
ROWS_LIMITS = Limits(result_bytes=64 << 20)  # 50,000 rows of 17 cells take a third of each


def parse(kind: str, file: IO[bytes], limits: Limits = DEFAULT_LIMITS) -> Draft:
    """The draft of an open docx, html or pdf file (a real one: the child inherits its descriptor).

    Raises ``ReadError``, also when the child is killed, crashes or exceeds a limit.
    """
    return _read(kind, file, limits, draft_from_json)


def parse_rows(file: IO[bytes], limits: Limits = ROWS_LIMITS) -> tuple[Sheet, ...]:
    """The visible sheets of an open xlsx file (a real one); raises ``ReadError`` as ``parse`` does."""
    return _read("rows", file, limits, sheets_from_json)


def _read(kind: str, file: IO[bytes], limits: Limits, from_json: Callable[[dict[str, Any]], Result]) -> Result:
    remedy = KINDS[kind].remedy
    file.seek(0)
    process = subprocess.Popen(
        [sys.executable, "-m", "corpus.child", kind, str(limits.cpu_seconds), str(limits.memory_bytes)],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_CHECKOUT,
        start_new_session=True,  # a group of its own, so that all of it can be ended
    )
    answer = collect(process, limits, remedy)
    try:
        value = json.loads(answer)
        if "refused" in value:
            raise ReadError(str(value["refused"]))
        return from_json(value)
    except (ValueError, KeyError, TypeError):
        raise ReadError(f"makes its reader fail; {remedy}") from None


def collect(process: subprocess.Popen[bytes], limits: Limits, remedy: str = _REMEDY) -> bytes:
    """All that a child writes, after it has ended; its process group is gone when this returns.

    Raises ``ReadError`` if it takes or writes too much or does not end well.
    """
    stdout = process.stdout
    if stdout is None:
        raise ValueError("the child needs a pipe for its standard output")
    deadline = time.monotonic() + limits.wall_seconds
    pieces: list[bytes] = []
    size = 0
    try:
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([stdout], [], [], left)[0]:
                raise ReadError(f"takes more than {limits.wall_seconds:g} seconds to read; {remedy}")
            piece = os.read(stdout.fileno(), 1 << 16)
            if not piece:
                break
            size += len(piece)
            if size > limits.result_bytes:
                raise ReadError(f"holds more text than can be read; {remedy}")
            pieces.append(piece)
        status = process.wait(timeout=max(deadline - time.monotonic(), 1))
    except subprocess.TimeoutExpired:
        raise ReadError(f"takes more than {limits.wall_seconds:g} seconds to read; {remedy}") from None
    finally:
        _end(process)
        stdout.close()
    if status == -signal.SIGXCPU:
        raise ReadError(f"takes more than {limits.cpu_seconds} seconds of computing to read; {remedy}")
    if status != 0:
        raise ReadError(f"makes its reader fail; {remedy}")
    return b"".join(pieces)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _limit(cpu_seconds: int, memory_bytes: int) -> None:
    """Binds this process; called after the imports, so that the memory counted is the file's."""
    import resource  # only where there is such a thing; the callers' side runs anywhere

    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:  # not Linux: no such file, and the limit would not be kept there either
        return
    resource.setrlimit(resource.RLIMIT_AS, (in_use + memory_bytes, in_use + memory_bytes))


def _answer(kind: Kind, read: Callable[[bytes], Any], data: bytes) -> dict[str, Any]:
    try:
        return kind.to_json(read(data))
    except ReadError as error:
        return {"refused": str(error)}
    except Exception as error:  # whatever a library raises over a damaged file ends here, as a reason
        if any(isinstance(cause, MemoryError) for cause in (error, *error.args, error.__cause__, error.__context__)):
            return {"refused": f"takes more memory to read than it may; {kind.remedy}"}
        return {"refused": f"is damaged or not what its name says ({type(error).__name__}); {kind.remedy}"}


def main(arguments: list[str]) -> int:
    """``FORMAT CPU_SECONDS MEMORY_BYTES``: the child's side."""
    name, cpu_seconds, memory_bytes = arguments
    kind = KINDS[name]
    # What a library prints must not get between the parts of the answer.
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        module = importlib.import_module(f"corpus.{kind.reader}")
        _limit(int(cpu_seconds), int(memory_bytes))
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        answer = _answer(kind, getattr(module, kind.reader), data)
        out.write(json.dumps(answer).encode("ascii"))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
