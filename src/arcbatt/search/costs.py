"""Costs learnt from programs: how often each instance of a primitive is used."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from arcbatt.dsl.types import Type
from arcbatt.program.check import check
from arcbatt.program.graph import Op, Program
from arcbatt.search.ground import Instance, expand, fits


def count_uses(programs: Iterable[Program], instances: Iterable[Instance]) -> Counter[str]:
    """Count how often programs use each instance, by its text.

    A call whose types are not known for certain counts in equal parts for all instances that it
    may be.
    """
    of_name: defaultdict[str, list[Instance]] = defaultdict(list)
    for one in instances:
        of_name[one.name].append(one)
    uses: Counter[str] = Counter()
    for program in programs:
        for name, arguments in _calls(program):
            fitting = [one for one in of_name[name] if _fit(arguments, one)]
            for one in fitting:
                uses[str(one)] += 1 / len(fitting)  # type: ignore[assignment]
    return uses


def _calls(program: Program) -> Iterator[tuple[str, tuple[Type, ...]]]:
    types = [_loose(expand(one)) for one in check(program).types]
    for node in program.nodes:
        if node.op is Op.CALL:
            yield node.name, tuple(types[arg] for arg in node.args)


def _loose(one: Type) -> Type:
    """Let a number be a colour too: the text of a program does not tell them apart."""
    if one.name == "Integer":
        return Type("Union", (Type("Integer"), Type("Color")))
    return Type(one.name, tuple(map(_loose, one.args)))


def _fit(arguments: tuple[Type, ...], instance: Instance) -> bool:
    return all(
        fits(argument, parameter)
        for argument, parameter in zip(arguments, instance.parameters, strict=True)
    )
