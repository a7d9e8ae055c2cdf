"""What is suggested to ask next has an answer in that conversation, is varied, and is never what was just asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.model import Status
from assistant.service import Assistant
from corpus.fold import squeeze
from evals.questions import Question, load_set

SET = Path(__file__).resolve().parents[2] / "evals" / "sets" / "dev.jsonl"
QUESTIONS = load_set(SET)


@pytest.fixture(scope="module")
def shipped(shipped_data: Path) -> Assistant:
    return Assistant.open(shipped_data)


def check(assistant: Assistant, question: Question, english: bool = False) -> list[str]:
    """Holds the suggestions after a question against the plans; which they are."""
    answer = assistant.ask(question.turns, question.filter)
    offered = assistant.next_questions(question.turns, answer, question.filter, english)
    assert len(offered) == len(set(map(squeeze, offered))) <= 4
    assert not {squeeze(turn) for turn in question.turns} & {squeeze(one) for one in offered}
    for one in offered:
        said = assistant.ask([*question.turns, one], question.filter)
        assert said.status is Status.ANSWERED, (question.turns, one, said.text)
        assert said.text != answer.text
        assert said.scope == []  # it says all that it means
    return offered


def test_what_is_suggested_has_an_answer(shipped: Assistant) -> None:
    offered = [check(shipped, question) for question in QUESTIONS[::16]]
    assert all(offered)
    assert sum(map(len, offered)) > 3 * len(offered)


@pytest.mark.slow
def test_after_every_published_question_all_that_is_suggested_has_an_answer(shipped: Assistant) -> None:
    offered = [check(shipped, question) for question in QUESTIONS]
    assert all(offered)


@pytest.mark.slow
def test_suggestions_in_english_have_answers_too(shipped: Assistant) -> None:
    offered = [check(shipped, question, english=True) for question in QUESTIONS]
    assert sum(map(bool, offered)) > len(offered) / 2
    assert all(one.isascii() is False and "?" in one for some in offered for one in some)


def test_the_kinds_of_questions_differ(shipped: Assistant) -> None:
    turns = ["甘肃新药专项的知识产权保护谁牵头?"]
    offered = shipped.next_questions(turns, shipped.ask(turns))
    kinds = {shipped.read([one])[0].kind for one in offered}
    assert len(kinds) > 1
    other_plan = [one for one in offered if not one.startswith("甘肃")]
    assert other_plan  # the same matter elsewhere


def test_what_is_suggested_keeps_to_the_plans_that_may_answer(shipped: Assistant) -> None:
    turns, plans = ["知识产权质押融资由谁负责?"], ["kizilsu-2023"]
    offered = shipped.next_questions(turns, shipped.ask(turns, plans), plans)
    assert offered
    for one in offered:
        assert {c.plan for c in shipped.ask([*turns, one], plans).citations} == set(plans)


def test_nothing_is_embedded_to_find_them(shipped: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = ["天水谁在管地标产品资源库?"]
    answer = shipped.ask(turns)
    monkeypatch.setattr(type(shipped.embedder), "embed_query", lambda *_: pytest.fail("embedded"))
    assert shipped.next_questions(turns, answer)
