"""Tabs of a real browser that note whom their pages ask and what these complain about; what tests share of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

PATIENCE = 60_000  # ms
DESK, PHONE = 1440, 390
BOTH = pytest.mark.parametrize("page", [DESK, PHONE], indirect=True)
# In make test on a screen alone; that its pages fit a phone is tried there by others.
PHONE_IN_FULL = pytest.mark.parametrize("page", [DESK, pytest.param(PHONE, marks=pytest.mark.slow)], indirect=True)
# The widget shuts its shadow root to scripts of the page. With this before them, tests and traps may look inside.
OPENED = """const shut = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (init) { return shut.call(this, { ...init, mode: "open" }); };"""


def fits(page: Any) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")


class Tab:
    """A person with an empty page before him; ``page.goto`` takes paths below ``url``. Every page that is opened from
    there is watched as well.

    Args:
        width: of the window, in pixels; its height is that of a desk's or a phone's.
        more: what else makes the person: options of Playwright's ``new_context``.
    """

    kinds: tuple[str, ...] = ("error",)  # of lines in the console that count as a complaint
    forgiven: tuple[str, ...] = ()  # how lines begin that do not

    def __init__(self, browser: Any, url: str, width: int = DESK, **more: Any) -> None:
        window = {"width": width, "height": 844 if width < 600 else 900}
        self.url = url
        self.context = browser.new_context(**({"base_url": url, "viewport": window, "locale": "zh-CN"} | more))
        self.context.set_default_timeout(PATIENCE)
        self.asked: set[str] = set()
        self._opened: set[str] = set()
        self._said: list[tuple[str, str]] = []  # with the address that it is about
        self.context.on("request", self._asks)
        self.context.on("console", self._says)
        self.context.on("weberror", lambda fault: self._said.append((str(fault.error), "")))
        self.page = self.context.new_page()

    def _asks(self, request: Any) -> None:
        self.asked.add(request.url)
        if request.is_navigation_request():
            self._opened.add(request.url)

    def _says(self, line: Any) -> None:
        if line.type in self.kinds and not line.text.startswith(self.forgiven):
            self._said.append((line.text, line.location["url"]))

    @property
    def complaints(self) -> list[str]:
        """What went wrong, and where. That a page is a refusal, or no icon, is what the browser says by itself."""
        told = [
            (said, about)
            for said, about in self._said
            if not ("status of 4" in said and (about in self._opened or about.endswith("/favicon.ico")))
        ]
        return [f"{said} {about}".strip() for said, about in told]

    @property
    def hosts(self) -> set[str]:
        """Who was asked, each with the port."""
        parts = [urlsplit(url) for url in self.asked]
        return {one.netloc for one in parts if one.scheme in ("http", "https", "ws", "wss")}

    def forget(self) -> None:
        """What was noted so far."""
        for noted in (self.asked, self._opened, self._said):
            noted.clear()  # type: ignore[attr-defined]

    def quiet(self) -> None:
        """Fails where anybody else was asked, or something went wrong."""
        assert self.hosts == {urlsplit(self.url).netloc}, self.hosts
        assert not self.complaints, self.complaints


@contextmanager
def opened(browser: Any, url: str, width: int = DESK, **more: Any) -> Iterator[Any]:
    """A page for somebody at a desk or with a phone (see ``Tab``), that in the end has asked and complained of nothing
    else; with the clipboard at hand, which a browser allows to no page by itself."""
    tab = Tab(browser, url, width, **({"permissions": ["clipboard-read", "clipboard-write"]} | more))
    try:
        yield tab.page
        tab.quiet()
    finally:
        tab.context.close()


class Chat(Tab):
    """A tab at the chat."""

    # What Gradio says of a page that is left while it asks for something.
    forgiven = ("AbortError", "Connection errored out", "Unexpected error Connection errored out")

    def __init__(self, browser: Any, url: str, width: int = DESK, **more: Any) -> None:
        super().__init__(browser, url, width, **more)
        self.page.goto(url)
        self.page.locator("#chat .example").first.wait_for()

    def ask(self, question: str) -> Any:
        """Sends a question; the reply to it once it is there."""
        replies = self.page.locator("#chat .answer, #chat .notice")
        before = replies.count()
        self.page.locator("#question textarea").fill(question)
        self.page.locator("#question textarea").press("Enter")
        replies.nth(before).wait_for()
        return replies.nth(before)
