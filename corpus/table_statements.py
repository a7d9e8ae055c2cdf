"""Rows of task tables → statements: a cell belongs to its row, its role comes from its column or its own words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from corpus.fold import fold, simplify
from corpus.model import Note, Party, Role, Span
from corpus.phrases import BESIDES, LABEL, ROLE
from corpus.statements import Reading, Statement, once, read_words, shift_statement
from corpus.task_tables import Row, Table
from corpus.units import UnitTable

_SAYS = re.compile(f"{ROLE.pattern}|{BESIDES.pattern}|{LABEL.pattern}")
_LEADS = re.compile(r"[(（〔\[]\s*(?:牵头|主责|主办)(?:单位|部门)?\s*[)）〕\]]")


def read_rows(text: str, tables: Iterable[Table], units: UnitTable) -> dict[Span, Reading]:
    """One reading for each row, by its span; a cell that names no bodies is noted and left alone."""
    return {row.span: _read_row(text, row, units) for table in tables for row in table.rows}


def _read_row(text: str, row: Row, units: UnitTable) -> Reading:
    parties: list[Party] = []
    notes: list[Note] = []
    said = ""  # the date in the words of a cell, where the table has no column for it
    ranked = True
    for role, cell in row.parties:
        statement = _read_words(text, cell, units)
        found = statement.parties if statement else _list(text, cell, role, units, cell in row.with_persons)
        if not found:
            notes.append(Note("unit", "a cell of a role column names something that is no body", cell))
            continue
        if statement is not None:
            said, ranked = statement.deadline or said, ranked and statement.ranked
        elif any(party.role is not role for party in found):
            ranked = False  # A(牵头)、B: the cell itself says who leads
        # 同上: the name stands in another row
        parties += [p if p.mention and row.span.holds(p.mention) else _elsewhere(p) for p in found]
    deadline = re.sub(r"\s", "", simplify(row.deadline.of(text))) if row.deadline else said
    parties = list(once(parties))
    statement = Statement(row.span, row.span, tuple(parties), deadline, ranked=ranked and len(parties) > 1)
    return Reading((statement,) if parties or deadline else (), tuple(notes))


def _read_words(text: str, cell: Span, units: UnitTable) -> Statement | None:
    """What a cell says in whole words, such as 县住建局牵头,县财政局配合; None where it is a list of names."""
    words = fold(cell.of(text))
    if not _SAYS.search(_LEADS.sub("", words)):
        return None
    whole = Span(0, len(words))
    statement = read_words(words, whole, whole, units)
    return shift_statement(statement, cell.start) if statement else None


def _list(text: str, cell: Span, role: Role, units: UnitTable, persons: bool) -> tuple[Party, ...]:
    """The bodies of a cell in the role of its column, or () where one of the names can be no body.

    Under 责任单位及责任人 a name that is no body is a person's, and the bodies count.
    """
    words = cell.of(text)
    mentions = [m for m in units.split_units(words) if not persons or units.is_body(m.name)]
    if not all(units.is_body(m.name) for m in mentions):
        return ()
    return tuple(
        Party(
            m.name,
            Role.LEAD if _LEADS.search(m.span.of(words)) else role,
            Span(cell.start + m.span.start, cell.start + m.span.end),
            aliases=m.aliases,
        )
        for m in mentions
    )


def _elsewhere(party: Party) -> Party:
    return Party(party.name, party.role, None, aliases=party.aliases)
