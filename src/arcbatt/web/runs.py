"""Runs: the page of a run that is at work, and of earlier ones."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from arcbatt.archive.schema import archive_file
from arcbatt.context import count_cores
from arcbatt.contract import EFFORTS
from arcbatt.errors import UsageError
from arcbatt.findings import Finding, Findings, TaskState, count_states
from arcbatt.pipeline.journal import NOT_FINISHED
from arcbatt.report.charts import line_chart
from arcbatt.web.runner import COMMANDS, PAGE_SOURCES, Runner, read_command
from arcbatt.web.site import desk_of, read_json, render

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from arcbatt.web.desk import Desk

FRESH_S = 60.0
"""Seconds after which an archive that did not change is no longer written by a run."""
POINTS_MAX = 500
TASKS_SHOWN = 60
RUNS_SHOWN = 20
AT_WORK = 8
"""Largest number of tasks that are listed as the next ones."""


@dataclass
class History:
    """How many tasks had a program that fits, second by second while the page was looked at.

    Attributes:
        started: time of the first point, by `time.monotonic`.
        points: seconds since then, and the number of tasks.
    """

    started: float = 0.0
    points: list[tuple[float, int]] = field(default_factory=list)

    def add(self, solved: int) -> None:
        """Add a point; a number that did not change moves the last one."""
        now = time.monotonic()
        if not self.points:
            self.started = now
        seconds = now - self.started
        if len(self.points) > 1 and self.points[-1][1] == self.points[-2][1] == solved:
            self.points.pop()
        self.points.append((seconds, solved))
        if len(self.points) > POINTS_MAX:
            del self.points[1::2]

    def clear(self) -> None:
        """Forget the points, as a new run begins."""
        self.points.clear()


def run_page(request: Request) -> Response:
    """Show the run that is at work, and the form for another one."""
    desk = desk_of(request)
    return render(
        request,
        "run.html",
        commands=COMMANDS,
        efforts=list(EFFORTS),
        cores=count_cores(),
        sources=PAGE_SOURCES,
        splits=desk.shelf.splits,
        archive=desk.archive,
        **_state(request),
    )


def live(request: Request) -> Response:
    """Send what changes while a run is at work."""
    return render(request, "live.html", **_state(request))


def _state(request: Request) -> dict[str, Any]:
    desk, runner = desk_of(request), _runner(request)
    findings = _findings(desk)
    counts = count_states(findings, desk.shelf)
    solved = _solved(findings, desk)
    history: History = request.app.state.history
    is_live = runner.is_running or _is_written(desk.archive, findings)
    if is_live or (history.points and history.points[-1][1] != solved):
        history.add(solved)
    chart = line_chart(
        history.points,
        name=f"tasks with a program that fits, by seconds: {solved} now",
        x_name="seconds",
        y_name="tasks with a program that fits",
        steps=True,
    )
    tried = sorted(findings.by_task.values(), key=_newest)
    chosen = _chosen(runner, desk.shelf) if runner.is_running else []
    return {
        "is_live": is_live,
        "is_ours": runner.is_running,
        "code": runner.code,
        "words": runner.words,
        "log": runner.log(),
        "chart": Markup(chart),
        "has_chart": len(history.points) > 1,
        "counts": counts,
        "tried": tried[:TASKS_SHOWN],
        "tried_count": len(tried),
        "waiting": [task for task in chosen if task not in findings.by_task][:AT_WORK],
        "waiting_count": sum(task not in findings.by_task for task in chosen),
        "runs": list(reversed(findings.runs))[:RUNS_SHOWN],
        "not_finished": NOT_FINISHED,
    }


def _findings(desk: Desk) -> Findings:
    """Return what the archive has that runs write to."""
    return desk.findings(desk.places.index(desk.archive) if desk.archive is not None else 0)


def _solved(findings: Findings, desk: Desk) -> int:
    counts = count_states(findings, desk.shelf)
    return counts[TaskState.RIGHT] + counts[TaskState.FITS]


def _newest(finding: Finding) -> tuple[int, str]:
    return (list(TaskState).index(finding.state), finding.task)


def _chosen(runner: Runner, shelf: Any) -> list[str]:
    """Return the ids of the tasks of the run that the page has started."""
    words = dict(
        word.removeprefix("--").partition("=")[::2] for word in runner.words if word[:2] == "--"
    )
    named = [word for word in runner.words[1:] if word[:2] != "--"]
    splits = zip(shelf.splits, shelf.sets, strict=False)
    home = next((each for name, each in splits if name == words.get("split")), shelf.sets[0])
    start, count = int(words.get("start", 0)), int(words.get("count", len(home.ids)))
    return sorted(named or home.ids)[start : start + count]


def _is_written(archive: Path | None, findings: Findings) -> bool:
    """Return whether a run of another process seems to be at work."""
    if archive is None or not findings.runs or findings.runs[-1].reason != NOT_FINISHED:
        return False
    file = archive_file(archive)
    for each in (file, file.with_name(f"{file.name}-wal")):
        with suppress(OSError):
            if time.time() - each.stat().st_mtime < FRESH_S:
                return True
    return False


def _runner(request: Request) -> Runner:
    runner: Runner = request.app.state.runner
    return runner


async def start(request: Request) -> Response:
    """Start a run with the values of the form."""
    words = await read_json(request)
    return await run_in_threadpool(_start, request, words)


def _start(request: Request, words: dict[str, Any]) -> Response:
    desk = desk_of(request)
    argv = read_command(words, desk)
    if desk.archive is None:
        raise UsageError(problem="there is no archive for a run")
    before = _solved(_findings(desk), desk)
    _runner(request).start(argv, desk.archive)
    history: History = request.app.state.history
    history.clear()
    history.add(before)
    return JSONResponse({"message": f"started: batt {' '.join(argv)}"})


async def stop(request: Request) -> Response:
    """Stop the run that the page has started."""
    await read_json(request)
    _runner(request).stop()
    return JSONResponse({"message": "stopping: what is done is kept"})


ROUTES: list[Any] = [
    Route("/run", run_page),
    Route("/run/live", live),
    Route("/run/start", start, methods=["POST"]),
    Route("/run/stop", stop, methods=["POST"]),
]
