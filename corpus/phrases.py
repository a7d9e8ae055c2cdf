"""The words that assign work, from roles.toml, as patterns over folded text."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from corpus.model import Role

_TABLE = tomllib.loads(Path(__file__).with_name("roles.toml").read_text(encoding="utf-8"))
_ROLES = {"lead": Role.LEAD, "support": Role.SUPPORT, "responsible": Role.RESPONSIBLE}


def _any(words: list[str]) -> str:
    return "|".join(f"(?:{word})" for word in words)


_AFTER = [(role, re.compile(_any(_TABLE["after"][name]))) for name, role in _ROLES.items()]
_LABELS = [(role, re.compile(rf"(?:{_any(_TABLE['label'][name])})\s*:")) for name, role in _ROLES.items()]

# Any role word behind a list of bodies. Longer ways of 负责 come first in the table.
ROLE = re.compile("|".join(pattern.pattern for _, pattern in _AFTER))
# Any label with its colon, also those that date a task; not in the middle of a word.
LABEL = re.compile(
    "(?<![\u4e00-\u9fff])(?:"
    + "|".join(_any(_TABLE["label"][name]) for name in (*_ROLES, "deadline"))
    + r")\s*:\s*|(?<=[。;,、 ])(?:"
    + "|".join(_any(_TABLE["label"][name]) for name in (*_ROLES, "deadline"))
    + r")\s*:\s*"
)
BESIDES = re.compile(_any(_TABLE["besides"]["words"]))
# A会同B开展: the verb ends what is said of the two.
TOGETHER = re.compile(rf"(?:{_any(_TABLE['together']['words'])})(?=\s*(?:[,;。]|$))")
DEADLINE = re.compile(f"({_any(_TABLE['deadline']['words'])})")
PREDICATE = _any(sorted(_TABLE["predicate"]["words"], key=len, reverse=True))


def role_of(words: str) -> Role:
    """The role that words behind a list of bodies give; raises ``ValueError`` for other words."""
    for role, pattern in _AFTER:
        if pattern.fullmatch(words):
            return role
    raise ValueError(f"no role word: {words}")


def label_role(label: str) -> Role | None:
    """The role that a label gives, None for one that dates."""
    written = label.strip()
    for role, pattern in _LABELS:
        if pattern.fullmatch(written):
            return role
    return None
