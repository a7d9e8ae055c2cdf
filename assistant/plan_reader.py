"""What a reader of a whole plan is given beside its text: outline, facts, search in it, and what one body has to do.

Plain values, no HTML: ``assistant/web/reader_pages.py`` shows them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from assistant.cite import cite
from assistant.model import ROLES
from assistant.plan_text import Block, place_of
from assistant.render import shown, slug
from assistant.wording import shortened
from corpus.fold import fold
from corpus.model import Assignment, Clause, ClauseKind, Plan, Span

LONGEST_QUERY = 100  # characters of a search in a plan
MOST_HITS = 1000  # that are marked; the others are only counted
LONGEST_ENTRY = 60  # characters of a line of the outline
LONGEST_SENTENCE = 160
_MOST_VALIDITIES = 2
_GAP = r"[^\S\n]*"  # 总　则 is found by 总则

# A sentence by which a plan says from when or until when it holds. That of a permit in a task does not begin so.
_THIS = r"(?:本|此|该)(?:方案|规划|计划|要点|意见|办法|措施|细则|规定|通知|文件|行动)"
_FROM = r"自[^。;,]{2,24}起(?:施行|实施|执行)"
_HOLDS = re.compile(rf"[\W\d一二三四五六七八九十]*(?:{_THIS}[^。;]{{0,12}}?(?:{_FROM}|有效期)|{_FROM}|有效期)")
_SENTENCE = re.compile(r"[^。；;\n]+[。；;]?")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the outline: a heading with what is below it, or a task of a plan without headings."""

    text: str
    anchor: str
    tasks: int  # below it
    inner: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known of a plan; ``place`` is the sentence of the plan that says it."""

    name: str  # number, issuer, date, published, region, period, validity, source, file, pages
    value: str
    place: Span | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of a plan is assigned; parts of clauses are not counted."""

    clauses: int
    tasks: int
    led: int  # tasks with a lead
    named: int  # tasks with somebody, and no lead
    nobody: int
    corrected: tuple[Clause, ...]  # by an editor

    @property
    def assigned(self) -> int:
        """Tasks for which anybody is named."""
        return self.led + self.named


@dataclass
class _Node:
    clause: Clause
    inner: list[_Node] = field(default_factory=list)


def outline(plan: Plan, blocks: Sequence[Block]) -> tuple[Entry, ...]:
    """The headings of a plan in their order, each with those below it; of a plan without any, its tasks."""
    below = Counter(
        prefix for task in plan.tasks() if not task.part for prefix in _prefixes(task.path) if prefix != task.path
    )
    tops: list[_Node] = []
    open_: list[_Node] = []
    shown = [block.clause for block in blocks if _is_chapter(block.clause)]
    if not any(clause.kind is ClauseKind.HEADING for clause in shown):
        shown = [block.clause for block in blocks if block.clause.kind is ClauseKind.TASK]
    for clause in shown:
        node = _Node(clause)
        while open_ and not clause.path.startswith(f"{open_[-1].clause.path}/"):
            open_.pop()
        (open_[-1].inner if open_ else tops).append(node)
        open_.append(node)

    def entry(node: _Node) -> Entry:
        clause = node.clause
        return Entry(_heading(plan, clause), slug(clause.path), below[clause.path], tuple(map(entry, node.inner)))

    return tuple(map(entry, tops))


def _is_chapter(clause: Clause) -> bool:
    """Whether a clause is a heading, or a chapter that is one piece, such as 一、指导思想 with its text."""
    whole = clause.kind in (ClauseKind.GENERAL, ClauseKind.TASK) and "/" not in clause.path
    return clause.kind is ClauseKind.HEADING or whole


def _heading(plan: Plan, clause: Clause) -> str:
    """The first line of a clause; of one that is a single line its title, where it has one."""
    first, _, rest = plan.quote(clause.span).strip().partition("\n")
    return _short(first if rest or clause.kind is ClauseKind.HEADING else clause.title or first)


def _short(text: str) -> str:
    return shortened(" ".join(text.split()), LONGEST_ENTRY)


def opening(plan: Plan, clause: Clause) -> str:
    """The first words of a clause, in one line."""
    return _short(plan.quote(clause.span))


def _prefixes(path: str) -> Iterator[str]:
    """A path and those above it: 三/(二)/43, 三/(二), 三."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def facts(plan: Plan) -> list[Fact]:
    """What the plan or its editor says of it, in the order in which it is shown; what nobody says is left out."""
    meta = plan.meta
    said = [
        Fact("number", meta.number),
        Fact("issuer", meta.issuer if meta.issuer_stated else ""),
        Fact("date", meta.issue_date),
        Fact("published", meta.publish_date),
        Fact("region", meta.region),
        Fact("period", meta.period),
        *(Fact("validity", " ".join(plan.quote(span).split()), span) for span in validity(plan)),
        Fact("source", meta.source if meta.source != meta.file else ""),
        Fact("file", meta.file),
    ]
    pages = max((clause.page or 0 for clause in plan.clauses), default=0)
    return [fact for fact in said if fact.value] + ([Fact("pages", str(pages))] if pages else [])


def validity(plan: Plan) -> list[Span]:
    """The sentences that say from when or until when the plan holds, at most two."""
    folded = fold(plan.text)
    found = [Span(*sentence.span()) for sentence in _SENTENCE.finditer(folded) if _HOLDS.match(sentence[0])]
    return [span for span in found if span.end - span.start <= LONGEST_SENTENCE][:_MOST_VALIDITIES]


def counts(plan: Plan) -> Counts:
    """How many of a plan's tasks have a lead, somebody else, or nobody."""
    of: dict[str, list[Assignment]] = {}
    for assignment in plan.assignments:
        of.setdefault(assignment.path, []).append(assignment)
    tasks = [task for task in plan.tasks() if not task.part]
    led = sum(any(one.lead for one in of.get(task.path, ())) for task in tasks)
    named = sum(any(one.parties for one in of.get(task.path, ())) for task in tasks)
    corrected = tuple(clause for clause in plan.clauses if plan.is_corrected(clause))
    clauses = sum(not clause.part for clause in plan.clauses)
    return Counts(clauses, len(tasks), led, named - led, len(tasks) - named, corrected)


def units(plan: Plan) -> list[tuple[str, int]]:
    """Each body that the plan gives something to, with how many clauses; who has most first."""
    named = Counter(name for assignment in plan.assignments for name in {party.name for party in assignment.parties})
    return sorted(named.items(), key=lambda one: (-one[1], one[0]))


def given_to(plan: Plan, blocks: Sequence[Block], names: Collection[str], role: str) -> tuple[list[str], set[str]]:
    """The anchors of the blocks that give something to a body, by its names in the plan, in a role; empty is any.

    Second, the same with the headings above them, which say where they stand.
    """
    own = [block for block in blocks if any(_gives(plan.assignment(clause), names, role) for clause in block.clauses)]
    above = {prefix for block in own for prefix in _prefixes(block.clause.path)}
    headings = {
        block.anchor for block in blocks if block.clause.kind is ClauseKind.HEADING and block.clause.path in above
    }
    anchors = [block.anchor for block in own]
    return anchors, headings.union(anchors)


def _gives(assignment: Assignment | None, names: Collection[str], role: str) -> bool:
    if assignment is None:
        return False
    given = [name for one in ROLES if role in ("", one) for name in getattr(assignment, one)]
    return any(name in names for name in given) if names else bool(given)


def find(plan: Plan, query: str, lines: Sequence[Span]) -> list[Span]:
    """Where some words stand in a plan, simplified or traditional, wide or narrow, with or without space between.

    In the order of the text; none overlaps another. ``lines`` are the ranges, in order, that a place must lie in: what
    is shown (``plan_text.paragraphs``).
    """
    wanted = "".join(fold(query[:LONGEST_QUERY]).split())
    if not wanted:
        return []
    pattern = re.compile(_GAP.join(map(re.escape, wanted)))
    text = fold(plan.text)
    return [Span(*match.span()) for line in lines for match in pattern.finditer(text, line.start, line.end)]


def on_page(plan: Plan, places: Sequence[Span], lines: Sequence[Span]) -> list[tuple[int, int, int]]:
    """Places as a script finds them: where the line begins, and [from, to) in characters of what the line shows.

    Code points, not UTF-16 units: of a character that is read as another one, the number of units may be another. What
    no page shows (control characters) is not counted.
    """
    starts = [line.start for line in lines]
    found = []
    for place in places:
        line = starts[bisect_right(starts, place.start) - 1]
        start = len(shown(plan.text[line : place.start]))
        found.append((line, start, start + len(shown(plan.text[place.start : place.end]))))
    return found


def quoted(plan: Plan, span: Span) -> tuple[tuple[str, str, int], str] | None:
    """The key of the clause that a range begins in, and the plan's own words in it with where they stand.

    In the form of a paper: the quote, then the plan with its number, the headings above, and the page. None where there
    is nothing to quote.
    """
    clause = place_of(plan, span)
    if clause is None or not plan.quote(span).strip():
        return None
    cited = cite(plan, clause, 1, span)
    above = [plan.clause(path) for path in reversed([*_prefixes(clause.path)][1:])]
    place = " › ".join(_heading(plan, one) for one in above if one is not None)
    page = f"第{cited.page}页" if cited.page is not None else ""
    return clause.key, f"{cited.quote.strip()}\n——{'，'.join(filter(None, (cited.source, place, page)))}\n"
