"""Every page in a real Chromium: what axe-core finds, whom it asks, whether it jumps, and can be walked by keys.

All pages at three widths in light and dark in make test-full; a sample of them in make test.
"""

from __future__ import annotations

from typing import Any

import pytest

from assistant.access.rules import rule_of
from assistant.web.masthead import PLACES
from tests.app.walk import SCHEMES, SIZES, STOPS, Stop, there, visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

# In make test each of these once, at one width in one scheme.
SAMPLE = ("chat-answered", "plans", "reader-marked", "ledger", "matrix", "compare-two")
VIEWS = [(width, scheme) for width in SIZES for scheme in SCHEMES]


def test_no_page_is_left_out() -> None:
    paths = {stop.path.split("?")[0] for stop in STOPS}
    assert {path for path, _, _ in PLACES if rule_of("GET", path)} <= paths


def test_a_sample_of_the_pages(browser: Any, server: Any) -> None:
    faults: dict[str, list[str]] = {}
    stops = [stop for stop in there() if stop.name in SAMPLE]
    for n, view in enumerate([(390, "dark"), (1440, "light")]):
        with visiting(browser, server, *view) as visit:
            for stop in stops[n::2]:
                visit.open(stop)
                faults[f"{stop.name} {view}"] = visit.faults()
    assert not {name: found for name, found in faults.items() if found}


@pytest.mark.slow
@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_all_pages(browser: Any, server: Any, view: tuple[int, str]) -> None:
    faults: dict[str, list[str]] = {}
    with visiting(browser, server, *view) as visit:
        for stop in there():
            visit.open(stop)
            faults[stop.name] = visit.faults()
    assert not {name: found for name, found in faults.items() if found}


_REACHABLE = """() => {
  const all = [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex^='-'])")];
  const seen = all.filter((e) => !e.disabled && e.tabIndex >= 0 && e.checkVisibility({ visibilityProperty: true })
    && !e.closest("[inert]"));
  const radios = new Set();  // of a group only one is stopped at
  const wanted = seen.filter((e) => e.type !== "radio" || (!radios.has(e.name) && radios.add(e.name)));
  wanted.forEach((e, n) => (e.dataset.walk = n));
  return wanted.length;
}"""
_AT = """() => {
  const e = document.activeElement, style = getComputedStyle(e);
  const shown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
  const group = e.type === "radio" ? document.querySelector(`[type=radio][name="${e.name}"][data-walk]`) : e;
  return [(group ?? e).dataset.walk ?? null, shown, e.outerHTML.slice(0, 120)];
}"""
# Where a click left the focus, the walk would begin there, and of a long page not come round to its head.
_FROM_THE_TOP = """() => {
  document.body.tabIndex = -1;
  document.body.focus({ preventScroll: true });
  document.body.removeAttribute("tabindex");
}"""
MOST_KEYS = 150  # of one page; long lists go on in the same way


def _walked(visit: Any, stop: Stop) -> list[str]:
    """What the Tab key misses on a page, or stops at without showing it."""
    visit.open(stop)
    count = visit.page.evaluate(_REACHABLE)
    visit.page.evaluate(_FROM_THE_TOP)
    reached, wrong = set(), []
    for _ in range(min(count + 2, MOST_KEYS)):
        visit.page.keyboard.press("Tab")
        number, shown, what = visit.page.evaluate(_AT)
        if number is None:
            continue
        reached.add(int(number))
        if not shown:
            wrong.append(f"no focus is seen at {what}")
    missed = set(range(min(count, MOST_KEYS - 5))) - reached
    for number in sorted(missed)[:3]:
        wrong.append("not reached: " + visit.page.locator(f"[data-walk='{number}']").evaluate("e => e.outerHTML")[:120])
    return wrong[:6]


def _keys(browser: Any, server: Any, stops: list[Stop]) -> dict[str, list[str]]:
    with visiting(browser, server, 1440, "light") as visit:
        found = {stop.name: _walked(visit, stop) for stop in stops}
    return {name: wrong for name, wrong in found.items() if wrong}


def test_the_keyboard_reaches_everything_and_can_skip_the_head(browser: Any, server: Any) -> None:
    assert not _keys(browser, server, [stop for stop in there() if stop.name == "plans"])
    with visiting(browser, server, 1440, "light") as visit:
        visit.open(next(stop for stop in there() if stop.name == "plans"))
        visit.page.keyboard.press("Tab")
        skip = visit.page.locator(":focus")
        assert skip.inner_text() == "跳到正文" and skip.bounding_box()["y"] >= 0
        visit.page.keyboard.press("Enter")
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.closest('main') !== null")


@pytest.mark.slow
def test_the_keyboard_on_every_page(browser: Any, server: Any) -> None:
    own = [stop for stop in there() if not stop.name.startswith("chat")]  # Gradio's parts have tests of their own
    assert not _keys(browser, server, own)
