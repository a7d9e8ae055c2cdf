"""What a zip archive is: a Word document, a workbook, something else that programs pack so, or plain files.

Names of parts tell them apart; the ending of the file does not.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

from corpus.read_archive import UNPACK_ERRORS
from corpus.read_docx import read_docx
from corpus.read_draft import DEFAULT_LIMITS, Draft, Limits, ReadError
from corpus.read_xlsx import read_xlsx

CONTENT_TYPES = "[Content_Types].xml"
# A part whose name begins so tells what an archive is that has no types of content.
_OTHERS = (
    ("OFD.xml", "an OFD document; save or print it as pdf from its reader"),
    ("Index/", "a document of Pages, Numbers or Keynote; export it as docx, xlsx or pdf"),
    ("Index.zip", "a document of Pages, Numbers or Keynote; export it as docx, xlsx or pdf"),
    ("META-INF/container.xml", "an e-book; save its text as txt"),
)
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument."
_MIME = "mimetype"


def read_package(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """The text of a .docx or .xlsx, with ``format`` set; raises ``ReadError`` for every other archive."""
    kind = package_kind(data)
    if kind == "docx":
        return replace(read_docx(data, limits), format="docx")
    if kind == "xlsx":
        return replace(read_xlsx(data, limits), format="xlsx")
    raise ReadError("is an archive of files; unpack it, or give it alone to extract or build")


def package_kind(data: bytes) -> str:
    """ "docx", "xlsx", or "zip" for plain files; raises ``ReadError`` for what is not read and what is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            names = frozenset(parts.namelist())
            types = _start(parts, CONTENT_TYPES) if CONTENT_TYPES in names else b""
            mime = _start(parts, _MIME) if _MIME in names else b""
    except (*UNPACK_ERRORS, ValueError):
        raise ReadError(
            "is not a whole Word document, Excel workbook or zip: the archive is damaged or cut off; get the file again"
        ) from None
    if CONTENT_TYPES in names or "_rels/.rels" in names:
        return _office(names, types)
    if mime.startswith(_OPEN_DOCUMENT):
        sheet = mime.removeprefix(_OPEN_DOCUMENT).startswith(b"spreadsheet")
        raise ReadError(f"is an OpenDocument file; save it as {'xlsx' if sheet else 'docx'}")
    for start, what in _OTHERS:
        if any(name.startswith(start) for name in names):
            raise ReadError(f"is {what}")
    return "zip"


def _office(names: frozenset[str], types: bytes) -> str:
    kind = next((kind for kind in ("word", "xl", "ppt") if any(name.startswith(f"{kind}/") for name in names)), "")
    if kind == "ppt":
        raise ReadError("is a presentation; save its text as txt or docx")
    if b"macroEnabled" in types:
        word = kind == "word"
        raise ReadError(f"holds macros ({'docm' if word else 'xlsm'}); save it as {'docx' if word else 'xlsx'}")
    if "xl/workbook.bin" in names:
        raise ReadError("is a binary workbook (xlsb); save it as xlsx")
    if kind == "xl":
        return "xlsx"
    return "docx"  # its reader says so where the document is missing


def _start(parts: zipfile.ZipFile, name: str) -> bytes:
    with parts.open(name) as part:
        return part.read(1 << 16)
