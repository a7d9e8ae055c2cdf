"""Assignments as files for a spreadsheet. No cell of them is ever a formula (``corpus/sheets.py``)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote as percent

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from assistant.model import ROLES
from assistant.render import shown, xml_safe
from assistant.rest.shapes import ListedAssignment
from assistant.rest.sheet_xml import SheetRows, with_rows
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

Cell = str | int | float | None
_TOP = Alignment(vertical="top", wrap_text=True)
_UPRIGHT = Alignment(vertical="bottom", horizontal="center", text_rotation=255)
_SHADE = PatternFill("solid", fgColor="FFE8EDF3")
_RULED = Border(left=Side(style="medium"))


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
    book = Workbook(write_only=True)
    book.properties.description = xml_safe(about) or None
    with ExitStack() as kept:
        written: list[SheetRows] = []
        for one in sheets:
            sheet, rows = book.create_sheet(one.name), kept.enter_context(SheetRows())
            written.append(rows)
            for number, width in enumerate(one.widths, 1):
                sheet.column_dimensions[get_column_letter(number)].width = width
            if one.head:
                sheet.freeze_panes = one.still
                rows.append(map(fitting, one.head), [_style(sheet, one, at, True) for at in range(len(one.head))])
            plain = _style(sheet, one, None)
            styles = [_style(sheet, one, at) for at in range(max(one.ruled, default=-1) + 1)]
            for row in one.rows:
                rows.append(map(fitting, row), styles, plain)
            if one.head:
                sheet.auto_filter.ref = f"A1:{get_column_letter(len(one.head))}{rows.count}"
            for row in one.totals:
                rows.append(map(fitting, row), styles, plain)
        out = io.BytesIO()
        book.save(out)
        return with_rows(out.getvalue(), written)


def _style(sheet: Any, one: Sheet, column: int | None, head: bool = False) -> int:
    """The number that the workbook has for how a cell of a column looks."""
    cell = WriteOnlyCell(sheet)
    cell.alignment = _UPRIGHT if head and column is not None and column >= len(one.head) - one.turned else _TOP
    if column in one.ruled:
        cell.border = _RULED
    if head:
        cell.font = Font(bold=True)
    if head and one.shaded:
        cell.fill = _SHADE
    number: int = cell.style_id
    return number


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

    What is left out goes first, so that nothing before a formula's sign hides it.
    """
    said = _said(value)
    if not isinstance(said, str):
        return said
    return within(literal(xml_safe(said)), LONGEST_CELL)


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
