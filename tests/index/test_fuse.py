"""Fusion, with the numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.fuse import best_first, fuse, scale_dense, scale_lexical


def numbers(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_the_lexical_leg_leads() -> None:
    # bm25 8 and 4 → 1 and .5; cosines .86 and .90 → 0 and 1: .7·1 + .3·0 and .7·.5 + .3·1
    assert fuse(numbers(8, 4), numbers(0.86, 0.90), 0.7) == pytest.approx([0.7, 0.65], abs=1e-5)


def test_close_cosines_are_stretched_and_equal_ones_say_nothing() -> None:
    assert scale_dense(numbers(0.85, 0.87, 0.89)) == pytest.approx([0, 0.5, 1], abs=1e-5)
    assert scale_dense(numbers(0.9, 0.9)).tolist() == [0, 0]


def test_no_shared_term_leaves_the_vectors_order() -> None:
    fused = fuse(numbers(0, 0, 0), numbers(0.88, 0.91, 0.85))
    assert best_first(fused).tolist() == [1, 0, 2]


def test_no_candidates_is_no_error() -> None:
    assert fuse(numbers(), numbers()).tolist() == []


def test_scores_of_different_candidates_are_refused() -> None:
    with pytest.raises(ValueError, match="different candidates"):
        fuse(numbers(1, 2), numbers(1))


def test_equal_scores_keep_their_order() -> None:
    assert best_first(numbers(1, 2, 1, 2)).tolist() == [1, 3, 0, 2]


scores = arrays(np.float32, st.integers(1, 30), elements=st.floats(0, 50, width=32))


@given(lexical=scores, weight=st.floats(0, 1))
def test_fused_scores_lie_between_0_and_1(lexical: np.ndarray, weight: float) -> None:
    dense = np.cos(lexical).astype(np.float32)
    fused = fuse(lexical, dense, weight)
    assert ((fused >= -1e-6) & (fused <= 1 + 1e-6)).all()


@given(lexical=scores, factor=st.floats(0.5, 8))
def test_the_length_of_a_question_does_not_shift_the_balance(lexical: np.ndarray, factor: float) -> None:
    assert scale_lexical(lexical * np.float32(factor)) == pytest.approx(scale_lexical(lexical), abs=1e-4)
