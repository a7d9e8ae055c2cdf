"""What is named for a build: folders, archives, and what of them is no plan, each told with its reason."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from corpus.errors import PlanUnreadable
from index.__main__ import main
from index.build import BuildReport, build
from index.config import IndexSettings
from index.errors import PlanThere
from index.search import SearchIndex

HASHED = IndexSettings(embedder="hash")
POND = "湖西市2033年池塘方案\n一、任务\n1.清淤。(市水利局牵头,市财政局配合)\n"


def ids(data: Path) -> set[str]:
    return set(SearchIndex.open(data, HASHED).plans)


def files_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def packed(path: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def add(data: Path, *paths: Path) -> tuple[BuildReport, list[str]]:
    told: list[str] = []
    return build(data, HASHED, list(paths), progress=False, tell=told.append), told


def test_each_file_of_an_archive_is_a_plan(built: Path, tmp_path: Path) -> None:
    files = {"2033/池塘.txt": POND, "2033/附件/塘.md": POND + "2.植草。", "图/a.png": b"x", "旧.doc": b"x"}
    archive = packed(tmp_path / "方案.zip", files)
    report, told = add(built, archive)
    assert report.published
    assert ids(built) == {"river", "lake", "池塘", "塘"}
    assert told == [f"{archive}: left out, as no plans: 图/a.png, 旧.doc"]
    assert files_in(built / "library" / "池塘") == [".added.json", "池塘.txt"]
    archive.unlink()
    assert not build(built, HASHED, progress=False).published  # the library is enough


def test_an_archive_that_was_taken_in_changes_nothing(built: Path, tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", {"池塘.txt": POND})
    assert add(built, archive)[0].published
    assert not add(built, archive)[0].published


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a.txt": POND, "b.docx": b"x"}, "a.zip: b.docx: is not a docx file"),
        ({"a.txt": POND, "深/b.txt": "今天天气很好。"}, "a.zip: 深/b.txt: has no numbered clause"),
        ({"a.txt": POND, "一/a.md": POND}, r"a.zip: has several plans of one name in it: a \(a.txt, 一/a.md\)"),
        ({"a.txt": POND, "b.zip": b"x"}, "a.zip: has archives in it: b.zip"),
    ],
)
def test_one_bad_file_of_an_archive_adds_nothing(
    built: Path, tmp_path: Path, files: Mapping[str, str | bytes], reason: str
) -> None:
    before = files_in(built)
    with pytest.raises(PlanUnreadable, match=reason) as error:
        add(built, packed(tmp_path / "a.zip", files))
    assert str(error.value).startswith(str(tmp_path / "a.zip"))
    assert files_in(built) == before


def test_a_file_of_an_archive_that_is_there_already_is_named_as_it_lies_there(built: Path, tmp_path: Path) -> None:
    archive = packed(tmp_path / "a.zip", {"深/again.txt": (built / "library/lake/lake.txt").read_bytes()})
    with pytest.raises(PlanThere, match=f"^{archive}: 深/again.txt: this file is there already, as the plan lake"):
        add(built, archive)


def test_all_twins_are_told_of_at_once(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "twins"
    (folder / "deep").mkdir(parents=True)
    for name in ("a.txt", "a.md", "b.txt", "deep/b.txt", "c.txt"):
        (folder / name).write_text(POND, encoding="utf-8")
    archive = packed(tmp_path / "z.zip", {"x/c.txt": POND, "d.txt": POND})
    with pytest.raises(PlanUnreadable) as error:
        add(built, folder, archive)
    assert str(error.value) == (
        f"the same id for several plans: a ({folder}/a.md, {folder}/a.txt); b ({folder}/b.txt, {folder}/deep/b.txt); "
        f"c ({folder}/c.txt, {archive}: x/c.txt); rename the files, or give them a plan.toml"
    )


def test_the_id_of_a_plan_toml_counts_before_anything_is_read(built: Path, tmp_path: Path) -> None:
    described = tmp_path / "described"
    described.mkdir()
    (described / "plan.toml").write_text('id = "pond"\nfile = "x.txt"\n', encoding="utf-8")
    (described / "x.txt").write_text("", encoding="utf-8")  # not even that it is empty is told
    (tmp_path / "pond.txt").write_text(POND, encoding="utf-8")
    with pytest.raises(PlanUnreadable, match="the same id for several plans: pond "):
        add(built, described, tmp_path / "pond.txt")


def test_what_of_a_folder_is_no_plan_is_told_with_the_reason(built: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "a.docx").mkdir(parents=True)
    (folder / "a.docx" / "inside.txt").write_text(POND, encoding="utf-8")
    (folder / "deep").mkdir()
    (folder / "pond.txt").write_text(POND, encoding="utf-8")
    (folder / "link.txt").symlink_to("pond.txt")
    (folder / "gone.txt").symlink_to("nowhere")
    (folder / "round").symlink_to(folder)
    os.mkfifo(folder / "pipe.txt")  # opening it would wait for ever
    for name in ("~$pond.docx", ".hidden.txt", ".DS_Store", "deep/old.doc", "deep/more.zip", "two\nlines.png"):
        (folder / name).write_bytes(b"x")
    report, told = add(built, folder)
    assert report.published
    assert ids(built) == {"river", "lake", "pond"}
    assert told == [
        f"{folder}: left out, as no plans: .hidden.txt (hidden), a.docx (a folder), deep/more.zip (an archive: name it "
        "by itself), deep/old.doc (of another kind), gone.txt (a link), link.txt (a link), pipe.txt (not a regular "
        "file), round (a link), two?lines.png (of another kind), ~$pond.docx (left by a document that is open)"
    ]


def test_of_many_the_first_are_named(built: Path, tmp_path: Path) -> None:
    (tmp_path / "pond.txt").write_text(POND, encoding="utf-8")
    pictures = {f"{number}.png": b"x" for number in range(30)}
    archive = packed(tmp_path / "a.zip", {"b.txt": POND + "2.植草。", **pictures})
    _, (line,) = add(built, tmp_path / "pond.txt", archive)
    assert line.endswith("8.png, 9.png and 20 more")


def test_a_file_that_names_nobody_and_numbers_nothing_is_no_plan(built: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("各位同事：\n今天天气很好。\n", encoding="utf-8")
    with pytest.raises(
        PlanUnreadable, match=r"letter\.txt: has no numbered clause and no table .*; check that it is a plan"
    ):
        add(built, tmp_path / "letter.txt")


def test_the_command_tells_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = packed(tmp_path / "a.zip", {"pond.txt": POND, "a.png": b"x"})
    config = tmp_path / "c.toml"
    config.write_text('[index]\nembedder = "hash"\n[reading]\nmax_plans = 1\n', encoding="utf-8")
    command = ["build", "--quiet", str(archive), "--data", str(tmp_path / "data"), "--config", str(config)]
    assert main(command) == 0
    told = capsys.readouterr()
    assert told.out.startswith("1 plans, ")
    assert told.err == f"{archive}: left out, as no plans: a.png\n"
    packed(archive, {"pond.txt": POND, "b.txt": POND})
    assert main(command) == 2
    assert capsys.readouterr().err == (
        f"{archive}: has more than 1 plans in it; pack fewer, or raise max_plans in [reading]\n"
    )


def test_an_id_may_end_as_a_file_does(built: Path, tmp_path: Path) -> None:
    (tmp_path / "pond.md.txt").write_text(POND, encoding="utf-8")
    add(built, tmp_path / "pond.md.txt")
    _, told = add(built, built / "library")  # as a server with plans of its own alone brings its index up to date
    assert (ids(built), told) == ({"river", "lake", "pond.md"}, [])
    described = tmp_path / "given" / "plan.docx"
    described.mkdir()
    (described / "plan.toml").write_text('id = "described"\nfile = "x.txt"\n', encoding="utf-8")
    (described / "x.txt").write_text(POND + "2.植草。(市林业局负责)\n", encoding="utf-8")
    add(built, tmp_path / "given")
    assert "described" in ids(built)
