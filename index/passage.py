"""Clauses → passages: what is quoted, and what is searched.

What is searched is not what is quoted. A passage is found by its plan's title, its headings and its own words,
folded to simplified and half-width; what is shown of it is cut from the plan and untouched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from corpus.fold import fold
from corpus.model import Clause, ClauseKind, Plan, Span

# Where a long clause may be cut, most welcome first; the last resort is anywhere.
SEPARATORS = ["\n", "。", ";", "；", "!", "！", "?", "？", ",", "，", ""]

# Front matter and the texts around the chapters are a paragraph a thought; a clause is one thought however long.
BY_PARAGRAPH = frozenset({ClauseKind.FRONT, ClauseKind.PREFACE, ClauseKind.CLOSING})

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# A line break inside a Chinese sentence comes from the page, not from the writer.
_BREAK_IN_HAN = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_SPACE = re.compile(r"\s+")
# Zero-width and other invisible characters, NUL and lone surrogates: nobody searches for them, engines stumble on them.
_INVISIBLE = re.compile("[\x00\xad\u200b-\u200f\u2060\ufeff\ufe00-\ufe0f\ud800-\udfff\U000e0000-\U000e0fff]")


@dataclass(frozen=True, slots=True)
class Passage:
    """A quotable stretch of one clause. ``plan.text[span.start:span.end] == quote``."""

    id: str  # "gansu-2020/三/(二)/43#0~1": plan/path#part~k, k counting from 0
    plan: str
    path: str
    part: int
    span: Span
    quote: str
    embed_text: str  # title, headings and words, for search only
    kind: str  # the ClauseKind of its clause


def search_form(text: str) -> str:
    """A text as both legs of the search see it: folded, without invisible characters, spaces tidied."""
    folded = fold(_INVISIBLE.sub("", text))
    return _SPACE.sub(" ", _BREAK_IN_HAN.sub("", folded)).strip()


def passages_of(plan: Plan, *, max_chars: int, overlap: int = 0) -> list[Passage]:
    """The passages of a plan in the order of its text.

    Every clause that is more than a heading gives one or several; headings serve as context of what stands below
    them. Parts of a clause lie inside it and get none of their own: a hit is mapped to the clause. ``max_chars`` and
    ``overlap`` count code points. Together the passages of a clause cover all of it but white space.
    """
    found: list[Passage] = []
    for clause in plan.clauses:
        if clause.part or clause.kind is ClauseKind.HEADING:
            continue
        for k, span in enumerate(_spans(plan.text, clause, max_chars, overlap)):
            quote = span.of(plan.text)
            found.append(
                Passage(
                    id=f"{plan.id}/{clause.path}#{clause.part}~{k}",
                    plan=plan.id,
                    path=clause.path,
                    part=clause.part,
                    span=span,
                    quote=quote,
                    embed_text=embed_text(plan, clause, quote),
                    kind=str(clause.kind),
                )
            )
    return found


def embed_text(plan: Plan, clause: Clause, quote: str) -> str:
    """What is embedded and tokenised for a stretch of a clause: its way down from the title, then its words."""
    context = [plan.meta.title, *clause.headings]
    if clause.title and clause.title not in quote:  # a later piece of a split clause has lost its title
        context.append(clause.title)
    lines = [search_form(line) for line in [*context, quote]]
    return "\n".join(line for line in lines if line)


def _spans(text: str, clause: Clause, max_chars: int, overlap: int) -> Iterator[Span]:
    for piece in _paragraphs(text, clause.span) if clause.kind in BY_PARAGRAPH else [clause.span]:
        if piece.end - piece.start <= max_chars:
            yield from _trimmed(text, [piece])
        else:
            yield from _trimmed(text, _split(text, piece, max_chars, overlap))


def _paragraphs(text: str, span: Span) -> list[Span]:
    cuts = [m.end() + span.start for m in re.finditer("\n", span.of(text))]
    edges = [span.start, *cuts, span.end]
    return [Span(start, end) for start, end in pairwise(edges)]


def _split(text: str, span: Span, max_chars: int, overlap: int) -> Iterator[Span]:
    """Cut a long stretch at sentence ends. Without overlap the pieces, put together, are the stretch again."""
    # Imported late: opening an index cuts nothing, and this import costs a third of a second.
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        separators=SEPARATORS,
        keep_separator="end",
        chunk_size=max_chars,
        chunk_overlap=overlap,
        strip_whitespace=False,
    )
    whole = span.of(text)
    end = 0
    for piece in splitter.split_text(whole):
        # The latest place that leaves no gap: repeated sentences must not send a piece to an earlier twin.
        start = whole.rfind(piece, 0, end + len(piece))
        end = start + len(piece)
        yield Span(span.start + start, span.start + end)


def _trimmed(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    for span in spans:
        piece = span.of(text)
        start = span.start + len(piece) - len(piece.lstrip())
        end = span.start + len(piece.rstrip())
        if start < end:
            yield Span(start, end)
