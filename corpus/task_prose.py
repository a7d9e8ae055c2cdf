"""Who does a task, said in a sentence at its end: 由A牵头,B配合; A会同B负责; A负责…,B负责….

What is found here speaks for the words before it, as a bracket does; ``duties`` reads the sentences that stand for
themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from corpus.duties import EXPLAINS, MAX_SUBJECT, SUBJECT_START
from corpus.model import Clause, ClauseKind, Role, Span
from corpus.phrases import ASIDE, BESIDES, ROLE, TOGETHER
from corpus.statements import SENTENCE, Statement, Taken, read_words
from corpus.units import UnitTable

_MAX_LIST = 400  # code points of a list of bodies with its roles
_ENDS_PHRASE = re.compile(r"[。\n【〔]")
_HAN = "[\u4e00-\u9fff]"
# 由 at the start of a part of a sentence, also behind what it is said of: 此项工作由, 具体由, 日常管理由.
_BY = re.compile(
    rf"(?:^|(?<=[,。;:\n]))\s{{0,4}}(?:[—–-]{{1,2}})?(?:(?:此|该|本|这|各|其)[项条款]?(?:具体|有关|相关)?(?:工作|任务|事项|内容|措施|行动)?|"
    rf"(?:具体|日常|相关|有关|其他|组织|统筹|协调)(?:工作|任务|事项|管理|协调|事务|实施|调度)?|工作|任务)?,?"
    rf"(?:原则上|具体|统一|分别|主要)?由(?={_HAN})"
)


# 信息化建设由信息中心负责: the task itself stands before 由. It may say anything there, so the bodies must be sure.
_THING = rf"(?P<thing>(?![本第各]){_HAN}{{2,20}}?)由(?={_HAN}{{2,40}}?(?:负责|牵头|承担|组织实施))"
_BY_THING = re.compile(rf"(?<=[,。;:\n]){_THING}")
_BY_THING_FIRST = re.compile(_THING)  # where the task begins


_OF_A_THING = re.compile(rf"{_HAN}{{1,3}}的")


def _all_sure(statement: Statement, units: UnitTable) -> bool:
    return all(p.name.startswith(("各", "其他")) or is_sure(p.name, units, frozenset()) for p in statement.parties)


def read_task_prose(
    text: str, start: int, clause: Clause, taken: Taken, units: UnitTable, known: frozenset[str]
) -> Iterator[Statement]:
    """The statements in the sentences of a folded clause, in no order; ``taken`` is marked as they are found.

    ``text`` is that of ``clause``, folded; its task begins at ``start``. ``known`` are names that the plan writes
    elsewhere.
    """
    titled = bool(clause.title)
    for found in (
        _by_phrases(text, start, clause.kind is ClauseKind.TASK, taken, units),
        _shares(text, start, titled, taken, units, known),
        _closing_words(text, 0 if titled else start, taken, units, known),
    ):
        for statement in found:
            taken.add(statement.raw)
            yield statement


def _by_phrases(text: str, start: int, task: bool, taken: Taken, units: UnitTable) -> Iterator[Statement]:
    """由…牵头,…配合 at the start of a part of a sentence, to the end of that sentence or to a semicolon."""
    things = [_BY_THING_FIRST.match(text, start), *_BY_THING.finditer(text, start)] if task else []
    for match in (*_BY.finditer(text), *filter(None, things)):
        if taken.meets(match.start(), match.end()):
            continue
        longest = match.end() + _MAX_LIST
        stop = _ENDS_PHRASE.search(text, match.end(), longest)
        if stop is None and longest < len(text):
            continue  # no list of bodies is as long as that
        end = stop.start() if stop else len(text)
        words = text[match.end() : end]
        if EXPLAINS.search(words):
            continue  # who explains the plan does none of its tasks
        said = ROLE.search(words)
        if said and _OF_A_THING.match(words, said.end()):
            continue  # 由县茶叶协会牵头注册的商标: which thing is meant, not who does the task
        # As much as can be read: the sentence, what stands before a semicolon, or before a bracket.
        ends = (end, *(match.end() + m.start() for m in re.finditer("[;(]", words)))
        thing = match["thing"] if "thing" in match.re.groupindex else ""
        opens = match.end() - 1 if thing else match.start() + len(match[0]) - len(match[0].lstrip())
        for until in dict.fromkeys((ends[0], *ends[:0:-1])):
            if ROLE.search(text, match.end(), until) or BESIDES.search(text, match.end(), until):
                statement = read_words(text, Span(opens, until), Span(match.end(), until), units)
                if statement and not (thing and not _all_sure(statement, units)):
                    yield statement
                    break


_VERB = r"(?:分别|主要|具体|共同|重点|统一|牵头|全面|按职责(?:分工)?)?负责(?!人|同志|制(?![定订作])|任(?![免职务用]))"
_SHARE = re.compile(rf"\s{{0,4}}(?:由|其中,?)?(?P<who>(?!对)[^,;。:由]{{2,60}}?){_VERB}[^,;。]{{2}}")
# 教学管理由教务处负责: the part stands before the body.
_SHARE_BY = re.compile(
    rf"\s{{0,4}}(?:其中,?)?[^,;。:由]{{2,24}}由(?P<who>[^,;。:]{{2,60}}?)(?:{_VERB}|(?:牵头|具体)?(?:承担|组织实施))(?:[^,;。]{{0,12}})$"
)


# 市教育局牵头抓总, beside those who have a share each.
_LEADS = re.compile(r"\s{0,4}(?P<who>(?!对)[^,;。:由]{2,60}?)(?:总?牵头|统筹)[\u4e00-\u9fff]{0,4}$")


def _share(part: str) -> re.Match[str] | None:
    """A part of a sentence in which a body has its share, or leads those who have one."""
    return _SHARE.match(part) or _SHARE_BY.match(part) or _LEADS.match(part)


def _shares(
    text: str, start: int, titled: bool, taken: Taken, units: UnitTable, known: frozenset[str]
) -> Iterator[Statement]:
    """A负责…,B负责…。 behind a task: each body has a share of it, and all are responsible."""
    for sentence in SENTENCE.finditer(text, start):
        if taken.meets(*sentence.span()):
            continue
        parts = list(re.finditer(r"[^,;。!?\n]+", sentence[0]))
        shares = [(p, share) for p in parts if (share := _share(p[0]))]
        if len(shares) < 2:
            continue
        named = [units.split_units(share["who"]) for _, share in shares]
        if not all(ms and all(units.is_post(m.name) or m.name in known for m in ms) for ms in named):
            continue
        if not all(is_sure(m.name, units, known) for m in named[0]):
            continue
        opens = sentence.start() + shares[0][0].start()
        before = re.sub(r"[\W_]", "", text[start:opens])
        if not titled and not before and "由" not in shares[0][0][0]:
            continue  # nothing before it says what the task is: each share is a duty of its own
        raw = Span(opens, sentence.start() + len(sentence[0].rstrip("。;!? \n")))
        statement = read_words(text, raw, raw, units)
        read = {p.name for p in statement.parties} if statement else set()
        if statement and read >= {m.name for m in named[0]} and len(read) >= 2:
            yield replace(statement, ranked=False)


def is_sure(name: str, units: UnitTable, known: frozenset[str]) -> bool:
    """Whether a name by itself shows that a body is meant, or the plan shows it elsewhere."""
    return name in known or units.is_named_office(name) or bool(units.prefix(name)) or units.is_division(name)


_CLOSES_SENTENCE = re.compile(
    rf"(?:(?:牵头|主办|负责|配合|协助|协办|参与|参加|办理|承办|统筹|承担|组织实施|为主)(?:落实|实施|办理|推进|负责)?"
    rf"|(?:负总责|抓落实|抓好落实|负责组织实施|各负其责)"
    rf"|[为是](?:牵头|责任|配合|主责|主办|协办|协同|参与|实施)(?:责任)?(?:单位|部门|主体|处室|科室)|(?<!负责)(?:{ASIDE.pattern})"
    rf"|会同[^,。;:]{{2,{MAX_SUBJECT}}}?(?:{TOGETHER.pattern}))"
    r"(?=(?:,[^,。;]{2,16}(?:完成|前|底|坚持|推进))?[。;!?]?\s*$)"
)
_OPENS = re.compile(r"(?:^|[,;—–])[\s—–]*(?:由|以(?=[^,。;]{2,40}为主))?(?=(?P<subject>.))")


def _closing_words(text: str, begin: int, taken: Taken, units: UnitTable, known: frozenset[str]) -> Iterator[Statement]:
    """The last words of a sentence that are nothing but bodies and roles: 组织评比,|市体育局会同市教育局负责。"""
    for sentence in SENTENCE.finditer(text, begin):
        closes = _CLOSES_SENTENCE.search(sentence[0])
        if closes is None or taken.meets(*sentence.span()):
            continue
        end = sentence.start() + len(sentence[0].rstrip("。;!? \n"))
        # From the first comma behind which only bodies and roles stand.
        for opening in _OPENS.finditer(sentence[0]):
            start = sentence.start() + opening.end()
            if not 0 < end - start <= 4 * MAX_SUBJECT:
                continue
            raw = Span(start, end)
            statement = read_words(text, raw, raw, units)
            if statement is None or all(p.role is Role.SUPPORT for p in statement.parties):
                continue
            first = statement.parties[0]
            here = first.mention is not None and first.mention.start <= start + 1  # nothing stands before the list
            if here and (SUBJECT_START.match(text, start) or is_sure(first.name, units, known)):
                if start > begin:  # what opens a clause is a duty
                    yield statement
                break
