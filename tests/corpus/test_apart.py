"""A plan read in a process of its own: the same plan, or one line, within limits."""

from __future__ import annotations

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
    read_plan_apart(file, "greenway", tmp_path / "units.toml", tmp_path / "out")
    assert plan_from_json((tmp_path / "out").read_bytes()) == read_plan(file, plan_id="greenway")


def test_the_offices_own_table_is_used(tmp_path: Path) -> None:
    file, units = tmp_path / "a.txt", tmp_path / "units.toml"
    file.write_text("方案\n一、任务\n1.铺步道。(绿道之家牵头)\n", encoding="utf-8")
    read_plan_apart(file, "a", units, tmp_path / "out")
    assert plan_from_json((tmp_path / "out").read_bytes()).assignments == ()
    units.write_text('[[body]]\nnames = ["绿道之家"]\n', encoding="utf-8")
    read_plan_apart(file, "a", units, tmp_path / "out")
    assert plan_from_json((tmp_path / "out").read_bytes()).mentioned == ("绿道之家",)
    units.write_text("[[body]\n", encoding="utf-8")
    with pytest.raises(KnowledgeInvalid, match="not valid TOML"):
        read_plan_apart(file, "a", units, tmp_path / "out2")


def refused(file: Path, out: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(PlanUnreadable) as caught:
        read_plan_apart(file, "a", out.parent / "units.toml", out, limits)
    said = str(caught.value)
    assert "\n" not in said and ";" in said and "Traceback" not in said
    return said


def test_a_file_that_is_no_plan_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "a.docx"
    file.write_bytes(b"PK\x03\x04" + bytes(100))
    assert "a.docx: is not a whole Word document" in refused(file, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_time_and_memory_are_bounded(file: Path, tmp_path: Path) -> None:
    assert "seconds to read" in refused(file, tmp_path / "out", replace(DEFAULT_LIMITS, wall_seconds=0.01))
    file.write_text("一、任务\n" + "".join(f"{n}.铺步道。(市园林局牵头)\n" for n in range(1, 9999)), encoding="utf-8")
    assert "seconds of computing" in refused(file, tmp_path / "out", replace(DEFAULT_LIMITS, cpu_seconds=0))
    assert "reader fail" in refused(file, tmp_path / "out", replace(DEFAULT_LIMITS, memory_bytes=1 << 20))
    assert "reader fail" in refused(file, tmp_path / "out", replace(DEFAULT_LIMITS, result_bytes=1 << 10))
