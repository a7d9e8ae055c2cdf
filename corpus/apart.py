"""Reads one plan in a process of its own, within limits: for a server, which goes on answering meanwhile.

Formats are parsed in a limited child anyway (``corpus/child.py``); here the whole reading is, so that a text that
keeps the rules busy holds up nobody, and a process that is killed over it is not the server.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from corpus import errors
from corpus.errors import AssistantError, PlanUnreadable
from corpus.read_draft import DEFAULT_LIMITS, Limits

_CHECKOUT = Path(__file__).resolve().parent.parent
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "PYTHONPATH")  # no key of any service
_REFUSED = 3  # the exit status with which a reason comes
_MOST_SAID = 4000  # bytes of a reason
_TIMES = 2  # the limits of parsing a file


def read_plan_apart(path: Path, plan_id: str, units: Path, out: Path, limits: Limits = DEFAULT_LIMITS) -> None:
    """Read a plan file and write the plan to ``out`` as ``plan_to_json`` has it; ``units`` is a user's units.toml.

    ``limits`` is what parsing the file may cost; the whole reading may take twice as much.
    Raises ``PlanUnreadable``, ``PlanInvalid`` or ``KnowledgeInvalid``; then nothing that can be used lies at ``out``.
    """
    wall_seconds, cpu_seconds = _TIMES * limits.wall_seconds, _TIMES * limits.cpu_seconds
    process = subprocess.Popen(
        [sys.executable, "-m", "corpus.apart", str(path), plan_id, str(units), str(out), json.dumps(asdict(limits))],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_CHECKOUT,
        env={name: os.environ[name] for name in _KEPT if name in os.environ},
        start_new_session=True,
    )
    said = b""
    try:
        said, _ = process.communicate(timeout=wall_seconds)
    except subprocess.TimeoutExpired:
        raise PlanUnreadable(f"{path.name}: takes more than {wall_seconds:g} seconds to read; split it") from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode == 0:
        return
    if process.returncode == -signal.SIGXCPU:
        raise PlanUnreadable(f"{path.name}: takes more than {cpu_seconds} seconds of computing to read; split it")
    kind, _, line = said[:_MOST_SAID].decode("utf-8", "replace").partition(" ")
    if process.returncode == _REFUSED and line:
        raise getattr(errors, kind, PlanUnreadable)(line)
    raise PlanUnreadable(f"{path.name}: makes its reader fail; save its text as txt, or split it")


def main(arguments: list[str]) -> int:
    """The child's side."""
    path, plan_id, units, out, given = arguments
    limits = Limits(**json.loads(given))
    from corpus.library import read_plan
    from corpus.model import plan_to_json
    from corpus.units import load_units

    resource.setrlimit(resource.RLIMIT_CPU, (_TIMES * limits.cpu_seconds, _TIMES * limits.cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_TIMES * limits.result_bytes, _TIMES * limits.result_bytes))
    in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    most = in_use + _TIMES * limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        plan = read_plan(Path(path), plan_id=plan_id, units=load_units(Path(units)), limits=limits)
        Path(out).write_bytes(plan_to_json(plan))
    except AssistantError as error:
        sys.stdout.write(f"{type(error).__name__} {error}")
        return _REFUSED
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
