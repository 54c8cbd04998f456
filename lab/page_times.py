"""Time the pages of `batt serve` in a browser, with a thousand tasks and a real run.

python -m lab.page_times

It needs Debian's chromium (``apt-get install chromium``).
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, sync_playwright

from arcbatt.findings import Shelf
from arcbatt.web.desk import Desk
from lab import positive, run
from lab.screenshots import serving

TASKS = 60
"""Number of tasks of the run; the others have only their pictures."""
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
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no chromium: apt-get install chromium")
    with TemporaryDirectory(prefix="arcbatt-pages-") as folder:
        data = ["--dataset", "arc-agi-2", "--split", "training"]
        words = ["solve", *data, "--count", str(TASKS), "--effort", "quick"]
        command = [sys.executable, "-m", "arcbatt", *words]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        start = time.perf_counter()
        shelf = Shelf.open("arc-agi-2", "training")
        desk = Desk(shelf, [Path(folder) / "archive"])
        desk.warm()
        tasks = list(shelf)
        print(f"{len(tasks)} tasks, opened in {time.perf_counter() - start:.2f} s")
        with serving(desk) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1200, "height": 760})
            measure_pages(page, address, tasks, repeats)
            browser.close()


if __name__ == "__main__":
    run(main)
