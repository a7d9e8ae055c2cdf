"""A table in Word as offices lay it out: landscape A4, a title, lines about it, the head and a number on every page.

What a plan says is written as it is, but for what XML cannot hold.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from assistant.render import xml_safe
from corpus.errors import QuestionInvalid

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class TooLong(QuestionInvalid):
    """More rows than a file of this kind can hold and still be of use."""


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph of a cell; where its text has line ends, they are breaks in it."""

    text: str
    label: str = ""  # stands before the text, in the face of headings
    strong: bool = False  # whether the text has that face as well; then it begins something, and stands a little apart


Cell = Sequence[Line]


@dataclass(frozen=True, slots=True)
class Band:
    """A row that is one cell over the whole width: a heading of the rows below it."""

    text: str


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands above and around the rows, in the reader's language."""

    title: str
    lines: Sequence[str]  # below the title, on the left
    made: str  # the line with the date, on the right
    heads: Sequence[str]
    shares: Sequence[float]  # of the page's width, a column each; in any unit
    page: str = "— {page} —"


def check_rows(count: int, most: int) -> None:
    """Raises ``TooLong`` where a Word file is to have more than ``most`` rows."""
    if count > most:
        raise TooLong(
            f"a Word file of {count} rows would be too long, it holds {most}; narrow the list, or export a workbook"
        )


def word_file(layout: Layout, rows: Iterable[Sequence[Cell] | Band]) -> bytes:
    """The rows as a Word file, each with as many cells as there are heads."""
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(_MARGIN)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    document.core_properties.title = xml_safe(layout.title)
    document.core_properties.author = ""
    _face(document.styles["Normal"].element.get_or_add_rPr(), _SONG, 9)
    _line(document, layout.title, _TITLE, 22, WD_ALIGN_PARAGRAPH.CENTER, 6)
    for line in layout.lines:
        _line(document, line, _SONG, 10.5, WD_ALIGN_PARAGRAPH.LEFT, 0)
    _line(document, layout.made, _SONG, 10.5, WD_ALIGN_PARAGRAPH.RIGHT, 4)
    whole = sum(layout.shares)
    widths = [Mm(_ACROSS * share / whole) for share in layout.shares]
    table = document.add_table(1, len(widths), "Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    head = table.rows[0]
    for cell, words, width in zip(head.cells, layout.heads, widths, strict=True):
        cell.width = width
        run = cell.paragraphs[0].add_run(xml_safe(words))
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        _face(run._r.get_or_add_rPr(), _BLACK, 9)
    again = OxmlElement("w:tblHeader")  # the head stands on every page
    head._tr.get_or_add_trPr().append(again)
    pattern, strong = _empty_row(widths), OxmlElement("w:rPr")
    _face(strong, _BLACK, 9)
    for row in rows:
        made = _across(row, widths, strong) if isinstance(row, Band) else _row(row, pattern, strong)
        table._tbl.append(made)
    _page_number(section.footer.paragraphs[0], layout.page)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


_SONG, _BLACK, _TITLE = "宋体", "黑体", "方正小标宋简体"
_MARGIN = 18  # mm
_ACROSS = 297 - 2 * _MARGIN
_APART = "80"  # before what begins within a cell, in twentieths of a point


def _face(properties: Any, name: str, points: float) -> None:
    """A font for Latin and for Chinese characters: Word takes the latter from an attribute of its own."""
    fonts = properties.get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), name)
    properties.sz_val = Pt(points)


def _line(document: Any, text: str, face: str, points: float, where: Any, after: float) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = where
    paragraph.paragraph_format.space_before = Pt(0)
    paragraph.paragraph_format.space_after = Pt(after)
    _face(paragraph.add_run(xml_safe(text))._r.get_or_add_rPr(), face, points)


def _empty_row(widths: Sequence[int]) -> Any:
    """A row whose cells have a width and nothing else: copying it is much quicker than asking the library for each."""
    row = OxmlElement("w:tr")
    for width in widths:
        row.append(_empty_cell(width))
    return row


def _empty_cell(width: int) -> Any:
    cell, properties, measure = OxmlElement("w:tc"), OxmlElement("w:tcPr"), OxmlElement("w:tcW")
    measure.set(qn("w:w"), str(int(width / 635)))  # twentieths of a point
    measure.set(qn("w:type"), "dxa")
    properties.append(measure)
    cell.append(properties)
    return cell


def _row(cells: Sequence[Cell], pattern: Any, strong: Any) -> Any:
    row = deepcopy(pattern)
    for place, lines in zip(row, cells, strict=True):
        for number, line in enumerate(lines or (Line(""),)):  # a cell of Word has at least one paragraph
            place.append(_paragraph(line, number > 0, strong))
    return row


def _across(band: Band, widths: Sequence[int], strong: Any) -> Any:
    row, cell, over = OxmlElement("w:tr"), _empty_cell(sum(widths)), OxmlElement("w:gridSpan")
    over.set(qn("w:val"), str(len(widths)))
    cell[0].append(over)
    paragraph = _paragraph(Line(band.text, strong=True), False, strong)
    properties = paragraph.get_or_add_pPr()
    properties.append(OxmlElement("w:keepNext"))  # never alone at the foot of a page
    cell.append(paragraph)
    row.append(cell)
    return row


def _paragraph(line: Line, follows: bool, strong: Any) -> Any:
    paragraph = OxmlElement("w:p")
    if line.strong and follows:
        properties, apart = OxmlElement("w:pPr"), OxmlElement("w:spacing")
        apart.set(qn("w:before"), _APART)
        properties.append(apart)
        paragraph.append(properties)
    for text, looks in ((line.label, strong), (line.text, strong if line.strong else None)):
        if said := xml_safe(text):
            paragraph.append(_run(said, looks))
    return paragraph


def _run(text: str, looks: Any) -> Any:
    run = OxmlElement("w:r")
    if looks is not None:
        run.append(deepcopy(looks))
    for number, line in enumerate(text.split("\n")):
        if number:
            run.append(OxmlElement("w:br"))
        written = OxmlElement("w:t")
        written.text = line
        written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.append(written)
    return run


def _page_number(paragraph: Any, pattern: str) -> None:
    """The number of the page, as a field that Word fills in."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, _, after = pattern.partition("{page}")
    for words, kind in ((before, ""), ("", "begin"), ("PAGE", "code"), ("", "end"), (after, "")):
        run = paragraph.add_run("" if kind else words)
        _face(run._r.get_or_add_rPr(), _SONG, 10.5)
        if kind == "code":
            code = OxmlElement("w:instrText")
            code.text = words
            run._r.append(code)
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
