"""Files with a few changes, by thousands: each ends in a plan or in one line that says why not.

A seeded sample runs in ``make test``; all of them in ``make test-full``. What once crashed stands below by name.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from corpus.check import problems
from corpus.errors import PlanUnreadable
from corpus.library import read_plan
from corpus.model import plan_from_json, plan_to_json
from corpus.read_draft import DEFAULT_LIMITS, Limits
from corpus.unpack import unpack
from tests.corpus.made import memory, next_is_read
from tests.corpus.mutants import GOOD, mutant

SAMPLE, ALL = 60, 5_000
MB = 1 << 20
LIMITS = Limits(cpu_seconds=10, wall_seconds=60.0)


def outcome(path: Path) -> str:
    """ "read", or the first words of why not. Anything else that happens is an error of ours."""
    try:
        plan = read_plan(path, limits=LIMITS)
    except PlanUnreadable as refusal:
        told = str(refusal)
        assert told.startswith(f"{path}: "), told
        assert told.isprintable(), told
        assert len(told) < len(str(path)) + 400, told
        return told.removeprefix(f"{path}: ")[:24]
    assert len(plan.text) <= DEFAULT_LIMITS.characters
    assert not list(problems(plan))
    assert plan_from_json(plan_to_json(plan)) == plan
    return "read"


def outcomes(path: Path) -> list[str]:
    """The same for each plan in an archive."""
    folder = path.with_suffix(".unpacked")
    folder.mkdir()
    try:
        archive = unpack(path, folder, LIMITS)
    except PlanUnreadable as refusal:
        assert str(refusal).isprintable()
        return [str(refusal).removeprefix(f"{path}: ")[:24]]
    if archive is None:
        return [outcome(path)]
    return [outcome(inner) for inner in sorted(folder.rglob("*")) if inner.is_file()]


def read_all(kind: str, count: int, folder: Path) -> None:
    found: Counter[str] = Counter()
    start = 0
    for seed in range(count):
        path = folder / f"{seed}.{kind}"
        path.write_bytes(mutant(kind, seed))
        try:
            found.update(outcomes(path) if kind == "zip" else [outcome(path)])
        except Exception as error:
            error.add_note(f"mutant({kind!r}, {seed})")
            raise
        path.unlink()
        if seed == count // 10:
            start = memory()  # caches are filled and modules loaded
    assert found["read"] > count / 20, found  # not all of them are broken beyond reading
    assert len(found) > 1
    assert memory() - start < 50 * MB
    next_is_read(folder)


@pytest.mark.parametrize("kind", sorted(GOOD))
def test_e43_e48_e51_e53_files_with_a_few_changes(kind: str, tmp_path: Path) -> None:
    read_all(kind, SAMPLE, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", sorted(GOOD))
def test_e43_e48_e51_e53_thousands_of_files_with_a_few_changes(kind: str, tmp_path: Path) -> None:
    read_all(kind, ALL, tmp_path)
