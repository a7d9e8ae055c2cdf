"""The page with the list of plans, as requests see it."""

from __future__ import annotations

import re
from collections.abc import Collection
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.access.model import LOCAL, SCOPES, Principal, UserRole
from assistant.api import build_api
from assistant.holder import Holder
from assistant.web.list_pages import PER_PAGE, install
from tests.app.conftest import FakeAssistant, make_plan

NASTY = "<script>alert(1)</script>\u202e\"'><img src=x onerror=alert(1)>"


class Says:
    """Lets everybody in as one and the same."""

    def __init__(self, who: Principal) -> None:
        self.who = who

    async def identify(self, scope: Any) -> Principal:
        return self.who


def client(plans: Collection[str], who: Principal = LOCAL) -> TestClient:
    """The page over plans with these titles."""
    made = {f"p{n}": make_plan(f"p{n}", title) for n, title in enumerate(plans)}
    holder = Holder(FakeAssistant(made))
    api = build_api(holder, identify=Says(who))
    install(api, holder, Path())
    return TestClient(api, raise_server_exceptions=False)


def titles(page: str) -> list[str]:
    return re.findall(r"<h2[^>]*><a[^>]*>(.*?)</a></h2>", page)


def test_each_plan_is_there_with_what_is_known_and_a_way_to_read_it() -> None:
    page = client(["水网方案", "路网方案"]).get("/plans").text
    assert titles(page) == ["水网方案", "路网方案"]
    assert "共2份" in page and "青政发〔2031〕7号" in page and 'href="/plans/p1"' in page
    amounts = re.findall(r"<dt>(任务|已明确责任|单位)</dt><dd>(\d+)</dd>", page)
    assert amounts[:3] == [("任务", "3"), ("已明确责任", "2"), ("单位", "4")]


def test_a_search_says_how_many_and_a_vain_one_leads_back() -> None:
    page = client(["水网方案", "路网方案"]).get("/plans?q=水網&lang=en").text
    assert titles(page) == ["水网方案"] and "1 of 2 plans" in page and 'href="/plans/p0?lang=en"' in page
    page = client(["水网方案"]).get("/plans?q=电网").text
    assert titles(page) == [] and "没有符合“电网”" in page and 'href="/plans"' in page


def test_an_empty_library_says_so_and_leads_an_editor_on() -> None:
    assert 'class="button first" href="/library"' in client([]).get("/plans").text
    reader = Principal("oidc:lin", SCOPES[UserRole.READER], via="oidc")
    page = client([], reader).get("/plans").text
    assert "还没有载入" in page and "/library" not in page


@pytest.mark.parametrize("lang", ["", "&lang=zh-Hant"])
def test_what_a_plan_or_an_address_says_is_text(lang: str) -> None:
    page = client([NASTY]).get(f"/plans?q={NASTY[:20]}{lang}").text
    assert "<script>alert" not in page and "<img" not in page and "\u202e" not in page
    assert "<script>alert(1)" in unescape(page)


def test_many_plans_come_on_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    many = client([f"方案{n}" for n in range(PER_PAGE + 3)])
    read: list[str] = []
    monkeypatch.setattr("assistant.plan_list.validity", lambda plan: read.append(plan.id) or [])
    assert len(titles(many.get("/plans?order=title").text)) == PER_PAGE
    assert len(read) == PER_PAGE  # texts of plans on other pages are not looked at
    last = many.get("/plans?page=9").text
    assert len(titles(last)) == 3 and 'rel="prev"' in last and 'rel="next"' not in last


def test_while_the_plans_are_read_the_page_says_so_and_comes_back() -> None:
    api = build_api(holder := Holder())
    install(api, holder, Path())
    answer = TestClient(api).get("/plans", headers={"Accept": "text/html"})
    assert answer.status_code == 503 and 'http-equiv="refresh"' in answer.text and 'role="status"' in answer.text


def test_what_is_sent_wrongly_is_said_on_a_page() -> None:
    answer = client(["水网方案"]).get("/plans?order=none&page=0", headers={"Accept": "text/html"})
    assert answer.status_code == 422 and "order" in answer.text and "<h1>" in answer.text
