"""The fit of confidences on invented tasks."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

pytest.importorskip("scipy")

from arcbatt.ranking.confidence import Coefficients
from lab.fit_confidence import (
    Judged,
    brier_score,
    calibration,
    cross_validate,
    fit,
    probabilities,
)

TRUE = Coefficients(intercept=4.0, by_weight=0.8, sharpness=2.0)


def invented(count: int) -> list[Judged]:
    """Return attempts of two for a task, one of which is right at most."""
    random, judged = Random(5), []
    for number in range(count // 2):
        first = 2.0 ** random.uniform(-9, 0)
        weights = (first, first * random.random(), first * random.random())
        pair = [Judged(f"task {number}", each, weights, False) for each in weights[:2]]
        drawn = random.random()
        for attempt, chance in zip(pair, probabilities(pair, TRUE), strict=True):
            judged.append(replace(attempt, is_right=0 <= drawn < chance))
            drawn -= chance
    return judged


def test_coefficients_are_found_again() -> None:
    assert fit(invented(3000)) == pytest.approx(TRUE, abs=0.4)


def test_a_cross_validated_confidence_is_the_share_that_is_right() -> None:
    judged = invented(1200)
    found = cross_validate(judged)
    table = calibration(judged, found)
    assert brier_score(judged, found) < brier_score(judged, 0 * found + 0.5)
    assert sum(count for *_, count, _ in table) == len(judged)
    assert all(low - 0.1 <= share <= high + 0.1 for low, high, count, share in table if count > 50)
