"""One declaration per primitive; docs, checks, mutation, search and tests read it here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
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
class Primitive:
    """One function of the DSL.

    Attributes:
        name: its name, in programs and in both engines.
        family: the module that declares it.
        parameters: names and types, in order.
        result: type of what it returns.
        overloads: narrower signatures, tried in order before the general one.
        doc: the docstring.
        body: the definition, in Python.
        built: how a function that this primitive returned is called, for primitives that
            build functions (`compose`, `rbind`, ...); None for all others.
    """

    name: str
    family: str
    parameters: tuple[Parameter, ...]
    result: Type
    overloads: tuple[Signature, ...]
    doc: str
    body: Callable[..., Value]
    built: ApplyBuilt | None = None

    @property
    def arity(self) -> int:
        """How many arguments it takes."""
        return len(self.parameters)

    @property
    def signature(self) -> Signature:
        """The general signature."""
        return Signature(tuple(p.type for p in self.parameters), self.result)

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.splitlines()[0]

    def __str__(self) -> str:
        parameters = ", ".join(f"{p.name}: {p.type}" for p in self.parameters)
        return f"{self.name}({parameters}) -> {self.result}"

    def apply_built(self, meter: Meter, parts: tuple[Value, ...], args: tuple[Value, ...]) -> Value:
        """Call the function that this primitive built from ``parts``."""
        if self.built is None:
            raise RegistryError(primitive=self.name, problem="builds no functions")
        return self.built(meter, parts, args)


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

    def add(self, primitive: Primitive) -> None:
        """Register a primitive.

        Raises RegistryError if its name is taken.
        """
        if primitive.name in self._primitives:
            raise RegistryError(primitive=primitive.name, problem="is declared twice")
        self._primitives[primitive.name] = primitive

    def remove(self, name: str) -> None:
        """Forget a primitive, for tests that declare one of their own."""
        del self._primitives[name]

    def arrange(self, families: tuple[str, ...]) -> None:
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


def primitive(*overloads: str, built: ApplyBuilt | None = None) -> Callable[[Body], Body]:
    """Declare a function as a primitive of the language.

    The name, the parameters and the types come from the function itself; the types are the names
    of `arcbatt.dsl.types`. The function is returned unchanged and may be called as plain Python.

    Args:
        overloads: narrower signatures as text, such as ``"(Pair[A, B]) -> A"``, tried in order
            by the type checker before the annotations.
        built: for a primitive that returns a `Function` built by itself: how to call that one,
            given the meter, the function's parts and the arguments.

    Raises RegistryError if an annotation is missing or is no type, if the docstring is missing,
    or if the name is taken.
    """

    def register(body: Body) -> Body:
        name, annotations = body.__name__, body.__annotations__
        parameters = tuple(
            Parameter(parameter, _parse(name, annotations.get(parameter)))
            for parameter in _parameter_names(body)
        )
        if not body.__doc__:
            raise RegistryError(primitive=name, problem="needs a docstring")
        REGISTRY.add(
            Primitive(
                name=name,
                family=body.__module__.rpartition(".")[2],
                parameters=parameters,
                result=_parse(name, annotations.get("return")),
                overloads=tuple(_signature(name, text) for text in overloads),
                doc=inspect.cleandoc(body.__doc__),
                body=body,
                built=built,
            )
        )
        return body

    return register


def _parameter_names(body: Callable[..., Any]) -> tuple[str, ...]:
    """Return the names of a function's parameters; `inspect.signature` would take much longer."""
    code = body.__code__
    return code.co_varnames[: code.co_argcount]


def _signature(name: str, text: str) -> Signature:
    parameters, arrow, result = text.rpartition("->")
    if not arrow:
        raise RegistryError(primitive=name, problem=f"{text!r} is no signature")
    callable_type = _parse(name, f"Callable[[{parameters.strip()[1:-1]}], {result.strip()}]")
    return Signature(callable_type.args[:-1], callable_type.args[-1])
