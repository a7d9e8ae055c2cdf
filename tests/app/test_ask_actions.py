"""What the chat page's script asks of the server, as data: copied text, addresses, earlier conversations."""

from __future__ import annotations

import dataclasses
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from assistant.access.model import LOCAL
from assistant.access.sight import Sight
from assistant.ask_actions import action_of, next_html, told_html
from assistant.conversation import Conversation, converse, open_to, reconsidered
from assistant.history import MOST, MOST_ASKED, history_html, put_away, taken_up
from assistant.holder import Holder
from assistant.official import place_of, plain_text
from assistant.question_link import LONGEST, MOST_TURNS, link_to, opening_of
from assistant.strings import EN, ZH


def ask(fake: Any, *questions: str, past: Conversation = ()) -> Conversation:
    for question in questions:
        past = converse(Holder(fake), LOCAL, question, [], past)
    return past


def told(said: str, conversation: Conversation) -> str:
    """The text that a button copies."""
    action = action_of(said)
    assert action is not None
    return "\n".join(re.findall("<span>(.*?)</span>", told_html(action, conversation, ZH)))


@pytest.mark.parametrize(
    "said",
    ["", "drop-1", "drop-1-plans", "drop-1-all 2", "copy-1-plans 2", "copy--1 2", "x-1 2", "copy-1 2 ", "copy-９ 2x"],
)
def test_what_the_script_never_says_is_nothing(said: str) -> None:
    assert action_of(said) is None


def test_a_button_is_known_by_its_id() -> None:
    action = action_of("drop-3-plans 17")
    assert action is not None
    assert (action.verb, action.number, action.kind, action.reply) == ("drop", 3, "plans", 17)


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        ("三/(二)/43", "第三部分（二）第43条"),
        ("第二章/第七条", "第二章第七条"),
        ("附件/3", "附件第3项"),
        ("附件/名单/7", "附件名单第7项"),
        ("表1/11", "表1第11行"),
        ("首部", "首部"),
        ("十二/(三)", "第十二部分（三）"),
    ],
)
def test_a_place_is_said_as_documents_say_it(clause: str, said: str) -> None:
    assert place_of(clause) == said


def test_the_copied_text_has_the_quotes_as_the_plan_has_them(fake: Any, plan: Any) -> None:
    (exchange,) = ask(fake, "更换老旧管道由谁牵头？")
    assert exchange.answer is not None
    quote = exchange.answer.citations[0].quote
    assert told("copy-1 1", (exchange,)).split("\n") == [
        "问：更换老旧管道由谁牵头？",
        "有据：更换老旧管道由市水务局牵头。[1]",
        "",
        f"[1] 根据青川市水网建设实施方案（青政发〔2031〕7号）第一部分（一）第1条：“{quote}”",
    ]
    assert quote in plan.text
    assert f"“{quote}”" in plain_text("?", exchange.answer, EN)
    assert told("copy-2 1", (exchange,)) == ""


def test_an_address_asks_again_what_led_to_the_answer(fake: Any) -> None:
    past = ask(fake, "甲？", "乙？", "丙？")
    past = reconsidered(Holder(fake), LOCAL, "plans", past)
    assert fake.without == [[], [], ["plans"]]
    link = told(f"link-{past[-1].number} 1", past).replace("&amp;", "&")
    given = parse_qs(urlsplit(link).query)
    assert given == {"q": ["甲？", "乙？", "丙？"], "without": ["3-plans"]}
    opening = opening_of(given["q"], given["without"], [])
    assert opening.questions == ("甲？", "乙？", "丙？")
    assert opening.without == (frozenset(), frozenset(), frozenset({"plans"}))
    assert link_to(past, past[0].number, "en") == "/?q=%E7%94%B2%EF%BC%9F&lang=en"


def test_an_address_keeps_the_plans_and_is_bounded(fake: Any) -> None:
    past = converse(Holder(fake), LOCAL, "甲？", ["water"], ())
    assert link_to(past, 1, "zh") == "/?q=%E7%94%B2%EF%BC%9F&plan=water"
    past = ask(fake, *[f"{n}{'问' * 200}" for n in range(20)])
    link = link_to(past, 20, "zh")
    assert len(link) <= LONGEST
    assert parse_qs(urlsplit(link).query)["q"][-1] == past[-1].question
    assert link_to(ask(fake, "问" * 400), 1, "zh") == ""  # no address asks that long a question
    opening = opening_of([f"{n}?" for n in range(50)], ["x", "50-plans", "1-plans", "99999-units"], ["water"])
    assert opening.questions == tuple(f"{n}?" for n in range(50 - MOST_TURNS, 50))
    assert opening.without[-1] == {"plans"} and not any(opening.without[:-1])
    assert opening_of(["\x00", "问" * 400, " "], [], ["water"]).plans == ()


def test_earlier_conversations_are_kept_and_taken_up_again(fake: Any) -> None:
    first, second = ask(fake, "甲？"), ask(fake, "乙？", "丙？")
    earlier = put_away(second, put_away(first, ()))
    assert earlier == (second, first)
    assert put_away((), earlier) == earlier
    now, kept = taken_up(1, ask(fake, "丁？"), earlier)
    assert now == first
    assert [one[0].question for one in kept] == ["丁？", "乙？"]
    assert taken_up(9, now, kept) == (now, kept)
    drawn = history_html(now, kept, ZH)
    assert re.findall('href="#([^"]+)"', drawn) == ["answer-1"]
    assert re.findall('id="(reopen-[^"]+)"', drawn) == ["reopen-0", "reopen-1"]


def test_earlier_conversations_are_bounded(fake: Any) -> None:
    earlier: tuple[Conversation, ...] = ()
    long = ask(fake, *[f"{n}？" for n in range(25)])
    for n in range(MOST + 3):
        earlier = put_away(ask(fake, f"{n}？"), earlier)
    assert len(earlier) == MOST
    for _ in range(5):
        earlier = put_away(long, earlier)
    assert sum(map(len, earlier)) <= MOST_ASKED


def test_105_of_what_is_hidden_by_now_nothing_is_listed_copied_or_linked(fake: Any) -> None:
    past = ask(fake, "甲？", "乙？")
    hidden = open_to(past, Sight(dataclasses.replace(LOCAL, scopes=frozenset()), {"water": frozenset({"别组"})}))
    drawn = history_html(hidden, (hidden,), ZH)
    assert "甲？" not in drawn and "乙？" not in drawn
    assert told("copy-1 1", hidden) == told("link-2 1", hidden) == ""
    assert next_html(2, hidden, fake, ZH) == ""
    assert reconsidered(Holder(fake), LOCAL, "plans", hidden) == hidden


def test_questions_that_may_follow_are_those_of_the_last_answer(fake: Any) -> None:
    past = ask(fake, "甲？", "乙？")
    assert "市卫健委负责哪些任务？" in next_html(2, past, fake, ZH)
    assert next_html(1, past, fake, ZH) == next_html(2, past, None, ZH) == ""
    gone = converse(Holder(fake), LOCAL, "丙？", ["water"], past)
    assert next_html(3, gone, dataclasses.replace(fake, plans={}), ZH) == ""
