"""What a run leaves in its folder: ``rows.jsonl``, one line a question, and ``summary.json``.

A row carries its question, so that a folder explains itself when the set has long been changed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.model import Answer
from evals.errors import RunInvalid
from evals.questions import Question, RoleName

ROWS = "rows.jsonl"
SUMMARY = "summary.json"
CRASHED = "error"  # the status of a row whose question raised; no Answer has it


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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


class Share(_Shape):
    """Strictly right of all."""

    right: int
    questions: int
    share: float  # 0 to 1


class Scores(_Shape):
    """Precision and recall, 0 to 1; None where there is nothing to divide by."""

    precision: float | None
    recall: float | None


class Summary(_Shape):
    """The figures of a run and everything that could explain them."""

    set: str  # file name of the set
    set_sha256: str
    questions: int
    strictly_right: Share
    categories: dict[str, Share]
    units: dict[RoleName, Scores]
    refusal: Scores
    verbatim: float | None  # share of quotes that are the plan's own characters
    crashed: int
    p50_ms: float | None
    p95_ms: float | None
    index: str  # fingerprint of the index
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)  # by section
    code: str  # git commit, with -dirty where files are changed; "unknown" outside a checkout


class Run(_Shape):
    """A run as read back from its folder."""

    summary: Summary
    rows: list[Row]


def write_run(folder: Path, run: Run) -> None:
    """Write both files, creating the folder. Raises ``RunInvalid`` where that is not possible.

    The summary comes last and each file appears whole, so a folder with a summary is a finished run.
    """
    rows = "".join(f"{row.model_dump_json()}\n" for row in run.rows)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SUMMARY).unlink(missing_ok=True)
        write_whole(folder / ROWS, rows)
        write_whole(folder / SUMMARY, f"{run.summary.model_dump_json(indent=2)}\n")
    except OSError as error:
        raise RunInvalid(f"{folder}: cannot be written ({error.strerror}); name another folder with --out") from None


def write_whole(path: Path, text: str) -> None:
    """Replace a file in one step, so that nobody reads half of it. Raises ``OSError``."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read_run(folder: Path) -> Run:
    """A run from its folder; raises ``RunInvalid`` with the file and line when it is not one."""
    summary = _parse(Summary, _read(folder / SUMMARY), str(folder / SUMMARY))
    lines = _read(folder / ROWS).splitlines()
    rows = [_parse(Row, line, f"{folder / ROWS}, line {n}") for n, line in enumerate(lines, start=1)]
    if len(rows) != summary.questions or len({row.id for row in rows}) != len(rows):
        raise RunInvalid(
            f"{folder / ROWS}: {len(rows)} rows where {SUMMARY} counts {summary.questions} questions; run the set again"
        )
    return Run(summary=summary, rows=rows)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RunInvalid(
            f"{path}: cannot be read ({error.strerror}); name a folder that `evals run --out` wrote"
        ) from None


Shape = TypeVar("Shape", bound=BaseModel)


def _parse(model: type[Shape], data: bytes, place: str) -> Shape:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        key = ".".join(map(str, fault["loc"])) or "the line"
        raise RunInvalid(f"{place}: {key}: {fault['msg']}; run the set again") from None
