"""The language: its values, its types, and its primitives, each declared once.

Importing this package fills `REGISTRY`, without importing the Python bodies of the primitives.
"""

from __future__ import annotations

from arcbatt.dsl.index import fill_registry
from arcbatt.dsl.registry import REGISTRY, primitive
from arcbatt.dsl.values import CONSTANTS

__all__ = ["CONSTANTS", "FAMILIES", "FAMILIES_FOR_SEARCH", "REGISTRY", "primitive"]

FAMILIES_FOR_SEARCH = (
    "shapes",
    "rays",
    "cuts",
    "picks",
    "filters",
    "tilings",
    "stacks",
    "repairs",
    "drawings",
    "patterns",
    "measures",
)
"""The modules of primitives that were made for search: they are likely before any was seen."""
FAMILIES = (
    "numbers",
    "containers",
    "functions",
    "grids",
    "objects",
    "geometry",
    "samples",
    "ranks",
    "learners",
    "rules",
    "planes",
    "object_rules",
    "transforms",
    *FAMILIES_FOR_SEARCH,
)
"""All modules that declare primitives, in the order of the docs."""

fill_registry(FAMILIES)
