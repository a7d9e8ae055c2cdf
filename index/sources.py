"""Which plans go into an index, and which files they are made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from corpus.corrections import apply
from corpus.corrections_file import corrections_bytes, corrections_path, parse_corrections
from corpus.errors import PlanUnreadable
from corpus.model import Plan
from corpus.read import shown
from corpus.read_draft import DEFAULT_LIMITS, Limits
from index.manifest import CORRECTIONS, LIBRARY, PLANS_FOLDER, Manifest, PlanEntry, entry_of

if TYPE_CHECKING:
    from corpus.units import UnitTable

PLAN_TOML = "plan.toml"
REMOVED = "removed.json"  # in the data folder: {"gansu-2020": "2031-05-06T10:00:00+08:00"}


@dataclass(frozen=True, slots=True)
class Source:
    """One plan to be indexed: what ``read`` is given, the files that travel into the library, its corrections."""

    entry: PlanEntry
    path: Path
    files: tuple[Path, ...]  # the plan's own file first
    new: bool = False  # named in this build and not in the library yet
    corrections: bytes | None = None  # what its file of corrections holds, or will hold

    @property
    def sha256(self) -> str:
        """Of the plan's own file, whatever describes it."""
        return self.entry.files[self.files[0].name]

    def read(self, units: UnitTable, limits: Limits = DEFAULT_LIMITS) -> Plan:
        """The plan with its corrections. Raises ``PlanUnreadable``, ``PlanInvalid`` or ``CorrectionsInvalid``."""
        from corpus.library import read_plan  # imported late: an index opens without any reader

        return self.corrected(read_plan(self.path, plan_id=self.entry.id, units=units, limits=limits))

    def corrected(self, plan: Plan) -> Plan:
        """A plan as it was read, with the corrections of this source. Raises ``CorrectionsInvalid``."""
        if self.corrections is None:
            return plan
        name = Path(f"{CORRECTIONS}{self.entry.id}.json")
        return apply(plan, parse_corrections(self.corrections, name, self.entry.id)).plan


def shipped(data: Path, only: Iterable[str] | None = None) -> list[Source]:
    """The plans that come with the program, also those removed here; with ``only``, those of these ids."""
    from corpus.library import shipped_plans

    wanted = None if only is None else set(only)
    return [source_of(p.name, "shipped", p, data) for p in shipped_plans() if wanted is None or p.name in wanted]


def removed(data: Path) -> dict[str, str]:
    """When each shipped plan that was removed here was removed (ISO 8601), by id. Raises ``PlanUnreadable``."""
    path = data / REMOVED
    try:
        held = json.loads(path.read_bytes())
        if isinstance(held, dict) and all(isinstance(at, str) for at in held.values()):
            return held
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        pass
    raise PlanUnreadable(
        f'{path}: is no list of removed plans, {{"id": "time"}}; correct it, or remove it and all of them are back'
    )


def library(data: Path) -> list[Source]:
    """The plans that were added to this data folder."""
    from corpus.library import readable

    folder = data / LIBRARY
    if not folder.is_dir():
        return []
    kept = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    return [source_of(p.name, "added", readable(p), data) for p in kept]


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
            source = source_of(safe_id(plan.id, path), "added", path, data, new=True)
            plan = source.corrected(plan)
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
    user added takes the place of a shipped one with the same id; a shipped one that was removed comes only by choice.
    """
    before = None if chosen is None else [p.id for p in previous.plans if p.origin == "shipped"] if previous else []
    out = removed(data)
    there = [source for source in shipped(data, before) if source.entry.id not in out]
    plans = {source.entry.id: source for source in [*there, *library(data)]}
    for source in chosen or ():
        if source.new or source.entry.id not in plans:
            plans[source.entry.id] = source
    return [plans[plan_id] for plan_id in sorted(plans)]


def waiting(data: Path, manifest: Manifest) -> list[str]:
    """Ids of plans that the next ``python -m index build`` would add to an index."""
    has_shipped = any(plan.origin == "shipped" for plan in manifest.plans)
    came = {source.entry.id for source in shipped(data)} - set(removed(data)) if has_shipped else set()
    there = came | {source.entry.id for source in library(data)}
    return sorted(there - {plan.id for plan in manifest.plans})


def source_of(
    plan_id: str, origin: Literal["shipped", "added"], path: Path, data: Path, *, new: bool = False
) -> Source:
    """The source at a path, with the corrections that a data folder has for it.

    Raises ``PlanUnreadable`` or ``CorrectionsInvalid``.
    """
    from corpus.library import plan_sources

    try:
        files = tuple(plan_sources(path))
        entry = entry_of(plan_id, origin, files)
    except OSError as error:
        raise PlanUnreadable(f"{error.filename or path}: cannot be read ({error.strerror}); check the file") from None
    return with_corrections(Source(entry, path, files, new), corrections_bytes(data, plan_id), data)


def with_corrections(source: Source, content: bytes | None, data: Path) -> Source:
    """A source with this file of corrections, None for none. Raises ``CorrectionsInvalid`` where it is faulty."""
    files = {name: sha for name, sha in source.entry.files.items() if not name.startswith(CORRECTIONS)}
    if content is not None:
        parse_corrections(content, corrections_path(data, source.entry.id), source.entry.id)
        files[f"{CORRECTIONS}{source.entry.id}.json"] = hashlib.sha256(content).hexdigest()
    return replace(source, entry=source.entry.model_copy(update={"files": files}), corrections=content)


def _known(path: Path, data: Path) -> Source | None:
    """The shipped or added plan that lies at a path, or None for a path elsewhere."""
    from corpus.library import readable

    if path.parent == PLANS_FOLDER:
        return source_of(path.name, "shipped", path, data)
    if path.parent == (data / LIBRARY).resolve():
        return source_of(path.name, "added", readable(path), data)
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
        found.update(dict.fromkeys(_home(p, [PLANS_FOLDER, (data / LIBRARY).resolve()]) for p in inside))
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


def safe_id(plan_id: str, path: Path) -> str:
    """The id, if it can be the name of a folder in the library."""
    if not plan_id.isprintable() or plan_id.startswith(".") or set(plan_id) & set("/\\") or not 0 < len(plan_id) <= 80:
        raise PlanUnreadable(
            f"{shown(path)}: its name cannot be a plan's id; rename the file, or set id in a plan.toml beside it"
        )
    return plan_id
