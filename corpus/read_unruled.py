"""Task tables without ruling lines: cells by the places of the words in the head.

Read only where all is clear: a head with a running number and a column for a role, every piece of a line within one
column, numbers that count on, and more room between rows than within them. Anything else stays text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pdfplumber.utils import cluster_objects

from corpus.read_columns import Box
from corpus.tables import join_wrapped

_SAME_LINE = 3.0  # points
_GAP = 0.8  # of a character: between the cells of a line
_WITHIN = 1.8  # characters from line to line of a cell
_BETWEEN = 4.0  # characters from the last line of a row to the next row
_CLEARER = 1.2  # times the step within a cell: the least from row to row, else numbers may stand at half height
_FREE = 2.2  # characters that a full line of a cell leaves free at most
_MOST = 20  # tables of a page: each is compared with every character

_NUMBERS = re.compile(r"序号?$|编号$")
_ROLES = re.compile(
    r"(?:牵头|主责|主办|责任|负责|落实|承办|实施|配合|协办|协同|协助|参与)(?:责任)?(?:单位|部门|处室|科室)$"
)
_TASKS = re.compile(r".{0,4}(?:任务|事项|内容|措施|项目)$")
_DIGITS = re.compile(r"\d{1,3}$")

_Run = tuple[float, float, str]  # from, to, text
_Line = tuple[float, float, list[_Run]]  # top, size of print, runs


def unruled_tables(chars: Sequence[dict[str, Any]]) -> list[tuple[Box, list[list[str]]]]:
    """The places and full grids, heads included, of the task tables of a page that have no ruling lines."""
    lines = _lines(chars)
    found: list[tuple[Box, list[list[str]]]] = []
    at = 0
    while at < len(lines) and len(found) < _MOST:
        end, grid = _table(lines, at)
        if grid:
            inside = [run for line in lines[at:end] for run in line[2]]
            box = (min(run[0] for run in inside), lines[at][0], max(run[1] for run in inside), _bottom(lines[end - 1]))
            found.append((box, grid))
        at = max(end, at + 1)
    return found


def _bottom(line: _Line) -> float:
    return line[0] + line[1]


def _lines(chars: Sequence[dict[str, Any]]) -> list[_Line]:
    lines: list[_Line] = []
    shown = [char for char in chars if char["text"].strip()]
    for cluster in cluster_objects(shown, lambda char: float(char["top"]), _SAME_LINE):
        size = float(max(char["size"] for char in cluster))
        pieces: list[list[dict[str, Any]]] = []
        for char in sorted(cluster, key=lambda char: float(char["x0"])):
            if pieces and char["x0"] - pieces[-1][-1]["x1"] < _GAP * size:
                pieces[-1].append(char)
            else:
                pieces.append([char])
        runs = [(piece[0]["x0"], piece[-1]["x1"], "".join(char["text"] for char in piece)) for piece in pieces]
        lines.append((min(float(char["top"]) for char in cluster), size, runs))
    return sorted(lines, key=lambda line: line[0])


def _table(lines: list[_Line], at: int) -> tuple[int, list[list[str]]]:
    """The end and the grid of the table whose head is the line ``at``; no grid where there is none."""
    top, size, head = lines[at]
    names = [run[2] for run in head]
    tasks = [n for n, name in enumerate(names) if _TASKS.match(name)]
    if len(head) < 3 or not _NUMBERS.match(names[0]) or len(tasks) != 1 or not any(map(_ROLES.match, names)):
        return at, []
    starts = [run[0] for run in head]
    rows: list[list[list[_Run]]] = []
    within: list[float] = []
    between: list[float] = []
    numbers: list[int] = []
    before = top
    end = at + 1
    for line_top, line_size, runs in lines[at + 1 :]:
        places = [_column(run, starts, size) for run in runs]
        step = line_top - before
        if None in places or len(set(places)) < len(places) or abs(line_size - size) > 0.15 * size:
            break
        if _DIGITS.match(runs[0][2]) and places[0] == 0 and step <= _BETWEEN * size:
            if tasks[0] not in places:
                return end, []
            rows.append([[] for _ in head])
            numbers.append(int(runs[0][2]))
            between.append(step)
        elif not rows and len(runs) == 1 and runs[0][2] == "号" and names[0] == "序" and places == [0]:
            names[0] = "序号"
            before, end = line_top, end + 1
            continue
        elif rows and 0 not in places and step <= _WITHIN * size:
            within.append(step)
        else:
            break
        for place, run in zip(places, runs, strict=True):
            rows[-1][place or 0].append(run)
        before, end = line_top, end + 1
    counts = len(rows) > 1 and all(after == number + 1 for number, after in pairwise(numbers))
    if not counts or (within and min(between[1:]) < _CLEARER * max(within)):
        return end, []
    rights = [max((run[1] for row in rows for run in row[n]), default=0.0) for n in range(len(head))]
    cells = [[_cell(cell, right, size) for cell, right in zip(row, rights, strict=True)] for row in rows]
    return end, [names, *cells]


def _cell(runs: list[_Run], right: float, size: float) -> str:
    return join_wrapped([(text, right - x1 < _FREE * size) for _, x1, text in runs])


def _column(run: _Run, starts: list[float], size: float) -> int | None:
    """The column within which a piece of a line stands, from its head to the next one; None if it leaves it."""
    place = sum(1 for start in starts if start <= run[0] + 0.5 * size) - 1
    if place < 0 or (place + 1 < len(starts) and run[1] > starts[place + 1]):
        return None
    return place
