"""Answers as HTML: what is escaped, what is marked, what is linked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import html as lxml_html

from assistant.model import Answer, AssignmentRow, Citation, Reason, Status
from assistant.render import (
    answer_html,
    citation_html,
    html,
    notice_html,
    plan_link,
    question_html,
    quote_html,
    shown,
    slug,
    sources_html,
    text_html,
)
from assistant.strings import EN, ZH, strings

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><iframe srcdoc="<script>alert(1)</script>">',
    "<style>@import 'http://elsewhere.example/x.css'</style>",
    "<form action=http://elsewhere.example><input type=password>",
    '<meta http-equiv="refresh" content="0;url=http://elsewhere.example">',
    "<video src=http://elsewhere.example/v>",
    "<base href=http://elsewhere.example/>",
    "<details open ontoggle=alert(1)>",
    "![x](http://elsewhere.example/x.png)",
    "[here](javascript:alert(1))",
    "<http://elsewhere.example/>",
    "[x]: http://elsewhere.example/\n\n![x]",
    "```mermaid\ngraph TD\n```",
    "$$\\href{javascript:alert(1)}{x}$$",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
]
ALLOWED = {
    "div", "p", "span", "sup", "a", "strong", "em", "br", "ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td",
    "blockquote", "mark", "article", "header", "b", "button", "details", "summary", "hr", "h1", "h2", "h3",
    "code", "section",
}  # fmt: skip


def make_citation(quote: str = "1.更换老旧管道。", **changes: Any) -> Citation:
    fields = {"n": 1, "plan": "water", "clause": "一/(一)/1", "quote": quote, "start": 100, "end": 100 + len(quote)}
    return Citation(**{**fields, **changes})


def check_harmless(fragment: str) -> None:
    """Only elements of ours, links to our own host, and no attribute that runs or loads anything."""
    for element in lxml_html.fragment_fromstring(fragment, create_parent="div").iter():
        assert element.tag in ALLOWED
        assert not [name for name in element.attrib if name.startswith("on") or name in ("src", "style", "srcdoc")]
        assert re.match(r"#|/plans/", element.get("href", "#"))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_from_a_plan_or_a_user_becomes_markup(payload: str) -> None:
    citation = make_citation(payload, source=payload, path=payload, clause=payload, plan=payload, marks=[(100, 103)])
    row = AssignmentRow(plan="p", clause="c", lead=[payload], deadline=payload, basis=payload, citation=1)
    answer = Answer(
        status=Status.ANSWERED,
        text=payload,
        assignments=[row],
        citations=[citation],
        related=[citation],
        scope=[payload],
        scope_kinds=["subject"],
    )
    for fragment in (
        answer_html(answer, ZH),
        answer_html(answer, EN, last=True),
        sources_html(answer, EN),
        question_html(payload),
        notice_html(payload),
    ):
        check_harmless(fragment)


@given(st.text())
def test_any_text_is_harmless_and_shown_in_one_line(text: str) -> None:
    answer = Answer(status=Status.NOT_FOUND, text=text)
    for fragment in (answer_html(answer, ZH), question_html(text), notice_html(text)):
        check_harmless(fragment)
        assert "\n" not in fragment  # a blank line would let the chat read the rest as Markdown


def test_a_question_is_shown_as_it_was_typed() -> None:
    fragment = question_html("谁<b>负责</b>？\n第二行 & *星号*")
    assert fragment == '<div class="question">谁&lt;b&gt;负责&lt;/b&gt;？<br>第二行 &amp; *星号*</div>'


def test_a_long_question_is_cut_for_show() -> None:
    assert question_html("问" * 10_000) == f'<div class="question">{"问" * 400}…</div>'


def test_marks_of_existing_citations_become_links() -> None:
    assert text_html("由**市水务局**牵头。[1]", [1], turn=3) == (
        '<p>由<strong>市水务局</strong>牵头。<sup class="ref"><a href="#cite-3-1">[1]</a></sup></p>\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "见[2]。",  # no citation of that number
        r"见\[1\]。",  # the plan's own characters, escaped by whoever wrote the answer
        "见[01x]。",
    ],
)
def test_other_brackets_stay_text(text: str) -> None:
    fragment = text_html(text, [1])
    assert "<a" not in fragment
    assert text.replace("\\", "") in fragment


def test_a_table_and_a_list_are_rendered() -> None:
    fragment = text_html("| 项 | 牵头 |\n|---|---|\n| 1 | 水务局 [1] |\n\n- 甲\n- 乙", [1])
    assert "<td>水务局 <sup" in fragment
    assert fragment.count("<li>") == 2


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([], "abcdef"),
        ([(101, 103)], "a<mark>bc</mark>def"),
        ([(104, 106), (100, 101)], "<mark>a</mark>bcd<mark>ef</mark>"),  # in any order
        ([(101, 104), (102, 105)], "a<mark>bcd</mark><mark>e</mark>f"),  # overlapping: nothing twice
        ([(90, 101), (105, 200)], "<mark>a</mark>bcde<mark>f</mark>"),  # reaching out of the quote
        ([(50, 60), (103, 103)], "abcdef"),
    ],
)
def test_marks_count_from_the_start_of_the_plan(marks: list[tuple[int, int]], expected: str) -> None:
    assert quote_html(make_citation("abcdef", marks=marks)) == expected


@given(st.text(max_size=30), st.lists(st.tuples(st.integers(80, 140), st.integers(80, 140)), max_size=4))
@example("\t", [])
def test_marking_never_changes_the_quote(quote: str, marks: list[tuple[int, int]]) -> None:
    # Inside a <div> of its own: create_parent would drop blank text at the start.
    tree = lxml_html.fragment_fromstring(f"<div>{quote_html(make_citation(quote, marks=marks))}</div>")
    for line_break in tree.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    assert tree.text_content() == shown(quote)


def test_a_rare_character_before_the_mark_counts_as_one() -> None:
    # U+20BB7 takes two units in a browser's strings and one code point here
    assert quote_html(make_citation("𠮷水局", marks=[(101, 103)])) == "𠮷<mark>水局</mark>"


def test_a_source_shows_plan_path_page_units_and_link() -> None:
    row = AssignmentRow(
        plan="water",
        clause="一/(一)/1",
        lead=["市水务局"],
        support=["市财政局"],
        basis="first_listed",
        deadline="年底前",
    )
    citation = make_citation(source="水网方案（青政发〔2031〕7号）", path="一、重点任务", page=4)
    fragment = citation_html(citation, [row], ZH, "cite-1-1")
    for part in (
        'id="cite-1-1"',
        "水网方案（青政发〔2031〕7号）",
        "一、重点任务 › 一/(一)/1 · 第4页",
        '<span class="chip lead"><b>牵头</b> 市水务局</span>',
        '<span class="chip support"><b>配合</b> 市财政局</span>',
        "年底前",
        "排第一位的为牵头单位",
        'href="/plans/water?start=100&amp;end=109#c-%E4%B8%80-.%E4%B8%80-1"',
    ):
        assert part in fragment


def test_related_clauses_are_folded_and_have_anchors_of_their_own() -> None:
    answer = Answer(status=Status.ANSWERED, text="", citations=[make_citation()], related=[make_citation()])
    fragment = sources_html(answer, ZH, turn=2)
    ids = re.findall(r'id="([^"]+)"', fragment)
    assert ids == ["cite-2-1", "related-2-1"]
    assert fragment.index("<details") < fragment.index('id="related-2-1"')


def test_an_answer_without_sources_says_so() -> None:
    assert ZH.no_citation in sources_html(Answer(status=Status.NOT_FOUND, text=""), ZH)


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_shown_in_both_languages(status: Status) -> None:
    answer = Answer(status=status, text="x")
    shown_in = {words.status[status] for words in (ZH, EN) if words.status[status] in answer_html(answer, words)}
    assert len(shown_in) == 2


@pytest.mark.parametrize("reason", list(Reason))
def test_why_an_answer_has_its_status_is_said_in_both_languages(reason: Reason) -> None:
    answer = Answer(status=Status.ANSWERED, text="x", reason=reason)
    for words in (ZH, EN):
        assert f'<span class="why">{html(words.why[reason])}</span>' in answer_html(answer, words)
    assert ZH.why[reason] != EN.why[reason]


def test_what_was_taken_over_is_a_button_a_kind_of_the_last_answer_alone() -> None:
    answer = Answer(status=Status.ANSWERED, text="x", scope=["甲案", "乙案"], scope_kinds=["plans", "plans"])
    last = answer_html(answer, ZH, 3, frozenset({"subject"}), last=True)
    assert re.findall(r'<button[^>]* id="(drop[^"]+)"', last) == ["drop-3-plans", "drop-3-subject"]
    assert "甲案、乙案" in last and ZH.drop in last and ZH.dropped in last
    earlier = answer_html(answer, ZH, 3, frozenset({"subject"}))
    assert 'id="drop' not in earlier and "甲案、乙案" in earlier


def test_anything_but_english_is_chinese() -> None:
    assert [strings(x) for x in ("en", "en-GB", "zh", "fr", "", None)] == [EN, EN, ZH, ZH, ZH, ZH]


@pytest.mark.parametrize(
    ("path", "part", "expected"),
    [
        ("三/(二)/43", 0, "c-三-.二-43"),
        ("三/(二)/43", 2, "c-三-.二-43~2"),
        ("附件/名单/7", 0, "c-附件-名单-7"),
        ("第二章/第七条", 0, "c-第二章-第七条"),
        ("三/二/43", 0, "c-三-二-43"),
        ("一/1-2", 0, "c-一-1_2d_2"),
    ],
)
def test_slugs(path: str, part: int, expected: str) -> None:
    assert slug(path, part) == expected


PATHS = st.lists(st.text('一二12()-_.~/a %"<', min_size=1, max_size=5), min_size=1, max_size=3).map("/".join)


@given(PATHS, st.integers(0, 3), PATHS, st.integers(0, 3))
def test_two_clauses_never_share_a_slug(path: str, part: int, other: str, other_part: int) -> None:
    assert (slug(path, part) == slug(other, other_part)) == ((path, part) == (other, other_part))
    assert not set(slug(path, part)) & set(' %"<>&#?/()')


def test_a_plan_link_stays_on_our_host_whatever_the_id() -> None:
    link = plan_link("//elsewhere.example/?#", "一", 0, 1, 2, "en")
    assert link.startswith("/plans/%2F%2Felsewhere.example%2F%3F%23?start=1&end=2&lang=en#")


def test_what_could_change_the_order_of_text_is_not_shown() -> None:
    assert shown("a\x00b\x1b[2J\u202ec\u2066d\ud800e\n") == "ab[2Jcde\n"
