"""Plans added, replaced, removed, restored and corrected: what is indexed, kept, embedded and listed."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from filelock import FileLock

from corpus.corrections import Correction, correction_of
from corpus.corrections_file import corrections_path, read_corrections
from corpus.errors import AssistantError, CorrectionsInvalid, PlanUnreadable
from index import store
from index.__main__ import main
from index.build import build
from index.config import IndexSettings, LibrarySettings
from index.embed import HashEmbedder
from index.errors import IndexBusy, NoSuchPlan, PlanThere
from index.library import Entry, Library, listing
from index.search import SearchIndex
from index.vectors import Matrix

HASHED = IndexSettings(embedder="hash")


class Counting(HashEmbedder):
    """Remembers what it embedded."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        self.texts += texts
        return super().embed_passages(texts)


@pytest.fixture
def embedder() -> Counting:
    return Counting()


@pytest.fixture
def library(built: Path, embedder: Counting) -> Library:
    return Library(built, HASHED, embedder=embedder)


@pytest.fixture
def newer(plan_files: Path, tmp_path: Path) -> Path:
    """lake.txt with one task changed and another name."""
    text = (plan_files / "lake.txt").read_text(encoding="utf-8")
    file = tmp_path / "lake-2.txt"
    file.write_text(text.replace("社区食堂", "村镇食堂"), encoding="utf-8")
    return file


def opened(data: Path) -> SearchIndex:
    return SearchIndex.open(data, HASHED)


def text_of(data: Path, plan: str) -> str:
    return opened(data).plans[plan].text


def entry(data: Path, plan: str) -> Entry:
    return next(one for one in listing(data) if one.id == plan)


def lead_of(data: Path, plan: str, path: str) -> tuple[str, ...]:
    found = opened(data).plans[plan]
    clause = found.clause(path)
    assert clause is not None
    assignment = found.assignment(clause)
    return assignment.lead if assignment else ()


def correction(data: Path, plan: str, path: str, *lead: str) -> Correction:
    found = opened(data).plans[plan]
    clause = found.clause(path)
    assert clause is not None
    return correction_of(found, clause, lead=lead)


def everything_in(folder: Path) -> dict[str, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file() and p.name not in ("lock", "vectors.sqlite"))
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


# -- replace --------------------------------------------------------------------------------------------------


def test_a_replaced_plan_is_kept_and_only_what_changed_is_embedded(
    library: Library, embedder: Counting, newer: Path
) -> None:
    before = entry(library.data, "lake")
    report = library.replace("lake", newer)
    assert report.embedded == len(embedder.texts) == 1
    assert "村镇食堂" in embedder.texts[0]
    assert "村镇食堂" in text_of(library.data, "lake")
    assert [p.name for p in (library.data / "library/lake").iterdir() if p.name[0] != "."] == ["lake-2.txt"]
    (version,) = entry(library.data, "lake").versions
    assert (version.number, version.why, version.file, version.title) == (1, "replaced", "lake.txt", before.title)
    assert (version.sha256, version.added) == (before.sha256, before.added)
    assert "社区食堂" in (library.data / "versions/lake/1/lake.txt").read_text(encoding="utf-8")


def test_building_over_a_plan_keeps_it_too(library: Library, newer: Path, plan_files: Path) -> None:
    shutil.copy(newer, plan_files / "lake.txt")
    library.add([plan_files])
    assert [v.number for v in entry(library.data, "lake").versions] == [1]
    assert entry(library.data, "river").versions == ()  # the same as it was
    library.add([plan_files])
    assert [v.number for v in entry(library.data, "lake").versions] == [1]


def test_a_plan_that_is_not_there_cannot_be_replaced(library: Library, newer: Path) -> None:
    with pytest.raises(NoSuchPlan, match=r"pond: there is no such plan; the plans are lake, river"):
        library.replace("pond", newer)


def test_what_is_no_plan_replaces_none(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "note.txt"
    file.write_text("没有编号的一句话", encoding="utf-8")
    with pytest.raises(PlanUnreadable, match=r"note\.txt: has no numbered clause"):
        library.replace("lake", file)


def test_the_very_file_is_nothing_to_replace(library: Library, plan_files: Path) -> None:
    with pytest.raises(PlanThere, match="nothing to replace"):
        library.replace("lake", plan_files / "lake.txt")


def test_no_more_versions_are_kept_than_the_setting_says(built: Path, newer: Path) -> None:
    library = Library(built, HASHED, LibrarySettings(versions=2))
    text = newer.read_text(encoding="utf-8")
    for n in range(4):
        newer.write_text(f"{text}{n + 1}0.第{n}次修改。\n", encoding="utf-8")
        library.replace("lake", newer)
    assert [v.number for v in entry(built, "lake").versions] == [4, 3]
    assert sorted(p.name for p in (built / "versions/lake").iterdir()) == ["3", "4"]


def test_a_version_that_comes_back_costs_no_other(built: Path, newer: Path) -> None:
    library = Library(built, HASHED, LibrarySettings(versions=2))
    text = newer.read_text(encoding="utf-8")
    for n in range(2):
        newer.write_text(f"{text}{n + 1}0.第{n}次修改。\n", encoding="utf-8")
        library.replace("lake", newer)
    library.restore("lake")
    assert [v.number for v in entry(built, "lake").versions] == [3, 1]


# -- the same plan twice --------------------------------------------------------------------------------------


def test_one_file_under_two_ids_is_refused_with_the_id_that_it_has(library: Library, plan_files: Path) -> None:
    before = everything_in(library.data)
    shutil.copy(plan_files / "lake.txt", plan_files / "pond.txt")
    with pytest.raises(PlanThere, match=r"pond\.txt: this file is there already, as the plan lake;") as caught:
        library.add([plan_files / "pond.txt"])
    assert (caught.value.plan, caught.value.reason) == ("lake", "file")
    with pytest.raises(PlanThere, match="river"):
        library.replace("lake", plan_files / "river.txt")
    assert everything_in(library.data) == before


def test_two_copies_in_one_folder_are_refused(tmp_path: Path, plan_files: Path, no_shipped_plans: Path) -> None:
    shutil.copy(plan_files / "lake.txt", plan_files / "pond.txt")
    with pytest.raises(PlanThere, match="this file is there already"):
        build(tmp_path / "data", HASHED, [plan_files], progress=False)


def test_a_likely_new_version_is_named(library: Library, newer: Path, plan_files: Path) -> None:
    report = library.add([newer])
    assert [(plan, kin.plan, kin.why) for plan, kin in report.kin] == [("lake-2", "lake", "title")]
    other = plan_files / "other.txt"
    other.write_text(
        (plan_files / "river.txt").read_text(encoding="utf-8").replace("河東省", "山南省"), encoding="utf-8"
    )
    assert library.add([other]).kin == ()


# -- remove and restore ---------------------------------------------------------------------------------------


def test_a_removed_plan_is_gone_until_it_is_restored(library: Library, embedder: Counting) -> None:
    library.remove("lake")
    assert set(opened(library.data).plans) == {"river"}
    assert not (library.data / "library/lake").exists()
    gone = entry(library.data, "lake")
    assert (gone.state, gone.origin, gone.file, [v.why for v in gone.versions]) == (
        "removed", "added", "lake.txt", ["removed"],
    )  # fmt: skip
    build(library.data, HASHED, [library.data / "library"], progress=False)
    assert set(opened(library.data).plans) == {"river"}
    embedder.texts.clear()
    library.restore("lake")
    assert "社区食堂" in text_of(library.data, "lake")
    assert embedder.texts == []  # its vectors are known
    assert entry(library.data, "lake").versions == ()
    assert not (library.data / "versions/lake").exists()


def test_what_is_removed_cannot_be_removed_or_replaced(library: Library, newer: Path) -> None:
    library.remove("lake")
    for again in (lambda: library.remove("lake"), lambda: library.replace("lake", newer)):
        with pytest.raises(NoSuchPlan, match="restore lake"):
            again()


def test_the_only_plan_stays(library: Library) -> None:
    library.remove("lake")
    with pytest.raises(PlanUnreadable, match="the only plan"):
        library.remove("river")
    assert set(opened(library.data).plans) == {"river"}


def test_an_earlier_version_comes_back_and_the_newer_one_is_kept(library: Library, newer: Path) -> None:
    library.replace("lake", newer)
    library.restore("lake")  # undoes it
    assert "社区食堂" in text_of(library.data, "lake")
    assert [(v.number, v.file) for v in entry(library.data, "lake").versions] == [(2, "lake-2.txt")]
    library.restore("lake", 2)
    assert "村镇食堂" in text_of(library.data, "lake")


def test_a_version_that_is_not_kept_is_named(library: Library, newer: Path) -> None:
    library.replace("lake", newer)
    with pytest.raises(NoSuchPlan, match="lake: has no such version 7 to restore; the versions kept are: 1"):
        library.restore("lake", 7)
    with pytest.raises(NoSuchPlan, match="the versions kept are: none"):
        library.restore("river")


@pytest.fixture
def shipped(no_shipped_plans: Path, plan_files: Path, tmp_path: Path) -> Library:
    """A library of one shipped plan, sea, and lake."""
    folder = no_shipped_plans / "sea"
    folder.mkdir()
    text = (plan_files / "river.txt").read_text(encoding="utf-8").replace("河東", "海州")
    (folder / "sea.txt").write_text(text, encoding="utf-8")
    (folder / "plan.toml").write_text('title = "海州方案"\nfile = "sea.txt"\n', encoding="utf-8")
    data = tmp_path / "with-shipped"
    build(data, HASHED, progress=False)
    library = Library(data, HASHED)
    library.add([plan_files / "lake.txt"])
    return library


def test_a_removed_shipped_plan_stays_removed_until_restored(shipped: Library, no_shipped_plans: Path) -> None:
    shipped.remove("sea")
    assert set(opened(shipped.data).plans) == {"lake"}
    build(shipped.data, HASHED, progress=False)
    assert set(opened(shipped.data).plans) == {"lake"}
    assert (entry(shipped.data, "sea").state, entry(shipped.data, "sea").origin) == ("removed", "shipped")
    shutil.rmtree(shipped.data / "index")  # which may be made again at any time
    build(shipped.data, HASHED, progress=False)
    assert set(opened(shipped.data).plans) == {"lake"}
    shipped.restore("sea")
    assert set(opened(shipped.data).plans) == {"lake", "sea"}
    assert entry(shipped.data, "sea").origin == "shipped"
    assert not (shipped.data / "removed.json").exists()
    assert not (shipped.data / "library/sea").exists()


def test_a_removed_shipped_plan_comes_back_where_it_is_named(shipped: Library, no_shipped_plans: Path) -> None:
    shipped.remove("sea")
    shipped.add([no_shipped_plans / "sea"])
    assert set(opened(shipped.data).plans) == {"lake", "sea"}
    build(shipped.data, HASHED, progress=False)
    assert set(opened(shipped.data).plans) == {"lake", "sea"}


def test_a_shipped_plan_is_replaced_removed_and_restored(shipped: Library, newer: Path) -> None:
    shipped.replace("sea", newer)
    assert "村镇食堂" in text_of(shipped.data, "sea")
    assert [(v.number, v.origin) for v in entry(shipped.data, "sea").versions] == [(1, "shipped")]
    shipped.remove("sea")  # and not the shipped one instead
    assert set(opened(shipped.data).plans) == {"lake"}
    shipped.restore("sea", 1)
    assert "海州" in text_of(shipped.data, "sea")
    assert entry(shipped.data, "sea").origin == "shipped"
    assert [(v.number, v.origin) for v in entry(shipped.data, "sea").versions] == [(2, "added")]
    shipped.restore("sea", 2)
    assert "村镇食堂" in text_of(shipped.data, "sea")
    shipped.restore("sea")
    assert "海州" in text_of(shipped.data, "sea")


def test_a_shipped_version_that_is_no_longer_shipped_comes_back_from_what_was_kept(
    shipped: Library, newer: Path, no_shipped_plans: Path
) -> None:
    shipped.replace("sea", newer)
    file = no_shipped_plans / "sea" / "sea.txt"
    old = file.read_text(encoding="utf-8")
    file.write_text(old.replace("海州", "新海州"), encoding="utf-8")
    shipped.restore("sea", 1)
    assert "新海州" not in text_of(shipped.data, "sea")
    assert entry(shipped.data, "sea").origin == "added"


def test_a_faulty_list_of_removed_plans_is_one_line(shipped: Library) -> None:
    (shipped.data / "removed.json").write_text("[", encoding="utf-8")
    with pytest.raises(PlanUnreadable, match=r"removed\.json: is no list") as caught:
        shipped.remove("sea")
    assert "\n" not in str(caught.value)


# -- corrections ----------------------------------------------------------------------------------------------


def test_a_correction_is_in_the_index_and_embeds_nothing(library: Library, embedder: Counting) -> None:
    made = library.correct("lake", [correction(library.data, "lake", "一/1", "市老龄办")])
    assert (made.published, made.embedded, embedder.texts) == (True, 0, [])
    assert lead_of(library.data, "lake", "一/1") == ("市老龄办",)
    assert entry(library.data, "lake").corrected is True
    assert entry(library.data, "river").corrected is False
    assert (
        "corrections/lake.json" in next(p for p in store.current(library.data).manifest.plans if p.id == "lake").files
    )


def test_corrections_of_several_clauses_add_up_and_can_be_withdrawn(library: Library) -> None:
    first = correction(library.data, "lake", "一/1", "市老龄办")
    library.correct("lake", [first])
    second = correction(library.data, "lake", "一/2", "市审计局")
    library.correct("lake", [second])
    assert set(library.corrections("lake")) == {first, second}
    library.correct("lake", [], withdrawn=[first])
    assert library.corrections("lake") == (second,)
    assert lead_of(library.data, "lake", "一/1") == ("市民政局",)
    library.correct("lake", [], withdrawn=[second])
    assert not corrections_path(library.data, "lake").exists()
    assert entry(library.data, "lake").corrected is False
    assert library.correct("lake", []).published is False


def test_corrections_survive_removal_replacement_and_a_rebuild(library: Library, newer: Path) -> None:
    library.correct("lake", [correction(library.data, "lake", "一/2", "市审计局")])
    library.remove("lake")
    library.restore("lake")
    assert lead_of(library.data, "lake", "一/2") == ("市审计局",)
    library.replace("lake", newer)
    assert lead_of(library.data, "lake", "一/2") == ("市审计局",)
    shutil.rmtree(library.data / "index")
    build(library.data, HASHED, [library.data / "library"], progress=False)
    assert lead_of(library.data, "lake", "一/2") == ("市审计局",)


def test_an_orphan_waits_for_its_clause(library: Library, newer: Path) -> None:
    kept = correction(library.data, "lake", "一/1", "市老龄办")
    library.correct("lake", [kept])
    library.replace("lake", newer)  # 一/1 has other words now
    assert lead_of(library.data, "lake", "一/1") == ("市民政局",)
    assert library.corrections("lake") == (kept,)
    library.restore("lake")
    assert lead_of(library.data, "lake", "一/1") == ("市老龄办",)


def test_a_file_of_corrections_changed_by_hand_is_taken_by_the_next_build(library: Library) -> None:
    library.correct("lake", [correction(library.data, "lake", "一/1", "市老龄办")])
    path = corrections_path(library.data, "lake")
    path.write_text(path.read_text(encoding="utf-8").replace("市老龄办", "市卫生健康委"), encoding="utf-8")
    with pytest.raises(AssistantError, match=r"corrections/lake\.json has changed"):
        opened(library.data)
    build(library.data, HASHED, [library.data / "library"], progress=False)
    assert lead_of(library.data, "lake", "一/1") == ("市卫生健康委",)


def test_a_faulty_file_of_corrections_stops_the_build_and_nothing_else(library: Library) -> None:
    path = corrections_path(library.data, "lake")
    path.parent.mkdir()
    path.write_text('{"plan": "lake"}', encoding="utf-8")
    with pytest.raises(CorrectionsInvalid, match=r"lake.json, corrections"):
        library.add([library.data / "library"])
    assert set(opened(library.data).plans) == {"lake", "river"}


def test_corrections_of_a_plan_that_is_not_there(library: Library) -> None:
    with pytest.raises(NoSuchPlan):
        library.correct("pond", [Correction("一/1", 0, "x", lead=("甲局",))])
    assert read_corrections(library.data, "pond") == ()


# -- together -------------------------------------------------------------------------------------------------


def test_whoever_looks_after_the_library_is_told_of_every_change(built: Path, newer: Path) -> None:
    told: list[str] = []
    library = Library(built, HASHED, changed=lambda: told.append(store.current(built).name))
    library.replace("lake", newer)
    library.remove("lake")
    library.restore("lake")
    library.correct("lake", [])
    with pytest.raises(NoSuchPlan):
        library.remove("pond")
    assert told == ["000002", "000003", "000004"]


def test_while_another_build_runs_nothing_is_done(
    library: Library, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.build.LOCK_WAIT_S", 0.1)
    before = everything_in(library.data)
    with FileLock(library.data / "index" / "lock"):
        for act in (lambda: library.replace("lake", newer), lambda: library.remove("lake")):
            with pytest.raises(IndexBusy):
                act()
    assert everything_in(library.data) == before


def test_whoever_opens_the_index_while_it_changes_finds_it_whole(
    library: Library, newer: Path, plan_files: Path
) -> None:
    """Two processes' worth of work in two threads: an opening meets every moment between two states."""
    faults: list[str] = []
    seen: set[tuple[str, ...]] = set()
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            try:
                plans = opened(library.data).plans
                listing(library.data)
            except Exception as error:
                faults.append(f"{type(error).__name__}: {error}")
            else:
                seen.add(tuple("村镇" if "村镇食堂" in plan.text else plan.id for plan in plans.values()))

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3):
        library.replace("lake", newer)
        library.correct("lake", [correction(library.data, "lake", "一/2", "市审计局")])
        library.remove("lake")
        library.restore("lake")
        library.replace("lake", plan_files / "lake.txt")
    ended.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert seen <= {("lake", "river"), ("村镇", "river"), ("river",)}
    assert len(seen) > 1


def test_of_a_damaged_version_nothing_is_listed(library: Library, newer: Path) -> None:
    library.replace("lake", newer)
    (library.data / "versions/lake/1/version.json").write_text("{", encoding="utf-8")
    (library.data / "versions/lake/stray.txt").write_text("x", encoding="utf-8")
    assert entry(library.data, "lake").versions == ()
    library.remove("lake")
    assert [v.number for v in entry(library.data, "lake").versions] == [2]  # and no number is given twice


def test_a_listing_without_an_index_has_no_current_plans(tmp_path: Path, no_shipped_plans: Path) -> None:
    assert listing(tmp_path) == []


def test_the_commands(built: Path, newer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "settings.toml"
    config.write_text('[index]\nembedder = "hash"\n[library]\nversions = 1\n', encoding="utf-8")
    options = ["--data", str(built), "--config", str(config)]

    def said(*arguments: str) -> str:
        assert main([*arguments, *options]) == 0
        return capsys.readouterr().out

    assert "1 embedded" in said("replace", "lake", str(newer))
    assert "1 plans" in said("remove", "lake")
    lines = said("list").splitlines()
    assert [line.split("\t")[:2] for line in lines[:2]] == [["river", "current"], ["lake", "removed"]]
    assert lines[2].startswith("  version 2\tremoved ")
    assert "2 plans" in said("restore", "lake", "--version", "2")
    assert "村镇食堂" in text_of(built, "lake")
    for wrong in (["remove", "pond"], ["restore", "river"], ["replace", "river", str(tmp_path / "none.txt")]):
        assert main([*wrong, *options]) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert main(["list", "--data", str(tmp_path / "empty")]) == 2


def test_what_is_written_is_for_people_too(library: Library, newer: Path) -> None:
    library.replace("lake", newer)
    about = json.loads((library.data / "versions/lake/1/version.json").read_bytes())
    assert (about["file"], about["why"]) == ("lake.txt", "replaced")
    assert "湖西市" in (library.data / "versions/lake/1/version.json").read_text(encoding="utf-8")
