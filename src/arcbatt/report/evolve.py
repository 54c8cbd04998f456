"""What evolution has found, and the moves that it makes."""

from __future__ import annotations

from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from arcbatt.engine.outcome import EXACT
from arcbatt.evolve.moves import MOVES
from arcbatt.evolve.request import Evolved
from arcbatt.evolve.state import State, TaskState
from arcbatt.report.differs import guidance_document
from arcbatt.report.tables import NOTHING, count, new_table, pairs

LINE_LENGTH = 60
"""Characters of a program's first line."""


def moves_table() -> Table:
    """List the moves with the weights that they have at first."""
    table = new_table("move", ">weight", "~does")
    for move in MOVES:
        table.add_row(move.name, f"{move.weight:g}", move.does)
    return table


def moves_document() -> list[dict[str, Any]]:
    """Return the moves as JSON: ``name``, ``weight`` and ``does`` of each."""
    return [asdict(move) for move in MOVES]


def state_table(state: State, *, rows: int | None = None) -> Table:
    """List the tasks with the best program of each.

    Args:
        state: of the run.
        rows: at most so many tasks, those that have changed last first; None for all of them, in
            order.
    """
    table = new_table(
        "task", ">best score", ">demos right", ">nodes", ">round", "program's first line"
    )
    tasks = list(state.tasks.items())
    if rows is not None and len(tasks) > rows:
        tasks.sort(key=lambda item: -(item[1].best.round if item[1].best else 0))
        tasks = tasks[:rows]
    for task, known in tasks:
        table.add_row(task, *_cells(known), style="green" if known.is_solved else "")
    return table


def _cells(known: TaskState) -> list[str | Text]:
    best = known.best
    if best is None:
        return [NOTHING] * 4 + [Text(known.problem or NOTHING)]
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


def round_sentence(state: State) -> str:
    """Sum up a state in one line."""
    return (
        f"round {state.round}: {state.solved} of {count(len(state.tasks), 'task')} solved,"
        f" {state.counts.get('mutants', 0):,} mutants, {state.told} programs passed"
    )


class LiveTable:
    """A table that is drawn anew after each round, in a terminal; else a line a round.

    Args:
        console: where it appears.
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

    def show(self, state: State) -> None:
        """Show a state."""
        if self._live is None:
            if state.round:
                self._console.print(round_sentence(state), markup=False, soft_wrap=True)
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
        f"{counts.get('known_behaviours', 0):,} did what a known one does,"
        f" {counts.get('failed', 0):,} failed, {counts.get('copies', 0):,} copied"
    )
    return pairs(
        [
            ("tasks solved", f"{state.solved} of {len(state.tasks)}, on their demos"),
            ("rounds", str(state.round)),
            ("mutants", f"{tried:,} tried, {counts.get('evaluations', 0):,} runs on a sample"),
            ("of these", others),
            ("programs", f"{state.told} passed validation, {evolved.saved} saved now"),
        ]
    )


def evolved_document(evolved: Evolved) -> dict[str, Any]:
    """Return what came of a request as JSON.

    Keys: ``rounds``, ``rounds_before``, ``tasks`` (how many), ``solved``, ``passed``
    (validation), ``saved`` (in this call), ``counts``,
    ``weights`` (of the moves), ``results`` (for each task ``task``, ``best`` and ``problem``),
    ``differs`` (see `guidance_document`), ``archive``, ``stopped``, ``interrupted``.
    """
    state = evolved.state
    return {
        "rounds": state.round,
        "rounds_before": evolved.start.rounds_before,
        "tasks": len(state.tasks),
        "solved": state.solved,
        "passed": state.told,
        "saved": evolved.saved,
        "counts": dict(state.counts),
        "weights": evolved.weights,
        "results": [
            {
                "task": task,
                "best": {**asdict(known.best), "demos": list(known.best.demos)}
                if known.best
                else None,
                "problem": known.problem or None,
            }
            for task, known in state.tasks.items()
        ],
        "differs": guidance_document(state.differs),
        "archive": str(evolved.request.archive),
        "stopped": evolved.stopped,
        "interrupted": evolved.interrupted,
    }
