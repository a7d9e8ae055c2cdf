"""What a file is, what is refused, and what one file may cost."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import docx
import pytest

from corpus.child import Limits, parse
from corpus.errors import PlanUnreadable
from corpus.read import SUFFIXES, read_source, shown
from corpus.read_draft import DEFAULT_LIMITS, Draft, Line, ReadError, draft_from_json, draft_to_json

TEXT = "一、推动企业开办。（市市场监管局负责）"


@pytest.mark.parametrize(
    ("name", "kind"), [("a.txt", "txt"), ("a.TXT", "txt"), ("a", "txt"), ("a.md", "md"), ("a.Markdown", "md")]
)
def test_text_goes_by_its_ending(tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_text(TEXT, encoding="utf-8")
    assert (read_source(tmp_path / name).format, read_source(tmp_path / name).text) == (kind, TEXT)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.docx", TEXT.encode(), "not a docx file"),
        ("a.pdf", b"plan", "not a pdf file"),
        ("a.docx", b"PK" + bytes(300), "not a docx file"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Office file"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(90), "a picture"),
        ("a.txt", b"{\\rtf1 plan}", "RTF"),
        ("a.html", b"MIME-Version: 1.0\n<html>", "web archive"),
        ("a.rar", b"Rar!\x1a\x07", "unpack it"),
        ("a.csv", TEXT.encode(), "no format that is read; the formats are txt, md, html, docx, xlsx and pdf"),
        ("a.txt", b"a" * (DEFAULT_LIMITS.file_bytes + 1), "larger than 20 MB"),
        ("a.txt", "一".encode() * (DEFAULT_LIMITS.characters + 1), "more than 2,000,000 characters"),
    ],
)
def test_other_files_are_named_for_what_they_are(tmp_path: Path, name: str, data: bytes, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(PlanUnreadable, match=reason) as refusal:
        read_source(path)
    assert str(refusal.value).startswith(f"{path}: ")


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    (tmp_path / "loop.txt").symlink_to("loop.txt")
    for path, reason in [
        (tmp_path, "a folder"),
        (pipe, "not a regular file"),  # nobody writes to it: opening it must not wait
        (Path("/dev/zero"), "not a regular file"),
        (tmp_path / "missing.txt", "no such file"),
        (tmp_path / "loop.txt", "cannot be read"),
        (tmp_path / "nul\0.txt", "not a path"),
    ]:
        with pytest.raises(PlanUnreadable, match=reason):
            read_source(path)


def test_names_are_shown_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "two\nlines\x1b[2J\u202e.txt"
    path.write_bytes(b"")
    with pytest.raises(PlanUnreadable) as refusal:
        read_source(path)
    assert str(refusal.value).endswith("two?lines?[2J?.txt: is empty; get the file again")
    assert shown(Path(os.fsdecode(b"a\xff.txt"))) == "a?.txt"


def test_a_link_to_a_plan_is_read(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "link.txt").symlink_to("plan.txt")
    assert read_source(tmp_path / "link.txt").text == TEXT


def test_the_endings_of_plans_are_those_that_are_read(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        path = tmp_path / f"plan{suffix}"
        path.write_bytes(b"")
        with pytest.raises(PlanUnreadable, match="is empty"):
            read_source(path)


def test_a_draft_survives_the_way_through_the_pipe() -> None:
    draft = Draft((Line("一、甲\n\ud800", 2, ((0, 1), (3, 2))), Line("")), "题", "gb18030")
    assert draft_from_json(draft_to_json(draft)) == draft


def plan(tmp_path: Path) -> Path:
    document = docx.Document()
    for _ in range(200):
        document.add_paragraph(TEXT)
    document.save(str(tmp_path / "plan.docx"))
    return tmp_path / "plan.docx"


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(wall_seconds=0.01), "more than 0.01 seconds"),
        (Limits(result_bytes=100), "more text than can be read"),
    ],
)
def test_a_file_over_its_limits_is_refused(tmp_path: Path, limits: Limits, reason: str) -> None:
    with plan(tmp_path).open("rb") as file:
        with pytest.raises(ReadError, match=reason):
            parse("package", file, limits)
        assert len(parse("package", file).lines) == 200  # the next is read as ever


def test_a_file_that_computes_for_ever_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "plan.html"
    path.write_bytes(b"<p " + b" ".join(b"a%d=1" % number for number in range(200_000)) + b">plan")
    with path.open("rb") as file, pytest.raises(ReadError, match="more than 1 seconds of computing"):
        parse("html", file, Limits(cpu_seconds=1))


def test_several_threads_may_read_at_once(tmp_path: Path) -> None:
    path = plan(tmp_path)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(read_source(path).text)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["\n".join([TEXT] * 200)] * 3
