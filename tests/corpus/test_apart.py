"""A plan read in a process of its own: the same plan, or one line, within limits."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.apart import read_plan_apart
from corpus.errors import KnowledgeInvalid, PlanUnreadable
from corpus.library import read_plan
from corpus.model import plan_from_json
from corpus.read_draft import DEFAULT_LIMITS, Limits

TEXT = "临江市绿道建设方案\n一、任务\n1.铺步道。(市园林局牵头,市财政局配合)\n2.建驿站。\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "临江 绿道.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_it_is_the_same_plan(file: Path, tmp_path: Path) -> None:
    read = read_plan_apart(file, "greenway", tmp_path / "units.toml")
    assert plan_from_json(read) == read_plan(file, plan_id="greenway")


def test_the_offices_own_table_is_used(tmp_path: Path) -> None:
    file, units = tmp_path / "a.txt", tmp_path / "units.toml"
    file.write_text("方案\n一、任务\n1.铺步道。(绿道之家牵头)\n", encoding="utf-8")
    assert plan_from_json(read_plan_apart(file, "a", units)).assignments == ()
    units.write_text('[[body]]\nnames = ["绿道之家"]\n', encoding="utf-8")
    assert plan_from_json(read_plan_apart(file, "a", units)).mentioned == ("绿道之家",)
    units.write_text("[[body]\n", encoding="utf-8")
    with pytest.raises(KnowledgeInvalid, match="not valid TOML"):
        read_plan_apart(file, "a", units)


def refused(file: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(PlanUnreadable) as caught:
        read_plan_apart(file, "a", file.parent / "units.toml", limits)
    said = str(caught.value)
    assert f"{file.name}: " in said and "\n" not in said and ";" in said and "Traceback" not in said
    return said


def test_a_file_that_is_no_plan_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "a.docx"
    assert "no such file" in refused(file)
    file.write_bytes(b"PK\x03\x04" + bytes(100))
    assert "a.docx: is not a whole Word document" in refused(file)


def test_time_and_memory_are_bounded(file: Path) -> None:
    assert "seconds to read" in refused(file, replace(DEFAULT_LIMITS, wall_seconds=0.001))
    file.write_text("一、任务\n" + "".join(f"{n}.铺步道。(市园林局牵头)\n" for n in range(1, 9999)), encoding="utf-8")
    assert "seconds of computing" in refused(file, replace(DEFAULT_LIMITS, cpu_seconds=0))
    assert "reader fail" in refused(file, replace(DEFAULT_LIMITS, memory_bytes=1 << 20))
    assert "more text than can be read" in refused(file, replace(DEFAULT_LIMITS, result_bytes=1 << 10))


def test_of_a_plan_the_next_one_knows_nothing(file: Path) -> None:
    """Each is read in a child of its own, which goes when it is done; their server stays."""
    units, there = file.parent / "units.toml", set(_children())
    read_plan_apart(file, "a", units)
    server = set(_children()) - there
    refused(file.with_name("none.txt"))
    assert plan_from_json(read_plan_apart(file, "b", units)) == read_plan(file, plan_id="b")
    assert len(server) <= 1 and set(_children()) - there == server


def _children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
