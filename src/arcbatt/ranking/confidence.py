"""Confidence: the probability that one of the attempts for a task is right."""

from __future__ import annotations

import math

from arcbatt.candidates import Work
from arcbatt.ranking.attempts import ATTEMPTS, weights_of_outputs

INTERCEPT, BY_WEIGHT, BY_REST = 4.6, 0.48, -3.2
"""Coefficients of a logistic regression over development tasks; `python -m lab.fit_confidence`
fits them, and shows how well they are calibrated on tasks that they were not fitted to."""
WEIGHT_MIN = 1e-6
"""Smaller weights are equally unlikely."""


def confidence_of(work: Work) -> float:
    """Return the probability, 0..1, that each test input of a task has a right attempt.

    It is that of the test input with the least: the larger the weight of the first attempt, and
    the smaller the share of the weight that lies on outputs that are no attempts, the more
    likely. Where no program is right on all demos it is 0.
    """
    return min(
        (_confidence(weights_of_outputs(work, index)) for index in range(len(work.task.tests))),
        default=0.0,
    )


def _confidence(weights: list[float]) -> float:
    total = sum(weights)
    if total <= 0:
        return 0.0
    rest = sum(weights[ATTEMPTS:]) / total
    return 1.0 / (1.0 + math.exp(-logit(weights[0], rest)))


def logit(weight: float, rest: float) -> float:
    """Return the logarithm of the odds.

    Args:
        weight: weight of the first attempt, > 0.
        rest: share of the weight on outputs that are no attempts, 0..1.
    """
    return INTERCEPT + BY_WEIGHT * math.log(max(weight, WEIGHT_MIN)) + BY_REST * rest
