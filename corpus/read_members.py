"""The files in a zip archive: their names as their author wrote them, and the content of one.

Both run in a child process. Names only tell what a file is and what its plan is called; no path of an archive is ever
used on disk.
"""

from __future__ import annotations

import zipfile
from contextlib import suppress

from corpus.read_archive import UNPACK_ERRORS, open_archive
from corpus.read_draft import Member, ReadError
from corpus.read_package import package_kind
from corpus.read_text import commonness

_PROGRAM = "the program that made it"
_UTF8 = 0x800  # the flag of a name that says its encoding
# What systems put into archives beside the files.
_SYSTEM = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


def read_members(data: bytes) -> tuple[Member, ...] | None:
    """The files of an archive in its order, None for an office document; raises ``ReadError`` for a damaged one.

    Folders, hidden files and what systems leave in archives are not listed.
    """
    if package_kind(data) != "zip":
        return None
    with open_archive(data, "archive", _PROGRAM) as parts:
        found = []
        for place, entry in enumerate(parts.infolist()):
            name = _name(entry)
            base = name.rpartition("/")[2]
            if not entry.is_dir() and base and not base.startswith((".", "~$")) and not _of_system(name):
                found.append(Member(place, name, entry.file_size))
        return tuple(found)


def read_member(data: bytes, place: int) -> bytes:
    """The content of one file of an archive; raises ``ReadError`` where it cannot be unpacked whole."""
    with open_archive(data, "archive", _PROGRAM) as parts:
        entry = parts.infolist()[place]
        try:
            content = parts.read(entry)
        except UNPACK_ERRORS:
            raise ReadError("is damaged in its archive: it cannot be unpacked; pack it anew") from None
        if len(content) != entry.file_size:
            raise ReadError("is damaged in its archive: it has another size than the archive says; pack it anew")
        return content


def _of_system(name: str) -> bool:
    return name.startswith(_SYSTEM[0]) or name.rpartition("/")[2] in _SYSTEM


def _name(entry: zipfile.ZipInfo) -> str:
    """A name without the flag of UTF-8 was taken for cp437, which loses nothing: its bytes can be had back."""
    name = entry.filename
    if not entry.flag_bits & _UTF8 and not name.isascii():
        raw = name.encode("cp437", "surrogateescape")
        read = []
        for encoding in ("utf-8", "gb18030"):  # macOS writes the one without saying so, Windows in China the other
            with suppress(UnicodeDecodeError):
                read.append(raw.decode(encoding))
        name = max(read, key=commonness, default=name)  # few bytes may be both: 图 in the one is ͼ in the other
    return name.replace("\\", "/")
