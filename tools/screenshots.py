"""The pictures of the documents, made anew: ``python tools/screenshots.py [--data DIR]`` (``make screenshots``).

Starts the server on a free port, asks one question of README.md in a headless Chromium, photographs the chat and
the page that its first citation opens, runs a question set, photographs the page of that run, uploads an invented
plan, photographs its preview with one clause being corrected, discards it, and ends the server.
Needs a Chromium and a font with Chinese characters.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
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


def photograph(browser: Any, address: str) -> None:
    """chat.png: a question, its answer and the sources; plan.png: the cited clause; evals.png: a run with misses; and
    library.png: the preview of an upload.
    """
    page = browser.new_page(viewport=SIZE, locale="zh-CN", device_scale_factor=1.5)
    page.goto(address)
    page.locator("#chat .example").first.wait_for()
    page.locator("#question textarea").fill(QUESTION)
    page.locator("#question textarea").press("Enter")
    page.locator("#chat .answer").wait_for()
    page.locator("#sources .cite").first.wait_for()
    page.screenshot(path=FOLDER / "chat.png", animations="disabled")
    with page.context.expect_page() as opening:
        page.locator("#sources .cite .open a").first.click()
    plan = opening.value
    plan.set_viewport_size(SIZE)
    plan.locator("main mark").first.wait_for()
    plan.screenshot(path=FOLDER / "plan.png", animations="disabled")
    page.set_viewport_size({"width": SIZE["width"], "height": 1500})
    page.goto(f"{address}/evals")
    page.locator("#set").select_option(SET)
    page.get_by_role("button", name="开始").click()
    page.locator(".miss").first.wait_for(timeout=120_000)
    page.screenshot(path=FOLDER / "evals.png", animations="disabled")
    page.goto(f"{address}/library")
    page.set_input_files("#file", {"name": "水网方案.txt", "mimeType": "text/plain", "buffer": PLAN.encode()})
    page.get_by_role("button", name="上传并预览").click()
    page.wait_for_url(re.compile(r"/staging/[0-9a-f]{32}"), timeout=60_000)
    page.locator("li.clause", has_text="3.研究水价机制").get_by_role("link", name="更正").click()
    page.get_by_label("牵头", exact=True).fill("市发展改革委")
    page.set_viewport_size({"width": SIZE["width"], "height": 1780})
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=FOLDER / "library.png", animations="disabled")
    page.get_by_role("button", name="放弃").click()
    page.get_by_role("heading", name="方案库").wait_for()


def main() -> int:
    """0 with the pictures written; 2 without a browser."""
    parser = argparse.ArgumentParser(description="Make the pictures of the documents anew.")
    parser.add_argument("--data", metavar="DIR", help="data folder (default ASSISTANT_DATA or data/)")
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
            photograph(browser, address)
            browser.close()
    finally:
        server.terminate()
        server.wait(timeout=30)
    print(f"{FOLDER.relative_to(ROOT)}: chat.png, plan.png, evals.png, library.png")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
