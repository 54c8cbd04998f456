"""Profile: run the pipeline as `batt solve` does and record where its time goes."""

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

from arcbatt.commands.solve import Solved, SolveRequest, solve
from arcbatt.engine.counting import CallCount, counting
from arcbatt.pipeline.result import TaskResult
from arcbatt.profile.model import Measured, PrimitiveCost, Profile, Slice
from arcbatt.profile.record import Began, Recorder
from arcbatt.tasks import TaskChoice

REPORT = "run_batt.report"


@dataclass(frozen=True)
class Profiled:
    """A profile, with the details of its last run.

    Attributes:
        profile: the profile of all runs.
        recorder: the recorder of the last run, for a time line.
        solved: the results of the last run.
    """

    profile: Profile
    recorder: Recorder
    solved: Solved


def draw_tasks(choice: TaskChoice, *, count: int, seed: int) -> TaskChoice:
    """Return a choice of tasks by ids; if no ids are given, tasks are drawn at random.

    Args:
        choice: the dataset, and the ids that are given.
        count: number of tasks to draw, > 0; if there are fewer tasks, all are taken.
        seed: the seed of the draw.

    Raises the same errors as `TaskChoice.load`.
    """
    ids = choice.load().ids
    # Given ids may be paths of files, which are not tasks of the dataset.
    drawn = choice.ids or random.Random(seed).sample(ids, min(count, len(ids)))
    return replace(choice, ids=tuple(sorted(drawn)))


def profile_request(
    request: SolveRequest,
    *,
    repeats: int = 1,
    archive: bool = True,
    began: Began | None = None,
    report: Callable[[Solved], None] = lambda solved: None,
    on_run: Callable[[], None] = lambda: None,
) -> Profiled | None:
    """Run a request several times and delete its archive and its submission.

    Args:
        request: the request to run; archive and submission are put into a temporary folder, a new
            one for each run.
        repeats: number of runs, > 0.
        archive: whether programs are added to a new archive.
        began: the start of the first run; None for now.
        report: function that reports the results; its time is part of the profile.
        on_run: callback, called when a run ends.

    Returns None if Ctrl-C ended a run.

    Raises the same errors as `solve`.
    """
    measured = []
    for number in range(repeats):
        with _in_new_folder(request, archive=archive) as run, counting():
            recorder = Recorder(began if number == 0 else None)
            solved = solve(run, timings=recorder)
            with recorder.measure(REPORT):
                report(solved)
            # The time since the last block is the end of the run.
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
        programs=max((result.counts.proposed for result in solved.report.results), default=0),
        archive=archive,
        sources=solved.start.sources,
        runs=tuple(measured),
    )
    return Profiled(profile, recorder, solved)


def write_python_profile(request: SolveRequest, path: Path, *, archive: bool = True) -> None:
    """Run a request under cProfile, which slows Python down, and write its statistics.

    Raises OSError if the file can't be written, and the same errors as `solve`.
    """
    with _in_new_folder(request, archive=archive) as run:
        profiler = cProfile.Profile()
        profiler.runcall(solve, run)
    profiler.dump_stats(path)


@contextmanager
def _in_new_folder(request: SolveRequest, *, archive: bool) -> Iterator[SolveRequest]:
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
        cross_check=_costs(recorder.cross_check),
        digest=digest_results(recorder.outputs, solved.report.results),
    )


def _costs(counts: Mapping[str, CallCount]) -> tuple[PrimitiveCost, ...]:
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
    """Return a hexadecimal digest of all outputs of all jobs and of all results."""
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
