"""The matrix as a person uses it: the real server, Chromium, at a desk and on a phone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from assistant.checks import KINDS, checks_of, counted
from assistant.matrix import matrix_of
from assistant.partners import network_of
from tests.app.tabs import PHONE, fits, opened
from tests.corpus.gold import PLANS, shipped

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

GANSU, TIANSHUI = "gansu-2020", "tianshui-2021"


def cell(page: Any, title: str, unit: str) -> Any:
    """The cell of a task and a unit, found by the words at its ends."""
    heads = page.locator("table.matrix th.unit .name").all_inner_texts()
    row = page.locator("table.matrix tbody tr", has=page.get_by_text(title, exact=False)).first
    return row.locator("td").nth(heads.index(unit))


def marked(page: Any) -> str:
    """The characters that the page of a plan marks, without white space."""
    page.locator("mark").first.wait_for()
    page.wait_for_load_state()  # a long page comes in parts
    return re.sub(r"\s", "", "".join(page.locator("main mark, .plan-text mark").all_inner_texts()))


def test_a_cell_opens_its_clause_with_the_quote_marked(page: Any) -> None:
    plan = shipped(GANSU)
    row = next(r for r in matrix_of(plan).rows if r.clause.no == 2)
    page.goto(f"/matrix?plan={GANSU}")
    one = cell(page, row.title[:12], "省委军民融合办")
    assert one.locator(".role.lead").count() == 1
    one.locator("a").click()
    assert marked(page) == re.sub(r"\s", "", plan.quote(row.quote))
    assert page.locator("mark").first.is_visible()
    page.go_back()
    assert page.locator("table.matrix").is_visible()


def test_what_is_seen_adds_up_and_can_be_narrowed(page: Any) -> None:
    page.goto(f"/matrix?plan={GANSU}")
    matrix = matrix_of(shipped(GANSU))
    assert f"{matrix.assignments}项次" in page.locator("#counts").inner_text()
    heads = [int(n) for n in page.locator("th.unit .figure").all_inner_texts()]
    sums = [int(n) for n in page.locator("tbody tr:not(.chapter) th .figure").all_inner_texts()]
    chapters = [int(n) for n in page.locator("tr.chapter th .figure").all_inner_texts()]
    assert sum(heads) == sum(sums) == sum(chapters) == page.locator("td .role").count() == matrix.assignments
    page.get_by_label("角色", exact=True).select_option(label="牵头")
    page.get_by_label("不列只有一项任务的单位").check()
    page.get_by_role("button", name="查看").click()
    page.wait_for_url(re.compile("role=lead"))
    shown = page.locator("td .role")
    assert (
        shown.count()
        == page.locator("td .role.lead").count()
        == 37 - page.locator("table.matrix th", has_text="另有1家").count()
    )
    assert all(int(n) > 1 for n in page.locator("th.unit .figure").all_inner_texts())
    page.get_by_role("link", name="清除筛选").click()
    page.locator("td .role.support").first.wait_for()


@pytest.mark.slow
def test_head_and_first_column_stay_while_the_table_moves(page: Any) -> None:
    page.goto(f"/matrix?plan={TIANSHUI}")
    frame = page.locator(".grid-frame")
    page.set_viewport_size({"width": 1024, "height": 700})
    frame.evaluate("frame => { frame.scrollTop = 300; frame.scrollLeft = 400; }")
    box, head = frame.bounding_box(), page.locator("th.unit").last.bounding_box()
    first = page.locator("tbody tr:not(.chapter) th").nth(10).bounding_box()
    assert abs(head["y"] - box["y"]) <= 2
    assert abs(first["x"] - box["x"]) <= 2
    assert fits(page)


def test_a_chapter_folds_and_unfolds(page: Any) -> None:
    page.goto(f"/matrix?plan={GANSU}")
    first = page.locator("table.matrix tbody").first
    rows = first.locator("tr:not(.chapter)")
    button = first.locator(".fold")
    assert button.get_attribute("aria-expanded") == "true"
    button.click()
    assert not rows.first.is_visible()
    assert first.locator("tr.chapter td").first.inner_text() == "8"  # the sums stay
    assert button.get_attribute("aria-expanded") == "false"
    page.get_by_role("button", name="全部收起或展开").click()
    assert page.locator("tbody tr:not(.chapter):visible").count() == 0
    page.get_by_role("button", name="全部收起或展开").click()
    assert page.locator("tbody tr:not(.chapter):visible").count() == 80


def test_arrow_keys_move_and_the_column_is_lit(page: Any) -> None:
    page.goto(f"/matrix?plan={GANSU}")
    at = "(c => [c.parentElement.rowIndex, c.cellIndex])(document.activeElement.closest('td, th'))"
    start = page.locator("table.matrix thead th.unit a").first
    start.focus()
    assert page.locator("table.matrix [tabindex='0']").count() == 1  # one stop for Tab
    for key, place in [
        *(("ArrowDown", [1, 1]), ("ArrowDown", [2, 1]), ("ArrowRight", [2, 2]), ("ArrowLeft", [2, 1])),
        *(("End", [2, 27]), ("Home", [2, 0]), ("ArrowUp", [1, 0]), ("ArrowUp", [0, 0]), ("ArrowRight", [0, 1])),
    ]:
        page.keyboard.press(key)
        assert page.evaluate(at) == place, key
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.locator("thead th.lit .name").inner_text() == "省市场监管局"
    page.locator("table.matrix tbody tr:not(.chapter) td").nth(3).hover()
    assert page.locator("thead th.lit .name").inner_text() == "各成员单位"
    assert page.locator("table.matrix [tabindex='0']").count() == 1
    start.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/plans/{GANSU}"))


def test_pictures_are_saved_as_svg_and_png(page: Any, tmp_path: Path) -> None:
    for view, word in (("load", "省市场监管局"), ("network", "省科技厅")):
        page.goto(f"/matrix/{view}?plan={GANSU}")
        assert word in page.locator("svg.picture").first.text_content()
        for name in ("图片 SVG", "图片 PNG"):
            with page.expect_download() as waiting:
                page.get_by_role("link", name=name).click()
            saved = tmp_path / f"{view}-{waiting.value.suggested_filename}"
            waiting.value.save_as(saved)
            content = saved.read_bytes()
            if saved.suffix == ".svg":
                assert word in " ".join(etree.fromstring(content).itertext())
            else:
                assert content.startswith(b"\x89PNG\r\n\x1a\n")
                assert len(content) > 20_000
        # An SVG file shows itself, with its words, in a browser.
        shown = page.context.new_page()
        svg = next(tmp_path.glob(f"{view}-*.svg"))
        shown.goto(svg.as_uri())
        assert shown.locator("text", has_text=word).last.is_visible()
        shown.close()


def test_the_network_leads_to_tasks_and_its_table_says_the_same(page: Any) -> None:
    network = network_of(shipped(GANSU)).narrowed(20)
    page.goto(f"/matrix/network?plan={GANSU}")
    rows = page.locator("#pairs tbody tr")
    assert rows.count() == len(network.edges) == page.locator("svg g.edge").count()
    edge = network.edges[0]
    assert rows.first.locator("td.figure").inner_text() == str(edge.weight)
    page.locator(f'svg g.node[data-unit="{edge.one}"] circle').hover()
    assert page.locator("svg.searching").count() == 1
    near = {node.get_attribute("data-unit") for node in page.locator("svg g.node.near").all()}
    partners = {unit for e in network.edges if edge.one in (e.one, e.other) for unit in (e.one, e.other)}
    assert near == partners
    page.mouse.move(5, 5)
    page.locator(f'svg g.edge[data-one="{edge.one}"][data-other="{edge.other}"] path').dispatch_event("click")
    page.wait_for_url(re.compile("#pair"))
    listed = page.locator("#pair .lines > li")
    assert listed.count() == edge.weight
    link = page.locator(f'svg a:has(g.node[data-unit="{edge.one}"])').get_attribute("href")
    assert parse_qs(urlsplit(link).query) == {"plan": [GANSU], "unit": [edge.one]}
    listed.first.locator("a.what").click()
    assert marked(page) == re.sub(r"\s", "", shipped(GANSU).quote(edge.tasks[0].quote))
    page.go_back()
    page.locator(f'svg g.node[data-unit="{edge.one}"] text').click()
    page.wait_for_url(re.compile("/ledger"))
    tasks = next(node.tasks for node in network.nodes if node.unit == edge.one)
    assert f"共{tasks}条" in re.sub(r"\s", "", page.locator("main [aria-live]").first.inner_text())


def test_the_list_of_checks_is_that_of_the_service(page: Any) -> None:
    page.goto("/matrix/checks")
    every = [checks_of(shipped(plan)) for plan in PLANS]
    counts = counted(every)
    assert [int(n) for n in page.locator("#counts b").all_inner_texts()] == [counts[kind] for kind in KINDS]
    for kind in KINDS:
        assert page.locator(f'.finding[data-kind="{kind}"]').count() == counts[kind]
    page.get_by_label("方案", exact=True).select_option(value=GANSU)
    page.get_by_label("类别", exact=True).select_option(value="two_leads")
    page.get_by_role("button", name="查看").click()
    page.wait_for_url(re.compile("kind=two_leads"))
    finding = checks_of(shipped(GANSU)).of("two_leads")[0]
    first = page.locator(".finding").first
    assert "、".join(finding.units) in first.inner_text()
    first.get_by_role("link", name="打开原文").click()
    assert marked(page) == re.sub(r"\s", "", finding.plan.quote(finding.row.quote))


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_on_a_phone_there_are_lists_instead_of_the_table(page: Any) -> None:
    page.goto(f"/matrix?plan={GANSU}")
    matrix = matrix_of(shipped(GANSU))
    assert fits(page)
    assert not page.locator("table.matrix").is_visible()
    tasks = page.locator(".instead .lines > li")
    assert tasks.count() == len(matrix.rows)
    assert tasks.first.is_visible()
    page.get_by_label("显示为").select_option(label="按单位列出")
    page.get_by_role("button", name="查看").click()
    page.wait_for_url(re.compile("view=unit"))
    assert fits(page)
    busiest = page.locator(".listed").first
    assert busiest.locator(".lines > li").count() == matrix.columns[0].tasks
    busiest.locator("a.what").first.click()
    row = next(row for row in matrix.rows if matrix.columns[0].unit in row.cells)
    assert marked(page) == re.sub(r"\s", "", shipped(GANSU).quote(row.quote))
    for view in ("load", "network", "checks"):
        page.goto(f"/matrix/{view}?plan={TIANSHUI}" if view != "checks" else "/matrix/checks")
        assert fits(page), view


@pytest.mark.slow
def test_without_scripts_every_cell_is_a_link(browser: Any, server: Any) -> None:
    with opened(browser, server.url, java_script_enabled=False) as page:
        page.goto(f"/matrix?plan={GANSU}")
        assert page.locator("td a").count() == 135
        page.locator("td a").first.click()
        page.wait_for_url(re.compile(f"/plans/{GANSU}.*start="))
