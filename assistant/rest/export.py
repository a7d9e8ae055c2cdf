"""Assignments as files for a spreadsheet. No cell of them is ever a formula (``corpus/sheets.py``)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from math import isfinite
from typing import Any
from urllib.parse import quote as percent

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from assistant.model import ROLES
from assistant.render import shown, xml_safe
from assistant.rest.shapes import ListedAssignment
from assistant.wording import within
from corpus.sheets import literal

# Column → its width in a workbook, in characters. The first ones are older than the others and keep their order.
COLUMNS: dict[str, int] = {
    "plan": 16,
    "clause": 18,
    "part": 6,
    "no": 6,
    "title": 32,
    **dict.fromkeys(ROLES, 28),
    "basis": 14,
    "deadline": 16,
    "deadline_implicit": 16,
    "corrected": 10,
    "quote": 80,
    "start": 8,
    "end": 8,
    "source": 44,
    "page": 6,
    "link": 40,
    "rule": 60,
}
LONGEST_CELL = 32_767  # characters that a cell of a workbook holds
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_LINE_END = re.compile(r"\r\n?")
Cell = str | int | float | None
# What cells look like; the names are the library's.
_TOP = {"valign": "top", "text_wrap": True}
_UPRIGHT = {"valign": "bottom", "align": "center", "rotation": 270}
_SHADE = {"bg_color": "#E8EDF3"}
_RULED = {"left": 2}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook. With a head it filters, and its head stays in sight; () for a sheet without one."""

    name: str
    head: Sequence[str]
    rows: Iterable[Iterable[object]]  # read once
    widths: Sequence[int] = ()  # of the columns, in characters
    still: str = "A2"  # the first cell that moves when one scrolls
    turned: int = 0  # columns at the end whose heads stand upright
    shaded: bool = False  # whether the head has a ground of its own
    ruled: Collection[int] = ()  # columns, from 0, with a line on their left
    totals: Iterable[Iterable[object]] = ()  # rows below the others, which no filter hides or sorts among them


def csv_file(rows: Sequence[ListedAssignment], public_url: str = "") -> bytes:
    """The rows as CSV."""
    return csv_table(COLUMNS, (_cells(row, public_url) for row in rows))


def xlsx_file(rows: Sequence[ListedAssignment], public_url: str = "") -> bytes:
    """The rows as a workbook of one sheet."""
    return xlsx_table("assignments", COLUMNS, (_cells(row, public_url) for row in rows))


def csv_table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    """A table as CSV; the byte order mark is what makes spreadsheets read it as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows(["" if cell is None else cell for cell in map(_cell, row)] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def xlsx_table(name: str, heads: Mapping[str, int], rows: Iterable[Iterable[object]], about: str = "") -> bytes:
    """A table as a workbook of one sheet.

    ``heads`` are the heads of the columns with their widths in characters; ``about`` stands in the file's properties.
    """
    return workbook([Sheet(name, list(heads), rows, list(heads.values()))], about)


def workbook(sheets: Iterable[Sheet], about: str = "") -> bytes:
    """Sheets as a workbook. No cell is a formula, and none holds what a workbook cannot."""
    out = io.BytesIO()
    # A row goes to a file of its own as soon as the next one begins, so that a long list takes no memory.
    with Workbook(out, {"constant_memory": True}) as book:
        book.set_properties({"comments": xml_safe(about)})
        for one in sheets:
            _write(book, book.add_worksheet(one.name), one)
    return out.getvalue()


def _write(book: Workbook, sheet: Worksheet, one: Sheet) -> None:
    for number, width in enumerate(one.widths):
        sheet.set_column(number, number, width)
    count = 0
    if one.head:
        sheet.freeze_panes(one.still)
        _row(sheet, count, one.head, [_look(book, one, at, True) for at in range(len(one.head))])
        count = 1
    first = [_look(book, one, at) for at in range(max(one.ruled, default=-1) + 1)]
    other = _look(book, one, None)
    for row in one.rows:
        _row(sheet, count, row, chain(first, repeat(other)))
        count += 1
    if one.head:
        sheet.autofilter(0, 0, count - 1, len(one.head) - 1)
    for row in one.totals:
        _row(sheet, count, row, chain(first, repeat(other)))
        count += 1


def _row(sheet: Worksheet, at: int, cells: Iterable[object], looks: Iterable[Format]) -> None:
    """Each kind of cell by its own function: the general one takes texts for formulas, numbers and links."""
    for column, (cell, look) in enumerate(zip(map(fitting, cells), looks, strict=False)):
        if isinstance(cell, int | float) and isfinite(cell):
            sheet.write_number(at, column, cell, look)
        elif isinstance(cell, str) and cell:
            sheet.write_string(at, column, cell, look)
        else:
            sheet.write_blank(at, column, None, look)


def _look(book: Workbook, one: Sheet, column: int | None, head: bool = False) -> Format:
    """How a cell of a column looks."""
    upright = head and column is not None and column >= len(one.head) - one.turned
    look: dict[str, Any] = {**(_UPRIGHT if upright else _TOP), "bold": head}
    if column in one.ruled:
        look |= _RULED
    if head and one.shaded:
        look |= _SHADE
    return book.add_format(look)


def _cells(row: ListedAssignment, public_url: str) -> Iterator[object]:
    cited = row.cited
    places: dict[str, object] = {
        "quote": cited.quote,
        "start": cited.start,
        "end": cited.end,
        "source": cited.source,
        "page": cited.page,
        "link": public_url + cited.link,
        "rule": cited.rule.quote if cited.rule else "",
    }
    for column in COLUMNS:
        yield places[column] if column in places else getattr(row, column)


def _cell(value: object) -> Cell:
    """A number as it is; anything else as text, which a spreadsheet never takes for a formula."""
    said = _said(value)
    return literal(said) if isinstance(said, str) else said


def _said(value: object) -> Cell:
    if isinstance(value, bool):
        return "1" if value else ""
    if value is None or isinstance(value, int | float):
        return value
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def fitting(value: object) -> Cell:
    """What a cell of a workbook can hold: no formula, no control characters, and a longer text cut with a sign of it.

    What is left out goes first, so that nothing before a formula's sign hides it. Its lines end as those of a workbook.
    """
    said = _said(value)
    if not isinstance(said, str):
        return said
    return within(literal(_LINE_END.sub("\n", xml_safe(said))), LONGEST_CELL)


def attachment(plans: Collection[str] | None, ending: str, called: str = "assignments") -> str:
    """The Content-Disposition of a file, named by the plan where it is about one alone."""
    one = f"-{next(iter(plans))}" if plans is not None and len(plans) == 1 else ""
    return saved_as(f"{called}{one}", ending, f"assignments{one}")


def saved_as(name: str, ending: str, plain: str) -> str:
    """The Content-Disposition of a file to be saved under a name (RFC 6266).

    Whoever cannot read it gets the ASCII of ``plain``, which says as much.
    """
    ascii_name = _file_name(plain, ending).encode("ascii", "ignore").decode()
    whole = percent(_file_name(name, ending), safe="")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{whole}"


def _file_name(said: str, ending: str) -> str:
    return re.sub(r"[^\w.()-]+", "_", shown(said))[:80] + f".{ending}"
