"""What one statement says: bodies and role words → parties (docs/interfaces.md, "Roles").

Where statements stand in a clause is the business of ``assignments`` and ``duties``; which words give which role,
of roles.toml.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from corpus.model import Note, Party, Role, Span
from corpus.phrases import BESIDES, DEADLINE, LABEL, ROLE, TOGETHER, label_role, role_of
from corpus.rules import rule_spans
from corpus.units import Mention, UnitTable

_PARTS = re.compile(r"[\s,;。、:]|$")
_PART_END = re.compile(r"[,;。]")
_BEFORE_BODIES = re.compile(r"[\s,;。、由]*")
_ROLE_WORD = re.compile(f"(?P<besides>{BESIDES.pattern})|(?P<role>{ROLE.pattern})|(?P<together>{TOGETHER.pattern})")
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

    def meets(self, start: int, end: int) -> bool:
        """Whether a word between ``start`` and ``end`` is marked."""
        return self._flags.find(1, start, end) >= 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one clause."""

    statements: tuple[Statement, ...]
    notes: tuple[Note, ...] = ()


def read_words(text: str, raw: Span, inner: Span, units: UnitTable) -> Statement | None:
    """Bodies and role words → parties; None where the words are no assignment."""
    words = inner.of(text)
    rule_at = next((span.start for span in rule_spans(words)), len(words))
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
        open_list = open_list or units.is_open(chunk)
        parties += [party_of(m, role, inner.start + start) for m in mentions]
    if not parties:
        return None
    roles = {party.role for party in parties}
    ranked = roles == {Role.RESPONSIBLE} and len(parties) > 1
    return Statement(raw, raw, tuple(once(parties)), deadline, open_list, ranked)


def once(parties: list[Party]) -> Iterator[Party]:
    seen: set[tuple[str, Role]] = set()
    for party in parties:
        if (party.name, party.role) not in seen:
            seen.add((party.name, party.role))
            yield party


def party_of(mention: Mention, role: Role, offset: int) -> Party:
    return Party(mention.name, role, shift(mention.span, offset), aliases=mention.aliases)


def _segments(words: str) -> Iterator[tuple[Role, int, int]]:
    """(role, start, end) of each list of bodies: before its role word, or after its label.

    ``A会同B负责`` gives A as lead and B as support; the 负责 behind B, or another verb, belongs to both and says no
    more.
    """
    at = 0
    joined = False
    ended = 0  # of the last role word
    labels = list(LABEL.finditer(words))
    if labels:
        for number, match in enumerate(labels):
            end = labels[number + 1].start() if number + 1 < len(labels) else len(words)
            role = label_role(match[0])
            list_end = len(words[match.end() : end].rstrip(" \n\t\u3000,;。")) + match.end()
            trailing = ROLE.search(words, match.end(), list_end)
            if trailing:  # 责任单位:市财政局负责
                list_end = trailing.start()
            if role is not None and list_end > match.end():
                yield role, match.end(), list_end
        return
    for match in _ROLE_WORD.finditer(words):
        if match["together"] and not joined:
            continue
        if at and at == ended and not _PARTS.match(words, at):
            # What the role is for stands behind it: 市园林局负责绿道,市水利局负责河道. It ends at the next comma.
            part = _PART_END.search(words, at, match.start())
            if part is None or words.startswith(("的", "者"), at):
                continue
            at = part.end()
        start = _BEFORE_BODIES.match(words, at).end()  # type: ignore[union-attr]
        end = match.start() - (len(words[start : match.start()]) - len(words[start : match.start()].rstrip(" ,;、")))
        if match["besides"]:
            if end > start:
                yield Role.LEAD, start, end
                joined = True
        elif end > start:
            yield (Role.SUPPORT if joined else role_of(match[0])), start, end  # joined where it is no role word
            joined = False
            ended = match.end()
        at = match.end()


def shift(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by)


def shift_statement(statement: Statement, by: int) -> Statement:
    parties = tuple(replace(p, mention=shift(p.mention, by)) if p.mention else p for p in statement.parties)
    return replace(statement, raw=shift(statement.raw, by), covers=shift(statement.covers, by), parties=parties)
