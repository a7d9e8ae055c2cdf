"""Uploads that are looked at before they join the library: read, previewed, corrected, then saved or discarded.

    data/staging/<token>/staged.json   what is known of it: label, id, time, corrections
    data/staging/<token>/plan.json     the plan as it was read, without corrections
    data/staging/<token>/file/<name>   the file itself

A folder is named by a random token of ours; what the browser calls the file is only cleaned and shown, and the plan's
id is made of it. Nothing here is part of the index: a staging that is lost is an upload to be made again.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from corpus.apart import read_plan_apart
from corpus.corrections import Corrected, Correction, apply, merged
from corpus.corrections_file import read_corrections
from corpus.errors import PlanInvalid, PlanUnreadable
from corpus.library import NO_TASKS, has_tasks
from corpus.meta import PLAN_TOML, meta_toml
from corpus.model import Plan, plan_from_json
from corpus.unpack import left_out_line, unpack
from index.build import BuildReport
from index.config import LibrarySettings
from index.errors import NoSuchStaging, StagingFull
from index.incoming import remove
from index.kin import Kin, kin_of
from index.labels import NAME_BYTES, clean_label, clean_title, id_of
from index.library import Library
from index.manifest import file_hash, reader_hash
from index.sources import safe_id
from index.uploads import FILE, PLAN, About, Uploads, unwritable

FOLDER = "staging"


@dataclass(frozen=True, slots=True)
class Staged:
    """One upload, read, as it would be saved."""

    token: str
    label: str  # the file's name as the browser says it, cleaned
    plan_id: str
    sha256: str
    at: str  # ISO 8601
    size: int  # bytes
    read: Plan  # as it was read, but for an editor's title
    corrected: Corrected  # the plan with the corrections that its id has and those made here
    corrections: tuple[Correction, ...]  # those made here
    there: bool  # a plan with this id is in the library: saving replaces it
    same_file: str  # id of the plan that is this very file, "" if none: it cannot be saved
    kin: tuple[Kin, ...]  # plans of which this is likely a new version
    by: str = ""  # who uploaded it

    @property
    def plan(self) -> Plan:
        """The plan as it would be saved."""
        return self.corrected.plan


@dataclass(frozen=True, slots=True)
class Waiting:
    """One upload, as a list shows it: what is known without its plan."""

    token: str
    label: str
    plan_id: str
    title: str  # "" where no editor gave one
    at: str  # ISO 8601
    size: int  # bytes
    by: str  # who uploaded it


class Staging:
    """The uploads of one data folder. Safe to use from several threads of one process."""

    def __init__(self, library: Library, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._library = library
        self._folder = library.data / FOLDER
        self._settings: LibrarySettings = library.kept
        self._clock = clock
        self._uploads = Uploads(self._folder, self._settings, clock)

    def put(
        self,
        content: bytes,
        name: str,
        loaded: Sequence[Plan] = (),
        tell: Callable[[str], object] = lambda _: None,
        by: str = "",
    ) -> list[Staged]:
        """Read an uploaded file, apart and within limits; one ``Staged`` for each plan in it, several of an archive.

        ``name`` is what the browser says, ``by`` who uploads it. ``loaded`` are the plans in the library, to which the
        upload is compared. ``tell`` gets a line for what of an archive is left out. Where too many wait, the oldest of
        ``by`` go. Raises ``PlanUnreadable`` or ``PlanInvalid`` with the label, ``StagingFull``, ``IndexUnwritable``;
        then nothing is kept, and nothing went.
        """
        label = clean_label(name)
        self._check_size(label, len(content))
        making = self._folder / f".new-{secrets.token_hex(16)}"
        try:
            (making / "upload").mkdir(parents=True)
            upload = making / "upload" / label
            upload.write_bytes(content)
            plans = self._plans_in(upload, label, making / "unpacked", tell)
            size = sum(file.stat().st_size for file, _ in plans)
            ready = [self._made(file, called, making / str(n), by) for n, (file, called) in enumerate(plans)]
            self._check_size(label, size)
            # After all were read: a file that cannot be costs nobody an upload.
            self._uploads.make_room(label, size, len(plans), by)
            tokens = [secrets.token_hex(16) for _ in ready]
            for token, folder in zip(tokens, ready, strict=True):  # all were read: now they are there
                folder.rename(self._folder / token)
        except OSError as error:
            raise unwritable(self._folder, error) from None
        finally:
            remove(making)
        return [self.get(token, loaded) for token in tokens]

    def _check_size(self, label: str, size: int) -> None:
        if size > self._settings.staged_mb << 20:
            raise StagingFull(
                f"{label}: is larger than the {self._settings.staged_mb} MB that uploads may take; save its text alone"
            )

    def _plans_in(
        self, upload: Path, label: str, folder: Path, tell: Callable[[str], object]
    ) -> list[tuple[Path, str]]:
        """The plan files of an upload, and what messages call each."""
        folder.mkdir()
        try:
            archive = unpack(upload, folder, self._library.limits)
        except PlanUnreadable as error:
            raise PlanUnreadable(str(error).replace(str(upload), label)) from None
        if archive is None:
            return [(upload, label)]
        if archive.left_out:
            tell(left_out_line(Path(label), archive.left_out))
        if len(archive.plans) > self._settings.staged:
            raise StagingFull(
                f"{label}: has {len(archive.plans)} plans in it, and no more than {self._settings.staged} uploads may "
                "wait; pack fewer"
            )
        return [(one.file, f"{label}: {one.name}") for one in archive.plans]

    def _made(self, upload: Path, called: str, folder: Path, by: str) -> Path:
        """One plan, read and laid down in a folder of its own; raises what ``put`` raises, and ``OSError``."""
        label = clean_label(upload.name)
        (folder / FILE).mkdir(parents=True)
        file = folder / FILE / label
        upload.rename(file)
        plan_id = id_of(label)
        safe_id(plan_id, Path(label))
        (folder / PLAN).write_bytes(self._read(file, plan_id, called))
        about = About(
            label,
            plan_id,
            label,
            file_hash(file),
            self._clock().isoformat(timespec="seconds"),
            file.stat().st_size,
            reader_hash(self._library.data),
            by=by,
        )
        self._uploads.write(folder, about)
        return folder

    def by(self, token: str) -> str:
        """Who uploaded it. Raises ``NoSuchStaging``."""
        return self._uploads.about(token)[1].by

    def get(self, token: str, loaded: Sequence[Plan] = (), may_see: Callable[[str], bool] = lambda _: True) -> Staged:
        """One upload, as somebody sees it who ``may_see`` these plans, though its id may be that of another.

        Raises ``NoSuchStaging``, and ``CorrectionsInvalid`` for faulty corrections of its id.
        """
        folder, about = self._uploads.about(token)
        entries = {entry.id: entry for entry in self._library.listing({}) if entry.state == "current"}
        entries = {plan_id: entry for plan_id, entry in entries.items() if may_see(plan_id)}
        plan = _edited(self._uploads.as_read(folder), about)
        kept = read_corrections(self._library.data, about.plan_id) if may_see(about.plan_id) else ()
        return Staged(
            token=token,
            label=about.label,
            plan_id=about.plan_id,
            sha256=about.sha256,
            at=about.at,
            size=about.size,
            read=plan,
            corrected=apply(plan, merged(kept, about.corrections)),
            corrections=about.corrections,
            there=about.plan_id in entries,
            same_file=next((key for key, entry in entries.items() if entry.sha256 == about.sha256), ""),
            kin=kin_of(plan.meta, loaded),
            by=about.by,
        )

    def waiting(self) -> list[Waiting]:
        """All uploads that wait, the newest first, without their plans."""
        found = []
        for folder in self._uploads.folders():
            try:
                about = self._uploads.about(folder.name)[1]
            except NoSuchStaging:
                continue
            found.append(Waiting(folder.name, about.label, about.plan_id, about.title, about.at, about.size, about.by))
        return sorted(found, key=lambda one: (one.at, one.token), reverse=True)

    def correct(self, token: str, correction: Correction) -> Staged:
        """Lay a correction over the upload, in the place of an earlier one of the same clause."""
        return self._changed(token, lambda about: replace(about, corrections=merged(about.corrections, [correction])))

    def withdraw(self, token: str, correction: Correction) -> Staged:
        """Take back a correction that was made here."""

        def without(about: About) -> About:
            return replace(about, corrections=tuple(c for c in about.corrections if c.key != correction.key))

        return self._changed(token, without)

    def rename(self, token: str, plan_id: str, title: str = "") -> Staged:
        """Choose another id, and another title than the one that was read.

        Raises ``PlanUnreadable`` for an id that cannot name a plan, ``PlanInvalid`` for one that is too long.
        """
        safe_id(plan_id, Path(plan_id))
        if len(plan_id.encode()) > NAME_BYTES:
            raise PlanInvalid(f"{plan_id[:20]}…: is too long for a plan's id; shorten it")
        return self._changed(token, lambda about: replace(about, plan_id=plan_id, title=clean_title(title)))

    def discard(self, token: str) -> None:
        """Forget an upload. Raises ``NoSuchStaging``."""
        with self._uploads.alone(token):
            folder, _ = self._uploads.about(token)
            remove(folder)

    def save(
        self, token: str, replace: bool = False, by: str = "", may_see: Callable[[str], bool] = lambda _: True
    ) -> BuildReport:
        """The upload joins the library with its corrections, and is forgotten here.

        With ``replace`` it takes the place of the plan that has its id, which is kept as a version. Raises
        ``PlanThere`` where that plan is there and ``replace`` is not set, or where the very file is there under
        another id; ``NoSuchPlan`` where ``replace`` is set and no plan has the id; and what a build raises.
        """
        with self._uploads.alone(token):
            folder, about = self._uploads.about(token)
            # Read by other code or tables than today's, it is read again.
            fresh = about.reader == reader_hash(self._library.data)
            read = self._uploads.as_read(folder)
            plan = _edited(read, about)
            path = folder / FILE / about.file
            if plan.meta.title != read.meta.title:
                path = path.parent
                try:
                    (path / PLAN_TOML).write_text(meta_toml(plan.meta), encoding="utf-8")
                except OSError as error:
                    raise unwritable(folder, error) from None
            made = self._library.put(
                about.plan_id,
                path,
                there=replace,
                plan=plan if fresh else None,
                corrections=about.corrections,
                by=by,
                may_see=may_see,
            )
            remove(folder)
        return made

    def _read(self, file: Path, plan_id: str, called: str) -> bytes:
        try:
            read = read_plan_apart(file, plan_id, self._library.data / "units.toml", self._library.limits)
        except (PlanUnreadable, PlanInvalid) as error:  # whoever uploads it knows its name, not our folders
            raise type(error)(str(error).replace(str(file), called)) from None
        if not has_tasks(plan_from_json(read)):
            raise PlanUnreadable(f"{called}: {NO_TASKS}")
        return read

    def _changed(self, token: str, change: Callable[[About], About]) -> Staged:
        with self._uploads.alone(token):
            folder, about = self._uploads.about(token)
            try:
                self._uploads.write(folder, change(about))
            except OSError as error:
                raise unwritable(folder, error) from None
        return self.get(token)


def renamed(plan: Plan, plan_id: str) -> Plan:
    """The same plan under another id."""
    if plan.id == plan_id:
        return plan
    clauses = tuple(replace(clause, plan=plan_id) for clause in plan.clauses)
    return replace(plan, meta=replace(plan.meta, id=plan_id), clauses=clauses)


def _edited(plan: Plan, about: About) -> Plan:
    """A plan as it was read, under the id and title that an editor chose."""
    plan = renamed(plan, about.plan_id)
    return replace(plan, meta=replace(plan.meta, title=about.title)) if about.title else plan
