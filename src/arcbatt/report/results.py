"""What a run of the pipeline found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from arcbatt.engine.outcome import EXACT
from arcbatt.pipeline.run import TaskResult
from arcbatt.pipeline.solve import Solved, Totals
from arcbatt.pipeline.work import Candidate
from arcbatt.report.differs import separations_document
from arcbatt.report.grades import grade_document
from arcbatt.report.tables import NOTHING, new_table, pairs

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

TASKS_IN_FULL = 30
"""Up to so many tasks have a line each."""


def results_table(results: Iterable[TaskResult]) -> Table:
    """List tasks: scores of the best solver, exact solvers, candidates kept and saved."""
    table = new_table(
        "task", ">demos right", ">o_score", ">exact", ">nodes", ">kept", ">saved", "~best solver"
    )
    for result in results:
        best, counts = result.best, result.counts
        table.add_row(
            result.task,
            f"{best.score.demos_right} of {len(best.score.demos)}" if best else NOTHING,
            str(best.score.total) if best else NOTHING,
            str(result.exact),
            str(best.program.size) if best else NOTHING,
            str(counts.kept),
            str(counts.saved),
            best.names[0] if best else result.problem or NOTHING,
            style="green" if result.exact else "",
        )
    return table


def totals_summary(totals: Totals) -> Text:
    """Sum up a run."""
    counts = totals.counts
    rows = [
        ("tasks", str(totals.tasks)),
        ("with an exact solver", f"{totals.exact} of {totals.tasks}"),
        ("o_score", str(totals.o_score)),
        (
            "candidates",
            f"{counts.dealt} dealt, {counts.bodies} bodies, {counts.behaviours} behaviours",
        ),
        ("programs", f"{counts.kept} kept, {counts.refused} refused, {counts.saved} saved"),
    ]
    if totals.lost:
        rows.append(("lost", f"{totals.lost} of {totals.tasks}"))
    return pairs(rows)


def solved_document(solved: Solved) -> dict[str, Any]:
    """Return what came of a request as JSON.

    Keys: ``dataset``, ``tasks`` (chosen), ``engine``, ``stopped``, ``finished``, ``done_before``
    (ids), ``totals``, ``results`` (one for each task that came to an end), ``differs`` (how well
    each told exact outputs from others, -1..1), ``submission`` (the file or null), ``grade``
    (null where no test output is known).
    """
    totals = solved.totals
    submission = solved.request.submission
    return {
        "dataset": str(solved.dataset),
        "tasks": len(solved.dataset),
        "engine": solved.start.engine,
        "stopped": solved.report.stopped,
        "finished": solved.report.finished,
        "done_before": list(solved.start.done_before),
        "totals": {
            "tasks": totals.tasks,
            "exact": totals.exact,
            "lost": totals.lost,
            "o_score": totals.o_score,
            **asdict(totals.counts),
        },
        "results": [result_document(result) for result in solved.report.results],
        "differs": separations_document(solved.separations),
        "submission": str(submission) if submission else None,
        "grade": grade_document(solved.grade) if solved.grade else None,
    }


def result_document(result: TaskResult) -> dict[str, Any]:
    """Return a task's result as JSON: ``task``, ``exact``, ``counts``, ``best``, ``problem``."""
    return {
        "task": result.task,
        "exact": result.exact,
        "counts": asdict(result.counts),
        "best": candidate_document(result.best) if result.best else None,
        "problem": result.problem or None,
        "reasons": dict(result.reasons),
    }


def candidate_document(candidate: Candidate) -> dict[str, Any]:
    """Return a candidate as JSON: ``md5``, ``names``, ``source``, scores, ``size``, ``fuel``."""
    score = candidate.score
    return {
        "md5": candidate.md5,
        "names": list(candidate.names),
        "source": candidate.source,
        "o_score": score.total,
        "o_score_max": EXACT * len(score.demos),
        "demos_right": score.demos_right,
        "demos": len(score.demos),
        "size": candidate.program.size,
        "fuel": candidate.fuel,
    }
