"""The whole text of a plan as HTML: a block a clause, with its anchor, ranges marked, and who is responsible.

The same blocks stand on the plan's own page and, as a fragment, beside the chat. Everything of a plan is escaped here.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import quote as percent
from urllib.parse import urlencode

from assistant.language import asked
from assistant.render import chips_html, corrected_html, html, plan_link, slug
from assistant.strings import Strings
from assistant.wording import shortened
from corpus.model import Clause, Plan, Span

CITED = "cited"  # the anchor of what an address marks; those of clauses begin with c-
DEEPEST = 3  # level of indentation
NEAR = 5  # blocks
LONG = 200  # blocks; of such a plan a browser lays out what is out of sight when it comes near
LONGEST_TITLE = 40  # characters of a first line that is a title by itself
_ENDS = frozenset("。；，：、;,:")  # what a title does not end with
LONGEST_PART = 14  # characters of a part of a clause that say which one it is


@dataclass(frozen=True, slots=True)
class Mark:
    """A cited range of a plan's text. ``n`` is the citation's number; 0 for the one that an address marks."""

    span: Span
    n: int = 0


@dataclass(frozen=True, slots=True)
class TextView:
    """How a plan's text is to be shown."""

    words: Strings
    marks: tuple[Mark, ...] = ()
    found: tuple[Span, ...] = ()  # what a search in it found: in the order of the text, none overlaps another
    only: Collection[str] | None = None  # anchors of the blocks that are shown; None: every block and what is between
    here: str = ""  # what a link of each clause to itself is called; "" for no such links
    goes: bool = False  # whether the page opens at what its address marks, where that names no other place


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the page: a clause, and the clauses that begin in it."""

    clause: Clause
    inner: tuple[Clause, ...] = ()

    @property
    def anchor(self) -> str:
        """The id of its element."""
        return slug(self.clause.path)

    @property
    def level(self) -> int:
        """How deep in the outline it lies, from 0."""
        return min(self.clause.path.count("/"), DEEPEST)

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All of its clauses, itself first."""
        return (self.clause, *self.inner)


def blocks_of(plan: Plan) -> list[Block]:
    """The blocks of a plan in the order of its text; they do not overlap, and every clause is in just one.

    A clause that begins inside an earlier one (a part of it, or an item of its text) is no block of its own.
    """
    outer: list[Clause] = []
    inner: list[list[Clause]] = []
    for clause in sorted(plan.clauses, key=lambda c: (c.span.start, -c.span.end, c.part)):
        if clause.part == 0 and (not outer or clause.span.start >= outer[-1].span.end):
            outer.append(clause)
            inner.append([])
        elif outer:
            inner[-1].append(clause)
    return [Block(clause, tuple(parts)) for clause, parts in zip(outer, inner, strict=True)]


def paragraphs(plan: Plan, blocks: Sequence[Block], only: Collection[str] | None = None) -> list[Span]:
    """The ranges of the text of which ``article_html`` makes a ``<p>`` each, in order; ``only`` as in ``TextView``."""
    found, at = list[Span](), 0
    for block in blocks:
        span = block.clause.span
        if only is None:
            found += _lines_of(plan.text, Span(at, span.start))
        if only is None or block.anchor in only:
            found += _lines_of(plan.text, span)
        at = span.end
    return found if only is not None else found + list(_lines_of(plan.text, Span(at, len(plan.text))))


def _lines_of(text: str, span: Span) -> Iterator[Span]:
    """The lines of a range that show something, without their line ends."""
    at = span.start
    for line in text[span.start : span.end].split("\n"):
        if line.strip():
            yield Span(at, at + len(line))
        at += len(line) + 1


def article_html(plan: Plan, view: TextView, blocks: Sequence[Block] | None = None) -> str:
    """``<article class="plan-text">`` with the text of a plan, every character of it once, in blocks.

    A plan of ``LONG`` blocks and more is of the class ``long`` too.

    A citation's characters stand in ``<mark class="cited" data-n="N">``, closed and opened again at line ends, so that
    the text of all marks with one number is the quote without its line ends. Ranges outside the text mark what of
    them lies inside.
    """
    return _Article(plan, view).html(blocks_of(plan) if blocks is None else blocks)


class _Article:
    """One plan, written for one view."""

    def __init__(self, plan: Plan, view: TextView) -> None:
        self._plan = plan
        self._view = view
        self._words = view.words
        self._text = plan.text
        length = len(self._text)
        inside = [(mark.n, mark.span.start, min(mark.span.end, length)) for mark in view.marks]
        self._marks = [(n, start, end) for n, start, end in inside if start < end]
        self._ends = [hit.end for hit in view.found]
        marked = {edge for _, *edges in self._marks for edge in edges}
        self._edges = sorted(marked | {edge for hit in view.found for edge in (hit.start, hit.end)})
        self._rules: dict[Span, str] = {}  # the addresses of sentences that hold for many clauses

    def html(self, blocks: Sequence[Block]) -> str:
        """The article."""
        only, body, at = self._view.only, list[str](), 0
        near = self._near(blocks)
        for n, block in enumerate(blocks):
            if only is None:
                body.append(self._lines(Span(at, block.clause.span.start)))
            if only is None or block.anchor in only:
                body.append(self._block(block, n in near))
            at = block.clause.span.end
        if only is None:
            body.append(self._lines(Span(at, len(self._text))))
        shown = len(blocks) if only is None else len(only)
        kinds = "plan-text long" if shown >= LONG else "plan-text"
        return f'<article class="{kinds}" data-plan="{html(self._plan.id)}" lang="zh">{"".join(body)}</article>'

    def _lines(self, span: Span, anchors: Sequence[tuple[int, str]] = ()) -> str:
        """A ``<p>`` a line that shows something; where each begins stands in ``data-at``."""
        return "".join(
            f'<p data-at="{line.start}">{self._runs(line.start, line.end, anchors)}</p>'
            for line in _lines_of(self._text, span)
        )

    def _runs(self, start: int, end: int, anchors: Sequence[tuple[int, str]]) -> str:
        """One line, cut where a mark, a hit or a clause begins or ends, so that elements never overlap."""
        cuts = {start, end, *(at for at, _ in anchors if start <= at < end)}
        cuts.update(self._edges[bisect_right(self._edges, start) : bisect_left(self._edges, end)])
        marks = [mark for mark in self._marks if mark[1] < end and start < mark[2]]
        found = self._view.found
        pieces = []
        for a, b in pairwise(sorted(cuts)):
            pieces += [f'<span class="anchor" id="{html(name)}"></span>' for at, name in anchors if at == a]
            piece = html(self._text[a:b])
            hit = bisect_right(self._ends, a)
            if hit < len(found) and found[hit].start <= a:
                named = f' id="hit-{hit + 1}"' if found[hit].start == a else ""
                piece = f'<mark class="found"{named} data-hit="{hit + 1}">{piece}</mark>'
            cited = [mark for mark in marks if mark[1] <= a and b <= mark[2]]
            pieces.append(_cited_html(piece, cited, a, self._view.goes) if cited else piece)
        return "".join(pieces)

    def _near(self, blocks: Sequence[Block]) -> set[int]:
        """Which blocks are close to a mark: a browser is to lay these out before it goes there, or they would jump."""
        starts = [block.clause.span.start for block in blocks]
        marked = {bisect_right(starts, start) - 1 for _, start, _ in self._marks}
        return {n + away for n in marked for away in range(-NEAR, NEAR + 1)}

    def _block(self, block: Block, near: bool) -> str:
        """One clause."""
        clause = block.clause
        anchors = [(one.span.start, slug(one.path, one.part)) for one in block.inner]
        given = "".join(self._given(one, block) for one in block.clauses)
        here = self._here(block) if self._view.here else ""
        first, _, rest = self._plan.quote(clause.span).strip().partition("\n")
        titled = " titled" if rest and len(first) <= LONGEST_TITLE and first[-1] not in _ENDS else ""
        kinds = f"clause {clause.kind} level{block.level}{titled}{' near' if near else ''}"
        return (
            f'<section class="{kinds}" id="{html(block.anchor)}">'
            f"{here}{self._lines(clause.span, anchors)}{given}</section>"
        )

    def _here(self, block: Block) -> str:
        """A link to a clause by itself, with all of it marked."""
        span = block.clause.span
        query = urlencode({"start": span.start, "end": span.end, **kept_language(self._words)})
        named = f'title="{html(self._view.here)}" aria-label="{html(self._view.here)}"'
        return f'<a class="here" href="?{html(query)}#{html(percent(block.anchor, safe="~"))}" {named}>¶</a>'

    def _given(self, clause: Clause, block: Block) -> str:
        """Who is responsible for a clause, a chip for each unit, with deadline and how we know; "" for nobody."""
        words, assignment = self._words, self._plan.assignment(clause)
        if assignment is None:
            emptied = (clause.path, clause.part) in self._plan.emptied
            return f'<div class="chips">{corrected_html(words)}</div>' if emptied else ""
        ahead = ""
        if clause.part and len(block.inner) > 1:  # several rows below one clause: which of its sentences each is of
            short = shortened(self._plan.quote(clause.span).strip(), LONGEST_PART)
            ahead = f'<a class="part" href="#{html(slug(clause.path, clause.part))}">{html(short)}</a>'
        return chips_html(assignment, words, self._ledger, self._rule(assignment.rule), ahead)

    def _ledger(self, unit: str) -> str:
        """The address of all that the plan gives a body."""
        return f"/ledger?{urlencode({'plan': self._plan.id, 'unit': unit, **kept_language(self._words)})}"

    def _rule(self, rule: Span | None) -> str:
        """The address of the sentence by which we know, which many clauses may share; "" where there is none."""
        if rule is None:
            return ""
        if rule not in self._rules:
            self._rules[rule] = link_to(self._plan, rule, self._words.lang)
        return self._rules[rule]


def _cited_html(piece: str, cited: Sequence[tuple[int, int, int]], at: int, goes: bool) -> str:
    """A piece of text, escaped, that lies in these marks; where the one of the address begins, it has its anchor.

    ``goes``: it takes the focus when the page opens, which brings it into view without a script. A browser leaves that
    out where the address has an anchor.
    """
    numbers = " ".join(str(n) for n in sorted({n for n, *_ in cited if n}))
    named = f' id="{CITED}"' if any(n == 0 and start == at for n, start, _ in cited) else ""
    if named and goes:
        named += ' tabindex="-1" autofocus'
    counted = f' data-n="{numbers}"' if numbers else ""
    return f'<mark class="cited"{named}{counted}>{piece}</mark>'


def place_of(plan: Plan, span: Span) -> Clause | None:
    """The innermost clause that a range begins in."""
    holding = [c for c in plan.clauses if c.span.start <= span.start < max(c.span.end, c.span.start + 1)]
    return min(holding, key=lambda c: (c.span.end - c.span.start, c.part), default=None)


def link_to(plan: Plan, span: Span, lang: str) -> str:
    """The address of a place of a plan, marked, at the clause that it begins in."""
    home = place_of(plan, span)
    if home is not None:
        return plan_link(plan.id, home.path, home.part, span.start, span.end, lang)
    return plan_link(plan.id, "", 0, span.start, span.end, lang).partition("#")[0] + f"#{CITED}"


def kept_language(words: Strings) -> dict[str, str]:
    """The parameter that keeps the language in an address; none for the usual one."""
    lang = asked(words.lang)
    return {"lang": lang} if lang else {}
