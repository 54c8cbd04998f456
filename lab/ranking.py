"""Measure which properties distinguish right programs from wrong ones that also fit all demos.

    python -m lab.ranking
    python -m lab.ranking --split training --every 10 --evaluations 20000

The tool searches for programs for tasks with known outputs and prints the numbers of symmetries
that right and wrong programs break, and of demos that programs miss when each is left out; how
often the shapes and colours of outputs are the expected ones, and how often outputs break each
regularity; the numbers of right tasks with several rankings of programs; and what is lost without
each kind of programs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, Engine, Job, open_engine
from arcbatt.engine.cases import test_cases
from arcbatt.engine.outcome import is_arc_grid
from arcbatt.program.graph import Program
from arcbatt.ranking.evidence import count_missed
from arcbatt.ranking.invariance import SYMMETRIES, count_broken
from arcbatt.ranking.regularities import Breaches, find_breaches, load_regularities
from arcbatt.ranking.weights import (
    BREACH_BITS,
    BROKEN_BITS,
    HALVING_BITS,
    MISSED_BITS,
    description_bits,
    evidence_bits,
)
from arcbatt.search.grammar import load_grammar
from arcbatt.search.induction import LEARNERS, TEMPLATES, fit_learners
from arcbatt.search.run import SearchLimits, search
from arcbatt.tasks import Task, load_dataset
from lab import positive, run
from lab.fit_costs import chance

ATTEMPTS = (1, 2, 3)
SYMMETRIES_MAX = len(SYMMETRIES)


@dataclass(frozen=True)
class Judged:
    """A program that fits all demos of a task.

    Attributes:
        program: the program.
        bits: length of its description, in bits.
        broken: number of symmetries that it breaks, 0..7.
        missed: number of demos that it misses when each is left out, >= 0; for a rule, when it is
            learnt again without the demo.
        outputs: its outputs on the test inputs.
        is_right: whether all outputs are the wanted ones.
        breaches: the regularities of the demos that each output breaks.
        recolored: number of colour renamings, 0..2, under which the output is not the renamed one.
        has_shapes: whether the outputs have the wanted shapes.
        has_colors: whether all colours of an output are in its test input or in demo outputs.
    """

    program: Program
    bits: float
    broken: int
    missed: int
    outputs: tuple[Any, ...]
    is_right: bool
    breaches: tuple[Breaches, ...]
    recolored: int
    has_shapes: bool
    has_colors: bool


CLUES: dict[str, Callable[[Judged], bool]] = {
    "the wanted shapes": lambda one: one.has_shapes,
    "no new colours": lambda one: one.has_colors,
    "all regularities": lambda one: not any(one.breaches),
}


def rename(by: int) -> Callable[[Grid], Grid]:
    """Return a function that renames the colours 1..9 cyclically."""
    return lambda grid: tuple(
        tuple((cell - 1 + by) % 9 + 1 if cell in range(1, 10) else cell for cell in row)
        for row in grid
    )


RENAMINGS = (rename(1), rename(4))


Found = tuple[Program, float, int | None]
"""A program, the length of its description in bits, and the demos that it misses; None to count
them."""


def judge(task: Task, found: Sequence[Found], engine: Engine, *, threads: int = 1) -> list[Judged]:
    """Run programs that fit the demos of a task on its test inputs.

    Args:
        task: the task, with known outputs.
        found: the programs.
        engine: engine that runs the programs.
        threads: number of threads, > 0.
    """
    programs = [program for program, _, _ in found]
    wanted = tuple(test.output for test in task.tests)
    known = {color for _, output in task.S for color in colors(output)}
    jobs = [Job(program, test_cases(task)) for program in programs]
    done = engine.evaluate(jobs, Budget(sample_seconds=None), threads=threads, keep_outputs=True)
    outputs: list[tuple[Any, ...]] = [
        tuple(
            None if outcome.failure else evaluation.output(case, 0)
            for case, (outcome,) in enumerate(evaluation.outcomes)
        )
        for evaluation in done
    ]
    pairs = dict.fromkeys(pair for out in outputs for pair in enumerate(out))
    answers = [pair for pair in pairs if is_arc_grid(pair[1])]
    [found_breaches] = find_breaches([(task, answers)], engine, threads=threads)
    broken_by = dict(zip(answers, found_breaches, strict=True))
    changed = [(task, program, out) for program, out in zip(programs, outputs, strict=True)]
    return [
        Judged(
            program,
            bits,
            broken,
            counted if missed is None else missed,
            out,
            out == wanted,
            tuple(broken_by.get(answer, ()) for answer in enumerate(out)),
            recolored,
            list(map(shape, out)) == list(map(shape, wanted)),
            all(
                colors(output) <= known | colors(test.input)
                for output, test in zip(out, task.tests, strict=True)
            ),
        )
        for (program, bits, missed), out, broken, counted, recolored in zip(
            found,
            outputs,
            count_broken(changed, engine, threads=threads),
            count_missed([(task, program) for program in programs], engine, threads=threads),
            count_broken(changed, engine, symmetries=RENAMINGS, threads=threads),
            strict=True,
        )
    ]


def shape(grid: Grid | None) -> tuple[int, int] | None:
    """Return rows and columns of a grid; None for a failure."""
    return (len(grid), len(grid[0])) if grid else None


def colors(grid: Grid | None) -> set[int]:
    """Return the colours of a grid; none for a failure."""
    return {cell for row in grid or () for cell in row}


def rank(
    tasks: Sequence[Sequence[Judged]], bits: Callable[[Judged], float], *, add: bool = True
) -> list[set[int]]:
    """Find the tasks that are right with 1, 2 and 3 attempts; equal outputs are one attempt.

    Args:
        tasks: programs that were found, by task.
        bits: function that returns the cost by which programs are ordered, in bits.
        add: whether the weights of programs with equal outputs are added up; else the best
            weight counts.

    Returns the places of the tasks.
    """
    right: list[set[int]] = [set() for _ in ATTEMPTS]
    for number, judged in enumerate(tasks):
        weights: dict[tuple[Any, ...], list[float]] = {}
        for one in judged:
            weights.setdefault(one.outputs, []).append(2 ** (-bits(one) / HALVING_BITS))
        is_right = {one.outputs: one.is_right for one in judged}
        weigh = sum if add else max
        best = sorted(weights, key=lambda outputs: -weigh(weights[outputs]))
        for place, attempts in enumerate(ATTEMPTS):
            if any(is_right[outputs] for outputs in best[:attempts]):
                right[place].add(number)
    return right


def breach_bits(one: Judged) -> float:
    """Return the bits for the regularities that the outputs of a program break."""
    return BREACH_BITS * sum(map(len, one.breaches))


def ranked_bits(one: Judged) -> float:
    """Return the bits by which arcbatt ranks a program."""
    return one.bits + evidence_bits(one.broken, one.missed) + breach_bits(one)


def reads_demos(one: Judged) -> bool:
    """Return whether a program reads the demos."""
    return "S" in one.program.inputs


def calls(*names: str) -> Callable[[Judged], bool]:
    """Return a function that returns whether a program calls one of some primitives."""
    return lambda one: any(node.name in names for node in one.program.nodes)


def breaks(regularity: str) -> Callable[[Judged], bool]:
    """Return a function that returns whether an output of a program breaks a regularity."""
    return lambda one: any(regularity in breaches for breaches in one.breaches)


TEMPLATE_NAMES = {template.name for template in TEMPLATES}
RULE_NAMES = [learner.primitive for learner in LEARNERS]
is_template = calls(*TEMPLATE_NAMES)
PARTS: dict[str, Callable[[Judged], bool]] = {
    **{f"rules of `{name}`": calls(name) for name in RULE_NAMES},
    "learners that read the demos": is_template,
    "all learners": calls(*TEMPLATE_NAMES, *RULE_NAMES),
    "branches": calls("branch"),
    "programs that read the demos": reads_demos,
}
"""Kinds of programs that are left out, one kind at a time."""
MISSED_MAX = 3
"""Number of missed demos from which programs are counted together."""
READERS: dict[str, Callable[[Judged], bool]] = {
    "learners": is_template,
    "others": lambda one: reads_demos(one) and not is_template(one),
}


def right_by_missed(
    tasks: Sequence[Sequence[Judged]], is_one: Callable[[Judged], bool]
) -> list[tuple[int, int]]:
    """Count tasks with a right program and with any program, by the number of missed demos."""
    counts = []
    for missed in range(MISSED_MAX + 1):
        alike = [
            [one.is_right for one in judged if is_one(one) and missed_of(one) == missed]
            for judged in tasks
        ]
        counts.append((sum(map(any, alike)), sum(map(bool, alike))))
    return counts


def missed_of(one: Judged) -> int:
    """Return the number of demos that a program misses, at most `MISSED_MAX`."""
    return min(one.missed, MISSED_MAX)


def shares(tasks: Sequence[Sequence[Judged]], is_right: bool) -> list[float]:
    """Return the shares of programs by broken symmetries, over tasks with right and wrong programs.

    Every task has the same weight.
    """
    both = [judged for judged in tasks if len({one.is_right for one in judged}) == 2]
    sums = [0.0] * (SYMMETRIES_MAX + 1)
    for judged in both:
        broken = [one.broken for one in judged if one.is_right == is_right]
        for count in broken:
            sums[count] += 1 / len(broken) / len(both)
    return sums


def share_of(
    tasks: Sequence[Sequence[Judged]], is_right: bool, has: Callable[[Judged], bool]
) -> float:
    """Return the share of right or of wrong programs with a property; tasks have equal weights."""
    judged = [[one for one in programs if one.is_right == is_right] for programs in tasks]
    shares = [sum(map(has, some)) / len(some) for some in judged if some]
    return sum(shares) / len(shares) if shares else 0.0


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = _parser().parse_args(words)
    dataset = load_dataset("arc-agi-1", split=options.split)
    tasks = [task for task in dataset if task.has_answers][:: options.every]
    engine, limits = open_engine("native"), SearchLimits(evaluations=options.evaluations)
    results = search(tasks, load_grammar(), limits)
    judged = [
        judge(
            task,
            [
                *(
                    (each.program, description_bits(each.cost, each.derivations), None)
                    for each in result.solutions
                ),
                *((each.program, each.cost, each.missed) for each in learnt),
            ],
            engine,
        )
        for task, result, learnt in zip(tasks, results, fit_learners(tasks, engine), strict=True)
    ]
    right, wrong = shares(judged, True), shares(judged, False)
    orders = {
        "as it is": rank(judged, ranked_bits),
        "without symmetries": rank(judged, lambda one: ranked_bits(one) - BROKEN_BITS * one.broken),
        "without leave-one-out": rank(
            judged, lambda one: ranked_bits(one) - MISSED_BITS * one.missed
        ),
        "without regularities": rank(judged, lambda one: ranked_bits(one) - breach_bits(one)),
        "with renamed colours": rank(
            judged, lambda one: ranked_bits(one) + BROKEN_BITS * one.recolored
        ),
        "best weight alone": rank(judged, ranked_bits, add=False),
    }
    found = sum(map(bool, judged))
    print(
        f"{len(tasks)} tasks of {dataset}, {options.evaluations:,} evaluations;"
        f" programs for {found}\n"
    )
    print("broken  of right programs  of wrong ones")
    for count, (of_right, of_wrong) in enumerate(zip(right, wrong, strict=True)):
        print(f"{count:6}  {of_right:17.1%}  {of_wrong:13.1%}")
    print("\nprograms that read the demos: tasks with a right one, of the tasks that they fit")
    heads = [*map(str, range(MISSED_MAX)), f"{MISSED_MAX} or more"]
    print("demos missed when left out " + "".join(f"{head:>12}" for head in heads))
    for name, is_one in READERS.items():
        of = (f"{right} of {fitting}" for right, fitting in right_by_missed(judged, is_one))
        print(f"  {name:25}" + "".join(f"{text:>12}" for text in of))
    print("\noutputs have             of right programs  of wrong ones")
    for name, has in CLUES.items():
        rates = [share_of(judged, is_right, has) for is_right in (True, False)]
        print(f"  {name:24}{rates[0]:19.1%}{rates[1]:15.1%}")
    print("\nbroken regularities      of right programs  of wrong ones")
    broken_by = {
        names[0]: [share_of(judged, is_right, breaks(names[0])) for is_right in (True, False)]
        for names in load_regularities().names
    }
    for name, (of_right, of_wrong) in sorted(
        broken_by.items(), key=lambda one: one[1][0] - one[1][1]
    ):
        print(f"  {name:24}{of_right:19.1%}{of_wrong:15.1%}")
    print("\ntasks right with 1, 2 and 3 attempts")
    for name, right_tasks in orders.items():
        print(f"  {name:22}{list(map(len, right_tasks))}")
    print_ablation(judged)


def print_ablation(judged: Sequence[Sequence[Judged]]) -> None:
    """Print what is lost without each kind of programs: paired, with two attempts."""
    before = rank(judged, ranked_bits)[1]
    print("\nwithout                           fits  right   won  lost  chance")
    for name, is_part in PARTS.items():
        left = [[one for one in programs if not is_part(one)] for programs in judged]
        after = rank(left, ranked_bits)[1]
        won, lost = len(after - before), len(before - after)
        print(
            f"  {name:30}{sum(map(bool, left)):6}{len(after):7}{won:6}{lost:6}"
            f"{chance(won, lost):8.2g}"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="lab.ranking", description=__doc__.partition("\n")[0])
    parser.add_argument("--split", default="development", help="split of arc-agi-1 (development)")
    parser.add_argument(
        "--evaluations",
        type=positive,
        default=SearchLimits.evaluations,
        help="evaluations of search a task",
    )
    parser.add_argument("--every", type=positive, default=5, help="take every n-th task (5)")
    return parser


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
