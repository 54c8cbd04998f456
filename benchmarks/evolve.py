"""Measures evolution: mutants a CPU-second with sharing and without, and what it finds.

Tasks are training tasks of the library, each without the programs that are named after it.

    python benchmarks/evolve.py
    python benchmarks/evolve.py --solve --tasks 50 --rounds 3
    python benchmarks/evolve.py --json evolve.json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from engine import machine

from arcbatt.engine.breeder import Breeding, Findings, Island
from arcbatt.evaluation.measure import Setup
from arcbatt.evaluation.run import Request, evaluate
from arcbatt.evolve.alone import EVOLVE, FRESH, Plan
from arcbatt.evolve.deal import Pool, make_pool, task_of
from arcbatt.evolve.grounds import Grounds
from arcbatt.evolve.moves import first_weights
from arcbatt.evolve.run import cheap_differs
from arcbatt.evolve.vocabulary import open_breeder
from arcbatt.pipeline.deal import LIBRARY
from arcbatt.pipeline.sources import load_card
from arcbatt.tasks import Task, load_dataset


def choose_tasks(pool: Pool, count: int) -> list[Task]:
    """Return so many tasks of the library, evenly spread."""
    dataset = load_dataset(split="training")
    named = sorted({task_of(dealt.name) for dealt in pool.card} & set(dataset.ids))
    step = max(1, len(named) // count)
    return [dataset[task] for task in named[::step][:count]]


def breed(pool: Pool, tasks: Sequence[Task], breeding: Breeding) -> tuple[float, list[Findings]]:
    """Do one round of one island for each task; return its CPU seconds and findings."""
    islands = []
    for number, task in enumerate(tasks):
        each, held = Grounds.of(task), pool.held_out(task.id)
        dealt = [line for place, line in enumerate(pool.lines) if place not in held][
            number % 4 :: 4
        ]
        islands.append(Island(each.demos, each.tests, each.probes, dealt, held, (number,)))
    start = time.process_time()
    found = open_breeder().breed(
        islands,
        donors=pool.lines,
        differs=cheap_differs(),
        weights=first_weights(),
        breeding=breeding,
        threads=1,
    )
    return time.process_time() - start, found


def measure_throughput(pool: Pool, tasks: Sequence[Task], mutants: int) -> dict[str, Any]:
    """Measure mutants a CPU-second with sharing and without, on one thread."""
    breeding = replace(Plan().breeding, mutants=mutants)
    results = {}
    for name, shares in (("sharing", True), ("without", False)):
        tried = mutants if shares else max(100, mutants // 10)
        side = replace(breeding, shares=shares, mutants=tried)
        rates, total = [], Counter[str]()
        spent = 0.0
        for task in tasks:
            cpu_s, [found] = breed(pool, [task], side)
            rates.append(found.counts["mutants"] / cpu_s)
            total.update(found.counts)
            spent += cpu_s
        rates.sort()
        results[name] = {
            "mutants": total["mutants"],
            "evaluations": total["evaluations"],
            "calls": total["calls"],
            "cpu_s": spent,
            "mutants_per_cpu_second": total["mutants"] / spent,
            "mutants_per_cpu_second_of_the_median_task": rates[len(rates) // 2],
            "mutants_times_samples_per_cpu_second": total["evaluations"] / spent,
        }
    return results


def measure_solving(tasks: Sequence[Task], rounds: int, mutants: int) -> dict[str, Any]:
    """Solve tasks by evolution, by fresh mutants at the same budget, and by what was dealt."""
    results = {}
    for name, sources in (
        ("evolution", (LIBRARY, EVOLVE)),
        ("fresh", (LIBRARY, FRESH)),
        ("none", (LIBRARY,)),
    ):
        evaluated = evaluate(
            Request(
                split="training",
                ids=tuple(task.id for task in tasks),
                setup=Setup(sources, plan=Plan(mutants=mutants, rounds=rounds, hold_out=True)),
            )
        )
        totals = evaluated.totals
        results[name] = {
            "tasks": totals.tasks,
            "solved_on_demos": totals.fitting,
            **{
                f"tests_right_with_{count}": right
                for count, right in enumerate(totals.tasks_right, start=1)
            },
            "mutants": totals.mutants,
            "runs_on_a_sample": totals.evaluations,
            "cpu_s": totals.cpu_s,
        }
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--tasks", type=int, default=20, help="how many tasks (20)")
    parser.add_argument("--mutants", type=int, default=10_000, help="tried on each (10000)")
    parser.add_argument("--solve", action="store_true", help="solve tasks too, which takes minutes")
    parser.add_argument("--rounds", type=int, default=3, help="of solving (3)")
    options = parser.parse_args()
    pool = make_pool(load_card().card, open_breeder(), size_max=Breeding(1, 1, 1, "best").size_max)
    tasks = choose_tasks(pool, options.tasks)
    results: dict[str, Any] = {
        "machine": machine(),
        "tasks": len(tasks),
        "throughput": measure_throughput(pool, tasks, options.mutants),
    }
    if options.solve:
        results["solving"] = measure_solving(tasks, options.rounds, options.mutants)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    show(results)


def show(results: dict[str, Any]) -> None:
    """Print the results as text."""
    for name, value in results["machine"].items():
        print(f"{name}: {value}")
    print(f"\n{results['tasks']} tasks, one thread{'with sharing':>25}{'without':>14}")
    both = results["throughput"]
    for name in both["sharing"]:
        print(f"  {name:42}{both['sharing'][name]:14,.0f}{both['without'][name]:14,.0f}")
    if "solving" in results:
        solving = results["solving"]
        print(f"\n{'solving':42}" + "".join(f"{name:>14}" for name in solving))
        for name in solving["evolution"]:
            row = [side[name] for side in solving.values()]
            texts = [f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" for value in row]
            print(f"  {name:40}" + "".join(f"{text:>14}" for text in texts))


if __name__ == "__main__":
    main()
