"""Tables and JSON of profiles and timings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from arcbatt.profile.model import Category, PrimitiveCost, Profile, Share, Spread
from arcbatt.report.tables import NOTHING, count, new_table, pairs, share
from arcbatt.timings import Timing, Timings

if TYPE_CHECKING:
    from rich.table import Table


NS = 1e9
SHORT_BLOCK = "run_batt."


def seconds(nanoseconds: float) -> str:
    """Write nanoseconds as seconds."""
    return f"{nanoseconds / NS:.3f}"


def spread(values: Spread) -> str:
    """Write the least and the greatest of some values as seconds."""
    return f"{seconds(values.least_ns)}-{seconds(values.most_ns)}"


def profile_summary(profile: Profile) -> Text:
    """Return the work, its size and the digest of the results as lines."""
    first = profile.runs[0]
    calls = sum(each.calls for each in first.primitives)
    failures = sum(each.failures for each in first.primitives)
    rows = [
        ("tasks", f"{len(profile.tasks)} of {profile.dataset}"),
        ("programs", f"{profile.programs} for a task, from {', '.join(profile.sources)}"),
        ("engine", f"{profile.engine}, {profile.jobs} jobs"),
        ("runs", str(len(profile.runs))),
        ("primitives", f"{len(first.primitives)} called, {calls} calls, {failures} failures"),
        ("fuel", str(sum(each.fuel for each in first.primitives))),
        ("digest", first.digest if profile.steady else "differs between the runs"),
    ]
    return pairs(rows)


def categories_table(profile: Profile, *, parts: bool = False) -> Table:
    """List the categories with wall time and CPU time, which add up to the total.

    Args:
        profile: the profile to show; of several runs it shows medians and ranges.
        parts: whether the parts of each category are listed below it; primitives are not.
    """
    several = len(profile.runs) > 1
    columns = ["category", ">wall s", ">of wall", ">CPU s", ">of CPU"]
    table = new_table(*columns, *([">wall range", ">CPU range"] if several else []))
    wall, cpu = profile.total
    categories = profile.categories()
    # Medians of several runs do not add up to the median of the total; their shares do.
    walls = sum(each.wall.median_ns for each in categories)
    cpus = sum(each.cpu.median_ns for each in categories)

    def add(name: str, one: Spread, other: Spread, style: str = "") -> None:
        cells = [
            seconds(one.median_ns),
            share(one.median_ns, walls if one is not wall else wall.median_ns),
            seconds(other.median_ns),
            share(other.median_ns, cpus if other is not cpu else cpu.median_ns),
        ]
        ranges = [spread(one), spread(other)] if several else []
        table.add_row(name, *cells, *ranges, style=style)

    for each in categories:
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
    """List the blocks of the run with their wall and CPU time, and CPU time by category."""
    table = new_table("phase", ">wall s", ">CPU s")
    for name, cpu, wall_ns in profile.phases():
        total = sum(cpu.values())
        table.add_row(name.removeprefix(SHORT_BLOCK), seconds(wall_ns), seconds(total))
        for category, spent in cpu.items():
            if 0 < spent < total:
                table.add_row(f"  {category}", "", seconds(spent), style="dim")
    return table


def primitives_table(
    profile: Profile, *, top: int | None = None, cross_check: bool = False
) -> Table:
    """List the calls of each primitive, the most CPU time first.

    Args:
        profile: the profile to show.
        top: number of primitives that have a line each, while the others share one; None for
            all.
        cross_check: whether to list the calls of the cross-check instead.
    """
    costs = profile.primitives(cross_check=cross_check)
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
    if not cross_check:
        # The medians of several runs need not add up, so this row has the figure of the category.
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
        # For several primitives that call each other this would count time twice.
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


def cross_check_line(profile: Profile) -> str:
    """Return a line with the number of calls of the cross-check."""
    costs = profile.runs[0].cross_check
    calls = sum(each.calls for each in costs)
    return f"the cross-check made {calls} more calls of {count(len(costs), 'primitive')}"


def profile_summary_document(profile: Profile) -> dict[str, Any]:
    """Return a profile as JSON: all runs, and the medians over them.

    Keys beyond those of `Profile.document`: ``steady`` (whether all runs had the same results),
    ``total``, ``categories`` (with ``parts``), ``primitives``, ``cross_check``.
    """
    wall, cpu = profile.total
    return {
        **profile.document(),
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
        "cross_check": [_cost_document(each) for each in profile.primitives(cross_check=True)],
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


TOTAL, UNACCOUNTED = "total", "unaccounted"


def timings_table(timings: Timings) -> Table:
    """List timings, the longest first, then the total and the time outside of all blocks.

    The shares of the wall time add up to 100 %: a block within others, or beside them in another
    thread, has a word instead. A name with CPU time alone, such as work in threads, has no wall
    time.
    """
    total, unaccounted_s = timings.total, timings.unaccounted_s
    table = new_table("name", ">wall s", ">CPU s", ">calls", ">of wall")
    for name, timing in timings.longest_first():
        table.add_row(
            name,
            f"{timing.wall_s:.3f}" if timing.wall_s else NOTHING,
            f"{timing.cpu_s:.3f}",
            str(timing.calls),
            _share_of_wall(timing, total.wall_s),
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


def _share_of_wall(timing: Timing, total_s: float) -> str:
    own = share(timing.own_wall_s, total_s) if timing.own_wall_s else ""
    if timing.beside:
        return f"{own} beside".strip()
    return own or ("within" if timing.wall_s else NOTHING)


def timings_document(timings: Timings) -> dict[str, Any]:
    """Return timings as JSON: ``timings`` by name, ``total``, ``unaccounted_wall_s``."""
    total = timings.total
    return {
        "timings": {name: asdict(timing) for name, timing in timings.longest_first()},
        "total": {"wall_s": total.wall_s, "cpu_s": total.cpu_s},
        "unaccounted_wall_s": timings.unaccounted_s,
    }
