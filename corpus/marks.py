"""Numbering marks at the start of a line: 第一章, 第一部分, 一、, (一), 1., (1), ①, 附件.

Marks are looked for in folded text (``corpus.fold``), so full-width forms and look-alike brackets are one.
A mark with a part missing (``11开展``, ``(三加强``) is taken only where it continues its series; ``2013年`` never.
第三条 without a space behind it may also refer to an article: it too must continue the series.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from enum import IntEnum


class Rank(IntEnum):
    """How deep a kind of mark stands; a mark closes every open one of its own or a deeper rank."""

    ANNEX = 0
    CHAPTER = 1  # 第一章
    SECTION = 2  # 第一节
    CHINESE = 3  # 一、
    ARTICLE = 4  # 第一条
    CHINESE_BRACKET = 5  # (一)
    ARABIC = 6  # 1.
    ARABIC_BRACKET = 7  # (1)
    CIRCLED = 8  # ①


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark: its rank, number, how it is written in a clause path, and how long it is in the line."""

    rank: Rank
    number: int
    label: str  # "三", "(二)", "43", "第二章"
    length: int  # code points from the start of the line to the text after the mark
    whole: bool  # nothing of the mark is missing


_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_DIGITS |= {char: value for value, char in enumerate("壹贰叁肆伍陆柒捌玖", 1)}  # as on cheques, and in some rules
_PLACES = {"十": 10, "拾": 10, "百": 100, "佰": 100}
_CN = "[一二三四五六七八九十百零〇]"
# Between 第 and 条 nothing else can stand; 陆、海 at the start of a line is no sixth item.
_NTH = "[一二三四五六七八九十百零〇○壹贰叁肆伍陆柒捌玖拾佰]"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
# What makes a leading number part of a sentence: 2013年, 3个, 20%, 5月底.
_MEASURE = "年月日号个项条届家件时分次人名万亿千百部类级大种倍元度季周天%％‰.+-—~至到"

# (一)至(三)项, (1)(2)两项 name several and open none.
_MORE = rf"\s*(?:(?:[、和及与]|至|到|[—–~-]{{1,2}})?\s*\((?:{_CN}{{1,3}}|\d{{1,2}})\))"

_WHOLE = (
    # 第一部分 and 第一篇 are chapters by another name.
    (
        Rank.CHAPTER,
        re.compile(
            rf"第({_NTH}{{1,6}}|\d{{1,3}})(?:章|部分|篇)"
            r"(?![的至和、规,由中任工均与及]|各(?:项|条|类|任务)|所列|除[第另已]|未[注明])\s*"
        ),
    ),
    (Rank.SECTION, re.compile(rf"第({_NTH}{{1,6}}|\d{{1,3}})节(?![的至和、规])\s*")),
    (Rank.ARTICLE, re.compile(rf"第({_NTH}{{1,6}}|\d{{1,3}})条(?![的至和、,规款到所中及与第])[\s:]*")),
    (Rank.CHINESE, re.compile(rf"({_CN}{{1,3}})[、.．](?!{_CN}{{1,3}}(?:、{_CN}{{1,3}})*(?:部分|章|条|项))\s*")),
    (Rank.CHINESE_BRACKET, re.compile(rf"[(〔\[]\s*({_CN}{{1,3}})\s*[)〕\]](?!{_MORE})[、.]?\s*")),
    # "1.2020年" is item 1 that opens with a year; "3.15" is a date.
    (Rank.ARABIC, re.compile(r"(\d{1,3})\s*[.、．](?:\s*(?=(?:19|20)\d\d年)|\s*(?!\d))")),
    (Rank.ARABIC_BRACKET, re.compile(rf"[(](\d{{1,2}})[)](?!{_MORE})[、.]?\s*")),
    (Rank.CIRCLED, re.compile(rf"([{_CIRCLED}])\s*")),
)
_BROKEN = (
    (Rank.CHINESE_BRACKET, re.compile(rf"[(]({_CN}{{1,3}})(?=[\u4e00-\u9fff])")),
    (Rank.CHINESE_BRACKET, re.compile(rf"({_CN}{{1,3}})[)]\s*")),
    (Rank.ARABIC_BRACKET, re.compile(r"(\d{1,2})[)]\s*")),
    (Rank.ARABIC, re.compile(rf"(\d{{1,3}})(?=[\u4e00-\u9fff“《‘])(?![{_MEASURE}])")),
)
_ANNEX = re.compile(r"附(?:件|录|表)\s*(\d{1,2}|[一二三四五六七八九十])?\s*(?:[:.、]|\s|$)")


def chinese_number(text: str) -> int:
    """``十二``, ``12``, ``壹拾贰`` → 12; ``一百零三``, ``一〇三`` → 103; numbers below a thousand, as clauses have."""
    if text.isdecimal():
        return int(text)
    if len(text) > 1 and all(char in _DIGITS for char in text):
        return int("".join(str(_DIGITS[char]) for char in text))
    total, digit = 0, 0
    for char in text:
        if place := _PLACES.get(char):
            total += (digit or 1) * place
            digit = 0
        else:
            digit = _DIGITS.get(char, 0)
    return total + digit


def _label(rank: Rank, written: str) -> str:
    if rank is Rank.SECTION:
        return f"第{written}节"
    if rank is Rank.ARTICLE:
        return f"第{written}条"
    if rank in (Rank.CHINESE_BRACKET, Rank.ARABIC_BRACKET):
        return f"({written})"
    return written


def _mark(rank: Rank, match: re.Match[str], whole: bool) -> Mark:
    written = match[1]
    number = _CIRCLED.index(written) + 1 if rank is Rank.CIRCLED else chinese_number(written)
    label = match[0].rstrip() if rank is Rank.CHAPTER else _label(rank, written)
    return Mark(rank, number, label, match.end(), whole)


def read_mark(line: str, expected: Mapping[Rank, Container[int]]) -> Mark | None:
    """The mark that a folded line opens with, or None.

    ``expected`` gives for each rank the numbers that would continue its series; a mark with a part
    missing is believed only where its number is one of them.
    """
    for rank, pattern in _WHOLE:
        match = pattern.match(line)
        if match:
            mark = _mark(rank, match, True)
            refers = rank is Rank.ARTICLE and match[0].endswith("条") and match.end() < len(line)
            if not refers or mark.number in expected.get(rank, ()):
                return mark
    for rank, pattern in _BROKEN:
        match = pattern.match(line)
        if match:
            mark = _mark(rank, match, False)
            if mark.number in expected.get(rank, ()):
                return mark
    return None


def read_annex(line: str) -> tuple[str, int] | None:
    """(path label, length) where a folded line opens an annex: ``附件``, ``附件2``."""
    match = _ANNEX.match(line)
    if match is None:
        return None
    return line[:2] + (str(chinese_number(match[1])) if match[1] else ""), match.end()


_RUNNING = frozenset({Rank.ARABIC, Rank.ARTICLE})  # may run through all chapters: 1 … 80, 第一条 … 第三十条


class Series:
    """Which number comes next in each series, as marks are read in order."""

    def __init__(self) -> None:
        self._last: dict[Rank, int] = {}
        self._fresh: set[Rank] = set()  # running series below which nothing stands yet: they may restart

    def expected(self) -> dict[Rank, tuple[int, ...]]:
        """The numbers that would continue each series: 1 where none is open, or where it may start anew."""
        return {rank: (self._last.get(rank, 0) + 1, *((1,) if rank in self._fresh else ())) for rank in Rank}

    def take(self, mark: Mark) -> None:
        """Go on from ``mark``: deeper series start anew, but for running numbers, which may also run on."""
        self._last[mark.rank] = mark.number
        self._fresh.discard(mark.rank)
        for rank in Rank:
            if rank > mark.rank and rank in _RUNNING:
                self._fresh.add(rank)
            elif rank > mark.rank:
                self._last.pop(rank, None)

    def reset(self) -> None:
        """Start all series anew, as an annex does."""
        self._last.clear()
        self._fresh.clear()
