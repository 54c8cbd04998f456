"""Intervals: estimate ratios and growth from measured times, with confidence intervals.

Times are compared by their logarithms, because noise on a machine multiplies, and because a ratio
of 2 is as far from 1 as a ratio of 1/2. Intervals are two-sided and Student's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from lab.measure import BASE, OTHER, Series

CONFIDENCE = 0.95
"""Probability that an interval holds the true value."""


class Verdict(StrEnum):
    """The verdict on the second time, from the interval of a ratio of times."""

    FASTER = "faster"
    SLOWER = "slower"
    NONE = "no difference shown"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval.

    Attributes:
        value: the best guess.
        low: lower end of the interval; None where there were too few rounds for one.
        high: upper end of the interval, or None.
    """

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def verdict(self) -> Verdict:
        """The verdict on a ratio: none unless the interval excludes 1."""
        if self.low is None or self.high is None or self.low <= 1 <= self.high:
            return Verdict.NONE
        return Verdict.FASTER if self.high < 1 else Verdict.SLOWER


@dataclass(frozen=True, slots=True)
class Comparison:
    """The comparison of two series.

    Attributes:
        first: title of the series that is compared with.
        second: title of the other series.
        wall: wall-clock time of the second divided by that of the first; None without a round.
        cpu: the same ratio of CPU times.
        paired: whether both were measured in turn; else the machine may have changed between.
    """

    first: str
    second: str
    wall: Estimate | None
    cpu: Estimate | None
    paired: bool


@dataclass(frozen=True, slots=True)
class Growth:
    """The growth of the time of a benchmark with the number of tasks.

    Attributes:
        benchmark: title of the benchmark.
        sizes: numbers of tasks.
        wall: exponent e of wall-clock time = c * tasks ** e; None without a whole round.
        cpu: the same exponent of CPU time.
    """

    benchmark: str
    sizes: tuple[int, ...]
    wall: Estimate | None
    cpu: Estimate | None


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
    before, after = np.log(first), np.log(second)
    difference = float(after.mean() - before.mean())
    if min(len(before), len(after)) < 2:
        return Estimate(math.exp(difference))
    if np.ptp(before) == np.ptp(after) == 0:
        return _exponential(Estimate(difference, difference, difference))
    interval = stats.ttest_ind(after, before, equal_var=False).confidence_interval(CONFIDENCE)
    return _exponential(Estimate(difference, float(interval.low), float(interval.high)))


def fit_growth(sizes: Sequence[int], rounds: Sequence[Sequence[float]]) -> Estimate | None:
    """Estimate the exponent e of time = c * size ** e.

    Each round gives an exponent of its own (least squares of the logarithms), so that a slow round
    does not count as growth. None for fewer than two sizes or without a round.

    Args:
        sizes: amounts of work, > 0.
        rounds: for each round, one time per size.

    >>> round(fit_growth([1, 10, 100], [[3.0, 30.0, 300.0]]).value, 9)
    1.0
    """
    if len(set(sizes)) < 2 or not rounds:
        return None
    logs = np.log(sizes)
    return _mean([float(stats.linregress(logs, np.log(times)).slope) for times in rounds])


def _mean(values: Sequence[float]) -> Estimate:
    mean = float(np.mean(values))
    if len(values) < 2:
        return Estimate(mean)
    error = float(stats.sem(values))
    if error == 0:
        return Estimate(mean, mean, mean)
    low, high = stats.t.interval(CONFIDENCE, len(values) - 1, loc=mean, scale=error)
    return Estimate(mean, float(low), float(high))


def _exponential(estimate: Estimate) -> Estimate:
    if estimate.low is None or estimate.high is None:
        return Estimate(math.exp(estimate.value))
    return Estimate(*map(math.exp, (estimate.value, estimate.low, estimate.high)))


def compare(first: Series, second: Series, *, paired: bool) -> Comparison:
    """Compare two series, round by round if they were measured in turn."""
    estimate = paired_ratio if paired else unpaired_ratio
    cpu = None
    if min(*first.cpus_s, *second.cpus_s) > 0:
        cpu = estimate(first.cpus_s, second.cpus_s)
    wall = estimate(first.walls_s, second.walls_s)
    return Comparison(first.title, second.title, wall, cpu, paired)


def compare_with_other(series: Sequence[Series]) -> list[Comparison]:
    """Compare the series of another Python with those of this one."""
    bases = {(each.benchmark, each.size): each for each in series if each.label == BASE}
    return [
        compare(bases[each.benchmark, each.size], each, paired=True)
        for each in series
        if each.label == OTHER and (each.benchmark, each.size) in bases
    ]


def compare_with_saved(series: Sequence[Series], saved: Sequence[Series]) -> list[Comparison]:
    """Compare with saved series of the same benchmark, side and size."""
    before = {(each.benchmark, each.label, each.size): each for each in saved}
    return [
        compare(before[key], each, paired=False)
        for each in series
        if (key := (each.benchmark, each.label, each.size)) in before
    ]


def find_growth(series: Sequence[Series]) -> list[Growth]:
    """Fit the growth of the benchmarks that were measured with several numbers of tasks."""
    groups: dict[tuple[str, str], list[Series]] = {}
    for each in series:
        if each.size is not None:
            groups.setdefault((each.benchmark, each.label), []).append(each)
    found = []
    for (benchmark, label), group in groups.items():
        sizes = tuple(each.size for each in group if each.size is not None)
        if len(set(sizes)) < 2:
            continue
        cpu = None
        if all(min(each.cpus_s) > 0 for each in group):
            cpu = fit_growth(sizes, list(zip(*(each.cpus_s for each in group), strict=False)))
        wall = fit_growth(sizes, list(zip(*(each.walls_s for each in group), strict=False)))
        title = f"{benchmark}, {label}" if label else benchmark
        found.append(Growth(title, sizes, wall, cpu))
    return found
