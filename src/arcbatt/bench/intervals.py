"""Intervals: what measured times say about a ratio or a growth, and how sure that is.

Times are compared by their logarithms: noise on a machine multiplies, and a ratio of two is as far
from one as a ratio of a half. Intervals are Student's, two-sided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean, variance

CONFIDENCE = 0.95
"""How often an interval holds the true value."""


class Verdict(StrEnum):
    """What an interval of a ratio of times allows to say of the second one."""

    FASTER = "faster"
    SLOWER = "slower"
    NONE = "no difference shown"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with the interval that it lies in.

    Attributes:
        value: the best guess.
        low: end of the interval; None where there were too few rounds for one.
        high: the other end.
    """

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def verdict(self) -> Verdict:
        """What can be said where the value is a ratio: nothing, unless the interval excludes 1."""
        if self.low is None or self.high is None or self.low <= 1 <= self.high:
            return Verdict.NONE
        return Verdict.FASTER if self.high < 1 else Verdict.SLOWER


def paired_ratio(first: Sequence[float], second: Sequence[float]) -> Estimate | None:
    """Estimate the ratio second / first of times that were measured in turn, round by round.

    A slow round slows both sides, so the ratio of each round counts. None without a round.

    >>> paired_ratio([1.0, 2.0], [2.0, 4.0])
    Estimate(value=2.0, low=2.0, high=2.0)
    """
    logs = [math.log(b / a) for a, b in zip(first, second, strict=False)]
    return _exponential(_mean(logs)) if logs else None


def unpaired_ratio(first: Sequence[float], second: Sequence[float]) -> Estimate | None:
    """Estimate the ratio second / first of times that were measured apart (Welch's interval).

    None where one side has no time.
    """
    if not first or not second:
        return None
    sides = [[math.log(time) for time in times] for times in (first, second)]
    difference = fmean(sides[1]) - fmean(sides[0])
    if min(map(len, sides)) < 2:
        return Estimate(math.exp(difference))
    parts = [variance(logs) / len(logs) for logs in sides]
    error = sum(parts)
    freedom = math.inf
    if error > 0:
        weights = zip(parts, sides, strict=True)
        freedom = error**2 / sum(part**2 / (len(logs) - 1) for part, logs in weights)
    margin = _margin(error, freedom)
    return _exponential(Estimate(difference, difference - margin, difference + margin))


def fit_growth(sizes: Sequence[int], rounds: Sequence[Sequence[float]]) -> Estimate | None:
    """Estimate the exponent e of time = c * size ** e.

    Each round gives an exponent of its own (least squares of the logarithms), so that a slow round
    does not count as growth. None for fewer than two sizes or without a round.

    Args:
        sizes: how much there was to do.
        rounds: of each round, a time for each size.

    >>> round(fit_growth([1, 10, 100], [[3.0, 30.0, 300.0]]).value, 9)
    1.0
    """
    if len(set(sizes)) < 2 or not rounds:
        return None
    logs = [math.log(size) for size in sizes]
    middle = fmean(logs)
    spread = sum((log - middle) ** 2 for log in logs)
    exponents = [
        sum((log - middle) * math.log(time) for log, time in zip(logs, times, strict=True)) / spread
        for times in rounds
    ]
    return _mean(exponents)


def _mean(values: Sequence[float]) -> Estimate:
    mean = fmean(values)
    if len(values) < 2:
        return Estimate(mean)
    margin = _margin(variance(values) / len(values), len(values) - 1)
    return Estimate(mean, mean - margin, mean + margin)


def _exponential(estimate: Estimate) -> Estimate:
    if estimate.low is None or estimate.high is None:
        return Estimate(math.exp(estimate.value))
    return Estimate(*map(math.exp, (estimate.value, estimate.low, estimate.high)))


def _margin(squared_error: float, freedom: float) -> float:
    return student_quantile(freedom) * math.sqrt(squared_error) if squared_error > 0 else 0.0


def student_quantile(freedom: float, confidence: float = CONFIDENCE) -> float:
    """Return the t within which Student's distribution has a share of its values.

    Args:
        freedom: degrees of freedom, 1 or more; a fraction is cut off, which widens an interval.
        confidence: the share, more than 0 and less than 1.

    >>> [round(student_quantile(freedom), 3) for freedom in (1, 2, 9, 30)]
    [12.706, 4.303, 2.262, 2.042]
    """
    whole = int(min(freedom, 10_000))
    low, high = 0.0, 1.0
    while _share_within(high, whole) < confidence:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        if _share_within(middle, whole) < confidence:
            low = middle
        else:
            high = middle
    return high


def _share_within(t: float, freedom: int) -> float:
    """Return the share of Student's distribution between -t and t (Abramowitz & Stegun 26.7)."""
    angle = math.atan(t / math.sqrt(freedom))
    odd = freedom % 2
    square = math.cos(angle) ** 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0
    for power in range(odd, freedom - 1, 2):
        total += term
        term *= square * (power + 1) / (power + 2)
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total
