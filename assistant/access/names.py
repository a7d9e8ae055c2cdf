"""Names of users, groups and tokens, and identifiers of plans, as they come from outside."""

from __future__ import annotations

import re
import unicodedata

from assistant.plain_log import UNSEEN

LONGEST = 200  # characters of a name of a user or a group, and of the id of a plan
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
# What the other doors put before the names of their principals: a person may not be taken for one of them.
_TAKEN = re.compile(r"(?:token|widget):|local$", re.IGNORECASE)


def name_of(text: str) -> str | None:
    """A name of a user or a group in the form in which it is compared; None where it cannot be one.

    Spaces around it do not count, and characters are composed (NFC). Nothing but spaces, too long, or with a control
    character, a direction mark or half of a surrogate pair in it, it is no name.
    """
    if len(text) > 4 * LONGEST:
        return None
    name = unicodedata.normalize("NFC", text.strip(" \t"))
    if not name.strip() or len(name) > LONGEST or any(unicodedata.category(char) in UNSEEN for char in name):
        return None
    return name


def group_of(text: str) -> str:
    """The name of a group in the form in which it is compared. Raises ``ValueError`` where it is none."""
    name = name_of(text)
    if name is None:
        raise ValueError(f"{text[:80]!a} is no name of a group")
    return name


def user_of(text: str) -> str | None:
    """The name of a member of staff, or None: also for one that would be taken for a token or a widget's user."""
    name = name_of(text)
    return None if name is None or _TAKEN.match(name) else name


def is_token_name(text: str) -> bool:
    """Whether a token may be called that: letters, digits, dots, lines; it stands in logs and commands."""
    return _TOKEN.fullmatch(text) is not None
