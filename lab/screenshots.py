"""Take the pictures of the page for README.md and docs from a real run on training tasks.

python -m lab.screenshots

It needs Debian's chromium (``apt-get install chromium``).
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from lab import run
from lab.pages import served_run

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
COLORS = 128
"""Colours of a picture, which keep its file small."""
WRONG = """def solve(S, I, C):
    x1 = objects(I, T, F, T)
    x2 = argmax(x1, size)
    x3 = fill(I, FOUR, x2)
    return x3
"""


def save(page: Page, name: str, **words: Any) -> None:
    """Save what the page shows as a small PNG file."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    image = Image.open(io.BytesIO(page.screenshot(**words))).convert("RGB")
    image.quantize(COLORS).save(FOLDER / f"{name}.png", optimize=True)
    print(f"{name}: {(FOLDER / f'{name}.png').stat().st_size / 1024:.0f} KiB")


def main() -> None:
    """Run, serve, and take the pictures."""
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    FOLDER.mkdir(exist_ok=True)
    with served_run("arc-agi-1") as served:
        address, page = served.address, served.page()
        page.goto(address)
        save(page, "tasks")
        page.goto(f"{address}/programs/solve_00d62c1b?task=00d62c1b")
        page.keyboard.press("ArrowDown")
        save(page, "program")
        page.goto(f"{address}/playground?task=00d62c1b")
        page.get_by_label("Program text").fill(WRONG)
        page.wait_for_selector(".results .diff")
        save(page, "playground")
        page.goto(f"{address}/tasks/025d127b")
        save(page, "task")
        dark = served.page("dark")
        dark.goto(address)
        save(dark, "tasks-dark")


if __name__ == "__main__":
    run(main)
