"""Measure: one task through the pipeline, with what it cost; knows no answers."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from arcbatt.archive import Archive
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, open_engine
from arcbatt.engine.pool import PooledEngine
from arcbatt.pipeline.attempts import choose_attempts
from arcbatt.pipeline.deal import ARCHIVE, KEPT, SEARCH, deal_archive, join_cards
from arcbatt.pipeline.run import Run, Settings
from arcbatt.pipeline.solve import load_differs
from arcbatt.pipeline.sources import load_card
from arcbatt.pipeline.validate import Referee
from arcbatt.pipeline.work import Card, Work
from arcbatt.search.functions import NONE, load_moves
from arcbatt.search.run import Limits, Searched, Searcher
from arcbatt.tasks import Sample, Task

ATTEMPTS_MAX = 3
"""Attempts that are made; fewer are the first of them."""


@dataclass(frozen=True)
class Setup:
    """With what tasks are measured.

    Attributes:
        sources: those of `SOURCES`.
        search: how long to search for a task.
        functions: that search uses as moves, see `load_functions`.
        archive: where the source archive is; it is read only.
    """

    sources: tuple[str, ...] = (SEARCH,)
    search: Limits = field(default_factory=Limits)
    functions: str = NONE
    archive: Path | None = None


@dataclass(frozen=True, slots=True)
class Guess:
    """An attempt with what made it.

    Attributes:
        grid: the guess.
        md5: of the program; empty where the test input itself stands in.
        source: where the program came from; empty where there is none.
        layers: pictures that a program of search lays over each other; None for others.
    """

    grid: Grid
    md5: str
    source: str
    layers: int | None


@dataclass(frozen=True, slots=True)
class Fit:
    """A program that fits all demos and passed validation.

    Attributes:
        md5: of its inlined text.
        text: that text.
        size: nodes.
        test_digests: of its outputs on the test inputs.
    """

    md5: str
    text: str
    size: int
    test_digests: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Effort:
    """What a task took.

    Attributes:
        cpu_s: CPU time, all phases.
        search_cpu_s: CPU time of search alone.
        wall_s: wall time.
        nodes: that search tried.
        states: that search kept.
        search_bytes: that search's states, values and layers took, by its own count.
        process_bytes: the most memory that the process had so far.
    """

    cpu_s: float = 0.0
    search_cpu_s: float = 0.0
    wall_s: float = 0.0
    nodes: int = 0
    states: int = 0
    search_bytes: int = 0
    process_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Measured:
    """What a task came to, before anyone looks at its answers.

    Attributes:
        task: its id.
        guesses: for each test input the attempts, the best first.
        fits: programs that fit all demos, the best first.
        effort: what it took.
        reason: why search ended, in a sentence; empty without search.
        problem: why the task was lost, or empty.
    """

    task: str
    guesses: tuple[tuple[Guess, ...], ...] = ()
    fits: tuple[Fit, ...] = ()
    effort: Effort = Effort()
    reason: str = ""
    problem: str = ""


def without_answers(task: Task) -> Task:
    """Return a task without the outputs of its tests."""
    return replace(task, tests=tuple(Sample(test.input) for test in task.tests))


class _NotingSearcher(Searcher):
    """A searcher that notes what came of its searches and what they took."""

    searched: Searched | None = None
    cpu_s = 0.0

    def search(self, tasks: Sequence[Task], *, threads: int = 1) -> list[Searched]:
        began = time.process_time()
        results = super().search(tasks, threads=threads)
        self.cpu_s = time.process_time() - began
        [self.searched] = results
        return results


class Bench:
    """All that the tasks of a setup share: engines, programs, the table of moves.

    Everything runs in this process, so that its CPU time is that of the task at hand.

    Raises ArcbattError if a source can't be read.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._engine = open_engine()
        # Work for the referee is never too much for this process: no worker ever starts.
        self._referee = Referee(open_engine("reference"), PooledEngine(1), little_fuel=sys.maxsize)
        self.card: Card = load_card(sources=setup.sources).card
        # What search finds is exact on all demos; there is nothing to give partial credit for.
        self._differs = load_differs() if set(setup.sources) & set(KEPT) else None
        self._table = None
        if SEARCH in setup.sources:
            self._table = load_moves(setup.functions)
            _ = self._table.native  # made once, not at the cost of the first task
        self._archive = None
        if ARCHIVE in setup.sources and setup.archive is not None:
            self._archive = Archive.open(setup.archive, create=False)

    def close(self) -> None:
        """Close the archive."""
        if self._archive is not None:
            self._archive.close()

    def measure(self, task: Task, nodes: int) -> Measured:
        """Take a task through the pipeline.

        Args:
            task: its answers are left out first, if it has them.
            nodes: that search may try.
        """
        task = without_answers(task)
        cpu, wall = time.process_time(), time.perf_counter()
        searcher = None
        if self._table is not None:
            searcher = _NotingSearcher(replace(self.setup.search, nodes=nodes), table=self._table)
        run = Run(
            tasks=[task],
            card=self._deal(task),
            engine=self._engine,
            # Fuel is the only bound but for search's own: time would depend on the machine.
            settings=Settings(Budget(sample_seconds=None)),
            referee=self._referee,
            differs=self._differs,
            searcher=searcher,
        )
        [work] = run.work_on([task])
        chosen = choose_attempts(
            [work], self._engine, run.settings.budget, threads=1, count=ATTEMPTS_MAX
        )
        searched = searcher.searched if searcher else None
        layers = _layers(searched)
        made = {each.md5: (each.source, each.program.body_hash) for each in work.passed}
        guesses = tuple(
            tuple(
                Guess(each.grid, each.md5, source, layers.get(body))
                for each in attempts
                for source, body in [made.get(each.md5, ("", ""))]
            )
            for attempts in chosen[task.id]
        )
        effort = Effort(
            cpu_s=time.process_time() - cpu,
            search_cpu_s=searcher.cpu_s if searcher else 0.0,
            wall_s=time.perf_counter() - wall,
            nodes=searched.nodes if searched else 0,
            states=searched.states if searched else 0,
            search_bytes=searched.bytes if searched else 0,
            process_bytes=_process_bytes(),
        )
        return Measured(
            task.id, guesses, _fits(work), effort, work.reasons.get(SEARCH, ""), work.problem
        )

    def _deal(self, task: Task) -> Card:
        if self._archive is None:
            return self.card
        return join_cards([self.card, deal_archive(self._archive, task.id)])


def _layers(searched: Searched | None) -> dict[str, int]:
    """Return the layers of each program that was found, by body hash."""
    found = searched.found if searched else ()
    return {each.program.body_hash: each.layers for each in found}


def _fits(work: Work) -> tuple[Fit, ...]:
    return tuple(
        Fit(each.md5, each.text, each.program.size, each.test_digests)
        for each in work.passed
        if each.score.is_exact
    )


def _process_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


@cache
def _bench(setup: Setup) -> Bench:
    return Bench(setup)


def measure_in_worker(setup: Setup, task: Task, nodes: int) -> Measured:
    """Measure a task in a worker process, whose bench is made once."""
    return _bench(setup).measure(task, nodes)
