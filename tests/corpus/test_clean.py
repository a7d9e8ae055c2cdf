"""Cleaning: what goes, what stays, and that every kept character is the source's own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.clean import Furniture, clean, without

JOINED = [
    # source, plan text, why
    ("1.铺设\n步道。", "1.铺设步道。", "a break inside a word"),
    ("1.印发《绿道使用\n手册》。", "1.印发《绿道使用手册》。", "a broken title inside a clause"),
    ("关于印发《绿道建设\n方案》的通知", "关于印发《绿道建设方案》的通知", "a broken title in the letterhead"),
    ("1.铺步道。(市园林局、\n市财政局负责)", "1.铺步道。(市园林局、市财政局负责)", "a break inside a list"),
    ("1.铺步道,\n  建驿站。", "1.铺步道,建驿站。", "an indented continuation"),
    ("1.铺\n步\n道。", "1.铺步道。", "several breaks"),
]
KEPT = [
    ("1.铺步道。\n2.建驿站。", "two items"),
    ("1.铺步道\n2.建驿站", "two items without a full stop"),
    ("临江市绿道建设方案\n临江市人民政府", "lines of the letterhead stand for themselves"),
    ("一、重点任务\n市园林局要铺步道。", "a heading and its body"),
    ("(一)管护\n市园林局要巡查。", "a section heading and its body"),
    ("1.铺步道。\n责任单位:市园林局", "a label line"),
    ("1.铺步道\n牵头单位:市园林局\n配合单位:市财政局", "label lines behind an open sentence"),
    ("1.铺步道。\n| 序号 | 任务 |\n| 1 | 步道 |", "table rows"),
    ("1.铺步道\n附件1", "an annex"),
]


@pytest.mark.parametrize(("source", "text", "why"), JOINED, ids=[row[2] for row in JOINED])
def test_lines_that_belong_together(source: str, text: str, why: str) -> None:
    assert clean(source).text == text, why


@pytest.mark.parametrize(("source", "why"), KEPT, ids=[row[1] for row in KEPT])
def test_lines_that_stay_apart(source: str, why: str) -> None:
    assert clean(source).text == source, why


FURNITURE = [
    ("发布时间:2031-01-02\n一、任务", "一、任务", "a line of page data"),
    ("索引号\nLJ-2031-7\n一、任务", "一、任务", "a label and its value"),
    ("标题\n绿道方案\n一、任务", "绿道方案\n一、任务", "a label whose value stays"),
    ("一、任务\n- 3 -\n二、保障", "一、任务\n二、保障", "a page number"),
    ("一、任务\n扫一扫在手机打开当前页", "一、任务\n", "an invitation to scan"),
    ("一、任务\n扫碼使用手機瀏覽本頁", "一、任务\n", "the same in traditional characters"),
    ("一、任务\n上一篇:绿道周开幕", "一、任务\n", "navigation"),
    ("【临江市】关于印发绿道方案的通知", "关于印发绿道方案的通知", "a region in front of a title"),
    ("关于绿道的通知发文机关", "关于绿道的通知", "a label glued to a title"),
]


@pytest.mark.parametrize(("source", "text", "why"), FURNITURE, ids=[row[2] for row in FURNITURE])
def test_page_furniture_goes(source: str, text: str, why: str) -> None:
    assert clean(source).text == text, why


STAYS = [
    "文号由市园林局编制。",
    "来源丰富的绿道",
    "1.关闭本页面功能由市园林局负责开发维护升级改造。",
    "上一篇章",
    "有效",
    "2031年",
]


@pytest.mark.parametrize("line", STAYS)
def test_words_like_those_of_furniture_stay(line: str) -> None:
    assert clean(line).text == line


def test_the_table_decides_what_furniture_is() -> None:
    own = Furniture(frozenset(), frozenset(), re.compile("绿道周报"), re.compile("※"), re.compile("(?:完)$"))
    assert clean("绿道周报\n※步道完\n发布时间:今天", own).text == "步道\n发布时间:今天"


@pytest.mark.parametrize("char", ["\u200b", "\ufeff", "\u00ad", "\u202e", "\x07", "\ufe0f"])
def test_invisible_characters_go(char: str) -> None:
    assert clean(f"1.铺{char}步道。").text == "1.铺步道。"


def test_white_space_at_line_ends_and_empty_lines_go() -> None:
    assert clean("  一、任务  \n\n\u3000\n  1.铺 步道。\t\n").text == "一、任务\n1.铺 步道。\n"


def test_the_way_back_by_hand() -> None:
    # 0123456 → the two middle characters and one more go
    cut = without("铺设绿道驿站标", [(2, 4), (3, 4), (5, 6)])
    assert cut.text == "铺设驿标"
    assert cut.origins == ((0, 0, 2), (2, 4, 1), (3, 6, 1))
    assert [cut.to_source(i) for i in range(4)] == [0, 1, 4, 6]


PIECES = st.lists(
    st.sampled_from(
        [
            "一、任务",
            "(二管护",
            "1.铺设",
            "步道",
            "。",
            "\n",
            "\n\n",
            " ",
            "\u200b",
            "《绿道",
            "》",
            "发布时间:",
            "索引号",
            "责任单位:",
            "| a |",
            "附件",
            "- 3 -",
            "市园林局",
            "\r",
            "𠀀",
            "(",
            ")",
            "上一篇:",
        ]
    ),
    max_size=40,
).map("".join)


@given(st.one_of(PIECES, st.text(st.characters(exclude_categories=["Cs"]), max_size=200)))
def test_cleaning_only_takes_away(source: str) -> None:
    cleaned = clean(source)
    back = [cleaned.to_source(offset) for offset in range(len(cleaned.text))]
    assert [source[offset] for offset in back] == list(cleaned.text)
    assert back == sorted(set(back))  # in order, none twice
    assert sum(length for _, _, length in cleaned.origins) == len(cleaned.text)


def test_lines_of_a_roster_stay_lines() -> None:
    source = "一、组织\n组  长：张伟\n成　员：安全部、生产部主要负责人\n领导小组下设办公室。\n"
    assert clean(source).text.split("\n")[:4] == source.split("\n")[:4]
