"""How well each differ told exact outputs from others, and how well those of a run guide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from arcbatt.evolve.differs import KnownDiffer
from arcbatt.evolve.lines import from_line
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


def guidance_table(differs: Sequence[KnownDiffer]) -> Table:
    """List the differs of a run, those that guide best first; shipped ones have no round."""
    table = new_table("differ", ">guidance", ">nodes", ">round", ">told")
    for each in _by_guidance(differs):
        table.add_row(
            each.name,
            NOTHING if each.guidance is None else f"{each.guidance:.3f}",
            str(from_line(each.line).size),
            str(each.round) if each.round else NOTHING,
            "yes" if each.told else NOTHING,
            style="" if each.shipped else "green",
        )
    return table


def guidance_document(differs: Sequence[KnownDiffer]) -> list[dict[str, Any]]:
    """Return the differs of a run as JSON, in the order of the table.

    Keys: ``name``, ``guidance`` (-1..1 or null), ``shipped``, ``round``, ``told``, ``nodes``,
    ``md5``, ``parents`` (md5s), ``program`` (text).
    """
    return [
        {
            "name": each.name,
            "guidance": each.guidance,
            "shipped": each.shipped,
            "round": each.round,
            "told": each.told,
            "nodes": (program := from_line(each.line)).size,
            "md5": program.md5,
            "parents": list(each.parents),
            "program": program.inlined,
        }
        for each in _by_guidance(differs)
    ]


def _by_guidance(differs: Sequence[KnownDiffer]) -> list[KnownDiffer]:
    return sorted(differs, key=lambda each: 2 if each.guidance is None else -each.guidance)
