"""Examples of primitives: the first call in the doc of each, with what can be drawn of it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from arcbatt.dsl.registry import Primitive
from arcbatt.dsl.types import Grid
from arcbatt.dsl.values import is_grid
from arcbatt.report.pictures import Picture, picture_of_value

_EXAMPLE = re.compile(r"^>>> (.+(?:\n\.\.\. .+)*)\n((?:(?!>>>).+\n?)+)", re.MULTILINE)
PIXELS = 72
"""Pixels that a grid of an example takes at most."""


@dataclass(frozen=True, slots=True)
class Example:
    """An example in the doc of a primitive.

    Attributes:
        call: text of the call.
        result: text of its result.
        arguments: pictures of the arguments that can be drawn.
        drawn: picture of the result; None if it is text.
    """

    call: str
    result: str
    arguments: tuple[Picture, ...] = ()
    drawn: Picture | None = None


@cache
def example_of(primitive: Primitive) -> Example | None:
    """Return the first example in the doc of a primitive; None if there is none.

    Nothing is executed: arguments and result are literals in the doc, or are left as text.
    """
    found = _EXAMPLE.search(primitive.doc)
    if found is None:
        return None
    call, result = found[1].replace("\n... ", "\n"), found[2].strip()
    arguments = _arguments(call, primitive.name)
    given: Grid = next((value for value in arguments if is_grid(value)), ())
    return Example(
        call,
        result,
        tuple(picture for value in arguments if (picture := _picture(value, given))),
        _picture(_literal(_parsed(result)), given) if arguments else None,
    )


def text_of(primitive: Primitive) -> str:
    """Return the doc of a primitive without its examples."""
    return primitive.doc.partition(">>>")[0].strip()


def _picture(value: Any, given: Grid) -> Picture | None:
    return picture_of_value(value, given, pixels=PIXELS) if value else None


def _parsed(text: str) -> ast.expr | None:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def _arguments(call: str, name: str) -> list[Any]:
    """Return the arguments of a call of a primitive that are literals; others are None."""
    match _parsed(call):
        case ast.Call(func=ast.Name(id=called), args=args) if called == name:
            return [_literal(arg) for arg in args]
    return []


def _literal(node: ast.expr | None) -> Any:
    match node:
        case None:
            return None
        case ast.Call(func=ast.Name(id="frozenset"), args=[inner], keywords=[]):
            members = _literal(inner)
            return frozenset(members) if isinstance(members, set | tuple) else None
        case ast.Tuple(elts=parts):
            return tuple(map(_literal, parts))
        case ast.Set(elts=parts):
            return set(map(_literal, parts))
        case _:
            try:
                return ast.literal_eval(node)
            except (ValueError, TypeError):
                return None
