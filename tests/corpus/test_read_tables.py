"""Tables as lines, and the numbers of lists."""

from __future__ import annotations

import pytest

from corpus.read_numbers import format_number
from corpus.tables import MAX_COLUMNS, Cell, fill_spans, join_cell, join_wrapped, pipe_line, pipe_lines


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        (["州公安局", "州税务局"], "州公安局、州税务局"),
        (["州公安局", "", " 州税务局 "], "州公安局、州税务局"),
        (["州公安局（牵头）", "州税务局"], "州公安局（牵头）、州税务局"),
        (["市发展改革委等", "各县政府"], "市发展改革委等、各县政府"),
        (["州公安局、", "州税务局"], "州公安局、州税务局"),  # the mark is there already
        (["州公安局", "（牵头）"], "州公安局（牵头）"),
        (["完善制度，", "健全机制"], "完善制度，健全机制"),
        (["2024年", "6月底"], "2024年6月底"),
        (["Model", "plan"], "Model plan"),
        ([], ""),
    ],
)
def test_lines_of_a_cell_become_one(lines: list[str], joined: str) -> None:
    assert join_cell(lines) == joined


def test_an_explicit_break_parts_whatever_stands_around_it() -> None:
    assert join_cell(["6月底", "12月底"], always=True) == "6月底、12月底"
    assert join_cell(["完善制度。", "健全机制"], always=True) == "完善制度。健全机制"


@pytest.mark.parametrize(
    ("lines", "joined"),
    [
        ([("州人力资源社会", True), ("保障局", False)], "州人力资源社会保障局"),
        ([("州公安局", False), ("州人力资源社", True), ("会保障局", False)], "州公安局、州人力资源社会保障局"),
        ([("州公安局", True), ("州税务局", True)], "州公安局、州税务局"),  # a column of just four characters
        ([("州发展和改革委", True), ("员会", False)], "州发展和改革委员会"),
        ([("州政府", True), ("办公室", False)], "州政府办公室"),
        ([("派出所、各社", True), ("区居民委员会", False)], "派出所、各社区居民委员会"),
    ],
)
def test_lines_that_the_layout_broke_run_on(lines: list[tuple[str, bool]], joined: str) -> None:
    assert join_wrapped(lines) == joined


def test_spans_are_filled_from_above_and_from_the_left() -> None:
    rows = [
        [Cell("序号"), Cell("任务", columns=2), Cell("单位")],
        [Cell("1"), Cell("企业", rows=2), Cell("登记"), Cell("甲局", rows=0)],
        [Cell("2"), Cell("注销")],
    ]
    assert fill_spans(rows) == [
        ["序号", "任务", "任务", "单位"],
        ["1", "企业", "登记", "甲局"],
        ["2", "企业", "注销", "甲局"],
    ]


def test_a_span_is_only_a_number_in_the_file() -> None:
    grid = fill_spans([[Cell("a", rows=9999, columns=9999)]] * 3)
    assert [len(row) for row in grid] == [MAX_COLUMNS] * 3


def test_rows_hold_their_columns() -> None:
    assert pipe_line([" 甲|乙 ", "丙\n丁"]) == "| 甲｜乙 | 丙 丁 |"
    assert pipe_lines([["a", "b"], ["", " "], ["c"]]) == ["| a | b |", "| c |  |"]


@pytest.mark.parametrize(
    ("number", "style", "written"),
    [
        (1, "chineseCounting", "一"),
        (10, "chineseCountingThousand", "十"),
        (12, "chineseCountingThousand", "十二"),
        (20, "chineseCountingThousand", "二十"),
        (105, "chineseCountingThousand", "一百零五"),
        (110, "chineseCountingThousand", "一百一十"),
        (1003, "chineseCountingThousand", "一千零三"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (10, "ideographDigital", "一〇"),
        (2, "ideographTraditional", "乙"),
        (4, "upperRoman", "IV"),
        (27, "lowerLetter", "aa"),
        (3, "decimalEnclosedCircle", "③"),
        (21, "decimalEnclosedCircle", "21"),
        (7, "decimalZero", "07"),
        (12, "decimalFullWidth", "１２"),
        (5, "decimal", "5"),
        (5, "a style of tomorrow", "5"),
        (0, "upperRoman", "0"),
    ],
)
def test_numbers_are_written_as_a_word_processor_does(number: int, style: str, written: str) -> None:
    assert format_number(number, style) == written
