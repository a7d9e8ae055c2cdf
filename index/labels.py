"""What a browser calls a file, and the ids and titles that people type: as names that can be shown and kept."""

from __future__ import annotations

import re
import unicodedata

NAME_BYTES = 150  # of a label's stem and of an id: folders and files are named after it, and a file system takes 255
# Not in a name: what systems give a meaning, and what is not seen or turns the reading order.
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|]')


def clean_label(name: str) -> str:
    """What a browser calls a file, as a name that can be shown and can name a file: its last part, shortened."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    whole = unicodedata.normalize("NFC", last.encode("utf-8", "ignore").decode("utf-8"))
    seen = "".join(char for char in _UNFIT.sub("", whole) if char.isprintable() or char == " ")
    stem, dot, ending = seen.strip(" .").rpartition(".")
    if not dot or len(ending) > 8:
        stem, dot, ending = seen.strip(" ."), "", ""
    cut = stem.encode()[:NAME_BYTES].decode("utf-8", "ignore").strip(" .")
    return f"{cut or 'plan'}{dot}{ending}"


def clean_title(title: str) -> str:
    """A title on one line, without what is not seen, of at most 300 characters."""
    return " ".join("".join(char for char in title if char.isprintable() or char.isspace()).split())[:300]


def id_of(label: str) -> str:
    """The id of a plan whose file has this label: the name without the ending, of at most 60 characters."""
    stem, dot, _ = label.rpartition(".")
    return " ".join((stem if dot else label).split())[:60].strip(" .") or "plan"
