"""Pages set in two columns: the blank strip between them, and the reading order.

A gutter is a vertical strip that hardly a line crosses, with running text on both sides: lines that begin at a common
edge and mostly reach the other one. Cells of a table, lists of names and signatures do not, so a page with these stays
one column. Lines and tables that cross the gutter part the page into bands; within a band the left column is read
before the right one. The work is sorting: n log n for n characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from pdfplumber.utils import cluster_objects

Box = tuple[float, float, float, float]  # x0, top, x1, bottom in points from the top left

_SAME_LINE = 3.0  # points between the tops of characters of one line
_GAP = 0.3  # of a character: wider than the letter spacing of justified text; a hanging mark leaves no more of a gutter
_CELL_GAP = 1.5  # characters: such a gap within one column is that of a table or a form
_MIDDLE = (0.3, 0.7)  # of the text block: a gutter lies there
_STRAY = 2  # lines that may stand within a part of the gutter: a page number, a mark that hangs over
_REACH = 3.5  # characters that a full line may lack at its end, and its first line at the beginning
_LEAST_LINES = 6  # in the longer column
_LEAST_OTHER = 4  # in the shorter one
_FULL_SHARE = 0.5  # of the lines of running text, clauses of three or four lines and headings among them
_FULL_SHARE_ONE = 0.35  # the same in each of the columns
_ALIGNED_SHARE = 0.7  # of the lines that begin at the column's left edge, an indent included
_WIDTHS = 1.4  # times: columns of a page are equally wide, those of a table seldom
_LEAST_WIDTH = 8  # characters of a column's line
_WIDEST = 0.4  # of a column: a wider strip parts a list or signatures
_FEW = 3  # lines on the left alone that are a column where the pages before have two


@dataclass(frozen=True, slots=True)
class Gutter:
    """A blank strip from ``x0`` to ``x1`` on pages of ``width``, in points."""

    x0: float
    x1: float
    width: float

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2


@dataclass(slots=True)
class Part:
    """What is read together, from the top: characters, and tables by their places in the list that was given.

    ``column`` is 0 over the whole page, 1 on the left and 2 on the right.
    """

    column: int
    chars: list[dict[str, Any]] = field(default_factory=list)
    tables: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Run:
    """Characters of one line without a gap."""

    chars: list[dict[str, Any]]
    x0: float
    x1: float
    size: float


def find_gutter(chars: Sequence[dict[str, Any]], width: float) -> Gutter | None:
    """The gutter of a page ``width`` points wide, or None where it is not clearly set in two columns."""
    lines = _lines(chars)
    strip = _blank_strip(lines)
    if strip is None:
        return None
    gutter = Gutter(*strip, width)
    bands = [band for band in _bands(lines, gutter) if _has_right(band, gutter)]
    left = [side for band in bands for line in band if (side := [run for run in line if run.x1 <= gutter.middle])]
    right = [side for band in bands for line in band if (side := [run for run in line if run.x0 >= gutter.middle])]
    if min(len(left), len(right)) < _LEAST_OTHER or max(len(left), len(right)) < _LEAST_LINES:
        return None
    edges = [(_edge(side[0].x0 for side in left), strip[0]), (strip[1], -_edge(-side[-1].x1 for side in right))]
    wide = sorted(right_edge - left_edge for left_edge, right_edge in edges)
    size = median(run.size for side in (*left, *right) for run in side)
    if wide[0] < _LEAST_WIDTH * size or wide[1] > _WIDTHS * wide[0] or strip[1] - strip[0] > _WIDEST * wide[0]:
        return None
    full = [[_is_full(line, edge[1]) for line in side] for side, edge in zip((left, right), edges, strict=True)]
    if sum(map(sum, full)) < _FULL_SHARE * (len(left) + len(right)):
        return None
    for column, marks, (edge, _) in zip((left, right), full, edges, strict=True):
        aligned = sum(1 for line in column if line[0].x0 - edge < _REACH * line[0].size)
        if sum(marks) < _FULL_SHARE_ONE * len(column) or aligned < _ALIGNED_SHARE * len(column):
            return None
    return gutter


def reading_order(chars: Sequence[dict[str, Any]], boxes: Sequence[Box], gutter: Gutter | None) -> list[Part]:
    """The parts of a page in the order in which they are read; one part where there is no gutter.

    ``boxes`` are the places of the tables. ``gutter`` may be that of an earlier page: the last page of a text often
    has a left column only.
    """
    if gutter is None:
        return [Part(0, list(chars), list(range(len(boxes))))]
    items: list[tuple[float, list[_Run], int]] = [(_top(line), line, -1) for line in _lines(chars)]
    items += [(box[1], [_Run([], box[0], box[2], 0.0)], place) for place, box in enumerate(boxes)]
    items.sort(key=lambda item: item[0])
    parts: list[Part] = []
    band: list[tuple[float, list[_Run], int]] = []
    for item in [*items, None]:
        if item is not None and not _crosses(item[1], gutter):
            band.append(item)
            continue
        parts += _parts_of(band, gutter, bool(parts))
        band = []
        if item is not None:
            _add(parts, 0, item[1], item[2])
    return parts


def _parts_of(band: list[tuple[float, list[_Run], int]], gutter: Gutter, below: bool) -> list[Part]:
    """A band that no line crosses; ``below`` if something that crosses stands above it."""
    parts: list[Part] = []
    if not _has_right([line for _, line, _ in band], gutter):
        full = sum(1 for _, line, _ in band if _is_full(line, gutter.x0))
        column = 1 if len(band) >= _FEW and full >= _FULL_SHARE * len(band) else 0
        for _, line, place in band:
            _add(parts, column, line, place)
        return parts
    first = min(top for top, line, _ in band if line[-1].x0 >= gutter.middle)
    left, right = Part(1), Part(2)
    for top, line, place in band:
        # What stands above both columns and below a line over both is the short end of that line's paragraph.
        if below and line[-1].x1 <= gutter.middle and top + 0.8 * line[0].size <= first:
            _add(parts, 0, line, place)
            continue
        for run in line:
            part = left if run.x1 <= gutter.middle else right
            part.chars += run.chars
            part.tables += [place] if place >= 0 else []
    return [*parts, *(part for part in (left, right) if part.chars or part.tables)]


def _add(parts: list[Part], column: int, line: list[_Run], place: int) -> None:
    if not parts or parts[-1].column != column:
        parts.append(Part(column))
    parts[-1].chars += [char for run in line for char in run.chars]
    parts[-1].tables += [place] if place >= 0 else []


def _lines(chars: Sequence[dict[str, Any]]) -> list[list[_Run]]:
    """The lines of print from the top, each as its runs from the left."""
    found = []
    shown = [char for char in chars if char["text"].strip()]
    for line in cluster_objects(shown, lambda char: float(char["top"]), _SAME_LINE):
        runs: list[list[dict[str, Any]]] = []
        end = 0.0
        for char in sorted(line, key=lambda char: float(char["x0"])):
            if runs and char["x0"] - end < _GAP * char["size"]:
                runs[-1].append(char)
            else:
                runs.append([char])
                end = char["x1"]
            end = max(end, char["x1"])
        found.append(
            [_Run(run, run[0]["x0"], max(c["x1"] for c in run), median(c["size"] for c in run)) for run in runs]
        )
    return sorted(found, key=_top)


def _top(line: list[_Run]) -> float:
    return min((float(char["top"]) for run in line for char in run.chars), default=0.0)


def _blank_strip(lines: list[list[_Run]]) -> tuple[float, float] | None:
    """The widest strip in the middle of the text that hardly more lines cross than must."""
    runs = [run for line in lines for run in line]
    if not runs:
        return None
    start, end = min(run.x0 for run in runs), max(run.x1 for run in runs)
    low, high = (start + share * (end - start) for share in _MIDDLE)
    least = _GAP * median(run.size for run in runs)
    edges = sorted([*((run.x0, 1) for run in runs), *((run.x1, -1) for run in runs)])
    places: list[tuple[int, float, float]] = []  # lines that cross, from, to
    crossing = 0
    for (left, change), (right, _) in pairwise(edges):
        crossing += change
        if right > left and low <= (left + right) / 2 <= high:
            places.append((crossing, left, right))
    fewest = min((count for count, left, right in places if right - left >= least), default=0)
    strips: list[tuple[float, float]] = []
    for count, left, right in places:
        if count > fewest + _STRAY:
            continue
        if strips and strips[-1][1] == left:
            strips[-1] = (strips[-1][0], right)
        else:
            strips.append((left, right))
    widest = max(strips, key=lambda strip: strip[1] - strip[0], default=(0.0, 0.0))
    return widest if widest[1] - widest[0] >= least else None


def _crosses(line: list[_Run], gutter: Gutter) -> bool:
    return any(run.x0 < gutter.middle < run.x1 for run in line)


def _bands(lines: list[list[_Run]], gutter: Gutter) -> list[list[list[_Run]]]:
    """The lines that do not cross a gutter, in groups that lie between those that do."""
    bands: list[list[list[_Run]]] = [[]]
    for line in lines:
        if _crosses(line, gutter):
            bands.append([])
        else:
            bands[-1].append(line)
    return bands


def _has_right(band: Iterable[list[_Run]], gutter: Gutter) -> bool:
    return any(line[-1].x0 >= gutter.middle for line in band)


def _edge(starts: Iterable[float]) -> float:
    """The outermost place that two lines share within a point; the second outermost if none do."""
    ordered = sorted(starts)
    close = [start for start, other in pairwise(ordered) if other - start < 1.0]
    return close[0] if close else ordered[min(1, len(ordered) - 1)]


def _is_full(line: list[_Run], edge: float) -> bool:
    """Whether a line of one column reaches its right edge without a gap as between cells."""
    gaps = (right.x0 - left.x1 for left, right in pairwise(line))
    return edge - line[-1].x1 < _REACH * line[-1].size and all(gap < _CELL_GAP * line[0].size for gap in gaps)
