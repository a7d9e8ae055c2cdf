"""Somebody looks up what a unit must do, and takes the list along: the real server, Chromium, at three widths."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from openpyxl import load_workbook

from assistant.ledger_files import COLUMNS
from assistant.model import ROLES
from corpus.fold import fold
from corpus.sheets import unliteral
from tests.app.tabs import BOTH, PHONE, fits, opened
from tests.corpus.gold import REQUIRED

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

UNIT = "甘肃省科学技术厅"  # the plan writes 省科技厅
# What the gold says: the clauses of the plan that 省科技厅 leads or supports.
LED = [row["clause_id"] for row in REQUIRED if row["plan"] == "gansu-2020" and "省科技厅" in row["lead"]]
HELPED = [row["clause_id"] for row in REQUIRED if row["plan"] == "gansu-2020" and "省科技厅" in row["support"]]


def counted(page: Any, number: int) -> None:
    """Waits until the page says how many rows there are."""
    page.locator("#count b", has_text=f"共{number}条").wait_for()
    page.locator("#results:not(.busy)").wait_for()


def way_out(page: Any) -> int:
    """How many rows there would be without the word that a heading must have."""
    way = page.get_by_role("link", name="不限标题中的词")
    return int(way.inner_text().partition("：")[2].removesuffix("条"))


def seen(page: Any) -> list[dict[str, str]]:
    """The rows as they stand on the page."""
    return [
        {
            "clause": row.locator(".no").inner_text(),
            **{role: "".join(row.locator(f"td.{role}").all_text_contents()).strip() for role in ROLES},
            "quote": row.locator("blockquote").text_content(),
        }
        for row in page.locator("table.ledger tbody tr").all()
    ]


@BOTH
def test_what_a_unit_leads_and_supports_and_the_same_as_a_workbook(page: Any, tmp_path: Path) -> None:
    page.goto("/ledger")
    counted(page, 125)
    page.evaluate("window.stayed = true")
    page.get_by_label("单位", exact=True).fill(UNIT)
    counted(page, 14)
    page.get_by_role("checkbox", name="牵头").check()
    counted(page, len(LED))
    assert [row["clause"] for row in seen(page)] == LED
    assert all("省科技厅" in row["lead"] for row in seen(page))
    page.get_by_role("checkbox", name="配合").check()
    counted(page, len(LED) + len(HELPED))
    rows = seen(page)
    assert sorted(row["clause"] for row in rows) == sorted([*LED, *HELPED])
    assert page.evaluate("window.stayed"), "the page was loaded anew"
    assert parse_qs(urlparse(page.url).query) == {"unit": [UNIT], "role": ["lead", "support"]}
    assert fits(page)

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Excel").click()
    waiting.value.save_as(tmp_path / "list.xlsx")
    assert waiting.value.suggested_filename == "责任清单.xlsx"
    sheet = load_workbook(tmp_path / "list.xlsx").active
    _, *lines = sheet.iter_rows(values_only=True)
    held = [dict(zip(COLUMNS, ("" if cell is None else str(cell) for cell in line), strict=True)) for line in lines]
    assert [{name: unliteral(line[name]) for name in rows[0]} for line in held] == rows

    # A row opens the plan at its clause, and just the quote is marked there.
    row = page.locator("table.ledger tbody tr").nth(1)
    row.locator("summary").click()
    assert row.locator("blockquote").is_visible()
    assert "省科技厅" in fold("".join(row.locator("blockquote mark").all_text_contents()))
    row.locator("a.clause").click()
    page.wait_for_url("**/plans/gansu-2020?**")
    marked = "".join(page.locator("main mark").all_text_contents())
    assert marked.replace("\n", "") == rows[1]["quote"].replace("\n", "")
    assert page.locator("main mark").first.is_visible()


@BOTH
def test_filters_are_taken_away_gone_back_to_and_shared(page: Any, browser: Any) -> None:
    page.goto("/ledger")
    page.get_by_label("单位", exact=True).fill("市公安局")
    page.locator(".in-force .filter", has_text="市公安局").wait_for()
    first = page.locator("#count b").inner_text()
    page.locator("#pick-chapter summary").click()
    page.get_by_label("标题中的词").fill("没有的标题")
    page.get_by_role("heading", name="没有符合全部条件的任务").wait_for()
    counted(page, 0)
    # The way out is said with its number, which is what comes.
    number = way_out(page)
    page.get_by_role("link", name="不限标题中的词").click()
    counted(page, number)
    assert page.locator("#count b").inner_text() == first
    assert page.get_by_label("标题中的词").input_value() == ""
    page.go_back()
    counted(page, 0)
    assert page.locator("#heading").input_value() == "没有的标题"
    page.go_forward()
    counted(page, number)
    other = browser.new_page()
    other.goto(page.url)
    assert other.locator("#count b").inner_text() == first
    assert other.locator("#unit").input_value() == "市公安局"
    assert [row["clause"] for row in seen(other)] == [row["clause"] for row in seen(page)]
    other.close()
    page.locator(".in-force .filter", has_text="市公安局").click()
    counted(page, 125)
    assert page.locator("#unit").input_value() == ""


@BOTH
@pytest.mark.parametrize("pause", [700, 0])
def test_what_is_pressed_stays_until_it_is_clicked(page: Any, pause: int) -> None:
    """Whoever presses a link leaves the box that he typed into, and results may come while he presses: those of what
    he typed just before, or none where he had waited for them."""
    page.goto("/ledger?unit=市公安局&heading=没有的标题")
    number, word = way_out(page), page.locator("#heading")
    page.locator("#pick-chapter summary").click()
    word.press_sequentially("二")
    page.wait_for_timeout(pause)
    page.locator("#results:not(.busy)").wait_for()
    page.get_by_role("link", name="不限标题中的词").hover()
    page.mouse.down()
    page.wait_for_timeout(700)
    page.mouse.up()
    counted(page, number)
    assert word.input_value() == ""


@BOTH
def test_by_unit_and_on_to_its_rows(page: Any) -> None:
    page.goto("/ledger")
    page.get_by_role("link", name="按单位").click()
    page.locator("#count b", has_text="个单位").wait_for()
    group = page.locator("details.group", has=page.get_by_role("heading", name="省科技厅", exact=True))
    assert "".join(group.locator(".tally").inner_text().split()) == f"●牵头{len(LED)}○配合{len(HELPED)}■负责2"
    group.locator("summary").click()
    assert group.locator("ol.tasks li").count() == 14
    assert fits(page)
    group.get_by_role("link", name="列出全部14条").click()
    counted(page, 14)
    page.locator("table.ledger tbody tr").first.wait_for()
    assert page.locator(".in-force .filter").all_inner_texts()[0].split()[:2] == ["单位列表", "省科技厅"]


@pytest.mark.parametrize("page", [1024], indirect=True)
def test_with_the_keyboard_alone(page: Any) -> None:
    page.goto("/ledger")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("class") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator(":focus").get_attribute("id") == "unit"
    page.keyboard.type("省科技厅")
    counted(page, 14)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    counted(page, len(LED))
    assert page.locator(":focus").get_attribute("value") == "lead", "the place was lost"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.locator(":focus").evaluate("one => one.parentElement.id") == "pick-plan":
            break
    page.keyboard.press("Enter")
    assert page.locator("#pick-plan .panel").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator(".in-force .filter", has_text="2020年甘肃省").wait_for()
    page.keyboard.press("Escape")
    assert not page.locator("#pick-plan .panel").is_visible()
    assert page.locator(":focus").evaluate("one => one.parentElement.id") == "pick-plan"
    head = page.get_by_role("columnheader", name="牵头").get_by_role("link")
    head.focus()
    page.keyboard.press("Enter")
    page.locator("th.lead[aria-sort=ascending]").wait_for()
    assert "牵头" in page.locator(":focus").inner_text(), "the place was lost"
    page.keyboard.press("Enter")
    page.locator("th.lead[aria-sort=descending]").wait_for()
    counted(page, len(LED))
    page.locator("table.ledger tbody a.clause").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/plans/gansu-2020?**")


def test_without_scripts(browser: Any, server: Any) -> None:
    with opened(browser, server.url, PHONE, java_script_enabled=False) as page:
        page.goto("/ledger?lang=zh-Hant")
        page.locator("#unit").fill("省科技廳")
        page.locator('input[name="role"][value="lead"]').check()
        page.get_by_role("button", name="篩選").click()
        page.wait_for_url("**/ledger?**unit=**")
        assert page.locator("#count b").inner_text() == f"共{len(LED)}條"
        assert page.locator("table.ledger tbody tr .no").all_inner_texts() == LED
        assert page.locator("html").get_attribute("lang") == "zh-Hant"
        page.locator("details.order summary").click()
        with page.expect_navigation():
            page.locator("details.order").get_by_role("link", name="單位數", exact=True).click()
        assert page.locator("table.ledger tbody tr").count() == len(LED)
        assert "lang=zh-Hant" in page.url
