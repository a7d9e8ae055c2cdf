"""A comparison as a workbook: a row a subject, and beside it what each plan has. No cell is ever a formula."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote as percent

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from assistant.compare import Comparison, Subject, Task
from assistant.model import ROLES
from assistant.render import shown
from assistant.web.compare_view import View, link, place_name, tags
from assistant.web.compare_words import CompareWords
from corpus.sheets import literal

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767  # characters that a cell of a workbook holds
# Of each plan, with the width of the column in characters.
COLUMNS: Mapping[str, int] = {
    "title": 32, "clause": 18, "lead": 24, "support": 24, "responsible": 24, "implicit": 24, "deadline": 16,
    "targets": 32, "quote": 60, "link": 30,
}  # fmt: skip
_LEFT = Border(left=Side(style="medium"))
_HEAD = PatternFill("solid", fgColor="FFE8EDF3")


def xlsx_file(
    compared: Comparison,
    subjects: Sequence[Subject],
    view: View,
    said: CompareWords,
    names: Mapping[str, str],
    public_url: str = "",
) -> bytes:
    """The rows that a filter keeps, in their order, and a sheet with the counts over all rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(said.sheet)
    sheet.freeze_panes = "D2"
    heads = [said.columns[name] for name in ("number", "chapter", "notes")]
    widths = [6, 24, 22]
    for plan in compared.plans:
        heads += [said.export_of.format(title=names[plan.id], column=said.columns[name]) for name in COLUMNS]
        widths += COLUMNS.values()
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(subjects) + 1}"
    _append(sheet, heads, head=True)
    for one in subjects:
        row: list[str | int] = [one.number, one.chapter, "；".join(tags(one, said, names, compared.plans))]
        for cell in one.cells:
            row += [_together([_of(task, name, said, public_url) for task in cell]) for name in COLUMNS]
        _append(sheet, row)
    _summary(book.create_sheet(said.summary_sheet), compared, len(subjects), view, said, names)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def attachment(compared: Comparison) -> str:
    """The Content-Disposition of the file, named by the plans (RFC 6266)."""
    name = (
        re.sub(r"[^\w.()-]+", "_", shown("-".join(["compare", *(plan.id for plan in compared.plans)])))[:80] + ".xlsx"
    )
    plain = name.encode("ascii", "ignore").decode()
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{percent(name, safe='')}"


def _of(task: Task, column: str, said: CompareWords, public_url: str) -> str:
    """One thing about one task, as text."""
    if column in ROLES:
        return "；".join(filter(None, ("、".join(getattr(row, column)) for row in task.rows)))
    return {
        "title": task.title,
        "clause": place_name(task, said),
        "deadline": "；".join(task.deadlines),
        "targets": "；".join(
            (task.plan.quote(one.by) + " … " if one.by else "") + task.plan.quote(one.span) for one in task.targets
        ),
        "quote": task.quote,
        "link": public_url + link(task, said.lang),
    }[column]


def _together(texts: Sequence[str]) -> str:
    """What several tasks of one plan have, a line each, numbered as their titles are."""
    if len(texts) < 2:
        return "".join(texts)
    return "\n".join(f"{number}) {text}" for number, text in enumerate(texts, 1) if text)


def _append(sheet: object, values: Sequence[str | int], head: bool = False) -> None:
    cells = []
    for number, value in enumerate(values):
        cell = WriteOnlyCell(sheet, value=_fitting(value))
        if isinstance(cell.value, str):
            cell.data_type = "s"  # whatever the library would make of it
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        if number >= 3 and (number - 3) % len(COLUMNS) == 0:
            cell.border = _LEFT
        if head:
            cell.font, cell.fill = Font(bold=True), _HEAD
        cells.append(cell)
    sheet.append(cells)  # type: ignore[attr-defined]


def _fitting(value: str | int) -> str | int:
    """A number as it is; a text as a cell can hold it, and as no spreadsheet takes it for a formula."""
    if isinstance(value, int):
        return value
    text = literal(str(ILLEGAL_CHARACTERS_RE.sub("", value)))
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _summary(
    sheet: object, compared: Comparison, kept: int, view: View, said: CompareWords, names: Mapping[str, str]
) -> None:
    counts, figures = compared.summary, said.figures
    for plan in compared.plans:
        _append(sheet, [figures["plans"], names[plan.id], plan.meta.title, plan.meta.number])
    chosen = said.only.format(plan=names[view.of]) if view.show == "only" else said.shows[view.show]
    _append(sheet, [figures["filter"], chosen, said.shown.format(n=kept, all=counts.subjects)])
    if view.q:
        _append(sheet, [figures["search"], view.q])
    for name in ("subjects", "common", "everywhere"):
        _append(sheet, [figures[name], getattr(counts, name)])
    for plan, count in zip(compared.plans, counts.only, strict=True):
        _append(sheet, [figures["only"].format(plan=names[plan.id]), count])
    for name in ("same_lead", "different_lead", "different_deadline", "with_targets"):
        _append(sheet, [figures[name], getattr(counts, name)])
    if view.edits:
        _append(sheet, [figures["edits"], len(view.edits)])
