"""Plan text → clauses: which stretch is a heading, which a task, and what it is called.

When all nodes of the text are known (``corpus/outline_nodes.py``), those with numbered children are headings, the
others are clauses. Nothing is decided here about who is responsible.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType

from corpus.fold import fold
from corpus.marks import Rank
from corpus.model import Clause, ClauseKind, Note, Span
from corpus.outline_nodes import Node, Walk
from corpus.outline_words import ASSIGNS, DUTY, GUIDING, MAX_TITLE, SENTENCE_END
from corpus.rules import is_rule
from corpus.task_tables import Table


@dataclass(frozen=True, slots=True)
class Outline:
    """The clauses of a plan text, the tables in it, and what was not understood."""

    clauses: tuple[Clause, ...]
    tables: tuple[tuple[str, Table], ...]  # (path of the node that holds it, table)
    notes: tuple[Note, ...]


def read_outline(
    plan_id: str,
    text: str,
    pages: Sequence[tuple[int, int]] = (),
    headings: Mapping[int, int] = MappingProxyType({}),
) -> Outline:
    """The outline of a plan text.

    ``pages`` gives (start offset, page number) where the source has pages; ``headings`` the level, from 1, of each line
    that the source sets as a heading, by its start offset: without a number it too opens a node, named by its words.
    """
    walk = Walk(text, headings)
    walk.read()
    return _Clauses(plan_id, text, walk, pages).build()


class _Clauses:
    """Nodes → clauses, once it is known which nodes have children."""

    def __init__(self, plan_id: str, text: str, walk: Walk, pages: Sequence[tuple[int, int]]) -> None:
        self.plan, self.text, self.folded, self.walk, self.pages = plan_id, text, walk.folded, walk, pages
        self.clauses: list[Clause] = []
        self._times: dict[str, int] = {}  # how often a path was given
        self.tables: list[tuple[str, Table]] = []
        self._titled = self._titled_ranks()
        self._unique = self._unique_numbers()

    def build(self) -> Outline:
        self._front()
        for root in self.walk.roots:
            self._node(root, ())
        self._roster()
        if self.walk.closing:
            span = Span(self.walk.closing[0].start, self.walk.closing[-1].end)
            self._add("文末", None, "", (), ClauseKind.CLOSING, span, span)
        self.clauses.sort(key=lambda c: (c.span.start, -c.span.end))
        return Outline(tuple(self.clauses), tuple(self.tables), tuple(self.walk.notes))

    # -- before the first number -------------------------------------------------------------------

    def _front(self) -> None:
        """首部 ends with the last line that is no sentence (title, signature); what follows is 前言."""
        lines = self.walk.front
        split = len(lines)
        while split and self._is_paragraph(lines[split - 1]):
            split -= 1
        for path, kind, part in (
            ("首部", ClauseKind.FRONT, lines[:split]),
            ("前言", ClauseKind.PREFACE, lines[split:]),
        ):
            if part:
                span = Span(part[0].start, part[-1].end)
                self._add(path, None, "", (), kind, span, span)

    def _is_paragraph(self, span: Span) -> bool:
        line = span.of(self.folded)
        return (
            len(line) >= 15
            and line.endswith(("。", ":", ";"))
            and not re.match(r"(?:各.{0,80}|.{2,20}(?:单位|部门|政府)):$", line)
        )

    # -- nodes ------------------------------------------------------------------------------------------

    def _titled_ranks(self) -> frozenset[Rank]:
        """The ranks at which this plan opens its items with a short heading sentence.

        One item alone cannot tell a heading (加强组织领导。…) from a short first sentence; the habit of the plan
        can: at least half of the items of a rank that have more than one sentence must open with a short one.
        """
        short: dict[Rank, int] = {}
        several: dict[Rank, int] = {}
        total: dict[Rank, int] = {}
        for node in self.walk.nodes():
            if node.mark is None or node.children or not node.paragraphs:
                continue
            line = node.paragraphs[0].of(self.folded)
            total[node.mark.rank] = total.get(node.mark.rank, 0) + 1
            first = SENTENCE_END.search(line)
            named = first and not ASSIGNS.match(line, first.end()) and not DUTY.match(line)
            if first and named and first.end() < len(line):
                several[node.mark.rank] = several.get(node.mark.rank, 0) + 1
                if first.start() <= MAX_TITLE:
                    short[node.mark.rank] = short.get(node.mark.rank, 0) + 1
        return frozenset(
            rank for rank, count in several.items() if short.get(rank, 0) * 2 >= count and count * 2 >= total[rank]
        )

    def _unique_numbers(self) -> frozenset[int]:
        """Running numbers that stand once in the plan."""
        seen: dict[int, int] = {}
        for node in self.walk.nodes():
            if node.mark and node.mark.rank in (Rank.ARABIC, Rank.ARTICLE) and not self._in_annex(node):
                seen[node.mark.number] = seen.get(node.mark.number, 0) + 1
        return frozenset(number for number, count in seen.items() if count == 1)

    @staticmethod
    def _in_annex(node: Node) -> bool:
        while node.parent is not None:
            node = node.parent
        return node.mark is None and not node.level

    def _node(self, node: Node, headings: tuple[str, ...]) -> None:
        title, body = self._title(node)
        end = node.paragraphs[-1].end if node.paragraphs else node.text_start
        span = Span(node.start, max(end, node.text_start))
        number = node.mark.number if node.mark and node.mark.rank in (Rank.ARABIC, Rank.ARTICLE) else None
        if number not in self._unique or self._in_annex(node):
            number = None
        if node.children or node.rows or (node.mark is None and body is None):
            kind = ClauseKind.GENERAL if body else ClauseKind.HEADING
        elif body is None:
            # A number with a phrase and nothing below it: a task in a few words, or a bare chapter title.
            deep = node.mark is not None and node.mark.rank >= Rank.ARTICLE
            kind = ClauseKind.TASK if deep else ClauseKind.HEADING
            if kind is ClauseKind.TASK:
                body, title = Span(node.text_start, span.end), ""
        else:
            guiding = any(GUIDING.search(fold(name)) for name in (*headings[:1], title))
            chapter = node.parent is None
            # A heading without a number over a table that assigns nothing states no task.
            tabled = all(self.text.startswith("|", paragraph.start) for paragraph in node.paragraphs[1:])
            named = node.mark is not None or (node.level > 0 and not tabled)
            kind = ClauseKind.GENERAL if (guiding and chapter) or not named else ClauseKind.TASK
        if span.end > span.start:  # a table without any heading above it has no words of its own
            self._add(node.path, number, title, headings, kind, span, body or Span(span.end, span.end))
        below = (*headings, title or Span(node.text_start, span.end).of(self.text)[:MAX_TITLE])
        for child in node.children:
            self._node(child, below)
        for table in node.rows:
            self.tables.append((node.path, table))
            self._rows(node, table, below)

    def _title(self, node: Node) -> tuple[str, Span | None]:
        """(the node's own short heading, the span of what is to be done or None)."""
        if not node.paragraphs:
            return "", None
        first = node.paragraphs[0]
        line = first.of(self.folded)
        last_end = node.paragraphs[-1].end
        stop = SENTENCE_END.search(line)
        single = stop is None or stop.end() == len(line.rstrip())
        if single and len(line) <= MAX_TITLE * 2:
            inherits = node.children or len(node.paragraphs) > 1 or node.rows
            names = node.mark.rank < Rank.ARTICLE if node.mark else node.level > 0
            if inherits or (stop is None and names):
                end = first.start + (stop.start() if stop else len(line.rstrip()))
                rest = Span(node.paragraphs[1].start, last_end) if len(node.paragraphs) > 1 else None
                if rest is not None and not node.children and self._is_label(node.paragraphs[1]):
                    # Label lines and rules under a one-sentence task belong to it, and it has no heading.
                    return "", Span(first.start, last_end)
                return self.text[first.start : end].strip(" :"), rest
        titled = node.mark is not None and (node.mark.rank in self._titled or node.children)
        assigns = stop is not None and (ASSIGNS.match(line, stop.end()) or DUTY.match(line)) is not None
        if stop and not single and titled and not assigns and stop.start() <= MAX_TITLE:
            return self.text[first.start : first.start + stop.start()].strip(), Span(first.start + stop.end(), last_end)
        return "", Span(first.start, last_end)

    def _is_label(self, span: Span) -> bool:
        line = span.of(self.folded)
        return re.match(r"[^。,:]{2,8}:", line) is not None or is_rule(line)

    # -- rows, rosters -------------------------------------------------------------------------------------

    def _rows(self, node: Node, table: Table, headings: tuple[str, ...]) -> None:
        for row in table.rows:
            above = (*headings, row.part) if row.part else headings
            self._add(f"{node.path}/{row.label}", None, "", above, ClauseKind.TASK, row.span, row.task or row.span)

    def _roster(self) -> None:
        for number, (annex, span) in enumerate(self.walk.roster, 1):
            path = annex if annex == "名单" else f"{annex}/名单"
            self._add(f"{path}/{number}", None, "", (), ClauseKind.ROSTER, span, span)

    def _add(
        self,
        path: str,
        number: int | None,
        title: str,
        headings: tuple[str, ...],
        kind: ClauseKind,
        span: Span,
        body: Span,
    ) -> None:
        self._times[path] = again = self._times.get(path, 0) + 1
        if again > 1:  # the same number twice in one place: a slip of the plan, kept apart
            self.walk.notes.append(Note("numbering", f"{path} stands twice", span))
            path = f"{path}~{again}"
        turned = bisect_right(self.pages, span.start, key=itemgetter(0))
        page = self.pages[turned - 1][1] if turned else None
        self.clauses.append(Clause(self.plan, path, 0, number, title, headings, kind, span, body, page))
