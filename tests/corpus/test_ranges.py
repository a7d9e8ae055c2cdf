"""Words that name several clauses: which are understood, and which numbers they give."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.fold import fold
from corpus.ranges import RANGE, numbers

WRITTEN = [
    ("第九条至第十一条", {9, 10, 11}),
    ("第6至8项", {6, 7, 8}),
    ("第６—８项", {6, 7, 8}),
    ("第6-8项", {6, 7, 8}),
    ("第三、四、五条", {3, 4, 5}),
    ("第1项和第3项", {1, 3}),
    ("（1）（2）两项", {1, 2}),
    ("（十三）至（十六）项", {13, 14, 15, 16}),
    ("本部分（十三）至（十六）项", {13, 14, 15, 16}),
    ("以下第6项至第8项", {6, 7, 8}),
    ("以上6至8项", {6, 7, 8}),
    ("第一百零二条至第一百零三条", {102, 103}),
    ("以上三项", set()),
    ("上述两项", set()),
    ("本章", set()),
]


@pytest.mark.parametrize(("words", "wanted"), WRITTEN)
def test_words_that_name_clauses(words: str, wanted: set[int]) -> None:
    assert re.fullmatch(RANGE, fold(words))
    assert numbers(fold(words)) == wanted


@pytest.mark.parametrize("words", ["第三条", "(一)", "三项", "6项", "第一批", "第二季度", "2031年", "以上学历", "本市"])
def test_words_that_name_no_range(words: str) -> None:
    assert re.fullmatch(RANGE, words) is None


@pytest.mark.parametrize("words", ["第三章", "第十一部分", "第一批", "2031年6月", "另有注明"])
def test_what_a_rule_excepts_is_a_number_of_a_clause(words: str) -> None:
    assert numbers(words) == set()


@given(first=st.integers(1, 99), more=st.integers(0, 50))
def test_a_range_has_each_number_once(first: int, more: int) -> None:
    assert numbers(f"第{first}项至第{first + more}项") == set(range(first, first + more + 1))


@given(st.text(alphabet="第一二十0９()（）至—、条项章本以上和由", max_size=24))
def test_any_words_can_be_asked(words: str) -> None:
    assert all(number >= 0 for number in numbers(fold(words)))
