"""Lines of a plan text → a tree of nodes: what opens below what, and which lines belong to whom.

A numbered line opens a node below the nearest shallower one, and so does a line that the source sets as a heading;
any other line belongs to the open node. ``corpus/outline.py`` makes clauses of the nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from corpus.clean import DATE_LINE, lines_of
from corpus.fold import fold
from corpus.marks import Mark, Rank, Series, read_annex, read_mark
from corpus.model import Note, Span
from corpus.outline_words import CLOSING, MAX_TITLE, SENTENCE_END, SIGNATURE, SUPPLEMENT, TITLE_END
from corpus.roster import is_roster_line
from corpus.rules import is_rule
from corpus.task_tables import Table, read_tables

_LABELLED = re.compile(r"([^。,;:]{2,8}):")


@dataclass(slots=True)
class Node:
    mark: Mark | None
    label: str
    start: int  # of the line that opens it
    text_start: int  # after the mark
    paragraphs: list[Span] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)
    parent: Node | None = None
    rows: list[Table] = field(default_factory=list)
    level: int = 0  # of a heading by style, 1 the highest; 0 for a line that is not set as one

    @property
    def path(self) -> str:
        above = self.parent.path if self.parent else ""
        return f"{above}/{self.label}" if above else self.label


class Walk:
    """One pass over the lines: nodes, front matter, annexes, tables, roster lines, closing text."""

    def __init__(self, text: str, headings: Mapping[int, int]) -> None:
        self.text = text
        self.folded = fold(text)
        self._headings = headings
        self.roots: list[Node] = []
        self.front: list[Span] = []
        self.closing: list[Span] = []
        self.roster: list[tuple[str, Span]] = []  # (path of the annex, line)
        self.notes: list[Note] = []
        self._series = Series()
        self._open: Node | None = None
        self._annex: Node | None = None
        self._annexes: dict[str, Node] = {}

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
            elif start in self._headings and self._names(line, start):
                self._open_heading(start, end)
            else:
                below = self.folded[slice(*lines[number + 1])] if number + 1 < len(lines) else ""
                signs = SIGNATURE.fullmatch(line) is not None and DATE_LINE.match(below) is not None
                self._take_text(line, Span(start, end), signs)
        for node in list(self.nodes()):
            self._take_labels_in(node)

    def nodes(self) -> Iterator[Node]:
        """All nodes in the order of the text."""
        stack = list(reversed(self.roots))
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))

    def _take_labels_in(self, node: Node) -> None:
        """Items that only say each a side of one task — (一)建设内容:…(二)责任单位:… — are lines of that task."""
        lines = [c.paragraphs[0].of(self.folded) for c in node.children if c.paragraphs and not c.children]
        labels = [match[1] for line in lines if (match := _LABELLED.match(line))]
        if len(set(labels)) < len(node.children) or not any(map(self._is_label, lines)):
            return
        for child in node.children:
            node.paragraphs += [Span(child.start, child.paragraphs[0].end), *child.paragraphs[1:]]
        node.children.clear()

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
        node = self._annexes[label] = Node(None, label, start, min(start + length, end))
        if start + length < end:
            node.paragraphs.append(Span(start + length, end))
        self.roots.append(node)
        self._annex = self._open = node
        self._series.reset()

    def _names(self, line: str, start: int) -> bool:
        """Whether an unnumbered line that is set as a heading names what follows, and is no title or sentence."""
        if len(line) > MAX_TITLE or SENTENCE_END.search(line) or self._is_label(line):
            return False
        if self._open is not None:
            # The first line of an annex is its title.
            return self._open is not self._annex or bool(self._annex.paragraphs or self._annex.children)
        # Before the first chapter it may be the title of the plan: the only line of the highest level, or titled so.
        level = self._headings[start]
        alone = sum(other <= level for other in self._headings.values()) == 1
        return not (alone and len(self._headings) > 1) and not TITLE_END.search(line)

    @staticmethod
    def _is_label(line: str) -> bool:
        return re.match(r"(?:牵头|责任|配合|主责|协办|主办|参与|协同|完成|落实)[^:,。]{0,6}:", line) is not None

    def _open_heading(self, start: int, end: int) -> None:
        """A heading by style without a number."""
        self._go_on()
        level = self._headings[start]
        parent = self._above_heading(level)
        label = re.sub(r"[\s/]+", "", self.text[start:end])
        node = Node(None, label, start, start, [Span(start, end)], parent=parent, level=level)
        (parent.children if parent else self.roots).append(node)
        self._open = node

    def _above_heading(self, level: int) -> Node | None:
        """The node that an unnumbered heading stands below: the nearest heading by style of a higher level.

        Where there is none, a numbered chapter that is not set as a heading is above it as well.
        """
        below_annex: list[Node] = []  # the open nodes, the innermost first
        node = self._open
        while node is not None and node is not self._annex:
            below_annex.append(node)
            node = node.parent
        ended = max((at for at, one in enumerate(below_annex) if one.level >= level), default=-1)
        left = below_annex[ended + 1 :]
        by_style = next((one for one in left if one.level), None)
        chapter = next((one for one in left if one.mark and one.mark.rank < Rank.ARTICLE), None)
        return by_style or chapter or self._annex

    def _go_on(self) -> None:
        """Not the end after all: 以上任务由… closes a section, and belongs to the clause before it."""
        if self.closing and self._open is not None and self._annex is None and not self.roster:
            self._open.paragraphs += self.closing
            self.closing = []

    def _open_node(self, mark: Mark, start: int, end: int) -> None:
        self._series.take(mark)
        self._go_on()
        parent = self._above(mark.rank, self._headings.get(start, 0))
        node = Node(mark, mark.label, start, start + mark.length, parent=parent, level=self._headings.get(start, 0))
        if start + mark.length < end:
            node.paragraphs.append(Span(start + mark.length, end))
        (parent.children if parent else self.roots).append(node)
        self._open = node
        if not mark.whole:
            self.notes.append(Note("numbering", f"{mark.label}: a part of the number is missing", Span(start, end)))

    def _above(self, rank: Rank, level: int) -> Node | None:
        """The node that a mark of this rank, set as a heading of this level or not (0), stands below."""
        node = self._open
        while node is not None:
            over = self._ends(node, rank, level) if node.mark is None else node.mark.rank >= rank
            if not over:
                break
            node = node.parent
        return node

    @staticmethod
    def _ends(heading: Node, rank: Rank, level: int) -> bool:
        """Whether an unnumbered heading is over where a mark comes: by its level, or because its series began above."""
        if not heading.level:
            return False  # an annex
        if level and heading.level >= level:
            return True
        above = heading.parent
        while above is not None:
            if above.mark is not None and above.mark.rank >= rank:
                return True
            above = above.parent
        return False

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
        if self._is_label(line):
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
            self._open = Node(None, "表", table.span.start, table.span.start)
            self.roots.append(self._open)
        (self._annex or self._open).rows.append(table)
