"""From the words of a command to the settings of a run."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from arcbatt.cli.output import note

if TYPE_CHECKING:
    from arcbatt.engine import Budget
    from arcbatt.pipeline.run import Settings
    from arcbatt.search.run import Limits


def make_budget(timeout_s: float | None) -> Budget:
    """Return the default bounds with another time for each sample, if one is given."""
    from arcbatt.engine import Budget

    return Budget() if timeout_s is None else Budget(sample_seconds=timeout_s)


def make_settings(
    timeout_s: float | None, jobs: int | None, without: str | None = None
) -> Settings:
    """Return the settings of a run.

    Args:
        timeout_s: seconds for all programs together on one sample; None for the default.
        jobs: threads or processes; None for as many as there are cores for this process.
        without: names of switches that are off, with commas between; None for none.

    Raises UsageError if there is no such switch.
    """
    from arcbatt.pipeline.run import Settings
    from arcbatt.pipeline.switches import parse_switches, switch_off

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return Settings(
        budget=make_budget(timeout_s),
        jobs=jobs or cores or 1,
        switches=switch_off(parse_switches(without)),
    )


def explain_engine(asked: str | None, got: str) -> None:
    """Say how to get the native engine, where nobody chose the reference engine."""
    if asked is None and got == "reference":
        from arcbatt.engine.native import HOW_TO_GET_IT

        note(f"note: this runs on the reference engine, not on the native one: {HOW_TO_GET_IT}")


def make_limits(nodes: int | None, seconds: float | None, mebibytes: int | None = None) -> Limits:
    """Return what search may take for a task; None for the defaults."""
    from arcbatt.search.run import Limits

    limits = Limits(seconds=seconds)
    if nodes is not None:
        limits = replace(limits, nodes=nodes)
    return limits if mebibytes is None else replace(limits, bytes=mebibytes << 20)
