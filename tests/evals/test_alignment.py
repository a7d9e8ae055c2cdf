"""Tasks in rows beside a gold by hand: what is counted, what is refused, and what the shipped threshold is worth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.service import Assistant
from corpus.library import read_plan
from evals.alignment import GOLD, Bench, Line, Measured, check, in_force, load_gold, main, measure
from evals.errors import SetInvalid

HERE = Path(__file__).resolve().parents[1] / "unseen"
ROWS = [(("a", "1"), ("a", "2"), ("b", "1")), (("a", "3"), ("b", "2")), (("a", "4"),), (("b", "3"),)]


def line(clause: str, *partners: str, fair: tuple[str, ...] = ()) -> Line:
    return Line(plan="a", clause=clause, other="b", partners=partners, fair=fair)


@pytest.mark.parametrize(
    ("lines", "found", "wrong", "missed", "alone", "alone_of"),
    [
        ([line("1", "1")], 1, 0, 0, 0, 0),
        ([line("1", "1", "3")], 1, 0, 1, 0, 0),
        ([line("1", "3")], 0, 1, 1, 0, 0),
        ([line("1")], 0, 1, 0, 0, 1),
        ([line("1", fair=("1",))], 0, 0, 0, 1, 1),
        ([line("4")], 0, 0, 0, 1, 1),
        ([line("4", "3"), line("3", "2")], 1, 0, 1, 0, 0),
        ([Line(plan="b", clause="1", other="a", partners=("1", "2"))], 2, 0, 0, 0, 0),
    ],
)
def test_what_is_counted(lines: list[Line], found: int, wrong: int, missed: int, alone: int, alone_of: int) -> None:
    assert measure(lines, ROWS) == Measured(found, wrong, missed, alone, alone_of)


def test_precision_recall_and_their_mean() -> None:
    made = Measured(6, 2, 4, 0, 0)  # 6/8, 6/10, 2 * .75 * .6 / 1.35
    assert (made.precision, made.recall, round(made.f1, 4)) == (0.75, 0.6, 0.6667)
    nothing = Measured(0, 0, 3, 0, 0)
    assert (nothing.precision, nothing.recall, nothing.f1) == (1.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def bench(shipped_data: Path) -> Bench:
    assistant = Assistant.open(shipped_data)
    gold = load_gold(GOLD)
    check(gold, assistant.plans)
    return Bench(gold, assistant.plans, {one: assistant.clause_vectors(one) for one in assistant.plans})


def test_the_shipped_plans_are_aligned_better_than_by_words_or_vectors_alone(bench: Bench) -> None:
    """The figures of docs/evaluation.md, with room for another model's rounding and none for a worse alignment."""
    pairs = bench.sets(2)
    made = bench.score(pairs, "both", in_force)
    assert made.precision >= 0.9
    assert made.recall >= 0.75
    assert made.alone >= 31
    words, vectors = bench.best(pairs, "words"), bench.best(pairs, "vectors")
    assert made.f1 > bench.score(pairs, "words", lambda _: words).f1
    assert made.f1 > bench.score(pairs, "vectors", lambda _: vectors).f1


@pytest.mark.slow
def test_the_command(shipped_data: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    gold = tmp_path / "gold.jsonl"
    lines = [one for one in load_gold(GOLD) if {one.plan, one.other} == {"gansu-2020", "jiangsu-2020"}]
    gold.write_text("".join(one.model_dump_json() + "\n" for one in lines), encoding="utf-8")
    assert main([str(gold), "--data", str(shipped_data)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("47 tasks, ")
    assert [one.split("  ")[0] for one in told[2:]] == ["2"] * 4 + ["3"] * 4 + ["4"] * 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "line 1"),
        (json.dumps({"plan": "a", "clause": "1"}), "line 1.*other"),
        (json.dumps({"plan": "a", "clause": "1", "other": "b", "partner": []}), "line 1.*partner"),
    ],
)
def test_a_gold_that_cannot_be_read(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text(content, encoding="utf-8")
    with pytest.raises(SetInvalid, match=said):
        load_gold(tmp_path / "gold.jsonl")


def test_a_gold_of_other_plans() -> None:
    read = read_plan(HERE / "wd2_chengxi_gas_gb18030.txt")
    with pytest.raises(SetInvalid, match="line 1: we5_tingyang_gas_tables has no task"):
        check(load_gold(HERE / "alignment.jsonl"), {read.id: read})


@pytest.mark.slow
def test_plans_that_are_in_no_index(capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(HERE / name) for name in ("wd2_chengxi_gas_gb18030.txt", "we5_tingyang_gas_tables.docx")]
    assert main([str(HERE / "alignment.jsonl"), "--plans", *files]) == 0
    in_force_line = capsys.readouterr().out.splitlines()[-1]
    assert in_force_line.startswith("2      both, in force")
    assert float(in_force_line.split()[5]) >= 0.9
