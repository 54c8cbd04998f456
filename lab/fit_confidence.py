"""Fit the confidence of tasks, and show by cross-validation how well it is calibrated.

python -m lab.fit_confidence --evaluations 30000 --every 1

The outputs of the tests are read here to fit three coefficients; ranking reads them never.
"""

from __future__ import annotations

import argparse
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from arcbatt.candidates import Work
from arcbatt.context import Context
from arcbatt.contract import SourceBudget, TaskView
from arcbatt.engine import Budget
from arcbatt.pipeline.run import Run, Settings
from arcbatt.ranking.attempts import ATTEMPTS, choose_attempts, weights_of_outputs
from arcbatt.ranking.confidence import BY_REST, BY_WEIGHT, INTERCEPT, WEIGHT_MIN
from arcbatt.sources import open_sources
from arcbatt.tasks import Task, TaskChoice
from lab import run

FOLDS = 10
BINS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.0)
PULL = 1e-3
"""Weight of the squared coefficients, which keeps them finite where the tasks are separable."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A task with programs that fit its demos.

    Attributes:
        log_weight: logarithm of the weight of its least trusted first attempt.
        rest: share of the weight on outputs that are no attempts, 0..1.
        is_right: whether each test input has a right attempt.
    """

    log_weight: float
    rest: float
    is_right: bool


def judge(work: Work, task: Task) -> Judged | None:
    """Return what is known of a task and whether it is right; None where no program fits."""
    tests = range(len(task.tests))
    weights = [weights_of_outputs(work, index) for index in tests]
    if not all(each and each[0] > 0 for each in weights):
        return None
    attempts = choose_attempts(work)
    return Judged(
        min(math.log(max(each[0], WEIGHT_MIN)) for each in weights),
        max(sum(each[ATTEMPTS:]) / sum(each) for each in weights),
        all(
            any(attempt.grid == task.tests[index].output for attempt in attempts[index])
            for index in tests
        ),
    )


def collect(tasks: Sequence[Task], evaluations: int) -> list[Judged]:
    """Search on each task and judge its attempts."""
    judged = []
    with Context() as context:
        sources = open_sources(("search", "learners"), {}, context)
        for task in tasks:
            blind = TaskView(task).task
            budget = SourceBudget(evaluations=evaluations)
            settings = Settings(Budget(sample_seconds=None), sources=budget)
            [work] = Run([blind], sources, context.engine, settings).work_on([blind])
            found = judge(work, task)
            if found is not None:
                judged.append(found)
    return judged


def fit(judged: Sequence[Judged]) -> NDArray[np.float64]:
    """Return intercept, coefficient of the logarithm of the weight, and that of the rest."""
    rows, right = _table(judged)
    signs = np.where(right, 1.0, -1.0)

    def loss(coefficients: NDArray[np.float64]) -> float:
        logits = rows @ coefficients
        return float(np.logaddexp(0.0, -signs * logits).sum() + PULL * (coefficients**2).sum())

    return np.asarray(minimize(loss, np.zeros(rows.shape[1])).x)


def probabilities(judged: Sequence[Judged], coefficients: Sequence[float]) -> NDArray[np.float64]:
    """Return the confidence of each task."""
    rows, _ = _table(judged)
    return np.asarray(1.0 / (1.0 + np.exp(-(rows @ np.asarray(coefficients)))))


def cross_validate(judged: Sequence[Judged]) -> NDArray[np.float64]:
    """Return the confidence of each task by coefficients that were fitted without its fold."""
    found = np.zeros(len(judged))
    for fold in range(min(FOLDS, len(judged))):
        mine = [place for place in range(len(judged)) if place % FOLDS == fold]
        others = [each for place, each in enumerate(judged) if place % FOLDS != fold]
        found[mine] = probabilities([judged[place] for place in mine], fit(others).tolist())
    return found


def calibration(
    judged: Sequence[Judged], found: NDArray[np.float64]
) -> list[tuple[float, float, int, float]]:
    """Return for each range of confidence its bounds, the number of tasks and the share right."""
    right = np.array([each.is_right for each in judged])
    table = []
    for low, high in itertools.pairwise(BINS):
        inside = (found >= low) & (found < high if high < 1 else found <= high)
        if inside.any():
            table.append((low, high, int(inside.sum()), float(right[inside].mean())))
    return table


def _table(judged: Sequence[Judged]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    rows = np.array([[1.0, each.log_weight, each.rest] for each in judged])
    return rows, np.array([each.is_right for each in judged])


def main() -> None:
    """Fit on development tasks, and print coefficients and calibration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluations", type=int, default=30_000, help="effort for a task")
    parser.add_argument("--every", type=int, default=1, help="take every so many tasks")
    words = parser.parse_args()
    tasks = list(TaskChoice(split="development").load())[:: words.every]
    judged = collect(tasks, words.evaluations)
    print(f"{len(judged)} of {len(tasks)} tasks have programs that fit")
    shipped = probabilities(judged, (INTERCEPT, BY_WEIGHT, BY_REST))
    fitted = ", ".join(f"{each:.2f}" for each in fit(judged))
    print(f"fitted: {fitted}; shipped: {INTERCEPT}, {BY_WEIGHT}, {BY_REST}")
    for name, found in (("cross-validated", cross_validate(judged)), ("shipped", shipped)):
        print(name)
        for low, high, count, share in calibration(judged, found):
            print(f"  confidence {low:.2f} to {high:.2f}: {count:4d} tasks, {share:.2f} right")


if __name__ == "__main__":
    run(main)
