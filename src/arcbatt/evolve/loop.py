"""The loop of evolution: islands of programs for each task, bred round by round.

Both `batt evolve` and the source of `batt solve` use it. It validates and saves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from arcbatt.candidates import Weighted
from arcbatt.engine import Budget, Engine
from arcbatt.engine.breeder import Bred, Breeding, Findings, Island, Tally
from arcbatt.engine.cases import TaskCases
from arcbatt.engine.workers import Lost, Shared, Workers, run_on
from arcbatt.evolve.mutations import adapt_weights, add_tallies, open_breeder
from arcbatt.evolve.options import EvolutionOptions
from arcbatt.evolve.population import (
    HallOfFame,
    ParentPool,
    draw_island,
    migrate,
    rank_parents,
    seeds_of,
    turn_of,
    usable_compact,
)
from arcbatt.library import DIFFERS, load_library
from arcbatt.program.graph import Program
from arcbatt.program.render import to_compact

NODE_FUEL = 20_000
"""Fuel of one call while breeding; programs that need more are too slow to try."""
POLISH = 2
"""Number of further rounds on a task after the one in which it was surely solved."""
ISLAND_BYTES = 2**29
"""Memory that a worker needs for a round on an island, in bytes."""
CHEAP_SIZE = 10
"""Largest size, in nodes, of the differs that score every program of an island."""
NO_PROGRAM = "no program that was given or made returns a grid for its demos"


@dataclass
class TaskState:
    """The state of a task after a round.

    Attributes:
        islands: for each island, the compact forms of its programs, the best first.
        hall: the best programs of all rounds.
        counts: the counts over all rounds, by name.
        problem: the reason why no programs can be bred for the task, or empty.
        sure_in: the number of the round in which the task was surely solved, from 1; 0 if it is
            not.
    """

    islands: list[list[str]] = field(default_factory=list)
    hall: HallOfFame = field(default_factory=HallOfFame)
    counts: dict[str, int] = field(default_factory=dict)
    problem: str = ""
    sure_in: int = 0

    @property
    def is_lost(self) -> bool:
        """Whether workers died of the task, so that it was given up."""
        return self.problem not in ("", NO_PROGRAM)


@dataclass
class Progress:
    """The state of all tasks; the next round depends on it, the options and the parents alone.

    Attributes:
        tasks: the states of the tasks, by id.
        round: the number of rounds that are done.
        tallies: the tallies of the mutations, by task id; under the empty text where all tasks
            share them. Earlier rounds count less.
    """

    tasks: dict[str, TaskState] = field(default_factory=dict)
    round: int = 0
    tallies: dict[str, dict[str, Tally]] = field(default_factory=dict)

    def open_tasks(self, *, keep_solved: bool = False) -> list[str]:
        """Return the ids of the tasks that take part in the next round.

        A task that is surely solved takes part for some more rounds, since a simpler program is
        more often right on the tests.
        """
        return [
            task
            for task, known in self.tasks.items()
            if not known.problem
            and (keep_solved or not known.sure_in or self.round < known.sure_in + POLISH)
        ]


@dataclass(frozen=True)
class RoundResult:
    """The result of a round for a task.

    Attributes:
        problem: the reason why the task is given up, since workers died of it; else empty.
        islands: the compact forms of the programs that each island began with.
        findings: the findings of each island.
    """

    islands: Sequence[Sequence[str]]
    findings: Sequence[Findings]
    problem: str = ""

    @property
    def members(self) -> list[Bred]:
        """The programs of all islands."""
        return [bred for findings in self.findings for bred in findings.members]


class Evolution:
    """Evolves programs for tasks, round by round.

    The result does not depend on the number of threads. Where the tasks don't share the weights of
    mutations, the result for a task does not depend on the other tasks.

    Args:
        options: the settings of evolution.
        pool: the parents for every task, whose parts mutation also uses.
        engine: the engine that evaluates the parents.
        threads: number of samples and islands that may run at once, 1 or more.
        shares_weights: whether the weights of mutations adapt to all tasks together.
        workers: the workers that breed, one island in a call; None for threads of this process.

    Attributes:
        progress: the state after the last round.
        cases: the cases of the tasks, by id.

    Raises EngineError if the native engine is not there.
    """

    def __init__(
        self,
        options: EvolutionOptions,
        pool: ParentPool,
        *,
        engine: Engine,
        threads: int = 1,
        shares_weights: bool = False,
        workers: Workers | None = None,
    ) -> None:
        self.progress = Progress()
        self.cases: dict[str, TaskCases] = {}
        self._options = options
        self._breeding = breeding_of(options)
        self._breeder = open_breeder()
        self._pool = pool
        self._engine = engine
        self._threads = threads
        self._shares_weights = shares_weights
        self._differs = cheap_differs()
        self._workers = workers
        self._shared = workers and workers.share((pool.compacts, self._differs, self._breeding))

    def begin(
        self, cases: Sequence[TaskCases], own: Mapping[str, Sequence[Program]] | None = None
    ) -> None:
        """Draw the first islands of tasks.

        Args:
            cases: the cases of the tasks.
            own: further parents for single tasks, by task id.
        """
        self.progress = Progress({each.task.id: TaskState() for each in cases})
        self.cases = {each.task.id: each for each in cases}
        self._draw_islands(list(self.cases), 0, own)

    def resume(self, cases: Sequence[TaskCases], progress: Progress) -> None:
        """Continue with tasks after some rounds."""
        self.progress = progress
        self.cases = {each.task.id: each for each in cases}

    def do_round(self, tasks: Sequence[str]) -> dict[str, RoundResult]:
        """Do the next round on tasks: restart islands where it is due, breed, update the progress.

        Raises KeyboardInterrupt soon after Ctrl-C; the progress is then not valid.
        """
        progress = self.progress
        turn = turn_of(progress.round)
        unsure = [task for task in tasks if not progress.tasks[task].sure_in]
        if turn and unsure and self._pool.programs:
            self._draw_islands(unsure, turn)
        progress.round += 1
        results: dict[str, RoundResult] = {}
        # The breeder has one set of weights for all islands of a call.
        alike: dict[tuple[tuple[str, float], ...], list[str]] = {}
        for task in tasks:
            alike.setdefault(tuple(self.weights(task).items()), []).append(task)
        for weights, group in alike.items():
            results |= self._breed(group, dict(weights))
        self._take_over({task: results[task] for task in tasks})
        return results

    def weights(self, task: str = "") -> dict[str, float]:
        """Return the weights of the mutations in the next round of a task."""
        return adapt_weights(self.progress.tallies.get(self._scope(task), {}))

    def _scope(self, task: str) -> str:
        return "" if self._shares_weights else task

    def _draw_islands(
        self, tasks: Sequence[str], turn: int, own: Mapping[str, Sequence[Program]] | None = None
    ) -> None:
        """Draw the first programs of islands, others in each turn."""
        options = self._options
        ranked = rank_parents(
            self._pool,
            [self.cases[task] for task in tasks],
            {task: self._usable(programs) for task, programs in (own or {}).items()},
            engine=self._engine,
            budget=self._breeding.budget,
            threads=self._threads,
            hold_out=options.hold_out,
        )
        places = range(turn * options.islands, (turn + 1) * options.islands)
        for task in tasks:
            self.progress.tasks[task].islands = [
                draw_island(
                    ranked[task],
                    population=options.population,
                    seed=f"{options.seed} {task} {place}",
                )
                for place in places
            ]

    def _usable(self, programs: Sequence[Program]) -> list[Program]:
        size_max = self._breeding.size_max
        return [each for each in programs if usable_compact(each, self._breeder, size_max=size_max)]

    def _breed(self, tasks: Sequence[str], weights: Mapping[str, float]) -> dict[str, RoundResult]:
        options, progress = self._options, self.progress
        islands = [
            Island(
                demos=self.cases[task].demos,
                tests=self.cases[task].tests,
                probes=self.cases[task].probes,
                dealt=compacts,
                without=self._pool.held_out(self.cases[task].task) if options.hold_out else (),
                seeds=seeds_of(options.seed, progress.round, task, place),
            )
            for task in tasks
            for place, compacts in enumerate(progress.tasks[task].islands)
        ]
        found = iter(self._breed_islands(islands, weights))
        results = {}
        for task in tasks:
            began_with = progress.tasks[task].islands
            its = [next(found) for _ in began_with]
            problem = next((each.problem for each in its if isinstance(each, Lost)), "")
            findings = [each for each in its if not isinstance(each, Lost)]
            results[task] = RoundResult(began_with, [] if problem else findings, problem)
        return results

    def _breed_islands(
        self, islands: Sequence[Island], weights: Mapping[str, float]
    ) -> Sequence[Findings | Lost]:
        """Breed on islands here or on workers; the result is the same."""
        if self._workers is None:
            return self._breeder.breed(
                islands,
                donors=self._pool.compacts,
                differs=self._differs,
                weights=weights,
                breeding=self._breeding,
                threads=self._threads,
            )
        calls = [(self._shared, island, weights) for island in islands]
        found = dict(run_on(self._workers, breed_on_worker, calls, memory=ISLAND_BYTES))
        return [found[place] for place in range(len(islands))]

    def _take_over(self, results: Mapping[str, RoundResult]) -> None:
        """Update the progress: islands, halls of fame, counts and tallies."""
        progress = self.progress
        tallies: dict[str, dict[str, Tally]] = {}
        for task, result in results.items():
            known = progress.tasks[task]
            of_scope = tallies.setdefault(self._scope(task), {})
            for findings in result.findings:
                known.hall.add(findings.members)
                for name, number in findings.counts.items():
                    known.counts[name] = known.counts.get(name, 0) + number
                for name, tally in findings.tallies.items():
                    of_scope[name] = of_scope.get(name, Tally()) + tally
            known.problem = result.problem
            if known.problem:
                continue
            known.islands = migrate(result.findings)
            if not any(known.islands):
                known.problem = NO_PROGRAM
        for scope, of_scope in tallies.items():
            before = progress.tallies.get(scope, {})
            progress.tallies[scope] = add_tallies(before, of_scope)


def breed_on_worker(shared: Shared, island: Island, weights: Mapping[str, float]) -> Findings:
    """Do a round on one island, on a worker.

    Args:
        shared: the donors, the differs and the settings of all islands.
        island: the island.
        weights: the weights of the mutations, by name.
    """
    donors, differs, breeding = shared.get()
    [found] = open_breeder().breed(
        [island], donors=donors, differs=differs, weights=weights, breeding=breeding, threads=1
    )
    return found


def breeding_of(options: EvolutionOptions) -> Breeding:
    """Return the settings of a round."""
    return Breeding(
        mutants=-(-options.mutants // options.islands),
        generation=options.population,
        population=options.population,
        selection=options.selection,
        budget=Budget(node_fuel=NODE_FUEL),
    )


def open_pool(programs: Sequence[Weighted], options: EvolutionOptions) -> ParentPool:
    """Choose the parents for every task among programs.

    Raises EngineError if the native engine is not there.
    """
    return ParentPool.of(programs, open_breeder(), size_max=breeding_of(options).size_max)


def cheap_differs() -> tuple[str, ...]:
    """Return the compact forms of the shipped differs that cost little."""
    return tuple(
        to_compact(source.program)
        for source in load_library(DIFFERS)
        if source.program.size <= CHEAP_SIZE
    )
