"""Measure: one task through the pipeline, with what it cost; knows no answers."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from arcbatt.archive import Archive
from arcbatt.dsl.types import Grid
from arcbatt.engine import Budget, open_engine
from arcbatt.engine.pool import PooledEngine
from arcbatt.errors import ParseError
from arcbatt.evolve.alone import FRESH, MAKERS, Evolver, Fresh, Maker, Plan
from arcbatt.evolve.choice import make_of_crop
from arcbatt.evolve.deal import task_of
from arcbatt.evolve.finds import Crop
from arcbatt.pipeline.attempts import choose_attempts
from arcbatt.pipeline.deal import ARCHIVE, EVOLVE, SEARCH
from arcbatt.pipeline.making import Made, brief_limits
from arcbatt.pipeline.run import Run, Settings
from arcbatt.pipeline.solve import load_differs
from arcbatt.pipeline.sources import load_card, parent_sources
from arcbatt.pipeline.validate import Referee
from arcbatt.pipeline.work import Card, Work
from arcbatt.search.functions import NONE, load_moves
from arcbatt.search.run import Limits, Searched, Searcher
from arcbatt.search.table import Table
from arcbatt.tasks import Sample, Task

ATTEMPTS_MAX = 3
"""Attempts that are made; fewer are the first of them."""


@dataclass(frozen=True)
class Setup:
    """With what tasks are measured.

    Attributes:
        sources: those of `SOURCES`, and those that make mutants.
        library: files with programs that are dealt too.
        search: how long to search for a task.
        plan: how many mutants to try, and how.
        functions: that search uses as moves, see `load_functions`.
        archive: where the source archive is; it is read only.
    """

    sources: tuple[str, ...] = (SEARCH,)
    library: tuple[Path, ...] = ()
    search: Limits = field(default_factory=Limits)
    plan: Plan = field(default_factory=Plan)
    functions: str = NONE
    archive: Path | None = None

    @property
    def makes_mutants(self) -> bool:
        """Whether a source makes mutants of what is dealt."""
        return not set(MAKERS).isdisjoint(self.sources)

    @property
    def dealt(self) -> tuple[str, ...]:
        """The sources of what is dealt: mutants need something to be made from."""
        makes = self.makes_mutants
        return parent_sources(self.sources, self.library) if makes else self.sources


@dataclass(frozen=True, slots=True, order=True)
class Reach:
    """How much may be tried for a task.

    Attributes:
        rounds: of mutants.
        nodes: of search.
    """

    rounds: int = 0
    nodes: int = 0


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
        mutants: that were tried.
        evaluations: runs of one of them on a sample.
        mutants_cpu_s: CPU time of making and trying them.
    """

    cpu_s: float = 0.0
    search_cpu_s: float = 0.0
    wall_s: float = 0.0
    nodes: int = 0
    states: int = 0
    search_bytes: int = 0
    process_bytes: int = 0
    mutants: int = 0
    evaluations: int = 0
    mutants_cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What a task came to, before anyone looks at its answers.

    Attributes:
        task: its id.
        guesses: for each test input the attempts, the best first.
        fits: programs that fit all demos, the best first.
        effort: what it took.
        reason: why search and evolution ended, in a sentence each; empty without them.
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
    """A searcher for one task that notes what came of its search and what that took.

    It searches once, however often it is asked.
    """

    searched: Searched | None = None
    cpu_s = 0.0
    is_new = False

    def search(self, tasks: Sequence[Task], *, threads: int = 1) -> list[Searched]:
        self.is_new = self.searched is None
        if self.searched is None:
            began = time.process_time()
            [self.searched] = super().search(tasks, threads=threads)
            self.cpu_s = time.process_time() - began
        return [self.searched]


class _Searchers:
    """What searches for one task: briefly, where a program that is dealt fits it."""

    def __init__(self, limits: Limits, table: Table) -> None:
        self.usual = _NotingSearcher(limits, table=table)
        self.brief = _NotingSearcher(brief_limits(limits), table=table)

    @property
    def used(self) -> _NotingSearcher:
        """The one of the two that has searched."""
        return self.usual if self.brief.searched is None else self.brief


class _Growing:
    """What a source of mutants finds for a task, round by round.

    Args:
        source: its name.
        maker: of the mutants.
        known: body hashes of programs that were dealt, with their sources.

    Attributes:
        source: its name.
        spares_fitting: whether a task is left out that a program fits which was dealt.
        rounds: that are to be done.
        crop: after the last round; None before the first.
        cpu_s: CPU time that it took.
    """

    def __init__(self, source: str, maker: Maker, known: Mapping[str, str]) -> None:
        self.source = source
        # What evolution is compared with is tried on every task.
        self.spares_fitting = source == EVOLVE
        self.rounds = 0
        self.crop: Crop | None = None
        self.cpu_s = 0.0
        self._maker = maker
        self._known = known
        self._crops: Iterator[Crop] | None = None

    def make(self, tasks: Sequence[tuple[Task, Card]]) -> list[Made]:
        """Make mutants for the one task; begin with the first call."""
        made = []
        for task, card in tasks:
            if self._crops is None:
                self._crops = self._maker.rounds(task, card)
            self.grow()
            if self.crop is None:
                made.append(Made((), ""))
            else:
                made.append(make_of_crop(self.crop, self.source, self._known))
        return made

    def grow(self) -> None:
        """Go on until the rounds are done, or nothing more is to be done, once it has begun."""
        began = time.process_time()
        while self._crops is not None and (self.crop is None or self.crop.rounds < self.rounds):
            crop = next(self._crops, None)
            if crop is None:
                break
            self.crop = crop
        self.cpu_s += time.process_time() - began


class Bench:
    """All that the tasks of a setup share: engines, programs, the table of moves.

    Everything runs in this process, so that its CPU time is that of the task at hand.

    Attributes:
        setup: what is measured with.
        card: programs that are dealt to every task.
        parents: programs that mutants are made from.
        unreadable: programs of the files that could not be read.
        left_out: names of programs that no mutants are made of.

    Raises ArcbattError if a source can't be read.
    """

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self._engine = open_engine()
        # Work for the referee is never too much for this process: no worker ever starts.
        self._referee = Referee(open_engine("reference"), PooledEngine(1), little_fuel=sys.maxsize)
        loaded = load_card(sources=setup.dealt, files=setup.library)
        self.parents: Card = loaded.card
        self.unreadable: tuple[ParseError, ...] = loaded.unreadable
        self.card: Card = self.parents if setup.dealt == setup.sources else ()
        # What search finds is exact on all demos; there is nothing to give partial credit for.
        needs_credit = self.parents or ARCHIVE in setup.sources
        self._differs = load_differs() if needs_credit else None
        self._table = None
        if SEARCH in setup.sources:
            self._table = load_moves(setup.functions)
            _ = self._table.native  # made once, not at the cost of the first task
        self._archive = None
        if ARCHIVE in setup.sources and setup.archive is not None:
            self._archive = Archive.open(setup.archive, create=False)
        self._makers = dict(self._open_makers())
        left_out = (each.left_out for each in self._makers.values())
        self.left_out: tuple[str, ...] = next(left_out, ())
        self._known = {each.program.body_hash: each.source for each in self.parents}

    def close(self) -> None:
        """Close the archive."""
        if self._archive is not None:
            self._archive.close()

    def _open_makers(self) -> Iterator[tuple[str, Maker]]:
        plan, functions = self.setup.plan, self.setup.functions
        if EVOLVE in self.setup.sources:
            yield EVOLVE, Evolver(plan, self.parents, engine=self._engine, functions=functions)
        if FRESH in self.setup.sources:
            yield FRESH, Fresh(plan, self.parents, functions=functions)

    def measure(self, task: Task, reaches: Sequence[Reach]) -> list[Measured]:
        """Take a task through the pipeline, once for each reach.

        Mutants of fewer rounds are the first of more, so these are bred once for all reaches.

        Args:
            task: its answers are left out first, if it has them.
            reaches: how much may be tried; fewer rounds first.
        """
        task = without_answers(task)
        growing = [_Growing(name, maker, self._known) for name, maker in self._makers.items()]
        searchers: dict[int, _Searchers] = {}
        done: list[Measured] = []
        for reach in reaches:
            before = [each.crop for each in growing]
            for each in growing:
                each.rounds = reach.rounds
                each.grow()
            if done and growing and [each.crop for each in growing] == before:
                done.append(done[-1])  # nothing more is tried, so nothing more is found
                continue
            both = None
            if self._table is not None:
                limits = replace(self.setup.search, nodes=reach.nodes)
                both = searchers.setdefault(reach.nodes, _Searchers(limits, self._table))
            done.append(self._measure(task, growing, both))
        return done

    def _measure(
        self, task: Task, growing: Sequence[_Growing], searchers: _Searchers | None
    ) -> Measured:
        cpu, wall = time.process_time(), time.perf_counter()
        mutants_before_s = sum(each.cpu_s for each in growing)
        run = Run(
            tasks=[task],
            card=self._deal(task),
            engine=self._engine,
            archive=self._archive,
            # Fuel is the only bound but for search's own: time would depend on the machine.
            settings=Settings(Budget(sample_seconds=None)),
            referee=self._referee,
            differs=self._differs,
            searcher=searchers.usual if searchers else None,
            brief=searchers.brief if searchers else None,
            makers=growing,
        )
        [work] = run.work_on([task])
        chosen = choose_attempts(
            [work], self._engine, run.settings.budget, threads=1, count=ATTEMPTS_MAX
        )
        searcher = searchers.used if searchers else None
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
        crops = [each.crop for each in growing if each.crop is not None]
        mutants_cpu_s = sum(each.cpu_s for each in growing)
        search_cpu_s = searcher.cpu_s if searcher else 0.0
        again_s = search_cpu_s if searcher and not searcher.is_new else 0.0
        again_s += mutants_before_s  # rounds that were done for fewer of them, or just before
        effort = Effort(
            cpu_s=time.process_time() - cpu + again_s,
            search_cpu_s=search_cpu_s,
            wall_s=time.perf_counter() - wall + again_s,
            nodes=searched.nodes if searched else 0,
            states=searched.states if searched else 0,
            search_bytes=searched.bytes if searched else 0,
            process_bytes=_process_bytes(),
            mutants=sum(crop.mutants for crop in crops),
            evaluations=sum(crop.evaluations for crop in crops),
            mutants_cpu_s=mutants_cpu_s,
        )
        reasons = "; ".join(filter(None, work.reasons.values()))
        return Measured(task.id, guesses, _fits(work), effort, reasons, work.problem)

    def _deal(self, task: Task) -> Card:
        own = any(task_of(each.name) == task.id for each in self.card)
        if not (self.setup.plan.hold_out and own):
            return self.card
        return tuple(each for each in self.card if task_of(each.name) != task.id)


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


def measure_in_worker(setup: Setup, task: Task, reaches: Sequence[Reach]) -> list[Measured]:
    """Measure a task in a worker process, whose bench is made once."""
    return _bench(setup).measure(task, reaches)
