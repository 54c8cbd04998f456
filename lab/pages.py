"""The page of a real run in a browser, for those who measure it or take pictures of it.

It needs Debian's chromium (``apt-get install chromium``).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import uvicorn
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from arcbatt.errors import UsageError
from arcbatt.findings import Shelf
from arcbatt.web.app import make_app, open_socket
from arcbatt.web.desk import Desk
from arcbatt.web.guard import Access

SOLVED = 60
"""Number of tasks of the run; the others have only their pictures."""


@dataclass(frozen=True)
class Served:
    """A page that is served, and a browser to look at it.

    Attributes:
        address: the address of the list of tasks.
        tasks: the ids of all tasks.
        opening_s: seconds until the tasks and the archive were open.
        browser: the browser, without a page.
    """

    address: str
    tasks: list[str]
    opening_s: float
    browser: Browser

    def page(self, scheme: Literal["light", "dark"] = "light") -> Page:
        """Open a page of 1,200 times 760 pixels."""
        size: ViewportSize = {"width": 1200, "height": 760}
        return self.browser.new_page(viewport=size, color_scheme=scheme)


@contextmanager
def served_run(dataset: str) -> Iterator[Served]:
    """Solve some training tasks of a dataset, and serve what was found."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise UsageError(problem="expected chromium: apt-get install chromium")
    with TemporaryDirectory(prefix="arcbatt-pages-") as folder:
        choice = ["--dataset", dataset, "--split", "training", "--count", str(SOLVED)]
        command = [sys.executable, "-m", "arcbatt", "solve", *choice, "--effort", "quick"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        start = time.perf_counter()
        shelf = Shelf.open(dataset, "training")
        desk = Desk(shelf, [Path(folder) / "archive"])
        desk.warm()
        opening_s = time.perf_counter() - start
        with _serving(desk) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            yield Served(address, list(shelf), opening_s, browser)
            browser.close()


@contextmanager
def _serving(desk: Desk) -> Iterator[str]:
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
