"""Assignments as files for a spreadsheet. No cell of them is ever a formula (``corpus/sheets.py``)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote as percent

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from assistant.model import ROLES
from assistant.render import shown
from assistant.rest.shapes import ListedAssignment
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

Cell = str | int | None


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
    """A table as a workbook of one sheet, written row by row; its head stays in sight and filters.

    ``heads`` are the heads of the columns with their widths in characters; ``about`` stands in the file's properties.
    """
    book = Workbook(write_only=True)
    book.properties.description = about or None
    sheet = book.create_sheet(name)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(heads.values(), 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    head = [WriteOnlyCell(sheet, value=title) for title in heads]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    top = Alignment(vertical="top", wrap_text=True)
    written = 1
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=fitting(_cell(value))) for value in row]
        for cell in cells:
            cell.alignment = top
            if isinstance(cell.value, str):
                cell.data_type = "s"  # whatever the library would make of it
        sheet.append(cells)
        written += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{written}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


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
    if isinstance(value, bool):
        return "1" if value else ""
    if value is None or isinstance(value, int):
        return value
    return literal("、".join(map(str, value)) if isinstance(value, list) else str(value))


def fitting(value: Cell) -> Cell:
    """What a cell of a workbook can hold: no control characters, and a longer text cut with a sign of it."""
    if not isinstance(value, str):
        return value
    text = str(ILLEGAL_CHARACTERS_RE.sub("", value))
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def attachment(plans: Collection[str] | None, ending: str, called: str = "assignments") -> str:
    """The Content-Disposition of a file, named by the plan where it is about one alone (RFC 6266)."""
    one = f"-{next(iter(plans))}" if plans is not None and len(plans) == 1 else ""
    # Whoever cannot read the name proper gets one in ASCII that says as much.
    plain = _file_name(f"assignments{one}", ending).encode("ascii", "ignore").decode()
    name = percent(_file_name(f"{called}{one}", ending), safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"


def _file_name(said: str, ending: str) -> str:
    return re.sub(r"[^\w.()-]+", "_", shown(said))[:80] + f".{ending}"
