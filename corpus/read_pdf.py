"""PDF files with a text layer: paragraphs put together again, tables as rows, page furniture dropped.

A PDF knows characters and places, no paragraphs. In order, for each page: take the characters that a reader
sees; cut out the tables (by their ruling lines); cluster the rest into lines. Then over all pages: drop page numbers
and the lines that come back at the top or bottom; join a line to the next where it fills the text block's width
and the next does not begin something new.
"""

from __future__ import annotations

import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

import pdfplumber
from pdfminer.pdfdocument import PDFPasswordIncorrect
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils import chars_to_textmap
from pdfplumber.utils.exceptions import PdfminerException

from corpus.read_draft import Draft, Line, ReadError
from corpus.read_text import commonness
from corpus.tables import join_wrapped, pipe_lines

MAX_PAGES = 2_000
MAX_GLYPHS = 3_000_000
_MARGIN_SHARE = 0.12  # the top and bottom part of a page in which running heads and page numbers stand
_EDGE_LINES = 2  # running heads have at most so many lines
_REPEATED_SHARE = 0.3  # of the pages: heads differ between odd and even pages and miss on the first
_MIN_SIZE = 1.0  # points: smaller than any print
_SLACK = 1.6  # widths of a character that a full line may lack: a mark must not begin the next line
_OPEN_SLACK = 3.5  # the same where the line ends in mid-sentence: a long number or Latin word is not broken
_INDENTED_SHARE = 0.15  # of lines that begin one to three characters in: the first lines of paragraphs
_MAX_LEADING = 2.2  # times the size of print: lines further apart are no paragraph, however few there are
_LEAST_WIDTH = 0.6  # of the page: a text block reaches so far, though the few lines of a short text may not
_WIDE_GAP = 1.7  # times the usual distance of lines: a new paragraph
_COMMON_SHARE = 0.5  # of everyday characters: a font with a wrong table gives rare ones throughout
_TELLING = 20  # characters from which such a share says anything
_UNREADABLE_SHARE = 0.05  # of glyphs whose font does not say which character they are

_PAGE_NUMBER = re.compile(
    r"^[-—–―－·~\s]{0,6}(?:第\s{0,2})?\d{1,4}(?:\s{0,2}页)?(?:\s{0,2}[/，,]?\s{0,2}共?\s{0,2}\d{1,4}\s{0,2}页?)?[-—–―－·~\s]{0,6}$"
)
_DIGITS = re.compile(r"\d+")
_GLYPH = re.compile(r"\(cid:\d{1,6}\)")
_ENDS = re.compile(r"[。；;：:！!？?）)】」”．.]$")
_HANGS = re.compile(r"[，。、；：！？）】》」”,.;:!?)]$")
_BEGINS = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、．.]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,3}[.．、](?!\d)|[①-⑳]"
    r"|第[一二三四五六七八九十百\d]{1,5}[章节条]|附件|附[：:]|[—－-]{2})"
)
_WHITE = ((1,), (1, 1, 1), (0, 0, 0, 0), 1)


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of print, in points from the top left; or a table row, which is never joined to anything."""

    text: str
    page: int
    x0: float = 0.0
    x1: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    size: float = 0.0
    table: bool = False


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page as rows, and its size; ``number`` from 1."""

    number: int
    width: float
    height: float
    rows: tuple[_Row, ...]
    scanned: bool  # no characters, but a picture over much of the page


def read_pdf(data: bytes) -> Draft:
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
        if len(pdf.pages) > MAX_PAGES:
            raise ReadError(f"has more than {MAX_PAGES:,} pages; split it")
        sheets: list[_Sheet] = []
        glyphs = unreadable = 0
        for number, page in enumerate(pdf.pages, 1):
            glyphs += len(page.chars)
            unreadable += sum(1 for char in page.chars if _GLYPH.match(char["text"]))
            if glyphs > MAX_GLYPHS:
                raise ReadError("holds more text than a plan can; split it")
            sheets.append(_sheet(page, number))
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
    lines = _paragraphs(_without_heads(sheets))
    squeezed = "".join(line.text for line in lines[:20]).replace("\n", "").replace(" ", "")
    # Most titles in the file's data are a template's or a file name: only what the page itself shows is one.
    title = wanted.strip() if wanted.strip() and wanted.replace(" ", "") in squeezed else ""
    return Draft(tuple(lines), title)


def _sheet(page: Any, number: int) -> _Sheet:
    picture = any(image["width"] * image["height"] > 0.4 * page.width * page.height for image in page.images)
    scanned = picture and not page.chars
    seen = page.dedupe_chars(tolerance=1).filter(_Visible(page))
    rows: list[_Row] = []
    boxes: list[tuple[float, float, float, float]] = []
    for table in seen.find_tables():
        grid = _grid(table, seen.chars)
        if max(map(len, grid), default=0) < 2:  # a frame round text: its lines are read as text
            continue
        boxes.append(table.bbox)
        top, bottom = table.bbox[1], table.bbox[3]
        lines = pipe_lines(grid)
        step = (bottom - top) / max(len(lines), 1)
        rows += [_Row(text, number, top=top + n * step, bottom=bottom, table=True) for n, text in enumerate(lines)]
    rest = [char for char in seen.chars if not any(_inside(char, box) for box in boxes)]
    rows += [replace(row, page=number) for row in _rows(rest)]
    rows.sort(key=lambda row: row.top)
    return _Sheet(number, float(page.width), float(page.height), tuple(rows), scanned)


class _Visible:
    """Whether a reader sees an object of a page: of print size, on the page, upright, not white on nothing."""

    def __init__(self, page: Any) -> None:
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
        if item["size"] < _MIN_SIZE or _is_level(item) is not self._level or not _inside(item, self._box):
            return False
        return not _is_white(item["non_stroking_color"]) or any(
            _inside(item, (dark["x0"], dark["top"], dark["x1"], dark["bottom"])) for dark in self._dark
        )


def _is_level(char: dict[str, Any]) -> bool:
    along, across = char["matrix"][:2]  # where the direction of reading points to, right and up
    return bool(abs(across) < 0.1 * abs(along))


def _is_white(colour: Any) -> bool:
    return (tuple(colour) if isinstance(colour, list | tuple) else colour) in _WHITE


def _inside(item: dict[str, Any], box: tuple[float, float, float, float]) -> bool:
    x, y = (item["x0"] + item["x1"]) / 2, (item["top"] + item["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _rows(chars: list[dict[str, Any]]) -> Iterable[_Row]:
    """Characters clustered into lines; a gap of half a character is a space."""
    if not chars:
        return
    for line in chars_to_textmap(chars, x_tolerance_ratio=0.5).extract_text_lines(strip=True, return_chars=True):
        text = _GLYPH.sub("\ufffd", line["text"]).strip()
        if text:
            size = median(char["size"] for char in line["chars"])
            yield _Row(text, 0, line["x0"], line["x1"], line["top"], line["bottom"], size)


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


def _without_heads(sheets: list[_Sheet]) -> list[_Sheet]:
    """Without page numbers, and without lines that come back in the same place of the margin on many pages."""
    seen: Counter[tuple[str, int]] = Counter()
    for sheet in sheets:
        seen.update({_place(sheet, row) for row in _edges(sheet)})
    least = max(2.0, _REPEATED_SHARE * len(sheets))
    kept = []
    for sheet in sheets:
        heads = {id(row) for row in _edges(sheet) if _PAGE_NUMBER.match(row.text) or seen[_place(sheet, row)] >= least}
        kept.append(replace(sheet, rows=tuple(row for row in sheet.rows if id(row) not in heads)))
    return kept


def _edges(sheet: _Sheet) -> list[_Row]:
    """The first and last lines of a page that stand in its margins."""
    upper, lower = _MARGIN_SHARE * sheet.height, (1 - _MARGIN_SHARE) * sheet.height
    first = [row for row in sheet.rows[:_EDGE_LINES] if row.bottom <= upper]
    last = [row for row in sheet.rows[-_EDGE_LINES:] if row.top >= lower and row not in first]
    # What is numbered as a clause is no running head, even where two pages begin with much the same clause.
    return [
        row for row in first + last if not row.table and (_PAGE_NUMBER.match(row.text) or not _BEGINS.match(row.text))
    ]


def _place(sheet: _Sheet, row: _Row) -> tuple[str, int]:
    return _DIGITS.sub("#", row.text).replace(" ", ""), round(row.top / 6)


def _paragraphs(sheets: list[_Sheet]) -> list[Line]:
    margins = _margins(sheets)
    steps = [
        below.top - row.top
        for sheet in sheets
        for row, below in pairwise(sheet.rows)
        if not row.table and not below.table and below.top > row.top
    ]
    sizes = [row.size for sheet in sheets for row in sheet.rows if not row.table]
    step = min(median(steps), _MAX_LEADING * median(sizes)) if steps and sizes else 0.0
    lines: list[Line] = []
    begun: list[int] = []  # pages whose first line is still to come: a page may be blank
    before: _Row | None = None
    continued = False
    for sheet in sheets:
        begun.append(sheet.number)
        for row in sheet.rows:
            if row.table and begun and before is not None and before.table and _repeats_header(lines, row):
                continue  # a table that goes on repeats its head on each page
            if before is not None and _runs_on(before, row, margins, sheets, step, continued):
                last = lines.pop()
                seam = " " if last.text[-1:].isascii() and row.text[:1].isascii() and last.text[-1].isalpha() else ""
                text, pages, continued = last.text + seam, last.pages, True
            else:
                text, pages, continued = "", (), False
            lines.append(Line(text + row.text, 0, (*pages, *((len(text), number) for number in begun))))
            begun.clear()
            before = row
    return lines


def _repeats_header(lines: list[Line], row: _Row) -> bool:
    """Whether a row is the first row of the table that the lines end with."""
    first = ""
    for line in reversed(lines):
        if not line.text.startswith("| "):
            break
        first = line.text
    return first == row.text


_Form = tuple[int, int, int]  # width, height, odd or even


@dataclass(frozen=True, slots=True)
class _Margin:
    """The text block of pages of one form."""

    left: float
    right: float
    indents: bool  # whether paragraphs begin with an indent


def _margins(sheets: list[_Sheet]) -> dict[_Form, _Margin]:
    """The text block for each page size, odd and even pages apart.

    The right edge is one that at least two lines reach: a single longer line is no margin, and neither are marks,
    which may hang over it.
    """
    found: dict[_Form, list[_Row]] = defaultdict(list)
    for sheet in sheets:
        for parity in (0, 1) if len(sheets) < 6 else (sheet.number % 2,):
            found[_form(sheet, parity)] += [row for row in sheet.rows if not row.table]
    margins = {}
    for form, rows in found.items():
        if not rows:
            continue
        ends = sorted((row.x1 - (row.size if _HANGS.search(row.text) else 0) for row in rows), reverse=True)
        close = [end for end, next_end in pairwise(ends) if end - next_end < median(r.size for r in rows)]
        left = min(row.x0 for row in rows)
        indented = sum(1 for row in rows if row.size < row.x0 - left < 3 * row.size)
        margins[form] = _Margin(
            left, max(close[0] if close else ends[0], _LEAST_WIDTH * form[0]), indented > _INDENTED_SHARE * len(rows)
        )
    return margins


def _form(sheet: _Sheet, parity: int | None = None) -> _Form:
    return round(sheet.width), round(sheet.height), sheet.number % 2 if parity is None else parity


def _runs_on(
    row: _Row,
    below: _Row,
    margins: dict[_Form, _Margin],
    sheets: list[_Sheet],
    step: float,
    continued: bool,
) -> bool:
    """Whether a line of print goes on in the next one; ``continued`` if it goes on from the one before."""
    if row.table or below.table or abs(row.size - below.size) > 0.15 * row.size:
        return False
    right = margins[_form(sheets[row.page - 1])].right
    ended = bool(_ENDS.search(row.text))
    begins = bool(_BEGINS.match(below.text))
    below_margin = margins[_form(sheets[below.page - 1])]
    indented = below.x0 > below_margin.left + 0.8 * below.size
    # Where paragraphs begin with an indent, a line at the margin goes on with the one before.
    goes_on = below_margin.indents and not (indented or ended or begins)
    if row.x1 < right - (_OPEN_SLACK if goes_on else _SLACK) * row.size:
        return False
    if row.page == below.page and below.top - row.top > _WIDE_GAP * step:
        return False
    if indented:  # under an indent goes on only what hangs: further in than its first line, or like its second
        hangs = below.x0 > row.x0 + 0.3 * below.size or (continued and abs(below.x0 - row.x0) < 0.3 * below.size)
        return hangs and not (ended or begins)
    return goes_on or not begins
