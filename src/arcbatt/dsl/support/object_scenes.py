"""Grids taken apart into objects, and the numbers that conditions read off each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from arcbatt.dsl.support.connected_components import (
    ALL_STEPS,
    DIRECT_STEPS,
    Extent,
    Place,
    Steps,
    connected_parts,
    extent,
    most_common_color,
)
from arcbatt.dsl.types import Color, Grid
from arcbatt.dsl.values import reject

OBJECTS_MAX = 100
"""How many objects a grid has, at most."""
CELLS_MAX = 4096
"""How many cells a grid has, at most."""
TURNS = {
    "hmirror": 1,
    "vmirror": 2,
    "rot180": 3,
    "dmirror": 4,
    "rot90": 6,
    "rot270": 5,
    "cmirror": 7,
}
"""Turns by the primitives that stand for them, as `turned` numbers them."""
Picture = list[tuple[int, int, Color]]
"""Cells relative to the box around them, each a row, a column and a colour, ascending."""


def turned(row: int, column: int, height: int, width: int, turn: int) -> Place:
    """Turn a location in a box: bit 4 swaps rows and columns, then 1 and 2 mirror them."""
    if turn & 4:
        row, column, height, width = column, row, width, height
    return height - 1 - row if turn & 1 else row, width - 1 - column if turn & 2 else column


@dataclass(frozen=True)
class Thing:
    """An object of a grid.

    Attributes:
        scene: the grid taken apart.
        number: its place among the objects.
        places: its cells, ascending.
    """

    scene: Scene
    number: int
    places: list[Place]

    @cached_property
    def edges(self) -> Extent:
        """The box around it."""
        return extent(self.places)

    @property
    def height(self) -> int:
        """How many rows its box has."""
        return self.edges.bottom - self.edges.top + 1

    @property
    def width(self) -> int:
        """How many columns its box has."""
        return self.edges.right - self.edges.left + 1

    @cached_property
    def colors(self) -> list[Color]:
        """The colours of its cells."""
        return [self.scene.grid[i][j] for i, j in self.places]

    @cached_property
    def color(self) -> Color:
        """Its most common colour other than the background, the lowest of several."""
        own = [color for color in self.colors if color != self.scene.background]
        return most_common_color(own) if own else self.scene.background

    def owns(self, place: Place) -> bool:
        """Tell whether a cell belongs to it."""
        return self.scene.owners.get(place) == self.number

    def box(self) -> Iterator[Place]:
        """Walk all cells of its box."""
        for i in range(self.edges.top, self.edges.bottom + 1):
            for j in range(self.edges.left, self.edges.right + 1):
                yield i, j

    def around(self, steps: Steps) -> list[Place]:
        """List the cells some steps away from its own that are not of it, ascending."""
        near = {(i + down, j + right) for i, j in self.places for down, right in steps}
        return sorted(place for place in near if self.scene.has(place) and not self.owns(place))

    def turned(self, turn: int = 0) -> Picture:
        """Return its cells relative to its box, turned."""
        top, left, *_ = self.edges
        return sorted(
            (*turned(i - top, j - left, self.height, self.width, turn), color)
            for (i, j), color in zip(self.places, self.colors, strict=True)
        )

    @cached_property
    def holes(self) -> list[list[Place]]:
        """The regions of its box that are not of it and don't reach the edge of the box."""
        top, left, bottom, right = self.edges
        free = {place for place in self.box() if not self.owns(place)}
        return [
            region
            for region in connected_parts(free, DIRECT_STEPS)
            if not any(i in (top, bottom) or j in (left, right) for i, j in region)
        ]

    def others(self) -> list[Thing]:
        """List all other objects."""
        return [other for other in self.scene.things if other.number != self.number]

    def distance(self, other: Thing) -> int:
        """Return how many rows and columns lie between its box and another's."""
        one, two = self.edges, other.edges
        rows = max(two.top - one.bottom, one.top - two.bottom, 0)
        return rows + max(two.left - one.right, one.left - two.right, 0)

    def is_inside(self, other: Thing) -> bool:
        """Tell whether its box lies in another's."""
        one, two = self.edges, other.edges
        rows = two.top <= one.top and one.bottom <= two.bottom
        return rows and two.left <= one.left and one.right <= two.right

    def shares_rows(self, other: Thing) -> bool:
        """Tell whether another object has cells at its height."""
        return self.edges.top <= other.edges.bottom and other.edges.top <= self.edges.bottom

    def shares_columns(self, other: Thing) -> bool:
        """Tell whether another object has cells above or below its box, or in it."""
        return self.edges.left <= other.edges.right and other.edges.left <= self.edges.right

    def is_symmetric(self, turn: int) -> int:
        """Tell whether a turn leaves it as it is."""
        return int(self.turned(turn) == self.turned())

    def shape(self, turn: int = 0) -> list[Place]:
        """Return where its cells are relative to its box, turned."""
        return [(i, j) for i, j, _ in self.turned(turn)]


class Scene:
    """A grid taken apart.

    Args:
        grid: the grid.
        background: the colour of the background.
        partition: the way to take it apart, see `PARTITIONS`.

    Raises CallFailure if it has no cells or too many, or too many objects.
    """

    def __init__(self, grid: Grid, background: Color, partition: str) -> None:
        self.grid = grid
        self.background = background
        self.height, self.width = len(grid), len(grid[0]) if grid else 0
        if not 1 <= self.height * self.width <= CELLS_MAX:
            raise reject(f"a grid of 1 to {CELLS_MAX} cells", grid)
        regions = PARTITIONS[partition](self)
        if len(regions) > OBJECTS_MAX:
            raise reject(f"a grid of up to {OBJECTS_MAX} objects", grid)
        self.things = [Thing(self, number, places) for number, places in enumerate(regions)]
        self.owners = {place: thing.number for thing in self.things for place in thing.places}

    def has(self, place: Place) -> bool:
        """Tell whether a location is inside the grid."""
        return 0 <= place[0] < self.height and 0 <= place[1] < self.width

    def places(self) -> Iterator[Place]:
        """Walk all locations, row by row."""
        for i in range(self.height):
            for j in range(self.width):
                yield i, j

    def read(self, name: str, of: str | Color | None) -> list[int]:
        """Read a feature off every object; see `by_objects`."""
        if isinstance(of, int):
            if name == "palette":
                return [int(of in thing.colors) for thing in self.things]
            beside = [thing.around(DIRECT_STEPS) for thing in self.things]
            return [int(any(self.grid[i][j] == of for i, j in each)) for each in beside]
        if of is None:
            return self._values(name)
        values = self._values(of)
        return [COMPARISONS[name](value, values) for value in values]

    def _values(self, name: str) -> list[int]:
        if name not in KINDS:
            return [PROPERTIES[name](thing) for thing in self.things]
        keys = [KINDS[name](thing) for thing in self.things]
        return [keys.index(key) for key in keys]


def _connected(scene: Scene, steps: Steps, *, one_color: bool) -> list[list[Place]]:
    """List the connected cells that are not of the background, by their first cell."""
    places: dict[Color, set[Place]] = {}
    for i, j in scene.places():
        color = scene.grid[i][j]
        if color != scene.background:
            places.setdefault(color if one_color else 0, set()).add((i, j))
    return _ascending(part for each in places.values() for part in connected_parts(each, steps))


def _ascending(regions: Iterable[Iterable[Place]]) -> list[list[Place]]:
    return sorted(map(sorted, regions))


def _of_colors(scene: Scene) -> list[list[Place]]:
    places: dict[Color, list[Place]] = {}
    for i, j in scene.places():
        places.setdefault(scene.grid[i][j], []).append((i, j))
    places.pop(scene.background, None)
    return _ascending(places.values())


def _of_background(scene: Scene) -> list[list[Place]]:
    empty = {(i, j) for i, j in scene.places() if scene.grid[i][j] == scene.background}
    return _ascending(connected_parts(empty, DIRECT_STEPS))


def _compartments(scene: Scene) -> list[list[Place]]:
    """List the rectangles between the rows and columns of the one colour that crosses the grid."""
    rows = [_only(row) for row in scene.grid]
    columns = [_only(column) for column in zip(*scene.grid, strict=True)]
    lines = Counter(line for line in rows + columns if line is not None and 1 <= line <= 9)
    if not lines:
        return []
    line = most_common_color(lines.elements())
    return [
        [(i, j) for i in range(top, bottom) for j in range(left, right)]
        for top, bottom in _runs(rows, line)
        for left, right in _runs(columns, line)
    ]


def _only(colors: Sequence[Color]) -> Color | None:
    return colors[0] if len(set(colors)) == 1 else None


def _runs(lines: list[Color | None], separator: Color) -> list[tuple[int, int]]:
    """List where lines other than the separator begin and end."""
    found: list[tuple[int, int]] = []
    for place, line in enumerate(lines):
        if line == separator:
            continue
        if found and found[-1][1] == place:
            found[-1] = found[-1][0], place + 1
        else:
            found.append((place, place + 1))
    return found


PARTITIONS: dict[str, Callable[[Scene], list[list[Place]]]] = {
    "part_pictures": lambda scene: _connected(scene, DIRECT_STEPS, one_color=True),
    "objects": lambda scene: _connected(scene, ALL_STEPS, one_color=True),
    "group_pictures": lambda scene: _connected(scene, ALL_STEPS, one_color=False),
    "fgpartition": _of_colors,
    "enclosed": _of_background,
    "hfrontier": lambda scene: [[(i, j) for j in range(scene.width)] for i in range(scene.height)],
    "vfrontier": lambda scene: [[(i, j) for i in range(scene.height)] for j in range(scene.width)],
    "compartments": _compartments,
}
"""Ways to take a grid apart, by the primitives that stand for them."""

COMPARISONS: dict[str, Callable[[int, list[int]], int]] = {
    "maximum": lambda value, values: len({other for other in values if other > value}),
    "minimum": lambda value, values: len({other for other in values if other < value}),
    "mostcommon": lambda value, values: values.count(value),
    "even": lambda value, _: value % 2,
}
"""What a condition makes of a property, by the primitives that stand for it."""


def _at_edge(thing: Thing) -> int:
    top, left, bottom, right = thing.edges
    scene = thing.scene
    return int(min(top, left) == 0 or bottom == scene.height - 1 or right == scene.width - 1)


def _count_color(thing: Thing, test: Callable[[Thing], bool]) -> int:
    return sum(other.color == thing.color and test(other) for other in thing.others())


PROPERTIES: dict[str, Callable[[Thing], int]] = {
    "size": lambda thing: len(thing.places),
    "height": lambda thing: thing.height,
    "width": lambda thing: thing.width,
    "color": lambda thing: thing.color,
    "numcolors": lambda thing: len(set(thing.colors)),
    "uppermost": lambda thing: thing.edges.top,
    "lowermost": lambda thing: thing.edges.bottom,
    "leftmost": lambda thing: thing.edges.left,
    "rightmost": lambda thing: thing.edges.right,
    "bordering": _at_edge,
    "delta": lambda thing: thing.height * thing.width - len(thing.places),
    "holes": lambda thing: len(thing.holes),
    "hmirror": lambda thing: thing.is_symmetric(TURNS["hmirror"]),
    "vmirror": lambda thing: thing.is_symmetric(TURNS["vmirror"]),
    "dmirror": lambda thing: thing.is_symmetric(TURNS["dmirror"]),
    "portrait": lambda thing: int(thing.height > thing.width),
    "square": lambda thing: int(thing.height == thing.width),
    "adjacent": lambda thing: len(
        {thing.scene.owners.get(place) for place in thing.around(DIRECT_STEPS)} - {None}
    ),
    "contained": lambda thing: sum(other.is_inside(thing) for other in thing.others()),
    "inbox": lambda thing: sum(thing.is_inside(other) for other in thing.others()),
    "hmatching": lambda thing: _count_color(thing, thing.shares_rows),
    "vmatching": lambda thing: _count_color(thing, thing.shares_columns),
    "colorcount": lambda thing: len(thing.places) - thing.colors.count(thing.color),
    "manhattan": lambda thing: min(map(thing.distance, thing.others()), default=0),
    "cell_count": lambda thing: sum(color != thing.scene.background for color in thing.colors),
}
"""The numbers that an object has, by the primitives that stand for them; see `by_objects`."""
KINDS: dict[str, Callable[[Thing], Hashable]] = {
    "shape": lambda thing: tuple(thing.shape()),
    "free_shape": lambda thing: tuple(min(thing.shape(turn) for turn in range(8))),
    "normalize": lambda thing: tuple(thing.turned()),
    "palette": lambda thing: frozenset(thing.colors),
}
"""What is only equal or not; it is numbered by the first object that has it."""


def read_one(thing: Thing, name: str) -> int:
    """Read a property off an object."""
    return thing.scene.read(name, None)[thing.number]
