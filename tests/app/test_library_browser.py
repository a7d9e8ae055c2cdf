"""A member of staff looks after the plans: the real server, a small library, Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from index.build import build
from index.config import IndexSettings
from tests.app.tabs import BOTH, DESK, PHONE_IN_FULL, fits, opened

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

HEALTH = """海州省卫生强省实施方案
海政发〔2031〕2号
一、重点任务
1.改造乡镇卫生院一百家。(省卫生健康委牵头,省财政厅配合)
2.培训乡村医生三百人。(责任单位:省卫生健康委)
"""
WATER = """青川市人民政府关于印发青川市水网建设实施方案的通知
青政发〔2031〕7号
各县人民政府:
为建好水网,制定本方案。
一、重点任务
1.更换老旧管道三百公里。(市水务局牵头,市财政局配合)
2.公布水质结果,每季度一次。(责任单位:市卫生健康委)
3.研究水价机制。
"""
ROAD = WATER.replace("水网", "路网").replace("7号", "8号").replace("更换老旧管道", "修补乡村道路")


@pytest.fixture(scope="module")
def office(start: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real server over a library of one plan."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "卫生.txt").write_text(HEALTH, encoding="utf-8")
    build(folder / "data", IndexSettings(), [folder / "卫生.txt"], progress=False)
    running = start(folder / "data")
    yield running
    running.process.terminate()
    running.process.wait(timeout=30)


@pytest.fixture
def page(browser: Any, office: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    with opened(browser, office.url, getattr(request, "param", DESK)) as tab:
        tab.goto("/library")
        yield tab


def upload(page: Any, path: Path) -> None:
    """Choose a file on the page, send it, and wait for its preview."""
    page.set_input_files("#file", str(path))
    page.get_by_role("button", name="上传并预览").click()
    page.wait_for_url(re.compile(r"/staging/[0-9a-f]{32}"))


def done(page: Any) -> str:
    """What the page says of a change when it is in force."""
    page.locator(".done").wait_for()
    return str(page.locator(".done").inner_text())


def ask(page: Any, office: Any, question: str) -> tuple[str, str]:
    """A question in the chat: the text of the answer, and of its sources."""
    page.goto(office.url)
    page.locator("#chat .example").first.wait_for()
    page.locator("#question textarea").fill(question)
    page.locator("#question textarea").press("Enter")
    page.locator("#chat .answer, #chat .notice").wait_for()
    return page.locator("#chat .answer, #chat .notice").inner_text(), page.locator("#sources").inner_text()


@PHONE_IN_FULL
def test_from_a_file_to_a_corrected_answer_and_back(page: Any, office: Any, tmp_path: Path) -> None:
    wide = page.viewport_size["width"]
    name = f"水网{wide}"
    text = WATER.replace("水网", name).replace("7号", f"{wide}号")
    (tmp_path / f"{name}.txt").write_bytes(text.encode("gb18030"))
    upload(page, tmp_path / f"{name}.txt")
    assert fits(page)
    third = page.locator("li.clause", has_text="3.研究水价机制。")
    assert "未明确责任" in third.inner_text()
    first = page.locator("li.clause", has_text="1.更换老旧管道")
    assert first.locator("mark.who").inner_text() == "(市水务局牵头,市财政局配合)"

    # Corrected in place: the page stays where it is.
    page.evaluate("window.stayed = true")
    first.get_by_role("link", name="更正").click()
    first.get_by_label("牵头", exact=True).fill("市财政局")
    first.get_by_label("配合", exact=True).fill("")
    field = first.get_by_label("配合: 添加单位…")
    field.fill("市水务局")
    field.press("Enter")
    assert first.get_by_label("配合", exact=True).input_value() == "市水务局"
    assert fits(page)
    first.get_by_label("更正理由（可不填）").fill("会议定的")
    first.get_by_role("button", name="保存更正").click()
    first.locator(".flag.corrected").wait_for()
    assert page.evaluate("window.stayed")
    assert "读出时" in first.inner_text()
    assert first.locator(".asread .chip.lead").inner_text() == "牵头 市水务局"
    assert page.locator("#counts dd").last.inner_text() == "1"

    page.get_by_role("button", name="保存方案").click()
    assert "已保存，现在就可以提问" in done(page)
    assert fits(page)
    plan = page.url.partition("?")[0]
    answer, sources = ask(page, office, f"{name}方案中更换老旧管道由谁牵头?")
    assert "市财政局" in answer
    assert "(市水务局牵头,市财政局配合)" in sources  # the quote stays the plan's
    assert "更正" in answer + sources

    # A new version takes its place, and the version before comes back.
    document = Document()
    for line in text.replace("三百公里", "五百公里").splitlines():
        document.add_paragraph(line)
    document.save(str(tmp_path / "新版.docx"))
    page.goto(plan)
    upload(page, tmp_path / "新版.docx")
    assert page.locator("input[name=replaces]:checked").count() == 1
    page.get_by_role("button", name="保存方案").click()
    assert "已替换" in done(page)
    assert "失去对应条款的更正" in page.inner_text("main")  # its clause has other words now
    answer, _ = ask(page, office, f"{name}方案中更换老旧管道由谁牵头?")
    assert "市水务局" in answer
    page.goto(plan)
    assert fits(page)
    page.get_by_role("button", name=re.compile("恢复这一版")).first.click()
    assert "已恢复" in done(page)
    answer, _ = ask(page, office, f"{name}方案中更换老旧管道由谁牵头?")
    assert "市财政局" in answer

    # Removed, asked about in vain, and restored.
    page.goto(plan)
    page.get_by_role("link", name="移除方案").click()
    page.get_by_role("button", name="确认移除").click()
    assert "已移除" in done(page)
    assert fits(page)
    assert "市财政局牵头" not in ask(page, office, f"{name}方案中更换老旧管道由谁牵头?")[0]
    page.goto(f"{office.url}/library")
    page.get_by_role("button", name=re.compile(f"恢复.*{name}")).click()
    assert "已恢复" in done(page)
    assert "市财政局" in ask(page, office, f"{name}方案中更换老旧管道由谁牵头?")[0]


@BOTH
def test_the_chat_leads_to_the_plans(page: Any, office: Any) -> None:
    page.goto(office.url)
    page.locator("#chat .example").first.wait_for()
    with page.context.expect_page() as opening:  # the conversation stays where it is
        page.get_by_role("link", name="方案库").click()
    plans = opening.value
    plans.get_by_role("heading", name="添加方案").wait_for()
    plans.get_by_role("link", name="English").click()
    plans.get_by_role("heading", name="Add plans").wait_for()
    plans.get_by_role("link", name="海州省卫生强省实施方案").click()
    plans.get_by_role("heading", name="Reading report").wait_for()
    assert fits(plans)


@BOTH
def test_a_file_that_cannot_be_read_is_told(page: Any, tmp_path: Path) -> None:
    (tmp_path / "旧.doc").write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 600)

    def send() -> None:
        page.set_input_files("#file", str(tmp_path / "旧.doc"))
        page.get_by_role("button", name="上传并预览").click()
        told = page.locator(".faults")
        told.wait_for()
        assert "旧.doc：" in told.inner_text()
        assert "请另存为" in told.inner_text()
        assert fits(page)

    send()
    failed = page.evaluate("location.pathname")
    page.get_by_role("link", name="返回", exact=True).click()
    page.get_by_role("heading", name="添加方案").wait_for()
    # Also where it has failed before the browser asks how far it is.
    page.route("**/library", lambda route: route.fulfill(status=303, headers={"Location": failed}), times=1)
    send()
    page.get_by_role("link", name="返回", exact=True).click()
    page.get_by_role("button", name="知道了").last.click()
    page.get_by_role("heading", name="添加方案").wait_for()


def test_what_is_pressed_stays_until_it_is_clicked(page: Any, tmp_path: Path) -> None:
    """A correction that comes back moves nothing away from whoever is at the next clause by then."""
    page.set_viewport_size({"width": DESK, "height": 2400})  # all at once: a page that is scrolled stays where it is
    (tmp_path / "桥.txt").write_text(WATER.replace("水网", "桥梁").replace("7号", "9号"), encoding="utf-8")
    upload(page, tmp_path / "桥.txt")
    first, third = (page.locator("li.clause", has_text=words) for words in ("1.更换老旧管道", "3.研究水价机制。"))
    held: list[Any] = []
    page.route(
        "**/staging/**", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )

    def correct(lead: str) -> None:
        first.get_by_role("link", name="更正").click()
        first.get_by_label("牵头", exact=True).fill(lead)
        first.get_by_role("button", name="保存更正").click()

    correct("市财政局")
    third.get_by_role("link", name="更正").hover()
    page.mouse.down()
    with page.expect_response(lambda answer: answer.ok and "/staging/" in answer.url):
        held.pop().continue_()
    page.wait_for_timeout(300)  # in which it would be put in place
    page.mouse.up()
    third.get_by_label("牵头", exact=True).wait_for()
    first.get_by_text("市财政局").first.wait_for()
    # Nor does it take the focus away.
    correct("市审计局")
    third.get_by_role("link", name="更正").click()
    third.get_by_label("牵头", exact=True).focus()
    held.pop().continue_()
    first.get_by_text("市审计局").first.wait_for()
    assert third.get_by_label("牵头", exact=True).evaluate("e => e === document.activeElement")
    page.unroute("**/staging/**")
    page.get_by_role("button", name="放弃").click()
    page.get_by_role("heading", name="添加方案").wait_for()


def test_a_page_that_loads_itself_anew_waits_for_whoever_uses_it(page: Any, office: Any, tmp_path: Path) -> None:
    """Work ends while somebody presses a link, while the page that he has followed is on its way, and while he sends
    another file."""
    main, work = '<main id="main" tabindex="-1">', '<p data-status="/work"><span data-words></span></p>'
    now = {"state": "running", "words": "…"}
    page.route("**/work", lambda route: route.fulfill(json=now))

    def under_way(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace(main, main + work))

    def ended() -> None:
        now["state"] = "done"
        for _ in range(2):
            page.wait_for_event("requestfinished", lambda one: one.url.endswith("/work"))

    def begun() -> Any:
        now["state"] = "running"
        page.route("**/library", under_way, times=1)
        page.goto(f"{office.url}/library")
        return page.get_by_role("link", name="海州省卫生强省实施方案")

    begun().hover()
    page.mouse.down()
    now["state"] = "done"
    page.wait_for_event("requestfinished", lambda one: one.url.endswith("/work"))
    page.wait_for_timeout(200)  # in which it would load itself
    page.mouse.up()
    page.get_by_role("heading", name="读取报告").wait_for()

    held: list[Any] = []
    page.route("**/library/*", lambda route: held.append(route), times=1)
    begun().click(no_wait_after=True)
    ended()
    held.pop().continue_()
    page.get_by_role("heading", name="读取报告").wait_for()

    begun()
    (tmp_path / "港.txt").write_text(WATER.replace("水网", "港口").replace("7号", "10号"), encoding="utf-8")
    page.route("**/library", lambda route: held.append(route), times=1)
    page.set_input_files("#file", str(tmp_path / "港.txt"))
    page.get_by_role("button", name="上传并预览").click()
    ended()
    held.pop().continue_()
    page.wait_for_url(re.compile(r"/staging/[0-9a-f]{32}"))
    page.get_by_role("button", name="放弃").click()
    page.get_by_role("heading", name="添加方案").wait_for()


@BOTH
def test_files_over_the_limit_are_told_before_they_are_sent(page: Any, tmp_path: Path) -> None:
    page.locator("form.upload").evaluate("form => { form.dataset.most = '10' }")
    (tmp_path / "大.txt").write_text(WATER, encoding="utf-8")
    page.set_input_files("#file", str(tmp_path / "大.txt"))
    page.get_by_role("button", name="上传并预览").click()
    assert "超过一次上传的上限" in page.locator("form.upload [role=alert]").inner_text()
    assert page.url.endswith("/library")


@PHONE_IN_FULL
def test_hostile_words_of_a_plan_do_nothing_in_a_browser(page: Any, office: Any, tmp_path: Path) -> None:
    """SECURITY G: what a plan says is shown as words, on every page that shows it."""
    wide = page.viewport_size["width"]
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    nasty = (
        "<script>alert(1)</script><img src=http://leak.example/x onerror=alert(2)><svg onload=alert(3)>"
        "<iframe srcdoc='<script>alert(4)</script>'></iframe><a href=javascript:alert(5)>x</a>"
        "<style>*{background:url(http://leak.example/y)}</style>\"'><b onclick=alert(6)>"
    )
    text = WATER.replace("水价机制", f"水价{nasty}机制").replace("7号", f"6{wide}号")
    (tmp_path / f"坏{wide}.txt").write_text(text.replace("市财政局", "市<b>财政</b>局"), encoding="utf-8")
    upload(page, tmp_path / f"坏{wide}.txt")
    preview = page.url
    page.locator("li.clause", has_text="3.研究水价").get_by_role("link", name="更正").click()
    page.get_by_label("更正理由（可不填）").fill(nasty[:400])
    page.get_by_label("牵头", exact=True).fill("市水务局")
    page.get_by_role("button", name="保存更正").click()
    page.locator(".flag.corrected").wait_for()
    for path in (f"{preview}?only=1", f"{preview}?lang=en", f"{office.url}/library"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.locator("main script, main img, main svg, main iframe, main style").count() == 0
    page.goto(preview)
    assert "<svg onload=alert(3)>" in page.inner_text("main")
    assert fits(page)
    page.get_by_role("button", name="放弃").click()
    page.get_by_role("heading", name="添加方案").wait_for()
    assert dialogs == []


def test_with_the_keyboard_and_without_scripts(browser: Any, office: Any, tmp_path: Path) -> None:
    with opened(browser, office.url, 1024, java_script_enabled=False) as page:
        page.goto("/library")
        (tmp_path / "路网.txt").write_text(ROAD, encoding="utf-8")
        page.set_input_files("#file", str(tmp_path / "路网.txt"))
        page.locator("#file").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # 上传并预览
        page.wait_for_url(re.compile(r"/staging/[0-9a-f]{32}"))  # the page that waits asks again by itself
        for _ in range(60):  # to the first clause that can be corrected
            page.keyboard.press("Tab")
            if page.locator(":focus").get_attribute("data-swap") is not None:
                break
        assert page.locator(":focus").inner_text().startswith("更正")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("edit="))
        page.locator("#lead").focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("市交通局")
        page.keyboard.press("Tab")
        page.keyboard.type("市公安局")
        page.keyboard.press("Enter")  # sends the form, as Enter in a field does
        page.locator(".flag.corrected").wait_for()
        row = page.locator("li.clause", has=page.locator(".flag.corrected"))
        assert row.locator(".assigned .chip.lead").all_inner_texts() == [
            "牵头 市交通局 原文未写",
            "牵头 市公安局 原文未写",
        ]
        page.get_by_role("button", name="保存方案").click()
        assert "已保存" in done(page)
        page.get_by_role("link", name="移除方案").click()
        page.get_by_role("button", name="确认移除").click()
        assert "已移除" in done(page)
