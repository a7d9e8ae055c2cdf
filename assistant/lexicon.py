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
def _ends() -> tuple[re.Pattern[str], re.Pattern[str]]:
    either = noise().pattern
    opening = "|".join(_TABLE["opening"])
    closing = "|".join(_TABLE["closing"])
    return re.compile(f"^(?:{either}|{opening})+"), re.compile(f"(?:{either}|{closing})+$")


@lru_cache(maxsize=1)
def pointing() -> re.Pattern[str]:
    """Words that point at a clause and say nothing of it, wherever they stand."""
    return _pattern(_TABLE["inner"])


def content(words: str) -> str:
    """One run of words without what only opens or closes a question."""
    opening, closing = _ends()
    return closing.sub("", opening.sub("", words))


@lru_cache(maxsize=1)
def outside_kinds() -> tuple[re.Pattern[str], ...]:
    """The kinds of fact that plans do not state, one pattern each."""
    return tuple(_pattern(words) for words in _TABLE["outside"]["kinds"])


def expanded(topic: str) -> str:
    """A topic with the other words of each group that it uses, from terms.toml."""
    added = []
    for group in _groups():
        if any(word in topic for word in group):
            added += [word for word in group if word not in topic and not word.isascii()]
    return " ".join([topic, *added])


def said_otherwise(topic: str, text: str) -> str:
    """A topic's words that a text has in another form of the same group (terms.toml), joined by spaces."""
    found: list[str] = []
    for group in _groups():
        if any(other in text for other in group):
            for word in group:
                if word.isascii():
                    found += re.findall(rf"(?<![a-z]){re.escape(word)}[a-z]{{0,3}}", topic)
                elif word in topic and word not in text:
                    found.append(word)
    return " ".join(found)


def has_other_words(word: str) -> bool:
    """Whether a Latin word opens a word of some group: drugs of drug."""
    return any(other.isascii() and (word.startswith(other) or word in other.split()) for g in _groups() for other in g)


@lru_cache(maxsize=1)
def _groups() -> tuple[tuple[str, ...], ...]:
    table = tomllib.loads(Path(__file__).with_name("terms.toml").read_text(encoding="utf-8"))
    return tuple(tuple(group) for group in table["groups"])


def _pattern(words: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(_bounded(word) for word in sorted(words, key=len, reverse=True)))


def _bounded(word: str) -> str:
    return rf"(?<![a-z])(?:{word})(?![a-z])" if re.match(r"[a-z]", word) else f"(?:{word})"
