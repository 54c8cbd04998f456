"""Evolution as a source of the pipeline, which asks for programs task by task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from arcbatt.engine import Engine
from arcbatt.evolve.alone import Evolver, Plan
from arcbatt.evolve.choice import make_of_crop
from arcbatt.pipeline.deal import EVOLVE
from arcbatt.pipeline.making import Made
from arcbatt.pipeline.work import Card
from arcbatt.search.functions import NONE
from arcbatt.tasks import Task


@dataclass(frozen=True)
class Evolution:
    """How the pipeline evolves.

    Attributes:
        plan: how many mutants, and how.
        functions: that moves put in as one call, see `load_functions`.
    """

    plan: Plan = field(default_factory=Plan)
    functions: str = NONE

    @property
    def settings(self) -> Mapping[str, Any]:
        """What changes what is found; JSON can hold it."""
        return asdict(self.plan)

    def open(self, parents: Card, *, engine: Engine, threads: int) -> EvolvedPrograms:
        """Get ready to evolve.

        Args:
            parents: programs that evolution begins with, for every task.
            engine: what evaluates them.
            threads: how many samples and islands may run at once.

        Raises EngineError if the native engine is not there, ParseError if a file of functions
        can't be read, UsageError if a number of the plan is too small.
        """
        evolver = Evolver(
            self.plan, parents, engine=engine, functions=self.functions, threads=threads
        )
        return EvolvedPrograms(evolver, {each.program.body_hash: each.source for each in parents})


@dataclass(frozen=True)
class EvolvedPrograms:
    """Evolves programs for tasks that nothing fits which was dealt.

    Attributes:
        evolver: what evolves.
        known: body hashes of the programs for every task, with their sources.
    """

    evolver: Evolver
    known: Mapping[str, str]
    source: str = EVOLVE
    spares_fitting: bool = True

    def make(self, tasks: Sequence[tuple[Task, Card]]) -> list[Made]:
        """Evolve programs for tasks, from what every task begins with and what was dealt."""
        crops = self.evolver.evolve(tasks)
        return [make_of_crop(crop, self.source, self.known) for crop in crops]
