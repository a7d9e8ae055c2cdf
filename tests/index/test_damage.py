"""Whatever happens to a file of the index: one clear line with the command, and that command mends it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.errors import AssistantError
from index import store
from index.build import build
from index.config import IndexSettings
from index.errors import IndexDamaged, IndexMissing, IndexStale
from index.manifest import FORMAT
from index.search import SearchIndex

HASHED = IndexSettings(embedder="hash")


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) * 2 // 3] ^= 0x10
    file.write_bytes(content)


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def append(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"\n")


def blank(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


HARMS: list[Callable[[Path], None]] = [flip, truncate, append, blank, Path.unlink]
FILES = [
    "manifest.json",
    "plans.jsonl",
    "passages.jsonl",
    "vectors.faiss",
    "bm25/data.csc.index.npy",
    "bm25/indices.csc.index.npy",
    "bm25/indptr.csc.index.npy",
    "bm25/params.index.json",
    "bm25/vocab.index.json",
]


def test_the_list_of_files_is_whole(built: Path) -> None:
    folder = store.current(built).folder
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()) == sorted(FILES)


def refused(data: Path, kind: type[AssistantError] = IndexDamaged) -> str:
    with pytest.raises(kind) as caught:
        SearchIndex.open(data, HASHED)
    message = str(caught.value)
    assert "\n" not in message
    assert "run: python -m index build" in message
    return message


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
@pytest.mark.parametrize("name", FILES)
def test_a_harmed_file_is_named_and_a_build_mends_it(built: Path, name: str, harm: Callable[[Path], None]) -> None:
    file = store.current(built).folder / name
    harm(file)
    assert str(file) in refused(built)
    assert build(built, HASHED, [built / "library"], progress=False).embedded == 0
    assert set(SearchIndex.open(built, HASHED).plans) == {"river", "lake"}


@pytest.mark.parametrize(
    "content", ["", "\n", "../../etc 00", "000009 " + "0" * 64, "000001 " + "0" * 64, "六号", "000001/../000001 00"]
)
def test_a_pointer_to_nowhere(built: Path, content: str) -> None:
    (built / "index" / "CURRENT").write_text(content, encoding="utf-8")
    refused(built)
    build(built, HASHED, [built / "library"], progress=False)
    assert SearchIndex.open(built, HASHED).search("社区食堂")


def test_no_pointer_is_no_index_and_the_next_build_makes_one(built: Path) -> None:
    (built / "index" / "CURRENT").unlink()
    refused(built, IndexMissing)
    build(built, HASHED, [built / "library"], progress=False)
    assert SearchIndex.open(built, HASHED).search("社区食堂")


def test_files_of_two_generations_do_not_mix(built: Path, plan_files: Path) -> None:
    first = store.current(built).folder
    (plan_files / "pond.txt").write_bytes((plan_files / "lake.txt").read_bytes() + b"\n")
    build(built, HASHED, [plan_files], progress=False)
    shutil.copy(first / "vectors.faiss", store.current(built).folder / "vectors.faiss")
    assert "vectors.faiss" in refused(built)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"max_chars": 200}, "max_chars"),
        ({"overlap": 20}, "overlap"),
        ({"bm25_k1": 1.2}, "bm25_k1"),
        ({"faiss_factory": "HNSW32"}, "faiss_factory"),
        ({"embedder": "bundled"}, "embedder"),
    ],
)
def test_an_index_of_other_settings_is_stale(built: Path, changed: dict[str, object], said: str) -> None:
    with pytest.raises(IndexStale, match=said) as caught:
        SearchIndex.open(built, IndexSettings.model_validate({"embedder": "hash", **changed}))
    assert "run: python -m index build" in str(caught.value)


@pytest.mark.parametrize("changed", [{"threads": 1}, {"lexical_weight": 0.5}, {"candidates": 5}])
def test_settings_that_only_search_reads_do_not_make_it_stale(built: Path, changed: dict[str, object]) -> None:
    SearchIndex.open(built, IndexSettings.model_validate({"embedder": "hash", **changed}))


def test_a_changed_or_missing_plan_file_makes_it_stale(built: Path) -> None:
    file = built / "library/lake/lake.txt"
    append(file)
    assert f"{file} has changed" in refused(built, IndexStale)
    file.unlink()
    assert f"{file} is gone" in refused(built, IndexStale)


def test_changed_reading_code_or_units_make_it_stale(built: Path) -> None:
    (built / "units.toml").write_text("", encoding="utf-8")
    assert "code or the tables" in refused(built, IndexStale)
    build(built, HASHED, [built / "library"], progress=False)
    assert set(SearchIndex.open(built, HASHED).plans) == {"river", "lake"}


def test_another_format_is_stale(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.manifest.FORMAT", FORMAT + 1)
    assert "format" in refused(built, IndexStale)


def test_a_new_plan_in_the_library_does_not_stop_the_old_index(built: Path) -> None:
    shutil.copytree(built / "library/lake", built / "library/pond")
    SearchIndex.open(built, HASHED)
    build(built, HASHED, [built / "library"], progress=False)
    assert set(SearchIndex.open(built, HASHED).plans) == {"river", "lake", "pond"}
