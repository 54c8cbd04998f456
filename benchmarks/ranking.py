"""Measures what tells right programs from wrong ones that fit all demos as well.

Searches for programs for tasks with known outputs, compares what each makes of the test inputs with
them, and prints how many symmetries programs break, and how many tasks are right in several orders:
as search has it, without symmetries, without leaving demos out, without learners, with renamed
colours for a symmetry too, and with the votes of all programs that agree added up; how often
programs that read the demos are right by the demos that they miss when these are left out; and how
often outputs have the shapes and colours that they may.

    python benchmarks/ranking.py
    python benchmarks/ranking.py --json ranking.json
    python benchmarks/ranking.py --split training --every 10 --nodes 20000
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import machine

from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Case, Job, open_engine
from arcbatt.pipeline.deal import VOTE_BITS
from arcbatt.search.learners import LEARNERS
from arcbatt.search.run import BROKEN_BITS, MISSED_BITS, Found, Limits, Searcher
from arcbatt.search.symmetry import SYMMETRIES, count_broken
from arcbatt.tasks import Task, load_dataset

ATTEMPTS = (1, 2, 3)
SYMMETRIES_MAX = len(SYMMETRIES)


@dataclass(frozen=True)
class Judged:
    """A program that fits all demos of a task.

    Attributes:
        found: it.
        outputs: what it makes of the test inputs.
        is_right: whether these are the wanted ones.
        recolored: renamings of colours, of two, under which it gives something else.
        has_shapes: whether these have the shapes of the wanted ones.
        has_colors: whether each has only colours of its test input and of the demos' outputs.
    """

    found: Found
    outputs: tuple[Any, ...]
    is_right: bool
    recolored: int
    has_shapes: bool
    has_colors: bool


CLUES: dict[str, Callable[[Judged], bool]] = {
    "the wanted shapes": lambda one: one.has_shapes,
    "no new colours": lambda one: one.has_colors,
}


def rename(by: int) -> Callable[[Grid], Grid]:
    """Return what renames the colours 1..9, each to the one that many further, around."""
    return lambda grid: tuple(
        tuple((cell - 1 + by) % 9 + 1 if cell in range(1, 10) else cell for cell in row)
        for row in grid
    )


RENAMINGS = (rename(1), rename(4))


def judge(task: Task, found: Sequence[Found]) -> list[Judged]:
    """Run programs on the test inputs of a task."""
    cases = [Case(task.S, test.input) for test in task.tests]
    jobs = [Job(one.program, cases) for one in found]
    wanted = tuple(test.output for test in task.tests)
    known = {color for _, output in task.S for color in colors(output)}
    judged = []
    done = open_engine("native").evaluate(jobs, Budget(sample_seconds=None), keep_outputs=True)
    [recolored] = count_broken([(task, [one.program for one in found])], turns=RENAMINGS)
    for one, evaluation, broken in zip(found, done, recolored, strict=True):
        outputs = tuple(
            None if outcome.failure else evaluation.output(case, 0)
            for case, (outcome,) in enumerate(evaluation.outcomes)
        )
        judged.append(
            Judged(
                one,
                outputs,
                outputs == wanted,
                broken,
                list(map(shape, outputs)) == list(map(shape, wanted)),
                all(
                    colors(output) <= known | colors(test.input)
                    for output, test in zip(outputs, task.tests, strict=True)
                ),
            )
        )
    return judged


def shape(grid: Grid | None) -> tuple[int, int] | None:
    """Return rows and columns of a grid; None for what failed."""
    return (len(grid), len(grid[0])) if grid else None


def colors(grid: Grid | None) -> set[int]:
    """Return the colours of a grid; none for what failed."""
    return {cell for row in grid or () for cell in row}


def rank(
    tasks: Sequence[Sequence[Judged]], bits: Callable[[Judged], float], *, add: bool = False
) -> list[int]:
    """Count the tasks that are right with 1, 2 and 3 attempts; equal outputs are one attempt.

    Args:
        tasks: what was found for each.
        bits: what programs are ordered by.
        add: whether the votes of those with equal outputs add up; else the best one counts.
    """
    right = [0] * len(ATTEMPTS)
    for judged in tasks:
        votes: dict[tuple[Any, ...], list[float]] = {}
        for one in judged:
            votes.setdefault(one.outputs, []).append(2 ** (-bits(one) / VOTE_BITS))
        is_right = {one.outputs: one.is_right for one in judged}
        weigh = sum if add else max
        best = sorted(votes, key=lambda outputs: -weigh(votes[outputs]))
        for place, attempts in enumerate(ATTEMPTS):
            right[place] += any(is_right[outputs] for outputs in best[:attempts])
    return right


def plain_bits(one: Judged) -> float:
    """Return the bits of a program without those for symmetries."""
    return one.found.bits - BROKEN_BITS * one.found.broken


def is_learner(one: Judged) -> bool:
    """Tell whether a program learns all it does from the demos."""
    names = {learner.name for learner in LEARNERS}
    return any(node.name in names for node in one.found.program.nodes)


def reads_demos(one: Judged) -> bool:
    """Tell whether a program reads the demos."""
    return "S" in one.found.program.inputs


MISSED_MAX = 3
"""Programs that miss more demos than this are counted with those that miss so many."""
READERS: dict[str, Callable[[Judged], bool]] = {
    "learners": is_learner,
    "others": lambda one: reads_demos(one) and not is_learner(one),
}


def right_by_missed(
    tasks: Sequence[Sequence[Judged]], is_one: Callable[[Judged], bool]
) -> list[tuple[int, int]]:
    """Count tasks with a right program and with any, by the demos that programs miss, 0, 1, ..."""
    counts = []
    for missed in range(MISSED_MAX + 1):
        alike = [
            [one.is_right for one in judged if is_one(one) and missed_of(one) == missed]
            for judged in tasks
        ]
        counts.append((sum(map(any, alike)), sum(map(bool, alike))))
    return counts


def missed_of(one: Judged) -> int:
    """Return how many demos a program misses, no more than are told apart."""
    return min(one.found.missed, MISSED_MAX)


def shares(tasks: Sequence[Sequence[Judged]], is_right: bool) -> list[float]:
    """Return the share of programs that break so many symmetries, each task counting the same.

    Only tasks with right and wrong programs count.
    """
    both = [judged for judged in tasks if len({one.is_right for one in judged}) == 2]
    sums = [0.0] * (SYMMETRIES_MAX + 1)
    for judged in both:
        broken = [one.found.broken for one in judged if one.is_right == is_right]
        for count in broken:
            sums[count] += 1 / len(broken) / len(both)
    return sums


def share_of(
    tasks: Sequence[Sequence[Judged]], is_right: bool, has: Callable[[Judged], bool]
) -> float:
    """Return the share of right or of wrong programs that have something, tasks counting alike."""
    judged = [[one for one in programs if one.is_right == is_right] for programs in tasks]
    shares = [sum(map(has, some)) / len(some) for some in judged if some]
    return sum(shares) / len(shares) if shares else 0.0


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--split", default="development", help="of arc-agi-1 (development)")
    parser.add_argument("--nodes", type=int, default=Limits().nodes, help="of each search")
    parser.add_argument("--every", type=int, default=5, help="take every so manieth task (5)")
    options = parser.parse_args()
    if options.every < 1 or options.nodes < 1:
        parser.error("expected --every and --nodes of 1 or more")
    return options


def main() -> None:
    """Measure and print."""
    options = parse_options()
    dataset = load_dataset("arc-agi-1", split=options.split)
    tasks = [task for task in dataset if task.has_answers][:: options.every]
    done = Searcher(Limits(nodes=options.nodes)).search(tasks)
    judged = [judge(task, one.found) for task, one in zip(tasks, done, strict=True)]
    right, wrong = shares(judged, True), shares(judged, False)
    orders = {
        "as search has it": rank(judged, lambda one: one.found.bits),
        "without symmetries": rank(judged, plain_bits),
        "without leaving out": rank(
            judged, lambda one: one.found.bits - MISSED_BITS * one.found.missed
        ),
        "without learners": rank(
            [[one for one in programs if not is_learner(one)] for programs in judged],
            lambda one: one.found.bits,
        ),
        "with renamed colours": rank(
            judged, lambda one: one.found.bits + BROKEN_BITS * one.recolored
        ),
        "votes added up": rank(judged, lambda one: one.found.bits, add=True),
    }
    for name, value in machine().items():
        print(f"{name}: {value}")
    found = sum(map(bool, judged))
    print(f"\n{len(tasks)} tasks of {dataset}, {options.nodes:,} nodes; programs for {found}\n")
    print("broken  of right programs  of wrong ones")
    for count, (of_right, of_wrong) in enumerate(zip(right, wrong, strict=True)):
        print(f"{count:6}  {of_right:17.1%}  {of_wrong:13.1%}")
    missed = {name: right_by_missed(judged, is_one) for name, is_one in READERS.items()}
    print("\nprograms that read the demos: right in how many of the tasks that they fit")
    heads = [*map(str, range(MISSED_MAX)), f"{MISSED_MAX} or more"]
    print("demos missed when left out " + "".join(f"{head:>12}" for head in heads))
    for name, counts in missed.items():
        of = (f"{right} of {fitting}" for right, fitting in counts)
        print(f"  {name:25}" + "".join(f"{text:>12}" for text in of))
    print("\noutputs have             of right programs  of wrong ones")
    for name, has in CLUES.items():
        of = [share_of(judged, is_right, has) for is_right in (True, False)]
        print(f"  {name:24}{of[0]:19.1%}{of[1]:15.1%}")
    print("\ntasks right with 1, 2 and 3 attempts")
    for name, right_tasks in orders.items():
        print(f"  {name:22}{right_tasks}")
    if options.json:
        document = {
            "machine": machine(), "tasks": len(tasks), "found": found, "of_right": right,
            "of_wrong": wrong, "right": orders, "right_by_missed": missed,
            "clues": {
                name: [share_of(judged, is_right, has) for is_right in (True, False)]
                for name, has in CLUES.items()
            },
        }  # fmt: skip
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
