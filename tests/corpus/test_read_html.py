"""Web pages: every clause and row of the plan, nothing of the site."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import PlanUnreadable
from corpus.read import Source, read_source
from corpus.read_html import read_html

CLAUSES = [
    "一、推动线下一窗办",
    "1.整合窗口。年内撤并专窗六成以上。【县政务服务局牵头，县自然资源局等参与】",
    "2.建设驿站。全年建成驿站46个。（责任单位：县民政局，各乡镇人民政府）",
    "二、强化保障",
    "3.开展培训。（县委组织部负责）",
]
PARAGRAPHS = "".join(f"<p>&emsp;&emsp;{text}</p>\n" for text in CLAUSES)
TABLE = """<table class="tbl"><thead><tr><th>序号</th><th>领域</th><th>任务</th><th>责任单位</th></tr></thead><tbody>
<tr><td>1</td><td rowspan="2">企业</td><td>信息变更联动办理</td><td>县公安局<br>县税务局</td></tr>
<tr><td>2</td><td>简易注销全程网办</td><td><p>县税务局</p><p>县市场监管局</p></td></tr></tbody></table>"""
ROWS = [
    "| 序号 | 领域 | 任务 | 责任单位 |",
    "| 1 | 企业 | 信息变更联动办理 | 县公安局、县税务局 |",
    "| 2 | 企业 | 简易注销全程网办 | 县税务局、县市场监管局 |",
]
NAV = '<ul class="nav"><li><a href="/">首页</a></li><li><a href="#">政务公开</a></li></ul>'
CRUMB = '<div class="crumb">您当前所在位置：<a href="#">首页</a> &gt; <a href="#">文件</a></div>'
INFO = '<div class="info">发布时间：2024-04-02 来源：县政府办公室 字号：【<a href="#">大</a> <a href="#">小</a>】</div>'
TAIL = """<div class="editor">责任编辑：禾木 审核：信息科</div><div class="share">分享到：微信 微博 【关闭窗口】</div>
<div class="rel"><h3>相关阅读</h3><ul><li><a href="#">图解：任务怎么分</a></li></ul></div>
<div class="footer"><p>主办单位：县政府办公室 承办单位：县数据局 技术支持：某公司</p>
<p>网站标识码：0 某ICP备0号</p></div>"""
SITE_WORDS = [
    "首页",
    "所在位置",
    "发布时间",
    "责任编辑",
    "分享",
    "相关阅读",
    "图解",
    "主办单位",
    "ICP",
    "标识码",
    "字号",
]


def page(body: str, title: str = "青禾县2024年任务分工_青禾县人民政府", head: str = "") -> bytes:
    head = f"<head><meta charset='utf-8'><title>{title}</title>{head}</head>"
    return f"<!DOCTYPE html><html>{head}<body>{body}</body></html>".encode()


def lines(body: str, **more: str) -> list[str]:
    return [line.text for line in read_html(page(body, **more)).lines]


TITLE = "<h1>青禾县2024年任务分工</h1>"
PLAN = PARAGRAPHS + TABLE
FIRST, REST = PARAGRAPHS.split("</p>", 1)
DATA = "<table><tr><td>索引号</td><td>0115</td></tr><tr><td>文号</td><td>青政办发〔2024〕1号</td></tr></table>"
LAYOUTS = {  # what stands between the site's head and its tail
    "one block": f"{CRUMB}{TITLE}{INFO}<div id='zoom'>{PLAN}</div>",
    "everything in the body": f"{CRUMB}{TITLE}{INFO}{PLAN}",
    "wrapped five deep": f"<div><div><div>{CRUMB}<div>{TITLE}{INFO}<div>{PLAN}</div></div></div></div></div>",
    "table beside the text": f"<div>{TITLE}{INFO}<div class='a'>{PARAGRAPHS}</div><div class='b'>{TABLE}</div></div>",
    "text in two blocks": f"{TITLE}<div>{FIRST}</p></div><div>{REST}</div><div>{TABLE}</div>",
    "a block a paragraph": CRUMB + TITLE + "".join(f"<div><span>{text}</span></div>" for text in CLAUSES) + TABLE,
    "line breaks only": f"{CRUMB}{TITLE}<div>" + "<br/>　　".join(CLAUSES) + f"</div>{TABLE}",
    "a layout table": f"<table><tr><td>{CRUMB}</td></tr><tr><td>{TITLE}{PLAN}</td></tr></table>",
    "nested spans": TITLE
    + PLAN.replace("。", "。</span></strong>").replace("&emsp;&emsp;", "<strong><span>").join(("<div>", "</div>")),
    "names that sites use": f"{TITLE}<div class='main-content print'><div class='article-box link'>{PLAN}</div></div>",
    "data and text in one block": f"<div class='top'>{TITLE}</div><div>{DATA}{PARAGRAPHS}</div><div>{TABLE}</div>",
    "furniture inside the block": f"{TITLE}<div id='zoom'>{PLAN}{TAIL}</div>",
    "html5": f"<header>{NAV}</header><main><article>{TITLE}{PLAN}</article></main><footer>{TAIL}</footer>",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_whole_plan_and_nothing_of_the_site(layout: str) -> None:
    found = "\n".join(lines(NAV + LAYOUTS[layout] + TAIL)).split("\n")
    front = ["| 索引号 | 0115 |", "| 文号 | 青政办发〔2024〕1号 |", "青禾县2024年任务分工"]
    assert [line for line in found if line not in front] == CLAUSES + ROWS
    assert "青禾县2024年任务分工" in found[: found.index(CLAUSES[0])]
    assert not [word for word in SITE_WORDS if word in "\n".join(found)]


def test_title_headings_and_document_data(tmp_path: Path) -> None:
    data = (
        "<table><tr><td>索引号</td><td>0115</td><td>发布机构</td><td>县政府办</td></tr>"
        "<tr><td>文号</td><td>青政办发〔2024〕1号</td><td>成文日期</td><td>2024年3月28日</td></tr></table>"
    )
    body = f"{NAV}{data}{TITLE}<div><h2>一、总则</h2><p>1.甲（县教育局负责）</p></div>{TAIL}"
    path = tmp_path / "plan.html"
    path.write_bytes(page(body))
    source = read_source(path)
    assert source.text.split("\n") == [
        "| 索引号 | 0115 | 发布机构 | 县政府办 |",
        "| 文号 | 青政办发〔2024〕1号 | 成文日期 | 2024年3月28日 |",
        "青禾县2024年任务分工",
        "一、总则",
        "1.甲（县教育局负责）",
    ]
    assert (source.title, source.format, source.encoding) == ("青禾县2024年任务分工", "html", "utf-8")
    assert [(source.text[at:].split("\n")[0], level) for at, level in source.headings] == [
        ("青禾县2024年任务分工", 1),
        ("一、总则", 2),
    ]


def test_a_title_in_a_plain_block_is_found_by_the_page_title() -> None:
    body = f"<div class='logo'><h1>青禾</h1></div><div class='bt'>青禾县2024年任务分工</div><div>{PARAGRAPHS}</div>"
    assert lines(body)[:2] == ["青禾县2024年任务分工", CLAUSES[0]]


@pytest.mark.parametrize(
    ("inner", "found"),
    [
        ("<p>甲<b>乙</b>\n 丙&nbsp;丁</p>", ["甲乙 丙 丁"]),
        ("<p>甲<br>乙</p>", ["甲\n乙"]),
        ("<ol start='3'><li>甲</li><li>乙</li></ol>", ["3. 甲", "4. 乙"]),
        ("<ol><li>1.甲</li><li>2.乙</li></ol>", ["1.甲", "2.乙"]),  # numbered by the author already
        ("<ol type='a'><li><p>甲</p></li></ol><ul><li>乙</li></ul>", ["a. 甲", "乙"]),
        ("<p><ruby>甲<rt>jia</rt></ruby>乙</p>", ["甲乙"]),
        ("<p>甲</p>裸文<div>乙</div>", ["甲", "裸文", "乙"]),
        ("<table><tr><td>甲<p>乙</p></td></tr></table>", ["甲", "乙"]),
        ("<table><caption>表1</caption><tr><td>甲</td><td>乙</td></tr></table>", ["表1", "| 甲 | 乙 |"]),
        ("<pre>甲\n乙</pre>", ["甲\n乙"]),
    ],
)
def test_paragraphs_lists_and_cells(inner: str, found: list[str]) -> None:
    assert lines(f"<div>{inner}</div>") == found


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        ("<meta charset=gb2312>", "gb18030"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=gbk">', "gb18030"),
        ("<meta charset=utf-8>", "gb18030"),  # the page lies
        ("", "gb18030"),
        ("<meta charset=gb2312>", "utf-8"),  # and so does this one
    ],
)
def test_encodings_declared_or_not(head: str, codec: str) -> None:
    draft = read_html(f"<html><head>{head}</head><body>{PARAGRAPHS}</body></html>".encode(codec))
    assert ([line.text for line in draft.lines], draft.encoding) == (CLAUSES, codec)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<html><body><script>load()</script></body></html>", "without text"),
    ],
)
def test_pages_without_a_plan_are_refused(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "plan.html"
    path.write_bytes(data)
    with pytest.raises(PlanUnreadable, match=reason):
        read_source(path)


def test_a_page_by_another_name_is_read_as_a_page(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_bytes(b"\xef\xbb\xbf \n<!doctype HTML><html><body>" + "<p>一、推动</p>".encode())
    assert read_source(path) == Source("一、推动", encoding="utf-8", format="html")
