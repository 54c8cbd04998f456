"""Results of a run of the pipeline, as tables and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from arcbatt.engine.outcome import EXACT
from arcbatt.pipeline.answers import Form
from arcbatt.pipeline.result import BestProgram, TaskResult
from arcbatt.pipeline.submission import Figures, Grade, TaskGrade, TestGrade
from arcbatt.report.tables import NOTHING, count, new_table, pairs, share
from arcbatt.report.tasks import data_document

if TYPE_CHECKING:
    from arcbatt.commands.importing import ImportReport
    from arcbatt.commands.solve import Solved, SolveTotals
    from arcbatt.commands.verify import Difference, Verification
    from arcbatt.inspect import Shortfall


TASKS_IN_FULL = 30
"""Largest number of tasks that are listed one by one."""


def results_table(results: Iterable[TaskResult]) -> Table:
    """List tasks with the scores of the best solver and the numbers of candidates."""
    table = new_table(
        "task", ">demos right", ">o_score", ">exact", ">nodes", ">kept", ">saved", "~best solver"
    )
    for result in results:
        best, counts = result.best, result.counts
        table.add_row(
            result.task,
            _demos_right(best) if best else NOTHING,
            str(sum(best.demo_scores)) if best else NOTHING,
            str(result.exact),
            str(best.size) if best else NOTHING,
            str(counts.kept),
            str(counts.saved),
            best.names[0] if best else result.problem or NOTHING,
            style="green" if result.exact else "",
        )
    return table


def _demos_right(best: BestProgram) -> str:
    if best.missed:
        return f"{best.demos - len(best.missed)} of {best.demos}"
    return f"{best.demo_scores.count(EXACT)} of {len(best.demo_scores)}"


def source_problems(results: Iterable[TaskResult]) -> Iterator[str]:
    """Yield a line for each source that had a problem, with the first task that has it."""
    troubled: dict[str, list[TaskResult]] = {}
    for result in results:
        for name in result.troubled:
            troubled.setdefault(name, []).append(result)
    for name, its in troubled.items():
        others = f" and {count(len(its) - 1, 'other task')}" if len(its) > 1 else ""
        reason = its[0].stopped.get(name, "").removeprefix("stopped: ")
        yield f"warning[source]: {name} on {its[0].task}{others}: {reason}"


LOST_SHOWN = 20
"""Largest number of lost tasks that are named."""


def lost_tasks(results: Iterable[TaskResult]) -> Iterator[str]:
    """Yield a line for each task that was lost; the same command tries them again."""
    lost = [result for result in results if result.problem]
    for result in lost[:LOST_SHOWN]:
        yield f"warning[lost]: {result.task}: {result.problem}"
    if len(lost) > LOST_SHOWN:
        yield f"warning[lost]: {count(len(lost) - LOST_SHOWN, 'other task')}"


MISSED_SHOWN = 3
"""Largest number of demos that are named where a program misses some."""


def near_misses(results: Iterable[TaskResult]) -> Iterator[str]:
    """Yield a line for each task whose best program is right on nearly all of its many demos."""
    for result in results:
        best = result.best
        if best is None or not best.missed:
            continue
        named = ", ".join(map(str, best.missed[:MISSED_SHOWN]))
        more = len(best.missed) - MISSED_SHOWN
        rest = f" and {more} more" if more > 0 else ""
        demos = "demo" if len(best.missed) == 1 else "demos"
        right = f"{best.demos - len(best.missed):,} of {best.demos:,} demos"
        wrong = f"not on {demos} {named}{rest}"
        yield f"note: {result.task}: the best program is right on {right}, {wrong}"


def totals_summary(totals: SolveTotals) -> Text:
    """Sum up a run."""
    counts = totals.counts
    bodies, behaviours = count(counts.bodies, "body"), count(counts.behaviours, "behaviour")
    rows = [
        ("tasks", str(totals.tasks)),
        ("with an exact solver", f"{totals.exact} of {totals.tasks}"),
        ("o_score", str(totals.o_score)),
        ("candidates", f"{counts.proposed} proposed, {bodies}, {behaviours}"),
        ("programs", f"{counts.kept} kept, {counts.refused} refused, {counts.saved} saved"),
    ]
    if totals.lost:
        rows.append(("lost", f"{totals.lost} of {totals.tasks}"))
    return pairs(rows)


def solved_document(solved: Solved) -> dict[str, Any]:
    """Return the result of a request as JSON.

    Keys: ``dataset``, ``data`` (see `data_document`), ``tasks`` (chosen), ``engine``, ``sources``,
    ``stopped``, ``finished``, ``done_before``, ``ahead`` and ``changed`` (ids), ``totals``,
    ``results`` (one for each task that is done), ``submission`` (the file or null),
    ``submission_kept`` (number of other tasks in it), ``submission_backup`` (the file with what was
    there before, or null), ``grade`` (null where no test output is known).
    """
    totals = solved.totals
    submission = solved.submission
    return {
        "dataset": str(solved.dataset),
        "data": data_document(solved.dataset),
        "tasks": len(solved.dataset),
        "engine": solved.start.engine,
        "sources": list(solved.start.sources),
        "stopped": solved.report.stopped,
        "finished": solved.report.finished,
        "done_before": list(solved.start.done_before),
        "ahead": list(solved.start.ahead),
        "changed": list(solved.start.changed),
        "totals": {
            "tasks": totals.tasks,
            "exact": totals.exact,
            "lost": totals.lost,
            "o_score": totals.o_score,
            **asdict(totals.counts),
        },
        "results": [result_document(result) for result in solved.report.results],
        "submission": str(submission.path) if submission else None,
        "submission_kept": submission.kept if submission else 0,
        "submission_backup": str(submission.backup) if submission and submission.backup else None,
        "grade": grade_document(solved.grade) if solved.grade else None,
    }


def result_document(result: TaskResult) -> dict[str, Any]:
    """Return a task's result as JSON.

    Keys: ``task``, ``exact``, ``counts``, ``best``, ``problem``, ``stopped`` (by source).
    """
    return {
        "task": result.task,
        "exact": result.exact,
        "counts": asdict(result.counts),
        "best": best_document(result.best) if result.best else None,
        "problem": result.problem or None,
        "stopped": dict(result.stopped),
        "confidence": result.confidence,
        "effort": result.progress.evaluations,
    }


def best_document(best: BestProgram) -> dict[str, Any]:
    """Return a program as JSON.

    Keys: ``md5``, ``names``, ``source``, scores, ``size``, ``fuel`` and ``missed``.
    """
    return {
        "md5": best.md5,
        "names": list(best.names),
        "source": best.source,
        "o_score": sum(best.demo_scores),
        "o_score_max": EXACT * len(best.demo_scores),
        "demos_right": best.demo_scores.count(EXACT),
        "demos": len(best.demo_scores),
        "size": best.size,
        "fuel": best.fuel,
        "missed": list(best.missed),
    }


def grade_summary(grade: Grade) -> Text:
    """Sum up a grade: the whole set, then what was submitted if that is less."""
    tasks, whole = len(grade.tasks), grade.whole
    if tasks == grade.ungradable:
        rows = [("tasks", f"{tasks}; no test output is known, so that only the form is checked")]
    else:
        has_rules = grade.attempts == grade.form.attempts
        rows = list(_figure_rows(whole, grade.form if has_rules else None))
    if grade.missing_tasks:
        rows.append(
            ("not submitted", f"{len(grade.missing_tasks)} of {tasks}; they count as wrong")
        )
        if tasks > grade.ungradable:
            rows.append(("submitted alone", "; ".join(map(": ".join, _figure_rows(grade.covered)))))
    if tasks > grade.ungradable > 0:
        rows.append(
            ("without known outputs", f"{grade.ungradable} of {tasks}; they count as wrong")
        )
    if grade.unknown_tasks:
        rows.append(("unknown tasks", _listed(grade.unknown_tasks)))
    if grade.bad_attempts:
        kinds = ", ".join(f"{number} {fault}" for fault, number in grade.bad_attempts.items())
        bad = count(sum(grade.bad_attempts.values()), "attempt")
        rows.append(("no grids", f"{bad}: {kinds}; they count as wrong"))
    return pairs(rows)


def _figure_rows(figures: Figures, form: Form | None = None) -> Iterator[tuple[str, str]]:
    """Yield the figures with their names, and the one that a competition uses."""
    solved, right = figures.tasks_solved, figures.tests_right
    used = {
        Form.ARC_PRIZE: ", Kaggle's score",
        Form.KAGGLE_2020: f"; Kaggle's score is the error, {1 - figures.kaggle_score:.4f}",
    }
    yield "tasks solved", f"{solved} of {figures.tasks} ({share(solved, figures.tasks)})"
    percentage, score = share(right, figures.tests), used.get(form, "") if form else ""
    yield "test inputs right", f"{right} of {figures.tests} ({percentage}){score}"
    yield "mean over tasks", f"{100 * figures.task_mean:.1f} %"


PLACES_SHOWN = 5
"""Largest number of places of a remark that are shown."""


def grade_remarks(grade: Grade) -> Iterator[str]:
    """Yield a line for each remark, those for which a competition refuses the file first."""
    for remark in sorted(grade.remarks, key=lambda remark: not remark.refused):
        word = "refused" if remark.refused else "note"
        places = f": {_listed(remark.places)}" if remark.places else ""
        yield f"{word}[{remark.kind}]: {remark.problem}{places}"


def _listed(places: Sequence[str]) -> str:
    more = len(places) - PLACES_SHOWN
    return ", ".join(places[:PLACES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def grades_table(tasks: Iterable[TaskGrade]) -> Table:
    """List the tasks with the right attempt on each test input."""
    table = new_table("task", "solved", "~right attempt of each test input")
    for task in tasks:
        words = [_written(test) for test in task.tests] if task.submitted else ["not submitted"]
        table.add_row(
            task.task,
            "yes" if task.solved else "no",
            ", ".join(words),
            style="green" if task.solved else "",
        )
    return table


def _written(test: TestGrade) -> str:
    if not test.known:
        return "unknown"
    return "none" if test.right_attempt is None else str(test.right_attempt)


def grade_document(grade: Grade, *, details: bool = True) -> dict[str, Any]:
    """Return a grade as JSON.

    Keys: ``rules``, ``attempts``, ``accepted``, the figures of the whole set (``tasks``,
    ``tasks_solved``, ``tests``, ``tests_right``, ``kaggle_score``, ``task_mean``), the same for
    what was submitted in ``covered``, ``ungradable``, ``missing`` and ``unknown`` (ids),
    ``bad_attempts`` (by the reason), ``remarks`` (``kind``, ``problem``, ``places``, ``refused``);
    with details ``by_task``: for each id ``solved``, ``submitted`` and ``right_attempts`` (a
    number or null for each test input).
    """
    document: dict[str, Any] = {
        "rules": str(grade.form),
        "attempts": grade.attempts,
        "accepted": grade.is_accepted,
        **_figures_document(grade.whole),
        "covered": _figures_document(grade.covered),
        "ungradable": grade.ungradable,
        "missing": list(grade.missing_tasks),
        "unknown": list(grade.unknown_tasks),
        "bad_attempts": {str(fault): number for fault, number in grade.bad_attempts.items()},
        "remarks": [asdict(remark) for remark in grade.remarks],
    }
    if details:
        document["by_task"] = {
            task.task: {
                "solved": task.solved,
                "submitted": task.submitted,
                "right_attempts": [test.right_attempt for test in task.tests],
            }
            for task in grade.tasks
        }
    return document


def _figures_document(figures: Figures) -> dict[str, Any]:
    return {**asdict(figures), "kaggle_score": figures.kaggle_score}


def import_summary(report: ImportReport) -> Text:
    """Sum up an import: the numbers of programs after each step."""
    parsed, warnings = report.parsed, count(len(report.warnings), "warning")
    rows = [
        ("parsed", f"{parsed} of {parsed + report.broken}"),
        ("well typed", f"{report.well_typed} of {parsed} ({warnings})"),
        ("ran", f"{report.ran} of {parsed}"),
        ("solved their task", f"{report.solved} of {parsed}"),
        ("saved", count(report.saved, "entry")),
    ]
    if report.refused:
        rows.append(("refused", count(report.refused, "candidate")))
    return pairs(rows)


LISTED = 20
"""Number of lines of a kind that are listed before the others are only counted."""


def _first(lines: Sequence[str], others: int, *, every: bool) -> Iterator[str]:
    """Yield the first lines, or all of them, and the number of the others."""
    shown = lines if every else lines[:LISTED]
    yield from shown
    others += len(lines) - len(shown)
    if others:
        kind = lines[0].partition(":")[0] if lines[0].startswith(("error", "warning")) else "note"
        hint = "" if every else "; --verbose lists them"
        yield f"{kind}: and {others} more like these{hint}"


def import_problems(report: ImportReport, *, every: bool = False) -> Iterator[str]:
    """Yield a line for each function or task that is an error, or for the first of each kind."""
    for errors, others in ((report.unreadable, report.unlisted), (report.missing, 0)):
        lines = [f"error[{error.slug}]: {error}" for error in errors]
        yield from _first(lines, others, every=every)
    skipped = [f"warning[parse]: {error}" for error in report.skipped]
    yield from _first(skipped, 0, every=every)


def import_warnings(report: ImportReport) -> Iterator[str]:
    """Yield a line for each argument that does not fit."""
    for warning in report.warnings:
        yield f"warning[type]: {warning.file}:{warning.line}: {warning.program}: {warning.problem}"


def import_shortfalls(shortfalls: Iterable[Shortfall], *, every: bool = False) -> Iterator[str]:
    """Yield for each program that solved no task the reason, or for the first of them."""
    lines = []
    for each in shortfalls:
        source, tasks = each.imported.source, each.imported.tasks
        on = f" on {tasks[0]}" if len(tasks) == 1 else ""
        lines.append(f"{source.file}:{source.line}: {source.name}{on}: {each.reason}")
    yield from _first(lines, 0, every=every)


def import_document(report: ImportReport, shortfalls: Iterable[Shortfall]) -> dict[str, Any]:
    """Return an import as JSON.

    Keys: ``parsed``, ``unreadable``, ``well_typed``, ``ran``, ``solved``, ``refused``, ``saved``
    (counts), ``stopped``, ``finished``, ``errors`` (lines), ``warnings``, ``programs`` (``name``,
    ``file``, ``line``, ``tasks``, ``ran``, ``solved``, ``reason``).
    """
    reasons = {id(each.imported): each.reason for each in shortfalls}
    return {
        "parsed": report.parsed,
        "unreadable": report.broken,
        "well_typed": report.well_typed,
        "ran": report.ran,
        "solved": report.solved,
        "refused": report.refused,
        "saved": report.saved,
        "stopped": report.stopped,
        "finished": report.finished,
        "errors": [f"error[{error.slug}]: {error}" for error in report.errors],
        "warnings": [
            {
                "file": warning.file,
                "line": warning.line,
                "program": warning.program,
                "problem": warning.problem,
            }
            for warning in report.warnings
        ],
        "programs": [
            {
                "name": program.source.name,
                "file": program.source.file,
                "line": program.source.line,
                "tasks": len(program.tasks),
                "ran": program.ran,
                "solved": program.solved,
                "reason": reasons.get(id(program), ""),
            }
            for program in report.programs
        ],
    }


VALUE_LENGTH = 60
"""Largest number of characters of a value that are shown."""


def compared_table(verification: Verification) -> Table:
    """List the numbers of values that were compared and that differ, by kind."""
    different = Counter(difference.what for difference in verification.differences)
    table = new_table("what", ">compared", ">different")
    for what, number in verification.compared.items():
        style = "red" if different[what] else ""
        table.add_row(what, str(number), str(different[what]), style=style)
    return table


def differences_table(differences: Iterable[Difference]) -> Table:
    """List all differences with both values, which are shortened if they are long."""
    table = new_table("place", "what", ">threads", "~reference", "~other")
    for each in differences:
        table.add_row(
            each.place, each.what, str(each.threads), *map(_short, _differing(each)), style="red"
        )
    return table


def _differing(difference: Difference) -> tuple[str, str]:
    """Write both values; long ones from shortly before their first difference."""
    one, other = _shown(difference.expected), _shown(difference.got)
    same = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    start = max(0, same - VALUE_LENGTH // 2) if max(len(one), len(other)) > VALUE_LENGTH else 0
    lead = "..." if start else ""
    return lead + one[start:], lead + other[start:]


def _shown(value: object) -> str:
    return NOTHING if value is None else " ".join(str(value).split())


def _short(text: str) -> str:
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 3] + "..."


def verification_summary(verification: Verification) -> Text:
    """Sum up a comparison."""
    threads = ", ".join(map(str, verification.threads))
    return pairs(
        [
            ("tasks", str(verification.tasks)),
            ("programs", str(verification.programs)),
            ("compared", f"reference in sequence, {verification.engine} with {threads} threads"),
            ("values", str(sum(verification.compared.values()))),
            ("differences", str(len(verification.differences))),
        ]
    )


def verification_document(verification: Verification) -> dict[str, Any]:
    """Return a comparison as JSON.

    Keys: ``tasks``, ``programs``, ``engine``, ``threads``, ``compared`` (numbers by kind),
    ``differences`` (``place``, ``what``, ``threads``, ``expected``, ``got``).
    """
    return {
        "tasks": verification.tasks,
        "programs": verification.programs,
        "engine": verification.engine,
        "threads": list(verification.threads),
        "compared": dict(verification.compared),
        "differences": [
            {
                "place": each.place,
                "what": each.what,
                "threads": each.threads,
                "expected": each.expected,
                "got": each.got,
            }
            for each in verification.differences
        ],
    }
