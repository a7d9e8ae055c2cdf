"""``python -m evals.bench paint``: how long until a page shows something, in real Chromium with an empty cache.

A real server (``app.py`` over a copy of the data folder). Each page is opened several times in a context of its own; in
turns with them the baseline, a page of one sentence from a bare server, which says what browser and machine need alone.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from evals.bench.load import ROOT, copied, free_port, served
from evals.bench.visible import browser

AIM = 1000.0  # milliseconds until a page shows something
BASELINE = "(one sentence)"
PAGES: Mapping[str, str] = {
    "chat": "/",
    "chat, answered": "/?q=甘肃省研发费用加计扣除由谁牵头?",
    "plans": "/plans",
    "a plan": "/plans/gansu-2020?start=900&end=960",
    "ledger": "/ledger",
    "matrix": "/matrix",
    "load": "/matrix/load",
    "network": "/matrix/network",
    "checks": "/matrix/checks",
    "compare": "/compare?plan=gansu-2020&plan=tianshui-2021",
    "library": "/library",
    "evals": "/evals",
}

# The first paint that has content, once there is one, and how much of the page has jumped by then and a moment after.
_PAINTED = """() => new Promise((resolve) => {
  let jumped = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((one) => (jumped += one.value)))
    .observe({ type: "layout-shift", buffered: true });
  const settle = (time) => setTimeout(() => resolve([time, jumped]), 300);
  new PerformanceObserver((list) => {
    const first = list.getEntriesByName("first-contentful-paint")[0];
    if (first) settle(first.startTime);
  }).observe({ type: "paint", buffered: true });
})"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """No line for a request."""


@contextmanager
def baseline(folder: Path) -> Iterator[str]:
    """The address of a page of one sentence, served by the least that can serve it."""
    (folder / "index.html").write_text("<!doctype html><title>.</title><p>工作方案助手</p>", encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def painted(chromium: Any, address: str) -> tuple[int, float, float]:
    """(status, milliseconds until the first paint with content, layout shift), in a tab without a cache."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    try:
        page = context.new_page()
        answer = page.goto(address, wait_until="commit")
        time, jumped = page.evaluate(_PAINTED)
        return answer.status, time, jumped
    finally:
        context.close()


def paint(data: Path, rounds: int) -> int:
    """Measures and prints; 0, or 1 where the median of a page is later than ``AIM``. Raises ``AssistantError``."""
    times: dict[str, list[float]] = {}
    jumps: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, browser() as chromium, baseline(Path(folder)) as plain:
        own, port = copied(data, Path(folder) / "data"), free_port()
        with served([sys.executable, str(ROOT / "app.py"), "--port", str(port), "--data", str(own)], port):
            every = {BASELINE: plain, **{name: f"http://127.0.0.1:{port}{path}" for name, path in PAGES.items()}}
            for turn in range(rounds + 1):
                for name, address in every.items():
                    status, time, jumped = painted(chromium, address)
                    if turn and status == 200:  # in the first round the server has loaded what it loads late
                        times.setdefault(name, []).append(time)
                        jumps[name] = max(jumps.get(name, 0.0), jumped)
    print(f"{rounds} rounds; load of the machine {os.getloadavg()[0]:.1f}")
    print("ms until something shows        p50      max   / baseline   jumps")
    least = median(times[BASELINE])
    for name, values in times.items():
        middle = median(values)
        print(f"{name:<27} {middle:8.0f} {max(values):8.0f} {middle / least:12.1f} {jumps[name]:7.3f}")
    late = [name for name, values in times.items() if median(values) > AIM]
    print(f"later than {AIM:g} ms: {', '.join(late) or 'none'}")
    return int(bool(late))
