"""The head of every page: which pages it names for whom, in which language, and that no link of it is dead."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from assistant.access.model import LOCAL, SCOPES, Principal, Scope, UserRole
from assistant.access.rules import rule_of
from assistant.web.masthead import PLACES, masthead_html

READER = Principal("oidc:lin", SCOPES[UserRole.READER], via="oidc")


def links(head: str) -> list[str]:
    """The addresses of the pages that it names."""
    return re.findall(r'<li><a href="([^"]*)"', head)


def test_everyone_sees_the_pages_that_are_there_and_that_he_may_open() -> None:
    there = [path for path, _, _ in PLACES if rule_of("GET", path)]
    assert links(masthead_html(LOCAL, "zh", "/plans")) == there
    assert links(masthead_html(READER, "zh", "/plans")) == [p for p in there if p not in ("/library", "/evals")]
    assert "/" in there and "/library" in there
    assert links(masthead_html(None, "zh", "/plans")) == []
    assert links(masthead_html(Principal("t", frozenset({Scope.METRICS})), "zh", "/plans")) == []


def test_no_link_of_the_chats_head_leaves_the_chat() -> None:
    """A page of Gradio's that is left and come back to begins anew, and its conversation is gone."""
    head = masthead_html(LOCAL, "zh", "/")
    assert links(head) == links(masthead_html(LOCAL, "zh", "/plans"))[1:]
    assert len(re.findall("<a ", head)) == len(re.findall('target="_blank" rel="noopener"', head)) + 1
    assert '<a aria-current="page">问答</a>' in head


@pytest.mark.parametrize(("here", "marked"), [("/staging/0", "/library"), ("/evals/runs/x", "/evals")])
def test_the_page_that_one_is_on_is_marked(here: str, marked: str) -> None:
    head = masthead_html(LOCAL, "zh", here)
    assert re.findall(r'<a href="([^"]*)" aria-current="page">', head) == [marked]
    assert "<h1" not in head  # a heading of their own; the chat has none
    assert "<h1" in masthead_html(LOCAL, "zh", "/")


def test_every_link_keeps_the_language_and_the_switch_keeps_the_page() -> None:
    head = masthead_html(LOCAL, "en", "/library", "/library?page=2")
    assert set(links(head)) >= {"/?lang=en", "/library?lang=en"}
    assert re.findall(r'href="([^"]*)" lang="([^"]*)"', head) == [
        ("/library?page=2", "zh"),
        ("/library?page=2&amp;lang=zh-Hant", "zh-Hant"),
        ("/library?page=2&amp;lang=en", "en"),
    ]
    assert "原文" in masthead_html(LOCAL, "zh-Hant", "/library", "/library")
    assert 'role="note"' not in masthead_html(LOCAL, "zh", "/library", "/library")


def test_a_name_is_text_and_only_who_logged_in_here_can_log_out() -> None:
    head = masthead_html(replace(READER, name='<b>"林'), "zh-Hant", "/")
    assert "<span>&lt;b&gt;&quot;林</span><button>退出</button>" in head and 'action="/logout?lang=zh-Hant"' in head
    assert "<button" not in masthead_html(replace(READER, via="proxy"), "zh", "/")
