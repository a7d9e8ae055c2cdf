"""Question sets as sheets: rows of cells ↔ the keys of a question (``evals/columns.toml``).

A cell that holds a list has one value on each line, or values between "|"; a column of short names is also
taken apart at 、 and its like. What would not come back so, such as a value with a line break in it, is written as a
JSON list, so that writing and reading a set gives the same set.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

from corpus.child import parse_rows
from corpus.read_draft import MAX_FILE_BYTES, ReadError
from corpus.read_text import decode
from corpus.sheets import literal, unliteral
from evals.records import Record
from evals.text import bare, one_line

DELIMITERS = (",", ";", "\t")
REQUIRED = ("id", "category", "turns")
_BETWEEN_TEXTS = "\n\r|｜"
_BETWEEN_NAMES = f"{_BETWEEN_TEXTS}、；;，,"
_COUNT = re.compile(r"(\d{1,4000})(?:\.0+)?", re.ASCII)
_DOUBTS = {  # what a cell holds that is not what the person sees there, and what to do about it
    "formula": "a formula; copy the cell and paste it as a value",
    "date": "a date; set the cell's format to Text and type it again",
    "format": "a number with a format of its own; set the cell's format to Text and type it again",
    "error": "the error value of a formula; type the value",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One key of a question as a column; the head of ``columns.toml`` says what each field means."""

    key: str
    kind: Literal["text", "choice", "truth", "count", "texts", "names"]
    aliases: tuple[str, ...]
    width: int
    zh: str
    en: str
    words: Mapping[str, Any] = field(default_factory=dict)
    nullable: bool = False  # an empty cell is None, and an empty list is written as []


def _columns() -> dict[str, Column]:
    table = tomllib.loads(Path(__file__).with_name("columns.toml").read_text(encoding="utf-8"))
    return {key: Column(key=key, **{**entry, "aliases": tuple(entry["aliases"])}) for key, entry in table.items()}


def _folded(name: str) -> str:
    return bare(name).casefold()


COLUMNS: Mapping[str, Column] = _columns()
_KEY_OF = {_folded(name): column.key for column in COLUMNS.values() for name in (column.key, *column.aliases)}


class _BrokenRowError(Exception):
    """A row after which nothing more can be read: (its number, why)."""


Row = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with a header. ``rows`` gives its rows anew at each call, so that a large one need not be held."""

    unit: str  # what rows are counted in: "line" of a text file, "row" of a workbook
    rows: Callable[[], Iterator[Row]]
    doubtful: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Rows below the header, up to one that cannot be taken apart."""
        count = -1
        try:
            for _ in self._filled():
                count += 1
        except _BrokenRowError:
            count += 1
        return max(count, 0)

    def records(self) -> Iterator[Record]:
        """One record for each row below the header, after one for the header where that is faulty."""
        rows = self._filled()
        try:
            number, names = next(rows)
            keys, faults = _header(names)
            if faults:
                yield Record(f"{self.unit} {number}", None, faults)
            if set(REQUIRED) <= set(keys):  # else the same would be told of every row
                for number, cells in rows:
                    yield self._record(number, cells, keys, names)
        except _BrokenRowError as error:
            number, reason = error.args
            yield Record(f"{self.unit} {number}", None, [reason])

    def _filled(self) -> Iterator[Row]:
        return ((number, cells) for number, cells in self.rows() if any(cell.strip() for cell in cells))

    def _record(self, number: int, cells: Sequence[str], keys: Sequence[str], names: Sequence[str]) -> Record:
        shown = {key: name for key, name in zip(keys, names, strict=True) if key}
        value: dict[str, Any] = {}
        faults: list[str] = []
        unread: set[str] = set()
        nameless: list[str] = []
        for at, cell in enumerate(cells):
            key = keys[at] if at < len(keys) else ""
            if not key:
                # A column with an unknown name was told of with the header.
                if cell.strip() and not (at < len(names) and names[at].strip()):
                    nameless.append(cell)
                continue
            try:
                if doubt := self.doubtful.get((number, at + 1)):
                    raise ValueError(f"cell {_coordinate(number, at + 1)} holds {_DOUBTS[doubt]}")
                read = from_cell(COLUMNS[key], cell)
            except ValueError as error:
                faults.append(f"column {one_line(shown[key])}: {error}")
                unread.add(key)
            else:
                if read is not None:
                    value[key] = read
        if nameless:
            faults.append(
                f"has more cells than the header has columns (“{one_line(nameless[0], 40)}”); remove them, or put a "
                "text that holds the delimiter between quotation marks"
            )
        return Record(f"{self.unit} {number}", value, faults, shown, frozenset(unread))


def csv_table(data: bytes) -> Table:
    """A CSV file in any encoding that ``corpus.read_text.decode`` is sure of, between commas, semicolons or tabs.

    Raises ``ReadError`` where the encoding is in doubt or no delimiter gives a header.
    """
    text, _ = decode(data)

    def known(delimiter: str) -> int:
        try:
            first = next((cells for _, cells in _csv_rows(text, delimiter) if any(map(str.strip, cells))), [])
        except _BrokenRowError:
            return 0
        return sum(_folded(name) in _KEY_OF for name in first)

    best = max(DELIMITERS, key=known)
    if not known(best):
        raise ReadError(f"has no header; its first row names the columns: {', '.join(COLUMNS)}")
    return Table("line", partial(_csv_rows, text, best))


def xlsx_table(data: bytes) -> Table:
    """The first visible sheet of a workbook that has a header; raises ``ReadError`` where none has."""
    if len(data) > MAX_FILE_BYTES:
        raise ReadError(f"is larger than {MAX_FILE_BYTES >> 20} MB, which no workbook may be; save it as csv")
    with tempfile.TemporaryFile() as file:  # the child inherits a real file
        file.write(data)
        file.flush()
        sheets = parse_rows(file)
    for sheet in sheets:
        first = next((cells for _, cells in sheet.rows if any(map(str.strip, cells))), ())
        if any(_folded(name) in _KEY_OF for name in first):
            return Table("row", partial(iter, sheet.rows), sheet.doubtful)
    raise ReadError(f"has no sheet with a header; its first row names the columns: {', '.join(COLUMNS)}")


def _csv_rows(text: str, delimiter: str) -> Iterator[Row]:
    """(line on which the row begins, its cells)."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        begins = reader.line_num + 1
        try:
            yield begins, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _BrokenRowError(
                begins, f"cannot be taken apart ({one_line(str(error))}); look for a quotation mark that is not doubled"
            ) from None


def _header(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """The key of each column, "" for none, and what is wrong with the header."""
    keys: list[str] = []
    faults: list[str] = []
    for at, name in enumerate(names, start=1):
        key = _KEY_OF.get(_folded(name), "")
        if key in keys and key:
            faults.append(f"column {key} stands twice ({one_line(name)}); keep one of them")
            key = ""
        elif not key and name.strip():
            faults.append(
                f"unknown column {one_line(name)} (the {at}. of the header); remove it or correct its name "
                f"(the columns are {', '.join(COLUMNS)})"
            )
        keys.append(key)
    faults += [f"there is no column {key} ({COLUMNS[key].aliases[0]}); add it" for key in REQUIRED if key not in keys]
    return keys, faults


def from_cell(column: Column, cell: str) -> Any:
    """The value of a cell, None where it is empty; raises ``ValueError`` with what is wrong and what to do.

    Whether a value is a right one, such as a category that there is, is for ``Question`` to say.
    """
    text = unliteral(cell)
    if column.kind == "text":
        return text or None
    text = text.strip()
    if not text:
        return None
    if column.kind == "choice":
        return text
    if column.kind in ("texts", "names"):
        return _listed(column, text)
    plain = unicodedata.normalize("NFKC", text).casefold()
    if column.kind == "truth":
        if plain not in column.words:
            raise ValueError(f"“{one_line(text, 40)}” is neither yes nor no; write TRUE or FALSE (是, 否)")
        return column.words[plain]
    count = _COUNT.fullmatch(plain)
    if count is None:
        raise ValueError(f"“{one_line(text, 40)}” is no whole number; write it in digits alone")
    return int(count[1])


def _listed(column: Column, text: str) -> list[Any]:
    if text.startswith("["):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = None  # a text that begins with a bracket
        if isinstance(value, list):
            return value
    between = _BETWEEN_NAMES if column.kind == "names" else _BETWEEN_TEXTS
    values = (value.strip() for value in re.split(f"[{re.escape(between)}]", text))
    return [column.words.get(value, value) for value in values if value]


def to_cell(column: Column, value: Any) -> str:
    """The cell that ``from_cell`` reads as the value; a spreadsheet takes it for text."""
    if value is None:
        return ""
    if column.kind == "truth":
        return "TRUE" if value else "FALSE"
    if column.kind not in ("texts", "names"):
        return literal(str(value))
    if not value:
        return "[]" if column.nullable else ""
    joined = "\n".join(value)
    return literal(joined if _listed(column, joined) == value else json.dumps(value, ensure_ascii=False))


def _coordinate(row: int, column: int) -> str:
    from openpyxl.utils import get_column_letter  # imported late: only a fault needs it

    return f"{get_column_letter(column)}{row}"
