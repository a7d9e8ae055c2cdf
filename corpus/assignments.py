"""Responsibility statements: what a clause itself says, before the plan's own rules are applied.

Five ways of saying it are read, in this order:

1. brackets — (省科技厅牵头,省财政厅配合), with a closing or opening bracket missing at the end of a paragraph;
   one that holds only offices, at the end of a paragraph, says that they are responsible;
2. labels — 牵头单位:…, 责任单位:…, inline or on lines of their own;
3. 由 A 牵头,B 配合 and A 会同 B at the end of a task;
4. each for its own part at the end of a task: A负责…,B负责…;
5. a body and what it must do — 各县(市)、各部门要…, 领导小组,负责…, 自治州知识产权局指导….

What is not understood is left alone and noted; nothing is guessed. Ranking (first listed leads), units added
by a sentence elsewhere and 各成员单位 are the business of ``resolve``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.duties import MAX_SUBJECT, SUBJECT_START, read_duties
from corpus.fold import fold
from corpus.model import Clause, Note, Role, Span
from corpus.phrases import BESIDES, DEADLINE, LABEL, ROLE, TOGETHER
from corpus.rules import is_rule, rule_spans
from corpus.statements import (
    SENTENCE,
    Reading,
    Statement,
    Taken,
    once,
    party_of,
    read_words,
    shift,
    shift_statement,
)
from corpus.units import Mention, UnitTable

_OPEN, _CLOSE = "([【〔", ")]】〕"
_NUMBER_BRACKET = re.compile(r"[(〔\[]\s*[一二三四五六七八九十\d]{1,3}\s*[)〕\]]?")
_BETWEEN_LABELS = re.compile(r"[。\s;]*")
_ENDS_PHRASE = re.compile(r"[。;\n(【〔]")
_MAX_ROLE = 20  # code points of a role word
_MAX_LIST = 400  # code points of a list of bodies with its roles
# 由…, and what may stand before it without making it a rule for others: 本条由…, 该项工作由….
_BY = re.compile(
    r"(?:^|(?<=[,。;:\n]))(?:(?:本|该|此|这)(?:条|项|款|任务|工作)(?:任务|工作|内容|事项)?|具体(?:工作)?)?(?:均|统一|主要)?由(?=[\u4e00-\u9fff])"
)


def read_clause(
    text: str, clause: Clause, units: UnitTable, known: frozenset[str] = frozenset(), ordered: bool = False
) -> Reading:
    """The statements of one clause, in the order of the text.

    ``known`` are unit names that the plan writes in well-formed statements; they mend a missing bracket.
    ``ordered``: the plan says that the first of a list leads, so that a bracket with a list alone assigns.
    """
    span = clause.span
    folded = fold(text)[span.start : span.end]
    notes: list[Note] = []
    found: list[Statement] = []
    taken = Taken(len(folded))
    for raw in _rules(folded):
        taken.add(raw)
    bracketed = Taken(len(folded))
    for raw, inner in _brackets(folded, known):
        if bracketed.meets(raw.start, raw.end):
            continue  # a bracket inside it was read
        statement = read_words(folded, raw, inner, units)
        if statement is not None:
            found.append(statement)
            taken.add(raw)
            bracketed.add(raw)
        elif dated := _dated(folded, inner):
            found.append(Statement(raw, raw, (), dated, ranked=False))
            taken.add(raw)
        elif bare := _bare(folded, raw, inner, units, known, ordered):
            found.append(bare)
            taken.add(raw)
            bracketed.add(raw)
        elif ROLE.search(inner.of(folded)) and raw.end >= len(folded.rstrip("。 ")):
            taken.add(raw)  # half of it would be a guess
            if not is_rule(inner.of(folded)):
                notes.append(Note("bracket", "a bracket that names a role was not understood", shift(raw, span.start)))
    for raw in _labels(folded, taken):
        statement = read_words(folded, raw, raw, units)
        if statement is not None:
            found.append(statement)
            taken.add(raw)
    for raw, inner_start in _by_phrases(folded, taken):
        statement = read_words(folded, raw, Span(inner_start, raw.end), units)
        if statement is not None:
            found.append(statement)
            taken.add(raw)
    start = clause.body.start - span.start
    for statement in _shares(folded, start, bool(clause.title), taken, units, known):
        found.append(statement)
        taken.add(statement.raw)
    for raw in _closing_words(folded, taken):
        if taken.meets(raw.start, raw.start + 1):
            continue  # an earlier comma of the same sentence opened it
        statement = read_words(folded, raw, raw, units)
        if statement is not None and any(p.role is not Role.SUPPORT for p in statement.parties):
            found.append(statement)
            taken.add(raw)
    found = [s for s in _merge(folded, sorted(found, key=lambda s: s.raw)) if s.parties]
    if found and clause.title and not folded[start : found[0].raw.start].strip(" 。;\n"):
        covers = folded.find(fold(clause.title))  # the statement stands right behind the title: it speaks for that
        found = _cover(folded, found, covers if 0 <= covers < start else start)
    else:
        found = _cover(folded, found, start)
    found = [
        s if s.deadline else replace(s, deadline=_dated_task(s.covers.of(folded)[: s.raw.start - s.covers.start]))
        for s in found
    ]
    found += read_duties(folded, start, taken, units)
    found.sort(key=lambda s: s.raw)
    return Reading(tuple(shift_statement(s, span.start) for s in found), tuple(notes))


# -- where statements stand ---------------------------------------------------------------------------


def _brackets(text: str, known: frozenset[str]) -> Iterator[tuple[Span, Span]]:
    """(bracket, its inside) of each bracket that may assign; one mark of the pair may be missing.

    A bracket that is never closed runs to the end of its paragraph; a closing bracket without an opening one
    starts where a list of bodies that ends at it can start.
    """
    by_length = sorted(known, key=len, reverse=True)
    stack: list[int] = []
    pairs: list[tuple[int, int]] = []  # the outermost closed ones of this line
    mark = _NUMBER_BRACKET.match(text)  # the bracket of the clause's own number, closed or not
    at_line = first = mark.end() if mark else 0
    for at, char in enumerate(text[first:] + "\n", first):
        if char in _OPEN:
            stack.append(at)
        elif char in _CLOSE:
            if stack:
                start = stack.pop()
                while pairs and pairs[-1][0] > start:
                    pairs.pop()
                pairs.append((start, at + 1))
            else:
                window = max(at_line, at - _MAX_LIST)
                opening = _missing_open(text[window:at], by_length)
                if opening is not None:
                    yield Span(window + opening, at + 1), Span(window + opening, at)
        elif char == "\n":
            for start, end in pairs:
                yield Span(start, end), Span(start + 1, end - 1)
            if stack and ROLE.search(text, stack[-1], at):
                end = stack[-1] + 1 + len(text[stack[-1] + 1 : at].rstrip())
                yield Span(stack[-1], end), Span(stack[-1] + 1, end)
            stack.clear()
            pairs.clear()
            at_line = at + 1


def _missing_open(before: str, known: Sequence[str]) -> int | None:
    """Where the list of bodies begins that ends with ``…负责``: 效益|省市场监管局、省教育厅负责.

    Only a unit that the plan names elsewhere fixes the place; without one nothing is guessed.
    """
    if not known:
        return None
    ends = len(before.rstrip("。")) - 1
    role = next((m for m in ROLE.finditer(before, max(0, ends - _MAX_ROLE)) if m.end() >= ends), None)
    if role is None:
        return None
    head = re.split(r"[、,;]", before[: role.start()])
    for first in range(len(head)):
        offset = len(before[: role.start()]) - len("、".join(head[first:]))
        chunk = head[first]
        for name in known:
            if chunk.endswith(name):
                return offset + len(chunk) - len(name)
    return None


def _labels(text: str, taken: Taken) -> Iterator[Span]:
    """Runs of labels outside brackets: from the first label to the end of the last list."""
    at = 0
    while match := LABEL.search(text, at):
        end = text.find("\n", match.end())
        end = len(text) if end < 0 else end
        if taken.meets(match.start(), match.start() + 1):
            at = match.end()
            continue
        stop = text.find("。", match.end(), end)
        if stop >= 0:
            end = stop
        while True:  # label lines that follow belong to the same statement
            following = _BETWEEN_LABELS.match(text, end)
            more = LABEL.match(text, following.end() if following else end)
            if more is None:
                break
            end = text.find("\n", more.end())
            end = len(text) if end < 0 else end
        yield Span(match.start(), end)
        at = end


def _by_phrases(text: str, taken: Taken) -> Iterator[tuple[Span, int]]:
    """由…牵头,…配合 at the start of a part of a sentence, to the end of that sentence; and where the bodies begin."""
    for match in _BY.finditer(text):
        if taken.meets(match.start(), match.start() + 1):
            continue
        longest = match.end() + _MAX_LIST
        stop = _ENDS_PHRASE.search(text, match.end(), longest)
        if stop is None and longest < len(text):
            continue  # no list of bodies is as long as that
        end = stop.start() if stop else len(text)
        if re.search("负责解释|解释权", text[match.end() : end]):
            continue  # who explains the plan does none of its tasks
        if ROLE.search(text[match.end() : end]) or BESIDES.search(text[match.end() : end]):
            yield Span(match.start(), end), match.end()


def _rules(text: str) -> list[Span]:
    """The sentences that are rules for many clauses: none of their words assigns this one."""
    return rule_spans(text)


def _dated(text: str, inner: Span) -> str:
    """The deadline of a bracket that says nothing else: (完成时限:2031年6月底前)."""
    words = inner.of(text)
    dated = DEADLINE.search(words)
    if dated is None:
        return ""
    rest = LABEL.sub("", words[: dated.start()]) + words[dated.end() :]
    return re.sub(r"\s", "", dated[0]) if not re.sub(r"完成|[\W_]", "", rest) else ""


_TASK_DATE = re.compile(rf"[,。;]\s*{DEADLINE.pattern}[^,。;\d]{{0,12}}[。;]?\s*$")


def _dated_task(task: str) -> str:
    """The date by which a task is to be done, where its last words say it: …,2031年5月底前上线试运行。"""
    dated = _TASK_DATE.search(task[-2 * MAX_SUBJECT :])
    written = re.sub(r"\s", "", dated[1]) if dated else ""
    return written if re.search("前$|^长期|^持续", written) and not written.startswith("每") else ""


_PARAGRAPH_ENDS = re.compile(r"[ 。;,]{0,4}(?:\n|$)")
_TASK_ENDS = re.compile(r"[。;!?.”）)]\s*$|^\s*$")
_ENDS_LIKE_GROUP = re.compile(r"(?:部门|单位|机构|成员|企业|各方|主体|地区|机关)\s*$")


def _bare(
    text: str, raw: Span, inner: Span, units: UnitTable, known: frozenset[str], ordered: bool
) -> Statement | None:
    """A bracket at the end of a paragraph that holds only bodies, and perhaps a date: (市财政局、市教育局,长期坚持).

    Nothing in it says that it assigns, so every piece must end as offices do or be named elsewhere in the plan, one
    must be an office beyond doubt, and the bracket may not explain the word before it (水利局(河长办)). In a plan whose
    lists are ``ordered`` a list of several behind a sentence is enough, also where more text follows.
    """
    words = inner.of(text)
    behind = ordered and re.search(r"[。;!?.”]\s*$", text[max(0, raw.start - 3) : raw.start])
    if (
        len(words) > _MAX_LIST
        or not (behind or _PARAGRAPH_ENDS.match(text, raw.end))
        or re.search(r"[A-Za-z:“”]", words)
    ):
        return None
    dated = DEADLINE.search(words)
    deadline = re.sub(r"\s", "", dated[0]) if dated else ""
    rest = words
    if dated:
        after = re.sub("^(?:完成|落实)", lambda m: "," * len(m[0]), words[dated.end() :])
        rest = words[: dated.start()] + "," * (dated.end() - dated.start()) + after
    mentions = units.split_units(rest)
    sure = [m for m in mentions if units.is_office(m.name) or m.name in known]
    if not mentions or (len(sure) < len(mentions) and not (behind and _is_list(rest, mentions, units))):
        return None
    certain = any(m.name in known or units.is_named_office(m.name) for m in mentions)
    if not certain and not (behind and len(mentions) > 1 and units.prefix(mentions[0].name)):
        return None
    before = text[max(0, raw.start - MAX_SUBJECT) : raw.start]
    if not _TASK_ENDS.search(before):
        explains = units.is_office(before[-6:].strip()) if len(mentions) == 1 else _ENDS_LIKE_GROUP.search(before)
        if explains:
            return None
    parties = tuple(once([party_of(m, Role.RESPONSIBLE, inner.start) for m in mentions]))
    open_list = units.is_open(rest.rstrip(" ,;。"))
    return Statement(raw, raw, parties, deadline, open_list, ranked=len(parties) > 1)


def _is_list(words: str, mentions: Sequence[Mention], units: UnitTable) -> bool:
    """Whether several names stand side by side that look like bodies, the first of them without doubt."""
    listed = len(mentions) > 1 and all(3 <= len(m.name) <= 24 for m in mentions)
    known = sum(units.is_body(m.name) for m in mentions)
    return listed and units.is_body(mentions[0].name) and known * 3 >= len(mentions) * 2 and "。" not in words


_SHARE = re.compile(
    r"\s*(?:由|其中,?)?(?P<who>(?!对)[^,;。:]{2,60}?)(?:分别|主要|具体|共同|重点|牵头|按职责(?:分工)?)?负责(?!人|同志|制|任)[^,;。]{2}"
)


def _shares(
    text: str, start: int, titled: bool, taken: Taken, units: UnitTable, known: frozenset[str]
) -> Iterator[Statement]:
    """A负责…,B负责…。 behind a task: each body has a share of it, and all are responsible."""
    for sentence in SENTENCE.finditer(text, start):
        if taken.meets(*sentence.span()):
            continue
        parts = list(re.finditer(r"[^,;。!?\n]+", sentence[0]))
        shares = [(part, share) for part in parts if (share := _SHARE.match(part[0]))]
        if len(shares) < 2:
            continue
        named = [units.split_units(share["who"]) for _, share in shares]
        if not all(ms and all(units.is_office(m.name) or m.name in known for m in ms) for ms in named):
            continue
        if not all(m.name in known or units.is_named_office(m.name) or units.prefix(m.name) for m in named[0]):
            continue
        opens = sentence.start() + shares[0][0].start()
        if not titled and not re.sub(r"[\W_]", "", text[start:opens]):
            continue  # nothing before it says what the task is: each share is a duty of its own
        raw = Span(opens, sentence.start() + len(sentence[0].rstrip("。;!? \n")))
        statement = read_words(text, raw, raw, units)
        read = {p.name for p in statement.parties} if statement else set()
        if statement and read >= {m.name for m in named[0]} and len(read) >= 2:
            yield replace(statement, ranked=False)


_CLOSES_SENTENCE = re.compile(
    rf"(?:(?:牵头|主办|负责|配合|协助|协办|参与|办理|承办)(?:落实|实施|办理|推进|负责)?"
    rf"|会同[^,。;:]{{2,{MAX_SUBJECT}}}?(?:{TOGETHER.pattern}))"
    r"(?=(?:,[^,。;]{2,16}(?:完成|前|底))?[。;!?]?\s*$)"
)


def _closing_words(text: str, taken: Taken) -> Iterator[Span]:
    """The last words of a sentence that are nothing but bodies and roles: 组织评比,|市体育局会同市教育局负责。"""
    for sentence in SENTENCE.finditer(text):
        closes = _CLOSES_SENTENCE.search(sentence[0])
        if closes is None or taken.meets(*sentence.span()):
            continue
        end = sentence.start() + len(sentence[0].rstrip("。;!? \n"))
        # From the first comma behind which only bodies and roles stand.
        for opening in re.finditer(r"(?:^|[,;])\s*(?:由)?(?=(?P<subject>.))", sentence[0]):
            start = sentence.start() + opening.end()
            if SUBJECT_START.match(text, start) and end - start <= 2 * MAX_SUBJECT:
                yield Span(start, end)


# -- what a statement covers --------------------------------------------------------------------------


def _merge(text: str, found: list[Statement]) -> list[Statement]:
    """Statements with nothing but marks between them are one: (责任单位:A)(配合单位:B)."""
    merged: list[Statement] = []
    for statement in found:
        if merged and not re.sub(r"[\s,;。、]", "", text[merged[-1].raw.end : statement.raw.start]):
            last = merged[-1]
            parties = tuple(once([*last.parties, *statement.parties]))
            merged[-1] = replace(
                last,
                raw=Span(last.raw.start, statement.raw.end),
                parties=parties,
                deadline=last.deadline or statement.deadline,
                open_list=last.open_list or statement.open_list,
                ranked=last.ranked and statement.ranked,
            )
        else:
            merged.append(statement)
    return merged


def _cover(text: str, found: list[Statement], start: int) -> list[Statement]:
    """A statement speaks for the words before it, back to the statement before."""
    covered: list[Statement] = []
    for statement in found:
        words = text[start : statement.raw.start]
        left = start + len(words) - len(words.lstrip(" 。;\n"))
        covered.append(replace(statement, covers=Span(min(left, statement.raw.start), statement.raw.end)))
        start = statement.raw.end
    return covered
