"""A run for readers: a table and the misses for the terminal, and the same as one HTML page.

The page loads nothing from anywhere and runs no script; every string in it is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from assistant.model import Answer
from evals.questions import ROLES, Question
from evals.results import Row, Run, Summary
from evals.strict import expected_status
from evals.text import one_line

LONGEST = 400  # characters of one answer text shown with a miss; rows.jsonl has it whole


def table_rows(summary: Summary) -> list[tuple[str, str, str]]:
    """(category, right/questions, percent) for each category in the order of the set, and for all."""
    shares = [*summary.categories.items(), ("all", summary.strictly_right)]
    return [(name, f"{share.right}/{share.questions}", _percent(share.share)) for name, share in shares]


def figures(summary: Summary) -> list[tuple[str, str]]:
    """The other figures of a run, and what could explain them, as (name, value)."""
    found = [
        (f"units, {role}", f"precision {_percent(scores.precision)}, recall {_percent(scores.recall)}")
        for role, scores in summary.units.items()
    ]
    refusal = summary.refusal
    found += [
        ("refusing", f"precision {_percent(refusal.precision)}, recall {_percent(refusal.recall)}"),
        ("quotes verbatim", _percent(summary.verbatim)),
        ("crashed", str(summary.crashed)),
        ("ms a question", f"p50 {_milliseconds(summary.p50_ms)}, p95 {_milliseconds(summary.p95_ms)}"),
        ("set", f"{summary.set}, sha256 {summary.set_sha256}"),
        ("index", summary.index),
        ("code", summary.code),
    ]
    return found


def expected(question: Question) -> list[tuple[str, str]]:
    """What the gold says, as (name, value); empty keys are left out."""
    found = [("status", str(expected_status(question)))]
    found += [(role, "、".join(getattr(question, role))) for role in ROLES]
    found += [
        ("judged", "、".join(question.judge)),
        ("evidence", " | ".join(question.evidence)),
        ("tasks", " | ".join(question.tasks)),
        ("count", "" if question.count is None else str(question.count)),
        ("facts", " | ".join(question.facts)),
        ("forbidden", " | ".join(question.forbidden)),
        ("note", question.note),
    ]
    return [(name, value) for name, value in found if value]


def asserted(answer: Answer | None) -> list[tuple[str, str]]:
    """What the answer asserts, as (name, value), a row for each assignment; empty keys are left out."""
    if answer is None:
        return [("status", "error")]
    found = [("status", str(answer.status))]
    for row in answer.assignments:
        units = [f"{role} {'、'.join(getattr(row, role))}" for role in ROLES if getattr(row, role)]
        found.append((f"{row.plan} {row.clause}" + (f"#{row.part}" if row.part else ""), "; ".join(units)))
    found += [("count", "" if answer.count is None else str(answer.count))]
    found += [("cited", " | ".join(f"[{c.n}] {c.plan} {c.clause}" for c in answer.citations))]
    found += [("text", answer.text)]
    return [(name, value) for name, value in found if value]


def as_text(run: Run) -> str:
    """The table by category, the other figures, then each miss with its reasons, for a terminal."""
    cells = table_rows(run.summary)
    width = max(len(name) for name, _, _ in cells)
    lines = [f"{one_line(name):<{width}}  {right:>9}  {share:>6}" for name, right, share in cells]
    lines += ["", *(f"{name}: {one_line(value)}" for name, value in figures(run.summary))]
    misses = [row for row in run.rows if not row.strictly_right]
    lines += ["", f"{len(misses)} of {len(run.rows)} not strictly right" + (":" if misses else ".")]
    for row in misses:
        lines += ["", *_miss_lines(row)]
    return "\n".join(lines)


def _miss_lines(row: Row) -> Iterable[str]:
    yield f"✗ {one_line(row.id)}  {row.category}"
    yield f"  asked     {one_line(' → '.join(row.question.turns), LONGEST)}"
    for reason in row.reasons:
        yield f"  because   {one_line(reason, LONGEST)}"
    for name, value in asserted(row.answer):
        yield f"  answered  {name}: {one_line(value, LONGEST)}"
    for name, value in expected(row.question):
        yield f"  gold      {name}: {one_line(value, LONGEST)}"


_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
       color: #1a1a1a; background: #fff }
table { border-collapse: collapse } th, td { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top }
td.figure { text-align: right; font-variant-numeric: tabular-nums }
section { border-top: 1px solid #767676; margin-top: 1.5rem } .why { color: #a40000 }
td { overflow-wrap: anywhere }
"""


def as_html(run: Run) -> str:
    """The same as one self-contained page: table by category, figures, every miss."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="figure">{escape(right)}</td>'
        f'<td class="figure">{escape(share)}</td></tr>'
        for name, right, share in table_rows(run.summary)
    )
    misses = [row for row in run.rows if not row.strictly_right]
    title = f"Eval run of {run.summary.set}"
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n<h1>{escape(title)}</h1>\n"
        '<h2>Strictly right, by category</h2>\n<table><tr><th scope="col">category</th>'
        f'<th scope="col">right</th><th scope="col">share</th></tr>{rows}</table>\n'
        f"<h2>Figures</h2>\n{_pairs(figures(run.summary))}\n"
        f"<h2>{len(misses)} of {len(run.rows)} not strictly right</h2>\n"
        f"{''.join(map(_miss_html, misses))}</body>\n</html>\n"
    )


def _miss_html(row: Row) -> str:
    turns = "".join(f'<p lang="zh">{escape(turn)}</p>' for turn in row.question.turns)
    why = "".join(f"<li>{escape(reason)}</li>" for reason in row.reasons)
    return (
        f"<section><h3>{escape(row.id)} · {escape(row.category)}</h3>{turns}"
        f'<ul class="why">{why}</ul><h4>Answered</h4>{_pairs(asserted(row.answer))}'
        f"<h4>Gold</h4>{_pairs(expected(row.question))}</section>\n"
    )


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    cells = (f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in pairs)
    return f"<table>{''.join(cells)}</table>"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
