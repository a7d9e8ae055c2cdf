"""BM25 over pairs of characters, with single words where a text is not Chinese.

Pairs need no dictionary, so new terms and names of places are found like any other word; on the development questions
they were better than a word segmenter, and a western tokenizer finds next to nothing in Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.dense import Rows
from index.fuse import Scores, best_first
from index.passage import search_form

if TYPE_CHECKING:
    from bm25s import BM25

_HAN = "々〇㐀-\u4dbf一-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# A run of Chinese characters, or a word of letters and digits of any other script.
_RUN = re.compile(rf"(?P<han>[{_HAN}]+)|[^\W_{_HAN}]+")


def tokens(text: str) -> list[str]:
    """The terms of a text in their order, repeated as often as they occur: 知识产权2020 → 知识 识产 产权 2020.

    Pairs do not reach across punctuation. A Chinese character alone between others is a term by itself.
    """
    terms: list[str] = []
    for run in _RUN.finditer(search_form(text)):
        word = run[0]
        if run["han"] is None or len(word) == 1:
            terms.append(word)
        else:
            terms.extend(word[i : i + 2] for i in range(len(word) - 1))
    return terms


class Lexical:
    """A BM25 index whose rows are positions in the list of passages."""

    def __init__(self, index: BM25 | None, count: int) -> None:
        self._index = index  # None: no passage has a term
        self._count = count

    @classmethod
    def build(cls, texts: Sequence[str], *, k1: float, b: float) -> Lexical:
        """An index of ``texts``; ``k1`` and ``b`` as Robertson and Zaragoza (2009) define them."""
        from bm25s import BM25

        # Numbered in the order of occurrence: the library's own numbering changes from run to run,
        # and the same plans are to give the same files.
        vocabulary: dict[str, int] = {}
        numbered = [[vocabulary.setdefault(term, len(vocabulary)) for term in tokens(text)] for text in texts]
        if not vocabulary:
            return cls(None, len(texts))
        index = BM25(k1=k1, b=b)
        index.index((numbered, vocabulary), create_empty_token=False, show_progress=False)
        return cls(index, len(texts))

    @classmethod
    def load(cls, folder: Path, count: int) -> Lexical:
        """The index that ``save`` wrote for ``count`` passages."""
        from bm25s import BM25

        if not any(folder.iterdir()):
            return cls(None, count)
        return cls(BM25.load(str(folder), show_progress=False), count)

    def save(self, folder: Path) -> None:
        """Write the index into a folder, which stays empty where there is nothing to index."""
        folder.mkdir(parents=True, exist_ok=True)
        if self._index is not None:
            self._index.save(str(folder), show_progress=False)

    def scores(self, text: str, rows: Rows | None = None) -> Scores:
        """BM25 scores of all passages, shape (n,); 0 where no term is shared or the row is not among ``rows``."""
        terms = tokens(text)
        nothing = np.zeros(self._count, dtype=np.float32)
        if self._index is None or not terms:
            return nothing
        mask = None
        if rows is not None:
            mask = nothing
            mask[rows] = 1.0
        scores: Scores = self._index.get_scores(terms, weight_mask=mask)
        return scores

    def search(self, text: str, k: int, rows: Rows | None = None) -> tuple[Rows, Scores]:
        """The best ``k`` rows, best first, with their scores; only rows that share a term with the text."""
        return best_rows(self.scores(text, rows), k)


def best_rows(scores: Scores, k: int) -> tuple[Rows, Scores]:
    """The ``k`` best rows of a table of scores that are above 0, and their scores."""
    order = best_first(scores)[:k]
    order = order[scores[order] > 0.0]
    return order.astype(np.int64), scores[order]
