"""One declaration per primitive; docs, checks, mutation, search and tests read it here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from arcbatt.dsl.types import Type, Value, parse_type
from arcbatt.errors import RegistryError

if TYPE_CHECKING:
    from arcbatt.dsl.meter import Meter

Body = TypeVar("Body", bound=Callable[..., Any])
ApplyBuilt = Callable[["Meter", tuple[Value, ...], tuple[Value, ...]], Value]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a primitive."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Signature:
    """Types of the parameters and of the result."""

    parameters: tuple[Type, ...]
    result: Type

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.parameters))}) -> {self.result}"


@dataclass(frozen=True, slots=True)
class Implementation:
    """What a primitive does, in Python.

    Attributes:
        body: the definition.
        doc: the docstring.
        built: what calls a function that the primitive returned, for primitives that build
            functions (`compose`, `rbind`, ...); None for all others.
    """

    body: Callable[..., Value]
    doc: str
    built: ApplyBuilt | None = None


_IMPLEMENTATIONS: dict[str, Implementation] = {}

LOOSE_FAMILIES = ("numbers", "containers", "functions", "grids", "objects", "geometry")
"""The families of arc-dsl, whose bodies take any value with the parts that they look at."""
_LOOSE_PARAMETERS = {
    name: parse_type(text)
    for name, text in {
        "Boolean": "Any",
        "Color": "Any",
        "Numerical": "Integer | Tuple[Any]",
        "IntegerTuple": "Tuple[Any]",
        "Grid": "Tuple[Any] | FrozenSet[Container[Any]]",
        "Object": "Container[Tuple[Any]]",
        "Objects": "Container[Container[Any]]",
        "Indices": "Container[Tuple[Any]]",
        "Patch": "Container[Tuple[Any]]",
        "Piece": "Tuple[Any] | FrozenSet[Tuple[Any]]",
        "Element": "Container[Container[Any]]",
    }.items()
}
_NUMBERS = parse_type("Container[Integer]")
_CERTAIN_RESULTS = ("Boolean", "Integer", "IntegerTuple", "Indices")


@dataclass(frozen=True, slots=True)
class LearnerCall:
    """A way to call a learner: with the demos, some numbers and the grid at hand.

    Attributes:
        bits: description length of a program with this call, in bits.
        numbers: the arguments between the demos and the grid.
        transforms: whether it sees something else of a transformed task.
    """

    bits: int
    numbers: tuple[int, ...] = ()
    transforms: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What search has to know of a primitive.

    Attributes:
        commutes: whether its two arguments may be swapped, except where it joins tuples.
        redundant_after: the primitives on whose result a call of this one is not worth trying:
            another expression that costs no more has the same value.
        hidden_from_search: whether search leaves it out, since others reach what it does or it
            needs functions that search does not make.
        learner: for a learner, the calls that are tried on every task, the likelier one first.
    """

    commutes: bool = False
    redundant_after: tuple[str, ...] = ()
    hidden_from_search: bool = False
    learner: tuple[LearnerCall, ...] = ()


@dataclass(frozen=True)
class Primitive:
    """One function of the DSL.

    Its Python body is imported when it is asked for: the native engine does without.

    Attributes:
        name: its name, in programs and in both engines.
        family: the module that declares it.
        parameters: names and types, in order.
        result: type of what it returns.
        overloads: narrower signatures, tried in order before the general one.
        facts: what search has to know of it.
    """

    name: str
    family: str
    parameters: tuple[Parameter, ...]
    result: Type
    overloads: tuple[Signature, ...]
    facts: Facts = Facts()

    @property
    def implementation(self) -> Implementation:
        """What it does, in Python; imports the module that declares it."""
        if self.name not in _IMPLEMENTATIONS:
            import_module(f"{__package__}.{self.family}")
        return _IMPLEMENTATIONS[self.name]

    @property
    def body(self) -> Callable[..., Value]:
        """The definition, in Python."""
        return self.implementation.body

    @property
    def doc(self) -> str:
        """The docstring."""
        return self.implementation.doc

    @property
    def is_searched(self) -> bool:
        """Whether search calls it."""
        return not self.facts.hidden_from_search and not self.facts.learner

    @property
    def makes_function(self) -> bool:
        """Whether it returns a function."""
        return self.result.name == "Callable"

    @property
    def arity(self) -> int:
        """How many arguments it takes."""
        return len(self.parameters)

    @property
    def signature(self) -> Signature:
        """The general signature."""
        return Signature(tuple(p.type for p in self.parameters), self.result)

    @property
    def loose_signature(self) -> Signature:
        """The signature that people's programs may use: what the body takes beyond its types.

        Search knows nothing of it. It is the general signature for our own families.
        """
        if self.family not in LOOSE_FAMILIES:
            return self.signature
        parameters = tuple(parameter.type for parameter in self.parameters)
        certain = self.result.name in _CERTAIN_RESULTS and _NUMBERS not in parameters
        result = self.result if certain else _loosen_result(self.result)
        return Signature(tuple(map(_loosen, parameters)), result)

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.splitlines()[0]

    def __str__(self) -> str:
        parameters = ", ".join(f"{p.name}: {p.type}" for p in self.parameters)
        return f"{self.name}({parameters}) -> {self.result}"

    def apply_built(self, meter: Meter, parts: tuple[Value, ...], args: tuple[Value, ...]) -> Value:
        """Call the function that this primitive built from ``parts``."""
        built = self.implementation.built
        if built is None:
            raise RegistryError(primitive=self.name, problem="builds no functions")
        return built(meter, parts, args)


def _loosen(kind: Type) -> Type:
    """Replace the types of grids, patches and numbers by what arc-dsl takes in their places."""
    if kind == _NUMBERS:
        return parse_type("Container[Any]")
    if kind.name == "Tuple":  # what pairs members walks sets too
        return Type("Container", kind.args)
    if kind.name in _LOOSE_PARAMETERS:
        return _LOOSE_PARAMETERS[kind.name]
    return Type(kind.name, tuple(map(_loosen, kind.args)))


def _loosen_result(kind: Type) -> Type:
    """Replace the types of which a loose call says nothing by `Any`."""
    if kind.name in _LOOSE_PARAMETERS or kind.name == "Integer":
        return Type("Any")
    return Type(kind.name, tuple(map(_loosen_result, kind.args)))


class Registry(Mapping[str, Primitive]):
    """All primitives by name, family after family, each in the order of its declarations."""

    def __init__(self) -> None:
        self._primitives: dict[str, Primitive] = {}

    def __getitem__(self, name: str) -> Primitive:
        return self._primitives[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._primitives)

    def __len__(self) -> int:
        return len(self._primitives)

    def add(self, primitive: Primitive, *, replace: bool = False) -> None:
        """Register a primitive.

        Args:
            primitive: the primitive.
            replace: whether it may take the place of one of the same name and family.

        Raises RegistryError if its name is taken.
        """
        known = self._primitives.get(primitive.name)
        if known is not None and not (replace and known.family == primitive.family):
            raise RegistryError(primitive=primitive.name, problem="is declared twice")
        self._primitives[primitive.name] = primitive

    def remove(self, name: str) -> None:
        """Forget a primitive, for tests that declare one of their own."""
        del self._primitives[name]
        _IMPLEMENTATIONS.pop(name, None)

    def arrange(self, families: Sequence[str]) -> None:
        """Put the primitives into the order of their families; within one their order stays.

        Raises RegistryError for a primitive of another family.
        """
        for known in self.values():
            if known.family not in families:
                raise RegistryError(primitive=known.name, problem=f"no family {known.family!r}")
        ordered = sorted(self.values(), key=lambda known: families.index(known.family))
        self._primitives = {known.name: known for known in ordered}

    @property
    def families(self) -> tuple[str, ...]:
        """The names of the families, in order."""
        return tuple(dict.fromkeys(p.family for p in self.values()))


REGISTRY = Registry()


def _parse(primitive: str, annotation: object) -> Type:
    if not isinstance(annotation, str):
        raise RegistryError(
            primitive=primitive,
            problem="needs annotations as text: from __future__ import annotations",
        )
    try:
        return parse_type(annotation)
    except ValueError as error:
        raise RegistryError(primitive=primitive, problem=str(error)) from error


def primitive(
    *overloads: str,
    built: ApplyBuilt | None = None,
    commutes: bool = False,
    redundant_after: tuple[str, ...] = (),
    hidden_from_search: bool = False,
    learner: tuple[LearnerCall, ...] = (),
) -> Callable[[Body], Body]:
    """Declare a function as a primitive of the language.

    The name, the parameters and the types come from the function itself; the types are the names
    of `arcbatt.dsl.types`. The function is returned unchanged and may be called as plain Python.

    Args:
        overloads: narrower signatures as text, such as ``"(Pair[A, B]) -> A"``, tried in order
            by the type checker before the annotations.
        built: for a primitive that returns a `Function` built by itself: how to call that one,
            given the meter, the function's parts and the arguments.
        commutes: see `Facts`, as for the others.
        redundant_after: names of primitives.
        hidden_from_search: whether search leaves it out.
        learner: the calls that are tried on every task, for a learner.

    Raises RegistryError if an annotation is missing or is no type, if the docstring is missing,
    or if the name is taken.
    """
    facts = Facts(commutes, redundant_after, hidden_from_search, learner)

    def register(body: Body) -> Body:
        name, annotations = body.__name__, body.__annotations__
        if not body.__doc__:
            raise RegistryError(primitive=name, problem="needs a docstring")
        declared = Primitive(
            name=name,
            family=body.__module__.rpartition(".")[2],
            parameters=tuple(
                Parameter(parameter, _parse(name, annotations.get(parameter)))
                for parameter in _parameter_names(body)
            ),
            result=_parse(name, annotations.get("return")),
            overloads=tuple(_overload(name, text) for text in overloads),
            facts=facts,
        )
        REGISTRY.add(declared, replace=name not in _IMPLEMENTATIONS)
        _IMPLEMENTATIONS[name] = Implementation(body, inspect.cleandoc(body.__doc__), built)
        return body

    return register


def _parameter_names(body: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a function's parameters; `inspect.signature` would take much longer."""
    code = body.__code__
    return code.co_varnames[: code.co_argcount]


def parse_signature(text: str) -> Signature:
    """Read a signature such as ``"(Pair[A, B]) -> A"``.

    Raises ValueError if the text is no signature.
    """
    parameters, arrow, result = text.rpartition("->")
    if not arrow:
        raise ValueError(f"{text!r} is no signature")
    args = parse_type(f"Callable[[{parameters.strip()[1:-1]}], {result.strip()}]").args
    return Signature(args[:-1], args[-1])


def _overload(primitive: str, text: str) -> Signature:
    try:
        return parse_signature(text)
    except ValueError as error:
        raise RegistryError(primitive=primitive, problem=str(error)) from error
