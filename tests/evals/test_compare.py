"""Two runs of one set, question by question."""

import pytest

from evals.compare import Comparison, as_text, compare
from evals.errors import RunInvalid
from evals.results import Run
from evals.run import summarise
from tests.evals.runs import facts, run_of


def test_question_by_question():
    first = run_of(led="drop_unit", sole="drop_citation", fact="empty_text")
    second = run_of(fact="empty_text", listing="add_row")
    found = compare(first, second)
    # Right in the second alone: led, sole. Right in the first alone: listing. fact is wrong in both.
    assert [row.id for row in found.gained] == ["led", "sole"]
    assert [row.id for row in found.lost] == ["listing"]
    assert (found.questions, found.left_out, found.net) == (10, 0, 1)
    # Two of three coin tosses, or more lopsided, on either side: certain.
    assert found.p_value == 1.0
    assert found.verdict == "cannot tell"
    shown = as_text(found)
    assert "+ led" in shown
    assert "- listing" in shown
    assert "listing: extra gao 七" in shown
    assert shown.splitlines()[-1] == "Cannot tell: so small a difference may be luck."


def test_measures_that_moved():
    found = compare(run_of(led="drop_unit", sole="drop_citation"), run_of())
    # 8 of 10 right before, 10 of 10 after.
    moved = found.differences["strictly right"]
    assert (moved.first, moved.second) == (0.8, 1.0)
    # Each resample draws the two changed questions between 0 and 10 times, and neither ever lowers the second run.
    assert moved.low is not None
    assert 0.0 <= moved.low < 0.2 < moved.high <= 1.0
    assert "lead F1" in found.differences  # led lost its lead
    assert "count" not in found.differences  # the same in both
    assert "strictly right           80.0%  100.0%   +20.0%" in as_text(found)


@pytest.mark.parametrize(
    ("gained", "lost", "p", "verdict"),
    [
        (0, 0, 1.0, "Cannot tell: no question"),
        (5, 0, 2 / 2**5, "Cannot tell"),  # .0625
        (6, 0, 2 / 2**6, "Better."),  # .03125
        (0, 6, 2 / 2**6, "Worse."),
        (8, 1, 2 * (1 + 9) / 2**9, "Better."),  # .0390625: all nine, or eight of nine, on either side
        (7, 1, 2 * (1 + 8) / 2**8, "Cannot tell"),  # .0703125
    ],
)
def test_mcnemar_by_hand(gained, lost, p, verdict):
    row = run_of().rows[0]
    found = Comparison(questions=100, left_out=0, gained=(row,) * gained, lost=(row,) * lost, changed=())
    assert found.p_value == pytest.approx(p)
    assert found.sentence.startswith(verdict)


def test_only_the_same_question_is_compared():
    first, second = run_of(), run_of(led="drop_unit")
    remark = first.rows[0].question.model_copy(update={"note": "a remark changes no judgement"})
    remarked = first.rows[0].model_copy(update={"question": remark})
    assert compare(Run(first.summary, [remarked, *first.rows[1:]]), second).questions == 10
    gold = first.rows[0].question.model_copy(update={"lead": ["市气象局"]})
    other = first.rows[0].model_copy(update={"question": gold})
    found = compare(Run(first.summary, [other, *first.rows[1:]]), second)
    assert (found.questions, found.left_out, found.lost) == (9, 1, ())
    with pytest.raises(RunInvalid, match="share no question; compare two runs of one set"):
        compare(Run(first.summary, [other]), second)


def test_what_else_differs_is_said():
    first, rows = run_of(), run_of().rows
    other = facts(index="f2", code="abc", settings={"assistant": {"limit": 6}, "index": {"k": 1}}, corpus_sha256="c")
    found = compare(first, Run(summarise(rows, other), rows))
    assert found.changed == (
        "plans:  → c",
        "index: f1 → f2",
        "code: unknown → abc",
        "setting assistant.limit: 5 → 6",
        "setting index.k: None → 1",
    )
