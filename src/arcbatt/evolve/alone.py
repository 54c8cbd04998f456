"""Alone: mutants for one task at a time, without an archive, as they are measured.

Evolution breeds them round by round. What it is compared with is a set of fresh mutants, which is
made once from what is dealt: each of them is tried on every task, and none becomes a parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Protocol

from arcbatt.engine import Engine
from arcbatt.engine.breeder import GRID, Breeder, Breeding, Findings, Island, Tally
from arcbatt.evolve.deal import Dealing, Pool, make_pool
from arcbatt.evolve.finds import NO_CROP, Crop, Finds
from arcbatt.evolve.grounds import Grounds, seeds_of
from arcbatt.evolve.moves import adapt_weights, add_tallies, first_weights
from arcbatt.evolve.request import Request
from arcbatt.evolve.restarts import turn_of
from arcbatt.evolve.run import cheap_differs, settle
from arcbatt.evolve.state import POLISH, TaskState
from arcbatt.evolve.vocabulary import open_breeder
from arcbatt.pipeline.deal import EVOLVE
from arcbatt.pipeline.work import Card
from arcbatt.search.functions import NONE
from arcbatt.tasks import Task

FRESH = "fresh"
"""A source to compare with."""
MAKERS = (EVOLVE, FRESH)
"""The sources that make mutants."""
BATCH = 9_600
"""Fresh mutants that run together on a task; their values are forgotten afterwards."""
FRESH_MEMBERS = 400
"""Of each batch so many of the best fresh mutants are looked at, a quarter of them right."""


@dataclass(frozen=True)
class Plan:
    """How many mutants to try, and how.

    Attributes:
        mutants: bodies that are tried for a task in a round.
        rounds: how many rounds.
        seed: the same one finds the same.
        hold_out: whether a task gets no program, nor a part of one, that is named after it.
        population: programs that an island keeps.
        islands: of each task.
        selection: how parents are selected.
    """

    mutants: int = 9_600
    rounds: int = 1
    seed: int = 0
    hold_out: bool = False
    population: int = 100
    islands: int = 2
    selection: str = "lexicase"

    @property
    def breeding(self) -> Breeding:
        """How each island does a round; checks the numbers."""
        return Request(
            archive=Path(),
            mutants=self.mutants,
            rounds=self.rounds,
            population=self.population,
            islands=self.islands,
            selection=self.selection,
        ).breeding


class Maker(Protocol):
    """Makes mutants for tasks."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of programs that no mutants are made of."""
        ...  # pragma: no cover

    def rounds(self, task: Task, dealt: Card = ()) -> Iterator[Crop]:
        """Yield what is found after each round; the last one may come early.

        Args:
            task: to make mutants for.
            dealt: programs for this task that they may be made of too.
        """
        ...  # pragma: no cover


@dataclass
class _Growth:
    """What is known of a task between rounds.

    Attributes:
        grounds: of the task.
        dealt: programs that it begins with beside those of the pool.
        held: places of the pool's programs that it gets nothing of.
        crop: after the last round.
        state: islands, and why nothing can be done.
        finds: in all rounds.
        tallies: of the moves.
    """

    grounds: Grounds
    dealt: Card
    held: Sequence[int]
    crop: Crop = NO_CROP
    state: TaskState = field(default_factory=TaskState)
    finds: Finds = field(default_factory=Finds)
    tallies: dict[str, Tally] = field(default_factory=dict)

    def is_open(self, rounds: int) -> bool:
        """Tell whether a further one of so many rounds is done."""
        crop = self.crop
        over = crop.sure_in and crop.rounds >= crop.sure_in + POLISH
        return crop.rounds < rounds and not crop.problem and not over

    def take(self, found: Sequence[Findings]) -> None:
        """Take over what a round found, island by island."""
        tallies: dict[str, Tally] = {}
        for findings in found:
            self.finds.add(findings.members)
            for name, tally in findings.tallies.items():
                tallies[name] = tallies.get(name, Tally()) + tally
        self.tallies = add_tallies(self.tallies, tallies)
        settle(self.state, found)
        number = self.crop.rounds + 1
        self.crop = Crop(
            number,
            self.crop.mutants + sum(findings.counts["mutants"] for findings in found),
            self.crop.evaluations + sum(findings.counts["evaluations"] for findings in found),
            self.finds.all(),
            self.state.problem,
            self.crop.sure_in or (number if self.finds.is_sure else 0),
        )


class Evolver:
    """Evolves programs for single tasks.

    Args:
        plan: how.
        card: programs that evolution begins with.
        engine: what evaluates them.
        functions: that moves put in as one call, see `load_functions`.
        threads: how many samples and islands may run at once; what is found does not depend on it.

    Raises EngineError if the native engine is not there.
    """

    def __init__(
        self,
        plan: Plan,
        card: Card,
        *,
        engine: Engine,
        functions: str = NONE,
        threads: int = 1,
    ) -> None:
        self._plan = plan
        self._threads = threads
        self._breeding = plan.breeding
        self._breeder = open_breeder(functions)
        self._pool = make_pool(card, self._breeder, size_max=self._breeding.size_max)
        self._differs = cheap_differs()
        self._dealing = Dealing(
            pool=self._pool,
            breeder=self._breeder,
            engine=engine,
            budget=self._breeding.budget,
            threads=threads,
            islands=plan.islands,
            population=plan.population,
            size_max=self._breeding.size_max,
            seed=plan.seed,
            hold_out=plan.hold_out,
        )

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of programs that are not well typed, too large, or call what has no kernel."""
        return self._pool.left_out

    def rounds(self, task: Task, dealt: Card = ()) -> Iterator[Crop]:
        """Breed round by round until the task is surely solved, and a little longer.

        Args:
            task: to breed for.
            dealt: programs for this task that evolution begins with too.
        """
        growth = self._begin(task, dealt)
        while growth.is_open(self._plan.rounds):
            self._do_round([growth])
            yield growth.crop

    def evolve(self, tasks: Sequence[tuple[Task, Card]]) -> list[Crop]:
        """Breed for several tasks, each with programs that it begins with too.

        Each task is bred for as if it were alone. Raises KeyboardInterrupt soon after Ctrl-C.
        """
        growths = [self._begin(task, dealt) for task, dealt in tasks]
        while still_open := [each for each in growths if each.is_open(self._plan.rounds)]:
            self._do_round(still_open)
        return [growth.crop for growth in growths]

    def _begin(self, task: Task, dealt: Card) -> _Growth:
        held = self._pool.held_out(task.id) if self._plan.hold_out else []
        return _Growth(Grounds.of(task), dealt, held)

    def _do_round(self, growths: Sequence[_Growth]) -> None:
        """Do the next round, which is the same one for all."""
        done = growths[0].crop.rounds
        turn = turn_of(done)
        anew = [
            each
            for each in growths
            if turn == 0 or (turn and not each.crop.sure_in and self._pool.card)
        ]
        if anew:
            own = {each.grounds.task.id: each.dealt for each in anew}
            dealt = self._dealing.deal([each.grounds for each in anew], turn=turn or 0, own=own)
            for each in anew:
                each.state.islands = dealt[each.grounds.task.id]
        # The breeder has one set of weights for all islands of a call.
        by_weights: dict[tuple[tuple[str, float], ...], list[_Growth]] = {}
        for each in growths:
            weights = adapt_weights(each.tallies)
            by_weights.setdefault(tuple(weights.items()), []).append(each)
        for key, alike in by_weights.items():
            found = iter(self._breed(alike, done + 1, dict(key)))
            for each in alike:
                each.take([next(found) for _ in each.state.islands])

    def _breed(
        self, growths: Sequence[_Growth], number: int, weights: Mapping[str, float]
    ) -> list[Findings]:
        islands = [
            Island(
                demos=each.grounds.demos,
                tests=each.grounds.tests,
                probes=each.grounds.probes,
                dealt=lines,
                without=each.held,
                seeds=seeds_of(self._plan.seed, number, each.grounds.task.id, place),
            )
            for each in growths
            for place, lines in enumerate(each.state.islands)
        ]
        return self._breeder.breed(
            islands,
            donors=self._pool.lines,
            differs=self._differs,
            weights=weights,
            breeding=self._breeding,
            threads=self._threads,
        )


class Fresh:
    """Tries the same fresh mutants on every task.

    Args:
        plan: how many, and with which seed.
        card: programs that they are made from.
        functions: that moves put in as one call, see `load_functions`.

    Raises EngineError if the native engine is not there.
    """

    def __init__(self, plan: Plan, card: Card, *, functions: str = NONE) -> None:
        self._plan = plan
        self._breeding = replace(plan.breeding, mutants=0, population=FRESH_MEMBERS)
        self._breeder = open_breeder(functions)
        self._pool = make_pool(card, self._breeder, size_max=self._breeding.size_max)
        self._made = list(make_fresh(self._pool, plan, self._breeder))

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of programs that are not well typed, too large, or call what has no kernel."""
        return self._pool.left_out

    def rounds(self, task: Task, dealt: Card = ()) -> Iterator[Crop]:
        """Run as many of the mutants on a task in each round as evolution may try.

        They are the same for all tasks, so that none is made of what is dealt to this one.
        """
        plan, grounds, finds = self._plan, Grounds.of(task), Finds()
        held = frozenset(self._pool.held_out(task.id) if plan.hold_out else ())
        own = [line for place, line in enumerate(self._pool.lines) if place not in held]
        finds.add(self._run(grounds, own).members)
        mutants = evaluations = 0
        for number, made in enumerate(self._made, start=1):
            lines = [line for line, places in made if held.isdisjoint(places)]
            for start in range(0, len(lines), BATCH):
                found = self._run(grounds, lines[start : start + BATCH])
                finds.add(found.members)
                evaluations += found.counts["evaluations"]
            mutants += len(lines)
            yield Crop(number, mutants, evaluations, finds.all())

    def _run(self, grounds: Grounds, lines: Sequence[str]) -> Findings:
        island = Island(grounds.demos, grounds.tests, grounds.probes, lines, (), (0,))
        [found] = self._breeder.breed(
            [island],
            donors=(),
            differs=(),
            weights=first_weights(),
            breeding=self._breeding,
            threads=1,
        )
        return found


def make_fresh(
    pool: Pool, plan: Plan, breeder: Breeder
) -> Iterator[list[tuple[str, tuple[int, ...]]]]:
    """Make mutants of the programs of a pool, for each round those of a plan.

    They are lines, each one once, with the places of the programs that they stem from. There may be
    fewer where hardly any move finds a place.
    """
    breeding, known = plan.breeding, set[str]()
    for number in range(plan.rounds):
        children = breeder.mutate(
            pool.lines,
            pool.lines,
            goal=GRID,
            inputs=breeding.inputs,
            weights=first_weights(),
            # Some are known from earlier rounds.
            count=plan.mutants + plan.mutants // 2,
            seed=Random(f"{plan.seed} {number}").getrandbits(63),
            further=breeding.further,
        )
        new = [child for child in children if child.line not in known][: plan.mutants]
        known.update(child.line for child in new)
        # The rest of what is known of a child would take much memory.
        yield [
            (child.line, (child.parent, *child.mates, *child.donors) if plan.hold_out else ())
            for child in new
        ]
