"""Sentences that hold for many clauses of their own plan: 列第一位的部门为牵头部门, 以下责任单位均有…, 本章任务由….

Here they are found and read; ``resolve`` applies them. A rule never leaves the plan that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from corpus.fold import fold
from corpus.model import Basis, Clause, ClauseKind, Role, Span
from corpus.phrases import DEADLINE, ROLE
from corpus.ranges import REST, is_wide
from corpus.ranking import Ranking, ranked
from corpus.rule_parts import BEFORE, EMPTY, NOTE, Part, parts
from corpus.task_tables import Table

# What goes on with the same rule behind a semicolon: 以上任务由A牵头;B配合;6月底前完成.
_MORE = re.compile(
    rf"(?:[;；]\s*(?!其中)(?:[^,。;:\n]{{2,6}}(?:单位|部门|处室|时限|期限|时间):[^。;\n]{{2,80}}|[^。;:\n]{{2,80}}?(?:{ROLE.pattern})"
    rf"|{DEADLINE.pattern}(?:完成)?)(?=[)】〕]*(?:[。;\n]|$))){{1,4}}"
)
_OF_THE_PLAN = re.compile("部分|^附|[“《]")
_TRAILING = re.compile(r"(?:[\s,;(\[【〔]|\d{1,2}[.、]|其中){1,40}+$")


@dataclass(frozen=True, slots=True)
class RuleSentence:
    """One rule as the plan writes it."""

    kind: Basis
    span: Span
    clause: str  # path of the clause it stands in
    range: str  # the words that say which clauses: 以下, 本章, 以上, ""
    who: Span | None  # the words that name the units it adds; None where it ranks, or only sets a date
    said: str = ""  # the folded words with which it says what it excepts
    role: Role = Role.RESPONSIBLE  # of units that have no role word of their own
    listed: bool = False  # only for tasks that list somebody: 以下责任单位均有…
    lacks: str = ""  # what a task must lack: 未注明牵头单位的
    deadline: str = ""
    ranking: Ranking | None = None
    noted: bool = False  # a note to what stands before it: 注:…
    takes: bool = False  # 市教育局牵头负责第1项: others may have their share in the same item
    table: Span | None = None  # the table whose head says it
    about: str = ""  # 其中驿站由…: words that the one task holds that it is for
    vague: bool = False  # 各项任务由市教育局统筹推进, in the middle of a plan: which tasks are meant is a guess

    def is_empty(self, text: str) -> bool:
        """Whether it names only 各责任单位, whom the lists of the tasks name."""
        return self.who is not None and EMPTY.match(fold(self.who.of(text))) is not None


def is_rule(sentence: str) -> bool:
    """Whether a folded sentence is a rule for many clauses rather than an assignment of its own."""
    return ranked(sentence, BEFORE) is not None or bool(parts(sentence))


def rule_spans(text: str) -> list[Span]:
    """Which words of a folded text are rules, sentence by sentence: none of them assigns the clause they stand in."""
    spans: list[Span] = []
    for match in re.finditer(r"[^。\n]+[。\n]?", text):
        order = ranked(match[0], BEFORE)
        starts = [part.start for part in parts(match[0])] + ([order.start] if order else [])
        if starts:
            spans.append(Span(match.start() + min(starts), match.end()))
    return spans


def find_rules(text: str, clauses: tuple[Clause, ...]) -> Iterator[RuleSentence]:
    """Every rule sentence in a plan, in the order of the text."""
    folded = fold(text)
    for clause in clauses:
        if clause.part or clause.kind is ClauseKind.ROSTER:
            continue
        words = clause.span.of(folded)
        for match in re.finditer(r"[^。\n]+[。\n]?", words):
            # A rule in the line of a heading speaks of what stands below that heading.
            titled = "\n" not in words[: match.start()] and clause.kind in (ClauseKind.HEADING, ClauseKind.GENERAL)
            for rule in _rules(match[0], clause.span.start + match.start(), clause, titled):
                # 以上 and 第三条 in a letterhead speak of other papers.
                if clause.kind is not ClauseKind.FRONT or is_wide(rule.range) or _OF_THE_PLAN.search(rule.range):
                    yield rule


def rules_of_heads(text: str, tables: Iterable[tuple[str, Table]]) -> Iterator[RuleSentence]:
    """What the heads of tables say of the order in which their cells name bodies, each for its own rows."""
    for path, table in tables:
        for cell in table.head:
            if order := ranked(fold(cell.of(text)), BEFORE):
                yield RuleSentence(Basis.FIRST_LISTED, cell, path, "", None, ranking=order.ranking, table=table.span)


def _rules(sentence: str, start: int, clause: Clause, titled: bool) -> Iterator[RuleSentence]:
    order = ranked(sentence, BEFORE)
    found = parts(sentence)
    if order:
        opening = max(sentence.rfind(mark, 0, order.start + 1) for mark in "([【〔") + 1
        opening = opening if sentence.count("(") > sentence.count(")") else 0
        stop = min([p.start for p in found if p.start > order.end] or [len(sentence)])
        span = Span(start + opening, start + len(sentence[:stop].rstrip(" \n,;" if stop < len(sentence) else None)))
        words = order.range or ("以下" if titled else "")
        yield RuleSentence(Basis.FIRST_LISTED, span, clause.path, words, None, ranking=order.ranking)
        found = [p for p in found if p.start >= order.end or p.kind is Basis.DOCUMENT_RULE]
    deadline = ""
    told: list[RuleSentence] = []
    for number, part in enumerate(found):
        if number and re.fullmatch(REST, part.range) and not is_wide(found[number - 1].range):
            part = replace(part, range="本部分")  # 第1项由A负责,其余由B负责: what is left around these
        following = found[number + 1].start if number + 1 < len(found) else len(sentence)
        rule = _rule(sentence, part, following, start, clause, deadline)
        if number and found[number - 1].but:
            rule = replace(rule, said=f"除{found[number - 1].range}外,{rule.said}")
        deadline = rule.deadline
        if part.within and told:
            told.insert(len(told) - 1, rule)  # what it takes is taken before the rule it is an exception to
        else:
            told.append(rule)
    yield from told


def _rule(sentence: str, part: Part, following: int, start: int, clause: Clause, above: str) -> RuleSentence:
    """``following``: where the next rule of the sentence opens; ``above``: the date of the rule before."""
    said = sentence[part.start : following]
    words = said.rstrip() if following == len(sentence) else _TRAILING.sub("", said)
    if (cut := words.find(";")) >= 0:
        more = _MORE.match(words, cut)
        words = words[: more.end() if more else cut]
    # The mark at its end belongs to the rule, the bracket that it stands in does not.
    inner = words.rstrip("。 ")
    closed = _closed(inner)
    end = part.start + len(words if closed == inner else closed)
    who = None
    if part.who is not None:
        who = Span(start + part.who[0], start + max(part.who[0], min(part.who[1], part.start + len(closed))))
    dated = DEADLINE.search(said)
    deadline = re.sub(r"\s", "", dated[0]) if dated else above if part.within else ""
    span = Span(start + part.start, start + end)
    return RuleSentence(
        part.kind,
        span,
        clause.path,
        part.range,
        who,
        said,
        part.role,
        part.listed,
        part.lacks,
        deadline,
        noted=NOTE.match(sentence) is not None,
        takes=part.takes,
        vague=part.vague,
        about=part.about,
    )


def _closed(words: str) -> str:
    """The words without a bracket at their end that opens before them."""
    words = words.rstrip()
    while words and (at := ")]】〕".find(words[-1])) >= 0 and words.count("([【〔"[at]) < words.count(words[-1]):
        words = words[:-1].rstrip()
    return words
