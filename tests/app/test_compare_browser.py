"""Somebody compares plans: the real server over the shipped plans, Chromium, on a screen and on a phone."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from docx import Document
from openpyxl import load_workbook

from tests.app.tabs import BOTH, fits, opened

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

TWO = "/compare?plan=jiangsu-2020&plan=gansu-2020"
PLEDGE = "三/(二)/43"  # 质押融资 in the plan of Gansu; its row is that of 促进知识产权金融 in Jiangsu's


def task(page: Any, path: str) -> Any:
    return page.locator("article.task").filter(has=page.get_by_text(re.compile(rf"{re.escape(path)}$"))).first


def row_of(page: Any, path: str) -> str:
    """What the row of a task is called: as its first task."""
    row = page.locator("tr[data-row]").filter(has=task(page, path))
    return str(row.locator("h2").first.inner_text())


def by_keys(page: Any, link: Any) -> None:
    """Follow a link with the keyboard: focus must reach it, be seen there, and Enter must follow it."""
    link.focus()
    assert link.evaluate("e => e === document.activeElement && getComputedStyle(e).outlineStyle !== 'none'") or (
        page.evaluate("document.activeElement.matches(':focus')")
    )
    with page.expect_navigation():
        page.keyboard.press("Enter")


@BOTH
def test_plans_are_chosen_compared_and_read(page: Any) -> None:
    page.goto("/compare")
    compare = page.get_by_role("button", name="对比", exact=True)
    assert compare.is_disabled()
    page.get_by_label(re.compile("2020年全省知识产权工作要点")).check()
    page.get_by_label(re.compile("2020年甘肃省")).check()
    compare.click()
    page.wait_for_url(re.compile(r"plan=.*plan="))
    assert fits(page)
    assert row_of(page, PLEDGE).startswith("组织开展知识产权质押融资需求调查")
    cell = task(page, PLEDGE)
    assert "■ 负责 省市场监管局" in cell.inner_text() or "负责 省市场监管局" in cell.inner_text()
    # On a phone each part says of which plan it is; on a screen the head of the column does, and stays in sight.
    named = page.locator("tr[data-row] td .of").first
    assert named.is_visible() == (page.viewport_size["width"] < 700)
    if page.viewport_size["width"] > 700:
        cell.scroll_into_view_if_needed()
        assert page.locator("thead th").last.bounding_box()["y"] >= 0
    # The quote stands behind 原文 with what is said marked, and the figure opens the plan at its words.
    quote = cell.locator("blockquote")
    assert not quote.is_visible()
    cell.get_by_text("原文", exact=False).first.click()
    assert "深化知識產權質押融資" in quote.inner_text()
    assert quote.locator("mark").all_inner_texts() == ["力爭知識產權質押融資規模增長20%以上", "(省市場監管局負責)"]
    cell.get_by_role("link", name="力爭知識產權質押融資規模增長20%以上").click()
    page.wait_for_url(re.compile("/plans/gansu-2020"))
    assert "".join(page.locator("mark").all_inner_texts()) == "力爭知識產權質押融資規模增長20%以上"


@BOTH
def test_only_what_one_plan_has(page: Any) -> None:
    page.goto(TWO)
    filters = page.get_by_role("navigation", name="筛选")
    chosen = filters.get_by_role("link", name=re.compile("仅江苏省 2020"))
    count = int(chosen.locator(".n").inner_text())
    chosen.click()
    page.wait_for_url(re.compile("show=only"))
    rows = page.locator("tr[data-row]")
    assert rows.count() == count
    assert rows.locator("td.lacks").count() == count
    assert f"显示{count}个主题" in page.locator(".shown").inner_text()
    assert filters.locator("[aria-current]").inner_text().startswith("仅江苏省 2020")
    assert fits(page)


@BOTH
def test_a_task_is_put_right_by_keys_and_saved_for_everyone(page: Any, server: Any, browser: Any) -> None:
    page.goto(TWO)
    before = row_of(page, PLEDGE)
    by_keys(page, task(page, PLEDGE).get_by_role("link", name=re.compile("^调整对齐")))
    assert page.evaluate("document.activeElement.id") == "pick"
    assert fits(page)
    by_keys(page, page.get_by_role("link", name=re.compile("移到这一行.*提升企业国际竞争力")))
    assert row_of(page, PLEDGE) == "提升企业国际竞争力"
    assert "本页有1处调整" in page.locator(".edits").inner_text()
    assert fits(page)
    # The address is all there is of it: it outlives a reload, and another browser shows the same.
    page.reload()
    assert row_of(page, PLEDGE) == "提升企业国际竞争力"
    assert len(parse_qs(urlsplit(page.url).query)["fix"]) == 1
    other = browser.new_page(base_url=server.url)
    other.goto(page.url)
    assert row_of(other, PLEDGE) == "提升企业国际竞争力"
    other.goto(TWO)
    assert row_of(other, PLEDGE) == before
    # An editor keeps it for everyone, and takes it back.
    page.get_by_role("button", name="保存给所有人").click()
    page.get_by_text("已保存1条校正").wait_for()
    other.reload()
    assert row_of(other, PLEDGE) == "提升企业国际竞争力"
    other.close()
    page.get_by_text("已保存的校正").first.click()
    page.get_by_role("button", name="全部撤回").click()
    page.get_by_text("已撤回保存的校正").wait_for()
    assert row_of(page, PLEDGE) == before


@BOTH
def test_the_file_is_what_is_shown(page: Any, tmp_path: Any) -> None:
    page.goto(f"{TWO}&show=common")
    with page.expect_download() as waited:
        page.get_by_role("link", name="导出 Excel").click()
    waited.value.save_as(tmp_path / "c.xlsx")
    head, *body = load_workbook(tmp_path / "c.xlsx").worksheets[0].iter_rows(values_only=True)
    rows = page.locator("tr[data-row]")
    assert [str(cells[0]) for cells in body] == rows.locator(".no").all_inner_texts()
    for number, plan in enumerate(("江苏省 2020", "甘肃省 2020")):
        titles = [str(cells[head.index(f"{plan}：任务")]) for cells in body]
        for cell, written in zip(rows.locator(f"td:nth-of-type({number + 1})").all(), titles, strict=True):
            assert all(title in written for title in cell.locator("h2").all_inner_texts())


def test_the_word_file_is_what_is_shown(page: Any, tmp_path: Any) -> None:
    page.goto(f"{TWO}&show=common")
    with page.expect_download() as waited:
        page.get_by_role("link", name="导出 Word").click()
    assert waited.value.suggested_filename == "compare-jiangsu-2020-gansu-2020.docx"
    waited.value.save_as(tmp_path / "c.docx")
    (table,) = Document(str(tmp_path / "c.docx")).tables
    body = [[cell.text for cell in row.cells] for row in table.rows if len(row._tr.tc_lst) > 1][1:]
    rows = page.locator("tr[data-row]")
    assert [cells[0].split("\n")[0] for cells in body] == rows.locator(".no").all_inner_texts()
    for number in (1, 2):
        for cell, cells in zip(rows.locator(f"td:nth-of-type({number})").all(), body, strict=True):
            titles = [one.strip() for one in cell.locator("h2").all_inner_texts()]
            assert [line for line in cells[number].split("\n") if line in titles] == titles


def test_a_task_is_dragged_to_its_row(page: Any) -> None:
    page.goto(TWO)
    moved = task(page, PLEDGE)
    rows = page.locator("tr[data-row]")
    own = rows.filter(has=moved).get_attribute("data-row")
    names = [row.get_attribute("data-row") for row in rows.all()]
    goal = rows.nth(names.index(own) + 1)
    name = goal.locator("h2").first.inner_text()
    with page.expect_navigation():
        moved.locator(".where").drag_to(goal.locator("th"))
    assert row_of(page, PLEDGE) == name
    assert "本页有1处调整" in page.locator(".edits").inner_text()


def test_all_works_without_a_script(server: Any, browser: Any) -> None:
    with opened(browser, server.url, java_script_enabled=False) as plain:
        plain.goto("/compare")
        for plan in ("2020年全省知识产权工作要点", "2020年甘肃省"):
            plain.get_by_label(re.compile(plan)).check()
        plain.get_by_role("button", name="对比", exact=True).click()
        task(plain, PLEDGE).get_by_role("link", name=re.compile("^调整对齐")).click()
        with plain.expect_navigation():
            plain.get_by_role("link", name="单独成行").click()
        assert task(plain, PLEDGE).is_visible()
        assert row_of(plain, PLEDGE).startswith("深化知识产权质押融资")
