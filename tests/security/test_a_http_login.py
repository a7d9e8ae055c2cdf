"""Log-ins as somebody may abuse them: log-out from a page elsewhere (13), wrong log-ins by the hundred, and names that
are no names (14). The whole program is asked, Gradio's own log-in routes among what is behind ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.web.login_words import LOGIN_ZH
from tests.access.office import Office, Site, login_site

SESSION = "plan-session"
PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with login_site(tmp_path_factory.mktemp("login")) as made:
        yield made


def client(site: Site, address: str = "127.0.0.1") -> TestClient:
    """A browser at an address, without cookies."""
    return TestClient(
        site.app,
        base_url=site.url,
        headers=PAGE,
        follow_redirects=False,
        raise_server_exceptions=False,
        client=(address, 40_000),
    )


def log_in(site: Site, browser: TestClient) -> Any:
    began = browser.get("/login", params={"next": "/plans/water"})
    assert began.status_code == 303, began.text
    office = Office(site.provider, Path(), url=site.url)
    return browser.get(office.at_provider(began.headers["location"]))


# -- 13: log-out -----------------------------------------------------------------------------------------------------


def test_13_a_log_out_that_our_page_did_not_send_has_no_effect(site: Site) -> None:
    site.provider.reset()
    browser = client(site)
    assert log_in(site, browser).status_code == 303
    before = dict(browser.cookies)
    tries: list[tuple[str, str, dict[str, str]]] = [
        ("GET", "/logout", {}),
        (
            "GET",
            "/logout?x=1",
            {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        ),
        ("GET", "/logout", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}),
        ("HEAD", "/logout", {}),
        ("POST", "/logout", {}),
        ("POST", "/logout", {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}),
        ("POST", "/logout", {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"}),
        ("POST", "/logout", {"Sec-Fetch-Site": "none"}),
        ("POST", "/logout", {"Origin": "null"}),
        ("POST", "/logout", {"Origin": f"{site.url}.evil.example"}),
        ("POST", "/logout", {"Referer": f"{site.url}/"}),
        ("POST", "/logout", {"X-HTTP-Method-Override": "POST", "Sec-Fetch-Site": "cross-site"}),
        ("GET", "/logout/", {}),
        ("GET", "/gradio_api/logout", {}),
        ("POST", "/login", {"Origin": site.url}),
        ("POST", "/login/", {"Origin": site.url}),
        ("POST", "/gradio_api/login", {"Origin": site.url}),
    ]
    for method, path, headers in tries:
        answer = browser.request(method, path, headers=headers)
        assert answer.status_code in (303, 401, 403, 404, 405), (method, path, answer.status_code)
        assert "set-cookie" not in answer.headers
        assert dict(browser.cookies) == before
        assert browser.get("/plans/water").status_code == 200, (method, path, headers)
    done = browser.post("/logout", headers={"Sec-Fetch-Site": "same-origin", "Origin": site.url})
    assert done.status_code == 200 and LOGIN_ZH.logged_out in done.text
    assert "Max-Age=0" in done.headers["set-cookie"] and not browser.cookies
    assert browser.get("/plans/water").status_code == 303
    again = client(site)
    again.cookies.set(SESSION, before[SESSION], domain="127.0.0.1", path="/")  # kept by somebody
    assert again.get("/plans/water").status_code == 303
    assert again.post("/logout", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200  # nothing to end


def test_13_nothing_of_gradios_own_log_in_is_reached(site: Site) -> None:
    """Its form would take any name where no log-in of its own is set up."""
    form = {"username": "admin", "password": ""}
    for path in ("/login", "/login/", "/gradio_api/login", "/gradio_api/login/"):
        answer = client(site).post(path, data=form, headers={"Origin": site.url})
        assert answer.status_code in (401, 404, 405) and "set-cookie" not in answer.headers
    for path in ("/login_check", "/gradio_api/login_check", "/token", "/gradio_api/token", "/user", "/gradio_api/user"):
        assert client(site).get(path, headers={"Accept": "*/*"}).status_code in (401, 404)
    answer = client(site).get("/login")
    assert answer.status_code == 303 and answer.headers["location"].startswith(f"{site.provider.issuer}/authorize?")


# -- 14: wrong log-ins -----------------------------------------------------------------------------------------------


def test_14_wrong_log_ins_by_the_hundred_have_to_wait(site: Site) -> None:
    site.provider.reset()
    attacker, other = client(site, "10.9.8.7"), client(site, "10.9.8.6")
    answers = [attacker.get("/login/callback", params={"state": f"s{n}", "code": "x"}) for n in range(100)]
    assert [answer.status_code for answer in answers] == [400] * 20 + [429] * 80
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert LOGIN_ZH.failed["too_many"].partition("{")[0] in answers[-1].text
    assert attacker.get("/login").status_code == 429
    assert site.provider.asked == []
    assert log_in(site, other).status_code == 303  # from another address nobody has to wait


def test_14_wrong_tokens_by_the_hundred_have_to_wait(site: Site) -> None:
    attacker = client(site, "10.9.8.5")
    wrong = ["pla_" + "x" * 49, "", "a.b.c", "x" * 9000, "é", "\x7f", "Basic", "eyJhbGciOiJub25lIn0.e30."]
    answers = [
        attacker.get("/api/v1/plans", headers={"Authorization": f"Bearer {wrong[n % len(wrong)]}".encode()})
        for n in range(100)
    ]
    assert {answer.status_code for answer in answers[:20]} == {401}
    assert {answer.status_code for answer in answers[20:]} == {429}
    assert len({answer.content for answer in answers[:20]}) == 1  # all wrong tokens are wrong alike


@pytest.mark.parametrize(
    "name",
    ["x" * 1_000_000, "a\x00b", "\ud800", "\udfff王", "王\u0085芳", "\x1b[2J", "\r\nSet-Cookie: a=b", "\u202e王", "　"],
    ids=lambda name: json.dumps(name[:8]),
)
def test_14_a_name_that_is_none_logs_nobody_in(site: Site, name: str) -> None:
    site.provider.reset()
    site.provider.claims["preferred_username"] = name
    browser = client(site, "10.9.8.4")
    answer = log_in(site, browser)
    assert answer.status_code == 403
    sentences = (LOGIN_ZH.failed["nameless"], LOGIN_ZH.failed["refused"])
    assert any(sentence in answer.text for sentence in sentences)
    assert len(answer.text) < 5_000 and "Traceback" not in answer.text
    assert SESSION not in browser.cookies
    site.provider.reset()
    assert log_in(site, client(site, "10.9.8.3")).status_code == 303  # the next one as ever


@pytest.mark.parametrize(
    "query",
    [
        "?state=%00&code=%00",
        "?state=%ED%A0%80&code=x",  # half of a surrogate pair
        "?state=" + "x" * 60_000,
        "?state=a&code=" + "x" * 60_000,
        "?" + "&".join(f"state={n}" for n in range(2_000)),
        "?state[]=a&code[]=b",
        "?%73tate=a;code=b",
        "?state=a%0d%0aSet-Cookie:%20x=y",
    ],
    ids=range(8),
)
def test_14_a_callback_with_anything_in_it(site: Site, query: str) -> None:
    answer = client(site, "10.9.8.2").get(f"/login/callback{query}")
    assert answer.status_code in (400, 414, 431)
    assert "set-cookie" not in answer.headers and "x=y" not in str(answer.headers)


@pytest.mark.parametrize(
    "cookie", ["x" * 15_000, "plan-login-=x", f"{SESSION}=\x00", f"{SESSION}", ";;;=;", "a=b;" * 3_000]
)
def test_14_cookies_with_anything_in_them(site: Site, cookie: str) -> None:
    browser = client(site, "10.9.8.1")
    for path in ("/", "/login/callback?state=a&code=b", "/login"):
        assert browser.get(path, headers={"Cookie": cookie}).status_code in (303, 400, 431)
