"""Evaluate: choose tasks, measure each one, judge it, put it on record, add it all up."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from arcbatt.engine.native import native_available
from arcbatt.engine.workers import Call, Lost, Workers
from arcbatt.errors import UsageError
from arcbatt.evaluation.judge import TaskRecord, Totals, add_up, judge
from arcbatt.evaluation.measure import Bench, Measured, Setup, measure_in_worker, without_answers
from arcbatt.evaluation.results import Results
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
        curve: whether fewer nodes are measured too.
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
    def budgets(self) -> tuple[int, ...]:
        """The numbers of nodes that are measured, the full one first."""
        full = self.setup.search.nodes
        return (full, *curve_budgets(full)[:-1]) if self.curve else (full,)


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
    """What is known when the measuring begins: how much there is to do, and was done before."""

    measurements: int
    done_before: int


@dataclass(frozen=True)
class Evaluated:
    """What came of a request.

    Attributes:
        request: what was asked for.
        dataset: the tasks that were chosen.
        records: of the full number of nodes, in the order of the tasks.
        totals: sums over these records.
        curve: sums for each number of nodes, growing; none if no curve was asked for.
        stopped: the sentence with which it ended.
        finished: whether every task came to an end.
    """

    request: Request
    dataset: Dataset
    records: tuple[TaskRecord, ...]
    totals: Totals
    curve: tuple[tuple[int, Totals], ...]
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
    records: dict[tuple[str, int], TaskRecord] = {}
    with ExitStack() as open_things:
        bench = open_things.enter_context(closing(Bench(request.setup)))
        results = None
        if request.results is not None:
            results = open_things.enter_context(
                closing(Results.open(request.results, _settings(request, dataset, bench)))
            )
            records = {(each.task, each.nodes_max): each for each in results.records}
        wanted = [(task, nodes) for nodes in request.budgets for task in tasks]
        todo = [(task, nodes) for task, nodes in wanted if (task.id, nodes) not in records]

        def finish(task: Task, nodes: int, measured: Measured) -> None:
            record = records[task.id, nodes] = judge(task, measured, nodes_max=nodes)
            if results is not None:
                results.add(record)
            on_progress(record)

        on_start(Start(len(wanted), len(wanted) - len(todo)))
        try:
            _measure(todo, bench, request.jobs, finish)
        except KeyboardInterrupt:
            finished = False
    by_budget = {
        nodes: [records[task.id, nodes] for task in tasks if (task.id, nodes) in records]
        for nodes in request.budgets
    }
    full = by_budget[request.setup.search.nodes]
    if not finished:
        stopped = f"stopped: interrupted after {len(full)} of {_tasks(len(tasks))}"
    curve = [
        (nodes, add_up(by_budget[nodes], tasks, attempts=request.attempts))
        for nodes in sorted(by_budget)
        if request.curve and len(by_budget[nodes]) == len(tasks)
    ]
    totals = add_up(full, tasks, attempts=request.attempts)
    return Evaluated(request, dataset, tuple(full), totals, tuple(curve), stopped, finished)


def _check(request: Request) -> None:
    sources = request.setup.sources
    if not sources:
        raise UsageError(problem="no sources: nothing to measure")
    if ARCHIVE in sources and request.setup.archive is None:
        raise UsageError(problem="the source 'archive' needs a folder: name it with --archive")
    if SEARCH in sources and not native_available():
        raise UsageError(problem="the source 'search' needs the native engine")
    if request.curve and SEARCH not in sources:
        raise UsageError(problem="a curve needs the source 'search': the others have no nodes")


def _settings(request: Request, dataset: Dataset, bench: Bench) -> dict[str, Any]:
    """Return what changes the results of a task, whatever other tasks there are."""
    setup = request.setup
    programs = "".join(dealt.program.body_hash for dealt in bench.card)
    search = asdict(setup.search) if SEARCH in setup.sources else {}
    used = SEARCH in setup.sources and setup.functions != NONE
    return {
        "dataset": str(dataset),
        "sources": list(setup.sources),
        **{f"search {name}": value for name, value in search.items()},
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


Todo = Sequence[tuple[Task, int]]
OnDone = Callable[[Task, int, Measured], None]


def _measure(todo: Todo, bench: Bench, jobs: int, on_done: OnDone) -> None:
    """Measure tasks here, or in processes, and tell each as it is done."""
    jobs = min(jobs, len(todo))
    if jobs > 1:
        _measure_in_workers(todo, bench.setup, jobs, on_done)
        return
    for task, nodes in todo:
        on_done(task, nodes, bench.measure(task, nodes))


def _measure_in_workers(todo: Todo, setup: Setup, jobs: int, on_done: OnDone) -> None:
    def tell(number: int, result: Any) -> None:
        task, nodes = todo[number]
        if isinstance(result, Lost):
            result = Measured(task.id, problem=result.problem)
        on_done(task, nodes, result)

    workers = Workers(jobs)
    try:
        calls = [Call((setup, without_answers(task), nodes), None) for task, nodes in todo]
        workers.send(measure_in_worker, calls, at_once=1)
        workers.receive(tell)
    finally:
        workers.close()


def _tasks(count: int) -> str:
    return f"{count} task" + ("" if count == 1 else "s")
