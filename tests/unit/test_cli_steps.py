"""`batt show --steps`: a program explained on a demo, with pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.commands import Batt

from arcbatt.dsl.types import Value
from arcbatt.report.programs import cells_of

TASKS = ("--dataset", "tasks")
GRID = ((1, 2), (3, 4))
PROGRAM = """
def explained(S, I, C):
    x1 = objects(I, T, F, F)
    x2 = ofcolor(I, TWO)
    x3 = size(x1)
    x4 = astuple(x3, TWO)
    x5 = vmirror(I)
    return x5
"""


@pytest.fixture
def explained(place: Path) -> Path:
    path = place / "explained.py"
    path.write_text(PROGRAM)
    return path


def test_each_step_is_shown_with_its_value(batt: Batt, explained: Path) -> None:
    answer = batt("show", "explained.py", "--on", "0000aaaa", "--steps", "1", *TASKS)
    assert answer.code == 0, answer.err
    assert [line.rstrip() for line in answer.out.splitlines()] == [
        "explained on demo 1 of 0000aaaa",
        "I: 2x2", "1 2", "3 4",
        "x1 = vmirror(I)", "2 1", "4 3",
        "the output is right",
    ]  # fmt: skip


def test_objects_and_locations_lie_on_the_grid(batt: Batt, place: Path) -> None:
    (place / "cells.py").write_text(
        "def cells(I):\n    x1 = objects(I, T, F, T)\n    x2 = ofcolor(I, TWO)\n"
        "    x3 = size(x2)\n    x4 = shift(x2, DOWN)\n    x5 = fill(I, x3, x4)\n"
        "    return paint(x5, first(x1))\n"
    )
    words = ["show", "cells.py", "--on", "0000aaaa", "--steps", "3", *TASKS]
    lines = [line.rstrip() for line in batt(*words).out.splitlines()]
    text = "\n".join(lines)
    assert "x1 = ofcolor(I, TWO)\n. 2 2\n. . .\n. . ." in text
    assert "\n2\n" in text
    assert "shift(" in text
    assert "the output is wrong; wanted 3x3\n2 2 0\n1 0 3\n4 5 5" in text
    [walk] = batt(*words, "--json").json["walks"]
    assert (walk["program"], walk["task"], walk["demo"]) == ("cells", "0000aaaa", 3)
    assert walk["right"] is False
    values = {step["text"].partition(" = ")[2]: step["value"] for step in walk["steps"]}
    assert values["ofcolor(I, TWO)"] == "{(0, 1), (0, 2)}"
    assert 2 in values.values()
    assert walk["steps"][-1]["value"][0][0] == 0


def test_a_failure_ends_no_explanation(batt: Batt, place: Path) -> None:
    (place / "fails.py").write_text("def fails(I):\n    return first(remove(I, totuple(I)))\n")
    words = ["show", "fails.py", "--on", "0000aaaa", "--steps", "1", *TASKS]
    (place / "fails.py").write_text("def fails(I):\n    return crop(I, first(I), ONE)\n")
    answer = batt(*words)
    assert answer.code == 0
    assert "crop (node " in answer.out
    assert "the output is wrong" in answer.out
    [walk] = batt(*words, "--json").json["walks"]
    assert "failed: argument" in walk["steps"][-1]["failure"]


def test_the_best_program_of_a_task_is_explained(batt: Batt, place: Path) -> None:
    assert batt("import", "programs.py", *TASKS).code == 0
    answer = batt("show", "0000aaaa", "--steps", "2", *TASKS)
    assert "x1 = vmirror(I)\n7 6 5" in answer.out.replace(" \n", "\n")
    assert answer.out.rstrip().endswith("the output is right")
    answer = batt("show", "0000cccc", "--steps", "2", *TASKS)
    assert answer.err.startswith("error[archive]: archive archive: keeps no program for task")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["programs.py", "--steps", "1"], "programs.py is a program: --steps needs a task"),
        (
            ["programs.py", "--steps", "4", "--on", "0000aaaa"],
            "task 0000aaaa has no demo 4: expected 1 to 3",
        ),
        (
            ["0000aaaa", "--steps", "1", "--on", "0000bbbb"],
            "0000aaaa is a task: only programs run --on a task",
        ),
        (
            ["programs.py", "--steps", "1", "--on", "0000aaaa", "--types"],
            "--steps has its own form",
        ),
    ],
)
def test_what_can_not_be_explained_is_told(
    batt: Batt, place: Path, words: list[str], error: str
) -> None:
    answer = batt("show", *words, *TASKS)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"error[usage]: {error}")


def test_without_an_archive_no_program_is_best(batt: Batt, place: Path) -> None:
    answer = batt("show", "0000aaaa", "--steps", "1", *TASKS)
    assert answer.err == "error[archive]: archive archive: there is no archive here\n"


def test_cells_have_their_colours() -> None:
    assert cells_of(frozenset({(7, (0, 1))}), GRID) == {(0, 1): 7}
    assert cells_of(frozenset({(0, 1), (5, -1)}), GRID) == {(0, 1): 2, (5, -1): None}
    both = frozenset({frozenset({(7, (0, 1))}), frozenset({(8, (1, 1))})})
    assert cells_of(both, GRID) == {(0, 1): 7, (1, 1): 8}
    value: Value
    for value in (3, (1, 2), frozenset(), frozenset({1, 2}), (frozenset(), frozenset({3}))):
        assert cells_of(value, GRID) == {}
