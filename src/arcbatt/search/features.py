"""Features: yes/no properties of the demos of a task, which search is guided by.

A feature is a short function with the name of the property. Most are properties of one demo, which
hold for a task if they hold for all of its demos.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import chain

from arcbatt.dsl.types import Grid, Samples

DEMOS_MAX = 6
"""Number of demos that are looked at, the first ones."""

Part = tuple[int, tuple[tuple[int, int], ...], tuple[int, int]]
"""Touching cells of one colour, not 0: the colour, places within their box, its first corner."""


class Picture:
    """A grid and what is known of it.

    Attributes:
        rows: the grid.
    """

    def __init__(self, rows: Grid) -> None:
        self.rows = rows

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return len(self.rows), len(self.rows[0])

    @property
    def area(self) -> int:
        """Number of cells."""
        return len(self.rows) * len(self.rows[0])

    @cached_property
    def columns(self) -> Grid:
        """The transposed grid."""
        return tuple(zip(*self.rows, strict=True))

    @cached_property
    def counts(self) -> Counter[int]:
        """Number of cells of each colour."""
        return Counter(chain.from_iterable(self.rows))

    @property
    def colors(self) -> set[int]:
        """The colours, 0 among them."""
        return set(self.counts)

    @cached_property
    def box(self) -> Grid:
        """The smallest part that holds all cells that are not 0; the grid if there are none."""
        held = [i for i, row in enumerate(self.rows) if any(row)]
        wide = [j for j, column in enumerate(self.columns) if any(column)]
        if not held:
            return self.rows
        return tuple(row[wide[0] : wide[-1] + 1] for row in self.rows[held[0] : held[-1] + 1])

    @cached_property
    def parts(self) -> list[Part]:
        """The sets of touching cells of one colour, diagonally too, in the order of the grid."""
        # Places are numbers; a column of nothing between the rows keeps rows apart.
        step = self.shape[1] + 1
        left = {
            i * step + j: color
            for i, row in enumerate(self.rows)
            for j, color in enumerate(row)
            if color
        }
        around = (-step - 1, -step, -step + 1, -1, 1, step - 1, step, step + 1)
        parts: list[Part] = []
        for start in tuple(left):
            color = left.pop(start, 0)
            if not color:
                continue
            cells = [start]
            for cell in cells:
                for way in around:
                    if left.get(cell + way) == color:
                        del left[cell + way]
                        cells.append(cell + way)
            places = [divmod(cell, step) for cell in sorted(cells)]
            top, side = places[0][0], min(j for _, j in places)
            parts.append((color, tuple((i - top, j - side) for i, j in places), (top, side)))
        return parts

    @cached_property
    def shapes(self) -> Counter[tuple[tuple[int, int], ...]]:
        """Number of parts of each shape."""
        return Counter(places for _, places, _ in self.parts)

    @cached_property
    def things(self) -> Counter[tuple[int, tuple[tuple[int, int], ...]]]:
        """Number of parts of each colour and shape."""
        return Counter((color, places) for color, places, _ in self.parts)

    @cached_property
    def has_rules(self) -> tuple[bool, bool]:
        """Whether inner rows, and inner columns, of one colour other than 0 divide the grid."""
        return _has_rule(self.rows), _has_rule(self.columns)

    @cached_property
    def holes(self) -> set[tuple[int, int]]:
        """The cells of colour 0 that no path of such cells joins to the border."""
        (height, width), step = self.shape, self.shape[1] + 1
        zeros = {
            i * step + j
            for i, row in enumerate(self.rows)
            for j, color in enumerate(row)
            if not color
        }
        edge = {i * step + j for i in range(height) for j in (0, width - 1)}
        edge |= {i * step + j for i in (0, height - 1) for j in range(width)}
        queue = list(zeros & edge)
        zeros -= edge
        for cell in queue:
            for near in (cell - step, cell - 1, cell + 1, cell + step):
                if near in zeros:
                    zeros.remove(near)
                    queue.append(near)
        return {divmod(cell, step) for cell in zeros}

    @cached_property
    def turns(self) -> tuple[Grid, ...]:
        """The seven other grids that turning and mirroring give."""
        rows, columns = self.rows, self.columns
        mirrored = tuple(row[::-1] for row in rows)
        over = tuple(column[::-1] for column in columns)
        return mirrored, rows[::-1], mirrored[::-1], columns, over, columns[::-1], over[::-1]

    @cached_property
    def symmetries(self) -> tuple[bool, ...]:
        """Whether it equals its mirror image left to right, upside down, both, transposed."""
        return tuple(turned == self.rows for turned in self.turns[:4])

    def period(self) -> bool:
        """Return whether it is made of smaller equal tiles."""
        return _repeats(self.rows) or _repeats(self.columns)


def _has_rule(lines: Sequence[Sequence[int]]) -> bool:
    return any(line[0] and len(set(line)) == 1 for line in lines[1:-1])


def _repeats(lines: Grid) -> bool:
    size = len(lines)
    steps = (step for step in range(1, size // 2 + 1) if size % step == 0)
    return any(lines[step:] == lines[:-step] for step in steps)


def _is_within(small: Grid, large: Grid) -> bool:
    height, width = len(small), len(small[0])
    return any(
        all(large[i + x][j : j + width] == small[x] for x in range(height))
        for i in range(len(large) - height + 1)
        for j in range(len(large[0]) - width + 1)
    )


def _enlarge(grid: Grid, by: tuple[int, int]) -> Grid:
    return tuple(
        tuple(cell for cell in row for _ in range(by[1])) for row in grid for _ in range(by[0])
    )


class Demo:
    """A demo and what is known of its change.

    Attributes:
        given: the input.
        out: the output.
    """

    def __init__(self, given: Grid, out: Grid) -> None:
        self.given, self.out = Picture(given), Picture(out)

    @property
    def has_one_shape(self) -> bool:
        """Whether input and output have the same shape."""
        return self.given.shape == self.out.shape

    @cached_property
    def changes(self) -> list[tuple[int, int, int, int]]:
        """Row, column, old and new colour of the cells that change; empty for other shapes."""
        if not self.has_one_shape:
            return []
        both = zip(self.given.rows, self.out.rows, strict=True)
        return [
            (i, j, old, new)
            for i, (before, after) in enumerate(both)
            if before != after
            for j, (old, new) in enumerate(zip(before, after, strict=True))
            if old != new
        ]

    @property
    def share(self) -> float:
        """Share of the cells that change, 0..1; 1 for other shapes."""
        return len(self.changes) / self.given.area if self.has_one_shape else 1.0

    @property
    def old(self) -> set[int]:
        """The colours that changing cells had."""
        return {old for _, _, old, _ in self.changes}

    @property
    def new(self) -> set[int]:
        """The colours that changing cells get."""
        return {new for _, _, _, new in self.changes}

    @cached_property
    def ratio(self) -> tuple[int, int] | None:
        """By how much the output is higher and wider, if it is a multiple of the input."""
        (h, w), (height, width) = self.given.shape, self.out.shape
        return None if height % h or width % w else (height // h, width // w)

    @cached_property
    def fraction(self) -> tuple[int, int] | None:
        """By how much the input is higher and wider, if it is a multiple of the output."""
        (h, w), (height, width) = self.out.shape, self.given.shape
        return None if height % h or width % w else (height // h, width // w)


def _keeps_symmetry(one: Demo) -> bool:
    return not any(one.given.symmetries) and any(one.out.symmetries)


def _has_rays(one: Demo) -> bool:
    """Return whether every cell that changes has its new colour in its row or column before."""
    rows, columns = one.given.rows, one.given.columns
    return all(new in rows[i] or new in columns[j] for i, j, _, new in one.changes)


def _is_part(one: Demo) -> bool:
    """Return whether the output is the box of one part of the input, by its cells."""
    height, width = one.out.shape
    for color, places, (top, left) in one.given.parts:
        if (max(i for i, _ in places) + 1, max(j for _, j in places) + 1) == (height, width):
            rows = one.given.rows[top : top + height]
            if tuple(row[left : left + width] for row in rows) == one.out.rows:
                return True
            own = tuple(
                tuple(color * ((i, j) in places) for j in range(width)) for i in range(height)
            )
            if own == one.out.rows:
                return True
    return False


def _maps_colors(demos: Demos) -> bool:
    """Return whether one map of colours explains all changes."""
    pairs = {(old, new) for one in demos for _, _, old, new in one.changes}
    kept = {
        before
        for one in demos
        for rows in zip(one.given.rows, one.out.rows, strict=False)
        for before, after in zip(*rows, strict=False)
        if before == after
    }
    olds = [old for old, _ in pairs]
    return bool(pairs) and len(set(olds)) == len(olds) and kept.isdisjoint(olds)


def _constant(value: Callable[[Demo], object]) -> Callable[[Demos], bool]:
    return lambda demos: len({value(one) for one in demos}) == 1


Demos = Sequence[Demo]

OF_EACH: dict[str, Callable[[Demo], bool]] = {
    # Shapes.
    "same shape": lambda one: one.has_one_shape,
    "output smaller": lambda one: one.out.area < one.given.area,
    "output larger": lambda one: one.out.area > one.given.area,
    "input square": lambda one: one.given.shape[0] == one.given.shape[1],
    "output square": lambda one: one.out.shape[0] == one.out.shape[1],
    "shape transposed": lambda one: (
        not one.has_one_shape and one.given.shape == one.out.shape[::-1]
    ),
    "output a multiple": lambda one: one.ratio not in (None, (1, 1)),
    "output a multiple in one direction": lambda one: (
        one.ratio is not None and one.ratio != (1, 1) and 1 in one.ratio
    ),
    "output twice as large": lambda one: one.ratio in ((1, 2), (2, 1)),
    "output squared": lambda one: one.ratio == one.given.shape,
    "output a fraction": lambda one: one.fraction not in (None, (1, 1)),
    "output half": lambda one: one.fraction in ((1, 2), (2, 1)),
    "output half without a line": lambda one: any(
        2 * side + 1 == whole and other == same
        for (side, other), (whole, same) in (
            (one.out.shape, one.given.shape),
            (one.out.shape[::-1], one.given.shape[::-1]),
        )
    ),
    "output a third": lambda one: one.fraction in ((1, 3), (3, 1), (3, 3)),
    "output two cells smaller": lambda one: (
        one.given.shape[0] - one.out.shape[0] == one.given.shape[1] - one.out.shape[1] == 2
    ),
    "output one cell": lambda one: one.out.area == 1,
    "output one line": lambda one: one.out.area > 1 and 1 in one.out.shape,
    "output at most 3x3": lambda one: max(one.out.shape) <= 3,
    "input at most 5x5": lambda one: max(one.given.shape) <= 5,
    "input at least 12x12": lambda one: min(one.given.shape) >= 12,
    # Colours.
    "no new colours": lambda one: one.out.colors <= one.given.colors,
    "colours lost": lambda one: bool(one.given.colors - one.out.colors),
    "counts of colours kept": lambda one: one.given.counts == one.out.counts,
    "0 the most frequent": lambda one: one.given.counts[0] == max(one.given.counts.values()),
    "0 gone": lambda one: 0 in one.given.colors and 0 not in one.out.colors,
    "no 0 in the input": lambda one: 0 not in one.given.colors,
    "input of two colours": lambda one: len(one.given.colors) == 2,
    "input of at most three colours": lambda one: len(one.given.colors) <= 3,
    "input of five colours or more": lambda one: len(one.given.colors) >= 5,
    "output of one colour": lambda one: len(one.out.colors) == 1,
    "output of two colours": lambda one: len(one.out.colors) == 2,
    "one new colour": lambda one: len(one.out.colors - one.given.colors) == 1,
    "one colour lost": lambda one: len(one.given.colors - one.out.colors) == 1,
    # Changes.
    "at most 1/20 changes": lambda one: one.share <= 1 / 20,
    "at most 1/5 changes": lambda one: one.share <= 1 / 5,
    "at least 1/2 changes": lambda one: one.has_one_shape and one.share >= 1 / 2,
    "only 0 changes": lambda one: one.old == {0},
    "changes to 0": lambda one: one.new == {0},
    "0 is kept": lambda one: one.has_one_shape and 0 not in one.old | one.new,
    "one colour changes": lambda one: len(one.old) == 1,
    "changes to one colour": lambda one: len(one.new) == 1,
    "changes to several colours": lambda one: len(one.new) > 1,
    "changes within holes": lambda one: (
        bool(one.changes) and {(i, j) for i, j, _, _ in one.changes} <= one.given.holes
    ),
    "changes with a cell of the colour in line": lambda one: bool(one.changes) and _has_rays(one),
    # Symmetries and repetition.
    "input symmetric": lambda one: any(one.given.symmetries),
    "output symmetric": lambda one: any(one.out.symmetries),
    "output symmetric, input not": _keeps_symmetry,
    "output symmetric left to right and upside down": lambda one: all(one.out.symmetries[:2]),
    "output a mirror image": lambda one: one.out.rows in one.given.turns,
    "output of equal tiles": lambda one: one.out.period(),
    "input of equal tiles": lambda one: one.given.period(),
    # Parts of grids.
    "output within the input": lambda one: (
        not one.has_one_shape and _is_within(one.out.rows, one.given.rows)
    ),
    "input within the output": lambda one: (
        not one.has_one_shape and _is_within(one.given.rows, one.out.rows)
    ),
    "output the box of the input": lambda one: (
        not one.has_one_shape and one.out.shape == (len(one.given.box), len(one.given.box[0]))
    ),
    "output enlarged": lambda one: (
        one.ratio not in (None, (1, 1)) and one.out.rows == _enlarge(one.given.rows, one.ratio)
    ),
    "input starts the output": lambda one: (
        one.ratio not in (None, (1, 1))
        and tuple(row[: one.given.shape[1]] for row in one.out.rows[: one.given.shape[0]])
        == one.given.rows
    ),
    "output one of the parts": lambda one: not one.has_one_shape and _is_part(one),
    "output as large as a part": lambda one: (
        not one.has_one_shape
        and any(
            one.out.shape == (places[-1][0] + 1, max(j for _, j in places) + 1)
            for _, places, _ in one.given.parts
        )
    ),
    # Lines.
    "input divided": lambda one: any(one.given.has_rules),
    "input divided both ways": lambda one: all(one.given.has_rules),
    "output divided, input not": lambda one: (
        any(one.out.has_rules) and not any(one.given.has_rules)
    ),
    # Objects.
    "no or one object": lambda one: len(one.given.parts) <= 1,
    "two objects": lambda one: len(one.given.parts) == 2,
    "three to six objects": lambda one: 3 <= len(one.given.parts) <= 6,
    "more than twelve objects": lambda one: len(one.given.parts) > 12,
    "number of objects kept": lambda one: len(one.given.parts) == len(one.out.parts),
    "fewer objects": lambda one: len(one.out.parts) < len(one.given.parts),
    "one object in the output": lambda one: len(one.out.parts) == 1,
    "objects kept": lambda one: one.given.things == one.out.things,
    "shapes kept": lambda one: one.given.shapes == one.out.shapes,
    "objects removed": lambda one: (
        one.given.things != one.out.things and one.out.things <= one.given.things
    ),
    "objects added": lambda one: (
        one.given.things != one.out.things and one.given.things <= one.out.things
    ),
    "only single cells": lambda one: set(one.given.shapes) == {((0, 0),)},
    "single cells": lambda one: ((0, 0),) in one.given.shapes,
    "equal shapes": lambda one: max(one.given.shapes.values(), default=0) > 1,
    "an enclosed hole": lambda one: bool(one.given.holes),
    # Counts.
    "as many rows or columns as objects": lambda one: (
        not one.has_one_shape and len(one.given.parts) in one.out.shape
    ),
    "as many cells as objects": lambda one: one.out.area == len(one.given.parts),
    "as many rows or columns as colours": lambda one: (
        not one.has_one_shape
        and bool({len(one.given.colors), len(one.given.colors) - 1} & set(one.out.shape))
    ),
}
"""Properties of a demo; a task has the feature if all demos have it."""

OF_ALL: dict[str, Callable[[Demos], bool]] = {
    "one shape of inputs": _constant(lambda one: one.given.shape),
    "one shape of outputs": _constant(lambda one: one.out.shape),
    "equal colours of inputs": _constant(lambda one: frozenset(one.given.colors)),
    "equal colours of outputs": _constant(lambda one: frozenset(one.out.colors)),
    "equal new colours": _constant(lambda one: frozenset(one.out.colors - one.given.colors)),
    "a map of colours": _maps_colors,
    "changes to the same colours": _constant(lambda one: frozenset(one.new)),
    "some demo of another shape": lambda demos: not all(one.has_one_shape for one in demos),
    "new colours in some demo": lambda demos: any(
        one.out.colors - one.given.colors for one in demos
    ),
}
"""Properties of all demos together."""

FEATURES = (*OF_EACH, *OF_ALL)
"""The names of all features, in the order of `features_of`."""


def features_of(demos: Samples) -> tuple[bool, ...]:
    """Return for each of `FEATURES` whether the first demos of a task have it."""
    seen = [Demo(given, out) for given, out in demos[:DEMOS_MAX]]
    of_each = (all(map(test, seen)) for test in OF_EACH.values())
    return (*of_each, *(test(seen) for test in OF_ALL.values()))
