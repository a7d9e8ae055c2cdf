"""The zip archive that an office document is: opened only after its own directory was looked at.

A directory tells how large everything unpacks to before a byte is unpacked, so that a bomb costs nothing.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import NoReturn
from xml.parsers import expat

from corpus.read_draft import ReadError

MAX_ENTRIES = 2_000
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_RATIO = 100  # unpacked to packed; Word's own most repetitive part has about 25
_SMALL = 64 * 1024  # a part under this size is no bomb, however well it packs
# What zipfile raises over a part that is damaged, encrypted or packed in a way that it does not know.
# ValueError: it lies before the beginning of the file, or its name is in no encoding.
UNPACK_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


def open_archive(data: bytes, kind: str = "Word document", program: str = "Word") -> zipfile.ZipFile:
    """The archive of an office document; ``kind`` and ``program`` are what its reasons call it and what writes it.

    Raises ``ReadError`` where it is damaged, has a password, unpacks to too much, or has doubled or stray names.
    """
    try:
        parts = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise ReadError(f"is not a whole {kind}: the archive is damaged or cut off; get the file again") from None
    entries = parts.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise ReadError("unpacks to more than is read; save the text alone as a new document")
    if any(e.file_size > _SMALL and e.file_size > MAX_RATIO * max(e.compress_size, 1) for e in entries):
        raise ReadError(f"is packed more than {MAX_RATIO}-fold, as no office document is; save it anew from {program}")
    if any(entry.flag_bits & 1 for entry in entries):
        raise ReadError("is protected by a password; save it without one")
    if len(set(names)) < len(names) or any(map(_is_stray, names)):
        raise ReadError(f"is not a plain {kind}: its archive has doubled or stray names; save it anew from {program}")
    return parts


def _is_stray(name: str) -> bool:
    """Whether a name leads out of the folder that an archive is unpacked into (ours never is)."""
    name = name.replace("\\", "/")
    return ".." in name.split("/") or name.startswith("/") or name[1:3] == ":/"


class _RootBegins(Exception):
    """The root element begins: a document type can no longer come."""


class _TypeDeclared(Exception):
    """A document type begins; nothing of its declarations has been read yet."""


def refuse_document_types(parts: zipfile.ZipFile, program: str) -> None:
    """Raises ``ReadError`` where a part declares a document type, with which entities, and their bombs, begin.

    For readers whose XML parser is not ours. Each part is read up to its root element alone; what is no XML, such
    as a picture, declares nothing.
    """
    for name in parts.namelist():
        parser = expat.ParserCreate()
        parser.StartElementHandler = _raising(_RootBegins)
        parser.StartDoctypeDeclHandler = _raising(_TypeDeclared)
        try:
            with parts.open(name) as part:
                while piece := part.read(1 << 16):
                    parser.Parse(piece)
        except (_RootBegins, expat.ExpatError):
            continue
        except _TypeDeclared:
            raise ReadError(
                f"declares a document type in {name!r}, which {program} never does; save it anew from {program}"
            ) from None
        except UNPACK_ERRORS:
            raise ReadError(f"is damaged: its part {name!r} cannot be unpacked; get the file again") from None


def _raising(error: type[Exception]) -> Callable[..., NoReturn]:
    def handle(*_: object) -> NoReturn:
        raise error

    return handle
