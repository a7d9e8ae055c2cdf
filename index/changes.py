"""What one operation does to a library: the plans of the next generation, and what moves in the data folder with it.

Each function is called under the build lock, with what was current before, and changes nothing by itself;
``index/build.py`` makes the generation and publishes both together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from corpus.corrections import Correction, merged
from corpus.corrections_file import FOLDER as CORRECTIONS_FOLDER
from corpus.corrections_file import corrections_json, corrections_path, parse_corrections
from corpus.errors import PlanUnreadable
from corpus.library import NO_TASKS, has_tasks
from corpus.meta import PLAN_TOML
from corpus.model import Plan
from corpus.read import shown
from corpus.read_draft import Limits
from corpus.units import UnitTable
from index import sources, versions
from index.errors import NoSuchPlan, PlanThere
from index.incoming import Incoming, joined
from index.manifest import LIBRARY, Manifest
from index.sources import REMOVED, Source
from index.versions import ADDED, Version, Why

ONLY_PLAN = "is the only plan, and an index needs one; add another plan first"


@dataclass(frozen=True, slots=True)
class Place:
    """The data folder that an operation changes, as it was before."""

    data: Path
    previous: Manifest | None  # of the generation that was current
    units: UnitTable
    titles: Callable[[str], str]  # of the plans of that generation, by id; "" for one that it lacks
    keep: int  # versions kept of each plan
    limits: Limits  # what one file may cost
    scratch: Path  # an empty folder that lasts until the change is published
    tell: Callable[[str], object] = lambda _: None  # gets a line for what is left out of a folder or an archive


@dataclass(frozen=True, slots=True)
class Change:
    """What the next generation is made of."""

    sources: Sequence[Source]  # all plans, by id
    known: Mapping[str, Plan] = field(default_factory=dict)  # those that were read on the way
    incoming: Incoming = field(default_factory=Incoming)


Operation = Callable[[Place], Change]


def bring_up_to_date(place: Place) -> Change:
    """The shipped plans that were not removed, and the library."""
    return Change(sources.wanted(place.data, place.previous, None))


def keep(place: Place) -> Change:
    """The library, and of the shipped plans those that were there before: none joins."""
    return Change(sources.wanted(place.data, place.previous, ()))


def take_in(paths: Sequence[Path]) -> Operation:
    """Files, folders and archives join the library; a plan with the id of one that is there takes its place."""

    def change(place: Place) -> Change:
        return _taken(place, sources.named(paths, place.data, place.units, place.scratch, place.limits, place.tell))

    return change


def put(
    plan_id: str,
    file: Path,
    *,
    there: bool,
    plan: Plan | None = None,
    corrections: Sequence[Correction] = (),
    by: str = "",
    may_see: Callable[[str], bool] = lambda _: True,
) -> Operation:
    """One file becomes the plan ``plan_id``, which must be there if ``there``, and must not be there if not.

    ``plan`` is what reading the file gave, without corrections, where that is known. ``by`` is who does it, and
    ``may_see`` says of which plans he may know: that the very file is another plan already is no reason to refuse it
    to somebody who would learn so that it is. Raises ``NoSuchPlan``,
    ``PlanThere``, or what reading raises.
    """

    def change(place: Place) -> Change:
        now = _now(place)
        if there and plan_id not in now:
            raise _missing(place, plan_id, now)
        if not there and plan_id in now:
            raise PlanThere(f"{plan_id}: a plan with this id is there already; replace it, or choose another id",
                            plan_id, "id")  # fmt: skip
        source = sources.source_of(sources.safe_id(plan_id, file), "added", file, place.data, new=True)
        if there and source.entry.files == now[plan_id].entry.files:
            raise PlanThere(f"{plan_id}: this is the very file of the plan that is there; nothing to replace",
                            plan_id, "file")  # fmt: skip
        laid = _laid_over(place, source, corrections)
        read = laid.corrected(plan) if plan else laid.read(place.units, place.limits)
        if not has_tasks(read):
            raise PlanUnreadable(f"{shown(file)}: {NO_TASKS}")
        made = _taken(place, [(laid, read)], by=by, may_see=may_see)
        return replace(made, incoming=joined([made.incoming, _corrections_file(laid, source)]))

    return change


def remove(plan_id: str, by: str = "") -> Operation:
    """A plan leaves; its files are kept as a version, with who removed it.

    Raises ``NoSuchPlan``, and ``PlanUnreadable`` for the only plan.
    """

    def change(place: Place) -> Change:
        now = _now(place)
        if plan_id not in now:
            raise _missing(place, plan_id, now)
        if len(now) == 1:
            raise PlanUnreadable(f"{plan_id}: {ONLY_PLAN}")
        gone = now.pop(plan_id)
        moves = [_kept(place, gone, "removed", by=by)]
        if gone.entry.origin == "added":
            moves.append(Incoming(gone=(f"{LIBRARY}/{plan_id}",)))
        if sources.shipped(place.data, [plan_id]):  # also one below a user's own, which would come to light
            moves.append(_removed_list(place, out={plan_id}))
        return Change([now[key] for key in sorted(now)], incoming=joined(moves))

    return change


def restore(
    plan_id: str, number: int | None = None, by: str = "", may_see: Callable[[str], bool] = lambda _: True
) -> Operation:
    """A kept version comes back, the newest unless a number is given; what is there now is kept in its place.

    Raises ``NoSuchPlan``.
    """

    def change(place: Place) -> Change:
        kept = versions.versions_of(place.data, plan_id)
        chosen = next((v for v in kept if number in (None, v.number)), None)
        shipped = next(iter(sources.shipped(place.data, [plan_id])), None)
        out = sources.removed(place.data)
        if chosen is None and not (number is None and shipped and plan_id in out):
            named = ", ".join(str(version.number) for version in kept) or "none"
            what = f"version {number}" if number is not None else "version"
            raise NoSuchPlan(f"{plan_id}: has no such {what} to restore; the versions kept are: {named}")
        if shipped and (chosen is None or (chosen.origin == "shipped" and _is_still(chosen, shipped, number))):
            return _shipped_again(place, shipped, chosen, by)
        assert chosen is not None
        folder = place.data / versions.place_of(plan_id, chosen.number)
        path = folder if PLAN_TOML in chosen.files else folder / chosen.file
        source = sources.source_of(plan_id, "added", path, place.data, new=True)
        made = _taken(place, [(source, source.read(place.units, place.limits))], chosen.number, by, may_see)
        return replace(
            made, incoming=joined([made.incoming, Incoming(gone=(versions.place_of(plan_id, chosen.number),))])
        )

    return change


def correct(plan_id: str, corrections: Sequence[Correction], withdrawn: Sequence[Correction] = ()) -> Operation:
    """Corrections are laid over those that a plan has; ``withdrawn`` ones are forgotten.

    Raises ``NoSuchPlan``, or ``CorrectionsInvalid`` where the file of them is faulty.
    """

    def change(place: Place) -> Change:
        now = _now(place)
        if plan_id not in now:
            raise _missing(place, plan_id, now)
        before = now[plan_id]
        now[plan_id] = _laid_over(place, before, corrections, withdrawn)
        return Change([now[key] for key in sorted(now)], incoming=_corrections_file(now[plan_id], before))

    return change


# -- what operations share --------------------------------------------------------------------------------


def _now(place: Place) -> dict[str, Source]:
    """The plans that are there, by id; where there is no index yet, those of which the first would be made."""
    chosen: list[Source] | None = [] if place.previous else None
    return {source.entry.id: source for source in sources.wanted(place.data, place.previous, chosen)}


def _missing(place: Place, plan_id: str, now: Mapping[str, Source]) -> NoSuchPlan:
    if plan_id in sources.removed(place.data) or versions.versions_of(place.data, plan_id):
        return NoSuchPlan(f"{plan_id}: this plan was removed; python -m index restore {plan_id} brings it back")
    return NoSuchPlan(f"{plan_id[:80]}: there is no such plan; the plans are {', '.join(now)}")


def _taken(
    place: Place,
    named: Sequence[tuple[Source, Plan]],
    leaving: int | None = None,
    by: str = "",
    may_see: Callable[[str], bool] = lambda _: True,
) -> Change:
    """Plans that were read, taken into what is there: whose place they take is kept as a version.

    ``leaving`` is the number of the version that comes back; ``by`` and ``may_see`` as in ``put``.
    """
    chosen = [source for source, _ in named]
    now = _now(place)
    plans = sources.wanted(place.data, place.previous, chosen)
    _refuse_twins([one for one in plans if may_see(one.entry.id)], [source for source in chosen if source.new])
    moves: list[Incoming] = []
    for source in chosen:
        before = now.get(source.entry.id)
        if source.new and not (before and before.entry == source.entry):
            if before:
                moves.append(_kept(place, before, "replaced", leaving, by))
            moves.append(_into_library(source, by))
    out = set(sources.removed(place.data))
    again = {source.entry.id for source in chosen} & out
    if again:
        moves.append(_removed_list(place, back=again))
    return Change(plans, {plan.id: plan for _, plan in named}, joined(moves))


def _into_library(source: Source, by: str) -> Incoming:
    folder = f"{LIBRARY}/{source.entry.id}"
    note = json.dumps({"added": _moment(), **({"by": by} if by else {})}, ensure_ascii=False).encode()
    return Incoming({f"{folder}/{file.name}": file for file in source.files}, {f"{folder}/{ADDED}": note})


def _refuse_twins(plans: Sequence[Source], new: Sequence[Source]) -> None:
    """One file is one plan: under two ids every answer would stand twice."""
    for source in new:
        for other in plans:
            if other.entry.id != source.entry.id and other.sha256 == source.sha256:
                name = source.called or shown(source.files[0])
                raise PlanThere(
                    f"{name}: this file is there already, as the plan {other.entry.id}; "
                    "leave it out, or remove that plan first",
                    other.entry.id,
                    "file",
                )


def _kept(place: Place, source: Source, why: Why, leaving: int | None = None, by: str = "") -> Incoming:
    plan_id, added = source.entry.id, source.entry.origin == "added"
    version = Version(
        number=versions.next_number(place.data, plan_id),
        origin=source.entry.origin,
        title=place.titles(plan_id),
        file=source.files[0].name,
        sha256=source.sha256,
        files={file.name: source.entry.files[file.name] for file in source.files},
        added=versions.added_at(place.data / LIBRARY / plan_id) if added else "",
        left=_moment(),
        why=why,
        by=by,
    )
    return versions.keeping(place.data, plan_id, version, source.files, place.keep, leaving)


def _is_still(version: Version, shipped: Source, number: int | None) -> bool:
    """Whether a kept version of a shipped plan is what is shipped; unless it is named, today's will do."""
    return number is None or version.files == {file.name: shipped.entry.files[file.name] for file in shipped.files}


def _shipped_again(place: Place, shipped: Source, version: Version | None, by: str) -> Change:
    """A shipped plan comes back, from under a user's own of the same id if there is one."""
    plan_id = shipped.entry.id
    now = _now(place)
    moves = [_removed_list(place, back={plan_id})]
    if plan_id in now and now[plan_id].entry.origin == "added":
        leaving = version.number if version else None
        moves += [_kept(place, now[plan_id], "replaced", leaving, by), Incoming(gone=(f"{LIBRARY}/{plan_id}",))]
    if version:
        moves.append(Incoming(gone=(versions.place_of(plan_id, version.number),)))
    now[plan_id] = shipped
    return Change([now[key] for key in sorted(now)], incoming=joined(moves))


def _removed_list(place: Place, out: set[str] | None = None, back: set[str] | None = None) -> Incoming:
    listed = sources.removed(place.data)
    changed = {plan_id: at for plan_id, at in listed.items() if plan_id not in (back or ())}
    changed |= {plan_id: _moment() for plan_id in out or () if plan_id not in listed}
    if changed == listed:
        return Incoming()
    if not changed:
        return Incoming(gone=(REMOVED,))
    return Incoming(texts={REMOVED: json.dumps(changed, ensure_ascii=False, indent=1).encode() + b"\n"})


def _laid_over(
    place: Place, source: Source, corrections: Sequence[Correction], withdrawn: Sequence[Correction] = ()
) -> Source:
    plan_id = source.entry.id
    path = corrections_path(place.data, plan_id)
    kept = parse_corrections(source.corrections, path, plan_id) if source.corrections is not None else ()
    gone = {correction.key for correction in withdrawn}
    wanted = merged([c for c in kept if c.key not in gone], corrections)
    if wanted == tuple(kept):
        return source  # a file that was written by hand keeps its form
    return sources.with_corrections(source, corrections_json(plan_id, wanted) if wanted else None, place.data)


def _corrections_file(now: Source, before: Source) -> Incoming:
    name = f"{CORRECTIONS_FOLDER}/{now.entry.id}.json"
    if now.corrections == before.corrections:
        return Incoming()
    return Incoming(gone=(name,)) if now.corrections is None else Incoming(texts={name: now.corrections})


def _moment() -> str:
    return datetime.now(UTC).astimezone().isoformat(timespec="seconds")
