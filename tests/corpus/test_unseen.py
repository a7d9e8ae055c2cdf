"""Forty-one plans by authors who had not seen the code (``tests/unseen/README.md``), and what is misread of them.

``misses.txt`` names the rows that are wrong today. A row that becomes wrong fails; so does one that becomes right and
is still named, so that the list is always the truth. The first figures, before any rule was made of these plans, are
in the README.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from corpus.config import CHECKOUT
from corpus.extract import clause_lines
from corpus.library import read_plan
from evals.reading import JUDGED
from tests.corpus.gold import Line, holder, lines
from tests.corpus.test_samples import told, wrong_fields

FOLDER = CHECKOUT / "tests" / "unseen"
GOLD: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "gold.jsonl").read_text(encoding="utf-8").splitlines()
]
FILES = sorted({row["file"] for row in GOLD})
MISSES = set((FOLDER / "misses.txt").read_text(encoding="utf-8").split())


def extracted(file: str) -> tuple[Line, ...]:
    """What ``python -m corpus extract FILE --json`` prints (tests/corpus/test_samples.py runs it), shortest first."""
    return lines(dict(line) for line in clause_lines(read_plan(FOLDER / file)))


def is_wrong(row: Mapping[str, Any], line: Line | None) -> bool:
    return bool(set(wrong_fields(row, line)) & set(JUDGED))


def test_the_gold_is_whole() -> None:
    assert (len(FILES), len(GOLD)) == (41, 1060)
    assert {path.name for path in FOLDER.iterdir() if path.suffix in (".docx", ".pdf", ".txt")} == {
        *FILES,
        "misses.txt",
    }
    assert {row["id"] for row in GOLD} >= MISSES
    assert len({row["id"] for row in GOLD}) == len(GOLD)


@pytest.mark.parametrize("file", FILES)
def test_what_is_misread_is_what_the_list_says(file: str) -> None:
    among = extracted(file)
    read = [(row, holder(row, among)) for row in GOLD if row["file"] == file]
    lost = [told(row, line) for row, line in read if is_wrong(row, line) and row["id"] not in MISSES]
    assert not lost, "\n" + "\n".join(lost)
    gained = [row["id"] for row, line in read if not is_wrong(row, line) and row["id"] in MISSES]
    assert not gained, f"now right, so take them out of misses.txt: {' '.join(gained)}"
