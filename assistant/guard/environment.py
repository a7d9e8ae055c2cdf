"""What the process takes over from whoever starts it: nothing that opens the server, calls out, or says who we are.

Gradio and the model libraries read settings from the environment, where they may stand for another program. Loads
nothing, because it has to run before they are imported.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from collections.abc import MutableMapping
from pathlib import Path

from corpus.errors import AssistantError

FIXED = {
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "LANGSMITH_TRACING": "false",
}
# Unless somebody knows better. Threads of the embedding engine that wait for each other hold their cores by default:
# beside any other work on those cores, one text then costs ten times the computing.
_BETTER = {"OMP_WAIT_POLICY": "PASSIVE"}
# Any text in it, also "False", turns on a page that lets a browser rewrite the program.
_NEVER = "GRADIO_VIBE_MODE"
# Every other setting of Gradio is ours: share, allowed paths, its own MCP server, watched folders, and what comes yet.
_OURS = ("GRADIO_", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "LANGSMITH_", "LANGCHAIN_")
FILES = 8192  # open files and connections wanted; the usual limit of 1,024 is half of the connections alone


class EnvironmentRefused(AssistantError):
    """A variable of the environment asks for what this server never does."""


def settle(environment: MutableMapping[str, str] = os.environ) -> None:
    """Sets and clears variables; one line on stderr names those that were set and do not hold.

    Raises ``EnvironmentRefused``.
    """
    if environment.get(_NEVER):
        raise EnvironmentRefused(
            f"{_NEVER} is set in the environment; any text in it opens the program to browsers: unset it"
        )
    dropped = [name for name in environment if name.startswith(_OURS) and name not in FIXED]
    for name in dropped:
        del environment[name]
    changed = [name for name, value in FIXED.items() if _meant(environment.get(name, value)) != _meant(value)]
    environment.update(FIXED)
    for name, value in _BETTER.items():
        environment.setdefault(name, value)
    told = sorted(name for name in (*dropped, *changed) if name not in (_NEVER, "GRADIO_TEMP_DIR"))
    if told:
        print(f"app.py: not taken from the environment: {', '.join(told)}", file=sys.stderr, flush=True)


def _meant(value: str) -> str:
    """One spelling of yes and no."""
    said = value.strip().lower()
    return "1" if said in ("true", "yes", "on") else "0" if said in ("false", "no", "off") else said


def private_folder(folder: Path) -> None:
    """Makes a folder for temporary files that nobody else may open, and Gradio's; and all that is written, ours alone.

    Raises ``OSError``.
    """
    os.umask(0o077)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    os.environ["GRADIO_TEMP_DIR"] = str(folder)


def more_files() -> None:
    """As many open files as the system allows, up to ``FILES``."""
    soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
