"""Markdown → draft: headings, paragraphs, lists with their numbers, and tables; marks of emphasis go.

Only what is structure counts: emphasis, links and code keep their words alone. Raw HTML is text, as a reader sees it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from corpus.read_draft import Draft, Line
from corpus.read_text import read_text
from corpus.tables import join_cell, pipe_lines

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
_BREAK = re.compile(r"<br\s{0,5}/?>", re.IGNORECASE)  # the one tag that people write in the cells of a table


def read_md(data: bytes) -> Draft:
    """The lines of a Markdown file; raises ``ReadError`` as ``read_text`` does."""
    text, encoding = read_text(data)
    return Draft(tuple(_lines(_PARSER.parse(text))), encoding=encoding)


def _lines(tokens: Sequence[Token]) -> Iterator[Line]:
    heading = 0
    number = ""  # of the list item that begins, to stand before its first words
    grid: list[list[str]] | None = None  # of the table that is open
    for token in tokens:
        if token.type == "heading_open":
            heading = int(token.tag[1])
        elif token.type == "heading_close":
            heading = 0
        elif token.type == "list_item_open":
            number = f"{token.info}{token.markup}" if token.info else ""
        elif token.type == "table_open":
            grid = []
        elif token.type == "table_close":
            yield from (Line(row) for row in pipe_lines(grid or ()))
            grid = None
        elif token.type == "tr_open" and grid is not None:
            grid.append([])
        elif token.type == "inline":
            words = _words(token.children or ())
            if grid is not None:
                grid[-1].append(join_cell(_BREAK.split(words)))
            else:
                yield Line(number + words, heading)
                number = ""
        elif token.type in ("fence", "code_block"):
            yield Line(token.content.rstrip("\n"))


def _words(tokens: Sequence[Token]) -> str:
    pieces = []
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            pieces.append("\n")
        elif token.children:  # the alternative text of a picture
            pieces.append(_words(token.children))
        else:
            pieces.append(token.content)
    return "".join(pieces)
