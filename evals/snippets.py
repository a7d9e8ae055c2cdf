"""Snippets: the few characters of a clause by which an eval set names it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from corpus.model import Clause, Plan
from evals.text import SENTENCE, bare, states

# Lengths in characters; the first that is unique in the plans wins. The sets have 10 to 25.
_LENGTHS = (20, 25, 40, 60, 120)
_SHORTEST = 8  # characters that count; fewer stand in too many places
_PIECE = re.compile(r"[^\s|]+")
_SENTENCE_END = re.compile(r"[。；;！!？?：:]")


def cut(
    plan: Plan, clause: Clause, named: Sequence[Plan], facts: Iterable[str] = (), quotes: Iterable[str] = ()
) -> tuple[str, bool]:
    """A snippet of a clause, and whether it stands nowhere else in the plans ``named``.

    10 to 25 characters, or more where that takes more, without white space, with a letter or digit at both ends;
    the longest where no stretch is unique, and "" where there is none. An answer quotes a clause with a number as a
    whole, and of others a sentence; so the sentence that states one of ``facts`` comes first, then ``quotes`` of an
    answer as far as they lie in the clause, then the beginning of the clause.
    """
    whole = bare(plan.quote(clause.span))
    everywhere = [bare(other.text) for other in named]
    longest = ""
    for candidate in _candidates(plan, clause, facts, quotes):
        wanted = bare(candidate)
        if len(wanted) < min(_SHORTEST, len(whole)) or wanted not in whole:
            continue  # at its edges a snippet may be converted in another way than inside the clause
        if sum(text.count(wanted) for text in everywhere) == 1:
            return candidate, True
        longest = max(longest, candidate, key=len)
    return (longest if bare(longest) else ""), False


def clause_of(snippet: str, plans: Iterable[Plan]) -> Clause | None:
    """The shortest clause that holds a snippet, or None."""
    wanted = bare(snippet)
    holders = [
        clause
        for plan in plans
        if wanted in bare(plan.text)
        for clause in plan.clauses
        if wanted in bare(plan.quote(clause.span))
    ]
    return min(holders, key=lambda clause: clause.span.end - clause.span.start, default=None)


def _candidates(plan: Plan, clause: Clause, facts: Iterable[str], quotes: Iterable[str]) -> Iterator[str]:
    text = plan.quote(clause.body) or plan.quote(clause.span)
    wanted = [fact for fact in facts if fact.strip()]
    stated = [sentence for sentence in SENTENCE.findall(text) if any(states(sentence, fact) for fact in wanted)]
    for source in (*stated, *(quote for quote in quotes if quote in text), text):
        yield from _stretches(source)


def _stretches(text: str) -> Iterator[str]:
    """Short ones from the beginning of each sentence, then longer ones, then all of the text."""
    starts = [
        start
        for piece in _PIECE.finditer(text)
        for start in [piece.start(), *(end.end() for end in _SENTENCE_END.finditer(text, *piece.span()))]
    ]
    for length in _LENGTHS:
        for start in starts:
            piece = _PIECE.match(text, start)
            if piece and (stretch := _trimmed(piece[0][:length])):
                yield stretch
    yield _trimmed("".join(text.split()))


def _trimmed(stretch: str) -> str:
    """Without punctuation at its ends."""
    inside = [at for at, char in enumerate(stretch) if char.isalnum()]
    return stretch[inside[0] : inside[-1] + 1] if inside else ""
