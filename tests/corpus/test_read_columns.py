"""Pages in two columns: what is one, in which order it is read, and what only looks like one."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    FrameBreak,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Table,
)

from corpus.read_columns import find_gutter, reading_order
from corpus.read_pdf import read_pdf

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
TITLE = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=28, alignment=1, wordWrap="CJK")
WIDE = ParagraphStyle("wide", fontName=FONT, fontSize=12, leading=20, firstLineIndent=24, wordWrap="CJK")


def text(number: int) -> str:
    return (
        f"{number}.推进第{number}批绿道建设，强化要素保障，落实包联责任，建立周调度、月通报、季评比机制，"
        f"完成年度投资{number}.5亿元。（市园林局牵头，市财政局、市水利局配合）"
    )


def body(size: float, indent: float = 2) -> ParagraphStyle:
    return ParagraphStyle(
        "body", fontName=FONT, fontSize=size, leading=1.6 * size, firstLineIndent=indent * size, wordWrap="CJK"
    )


def columns(story: list[object], gutter: float = 24, top: float = 120, corner: bool = False) -> bytes:
    """A title over the whole first page, then two columns; running head and page number on each page."""

    def furniture(canvas: Canvas, document: BaseDocTemplate) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawCentredString(297, 806, "临江市人民政府文件")
        canvas.drawString(72 if corner else 285, 30, f"— {document.page} —")

    width = (595 - 2 * 60 - gutter) / 2

    def pair(height: float, name: str) -> list[Frame]:
        sides = {"leftPadding": 0, "rightPadding": 0}
        return [
            Frame(60, 60, width, height, id=f"{name}left", **sides),
            Frame(60 + width + gutter, 60, width, height, id=f"{name}right", **sides),
        ]

    out = io.BytesIO()
    document = BaseDocTemplate(out, pagesize=A4)
    head = Frame(60, 790 - top, 475, top, id="head", leftPadding=0, rightPadding=0)
    whole = Frame(60, 60, 475, 730, id="whole", leftPadding=0, rightPadding=0)
    document.addPageTemplates(
        [
            PageTemplate("first", [head, *pair(730 - top, "first")], onPage=furniture),
            PageTemplate("later", pair(730, "later"), onPage=furniture),
            PageTemplate("wide", [whole], onPage=furniture),
        ]
    )
    document.build([NextPageTemplate("later"), *story])
    return out.getvalue()


def draw(paint: Callable[[Canvas], None]) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    canvas.setFont(FONT, 12)
    paint(canvas)
    canvas.save()
    return out.getvalue()


def lines(data: bytes) -> list[str]:
    return [line.text for line in read_pdf(data).lines]


NAME = "临江市2031年绿道建设实施方案"


@pytest.mark.parametrize(
    ("size", "gutter", "indent", "corner"),
    [(12, 24, 2, False), (10.5, 21, 2, False), (16, 21, 2, False), (12, 40, 0, False), (12, 24, 2, True)],
    ids=["12", "10.5", "16 with a narrow gutter", "flush", "page number in the corner"],
)
def test_columns_are_read_one_after_the_other(size: float, gutter: float, indent: float, corner: bool) -> None:
    texts = ["一、重点任务", *[text(n) for n in range(1, 41)], "二、保障措施", *[text(n) for n in range(41, 46)]]
    story = [Paragraph(NAME, TITLE), FrameBreak(), *[Paragraph(t, body(size, indent)) for t in texts]]
    draft = read_pdf(columns(story, gutter, corner=corner))
    assert [line.text for line in draft.lines] == [NAME, *texts]  # and neither running heads nor page numbers
    pages = [number for line in draft.lines for _, number in line.pages]
    assert pages == list(range(1, len(pages) + 1))
    assert len(pages) > 1


@pytest.mark.parametrize("count", [36, 37, 38, 39, 40, 41, 42])
def test_the_last_page_may_have_little_or_a_left_column_only(count: int) -> None:
    texts = [text(n) for n in range(1, count + 1)]
    story = [Paragraph(NAME, TITLE), FrameBreak(), *[Paragraph(t, body(12)) for t in texts]]
    assert lines(columns(story)) == [NAME, *texts]


def test_text_over_the_whole_width_stands_above_and_on_a_page_of_its_own() -> None:
    preface = "为建设绿道，根据市委、市政府部署，制定本方案。" * 5
    annex = "附件所列项目由市园林局统一调度，每月通报一次进展情况，年底组织验收。" * 4
    texts = [text(n) for n in range(1, 31)]
    story = [
        Paragraph(NAME, TITLE),
        Paragraph(preface, WIDE),
        FrameBreak(),
        *[Paragraph(t, body(12)) for t in texts],
        NextPageTemplate("wide"),
        PageBreak(),
        *[Paragraph(annex, WIDE), Paragraph("特此通知。", WIDE), Paragraph(annex, WIDE)],
    ]
    assert lines(columns(story, top=190)) == [NAME, preface, *texts, annex, "特此通知。", annex]


def test_headings_and_tables_over_both_columns_part_the_page() -> None:
    left, right = [f"左{n}" + "建设绿道并建立长效机制" * 2 for n in "一二三四五六七八"], []
    right = [line.replace("左", "右") for line in left]

    def paint(canvas: Canvas) -> None:
        for band, top in enumerate((760, 560)):
            canvas.drawString(200, top, f"第{band}部分的任务由各有关单位抓好落实")
            for n in range(8):
                canvas.setFont(FONT, 9)
                canvas.drawString(72, top - 24 - 16 * n, left[n])
                canvas.drawString(302, top - 27 - 16 * n, right[n])
            canvas.setFont(FONT, 12)
        rows = [["事项", "数量"], ["步道", "20"]]
        table = Table(rows, colWidths=[225, 225], style=[("GRID", (0, 0), (-1, -1), 0.5, "black")])
        table.setStyle([("FONT", (0, 0), (-1, -1), FONT, 10)])
        table.wrapOn(canvas, 450, 100)
        table.drawOn(canvas, 72, 330)

    found = "".join(lines(draw(paint)))
    band = "".join(left) + "".join(right)
    first, second = (f"第{n}部分的任务由各有关单位抓好落实" for n in (0, 1))
    assert found == f"{first}{band}{second}{band}| 事项 | 数量 || 步道 | 20 |"


def side_by_side(pairs: list[tuple[str, str]], right: float = 310) -> Callable[[Canvas], None]:
    def paint(canvas: Canvas) -> None:
        for n, (one, other) in enumerate(pairs):
            canvas.drawString(72, 740 - 24 * n, one)
            canvas.drawString(right, 740 - 24 * n, other)

    return paint


LONG = "建设绿道并建立长效机制"
NOT_COLUMNS = [
    ([(f"步道{n}", f"驿站{n}") for n in range(12)], "a list in two columns"),
    ([("市园林局", "临江市财政局"), ("2031年1月", "2031年1月")] * 4, "signatures side by side"),
    ([(f"{LONG}{n}", f"{n}月底前") for n in range(12)], "items and their dates"),
    ([(LONG, LONG)] * 3, "three lines"),
    (
        [(f"{LONG}一二三四五六"[: 6 + 11 * (n % 2)], f"市园林局{'、市财政局' * (n % 2)}") for n in range(12)],
        "wrapped cells",
    ),
]


@pytest.mark.parametrize(("pairs", "why"), NOT_COLUMNS, ids=[row[1] for row in NOT_COLUMNS])
def test_what_stands_side_by_side_is_not_yet_a_column(pairs: list[tuple[str, str]], why: str) -> None:
    found = "".join(lines(draw(side_by_side(pairs)))).replace(" ", "")
    assert found == "".join(one + other for one, other in pairs), why


def test_a_gap_in_the_lines_of_one_column_is_no_gutter() -> None:
    heads = [f"第{n}条　建设绿道" for n in "一二三四五六七八九"]

    def paint(canvas: Canvas) -> None:
        for n, head in enumerate(heads):
            canvas.drawString(250, 780 - 60 * n, head)
            canvas.drawString(96, 760 - 60 * n, "统筹推进步道、驿站和园林建设，完善配套设施，落实管护责任，加强调度")
            canvas.drawString(72, 740 - 60 * n, "通报。")

    found = lines(draw(paint))
    assert [line for line in found if line.startswith("第")] == [head.replace("　", " ") for head in heads]
    assert sum("通报。" in line for line in found) == len(heads)


def test_very_many_characters_are_sorted_not_compared() -> None:
    # 200,000 in 2,000 lines: comparing each with each would be 40,000,000,000 steps
    chars = [
        {"text": "道", "x0": x, "x1": x + 1.0, "top": 4.0 * y, "bottom": 4.0 * y + 1, "size": 1.0}
        for y in range(2000)
        for x in (*range(50), *range(60, 110))
    ]
    gutter = find_gutter(chars, 110.0)
    assert gutter is not None
    assert (gutter.x0, gutter.x1) == (50.0, 60.0)
    assert [(part.column, len(part.chars)) for part in reading_order(chars, [], gutter)] == [(1, 100_000), (2, 100_000)]
