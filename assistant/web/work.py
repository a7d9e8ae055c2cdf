"""Work that a page starts and does not wait for: one thing at a time in a thread, a bounded line before it.

What is worked at lies on the disk; a job is only who tells how far it is. A server that is started anew knows no job,
and the pages begin what is still to be done again.
"""

from __future__ import annotations

import logging
import queue
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from corpus.errors import AssistantError

MOST_KEPT = 500  # jobs that have ended and can still be asked for

log = logging.getLogger(__name__)


class LineFull(AssistantError):
    """Too much is waiting to be done."""


@dataclass(slots=True, eq=False)
class Job:
    """One piece of work. Written by its thread, read by pages."""

    about: str  # of what: a file, the token of an upload or the id of a plan
    kind: str
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    state: Literal["waiting", "running", "done", "failed"] = "waiting"
    problem: str = ""  # why it failed
    result: tuple[str, ...] = ()  # tokens or ids that came of it
    target: str = ""  # the plan that is changed, or that an upload is to replace
    by: str = ""  # name of the principal who asked for it
    told: list[str] = field(default_factory=list)  # what else is to be known of it, a line each

    @property
    def doing(self) -> str:
        """What a page calls its state: waiting, reading, saving, done or failed."""
        return self.state if self.state != "running" else "reading" if self.kind == "reading" else "saving"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in ("done", "failed")


class Line:
    """Jobs that are done one after the other: of ``most`` that wait, ``most_of_one`` may be of one principal."""

    def __init__(self, name: str, most: int, most_of_one: int) -> None:
        self._name = name
        self._most_of_one = most_of_one
        self._waiting: queue.Queue[tuple[Job, Callable[[Job], None]]] = queue.Queue(most)
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, job: Job, work: Callable[[Job], None]) -> Job:
        """Put a job in line. ``work`` may raise ``AssistantError``, whose line the job keeps. Raises ``LineFull``."""
        with self._lock:
            his = sum(other.by == job.by and not other.ended for other in self._jobs.values())
            try:
                if his >= self._most_of_one:
                    raise LineFull("too many files of yours wait already; try again when some of them are done")
                self._waiting.put_nowait((job, work))
            except queue.Full:
                raise LineFull("too many files wait to be read; try again when some of them are done") from None
            self._jobs[job.id] = job
            while len(self._jobs) > MOST_KEPT and next(iter(self._jobs.values())).ended:
                self._jobs.popitem(last=False)
            if self._thread is None:
                # A daemon: a server that is told to end does not wait for a long build, which leaves the old index.
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
        return job

    def job(self, id: str) -> Job | None:
        """A job by its id."""
        return self._jobs.get(id)

    def of(self, about: str) -> Job | None:
        """The newest job about something."""
        with self._lock:
            return next((job for job in reversed(self._jobs.values()) if job.about == about), None)

    def before(self, job: Job, counted: Callable[[Job], bool] = lambda _: True) -> int:
        """How many jobs that are ``counted`` come before this one."""
        with self._lock:
            open_jobs = [other for other in self._jobs.values() if not other.ended and (other is job or counted(other))]
        return open_jobs.index(job) if job in open_jobs else 0

    def recent(self, most: int = 20) -> list[Job]:
        """The last jobs, ended or not, the newest first."""
        with self._lock:
            return [job for job, _ in zip(reversed(self._jobs.values()), range(most), strict=False)]

    def forget(self, id: str) -> None:
        """A job that has ended is not asked for any more."""
        with self._lock:
            job = self._jobs.get(id)
            if job and job.ended:
                del self._jobs[id]

    def wait(self, seconds: float) -> bool:
        """Whether all is done within some seconds; for tests."""
        done = threading.Event()

        def watch() -> None:
            self._waiting.join()
            done.set()

        threading.Thread(target=watch, daemon=True).start()
        return done.wait(seconds)

    def _run(self) -> None:
        while True:
            job, work = self._waiting.get()
            job.state = "running"
            try:
                work(job)
                job.state = "done"
            except AssistantError as error:
                job.problem, job.state = str(error), "failed"
            except Exception:  # the outermost door of this thread: the page says that it failed, the log why
                log.exception("%s failed", job.kind)
                job.problem, job.state = "the work failed; the server's log says why", "failed"
            finally:
                self._waiting.task_done()
