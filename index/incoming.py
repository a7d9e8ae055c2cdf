"""What changes in the data folder together with the index, all of it or nothing.

A new generation carries a folder ``incoming/`` that is a picture of the data folder: files to come lie at the
places that they will have, and ``gone.json`` lists what is to go. It is carried out after the generation was
published; a build that was killed in between is finished by the next one. Carrying it out twice does no harm.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

# What is moved as one piece: a plan's folder of the library, one version of a plan, a file of corrections.
_DEPTH = {"library": 2, "versions": 3, "corrections": 2, "removed.json": 1}
_GONE = "gone.json"
_OLD = ".old-"


@dataclass(frozen=True, slots=True)
class Incoming:
    """Changes of a data folder. Places are relative to it, with "/"."""

    copies: dict[str, Path] = field(default_factory=dict)  # place → the file to copy there
    texts: dict[str, bytes] = field(default_factory=dict)  # place → what is to stand there
    gone: tuple[str, ...] = ()  # files and folders to remove, after everything else

    def __bool__(self) -> bool:
        return bool(self.copies or self.texts or self.gone)

    def write(self, folder: Path) -> None:
        """Lay the changes down in the ``incoming`` folder of a generation. Raises ``OSError``."""
        for place, file in self.copies.items():
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        for place, content in self.texts.items():
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        if self.gone:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / _GONE).write_text(json.dumps(self.gone, ensure_ascii=False), encoding="utf-8")


def joined(changes: Iterable[Incoming]) -> Incoming:
    """Several changes as one."""
    copies: dict[str, Path] = {}
    texts: dict[str, bytes] = {}
    gone: list[str] = []
    for change in changes:
        copies.update(change.copies)
        texts.update(change.texts)
        gone += change.gone
    return Incoming(copies, texts, tuple(gone))


def move_in(incoming: Path, data: Path) -> None:
    """Carry out what lies in an ``incoming`` folder, which is gone afterwards. Raises ``OSError``."""
    if not incoming.is_dir():
        return
    for piece in _pieces(incoming):
        place = data / piece.relative_to(incoming)
        place.parent.mkdir(parents=True, exist_ok=True)
        if piece.is_dir() and place.exists():
            old = place.with_name(f"{_OLD}{place.name}")
            place.rename(old)
            piece.rename(place)
            remove(old)
        else:
            piece.replace(place)
        sync(place.parent)
    listed = incoming / _GONE
    if listed.exists():
        for name in json.loads(listed.read_bytes()):
            place = data / PurePosixPath(name)
            remove(place)
            if place.parent.parent == data / "versions" and place.parent.is_dir() and not any(place.parent.iterdir()):
                place.parent.rmdir()
    remove(incoming)


def clear(data: Path) -> None:
    """Remove what a killed ``move_in`` put aside."""
    for pattern in (f"library/{_OLD}*", f"versions/*/{_OLD}*"):
        for left in data.glob(pattern):
            remove(left)


def remove(path: Path) -> None:
    """Remove a file, a link, or a folder with all that is in it; nothing where there is none."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _pieces(incoming: Path) -> list[Path]:
    """What is to be moved, in a fixed order: kept versions before what takes their place."""
    found: list[Path] = []
    for top in ("versions", "library", "corrections", "removed.json"):
        depth = _DEPTH[top]
        pattern = "/".join([top, *["*"] * (depth - 1)])
        found += sorted(incoming.glob(pattern))
    return found
