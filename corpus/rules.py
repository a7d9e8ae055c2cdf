"""Sentences that hold for many clauses of their own plan: 列第一位的部门为牵头部门, 以下责任单位均有…, 本章任务由….

Here they are found and read; ``resolve`` applies them. A rule never leaves the plan that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.fold import fold
from corpus.model import Basis, Clause, ClauseKind, Span
from corpus.phrases import DEADLINE

_FIRST = (
    r"(?:列(?:在)?|排名|排列|排在|位列|排)?(?:第一(?:位|个|家)?|首位|最前|首个|首列|首家)(?:位)?(?:的)?(?:责任)?"
    r"(?:部门|单位|者)?"
)
_FIRST_LEADS = re.compile(rf"{_FIRST}[^。;,]{{0,8}}(?:为|是|即为|系)(?:总)?牵头|牵头(?:部门|单位)为?(?:排列)?{_FIRST}")
_EVERYWHERE = re.compile(
    r"(?P<range>以下|下述|下列|后续|其余|其他|各项|上述|以上|全部|所有)(?:各项|各条)?(?:责任(?:单位|部门)|任务|工作|事项|措施|各条|各项)?(?:责任单位)?"
    r"(?:均|都|皆)(?:有|含|包括|包含|需|须|由|涉及)(?P<who>[^,。;]{2,40}?)(?=,?不再|落实|负责|配合|参与|[,。;]|\)?$)"
)
_RANGE = re.compile(
    r"(?:除[^,。]{2,60}外,)?(?P<range>本章|本部分|本节|以上|上述|以下|第[一二三四五六七八九十百\d]+条?至第?[一二三四五六七八九十百\d]+条|第[一二三四五六七八九十]+章)(?:各项|全部|所列)?(?:任务|工作|事项|措施|内容|各条|条款)?"
    r"(?:,?除[^,。]{2,60}外)?,?(?:均|都|统一)?由(?P<who>[^。;]{2,120})"
)
# 上述四项工作均应于2031年11月底前完成: a date for several tasks, and nobody who is responsible.
_DATED = re.compile(
    r"(?P<range>本章|本部分|本节|以上|上述)(?:各项|全部|所列|[一二三四五六七八九十\d]{1,3}项)?(?:重点)?(?:任务|工作|事项|措施|内容)"
    rf"(?![^。;]*由)[^。;]{{0,16}}?{DEADLINE.pattern}[^。;]{{0,12}}$"
)


@dataclass(frozen=True, slots=True)
class RuleSentence:
    """One rule as the plan writes it."""

    kind: Basis
    span: Span
    clause: str  # path of the clause it stands in
    range: str  # the words that say which clauses: 以下, 本章, 以上, ""
    who: Span | None  # the words that name the units it adds; None where it ranks, or only sets a date


def is_rule(sentence: str) -> bool:
    """Whether a folded sentence is a rule for many clauses rather than an assignment of its own."""
    words = sentence.strip(" \n。;")
    return bool(
        _FIRST_LEADS.search(sentence) or _EVERYWHERE.search(sentence) or _RANGE.match(words) or _DATED.match(words)
    )


def find_rules(text: str, clauses: tuple[Clause, ...]) -> Iterator[RuleSentence]:
    """Every rule sentence in a plan, in the order of the text; those of the letterhead are no rules."""
    folded = fold(text)
    for clause in clauses:
        if clause.part or clause.kind in (ClauseKind.FRONT, ClauseKind.ROSTER):
            continue
        for match in re.finditer(r"[^。;\n]+[。;\n]?", clause.span.of(folded)):
            start = clause.span.start + match.start()
            opening = (
                max(match[0].rfind("("), match[0].rfind("【"), -1) + 1
                if match[0].count("(") > match[0].count(")")
                else 0
            )
            yield from _rule(match[0], start, clause, opening)


def _rule(sentence: str, start: int, clause: Clause, opening: int) -> Iterator[RuleSentence]:
    span = Span(start, start + len(sentence.rstrip()))
    if _FIRST_LEADS.search(sentence):
        yield RuleSentence(Basis.FIRST_LISTED, Span(span.start + opening, span.end), clause.path, "", None)
        return
    everywhere = _EVERYWHERE.search(sentence)
    if everywhere:
        who = Span(start + everywhere.start("who"), start + everywhere.end("who"))
        rule = Span(start + everywhere.start(), start + len(sentence.rstrip("\n")))
        yield RuleSentence(Basis.DOCUMENT_RULE, rule, clause.path, everywhere["range"], who)
        return
    ranged = _RANGE.match(sentence.lstrip())
    if ranged:
        left = start + len(sentence) - len(sentence.lstrip())
        who = Span(left + ranged.start("who"), left + ranged.end("who"))
        yield RuleSentence(Basis.CHAPTER_RULE, span, clause.path, ranged["range"], who)
    elif dated := _DATED.match(sentence.strip(" \n。;")):
        yield RuleSentence(Basis.CHAPTER_RULE, span, clause.path, dated["range"], None)
