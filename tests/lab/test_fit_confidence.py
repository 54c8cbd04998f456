"""The fit of confidences on invented tasks."""

from __future__ import annotations

from random import Random

import pytest

pytest.importorskip("scipy")

from lab.fit_confidence import (
    Judged,
    brier_score,
    calibration,
    cross_validate,
    fit,
    probabilities,
)


def invented(count: int) -> list[Judged]:
    """Return attempts; with their share and the largest weight, the more of them are right."""
    random, judged = Random(5), []
    for number in range(count):
        share, largest = random.uniform(-3, 0), random.uniform(-8, 0)
        chance = probabilities([Judged("", share, largest, False)], (4.0, 2.5, 0.5))[0]
        judged.append(Judged(f"task {number // 2}", share, largest, random.random() < chance))
    return judged


def test_coefficients_are_found_again() -> None:
    assert fit(invented(4000)) == pytest.approx([4.0, 2.5, 0.5], abs=0.5)


def test_a_cross_validated_confidence_is_the_share_that_is_right() -> None:
    judged = invented(2000)
    found = cross_validate(judged)
    table = calibration(judged, found)
    assert brier_score(judged, found) < brier_score(judged, 0 * found + 0.5)
    assert sum(count for *_, count, _ in table) == len(judged)
    assert all(low - 0.1 <= share <= high + 0.1 for low, high, count, share in table if count > 50)
