"""Which plans go into an index, and which files they are made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from corpus.corrections import apply
from corpus.corrections_file import corrections_bytes, corrections_path, parse_corrections
from corpus.errors import PlanUnreadable
from corpus.meta import PLAN_TOML, fits_as_id
from corpus.model import Plan
from corpus.read import shown
from corpus.read_draft import DEFAULT_LIMITS, Limits
from index.manifest import CORRECTIONS, LIBRARY, PLANS_FOLDER, Manifest, PlanEntry, entry_of
from index.versions import ABOUT

if TYPE_CHECKING:
    from corpus.units import UnitTable

_OURS = (PLAN_TOML, ABOUT)  # what lies beside a plan's file in the library and among its versions
REMOVED = "removed.json"  # in the data folder: {"gansu-2020": "2031-05-06T10:00:00+08:00"}


@dataclass(frozen=True, slots=True)
class Source:
    """One plan to be indexed: what ``read`` is given, the files that travel into the library, its corrections."""

    entry: PlanEntry
    path: Path
    files: tuple[Path, ...]  # the plan's own file first
    new: bool = False  # named in this build and not in the library yet
    corrections: bytes | None = None  # what its file of corrections holds, or will hold
    called: str = ""  # what messages call its file where that is not its path

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
    paths: Sequence[Path],
    data: Path,
    units: UnitTable,
    scratch: Path,
    limits: Limits = DEFAULT_LIMITS,
    tell: Callable[[str], object] = lambda _: None,
) -> list[tuple[Source, Plan]]:
    """The plans in files, folders and archives that someone names, read; a shipped plan stays one, others are new.

    Archives are unpacked into the empty folder ``scratch``, where their plans lie until they are copied; ``tell`` gets
    a line for what is left out. Raises ``PlanUnreadable`` for a path without a plan, for a file that says of nobody
    what to do, for an id that cannot name a folder, and where several have the same id.
    """
    from corpus.library import NO_TASKS, has_tasks, read_plan
    from index.gather import gather

    found: list[tuple[Source, Plan]] = []
    for one in gather(paths, data, scratch, limits, tell):
        source = _known(one.path, data)
        if source is None:
            plan = read_plan(one.path, units=units, limits=limits, called=one.called)
            if not has_tasks(plan):
                raise PlanUnreadable(f"{one.called}: {NO_TASKS}")
            source = source_of(safe_id(plan.id, one.path), "added", one.path, data, new=True)
            source = replace(source, called=one.called)
            plan = source.corrected(plan)
        else:
            plan = source.read(units, limits)
        found.append((source, plan))
    return found


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


def safe_id(plan_id: str, path: Path) -> str:
    """The id, if it can be the name of a folder in the library, and its file can lie there beside our own."""
    if not fits_as_id(plan_id) or path.name in _OURS:
        raise PlanUnreadable(
            f"{shown(path)}: its name cannot be a plan's id; rename the file, or set id in a plan.toml beside it"
        )
    return plan_id
