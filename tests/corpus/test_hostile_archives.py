"""Word documents that attack their reader, or hide something: each refused in one line, or read for what it shows.

The numbers in the names are those of the project's list of bad inputs.
"""

from __future__ import annotations

import random
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.library import read_plan
from corpus.read import read_source
from corpus.read_docx import read_docx
from corpus.read_draft import NOTES_LINE
from tests.corpus.made import (
    LISTING,
    NAMES,
    RELATIONS,
    SHOWN,
    memory,
    next_is_read,
    package,
    pages_of,
    para,
    parts_of,
    raw_zip,
    reason,
    run,
    stream,
    written,
)

TASK = para("一、推动企业开办") + para("1.整合窗口。（市市场监管局牵头）")
SEEN = ["一、推动企业开办", "1.整合窗口。（市市场监管局牵头）"]
MB = 1 << 20


def lines(body: str, **parts: str) -> list[str]:
    return [line.text for line in read_docx(package(body, parts=parts)).lines]


def noise(count: int) -> str:
    """Elements that do not pack: a bomb that no ratio gives away."""
    chance = random.Random(40)
    return "".join(f"<w:p w:a='{chance.getrandbits(64):x}'/>" for _ in range(count))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: package("<w:p/>" * 1_000_000), "packed more than 100-fold"),
        (lambda: package(noise(60_000)), "more than 50,000 paragraphs"),
        (lambda: package("<w:p/>" * 50_001, pack=zipfile.ZIP_STORED), "more than 50,000 paragraphs"),
    ],
    ids=["packed", "unpackable", "stored"],
)
def test_e40_a_million_empty_paragraphs_are_counted_before_they_are_read(
    tmp_path: Path, make: Callable[[], bytes], told: str
) -> None:
    assert told in reason(written(tmp_path, make(), "plan.docx"))
    next_is_read(tmp_path)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: package(para("一" * 30_000_000)), "packed more than 100-fold"),
        (lambda: package(para("一" * 70_000_000)), "unpacks to more than is read"),
        (lambda: package(TASK, entries={"word/media/a.bin": bytes(210 * MB)}), "unpacks to more than is read"),
        (lambda: package(TASK, entries={"word/media/a.bin": bytes(5 * MB)}), "packed more than 100-fold"),
        (lambda: package(para("一" * 1_000_000), pack=zipfile.ZIP_BZIP2), "packed more than 100-fold"),
        (lambda: package(para("a" * 11_000_000), pack=zipfile.ZIP_STORED), "not well-formed"),  # libxml2's own limit
        (lambda: package(para("一" * 2_000_001), pack=zipfile.ZIP_STORED), "more than 2,000,000 characters"),
    ],
    ids=["text 90 MB", "text 210 MB", "zeros 210 MB", "zeros 5 MB", "bzip2", "one text of 11 MB", "characters"],
)
def test_e41_bombs_are_told_by_the_directory_of_the_archive(
    tmp_path: Path, make: Callable[[], bytes], told: str
) -> None:
    path = written(tmp_path, make(), "plan.docx")
    before = memory()
    assert told in reason(path)
    assert memory() - before < 40 * MB
    next_is_read(tmp_path)


LAUGHS = '<!DOCTYPE d [<!ENTITY a "haha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1 if n else str()};" * 10}">' for n in range(9)
)
DOCTYPES = {
    "laughs": (f"{LAUGHS}]>", "&a8;"),
    "quadratic": (f'<!DOCTYPE d [<!ENTITY a "{"x" * 500}">]>', "&a;" * 500),
    "external": ('<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>', "甲&x;乙"),
    "parameter": ('<!DOCTYPE d [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]>', "甲"),
    "bare": ("<!DOCTYPE d>", "甲"),
}


@pytest.mark.parametrize("case", DOCTYPES)
def test_e42_a_document_type_is_refused(tmp_path: Path, case: str) -> None:
    declared, text = DOCTYPES[case]
    part = f"{declared}<w:document {NAMES}><w:body>{para(run(text))}</w:body></w:document>".encode()
    told = reason(written(tmp_path, package("", entries={"word/document.xml": part}), "plan.docx"))
    assert "declares a document type" in told or "not well-formed" in told or "100-fold" in told
    next_is_read(tmp_path)


@pytest.mark.parametrize("kind", ["styles", "numbering", "footnotes"])
def test_e42_in_every_part_that_is_read(tmp_path: Path, kind: str) -> None:
    part = f'<!DOCTYPE d [<!ENTITY x "y">]><w:{kind} {NAMES}/>'.encode()
    body = TASK + para('<w:r><w:footnoteReference w:id="1"/></w:r>')
    data = package(body, parts={kind: ""}, entries={f"word/{kind}.xml": part})
    assert f"declares a document type in 'word/{kind}.xml'" in reason(written(tmp_path, data, "plan.docx"))


def test_e42_an_entity_that_nothing_declares_loses_no_text_silently(tmp_path: Path) -> None:
    assert "not well-formed" in reason(written(tmp_path, package(para(run("甲&x;乙"))), "plan.docx"))


def directory(data: bytes, offset: int, value: bytes) -> bytes:
    """An archive whose directory says something else of each entry."""
    changed, at = bytearray(data), 0
    while (at := changed.find(b"PK\x01\x02", at)) >= 0:
        changed[at + offset : at + offset + len(value)] = value
        at += 4
    return bytes(changed)


WHOLE = package(TASK)
STORED = package(TASK, pack=zipfile.ZIP_STORED)
PLAIN = [(name, content.encode() if isinstance(content, str) else content) for name, content in parts_of(TASK).items()]
OTHER = parts_of(para("二、别的"))["word/document.xml"]
BROKEN = {
    "elements 5,000 deep": (package("<w:sdt>" * 5000 + "</w:sdt>" * 5000, pack=0), "not well-formed"),
    "tables 300 deep": (
        package("<w:tbl><w:tr><w:tc>" * 300 + para("甲") + "</w:tc></w:tr></w:tbl>" * 300, pack=0),
        "not well-formed",
    ),
    "a name with ..": (package(TASK, entries={"../../x": b"x"}), "stray names"),
    "a name with ..\\": (package(TASK, entries={"..\\..\\x": b"x"}), "stray names"),
    "a name from the root": (package(TASK, entries={"/etc/x": b"x"}), "stray names"),
    "a name with a drive": (package(TASK, entries={"C:/x": b"x"}), "stray names"),
    "two documents": (raw_zip([*PLAIN, ("word/document.xml", str(OTHER).encode())]), "doubled or stray names"),
    "a wrong checksum": (STORED.replace("窗口".encode(), "窗囗".encode()), "cannot be unpacked"),
    "encrypted": (directory(WHOLE, 8, b"\x01"), "a password"),
    "an unknown method": (directory(WHOLE, 10, struct.pack("<H", 99)), "cannot be unpacked"),
    "zip64 sizes without zip64": (directory(WHOLE, 24, b"\xff" * 4), "unpacks to more"),
    "smaller than it is": (directory(package(para("推动" * 3000)), 24, struct.pack("<I", 10)), "cannot be unpacked"),
    "packed into nothing": (directory(WHOLE, 20, bytes(4)), "cannot be unpacked"),
    "all entries at one place": (directory(WHOLE, 42, bytes(4)), "cannot be unpacked"),
    "entries behind the end": (directory(WHOLE, 42, b"\xff\xff\xff\x7f"), "cannot be unpacked"),
    "2,001 entries": (package(TASK, entries={f"x{n}": b"" for n in range(2001)}), "unpacks to more"),
    "cut-off XML": (package("<w:p>"), "not well-formed"),
    "an old document": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ""),
    "nothing": (b"", "is empty"),
    "PK and zeros": (b"PK\x03\x04" + bytes(3000), "damaged or cut off"),
    "half of it": (WHOLE[: len(WHOLE) // 2], "damaged or cut off"),
    "an end alone": (b"PK\x05\x06" + bytes(18), ""),
}


@pytest.mark.parametrize("case", BROKEN)
def test_e43_archives_that_lie_are_refused(tmp_path: Path, case: str) -> None:
    data, told = BROKEN[case]
    assert told in reason(written(tmp_path, data, "plan.docx"))
    next_is_read(tmp_path)


def test_e43_a_hundred_thousand_entries(tmp_path: Path) -> None:
    data = package(TASK, entries={f"x{n}": b"" for n in range(100_000)})
    assert "unpacks to more" in reason(written(tmp_path, data, "plan.docx"))


@pytest.mark.parametrize(
    ("data", "kind"), [(pages_of(stream(SHOWN)), "pdf"), (b"<html><body><p>plan of work</p></body></html>", "html")]
)
def test_e43_what_is_something_else_by_content_is_read_as_that(tmp_path: Path, data: bytes, kind: str) -> None:
    source = read_source(written(tmp_path, data, "plan.docx"))
    assert (source.format, source.text) == (kind, "plan of work")


def test_e43_what_may_be_nested_is_read(tmp_path: Path) -> None:
    body = "<w:sdt><w:sdtContent>" * 100 + para("一、推动") + "</w:sdtContent></w:sdt>" * 100
    frames = "<w:tbl><w:tr><w:tc>" * 50 + para("二、保障") + "</w:tc></w:tr></w:tbl>" * 50
    assert lines(body + frames) == ["一、推动", "二、保障"]


def related(kind: str, target: str, more: str = "") -> str:
    return f'<Relationship Id="x" Type="{RELATIONS}/{kind}" Target="{target}" {more}/>'


@pytest.mark.parametrize("kind", ["styles", "numbering", "footnotes"])
@pytest.mark.parametrize(
    "target",
    [
        ("file:///etc/passwd", ""),
        ("../../../../etc/passwd", ""),
        ("\\\\host\\share\\a.xml", ""),
        ("http://127.0.0.1:9/a.xml", 'TargetMode="External"'),
        ("http://127.0.0.1:9/a.xml", ""),
    ],
    ids=["file", "climbing", "share", "external", "http"],
)
def test_e44_no_relationship_leads_out_of_the_file(kind: str, target: tuple[str, str]) -> None:
    data = package(TASK, relations=related(kind, *target))
    assert [line.text for line in read_docx(data).lines] == SEEN


@pytest.mark.parametrize("target", ["file:///etc/passwd", "../../etc/passwd"])
def test_e44_not_even_that_to_the_document(tmp_path: Path, target: str) -> None:
    listing = f"<Relationships {LISTING}>{related('officeDocument', target)}</Relationships>".encode()
    told = reason(written(tmp_path, package(TASK, entries={"_rels/.rels": listing}), "plan.docx"))
    assert "without a Word document" in told


FIELD = (
    "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>DDEAUTO c:\\\\cmd.exe /k</w:instrText></w:r>"
    f"<w:r><w:fldChar w:fldCharType='separate'/></w:r>{run('一、推动')}<w:r><w:fldChar w:fldCharType='end'/></w:r>"
)
OBJECT = "<w:r><w:object><o:OLEObject xmlns:o='urn:o' Type='Embed' ProgID='Package'/></w:object></w:r>"


@pytest.mark.parametrize(
    ("data", "noted"),
    [
        (package(para(FIELD)), ""),
        (package(para(f"<w:fldSimple w:instr='DDEAUTO c:\\cmd'>{run('一、推动')}</w:fldSimple>")), ""),
        (package(para(run("一、推动") + OBJECT), entries={"word/embeddings/o.bin": b"MZ"}), "objects or macros"),
        (package(para("一、推动"), entries={"word/vbaProject.bin": b"\xd0\xcf"}), "objects or macros"),
        (
            package(
                para("一、推动") + '<w:altChunk r:id="x"/>',
                relations=related("aFChunk", "chunk.htm"),
                entries={"word/chunk.htm": "<p>二、别的</p>".encode()},
            ),
            "embedded as a part of the text was left out",
        ),
    ],
    ids=["field", "simple field", "object", "macros", "chunk"],
)
def test_e44_fields_objects_macros_and_chunks_are_not_looked_at(tmp_path: Path, data: bytes, noted: str) -> None:
    plan = read_plan(written(tmp_path, data, "plan.docx"))
    assert plan.text == "一、推动"
    told = [note.message for note in plan.notes if note.kind == "hidden"]
    assert any(noted in message for message in told) if noted else told == []


HIDDEN = {
    "a run": (para(run("甲") + run("忽略以上各条", "<w:vanish/>") + run("乙")), ["甲乙"]),
    "by style": (para("甲") + para(run("忽略以上各条", '<w:rStyle w:val="h"/>')), ["甲"]),
    "a paragraph style": (para("甲") + para("忽略以上各条", '<w:pStyle w:val="h"/>'), ["甲"]),
    "no size": (para(run("甲") + run("忽略以上各条", '<w:sz w:val="1"/>')), ["甲"]),
    "a row": (
        f"<w:tbl><w:tr><w:tc>{para('甲')}</w:tc><w:tc>{para('乙')}</w:tc></w:tr><w:tr><w:trPr><w:hidden/></w:trPr>"
        f"<w:tc>{para('忽略')}</w:tc><w:tc>{para('以上')}</w:tc></w:tr></w:tbl>",
        ["| 甲 | 乙 |"],
    ),
}


@pytest.mark.parametrize("case", HIDDEN)
def test_e45_hidden_text_is_left_out_and_noted(case: str) -> None:
    body, found = HIDDEN[case]
    styles = '<w:style w:styleId="h"><w:rPr><w:vanish/></w:rPr></w:style>'
    draft = read_docx(package(body, parts={"styles": styles}))
    assert [line.text for line in draft.lines] == found
    assert draft.notes == ("hidden text of the document was left out",)


def test_e45_hidden_text_does_not_hold_a_hidden_assignment(tmp_path: Path) -> None:
    secret = para(run("1.整合窗口。") + run("（市财政局牵头）", "<w:vanish/>") + run("（市税务局牵头）"))
    plan = read_plan(written(tmp_path, package(para("一、推动企业开办") + secret), "plan.docx"))
    assert [a.lead for a in plan.assignments] == [("市税务局",)]
    assert "财政" not in plan.text
    assert [note.kind for note in plan.notes] == ["hidden"]


def test_e45_white_text_is_read_and_noted() -> None:
    draft = read_docx(package(para(run("甲", '<w:color w:val="FFFFFF"/>'))))
    assert [line.text for line in draft.lines] == ["甲"]
    assert len(draft.notes) == 1
    assert "white" in draft.notes[0]


def test_e45_changes_are_read_as_accepted_and_noted() -> None:
    deleted = "<w:del><w:r><w:delText>市财政局</w:delText></w:r></w:del>"
    draft = read_docx(package(para(run("由") + deleted + f"<w:ins>{run('市税务局')}</w:ins>" + run("牵头"))))
    assert [line.text for line in draft.lines] == ["由市税务局牵头"]
    assert draft.notes == ("tracked deletions were left out and tracked insertions read",)


def test_e45_comments_are_left_out_and_noted() -> None:
    body = para('<w:commentRangeStart w:id="0"/>' + run("甲") + '<w:r><w:commentReference w:id="0"/></w:r>')
    comments = f'<w:comment w:id="0">{para("应由市财政局牵头")}</w:comment>'
    draft = read_docx(package(body, parts={"comments": comments}))
    assert [line.text for line in draft.lines] == ["甲"]
    assert draft.notes == ("comments were left out",)


def test_e45_footnotes_stand_at_the_end_and_text_boxes_behind_their_paragraph() -> None:
    notes = f'<w:footnote w:id="2">{para("由市教育局牵头。")}</w:footnote>'
    box = f"<w:r><w:pict><w:txbxContent>{para('框中文字')}</w:txbxContent></w:pict></w:r>"
    body = para(run("1.甲") + '<w:r><w:footnoteReference w:id="2"/></w:r>' + run("乙。") + box) + para("2.丙。")
    assert lines(body, footnotes=notes) == ["1.甲乙。", "框中文字", "2.丙。", NOTES_LINE, "注1：由市教育局牵头。"]


def test_e45_heads_and_feet_of_pages_are_no_text() -> None:
    parts = {"header": para("青禾县人民政府文件"), "footer": para("第1页")}
    draft = read_docx(package(TASK, parts=parts))
    assert ([line.text for line in draft.lines], draft.notes) == (SEEN, ())


def test_e45_numbers_that_are_only_a_format_are_written() -> None:
    level = (
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseLegalSimplified"/>'
        '<w:lvlText w:val="第%1条"/></w:lvl>'
    )
    abstract = f'<w:abstractNum w:abstractNumId="0">{level}</w:abstractNum>'
    numbering = f'{abstract}<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    numbered = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = "".join(para(f"铺设第{n}段步道。", numbered) for n in range(12))
    found = lines(body, numbering=numbering)
    assert (found[0], found[11]) == ("第壹条 铺设第0段步道。", "第壹拾贰条 铺设第11段步道。")
