"""Confidence: the probability that an attempt is right, and that one of those for a task is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from arcbatt.candidates import Work
from arcbatt.ranking.attempts import ATTEMPTS, TestAttempts, weights_of_outputs

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


def rate_attempts(work: Work, attempts: Sequence[TestAttempts]) -> tuple[TestAttempts, ...]:
    """Return the attempts for a task with their confidences.

    The attempts for a test input differ, so the probabilities that each of them is right add up to
    the one that one of them is. They share it by their weights. An attempt of a program that is
    not right on all demos has 0.

    Args:
        work: the task with its candidates.
        attempts: the two attempts for each of its test inputs.
    """
    return tuple(
        _rate(test, _confidence(weights_of_outputs(work, index)))
        for index, test in enumerate(attempts)
    )


def _rate(test: TestAttempts, confidence: float) -> TestAttempts:
    total = sum(attempt.weight for attempt in test if attempt.exact)
    return tuple(
        replace(attempt, confidence=confidence * attempt.weight / total)
        if attempt.exact and total > 0
        else attempt
        for attempt in test
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
