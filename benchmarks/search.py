"""Measures how the time and the memory of search grow with its nodes.

Each measurement is `batt eval` on one task, in a process of its own. The tasks are spread evenly
over the split `development`; where a search finds something early it takes fewer nodes than it may.

    python benchmarks/search.py
    python benchmarks/search.py --json search.json
    python benchmarks/search.py --nodes 10000 100000 --tasks 12
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine import machine

from arcbatt.tasks import load_dataset

SPLIT = "development"
NODES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
TASKS = 6
MB = 1e6


@dataclass(frozen=True)
class Row:
    """What a number of nodes took, over all tasks.

    Attributes:
        nodes_max: that search might try for each task.
        nodes: that it tried: sum.
        search_cpu_s: CPU time of search: sum.
        search_bytes: memory of search by its own count: sum over tasks.
        search_bytes_max: the most on one task.
        process_bytes_max: the most memory that a process had.
        right: tasks that were right.
    """

    nodes_max: int
    nodes: int
    search_cpu_s: float
    search_bytes: int
    search_bytes_max: int
    process_bytes_max: int
    right: int


def measure(task: str, nodes: int) -> dict[str, Any]:
    """Run `batt eval` on a task and return its totals."""
    command = [
        sys.executable, "-m", "arcbatt", "eval", task, "--split", SPLIT,
        "--search-nodes", str(nodes), "--jobs", "1", "--json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    totals: dict[str, Any] = json.loads(done.stdout)["totals"]
    return totals


def add_up(nodes: int, totals: Sequence[dict[str, Any]]) -> Row:
    """Sum up what was measured with one number of nodes."""
    return Row(
        nodes_max=nodes,
        nodes=sum(each["nodes"] for each in totals),
        search_cpu_s=sum(each["search_cpu_s"] for each in totals),
        search_bytes=sum(each["search_bytes"] for each in totals),
        search_bytes_max=max(each["search_bytes_max"] for each in totals),
        process_bytes_max=max(each["process_bytes_max"] for each in totals),
        right=sum(each["tasks_right"][1] for each in totals),
    )


def growth(rows: Sequence[Row], key: str) -> float:
    """Return the exponent with which a figure grows with the nodes, by least squares."""
    points = [(math.log(row.nodes), math.log(getattr(row, key))) for row in rows]
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points, strict=True))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread


def parse_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--nodes", type=int, nargs="+", default=NODES, help="numbers of nodes")
    parser.add_argument("--tasks", type=int, default=TASKS, help=f"how many ({TASKS})")
    options = parser.parse_args()
    if options.tasks < 1 or min(options.nodes) < 1:
        parser.error("expected 1 or more tasks and nodes")
    return options


def main() -> None:
    """Measure and print."""
    options = parse_options()
    ids = sorted(load_dataset("arc-agi-1", split=SPLIT).ids)
    tasks = ids[:: max(1, len(ids) // options.tasks)][: options.tasks]
    for name, value in machine().items():
        print(f"{name}: {value}")
    print(f"tasks: {', '.join(tasks)}\n")
    print(
        f"{'nodes a task':>12}  {'tried':>10}  {'right':>5}  {'CPU s':>8}  {'nodes/CPU-s':>11}"
        f"  {'bytes/node':>10}  {'search MB':>9}  {'process MB':>10}"
    )
    rows = []
    for nodes in sorted(set(options.nodes)):
        row = add_up(nodes, [measure(task, nodes) for task in tasks])
        rows.append(row)
        print(
            f"{row.nodes_max:12,}  {row.nodes:10,}  {row.right:5}  {row.search_cpu_s:8.2f}"
            f"  {row.nodes / row.search_cpu_s:11,.0f}  {row.search_bytes / row.nodes:10,.0f}"
            f"  {row.search_bytes_max / MB:9,.0f}  {row.process_bytes_max / MB:10,.0f}",
            flush=True,
        )
    exponents = {}
    if len(rows) > 1:
        exponents = {key: growth(rows, key) for key in ("search_cpu_s", "search_bytes")}
        print(
            f"\nCPU time grows as nodes^{exponents['search_cpu_s']:.2f},"
            f" memory as nodes^{exponents['search_bytes']:.2f};"
            " MB are the most on one task"
        )
    if options.json:
        document = {
            "machine": machine(), "tasks": tasks, "rows": [asdict(row) for row in rows],
            "exponents": exponents,
        }  # fmt: skip
        options.json.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
