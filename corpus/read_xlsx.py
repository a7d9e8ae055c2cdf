"""Plans that are workbooks (任务分解表): titles and notes as text, tables as ``| a | b |`` lines, sheet by sheet.

Two passes over a sheet. The first, over its XML alone, finds what openpyxl's lean mode leaves out: merged cells, hidden
rows and columns, formulas without a value. The second reads the cells as a person sees them. A formula counts by
the value that its last writer kept; nothing is computed, and no link, macro, chart or picture is looked at.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from corpus.read_archive import open_archive, refuse_document_types
from corpus.read_cells import format_of, shown
from corpus.read_draft import DEFAULT_LIMITS, Draft, Limits, Line, ReadError
from corpus.read_rows import unescaped
from corpus.tables import MAX_CELLS, MAX_COLUMNS, join_cell, pipe_line
from corpus.task_tables import is_head

_PROGRAM = "Excel"
_MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
_FILLED_IN = re.compile(r"[\u4e00-\u9fff（）() ]{2,8}[：:]")
_LAST_ROW = 1_048_576
_TRUE = ("1", "true", "on")


@dataclass(slots=True)
class _Layout:
    """What a sheet's XML says besides its cells; rows and columns count from 1."""

    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # first column, row, last column, row
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # from, to
    without_value: list[str] = field(default_factory=list)  # cells with a formula whose value nobody kept


@dataclass(slots=True)
class _Row:
    """A visible row: its cells, and for each the place that its text was written in (merged cells have one)."""

    cells: list[str]
    places: list[tuple[int, int] | None]

    @property
    def written(self) -> set[tuple[int, int]]:
        return {place for place, text in zip(self.places, self.cells, strict=True) if place and text}


def read_xlsx(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """The text of a workbook's visible sheets; raises ``ReadError`` for anything that is no whole, plain workbook."""
    parts = open_archive(data, "Excel workbook", _PROGRAM)
    refuse_document_types(parts, _PROGRAM)
    notes: list[str] = []
    lines: list[Line] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions that are left out, and dates beyond what a date can be
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = []
        for sheet in book.worksheets:
            if sheet.sheet_state != "visible":
                notes.append(f"sheet “{sheet.title}” is hidden and was not read")
            elif rows := _rows(sheet, _layout(parts, sheet), book.epoch, notes, limits):
                sheets.append((sheet.title, rows))
    for title, rows in sheets:
        if len(sheets) > 1:
            lines.append(Line(title, 1))
        lines += [Line(text) for text in _lines(rows)]
    if len(lines) > limits.paragraphs:
        raise ReadError(f"has more than {limits.paragraphs:,} rows; split it")
    titles = [line.text for line in lines if not line.heading and not line.text.startswith("|")]
    return Draft(tuple(lines), titles[0] if titles else "", notes=tuple(notes))


def _layout(parts: zipfile.ZipFile, sheet: Any) -> _Layout:
    layout = _Layout()
    tags = [f"{{{space}}}{name}" for space in _MAIN for name in ("mergeCell", "row", "col", "c")]
    with parts.open(sheet._worksheet_path) as part:  # openpyxl offers no other way to a sheet's own part
        for _, element in etree.iterparse(part, tag=tags, resolve_entities=False, no_network=True, huge_tree=False):
            kind = etree.QName(element).localname
            hidden = element.get("hidden") in _TRUE
            if kind == "mergeCell":
                layout.merged.append(_range(element.get("ref", "")))
            elif kind == "col" and hidden:
                layout.hidden_columns.append((int(element.get("min", "0")), int(element.get("max", "0"))))
            elif kind == "row":
                number = int(element.get("r", "0"))
                if number > _LAST_ROW:
                    raise ReadError("is damaged: a row lies beyond the last that there can be; save it anew from Excel")
                if hidden:
                    layout.hidden_rows.add(number)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
            elif kind == "c":
                found = {etree.QName(child).localname: child.text for child in element if isinstance(child.tag, str)}
                if "f" in found and not found.get("v"):
                    layout.without_value.append(element.get("r", "?"))
    return layout


def _range(reference: str) -> tuple[int, int, int, int]:
    first, top, last, bottom = range_boundaries(reference)
    if None in (first, top, last, bottom):
        raise ReadError(f"is damaged: it merges the cells {reference!r}; save it anew from Excel")
    return first, top, last, bottom


def _rows(sheet: Any, layout: _Layout, epoch: Any, notes: list[str], limits: Limits) -> list[_Row]:
    """The rows that a person sees, merged cells filled, without rows and columns that are empty throughout."""
    written: dict[int, dict[int, str]] = {}
    cells = 0
    sheet.reset_dimensions()  # what the file says of its own size may be anything
    for number, row in enumerate(sheet.iter_rows(), start=1):
        texts = {cell.column: text for cell in row if cell.value is not None and (text := _text(cell, epoch))}
        if texts:
            written[number] = texts
            cells += len(texts)
        if cells > MAX_CELLS or len(written) > limits.paragraphs:
            raise ReadError(f"has a sheet of more than {min(MAX_CELLS, limits.paragraphs):,} rows or cells; split it")
    if not written:
        return []
    places = _filled(written, layout)
    unseen = {column for first, last in layout.hidden_columns for column in range(first, min(last, 16_384) + 1)}
    _tell(sheet.title, layout, places, unseen, notes)
    visible = {
        number: {column: place for column, place in row.items() if column not in unseen}
        for number, row in places.items()
        if number not in layout.hidden_rows
    }
    columns = sorted({column for row in visible.values() for column in row})
    if len(columns) > MAX_COLUMNS:
        raise ReadError(f"has a sheet of more than {MAX_COLUMNS} columns; split it")
    found = []
    for number in range(min(visible, default=1), max(visible, default=0) + 1):
        row = visible.get(number, {})
        sources = [row.get(column) for column in columns]
        found.append(_Row([written[at[0]][at[1]] if at else "" for at in sources], sources))
    return found


def _filled(written: dict[int, dict[int, str]], layout: _Layout) -> dict[int, dict[int, tuple[int, int]]]:
    """For each cell that shows a text, the (row, column) in which it is written; merges end with the sheet's text."""
    places = {number: {column: (number, column) for column in row} for number, row in written.items()}
    last_row, last_column = max(written), max(max(row) for row in written.values())
    cells = 0
    for first, top, last, bottom in layout.merged:
        if first not in written.get(top, {}):
            continue
        # The text of a merge over whole columns stands where there is anything beside it.
        for row in range(top, min(bottom, last_row) + 1):
            for column in range(first, min(last, last_column) + 1):
                places.setdefault(row, {})[column] = (top, first)
                cells += 1
        if cells > MAX_CELLS:
            raise ReadError(f"merges more than {MAX_CELLS:,} cells; split it")
    return places


def _tell(
    title: str, layout: _Layout, places: dict[int, dict[int, tuple[int, int]]], unseen: set[int], notes: list[str]
) -> None:
    """What a person does not see and is not read, where there is any text in it."""
    used = {column for row in places.values() for column in row}
    rows = sorted(layout.hidden_rows & places.keys())
    columns = sorted(unseen & used)
    if rows:
        notes.append(f"sheet “{title}”: hidden rows were not read: {_series(rows, str)}")
    if columns:
        notes.append(f"sheet “{title}”: hidden columns were not read: {_series(columns, get_column_letter)}")
    if layout.without_value:
        some = ", ".join(layout.without_value[:10]) + (" …" if len(layout.without_value) > 10 else "")
        notes.append(f"sheet “{title}”: formulas without a value are read as empty; save it from Excel: {some}")


def _series(numbers: Sequence[int], name: Any) -> str:
    """Numbers in order as "2, 5–7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = [name(first) if first == last else f"{name(first)}–{name(last)}" for first, last in runs]
    return ", ".join(told[:20]) + (" …" if len(told) > 20 else "")


def _text(cell: Any, epoch: Any) -> str:
    text = shown(cell.value, format_of(cell.style_array.numFmtId, cell.number_format), epoch)
    return join_cell(re.split(r"[\r\n]+", unescaped(text)))


# -- rows → lines ----------------------------------------------------------------------------------------------------


def _lines(rows: Sequence[_Row]) -> Iterator[str]:
    """A line for each row: text where it holds one thing, else the cells between "|".

    A table begins with the row that names its columns; what stands above it on the sheet (who filled it in, when) is
    text. One thing in the midst of a table names the part that begins there, and stands in every column, as a cell
    over all of them does in a document.
    """
    rows = [row for row in rows if row.written]
    heads = _heads(rows)
    below = [False] * len(rows)  # whether rows of the same table follow
    for number in range(len(rows) - 2, -1, -1):
        below[number] = number + 1 not in heads and (not _is_loose(rows[number + 1]) or below[number + 1])
    begun = not heads  # a sheet without such a row is a table all through
    for number, row in enumerate(rows):
        begun = begun or number in heads
        within = begun and bool(heads) and below[number]
        if number not in heads and within and _one_thing(row):
            yield pipe_line([text for text in row.cells if text][:1] * len(row.cells))
        elif number in heads or within or (begun and not _is_loose(row)):
            yield pipe_line(row.cells)
        else:
            yield "  ".join(dict.fromkeys(text for text in row.cells if text))


def _heads(rows: Sequence[_Row]) -> set[int]:
    """The rows that name columns; of two that hang together by merged cells, both."""
    heads: set[int] = set()
    for number, row in enumerate(rows):
        if is_head(row.cells):
            heads.add(number)
            if number and not _one_thing(rows[number - 1]) and rows[number - 1].written & row.written:
                heads.add(number - 1)
    return heads


def _is_loose(row: _Row) -> bool:
    """Whether a row can stand outside a table: it holds one thing, or says who filled the sheet in (填表人：…)."""
    return _one_thing(row) or all(_FILLED_IN.match(text) for text in row.cells if text)


def _one_thing(row: _Row) -> bool:
    """Whether a row holds one thing: over several columns, or in the first."""
    if len(row.written) != 1:
        return False
    filled = [at for at, text in enumerate(row.cells) if text]
    return len(filled) > 1 or filled[0] == 0
