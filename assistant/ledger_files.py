"""The ledger as files to take along: a workbook, CSV, and a table in Word as offices lay it out.

Each holds exactly the rows that it is given, in their order, with the plan's own words; nothing is converted.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
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

from assistant.holder import Asker
from assistant.ledger_rows import Entry
from assistant.model import ROLES
from assistant.render import xml_safe
from assistant.rest.citing import listed
from assistant.rest.export import TYPES as TABLE_TYPES
from assistant.rest.export import csv_table, xlsx_table
from assistant.wording import gist
from corpus.errors import QuestionInvalid

# Column → its width in a workbook, in characters.
COLUMNS = {
    "number": 6,
    "plan": 36,
    "document": 22,
    "clause": 16,
    "task": 36,
    **dict.fromkeys(ROLES, 26),
    "deadline": 16,
    "basis": 14,
    "quote": 80,
    "rule": 40,
    "page": 6,
    "link": 40,
}
# Column of the Word table → its share of a page's width. Units that rules add have one where there are any.
WORD_COLUMNS = {
    "number": 9, "plan": 32, "clause": 19, "task": 42, "lead": 26, "support": 30, "responsible": 30, "implicit": 22,
    "deadline": 19, "quote": 54,
}  # fmt: skip
TYPES = {**TABLE_TYPES, "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}
MOST_IN_WORD = 5_000  # rows of a Word file: a longer one takes Word itself a minute and more to lay out
MOST_IN_WORKBOOK = 60_000  # rows of a workbook: ten seconds of a processor; a sheet itself holds many times that
LONGEST_TASK = 80  # code points of a task without a title; the whole stands beside it


class TooLong(QuestionInvalid):
    """More rows than a file of this kind can hold and still be of use."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above and around the rows, in the reader's language."""

    title: str
    filters: str  # the line that says what was chosen
    made: str  # the line with the date
    columns: Mapping[str, str]  # column → head
    basis: Mapping[str, str]  # basis → words
    page: str = "— {page} —"


def check(kind: str, count: int) -> None:
    """Raises ``TooLong`` where a file of a kind would not hold so many rows."""
    if kind == "docx" and count > MOST_IN_WORD:
        raise TooLong(
            f"a Word file of {count} rows would be too long, it holds {MOST_IN_WORD}; "
            "narrow the list, or export a workbook"
        )
    if kind == "xlsx" and count > MOST_IN_WORKBOOK:
        raise TooLong(
            f"a workbook of {count} rows would be too long, it holds {MOST_IN_WORKBOOK}; narrow the list, or export CSV"
        )


def file_rows(
    assistant: Asker, entries: Iterable[Entry], basis: Mapping[str, str], public_url: str = ""
) -> Iterator[dict[str, object]]:
    """Each row as its cells by column; units are lists. ``public_url`` is put before links, which leave this server."""
    for number, entry in enumerate(entries, 1):
        row, plan = entry.row, assistant.plans[entry.row.plan]
        cited = listed(plan, row).cited
        yield {
            "number": number,
            "plan": plan.meta.title or plan.id,
            "document": plan.meta.number,
            "clause": row.clause + (f"~{row.part}" if row.part else ""),
            "task": row.title or gist(plan, entry.clause, plan.assignment(entry.clause), LONGEST_TASK),
            **{role: getattr(row, role) for role in ROLES},
            "deadline": entry.deadline,
            "basis": basis.get(row.basis, row.basis),
            "quote": cited.quote,
            "rule": cited.rule.quote if cited.rule else "",
            "page": cited.page,
            "link": public_url + cited.link,
        }


def ledger_file(kind: str, rows: Iterable[Mapping[str, object]], heading: Heading) -> bytes:
    """The rows as a file: ``kind`` is csv, xlsx or docx. How many it can hold, ``check`` says before."""
    if kind == "docx":
        return _docx(list(rows), heading)
    cells = ([row[column] for column in COLUMNS] for row in rows)
    if kind == "csv":
        return csv_table([heading.columns[column] for column in COLUMNS], cells)
    widths = {heading.columns[column]: width for column, width in COLUMNS.items()}
    return xlsx_table(heading.title, widths, cells, heading.filters)


# -- Word ---------------------------------------------------------------------------------------------------

_SONG, _BLACK, _TITLE = "宋体", "黑体", "方正小标宋简体"
_MARGIN = 18  # mm
_ACROSS = 297 - 2 * _MARGIN


def _docx(rows: Sequence[Mapping[str, object]], heading: Heading) -> bytes:
    document = Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(_MARGIN)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    document.core_properties.title = xml_safe(heading.title)
    document.core_properties.author = ""
    _face(document.styles["Normal"].element.get_or_add_rPr(), _SONG, 9)
    _line(document, heading.title, _TITLE, 22, WD_ALIGN_PARAGRAPH.CENTER, 6)
    _line(document, heading.filters, _SONG, 10.5, WD_ALIGN_PARAGRAPH.LEFT, 0)
    _line(document, heading.made, _SONG, 10.5, WD_ALIGN_PARAGRAPH.RIGHT, 4)
    columns = [c for c in WORD_COLUMNS if c != "implicit" or any(row["implicit"] for row in rows)]
    whole = sum(WORD_COLUMNS[column] for column in columns)
    widths = [Mm(_ACROSS * WORD_COLUMNS[column] / whole) for column in columns]
    table = document.add_table(1, len(columns), "Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    head = table.rows[0]
    for cell, column, width in zip(head.cells, columns, widths, strict=True):
        cell.width = width
        run = cell.paragraphs[0].add_run(xml_safe(heading.columns[column]))
        cell.paragraphs[0].alignment = WD_ALIGN_PARAGRAPH.CENTER
        _face(run._r.get_or_add_rPr(), _BLACK, 9)
    again = OxmlElement("w:tblHeader")  # the head stands on every page
    head._tr.get_or_add_trPr().append(again)
    pattern = _empty_row(widths)
    for row in rows:
        made = deepcopy(pattern)
        for paragraph, column in zip(made.iter(qn("w:p")), columns, strict=True):
            _write(paragraph, row[column])
        table._tbl.append(made)
    _page_number(section.footer.paragraphs[0], heading.page)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


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
    """A row whose cells have a width and a paragraph: copying it is much quicker than asking the library for each."""
    row = OxmlElement("w:tr")
    for width in widths:
        cell, properties, measure = OxmlElement("w:tc"), OxmlElement("w:tcPr"), OxmlElement("w:tcW")
        measure.set(qn("w:w"), str(int(width / 635)))  # twentieths of a point
        measure.set(qn("w:type"), "dxa")
        properties.append(measure)
        cell.append(properties)
        cell.append(OxmlElement("w:p"))
        row.append(cell)
    return row


def _write(paragraph: Any, value: object) -> None:
    """The text of a cell, its line ends as breaks."""
    text = xml_safe("、".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value))
    if not text:
        return
    run = OxmlElement("w:r")
    for number, line in enumerate(text.split("\n")):
        if number:
            run.append(OxmlElement("w:br"))
        written = OxmlElement("w:t")
        written.text = line
        written.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        run.append(written)
    paragraph.append(run)


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
