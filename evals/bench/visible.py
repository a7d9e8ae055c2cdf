"""``python -m evals.bench visible``: how long after Enter an answer stands on the screen, in real Chromium.

A real server (``app.py`` over a copy of the data folder) and one tab of a headless browser. Each question of the set is
typed into a conversation of its own kind of length: the page is told to note the moment of the key, and the first
paint after the answer is in the page. The two are of one clock, the browser's own.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from corpus.errors import AssistantError
from evals.bench.load import ROOT, copied, free_port, served
from evals.measures import percentile
from evals.questions import load_set

AIM = 150.0  # milliseconds after Enter
A_CHAT = 5  # questions of one conversation, then a new one is begun
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]

# Notes when Enter is pressed, and when the paint is done that shows one more answer than there was.
_WATCH = """() => {
  const answers = () => document.querySelectorAll("#chat .answer, #chat .notice").length;
  let pressed, before, done;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    [pressed, before] = [performance.now(), answers()];
    window.__seen = new Promise((resolve) => { done = resolve; });
  }, true);
  new MutationObserver(() => {
    if (!done || answers() <= before) return;
    const [tell, there] = [done, performance.now() - pressed];
    done = undefined;
    requestAnimationFrame(() => setTimeout(() => tell([there, performance.now() - pressed])));
  }).observe(document.body, { childList: true, subtree: true });
}"""


class NoBrowser(AssistantError):
    """There is no Chromium, or no Playwright to drive it with."""


@contextmanager
def browser() -> Iterator[Any]:
    """A headless Chromium. Raises ``NoBrowser``."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser("Playwright is not installed: pip install -r requirements-dev.lock") from None
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise NoBrowser("no chromium on the path; set CHROMIUM to one")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=_ARGUMENTS)
        yield opened
        opened.close()


def times(page: Any, questions: Sequence[str], a_chat: int = A_CHAT) -> list[tuple[float, float]]:
    """(answer in the page, painted), in milliseconds after Enter, of each question typed into an open chat
    that ``_WATCH`` watches; each ``a_chat`` of them make a conversation."""
    measured = []
    for place, question in enumerate(questions):
        if place % a_chat == 0:
            page.locator("#new").click()
            page.locator("#chat .example").first.wait_for()
        box = page.locator("#question textarea")
        box.fill(question)
        box.press("Enter")
        there, painted = page.evaluate("window.__seen")
        measured.append((there, painted))
    return measured


def visible(data: Path, questions_file: Path, most: int) -> int:
    """Measures and prints; 0, or 1 where half of the answers are later than ``AIM``. Raises ``AssistantError``."""
    questions = [question.turns[-1] for question in load_set(questions_file)][:most]
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        own, port = copied(data, Path(folder) / "data"), free_port()
        with served([sys.executable, str(ROOT / "app.py"), "--port", str(port), "--data", str(own)], port):
            page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
            page.goto(f"http://127.0.0.1:{port}")
            page.locator("#chat .example").first.wait_for()
            page.evaluate(_WATCH)
            times(page, questions[:A_CHAT])  # the browser has compiled its scripts, the server has loaded all
            measured = times(page, questions)
    print(f"{len(measured)} questions, {A_CHAT} in a conversation; load of the machine {os.getloadavg()[0]:.1f}")
    print("milliseconds after Enter       p50      p95      max")
    for name, values in (
        ("the answer is in the page", [there for there, _ in measured]),
        ("the answer is painted", [painted for _, painted in measured]),
    ):
        print(f"{name:<27} {percentile(values, 50):8.1f} {percentile(values, 95):8.1f} {max(values):8.1f}")
    late = sum(painted > AIM for _, painted in measured)
    print(f"later than {AIM:g} ms: {late} of {len(measured)}")
    return int(late * 2 > len(measured))
