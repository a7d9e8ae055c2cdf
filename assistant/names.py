"""Names that stand in a text, of however many: looked up, for a pattern of a hundred thousand takes seconds to make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """Words of a question that name something, and where they stand."""

    words: str
    start: int
    end: int


class Names:
    """A set of names; an empty one is none."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)
        lengths: dict[str, set[int]] = {}
        for name in self._names:
            lengths.setdefault(name[:1], set()).add(len(name))
        self._lengths = {first: tuple(sorted(of, reverse=True)) for first, of in lengths.items()}

    def within(self, text: str) -> Iterator[Found]:
        """The names in a text, from left to right: the longest at each place, and none that begins in another."""
        end = 0
        for start, first in enumerate(text):
            if start < end:
                continue
            for length in self._lengths.get(first, ()):
                words = text[start : start + length]
                if words in self._names:
                    end = start + len(words)
                    yield Found(words, start, end)
                    break
