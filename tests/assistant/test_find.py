"""Finding a clause: quoted words, ties by heading and meaning, and how much of a subject a clause treats."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.config import AssistantSettings
from assistant.find import MOST, PEOPLE, SHORT_TOPIC, TASKS, TEXTS, TREATED_LONG, TREATED_SHORT, Finder
from assistant.service import Assistant
from assistant.vocabulary import bigrams
from index.build import build
from index.config import IndexSettings
from index.embed import HashEmbedder


@pytest.fixture
def finder(assistant: Assistant) -> Finder:
    """A search over the three invented plans, as one question has it."""
    return assistant.finder()


def places(finder: Finder, topic: str, plans: list[str] | None = None, k: int = 8) -> list[tuple[str, str]]:
    return [(f.plan.id, f.clause.path) for f in finder.clauses(topic, plans, TASKS, k)]


@pytest.mark.parametrize(
    ("topic", "place"),
    [
        ("县域医疗中心", ("health", "一/1")),
        ("培训乡村医生", ("health", "一/2")),
        ("湿地候鸟", ("river", "一/3")),  # the clause is in traditional characters
        ("无障碍候车亭", ("bus", "一/(二)")),
        ("县域医聊中心", ("health", "一/1")),  # misspelt
    ],
)
def test_the_best_clause(finder: Finder, topic: str, place: tuple[str, str]) -> None:
    assert places(finder, topic)[0] == place


def test_scope_and_kind_limit_what_is_found(finder: Finder) -> None:
    assert {plan for plan, _ in places(finder, "县域医疗中心", ["river"])} == {"river"}
    assert places(finder, "县域医疗中心", []) == []
    for kinds in (TASKS, PEOPLE, TEXTS):
        assert {f.clause.kind for f in finder.clauses("公共交通", None, kinds)} <= kinds
    assert finder.clauses("林望舒", None, PEOPLE)[0].clause.path == "附件/名单/1"


def test_each_clause_comes_once_and_no_more_than_asked_for(finder: Finder) -> None:
    for k in (1, 3, MOST):
        found = places(finder, "建立制度", None, k)
        assert len(found) <= k
        assert len(set(found)) == len(found)


def test_quoted_words_must_stand_in_the_clause(finder: Finder) -> None:
    assert set(places(finder, "“互联互通”医疗")) == {("health", "二/5")}
    assert ("health", "二/5") in places(finder, "医疗平台互联互通")
    assert len(places(finder, "医疗平台互联互通")) > 1  # without the marks, others come too


def test_quoted_words_that_no_clause_has_exclude_nothing(finder: Finder) -> None:
    assert places(finder, "“月球基地”县域医疗中心")[0] == ("health", "一/1")


# -- how much is covered and treated ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "share"),
    [
        ("县域医疗中心", 1.0),
        ("月球基地", 0.0),
        ("", 0.0),
    ],
)
def test_coverage_is_the_share_of_telling_pairs(assistant: Assistant, finder: Finder, topic: str, share: float) -> None:
    plan = assistant.plans["health"]
    clause = plan.clause("一/1")
    assert clause is not None
    assert finder.coverage(plan, clause, topic) == pytest.approx(share)


def test_headings_and_the_title_count_as_covered(assistant: Assistant, finder: Finder) -> None:
    plan = assistant.plans["health"]
    clause = plan.clause("一/1")
    assert clause is not None
    assert finder.coverage(plan, clause, "能力建设") > 0.5  # of its chapter
    assert finder.coverage(plan, clause, "基层医疗服务") == pytest.approx(1.0)  # of the plan


def test_half_of_a_topic_is_covered_in_part(assistant: Assistant, finder: Finder) -> None:
    plan = assistant.plans["health"]
    clause = plan.clause("一/1")
    assert clause is not None
    half = finder.coverage(plan, clause, "县域医疗中心月球基地探测")
    assert 0 < half < 1


WORDS = [
    "县域",
    "医疗",
    "中心",
    "月球",
    "基地",
    "候鸟",
    "湿地",
    "的",
    "公交",
    "tisc",
    "300",
    "patent",
    ",",
    "“",
    "”",
    "家庭依生",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join) | st.text(min_size=1, max_size=20))
def test_treated_and_covered_are_shares(assistant: Assistant, topic: str) -> None:
    finder = assistant.finder()
    for found in finder.clauses(topic, None, TASKS, 4):
        treated = finder.treated(found, topic)
        assert 0 <= treated <= 1
        assert 0 <= finder.coverage(found.plan, found.clause, topic) <= 1
        short = len(bigrams(topic)) <= SHORT_TOPIC
        assert finder.is_treated(found, topic) == (treated >= (TREATED_SHORT if short else TREATED_LONG))
        assert finder.is_treated(found, topic, named=True) == (treated >= TREATED_LONG)


@pytest.mark.parametrize(
    ("topic", "path", "treated"),
    [
        ("县域医疗中心", "一/1", True),
        ("家庭依生签约", "一/3", True),  # by sound
        ("看病难", "一/1", True),  # in another word for the same: 医疗
        ("月球基地", "一/1", False),
        ("县域高中建设", "一/1", False),  # shares 县域 alone
    ],
)
def test_what_is_treated(assistant: Assistant, finder: Finder, topic: str, path: str, treated: bool) -> None:
    found = next(f for f in finder.clauses("医疗 签约 县域医疗中心", ["health"], TASKS, MOST) if f.clause.path == path)
    assert finder.is_treated(found, topic) is treated


def test_less_is_asked_of_each_of_several_plans_named(finder: Finder) -> None:
    found = finder.clauses("县域高中建设", ["health"], TASKS, 1)[0]
    topic = "县域高中校舍"  # one pair in five
    assert TREATED_LONG <= finder.treated(found, topic) < TREATED_SHORT
    assert not finder.is_treated(found, topic)
    assert finder.is_treated(found, topic, named=True)


# -- sentences --------------------------------------------------------------------------------------------------


def test_sentences_are_those_that_share_most(assistant: Assistant, finder: Finder) -> None:
    plan = assistant.plans["river"]
    preface = plan.clause("前言")
    assert preface is not None
    best = finder.sentences(plan, preface, "以下责任单位", 1)
    assert [plan.quote(span) for span in best] == ["以下责任单位均有各县(市)人民政府,不再列出。"]
    assert finder.sentences(plan, preface, "月球基地") == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WORDS), max_size=6).map("".join), st.integers(1, 4))
def test_sentences_lie_in_their_clause_in_order(assistant: Assistant, topic: str, most: int) -> None:
    finder = assistant.finder()
    for plan in assistant.plans.values():
        for clause in plan.clauses:
            spans = finder.sentences(plan, clause, topic, most)
            assert len(spans) <= most
            assert spans == sorted(spans)
            assert all(clause.span.holds(span) and plan.quote(span).strip() for span in spans)


# -- ties -------------------------------------------------------------------------------------------------------


# Words put both clauses level; only the second has them in its heading.
LEVEL = """松岭市2034年噪声治理工作方案
一、重点任务
1.日常管理。开展噪声监测,公布结果。(市公安局负责)
2.噪声监测。开展日常管理,公布结果。开展噪声监测。(市住建局负责)
3.绿化隔离。种植树木。(市林草局负责)
"""


def test_a_heading_that_names_the_subject_breaks_a_tie(tmp_path: Path) -> None:
    (tmp_path / "noise.txt").write_text(LEVEL, encoding="utf-8")
    hashed = IndexSettings(embedder="hash")
    build(tmp_path / "data", hashed, [tmp_path / "noise.txt"], progress=False)
    finder = Assistant.open(tmp_path / "data", index_settings=hashed).finder()
    assert places(finder, "噪声监测")[:2] == [("noise", "一/2"), ("noise", "一/1")]
    assert places(finder, "日常管理")[0] == ("noise", "一/1")


def test_a_finder_of_its_own_for_each_question_keeps_its_timings(assistant: Assistant) -> None:
    one, other = assistant.finder(), assistant.finder()
    one.clauses("县域医疗中心", None, TASKS)
    assert one.timings
    assert other.timings == {}


def test_a_search_brings_no_more_clauses_than_the_settings_say(invented_data: Path) -> None:
    few = Assistant.open(invented_data, AssistantSettings(clauses=2), IndexSettings(embedder="hash")).finder()
    assert len(places(few, "建立制度", k=MOST)) == 2
    assert places(few, "县域医疗中心", k=1) == [("health", "一/1")]


def test_words_alone_ask_no_model(invented_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(self: HashEmbedder, text: str) -> None:
        raise RuntimeError("a model was asked")

    monkeypatch.setattr(HashEmbedder, "embed_query", silent)
    words, both = (
        Assistant.open(invented_data, index_settings=IndexSettings(embedder="hash", lexical_weight=weight)).finder()
        for weight in (1.0, 0.9)
    )
    assert places(words, "县域医疗中心", k=1) == [("health", "一/1")]
    with pytest.raises(RuntimeError, match="a model was asked"):
        places(both, "县域医疗中心")
