"""What the tests of the command line share: a folder to work in, and the command itself."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.commands import Answer, Batt

from arcbatt.cli import main
from arcbatt.engine.native import native_available

PROGRAMS = '''
"""A file in the style of arc-dsl."""
from dsl import *


def solve_0000aaaa(I):
    x1 = vmirror(I)
    return x1


def verify_0000bbbb(I: Grid) -> Grid:
    return hmirror(I)


def turned(S, I, C):
    return rot180(I)
'''

NO_ENGINE = re.compile("note: this runs on the reference engine, not on the native one: ")


@pytest.fixture
def batt(capsys: pytest.CaptureFixture[str]) -> Batt:
    """Return the command."""

    def run(*words: str | Path) -> Answer:
        capsys.readouterr()
        try:
            code = main(list(map(str, words)))
        except SystemExit as stop:
            code = int(stop.code or 0)
        printed = capsys.readouterr()
        err = printed.err
        if not native_available():  # a note on the missing engine comes first
            err = "".join(line for line in err.splitlines(True) if not NO_ENGINE.match(line))
        return Answer(code, printed.out, err)

    return run


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, the current one, with three tasks and a file of programs.

    The tasks are 0000aaaa (mirror left and right), 0000bbbb (mirror up and down) and 0000cccc
    (transpose, which no program of the file does).
    """
    folder = tmp_path / "tasks"
    folder.mkdir()
    demos = [((1, 2), (3, 4)), ((5, 6, 7), (8, 9, 1)), ((0, 2, 2), (3, 0, 1), (5, 5, 4))]
    test = ((1, 0, 3), (4, 5, 6))
    for task, rule in (
        ("0000aaaa", lambda grid: [row[::-1] for row in grid]),
        ("0000bbbb", lambda grid: grid[::-1]),
        ("0000cccc", lambda grid: list(zip(*grid, strict=True))),
    ):
        samples = [{"input": grid, "output": rule(grid)} for grid in demos]
        content = {"train": samples, "test": [{"input": test, "output": rule(test)}]}
        (folder / f"{task}.json").write_text(json.dumps(content))
    (tmp_path / "programs.py").write_text(PROGRAMS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    return tmp_path
