"""Helpers for all tables."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.table import Table
    from rich.text import Text

NOTHING = "-"
"""The text for a missing value."""


WRAPPED_WIDTH = 20
"""Least width of a column that is wrapped, unless its content is narrower."""
GAP = 2
"""Number of blanks between columns."""


@cache
def _whole_table() -> type[Table]:
    """Return the class of tables that cut nothing: they are wider than a narrow terminal."""
    # Imported late, since importing rich takes as long as solving a task.
    from rich.measure import Measurement
    from rich.table import Table

    class WholeTable(Table):
        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            wide = options.update(max_width=2**16)
            least = -GAP
            for column in self.columns:
                cells = [column.header, *column.cells]
                width = max(Measurement.get(console, wide, cell).maximum for cell in cells)
                least += GAP + (width if column.no_wrap else min(width, WRAPPED_WIDTH))
            width = max(least, options.max_width)
            yield from super().__rich_console__(console, options.update_width(width))

    return WholeTable


def new_table(*columns: str, title: str = "") -> Table:
    """Return an empty table, which is never cut: on a narrow terminal its lines are broken.

    A column whose name begins with ``>`` is aligned to the right; a column whose name begins with
    ``~`` is wrapped if the terminal is narrow.
    """
    table = _whole_table()(
        box=None,
        pad_edge=False,
        padding=(0, GAP, 0, 0),
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
            overflow="fold",
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
