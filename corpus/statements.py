"""What one statement says: bodies and role words → parties (docs/interfaces.md, "Roles").

Where statements stand in a clause is the business of ``assignments`` and ``duties``; which words give which role,
of roles.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.deadlines import take_deadline
from corpus.model import Note, Party, Role, Span
from corpus.phrases import ASIDE, BESIDES, BY, DOES, LABEL, ROLE, TOGETHER, label_role, role_of
from corpus.ranges import DITTO, MAX_DITTO, OTHERWISE
from corpus.rules import rule_spans
from corpus.unit_lists import Mention, is_open
from corpus.units import UnitTable

_PARTS = re.compile(r"[\s,;。、:)\]】〕]|$")
_PART_END = re.compile(r"[,;。]")
_BEFORE_BODIES = re.compile(r"[\s,;。、:以—–·-]*")
# 市教育局(牵头)、市财政局: a role in a bracket behind one name.
_REMARK = re.compile(
    r"(?<=[\u4e00-\u9fff])[(〔\[]\s*(?P<role>总?牵头|主责|主办|配合|协办|协助|参与)(?:单位|部门)?\s*(?:[)〕\]]|$)"
)
# Another label in the same bracket: what stands behind it are no bodies.
_OTHER_LABEL = re.compile(r"(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,8}:")
_ROLE_WORD = re.compile(f"(?P<besides>{BESIDES.pattern})|(?P<role>{ROLE.pattern})|(?P<together>{TOGETHER.pattern})")
_STRETCH = re.compile(r"[^,;。:\n]+")
SENTENCE = re.compile(r"[^。!?\n]+[。!?\n]?")


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


class Taken:
    """Which words of a clause are already read. Asking costs no more than the words asked for."""

    def __init__(self, length: int) -> None:
        self._flags = bytearray(length)

    def add(self, span: Span) -> None:
        """Mark the words of ``span``."""
        self._flags[span.start : span.end] = b"\1" * (span.end - span.start)

    def last(self, start: int, end: int) -> int:
        """The place behind the last marked word between ``start`` and ``end``; ``start`` where none is marked."""
        return max(start, self._flags.rfind(1, start, end) + 1)

    def meets(self, start: int, end: int) -> bool:
        """Whether a word between ``start`` and ``end`` is marked."""
        return self._flags.find(1, start, end) >= 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one clause."""

    statements: tuple[Statement, ...]
    notes: tuple[Note, ...] = ()


def read_words(text: str, raw: Span, inner: Span, units: UnitTable, ruled: bool = False) -> Statement | None:
    """Bodies and role words → parties; None where the words are no assignment.

    ``ruled``: they are those of a rule; else a rule among them assigns nobody here.
    """
    words = inner.of(text)
    if not ruled:
        words = words[: next((span.start for span in rule_spans(words)), len(words))]
        same = DITTO.search(words, max(0, len(words) - MAX_DITTO))
        words = words[: same.start()] if same else words  # 责任单位同第1项 names nobody itself
    words = OTHERWISE.sub(lambda m: "," * len(m[0]), words)
    deadline, rest = take_deadline(words)
    remarks = {m.start(): role_of(m["role"]) for m in _REMARK.finditer(rest)}
    rest = _REMARK.sub(lambda m: " " * len(m[0]), rest)
    rest = _STRETCH.sub(_without_watchers, rest)
    segments = list(_segments(rest, units))
    if remarks and not segments:
        # 市教育局(牵头)、市财政局: beside a lead the others support.
        beside = Role.SUPPORT if Role.LEAD in remarks.values() else Role.RESPONSIBLE
        segments = [(beside, 0, len(rest.rstrip(" ,;。")))]
    parties: list[Party] = []
    open_list = False
    strange: list[str] = []  # names that only their place shows to be bodies
    for role, start, end in segments:
        start = _bodies_from(rest, start, end, units)
        chunk = rest[start:end]
        mentions = units.split_units(chunk)
        if not mentions or not all(units.may_be_body(m.name) for m in mentions):
            return None
        strange += [m.name for m in mentions if not units.is_body(m.name)]
        open_list = open_list or is_open(chunk)
        parties += [party_of(m, remarks.get(start + m.span.end, role), inner.start + start) for m in mentions]
    if not parties or (strange and LABEL.search(words) is None and 2 * len(strange) > len(parties)):
        return None
    roles = {party.role for party in parties}
    # 市园林局负责绿道,市水利局负责河道 is no list that could be ranked.
    ranked = roles == {Role.RESPONSIBLE} and len(parties) > 1 and len(segments) == 1
    return Statement(raw, raw, tuple(once(parties)), deadline, open_list, ranked)


def _beside(words: str, start: int, end: int, units: UnitTable) -> int:
    """Where the list of bodies that stands behind 会同 ends, before what they do; ``start`` where none stands there.

    市财政局|制定方案并组织实施; 市公安局、交通局|开展检查,各县区落实.
    """
    ends = [end, *(does.start() for does in reversed(list(DOES.finditer(words, start + 2, end))))]
    for stop in ends:
        mentions = units.split_units(words[start:stop])
        if mentions and all(units.is_body(m.name) for m in mentions):
            return stop
    return start


def _without_watchers(stretch: re.Match[str]) -> str:
    """Commas in place of ``市司法局指导``: who guides or watches has no role."""
    aside = ASIDE.search(stretch[0])
    if aside is None or ROLE.search(stretch[0]) or BESIDES.search(stretch[0]):
        return stretch[0]
    return "," * len(stretch[0])


def _bodies_from(words: str, start: int, end: int, units: UnitTable) -> int:
    """Where the list of bodies begins in a stretch that may open with other words: 加强统筹,|市教育局.

    What stands before the last comma may be left out only where it names no body at all.
    """
    marks = [start, *(m.end() for m in _PART_END.finditer(words, start, end))]
    for at in marks:
        mentions = units.split_units(words[at:end])
        if mentions and all(units.is_body(m.name) for m in mentions):
            return at
        if any(units.is_body(m.name) for m in units.split_units(words[at:end].split(",")[0])):
            return start
    return start


def once(parties: list[Party]) -> Iterator[Party]:
    seen: set[tuple[str, Role]] = set()
    for party in parties:
        if (party.name, party.role) not in seen:
            seen.add((party.name, party.role))
            yield party


def party_of(mention: Mention, role: Role, offset: int) -> Party:
    return Party(mention.name, role, shift(mention.span, offset), aliases=mention.aliases)


def _segments(words: str, units: UnitTable) -> Iterator[tuple[Role, int, int]]:
    """(role, start, end) of each list of bodies: before its role word, or after its label."""
    labels = list(LABEL.finditer(words))
    yield from _by_role_words(words, 0, labels[0].start() if labels else len(words), units)
    for number, label in enumerate(labels):
        role = label_role(label)
        if role is None:
            continue
        end = labels[number + 1].start() if number + 1 < len(labels) else len(words)
        other = _OTHER_LABEL.search(words, label.end(), end)
        end = other.start() if other else end
        stop = label.end() + len(words[label.end() : end].rstrip(" \n\t,;。"))
        yield from _labelled(words, role, label.end(), stop, units)


def _labelled(words: str, role: Role, start: int, end: int, units: UnitTable) -> Iterator[tuple[Role, int, int]]:
    """What stands behind a label: a list, or lists with role words of their own.

    责任单位:市财政局负责 says 负责 twice; in 责任单位:市财政局牵头,市教育局配合 the words say more than the label.
    """
    for own, left, right in _by_role_words(words, start, end, units):
        yield (role if own is Role.RESPONSIBLE else own), left, right
        start = right
    start += len(words[start:end]) - len(words[start:end].lstrip())
    rest = ROLE.match(words, start)
    if rest is not None:
        part = _PART_END.search(words, rest.end(), end)
        start = part.end() if part else end
    if words[start:end].strip(" \n\t,;。"):
        yield role, start + len(words[start:end]) - len(words[start:end].lstrip(" \n\t,;。")), end


def _by_role_words(words: str, at: int, until: int, units: UnitTable) -> Iterator[tuple[Role, int, int]]:
    """(role, start, end) of each list of bodies before its role word.

    ``A会同B负责`` gives A as lead and B as support; the 负责 behind B, or another verb, belongs to both and says no
    more.
    """
    joined = said = False
    ended = -1  # of the last role word
    for match in _ROLE_WORD.finditer(words, at, until):
        if match["together"] and not joined:
            continue
        if at == ended and not _PARTS.match(words, at):
            # What the role is for stands behind it: 市园林局负责绿道,市水利局负责河道. It ends at the next comma.
            part = _PART_END.search(words, at, match.start())
            if part is None or words.startswith(("的", "者"), at):
                continue
            at = part.end()
        for by in BY.finditer(words, at, match.start()):
            at = by.end()  # 无物业小区由所在社区居委会负责: what 由 is said of is no body
        start = _BEFORE_BODIES.match(words, at).end()  # type: ignore[union-attr]
        if joined and match["role"] and start < match.start():
            stop = _beside(words, start, match.start(), units)
            if stop > start and (comma := words.find(",", stop, match.start())) >= 0 and words[stop] != ",":
                yield Role.SUPPORT, start, stop  # what they do stands between them and the next body
                joined = False
                start = comma + 1
            elif start < stop < match.start() and words[stop : match.start()].strip(" ,;、"):
                yield Role.SUPPORT, start, stop
                joined, ended, at = False, match.end(), match.end()
                continue
        listed = words[start : match.start()]
        end = match.start() - (len(listed) - len(listed.rstrip(" ,;、")))
        if match["besides"]:
            if end > start:
                yield Role.LEAD, start, end
            joined = said = said or end > start  # 市教育局牵头,会同市财政局实施
        elif end > start:
            yield (Role.SUPPORT if joined else role_of(match[0])), start, end  # joined where it is no role word
            said = True
            joined = False
            ended = match.end()
        at = match.end()
    if joined and (rest := words[at:until].strip(" ,;。")):  # 市教育局会同市财政局制定方案
        left = words.index(rest, at)
        stop = _beside(words, left, left + len(rest), units)
        if stop > left:
            yield Role.SUPPORT, left, stop


def shift(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def shift_statement(statement: Statement, by: int) -> Statement:
    parties = tuple(replace(p, mention=shift(p.mention, by)) if p.mention else p for p in statement.parties)
    return replace(statement, raw=shift(statement.raw, by), covers=shift(statement.covers, by), parties=parties)
