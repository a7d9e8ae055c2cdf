"""What is known of a plan besides its text: plan.toml, or what the letterhead says."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import PlanInvalid
from corpus.library import SHIPPED, read_text, shipped_plans
from corpus.meta import meta_from_text, read_counts, read_meta

LETTER = """临江市人民政府办公室关于印发《临江市2031年绿道建设实施方案》的通知
临政办发〔2031〕7号
各县(市)人民政府:
临江市人民政府办公室
2031年3月5日
"""


def test_a_letterhead() -> None:
    meta = meta_from_text("a", "a.txt", "0" * 64, LETTER)
    assert (meta.title, meta.number, meta.issue_date) == (
        "临江市2031年绿道建设实施方案",
        "临政办发〔2031〕7号",
        "2031-03-05",
    )
    assert (meta.issuer, meta.region, meta.period) == ("临江市人民政府办公室", "临江市", "2031年")


TITLES = [
    ("臨江市綠道建設工作要點", "临江市绿道建设工作要点", "traditional, simplified when shown"),
    ("关于印发《临江市绿道〈驿站〉建设方案》的通知", "临江市绿道《驿站》建设方案", "brackets within brackets"),
    ("临江市绿道\n临江市绿道建设行动计划", "临江市绿道建设行动计划", "the line that ends as titles do"),
    ("临江市绿道建设方案（修订稿）\n（此件公开发布）", "临江市绿道建设方案(修订稿)", "which state of it"),
    ("关于印发《临江市绿道建设规划（2031—2035年）》的通知", "临江市绿道建设规划(2031—2035年)", "for which years"),
    ("绿道周开幕", "a", "no title: the plan's id"),
    ("", "a", "no letterhead at all"),
]


@pytest.mark.parametrize(("head", "title", "why"), TITLES, ids=[row[2] for row in TITLES])
def test_a_title(head: str, title: str, why: str) -> None:
    assert meta_from_text("a", "", "", head).title == title, why


def test_a_silent_letterhead_leaves_fields_empty() -> None:
    meta = meta_from_text("a", "", "", "绿道建设方案")
    assert (meta.number, meta.issue_date, meta.issuer, meta.issuer_stated, meta.region, meta.period) == (
        *("", "", ""),
        False,
        "",
        "",
    )


@pytest.mark.parametrize("head", ["2031年3月", "步道于2031年3月5日建成。", "2031年33月5日前"])
def test_a_date_that_is_no_date_of_issue(head: str) -> None:
    assert meta_from_text("a", "", "", head).issue_date == ""


def test_a_text_says_what_it_is() -> None:
    assert read_text(LETTER + "一、任务\n1.铺步道。\n").meta.title == "临江市2031年绿道建设实施方案"


def folder(tmp_path: Path, text: str) -> Path:
    place = tmp_path / "lindao"
    place.mkdir()
    (place / "plan.toml").write_text(text, encoding="utf-8")
    return place


def test_plan_toml(tmp_path: Path) -> None:
    place = folder(tmp_path, 'title = "绿道方案"\nnicknames = ["绿道"]\nissuer_stated = false\n[counts]\ntasks = 3\n')
    meta = read_meta(place)
    assert (meta.id, meta.title, meta.nicknames, meta.issuer_stated) == ("lindao", "绿道方案", ("绿道",), False)
    assert read_counts(place) == {"tasks": 3}


FAULTS = [
    ('titel = "绿道"', "unknown key 'titel'"),
    ("title = 3", "title has the wrong type"),
    ("title = true", "title has the wrong type"),
    ('nicknames = "绿道"', "nicknames has the wrong type"),
    ("nicknames = [3]", "nicknames has the wrong type"),
    ('issuer_stated = "no"', "issuer_stated has the wrong type"),
    ("issuer_stated = []", "issuer_stated has the wrong type"),
    ("title =", "not valid TOML"),
    ("counts = 3", "counts"),
    ('[counts]\ntasks = "drei"', "counts"),
]


@pytest.mark.parametrize(("text", "said"), FAULTS, ids=[row[0] for row in FAULTS])
def test_a_faulty_plan_toml_is_refused_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PlanInvalid, match=r"plan\.toml: ") as caught:
        place = folder(tmp_path, text)
        read_meta(place)
        read_counts(place)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_without_plan_toml_says_so(tmp_path: Path) -> None:
    with pytest.raises(PlanInvalid, match=r"needs a plan\.toml"):
        read_meta(tmp_path)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_bytes(b"title = \xff\xfe")
    with pytest.raises(PlanInvalid, match="not valid TOML"):
        read_meta(tmp_path)


def test_every_shipped_plan_says_what_it_is_and_pins_its_counts() -> None:
    folders = shipped_plans()
    assert [path.parent for path in folders] == [SHIPPED] * 5
    for place in folders:
        meta = read_meta(place)
        assert meta.id == place.name
        assert (place / meta.file).is_file()
        assert len(meta.sha256) == 64
        assert meta.title and meta.region and meta.source
        assert set(read_counts(place)) == {"clauses", "tasks", "assignments", "people", "rules"}
