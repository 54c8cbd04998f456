"""The source ``evolution``: programs that are bred for each task from those of other sources."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
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

if TYPE_CHECKING:
    from arcbatt.context import Context
    from arcbatt.engine import Engine
    from arcbatt.evolve.loop import TaskState
    from arcbatt.evolve.population import HallOfFame

FITTED = StopReason(Stop.FITTED, note="left out: another source has a program that fits all demos")


class EvolutionSource(SourceKind):
    """Evolves programs for tasks that no program of another source fits.

    Islands begin with the parents that all tasks share and the programs proposed for the task.

    Args:
        options: the settings of evolution.
        engine: the engine that evaluates the parents.
        parents: the parents that all tasks share.

    Attributes:
        name: the word for the source in ``--sources``.
        left_out: names of parents that can't be mutated.

    Raises EngineError if the native engine is not there.
    """

    name: ClassVar[str] = "evolution"
    summary: ClassVar[str] = "mutants of what the other sources propose, bred round by round"
    options: ClassVar[type[EvolutionOptions]] = EvolutionOptions
    is_slow: ClassVar[bool] = True
    needs_native: ClassVar[bool] = True

    def __init__(
        self, options: EvolutionOptions, *, engine: Engine, parents: Sequence[Weighted] = ()
    ) -> None:
        from arcbatt.evolve.loop import open_pool

        self._options = options
        self._engine = engine
        self._pool = open_pool(parents, options)
        self._parents = tuple(parents)  # they stay in memory, since their ids are kept
        self._shared = {id(each.program) for each in self._parents}
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
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        """Evolve until a task is surely solved and a little longer, or until the rounds are done.

        The proposal for a task does not depend on the other tasks. Raises KeyboardInterrupt soon
        after Ctrl-C.

        Args:
            tasks: the tasks.
            known: the programs that other sources proposed; tasks that one of them fits are left
                out.
            budget: the limits.
        """
        from arcbatt.engine.cases import TaskCases
        from arcbatt.evolve.loop import Evolution

        began, start = time.process_time(), time.monotonic()
        options = self._options.scaled(budget.factor)
        todo = [each for each in tasks if each.id not in known.fitting]
        evolution = Evolution(options, self._pool, engine=self._engine, threads=budget.threads)
        evolution.begin(
            [TaskCases.of(each.task) for each in todo],
            {each.id: [one.program for one in self._own(each, known)] for each in todo},
        )
        progress, rounds = evolution.progress, {each.id: 0 for each in todo}
        in_time = True
        while in_time and progress.round < options.rounds and (still := progress.open_tasks()):
            evolution.do_round(still)
            for task in still:
                rounds[task] = progress.round
                if progress.tasks[task].hall.is_sure:
                    progress.tasks[task].sure_in = progress.tasks[task].sure_in or progress.round
            if budget.seconds is not None:
                in_time = time.monotonic() - start < budget.seconds * len(todo)
        proposals = {}
        for each in todo:
            state = progress.tasks[each.id]
            origins = {one.program.body_hash: one.origin for one in self._own(each, known)}
            proposals[each.id] = Proposal(
                state.hall.programs(self.name, origins | self._pool.origins),
                Effort(
                    evaluations=state.counts.get("evaluations", 0),
                    details={"mutants": state.counts.get("mutants", 0), "rounds": rounds[each.id]},
                ),
                _stop_reason(state, rounds[each.id], options.rounds, budget.seconds),
            )
        _share_time(proposals, time.process_time() - began)
        return [proposals.get(each.id, Proposal((), stopped=FITTED)) for each in tasks]

    def _own(self, task: TaskView, known: Known) -> list[Weighted]:
        """Return the programs proposed for a task, without the parents that all tasks share."""
        from arcbatt.sources.library import hold_out

        own = [
            each for each in known.programs.get(task.id, ()) if id(each.program) not in self._shared
        ]
        return list(hold_out(task.task, own)) if self._options.hold_out else own


def parents_of(context: Context) -> Sequence[Weighted]:
    """Return the parents that all tasks share: those of the context, else the library."""
    from arcbatt.sources.library import load_programs

    return context.common or load_programs()


def rounds_done(rounds: int, hall: HallOfFame) -> str:
    """Return a sentence with the number of rounds that were done and of programs found."""
    return _sentence(f"{_count(rounds, 'round')} done", hall)


def _stop_reason(
    state: TaskState, rounds: int, rounds_max: int, seconds: float | None
) -> StopReason:
    from arcbatt.evolve.population import SURE_SIZE

    if state.problem:
        return StopReason(Stop.EXHAUSTED, note=f"stopped: {state.problem}")
    after = rounds - state.sure_in
    if state.sure_in and after:
        why = f"{_count(after, 'round')} after a program of at most {SURE_SIZE} nodes"
        return StopReason(Stop.FOUND, note=_sentence(why, state.hall))
    if rounds < rounds_max:
        why = f"{_count(rounds, 'round')} in {seconds:g} s"
        return StopReason(Stop.TIME, seconds, _sentence(why, state.hall))
    return StopReason(Stop.ROUNDS, rounds_max, rounds_done(rounds, state.hall))


def _sentence(why: str, hall: HallOfFame) -> str:
    exact = len(hall.exact)
    if not exact:
        return f"stopped: {why}"
    verb = "is" if exact == 1 else "are"
    return f"stopped: {why}, found {_count(exact, 'program')} that {verb} right on all demos"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")


def _share_time(proposals: dict[str, Proposal], cpu_s: float) -> None:
    """Share the CPU time of a call among its tasks, by their evaluations."""
    evaluations = sum(each.effort.evaluations + 1 for each in proposals.values())
    for task, each in proposals.items():
        part = (each.effort.evaluations + 1) / evaluations
        proposals[task] = replace(each, effort=replace(each.effort, cpu_s=cpu_s * part))
