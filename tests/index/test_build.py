"""Builds: what they take in, reuse, refuse; and that a failing one changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from corpus.errors import AssistantError, PlanUnreadable, SettingsInvalid
from index import store
from index.build import build, refresh
from index.config import IndexSettings
from index.embed import HashEmbedder
from index.errors import IndexBusy, IndexMissing, IndexStale, IndexUnwritable
from index.search import SearchIndex
from index.sources import Source
from index.vectors import Matrix

HASHED = IndexSettings(embedder="hash")


class CountingEmbedder(HashEmbedder):
    def __init__(self, fail_after: int | None = None) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._fail_after = fail_after

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        if self._fail_after is not None and len(self.texts) >= self._fail_after:
            raise OSError(28, "No space left on device")
        self.texts += texts
        return super().embed_passages(texts)


def plan_ids(data: Path) -> set[str]:
    return set(SearchIndex.open(data, HASHED).plans)


def everything_in(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and p.name not in ("lock", "vectors.sqlite")
    }


def test_files_join_the_library_under_their_names(built: Path, plan_files: Path) -> None:
    assert plan_ids(built) == {"river", "lake"}
    assert (built / "library" / "river" / "river.txt").read_bytes() == (plan_files / "river.txt").read_bytes()
    shutil.rmtree(plan_files)
    assert not build(built, HASHED, progress=False).published  # the library is enough


def test_nothing_changed_is_nothing_done(built: Path, plan_files: Path) -> None:
    before = everything_in(built)
    report = build(built, HASHED, [plan_files], progress=False, embedder=CountingEmbedder(fail_after=0))
    assert (report.published, report.plans, report.embedded) == (False, 2, 0)
    assert everything_in(built) == before


def test_only_what_changed_is_embedded_again(built: Path, plan_files: Path) -> None:
    lake = plan_files / "lake.txt"
    lake.write_text(lake.read_text(encoding="utf-8").replace("经费保障", "经费与人员保障"), encoding="utf-8")
    embedder = CountingEmbedder()
    report = build(built, HASHED, [lake], progress=False, embedder=embedder)
    assert len(embedder.texts) == report.embedded == 1
    assert "经费与人员保障" in embedder.texts[0]
    assert report.reused == report.passages - 1
    assert plan_ids(built) == {"river", "lake"}
    assert "经费与人员保障" in SearchIndex.open(built, HASHED).plans["lake"].text
    assert "经费与人员保障" in (built / "library/lake/lake.txt").read_text(encoding="utf-8")


def test_a_rebuild_from_nothing_gives_the_same_fingerprint(built: Path, tmp_path: Path, plan_files: Path) -> None:
    build(tmp_path / "other", HASHED, [plan_files], progress=False)
    first, second = store.current(built).manifest, store.current(tmp_path / "other").manifest
    assert first.files == second.files
    assert first.fingerprint == second.fingerprint


def test_the_same_text_in_two_plans_is_two_passages(built: Path, plan_files: Path) -> None:
    (plan_files / "twin.txt").write_bytes((plan_files / "lake.txt").read_bytes() + b"\n")
    build(built, HASHED, [plan_files / "twin.txt"], progress=False)
    hits = SearchIndex.open(built, HASHED).search("社区食堂", k=50)
    first, second = hits[:2]
    assert {first.passage.plan, second.passage.plan} == {"lake", "twin"}
    assert first.passage.path == second.passage.path


def test_shipped_plans_come_without_a_path_and_stay_only_where_they_were(
    tmp_path: Path, plan_files: Path, no_shipped_plans: Path
) -> None:
    shipped = no_shipped_plans / "shipped-1"
    shipped.mkdir()
    shutil.copy(plan_files / "river.txt", shipped)
    (shipped / "plan.toml").write_text('title = "方案"\nfile = "river.txt"\n', encoding="utf-8")
    data, other = tmp_path / "d1", tmp_path / "d2"
    build(data, HASHED, progress=False)
    assert plan_ids(data) == {"shipped-1"}
    build(data, HASHED, [plan_files / "lake.txt"], progress=False)
    assert plan_ids(data) == {"shipped-1", "lake"}
    build(other, HASHED, [plan_files / "lake.txt"], progress=False)
    assert plan_ids(other) == {"lake"}
    build(other, HASHED, progress=False)
    assert plan_ids(other) == {"shipped-1", "lake"}
    assert not (data / "library" / "shipped-1").exists()
    build(tmp_path / "d3", HASHED, [shipped], progress=False)  # named, but still a shipped one
    assert store.current(tmp_path / "d3").manifest.plans[0].origin == "shipped"


def test_the_command_for_a_stale_library_brings_no_other_plans(built: Path, no_shipped_plans: Path) -> None:
    (built / "library/lake/lake.txt").write_text("一、任务\n1.另外的事项。(市民政局负责)\n", encoding="utf-8")
    with pytest.raises(IndexStale) as stale:
        SearchIndex.open(built, HASHED)
    assert f"run: python -m index build {built}/library --data {built}" in str(stale.value)
    build(built, HASHED, [built / "library"], progress=False)
    assert "另外的事项" in SearchIndex.open(built, HASHED).plans["lake"].text


def test_a_start_reads_only_the_added_plans_that_have_changed(
    built: Path, plan_files: Path, no_shipped_plans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = no_shipped_plans / "shipped-1"
    shipped.mkdir()
    shutil.copy(plan_files / "river.txt", shipped)
    (shipped / "plan.toml").write_text('title = "方案"\nfile = "river.txt"\n', encoding="utf-8")
    read_by, read = list[str](), Source.read
    monkeypatch.setattr(Source, "read", lambda self, *given: read_by.append(self.entry.id) or read(self, *given))
    before = everything_in(built)
    assert not refresh(built, HASHED, progress=False).published
    assert everything_in(built) == before
    assert read_by == []
    (built / "library/lake/lake.txt").write_text("一、任务\n1.另外的事项。(市民政局负责)\n", encoding="utf-8")
    assert refresh(built, HASHED, progress=False).published
    assert read_by == ["lake"]
    assert plan_ids(built) == {"river", "lake"}  # no shipped plan joins
    assert "另外的事项" in SearchIndex.open(built, HASHED).plans["lake"].text


BAD_INPUTS = {
    "missing": lambda folder: folder / "nowhere.txt",
    "empty folder": lambda folder: (folder / "empty").mkdir() or folder / "empty",
    "empty file": lambda folder: (folder / "void.txt").write_bytes(b"") * 0 or folder / "void.txt",
    "binary": lambda folder: (folder / "junk.txt").write_bytes(bytes(range(256)) * 40) * 0 or folder / "junk.txt",
    "name of a hidden folder": lambda folder: shutil.copy(folder / "lake.txt", folder / ".x.txt"),
    "name on two lines": lambda folder: shutil.copy(folder / "lake.txt", folder / "a\nb.txt"),
    "name that is no text": lambda folder: shutil.copy(folder / "lake.txt", folder / "a\udcff.txt"),
}


@pytest.mark.parametrize("bad", BAD_INPUTS.values(), ids=BAD_INPUTS.keys())
def test_one_bad_path_changes_nothing(built: Path, plan_files: Path, bad) -> None:  # type: ignore[no-untyped-def]
    before = everything_in(built)
    (plan_files / "new.txt").write_bytes((plan_files / "lake.txt").read_bytes())
    with pytest.raises(AssistantError) as caught:
        build(built, HASHED, [plan_files / "new.txt", bad(plan_files)], progress=False)
    assert "\n" not in str(caught.value)
    assert everything_in(built) == before


def test_a_folder_is_looked_through_for_plans(built: Path, plan_files: Path) -> None:
    deep = plan_files / "2032" / "more"
    deep.mkdir(parents=True)
    (deep / "pond.TXT").write_bytes((plan_files / "lake.txt").read_bytes() + b"\n")
    (plan_files / "table.et").write_bytes(b"PK")
    (plan_files / ".hidden.txt").write_text("x", encoding="utf-8")
    (plan_files / "round").symlink_to(plan_files)
    build(built, HASHED, [plan_files], progress=False)
    assert plan_ids(built) == {"river", "lake", "pond"}


def test_two_files_of_one_id_are_refused(built: Path, plan_files: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    shutil.copy(plan_files / "lake.txt", again)
    with pytest.raises(PlanUnreadable, match=r"the same id for several plans: lake \("):
        build(built, HASHED, [plan_files, again], progress=False)


def test_a_full_disk_in_the_middle_leaves_the_old_generation(built: Path, plan_files: Path) -> None:
    (plan_files / "new.txt").write_bytes(
        (plan_files / "lake.txt").read_bytes().replace("社区".encode(), "村镇".encode())
    )
    before = everything_in(built)
    with pytest.raises(IndexUnwritable, match="No space left"):
        build(built, HASHED, [plan_files], progress=False, embedder=CountingEmbedder(fail_after=0))
    assert everything_in(built) == before
    assert build(built, HASHED, [plan_files], progress=False).published
    assert plan_ids(built) == {"river", "lake", "new"}


def test_settings_that_faiss_refuses_leave_the_old_generation(built: Path) -> None:
    before = everything_in(built)
    with pytest.raises(SettingsInvalid, match="faiss_factory"):
        build(built, IndexSettings(embedder="hash", faiss_factory="Flatt"), progress=False)
    assert everything_in(built) == before


def test_the_previous_generation_is_kept_and_older_ones_are_not(built: Path, plan_files: Path) -> None:
    for size in (300, 200, 100):
        build(built, IndexSettings(embedder="hash", max_chars=size), progress=False)
    assert [p.name for p in store.generations(built)] == ["000003", "000004"]
    assert store.current(built).name == "000004"


def test_one_build_at_a_time(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.build.LOCK_WAIT_S", 0.05)
    with FileLock(built / "index" / "lock"), pytest.raises(IndexBusy, match="another build"):
        build(built, HASHED, progress=False)


def test_no_plans_at_all(tmp_path: Path, no_shipped_plans: Path) -> None:
    with pytest.raises(PlanUnreadable, match="no plans"):
        build(tmp_path / "data", HASHED, progress=False)
    with pytest.raises(IndexMissing, match="run: python -m index build"):
        SearchIndex.open(tmp_path / "data", HASHED)


def test_a_data_folder_that_is_a_file(tmp_path: Path, plan_files: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(IndexUnwritable, match="--data"):
        build(tmp_path / "file", HASHED, [plan_files], progress=False)


def test_progress_goes_to_stderr(
    tmp_path: Path, plan_files: Path, no_shipped_plans: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = build(tmp_path / "data", HASHED, [plan_files])
    captured = capsys.readouterr()
    assert captured.out == ""
    assert f"{report.passages}/{report.passages}" in captured.err
