"""What the pages of the plans work with: the library, the plans as they were read, and what waits to be done.

A page asks ``Desk`` (``desk.py``), which knows who asks, and never the shelf itself.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Protocol

from assistant.access.model import Limits, Principal
from assistant.access.sight import Sight
from assistant.holder import Holder
from assistant.reload import Reloader
from assistant.web.drafts import Draft, Drafts, DraftUnwritable
from assistant.web.plan_view import Tree, tree
from assistant.web.work import Job, Line
from corpus.config import ReadingSettings, load_section
from corpus.corrections import Corrected, Correction, apply
from corpus.library import read_plan
from corpus.model import Plan, PlanMeta
from corpus.read import SUFFIXES
from corpus.units import UnitTable, load_units
from index import sources
from index.build import BuildReport
from index.config import IndexSettings, LibrarySettings
from index.labels import clean_label
from index.library import Entry, Library
from index.staging import Staging

_MOST_READ = 8  # plans as they were read that are kept in memory
_MOST_WAITING = 100  # jobs of a line
_MOST_OF_ONE = 40  # of them by one member of staff: two uploads of as many files as one takes


@dataclass(frozen=True, slots=True)
class Edited:
    """A plan with what an editor has noted, whether that is in force or not."""

    read: Plan  # without any correction
    corrected: Corrected
    tree: Tree
    kept: tuple[Correction, ...]  # in force
    draft: Draft

    @property
    def shown(self) -> Plan:
        """With every correction."""
        return self.corrected.plan

    @property
    def applied(self) -> dict[tuple[str, int], Correction]:
        """The corrections that were laid over clauses, by (path, part)."""
        return {(clause.path, clause.part): correction for correction, clause in self.corrected.applied}


class Limiter(Protocol):
    """Where it is kept which plans are limited to groups."""

    def limits(self) -> Limits:
        """Plan id → groups that may see it."""

    def limit(self, plan: str, groups: Collection[str]) -> object:
        """Only members of these groups know of the plan from now on; it need not be there yet."""

    def open_to_all(self, plan: str) -> None:
        """Takes the limit of a plan away."""


class Shelf:
    """The library of one server, what an editor noted, and two lines of work: files to read, changes to make."""

    def __init__(
        self, holder: Holder, data: Path, config: Path | None, reloader: Reloader, limiter: Limiter | None = None
    ) -> None:
        self.holder = holder
        self.limiter = limiter  # None: no plan can be limited
        self.data = data
        self.settings = load_section("library", LibrarySettings, config)
        self._index_settings = load_section("index", IndexSettings, config)
        self._reading = load_section("reading", ReadingSettings, config)
        self._reloader = reloader
        self.drafts = Drafts(data)
        self.editing = threading.Lock()  # a draft is read, changed and written by one at a time
        self.reading = Line("library-reading", _MOST_WAITING, _MOST_OF_ONE)
        self.changes = Line("library-change", _MOST_WAITING, _MOST_OF_ONE)
        self._read: OrderedDict[tuple[PlanMeta, UnitTable], Plan] = OrderedDict()

    @property
    def limits_shown(self) -> dict[str, Any]:
        """What a form for files says of them: bytes of one upload, megabytes of one file, endings."""
        endings = (*SUFFIXES, ".zip")
        return {"most": self.settings.staged_mb << 20, "most_file": self._reading.max_file_mb, "formats": endings}

    def corrections_of(self, entry: Entry) -> int:
        """How many corrections a plan has, in force or orphans."""
        return len(self.library.corrections(entry.id)) if entry.corrected else 0

    @cached_property
    def library(self) -> Library:
        """The library; first used when the server is ready, and its one embedder loaded."""
        return Library(
            self.data,
            self._index_settings,
            self.settings,
            self._reloader.embedder,
            changed=self._reloader.look,  # never raises: what is published is done, and is opened again and again
            limits=self._reading.limits(),
        )

    @cached_property
    def staging(self) -> Staging:
        """Uploads that were read and wait to be saved."""
        return Staging(self.library)

    def units(self) -> UnitTable:
        """Names of bodies, with the user's own. Raises ``KnowledgeInvalid``."""
        return load_units(self.data / "units.toml")

    def edited(self, plan: Plan, lang: str = "") -> Edited:
        """A loaded plan with the corrections in force and those that are only noted."""
        kept = self.library.corrections(plan.id)
        draft = self.drafts.get(plan.id)
        read = self._as_read(plan) if kept else plan
        made = apply(read, draft.laid_over(kept))
        return Edited(read, made, tree(read, made, self.units(), lang), kept, draft)

    def read_upload(self, file: IO[bytes], name: str, replaces: str, by: str) -> Job:
        """Put a file that ``by`` uploaded in line to be read.

        Raises ``LineFull``, or ``DraftUnwritable`` for a full disk.
        """
        label = clean_label(name)
        try:
            # Without a name, so that nothing of it stays behind whatever happens to the server.
            kept = tempfile.TemporaryFile(dir=self.data)  # noqa: SIM115
            shutil.copyfileobj(file, kept, 1 << 20)
        except OSError as error:
            raise DraftUnwritable(
                f"{label}: cannot be written ({error.strerror}); free space or correct the permissions"
            ) from None

        def work(job: Job) -> None:
            with kept:
                kept.seek(0)
                content = kept.read()
            made = self.staging.put(content, label, tell=job.told.append, by=by)
            job.result = tuple(staged.token for staged in made)

        return self.reading.put(Job(label, "reading", target=replaces, by=by), work)

    def save(
        self,
        token: str,
        plan_id: str,
        replaces: bool,
        sight: Sight,
        groups: Collection[str] = (),
    ) -> Job:
        """Put an upload in line to be saved under an id, as a plan that only these groups may see, or everyone."""
        by = sight.who.name

        def work() -> BuildReport:
            limited = bool(groups) and self._limited(plan_id, groups)
            try:
                made = self.staging.save(token, replaces, signed(sight.who), sight.may_see)
            except BaseException:
                if limited and self.limiter is not None:
                    self.limiter.open_to_all(plan_id)
                raise
            self.drafts.forget(plan_id)  # noted for the version before
            return made

        return self._change(Job(token, "replaced" if replaces else "added", target=plan_id, by=by), work)

    def _limited(self, plan_id: str, groups: Collection[str]) -> bool:
        """Limits a plan before it is there, so that it is open at no moment; False where it was limited already.

        An earlier limit, of a plan of this id that was removed, stays as it is.
        """
        if self.limiter is None or plan_id in self.limiter.limits():
            return False
        self.limiter.limit(plan_id, groups)
        return True

    def change(self, kind: str, plan_id: str, by: str, work: Callable[[], BuildReport]) -> Job:
        """Put one operation of the library in line. Raises ``LineFull``."""
        return self._change(Job(plan_id, kind, target=plan_id, by=by), work)

    def put_in_force(self, plan_id: str, by: str) -> Job:
        """Put an editor's corrections of a plan in force. Raises ``LineFull``."""

        def work() -> BuildReport:
            draft = self.drafts.get(plan_id)
            made = self.library.correct(plan_id, draft.corrections, draft.withdrawn)
            with self.editing:
                now = self.drafts.get(plan_id)  # what was noted meanwhile stays noted
                noted = tuple(one for one in now.corrections if one not in draft.corrections)
                withdrawn = tuple(one for one in now.withdrawn if one not in draft.withdrawn)
                self.drafts.put(plan_id, Draft(noted, withdrawn))
            return made

        return self.change("corrected", plan_id, by, work)

    def _change(self, job: Job, work: Callable[[], BuildReport]) -> Job:
        def done(_: Job) -> None:
            work()

        return self.changes.put(job, done)

    def _as_read(self, plan: Plan) -> Plan:
        """A plan without corrections, read again where need be. Raises what reading raises."""
        units = self.units()
        key = (plan.meta, units)  # the same file may have another title by now, or be read by another table
        found = self._read.get(key)
        if found is None:
            own = [source for source in sources.library(self.data) if source.entry.id == plan.id]
            there = own or sources.shipped(self.data, [plan.id])
            if not there:  # it was removed a moment ago
                return plan
            found = read_plan(there[0].path, plan_id=plan.id, units=units, limits=self._reading.limits())
            self._read[key] = found
            while len(self._read) > _MOST_READ:
                self._read.popitem(last=False)
        return found


def signed(who: Principal) -> str:
    """The name that stands below what somebody did; none where there is no log-in."""
    return "" if who.via == "local" else who.name
