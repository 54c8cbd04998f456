"""Evaluate: choose tasks, run the pipeline on each, grade it, record it, and sum up."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from arcbatt import interrupts
from arcbatt.contract import TaskView
from arcbatt.engine.processes import run_in_processes
from arcbatt.engine.workers import Lost, Workers, run_on
from arcbatt.errors import ArcbattError, UsageError
from arcbatt.evaluation.grade import EvaluationTotals, TaskRecord, add_up, content_of, grade_task
from arcbatt.evaluation.results import Results
from arcbatt.evaluation.task import (
    Bench,
    EvaluationSetup,
    TimeShare,
    Ungraded,
    evaluate_in_worker,
    evaluate_on_worker,
)
from arcbatt.pipeline.journal import digests_of_build
from arcbatt.pipeline.passes import OVERHEAD_S
from arcbatt.pipeline.result import TIME_IS_UP, describe_end
from arcbatt.pipeline.spread import memory_for
from arcbatt.ranking.attempts import ATTEMPTS
from arcbatt.sources import SOURCES, describe_options
from arcbatt.tasks import Dataset, Task, TaskChoice

CURVE_PARTS = (256, 64, 16, 4, 1)
"""Divisors of the effort: a curve is measured at so many efforts."""


@dataclass(frozen=True, kw_only=True)
class EvaluationRequest:
    """A request to evaluate sources on tasks.

    Attributes:
        choice: the tasks.
        setup: the sources and their limits.
        attempts: the number of attempts that count for each test input, 1..3.
        jobs: the number of processes that evaluate tasks, 1 or more.
        results: the file to which a line per task is appended; None for none.
        curve: whether smaller efforts are measured too.
        ray: the address of the Ray cluster that evaluates tasks, ``auto`` for that of this machine;
            None for processes of this machine.
    """

    choice: TaskChoice = field(default_factory=TaskChoice)
    setup: EvaluationSetup
    attempts: int = ATTEMPTS
    jobs: int = 1
    results: Path | None = None
    curve: bool = False
    ray: str | None = None

    @property
    def efforts(self) -> tuple[int, ...]:
        """The efforts that are measured, in evaluations, ascending."""
        largest = self.setup.limits.evaluations
        if not self.curve:
            return (largest,)
        return tuple(dict.fromkeys(max(1, largest // part) for part in CURVE_PARTS))


@dataclass(frozen=True)
class EvaluationStart:
    """The facts about an evaluation that are known when it begins.

    Attributes:
        measurements: the number of measurements, one per task and effort.
        done_before: the number of those that are done already.
        changed: the ids of the tasks that have changed since they were evaluated, ascending.
        unreadable: programs of the files that could not be read.
        workers: the workers of a cluster; None for processes of this machine.
    """

    measurements: int
    done_before: int
    changed: tuple[str, ...] = ()
    unreadable: tuple[ArcbattError, ...] = ()
    workers: Workers | None = None


@dataclass(frozen=True)
class Evaluated:
    """The result of a request.

    Attributes:
        request: the request.
        dataset: the tasks that were chosen.
        records: the records with the full limits, in the order of the tasks.
        totals: sums over these records.
        curve: sums for each effort that all tasks reached, ascending; empty if no curve was
            requested.
        stopped: the reason why the evaluation ended, a sentence.
        finished: whether every task was evaluated.
    """

    request: EvaluationRequest
    dataset: Dataset
    records: tuple[TaskRecord, ...]
    totals: EvaluationTotals
    curve: tuple[tuple[int, EvaluationTotals], ...]
    stopped: str
    finished: bool


def evaluate(
    request: EvaluationRequest,
    *,
    on_start: Callable[[EvaluationStart], None] = lambda start: None,
    on_progress: Callable[[TaskRecord], None] = lambda record: None,
) -> Evaluated:
    """Run the pipeline on tasks and compare their attempts with the answers.

    The sources get the tasks without the answers. A signal (Ctrl-C) ends the evaluation early; the
    finished tasks are in the file of results and in the result of this function.

    Args:
        request: the tasks, the sources and the limits.
        on_start: callback, called once before the first task.
        on_progress: callback, called with each record.

    Raises ArcbattError if a file of the request can't be read, opened or written.
    """
    if not request.setup.sources:
        raise UsageError(problem="no sources: nothing to evaluate")
    total = request.setup.limits.total_seconds
    end = None if total is None else time.monotonic() + total - min(OVERHEAD_S, total / 4)
    dataset = request.choice.load()
    tasks = list(dataset)
    if not any(task.has_answers for task in tasks):
        raise UsageError(problem=f"{dataset} has no task with known answers: nothing to evaluate")
    efforts, full = request.efforts, request.efforts[-1]
    finished = True
    records: dict[tuple[str, int], TaskRecord] = {}
    changed: set[str] = set()
    with interrupts.receive(), ExitStack() as open_things:
        bench = open_things.enter_context(closing(Bench(request.setup)))
        workers = None if request.ray is None else bench.open_workers(request.ray)
        results = None
        if request.results is not None:
            results = open_things.enter_context(
                closing(Results.open(request.results, _settings(request, dataset)))
            )
            contents = {task.id: (content_of(task), len(task.tests)) for task in tasks}
            for each in results.records:
                if contents.get(each.task) == (each.content, len(each.tests)):
                    records[each.task, each.effort] = each
                elif each.task in contents:
                    changed.add(each.task)
            changed -= {task for task, _ in records}
        todo = [task for task in tasks if any((task.id, each) not in records for each in efforts)]
        before = sum((task.id, each) in records for task in tasks for each in efforts)
        tasks_before = len(tasks) - len(todo)
        on_start(
            EvaluationStart(
                len(tasks) * len(efforts), before, tuple(sorted(changed)), bench.warnings, workers
            )
        )
        left = None if end is None else max(0.0, end - time.monotonic())
        with interrupts.hold(), interrupts.expire(left):
            outcomes_of = open_things.enter_context(
                closing(_evaluate(todo, efforts, bench, request.jobs, end, workers))
            )
            try:
                for task, outcomes in outcomes_of:
                    for outcome in outcomes:
                        if (task.id, outcome.effort) in records:
                            continue
                        record = grade_task(task, outcome)
                        records[task.id, outcome.effort] = record
                        if results is not None:
                            results.add(record)
                        on_progress(record)
            except KeyboardInterrupt:
                finished = False
    by_effort = {
        each: [records[task.id, each] for task in tasks if (task.id, each) in records]
        for each in efforts
    }
    done = by_effort[full]
    why = ""
    if not finished:
        why = TIME_IS_UP if interrupts.is_expired() else interrupts.cause()
    stopped = describe_end(len(done), len(tasks), before=tasks_before, why=why)
    curve = [
        (effort, add_up(each, tasks, attempts=request.attempts))
        for effort, each in by_effort.items()
        if request.curve and len(each) == len(tasks) and all(one.reached for one in each)
    ]
    totals = add_up(done, tasks, attempts=request.attempts, groups=dataset.groups)
    return Evaluated(request, dataset, tuple(done), totals, tuple(curve), stopped, finished)


def _settings(request: EvaluationRequest, dataset: Dataset) -> dict[str, Any]:
    """Return the settings that change the result of a task, apart from the other tasks.

    They have the names of the options, since people read them where they differ.
    """
    setup = request.setup
    return {
        "--dataset with --split": str(dataset),
        "--sources": ",".join(setup.sources),
        **_options(setup),
        "--archive": str(setup.archive) if "archive" in setup.sources else None,
        "--hold-out": setup.hold_out,
        "--time-per-task": setup.limits.task_seconds,
        "--total-time": setup.limits.total_seconds,
        "--curve": request.curve,
        "--fuel": setup.fuel,
        **digests_of_build(),
    }


def _options(setup: EvaluationSetup) -> dict[str, Any]:
    """Return the options of the sources, with the name of the source where several share one."""
    flags = {
        (kind.name, one.name): str(one.metadata.get("flag", one.name))
        for kind in SOURCES
        for one in fields(kind.options)
    }
    count = Counter(flags.values())
    described: dict[str, Any] = {}
    for source, options in describe_options(setup.sources, setup.options).items():
        for name, value in options.items():
            flag = flags.get((source, name), name)
            described[flag if count[flag] == 1 else f"{flag} of {source}"] = value
    return described


def _evaluate(
    tasks: Sequence[Task],
    efforts: Sequence[int],
    bench: Bench,
    jobs: int,
    end: float | None,
    workers: Workers | None,
) -> Generator[tuple[Task, list[Ungraded]], None, None]:
    """Evaluate tasks in this process, in others or on workers, and yield each one when it is done.

    If there is an end, by `time.monotonic`, the time up to it is shared by the tasks.
    """
    jobs = max(1, min(jobs if workers is None else workers.count, len(tasks)))
    turns = [
        None if end is None else TimeShare(end, (len(tasks) - place) / jobs)
        for place in range(len(tasks))
    ]
    results: Iterator[tuple[int, Any]]
    if workers is not None:
        shared = workers.share((bench, digests_of_build()))
        results = run_on(
            workers,
            evaluate_on_worker,
            (
                (shared, TaskView(task).task, efforts, turn, bench.send(task))
                for task, turn in zip(tasks, turns, strict=True)
            ),
            memory=memory_for(efforts[-1]),
        )
    elif jobs > 1:
        calls = [
            (bench.setup, TaskView(task).task, efforts, turn)
            for task, turn in zip(tasks, turns, strict=True)
        ]
        results = run_in_processes(evaluate_in_worker, calls, jobs=jobs)
    else:
        for task, turn in zip(tasks, turns, strict=True):
            with interrupts.release():
                outcomes = bench.evaluate(task, efforts, turn)
            yield task, outcomes
        return
    for place, result in results:
        task = tasks[place]
        if isinstance(result, Lost):
            yield task, [Ungraded(task.id, each, problem=result.problem) for each in efforts]
        else:
            yield task, result
