"""The real server in a real browser: ask, follow a citation into the plan, switch the language, be small."""

from __future__ import annotations

import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.app.tabs import PHONE, Chat, fits

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

QUESTION = "甘肃省谁负责知识产权质押融资?"


@pytest.fixture
def tab(browser: Any, server: Any) -> Iterator[Chat]:
    opened = Chat(browser, server.url)
    yield opened
    opened.context.close()


def test_from_a_question_to_the_clause_in_the_plan(tab: Chat) -> None:
    reply = tab.ask(QUESTION)
    assert "省市场监管局" in reply.inner_text()
    assert "有据" in reply.inner_text()

    tab.page.get_by_role("tab", name="引文").click()
    source = tab.page.locator("#sources .cite").first
    assert source.is_visible()
    assert "質押融資" in source.locator("blockquote").inner_text()  # the plan's own characters
    assert source.locator("blockquote mark").count() >= 1

    with tab.context.expect_page() as opening:
        source.locator(".open a").click()
    plan = opening.value
    plan.wait_for_url("**/plans/*")  # and until it is loaded: the empty page that every tab begins with is so at once
    clause = plan.locator(".clause:target")
    assert "質押融資" in clause.inner_text()
    marked = "".join(plan.locator("main mark").all_inner_texts())
    assert re.sub(r"\s", "", marked) == re.sub(r"\s", "", source.locator("blockquote").inner_text())
    assert plan.evaluate("document.querySelector('.clause:target').getBoundingClientRect().top") < 900

    tab.quiet()


def test_an_example_is_answered_by_a_click(tab: Chat) -> None:
    tab.page.locator("#chat .example").first.click()
    reply = tab.page.locator("#chat .answer").first
    reply.wait_for()
    assert "有据" in reply.inner_text()


def test_a_follow_up_and_a_new_chat(tab: Chat) -> None:
    replies = [tab.ask(QUESTION), tab.ask("甘肃省税务局负责哪些任务？")]
    links = [reply.locator("sup.ref a").first.get_attribute("href") for reply in replies]
    assert len(set(links)) == 2  # each answer's marks lead to its own sources
    tab.page.locator("#new").click()
    tab.page.locator("#chat .example").first.wait_for()
    assert tab.page.locator("#sources .cite").count() == 0


def test_english_by_switch_and_by_address(tab: Chat, server: Any) -> None:
    tab.ask(QUESTION)
    tab.page.get_by_role("radio", name="English").click()
    tab.page.get_by_role("tab", name="Quotes").wait_for()
    tab.page.locator("#chat .answer", has_text="grounded").wait_for()  # the conversation stays
    tab.page.locator("#question").get_by_role("button", name="Ask").wait_for()
    tab.page.goto(f"{server.url}/?lang=en")
    tab.page.get_by_role("tab", name="Quotes").wait_for()


def test_a_strange_question_gets_a_message(tab: Chat, server: Any) -> None:
    for question in ("", "问" * 10_000, "\x00\x01\x02", "😀" * 20, "<img src=http://elsewhere.example/x>"):
        reply = tab.ask(question)
        assert reply.inner_text().strip(), question
        assert "稍后再试" not in reply.inner_text()  # refused or answered, never failed
        assert tab.hosts == {urlsplit(server.url).netloc}
        assert "省市场监管局" in tab.ask(QUESTION).inner_text()


def test_the_plan_filter_holds(tab: Chat) -> None:
    tab.page.locator("#plans input").click()
    option = tab.page.get_by_role("option").filter(has_text="江苏").first
    option.click()
    tab.page.keyboard.press("Escape")
    tab.ask("知识产权质押融资由谁负责？")
    sources = tab.page.locator("#sources .plan").all_text_contents()  # also those folded away
    assert sources
    assert all("2020年全省知识产权工作要点" in source for source in sources)


def test_a_phone_scrolls_only_down(browser: Any, server: Any) -> None:
    phone = Chat(browser, server.url, PHONE)
    assert fits(phone.page)
    reply = phone.ask(QUESTION)
    assert fits(phone.page)
    reply.locator("sup.ref a").first.click()
    phone.page.get_by_role("tab", name="引文").click()
    width = phone.page.locator("#sources .cite").first.evaluate("e => e.getBoundingClientRect().width")
    assert width > 300  # as wide as the phone, not squeezed beside the chat
    assert fits(phone.page)
    phone.context.close()


def test_sigterm_ends_the_server_while_a_tab_is_open(
    browser: Any, shipped_data: Path, start: Callable[[Path], Any], tmp_path: Path
) -> None:
    second = start(Path(shutil.copytree(shipped_data, tmp_path / "data")))
    open_tab = Chat(browser, second.url)
    second.process.send_signal(signal.SIGTERM)
    assert second.process.wait(timeout=20) == 0
    open_tab.context.close()
