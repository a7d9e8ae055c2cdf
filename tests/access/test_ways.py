"""Who is let in: a token first, then what the mode asks for; wrong ones never count as none."""

from __future__ import annotations

import base64
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request
from httpx import Response
from hypothesis import example, given
from hypothesis import strategies as st

from assistant.access.asked import principal_of
from assistant.access.model import SCOPES, Scope, UserRole
from assistant.access.names import name_of, user_of
from assistant.access.proxy import groups_of
from assistant.access.settings import AccessSettings
from assistant.access.store import AccessStore
from assistant.access.ways import identify_by
from assistant.guard.stack import stand_before
from tests.loops import in_own_loop

PROXY = "10.9.8.7"
PATH = "/api/v1/plans"  # a route that needs the scope "search"


class Door:
    """A server with one route that says who asks."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.settings = AccessSettings.model_validate(settings)
        self.store = AccessStore(folder / "access.sqlite")
        self.app = FastAPI(openapi_url=None)

        @self.app.get(PATH)
        @self.app.get("/healthz")
        @self.app.get("/readyz")
        @self.app.get("/widget.js")
        async def plans(request: Request) -> dict[str, Any]:
            who = principal_of(request)
            return {"name": who.name, "via": who.via, "groups": sorted(who.groups), "scopes": sorted(who.scopes)}

        proxies = self.settings.networks()
        stand_before(self.app, lambda: True, None, identify=identify_by(self.settings, self.store), proxies=proxies)

    def ask(self, *headers: tuple[str, str | bytes], peer: str = "127.0.0.1", path: str = PATH) -> Response:
        """One request, with headers byte by byte as they are given."""
        sent = [(name.lower().encode(), value.encode() if isinstance(value, str) else value) for name, value in headers]
        path, _, query = path.partition("?")
        scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "scheme": "http"}
        scope |= {"headers": [(b"host", b"127.0.0.1"), *sent], "client": (peer, 5000), "http_version": "1.1"}
        found: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            found.append(message)

        in_own_loop(self.app(scope, receive, send))
        body = b"".join(message.get("body", b"") for message in found[1:])
        return Response(found[0]["status"], headers=found[0]["headers"], content=body)


def bearer(text: str) -> tuple[str, str]:
    return "Authorization", f"Bearer {text}"


@pytest.fixture
def proxied(tmp_path: Path) -> Door:
    return Door(tmp_path, mode="proxy", trusted_proxies=[PROXY], editor_groups=["编辑"], admin_groups=["管理", "Chefs"])


# -- tokens ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["none", "token", "proxy"])
def test_a_token_works_in_every_mode(tmp_path: Path, mode: str) -> None:
    door = Door(tmp_path, mode=mode, trusted_proxies=[PROXY])
    text = door.store.create("portal", [Scope.SEARCH], ["财务处"])
    said = door.ask(bearer(text)).json()
    assert said == {"name": "token:portal", "via": "token", "groups": ["财务处"], "scopes": ["search"]}
    assert door.store.tokens()[0].used  # which is noted
    assert door.ask(("Authorization", f"bEARER   {text} ")).status_code == 200


@pytest.mark.parametrize("mode", ["none", "token", "proxy"])
@pytest.mark.parametrize("wrong", ["", "x", "pla_", "é", "sk-" + "1" * 40, "pla_" + "0" * 49])
def test_a_wrong_token_is_never_taken_for_none(tmp_path: Path, mode: str, wrong: str) -> None:
    """Not in the mode without a log-in either, and not beside a proxy that names a user."""
    door = Door(tmp_path, mode=mode, trusted_proxies=[PROXY])
    answer = door.ask(bearer(wrong), ("X-Remote-User", "zhang"), peer=PROXY)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.headers["content-type"] == "application/problem+json"


def test_expired_revoked_and_unknown_tokens_are_answered_alike(tmp_path: Path) -> None:
    door = Door(tmp_path, mode="token")
    revoked = door.store.create("revoked", [Scope.SEARCH])
    door.store.revoke("revoked")
    other = AccessStore(tmp_path / "other.sqlite").create("unknown", [Scope.SEARCH])
    answers = [door.ask(bearer(text)) for text in (revoked, other, "nonsense")]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1


def test_two_tokens_at_once_are_refused(tmp_path: Path) -> None:
    door = Door(tmp_path, mode="token")
    text = door.store.create("a", [Scope.SEARCH])
    assert door.ask(bearer(text), bearer(text)).status_code == 401


def test_where_tokens_are_not_taken_none_is(tmp_path: Path) -> None:
    door = Door(tmp_path, mode="none", tokens=False)
    assert door.ask(bearer(door.store.create("a", [Scope.SEARCH]))).status_code == 401
    assert door.ask().json()["via"] == "local"


def test_another_scheme_is_the_proxys_own_business(proxied: Door) -> None:
    basic = "Basic " + base64.b64encode(b"zhang:secret").decode()
    assert proxied.ask(("Authorization", basic), ("X-Remote-User", "zhang"), peer=PROXY).json()["name"] == "zhang"
    assert proxied.ask(("Authorization", basic)).status_code == 401


def test_a_token_in_the_address_counts_for_nothing(tmp_path: Path) -> None:
    door = Door(tmp_path, mode="token")
    text = door.store.create("a", [Scope.SEARCH])
    assert door.ask(path=f"{PATH}?token={text}&access_token={text}").status_code == 401


def test_a_token_without_the_scope_is_forbidden(tmp_path: Path) -> None:
    door = Door(tmp_path, mode="none")
    answer = door.ask(bearer(door.store.create("a", [Scope.METRICS])))
    assert answer.status_code == 403
    assert "search" in answer.json()["detail"]


@pytest.mark.parametrize("mode", ["none", "token", "proxy"])
def test_a_file_that_cannot_be_read_lets_no_token_in(tmp_path: Path, mode: str) -> None:
    door = Door(tmp_path, mode=mode, trusted_proxies=[PROXY])
    text = door.store.create("a", [Scope.SEARCH])
    door.store.path.write_bytes(b"nonsense" * 2000)
    answer = door.ask(bearer(text))
    assert answer.status_code == 503
    assert str(tmp_path) not in answer.text  # the log says where


# -- 14: wrong log-ins, one after the other --------------------------------------------------------------------------


def test_14_too_many_wrong_tokens_from_one_address_have_to_wait(tmp_path: Path) -> None:
    """A hundred wrong log-ins in a minute: 429 with Retry-After, for that address alone; right ones still get in."""
    door = Door(tmp_path, mode="token")
    text = door.store.create("a", [Scope.SEARCH])
    answers = [door.ask(bearer("wrong"), peer="10.0.0.1") for _ in range(100)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429] * 80
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert door.ask(bearer("wrong"), peer="10.0.0.2").status_code == 401
    assert door.ask(bearer(text), peer="10.0.0.1").status_code == 200


def test_14_the_address_is_that_behind_the_proxy(proxied: Door) -> None:
    """A proxy's users do not lock each other out; what a stranger writes there is not believed."""

    def wrong(client: str, peer: str) -> int:
        status: int = proxied.ask(bearer("wrong"), ("X-Forwarded-For", client), peer=peer).status_code
        return status

    assert [wrong("10.1.1.1", PROXY) for _ in range(21)][-1] == 429
    assert wrong("10.1.1.2", PROXY) == 401
    assert wrong("10.1.1.1, 10.1.1.3", PROXY) == 401  # the last is what the proxy saw
    assert [wrong(f"10.1.2.{number}", "10.0.0.5") for number in range(21)][-1] == 429


def test_14_addresses_of_one_ipv6_network_count_as_one(tmp_path: Path) -> None:
    door = Door(tmp_path, mode="token", failures=3)
    found = [door.ask(bearer("wrong"), peer=f"fd00:1:2:3::{number:x}").status_code for number in range(4)]
    assert found == [401, 401, 401, 429]
    assert door.ask(bearer("wrong"), peer="fd00:1:2:4::1").status_code == 401


@pytest.mark.parametrize("mode", ["none", "token", "proxy"])
def test_14_what_is_open_to_everybody_is_so_with_a_wrong_token_too(tmp_path: Path, mode: str) -> None:
    """Whoever watches the server with a token that has ended is not told that it is ill; it counts as a failure."""
    door = Door(tmp_path, mode=mode, trusted_proxies=[PROXY], failures=3)
    for path in ("/healthz", "/readyz", "/widget.js", "/healthz"):
        assert door.ask(bearer("wrong"), path=path).json() == {"name": "", "via": "nobody", "groups": [], "scopes": []}
    assert door.ask(bearer("wrong")).status_code == 429
    assert door.ask(bearer("wrong"), path="/healthz").status_code == 200


@pytest.mark.parametrize("user", ["x" * 1_000_000, "zhang\0", "\ud800", "\udfff"])
def test_14_names_that_no_user_has(proxied: Door, user: str) -> None:
    """A name of a megabyte, with NUL, with half of a surrogate pair: refused, and the next request works."""
    answer = proxied.ask(("X-Remote-User", user.encode("utf-8", "surrogatepass")), peer=PROXY)
    assert answer.status_code in (400, 431)
    assert proxied.ask(("X-Remote-User", "zhang"), peer=PROXY).status_code == 200


# -- a proxy's users -------------------------------------------------------------------------------------------------


def test_the_proxy_names_user_and_groups(proxied: Door) -> None:
    said = proxied.ask(("X-Remote-User", " 张三 "), ("X-Remote-Groups", "财务处, 编辑,,"), peer=PROXY).json()
    assert said == {
        "name": "张三",
        "via": "proxy",
        "groups": ["编辑", "财务处"],
        "scopes": sorted(SCOPES[UserRole.EDITOR]),
    }
    assert proxied.ask(("X-Remote-User", "li"), peer=PROXY).json()["scopes"] == ["ask", "search"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.9.8.8", "testclient", "", "::1"])
def test_anybody_elses_word_is_not_taken(proxied: Door, peer: str) -> None:
    for extra in ((), (("X-Forwarded-For", PROXY),), (("X-Real-IP", PROXY),)):
        answer = proxied.ask(("X-Remote-User", "zhang"), ("X-Remote-Groups", "管理"), *extra, peer=peer)
        assert answer.status_code == 401


def test_who_is_behind_a_trusted_proxy_is_not_trusted(proxied: Door) -> None:
    """The proxy that holds the connection counts, not one that the header tells of."""
    answer = proxied.ask(("X-Forwarded-For", PROXY), ("X-Remote-User", "zhang"), peer="10.9.8.8")
    assert answer.status_code == 401


@pytest.mark.parametrize("peer", [f"::ffff:{PROXY}", PROXY])
def test_a_proxy_is_known_on_a_listener_for_both_protocols(proxied: Door, peer: str) -> None:
    assert proxied.ask(("X-Remote-User", "zhang"), peer=peer).status_code == 200


REFUSED: Mapping[str, list[tuple[str, str | bytes]]] = {
    "twice": [("X-Remote-User", "zhang"), ("X-Remote-User", "li")],
    "twice the same": [("X-Remote-User", "zhang"), ("x-remote-user", "zhang")],
    "groups twice": [("X-Remote-User", "zhang"), ("X-Remote-Groups", "a"), ("X-Remote-Groups", "管理")],
    "one empty, one not": [("X-Remote-User", ""), ("X-Remote-User", "zhang")],
    "spaces": [("X-Remote-User", "   \t")],
    "no UTF-8": [("X-Remote-User", b"\xd5\xc5\xc8\xfd")],
    "no UTF-8 in groups": [("X-Remote-User", "zhang"), ("X-Remote-Groups", b"\xff")],
    "a control character": [("X-Remote-User", b"zh\x1bang")],
    "a direction mark": [("X-Remote-User", "zhang\u202e")],
    "a character without width": [("X-Remote-User", "zh\u200bang")],
    "a token's name": [("X-Remote-User", "token:portal")],
    "a widget user's name": [("X-Remote-User", "Widget:portal/li")],
    "the local user": [("X-Remote-User", "local")],
    "long": [("X-Remote-User", "x" * 201)],
    "a long group": [("X-Remote-User", "zhang"), ("X-Remote-Groups", "x" * 201)],
    "a thousand groups and one": [("X-Remote-User", "zhang"), ("X-Remote-Groups", ",".join(map(str, range(1001))))],
    "groups of a megabyte": [("X-Remote-User", "zhang"), ("X-Remote-Groups", "x," * 500_000)],
}


@pytest.mark.parametrize("how", REFUSED)
def test_headers_that_cannot_be_right_are_refused(proxied: Door, how: str) -> None:
    answer = proxied.ask(*REFUSED[how], peer=PROXY)
    assert answer.status_code in (400, 431)  # 431: too large to be looked at
    assert "zhang" not in answer.text


@pytest.mark.parametrize("sent", [[], [("X-Remote-User", "")]])
def test_a_proxy_that_names_nobody(proxied: Door, sent: list[tuple[str, str]]) -> None:
    assert proxied.ask(*sent, ("X-Remote-Groups", "管理"), peer=PROXY).status_code == 401


def test_readers_may_have_to_belong_to_a_group(tmp_path: Path) -> None:
    door = Door(tmp_path, mode="proxy", trusted_proxies=["10.9.0.0/16"], reader_groups=["读者"], admin_groups=["管理"])
    for groups, status in (("", 403), ("别的", 403), ("读者", 200), ("管理", 200)):
        answer = door.ask(("X-Remote-User", "zhang"), ("X-Remote-Groups", groups), peer=PROXY)
        assert answer.status_code == status, groups


def test_who_has_no_role_reads_so_on_a_page_and_whom_to_ask(tmp_path: Path) -> None:
    door = Door(tmp_path, mode="proxy", trusted_proxies=[PROXY], reader_groups=["读者"])
    user = [("X-Remote-User", "<b>zhang"), ("X-Remote-Groups", "别的")]
    for path in ("/", "/library", PATH):
        page = door.ask(*user, ("Accept", "text/html"), peer=PROXY, path=path)
        assert (page.status_code, page.headers["content-type"]) == (403, "text/html; charset=utf-8")
        assert "已用账号“&lt;b&gt;zhang”登录" in page.text and "向本系统的管理员申请" in page.text
        assert "/logout" not in page.text and "/library" not in page.text  # a proxy's users log out of the proxy
    english = door.ask(*user, ("Accept", "text/html"), peer=PROXY, path="/?lang=en")
    assert "ask the administrator" in english.text
    program = door.ask(*user, peer=PROXY, path="/")
    assert program.headers["content-type"] == "application/problem+json"
    reader = door.ask(user[0], ("X-Remote-Groups", "读者"), ("Accept", "text/html"), peer=PROXY, path="/library")
    assert "没有角色" not in reader.text and reader.status_code == 403  # who has a role lacks one right, and no more


def test_headers_of_other_names(tmp_path: Path) -> None:
    named = {"user_header": "Remote-Name", "groups_header": "Remote-Roles", "groups_separator": ";"}
    door = Door(tmp_path, mode="proxy", trusted_proxies=[PROXY], **named)
    sent = [("Remote-Name", "zhang"), ("Remote-Roles", "cn=a,ou=b;c"), ("X-Remote-User", "li")]
    assert door.ask(*sent, peer=PROXY).json()["groups"] == ["c", "cn=a,ou=b"]
    assert door.ask(("X-Remote-User", "li"), peer=PROXY).status_code == 401


def test_without_a_way_in_there_is_none(tmp_path: Path) -> None:
    assert Door(tmp_path, mode="token").ask().status_code == 401
    assert Door(tmp_path, mode="none").ask().json()["name"] == "local"


@given(st.binary(max_size=300), st.sampled_from(",;|"))
def test_any_header_of_groups_is_read_or_refused(header: bytes, separator: str) -> None:
    found = groups_of(header, separator)
    if found is not None:
        for group in found:
            assert group == name_of(group)
            assert separator not in group


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters=","), max_size=30), max_size=10))
def test_groups_come_back_as_they_were_sent(groups: list[str]) -> None:
    wanted = {name_of(group) for group in groups if group.strip(" \t")}
    found = groups_of(",".join(groups).encode(), ",")
    assert found == (None if None in wanted else wanted)


@given(st.text(max_size=300))
@example("0\u1680")  # a space, which counts as not printable
def test_a_name_stays_what_it_is(text: str) -> None:
    name = user_of(text)
    if name is not None:
        assert user_of(name) == name
        assert all(char.isprintable() or unicodedata.category(char) == "Zs" for char in name)
        assert not name.lower().startswith(("token:", "widget:"))
