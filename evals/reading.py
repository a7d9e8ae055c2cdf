"""How exactly plans are read: gold of who is responsible for what, laid beside ``corpus extract``.

Gold is JSON Lines beside the plan files that it names (docs/evaluation.md, "The reading of plans"): one row for each
task that somebody is assigned to. A row belongs to the shortest line of the reading that holds its snippet, and is
right where leads, supporting, responsible and implicit units and the deadline are those of the line.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from corpus.config import data_folder
from corpus.extract import clause_lines
from corpus.library import read_plan
from corpus.units import UnitTable, load_units
from evals.errors import SetInvalid
from evals.records import json_lines, opened
from evals.text import bare, one_line

_Filled = Annotated[str, StringConstraints(min_length=1)]


class GoldRow(BaseModel):
    """One assigned task of a plan; further keys, such as a note, are let through."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: _Filled
    file: _Filled  # name of the plan file beside the gold
    snippet: _Filled  # some characters of the task that stand once in the plan
    lead: tuple[str, ...] = ()
    support: tuple[str, ...] = ()
    responsible: tuple[str, ...] = ()
    implicit: tuple[str, ...] = ()
    deadline: str = ""
    pattern: str = ""  # the way of assigning, for the table


@dataclass(frozen=True)
class Line:
    """One line of a reading (docs/interfaces.md, "A clause") with the form in which snippets are looked for."""

    fields: Mapping[str, Any]
    form: str


def _names(value: Iterable[str] | None) -> frozenset[str]:
    return frozenset(bare(name) for name in value or ())


def _date(value: str | None) -> str:
    return bare(value or "")


JUDGED: Mapping[str, Callable[[Any], Any]] = {
    "lead": _names,
    "support": _names,
    "responsible": _names,
    "implicit": _names,
    "deadline": _date,
}


@dataclass(frozen=True)
class Judged:
    """A row of the gold, the line that holds its snippet (None: no line does), and the fields that differ."""

    row: GoldRow
    line: Line | None
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        """What is wrong, in one line; "" for a row that is right."""
        if self.line is None:
            return f"{self.row.id}: no line holds “{self.row.snippet}”"
        read = self.line.fields
        where = f"{read['clause']}#{read['part']}" if read["part"] else read["clause"]
        parts = [f"{name} is {_said(read[name])}, not {_said(getattr(self.row, name))}" for name in self.wrong]
        return f"{self.row.id} ({where}): {'; '.join(parts)}" if parts else ""


def _said(value: str | Sequence[str]) -> str:
    return (value if isinstance(value, str) else "、".join(value)) or "nothing"


def lines(found: Iterable[Mapping[str, Any]]) -> tuple[Line, ...]:
    """Lines of a reading, shortest text first."""
    made = [Line(fields, bare(fields["text"])) for fields in found]
    return tuple(sorted(made, key=lambda line: len(line.fields["text"])))


def holder(snippet: str, among: Iterable[Line]) -> Line | None:
    """The shortest line that holds a snippet, or None."""
    wanted = bare(snippet)
    return next((line for line in among if wanted in line.form), None)


def judge(row: GoldRow, among: Iterable[Line]) -> Judged:
    """One row beside the lines of its plan (shortest first, as ``lines`` gives them)."""
    line = holder(row.snippet, among)
    wrong = [n for n, form in JUDGED.items() if line is None or form(line.fields[n]) != form(getattr(row, n))]
    return Judged(row, line, tuple(wrong))


def load_gold(path: Path) -> list[GoldRow]:
    """The rows of a gold file. Raises ``SetInvalid`` with the file, the line and what is wrong with it."""
    try:
        with opened(path) as file:
            text = file.read().decode("utf-8-sig")
    except OSError as error:
        raise SetInvalid(f"{path}: cannot be read ({error.strerror}); name a gold file in JSON Lines") from None
    except UnicodeDecodeError as error:
        raise SetInvalid(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    rows: list[GoldRow] = []
    seen: set[str] = set()
    for record in json_lines(text):
        faults = list(record.faults)
        try:
            if record.value is not None:
                row = GoldRow.model_validate(record.value)
                if row.id in seen:
                    faults.append(f"id {one_line(row.id)} stands twice; give each row its own")
                if Path(row.file).name != row.file:
                    faults.append("file has to be the name of a plan file beside the gold")
                seen.add(row.id)
                rows.append(row)
        except ValidationError as error:
            first = error.errors()[0]
            faults.append(f"key {'.'.join(map(str, first['loc']))}: {first['msg']}; correct that key")
        if faults:
            raise SetInvalid(f"{path}, {record.place}: {faults[0]}")
    if not rows:
        raise SetInvalid(f"{path}: holds no row; see docs/evaluation.md for the form")
    return rows


def measure(path: Path, units: UnitTable) -> list[Judged]:
    """Every row of a gold file beside the reading of its plan. Raises ``SetInvalid`` or ``PlanUnreadable``."""
    rows = load_gold(path)
    judged: list[Judged] = []
    for file in dict.fromkeys(row.file for row in rows):
        plan = read_plan(path.parent / file, units=units)
        among = lines(dict(line) for line in clause_lines(plan))
        judged += [judge(row, among) for row in rows if row.file == file]
    return judged


def table(judged: Sequence[Judged]) -> str:
    """Rows right by file, by pattern and in all."""
    written = []
    for title, key in (("file", "file"), ("pattern", "pattern")):
        names = sorted({getattr(one.row, key) for one in judged} - {""})
        for name in names:
            of = [one for one in judged if getattr(one.row, key) == name]
            written.append(f"{title:8} {_share(of)}  {name}")
    return "\n".join([*written, f"{'all':8} {_share(judged)}"])


def _share(judged: Sequence[Judged]) -> str:
    right = sum(not one.wrong for one in judged)
    return f"{right:4} of {len(judged):4}  {right / len(judged):6.1%}"


def command(options: argparse.Namespace) -> str:
    """``python -m evals reading GOLD``: the table, and with ``--wrong`` each row that is not right."""
    judged = measure(options.gold, load_units(data_folder(options.data) / "units.toml"))
    wrong = [str(one) for one in judged if one.wrong] if options.wrong else []
    return "\n".join([*wrong, table(judged)])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``reading``."""
    parser.add_argument("gold", type=Path, metavar="GOLD", help="gold rows as jsonl, beside the plan files they name")
    parser.add_argument("--wrong", action="store_true", help="also each row that is read otherwise, and how")
