"""The published gold (evals/gold), and how a reading of a plan is laid beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from corpus.extract import clause_lines
from corpus.library import SHIPPED, read_plan
from corpus.model import Plan
from evals.text import bare

GOLD = Path(__file__).resolve().parents[2] / "evals" / "gold"
ROLES = ("lead", "support", "responsible", "implicit")
# docs/interfaces.md: how gold's rule names stand in `basis`.
BASIS_OF_RULE = {"first_listed_is_lead": "first_listed", "counties_everywhere": "document_rule"}


@dataclass(frozen=True)
class Line:
    """One clause as `extract --json` gives it, with the form in which snippets are looked for."""

    fields: Mapping[str, Any]
    form: str

    def sets(self) -> dict[str, frozenset[str]]:
        return {role: frozenset(self.fields[role]) for role in ROLES}


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


def lines(found: Iterable[Mapping[str, Any]]) -> tuple[Line, ...]:
    """Lines of `extract --json` with their comparison form, shortest text first."""
    made = [Line(fields, bare(fields["text"])) for fields in found]
    return tuple(sorted(made, key=lambda line: len(line.fields["text"])))


def holder(row: Mapping[str, Any], among: Iterable[Line]) -> Line | None:
    """The shortest clause that holds a row's snippet, as a scorer takes it."""
    snippet = bare(row["snippet"])
    return next((line for line in among if snippet in line.form), None)


def expected(row: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    return {role: frozenset(row[role]) for role in ROLES}


def difference(row: Mapping[str, Any], line: Line | None) -> str:
    """What is wrong with one clause, in words; "" where all four sets are equal."""
    if line is None:
        return f"{row['clause_id']}: no task clause holds {row['snippet']!r}"
    wrong = []
    found = line.sets()
    for role, names in expected(row).items():
        missing, extra = names - found[role], found[role] - names
        if missing or extra:
            wrong.append(f"{role} misses {sorted(missing)}, has too many {sorted(extra)}")
    return (
        f"{row['clause_id']} (read as {line.fields['clause']}#{line.fields['part']}): {'; '.join(wrong)}"
        if wrong
        else ""
    )
