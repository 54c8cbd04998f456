"""Findings: what series say about each other, computed from what was measured alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from arcbatt.bench.intervals import Estimate, fit_growth, paired_ratio, unpaired_ratio
from arcbatt.bench.measure import ALL_OFF, BASE, OTHER
from arcbatt.bench.series import Series
from arcbatt.bench.table import ABLATION
from arcbatt.pipeline.switches import SWITCHES


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two series compare.

    Attributes:
        first: title of the one that is compared with.
        second: title of the other one.
        wall: seconds on the clock of the second for one of the first; None without a round.
        cpu: CPU seconds of the second for one of the first; None without a round.
        paired: whether both were measured in turn; else the machine may have changed between.
        same_attempts: whether both found the same grids; None where they look for none.
        same_programs: whether both found the same programs with the same scores.
    """

    first: str
    second: str
    wall: Estimate | None
    cpu: Estimate | None
    paired: bool
    same_attempts: bool | None = None
    same_programs: bool | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a run is like without an optimisation.

    Attributes:
        without: its name, or `ALL_OFF`.
        comparison: of a run that has all of them with the one without it.
    """

    without: str
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Growth:
    """How the time of a benchmark grows with the number of tasks.

    Attributes:
        benchmark: its title.
        sizes: that were measured.
        wall: exponent e of seconds on the clock = c * tasks ** e; None without a whole round.
        cpu: the same of CPU seconds.
    """

    benchmark: str
    sizes: tuple[int, ...]
    wall: Estimate | None
    cpu: Estimate | None


def compare(first: Series, second: Series, *, paired: bool) -> Comparison:
    """Compare two series, round by round if they were measured in turn."""
    estimate = paired_ratio if paired else unpaired_ratio
    cpu = None
    if min(*first.cpus_s, *second.cpus_s) > 0:
        cpu = estimate(first.cpus_s, second.cpus_s)
    same: list[bool | None] = [None, None]
    for place in range(2):
        sides = [{each.found[place] for each in series.rounds} for series in (first, second)]
        if "" not in sides[0] | sides[1]:
            same[place] = sides[0] == sides[1]
    return Comparison(
        first.title,
        second.title,
        estimate(first.walls_s, second.walls_s),
        cpu,
        paired,
        same[0],
        same[1],
    )


def compare_with_other(series: Sequence[Series]) -> list[Comparison]:
    """Compare what another Python measured with what this one did."""
    bases = {(each.benchmark, each.size): each for each in series if each.label == BASE}
    return [
        compare(bases[each.benchmark, each.size], each, paired=True)
        for each in series
        if each.label == OTHER and (each.benchmark, each.size) in bases
    ]


def compare_with_saved(series: Sequence[Series], saved: Sequence[Series]) -> list[Comparison]:
    """Compare with saved series of the same benchmark, side and size."""
    before = {(each.benchmark, each.label, each.size): each for each in saved}
    return [
        compare(before[key], each, paired=False)
        for each in series
        if (key := (each.benchmark, each.label, each.size)) in before
    ]


def find_effects(series: Sequence[Series]) -> list[Effect]:
    """Compare runs without an optimisation with one that has them all."""
    runs = {each.label: each for each in series if each.benchmark == ABLATION.name}
    base = runs.get(BASE)
    if base is None:
        return []
    names = [(f"without {name}", name) for name in SWITCHES] + [(ALL_OFF, ALL_OFF)]
    return [
        Effect(name, compare(base, runs[label], paired=True))
        for label, name in names
        if label in runs
    ]


def find_growth(series: Sequence[Series]) -> list[Growth]:
    """Fit the growth of what was measured with several numbers of tasks."""
    groups: dict[tuple[str, str], list[Series]] = {}
    for each in series:
        if each.size is not None:
            groups.setdefault((each.benchmark, each.label), []).append(each)
    found = []
    for (benchmark, label), group in groups.items():
        sizes = tuple(each.size for each in group if each.size is not None)
        if len(set(sizes)) < 2:
            continue
        cpu = None
        if all(min(each.cpus_s) > 0 for each in group):
            cpu = fit_growth(sizes, list(zip(*(each.cpus_s for each in group), strict=False)))
        wall = fit_growth(sizes, list(zip(*(each.walls_s for each in group), strict=False)))
        title = f"{benchmark}, {label}" if label else benchmark
        found.append(Growth(title, sizes, wall, cpu))
    return found
