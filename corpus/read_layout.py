"""Lines of print → paragraphs: what a page shows, put together again as its author wrote it.

Over all pages: drop page numbers and the lines that come back at the top or bottom; then join a line to the next
where it fills the width of the text and the next does not begin something new. Nothing in here knows of PDF.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from corpus.read_draft import Line

_MARGIN_SHARE = 0.12  # the top and bottom part of a page in which running heads and page numbers stand
_EDGE_LINES = 2  # running heads have at most so many lines
_REPEATED_SHARE = 0.3  # of the pages: heads differ between odd and even pages and miss on the first
_SLACK = 1.6  # widths of a character that a full line may lack: a mark must not begin the next line
_OPEN_SLACK = 3.5  # the same where the line ends in mid-sentence: a long number or Latin word is not broken
_INDENTED_SHARE = 0.15  # of lines that begin one to three characters in: the first lines of paragraphs
_MAX_LEADING = 2.2  # times the size of print: lines further apart are no paragraph, however few there are
_LEAST_WIDTH = 0.6  # of the page: a text block reaches so far, though the few lines of a short text may not
_WIDE_GAP = 1.7  # times the usual distance of lines: a new paragraph
_APART = 1.3  # times the usual distance of lines: what stands so far from the text does not belong to it

_BESIDE = 0.5  # of a character: rows whose tops are closer stand side by side

_PAGE_NUMBER = re.compile(
    r"^[-—–―－·~\s]{0,6}(?:第\s{0,2})?\d{1,4}(?:\s{0,2}页)?(?:\s{0,2}[/，,]?\s{0,2}共?\s{0,2}\d{1,4}\s{0,2}页?)?[-—–―－·~\s]{0,6}$"
)
_DIGITS = re.compile(r"\d+")
_ENDS = re.compile(r"[。；;：:！!？?）)】」”．.]$")
_HANGS = re.compile(r"[，。、；：！？）】》」”,.;:!?)]$")
_BEGINS = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、．.]|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,3}[.．、](?!\d)|[①-⑳]"
    r"|第[一二三四五六七八九十百\d]{1,5}[章节条]|附件|附[：:]|[—－-]{2})"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of print, in points from the top left; or a table row, which is never joined to anything."""

    text: str
    page: int
    x0: float = 0.0
    x1: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    size: float = 0.0
    table: bool = False
    column: int = 0  # 1 on the left, 2 on the right; 0 over the whole page


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as rows in reading order, and its size; ``number`` from 1."""

    number: int
    width: float
    height: float
    rows: tuple[Row, ...]
    scanned: bool  # no characters, but a picture over much of the page


def paragraphs(sheets: list[Sheet]) -> list[Line]:
    """The paragraphs and table rows of a document, with the places where its pages begin."""
    step = _usual_step(sheets)
    return _joined(_without_heads(sheets, step), step)


def _usual_step(sheets: list[Sheet]) -> float:
    """From the top of one line to that of the next, in points, within a paragraph."""
    steps = [
        below.top - row.top
        for sheet in sheets
        for row, below in pairwise(sheet.rows)
        if not row.table and not below.table and below.top > row.top
    ]
    sizes = [row.size for sheet in sheets for row in sheet.rows if not row.table]
    return min(median(steps), _MAX_LEADING * median(sizes)) if steps and sizes else 0.0


def _without_heads(sheets: list[Sheet], step: float) -> list[Sheet]:
    """Without page numbers, and without lines that come back in the same place of the margin on many pages."""
    sizes = [row.size for sheet in sheets for row in sheet.rows if not row.table]
    size = median(sizes) if sizes else 0.0
    heads = [[row for row in _edges(sheet, step, size) if not _BEGINS.match(row.text)] for sheet in sheets]
    seen = Counter(place for rows in heads for place in {_place(row) for row in rows})
    least = max(2.0, _REPEATED_SHARE * len(sheets))
    kept = []
    for sheet, rows in zip(sheets, heads, strict=True):
        gone = {id(row) for row in rows if seen[_place(row)] >= least}
        gone |= {id(row) for row in _edges(sheet, 0.0, size) if _PAGE_NUMBER.match(row.text)}
        kept.append(replace(sheet, rows=tuple(row for row in sheet.rows if id(row) not in gone)))
    return kept


def _edges(sheet: Sheet, step: float, size: float) -> list[Row]:
    """The first and last lines of a page that stand in its margins, apart from the text or in another size.

    ``step`` and ``size`` are the usual ones of the document. Lines that stand in the text's own distance are text,
    even where two pages begin with the same words. Rows side by side are one line.
    """
    upper, lower = _MARGIN_SHARE * sheet.height, (1 - _MARGIN_SHARE) * sheet.height
    lines: list[list[Row]] = []
    for row in sorted(sheet.rows, key=lambda row: row.top):
        beside = lines and not row.table and not lines[-1][-1].table and row.top - lines[-1][0].top < _BESIDE * row.size
        if beside:
            lines[-1].append(row)
        else:
            lines.append([row])
    first = [line for line in lines[:_EDGE_LINES] if all(row.bottom <= upper and not row.table for row in line)]
    last = [
        line
        for line in lines[-_EDGE_LINES:]
        if line not in first and all(row.top >= lower and not row.table for row in line)
    ]
    inner = [line for line in lines if line not in first and line not in last]
    found: list[Row] = []
    for n, line in enumerate(first):
        found += [row for row in line if not inner or _is_apart(row, inner[0][0], len(first) - n, step, size)]
    for n, line in enumerate(last):
        found += [row for row in line if not inner or _is_apart(row, inner[-1][0], n + 1, step, size)]
    return found


def _is_apart(row: Row, text: Row, lines: int, step: float, size: float) -> bool:
    """Whether a line, so many lines from the nearest line of text, stands apart from it or is of another size.

    A table has no one size of print: beside it, the usual size of the document counts.
    """
    size = size if text.table else text.size
    other = abs(row.size - size) > 0.05 * size
    return other or abs(text.top - row.top) > _APART * lines * step


def _place(row: Row) -> tuple[str, int]:
    return _DIGITS.sub("#", row.text).replace(" ", ""), round(row.top / 6)


def _joined(sheets: list[Sheet], step: float) -> list[Line]:
    margins = _margins(sheets)
    lines: list[Line] = []
    begun: list[int] = []  # pages whose first line is still to come: a page may be blank
    before: Row | None = None
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


def _repeats_header(lines: list[Line], row: Row) -> bool:
    """Whether a row is the first row of the table that the lines end with."""
    first = ""
    for line in reversed(lines):
        if not line.text.startswith("| "):
            break
        first = line.text
    return first == row.text


_Form = tuple[int, int, int, int]  # width, height, odd or even, column


@dataclass(frozen=True, slots=True)
class _Margin:
    """The text block of pages of one form, or one of its columns."""

    left: float
    right: float
    indents: bool  # whether paragraphs begin with an indent


def _margins(sheets: list[Sheet]) -> dict[_Form, _Margin]:
    """The text block for each page size and column, odd and even pages apart.

    The right edge is one that at least two lines reach: a single longer line is no margin, and neither are marks,
    which may hang over it.
    """
    found: dict[_Form, list[Row]] = defaultdict(list)
    for sheet in sheets:
        for parity in (0, 1) if len(sheets) < 6 else (sheet.number % 2,):
            for row in sheet.rows:
                if not row.table:
                    found[_form(sheet, row, parity)].append(row)
    margins = {}
    for form, rows in found.items():
        ends = sorted((row.x1 - (row.size if _HANGS.search(row.text) else 0) for row in rows), reverse=True)
        close = [end for end, next_end in pairwise(ends) if end - next_end < median(r.size for r in rows)]
        left = min(row.x0 for row in rows)
        indented = sum(1 for row in rows if row.size < row.x0 - left < 3 * row.size)
        least = 0.0 if form[3] else _LEAST_WIDTH * form[0]
        right = max(close[0] if close else ends[0], least)
        margins[form] = _Margin(left, right, indented > _INDENTED_SHARE * len(rows))
    return margins


def _form(sheet: Sheet, row: Row, parity: int | None = None) -> _Form:
    return round(sheet.width), round(sheet.height), sheet.number % 2 if parity is None else parity, row.column


def _runs_on(
    row: Row,
    below: Row,
    margins: dict[_Form, _Margin],
    sheets: list[Sheet],
    step: float,
    continued: bool,
) -> bool:
    """Whether a line of print goes on in the next one; ``continued`` if it goes on from the one before."""
    if row.table or below.table or abs(row.size - below.size) > 0.15 * row.size:
        return False
    if bool(row.column) is not bool(below.column):  # the setting does not change within a paragraph
        return False
    right = margins[_form(sheets[row.page - 1], row)].right
    ended = bool(_ENDS.search(row.text))
    begins = bool(_BEGINS.match(below.text))
    below_margin = margins[_form(sheets[below.page - 1], below)]
    indented = below.x0 > below_margin.left + 0.8 * below.size
    # Where paragraphs begin with an indent, a line at the margin goes on with the one before.
    goes_on = below_margin.indents and not (indented or ended or begins)
    if row.x1 < right - (_OPEN_SLACK if goes_on else _SLACK) * row.size:
        return False
    if (row.page, row.column) == (below.page, below.column) and below.top - row.top > _WIDE_GAP * step:
        return False
    if indented:  # under an indent goes on only what hangs: further in than its first line, or like its second
        hangs = below.x0 > row.x0 + 0.3 * below.size or (continued and abs(below.x0 - row.x0) < 0.3 * below.size)
        return hangs and not (ended or begins)
    return goes_on or not begins
