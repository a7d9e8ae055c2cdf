"""The automatic numbers of a Word document, as Word shows them.

A paragraph only names a list and a level; the number itself is counted here, because clauses are cited by it
(ECMA-376 part 1, 17.9). Lists that share an abstract definition share their counters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from corpus.read_numbers import format_number

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OFF = frozenset({"0", "false", "off", "none"})

_LEVEL_SIGN = re.compile(r"%([1-9])")
# A label that ends so needs no space before its text; 1. does, or "1." + "5家" would read as 1.5.
_CLOSED = "、，；：。）】〕》"
_CHAIN = 20  # styles based on styles: a document that goes deeper is going round in a circle


@dataclass(frozen=True, slots=True)
class Style:
    """What a paragraph or character style says that matters for the text."""

    name: str = ""
    based_on: str = ""
    number: tuple[str | None, int | None] = (None, None)  # (numId, ilvl)
    outline: int | None = None  # 0 to 8 a heading, 9 body text
    hidden: bool | None = None


class Styles:
    """The styles of a document by id; each question is answered along the chain of styles it is based on."""

    def __init__(self, root: Any | None) -> None:
        self.by_id: dict[str, Style] = {}
        self.default = ""
        for element in root.iter(f"{W}style") if root is not None else ():
            identity = element.get(f"{W}styleId", "")
            self.by_id[identity] = Style(
                name=value(element, "name") or "",
                based_on=value(element, "basedOn") or "",
                number=number_of(element.find(f"{W}pPr")),
                outline=as_int(value(element.find(f"{W}pPr"), "outlineLvl")),
                hidden=toggle(element.find(f"{W}rPr"), "vanish"),
            )
            if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in ("1", "true", "on"):
                self.default = identity

    def chain(self, identity: str) -> list[tuple[str, Style]]:
        """The style and those it is based on, nearest first."""
        found: list[tuple[str, Style]] = []
        while identity in self.by_id and len(found) < _CHAIN:
            found.append((identity, self.by_id[identity]))
            identity = self.by_id[identity].based_on
        return found

    def hidden(self, identity: str) -> bool:
        """Whether text of this style is hidden."""
        return next((style.hidden for _, style in self.chain(identity) if style.hidden is not None), False)


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list definition."""

    start: int = 1
    style: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None  # 1-based level after which it starts again; 0 never; None after any above
    legal: bool = False  # every number of the label in decimal
    paragraph_style: str = ""


@dataclass(slots=True)
class _List:
    abstract: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)


class Numbering:
    """Counts the lists of one document; ask for each numbered paragraph once, in document order."""

    def __init__(self, root: Any | None, styles: Styles) -> None:
        self._abstract: dict[str, dict[int, Level]] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        links: dict[str, str] = {}
        for element in root.iter(f"{W}abstractNum") if root is not None else ():
            identity = element.get(f"{W}abstractNumId", "")
            self._abstract[identity] = dict(map(_level, element.findall(f"{W}lvl")))
            if link := value(element, "numStyleLink"):
                links[identity] = link
        for element in root.iter(f"{W}num") if root is not None else ():
            entry = _List(value(element, "abstractNumId") or "")
            for override in element.findall(f"{W}lvlOverride"):
                ilvl = as_int(override.get(f"{W}ilvl")) or 0
                start = as_int(value(override, "startOverride"))
                if start is not None:
                    entry.starts[ilvl] = start
                if (changed := override.find(f"{W}lvl")) is not None:
                    entry.levels[ilvl] = _level(changed)[1]
            self._lists[element.get(f"{W}numId", "")] = entry
        for entry in self._lists.values():  # a definition that only points to a list style borrows that style's
            linked = self._lists.get(styles.by_id.get(links.get(entry.abstract, ""), Style()).number[0] or "")
            if linked is not None:
                entry.abstract = linked.abstract

    def level_of_style(self, list_id: str, style_ids: list[str]) -> int | None:
        """The level that a list's definition ties to one of these paragraph styles."""
        entry = self._lists.get(list_id)
        levels = self._abstract.get(entry.abstract, {}) if entry else {}
        return next((ilvl for ilvl, level in levels.items() if level.paragraph_style in style_ids), None)

    def label(self, list_id: str, ilvl: int) -> str:
        """The next number of a list at a level (0 to 8), with what parts it from the text; "" for a bullet."""
        entry = self._lists.get(list_id)
        if entry is None or (level := self._level(entry, ilvl)) is None:
            return ""
        counts = self._counts.setdefault(entry.abstract, {})
        if ilvl in entry.starts and (list_id, ilvl) not in self._begun:
            counts[ilvl] = entry.starts[ilvl]  # "restart here": a list of its own that looks like the one before
        else:
            counts[ilvl] = counts[ilvl] + 1 if ilvl in counts else entry.starts.get(ilvl, level.start)
        self._begun.add((list_id, ilvl))
        for deeper in [other for other in counts if other > ilvl]:
            below = self._level(entry, deeper)
            restart = below.restart if below is not None and below.restart is not None else deeper
            if ilvl + 1 <= restart:
                del counts[deeper]
        if level.style == "bullet":
            return ""  # a bullet is nothing to cite, and its glyph often lies in a private font

        def number(match: re.Match[str]) -> str:
            other = int(match[1]) - 1
            shown = self._level(entry, other) or Level()
            count = counts.setdefault(other, entry.starts.get(other, shown.start))
            return format_number(count, "decimal" if level.legal else shown.style)

        label = _LEVEL_SIGN.sub(number, level.text)
        if not label or level.suffix == "nothing" or label[-1] in _CLOSED:
            return label
        return label + " "

    def _level(self, entry: _List, ilvl: int) -> Level | None:
        return entry.levels.get(ilvl) or self._abstract.get(entry.abstract, {}).get(ilvl)


def value(parent: Any | None, name: str) -> str | None:
    """The ``w:val`` of a child element, or None."""
    child = parent.find(f"{W}{name}") if parent is not None else None
    return child.get(f"{W}val") if child is not None else None


def toggle(parent: Any | None, name: str) -> bool | None:
    """An on/off property: None where it is not mentioned."""
    child = parent.find(f"{W}{name}") if parent is not None else None
    return None if child is None else child.get(f"{W}val", "1") not in OFF


def as_int(text: str | None) -> int | None:
    """A number of the file, or None; Word writes at most four digits where we look."""
    return int(text) if text and len(text) < 7 and text.isascii() and text.isdigit() else None


def number_of(properties: Any | None) -> tuple[str | None, int | None]:
    """(numId, ilvl) of paragraph properties, each None where it is not mentioned."""
    numbered = properties.find(f"{W}numPr") if properties is not None else None
    return value(numbered, "numId"), as_int(value(numbered, "ilvl"))


def _level(element: Any) -> tuple[int, Level]:
    legal = toggle(element, "isLgl")
    return as_int(element.get(f"{W}ilvl")) or 0, Level(
        start=as_int(value(element, "start")) or (0 if value(element, "start") == "0" else 1),
        style=value(element, "numFmt") or "decimal",
        text=value(element, "lvlText") or "",
        suffix=value(element, "suff") or "tab",
        restart=as_int(value(element, "lvlRestart")),
        legal=bool(legal),
        paragraph_style=value(element, "pStyle") or "",
    )
