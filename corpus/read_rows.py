"""Excel workbooks (xlsx) as rows of text: what stands in the cells, never what a formula once gave.

The value that a file keeps beside a formula is whatever its last writer put there, so it is not taken; the cell is
marked as doubtful, and who reads the rows decides. No link, macro, chart or hidden sheet is looked at.
"""

from __future__ import annotations

import io
import re
import warnings
from typing import Any

from openpyxl import load_workbook

from corpus.read_archive import open_archive, refuse_document_types
from corpus.read_draft import ReadError
from corpus.sheets import Sheet

_PROGRAM = "Excel"
# Characters that XML cannot hold, or would change, stand as their number between underscores (ECMA-376 part 1,
# 22.9.2.19); the underscore itself does where it would begin such a number.
_ESCAPED = re.compile(r"_x(0009|000[aA]|000[dD]|005[fF])_")
_PLAIN_FORMATS = frozenset(("General", "@", "0", "GENERAL"))


def read_rows(data: bytes) -> tuple[Sheet, ...]:
    """The visible sheets of a workbook in their order; raises ``ReadError`` for anything that is no whole one."""
    parts = open_archive(data, "Excel workbook", _PROGRAM)
    names = parts.namelist()
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        kind = "a Word document" if "word/document.xml" in names else "an archive without a workbook in it"
        raise ReadError(f"is {kind}, whatever its name says; save the sheet as xlsx")
    refuse_document_types(parts, _PROGRAM)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of extensions that are left out, and dates beyond what a date can be
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        return tuple(_sheet(sheet) for sheet in workbook.worksheets if sheet.sheet_state == "visible")


def unescaped(text: str) -> str:
    """The text of a cell with the characters that XML cannot hold."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _sheet(sheet: Any) -> Sheet:
    sheet.reset_dimensions()  # what the file says of its own size may be anything
    rows: list[tuple[int, tuple[str, ...]]] = []
    doubtful: dict[tuple[int, int], str] = {}
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            rows.append((number, tuple(texts)))
            doubtful.update(((number, at), kind) for at, cell in enumerate(cells, start=1) if (kind := _doubt(cell)))
    return Sheet(sheet.title, tuple(rows), doubtful)


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return unescaped(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value.text if cell.data_type == "f" and hasattr(value, "text") else value)


def _doubt(cell: Any) -> str:
    """How the text of a cell may differ from what a person sees there, or ""."""
    if cell.value is None:
        return ""
    if cell.data_type == "n":
        return "" if cell.number_format in _PLAIN_FORMATS else "format"
    return {"f": "formula", "d": "date", "e": "error"}.get(cell.data_type, "")
