"""Word documents: paragraphs and tables in reading order, with the numbers that Word shows.

Only the parts that hold text are unpacked, after the archive's own directory was inspected; no relationship is
followed out of the file, no macro, field or embedded object is looked at. What counts as the text: what a reader
sees in the body with all changes accepted, text boxes behind their paragraph. Left out: deletions, hidden text,
comments, embedded documents (each noted), page headers and footers, the table of contents. Footnotes stand at the
end, after ``NOTES_LINE``.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

from corpus.read_archive import UNPACK_ERRORS, open_archive
from corpus.read_draft import DEFAULT_LIMITS, NOTES_LINE, Draft, Limits, Line, ReadError
from corpus.read_numbering import Numbering, Styles, W, as_int, number_of, toggle, value
from corpus.tables import MAX_CELLS, MAX_COLUMNS, join_cell, pipe_lines

_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"  # the "strict" variant of the format
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_SPACES = " \t\u3000\u2002\u2003\xa0"

_SKIPPED = frozenset(
    f"{W}{name}"
    for name in ("pPr", "rPr", "del", "moveFrom", "instrText", "delText", "sdtPr", "sdtEndPr", "rt", "tblPr", "tblGrid")
)
_NOTES = {  # what was met → the note of it
    "hidden": "hidden text of the document was left out",
    "white": "some text is white; it was read, as a dark field may stand behind it",
    "deleted": "tracked deletions were left out and tracked insertions read",
    "comment": "comments were left out",
    "chunk": "a document that is embedded as a part of the text was left out; its text is missing",
    "object": "embedded objects or macros were left out",
}
_LEAST_SIZE = 2  # half-points: smaller than any print, as in read_pdf
_CHARACTERS = {f"{W}{name}": text for name, text in (
    ("tab", " "), ("ptab", " "), ("br", "\n"), ("cr", "\n"), ("noBreakHyphen", "-"),
)}  # fmt: skip


def read_docx(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Draft:
    """The text of a .docx file; raises ``ReadError`` for anything that is not a whole, plain Word document."""
    parts = open_archive(data)
    names = set(parts.namelist())
    main = next(_related(parts, "", "officeDocument"), "word/document.xml")
    if main not in names:
        raise ReadError("is an archive without a Word document in it; save it anew from Word")
    root = _xml(parts, main)
    if sum(1 for _ in root.iter(f"{W}p")) > limits.paragraphs:
        raise ReadError(f"has more than {limits.paragraphs:,} paragraphs; split it")

    def part(kind: str) -> Any | None:
        name = next(_related(parts, main, kind), "")
        return _xml(parts, name) if name in names else None

    styles = Styles(part("styles"))
    body = _Body(styles, Numbering(part("numbering"), styles))
    body.blocks(root.find(f"{W}body"))
    notes = {kind: part(f"{kind}s") for kind in ("footnote", "endnote")} if body.notes else {}
    body.write_notes(notes)
    title = "".join(body.title) or _core_title(parts, names)
    if any(name.startswith("word/embeddings/") or name.endswith("vbaProject.bin") for name in names):
        body.left_out["object"] += 1
    comments = part("comments")
    if comments is not None and any(element.text for element in comments.iter(f"{W}t")):
        body.left_out["comment"] += 1
    noted = tuple(note for what, note in _NOTES.items() if body.left_out[what])
    return Draft(tuple(body.lines), title, notes=noted)


def _xml(parts: zipfile.ZipFile, name: str) -> Any:
    try:
        data = parts.read(name)
    except UNPACK_ERRORS:
        raise ReadError(f"is damaged: its part {name!r} cannot be unpacked; get the file again") from None
    # No entity is resolved and nothing is loaded; the depth and size limits of libxml2 stay on.
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data.replace(_STRICT, W[1:-1].encode()), parser)
    except etree.XMLSyntaxError:
        raise ReadError(f"is damaged: its part {name!r} is not well-formed; save it anew from Word") from None
    if root.getroottree().docinfo.doctype:
        raise ReadError(f"declares a document type in {name!r}, which Word never does; save it anew from Word")
    return root


def _related(parts: zipfile.ZipFile, source: str, kind: str) -> Iterator[str]:
    """Names of the parts inside the archive that a part points to as ``kind``."""
    folder, file = posixpath.split(source)
    listing = posixpath.join(folder, "_rels", f"{file}.rels")
    if listing not in parts.namelist():
        return
    for element in _xml(parts, listing).iter(_RELATIONSHIP):
        if element.get("Type", "").rpartition("/")[2] == kind and element.get("TargetMode") != "External":
            target = element.get("Target", "")
            yield posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _core_title(parts: zipfile.ZipFile, names: set[str]) -> str:
    name = "docProps/core.xml"
    return (_xml(parts, name).findtext(f".//{_DC_TITLE}") or "").strip() if name in names else ""


class _Body:
    """Walks the body once and collects its lines; counters of lists move on as it goes."""

    def __init__(
        self, styles: Styles, numbering: Numbering, left_out: Counter[str] | None = None, *, in_cell: bool = False
    ) -> None:
        self.lines: list[Line] = []
        self.left_out: Counter[str] = Counter() if left_out is None else left_out  # of ``_NOTES``
        self.title: list[str] = []
        self.notes: list[tuple[str, str]] = []  # (footnote or endnote, id) in the order of their marks
        self._styles = styles
        self._numbering = numbering
        self._in_cell = in_cell
        self._carried = ""  # text of a paragraph whose end was deleted: it runs on in the next

    def blocks(self, parent: Any | None) -> None:
        """Paragraphs and tables below an element, in document order."""
        for child in parent if parent is not None else ():
            if child.tag == f"{W}p":
                self._paragraph(child)
            elif child.tag == f"{W}tbl":
                self._table(child)
            elif child.tag == f"{_MC}AlternateContent":
                self.blocks(_alternative(child))
            elif child.tag == f"{W}altChunk":
                self.left_out["chunk"] += 1
            elif isinstance(child.tag, str) and child.tag not in _SKIPPED:
                self.blocks(child)  # content controls, insertions, custom XML
        self._flush()

    def write_notes(self, parts: dict[str, Any | None]) -> None:
        """The footnotes and endnotes that the text points to, numbered in its order."""
        found: list[str] = []
        for kind, identity in self.notes:
            part = parts.get(kind)
            for note in part.iter(f"{W}{kind}") if part is not None else ():
                if note.get(f"{W}id") == identity:
                    inner = _Body(self._styles, self._numbering, self.left_out)
                    inner.blocks(note)
                    found.append(" ".join(line.text for line in inner.lines))
                    break
        if found:
            self.lines.append(Line(NOTES_LINE))
            self.lines += [Line(f"注{number}：{text}") for number, text in enumerate(found, 1)]

    def _paragraph(self, paragraph: Any) -> None:
        properties = paragraph.find(f"{W}pPr")
        style = value(properties, "pStyle") or self._styles.default
        names = [entry.name.lower() for _, entry in self._styles.chain(style)]
        if any(name.startswith(("toc ", "toc heading")) for name in names):
            return
        boxes: list[Any] = []
        pieces: list[str] = []
        self._inline(paragraph, self._styles.hidden(style), pieces, boxes)
        text = self._carried + _trim("".join(pieces))
        self._carried = ""
        mark = properties.find(f"{W}rPr") if properties is not None else None
        if mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None):
            self._carried = text
            return
        label = "" if toggle(mark, "vanish") and not text else self._label(properties, style)
        if text:
            if "title" in names:
                self.title.append(text.replace("\n", ""))
            self.lines.append(Line(label + text, 0 if "title" in names else self._heading(properties, style)))
        elif label and self._in_cell:
            self.lines.append(Line(label.strip()))  # a cell with nothing else in it: the number of the row
        for box in boxes:
            self.blocks(box)

    def _flush(self) -> None:
        if self._carried:
            self.lines.append(Line(self._carried))
            self._carried = ""

    def _label(self, properties: Any | None, style: str) -> str:
        list_id, ilvl = number_of(properties)
        chain = self._styles.chain(style)
        if list_id is None:
            list_id = next((entry.number[0] for _, entry in chain if entry.number[0] is not None), None)
            if list_id is not None and ilvl is None:
                ilvl = self._numbering.level_of_style(list_id, [identity for identity, _ in chain])
        if ilvl is None:
            ilvl = next((entry.number[1] for _, entry in chain if entry.number[1] is not None), 0)
        return self._numbering.label(list_id, ilvl) if list_id not in (None, "0") else ""

    def _heading(self, properties: Any | None, style: str) -> int:
        outline = as_int(value(properties, "outlineLvl"))
        for _, entry in self._styles.chain(style) if outline is None else ():
            name, _, level = entry.name.lower().rpartition(" ")
            if entry.outline is not None or (name in ("heading", "标题") and level.isdecimal()):
                outline = entry.outline if entry.outline is not None else int(level) - 1
                break
        return outline + 1 if outline is not None and outline < 9 else 0

    def _inline(self, parent: Any, hidden: bool, pieces: list[str], boxes: list[Any]) -> None:
        """Appends what a paragraph shows; text boxes are put aside, notes are remembered."""
        for child in parent:
            tag = child.tag
            if not isinstance(tag, str) or tag in _SKIPPED:
                if tag == f"{W}del" and any(element.text for element in child.iter(f"{W}delText", f"{W}t")):
                    self.left_out["deleted"] += 1
                continue
            if tag == f"{W}r":
                if not self._is_hidden(child, hidden):
                    self._inline(child, False, pieces, boxes)
                elif any(element.text for element in child.iter(f"{W}t")):
                    self.left_out["hidden"] += 1
            elif tag in (f"{W}t", _MATH_TEXT):
                pieces.append(child.text or "")
            elif tag in _CHARACTERS:
                pieces.append(_CHARACTERS[tag])
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                self.notes.append((tag.removeprefix(W).removesuffix("Reference"), child.get(f"{W}id", "")))
            elif tag == f"{W}txbxContent":
                boxes.append(child)
            elif tag == f"{_MC}AlternateContent":
                chosen = _alternative(child)
                if chosen is not None:
                    self._inline(chosen, hidden, pieces, boxes)
            else:
                self._inline(child, hidden, pieces, boxes)

    def _is_hidden(self, piece: Any, hidden: bool) -> bool:
        """Whether Word shows a run of text; ``hidden`` is what its paragraph says."""
        properties = piece.find(f"{W}rPr")
        if properties is None:
            return hidden
        own = toggle(properties, "vanish")
        if own is None and (style := value(properties, "rStyle")):
            own = self._styles.hidden(style) or None
        white = (value(properties, "color") or "").upper() == "FFFFFF" and properties.find(f"{W}shd") is None
        self.left_out["white"] += white and any((element.text or "").strip() for element in piece.iter(f"{W}t"))
        size = as_int(value(properties, "sz"))
        return (hidden if own is None else own) or (size is not None and size < _LEAST_SIZE)

    def _table(self, table: Any) -> None:
        self._flush()
        rows = [row for row in _within(table, "tr") if not self._is_gone(row)]
        grid: list[list[str]] = []
        frame: list[Line] = []  # the lines themselves, for a table that is only a frame round its text
        cells = 0
        for row in rows:
            properties = row.find(f"{W}trPr")
            filled = [""] * min(as_int(value(properties, "gridBefore")) or 0, MAX_COLUMNS)
            for cell in _within(row, "tc"):
                own = cell.find(f"{W}tcPr")
                lines = self._cell(cell)
                frame += lines
                text = join_cell(part for line in lines for part in line.text.split("\n"))
                merged = own.find(f"{W}vMerge") if own is not None else None
                if merged is not None and merged.get(f"{W}val", "continue") == "continue" and grid:
                    text = grid[-1][len(filled)] if len(filled) < len(grid[-1]) else ""
                span = min(max(as_int(value(own, "gridSpan")) or 1, 1), MAX_COLUMNS - len(filled))
                filled += [text] * span
            grid.append(filled)
            cells += len(filled)
            if cells > MAX_CELLS:
                raise ReadError(f"has a table of more than {MAX_CELLS:,} cells; split it")
        if max(map(len, grid), default=0) > 1:
            self.lines += [Line(text) for text in pipe_lines(grid)]
        else:
            self.lines += frame

    def _is_gone(self, row: Any) -> bool:
        properties = row.find(f"{W}trPr")
        if properties is None:
            return False
        deleted = properties.find(f"{W}del") is not None
        hidden = bool(toggle(properties, "hidden"))
        self.left_out["deleted"] += deleted
        self.left_out["hidden"] += hidden
        return deleted or hidden

    def _cell(self, cell: Any) -> list[Line]:
        inner = _Body(self._styles, self._numbering, self.left_out, in_cell=True)
        inner.notes = self.notes
        inner.blocks(cell)
        return inner.lines


def _within(parent: Any, name: str) -> Iterator[Any]:
    """Rows of a table or cells of a row, also inside content controls, but not those of a nested table."""
    for child in parent:
        if child.tag == f"{W}{name}":
            yield child
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED and child.tag not in (f"{W}tc", f"{W}trPr"):
            yield from _within(child, name)


def _alternative(element: Any) -> Any | None:
    """The first rendering that is offered; its fallback repeats the same text in an older form."""
    choice = element.find(f"{_MC}Choice")
    return choice if choice is not None else element.find(f"{_MC}Fallback")


def _trim(text: str) -> str:
    """Each line of a paragraph without white space around it; empty lines go."""
    return "\n".join(kept for line in text.split("\n") if (kept := line.strip(_SPACES)))
