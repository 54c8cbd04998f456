"""Hindsight: what was bred on one task may be right on another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from arcbatt.batt import merge
from arcbatt.engine import Budget, Engine, Job
from arcbatt.engine.outcome import EXACT
from arcbatt.evolve.grounds import Grounds
from arcbatt.evolve.lines import from_line
from arcbatt.evolve.offers import Offer

BRED_MAX = 6
"""Programs of each task that are tried on all others, each round."""
GUESTS_MAX = 4
"""Programs of other tasks that a task takes in, each round."""


def try_elsewhere(
    bred: Mapping[str, Sequence[str]],
    grounds: Mapping[str, Grounds],
    engine: Engine,
    budget: Budget,
    *,
    threads: int,
    parents: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, list[Offer]]:
    """Run programs of each task on all others, merged into one batt, and choose guests.

    Args:
        bred: lines of programs, the best first, by the task that they were bred on.
        grounds: of the tasks that may take guests in.
        engine: what evaluates.
        budget: bounds of each run.
        threads: how many samples may run at once.
        parents: lines of the programs that a line was bred from, where that is known.
    """
    homes: dict[str, set[str]] = {}
    for task, lines in bred.items():
        for line in lines[:BRED_MAX]:
            homes.setdefault(line, set()).add(task)
    if not homes:
        return {}
    batt = merge((line, from_line(line)) for line in homes)
    jobs = [Job(batt.graph, each.demos) for each in grounds.values()]
    evaluations = engine.evaluate(jobs, budget, threads=threads)
    guests = {}
    for (task, each), evaluation in zip(grounds.items(), evaluations, strict=True):
        demos = range(len(each.demos))
        scores = list(zip(*map(evaluation.scores_of, demos), strict=True))
        fuels = list(zip(*map(evaluation.fuel_of, demos), strict=True))
        found = [
            Offer(
                line=names[0],
                scores=scores[root],
                size=program.size,
                fuel=sum(fuels[root]),
                parents=(parents or {}).get(names[0], ()),
            )
            for root, (names, program) in enumerate(zip(batt.names, batt.programs, strict=True))
            if task not in homes[names[0]] and EXACT in scores[root]
        ]
        found.sort(key=lambda offer: (-sum(offer.scores), offer.size, offer.fuel, offer.line))
        guests[task] = found[:GUESTS_MAX]
    return guests
