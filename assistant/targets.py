"""Figures that a task sets itself: 到2025年…达到30%以上, 新建10个左右, 年均增长15%以上.

A figure counts where the same part of the sentence says that something is to be reached, made or kept; numbers of
items, documents, days and telephones, and figures of what is there already (围绕13个产业集群), do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.fold import fold
from corpus.model import Clause, Plan, Span

MOST = 12  # of one task
LONGEST = 80  # characters of one target, or up to the end of its first figure

_COUNTED = (
    "个百分点|百分点|%|‰|万?亿?元|万?(?:平方米|平方公里|公里|千米|米|亩|公顷|吨|公斤|千克|千瓦时|千瓦|立方米|人次|人|户|家|个|件|项|次|名|所|座|套|处|批|条|台|辆|张|门|部|场|期|"
    "支|册|倍|种|类|对|间|盏|株|头|只|宗|起|例|篇|课时|学时|小时|分钟|天|床|张床位)"
)
_DIGITS = r"\d[\d,]*(?:\.\d+)?(?:[十百千万亿]+)?(?:余|多)?"
_WORDS = r"[一二三四五六七八九两几]?[十百千万亿][一二三四五六七八九十百千万亿零两]*(?:余|多)?"
# 二十四个 is a figure, 一个 is an article; 百分之三十 is one too. A numeral in words is tried from its first sign
# only, or the time for a long row of them would grow with its square.
_FIGURE = re.compile(
    rf"(?<![\d.,##〔(〈《第-])(?:{_DIGITS}\s*(?:{_COUNTED})|百分之[一二三四五六七八九十百点零两]+|(?<![每第一二三四五六七八九两几零十百千万亿]){_WORDS}(?:{_COUNTED}))"
)
_GOAL = re.compile(
    "以上|以下|接入|以内|左右|达到|达|不少于|不低于|不高于|不超过|控制在|至少|最高|超过|超|突破|增长|提高|提升|降低|下降|减少|压减|压缩|增加|新增|新建|新培育|建成|建设|"
    "改造|更新|培育|打造|完成|实现|力争|确保|覆盖|遴选|推动|组织|开展|举办|培训|引进|创建|争创|认定|支持|扶持|投放|安装|更换|设立|发展|保持|维持|年均|每年|全年|实施|推广|配备|配置|清零|"
    "新改扩建|修建|种植|治理|整治|抽检|检查|排查|发布|制定|申报|推荐|招引|签约|落地|兑现|发放|提供|创造|带动|选派|选树|评选|招聘|招募"
)
_THERE = re.compile("围绕|聚焦|依托|根据|按照")
# A part of a sentence; figures of one target do not reach over it.
_PART = re.compile(r"[^,;。!?:\n|]+")
# The white space and the bracket of another sentence that a part begins with.
_OPENS = re.compile(r"\s*(?:\([^()]*\))?\s*")
_SENTENCE_END = re.compile("[。!?\n]")
_BY = re.compile(
    r"(?:力争|确保)?(?:到|至)?(?:20\d\d年(?:年?底|末|\d{1,2}月(?:底|末)?)?|“?十[一二三四五六]五”?(?:期末|末|期间|时期))(?:前|,|内)?"
)


@dataclass(frozen=True, slots=True)
class Target:
    """One figure that a task sets itself."""

    span: Span  # the part of the sentence that says it
    by: Span | None = None  # 到2025年, where the sentence says so before


def targets_of(plan: Plan, clause: Clause) -> tuple[Target, ...]:
    """Where a task says its figures, in its heading or its text, in their order; at most ``MOST``."""
    assignment = plan.assignment(clause)
    raw = assignment.raw if assignment else None
    first, text = clause.span.start, fold(plan.quote(clause.span))
    # The number that the clause opens with is no part of it; its heading is.
    titled = plan.text.find(clause.title, first, clause.span.end) if clause.title else -1
    opening = min(clause.body.start, titled) if titled >= 0 else clause.body.start
    found: list[Target] = []
    by: Span | None = None
    for part in _PART.finditer(text):
        start, end = max(first + part.start(), opening), first + part.end()
        if start >= end:
            continue
        if by and _SENTENCE_END.search(text, by.end - first, part.start()):
            by = None
        opens = _OPENS.match(text[start - first : end - first])
        start += opens.end() if opens else 0
        end -= len(part[0]) - len(part[0].rstrip())
        elsewhere = not clause.body.start <= start < clause.body.end
        if start >= end or (raw and elsewhere and raw.start < end and start < raw.end):
            continue
        if _BY.fullmatch(text[start - first : end - first]):
            by = Span(start, end)
        elif figures := _figures(text[start - first : end - first]):
            found.append(Target(Span(start, min(end, start + _cut(figures))), by))
            if len(found) == MOST:
                break
    return tuple(found)


def _figures(part: str) -> list[Span]:
    """Where a part of a sentence says figures that are to be reached; none where it sets itself no target."""
    figures = [Span(*figure.span()) for figure in _FIGURE.finditer(part)]
    there = _THERE.search(part)
    reached = [figure for figure in figures if not there or figure.start < there.start()]
    return reached if _GOAL.search(part) else []


def _cut(figures: list[Span]) -> int:
    """How many characters of a long part are shown: its first figure is, and no figure is cut in two."""
    through = [figure.end for figure in figures if figure.start < LONGEST < figure.end]
    return max(LONGEST, figures[0].end, *through)
