"""A zip archive of plans → its plan files, each under a name of ours in a folder of ours.

Everything is looked at before the first file is written: what is in the archive is listed and unpacked by children
with limits (``corpus/read_members.py``).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from corpus.child import parse_member, parse_members
from corpus.errors import PlanUnreadable
from corpus.meta import fits_as_id
from corpus.read import SUFFIXES, open_regular, shown
from corpus.read_draft import DEFAULT_LIMITS, Limits, Member, ReadError

_ARCHIVES = (".zip", ".rar", ".7z", ".gz", ".tgz", ".tar", ".bz2", ".xz")


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One plan of an archive. The file's name without its ending is the plan's id, as with any other file."""

    file: Path
    name: str  # in the archive, with the folders it lies in
    called: str  # archive and name, for messages


@dataclass(frozen=True, slots=True)
class Archive:
    """The plans of an archive, and the names of its files of other kinds."""

    plans: tuple[Unpacked, ...]
    left_out: tuple[str, ...]


def unpack(path: Path, folder: Path, limits: Limits = DEFAULT_LIMITS) -> Archive | None:
    """The plans of a zip archive, unpacked into an empty folder; None for a file of any other kind.

    Raises ``PlanUnreadable``, and then nothing was written but what the folder can be removed with: for an archive that
    is damaged, within another, without plans or with too many, and where two of its plans have one name.
    """
    try:
        file = open_regular(path)
    except (ReadError, OSError, ValueError):
        return None  # the reader of plans says what is wrong
    try:
        with file:
            if file.read(2) != b"PK":
                return None
            if file.seek(0, os.SEEK_END) > limits.file_bytes:
                raise ReadError(
                    f"is larger than {limits.file_bytes >> 20} MB; pack fewer files, or raise max_file_mb in [reading]"
                )
            members = parse_members(file, limits)
            if members is None:
                return None
            plans, left_out = _chosen(members, limits)
            return Archive(tuple(_unpacked(path, file, member, folder, limits) for member in plans), left_out)
    except ReadError as error:
        raise PlanUnreadable(f"{shown(path)}: {error}") from None
    except OSError as error:
        raise PlanUnreadable(
            f"{shown(path)}: cannot be unpacked ({error.strerror}); free space, then try again"
        ) from None


def _unpacked(path: Path, file: IO[bytes], member: Member, folder: Path, limits: Limits) -> Unpacked:
    called = f"{shown(path)}: {_quoted(member)}"
    place = folder / str(member.place)
    place.mkdir()
    target = place / PurePosixPath(member.name).name  # looked at by ``_chosen``
    try:
        target.write_bytes(parse_member(file, member.place, limits))
    except ReadError as error:
        raise PlanUnreadable(f"{called}: {error}") from None
    return Unpacked(target, member.name, called)


def left_out_line(path: Path, names: Sequence[str]) -> str:
    """The line that tells which files of an archive or folder are no plans, each as it should be shown."""
    return f"{shown(path)}: left out, as no plans: {_listed(names)}"


def _chosen(members: Sequence[Member], limits: Limits) -> tuple[list[Member], tuple[str, ...]]:
    """(the plans, the names of the other files)."""
    within = [_quoted(member) for member in members if member.name.lower().endswith(_ARCHIVES)]
    if within:
        raise ReadError(f"has archives in it: {_listed(within)}; unpack them, and pack the plans alone")
    plans = [member for member in members if member.name.lower().endswith(SUFFIXES)]
    if not plans:
        raise ReadError(f"has no plan in it; plans end in {', '.join(SUFFIXES)}")
    if len(plans) > limits.plans:
        raise ReadError(f"has more than {limits.plans} plans in it; pack fewer, or raise max_plans in [reading]")
    named: dict[str, list[str]] = {}
    for member in plans:
        plan_id = PurePosixPath(member.name).stem
        if not fits_as_id(plan_id):
            raise ReadError(f"has a file whose name cannot be a plan's id: {_quoted(member)}; rename it")
        if member.size > limits.file_bytes:
            raise ReadError(
                f"has a file of more than {limits.file_bytes >> 20} MB in it: {_quoted(member)}; "
                "save its text alone, or raise max_file_mb in [reading]"
            )
        named.setdefault(plan_id, []).append(_quoted(member))
    same = [f"{plan_id} ({', '.join(names)})" for plan_id, names in named.items() if len(names) > 1]
    if same:
        raise ReadError(f"has several plans of one name in it: {_listed(same)}; rename them, each its own")
    chosen = set(plans)
    return plans, tuple(_quoted(member) for member in members if member not in chosen)


def _quoted(member: Member) -> str:
    return shown(Path(member.name))


def _listed(names: Sequence[str]) -> str:
    """Names on one line, of many the first ten."""
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more
