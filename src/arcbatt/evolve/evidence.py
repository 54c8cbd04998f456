"""Evidence: wrong outputs of programs that are some moves away from one that is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from random import Random

from arcbatt.batt import merge
from arcbatt.engine import Budget, Engine, Evaluation, Job
from arcbatt.engine.breeder import Breeder
from arcbatt.engine.outcome import EXACT, is_arc_grid
from arcbatt.evolve.grounds import Grounds
from arcbatt.evolve.guidance import Evidence, Trial, WrongOutput
from arcbatt.evolve.lines import from_line
from arcbatt.evolve.moves import first_weights
from arcbatt.evolve.mutate import GRID

TASKS_MAX = 16
"""Tasks that differs are measured on in a round; they are drawn anew for each."""
MOVES_MAX = 4
"""A program of the evidence is at most so many moves away from one that is right."""
MUTANTS = 40
"""Programs of each number of moves, for a task."""
OUTPUTS_MAX = 30
"""Wrong outputs of a demo."""
DEMOS_MAX = 3
"""Demos of a task."""


def seed_of(*words: object) -> int:
    """Return a number below 2**64 that depends on some words."""
    text = "/".join(map(str, words))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")


def gather_evidence(
    right: Mapping[str, Sequence[str]],
    grounds: Mapping[str, Grounds],
    breeder: Breeder,
    engine: Engine,
    budget: Budget,
    *,
    threads: int,
    seed: str,
) -> Evidence:
    """Make programs that are some moves away from right ones, and run them on the demos.

    Args:
        right: lines of programs for each task; of these only those count that are right on all
            demos.
        grounds: of these tasks.
        breeder: makes the moves.
        engine: what evaluates.
        budget: bounds of each run.
        threads: how many demos may run at once; what is returned does not depend on it.
        seed: the same one gives the same evidence.
    """
    tasks = sorted(task for task, lines in right.items() if lines)
    if len(tasks) > TASKS_MAX:
        tasks = sorted(Random(seed).sample(tasks, TASKS_MAX))
    known = {task: _right(right[task], grounds[task], engine, budget, threads) for task in tasks}
    away = {task: _moves_away(known[task], breeder, f"{seed}/{task}") for task in tasks}
    batts = [merge((line, from_line(line)) for line in away[task]) for task in tasks]
    jobs = [Job(batt.graph, grounds[task].demos) for task, batt in zip(tasks, batts, strict=True)]
    trials: list[Trial] = []
    for task, batt, evaluation in zip(
        tasks,
        batts,
        engine.evaluate(jobs, budget, threads=threads, keep_outputs=True),
        strict=True,
    ):
        moves = [min(away[task][line] for line in lines) for lines in batt.names]
        trials += _trials(grounds[task], evaluation, moves)[:DEMOS_MAX]
    return Evidence(trials)


def _right(
    lines: Sequence[str], grounds: Grounds, engine: Engine, budget: Budget, threads: int
) -> list[str]:
    batt = merge((line, from_line(line)) for line in lines)
    [evaluation] = engine.evaluate([Job(batt.graph, grounds.demos)], budget, threads=threads)
    scores = zip(*map(evaluation.scores_of, range(len(grounds.demos))), strict=True)
    return [
        names[0]
        for names, demos in zip(batt.names, scores, strict=True)
        if all(score == EXACT for score in demos)
    ]


def _moves_away(right: Sequence[str], breeder: Breeder, seed: str) -> dict[str, int]:
    """Return lines with the number of moves that led to them, which is the least that is known."""
    away = dict.fromkeys(right, 0)
    parents = list(right)
    for moves in range(1, MOVES_MAX + 1):
        made = breeder.mutate(
            parents,
            (),
            goal=GRID,
            inputs="SI",
            weights=first_weights(),
            count=MUTANTS,
            seed=seed_of(seed, moves),
        )
        parents = [child.line for child in made]
        for line in parents:
            away.setdefault(line, moves)
    return away


def _trials(grounds: Grounds, evaluation: Evaluation, moves: Sequence[int]) -> list[Trial]:
    trials = []
    for demo in range(len(grounds.demos)):
        scores = evaluation.scores_of(demo)
        nearest: dict[int, int] = {}
        for root, digest in enumerate(evaluation.digests_of(demo)):
            if digest and scores[root] != EXACT:
                known = nearest.setdefault(digest, root)
                if moves[root] < moves[known]:
                    nearest[digest] = root
        outputs = _choose(evaluation, demo, list(nearest.values()), moves)
        if len({output.moves for output in outputs}) > 1:
            trials.append(Trial(grounds, demo, tuple(outputs)))
    return trials


def _choose(
    evaluation: Evaluation, demo: int, roots: Sequence[int], moves: Sequence[int]
) -> list[WrongOutput]:
    """Choose outputs that are grids of ARC, one of each number of moves in turn."""
    queues = [
        (number, iter([root for root in roots if moves[root] == number]))
        for number in range(MOVES_MAX + 1)
    ]
    chosen: list[WrongOutput] = []
    while queues:
        for queue in list(queues):
            number, waiting = queue
            for root in waiting:
                output = evaluation.output(demo, root)
                if is_arc_grid(output):
                    chosen.append(WrongOutput(output, number))
                    break
            else:
                queues.remove(queue)
            if len(chosen) == OUTPUTS_MAX:
                return chosen
    return chosen
