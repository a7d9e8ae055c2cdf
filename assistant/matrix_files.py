"""The matrix as a workbook: a column a unit, and a second sheet of loads. No cell of it is ever a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from assistant.load import loads_of
from assistant.matrix import Cell as MatrixCell
from assistant.matrix import Matrix
from assistant.model import ROLES
from assistant.rest.export import fitting
from corpus.sheets import literal

Value = str | int | float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: its head, its rows, and how wide its columns are in characters."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Value]]
    widths: Sequence[int]
    turned: int = 0  # columns at the end whose heads stand upright
    still: str = "A2"  # the first cell that moves when one scrolls


@dataclass(frozen=True, slots=True)
class SheetWords:
    """The names of the sheets and of their columns in one language."""

    matrix: str
    load: str
    head: Sequence[str]  # of the matrix, before the units: chapter, number, clause, task, deadline, units, quote
    load_head: Sequence[str]  # unit, tasks, share, group
    roles: Mapping[str, str]
    yes: str
    nobody: str


def matrix_xlsx(matrix: Matrix, words: SheetWords) -> bytes:
    """The matrix as it is shown, a row a task and a column a unit, and the load of its units on a second sheet."""
    units = [column.unit for column in matrix.columns]
    rows: list[list[Value]] = []
    for chapter in matrix.chapters:
        for row in chapter.rows:
            held = [held_as(row.cells[unit], words.roles) if unit in row.cells else "" for unit in units]
            number = "" if row.clause.no is None else row.clause.no
            part = f"~{row.clause.part}" if row.clause.part else ""
            named = len(row.cells) + row.hidden
            rows.append(
                [
                    f"{chapter.path} {chapter.title}".strip(), number, row.clause.path + part, row.title, row.deadline,
                    named or words.nobody, matrix.plan.quote(row.quote), *held,
                ]
            )  # fmt: skip
    totals: list[Value] = ["", "", "", "", "", matrix.assignments, "", *(column.tasks for column in matrix.columns)]
    first = Sheet(
        words.matrix, [*words.head, *units], [*rows, totals], [24, 6, 18, 44, 14, 8, 60, *([6] * len(units))],
        turned=len(units), still="E2",
    )  # fmt: skip
    loads: list[list[Value]] = [
        [
            load.column.unit, load.column.tasks, round(load.share, 4), words.yes if load.column.group else "",
            *(load.column.counts[kind] for kind in ROLES),
        ]
        for load in loads_of(matrix)
    ]  # fmt: skip
    head = [*words.load_head, *(words.roles[kind] for kind in ROLES)]
    return _xlsx([first, Sheet(words.load, head, loads, [30, 8, 8, 8, 8, 8, 8, 8])])


def held_as(cell: MatrixCell, names: Mapping[str, str]) -> str:
    """The roles of a cell in words."""
    return "、".join(names[kind] for kind in cell.kinds)


def _xlsx(sheets: Iterable[Sheet]) -> bytes:
    """A workbook, written row by row; the head of each sheet stays in sight and filters."""
    book = Workbook(write_only=True)
    top = Alignment(vertical="top", wrap_text=True)
    upright = Alignment(vertical="bottom", horizontal="center", text_rotation=255)
    for one in sheets:
        sheet = book.create_sheet(one.name)
        sheet.freeze_panes = one.still
        for number, width in enumerate(one.widths, 1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(one.head))}{len(one.rows) + 1}"
        for number, row in enumerate([one.head, *one.rows]):
            cells = []
            for place, value in enumerate(row):
                cell = WriteOnlyCell(sheet, value=fitting(literal(value)) if isinstance(value, str) else value)
                if isinstance(value, str):
                    cell.data_type = "s"  # whatever the library would make of it
                cell.alignment = upright if not number and place >= len(one.head) - one.turned else top
                if not number:
                    cell.font = Font(bold=True)
                cells.append(cell)
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
