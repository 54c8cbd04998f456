"""Curves: a drawing of every point, the same each time; without matplotlib a way to get it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from arcbatt.errors import UsageError
from arcbatt.report.evaluation import draw_curve, require_matplotlib


@pytest.mark.parametrize(
    "points",
    [
        [(1.0, 0.0, [0, 0, 0])],
        [(0.1, 0.01, [1, 2, 2]), (0.5, 0.1, [3, 5, 6]), (1.0, 20.5, [111, 120, 128])],
    ],
)
def test_a_drawing_has_titles_and_is_the_same_each_time(
    points: list[tuple[float, float, list[int]]], tmp_path: Path
) -> None:
    document = {
        "dataset": "a < b & c",
        "tasks": 400,
        "points": [
            {"effort": effort, "cpu_mean_s": cpu, "tasks_right": right}
            for effort, cpu, right in points
        ],
    }
    for name in ("one.svg", "two.svg"):
        draw_curve(document, tmp_path / name)
    drawn = (tmp_path / "one.svg").read_text()
    assert drawn == (tmp_path / "two.svg").read_text()
    root = ElementTree.fromstring(drawn)
    texts = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert "a < b & c: tasks right of 400" in texts
    assert {"1 attempt", "2 attempts", "3 attempts", "CPU-seconds a task, mean"} <= texts


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arcbatt.report.evaluation.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'arcbatt\[charts\]'"):
        require_matplotlib()
