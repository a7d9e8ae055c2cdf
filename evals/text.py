"""The two forms in which an eval set is compared with an answer (docs/interfaces.md, "An eval set").

``bare`` is for snippets and unit names, ``states`` for facts and forbidden strings. They follow the
published text to the letter and are deliberately not the product's own search form: ``corpus.fold.squeeze``
also folds case and drops symbols, and a scorer must not forgive what the search forgives.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from assistant.wording import within
from corpus.fold import simplify

SENTENCE = re.compile(r"[^。；;！!？?\n]+[。；;！!？?]*")  # of a plan: with its end, within one line


@lru_cache(maxsize=65536)
def bare(text: str) -> str:
    """Simplified, NFKC, without white space and punctuation (the Unicode categories P*); case is kept.

    "·", "“", "%" and "_" go; letters, digits and symbols such as "+" stay. The form of a form is the form,
    but for 薴, which OpenCC 1.4 converts to a character that it converts again.
    """
    normal = unicodedata.normalize("NFKC", text)
    # Dropped before conversion, not after: what becomes neighbours here must be converted as neighbours,
    # or the form of a form would differ from the form.
    kept = "".join(char for char in normal if not unicodedata.category(char).startswith("P"))
    return simplify("".join(kept.split()))


@lru_cache(maxsize=512)
def _closed(text: str) -> tuple[str, frozenset[int]]:
    """The text without white space, and the offsets in it where white space stood."""
    pieces = [simplify(piece) for piece in unicodedata.normalize("NFKC", text).split()]
    gaps: set[int] = set()
    length = 0
    for piece in pieces:
        gaps.add(length)
        length += len(piece)
    return "".join(pieces), frozenset(gaps)


def states(text: str, wanted: str) -> bool:
    """Whether ``text`` contains ``wanted`` after conversion and NFKC, white space left out of account.

    Where ``wanted`` begins or ends with a digit, no digit may stand beside it there: "20%" is not in
    "120%", "15" not in "2015", nor "5" in "32.5" (a point between two digits belongs to the number,
    unless white space follows it as in the list item "1. 20%"). Empty ``wanted`` raises ``ValueError``.
    """
    needle = _closed(wanted)[0]
    if not needle:
        raise ValueError("nothing to look for")
    shown, gaps = _closed(text)
    start = shown.find(needle)
    while start >= 0:
        end = start + len(needle)
        if not (
            (needle[0].isdecimal() and _number_before(shown, start, gaps))
            or (needle[-1].isdecimal() and _number_after(shown, end, gaps))
        ):
            return True
        start = shown.find(needle, start + 1)
    return False


def _number_before(shown: str, start: int, gaps: frozenset[int]) -> bool:
    """Whether the digit at ``start`` continues a number: a digit before it, or a digit and a point."""
    before = shown[max(0, start - 2) : start]
    if before[-1:].isdecimal():
        return True
    return before[-1:] == "." and before[:-1].isdecimal() and start not in gaps and start - 1 not in gaps


def _number_after(shown: str, end: int, gaps: frozenset[int]) -> bool:
    """Whether the number that ends before ``end`` goes on: a digit after it, or a point and a digit."""
    after = shown[end : end + 2]
    if after[:1].isdecimal():
        return True
    return after[:1] == "." and after[1:].isdecimal() and end not in gaps and end + 1 not in gaps


def one_line(text: str, limit: int = 120) -> str:
    """Text from outside as one line that a terminal can show: no control characters, at most ``limit`` long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return within(line, limit)
