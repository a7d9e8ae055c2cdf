"""Text that attacks its reader: sizes, encodings, characters that nobody sees, numbers, counts.

The numbers in the names are those of the project's list of bad inputs.
"""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import pytest

from assistant.render import html as escaped
from assistant.render import shown
from corpus.errors import PlanUnreadable
from corpus.extract import clause_lines
from corpus.fold import fold
from corpus.library import read_plan, read_text
from corpus.marks import Rank, read_mark
from corpus.model import Plan, plan_from_json, plan_to_json
from corpus.read import read_source
from corpus.read_text import decode
from tests.corpus.made import NORMAL, memory, next_is_read, package, pages_of, para, paths_of, reason, stream, written

MB = 1 << 20

FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is empty"),
    "a mark alone": (b"\xef\xbb\xbf", "has no text"),
    "NUL bytes": (bytes(1000), "is empty"),
    "NUL in the text": ("一、推动\0工作".encode(), "NUL"),
    "a program": (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 40, "NUL"),
    "a program without NUL": (bytes(range(1, 256)) * 40, "no encoding that can be told"),
    "21 MB": (b"a" * (21 * MB), "larger than 20 MB"),
    "one line of 2,000,001 characters": ("一".encode() * 2_000_001, "more than 2,000,000 characters"),
    "50,001 lines": ("一\n".encode() * 50_001, "more than 50,000 paragraphs"),
    "invisible characters alone": ("\u200b\ufeff\u3000\n".encode() * 9, "has no text"),
}


@pytest.mark.parametrize("case", FILES)
def test_e53_files_that_hold_no_plan_are_refused(tmp_path: Path, case: str) -> None:
    data, told = FILES[case]
    before = memory()
    assert told in reason(written(tmp_path, data, "plan.txt"))
    assert memory() - before < 60 * MB
    next_is_read(tmp_path)


def test_e53_a_sparse_file_of_two_gigabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    before = memory()
    assert "larger than 20 MB" in reason(path)
    assert memory() - before < 40 * MB


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\u2028"])
@pytest.mark.parametrize("last", [True, False], ids=["ended", "open"])
def test_e53_lines_end_in_any_way(tmp_path: Path, end: str, last: bool) -> None:
    text = NORMAL.replace("\n", end) if last else NORMAL.strip().replace("\n", end)
    plan = read_plan(written(tmp_path, text, "plan.txt"))
    assert paths_of(plan) == ["一", "一/1"]
    assert [a.lead for a in plan.assignments] == [("市市场监管局",)]


def test_e53_blank_lines_are_no_paragraphs(tmp_path: Path) -> None:
    assert paths_of(read_plan(written(tmp_path, NORMAL + "\n" * 60_000 + "二、保障\n", "plan.txt"))) == [
        "一",
        "一/1",
        "二",
    ]


# -- encodings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["第一条", "第一条 铺设步道。", "通知", NORMAL])
def test_f56_short_texts_of_gb18030_are_no_other_encoding(text: str) -> None:
    assert decode(text.encode("gb18030")) == (text, "gb18030")


ALIKE = "一、推動企業開辦\n1.整合窗口，壓縮時限，優化流程。（市教育局牽頭，市稅務局配合）\n"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (NORMAL.encode()[:-2], "no encoding"),
        (NORMAL.encode("gb18030")[:-2], "no encoding"),
        (NORMAL.encode("utf-16-le"), "NUL"),
        (NORMAL.encode("utf-16")[:-1], "breaks at byte"),
        (NORMAL.encode() + NORMAL.encode("gb18030"), "no encoding"),
        (NORMAL.encode("gb18030") + NORMAL.encode(), "no encoding"),
        (NORMAL.encode("utf-16") + NORMAL.encode() * 2, "goes on in another encoding"),
        (NORMAL.encode("gb18030") * 900 + ALIKE.encode("cp950") * 3, "goes on in another encoding"),
        (ALIKE.encode("cp950") * 900 + NORMAL.encode("gb18030") * 3, "goes on in another encoding"),
        (NORMAL.encode() * 50 + "局".encode("gb18030"), "no encoding"),
    ],
    ids=[*"12345678", "late", "late as well"],
)
def test_f56_what_is_cut_or_mixed_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    assert told in reason(written(tmp_path, data, "plan.txt"))


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "cp950"])
def test_f56_each_encoding_gives_the_same_clauses(tmp_path: Path, codec: str) -> None:
    plan = read_plan(written(tmp_path, ALIKE.encode(codec), "plan.txt"))
    assert [(a.path, a.lead, a.support) for a in plan.assignments] == [("一/1", ("市教育局",), ("市税务局",))]


# GB 18030-2022: bytes, the character that the standard means.
PAIRS = {
    "a6d9": "\ufe10", "a6da": "\ufe12", "a6db": "\ufe11", "a6dc": "\ufe13", "a6dd": "\ufe14", "a6de": "\ufe15",
    "a6df": "\ufe16", "a6ec": "\ufe17", "a6ed": "\ufe18", "a6f3": "\ufe19",
    "fe59": "\u9fb4", "fe61": "\u9fb5", "fe66": "\u9fb6", "fe67": "\u9fb7", "fe6d": "\u9fb8", "fe7e": "\u9fb9",
    "fe90": "\u9fba", "fea0": "\u9fbb",
    "a8bc": "\u1e3f", "fe51": "\U00020087", "fe52": "\U00020089", "fe53": "\U000200cc", "fe6c": "\U000215d7",
    "fe76": "\U0002298f", "fe91": "\U000241fe",
}  # fmt: skip


@pytest.mark.parametrize("written_as", PAIRS)
def test_f57_characters_have_the_places_of_the_standard_of_2022(written_as: str) -> None:
    text, encoding = decode((NORMAL * 3).encode("gb18030") + bytes.fromhex(written_as))
    assert (text, encoding) == (NORMAL * 3 + PAIRS[written_as], "gb18030")


def test_f57_private_characters_are_counted_and_told(tmp_path: Path) -> None:
    plan = read_plan(written(tmp_path, NORMAL + "2.治理\ue123\uf8ff河。\n", "plan.txt"))
    assert "\ue123" in plan.text
    assert [(n.kind, n.message.split(":")[0]) for n in plan.notes] == [("hidden", "2 characters are of a private area")]
    assert read_plan(written(tmp_path, NORMAL, "plan.txt")).notes == ()


# -- characters that nobody sees ----------------------------------------------------------------------------------

UNSEEN = [
    "\u200b", "\u200c", "\u200d", "\u00ad", "\u2060", "\u2062", "\ufeff", "\ufe00", "\ufe0f", "\U000e0061",
    "\U000e0100", "\u034f", "\u180e", "\u061c", "\u115f", "\u3164", "\uffa0", "\u2028"  , "\u0085",
]  # fmt: skip


@pytest.mark.parametrize("char", [c for c in UNSEEN if c not in "\u2028\u0085"], ids=lambda c: f"{ord(c):04X}")
def test_f58_unseen_characters_inside_a_number_hide_no_clause(tmp_path: Path, char: str) -> None:
    text = "\n".join(f"第{char}{n}{char}条{char} 铺设步道。（市园{char}林局负责）" for n in "一二三")
    path = written(tmp_path, text, "plan.txt")
    plan = read_plan(path)
    assert paths_of(plan) == ["第一条", "第二条", "第三条"]
    assert [a.responsible for a in plan.assignments] == [("市园林局",)] * 3
    source = read_source(path).text
    assert source == text  # kept where the file is shown
    back = [start for _, start, _ in plan.origins]
    assert back == sorted(back)
    for at, of, length in plan.origins:
        assert plan.text[at : at + length] == source[of : of + length]


TURNED = "\u202e\u2066\u2067\u2069\u200f"


def test_f59_turning_characters_are_in_no_clause_title_or_name(tmp_path: Path) -> None:
    path = tmp_path / f"pl{TURNED}an.txt"
    path.write_text(f"青禾县{TURNED}工作方案\n{NORMAL}2.治{TURNED}理。\n", encoding="utf-8")
    plan = read_plan(path)
    assert not set(plan.text) & set(TURNED)
    assert not set(plan.meta.title) & set(TURNED)
    for clause in plan.clauses:
        assert not set(plan.quote(clause.span) + clause.title) & set(TURNED)
    assert not set(shown(plan.id)) & set(TURNED)
    assert escaped(f"<b>{TURNED}</b>") == "&lt;b&gt;&lt;/b&gt;"


def test_f59_a_title_of_a_document_is_not_turned(tmp_path: Path) -> None:
    core = (
        '<c:coreProperties xmlns:c="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>青禾县{TURNED}工作方案</dc:title></c:coreProperties>'
    )
    data = package(para("一、推动") + para("1.甲。"), entries={"docProps/core.xml": core.encode()})
    plan = read_plan(written(tmp_path, data, "plan.docx"))
    assert not set(plan.meta.title) & set(TURNED)


def test_f59_a_name_is_refused_on_one_plain_line(tmp_path: Path) -> None:
    path = tmp_path / f"a{TURNED}\n\x1b[2Jb.txt"
    path.write_bytes(b"")
    with pytest.raises(PlanUnreadable) as refusal:
        read_plan(path)
    assert str(refusal.value).isprintable()


# -- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written_as", "number"),
    [
        ("第十二条", 12), ("第12条", 12), ("第１２条", 12), ("第壹拾贰条", 12), ("第一十二条", 12),
        ("第二〇条", 20), ("第二零条", 20), ("第二十条", 20), ("第20条", 20),
        ("第一百〇三条", 103), ("第一百零三条", 103), ("第一〇三条", 103), ("第１０３条", 103), ("第壹佰零叁条", 103),
        ("第一百二十三条", 123), ("第一二三条", 123), ("第貳拾條", 20), ("第陸條", 6), ("第一○三条", 103),
    ],
)  # fmt: skip
def test_f60_a_number_is_the_same_however_it_is_written(written_as: str, number: int) -> None:
    mark = read_mark(fold(f"{written_as} 铺设步道。"), {})
    assert mark is not None
    assert (mark.rank, mark.number) == (Rank.ARTICLE, number)
    plan = read_text(f"{written_as} 铺设步道。（市园林局负责）\n")
    (clause,) = plan.tasks()
    assert clause.no == number
    assert plan.quote(clause.span) == f"{written_as} 铺设步道。（市园林局负责）"  # as the plan writes it


def test_f60_a_quote_is_the_bytes_of_the_source(tmp_path: Path) -> None:
    line = "１．铺設步道，２０㎞，①㈠。金：\uf90a。（市園林局負責）"
    plan = read_plan(written(tmp_path, f"一、任務\n{line}\n".encode(), "plan.txt"))
    (clause,) = plan.tasks()
    assert plan.quote(clause.span).encode() == line.encode()
    assert [a.responsible for a in plan.assignments] == [("市园林局",)]


def test_f60_numbers_beyond_those_of_clauses_are_text(tmp_path: Path) -> None:
    for mark in ("第" + "一" * 5000 + "条", "第" + "9" * 5000 + "条", "9" * 5000 + "、"):
        assert not read_text(f"{mark} 铺步道。\n").tasks()


# -- what reaches a database or JSON ------------------------------------------------------------------------------

UNFIT = "\0\ud800\udfff\ufffe\uffff\ufdd0"


def glyphs(*codes: str) -> bytes:
    """A PDF whose font says of its characters, from A on, which code points they are."""
    lines = b"".join(b"<%02x> <%s>\n" % (65 + n, code.encode()) for n, code in enumerate(codes))
    table = b"begincmap 1 begincodespacerange <00> <ff> endcodespacerange %d beginbfchar %s endbfchar endcmap"
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>"
    shown_text = bytes(range(65, 65 + len(codes)))
    content = stream(b"BT /F1 12 Tf 72 700 Td (plan " + shown_text + b" of work) Tj ET")
    return pages_of(content, font=font, more=[stream(table % (len(codes), lines))])


HELD: dict[str, tuple[str, bytes]] = {
    "page": ("plan.html", ("<html><body><p>一、推动" + "".join(f"&#{ord(c)};" for c in UNFIT) + "</p>").encode()),
    "page with its bytes": ("plan.html", f"<html><body><p>一、推动{UNFIT}</p>".encode("utf-8", "surrogatepass")),
    "pdf": ("plan.pdf", glyphs("d800", "0000", "fffe", "ffff", "dfff", "fdd0")),
    "text": ("plan.txt", NORMAL.encode() * 200 + "\ufffe\x01".encode()),
    "markdown": ("plan.md", NORMAL.encode() * 200 + "&#0;&#xD800;\ufffe".encode()),
}


def kept(plan: Plan) -> None:
    """A plan goes through JSON and a database as it is."""
    assert plan_from_json(plan_to_json(plan)) == plan
    for line in clause_lines(plan):
        assert json.loads(json.dumps(line, ensure_ascii=False).encode()) == line
    with sqlite3.connect(":memory:") as database:
        database.execute("create virtual table held using fts5(text)")
        database.execute("insert into held values (?)", (plan.text,))
        assert database.execute("select text from held").fetchone() == (plan.text,)


@pytest.mark.parametrize("case", HELD)
def test_f62_no_unfit_character_gets_through(tmp_path: Path, case: str) -> None:
    name, data = HELD[case]
    path = written(tmp_path, data, name)
    try:
        plan = read_plan(path)
    except PlanUnreadable as refusal:
        assert "\n" not in str(refusal)
        assert case in ("page with its bytes", "pdf")
        return
    assert not set(plan.text + plan.meta.title) & set(UNFIT)
    kept(plan)


def test_f62_a_name_that_is_no_text_gets_through_as_text(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"pl\xffan.txt")
    path.write_text(NORMAL, encoding="utf-8")
    plan = read_plan(path)
    assert (plan.id, plan.meta.file) == ("pl\ufffdan", "pl\ufffdan.txt")
    kept(plan)
