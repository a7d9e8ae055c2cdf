"""A conversation as data: what goes to the assistant, what stays visible, and that nothing raises."""

from __future__ import annotations

import dataclasses
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from assistant.access.model import LOCAL
from assistant.access.sight import Sight
from assistant.conversation import (
    KEPT,
    LISTED,
    Conversation,
    asked_before,
    converse,
    marks,
    messages,
    open_to,
    plan_choices,
    sources,
)
from assistant.holder import Holder
from assistant.question_link import link_to
from assistant.render import html
from assistant.strings import EN, ZH
from corpus.errors import AssistantError, QuestionInvalid


def ask(holder: Holder, *questions: str) -> Conversation:
    past: Conversation = ()
    for question in questions:
        past = converse(holder, LOCAL, question, [], past)
    return past


def test_earlier_questions_are_the_turns(fake: Any) -> None:
    ask(Holder(fake), "甲？", "乙？")
    assert fake.asked == [(["甲？"], None), (["甲？", "乙？"], None)]


def test_what_an_address_asks_before_is_context_and_not_answered(fake: Any) -> None:
    before = asked_before(LOCAL, ["甲？", "乙？"], [frozenset(), frozenset({"plans"})])
    past = converse(Holder(fake), LOCAL, "丙？", [], before)
    assert fake.asked == [(["甲？", "乙？", "丙？"], None)] and fake.without == [[], ["plans"], []]
    assert [exchange.answer is None for exchange in past] == [True, True, False]
    drawn = [message["content"] for message in messages(past, ZH)]
    assert ["甲？" in drawn[0], ZH.only_asked in drawn[1], "乙？" in drawn[2], ZH.only_asked in drawn[3]] == [True] * 4
    assert all(f'id="answer-{n}"' in said for n, said in enumerate(drawn[1::2], 1))  # the list of questions leads there
    assert open_to(past, Sight(LOCAL, {})) == past
    assert parse_qs(urlsplit(link_to(past, 3, "zh")).query) == {"q": ["甲？", "乙？", "丙？"], "without": ["2-plans"]}
    assert link_to(past, 1, "zh") == ""


def test_what_is_shown_of_an_exchange_has_a_name_that_no_other_conversation_has(fake: Any) -> None:
    one, another = ask(Holder(fake), "甲？"), ask(Holder(fake), "乙？")
    names = []
    for past in (one, another):
        (answer,) = re.findall(
            r'class="answer (of-\w+)" id="answer-1"', "".join(m["content"] for m in messages(past, ZH))
        )
        assert f'<section class="turn {answer}">' in sources(past, ZH)
        names.append(answer)
    assert len(set(names)) == 2


def test_chosen_plans_are_passed_and_none_chosen_means_all(fake: Any) -> None:
    converse(Holder(fake), LOCAL, "甲？", ["water"], ())
    converse(Holder(fake), LOCAL, "甲？", [], ())
    assert [plans for _, plans in fake.asked] == [["water"], None]


def test_105_what_another_asked_or_what_is_hidden_by_now_keeps_its_place_and_nothing_else(fake: Any) -> None:
    past = ask(Holder(fake), "甲？", " ", "乙？")
    reader = dataclasses.replace(LOCAL, scopes=frozenset())
    assert open_to(past, Sight(reader, {})) == past
    limited = open_to(past, Sight(reader, {"water": frozenset({"别组"})}))
    for hidden in (limited, open_to(past, Sight(dataclasses.replace(LOCAL, name="another"), {}))):
        drawn = messages(hidden, ZH)
        assert len(drawn) == len(messages(past, ZH))
        assert len(marks(hidden, {})) == len(marks(past, {}))
        assert [exchange.id for exchange in hidden] == [exchange.id for exchange in past]
        said = "".join(message["content"] for message in drawn) + sources(hidden, ZH)
        for words in ("甲？", "乙？", "市水务局", "更换", "water"):
            assert words not in said
        assert ZH.hidden in said
        asked = converse(Holder(fake), LOCAL, "丙？", [], hidden)
        assert fake.asked[-1] == (["丙？"], None)  # what is hidden is no context either
        assert asked[-1].number == past[-1].number + 1
    assert open_to(limited, Sight(reader, {})) == limited  # it does not come back


@pytest.mark.parametrize("question", ["", "   ", "问" * 10_000])
def test_a_question_that_is_refused_becomes_a_message_and_no_context(fake: Any, question: str) -> None:
    past = ask(Holder(fake), question, "甲？")
    assert ZH.question_invalid in messages(past, ZH)[-3]["content"]
    assert fake.asked[-1] == (["甲？"], None)


@pytest.mark.parametrize(("words", "said"), [(ZH, "最多20个字"), (EN, "20 are allowed")])
def test_why_a_question_is_refused_is_said_in_the_readers_language(fake: Any, words: Any, said: str) -> None:
    def refuse(_: object) -> None:
        raise QuestionInvalid("too long", "too_long", length=30, longest=20)

    fake.reply = refuse
    assert said in messages(ask(Holder(fake), "甲？"), words)[-1]["content"]


@pytest.mark.parametrize(("words", "said"), [(ZH, "“pond”已不在库中"), (EN, "“pond” is no longer there")])
def test_a_plan_that_was_removed_meanwhile_is_named(fake: Any, words: Any, said: str) -> None:
    def refuse(_: object) -> None:
        raise QuestionInvalid("plan 'pond' is not loaded; the plans are water", "unknown_plan", plan="pond")

    fake.reply = refuse
    assert said in messages(ask(Holder(fake), "甲？"), words)[-1]["content"]


def test_half_a_surrogate_pair_and_emoji_are_taken(fake: Any) -> None:
    past = ask(Holder(fake), "谁\ud83d负责😀？\x00")
    assert fake.asked == [(["谁负责😀？\x00"], None)]
    assert messages(past, ZH)[0]["content"] == '<div class="question">谁负责😀？</div>'


@pytest.mark.parametrize("error", [AssistantError("index damaged at secret/place"), RuntimeError("secret")])
def test_a_failure_is_a_sentence_without_the_details(fake: Any, error: Exception) -> None:
    def fail(_: object) -> None:
        raise error

    fake.reply = fail
    reply = messages(ask(Holder(fake), "甲？"), EN)[-1]["content"]
    assert html(EN.failed) in reply
    assert "secret" not in reply


def test_while_loading_the_chat_says_so() -> None:
    assert ZH.failed in messages(ask(Holder(), "甲？"), ZH)[-1]["content"]
    assert plan_choices({}) == []


def test_each_mark_leads_to_its_own_answer_and_the_newest_stands_open(fake: Any) -> None:
    past = ask(Holder(fake), "甲？", "乙？")
    links = re.findall(r'href="#([^"]+)"', "".join(m["content"] for m in messages(past, ZH)))
    pane = sources(past, ZH)
    assert links == ["cite-1-1", "cite-2-1"]
    assert all(pane.count(f'id="{link}"') == 1 for link in links)
    assert pane.index('id="cite-2-1"') < pane.index('class="earlier"') < pane.index('id="cite-1-1"')


def test_a_long_conversation_is_bounded_and_anchors_are_not_reused(fake: Any) -> None:
    past = ask(Holder(fake), *[f"{i}？" for i in range(KEPT + 3)])
    assert len(past) == KEPT
    assert len({exchange.number for exchange in past}) == KEPT
    assert past[-1].number == KEPT + 3


def test_of_a_long_conversation_the_last_sources_are_beside_it_and_the_others_a_link_away(fake: Any) -> None:
    past = ask(Holder(fake), *[f"{i}？" for i in range(LISTED + 2)])
    links = re.findall(r'<sup class="ref"><a href="([^"]+)"', "".join(m["content"] for m in messages(past, ZH)))
    assert [link.startswith("/plans/water?start=") for link in links] == [True] * 2 + [False] * LISTED
    drawn = [m["content"] for m in messages(past, ZH) if m["role"] == "assistant"]
    away = ['target="_blank" rel="noopener"' in one for one in drawn]  # the conversation is not left for the plan
    assert away == [True] * 2 + [False] * LISTED
    pane = sources(past, ZH)
    assert all(pane.count(f'id="{link[1:]}"') == 1 for link in links[2:])
    assert pane.count("<article") == LISTED


def test_an_empty_conversation_explains_the_pane() -> None:
    assert ZH.sources_empty in sources((), ZH)


def test_plans_are_offered_by_title_and_by_region_where_the_title_has_none(fake: Any, plan: Any) -> None:
    def in_region(region: str) -> Any:
        return dataclasses.replace(plan, meta=dataclasses.replace(plan.meta, region=region))

    fake.plans = {"a": in_region(""), "b": in_region("青川市"), "c": in_region("白水省")}
    title = plan.meta.title
    assert [label for label, _ in plan_choices(fake.plans)] == [title, title, f"{title}（白水省）"]
