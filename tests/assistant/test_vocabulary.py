"""The words of the plans: what a pair is, and that a rarer one tells more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.vocabulary import Vocabulary, bigrams

PASSAGES = ["建设县域医疗中心", "建设观测站", "建设互联平台", "培训乡村医生300人", "推广tisc标准"]


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("医疗中心", {"医疗", "疗中", "中心"}),
        ("医疗,中心", {"医疗", "中心"}),  # none across a mark
        ("300人", {"300"}),  # figures whole, single characters not at all
        ("增长15.5%", {"增长", "15.5%"}),
        ("tisc中心", {"tisc", "中心"}),
        ("a", set()),
        ("", set()),
    ],
)
def test_pairs(text: str, pairs: set[str]) -> None:
    assert bigrams(text) == pairs


def test_a_pair_is_known_where_a_passage_holds_it() -> None:
    words = Vocabulary(PASSAGES)
    assert words.knows("医疗")
    assert words.knows("tisc")
    assert words.knows("300")
    assert not words.knows("公交")


def test_a_pair_in_one_passage_counts_once_however_often_it_stands_there() -> None:
    assert Vocabulary(["医疗医疗医疗", "中心"]).weight("医疗") == Vocabulary(["医疗", "中心"]).weight("医疗")


@given(st.lists(st.sampled_from(PASSAGES), min_size=1, max_size=12))
def test_a_rarer_pair_tells_more(passages: list[str]) -> None:
    words = Vocabulary(passages)
    pairs = {pair for text in PASSAGES for pair in bigrams(text)}
    held = {pair: sum(pair in bigrams(text) for text in passages) for pair in pairs}
    for one in pairs:
        assert words.weight(one) > 0
        for other in pairs:
            if held[one] < held[other]:
                assert words.weight(one) > words.weight(other)
            elif held[one] == held[other]:
                assert words.weight(one) == words.weight(other)


def test_sounds_are_of_chinese_pairs_alone() -> None:
    sounds = Vocabulary(PASSAGES).sounds
    spoken = {word for words in sounds.values() for word in words}
    assert "医疗" in spoken
    assert not {"tisc", "300"} & spoken
