"""Scoring many outputs against many wanted grids as one array computation.

Written once against the array API standard; `arrays_backends` has the libraries that it runs on.
A pair of grids is a row, the cells that both grids have are its columns. Rows are padded to the
longest one of their batch, and a mask tells what is padding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from arcbatt.dsl.types import Grid
from arcbatt.dsl.values import is_number
from arcbatt.engine.arrays_backends import ArrayBackend
from arcbatt.engine.native import Lazy
from arcbatt.engine.outcome import EXACT, Evaluation, RootOutcome, agreement

COLORS = 10
"""Colours of ARC, 0..9."""
PLACE_BYTES = 40
"""Memory that one column of one row takes while it is computed: indices, cells and masks."""
NARROW_PLACES = 64
"""Rows up to here share a batch; longer ones only if the longest is twice the shortest or less."""

Picture = NDArray[np.uint8]
"""A grid with cells in 0..255 as an array of rows and columns."""
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Pictures:
    """Grids of any sizes in one array.

    Attributes:
        cells: of all grids, one grid after the other, row by row.
        heights: of each grid.
        widths: of each grid.
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
        """Cells of each grid."""
        return self.heights * self.widths

    @cached_property
    def starts(self) -> Numbers:
        """Where each grid begins among the cells."""
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
        outputs: what is scored.
        wanted: what it is scored against; a grid may be wanted of many outputs.
        against: for each output the place of its wanted grid.
        backend: on all of whose devices this runs, each with an equal share of the pairs.

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


def count_colors(pictures: Pictures, backend: ArrayBackend) -> NDArray[np.int64]:
    """Count the cells of each colour: one row for each grid, one column for each of ten colours.

    Cells of other colours are in no column.
    """

    def run(rows: Numbers, device: Any) -> Any:
        side = _Loader(backend.xp, device).sides(pictures.choose(rows))
        return _histogram(backend.xp, side, int(pictures.areas[rows].max()))

    counts = np.zeros((len(pictures), COLORS), dtype=np.int64)
    for rows, result in _spread(run, pictures.areas, pictures.areas, backend):
        counts[rows] = result
    return counts


@dataclass(frozen=True)
class _Side:
    """The grids on one side of the pairs of a batch, on a device; one entry for each pair."""

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

    def sides(self, pictures: Pictures, places: Numbers | None = None) -> _Side:
        """Move grids, with one entry for each place; None for one entry for each grid."""

        def numbers(values: Numbers) -> Any:
            chosen = values if places is None else values[places]
            # A batch is too small for 32 bits not to do; they are twice as fast.
            return self._move(chosen.astype(np.int32))

        return _Side(
            # A cell that no grid has, for rows that are all padding.
            self._move(np.append(pictures.cells, np.uint8(0))),
            numbers(pictures.starts),
            numbers(pictures.heights),
            numbers(pictures.widths),
            self.device,
        )

    def _move(self, array: NDArray[Any]) -> Any:
        return self.xp.asarray(array, device=self.device)


def _score(xp: Any, output: _Side, wanted: _Side, length: int) -> Any:
    """Score the pairs of a batch on a device; no row is longer than the length."""
    height = xp.minimum(output.heights, wanted.heights)
    width = xp.minimum(output.widths, wanted.widths)
    columns = xp.arange(length, dtype=xp.int32, device=output.device)[None, :]
    line = xp.maximum(width, xp.ones_like(width))[:, None]
    row = columns // line
    column = columns - row * line
    inside = columns < (height * width)[:, None]

    def read(side: _Side) -> Any:
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


def _histogram(xp: Any, side: _Side, length: int) -> Any:
    """Count the colours of the grids of a batch on a device."""
    columns = xp.arange(length, dtype=xp.int32, device=side.device)[None, :]
    inside = columns < (side.heights * side.widths)[:, None]
    place = side.starts[:, None] + columns
    place = xp.where(inside, place, xp.zeros_like(place))
    cells = xp.reshape(xp.take(side.cells, xp.reshape(place, (-1,)), axis=0), place.shape)
    return xp.stack([_count(xp, inside & (cells == color)) for color in range(COLORS)], axis=1)


def _count(xp: Any, mask: Any) -> Any:
    """Count what is true in each row."""
    return xp.sum(xp.astype(mask, xp.int32), axis=1, dtype=xp.int64)


def _spread(
    run: Callable[[Numbers, Any], Any], lengths: Numbers, cells: Numbers, backend: ArrayBackend
) -> Iterator[tuple[Numbers, NDArray[Any]]]:
    """Run batches on all devices and yield each batch's rows with their results.

    The rows are dealt one by one in the order of their length, so that each device has its equal
    share of the rows and of the work.

    Args:
        run: starts a batch, given its rows and the device, and returns its results there.
        lengths: columns of each row.
        cells: that have to be on the device for each row.
        backend: with the devices.
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
    """An evaluation whose scores were computed by arrays.

    Attributes:
        unscored: the evaluation itself.
        scores: one list per case, in it one score per root.
    """

    unscored: Evaluation = field(kw_only=True, repr=False)
    scores: Sequence[Sequence[int]] = field(kw_only=True, repr=False)

    @classmethod
    def of(cls, unscored: Evaluation, scores: Sequence[Sequence[int]]) -> ArrayScored:
        """Put scores in the place of an evaluation's own."""

        def outcome(case: int, root: int) -> RootOutcome:
            return replace(unscored.outcomes[case][root], score=scores[case][root])

        def row(case: int) -> Lazy[RootOutcome]:
            return Lazy(len(scores[case]), lambda root: outcome(case, root))

        return cls(
            outcomes=Lazy(len(scores), row),
            nanoseconds=unscored.nanoseconds,
            read_output=unscored.read_output,
            problem=unscored.problem,
            unscored=unscored,
            scores=scores,
        )

    def scores_of(self, case: int) -> list[int]:
        """Return the scores of all roots on a case."""
        return list(self.scores[case])

    def digests_of(self, case: int) -> list[int]:
        """Return the digests of all roots on a case, 0 for a failure."""
        return self.unscored.digests_of(case)

    def fuel_of(self, case: int) -> list[int]:
        """Return the fuel of all roots on a case."""
        return self.unscored.fuel_of(case)

    def times_of(self, case: int) -> list[int]:
        """Return the nanoseconds of all roots on a case."""
        return self.unscored.times_of(case)

    def numbers_of(self, case: int) -> list[int | None]:
        """Return the number that each root returned on a case, or began a tuple with."""
        return self.unscored.numbers_of(case)

    def array_of(self, case: int, root: int) -> Picture | None:
        """Return the output of a root on a case as an array; None if it is no picture."""
        return self.unscored.array_of(case, root)


def score_evaluations(
    evaluations: Sequence[Evaluation],
    wanted: Sequence[Sequence[Grid | None]],
    backend: ArrayBackend,
) -> list[ArrayScored]:
    """Score what roots returned against what was wanted, all of it in one computation.

    Equal outputs of a case are scored once. What does not fit into an array of bytes, such as
    a grid with negative marks, is scored on its own.

    Args:
        evaluations: with their outputs kept.
        wanted: for each evaluation the wanted grid of each case; None leaves a case unscored.
        backend: to compute with.
    """
    asked = _Asked()
    tables = [
        [asked.add(evaluation, case, grid) for case, grid in enumerate(grids)]
        for evaluation, grids in zip(evaluations, wanted, strict=True)
    ]
    scores = asked.scores(backend)
    return [
        ArrayScored.of(
            evaluation,
            [
                [scores[slot] for slot in map(table.__getitem__, evaluation.digests_of(case))]
                for case, table in enumerate(by_case)
            ],
        )
        for evaluation, by_case in zip(evaluations, tables, strict=True)
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
        """Ask for the scores of all roots on a case; returns the slot of each digest."""
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
