"""A library of plans that people look after: add, correct, replace, remove, restore.

Each operation takes the build lock, publishes a new generation of the index or changes nothing, and is finished by
the next one where it was killed. Who reads the index sees the state before or the state after.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from corpus.corrections import Correction
from corpus.corrections_file import read_corrections
from corpus.meta import PLAN_TOML
from corpus.model import Plan
from corpus.read_draft import DEFAULT_LIMITS, Limits
from index import changes, sources, store
from index.build import BuildReport, carry_out
from index.changes import Operation
from index.config import IndexSettings, LibrarySettings
from index.embed import Embedder
from index.errors import IndexDamaged, IndexMissing
from index.manifest import CORRECTIONS, PlanEntry
from index.versions import Version, added_at, added_by, plans_with_versions, versions_of


@dataclass(frozen=True, slots=True)
class Entry:
    """One plan of a library, current or removed."""

    id: str
    title: str  # "" where it cannot be said
    origin: Literal["shipped", "added"]
    state: Literal["current", "removed"]
    file: str  # name of the plan's own file
    sha256: str  # of it
    added: str  # when it came (ISO 8601), "" for a shipped one
    removed: str  # when it was removed (ISO 8601), "" for a current one
    corrected: bool  # whether an editor's corrections are laid over it
    versions: tuple[Version, ...]  # kept ones, the newest first
    added_by: str = ""  # who added it, and
    removed_by: str = ""  # who removed it; "" while there is no log-in


class Library:
    """The plans of one data folder. ``changed`` is called after every operation that published something."""

    def __init__(
        self,
        data: Path,
        settings: IndexSettings | None = None,
        kept: LibrarySettings | None = None,
        embedder: Embedder | None = None,
        changed: Callable[[], object] = lambda: None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.data = data
        self.settings = settings or IndexSettings()
        self.kept = kept or LibrarySettings()
        self.limits = limits  # what one file may cost
        self._embedder = embedder
        self._changed = changed

    def add(self, paths: Sequence[Path], *, progress: bool = False) -> BuildReport:
        """Files and folders join; a plan with the id of one that is there takes its place, which is kept as a version.

        Raises ``PlanThere`` where a file is there already under another id, and what ``index.build.build`` raises.
        """
        return self._do(changes.take_in(paths), progress)

    def put(
        self,
        plan_id: str,
        file: Path,
        *,
        there: bool,
        plan: Plan | None = None,
        corrections: Sequence[Correction] = (),
        by: str = "",
        may_see: Callable[[str], bool] = lambda _: True,
    ) -> BuildReport:
        """One file becomes the plan ``plan_id``, in the place of one that is there, or as a new one.

        ``plan`` is what reading the file gave, where that is known; ``by`` who does it, and ``may_see`` of which plans
        he may know (``index/changes.py``). Raises ``NoSuchPlan``, ``PlanThere`` (its
        ``reason`` says whether the id or the very file is there), and what ``build`` raises.
        """
        return self._do(
            changes.put(plan_id, file, there=there, plan=plan, corrections=corrections, by=by, may_see=may_see)
        )

    def replace(self, plan_id: str, file: Path) -> BuildReport:
        """A file takes the place of a plan, whose files are kept as a version. Raises like ``put``."""
        return self.put(plan_id, file, there=True)

    def remove(self, plan_id: str, by: str = "") -> BuildReport:
        """A plan leaves; its files are kept as a version, its corrections stay.

        Raises ``NoSuchPlan``, and ``PlanUnreadable`` for the only plan.
        """
        return self._do(changes.remove(plan_id, by))

    def restore(
        self,
        plan_id: str,
        version: int | None = None,
        by: str = "",
        may_see: Callable[[str], bool] = lambda _: True,
    ) -> BuildReport:
        """A kept version comes back, the newest unless one is named; what is there now is kept.

        Raises ``NoSuchPlan``.
        """
        return self._do(changes.restore(plan_id, version, by, may_see))

    def correct(
        self, plan_id: str, corrections: Sequence[Correction], withdrawn: Sequence[Correction] = ()
    ) -> BuildReport:
        """Corrections take the place of those of the same clauses; ``withdrawn`` ones are forgotten.

        Raises ``NoSuchPlan``, and ``CorrectionsInvalid`` where the file of them is faulty.
        """
        return self._do(changes.correct(plan_id, corrections, withdrawn))

    def corrections(self, plan_id: str) -> tuple[Correction, ...]:
        """The corrections of a plan, orphans among them. Raises ``CorrectionsInvalid``."""
        return read_corrections(self.data, plan_id)

    def listing(self, plans: Mapping[str, Plan] | None = None) -> list[Entry]:
        """Every plan that is or was there, current ones first. ``plans`` are those loaded, where titles are known."""
        return listing(self.data, plans)

    def _do(self, operation: Operation, progress: bool = False) -> BuildReport:
        made = carry_out(
            self.data,
            self.settings,
            operation,
            progress=progress,
            embedder=self._embedder,
            limits=self.limits,
            keep=self.kept.versions,
        )
        if made.published:
            self._changed()
        return made


def listing(data: Path, plans: Mapping[str, Plan] | None = None) -> list[Entry]:
    """Every plan of a data folder, current ones first, each group by id.

    Current are the plans of the current generation of the index; without one there are none. Raises
    ``PlanUnreadable`` where ``removed.json`` is faulty.
    """
    generation = _generation(data)
    entries = generation.manifest.plans if generation else ()
    titles = _titles(generation) if plans is None else {key: plan.meta.title for key, plan in plans.items()}
    current = [_current(data, entry, titles.get(entry.id, "")) for entry in entries]
    there = {entry.id for entry in current}
    out = sources.removed(data)
    shipped = {source.entry.id: source for source in sources.shipped(data, set(out) - there)}
    gone = []
    for plan_id in sorted({*plans_with_versions(data), *shipped} - there):
        kept = versions_of(data, plan_id)
        if kept:
            newest = kept[0]
            left = out.get(plan_id, newest.left)
            gone.append(
                Entry(
                    plan_id,
                    newest.title,
                    newest.origin,
                    "removed",
                    newest.file,
                    newest.sha256,
                    newest.added,
                    left,
                    False,
                    kept,
                    removed_by=newest.by,
                )
            )
        elif plan_id in shipped:
            source = shipped[plan_id]
            gone.append(
                Entry(
                    plan_id, "", "shipped", "removed", source.files[0].name, source.sha256, "", out[plan_id], False, ()
                )
            )
    return current + gone


def _generation(data: Path) -> store.Generation | None:
    try:
        return store.current(data)
    except (IndexMissing, IndexDamaged):
        return None


def _titles(generation: store.Generation | None) -> dict[str, str]:
    """Titles of the plans of a generation, without reading the rest of them."""
    found: dict[str, str] = {}
    if generation is None:
        return found
    try:
        for line in (generation.folder / store.PLANS).read_bytes().splitlines():
            meta = json.loads(line)["meta"]
            found[meta["id"]] = meta["title"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    return found


def _current(data: Path, entry: PlanEntry, title: str) -> Entry:
    own = {name: sha for name, sha in entry.files.items() if not name.startswith(CORRECTIONS)}
    file = next((name for name in own if name != PLAN_TOML), "")
    return Entry(
        id=entry.id,
        title=title,
        origin=entry.origin,
        state="current",
        file=file,
        sha256=own.get(file, ""),
        added=added_at(data / "library" / entry.id) if entry.origin == "added" else "",
        removed="",
        corrected=len(own) < len(entry.files),
        versions=versions_of(data, entry.id),
        added_by=added_by(data / "library" / entry.id) if entry.origin == "added" else "",
    )
