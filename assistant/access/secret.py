"""Secrets of the settings: named there, kept in an environment variable or a file that only its owner may read."""

from __future__ import annotations

import os
from pathlib import Path

from corpus.errors import SettingsInvalid

LONGEST = 16 << 10  # bytes of a file that holds one secret or key


def secret_of(key: str, env: str, file: Path | None) -> str:
    """The secret that the settings ``KEY_env`` or ``KEY_file`` name; empty where they name none.

    White space around it does not belong to it. Raises ``SettingsInvalid``: both are named, the variable is not set,
    or the file cannot be read, is empty, or may be read by others.
    """
    if env and file:
        raise SettingsInvalid(f"{key}_env and {key}_file are both set; keep one of them")
    if env:
        found = os.environ.get(env, "").strip()
        if not found:
            raise SettingsInvalid(f"{key}_env: the environment variable {env} is not set; set it for the server")
        return found
    return _content(key, file) if file else ""


def _is_credential(file: Path) -> bool:
    """Whether systemd laid the file down for this service alone: some of its versions let root's group read it."""
    given = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return Path(given).is_absolute() and file.resolve().is_relative_to(Path(given).resolve())


def _content(key: str, file: Path) -> str:
    try:
        with file.open("rb") as opened:
            others = os.fstat(opened.fileno()).st_mode & (0o007 if _is_credential(file) else 0o077)
            found = opened.read(LONGEST + 1)
    except OSError as error:
        raise SettingsInvalid(f"{key}_file: {file} cannot be read ({error.strerror})") from None
    if others:
        raise SettingsInvalid(f"{key}_file: others may read {file}; chmod 600 it")
    try:
        text = found.decode("utf-8").strip()
    except UnicodeDecodeError:
        text = ""
    if not text or len(found) > LONGEST:
        raise SettingsInvalid(f"{key}_file: {file} holds no secret; one line of text is expected")
    return text
