"""What the addresses of the pages below /matrix may ask for, read once for a page and the file of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import Depends, Query

from assistant import checks
from assistant.load import FACTOR, LEAST
from assistant.matrix import Choice, Sort, chapters_of, known_units
from assistant.model import RoleName
from corpus.model import Plan

MOST = 20  # units of the network, unless more are asked for

PlanId = Annotated[str, Query(max_length=300)]
Name = Annotated[str, Query(max_length=200)]
Flag = Annotated[bool, Query()]
View = Literal["grid", "task", "unit"]
Kind = Literal["", checks.Kind]


@dataclass(frozen=True, slots=True)
class MatrixQuery:
    """Which plan, and what of it, as it was asked for: chapter and units may be another plan's."""

    plan: str  # its id; "" for the one with most assignments
    choice: Choice

    def of(self, plan: Plan) -> tuple[Choice, list[str]]:
        """What of a plan is shown, and what was asked for that it has not."""
        asked = self.choice
        units = known_units(plan, asked.units)
        strange = [one for one in asked.units if one not in units]
        chapter, foreign = chapter_of(plan, asked.chapter)
        return replace(asked, chapter=chapter, units=units), strange + foreign


def _matrix_query(
    plan: PlanId = "",
    chapter: Name = "",
    unit: Annotated[list[str] | None, Query(max_length=50)] = None,
    role: Literal["", RoleName] = "",
    sort: Sort = "plan",
    busy: Flag = False,
    named: Flag = False,
) -> MatrixQuery:
    return MatrixQuery(plan, Choice(chapter, tuple(filter(None, unit or ())), role, not busy, not named, sort))


def choice_parameters(plan: Plan, choice: Choice) -> dict[str, Any]:
    """The parameters of an address that shows a choice; what is as it is without saying is left out."""
    return {
        "plan": plan.id,
        "chapter": choice.chapter or None,
        "unit": list(choice.units) or None,
        "role": choice.role or None,
        "sort": choice.sort if choice.sort != "plan" else None,
        "busy": None if choice.singles else 1,
        "named": None if choice.unassigned else 1,
    }


@dataclass(frozen=True, slots=True)
class NetworkQuery:
    """Which plan and chapter, and how much of the network is drawn."""

    plan: str
    chapter: str
    most: int  # units; 0 for all
    least: int  # tasks that two units share; 0: as is readable


def _network_query(
    plan: PlanId = "",
    chapter: Name = "",
    most: Annotated[int, Query(ge=0, le=1000)] = MOST,
    least: Annotated[int, Query(ge=0, le=1000)] = 0,
) -> NetworkQuery:
    return NetworkQuery(plan, chapter, most, least)


@dataclass(frozen=True, slots=True)
class ChecksQuery:
    """Which plan, which kind of finding, and who has far more than the others."""

    plan: str  # "" for all
    kind: Kind
    factor: float
    least: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of finding that are shown."""
        return (self.kind,) if self.kind else checks.KINDS

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of an address that asks the same; what is as it is without saying is left out."""
        return {
            "plan": self.plan or None,
            "kind": self.kind or None,
            "factor": self.factor if self.factor != FACTOR else None,
            "least": self.least if self.least != LEAST else None,
        }


def _checks_query(
    plan: PlanId = "",
    kind: Kind = "",
    factor: Annotated[float, Query(ge=0, le=100)] = FACTOR,
    least: Annotated[int, Query(ge=1, le=10_000)] = LEAST,
) -> ChecksQuery:
    return ChecksQuery(plan, kind, factor, least)


# Functions, not the classes: FastAPI would look for the names in a class's annotations elsewhere than here.
AskedMatrix = Annotated[MatrixQuery, Depends(_matrix_query)]
AskedNetwork = Annotated[NetworkQuery, Depends(_network_query)]
AskedChecks = Annotated[ChecksQuery, Depends(_checks_query)]


def chapter_of(plan: Plan, chapter: str) -> tuple[str, list[str]]:
    """The chapter to be shown, "" for all, and what was asked for where the plan has no such chapter."""
    return ("", [chapter]) if chapter and chapter not in dict(chapters_of(plan)) else (chapter, [])
