"""Confidence: the probability that an attempt is right."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

LEAST = 1e-6
"""Smaller weights are equally unlikely."""


class Coefficients(NamedTuple):
    """What turns weights into probabilities.

    Attributes:
        intercept: the logarithm of the odds that a task's answer is among the outputs, where the
            largest weight is 1.
        by_weight: how much this grows with the natural logarithm of the largest weight.
        sharpness: the power of the weights to which the outputs of a task are likely.
    """

    intercept: float
    by_weight: float
    sharpness: float


FITTED = Coefficients(intercept=5.3, by_weight=0.58, sharpness=1.75)
"""Fitted to development tasks by `python -m lab.fit_confidence`, which shows how well they are
calibrated on tasks that they were not fitted to."""


def probability(
    weight: float, weights: Sequence[float], coefficients: Coefficients = FITTED
) -> float:
    """Return the probability, 0..1, that an output on a test input is right.

    It is the probability that the answer is among the outputs, which grows with the largest weight
    since a task with a simple program is easy, times the output's share of all of them, by powers
    of the weights.

    >>> round(probability(1.0, [1.0]), 2), round(probability(1.0, [1.0, 1.0]), 2)
    (1.0, 0.5)

    Args:
        weight: the weight of the programs with this output, 0 or more.
        weights: the weights of all outputs of programs that are right on all demos.
        coefficients: those of the formula.
    """
    if weight <= 0:
        return 0.0
    largest = max(weights)
    power = coefficients.sharpness
    share = float((weight / largest) ** power / sum((each / largest) ** power for each in weights))
    odds = coefficients.intercept + coefficients.by_weight * math.log(max(largest, LEAST))
    return share / (1.0 + math.exp(-odds))
