"""Tables of tasks in a plan text: one line a row, cells between ``|``, as readers write them.

A table counts as a list of tasks where its first row names a column for a role (牵头单位, 责任单位 …). A cell belongs
to its row; a cell that says 同上 stands for the cell above, in whichever column, also across a line between two
parts of a table (a page's head, a note) where the second part repeats the head.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from corpus.fold import fold
from corpus.model import Role, Span

_ROLE_COLUMNS: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"牵头|主责|主办"), Role.LEAD),
    (re.compile(r"配合|协办|协同|参与|协助"), Role.SUPPORT),
    (
        re.compile(r"(?:责任|负责|落实|承办|实施)(?:单位|部门|主体|处室|科室)"),
        Role.RESPONSIBLE,
    ),
)
_DEADLINE = re.compile(r"时限|完成时间|时间节点|时间要求|完成日期")
_NUMBER = re.compile(r"序号|编号|^号$")
_TASK = re.compile(r"任务|事项|内容|措施|项目|工作|要点|指标")
_RULE_LINE = re.compile(r"\|[\s:|\-—]+$")
_EMPTY = re.compile(r"[\s/\-—无]*$")
_DITTO = re.compile(r"[(（]?(?:同上|同前)[)）]?[。.]?$|[〃″]$")


@dataclass(frozen=True, slots=True)
class Row:
    """One task of a table."""

    label: str  # the running number as the row writes it, else its place
    span: Span
    task: Span | None  # the cell that says what is to be done
    parties: tuple[tuple[Role, Span], ...]
    deadline: Span | None


@dataclass(frozen=True, slots=True)
class Table:
    """A table of tasks."""

    span: Span
    rows: tuple[Row, ...]


@dataclass(slots=True)
class _Last:
    """What the table before ended with: a table that goes on after a line of text has the same head."""

    columns: list[str] = field(default_factory=list)
    cells: list[Span] = field(default_factory=list)


def read_tables(text: str) -> Iterator[Table]:
    """The tables of tasks in a plan text; other tables are left as text."""
    block: list[Span] = []
    last = _Last()
    at = 0
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("|"):
            block.append(Span(at, at + len(line.rstrip())))
        elif line.strip():
            yield from _table(text, block, last)
            block = []
        at += len(line)
    yield from _table(text, block, last)


def _cells(text: str, line: Span) -> list[Span]:
    """The spans of the cells of a line ``| a | b |``, without the white space around them."""
    cells: list[Span] = []
    at = text.index("|", line.start) + 1
    while at < line.end:
        stop = text.find("|", at, line.end)
        stop = line.end if stop < 0 else stop
        inner = text[at:stop]
        left = at + len(inner) - len(inner.lstrip())
        cells.append(Span(left, max(left, left + len(inner.strip()))))
        at = stop + 1
    return cells


def _written(text: str, cell: Span) -> str:
    return re.sub(r"\s", "", fold(cell.of(text)))


def _table(text: str, lines: list[Span], last: _Last) -> Iterator[Table]:
    if len(lines) < 2:
        return
    columns = [_written(text, cell) for cell in _cells(text, lines[0])]
    roles = [next((role for pattern, role in _ROLE_COLUMNS if pattern.search(name)), None) for name in columns]
    if not any(roles):
        return
    rows: list[Row] = []
    above = last.cells if columns == last.columns else []
    for line in lines[1:]:
        if _RULE_LINE.match(line.of(text).strip()):
            continue
        cells = _cells(text, line)
        if [_written(text, cell) for cell in cells] == columns:
            continue  # the head again, as pages repeat it
        for column, cell in enumerate(cells):
            if _DITTO.match(_written(text, cell)):  # with nothing above it says nothing
                cells[column] = above[column] if column < len(above) else Span(cell.start, cell.start)
        above = cells
        rows.append(_row(text, line, columns, roles, cells, len(rows) + 1))
    if rows:
        last.columns, last.cells = columns, above
        yield Table(Span(lines[0].start, lines[-1].end), tuple(rows))


def _row(text: str, span: Span, columns: list[str], roles: list[Role | None], cells: list[Span], place: int) -> Row:
    label, deadline, task = str(place), None, None
    parties: list[tuple[Role, Span]] = []
    for name, role, cell in zip(columns, roles, cells, strict=False):
        written = fold(cell.of(text)).strip()
        if _EMPTY.match(written):
            continue
        if role is not None:
            parties.append((role, cell))
        elif _DEADLINE.search(name):
            deadline = cell
        elif _NUMBER.search(name):
            label = written
        elif _TASK.search(name) and (task is None or len(written) > task.end - task.start):
            task = cell  # of several, the longest says what is to be done
    return Row(label, span, task, tuple(parties), deadline)
