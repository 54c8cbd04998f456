"""Confidence: the probability that an attempt is right."""

from __future__ import annotations

import math
from collections.abc import Sequence

INTERCEPT, BY_SHARE, BY_WEIGHT = 3.3, 2.6, 0.35
"""Coefficients of a logistic regression over development tasks; `python -m lab.fit_confidence`
fits them, and shows how well they are calibrated on tasks that they were not fitted to."""
LEAST = 1e-6
"""Smaller weights, and smaller shares, are equally unlikely."""


def probability(weight: float, weights: Sequence[float]) -> float:
    """Return the probability, 0..1, that an output on a test input is right.

    It grows with its share of the squared weights of all outputs, and with the largest weight: a
    task with a simple program is easy.

    >>> round(probability(1.0, [1.0]), 2), round(probability(1.0, [1.0, 1.0]), 2)
    (0.96, 0.82)

    Args:
        weight: the weight of the programs with this output, 0 or more.
        weights: the weights of all outputs of programs that are right on all demos.
    """
    if weight <= 0:
        return 0.0
    return 1.0 / (1.0 + math.exp(-logit(*traits(weight, weights))))


def traits(weight: float, weights: Sequence[float]) -> tuple[float, float]:
    """Return the logarithms of an output's share of the squared weights, and of the largest weight.

    Args:
        weight: the weight of the programs with this output, > 0.
        weights: the weights of all outputs, this one's included.
    """
    largest = max(weights)
    share = (weight / largest) ** 2 / sum((each / largest) ** 2 for each in weights)
    return math.log(max(share, LEAST)), math.log(max(largest, LEAST))


def logit(share: float, largest: float) -> float:
    """Return the logarithm of the odds, by the two logarithms of `traits`."""
    return INTERCEPT + BY_SHARE * share + BY_WEIGHT * largest
