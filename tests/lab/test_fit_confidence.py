"""The fit of confidences on invented tasks."""

from __future__ import annotations

from random import Random

import pytest

pytest.importorskip("scipy")

from lab.fit_confidence import Judged, calibration, cross_validate, fit, probabilities


def invented(count: int) -> list[Judged]:
    """Return tasks; the larger their weight and the less the rest, the more of them are right."""
    random, judged = Random(5), []
    for _ in range(count):
        weight, rest = random.uniform(-8, 0), random.random()
        chance = probabilities([Judged(weight, rest, False)], (4.0, 0.5, -3.0))[0]
        judged.append(Judged(weight, rest, random.random() < chance))
    return judged


def test_coefficients_are_found_again() -> None:
    assert fit(invented(4000)) == pytest.approx([4.0, 0.5, -3.0], abs=0.5)


def test_a_cross_validated_confidence_is_the_share_that_is_right() -> None:
    judged = invented(2000)
    table = calibration(judged, cross_validate(judged))
    assert sum(count for *_, count, _ in table) == len(judged)
    assert all(low - 0.1 <= share <= high + 0.1 for low, high, count, share in table if count > 50)
