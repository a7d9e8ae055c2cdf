"""The ledger as files to take along: a workbook, CSV, and a table in Word as offices lay it out.

Each holds exactly the rows that it is given, in their order, with the plan's own words; nothing is converted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.holder import Asker
from assistant.ledger_rows import Entry
from assistant.model import ROLES
from assistant.rest.citing import listed
from assistant.rest.export import TYPES as TABLE_TYPES
from assistant.rest.export import csv_table, xlsx_table
from assistant.word_file import TYPE as WORD
from assistant.word_file import Layout, Line, TooLong, check_rows, word_file
from assistant.wording import gist

# Column → its width in a workbook, in characters.
COLUMNS = {
    "number": 6,
    "plan": 36,
    "document": 22,
    "clause": 16,
    "task": 36,
    **dict.fromkeys(ROLES, 26),
    "deadline": 16,
    "basis": 14,
    "quote": 80,
    "rule": 40,
    "page": 6,
    "link": 40,
}
# Column of the Word table → its share of a page's width. Units that rules add have one where there are any.
WORD_COLUMNS = {
    "number": 9, "plan": 32, "clause": 19, "task": 42, "lead": 26, "support": 30, "responsible": 30, "implicit": 22,
    "deadline": 19, "quote": 54,
}  # fmt: skip
TYPES = {**TABLE_TYPES, "docx": WORD}
MOST_IN_WORD = 5_000  # rows of a Word file: a longer one takes Word itself a minute and more to lay out
MOST_IN_WORKBOOK = 60_000  # rows of a workbook: ten seconds of a processor; a sheet itself holds many times that
LONGEST_TASK = 80  # code points of a task without a title; the whole stands beside it


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above and around the rows, in the reader's language."""

    title: str
    filters: str  # the line that says what was chosen
    made: str  # the line with the date
    columns: Mapping[str, str]  # column → head
    basis: Mapping[str, str]  # basis → words


def check(kind: str, count: int) -> None:
    """Raises ``TooLong`` where a file of a kind would not hold so many rows."""
    if kind == "docx":
        check_rows(count, MOST_IN_WORD)
    if kind == "xlsx" and count > MOST_IN_WORKBOOK:
        raise TooLong(
            f"a workbook of {count} rows would be too long, it holds {MOST_IN_WORKBOOK}; narrow the list, or export CSV"
        )


def file_rows(
    assistant: Asker, entries: Iterable[Entry], basis: Mapping[str, str], public_url: str = ""
) -> Iterator[dict[str, object]]:
    """Each row as its cells by column; units are lists. ``public_url`` is put before links, which leave this server."""
    for number, entry in enumerate(entries, 1):
        row, plan = entry.row, assistant.plans[entry.row.plan]
        cited = listed(plan, row).cited
        yield {
            "number": number,
            "plan": plan.meta.title or plan.id,
            "document": plan.meta.number,
            "clause": row.clause + (f"~{row.part}" if row.part else ""),
            "task": row.title or gist(plan, entry.clause, plan.assignment(entry.clause), LONGEST_TASK),
            **{role: getattr(row, role) for role in ROLES},
            "deadline": entry.deadline,
            "basis": basis.get(row.basis, row.basis),
            "quote": cited.quote,
            "rule": cited.rule.quote if cited.rule else "",
            "page": cited.page,
            "link": public_url + cited.link,
        }


def ledger_file(kind: str, rows: Iterable[Mapping[str, object]], heading: Heading) -> bytes:
    """The rows as a file: ``kind`` is csv, xlsx or docx. How many it can hold, ``check`` says before."""
    if kind == "docx":
        return _docx(list(rows), heading)
    cells = ([row[column] for column in COLUMNS] for row in rows)
    if kind == "csv":
        return csv_table([heading.columns[column] for column in COLUMNS], cells)
    widths = {heading.columns[column]: width for column, width in COLUMNS.items()}
    return xlsx_table(heading.title, widths, cells, heading.filters)


def _docx(rows: Sequence[Mapping[str, object]], heading: Heading) -> bytes:
    columns = [c for c in WORD_COLUMNS if c != "implicit" or any(row["implicit"] for row in rows)]
    heads, shares = [heading.columns[c] for c in columns], [WORD_COLUMNS[c] for c in columns]
    layout = Layout(heading.title, [heading.filters], heading.made, heads, shares)
    return word_file(layout, ([(Line(_said(row[c])),) for c in columns] for row in rows))


def _said(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
