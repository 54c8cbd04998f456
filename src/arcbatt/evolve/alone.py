"""Alone: mutants for one task at a time, without an archive, as they are measured.

Evolution breeds them round by round. What it is compared with is a set of fresh mutants, which is
made once from what is dealt: each of them is tried on every task, and none becomes a parent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Protocol

from arcbatt.archive import Archive
from arcbatt.engine import Engine
from arcbatt.engine.breeder import GRID, Bred, Breeder, Breeding, Findings, Island, Tally
from arcbatt.engine.outcome import EXACT
from arcbatt.evolve.deal import Dealing, Pool, make_pool
from arcbatt.evolve.grounds import Grounds, seeds_of
from arcbatt.evolve.moves import adapt_weights, add_tallies, first_weights
from arcbatt.evolve.offers import SOURCE
from arcbatt.evolve.request import Request
from arcbatt.evolve.restarts import turn_of
from arcbatt.evolve.run import cheap_differs, settle
from arcbatt.evolve.state import POLISH, SURE_NODES, TaskState
from arcbatt.evolve.vocabulary import open_breeder
from arcbatt.pipeline.work import Card
from arcbatt.search.functions import NONE
from arcbatt.tasks import Task

EVOLVE, FRESH = SOURCE, "fresh"
"""The sources that make mutants."""
MAKERS = (EVOLVE, FRESH)
BATCH = 9_600
"""Fresh mutants that run together on a task; their values are forgotten afterwards."""
FRESH_MEMBERS = 400
"""Of each batch so many of the best fresh mutants are looked at, a quarter of them right."""
INEXACT_MAX = 32
"""So many programs that are not right on all demos may stand in where attempts are left over."""


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


@dataclass(frozen=True, slots=True)
class Find:
    """A program that was found for a task.

    Attributes:
        line: the program.
        scores: on the demos, 0..1000 each.
        size: in nodes.
        fuel: on all samples.
        behaviour: digest of what it does on the samples.
        bodies: that were tried and do the same.
    """

    line: str
    scores: tuple[int, ...]
    size: int
    fuel: int
    behaviour: int
    bodies: int

    @property
    def is_exact(self) -> bool:
        """Whether all demos are right."""
        return all(score == EXACT for score in self.scores)

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """Key of an ascending sort, the best first."""
        return (-sum(self.scores), self.size, self.fuel, self.line)


@dataclass(frozen=True)
class Crop:
    """What rounds have found for a task so far.

    Attributes:
        rounds: that were done.
        mutants: that were tried in them.
        evaluations: runs of one of them on a sample.
        finds: programs right on all demos, and the best of the others; the best first.
        problem: why there is nothing, or empty.
    """

    rounds: int
    mutants: int
    evaluations: int
    finds: tuple[Find, ...]
    problem: str = ""


class Maker(Protocol):
    """Makes mutants for tasks."""

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of programs that no mutants are made of."""
        ...  # pragma: no cover

    def rounds(self, task: Task) -> Iterator[Crop]:
        """Yield what is found after each round; the last one may come early."""
        ...  # pragma: no cover


class _Finds:
    """The programs that were found so far: of each behaviour the best."""

    def __init__(self) -> None:
        self._finds: dict[int, Find] = {}

    def add(self, members: Sequence[Bred]) -> None:
        for each in members:
            new = Find(
                each.line,
                each.scores,
                each.size,
                each.fuel,
                each.behaviour,
                each.bodies,
            )
            self._finds[new.behaviour] = _joined(self._finds.get(new.behaviour), new)
        best = sorted(self._finds.values(), key=lambda find: find.rank)
        others = [find for find in best if not find.is_exact][:INEXACT_MAX]
        kept = [find for find in best if find.is_exact] + others
        self._finds = {find.behaviour: find for find in kept}

    @property
    def is_sure(self) -> bool:
        """Whether one that is right on all demos is simple enough to be believed."""
        return any(find.is_exact and find.size <= SURE_NODES for find in self._finds.values())

    def all(self) -> tuple[Find, ...]:
        return tuple(self._finds.values())


def _joined(known: Find | None, new: Find) -> Find:
    if known is None:
        return new
    return replace(
        min(known, new, key=lambda find: find.rank),
        bodies=known.bodies + new.bodies,
    )


class Evolver:
    """Evolves programs for single tasks.

    Args:
        plan: how.
        card: programs that evolution begins with.
        engine: what evaluates them.
        archive: with more of them for a task; None for none.
        functions: that moves put in as one call, see `load_functions`.

    Raises EngineError if the native engine is not there.
    """

    def __init__(
        self,
        plan: Plan,
        card: Card,
        *,
        engine: Engine,
        archive: Archive | None = None,
        functions: str = NONE,
    ) -> None:
        self._plan = plan
        self._breeding = plan.breeding
        self._breeder = open_breeder(functions)
        self._pool = make_pool(card, self._breeder, size_max=self._breeding.size_max)
        self._differs = cheap_differs()
        self._dealing = Dealing(
            pool=self._pool,
            breeder=self._breeder,
            engine=engine,
            budget=self._breeding.budget,
            threads=1,
            islands=plan.islands,
            population=plan.population,
            size_max=self._breeding.size_max,
            seed=plan.seed,
            hold_out=plan.hold_out,
            archive=archive,
        )

    @property
    def left_out(self) -> tuple[str, ...]:
        """Names of programs that are not well typed, too large, or call what has no kernel."""
        return self._pool.left_out

    def rounds(self, task: Task) -> Iterator[Crop]:
        """Breed round by round until the task is surely solved, and a little longer."""
        plan, grounds = self._plan, Grounds.of(task)
        known = TaskState()
        held = self._pool.held_out(task.id) if plan.hold_out else []
        finds, tallies = _Finds(), dict[str, Tally]()
        mutants = evaluations = sure_in = 0
        for number in range(1, plan.rounds + 1):
            turn = turn_of(number - 1)
            if turn == 0 or (turn and not sure_in and self._pool.card):
                known.islands = self._dealing.deal([grounds], turn=turn)[task.id]
            found = self._breed(grounds, known, held, number, adapt_weights(tallies))
            for findings in found:
                finds.add(findings.members)
                mutants += findings.counts["mutants"]
                evaluations += findings.counts["evaluations"]
            tallies = add_tallies(tallies, _join_tallies(found))
            settle(known, found)
            yield Crop(number, mutants, evaluations, finds.all(), known.problem)
            if finds.is_sure and not sure_in:
                sure_in = number
            if known.problem or (sure_in and number >= sure_in + POLISH):
                return

    def _breed(
        self,
        grounds: Grounds,
        known: TaskState,
        held: Sequence[int],
        number: int,
        weights: Mapping[str, float],
    ) -> list[Findings]:
        islands = [
            Island(
                demos=grounds.demos,
                tests=grounds.tests,
                probes=grounds.probes,
                dealt=lines,
                without=held,
                seeds=seeds_of(self._plan.seed, number, grounds.task.id, place),
            )
            for place, lines in enumerate(known.islands)
        ]
        return self._breeder.breed(
            islands,
            donors=self._pool.lines,
            differs=self._differs,
            weights=weights,
            breeding=self._breeding,
            threads=1,
        )


def _join_tallies(found: Sequence[Findings]) -> dict[str, Tally]:
    tallies: dict[str, Tally] = {}
    for findings in found:
        for name, tally in findings.tallies.items():
            tallies[name] = tallies.get(name, Tally()) + tally
    return tallies


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

    def rounds(self, task: Task) -> Iterator[Crop]:
        """Run as many of the mutants on a task in each round as evolution may try."""
        plan, grounds, finds = self._plan, Grounds.of(task), _Finds()
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
