"""The table of a sweep: what each variant scored, and how it stands against the first; text, JSON, CSV and a page."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from assistant.whole_file import write_whole
from corpus.sheets import literal
from evals import plots
from evals.compare import compare
from evals.results import Facts, Figure, Summary
from evals.sweep_run import Done, Sweep, unwritable
from evals.web.section import alone
from evals.web.words import words

JSON, CSV, PAGE = "sweep.json", "sweep.csv", "sweep.html"
# The measures of a table, in its order; "strictly right" stands before them.
RETRIEVAL = ("R@1", "R@5", "RR@10", "nDCG@10")
REFUSING = ("refusing precision", "refusing recall")
TIMES = ("p50 ms", "p95 ms")
RIGHT = "strictly right"


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Against(_Shape):
    """A variant held against the first one, question by question (``evals/compare.py``)."""

    gained: int
    lost: int
    p_value: float  # McNemar's exact test of this one pair
    verdict: str  # "better", "worse" or "cannot tell"


class Line(_Shape):
    """One variant; ``figures`` is empty and ``error`` is not where its run failed."""

    number: int
    name: str
    settings: dict[str, Any]  # what it changes, by "section.key"
    folder: str  # of its run, beside the table
    passages: int | None = None  # in its index
    figures: dict[str, Figure] = {}
    against: Against | None = None  # None for the first, and where either failed
    error: str = ""


class Table(_Shape):
    """A sweep over one set."""

    set: str  # file name
    set_sha256: str
    questions: int
    code: str = ""  # git commit
    lines: tuple[Line, ...]


def table_of(done: Sweep) -> Table:
    """The figures of a sweep, each variant held against the first."""
    first = done.done[0].run
    lines = []
    for one in done.done:
        against = None
        if first and one.run and one.run is not first:
            moved = compare(first, one.run)
            against = Against(
                gained=len(moved.gained), lost=len(moved.lost), p_value=moved.p_value, verdict=moved.verdict
            )
        lines.append(_line(one, against))
    runs: list[Facts] = [one.run.summary for one in done.done if one.run]
    return Table(
        set=done.questions.name,
        set_sha256=done.questions.digest,
        questions=len(done.questions),
        code=runs[0].code if runs else "",
        lines=tuple(lines),
    )


def _line(one: Done, against: Against | None) -> Line:
    summary: Summary | None = one.run.summary if one.run else None
    wanted = (RIGHT, *RETRIEVAL, *REFUSING, *TIMES)
    return Line(
        number=one.number,
        name=one.variant.name,
        settings=dict(one.variant.overrides),
        folder=one.folder.name,
        passages=summary.manifest.get("passages") if summary else None,
        figures={name: summary.measures[name] for name in wanted if name in summary.measures} if summary else {},
        against=against,
        error=one.error,
    )


def write_table(folder: Path, table: Table, lang: str = "zh") -> None:
    """Write sweep.json, sweep.csv and sweep.html into the folder of a sweep. Raises ``RunInvalid``."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / JSON, f"{table.model_dump_json(indent=2)}\n")
        write_whole(folder / CSV, as_csv(table).encode("utf-8-sig"))  # Excel reads it as UTF-8 only so
        write_whole(folder / PAGE, as_html(table, lang))
    except OSError as error:
        raise unwritable(folder, error) from None


def as_csv(table: Table) -> str:
    """A row for each variant; shares are numbers from 0 to 1, and no text is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    figures = [RIGHT, *RETRIEVAL, *REFUSING, *TIMES]
    bounds = [f"{name}{end}" for name in figures for end in ("", " low", " high")]
    writer.writerow(
        ["variant", "settings", "questions", "passages", *bounds, "gained", "lost", "p", "verdict", "folder", "error"]
    )
    for line in table.lines:
        row: list[object] = [literal(line.name), literal(settings_text(line)), table.questions, line.passages]
        for name in figures:
            figure = line.figures.get(name)
            row += [figure.value, figure.low, figure.high] if figure else [None] * 3
        against = line.against
        row += [against.gained, against.lost, against.p_value, against.verdict] if against else [None] * 4
        writer.writerow([*row, literal(line.folder), literal(line.error)])
    return out.getvalue()


def settings_text(line: Line) -> str:
    """What a variant changes: "index.lexical_weight = 1.0, evals.understanding = false"."""
    return ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in line.settings.items())


def as_text(table: Table) -> str:
    """The table for a terminal, then what failed."""
    heads: list[tuple[str, Callable[[Line], str]]] = [
        ("", lambda line: _cut(line.name, 40)),
        ("strictly right", _right),
        *((name, _share_cell(name)) for name in RETRIEVAL),
        ("refusing P / R", lambda line: " / ".join(_share(line.figures.get(name), False) for name in REFUSING)),
        ("p50 / p95 ms", lambda line: " / ".join(_ms(line.figures.get(name)) for name in TIMES)),
        ("+", lambda line: str(line.against.gained) if line.against else ""),
        ("−", lambda line: str(line.against.lost) if line.against else ""),
        ("p", lambda line: f"{line.against.p_value:.2g}" if line.against else ""),
        ("against the first", lambda line: line.against.verdict if line.against else ""),
    ]
    finished = [line for line in table.lines if line.figures]
    if len({line.passages for line in finished}) > 1:
        heads.insert(1, ("passages", lambda line: str(line.passages)))
    rows = [[head for head, _ in heads], *([cell(line) for _, cell in heads] for line in finished)]
    widths = [max(_columns(row[column]) for row in rows) for column in range(len(heads))]
    shown = [
        "  ".join(text + " " * (width - _columns(text)) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    shown.insert(0, f"{table.set}: {table.questions} questions; in brackets 95 % intervals")
    if any(line.against for line in finished):
        shown.append(
            "+ and −: gained and lost; p: McNemar's exact test of that pair alone, so of many pairs some are luck."
        )
    return "\n".join([*shown, *(f"{line.name}: failed: {line.error}" for line in table.lines if line.error)])


def _share_cell(name: str) -> Callable[[Line], str]:
    return lambda line: _share(line.figures.get(name))


def _right(line: Line) -> str:
    figure = line.figures[RIGHT]
    return f"{figure.top:.0f} of {figure.bottom:.0f} {_share(figure).partition(' ')[2]}".rstrip()


def _share(figure: Figure | None, between: bool = True) -> str:
    """ ".85 (.80–.90)"; "–" where nothing counts."""
    if figure is None:
        return "–"
    interval = f" ({_two(figure.low)}–{_two(figure.high)})" if between and figure.low is not None else ""
    return f"{_two(figure.value)}{interval}"


def _two(share: float | None) -> str:
    return "–" if share is None else f"{share:.2f}".removeprefix("0")


def _ms(figure: Figure | None) -> str:
    return "–" if figure is None else f"{figure.value:.0f}" if figure.value >= 10 else f"{figure.value:.1f}"


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _cut(text: str, columns: int) -> str:
    if _columns(text) <= columns:
        return text
    while _columns(text) >= columns:
        text = text[:-1]
    return f"{text}…"


def as_html(table: Table, lang: str = "zh") -> str:
    """One self-contained page in ``lang`` ("zh" or "en"), with a plot of strictly right by variant."""
    said = words(lang)
    finished: Sequence[Line] = [line for line in table.lines if line.figures]
    shown: Mapping[str, Figure] = {f"{line.number} {_cut(line.name, 34)}": line.figures[RIGHT] for line in finished}
    return alone(
        "sweep.html",
        said.lang,
        table=table,
        settings=settings_text,
        groups=((said.sweep_retrieval, RETRIEVAL), (said.sweep_refusing, (*REFUSING, *TIMES))),
        plot=Markup(plots.shares(shown, said.sweep_plot)) if shown else None,  # noqa: S704 - matplotlib escapes
    )
