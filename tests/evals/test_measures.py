"""The measures beside "strictly right", each with its arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.model import Answer
from evals.measures import Tally, judged_roles, percentile, refusal, units, verbatim
from evals.questions import Question
from tests.evals.cases import RIGHT, changed


def models(name, *changes):
    gold, given_answer = changed(name, changes)
    return Question.model_validate(gold), Answer.model_validate(given_answer)


def test_units_by_role():
    # Gold support 市财政局, 市科技局; the answer lost 市科技局 and gained 市气象局: 1 right of 2, 1 of 2 found.
    asked, answer = models("led", ("drop_unit", 1), ("add_unit", 1))
    tally = units(asked, answer, "support")
    assert tally == Tally(right=1, asserted=2, gold=2)
    assert (tally.precision, tally.recall) == (0.5, 0.5)
    assert units(asked, answer, "lead") == Tally(1, 1, 1)
    assert units(asked, answer, "responsible") == Tally(0, 0, 0)


def test_a_crashed_question_stays_in_the_denominator():
    asked, _ = models("led")
    assert units(asked, None, "support") == Tally(0, 0, 2)
    assert refusal(models("refused")[0], None) == Tally(0, 0, 1)


def test_only_judged_roles_are_measured():
    assert judged_roles(models("judged")[0]) == ("support",)
    assert units(*models("judged"), "lead") == Tally()  # the answer's lead is neither right nor wrong
    assert judged_roles(models("fact")[0]) == ()


def test_refusal_both_ways():
    # Asked: one unanswerable refused, one unanswerable answered, one answerable refused, two answered.
    # Refused 2, of which 1 rightly: precision 1/2. Unanswerable 2, of which 1 refused: recall 1/2.
    pairs = [
        models("refused"),
        models("refused", ("status", 0)),
        models("led", ("status", 2)),
        models("sole"),
        models("unassigned"),
    ]
    tally = sum((refusal(*pair) for pair in pairs), Tally())
    assert tally == Tally(right=1, asserted=2, gold=2)
    assert (tally.precision, tally.recall) == (0.5, 0.5)


def test_nothing_to_divide_by_is_no_score():
    assert (Tally().precision, Tally().recall) == (None, None)


def test_quotes_are_the_plans_own_characters():
    text = "首部\n一、建成示范田。\n"
    places = [
        ("gao", "一、建成示范田。", 3, 11, True),
        ("gao", "一、建成示範田。", 3, 11, False),  # converted: no longer the plan's own
        ("gao", "一、建成示范田。", 2, 10, False),  # one character off
        ("gao", "", 3, 3, False),
        ("none", "一、建成示范田。", 3, 11, False),
    ]
    citations = [
        {"n": n, "plan": plan, "clause": "一", "quote": quote, "start": start, "end": end}
        for n, (plan, quote, start, end, _) in enumerate(places, start=1)
    ]
    for cited, (*_, exact) in zip(citations, places, strict=True):
        answer = Answer.model_validate({"status": "answered", "text": "", "citations": [cited]})
        assert verbatim(answer, {"gao": text}) == Tally(int(exact), 1, 1)
    # Related quotes are shown too: 1 right of 2 + 3.
    both = Answer.model_validate(
        {"status": "answered", "text": "", "citations": citations[:2], "related": citations[2:]}
    )
    assert verbatim(both, {"gao": text}).precision == 1 / 5


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, None),
        ([7.0], 95, 7.0),
        ([1.0, 3.0], 50, 2.0),
        ([float(n) for n in range(101)], 95, 95.0),
        # Four values have three gaps: .95 × 3 = 2.85, so 30 + .85 × (40 - 30) = 38.5
        ([10.0, 40.0, 20.0, 30.0], 95, 38.5),
    ],
)
def test_percentile(values, percent, expected):
    assert percentile(values, percent) == (None if expected is None else pytest.approx(expected))


@given(st.sampled_from(sorted(RIGHT)), st.sampled_from(["lead", "support", "responsible", "implicit"]))
def test_a_right_answer_loses_nothing(name, role):
    tally = units(*models(name), role)
    assert tally.right == tally.asserted == tally.gold
