"""Where the time went: wall time and CPU time in two columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arcbatt.profile.timings import Timings
from arcbatt.report.tables import NOTHING, new_table, share

if TYPE_CHECKING:
    from rich.table import Table

TOTAL, UNACCOUNTED = "total", "unaccounted"


def timings_table(timings: Timings) -> Table:
    """Draw timings, the longest first, then the total and what is not accounted for.

    A name of which only the CPU time is known, such as work in threads, has no wall time.
    """
    total, unaccounted_s = timings.total, timings.unaccounted_s
    table = new_table("name", ">wall s", ">CPU s", ">calls", ">of wall")
    for name, timing in timings.longest_first():
        wall = f"{timing.wall_s:.3f}" if timing.wall_s else NOTHING
        table.add_row(
            name,
            wall,
            f"{timing.cpu_s:.3f}",
            str(timing.calls),
            share(timing.wall_s, total.wall_s) if timing.wall_s else NOTHING,
        )
    table.add_section()
    table.add_row(
        TOTAL,
        f"{total.wall_s:.3f}",
        f"{total.cpu_s:.3f}",
        "",
        share(total.wall_s, total.wall_s),
        style="bold",
    )
    table.add_row(
        UNACCOUNTED, f"{unaccounted_s:.3f}", NOTHING, "", share(unaccounted_s, total.wall_s)
    )
    return table


def timings_document(timings: Timings) -> dict[str, Any]:
    """Return timings as JSON: ``timings`` by name, ``total``, ``unaccounted_wall_s``."""
    total = timings.total
    return {
        "timings": {
            name: {"wall_s": timing.wall_s, "cpu_s": timing.cpu_s, "calls": timing.calls}
            for name, timing in timings.longest_first()
        },
        "total": {"wall_s": total.wall_s, "cpu_s": total.cpu_s},
        "unaccounted_wall_s": timings.unaccounted_s,
    }
