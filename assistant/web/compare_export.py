"""A comparison as a workbook and as a table in Word: a row a subject, and beside it what each plan has.

No cell of the workbook is ever a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from assistant.compare import Comparison, Subject, Task
from assistant.model import ROLES
from assistant.render import shown
from assistant.rest.export import TYPES as TABLE_TYPES
from assistant.rest.export import Sheet, saved_as, workbook
from assistant.strings import strings
from assistant.web.compare_view import View, link, place_name, sections, tags
from assistant.web.compare_words import CompareWords
from assistant.web.words import made_today
from assistant.word_file import TYPE as WORD
from assistant.word_file import Band, Cell, Layout, Line, check_rows, word_file

# Of each plan, with the width of the column in characters.
COLUMNS: Mapping[str, int] = {
    "title": 32, "clause": 18, "lead": 24, "support": 24, "responsible": 24, "implicit": 24, "deadline": 16,
    "targets": 32, "quote": 60, "link": 30,
}  # fmt: skip
TYPES = {"xlsx": TABLE_TYPES["xlsx"], "docx": WORD}
# Tasks of a Word file, each of some six paragraphs with its whole clause: hundreds of pages. The workbook holds all.
MOST_IN_WORD = 2_000
_NUMBER, _ALL_PLANS = 8, 100  # shares of a page's width


def xlsx_file(
    compared: Comparison,
    subjects: Sequence[Subject],
    view: View,
    said: CompareWords,
    names: Mapping[str, str],
    public_url: str = "",
) -> bytes:
    """The rows that a filter keeps, in their order, and a sheet with the counts over all rows."""
    heads = [said.columns[name] for name in ("number", "chapter", "notes")]
    widths = [6, 24, 22]
    for plan in compared.plans:
        heads += [said.export_of.format(title=names[plan.id], column=said.columns[name]) for name in COLUMNS]
        widths += COLUMNS.values()
    rows = []
    for one in subjects:
        row: list[str | int] = [one.number, one.chapter, "；".join(tags(one, said, names, compared.plans))]
        for cell in one.cells:
            row += [_together([_of(task, name, said, public_url) for task in cell]) for name in COLUMNS]
        rows.append(row)
    ruled = range(3, len(heads), len(COLUMNS))  # where a plan begins
    return workbook(
        [
            Sheet(said.sheet, heads, rows, widths, still="D2", shaded=True, ruled=ruled),
            Sheet(said.summary_sheet, (), _summary(compared, len(subjects), view, said, names)),
        ]
    )


def docx_file(
    compared: Comparison, subjects: Sequence[Subject], view: View, said: CompareWords, names: Mapping[str, str]
) -> bytes:
    """The same rows as a table in Word, below the headings that the page has; a column a plan.

    Raises ``TooLong`` where they have more than ``MOST_IN_WORD`` tasks.
    """
    check_rows(sum(len(one.tasks) for one in subjects), MOST_IN_WORD)
    plans = len(compared.plans)
    layout = Layout(
        title=said.file_title,
        lines=[shown(line).replace("\n", " ") for line in _about(compared, len(subjects), view, said, names)],
        made=made_today(said),
        heads=[said.columns["number"], *(shown(names[plan.id]) for plan in compared.plans)],
        shares=[_NUMBER, *[_ALL_PLANS / plans] * plans],
    )
    return word_file(layout, _word_rows(compared, subjects, said, names))


def attachment(compared: Comparison, ending: str) -> str:
    """The Content-Disposition of the file, named by the plans."""
    name = "-".join(["compare", *(plan.id for plan in compared.plans)])
    return saved_as(name, ending, name)


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


def _summary(
    compared: Comparison, kept: int, view: View, said: CompareWords, names: Mapping[str, str]
) -> Iterator[list[str | int]]:
    """The rows of the second sheet, which has no head."""
    counts, figures = compared.summary, said.figures
    for plan in compared.plans:
        yield [figures["plans"], names[plan.id], plan.meta.title, plan.meta.number]
    yield from _asked(compared, kept, view, said, names)
    for name in ("subjects", "common", "everywhere"):
        yield [figures[name], getattr(counts, name)]
    for plan, count in zip(compared.plans, counts.only, strict=True):
        yield [figures["only"].format(plan=names[plan.id]), count]
    for name in ("same_lead", "different_lead", "different_deadline", "with_targets"):
        yield [figures[name], getattr(counts, name)]
    if view.edits:
        yield [figures["edits"], len(view.edits)]


def _asked(
    compared: Comparison, kept: int, view: View, said: CompareWords, names: Mapping[str, str]
) -> Iterator[list[str | int]]:
    """Which of the rows were asked for."""
    chosen = said.only.format(plan=names[view.of]) if view.show == "only" else said.shows[view.show]
    yield [said.figures["filter"], chosen, said.shown.format(n=kept, all=compared.summary.subjects)]
    if view.q:
        yield [said.figures["search"], view.q]


def _about(compared: Comparison, kept: int, view: View, said: CompareWords, names: Mapping[str, str]) -> Iterator[str]:
    """The lines above the table: which plans, a line each, and what was asked."""
    for plan in compared.plans:
        called = " ".join(filter(None, (plan.meta.title or plan.id, plan.meta.number)))
        yield said.labelled.format(name=names[plan.id], value=called)
    asked = list(_asked(compared, kept, view, said, names))
    if view.edits:
        asked.append([said.figures["edits"], len(view.edits)])
    yield said.between.join(
        said.labelled.format(name=name, value=said.between.join(map(str, values))) for name, *values in asked
    )


def _word_rows(
    compared: Comparison, subjects: Sequence[Subject], said: CompareWords, names: Mapping[str, str]
) -> Iterator[list[Cell] | Band]:
    for section in sections(compared, subjects, said, names):
        yield Band(shown(section.title))
        for one in section.subjects:
            first = [Line(str(one.number)), *(Line(shown(tag)) for tag in tags(one, said, names, compared.plans))]
            nothing = (Line(said.none_here),)
            yield [
                first,
                *([line for task in cell for line in _word_task(task, said)] or nothing for cell in one.cells),
            ]


def _word_task(task: Task, said: CompareWords) -> Iterator[Line]:
    """A task as the page shows it: what it is called, where it stands, who, by when, how much, and the words."""
    yield Line(shown(task.title), strong=True)
    yield Line(place_name(task, said))
    if not task.assignments:
        yield Line(said.nobody)
    yield from _labelled(task, ROLES, said)
    if any(assignment.corrected for _, assignment in task.assignments):
        yield Line(strings(said.lang).corrected)
    yield from _labelled(task, ("deadline", "targets", "quote"), said)


def _labelled(task: Task, columns: Iterable[str], said: CompareWords) -> Iterator[Line]:
    """What a task has of these, a line each."""
    for column in columns:
        if text := _of(task, column, said, ""):
            yield Line(text, said.labelled.format(name=said.columns[column], value=""))
