"""Monomorphisation: instantiate the generic signatures of primitives at ground types.

A generic signature stands for many ground ones: `first: Container[A] -> A` takes a set of objects
to an object and a tuple of grids to a grid. Search combines states by ground type alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from arcbatt.dsl.registry import Primitive, Signature
from arcbatt.dsl.types import DEFINITIONS, Type, parse_type

VALUES = tuple(
    map(
        parse_type,
        (
            "Grid",
            "Object",
            "Indices",
            "Color",
            "Integer",
            "Boolean",
            "IntegerTuple",
            "Objects",
            "FrozenSet[Indices]",
            "FrozenSet[Grid]",
            "FrozenSet[Color]",
            "FrozenSet[Integer]",
            "Tuple[Grid]",
            "Tuple[Object]",
            "Tuple[Indices]",
            "Tuple[Color]",
            "Tuple[Integer]",
            "Tuple[IntegerTuple]",
            "Samples",
        ),
    )
)
"""The types of the states that search makes, without functions."""

MAPS = {
    "Object": ("Integer", "Boolean", "Color", "Object", "Indices", "IntegerTuple", "Grid"),
    "Indices": ("Integer", "Boolean", "Indices", "IntegerTuple", "Object"),
    "Grid": ("Integer", "Boolean", "Color", "Grid", "Object", "Indices"),
    "IntegerTuple": ("Indices", "Boolean"),
    "Color": ("Indices", "Integer", "Boolean", "Grid"),
    "Integer": ("Boolean",),
}
"""The types of the functions of one argument that search makes: results by parameter."""


@cache
def expand(one: Type) -> Type:
    """Replace the named types in a type by their definitions."""
    if one.name in DEFINITIONS:
        return expand(DEFINITIONS[one.name])
    return Type(one.name, tuple(map(expand, one.args)))


def function_type(*parts: Type) -> Type:
    """Make the type of functions; the last part is the result, the others are parameters."""
    return Type("Callable", tuple(parts))


@cache
def map_types() -> tuple[Type, ...]:
    """List the types of functions of one argument that search makes."""
    return tuple(
        expand(function_type(parse_type(source), parse_type(target)))
        for source, targets in MAPS.items()
        for target in targets
    )


@cache
def binary_types() -> tuple[Type, ...]:
    """List the types of functions of two arguments that can be bound to one of `map_types`."""
    values = [expand(one) for one in VALUES]
    ends = {one.args for one in map_types()}
    return tuple(
        function_type(a, b, target)
        for a in values
        for b in values
        for target in dict.fromkeys(end[1] for end in ends)
        if (a, target) in ends or (b, target) in ends
    )


Binding = dict[str, Type]


def _match(pattern: Type, ground: Type, binding: Binding) -> Iterator[Binding]:
    """Yield the bindings of type variables under which a pattern is a ground type."""
    if pattern.name == "Union":
        for member in pattern.args:
            yield from _match(member, ground, binding)
    elif pattern.is_variable or pattern.name == "Any":
        known = binding.get(pattern.name)
        if known is None:
            yield {**binding, pattern.name: ground}
        elif known == ground:
            yield binding
    elif pattern.name == "Container":
        if ground.name in ("Tuple", "FrozenSet"):
            # All containers of one signature have one kind.
            for bound in _match(Type("?kind"), Type(ground.name), binding):
                yield from _match(pattern.args[0], ground.args[0], bound)
    elif pattern.name == ground.name and len(pattern.args) == len(ground.args):
        yield from _match_all(pattern.args, ground.args, binding)


def _match_all(
    patterns: tuple[Type, ...], grounds: tuple[Type, ...], binding: Binding
) -> Iterator[Binding]:
    if not patterns:
        yield binding
        return
    for bound in _match(patterns[0], grounds[0], binding):
        yield from _match_all(patterns[1:], grounds[1:], bound)


def _substitute(pattern: Type, binding: Binding) -> Type | None:
    """Replace type variables; None if one is open or a union is left."""
    if pattern.is_variable or pattern.name == "Any":
        return binding.get(pattern.name)
    if pattern.name == "Union":
        return None
    args = tuple(_substitute(arg, binding) for arg in pattern.args)
    known = tuple(arg for arg in args if arg is not None)
    if len(known) < len(args):
        return None
    if pattern.name == "Container":
        kind = binding.get("?kind")
        return None if kind is None else Type(kind.name, known)
    return Type(pattern.name, known)


def fits(pattern: Type, ground: Type) -> bool:
    """Return whether a pattern can be a ground type."""
    return any(True for _ in _match(pattern, ground, {}))


@dataclass(frozen=True, slots=True)
class Instance:
    """A primitive at ground types.

    Attributes:
        name: the name of the primitive.
        parameters: the ground types of the parameters.
        result: the ground type of the result.
    """

    name: str
    parameters: tuple[Type, ...]
    result: Type

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.parameters))}) -> {self.result}"


def _instances(
    signature: Signature, choices: Sequence[Iterable[Type]]
) -> Iterator[tuple[tuple[Type, ...], Type]]:
    """Yield the parameters and the result of each instance, from choices for each parameter."""
    parameters = tuple(map(expand, signature.parameters))

    def choose(
        place: int, chosen: tuple[Type, ...], binding: Binding
    ) -> Iterator[tuple[tuple[Type, ...], Binding]]:
        if place == len(parameters):
            yield chosen, binding
            return
        for one in choices[place]:
            for bound in _match(parameters[place], one, binding):
                yield from choose(place + 1, (*chosen, one), bound)

    for chosen, binding in choose(0, (), {}):
        result = _substitute(expand(signature.result), binding)
        if result is not None:
            yield chosen, result


def instances(primitive: Primitive, types: tuple[Type, ...]) -> tuple[Instance, ...]:
    """List a primitive's instances whose parameters all have one of the given ground types.

    The result may have any type. Of several signatures with the same parameters the first one
    counts, as in the type checker.
    """
    return instances_at(primitive, (types,) * primitive.arity)


def instances_at(primitive: Primitive, choices: Sequence[Iterable[Type]]) -> tuple[Instance, ...]:
    """List a primitive's instances, see `instances`, with ground types for each parameter."""
    found: dict[tuple[Type, ...], Type] = {}
    for signature in (*primitive.overloads, primitive.signature):
        for parameters, result in _instances(signature, choices):
            found.setdefault(parameters, result)
    return tuple(Instance(primitive.name, *one) for one in found.items())
