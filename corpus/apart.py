"""Reads one plan in a process of its own, within limits: for a server, which goes on answering meanwhile.

Formats are parsed in a limited child anyway (``corpus/child.py``); here the whole reading is, so that a text that
keeps the rules busy holds up nobody, and a process that is killed over it is not the server. The processes come from a
``corpus/fork_server.py`` that has the rules loaded, which takes longer than to read most plans.
"""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, replace
from pathlib import Path

from corpus import errors, library
from corpus.child import answered
from corpus.errors import AssistantError, PlanUnreadable
from corpus.fork_server import ForkServer, Request
from corpus.fork_server import main as serve
from corpus.model import plan_to_json
from corpus.read_draft import DEFAULT_LIMITS, Limits, ReadError
from corpus.units import load_units

_TIMES = 2  # the limits of parsing a file
_READ = b"read"  # the first line of an answer with a plan; else the name of an error stands there


def read_plan_apart(path: Path, plan_id: str, units: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The plan in a file, as ``plan_to_json`` has it; ``units`` is a user's units.toml.

    ``limits`` is what parsing the file may cost; the whole reading may take twice as much.
    Raises ``PlanUnreadable``, ``PlanInvalid`` or ``KnowledgeInvalid``.
    """
    whole = replace(
        limits,
        cpu_seconds=_TIMES * limits.cpu_seconds,
        wall_seconds=_TIMES * limits.wall_seconds,
        memory_bytes=_TIMES * limits.memory_bytes,
        result_bytes=_TIMES * limits.result_bytes,
        file_bytes=0,  # the child opens the file itself, as whoever reads a plan does
    )
    request = {
        "kind": "plan",
        "path": str(path.absolute()),
        "plan_id": plan_id,
        "units": str(units.absolute()),
        "limits": asdict(limits),
        **asdict(whole),
    }
    try:
        with Path(os.devnull).open("rb") as nothing:
            answer = answered(_SERVER, request, nothing, whole)
    except ReadError as error:
        raise PlanUnreadable(f"{path.name}: {error}") from None
    first, _, rest = answer.partition(b"\n")
    if first != _READ:
        raise getattr(errors, first.decode("ascii"), PlanUnreadable)(rest.decode("utf-8"))
    return rest


def _load(_request: Request) -> None:
    """In the server: every rule, table and schema, all of which the first plan makes."""
    plan_to_json(library.read_text("一、任务\n1.铺步道。(市园林局牵头,市财政局配合)\n"))


def _read(request: Request, _file: bytes) -> bytes:
    """In a child: the answer."""
    try:
        plan = library.read_plan(
            Path(request["path"]),
            plan_id=request["plan_id"],
            units=load_units(Path(request["units"])),
            limits=Limits(**request["limits"]),
        )
    except AssistantError as error:
        return f"{type(error).__name__}\n{error}".encode("utf-8", "replace")
    return _READ + b"\n" + plan_to_json(plan)


_SERVER = ForkServer([sys.executable, "-m", "corpus.apart"])

if __name__ == "__main__":
    serve(_load, _read)
