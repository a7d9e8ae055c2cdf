"""Searching a built index: ranks, filters, scripts, threads."""

from __future__ import annotations

import concurrent.futures
from itertools import pairwise
from pathlib import Path

import pytest

from index.config import IndexSettings
from index.passage import Passage
from index.search import SearchIndex


@pytest.fixture
def index(built: Path, settings: IndexSettings) -> SearchIndex:
    return SearchIndex.open(built, settings)


def test_the_clause_asked_for_comes_first(index: SearchIndex) -> None:
    hits = index.search("电子证照互认")
    assert "推进电子证照互认" in hits[0].passage.quote
    assert (hits[0].rank, hits[0].lexical_rank) == (1, 1)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(a.score >= b.score for a, b in pairwise(hits))


def test_scripts_and_widths_are_one_for_search_and_untouched_in_quotes(index: SearchIndex) -> None:
    simplified, traditional = index.search("数据安全保护"), index.search("數據安全保護")
    assert simplified == traditional
    assert "數據安全保護" in simplified[0].passage.quote


def test_every_quote_is_cut_from_its_plan(index: SearchIndex) -> None:
    assert index.passages
    for passage in index.passages:
        plan = index.plans[passage.plan]
        assert passage.span.of(plan.text) == passage.quote
        assert plan.clause(passage.path, passage.part) is not None


def test_within_a_plan_only_that_plan_is_found(index: SearchIndex) -> None:
    everywhere = index.search("数据", k=50)
    assert {hit.passage.plan for hit in everywhere} == {"river", "lake"}
    assert {hit.passage.plan for hit in index.search("数据", k=50, within=["lake"])} == {"lake"}


def test_filters_apply_before_ranking(index: SearchIndex) -> None:
    """The best place of a filtered search is taken, however many better ones the filter removes."""
    (hit,) = index.search("电子证照互认", k=1, within={"lake"})
    assert hit.passage.plan == "lake"


@pytest.mark.parametrize("within", [[], ["no-such-plan"]])
def test_an_empty_choice_of_plans_is_not_all_plans(index: SearchIndex, within: list[str]) -> None:
    assert index.search("数据", within=within) == []
    assert index.search("数据", within=within, dense=False) == []


def test_two_filters_must_both_hold(index: SearchIndex) -> None:
    def task(passage: Passage) -> bool:
        return passage.kind == "task"

    hits = index.search("组织领导", k=50, within=["lake"], allowed=task)
    assert hits
    assert all(hit.passage.plan == "lake" and hit.passage.kind == "task" for hit in hits)
    assert index.search("组织领导", allowed=lambda passage: False) == []


def test_characters_alone_need_a_shared_term(index: SearchIndex) -> None:
    hits = index.search("社区食堂", dense=False)
    assert "社区食堂" in hits[0].passage.quote
    assert hits[0].score == pytest.approx(1.0)
    assert all(hit.dense_rank is None and hit.lexical_rank is not None for hit in hits)
    assert index.search("瑪瑙", dense=False) == []


@pytest.mark.parametrize("text", ["", "   ", "\x00", "\ud800", "\u200b"])
def test_a_text_without_words_finds_nothing(index: SearchIndex, text: str) -> None:
    assert index.search(text) == []


@pytest.mark.parametrize("text", ["😀", "?", "a", "数" * 5000, "数据\x00\ud800目录"])
def test_odd_texts_are_searched_like_others(index: SearchIndex, text: str) -> None:
    assert len(index.search(text, k=3)) == 3


def test_k_below_one_is_a_mistake_of_the_caller(index: SearchIndex) -> None:
    with pytest.raises(ValueError, match="k must be"):
        index.search("数据", k=0)


def test_timings_are_given_to_those_who_ask(index: SearchIndex) -> None:
    timings: dict[str, float] = {}
    index.search("数据", timings=timings)
    assert set(timings) == {"embed", "search"}
    assert all(value >= 0 for value in timings.values())


def test_opening_does_not_load_the_model(built: Path, settings: IndexSettings) -> None:
    class Unloadable:
        name, dim = "hash-64", 64

        def embed_query(self, text: str):  # type: ignore[no-untyped-def]
            raise AssertionError("not asked for")

        embed_passages = embed_query

    index = SearchIndex.open(built, settings, embedder=Unloadable())
    assert set(index.plans) == {"river", "lake"}
    assert index.search("社区食堂", dense=False)
    with pytest.raises(AssertionError, match="not asked for"):
        index.search("社区食堂")


def test_many_threads_get_the_answers_that_one_gets(built: Path, settings: IndexSettings) -> None:
    questions = ["电子证照", "数据安全", "社区食堂", "组织领导"]
    expected = [SearchIndex.open(built, settings).search(question) for question in questions]
    fresh = SearchIndex.open(built, settings)  # loads under the threads' hands
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        got = list(pool.map(fresh.search, questions * 8))
    assert got == expected * 8
