"""The gate: the sets over the shipped plans with the real embedder, strictly right as docs/interfaces.md says.

A change that loses questions fails here with the questions that it lost. The floors are what held when they were
written; they go up, never down, and a question that is lost for a better reason is argued in the commit.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from assistant.service import Assistant
from evals.questions import load_set
from evals.results import Row
from evals.run import run_set

SETS = Path(__file__).resolve().parents[2] / "evals" / "sets"
# Set → most questions that may be missed. dev: 97 of 100, and at most one in any category.
MOST_MISSED = {"dev": 1, "ledger": 2, "fresh": 6, "fresh2": 7, "outside": 1}


@pytest.fixture(scope="module")
def rows(shipped_data: Path) -> dict[str, list[Row]]:
    assistant = Assistant.open(shipped_data)
    return {name: run_set(assistant, load_set(SETS / f"{name}.jsonl")) for name in MOST_MISSED}


def missed(rows: list[Row]) -> str:
    wrong = (row for row in rows if not row.strictly_right)
    return "\n".join(f"{row.id} {row.question.turns}: {'; '.join(row.reasons)}" for row in wrong)


@pytest.mark.parametrize("name", MOST_MISSED)
def test_no_more_is_missed_than_before(rows: dict[str, list[Row]], name: str) -> None:
    wrong = [row for row in rows[name] if not row.strictly_right]
    assert len(wrong) <= MOST_MISSED[name], missed(rows[name])


def test_no_category_of_the_development_set_loses_two(rows: dict[str, list[Row]]) -> None:
    lost = Counter(row.category for row in rows["dev"] if not row.strictly_right)
    assert max(lost.values(), default=0) <= 1, missed(rows["dev"])


def test_nothing_crashed_and_every_quote_is_the_plans_own(rows: dict[str, list[Row]], shipped_data: Path) -> None:
    plans = Assistant.open(shipped_data).plans
    for row in (row for name in rows for row in rows[name]):
        assert row.answer is not None, f"{row.id} crashed: {row.reasons}"
        for citation in (*row.answer.citations, *row.answer.related):
            assert plans[citation.plan].text[citation.start : citation.end] == citation.quote, row.id
