"""Words that sound alike: respelled only where the plans do not know a pair and the other word fits its neighbours."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.spelling import by_sound, heard, respelled, sound
from assistant.vocabulary import bigrams

PLAN_WORDS = "家庭医生签约服务 知识产权保护 科技创新券 远程会诊平台 设立观测站 推广道地品种"
KNOWN = bigrams(PLAN_WORDS)
SOUNDS = by_sound(sorted(KNOWN))


def respell(topic: str) -> list[str]:
    """The words that were added to a topic."""
    made = respelled(topic, KNOWN.__contains__, lambda: SOUNDS)
    assert made.startswith(topic)
    return made[len(topic) :].split()


@pytest.mark.parametrize(
    ("topic", "added"),
    [
        ("家庭依生签约", ["庭医", "医生"]),  # both pairs with the wrong character
        ("家挺医生签约", ["家庭", "庭医"]),
        ("科技创兴券", ["创新", "新券"]),  # xing for xin: near sounds are one
        ("知实产权保护", ["知识", "识产"]),
        ("只是产权保护", []),  # 只是 are words of their own
        ("远成会诊平台", ["远程", "程会"]),
        ("家庭医生签约", []),  # known words are never touched
        ("一声宽带", []),  # sounds like 医生, with neighbours that 医生 never has
        ("养生", []),  # too short to have a neighbour on either side
        ("产权在签约", []),  # function characters stand between words
        ("完全没有听说过", []),
        ("", []),
        ("abc 123", []),
    ],
)
def test_what_is_respelled(topic: str, added: list[str]) -> None:
    assert respell(topic) == added


def test_sounds_are_asked_for_only_where_a_pair_is_unknown() -> None:
    def never() -> Mapping[tuple[str, ...], tuple[str, ...]]:
        raise AssertionError("every pair is known")

    assert respelled("家庭医生签约", KNOWN.__contains__, never) == "家庭医生签约"


@given(st.text(st.sampled_from("家庭医生签约知识产权保护科技创新券的在由依挺成兴只是 ,1a"), max_size=30))
def test_a_topic_is_kept_and_only_known_words_are_added(topic: str) -> None:
    added = respell(topic)
    unknown = {sound(pair) for pair in bigrams(topic) if pair not in KNOWN}
    assert all(word in KNOWN and sound(word) in unknown for word in added)
    assert len(added) == len(set(added))


@given(st.text(max_size=30))
def test_any_text_may_be_respelled(topic: str) -> None:
    respell(topic)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("知识", "只是", True),
        ("创新", "创兴", True),  # n and ng
        ("市场", "四昌", True),  # sh and s, ch apart from tones
        ("平台", "拼台", True),
        ("医生", "医学", False),
    ],
)
def test_near_sounds_are_one(one: str, other: str, alike: bool) -> None:
    assert (sound(one) == sound(other)) is alike


def test_one_syllable_for_each_character() -> None:
    assert len(sound("远程会诊平台")) == 6


NAMES = by_sound(["省药监局", "省医疗保障局", "医疗保障局"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("省要监局有哪些任务", [("省要监局", "省药监局", 0)]),
        ("请问省医疗包张局负责什么", [("省医疗包张局", "省医疗保障局", 2)]),  # the longest, and none inside it
        ("省药监局有哪些任务", []),  # written right: nothing was misheard
        ("省要监", []),
        ("", []),
    ],
)
def test_names_that_are_heard(text: str, expected: list[tuple[str, str, int]]) -> None:
    assert heard(text, NAMES, 4, 12) == expected
