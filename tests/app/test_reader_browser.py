"""Somebody reads a whole plan: the real server over the shipped plans, Chromium, at a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pypdfium2
import pytest

from assistant.render import plan_link
from corpus.fold import fold
from index.build import build
from index.config import IndexSettings
from tests.app.tabs import PHONE, PHONE_IN_FULL, fits, opened
from tests.app.walk import SIZES, Stop, visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

QUESTIONS = ("知识产权保护由谁牵头？", "自治州财政局负责哪些任务？", "哪些任务由省市场监管局负责？")
# What stands in the window, below the bar that stays.
IN_SIGHT = """(e) => {
  const place = e.getBoundingClientRect(), bar = document.querySelector(".sticky").getBoundingClientRect().bottom;
  return place.top >= bar - 1 && place.top < innerHeight;
}"""


TWO_FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def text_of(server: Any, plan: str) -> str:
    return str(httpx.get(f"{server.url}/api/v1/plans/{plan}").json()["text"])


def one_line(text: str) -> str:
    return text.replace("\n", "")


@PHONE_IN_FULL
def test_what_is_marked_is_the_quote(page: Any, server: Any) -> None:
    """Citations of answers, whole and as they are marked, and a range over several clauses."""
    cited = []
    for question in QUESTIONS:
        cited += httpx.post(f"{server.url}/api/v1/ask", json={"turns": [question]}, timeout=60).json()["citations"]
    assert len(cited) >= 4
    places = [(one["plan"], one["clause"], one["start"], one["end"], one["quote"]) for one in (*cited[:3], cited[-1])]
    text = text_of(server, "zibo-2014")
    start, end = text.index("三、重点任务") - 30, text.index("三、重点任务") + 200
    assert text[start:end].count("\n") > 2
    places.append(("zibo-2014", "三", start, end, text[start:end]))
    for plan, clause, start, end, quote in places:
        page.goto(plan_link(plan, clause, 0, start, end))
        marks = page.locator("article mark.cited")
        assert "".join(marks.all_text_contents()) == one_line(quote)
        assert page.locator("#cited").evaluate(IN_SIGHT)
        assert fits(page)


@pytest.mark.parametrize("wide", SIZES)
def test_an_address_without_an_anchor_opens_at_what_it_marks(browser: Any, server: Any, wide: int) -> None:
    """It stands in sight and nothing jumps; without a script too. Who comes back is where he was."""
    address = "/plans/tianshui-2021?start=5930&end=6172"
    with visiting(browser, server, wide, "light") as visit:
        visit.open(Stop("marked", address, "#cited"))
        visit.page.wait_for_function("location.hash === '#cited'")
        visit.page.evaluate(TWO_FRAMES)
        assert visit.page.locator("#cited").evaluate(IN_SIGHT)
        assert visit.shifts() < 0.02
        visit.page.evaluate("scrollTo(0, 1000)")
        visit.page.evaluate(TWO_FRAMES)
        visit.page.goto(f"{server.url}/plans/tianshui-2021")
        visit.page.go_back()
        visit.page.wait_for_function("scrollY === 1000")
        visit.page.evaluate(TWO_FRAMES)
        assert visit.page.evaluate("scrollY") == 1000
    with opened(browser, server.url, wide, java_script_enabled=False) as tab:
        tab.goto(address)
        tab.locator("#cited:focus").wait_for()
        assert tab.locator("#cited").evaluate(IN_SIGHT)
        tab.goto(f"{address}&find=知识产权")  # the places that it found stand at the top
        assert tab.locator("#cited:focus").count() == 0


def test_the_outline_leads_and_follows(page: Any) -> None:
    page.goto("/plans/gansu-2020")
    links = page.locator(".outline li a")
    assert links.count() == 20
    last = links.nth(15)
    last.click()
    block = page.locator(f"[id='{page.evaluate('decodeURIComponent(location.hash.slice(1))')}']")
    assert block.evaluate(IN_SIGHT)
    assert last.locator("[lang]").inner_text() in block.inner_text()
    page.locator(".outline a[aria-current]").filter(has_text=last.locator("[lang]").inner_text()).wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.locator(".outline li:first-child > a[aria-current]").first.wait_for()
    assert page.locator(".outline a[aria-current]").count() == 1
    # Folding hides what is below, and says so.
    fold_button = page.locator(".outline .fold").first
    inner = page.locator(".outline li:first-child > ul").first
    assert inner.is_visible()
    fold_button.press("Enter")
    assert not inner.is_visible()
    assert fold_button.get_attribute("aria-expanded") == "false"
    assert fold_button.get_attribute("aria-label").startswith("展开")
    # Its own scrolling: the page stays where it is.
    assert page.locator(".outline").evaluate("e => getComputedStyle(e).position") == "sticky"


@PHONE_IN_FULL
def test_search_in_the_plan(page: Any, server: Any) -> None:
    """Typed in either script, as it is typed; keys go through the places; what is cited stays marked."""
    text = text_of(server, "kizilsu-2023")
    times = fold(text).count("知识产权")
    start = text.index("知识产权")
    page.goto(plan_link("kizilsu-2023", "一", 0, start - 5, start + 2))
    box, count = page.get_by_role("searchbox"), page.locator("output.count")
    page.keyboard.press("/")
    assert box.evaluate("e => e === document.activeElement")
    for words in ("知识产权", "知識產權"):
        box.fill("")
        page.locator("mark.found").first.wait_for(state="detached")
        box.press_sequentially(words)
        # Who types slowly is shown first what the beginning of it finds.
        page.wait_for_url(lambda url, typed=words: parse_qs(urlsplit(url).query).get("find") == [typed])
        assert re.fullmatch(rf"\d+ / {times}", count.inner_text())
    hits = page.locator("mark.found").evaluate_all("all => all.map((one) => one.textContent)")
    assert fold("".join(hits)) == "知识产权" * times
    box.press("Escape")
    assert (box.input_value(), count.inner_text(), page.locator("mark.found").count()) == ("", "", 0)
    assert "".join(page.locator("mark.cited").all_text_contents()) == text[start - 5 : start + 2]
    page.evaluate("scrollTo(0, 0)")
    box.fill("知识产权")
    page.locator("mark.found.now").first.wait_for()
    assert count.inner_text() == f"1 / {times}"
    box.press("Enter")
    box.press("Enter")
    assert count.inner_text() == f"3 / {times}"
    assert page.locator("mark.now").first.evaluate(IN_SIGHT)
    for _ in range(3):
        box.press("Shift+Enter")
    assert count.inner_text() == f"{times} / {times}"  # round the beginning
    assert page.locator("mark.now").first.evaluate(IN_SIGHT)
    assert count.get_attribute("role") == "status"
    box.fill("没有这样的字")
    page.get_by_text("没有找到").wait_for()
    assert page.locator("mark.found").count() == 0
    assert fits(page)


def test_marks_of_a_search_and_of_a_citation_lie_in_each_other(page: Any, server: Any) -> None:
    text = text_of(server, "zibo-2014")
    start = text.index("知识产权示范城市工作方案")
    page.goto(plan_link("zibo-2014", "一", 0, start + 2, start + 6))
    page.get_by_role("searchbox").fill("知识产权")
    page.locator("mark.cited mark.found").first.wait_for()
    assert "".join(page.locator("mark.cited").all_text_contents()) == "产权示范"
    assert page.locator("mark.now").all_text_contents() == ["知识", "产权"]


def test_chips_and_the_filter(page: Any) -> None:
    page.goto("/plans/gansu-2020")
    chip = page.locator("#c-一-\\.二-8 .chip.support")
    assert chip.inner_text() == "配合 省财政厅"
    link = urlsplit(chip.get_attribute("href"))
    assert (link.path, parse_qs(link.query)) == ("/ledger", {"plan": ["gansu-2020"], "unit": ["省财政厅"]})
    with page.expect_navigation():
        chip.click()
    assert "省财政厅" in page.locator("#results").inner_text()
    assert "4" in page.locator("#count").inner_text()  # as many as the filter of the plan's page says
    page.go_back()
    rule = page.locator("#c-一-\\.二-8 .basis")
    with page.expect_navigation():
        rule.click()
    assert "第一位" in page.locator("#cited").inner_text()
    assert page.locator("#cited").evaluate(IN_SIGHT)
    # Only one body's clauses: each that is left names it.
    with page.expect_navigation():
        page.locator("#unit").select_option("省财政厅")
    shown = page.locator("article .clause.task")
    assert shown.count() == 4
    assert all("省财政厅" in text for text in shown.all_inner_texts())
    with page.expect_navigation():
        page.locator("#role").select_option("lead")
    page.locator(".notice").get_by_text("没有").wait_for()
    page.get_by_role("link", name="显示全文").click()
    page.locator("article .front").wait_for()


def test_a_note_of_the_report_leads_to_its_place(page: Any) -> None:
    page.goto("/plans/gansu-2020")
    doubts = page.locator(".report details").last
    doubts.locator("summary").click()
    link = doubts.locator("a").first
    words = link.inner_text().rstrip("…")
    with page.expect_navigation():
        link.click()
    assert one_line("".join(page.locator("mark.cited").all_text_contents())).startswith(words)
    assert page.locator("#cited").evaluate(IN_SIGHT)


def test_a_clause_is_copied_with_its_source(page: Any, server: Any) -> None:
    """The plan's own words, also where they are read in other characters."""
    text = text_of(server, "kizilsu-2023")
    page.goto("/plans/kizilsu-2023?lang=zh-Hant")
    clause = page.locator("[id='c-三-.一-2']")
    clause.locator(".here").press("Enter")
    quote, link = page.locator(".grip button").all()
    assert quote.evaluate("e => e === document.activeElement")
    quote.press("Enter")
    page.locator(".grip").get_by_text("✓").wait_for()
    copied, _, source = page.evaluate("navigator.clipboard.readText()").partition("\n——")
    assert copied in text and copied.startswith("2.完善知识产权政策体系")
    assert source.startswith(
        "《克州贯彻落实《共建丝绸之路经济带知识产权强区工作实施方案》的工作方案》，三、工作任务 › "
    )
    link.click()
    link.get_by_text("✓").wait_for()
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    start = text.index(copied)
    assert f"start={start}&end={start + len(copied)}" in page.url
    assert len("".join(page.locator("mark.cited").all_text_contents())) == len(one_line(copied))
    page.locator("[id='c-三-.一-2'] .here").press("Enter")
    page.keyboard.press("Escape")
    assert not page.locator(".grip").is_visible()


def test_a_clause_is_copied_where_browsers_give_no_clipboard(browser: Any, server: Any) -> None:
    """On an intranet without TLS: by what is selected."""
    with opened(browser, server.url) as tab:
        tab.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined });")
        tab.goto("/plans/kizilsu-2023")
        tab.locator("[id='c-三-.一-2'] .here").press("Enter")
        link = tab.locator(".grip button").last
        link.press("Enter")
        link.get_by_text("✓").wait_for()
        assert link.evaluate("e => e === document.activeElement")
        assert tab.locator("textarea").count() == 0
        tab.get_by_role("searchbox").press("Control+V")
        assert "/plans/kizilsu-2023?start=" in tab.get_by_role("searchbox").input_value()


@pytest.mark.parametrize("page", [PHONE], indirect=True)
def test_on_a_phone_the_outline_is_a_drawer(page: Any) -> None:
    page.goto("/plans/gansu-2020")
    outline, button = page.locator(".outline"), page.locator(".to-outline")
    assert not outline.is_visible()
    button.click()
    assert outline.is_visible()
    assert outline.evaluate("e => e.contains(document.activeElement)")
    page.keyboard.press("Escape")
    outline.wait_for(state="hidden")
    assert button.evaluate("e => e === document.activeElement")
    button.click()
    page.locator(".outline li a").nth(12).click()
    outline.wait_for(state="hidden")
    block = page.locator(f"[id='{page.evaluate('decodeURIComponent(location.hash.slice(1))')}']")
    assert block.evaluate(IN_SIGHT)
    assert fits(page)


def test_it_prints_on_a4_without_bars(page: Any, server: Any, tmp_path: Path) -> None:
    text = text_of(server, "gansu-2020")
    start = text.index("8.")
    page.goto(plan_link("gansu-2020", "一/(二)/8", 0, start, start + 40))
    page.emulate_media(media="print")
    for bar in (".masthead", ".sticky", ".outline", ".beside", ".only", ".here"):
        assert not page.locator(bar).first.is_visible()
    ground = "e => getComputedStyle(e).backgroundColor"
    assert page.locator("mark.cited").first.evaluate(ground) != "rgba(0, 0, 0, 0)"
    paper = tmp_path / "plan.pdf"
    page.pdf(path=paper, prefer_css_page_size=True)
    pages = pypdfium2.PdfDocument(paper)
    assert [round(side) for side in pages[0].get_size()] == [595, 842]
    printed = "".join(page.get_textpage().get_text_range() for page in pages)
    assert "牵头" in printed and "省税务局" in printed  # chips, in simplified characters beside the traditional text
    assert 5 < len(pages) < 25  # nothing is left out, nothing stands on a page of its own


def test_without_a_script_it_reads_searches_and_filters(browser: Any, server: Any) -> None:
    with opened(browser, server.url, PHONE, java_script_enabled=False) as tab:
        tab.goto("/plans/kizilsu-2023")
        tab.get_by_role("searchbox").fill("知識產權")
        with tab.expect_navigation():
            tab.get_by_role("button", name="查找").click()
        times = fold(text_of(server, "kizilsu-2023")).count("知识产权")
        assert tab.locator("output.count").inner_text() == f"{times}处"
        assert tab.locator("mark.found").count() == times
        tab.locator(".hits a").nth(4).click()
        assert tab.locator("#hit-5").evaluate(IN_SIGHT)
        assert not tab.locator(".scripted").first.is_visible()
        tab.locator(".to-outline").click()
        assert tab.locator(".outline").is_visible()
        tab.locator(".outline .shut").click()
        tab.locator(".outline").wait_for(state="hidden")
        with tab.expect_navigation():
            tab.locator("#role").select_option("lead")
            tab.get_by_role("button", name="显示").click()
        assert tab.locator("article .clause.task").count() == tab.locator("article .clause:has(.chip.lead)").count() > 0


NUMBERS = "一二三四五六七八九十"


def long_plan(tasks: int) -> str:
    """An invented plan of many tasks, in chapters of eighty."""
    lines = ["青川市人民政府关于印发青川市高质量发展行动方案的通知", "各县人民政府：", "为推动发展，制定本方案。"]
    for n in range(tasks):
        chapter, rest = divmod(n, 80)
        section, task = divmod(rest, 10)
        if rest == 0:
            tens, ones = divmod(chapter + 1, 10)
            ten = ("" if tens == 1 else NUMBERS[tens - 1]) + "十" if tens else ""
            lines.append(f"{ten}{NUMBERS[ones - 1] if ones else ''}、第{chapter + 1}方面任务")
        if task == 0:
            lines.append(f"（{NUMBERS[section]}）改造第{section + 1}类设施")
        words = "扎实推进老旧管道更换和水质监测，完善制度，压实责任，" * (1 + n % 4)
        lines.append(f"{rest + 1}.{words}完成第{n + 1}号工程。（市水务局牵头，市财政局、市农业农村局配合）")
    return "\n".join(lines) + "\n"


def _reads_two_thousand(tab: Any, url: str) -> None:
    tab.add_init_script(
        "window.jumps = 0; new PerformanceObserver((list) => { for (const one of list.getEntries()) "
        "if (!one.hadRecentInput) window.jumps += one.value; }).observe({type: 'layout-shift', buffered: true});"
    )
    text = httpx.get(f"{url}/api/v1/plans/long", timeout=60).json()["text"]
    tab.goto("/plans/long")  # the first time fills caches
    assert tab.locator("article .clause.task").count() >= 2000
    for n in (3, 1111, 1999):
        words = f"第{n}号工程"
        at = text.index(words)
        anchor = tab.locator("article .clause", has_text=words).first.get_attribute("id")
        tab.goto(f"/plans/long?start={at}&end={at + len(words)}#{anchor}", wait_until="load")
        tab.wait_for_timeout(300)
        assert tab.locator("#cited").inner_text() == words
        assert tab.locator("#cited").evaluate(IN_SIGHT)
        painted = tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        assert painted < 3000  # ms; a third of a second on a quiet machine
        assert tab.evaluate("window.jumps") < 0.01
    assert tab.evaluate("getComputedStyle(document.querySelector('article .clause')).contentVisibility") == "auto"
    tab.goto(f"/plans/long?start={at}&end={at + len(words)}", wait_until="load")  # without an anchor
    tab.wait_for_function("location.hash === '#cited'")
    assert tab.locator("#cited").evaluate(IN_SIGHT)
    assert tab.evaluate("window.jumps") < 0.01
    tab.get_by_role("searchbox").fill("第1600号工程")
    tab.locator("mark.now").wait_for()
    assert tab.locator("mark.now").evaluate(IN_SIGHT)
    assert tab.locator("output.count").inner_text() == "1 / 1"
    tab.get_by_role("searchbox").fill("工程")
    tab.locator("output.count", has_text="2000").wait_for()
    assert tab.locator("mark.found").count() == 1000
    assert tab.evaluate("window.jumps") < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("wide", [1440, 390])
def test_a_plan_of_two_thousand_clauses(browser: Any, start: Callable[..., Any], tmp_path: Path, wide: int) -> None:
    """It shows at once, what an address marks stands in sight, and nothing jumps while it is read."""
    (tmp_path / "long.txt").write_text(long_plan(2000), encoding="utf-8")
    build(tmp_path / "data", IndexSettings(embedder="hash"), [tmp_path / "long.txt"], progress=False)
    (tmp_path / "settings.toml").write_text('[index]\nembedder = "hash"\n', encoding="utf-8")
    running = start(tmp_path / "data", "--config", str(tmp_path / "settings.toml"))
    try:
        with opened(browser, running.url, wide) as tab:
            _reads_two_thousand(tab, running.url)
    finally:
        running.process.terminate()
        running.process.wait(timeout=30)
