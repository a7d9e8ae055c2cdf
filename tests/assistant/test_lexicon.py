"""Words that only ask are cut from a topic, words that say something are not; other words for the same are added."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.lexicon import content, cue, expanded, has_other_words, outside_kinds, said_otherwise
from assistant.service import Assistant

# question, what is left to search for
TOPICS = [
    ("请问一下县域医疗中心由谁牵头呢?", "县域医疗中心"),
    ("麻烦查一下县域医疗中心到底归哪个部门管?", "县域医疗中心"),
    ("县域医疗中心这件事分别由哪些单位负责?", "县域医疗中心"),
    ("我想知道县域医疗中心的责任单位", "县域医疗中心"),
    ("县域医疗中心落到哪个部门了?", "县域医疗中心"),
    ("夜班公交归口哪里?", "夜班公交"),
    ("河湖巡查谁主导?", "河湖巡查"),
    ("澜河省县域医疗中心由谁牵头?", "县域医疗中心"),  # the plan is no subject
    ("2031年的方案里,县域医疗中心由谁牵头?", "县域医疗中心"),
    ("清理垃圾是不是自治州水利局牵头?", "清理垃圾"),  # nor is the body
    ("《澜河省2031年基层医疗服务提升实施方案》里县域医疗中心由谁牵头?", "县域医疗中心"),
    ("Who leads the 县域医疗中心?", "县域医疗中心"),
    # a character that opens or closes a question elsewhere is part of a word here
    ("地标推广由谁牵头?", "地标推广"),
    ("推行一卡通由谁负责?", "推行一卡通"),
    ("推动互联互通由谁负责?", "推动互联互通"),
    ("对外合作由谁负责?", "对外合作"),
    ("对口支援由谁负责?", "对口支援"),
    ("在线监测由谁负责?", "在线监测"),
    ("和谐社区由谁负责?", "和谐社区"),
    ("给水管网由谁负责?", "给水管网"),
    ("归档制度由谁负责?", "归档制度"),
    ("高中由谁负责?", "高中"),
    ("中药材由谁负责?", "中药材"),
    ("国有企业由谁负责?", "国有企业"),
    ("会议纪要由谁负责?", "会议纪要"),
    # and the same characters at the ends of a question are not
    ("对县域医疗中心由谁负责?", "县域医疗中心"),
    ("在县域医疗中心里由谁负责?", "县域医疗中心"),
    ("那县域医疗中心呢?", "县域医疗中心"),
    ("省医保局有哪些任务?", ""),
    ("谁?", ""),
]


@pytest.mark.parametrize(("question", "topic"), TOPICS)
def test_the_topic_of_a_question(assistant: Assistant, question: str, topic: str) -> None:
    assert re.sub(r"[《》 ]", "", assistant.read([question])[0].topic) == topic


@given(st.text(max_size=40))
def test_content_is_a_part_of_its_words_and_stays_as_it_is(words: str) -> None:
    kept = content(words)
    assert kept in words
    assert content(kept) == kept


def test_latin_words_count_whole() -> None:
    assert cue("owner").search("who is it")
    assert not cue("owner").search("wholesale")


@pytest.mark.parametrize(
    ("topic", "has", "has_not"),
    [
        ("地标保护", ["地理标志"], ["geographical indication"]),  # Chinese words alone
        ("老百姓看病", ["群众", "公众", "医疗", "就医"], []),
        ("patent pledge loan", ["专利", "质押融资"], []),
        ("夜班公交", [], ["医疗", "专利"]),
    ],
)
def test_other_words_for_the_same_are_added(topic: str, has: list[str], has_not: list[str]) -> None:
    made = expanded(topic)
    assert made.split(" ")[0] == topic.split(" ")[0]
    assert made.startswith(topic)
    words = made[len(topic) :].split()
    assert set(has) <= set(words)
    assert not set(has_not) & set(words)


@pytest.mark.parametrize(
    ("topic", "text", "found"),
    [
        ("地标保护", "地理标志产品", "地标"),  # said otherwise
        ("地标保护", "地标产品", ""),  # said in the same words
        ("地标保护", "夜班公交", ""),  # not said
        ("patents abroad", "海外专利", "patents"),  # a Latin word with its ending
        ("夜班公交", "地理标志", ""),
    ],
)
def test_words_that_a_text_says_otherwise(topic: str, text: str, found: str) -> None:
    assert said_otherwise(topic, text).split()[:1] == found.split()


@pytest.mark.parametrize(("word", "known"), [("patents", True), ("drugs", True), ("xylophone", False)])
def test_latin_words_with_other_words(word: str, known: bool) -> None:
    assert has_other_words(word) is known


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("办公室的联系电话是多少?", True),
        ("罚款多少?", True),
        ("经费预算是多少?", True),
        ("候车亭要增设多少座?", False),
        ("由谁牵头?", False),
    ],
)
def test_kinds_of_fact_that_plans_do_not_state(question: str, kinds: bool) -> None:
    assert any(pattern.search(question) for pattern in outside_kinds()) is kinds
