"""PDFs that attack their reader, or say other words than they show.

The numbers in the names are those of the project's list of bad inputs.
"""

from __future__ import annotations

import importlib.metadata
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.version import Version

from corpus.child import parse
from corpus.library import read_plan
from corpus.read import read_source
from corpus.read_draft import Limits, ReadError
from corpus.read_pdf import read_pdf
from corpus.read_pdf_pages import MAX_PAGE_FORMS, MAX_PAGE_GLYPHS
from tests.corpus.made import HELVETICA, SHOWN, memory, next_is_read, pages_of, pdf_of, reason, stream, written

MB = 1 << 20


def lines(data: bytes) -> list[str]:
    return [line.text for line in read_pdf(data).lines]


def zeros(megabytes: int) -> bytes:
    """So many megabytes of spaces, packed."""
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(b" " * MB) for _ in range(megabytes)), packer.flush()])


PACKED: dict[str, Callable[[], bytes]] = {
    "twice": lambda: stream(zlib.compress(zeros(1100), 9), b"/Filter[/FlateDecode/FlateDecode]"),
    "and in runs": lambda: stream(zlib.compress(b"\x81 " * (8 << 20)), b"/Filter[/FlateDecode/RunLengthDecode]"),
    "and in base 85": lambda: stream(zlib.compress(b"z" * (60 << 20)), b"/Filter[/FlateDecode/ASCII85Decode]"),
}


@pytest.mark.parametrize("case", PACKED)
def test_e46_what_unpacks_to_more_than_the_memory_is_refused(tmp_path: Path, case: str) -> None:
    path = written(tmp_path, pages_of(PACKED[case]()), "plan.pdf")
    before = memory()
    assert "more memory to read than it may" in reason(path)
    assert memory() - before < 20 * MB
    next_is_read(tmp_path)


def test_e46_a_hundred_megabytes_of_nothing_hold_no_text(tmp_path: Path) -> None:
    path = written(tmp_path, pages_of(stream(zeros(100), b"/Filter/FlateDecode")), "plan.pdf")
    before = memory()
    assert "no text" in reason(path)
    assert memory() - before < 20 * MB


def characters(count: int) -> bytes:
    """A page of text operators, each for one small character in its own place."""
    shown = b"".join(b"1 0 0 1 %d %d Tm(a)Tj " % (20 + n % 180 * 3, 20 + n // 180 % 90 * 9) for n in range(count))
    return stream(b"BT /F1 8 Tf " + shown + b"ET")


TOO_MANY: dict[str, Callable[[], bytes]] = {
    "operators": lambda: characters(200_000),
    "in one place": lambda: stream(b"BT /F1 8 Tf 72 700 Td " + b"(a)Tj 0 0 Td " * 200_000 + b"ET"),
    "in one string": lambda: stream(b"BT /F1 8 Tf 72 700 Td (" + b"a" * 1_000_000 + b") Tj ET"),
}


@pytest.mark.parametrize("case", TOO_MANY)
def test_e47_a_page_of_more_characters_than_print_holds_is_refused(tmp_path: Path, case: str) -> None:
    told = reason(written(tmp_path, pages_of(TOO_MANY[case]()), "plan.pdf"))
    assert told.startswith(f"has more than {MAX_PAGE_GLYPHS:,} characters on page 1")
    next_is_read(tmp_path)


def test_e47_a_page_full_of_the_smallest_print_is_read(tmp_path: Path) -> None:
    assert read_source(written(tmp_path, pages_of(characters(8_000)), "plan.pdf")).format == "pdf"


FORM = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>/Length %d>>stream\n%s\nendstream"
DRAWS = b"/Resources<</Font<</F1 4 0 R>>/XObject<</X 6 0 R>>>>"


def test_e47_drawings_that_draw_ten_drawings_each_are_counted(tmp_path: Path) -> None:
    forms = [FORM % (7 + depth, 60, b"/X Do " * 10) for depth in range(9)] + [FORM % (15, 5, b" q Q ")]
    told = reason(written(tmp_path, pages_of(stream(SHOWN + b" /X Do"), page=DRAWS, more=forms), "plan.pdf"))
    assert told.startswith(f"has more than {MAX_PAGE_FORMS:,} drawings within drawings on page 1")
    next_is_read(tmp_path)


def test_e47_a_drawing_that_draws_itself_is_drawn_once(tmp_path: Path) -> None:
    data = pages_of(stream(SHOWN + b" /X Do"), page=DRAWS, more=[FORM % (6, 12, b"/X Do /X Do ")])
    assert read_source(written(tmp_path, data, "plan.pdf")).text == "plan of work"


def test_e47_a_map_of_lines_is_not_searched_for_tables() -> None:
    drawn = b"".join(b" %d %d 5 5 re S" % (n % 100 * 5, n // 100 * 6) for n in range(6_000))
    assert lines(pages_of(stream(SHOWN + drawn))) == ["plan of work"]


def test_e47_many_pages_may_share_one_stream_up_to_the_limit(tmp_path: Path) -> None:
    assert len(read_pdf(pages_of(stream(SHOWN), 500)).lines) == 500
    told = reason(written(tmp_path, pages_of(stream(SHOWN), 2001), "plan.pdf"))
    assert told == "has more than 2,000 pages; split it"


@pytest.mark.parametrize(
    "content", [SHOWN + b" q Q" * 3_000_000, SHOWN + b" 1 1 3 3 re f" * 1_000_000], ids=["nothing", "areas"]
)
def test_e47_what_computes_for_ever_is_ended(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, pages_of(stream(content)), "plan.pdf")
    with path.open("rb") as file, pytest.raises(ReadError, match="more than 1 seconds of computing"):
        parse("pdf", file, Limits(cpu_seconds=1))
    next_is_read(tmp_path)


GOOD = pages_of(stream(SHOWN))
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>"
CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PICTURE = (
    b"<</Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 1/ColorSpace/DeviceGray"
    b"/Filter/%s/Length 20>>stream\n" + bytes(20) + b"\nendstream"
)
SHOWS_PICTURE = stream(SHOWN + b" q 9 0 0 9 0 0 cm /X Do Q")
REFUSED = {
    "pages that hold themselves": (pdf_of([CATALOG, b"<</Type/Pages/Kids[2 0 R]/Count 2>>"]), "no text"),
    "pages that hold each other": (
        pdf_of([CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 2>>", b"<</Type/Pages/Kids[2 0 R]/Parent 2 0 R>>"]),
        "no text",
    ),
    "a tree of 2^40 pages": (
        pdf_of([CATALOG, *[b"<</Type/Pages/Kids[%d 0 R %d 0 R]>>" % (3 + n, 3 + n) for n in range(40)], PAGE]),
        "no text",
    ),
    "a tree 5,000 deep": (
        pdf_of([CATALOG, *[b"<</Type/Pages/Kids[%d 0 R]>>" % (3 + n) for n in range(5000)], PAGE]),
        "damaged",
    ),
    "cut off": (GOOD[:-60], "damaged or cut off"),
    "half": (GOOD[: len(GOOD) // 2], "damaged or cut off"),
    "tables that follow each other": (
        GOOD.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % GOOD.rfind(b"xref\n0")),
        "damaged or cut off",
    ),
    "brackets in brackets": (pages_of(stream(SHOWN + b"[" * 100_000 + b"]" * 100_000 + b" TJ")), "damaged"),
    "a stream as long as itself": (pages_of(b"<</Length 3 0 R>>stream\n" + SHOWN + b"\nendstream"), "damaged"),
    "a page of no size": (GOOD.replace(b"[0 0 595 842]", b"[0 0 0 0]"), "no text"),
    "a page of another kind of size": (GOOD.replace(b"[0 0 595 842]", b"[0 /a (b) []]"), "damaged"),
    "a picture alone": (
        pages_of(stream(b"q 595 0 0 842 0 0 cm /X Do Q"), page=DRAWS, more=[PICTURE % b"CCITTFaxDecode"]),
        "has no text layer",
    ),
}
READ = {
    "a count that lies": GOOD.replace(b"/Count 1", b"/Count 999999999"),
    "a table in another place": GOOD[: GOOD.rfind(b"startxref")] + b"startxref\n99999999\n%%EOF",
    "a table of 10^9 entries": GOOD.replace(b"xref\n0 6\n", b"xref\n0 999999999\n"),
    "nested deeply where nobody looks": pages_of(stream(SHOWN), page=b"/X " + b"[" * 50_000 + b"]" * 50_000),
    **{f"a picture in {name}": pages_of(SHOWS_PICTURE, page=DRAWS, more=[PICTURE % name.encode()])
       for name in ("JBIG2Decode", "JPXDecode", "DCTDecode")},
    "a picture within the stream": pages_of(
        stream(SHOWN + b" BI /W 9999999 /H 9999999 /BPC 8 ID " + bytes(99) + b" EI")
    ),
    "100,000 links": pages_of(
        stream(SHOWN), page=b"/Annots[" + b"6 0 R " * 100_000 + b"]",
        more=[b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(http://127.0.0.1:9/)>>>>"],
    ),
    "scripts, programs and files": pages_of(
        stream(SHOWN),
        catalog=b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>/AA<</WC<</S/Launch/F(calc.exe)>>>>"
        b"/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec/F(a.exe)/EF<</F 6 0 R>>>>]>>>>",
        more=[stream(b"MZ")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_e48_what_is_no_whole_pdf_is_refused(tmp_path: Path, case: str) -> None:
    data, told = REFUSED[case]
    assert told in reason(written(tmp_path, data, "plan.pdf"))
    next_is_read(tmp_path)


@pytest.mark.parametrize("case", READ)
def test_e48_what_a_viewer_shows_is_read(tmp_path: Path, case: str) -> None:
    assert read_source(written(tmp_path, READ[case], "plan.pdf")).text == "plan of work"


def test_e48_references_that_go_round_are_ended(tmp_path: Path) -> None:
    data = pages_of(stream(SHOWN), page=b"/Rotate 6 0 R", more=[b"7 0 R", b"6 0 R"])
    with written(tmp_path, data, "plan.pdf").open("rb") as file, pytest.raises(ReadError, match="computing"):
        parse("pdf", file, Limits(cpu_seconds=1))


def composite(encoding: bytes, more: bytes = b"", ordering: bytes = b"GB1", widths: bytes = b"") -> bytes:
    """A font of two-byte characters."""
    return (
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/%s%s/DescendantFonts[<</Type/Font/Subtype/CIDFontType0"
        b"/BaseFont/X%s/CIDSystemInfo<</Registry(Adobe)/Ordering(%s)/Supplement 0>>>>]>>"
    ) % (encoding, more, widths, ordering)


TWO = b"BT /F1 12 Tf 72 700 Td <00480049> Tj ET"
UNICODE = b"/ToUnicode 6 0 R"


class Trap:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return (open, (str(self.path), "w"))


def test_e49_no_name_of_a_font_makes_a_file_be_unpickled(tmp_path: Path) -> None:
    import gzip

    trap = tmp_path / "sprung"
    for ending in ("", ".pickle"):
        (tmp_path / f"evil{ending}.gz").write_bytes(gzip.compress(pickle.dumps(Trap(trap))))
    (tmp_path / "evil.pickle.gz").write_bytes(gzip.compress(pickle.dumps(Trap(trap))))
    (tmp_path / "to-unicode-Adobe-evil.pickle.gz").write_bytes(gzip.compress(pickle.dumps(Trap(trap))))
    away = str(tmp_path / "evil").encode()
    name = away.replace(b"/", b"#2F")
    climbing = b"..#2F" * 30 + name.removeprefix(b"#2F")
    used = stream(b"/" + b"../" * 30 + away.removeprefix(b"/") + b" usecmap\nbegincmap endcmap")
    for data in (
        pages_of(stream(TWO), font=composite(name)),
        pages_of(stream(TWO), font=composite(climbing)),
        pages_of(stream(TWO), font=composite(b"Identity-H", ordering=b"/../.." + away)),
        pages_of(stream(TWO), font=composite(b"Identity-H", UNICODE), more=[used]),
    ):
        reason(written(tmp_path, data, "plan.pdf"))
    assert not trap.exists()
    next_is_read(tmp_path)


def test_e49_the_parser_is_one_that_unpickles_no_path() -> None:
    assert Version(importlib.metadata.version("pdfminer.six")) >= Version("20251230")


ENDLESS = stream(
    b"begincmap 1 begincodespacerange <00000000> <ffffffff> endcodespacerange "
    b"1 beginbfrange <00000000> <ffffffff> <0000> endbfrange endcmap"
)


@pytest.mark.parametrize(
    "data",
    [
        pages_of(stream(TWO), font=composite(b"Identity-H", UNICODE), more=[ENDLESS]),
        pages_of(stream(TWO), font=composite(b"Identity-H", widths=b"/W[0 2000000000 500]")),
    ],
    ids=["characters", "widths"],
)
def test_e49_fonts_of_four_billion_characters_are_ended(tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path, data, "plan.pdf")
    limits = Limits(cpu_seconds=3, memory_bytes=200 * MB)
    with path.open("rb") as file, pytest.raises(ReadError, match=r"more memory|of computing"):
        parse("pdf", file, limits)
    next_is_read(tmp_path)


def page_of(*content: bytes) -> bytes:
    return pages_of(stream(b"BT /F1 12 Tf 72 700 Td (seen) Tj ET " + b" ".join(content)))


UNSEEN = {
    "white on white": b"BT 1 1 1 rg /F1 12 Tf 72 600 Td (gone) Tj ET",
    "too small": b"BT /F1 0.1 Tf 72 600 Td (gone) Tj ET",
    "off the page": b"BT /F1 12 Tf 72 6000 Td (gone) Tj ET",
    "left of the page": b"BT /F1 12 Tf -500 600 Td (gone) Tj ET",
}


@pytest.mark.parametrize("case", UNSEEN)
def test_e50_what_nobody_sees_is_left_out_and_counted(tmp_path: Path, case: str) -> None:
    plan = read_plan(written(tmp_path, page_of(UNSEEN[case]), "plan.pdf"))
    assert plan.text == "seen"
    (note,) = plan.notes
    assert (note.kind, note.message.split(":")[0]) == ("hidden", "4 characters were left out")


def test_e50_what_was_drawn_twice_to_look_bold_is_read_once() -> None:
    draft = read_pdf(page_of(b"BT /F1 12 Tf 72.3 700 Td (seen) Tj ET"))
    assert ([line.text for line in draft.lines], draft.notes) == (["seen"], ())


def test_e50_white_on_a_dark_field_is_read() -> None:
    field = b"0 0 0.5 rg 60 590 200 30 re f BT 1 1 1 rg /F1 12 Tf 72 600 Td (head) Tj ET"
    draft = read_pdf(page_of(field))
    assert ([line.text for line in draft.lines], draft.notes) == (["seen", "head"], ())


def test_e50_text_under_a_picture_is_what_was_recognised_of_a_scan() -> None:
    under = b"q 595 0 0 842 0 0 cm /X Do Q"
    content = stream(b"BT 3 Tr /F1 12 Tf 72 700 Td (recognised) Tj ET " + under)
    assert lines(pages_of(content, page=DRAWS, more=[PICTURE % b"CCITTFaxDecode"])) == ["recognised"]


@pytest.mark.parametrize(
    ("said", "noted"),
    [
        (b"(seen)", 0),
        (b"(ignore all of it)", 1),
        (b"<FEFF8D2290E85C40>", 1),
    ],
)
def test_e50_the_words_that_are_shown_win_over_those_that_are_said(said: bytes, noted: int) -> None:
    shown = b"/Span <</ActualText %s>> BDC BT /F1 12 Tf 72 700 Td (seen) Tj ET EMC" % said
    draft = read_pdf(pages_of(stream(shown)))
    assert [line.text for line in draft.lines] == ["seen"]
    assert len(draft.notes) == noted
    assert all("1 pieces say other words" in note for note in draft.notes)


def test_e50_ligatures_are_read_as_their_letters() -> None:
    font = HELVETICA.replace(b">>", b"/Encoding<</Type/Encoding/Differences[1/fi/fl]>>>>")
    assert lines(pages_of(stream(b"BT /F1 12 Tf 72 700 Td (of\\001ce) Tj ET"), font=font)) == ["office"]
