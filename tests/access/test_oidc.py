"""Log-in with a real OpenID provider over HTTP: the way it goes, and every way in which it must not."""

from __future__ import annotations

import gzip
import json
import logging
import math
import socket
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

import assistant.access.oidc as module
from assistant.access.cookies import Cookies
from assistant.access.login_sessions import FILE, LoginSessions
from assistant.access.login_settings import ALGORITHMS
from assistant.access.oidc import Begun
from assistant.access.own_path import HOME
from assistant.web.login_words import LOGIN_EN, LOGIN_ZH
from corpus.errors import SettingsInvalid
from tests.access.office import OURS, PAGE, SECRET_ENV, URL, Office, query_of
from tests.access.provider import CLIENT, SECRET, Provider, hmac_token, key
from tests.access.test_own_path import FOREIGN
from tests.loops import in_own_loop

SESSION = "__Host-plan-session"


def is_out(answer: Any, status: int, reason: str, browser: TestClient | None = None) -> str:
    """A page with one sentence that says why, no session and no trace; its text."""
    assert answer.status_code == status, (answer.status_code, answer.text[:500])
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    text = str(answer.text)
    assert LOGIN_ZH.failed[reason].split("{")[0] in text or LOGIN_EN.failed[reason].split("{")[0] in text, text
    assert "Traceback" not in text and "Error" not in text
    assert SESSION not in str(answer.headers)
    if browser is not None:
        assert browser.get("/api/v1/plans", headers={"Accept": "*/*"}).status_code == 401
    return text


# -- the way it goes -------------------------------------------------------------------------------------------------


def test_a_browser_without_log_in_is_led_to_it_and_a_program_is_told(steady: Office) -> None:
    browser = steady.browser()
    for path, back in (("/", "%2F"), ("/library?lang=en", "%2Flibrary%3Flang%3Den"), ("/plans/water?start=3", None)):
        answer = browser.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"/login?next={back or ''}")
        assert answer.headers["cache-control"] == "no-store"
    assert browser.get("/library?lang=en").headers["location"].endswith("&lang=en")
    assert browser.get("/nothing/of/ours").status_code == 303  # what there is, only those know who are logged in
    for parts in ("cors", "no-cors", "same-origin"):  # a script or picture of a page, not the page
        assert browser.get("/", headers={"Sec-Fetch-Mode": parts}).status_code == 401
    program = steady.browser(page=False)
    for answer in (program.get("/api/v1/plans"), program.post("/api/v1/ask", json={"turns": ["?"]}), browser.post("/")):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"
    for open_ in ("/healthz", "/web/pages.css"):
        assert browser.get(open_).status_code == 200


def test_who_the_provider_vouches_for_is_in(office: Office, provider: Provider) -> None:
    provider.claims["groups"] = ["水利局", "staff"]
    browser = office.browser()
    address = office.begin(browser, "/plans/water?start=3&lang=en")
    asked = query_of(address)
    assert asked["redirect_uri"] == f"{URL}/login/callback"
    assert asked["scope"].split() == ["openid", "profile"]
    assert len(asked["state"]) >= 30 and len(asked["nonce"]) >= 20 and asked["state"] != asked["nonce"]
    answer = browser.get(office.at_provider(address))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{URL}/plans/water?start=3&lang=en")
    assert browser.get("/plans/water").status_code == 200
    sent = provider.sent[0]
    assert sent["authorization"].startswith("Basic ") and "client_secret" not in sent
    assert _challenge(sent["code_verifier"]) == asked["code_challenge"]
    session = LoginSessions(office.data / FILE, office.settings().sessions, provider.issuer).find(
        str(browser.cookies[SESSION])
    )
    assert session is not None and (session.user, session.groups) == ("王芳", {"水利局", "staff"})


def _challenge(verifier: str) -> str:
    import base64

    return base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def test_every_log_in_has_its_own_secrets(steady: Office) -> None:
    asked = [query_of(steady.begin(steady.browser())) for _ in range(5)]
    for name in ("state", "nonce", "code_challenge"):
        assert len({one[name] for one in asked}) == 5


def test_the_cookies_are_for_us_alone(steady: Office) -> None:
    browser = steady.browser()
    begun = browser.get("/login")
    done = browser.get(steady.at_provider(begun.headers["location"]))
    cookies = begun.headers.get_list("set-cookie") + done.headers.get_list("set-cookie")
    assert len(cookies) == 3
    for cookie in cookies:
        name, _, rest = cookie.partition("=")
        assert name.startswith("__Host-plan-")
        said = {part.strip().lower() for part in rest.split(";")[1:]}
        assert {"httponly", "secure", "path=/", "samesite=lax"} <= said
        assert not any(part.startswith("domain") for part in said)
    kept = [cookie for cookie in cookies if cookie.startswith(SESSION)]
    assert len(kept) == 1 and "Max-Age" not in kept[0]
    assert "Max-Age=600" in begun.headers["set-cookie"]
    assert [name for name in browser.cookies if "login" in name] == []  # of the flow nothing is left


def test_the_chats_page_is_told_that_the_log_in_has_ended(steady: Office) -> None:
    browser = steady.browser(page=False)
    answer = browser.post("/gradio_api/queue/join", json={}, headers=OURS)
    assert answer.status_code == 401
    assert LOGIN_ZH.ended in answer.json()["detail"] and LOGIN_EN.ended in answer.json()["detail"]
    assert LOGIN_ZH.ended not in browser.post("/gradio_api/queue/join", json={}).text  # no page of ours


def test_on_this_machine_it_works_without_https(office: Office) -> None:
    office.url = "http://127.0.0.1:7860"
    browser = office.browser()
    answer = office.log_in(browser)
    assert answer.headers["location"] == "http://127.0.0.1:7860/api/v1/plans"
    assert "secure" not in answer.headers["set-cookie"].lower()
    assert browser.get("/api/v1/plans").status_code == 200
    assert list(browser.cookies) == ["plan-session"]  # a browser refuses __Host- without https


def test_several_tabs_log_in_at_once(steady: Office) -> None:
    browser = steady.browser()
    begun = [steady.begin(browser, f"/plans/water?start={tab}") for tab in range(5)]
    led = [browser.get(steady.at_provider(address)).headers["location"] for address in reversed(begun)]
    assert led == [f"{URL}/plans/water?start={tab}" for tab in reversed(range(5))]


def test_a_browser_is_never_filled_with_cookies_of_flows(steady: Office) -> None:
    browser = steady.browser()
    for _ in range(40):
        steady.begin(browser)
        assert len(browser.cookies) <= 5
    assert steady.log_in(browser).status_code == 303


def test_who_is_logged_in_goes_on_at_once(steady: Office) -> None:
    browser = steady.browser()
    steady.log_in(browser)
    asked = len(steady.provider.asked)
    answer = browser.get("/login?next=/library")
    assert answer.headers["location"] == f"{URL}/library" and len(steady.provider.asked) == asked
    assert browser.get("/login?next=//evil.example").headers["location"] == f"{URL}/"


def test_the_provider_is_asked_for_what_it_is_once(office: Office, provider: Provider) -> None:
    for _ in range(3):
        assert office.log_in(office.browser()).status_code == 303
    assert provider.asked.count("GET /.well-known/openid-configuration") == 1
    assert provider.asked.count("GET /keys") == 1
    assert set(provider.asked) == {
        "GET /.well-known/openid-configuration",
        "GET /keys",
        "GET /authorize",
        "POST /token",
    }


def test_keys_that_the_provider_changed_are_fetched_again(office: Office, provider: Provider) -> None:
    assert office.log_in(office.browser()).status_code == 303
    provider.keys, provider.signer = [key("rsa2")], key("rsa2")
    assert office.log_in(office.browser()).status_code == 303
    assert provider.asked.count("GET /keys") == 2


@pytest.mark.parametrize(("alg", "kind"), [("RS256", "rsa"), ("PS256", "rsa"), ("ES256", "ec"), ("Ed25519", "ed")])
def test_signatures_with_public_keys_hold(steady: Office, alg: str, kind: str) -> None:
    steady.provider.alg, steady.provider.signer = alg, key(kind)
    assert steady.log_in(steady.browser()).status_code == 303


def test_the_settings_may_allow_fewer_signatures(office: Office, provider: Provider) -> None:
    office.oidc["algorithms"] = ["ES256"]
    is_out(office.log_in(office.browser()), 403, "refused")
    provider.alg, provider.signer = "ES256", key("ec")
    assert office.log_in(office.browser()).status_code == 303


def test_a_secret_is_posted_where_the_provider_wants_that(office: Office, provider: Provider) -> None:
    provider.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert office.log_in(office.browser()).status_code == 303
    assert provider.sent[0]["client_secret"] == SECRET and not provider.sent[0]["authorization"]


def test_the_secret_comes_from_a_file_that_its_owner_alone_reads(
    office: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = office.data / "secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    office.oidc.update({"client_secret_env": "", "client_secret_file": str(file)})
    file.chmod(0o640)
    with pytest.raises(SettingsInvalid, match="chmod 600"):
        assert office.app
    file.chmod(0o600)
    assert office.log_in(office.browser()).status_code == 303
    file.write_text("", encoding="utf-8")
    office.restart()
    with pytest.raises(SettingsInvalid, match="holds no secret"):
        assert office.app
    office.oidc["client_secret_env"] = SECRET_ENV
    with pytest.raises(SettingsInvalid, match="both set"):
        assert office.app
    office.oidc["client_secret_file"] = None
    monkeypatch.delenv(SECRET_ENV)
    with pytest.raises(SettingsInvalid, match=f"{SECRET_ENV} is not set"):
        assert office.app


# -- who the user is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "statuses"),
    [
        ([], (403, 403, 403)),
        (["readers"], (200, 403, 403)),
        (["editors"], (200, 404, 403)),  # 404: the application of this test has no pages of the library
        (["admins", "readers"], (200, 404, 404)),
    ],
)
def test_groups_make_the_role(
    office: Office, provider: Provider, groups: list[str], statuses: tuple[int, int, int]
) -> None:
    office.access.update({"reader_groups": ["readers"], "editor_groups": ["editors"], "admin_groups": ["admins"]})
    provider.claims["groups"] = groups
    browser = office.browser()
    answer = office.log_in(browser)
    if not groups:
        text = is_out(answer, 403, "no_role", browser)
        assert "王芳" in text and f"{provider.issuer}/end" in text

        return
    assert answer.status_code == 303
    found = [browser.get(path).status_code for path in ("/api/v1/plans", "/library", "/metrics")]
    assert found == list(statuses)


@pytest.mark.parametrize(
    ("claim", "value", "found"),
    [
        ("groups", ["a", "b"], {"a", "b"}),
        ("groups", "a", {"a"}),
        ("groups", None, set()),
        ("groups", {"a": 1}, set()),
        ("groups", 7, set()),
        ("groups", ["a", 7, None, "", "\u202eb", "x" * 500, ["c"]], {"a"}),
        ("groups", ["a"] * 2000, set()),
        ("realm_access.roles", {"roles": ["a"]}, {"a"}),
        ("realm_access.roles", "a", set()),
        ("https://office.example/groups", ["a"], {"a"}),
    ],
)
def test_groups_are_taken_from_a_claim(
    office: Office, provider: Provider, claim: str, value: object, found: set[str]
) -> None:
    office.oidc["groups_claim"] = claim
    provider.claims.pop("groups")
    provider.claims[claim.partition(".")[0] if claim.startswith("realm") else claim] = value
    browser = office.browser()
    assert office.log_in(browser).status_code == 303
    store = LoginSessions(office.data / FILE, office.settings().sessions, provider.issuer)
    session = store.find(str(browser.cookies[SESSION]))
    assert session is not None and session.groups == found


@pytest.mark.parametrize(
    "user",
    [
        "",
        " ",
        "token:portal",
        "TOKEN:x",
        "widget:a/b",
        "local",
        7,
        None,
        ["王芳"],
        "a\nb",
        "\u202eadmin",
        "x" * 500,
        ...,
    ],
)
def test_a_name_that_no_user_can_have(steady: Office, user: object) -> None:
    if user is ...:
        del steady.provider.claims["preferred_username"]
    else:
        steady.provider.claims["preferred_username"] = user
    browser = steady.browser()
    is_out(steady.log_in(browser), 403, "nameless", browser)


def test_the_user_may_be_named_by_another_claim(office: Office, provider: Provider) -> None:
    office.oidc["user_claim"] = "email"
    provider.claims["email"] = "wang.fang@office.example"
    for verified in (False, "true", None, 1):
        provider.claims["email_verified"] = verified
        is_out(office.log_in(office.browser()), 403, "nameless")
    provider.claims["email_verified"] = True
    assert office.log_in(office.browser()).status_code == 303


def test_markup_in_a_name_is_shown_as_it_stands(office: Office, provider: Provider) -> None:
    office.access["reader_groups"] = ["readers"]
    provider.claims["preferred_username"] = "<img src=x onerror=alert(1)>"
    text = is_out(office.log_in(office.browser()), 403, "no_role")
    assert "<img" not in text and "&lt;img" in text


# -- ID tokens that do not hold --------------------------------------------------------------------------------------

NOW = time.time()
BAD_CLAIMS: dict[str, dict[str, Any]] = {
    "nonce of another log-in": {"nonce": "x" * 20},
    "no nonce": {"nonce": ...},
    "empty nonce": {"nonce": ""},
    "for another client": {"aud": "other"},
    "for another client, ours in azp": {"aud": "other", "azp": CLIENT},
    "for others, ours in azp": {"aud": ["other", "third"], "azp": CLIENT},
    "no audience": {"aud": ...},
    "an empty audience": {"aud": []},
    "an audience of another type": {"aud": {CLIENT: 1}},
    "for us and another, authorized for that": {"aud": [CLIENT, "other"], "azp": "other"},
    "for us and another, authorized for nobody": {"aud": [CLIENT, "other"]},
    "another issuer": {"iss": "https://evil.example"},
    "the issuer with a slash more": {"iss": "/"},
    "several issuers": {"iss": ["https://evil.example"]},
    "no issuer": {"iss": ...},
    "expired": {"exp": int(NOW) - 120},
    "expires never": {"exp": ...},
    "expires as a text": {"exp": "9999999999"},
    "expires true": {"exp": True},
    "expires null": {"exp": None},
    "expires NaN": {"exp": math.nan},
    "expires at infinity": {"exp": math.inf},
    "issued in the future": {"iat": int(NOW) + 3600},
    "issued never": {"iat": ...},
    "not valid yet": {"nbf": int(NOW) + 3600},
    "no subject": {"sub": ...},
    "a subject of another type": {"sub": 7},
    "of another access token": {"at_hash": "x" * 22},
}


@pytest.mark.parametrize("case", BAD_CLAIMS)
def test_an_id_token_with_wrong_claims(steady: Office, case: str) -> None:
    wrong = dict(BAD_CLAIMS[case])
    if wrong.get("iss") == "/":
        wrong["iss"] = steady.provider.issuer + "/"
    steady.provider.next_token = lambda claims: {n: v for n, v in {**claims, **wrong}.items() if v is not ...}
    browser = steady.browser()
    is_out(steady.log_in(browser), 403, "refused", browser)
    steady.provider.next_token = None  # the next one is let in as if nothing had been
    assert steady.log_in(browser).status_code == 303


def _changed(token: str) -> str:
    head, body, signature = token.split(".")
    return ".".join((head, body, ("A" if signature[10] != "A" else "B").join((signature[:10], signature[11:]))))


Forge = Callable[[Provider, dict[str, Any]], Any]
FORGED: dict[str, Forge] = {
    "unsigned": lambda p, c: _as(p, "none").signed(c),
    "unsigned, in capitals": lambda p, c: _as(p, "none").signed(c, alg="NONE"),
    "the public key as a secret": lambda p, c: _as(p, "HS256").signed(c),
    "the public key in DER as a secret": lambda p, c: hmac_token(
        {"alg": "HS256", "kid": "rsa-1"}, c, p.signer.as_der(private=False)
    ),
    "the client secret as a key": lambda p, c: hmac_token({"alg": "HS256"}, c, SECRET.encode()),
    "HS512 with the client secret": lambda p, c: hmac_token({"alg": "HS512"}, c, SECRET.encode()),
    "an unknown kid": lambda p, c: p.signed(c, kid="rsa-9"),
    "no kid, several keys": lambda p, c: p.signed(c, kid=None),
    "another key under a known kid": lambda p, c: _by(p, "rsa2").signed(c, kid="rsa-1"),
    "its own key along": lambda p, c: _by(p, "rsa2").signed(c, jwk=key("rsa2").as_dict(private=False), kid="rsa-1"),
    "a key at another place": lambda p, c: _by(p, "rsa2").signed(c, jku="http://127.0.0.1:9/keys", kid="rsa-2"),
    "a key of another kind": lambda p, c: p.signed(c, kid="ec-1"),
    "a changed signature": lambda p, c: _changed(p.signed(c)),
    "no signature": lambda p, c: p.signed(c).rpartition(".")[0] + ".",
    "two parts": lambda p, c: p.signed(c).rpartition(".")[0],
    "claims of another token": lambda p, c: ".".join(
        (p.signed(c).split(".")[0], p.signed({**c, "sub": "8"}).split(".")[1], p.signed(c).split(".")[2])
    ),
    "an extension that has to be understood": lambda p, c: p.signed(c, crit=["exp2"], exp2=1),
    "nothing": lambda p, c: "",
    "no token at all": lambda p, c: "........",
    "a million characters": lambda p, c: "a" * 900_000,
    "a payload that is no object": lambda p, c: hmac_token({"alg": "RS256", "kid": "rsa-1"}, [], b"x"),  # type: ignore[arg-type]
}


def _as(provider: Provider, alg: str) -> Provider:
    return Provider(provider.issuer, signer=provider.signer, alg=alg)


def _by(provider: Provider, kind: str) -> Provider:
    return Provider(provider.issuer, signer=key(kind))


@pytest.mark.parametrize("case", FORGED)
def test_an_id_token_that_is_not_signed_as_it_should(steady: Office, case: str) -> None:
    steady.provider.next_token = lambda claims: FORGED[case](steady.provider, dict(claims))
    browser = steady.browser()
    is_out(steady.log_in(browser), 403, "refused", browser)


def test_a_shared_secret_is_no_choice_of_the_settings(office: Office) -> None:
    assert not any(name.startswith("HS") or name.lower() == "none" for name in ALGORITHMS)
    for name in ("HS256", "none", "None", "RS256 "):
        office.oidc["algorithms"] = [name]
        with pytest.raises(ValueError, match="this is none of"):
            office.settings()
    office.oidc["algorithms"] = []
    with pytest.raises(ValueError, match="at least 1"):
        office.settings()


@pytest.mark.parametrize("offered", [["HS256"], ["none"], ["HS256", "none", "XX"], "RS512x", [7]])
def test_a_provider_that_offers_no_signature_of_ours(office: Office, provider: Provider, offered: object) -> None:
    provider.metadata["id_token_signing_alg_values_supported"] = offered
    is_out(office.browser().get("/login"), 403, "refused")


# -- state and code --------------------------------------------------------------------------------------------------


def test_a_callback_that_nobody_began(steady: Office) -> None:
    browser = steady.browser()
    for query in ("", "?code=x", "?state=abc&code=x", "?code=x&state=", "?error=access_denied", "?state=%00&code=x"):
        is_out(browser.get(f"/login/callback{query}"), 400, "expired", browser)
    for query in ("?state=" + "x" * 9000, "?state=é&code=x", "?state=a;b=c", '?state="', "?state=%ff%fe"):
        is_out(browser.get(f"/login/callback{query}"), 400, "expired")
    assert steady.provider.asked == []  # nobody was asked for it


def test_a_callback_of_another_browser(steady: Office) -> None:
    """Log-in CSRF: somebody has another's browser finish the log-in that he began as himself."""
    attacker, victim = steady.browser(), steady.browser()
    back = steady.at_provider(steady.begin(attacker))
    is_out(victim.get(back), 400, "expired", victim)
    steady.begin(victim)  # has begun one of his own
    is_out(victim.get(back), 400, "expired", victim)
    assert not any("token" in line for line in steady.provider.asked)


def test_a_state_with_the_cookie_of_another(steady: Office) -> None:
    attacker, victim = steady.browser(), steady.browser()
    mine, his = steady.begin(attacker), steady.begin(victim)
    back = steady.at_provider(mine)
    (name,), (value,) = victim.cookies.keys(), victim.cookies.values()
    # The cookie of his flow, under the name that the state of mine asks for.
    other = f"{name.rpartition('-')[0]}-{query_of(mine)['state'][:12]}"
    thief = steady.browser()
    answer = thief.get(back, headers={"Cookie": f"{other}={value}"})
    is_out(answer, 400, "expired")
    assert victim.get(steady.at_provider(his)).status_code == 303


def test_a_callback_twice(steady: Office) -> None:
    browser = steady.browser()
    back = steady.at_provider(steady.begin(browser))
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    assert browser.get(back).status_code == 303
    is_out(browser.get(back), 400, "expired")
    # Also with the cookie of the flow kept by somebody.
    is_out(steady.browser().get(back, headers={"Cookie": cookies}), 400, "expired")


def test_a_cookie_of_a_flow_that_was_changed(steady: Office) -> None:
    for change in (
        lambda value: value[:-3] + ("A" if value[-3] != "A" else "B") + value[-2:],
        lambda value: value[:5] + ("A" if value[5] != "A" else "B") + value[6:],
        lambda value: value.rpartition(".")[0],
        lambda value: value + value,
        lambda value: "",
        lambda value: "." * 3,
        lambda value: "x" * 5000,
    ):
        browser = steady.browser()
        back = steady.at_provider(steady.begin(browser))
        (name,), (value,) = browser.cookies.keys(), browser.cookies.values()
        is_out(steady.browser().get(back, headers={"Cookie": f"{name}={change(value)}"}), 400, "expired")
        both = {"Cookie": f"{name}={value}; {name}={change(value)}"}  # which of the two is ours?
        is_out(steady.browser().get(back, headers=both), 400, "expired")


def test_a_cookie_of_another_server(office: Office, provider: Provider) -> None:
    browser = office.browser()
    back = office.at_provider(office.begin(browser))
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    office.restart()  # another key
    is_out(office.browser().get(back, headers={"Cookie": cookies}), 400, "expired")


def test_a_flow_holds_for_ten_minutes() -> None:
    from fastapi.responses import Response

    now = [2_000_000_000.0]
    cookies = Cookies(secure=True, clock=lambda: now[0])
    for seconds, holds in ((599, True), (602, False)):
        answer, begun = Response(), Begun("", f"state{seconds}", "nonce", "verifier")
        cookies.keep_flow({"headers": []}, answer, begun, "/library", "zh")
        sent = answer.headers["set-cookie"].partition(";")[0].encode()
        now[0] += seconds
        flow = cookies.take_flow({"headers": [(b"cookie", sent)]}, begun.state)
        assert (flow is not None) == holds
        assert flow is None or (flow.nonce, flow.verifier, flow.back) == ("nonce", "verifier", "/library")


def test_a_code_of_another_log_in(steady: Office) -> None:
    """Code injection: a stolen code is taken to a flow of one's own; PKCE and nonce bind it to the flow it is of."""
    victim, attacker = steady.browser(), steady.browser()
    code = query_of(steady.at_provider(steady.begin(victim)))["code"]
    state = query_of(steady.begin(attacker))["state"]
    is_out(attacker.get("/login/callback", params={"code": code, "state": state}), 403, "refused", attacker)
    # Also with a provider that forgets about PKCE.
    code = query_of(steady.at_provider(steady.begin(victim)))["code"]
    asked = query_of(steady.begin(attacker))
    steady.provider.codes[code]["code_challenge"] = asked["code_challenge"]
    is_out(attacker.get("/login/callback", params={"code": code, "state": asked["state"]}), 403, "refused", attacker)


def test_a_code_twice(steady: Office) -> None:
    first, second = steady.browser(), steady.browser()
    back = steady.at_provider(steady.begin(first))
    assert first.get(back).status_code == 303
    state = query_of(steady.begin(second))["state"]
    is_out(second.get("/login/callback", params={"code": query_of(back)["code"], "state": state}), 403, "refused")


def test_an_answer_that_is_none(steady: Office) -> None:
    for query in ({}, {"code": ""}, {"code": "x" * 5000}, {"code": "x", "iss": "https://evil.example"}):
        browser = steady.browser()
        state = query_of(steady.begin(browser))["state"]
        is_out(browser.get("/login/callback", params={"state": state, **query}), 403, "refused", browser)
    browser = steady.browser()
    state = query_of(steady.begin(browser))["state"]
    is_out(browser.get(f"/login/callback?state={state}&code=x&code=y"), 403, "refused")
    assert not any("token" in line for line in steady.provider.asked)


def test_the_provider_says_no(steady: Office, caplog: pytest.LogCaptureFixture) -> None:
    steady.provider.deny = "access_denied"
    browser = steady.browser()
    text = is_out(steady.log_in(browser, "/library"), 403, "denied", browser)
    assert "script>alert" not in text
    assert "/login?next=%2Flibrary" in text  # the way back is kept for another try
    steady.provider.deny = "\x1b[2J\r\nERROR forged line"
    with caplog.at_level(logging.WARNING):
        is_out(steady.log_in(browser), 403, "denied")
    assert all("\x1b" not in line and "\n" not in line for line in caplog.messages)


def test_pages_are_in_the_users_language(steady: Office) -> None:
    steady.provider.deny = "access_denied"
    assert LOGIN_ZH.failed["denied"] in steady.log_in(steady.browser()).text
    assert LOGIN_EN.failed["denied"] in steady.log_in(steady.browser(), lang="en").text
    program = steady.browser(page=False)
    answer = program.get("/login/callback?state=x")
    assert answer.status_code == 400 and answer.json()["detail"] == LOGIN_EN.failed["expired"]


@pytest.mark.parametrize("back", FOREIGN)
def test_a_log_in_leads_to_our_own_pages_alone(steady: Office, back: str | None) -> None:
    answer = steady.log_in(steady.browser(), back or "")
    assert answer.status_code == 303 and answer.headers["location"] == URL + HOME


# -- a provider that does not work -----------------------------------------------------------------------------------


def _answer(body: bytes, status: int = 200, **headers: str) -> tuple[int, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **named}, body


DISCOVERY = "/.well-known/openid-configuration"
BROKEN: dict[str, tuple[str, tuple[int, dict[str, str], bytes], str]] = {
    "discovery gone": (DISCOVERY, _answer(b"", 404), "unreachable"),
    "discovery failing": (DISCOVERY, _answer(b"<h1>oops</h1>", 500), "unreachable"),
    "discovery elsewhere": (DISCOVERY, _answer(b"", 302, Location="https://evil.example/"), "unreachable"),
    "discovery no JSON": (DISCOVERY, _answer(b"<html>"), "refused"),
    "discovery no object": (DISCOVERY, _answer(b"[]"), "refused"),
    "discovery empty": (DISCOVERY, _answer(b"{}"), "refused"),
    "discovery nested": (DISCOVERY, _answer(b"[" * 200_000), "refused"),
    "discovery no UTF-8": (DISCOVERY, _answer(b"\xff\xfe\x00"), "refused"),
    "discovery endless": (DISCOVERY, _answer(b'{"x": "' + b"a" * (2 << 20) + b'"}'), "refused"),
    "discovery packed": (DISCOVERY, _answer(gzip.compress(b"{}"), Content_Encoding="gzip"), "refused"),
    "token failing": ("/token", _answer(b"", 500), "unreachable"),
    "token no JSON": ("/token", _answer(b"<html>"), "refused"),
    "token no object": ("/token", _answer(b'"x"'), "refused"),
    "token refused": ("/token", _answer(b'{"error": "invalid_grant"}', 400), "refused"),
    "token refused with 200": ("/token", _answer(b'{"error": "invalid_grant"}'), "refused"),
    "token without ID token": ("/token", _answer(b'{"access_token": "x", "token_type": "Bearer"}'), "refused"),
    "token elsewhere": ("/token", _answer(b"", 307, Location="https://evil.example/token"), "unreachable"),
    "ID token of another type": ("/token", _answer(b'{"access_token": "x", "id_token": {"a": 1}}'), "refused"),
    "token endless": ("/token", _answer(b'{"x": "' + b"a" * (2 << 20) + b'"}'), "refused"),
    "keys gone": ("/keys", _answer(b"", 404), "unreachable"),
    "no keys": ("/keys", _answer(b'{"keys": []}'), "refused"),
    "keys no object": ("/keys", _answer(b"[]"), "refused"),
    "keys of no kind": ("/keys", _answer(b'{"keys": [{"kty": "x"}, {"kid": 1}, 7]}'), "refused"),
    "a secret for a key": (
        "/keys",
        _answer(json.dumps({"keys": [{"kty": "oct", "kid": "rsa-1", "k": "c2VjcmV0c2VjcmV0c2VjcmV0"}]}).encode()),
        "refused",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_provider_that_answers_anything(steady: Office, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    monkeypatch.setattr(module, "AGAIN", 0.0)
    steady.forget()
    path, answer, reason = BROKEN[case]
    browser = steady.browser()
    if path == DISCOVERY:
        steady.provider.answers[path] = answer
        is_out(browser.get("/login"), 503 if reason == "unreachable" else 403, reason, browser)
    else:
        address = steady.begin(browser)
        steady.provider.answers[path] = answer
        is_out(browser.get(steady.at_provider(address)), 503 if reason == "unreachable" else 403, reason, browser)
    steady.provider.answers.clear()
    assert steady.log_in(browser).status_code == 303  # it works again as soon as the provider does


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"authorization_endpoint": "https://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://{other}/token"},
        {"token_endpoint": "http://127.0.0.1@{other}/token"},
        {"jwks_uri": "http://{other}/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ["x"]},
        {"token_endpoint": None},
        {"end_session_endpoint": "https://evil.example/end"},
    ],
)
def test_a_provider_leads_nowhere_else(office: Office, provider: Provider, metadata: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        other = f"127.0.0.1:{listener.getsockname()[1]}"
        provider.metadata = {
            name: value.replace("{other}", other) if isinstance(value, str) else value
            for name, value in metadata.items()
        }
        is_out(office.browser().get("/login"), 403, "refused")
        with pytest.raises(TimeoutError):
            listener.accept()


def test_no_redirect_is_followed_and_no_proxy_asked(
    office: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        other = f"http://127.0.0.1:{listener.getsockname()[1]}"
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, other)
        browser = office.browser()
        address = office.begin(browser)
        provider.answers["/token"] = _answer(b"", 307, Location=f"{other}/token")
        is_out(browser.get(office.at_provider(address)), 503, "unreachable")
        with pytest.raises(TimeoutError):
            listener.accept()


def test_no_connection_goes_anywhere_else() -> None:
    """Below all that: the transport itself, whatever asked for the address."""
    made = module._Bounded(httpx2.AsyncHTTPTransport(), frozenset({"http://127.0.0.1:1"}))

    async def ask(address: str) -> None:
        async with httpx2.AsyncClient(transport=made) as client:
            await client.get(address)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        port = listener.getsockname()[1]
        for address in (
            f"http://127.0.0.1:{port}/",
            f"https://127.0.0.1:{port}/",
            f"http://127.0.0.1:1@127.0.0.1:{port}/",
        ):
            with pytest.raises((httpx2.HTTPError, ValueError), match=r"neither the issuer|no http"):
                in_own_loop(ask(address))
        with pytest.raises(TimeoutError):
            listener.accept()


def test_metadata_change_nothing_of_how_the_provider_is_asked(office: Office, provider: Provider) -> None:
    provider.metadata = {
        "verify": False,
        "proxy": "http://127.0.0.1:9",
        "follow_redirects": True,
        "timeout": 0.0001,
        "scope": "admin",
        "client_id": "other",
        "code_challenge_method": "plain",
        "jwks": {"keys": []},
        "headers": {"X": "y"},
        "base_url": "http://127.0.0.1:9",
        "redirect_uri": "x",
        "grant_type": "password",
        "state": "known",
        "nonce": "known",
        "response_type": "token",
    }
    browser = office.browser()
    asked = query_of(office.begin(browser))
    assert (asked["scope"], asked["code_challenge_method"], asked["response_type"]) == (
        "openid profile",
        "S256",
        "code",
    )
    assert "known" not in asked.values()
    assert office.log_in(browser).status_code == 303


def test_other_origins_are_those_of_the_settings(office: Office, provider: Provider) -> None:
    from tests.access.provider import running

    with running() as second:
        provider.metadata["jwks_uri"] = f"{second.issuer}/keys"
        is_out(office.browser().get("/login"), 403, "refused")
        office.oidc["other_origins"] = [second.issuer]
        office.restart()
        assert office.log_in(office.browser()).status_code == 303
        assert second.asked == ["GET /keys"]


def test_a_provider_that_is_not_there(office: Office, provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    office.oidc["issuer"] = f"http://127.0.0.1:{port}"
    browser = office.browser()
    is_out(browser.get("/login"), 503, "unreachable")
    assert browser.get("/healthz").status_code == 200
    assert len(caplog.messages) == 1 and "OpenID provider" in caplog.messages[0]


def test_a_provider_that_never_ends_its_answer(
    office: Office, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.1)  # three times that in all
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while not stop.wait(0.05):
                    try:
                        connection.sendall(b" ")
                    except OSError:
                        return

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        office.oidc["issuer"] = f"http://127.0.0.1:{listener.getsockname()[1]}"
        began = time.monotonic()
        is_out(office.browser().get("/login"), 503, "unreachable")
        assert time.monotonic() - began < 5
        # Who comes next is told at once, and nobody is asked.
        began = time.monotonic()
        is_out(office.browser().get("/login"), 503, "unreachable")
        assert time.monotonic() - began < 0.3
        stop.set()
        thread.join(timeout=10)


def test_the_log_holds_no_secret(steady: Office, caplog: pytest.LogCaptureFixture) -> None:
    secrets = [SECRET]
    with caplog.at_level(logging.DEBUG, logger="assistant"):
        for case in ("nonce of another log-in", "expired"):
            wrong = BAD_CLAIMS[case]
            steady.provider.next_token = lambda claims, wrong=wrong: {**claims, **wrong}  # type: ignore[misc]
            browser = steady.browser()
            back = steady.at_provider(steady.begin(browser))
            secrets += [query_of(back)["code"], query_of(back)["state"]]
            browser.get(back)
    assert len(caplog.messages) == 2
    assert not [one for one in secrets if one in caplog.text]


# -- settings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key_", "value", "said"),
    [
        ("issuer", "http://sso.example", "https"),
        ("issuer", "sso.example", "no http or https"),
        ("issuer", "https://sso.example/?x=y", r"without \? and #"),
        ("issuer", "https://user:pw@sso.example", "no http or https"),
        ("issuer", "file:///etc/passwd", "no http or https"),
        ("client_id", "", "at least 1"),
        ("other_origins", ["https://a.example/path"], "https://host"),
        ("other_origins", ["http://a.example"], "https://host"),
        ("unknown", 1, "Extra inputs"),
    ],
)
def test_settings_that_cannot_be(office: Office, key_: str, value: object, said: str) -> None:
    office.oidc[key_] = value
    with pytest.raises(ValueError, match=said):
        office.settings()


@pytest.mark.parametrize(("url", "said"), [("", "needs public_url"), ("http://plans.example", "needs https")])
def test_the_public_address_has_to_be_known_and_https(office: Office, url: str, said: str) -> None:
    office.url = url
    with pytest.raises(SettingsInvalid, match=said):
        assert office.app


def test_certificates_that_cannot_be_read(office: Office) -> None:
    office.oidc["ca_file"] = str(office.data / "none.pem")
    with pytest.raises(SettingsInvalid, match="holds no certificates"):
        assert office.app


# -- sessions --------------------------------------------------------------------------------------------------------


def test_an_id_that_somebody_put_there_is_never_taken(steady: Office) -> None:
    """Session fixation: an id that another knows does not become the user's at log-in."""
    for planted in ("x" * 43, "a", ""):
        browser = steady.browser()
        browser.cookies.set(SESSION, planted, domain="plans.example", path="/")
        assert steady.log_in(browser).status_code == 303
        assert browser.cookies[SESSION] != planted
    attacker, victim = steady.browser(), steady.browser()
    steady.log_in(attacker)
    known = str(attacker.cookies[SESSION])
    victim.cookies.set(SESSION, known, domain="plans.example", path="/")
    back = steady.begin(steady.browser())
    assert back.startswith(steady.provider.issuer)
    # The victim seems logged in as the attacker; logging out and in gives an id of his own, and the known one is dead.
    assert victim.post("/logout", headers=OURS).status_code == 200
    steady.log_in(victim)
    assert victim.cookies[SESSION] != known
    assert attacker.get("/api/v1/plans", headers={"Accept": "*/*"}).status_code == 401


def test_a_log_in_over_a_session_ends_that(steady: Office) -> None:
    browser = steady.browser()
    address = steady.begin(browser)  # in one tab
    steady.log_in(browser)  # in another
    before = str(browser.cookies[SESSION])
    assert browser.get(steady.at_provider(address)).status_code == 303
    assert browser.cookies[SESSION] != before
    old = steady.browser(page=False)
    old.cookies.set(SESSION, before, domain="plans.example", path="/")
    assert old.get("/api/v1/plans").status_code == 401


def test_two_cookies_of_the_name_are_none(steady: Office) -> None:
    browser = steady.browser()
    steady.log_in(browser)
    mine = browser.cookies[SESSION]
    other = steady.browser(page=False)
    assert other.get("/api/v1/plans", headers={"Cookie": f"{SESSION}={mine}"}).status_code == 200
    for cookies in (f"{SESSION}={mine}; {SESSION}={'x' * 43}", f"{SESSION}=; {SESSION}={mine}"):
        assert other.get("/api/v1/plans", headers={"Cookie": cookies}).status_code == 401


def test_a_cookie_changes_nothing_for_a_page_elsewhere(steady: Office) -> None:
    browser = steady.browser(page=False)
    steady.log_in(browser)
    body = {"turns": ["更换老旧管道由谁牵头？"]}
    assert browser.post("/api/v1/ask", json=body, headers=OURS).status_code == 200
    assert browser.post("/api/v1/ask", json=body, headers={"Origin": URL}).status_code == 200
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": URL},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://plans.example.evil.example"},
        {},  # a browser says where it comes from; who does not, has no use for a cookie
    ):
        assert browser.post("/api/v1/ask", json=body, headers=headers).status_code in (401, 403), headers


def test_rights_are_those_of_this_moment(office: Office, provider: Provider) -> None:
    provider.claims["groups"] = ["水利局"]
    browser = office.browser(page=False)
    office.log_in(browser)
    assert browser.get("/api/v1/plans/secret").status_code == 200
    office.store.limit("secret", ["财政局"])
    assert browser.get("/api/v1/plans/secret").status_code == 404
    office.store.limit("secret", ["水利局"])
    assert browser.get("/api/v1/plans/secret").status_code == 200
    # Roles are settings, and a restart keeps the log-in but not what it was worth.
    office.access["reader_groups"] = ["readers"]
    office.restart()
    after = office.browser(page=False)
    after.cookies.set(SESSION, str(browser.cookies[SESSION]), domain="plans.example", path="/")
    assert after.get("/api/v1/plans").status_code == 403
    page = after.get("/", headers=PAGE)
    assert page.status_code == 403 and "王芳" in page.text and "没有角色" in page.text
    assert '<form method="post" action="/logout">' in page.text  # his log-in holds, so he can end it
    office.access["reader_groups"] = ["水利局"]
    office.restart()
    again = office.browser(page=False)
    again.cookies.set(SESSION, str(browser.cookies[SESSION]), domain="plans.example", path="/")
    assert again.get("/api/v1/plans").status_code == 200
    # Somebody leaves the office: his sessions are ended from outside, at once.
    store = LoginSessions(office.data / FILE, office.settings().sessions, provider.issuer)
    assert store.end_all("王芳") == 1
    assert again.get("/api/v1/plans").status_code == 401


def test_a_token_goes_before_a_cookie(office: Office) -> None:
    from assistant.access.model import Scope

    browser = office.browser(page=False)
    office.log_in(browser)
    token = office.store.create("search-only", [Scope.SEARCH])
    ask = {"json": {"turns": ["?"]}, "headers": {**OURS, "Authorization": f"Bearer {token}"}}
    assert browser.post("/api/v1/ask", **ask).status_code == 403  # what the token may not, the cookie does not add
    assert browser.get("/api/v1/plans", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_file_of_sessions_that_is_damaged(office: Office) -> None:
    browser = office.browser()
    office.log_in(browser)
    office.restart()
    for file in office.data.glob(f"{FILE}*"):
        file.write_bytes(b"no database at all" * 100)
    after = office.browser()
    after.cookies.set(SESSION, str(browser.cookies[SESSION]), domain="plans.example", path="/")
    assert after.get("/api/v1/plans").status_code == 503
    assert after.get("/healthz").status_code == 200
    fresh = office.browser()
    is_out(office.log_in(fresh), 503, "unkept")


def test_a_session_is_of_this_provider(office: Office, provider: Provider) -> None:
    from tests.access.provider import running

    browser = office.browser()
    office.log_in(browser)
    with running() as second:
        office.oidc["issuer"] = second.issuer
        office.restart()
        after = office.browser(page=False)
        after.cookies.set(SESSION, str(browser.cookies[SESSION]), domain="plans.example", path="/")
        assert after.get("/api/v1/plans").status_code == 401


def test_the_users_name_is_in_no_cookie(steady: Office) -> None:
    steady.provider.claims["preferred_username"] = "wangfang"
    browser = steady.browser()
    answer = steady.log_in(browser)
    assert "wangfang" not in str(answer.headers)


@pytest.mark.parametrize("path", ["/login", "/login/callback", "/logout"])
def test_only_one_method_leads_anywhere(steady: Office, path: str) -> None:
    browser = steady.browser()
    right = "POST" if path == "/logout" else "GET"
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"):
        if method != right:
            answer = browser.request(method, path, headers={"Origin": URL})
            # A person who goes there without a log-in is led to it; nothing else ever happens.
            led = method == "GET" and answer.headers.get("location") == "/login?next=%2F"
            assert answer.status_code in (401, 405) or led, (method, answer.status_code)
            assert answer.headers.get("set-cookie") is None


def test_a_page_elsewhere_can_neither_use_up_a_log_in_nor_shut_an_address_out(
    office: Office, provider: Provider
) -> None:
    office.access["failures"] = 3
    browser = office.browser()
    back = office.at_provider(office.begin(browser))
    for place in ("image", "script", "empty", "iframe"):
        headers = {"Sec-Fetch-Dest": place, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
        for _ in range(5):
            assert browser.get("/login/callback?state=x&code=x", headers=headers).status_code in (400, 403)
            if place != "iframe":
                assert browser.get(back, headers=headers).status_code == 403
    assert "POST /token" not in provider.asked
    assert browser.get(back, headers={"Sec-Fetch-Dest": "document"}).status_code == 303
    for _ in range(3):
        assert browser.get("/login/callback?state=x&code=x").status_code == 400
    assert browser.get("/login/callback?state=x&code=x").status_code == 429


def test_headers_of_the_pages(steady: Office) -> None:
    answer = steady.browser().get("/login/callback")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy and "unsafe-inline" not in policy and "form-action 'self'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert PAGE["Accept"].startswith("text/html")
