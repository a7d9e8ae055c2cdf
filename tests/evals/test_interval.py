"""Intervals: the small ones worked by hand, the others against scipy, and how often they hold the truth."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap

from evals.interval import interval, paired_interval, percentile_interval
from evals.measures import percentile


def test_two_questions_by_hand():
    # One wrong, one right: a resample is 0, ½, ½ or 1, a quarter each. The 2.5th percentile is 0, the 97.5th 1;
    # between the 30th and the 70th there is nothing but ½.
    assert interval([0, 1], [1, 1]) == (0.0, 1.0)
    assert interval([0, 1], [1, 1], level=0.4) == (0.5, 0.5)


def test_a_ratio_of_sums_weighs_questions_by_their_bottom():
    # 1 of 1 and 0 of 3: the resamples are 2/2, 1/4, 1/4, 0/6; a mean of shares would have ½ in the middle.
    assert interval([1, 0], [1, 3], level=0.4) == (0.25, 0.25)
    assert interval([1, 0], [1, 3]) == (0.0, 1.0)


def test_a_question_that_does_not_count_changes_nothing():
    top, bottom = [1, 0, 2, 1], [1, 1, 3, 1]
    with_empty = interval([1, 0, 0, 0, 2, 1], [1, 0, 1, 0, 3, 1])
    assert interval(top, bottom) == with_empty
    assert interval([0, 0], [0, 0]) is None
    assert interval([], []) is None


def test_all_right_and_all_wrong_are_not_certain():
    # Clopper and Pearson with x = n: low is (α/2)^(1/n), so for 3 of 3 ∛.025 = .2924; mirrored for none right.
    low, high = interval([1, 1, 1], [1, 1, 1])
    assert (low, high) == (pytest.approx(0.025 ** (1 / 3)), 1.0)
    assert interval([0, 0, 0], [1, 1, 1]) == (0.0, pytest.approx(1 - 0.025 ** (1 / 3)))
    # n is the number of questions that count, however many units each has.
    assert interval([4, 2, 1, 0], [4, 2, 1, 0]) == (pytest.approx(0.025 ** (1 / 3)), 1.0)
    assert interval([1], [1], level=0.9) == (pytest.approx(0.05), 1.0)


def test_one_share_between_says_nothing():
    assert interval([0.5], [1]) is None
    assert interval([1, 2, 3], [2, 4, 6]) is None


def test_sequences_of_different_lengths_are_an_error():
    with pytest.raises(ValueError, match="2 figures over 1"):
        interval([1, 0], [1])
    with pytest.raises(ValueError, match="1 questions in the first run, 0 in the second"):
        paired_interval([(1, 1)], [])


def of_scipy(columns, statistic):
    found = bootstrap(
        columns, statistic, paired=True, vectorized=True, method="percentile", n_resamples=20_000, rng=1, batch=1000
    )
    return pytest.approx(tuple(map(float, found.confidence_interval)), abs=0.01)


def test_it_is_the_bootstrap_of_scipy():
    rng = np.random.default_rng(7)
    bottom = rng.integers(1, 6, 80).astype(float)
    top = rng.binomial(bottom.astype(int), 0.7).astype(float)

    def ratio(a, b, axis):
        return a.sum(axis) / b.sum(axis)

    assert interval(top, bottom, resamples=20_000) == of_scipy((top, bottom), ratio)

    other = np.minimum(bottom, top + rng.integers(0, 2, 80))

    def difference(a, b, c, axis):
        return (b.sum(axis) - a.sum(axis)) / c.sum(axis)

    ours = paired_interval(list(zip(top, bottom, strict=True)), list(zip(other, bottom, strict=True)), resamples=20_000)
    assert ours == of_scipy((top, other, bottom), difference)


def test_the_same_seed_gives_the_same_interval():
    top = [1, 0, 0.5, 1, 1, 0, 0.25]
    assert interval(top, [1] * 7) == interval(top, [1] * 7)
    assert interval(top, [1] * 7, seed=1, resamples=101) != interval(top, [1] * 7, seed=2, resamples=101)


def test_a_larger_set_in_several_batches_is_narrower():
    rng = np.random.default_rng(3)
    few, many = rng.random(500), rng.random(50_000)  # all different, so nothing is drawn as one group
    narrow, wide = interval(many, np.ones(50_000), resamples=200), interval(few, np.ones(500), resamples=200)
    assert wide[1] - wide[0] > 5 * (narrow[1] - narrow[0])  # √100 = 10 times, give or take the draw
    assert narrow[0] < many.mean() < narrow[1]


def test_most_intervals_hold_the_truth():
    # 300 sets of 60 questions, each right with chance .8: the percentile interval is known to hold the truth a
    # little less often than it says; 300 sets put two standard errors at ±2.5 points.
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(300):
        low, high = interval(rng.random(60) < 0.8, np.ones(60), resamples=500)
        held += low <= 0.8 <= high
    assert 0.89 <= held / 300 <= 0.98


def test_pairs_by_hand():
    # Question one is gained, question two stays right: the difference of a resample is 1 (one twice), ½, ½ or 0.
    before, after = [(0, 1), (1, 1)], [(1, 1), (1, 1)]
    assert paired_interval(before, after) == (0.0, 1.0)
    assert paired_interval(before, after, level=0.4) == (0.5, 0.5)
    assert paired_interval(after, before, level=0.4) == (-0.5, -0.5)


def test_pairs_are_drawn_together():
    # Every question is better by the same amount, whatever its own level: unpaired, the levels would drown it.
    rng = np.random.default_rng(5)
    before = rng.integers(0, 2, 40) * 0.8
    gain = np.where(np.arange(40) % 2, 0.1, 0.11)
    low, high = paired_interval([(x, 1) for x in before], [(x + g, 1) for x, g in zip(before, gain, strict=True)])
    assert 0.1 < low < high < 0.11


def test_runs_that_do_not_differ_are_not_certainly_equal():
    # None of 4 questions changed: at 95 % up to 1 − ⁴√.025 = .6024 of questions may change, either way.
    same = [(1, 1), (0, 1), (1, 1), (0.5, 1)]
    bound = 1 - 0.025 ** (1 / 4)
    assert paired_interval(same, same) == (pytest.approx(-bound), pytest.approx(bound))
    # All of 4 gained: the share gained is at least ⁴√.025 = .3976, so that lost at most .6024, and the difference at
    # least .3976 - .6024 = -.2047. From six on (⁶√.025 = .5407) it leaves out 0, where McNemar's test says so too.
    low = 2 * 0.025 ** (1 / 4) - 1
    assert paired_interval([(0, 1)] * 4, [(1, 1)] * 4) == (pytest.approx(low), 1.0)
    assert paired_interval([(1, 1)] * 4, [(0, 1)] * 4) == (-1.0, pytest.approx(-low))
    assert paired_interval([(0.5, 1)] * 4, [(0.75, 1)] * 4) is None
    assert paired_interval([(0, 1)], [(1, 1)])[0] < 0
    assert paired_interval([(0, 1)] * 5, [(1, 1)] * 5)[0] < 0 < paired_interval([(0, 1)] * 6, [(1, 1)] * 6)[0]


def test_runs_that_count_on_other_questions_are_not_compared():
    # Precision of refusing: one run refused the first question, the other the second. No question counts in both.
    assert paired_interval([(1, 1), (0, 0)], [(0, 0), (0, 1)]) is None


def test_pairs_that_count_in_one_run_only():
    # The second question asserted nothing in the first run: it counts in the second alone. The first twice is 2/2
    # less 2/2, each once 2/3 less 1/1, and the second twice has no first ratio: that resample does not count.
    assert paired_interval([(1, 1), (0, 0)], [(1, 1), (1, 2)], level=0.99) == (pytest.approx(-1 / 3), 0.0)
    assert paired_interval([(0, 0)], [(1, 1)]) is None
    assert paired_interval([], []) is None


def test_the_interval_of_a_percentile():
    values = list(range(101))
    low, high = percentile_interval(values, 50)
    assert 35 < low < percentile(values, 50) < high < 65
    assert percentile_interval([5, 5, 5], 95) is None
    assert percentile_interval([5], 95) is None
    assert percentile_interval([], 95) is None
    # Two values: the median of a resample is 1, 2, 2 or 3.
    assert percentile_interval([1, 3], 50) == (1.0, 3.0)
    assert percentile_interval([1, 3], 50, level=0.4) == (2.0, 2.0)


def test_percentiles_of_many_values_fit_in_memory():
    times = np.random.default_rng(2).exponential(20.0, 50_000)
    low, high = percentile_interval(times, 95, resamples=100)
    assert low < np.percentile(times, 95) < high


FIGURES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)).map(lambda p: (min(p), max(p))), max_size=12)


@settings(max_examples=200, deadline=None)
@given(FIGURES)
def test_an_interval_is_a_range_of_shares_around_the_figure(pairs):
    found = interval([top for top, _ in pairs], [bottom for _, bottom in pairs], resamples=50)
    if found is not None:
        low, high = found
        assert 0.0 <= low <= high <= 1.0
    counting = [pair for pair in pairs if pair[1]]
    shares = {top / bottom for top, bottom in counting}
    assert (found is None) == (len(shares) < 2 and not shares & {0.0, 1.0})


@settings(max_examples=200, deadline=None)
@given(FIGURES, st.randoms(use_true_random=False))
def test_swapping_two_runs_turns_the_interval_round(pairs, random):
    other = random.sample(pairs, len(pairs))
    there, back = paired_interval(pairs, other, resamples=400), paired_interval(other, pairs, resamples=400)
    assert (there is None) == (back is None)
    if there is not None:
        assert -1.0 <= there[0] <= there[1] <= 1.0
