"""Workbooks: one writer for all of them, whose cells are no formulas and hold what a workbook can; names of files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from assistant.render import xml_safe
from assistant.rest.export import LONGEST_CELL, Sheet, attachment, fitting, saved_as, workbook, xlsx_table

UNWRITABLE = ["\ufffe", "\uffff", "\x00", "\x0b", "\x1f", "\ud800"]


def opened(content: bytes) -> Any:
    return load_workbook(io.BytesIO(content))


@pytest.mark.parametrize("char", UNWRITABLE)
def test_what_xml_cannot_hold_is_left_out(char: str) -> None:
    assert xml_safe(f"市{char}甲局\t\n") == "市甲局\t\n"
    book = opened(xlsx_table("x", {f"头{char}": 8}, [[f"市{char}甲局", [f"乙{char}", "丙"]]], f"说{char}明"))
    assert list(book.active.values) == [("头", None), ("市甲局", "乙、丙")]
    assert book.properties.description == "说明"
    # Nor does it hide a formula: what a spreadsheet would run is quoted after it is gone.
    assert fitting(f"{char}=1+1") == "'=1+1"


def test_a_cell_is_a_number_or_a_text_that_fits() -> None:
    assert [fitting(value) for value in (3, 0.25, None, True, False, ["甲", "乙"])] == [
        3,
        0.25,
        None,
        "1",
        "",
        "甲、乙",
    ]
    cut = fitting("长" * (LONGEST_CELL + 1))
    assert isinstance(cut, str)
    assert (len(cut), cut[-1]) == (LONGEST_CELL, "…")


def test_a_sheet_is_laid_out_as_it_asks() -> None:
    sheets = [
        Sheet("first", ["=a", "b", "c"], iter([["=1", 2, "x"]]), [5, 6, 7], "B2", 1, True, {1}, [["sum", 2]]),
        Sheet("second", [], [["no head", 1]]),
    ]
    first, second = opened(workbook(sheets)).worksheets
    assert list(first.values) == [("'=a", "b", "c"), ("'=1", 2, "x"), ("sum", 2, None)]
    assert (first.freeze_panes, first.auto_filter.ref) == ("B2", "A1:C2")
    assert [int(first.column_dimensions[name].width) for name in "ABC"] == [5, 6, 7]
    assert [cell.alignment.text_rotation for cell in first[1]] == [0, 0, 255]
    assert [cell.border.left.style for cell in first[2]] == [None, "medium", None]
    assert [(row[0].font.bold, row[0].fill.fill_type) for row in first] == [
        (True, "solid"),
        (False, None),
        (False, None),
    ]
    assert (second.freeze_panes, second.auto_filter.ref) == (None, None)
    assert list(second.values) == [("no head", 1)]


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(
            st.text("甲<&>\"' \t\n\r_x00D#N/A=1\ufffe\U00020000", max_size=6) | st.integers(-9, 2**40) | st.none(),
            min_size=1,
            max_size=5,
        ),
        max_size=4,
    )
)
def test_rows_are_read_as_they_were_written(rows: list[list[Any]]) -> None:
    sheet = opened(workbook([Sheet("x", ["甲", "乙", "丙"], rows, ruled={1})])).active
    # What reads it here leaves out what spreadsheets do: of "_x005F_" they read "_", so that "_x000D_" stays a text.
    found = [
        [unescape(cell.value) if isinstance(cell.value, str) else cell.value for cell in line]
        for line in sheet.iter_rows(min_row=2)
    ]
    wide = max(3, *map(len, rows)) if rows else 3
    assert found == [
        [fitting(value) or (value if value == 0 else None) for value in row] + [None] * (wide - len(row))
        for row in rows
    ]
    assert {cell.data_type for line in sheet.iter_rows() for cell in line if isinstance(cell.value, str)} <= {"s"}
    assert all(
        bool(cell.border.left.style) == (cell.column == 2)
        for line in sheet.iter_rows()
        for cell in line
        if cell.has_style
    )


def test_many_columns_have_their_letters() -> None:
    """A, Z, AA, AZ, BA, ZZ, AAA: what the library calls them."""
    sheet = opened(workbook([Sheet("x", [], [range(1, 705)])])).active
    assert [sheet[name + "1"].value for name in ("A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "AAB")] == [
        1, 26, 27, 52, 53, 702, 703, 704
    ]  # fmt: skip


def test_numbers_that_are_none_are_empty() -> None:
    sheet = opened(workbook([Sheet("x", [], [[float("nan"), float("inf"), 0.1, 0, -2.5]])])).active
    assert [cell.value for cell in sheet[1]] == [None, None, 0.1, 0, -2.5]


def test_a_file_is_saved_under_a_name_that_no_header_breaks_at() -> None:
    said = saved_as('矩阵 "甲"\r\nX: y/../' + "长" * 200, "xlsx", "matrix-澄湖")
    plain, _, whole = said.partition("; filename*=UTF-8''")
    assert plain == 'attachment; filename="matrix-.xlsx"'
    assert said.isascii()
    assert unquote(whole).startswith("矩阵_甲_X_y_.._长")
    assert len(unquote(whole)) == 80 + len(".xlsx")
    assert (
        attachment({"lake"}, "csv")
        == "attachment; filename=\"assignments-lake.csv\"; filename*=UTF-8''assignments-lake.csv"
    )
    assert "assignments.csv" in attachment({"lake", "bus"}, "csv")


def test_there_is_one_writer() -> None:
    """Another one would have its own idea of formulas, and of what a workbook cannot hold."""
    folder = Path(__file__).resolve().parents[2] / "assistant"
    modules = {one.name: one.read_text(encoding="utf-8") for one in folder.rglob("*.py")}
    for sign in ("xlsxwriter", "filename*="):
        assert [name for name, text in modules.items() if sign in text] == ["export.py"], sign
