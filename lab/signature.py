"""The signature: a digest of the results of a fixed small run, the same on every machine.

A change of speed or of structure does not change it. A commit that changes the results changes it,
and its message explains why.

    python -m lab.signature
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from arcbatt.candidates import Stop, Weighted
from arcbatt.contract import GivenPrograms
from arcbatt.differs import Differs
from arcbatt.dsl.values import digest
from arcbatt.engine import Budget, Engine, Job, open_engine
from arcbatt.engine.cases import test_cases
from arcbatt.library import DIFFERS, load_library, load_merged_library
from arcbatt.pipeline.result import TaskResult
from arcbatt.pipeline.run import Run, Settings
from arcbatt.program.graph import Program
from arcbatt.ranking.evidence import count_missed
from arcbatt.ranking.invariance import count_broken
from arcbatt.ranking.weights import description_bits, evidence_bits
from arcbatt.search.grammar import load_grammar
from arcbatt.search.induction import fit_learners
from arcbatt.search.run import SearchLimits, SearchResult, search
from arcbatt.tasks import Task, load_dataset
from lab import positive

TASKS = 20
SEARCH_EVALUATIONS = 2_000
DIGEST_BYTES = 4
Fact = tuple[object, ...]


@dataclass(frozen=True)
class FixedRun:
    """The run of the signature: the library and a short search on some training tasks.

    It has no clock and no archive.

    Attributes:
        threads: number of threads of the engine, > 0; no result depends on it.
    """

    threads: int = 1

    @cached_property
    def tasks(self) -> list[Task]:
        """Tasks of the training split of ARC-AGI-1, evenly spread over the ids."""
        tasks = list(load_dataset("arc-agi-1", split="training"))
        return tasks[:: len(tasks) // TASKS][:TASKS]

    @cached_property
    def results(self) -> list[TaskResult]:
        """Results of the pipeline."""
        programs = [Weighted(source.name, source.program) for source in load_library()]
        run = Run(
            tasks=self.tasks,
            sources=[GivenPrograms({task.id: programs for task in self.tasks})],
            engine=open_engine(),
            settings=Settings(budget=Budget(sample_seconds=None), jobs=self.threads),
            differs=Differs.of_batt(load_merged_library(DIFFERS)),
        )
        return run.execute().results

    @cached_property
    def searched(self) -> list[tuple[SearchResult, list[Fact]]]:
        """Return the results of a short search, and its programs and the learners', best first."""
        engine, limits = open_engine("native"), SearchLimits(evaluations=SEARCH_EVALUATIONS)
        results = search(self.tasks, load_grammar(), limits, threads=self.threads)
        learnt = fit_learners(self.tasks, engine, threads=self.threads)
        found = [
            (task, facts)
            for task, result, fitted in zip(self.tasks, results, learnt, strict=True)
            for facts in (
                *((one.program, one.cost, one.layers, one.derivations) for one in result.solutions),
                *((one.program, round(one.cost), 1, 1) for one in fitted),
            )
        ]
        bits = _bits(found, engine, self.threads)
        ranked = sorted(zip(bits, found, strict=True), key=lambda pair: pair[0])
        return [
            (
                result,
                [
                    (program.body_hash, *numbers)
                    for _, (of, (program, *numbers)) in ranked
                    if of is task
                ],
            )
            for task, result in zip(self.tasks, results, strict=True)
        ]


def _bits(
    found: Sequence[tuple[Task, tuple[Program, int, int, int]]], engine: Engine, threads: int
) -> list[float]:
    """Return the bits of programs, including the evidence against them."""
    pairs = [(task, program) for task, (program, *_) in found]
    evaluations = engine.evaluate(
        [Job(program, test_cases(task)) for task, program in pairs],
        Budget(sample_seconds=None),
        threads=threads,
        keep_outputs=True,
    )
    jobs = []
    for (task, program), evaluation in zip(pairs, evaluations, strict=True):
        outputs: list[Any] = [
            None if outcome.failure else evaluation.output(case, 0)
            for case, (outcome,) in enumerate(evaluation.outcomes)
        ]
        jobs.append((task, program, outputs))
    evidence = zip(
        count_broken(jobs, engine, threads=threads),
        count_missed(pairs, engine, threads=threads),
        strict=True,
    )
    return [
        description_bits(cost, derivations) + evidence_bits(broken, missed)
        for (_, (_, cost, _, derivations)), (broken, missed) in zip(found, evidence, strict=True)
    ]


def _candidates(run: FixedRun) -> Iterator[Fact]:
    for result in run.results:
        yield result.task, astuple(result.counts), result.exact, result.problem


def _o_scores(run: FixedRun) -> Iterator[Fact]:
    for result in run.results:
        yield result.task, *result.o_scores.values()


def _d_scores(run: FixedRun) -> Iterator[Fact]:
    for result in run.results:
        yield result.task, *result.d_scores.values(), result.s_scores


def _programs(run: FixedRun) -> Iterator[Fact]:
    for result in run.results:
        yield result.task, *result.o_scores


def _attempts(run: FixedRun) -> Iterator[Fact]:
    for result in run.results:
        for index, attempts in enumerate(result.attempts):
            yield result.task, index, *((digest(each.grid), each.md5) for each in attempts)


def _search(run: FixedRun) -> Iterator[Fact]:
    for one, programs in run.searched:
        stop = one.stopped.stop
        # This word is part of the stored digest.
        word = "nodes" if stop is Stop.EVALUATIONS else str(stop)
        yield one.task, word, one.evaluations, one.states, one.values, one.layers, one.level
        yield from programs


PARTS: Mapping[str, Callable[[FixedRun], Iterable[Fact]]] = {
    "candidates": _candidates,
    "o_scores": _o_scores,
    "d_scores": _d_scores,
    "programs": _programs,
    "attempts": _attempts,
    "search": _search,
}
"""The parts of the signature. A part yields facts: plain values that depend on no machine, no clock
and no number of threads."""


def sign_parts(run: FixedRun) -> dict[str, str]:
    """Return the digest of each part, in hexadecimal."""
    return {name: _hash(map(repr, facts(run))) for name, facts in PARTS.items()}


def sign(parts: Mapping[str, str]) -> str:
    """Return the signature, in hexadecimal: the digest of the parts' names and digests."""
    return _hash(f"{name} {part}" for name, part in parts.items())


def _hash(lines: Iterable[str]) -> str:
    return blake2b("\n".join(lines).encode(), digest_size=DIGEST_BYTES).hexdigest()


def write_parts(parts: Mapping[str, str]) -> str:
    """Return the parts and the signature as text, one a line."""
    lines = {**parts, "signature": sign(parts)}
    return "".join(f"{name:12}{part}\n" for name, part in lines.items())


def main(words: Sequence[str] | None = None) -> None:
    """Print the parts and the signature."""
    parser = argparse.ArgumentParser(prog="lab.signature", description="Print the signature.")
    parser.add_argument("--threads", type=positive, default=1, help="threads of the engine (1)")
    sys.stdout.write(write_parts(sign_parts(FixedRun(parser.parse_args(words).threads))))


if __name__ == "__main__":
    main()
