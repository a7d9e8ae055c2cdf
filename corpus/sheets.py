"""Cells of spreadsheets: a workbook as rows of text, and text that no spreadsheet takes for a formula.

``corpus/read_rows.py`` reads a workbook, in the child process of ``corpus/child.py``; what it finds travels as
plain JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# What a spreadsheet takes for the begin of a formula, also in full-width form, after the apostrophes of earlier
# quoting: counting these in is what makes quoting something that can be taken back.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_QUOTED = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def literal(text: str) -> str:
    """The text of a cell as a CSV or Excel file should have it: an apostrophe before what would be a formula.

    Without it a spreadsheet runs ``=HYPERLINK(…)`` of a plan or a user (OWASP, "CSV Injection").
    ``unliteral`` gives the text back, whatever it is.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unliteral(text: str) -> str:
    """The text that ``literal`` was given; a text that it could not have written stays as it is."""
    return text[1:] if _QUOTED.match(text) else text


@dataclass(frozen=True, slots=True)
class Sheet:
    """One visible sheet of a workbook. Rows and columns count from 1; rows without any text are left out."""

    name: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]  # (number, cells up to the last that holds text)
    # (row, column) of a cell whose text is not what the person sees there: "formula", "date", "format" (a number
    # shown with a format of its own, such as 20% for .2) or "error"
    doubtful: Mapping[tuple[int, int], str] = field(default_factory=dict)


def sheets_to_json(sheets: tuple[Sheet, ...]) -> dict[str, Any]:
    """Plain lists and strings for ``json.dumps``."""
    return {
        "sheets": [
            [sheet.name, sheet.rows, [[row, column, kind] for (row, column), kind in sheet.doubtful.items()]]
            for sheet in sheets
        ]
    }


def sheets_from_json(value: dict[str, Any]) -> tuple[Sheet, ...]:
    """The sheets that ``sheets_to_json`` wrote; ``KeyError``, ``TypeError`` or ``ValueError`` on anything else."""
    return tuple(
        Sheet(
            str(name),
            tuple((int(number), tuple(map(str, cells))) for number, cells in rows),
            {(int(row), int(column)): str(kind) for row, column, kind in doubtful},
        )
        for name, rows, doubtful in value["sheets"]
    )
