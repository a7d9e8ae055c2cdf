"""Source text → plan text, with the way back.

Cleaning only takes characters away, never adds or changes one: the plan text is the source text less some
ranges. Each step looks at the text and names the ranges that go, so that a quote is always made of the
source's own characters, in their order, and the way back is a list of copied runs.

Three steps: invisible characters, page furniture, line breaks inside a sentence.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path

from corpus.fold import fold
from corpus.marks import Series, read_annex, read_mark
from corpus.phrases import LABEL

Range = tuple[int, int]

_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]++"
)
# A line that ends so is complete; the next line starts a new paragraph.
_COMPLETE = re.compile(r"[。;!?:.)】〕\]|](?:[”’\"」])?$")
_CN = "一二三四五六七八九"
DATE_LINE = re.compile(rf"[\d〇零○{_CN}]{{4}}年[\d十{_CN}]{{1,3}}月[\d十{_CN}]{{1,3}}日$")
_END_LINE = re.compile(r"抄送|抄报|主送|\(此件|联系人|附\s*则$")
_LABEL_LINE = re.compile(
    r"(?:总?牵头|配合|责任|主责|主办|协办|协同|参与|承办|完成|落实|实施)[^:,。]{0,6}:|(?:副?(?:组长|主任|主席)|成员(?:单位)?):"
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Plan text and the way back to the source text."""

    text: str
    origins: tuple[tuple[int, int, int], ...]  # (start in text, start in source, length)

    def to_source(self, offset: int) -> int:
        """The source offset of a character of the plan text."""
        if not self.origins:
            return offset
        run = self.origins[bisect_right(self.origins, (offset, float("inf"), 0)) - 1]
        return run[1] + offset - run[0]

    def from_source(self, offset: int) -> int:
        """The place in the plan text of a source offset, or of the first kept character behind it."""
        run = bisect_right(self.origins, offset, key=itemgetter(1)) - 1
        if run >= 0 and offset < self.origins[run][1] + self.origins[run][2]:
            return self.origins[run][0] + offset - self.origins[run][1]
        return self.origins[run + 1][0] if run + 1 < len(self.origins) else len(self.text)


def without(text: str, ranges: Iterable[Range]) -> Cleaned:
    """``text`` less ``ranges``, which may overlap and come in any order."""
    pieces: list[str] = []
    origins: list[tuple[int, int, int]] = []
    at, length = 0, 0
    for start, end in [*sorted(ranges), (len(text), len(text))]:
        if start > at:
            pieces.append(text[at:start])
            origins.append((length, at, start - at))
            length += start - at
        at = max(at, end)
    return Cleaned("".join(pieces), tuple(origins))


def _compose(outer: Cleaned, inner: Cleaned) -> Cleaned:
    """``outer`` was made from ``inner.text``: one way back over both."""
    origins: list[tuple[int, int, int]] = []
    for start, middle, length in outer.origins:
        done = 0
        while done < length:
            run = inner.origins[bisect_right(inner.origins, (middle + done, float("inf"), 0)) - 1]
            take = min(length - done, run[0] + run[2] - (middle + done))
            origins.append((start + done, run[1] + middle + done - run[0], take))
            done += take
    return Cleaned(outer.text, tuple(origins))


def lines_of(text: str) -> Iterator[Range]:
    """The (start, end) of each line, without its line break and without white space around it."""
    for match in re.finditer(r"[^\n]+", text):
        line = match[0]
        inner = line.strip()
        if inner:
            start = match.start() + len(line) - len(line.lstrip())
            yield start, start + len(inner)


@dataclass(frozen=True, slots=True)
class Furniture:
    """What pages put around a plan, from furniture.toml."""

    labels: frozenset[str]
    labels_with_value: frozenset[str]
    lines: re.Pattern[str]
    line_starts: re.Pattern[str]
    line_ends: re.Pattern[str]


@lru_cache(maxsize=4)
def load_furniture() -> Furniture:
    """The shipped table."""
    path = Path(__file__).with_name("furniture.toml")
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Furniture(
        frozenset(table["labels"]),
        frozenset(table["labels_with_value"]),
        re.compile("|".join(f"(?:{p})" for p in table["lines"])),
        re.compile("|".join(f"(?:{p})" for p in table["line_starts"])),
        re.compile(f"(?:{'|'.join(f'(?:{p})' for p in table['line_ends'])})$"),
    )


def visible(text: str) -> str:
    """A text of one line, such as a title, without what nobody sees."""
    return _INVISIBLE.sub("", text)


def invisible(text: str) -> Iterator[Range]:
    """Zero-width, directional and control characters, and white space at the ends of lines."""
    for match in _INVISIBLE.finditer(text):
        yield match.span()
    at = 0
    for start, end in lines_of(text):
        break_at = text.rfind("\n", at, start) + 1
        if break_at > at or at == 0:
            yield max(at, break_at), start
        line_end = text.find("\n", end)
        at = len(text) if line_end < 0 else line_end
        yield end, at
    # Empty lines: one line break between paragraphs is enough.
    for match in re.finditer(r"\n\s*\n", text):
        yield match.start() + 1, match.end()


def furniture(text: str, table: Furniture) -> Iterator[Range]:
    """Page furniture: metadata labels, counters, navigation, page numbers."""
    drop_next = False
    for start, end in lines_of(text):
        line = re.sub(r"\s+", "", fold(text[start:end]))
        whole = (start, min(end + 1, len(text)))
        if drop_next:
            drop_next = False
            yield whole
        elif line in table.labels_with_value:
            drop_next = True
            yield whole
        elif line in table.labels or table.lines.fullmatch(line):
            yield whole
        else:
            folded = fold(text[start:end])
            head = table.line_starts.match(folded)
            if head:
                yield start, start + head.end()
            tail = table.line_ends.search(folded)
            if tail:
                yield start + tail.start(), end


def broken_lines(text: str, headings: Container[int] = ()) -> Iterator[Range]:
    """Line breaks inside a sentence: the line before is not complete and the next opens nothing new.

    ``headings`` are the starts of lines that the source sets as headings: nothing runs into or out of them. Before the
    first numbered clause lines stand for themselves (letterhead, title, signature), except inside an open title
    bracket; so do label lines, table rows and whatever stands in an annex before its first number.
    """
    series = Series()
    in_item = False  # inside the text of a numbered item or a paragraph below a heading
    previous: _Paragraph | None = None
    for start, end in lines_of(text):
        line = fold(text[start:end])
        mark = read_mark(line, series.expected())
        kind = "text"
        if read_annex(line):
            kind, in_item = "annex", False
            series.reset()
        elif mark:
            series.take(mark)
            kind, in_item = "mark", True
        elif line.startswith("|"):
            kind = "row"
        elif start in headings:
            kind, in_item = "heading", True
        elif _LABEL_LINE.match(re.sub(r"[ \u3000]", "", line[:20])) or LABEL.match(line):
            kind = "label"
        elif _END_LINE.match(line) or DATE_LINE.match(line):
            kind, in_item = "end", False
        if kind == "mark" and start in headings:
            kind = "heading"
        if previous is not None and kind == "text" and previous.goes_on(in_item):
            yield previous.end, start
            previous.take(line, end)
        else:
            previous = _Paragraph(kind, line, end)


class _Paragraph:
    """Lines joined so far, judged as one without being put together again for each line."""

    def __init__(self, kind: str, line: str, end: int) -> None:
        self._kind = kind
        self._first = line
        self._whole_sentences = False
        self._titles = self._inner_titles = 0  # open 《 and 〈
        self.take(line, end)

    def take(self, line: str, end: int) -> None:
        """One more line, that ends at ``end``."""
        self.end = end
        self._last = line
        self._whole_sentences = self._whole_sentences or re.search(r"[。;]", line) is not None
        self._titles += line.count("《") - line.count("》")
        self._inner_titles += line.count("〈") - line.count("〉")

    def goes_on(self, in_item: bool) -> bool:
        """Whether a line of text below belongs to it: it is not complete, or leaves a title open."""
        if self._kind not in ("mark", "text"):
            return False
        if self._titles > 0 or self._inner_titles > 0:
            return True
        return in_item and not _COMPLETE.search(self._last) and not self._is_heading()

    def _is_heading(self) -> bool:
        """A chapter or section title on a line of its own: marked 第一章, 一、 or (一), without a full stop."""
        if self._kind != "mark" or self._whole_sentences:
            return False
        return re.match(r"第|[一二三四五六七八九十]|[(〔\[]\s*[一二三四五六七八九十]", self._first) is not None


def kept_lines(cleaned: Cleaned, source: str, starts: Iterable[int]) -> dict[int, int]:
    """Where the lines that begin at ``starts`` in the source begin in the plan text; without those that went."""
    found = {}
    for start in starts:
        end = source.find("\n", start)
        at = cleaned.from_source(start)
        if at < len(cleaned.text) and cleaned.to_source(at) < (end if end >= 0 else len(source)):
            found[start] = at
    return found


def clean(source: str, table: Furniture | None = None, headings: Iterable[int] = ()) -> Cleaned:
    """Plan text of a source text, and the way back; ``headings`` are source offsets of lines set as headings."""
    table = table or load_furniture()
    first = without(source, invisible(source))
    second = _compose(without(first.text, furniture(first.text, table)), first)
    set_as_headings = set(kept_lines(second, source, headings).values())
    return _compose(without(second.text, broken_lines(second.text, set_as_headings)), second)
