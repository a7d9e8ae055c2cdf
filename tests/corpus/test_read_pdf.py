"""PDF: paragraphs, tables and pages as a reader sees them. The files are made here, with a built-in Chinese font."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

from corpus.errors import PlanUnreadable
from corpus.read import read_source
from corpus.read_pdf import read_pdf

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
CELL = ParagraphStyle("cell", fontName=FONT, fontSize=10.5, leading=14, wordWrap="CJK")
TITLE = ParagraphStyle("title", fontName=FONT, fontSize=18, leading=28, alignment=1, wordWrap="CJK")


def body(indent: float = 24, size: float = 12, hanging: float = 0) -> ParagraphStyle:
    return ParagraphStyle(
        "body",
        fontName=FONT,
        fontSize=size,
        leading=1.7 * size,
        firstLineIndent=indent,
        leftIndent=hanging,
        wordWrap="CJK",
    )


def furniture(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(FONT, 9)
    canvas.drawCentredString(297, 800, "青禾县人民政府文件")
    canvas.drawCentredString(297, 30, f"— {document.page} —")


def plain(canvas: Canvas, document: SimpleDocTemplate) -> None:
    """No running head, no page number."""


def build(*story: object, title: str = "", decorate: Callable[..., None] = furniture) -> bytes:
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, title=title).build(list(story), onFirstPage=decorate, onLaterPages=decorate)
    return out.getvalue()


def draw(paint: Callable[[Canvas], None], **options: object) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, **options)
    canvas.setFont(FONT, 12)
    paint(canvas)
    canvas.save()
    return out.getvalue()


def lines(data: bytes) -> list[str]:
    return [line.text for line in read_pdf(data).lines]


def clause(number: int) -> str:
    return (
        f"{number}.推进第{number}批重点项目建设，强化要素保障，落实领导包联责任制，建立周调度、月通报、季评比机制，"
        f"确保完成年度投资{number}.5亿元，为全县经济社会高质量发展提供有力支撑。（县发展改革委牵头，县财政局配合）"
    )


SHORT = ["一、总体要求", "坚持稳中求进，全面落实各项部署。", "二、重点任务"]


@pytest.mark.parametrize(
    ("indent", "size", "hanging"),
    [(24, 12, 0), (32, 16, 0), (0, 12, 0), (-18, 12, 18)],
    ids=["12", "16", "flush", "hanging"],
)
def test_wrapped_lines_become_paragraphs_again_across_pages(indent: float, size: float, hanging: float) -> None:
    over_a_page = "31." + "统筹推进各项改革任务，" * 150 + "确保落地见效。（县政府办公室负责）"
    texts = [*SHORT, *[clause(number) for number in range(1, 31)], over_a_page, "三、保障措施"]
    data = build(*[Paragraph(text, body(indent, size, hanging)) for text in texts])
    draft = read_pdf(data)
    assert [line.text for line in draft.lines] == texts  # and so no running head and no page number
    pages = [number for line in draft.lines for _, number in line.pages]
    assert pages == list(range(1, len(pages) + 1))
    assert len(pages) > 2
    assert any(offset for line in draft.lines for offset, _ in line.pages)  # a page begins within a paragraph


def test_pages_are_offsets_in_the_text(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    story = [Paragraph("一、甲", body()), PageBreak(), PageBreak(), Paragraph("二、乙", body())]
    path.write_bytes(build(*story, title="二、乙"))
    source = read_source(path)
    assert source.text == "一、甲\n二、乙"
    assert source.pages == ((0, 1), (4, 2), (4, 3))  # the second page is blank
    assert (source.format, source.encoding, source.title) == ("pdf", "", "二、乙")


def test_a_title_that_the_page_does_not_show_is_a_templates() -> None:
    assert read_pdf(build(Paragraph("一、甲", body()), title="Microsoft Word - 文档1")).title == ""


def test_a_title_over_two_lines_is_not_drawn_into_the_text() -> None:
    title = Paragraph("青禾县关于推进重点项目<br/>建设的实施方案", TITLE)
    data = build(title, Paragraph("为推进建设，制定本方案。", body()), decorate=plain)
    found = lines(data)
    assert "".join(found[:-1]) == "青禾县关于推进重点项目建设的实施方案"
    assert found[-1] == "为推进建设，制定本方案。"


def test_tables_are_rows_with_spans_filled_and_are_not_repeated_as_text() -> None:
    long_unit = "县人力资源和社会保障局、县农业农村局"
    rows: list[list[object]] = [["序号", "任务", "责任单位", "时限"]]
    for number in range(1, 31):
        units = Paragraph(f"县交通运输局<br/>县财政局<br/>{long_unit}", CELL)
        rows.append([str(number), Paragraph("完成农村公路提档升级改造三百公里并建立长效机制", CELL), units, "12月底"])
    rows[2][3] = ""
    style = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("FONT", (0, 0), (-1, -1), FONT, 10.5), ("SPAN", (3, 1), (3, 2))]
    table = Table(rows, colWidths=[40, 180, 120, 80], repeatRows=1, style=style)
    found = lines(build(Paragraph("附件", body()), table, Paragraph("以上任务由县政府办公室督办。", body())))
    task = "完成农村公路提档升级改造三百公里并建立长效机制"
    assert found == [
        "附件",
        "| 序号 | 任务 | 责任单位 | 时限 |",  # once, though every page repeats it
        *[f"| {number} | {task} | 县交通运输局、县财政局、{long_unit} | 12月底 |" for number in range(1, 31)],
        "以上任务由县政府办公室督办。",
    ]


def test_a_task_table_without_ruling_lines_stands_in_its_place() -> None:
    task = "完成农村公路提档升级改造三百公里并建立长效机制"
    rows: list[list[object]] = [["序号", "任务内容", "责任单位"]]
    rows += [[str(n), Paragraph(task, CELL), Paragraph("县交通运输局、县农业农村局", CELL)] for n in range(1, 5)]
    style = [("FONT", (0, 0), (-1, -1), FONT, 10.5), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    table = Table(rows, colWidths=[40, 180, 120], style=style)
    last = Paragraph("以上任务由县政府办公室督办。", body())
    assert lines(build(Paragraph("附件", body()), table, last, decorate=plain)) == [
        "附件",
        "| 序号 | 任务内容 | 责任单位 |",
        *[f"| {n} | {task} | 县交通运输局、县农业农村局 |" for n in range(1, 5)],
        "以上任务由县政府办公室督办。",
    ]


def test_a_running_head_close_above_a_table_that_goes_on_is_dropped() -> None:
    def head(canvas: Canvas, document: SimpleDocTemplate) -> None:
        canvas.setFont(FONT, 9)
        canvas.drawCentredString(297, 776, "青禾县人民政府文件")

    rows = [["序号", "任务", "时限"], *[[str(n), f"任务{n}", "同上"] for n in range(1, 101)]]
    style = [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("FONT", (0, 0), (-1, -1), FONT, 10.5)]
    table = Table(rows, colWidths=[40, 180, 80], repeatRows=1, style=style)
    found = lines(build(*[Paragraph(clause(n), body()) for n in range(1, 5)], table, decorate=head))
    assert found[:4] == [clause(n) for n in range(1, 5)]
    assert found[4:] == ["| 序号 | 任务 | 时限 |", *[f"| {n} | 任务{n} | 同上 |" for n in range(1, 101)]]


def test_subscripts_and_superscripts_stay_behind_their_character() -> None:
    style = body()
    raised = Paragraph(
        "减排CO<sub>2</sub>和PM<sub>10</sub>，绿地达10<super>4</super>m<super>2</super>以上。" * 3, style
    )
    assert lines(build(raised, decorate=plain)) == ["减排CO2和PM10，绿地达104m2以上。" * 3]


def test_what_no_reader_sees_is_not_read() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "看得见")
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(72, 660, "白纸白字")
        canvas.setFillColorRGB(0, 0, 0.5)
        canvas.rect(70, 615, 200, 20, fill=1)
        canvas.setFillColorRGB(1, 1, 1)
        canvas.drawString(72, 620, "深底白字")
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(72, 9000, "页外")
        canvas.setFont(FONT, 0.5)
        canvas.drawString(72, 580, "极小")
        canvas.setFont(FONT, 40)
        canvas.translate(300, 400)
        canvas.rotate(45)
        canvas.drawString(0, 0, "水印")

    assert lines(draw(paint)) == ["看得见", "深底白字"]


def test_a_spaced_number_keeps_its_space_and_dates_are_no_page_numbers() -> None:
    def paint(canvas: Canvas) -> None:
        canvas.drawString(72, 700, "第一条　总则")
        canvas.drawString(72, 400, "2024")
        canvas.drawString(290, 30, "- 1 -")

    assert lines(draw(paint)) == ["第一条 总则", "2024"]


def scan(canvas: Canvas) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    canvas.drawImage(ImageReader(Image.new("L", (20, 30), 128)), 0, 0, *A4)


PLAIN = draw(lambda canvas: canvas.drawString(72, 700, "一、推动"))
SECRET = StandardEncryption("secret", ownerPassword="owner", strength=128)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (draw(scan), "no text layer"),
        (draw(lambda canvas: canvas.showPage()), "no text in it"),
        (draw(lambda canvas: canvas.drawString(72, 700, "x"), encrypt=SECRET), "password"),
        (PLAIN[: len(PLAIN) // 3], "damaged or cut off"),
        (b"%PDF-1.7\n" + bytes(2000), "damaged or cut off"),
    ],
    ids=["scan", "blank", "encrypted", "cut", "zeros"],
)
def test_what_holds_no_text_is_refused_with_its_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(data)
    with pytest.raises(PlanUnreadable, match=reason):
        read_source(path)


def test_an_owners_password_alone_does_not_keep_readers_out() -> None:
    lock = StandardEncryption("", ownerPassword="owner", strength=128)

    def paint(canvas: Canvas) -> None:
        canvas.setFont("Helvetica", 12)
        canvas.drawString(72, 700, "plan")

    assert lines(draw(paint, encrypt=lock)) == ["plan"]


def test_fonts_that_do_not_say_their_characters_are_refused(tmp_path: Path) -> None:
    data = draw(lambda canvas: canvas.drawString(72, 700, clause(1)))
    wrong = data.replace(b"/UniGB-UCS2-H", b"/Identity-H  ")
    assert wrong != data
    path = tmp_path / "plan.pdf"
    path.write_bytes(wrong)
    with pytest.raises(PlanUnreadable, match="fonts"):
        read_source(path)
