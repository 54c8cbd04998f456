"""The source ``random_mutants``: the same mutants for every task, a baseline for evolution.

No mutant becomes a parent, and the choice of mutants does not depend on the task.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Self

from arcbatt.candidates import (
    Effort,
    Proposal,
    Stop,
    StopReason,
    Weighted,
)
from arcbatt.contract import Known, SourceBudget, SourceKind, TaskView
from arcbatt.evolve.options import EvolutionOptions
from arcbatt.sources.evolution import parents_of, rounds_done

if TYPE_CHECKING:
    from arcbatt.context import Context
    from arcbatt.engine import Engine
    from arcbatt.engine.breeder import Findings
    from arcbatt.engine.cases import TaskCases

BATCH = 9_600
"""Number of mutants that run together on a task; their values are then freed."""
MEMBERS = 400
"""Largest number of mutants that are kept of each batch, a quarter of them exact."""


class RandomMutantsSource(SourceKind):
    """Tries the same random mutants on every task.

    Args:
        options: the numbers of mutants and rounds, and the seed.
        engine: the engine of the run; mutants run in the native one.
        parents: programs that the mutants are made from.

    Attributes:
        name: the word for the source in ``--sources``.
        left_out: names of parents that can't be mutated.

    Raises EngineError if the native engine is not there.
    """

    name: ClassVar[str] = "random_mutants"
    summary: ClassVar[str] = (
        "random mutants of what the other sources propose, a baseline for evolution"
    )
    options: ClassVar[type[EvolutionOptions]] = EvolutionOptions
    is_slow: ClassVar[bool] = True
    needs_native: ClassVar[bool] = True

    def __init__(
        self,
        options: EvolutionOptions,
        *,
        engine: Engine,
        parents: Sequence[Weighted] = (),
    ) -> None:
        from arcbatt.evolve.loop import breeding_of, open_pool
        from arcbatt.evolve.mutations import open_breeder

        self._options = options
        self._engine, self._parents = engine, tuple(parents)
        self._breeder = open_breeder()
        self._breeding = replace(breeding_of(options), mutants=0, population=MEMBERS)
        self._pool = open_pool(parents, options)
        self._mutants = self._make()
        self.left_out = self._pool.left_out

    def __reduce__(self) -> tuple[Any, tuple[()]]:
        """Travel as options and parents: a worker draws the pool of parents itself."""
        return partial(type(self), self._options, engine=self._engine, parents=self._parents), ()

    @classmethod
    def open(cls, options: EvolutionOptions, context: Context) -> Self:
        """Open the source with the programs of library and files, or of the library alone."""
        return cls(
            replace(options, hold_out=context.hold_out),
            engine=context.engine,
            parents=parents_of(context),
        )

    def propose(
        self,
        tasks: Sequence[TaskView],
        known: Known,
        budget: SourceBudget,
    ) -> list[Proposal]:
        """Run the parents and their mutants on each task.

        Args:
            tasks: the tasks.
            known: the programs that other sources proposed; not used.
            budget: the limits.
        """
        return [self._propose(task, budget) for task in tasks]

    def _propose(self, task: TaskView, budget: SourceBudget) -> Proposal:
        from arcbatt.engine.cases import TaskCases
        from arcbatt.evolve.population import HallOfFame

        began = time.process_time()
        options, cases, hall = (
            self._options,
            TaskCases.of(task.task),
            HallOfFame(),
        )
        held = frozenset(self._pool.held_out(task.task) if options.hold_out else ())
        own = [line for place, line in enumerate(self._pool.compacts) if place not in held]
        hall.add(self._run(cases, own).members)
        mutants = evaluations = 0
        for made in self._mutants[: options.rounds]:
            compacts = [
                compact for compact, places in made[: options.mutants] if held.isdisjoint(places)
            ]
            for start in range(0, len(compacts), BATCH):
                found = self._run(cases, compacts[start : start + BATCH])
                hall.add(found.members)
                evaluations += found.counts["evaluations"]
            mutants += len(compacts)
        return Proposal(
            hall.programs(self.name, self._pool.origins),
            Effort(
                cpu_s=time.process_time() - began,
                evaluations=evaluations,
                details={"mutants": mutants, "rounds": options.rounds},
            ),
            StopReason(Stop.ROUNDS, options.rounds, rounds_done(options.rounds, hall)),
        )

    def _run(self, cases: TaskCases, compacts: Sequence[str]) -> Findings:
        from arcbatt.engine.breeder import Island
        from arcbatt.evolve.mutations import first_weights

        island = Island(cases.demos, cases.tests, cases.probes, compacts, (), (0,))
        [found] = self._breeder.breed(
            [island],
            donors=(),
            differs=(),
            weights=first_weights(),
            breeding=self._breeding,
            threads=1,
        )
        return found

    def _make(self) -> list[list[tuple[str, tuple[int, ...]]]]:
        """Make the mutants of each round in compact form, with the indices of their ancestors.

        No mutant is made twice; there may be fewer than requested.
        """
        from arcbatt.evolve.mutations import first_weights

        options, pool, made, seen = self._options, self._pool, [], set[str]()
        for number in range(options.rounds):
            children = self._breeder.mutate(
                pool.compacts,
                pool.compacts,
                goal=self._breeding.goal,
                inputs=self._breeding.inputs,
                weights=first_weights(),
                # More than needed, since some are known from earlier rounds.
                count=options.mutants + options.mutants // 2,
                seed=Random(f"{options.seed} {number}").getrandbits(63),
                further=self._breeding.further,
            )
            new = [child for child in children if child.line not in seen][: options.mutants]
            seen.update(child.line for child in new)
            # The rest of what is known of a child would take much memory.
            made.append(
                [
                    (child.line, (child.parent, *child.mates, *child.donors) * options.hold_out)
                    for child in new
                ]
            )
        return made
