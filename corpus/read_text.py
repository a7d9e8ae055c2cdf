"""Bytes → characters for plain text and web pages: never a guess that nobody notices.

The order is strict UTF-8, UTF-16 by its byte-order mark, then GB18030 and Big5 side by side. Nearly every Big5
file is also valid GB18030 (and reads as rare characters), so both are decoded strictly and the one whose characters
are common in Chinese wins. What is common in neither goes to charset-normalizer, whose finding has to pass the
same test; else the file is refused with the remedy.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from corpus.fold import fold
from corpus.read_draft import ReadError

_SAMPLE = 4000  # characters that are looked at to judge a decoding
_PLAUSIBLE = 0.85  # share of common characters; real plans have over .97, wrong decodings under .6
_PIECE = 40  # letters beyond ASCII that are looked at together, to find where another encoding begins
_TELLING = 20  # so many say something
_LEAST_COMMON = 0.6  # of a piece; plans have over .9, lists of names over .7
_STRANGE_SHARE = 0.03  # of a piece
_NO_LETTER = frozenset({"Cn", "Co"})  # no character at all, or private
_MAX_CONTROLS = 0.001  # share of control characters beyond which a file is not text
_REMEDY = "save it as UTF-8 text"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
# What a page calls gb2312 is GB18030 in practice, and what it calls big5 is Microsoft's cp950.
_HINTS = {"gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030", "big5": "cp950"}
# Python's codec is that of the edition of 2000, which put 25 characters into the private use area. The edition of 2005
# moved one of them (ḿ, A8BC), that of 2022 eighteen (A6D9 to A6F3 and FE59 to FEA0, its table of changed mappings).
# The other six (FE51 and on) it leaves there and gives each a second place of four bytes, in Extension B: the same
# characters, so they are read as these.
_GB_2022 = dict(
    zip(
        (
            *(*range(0xE78D, 0xE797), 0xE81E, 0xE826, 0xE82B, 0xE82C, 0xE832, 0xE843, 0xE854, 0xE864),
            *(0xE7C7, 0xE816, 0xE817, 0xE818, 0xE831, 0xE83B, 0xE855),
        ),
        (
            *(0xFE10, 0xFE12, 0xFE11, *range(0xFE13, 0xFE1A), *range(0x9FB4, 0x9FBC)),
            *(0x1E3F, 0x20087, 0x20089, 0x200CC, 0x215D7, 0x2298F, 0x241FE),
        ),
        strict=True,
    )
)
# Line ends of every kind, and the vertical and form feeds with which word processors save a break.
_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Nothing below may reach a database or JSON: controls, noncharacters, halves of a surrogate pair.
_UNFIT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]")


def decode(data: bytes, hint: str = "") -> tuple[str, str]:
    """(text, name of the encoding); ``hint`` is what the file says of itself, tried after UTF-8.

    The text still has its own line ends. Raises ``ReadError`` where no encoding is beyond doubt.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            text = _strict(data, name)
            if name != "utf-8" and _is_patchy(text, name):
                raise ReadError(f"begins as {name} and goes on in another encoding; {_REMEDY}")
            return text, name
    if b"\x00" in data:
        raise ReadError(f"holds NUL bytes: not a text file, or UTF-16 without a byte-order mark; {_REMEDY}")
    broken_at = 0
    try:
        text = data.decode("utf-8")
        # A few characters of GB18030 can be valid UTF-8 (通知 reads as two Arabic and Greek letters): look again
        # at text beyond ASCII that has nothing Chinese in it.
        if data.isascii() or commonness(text) > 0 or commonness(_try(data, "gb18030") or "") < 1:
            return text, "utf-8"
    except UnicodeDecodeError as error:
        broken_at = error.start
    hinted = _HINTS.get(hint.lower())
    tried = {name: read for name in ("gb18030", "cp950", "big5hkscs") if (read := _try(data, name)) is not None}
    scores = {name: commonness(read) for name, read in tried.items()}
    if hinted and scores.get(hinted, 0.0) >= _PLAUSIBLE:
        best = hinted
    else:
        best = max(scores, key=lambda name: scores[name], default="")  # GB18030 wins a tie: it is tried first
    if best and scores[best] >= _PLAUSIBLE:
        text = tried[best].translate(_GB_2022) if best == "gb18030" else tried[best]
        if _is_patchy(text, best):
            raise ReadError(f"begins as {best} and goes on in another encoding; {_REMEDY}")
        return text, best
    guessed = _detect(data)
    if guessed:
        return guessed
    raise ReadError(f"is in no encoding that can be told (UTF-8 breaks at byte {broken_at}); {_REMEDY}")


def commonness(text: str) -> float:
    """The share, 0 to 1, of characters beyond ASCII that are everyday Chinese or its punctuation.

    Everyday means level 1 of GB 2312 (3,755 characters) after conversion to simplified. Text without any
    character beyond ASCII gives 0: it says nothing about an encoding.
    """
    sample = re.sub(r"[\x00-\x7f\s]+", "", text[: 4 * _SAMPLE])[:_SAMPLE]
    return sum(_everyday(char) for char in fold(sample)) / len(sample) if sample else 0.0


def clean(text: str) -> str:
    """Line ends as "\\n", and nothing that JSON or a database refuses; controls become U+FFFD, one for one."""
    return _UNFIT.sub("\ufffd", _LINE_END.sub("\n", text))


def read_text(data: bytes) -> tuple[str, str]:
    """(text, encoding) of a plain text or Markdown file; the text is the file's own but for its line ends.

    Raises ``ReadError`` for binary data and where the encoding is in doubt.
    """
    text, encoding = decode(data)
    if len(_UNFIT.findall(text)) > _MAX_CONTROLS * len(text) + 2:
        raise ReadError(f"is not text: it is full of control characters; {_REMEDY}")
    return clean(text.removeprefix("\ufeff")), encoding


def declared_charset(data: bytes) -> str:
    """What a web page's head says of its encoding, or ""."""
    found = _CHARSET.search(data[:4096])
    return found[1].decode("ascii") if found else ""


def _is_patchy(text: str, name: str) -> bool:
    """Whether a part of a text reads as no language does: another encoding begins there.

    Looked at in pieces, because the whole may hide a short part. Private characters tell, and what is no character
    at all; in GB18030 and Big5, where nearly all bytes are something, rare ones as well.
    """
    letters = [char for char in text if char > "\x7f" and (char.isalpha() or unicodedata.category(char) in _NO_LETTER)]
    for start in range(0, len(letters), _PIECE):
        piece = "".join(letters[max(0, min(start, len(letters) - _PIECE)) : start + _PIECE])
        if len(piece) < _TELLING:
            continue
        if sum(unicodedata.category(char) in _NO_LETTER for char in piece) > _STRANGE_SHARE * len(piece):
            return True
        if not name.startswith("utf") and commonness(piece) < _LEAST_COMMON:
            return True
    return False


def _everyday(char: str) -> bool:
    try:
        lead = char.encode("gb2312")[0]
    except UnicodeEncodeError:
        return char in "·—…〇"
    # Rows 1 to 3 are punctuation, numbers and full-width forms (Greek, kana and Cyrillic follow); 16 to 55 level 1
    return lead < 0xA4 or 0xB0 <= lead <= 0xD7


def _strict(data: bytes, name: str) -> str:
    try:
        return data.decode(name).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise ReadError(f"begins as {name} and breaks at byte {error.start}; {_REMEDY}") from None


def _try(data: bytes, name: str) -> str | None:
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return None


def _detect(data: bytes) -> tuple[str, str] | None:
    from charset_normalizer import from_bytes  # imported late: almost no file needs it

    best = from_bytes(data[: 16 * _SAMPLE]).best()
    found = _try(data, best.encoding) if best else None
    if best is None or found is None or commonness(found) < _PLAUSIBLE:
        return None
    return found, best.encoding
