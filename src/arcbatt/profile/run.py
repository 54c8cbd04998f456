"""Profile: run the pipeline as `batt solve` does, and say where all of its time went."""

from __future__ import annotations

import cProfile
import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from arcbatt.engine.counting import Count, counting
from arcbatt.pipeline.deal import SEARCH
from arcbatt.pipeline.run import TaskResult
from arcbatt.pipeline.solve import Request, Solved, choose_tasks, solve
from arcbatt.profile.model import Measured, PrimitiveCost, Profile, Slice
from arcbatt.profile.record import Began, Recorder
from arcbatt.tasks import Dataset, load_dataset

REPORT = "run_batt.report"


@dataclass(frozen=True)
class Profiled:
    """A profile, and how its last run went.

    Attributes:
        profile: of all runs.
        recorder: of the last run, for a time line.
        solved: what came of the last run.
    """

    profile: Profile
    recorder: Recorder
    solved: Solved


def draw_tasks(dataset: Dataset, *, count: int, seed: int) -> tuple[str, ...]:
    """Draw tasks of a dataset at random, without repetition; all of them if there are fewer.

    Returns ids, sorted.
    """
    ids = sorted(dataset.ids)
    return tuple(sorted(random.Random(seed).sample(ids, min(count, len(ids)))))


def choose_ids(request: Request, *, count: int, seed: int) -> tuple[str, ...]:
    """Return the ids of a request, or draw some where it names none.

    Raises TaskNotFoundError if an id is unknown, and what `load_dataset` raises.
    """
    dataset = load_dataset(request.dataset, split=request.split)
    if not request.ids:
        return draw_tasks(dataset, count=count, seed=seed)
    return tuple(choose_tasks(dataset, ids=request.ids).ids)


def profile_request(
    request: Request,
    *,
    repeats: int = 1,
    archive: bool = True,
    began: Began | None = None,
    report: Callable[[Solved], None] = lambda solved: None,
    on_run: Callable[[], None] = lambda: None,
) -> Profiled | None:
    """Run a request several times; nothing of it stays.

    Args:
        request: what to run; archive and submission are put into a temporary folder, a new one
            for each run.
        repeats: how many runs, at least one.
        archive: whether programs are kept, in a new archive.
        began: when the first run began; what lies before belongs to its start.
        report: what is done with the results in the end; its time counts.
        on_run: is told when a run ends.

    Returns None if Ctrl-C ended a run.

    Raises what `solve` raises.
    """
    measured = []
    for number in range(repeats):
        with _in_new_folder(request, archive=archive) as run, counting():
            recorder = Recorder(began if number == 0 else None)
            solved = solve(run, timings=recorder)
            with recorder.measure(REPORT):
                report(solved)
            # What lies between the last block and here is the end of the run.
            recorder.charge()
        if not solved.report.finished:
            return None
        measured.append(_measured(recorder, solved))
        on_run()
    profile = Profile(
        dataset=str(solved.dataset),
        tasks=tuple(sorted(solved.dataset.ids)),
        engine=solved.start.engine,
        jobs=request.settings.jobs,
        programs=max((result.counts.dealt for result in solved.report.results), default=0),
        archive=archive,
        search_nodes=request.search.nodes if SEARCH in request.sources else 0,
        runs=tuple(measured),
    )
    return Profiled(profile, recorder, solved)


def write_python_profile(request: Request, path: Path, *, archive: bool = True) -> None:
    """Run a request once more under cProfile, which slows Python down, and write what it found.

    Raises OSError if the file can't be written, and what `solve` raises.
    """
    with _in_new_folder(request, archive=archive) as run:
        profiler = cProfile.Profile()
        profiler.runcall(solve, run)
    profiler.dump_stats(path)


@contextmanager
def _in_new_folder(request: Request, *, archive: bool) -> Iterator[Request]:
    with TemporaryDirectory(prefix="batt-profile-") as name:
        folder = Path(name)
        yield replace(
            request,
            archive=folder / "archive" if archive else None,
            submission=folder / "submission.json",
        )


def _measured(recorder: Recorder, solved: Solved) -> Measured:
    passed = recorder.passed
    return Measured(
        wall_ns=passed.wall_ns,
        cpu_ns=passed.cpu_ns,
        slices=tuple(
            Slice(*key, cost.wall_ns, cost.cpu_ns) for key, cost in recorder.costs.items()
        ),
        primitives=_costs(recorder.primitives),
        referee=_costs(recorder.referee),
        digest=digest_results(recorder.outputs, solved.report.results),
    )


def _costs(counts: Mapping[str, Count]) -> tuple[PrimitiveCost, ...]:
    return tuple(
        PrimitiveCost(
            name,
            count.calls,
            count.calls - count.values,
            count.fuel,
            count.runs,
            count.own_ns,
            count.total_ns,
        )
        for name, count in sorted(counts.items())
    )


def digest_results(outputs: list[int], results: list[TaskResult]) -> str:
    """Return a digest (hexadecimal) of all outputs of all jobs, and of all results."""
    words = [outputs, [_words(result) for result in results]]
    return hashlib.blake2b(json.dumps(words).encode(), digest_size=16).hexdigest()


def _words(result: TaskResult) -> list[Any]:
    return [
        result.task,
        asdict(result.counts),
        [[attempt.grid for attempt in attempts] for attempts in result.attempts],
        sorted(result.o_scores.items()),
        sorted(result.d_scores.items()),
        result.s_scores,
        result.problem,
    ]
