"""Hypothesis strategies: grids, values, and random well-typed programs."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import strategies as st

from arcbatt.dsl import CONSTANTS, REGISTRY
from arcbatt.dsl.registry import Primitive
from arcbatt.dsl.types import Grid, Samples, Type
from arcbatt.program.check import (
    INPUT_TYPES,
    Bounds,
    apply_signature,
    constant_type,
    function_type,
)
from arcbatt.program.graph import GraphBuilder, Op, Program, constant_node

NUMBERS = (-3, 0, 1, 2, 3, 5, 7, 11, 30)


@st.composite
def grids(draw: st.DrawFn, *, max_side: int = 6, colors: int = 4) -> Grid:
    """Draw a grid of 1..max_side rows and columns with few colours."""
    height = draw(st.integers(1, max_side))
    width = draw(st.integers(1, max_side))
    row = st.tuples(*[st.integers(0, colors - 1)] * width)
    return draw(st.tuples(*[row] * height))


@st.composite
def samples(draw: st.DrawFn, *, max_side: int = 5) -> Samples:
    """Draw one to three pairs of grids."""
    side = grids(max_side=max_side)
    return tuple(draw(st.lists(st.tuples(side, side), min_size=1, max_size=3)))


@st.composite
def programs(draw: st.DrawFn, *, max_calls: int = 15, inputs: Sequence[str] = "SI") -> Program:
    """Draw a program whose calls all pass the type checker.

    The choices come from one drawn random generator: shrinking is coarse, drawing is fast.
    """
    random = draw(st.randoms(use_true_random=False))
    calls = draw(st.integers(1, max_calls))
    return random_program(random, calls=calls, inputs=inputs)


def random_program(random: Random, *, calls: int, inputs: Sequence[str] = "SI") -> Program:
    """Build a program of about so many calls, each well typed; its result is the last call."""
    builder = GraphBuilder()
    types: dict[int, Type] = {builder.input(name): INPUT_TYPES[name] for name in inputs}
    for value in (*CONSTANTS.values(), *NUMBERS):
        types[builder.constant(value)] = constant_type(constant_node(value))
    primitives = list(REGISTRY.values())
    last = 0
    for _ in range(calls * 20):
        if sum(node.op is Op.CALL for node in builder.nodes) >= calls:
            break
        primitive = random.choice(primitives)
        args = [_argument(random, builder, types, p.type) for p in primitive.parameters]
        result = _result_type(primitive, [types[arg] for arg in args])
        if result is not None:
            last = builder.call(primitive.name, *args)
            types[last] = result
    return builder.program(last)


def _result_type(primitive: Primitive, args: list[Type]) -> Type | None:
    for signature in primitive.overloads:
        if (result := apply_signature(signature, args)) is not None:
            return result
    return apply_signature(primitive.signature, args)


def _argument(random: Random, builder: GraphBuilder, types: dict[int, Type], wanted: Type) -> int:
    """Pick a node whose type may fit, later ones more often; else a primitive as a value."""
    if wanted.name == "Callable" and random.random() < 0.8:
        arity = len(wanted.args) - 1
        name = random.choice([p.name for p in REGISTRY.values() if p.arity == arity])
        index = builder.function(name)
        types[index] = function_type(REGISTRY[name])
        return index
    fitting = [index for index, kind in types.items() if _fits(kind, wanted)]
    if not fitting:
        return random.choice(list(types))
    return random.choice(fitting[-8:] if random.random() < 0.6 else fitting)


def _fits(kind: Type, wanted: Type) -> bool:
    bounds = Bounds()
    return bounds.flows(bounds.rename_free(kind), bounds.rename_free(wanted))
