"""What somebody names → plan files: folders looked through, archives unpacked, each plan with the id it will have.

What is left out of a folder or an archive is told, with the reason, a line for each.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import PlanUnreadable
from corpus.meta import PLAN_TOML, read_meta
from corpus.read import SUFFIXES, shown
from corpus.read_draft import Limits
from corpus.unpack import left_out_line, unpack
from index import manifest

Tell = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Named:
    """A plan folder or file that somebody named, or one out of an archive; ``called`` is its name in messages."""

    path: Path
    called: str


def gather(paths: Sequence[Path], data: Path, scratch: Path, limits: Limits, tell: Tell) -> list[Named]:
    """Plan folders and files, each once, in the order named.

    Plans that are shipped or in the library come as their folders, whatever was named of them. A file named by
    itself may end in anything; reading it will tell. Archives are unpacked into ``scratch``, an empty folder. Raises
    ``PlanUnreadable`` for a path without a plan, and where several have the same id.
    """
    homes = (manifest.PLANS_FOLDER, (data / manifest.LIBRARY).resolve())
    found: dict[Path, Named] = {}
    for number, path in enumerate(p.expanduser().resolve() for p in paths):
        for plan in _inside(path, scratch / str(number), homes, limits, tell):
            home = _home(plan.path, homes)
            found[home] = plan if home == plan.path else Named(home, shown(home))
    _refuse_twins(list(found.values()), homes)
    return list(found.values())


def _inside(path: Path, scratch: Path, homes: Sequence[Path], limits: Limits, tell: Tell) -> list[Named]:
    if not path.is_dir():
        scratch.mkdir()
        archive = unpack(path, scratch, limits)
        if archive is None:
            return [Named(path, shown(path))]
        if archive.left_out:
            tell(left_out_line(path, archive.left_out))
        return [Named(one.file, one.called) for one in archive.plans]
    left_out: list[str] = []
    try:
        inside = [Named(one, shown(one)) for one in _below(path, path, homes, left_out)]
    except OSError as error:
        raise PlanUnreadable(
            f"{shown(Path(error.filename or path))}: cannot be read ({error.strerror}); check the permissions"
        ) from None
    if left_out:
        tell(left_out_line(path, left_out))
    if not inside:
        raise PlanUnreadable(f"{shown(path)}: no plan in this folder; plans end in {', '.join(SUFFIXES)}")
    return inside


def _below(folder: Path, top: Path, homes: Sequence[Path], left_out: list[str]) -> Iterator[Path]:
    """The plans in a folder and those below it. A link is not followed: it may lead round in a circle, or anywhere."""
    if (folder / PLAN_TOML).is_file():
        yield folder
        return
    for path in sorted(folder.iterdir()):
        mode = path.lstat().st_mode
        looks = path.suffix.lower() in SUFFIXES
        reason = ""
        if path.name.startswith("~$"):
            reason = "left by a document that is open"
        elif path.name.startswith("."):
            reason = "hidden" if looks else "-"  # of what nobody takes for a plan nothing is said
        elif stat.S_ISLNK(mode):
            reason = "a link"
        elif stat.S_ISDIR(mode):
            if not looks or folder in homes or (path / PLAN_TOML).is_file():  # an id may end as a file does
                yield from _below(path, top, homes, left_out)
                continue
            reason = "a folder"
        elif not stat.S_ISREG(mode):
            reason = "not a regular file"
        elif not looks:
            reason = "an archive: name it by itself" if path.suffix.lower() == ".zip" else "of another kind"
        if not reason:
            yield path
        elif reason != "-":
            left_out.append(f"{shown(path.relative_to(top))} ({reason})")


def _home(path: Path, homes: Sequence[Path]) -> Path:
    for home in homes:
        if path.is_relative_to(home) and path != home:
            folder = home / path.relative_to(home).parts[0]
            return folder if folder.is_dir() else path
    return path


def _refuse_twins(plans: Sequence[Named], homes: Sequence[Path]) -> None:
    """All of them in one message: whoever mends one should not be told of the next by the next attempt."""
    by_id: dict[str, list[str]] = {}
    for plan in plans:
        if plan.path.parent in homes:
            plan_id = plan.path.name
        else:
            plan_id = read_meta(plan.path).id if plan.path.is_dir() else plan.path.stem
        by_id.setdefault(plan_id, []).append(plan.called)
    twins = [f"{plan_id} ({', '.join(names)})" for plan_id, names in by_id.items() if len(names) > 1]
    if twins:
        raise PlanUnreadable(
            f"the same id for several plans: {'; '.join(twins)}; rename the files, or give them a plan.toml"
        )
