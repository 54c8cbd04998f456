"""Time the pages of `batt serve` in a browser, with a thousand tasks and a real run.

python -m lab.page_times

It needs Debian's chromium (``apt-get install chromium``).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence

from playwright.sync_api import Page

from lab import positive, run
from lab.pages import served_run

PROGRAM = "def solve(I):\n    return fill(I, {}, ofcolor(I, FIVE))\n"
TYPING_MS = 150
"""Time that the playground waits after a key, in milliseconds; it is not counted."""


PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def show(name: str, painted: Sequence[float], done: Sequence[float]) -> None:
    """Print the medians of some times, in milliseconds; the first ones are for warmth."""
    first = f"{statistics.median(painted[1:]):8.0f}" if painted else " " * 8
    print(f"{name:40} {first} {statistics.median(done[1:]):7.0f}", flush=True)


def measure_visits(page: Page, name: str, addresses: Sequence[str]) -> None:
    """Visit some addresses, and print when something is there and when all of it is."""
    painted, loaded = [], []
    for address in addresses:
        page.goto(address)
        page.wait_for_timeout(200)
        painted.append(page.evaluate(PAINTED))
        loaded.append(page.evaluate(LOADED))
    show(name, painted, loaded)


def measure_pages(page: Page, address: str, tasks: Sequence[str], repeats: int) -> None:
    """Print a table of the times of the pages."""
    print(f"{'ms (median)':40} {'painted':>8} {'loaded':>7}")
    measure_visits(page, "all tasks", [address] * (repeats + 1))
    measure_visits(
        page,
        "a task that was not shown before",
        [f"{address}/tasks/{each}" for each in tasks[:repeats]],
    )
    program = f"{address}/programs/solve_00d62c1b?task=00d62c1b"
    measure_visits(page, "a program, line by line", [program] * (repeats + 1))
    page.goto(f"{address}/playground?task=00d62c1b")
    page.wait_for_selector(".results")
    times = []
    for number in range(repeats + 1):
        start = time.perf_counter()
        page.get_by_label("Program text").fill(PROGRAM.format(number % 9))
        with page.expect_response("**/playground/run"):
            pass
        page.wait_for_selector(".results .diff")
        times.append(1000 * (time.perf_counter() - start) - TYPING_MS)
    show("the playground, a run", [], times)


def main() -> None:
    """Solve some tasks, serve them, and time the pages."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=positive, default=20)
    repeats = parser.parse_args().repeats
    with served_run("arc-agi-2") as served:
        print(f"{len(served.tasks)} tasks, opened in {served.opening_s:.2f} s")
        measure_pages(served.page(), served.address, served.tasks, repeats)


if __name__ == "__main__":
    run(main)
