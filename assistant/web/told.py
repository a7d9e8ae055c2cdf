"""What the programs say in one English line, as a page says it: in Chinese where ``told.toml`` knows the sentence.

Exceptions keep their English line, which the command line and the log show. Its parts are found again by the sentence
that wrote it, so the words stand in a table that a user can correct, and a line that the table lacks stays as it is.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter

LONGEST = 10_000  # characters of a line that is looked up; none of ours comes near it
_DEPTH = 4  # of sentences within sentences: a column, its value, why the value is wrong
_NUMBER = r"-?\d++(?:[.,]\d++)*+"
_BETWEEN = re.compile(r", | and | or ")
_ABSOLUTE = re.compile(r"[A-Za-z]:[\\/]|/")
# A path of the server in a line that the table lacks; an address of our own is none.
_PART = r"""[^\s/:;,()"'“”：；，（）]++"""
_PATH = re.compile(rf"(?<![\w.…/:])/(?!(?:evals/feedback|library|plans)\b){_PART}(?:/{_PART})++")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the table: how it is written in both languages, and how it is found."""

    en: str
    zh: str
    pattern: re.Pattern[str]
    fixed: tuple[str, ...]  # what has to stand in a line that fits

    def found(self, line: str) -> dict[str, str] | None:
        """What stands at each name, or None where the line is another sentence."""
        if not all(piece in line for piece in self.fixed):
            return None
        match = self.pattern.fullmatch(line)
        return match.groupdict() if match else None


def told(line: str, lang: str) -> str:
    """A line of an error, or of what differs between runs, as a page in ``lang`` ("zh" or "en") shows it.

    English lines stay as they are but for absolute paths of the server, of which no page shows more than the last
    two parts. A line that ``told.toml`` lacks is treated so in both languages.
    """
    if len(line) <= LONGEST:
        places, sentences = _table()
        said = _said(line, lang, (*places, *sentences), 0)
        if said is not None:
            return said
    return _PATH.sub(lambda path: short(path[0]), line)


def short(path: str) -> str:
    """The last two parts of an absolute path, …/runs/dev-20310401; any other path as it is."""
    if not _ABSOLUTE.match(path):
        return path
    parts = [part for part in re.split(r"[\\/]", path) if part]
    return "/".join(["…", *parts[-2:]])


def _said(line: str, lang: str, sentences: Iterable[Sentence], depth: int) -> str | None:
    """The line by the first sentence that fits, or None."""
    for sentence in sentences:
        found = sentence.found(line)
        if found is None:
            continue
        values: dict[str, str] = {}
        for name, value in found.items():
            shown = _value(name.rstrip("0123456789"), value, lang, depth + 1)
            if shown is None:
                break
            values[name] = shown
        else:
            return (sentence.en if lang == "en" else sentence.zh).format(**values)
    return None


def _value(kind: str, value: str, lang: str, depth: int) -> str | None:
    """What a page shows of a part; None where it has to be a sentence of the table and is not."""
    if kind in ("fault", "said"):
        said = _said(value, lang, _table()[1], depth) if depth <= _DEPTH else None
        return value if said is None and kind == "said" else said
    if kind == "path":
        return short(value)
    return _BETWEEN.sub("、", value) if kind == "list" and lang != "en" else value


@lru_cache(maxsize=1)
def _table() -> tuple[tuple[Sentence, ...], tuple[Sentence, ...]]:
    """The places that open a line, and the sentences."""
    table = tomllib.loads(Path(__file__).with_name("told.toml").read_text(encoding="utf-8"))
    places, lines = (
        tuple(Sentence(one["en"], one["zh"], *_compiled(one["en"])) for one in table[part])
        for part in ("place", "line")
    )
    return places, lines


def _compiled(sentence: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The pattern of a sentence, and its fixed words.

    What stands between two names is looked for once, from the left (an atomic group), so that the time grows with
    the length of a line and no faster; only what follows the last name has to stand at the end.
    """
    pieces = list(Formatter().parse(sentence))
    last = max((at for at, (_, name, _, _) in enumerate(pieces) if name and not _is_number(name)), default=-1)
    pattern, group_open = "", False
    for at, (fixed, name, _, _) in enumerate(pieces):
        pattern += re.escape(fixed)
        if not name:
            continue
        if _is_number(name):
            pattern += f"(?P<{name}>{_NUMBER})"
            continue
        pattern += ")" if group_open else ""
        group_open = at != last
        pattern += f"(?>(?P<{name}>.*?)" if group_open else f"(?P<{name}>.*)"
    return re.compile(pattern, re.DOTALL), tuple(fixed for fixed, *_ in pieces if fixed)


def _is_number(name: str) -> bool:
    return name.rstrip("0123456789") == "n"
