"""A profile: what was run, and of each run what it cost and what came out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from arcbatt.profile.categories import Category


@dataclass(frozen=True, slots=True)
class Slice:
    """The time of one place.

    Attributes:
        category: that it belongs to.
        part: of the category; the name of a primitive for DSL operations.
        blocks: that were running, the outermost one first.
        wall_ns: on the clock.
        cpu_ns: of all threads and processes.
    """

    category: Category
    part: str
    blocks: tuple[str, ...]
    wall_ns: int
    cpu_ns: int


@dataclass(frozen=True, slots=True)
class PrimitiveCost:
    """What one primitive did in a run.

    Attributes:
        name: of the primitive.
        calls: how often it was called, for every case that needs the call.
        failures: how many of these calls had no value.
        fuel: of the calls, without that of calls within them.
        runs: how often it was really run.
        cpu_ns: CPU time without that of calls within them.
        inner_cpu_ns: CPU time with all calls within them.
    """

    name: str
    calls: int
    failures: int
    fuel: int
    runs: int
    cpu_ns: int
    inner_cpu_ns: int

    @property
    def work(self) -> tuple[int, int, int]:
        """What does not depend on the machine: calls, failures, fuel."""
        return self.calls, self.failures, self.fuel


@dataclass(frozen=True)
class Measured:
    """One run.

    Attributes:
        wall_ns: of the whole run.
        cpu_ns: of the whole run, all threads and processes.
        slices: that the time consists of: they add up to it.
        primitives: that were called, the referee's calls left out, by name.
        referee: what the referee called, by name; on the reference engine.
        digest: of all outputs and results.
    """

    wall_ns: int
    cpu_ns: int
    slices: tuple[Slice, ...]
    primitives: tuple[PrimitiveCost, ...]
    referee: tuple[PrimitiveCost, ...]
    digest: str

    @property
    def counts(self) -> tuple[tuple[str, tuple[int, int, int]], ...]:
        """What each primitive did, as far as it does not depend on the machine."""
        return tuple((each.name, each.work) for each in self.primitives)


@dataclass(frozen=True, slots=True)
class Spread:
    """The values of several runs, in nanoseconds."""

    median_ns: float
    least_ns: int
    most_ns: int
    runs: int

    @classmethod
    def of(cls, values: Iterable[int]) -> Spread:
        """Sum up some values, at least one."""
        values = list(values)
        return cls(median(values), min(values), max(values), len(values))


@dataclass(frozen=True, slots=True)
class Share:
    """The wall time and the CPU time of a category or of a part of one, over all runs."""

    category: Category
    part: str
    wall: Spread
    cpu: Spread


@dataclass(frozen=True)
class Profile:
    """Runs of the same work.

    Attributes:
        dataset: name of the dataset and its split.
        tasks: ids.
        engine: name.
        jobs: threads or processes.
        programs: how many are dealt for every task.
        archive: whether programs were kept.
        search_nodes: that search might take for a task; 0 without search.
        runs: at least one.
    """

    dataset: str
    tasks: tuple[str, ...]
    engine: str
    jobs: int
    programs: int
    archive: bool
    search_nodes: int
    runs: tuple[Measured, ...]

    @property
    def work(self) -> Mapping[str, object]:
        """What was run, as far as results and counts depend on it."""
        return {
            "dataset": self.dataset,
            "tasks": self.tasks,
            "programs": self.programs,
            "archive": self.archive,
            "search nodes": self.search_nodes,
        }

    @property
    def machine(self) -> Mapping[str, object]:
        """How it was run, as far as only times depend on it."""
        return {"engine": self.engine, "jobs": self.jobs}

    @property
    def steady(self) -> bool:
        """Whether all runs did the same and had the same results."""
        return len({(run.digest, run.counts) for run in self.runs}) == 1

    @property
    def total(self) -> tuple[Spread, Spread]:
        """Wall time and CPU time of the whole run."""
        return (
            Spread.of(run.wall_ns for run in self.runs),
            Spread.of(run.cpu_ns for run in self.runs),
        )

    def categories(self) -> list[Share]:
        """Return every category, in order."""
        return [self._share(category, None) for category in Category]

    def parts(self, category: Category) -> list[Share]:
        """Return the parts of a category, the most CPU time first."""
        names = {each.part for run in self.runs for each in run.slices if each.category is category}
        shares = [self._share(category, name) for name in sorted(names)]
        return sorted(shares, key=lambda share: (-share.cpu.median_ns, -share.wall.median_ns))

    def phases(self) -> list[tuple[str, dict[Category, float], float]]:
        """Return the innermost blocks: CPU time by category (median) and wall time (median)."""
        names = {_block(each) for run in self.runs for each in run.slices}
        rows = []
        for name in names:
            mine = [[each for each in run.slices if _block(each) == name] for run in self.runs]
            cpu = {
                category: median(
                    sum(each.cpu_ns for each in slices if each.category is category)
                    for slices in mine
                )
                for category in Category
            }
            rows.append((name, cpu, median(sum(each.wall_ns for each in one) for one in mine)))
        return sorted(rows, key=lambda row: (-sum(row[1].values()), row[0]))

    def primitives(self, *, referee: bool = False) -> list[PrimitiveCost]:
        """Return what each primitive did, times as medians, the most CPU time first."""
        tables = [
            {each.name: each for each in (run.referee if referee else run.primitives)}
            for run in self.runs
        ]
        names = {name for table in tables for name in table}
        costs = [_middle([table[name] for table in tables if name in table]) for name in names]
        return sorted(costs, key=lambda each: (-each.cpu_ns, each.name))

    def _share(self, category: Category, part: str | None) -> Share:
        sums = []
        for run in self.runs:
            mine = [
                each
                for each in run.slices
                if each.category is category and (part is None or each.part == part)
            ]
            sums.append((sum(each.wall_ns for each in mine), sum(each.cpu_ns for each in mine)))
        walls, cpus = zip(*sums, strict=True)
        return Share(category, part or "", Spread.of(walls), Spread.of(cpus))


def _block(piece: Slice) -> str:
    return piece.blocks[-1] if piece.blocks else str(Category.UNACCOUNTED)


def _middle(costs: list[PrimitiveCost]) -> PrimitiveCost:
    """Return the counts of the first run with the median times of all."""
    first = costs[0]
    return PrimitiveCost(
        first.name,
        *first.work,
        round(median(each.runs for each in costs)),
        round(median(each.cpu_ns for each in costs)),
        round(median(each.inner_cpu_ns for each in costs)),
    )
