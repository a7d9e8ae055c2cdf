"""A reader looks for a plan in the list: the real server and Chromium, on a desk, on a phone, and without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.app.tabs import PHONE_IN_FULL, opened

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@PHONE_IN_FULL
def test_a_plan_is_found_while_one_types_and_opened(page: Any) -> None:
    page.goto("/plans")
    assert page.locator(".plans-list > li").count() == 5
    page.get_by_label("查找").press_sequentially("天水 知識產權")  # the plan is published in simplified characters
    page.get_by_text("找到1份，共5份").wait_for()
    assert page.locator(".plans-list > li").count() == 1
    assert page.evaluate("document.activeElement.id") == "q", "what is typed goes on"
    page.get_by_label("查找").press_sequentially("月球")
    page.get_by_text("没有符合").wait_for()
    page.reload()  # the address has kept what was asked
    page.get_by_text("没有符合").wait_for()
    page.get_by_role("link", name="显示全部").click()
    page.get_by_text("共5份").wait_for()
    # What is ticked for the comparison stays ticked, and is there by name while the list shows others.
    tianshui = page.locator("input[type=checkbox][value^=tianshui]")
    name = tianshui.locator("xpath=ancestor::li").locator("h2").inner_text()
    tianshui.check()
    page.get_by_label("查找").fill("克州")
    page.get_by_text("找到1份，共5份").wait_for()
    assert tianshui.is_checked() and page.locator(".kept").inner_text().strip().endswith(name)
    page.get_by_label("查找").fill("月球")
    page.get_by_text("没有符合").wait_for()
    page.get_by_label("查找").fill("")
    page.get_by_text("共5份").wait_for()
    assert tianshui.is_checked() and tianshui.count() == 1 and page.locator(".kept").count() == 0
    tianshui.uncheck()
    page.get_by_label("排序").select_option("newest")
    page.wait_for_url("**order=newest")
    first = page.locator(".plans-list h2 a").first
    title = first.inner_text()
    assert "克州" in title  # 2023
    first.click()
    assert page.locator("h1").first.inner_text() == title


def test_without_scripts_the_button_finds(browser: Any, server: Any) -> None:
    with opened(browser, server.url, java_script_enabled=False) as page:
        page.goto("/plans?lang=en")
        page.get_by_label("Find").fill("淄政办发")
        page.get_by_role("button", name="Find").click()
        page.get_by_text("1 of 5 plans").wait_for()
        page.get_by_role("link", name="Whole text").click()
        assert "lang=en" in page.url and page.locator("h1").first.inner_text() == "淄博市国家知识产权示范城市工作方案"
