"""Workbooks: one writer for all of them, whose cells are no formulas and hold what a workbook can; names of files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

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
    assert [first.column_dimensions[name].width for name in "ABC"] == [5, 6, 7]
    assert [cell.alignment.text_rotation for cell in first[1]] == [0, 0, 255]
    assert [cell.border.left.style for cell in first[2]] == [None, "medium", None]
    assert [(row[0].font.bold, row[0].fill.fill_type) for row in first] == [
        (True, "solid"),
        (False, None),
        (False, None),
    ]
    assert (second.freeze_panes, second.auto_filter.ref) == (None, None)
    assert list(second.values) == [("no head", 1)]


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
    for sign in ("openpyxl", "filename*="):
        assert [name for name, text in modules.items() if sign in text] == ["export.py"], sign
