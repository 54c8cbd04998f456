"""The language: its values, its types, and its primitives, each declared once.

Importing this package fills `REGISTRY`; nothing lists the primitives a second time.
"""

from __future__ import annotations

from arcbatt.dsl import (
    cell_rules,
    containers,
    cuts,
    drawings,
    filters,
    functions,
    geometry,
    grids,
    lessons,
    measures,
    numbers,
    objects,
    patterns,
    picks,
    ranks,
    rays,
    repairs,
    samples,
    shapes,
    stacks,
    tilings,
    tuples,
    views,
)
from arcbatt.dsl.constants import CONSTANTS
from arcbatt.dsl.registry import REGISTRY, primitive

__all__ = ["CONSTANTS", "REGISTRY", "primitive"]

REGISTRY.arrange(
    tuple(
        family.__name__.rpartition(".")[2]
        for family in (
            numbers,
            containers,
            functions,
            grids,
            objects,
            geometry,
            samples,
            ranks,
            tuples,
            shapes,
            rays,
            cuts,
            picks,
            filters,
            tilings,
            stacks,
            repairs,
            drawings,
            patterns,
            measures,
            lessons,
            cell_rules,
            views,
        )
    )
)
