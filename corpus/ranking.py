"""列第一位的为牵头单位: how a plan says that the order of a list gives the roles, and for which lists."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.model import Role
from corpus.ranges import RANGE

# 列第一位, 排名第一, 排在首位, 位列最前; 排在前面 needs the verb, 首位 does not.
_PLACED = r"(?:(?:排|列|位|名|居|顺|署)[名列序位居在于为次放]{0,3})"
_NTH = r"(?:第[一1](?:位|个|家|名|顺位|序位)?|首位|首个|首家|首列|首名|最前面?)"
_BODY = r"(?:(?:的|责任|主要|有关|相关){0,3}(?:部门|单位|者|处室|科室|机构)|的)?"
_FIRST = rf"(?:{_PLACED}?(?:在|于)?{_NTH}(?:位)?|{_PLACED}(?:在|于)?(?:前面?|首|靠前|最先)(?=的|者|单位|部门)){_BODY}"
# Without the verb 第一 is also the name of a hospital or a school.
_SURELY = r"(?:PLACED(?:在|于)?NTH|第[一1](?:位|个|家|名)|首位|首个|首家|首列)".replace("PLACED", _PLACED).replace(
    "NTH", _NTH
)
_LEADS = r"(?:总|第一|主要|具体)?(?:牵头|主责|主办|主要责任|第一责任)"
_IS = r"(?:为|是|即为|即是|即|系|作为|担任|视为|:)(?:该项|本项|各项|此项)?(?:任务|工作|事项)?的?"
_FIRST_LEADS = re.compile(
    rf"{_FIRST}[^。;,]{{0,8}}?{_IS}{_LEADS}"
    rf"|牵头(?:责任)?(?:部门|单位|处室)?(?:均|统一|即)?(?:为|是)?(?:[^,。;:]{{0,10}}[中内])?{_SURELY}{_BODY}(?!牵头)"
    rf"|(?:^|[由,:(;。的]|责任单位|责任部门){_FIRST}"
    r"(?:(?<=单位|部门|处室|科室)|(?<=[首一1]位)|(?<=[首一1]位[的者])|(?<=第[一1][的者]))(?:负总责[,、]?|负责)?牵头"
)
# 列第一位的为责任单位,其余为配合单位: no lead, but an order all the same.
_FIRST_ANSWERS = re.compile(
    rf"{_FIRST}[^。;,]{{0,8}}?{_IS}(?:直接|具体)?(?:责任|负责|承办|实施|落实)(?:单位|部门|主体|处室)(?=[^。\n]{{0,12}}其(?:余|他|它))"
)
# Which of several leads coordinates says nothing of lists without a lead.
_AMONG_LEADS = re.compile(
    r"(?:多|两|几|二|2|不止一)个?(?:及?以上)?(?:的)?牵头"
    r"|牵头(?:责任)?(?:单位|部门)[中里]?,?(?:排|列|位|居)[^,。;]{0,8}的?(?:为|是)(?:总|第一)?牵头"
    r"|牵头(?:责任)?(?:单位|部门)(?:有|为|是|涉及)?(?:多|两|几|二|2)(?:个|家)"
)
_OTHERS = re.compile(
    r"(?:其(?:余|他|它)|后续|后面|后列|另外)(?:的|各|责任|相关|有关|列|所列){0,3}(?:单位|部门|处室|机构|者)?"
    r"(?:均|都|则|分别|分工|统一|各自|按照?(?:各自)?(?:职责|职能)(?:分工)?|作为|为|是|系|即|积极|共同|,){0,4}(?P<what>[^,。;\n]{2})"
)
_SUPPORT = re.compile("配合|协同|协办|协助|参与|参加|支持|辅助")
# 已注明职责的,从其注明: what states a role of its own is left as it is.
_STATED = re.compile(
    r"(?:注明|明确|标明|写明|列明|载明|表述|说明)(?:了)?(?:具体|各自|单位|部门|相应)?(?:的)?(?:职责|分工|角色|责任(?!单位|部门))"
)
_BRACKETS = re.compile(r"括号|括弧")
_TABLES = re.compile(r"(?:附表|附件|清单|(?<![代填])表)\s?[\d一二三]{0,2}(?:中|内|里|所列|责任)")
# What a ranking rule says that it is for; 两个以上的 is no range.
_HERE = re.compile(r"(?P<range>本(?:章|部分|节|条|附件|附表|表|清单))")


@dataclass(frozen=True, slots=True)
class Ranking:
    """How a list is ranked, and which lists are."""

    first: Role
    rest: Role
    brackets: bool  # only lists in brackets
    bare: bool  # only lists without any word of a role
    tables: bool  # only lists in tables or annexes


@dataclass(frozen=True, slots=True)
class Ranked:
    """A sentence that ranks, where in it that is said, and the words of its range."""

    start: int  # where the part of the sentence begins that ranks
    end: int  # behind the words that say so
    range: str
    ranking: Ranking


def ranked(sentence: str, before: str) -> Ranked | None:
    """What a folded sentence says of the order of lists, or None; ``before`` matches the number of its clause."""
    leads = _FIRST_LEADS.search(sentence)
    first = leads or _FIRST_ANSWERS.search(sentence)
    if first is None or _AMONG_LEADS.search(sentence, max(0, first.start() - 24), first.end() + 8):
        return None
    others = _OTHERS.search(sentence, first.end())
    answers = (
        others is not None
        and not _SUPPORT.search(others["what"])
        and re.match("责任|负责|落实|承办|实施", others["what"])
    )
    named = _HERE.search(sentence, 0, first.end())
    opens = re.compile(rf"{before}(?:注|备注|说明)?:?(?P<range>{RANGE})(?!的)").match(sentence)
    words = named["range"] if named else opens["range"] if opens and opens.end() <= first.end() else ""
    return Ranked(
        _start(sentence, first.start()),
        first.end(),
        words,
        Ranking(
            Role.LEAD if leads else Role.RESPONSIBLE,
            Role.RESPONSIBLE if answers else Role.SUPPORT,
            _BRACKETS.search(sentence, 0, first.end()) is not None,
            _STATED.search(sentence) is not None,
            _TABLES.search(sentence, 0, first.end()) is not None,
        ),
    )


def _start(sentence: str, at: int) -> int:
    """Where what is said of the order begins: behind the last bracket or semicolon, or a comma that ends a list."""
    while at > 0:
        mark = max(sentence.rfind(char, 0, at) for char in "(【〔[;,。")
        if mark < 0:
            return 0
        part = sentence[mark + 1 : at]
        if sentence[mark] != ",":
            return mark + 1
        previous = sentence[:mark]
        if not re.search(r"(?:的|时|任务|中|个|上)$", previous) and not re.match(r"\s*(?:其余|其他)", part):
            return mark + 1
        at = mark
    return 0
