"""Parses one file in a child process, within limits.

A small file can keep a parser busy for minutes or fill the memory, and a damaged one can crash it. So Word, PDF,
web pages and workbooks are read in a child of ``corpus/fork_server.py``, which is this module run by itself. Whatever
happens in there, the caller gets a ``Draft``, or the rows of a workbook, or a ``ReadError``.
"""

from __future__ import annotations

import base64
import importlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import IO, Any, TypeVar

from corpus.fork_server import ChildError, ForkServer, Request
from corpus.fork_server import main as serve
from corpus.read_draft import (
    DEFAULT_LIMITS,
    Draft,
    Limits,
    Member,
    ReadError,
    draft_from_json,
    draft_to_json,
    members_from_json,
    members_to_json,
)
from corpus.sheets import Sheet, sheets_from_json, sheets_to_json

Result = TypeVar("Result")
_REMEDY = "save its text as txt, or split it"
_PACK = "pack the plans anew, fewer of them"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of file is read, how the result travels, and what to do with a file that cannot be read."""

    reader: str  # a module of corpus and the function in it, "module.function" where they differ
    to_json: Callable[[Any], dict[str, Any]] = draft_to_json
    remedy: str = _REMEDY
    counts: bool = False  # whether it counts pages or paragraphs: then it is given the limits too


KINDS = {
    "html": Kind("read_html", counts=True),
    "md": Kind("read_md"),
    "pdf": Kind("read_pdf", counts=True),
    "members": Kind("read_members", members_to_json, _PACK),
    "member": Kind("read_members.read_member", lambda content: {"content": base64.b64encode(content).decode()}, _PACK),
    "package": Kind("read_package", counts=True),  # docx and xlsx
    "rows": Kind("read_rows", sheets_to_json, "save the sheet alone as a new xlsx or as csv, or split it"),
}


ROWS_LIMITS = Limits(result_bytes=64 << 20)  # 50,000 rows of 17 cells take a third of each


def parse(kind: str, file: IO[bytes], limits: Limits = DEFAULT_LIMITS) -> Draft:
    """The draft of an open file (a real one: the child is given its descriptor) of one of ``KINDS``.

    Raises ``ReadError``, also when the child is killed, crashes or exceeds a limit.
    """
    return _read(kind, file, limits, draft_from_json)


def parse_rows(file: IO[bytes], limits: Limits = ROWS_LIMITS) -> tuple[Sheet, ...]:
    """The visible sheets of an open xlsx file (a real one); raises ``ReadError`` as ``parse`` does."""
    return _read("rows", file, limits, sheets_from_json)


def parse_members(file: IO[bytes], limits: Limits = DEFAULT_LIMITS) -> tuple[Member, ...] | None:
    """The files in an open zip archive, None for an office document; raises ``ReadError`` as ``parse`` does."""
    return _read("members", file, limits, members_from_json)


def parse_member(file: IO[bytes], place: int, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The content of one file in an open zip archive; raises ``ReadError`` as ``parse`` does."""
    return _read("member", file, limits, lambda value: base64.b64decode(value["content"]), place=place)


def answered(server: ForkServer, request: Request, file: IO[bytes], limits: Limits, remedy: str = _REMEDY) -> bytes:
    """What a child of a server makes of an open file within limits; raises ``ReadError``, which names the remedy."""
    reasons = {
        "wall": f"takes more than {limits.wall_seconds:g} seconds to read; {remedy}",
        "cpu": f"takes more than {limits.cpu_seconds} seconds of computing to read; {remedy}",
        "size": f"holds more text than can be read; {remedy}",
        "failed": _failed(remedy),
    }
    try:
        return server.run(request, file.fileno(), wall_seconds=limits.wall_seconds, result_bytes=limits.result_bytes)
    except ChildError as error:
        raise ReadError(reasons[error.reason]) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ReadError(f"cannot be read now: no process can be started for it ({reason}); try again later") from None


def _failed(remedy: str) -> str:
    return f"makes its reader fail; {remedy}"


def _read(
    kind: str, file: IO[bytes], limits: Limits, from_json: Callable[[dict[str, Any]], Result], **arguments: int
) -> Result:
    remedy = KINDS[kind].remedy
    answer = answered(_SERVER, {"kind": kind, "arguments": arguments, **asdict(limits)}, file, limits, remedy)
    try:
        value = json.loads(answer)
        if "refused" in value:
            raise ReadError(str(value["refused"]))
        return from_json(value)
    except (ValueError, KeyError, TypeError):
        raise ReadError(_failed(remedy)) from None


def _reader(request: Request) -> Callable[..., Any]:
    """The function that reads a kind of file; the server calls this once for each kind, to load its module."""
    module, _, name = KINDS[request["kind"]].reader.partition(".")
    read: Callable[..., Any] = getattr(importlib.import_module(f"corpus.{module}"), name or module)
    return read


def _answer(request: Request, data: bytes) -> bytes:
    """What a child writes: the result, or why there is none, as JSON."""
    kind = KINDS[request["kind"]]
    try:
        limits = Limits(**{field.name: request[field.name] for field in fields(Limits)})
        counted = (limits,) if kind.counts else ()
        answer = kind.to_json(_reader(request)(data, *counted, **request["arguments"]))
    except ReadError as error:
        answer = {"refused": str(error)}
    except Exception as error:  # whatever a library raises over a damaged file ends here, as a reason
        if any(isinstance(cause, MemoryError) for cause in (error, *error.args, error.__cause__, error.__context__)):
            answer = {"refused": f"takes more memory to read than it may; {kind.remedy}"}
        else:
            answer = {"refused": f"is damaged or not what its name says ({type(error).__name__}); {kind.remedy}"}
    return json.dumps(answer).encode("ascii")


_SERVER = ForkServer([sys.executable, "-m", "corpus.child"])

if __name__ == "__main__":
    serve(_reader, _answer)
