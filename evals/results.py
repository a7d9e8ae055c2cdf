"""What a run leaves in its folder, written so that nothing finished is ever lost.

    run.json      what was run, and everything that could explain its figures; written first
    set.jsonl     the questions themselves, so that a folder explains itself when the set has long been changed
    rows.jsonl    one line a question, appended as soon as it is answered
    summary.json  the figures; written last, so a folder with a summary is a finished run

A run that was interrupted, by a full disk or a killed process, goes on from its rows (``RunWriter.resume``).
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, TypeVar

from filelock import FileLock, Timeout
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from assistant.model import Answer
from assistant.whole_file import write_whole
from evals.errors import RunInvalid
from evals.questions import Question

RUNS = Path("evals") / "runs"  # in a data folder: where runs are kept that name no other place
RUN = "run.json"
SET = "set.jsonl"
ROWS = "rows.jsonl"
SUMMARY = "summary.json"
LOCK = ".lock"
PAGE = "report.html"
EARLIER = "earlier"  # in the name of a folder inside a run's: the run that was there before
CRASHED = "error"  # the status of a row whose question raised; no Answer has it


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Facts(_Shape):
    """What was run, and everything that could explain its figures."""

    set: str  # file name of the set
    set_sha256: str  # of its questions, whatever the format of the file
    questions: int
    corpus_sha256: str = ""  # over the text of every plan
    index: str  # fingerprint of the index
    manifest: dict[str, Any] = Field(default_factory=dict)  # what the index was made from
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)  # by section
    code: str  # git commit, with -dirty where files are changed; "unknown" outside a checkout
    started: str = ""  # ISO 8601 with the offset from UTC
    seen: tuple[str, ...] = ()  # limited plans that whoever uploaded the set could see: its questions may quote any


class Treated(_Shape):
    """How much of what is asked the best clause of one plan treats: what refusing is decided by."""

    share: float  # 0 to 1
    short: bool  # whether the threshold for short topics applies


class Place(_Shape):
    """A clause of a plan, shown beside a wrong answer."""

    plan: str
    clause: str
    start: int  # code points in the plan's text
    end: int
    text: str


class Row(_Shape):
    """One question, what was answered, and why that is not strictly right."""

    id: str
    category: str
    strictly_right: bool
    reasons: list[str]
    status: str  # of the answer, or "error"
    answer: Answer | None  # None where the question raised
    ms: float  # wall-clock time of the question, milliseconds
    question: Question
    scores: dict[str, tuple[float, float]] = Field(default_factory=dict)  # (top, bottom) of each measure that counts
    confusion: dict[str, dict[str, int]] = Field(default_factory=dict)  # gold role → asserted role → units
    ranking: list[str] = Field(default_factory=list)  # the clauses that search brought, "PLAN PATH", best first
    gold: list[Place] = Field(default_factory=list)  # where a wrong answer's gold stands in the plans
    treated: list[Treated] = Field(default_factory=list)  # one for each plan looked into; [] where none had to be


class Share(_Shape):
    """Strictly right of all."""

    right: int
    questions: int
    share: float  # 0 to 1


class Figure(_Shape):
    """One measure over some questions, with its 95 % bootstrap interval (``evals/interval.py``)."""

    value: float  # a share 0 to 1, or milliseconds
    low: float | None
    high: float | None
    questions: int  # that count
    top: float | None = None  # of a share: so many …
    bottom: float | None = None  # … of so many


def _complete(figures: dict[str, Figure]) -> dict[str, Figure]:
    missing = [name for name in ALWAYS if name not in figures]
    if missing:
        raise ValueError(f"lacks {', '.join(missing)}")
    return figures


ALWAYS = ("strictly right", "p50 ms", "p95 ms")  # figures that count for every question
Figures = Annotated[dict[str, Figure], AfterValidator(_complete)]


class Summary(Facts):
    """The figures of a run."""

    strictly_right: Share
    categories: dict[str, Share]
    crashed: int
    measures: Figures  # those that count for at least one question
    by_category: dict[str, Figures]
    by_plan: dict[str, Figures]  # a question about several plans counts in each
    confusion: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class RowFile:
    """The rows of a folder, read one at a time: a run over many thousand questions need not fit into memory."""

    path: Path

    def __iter__(self) -> Iterator[Row]:
        with _opened(self.path) as file:
            for number, line in enumerate(file, start=1):
                yield row_of(line, f"{self.path}, line {number}")

    def __len__(self) -> int:
        with _opened(self.path) as file:
            return sum(1 for _ in file)


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run; ``rows`` may be iterated over as often as needed."""

    summary: Summary
    rows: Sequence[Row] | RowFile


class RunWriter:
    """The folder of a run at work; a context manager that holds the folder's lock.

    ``begin`` for a new run, ``resume`` for one that was interrupted; then ``append`` each row, and ``finish``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.done: set[str] = set()  # ids of the questions that have their row
        self._lock = FileLock(folder / LOCK, timeout=0)

    def __enter__(self) -> RunWriter:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise RunInvalid(
                f"{self.folder}: another run is writing there; wait for it, or name another --out"
            ) from None
        except OSError as error:
            raise self._unwritable(error) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release()

    def begin(self, facts: Facts, questions: Sequence[Question]) -> None:
        """Start anew. A finished run in the folder moves into a folder of its own there; an unfinished one refuses."""
        if (self.folder / ROWS).exists() and not (self.folder / SUMMARY).exists():
            raise RunInvalid(
                f"{self.folder}: holds an unfinished run; go on with it: "
                f"python -m evals run --resume {self.folder}, or name another folder with --out"
            )
        try:
            if (self.folder / SUMMARY).exists():
                self._set_aside()
            lines = "".join(f"{question.model_dump_json(exclude_defaults=True)}\n" for question in questions)
            write_whole(self.folder / SET, lines)
            write_whole(self.folder / RUN, f"{facts.model_dump_json(indent=2)}\n")
        except OSError as error:
            raise self._unwritable(error) from None

    def _set_aside(self) -> None:
        """Move a finished run into ``earlier-…``, whole: renaming needs no room on the disk."""
        place = new_folder(self.folder, EARLIER)
        place.mkdir()
        for name in (SUMMARY, ROWS, SET, RUN, PAGE):
            if (self.folder / name).exists():
                (self.folder / name).rename(place / name)

    def resume(self, facts: Facts, questions: Sequence[Question]) -> Facts:
        """Take up an interrupted run; ``facts`` and ``questions`` are today's. Returns the facts of its start.

        A line that was cut off is dropped, and its question is asked again. Raises ``RunInvalid`` where set, plans,
        index, settings or code are no longer what they were: one run has one explanation; and where a row is not
        of the set, or stands twice.
        """
        began = read_facts(self.folder)
        for name in ("set_sha256", "corpus_sha256", "index", "settings", "code"):
            if getattr(began, name) != getattr(facts, name):
                what = {"set_sha256": "the set", "corpus_sha256": "the plans' text"}.get(name, f"the {name}")
                raise RunInvalid(f"{self.folder}: not as it was when this run began: {what}; start a new run")
        rows = self.folder / ROWS
        try:
            if rows.exists():
                content = rows.read_bytes()
                whole = content.rfind(b"\n") + 1
                if whole < len(content):
                    os.truncate(rows, whole)
                self._take_over(RowFile(rows), {question.id: question for question in questions})
        except OSError as error:
            raise self._unwritable(error) from None
        return began

    def _take_over(self, rows: RowFile, questions: Mapping[str, Question]) -> None:
        for number, row in enumerate(rows, start=1):
            if row.id in self.done or questions.get(row.id) != row.question:
                why = "stands twice" if row.id in self.done else "is not of this set"
                raise RunInvalid(f"{rows.path}, line {number}: the row {why}; remove that line, then resume")
            self.done.add(row.id)

    def append(self, row: Row) -> None:
        """Write one row, for good as far as a killed process goes. Raises ``RunInvalid`` when the disk is full."""
        try:
            with (self.folder / ROWS).open("a", encoding="utf-8") as file:
                file.write(f"{row.model_dump_json()}\n")
        except OSError as error:
            raise self._unwritable(error) from None
        self.done.add(row.id)

    def finish(self, summary: Summary) -> None:
        """Write the summary: from now on the run is finished."""
        try:
            write_whole(self.folder / SUMMARY, f"{summary.model_dump_json(indent=2)}\n")
        except OSError as error:
            raise self._unwritable(error) from None

    def _unwritable(self, error: OSError) -> RunInvalid:
        kept = f"; its {len(self.done)} rows are kept: free space, then python -m evals run --resume {self.folder}"
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        remedy = kept if self.done and full else f"; {'free space' if full else 'mend that'}, or name another --out"
        return RunInvalid(f"{self.folder}: cannot be written ({error.strerror}){remedy}")


def new_folder(parent: Path, set_name: str) -> Path:
    """A folder that is not there yet, named by set and time: a later run never writes over an earlier one.

    What a set is called may come from an upload; the name keeps ASCII letters and digits of it. The time has always
    the same length, to the millisecond, so that of the runs of one set no name begins another's.
    """
    stem = re.sub(r"[^\w\-]+", "-", Path(set_name).stem, flags=re.ASCII).strip("-")[:60] or "set"
    now = datetime.now()
    moments = (now + timedelta(milliseconds=number) for number in count())
    names = (f"{stem}-{moment:%Y%m%d-%H%M%S}-{moment.microsecond // 1000:03}" for moment in moments)
    return next(parent / name for name in names if not (parent / name).exists())


def read_facts(folder: Path) -> Facts:
    """What a run was started with; raises ``RunInvalid`` where the folder holds no run."""
    path = folder / RUN
    with _opened(path) as file:
        return _parse(Facts, file.read(), str(path))


def read_summary(folder: Path) -> Summary:
    """The figures of a finished run; raises ``RunInvalid`` with the file when it is not one."""
    path = folder / SUMMARY
    if not path.exists() and (folder / RUN).exists():
        raise RunInvalid(f"{folder}: the run is not finished; go on with it: python -m evals run --resume {folder}")
    with _opened(path) as file:
        return _parse(Summary, file.read(), str(path))


def read_run(folder: Path) -> Run:
    """A finished run from its folder; every row is read once, so that a damaged one is told now.

    Raises ``RunInvalid`` with the file and line.
    """
    summary, rows = read_summary(folder), RowFile(folder / ROWS)
    ids = [row.id for row in rows]
    if len(ids) != summary.questions or len(set(ids)) != len(ids):
        raise RunInvalid(
            f"{folder / ROWS}: {len(ids)} rows where {SUMMARY} counts {summary.questions} questions; run the set again"
        )
    return Run(summary=summary, rows=rows)


def _opened(path: Path) -> Any:
    try:
        return path.open("rb")
    except OSError as error:
        raise RunInvalid(
            f"{path}: cannot be read ({error.strerror}); name a folder that `evals run --out` wrote"
        ) from None


def row_of(line: bytes, place: str) -> Row:
    """One line of ``rows.jsonl``. Raises ``RunInvalid`` with its place."""
    return _parse(Row, line, place)


Shape = TypeVar("Shape", bound=BaseModel)


def _parse(model: type[Shape], data: bytes, place: str) -> Shape:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        key = ".".join(map(str, fault["loc"])) or "the line"
        raise RunInvalid(f"{place}: {key}: {fault['msg']}; run the set again") from None
