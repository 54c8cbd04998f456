"""What a batt is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.text import Text

from arcbatt.batt import Batt
from arcbatt.report.tables import pairs


def batt_summary(batt: Batt, path: Path) -> Text:
    """Sum up a batt that was written to a file."""
    return pairs(
        [
            (
                "programs",
                f"{batt.programs_merged} dealt, {len(batt.names)} with a body of their own",
            ),
            ("nodes", f"{batt.nodes_merged} before sharing, {len(batt.graph.nodes)} after"),
            ("written to", str(path)),
        ]
    )


def batt_document(batt: Batt, path: Path) -> dict[str, Any]:
    """Return that as JSON: ``file``, ``programs``, ``bodies``, nodes before and after."""
    return {
        "file": str(path),
        "programs": batt.programs_merged,
        "bodies": len(batt.names),
        "nodes_before": batt.nodes_merged,
        "nodes_after": len(batt.graph.nodes),
    }
