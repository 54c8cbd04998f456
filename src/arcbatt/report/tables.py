"""Helpers for all tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

NOTHING = "-"
"""The text for a missing value."""


def new_table(*columns: str, title: str = "") -> Table:
    """Return an empty table.

    A column whose name begins with ``>`` is aligned to the right; a column whose name begins with
    ``~`` is wrapped if the terminal is narrow.
    """
    # Imported late, since importing rich takes as long as solving a task.
    from rich.table import Table

    table = Table(
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
        title=title or None,
        title_justify="left",
        title_style="bold",
        header_style="bold",
    )
    for name in columns:
        table.add_column(
            name.lstrip(">~"),
            justify="right" if name.startswith(">") else "left",
            no_wrap=not name.startswith("~"),
        )
    return table


def pairs(rows: Iterable[tuple[str, str]]) -> Text:
    """Write names and values below each other."""
    from rich.text import Text

    rows = list(rows)
    width = max((len(name) for name, _ in rows), default=0)
    lines = [Text.assemble((f"{name:<{width}}", "bold"), "  ", value) for name, value in rows]
    return Text("\n").join(lines)


def count(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 task``, ``2 tasks``."""
    if number == 1:
        return f"1 {noun}"
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {plural}"


def share(part: float, whole: float) -> str:
    """Write a share in percent; `NOTHING` if the whole is 0."""
    return f"{100 * part / whole:.1f} %" if whole else NOTHING
