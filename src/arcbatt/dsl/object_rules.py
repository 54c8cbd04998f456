"""Rules about objects: which of them a rule is about, by what it reads off them, and what it does.

A rule is written with primitives as names: each stands for what it is about, and none is called.
"""

from __future__ import annotations

from collections.abc import Collection

from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_color, check_grid, check_number, check_tuple
from arcbatt.dsl.support.connected_components import DIRECT_STEPS
from arcbatt.dsl.support.object_actions import (
    BEARINGS,
    BY,
    COLORS,
    CONSTANT,
    DIRECTIONS,
    LINK,
    RAYS,
    SHAPES,
    STEPPED,
    STEPS,
    Action,
    Canvas,
    Part,
    Way,
    act,
)
from arcbatt.dsl.support.object_scenes import (
    COMPARISONS,
    KINDS,
    PARTITIONS,
    PROPERTIES,
    TURNS,
    Scene,
    Thing,
    read_one,
)
from arcbatt.dsl.types import Any, Grid, Tuple, Value
from arcbatt.dsl.values import CallFailure, Function, is_color, is_location, is_number, reject

Case = tuple[list[tuple[Part, int, int]], Action]
"""Tests, each a feature with the least and the greatest number, and an action."""

CASES_MAX = 16
"""How many cases a rule has, and how many tests one has, at most."""
STAYS: Action = ("identity", ())
"""The action of an object that no case is about."""
CUTS = ("subgrid", "normalize")
"""The actions that cut an object out."""


LISTS = ("vconcat", "hconcat")
"""The actions that draw objects as lines."""
LENGTH_MAX = 100
"""How many cells a line has, at most."""
COUNT = "order"
"""The name of a length that is the number of lines."""


@primitive(hidden_from_search=True)
def by_objects(grid: Grid, rule: Tuple[Any]) -> Grid:
    """Take a grid apart into objects and do with each what the first case says that is about it.

    A rule is (background, partition, cases): a colour, a way to take the grid apart, and pairs of
    tests, all of which an object has to pass, and an action. A test is (feature, low, high): the
    feature is at least low and at most high. Objects that no case is about stay.

    Partitions: ``part_pictures`` and ``objects`` are what one colour connects by edges, or by
    edges and corners; ``group_pictures`` is what any colours connect by edges and corners;
    ``fgpartition`` are the colours, ``enclosed`` the regions of the background, ``hfrontier`` and
    ``vfrontier`` rows and columns, ``compartments`` what lines of one colour cut apart.

    A feature is a property such as ``size``; or (comparison, property) with ``maximum`` for how
    many different values are greater, ``minimum`` for how many are less, ``mostcommon`` for how
    many objects have the same and ``even`` for the remainder by two; or (``palette``, colour) and
    (``adjacent``, colour) for whether the object has a colour or touches it.

    Actions: (identity,) stays; (fill, cells, colour) and (underfill, cells, colour) colour cells,
    all or those of the background; (move, path) and (paint, path) move the object or a copy, and
    with a third part in that colour; (subgrid,) cuts its box out of the result, and (normalize,)
    only the object. (vconcat, property, 0 or 1, length) draws what the case is about as lines of
    its colours, ordered by the property, with 1 the greatest first; ``hconcat`` draws columns. A
    length is a number, a property, or ``order`` for the number of lines.

    Cells are a name such as ``toindices`` or ``outbox``; ``shoot``, ``reach`` or ``connect`` with
    a direction, for rays to the edge, to what is in the way, to the same colour; or ``connect``
    with a colour; or ``multiply`` with a property and a direction, for as many cells beyond the
    object as the property says. A colour may be a name: ``adjacent`` and others; ``shape``,
    ``free_shape``, ``size`` or ``holes`` for that of the nearest object that has the same one and
    another colour; ``uppermost``, ``lowermost``, ``leftmost`` or ``rightmost`` for the most common
    one at that edge of the grid, in its columns or rows; ``other`` for the one beside the first
    cell elsewhere that has its own, as in a legend of pairs. A path is a vector; a turn; ``fall``,
    ``bordering`` or ``shape`` with a direction, until something is in the way, to the edge, by its
    own height and width; ``multiply`` with a property and a direction, by as many steps as the
    property says; ``reflect_at`` with a direction; ``gravitate``, alone or
    with a colour or ``color``, until it touches that. A direction is a step, or ``leastcolor``,
    ``manhattan`` or ``bordering``: to its odd cells, to the nearest object, away from the edge;
    (``invert``, direction) is the opposite of these.

    Fails for grids without cells or with more than 4096, with more than 100 objects, for a rule of
    another form or with more than 16 cases, and if a case cuts out and it isn't one object.

    >>> from arcbatt.dsl.values import Function
    >>> name = lambda text: Function(text, arity=1)
    >>> case = ((name("size"), 2, 9),), (name("fill"), name("toindices"), 8)
    >>> by_objects(((3, 3, 0, 4),), (0, name("part_pictures"), (case,)))
    ((8, 8, 0, 4),)
    """
    if len(check_tuple(rule)) != 3:
        raise _wrong(rule)
    background, partition, cases = rule
    read = [_case(case) for case in _few(cases)]
    taken = Scene(check_grid(grid), check_color(background), _name_in(PARTITIONS, partition))
    actions = _decide(taken, read)
    layout = next((action for _, action in read if action[0] in LISTS), None)
    if layout:
        pairs = zip(taken.things, actions, strict=True)
        return _list([thing for thing, action in pairs if action[0] in LISTS], layout)
    canvas = act(taken, actions)
    chosen = [
        (thing, name)
        for thing, (name, _) in zip(taken.things, actions, strict=True)
        if name in CUTS
    ]
    if len(chosen) == 1:
        return _cut(*chosen[0], canvas)
    if chosen or any(action[0] in CUTS for _, action in read):
        raise reject("one object to cut out", grid)
    rows = [[canvas[i, j] for j in range(taken.width)] for i in range(taken.height)]
    return tuple(map(tuple, rows))


def _cut(thing: Thing, name: str, canvas: Canvas) -> Grid:
    """Cut out an object with all of its box, or alone."""
    top, left, bottom, right = thing.edges
    rows = []
    for i in range(top, bottom + 1):
        places = [(i, j) for j in range(left, right + 1)]
        keeps = [name == "subgrid" or thing.owns(place) for place in places]
        cells = zip(places, keeps, strict=True)
        rows.append([canvas[place] if kept else thing.scene.background for place, kept in cells])
    return tuple(map(tuple, rows))


def _list(things: list[Thing], layout: Action) -> Grid:
    """Draw objects as lines of their colours."""
    name, ((order, descends), (length, number)) = layout
    sign = -1 if descends else 1
    things = sorted(things, key=lambda thing: sign * read_one(thing, order))
    lengths = [
        number
        if length == CONSTANT
        else len(things)
        if length == COUNT
        else read_one(thing, length)
        for thing in things
    ]
    longest = max(lengths, default=0)
    if not 1 <= longest <= LENGTH_MAX:
        raise reject(f"lines of 1 to {LENGTH_MAX} cells", tuple(lengths))
    rows = [
        [thing.color if cell < own else thing.scene.background for cell in range(longest)]
        for thing, own in zip(things, lengths, strict=True)
    ]
    return tuple(map(tuple, rows)) if name == "vconcat" else tuple(zip(*rows, strict=True))


def _decide(scene: Scene, cases: list[Case]) -> list[Action]:
    """Return what each object does: what the first case says whose tests it passes."""
    actions: list[Action] = [STAYS] * len(scene.things)
    for tests, action in reversed(cases):
        passes = [True] * len(actions)
        for (name, of), low, high in tests:
            numbers = scene.read(name, of)
            passes = [
                passed and low <= number <= high
                for passed, number in zip(passes, numbers, strict=True)
            ]
        actions = [
            action if passed else other for passed, other in zip(passes, actions, strict=True)
        ]
    return actions


def _wrong(value: Value) -> CallFailure:
    return reject("a rule about objects", value)


def _few(values: Value) -> Tuple[Value]:
    if len(check_tuple(values)) > CASES_MAX:
        raise _wrong(values)
    return values  # type: ignore[no-any-return]


def _case(case: Value) -> Case:
    if len(check_tuple(case)) != 2:
        raise _wrong(case)
    return [_test(test) for test in _few(case[0])], _action(case[1])


def _test(test: Value) -> tuple[Part, int, int]:
    if len(check_tuple(test)) != 3:
        raise _wrong(test)
    return _feature(test[0]), check_number(test[1]), check_number(test[2])


def _head(value: Value) -> tuple[str, tuple[Value, ...]]:
    """Return the name of a primitive, and the values that follow it in a tuple."""
    first, rest = (value[0], value[1:]) if type(value) is tuple and value else (value, ())
    if type(first) is not Function or first.parts:
        raise _wrong(value)
    return first.name, rest


def _name_in(names: Collection[str], value: Value) -> str:
    """Return the name of a primitive that stands alone, which has to be one of some."""
    name, rest = _head(value)
    if rest or name not in names:
        raise _wrong(value)
    return name


def _pair(value: Value) -> Part:
    """Return the name of a primitive and what follows it in a tuple; None if it stands alone."""
    name, rest = _head(value)
    if len(rest) > 1 or None in rest:
        raise _wrong(value)
    return name, rest[0] if rest else None


def _feature(value: Value) -> Part:
    name, of = _pair(value)
    if of is None and (name in PROPERTIES or name in KINDS):
        return name, None
    if name in ("palette", "adjacent") and is_color(of):
        return name, int(of)
    if name in COMPARISONS and of is not None:
        return name, _property(of)
    raise _wrong(value)


def _way(value: Value) -> Way:
    if value in DIRECTIONS:
        return value
    name, of = _pair(value)
    if of is None and name in BEARINGS:
        return name, 1
    if name == "invert" and type(of) is Function:
        return _name_in(BEARINGS, of), -1
    raise _wrong(value)


def _steps(value: Value) -> Part | None:
    """Return a property and a direction for `STEPS`; None for anything else."""
    name, rest = _head(value)
    if name != STEPS:
        return None
    if len(rest) != 2:
        raise _wrong(value)
    return STEPS, (_property(rest[0]), _way(rest[1]))


def _shape(value: Value) -> Part:
    steps = _steps(value)
    if steps:
        return steps
    name, of = _pair(value)
    if of is None and name in SHAPES:
        return name, None
    if name == "connect" and is_number(of):
        return LINK, check_color(of)
    if name in RAYS and of is not None:
        return name, _way(of)
    raise _wrong(value)


def _paint(value: Value) -> Part:
    return (CONSTANT, check_color(value)) if is_number(value) else (_name_in(COLORS, value), None)


def _path(value: Value) -> Part:
    if is_location(value):
        return BY, value
    steps = _steps(value)
    if steps:
        return steps
    name, of = _pair(value)
    if name in STEPPED and of is not None:
        return name, _way(of)
    if (of is None and name in TURNS) or (name == "reflect_at" and of in DIRECT_STEPS):
        return name, of
    if name == "gravitate" and (of is None or is_color(of)):
        return name, of
    if name == "gravitate" and type(of) is Function:
        return name, _name_in(("color",), of)
    raise _wrong(value)


def _property(value: Value) -> str:
    return _name_in(PROPERTIES.keys() | KINDS.keys(), value)


def _length(value: Value) -> Part:
    if is_number(value):
        return CONSTANT, check_number(value)
    return _name_in(PROPERTIES.keys() | KINDS.keys() | {COUNT}, value), None


def _action(value: Value) -> Action:
    name, parts = _head(value)
    if name in (*STAYS[:1], *CUTS) and not parts:
        return name, ()
    if name in LISTS and len(parts) == 3:
        return name, ((_property(parts[0]), check_number(parts[1]) != 0), _length(parts[2]))
    if name in ("fill", "underfill") and len(parts) == 2:
        return name, (_shape(parts[0]), _paint(parts[1]))
    if name in ("move", "paint") and 1 <= len(parts) <= 2:
        return name, (_path(parts[0]), *map(_paint, parts[1:]))
    raise _wrong(value)
