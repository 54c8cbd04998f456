"""Evaluate: choose tasks, measure each one, judge it, put it on record, add it all up."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from arcbatt.engine.native import native_available
from arcbatt.engine.workers import Call, Lost, Workers
from arcbatt.errors import ParseError, UsageError
from arcbatt.evaluation.judge import TaskRecord, Totals, add_up, judge
from arcbatt.evaluation.measure import (
    Bench,
    Measured,
    Reach,
    Setup,
    measure_in_worker,
    without_answers,
)
from arcbatt.evaluation.results import Results
from arcbatt.evolve.alone import MAKERS
from arcbatt.pipeline.attempts import ATTEMPTS
from arcbatt.pipeline.deal import ARCHIVE, SEARCH
from arcbatt.pipeline.solve import choose_tasks
from arcbatt.search.functions import NONE, digest_functions
from arcbatt.search.table import FILE
from arcbatt.tasks import DATASETS, Dataset, Task, load_dataset

CURVE_START = 10_000
"""Nodes at which a curve begins, or a tenth of all where that is less."""
CURVE_POINTS_MIN, CURVE_POINTS_MAX = 3, 5


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to measure, with what.

    Attributes:
        dataset: name or path, see `load_dataset`.
        split: of the dataset.
        ids: of the tasks; none for all.
        start: how many of these tasks to skip, in ascending order of their ids.
        count: how many tasks to take; None for all that are left.
        setup: sources and limits.
        attempts: that count for each test input, 1..3.
        jobs: processes that measure tasks.
        results: the file that gets a line a task; None for none.
        curve: whether fewer mutants are measured too, or fewer nodes where there are none.
    """

    dataset: str = DATASETS[0]
    split: str | None = None
    ids: tuple[str, ...] = ()
    start: int = 0
    count: int | None = None
    setup: Setup = field(default_factory=Setup)
    attempts: int = ATTEMPTS
    jobs: int = 1
    results: Path | None = None
    curve: bool = False

    @property
    def reach(self) -> Reach:
        """How much may be tried for a task."""
        setup = self.setup
        return Reach(
            rounds=setup.plan.rounds if setup.makes_mutants else 0,
            nodes=setup.search.nodes if SEARCH in setup.sources else 0,
        )

    @property
    def reaches(self) -> tuple[tuple[Reach, ...], ...]:
        """All that is measured, what can be measured together in one."""
        full = self.reach
        if not self.curve:
            return ((full,),)
        if full.rounds:
            return (tuple(replace(full, rounds=rounds) for rounds in curve_rounds(full.rounds)),)
        budgets = curve_budgets(full.nodes)
        return tuple((Reach(nodes=nodes),) for nodes in (full.nodes, *budgets[:-1]))


def curve_rounds(full: int) -> tuple[int, ...]:
    """Return numbers of rounds, each twice the one before, up to a full one.

    >>> curve_rounds(8)
    (1, 2, 4, 8)
    >>> curve_rounds(10)
    (1, 2, 4, 8, 10)
    """
    doubled = (2**step for step in range(full.bit_length()))
    return tuple(sorted({*(rounds for rounds in doubled if rounds < full), full}))


def curve_budgets(full: int) -> tuple[int, ...]:
    """Return growing numbers of nodes, in even ratios, up to a full one.

    They begin with 10,000, or a tenth where that is less; there are 3 to 5, about two for each
    power of ten. Each one is measured in a run of its own, which takes half as long again as the
    full one alone.

    >>> curve_budgets(1_000_000)
    (10000, 31623, 100000, 316228, 1000000)
    >>> curve_budgets(30_000)
    (3000, 9487, 30000)
    """
    first = max(1, min(CURVE_START, full // 10))
    steps = round(2 * math.log10(full / first))
    steps = min(max(steps, CURVE_POINTS_MIN - 1), CURVE_POINTS_MAX - 1)
    ratio = (full / first) ** (1 / steps)
    points = [round(first * ratio**step) for step in range(steps)]
    return (*dict.fromkeys(point for point in points if point < full), full)


@dataclass(frozen=True)
class Start:
    """What is known when the measuring begins.

    Attributes:
        measurements: how much there is to do.
        done_before: how much of it is done.
        unreadable: programs of the files that could not be read.
        left_out: names of programs that no mutants are made of.
    """

    measurements: int
    done_before: int
    unreadable: tuple[ParseError, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class Evaluated:
    """What came of a request.

    Attributes:
        request: what was asked for.
        dataset: the tasks that were chosen.
        records: of the full reach, in the order of the tasks.
        totals: sums over these records.
        curve: sums for each reach, growing; none if no curve was asked for.
        stopped: the sentence with which it ended.
        finished: whether every task came to an end.
    """

    request: Request
    dataset: Dataset
    records: tuple[TaskRecord, ...]
    totals: Totals
    curve: tuple[tuple[Reach, Totals], ...]
    stopped: str
    finished: bool


def evaluate(
    request: Request,
    *,
    on_start: Callable[[Start], None] = lambda start: None,
    on_progress: Callable[[TaskRecord], None] = lambda record: None,
) -> Evaluated:
    """Measure tasks and compare their attempts with the answers.

    The answers stay here: what measures gets the tasks without them. Ctrl-C ends it early; what
    is done is in the file of results and in what this returns.

    Raises ArcbattError if something of the request can't be read, opened or written.
    """
    _check(request)
    dataset = choose_tasks(
        load_dataset(request.dataset, split=request.split),
        ids=request.ids,
        start=request.start,
        count=request.count,
    )
    tasks = list(dataset)
    if not any(task.has_answers for task in tasks):
        raise UsageError(problem=f"{dataset} has no task with known answers: nothing to measure")
    stopped = f"stopped: {_tasks(len(tasks))} measured"
    finished = True
    records: dict[tuple[str, Reach], TaskRecord] = {}
    with ExitStack() as open_things:
        bench = open_things.enter_context(closing(Bench(request.setup)))
        results = None
        if request.results is not None:
            results = open_things.enter_context(
                closing(Results.open(request.results, _settings(request, dataset, bench)))
            )
            records = {
                (each.task, _reach_of(each, request.setup)): each for each in results.records
            }
        wanted = [(task, reaches) for reaches in request.reaches for task in tasks]
        count = sum(len(reaches) for _, reaches in wanted)
        todo = [
            (task, reaches)
            for task, reaches in wanted
            if any((task.id, reach) not in records for reach in reaches)
        ]

        def finish(task: Task, reaches: Sequence[Reach], found: Sequence[Measured]) -> None:
            for reach, measured in zip(reaches, found, strict=True):
                if (task.id, reach) in records:
                    continue
                mutants = reach.rounds * request.setup.plan.mutants
                record = judge(task, measured, nodes_max=reach.nodes, mutants_max=mutants)
                records[task.id, reach] = record
                if results is not None:
                    results.add(record)
                on_progress(record)

        before = sum((task.id, reach) in records for task, reaches in wanted for reach in reaches)
        on_start(Start(count, before, bench.unreadable, bench.left_out))
        try:
            _measure(todo, bench, request.jobs, finish)
        except KeyboardInterrupt:
            finished = False
    by_reach = {
        reach: [records[task.id, reach] for task in tasks if (task.id, reach) in records]
        for reaches in request.reaches
        for reach in reaches
    }
    full = by_reach[request.reach]
    if not finished:
        stopped = f"stopped: interrupted after {len(full)} of {_tasks(len(tasks))}"
    curve = [
        (reach, add_up(by_reach[reach], tasks, attempts=request.attempts))
        for reach in sorted(by_reach)
        if request.curve and len(by_reach[reach]) == len(tasks)
    ]
    totals = add_up(full, tasks, attempts=request.attempts)
    return Evaluated(request, dataset, tuple(full), totals, tuple(curve), stopped, finished)


def _reach_of(record: TaskRecord, setup: Setup) -> Reach:
    return Reach(record.mutants_max // setup.plan.mutants, record.nodes_max)


def _check(request: Request) -> None:
    sources = request.setup.sources
    if not sources and not request.setup.library:
        raise UsageError(problem="no sources: nothing to measure")
    if ARCHIVE in sources and request.setup.archive is None:
        raise UsageError(problem="the source 'archive' needs a folder: name it with --archive")
    for name in (SEARCH, *MAKERS):
        if name in sources and not native_available():
            raise UsageError(problem=f"the source {name!r} needs the native engine")
    if request.curve and not set(sources) & {SEARCH, *MAKERS}:
        raise UsageError(
            problem=f"a curve needs a source that can try more: {', '.join((SEARCH, *MAKERS))}"
        )
    for name in ("mutants", "rounds"):
        if getattr(request.setup.plan, name) < 1:
            raise UsageError(problem=f"{name}: expected 1 or more")


def _settings(request: Request, dataset: Dataset, bench: Bench) -> dict[str, Any]:
    """Return what changes the results of a task, whatever other tasks there are."""
    setup = request.setup
    programs = "".join(f"{dealt.name} {dealt.program.body_hash}" for dealt in bench.parents)
    search = asdict(setup.search) if SEARCH in setup.sources else {}
    plan = asdict(setup.plan)
    # More rounds only go on.
    kept = set(plan) - {"rounds"} if setup.makes_mutants else {"hold_out"}
    makes = SEARCH in setup.sources or setup.makes_mutants
    used = makes and setup.functions != NONE
    return {
        "dataset": str(dataset),
        "sources": list(setup.sources),
        **{f"search {name}": value for name, value in search.items()},
        **{name.replace("_", " "): value for name, value in plan.items() if name in kept},
        "archive": str(setup.archive) if ARCHIVE in setup.sources else None,
        "programs": _digest(programs.encode()),
        "moves": _digest(FILE.read_bytes()),
        **({"functions": digest_functions(setup.functions)} if used else {}),
        "engine": _engine_digest(),
    }


def _engine_digest() -> str | None:
    """Return a digest of the native engine: two builds may find different programs."""
    spec = find_spec("arcbatt._engine")
    return _digest(Path(spec.origin).read_bytes()) if spec and spec.origin else None


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()


Todo = Sequence[tuple[Task, Sequence[Reach]]]
OnDone = Callable[[Task, Sequence[Reach], Sequence[Measured]], None]


def _measure(todo: Todo, bench: Bench, jobs: int, on_done: OnDone) -> None:
    """Measure tasks here, or in processes, and tell each as it is done."""
    jobs = min(jobs, len(todo))
    if jobs > 1:
        _measure_in_workers(todo, bench.setup, jobs, on_done)
        return
    for task, reaches in todo:
        on_done(task, reaches, bench.measure(task, reaches))


def _measure_in_workers(todo: Todo, setup: Setup, jobs: int, on_done: OnDone) -> None:
    def tell(number: int, result: Any) -> None:
        task, reaches = todo[number]
        if isinstance(result, Lost):
            result = [Measured(task.id, problem=result.problem)] * len(reaches)
        on_done(task, reaches, result)

    workers = Workers(jobs)
    try:
        calls = [Call((setup, without_answers(task), reaches), None) for task, reaches in todo]
        workers.send(measure_in_worker, calls, at_once=1)
        workers.receive(tell)
    finally:
        workers.close()


def _tasks(count: int) -> str:
    return f"{count} task" + ("" if count == 1 else "s")
