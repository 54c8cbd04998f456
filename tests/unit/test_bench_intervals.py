"""Intervals: they hold the truth as often as they say, and a verdict needs one that excludes 1."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

import pytest

from arcbatt.bench.intervals import (
    CONFIDENCE,
    Estimate,
    Verdict,
    fit_growth,
    paired_ratio,
    student_quantile,
    unpaired_ratio,
)

TRIALS = 1000
RATIO = 1.25
EXPONENT = 1.1


def noise(random: Random, spread: float) -> float:
    return math.exp(random.gauss(0.0, spread))


def paired(random: Random) -> tuple[Estimate | None, float]:
    """Measure two sides on a machine whose speed changes from round to round."""
    speeds = [noise(random, 0.5) for _ in range(5)]
    first = [speed * noise(random, 0.1) for speed in speeds]
    second = [RATIO * speed * noise(random, 0.1) for speed in speeds]
    return paired_ratio(first, second), RATIO


def unpaired(random: Random) -> tuple[Estimate | None, float]:
    first = [noise(random, 0.05) for _ in range(8)]
    second = [RATIO * noise(random, 0.2) for _ in range(6)]
    return unpaired_ratio(first, second), RATIO


def growing(random: Random) -> tuple[Estimate | None, float]:
    sizes = [50, 100, 200]
    rounds = []
    for _ in range(4):
        speed = noise(random, 0.5)
        rounds.append([speed * size**EXPONENT * noise(random, 0.1) for size in sizes])
    return fit_growth(sizes, rounds), EXPONENT


@pytest.mark.parametrize("measure", [paired, unpaired, growing])
def test_the_interval_holds_the_truth_as_often_as_it_says(
    measure: Callable[[Random], tuple[Estimate | None, float]],
) -> None:
    random = Random(20)
    held = 0
    for _ in range(TRIALS):
        estimate, truth = measure(random)
        assert estimate is not None and estimate.low is not None and estimate.high is not None
        assert estimate.low < estimate.value < estimate.high
        held += estimate.low <= truth <= estimate.high
    # Three standard errors of a share of 0.95 in so many trials.
    error = 3 * math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / TRIALS)
    assert held / TRIALS == pytest.approx(CONFIDENCE, abs=error)


def test_no_difference_is_rarely_called_one() -> None:
    random = Random(7)
    called = 0
    for _ in range(TRIALS):
        sides = [[noise(random, 0.1) for _ in range(5)] for _ in range(2)]
        estimate = paired_ratio(*sides)
        assert estimate is not None
        called += estimate.verdict is not Verdict.NONE
    assert 0.02 < called / TRIALS < 0.08


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (1.01, 1.2, Verdict.SLOWER),
        (0.8, 0.99, Verdict.FASTER),
        (0.9, 1.1, Verdict.NONE),
        (1.0, 1.2, Verdict.NONE),
        (0.8, 1.0, Verdict.NONE),
        (None, None, Verdict.NONE),
    ],
)
def test_a_verdict_needs_an_interval_that_excludes_1(
    low: float | None, high: float | None, verdict: Verdict
) -> None:
    assert Estimate(1.1, low, high).verdict is verdict


def test_one_round_has_no_interval() -> None:
    for estimate, value in (
        (paired_ratio([1.0], [3.0]), 3.0),
        (unpaired_ratio([1.0], [3.0, 3.0]), 3.0),
        (fit_growth([1, 10], [[1.0, 10.0]]), 1.0),
    ):
        assert estimate is not None
        assert estimate.value == pytest.approx(value)
        assert (estimate.low, estimate.high) == (None, None)
    assert paired_ratio([], [1.0]) is None
    assert unpaired_ratio([1.0], []) is None
    assert fit_growth([50, 50], [[1.0, 1.0]]) is None
    assert fit_growth([50, 100], []) is None


def test_equal_times_have_an_interval_without_width() -> None:
    for estimate in (
        paired_ratio([2.0, 2.0], [1.0, 1.0]),
        unpaired_ratio([2.0, 2.0], [1.0, 1.0]),
    ):
        assert estimate is not None
        assert (estimate.value, estimate.low, estimate.high) == pytest.approx((0.5, 0.5, 0.5))
        assert estimate.verdict is Verdict.FASTER


def test_rounds_are_paired_from_the_first_on() -> None:
    assert paired_ratio([1.0, 2.0, 9.0], [2.0, 4.0]) == paired_ratio([1.0, 2.0], [2.0, 4.0])


@pytest.mark.parametrize(
    ("freedom", "quantile"),
    [
        (1, 12.7062),
        (2, 4.3027),
        (3, 3.1824),
        (4, 2.7764),
        (10, 2.2281),
        (29, 2.0452),
        (1e9, 1.9602),
    ],
)
def test_quantiles_are_those_of_the_tables(freedom: float, quantile: float) -> None:
    assert student_quantile(freedom) == pytest.approx(quantile, abs=2e-4)
    assert student_quantile(freedom, 0.5) < quantile
