"""A comparison as a workbook: a row a subject, and beside it what each plan has. No cell is ever a formula."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from assistant.compare import Comparison, Subject, Task
from assistant.model import ROLES
from assistant.rest.export import Sheet, saved_as, workbook
from assistant.web.compare_view import View, link, place_name, tags
from assistant.web.compare_words import CompareWords

# Of each plan, with the width of the column in characters.
COLUMNS: Mapping[str, int] = {
    "title": 32, "clause": 18, "lead": 24, "support": 24, "responsible": 24, "implicit": 24, "deadline": 16,
    "targets": 32, "quote": 60, "link": 30,
}  # fmt: skip


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


def attachment(compared: Comparison) -> str:
    """The Content-Disposition of the file, named by the plans."""
    name = "-".join(["compare", *(plan.id for plan in compared.plans)])
    return saved_as(name, "xlsx", name)


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
    chosen = said.only.format(plan=names[view.of]) if view.show == "only" else said.shows[view.show]
    yield [figures["filter"], chosen, said.shown.format(n=kept, all=counts.subjects)]
    if view.q:
        yield [figures["search"], view.q]
    for name in ("subjects", "common", "everywhere"):
        yield [figures[name], getattr(counts, name)]
    for plan, count in zip(compared.plans, counts.only, strict=True):
        yield [figures["only"].format(plan=names[plan.id]), count]
    for name in ("same_lead", "different_lead", "different_deadline", "with_targets"):
        yield [figures[name], getattr(counts, name)]
    if view.edits:
        yield [figures["edits"], len(view.edits)]
