"""How well each differ told exact outputs from others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from arcbatt.pipeline.differs import Separation
from arcbatt.report.tables import NOTHING, new_table

if TYPE_CHECKING:
    from rich.table import Table


def separations_table(separations: Iterable[Separation]) -> Table:
    """List differs, the one that tells best first; one that was of no use anywhere comes last."""
    table = new_table("differ", ">separation", ">tasks")
    for each in sorted(separations, key=lambda each: (not each.tasks, -each.mean, each.name)):
        mean = f"{each.mean:.3f}" if each.tasks else NOTHING
        table.add_row(each.name, mean, str(each.tasks))
    return table


def separations_document(separations: Iterable[Separation]) -> list[dict[str, Any]]:
    """Return separations as JSON: ``name``, ``separation`` (-1..1) and ``tasks`` of each."""
    return [
        {"name": each.name, "separation": each.mean, "tasks": each.tasks} for each in separations
    ]
