"""Learnt functions, and the bits that they save."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rich.table import Table

from arcbatt.learning.learn import Bits
from arcbatt.learning.lesson import Lesson
from arcbatt.program.definitions import Definition
from arcbatt.report.tables import NOTHING, new_table, share


def functions_table(functions: Iterable[Definition]) -> Table:
    """List functions: bits saved, places, tasks, signature and body."""
    from rich.markup import escape

    table = new_table(">bits saved", ">places", ">tasks", "~function", "~stands for")
    for one in functions:
        table.add_row(
            NOTHING if one.saved_bits is None else f"{one.saved_bits:,}",
            NOTHING if one.places is None else f"{one.places:,}",
            str(len(one.tasks)) if one.tasks else NOTHING,
            escape(str(one)),
            escape(one.expression),
        )
    return table


def bits_table(lesson: Lesson) -> Table:
    """Compare what programs cost without and with the functions."""
    table = new_table(
        "programs", ">count", ">bits before", ">after", ">definitions", ">saved", ">of all"
    )
    for name, bits in _parts(lesson):
        table.add_row(
            name,
            f"{bits.programs:,}",
            f"{bits.before:,.0f}",
            f"{bits.after:,.0f}",
            f"{bits.definitions:,.0f}",
            f"{bits.saved:,.0f}",
            share(bits.saved, bits.before),
        )
    return table


def _parts(lesson: Lesson) -> list[tuple[str, Bits]]:
    held = [] if lesson.held is None else [("held out", lesson.held)]
    return [("learnt from", lesson.learnt), *held]


def function_text(function: Definition) -> str:
    """Explain one function: its text, and what its steps do."""
    from arcbatt.dsl import REGISTRY

    calls = dict.fromkeys(node.name for node in function.body.nodes if node.name in REGISTRY)
    width = max(map(len, calls))
    steps = [f"  {name:<{width}}  {REGISTRY[name].summary}" for name in calls]
    return "\n".join([function.render(), "its parts:", *steps])


def function_document(function: Definition) -> dict[str, Any]:
    """Return a function as JSON: ``name``, ``parameters``, ``result``, ``body`` and so on."""
    return {
        "name": function.name,
        "signature": str(function),
        "parameters": [{"name": name, "type": str(kind)} for name, kind in function.parameters],
        "result": str(function.result),
        "body": function.expression,
        "bits_saved": function.saved_bits,
        "places": function.places,
        "tasks": list(function.tasks),
    }


def lesson_document(lesson: Lesson) -> dict[str, Any]:
    """Return what was learnt as JSON: ``functions``, ``learnt``, and ``held`` if tasks were."""
    return {
        "functions": list(map(function_document, lesson.functions)),
        "learnt": _bits_document(lesson.learnt),
        "held": None if lesson.held is None else _bits_document(lesson.held),
        "held_tasks": list(lesson.held_tasks),
    }


def _bits_document(bits: Bits) -> dict[str, Any]:
    return {
        "programs": bits.programs,
        "bits_before": round(bits.before, 1),
        "bits_after": round(bits.after, 1),
        "definitions": round(bits.definitions, 1),
        "bits_saved": round(bits.saved, 1),
        "functions": bits.functions,
        "places": bits.places,
        "programs_with_functions": bits.shorter,
    }
