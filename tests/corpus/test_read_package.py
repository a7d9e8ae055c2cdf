"""What a zip archive or a compound file is, by what is in it: read, or refused with what to do about it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from openpyxl import Workbook

from corpus.errors import PlanUnreadable
from corpus.read import read_source
from corpus.read_package import package_kind


def archive(**parts: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def word() -> bytes:
    document = docx.Document()
    document.add_paragraph("1.铺步道。(市园林局牵头)")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def workbook() -> bytes:
    book = Workbook()
    book.active["A1"] = "铺步道"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def compound(*streams: str) -> bytes:
    """The head of an OLE file and the names in its directory, as MS-CFB 2.6.1 writes them."""
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(504)
        + b"".join(s.encode("utf-16-le").ljust(128, b"\0") for s in streams)
    )


def retyped(data: bytes, old: bytes, new: bytes) -> bytes:
    """An office document with another type of content for its main part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            assert name != "[Content_Types].xml" or old in content
            made.writestr(name, content.replace(old, new) if name == "[Content_Types].xml" else content)
    return out.getvalue()


MACROS = retyped(
    word(),
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    b"application/vnd.ms-word.document.macroEnabled.main+xml",
)
BOOK_MACROS = retyped(
    workbook(),
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
)
OPEN = "application/vnd.oasis.opendocument."
TYPES = {"[Content_Types].xml": "<Types/>"}

REFUSED = [
    ("a.docm", MACROS, r"holds macros \(docm\); save it as docx"),
    ("a.xlsm", BOOK_MACROS, r"holds macros \(xlsm\); save it as xlsx"),
    ("a.xlsb", archive(**TYPES, **{"xl/workbook.bin": "x"}), r"a binary workbook \(xlsb\); save it as xlsx"),
    ("a.pptx", archive(**TYPES, **{"ppt/presentation.xml": "x"}), "a presentation"),
    ("a.odt", archive(mimetype=f"{OPEN}text", **{"content.xml": "x"}), "an OpenDocument file; save it as docx"),
    ("a.ods", archive(mimetype=f"{OPEN}spreadsheet"), "an OpenDocument file; save it as xlsx"),
    ("a.ofd", archive(**{"OFD.xml": "x", "Doc_0/Document.xml": "x"}), "an OFD document; save or print it as pdf"),
    ("a.pages", archive(**{"Index/Document.iwa": "x"}), "Pages, Numbers or Keynote; export it as docx"),
    ("a.epub", archive(**{"META-INF/container.xml": "x", "mimetype": "application/epub+zip"}), "an e-book"),
    ("a.docx", archive(**{"a.txt": "x"}), "an archive of files; unpack it, or give it alone"),
    ("a.xlsx", archive(), "an archive of files"),
    ("a.docx", archive(**TYPES, **{"word/styles.xml": "x"}), "an archive without a Word document"),
    ("a.docx", word()[:-30], "damaged or cut off"),
    ("a.zip", b"PK\x03\x04" + bytes(60), "damaged or cut off"),
    ("a.xlsx", "编号,任务\n".encode(), "is not a xlsx file, whatever its name says"),
    ("a.docx", compound("EncryptedPackage", "EncryptionInfo"), "protected by a password; save it without one"),
    ("a.xlsx", compound("EncryptedPackage", "EncryptionInfo"), "protected by a password; save it without one"),
    ("a.doc", compound("WordDocument", "1Table"), r"an old Word or WPS document \(doc, wps\); save it as docx"),
    ("a.wps", compound("WordDocument"), "save it as docx"),
    ("a.xls", compound("Workbook"), r"an old Excel or WPS workbook \(xls, et\); save it as xlsx"),
    ("a.et", compound("Workbook"), "save it as xlsx"),
    ("a.xls", compound("Book"), "save it as xlsx"),
    ("a.ppt", compound("PowerPoint Document"), "a presentation"),
    ("a.wps", compound("Contents"), "an old Office file, or one with a password"),
    ("a.uof", b'<?xml version="1.0"?>\n<uof:UOF xmlns:uof="x">', "a UOF document; save it as docx"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "reason"), REFUSED, ids=[f"{n}: {r[:25]}" for n, _, r in REFUSED])
def test_other_documents_are_named_with_a_remedy(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(PlanUnreadable, match=reason) as error:
        read_source(path)
    assert str(error.value).startswith(f"{path}: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.doc", "a.wps", "a.zip", "a"])
@pytest.mark.parametrize(
    ("data", "kind", "text"), [(word(), "docx", "1.铺步道。(市园林局牵头)"), (workbook(), "xlsx", "铺步道")]
)
def test_what_is_inside_decides_not_the_ending(tmp_path: Path, name: str, data: bytes, kind: str, text: str) -> None:
    (tmp_path / name).write_bytes(data)
    source = read_source(tmp_path / name)
    assert (source.format, source.text) == (kind, text)
    assert package_kind(data) == kind


def test_an_archive_that_holds_documents_unpacked_is_an_archive() -> None:
    assert package_kind(archive(**{"a.docx": word(), "b/c.xlsx": workbook()})) == "zip"


def test_a_page_under_the_name_of_an_old_document_is_read(tmp_path: Path) -> None:
    """What systems of offices offer as .doc and .xls is often a web page."""
    for name in ("a.doc", "a.xls"):
        (tmp_path / name).write_text("<html><body><p>1.铺步道。(市园林局牵头)</p></body></html>", encoding="utf-8")
        source = read_source(tmp_path / name)
        assert (source.format, source.text) == ("html", "1.铺步道。(市园林局牵头)")
