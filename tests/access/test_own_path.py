"""``next`` of a log-in leads to a path of our own, whatever is written there."""

from __future__ import annotations

import random
from urllib.parse import quote, urljoin, urlsplit

import pytest

from assistant.access.own_path import HOME, LONGEST, own_path

OURS = [
    "/",
    "/library",
    "/library?lang=en",
    "/plans/water?start=3&end=9&lang=en",
    "/plans/%E6%B0%B4%E7%BD%91",
    "/evals/runs/dev-1?page=2",
    "/?q=a%2Fb%2F%2Fc",  # slashes of a question are no path
    "/loginx",
]
FOREIGN = [
    None,
    "",
    "evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https://evil.example/",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "\t//evil.example",
    " //evil.example",
    "/ /evil.example",
    "\x00//evil.example",
    "/%2f/evil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%5C%5Cevil.example",
    "/%252fevil.example",
    "/%25252fevil.example",
    "/%09/evil.example",
    "/%0d%0aSet-Cookie:x=y",
    "/.//evil.example",
    "/..//evil.example",
    "/x/..//evil.example",
    "/x/../../login",
    "/%2e%2e//evil.example",
    "/a%2f%2fevil.example",
    "/@evil.example\\x",
    "/＼evil.example",
    "//evil。example",
    "/\u2028/evil.example",
    "/library#//evil.example",
    "/library%",
    "/library%zz",
    "/login",
    "/login?next=/login",
    "/LOGOUT",
    "/logout",
    "/login/callback?code=x",
    "/%6cogin",
    "/" + "a" * LONGEST,
]


@pytest.mark.parametrize("path", OURS)
def test_a_path_of_ours_is_kept(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize("path", FOREIGN)
def test_anything_else_leads_home(path: str | None) -> None:
    assert own_path(path) == HOME


def test_whatever_is_put_together_stays_on_our_host() -> None:
    chosen = random.Random(6)
    pieces = ["/", "\\", "//", "..", ".", "%2f", "%5c", "%09", "\t", "\n", " ", "@", ":", "?", "#", "evil.example"]
    pieces += ["https:", "a", "%252f", "\x00", "é", "/a", "%2e", "&", "=", "//evil.example", "/evil.example"]
    kept = 0
    for _ in range(20_000):
        given = "".join(chosen.choices(pieces, k=chosen.randint(1, 6)))
        found = own_path(given)
        kept += found != HOME
        for written in (found, quote(found, safe="/?&=%:@")):
            led = urlsplit(urljoin("https://plans.example/login/callback", written))
            assert led.netloc == "plans.example", given
            assert not led.path.startswith("//"), given
    assert kept > 100  # the walk is no walk over refusals alone
