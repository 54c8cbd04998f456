"""Random values: of a type, or odd ones that fit nothing in particular."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.dsl.meter import Meter, metered
from arcbatt.dsl.types import DEFINITIONS, Grid, Type, Value
from arcbatt.dsl.values import INTEGER_MAX, INTEGER_MIN, CallFailure, Function, plain

EDGES = (
    *(0, 1, -1, 2, 3, 9, 10, 30, 31, 63, 64, 100),
    *(127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769),
    *(2**31 - 1, 2**31, -(2**31) - 1, 2**62, INTEGER_MAX, INTEGER_MIN, INTEGER_MIN + 1),
)
"""Numbers at which some form of a value ends."""
BUILDERS = ("rbind", "lbind", "power", "compose", "chain", "fork", "matcher")
"""Primitives that build functions."""
NAMES = tuple(REGISTRY)
BY_ARITY = {
    arity: tuple(name for name, known in REGISTRY.items() if known.arity == arity)
    for arity in range(1, 5)
}


def random_grid(random: Random, *, max_side: int = 6, colors: int = 4) -> Grid:
    """Make a grid, mostly small, now and then large."""
    largest = 30 if random.random() < 0.03 else max_side
    height, width = random.randint(1, largest), random.randint(1, largest)
    background = random.random() * 0.8
    return tuple(
        tuple(0 if random.random() < background else random.randrange(colors) for _ in range(width))
        for _ in range(height)
    )


def random_function(random: Random, arity: int | None = None, depth: int = 2) -> Value:
    """Make a function: a primitive, or one that is built and perhaps makes little sense."""
    if depth > 0 and random.random() < 0.4:
        builder = REGISTRY[random.choice(BUILDERS)]
        args = [
            random_function(random, depth=depth - 1)
            if parameter.type.name in ("Callable", "Any") or random.random() < 0.1
            else odd_value(random, 1)
            if parameter.type.name != "Integer"
            else random.randint(-1, 4)
            for parameter in builder.parameters
        ]
        try:
            with metered(Meter()):
                built = builder.body(*args)
        except (CallFailure, TypeError, ValueError):
            built = None
        if isinstance(built, Function) and (arity is None or built.arity == arity):
            return built
    name = random.choice(NAMES if arity is None else BY_ARITY.get(arity, NAMES))
    return Function(name, arity=REGISTRY[name].arity)


def odd_value(random: Random, depth: int = 3) -> Value:
    """Make a value of any kind."""
    return random.choice(_KINDS if depth > 0 else _LEAVES)(random, depth)


def _members(random: Random, depth: int) -> list[Value]:
    size = random.choice((0, 1, 1, 2, 2, 3, 4))
    if random.random() < 0.5:
        alike = random.choice(_KINDS)
        return [alike(random, depth - 1) for _ in range(size)]
    return [odd_value(random, depth - 1) for _ in range(size)]


def _table(random: Random, depth: int) -> Value:
    """Make a tuple of equally long tuples, whose members are anything."""
    width = random.randint(1, 3)
    return tuple(
        tuple(odd_value(random, depth - 1) for _ in range(width))
        for _ in range(random.randint(1, 3))
    )


def _tagged(random: Random, depth: int) -> Value:
    """Make cells, in a set or a tuple, whose colour may be anything."""
    cells = [
        (odd_value(random, depth - 1), (random.randint(0, 4), random.randint(0, 4)))
        for _ in range(random.randint(1, 4))
    ]
    return tuple(cells) if random.random() < 0.3 else frozenset(cells)


def _ragged(random: Random, depth: int) -> Value:
    return tuple(
        tuple(random.randrange(3) for _ in range(random.randint(0, 3)))
        for _ in range(random.randint(0, 3))
    )


_LEAVES: tuple[Callable[[Random, int], Value], ...] = (
    lambda random, depth: random.randint(-3, 12),
    lambda random, depth: random.choice(EDGES),
    lambda random, depth: random.random() < 0.5,
    lambda random, depth: random.choice(tuple(CONSTANTS.values())),
    lambda random, depth: None if random.random() < 0.3 else random_function(random, depth=0),
)
_KINDS: tuple[Callable[[Random, int], Value], ...] = (
    *_LEAVES,
    lambda random, depth: tuple(_members(random, depth)),
    lambda random, depth: frozenset(_members(random, depth)),
    lambda random, depth: random_grid(random, max_side=4),
    lambda random, depth: typed_value(random, Type("Object")),
    lambda random, depth: typed_value(random, Type("Indices")),
    lambda random, depth: typed_value(random, Type("Objects")),
    lambda random, depth: random_function(random),
    lambda random, depth: tuple(typed_value(random, Type("Object"))),
    _ragged,
    _table,
    _tagged,
)


def typed_value(random: Random, wanted: Type, depth: int = 3) -> Value:
    """Make a value of a type; sets and tuples may be empty."""
    match wanted.name:
        case "Integer":
            return random.randint(-3, 8) if random.random() < 0.9 else random.choice(EDGES)
        case "Color":
            return random.randrange(4) if random.random() < 0.9 else random.choice(EDGES)
        case "Boolean":
            return random.random() < 0.5
        case "Grid":
            return random_grid(random)
        case "IntegerTuple" if random.random() < 0.5:
            return random.choice(((1, 0), (0, 1), (1, 1), (-1, 1), (0, 0), (3, 3), (2, 0)))
        case "Callable":
            return random_function(random, len(wanted.args) - 1)
        case "Union":
            return typed_value(random, random.choice(wanted.args), depth)
        case "Pair":
            return tuple(typed_value(random, member, depth) for member in wanted.args)
        case "Tuple" | "FrozenSet" | "Container":
            return _container(random, wanted, depth)
    if wanted.name in DEFINITIONS:
        return typed_value(random, DEFINITIONS[wanted.name], depth)
    return odd_value(random, depth - 1)


def _container(random: Random, wanted: Type, depth: int) -> Value:
    member = wanted.args[0]
    if member.is_variable or member.name == "Any":
        member = random.choice(
            [Type(name) for name in ("Integer", "IntegerTuple", "Cell", "Object", "Grid")]
        )
    size = random.choice((0, 1, 2, 3, 5, 9))
    members = [typed_value(random, member, depth - 1) for _ in range(size)]
    kind = random.choice(("Tuple", "FrozenSet")) if wanted.name == "Container" else wanted.name
    return tuple(members) if kind == "Tuple" else frozenset(members)


def call_arguments(random: Random, name: str) -> tuple[Value, ...]:
    """Make the arguments of a call: mostly of the right types, often one or more odd ones."""
    odd = random.choice((0.0, 0.0, 0.2, 1.0))
    return tuple(
        plain(odd_value(random) if random.random() < odd else typed_value(random, parameter.type))
        for parameter in REGISTRY[name].parameters
    )


def random_rule(random: Random, name: str) -> Value:
    """Make a literal as learners write it for `by_tree` or `by_objects`, often damaged."""
    value = _tree(random, random.choice((1, 2, 5, 19, 21))) if name == "by_tree" else _rule(random)
    for _ in range(random.choice((0, 0, 1, 2))):
        value = _damaged(random, value)
    return value


def _tree(random: Random, depth: int) -> Value:
    if not depth:
        return random.choice((random.randrange(10), (random.randrange(2),)))
    low, other = random.randrange(10), _tree(random, random.choice((0, 0, 0, min(depth, 3) - 1)))
    parts = (other, _tree(random, depth - 1))
    return (random.randrange(2), low, low + random.randrange(3), *random.sample(parts, 2))


def _rule(random: Random) -> Value:
    def word(*names: str) -> Value:
        name = random.choice(names)
        return Function(name, arity=REGISTRY[name].arity)

    def case() -> Value:
        low = random.randrange(4)
        feature = (
            word("size", "numcolors", "height"),
            (word("maximum", "even"), word("size", "color")),
        )
        tests = ((random.choice(feature), low, low + 1),) * random.randrange(2)
        step = random.choice(((0, 1), (-1, -1), word("leastcolor", "bordering")))
        path = random.choice(((1, -2), word("vmirror"), (word("fall", "shape"), step)))
        shape = random.choice((word("toindices", "outbox", "holes"), (word("shoot"), step)))
        actions = (
            (word("fill", "underfill"), shape, random.randrange(10)),
            (word("move", "paint"), path),
            (word("subgrid", "normalize", "identity"),),
            (word("vconcat", "hconcat"), word("size"), random.randrange(2), word("size")),
        )
        return tests, random.choice(actions)

    partition = word("part_pictures", "objects", "group_pictures", "compartments", "enclosed")
    return 0, partition, tuple(case() for _ in range(random.choice((0, 1, 2, 16, 17))))


def _damaged(random: Random, value: Value) -> Value:
    """Replace, add, remove or double something anywhere in a tuple."""
    if not isinstance(value, tuple) or not value or random.random() < 0.15:
        return random.choice((odd_value(random, 1), random.choice(EDGES), (value,)))
    place = random.randrange(len(value))
    if random.random() < 0.15:
        return value[:place] + value[place : place + 1] * random.choice((0, 2)) + value[place + 1 :]
    return (*value[:place], _damaged(random, value[place]), *value[place + 1 :])
