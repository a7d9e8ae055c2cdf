"""Voting in the chat: which answer a thumb belongs to, what is kept, and that a store that fails stops nothing."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.access.model import LOCAL
from assistant.config import AssistantSettings
from assistant.conversation import (
    KEPT,
    Conversation,
    asked_html,
    converse,
    explained,
    marks,
    messages,
    note,
    rated,
)
from assistant.feedback import FeedbackStore, FeedbackUnwritable
from assistant.holder import Holder
from assistant.strings import EN, ZH
from assistant.ui import build_ui
from tests.app.tabs import PHONE, Chat, fits

QUESTION = "甘肃省谁负责知识产权质押融资?"
HOSTILE = '<img src=x onerror="document.title=\'taken\'"> =HYPERLINK("http://x.example")'


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return FeedbackStore(tmp_path / "feedback.sqlite")


class Broken(FeedbackStore):
    """A store whose disk is full."""

    error: Exception = FeedbackUnwritable("secret/place: the disk is full; make room")

    def record(self, *_: Any, **__: Any) -> None:
        raise self.error

    def withdraw(self, id: str) -> None:
        raise self.error


def ask(fake: Any, *questions: str, plans: tuple[str, ...] = ()) -> Conversation:
    past: Conversation = ()
    for question in questions:
        past = converse(Holder(fake), LOCAL, question, plans, past)
    return past


def replies(past: Conversation) -> list[int]:
    """Where the replies stand among the messages."""
    return [n for n, message in enumerate(messages(past, ZH)) if message["role"] == "assistant"]


# -- which answer ------------------------------------------------------------------------------------


def test_a_thumb_belongs_to_its_answer_also_behind_a_blank_question(fake: Any, store: FeedbackStore) -> None:
    past = ask(fake, "甲？", " ", "乙？")
    assert replies(past) == [1, 2, 4]  # a blank question shows no message of its own
    for place, question in ((1, "甲？"), (4, "乙？")):
        assert rated(store, past, {}, place, True, "zh").said == "thanks"
        assert store.rows()[0].question == question
    assert [row.question for row in store.rows()] == ["乙？", "甲？"]


@pytest.mark.parametrize("place", [0, 2, 3, 5, -1, 10**9, "1", None, (1, 0), 1.5])
def test_a_place_without_an_answer_changes_nothing(fake: Any, store: FeedbackStore, place: object) -> None:
    past = ask(fake, "甲？", " ", "乙？")
    voted = rated(store, past, {}, place, False, "zh")
    assert (voted.said, voted.about, store.count()) == ("", None, 0)


def test_answers_of_a_long_conversation_keep_their_thumbs(fake: Any, store: FeedbackStore) -> None:
    past = ask(fake, *(f"{n}？" for n in range(KEPT)))
    ratings = rated(store, past, {}, replies(past)[-1], True, "zh").ratings
    past = converse(Holder(fake), LOCAL, "新？", [], past)
    assert marks(past, ratings) == [None] * (KEPT - 2) + ["Like", None]


# -- what is kept ------------------------------------------------------------------------------------


def test_what_is_kept_is_what_was_asked_and_answered(fake: Any, store: FeedbackStore) -> None:
    past = ask(fake, "甲？", "乙？", plans=("water",))
    fake.fingerprint = "later"  # another index has taken over since
    rated(store, past, {}, 3, False, "en")
    (row,) = store.rows()
    assert (row.turns, row.filter, row.lang) == (("甲？", "乙？"), ("water",), "en")
    assert row.answer() == past[1].answer
    assert row.fingerprint == "f00d"
    assert row.id == past[1].id


def test_thumbs_down_is_kept_at_once_and_a_reason_goes_into_the_same_row(fake: Any, store: FeedbackStore) -> None:
    past = ask(fake, "甲？")
    voted = rated(store, past, {}, 1, False, "zh")
    assert voted.about is past[0]
    assert [row.reason for row in store.rows()] == [""]
    voted = explained(store, past, voted.ratings, past[0].id, "omission", "漏了", "zh")
    assert (voted.said, voted.about) == ("thanks", None)
    assert [(row.rating, row.reason, row.comment) for row in store.rows()] == [("down", "omission", "漏了")]


def test_a_change_of_mind_and_a_vote_taken_back(fake: Any, store: FeedbackStore) -> None:
    past = ask(fake, "甲？")
    voted = rated(store, past, {}, 1, False, "zh")
    voted = rated(store, past, voted.ratings, 1, True, "zh")
    assert marks(past, voted.ratings) == ["Like"]
    assert [row.rating for row in store.rows()] == ["up"]
    voted = rated(store, past, voted.ratings, 1, "", "zh")  # what Gradio sends where the set thumb is pressed again
    assert (voted.said, marks(past, voted.ratings), store.count()) == ("withdrawn", [None], 0)


def test_a_reason_for_an_answer_that_is_gone_changes_nothing(fake: Any, store: FeedbackStore) -> None:
    past = ask(fake, "甲？", " ")
    for about in ("", "elsewhere", past[1].id):
        assert explained(store, past, {}, about, "omission", "", "zh").said == ""
    assert store.count() == 0


def test_a_reason_that_does_not_exist_is_left_out(fake: Any, store: FeedbackStore) -> None:
    past = ask(fake, "甲？")
    explained(store, past, {}, past[0].id, "' OR 1=1--", "漏了", "zh")
    assert [(row.reason, row.comment) for row in store.rows()] == [("", "漏了")]


@pytest.mark.parametrize("error", [Broken.error, RuntimeError("secret")])
def test_where_nothing_can_be_kept_the_reader_gets_a_sentence(
    fake: Any, tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Broken, "error", error)
    past, store = ask(fake, "甲？"), Broken(tmp_path / "feedback.sqlite")
    before = {past[0].id: "up"}
    for voted in (
        rated(store, past, before, 1, False, "zh"),
        rated(store, past, before, 1, "", "zh"),
        explained(store, past, before, past[0].id, "other", "", "zh"),
    ):
        assert (voted.said, voted.ratings, voted.about) == ("unkept", before, None)
    assert "secret" not in ZH.vote_unkept + EN.vote_unkept


# -- what is shown -----------------------------------------------------------------------------------


def test_the_question_in_the_panel_is_shown_literally_and_cut(fake: Any) -> None:
    shown = asked_html(ask(fake, "<b>谁</b>？" + "长" * 100)[0], ZH)
    assert "&lt;b&gt;谁&lt;/b&gt;？" in shown
    assert shown.count("长") < 60


def test_the_note_says_what_the_office_has_chosen(tmp_path: Path) -> None:
    def said(**chosen: Any) -> str:
        return note(FeedbackStore(tmp_path / "x", AssistantSettings(**chosen)), ZH)

    assert said() == f"{ZH.vote_note} {ZH.vote_masked}"
    assert said(feedback_mask=False) == ZH.vote_note
    assert said(feedback="ratings") == ZH.vote_note_bare


@pytest.mark.parametrize(("chosen", "listens"), [("full", True), ("ratings", True), ("off", False), (None, False)])
def test_thumbs_are_there_only_where_votes_are_kept(fake: Any, tmp_path: Path, chosen: Any, listens: bool) -> None:
    store = FeedbackStore(tmp_path / "x", AssistantSettings(feedback=chosen)) if chosen else None
    config = build_ui(Holder(fake), store).get_config_file()
    targets = [target for dependency in config["dependencies"] for target in dependency["targets"]]
    assert any(event == "like" for _, event in targets) is listens
    assert all(dependency["api_visibility"] == "private" for dependency in config["dependencies"])
    ids = {component["props"].get("elem_id") for component in config["components"]}
    assert ("vote" in ids) is listens


# -- in a browser ------------------------------------------------------------------------------------


class Voter(Chat):
    """Somebody who says what he thinks of an answer."""

    def thumb(self, name: str, n: int = 0) -> Any:
        return self.page.get_by_role("button", name=name, exact=True).nth(n)

    def thanked(self) -> None:
        self.page.get_by_role("status").get_by_text("已记录").wait_for()


@pytest.fixture
def tab(browser: Any, server: Any) -> Iterator[Voter]:
    opened = Voter(browser, server.url)
    yield opened
    opened.context.close()


def newest(server: Any) -> Any:
    return FeedbackStore(server.data / "feedback.sqlite").rows(limit=1)[0]


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_from_a_press_on_the_thumb_to_the_row(tab: Voter, server: Any) -> None:
    tab.ask(QUESTION)
    tab.ask("")
    assert (
        tab.page.get_by_role("button", name="踩", exact=True).locator("visible=true").count() == 1
    )  # no vote on a refusal

    tab.thumb("踩").click()
    tab.page.locator("#vote-head").get_by_text(QUESTION).wait_for()
    assert (newest(server).rating, newest(server).reason) == ("down", "")  # kept before anything is filled in
    tab.page.get_by_label("漏项").check()
    tab.page.get_by_label("补充说明").fill(HOSTILE)
    tab.page.get_by_role("button", name="提交").click()
    tab.thanked()
    row = newest(server)
    assert (row.rating, row.reason, row.comment, row.question) == ("down", "omission", HOSTILE, QUESTION)
    assert "省市场监管局" in row.answer_json
    with sqlite3.connect(server.data / "feedback.sqlite") as database:
        assert database.execute("SELECT comment FROM feedback WHERE id = ?", (row.id,)).fetchone() == (HOSTILE,)
    assert len(row.fingerprint) >= 8

    rows = FeedbackStore(server.data / "feedback.sqlite").count()
    tab.thumb("赞").click()
    end = time.monotonic() + 30  # the thanks for the first vote are still there, so the row is what tells
    while newest(server).rating != "up" and time.monotonic() < end:
        tab.page.wait_for_timeout(50)
    assert (newest(server).id, newest(server).rating, newest(server).comment) == (row.id, "up", "")
    assert FeedbackStore(server.data / "feedback.sqlite").count() == rows
    assert tab.page.title() != "taken"
    tab.quiet()


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_votes_by_keyboard_in_english_and_on_a_phone(browser: Any, server: Any) -> None:
    phone = Voter(browser, f"{server.url}/?lang=en", PHONE)
    phone.ask(QUESTION)
    phone.thumb("踩").focus()
    phone.page.keyboard.press("Enter")
    phone.page.get_by_label("wrong unit").wait_for()
    assert fits(phone.page)
    for _ in range(12):  # on to the first reason, by the keyboard alone
        phone.page.keyboard.press("Tab")
        if phone.page.evaluate("document.activeElement.value") == "wrong_unit":
            break
    phone.page.keyboard.press("Space")
    phone.page.get_by_label("In your words").fill("two units")
    phone.page.keyboard.press("Enter")
    phone.page.get_by_role("status").get_by_text("Noted").wait_for()
    assert (newest(server).reason, newest(server).comment, newest(server).lang) == ("wrong_unit", "two units", "en")
    phone.context.close()


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_vote_survives_a_change_of_language_and_a_further_question(tab: Voter, server: Any) -> None:
    tab.ask(QUESTION)
    tab.thumb("赞").click()
    tab.thanked()
    tab.page.get_by_role("radio", name="English").click()
    tab.page.get_by_role("tab", name="Quotes").wait_for()
    tab.ask("甘肃省税务局负责哪些任务？")
    assert tab.page.get_by_role("button", name="Liked", exact=True).count() == 1
    before = FeedbackStore(server.data / "feedback.sqlite").count()
    tab.page.get_by_role("button", name="Liked", exact=True).click()
    tab.page.get_by_role("status").get_by_text("Taken back").wait_for()
    assert FeedbackStore(server.data / "feedback.sqlite").count() == before - 1


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_a_damaged_store_stops_no_chat(browser: Any, server: Any, start: Callable[[Path], Any], tmp_path: Path) -> None:
    data = tmp_path / "other"
    data.mkdir()
    for shared in ("index", "cache"):
        (data / shared).symlink_to(server.data / shared)
    (data / "feedback.sqlite").write_bytes(b"not a database" * 100)
    second = start(data)
    tab = Voter(browser, second.url)
    tab.ask(QUESTION)
    tab.thumb("踩").click()
    tab.page.get_by_role("status").get_by_text("没有记录成功").wait_for()
    tab.ask("甘肃省税务局负责哪些任务？")
    assert tab.page.locator("#chat .answer").count() == 2
    assert (data / "feedback.sqlite").read_bytes() == b"not a database" * 100
    tab.context.close()
    second.process.terminate()
    assert "feedback.sqlite: damaged" in second.process.communicate(timeout=30)[1]
