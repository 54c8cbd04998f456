"""Type inference over a program's graph, with the generic signatures of the registry.

A mismatch is a warning for programs that people write, since arc-dsl programs are loosely typed,
and an error for programs that arcbatt generates. An unknown type fits everywhere: the checker
reports a call only when no value of the inferred type could be right.

The method is local type inference with bounds (Pierce and Turner, 2000): a type variable collects
a lower bound from the arguments that have it and an upper bound from the parameters that need it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.registry import Primitive, Signature
from arcbatt.dsl.types import DEFINITIONS, SIZE_MAX, Type, parse_type
from arcbatt.dsl.values import is_number, is_pair
from arcbatt.errors import TypeMismatchError
from arcbatt.program.graph import Node, Op, Program
from arcbatt.program.parse import SourceProgram

ANY = Type("Any")
NUMBERS = ("Integer", "Color")
INPUT_TYPES = {"S": Type("Samples"), "I": Type("Grid"), "C": Type("Grid")}
_CONTAINERS = ("Tuple", "FrozenSet", "Container", "Pair")
_SHAPES = {"Pair": "Tuple"}
DEPTH_MAX = 60
"""Largest depth of questions that lead to others; types of real programs stay far below."""
CALLS_MAX = 2**14
"""Number of calls whose types are remembered: programs call the same primitives on the same types
over and over."""


@dataclass(frozen=True)
class Mismatch:
    """An argument whose type does not fit its parameter.

    Attributes:
        node: index of the call.
        primitive: name of the primitive that is called.
        parameter: name of the parameter.
        expected: type of the parameter.
        got: type of the argument.
    """

    node: int
    primitive: str
    parameter: str
    expected: Type
    got: Type

    def __str__(self) -> str:
        return (
            f"argument {self.parameter} of {self.primitive} wants {self.expected}, got {self.got}"
        )


@dataclass(frozen=True)
class Checked:
    """The result of a check: the type of every node, and the arguments that do not fit."""

    types: tuple[Type, ...]
    mismatches: tuple[Mismatch, ...]


def check(
    program: Program, inputs: Mapping[str, Type] = INPUT_TYPES, *, strict: bool = False
) -> Checked:
    """Infer the type of every node of a program.

    Args:
        program: the program to check.
        inputs: the types of the inputs, by name.
        strict: whether every argument that does not fit is a mismatch. Otherwise the program is
            checked again with the loose signatures of arc-dsl's primitives, and only what does not
            fit these either is one.
    """
    checked = _infer(program, inputs, loose=False)
    if checked.mismatches and not strict:
        loose = _infer(program, inputs, loose=True)
        return Checked(checked.types, loose.mismatches)
    return checked


def _infer(program: Program, inputs: Mapping[str, Type], *, loose: bool) -> Checked:
    checker = _Checker(inputs, loose)
    for index, node in enumerate(program.nodes):
        checker.visit(index, node)
    return Checked(tuple(checker.types), tuple(checker.mismatches))


def require_types(source: SourceProgram) -> Checked:
    """Check a program that must be well typed.

    Raises TypeMismatchError with the file and line of the first argument that does not fit.
    """
    checked = check(source.program)
    if checked.mismatches:
        first = checked.mismatches[0]
        raise TypeMismatchError(
            file=source.file,
            line=source.lines[first.node],
            primitive=first.primitive,
            parameter=first.parameter,
            expected=first.expected,
            got=first.got,
        )
    return checked


class _Checker:
    def __init__(self, inputs: Mapping[str, Type], loose: bool) -> None:
        self.inputs = inputs
        self.loose = loose
        self.types: list[Type] = []
        self.mismatches: list[Mismatch] = []

    def visit(self, index: int, node: Node) -> None:
        args = [self.types[arg] for arg in node.args]
        match node.op:
            case Op.INPUT:
                self.types.append(self.inputs[node.name])
            case Op.CONSTANT:
                self.types.append(constant_type(node))
            case Op.FUNCTION:
                self.types.append(function_type(REGISTRY[node.name], loose=self.loose))
            case Op.CALL:
                self.types.append(self._call(index, REGISTRY[node.name], args))
            case Op.INVOKE:
                self.types.append(self._invoke(index, args))

    def _call(self, index: int, primitive: Primitive, args: list[Type]) -> Type:
        fitting = [
            result
            for signature in primitive.overloads
            if (result := apply_signature(signature, args)) is not None
        ]
        if fitting:
            certain = not any(map(_vague, args))
            return fitting[0] if certain else join_all(fitting)
        result = apply_signature(primitive.signature, args)
        if result is None and self.loose:
            result = apply_signature(primitive.loose_signature, args)
        if result is None:
            self.mismatches.append(_blame(index, primitive, args))
            return _forget(primitive.result)
        return result

    def _invoke(self, index: int, args: list[Type]) -> Type:
        result = _invoke(tuple(args))
        if result is not None:
            return result
        function, *rest = args
        wanted = _forget(Type("Callable", (*rest, Type("Z"))))
        self.mismatches.append(Mismatch(index, "a computed function", "function", wanted, function))
        return ANY


def constant_type(node: Node) -> Type:
    """Return the type of a constant node."""
    if isinstance(node.value, bool):
        return Type("Boolean")
    if is_number(node.value):
        return Type("Integer")
    if is_pair(node.value):
        return Type("IntegerTuple")
    return Type("Tuple", (Type("Integer") if all(map(is_number, node.value)) else ANY,))


def function_type(primitive: Primitive, *, loose: bool = False) -> Type:
    """Return the type of a primitive as a value, with its loose signature or the general one."""
    signature = primitive.loose_signature if loose else primitive.signature
    return Type("Callable", (*signature.parameters, signature.result))


def apply_signature(signature: Signature, args: Sequence[Type]) -> Type | None:
    """Return the result type of a call with arguments of these types; None if one can't fit."""
    return _apply(Type("Callable", (*signature.parameters, signature.result)), tuple(args))


@lru_cache(CALLS_MAX)
def _apply(function: Type, args: tuple[Type, ...]) -> Type | None:
    bounds = Bounds()
    *parameters, result = bounds.rename_free(function).args
    for parameter, arg in zip(parameters, args, strict=True):
        if not bounds.flows(bounds.rename_free(arg), parameter):
            return None
    return bounds.resolve(result)


@lru_cache(CALLS_MAX)
def _invoke(args: tuple[Type, ...]) -> Type | None:
    """Return the result type of a call of a function, the first argument; None if it can't fit."""
    function, *rest = args
    bounds = Bounds()
    result = bounds.fresh(Type("Z"))
    given = bounds.fresh(Type("Callable", (*rest, Type("Z"))), renamed={"Z": result})
    fits = bounds.flows(bounds.rename_free(function), given)
    return bounds.resolve(result) if fits else None


def _blame(index: int, primitive: Primitive, args: list[Type]) -> Mismatch:
    """Find the first argument without which the call would still fit."""
    for position in range(len(args)):
        known = [*args[: position + 1], *[ANY] * (len(args) - position - 1)]
        if apply_signature(primitive.signature, known) is None:
            parameter = primitive.parameters[position]
            return Mismatch(index, primitive.name, parameter.name, parameter.type, args[position])
    raise AssertionError(f"{primitive.name} fits after all")


def _forget(kind: Type) -> Type:
    if kind.is_variable:
        return ANY
    return Type(kind.base, tuple(map(_forget, kind.args)))


def _vague(kind: Type) -> bool:
    return (
        kind.name in ("Any", "Union")
        or kind.is_variable
        or (kind.name in DEFINITIONS and _vague(DEFINITIONS[kind.name]))
    )


def join(a: Type, b: Type) -> Type:
    """Return the narrowest type that both types fit, a union where no other type does."""
    if a == b:
        return a
    if ANY in (a, b):
        return ANY
    members = [*_members(a), *_members(b)]
    kept: list[Type] = []
    for member in members:
        if not any(_within(member, other) for other in kept):
            kept = [other for other in kept if not _within(other, member)] + [member]
    return kept[0] if len(kept) == 1 else _bounded(Type("Union", tuple(kept)))


def join_all(types: Sequence[Type]) -> Type:
    """Join all types of a list that is not empty."""
    joined = types[0]
    for other in types[1:]:
        joined = join(joined, other)
    return joined


def _members(kind: Type) -> tuple[Type, ...]:
    return kind.args if kind.name == "Union" else (kind,)


def _within(a: Type, b: Type) -> bool:
    return a == b or ((a.name, b.name) in (("Boolean", "Integer"), ("Color", "Integer")))


def _expand(kind: Type) -> Type:
    return DEFINITIONS.get(kind.name, kind)


def _bounded(kind: Type) -> Type:
    """Return a type, or `Any` if it is too large to work with."""
    return kind if kind.size < SIZE_MAX else ANY


@dataclass
class _Bound:
    lower: Type | None = None
    upper: Type | None = None


_State = tuple[dict[str, _Bound], dict[str, str]]


@dataclass
class Bounds:
    """The bounds of the type variables of one call."""

    variables: dict[str, _Bound] = field(default_factory=dict)
    containers: dict[str, str] = field(default_factory=dict)
    """For each `Container` of a signature the type that is inferred: a Tuple or a FrozenSet."""
    made: int = 0
    """The number of variables and containers that were made."""
    depth: int = 0
    is_lost: bool = False
    """Whether bounds lead to each other without an end: then nothing is known of the call."""

    def fresh(self, kind: Type, renamed: dict[str, Type] | None = None) -> Type:
        """Rename the variables of a type to new ones."""
        if not kind.is_open:
            return kind
        renamed = {} if renamed is None else renamed
        if kind.is_variable:
            if kind.name not in renamed:
                renamed[kind.name] = self._next("?")
            self.variables.setdefault(renamed[kind.name].name, _Bound())
            return renamed[kind.name]
        name = kind.name
        if kind.base == "Container":
            if name not in renamed:
                renamed[name] = self._next("Container?")
            name = renamed[name].name
        return Type(name, tuple([self.fresh(arg, renamed) for arg in kind.args]))

    def _next(self, start: str) -> Type:
        self.made += 1
        return Type(f"{start}{self.made}")

    def rename_free(self, kind: Type) -> Type:
        """Replace the variables of a type by new ones."""
        return self.fresh(kind)

    def flows(self, actual: Type, expected: Type) -> bool:
        """Return whether a value of one type fits a parameter of another; tighten the bounds."""
        self.is_lost = self.is_lost or self.depth >= DEPTH_MAX
        if self.is_lost:
            return True
        self.depth += 1
        fits = self._flows(actual, expected)
        self.depth -= 1
        return fits or self.is_lost

    def _flows(self, actual: Type, expected: Type) -> bool:
        if actual == expected or ANY in (actual, expected):
            return True
        if expected.name in self.variables:
            return self._raise_lower(expected.name, actual)
        if actual.name in self.variables:
            return self._drop_upper(actual.name, expected)
        actual, expected = _expand(actual), _expand(expected)
        if actual.name == "Union":
            return any([self._tries(member, expected) for member in actual.args])
        if expected.name == "Union":
            return self._flows_into_union(actual, expected)
        if expected.name == "Callable" or actual.name == "Callable":
            return self._callable_flows(actual, expected)
        if expected.base in _CONTAINERS:
            return self._container_flows(actual, expected)
        if actual.base in _CONTAINERS:
            return False
        return (actual.name in NUMBERS and expected.name in NUMBERS) or (
            actual.name == "Boolean" and expected.name in NUMBERS
        )

    def _flows_into_union(self, actual: Type, expected: Type) -> bool:
        """Do as `flows`; a variable of the actual type stays open if it can."""
        before = self._save()
        fitting = [member for member in expected.args if self._tries(actual, member, before)]
        if len(fitting) == 1 or (fitting and not actual.is_open):
            return self._tries(actual, fitting[0], before)
        self._restore(before)
        return bool(fitting)

    def _tries(self, actual: Type, expected: Type, before: _State | None = None) -> bool:
        """Do as `flows` from a state, and restore the bounds where it fails."""
        before = before or self._save()
        self._restore(before)
        if self.flows(actual, expected):
            return True
        self._restore(before)
        return False

    def _save(self) -> _State:
        copies = {name: _Bound(b.lower, b.upper) for name, b in self.variables.items()}
        return copies, dict(self.containers)

    def _restore(self, state: _State) -> None:
        variables, containers = state
        self.variables = {name: _Bound(b.lower, b.upper) for name, b in variables.items()}
        self.containers = dict(containers)

    def _raise_lower(self, name: str, actual: Type) -> bool:
        bound = self.variables[name]
        if actual.name == name:
            return True
        bound.lower = actual if bound.lower is None else join(bound.lower, actual)
        return bound.upper is None or self.flows(actual, bound.upper)

    def _drop_upper(self, name: str, expected: Type) -> bool:
        bound = self.variables[name]
        if bound.upper is None:
            bound.upper = expected
        return bound.lower is None or self.flows(bound.lower, expected)

    def _callable_flows(self, actual: Type, expected: Type) -> bool:
        if actual.name != expected.name or len(actual.args) != len(expected.args):
            return False
        *wanted, wanted_result = expected.args
        *taken, result = actual.args
        return all(map(self.flows, wanted, taken)) and self.flows(result, wanted_result)

    def _container_flows(self, actual: Type, expected: Type) -> bool:
        have = _SHAPES.get(actual.base, actual.base)
        want = _SHAPES.get(expected.base, expected.base)
        if have not in _CONTAINERS or (have != want and "Container" not in (have, want)):
            return False
        if want == "Container" and have != want:
            self.containers.setdefault(expected.name, have)
        if have == "Container" and have != want:
            self.containers.setdefault(actual.name, want)
        if actual.name == expected.name == "Pair":
            return all(map(self.flows, actual.args, expected.args))
        if expected.name == "Pair":
            return all(self.flows(actual.args[0], member) for member in expected.args)
        return all([self.flows(member, expected.args[0]) for member in actual.args])

    def resolve(self, kind: Type, seen: frozenset[str] = frozenset()) -> Type:
        """Replace the variables of a type by their bounds; those without a bound stay variables."""
        if self.is_lost:
            return ANY
        if not kind.is_open:
            return _settled(kind)
        if kind.name in self.variables:
            bound = self.variables[kind.name]
            known = bound.lower if bound.lower is not None else bound.upper
            if known is None or kind.name in seen:
                return kind
            return self.resolve(known, seen | {kind.name})
        name = self.containers.get(kind.name, kind.name)
        if name == "Union":
            return join_all([self.resolve(arg, seen) for arg in kind.args])
        return _named(Type(name, tuple([self.resolve(arg, seen) for arg in kind.args])))


@lru_cache(CALLS_MAX)
def _settled(kind: Type) -> Type:
    """Do as `Bounds.resolve` for a type without variables, which no bounds can change."""
    args = tuple([_settled(arg) for arg in kind.args])
    return join_all(args) if kind.name == "Union" else _named(Type(kind.name, args))


_NAMES = {
    parse_type("Pair[Integer, Integer]"): Type("IntegerTuple"),
    parse_type("Tuple[Tuple[Color]]"): Type("Grid"),
    parse_type("FrozenSet[Cell]"): Type("Object"),
    parse_type("FrozenSet[Object]"): Type("Objects"),
    parse_type("FrozenSet[IntegerTuple]"): Type("Indices"),
}


def _named(kind: Type) -> Type:
    """Return the short name of a type where there is one."""
    return _bounded(_NAMES.get(kind, kind))
