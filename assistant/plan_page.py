"""The page that shows a whole plan, with an anchor for each clause and one range marked.

Plain server-rendered HTML: it works without scripts, prints, and can be linked to from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.draft import row_of
from assistant.model import AssignmentRow
from assistant.render import chips_html, corrected_html, html, search_link, slug
from assistant.strings import Strings
from corpus.model import Clause, ClauseKind, Plan, Span

STYLESHEET = "/web/plan.css"
CITED = "cited"  # the anchor of what is marked; those of clauses begin with c-


def assignment_row(plan: Plan, clause: Clause) -> AssignmentRow | None:
    """Who is responsible for a clause, in the shape of an answer's rows; None where nobody is named."""
    assignment = plan.assignment(clause)
    if assignment is None:
        return None
    return row_of(plan, clause, assignment)


def outer_clauses(plan: Plan) -> list[Clause]:
    """Clauses that do not overlap, in the order of the text: the blocks that the page is made of.

    A clause that lies inside an earlier one (a part of it, or an item of its text) is not a block of
    its own; it gets an anchor inside.
    """
    blocks: list[Clause] = []
    for clause in sorted(plan.clauses, key=lambda c: (c.span.start, -c.span.end, c.part)):
        if clause.part == 0 and (not blocks or clause.span.start >= blocks[-1].span.end):
            blocks.append(clause)
    return blocks


def marked_text(text: str, span: Span, mark: Span, anchors: Sequence[tuple[int, str]]) -> str:
    """``span`` of the text, a ``<p>`` a line, ``mark`` in ``<mark>`` and an anchor at each offset given.

    The mark is closed and opened again at each line end, so elements never overlap. Where it begins, it is called
    ``CITED``, so that an address made of offsets alone leads there.
    """
    lines = []
    for start, end in _lines(text, span):
        cuts = {start, end, *(a for a, _ in anchors if start <= a < end)}
        cuts |= {edge for edge in (mark.start, mark.end) if start < edge < end}
        edges = sorted(cuts)
        pieces = []
        for a, b in pairwise(edges):
            pieces += [f'<span class="anchor" id="{html(name)}"></span>' for at, name in anchors if at == a]
            inside = mark.start <= a and b <= mark.end
            called = f' id="{CITED}"' if a == mark.start else ""
            pieces.append(f"<mark{called}>{html(text[a:b])}</mark>" if inside else html(text[a:b]))
        lines.append(f"<p>{''.join(pieces)}</p>")
    return "".join(lines)


def _lines(text: str, span: Span) -> Iterator[tuple[int, int]]:
    """The ranges of the lines of a span that show something, without their line ends."""
    at = span.start
    for line in text[span.start : span.end].split("\n"):
        if line.strip():
            yield at, at + len(line)
        at += len(line) + 1


def plan_html(plan: Plan, words: Strings, start: int = 0, end: int = 0) -> str:
    """The whole page for one plan; the characters [start, end) of its text are marked.

    A range outside the text marks what of it lies inside.
    """
    length = len(plan.text)
    start = min(max(start, 0), length)
    mark = Span(start, min(max(end, start), length))
    title = plan.meta.title or plan.id
    facts = [plan.meta.number, plan.meta.issuer, plan.meta.issue_date, plan.meta.source]
    body, at = [], 0
    blocks = outer_clauses(plan)
    for block in blocks:
        body.append(marked_text(plan.text, Span(at, block.span.start), mark, []))
        body.append(_block(plan, block, mark, words))
        at = block.span.end
    body.append(marked_text(plan.text, Span(at, length), mark, []))
    return (
        f'<!doctype html><html lang="{words.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f'<title>{html(title)} · {html(words.app)}</title><link rel="stylesheet" href="{STYLESHEET}">'
        f"{search_link(words)}</head><body>"
        f'<nav class="top"><a href="/{"?lang=en" if words.lang == "en" else ""}">‹ {html(words.back)}</a></nav>'
        f'<header><h1 lang="zh">{html(title)}</h1>'
        f'<p class="facts">{" · ".join(html(fact) for fact in facts if fact)}</p></header>'
        f"{_contents(plan, blocks, words)}"
        f'<main lang="zh">{"".join(body)}</main></body></html>'
    )


def _contents(plan: Plan, blocks: Sequence[Clause], words: Strings) -> str:
    """Links to the headings, folded away; nothing where the plan has none."""
    headings = [c for c in blocks if c.kind is ClauseKind.HEADING]
    if not headings:
        return ""
    links = "".join(
        f'<li class="level{min(c.path.count("/"), 3)}"><a href="#{html(slug(c.path))}">'
        f"{html(plan.quote(c.span).strip()[:60])}</a></li>"
        for c in headings
    )
    return f"<details class=contents><summary>{html(words.contents)}</summary><ul>{links}</ul></details>"


def _block(plan: Plan, block: Clause, mark: Span, words: Strings) -> str:
    inner = [c for c in plan.clauses if block.span.holds(c.span) and c.key != block.key]
    anchors = [(c.span.start, slug(c.path, c.part)) for c in inner]
    rows = [assignment_row(plan, clause) for clause in (block, *inner)]
    chips = "".join(chips_html(row, words) for row in rows if row is not None)
    if any((clause.path, clause.part) in plan.emptied for clause in (block, *inner)):
        chips += f'<div class="chips">{corrected_html(words)}</div>'
    level = min(block.path.count("/"), 3)
    return (
        f'<section class="clause {block.kind} level{level}" id="{html(slug(block.path))}">'
        f"{marked_text(plan.text, block.span, mark, anchors)}{chips}</section>"
    )


def waiting_html(words: Strings) -> str:
    """The page at / while the index is being built: says so, and asks again every two seconds."""
    return (
        f'<!doctype html><html lang="{words.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="2">'
        f'<title>{html(words.app)}</title><link rel="stylesheet" href="{STYLESHEET}"></head>'
        f'<body class="waiting"><main role="status"><h1>{html(words.starting)}…</h1>'
        f"<p>{html(words.loading)}</p></main></body></html>"
    )
