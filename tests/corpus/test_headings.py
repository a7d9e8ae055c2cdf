"""Headings that the source sets as headings, with and without numbers, in every format that has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document

from corpus.clean import clean, kept_lines
from corpus.library import read_plan
from corpus.model import Plan
from corpus.read import read_source

MARKDOWN = """# 临江市2031年绿道建设实施方案

## 工作目标

三年建成绿道二十公里。

## 重点任务

### 建设步道

1. 铺设步道。（市园林局负责）
2. 建设驿站。（市住建局负责）

### 管护

1. 补植树木。（市林业局负责）

## 组织保障

市财政局负责筹措经费。
"""
PATHS = {
    "重点任务/建设步道/1": ("市园林局",),
    "重点任务/建设步道/2": ("市住建局",),
    "重点任务/管护/1": ("市林业局",),
    "组织保障": ("市财政局",),
}


def as_md(folder: Path) -> Path:
    path = folder / "绿道.md"
    path.write_text(MARKDOWN, encoding="utf-8")
    return path


def as_html(folder: Path) -> Path:
    rows = []
    for line in filter(None, MARKDOWN.split("\n")):
        level = len(line) - len(line.lstrip("#"))
        text = line.lstrip("# ")
        rows.append(f"<h{level}>{text}</h{level}>" if level else f"<p>{text}</p>")
    path = folder / "绿道.html"
    path.write_text(f"<html><head><meta charset=utf-8></head><body>{''.join(rows)}</body></html>", encoding="utf-8")
    return path


def as_docx(folder: Path) -> Path:
    document = Document()
    for line in filter(None, MARKDOWN.split("\n")):
        level = len(line) - len(line.lstrip("#"))
        if level == 1:
            document.add_heading(line.lstrip("# "), 0)
        elif level:
            document.add_heading(line.lstrip("# "), level - 1)
        else:
            document.add_paragraph(line)
    path = folder / "绿道.docx"
    document.save(path)
    return path


def who(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {a.path: a.responsible for a in plan.assignments}


@pytest.mark.parametrize("make", [as_md, as_html, as_docx])
def test_headings_without_numbers_are_part_of_the_path(make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    plan = read_plan(make(tmp_path))
    assert who(plan) == PATHS
    assert plan.meta.title == "临江市2031年绿道建设实施方案"
    assert [c.path for c in plan.clauses if c.kind == "heading"] == ["重点任务", "重点任务/建设步道", "重点任务/管护"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a numbered chapter ends the unnumbered heading below the chapter before it
        (
            "# 一、任务\n## 建设\n1. 铺路。（市园林局负责）\n# 二、保障\n1. 筹款。（市财政局负责）\n",
            ["一/建设/1", "二/1"],
        ),
        # the same where the chapters are not set as headings
        (
            "一、任务\n\n## 建设\n1. 铺路。（市园林局负责）\n\n二、保障\n\n1. 筹款。（市财政局负责）\n",
            ["一/建设/1", "二/1"],
        ),
        # a running number goes on below the next heading
        ("# 建设\n1. 铺路。（市园林局负责）\n# 管护\n2. 植树。（市林业局负责）\n", ["建设/1", "管护/2"]),
        # a sentence is none, whatever it is set as
        ("# 一、任务\n## 铺路。（市园林局负责）\n## 植树。（市林业局负责）\n", ["一", "一"]),
        # neither is a label
        ("# 一、任务\n1. 铺路。\n## 责任单位：市园林局\n", ["一/1"]),
        # the first line of an annex is its title
        (
            "# 一、任务\n1. 铺路。（市园林局负责）\n# 附件1\n## 任务分工\n1. 植树。（市林业局负责）\n",
            ["一/1", "附件1/1"],
        ),
    ],
)
def test_what_opens_below_what(text: str, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "绿道.md"
    path.write_text(f"临江市绿道建设方案\n\n{text}", encoding="utf-8")
    assert [a.path for a in read_plan(path).assignments] == expected


def test_nothing_runs_into_or_out_of_a_heading(tmp_path: Path) -> None:
    """Neither line ends with a full stop, so without the style they would be one broken sentence."""
    path = tmp_path / "绿道.md"
    path.write_text(
        "# 一、任务\n\n## 1.铺设步道\n\n市园林局负责选线\n\n## 管护\n\n市林业局负责植树\n", encoding="utf-8"
    )
    assert who(read_plan(path)) == {"一/1": ("市园林局",), "一/管护": ("市林业局",)}


def test_markdown_keeps_words_and_numbers_and_loses_its_marks(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "**一、** 任务\n\n3. 甲`乙`[丙](http://x.invalid)\n   丁\n4) 戊\n\n- 己\n\n"
        "| 任务 | 责任单位 |\n|:-:|--|\n| *庚* | 市公安局<br>市教育局 |\n\n    辛\n",
        encoding="utf-8",
    )
    source = read_source(path)
    assert source.text.split("\n") == [
        "一、 任务",
        "3.甲乙丙",
        "丁",
        "4)戊",
        "己",
        "| 任务 | 责任单位 |",
        "| 庚 | 市公安局、市教育局 |",
        "辛",
    ]
    assert (source.format, source.encoding) == ("md", "utf-8")


def test_a_heading_that_cleaning_takes_away_marks_no_other_line() -> None:
    source = "打印\n一、任务\n"  # a button of a page, set as a heading
    cleaned = clean(source, headings=[0])
    assert kept_lines(cleaned, source, [0, 3]) == {3: cleaned.text.index("一")}
