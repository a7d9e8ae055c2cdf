"""The matrix as a workbook: a column a unit, and a second sheet of loads. No cell of it is ever a formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.load import loads_of
from assistant.matrix import Cell as MatrixCell
from assistant.matrix import Matrix
from assistant.model import ROLES
from assistant.rest.export import Cell, Sheet, workbook


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
    rows: list[list[Cell]] = []
    everywhere = 0  # units of all rows, whether or not their columns are shown: what the column of units adds up to
    for chapter in matrix.chapters:
        for row in chapter.rows:
            held = [held_as(row.cells[unit], words.roles) if unit in row.cells else "" for unit in units]
            number = "" if row.clause.no is None else row.clause.no
            named = len(row.cells) + row.hidden
            everywhere += named
            rows.append(
                [
                    f"{chapter.path} {chapter.title}".strip(), number, row.place, row.title, row.deadline,
                    named or words.nobody, matrix.plan.quote(row.quote), *held,
                ]
            )  # fmt: skip
    totals: list[Cell] = ["", "", "", "", "", everywhere, "", *(column.tasks for column in matrix.columns)]
    first = Sheet(
        words.matrix, [*words.head, *units], rows, [24, 6, 18, 44, 14, 8, 60, *([6] * len(units))],
        turned=len(units), still="E2", totals=[totals],
    )  # fmt: skip
    loads: list[list[Cell]] = [
        [
            load.column.unit, load.column.tasks, round(load.share, 4), words.yes if load.column.group else "",
            *(load.column.counts[kind] for kind in ROLES),
        ]
        for load in loads_of(matrix)
    ]  # fmt: skip
    head = [*words.load_head, *(words.roles[kind] for kind in ROLES)]
    return workbook([first, Sheet(words.load, head, loads, [30, 8, 8, 8, 8, 8, 8, 8])])


def held_as(cell: MatrixCell, names: Mapping[str, str]) -> str:
    """The roles of a cell in words."""
    return "、".join(names[kind] for kind in cell.kinds)
