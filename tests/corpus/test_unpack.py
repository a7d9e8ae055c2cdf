"""Zip archives of plans: each file a plan of its own, names in any encoding, nothing of the archive's paths on disk."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import Workbook

from corpus.__main__ import main
from corpus.errors import PlanUnreadable
from corpus.read_draft import DEFAULT_LIMITS, Limits
from corpus.unpack import Archive, unpack
from tests.corpus.test_read_package import word, workbook

TEXT = "临江市绿道建设方案\n一、任务\n1.铺步道。(市园林局牵头)\n"


class RawName(zipfile.ZipInfo):
    """An entry whose name is written as these bytes, without the flag that says UTF-8: as Windows and macOS do."""

    raw = b""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.raw, self.flag_bits & ~0x800


def packed(files: Mapping[str, str | bytes], encoding: str = "", pack: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", pack) as archive:
        for number, (name, content) in enumerate(files.items()):
            entry = RawName(str(number)) if encoding else zipfile.ZipInfo(name)
            if isinstance(entry, RawName):
                entry.raw = name.encode(encoding)
            entry.compress_type = pack
            archive.writestr(entry, content)
    return out.getvalue()


def opened(tmp_path: Path, data: bytes, limits: Limits = DEFAULT_LIMITS) -> Archive | None:
    path = tmp_path / "plans.zip"
    path.write_bytes(data)
    folder = tmp_path / "scratch"
    folder.mkdir()
    return unpack(path, folder, limits)


def extract(tmp_path: Path, data: bytes, name: str = "plans.zip") -> int:
    (tmp_path / name).write_bytes(data)
    return main(["extract", str(tmp_path / name), "--json", "--data", str(tmp_path / "data")])


@pytest.mark.parametrize("encoding", ["", "gb18030", "utf-8"])
def test_names_are_read_as_their_author_wrote_them(tmp_path: Path, encoding: str) -> None:
    names = ["方案/临江市绿道建设方案.txt", "方案/附件/分解表（终稿）.md", "plan.txt"]
    archive = opened(tmp_path, packed(dict.fromkeys(names, TEXT), encoding))
    assert archive is not None
    assert [one.name for one in archive.plans] == names
    assert [one.file.name for one in archive.plans] == [name.rpartition("/")[2] for name in names]
    assert all(one.file.read_text(encoding="utf-8") == TEXT for one in archive.plans)
    assert archive.plans[0].called == f"{tmp_path / 'plans.zip'}: 方案/临江市绿道建设方案.txt"


def test_extract_prints_the_lines_of_every_plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = Workbook()
    for row in (["序号", "任务", "牵头单位"], [1, "植树", "市林业局"]):
        table.active.append(row)
    sheet = io.BytesIO()
    table.save(sheet)
    files = {
        "一/绿道.txt": TEXT,
        "二/表.xlsx": sheet.getvalue(),
        "a.docx": word(),
        "图.png": b"\x89PNG",
        "旧.doc": b"x",
    }
    assert extract(tmp_path, packed(files, "gb18030")) == 0
    told = capsys.readouterr()
    rows = [json.loads(line) for line in told.out.splitlines()]
    assert [(row["file"], row["lead"]) for row in rows] == [
        ("一/绿道.txt", ["市园林局"]),
        ("二/表.xlsx", ["市林业局"]),
        ("a.docx", ["市园林局"]),
    ]
    assert told.err.splitlines() == [f"{tmp_path / 'plans.zip'}: left out, as no plans: 图.png, 旧.doc"]


def test_what_systems_put_into_archives_is_not_told_of(tmp_path: Path) -> None:
    files = {"a.txt": TEXT, "__MACOSX/._a.txt": "x", ".DS_Store": "x", "b/Thumbs.db": "x", "b/~$a.docx": "x", "c/": ""}
    archive = opened(tmp_path, packed(files))
    assert archive is not None
    assert ([one.name for one in archive.plans], archive.left_out) == (["a.txt"], ())


@pytest.mark.parametrize("name", ["图.txt", "旧.txt", "绿.txt", "方案.txt", "a.txt"])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_short_name_may_be_both_encodings(tmp_path: Path, name: str, encoding: str) -> None:
    archive = opened(tmp_path, packed({name: TEXT}, encoding))
    assert archive is not None
    assert archive.plans[0].name == name


@pytest.mark.parametrize("data", [word(), workbook(), TEXT.encode(), b""], ids=["docx", "xlsx", "text", "empty"])
def test_what_is_no_archive_is_left_to_the_readers(tmp_path: Path, data: bytes) -> None:
    """Whatever it is called: the content tells a document from an archive."""
    assert opened(tmp_path, data) is None


def test_an_archive_by_another_name_is_an_archive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert extract(tmp_path, packed({"a.txt": TEXT}), "plans.docx") == 0
    assert json.loads(capsys.readouterr().out)["file"] == "a.txt"


def encrypted() -> bytes:
    """The flags of an entry that has a password (PKWARE APPNOTE, 4.4.4)."""
    data = bytearray(packed({"a.txt": TEXT}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    return bytes(data)


def lying(size: int) -> bytes:
    """The directory says another size than the file has."""
    data = bytearray(packed({"a.txt": TEXT}))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, size)
    return bytes(data)


def before_the_beginning() -> bytes:
    """A directory that says that it is longer than it is: the place of a file is counted from it."""
    data = bytearray(packed({"a.txt": TEXT}))
    at = data.index(b"PK\x05\x06")
    struct.pack_into("<I", data, at + 16, at + 9)
    return bytes(data)


def wrong_sum() -> bytes:
    data = packed({"b.txt": TEXT, "方案/a.txt": TEXT * 2}, pack=zipfile.ZIP_STORED)
    at = data.rindex("植".encode() if "植" in TEXT else "铺".encode())
    return data[:at] + b"X" + data[at + 1 :]


REFUSED = {
    "no plan": (packed({"a.png": b"x"}), "has no plan in it; plans end in .txt"),
    "nothing": (packed({}), "has no plan in it"),
    "archives": (packed({"a.txt": TEXT, "内/b.zip": b"x", "c.RAR": b"x"}), "archives in it: 内/b.zip, c.RAR; unpack"),
    "one name twice": (
        packed({"一/a.txt": TEXT, "二/a.docx": b"x", "b.txt": TEXT, "三/b.md": TEXT, "c.txt": TEXT}),
        r"several plans of one name in it: a \(一/a.txt, 二/a.docx\), b \(b.txt, 三/b.md\); rename them",
    ),
    "a long name": (packed({"a" * 81 + ".txt": TEXT}), "a file whose name cannot be a plan's id: aaa"),
    "a name of two lines": (packed({"a\nb.txt": TEXT}), r"cannot be a plan's id: a\?b.txt"),
    "leading out": (packed({"../../a.txt": TEXT}), "stray names"),
    "leading out by the other stroke": (packed({"..\\..\\a.txt": TEXT}), "stray names"),
    "a bomb": (packed({"a.txt": b"0" * 30_000_000}), "packed more than 100-fold"),
    "too many files": (packed({f"{n}.png": b"" for n in range(2_001)}), "unpacks to more than is read"),
    "a password": (encrypted(), "protected by a password"),
    "damaged": (packed({"a.txt": TEXT})[:-20], "damaged or cut off"),
    "a wrong sum": (wrong_sum(), "方案/a.txt: is damaged in its archive"),
    "before the beginning": (before_the_beginning(), "is damaged in its archive: it cannot be unpacked"),
    "a lie": (lying(10), "is damaged in its archive"),
    "an empty plan": (packed({"方案/a.txt": ""}), "方案/a.txt: is empty"),
    "a plan that is none": (packed({"b.txt": TEXT, "a.docx": b"text"}), "a.docx: is not a docx file"),
    "an archive as a plan": (packed({"a.docx": packed({"b.txt": TEXT})}), "a.docx: is an archive of files"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_one_line_with_archive_and_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    data, reason = REFUSED[case]
    assert extract(tmp_path, data) == 2
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith(f"{tmp_path / 'plans.zip'}: ")
    with pytest.raises(PlanUnreadable, match=reason):
        raise PlanUnreadable(line)


def test_the_limits_hold_for_archives(tmp_path: Path) -> None:
    with pytest.raises(PlanUnreadable, match="more than 2 plans in it; pack fewer, or raise max_plans"):
        opened(tmp_path, packed({f"{n}.txt": TEXT for n in range(3)}), replace(DEFAULT_LIMITS, plans=2))
    noise = bytes(range(256)) * 8
    for limits, reason in (
        (replace(DEFAULT_LIMITS, file_bytes=1 << 10), "a file of more than 0 MB in it: b.txt"),
        (replace(DEFAULT_LIMITS, file_bytes=100), "is larger than 0 MB; pack fewer"),
    ):
        (tmp_path / "plans.zip").write_bytes(packed({"b.txt": noise}))
        with pytest.raises(PlanUnreadable, match=reason):
            unpack(tmp_path / "plans.zip", tmp_path, limits)


def test_nothing_is_written_outside_the_folder(tmp_path: Path) -> None:
    archive = opened(tmp_path, packed({"深/层/a.txt": TEXT, "b.txt": TEXT}))
    assert archive is not None
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()) == [
        "plans.zip",
        "scratch/0/a.txt",
        "scratch/1/b.txt",
    ]


def test_of_a_missing_file_and_a_folder_the_readers_tell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path, reason in ((tmp_path / "none.zip", "no such file"), (tmp_path, "a plan folder needs a plan.toml")):
        assert main(["extract", str(path), "--data", str(tmp_path)]) == 2
        assert reason in capsys.readouterr().err


def test_a_file_without_tasks_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("今天天气很好。\n", encoding="utf-8")
    assert main(["extract", str(tmp_path / "a.txt"), "--json", "--data", str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "a.txt: has no numbered clause and no table that names who is responsible" in told.err
