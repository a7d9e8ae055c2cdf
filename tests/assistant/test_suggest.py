"""What is suggested while somebody types: plans, bodies and clauses, by their letters alone."""

from __future__ import annotations

import pytest

from assistant.model import Suggestion
from assistant.service import Assistant


def said(found: list[Suggestion], kind: str) -> list[str]:
    return [one.text for one in found if one.kind == kind]


def test_each_kind_is_found_by_what_it_begins_with(assistant: Assistant) -> None:
    for plan in assistant.plans.values():
        typed = plan.meta.title[:4]
        (first, *_) = assistant.suggest(typed)
        assert first.kind == "plan"
        assert first.text.startswith(typed)
    assert "省卫生健康委" in said(assistant.suggest("省卫生健"), "unit")
    clause = next(one for one in assistant.suggest("县域医疗") if one.kind == "clause")
    plan = assistant.plans[clause.plans[0]]
    assert "县域医疗" in plan.text[clause.start : clause.end]
    assert plan.clause(clause.clause) is not None


def test_a_body_is_found_by_another_way_to_say_it_and_in_traditional_characters(assistant: Assistant) -> None:
    assert "省卫生健康委" in said(assistant.suggest("卫健委"), "unit")
    assert "省卫生健康委" in said(assistant.suggest("衛生健"), "unit")


def test_what_begins_with_it_comes_before_what_holds_it(assistant: Assistant) -> None:
    found = said(assistant.suggest("省", 20), "unit")
    assert found
    assert [name.startswith("省") for name in found] == sorted((n.startswith("省") for n in found), reverse=True)


@pytest.mark.parametrize("typed", ["", "  ", "，。", "\u200b", "\x00", "%", "_", "没有这样的字眼", ".*", "医" * 5000])
def test_nothing_is_suggested_for_nothing(assistant: Assistant, typed: str) -> None:
    assert assistant.suggest(typed) == []


def test_no_more_than_asked_for_and_no_kind_takes_it_all(assistant: Assistant) -> None:
    for k in (1, 3, 8):
        assert len(assistant.suggest("省", k)) <= k
    assert {one.kind for one in assistant.suggest("医", 4)} > {"clause"}


def test_hidden_plans_suggest_nothing(assistant: Assistant) -> None:
    part = assistant.limited_to(["river"])
    assert {plan for one in part.suggest("省", 50) for plan in one.plans} <= {"river"}
    assert part.suggest("县域医疗") == []
    assert assistant.suggest("县域医疗")


def test_words_alone_need_no_model(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> None:
        raise AssertionError("the model was asked")

    monkeypatch.setattr(assistant.index, "_query_vector", refuse)
    (hit, *_) = assistant.search("县域医疗中心", semantic=False)
    assert hit.clause == "一/1"
    assert hit.dense_rank is None
    with pytest.raises(AssertionError):
        assistant.search("县域医疗中心")
