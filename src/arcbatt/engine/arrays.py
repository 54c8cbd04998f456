"""An engine that scores outputs by arrays: many grids against many wanted ones in one computation.

The code is written against the array API standard, for NumPy, PyTorch and CuPy, which are all
optional. A pair of grids is a row; the cells inside both grids are its columns. Rows are padded to
the longest row of their batch, and a mask marks the padding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from itertools import zip_longest
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arcbatt.dsl.types import Grid
from arcbatt.dsl.values import is_number
from arcbatt.engine.outcome import (
    EXACT,
    Budget,
    Case,
    Engine,
    Evaluation,
    Job,
    NodeOutcome,
    agreement,
)
from arcbatt.errors import ArrayBackendError
from arcbatt.program.graph import Graph
from arcbatt.timings import Timings

CPU_BYTES = 4 * 2**20
"""Memory of a batch on a CPU; larger batches leave the cache and are no faster."""
GPU_BYTES = 512 * 2**20
INSTALL = "pip install 'arcbatt[arrays]'"
PLACE_BYTES = 40
"""Bytes that one column of one row takes while it is computed: indices, cells and masks."""
NARROW_PLACES = 64
"""Columns up to which rows share a batch; in other batches the longest row is at most twice as
long as the shortest."""

Picture = NDArray[np.uint8]
"""A grid with cells in 0..255 as an array of rows and columns."""
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class ArrayBackend:
    """An array library with its devices.

    Attributes:
        name: name of the backend.
        xp: namespace of the library in the form of the array API standard.
        devices: devices that share the work, at least one.
        to_host: function that returns an array on any of the devices as an array of NumPy.
        memory_bytes: memory that one batch may take on one device, in bytes.
        use: function that returns a context in which a device is the current one.
    """

    name: str
    xp: Any
    devices: tuple[Any, ...]
    to_host: Callable[[Any], Any]
    memory_bytes: int = CPU_BYTES
    use: Callable[[Any], AbstractContextManager[Any]] = nullcontext


@dataclass(frozen=True)
class Pictures:
    """Grids of any sizes in one array.

    Attributes:
        cells: cells of all grids, one grid after the other, row by row.
        heights: number of rows of each grid.
        widths: number of columns of each grid.
    """

    cells: NDArray[np.uint8]
    heights: Numbers
    widths: Numbers

    @classmethod
    def of(cls, pictures: Sequence[Picture]) -> Pictures:
        """Put grids into one array."""
        return cls(
            np.frombuffer(b"".join(picture.tobytes() for picture in pictures), dtype=np.uint8),
            np.array([picture.shape[0] for picture in pictures], dtype=np.int64),
            np.array([picture.shape[1] for picture in pictures], dtype=np.int64),
        )

    def __len__(self) -> int:
        return len(self.heights)

    @cached_property
    def areas(self) -> Numbers:
        """The number of cells of each grid."""
        return self.heights * self.widths

    @cached_property
    def starts(self) -> Numbers:
        """The index of each grid's first cell among all cells."""
        return np.cumsum(self.areas) - self.areas

    def choose(self, places: Numbers) -> Pictures:
        """Return some of the grids."""
        areas = self.areas[places]
        ends = np.cumsum(areas)
        shifts = np.repeat(self.starts[places] - (ends - areas), areas)
        cells = self.cells[shifts + np.arange(len(shifts))]
        return Pictures(cells, self.heights[places], self.widths[places])


def score_pairs(
    outputs: Pictures, wanted: Pictures, against: Numbers, backend: ArrayBackend
) -> Numbers:
    """Score each output against a wanted grid, exactly as `arcbatt.engine.agreement`.

    Args:
        outputs: grids to score.
        wanted: grids to score them against; several outputs may share one.
        against: index of the wanted grid of each output.
        backend: library to compute with; each of its devices gets an equal share of the pairs.

    Returns the scores, 0..1000; 1000 for equal grids and no others.
    """

    def run(rows: Numbers, device: Any) -> Any:
        used, inverse = np.unique(against[rows], return_inverse=True)
        load = _Loader(backend.xp, device)
        return _score(
            backend.xp,
            load.sides(outputs.choose(rows)),
            load.sides(wanted.choose(used), inverse),
            int(lengths[rows].max()),
        )

    lengths = np.minimum(outputs.heights, wanted.heights[against]) * np.minimum(
        outputs.widths, wanted.widths[against]
    )
    cells = outputs.areas + wanted.areas[against]
    scores = np.zeros(len(outputs), dtype=np.int64)
    for rows, result in _spread(run, lengths, cells, backend):
        scores[rows] = result
    return scores


@dataclass(frozen=True)
class _PairSide:
    """The grids on one side of the pairs of a batch, on a device; one entry per pair."""

    cells: Any
    starts: Any
    heights: Any
    widths: Any
    device: Any


@dataclass(frozen=True)
class _Loader:
    """Moves arrays to a device."""

    xp: Any
    device: Any

    def sides(self, pictures: Pictures, places: Numbers | None = None) -> _PairSide:
        """Move grids, with one entry for each of some indices; None for all grids."""

        def numbers(values: Numbers) -> Any:
            chosen = values if places is None else values[places]
            # 32 bits are enough for any batch, and twice as fast as 64.
            return self._move(chosen.astype(np.int32))

        return _PairSide(
            # A cell that no grid has, for rows that are all padding.
            self._move(np.append(pictures.cells, np.uint8(0))),
            numbers(pictures.starts),
            numbers(pictures.heights),
            numbers(pictures.widths),
            self.device,
        )

    def _move(self, array: NDArray[Any]) -> Any:
        return self.xp.asarray(array, device=self.device)


def _score(xp: Any, output: _PairSide, wanted: _PairSide, length: int) -> Any:
    """Score the pairs of a batch on a device; ``length`` is that of the longest row."""
    height = xp.minimum(output.heights, wanted.heights)
    width = xp.minimum(output.widths, wanted.widths)
    columns = xp.arange(length, dtype=xp.int32, device=output.device)[None, :]
    line = xp.maximum(width, xp.ones_like(width))[:, None]
    row = columns // line
    column = columns - row * line
    inside = columns < (height * width)[:, None]

    def read(side: _PairSide) -> Any:
        place = side.starts[:, None] + row * side.widths[:, None] + column
        place = xp.where(inside, place, xp.zeros_like(place))
        return xp.reshape(xp.take(side.cells, xp.reshape(place, (-1,)), axis=0), place.shape)

    equal = _count(xp, inside & (read(output) == read(wanted)))

    def wide(numbers: Any) -> Any:
        return xp.astype(numbers, xp.int64)

    output_area = wide(output.heights) * wide(output.widths)
    area = wide(xp.maximum(output.heights, wanted.heights)) * wide(
        xp.maximum(output.widths, wanted.widths)
    )
    same = (
        (output.heights == wanted.heights)
        & (output.widths == wanted.widths)
        & (equal == output_area)
    )
    near = (EXACT - 1) * equal // xp.maximum(area, xp.ones_like(area))
    return xp.where(same, xp.full_like(near, EXACT), near)


def _count(xp: Any, mask: Any) -> Any:
    """Count the true entries of each row."""
    return xp.sum(xp.astype(mask, xp.int32), axis=1, dtype=xp.int64)


def _spread(
    run: Callable[[Numbers, Any], Any], lengths: Numbers, cells: Numbers, backend: ArrayBackend
) -> Iterator[tuple[Numbers, NDArray[Any]]]:
    """Run batches on all devices and yield each batch's rows with their results.

    Devices take turns in getting the next row, in the order of their length, so that each device
    has an equal share of the rows and of the work.

    Args:
        run: function that starts a batch, given its rows and the device, and returns its results
            on that device.
        lengths: number of columns of each row.
        cells: number of cells that each row needs on the device.
        backend: library with the devices.
    """
    order = np.argsort(lengths, kind="stable")
    count = len(backend.devices)
    shares = [order[first::count] for first in range(count)]
    batches = [_cut(share, lengths, cells, backend.memory_bytes) for share in shares]
    for turn in zip_longest(*batches):
        started = []
        # All devices are at work before the first result is waited for.
        for device, rows in zip(backend.devices, turn, strict=True):
            if rows is not None:
                with backend.use(device):
                    started.append((device, rows, run(rows, device)))
        for device, rows, result in started:
            with backend.use(device):
                yield rows, backend.to_host(result)


def _cut(share: Numbers, lengths: Numbers, cells: Numbers, memory_bytes: int) -> Iterator[Numbers]:
    """Cut rows in ascending order of their length into batches that fit into memory.

    A row that does not fit is a batch of its own.
    """
    ascending = lengths[share]
    sent = np.cumsum(cells[share])
    start = 0
    while start < len(share):
        widest = max(2 * int(ascending[start]), NARROW_PLACES)
        stop = int(np.searchsorted(ascending, widest, side="right"))
        before = int(sent[start] - cells[share[start]])
        numbers = np.arange(1, stop - start + 1)
        needed = PLACE_BYTES * numbers * ascending[start:stop] + sent[start:stop] - before
        fitting = int(np.searchsorted(needed, memory_bytes, side="right"))
        stop = start + max(1, fitting)
        yield share[start:stop]
        start = stop


@dataclass(frozen=True)
class ArrayScored(Evaluation):
    """An evaluation with scores that were computed by arrays.

    Attributes:
        held: `held_grid_of` of the evaluation without scores.
    """

    held: Callable[[int, int], Grid | None] = field(kw_only=True, repr=False)

    def held_grid_of(self, case: int, root: int) -> Grid | None:
        """Return the output of a root on a case, for a `Case`; None if it is no grid of ARC."""
        return self.held(case, root)


def score_evaluations(
    evaluations: Sequence[Evaluation],
    wanted: Sequence[Sequence[Grid | None]],
    backend: ArrayBackend,
) -> list[ArrayScored]:
    """Score the outputs of roots against the wanted grids, all in one computation.

    Equal outputs of a case are scored once. An output that does not fit into an array of bytes,
    such as a grid with negative marks, is scored on its own.

    Args:
        evaluations: evaluations with their outputs kept.
        wanted: for each evaluation, the wanted grid of each case; None leaves a case unscored.
        backend: library to compute with.
    """
    asked = _Asked()
    tables = [
        [asked.add(evaluation, case, grid) for case, grid in enumerate(grids)]
        for evaluation, grids in zip(evaluations, wanted, strict=True)
    ]
    scores = asked.scores(backend)
    return [
        ArrayScored(
            outcomes=[
                [replace(outcome, score=scores[slots[outcome.digest]]) for outcome in row]
                for row, slots in zip(evaluation.outcomes, tables_of, strict=True)
            ],
            nanoseconds=evaluation.nanoseconds,
            read_output=evaluation.read_output,
            problem=evaluation.problem,
            held=evaluation.held_grid_of,
        )
        for evaluation, tables_of in zip(evaluations, tables, strict=True)
    ]


class _Asked:
    """Collects the pairs to score; each distinct output of a case has a slot for its score."""

    def __init__(self) -> None:
        self._scores = [0]
        """Slot 0 is for failures."""
        self._outputs: list[Picture] = []
        self._slots: list[int] = []
        self._against: list[int] = []
        self._wanted: list[Picture] = []

    def add(self, evaluation: Evaluation, case: int, grid: Grid | None) -> dict[int, int]:
        """Add the pairs of all roots on a case; return the slot of each digest."""
        digests = evaluation.digests_of(case)
        if grid is None:
            return dict.fromkeys(digests, 0)
        slots = {0: 0}
        picture = as_picture(grid)
        for root, digest in enumerate(digests):
            if digest in slots:
                continue
            slots[digest] = len(self._scores)
            output = None if picture is None else evaluation.array_of(case, root)
            if output is None:
                self._scores.append(agreement(evaluation.read_output(case, root), grid))
            else:
                self._scores.append(0)
                self._slots.append(slots[digest])
                self._outputs.append(output)
                self._against.append(len(self._wanted))
        if picture is not None:
            self._wanted.append(picture)
        return slots

    def scores(self, backend: ArrayBackend) -> list[int]:
        """Return the score of each slot."""
        scored = score_pairs(
            Pictures.of(self._outputs),
            Pictures.of(self._wanted),
            np.array(self._against, dtype=np.int64),
            backend,
        )
        scores = np.array(self._scores, dtype=np.int64)
        scores[np.array(self._slots, dtype=np.int64)] = scored
        found: list[int] = scores.tolist()
        return found


def as_picture(grid: Grid) -> Picture | None:
    """Return a grid as an array; None if it is not rectangular or a cell is not in 0..255."""
    width = len(grid[0]) if grid else 0
    fits = all(
        len(row) == width and all(is_number(cell) and 0 <= cell <= 255 for cell in row)
        for row in grid
    )
    return np.array(grid, dtype=np.uint8).reshape(len(grid), width) if fits else None


class ArrayScoringEngine:
    """Wraps an engine that evaluates, and scores the outputs by arrays.

    Args:
        engine: the engine that evaluates.
        backend: the array library.
        timings: the timings to which the time of scoring is added, as ``run_batt.batch_arrays``.
    """

    def __init__(self, engine: Engine, backend: ArrayBackend, timings: Timings) -> None:
        self._engine = engine
        self._backend = backend
        self._timings = timings

    @property
    def name(self) -> str:
        """The name of the engine that evaluates."""
        return self._engine.name

    def evaluate(
        self,
        jobs: Sequence[Job],
        budget: Budget,
        *,
        threads: int = 1,
        keep_outputs: bool = False,
    ) -> list[Evaluation]:
        """Evaluate jobs, see `Engine.evaluate`; outputs that are scored are kept."""
        wanted = [[case.wanted for case in job.cases] for job in jobs]
        scored = any(grid is not None for grids in wanted for grid in grids)
        if scored:
            cases = [[replace(case, wanted=None) for case in job.cases] for job in jobs]
            jobs = [Job(job.graph, mine) for job, mine in zip(jobs, cases, strict=True)]
        evaluations = self._engine.evaluate(
            jobs, budget, threads=threads, keep_outputs=keep_outputs or scored
        )
        if not scored:
            return evaluations
        with self._timings.measure("run_batt.batch_arrays"):
            return [*score_evaluations(evaluations, wanted, self._backend)]

    def trace(self, graph: Graph, case: Case, budget: Budget) -> list[NodeOutcome]:
        """Evaluate every node on one case, see `Engine.trace`."""
        return self._engine.trace(graph, case, budget)


def open_arrays(name: str) -> ArrayBackend:
    """Return a backend by name: one of `BACKENDS`.

    Raises ArrayBackendError if it is unknown, not installed, or finds no device.
    """
    if name not in BACKENDS:
        raise ArrayBackendError(
            backend=name, problem=f"unknown, expected one of {', '.join(BACKENDS)}"
        )
    return BACKENDS[name]()


def _open_numpy() -> ArrayBackend:
    numpy = _import("numpy", "numpy", INSTALL)
    return ArrayBackend("numpy", _standard("numpy"), ("cpu",), numpy.asarray)


def _open_torch() -> ArrayBackend:
    torch = _import("torch", "torch", f"{INSTALL} torch")
    xp = _standard("torch")
    devices = tuple(torch.device("cuda", index) for index in range(torch.cuda.device_count()))

    def to_host(array: Any) -> Any:
        return array.cpu().numpy()

    if not devices:
        return ArrayBackend("torch", xp, (torch.device("cpu"),), to_host)
    return ArrayBackend("torch", xp, devices, to_host, GPU_BYTES)


def _open_cupy() -> ArrayBackend:
    cupy = _import("cupy", "cupy", f"{INSTALL} and the cupy of your CUDA, such as cupy-cuda12x")
    xp = _standard("cupy")
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except RuntimeError as error:
        raise ArrayBackendError(backend="cupy", problem=f"sees no GPU: {error}") from error
    if not count:
        raise ArrayBackendError(backend="cupy", problem="sees no GPU")
    devices = tuple(map(cupy.cuda.Device, range(count)))
    # CuPy computes on the current device, wherever the arrays lie.
    return ArrayBackend("cupy", xp, devices, cupy.asnumpy, GPU_BYTES, use=lambda device: device)


BACKENDS: dict[str, Callable[[], ArrayBackend]] = {
    "numpy": _open_numpy,
    "torch": _open_torch,
    "cupy": _open_cupy,
}
"""The functions that open the backends, by name."""


def _standard(name: str) -> ModuleType:
    """Return the namespace of a library in the form of the array API standard."""
    return _import(name, f"array_api_compat.{name}", INSTALL)


def _import(backend: str, module: str, install: str) -> ModuleType:
    try:
        return import_module(module)
    except (ImportError, OSError) as error:  # OSError: one of its own libraries is missing
        raise ArrayBackendError(
            backend=backend,
            problem=f"{module} can't be imported ({error}); to install it: {install}",
        ) from error
