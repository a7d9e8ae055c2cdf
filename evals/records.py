"""One question as a file has it, before it is checked; and JSON Lines, the first form of a set.

The other forms are sheets (``evals/sheets.py``). All of them hand the same records to ``evals/questions.py``.
"""

from __future__ import annotations

import errno
import io
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from evals.text import one_line

_LONGEST_INTEGER = 1_000  # digits; Python itself takes 4,300 and tells of more in words for programmers


@dataclass(frozen=True, slots=True)
class Record:
    """The keys of one question, or None where they cannot be read, and what is wrong with it so far.

    ``columns`` is empty for JSON and else what the sheet's own header calls each key, so that a fault names
    what the person sees.
    """

    place: str  # in the file: "line 3", "row 3"
    value: dict[str, Any] | None
    faults: list[str] = field(default_factory=list)  # without the place
    columns: Mapping[str, str] = field(default_factory=dict)
    unread: frozenset[str] = frozenset()  # keys whose cell is among ``faults``, and so not missing

    def named(self, location: tuple[int | str, ...]) -> str:
        """A place in the question in words: ``key turns.0``, ``column 提问, value 1``; "" for the whole."""
        if not location:
            return ""
        key, *inside = (one_line(str(part)) for part in location)
        if key not in self.columns:
            return f"key {'.'.join([key, *inside])}"
        return f"column {one_line(self.columns[key])}" + "".join(f", value {int(part) + 1}" for part in inside)


def opened(path: Path) -> BinaryIO:
    """A file to be read. Raises ``OSError``, also at once for a pipe or a device, which would be waited for."""
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    mode = os.fstat(number).st_mode
    if not stat.S_ISREG(mode):
        os.close(number)
        raise OSError(errno.EINVAL, "it is a folder" if stat.S_ISDIR(mode) else "it is no regular file")
    return os.fdopen(number, "rb")


def integer(digits: str) -> int | float:
    """A whole number of JSON, for ``json.loads``; one of more than 1,000 digits is infinite, and so fits no key."""
    return int(digits) if len(digits) <= _LONGEST_INTEGER else float(digits)


def json_lines(text: str) -> Iterator[Record]:
    """A record for each line that is not blank; line numbers count from 1."""
    for number, line in numbered_lines(text):
        yield _from_json(line, f"line {number}")


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line that is not blank, with its number; \\n, \\r\\n and \\r end lines and nothing else does."""
    lines: Iterable[str] = io.StringIO(text, newline=None)
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _from_json(line: str, place: str) -> Record:
    try:
        value = json.loads(line, object_pairs_hook=_without_twins, parse_int=integer)
    except _KeyTwiceError as error:
        return Record(place, None, [f"key {error} stands twice; keep one of them"])
    except (ValueError, RecursionError) as error:
        return Record(place, None, [f"not valid JSON ({one_line(str(error))}); put one JSON object on each line"])
    if not isinstance(value, dict):
        return Record(place, None, ["not a JSON object; put one question as {…} on each line"])
    return Record(place, value)


class _KeyTwiceError(Exception):
    """A key stands twice in one object; JSON itself would silently keep the last."""


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise _KeyTwiceError(one_line(key))
        table[key] = value
    return table
