"""An eval set: questions with their gold, as docs/interfaces.md, "An eval set", has them.

A set is JSON Lines, CSV or an Excel workbook, with the same keys. One faulty line refuses the whole set, with
the place of every fault: a set that is half read gives a number that nobody can compare.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, overload

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator
from pydantic_core import ErrorDetails

from corpus.read import shown
from corpus.read_draft import ReadError
from evals import sheets
from evals.config import SETTINGS, EvalSettings
from evals.errors import SetInvalid
from evals.records import Record, json_lines, numbered_lines, opened
from evals.text import bare, one_line

Category = Literal[
    "task_owner",
    "unit_tasks",
    "cross_plan",
    "implicit_rule",
    "fact_target",
    "roster",
    "no_assignment",
    "unanswerable",
    "follow_up",
    "script_variants",
]
RoleName = Literal["lead", "support", "responsible", "implicit"]
ROLES: tuple[RoleName, ...] = ("lead", "support", "responsible", "implicit")
MOST_COUNTED = 1_000_000_000


def _comparable(value: str) -> str:
    # A snippet of punctuation alone would lie in every quote, so the rule could never fail.
    if not bare(value):
        raise ValueError("holds nothing but white space and punctuation")
    return value


Text = Annotated[str, StringConstraints(pattern=r"\S")]
Snippet = Annotated[str, AfterValidator(_comparable)]


class Question(BaseModel):
    """One line of a set. An absent list is an empty one; ``filter`` None means that none is handed over."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    id: Text
    category: Category
    turns: list[Text] = Field(min_length=1)  # the last is judged, the earlier ones are the conversation
    plans: list[Text] = Field(default_factory=list)  # where the gold answer lies; never handed over
    filter: list[Text] | None = None  # plans that are handed over
    answerable: bool = True
    evidence: list[Snippet] = Field(default_factory=list)
    lead: list[Snippet] = Field(default_factory=list)
    support: list[Snippet] = Field(default_factory=list)
    responsible: list[Snippet] = Field(default_factory=list)
    implicit: list[Snippet] = Field(default_factory=list)
    judge: list[RoleName] = Field(default_factory=list)
    tasks: list[Snippet] = Field(default_factory=list)
    count: int | None = Field(default=None, ge=0, le=MOST_COUNTED)
    facts: list[Text] = Field(default_factory=list)
    forbidden: list[Text] = Field(default_factory=list)
    note: str = ""

    @model_validator(mode="after")
    def _one_expectation(self) -> Question:
        if self.category == "unanswerable" and self.answerable:
            raise ValueError('category unanswerable needs "answerable": false')
        return self

    def units(self, role: RoleName) -> frozenset[str]:
        """The gold units of a role in the form in which names are compared."""
        return frozenset(bare(name) for name in getattr(self, role))

    @property
    def judged_on_units(self) -> bool:
        """Whether the question names a unit in any of the four roles."""
        return any(self.units(role) for role in ROLES)


@dataclass(frozen=True)
class QuestionSet(Sequence[Question]):
    """The questions of one file in its order; equal content gives an equal ``digest`` in every format."""

    name: str  # the file's name, without its folder
    questions: tuple[Question, ...]
    places: tuple[str, ...]  # of each question: "dev.jsonl, line 3", "dev.xlsx, row 4"

    @overload
    def __getitem__(self, index: int) -> Question: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Question, ...]: ...
    def __getitem__(self, index: int | slice) -> Question | tuple[Question, ...]:
        return self.questions[index]

    def __len__(self) -> int:
        return len(self.questions)

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hexadecimal, over the canonical JSON of the questions in their order.

        Canonical: sorted keys, no spaces, UTF-8, one line each, and keys that say no more than their default are
        left out, so that neither how a file writes a question nor a key that is added one day changes a digest.
        """
        digest = hashlib.sha256()
        for question in self.questions:
            value = question.model_dump(mode="json", exclude_defaults=True)
            line = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            digest.update(f"{line}\n".encode())
        return digest.hexdigest()


DEFAULTS = EvalSettings()
Format = Literal["jsonl", "csv", "xlsx"]
FORMATS = "jsonl, csv and xlsx"
SUFFIXES: Mapping[str, Format] = {".jsonl": "jsonl", ".json": "jsonl", ".csv": "csv", ".xlsx": "xlsx"}
_CALLED = {"jsonl": "JSON Lines", "csv": "a CSV sheet", "xlsx": "an Excel workbook or another archive"}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_BLANK = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # with the bytes of byte-order marks and of wide characters
_LINE_END = re.compile(rb"\r\n|\r|\n")


def load_set(path: Path, limits: EvalSettings = DEFAULTS) -> QuestionSet:
    """The questions of a file; blank lines are skipped.

    Raises ``SetInvalid`` with every fault when the file cannot be read or is a pipe, is larger than ``limits`` or
    holds no question; for bad JSON, a key twice, an unknown key or category, a wrong type, a value that could
    never be judged, or an id that stood before.
    """
    try:
        with opened(path) as file:
            data = file.read(limits.max_set_bytes + 1)
    except OSError as error:
        raise SetInvalid(f"{shown(path)}: cannot be read ({error.strerror}); name an eval set ({FORMATS})") from None
    return _parse(data, shown(path), path.name, limits)


def parse_set(data: bytes, name: str, limits: EvalSettings = DEFAULTS) -> QuestionSet:
    """The questions of an uploaded file, whose ``name`` decides nothing but its format; else as ``load_set``."""
    name = one_line(Path(name).name) or "the file"
    return _parse(data, name, name, limits)


def _parse(data: bytes, place: str, name: str, limits: EvalSettings) -> QuestionSet:
    """``place`` is what faults call the file: its path where there is one."""
    if len(data) > limits.max_set_bytes:
        raise SetInvalid(
            f"{place}: is larger than {limits.max_set_bytes / (1 << 20):,.1f} MB; split it, "
            f"or raise max_set_bytes in {SETTINGS}"
        )
    try:
        kind = format_of(data, name)
        if kind == "jsonl":
            text = _utf8(data, place)
            count, records = sum(1 for _ in numbered_lines(text)), json_lines(text)
        else:
            table = sheets.csv_table(data) if kind == "csv" else sheets.xlsx_table(data)
            count, records = len(table), table.records()
    except ReadError as error:
        raise SetInvalid(f"{place}: {error}") from None
    if count > limits.max_questions:
        raise SetInvalid(
            f"{place}: holds {count:,} questions, and a set may have at most {limits.max_questions:,}; split it, "
            f"or raise max_questions in {SETTINGS}"
        )
    if not count:
        remedy = "put one JSON object on each line" if kind == "jsonl" else "put one row for each below the header"
        raise SetInvalid(f"{place}: holds no question; {remedy}")
    return _checked(records, place, name)


def format_of(data: bytes, name: str) -> Format:
    """What a file is: its content decides, and the ending of its name must agree with it or be none.

    Raises ``ReadError`` where they disagree and for anything that is no set.
    """
    suffix = Path(name).suffix.lower()
    declared = SUFFIXES.get(suffix)
    if suffix and declared is None:
        raise ReadError(f"is of no format that is read; the formats are {FORMATS}")
    begin = data.lstrip(_BLANK)[:4]
    if begin == _OLD_OFFICE:
        raise ReadError("is an old Excel file (xls), or one with a password; save it as xlsx without a password")
    if begin.startswith(b"["):
        raise ReadError("is one JSON list; put one JSON object on each line (JSON Lines)")
    found = declared  # its own reader says what is wrong with what follows
    if begin.startswith(b"PK"):
        found = "xlsx"
    elif begin.startswith(b"{"):
        found = "jsonl"
    elif begin and declared != "csv" and _is_csv(data):
        found = "csv"
    if found is None:
        raise ReadError(f"is empty or of no format that is read; the formats are {FORMATS}")
    if declared not in (found, None):
        raise ReadError(f"is {_CALLED[found]}, whatever its name says; let its name end in .{found}")
    return found


def _is_csv(data: bytes) -> bool:
    try:
        sheets.csv_table(data)
    except ReadError:
        return False
    return True


def _utf8(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(_LINE_END.findall(data[: error.start])) + 1
        raise SetInvalid(f"{place}, line {line}: is not UTF-8; save the file as UTF-8") from None


def _checked(records: Iterable[Record], file: str, name: str) -> QuestionSet:
    questions: list[Question] = []
    places: list[str] = []
    faults: list[str] = []
    seen: dict[str, str] = {}
    for record in records:
        place = f"{file}, {record.place}"
        found, question = _question(record)
        key = record.value.get("id") if record.value else None
        if isinstance(key, str) and key:
            # Also of a question with other faults: who mends them one by one should meet none for the second time.
            if key in seen:
                found.append(f"id {one_line(key)} stands already in {seen[key]}; give each question its own id")
            seen.setdefault(key, record.place)
        faults += [f"{place}: {fault}" for fault in found]
        if question is not None:
            questions.append(question)
            places.append(place)
    if faults:
        raise SetInvalid(faults)
    return QuestionSet(name, tuple(questions), tuple(places))


def _question(record: Record) -> tuple[list[str], Question | None]:
    """Everything that is wrong with a record, and the question where nothing is."""
    faults = list(record.faults)
    if record.value is None:
        return faults, None
    try:
        return faults, Question.model_validate(record.value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        return faults + [_told(record, fault) for fault in found if not _is_unread(record, fault)], None


# Kinds of faults of which pydantic speaks as of a program.
_MESSAGES = {
    "string_pattern_mismatch": "is empty",
    "greater_than_equal": "is less than 0",
    "less_than_equal": f"is more than {MOST_COUNTED:,}",
}


def _is_unread(record: Record, fault: ErrorDetails) -> bool:
    return fault["type"] == "missing" and fault["loc"][0] in record.unread


def _told(record: Record, fault: ErrorDetails) -> str:
    """One fault of a question, with its key or column and what to do about it."""
    kind, where = fault["type"], record.named(fault["loc"])
    if kind == "extra_forbidden":
        return f"unknown {where}; remove it or correct its spelling (the keys are {', '.join(Question.model_fields)})"
    if kind == "missing":
        return f"{where}: is empty; fill it in" if record.columns else f"{where}: is missing; add it"
    message = _MESSAGES.get(kind) or fault["msg"].removeprefix("Value error, ")
    return f"{where}: {message}; correct that value" if where else f"{message}; correct that {record.place.split()[0]}"
