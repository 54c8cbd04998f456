"""Fit the confidence of attempts, and show by cross-validation how well it is calibrated.

    python -m lab.fit_confidence --evaluations 50000
    make fresh
    python -m lab.fit_confidence --split training --fresh build/fresh.json

The outputs of the tests are read here to fit coefficients; ranking reads them never. With fresh
samples, the confidence is judged by them too: whether the program of an attempt is right on other
samples of its task.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from arcbatt.candidates import Work
from arcbatt.context import Context
from arcbatt.contract import SourceBudget, TaskView
from arcbatt.engine import Budget
from arcbatt.pipeline.run import Run, Settings
from arcbatt.ranking.attempts import ATTEMPTS, groups_of_outputs
from arcbatt.ranking.confidence import FITTED, Coefficients, probability
from arcbatt.sources import open_sources
from arcbatt.tasks import Task, TaskChoice
from lab import positive, run
from lab.fresh import Examiner, load_fresh

FOLDS = 10
BINS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 1.0)
PULL = 1e-3
"""Weight of the squared coefficients, which keeps them finite where the attempts are separable."""
TINY = 1e-9
"""Confidences are at least this far from 0 and 1 where their logarithm is taken."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An attempt of programs that fit all demos.

    Attributes:
        task: the id of its task.
        weight: the weight of its output.
        weights: the weights of all outputs on the test input.
        is_right: whether it is the wanted output.
        holds: whether its best program is right on fresh samples; None where that is not known.
    """

    task: str
    weight: float
    weights: tuple[float, ...]
    is_right: bool
    holds: bool | None = None


def judge(work: Work, task: Task, examiner: Examiner | None = None) -> list[Judged]:
    """List the attempts for all test inputs of a task, and whether they are right."""
    judged = []
    leaders = []
    for index, test in enumerate(task.tests):
        groups = groups_of_outputs(work, index)
        weights = tuple(weight for _, weight in groups)
        for group, weight in groups[:ATTEMPTS]:
            if weight > 0:
                is_right = group[0].test_output(index) == test.output
                judged.append(Judged(task.id, weight, weights, is_right))
                leaders.append(group[0].program)
    if examiner is None:
        return judged
    held = zip(judged, examiner.holds(task, leaders), strict=True)
    return [replace(each, holds=holds) for each, holds in held]


def collect(tasks: Sequence[Task], evaluations: int, fresh: Path | None = None) -> list[Judged]:
    """Search on each task and judge its attempts."""
    judged: list[Judged] = []
    samples = load_fresh(fresh) if fresh else None
    with Context() as context:
        examiner = Examiner(samples, context.engine) if samples else None
        sources = open_sources(("search", "learners"), {}, context)
        for task in tasks:
            blind = TaskView(task).task
            budget = SourceBudget(evaluations=evaluations)
            settings = Settings(Budget(sample_seconds=None), sources=budget)
            [work] = Run([blind], sources, context.engine, settings).work_on([blind])
            judged += judge(work, task, examiner)
    return judged


def fit(judged: Sequence[Judged]) -> Coefficients:
    """Return the coefficients under which what was right is most likely."""
    right = np.array([each.is_right for each in judged])

    def loss(numbers: NDArray[np.float64]) -> float:
        found = np.clip(probabilities(judged, Coefficients(*numbers)), TINY, 1 - TINY)
        return float(-np.log(np.where(right, found, 1 - found)).sum() + PULL * (numbers**2).sum())

    return Coefficients(*minimize(loss, np.array(FITTED)).x)


def probabilities(judged: Sequence[Judged], coefficients: Coefficients) -> NDArray[np.float64]:
    """Return the confidence of each attempt."""
    return np.array([probability(each.weight, each.weights, coefficients) for each in judged])


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
        found[mine] = probabilities([judged[place] for place in mine], fit(others))
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


def print_calibration(judged: Sequence[Judged]) -> None:
    """Print coefficients and calibration of the shipped confidence and of one that is fitted."""
    print(
        "fitted: " + ", ".join(f"{name} {each:.2f}" for name, each in fit(judged)._asdict().items())
    )
    shipped = probabilities(judged, FITTED)
    for name, found in (("cross-validated", cross_validate(judged)), ("shipped", shipped)):
        print(f"{name}: Brier score {brier_score(judged, found):.4f}")
        for low, high, count, share in calibration(judged, found):
            print(f"  confidence {low:.2f} to {high:.2f}: {count:4d} attempts, {share:.2f} right")


def main() -> None:
    """Fit, and print coefficients and calibration."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--split", default="development", help="split of arc-agi-1 (development)")
    parser.add_argument("--evaluations", type=positive, default=50_000, help="effort for a task")
    parser.add_argument("--every", type=positive, default=1, help="take every so many tasks")
    parser.add_argument("--fresh", type=Path, help="fresh samples, which make fresh writes")
    words = parser.parse_args()
    tasks = list(TaskChoice(split=words.split).load())[:: words.every]
    judged = collect(tasks, words.evaluations, words.fresh)
    fitting = len({each.task for each in judged})
    print(f"{fitting} of {len(tasks)} tasks have programs that fit: {len(judged)} attempts")
    print_calibration(judged)
    known = [replace(each, is_right=each.holds) for each in judged if each.holds is not None]
    if known:
        alike = sum(each.is_right == each.holds for each in judged if each.holds is not None)
        print(f"\njudged by fresh samples: {len(known)} attempts, {alike} as by the tests")
        print_calibration(known)


if __name__ == "__main__":
    run(main)
