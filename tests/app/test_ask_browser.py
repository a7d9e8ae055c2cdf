"""The chat page as somebody uses it who checks what he is told: the plan beside the answer, keys, a phone, what was
taken over, what may be asked next, what is copied, and what was asked before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from assistant.conversation import LISTED
from assistant.strings import EN, ZH
from tests.app.tabs import PHONE, Chat, fits

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

OWNER = "甘肃新药专项的知识产权保护谁牵头?"
SEVERAL = "4·26宣传活动,甘肃和天水分别落到哪些单位?"


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def quotes(server: Any, *turns: str) -> dict[int, dict[str, Any]]:
    """The citations of an answer, as the API gives them."""
    answer = httpx.post(f"{server.url}/api/v1/ask", json={"turns": list(turns)}, timeout=30).json()
    return {one["n"]: one for one in answer["citations"]}


class Reader(Chat):
    """A tab of somebody who reads along."""

    def marked(self, n: int, active: bool = False) -> str:
        """The characters of the plan in the pane that are marked as those of citation ``n``, without white space."""
        only = ".active" if active else ""
        found = self.page.locator(f'#plan mark.cited[data-n~="{n}"]{only}')
        found.first.wait_for()
        return bare("".join(found.all_text_contents()))

    def active(self) -> str:
        """The characters that stand out."""
        return bare("".join(self.page.locator("#plan mark.active").all_text_contents()))

    def in_view(self, selector: str) -> bool:
        """Whether the first such element stands within the part of the plan that is seen."""
        seen: bool = self.page.locator(selector).first.evaluate(
            """e => { const pane = e.closest(".page").getBoundingClientRect(), own = e.getBoundingClientRect();
                      return own.top >= pane.top - 1 && own.bottom <= pane.bottom + 1; }"""
        )
        return seen

    def focused(self) -> str:
        """The id, or the text, of what has the focus."""
        said: str = self.page.evaluate("document.activeElement.id || document.activeElement.textContent")
        return said


@pytest.fixture
def reader(browser: Any, server: Any) -> Iterator[Reader]:
    opened = Reader(browser, server.url)
    yield opened
    opened.quiet()
    opened.context.close()


def test_the_plan_stands_beside_the_answer_with_what_is_cited_marked(reader: Reader, server: Any) -> None:
    cited = quotes(server, OWNER)
    reply = reader.ask(OWNER)
    assert {1, 2} <= set(cited)
    for n, one in cited.items():
        assert reader.marked(n) == bare(one["quote"])
    # What is related is not marked, nor anything else.
    assert bare("".join(reader.page.locator("#plan mark").all_text_contents())) == bare(
        "".join(one["quote"] for _, one in sorted(cited.items(), key=lambda item: item[1]["start"]))
    )
    assert reader.active() == bare(cited[1]["quote"])
    assert reader.in_view("#plan mark.active")
    reply.locator("sup.ref a").nth(1).click()
    assert reader.active() == bare(cited[2]["quote"])
    assert reader.in_view("#plan mark.active")
    reader.page.get_by_role("tab", name="引文").click()
    assert reader.page.locator("#sources .cite").first.is_visible()
    assert not reader.page.locator("#plan").is_visible()
    reply.locator("sup.ref a").first.click()
    assert reader.page.locator("#plan").is_visible()


def test_what_a_mark_cites_is_told_by_a_tooltip_and_opened_by_a_key(reader: Reader, server: Any) -> None:
    cited = quotes(server, OWNER)
    reply = reader.ask(OWNER)
    reader.marked(1)
    tip = reader.page.get_by_role("tooltip")
    reader.page.locator("#next-1").wait_for()  # after which nothing moves under the mouse
    reply.locator("sup.ref a").nth(1).hover()
    tip.wait_for()
    assert bare(cited[2]["quote"])[:30] in bare(tip.inner_text())
    assert "甘肃省" in tip.inner_text()
    reader.page.keyboard.press("Escape")
    tip.wait_for(state="hidden")
    # In the question box a number is a number; Escape leaves the box when it is empty.
    box = reader.page.locator("#question textarea")
    box.focus()
    reader.page.keyboard.press("2")
    assert box.input_value() == "2"
    assert reader.active() == bare(cited[1]["quote"])
    reader.page.keyboard.press("Backspace")
    reader.page.keyboard.press("Escape")
    assert reader.focused().startswith("answer-")
    reader.page.keyboard.press("2")
    assert reader.active() == bare(cited[2]["quote"])
    reader.page.keyboard.press("1")
    assert reader.active() == bare(cited[1]["quote"])
    # By keyboard alone: the mark has the focus, and says what it is.
    reader.page.keyboard.press("Tab")
    link = reply.locator("sup.ref a").first
    assert link.evaluate("e => e === document.activeElement")
    tip.wait_for()
    assert link.get_attribute("aria-describedby") == tip.get_attribute("id")
    reader.page.keyboard.press("Escape")
    tip.wait_for(state="hidden")
    assert link.evaluate("e => e === document.activeElement")
    reader.page.keyboard.press("/")
    assert box.evaluate("e => e === document.activeElement")


def test_an_answer_from_several_plans_has_a_tab_for_each(reader: Reader, server: Any) -> None:
    cited = quotes(server, SEVERAL)
    plans = list(dict.fromkeys(one["plan"] for one in cited.values()))
    assert len(plans) > 1
    reader.ask(SEVERAL)
    article = reader.page.locator("#plan article")
    article.wait_for()
    assert article.get_attribute("data-plan") == cited[1]["plan"]
    buttons = reader.page.locator("#plan .plans button")
    assert buttons.count() == len(plans)
    other = next(one for one in cited.values() if one["plan"] != cited[1]["plan"])
    reader.page.locator(f'#chat a[href$="-{other["n"]}"]').first.click()
    reader.page.locator(f'#plan article[data-plan="{other["plan"]}"]').wait_for()
    assert reader.active() == bare(other["quote"])
    assert buttons.nth(plans.index(other["plan"])).get_attribute("aria-pressed") == "true"
    buttons.first.click()
    reader.page.locator(f'#plan article[data-plan="{plans[0]}"]').wait_for()


def test_what_was_taken_over_is_taken_out_and_back(reader: Reader) -> None:
    reader.ask("江苏2020年每万人发明专利目标多少?")
    reader.ask("那企业贯标要多少家?")
    last = reader.page.locator("#chat .answer").last
    assert reader.page.locator("#chat button.carried").count() == 1
    before = last.locator(".said").inner_text()
    chip = last.get_by_role("button", name="方案")
    assert "2020年全省知识产权工作要点" in chip.inner_text()
    chip.press("Enter")
    reader.page.locator("#chat .carried.left").wait_for()
    assert reader.page.locator("#chat .answer").count() == 2  # the question was asked again in its place
    assert last.locator(".said").inner_text() != before
    last.locator("button.carried.left").click()
    reader.page.locator("#chat .carried.left").wait_for(state="detached")
    assert last.locator(".said").inner_text() == before


def test_a_question_that_is_suggested_has_an_answer(reader: Reader) -> None:
    reader.ask(OWNER)
    suggestion = reader.page.locator("#after .ask").nth(1)
    suggestion.wait_for()
    question = suggestion.inner_text()
    assert question != OWNER
    suggestion.click()
    second = reader.page.locator("#chat .answer").nth(1)
    second.wait_for()
    assert ZH.status["answered"] in second.inner_text()  # type: ignore[index]
    assert reader.page.locator("#chat .question").nth(1).inner_text() == question
    reader.page.locator("#next-2").wait_for()  # and so on


def test_an_answer_is_copied_with_its_sources_and_a_link_asks_it_again(reader: Reader, server: Any) -> None:
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.ask("甘肃新药专项的知识产权保护谁牵头?")
    reply = reader.ask("配合的呢?")
    reply.get_by_role("button", name=ZH.copy).click()
    reader.page.get_by_role("status").filter(has_text=ZH.script["copied"]).wait_for()
    text = reader.page.evaluate("navigator.clipboard.readText()")
    assert "根据《2020年甘肃省" in text and "（知战办发〔2020〕3号）第二部分（一）第22条：“22進一步健全" in text
    for one in quotes(server, OWNER, "配合的呢?").values():
        assert f"“{one['quote'].strip()}”" in text
    reply.get_by_role("button", name=ZH.link, exact=True).click()
    reader.page.get_by_role("status").filter(has_text=ZH.script["linked"]).wait_for()
    link = reader.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{server.url}/?q=")
    said = reply.inner_text()
    reader.page.goto(link)
    again = reader.page.locator("#chat .answer")
    again.wait_for()  # what was asked before it is there, and is not answered again
    assert again.inner_text() == said
    assert reader.page.locator("#chat .question").all_inner_texts() == [OWNER, "配合的呢?"]
    assert reader.page.locator("#chat .notice").all_inner_texts() == [ZH.only_asked]


def test_what_is_pressed_while_the_page_is_busy_is_not_lost(reader: Reader) -> None:
    """Gradio's box holds one thing at a time, and is read late where the page is drawing."""
    told: list[str] = []
    reader.ask(OWNER)
    reader.page.locator("#next-1").wait_for()
    reader.context.on("request", lambda request: told.extend(re.findall(r'"(\w+-1) \d+"', request.post_data or "")))
    reader.page.evaluate(
        """() => {
          for (const id of ["copy-1", "link-1"]) document.getElementById(id).click();
          const end = performance.now() + 300;
          while (performance.now() < end);
        }"""
    )
    reader.page.get_by_role("status").filter(has_text=ZH.script["linked"]).wait_for()
    assert told == ["copy-1", "link-1"]


def test_what_was_asked_before_is_found_again(reader: Reader) -> None:
    first = reader.ask(OWNER)
    said = first.locator(".said").inner_text()
    reader.ask("甘肃省税务局负责哪些任务？")
    summary = reader.page.locator("#history summary")
    assert summary.inner_text().split() == [ZH.history, "2"]
    summary.click()
    reader.page.locator("#history li a").first.click()
    assert reader.focused() == "answer-1"
    assert not reader.page.locator("#history .drawer").is_visible()
    reader.page.locator("#new").click()
    reader.page.locator("#chat .example").first.wait_for()
    reader.page.locator("#plan .state", has_text=ZH.script["nothing"]).wait_for()
    reader.ask("天水市税务局负责哪些任务？")
    summary.click()
    reader.page.locator("#history").get_by_role("button", name="甘肃新药专项").click()
    reader.page.locator("#chat .answer").nth(1).wait_for()
    assert reader.page.locator("#chat .answer .said").first.inner_text() == said
    summary.click()
    assert reader.page.locator("#history").get_by_role("button", name="天水市税务局").is_visible()
    assert reader.page.evaluate("localStorage.length + sessionStorage.length") <= 1  # nothing of what was asked
    stored = reader.page.evaluate("JSON.stringify([localStorage, sessionStorage])")
    assert "甘肃" not in stored and "天水" not in stored


def test_the_plan_follows_to_a_conversation_with_as_many_questions(reader: Reader) -> None:
    plan = reader.page.locator("#plan article")
    reader.ask("江苏2020年每万人发明专利目标多少?")
    plan.and_(reader.page.locator('[data-plan^="jiangsu"]')).wait_for()
    reader.page.locator("#new").click()
    reader.page.locator("#chat .example").first.wait_for()
    reader.ask(OWNER)
    plan.and_(reader.page.locator('[data-plan^="gansu"]')).wait_for()
    reader.page.locator("#history summary").click()
    reader.page.locator("#history").get_by_role("button", name="江苏2020年").click()
    plan.and_(reader.page.locator('[data-plan^="jiangsu"]')).wait_for()
    assert "江苏2020年" in reader.page.locator("#chat .question").inner_text()


@pytest.mark.slow
def test_the_mark_of_an_old_answer_opens_the_plan_and_keeps_the_conversation(reader: Reader) -> None:
    for n in range(LISTED + 1):
        reader.ask(OWNER)
        reader.page.locator(f"#next-{n + 1}").wait_for()
    first = reader.page.locator("#chat .answer").first
    assert first.locator("sup.ref a").first.get_attribute("href").startswith("/plans/gansu-2020?")
    with reader.context.expect_page() as opening:
        first.locator("sup.ref a").first.click()
    opening.value.locator("#cited").wait_for()
    assert reader.page.locator("#chat .answer").count() == LISTED + 1


LATE = """const real = window.fetch;
window.closing = 0;
window.fetch = async (...given) => {
  const answer = await real(...given);
  if (!String(given[0].url ?? given[0]).includes("/queue/data")) return answer;
  const reader = answer.body.getReader(), words = new TextDecoder();
  const late = new ReadableStream({ async pull(to) {
    const { done, value } = await reader.read();
    if (done) return to.close();
    if (words.decode(value).includes('"close_stream"')) {
      window.closing += 1;
      await new Promise((then) => setTimeout(then, 1500));
    }
    to.enqueue(value);
  } });
  return new Response(late, { status: answer.status, headers: answer.headers });
};"""


def test_a_question_is_answered_though_it_meets_the_end_of_what_was_asked_before(browser: Any, server: Any) -> None:
    """Gradio's page may learn late that a stream ends; what is asked meanwhile is not lost."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(LATE)
    page = context.new_page()
    page.goto(f"{server.url}/")
    page.locator("#chat .example").first.wait_for()
    page.wait_for_function("window.closing > 0")  # of what the page loads
    box = page.locator("#question textarea")
    for number, question in enumerate(["省财政厅有哪些任务？", "省科技厅有哪些任务？"], 1):
        box.fill(question)
        page.evaluate("""() => {
          const before = window.closing, box = document.querySelector("#question textarea");
          document.querySelector("#language input:checked").click();
          for (const one of document.querySelectorAll("#language input")) if (!one.checked) { one.click(); break; }
          const wait = () => (window.closing > before
            ? box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true })) : setTimeout(wait, 1));
          wait();
        }""")
        page.locator("#chat .answer").nth(number - 1).wait_for()
    context.close()


def test_nothing_but_the_text_of_a_plan_gets_into_the_pane(reader: Reader) -> None:
    # As where a log-in has ended, and its page comes instead.
    page = "<!doctype html><title>x</title><main id=strange><article class=plan-text>x</article></main>"
    reader.context.route("**/plans/*/text?*", lambda route: route.fulfill(content_type="text/html", body=page))
    reader.ask(OWNER)
    reader.page.locator("#plan .state").filter(has_text=ZH.script["unread"]).wait_for()
    assert reader.page.locator("#strange").count() == 0


def test_on_a_phone_the_plan_comes_from_below_and_keeps_the_focus(browser: Any, server: Any) -> None:
    cited = quotes(server, OWNER)
    phone = Reader(browser, server.url, PHONE)
    reply = phone.ask(OWNER)
    assert not phone.page.locator("#right").is_visible()
    link = reply.locator("sup.ref a").first
    link.click()
    sheet = phone.page.get_by_role("dialog")
    sheet.wait_for()
    assert phone.marked(1, active=True) == bare(cited[1]["quote"])
    assert phone.in_view("#plan mark.active")
    assert phone.focused() == ZH.script["close"]
    for key in ("Tab", "Tab", "Tab", "Tab", "Tab", "Shift+Tab", "Shift+Tab", "Tab"):
        phone.page.keyboard.press(key)
        assert phone.page.evaluate("document.querySelector('#right').contains(document.activeElement)")
    assert fits(phone.page)
    phone.page.keyboard.press("Escape")
    sheet.wait_for(state="detached")
    assert not phone.page.locator("#right").is_visible()
    assert link.evaluate("e => e === document.activeElement")
    reply.locator("sup.ref a").nth(1).click()
    assert phone.marked(2, active=True) == bare(cited[2]["quote"])
    phone.page.get_by_role("button", name=ZH.script["close"]).click()
    assert not phone.page.locator("#right").is_visible()
    assert fits(phone.page)
    phone.quiet()
    phone.context.close()


KINDS: list[tuple[str, Any, Any]] = [
    ("由谁牵头?", "clarify", "no_subject"),
    (OWNER, "answered", "by_rule"),
    ("江苏“完善执法机制”由哪个单位负责？", "unassigned", "nobody_named"),
    ("湖南省的知识产权质押融资由谁负责?", "not_found", "elsewhere"),
]


def test_every_answer_says_what_kind_it_is_and_why(reader: Reader) -> None:
    for question, status, reason in KINDS:
        head = reader.ask(question).locator(".head")
        assert head.inner_text().split("\n") == [ZH.status[status] + ZH.why[reason]]
    reader.page.get_by_role("radio", name="English").click()
    reader.page.get_by_role("tab", name=EN.script["cites"]).wait_for()
    reader.page.locator("#chat .head").last.filter(has_text=EN.why[KINDS[-1][2]]).wait_for()
    said = reader.page.locator("#chat .head").all_inner_texts()
    assert said == [EN.status[status] + EN.why[reason] for _, status, reason in KINDS]


def test_without_the_script_a_mark_leads_to_its_quote_and_that_to_the_plan(browser: Any, server: Any) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    context.route("**/web/ask.js", lambda route: route.abort())
    page = context.new_page()
    page.goto(server.url)
    page.locator("#chat .example").first.wait_for()
    page.locator("#question textarea").fill(OWNER)
    page.locator("#question textarea").press("Enter")
    page.locator("#chat sup.ref a").first.click()
    source = page.locator("#sources .cite:target")
    source.wait_for()
    assert "/plans/gansu-2020?start=" in source.locator(".open a").get_attribute("href")
    context.close()
