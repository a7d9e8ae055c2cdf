"""What the audit is told of whatever somebody asks, reads or changes: the question, and the plans that he was shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.security.site import GROUP, OPEN, OURS, PLANS, Site
from tests.security.test_i_rights import EDITOR, NEW, READER, get, post, saved, until, upload

Line = Mapping[str, Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    one = Site(tmp_path_factory.mktemp("site"), PLANS)
    with one.client:
        yield one


def told(site: Site) -> list[Line]:
    """Every line of the audit, in order."""
    files = sorted((site.data / "audit").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def last(site: Site, event: str) -> Line:
    """The line that was just written, which is of this event."""
    line = told(site)[-1]
    assert line["event"] == event, line
    return line


@pytest.mark.parametrize("path", ["/api/v1/suggest", "/opensearch/suggest"])
def test_what_is_suggested_is_told(site: Site, path: str) -> None:
    assert site.client.get(path, params={"q": "核对往来"}, headers=READER).status_code == 200
    line = last(site, "suggest")
    assert (line["plans"], line["clauses"]) == ([OURS], [f"{OURS}:一/1"])
    assert line["question_hash"]
    assert (line["who"], line["status"]) == ("读者", 200)


@pytest.mark.parametrize(
    ("path", "event", "plans"),
    [
        ("/api/v1/search?q=银杏", "search", []),
        (f"/api/v1/search?q=银杏&plan={OPEN}", "search", [OPEN]),
        ("/api/v1/suggest?q=银杏", "suggest", []),
        (f"/api/v1/assignments?unit=苗圃站&plan={OPEN}", "list", [OPEN]),
        (f"/api/v1/assignments?unit=苗圃站&plan={OPEN}&format=csv", "export", [OPEN]),
        (f"/api/v1/plans/{OPEN}", "read", [OPEN]),
        (f"/api/v1/plans/{OPEN}/clauses", "list", [OPEN]),
    ],
)
def test_what_a_client_has_already_is_told_as_well(site: Site, path: str, event: str, plans: list[str]) -> None:
    """It is read once more, though nothing is sent."""
    tag = site.client.get(path, headers=READER).headers["etag"]
    first = last(site, event)
    assert site.client.get(path, headers={**READER, "If-None-Match": tag}).status_code == 304
    line = last(site, event)
    assert (line["status"], line["plans"]) == (304, plans)
    assert line.get("question_hash") == first.get("question_hash")
    assert ("q=" in path or "unit=" in path) == ("question_hash" in line)


def test_what_is_done_to_a_plan_is_told_with_its_id(site: Site) -> None:
    _, token = upload(site, EDITOR, NEW, "夜市.txt")
    form = {"action": "save", "path": "一/1", "lead": "桐坞镇灯具队"}
    assert post(site, EDITOR, token, data=form).status_code == 303
    masked = "/staging/〔密钥〕"  # by its address alone an upload can be opened
    assert (last(site, "change")["plans"], last(site, "change")["target"]) == (["夜市"], masked)
    begun = len(told(site))
    assert saved(site, EDITOR, token, id="夜市", title="桐坞镇夜市管理方案", group=[GROUP]).status_code == 303
    written = [line for line in told(site)[begun:] if line["target"] == f"{masked}/save"]
    assert [(line["event"], line["plans"]) for line in written] == [("change", ["夜市"]), ("plan limited", ["夜市"])]

    page = "/library/夜市"
    for path in ("", "/clauses", "/remove"):
        assert get(site, EDITOR, page + path).status_code == 200
        assert last(site, "read")["plans"] == ["夜市"]
    for path, sent in (
        ("/clauses", {**form, "lead": "桐坞镇环卫站"}),
        ("/apply", {}),
        ("/remove", {}),
        ("/restore", {}),
    ):
        answer = post(site, EDITOR, page + path, data=sent)
        assert answer.status_code == 303, answer.text
        line = last(site, "change")
        assert (line["plans"], line["target"], line["who"]) == (["夜市"], page + path, "李娜")
        if path != "/clauses":
            until(lambda answer=answer: get(site, EDITOR, answer.headers["location"]).status_code == 303)
    files = {"file": ("x.txt", NEW.encode())}
    assert post(site, EDITOR, f"/library/{OPEN}/replace", files=files).status_code == 303
    assert last(site, "change")["plans"] == [OPEN]
