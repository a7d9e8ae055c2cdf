"""The pictures of the documents, made anew: ``python tools/screenshots.py [--data DIR]`` (``make screenshots``).

Starts the server on a free port and photographs its pages in a headless Chromium: the chat with an answer, the plan
that its first citation opens, the list of plans, ledger, matrix and comparison, the page of a run of a question set,
and the preview of an invented plan with one clause being corrected, which it discards again. With ``--all FOLDER``
instead every page at every width, light and dark, for looking at them. Needs a Chromium and a font with Chinese
characters.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "screenshots"
SET = "shipped:fresh2"
QUESTION = "甘肃省研发费用加计扣除由谁牵头?"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
SIZE = {"width": 1360, "height": 800}
PHONE = {"width": 390, "height": 844}
WIDTHS = {1440: 900, 1024: 768, 390: 844}
# The pages of the documents that need no more than their address.
DOCUMENTED = {
    "plan": "/plans/tianshui-2021?start=5930&end=6172#cited",
    "plans": "/plans",
    "ledger": "/ledger",
    "matrix": "/matrix?plan=gansu-2020",
    "compare": "/compare?plan=gansu-2020&plan=tianshui-2021&show=common",
}
# What is looked at beside them.
EVERYWHERE = {
    "chat": "/",
    "chat-answered": f"/?q={QUESTION}",
    "chat-traditional": f"/?lang=zh-Hant&q={QUESTION}",
    "chat-english": f"/?lang=en&q={QUESTION}",
    "plans-none": "/plans?q=没有这样的规划",
    "nowhere": "/none/such",
    "matrix-load": "/matrix/load",
    "matrix-network": "/matrix/network",
    "matrix-checks": "/matrix/checks",
    "compare-choose": "/compare",
    "library": "/library",
    "library-plan": "/library/zibo-2014",
    "library-clauses": "/library/tianshui-2021/clauses",
    "library-remove": "/library/zibo-2014/remove",
    "evals": "/evals",
    "feedback": "/evals/feedback",
}
PLAN = """青川市人民政府关于印发青川市水网建设实施方案的通知
青政发〔2031〕7号
各县人民政府,市政府各部门:
为建好水网,制定本方案。
一、重点任务
(一)改造供水管网。
1.更换老旧管道三百公里。(市水务局牵头,市财政局、市住房和城乡建设局配合,2032年底前)
2.公布水质结果,每季度一次。(责任单位:市卫生健康委)
3.研究水价机制,提出分档方案。
(二)保障饮水安全。
4.划定水源保护区。(市生态环境局牵头,各县人民政府配合)
5.开展应急演练。(责任单位:市应急管理局、幸福里小组)
"""


def start(data: str | None) -> tuple[subprocess.Popen[str], str]:
    """The server and its address, once it says that it is ready. Raises ``SystemExit`` where it ends instead."""
    command = [sys.executable, str(ROOT / "app.py"), "--port", "0", *(["--data", data] if data else [])]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    said = ""
    for said in server.stderr or ():
        if ready := re.match(r"(http://\S+)  ready", said):
            return server, ready[1]
    raise SystemExit(f"the server did not start: {said.strip()}")


def documents(browser: Any, address: str) -> None:
    """The pictures that README and documents show."""
    context = browser.new_context(viewport=SIZE, locale="zh-CN", device_scale_factor=1.25)
    page = context.new_page()

    def keep(name: str, path: str = "", shows: str = "main h1", height: int = SIZE["height"]) -> None:
        page.set_viewport_size({"width": SIZE["width"], "height": height})
        if path:
            page.goto(address + path)
            page.locator(shows).first.wait_for()
            page.wait_for_timeout(400)
        page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")

    keep("chat", f"/?q={QUESTION}", "#chat .answer")
    for name, path in DOCUMENTED.items():
        keep(name, path)
    page.goto(f"{address}/evals")
    page.locator("#set").select_option(SET)
    page.get_by_role("button", name="开始").click()
    page.locator(".miss").first.wait_for(timeout=120_000)
    keep("evals", height=1500)
    page.goto(f"{address}/library")
    page.set_input_files("#file", {"name": "水网方案.txt", "mimeType": "text/plain", "buffer": PLAN.encode()})
    page.get_by_role("button", name="上传并预览").click()
    page.wait_for_url(re.compile(r"/staging/[0-9a-f]{32}"), timeout=60_000)
    page.locator("li.clause", has_text="3.研究水价机制").get_by_role("link", name="更正").click()
    page.get_by_label("牵头", exact=True).fill("市发展改革委")
    page.evaluate("scrollTo(0, 0)")
    keep("library", height=1780)
    page.get_by_role("button", name="放弃").click()
    page.get_by_role("heading", name="方案库").wait_for()
    context.close()
    phone = browser.new_context(viewport=PHONE, locale="zh-CN", color_scheme="dark", device_scale_factor=1.25)
    page = phone.new_page()
    page.goto(f"{address}/?q={QUESTION}")
    page.locator("#chat .answer").first.wait_for()
    page.wait_for_timeout(400)
    page.screenshot(path=FOLDER / "phone.png", animations="disabled")
    phone.close()


def everything(browser: Any, address: str, folder: Path) -> None:
    """Every page at every width, light and dark, whole, as NAME-WIDTH-SCHEME.png."""
    folder.mkdir(parents=True, exist_ok=True)
    for (width, height), scheme in product(WIDTHS.items(), ("light", "dark")):
        view = {"width": width, "height": height}
        context = browser.new_context(viewport=view, locale="zh-CN", color_scheme=scheme)
        page = context.new_page()
        for name, path in {**EVERYWHERE, **DOCUMENTED}.items():
            page.goto(address + path)
            page.locator("#chat .answer, #chat .example, main h1").first.wait_for()
            page.wait_for_timeout(400)
            page.screenshot(path=folder / f"{name}-{width}-{scheme}.png", full_page=True, animations="disabled")
        context.close()


def main() -> int:
    """0 with the pictures written; 2 without a browser."""
    parser = argparse.ArgumentParser(description="Make the pictures of the documents anew.")
    parser.add_argument("--data", metavar="DIR", help="data folder (default ASSISTANT_DATA or data/)")
    parser.add_argument("--all", metavar="FOLDER", type=Path, help="every page at every width instead, into FOLDER")
    options = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, BROWSERS)), None)
    if chromium is None:
        print("no Chromium on this machine: apt-get install chromium fonts-noto-cjk", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    server, address = start(options.data)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
            if options.all:
                everything(browser, address, options.all)
            else:
                documents(browser, address)
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=30)
    folder = options.all or FOLDER
    pictures = list(folder.glob("*.png"))
    print(f"{folder}: {len(pictures)} pictures, {sum(one.stat().st_size for one in pictures) / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
