"""Reads an eval set: one question a line, as docs/interfaces.md, "An eval set", has it.

A faulty line stops the run with its place: a set that is half read gives a number that nobody can compare.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from evals.errors import SetInvalid
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
    count: int | None = Field(default=None, ge=0)
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


def load_set(path: Path) -> list[Question]:
    """The questions of a set in file order; blank lines are skipped.

    Raises ``SetInvalid`` with the file, the line number (from 1) and the remedy when the file cannot be
    read or is empty, and for bad JSON, a key twice, an unknown key or category, a wrong type, a value
    that could never be judged, or an id that stood before.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SetInvalid(f"{path}: cannot be read ({error.strerror}); name an eval set in JSON Lines") from None
    questions: list[Question] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if not line.strip():
            continue
        question = _parse(line, f"{path}, line {number}")
        if question.id in seen:
            raise SetInvalid(
                f"{path}, line {number}: id {one_line(question.id)} stands already in line {seen[question.id]}; "
                "give each question its own id"
            )
        seen[question.id] = number
        questions.append(question)
    if not questions:
        raise SetInvalid(f"{path}: holds no question; put one JSON object on each line")
    return questions


def set_digest(path: Path) -> str:
    """SHA-256 of the set's bytes in hexadecimal; raises ``OSError``."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _parse(line: bytes, place: str) -> Question:
    try:
        raw = json.loads(line.decode("utf-8"), object_pairs_hook=_without_twins)
    except UnicodeDecodeError:
        raise SetInvalid(f"{place}: is not UTF-8; save the file as UTF-8") from None
    except _KeyTwiceError as error:
        raise SetInvalid(f"{place}: key {error} stands twice; keep one of them") from None
    except (ValueError, RecursionError) as error:
        raise SetInvalid(
            f"{place}: not valid JSON ({one_line(str(error))}); put one JSON object on each line"
        ) from None
    if not isinstance(raw, dict):
        raise SetInvalid(f"{place}: not a JSON object; put one question as {{…}} on each line")
    try:
        return Question.model_validate(raw)
    except ValidationError as error:
        raise SetInvalid(f"{place}: {_first(error)}") from None


def _first(error: ValidationError) -> str:
    """The first fault of a line, with its key and what to do about it."""
    fault = error.errors(include_url=False, include_context=False)[0]
    key = ".".join(one_line(str(part)) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return f"unknown key {key}; remove it or correct its spelling (the keys are {', '.join(Question.model_fields)})"
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "string_pattern_mismatch":
        message = "is empty"
    if not key:
        return f"{message}; correct that line"
    return f"key {key}: {message}; correct that value"


class _KeyTwiceError(Exception):
    """A key stands twice in one object; JSON itself would silently keep the last."""


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise _KeyTwiceError(one_line(key))
        table[key] = value
    return table
