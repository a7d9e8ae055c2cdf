"""Which plans go into an index, and which files they are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from corpus.errors import PlanUnreadable
from corpus.model import Plan
from corpus.read import shown
from corpus.read_draft import DEFAULT_LIMITS, Limits
from index.manifest import PLANS_FOLDER, Manifest, PlanEntry, entry_of

if TYPE_CHECKING:
    from corpus.units import UnitTable

PLAN_TOML = "plan.toml"


@dataclass(frozen=True, slots=True)
class Source:
    """One plan to be indexed: what ``read`` is given, and the files that travel into the library."""

    entry: PlanEntry
    path: Path
    files: tuple[Path, ...]
    new: bool = False  # named in this build and not in the library yet

    def read(self, units: UnitTable, limits: Limits = DEFAULT_LIMITS) -> Plan:
        """The plan. Raises ``PlanUnreadable`` or ``PlanInvalid``."""
        from corpus.library import read_plan  # imported late: an index opens without any reader

        return read_plan(self.path, plan_id=self.entry.id, units=units, limits=limits)


def shipped(only: Iterable[str] | None = None) -> list[Source]:
    """The plans that come with the program; with ``only``, those of these ids that still exist."""
    from corpus.library import shipped_plans

    wanted = None if only is None else set(only)
    return [_source(p.name, "shipped", p) for p in shipped_plans() if wanted is None or p.name in wanted]


def library(data: Path) -> list[Source]:
    """The plans that were added to this data folder."""
    folder = data / "library"
    if not folder.is_dir():
        return []
    kept = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    return [_source(p.name, "added", _readable(p)) for p in kept]


def named(
    paths: Sequence[Path], data: Path, units: UnitTable, limits: Limits = DEFAULT_LIMITS
) -> list[tuple[Source, Plan]]:
    """The plans in files and folders that someone names, read; a shipped plan stays one, others are new.

    Raises ``PlanUnreadable`` for a path without a plan, for an id that cannot name a folder, and where two paths
    have the same id.
    """
    from corpus.library import read_plan

    found: dict[str, tuple[Source, Plan]] = {}
    for path in _expand(paths, data):
        source = _known(path, data)
        if source is None:
            plan = read_plan(path, units=units, limits=limits)
            source = _source(_safe(plan.id, path), "added", path, new=True)
        else:
            plan = source.read(units, limits)
        if plan.id in found:
            other = found[plan.id][0].path
            raise PlanUnreadable(
                f"{shown(path)}: has the same id {plan.id} as {shown(other)}; "
                "rename one of the files, or give it a plan.toml"
            )
        found[plan.id] = (source, plan)
    return list(found.values())


def wanted(data: Path, previous: Manifest | None, chosen: Sequence[Source] | None) -> list[Source]:
    """All plans of the next generation, by id. ``chosen`` None: the shipped ones and the library.

    Otherwise the library, what is chosen, and of the shipped ones those that the previous index had. A plan that a
    user added takes the place of a shipped one with the same id.
    """
    before = None if chosen is None else [p.id for p in previous.plans if p.origin == "shipped"] if previous else []
    plans = {source.entry.id: source for source in [*shipped(before), *library(data)]}
    for source in chosen or ():
        if source.new or source.entry.id not in plans:
            plans[source.entry.id] = source
    return [plans[plan_id] for plan_id in sorted(plans)]


def waiting(data: Path, manifest: Manifest) -> list[str]:
    """Ids of plans that the next ``python -m index build`` would add to an index."""
    has_shipped = any(plan.origin == "shipped" for plan in manifest.plans)
    there = {source.entry.id for source in [*(shipped() if has_shipped else []), *library(data)]}
    return sorted(there - {plan.id for plan in manifest.plans})


def _source(plan_id: str, origin: Literal["shipped", "added"], path: Path, *, new: bool = False) -> Source:
    from corpus.library import plan_sources

    try:
        files = tuple(plan_sources(path))
        return Source(entry_of(plan_id, origin, files), path, files, new)
    except OSError as error:
        raise PlanUnreadable(f"{error.filename or path}: cannot be read ({error.strerror}); check the file") from None


def _readable(folder: Path) -> Path:
    """What to read in a plan's library folder: the folder where a plan.toml describes it, else its one file."""
    if (folder / PLAN_TOML).is_file():
        return folder
    files = [p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")]
    if len(files) != 1:
        raise PlanUnreadable(
            f"{folder}: holds {len(files)} files and no plan.toml that names one; "
            "remove the folder and build the plan again"
        )
    return files[0]


def _known(path: Path, data: Path) -> Source | None:
    """The shipped or added plan that lies at a path, or None for a path elsewhere."""
    if path.parent == PLANS_FOLDER:
        return _source(path.name, "shipped", path)
    if path.parent == (data / "library").resolve():
        return _source(path.name, "added", _readable(path))
    return None


def _expand(paths: Sequence[Path], data: Path) -> list[Path]:
    """Plan folders and files, each once, in the order named; folders of other things are looked through.

    Plans that are shipped or in the library come as their folders, whatever was named of them. A file named by
    itself may end in anything; reading it will tell.
    """
    from corpus.read import SUFFIXES

    found: dict[Path, None] = {}
    for path in (p.expanduser().resolve() for p in paths):
        try:
            inside = list(_plans_below(path, SUFFIXES)) if path.is_dir() else [path]
        except OSError as error:
            raise PlanUnreadable(
                f"{shown(Path(error.filename or path))}: cannot be read ({error.strerror}); check the permissions"
            ) from None
        if not inside:
            raise PlanUnreadable(f"{shown(path)}: no plan in this folder; plans end in {', '.join(SUFFIXES)}")
        found.update(dict.fromkeys(_home(p, [PLANS_FOLDER, (data / "library").resolve()]) for p in inside))
    return list(found)


def _home(path: Path, homes: Sequence[Path]) -> Path:
    for home in homes:
        if path.is_relative_to(home) and path != home:
            folder = home / path.relative_to(home).parts[0]
            return folder if folder.is_dir() else path
    return path


def _plans_below(folder: Path, suffixes: Collection[str]) -> Iterable[Path]:
    if (folder / PLAN_TOML).is_file():
        yield folder
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")):  # hidden files, and what an open office document leaves
            continue
        if path.is_dir() and not path.is_symlink():  # a link may lead round in a circle
            yield from _plans_below(path, suffixes)
        elif path.is_file() and path.suffix.lower() in suffixes:
            yield path


def _safe(plan_id: str, path: Path) -> str:
    """The id, if it can be the name of a folder in the library."""
    if not plan_id.isprintable() or plan_id.startswith(".") or set(plan_id) & set("/\\") or not 0 < len(plan_id) <= 80:
        raise PlanUnreadable(
            f"{shown(path)}: its name cannot be a plan's id; rename the file, or set id in a plan.toml beside it"
        )
    return plan_id
