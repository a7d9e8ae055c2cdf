"""Every measure on answers whose figures are worked out by hand beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_fscore_support

from assistant.model import Answer
from evals.measures import MEASURES, NOT_JUDGED, Judged, Ratio, judged_roles, measured, percentile, role_confusion
from evals.questions import ROLES, Question
from evals.strict import reasons
from tests.evals.cases import CHANGES, RIGHT, changed

TEXT = "首部\n一、建成示范田。\n"


def case(name, *changes, **more):
    """A judged case of ``cases.RIGHT`` after some changes; ``crashed=True`` for one without an answer."""
    gold, given_answer = changed(name, changes)
    question = Question.model_validate(gold)
    if more.pop("crashed", False):
        return Judged(question, None, ["error: KeyError"], **more)
    answer = Answer.model_validate(given_answer)
    return Judged(question, answer, reasons(question, answer), **more)


def over(measure, *cases):
    """One measure over several questions: the sum of its ratios."""
    return sum((MEASURES[measure](one) for one in cases), NOT_JUDGED)


def test_nothing_to_divide_by_is_no_score():
    assert NOT_JUDGED.value is None
    assert (NOT_JUDGED + Ratio(1, 4)).value == 0.25


def test_strictly_right_and_status():
    # 3 questions, one spoilt in its units (status still right), one crashed: 1 of 3 strictly right, 2 of 3 statuses.
    cases = case("led"), case("sole", ("drop_unit", 0)), case("fact", crashed=True)
    assert over("strictly right", *cases) == Ratio(1, 3)
    assert over("status", *cases) == Ratio(2, 3)


def test_units_by_role():
    # Gold support 市财政局, 市科技局; the answer lost 市科技局 and gained 市气象局: 1 right of 2 asserted, of 2 gold.
    one = case("led", ("drop_unit", 1), ("add_unit", 1))
    assert over("support precision", one) == Ratio(1, 2)
    assert over("support recall", one) == Ratio(1, 2)
    # F1 = 2·1 / (2 + 2) = 1/2, as 2PR/(P+R) = 2·.5·.5/1
    assert over("support F1", one) == Ratio(2, 4)
    assert over("lead precision", one) == Ratio(1, 1)
    assert over("responsible recall", one) == NOT_JUDGED
    # Micro-averaged: with a right one (2 of 2) beside it 3 of 4, and not the mean of .5 and 1.
    assert over("support recall", one, case("judged")) == Ratio(3, 4)


def test_a_crashed_question_stays_in_the_denominator():
    crashed = case("led", crashed=True)
    assert over("support recall", crashed) == Ratio(0, 2)
    assert over("support precision", crashed) == NOT_JUDGED  # it asserted nothing, rightly or wrongly
    assert over("evidence recall", crashed) == Ratio(0, 1)
    assert over("forbidden avoided", crashed) == Ratio(0, 1)
    assert over("list recall", case("listing", crashed=True)) == Ratio(0, 3)
    assert over("refusing recall", case("refused", crashed=True)) == Ratio(0, 1)


def test_only_judged_roles_are_measured():
    assert judged_roles(case("judged").question) == ("support",)
    assert over("lead precision", case("judged")) == NOT_JUDGED  # the answer's lead is neither right nor wrong
    assert judged_roles(case("fact").question) == ()


@given(st.sets(st.sampled_from("甲乙丙丁戊己"), min_size=1), st.sets(st.sampled_from("甲乙丙丁戊己")))
def test_units_against_the_library(gold, asserted):
    question = Question.model_validate({"id": "q", "category": "task_owner", "turns": ["谁?"], "support": sorted(gold)})
    answer = Answer.model_validate(
        {"status": "answered", "text": "", "assignments": [{"plan": "p", "clause": "一", "support": sorted(asserted)}]}
    )
    names = "甲乙丙丁戊己"
    truth, said = [name in gold for name in names], [name in asserted for name in names]
    precision, recall, f1, _ = precision_recall_fscore_support(truth, said, average="binary", zero_division=0)
    judged = Judged(question, answer)
    assert (over("support precision", judged).value or 0) == pytest.approx(precision)
    assert over("support recall", judged).value == pytest.approx(recall)
    assert over("support F1", judged).value == pytest.approx(f1)


def test_roles_confused():
    # led: lead 市农业局, support 市财政局 and 市科技局, implicit 各县(市)人民政府. move_unit moves the last unit of
    # the first role that has one to the next role: 市农业局 from lead to support. The others stay.
    moved = role_confusion(case("led", ("move_unit", 0)))
    assert moved == {
        ("lead", "support"): 1,
        ("support", "support"): 2,
        ("implicit", "implicit"): 1,
    }
    # 市科技局 is lost (missing), 市气象局 is nobody's (none).
    assert role_confusion(case("led", ("drop_unit", 1), ("add_unit", 1))) == {
        ("lead", "lead"): 1,
        ("support", "support"): 1,
        ("support", "missing"): 1,
        ("implicit", "implicit"): 1,
        ("none", "support"): 1,
    }
    assert role_confusion(case("fact")) == {}


def test_listings():
    # Three clauses wanted; 一, 四 (two parts) and 五 asserted.
    assert over("list recall", case("listing")) == Ratio(3, 3)
    assert over("list precision", case("listing")) == Ratio(3, 3)
    # The first row (一) is dropped and 七 added: 2 of 3 found, 2 of 3 asserted are wanted.
    spoilt = case("listing", ("drop_row", 0), ("add_row", 0))
    assert over("list recall", spoilt) == Ratio(2, 3)
    assert over("list precision", spoilt) == Ratio(2, 3)
    assert over("count", case("listing"), case("listing", ("count", 1)), case("led")) == Ratio(1, 2)
    # A chapter asserted in place of its items holds all snippets: complete, but one clause; the strict rule refuses it.
    assert over("list precision", case("listing", ("chapter_for_items", 0))) == Ratio(1, 1)
    assert over("strictly right", case("listing", ("chapter_for_items", 0))) == Ratio(0, 1)


def test_citations():
    # cross asserts two rows with a citation each; dropping citation 1 leaves one row uncited and one snippet unheld.
    assert over("cited", case("cross")) == Ratio(2, 2)
    spoilt = case("cross", ("drop_citation", 0))
    assert over("cited", spoilt) == Ratio(1, 2)
    assert over("evidence recall", spoilt) == Ratio(1, 2)
    assert over("clause precision", spoilt) == Ratio(1, 2)
    # A citation of another clause is none: other_place renames the last row's clause only.
    assert over("cited", case("cross", ("other_place", 0))) == Ratio(1, 2)
    assert over("clause precision", case("cross", ("add_row", 0))) == Ratio(2, 3)
    assert over("clause precision", case("fact")) == NOT_JUDGED


def test_quotes_are_the_plans_own_characters():
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

    def shown(cited, related=()):
        answer = {"status": "answered", "text": "", "citations": cited, "related": list(related)}
        return Judged(case("led").question, Answer.model_validate(answer), texts={"gao": TEXT})

    for cited, (*_, exact) in zip(citations, places, strict=True):
        assert over("verbatim", shown([cited])) == Ratio(int(exact), 1)
    # Related quotes are shown too: 1 right of 2 + 3.
    assert over("verbatim", shown(citations[:2], citations[2:])) == Ratio(1, 5)


def test_refusing_both_ways():
    # One unanswerable refused, one unanswerable answered, one answerable refused, two answered.
    # Refused 2, of which 1 rightly: precision 1/2. Unanswerable 2, of which 1 refused: recall 1/2.
    cases = [
        case("refused"),
        case("refused", ("status", 0)),
        case("led", ("status", 2)),
        case("sole"),
        case("unassigned"),
    ]
    assert over("refusing precision", *cases) == Ratio(1, 2)
    assert over("refusing recall", *cases) == Ratio(1, 2)
    # The one whose matter nobody is assigned to is answered so; a second one is answered instead: recall 1/2.
    assert over("unassigned precision", *cases) == Ratio(1, 1)
    assert over("unassigned recall", *cases, case("unassigned", ("status", 0))) == Ratio(1, 2)


def test_facts_and_forbidden_words():
    # Facts 20% and 质押融资: both stand in the text. In 120％ the first is another number: 1 of 2.
    assert over("facts", case("fact")) == Ratio(2, 2)
    assert over("facts", case("fact", ("digit_beside", 0))) == Ratio(1, 2)
    # Forbidden 120 and 5; the text now says 120: 1 of 2 avoided.
    assert over("forbidden avoided", case("fact", ("digit_beside", 0))) == Ratio(1, 2)


def test_the_ranking_is_averaged_over_judged_questions():
    # One found first (RR 1), one second (RR 1/2), one that is not judged: mean 3/4 over two.
    cases = (
        case("led", retrieval={"RR@10": 1.0}),
        case("sole", retrieval={"RR@10": 0.5}),
        case("refused"),
    )
    assert over("RR@10", *cases) == Ratio(1.5, 2)


@given(
    st.sampled_from(sorted(RIGHT)),
    st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 12)), max_size=3),
    st.booleans(),
)
def test_no_measure_leaves_its_bounds(name, changes, crashed):
    for measure, (top, bottom) in measured(case(name, *changes, crashed=crashed)).items():
        assert 0 <= top <= bottom, measure


@given(st.sampled_from(sorted(RIGHT)))
def test_a_right_answer_has_every_share_full(name):
    # But for verbatim: the invented answers quote no real plan.
    shares = measured(case(name))
    assert {n: top / bottom for n, (top, bottom) in shares.items() if n != "verbatim"} == dict.fromkeys(
        set(shares) - {"verbatim"}, 1.0
    )
    confused = role_confusion(case(name))
    assert all(gold == said for gold, said in confused)


def test_every_role_has_its_three_measures():
    assert {f"{role} {name}" for role in ROLES for name in ("precision", "recall", "F1")} <= set(MEASURES)


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
