"""Compare two profiles: changes in time, and whether the work or its results changed.

batt profile --repeats 5 --json > before.json
python -m lab.profile_compare before.json after.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from arcbatt.report.tables import NOTHING, new_table

SETTINGS = ("dataset", "tasks", "programs", "archive", "sources", "engine", "jobs")
WORK = ("calls", "failures", "fuel")

Document = dict[str, Any]


def load_profile(path: Path) -> Document:
    """Read the output of ``batt profile --json``; raises ValueError for another file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or document.get("format") != "arcbatt.profile":
        raise ValueError(f"{path}: expected the output of batt profile --json")
    return document


def same_results(then: Document, now: Document) -> bool:
    """Return whether the digests of all runs are the same."""
    return {run["digest"] for run in then["runs"]} == {run["digest"] for run in now["runs"]}


def changed_settings(then: Document, now: Document) -> list[str]:
    """Return a line for each setting that differs."""
    return [
        f"{name}: {_short(then[name])}, now {_short(now[name])}"
        for name in SETTINGS
        if then[name] != now[name]
    ]


def beyond_spread(then: Document, now: Document) -> bool:
    """Return whether the CPU times of the later runs are all outside the range of the earlier ones.

    The result is false for a single run, which has no spread.

    Args:
        then: a category of the earlier profile, or its total.
        now: the same of the later profile.
    """
    if then["cpu_s_least"] == then["cpu_s_most"] or now["cpu_s_least"] == now["cpu_s_most"]:
        return False
    return bool(now["cpu_s_least"] > then["cpu_s_most"] or now["cpu_s_most"] < then["cpu_s_least"])


def times_table(then: Document, now: Document) -> Table:
    """List the categories of both profiles, and mark the changes beyond the spread."""
    table = new_table(
        "category", ">wall then", ">wall now", ">change", ">CPU then", ">CPU now", ">change", "",
    )  # fmt: skip
    pairs = [
        *zip(then["categories"], now["categories"], strict=True),
        (then["total"], now["total"]),
    ]
    for old, new in pairs:
        cells = [cell for kind in ("wall_s", "cpu_s") for cell in _change(old[kind], new[kind])]
        mark = "beyond the spread" if beyond_spread(old, new) else ""
        table.add_row(old.get("category", "total"), *cells, mark)
    return table


def changed_primitives(then: Document, now: Document) -> list[tuple[str, str]]:
    """Return the primitives whose calls, failures or fuel differ, with the differences."""
    return [
        (name, change) for name, old, new in _primitives(then, now) if (change := _work(old, new))
    ]


def primitives_table(then: Document, now: Document, *, top: int) -> Table:
    """List primitives: those with changed work, then those whose CPU time changed most.

    Args:
        then: the earlier profile.
        now: the later profile.
        top: number of primitives with the same work to list, >= 0.
    """
    table = new_table("primitive", ">calls then", ">calls now", ">CPU s then", ">CPU s now", "")
    rows = sorted(_primitives(then, now), key=lambda row: -abs(_cpu_s(row[2]) - _cpu_s(row[1])))
    other = [row for row in rows if _work(*row[1:])]
    same = [row for row in rows if not _work(*row[1:])]
    for name, old, new in (*other, *same[:top]):
        calls = [str(each["calls"]) if each else NOTHING for each in (old, new)]
        times = [f"{each['cpu_s']:.3f}" if each else NOTHING for each in (old, new)]
        table.add_row(name, *calls, *times, _work(old, new))
    return table


def _primitives(
    then: Document, now: Document
) -> Iterator[tuple[str, Document | None, Document | None]]:
    before, after = ({each["name"]: each for each in one["primitives"]} for one in (then, now))
    for name in sorted({*before, *after}):
        yield name, before.get(name), after.get(name)


def _work(then: Document | None, now: Document | None) -> str:
    """Return a text about the difference of a primitive's work; empty for the same work."""
    if then is None or now is None:
        return "new" if then is None else "gone"
    changes = [(name, now[name] - then[name]) for name in WORK]
    return ", ".join(f"{name} {change:+}" for name, change in changes if change)


def _cpu_s(cost: Document | None) -> float:
    return cost["cpu_s"] if cost else 0.0


def _change(then: float, now: float) -> tuple[str, str, str]:
    relative = f"{100 * (now - then) / then:+.1f} %" if then else NOTHING
    return f"{then:.3f}", f"{now:.3f}", relative


def _short(value: object) -> str:
    return f"{len(value)} tasks" if isinstance(value, list) else str(value)


def main(words: list[str] | None = None) -> int:
    """Print the comparison; return 1 if a file is no profile."""
    parser = argparse.ArgumentParser(description="Compare two outputs of batt profile --json.")
    parser.add_argument("then", type=Path)
    parser.add_argument("now", type=Path)
    parser.add_argument("--top", type=int, default=20, help="primitives with the same work (20)")
    options = parser.parse_args(words)
    try:
        then, now = load_profile(options.then), load_profile(options.now)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    changed = changed_primitives(then, now)
    console = Console()
    print("results: the same" if same_results(then, now) else "results: CHANGED")
    print(f"work: {f'CHANGED for {len(changed)} primitives' if changed else 'the same'}")
    print(*changed_settings(then, now), sep="\n")
    console.print(times_table(then, now))
    console.print(primitives_table(then, now, top=options.top))
    return 0


if __name__ == "__main__":
    sys.exit(main())
