"""What the tests of the page share: a folder of tasks with an archive, and a server."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from arcbatt.archive import Archive, NewEntry
from arcbatt.candidates import Score
from arcbatt.findings import Shelf
from arcbatt.program.parse import parse_program
from arcbatt.web.app import make_app, open_socket
from arcbatt.web.desk import Desk
from arcbatt.web.guard import Access

HOSTILE = "<script>alert(1)</script>"
GRIDS = [[[1, 2], [3, 4]], [[5, 6, 7], [8, 9, 1]]]


def mirrored(grid: list[list[int]]) -> list[list[int]]:
    return [row[::-1] for row in grid]


def write_tasks(folder: Path, ids: list[str]) -> Path:
    """Write tasks, each of them: mirror left and right; return the folder."""
    folder.mkdir(parents=True)
    test = [[1, 0, 3], [4, 5, 6]]
    for task in ids:
        samples = [{"input": grid, "output": mirrored(grid)} for grid in GRIDS]
        content = {"train": samples, "test": [{"input": test, "output": mirrored(test)}]}
        (folder / f"{task}.json").write_text(json.dumps(content))
    return folder


def make_archive(path: Path, shelf: Shelf, programs: dict[str, str], source: str = "test") -> Path:
    """Keep a program for each task; its score is exact if it mirrors left and right."""
    with Archive.open(path) as archive:
        archive.add_many(
            [
                NewEntry(
                    task=shelf[task].key,
                    program=parse_program(f"def solve(I): return {body}").program,
                    score=Score((1000, 1000) if body == "vmirror(I)" else (500, 950)),
                    fuel=10,
                    nanoseconds=10,
                    source=source,
                    parents=(HOSTILE,),
                    aliases=(HOSTILE,),
                )
                for task, body in programs.items()
            ]
        )
    return path


def make_desk(folder: Path, *, split: str = "tasks", archive: bool = True) -> Desk:
    """Return a desk with the tasks 0000aaaa (solved), 0000bbbb (wrong) and 0000cccc (nothing)."""
    tasks = write_tasks(folder / split, ["0000aaaa", "0000bbbb", "0000cccc"])
    shelf = Shelf.open(str(tasks), None)
    path = folder / "archive"
    if archive:
        programs = {"0000aaaa": "vmirror(I)", "0000bbbb": "hmirror(I)"}
        make_archive(path, shelf, programs, source=HOSTILE)
    return Desk(shelf, [path])


@contextmanager
def serving(desk: Desk) -> Iterator[str]:
    """Serve a desk in a thread of its own, and yield the address of the page."""
    with open_socket("127.0.0.1", 0) as opened:
        port = opened.getsockname()[1]
        app = make_app(desk, Access(port))
        config = uvicorn.Config(app, log_level="error", http="h11", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(timeout=20)
