"""Tables and JSON of evolution: its results, and the mutations."""

from __future__ import annotations

from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from arcbatt.commands.evolve import Evolved
from arcbatt.engine.outcome import EXACT
from arcbatt.evolve.mutations import MUTATIONS
from arcbatt.evolve.state import RunState
from arcbatt.evolve.submissions import BestFound
from arcbatt.report.tables import NOTHING, count, new_table, pairs
from arcbatt.report.tasks import data_document

LINE_LENGTH = 60
"""Largest number of characters of a program's first line that are shown."""


def mutations_table() -> Table:
    """List the mutations with their first weights."""
    table = new_table("mutation", ">weight", "~does")
    for mutation in MUTATIONS:
        table.add_row(mutation.name, f"{mutation.weight:g}", mutation.does)
    return table


def mutations_document() -> list[dict[str, Any]]:
    """Return the mutations as JSON: ``name``, ``weight`` and ``does`` of each."""
    return [asdict(mutation) for mutation in MUTATIONS]


def state_table(state: RunState, *, rows: int | None = None) -> Table:
    """List the tasks with the best program of each.

    Args:
        state: the state of the run.
        rows: the largest number of tasks, those with the latest changes first; None for all
            tasks, in order.
    """
    table = new_table(
        "task", ">best score", ">demos right", ">nodes", ">round", "program's first line"
    )
    tasks = list(state.submitted.items())
    if rows is not None and len(tasks) > rows:
        tasks.sort(key=lambda item: -(item[1].best.round if item[1].best else 0))
        tasks = tasks[:rows]
    for task, known in tasks:
        problem = state.progress.tasks[task].problem
        table.add_row(task, *_cells(known.best, problem), style="green" * known.is_solved)
    return table


def _cells(best: BestFound | None, problem: str) -> list[str | Text]:
    if best is None:
        return [NOTHING] * 4 + [Text(problem or NOTHING)]
    line = best.first_line
    if len(line) > LINE_LENGTH:
        line = line[: LINE_LENGTH - 3] + "..."
    return [
        f"{best.total} of {EXACT * len(best.demos)}",
        f"{best.demos_right} of {len(best.demos)}",
        str(best.size),
        str(best.round),
        Text(line),
    ]


def round_sentence(state: RunState) -> str:
    """Sum up a state in one line."""
    return (
        f"round {state.round}: {state.solved} of {count(len(state.submitted), 'task')} solved,"
        f" {state.counts.get('mutants', 0):,} mutants, {state.passed} programs passed"
    )


class LiveTable:
    """A table that is drawn again after each round; outside a terminal, a line per round.

    Args:
        console: the console that it appears on.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = (
            Live(console=console, auto_refresh=False, transient=True)
            if console.is_terminal
            else None
        )

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, state: RunState) -> None:
        """Show a state."""
        if self._live is None:
            if state.round:
                self._console.print(round_sentence(state), soft_wrap=True)
            return
        table = state_table(state, rows=max(5, self._console.height - 4))
        table.caption = f"{round_sentence(state)}; q ends after this round"
        table.caption_justify = "left"
        self._live.update(table, refresh=True)


def evolved_summary(evolved: Evolved) -> Text:
    """Sum up a run."""
    state = evolved.state
    counts = state.counts
    tried = counts.get("mutants", 0)
    others = (
        f"{counts.get('known_behaviours', 0):,} had a known behaviour,"
        f" {counts.get('failed', 0):,} failed, {counts.get('copies', 0):,} copied"
    )
    return pairs(
        [
            ("tasks solved", f"{state.solved} of {len(state.submitted)}, on their demos"),
            ("rounds", str(state.round)),
            ("mutants", f"{tried:,} tried, {counts.get('evaluations', 0):,} runs on a sample"),
            ("of these", others),
            ("programs", f"{state.passed} passed validation, {evolved.saved} saved now"),
        ]
    )


def evolved_document(evolved: Evolved) -> dict[str, Any]:
    """Return the result of a run as JSON.

    Keys: ``dataset``, ``data`` (see `data_document`), ``rounds``, ``rounds_before``, ``tasks``
    (their number), ``solved``, ``passed`` (validation), ``saved`` (in this call), ``counts``,
    ``weights`` (of the mutations), ``results`` (for each task ``task``, ``best`` and ``problem``),
    ``archive``, ``stopped``, ``interrupted``.
    """
    state = evolved.state
    return {
        "dataset": str(evolved.start.dataset),
        "data": data_document(evolved.start.dataset),
        "rounds": state.round,
        "rounds_before": evolved.start.rounds_before,
        "tasks": len(state.submitted),
        "solved": state.solved,
        "passed": state.passed,
        "saved": evolved.saved,
        "counts": state.counts,
        "weights": evolved.weights,
        "results": [
            {
                "task": task,
                "best": {**asdict(known.best), "demos": list(known.best.demos)}
                if known.best
                else None,
                "problem": state.progress.tasks[task].problem or None,
            }
            for task, known in state.submitted.items()
        ],
        "archive": str(evolved.request.archive),
        "stopped": evolved.stopped,
        "interrupted": evolved.interrupted,
    }
