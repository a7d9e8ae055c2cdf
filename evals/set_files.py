"""Question sets as files: written in every format that is read, and a template to fill in."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from assistant.whole_file import write_whole
from evals.errors import SetInvalid
from evals.questions import SUFFIXES, Category, Format, Question, QuestionSet, load_set
from evals.sheets import COLUMNS, Column, to_cell
from evals.text import one_line

EXAMPLES = Path(__file__).with_name("template.jsonl")
# Characters of one cell: what Excel shows, and what Python's csv reads by default.
MOST_IN_CELL: dict[Format, int] = {"xlsx": 32_767, "csv": 131_072}
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# A carriage return, which XML would change, and an underscore that would begin a number (corpus/read_rows.py).
_ESCAPE = re.compile("\r|_(?=x[0-9A-Fa-f]{4}[_\r])")
_SHEET = "questions 题目"
_HELP_SHEET = "columns 填写说明"
_NOTES = (
    (
        "一个单元格里写多个值时，每个值一行（Alt+Enter）或用 | 分开；单位、方案也可用顿号分开。"
        '值本身含有这些符号时，写成 JSON 列表：["甲、乙","丙"]。',
        "Several values in one cell: one a line (Alt+Enter), or between |; units and plans also between 、. "
        'A value that holds such a sign itself: a JSON list, ["甲、乙","丙"].',
    ),
    (
        "以 = + - @ 开头的文字前面加一个 '，读取时会去掉。不要写公式。",
        "Text that begins with = + - @ has an ' in front, which is taken away on reading. Write no formulas.",
    ),
)
_HEAD = PatternFill("solid", fgColor="DDEBF7")
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def write_set(path: Path, questions: Iterable[Question], *, replace: bool = False) -> None:
    """Write a set in the format that the file's name says, in one step.

    Raises ``SetInvalid`` where the name says none of them, a question does not fit into the format, or the file
    cannot be written; also where it is there already, unless it may be replaced.
    """
    kind = _format_of(path, replace)
    _write(path, set_bytes(questions, kind))


def write_template(path: Path) -> None:
    """Write ``template`` in the format that the file's name says. Raises like ``write_set``."""
    _write(path, template(_format_of(path)))


def _format_of(path: Path, replace: bool = False) -> Format:
    """What a file to be written is to hold; refuses one that is somebody's already."""
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise SetInvalid(f"{path}: the name says no format; let it end in one of {', '.join(SUFFIXES)}")
    if not replace and os.path.lexists(path):  # unlike Path.exists it raises nothing
        raise SetInvalid(f"{path}: is there already; name a new file")
    return kind


def _write(path: Path, data: bytes) -> None:
    try:
        write_whole(path, data)
    except OSError as error:
        raise SetInvalid(f"{path}: cannot be written ({error.strerror}); name another file") from None


def set_bytes(questions: Iterable[Question], kind: Format) -> bytes:
    """A set as the content of a file, with which ``parse_set`` gives equal questions and the same digest.

    Raises ``SetInvalid`` where a text does not fit into a cell of the format.
    """
    if kind == "jsonl":
        return "".join(f"{question.model_dump_json(exclude_defaults=True)}\n" for question in questions).encode()
    rows = [_row(question, kind) for question in questions]
    return _csv(rows) if kind == "csv" else _xlsx(rows, explained=False)


def template(kind: Format) -> bytes:
    """Three example questions about the shipped plans, to be replaced by one's own.

    The workbook says what each column is, in Chinese and English, on a second sheet.
    """
    if kind == "jsonl":
        return EXAMPLES.read_bytes()
    rows = [_row(question, kind) for question in _examples()]
    return _csv(rows) if kind == "csv" else _xlsx(rows, explained=True)


@lru_cache(maxsize=1)
def _examples() -> QuestionSet:
    return load_set(EXAMPLES)


def _row(question: Question, kind: Format) -> list[str]:
    """The cells of a question, each of which the format can hold."""
    value = question.model_dump()
    cells = [to_cell(column, value[column.key]) for column in COLUMNS.values()]
    for column, cell in zip(COLUMNS.values(), cells, strict=True):
        place = f"question {one_line(question.id)}, column {column.key}"
        if kind == "xlsx" and (unfit := _NO_XML.search(cell)):
            raise SetInvalid(
                f"{place}: holds the character U+{ord(unfit[0]):04X}, which xlsx cannot hold; "
                "remove it, or write the set as jsonl"
            )
        if len(_escaped(cell).encode("utf-16-le")) > 2 * MOST_IN_CELL[kind]:
            raise SetInvalid(
                f"{place}: holds more than {MOST_IN_CELL[kind]:,} characters, the most of a cell in {kind}; "
                "shorten it, or write the set as jsonl"
            )
    return cells


def _escaped(cell: str) -> str:
    return _ESCAPE.sub(lambda found: "_x000D_" if found[0] == "\r" else "_x005F_", cell)


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")  # with the mark that makes Excel read it as UTF-8


def _xlsx(rows: Iterable[Sequence[str]], *, explained: bool) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_SHEET)
    sheet.freeze_panes = "B2"
    for at, column in enumerate(COLUMNS.values(), start=1):
        letter = get_column_letter(at)
        sheet.column_dimensions[letter].width = column.width
        if choices := _choices(column):
            check = DataValidation("list", formula1=f'"{",".join(choices)}"', allow_blank=True)
            check.showErrorMessage = column.kind == "choice"  # 是 and 否 are taken too
            check.add(f"{letter}2:{letter}1048576")
            sheet.data_validations.append(check)
    sheet.append([_cell(sheet, name, head=True) for name in COLUMNS])
    for row in rows:
        sheet.append([_cell(sheet, _escaped(text)) if text else None for text in row])
    if explained:
        _explain(book.create_sheet(_HELP_SHEET))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _choices(column: Column) -> Sequence[str]:
    """What the drop-down list of a column offers, if it has one."""
    if column.key == "category":
        return get_args(Category)
    return ("TRUE", "FALSE") if column.kind == "truth" else ()


def _explain(sheet: Any) -> None:
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCD", (14, 18, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.append([_cell(sheet, text, head=True) for text in ("column", "也可写作", "说明", "meaning")])
    for column in COLUMNS.values():
        row = (column.key, "、".join(column.aliases), column.zh, column.en)
        sheet.append([_cell(sheet, text) for text in row])
    for zh, en in _NOTES:
        sheet.append([_cell(sheet, text) for text in ("", "", zh, en)])


def _cell(sheet: Any, text: str, *, head: bool = False) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # openpyxl would make a formula of "=1", and an error of "#N/A"
    cell.alignment = _WRAPPED
    if head:
        cell.font, cell.fill = Font(bold=True), _HEAD
    return cell
