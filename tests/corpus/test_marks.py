"""Numbering marks: what opens a line, with parts missing, and what only looks like a number."""

from __future__ import annotations

import pytest

from corpus.fold import fold
from corpus.marks import Rank, Series, chinese_number, read_annex, read_mark

ANY: dict[Rank, tuple[int, ...]] = {}

WHOLE = [
    # line, rank, label, the text behind it
    ("第一章 总则", Rank.CHAPTER, "第一章", "总则"),
    ("第2章总则", Rank.CHAPTER, "第2章", "总则"),  # digits, no space
    ("第一部分 专项整治", Rank.CHAPTER, "第一部分", "专项整治"),
    ("第3部分专项整治", Rank.CHAPTER, "第3部分", "专项整治"),
    ("第二篇 重点任务", Rank.CHAPTER, "第二篇", "重点任务"),
    ("第十二节 驿站", Rank.SECTION, "第十二节", "驿站"),
    ("第三条 驿站选址要便民。", Rank.ARTICLE, "第三条", "驿站选址要便民。"),
    ("第三条:驿站", Rank.ARTICLE, "第三条", "驿站"),  # a colon instead of the space
    ("一、总体要求", Rank.CHINESE, "一", "总体要求"),
    ("十一．总体要求", Rank.CHINESE, "十一", "总体要求"),  # full-width point
    ("（二）管护", Rank.CHINESE_BRACKET, "(二)", "管护"),
    ("﹙一﹚管护", Rank.CHINESE_BRACKET, "(一)", "管护"),  # small brackets
    ("(三﹚管护", Rank.CHINESE_BRACKET, "(三)", "管护"),  # a pair of two kinds
    ("〔四〕管护", Rank.CHINESE_BRACKET, "(四)", "管护"),
    ("1.铺步道", Rank.ARABIC, "1", "铺步道"),
    ("１．铺步道", Rank.ARABIC, "1", "铺步道"),  # full width
    ("80、铺步道", Rank.ARABIC, "80", "铺步道"),
    ("1.2031年铺步道", Rank.ARABIC, "1", "2031年铺步道"),  # item 1 that opens with a year
    ("（12）铺步道", Rank.ARABIC_BRACKET, "(12)", "铺步道"),
    ("③铺步道", Rank.CIRCLED, "③", "铺步道"),
]


@pytest.mark.parametrize(("line", "rank", "label", "rest"), WHOLE, ids=lambda value: str(value))
def test_a_whole_mark(line: str, rank: Rank, label: str, rest: str) -> None:
    mark = read_mark(fold(line), ANY)
    assert mark is not None
    assert (mark.rank, mark.label, mark.whole) == (rank, label, True)
    assert line[mark.length :] == rest


BROKEN = [
    # line, the rank whose series it continues, label
    ("11开展评比", Rank.ARABIC, "11"),  # no dot
    ("7“绿道周”活动", Rank.ARABIC, "7"),  # no dot, a quotation
    ("(三加强管护", Rank.CHINESE_BRACKET, "(三)"),  # no closing bracket
    ("三)加强管护", Rank.CHINESE_BRACKET, "(三)"),  # no opening bracket
    ("2)加强管护", Rank.ARABIC_BRACKET, "(2)"),
]


@pytest.mark.parametrize(("line", "rank", "label"), BROKEN)
def test_a_mark_with_a_part_missing_must_continue_its_series(line: str, rank: Rank, label: str) -> None:
    number = chinese_number(label.strip("()"))
    mark = read_mark(line, {rank: (number,)})
    assert mark is not None
    assert (mark.rank, mark.label, mark.number, mark.whole) == (rank, label, number, False)
    assert read_mark(line, {rank: (number + 1,)}) is None
    assert read_mark(line, ANY) is None


NO_MARK = [
    ("2013年建成步道", "a year"),
    ("3个驿站建成", "a count"),
    ("20%的步道", "a share"),
    ("5月底前完成", "a month"),
    ("1.5公里步道", "a decimal"),
    ("3.15活动", "a date"),
    ("一是铺步道", "一是 counts inside a sentence"),
    ("第三条至第六条由市园林局落实。", "a range of articles"),
    ("第三条规定的驿站", "what an article says"),
    ("第三条、第四条由市园林局落实。", "a list of articles"),
    ("第六条所称驿站,是指休息处。", "a word of another article"),
    ("第一章和第二章的任务", "two chapters"),
    ("第一部分任务由县安委办牵头", "a sentence about a part"),
    ("第一部分的任务", "a sentence about a part"),
    ("第二节的任务", "what a section holds"),
    ("(如环湖步道)", "a bracket with words"),
    ("(2031年)", "a year in brackets"),
    ("市园林局", "no number at all"),
    ("", "an empty line"),
]


@pytest.mark.parametrize(("line", "why"), NO_MARK)
def test_what_only_looks_like_a_mark(line: str, why: str) -> None:
    assert read_mark(line, {rank: (1, 2, 3, 5, 20, 2013) for rank in Rank if rank is not Rank.ARTICLE}) is None, why


def test_an_article_without_a_space_must_continue_its_series() -> None:
    # 第六条由市园林局解释 may be article 6 that lost its space, or speak of article 6.
    line = "第六条由市园林局解释。"
    assert read_mark(line, {Rank.ARTICLE: (6,)}) is not None
    assert read_mark(line, {Rank.ARTICLE: (7,)}) is None
    assert read_mark("第六条 由市园林局解释。", {Rank.ARTICLE: (7,)}) is not None


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("一", 1),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("八十七", 87),
        ("一百零三", 103),
        ("百", 100),
        ("12", 12),
        ("〇", 0),
    ],
)
def test_chinese_numbers(written: str, number: int) -> None:
    assert chinese_number(written) == number


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("附件", "附件"),
        ("附件2", "附件2"),
        ("附件二:名单", "附件2"),
        ("附表 任务清单", "附表"),
        ("附件1.任务清单", "附件1"),
        ("附件材料要齐全", None),  # a word, no annex
        ("附则", None),
    ],
)
def test_an_annex(line: str, label: str | None) -> None:
    found = read_annex(line)
    assert (found[0] if found else None) == label


def read_all(*lines: str) -> list[str]:
    """The labels of lines read one after the other."""
    series = Series()
    labels = []
    for line in lines:
        mark = read_mark(line, series.expected())
        if mark is not None:
            series.take(mark)
            labels.append(mark.label)
    return labels


def test_a_running_number_runs_on_through_sections_or_starts_anew() -> None:
    assert read_all("(一)建", "1.甲", "2乙", "(二)管", "3丙", "4丁") == ["(一)", "1", "2", "(二)", "3", "4"]
    assert read_all("(一)建", "1.甲", "2乙", "(二)管", "1丙", "2丁") == ["(一)", "1", "2", "(二)", "1", "2"]
    # Only below a new heading: a 1 in the middle of a section is a quantity.
    assert read_all("(一)建", "1.甲", "2乙", "1批驿站建成") == ["(一)", "1", "2"]


def test_deeper_series_start_anew_and_articles_run_through_chapters() -> None:
    assert read_all("一、甲", "(一)乙", "(二丙", "二、丁", "(三戊", "(一己") == ["一", "(一)", "(二)", "二", "(一)"]
    assert read_all("第一章 甲", "第一条 乙", "第二章 丙", "第二条由市园林局定") == [
        "第一章",
        "第一条",
        "第二章",
        "第二条",
    ]


def test_reset_forgets_every_series() -> None:
    series = Series()
    mark = read_mark("4.甲", ANY)
    assert mark is not None
    series.take(mark)
    assert read_mark("5乙", series.expected()) is not None
    series.reset()
    assert read_mark("5乙", series.expected()) is None
    assert read_mark("1乙", series.expected()) is not None
