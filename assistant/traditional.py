"""Simplified text shown in traditional characters, the same length, so that every offset and mark stays where it is.

For reading alone: what is copied, exported or answered over the API is the plan's own wording.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html.parser import HTMLParser

from opencc import OpenCC

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_HALVES = re.compile("([\ud800-\udfff]+)")  # of surrogate pairs alone, which the converter does not take
_SHOWN = re.compile(r'(\s(?:title|aria-label|placeholder|alt|data-name)=")([^"]*)(")')
_LANG = re.compile(r'\slang="zh(?:-CN)?"')
_KEPT = frozenset({"script", "style", "textarea"})  # what programs read, and what is sent back as it was typed


@lru_cache(maxsize=1)
def _to_traditional() -> OpenCC:
    return OpenCC("s2tw")


@lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    return OpenCC("t2s")


@lru_cache(maxsize=16384)
def _script(char: str) -> int:
    """1 for a character that only traditional text has, -1 for one that becomes another there, 0 for any other."""
    if _to_simplified().convert(char) != char:
        return 1
    return -1 if _to_traditional().convert(char) != char else 0


def _line(text: str) -> str:
    """One line. The script is told by its characters: 后 or 里 alone would be made another word of in 皇后駕到."""
    if sum(map(_script, _HAN.findall(text))) > 0:
        return text
    # What a browser sent may hold half of a pair; split leaves these at the odd places.
    pieces = _HALVES.split(text)
    return "".join(piece if at % 2 else _piece(piece) for at, piece in enumerate(pieces))


def _piece(text: str) -> str:
    made: str = _to_traditional().convert(text)
    if len(made) != len(text):  # a phrase of another length: go by character
        made = "".join(_one(char) for char in text)
    return made


def _one(char: str) -> str:
    made: str = _to_traditional().convert(char)
    return made if len(made) == 1 else char


@lru_cache(maxsize=8192)
def _short(text: str) -> str:
    return "\n".join(map(_line, text.split("\n")))


def traditional(text: str) -> str:
    """The text in traditional characters, ``len`` unchanged; a line that is traditional already stays as it is."""
    if text.isascii():
        return text
    return _short(text) if len(text) <= 400 else "\n".join(map(_line, text.split("\n")))


class _Page(HTMLParser):
    """Copies a page piece by piece as it was written, but for what a reader reads of it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.made: list[str] = []
        self._kept = ""  # the element whose content stays that we are inside
        self._deep = 0  # how many of its name are open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if not self._kept and (tag in _KEPT or ("translate", "no") in attrs):
            self._kept = tag
        self._deep += tag == self._kept

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        written = _LANG.sub(' lang="zh-Hant"', self.get_starttag_text() or "")
        shown = written if written.isascii() else _SHOWN.sub(lambda m: m[1] + traditional(m[2]) + m[3], written)
        self.made.append(shown)

    def handle_endtag(self, tag: str) -> None:
        self._deep -= tag == self._kept
        self._kept = self._kept if self._deep else ""
        self.made.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.made.append(data if self._kept else traditional(data))

    def handle_entityref(self, name: str) -> None:
        self.made.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.made.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.made.append(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        self.made.append(f"<!--{data}-->")


def traditional_html(page: str) -> str:
    """HTML of ours, with its text and the attributes that are read aloud or shown in traditional characters.

    Addresses, ids, values of forms and ``data-`` attributes (but ``data-name``, which is shown) stay, so that a filter
    still finds and a button still copies what the plan says; and so does what is inside ``translate="no"``.
    """
    reader = _Page()
    reader.feed(page)
    reader.close()
    return "".join(reader.made)
