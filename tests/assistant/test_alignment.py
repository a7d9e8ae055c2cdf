"""Tasks of several plans in rows by subject; corrections of that, in an address and kept for everyone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.alignment import Key, Row, align, tasks_of
from assistant.alignment_edits import MOST, Edit, edited, handle, read_edits
from assistant.alignment_file import FOLDER, AlignmentUnreadable, SavedAlignments
from corpus.library import read_text
from corpus.model import Plan
from corpus.units import load_units
from index.build import build
from index.config import IndexSettings, LibrarySettings
from index.library import Library
from index.search import SearchIndex
from index.vectors import Vector

FINE = """海州省文化工作要点
一、重点任务
1.更换古桥栏杆。(省文物局牵头)
2.修补古桥桥面。(省文物局负责)
3.培训乡村鼓手。(省文化厅牵头)
4.种植沿河柳树。(省林草局负责)
"""
COARSE = """青川市文化工作方案
一、重点任务
1.维护古桥，更换栏杆，修补桥面。(市文物局牵头)
2.培训鼓手，办好鼓手大赛。(市文化局牵头)
3.研究票价机制。(市发展改革委负责)
"""
# What each task is about, as directions; tasks of one subject share one.
SUBJECTS = {
    "fine": {"一/1": 0, "一/2": 0, "一/3": 1, "一/4": 2},
    "coarse": {"一/1": 0, "一/2": 1, "一/3": 3},
    "third": {"一/1": 1, "一/2": 2},
}
THIRD = """云岭县文化实施意见
一、重点任务
1.办好鼓手大赛，培训鼓手。(县文化局牵头)
2.种植柳树，管护柳树。(县林业局牵头)
"""


def plan_of(name: str, text: str) -> Plan:
    return read_text(text, plan_id=name, units=load_units())


@pytest.fixture(scope="module")
def plans() -> Mapping[str, Plan]:
    return {name: plan_of(name, text) for name, text in (("fine", FINE), ("coarse", COARSE), ("third", THIRD))}


def vectors_of(
    plans: Sequence[Plan], subjects: Mapping[str, Mapping[str, int]] = SUBJECTS
) -> dict[str, dict[str, Vector]]:
    """Vectors that all lie close to each other, as the model's do, and differ by their subject."""

    def vector(subject: int) -> Vector:
        made = np.zeros(6, dtype=np.float32)
        made[5], made[subject] = 3.0, 1.0
        return made / np.linalg.norm(made)

    return {plan.id: {path: vector(n) for path, n in subjects[plan.id].items()} for plan in plans}


def aligned(plans: Mapping[str, Plan], *names: str, **more: object) -> list[str]:
    chosen = [plans[name] for name in names]
    return written(align(chosen, vectors_of(chosen), **more).rows)  # type: ignore[arg-type]


def written(rows: Sequence[Row]) -> list[str]:
    return [" ".join(f"{plan[0]}{path[-1]}" for plan, path in row) for row in rows]


def test_several_fine_tasks_stand_beside_one_coarse_task(plans: Mapping[str, Plan]) -> None:
    assert aligned(plans, "fine", "coarse") == ["f1 f2 c1", "f3 c2", "f4", "c3"]


def test_rows_stand_in_the_order_of_the_first_plan_and_are_the_same(plans: Mapping[str, Plan]) -> None:
    assert aligned(plans, "coarse", "fine") == ["c1 f1 f2", "c2 f3", "c3", "f4"]


def test_three_plans(plans: Mapping[str, Plan]) -> None:
    assert aligned(plans, "fine", "coarse", "third") == ["f1 f2 c1", "f3 c2 t1", "f4 t2", "c3"]


def test_every_task_stands_in_exactly_one_row(plans: Mapping[str, Plan]) -> None:
    chosen = list(plans.values())
    for threshold in (0.0, 0.3, 0.9, 1.1):
        rows = align(chosen, vectors_of(chosen), threshold=threshold).rows
        assert sorted(key for row in rows for key in row) == sorted((p.id, c.path) for p in chosen for c in tasks_of(p))
    assert len(rows) == 9  # nobody reaches the last threshold


def test_words_alone_are_not_enough_and_meaning_alone_is_not(plans: Mapping[str, Plan]) -> None:
    chosen = [plans["fine"], plans["coarse"]]
    apart = {name: dict(zip(of, range(4), strict=False)) for name, of in SUBJECTS.items()}
    apart["coarse"] = {"一/1": 3, "一/2": 4, "一/3": 4}  # the vectors see nothing in common
    assert all(len(row) == 1 for row in align(chosen, vectors_of(chosen, apart)).rows)
    same = {**SUBJECTS, "coarse": {"一/1": 1, "一/2": 0, "一/3": 2}}  # and here what the words deny
    assert all(len(row) == 1 for row in align(chosen, vectors_of(chosen, same)).rows)


def test_a_plan_without_tasks_or_vectors() -> None:
    empty, other = plan_of("empty", "海州省通告\n特此通告。\n"), plan_of("fine", FINE)
    assert align([empty, empty], {}).rows == ()
    assert len(align([empty, other], {}).rows) == 4


def test_what_somebody_said_stands_before_all(plans: Mapping[str, Plan]) -> None:
    def said(task: str, *partners: str) -> dict[tuple[Key, str], frozenset[Key]]:
        key = ("fine", f"一/{task}")
        return {(key, "coarse"): frozenset(("coarse", f"一/{p}") for p in partners)}

    assert aligned(plans, "fine", "coarse", partners=said("4", "3")) == ["f1 f2 c1", "f3 c2", "f4 c3"]
    assert aligned(plans, "fine", "coarse", partners=said("2")) == ["f1 c1", "f2", "f3 c2", "f4", "c3"]
    assert aligned(plans, "fine", "coarse", partners=said("3", "1", "3")) == ["f1 f2 f3 c1 c3", "f4", "c2"]
    # The same where the plan that is read first is the one that it was said of.
    both = {(("coarse", "一/2"), "fine"): frozenset({("fine", "一/4")})}
    assert aligned(plans, "fine", "coarse", partners=both) == ["f1 f2 c1", "f3", "f4 c2", "c3"]


def test_the_nearest_rows_come_first(plans: Mapping[str, Plan]) -> None:
    chosen = [plans["fine"], plans["coarse"]]
    made = align(chosen, vectors_of(chosen), threshold=1.1)
    assert made.nearest(("fine", "一/1"), made.rows, 3)[0] == made.rows.index((("coarse", "一/1"),))


# -- in an address ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def handles(plans: Mapping[str, Plan]) -> dict[str, str]:
    return {f"{p.id[0]}{c.path[-1]}": handle(p, c) for p in plans.values() for c in tasks_of(p)}


def edit(plans: Mapping[str, Plan], handles: Mapping[str, str], *edits: str) -> tuple[list[str], int]:
    chosen = [plans["fine"], plans["coarse"]]
    made = align(chosen, vectors_of(chosen))
    known = {handle(plan, c): (plan.id, c.path) for plan in chosen for c in tasks_of(plan)}
    of = tuple(Edit(one[0], *(handles.get(name, "0" * 10) for name in one[1:].split())) for one in edits)  # type: ignore[arg-type]
    read = read_edits([str(one) for one in of])
    assert read == of
    result = edited(made.rows, made.keys, of, known)
    return written(result.rows), result.lost


def test_moved_split_and_joined(plans: Mapping[str, Plan], handles: Mapping[str, str]) -> None:
    assert edit(plans, handles, "mf4 c3") == (["f1 f2 c1", "f3 c2", "f4 c3"], 0)
    assert edit(plans, handles, "sf2") == (["f1 c1", "f2", "f3 c2", "f4", "c3"], 0)
    assert edit(plans, handles, "jf3 f4") == (["f1 f2 c1", "f3 f4 c2", "c3"], 0)
    assert edit(plans, handles, "sf2", "mf2 c1") == (["f1 f2 c1", "f3 c2", "f4", "c3"], 0)
    assert edit(plans, handles, "mf4 x9", "st1") == (["f1 f2 c1", "f3 c2", "f4", "c3"], 2)


@pytest.mark.parametrize("bad", ["", "m123", "s" + "0" * 11, "x" + "0" * 20, "m" + "G" * 20, "s" + "0" * 10 + "\n"])
def test_an_address_that_is_not_ours(bad: str) -> None:
    assert read_edits([bad]) is None


def test_an_address_is_bounded() -> None:
    assert read_edits(["s" + "0" * 10] * (MOST + 1)) is None


def test_a_task_with_other_words_has_another_handle(plans: Mapping[str, Plan], handles: Mapping[str, str]) -> None:
    newer = plan_of("fine", FINE.replace("栏杆", "石栏"))
    assert handle(newer, tasks_of(newer)[0]) != handles["f1"]
    assert handle(newer, tasks_of(newer)[1]) == handles["f2"]


# -- for everyone ----------------------------------------------------------------------------------------------


def kept(data: Path, plans: Mapping[str, Plan], *edits: str) -> SavedAlignments:
    """What an editor saves who has made these corrections."""
    saved = SavedAlignments(data)
    chosen = [plans["fine"], plans["coarse"]]
    made = align(chosen, vectors_of(chosen), saved.of(chosen).partners)
    known = {handle(plan, c): (plan.id, c.path) for plan in chosen for c in tasks_of(plan)}
    short = {f"{plan[0]}{path[-1]}": called for called, (plan, path) in known.items()}
    of = [Edit(one[0], *(short[name] for name in one[1:].split())) for one in edits]  # type: ignore[arg-type]
    after = edited(made.rows, made.keys, of, known)
    saved.save(chosen, made.rows, after.rows, after.touched, "li", "2031-01-01T00:00:00+08:00")
    return saved


def again(saved: SavedAlignments, *plans: Plan) -> tuple[list[str], int]:
    """What everyone sees from then on, and how much of what was saved is lost."""
    found = saved.of(plans)
    return written(align(plans, vectors_of(plans), found.partners).rows), len(found.orphans)


@pytest.mark.parametrize("one", [("sf2",), ("mf4 c3",), ("jf3 f4",), ("sf2", "mf4 c3", "mf3 c1")])
def test_what_is_saved_is_what_was_seen(
    one: Sequence[str], tmp_path: Path, plans: Mapping[str, Plan], handles: Mapping[str, str]
) -> None:
    saved = kept(tmp_path, plans, *one)
    assert again(saved, plans["fine"], plans["coarse"]) == (edit(plans, handles, *one)[0], 0)
    assert saved.of([plans["coarse"], plans["third"]]).partners == {}  # another pair knows nothing of it


def test_a_later_correction_replaces_an_earlier_one_of_the_task(tmp_path: Path, plans: Mapping[str, Plan]) -> None:
    kept(tmp_path, plans, "mf4 c3")
    saved = kept(tmp_path, plans, "sf4")
    assert again(saved, plans["fine"], plans["coarse"]) == (["f1 f2 c1", "f3 c2", "f4", "c3"], 0)
    (file,) = (tmp_path / FOLDER).iterdir()
    assert [one["by"] for one in json.loads(file.read_text())["said"]] == ["li"]


def test_saved_corrections_follow_their_task_or_are_told_as_lost(tmp_path: Path, plans: Mapping[str, Plan]) -> None:
    saved = kept(tmp_path, plans, "mf4 c3")
    moved = plan_of("fine", FINE.replace("4.种植", "5.种植").replace("3.培训", "3.补种芦苇。\n4.培训"))
    found = saved.of([moved, plans["coarse"]])
    assert set(found.partners) == {(("fine", "一/5"), "coarse")}
    changed = plan_of("fine", FINE.replace("沿河柳树", "行道树"))
    found = saved.of([changed, plans["coarse"]])
    assert (dict(found.partners), len(found.orphans)) == ({}, 1)
    saved.forget("coarse", "fine", [changed, plans["coarse"]])
    assert saved.of([plans["fine"], plans["coarse"]]).partners == {}
    assert not list((tmp_path / FOLDER).iterdir())


def test_a_partner_with_other_words_is_not_said_to_be_none(tmp_path: Path, plans: Mapping[str, Plan]) -> None:
    """Of two partners one is reworded: used in part, the statement would keep the task from the one that is left."""
    saved = SavedAlignments(tmp_path)
    fine, coarse = plans["fine"], plans["coarse"]
    row = (("fine", "一/1"), ("fine", "一/2"), ("coarse", "一/1"))
    alone = tuple((key,) for key in row)
    saved.save([fine, coarse], alone, [row], row, "li", "")
    whole = saved.of([fine, coarse])
    assert whole.partners[("coarse", "一/1"), "fine"] == {("fine", "一/1"), ("fine", "一/2")}
    assert whole.by[("coarse", "一/1"), "fine"] == ("li", "")
    reworded = plan_of("fine", FINE.replace("栏杆", "石栏"))
    assert reworded.quote(tasks_of(reworded)[0].span) != fine.quote(tasks_of(fine)[0].span)
    found = saved.of([reworded, coarse])
    assert set(found.partners) == {(("fine", "一/2"), "coarse")}
    assert len(found.orphans) == 2


def test_all_is_taken_back(tmp_path: Path, plans: Mapping[str, Plan]) -> None:
    saved = kept(tmp_path, plans, "sf2", "mf4 c3")
    saved.forget("fine", "coarse")
    assert saved.of([plans["fine"], plans["coarse"]]).partners == {}


def test_they_outlast_a_removal_as_long_as_the_plan_can_come_back(tmp_path: Path, plans: Mapping[str, Plan]) -> None:
    """And it can: of a plan that is removed the library keeps the newest version, however few it is to keep."""
    files = tmp_path / "files"
    files.mkdir()
    for name, text in (("fine", FINE), ("coarse", COARSE), ("third", THIRD)):
        (files / f"{name}.txt").write_text(text, encoding="utf-8")
    data, hashed = tmp_path / "data", IndexSettings(embedder="hash")
    build(data, hashed, [files], progress=False)
    library = Library(data, hashed, LibrarySettings(versions=1))

    def there() -> Mapping[str, Plan]:
        return SearchIndex.open(data, hashed).plans

    saved = kept(data, plans, "mf4 c3")
    right = again(saved, plans["fine"], plans["coarse"])
    for _ in range(2):
        assert again(saved, there()["fine"], there()["coarse"]) == right
        (files / "coarse.txt").write_text(f"{COARSE}4.新修茶亭。(市文物局牵头)\n", encoding="utf-8")
        library.replace("coarse", files / "coarse.txt")
        library.restore("coarse")
        library.remove("coarse")
        assert "coarse" not in there()
        (removed,) = (one for one in library.listing() if one.id == "coarse")
        assert [version.why for version in removed.versions] == ["removed"]
        # What is done to other plans meanwhile is no reason to forget it, nor is a start of the server.
        saved.forget("fine", "third")
        build(data, hashed, None, progress=False)
        saved = SavedAlignments(data)
        library.restore("coarse")
    assert again(saved, there()["fine"], there()["coarse"]) == right


@pytest.mark.parametrize("content", [b"{", b'{"plans": ["a"], "said": []}', b"\xff"])
def test_a_damaged_file_is_one_line_and_the_log_names_it(
    content: bytes, tmp_path: Path, plans: Mapping[str, Plan], caplog: pytest.LogCaptureFixture
) -> None:
    saved = kept(tmp_path, plans, "sf2")
    (file,) = (tmp_path / FOLDER).iterdir()
    file.write_bytes(content)
    with pytest.raises(AlignmentUnreadable, match="cannot be read; the server's log says why") as told:
        saved.of([plans["fine"], plans["coarse"]])
    assert str(tmp_path) not in str(told.value)
    assert f"{file}: cannot be read" in caplog.text
    assert "remove that file" in caplog.text
