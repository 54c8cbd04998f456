"""Two profiles side by side: the work, the results and the times that changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.unit.test_profile_report import made

from arcbatt.report.profile import profile_summary_document
from lab.profile_compare import beyond_spread, changed_primitives, changed_settings, main


def document(*cpu_ns: int, **changes: Any) -> dict[str, Any]:
    text = json.dumps(profile_summary_document(made(*cpu_ns, **changes)))
    found: dict[str, Any] = json.loads(text)
    return found


def test_other_work_and_other_settings_are_named() -> None:
    then = document(4000)
    assert changed_primitives(then, document(2000)) == []
    other = document(4000, calls=11, digest="e", jobs=8, programs=9)
    assert changed_primitives(then, other) == [("fill", "calls +1")]
    assert changed_settings(then, other) == ["programs: 7, now 9", "jobs: 2, now 8"]


def test_a_change_is_great_only_beside_the_spread() -> None:
    def beyond(then: tuple[int, ...], now: tuple[int, ...]) -> bool:
        return beyond_spread(document(*then)["total"], document(*now)["total"])

    assert beyond((400, 500), (600, 700))
    assert beyond((600, 700), (400, 500))
    assert not beyond((400, 600), (500, 700))
    assert not beyond((400,), (900,))


def test_a_comparison_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [tmp_path / "then.json", tmp_path / "now.json", tmp_path / "none.json"]
    for path, profile in zip(
        files, (document(4000), document(5000, calls=11, digest="e"), {}), strict=True
    ):
        path.write_text(json.dumps(profile))
    assert main([*map(str, files[:2]), "--top", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["results: CHANGED", "work: CHANGED for 1 primitives"]
    assert any(line.split()[0] == "fill" and "calls +1" in line for line in lines if line.strip())
    assert not any("size<x>" in line for line in lines)
    assert main([str(files[0]), str(files[2])]) == 1
    assert "expected the output of batt profile --json" in capsys.readouterr().err
