"""Tables of tasks in a plan text: one line a row, cells between ``|``, as readers write them.

A table counts as a list of tasks where its head names a column for a role (牵头单位, 责任单位 …); above the head may
stand the table's title. A cell belongs to its row; a cell that says 同上 stands for the cell above, in whichever
column, also across a line between two parts of a table (a page's head, a note) where the second part repeats the head.
A row with the same words in every cell, as a cell over all columns is written, names the part that begins there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from corpus.fold import fold
from corpus.model import Role, Span

_PERSON_COLUMN = re.compile(r"领导|负责人|责任人|联系人|联络员|姓名|电话|书记|组长")
_BODY = "单位|部门|主体|处室|科室|股室|机构|站所|方"
_ROLE_COLUMNS: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"牵头|主责|主办"), Role.LEAD),
    (re.compile(r"配合|协办|协同|参与|参加|协助"), Role.SUPPORT),
    (re.compile(rf"(?:责任|负责|落实|承办|实施)(?:{_BODY})|(?:责任|职责|任务)分工|责任落实"), Role.RESPONSIBLE),
)
# 单位 | 主要职责: who has the duty that stands beside it.
_HOLDER = re.compile(rf"(?:成员|所属)?(?:{_BODY})(?:名称)?$")
_DUTY = re.compile(r"职责|任务|分工")
_DEADLINE = re.compile(r"时限|完成时间|时间节点|时间要求|完成日期|时间进度|进度安排")
_NUMBER = re.compile(r"序号|编号|^号$")
_TASK = re.compile(r"任务|事项|内容|措施|项目|工作|要点|指标|职责")
_RULE_LINE = re.compile(r"\|[\s:|\-—]+$")
_EMPTY = re.compile(r"[\s/\-—无]*$")
_DITTO = re.compile(r"[(（]?(?:同上|同前)[)）]?[。.]?$|[〃″]$")
_OWN_NUMBER = re.compile(r"(\d{1,3})\s*[.、．](?!\d)")
# What a bracket says of the order of the names gives a column no role: 责任单位(排名第一的为牵头单位).
_ORDER_OF_NAMES = re.compile(r"[(（][^()（）]{6,}[)）]")
_PART_NUMBER = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.]?$")
_MAX_NAME = 15  # characters of a column's name
_ROLE_NAME = re.compile(
    rf"(?!各)[^各]{{0,8}}(?:{_BODY}|分工|落实|牵头|主责|主办|配合|协办|协同|参与)(?:[(（\[【][^()（）]{{1,10}}[)）\]】])?"
)
_OTHER_NAME = re.compile(
    rf"{_NUMBER.pattern}|{_TASK.pattern}|{_DEADLINE.pattern}|{_PERSON_COLUMN.pattern}|备注|时间|目标"
)
_MAX_HEAD = 4  # rows among which the head is looked for: a title, a unit of measure, a head of two rows


@dataclass(frozen=True, slots=True)
class Row:
    """One task of a table."""

    label: str  # the running number as the row writes it, else that of the row above, else its place
    span: Span
    task: Span | None  # the cell that says what is to be done
    parties: tuple[tuple[Role, Span], ...]
    deadline: Span | None
    part: str = ""  # the words of the row that names the part of the table it stands in
    with_persons: tuple[Span, ...] = ()  # those of the parties' cells whose column asks for persons too


@dataclass(frozen=True, slots=True)
class Table:
    """A table of tasks."""

    span: Span
    rows: tuple[Row, ...]
    head: tuple[Span, ...] = ()  # its cells: 责任单位(排名第一的为牵头单位) holds for all rows


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
            yield from _tables(text, block, last)
            block = []
        at += len(line)
    yield from _tables(text, block, last)


def is_head(cells: Sequence[str]) -> bool:
    """Whether a row names columns, wherever it stands: one for a role, and others by the words of heads alone.

    Stricter than what the first row of a table has to fulfil: 各责任单位 may stand in any row.
    """
    names = [_ORDER_OF_NAMES.sub("", re.sub(r"\s", "", fold(cell))) for cell in cells]
    filled = [(name, role) for name, role in zip(names, _roles(names), strict=True) if name]
    if any(len(name) > _MAX_NAME or name.isdecimal() or re.search("[。;,、]", name) for name, _ in filled):
        return False
    roles = [role for name, role in filled if role is not None and _ROLE_NAME.fullmatch(name)]
    others = [name for name, role in filled if role is None and _OTHER_NAME.search(name)]
    return bool(roles and others) and 3 * (len(roles) + len(others)) >= 2 * len(filled)


def _tables(text: str, block: list[Span], last: _Last) -> Iterator[Table]:
    """The tables in lines that no text parts: where columns get other names, the next table begins."""
    rows = [[_written(text, cell) for cell in _cells(text, line)] for line in block]
    begin, head = 0, -1
    for number, names in enumerate(rows):
        if not is_head(names):
            continue
        spans_two = number > 0 and any(one and one == two for one, two in zip(rows[number - 1], names, strict=False))
        if head >= 0 and number > head + 1 and names != rows[head]:
            yield from _table(text, block[begin : number - spans_two], last)
            begin = number - spans_two
            head = number
        elif head < 0 or number == head + 1:
            head = number
    yield from _table(text, block[begin:], last)


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
    lines = [line for line in lines if not _RULE_LINE.match(line.of(text).strip())]
    at = _head(text, lines)
    if at is None or at + 1 == len(lines):
        return
    columns = [_written(text, cell) for cell in _cells(text, lines[at])]
    roles = _roles(columns)
    rows: list[Row] = []
    above = last.cells if columns == last.columns else []
    part = ""
    counted = {_written(text, cell) for line in lines[at + 1 :] for cell in _cells(text, line)[:1]}
    for line in lines[at + 1 :]:
        cells = _cells(text, line)
        written = [_written(text, cell) for cell in cells]
        if written == columns:
            continue  # the head again, as pages repeat it
        if len(columns) > 2 and len(written) > 1 and (len(set(written)) == 1 or _names_part(columns, written, counted)):
            part = max(cells, key=lambda cell: cell.end - cell.start).of(text)
            continue
        for column, cell in enumerate(cells):
            if _DITTO.match(written[column]):  # with nothing above it says nothing
                cells[column] = above[column] if column < len(above) else Span(cell.start, cell.start)
        above = cells
        # A row without a number in a column of numbers goes on with the task above.
        label = rows[-1].label if rows and any(map(_NUMBER.search, columns)) else str(len(rows) + 1)
        rows.append(_row(text, line, columns, roles, cells, label, part))
    if rows:
        last.columns, last.cells = columns, above
        yield Table(Span(lines[0].start, lines[-1].end), tuple(rows), tuple(_cells(text, lines[at])))


def _names_part(columns: list[str], written: list[str], counted: Collection[str]) -> bool:
    """Whether a row has a Chinese number and a name alone, where tasks are counted 1, 2, 3: 一 | 经济发展."""
    number, *others = written
    if not _NUMBER.search(columns[0]) or not _PART_NUMBER.match(number):
        return False
    return len({other for other in others if other}) == 1 and any(one.isdecimal() for one in counted)


def _head(text: str, lines: list[Span]) -> int | None:
    """Which line is the head: the first that names a role, or the second row of a head whose cells span two."""
    names = [[_written(text, cell) for cell in _cells(text, line)] for line in lines[:_MAX_HEAD]]
    for at, columns in enumerate(names):
        if len(set(columns)) > 1 and any(_roles(columns)):
            below = names[at + 1] if at + 1 < len(names) else []
            same = sum(one == two for one, two in zip(columns, below, strict=False))
            return at + 1 if any(_roles(below)) and below != columns and same * 2 >= len(columns) - 2 and same else at
    return None


def _roles(columns: list[str]) -> list[Role | None]:
    """The role that each column gives to whom it names; None for columns of other things, such as persons."""
    columns = [_ORDER_OF_NAMES.sub("", name) for name in columns]
    roles = [
        None
        if _PERSON_COLUMN.search(name) and not re.search("单位|部门", name)
        else next((role for pattern, role in _ROLE_COLUMNS if pattern.search(name)), None)
        for name in columns
    ]
    if not any(roles):
        holders = [_HOLDER.match(name) is not None for name in columns]
        if any(_DUTY.search(name) for name in columns) and sum(holders) == 1:
            return [Role.RESPONSIBLE if holder else None for holder in holders]
    return roles


def _row(
    text: str, span: Span, columns: list[str], roles: list[Role | None], cells: list[Span], label: str, part: str
) -> Row:
    deadline, task = None, None
    parties: list[tuple[Role, Span]] = []
    with_persons: list[Span] = []
    numbered = False
    for name, role, cell in zip(columns, roles, cells, strict=False):
        written = fold(cell.of(text)).strip()
        if _EMPTY.match(written):
            continue
        if role is not None:
            parties.append((role, cell))
            if _PERSON_COLUMN.search(name):
                with_persons.append(cell)
        elif _DEADLINE.search(name):
            deadline = cell
        elif _NUMBER.search(name):
            label, numbered = written, True
        elif _TASK.search(name) and (task is None or len(written) > task.end - task.start):
            task = cell  # of several, the longest says what is to be done
    if task is not None and not numbered:
        own = _OWN_NUMBER.match(fold(task.of(text)))
        label = own[1] if own else label
    return Row(label, span, task, tuple(parties), deadline, part, tuple(with_persons))
