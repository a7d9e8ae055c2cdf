"""The page that shows a whole plan, with an anchor for each clause and one range marked.

Plain server-rendered HTML: it works without scripts, prints, and can be linked to from anywhere.
"""

from __future__ import annotations

from assistant.draft import row_of
from assistant.model import AssignmentRow
from assistant.render import html
from assistant.strings import Strings
from corpus.model import Clause, Plan

STYLESHEET = "/web/plan.css"


def assignment_row(plan: Plan, clause: Clause) -> AssignmentRow | None:
    """Who is responsible for a clause, in the shape of an answer's rows; None where nobody is named."""
    assignment = plan.assignment(clause)
    if assignment is None:
        return None
    return row_of(plan, clause, assignment)


def waiting_html(words: Strings) -> str:
    """The page at / while the index is being built: says so, and asks again every two seconds."""
    return (
        f'<!doctype html><html lang="{words.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="2">'
        f'<title>{html(words.app)}</title><link rel="stylesheet" href="{STYLESHEET}"></head>'
        f'<body class="waiting"><main role="status"><h1>{html(words.starting)}…</h1>'
        f"<p>{html(words.loading)}</p></main></body></html>"
    )
