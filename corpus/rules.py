"""Sentences that hold for many clauses of their own plan: 列第一位的部门为牵头部门, 以下责任单位均有…, 本章任务由….

Here they are found and read; ``resolve`` applies them. A rule never leaves the plan that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.fold import fold
from corpus.model import Basis, Clause, ClauseKind, Span
from corpus.phrases import DEADLINE, ROLE
from corpus.ranges import NUMERAL, RANGE

_FIRST = (
    r"(?:列(?:在|于)?|排名|排列|排序|排在|位列|位居|排)?(?:第[一1](?:位|个|家)?|首位|最前|首个|首列|首家)(?:位)?(?:的)?(?:责任)?"
    r"(?:部门|单位|者)?"
)
_FIRST_LEADS = re.compile(
    rf"{_FIRST}[^。;,]{{0,8}}(?:为|是|即为|系)(?:总)?牵头|牵头(?:部门|单位)为?(?:排列)?{_FIRST}"
    rf"|(?:^|[由,:(]){_FIRST}(?<=单位|部门)(?:负责)?牵头"
)
_EVERYWHERE = re.compile(
    r"(?P<range>以下|下述|下列|后续|其余|其他|各项|上述|以上|全部|所有)(?:各项|各条)?(?:责任(?:单位|部门)|任务|工作|事项|措施|各条|各项)?(?:责任单位)?"
    r"(?:均|都|皆)(?:有|含|包括|包含|需|须|由|涉及)(?P<who>[^,。;]{2,40}?)(?=,?不再|落实|负责|配合|参与|[,。;]|\)?$)"
)
# 以下任务各县(市)均需落实, 上述各项任务,各县(市)均为责任单位: the bodies stand before 均.
_EVERYBODY = re.compile(
    r"(?P<range>以下|下述|下列|后续|上述|以上|全部|所有)(?:各项|各条|所列)?(?:任务|工作|事项|措施|各条|各项),?(?P<who>各[^,。;]{2,30}?)"
    r"(?:均|都|皆)(?:(?:需|须|要|应当?)(?:落实|负责|配合|参与)|(?:为|是|作为)(?:责任|落实|配合|参与|协办)(?:单位|部门))"
)
# The number of its own clause, and the bracket that the rule may stand in.
_BEFORE = (
    rf"\s{{0,2}}(?:第{NUMERAL}条(?:[\s:]{{1,3}}|(?=[本除以上下全各]))|{NUMERAL}\s{{0,2}}[.、．]\s{{0,2}}|\({NUMERAL}\)\s{{0,2}}(?!\(|至|到|[—–~、和及-])|[①-⑳]\s{{0,2}})?"
    r"[\s(\[【〔]{0,3}"
)
_WORK = (
    r"(?:(?:各项|全部|所列|所有|各条|所涉|涉及的|规定的|明确的|的){0,2}(?:重点|主要|具体|工作|目标)?"
    r"(?:任务|工作|事项|措施|内容|各条|条款|要求|项目)(?:分工)?|各项|各条|全部)?"
)
_EXCEPT = r"(?:除[^,。;]{2,60}(?:外|以外)|[^,。;]{2,40}(?:除外|从其规定))"
# 本章任务由…, 第九条至第十一条由…, (本部分任务除另有注明的外,均由…), 以上任务责任单位:….
_RANGE = re.compile(
    rf"{_BEFORE}(?P<rule>(?:{_EXCEPT},)?(?P<range>{RANGE}){_WORK}(?:,?{_EXCEPT})?,?\s{{0,2}}(?:原则上)?(?:均|都|统一|全部)?"
    rf"(?:由|的?(?=[^,。;:由]{{2,6}}(?:单位|部门|处室)[:为]))(?P<who>[^。;]{{2,120}}))"
)
# 第十条由市司法局负责解释, 以上工作由…负责统计: who does that does not do the tasks.
_ABOUT = re.compile(
    r"负责(?:统计|汇总|报送|解释|统筹汇总|考核|督查|督办|督促|检查|验收|评估|调度|监督)|解释(?=[,。;)]|$)|(?:负责|牵头|实施|承担)的"
)
# What goes on with the same rule behind a semicolon: 以上任务由A牵头;B配合;6月底前完成.
_MORE = re.compile(
    rf"(?:[;；]\s*(?:[^,。;:\n]{{2,6}}(?:单位|部门|处室|时限|期限|时间):[^。;\n]{{2,80}}|[^。;:\n]{{2,80}}?(?:{ROLE.pattern})"
    rf"|{DEADLINE.pattern}(?:完成)?)(?=[)】〕]*(?:[。;\n]|$))){{1,4}}"
)
# 上述四项工作均应于2031年11月底前完成: a date for several tasks, and nobody who is responsible.
_DATED = re.compile(
    rf"{_BEFORE}(?P<rule>(?=[本以上前下后])(?P<range>{RANGE})(?:各项|全部|所列)?(?:重点)?(?:任务|工作|事项|措施|内容)"
    rf"(?![^。;]*由)[^。;]{{0,16}}?{DEADLINE.pattern}[^。;]{{0,12}})$"
)


# What a ranking rule says that it is for; 两个以上的 is no range.
_RANKED = re.compile(rf"(?P<range>本(?:章|部分|节|条|附件|表))|^{_BEFORE}(?P<from>{RANGE})(?!的)")
_BELOW = "以下"  # what stands below the heading with the rule


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
    return bool(_FIRST_LEADS.search(sentence) or _everywhere(sentence) or _ranged(words, 0) or _DATED.match(words))


def _everywhere(sentence: str) -> re.Match[str] | None:
    return _EVERYWHERE.search(sentence) or _EVERYBODY.search(sentence)


def _ranged(sentence: str, at: int) -> re.Match[str] | None:
    """本章任务由… from ``at`` on, where it says who does the tasks and not who explains or counts them."""
    found = _RANGE.match(sentence, at)
    return None if found is None or _ABOUT.search(found["who"]) else found


def find_rules(text: str, clauses: tuple[Clause, ...]) -> Iterator[RuleSentence]:
    """Every rule sentence in a plan, in the order of the text; those of the letterhead are no rules."""
    folded = fold(text)
    for clause in clauses:
        if clause.part or clause.kind in (ClauseKind.FRONT, ClauseKind.ROSTER):
            continue
        words = clause.span.of(folded)
        for match in re.finditer(r"[^。;\n]+[。;\n]?", words):
            # A rule in the line of a heading speaks of what stands below that heading.
            titled = "\n" not in words[: match.start()] and clause.kind in (ClauseKind.HEADING, ClauseKind.GENERAL)
            more = _MORE.match(words, match.end() - 1) if match[0].endswith(";") else None
            yield from _rule(match[0], clause.span.start + match.start(), clause, titled, more[0] if more else "")


def _rule(sentence: str, start: int, clause: Clause, titled: bool, more: str) -> Iterator[RuleSentence]:
    span = Span(start, start + len(sentence.rstrip()))
    opening = max(sentence.rfind("("), sentence.rfind("【"), -1) + 1 if sentence.count("(") > sentence.count(")") else 0
    if first := _FIRST_LEADS.search(sentence):
        named = _RANKED.search(sentence, 0, first.end())
        rule = Span(span.start + opening, span.end)
        words = named["range"] or named["from"] if named else _BELOW if titled else ""
        yield RuleSentence(Basis.FIRST_LISTED, rule, clause.path, words, None)
        return
    starts = (0, *(m.end() for m in re.finditer(r"[(\[【〔]+", sentence)))
    ranged = next((found for at in starts if (found := _ranged(sentence, at))), None)
    everywhere = _everywhere(sentence)
    if everywhere and not (ranged and "牵头" in ranged["who"]):
        who = Span(start + everywhere.start("who"), start + everywhere.end("who"))
        rule = Span(start + everywhere.start(), start + len(sentence.rstrip("\n")))
        words = _BELOW if titled else everywhere["range"]
        yield RuleSentence(Basis.DOCUMENT_RULE, rule, clause.path, words, who)
    elif ranged:
        left, words = ranged.start("rule"), ranged["rule"]
        whole = words + more if more and len(sentence.rstrip(";")) == left + len(words) else words
        inner = _closed(whole)
        # The mark at its end belongs to the rule, the bracket that it stands in does not.
        end = left + len(inner) if inner != whole or more else len(sentence.rstrip())
        who = Span(start + ranged.start("who"), start + left + len(inner))
        rule = Span(start + left, start + end)
        yield RuleSentence(Basis.CHAPTER_RULE, rule, clause.path, ranged["range"], who)
    elif dated := _DATED.match(sentence.strip(" \n。;")):
        yield RuleSentence(Basis.CHAPTER_RULE, span, clause.path, dated["range"], None)


def _closed(words: str) -> str:
    """The words without a bracket at their end that opens before them."""
    words = words.rstrip()
    while words and (at := ")]】〕".find(words[-1])) >= 0 and words.count("([【〔"[at]) < words.count(words[-1]):
        words = words[:-1].rstrip()
    return words
