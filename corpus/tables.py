"""Tables of every format as lines ``| a | b | c |``, one a row, spans filled.

A merged cell is repeated in each row and column that it covers, so that every line can be read alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MAX_COLUMNS = 200
MAX_CELLS = 200_000

_SPACE = re.compile(r"[\s\u3000]+")
# A unit's last character. No list of units: it only says whether a line break in a cell parts two names.
_UNIT_END = re.compile(
    r"(?:[局委办厅部院会署处所站队社团校府司组庭台馆室区县市州镇乡]|中心|公司|单位|部门|集团|银行|街道)"
    r"(?:等|[（(][^（()）]{1,30}[）)])?$"
)
_ENDS_CLAUSE = re.compile(r"[、，,；;。：:！!？?（(《“]$")
_BEGINS_INSIDE = re.compile(r"^[、，,；;。：:！!？?）)》”（(]")
_REGION = "国省市州盟区县旗乡镇各"
_BEFORE_DISTRICT = (
    "社街园辖片林景矿校"  # 各社|区居委会: 社区 is one word, and no list ends in 社 before a district's office
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell and how many rows and columns it covers; ``rows`` 0 means to the end of the table."""

    text: str
    rows: int = 1
    columns: int = 1


def fill_spans(rows: Iterable[Sequence[Cell]]) -> list[list[str]]:
    """A full grid from rows of cells as HTML writes them, where a covered place has no cell of its own.

    Spans are cut off at ``MAX_COLUMNS`` and the grid at ``MAX_CELLS``: a span is only a number in the file.
    """
    grid: list[list[str]] = []
    hanging: dict[int, tuple[int, str]] = {}  # column → rows still to cover, text
    cells = 0
    for row in rows:
        filled: dict[int, str] = {}
        below: dict[int, tuple[int, str]] = {}
        for column, (left, text) in hanging.items():
            filled[column] = text
            if left > 1:
                below[column] = (left - 1, text)
        column = 0
        for cell in row:
            while column in filled:
                column += 1
            for _ in range(min(max(cell.columns, 1), MAX_COLUMNS)):
                if column in filled or column >= MAX_COLUMNS:
                    break
                filled[column] = cell.text
                left = MAX_CELLS if cell.rows == 0 else cell.rows - 1
                if left > 0:
                    below[column] = (left, cell.text)
                column += 1
        hanging = below
        width = max(filled, default=-1) + 1
        grid.append([filled.get(place, "") for place in range(width)])
        cells += width
        if cells > MAX_CELLS:
            break
    return grid


def pipe_line(cells: Sequence[str]) -> str:
    """One row; a pipe inside a cell becomes the full-width one, so that the columns hold."""
    return "| " + " | ".join(_SPACE.sub(" ", cell).strip().replace("|", "｜") for cell in cells) + " |"


def pipe_lines(grid: Iterable[Sequence[str]]) -> list[str]:
    """The rows of a full grid as lines, without rows that are empty throughout; all of one width."""
    kept = [row for row in grid if any(cell.strip() for cell in row)]
    width = max((len(row) for row in kept), default=0)
    return [pipe_line([*row, *[""] * (width - len(row))]) for row in kept]


def join_cell(lines: Iterable[str], *, always: bool = False) -> str:
    """The lines of one cell that the author broke by hand, as one.

    "、" goes between two lines where the first ends like a unit's name, or ``always`` where it ends without
    punctuation; everything else is put together as it stands.

    >>> join_cell(["州公安局", "州税务局"]), join_cell(["完善制度，", "健全机制"])
    ('州公安局、州税务局', '完善制度，健全机制')
    """
    joined = ""
    for line in (raw.strip() for raw in lines):
        if joined and line:
            parts = always or _UNIT_END.search(joined)
            open_ended = _ENDS_CLAUSE.search(joined) or _BEGINS_INSIDE.match(line)
            joined += "、" if parts and not open_ended else _seam(joined, line)
        joined += line
    return joined


def join_wrapped(lines: Sequence[tuple[str, bool]]) -> str:
    """The lines of one cell as a page shows them: (text, whether it fills the cell's width).

    A line that fills the cell was broken by the layout and runs on, unless it and the next are both whole
    names that begin with a region's sign (州公安局 / 州税务局 in a column of four characters).
    """
    groups: list[str] = []
    runs_on = False
    for text, full in lines:
        if runs_on and groups and not _two_units(groups[-1], text):
            groups[-1] += _seam(groups[-1], text) + text
        else:
            groups.append(text)
        runs_on = full
    return join_cell(groups)


def _two_units(first: str, second: str) -> bool:
    if second[:1] == "区" and first[-1:] in _BEFORE_DISTRICT:
        return False
    return bool(_UNIT_END.search(first) and _UNIT_END.search(second) and len(second) > 2 and second[0] in _REGION)


def _seam(left: str, right: str) -> str:
    """Latin words and numbers keep a space between lines; Chinese needs none."""
    return " " if left[-1:].isascii() and right[:1].isascii() and left[-1:].isalnum() and right[:1].isalpha() else ""
