"""PDF files with a text layer: paragraphs put together again, tables as rows, page furniture dropped.

A PDF knows characters and places, no paragraphs. In order, for each page: take the characters that a reader
sees; cut out the tables (by their ruling lines, else by the words of the head: ``corpus/read_unruled.py``); put the
columns in their order (``corpus/read_columns.py``); cluster the rest into lines. ``corpus/read_layout.py`` makes
paragraphs of them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from statistics import median
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils import chars_to_textmap
from pdfplumber.utils.exceptions import PdfminerException

from corpus.read_columns import Box, Gutter, find_gutter, reading_order
from corpus.read_draft import DEFAULT_LIMITS, Draft, Limits, ReadError
from corpus.read_layout import Row, Sheet, paragraphs
from corpus.read_pdf_pages import draw, drawn_once, has_more_pages
from corpus.read_text import commonness
from corpus.read_unruled import unruled_tables
from corpus.tables import join_wrapped, pipe_lines

MAX_GLYPHS = 3_000_000
_MAX_SHAPES = 5_000  # lines and areas of a page: with more it is a map or plan, and its lines rule no table
_MIN_SIZE = 1.0  # points: smaller than any print
_SCRIPT_SIZE = 0.9  # of the size of a line: what is smaller and off its level is a subscript or superscript
_SCRIPT_GAP = 0.3  # of that size, between a character and its script
_COMMON_SHARE = 0.5  # of everyday characters: a font with a wrong table gives rare ones throughout
_TELLING = 20  # characters from which such a share says anything
_UNREADABLE_SHARE = 0.05  # of glyphs whose font does not say which character they are

_GLYPH = re.compile(r"\(cid:\d{1,6}\)")
_WHITE = ((1,), (1, 1, 1), (0, 0, 0, 0), 1)


def read_pdf(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """The text of a PDF with the page numbers; raises ``ReadError`` where there is none to be had."""
    try:
        pdf = pdfplumber.open(io.BytesIO(data))
    except PdfminerException as error:
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in (*error.args, error.__cause__)):
            raise ReadError("is protected by a password; save it without one") from None
        raise ReadError("is not a whole PDF: it is damaged or cut off; get the file again") from None
    except PDFException:
        raise ReadError("is not a whole PDF: it is damaged or cut off; get the file again") from None
    with pdf:
        if has_more_pages(pdf, limits.pages):
            raise ReadError(f"has more than {limits.pages:,} pages; split it")
        sheets: list[Sheet] = []
        glyphs = unreadable = other_words = unseen = 0
        gutter: Gutter | None = None
        for number, page in enumerate(pdf.pages, 1):
            other_words += draw(page)
            glyphs += len(page.chars)
            unreadable += sum(1 for char in page.chars if _GLYPH.match(char["text"]))
            if glyphs > MAX_GLYPHS:
                raise ReadError("holds more text than a plan can; split it")
            visible = _Visible(page)
            sheet, gutter = _sheet(page, number, gutter, visible)
            sheets.append(sheet)
            unseen += visible.unseen
            page.close()  # pdfplumber keeps every object of a page until told otherwise
        wanted = str((pdf.metadata or {}).get("Title") or "")
    scanned = sum(sheet.scanned for sheet in sheets)
    if not any(sheet.rows for sheet in sheets) or scanned > len(sheets) / 2:
        raise ReadError(
            "has no text layer: it is a scan or pictures; recognise the text (OCR) and save it as txt or docx"
            if scanned
            else "has no text in it; get the file again"
        )
    shown = "".join(row.text for sheet in sheets for row in sheet.rows)[:20_000]
    foreign = unreadable > _UNREADABLE_SHARE * glyphs
    if foreign or (len(shown) > _TELLING and not shown.isascii() and commonness(shown) < _COMMON_SHARE):
        raise ReadError("has fonts that do not say which characters they show; save the text from a viewer as txt")
    lines = paragraphs(sheets)
    squeezed = "".join(line.text for line in lines[:20]).replace("\n", "").replace(" ", "")
    # Most titles in the file's data are a template's or a file name: only what the page itself shows is one.
    title = wanted.strip() if wanted.strip() and wanted.replace(" ", "") in squeezed else ""
    notes = []
    if unseen:
        notes.append(f"{unseen:,} characters were left out: white, too small or off the page")
    if other_words:
        notes.append(f"{other_words:,} pieces say other words than they show; the shown were read")
    return Draft(tuple(lines), title, notes=tuple(notes))


def _sheet(page: Any, number: int, gutter: Gutter | None, visible: _Visible) -> tuple[Sheet, Gutter | None]:
    """A page, and the gutter of its columns, if it has any: else that of the pages before, where they are as wide."""
    picture = any(image["width"] * image["height"] > 0.4 * page.width * page.height for image in page.images)
    scanned = picture and not page.chars
    seen = page.filter(visible)
    tables: list[tuple[Box, list[Row]]] = []
    shapes = len(seen.lines) + len(seen.rects) + len(seen.curves)
    for table in seen.find_tables() if shapes <= _MAX_SHAPES else ():
        grid = _grid(table, seen.chars)
        if max(map(len, grid), default=0) < 2:  # a frame round text: its lines are read as text
            continue
        tables.append((table.bbox, _table_rows(grid, table.bbox, number)))
    boxes = [box for box, _ in tables]
    rest = [char for char in seen.chars if not any(_inside(char, box) for box in boxes)]
    for box, grid in unruled_tables(rest):
        tables.append((box, _table_rows(grid, box, number)))
        boxes.append(box)
    rest = [char for char in rest if not any(_inside(char, box) for box in boxes)]
    gutter = find_gutter(rest, page.width) or (gutter if gutter and abs(gutter.width - page.width) < 1 else None)
    rows: list[Row] = []
    for part in reading_order(rest, boxes, gutter):
        found = [row for place in part.tables for row in tables[place][1]]
        found += [replace(row, page=number) for row in _rows(part.chars)]
        rows += [replace(row, column=part.column) for row in sorted(found, key=lambda row: row.top)]
    return Sheet(number, float(page.width), float(page.height), tuple(rows), scanned), gutter


def _table_rows(grid: list[list[str]], box: Box, number: int) -> list[Row]:
    lines = pipe_lines(grid)
    step = (box[3] - box[1]) / max(len(lines), 1)
    return [Row(text, number, top=box[1] + n * step, bottom=box[3], table=True) for n, text in enumerate(lines)]


class _Visible:
    """Whether a reader sees an object of a page: of print size, on the page, upright, not white on nothing."""

    def __init__(self, page: Any) -> None:
        self.unseen = 0  # characters that are there and that nobody sees
        self._once = drawn_once(page.chars)
        self._box = page.bbox
        self._dark = [
            shape
            for shape in (*page.rects, *page.images)
            if shape["object_type"] == "image" or (shape.get("fill") and not _is_white(shape["non_stroking_color"]))
        ]
        # Slanted print is a watermark, unless a page is turned as a whole.
        self._level = sum(1 if _is_level(char) else -1 for char in page.chars) >= 0

    def __call__(self, item: dict[str, Any]) -> bool:
        if item["object_type"] != "char":
            return True
        if id(item) not in self._once or _is_level(item) is not self._level:
            return False
        seen = item["size"] >= _MIN_SIZE and _inside(item, self._box)
        if seen and _is_white(item["non_stroking_color"]):
            seen = any(_inside(item, (dark["x0"], dark["top"], dark["x1"], dark["bottom"])) for dark in self._dark)
        self.unseen += not seen and not item["text"].isspace()
        return seen


def _is_level(char: dict[str, Any]) -> bool:
    along, across = char["matrix"][:2]  # where the direction of reading points to, right and up
    return bool(abs(across) < 0.1 * abs(along))


def _is_white(colour: Any) -> bool:
    return (tuple(colour) if isinstance(colour, list | tuple) else colour) in _WHITE


def _inside(item: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    x, y = (item["x0"] + item["x1"]) / 2, (item["top"] + item["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _rows(chars: list[dict[str, Any]]) -> Iterable[Row]:
    """Characters clustered into lines; a gap of half a character is a space."""
    if not chars:
        return
    for line in chars_to_textmap(_levelled(chars), x_tolerance_ratio=0.5).extract_text_lines(
        strip=True, return_chars=True
    ):
        text = _GLYPH.sub("\ufffd", line["text"]).strip()
        if text:
            size = median(char["size"] for char in line["chars"])
            yield Row(text, 0, line["x0"], line["x1"], line["top"], line["bottom"], size)


def _levelled(chars: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Subscripts and superscripts (CO₂, m²) set into the line of the character that they stand behind.

    Left where they are they would form a line of their own, or be sorted into the next one.
    """
    levelled: list[dict[str, Any]] = []
    base: dict[str, Any] | None = None  # the last character that is no script itself
    for char in chars:
        if base is not None and char["top"] != base["top"] and char["size"] < _SCRIPT_SIZE * base["size"]:
            beside = abs(char["x0"] - levelled[-1]["x1"]) < _SCRIPT_GAP * base["size"]
            if beside and char["top"] < base["bottom"] and base["top"] < char["bottom"]:
                levelled.append({**char, **{edge: base[edge] for edge in ("top", "bottom", "doctop", "y0", "y1")}})
                continue
        base = char
        levelled.append(char)
    return levelled


def _grid(table: Any, chars: list[dict[str, Any]]) -> list[list[str]]:
    """A full grid: each place takes the text of the cell that covers its middle, so merged cells repeat."""
    mine = [char for char in chars if _inside(char, table.bbox)]
    texts = {box: _cell_text(box, [char for char in mine if _inside(char, box)]) for box in table.cells}
    columns = _bands(edge for box in table.cells for edge in (box[0], box[2]))
    rows = _bands(edge for box in table.cells for edge in (box[1], box[3]))
    return [
        [
            next((texts[box] for box in table.cells if box[0] <= x <= box[2] and box[1] <= y <= box[3]), "")
            for x in columns
        ]
        for y in rows
    ]


def _bands(edges: Iterable[float]) -> list[float]:
    """The middles between neighbouring edges; edges closer than three points are one."""
    distinct: list[float] = []
    for edge in sorted(edges):
        if not distinct or edge - distinct[-1] > 3:
            distinct.append(edge)
    return [(left + right) / 2 for left, right in pairwise(distinct)]


def _cell_text(box: tuple[float, float, float, float], chars: list[dict[str, Any]]) -> str:
    lines = list(_rows(chars))
    # What a full line leaves free: the padding of both sides, and less than the next character needs.
    return join_wrapped([(row.text, box[2] - box[0] - (row.x1 - row.x0) < 2.2 * row.size) for row in lines])
