"""[server]: what may be written there, and what it makes of the headers of an answer; sizes and forms of requests."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from assistant.api import build_api
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder

OFFICE = ServerSettings(public_url="https://plans.example/", frame_ancestors=("https://portal.example",))


def client(fake: Any, settings: ServerSettings, base: str = "http://127.0.0.1") -> TestClient:
    return TestClient(build_api(Holder(fake), settings), base_url=base, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("cors_origins", wrong) for wrong in ("*", "null", "portal.example", "https://*.example", "file:///", "")],
        *[("frame_ancestors", wrong) for wrong in ("*", "'none'", "https:", "https://a.example; script-src *")],
        *[("cors_origins", wrong) for wrong in ("https://a.example/x", "https://a@b.example", "https://a.example:0")],
        *[("hosts", wrong) for wrong in ("*", "a.example/x", "a.example:99999", "a b", "", "https://a.example")],
    ],
)
def test_lists_hold_whole_names_and_nothing_else(key: str, value: str) -> None:
    with pytest.raises(ValidationError):
        ServerSettings.model_validate({key: [value]})


@pytest.mark.parametrize("url", ["plans.example", "ftp://plans.example", "https://plans.example/x", "https://"])
def test_a_public_url_is_an_origin(url: str) -> None:
    with pytest.raises(ValidationError):
        ServerSettings(public_url=url)


def test_names_are_compared_as_browsers_write_them() -> None:
    settings = ServerSettings(cors_origins=("HTTPS://Portal.Example:443/",), hosts=("QA.Example:8080",))
    assert settings.cors_origins == ("https://portal.example",)
    assert settings.names() == {"qa.example:8080"}
    assert OFFICE.names() == {"plans.example", "plans.example:443"}


def test_who_may_frame_us_stands_in_every_answer(fake: Any) -> None:
    ours = client(fake, OFFICE)
    for path in ("/", "/api/v1/plans", "/plans/water", "/library", "/nowhere", "/web/plan.css"):
        policy = ours.get(path).headers["content-security-policy"]
        assert policy.endswith("frame-ancestors 'self' https://portal.example"), path
        assert (
            client(fake, ServerSettings()).get(path).headers["content-security-policy"].rpartition("; ")[2]
            == "frame-ancestors 'self'"
        )


def test_https_is_kept_to_where_users_have_it_alone(fake: Any) -> None:
    assert "max-age" in client(fake, OFFICE).get("/healthz").headers["strict-transport-security"]
    assert "strict-transport-security" not in client(fake, ServerSettings()).get("/healthz").headers


def test_our_own_pages_run_nothing_inline_and_answers_are_not_kept(fake: Any) -> None:
    ours = client(fake, ServerSettings())
    for path in ("/api/v1/plans", "/plans/water", "/library", "/staging/x", "/evals", "/healthz"):
        headers = ours.get(path).headers
        assert "unsafe" not in headers["content-security-policy"], path
        assert headers["cache-control"] in ("no-store", "private, no-cache"), (
            path
        )  # the second is asked for anew each time
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["x-content-type-options"] == "nosniff"
    assert ours.get("/widget.js").headers["cross-origin-resource-policy"] == "cross-origin"
    script = ours.get("/web/reader.js")  # kept, but never used beside a page or a script of another release
    assert script.headers["cache-control"] == "no-cache"
    assert ours.get("/web/reader.js", headers={"if-none-match": script.headers["etag"]}).status_code == 304


def test_a_body_is_taken_as_it_is(fake: Any) -> None:
    ours = client(fake, ServerSettings())
    body = b'{"turns": ["x"]}'
    plain = {"Content-Type": "application/json"}
    assert ours.post("/api/v1/ask", content=body, headers=plain).status_code == 200
    for coding in ("gzip", "deflate", "br", "identity, gzip", "x"):
        packed = {**plain, "Content-Encoding": coding}
        assert ours.post("/api/v1/ask", content=gzip.compress(body), headers=packed).status_code == 415, coding
    assert ours.post("/api/v1/ask", content=body, headers={**plain, "Content-Encoding": "identity"}).status_code == 200


def test_headers_have_a_limit_together(fake: Any) -> None:
    ours = client(fake, ServerSettings())
    many = {f"X-{n}": "x" * 1000 for n in range(15)}
    assert ours.get("/healthz", headers=many).status_code == 200
    assert ours.get("/healthz", headers={**many, "X-More": "x" * 1500}).status_code == 431
    assert ours.get("/healthz?" + "x" * 17_000).status_code == 431


def test_the_size_of_a_body_is_a_setting(fake: Any) -> None:
    small = client(fake, ServerSettings(max_body_kb=10))
    for body in (b" " * 10_001, iter([b" " * 6_000] * 2)):
        answer = small.post("/api/v1/ask", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["connection"] == "close"
    assert fake.asked == []
