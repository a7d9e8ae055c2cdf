"""The published gold (evals/gold), and how a reading of a plan is laid beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from corpus.extract import clause_lines
from corpus.library import SHIPPED, read_plan
from corpus.model import Plan
from evals import reading
from evals.reading import Line, lines

GOLD = Path(__file__).resolve().parents[2] / "evals" / "gold"
ROLES = ("lead", "support", "responsible", "implicit")
# docs/interfaces.md: how gold's rule names stand in `basis`.
BASIS_OF_RULE = {"first_listed_is_lead": "first_listed", "counties_everywhere": "document_rule"}


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of one gold file."""
    return [json.loads(line) for line in (GOLD / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


REQUIRED = [row for row in rows("clauses") if row["required"]]
PLANS = sorted({row["plan"] for row in REQUIRED})


@cache
def shipped(plan_id: str) -> Plan:
    """A shipped plan, read once in a test run."""
    return read_plan(SHIPPED / plan_id)


@cache
def shipped_lines(plan_id: str) -> tuple[Line, ...]:
    """The lines of a shipped plan."""
    return lines(dict(line) for line in clause_lines(shipped(plan_id)))


def holder(row: Mapping[str, Any], among: Iterable[Line]) -> Line | None:
    """The shortest clause that holds a row's snippet, as a scorer takes it."""
    return reading.holder(row["snippet"], among)


def units_of(line: Line) -> dict[str, frozenset[str]]:
    """The units of a line by role."""
    return {role: frozenset(line.fields[role]) for role in ROLES}


def expected(row: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {role: frozenset(row[role]) for role in ROLES}


def difference(row: Mapping[str, Any], line: Line | None) -> str:
    """What is wrong with one clause, in words; "" where all four sets are equal."""
    if line is None:
        return f"{row['clause_id']}: no task clause holds {row['snippet']!r}"
    wrong = []
    found = units_of(line)
    for role, names in expected(row).items():
        missing, extra = names - found[role], found[role] - names
        if missing or extra:
            wrong.append(f"{role} misses {sorted(missing)}, has too many {sorted(extra)}")
    return (
        f"{row['clause_id']} (read as {line.fields['clause']}#{line.fields['part']}): {'; '.join(wrong)}"
        if wrong
        else ""
    )
