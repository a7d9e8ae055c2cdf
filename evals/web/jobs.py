"""Runs that a server works at: one at a time, in a thread of its own, row by row on the disk.

Nothing of a run lives in memory alone: a server that ends in the middle leaves an interrupted run, which can go on.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.access.model import Principal
from assistant.access.sight import Sight
from assistant.config import AssistantSettings
from assistant.holder import Holder
from assistant.service import Assistant
from assistant.web.frame import NoSuchPage
from corpus.config import load_section
from corpus.errors import AssistantError
from evals.code import code_version
from evals.errors import RunInvalid
from evals.questions import QuestionSet
from evals.results import (
    ROWS,
    RUN,
    RUNS,
    SUMMARY,
    Facts,
    Row,
    Run,
    Summary,
    new_folder,
    read_facts,
    read_run,
    read_summary,
    row_of,
)
from index.config import IndexSettings

if TYPE_CHECKING:  # loaded by the first run: they bring scipy
    from evals.runner import Watch

SHOWN = 200  # runs listed, the newest
NO_SUCH_RUN = "there is no such run"
_NAME = re.compile(r"[\w.\-]{1,120}", re.ASCII)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One run in the list."""

    name: str  # of its folder
    state: str  # "running", "finished", "interrupted", "unreadable"
    facts: Facts
    summary: Summary | None = None  # of a finished one
    problem: str = ""  # of an unreadable one: damaged, or of another version


@dataclass(slots=True)
class Job:
    """The run at work. Written by its thread, read by pages."""

    name: str
    facts: Facts
    done: int = 0
    right: int = 0
    stopping: bool = False
    ended: bool = False
    problem: str = ""  # why it ended before its last question


def plans_of(facts: Facts) -> frozenset[str]:
    """The plans that the assistant of a run had; none where the run does not say."""
    plans = facts.manifest.get("plans")
    return frozenset(str(one["id"]) for one in plans if "id" in one) if isinstance(plans, list | tuple) else frozenset()


def open_to(facts: Facts, sight: Sight) -> bool:
    """Whether a run hides nothing from somebody: its answers may speak of every plan that its assistant had.

    Its questions may speak of plans that were not loaded any more, which whoever uploaded them could see.
    """
    plans = plans_of(facts)
    return sight.sees_all(plans.union(facts.seen)) if plans else sight.sees_everything


class Jobs:
    """The runs of one data folder, for those who may know of all: pages ask ``seen_by``."""

    def __init__(self, holder: Holder, data: Path, config: Path | None) -> None:
        self._holder = holder
        self._folder = data / RUNS
        self._config = config
        code_version()  # as it is now: a run that starts next week is still of the code that was loaded today
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._thread: threading.Thread | None = None

    @property
    def job(self) -> Job | None:
        """The run at work, or the one that ended last."""
        return self._job

    def entries(self) -> list[Entry]:
        """The runs of the folder, the newest first, also those that cannot be read; folders that hold none are not."""
        found = []
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            if not (folder / RUN).exists():
                continue
            try:
                found.append(self._entry(folder))
            except RunInvalid as error:
                nothing = Facts(set="", set_sha256="", questions=0, index="", code="")
                found.append(Entry(folder.name, "unreadable", nothing, problem=str(error)))
        return sorted(found, key=lambda entry: (entry.facts.started, entry.name), reverse=True)[:SHOWN]

    def entry(self, name: str) -> Entry:
        """One run. Raises ``NoSuchPage``, or ``RunInvalid`` where its files are damaged or it could not begin."""
        job = self._job
        if job and job.name == name and not (self._folder / name / RUN).exists():
            if job.ended:
                raise RunInvalid(job.problem)
            return Entry(name, "running", job.facts)  # its first file is not written yet
        return self._entry(self.folder(name))

    def folder(self, name: str) -> Path:
        """The folder of a run. Raises ``NoSuchPage``: a name from an address is looked up, never taken as a path."""
        folder = self._folder / name
        if not _NAME.fullmatch(name) or name.startswith(".") or not (folder / RUN).is_file():
            raise NoSuchPage(NO_SUCH_RUN)
        return folder

    def run(self, name: str) -> Run:
        """A finished run with its rows."""
        return read_run(self.folder(name))

    def _entry(self, folder: Path) -> Entry:
        if self._job and self._job.name == folder.name and not self._job.ended:
            return Entry(folder.name, "running", self._job.facts)
        facts = read_facts(folder)
        if (folder / SUMMARY).exists():
            return Entry(folder.name, "finished", facts, read_summary(folder))
        return Entry(folder.name, "interrupted", facts)

    def done(self, name: str) -> int:
        """How many questions of a run are answered."""
        return sum(1 for _ in self._kept(name))

    def _kept(self, name: str) -> Iterator[Row]:
        """The rows of a run that was interrupted, without a line that was cut off."""
        path = self.folder(name) / ROWS
        try:
            content = path.read_bytes() if path.exists() else b""
        except OSError as error:
            raise RunInvalid(f"{path}: cannot be read ({error.strerror}); start a new run") from None
        for number, line in enumerate(content[: content.rfind(b"\n") + 1].splitlines(), start=1):
            yield row_of(line, f"{path}, line {number}")

    def part(self, name: str, file: str) -> Path:
        """One file of a run, to be downloaded. Raises ``NoSuchPage``."""
        path = self.folder(name) / file
        if not path.is_file():
            raise NoSuchPage("this run has no such file")
        return path

    def seen_by(self, who: Principal) -> SeenRuns:
        """The runs that one may know of, at this moment."""
        return SeenRuns(self, who, self._holder.as_now())

    def start(self, questions: QuestionSet, assistant: Assistant, sight: Sight, seen: Collection[str] = ()) -> str:
        """Begin a run with the assistant that ``sight`` allows; returns its name.

        ``seen`` are limited plans that the questions may quote, whether they are loaded or not.
        Raises ``SetInvalid`` where the set does not fit the plans of the assistant, and ``RunInvalid`` while another
        run is at work.
        """
        from evals.runner import run_into
        from evals.validate import check

        check(questions, assistant.plans)
        name = new_folder(self._folder, questions.name).name
        facts = self._facts(assistant, questions).model_copy(update={"seen": tuple(seen)})
        job = self._take(Job(name, facts), sight)
        self._go(job, lambda: run_into(self._folder / name, assistant, questions, facts, self._watch(job)))
        return name

    def resume(self, name: str, assistant: Assistant, sight: Sight) -> None:
        """Go on with an interrupted run. Raises like ``start``, and ``RunInvalid`` where it cannot go on."""
        from evals.runner import resume

        folder = self.folder(name)
        kept = list(self._kept(name))
        job = self._take(Job(name, read_facts(folder), len(kept), sum(row.strictly_right for row in kept)), sight)
        self._go(job, lambda: resume(folder, assistant, lambda asked: self._facts(assistant, asked), self._watch(job)))

    def stop(self, name: str) -> None:
        """End a run after the question that it is at; its rows stay."""
        if self._job and self._job.name == name:
            self._job.stopping = True

    def wait(self, seconds: float) -> bool:
        """Whether the run at work has ended within some seconds; for tests and for a server that shuts down."""
        if self._thread:
            self._thread.join(seconds)
        return self._job is None or self._job.ended

    def _facts(self, assistant: Assistant, questions: QuestionSet) -> Facts:
        from evals.runner import facts_of, settings_in_force

        settings = load_section("assistant", AssistantSettings, self._config)
        index_settings = load_section("index", IndexSettings, self._config)
        return facts_of(assistant, questions, settings_in_force(settings, index_settings))

    def _take(self, job: Job, sight: Sight) -> Job:
        with self._lock:
            at_work = self._job
            if at_work and not at_work.ended:
                if not open_to(at_work.facts, sight):
                    raise RunInvalid("another run is at work; wait for it")
                done = f"{at_work.done} of {at_work.facts.questions}"
                raise RunInvalid(f"{at_work.name} is at work ({done}); wait for it, or stop it first")
            self._job = job
        return job

    def _watch(self, job: Job) -> Watch:
        from evals.runner import Watch

        def row(row: Row) -> None:
            job.done += 1
            job.right += row.strictly_right

        return Watch(row=row, stopped=lambda: job.stopping)

    def _go(self, job: Job, work: Callable[[], object]) -> None:
        def run() -> None:
            from evals.runner import Stopped

            try:
                work()
            except Stopped:
                pass
            except AssistantError as error:
                job.problem = str(error)
            except Exception:  # the outermost door of this thread: the page says that it failed, the log why
                log.exception("a run failed")
                job.problem = "the run failed; the server's log says why"
            finally:
                job.ended = True

        # A daemon: a server that is told to end does not wait for a thousand questions.
        self._thread = threading.Thread(target=run, name="evals-run", daemon=True)
        self._thread.start()


class SeenRuns:
    """The runs that one principal may know of: whose assistant had, and whose set may quote, no plan hidden from him.

    Any other is not there for him, whatever he asks of it: ``NoSuchPage``.
    """

    def __init__(self, jobs: Jobs, who: Principal, holder: Holder) -> None:
        self._jobs = jobs
        self._who = who
        self._holder = holder
        self._sight = holder.sight(who)

    @property
    def job(self) -> Job | None:
        """As ``Jobs.job``; None where it is hidden."""
        job = self._jobs.job
        return job if job and open_to(job.facts, self._sight) else None

    def entries(self) -> list[Entry]:
        """As ``Jobs.entries``."""
        return [entry for entry in self._jobs.entries() if self._is_open(entry)]

    def entry(self, name: str) -> Entry:
        """As ``Jobs.entry``."""
        try:
            entry = self._jobs.entry(name)
        except RunInvalid:
            job = self._jobs.job
            began = job is not None and job.name == name and open_to(job.facts, self._sight)
            if began or self._sight.sees_everything:
                raise
            raise NoSuchPage(NO_SUCH_RUN) from None
        if not self._is_open(entry):
            raise NoSuchPage(NO_SUCH_RUN)
        return entry

    def _is_open(self, entry: Entry) -> bool:
        return self._sight.sees_everything if entry.state == "unreadable" else open_to(entry.facts, self._sight)

    def run(self, name: str) -> Run:
        """As ``Jobs.run``."""
        self.entry(name)
        return self._jobs.run(name)

    def done(self, name: str) -> int:
        """As ``Jobs.done``."""
        self.entry(name)
        return self._jobs.done(name)

    def part(self, name: str, file: str) -> Path:
        """As ``Jobs.part``."""
        self.entry(name)
        return self._jobs.part(name, file)

    def start(self, questions: QuestionSet, seen: Collection[str] = ()) -> str:
        """As ``Jobs.start``, on the assistant that he may ask. Raises ``NotReady`` too."""
        return self._jobs.start(questions, self._assistant(), self._sight, seen)

    def resume(self, name: str) -> None:
        """As ``Jobs.resume``: limited plans that the run did not have are left out, so that it ends as it began."""
        plans, assistant = plans_of(self.entry(name).facts), self._assistant()
        kept = [plan for plan in assistant.plans if plan in plans or plan not in self._sight.limits]
        self._jobs.resume(name, assistant.limited_to(kept), self._sight)

    def stop(self, name: str) -> None:
        """As ``Jobs.stop``; waits a moment for it."""
        self.entry(name)
        self._jobs.stop(name)
        self._jobs.wait(5.0)

    def _assistant(self) -> Assistant:
        asker = self._holder.seen_by(self._who)
        assert isinstance(asker, Assistant)
        return asker
