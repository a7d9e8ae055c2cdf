"""Rows of task tables → statements: a cell belongs to its row, its role comes from its column."""

from __future__ import annotations

import re
from collections.abc import Iterable

from corpus.fold import simplify
from corpus.model import Note, Party, Span
from corpus.statements import Reading, Statement
from corpus.task_tables import Table
from corpus.units import UnitTable


def read_rows(text: str, tables: Iterable[Table], units: UnitTable) -> dict[Span, Reading]:
    """One reading for each row, by its span; a cell that names no bodies is noted and left alone."""
    readings: dict[Span, Reading] = {}
    for table in tables:
        for row in table.rows:
            parties: list[Party] = []
            notes: list[Note] = []
            for role, cell in row.parties:
                mentions = units.split_units(cell.of(text))
                if not all(units.is_body(m.name) for m in mentions):
                    notes.append(Note("unit", "a cell of a role column names something that is no body", cell))
                    continue
                for mention in mentions:
                    span = Span(cell.start + mention.span.start, cell.start + mention.span.end)
                    here = span if row.span.holds(span) else None  # 同上: the name stands in another row
                    parties.append(Party(mention.name, role, here, aliases=mention.aliases))
            deadline = re.sub(r"\s", "", simplify(row.deadline.of(text))) if row.deadline else ""
            statement = Statement(row.span, row.span, tuple(parties), deadline, ranked=len(parties) > 1)
            readings[row.span] = Reading((statement,) if parties or deadline else (), tuple(notes))
    return readings
