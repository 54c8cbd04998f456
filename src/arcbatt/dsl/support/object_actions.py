"""What becomes of an object: cells that get a colour, and ways that it goes or is copied."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from arcbatt.dsl.support.connected_components import (
    ALL_STEPS,
    DIAGONAL_STEPS,
    DIRECT_STEPS,
    Place,
    least_common_color,
    most_common_color,
)
from arcbatt.dsl.support.object_scenes import TURNS, Scene, Thing, read_one, turned
from arcbatt.dsl.types import Color, Value

DIRECTIONS = DIRECT_STEPS + DIAGONAL_STEPS
Canvas = dict[Place, Color]
Cells = list[tuple[Place, Color]]
Way = Any
"""A step, or the name of a direction with 1, or with -1 for its opposite."""
Part = tuple[str, Value]
"""A name with what belongs to it, None where that is nothing."""
Action = tuple[str, tuple[Part, ...]]
"""What to do: a name, and the cells and the colour, or the path, that belong to it."""
BY = "by"
"""The name of a path by a vector."""
STEPS = "multiply"
"""The name of a path, and of cells, as long as a property says, in a direction."""
LINK = "link"
"""The name of the cells between an object and a colour."""
STEPPED = ("shape", "fall", "bordering")
"""The paths that have a direction."""
CONSTANT = "constant"
"""The name of a colour that does not depend on the object."""


def _walk(scene: Scene, place: Place, step: Place) -> Iterator[Place]:
    """Walk from a place in a direction, without the place itself, to the edge of the grid."""
    place = place[0] + step[0], place[1] + step[1]
    while scene.has(place):
        yield place
        place = place[0] + step[0], place[1] + step[1]


def _to_odd_cells(thing: Thing) -> Place:
    """Return the sum of the ways, doubled, from the middle of a box to cells of other colours."""
    top, left, bottom, right = thing.edges
    cells = zip(thing.places, thing.colors, strict=True)
    odd = [(i, j) for (i, j), color in cells if color != thing.color]
    down = sum(2 * i - top - bottom for i, _ in odd)
    return down, sum(2 * j - left - right for _, j in odd)


def _to_nearest(thing: Thing) -> Place:
    """Return in which direction the nearest object begins beyond the box of an object."""
    other = min(thing.others(), key=thing.distance, default=thing).edges
    own = thing.edges
    down = int(other.top > own.bottom) - int(other.bottom < own.top)
    return down, int(other.left > own.right) - int(other.right < own.left)


def _from_edge(thing: Thing) -> Place:
    """Return the direction away from the edges of the grid at which an object lies."""
    top, left, bottom, right = thing.edges
    down = int(top == 0) - int(bottom == thing.scene.height - 1)
    return down, int(left == 0) - int(right == thing.scene.width - 1)


BEARINGS: dict[str, Callable[[Thing], Place]] = {
    "leastcolor": _to_odd_cells,
    "manhattan": _to_nearest,
    "bordering": _from_edge,
}
"""Directions that depend on the object, by the primitives that stand for them."""


def step_of(thing: Thing, way: Way) -> Place | None:
    """Return the step of a direction, if the object has one."""
    if not isinstance(way[0], str):
        return way  # type: ignore[no-any-return]
    down, right = BEARINGS[way[0]](thing)
    step = way[1] * _sign(down), way[1] * _sign(right)
    return step if any(step) else None


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _starts(thing: Thing, step: Place) -> list[Place]:
    """List the places from which rays of an object start: all, or the corner of its box."""
    if 0 in step:
        return thing.places
    top, left, bottom, right = thing.edges
    return [(top if step[0] < 0 else bottom, left if step[1] < 0 else right)]


def _shoot(thing: Thing, *ways: Way, cells: int | None = None) -> list[Place]:
    """List so many cells beyond an object, or all, to the edge of the grid at most."""
    found: list[Place] = []
    for way in ways:
        step = step_of(thing, way)
        for start in _starts(thing, step) if step else ():
            ray = _walk(thing.scene, start, step or (0, 0))
            found += islice((place for place in ray if not thing.owns(place)), cells)
    return found


def _steps(thing: Thing, name: str) -> int:
    """Return how many steps a property says, none below 0."""
    return max(0, read_one(thing, name))


def _reach(thing: Thing, *ways: Way, color: Color | None = None) -> list[Place]:
    """List the background from an object to what is in the way.

    Args:
        thing: the object.
        ways: the directions.
        color: the colour that ends a ray, where others end none.
    """
    found: list[Place] = []
    scene = thing.scene
    for way in ways:
        step = step_of(thing, way)
        for start in _starts(thing, step) if step else ():
            ray, end = [], None
            for place in _walk(scene, start, step or (0, 0)):
                if scene.grid[place[0]][place[1]] != scene.background:
                    end = place
                    break
                ray.append(place)
            meets = color is None or (end is not None and scene.grid[end[0]][end[1]] == color)
            if meets and not (end and thing.owns(end)):
                found += ray
    return found


def _frame(thing: Thing, larger: int) -> list[Place]:
    """List the edge of a box that is some cells larger than that of an object."""
    top, left, bottom, right = thing.edges
    rows, columns = (top - larger, bottom + larger), (left - larger, right + larger)
    return [
        (i, j)
        for i in range(rows[0], rows[1] + 1)
        for j in range(columns[0], columns[1] + 1)
        if (i in rows or j in columns) and thing.scene.has((i, j))
    ]


def _core(thing: Thing) -> set[Place]:
    """Return the cells all of whose neighbours are cells of the object."""
    return {
        (i, j)
        for i, j in thing.places
        if all(thing.owns((i + down, j + right)) for down, right in ALL_STEPS)
    }


def _corners(thing: Thing) -> list[Place]:
    top, left, bottom, right = thing.edges
    return [(top, left), (top, right), (bottom, left), (bottom, right)]


SHAPES: dict[str, Callable[[Thing], Iterable[Place]]] = {
    "toindices": lambda thing: thing.places,
    "delta": lambda thing: [place for place in thing.box() if not thing.owns(place)],
    "holes": lambda thing: [place for hole in thing.holes for place in hole],
    "backdrop": lambda thing: thing.box(),
    "box": lambda thing: _frame(thing, 0),
    "outbox": lambda thing: _frame(thing, 1),
    "inbox": lambda thing: _frame(thing, -1),
    "corners": _corners,
    "neighbors": lambda thing: thing.around(ALL_STEPS),
    "dneighbors": lambda thing: thing.around(DIRECT_STEPS),
    "ineighbors": lambda thing: thing.around(DIAGONAL_STEPS),
    "core": _core,
    "skin": lambda thing: set(thing.places) - _core(thing),
    "hfrontier": lambda thing: _shoot(thing, (0, -1), (0, 1)),
    "vfrontier": lambda thing: _shoot(thing, (-1, 0), (1, 0)),
    "shoot_cross": lambda thing: _shoot(thing, *DIRECT_STEPS),
    "shoot_diagonals": lambda thing: _shoot(thing, *DIAGONAL_STEPS),
    "connect": lambda thing: _reach(thing, (0, 1), (1, 0), color=thing.color),
    "reach": lambda thing: _reach(thing, *DIRECT_STEPS),
}
"""Cells that belong to an object, by the primitives that stand for them."""
RAYS: dict[str, Callable[[Thing, Any], Iterable[Place]]] = {
    "shoot": _shoot,
    "reach": _reach,
    "connect": lambda thing, way: _reach(thing, way, color=thing.color),
    LINK: lambda thing, color: _reach(thing, *DIRECT_STEPS, color=color),
    STEPS: lambda thing, of: _shoot(thing, of[1], cells=_steps(thing, of[0])),
}
"""Cells from an object in a direction, or to a colour, by the primitives that stand for them."""


def _nearest(thing: Thing, test: Callable[[Thing], bool] = lambda _: True) -> Color | None:
    found = min(filter(test, thing.others()), key=thing.distance, default=None)
    return found.color if found else None


def _common(thing: Thing, places: Iterable[Place]) -> Color | None:
    """Return the most common colour of some places, the background left out."""
    colors = [thing.scene.grid[i][j] for i, j in places]
    colors = [color for color in colors if color != thing.scene.background]
    return most_common_color(colors) if colors else None


def _foreground(thing: Thing) -> list[Color]:
    cells = [color for row in thing.scene.grid for color in row]
    return [color for color in cells if color != thing.scene.background]


def _smallest_around(thing: Thing) -> Color | None:
    boxes = [other for other in thing.others() if thing.is_inside(other)]
    found = min(boxes, key=lambda other: other.height * other.width, default=None)
    return found.color if found else None


def _alike(thing: Thing, name: str) -> Color | None:
    """Return the colour of the nearest object with the same property and another colour."""
    numbers = thing.scene.read(name, None)
    own = numbers[thing.number]
    return _nearest(
        thing, lambda other: other.color != thing.color and numbers[other.number] == own
    )


def _at_edge(thing: Thing, step: Place) -> Color | None:
    """Return the most common colour at the edge of the grid, in the rows or columns of a box."""
    top, left, bottom, right = thing.edges
    down, across = step
    scene = thing.scene
    if down:
        row = 0 if down < 0 else scene.height - 1
        places = [(row, j) for j in range(left, right + 1)]
    else:
        column = 0 if across < 0 else scene.width - 1
        places = [(i, column) for i in range(top, bottom + 1)]
    return _common(thing, [place for place in places if not thing.owns(place)])


def _partner(thing: Thing) -> Color | None:
    """Return the colour beside the first cell that has the colour of an object, but not its own."""
    scene = thing.scene
    for i, j in scene.places():
        if scene.grid[i][j] != thing.color or thing.owns((i, j)):
            continue
        for down, right in DIRECT_STEPS:
            beside = i + down, j + right
            if scene.has(beside):
                color = scene.grid[beside[0]][beside[1]]
                if color not in (thing.color, scene.background):
                    return color
    return None


def _by_size(thing: Thing, sign: int) -> Color:
    return min(thing.scene.things, key=lambda other: sign * len(other.places)).color


COLORS: dict[str, Callable[[Thing], Color | None]] = {
    "color": lambda thing: thing.color,
    "leastcolor": lambda thing: least_common_color(thing.colors),
    "adjacent": lambda thing: _common(thing, thing.around(DIRECT_STEPS)),
    "contained": lambda thing: _common(thing, SHAPES["delta"](thing)),
    "inbox": _smallest_around,
    "manhattan": _nearest,
    "hmatching": lambda thing: _nearest(thing, thing.shares_rows),
    "vmatching": lambda thing: _nearest(thing, thing.shares_columns),
    "maximum": lambda thing: _by_size(thing, -1),
    "minimum": lambda thing: _by_size(thing, 1),
    "mostcommon": lambda thing: most_common_color(own) if (own := _foreground(thing)) else None,
    "leastcommon": lambda thing: least_common_color(own) if (own := _foreground(thing)) else None,
    "first": lambda thing: thing.scene.grid[0][0],
    "shape": lambda thing: _alike(thing, "shape"),
    "free_shape": lambda thing: _alike(thing, "free_shape"),
    "size": lambda thing: _alike(thing, "size"),
    "holes": lambda thing: _alike(thing, "holes"),
    "uppermost": lambda thing: _at_edge(thing, (-1, 0)),
    "lowermost": lambda thing: _at_edge(thing, (1, 0)),
    "leftmost": lambda thing: _at_edge(thing, (0, -1)),
    "rightmost": lambda thing: _at_edge(thing, (0, 1)),
    "other": _partner,
}
"""Colours that depend on the object, by the primitives that stand for them."""


def _shifted(cells: Cells, down: int, right: int) -> Cells:
    return [((i + down, j + right), color) for (i, j), color in cells]


def _picture(thing: Thing, turn: int) -> Cells:
    """Return the cells of an object, turned inside the box, which stays where it begins."""
    top, left, *_ = thing.edges
    cells = []
    for (i, j), color in zip(thing.places, thing.colors, strict=True):
        down, right = turned(i - top, j - left, thing.height, thing.width, turn)
        cells.append(((top + down, left + right), color))
    return cells


def _to_edge(thing: Thing, step: Place) -> int:
    """Return how many steps a box can go in a direction."""
    top, left, bottom, right = thing.edges
    scene = thing.scene
    rows = top if step[0] < 0 else scene.height - 1 - bottom
    columns = left if step[1] < 0 else scene.width - 1 - right
    return min([room for room, part in ((rows, step[0]), (columns, step[1])) if part])


def _fallen(thing: Thing, step: Place, canvas: Canvas) -> int:
    """Return how many steps an object can go over the background of a canvas."""
    steps = 1
    while all(
        canvas.get((i + steps * step[0], j + steps * step[1])) == thing.scene.background
        for i, j in thing.places
    ):
        steps += 1
    return steps - 1


def _towards(thing: Thing, target: Value) -> Place:
    """Return the way to the nearest cell of some in a row or column, up to touching it.

    Args:
        thing: the object.
        target: a colour, ``color`` for that of the object, None for all but the background.
    """
    wanted = thing.color if target == "color" else target
    best: tuple[int, int] | None = None
    for way, step in enumerate(DIRECT_STEPS):
        for start in thing.places:
            for steps, (i, j) in enumerate(_walk(thing.scene, start, step)):
                color = thing.scene.grid[i][j]
                fits = color != thing.scene.background if wanted is None else color == wanted
                if fits and not thing.owns((i, j)):
                    best = min(best or (steps, way), (steps, way))
                    break
    if best is None:
        return 0, 0
    down, right = DIRECT_STEPS[best[1]]
    return best[0] * down, best[0] * right


def follow(thing: Thing, path: Part, canvas: Canvas) -> Cells:
    """Return where a path takes the cells of an object; some may be outside the grid.

    Args:
        thing: the object.
        path: the name of a path and what belongs to it.
        canvas: the cells that it may fall over.
    """
    name, of = path
    if name == STEPS:
        far, (down, right) = _steps(thing, of[0]), step_of(thing, of[1]) or (0, 0)
        name, of = BY, (far * down, far * right)
    if name in STEPPED:
        of = step_of(thing, of)
        if of is None:
            return _picture(thing, 0)
    if name in TURNS:
        return _picture(thing, TURNS[name])
    if name == "reflect_at":
        cells = _picture(thing, TURNS["vmirror" if of[0] == 0 else "hmirror"])
        return _shifted(cells, of[0] * thing.height, of[1] * thing.width)
    cells = _picture(thing, 0)
    if name == "shape":
        return _shifted(cells, of[0] * thing.height, of[1] * thing.width)
    if name == "gravitate":
        return _shifted(cells, *_towards(thing, of))
    if name == BY:
        return _shifted(cells, *of)
    steps = _fallen(thing, of, canvas) if name == "fall" else _to_edge(thing, of)
    return _shifted(cells, steps * of[0], steps * of[1])


def act(scene: Scene, actions: list[Action]) -> Canvas:
    """Do what was decided for each object, all at once.

    First what moves leaves its place, then the others act in order, then what falls does, the
    foremost first.
    """
    canvas = {(i, j): scene.grid[i][j] for i, j in scene.places()}
    pairs = list(zip(scene.things, actions, strict=True))
    for thing, (name, _) in pairs:
        if name == "move":
            canvas.update(dict.fromkeys(thing.places, scene.background))
    falls = []
    for thing, (name, parts) in pairs:
        if name in ("fill", "underfill"):
            _fill(thing, parts, canvas, under=name == "underfill")
        elif name in ("move", "paint") and parts[0][0] == "fall":
            falls.append((_front(thing, parts[0][1]), thing.number, parts))
        elif name in ("move", "paint"):
            _put(thing, parts, canvas)
    for _, number, parts in sorted(falls, key=lambda fall: fall[:2]):
        _put(scene.things[number], parts, canvas)
    return canvas


def _front(thing: Thing, way: Way) -> int:
    """Return a number that is the less the farther an object has got in a direction."""
    step = step_of(thing, way) or (0, 0)
    top, left, bottom, right = thing.edges
    rows = 0 if step[0] == 0 else top if step[0] < 0 else -bottom
    return rows + (0 if step[1] == 0 else left if step[1] < 0 else -right)


def _put(thing: Thing, parts: tuple[Part, ...], canvas: Canvas) -> None:
    new = _color(thing, parts[1]) if len(parts) > 1 else None
    for place, color in follow(thing, parts[0], canvas):
        if place in canvas:
            canvas[place] = color if new is None else new


def _color(thing: Thing, paint: Part) -> Color | None:
    name, constant = paint
    return constant if name == CONSTANT else COLORS[name](thing)


def _fill(thing: Thing, parts: tuple[Part, ...], canvas: Canvas, *, under: bool) -> None:
    (shape, of), paint = parts
    color = _color(thing, paint)
    if color is None:
        return
    for i, j in SHAPES[shape](thing) if of is None else RAYS[shape](thing, of):
        if not under or thing.scene.grid[i][j] == thing.scene.background:
            canvas[i, j] = color
