"""Attacks, section G: what plans, users and reports say is shown as words, on every page that shows it.

Twenty-four classes of markup (``payloads.py``) in the words of a clause, a title, a file's name, a question, feedback
and a report. Nothing is loaded from a listener on another port and nothing runs, with the policy in the header and
with that header taken away: texts are escaped first, and the policy is the second line.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Error

from assistant.api import build_api
from assistant.feedback import FeedbackStore
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.model import Answer, AssignmentRow, Citation, Status
from assistant.reload import Reloader
from assistant.ui import mount_ui
from assistant.web.library import install as install_library
from evals.questions import Question
from evals.web.pages import install as install_evals
from index.build import build
from index.config import IndexSettings
from tests.app.places import Pages, bound, origin_of, served
from tests.app.tabs import OPENED
from tests.security.payloads import payloads

browser_test = [pytest.mark.browser, pytest.mark.timeout(600)]
pytestmark = browser_test

CLASSES = sorted(payloads(""))
NAMED = "<img src=x onerror=window.ran=1><svg onload=window.ran=1>"  # no slash: whatever is before one is no name
LISTING = "市水务局负责哪些任务？"


class Bare:
    """ASGI: the application without its Content-Security-Policy, while that is asked for."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.bare = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Every response, with or without the header."""

        async def wrapped(message: Any) -> None:
            if self.bare and message["type"] == "http.response.start":
                kept = [(k, v) for k, v in message["headers"] if k.lower() != b"content-security-policy"]
                message = {**message, "headers": kept}
            await send(message)

        await self.app(scope, receive, wrapped)


class Office:
    """The whole application over plans, feedback and a run of questions that are all hostile."""

    def __init__(self, folder: Path) -> None:
        self.listener, self.portal = Pages(), Pages()
        self.sockets = [bound() for _ in range(3)]
        self.url, self.far, self.portal_at = map(origin_of, self.sockets)
        self.bad = payloads(self.far)
        data = folder / "data"
        given = folder / "given"
        for number, text in enumerate(self.bad.values()):
            plan = given / f"bad{number:02}"
            plan.mkdir(parents=True)
            # A backslash is a slash to browsers, and may stand in the name of a file.
            name = text.replace("/", "\\")[:200] + ".txt"
            (plan / "plan.toml").write_text(
                f"title = {json.dumps(text + ' 方案')}\nissuer = {json.dumps('青川市' + text)}\n"
                f"number = {json.dumps(text)}\nfile = {json.dumps(name)}\nsource = {json.dumps(text)}\n",
                encoding="utf-8",
            )
            (plan / name).write_text(
                f"青川市第{number}号方案\n一、重点任务{text}\n1.更换{number}号管道{text}。(市水务局牵头,市<i>财政</i>局配合)\n"
                f"2.研究{text}机制。\n",
                encoding="utf-8",
            )
        (folder / "settings.toml").write_text('[index]\nembedder = "hash"\n', encoding="utf-8")
        hashed = IndexSettings(embedder="hash")
        build(data, hashed, [given], progress=False)
        holder, feedback = Holder(), FeedbackStore(data / "feedback.sqlite")
        reloader = Reloader(holder, data, index_settings=hashed)
        reloader.reload()
        self.assistant = holder.assistant
        settings = ServerSettings.model_validate({"cors_origins": [self.portal_at]})
        api = build_api(holder, settings)
        install_library(api, holder, data, folder / "settings.toml", reloader)
        self.jobs = install_evals(api, holder, feedback, data, folder / "settings.toml")
        self.app = Bare(mount_ui(api, holder, feedback))
        for number, text in enumerate(self.bad.values()):
            cited = Citation(n=1, plan="bad00", clause=text, quote=text, start=0, end=9, source=text, path=text)
            row = AssignmentRow(plan="bad00", clause=text, lead=[text], title=text, deadline=text, citation=1)
            answer = Answer(status=Status.ANSWERED, text=f"{text} [1]", assignments=[row], citations=[cited])
            feedback.record(f"{number:032x}", "down", [text], answer, "f00d", reason="other", comment=text)

    def evaluate(self) -> None:
        """A run over a set of hostile questions, named by one of them; ``self.run`` is its address."""
        questions = [
            Question.model_validate(
                {
                    "id": f"q{number}",
                    "category": "task_owner",
                    "turns": [f"更换{number}号管道由谁牵头？", f"{text} 由谁牵头？"],
                    "plans": [f"bad{number:02}"],
                    "evidence": [f"更换{number}号管道"],
                    "lead": [text[:100]],
                    "facts": [text[:100]],
                    "note": text,
                }
            )
            for number, text in enumerate(self.bad.values())
        ]
        content = "".join(f"{question.model_dump_json()}\n" for question in questions)
        name = f"{NAMED}.jsonl"
        with httpx.Client(base_url=self.url, timeout=60) as client:
            answer = client.post("/evals/sets", files={"file": (name, content.encode())}, follow_redirects=True)
            chosen = re.search(r'value="(uploaded:[0-9a-f]{16})" selected', answer.text)
            assert chosen, answer.text[:2000]
            answer = client.post("/evals/runs", data={"set": chosen[1]})
            assert answer.status_code == 303, answer.text
            assert self.jobs.wait(120)
        self.run = answer.headers["location"].partition("?")[0]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = Office(tmp_path_factory.mktemp("hostile"))
    ours, far, portal = made.sockets
    with served(made.app, ours), served(made.listener, far), served(made.portal, portal):
        made.evaluate()
        yield made


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.slow)], ids=["policy", "no-policy"])
def page(browser: Any, office: Office, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A tab that watches for whatever runs; at its end nothing may have, and nobody may have asked the listener."""
    office.app.bare = request.param
    office.listener.asked.clear()
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.add_init_script(OPENED)
    dialogs: list[str] = []
    context.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    asked: list[str] = []
    context.on("request", lambda asking: asked.append(asking.url))
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    yield opened
    harmless(opened, office)
    assert dialogs == []
    assert [url for url in asked if not url.startswith((office.url, office.portal_at, "data:", "blob:"))] == []
    assert office.listener.paths() == []
    context.close()


FOREIGN = """() => {
  const found = [], walk = (root) => {
    for (const one of root.querySelectorAll("*")) {
      const name = one.localName, at = (one.getAttribute("src") || "") + (one.getAttribute("href") || "")
        + (one.getAttribute("action") || "") + (one.getAttribute("style") || "") + (one.getAttribute("data") || "");
      if (["iframe", "object", "embed", "video", "audio", "math", "applet"].includes(name)) found.push(name);
      if (name === "input" && one.type === "password") found.push("password");
      if (name === "meta" && one.httpEquiv === "refresh") found.push("refresh");
      if (at.includes("FAR") || /^\\s*javascript:/i.test(at)) found.push(name + " " + at);
      for (const { name: kind } of one.attributes) if (/^on[a-z]/.test(kind)) found.push(name + " " + kind);
      if (one.shadowRoot) walk(one.shadowRoot);
    }
  };
  walk(document);
  return found;
}"""


def harmless(page: Any, office: Office) -> None:
    """Nothing ran in any frame of the page, and no element of it came out of a text."""
    page.wait_for_timeout(150)
    for frame in page.frames:
        assert frame.evaluate("typeof window.ran") == "undefined"
    assert page.evaluate(FOREIGN.replace("FAR", office.far.partition("//")[2])) == []


def visit(page: Any, office: Office, path: str) -> str:
    """Opens one of our pages; what a person reads on it, without white space."""
    page.goto(office.url + path)
    harmless(page, office)
    return re.sub(r"\s", "", page.locator("body").inner_text())


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_64_the_payloads_would_load_and_run(browser: Any, office: Office) -> None:
    """The other way round: in a page as they are, those that browsers know reach the listener or run."""
    harmless_here = {"javascript", "base", "math", "katex", "image", "image-reference", "image-title", "form"}
    office.listener.asked.clear()
    context = browser.new_context()
    for name, text in office.bad.items():
        if name in harmless_here:  # these need a click, a converter of Markdown, or something that follows
            continue
        tab = context.new_page()
        office.portal.put("/raw", f"<!doctype html><body>{text}</body>")
        before = len(office.listener.asked)
        tab.goto(f"{office.portal_at}/raw")
        for _ in range(200):
            if len(office.listener.asked) > before:
                break
            with contextlib.suppress(Error):  # the page goes elsewhere at this very moment
                if tab.evaluate("window.ran") == 1:
                    break
            tab.wait_for_timeout(50)
        else:
            pytest.fail(f"{name} does nothing")
        tab.close()
    context.close()


def test_64_to_87_the_pages_of_plans(page: Any, office: Office) -> None:
    """Clause text, headings, titles and names of files: on the pages of plans, of the library, and in previews."""
    for number, text in enumerate(office.bad.values()):
        shown = visit(page, office, f"/plans/bad{number:02}?start=0&end=200")
        assert squeezed(text) in shown
        if number % 8 == 0:
            assert squeezed(text) in visit(page, office, f"/library/bad{number:02}")
    listed = visit(page, office, "/library")
    assert all(squeezed(text) in listed for text in office.bad.values())
    visit(page, office, "/library?lang=en")
    lines = ["青川市方案", "一、任务", *(f"{n}.{text}。" for n, text in enumerate(office.bad.values(), 1))]
    name = office.bad["svg"].replace("/", "\\") + ".txt"
    page.set_input_files("#file", files=[{"name": name, "mimeType": "text/plain", "buffer": "\n".join(lines).encode()}])
    page.locator("form.upload button").click()
    page.wait_for_url(re.compile(r"/staging/[0-9a-f]{32}"))
    harmless(page, office)
    shown = squeezed(page.locator("main").inner_text())
    assert sum(squeezed(text) in shown for text in office.bad.values()) >= 20  # a preview shortens none of them


def test_64_to_87_feedback_and_reports(page: Any, office: Office) -> None:
    """What users wrote with 👎, and a run of hostile questions: lists, forms, figures, and the report of one file."""
    shown = visit(page, office, "/evals/feedback")
    assert squeezed(office.bad["onerror"]) in shown
    for number in range(0, len(office.bad), 6):
        visit(page, office, f"/evals/feedback/{number:032x}")
    assert squeezed(NAMED) in visit(page, office, "/evals")
    for path in (office.run, f"{office.run}?lang=en", f"{office.run}/report.html"):
        shown = visit(page, office, path)
        found = [name for name, text in office.bad.items() if squeezed(text)[:60] in shown]
        assert len(found) >= 20


def test_64_to_87_the_chat(page: Any, office: Office) -> None:
    """All clauses, titles and names of plans in one answer, then hostile questions, in the chat that Gradio draws."""
    visit(page, office, f"/?q={quote(LISTING)}")
    page.locator("#chat .answer").first.wait_for()
    page.locator("#sources [id^=cite-1-]").nth(23).wait_for(state="attached")
    harmless(page, office)
    shown = squeezed(page.locator("#sources").text_content())
    assert all(squeezed(text) in shown for text in office.bad.values())
    page.locator("#plans input").click()
    page.get_by_role("option").first.wait_for()
    harmless(page, office)
    page.keyboard.press("Escape")
    asked = 1
    for group in grouped(office, 390):
        asked += 1
        page.locator("#question textarea").fill(group)
        page.locator("#question textarea").press("Enter")
        page.locator("#chat .answer, #chat .notice").nth(asked - 1).wait_for()
        assert squeezed(group) in squeezed(page.locator("#chat .question").last.inner_text())
        harmless(page, office)


def test_64_to_87_the_widget(page: Any, office: Office) -> None:
    """The same plans and questions in the widget, in a page of another origin that has no policy at all."""
    tag = f'<script src="{office.url}/widget.js" data-lang="zh"></script>'
    office.portal.put("/page", f'<!doctype html><html><head><meta charset="utf-8">{tag}</head><body>x</body></html>')
    page.goto(f"{office.portal_at}/page")
    page.keyboard.press("/")
    box, turns = page.get_by_role("combobox"), page.locator("plan-assistant article")
    box.fill("更换管道")
    page.get_by_role("option").first.wait_for()
    harmless(page, office)
    for number, question in enumerate([LISTING, *grouped(office, 1900)]):
        box.fill(question)
        box.press("Enter")
        turns.nth(number).locator(".pill").wait_for()
        assert squeezed(question) == squeezed(turns.nth(number).locator("h3").text_content())
        harmless(page, office)
    quotes = squeezed("".join(turns.first.locator(".cite").all_text_contents()))
    assert all(squeezed(text) in quotes for text in office.bad.values())


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSES)
def test_64_to_87_each_alone_on_each_page(page: Any, office: Office, name: str) -> None:
    """One class at a time, so that none is kept from acting by another that stands before it."""
    number, text = list(office.bad).index(name), office.bad[name]
    for path in (
        f"/plans/bad{number:02}",
        f"/library/bad{number:02}",
        f"/library/bad{number:02}?lang=en",
        f"/evals/feedback/{number:032x}",
        f"/evals/feedback/{number:032x}?lang=en",
    ):
        visit(page, office, path)
    visit(page, office, f"/?q={quote(text[:300])}")
    page.locator("#chat .answer, #chat .notice").first.wait_for()
    harmless(page, office)
    page.locator("#question textarea").fill(f"第{number}号方案更换{number}号管道由谁牵头？")
    page.locator("#question textarea").press("Enter")
    page.locator("#chat .answer, #chat .notice").nth(1).wait_for()
    harmless(page, office)
    office.portal.put("/one", f'<!doctype html><script src="{office.url}/widget.js"></script><body>x</body>')
    page.goto(f"{office.portal_at}/one")
    page.evaluate("text => PlanAssistant.open(text)", text)
    page.locator("plan-assistant article .pill").wait_for()


def grouped(office: Office, most: int) -> Iterator[str]:
    """All payloads as few questions of at most ``most`` code points."""
    group = ""
    for text in office.bad.values():
        if group and len(group) + len(text) + 1 > most:
            yield group
            group = ""
        group = f"{group} {text}".strip()
    yield group
