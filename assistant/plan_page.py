"""The page that shows a whole plan, with an anchor for each clause and one range marked.

Plain server-rendered HTML: it works without scripts, prints, and can be linked to from anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.draft import row_of
from assistant.language import in_address
from assistant.model import AssignmentRow
from assistant.plan_text import Block, Mark, TextView, article_html, blocks_of
from assistant.render import html, search_link, slug
from assistant.strings import Strings
from corpus.model import Clause, ClauseKind, Plan, Span

STYLESHEET = "/web/plan.css"


def assignment_row(plan: Plan, clause: Clause) -> AssignmentRow | None:
    """Who is responsible for a clause, in the shape of an answer's rows; None where nobody is named."""
    assignment = plan.assignment(clause)
    if assignment is None:
        return None
    return row_of(plan, clause, assignment)


def plan_html(plan: Plan, words: Strings, start: int = 0, end: int = 0) -> str:
    """The whole page for one plan; the characters [start, end) of its text are marked.

    A range outside the text marks what of it lies inside.
    """
    length = len(plan.text)
    start = min(max(start, 0), length)
    mark = Span(start, min(max(end, start), length))
    title = plan.meta.title or plan.id
    facts = [plan.meta.number, plan.meta.issuer, plan.meta.issue_date, plan.meta.source]
    blocks = blocks_of(plan)
    article = article_html(plan, TextView(words, (Mark(mark),)), blocks)
    return (
        f'<!doctype html><html lang="{words.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{html(title)} · {html(words.app)}</title><link rel="stylesheet" href="{STYLESHEET}">'
        f"{search_link(words)}</head><body>"
        f'<nav class="top"><a href="/{in_address(words.lang)}">‹ {html(words.back)}</a></nav>'
        f'<header><h1 lang="zh">{html(title)}</h1>'
        f'<p class="facts">{" · ".join(html(fact) for fact in facts if fact)}</p></header>'
        f"{_contents(plan, blocks, words)}"
        f"<main>{article}</main></body></html>"
    )


def _contents(plan: Plan, blocks: Sequence[Block], words: Strings) -> str:
    """Links to the headings, folded away; nothing where the plan has none."""
    headings = [b.clause for b in blocks if b.clause.kind is ClauseKind.HEADING]
    if not headings:
        return ""
    links = "".join(
        f'<li class="level{min(c.path.count("/"), 3)}"><a href="#{html(slug(c.path))}">'
        f"{html(plan.quote(c.span).strip()[:60])}</a></li>"
        for c in headings
    )
    return f"<details class=contents><summary>{html(words.contents)}</summary><ul>{links}</ul></details>"


def waiting_html(words: Strings) -> str:
    """The page at / while the index is being built: says so, and asks again every two seconds."""
    return (
        f'<!doctype html><html lang="{words.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="2">'
        f'<title>{html(words.app)}</title><link rel="stylesheet" href="{STYLESHEET}"></head>'
        f'<body class="waiting"><main role="status"><h1>{html(words.starting)}…</h1>'
        f"<p>{html(words.loading)}</p></main></body></html>"
    )
