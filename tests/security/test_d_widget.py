"""Attacks, section D: the widget in pages that are careless, strict or hostile, and our pages in frames of others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from assistant.api import build_api
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.model import Answer, Status
from tests.app.conftest import FakeAssistant, make_plan
from tests.app.places import Pages, bound, origin_of, served
from tests.app.tabs import OPENED

pytestmark = pytest.mark.browser

QUESTION = "更换老旧管道由谁牵头？"


class Office:
    """The assistant over an invented plan, a portal that is listed, and a site that is not."""

    def __init__(self) -> None:
        self.portal, self.other = Pages(), Pages()
        self.sockets = [bound() for _ in range(3)]
        self.url, self.portal_at, self.other_at = map(origin_of, self.sockets)
        plan = make_plan()
        self.fake = FakeAssistant({plan.id: plan})
        listed = {"cors_origins": [self.portal_at], "frame_ancestors": [self.portal_at]}
        self.api = build_api(Holder(self.fake), ServerSettings.model_validate(listed))

    def put(self, body: str = "", script: str = "", head: str = "", **headers: str) -> str:
        """A page of the portal with the widget's script in its head; its address."""
        tag = f'<script src="{self.url}/widget.js" {script}></script>'
        page = (
            f'<!doctype html><html lang="zh"><head><meta charset="utf-8">{head}{tag}</head><body>{body}</body></html>'
        )
        self.portal.put("/page", page, **headers)
        return f"{self.portal_at}/page"


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    made = Office()
    ours, theirs, others = made.sockets
    with served(made.api, ours), served(made.portal, theirs), served(made.other, others):
        yield made


@pytest.fixture
def page(browser: Any, office: Office) -> Iterator[Any]:
    """A tab whose scripts may look into the widget, with a trap for whatever a script leaves behind."""
    office.fake.reply = None
    office.other.asked.clear()
    context = browser.new_context(locale="zh-CN")
    context.add_init_script(OPENED)
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    opened.complaints = []
    opened.on("console", lambda m: opened.complaints.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda error: opened.complaints.append(str(error)))
    yield opened
    context.close()


def ask(page: Any, question: str = QUESTION) -> Any:
    """Opens the widget, asks, and hands over the answered turn."""
    page.locator("plan-assistant").wait_for(state="attached")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    page.get_by_role("combobox").fill(question)
    page.get_by_role("combobox").press("Enter")
    turn = page.locator("plan-assistant article").last
    turn.locator(".pill, .fault").first.wait_for()
    return turn


def test_37_messages_of_other_windows_are_not_listened_to(page: Any, office: Office) -> None:
    """Messages with commands, HTML and tokens, from the page itself and from a frame of another origin."""
    page.add_init_script(
        "const add = EventTarget.prototype.addEventListener; window.heard = [];"
        "EventTarget.prototype.addEventListener = function (kind, ...rest) {"
        " window.heard.push(kind); return add.call(this, kind, ...rest); };"
    )
    said = "{type: 'plan-assistant', action: 'open', token: 'stolen', question: '<img src=x onerror=window.ran=1>'}"
    office.other.put("/frame", f"<script>for (let i = 0; i < 5; i++) parent.postMessage({said}, '*')</script>")
    page.goto(office.put(f'<iframe src="{office.other_at}/frame"></iframe>'))
    page.evaluate(f"for (const o of ['*', location.origin]) postMessage({said}, o)")
    page.wait_for_timeout(300)
    heard = page.evaluate("window.heard")
    assert "keydown" in heard  # what it listens to is seen
    assert "message" not in heard
    assert page.evaluate("window.onmessage") is None
    assert not page.get_by_role("dialog").is_visible()
    requests: list[Any] = []
    page.on("request", lambda request: requests.append(request))
    assert ask(page).locator(".pill").inner_text() == "有据"
    assert not any("stolen" in str(request.all_headers()) for request in requests)
    assert page.evaluate("window.ran") is None


def test_37_html_in_an_answer_is_text(page: Any, office: Office) -> None:
    """Markup and Markdown of every kind in each field of an answer: shown as they are, nothing loaded, nothing run."""
    bad = f'<img src="{office.other_at}/x" onerror="window.ran=1"><script>window.ran=1</script>'
    bad += f"![x]({office.other_at}/y) [x](javascript:window.ran=1) <b>b</b> \u202e"
    first = office.fake.first()
    cited = first.citations[0].model_copy(update={"source": bad, "path": bad, "clause": bad, "quote": bad, "marks": []})
    row = first.assignments[0].model_copy(
        update={"title": bad, "lead": [bad], "support": [bad], "deadline": bad, "corrected": True}
    )
    office.fake.reply = lambda turns: Answer(
        status=Status.ANSWERED, text=f"{bad} [1]\n| {bad} | a |\n|---|---|\n| {bad} | b |\n- {bad}", scope=[bad],
        assignments=[row], citations=[cited], related=[cited.model_copy(update={"n": 2})],
    )  # fmt: skip
    page.goto(office.put())
    turn = ask(page, bad)
    turn.locator("summary").last.click()
    assert turn.locator("img, script, svg, iframe, b b, style, form").count() == 0
    assert {link.get_attribute("href")[:7] for link in turn.locator("a").all()} == {"http://"}
    shown = bad.replace("\u202e", "").strip()
    assert turn.locator("h3").inner_text().strip() == shown
    assert turn.locator("blockquote").first.inner_text().strip() == shown
    assert turn.locator("li").inner_text().strip() == shown
    assert turn.locator("th").nth(0).inner_text().strip() == shown
    assert page.evaluate("window.ran") is None
    assert office.other.paths() == []


@pytest.mark.parametrize("where", ["portal", "other"])
def test_38_only_listed_pages_show_ours_in_a_frame(page: Any, office: Office, where: str) -> None:
    """A page of another site that lays ours below something to click on: only listed origins may show ours."""
    site, origin = (office.portal, office.portal_at) if where == "portal" else (office.other, office.other_at)
    for path in ("/plans/water", "/plans/none", "/api/v1/plans", "/healthz"):
        site.put(
            "/framing",
            f'<iframe src="{office.url}{path}" style="opacity:.01;width:600px;height:400px"></iframe>'
            '<button style="position:absolute;top:40px;left:40px">领奖</button>',
        )
        with page.expect_response(f"**{path}") as answering:
            page.goto(f"{origin}/framing")
        policy = answering.value.headers["content-security-policy"]
        assert policy.endswith(f"frame-ancestors 'self' {office.portal_at}")
        frame = page.frames[1]
        for _ in range(100):  # the frame is where it ends a moment after the answer
            if frame.url not in ("", "about:blank"):
                break
            page.wait_for_timeout(50)
        if where == "portal":
            assert frame.url == f"{office.url}{path}"
        else:
            assert frame.url == "chrome-error://chromewebdata/"
            assert "青川市" not in frame.locator("body").inner_text()
    if where == "other":
        assert any("frame-ancestors" in line for line in page.complaints)


BAD_ADDRESSES = [
    "javascript:window.ran=1",
    " JaVaScRiPt:window.ran=1//",
    "java\tscript:window.ran=1",
    "data:text/html,<script>window.ran=1</script>",
    "vbscript:x",
    "blob:https://x/y",
    "file:///etc/passwd",
    "ftp://x.example/",
    "https://user:secret@x.example/",
    "http://[",
]


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_39_addresses_that_are_no_http_are_refused(page: Any, office: Office, address: str) -> None:
    """``data-server`` and ``data-token-url`` that would run a script, hold a password, or lead nowhere."""
    page.goto(
        office.put(f'<p id="p"></p><plan-assistant data-server="{address.replace("<", "&lt;")}"></plan-assistant>')
    )
    page.locator("plan-assistant").wait_for(state="attached")
    page.keyboard.press("/")
    assert page.get_by_role("dialog").count() == 0  # no button, no dialog, nothing that leads there
    assert any("no http(s) address" in line for line in page.complaints)
    page.evaluate(
        "address => { const one = document.createElement('plan-assistant');"
        " one.setAttribute('data-token-url', address); document.querySelector('plan-assistant').replaceWith(one); }",
        address,
    )
    assert "没有取得查询许可" in ask(page).locator(".fault").inner_text()
    assert page.evaluate("window.ran") is None


def test_39_a_token_is_asked_of_the_pages_own_origin_alone(page: Any, office: Office) -> None:
    """An address of another origin, also by ``<base>`` or a redirect, is no place that cookies of the portal go to."""
    office.other.put("/token", "x.y.z", access_control_allow_origin="*")
    page.goto(office.put("", f'data-token-url="{office.other_at}/token"'))
    assert "没有取得查询许可" in ask(page).locator(".fault").inner_text()
    page.goto(office.put("", 'data-token-url="token"', head=f'<base href="{office.other_at}/">'))
    assert "没有取得查询许可" in ask(page).locator(".fault").inner_text()
    assert office.other.paths() == []


def test_39_attributes_are_text(page: Any, office: Office) -> None:
    """Quotes and tags in ``data-*`` do not leave the attribute, and become no markup in the widget."""
    bad = "&quot;><script>window.ran=1</script><img src=x onerror=window.ran=1>"
    page.goto(
        office.put("", f'data-label="{bad}" data-lang="{bad}" data-theme="{bad}" data-launcher="{bad}" data-x="{bad}"')
    )
    button = page.get_by_role("button")
    assert button.inner_text().startswith('"><script>window.ran=1</script><img')
    assert page.locator("plan-assistant img, plan-assistant script").count() == 0
    page.goto(office.put("", f'data-plans="{bad}"'))
    assert "无法受理" in ask(page).locator(".fault").inner_text()  # a plan that nobody has
    assert page.evaluate("window.ran") is None


def test_39_loaded_twice_there_is_one(page: Any, office: Office) -> None:
    """The script twice in the page, and once more later: one button, one dialog, each key counts once."""
    again = f'<script src="{office.url}/widget.js" data-lang="en"></script>'
    page.goto(office.put(again, 'data-lang="zh"'))
    page.evaluate(
        "url => new Promise(done => { const s = document.createElement('script'); s.src = url; s.onload = done;"
        " document.head.append(s); })",
        f"{office.url}/widget.js?again",
    )
    assert page.locator("plan-assistant").count() == 1
    assert page.get_by_role("button").count() == 1
    asked: list[str] = []  # not what is searched for while one types, which may be the same words
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    ask(page)
    assert asked == [f"{office.url}/api/v1/ask"]
    assert page.complaints == []


def test_39_a_strict_policy_of_the_page_is_enough(page: Any, office: Office) -> None:
    """No inline style or script, no pictures, trusted types: the policy names the assistant twice and nothing else."""
    policy = (
        f"default-src 'none'; script-src {office.url}; connect-src {office.url}; require-trusted-types-for 'script'; "
    )
    page.goto(office.put(content_security_policy=f"{policy}trusted-types 'none'; base-uri 'none'; form-action 'none'"))
    turn = ask(page)
    assert turn.locator(".pill").inner_text() == "有据"
    assert turn.locator("mark").inner_text() == "市水务局"
    dialog = page.get_by_role("dialog")
    assert dialog.evaluate("e => getComputedStyle(e).borderRadius") == "14px"  # its own style is in force
    assert page.complaints == []


def test_39_a_page_that_lets_nothing_connect_gets_a_sentence_and_a_link(page: Any, office: Office) -> None:
    """The policy allows the script and no requests; and a browser without what the widget needs."""
    page.goto(office.put(content_security_policy=f"default-src 'none'; script-src {office.url}"))
    turn = ask(page)
    assert "从本页连不上助手" in turn.locator(".fault").inner_text()
    link = turn.get_by_role("link")
    assert link.get_attribute("href").startswith(f"{office.url}/?q=%E6%9B%B4")
    assert link.get_attribute("rel") == "noopener"
    old = page.context.new_page()
    old.add_init_script("delete Document.prototype.adoptedStyleSheets; delete window.HTMLDialogElement;")
    old.goto(office.put())
    assert old.get_by_role("link").get_attribute("href") == f"{office.url}/"
    assert old.locator("plan-assistant").count() == 0


OVERRIDES = (Path(__file__).parent / "overrides.js").read_text(encoding="utf-8")


def test_39_a_page_that_overrides_built_ins_later_neither_breaks_nor_reads_it(page: Any, office: Office) -> None:
    """Built-ins of every kind replaced by ones that throw and tell what they saw (overrides.js)."""
    page.goto(office.put("", 'data-token="secret.token"'))
    page.locator("plan-assistant").wait_for(state="attached")
    sent: list[Any] = []
    page.on("request", lambda request: sent.append(request))
    # The driver of this test works in the page too, so the question is typed by keys and the answer read from a picture
    # of the page that the browser makes itself.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": f"{{ {OVERRIDES} }} 0"})
    page.keyboard.press("/")
    page.keyboard.insert_text(QUESTION)
    for _ in range(200):  # search as you type works on the way
        if any("/api/v1/search" in request.url for request in sent):
            break
        page.wait_for_timeout(50)
    page.keyboard.press("Enter")
    seen = ""
    for _ in range(200):
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        seen = " ".join(str(node.get("name", {}).get("value", "")) for node in nodes)
        if "有据" in seen:
            break
        page.wait_for_timeout(100)
    assert "有据" in seen
    assert "更换老旧管道由" in seen
    told = session.send("Runtime.evaluate", {"expression": "window.told[0] || ''", "returnByValue": True})["result"][
        "value"
    ]
    assert told == ""
    paths = [urlsplit(request.url).path for request in sent]
    assert "/api/v1/search" in paths
    asked = next(request for request in sent if request.method == "POST")
    assert asked.headers["authorization"] == "Bearer secret.token"
    assert asked.post_data == '{"turns":["' + QUESTION + '"]}'


def test_39_nothing_of_the_page_reaches_in_by_style(page: Any, office: Office) -> None:
    """A page that styles everything: the widget looks the same, and stays readable."""
    wild = "<style>* { color: red !important; font-size: 40px !important } :root { --ink: red }</style>"
    page.goto(office.put(head=wild))
    turn = ask(page)
    color = turn.locator("h3").evaluate("e => getComputedStyle(e).color + getComputedStyle(e).fontSize")
    assert re.fullmatch(r"rgb\(31, 39, 51\)16px", color)
