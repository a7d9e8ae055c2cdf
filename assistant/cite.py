"""Citations: places in a plan, cut from its text and checked.

A quote is cut from the plan, or it is not shown: ``Citation`` objects are made here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.model import Citation
from corpus.model import Clause, ClauseKind, Plan, Span

QUOTED_WHOLE = frozenset({ClauseKind.TASK, ClauseKind.ROSTER})


def source_name(plan: Plan) -> str:
    """Title and document number of a plan, as shown beside a quote."""
    meta = plan.meta
    return f"《{meta.title}》（{meta.number}）" if meta.number else f"《{meta.title}》"


def quote_span(plan: Plan, clause: Clause, at: Span | None = None) -> Span:
    """What a citation of a clause quotes: the whole numbered clause; elsewhere the sentence or line at ``at``."""
    whole = plan.clause(clause.path) or clause
    if whole.kind in QUOTED_WHOLE or at is None:
        return whole.span
    return at


def cite(plan: Plan, clause: Clause, n: int, span: Span, marks: Iterable[Span] = ()) -> Citation:
    """The n-th citation. Raises ``ValueError`` if the span is empty, outside the plan, or a mark lies outside it."""
    quote = plan.quote(span)
    if not quote.strip() or span.end > len(plan.text):
        raise ValueError(f"nothing to quote at {span} of {plan.id}")
    kept = sorted({m for m in marks if m.end > m.start})
    if any(not span.holds(mark) for mark in kept):
        raise ValueError(f"a mark outside the quote of {clause.path} of {plan.id}")
    return Citation(
        n=n,
        plan=plan.id,
        clause=clause.path,
        part=clause.part,
        quote=quote,
        start=span.start,
        end=span.end,
        marks=[(m.start, m.end) for m in _joined(kept)],
        source=source_name(plan),
        issuer=plan.meta.issuer,
        issue_date=plan.meta.issue_date,
        path=" / ".join((*clause.headings, *([clause.title] if clause.title else []))),
        page=clause.page,
    )


def _joined(marks: list[Span]) -> list[Span]:
    """Overlapping marks as one."""
    joined: list[Span] = []
    for mark in marks:
        if joined and mark.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, mark.end))
        else:
            joined.append(mark)
    return joined
