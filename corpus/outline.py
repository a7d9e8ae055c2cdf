"""Plan text → clauses: which stretch is a heading, which a task, and what it is called.

The walk is line by line (after cleaning, a line is a paragraph). A numbered line opens a node below the
nearest shallower one; an unnumbered line belongs to the open node. When all nodes are known, those with
numbered children are headings, the others are clauses. Nothing is decided here about who is responsible.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

from corpus.clean import DATE_LINE, lines_of
from corpus.fold import fold
from corpus.marks import Mark, Rank, Series, read_annex, read_mark
from corpus.model import Clause, ClauseKind, Note, Span
from corpus.outline_words import ASSIGNS, CLOSING, DUTY, GUIDING, MAX_TITLE, SENTENCE_END, SIGNATURE, SUPPLEMENT
from corpus.roster import is_roster_line
from corpus.rules import is_rule
from corpus.task_tables import Table, read_tables


@dataclass(slots=True)
class _Node:
    mark: Mark | None
    label: str
    start: int  # of the line that opens it
    text_start: int  # after the mark
    paragraphs: list[Span] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)
    parent: _Node | None = None
    rows: list[Table] = field(default_factory=list)

    @property
    def path(self) -> str:
        above = self.parent.path if self.parent else ""
        return f"{above}/{self.label}" if above else self.label


@dataclass(frozen=True, slots=True)
class Outline:
    """The clauses of a plan text, the tables in it, and what was not understood."""

    clauses: tuple[Clause, ...]
    tables: tuple[tuple[str, Table], ...]  # (path of the node that holds it, table)
    notes: tuple[Note, ...]


def read_outline(plan_id: str, text: str, pages: Sequence[tuple[int, int]] = ()) -> Outline:
    """The outline of a plan text; ``pages`` gives (start offset, page number) where the source has pages."""
    walk = _Walk(text)
    walk.read()
    return _Clauses(plan_id, text, walk, pages).build()


class _Walk:
    """One pass over the lines: nodes, front matter, annexes, tables, roster lines, closing text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = fold(text)
        self.roots: list[_Node] = []
        self.front: list[Span] = []
        self.closing: list[Span] = []
        self.roster: list[tuple[str, Span]] = []  # (path of the annex, line)
        self.notes: list[Note] = []
        self._series = Series()
        self._open: _Node | None = None
        self._annex: _Node | None = None
        self._annexes: dict[str, _Node] = {}

    def read(self) -> None:
        tables = {table.span.start: table for table in read_tables(self.text)}
        skip_to = 0
        lines = list(lines_of(self.text))
        for number, (start, end) in enumerate(lines):
            if start < skip_to:
                continue
            line = self.folded[start:end]
            if start in tables:
                self._take_table(tables[start])
                skip_to = tables[start].span.end
            elif annex := read_annex(line):
                self._open_annex(annex, start, end)
            elif is_roster_line(line):
                self.roster.append((self._annex.path if self._annex else "名单", Span(start, end)))
            elif mark := read_mark(line, self._series.expected()):
                self._open_node(mark, start, end)
            else:
                below = self.folded[slice(*lines[number + 1])] if number + 1 < len(lines) else ""
                signs = SIGNATURE.fullmatch(line) is not None and DATE_LINE.match(below) is not None
                self._take_text(line, Span(start, end), signs)

    def _open_annex(self, annex: tuple[str, int], start: int, end: int) -> None:
        label, length = annex
        if self._annex is None and self._open is None and not self.roots:
            self.front.append(Span(start, end))  # a list of annexes in the letterhead
            return
        known = self._annexes.get(label)
        if known is not None:  # named in the text and again at its head
            self._annex = self._open = known
            self._series.reset()
            return
        node = self._annexes[label] = _Node(None, label, start, min(start + length, end))
        if start + length < end:
            node.paragraphs.append(Span(start + length, end))
        self.roots.append(node)
        self._annex = self._open = node
        self._series.reset()

    def _open_node(self, mark: Mark, start: int, end: int) -> None:
        self._series.take(mark)
        if self.closing and self._open is not None and self._annex is None and not self.roster:
            # Not the end after all: 以上任务由… closes a section, and belongs to the clause before it.
            self._open.paragraphs += self.closing
            self.closing = []
        parent = self._open
        while parent is not None and parent.mark is not None and parent.mark.rank >= mark.rank:
            parent = parent.parent
        node = _Node(mark, mark.label, start, start + mark.length, parent=parent)
        if start + mark.length < end:
            node.paragraphs.append(Span(start + mark.length, end))
        (parent.children if parent else self.roots).append(node)
        self._open = node
        if not mark.whole:
            self.notes.append(Note("numbering", f"{mark.label}: a part of the number is missing", Span(start, end)))

    def _take_text(self, line: str, span: Span, signs: bool) -> None:
        """An unnumbered line; ``signs``: a body's name with a date below it."""
        if self._open is None:
            (self.closing if self.roster else self.front).append(span)
        elif self._closes(line) or (signs and self._annex is None):
            self.closing.append(span)
        elif self.closing or (self.roster and self._annex is not None):
            self._after_end(line, span)
        else:
            self._open.paragraphs.append(span)

    def _closes(self, line: str) -> bool:
        """Whether an unnumbered line after a numbered clause speaks for the whole plan.

        The clause before must be complete (it ends with its assignment), or the line opens as closing
        text does and the clause before is the last of its kind; label lines stay with their clause.
        """
        node = self._open
        if node is None or node.mark is None or not node.paragraphs:
            return False
        line = line.lstrip("([【〔")
        if re.match(r"(?:牵头|责任|配合|主责|协办|主办|参与|协同|完成|落实)[^:,。]{0,6}:", line):
            return False
        if DATE_LINE.match(line) or SUPPLEMENT.fullmatch(line):
            return True
        last = node.paragraphs[-1].of(self.folded)
        assigned = bool(re.search(r"(?:负责|牵头|配合|落实|参与)[。)）】〕\]]*$", last))
        speaks = re.match(r"以上|上述", line) is not None and is_rule(line)
        return ((assigned or speaks) and CLOSING.match(line) is not None) or line.startswith(("抄送", "抄报", "此件"))

    def _after_end(self, line: str, span: Span) -> None:
        """Text behind the end: kept where it reads as part of a plan, else junk of the page."""
        if CLOSING.match(line) or SIGNATURE.search(line) or line.endswith(("。", ":", ")")):
            self.closing.append(span)
        else:
            self.notes.append(Note("junk", "a line behind the end of the plan was left out", span))

    def _take_table(self, table: Table) -> None:
        if self._open is None:
            self._open = _Node(None, "表", table.span.start, table.span.start)
            self.roots.append(self._open)
        (self._annex or self._open).rows.append(table)


class _Clauses:
    """Nodes → clauses, once it is known which nodes have children."""

    def __init__(self, plan_id: str, text: str, walk: _Walk, pages: Sequence[tuple[int, int]]) -> None:
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
            and not re.match(r"各|.{2,20}(?:单位|部门|政府):$", line)
        )

    # -- nodes ------------------------------------------------------------------------------------------

    def _all_nodes(self) -> Iterator[_Node]:
        stack = list(reversed(self.walk.roots))
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def _titled_ranks(self) -> frozenset[Rank]:
        """The ranks at which this plan opens its items with a short heading sentence.

        One item alone cannot tell a heading (加强组织领导。…) from a short first sentence; the habit of the plan
        can: at least half of the items of a rank that have more than one sentence must open with a short one.
        """
        short: dict[Rank, int] = {}
        several: dict[Rank, int] = {}
        total: dict[Rank, int] = {}
        for node in self._all_nodes():
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
        for node in self._all_nodes():
            if node.mark and node.mark.rank in (Rank.ARABIC, Rank.ARTICLE) and not self._in_annex(node):
                seen[node.mark.number] = seen.get(node.mark.number, 0) + 1
        return frozenset(number for number, count in seen.items() if count == 1)

    @staticmethod
    def _in_annex(node: _Node) -> bool:
        while node.parent is not None:
            node = node.parent
        return node.mark is None

    def _node(self, node: _Node, headings: tuple[str, ...]) -> None:
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
            kind = ClauseKind.GENERAL if (guiding and chapter) or node.mark is None else ClauseKind.TASK
        if span.end > span.start:  # a table without any heading above it has no words of its own
            self._add(node.path, number, title, headings, kind, span, body or Span(span.end, span.end))
        below = (*headings, title or Span(node.text_start, span.end).of(self.text)[:MAX_TITLE])
        for child in node.children:
            self._node(child, below)
        for table in node.rows:
            self.tables.append((node.path, table))
            self._rows(node, table, below)

    def _title(self, node: _Node) -> tuple[str, Span | None]:
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
            if inherits or (stop is None and node.mark is not None and node.mark.rank < Rank.ARTICLE):
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

    def _rows(self, node: _Node, table: Table, headings: tuple[str, ...]) -> None:
        for row in table.rows:
            self._add(f"{node.path}/{row.label}", None, "", headings, ClauseKind.TASK, row.span, row.task or row.span)

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
