"""Every page of the product, and what is asked of each: what axe-core says, whom it asks, whether it jumps.

**A new page** needs a line in ``STOPS``: an address, and what stands on it when it is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT

from tests.app.tabs import Tab

GRAVE = ("serious", "critical")
SIZES = {1440: 900, 1024: 768, 390: 844}
SCHEMES = ("light", "dark")
MOST_SHIFT = 0.1  # what the web's own measure calls good
QUESTION = "甘肃省研发费用加计扣除由谁牵头?"


@dataclass(frozen=True, slots=True)
class Stop:
    """A page in a state. ``shows`` is a selector of something that stands on it; ``does`` are clicks, in order."""

    name: str
    path: str
    shows: str
    status: int = 200
    does: tuple[str, ...] = ()


STOPS: tuple[Stop, ...] = (
    Stop("chat", "/", "#chat .example"),
    Stop("chat-answered", f"/?q={QUESTION}", "#chat .answer"),
    Stop("chat-cited", f"/?q={QUESTION}", "#chat .answer", does=("#chat sup.ref a",)),
    Stop("chat-asked-before", f"/?q={QUESTION}", "#chat .answer", does=("#history summary",)),
    Stop("chat-not-found", "/?q=月球基地由谁牵头?", "#chat .answer"),
    Stop("chat-traditional", f"/?lang=zh-Hant&q={QUESTION}", "#chat .answer"),
    Stop("chat-english", f"/?lang=en&q={QUESTION}", "#chat .answer"),
    Stop("plans", "/plans", ".plans-list"),
    Stop("plans-none", "/plans?q=没有这样的规划", ".empty"),
    Stop("plans-english", "/plans?lang=en&order=newest", ".plans-list"),
    Stop("reader", "/plans/zibo-2014", "main"),
    Stop("reader-marked", "/plans/tianshui-2021?start=900&end=960&lang=zh-Hant", "mark"),
    Stop("reader-found", "/plans/gansu-2020?find=知识产权&lang=en", "main"),
    Stop("reader-none", "/plans/none", ".faults", 404),
    Stop("nowhere", "/none/such", ".faults", 404),
    Stop("ledger", "/ledger", "main h1"),
    Stop("ledger-filtered", "/ledger?plan=gansu-2020&role=lead", "main h1"),
    Stop("ledger-none", "/ledger?q=没有这样的事项", "main"),
    Stop("ledger-units", "/ledger?view=units&unit=省科技厅", "details.group"),
    Stop("ledger-choices", "/ledger?lang=zh-Hant", "main h1", does=("#pick-body summary",)),
    Stop("ledger-english", "/ledger?lang=en", "main h1"),
    Stop("matrix", "/matrix", "main h1"),
    Stop("matrix-plan", "/matrix?plan=tianshui-2021&lang=zh-Hant", "main h1"),
    Stop("matrix-load", "/matrix/load", "main svg"),
    Stop("matrix-network", "/matrix/network", "main svg"),
    Stop("matrix-checks", "/matrix/checks", "main"),
    Stop("matrix-none", "/matrix?plan=none", ".faults", 404),
    Stop("compare", "/compare", "main form"),
    Stop("compare-two", "/compare?plan=gansu-2020&plan=tianshui-2021", "main"),
    Stop(
        "compare-four", "/compare?plan=gansu-2020&plan=tianshui-2021&plan=zibo-2014&plan=kizilsu-2023&lang=en", "main"
    ),
    Stop("library", "/library", ".plans"),
    Stop("library-plan", "/library/gansu-2020", "#counts"),
    Stop("library-clauses", "/library/zibo-2014/clauses", ".tree"),
    Stop("library-correct", "/library/zibo-2014/clauses?edit=三/(一)/1", ".tree"),
    Stop("library-remove", "/library/zibo-2014/remove", "main form"),
    Stop("library-none", "/library/none?lang=en", ".faults", 404),
    Stop("evals", "/evals", "main"),
    Stop("feedback", "/evals/feedback", "main"),
)


@cache
def there() -> tuple[Stop, ...]:
    """Those whose route exists."""
    from assistant.access.rules import rule_of

    return tuple(stop for stop in STOPS if stop.name == "nowhere" or rule_of("GET", urlsplit(stop.path).path))


_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) {
    if (one.hadRecentInput) continue;
    const moved = one.sources.map((s) => s.node && (s.node.id || s.node.className || s.node.nodeName));
    window.shifts.push([one.value, String(moved)]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


class Visit(Tab):
    """A tab that notes how much the page jumps, too."""

    def __init__(self, browser: Any, server: Any, width: int, scheme: str) -> None:
        window = {"width": width, "height": SIZES[width]}
        super().__init__(browser, server.url, viewport=window, color_scheme=scheme)
        self.context.add_init_script(_SHIFTS)

    def open(self, stop: Stop) -> None:
        """Goes there, and waits until it shows what it has to."""
        self.page.goto("about:blank")  # what a page says when it is left is not said of the next
        self.forget()
        answer = self.page.goto(stop.path)
        assert answer.status == stop.status, (stop.name, answer.status)
        self.page.locator(stop.shows).first.wait_for()
        for selector in stop.does:
            self.page.locator(selector).first.click()
        self.page.evaluate("() => document.fonts.ready.then(() => new Promise((r) => setTimeout(r, 60)))")

    def faults(self) -> list[str]:
        """What is wrong with the page that is open."""
        return [*self._strangers(), *self._console(), *self._overflow(), *self._jumps(), *self._axe()]

    def _strangers(self) -> Iterator[str]:
        home = urlsplit(self.url).netloc
        for url in self.asked:
            parts = urlsplit(url)
            if parts.scheme not in ("data", "blob") and parts.netloc != home:
                yield f"asks another host: {url[:120]}"

    def _console(self) -> Iterator[str]:
        yield from (f"console: {line[:300]}" for line in self.complaints)

    def _overflow(self) -> Iterator[str]:
        wide, room = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if wide > room:
            over = self.page.evaluate(
                "(room) => [...document.querySelectorAll('body *')]"
                ".filter((e) => e.getBoundingClientRect().right > room + 1).slice(0, 3)"
                ".map((e) => e.nodeName + '.' + e.className)",
                room,
            )
            yield f"scrolls sideways: {wide} > {room}, by {over}"

    def shifts(self) -> float:
        """How much the page that is open has jumped, as browsers measure it (cumulative layout shift)."""
        return float(sum(value for value, _ in self.page.evaluate("window.shifts")))

    def _jumps(self) -> Iterator[str]:
        total = self.shifts()
        if total >= MOST_SHIFT:
            yield f"jumps by {total:.2f}: {self.page.evaluate('window.shifts')[:4]}"

    def _axe(self) -> Iterator[str]:
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE_SCRIPT)
        found = self.page.evaluate("axe.run({resultTypes: ['violations']}).then((r) => r.violations)")
        for fault in found:
            if fault["impact"] in GRAVE:
                places = "; ".join(f"{node['target'][0]} {node['html'][:100]}" for node in fault["nodes"][:4])
                why = " ".join(fault["nodes"][0].get("failureSummary", "").split())[:300]
                yield f"axe {fault['impact']} {fault['id']} ×{len(fault['nodes'])}: {places} | {why}"


@contextmanager
def visiting(browser: Any, server: Any, width: int, scheme: str) -> Iterator[Visit]:
    """A tab of a width and a colour scheme."""
    visit = Visit(browser, server, width, scheme)
    try:
        yield visit
    finally:
        visit.context.close()
