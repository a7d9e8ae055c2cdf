"""Any plan file → source text. The only place that knows formats.

What a file is, its content decides: the marks of PDF and of zip archives, the tags of a web page; the ending only
tells Markdown from plain text, and keeps files of other kinds out. To add a format: a module ``read_<format>.py`` that
makes a ``Draft``, a line in ``corpus/child.py`` and one in ``_kind`` here.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

from corpus.child import parse
from corpus.clean import visible
from corpus.errors import PlanUnreadable
from corpus.read_draft import DEFAULT_LIMITS, Draft, Limits, ReadError
from corpus.read_text import clean, read_text

SUFFIXES = (".txt", ".md", ".markdown", ".html", ".htm", ".docx", ".xlsx", ".pdf")  # what a folder of plans may hold
FORMATS = "txt, md, html, docx, xlsx and pdf"
_HTML_START = re.compile(rb"\s{0,200}(?:<!doctype\s{1,5}html|<html|<head|<body)", re.IGNORECASE)
_UOF = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,200})?<uof:UOF", re.IGNORECASE)
_OLE = b"\xd0\xcf\x11\xe0"
_STREAMS = (
    ("EncryptedPackage", "protected by a password; save it without one"),
    ("WordDocument", "an old Word or WPS document (doc, wps); save it as docx"),
    ("Workbook", "an old Excel or WPS workbook (xls, et); save it as xlsx"),
    ("Book", "an old Excel or WPS workbook (xls, et); save it as xlsx"),
    ("PowerPoint Document", "a presentation; save its text as txt or docx"),
)
_LINE = re.compile(r"[^\s][^\n]*")
# Characters that mean what one font makes of them; the standard of 2022 leaves none that a plan needs there.
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_OWN_FONT = "only the font that they were written with shows them"
_OTHER_KINDS = {  # first bytes of what people also call a document
    b"{\\rtf": "an RTF file; save it as docx",
    b"MIME-Version:": "a web archive (mht); save it as html",
    b"\x89PNG": "a picture; the text in it has to be recognised (OCR) and saved as txt first",
    b"\xff\xd8\xff": "a picture; the text in it has to be recognised (OCR) and saved as txt first",
    b"Rar!": f"an archive; unpack it, the formats read are {FORMATS}",
    b"7z\xbc\xaf": f"an archive; unpack it, the formats read are {FORMATS}",
    b"\x1f\x8b": f"an archive; unpack it, the formats read are {FORMATS}",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text as its readers see it: "\\n" ends lines, tables are lines ``| a | b |``, nothing is hidden.

    Offsets count code points of ``text``. It holds no NUL, no lone surrogate and no control
    character but tab and line feed.
    """

    text: str
    pages: tuple[tuple[int, int], ...] = ()  # (start in text, 1-based number); empty where there are no pages
    encoding: str = ""  # "utf-8", "gb18030", "cp950", …; "" where the format has none of its own
    format: str = "txt"  # txt, md, html, docx, xlsx or pdf
    title: str = ""  # the document's own title, "" if the format has none or the file does not say
    headings: tuple[tuple[int, int], ...] = ()  # (start in text, level from 1) of lines that are headings by style
    notes: tuple[str, ...] = ()  # what of the file was left out that its author may miss, a line each
    sha256: str = field(default="", compare=False)  # of the file


def read_source(path: Path, limits: Limits = DEFAULT_LIMITS, called: str = "") -> Source:
    """The text of a plan file; raises ``PlanUnreadable``: one line with the file, what is wrong and the remedy.

    ``called`` is what the line calls the file where that is not its path.
    """
    name = called or shown(path)
    try:
        with open_regular(path) as file:
            before = _state(file)
            data = file.read(limits.file_bytes + 1)
            if len(data) > limits.file_bytes:
                size = limits.file_bytes >> 20
                raise ReadError(f"is larger than {size} MB; save its text alone, or raise max_file_mb in [reading]")
            source = _source(path, data, file, limits)
            if _state(file) != before:  # parts of two versions may have been read
                raise ReadError("was changed while it was read; try again when it is saved")
    except ReadError as error:
        raise PlanUnreadable(f"{name}: {error}") from None
    except FileNotFoundError:
        raise PlanUnreadable(f"{name}: no such file; check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or "not a path"
        raise PlanUnreadable(f"{name}: cannot be read ({reason}); check the path and its permissions") from None
    return replace(source, sha256=hashlib.sha256(data).hexdigest())


def shown(path: Path) -> str:
    """A path on one line: a name may hold line breaks, control characters and bytes that are no text."""
    return "".join(char if char.isprintable() else "?" for char in str(path))


def open_regular(path: Path) -> IO[bytes]:
    """Opens without waiting, so that a pipe or a device named like a plan stops nobody.

    Raises ``ReadError`` for what is no regular file, ``OSError`` or ``ValueError`` for what cannot be opened.
    """
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    mode = os.fstat(number).st_mode
    if not stat.S_ISREG(mode):
        os.close(number)
        raise ReadError(f"is {'a folder' if stat.S_ISDIR(mode) else 'not a regular file'}; name a plan file")
    return os.fdopen(number, "rb")


def _state(file: IO[bytes]) -> tuple[int, int]:
    state = os.fstat(file.fileno())
    return state.st_size, state.st_mtime_ns


def _source(path: Path, data: bytes, file: IO[bytes], limits: Limits) -> Source:
    if not data.strip(b" \t\r\n\0"):
        raise ReadError("is empty; get the file again" if not data.strip(b"\0") else "holds only white space")
    kind = _kind(path, data)
    if kind == "txt":
        text, encoding = read_text(data)
        draft = None
    else:
        draft = parse(kind, file, limits)
        text, encoding = "", draft.encoding
    source = Source(text, encoding=encoding, format=kind) if draft is None else _assembled(draft, kind)
    if not source.text.strip("\ufeff\u200b\u3000\ufffd \t\n"):
        raise ReadError("has no text in it; get the file again")
    if len(source.text) > limits.characters:
        raise ReadError(f"has more than {limits.characters:,} characters; split it")
    if source.text.count("\n") >= limits.paragraphs < sum(1 for _ in _LINE.finditer(source.text)):
        raise ReadError(f"has more than {limits.paragraphs:,} paragraphs; split it")
    private = len(_PRIVATE.findall(source.text))
    if private:
        return replace(source, notes=(*source.notes, f"{private:,} characters are of a private area: {_OWN_FONT}"))
    return source


def _kind(path: Path, data: bytes) -> str:
    """The format by content; the ending has a say only where the content is text."""
    suffix = path.suffix.lower()
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "package"
    if data.startswith(_OLE):
        raise ReadError(f"is {_old_office(data)}")
    for start, what in _OTHER_KINDS.items():
        if data.startswith(start):
            raise ReadError(f"is {what}")
    if _UOF.match(data):
        raise ReadError("is a UOF document; save it as docx or xlsx")
    if suffix in (".html", ".htm") or _HTML_START.match(data.removeprefix(b"\xef\xbb\xbf")):
        return "html"
    if suffix in (".docx", ".xlsx", ".pdf"):
        raise ReadError(f"is not a {suffix[1:]} file, whatever its name says; get the file again")
    if suffix in (".md", ".markdown"):
        return "md"
    if suffix in (".txt", ".text", ""):
        return "txt"
    raise ReadError(f"is of no format that is read; the formats are {FORMATS}")


def _old_office(data: bytes) -> str:
    """What lies in a compound file, by the names of its streams (MS-CFB, 2.6.1: in UTF-16)."""
    found = (what for name, what in _STREAMS if name.encode("utf-16-le") in data)
    return next(found, "an old Office file, or one with a password; save it as docx or xlsx without a password")


def _assembled(draft: Draft, kind: str) -> Source:
    """The lines as one text. Cleaning keeps lengths but for "\\r\\n", which no reader leaves in a line."""
    pieces: list[str] = []
    pages: list[tuple[int, int]] = []
    headings: list[tuple[int, int]] = []
    at = 0
    for line in draft.lines:
        text = clean(line.text.replace("\r", ""))
        pages += [(at + min(offset, len(text)), number) for offset, number in line.pages]
        if line.heading:
            headings.append((at, line.heading))
        pieces.append(text)
        at += len(text) + 1
    title = visible(" ".join(clean(draft.title).split()))
    return Source(
        "\n".join(pieces), tuple(pages), draft.encoding, draft.format or kind, title, tuple(headings), draft.notes
    )
