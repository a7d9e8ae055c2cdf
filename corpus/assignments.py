"""Responsibility statements: what a clause itself says, before the plan's own rules are applied.

Four ways of saying it are read, in this order:

1. brackets — (省科技厅牵头,省财政厅配合), with a closing or opening bracket missing at the end of a paragraph;
2. labels — 牵头单位:…, 责任单位:…, inline or on lines of their own;
3. 由 A 牵头,B 配合 and A 会同 B at the end of a task;
4. a body and what it must do — 各县(市)、各部门要…, 领导小组,负责…, 自治州知识产权局指导….

What is not understood is left alone and noted; nothing is guessed. Ranking (first listed leads), units added
by a sentence elsewhere and 各成员单位 are the business of ``resolve``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from corpus.fold import fold
from corpus.model import Clause, Note, Party, Role, Span
from corpus.phrases import (
    BESIDES,
    DEADLINE,
    LABEL,
    PREDICATE,
    ROLE,
    label_role,
    role_of,
)
from corpus.rules import is_rule
from corpus.units import Mention, UnitTable

_OPEN, _CLOSE = "([【〔", ")]】〕"
_SENTENCE = re.compile(r"[^。!?\n]+[。!?\n]?")
_BY = re.compile(r"(?:^|(?<=[,。;:\n]))由(?=[\u4e00-\u9fff])")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the plan writes it. Offsets are those of the plan text."""

    raw: Span  # the bracket, label lines, or sentence that says it
    covers: Span  # the words that say what is to be done
    parties: tuple[Party, ...]
    deadline: str = ""
    open_list: bool = False
    ranked: bool = True  # several units with 负责 stand side by side: a ranking rule may apply
    prose: bool = False  # a body and what it must do: speaks for its own sentence only


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one clause."""

    statements: tuple[Statement, ...]
    notes: tuple[Note, ...] = ()


def read_clause(text: str, clause: Clause, units: UnitTable, known: frozenset[str] = frozenset()) -> Reading:
    """The statements of one clause, in the order of the text.

    ``known`` are unit names that the plan writes in well-formed statements; they mend a missing bracket.
    """
    span = clause.span
    folded = fold(text)[span.start : span.end]
    notes: list[Note] = []
    found: list[Statement] = []
    taken = _rules(folded)
    for raw, inner in _brackets(folded, units, known):
        statement = _read_words(folded, raw, inner, units)
        if statement is not None:
            found.append(statement)
            taken.append(raw)
        elif dated := _dated(folded, inner):
            found.append(Statement(raw, raw, (), dated, ranked=False))
            taken.append(raw)
        elif ROLE.search(inner.of(folded)) and raw.end >= len(folded.rstrip("。 ")):
            taken.append(raw)  # half of it would be a guess
            if not is_rule(inner.of(folded)):
                notes.append(Note("bracket", "a bracket that names a role was not understood", _shift(raw, span.start)))
    for raw in _labels(folded, taken):
        statement = _read_words(folded, raw, raw, units)
        if statement is not None:
            found.append(statement)
            taken.append(raw)
    for raw in _by_phrases(folded, taken):
        statement = _read_words(folded, raw, Span(raw.start + 1, raw.end), units)
        if statement is not None:
            found.append(statement)
            taken.append(raw)
    for raw in _closing_words(folded, taken):
        if any(t.start <= raw.start < t.end for t in taken):
            continue  # an earlier comma of the same sentence opened it
        statement = _read_words(folded, raw, raw, units)
        if statement is not None and any(p.role is not Role.SUPPORT for p in statement.parties):
            found.append(statement)
            taken.append(raw)
    found = [s for s in _merge(folded, sorted(found, key=lambda s: s.raw)) if s.parties]
    start = clause.body.start - span.start
    found = _cover(folded, found, start)
    found += _duties(folded, start, taken, units)
    found.sort(key=lambda s: s.raw)
    return Reading(tuple(_shift_statement(s, span.start) for s in found), tuple(notes))


def read_statement(text: str, span: Span, units: UnitTable) -> Statement | None:
    """The words of ``span`` as one statement, None where they are no assignment."""
    return _read_words(fold(text), span, span, units)


# -- where statements stand ---------------------------------------------------------------------------


def _brackets(text: str, units: UnitTable, known: frozenset[str]) -> Iterator[tuple[Span, Span]]:
    """(bracket, its inside) of each bracket that may assign; one mark of the pair may be missing.

    A bracket that is never closed runs to the end of its paragraph; a closing bracket without an opening one
    starts where a list of bodies that ends at it can start.
    """
    stack: list[int] = []
    at_line = 0
    for at, char in enumerate(text + "\n"):
        if char in _OPEN:
            stack.append(at)
        elif char in _CLOSE:
            if stack:
                start = stack.pop()
                if not stack:
                    yield Span(start, at + 1), Span(start + 1, at)
            else:
                opening = _missing_open(text[at_line:at], units, known)
                if opening is not None:
                    yield Span(at_line + opening, at + 1), Span(at_line + opening, at)
        elif char == "\n":
            if stack and ROLE.search(text[stack[0] : at]):
                end = stack[0] + 1 + len(text[stack[0] + 1 : at].rstrip())
                yield Span(stack[0], end), Span(stack[0] + 1, end)
            stack.clear()
            at_line = at + 1


def _missing_open(before: str, units: UnitTable, known: frozenset[str]) -> int | None:
    """Where the list of bodies begins that ends with ``…负责``: 效益|省市场监管局、省教育厅负责.

    Only a unit that the plan names elsewhere fixes the place; without one nothing is guessed.
    """
    role = next(reversed(list(ROLE.finditer(before))), None)
    if role is None or role.end() < len(before.rstrip("。")) - 1:
        return None
    head = re.split(r"[、,;]", before[: role.start()])
    for first in range(len(head)):
        offset = len(before[: role.start()]) - len("、".join(head[first:]))
        chunk = head[first]
        for name in sorted(known, key=len, reverse=True):
            if chunk.endswith(name):
                return offset + len(chunk) - len(name)
    return None


def _labels(text: str, taken: list[Span]) -> Iterator[Span]:
    """Runs of labels outside brackets: from the first label to the end of the last list."""
    at = 0
    while match := LABEL.search(text, at):
        end = text.find("\n", match.end())
        end = len(text) if end < 0 else end
        if any(t.start <= match.start() < t.end for t in taken):
            at = match.end()
            continue
        stop = re.search(r"[。]", text[match.end() : end])
        if stop:
            end = match.end() + stop.start()
        while True:  # label lines that follow belong to the same statement
            following = re.match(r"[。\s;]*", text[end:])
            next_start = end + (following.end() if following else 0)
            more = LABEL.match(text, next_start)
            if more is None:
                break
            end = text.find("\n", more.end())
            end = len(text) if end < 0 else end
        yield Span(match.start(), end)
        at = end


def _by_phrases(text: str, taken: list[Span]) -> Iterator[Span]:
    """由…牵头,…配合 at the start of a part of a sentence, to the end of that sentence."""
    for match in _BY.finditer(text):
        if any(t.start <= match.start() < t.end for t in taken):
            continue
        stop = re.search(r"[。;\n(【〔]", text[match.end() :])
        end = match.end() + stop.start() if stop else len(text)
        if ROLE.search(text[match.end() : end]) or BESIDES.search(text[match.end() : end]):
            yield Span(match.start(), end)


def _rules(text: str) -> list[Span]:
    """The sentences that are rules for many clauses: none of their words assigns this one."""
    return [Span(*m.span()) for m in _SENTENCE.finditer(text) if is_rule(m[0])]


def _dated(text: str, inner: Span) -> str:
    """The deadline of a bracket that says nothing else: (完成时限:2031年6月底前)."""
    words = inner.of(text)
    dated = DEADLINE.search(words)
    if dated is None:
        return ""
    rest = LABEL.sub("", words[: dated.start()]) + words[dated.end() :]
    return re.sub(r"\s", "", dated[0]) if not re.sub(r"完成|[\W_]", "", rest) else ""


_CLOSES_SENTENCE = re.compile(
    r"(?:牵头|主办|负责|配合|协助|协办|参与|办理|承办)(?:落实|实施|办理|推进|负责)?"
    r"(?=(?:,[^,。;]{2,16}(?:完成|前|底))?[。;!?]?\s*$)"
)


def _closing_words(text: str, taken: list[Span]) -> Iterator[Span]:
    """The last words of a sentence that are nothing but bodies and roles: 组织评比,|市体育局会同市教育局负责。"""
    for sentence in _SENTENCE.finditer(text):
        closes = _CLOSES_SENTENCE.search(sentence[0])
        if closes is None or any(t.start < sentence.end() and sentence.start() < t.end for t in taken):
            continue
        end = sentence.start() + len(sentence[0].rstrip("。;!? \n"))
        # From the first comma behind which only bodies and roles stand.
        for opening in re.finditer(r"(?:^|[,;])\s*(?:由)?(?=(?P<subject>.))", sentence[0]):
            start = sentence.start() + opening.end()
            if _SUBJECT_START.match(text, start) and end - start <= 2 * _MAX_SUBJECT:
                yield Span(start, end)


# -- what a statement says ----------------------------------------------------------------------------


def _read_words(text: str, raw: Span, inner: Span, units: UnitTable) -> Statement | None:
    """Bodies and role words → parties; None where the words are no assignment."""
    words = inner.of(text)
    rule_at = next((m.start() for m in _SENTENCE.finditer(words) if m[0] and is_rule(m[0])), len(words))
    words = words[:rule_at]
    parties: list[Party] = []
    open_list = False
    rest = words
    deadline = ""
    dated = DEADLINE.search(words)
    if dated:
        deadline = re.sub(r"\s", "", dated[1] or dated[0])
        rest = words[: dated.start()] + "," * (dated.end() - dated.start()) + words[dated.end() :]
    for role, start, end in _segments(rest):
        chunk = rest[start:end]
        mentions = units.split_units(chunk)
        if not mentions or not all(units.is_body(m.name) for m in mentions):
            return None
        open_list = open_list or re.search(r"等(?:相关|有关|各)?(?:部门|单位)?\s*$", chunk) is not None
        parties += [_party(m, role, inner.start + start) for m in mentions]
    if not parties:
        return None
    roles = {party.role for party in parties}
    ranked = roles == {Role.RESPONSIBLE} and len(parties) > 1
    return Statement(raw, raw, tuple(_once(parties)), deadline, open_list, ranked)


def _once(parties: list[Party]) -> Iterator[Party]:
    seen: set[tuple[str, Role]] = set()
    for party in parties:
        if (party.name, party.role) not in seen:
            seen.add((party.name, party.role))
            yield party


def _party(mention: Mention, role: Role, offset: int) -> Party:
    return Party(mention.name, role, _shift(mention.span, offset), aliases=mention.aliases)


def _segments(words: str) -> Iterator[tuple[Role, int, int]]:
    """(role, start, end) of each list of bodies: before its role word, or after its label.

    ``A会同B负责`` gives A as lead and B as support; the 负责 behind B belongs to both and says no more.
    """
    at = 0
    joined = False
    ended = 0  # of the last role word
    labels = list(LABEL.finditer(words))
    if labels:
        for number, match in enumerate(labels):
            end = labels[number + 1].start() if number + 1 < len(labels) else len(words)
            role = label_role(match[0])
            list_end = len(re.sub(r"[\s,;。]+$", "", words[match.end() : end])) + match.end()
            trailing = ROLE.search(words[match.end() : list_end])
            if trailing:  # 责任单位:市财政局负责
                list_end = match.end() + trailing.start()
            if role is not None and list_end > match.end():
                yield role, match.end(), list_end
        return
    for match in re.finditer(f"(?P<besides>{BESIDES.pattern})|(?P<role>{ROLE.pattern})", words):
        if at and at == ended and not re.match(r"[\s,;。、:]|$", words[at:]):
            # What the role is for stands behind it: 市园林局负责绿道,市水利局负责河道. It ends at the next comma.
            part = re.search(r"[,;。]", words[at : match.start()])
            if part is None or re.match("的|者", words[at:]):
                continue
            at += part.end()
        start = at + len(re.match(r"[\s,;。、由]*", words[at:])[0])  # type: ignore[index]
        end = match.start() - (len(words[start : match.start()]) - len(words[start : match.start()].rstrip(" ,;、")))
        if match["besides"]:
            if end > start:
                yield Role.LEAD, start, end
                joined = True
        elif end > start:
            yield (Role.SUPPORT if joined else role_of(match[0])), start, end
            joined = False
            ended = match.end()
        at = match.end()


# -- what a statement covers --------------------------------------------------------------------------


def _merge(text: str, found: list[Statement]) -> list[Statement]:
    """Statements with nothing but marks between them are one: (责任单位:A)(配合单位:B)."""
    merged: list[Statement] = []
    for statement in found:
        if merged and not re.sub(r"[\s,;。、]", "", text[merged[-1].raw.end : statement.raw.start]):
            last = merged[-1]
            parties = tuple(_once([*last.parties, *statement.parties]))
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


# -- a body and what it must do --------------------------------------------------------------------------


def _duties(text: str, start: int, taken: list[Span], units: UnitTable) -> list[Statement]:
    """Sentences, and parts of sentences, that open with bodies and go on with what these must do."""
    duties: list[Statement] = []
    for sentence in _SENTENCE.finditer(text, start):
        words = sentence[0]
        left = sentence.start() + len(words) - len(words.lstrip())
        if not words.strip() or any(t.start < sentence.end() and left < t.end for t in taken):
            continue
        found = [
            duty for at in _openings(text, left, sentence.end()) if (duty := _duty(text, at, sentence.end(), units))
        ]
        # A duty goes on to the next body that has one of its own.
        for duty, following in zip_longest(found, found[1:]):
            end = following.raw.start if following else sentence.end()
            stop = duty.raw.start + len(text[duty.raw.start : end].rstrip(",。;!? \n"))
            duties.append(replace(duty, raw=Span(duty.raw.start, stop), covers=Span(duty.raw.start, end)))
    return duties


def _openings(text: str, start: int, end: int) -> list[int]:
    """Where a body may open: at the start of a sentence, behind a semicolon, behind a comma, before ``,负责``."""
    words = text[start:end]
    found = {0}
    found |= {m.end() for m in re.finditer(r"的(?=[\u4e00-\u9fff]{2,40},负责(?!人))", words)}
    found |= {m.end() for m in re.finditer(r";\s*", words)}
    found |= {m.end() for m in _OWN_SUBJECT.finditer(words)}
    return sorted(start + at for at in found)


# A body that opens a part of a sentence of its own, behind a comma.
_OWN_SUBJECT = re.compile(
    r",(?=(?:自治州|自治区|省|市|州|县|区|各)[^,。;]{2,30}?(?:局|厅|委|办|部|院|政府|党委|中心|小组|办公室|部门|单位)(?:\([^()]*\))?"
    rf"(?:{PREDICATE}))"
)
# How the subject of a duty begins, and what may stand between it and its predicate: an alias, or where it sits.
_SUBJECT_START = re.compile(r"各|市|省|县|区|州|自治|领导小组|国家|乡|镇|街道|有关|相关|驻|中央")
_BEHIND_SUBJECT = re.compile(
    rf"(?:\([^()]{{2,20}}\))?(?:设在[^,。;]{{2,20}},)?(?:,?(?:具体)?负责(?!人)|(?:{PREDICATE}))"
)
_MAX_SUBJECT = 48  # code points
# A paragraph that opens with the body it speaks to: 区商务局:培育夜间消费;. The mark alone would not do, as
# 建设单位:… shows, so what stands before it must end as offices do.
_ADDRESSED = re.compile(r"[^,。;:!?]{3,48}?(?:局|厅|委|办|办公室|管委会|委员会|人民政府|中心|公司|办事处):(?=\S)")


def _duty(text: str, start: int, end: int, units: UnitTable) -> Statement | None:
    """One part of a sentence as a duty, or None where it does not open with bodies and a predicate."""
    words = text[start:end]
    if addressed := _addressed(text, start, end, units):
        return addressed
    if not _SUBJECT_START.match(words):
        return None
    for length in range(2, min(len(words), _MAX_SUBJECT)):
        if words[length - 1] in ",。;:!?":
            return None
        if not _BEHIND_SUBJECT.match(words, length):
            continue
        mentions = units.split_units(words[:length])
        if not mentions or not all(_is_doer(m.name, units) for m in mentions):
            continue
        beside = _beside(words, length, units)
        role = Role.LEAD if beside else Role.RESPONSIBLE
        parties = [_party(m, role, start) for m in mentions]
        parties += [_party(m, Role.SUPPORT, start) for m in beside]
        stop = start + len(words.rstrip("。;!?\n "))
        return Statement(Span(start, stop), Span(start, end), tuple(_once(parties)), ranked=False, prose=True)
    return None


def _addressed(text: str, start: int, end: int, units: UnitTable) -> Statement | None:
    """A paragraph ``body: what it has to do``, or None."""
    opens = _ADDRESSED.match(text, start, end) if start == 0 or text[start - 1] == "\n" else None
    mentions = units.split_units(text[start : opens.end() - 1]) if opens else []
    if not mentions or not all(units.is_body(m.name) for m in mentions):
        return None
    parties = tuple(_once([_party(m, Role.RESPONSIBLE, start) for m in mentions]))
    return Statement(Span(start, end), Span(start, end), parties, ranked=False, prose=True)


def _beside(words: str, at: int, units: UnitTable) -> list[Mention]:
    """B in ``A会同B开展…``, where a list of bodies stands between 会同 and what is to be done; else nobody."""
    joins = BESIDES.match(words, at)
    if joins is None:
        return []
    for end in range(joins.end() + 2, min(len(words), joins.end() + _MAX_SUBJECT)):
        if words[end - 1] in ",。;:!?":
            break
        if re.compile(f"{PREDICATE}|{ROLE.pattern}").match(words, end):
            mentions = units.split_units(words[joins.end() : end])
            if mentions and all(_is_doer(m.name, units) for m in mentions):
                shift = joins.end()
                return [replace(m, span=_shift(m.span, shift)) for m in mentions]
    return []


def _is_doer(name: str, units: UnitTable) -> bool:
    """Whether a name can be the subject of a duty: a body, or a level of government by itself."""
    return units.is_body(name) or (len(name) > 2 and name in units.levels)


# -- offsets ---------------------------------------------------------------------------------------------


def _shift(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def _shift_statement(statement: Statement, by: int) -> Statement:
    parties = tuple(replace(p, mention=_shift(p.mention, by)) if p.mention else p for p in statement.parties)
    return replace(statement, raw=_shift(statement.raw, by), covers=_shift(statement.covers, by), parties=parties)
