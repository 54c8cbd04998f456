"""Merging, batt files, and files that are not batts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from arcbatt.errors import BattFileError
from arcbatt.program.graph import Program
from arcbatt.program.merge import BATT_VERSION, load_batt, merge, save_batt
from arcbatt.program.parse import parse_program


def program(expression: str) -> Program:
    return parse_program(f"def solve(S, I, C): return {expression}").program


def some_batt_file(folder: Path) -> Path:
    file = folder / "some.batt"
    merged = merge(
        [
            ("a", program("vmirror(hmirror(I))")),
            ("b", program("vconcat(I, hmirror(I))")),
            ("c", program("vmirror(hmirror(I))")),
            ("d", program("canvas(add(ONE, T), (4, 7))")),
        ]
    )
    save_batt(merged, file)
    return file


def test_equal_calls_are_shared_and_roots_keep_all_names(tmp_path: Path) -> None:
    batt = load_batt(some_batt_file(tmp_path))
    assert batt.names == (("a", "c"), ("b",), ("d",))
    assert batt.programs_merged == 4
    assert batt.nodes_merged == 3 + 3 + 3 + 5
    assert len(batt.graph.nodes) == 4 + 5
    assert batt.sharing == 14 / 9
    assert batt.programs[1] == program("vconcat(I, hmirror(I))")


def test_a_file_gives_back_the_same_batt(tmp_path: Path) -> None:
    batt = load_batt(some_batt_file(tmp_path))
    save_batt(batt, tmp_path / "again.batt")
    again = load_batt(tmp_path / "again.batt")
    assert again == batt
    assert [type(node.value) for node in again.graph.nodes] == [
        type(node.value) for node in batt.graph.nodes
    ]


def test_an_empty_batt_is_a_batt(tmp_path: Path) -> None:
    save_batt(merge([]), tmp_path / "empty.batt")
    assert load_batt(tmp_path / "empty.batt").names == ()


NO_NODES: list[Any] = [1.5, -1, True, 99, 10**30, "0", None, [0], {}, float("nan")]
NO_NAMES: list[Any] = [[], "a", [1], {}, None, ["\ud800"], ["a\n"]]
NO_COUNTS: list[Any] = [1.5, -1, True, "1", None, []]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"format": "else"}, "not a batt file"),
        ({"version": BATT_VERSION + 1}, f"has version {BATT_VERSION + 1}"),
        ({"nodes": [["call", "vmirror", 0]]}, "not an earlier node"),
        ({"nodes": [["call", "unheard"]]}, "no primitive is called"),
        ({"nodes": [["input", "I"], ["input", "I"]]}, "stands twice"),
        ({"nodes": [["explode", "I"]]}, r"nodes\[0\]: expected one of the kinds .*, got 'explode'"),
        ({"nodes": [["constant", "text"]]}, r"nodes\[0\]: expected a number of 64 bits"),
        ({"nodes": [["constant", 2**64]]}, r"nodes\[0\]: .* 64 bits"),
        ({"nodes": [["constant", [1, ["2"]]]]}, r"nodes\[0\]"),
        ({"nodes": [["constant", 1.5]]}, r"nodes\[0\]: .*got 1.5"),
        ({"nodes": [["constant", {}]]}, r"nodes\[0\]"),
        ({"nodes": [["constant", 1, 2]]}, r"nodes\[0\]"),
        ({"nodes": [["constant"]]}, r"nodes\[0\]"),
        ({"nodes": [[["input"], "I"]]}, r"nodes\[0\]"),
        ({"nodes": [["input", 5]]}, r"nodes\[0\]"),
        ({"nodes": [["input", "I"], ["call", "vmirror", "0"]]}, r"nodes\[1\]: expected \[kind"),
        ({"nodes": [["input", "I"], ["call", "vmirror", True]]}, r"nodes\[1\]"),
        ({"nodes": [["input", "I"], ["call", "vmirror", 0.0]]}, r"nodes\[1\]"),
        ({"nodes": [["input", "I"], ["call", "vmirror", -1]]}, r"nodes\[1\]"),
        ({"nodes": [["input", "I"], ["call", "vmirror", 10**30]]}, "not an earlier node"),
        ({"nodes": ["input"]}, r"nodes\[0\]"),
        ({"nodes": [None]}, r"nodes\[0\]"),
        ({"nodes": 5}, "nodes: expected a list, got 5"),
        ({"nodes": {}}, "nodes: expected a list"),
        ({"roots": {}}, "roots: expected a list"),
        *(
            ({"roots": [{"node": node, "names": ["a"]}]}, r"roots\[0\]: expected a node from 0 to")
            for node in NO_NODES
        ),
        ({"roots": [{"node": 0, "names": ["a"]}] * 2}, r"roots\[1\]: .*no other root's, got 0"),
        *(
            ({"roots": [{"node": 0, "names": names}]}, r"roots\[0\]: expected a list of names")
            for names in NO_NAMES
        ),
        ({"roots": [{}]}, r"roots\[0\]: .*got None"),
        ({"roots": [5]}, r"roots\[0\]: expected an object"),
        *(
            ({key: number}, f"{key}: expected a whole number from 0 on")
            for key in ("programs_merged", "nodes_merged")
            for number in NO_COUNTS
        ),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    file = some_batt_file(tmp_path)
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(BattFileError, match=problem):
        load_batt(file)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", "[" * 100_000])
def test_what_is_no_batt_at_all_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "x.batt"
    file.write_text(content)
    with pytest.raises(BattFileError):
        load_batt(file)
    with pytest.raises(BattFileError, match="can't be read"):
        load_batt(tmp_path / "missing.batt")


def test_a_batt_that_can_not_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BattFileError, match="can't be written"):
        save_batt(merge([]), tmp_path / "missing" / "x.batt")
