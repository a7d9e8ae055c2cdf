"""The gate over the shipped plans with the real embedder, and that it shuts when something is planted.

What a run lost is listed at the end of every test run, also where the gate stays open (``tests/conftest.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.model import Answer
from assistant.service import Assistant
from evals.__main__ import main
from evals.errors import RunInvalid
from evals.gate import Verdict, baseline_file, baseline_of, difference, hold, read_baseline
from evals.questions import load_set
from evals.results import Row, Run
from evals.run import run_set, summarise
from tests.evals.cases import RIGHT
from tests.evals.runs import facts, run_of

SETS = Path(__file__).resolve().parents[2] / "evals" / "sets"
GATED = ["dev", "ledger", "fresh", "fresh2", "outside"]


@pytest.fixture(scope="module")
def rows(shipped_data: Path) -> dict[str, list[Row]]:
    assistant = Assistant.open(shipped_data)
    return {name: list(run_set(assistant, load_set(SETS / f"{name}.jsonl"))) for name in GATED}


@pytest.mark.parametrize("name", GATED)
def test_a_set_keeps_what_it_had(
    rows: dict[str, list[Row]], name: str, tell_at_the_end: Callable[[list[str]], None]
) -> None:
    verdict = hold(rows[name], load_set(SETS / f"{name}.jsonl").digest, read_baseline(baseline_file(name)))
    tell_at_the_end(verdict.lines())
    assert verdict.open, "\n".join(verdict.lines())


def test_nothing_crashed_and_every_quote_is_the_plans_own(rows: dict[str, list[Row]]) -> None:
    for row in (row for name in rows for row in rows[name]):
        assert row.answer is not None, f"{row.id} crashed: {row.reasons}"
        exact, shown = row.scores.get("verbatim", (0.0, 0.0))
        assert exact == shown, row.id


def test_the_baseline_of_the_development_set_allows_a_net_loss_of_two() -> None:
    baseline = read_baseline(baseline_file("dev"))
    assert (baseline.questions, baseline.most_net_loss, len(baseline.bars)) == (100, 2, 10)
    assert min(baseline.bars.values()) >= 0.8


class Swapped:
    """The assistant with a regression planted in it: who leads is told as who supports, where a plan assigns both."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.plans = assistant.plans

    def ask(self, turns: list[str], plans: list[str] | None = None) -> Answer:
        answer = self._assistant.ask(turns, plans)
        swapped = [row.model_copy(update={"lead": row.support, "support": row.lead}) for row in answer.assignments]
        return answer.model_copy(update={"assignments": swapped})


def test_a_planted_regression_turns_it_red(shipped_data: Path) -> None:
    questions = load_set(SETS / "dev.jsonl")
    swapped = run_set(Swapped(Assistant.open(shipped_data)), questions)
    verdict = hold(swapped, questions.digest, read_baseline(baseline_file("dev")))
    assert not verdict.open
    assert len(verdict.lost) >= 10
    assert "task_owner" in verdict.under
    assert any("units, lead: missing" in line for line in verdict.lines())


def test_the_command_shuts_too(shipped_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Vectors alone: what would happen if the lexical leg broke.
    (tmp_path / "settings.toml").write_text("[index]\nlexical_weight = 0.0\n", encoding="utf-8")
    gate = ["gate", str(SETS / "dev.jsonl"), "--data", str(shipped_data)]
    assert main(gate) == 0
    assert "gate dev.jsonl: open" in capsys.readouterr().out
    assert main([*gate, "--config", str(tmp_path / "settings.toml")]) == 1
    shown = capsys.readouterr().out
    assert "gate dev.jsonl: SHUT, 0 gained" in shown
    assert "evidence: no quote holds" in shown


# The rules, on invented runs.


def held(baseline: Run, **spoilt: str) -> Verdict:
    """An invented run against the baseline that another would make."""
    return hold(run_of(**spoilt).rows, "0", baseline_of(baseline))


def test_two_may_be_lost_and_three_may_not() -> None:
    # The bars would shut at one: a category of one question falls to 0 when it is lost. So without them here.
    free = baseline_of(run_of()).model_copy(update={"bars": {}})
    lost = {"led": "drop_unit", "sole": "drop_citation", "cross": "drop_citation"}
    verdicts = [hold(run_of(**dict(list(lost.items())[:n])).rows, "0", free) for n in range(4)]
    assert [verdict.net for verdict in verdicts] == [0, -1, -2, -3]
    assert [verdict.open for verdict in verdicts] == [True, True, True, False]
    assert [row.id for row in verdicts[3].lost] == ["led", "sole", "cross"]


def test_what_was_lost_is_listed_though_as_much_was_gained() -> None:
    verdict = held(run_of(fact="empty_text"), led="drop_unit")
    assert (verdict.net, [row.id for row in verdict.lost], verdict.gained) == (0, ["led"], ("fact",))
    # task_owner had 4 of 4, so its bar is .9; now 3 of 4: shut by the bar alone.
    assert verdict.under == {"task_owner": (0.75, 0.9)}
    assert not verdict.open
    shown = "\n".join(verdict.lines())
    assert "- led  task_owner" in shown
    assert "missing 市农业局" in shown
    assert "+ fact" in shown


def test_another_set_or_a_part_of_it_is_no_comparison() -> None:
    baseline = baseline_of(run_of())
    with pytest.raises(RunInvalid, match="questions have changed since the baseline"):
        hold(run_of().rows, "1", baseline)
    with pytest.raises(RunInvalid, match=f"3 rows of {len(RIGHT)} questions"):
        hold(list(run_of().rows)[:3], "0", baseline)


def test_a_baseline_is_written_by_the_command_that_prints_the_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from evals.runner import run_into
    from tests.evals.runs import Fixed, as_set, questions_and_answers

    def ran(folder: str, **spoilt: str) -> str:
        questions, answers = questions_and_answers(**spoilt)
        asked = as_set(questions)
        run_into(tmp_path / folder, Fixed(answers), asked, facts(set_sha256=asked.digest))
        return str(tmp_path / folder)

    to = ["--baselines", str(tmp_path / "baselines")]
    file = tmp_path / "baselines" / "set.json"
    assert main(["baseline", ran("a", fact="empty_text"), *to]) == 0
    assert "nothing is written; --accept" in capsys.readouterr().out
    assert not file.exists()
    assert main(["baseline", str(tmp_path / "a"), *to, "--accept"]) == 0
    assert "- fact: wrong: fact: “20%” not in the text" in capsys.readouterr().out
    assert set(read_baseline(file).wrong) == {"fact"}

    assert main(["baseline", ran("b", led="drop_unit"), *to]) == 0
    shown = capsys.readouterr().out
    assert "- led: no longer right: units, lead: missing 市农业局" in shown
    assert "+ fact: now right" in shown
    assert set(read_baseline(file).wrong) == {"fact"}
    assert main(["baseline", str(tmp_path / "b"), *to, "--accept"]) == 0
    kept = read_baseline(file)
    assert set(kept.wrong) == {"led"}
    assert kept.bars["task_owner"] == 0.9  # of 4 of 4 at first; a loss that is accepted does not lower the bar
    assert main(["baseline", str(tmp_path / "b"), *to]) == 0
    assert "nothing differs" in capsys.readouterr().out


def test_a_set_in_another_file_does_not_take_the_place_of_a_baseline() -> None:
    old = baseline_of(run_of())
    with pytest.raises(RunInvalid, match=r"set.xlsx: its place is taken by the baseline of set.jsonl"):
        difference(old, old.model_copy(update={"set": "set.xlsx"}))


def test_a_damaged_or_missing_baseline_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(RunInvalid, match=r"cannot be read .*python -m evals baseline RUN --accept"):
        read_baseline(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text('{"set": "x"}', encoding="utf-8")
    with pytest.raises(RunInvalid, match=r"bad.json: set_sha256: Field required; make it anew") as caught:
        read_baseline(tmp_path / "bad.json")
    assert "\n" not in str(caught.value)


def test_the_difference_of_a_new_category_is_told() -> None:
    old = baseline_of(run_of())
    new = old.model_copy(update={"bars": {**old.bars, "roster": 0.5}, "set_sha256": "1", "questions": 11})
    assert difference(old, new) == ["the questions have changed: 10 → 11", "bar of roster: None → 0.5"]
    assert difference(old, old) == []


def test_summaries_make_the_same_baseline(rows: dict[str, list[Row]]) -> None:
    questions = load_set(SETS / "dev.jsonl")
    told = facts(set="dev.jsonl", set_sha256=questions.digest, questions=100)
    made = baseline_of(Run(summarise(rows["dev"], told), rows["dev"]))
    assert hold(rows["dev"], questions.digest, made).net == 0
