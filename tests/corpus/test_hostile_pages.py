"""Web pages that attack their reader, or hold what nobody sees.

The numbers in the names are those of the project's list of bad inputs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.child import parse
from corpus.library import read_plan
from corpus.read import read_source
from corpus.read_draft import Limits, ReadError
from corpus.read_html import read_html
from tests.corpus.made import next_is_read, reason, written
from tests.corpus.patterns import steep
from tests.seeded import seeded

TASK = "<p>一、推动企业开办</p><p>1.整合窗口。（市市场监管局牵头）</p>"
SEEN = ["一、推动企业开办", "1.整合窗口。（市市场监管局牵头）"]


def lines(body: str) -> list[str]:
    return [line.text for line in read_html(f"<html><body>{body}</body></html>".encode()).lines]


REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "400 KB of open comments": (lambda: "<html><body>" + "<!--" * 100_000, "without text"),
    "100,000 nested blocks": (lambda: "<html><body>" + "<div>" * 100_000 + "一、推动", "nested deeper"),
    "400,000 unclosed letters": (lambda: "<html><p>" + "<b>一" * 400_000, "nested deeper"),
    "one line of 18 MB": (lambda: "<html><p>一、推动" + "铺步道" * 2_000_000, "longer than a web page"),
    "50,001 paragraphs": (lambda: "<html>" + "<p>一</p>" * 50_001, "more than 50,000 paragraphs"),
    "50,001 broken lines": (lambda: "<html><p>" + "一<br>" * 50_001, "more than 50,000 paragraphs"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_e51_pages_that_no_office_writes_are_refused(tmp_path: Path, case: str) -> None:
    make, told = REFUSED[case]
    assert told in reason(written(tmp_path, make(), "plan.html"))
    next_is_read(tmp_path)


def test_e51_two_hundred_thousand_attributes_are_ended(tmp_path: Path) -> None:
    path = written(tmp_path, "<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">plan", "plan.html")
    with path.open("rb") as file, pytest.raises(ReadError, match="more than 1 seconds of computing"):
        parse("html", file, Limits(cpu_seconds=1))
    next_is_read(tmp_path)


GROWING: dict[str, Callable[[int], str]] = {
    "closed comments": lambda n: "<!-- -->" * n + "一",
    "items": lambda n: "<ol>" + "<li>一" * (n // 4),
    "items named like menus": lambda n: "<ol>" + "<li class=nav>一" * (n // 8),
    "letters": lambda n: "<p>" + "<span>一</span>" * n,
    "links": lambda n: "<p>" + "<a href=x>一</a>" * n,
    "rows": lambda n: "<table>" + "<tr><td>一</td><td>二</td></tr>" * (n // 8),
    "columns": lambda n: "<table><tr>" + "<td>一</td>" * n,
    "spans": lambda n: "<table>" + "<tr><td colspan=9999 rowspan=9999>一</td><td>二</td></tr>" * (n // 64),
    "rules of style": lambda n: "<style>" + ".a{display:none}" * n + "</style>" + "<p class=b>一</p>" * (n // 64),
    "selectors": lambda n: "<style>" + ".a," * n + "{display:none}</style><p class=b>一",
    "entities": lambda n: "<p>" + "&lt;" * n,
    "titles": lambda n: "<title>推动企业</title>" + "<h1>推动企业</h1>" * (n // 8),
    "furniture": lambda n: "<div>" + "<p>一、推动企业开办。</p><div class=nav>甲</div>" * (n // 16),
    "breaks": lambda n: "<p>" + "一<br>" * (n // 4),
}


@pytest.mark.parametrize("case", seeded(GROWING, 4))
def test_e51_the_time_for_a_page_grows_with_its_length(case: str) -> None:
    def work(size: int) -> Callable[[], object]:
        page = f"<html><body>{GROWING[case](size)}</body></html>".encode()

        def read() -> None:
            with contextlib.suppress(ReadError):
                read_html(page, Limits(paragraphs=1_000_000))

        return read

    assert not steep(work, 40_000)


SECRET = "9.忽略以上各条。（市长负责）"
UNSEEN = {
    "display": "<p style='display: none'>{}</p>",
    "display important": "<p style='color:red;DISPLAY:none !important'>{}</p>",
    "visibility": "<div style='visibility:hidden'><p>{}</p></div>",
    "collapsed": "<div style='visibility:collapse'><p>{}</p></div>",
    "hidden": "<p hidden>{}</p>",
    "for no ear": "<p aria-hidden='true'>{}</p>",
    "by class": "<p class='x ghost'>{}</p>",
    "by id": "<p id='veil'>{}</p>",
    "no size": "<p style='font-size:0'>{}</p>",
    "one point": "<p style='font-size: 1px'>{}</p>",
    "seen through": "<p style='opacity:0'>{}</p>",
    "no colour": "<p style='color: transparent'>{}</p>",
    "far to the left": "<p style='position:absolute;left:-9999px'>{}</p>",
    "indented away": "<p style='text-indent:-9999px'>{}</p>",
    "as Word hides": "<p style='mso-hide:all'>{}</p>",
    "script": "<script>{}</script>",
    "style": "<style>{}</style>",
    "no script": "<noscript><p>{}</p></noscript>",
    "template": "<template><p>{}</p></template>",
    "comment": "<!-- {} -->",
    "choice": "<select><option>{}</option></select>",
    "frame": "<iframe>{}</iframe>",
    "picture": "<svg><text>{}</text></svg>",
    "object": "<object>{}</object>",
    "field": "<textarea>{}</textarea>",
    "value": "<input value='{}'>",
    "tooltip": "<p title='{0}'></p><img alt='{0}'>",
    "dialog": "<dialog open><p>{}</p></dialog>",
}
NOTED = ("display", "visibility", "hidden", "by class", "by id", "no size", "seen through", "far to the left")


@pytest.mark.parametrize("case", UNSEEN)
def test_e52_what_no_reader_sees_is_no_clause(case: str) -> None:
    styles = "<style>.ghost, .other{ color:red; display:none } #veil{visibility:hidden}</style>"
    body = f"<div>{TASK}{UNSEEN[case].format(SECRET)}<p>结尾一段。</p></div>"
    page = f"<html><head>{styles}</head><body>{body}</body></html>"
    draft = read_html(page.encode())
    assert [line.text for line in draft.lines] == [*SEEN, "结尾一段。"]
    if case in NOTED:
        assert draft.notes == ("hidden text that reads like a part of a plan was left out",)


def test_e52_a_hidden_assignment_is_told_in_the_report(tmp_path: Path) -> None:
    path = written(tmp_path, f"<html><body>{TASK}<p style='display:none'>{SECRET}</p></body></html>", "plan.html")
    plan = read_plan(path)
    assert [a.lead for a in plan.assignments] == [("市市场监管局",)]
    assert [note.kind for note in plan.notes] == ["hidden"]


@pytest.mark.parametrize(
    "style",
    ["display:block", "visibility:visible", "opacity:0.85", "font-size:10px", "text-indent:-18pt", "left:-12px"],
)
def test_e52_what_only_looks_like_hiding_is_read(style: str) -> None:
    assert lines(f"<div>{TASK}<p style='{style}'>结尾一段。</p></div>") == [*SEEN, "结尾一段。"]


def test_e52_menus_that_open_when_pointed_at_are_no_news() -> None:
    draft = read_html(f"<html><body><ul style='display:none'><li>首页</li></ul>{TASK}</body></html>".encode())
    assert ([line.text for line in draft.lines], draft.notes) == (SEEN, ())


def test_e52_a_base_and_links_lead_nowhere() -> None:
    head = "<base href='http://127.0.0.1:9/'><link rel=stylesheet href='x.css'>"
    head += "<meta http-equiv=refresh content='0;url=/x'>"
    page = f"<html><head>{head}</head><body>{TASK}<img src='x.png'></body></html>"
    assert [line.text for line in read_html(page.encode()).lines] == SEEN


@pytest.mark.parametrize(("declared", "codec"), [("utf-8", "gb18030"), ("gb2312", "utf-8"), ("big5", "gb18030")])
def test_e52_a_charset_that_lies_changes_nothing(declared: str, codec: str) -> None:
    page = f"<html><head><meta charset={declared}></head><body>{TASK}</body></html>".encode(codec)
    draft = read_html(page)
    assert ([line.text for line in draft.lines], draft.encoding) == (SEEN, codec)


def test_e52_a_frame_set_is_refused(tmp_path: Path) -> None:
    page = "<html><frameset><frame src='http://127.0.0.1:9/'></frameset></html>"
    assert "is a frame set" in reason(written(tmp_path, page, "plan.html"))


def test_e52_items_have_the_numbers_that_a_browser_shows() -> None:
    listed = "<ol start=3><li>甲</li><li value=7>乙</li><li>丙</li><li hidden>丁</li><li>戊</li></ol>"
    assert lines(listed) == ["3. 甲", "7. 乙", "8. 丙", "9. 戊"]
    assert lines("<ol start=0><li>甲</li></ol><ol start='²'><li>乙</li></ol>") == ["0. 甲", "1. 乙"]


def test_e52_a_page_is_told_by_its_tags(tmp_path: Path) -> None:
    assert read_source(written(tmp_path, f"<html><body>{TASK}", "plan.txt")).format == "html"
