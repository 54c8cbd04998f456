"""The records of a profile: the work that was run, and the cost and the results of each run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Slice:
    """The time that was spent in one place.

    Attributes:
        category: the category that the place belongs to.
        part: the part of the category; for DSL operations the name of a primitive.
        blocks: the names of the blocks that were running, the outermost one first.
        wall_ns: wall time in nanoseconds.
        cpu_ns: CPU time of all threads and processes, in nanoseconds.
    """

    category: Category
    part: str
    blocks: tuple[str, ...]
    wall_ns: int
    cpu_ns: int


@dataclass(frozen=True, slots=True)
class PrimitiveCost:
    """The calls of one primitive in a run.

    Attributes:
        name: the name of the primitive.
        calls: number of calls; a call counts for every case that needs it.
        failures: number of calls without a value.
        fuel: fuel of the calls, without that of inner calls.
        runs: number of times that its body or kernel was run.
        cpu_ns: CPU time in nanoseconds, without that of inner calls.
        inner_cpu_ns: CPU time in nanoseconds, with that of inner calls.
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
        """The counts that do not depend on the machine: calls, failures, fuel."""
        return self.calls, self.failures, self.fuel


@dataclass(frozen=True)
class Measured:
    """The measurement of one run.

    Attributes:
        wall_ns: wall time of the whole run, in nanoseconds.
        cpu_ns: CPU time of the whole run, all threads and processes, in nanoseconds.
        slices: the times of all places; they add up to the whole.
        primitives: the primitives that were called, by name, without the cross-check's calls.
        cross_check: the primitives that the cross-check called on the reference engine, by name.
        digest: digest of all outputs and results, hexadecimal.
    """

    wall_ns: int
    cpu_ns: int
    slices: tuple[Slice, ...]
    primitives: tuple[PrimitiveCost, ...]
    cross_check: tuple[PrimitiveCost, ...]
    digest: str

    @property
    def counts(self) -> tuple[tuple[str, tuple[int, int, int]], ...]:
        """The calls, failures and fuel of each primitive, which do not depend on the machine."""
        return tuple((each.name, each.work) for each in self.primitives)


@dataclass(frozen=True, slots=True)
class Spread:
    """The median, the least and the greatest value over several runs, in nanoseconds."""

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
    """A profile: runs of the same work.

    Attributes:
        dataset: the name of the dataset and its split.
        tasks: the ids of the tasks.
        engine: the name of the engine.
        jobs: number of threads or processes, > 0.
        programs: number of programs that are proposed for every task.
        archive: whether programs were kept in an archive.
        sources: the names of the sources.
        runs: the runs, at least one.
    """

    dataset: str
    tasks: tuple[str, ...]
    engine: str
    jobs: int
    programs: int
    archive: bool
    sources: tuple[str, ...]
    runs: tuple[Measured, ...]

    @property
    def steady(self) -> bool:
        """Whether all runs had the same calls and the same results."""
        return len({(run.digest, run.counts) for run in self.runs}) == 1

    @property
    def total(self) -> tuple[Spread, Spread]:
        """Wall time and CPU time of the whole run."""
        return (
            Spread.of(run.wall_ns for run in self.runs),
            Spread.of(run.cpu_ns for run in self.runs),
        )

    def document(self) -> dict[str, Any]:
        """Return all runs as JSON; the keys are the attributes, with ``format`` and ``version``."""
        return {"format": "arcbatt.profile", "version": 1, **asdict(self)}

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

    def primitives(self, *, cross_check: bool = False) -> list[PrimitiveCost]:
        """Return the calls of each primitive, times as medians, the most CPU time first."""
        tables = [
            {each.name: each for each in (run.cross_check if cross_check else run.primitives)}
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


class Category(StrEnum):
    """A category of time, in the order of the reports."""

    DSL = "DSL operations"
    EVALUATION = "batt evaluation"
    SOURCES = "sources"
    CANDIDATES = "candidate management"
    ARCHIVE = "archive"
    DIFFERS = "differs"
    BORDER = "border"
    ARRAYS = "array work"
    FRAMEWORK = "framework"
    UNACCOUNTED = "unaccounted"


Place = tuple[Category, str]
"""A category and a part of it."""

CROSS_CHECK = "run_batt.cross_check"
"""The block of the cross-check on the reference engine."""

SOURCE = "run_batt.source_"
"""First part of the names of the blocks in which sources propose programs; their names follow."""

HAND_OUT, OUTPUTS, SUMS, NODES = "hand out and wait", "digests and scores", "sums", "nodes"
"""Parts of an evaluation outside the primitives."""

COUNTING = "counting"
"""The part of the framework for counting calls; only a profiled run has it."""

_C, _F = Category.CANDIDATES, Category.FRAMEWORK

PLACES: dict[str, Place] = {
    "run_batt.start": (_F, "start"),
    "run_batt.load_tasks": (_F, "load tasks"),
    "run_batt.load_programs": (_F, "load programs"),
    "run_batt.open": (_F, "open"),
    "run_batt.submission": (_F, "submission"),
    "run_batt.report": (_F, "report"),
    "run_batt.merge": (_C, "merge"),
    "run_batt.phase1_filter": (_C, "filter"),
    "run_batt.phase2_inline_batch": (_C, "inline"),
    "run_batt.phase3a_validate_batch": (_C, "validate"),
    "run_batt.phase3a_alone": (_C, "validate"),
    "run_batt.phase3a_copying": (_C, "validate"),
    "run_batt.evidence": (_C, "evidence"),
    CROSS_CHECK: (_C, "cross-check"),
    "run_batt.attempts": (_C, "attempts"),
    "run_batt.phase3b_file_ops": (Category.ARCHIVE, "save"),
    "run_batt.record": (Category.ARCHIVE, "record"),
    "run_batt.check_batt": (Category.EVALUATION, "jobs"),
    "run_batt.phase4_demo_parallel": (Category.EVALUATION, "jobs"),
    "run_batt.phase4_test_parallel": (Category.EVALUATION, "jobs"),
    "run_batt.phase4_differs": (Category.DIFFERS, "scores"),
    "run_batt.phase4_differs_build": (Category.DIFFERS, "build"),
    "run_batt.phase4_differs_process": (Category.DIFFERS, "process"),
    "run_batt.batch_arrays": (Category.ARRAYS, "scores"),
}
"""The place to which the Python code of a block belongs, by the name of the block."""


def place_of(blocks: Sequence[str]) -> Place:
    """Return the place of Python code that runs in nested blocks, the outermost one first.

    It is the place of the innermost block that has one. A block without a place is a part of the
    framework under its own name, so that no time is lost.

    >>> place_of(["run_batt.check_batt", "run_batt.merge"])[1]
    'merge'
    >>> place_of(["run_batt.source_library"])
    (<Category.SOURCES: 'sources'>, 'library')
    >>> place_of([])[0].value, place_of(["run_batt.news"])
    ('unaccounted', (<Category.FRAMEWORK: 'framework'>, 'news'))
    """
    for block in reversed(blocks):
        if block in PLACES:
            return PLACES[block]
        if block.startswith(SOURCE):
            return Category.SOURCES, block.removeprefix(SOURCE)
    if blocks:
        return Category.FRAMEWORK, blocks[-1].rpartition(".")[2]
    return Category.UNACCOUNTED, "between blocks"
