"""Evolve: rounds with transfer, validation and a saved state, as `batt evolve` does them."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from arcbatt import interrupts
from arcbatt.context import Context
from arcbatt.contract import Known, SourceBudget, TaskView
from arcbatt.engine.breeder import Breeder
from arcbatt.engine.cases import TaskCases
from arcbatt.errors import ArcbattError, ArchiveError, EngineError, UsageError
from arcbatt.evolve.loop import Evolution, breeding_of, open_pool
from arcbatt.evolve.mutations import open_breeder
from arcbatt.evolve.options import EvolutionOptions
from arcbatt.evolve.population import SURE_SIZE, ParentPool
from arcbatt.evolve.state import VERSION, RunState, hold_run, load_state, save_state, state_path
from arcbatt.evolve.submissions import Submitted, Validation, submissions_of, transfer
from arcbatt.pipeline.result import TIME_IS_UP
from arcbatt.program.graph import Program
from arcbatt.sources import open_sources
from arcbatt.sources.archive import ArchiveSource
from arcbatt.tasks import Dataset, Task, TaskChoice
from arcbatt.timings import Timings

PARENT_SOURCES = ("library", "files", "archive")
"""The names of the sources whose programs can be parents."""


@dataclass(frozen=True, kw_only=True)
class EvolveRequest:
    """A request to evolve programs for tasks.

    Attributes:
        choice: the tasks.
        archive: path of the archive from which parents come and to which programs are added.
        sources: names of the sources of parents: library, files, archive.
        source_options: the options of each of these sources, by its name.
        total_seconds: wall-clock time after which no round begins, in seconds, > 0; None for no
            limit.
        options: the settings of evolution; the number of rounds includes those of earlier calls.
        keep_solved: whether solved tasks take part in all rounds.
        differs: whether the differs give partial credit.
        jobs: number of threads, 1 or more.
        ray: the address of the Ray cluster that breeds, ``auto`` for that of this machine; None for
            threads of this process.
    """

    choice: TaskChoice = field(default_factory=TaskChoice)
    archive: Path
    sources: tuple[str, ...] = ("library", "archive")
    source_options: Mapping[str, Any] = field(default_factory=dict)
    total_seconds: float | None = None
    options: EvolutionOptions = field(
        default_factory=lambda: EvolutionOptions(mutants=10_000, rounds=10)
    )
    keep_solved: bool = False
    differs: bool = True
    jobs: int = 1
    ray: str | None = None

    def fingerprint(self, tasks: Sequence[Task], parents: Sequence[str]) -> str:
        """Return a digest (hexadecimal) of all settings that change the results of a run.

        The numbers of rounds and threads do not change them.

        Args:
            tasks: the tasks, which are identified by their content.
            parents: compact forms of the parents for every task.
        """
        options = {**asdict(self.options), "rounds": None}
        settings = [VERSION, list(self.sources), self.keep_solved, self.differs, options]
        contents = [(task.id, task.content) for task in tasks]
        text = json.dumps([settings, contents, list(parents)], sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class EvolveStart:
    """The facts about a run that are known when it begins.

    Attributes:
        tasks: number of tasks.
        parents: number of parents for every task.
        left_out: names of programs that can't be mutated.
        rounds_before: number of rounds that earlier calls have done.
        unreadable: programs of the files that could not be read.
        dataset: the tasks.
    """

    tasks: int
    parents: int
    left_out: tuple[str, ...]
    rounds_before: int
    unreadable: tuple[ArcbattError, ...]
    dataset: Dataset


@dataclass(frozen=True)
class Evolved:
    """The result of a run.

    Attributes:
        request: the request of the run.
        start: the facts that were known when the run began.
        state: the state at the end of the run.
        weights: weights of the mutations in the next round, by name.
        saved: number of programs that are new or better in the archive since this call began.
        stopped: the reason why the run ended, a sentence.
        interrupted: whether a signal ended the run.
        damaged: programs of the archive that could not be read.
    """

    request: EvolveRequest
    start: EvolveStart
    state: RunState
    weights: dict[str, float]
    saved: int
    stopped: str
    interrupted: bool
    damaged: tuple[ArcbattError, ...] = ()


@dataclass
class EvolveRun:
    """One run with its open resources.

    Attributes:
        request: the request of the run.
        pool: the parents for every task.
        evolution: the loop that breeds programs.
        validation: the validation of new programs.
        state: the state after the last round, which is saved.
        timings: the timings of the run, filled while it runs.
        saved: number of programs that are new or better in the archive.
    """

    request: EvolveRequest
    pool: ParentPool
    evolution: Evolution
    validation: Validation
    state: RunState
    timings: Timings
    saved: int = 0

    def do_round(self) -> None:
        """Do one round and save the state after it.

        Raises KeyboardInterrupt after a signal; the state in memory is then not valid.
        """
        state, timings, evolution = self.state, self.timings, self.evolution
        tasks = self.open_tasks()
        with timings.measure("evolve.breed"), interrupts.release():
            results = evolution.do_round(tasks)
        cases = {task: evolution.cases[task] for task in tasks}
        submissions = {
            task: submissions_of(result, self.pool.compacts) for task, result in results.items()
        }
        with timings.measure("evolve.transfer"), interrupts.release():
            taken = transfer(
                submissions,
                cases,
                engine=self.validation.engine,
                budget=breeding_of(self.request.options).budget,
                threads=self.request.jobs,
            )
        for task, programs in taken.items():
            islands = state.progress.tasks[task].islands
            island = islands[state.round % len(islands)]
            submissions[task] += programs
            island += [each.compact for each in programs if each.compact not in island]
        with timings.measure("evolve.validate"):
            for task, result in results.items():
                state.submitted[task].learn(result.members)
            passed, saved = self.validation.submit_round(
                {task: each.task for task, each in cases.items()},
                submissions,
                state.submitted,
                number=state.round,
                origins=self.pool.origins,
            )
            state.passed += passed
            self.saved += saved
            self._note_solved(tasks)
        with timings.measure("evolve.save"):
            save_state(state, self.request.archive)

    def open_tasks(self) -> list[str]:
        """Return the ids of the tasks that take part in the next round."""
        return self.state.progress.open_tasks(keep_solved=self.request.keep_solved)

    def _note_solved(self, tasks: Sequence[str]) -> None:
        """Note which tasks are surely solved, and update the weights in the archive."""
        state = self.state
        for task in tasks:
            known, best = state.progress.tasks[task], state.submitted[task].best
            if best is not None and best.is_exact and best.size <= SURE_SIZE:
                known.sure_in = known.sure_in or state.round
        # The weight of a program also changes when other programs are found.
        weights = {
            self.evolution.cases[task].task.key: state.submitted[task].weights(
                state.progress.tasks[task].hall
            )
            for task in tasks
        }
        self.validation.archive.add_many((), weights=weights)


def evolve(
    request: EvolveRequest,
    *,
    timings: Timings | None = None,
    on_start: Callable[[EvolveStart, RunState], None] = lambda start, state: None,
    on_round: Callable[[RunState], None] = lambda state: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Evolved:
    """Evolve programs as requested.

    After each round new programs are in the archive and the state is saved beside it, so that the
    same request continues from the last round, whatever ended it.

    Args:
        request: the tasks, the parents and the settings.
        timings: the timings of the run, filled while it runs.
        on_start: callback, called before the first round.
        on_round: callback, called after each round.
        should_stop: callback, called after each round; true ends the run.

    Raises ArcbattError if something of the request can't be read, opened or written.
    """
    timings = timings or Timings()
    started = time.monotonic()
    with (
        interrupts.receive(),
        Context(jobs=request.jobs, archive=request.archive, keeps=True) as context,
    ):
        with timings.measure("evolve.open"):
            dataset = request.choice.load()
            tasks = list(dataset)
            for name in request.sources:
                if name not in PARENT_SOURCES:
                    raise UsageError(
                        problem=f"the source {name!r} has no parents for evolution: expected one"
                        f" of {', '.join(PARENT_SOURCES)}"
                    )
            sources = open_sources(request.sources, request.source_options, context)
            unreadable = tuple(context.warnings)
            pool = open_pool(context.common, request.options)
            cases = [TaskCases.of(task) for task in tasks]
            archive = context.require_archive()
            evolution = Evolution(
                request.options,
                pool,
                engine=context.engine,
                threads=request.jobs,
                shares_weights=True,
                workers=None if request.ray is None else context.open_workers(request.ray),
            )
            validation = Validation(
                engine=context.engine,
                threads=request.jobs,
                differs=context.differs if request.differs else None,
                archive=archive,
                timings=timings,
            )
        fingerprint = request.fingerprint(tasks, pool.compacts)
        with hold_run(request.archive, fingerprint):
            with timings.measure("evolve.begin"):
                state = load_state(request.archive, fingerprint)
                if state is not None:
                    _check_islands(state, open_breeder(), request)
                    evolution.resume(cases, state.progress)
                else:
                    # The archive is read once in a run: programs that are added later are in the
                    # state as well, and restarts of islands should begin without them.
                    own: dict[str, list[Program]] = {}
                    for source in sources:
                        if isinstance(source, ArchiveSource):
                            views = [TaskView(task) for task in tasks]
                            kept = source.propose(views, Known(), SourceBudget())
                            for task, proposal in zip(tasks, kept, strict=True):
                                own[task.id] = [each.program for each in proposal.programs]
                    evolution.begin(cases, own)
                    state = RunState(
                        fingerprint,
                        evolution.progress,
                        {task.id: Submitted() for task in tasks},
                    )
                    save_state(state, request.archive)
            start = EvolveStart(
                tasks=len(cases),
                parents=len(pool.programs),
                left_out=pool.left_out,
                rounds_before=state.round,
                unreadable=unreadable,
                dataset=dataset,
            )
            run = EvolveRun(request, pool, evolution, validation, state, timings)
            stopped, interrupted = _go_on(
                run, started, lambda: on_start(start, run.state), on_round, should_stop
            )
        damaged = tuple(context.warnings[len(unreadable) :])
    return Evolved(
        request,
        start,
        run.state,
        evolution.weights(),
        run.saved,
        stopped,
        interrupted,
        damaged,
    )


def _check_islands(state: RunState, breeder: Breeder, request: EvolveRequest) -> None:
    """Check the programs of a saved state; raises ArchiveError at the first that is not valid."""
    path = state_path(request.archive, state.fingerprint)
    for task, known in state.progress.tasks.items():
        try:
            for compact in {compact for island in known.islands for compact in island}:
                breeder.infer(compact)
        except EngineError as error:
            raise ArchiveError(
                path=request.archive,
                problem=f"the state of the run has a broken program for {task}:"
                f" {error.context['problem']}; remove {path.name} to begin anew",
            ) from error


def _go_on(
    run: EvolveRun,
    started: float,
    on_start: Callable[[], None],
    on_round: Callable[[RunState], None],
    should_stop: Callable[[], bool],
) -> tuple[str, bool]:
    """Do rounds until there is a reason to stop; return it, and whether it is a signal."""
    rounds_before = run.state.round
    with interrupts.hold():
        try:
            on_start()
            while not (reason := _reason(run, started, rounds_before)):
                run.do_round()
                on_round(run.state)
                if should_stop():
                    reason = f"on request after {_rounds(run.state.round)}"
                    break
                interrupts.check()
        except KeyboardInterrupt:
            # What is in memory may be half a round.
            run.state = load_state(run.request.archive, run.state.fingerprint) or run.state
            return f"stopped: {interrupts.cause()} after {_rounds(run.state.round)}", True
    return f"stopped: {reason}", False


def _reason(run: EvolveRun, started: float, rounds_before: int) -> str:
    """Return the reason why no further round is done; empty if there is none."""
    request, state = run.request, run.state
    if not run.open_tasks():
        if state.solved:
            unfit = sum(bool(known.problem) for known in state.progress.tasks.values())
            others = f"; no program fits {unfit} other" if unfit else ""
            return f"{_tasks(state.solved)} solved after {_rounds(state.round)}{others}"
        return f"no program fits any of {_tasks(len(state.submitted))}"
    if state.round >= request.options.rounds:
        if state.round == rounds_before:
            verb = "was" if state.round == 1 else "were"
            return f"{_rounds(state.round)} {verb} done before; to go on, give more --rounds"
        return f"{_rounds(state.round)} done"
    total = request.total_seconds
    if total is not None and time.monotonic() - started >= total:
        return f"{TIME_IS_UP} after {_rounds(state.round)}"
    return ""


def _rounds(number: int) -> str:
    return f"{number} round" + ("" if number == 1 else "s")


def _tasks(number: int) -> str:
    return f"{number} task" + ("" if number == 1 else "s")
