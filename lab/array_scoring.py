"""Measure scoring by arrays against the scoring of the native engine, by the size of the batch.

    python -m lab.array_scoring
    python -m lab.array_scoring --array-backend torch --side 30

A batch is a number of different outputs of a batt, at most a thousand on each case. The time of the
engine's own scoring is the difference between evaluating with wanted grids and without. The sides
run in turn, and the fastest run of each counts.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice, product
from random import Random

import numpy as np

from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Evaluation, Job
from arcbatt.engine.arrays import (
    ArrayBackend,
    Pictures,
    as_picture,
    open_arrays,
    score_evaluations,
    score_pairs,
)
from arcbatt.engine.native import NativeEngine
from arcbatt.program.graph import Graph, GraphBuilder
from lab import positive, run

BATCHES = (10, 100, 1_000, 10_000, 100_000)
ROOTS = 1_000
"""Largest number of outputs of one case; a batt of the library has some hundreds."""
BUDGET = Budget(sample_seconds=None)


def batt_of(roots: int) -> Graph:
    """Return a graph whose roots are different grids, in which two colours are replaced."""
    builder = GraphBuilder()
    grid = builder.input("I")
    colors = [builder.constant(color) for color in range(10)]
    chosen = (
        (a, b, c, d)
        for a, b, c, d in product(range(10), repeat=4)
        if a < c and len({a, b, c, d}) == 4
    )
    return builder.graph(
        [
            builder.call(
                "replace",
                builder.call("replace", grid, colors[a], colors[b]),
                colors[c],
                colors[d],
            )
            for a, b, c, d in islice(chosen, roots)
        ]
    )


def random_grid(random: Random, side: int) -> Grid:
    """Return a square of all ten colours."""
    return tuple(tuple(random.randrange(10) for _ in range(side)) for _ in range(side))


def quickest(rounds: int, *sides: Callable[[], object]) -> list[float]:
    """Run the sides in turn and return the fastest time of each, in seconds."""
    best = [float("inf")] * len(sides)
    for _ in range(rounds):
        for place, side in enumerate(sides):
            started = time.perf_counter()
            side()
            best[place] = min(best[place], time.perf_counter() - started)
    return best


def evaluate(graph: Graph, cases: Sequence[Case]) -> Evaluation:
    """Evaluate a graph on one thread."""
    [evaluation] = NativeEngine().evaluate([Job(graph, cases)], BUDGET, keep_outputs=True)
    return evaluation


def measure(
    batch: int, side: int, rounds: int, backend: ArrayBackend
) -> tuple[float, float, float, float]:
    """Return the seconds for a batch: evaluating, engine, arrays, computing."""
    random = Random(batch)
    graph = batt_of(min(batch, ROOTS))
    cases = [
        Case((), random_grid(random, side), wanted=random_grid(random, side))
        for _ in range(batch // len(graph.roots))
    ]
    unwanted = [replace(case, wanted=None) for case in cases]
    wanted = [[case.wanted for case in cases]]
    kept = evaluate(graph, unwanted)
    pictures = [
        kept.array_of(case, root) for case in range(len(cases)) for root in range(len(graph.roots))
    ]
    outputs = Pictures.of([picture for picture in pictures if picture is not None])
    grids = [as_picture(case.wanted) for case in cases if case.wanted is not None]
    packed = Pictures.of([grid for grid in grids if grid is not None])
    against = np.repeat(np.arange(len(cases)), len(graph.roots))
    scored, unscored, arrays, computing = quickest(
        rounds,
        lambda: evaluate(graph, cases),
        lambda: evaluate(graph, unwanted),
        lambda: score_evaluations([kept], wanted, backend),
        lambda: score_pairs(outputs, packed, against, backend),
    )
    [got] = score_evaluations([kept], wanted, backend)
    truth = evaluate(graph, cases)
    assert all(got.scores_of(case) == truth.scores_of(case) for case in range(len(cases)))
    return unscored, max(0.0, scored - unscored), arrays, computing


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(words)
    backend = open_arrays(options.array_backend)
    print(
        f"{backend.name} on {len(backend.devices)} x {backend.devices[0]}, grids of"
        f" {options.side}x{options.side}; microseconds for each output\n\n"
        f"{'batch':>9}{'evaluating':>12}{'engine':>12}{'arrays':>12}{'computing':>12}"
    )
    for batch in BATCHES:
        result = measure(batch, options.side, options.rounds, backend)
        times = [1e6 * seconds / batch for seconds in result]
        print(f"{batch:9,}" + "".join(f"{time:12.3f}" for time in times), flush=True)
    print(
        "\nevaluating: the programs, without scores; engine: its own scoring; arrays: reading the"
        "\noutputs and scoring them; computing: the scores alone, once the grids are packed."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab.array_scoring", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--array-backend", default="numpy", help="numpy, torch or cupy (numpy)")
    parser.add_argument("--side", type=positive, default=10, help="rows and columns (10)")
    parser.add_argument("--rounds", type=positive, default=7, help="runs of each side (7)")
    return parser


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
