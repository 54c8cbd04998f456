"""The language, as tables and as pages for one primitive."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.table import Table

from arcbatt.dsl.registry import Primitive
from arcbatt.report.tables import new_table


def primitives_table(primitives: Iterable[Primitive]) -> Table:
    """List primitives: family, signature, first line of the doc."""
    table = new_table("family", "~primitive", "~does")
    family = ""
    for primitive in primitives:
        table.add_row(
            primitive.family if primitive.family != family else "",
            _escaped(str(primitive)),
            _escaped(primitive.summary),
        )
        family = primitive.family
    return table


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def primitive_text(primitive: Primitive) -> str:
    """Explain one primitive: signature, narrower signatures, doc with its example."""
    lines = [str(primitive), f"  family: {primitive.family}"]
    lines += [f"  also: {signature}" for signature in primitive.overloads]
    return "\n".join([*lines, "", primitive.doc])


def primitive_document(primitive: Primitive) -> dict[str, Any]:
    """Return a primitive as JSON: ``name``, ``family``, ``parameters``, ``result`` and so on."""
    return {
        "name": primitive.name,
        "family": primitive.family,
        "signature": str(primitive),
        "parameters": [
            {"name": parameter.name, "type": str(parameter.type)}
            for parameter in primitive.parameters
        ],
        "result": str(primitive.result),
        "overloads": list(map(str, primitive.overloads)),
        "summary": primitive.summary,
        "doc": primitive.doc,
    }
