"""The signature: one number over what a fixed small run finds, equal on every machine.

A change that is meant to be for speed or order leaves it as it is; a change of what is found
changes it, and its commit says so.

    python -m arcbatt.cli.signature
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import cached_property
from hashlib import blake2b

from arcbatt.dsl.values import digest
from arcbatt.engine import Budget, open_engine
from arcbatt.library import load_library
from arcbatt.pipeline.deal import deal_programs
from arcbatt.pipeline.run import Run, Settings, TaskResult
from arcbatt.pipeline.solve import load_differs
from arcbatt.pipeline.work import Card
from arcbatt.search.run import Limits, Searched, Searcher
from arcbatt.tasks import Task, load_dataset

TASKS = 20
SEARCH_NODES = 2_000
DIGEST_BYTES = 4
Fact = tuple[object, ...]


@dataclass(frozen=True)
class FixedRun:
    """The run that the signature is of: some training tasks, no clock, no archive.

    The library's programs run on them, and a short search looks for others.

    Attributes:
        threads: of the engine; nothing depends on them.
    """

    threads: int = 1

    @cached_property
    def tasks(self) -> list[Task]:
        """Every so manieth task of ARC-AGI-1's training split."""
        tasks = list(load_dataset("arc-agi-1", split="training"))
        return tasks[:: len(tasks) // TASKS][:TASKS]

    @cached_property
    def card(self) -> Card:
        """The programs of the library."""
        return deal_programs(load_library())

    @cached_property
    def results(self) -> list[TaskResult]:
        """What the pipeline finds."""
        run = Run(
            tasks=self.tasks,
            card=self.card,
            engine=open_engine(),
            settings=Settings(budget=Budget(sample_seconds=None), jobs=self.threads),
            differs=load_differs(),
        )
        return run.execute().results

    @cached_property
    def searched(self) -> list[Searched]:
        """What a short search finds."""
        return Searcher(Limits(nodes=SEARCH_NODES)).search(self.tasks, threads=self.threads)


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
    for one in run.searched:
        yield one.task, one.stop, one.nodes, one.states, one.values, one.layers, one.level
        for found in one.found:
            yield found.program.body_hash, found.cost, found.layers, found.derivations


PARTS: Mapping[str, Callable[[FixedRun], Iterable[Fact]]] = {
    "candidates": _candidates,
    "o_scores": _o_scores,
    "d_scores": _d_scores,
    "programs": _programs,
    "attempts": _attempts,
    "search": _search,
}
"""What the signature is made of. A part yields facts: plain values that no machine, no clock and
no number of threads changes."""


def sign_parts(run: FixedRun) -> dict[str, str]:
    """Return the digest of each part, in hexadecimal."""
    return {name: _hash(map(repr, facts(run))) for name, facts in PARTS.items()}


def sign(parts: Mapping[str, str]) -> str:
    """Return the signature, in hexadecimal: the digest of the parts' names and digests."""
    return _hash(f"{name} {part}" for name, part in parts.items())


def _hash(lines: Iterable[str]) -> str:
    return blake2b("\n".join(lines).encode(), digest_size=DIGEST_BYTES).hexdigest()


def describe(parts: Mapping[str, str]) -> str:
    """Return the parts and the signature as text, one a line."""
    lines = {**parts, "signature": sign(parts)}
    return "".join(f"{name:12}{part}\n" for name, part in lines.items())


def main() -> None:
    """Print the parts and the signature."""
    parser = argparse.ArgumentParser(description="Print one number over a fixed small run.")
    parser.add_argument("--threads", type=int, default=1, help="of the engine (1)")
    options = parser.parse_args()
    if options.threads < 1:
        parser.error(f"argument --threads: expected 1 or more, got {options.threads}")
    sys.stdout.write(describe(sign_parts(FixedRun(options.threads))))


if __name__ == "__main__":
    main()
