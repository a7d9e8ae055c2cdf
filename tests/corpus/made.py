"""Files made by tests, byte by byte where that matters: Word packages, PDFs, and what goes wrong with them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from corpus.errors import PlanUnreadable
from corpus.library import read_plan
from corpus.model import Plan

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LISTING = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'

# -- Word ---------------------------------------------------------------------------------------------------------


def run(text: str, properties: str = "") -> str:
    """A run of text with run properties."""
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def para(inner: str = "", properties: str = "") -> str:
    """A paragraph of text, or of the elements given."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner if inner.startswith('<') or not inner else run(inner)}</w:p>"


def parts_of(body: str, *, parts: dict[str, str] | None = None, relations: str = "") -> dict[str, bytes | str]:
    """The parts of the smallest .docx with this body; ``parts`` by kind: styles, numbering, footnotes."""
    parts = parts or {}
    relations += "".join(
        f'<Relationship Id="r{n}" Type="{RELATIONS}/{kind}" Target="{kind}.xml"/>' for n, kind in enumerate(parts)
    )
    return {
        "_rels/.rels": f'<Relationships {LISTING}><Relationship Id="r" Type="{RELATIONS}/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f"<Relationships {LISTING}>{relations}</Relationships>",
        "word/document.xml": f"<w:document {NAMES}><w:body>{body}</w:body></w:document>",
        **{f"word/{kind}.xml": f"<w:{kind} {NAMES}>{inner}</w:{kind}>" for kind, inner in parts.items()},
    }


def zipped(files: dict[str, bytes | str], pack: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of these files, in their order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", pack) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def package(
    body: str,
    *,
    parts: dict[str, str] | None = None,
    entries: dict[str, bytes] | None = None,
    pack: int = zipfile.ZIP_DEFLATED,
    relations: str = "",
) -> bytes:
    """The smallest .docx with this body, and further entries of its archive."""
    return zipped({**parts_of(body, parts=parts, relations=relations), **(entries or {})}, pack)


def raw_zip(entries: Sequence[tuple[str, bytes]]) -> bytes:
    """An archive of stored entries, whose names may come twice: what ``zipfile`` warns of when writing."""
    out, listing = b"", b""
    for name, content in entries:
        checked, size, written = zlib.crc32(content), len(content), name.encode()
        common = struct.pack("<HHHHHIIIHH", 20, 0x800, 0, 0, 0x21, checked, size, size, len(written), 0)
        listing += (
            b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + written
        )
        out += b"PK\x03\x04" + common + written + content
    end = struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(listing), len(out), 0)
    return out + listing + b"PK\x05\x06" + end


# -- PDF ----------------------------------------------------------------------------------------------------------


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"/Root 1 0 R") -> bytes:
    """A PDF of numbered objects, the first of which is number 1."""
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer<</Size %d%s>>\nstartxref\n%d\n%%%%EOF" % (size, trailer, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + end


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object, packed if ``entries`` name no filter of their own."""
    if b"/Filter" not in entries:
        data, entries = zlib.compress(data), entries + b"/Filter/FlateDecode"
    return b"<</Length %d%s>>stream\n%s\nendstream" % (len(data), entries, data)


HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def pages_of(
    content: bytes,
    pages: int = 1,
    *,
    font: bytes = HELVETICA,
    catalog: bytes = b"",
    page: bytes = b"",
    more: Sequence[bytes] = (),
) -> bytes:
    """A PDF whose pages all show one stream object; entries may be added to its catalog and pages.

    Object 3 is the stream, 4 the font, 5 and on are the pages, then come ``more``.
    """
    kids = b" ".join(b"%d 0 R" % (5 + n) for n in range(pages))
    head = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources<</Font<</F1 4 0 R>>>>%s>>"
    return pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
            b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
            content,
            font,
            *[head % page] * pages,
            *more,
        ]
    )


SHOWN = b"BT /F1 12 Tf 72 700 Td (plan of work) Tj ET"  # what a page of ``pages_of`` may show


# -- reading what was made ----------------------------------------------------------------------------------------

NORMAL = "一、推动企业开办\n1.整合窗口。（市市场监管局牵头，市税务局配合）\n"


def written(folder: Path, data: bytes | str, name: str) -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def reason(path: Path) -> str:
    """Why a file is refused: one line, with the file in front. An error where it is read."""
    try:
        plan = read_plan(path)
    except PlanUnreadable as refusal:
        told = str(refusal)
        assert told.startswith(f"{path}: "), told
        assert "\n" not in told
        assert len(told) < len(str(path)) + 300
        return told.removeprefix(f"{path}: ")
    raise AssertionError(f"{path.name} was read: {plan.text[:80]!r}")


def next_is_read(folder: Path) -> None:
    """Whatever was read before, an ordinary file is read right."""
    plan = read_plan(
        written(folder, package(para("一、推动企业开办") + para("1.整合窗口。（市市场监管局牵头）")), "next.docx")
    )
    assert [a.lead for a in plan.assignments] == [("市市场监管局",)]


def memory() -> int:
    """Bytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def paths_of(plan: Plan) -> list[str]:
    """The paths of a plan's clauses."""
    return [clause.path for clause in plan.clauses if not clause.part]
