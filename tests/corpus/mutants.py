"""Files that were good and are a little broken: the same ones for the same seed."""

from __future__ import annotations

import io
import random
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl

from tests.corpus.made import NORMAL, SHOWN, package, pages_of, para, run, stream, zipped

CHECKOUT = Path(__file__).resolve().parents[2]
_TELLING = (
    b"\x00",
    b"\xff",
    b"\n",
    b"<",
    b">",
    b"&",
    b'"',
    b"(",
    b")",
    b"/",
    b"999999999",
    b"-1",
    b"%",
    b"]]>",
    b"0 R",
)


def _word() -> bytes:
    styles = '<w:style w:type="paragraph" w:styleId="a"><w:name w:val="heading 1"/></w:style>'
    level = '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{level}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    cells = "".join(f"<w:tc><w:tcPr/>{para(text)}</w:tc>" for text in ("序号", "任务", "责任单位"))
    table = f"<w:tbl><w:tr>{cells}</w:tr><w:tr>{cells}</w:tr></w:tbl>"
    body = para("推动企业开办", '<w:pStyle w:val="a"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    body += para(run("1.整合窗口。（市市场监管局牵头）") + note) + table
    notes = f'<w:footnote w:id="2">{para("见附件。")}</w:footnote>'
    return package(body, parts={"styles": styles, "numbering": numbering, "footnotes": notes})


def _page() -> bytes:
    rows = "".join(f"<tr><td>{n}</td><td>任务{n}</td><td rowspan=2>市园林局</td></tr>" for n in range(1, 9))
    body = f"<h1>工作方案</h1><div class=nav><a href=x>首页</a></div><ol start=2><li>甲<li>乙</ol><table>{rows}</table>"
    head = "<head><meta charset=utf-8><title>工作方案</title></head>"
    return f"<!doctype html><html>{head}<body><p>一、推动</p>{body}".encode()


def _book() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["青禾县任务分解表"], ["序号", "任务", "牵头单位"], [1, "铺步道", "县园林局"], [2, "植树", "县林业局"]):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sample(*names: str) -> list[bytes]:
    return [(CHECKOUT / "tests" / name).read_bytes() for name in names]


# Good files of each format. Small ones among them: there a single change hits structure.
GOOD: dict[str, Callable[[], list[bytes]]] = {
    "docx": lambda: [_word(), *_sample("unseen/q3_wutong_street_fire.docx", "unseen/u4_chixia_rural_tables.docx")],
    "pdf": lambda: [
        *[pages_of(stream(SHOWN), 2), pages_of(b"<</Length %d>>stream\n%s\nendstream" % (len(SHOWN), SHOWN))] * 4,
        *_sample("unseen/q5_pingzhou_manufacturing.pdf"),
    ],
    "html": lambda: [_page(), *_sample("samples/p07_xiyun_gov_page.html")],
    "txt": lambda: [
        *[NORMAL.encode() * 9, NORMAL.encode("gb18030") * 9],
        *_sample("unseen/u2_qinglan_emergency_gb18030.txt"),
    ],
    "xlsx": lambda: [_book()],
    "zip": lambda: [zipped({"甲.txt": NORMAL, "乙/丙.docx": _word(), "丁.html": _page(), "图.png": b"\x89PNG"})],
}  # fmt: skip
PACKED = frozenset({"docx", "xlsx", "zip"})


def mutant(kind: str, seed: int) -> bytes:
    """The file of a format with a seed: a good one with one to four changes."""
    chance = random.Random(f"{kind} {seed}")
    good = GOOD[kind]()
    data = good[seed % len(good)]
    if kind in PACKED and chance.random() < 0.7:
        return _inside(data, chance)
    return _changed(data, chance, chance.choice(good))


def _changed(data: bytes, chance: random.Random, other: bytes) -> bytes:
    for _ in range(chance.randint(1, 4)):
        size = len(data)
        if not size:
            return data
        start = chance.randrange(size)
        end = min(size, start + int(chance.paretovariate(0.6)))
        piece = data[start:end]
        change = chance.randrange(8)
        if change == 0:
            data = data[:start] + bytes([data[start] ^ 1 << chance.randrange(8)]) + data[start + 1 :]
        elif change == 1:
            data = data[:start] + data[end:]
        elif change == 2:
            data = data[:end] + piece * chance.randint(1, 20) + data[end:]
        elif change == 3:
            data = data[:start] if chance.random() < 0.5 else data[start:]
        elif change == 4:
            at = chance.randrange(len(other))
            data = data[:start] + other[at:]
        elif change == 5:
            data = data[:start] + chance.choice(_TELLING) + data[start:]
        elif change == 6:
            data = data[:start] + chance.randbytes(len(piece)) + data[end:]
        else:  # a number of the file becomes another
            digits = [at for at in range(start, min(start + 400, size)) if 48 <= data[at] < 58]
            if digits:
                at = chance.choice(digits)
                data = data[:at] + chance.choice((b"0", b"7", b"99999999999", b"-1", b"1e9")) + data[at + 1 :]
    return data[: 4 << 20]


def _inside(data: bytes, chance: random.Random) -> bytes:
    """An archive one of whose parts is changed; the archive itself is whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(files))
    files[name] = _changed(files[name], chance, chance.choice(list(files.values())) or b"x")
    if chance.random() < 0.1:
        del files[chance.choice(sorted(files))]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zipped(dict(files))
