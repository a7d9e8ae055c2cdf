"""Character pairs: tokens, BM25 against its formula, filters, and what finds nothing."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from index.lexical import Lexical, tokens

TEXTS = ["建立数据目录", "推进电子证照互认,推进电子印章", "加强数据安全保护", "ISO 9001 认证2020"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("知识产权", ["知识", "识产", "产权"]),
        ("知識產權", ["知识", "识产", "产权"]),  # traditional is the same term
        ("目录,机制", ["目录", "机制"]),  # no pair reaches across a comma
        ("2020年ＩＳＯ", ["2020", "年", "iso"]),  # words and single characters whole, full width made half
        ("专\n利", ["专利"]),  # the page broke the line
        ("专\u200b利", ["专利"]),
        ("\U00020000\U00020001", ["\U00020000\U00020001"]),  # rare characters are characters
        ("", []),
        ("。,!?😀 ", []),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def brute_force(query: str, k1: float, b: float) -> list[float]:
    """BM25 as Lucene counts it: idf·tf/(tf + k1(1 − b + b·length/mean length))."""
    documents = [Counter(tokens(text)) for text in TEXTS]
    mean = sum(d.total() for d in documents) / len(documents)
    scores = []
    for document in documents:
        score = 0.0
        for term in tokens(query):
            containing = sum(term in d for d in documents)
            if containing and document[term]:
                idf = math.log(1 + (len(documents) - containing + 0.5) / (containing + 0.5))
                length = 1 - b + b * document.total() / mean
                score += idf * document[term] / (document[term] + k1 * length)
        scores.append(score)
    return scores


@pytest.mark.parametrize("query", ["数据安全", "推进电子证照", "認證2020的數據", "推进推进"])
def test_scores_are_those_of_the_formula(query: str) -> None:
    index = Lexical.build(TEXTS, k1=1.2, b=0.6)
    assert index.scores(query) == pytest.approx(brute_force(query, 1.2, 0.6), abs=1e-5)


def test_only_what_shares_a_term_is_found_best_first() -> None:
    rows, scores = Lexical.build(TEXTS, k1=1.5, b=0.75).search("数据安全", 10)
    assert rows.tolist() == [2, 0]
    assert scores[0] > scores[1] > 0


def test_a_filter_holds_before_ranking_and_an_empty_one_allows_nothing() -> None:
    index = Lexical.build(TEXTS, k1=1.5, b=0.75)
    assert index.search("数据安全", 1, np.array([0]))[0].tolist() == [0]
    assert index.search("数据安全", 5, np.array([], dtype=np.int64))[0].tolist() == []


@pytest.mark.parametrize("query", ["", "  ", "?!", "瑪瑙", "zzz"])
def test_a_query_without_a_known_term_finds_nothing(query: str) -> None:
    assert Lexical.build(TEXTS, k1=1.5, b=0.75).search(query, 5)[0].tolist() == []


@pytest.mark.parametrize("texts", [TEXTS, ["。"], []])
def test_saved_and_loaded_it_is_the_same(tmp_path: Path, texts: list[str]) -> None:
    index = Lexical.build(texts, k1=1.5, b=0.75)
    index.save(tmp_path / "bm25")
    loaded = Lexical.load(tmp_path / "bm25", len(texts))
    assert loaded.scores("数据安全").tolist() == index.scores("数据安全").tolist()
    assert len(loaded.scores("数据")) == len(texts)


def test_the_same_texts_give_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Lexical.build(TEXTS, k1=1.5, b=0.75).save(tmp_path / name)
    files = sorted((tmp_path / "a").iterdir())
    assert files
    assert all(file.read_bytes() == (tmp_path / "b" / file.name).read_bytes() for file in files)
