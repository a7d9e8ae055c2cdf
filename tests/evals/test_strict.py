"""The five rules, worked out by hand, and against a second scorer that shares no code."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.model import Answer
from evals.questions import Question
from evals.strict import RULES, reasons
from tests.evals.cases import CHANGES, RIGHT, changed, citation, row
from tests.evals.independent import strictly_right


def score(gold, answer):
    return reasons(Question.model_validate(gold), Answer.model_validate(answer))


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_are_right(name):
    assert score(*RIGHT[name]) == []


# case, change, pick, the beginnings of the reasons; none means that the answer stays right
BY_HAND = [
    # Rule 1
    ("led", "status", 1, ["status: unassigned, gold answered"]),
    ("led", "status", 3, ["status: clarify, gold answered"]),
    ("unassigned", "status", 0, ["status: answered, gold unassigned"]),
    ("refused", "status", 0, ["status: answered, gold not_found"]),
    # Rule 2: 1 citation + 7 = 8 may stand, 1 + 8 = 9 may not, and a listing may have 3 + 9 = 12
    ("led", "drop_citation", 0, ["evidence: no quote holds “加快种业基地建设”"]),
    ("cross", "drop_citation", 1, ["evidence: no quote holds “開展質押融資”"]),
    ("led", "pile_citations", 0, []),
    ("led", "pile_citations", 1, ["evidence: 9 citations, at most 8"]),
    ("refused", "pile_citations", 2, ["evidence: 9 citations, at most 8"]),
    ("listing", "pile_citations", 2, []),
    # Rule 3
    ("led", "drop_unit", 0, ["units, lead: missing 市农业局"]),
    ("led", "drop_unit", 1, ["units, support + responsible + implicit: missing 市科技局"]),
    ("led", "add_unit", 0, ["units, lead: extra 市气象局"]),
    ("led", "add_unit", 3, ["units, support + responsible + implicit: extra 市气象局"]),
    ("led", "move_unit", 0, ["units, lead: missing", "units, support + responsible + implicit: extra"]),
    ("led", "move_unit", 1, []),  # from support to implicit: the union of the three is the same
    ("sole", "call_lead", 0, []),  # a sole responsible unit may be called lead
    ("several", "call_lead", 0, ["units, lead: extra 市科技局、市质监局", "units, support"]),  # two are not a sole one
    ("beside", "call_lead", 0, ["units, lead: extra 市财政局", "units, support"]),  # nor is one beside a supporter
    ("cross", "call_lead", 0, ["units, lead", "units, support"]),  # but not one of several
    ("judged", "add_unit", 0, []),  # a lead more, and only support is judged
    ("judged", "add_unit", 1, ["units, support: extra 市气象局"]),
    ("listing", "add_unit", 2, []),  # none of the four roles: not judged on units
    # Rule 4
    ("listing", "drop_row", 0, ["listing: missing “加快种业基地建设”"]),
    ("listing", "drop_row", 1, []),  # the other part of clause 四 still stands for it
    ("listing", "add_row", 0, ["listing: extra gao 七"]),
    ("listing", "repeat_row", 0, []),  # the same clause twice is one clause
    ("listing", "drop_citation", 2, ["listing: missing “设立产业引导基金”", "listing: extra gao 五"]),
    ("listing", "chapter_for_items", 0, ["listing: gao 一 asserted in place of 3 tasks"]),
    ("listing", "count", 0, ["count: None, gold 3"]),
    ("listing", "count", 3, ["count: 4, gold 3"]),
    ("led", "count", 3, []),  # no gold count, so none is compared
    # Rule 5: gold 20% and 质押融资, forbidden 120 and 5; the text says "增长 20％以上，不是32.5%"
    ("fact", "empty_text", 0, ["fact: “20%”", "fact: “质押融资”"]),
    ("fact", "digit_beside", 0, ["fact: “20%”", "forbidden: “120”"]),
    ("fact", "digit_beside", 2, ["fact: “20%”"]),  # 2.20%
    ("fact", "digit_beside", 4, []),  # "2. 20%": a list item, whose point is no decimal point
    ("fact", "say_forbidden", 0, ["forbidden: “120”"]),
    ("fact", "say_forbidden", 1, ["forbidden: “5”"]),
    ("led", "say_forbidden", 0, ["forbidden: “牵头单位是市财政局”"]),
    *[(name, "disguise", 0, []) for name in RIGHT],
]


@pytest.mark.parametrize(("name", "change", "pick", "expected"), BY_HAND)
def test_by_hand(name, change, pick, expected):
    found = score(*changed(name, [(change, pick)]))
    assert len(found) == len(expected)
    for reason, beginning in zip(found, expected, strict=True):
        assert reason.startswith(beginning)


def test_every_rule_can_fail_alone():
    """Five changes, each of which breaks one rule and leaves the other four."""
    broken = [
        ("led", "status"),
        ("led", "drop_citation"),
        ("led", "drop_unit"),
        ("listing", "add_row"),
        ("led", "say_forbidden"),
    ]
    for number, (name, change) in enumerate(broken):
        gold, given_answer = changed(name, [(change, 1 if change == "status" else 0)])
        question, answer = Question.model_validate(gold), Answer.model_validate(given_answer)
        assert [bool(rule(question, answer)) for rule in RULES] == [number == n for n in range(5)], change


def test_an_unanswerable_question_of_any_category_is_refused():
    gold, given_answer = changed("unassigned", [])
    gold["answerable"] = False
    assert score(gold, given_answer) == ["status: unassigned, gold not_found"]
    assert not strictly_right(gold, given_answer)


def test_one_snippet_in_two_asserted_clauses_is_wrong():
    """Two plans that say the same word for word: the list names one clause, the answer asserts two."""
    gold, given_answer = changed("listing", [])
    given_answer["assignments"].append(row("other", "一", 9))
    given_answer["citations"].append(citation(9, "other", "一", RIGHT["led"][1]["citations"][0]["quote"]))
    assert score(gold, given_answer) == ["listing: “加快种业基地建设” in 2 asserted clauses: gao 一, other 一"]
    assert not strictly_right(gold, given_answer)


def test_the_gold_supporter_may_not_be_dropped_when_the_other_is_called_lead():
    gold, given_answer = changed("beside", [])
    given_answer["assignments"][0] |= {"lead": ["市财政局"], "support": [], "responsible": []}
    assert score(gold, given_answer) == [
        "units, lead: extra 市财政局",
        "units, support + responsible + implicit: missing 市科技局、市财政局",
    ]
    assert not strictly_right(gold, given_answer)


def test_a_sole_unit_called_lead_has_nobody_beside_it():
    gold, given_answer = changed("sole", [("call_lead", 0)])
    given_answer["assignments"][0]["support"] = ["省财政厅"]
    assert len(score(gold, given_answer)) == 2  # the lead is extra, and so is the supporter
    assert not strictly_right(gold, given_answer)


def test_two_parts_of_a_clause_may_stand_for_two_tasks():
    """Clause 四 is asserted in two parts (3 rows of 四 and 五, 1 of 一); 四 holds two of the 4 snippets."""
    gold, given_answer = changed("listing", [])
    gold["tasks"].append("完善检测体系")
    assert score(gold, given_answer) == []
    del given_answer["assignments"][2]  # one part is left: 1 row cannot stand for 2 snippets
    assert score(gold, given_answer) == ["listing: gao 四 asserted in place of 2 tasks"]


CHANGE = st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 11))


@settings(max_examples=600, deadline=None)
@given(name=st.sampled_from(sorted(RIGHT)), changes=st.lists(CHANGE, max_size=3))
def test_agrees_with_the_second_scorer(name, changes):
    gold, given_answer = changed(name, changes)
    assert (score(gold, given_answer) == []) is strictly_right(gold, given_answer)


def test_the_changes_give_right_and_wrong_answers():
    """What the comparison above runs over: of 10 cases × 17 changes × 12 picks a good part on either side."""
    verdicts = [
        strictly_right(*changed(name, [(change, pick)])) for name in RIGHT for change in CHANGES for pick in range(12)
    ]
    assert len(verdicts) == 10 * 17 * 12
    assert verdicts.count(True) > 400
    assert verdicts.count(False) > 400
