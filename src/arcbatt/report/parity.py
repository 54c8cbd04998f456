"""What a comparison of runs on two engines found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.table import Table
from rich.text import Text

from arcbatt.pipeline.parity import Difference, Parity
from arcbatt.report.tables import NOTHING, new_table, pairs

VALUE_LENGTH = 60
"""Characters of a value that a difference shows."""


def compared_table(parity: Parity) -> Table:
    """List what was compared: how many values of each kind, and how many of them differ."""
    different = Counter(difference.what for difference in parity.differences)
    table = new_table("what", ">compared", ">different")
    for what, number in parity.compared.items():
        style = "red" if different[what] else ""
        table.add_row(what, str(number), str(different[what]), style=style)
    return table


def differences_table(differences: Iterable[Difference]) -> Table:
    """List all differences with both values, which are cut where they are long."""
    table = new_table("place", "what", ">threads", "~reference", "~other")
    for each in differences:
        table.add_row(
            each.place, each.what, str(each.threads), *map(_short, _differing(each)), style="red"
        )
    return table


def _differing(difference: Difference) -> tuple[str, str]:
    """Write both values; where they are long, from shortly before the place where they part."""
    one, other = _written(difference.expected), _written(difference.got)
    same = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )
    start = max(0, same - VALUE_LENGTH // 2) if max(len(one), len(other)) > VALUE_LENGTH else 0
    lead = "..." if start else ""
    return lead + one[start:], lead + other[start:]


def _written(value: object) -> str:
    return NOTHING if value is None else " ".join(str(value).split())


def _short(text: str) -> str:
    return text if len(text) <= VALUE_LENGTH else text[: VALUE_LENGTH - 3] + "..."


def parity_summary(parity: Parity) -> Text:
    """Sum up a comparison."""
    threads = ", ".join(map(str, parity.threads))
    return pairs(
        [
            ("tasks", str(parity.tasks)),
            ("programs", f"{parity.programs} dealt"),
            ("compared", f"reference in sequence, {parity.engine} with {threads} threads"),
            ("values", str(sum(parity.compared.values()))),
            ("differences", str(len(parity.differences))),
        ]
    )


def parity_document(parity: Parity) -> dict[str, Any]:
    """Return a comparison as JSON.

    Keys: ``tasks``, ``programs``, ``engine``, ``threads``, ``compared`` (numbers by kind),
    ``differences`` (``place``, ``what``, ``threads``, ``expected``, ``got``).
    """
    return {
        "tasks": parity.tasks,
        "programs": parity.programs,
        "engine": parity.engine,
        "threads": list(parity.threads),
        "compared": dict(parity.compared),
        "differences": [
            {
                "place": each.place,
                "what": each.what,
                "threads": each.threads,
                "expected": each.expected,
                "got": each.got,
            }
            for each in parity.differences
        ],
    }
