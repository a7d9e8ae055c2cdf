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

from corpus.deadlines import completes, dated_task, dated_title, only_date, take_deadline
from corpus.duties import MAX_SUBJECT, is_addressed, read_duties
from corpus.fold import narrow
from corpus.model import Clause, ClauseKind, Note, Role, Span
from corpus.phrases import LABEL, ROLE, label_role
from corpus.ranges import DITTO
from corpus.rules import is_rule, rule_spans
from corpus.statements import (
    Reading,
    Statement,
    Taken,
    once,
    party_of,
    read_words,
    shift,
    shift_statement,
)
from corpus.task_prose import read_task_prose
from corpus.unit_lists import Mention, is_open
from corpus.units import UnitTable

_OPEN, _CLOSE = "([【〔{〈", ")]】〕}〉"
_NUMBER_BRACKET = re.compile(r"[(〔\[]\s*[一二三四五六七八九十\d]{1,3}\s*[)〕\]]?")
_BETWEEN_LABELS = re.compile(r"[。\s;]*(?:[(]?[一二三四五六七八九十\d]{1,3}[)、.]\s*)?")  # labels may be numbered
_LIST_ENDS = re.compile(r"[。\n]")
_MAX_ROLE = 20  # code points of a role word
_MAX_LIST = 400  # code points of a list of bodies with its roles


def read_clause(
    text: str, clause: Clause, units: UnitTable, known: frozenset[str] = frozenset(), ordered: bool = False
) -> Reading:
    """The statements of one clause, in the order of the text.

    ``known`` are unit names that the plan writes in well-formed statements; they mend a missing bracket.
    ``ordered``: the plan says that the first of a list leads, so that a bracket with a list alone assigns.
    """
    span = clause.span
    folded = narrow(text)[span.start : span.end]  # names keep their capitals
    notes: list[Note] = []
    found: list[Statement] = []
    taken = Taken(len(folded))
    ends = [len(folded)]  # of the task's own words
    for raw in _rules(folded):
        taken.add(raw)
        ends.append(raw.start)
    bracketed = Taken(len(folded))
    for raw, inner in _brackets(folded, known):
        if bracketed.meets(raw.start, raw.end):
            continue  # a bracket inside it was read
        statement = read_words(folded, raw, inner, units)
        if statement is not None:
            found.append(statement)
            taken.add(raw)
            bracketed.add(raw)
        elif dated := only_date(inner.of(folded)):
            if completes(dated) or "。" in folded[: raw.start]:  # (4月至10月) behind a heading says when, not by when
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
        elif (
            not DITTO.search(raw.of(folded))
            and label_role(next(LABEL.finditer(folded, raw.start, raw.end))) is not None
        ):
            notes.append(Note("label", "the words behind a label were not understood", shift(raw, span.start)))
    start = clause.body.start - span.start
    found += read_task_prose(folded, start, clause, taken, units, known)
    found = [s for s in _merge(folded, sorted(found, key=lambda s: s.raw)) if s.parties]
    if found and clause.title and not folded[start : found[0].raw.start].strip(" 。;\n"):
        covers = folded.find(narrow(clause.title))  # the statement stands right behind the title: it speaks for that
        found = _cover(folded, found, covers if 0 <= covers < start else start)
    else:
        found = _cover(folded, found, start)
    found = [
        s if s.deadline else replace(s, deadline=dated_task(s.covers.of(folded)[: s.raw.start - s.covers.start]))
        for s in found
    ]
    if clause.title and not found:
        found += _titled(folded, start, narrow(clause.title), units, known)
    found += read_duties(folded, start, bool(found), taken, units, known)
    if dated := dated_title(folded[_number(folded) :]):
        found = [replace(s, deadline=s.deadline or dated) for s in found]
    if not found and clause.kind is ClauseKind.TASK and (dated := dated_task(folded[start : min(ends)])):
        task = Span(start, max(start, len(folded.rstrip())))
        found = [Statement(task, task, (), dated, ranked=False)]  # a rule may say who
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
    at_line = first = _number(text)
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


def _number(text: str) -> int:
    """Where the bracket of the clause's own number ends, closed or not; 0 where it has none."""
    mark = _NUMBER_BRACKET.match(text)
    return mark.end() if mark else 0


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
        if taken.meets(match.start(), match.start() + 1):
            at = match.end()
            continue
        end = _list_end(text, match.end())
        while True:  # label lines that follow belong to the same statement
            following = _BETWEEN_LABELS.match(text, end)
            more = LABEL.match(text, following.end() if following else end)
            if more is None:
                break
            end = _list_end(text, more.end())
        yield Span(match.start(), end)
        at = end


def _list_end(text: str, at: int) -> int:
    """Where the list behind a label ends: with its sentence or line, or a later line where a mark 、 leaves it open."""
    while True:
        stop = _LIST_ENDS.search(text, at)
        if stop is None:
            return len(text)
        if stop[0] != "\n" or text[at : stop.start()].rstrip()[-1:] not in ("、", ","):
            return stop.start()
        at = stop.end()


def _rules(text: str) -> list[Span]:
    """The sentences that are rules for many clauses: none of their words assigns this one."""
    return rule_spans(text)


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
    ruled = next((span.start for span in rule_spans(words)), None)  # (市教育局、市财政局,列第一位的为牵头单位)
    words = words if ruled is None else words[:ruled].rstrip(" ,;")
    before = text[max(0, raw.start - MAX_SUBJECT) : raw.start]
    own = re.search(r"[。;]\s*$", before) is not None  # behind a full stop it can explain nothing
    ends = _PARAGRAPH_ENDS.match(text, raw.end) is not None
    behind = ordered and re.search(r"[。;!?.”]\s*$", before) is not None
    if len(words) > _MAX_LIST or not (ends or own or behind) or re.search(r"[:“”]", words):
        return None
    deadline, rest = take_deadline(words)
    rest = re.sub("(?<=,)(?:完成|落实)", ",,", rest)
    mentions = units.split_units(rest)
    sure = [m for m in mentions if units.is_post(m.name) or m.name in known]
    if not mentions or (len(sure) < len(mentions) and not (behind and _is_list(rest, mentions, units))):
        return None
    certain = [
        m.name in known or units.is_named_office(m.name) or (own and units.is_division(m.name)) for m in mentions
    ]
    if not (any(certain) if ends or behind else all(certain)) and not (
        behind and len(mentions) > 1 and units.prefix(mentions[0].name)
    ):
        return None
    if not _TASK_ENDS.search(before):
        explains = units.is_office(before[-6:].strip()) if len(mentions) == 1 else _ENDS_LIKE_GROUP.search(before)
        if explains:
            return None
    parties = tuple(once([party_of(m, Role.RESPONSIBLE, inner.start) for m in mentions]))
    open_list = is_open(rest.rstrip(" ,;。"))
    return Statement(raw, raw, parties, deadline, open_list, ranked=len(parties) > 1)


def _is_list(words: str, mentions: Sequence[Mention], units: UnitTable) -> bool:
    """Whether several names stand side by side that look like bodies, the first of them without doubt."""
    listed = len(mentions) > 1 and all(3 <= len(m.name) <= 24 for m in mentions)
    known = sum(units.is_body(m.name) for m in mentions)
    listed = listed and all(units.may_be_body(m.name) for m in mentions)
    return listed and units.is_body(mentions[0].name) and known * 3 >= len(mentions) * 2 and "。" not in words


def _titled(text: str, start: int, title: str, units: UnitTable, known: frozenset[str]) -> list[Statement]:
    """A heading that is a body, (二)市财政局。保障经费…, gives it what stands below; else nothing."""
    at = text.find(title, 0, start)
    mentions = units.split_units(title) if at >= 0 else []
    if not mentions or not all(is_addressed(m.name, units, known) for m in mentions):
        return []
    raw = Span(at, at + len(title))
    parties = tuple(once([party_of(m, Role.RESPONSIBLE, at) for m in mentions]))
    return [Statement(raw, Span(at, len(text.rstrip())), parties, ranked=False)]


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
