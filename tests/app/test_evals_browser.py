"""A member of staff measures the answers: the real server, the real plans, Chromium."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from evals.questions import Question, load_set
from evals.set_files import write_set
from tests.app.tabs import PHONE, fits

pytestmark = pytest.mark.browser

SETS = Path(__file__).resolve().parents[2] / "evals" / "sets"


@pytest.fixture(scope="module")
def ten(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten questions, one of each category, as a workbook; the gold of the first is wrong."""
    found: dict[str, Question] = {}
    for question in load_set(SETS / "dev.jsonl"):
        found.setdefault(question.category, question)
    found["unanswerable"] = load_set(SETS / "outside.jsonl")[0]  # refused by search: the refusal curve needs one
    questions = list(found.values())
    assert len(questions) == 10
    assert questions[0].category == "task_owner"
    wrong = questions[0].model_copy(update={"lead": ["省教育厅"], "responsible": [], "support": []})
    path = tmp_path_factory.mktemp("sets") / "十题.xlsx"
    write_set(path, [wrong, *questions[1:]])
    return path


def run(page: Any, path: Path) -> str:
    """Upload a set, run it, and wait for its figures; the address of the run."""
    page.goto("/evals")
    page.get_by_role("link", name=re.compile("评测运行|Runs")).click()
    page.set_input_files("#file", str(path))
    page.get_by_role("button", name="上传").click()
    page.wait_for_url("**chosen=uploaded**")
    assert page.locator("#set option:checked").inner_text().startswith("十题.xlsx · 10题")
    page.get_by_role("button", name="开始").click()
    page.locator(".headline").wait_for()
    page.wait_for_load_state()  # its tables come below
    return str(page.url)


def test_a_set_of_ten_is_run_read_and_compared(page: Any, ten: Path, tmp_path: Path) -> None:
    first = run(page, ten)
    assert "90.0% 严格正确" in page.locator(".headline").inner_text()
    assert "9/10 题" in page.locator(".headline").inner_text()
    rows = page.locator("table").first.locator("tbody tr")
    assert rows.count() == 10  # one of each category
    miss = page.locator(".miss")
    assert miss.count() == 1
    assert "漏掉省教育厅" in miss.inner_text()
    quote = miss.locator("blockquote").inner_text()
    with page.context.expect_page() as opening:
        miss.locator(".place a").click()
    plan = opening.value
    plan.wait_for_url("**/plans/*")
    marked = "".join(plan.locator("main mark").all_inner_texts())
    assert re.sub(r"\s", "", marked) == re.sub(r"\s", "", quote)  # the plan's own characters
    plan.close()

    with page.expect_download() as downloading:
        page.get_by_role("link", name="下载报告").click()
    report = tmp_path / "report.html"
    downloading.value.save_as(report)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="rows.jsonl").click()
    lines = Path(downloading.value.path()).read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["strictly_right"] for line in lines] == [False] + [True] * 9

    second = run(page, ten)
    assert second != first
    page.get_by_role("button", name="比较", exact=True).click()
    page.locator(".verdict").wait_for()
    assert "看不出差别" in page.locator(".verdict").inner_text()
    assert "净增 +0 题（共同题 10 道）" in page.inner_text("main")

    with page.expect_navigation():
        page.get_by_role("link", name="评测运行").click()
    for box in page.get_by_role("checkbox").all()[:2]:
        box.check()
    page.get_by_role("button", name="比较勾选的两次运行").click()
    page.locator(".verdict").wait_for()


def test_the_report_shows_its_plots_with_the_network_shut(
    page: Any, browser: Any, server: Any, ten: Path, tmp_path: Path
) -> None:
    address = run(page, ten)
    report = tmp_path / "report.html"
    answer = page.request.get(f"{address}/report.html")
    report.write_text(answer.text(), encoding="utf-8")

    shut = browser.new_context(viewport={"width": 1200, "height": 900}, offline=True)
    opened = shut.new_page()
    asked: list[str] = []
    opened.on("request", lambda request: asked.append(request.url))
    opened.goto(report.as_uri())
    plots = opened.locator("figure svg")
    assert plots.count() == 3  # by category, refusing, times
    for number in range(plots.count()):
        box = plots.nth(number).bounding_box()
        assert box["width"] > 500
        assert box["height"] > 100
    bars = plots.first
    assert "任务由谁负责" in [text.strip() for text in bars.locator("text").all_text_contents()]
    # The bar of the first category is as long as its share, 0 of 1; that of the second, 1 of 1, reaches its 100 %.
    lengths = [bars.locator("path").nth(n).evaluate("e => e.getBBox().width") for n in range(12)]
    assert max(lengths) > 300
    assert opened.evaluate("getComputedStyle(document.querySelector('figure svg text')).fontFamily").startswith(
        "system"
    )
    opened.screenshot(path=tmp_path / "report.png", full_page=True)
    assert asked == [report.as_uri()]
    # Nor does it ask for anything when it is served.
    served = page.context.new_page()
    urls: list[str] = []
    served.on("request", lambda request: urls.append(request.url))
    served.goto(f"{address}/report.html")
    assert served.locator("figure svg").count() == 3
    assert urls == [f"{address}/report.html"]
    shut.close()


def test_a_faulty_workbook_is_told_by_cell(page: Any, tmp_path: Path) -> None:
    page.goto("/evals")
    book = Workbook()
    book.active.append(["题号", "类别", "提问", "数量"])
    book.active.append(["a", "task_owner", "谁牵头?", "三"])
    book.active.append(["a", "猜谜", "", ""])
    book.save(tmp_path / "坏.xlsx")
    page.set_input_files("#file", str(tmp_path / "坏.xlsx"))
    page.get_by_role("button", name="上传").click()
    told = page.get_by_role("alert").inner_text()
    assert "坏.xlsx 第2行：“数量”列：“三”不是整数；请只用数字填写" in told
    assert "坏.xlsx 第3行：题号 a 在第2行已经用过；每题的题号不能重复" in told
    page.get_by_role("link", name="返回", exact=True).click()
    page.get_by_role("heading", name="运行评测").wait_for()


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_a_phone_and_the_keyboard(page: Any, ten: Path) -> None:
    page.goto("/evals")
    assert fits(page)
    page.locator("#set").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "开始"
    run(page, ten)
    assert fits(page)
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="By category").wait_for()
