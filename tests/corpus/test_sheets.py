"""Workbooks as rows of text, in the limited child process, and cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from corpus.child import Limits, parse_rows
from corpus.read_draft import ReadError
from corpus.read_rows import read_rows
from corpus.sheets import Sheet, literal, sheets_from_json, sheets_to_json, unliteral

DANGEROUS = [
    "=1+1",
    '=HYPERLINK("http://x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_what_a_spreadsheet_would_run_is_quoted(text: str) -> None:
    assert literal(text) == f"'{text}"
    assert literal(f"'{text}") == f"''{text}"  # or it would lose its own apostrophe on the way back


@pytest.mark.parametrize("text", ["", "'", "''", "省科技厅", "'tis", "1+1", " =1", "a=b"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert literal(text) == text == unliteral(text)


@given(st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\n＝＋－＠ a"), st.characters())))
@example("''='=")
def test_quoting_is_taken_back_and_leaves_no_formula(text: str) -> None:
    assert unliteral(literal(text)) == text
    assert not literal(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def workbook(fill: Callable[[Workbook], object]) -> bytes:
    book = Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_cells(**cells: Any) -> bytes:
    def fill(book: Workbook) -> None:
        for place, value in cells.items():
            book.active[place] = value

    return workbook(fill)


def test_cells_are_text_and_places_are_kept() -> None:
    data = with_cells(A1="任务", C1="省科技厅\n省财政厅", A4=7, B4=2.5, C4=True, D4="  ", A5="007", B5=3.0)
    (sheet,) = read_rows(data)
    assert sheet.rows == (
        (1, ("任务", "", "省科技厅\n省财政厅")),
        (4, ("7", "2.5", "TRUE", "  ")),
        (5, ("007", "3")),
    )
    assert sheet.doubtful == {}


def test_what_is_not_what_the_person_sees_is_marked() -> None:
    def fill(book: Workbook) -> None:
        sheet = book.active
        sheet["A1"], sheet["B1"], sheet["C1"], sheet["D1"], sheet["E1"] = "=1+1", date(2022, 12, 31), 0.2, "#REF!", 5
        sheet["C1"].number_format = "0%"

    (sheet,) = read_rows(workbook(fill))
    assert sheet.doubtful == {(1, 1): "formula", (1, 2): "date", (1, 3): "format", (1, 4): "error"}
    assert sheet.rows[0][1][0] == "=1+1"


def test_a_cached_value_of_a_formula_is_not_taken() -> None:
    data = rewritten(with_cells(A1="=1+1"), "xl/worksheets/sheet1.xml", b"<v></v>", b"<v>not two</v>")
    (sheet,) = read_rows(data)
    assert sheet.rows == ((1, ("=1+1",)),)


def test_sheets_come_in_order_and_hidden_ones_not() -> None:
    def fill(book: Workbook) -> None:
        book.active.title, book.active["A1"] = "first", "a"
        for name in ("hidden", "last"):
            book.create_sheet(name)["A1"] = name
        book["hidden"].sheet_state = "hidden"

    assert [sheet.name for sheet in read_rows(workbook(fill))] == ["first", "last"]


def test_escaped_characters_are_read_back() -> None:
    data = rewritten(with_cells(A1="QUOTED"), "xl/worksheets/sheet1.xml", b"QUOTED", b"a_x000D_\nb_x000a_c_x0041_")
    (sheet,) = read_rows(data)
    assert sheet.rows == ((1, ("a\r\nb\nc_x0041_",)),)


def rewritten(data: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The archive with one part changed."""
    assert old in zipfile.ZipFile(io.BytesIO(data)).read(name)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            target.writestr(entry.filename, content.replace(old, new) if entry.filename == name else content)
    return out.getvalue()


def added(data: bytes, entries: dict[str, bytes]) -> bytes:
    """The archive with further parts."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return out.getvalue()


PLAIN = with_cells(A1="id", A2="a")
ENTITIES = b'<?xml version="1.0"?><!-- x --><!DOCTYPE w [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
HOSTILE = {
    "cut off": (PLAIN[: len(PLAIN) // 2], "is not a whole Excel workbook"),
    "no archive": (b"PK\x03\x04 and nothing that follows", "is not a whole Excel workbook"),
    "a Word document": (added(b"", {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}), "a Word document"),
    "any archive": (added(b"", {"a.txt": b"x"}), "an archive without a workbook"),
    "no workbook part": (rewritten(PLAIN, "[Content_Types].xml", b"sheet.main", b"sheet.none"), "is damaged"),
    "not XML": (rewritten(PLAIN, "xl/workbook.xml", b"<", b"("), "is damaged"),
    "a bomb": (added(PLAIN, {"xl/media/a.bin": b"0" * 40_000_000}), "packed more than 100-fold"),
    "many parts": (added(PLAIN, {f"xl/{n}": b"" for n in range(2_001)}), "unpacks to more"),
    "stray names": (added(PLAIN, {"../../a": b""}), "stray names"),
    "entities": (
        rewritten(PLAIN, "xl/workbook.xml", b"<workbook", ENTITIES + b"<workbook"),
        r"declares a document type in 'xl/workbook\.xml'",
    ),
    "entities in a sheet": (
        rewritten(PLAIN, "xl/worksheets/sheet1.xml", b"<worksheet", ENTITIES + b"<worksheet"),
        "declares a document type",
    ),
    "a row far away": (
        rewritten(PLAIN, "xl/worksheets/sheet1.xml", b'<row r="2"', b'<row r="99999999999"'),
        "more than 1 seconds of computing",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_workbook_is_refused_with_a_reason(tmp_path: Path, case: str) -> None:
    data, reason = HOSTILE[case]
    path = tmp_path / "set.xlsx"
    path.write_bytes(data)
    with path.open("rb") as file, pytest.raises(ReadError, match=reason) as caught:
        parse_rows(file, Limits(cpu_seconds=1 if "computing" in reason else 20))
    assert len(str(caught.value).splitlines()) == 1


def test_a_workbook_travels_out_of_the_child_whole(tmp_path: Path) -> None:
    path = tmp_path / "set.xlsx"
    path.write_bytes(with_cells(A1="任务", B2="=1+1"))
    with path.open("rb") as file:
        assert parse_rows(file) == read_rows(path.read_bytes())
        with pytest.raises(ReadError, match="more text than can be read; save the sheet alone"):
            parse_rows(file, Limits(result_bytes=10))


def test_sheets_as_json_are_the_same_sheets() -> None:
    sheets = (Sheet("a", ((2, ("x", "", "y")),), {(2, 3): "date"}), Sheet("空", ()))
    assert sheets_from_json(sheets_to_json(sheets)) == sheets
    for broken in ({}, {"sheets": [["a"]]}, {"sheets": [["a", [["x"]], []]]}):
        with pytest.raises((KeyError, TypeError, ValueError)):
            sheets_from_json(broken)
