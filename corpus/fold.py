"""One form for search and comparison: simplified characters, half-width, the same length.

``fold`` keeps every offset: character i of the folded text stands for character i of the original, so a
match in folded text is a span of the plan. What is quoted is never folded.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

# Forms that differ in width or shape alone. NFKC as a whole would also turn ① into 1 and … into three dots.
_WIDTH_FORMS = re.compile("[\uff01-\uffef\ufe30-\ufe6f\uf900-\ufaff\u3000\u2e80-\u2fdf]")
_DROPPED = re.compile(r"[\W_]+")
_HAN_RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")


@lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


def _converted(text: str) -> str:
    """Traditional → simplified, run by run; a run without any character of traditional script stays as it is.

    The phrases of the converter are made for traditional text. In simplified text they meet across words: 首批
    and 覆盖 would give 首批复盖, by the phrase 批覆.
    """
    convert = _to_simplified().convert
    apart = "\n".join(text)
    alone = convert(apart)  # each character for itself: no phrase reaches across a line break
    if alone == apart:
        return text

    def settle(run: re.Match[str]) -> str:
        start, end = 2 * run.start(), 2 * run.end()
        return run[0] if alone[start:end] == apart[start:end] else convert(run[0])

    return _HAN_RUN.sub(settle, text)


def _narrow(match: re.Match[str]) -> str:
    folded = unicodedata.normalize("NFKC", match[0])
    return folded if len(folded) == 1 else match[0]


@lru_cache(maxsize=65536)
def narrow(text: str) -> str:
    """``fold`` with its capitals: traditional → simplified, full- → half-width, the same length."""
    narrowed = _WIDTH_FORMS.sub(_narrow, text)
    if narrowed.isascii():
        return narrowed
    simplified = _converted(narrowed)
    if len(simplified) != len(narrowed):  # a phrase rule changed the length: go by character
        simplified = "".join(_one(char) for char in narrowed)
    return simplified


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Traditional → simplified, full- → half-width, lower case; ``len(fold(t)) == len(t)`` always."""
    narrowed = narrow(text)
    lowered = narrowed.lower()
    return lowered if len(lowered) == len(text) else narrowed


def _one(char: str) -> str:
    converted = _to_simplified().convert(char)
    return converted if len(converted) == 1 else char


@lru_cache(maxsize=65536)
def squeeze(text: str) -> str:
    """``fold`` without white space and punctuation: how names and words are compared."""
    return _DROPPED.sub("", fold(unicodedata.normalize("NFKC", text)))


@lru_cache(maxsize=65536)
def simplify(text: str) -> str:
    """How names are shown: simplified, NFKC, without white space; case is kept."""
    return re.sub(r"\s+", "", _converted(unicodedata.normalize("NFKC", text)))
