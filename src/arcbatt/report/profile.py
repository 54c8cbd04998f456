"""Where the time of profiled runs went: categories, parts, phases and primitives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from rich.table import Table
from rich.text import Text

from arcbatt.profile.categories import Category
from arcbatt.profile.model import PrimitiveCost, Profile, Share, Spread
from arcbatt.profile.store import profile_document
from arcbatt.report.tables import NOTHING, count, new_table, pairs, share

NS = 1e9
SHORT_BLOCK = "run_batt."


def seconds(nanoseconds: float) -> str:
    """Write nanoseconds as seconds."""
    return f"{nanoseconds / NS:.3f}"


def spread(values: Spread) -> str:
    """Write the least and the greatest of some values as seconds."""
    return f"{seconds(values.least_ns)}-{seconds(values.most_ns)}"


def profile_summary(profile: Profile) -> Text:
    """Say what was run and what came out."""
    first = profile.runs[0]
    calls = sum(each.calls for each in first.primitives)
    failures = sum(each.failures for each in first.primitives)
    rows = [
        ("tasks", f"{len(profile.tasks)} of {profile.dataset}"),
        ("programs", f"{profile.programs} dealt for a task"),
        ("engine", f"{profile.engine}, {profile.jobs} jobs"),
        ("runs", str(len(profile.runs))),
        ("primitives", f"{len(first.primitives)} called, {calls} calls, {failures} failures"),
        ("fuel", str(sum(each.fuel for each in first.primitives))),
        ("digest", first.digest if profile.steady else "differs between the runs"),
    ]
    return pairs(rows)


def categories_table(profile: Profile, *, parts: bool = False) -> Table:
    """List the categories with wall time and CPU time; they add up to the total.

    Args:
        profile: to show; of several runs the medians are shown, with the range beside them.
        parts: whether the parts of each category follow it; primitives have a table of their own.
    """
    several = len(profile.runs) > 1
    columns = ["category", ">wall s", ">of wall", ">CPU s", ">of CPU"]
    table = new_table(*columns, *([">wall range", ">CPU range"] if several else []))
    wall, cpu = profile.total

    def add(name: str, one: Spread, other: Spread, style: str = "") -> None:
        cells = [
            seconds(one.median_ns),
            share(one.median_ns, wall.median_ns),
            seconds(other.median_ns),
            share(other.median_ns, cpu.median_ns),
        ]
        ranges = [spread(one), spread(other)] if several else []
        table.add_row(name, *cells, *ranges, style=style)

    for each in profile.categories():
        add(str(each.category), each.wall, each.cpu)
        if parts and each.category is not Category.DSL:
            for part in _parts(profile, each):
                add(f"  {part.part}", part.wall, part.cpu, "dim")
    table.add_section()
    add("total", wall, cpu, "bold")
    return table


def _parts(profile: Profile, whole: Share) -> Iterator[Share]:
    if whole.category is not Category.UNACCOUNTED:
        yield from profile.parts(whole.category)


def phases_table(profile: Profile) -> Table:
    """List the blocks of the run: wall time, CPU time, and CPU time by category."""
    used = [each.category for each in profile.categories() if each.cpu.most_ns]
    table = new_table("phase", ">wall s", ">CPU s", *(f">{category}" for category in used))
    for name, cpu, wall_ns in profile.phases():
        cells = [seconds(cpu[category]) if cpu[category] else NOTHING for category in used]
        table.add_row(
            name.removeprefix(SHORT_BLOCK), seconds(wall_ns), seconds(sum(cpu.values())), *cells
        )
    return table


def primitives_table(profile: Profile, *, top: int | None = None, referee: bool = False) -> Table:
    """List what each primitive did, the most CPU time first.

    Args:
        profile: to show.
        top: how many have a line each, the others share one; None for all.
        referee: whether to list the referee's calls.
    """
    costs = profile.primitives(referee=referee)
    whole = profile.total[1].median_ns
    table = new_table(
        "primitive", ">calls", ">failures", ">fuel", ">runs", ">CPU s", ">with inner s",
        ">mean us", ">of CPU",
    )  # fmt: skip
    shown = costs if top is None else costs[:top]
    for each in shown:
        _add_cost(table, each, whole)
    if rest := costs[len(shown) :]:
        _add_cost(table, _together(f"({len(rest)} others)", rest), whole)
    table.add_section()
    together = _together("all", costs)
    if not referee:
        # Of several runs, medians need not add up: this row says what the category says.
        [dsl] = [each for each in profile.categories() if each.category is Category.DSL]
        together = replace(together, cpu_ns=round(dsl.cpu.median_ns))
    _add_cost(table, together, whole, style="bold")
    return table


def _add_cost(table: Table, cost: PrimitiveCost, whole_ns: float, *, style: str = "") -> None:
    table.add_row(
        cost.name,
        str(cost.calls),
        str(cost.failures),
        str(cost.fuel),
        str(cost.runs),
        seconds(cost.cpu_ns),
        # Of several primitives that call each other this would count time twice.
        NOTHING if cost.inner_cpu_ns < 0 else seconds(cost.inner_cpu_ns),
        f"{cost.cpu_ns / cost.runs / 1e3:.2f}" if cost.runs else NOTHING,
        share(cost.cpu_ns, whole_ns),
        style=style,
    )


def _together(name: str, costs: Sequence[PrimitiveCost]) -> PrimitiveCost:
    return PrimitiveCost(
        name,
        sum(each.calls for each in costs),
        sum(each.failures for each in costs),
        sum(each.fuel for each in costs),
        sum(each.runs for each in costs),
        sum(each.cpu_ns for each in costs),
        -1,
    )


def referee_line(profile: Profile) -> str:
    """Say what the referee called, whose time belongs to candidate management."""
    costs = profile.runs[0].referee
    calls = sum(each.calls for each in costs)
    return f"the referee made {calls} more calls of {count(len(costs), 'primitive')}"


def profile_summary_document(profile: Profile) -> dict[str, Any]:
    """Return a profile as JSON: what a file of it holds, and the medians over its runs.

    Keys beyond those of `profile_document`: ``steady`` (whether all runs did the same),
    ``total``, ``categories`` (with ``parts``), ``primitives``, ``referee``.
    """
    wall, cpu = profile.total
    return {
        **profile_document(profile),
        "steady": profile.steady,
        "total": _times(wall, cpu),
        "categories": [
            {
                "category": str(each.category),
                **_times(each.wall, each.cpu),
                "parts": [
                    {"part": part.part, **_times(part.wall, part.cpu)}
                    for part in profile.parts(each.category)
                ],
            }
            for each in profile.categories()
        ],
        "primitives": [_cost_document(each) for each in profile.primitives()],
        "referee": [_cost_document(each) for each in profile.primitives(referee=True)],
    }


def _times(wall: Spread, cpu: Spread) -> dict[str, float]:
    return {
        "wall_s": wall.median_ns / NS,
        "wall_s_least": wall.least_ns / NS,
        "wall_s_most": wall.most_ns / NS,
        "cpu_s": cpu.median_ns / NS,
        "cpu_s_least": cpu.least_ns / NS,
        "cpu_s_most": cpu.most_ns / NS,
    }


def _cost_document(cost: PrimitiveCost) -> dict[str, Any]:
    return {
        "name": cost.name,
        "calls": cost.calls,
        "failures": cost.failures,
        "fuel": cost.fuel,
        "runs": cost.runs,
        "cpu_s": cost.cpu_ns / NS,
        "inner_cpu_s": cost.inner_cpu_ns / NS,
    }
