"""Words that sound alike: 知实产权 for 知识产权, 科技创兴券 for 科技创新券.

Chinese typos are mostly homophones, so words that no plan has are compared by sound, with the pairs that many
speakers do not tell apart (zh/z, n/ng …) taken as one. Only words unknown to the plans are respelled, and only to
words that they do have: a right word is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache

from pypinyin import lazy_pinyin

# Characters that stand between words; a pair with one is unknown because it is no word.
_FUNCTION = re.compile("[的了是在由和与各为被把将从对到吗呢吧那这哪谁么]")
_MERGED = ((r"^zh", "z"), (r"^ch", "c"), (r"^sh", "s"), (r"ng$", "n"))


@lru_cache(maxsize=200_000)
def sound(text: str) -> tuple[str, ...]:
    """One syllable for each character, in Latin letters, near sounds merged."""
    return tuple(map(_merged, lazy_pinyin(text)))


@lru_cache(maxsize=4096)
def _merged(syllable: str) -> str:
    for pattern, merged in _MERGED:
        syllable = re.sub(pattern, merged, syllable)
    return syllable


def by_sound(words: Iterable[str]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Words by how they sound."""
    table: dict[tuple[str, ...], list[str]] = {}
    for word in words:
        table.setdefault(sound(word), []).append(word)
    return {key: tuple(found) for key, found in table.items()}


def respelled(
    topic: str, known: Callable[[str], bool], sounds: Callable[[], Mapping[tuple[str, ...], tuple[str, ...]]]
) -> str:
    """A topic with, behind it, the words that its unknown pairs of characters sound like.

    ``known`` says whether a pair stands in a plan; ``sounds`` gives the plans' pairs by sound and is only asked
    where there is an unknown one.
    """
    added: list[str] = []
    for run in re.findall(r"[\u4e00-\u9fff]{3,}", topic):
        for start in range(len(run) - 1):
            pair = run[start : start + 2]
            if known(pair) or _FUNCTION.search(pair):
                continue
            before, behind = run[start - 1 : start], run[start + 2 : start + 3]
            for alike in sounds().get(sound(pair), ()):
                if _fits(pair, alike, before, behind, known):
                    added.append(alike)
    return " ".join([topic, *dict.fromkeys(added)])


def _fits(pair: str, alike: str, before: str, behind: str, known: Callable[[str], bool]) -> bool:
    """Whether a word fits among its neighbours: 知识 before 产, 创新 before 券.

    Each character that it changes must make a known pair with the neighbour on its side, and one must have a
    neighbour.
    """
    checks = []
    if alike[0] != pair[0] and before:
        checks.append(known(before + alike[0]))
    if alike[1] != pair[1] and behind:
        checks.append(known(alike[1] + behind))
    return bool(checks) and all(checks)


def heard(
    text: str, names: Mapping[tuple[str, ...], tuple[str, ...]], shortest: int, longest: int
) -> list[tuple[str, str, int]]:
    """(words, name that they sound like, start) of each stretch that sounds like a name, longest first.

    Stretches that overlap a longer one are left out.
    """
    found: list[tuple[str, str, int]] = []
    taken: list[tuple[int, int]] = []
    for length in range(min(longest, len(text)), shortest - 1, -1):
        for start in range(len(text) - length + 1):
            words = text[start : start + length]
            if not re.fullmatch(r"[\u4e00-\u9fff]+", words):
                continue
            if any(s < start + length and start < e for s, e in taken):
                continue
            alike = names.get(sound(words))
            if alike and words not in alike:
                found.append((words, alike[0], start))
                taken.append((start, start + length))
    return found
