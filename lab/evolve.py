"""Measure mutants per CPU-second of evolution, with and without sharing of equal calls.

Tasks are training tasks with programs in the library; programs that are named after a task are not
used for it.

    python -m lab.evolve
    python -m lab.evolve --tasks 50 --mutants 20000
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from arcbatt.candidates import Weighted
from arcbatt.engine.breeder import Breeding, Findings, Island
from arcbatt.engine.cases import TaskCases
from arcbatt.evolve.loop import breeding_of, cheap_differs, open_pool
from arcbatt.evolve.mutations import first_weights, open_breeder
from arcbatt.evolve.options import EvolutionOptions
from arcbatt.evolve.population import ParentPool
from arcbatt.library import load_library
from arcbatt.program.names import task_in_name
from arcbatt.tasks import Task, load_dataset
from lab import positive, run

LESS = 10
"""Divisor of the number of mutants without sharing, which is slow."""


def choose_tasks(pool: ParentPool, count: int) -> list[Task]:
    """Return tasks for which the library has programs, evenly spread over the ids."""
    dataset = load_dataset(split="training")
    solved = {task_in_name(each.name) for each in pool.programs}
    named = [task for task in dataset.ids if task in solved]
    return [dataset[task] for task in named[:: max(1, len(named) // count)][:count]]


def breed(pool: ParentPool, task: Task, breeding: Breeding) -> tuple[float, Findings]:
    """Do one round on one island of a task; return its CPU seconds and findings."""
    cases, held = TaskCases.of(task), pool.held_out(task)
    parents = [compact for place, compact in enumerate(pool.compacts) if place not in held][::4]
    island = Island(cases.demos, cases.tests, cases.probes, parents, held, (0,))
    began = time.process_time()
    [found] = open_breeder().breed(
        [island],
        donors=pool.compacts,
        differs=cheap_differs(),
        weights=first_weights(),
        breeding=breeding,
        threads=1,
    )
    return time.process_time() - began, found


def measure(
    pool: ParentPool, tasks: Sequence[Task], *, mutants: int, shares: bool
) -> dict[str, float]:
    """Measure mutants per CPU-second on one thread."""
    breeding = replace(breeding_of(EvolutionOptions()), mutants=mutants, shares=shares)
    rates, total, spent = [], Counter[str](), 0.0
    for task in tasks:
        cpu_s, found = breed(pool, task, breeding)
        rates.append(found.counts["mutants"] / cpu_s)
        total.update(found.counts)
        spent += cpu_s
    return {
        "mutants": total["mutants"],
        "evaluations": total["evaluations"],
        "calls": total["calls"],
        "cpu_s": spent,
        "mutants_per_cpu_s": total["mutants"] / spent,
        "mutants_per_cpu_s_of_the_median_task": sorted(rates)[len(rates) // 2],
        "evaluations_per_cpu_s": total["evaluations"] / spent,
    }


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(words)
    parents = [Weighted(each.name, each.program) for each in load_library()]
    pool = open_pool(parents, EvolutionOptions())
    tasks = choose_tasks(pool, options.tasks)
    few = max(100, options.mutants // LESS)
    shared = measure(pool, tasks, mutants=options.mutants, shares=True)
    alone = measure(pool, tasks, mutants=few, shares=False)
    print(f"{len(tasks)} tasks, one thread{'with sharing':>25}{'without':>14}")
    for name, value in shared.items():
        print(f"  {name:42}{value:14,.1f}{alone[name]:14,.1f}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab.evolve", description=__doc__.partition("\n")[0])
    parser.add_argument("--tasks", type=positive, default=20, help="number of tasks (20)")
    parser.add_argument(
        "--mutants", type=positive, default=10_000, help="mutants of each task (10,000)"
    )
    return parser


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
