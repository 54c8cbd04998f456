"""Measures scoring by arrays against the native engine's own scoring, by the size of the batch.

A batch is so many different outputs of a batt, up to a thousand on each case. What the engine's own
scoring costs is the difference between evaluating with wanted grids and without; runs of all
sides alternate, and the quickest of each counts.

    python benchmarks/arrays.py
    python benchmarks/arrays.py --array-backend torch --side 30 --json arrays.json
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice, product
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from arcbatt import _engine
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Evaluation, Job
from arcbatt.engine.arrays import (
    Pictures,
    as_picture,
    count_colors,
    score_evaluations,
    score_pairs,
)
from arcbatt.engine.arrays_backends import ArrayBackend, open_arrays
from arcbatt.engine.native import NativeEngine
from arcbatt.program.graph import Graph, GraphBuilder

BATCHES = (10, 100, 1_000, 10_000, 100_000)
ROOTS = 1_000
"""Outputs of one case at most; a batt of the library has some hundreds."""
BUDGET = Budget(sample_seconds=None)
NATIVE = NativeEngine()


def batt_of(roots: int) -> Graph:
    """Return a graph whose roots are grids that differ: two colours replaced by others."""
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
    """Run the sides in turn, so many rounds, and return the quickest time of each in seconds."""
    best = [float("inf")] * len(sides)
    for _ in range(rounds):
        for place, run in enumerate(sides):
            started = time.perf_counter()
            run()
            best[place] = min(best[place], time.perf_counter() - started)
    return best


def evaluate(graph: Graph, cases: Sequence[Case]) -> Evaluation:
    """Evaluate a graph on one thread."""
    [evaluation] = NATIVE.evaluate([Job(graph, cases)], BUDGET, keep_outputs=True)
    return evaluation


def measure(batch: int, side: int, rounds: int, backend: ArrayBackend) -> dict[str, Any]:
    """Measure a batch; returns seconds of each way to score it."""
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
    first = [(kept.read_output(0, root), cases[0].wanted) for root in range(len(graph.roots))]
    scored, unscored, arrays, computing, colors, one_by_one = quickest(
        rounds,
        lambda: evaluate(graph, cases),
        lambda: evaluate(graph, unwanted),
        lambda: score_evaluations([kept], wanted, backend),
        lambda: score_pairs(outputs, packed, against, backend),
        lambda: count_colors(outputs, backend),
        lambda: [_engine.agreement(output, grid) for output, grid in first if grid is not None],
    )
    [got] = score_evaluations([kept], wanted, backend)
    truth = evaluate(graph, cases)
    assert all(got.scores_of(case) == truth.scores_of(case) for case in range(len(cases)))
    return {
        "batch": batch,
        "engine_s": max(0.0, scored - unscored),
        "evaluating_s": unscored,
        "one_by_one_s": one_by_one * len(cases),
        "arrays_s": arrays,
        "computing_s": computing,
        "colors_s": colors,
    }


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--array-backend", default="numpy", help="numpy, torch or cupy (numpy)")
    parser.add_argument("--side", type=int, default=10, help="rows and columns of the grids (10)")
    parser.add_argument("--rounds", type=int, default=7, help="runs of each side (7)")
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = parse_options()
    backend = open_arrays(options.array_backend)
    print(
        f"{backend.name} on {len(backend.devices)} x {backend.devices[0]}, grids of"
        f" {options.side}x{options.side}; microseconds for each output\n\n"
        f"{'batch':>9}{'evaluating':>12}{'engine':>9}{'arrays':>9}{'computing':>11}"
        f"{'colours':>9}{'one by one':>12}"
    )
    results = []
    for batch in BATCHES:
        result = measure(batch, options.side, options.rounds, backend)
        results.append(result)
        names = ("evaluating_s", "engine_s", "arrays_s", "computing_s", "colors_s", "one_by_one_s")
        evaluating, engine, arrays, computing, colors, single = (
            1e6 * result[name] / batch for name in names
        )
        print(
            f"{batch:9,}{evaluating:12.3f}{engine:9.3f}{arrays:9.3f}{computing:11.3f}"
            f"{colors:9.3f}{single:12.3f}",
            flush=True,
        )
    print(
        "\nevaluating: the programs, without scores; engine: what its own scoring adds;\n"
        "arrays: reading the outputs and scoring them; computing: the scores alone, once the\n"
        "grids are packed; colours: counting them; one by one: from Python with each grid\n"
        "converted. The scores were equal."
    )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
