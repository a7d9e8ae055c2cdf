"""The words of the loaded plans: which pairs of characters they have, how much each tells, how it sounds."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from assistant.spelling import by_sound


def bigrams(text: str) -> set[str]:
    """Pairs of neighbouring characters of each run of Chinese, and whole numbers and Latin words."""
    found: set[str] = set()
    for run in re.findall(r"[\u4e00-\u9fff]+", text):
        found |= {run[i : i + 2] for i in range(len(run) - 1)}
    found |= set(re.findall(r"[a-z]{2,}|\d+(?:\.\d+)?%?", text))
    return found


class Vocabulary:
    """Counted once over the folded passages of an index; read by every question."""

    def __init__(self, passages: Sequence[str]) -> None:
        self._passages = passages

    @cached_property
    def _held(self) -> Counter[str]:
        """How many passages hold each pair."""
        return Counter(pair for text in self._passages for pair in bigrams(text))

    def knows(self, pair: str) -> bool:
        """Whether any passage holds a pair."""
        return pair in self._held

    def weight(self, pair: str) -> float:
        """How much a pair tells: its inverse document frequency over the passages, as BM25 has it."""
        held = self._held[pair]
        return math.log(1 + (len(self._passages) - held + 0.5) / (held + 0.5))

    @cached_property
    def sounds(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """The plans' pairs of Chinese characters by how they sound."""
        return by_sound(pair for pair in self._held if re.fullmatch(r"[\u4e00-\u9fff]{2}", pair))
