"""One form for search and comparison: simplified characters, half-width, the same length.

``fold`` keeps every offset: character i of the folded text stands for character i of the original, so a
match in folded text is a span of the plan. What is quoted is never folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from threading import Lock

from opencc import OpenCC

# Forms that differ in width or shape alone. NFKC as a whole would also turn ① into 1 and … into three dots.
_WIDTH_FORMS = re.compile("[\uff01-\uffef\ufe30-\ufe6f\uf900-\ufaff\u3000\u2e80-\u2fdf]")
_LONG = 200  # code points; names and lines are shorter
_KEPT = 4_000_000  # code points of whole texts that are remembered: some hundred plans, or one very large one
_DROPPED = re.compile(r"[\W_]+")
_HAN_RUN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]+")


class _Texts:
    """Remembers the results for whole texts, up to a total length: a count alone would bound no memory."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make
        self._made: OrderedDict[str, str] = OrderedDict()
        self._length = 0
        self._lock = Lock()

    def __call__(self, text: str) -> str:
        with self._lock:
            made = self._made.get(text)
            if made is not None:
                self._made.move_to_end(text)
                return made
        made = self._make(text)
        with self._lock:
            if text not in self._made:
                self._made[text] = made
                self._length += len(text)
            while self._length > _KEPT and len(self._made) > 1:
                self._length -= len(self._made.popitem(last=False)[0])
        return made


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


def narrow(text: str) -> str:
    """``fold`` with its capitals: traditional → simplified, full- → half-width, the same length."""
    return _narrowed_words(text) if len(text) <= _LONG else _narrowed_texts(text)


def _narrow_all(text: str) -> str:
    narrowed = _WIDTH_FORMS.sub(_narrow, text)
    if narrowed.isascii():
        return narrowed
    simplified = _converted(narrowed)
    if len(simplified) != len(narrowed):  # a phrase rule changed the length: go by character
        simplified = "".join(_one(char) for char in narrowed)
    return simplified


_narrowed_words = lru_cache(maxsize=32768)(_narrow_all)
_narrowed_texts = _Texts(_narrow_all)


def fold(text: str) -> str:
    """Traditional → simplified, full- → half-width, lower case; ``len(fold(t)) == len(t)`` always."""
    return _folded_words(text) if len(text) <= _LONG else _folded_texts(text)


def _fold(text: str) -> str:
    narrowed = narrow(text)
    lowered = narrowed.lower()
    return lowered if len(lowered) == len(text) else narrowed


def _one(char: str) -> str:
    converted = _to_simplified().convert(char)
    return converted if len(converted) == 1 else char


_folded_words = lru_cache(maxsize=32768)(_fold)
_folded_texts = _Texts(_fold)


def squeeze(text: str) -> str:
    """``fold`` without white space and punctuation: how names and words are compared."""
    return _squeezed_words(text) if len(text) <= _LONG else _squeeze(text)


def _squeeze(text: str) -> str:
    return _DROPPED.sub("", fold(unicodedata.normalize("NFKC", text)))


_squeezed_words = lru_cache(maxsize=32768)(_squeeze)


def simplify(text: str) -> str:
    """How names are shown: simplified, NFKC, without white space; case is kept."""
    return _simplified_words(text) if len(text) <= _LONG else _simplify(text)


def _simplify(text: str) -> str:
    return re.sub(r"\s+", "", _converted(unicodedata.normalize("NFKC", text)))


_simplified_words = lru_cache(maxsize=32768)(_simplify)
