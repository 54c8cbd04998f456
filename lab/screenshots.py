"""Take the pictures of the page for README.md and docs from a real run on training tasks.

python -m lab.screenshots

It needs Debian's chromium (``apt-get install chromium``).
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvicorn
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from arcbatt.findings import Shelf
from arcbatt.web.app import make_app, open_socket
from arcbatt.web.desk import Desk
from arcbatt.web.guard import Access
from lab import run

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
TASKS = 60
COLORS = 128
"""Colours of a picture, which keep its file small."""
WRONG = """def solve(S, I, C):
    x1 = objects(I, T, F, T)
    x2 = argmax(x1, size)
    x3 = fill(I, FOUR, x2)
    return x3
"""


@contextmanager
def serving(desk: Desk) -> Iterator[str]:
    """Serve a desk in a thread, and yield the address of the page."""
    with open_socket("127.0.0.1", 0) as opened:
        port = opened.getsockname()[1]
        config = uvicorn.Config(make_app(desk, Access(port)), log_level="error", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join()


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
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("there is no chromium: apt-get install chromium")
    FOLDER.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="arcbatt-pictures-") as folder:
        words = ["solve", "--split", "training", "--count", str(TASKS), "--effort", "quick"]
        command = [sys.executable, "-m", "arcbatt", *words]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        desk = Desk(Shelf.open("arc-agi-1", "training"), [Path(folder) / "archive"])
        desk.warm()
        with serving(desk) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            size: Any = {"width": 1200, "height": 760}
            page = browser.new_page(viewport=size)
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
            dark = browser.new_page(viewport=size, color_scheme="dark")
            dark.goto(address)
            save(dark, "tasks-dark")
            browser.close()


if __name__ == "__main__":
    run(main)
