"""Task tables without ruling lines: read where they are clear, else left as text."""

from __future__ import annotations

import pytest

from corpus.read_unruled import unruled_tables

Line = tuple[int, list[tuple[int, str]]]  # top, (from, text)
HEAD: Line = (100, [(70, "序号"), (110, "任务内容"), (300, "牵头单位"), (400, "完成时限")])
ROWS: list[Line] = [
    (121, [(70, "1"), (110, "建设绿道并完善沿线的驿站和"), (300, "市园林局、市"), (400, "6月底前")]),
    (136, [(110, "步道"), (300, "财政局")]),
    (157, [(70, "2"), (110, "植树"), (300, "同上"), (400, "长期坚持")]),
]


def page(lines: list[Line]) -> list[dict[str, object]]:
    return [
        {"text": char, "x0": x + 10.0 * n, "x1": x + 10.0 * n + 10, "top": float(top), "size": 10.0}
        for top, runs in lines
        for x, text in runs
        for n, char in enumerate(text)
    ]


GRID = [
    ["序号", "任务内容", "牵头单位", "完成时限"],
    ["1", "建设绿道并完善沿线的驿站和步道", "市园林局、市财政局", "6月底前"],
    ["2", "植树", "同上", "长期坚持"],
]


def test_wrapped_cells_are_joined_by_row() -> None:
    around: list[Line] = [(70, [(94, "表1任务表")]), (200, [(94, "以上任务由市政府办公室督办。")])]
    ((box, grid),) = unruled_tables(page([around[0], HEAD, *ROWS, around[1]]))
    assert grid == GRID
    assert (box[0], box[1], box[3]) == (70.0, 100.0, 167.0)


def test_a_head_of_two_lines() -> None:
    head: list[Line] = [(100, [(70, "序"), *HEAD[1][1:]]), (112, [(70, "号")])]
    ((_, grid),) = unruled_tables(page([*head, *[(top + 10, runs) for top, runs in ROWS]]))
    assert grid == GRID


NOT_CLEAR: list[tuple[list[Line], str]] = [
    ([(100, [(70, "序号"), (110, "名称"), (300, "长度")]), *ROWS], "no column for a role"),
    ([(100, HEAD[1][1:]), *ROWS], "no number"),
    ([HEAD, ROWS[0]], "one row"),
    ([HEAD, (121, [(70, "1"), (105, "建设绿道" * 5), (300, "市园林局")]), *ROWS[2:]], "a cell that leaves its column"),
    ([HEAD, ROWS[0], (136, [(110, "步道")]), (151, ROWS[2][1])], "rows as close as lines"),
    ([HEAD, ROWS[0], (157, [(70, "7"), *ROWS[2][1][1:]])], "numbers that do not count on"),
    ([HEAD, (121, [(110, "建设绿道")]), (129, [(70, "1")]), *ROWS[2:]], "numbers at half height"),
]


@pytest.mark.parametrize(("lines", "why"), NOT_CLEAR, ids=[row[1] for row in NOT_CLEAR])
def test_what_is_not_clear_stays_text(lines: list[Line], why: str) -> None:
    assert unruled_tables(page(lines)) == [], why
