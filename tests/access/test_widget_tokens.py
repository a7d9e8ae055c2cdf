"""Tokens that portals sign for their users: what they grant, and everything that makes one worth nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from assistant.access.login_settings import PortalSettings
from assistant.access.model import Principal, Scope
from assistant.access.settings import AccessSettings
from assistant.access.store import FILE, AccessStore
from assistant.access.ways import identify_by
from assistant.access.widget_tokens import WidgetTokens
from assistant.api import build_api
from assistant.holder import Holder
from corpus.errors import SettingsInvalid
from tests.access.provider import hmac_token, key, rsa_token
from tests.app.conftest import FakeAssistant, make_plan
from tests.loops import in_own_loop

NOW = 2_000_000_000
SECRET = "a secret of 32 bytes and some more"
OTHER = "another secret, also of some length"
ENV = "TEST_PORTAL_SECRET"
BOTH = {Scope.ASK, Scope.SEARCH}


def claims(**other: Any) -> dict[str, Any]:
    """What a portal signs, with some claims otherwise; ... takes one away."""
    said = {"iss": "portal", "sub": "王芳", "aud": "plan-assistant", "iat": NOW, "exp": NOW + 300, **other}
    return {name: value for name, value in said.items() if value is not ...}


def signed(said: dict[str, Any], secret: str = SECRET, **header: Any) -> str:
    return hmac_token({"alg": "HS256", "typ": "JWT", **header}, said, secret.encode())


@pytest.fixture
def portals(monkeypatch: pytest.MonkeyPatch) -> Callable[..., WidgetTokens]:
    """A server that one portal, or several, may send users to."""
    monkeypatch.setenv(ENV, SECRET)

    def make(**settings: Any) -> WidgetTokens:
        given = PortalSettings.model_validate({"secret_env": ENV, **settings})
        return WidgetTokens({"portal": given}, clock=lambda: NOW + 10)

    return make


def who(tokens: WidgetTokens, text: str) -> Principal | None:
    return in_own_loop(tokens.bearer(text))


def test_a_user_of_the_portal_may_ask_and_search(portals: Callable[..., WidgetTokens]) -> None:
    found = who(portals(), signed(claims()))
    assert found == Principal("widget:portal/王芳", frozenset(BOTH), frozenset(), None, "widget")


@pytest.mark.parametrize(
    ("settings", "asked", "groups", "plans", "scopes"),
    [
        ({"groups": ["a", "b"]}, {"groups": ["a", "c"]}, {"a"}, None, BOTH),
        ({}, {"groups": ["a", "b"]}, set(), None, BOTH),  # the settings let it speak for no group
        ({"groups": ["a"]}, {}, set(), None, BOTH),  # who is not said to be a member is none
        ({"groups": ["a"]}, {"groups": [" a ", "", "\u202ea"]}, {"a"}, None, BOTH),
        ({"groups": [" Bu\u0308ro"]}, {"groups": ["B\u00fcro "]}, {"B\u00fcro"}, None, BOTH),
        ({"plans": ["water"]}, {}, set(), {"water"}, BOTH),
        ({"plans": ["water"]}, {"plans": ["water", "secret"]}, set(), {"water"}, BOTH),
        ({"plans": ["water"]}, {"plans": ["secret"]}, set(), set(), BOTH),
        ({}, {"plans": ["secret"]}, set(), {"secret"}, BOTH),
        ({}, {"plans": []}, set(), set(), BOTH),
        ({}, {"scopes": ["search"]}, set(), None, {Scope.SEARCH}),
        ({}, {"scopes": []}, set(), None, set()),
        ({"audience": "plans-test"}, {"aud": ["x", "plans-test"]}, set(), None, BOTH),
        ({"max_seconds": 300}, {}, set(), None, BOTH),
        ({}, {"exp": NOW + 600}, set(), None, BOTH),
        ({}, {"iat": NOW + 40, "nbf": NOW + 40, "exp": NOW + 100}, set(), None, BOTH),  # its clock is 30 s ahead
        ({}, {"jti": "x", "name": {"any": ["thing"]}}, set(), None, BOTH),
    ],
)
def test_it_never_grants_more_than_the_settings(
    portals: Callable[..., WidgetTokens],
    settings: dict[str, Any],
    asked: dict[str, Any],
    groups: set[str],
    plans: set[str] | None,
    scopes: set[Scope],
) -> None:
    found = who(portals(**settings), signed(claims(**asked)))
    assert found is not None
    assert (found.groups, found.plans, found.scopes) == (groups, plans, scopes)
    assert not any(found.may(scope) for scope in Scope if scope not in BOTH)


BAD: dict[str, dict[str, Any]] = {
    "expired": {"iat": NOW - 300, "exp": NOW + 10},
    "expires never": {"exp": ...},
    "expires NaN": {"exp": math.nan},
    "expires at infinity": {"exp": math.inf},
    "expires as a text": {"exp": str(NOW + 300)},
    "expires true": {"exp": True},
    "holds too long": {"exp": NOW + 601},
    "holds for ever": {"exp": 10**300},
    "was issued before it is too long": {"iat": NOW - 500, "exp": NOW + 200},
    "issued never": {"iat": ...},
    "issued in the future": {"iat": NOW + 100},
    "issued NaN": {"iat": math.nan},
    "issued as a text": {"iat": str(NOW)},
    "issued after its end": {"iat": NOW + 40, "exp": NOW + 30},
    "not valid yet": {"nbf": NOW + 100},
    "for another server": {"aud": "other"},
    "for nobody": {"aud": ...},
    "for an empty list": {"aud": []},
    "for anything": {"aud": {"plan-assistant": 1}},
    "of another portal": {"iss": "other"},
    "of nobody": {"iss": ...},
    "of a list of portals": {"iss": ["portal"]},
    "of null": {"iss": None},
    "no user": {"sub": ...},
    "a user without a name": {"sub": " "},
    "a user with a control character": {"sub": "a\nb"},
    "a user with a direction": {"sub": "\u202eab"},
    "a user of another type": {"sub": 7},
    "a user of null": {"sub": None},
    "a long user": {"sub": "x" * 300},
    "may edit": {"scopes": ["ask", "edit"]},
    "may everything": {"scopes": ["admin"]},
    "may count": {"scopes": ["metrics"]},
    "may evaluate": {"scopes": ["eval", "search"]},
    "may what nobody knows": {"scopes": ["ask", "fly"]},
    "scopes in a text": {"scopes": "ask search"},
    "scopes in a map": {"scopes": {"ask": True}},
    "groups in a text": {"groups": "a"},
    "groups of numbers": {"groups": [1]},
    "too many groups": {"groups": ["x"] * 501},
    "plans in a text": {"plans": "water"},
    "plans of numbers": {"plans": [None]},
}


@pytest.mark.parametrize("case", BAD)
def test_claims_that_do_not_hold(portals: Callable[..., WidgetTokens], case: str) -> None:
    assert who(portals(groups=["a"]), signed(claims(**BAD[case]))) is None


RS = rsa_token({"alg": "RS256", "kid": "rsa-1"}, claims(), key("rsa"))
FORGED: dict[str, str] = {
    "another secret": signed(claims(), OTHER),
    "an empty secret": signed(claims(), ""),
    "unsigned": signed(claims(), alg="none").rpartition(".")[0] + ".",
    "unsigned with a signature": signed(claims(), alg="none"),
    "another algorithm of the same secret": signed(claims(), alg="HS512"),
    "an algorithm that the token chooses": RS,
    "its own key along": rsa_token({"alg": "RS256", "jwk": key("rsa").as_dict(private=False)}, claims(), key("rsa")),
    "no algorithm": signed(claims(), alg=None),
    "a list of algorithms": signed(claims(), alg=["HS256"]),
    "a payload that is not encoded": signed(claims(), b64=False, crit=["b64"]),
    "an extension that has to be understood": signed(claims(), crit=["x"], x=1),
    "an address of a key": signed(claims(), OTHER, jku="http://127.0.0.1:9/keys"),
    "a path for a key": signed(claims(), "", kid="../../dev/null"),
    "a changed payload": ".".join(
        (signed(claims()).split(".")[0], signed(claims(sub="李明")).split(".")[1], signed(claims()).split(".")[2])
    ),
    "no signature": signed(claims()).rpartition(".")[0] + ".",
    "four parts": signed(claims()) + ".x",
    "two parts": signed(claims()).rpartition(".")[0],
    "an encrypted form": signed(claims()) + ".a.b",
    "a payload that is a list": hmac_token({"alg": "HS256"}, [1], SECRET.encode()),  # type: ignore[arg-type]
    "a payload too deep": hmac_token({"alg": "HS256"}, json.loads("[" * 900 + "]" * 900), SECRET.encode()),
    "a long one": signed(claims(x="a" * 5000)),
    "nothing": "",
    "dots": "..",
    "no base64": "a!.b!.c!",
    "half a pair": "\ud800.\ud800.\ud800",
    "an API token": "pla_" + "x" * 49,
}


@pytest.mark.parametrize("case", FORGED)
def test_signatures_that_do_not_hold(portals: Callable[..., WidgetTokens], case: str) -> None:
    assert who(portals(), FORGED[case]) is None


def _pem(tmp_path: Path, chosen: Key) -> str:
    file = tmp_path / "key.pem"
    file.write_bytes(chosen.as_pem(private=False))
    return str(file)


@pytest.mark.parametrize(
    ("kind", "algorithms"), [("ed", ("Ed25519", "EdDSA")), ("ec", ("ES256",)), ("rsa", ("RS256",))]
)
def test_a_public_key_of_the_portal(
    portals: Callable[..., WidgetTokens], tmp_path: Path, kind: str, algorithms: tuple[str, ...]
) -> None:
    tokens = portals(secret_env="", public_key_file=_pem(tmp_path, key(kind)))
    for algorithm in algorithms:
        registry = JWSRegistry(algorithms=[algorithm])
        text = jwt.encode({"alg": algorithm}, claims(), key(kind), registry=registry)
        assert who(tokens, text) is not None, algorithm
    # The public key, which everybody may have, is no secret; nor does another portal's or a weaker way hold.
    for raw in (key(kind).as_pem(private=False), key(kind).as_der(private=False)):
        for text in (raw, raw.strip(), raw + b"\n"):
            assert who(tokens, hmac_token({"alg": "HS256"}, claims(), text)) is None
    assert who(tokens, signed(claims())) is None
    assert who(tokens, hmac_token({"alg": "none"}, claims(), b"").rpartition(".")[0] + ".") is None
    other = OKPKey.generate_key("Ed25519")
    assert who(tokens, jwt.encode({"alg": "Ed25519"}, claims(), other, algorithms=["Ed25519"])) is None
    if kind == "rsa":  # the key's kind has one way here
        assert who(tokens, jwt.encode({"alg": "PS256"}, claims(), key("rsa"), algorithms=["PS256"])) is None


def test_the_example_of_the_documents(
    portals: Callable[..., WidgetTokens], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs/administration.md").read_text(encoding="utf-8")
    code = text.partition("## Widget tokens")[2].partition("```python\n")[2].partition("```")[0]
    (tmp_path / "intranet-private.pem").write_bytes(key("ed").as_pem(private=True))
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code, names)
    token = names["assistant_token"]("王芳", ["财务处"])
    given = PortalSettings.model_validate({"public_key_file": _pem(tmp_path, key("ed")), "groups": ["财务处"]})
    found = who(WidgetTokens({"intranet": given}), token)
    assert found is not None and (found.name, found.groups) == ("widget:intranet/王芳", {"财务处"})


def test_each_portal_speaks_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENV, SECRET)
    monkeypatch.setenv("OTHER_SECRET", OTHER)
    tokens = WidgetTokens(
        {
            "portal": PortalSettings(secret_env=ENV, groups=frozenset({"a"})),
            "hall": PortalSettings(secret_env="OTHER_SECRET", groups=frozenset({"b"})),
        },
        clock=lambda: NOW,
    )
    both = {"groups": ["a", "b"]}
    mine, hers = who(tokens, signed(claims(**both))), who(tokens, signed(claims(iss="hall", **both), OTHER))
    assert mine and hers and (mine.groups, hers.groups) == ({"a"}, {"b"})
    assert (mine.name, hers.name) == ("widget:portal/王芳", "widget:hall/王芳")
    assert who(tokens, signed(claims(iss="hall"))) is None
    assert who(tokens, signed(claims(), OTHER)) is None


@pytest.mark.parametrize(
    ("secret", "said"),
    [("short", "at least 32 bytes"), ("", "is not set"), ("-----BEGIN PUBLIC KEY-----" + "x" * 40, "is no key")],
)
def test_a_secret_that_is_none(
    portals: Callable[..., WidgetTokens], monkeypatch: pytest.MonkeyPatch, secret: str, said: str
) -> None:
    monkeypatch.setenv(ENV, secret)
    with pytest.raises(SettingsInvalid, match=said):
        portals()


def test_a_secret_in_a_file_that_others_may_read(portals: Callable[..., WidgetTokens], tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n", encoding="utf-8")
    file.chmod(0o604)
    with pytest.raises(SettingsInvalid, match="chmod 600"):
        portals(secret_env="", secret_file=str(file))
    file.chmod(0o600)
    assert who(portals(secret_env="", secret_file=str(file)), signed(claims())) is not None


def test_keys_that_are_none(portals: Callable[..., WidgetTokens], tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    made: dict[str, tuple[bytes, str]] = {
        "private": (key("rsa").as_pem(private=True), "private key, which stays"),
        "weak": (RSAKey.generate_key(1024).as_pem(private=False), "no public key"),
        "another curve": (ECKey.generate_key("P-521").as_pem(private=False), "no public key"),
        "no key": (b"nothing", "no public key"),
        "empty": (b"", "no public key"),
        "a secret": (SECRET.encode(), "no public key"),
    }
    for name, (content, said) in made.items():
        file.write_bytes(content)
        with pytest.raises(SettingsInvalid, match=said):
            portals(secret_env="", public_key_file=str(file))
        assert name
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        portals(secret_env="", public_key_file=str(tmp_path / "none.pem"))
    for neither_nor in ({"secret_env": ""}, {"public_key_file": _pem(tmp_path, key("ed"))}):
        with pytest.raises(SettingsInvalid, match="needs one of"):
            portals(**neither_nor)


@pytest.mark.parametrize("name", ["", "a/b", "a b", "x" * 65, "widget:x", "..", "门户"])
def test_a_name_of_a_portal_is_plain(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENV, SECRET)
    with pytest.raises(SettingsInvalid, match="name a portal"):
        WidgetTokens({name: PortalSettings(secret_env=ENV)})


@pytest.mark.parametrize("seconds", [0, 9, 601, 86_400])
def test_a_token_holds_for_minutes(seconds: int) -> None:
    with pytest.raises(ValueError, match="max_seconds"):
        PortalSettings(secret_env=ENV, max_seconds=seconds)


# -- over HTTP -------------------------------------------------------------------------------------------------------


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A server to which a portal sends its users, and on which a plan is limited to a group."""
    monkeypatch.setenv(ENV, SECRET)
    portal = {"secret_env": ENV, "groups": ["水利局"]}
    settings = AccessSettings.model_validate({"mode": "token", "portals": {"portal": portal}, "failures": 5})
    store = AccessStore(tmp_path / FILE)
    store.limit("secret", ["水利局"])
    plans = {plan.id: plan for plan in (make_plan(), make_plan("secret", "青川市密级方案"))}
    api = build_api(Holder(FakeAssistant(plans), rights=store), identify=identify_by(settings, store))
    return TestClient(api, raise_server_exceptions=False)


def now_claims(**other: Any) -> dict[str, Any]:
    import time

    now = int(time.time())
    return claims(**{"iat": now, "exp": now + 60, **other})


def test_over_http_a_token_shows_what_it_may(client: TestClient) -> None:
    def get(path: str, **other: Any) -> Any:
        return client.get(path, headers={"Authorization": f"Bearer {signed(now_claims(**other))}"})

    assert {plan["id"] for plan in get("/api/v1/plans").json()["plans"]} == {"water"}
    assert get("/api/v1/plans/secret").status_code == 404
    found = get("/api/v1/plans", groups=["水利局", "财政局"]).json()["plans"]
    assert {plan["id"] for plan in found} == {"water", "secret"}
    assert get("/api/v1/plans/water", plans=["secret"]).status_code == 404
    for path in ("/library", "/evals", "/metrics"):
        assert get(path).status_code == 403
    assert get("/api/v1/plans", scopes=["ask"]).status_code == 403
    assert client.get("/api/v1/plans").status_code == 401


def test_over_http_wrong_tokens_have_to_wait(client: TestClient) -> None:
    wrong = {"Authorization": f"Bearer {signed(now_claims(), OTHER)}"}
    answers = [client.get("/api/v1/plans", headers=wrong) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert all("portal" not in answer.text and "signature" not in answer.text for answer in answers)
    assert int(answers[-1].headers["retry-after"]) > 0
