"""How sure a figure is: bootstrap intervals over the questions of a set.

A set is a sample of the questions that people ask. Drawing as many questions from it again, with replacement, many
times, shows how far a figure would move with another sample (Efron and Tibshirani, "An Introduction to the Bootstrap",
1993, chapter 13: the percentile interval). Whole questions are drawn, because the units or quotes of one question
stand or fall together. Seeded: the same figures give the same interval.

Ratios are not resampled through ``scipy.stats.bootstrap``, although the result is the same up to the draw (the tests
compare them): how often each question is drawn is multinomial, so questions with the same figures can be drawn as one
group. Most figures of a question are 0 or 1, so the 400 figures of a summary take a third of a second for 100
questions and some ten seconds for 50,000, where drawing each question 1,000 times a figure would take minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, bootstrap  # type: ignore[import-untyped]

_AT_ONCE = 2_000_000  # numbers held while resampling: 16 MB, whatever the size of the set


def interval(
    top: Sequence[float], bottom: Sequence[float], *, level: float = 0.95, resamples: int = 1000, seed: int = 0
) -> tuple[float, float] | None:
    """The interval of sum(top) / sum(bottom) over questions: (low, high).

    ``top`` and ``bottom`` have one figure a question, 0 <= top <= bottom: right and 1 for a share of questions, right
    and asserted for precision over all units. A question with bottom 0 does not count and is left out before drawing.

    Where every question has the share 0, or every one 1, each resample is the sample again, and the bootstrap would
    claim certainty. Then it is the exact binomial interval with n the questions that count (Clopper and Pearson,
    Biometrika 26, 1934): three of three right is .29 to 1. None where nothing counts, and where all questions have
    one share between 0 and 1 (as one question alone has): there is no variation to tell anything from. Raises
    ``ValueError`` for sequences of different lengths.
    """
    pairs = _columns(top, bottom)
    pairs = pairs[pairs[:, 1] > 0]
    if not len(pairs):
        return None
    shares = pairs[:, 0] / pairs[:, 1]
    if np.allclose(shares, shares[0], rtol=0.0, atol=1e-12):
        return _exact(shares[0], len(shares), level)
    sums = _resampled_sums(pairs, resamples, seed)
    return _percentiles(sums[:, 0] / sums[:, 1], level)


def paired_interval(
    first: Sequence[tuple[float, float]],
    second: Sequence[tuple[float, float]],
    *,
    level: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> tuple[float, float] | None:
    """The interval of the second run's ratio less the first's over the same questions: (low, high).

    ``first`` and ``second`` have (top, bottom) of each question, in one order. Every resample draws the same questions
    of both runs, so what makes a question hard cancels out (Efron and Tibshirani 1993; for rankings Smucker et al.,
    CIKM 2007). An interval without 0 in it speaks for a difference.

    Questions that count in neither run are left out; a resample in which nothing counts for one of the runs is too.
    Where no question differs between the runs, or each goes from 0 to 1 or each from 1 to 0, the bootstrap would claim
    certainty: then it is built on the exact binomial interval of the share of questions that differ. None where
    no question counts in both runs, and where all questions differ by one other amount. Raises ``ValueError`` for
    sequences of different lengths.
    """
    if len(first) != len(second):
        raise ValueError(f"{len(first)} questions in the first run, {len(second)} in the second")
    table = np.array([(*a, *b) for a, b in zip(first, second, strict=True)], dtype=np.float64).reshape(-1, 4)
    table = table[(table[:, 1] > 0) | (table[:, 3] > 0)]
    if not (table[:, 1] > 0).any() or not (table[:, 3] > 0).any():
        return None
    if np.array_equal(table[:, :2], table[:, 2:]):
        most = _clopper_pearson(0, len(table), level)[1]
        return (-most, most)
    if (table[:, [1, 3]] > 0).all():
        moved = table[:, 2] / table[:, 3] - table[:, 0] / table[:, 1]
        if np.allclose(np.abs(moved), 1.0, rtol=0.0, atol=1e-12) and np.ptp(moved) == 0:
            # Gains have at least this share, so losses have at most the rest: the difference is at least 2 · least - 1.
            # It leaves out 0 from six questions on, as McNemar's test does.
            least = 2 * _clopper_pearson(len(table), len(table), level)[0] - 1
            return (least, 1.0) if moved[0] > 0 else (-1.0, -least)
    both = (table[:, [1, 3]] > 0).all(axis=1)
    if len(np.unique(table, axis=0)) == 1 or not both.any():
        return None
    sums = _resampled_sums(table, resamples, seed)
    sums = sums[(sums[:, 1] > 0) & (sums[:, 3] > 0)]
    differences = sums[:, 2] / sums[:, 3] - sums[:, 0] / sums[:, 1]
    return None if len(sums) == 0 or np.ptp(differences) == 0 else _percentiles(differences, level)


def percentile_interval(
    values: Sequence[float], percent: float, *, level: float = 0.95, resamples: int = 1000, seed: int = 0
) -> tuple[float, float] | None:
    """The interval of a percentile (0 to 100) of ``values``, such as the p95 of times: (low, high), in their unit.

    The percentile is that of ``evals.measures.percentile`` (linear between neighbours). An interval of a percentile
    never leaves the values seen, so with few values that of p95 says little about the slowest questions. None for
    values that are all the same, and for fewer than two.
    """
    array = np.asarray(values, dtype=np.float64)
    if len(array) < 2 or np.ptp(array) == 0:
        return None
    found = bootstrap(
        (array,),
        lambda drawn, axis: np.percentile(drawn, percent, axis=axis),
        vectorized=True,
        method="percentile",
        confidence_level=level,
        n_resamples=resamples,
        batch=max(1, _AT_ONCE // len(array)),
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(found.low), float(found.high)


def _columns(top: Sequence[float], bottom: Sequence[float]) -> NDArray[np.float64]:
    """Shape (n, 2)."""
    if len(top) != len(bottom):
        raise ValueError(f"{len(top)} figures over {len(bottom)}")
    return np.column_stack([np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)])


def _resampled_sums(rows: NDArray[np.float64], resamples: int, seed: int) -> NDArray[np.float64]:
    """The sum of each column over n rows drawn with replacement, shape (resamples, columns)."""
    kinds, counts = np.unique(rows, axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // len(kinds))
    sums = [
        rng.multinomial(len(rows), counts / len(rows), size=min(step, resamples - start)) @ kinds
        for start in range(0, resamples, step)
    ]
    return np.concatenate(sums)


def _percentiles(figures: NDArray[np.float64], level: float) -> tuple[float, float]:
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(figures, [tail, 100.0 - tail])
    return float(low), float(high)


def _exact(share: float, n: int, level: float) -> tuple[float, float] | None:
    """The interval where all ``n`` questions have one share; None where that is neither 0 nor 1."""
    if min(abs(share), abs(share - 1.0)) > 1e-12:
        return None
    return _clopper_pearson(round(share) * n, n, level)


def _clopper_pearson(right: int, n: int, level: float) -> tuple[float, float]:
    found = binomtest(right, n).proportion_ci(confidence_level=level, method="exact")
    return float(found.low), float(found.high)
