"""A person logs in and out in a browser, and no page elsewhere does it for him (input 13)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.web.login_words import LOGIN_EN
from tests.access.office import Site, login_site
from tests.security.live import live

SESSION = "plan-session"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with login_site(tmp_path) as made, live(made.app, made.port):
        yield made


class _Elsewhere(BaseHTTPRequestHandler):
    page = b""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.page)


@contextmanager
def elsewhere(page: str) -> Iterator[int]:
    """A page of another site on this machine; its port."""
    handler = type("Page", (_Elsewhere,), {"page": page.encode()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.browser
def test_13_a_person_logs_in_and_out_and_no_other_page_does_it_for_him(site: Site, browser: Any) -> None:
    site.provider.claims["groups"] = ["管理"]
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(30_000)
    refused: list[tuple[int, str]] = []
    page.on("response", lambda one: refused.append((one.status, one.url)) if one.status in (429, 503) else None)
    page.goto(f"{site.url}/?lang=en")  # is led to the provider and back
    assert page.url == f"{site.url}/?lang=en"
    head = page.locator(".masthead .person")
    head.wait_for()
    assert head.inner_text().split() == ["王芳", "Log", "out"]
    page.locator("#question textarea").wait_for()
    assert not refused  # of all that the chat loads at once, for one user
    (cookie,) = context.cookies(site.url)
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (SESSION, True, "Lax", "/")

    hidden = f"""<img src="{site.url}/logout"><iframe src="{site.url}/logout" name="f"></iframe>
<form id="out" method="post" action="{site.url}/logout" target="f"></form><script>out.submit()</script>
<script>for (const mode of ["no-cors", "cors"]) fetch("{site.url}/logout", {{method: "POST", mode,
 credentials: "include"}}).catch(() => 0).finally(() => document.title += "done ")</script>"""
    with elsewhere(hidden) as port:
        for host in ("localhost", "127.0.0.1"):  # another site, and another origin of the same site
            page.goto(f"http://{host}:{port}/")
            page.wait_for_function("document.title.split('done').length === 3")
            page.wait_for_timeout(200)
            assert [one["value"] for one in context.cookies(site.url)] == [cookie["value"]]
            page.goto(f"{site.url}/library?lang=en")
            assert page.url == f"{site.url}/library?lang=en"
            assert page.locator(".person span").inner_text() == "王芳"

    page.locator(".person button").click()
    page.get_by_text(LOGIN_EN.logged_out).wait_for()
    assert context.cookies(site.url) == []
    assert page.locator("a.button", has_text=LOGIN_EN.end_there).get_attribute("href").startswith(site.provider.issuer)
    site.provider.deny = "access_denied"
    page.goto(f"{site.url}/library?lang=en")
    page.get_by_text(LOGIN_EN.failed["denied"]).wait_for()
    site.provider.deny = ""
    page.get_by_text(LOGIN_EN.again).click()
    page.wait_for_url(f"{site.url}/library?lang=en")
    context.close()
