"""Word documents: the text that Word shows, in its order, with its numbers."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest

from corpus.read import Source, read_source
from corpus.read_docx import read_docx
from corpus.read_draft import NOTES_LINE
from tests.corpus.made import W, package, para, run


def numbered(text: str, level: int = 0, list_id: int = 1) -> str:
    return para(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


def lines(body: str, **parts: str) -> list[str]:
    return [line.text for line in read_docx(package(body, parts=parts)).lines]


def levels(*formats: tuple[str, str], extra: str = "") -> str:
    return "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{style}"/>{extra}<w:lvlText w:val="{text}"/></w:lvl>'
        for n, (style, text) in enumerate(formats)
    )


OUTLINE = levels(
    ("chineseCounting", "%1、"), ("chineseCountingThousand", "（%2）"), ("decimal", "%3."), ("decimal", "%1.%4")
)
NUMBERING = f"""<w:abstractNum w:abstractNumId="0">{OUTLINE}</w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>
<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>
</w:lvlOverride></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="0"/></w:num>"""


def single(level: str) -> str:
    """A numbering part with one list, numId 1."""
    abstract = f'<w:abstractNum w:abstractNumId="0">{level}</w:abstractNum>'
    return f'{abstract}<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'


def test_list_numbers_are_written_as_word_counts_them() -> None:
    body = "".join(
        [
            numbered("总体要求"),
            numbered("重点任务"),
            numbered("产业", 1),
            numbered("招商", 2),
            numbered("育商", 2),
            para("这一段没有编号。"),
            numbered("安商", 2),
            numbered("民生", 1),
            numbered("教育", 2),
            numbered("保障措施"),
            numbered("资金", 1),
        ]
    )
    assert lines(body, numbering=NUMBERING) == [
        "一、总体要求", "二、重点任务", "（一）产业", "1. 招商", "2. 育商", "这一段没有编号。", "3. 安商",
        "（二）民生", "1. 教育", "三、保障措施", "（一）资金",
    ]  # fmt: skip


def test_lists_of_one_definition_go_on_unless_told_to_start_again() -> None:
    body = numbered("甲") + numbered("乙", list_id=3) + numbered("丙", list_id=2) + numbered("丁", list_id=2)
    assert lines(body, numbering=NUMBERING) == ["一、甲", "二、乙", "一、丙", "二、丁"]


def test_a_level_shows_the_numbers_above_it_in_their_own_style_or_in_decimal() -> None:
    body = numbered("甲") + numbered("乙", 3)
    assert lines(body, numbering=NUMBERING)[1] == "一.1 乙"
    legal = NUMBERING.replace(
        '<w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%4"/>',
        '<w:numFmt w:val="decimal"/><w:isLgl/><w:lvlText w:val="%1.%4"/>',
    )
    assert lines(body, numbering=legal)[1] == "1.1 乙"


@pytest.mark.parametrize(
    ("suffix", "line"), [("tab", "第一条 总则"), ("space", "第一条 总则"), ("nothing", "第一条总则")]
)
def test_what_stands_between_number_and_text(suffix: str, line: str) -> None:
    level = levels(("chineseCounting", "第%1条"), extra=f'<w:suff w:val="{suffix}"/>')
    assert lines(numbered("总则"), numbering=single(level)) == [line]


def test_numbers_and_headings_come_from_styles_too(tmp_path: Path) -> None:
    styles = """<w:style w:type="paragraph" w:styleId="a"><w:name w:val="heading 1"/>
      <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
    <w:style w:type="paragraph" w:styleId="b"><w:name w:val="own"/><w:basedOn w:val="a"/>
      <w:pPr><w:outlineLvl w:val="1"/><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr></w:style>
    <w:style w:type="paragraph" w:styleId="t"><w:name w:val="Title"/></w:style>"""
    body = (
        para("工作要点", '<w:pStyle w:val="t"/>')
        + para("总体要求", '<w:pStyle w:val="a"/>')
        + para("目标", '<w:pStyle w:val="b"/>')
        + para("正文")
        + para("不编号", '<w:pStyle w:val="a"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    )
    path = tmp_path / "plan.docx"
    path.write_bytes(package(body, parts={"styles": styles, "numbering": NUMBERING}))
    source = read_source(path)
    assert source.text.split("\n") == ["工作要点", "一、总体要求", "（一）目标", "正文", "不编号"]
    assert source.title == "工作要点"
    assert [(source.text[start:].split("\n")[0], level) for start, level in source.headings] == [
        ("一、总体要求", 1), ("（一）目标", 2), ("不编号", 1),
    ]  # fmt: skip


def test_bullets_and_circular_styles_do_no_harm() -> None:
    numbering = NUMBERING.replace('chineseCounting"', 'bullet"')
    styles = (
        '<w:style w:styleId="a"><w:basedOn w:val="b"/></w:style><w:style w:styleId="b"><w:basedOn w:val="a"/></w:style>'
    )
    assert lines(numbered("甲"), numbering=numbering) == ["甲"]
    assert lines(para("乙", '<w:pStyle w:val="a"/>'), styles=styles) == ["乙"]


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (run("甲") + f"<w:del>{run('乙')}</w:del><w:ins>{run('丙')}</w:ins>", "甲丙"),
        (f"<w:moveFrom>{run('甲')}</w:moveFrom><w:moveTo>{run('乙')}</w:moveTo>", "乙"),
        (run("甲") + run("藏", "<w:vanish/>") + run("乙", '<w:vanish w:val="0"/>'), "甲乙"),
        (run("甲") + "<w:r><w:br/></w:r>" + run("乙") + "<w:r><w:tab/></w:r>" + run("丙"), "甲\n乙 丙"),
        (f"<w:hyperlink>{run('链接')}</w:hyperlink><w:smartTag>{run('标签')}</w:smartTag>", "链接标签"),
        (f"<w:sdt><w:sdtPr><w:t>不是</w:t></w:sdtPr><w:sdtContent>{run('控件')}</w:sdtContent></w:sdt>", "控件"),
        (f"<w:r><w:instrText>DDEAUTO x</w:instrText></w:r>{run('域')}", "域"),
        ("<w:r><w:ruby><w:rt>" + run("yī") + "</w:rt><w:rubyBase>" + run("一") + "</w:rubyBase></w:ruby></w:r>", "一"),
        ("<m:oMath><m:r><m:t>x=1</m:t></m:r></m:oMath>", "x=1"),
    ],
)  # fmt: skip
def test_only_what_a_reader_sees_is_text(inner: str, text: str) -> None:
    assert lines(para(inner)) == [text]


def test_a_paragraph_whose_end_was_deleted_runs_on() -> None:
    deleted = para("责任单位：市教", "<w:rPr><w:del/></w:rPr>")
    assert lines(deleted + para("育局")) == ["责任单位：市教育局"]
    assert lines(deleted) == ["责任单位：市教"]


def test_text_boxes_stand_after_their_paragraph_and_once() -> None:
    box = f"<w:txbxContent>{para('框中文字')}</w:txbxContent>"
    both = f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>"
    inner = f"{run('段落')}<w:r><mc:AlternateContent>{both}</mc:AlternateContent></w:r>"
    assert lines(para(inner) + para("下一段")) == ["段落", "框中文字", "下一段"]


def test_footnotes_stand_at_the_end() -> None:
    notes = f'<w:footnote w:id="2">{para("见附件。")}</w:footnote><w:footnote w:id="9">{para("无人引用")}</w:footnote>'
    body = para(run("正文") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run("。")) + para("结尾")
    assert lines(body, footnotes=notes) == ["正文。", "结尾", NOTES_LINE, "注1：见附件。"]


def test_the_table_of_contents_is_left_out() -> None:
    styles = '<w:style w:type="paragraph" w:styleId="c"><w:name w:val="toc 1"/></w:style>'
    assert lines(para("一、总体要求 1", '<w:pStyle w:val="c"/>') + para("一、总体要求"), styles=styles) == [
        "一、总体要求"
    ]


def test_tables_stand_in_order_with_merged_cells_repeated(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("附件")
    table = document.add_table(rows=4, cols=4)
    for place, text in enumerate(["序号", "领域", "任务", "责任单位"]):
        table.cell(0, place).text = text
    for row in (1, 2, 3):
        table.cell(row, 0).text = str(row)
        table.cell(row, 2).text = f"任务{row}"
    table.cell(1, 1).merge(table.cell(2, 1)).text = "企业"
    table.cell(1, 3).text = "市公安局\n市税务局"
    table.cell(2, 3).add_paragraph("市财政局")
    table.cell(3, 1).merge(table.cell(3, 2)).text = "合并"
    document.add_paragraph("以上任务由市政府办公室督办。")
    document.save(str(tmp_path / "plan.docx"))
    assert read_source(tmp_path / "plan.docx").text.split("\n") == [
        "附件",
        "| 序号 | 领域 | 任务 | 责任单位 |",
        "| 1 | 企业 | 任务1 | 市公安局、市税务局 |",
        "| 2 | 企业 | 任务2 | 市财政局 |",
        "| 3 | 合并 | 合并 |  |",
        "以上任务由市政府办公室督办。",
    ]


def cell(inner: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def test_rows_are_numbered_skipped_and_indented_as_word_does() -> None:
    rows = [
        "<w:tr>" + cell(para("序号")) + cell(para("任务")) + "</w:tr>",
        "<w:tr>" + cell(numbered("")) + cell(para("甲")) + "</w:tr>",
        "<w:tr><w:trPr><w:del/></w:trPr>" + cell(para("删")) + cell(para("删")) + "</w:tr>",
        "<w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>" + cell(para("乙")) + "</w:tr>",
        "<w:sdt><w:sdtContent><w:tr>" + cell(numbered("")) + cell(para("丙")) + "</w:tr></w:sdtContent></w:sdt>",
    ]
    level = levels(("decimal", "%1"))
    assert lines(f"<w:tbl>{''.join(rows)}</w:tbl>", numbering=single(level)) == [
        "| 序号 | 任务 |", "| 1 | 甲 |", "|  | 乙 |", "| 2 | 丙 |",
    ]  # fmt: skip


def test_a_frame_round_text_is_no_table() -> None:
    framed = f"<w:tbl><w:tr>{cell(para('一、甲') + para('二、乙'))}</w:tr></w:tbl>"
    assert lines(framed) == ["一、甲", "二、乙"]


def test_the_strict_variant_is_read() -> None:
    data = package(para("一、推动"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        text = archive.read("word/document.xml").decode().replace(W, "http://purl.oclc.org/ooxml/wordprocessingml/main")
    assert read_docx(package("", entries={"word/document.xml": text.encode()})).lines[0].text == "一、推动"


def test_a_document_by_another_name_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_bytes(package(para("一、推动")))
    assert read_source(path) == Source("一、推动", format="docx")
