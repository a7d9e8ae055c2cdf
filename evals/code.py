"""Which code gave a figure."""

from __future__ import annotations

import subprocess
from functools import cache
from hashlib import sha256

from corpus.config import CHECKOUT

_LAYERS = ("corpus", "index", "assistant", "evals")


@cache
def code_version() -> str:
    """The commit of the checkout as it was at the first call in this process.

    Where tracked files are changed, or outside a checkout, it ends in a digest over the code and tables themselves:
    two states that could answer differently never have one name. To be called early by a process that lives long.
    """
    command = ["git", "-C", str(CHECKOUT), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
        commit = done.stdout.strip() or "unknown"
    except (OSError, subprocess.SubprocessError):
        commit = "unknown"
    return commit if commit != "unknown" and not commit.endswith("-dirty") else f"{commit}-{_digest()}"


def _digest() -> str:
    """Twelve hex digits over every file of code and tables."""
    digest = sha256()
    for layer in _LAYERS:
        for file in sorted((*(CHECKOUT / layer).rglob("*.py"), *(CHECKOUT / layer).rglob("*.toml"))):
            if "plans" not in file.parts:
                digest.update(
                    f"{file.relative_to(CHECKOUT).as_posix()}\n{sha256(file.read_bytes()).hexdigest()}\n".encode()
                )
    return digest.hexdigest()[:12]
