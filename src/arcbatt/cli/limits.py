"""Limits of effort, time and memory, as people write them on the command line."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arcbatt.contract import EFFORT, EFFORTS, SECONDS_MAX, TIME

if TYPE_CHECKING:
    from arcbatt.pipeline.passes import RunLimits

UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
"""The units of durations, in seconds."""
SIZES = {"M": 2**20, "G": 2**30, "T": 2**40}
"""The units of sizes, in bytes."""


def read_duration(text: str | float | None) -> float | None:
    """Return a duration such as ``90``, ``20m`` or ``1h30m`` in seconds.

    Raises typer.BadParameter if it is none, or not within 0.001..`SECONDS_MAX` seconds.
    """
    if text is None or isinstance(text, float):
        return text
    number = r"([0-9]+(?:\.[0-9]+)?)"
    whole = re.fullmatch(rf"(?:{number}h)?(?:{number}m)?(?:{number}s?)?", text.strip())
    seconds = 0.0
    for part, unit in zip(whole.groups() if whole else (), "hms", strict=False):
        seconds += float(part or 0) * UNITS[unit]
    if not 0.001 <= seconds <= SECONDS_MAX:
        raise typer.BadParameter(
            f"expected a time of 0.001 s to {SECONDS_MAX} s, such as 90, 20m or 1h30m, got {text!r}"
        )
    return seconds


def read_size(text: str | int | None) -> int | None:
    """Return a size such as ``800M`` or ``1.5G`` in bytes.

    Raises typer.BadParameter if it is none, or less than 64 MiB.
    """
    if text is None or isinstance(text, int):
        return text
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([MGT])i?B?", text.strip(), re.IGNORECASE)
    size = int(float(found[1]) * SIZES[found[2].upper()]) if found else 0
    if not 64 * SIZES["M"] <= size <= 2**60:
        raise typer.BadParameter(f"expected a size from 64M on, such as 800M or 8G, got {text!r}")
    return size


MEASURED = "quick"
"""The default effort of a measurement."""


def _effort(default: str) -> Any:
    return typer.Option(
        "--effort",
        metavar="NAME",
        help=f"{', '.join(EFFORTS)}; default {default}, timed max.",
        show_default=False,
    )


Effort = Annotated[str | None, _effort(EFFORT)]
MeasuredEffort = Annotated[str | None, _effort(MEASURED)]
TimePerTask = Annotated[
    Any,
    typer.Option(
        "--time-per-task",
        parser=read_duration,
        metavar=TIME,
        help="Limit for a task, such as 30s.",
        show_default=False,
    ),
]
TotalTime = Annotated[
    Any,
    typer.Option(
        "--total-time",
        parser=read_duration,
        metavar=TIME,
        help="Limit for the whole command, such as 20m.",
        show_default=False,
    ),
]
Memory = Annotated[
    Any,
    typer.Option(
        "--memory",
        parser=read_size,
        metavar="SIZE",
        help="For all processes, such as 8G; default: 80%.",
        show_default=False,
    ),
]


def make_limits(
    effort: str | None,
    source_options: dict[str, Any],
    *,
    default: str = EFFORT,
    task_seconds: float | None = None,
    total_seconds: float | None = None,
) -> RunLimits:
    """Return the limits of a run.

    ``--search-evaluations`` sets the effort directly; it is taken out of the options of search.

    Args:
        effort: the name of an effort; None for the default one, or for the largest one if there is
            a time limit.
        source_options: the options of the sources.
        default: the name of the default effort.
        task_seconds: wall-clock limit for a task, in seconds; None for none.
        total_seconds: wall-clock limit for the run, in seconds; None for none.

    Raises UsageError if no effort has this name, or if there are two of them.
    """
    from arcbatt.errors import UsageError
    from arcbatt.pipeline.passes import RunLimits

    search = source_options["search"]
    evaluations = search.evaluations
    if effort is not None and evaluations is not None:
        raise UsageError(problem="--effort and --search-evaluations contradict each other")
    if effort is not None and effort not in EFFORTS:
        raise UsageError(
            problem=f"no effort is called {effort!r}: expected one of {', '.join(EFFORTS)}"
        )
    if evaluations is None:
        is_timed = task_seconds is not None or total_seconds is not None
        evaluations = EFFORTS[effort or (list(EFFORTS)[-1] if is_timed else default)]
    else:
        source_options["search"] = replace(search, evaluations=None)
    return RunLimits(evaluations, task_seconds, total_seconds)
