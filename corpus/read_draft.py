"""What a reader of one format hands back: lines, not yet a text with offsets.

The readers run in a child process (``corpus/child.py``), so a draft travels as plain JSON. ``corpus/read.py``
joins the lines and is the one place that counts offsets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NOTES_LINE = "————————"  # stands between the text and its footnotes


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost and hold. A plan of 300 pages takes a tenth of each."""

    file_bytes: int = 20 << 20  # with pictures such a plan has under 10 MB
    pages: int = 2_000
    paragraphs: int = 50_000
    characters: int = 2_000_000  # the longest plan known to us has 60,000
    plans: int = 200  # in one archive
    cpu_seconds: int = 20
    wall_seconds: float = 60.0
    memory_bytes: int = 1 << 30  # on top of the interpreter and its libraries
    result_bytes: int = 40 << 20  # of the answer of the child process, in which a character takes up to 12


DEFAULT_LIMITS = Limits()
MAX_FILE_BYTES = DEFAULT_LIMITS.file_bytes  # of files that are no plans, such as question sets


class ReadError(Exception):
    """A file that is not read. ``str(error)`` is the reason and the remedy, without the file's name."""


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, heading or table row."""

    text: str  # may hold "\n" where the source breaks the line by hand
    heading: int = 0  # 1 to 9 for a heading by style, 0 for other text
    pages: tuple[tuple[int, int], ...] = ()  # (offset in this line, 1-based number) of each page that begins in it


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole document as lines in reading order."""

    lines: tuple[Line, ...]
    title: str = ""
    encoding: str = ""  # "" where the format has none of its own
    format: str = ""  # "docx" or "xlsx" where the content decided it, else ""
    notes: tuple[str, ...] = ()  # what of the file was left out that its author may miss, a line each


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive: its place in the directory, its name with "/" between folders, its size unpacked."""

    place: int
    name: str
    size: int


def members_to_json(members: tuple[Member, ...] | None) -> dict[str, Any]:
    """Plain lists and strings for ``json.dumps``."""
    return {"members": members and [[member.place, member.name, member.size] for member in members]}


def members_from_json(value: dict[str, Any]) -> tuple[Member, ...] | None:
    """What ``members_to_json`` was given; ``KeyError``, ``TypeError`` or ``ValueError`` on anything else."""
    found = value["members"]
    return None if found is None else tuple(Member(int(place), str(name), int(size)) for place, name, size in found)


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """Plain lists and strings for ``json.dumps``."""
    lines = [[line.text, line.heading, [list(page) for page in line.pages]] for line in draft.lines]
    return {
        "lines": lines,
        "title": draft.title,
        "encoding": draft.encoding,
        "format": draft.format,
        "notes": draft.notes,
    }


def draft_from_json(value: dict[str, Any]) -> Draft:
    """The draft that ``draft_to_json`` wrote; ``KeyError``, ``TypeError`` or ``ValueError`` on anything else."""
    lines = tuple(
        Line(str(text), int(heading), tuple((int(offset), int(number)) for offset, number in pages))
        for text, heading, pages in value["lines"]
    )
    return Draft(
        lines, str(value["title"]), str(value["encoding"]), str(value["format"]), tuple(map(str, value["notes"]))
    )
