"""Fit the confidence of attempts, and show by cross-validation how well it is calibrated.

python -m lab.fit_confidence --evaluations 50000 --every 1

The outputs of the tests are read here to fit three coefficients; ranking reads them never.
"""

from __future__ import annotations

import argparse
import itertools
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
from arcbatt.ranking.attempts import ATTEMPTS, weights_of_outputs
from arcbatt.ranking.confidence import BY_SHARE, BY_WEIGHT, INTERCEPT, traits
from arcbatt.sources import open_sources
from arcbatt.tasks import Task, TaskChoice
from lab import run

FOLDS = 10
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 1.0)
PULL = 1e-3
"""Weight of the squared coefficients, which keeps them finite where the attempts are separable."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An attempt of programs that fit all demos.

    Attributes:
        task: the id of its task.
        share: logarithm of its share of the squared weights of all outputs.
        largest: logarithm of the largest weight of an output.
        is_right: whether it is the wanted output.
    """

    task: str
    share: float
    largest: float
    is_right: bool


def judge(work: Work, task: Task) -> list[Judged]:
    """List the attempts for all test inputs of a task, and whether they are right."""
    judged = []
    for index, test in enumerate(task.tests):
        outputs = weights_of_outputs(work, index)
        weights = [weight for _, weight in outputs]
        for grid, weight in outputs[:ATTEMPTS]:
            if weight > 0:
                judged.append(Judged(task.id, *traits(weight, weights), grid == test.output))
    return judged


def collect(tasks: Sequence[Task], evaluations: int) -> list[Judged]:
    """Search on each task and judge its attempts."""
    judged: list[Judged] = []
    with Context() as context:
        sources = open_sources(("search", "learners"), {}, context)
        for task in tasks:
            blind = TaskView(task).task
            budget = SourceBudget(evaluations=evaluations)
            settings = Settings(Budget(sample_seconds=None), sources=budget)
            [work] = Run([blind], sources, context.engine, settings).work_on([blind])
            judged += judge(work, task)
    return judged


def fit(judged: Sequence[Judged]) -> NDArray[np.float64]:
    """Return intercept, coefficient of the share, and that of the largest weight."""
    rows, right = _table(judged)
    signs = np.where(right, 1.0, -1.0)

    def loss(coefficients: NDArray[np.float64]) -> float:
        logits = rows @ coefficients
        return float(np.logaddexp(0.0, -signs * logits).sum() + PULL * (coefficients**2).sum())

    return np.asarray(minimize(loss, np.zeros(rows.shape[1])).x)


def probabilities(judged: Sequence[Judged], coefficients: Sequence[float]) -> NDArray[np.float64]:
    """Return the confidence of each attempt."""
    rows, _ = _table(judged)
    return np.asarray(1.0 / (1.0 + np.exp(-(rows @ np.asarray(coefficients)))))


def cross_validate(judged: Sequence[Judged]) -> NDArray[np.float64]:
    """Return the confidence of each attempt by coefficients that were fitted without its fold.

    All attempts for a task are in one fold.
    """
    found = np.zeros(len(judged))
    numbers = {task: number for number, task in enumerate(dict.fromkeys(a.task for a in judged))}
    folds = [numbers[each.task] % FOLDS for each in judged]
    for fold in sorted(set(folds)):
        mine = [place for place, each in enumerate(folds) if each == fold]
        others = [judged[place] for place, each in enumerate(folds) if each != fold]
        found[mine] = probabilities([judged[place] for place in mine], fit(others).tolist())
    return found


def brier_score(judged: Sequence[Judged], found: NDArray[np.float64]) -> float:
    """Return the mean squared difference of the confidences from what was right (Brier, 1950)."""
    right = np.array([each.is_right for each in judged], dtype=float)
    return float(np.mean((found - right) ** 2))


def calibration(
    judged: Sequence[Judged], found: NDArray[np.float64]
) -> list[tuple[float, float, int, float]]:
    """Return for each range of confidence its bounds, the attempts in it, and the share right."""
    right = np.array([each.is_right for each in judged])
    table = []
    for low, high in itertools.pairwise(BINS):
        inside = (found >= low) & (found < high if high < 1 else found <= high)
        if inside.any():
            table.append((low, high, int(inside.sum()), float(right[inside].mean())))
    return table


def _table(judged: Sequence[Judged]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    rows = np.array([[1.0, each.share, each.largest] for each in judged])
    return rows, np.array([each.is_right for each in judged])


def main() -> None:
    """Fit on development tasks, and print coefficients and calibration."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluations", type=int, default=50_000, help="effort for a task")
    parser.add_argument("--every", type=int, default=1, help="take every so many tasks")
    words = parser.parse_args()
    tasks = list(TaskChoice(split="development").load())[:: words.every]
    judged = collect(tasks, words.evaluations)
    fitting = len({each.task for each in judged})
    print(f"{fitting} of {len(tasks)} tasks have programs that fit: {len(judged)} attempts")
    shipped = probabilities(judged, (INTERCEPT, BY_SHARE, BY_WEIGHT))
    fitted = ", ".join(f"{each:.2f}" for each in fit(judged))
    print(f"fitted: {fitted}; shipped: {INTERCEPT}, {BY_SHARE}, {BY_WEIGHT}")
    for name, found in (("cross-validated", cross_validate(judged)), ("shipped", shipped)):
        print(f"{name}: Brier score {brier_score(judged, found):.3f}")
        for low, high, count, share in calibration(judged, found):
            print(f"  confidence {low:.2f} to {high:.2f}: {count:4d} attempts, {share:.2f} right")


if __name__ == "__main__":
    run(main)
