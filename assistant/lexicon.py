"""How people ask, from lexicon.toml, as patterns over folded text."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

_TABLE = tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=64)
def cue(section: str, key: str = "words") -> re.Pattern[str]:
    """The words of one list as one pattern, longest first; Latin words count whole."""
    return _pattern(_TABLE[section][key])


@lru_cache(maxsize=1)
def noise() -> re.Pattern[str]:
    """Words that say nothing about the subject of a question."""
    return _pattern(_TABLE["noise"])


@lru_cache(maxsize=1)
def outside_kinds() -> tuple[re.Pattern[str], ...]:
    """The kinds of fact that plans do not state, one pattern each."""
    return tuple(_pattern(words) for words in _TABLE["outside"]["kinds"])


def _pattern(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(_bounded(word) for word in sorted(words, key=len, reverse=True)))


def _bounded(word: str) -> str:
    return rf"(?<![a-z])(?:{word})(?![a-z])" if re.match(r"[a-z]", word) else f"(?:{word})"
