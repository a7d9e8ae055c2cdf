"""Plans from files: the whole pipeline over one file or one plan folder, and the folder of shipped plans."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from corpus.assignments import read_clause
from corpus.clean import clean, kept_lines
from corpus.errors import PlanInvalid, PlanUnreadable
from corpus.meta import PLAN_TOML, meta_from_text, read_meta
from corpus.model import Basis, ClauseKind, Note, Plan, PlanMeta, Span
from corpus.outline import Outline, read_outline
from corpus.read import read_source, shown
from corpus.read_draft import DEFAULT_LIMITS, Limits
from corpus.resolve import resolve
from corpus.roster import read_people
from corpus.rules import find_rules, rules_of_heads
from corpus.slips import without_slips
from corpus.statements import Reading
from corpus.table_statements import read_rows
from corpus.units import UnitTable, load_units

# Tasks state who is responsible; a heading or an item with items below it may state it for these.
_STATES = (ClauseKind.TASK, ClauseKind.HEADING, ClauseKind.GENERAL)
# Sentences for many clauses, times clauses: each is held against each. A plan of 1,000 clauses has under 50 of them.
MAX_RULED = 4_000_000
NO_TASKS = "has no numbered clause and no table that names who is responsible; check that it is a plan"
SHIPPED = Path(__file__).with_name("plans")


def shipped_plans() -> list[Path]:
    """The plan folders that come with the product, in the order of their ids."""
    return sorted(path.parent for path in SHIPPED.glob(f"*/{PLAN_TOML}"))


def plan_sources(path: Path) -> list[Path]:
    """The files whose content defines a plan: its source, and its plan.toml where it has one."""
    if path.is_dir():
        return [path / read_meta(path).file, path / PLAN_TOML]
    return [path]


def readable(folder: Path) -> Path:
    """What to read in a plan's folder of a library: the folder where a plan.toml describes it, else its one file.

    Raises ``PlanUnreadable``.
    """
    if (folder / PLAN_TOML).is_file():
        return folder
    files = [p for p in folder.iterdir() if p.is_file() and not p.name.startswith(".")]
    if len(files) != 1:
        raise PlanUnreadable(
            f"{folder}: holds {len(files)} files and no plan.toml that names one; "
            "remove the folder and build the plan again"
        )
    return files[0]


def read_plan(
    path: Path,
    *,
    plan_id: str | None = None,
    units: UnitTable | None = None,
    limits: Limits = DEFAULT_LIMITS,
    called: str = "",
) -> Plan:
    """A plan folder (with plan.toml) or a single file, read whole; ``called`` is what messages call the file.

    Raises ``PlanUnreadable`` for a file that cannot be read as text, ``PlanInvalid`` for a plan.toml that does
    not fit its file.
    """
    meta: PlanMeta | None = None
    file = path
    if path.is_dir():
        meta = read_meta(path)
        if not meta.file or Path(meta.file).name != meta.file:
            raise PlanInvalid(f"{path / PLAN_TOML}: file must name the source beside it; correct that line")
        file = path / meta.file
    source = read_source(file, limits, called)
    if meta is not None and meta.sha256 and meta.sha256 != source.sha256:
        raise PlanInvalid(f"{path / PLAN_TOML}: sha256 is not that of {meta.file}; correct it to {source.sha256}")
    levels = dict(source.headings)
    cleaned = clean(source.text, headings=levels)
    name = os.fsencode(file.name).decode("utf-8", "replace")  # no half of a surrogate pair reaches JSON
    identity = plan_id or (meta.id if meta else Path(name).stem)
    pages = [(cleaned.from_source(start), number) for start, number in source.pages]
    headings = {at: levels[start] for start, at in kept_lines(cleaned, source.text, levels).items()}
    outline = read_outline(identity, cleaned.text, pages, headings)
    if meta is None:
        head = "\n".join(c.span.of(cleaned.text) for c in outline.clauses if c.kind is ClauseKind.FRONT)
        meta = meta_from_text(identity, name, source.sha256, head, source.title)
    meta = replace(meta, id=identity, sha256=source.sha256)
    try:
        plan = _plan(meta, cleaned.text, cleaned.origins, outline, units or load_units())
    except PlanUnreadable as error:
        raise PlanUnreadable(f"{called or shown(file)}: {error}") from None
    left_out = (Note("hidden", message, Span(0, 0)) for message in source.notes)
    return replace(plan, notes=(*left_out, *plan.notes)) if source.notes else plan


def with_file_name(plan: Plan, name: str) -> Plan:
    """The plan with another name for its file: the one that it has in its archive."""
    return replace(plan, meta=replace(plan.meta, file=name, source=name))


def has_tasks(plan: Plan) -> bool:
    """Whether there is anything in a plan that the assistant could be asked: a task, an assignment or a person."""
    return bool(plan.tasks() or plan.assignments or plan.people)


def read_text(text: str, plan_id: str = "plan", units: UnitTable | None = None) -> Plan:
    """A plan from a string: what tests and previews use."""
    cleaned = clean(text)
    outline = read_outline(plan_id, cleaned.text)
    head = "\n".join(c.span.of(cleaned.text) for c in outline.clauses if c.kind is ClauseKind.FRONT)
    meta = meta_from_text(plan_id, "", "", head)
    return _plan(meta, cleaned.text, cleaned.origins, outline, units or load_units())


def _plan(
    meta: PlanMeta, text: str, origins: tuple[tuple[int, int, int], ...], outline: Outline, units: UnitTable
) -> Plan:
    units = units.at(meta.region)
    by_span = read_rows(text, [table for _, table in outline.tables], units)
    rows = {clause.path: by_span[clause.span] for clause in outline.clauses if clause.span in by_span}
    readings: dict[str, Reading] = dict(rows)
    known: frozenset[str] = frozenset()
    rules = [*find_rules(text, outline.clauses), *rules_of_heads(text, outline.tables)]
    if len(rules) * len(outline.clauses) > MAX_RULED:
        raise PlanUnreadable(
            f"has {len(rules):,} sentences that each speak of many clauses, and {len(outline.clauses):,} clauses;"
            " split it"
        )
    ordered = any(rule.kind is Basis.FIRST_LISTED for rule in rules)
    # Twice: names from whole brackets help to mend those with a missing mark.
    for _ in range(2):
        for clause in outline.clauses:
            if clause.kind in _STATES and clause.path not in rows:
                readings[clause.path] = read_clause(text, clause, units, known, ordered)
        known = frozenset(
            p.name for reading in readings.values() for s in reading.statements if not s.prose for p in s.parties
        )
    resolved = without_slips(resolve(text, outline.clauses, readings, rules, units), units)
    people = read_people(text, outline.clauses, units)
    notes = (*outline.notes, *(n for reading in readings.values() for n in reading.notes), *resolved.notes)
    named = [p.name for a in resolved.assignments for p in a.parties] + [p.unit for p in people if p.unit]
    return Plan(
        meta=meta,
        text=text,
        clauses=resolved.clauses,
        assignments=resolved.assignments,
        rules=resolved.rules,
        people=people,
        notes=notes,
        origins=origins,
        mentioned=tuple(dict.fromkeys(named)),
    )
