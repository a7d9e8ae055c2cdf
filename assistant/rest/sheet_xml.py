"""The rows of a workbook, written as such files hold them (ECMA-376, part 1, 18.3.1), into a workbook without any.

The library that makes the workbook makes an object for each cell and three elements of each text: of 20,000 rows that
are five seconds, in which everybody else waits for half of every moment. Rows need nothing of it but the numbers of
its styles.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, repeat
from math import isfinite
from types import TracebackType
from typing import IO
from xml.sax.saxutils import escape

_EMPTY = re.compile(rb"<sheetData\s*(?:/>|>\s*</sheetData>)")
_RETURN = {"\r": "&#13;"}  # written as it is, it would be read as the end of a line


class SheetRows:
    """Rows of one sheet, in a file without a name until all are there. A context: it ends with the file."""

    def __init__(self) -> None:
        self.count = 0
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> SheetRows:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def append(self, cells: Iterable[str | int | float | None], styles: Sequence[int], other: int = 0) -> None:
        """A further row. ``styles`` are those of its first cells, ``other`` that of the rest.

        A text has to be one that XML can hold; it stays text, whatever it begins with.
        """
        self.count += 1
        row = [f'<row r="{self.count}">']
        for column, (cell, style) in enumerate(zip(cells, chain(styles, repeat(other)), strict=False), 1):
            row.append(f'<c r="{_letter(column)}{self.count}" s="{style}"{_content(cell)}')
        row.append("</row>")
        self._file.write("".join(row).encode())

    def into(self, target: IO[bytes]) -> None:
        """Write all rows into ``target``."""
        self._file.seek(0)
        shutil.copyfileobj(self._file, target, 1 << 20)


def with_rows(workbook: bytes, sheets: Sequence[SheetRows]) -> bytes:
    """A workbook whose sheets have no rows, with the rows of each. Raises ``ValueError`` where a sheet has some."""
    made = io.BytesIO()
    by_name = {f"xl/worksheets/sheet{number}.xml": rows for number, rows in enumerate(sheets, 1)}
    with zipfile.ZipFile(io.BytesIO(workbook)) as given, zipfile.ZipFile(made, "w") as book:
        for one in given.infolist():
            part = zipfile.ZipInfo(one.filename, one.date_time)
            part.compress_type = zipfile.ZIP_DEFLATED
            content, rows = given.read(one), by_name.pop(one.filename, None)
            if rows is None:
                book.writestr(part, content)
                continue
            before, *after = _EMPTY.split(content)
            if len(after) != 1:
                raise ValueError(f"{one.filename} has no place for rows")
            with book.open(part, "w") as sheet:
                sheet.write(before + b"<sheetData>")
                rows.into(sheet)
                sheet.write(b"</sheetData>" + after[0])
    if by_name:
        raise ValueError(f"the workbook lacks {', '.join(by_name)}")
    return made.getvalue()


def _content(cell: str | int | float | None) -> str:
    """The end of a cell's tag, with what it holds."""
    if isinstance(cell, str):
        if not cell:
            return ' t="inlineStr"/>'
        kept = ' xml:space="preserve"' if cell != cell.strip() else ""
        return f' t="inlineStr"><is><t{kept}>{escape(cell, _RETURN)}</t></is></c>'
    if cell is None or not isfinite(cell):
        return "/>"
    return f"><v>{cell:.16g}</v></c>"


@lru_cache(maxsize=1024)
def _letter(column: int) -> str:
    """The name of a column, from 1: A, B, …, Z, AA, …"""
    head, last = divmod(column - 1, 26)
    return (_letter(head) if head else "") + chr(65 + last)
