"""Versions of plans that were replaced or removed, kept in ``versions/<plan id>/<n>/`` of the data folder.

Beside the files of the version lies ``version.json``: when it left and why. Numbers rise; the newest is the one that
``restore`` takes unless another is named.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from index.incoming import Incoming

FOLDER = "versions"
ABOUT = "version.json"
ADDED = ".added.json"  # beside the files of an added plan: {"added": "2031-05-06T10:00:00+08:00", "by": "李娜"}

Why = Literal["replaced", "removed"]


@dataclass(frozen=True, slots=True)
class Version:
    """One kept version of a plan."""

    number: int
    origin: Literal["shipped", "added"]
    title: str
    file: str  # name of the plan's own file
    sha256: str  # of it
    files: dict[str, str]  # SHA-256 by name, plan.toml among them
    added: str  # when it came (ISO 8601), "" for a shipped one
    left: str  # when it left
    why: Why
    by: str = ""  # who replaced or removed it; "" while there is no log-in


_adapter = TypeAdapter(Version)


def versions_of(data: Path, plan_id: str) -> tuple[Version, ...]:
    """The kept versions of a plan, the newest first. What is damaged or not ours is not listed."""
    found = []
    folder = data / FOLDER / plan_id
    try:
        inside = list(folder.iterdir())
    except OSError:
        return ()
    for place in inside:
        try:
            version = _adapter.validate_json((place / ABOUT).read_bytes())
        except (OSError, ValidationError):
            continue
        if place.name == str(version.number):
            found.append(version)
    return tuple(sorted(found, key=lambda version: version.number, reverse=True))


def plans_with_versions(data: Path) -> list[str]:
    """Ids of the plans of which a version is kept."""
    folder = data / FOLDER
    return sorted(place.name for place in folder.iterdir() if place.is_dir()) if folder.is_dir() else []


def place_of(plan_id: str, number: int) -> str:
    """Where a version lies, relative to the data folder."""
    return f"{FOLDER}/{plan_id}/{number}"


def keeping(
    data: Path, plan_id: str, version: Version, files: Iterable[Path], most: int, leaving: int | None = None
) -> Incoming:
    """Keep a version under its number, and of the plan's versions no more than ``most``, the oldest going first.

    ``leaving`` is the number of one that goes anyway, as it is restored.
    """
    place = place_of(plan_id, version.number)
    copies = {f"{place}/{file.name}": file for file in files}
    about = json.dumps(asdict(version), ensure_ascii=False, indent=1).encode() + b"\n"
    before = [old for old in versions_of(data, plan_id) if old.number != leaving]
    too_many = before[max(most - 1, 0) :]
    gone = tuple(place_of(plan_id, old.number) for old in too_many)
    return Incoming(copies, {f"{place}/{ABOUT}": about}, gone)


def next_number(data: Path, plan_id: str) -> int:
    """The number of the next version of a plan, above those of all folders that are there, whatever they hold."""
    folder = data / FOLDER / plan_id
    taken = [int(place.name) for place in folder.iterdir() if place.name.isdecimal()] if folder.is_dir() else []
    return 1 + max(taken, default=0)


def added_by(folder: Path) -> str:
    """Who added the plan in a folder of the library, "" where nobody says."""
    try:
        by = json.loads((folder / ADDED).read_bytes()).get("by")
    except (OSError, ValueError, AttributeError, RecursionError):
        return ""
    return by if isinstance(by, str) else ""


def added_at(folder: Path) -> str:
    """When the plan in a folder of the library came; for one without a note, when its folder was made; "" for none."""
    try:
        at = json.loads((folder / ADDED).read_bytes())["added"]
        return at if isinstance(at, str) else ""
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    try:
        return datetime.fromtimestamp(folder.stat().st_mtime, UTC).isoformat(timespec="seconds")
    except OSError:
        return ""
