"""The widget in a page of another office, on an origin of its own, over the real plans, in Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from assistant.access.model import Principal, Scope
from assistant.api import build_api
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.problems import problem
from assistant.service import Assistant
from tests.app.conftest import FakeAssistant, make_plan
from tests.app.places import Pages, bound, origin_of, served
from tests.app.tabs import DESK, OPENED, Chat, Tab

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

DEMO = Path(__file__).resolve().parents[2] / "docs" / "widget-demo"
QUESTION = "甘肃省研发费用加计扣除由谁牵头?"


@dataclass
class Place:
    """The assistant, and a portal that it lets in."""

    url: str  # of the assistant
    portal: Pages
    origin: str  # of the portal

    def put(self, body: str, script: str = "", path: str = "/own", **headers: str) -> str:
        """A page of the portal that loads the widget; its address."""
        tag = f'<script src="{self.url}/widget.js" {script}></script>'
        head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        self.portal.put(
            path, f'<!doctype html><html lang="zh"><head>{head}{tag}</head><body>{body}</body></html>', **headers
        )
        return self.origin + path


@pytest.fixture(scope="module")
def place(shipped_data: Path) -> Iterator[Place]:
    ours, theirs, portal = bound(), bound(), Pages()
    settings = ServerSettings.model_validate({"cors_origins": [origin_of(theirs)]})
    api = build_api(Holder(Assistant.open(shipped_data)), settings)
    with served(api, ours) as url, served(portal, theirs) as origin:
        for file in DEMO.iterdir():
            kind = {".css": "text/css", ".html": "text/html", ".md": "text/plain"}[file.suffix]
            text = file.read_text(encoding="utf-8").replace("http://127.0.0.1:7860", url)
            portal.put("/" if file.name == "index.html" else f"/{file.name}", text, kind)
        yield Place(url, portal, origin)


class Portal(Tab):
    """A person's tab with the portal's page."""

    kinds = ("error", "warning")

    def __init__(self, browser: Any, address: str, width: int = DESK, before: str = "", **more: Any) -> None:
        super().__init__(browser, address, width, **more)
        self.context.add_init_script(OPENED + before)
        self.page.goto(address)
        self.page.locator("plan-assistant").wait_for(state="attached")
        self.box = self.page.get_by_role("combobox")
        self.dialog = self.page.get_by_role("dialog")
        self.options = self.page.get_by_role("option")

    def ask(self, question: str) -> Any:
        """Types a question and sends it; its turn of the conversation once it is answered or refused."""
        turns = self.page.locator("plan-assistant article")
        before = turns.count()
        self.box.fill(question)
        self.box.press("Enter")
        turns.nth(before).locator(".pill, .fault").first.wait_for()
        return turns.nth(before)

    def hand_over(self, question: str) -> Any:
        """Asks as a page does that opens the widget with a question: nothing is typed, so nothing is searched for.
        Its turn, as ``ask``."""
        turns = self.page.locator("plan-assistant article")
        before = turns.count()
        self.page.evaluate("question => PlanAssistant.open(question)", question)
        turns.nth(before).locator(".pill, .fault").first.wait_for()
        return turns.nth(before)

    def type_quickly(self, words: str) -> None:
        """Types without a pause between two keys, however slow the machine is."""
        self.box.evaluate(
            """(box, words) => { for (const key of words) {
              box.value += key;
              box.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
            } }""",
            words,
        )

    def active(self) -> str:
        """What has the focus, by its role or name, also inside the widget."""
        return str(
            self.page.evaluate(
                """() => { let at = document.activeElement;
                while (at.shadowRoot && at.shadowRoot.activeElement) at = at.shadowRoot.activeElement;
                return at.id || at.getAttribute("role") || at.getAttribute("aria-label") || at.textContent; }"""
            )
        )


@pytest.fixture
def tab(browser: Any, place: Place) -> Iterator[Callable[..., Portal]]:
    opened: list[Portal] = []

    def open_tab(address: str = "", **more: Any) -> Portal:
        opened.append(Portal(browser, address or place.origin + "/", **more))
        return opened[-1]

    yield open_tab
    for one in opened:
        one.context.close()


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("width", "lang", "theme", "state"),
    [
        (1440, "zh-CN", "light", "有据"),
        (390, "en", "dark", "grounded"),
        pytest.param(390, "zh-CN", "light", "有据", marks=pytest.mark.slow),
        pytest.param(1440, "en", "dark", "grounded", marks=pytest.mark.slow),
    ],
)
def test_from_typing_to_the_marked_clause_in_the_plan(
    tab: Callable[..., Portal], place: Place, width: int, lang: str, theme: str, state: str
) -> None:
    address = (
        f"{place.origin}/" if lang == "zh-CN" else place.put("<h1>Portal</h1>", f'data-lang="en" data-theme="{theme}"')
    )
    one = tab(address, width=width, locale=lang, color_scheme=theme)
    one.page.keyboard.press("Control+k")
    assert one.dialog.is_visible()
    one.page.keyboard.insert_text("知识产权质押")
    one.options.first.wait_for()
    found = one.options.first
    hits = httpx.get(f"{place.url}/api/v1/search", params={"q": "知识产权质押", "k": 8, "semantic": False}).json()[
        "hits"
    ]
    assert one.options.count() == len(hits)
    assert squeezed(hits[0]["quote"]) in squeezed(found.locator(".snip").text_content())
    turn = one.ask(QUESTION)
    assert turn.locator("h3").inner_text() == QUESTION
    assert turn.locator(".pill").inner_text() == state
    answer = httpx.post(f"{place.url}/api/v1/ask", json={"turns": [QUESTION]}).json()
    assert re.sub(r"\[\d\]|\s|\*", "", turn.locator("p").first.text_content()) == re.sub(
        r"\[\d\]|\s|[\\*]", "", answer["text"]
    )

    # The table says what the answer asserts.
    cells = turn.locator("tbody td").all_inner_texts()
    assert re.sub(r"\[\d\]", "", cells[0]) == answer["assignments"][0]["clause"]
    assert cells[1:] == ["、".join(answer["assignments"][0][role]) for role in ("lead", "support")]

    # Each quote is the plan's own text, its marks the ranges of the answer.
    cards = turn.locator("details", has_text=re.compile("依据原文|Sources")).locator(".cite")
    assert cards.count() == len(answer["citations"]) == 2
    for card, cited in zip(cards.all(), answer["citations"], strict=True):
        text = httpx.get(f"{place.url}/api/v1/plans/{cited['plan']}").json()["text"]
        link = card.locator("a").get_attribute("href")
        at = {name: int(value[0]) for name, value in parse_qs(urlsplit(link).query).items() if name != "lang"}
        assert card.locator("blockquote").text_content() == text[at["start"] : at["end"]] == cited["quote"]
        assert card.locator("mark").all_text_contents() == [text[a:b] for a, b in cited["marks"]]

    # [1] opens the plan in a tab of its own, with exactly those characters marked, and in sight.
    with one.context.expect_page() as opening:
        turn.locator("sup a").first.click()
    plan = opening.value
    plan.wait_for_url("**/plans/*")
    assert plan.url.startswith(f"{place.url}/plans/")
    assert plan.evaluate("window.opener") is None
    marked = "".join(plan.locator("main mark").all_inner_texts())
    assert squeezed(marked) == squeezed(answer["citations"][0]["quote"])
    assert 0 <= plan.locator("#cited").bounding_box()["y"] < 844
    assert plan.locator("html").get_attribute("lang") == lang
    plan.close()

    assert one.hosts == {urlsplit(address).netloc, urlsplit(place.url).netloc}
    assert one.complaints == []
    ground = one.dialog.evaluate("e => getComputedStyle(e).backgroundColor")
    assert (max(map(int, re.findall(r"\d+", ground)[:3])) < 80) == (theme == "dark")
    inside = one.dialog.evaluate(
        "e => [e, e.querySelector('.main')].every((one) => one.scrollWidth <= one.clientWidth)"
    )
    assert inside  # nothing is to be scrolled sideways
    if width == 390:
        assert one.dialog.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}


def test_a_follow_up_takes_over_and_a_new_chat_forgets(tab: Callable[..., Portal]) -> None:
    one = tab()
    one.page.get_by_role("button", name="查工作方案、问责任单位").click()
    one.ask(QUESTION)
    second = one.ask("那第43项呢？")
    assert "沿用上文" in second.locator(".scope").inner_text()
    assert "省市场监管局" in second.inner_text()
    assert one.page.locator("plan-assistant article").count() == 2  # the first stays
    one.page.keyboard.press("Escape")
    one.page.keyboard.press("/")
    assert one.page.locator("plan-assistant article").count() == 2  # also when it was closed between
    one.page.get_by_role("button", name="新对话").click()
    assert one.page.locator("plan-assistant article").count() == 0
    assert one.ask("那第43项呢？").locator(".scope").inner_text() == ""


@pytest.mark.parametrize(
    ("question", "state"), [("四川省研发费用加计扣除由谁牵头?", "未找到"), ("由谁牵头？", "请明确")]
)
def test_the_state_of_an_answer_is_said(tab: Callable[..., Portal], question: str, state: str) -> None:
    one = tab()
    one.page.keyboard.press("/")
    turn = one.ask(question)
    assert turn.locator(".pill").inner_text() == state
    said = one.page.locator("plan-assistant [role=status]").text_content()
    assert said.startswith(f"{state}，")
    text = turn.locator("div", has=one.page.locator("p")).first.text_content()
    assert text
    assert said.endswith(text)


def test_the_keys_that_open_it_are_left_to_whoever_types(tab: Callable[..., Portal]) -> None:
    one = tab()
    note = one.page.get_by_placeholder("在这里打字时")
    for key in ("/", "Control+k"):
        note.focus()
        note.press(key)
        assert not one.dialog.is_visible()
    assert note.input_value() == "/"
    one.page.locator("h1").click()
    one.page.evaluate(
        "document.activeElement.blur(); addEventListener('keydown', e => (window.seen ||= []).push(e.key))"
    )
    one.page.keyboard.press("/")
    assert one.dialog.is_visible()
    one.page.keyboard.type("a/b")
    assert one.box.input_value() == "a/b"
    assert one.page.evaluate("window.seen") == ["/"]  # the page's own shortcuts hear nothing of what is typed
    one.page.keyboard.press("Escape")
    assert not one.dialog.is_visible()


def test_focus_stays_inside_and_is_given_back(tab: Callable[..., Portal]) -> None:
    one = tab()
    link = one.page.get_by_role("link", name="机房例行检修安排")
    link.focus()
    one.page.keyboard.press("Control+k")
    stops = [one.active()]
    for _ in range(4):
        one.page.keyboard.press("Tab")
        stops.append(one.active())
    assert stops == ["combobox", "提问", "关闭", "打开完整助手 ↗", "combobox"]
    one.page.keyboard.press("Shift+Tab")
    assert one.active() == "打开完整助手 ↗"
    one.page.keyboard.press("Escape")
    assert one.active() == "机房例行检修安排"
    one.page.keyboard.press("Control+k")
    one.page.mouse.click(5, 5)  # beside the dialog
    assert not one.dialog.is_visible()


def test_arrows_choose_and_enter_opens_the_clause(tab: Callable[..., Portal], place: Place) -> None:
    one = tab()
    one.page.keyboard.press("Control+k")
    assert one.box.get_attribute("aria-expanded") == "false"
    one.page.keyboard.insert_text("知识产权质押")
    one.options.first.wait_for()
    assert one.box.get_attribute("aria-expanded") == "true"
    assert one.page.get_by_role("listbox").get_attribute("id") == one.box.get_attribute("aria-controls")
    n = one.options.count()
    assert one.page.locator("plan-assistant [role=status]").text_content() == f"查到 {n} 条条款"

    def chosen() -> list[int]:
        at = [i for i, each in enumerate(one.options.all()) if each.get_attribute("aria-selected") == "true"]
        active = one.box.get_attribute("aria-activedescendant")
        assert [f"o{i}" for i in at] == ([active] if active else [])
        return at

    assert chosen() == []
    one.page.keyboard.press("ArrowUp")
    assert chosen() == [n - 1]
    one.page.keyboard.press("ArrowDown")
    assert chosen() == []  # back in the text
    one.page.keyboard.press("ArrowDown")
    one.page.keyboard.press("ArrowDown")
    assert chosen() == [1]
    words = one.options.nth(1).locator(".snip").text_content()
    with one.context.expect_page() as opening:
        one.page.keyboard.press("Enter")
    plan = opening.value
    plan.wait_for_url("**/plans/*")
    assert plan.evaluate("window.opener") is None
    assert squeezed("".join(plan.locator("main mark").all_inner_texts())) == squeezed(words)
    plan.close()
    one.page.keyboard.type("融")  # what is typed now is what Enter asks
    assert chosen() == []


def test_only_the_newest_search_is_shown_and_not_every_key_asks(tab: Callable[..., Portal]) -> None:
    one = tab()
    asked: list[str] = []

    def slow(route: Any) -> None:
        words = parse_qs(urlsplit(route.request.url).query)["q"][0]
        asked.append(words)
        if words == "知识":
            one.page.wait_for_timeout(500)  # while this one is on its way, the next word is typed
            one.type_quickly("产权运营")
        route.continue_()

    one.page.route("**/api/v1/search**", slow)
    one.page.keyboard.press("/")
    one.type_quickly("知识")
    one.page.wait_for_function(
        "() => document.querySelector('plan-assistant').shadowRoot.querySelector('[role=option]')"
    )
    one.page.wait_for_timeout(300)
    assert asked == ["知识", "知识产权运营"]
    assert one.box.input_value() == "知识产权运营"
    assert "知识产权运营" in one.options.first.locator(".snip").text_content()


def test_an_input_method_that_is_composing_is_left_alone(tab: Callable[..., Portal]) -> None:
    one = tab()
    one.page.keyboard.press("/")
    session = one.context.new_cdp_session(one.page)
    session.send("Input.imeSetComposition", {"text": "zhi'shi", "selectionStart": 7, "selectionEnd": 7})
    one.page.wait_for_timeout(400)
    assert one.options.count() == 0  # nothing was searched for by its letters
    session.send("Input.insertText", {"text": "知识产权"})
    one.options.first.wait_for()
    assert one.box.input_value() == "知识产权"


FAULTS: tuple[tuple[int, dict[str, str], str, str], ...] = (
    (401, {}, "没有取得查询许可", "no permission to ask"),
    (403, {}, "没有查询这些方案的权限", "may not read these plans"),
    (422, {}, "无法受理", "cannot be taken"),
    (429, {"Retry-After": "7"}, "查询太频繁，请 7 秒后再试。", "try again in 7 s."),
    (429, {}, "查询太频繁，请稍后再试。", "try again soon."),
    (503, {"Retry-After": "2"}, "正忙或正在准备，请 2 秒后再试。", "try again in 2 s."),
    (500, {}, "暂时无法回答", "No answer is possible"),
    (200, {}, "暂时无法回答", "No answer is possible"),  # no JSON
    (0, {}, "从本页连不上助手", "cannot be reached"),
)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_goes_wrong_is_a_sentence(tab: Callable[..., Portal], place: Place, lang: str) -> None:
    shared = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
    now: list[tuple[int, dict[str, str]]] = []

    def answer(route: Any) -> None:
        status, headers = now[-1]
        if not status:
            route.abort()
        else:
            route.fulfill(status=status, headers={**shared, **headers}, body="<b>no</b>")

    one = tab(place.put("", f'data-lang="{lang}"'))
    one.page.route("**/api/v1/**", answer)
    one.page.keyboard.press("Control+k")
    for status, headers, zh, en in FAULTS:
        now.append((status, headers))
        turn = one.ask("谁牵头&?")
        said = turn.locator(".fault").inner_text()
        assert (zh if lang == "zh" else en) in said
        assert one.page.locator("plan-assistant [role=status]").text_content() == said
        assert one.box.input_value() == "谁牵头&?"  # nothing typed is lost
        query = parse_qs(urlsplit(turn.get_by_role("link").get_attribute("href")).query)
        assert query["q"] == ["谁牵头&?"]
    one.box.fill("另一句")  # a search fails as softly
    one.page.locator("plan-assistant p.empty.fault").wait_for()
    assert one.page.locator("plan-assistant p.empty.fault").inner_text() == said


def test_without_a_network_it_says_so(tab: Callable[..., Portal]) -> None:
    one = tab()
    one.page.keyboard.press("/")
    one.context.set_offline(True)
    assert one.ask("谁牵头？").locator(".fault").inner_text() == "网络已断开，请检查连接后重试。"
    one.context.set_offline(False)
    assert one.ask(QUESTION).locator(".pill").inner_text() == "有据"


class Tokens:
    """Lets in whoever brings a token that is good now; each is good until the next is issued."""

    def __init__(self) -> None:
        self.good = ""
        self.seen: list[str] = []

    async def identify(self, scope: Any) -> Any:
        headers = dict(scope["headers"])
        said = headers.get(b"authorization", b"").decode()
        if scope["path"].startswith("/api/"):
            self.seen.append(said)
        if not said or said != f"Bearer {self.good}":
            return problem(401, "no") if said else None
        return Principal("widget:portal/zhang", frozenset({Scope.ASK, Scope.SEARCH}), via="widget")


@pytest.fixture(scope="module")
def guarded() -> Iterator[tuple[Place, Tokens]]:
    """An assistant that asks for a token, and its portal."""
    ours, theirs, portal, tokens = bound(), bound(), Pages(), Tokens()
    settings = ServerSettings.model_validate({"cors_origins": [origin_of(theirs)]})
    plan = make_plan()
    api = build_api(Holder(FakeAssistant({plan.id: plan})), settings, identify=tokens)
    with served(api, ours) as url, served(portal, theirs) as origin:
        yield Place(url, portal, origin), tokens


def test_a_token_is_fetched_from_the_portal_when_needed_and_again_when_refused(
    tab: Callable[..., Portal], guarded: tuple[Place, Tokens]
) -> None:
    place, tokens = guarded
    tokens.seen.clear()
    tokens.good = "first.token"
    place.portal.put("/assistant-token", '{"token": "first.token", "expires_in": 300}', "application/json")
    one = tab(place.put("", 'data-token-url="/assistant-token"'))
    asked = len(place.portal.paths())
    one.page.keyboard.press("/")
    assert len(place.portal.paths()) == asked  # not before it is needed
    assert one.hand_over("更换老旧管道由谁牵头？").locator(".pill").inner_text() == "有据"
    one.hand_over("那市财政局呢？")
    assert place.portal.paths()[asked:] == ["/assistant-token"]  # once, and kept
    tokens.good = "second.token"
    place.portal.put("/assistant-token", "second.token\n", "text/plain")
    assert one.hand_over("公布水质结果由谁负责？").locator(".pill").inner_text() == "有据"
    assert place.portal.paths()[asked:] == ["/assistant-token", "/assistant-token"]
    assert [said.removeprefix("Bearer ") for said in tokens.seen] == ["first.token"] * 3 + ["second.token"]
    kept = one.page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, document.documentElement.outerHTML])"
    )
    assert "first.token" not in kept
    assert "second.token" not in kept

    tokens.good = "third.token"  # the portal still hands out the second
    said = one.hand_over("再问一次？").locator(".fault").inner_text()
    assert "没有取得查询许可" in said


def test_a_page_may_hand_over_the_token_itself(tab: Callable[..., Portal], guarded: tuple[Place, Tokens]) -> None:
    place, tokens = guarded
    tokens.good = "by.hand"
    one = tab(place.put("<script>PlanAssistant.token = async () => 'by.hand'; PlanAssistant.mine = 1</script>"))
    one.page.evaluate("PlanAssistant.open('更换老旧管道由谁牵头？')")
    one.page.locator("plan-assistant .pill").wait_for()
    one.page.evaluate("PlanAssistant.close()")
    assert not one.dialog.is_visible()
    fixed = tab(place.put("", 'data-token="by.hand"'))
    fixed.page.keyboard.press("/")
    assert fixed.ask("更换老旧管道由谁牵头？").locator(".pill").inner_text() == "有据"
    for bad in ("async () => { throw new Error('no') }", "async () => 'two words'", "async () => 5", "() => ''"):
        other = tab(place.put(f"<script>PlanAssistant.token = {bad}</script>"))
        other.page.keyboard.press("/")
        assert "没有取得查询许可" in other.ask("谁牵头？").locator(".fault").inner_text()


def test_the_servers_own_pages_need_no_token(tab: Callable[..., Portal], place: Place) -> None:
    """On the assistant's own origin the log-in cookie counts; elsewhere none is sent."""
    html = '<!doctype html><html lang="zh"><body><script src="/widget.js"></script></body></html>'
    one = tab(place.put(""), before="document.cookie = 'mine=1';")
    sent: list[Any] = []
    one.page.on("request", lambda request: sent.append(request))
    one.page.keyboard.press("/")
    one.ask("谁牵头？")
    asks = [request for request in sent if request.url.endswith("/api/v1/ask") and request.method == "POST"]
    assert "cookie" not in asks[0].all_headers()

    one.page.route("**/inside", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    one.page.goto(f"{place.url}/inside")
    one.page.evaluate("document.cookie = 'mine=1'")
    one.page.keyboard.press("/")
    one.ask("谁牵头？")
    asks = [request for request in sent if request.url.endswith("/api/v1/ask") and request.method == "POST"]
    assert "mine=1" in asks[1].all_headers()["cookie"]


def test_limited_to_plans_and_written_by_hand(tab: Callable[..., Portal], place: Place) -> None:
    ids = [plan["id"] for plan in httpx.get(f"{place.url}/api/v1/plans").json()["plans"]]
    one = tab(
        place.put(f'<p>x</p><plan-assistant data-plans="{ids[0]} {ids[1]}" data-label="问一问"></plan-assistant>')
    )
    assert one.page.locator("plan-assistant").count() == 1  # none in the corner beside it
    one.page.get_by_role("button", name="问一问").click()
    bodies: list[Any] = []
    one.page.on("request", lambda request: bodies.append(request.post_data) if request.method == "POST" else None)
    one.box.fill("知识产权")
    one.options.first.wait_for()
    shown = {urlsplit(each.get_attribute("href")).path.rpartition("/")[2] for each in one.options.all()}
    assert shown <= {ids[0], ids[1]}
    one.ask("知识产权质押融资由谁负责？")
    assert json.loads(bodies[0]) == {"turns": ["知识产权质押融资由谁负责？"], "plans": ids[:2]}
    hidden = tab(place.put("", 'data-launcher="none"'))
    assert hidden.page.get_by_role("button").count() == 0
    hidden.page.keyboard.press("Control+k")
    assert hidden.dialog.is_visible()


def test_scripts_of_the_page_cannot_look_into_it(browser: Any, place: Place) -> None:
    page = browser.new_page()
    page.goto(place.put("<p>x</p>"))
    page.locator("plan-assistant").wait_for(state="attached")
    assert page.evaluate("document.querySelector('plan-assistant').shadowRoot") is None
    assert page.evaluate("document.querySelector('plan-assistant').textContent") == ""
    page.close()


def test_the_address_bar_asks_the_chat(browser: Any, server: Any) -> None:
    tab = Chat(browser, server.url)
    page = tab.page
    found = page.locator("link[rel=search]").get_attribute("href")
    template = re.search(r'text/html" method="get" template="([^"]+)"', page.request.get(server.url + found).text())
    assert template
    page.goto(template[1].replace("{searchTerms}", quote(QUESTION)))
    reply = page.locator("#chat .answer").first
    reply.wait_for()
    assert "省税务局" in reply.inner_text()
    assert QUESTION in page.locator("#chat").inner_text()
    assert page.locator("#sources [id^=cite-1-]").count() == 2
    page.goto(template[1].replace("{searchTerms}", "%0A%1b[2J"))
    page.locator("#chat .example").first.wait_for()  # nothing was asked
    tab.quiet()
    tab.context.close()
