"""Search as a source of `batt solve`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.commands import Batt

from arcbatt.archive import Archive

WORDS = ("--dataset", "tasks", "--sources", "search", "--search-nodes", "2000", "--jobs", "1")


def test_a_task_is_solved_without_a_library(batt: Batt, place: Path) -> None:
    pytest.importorskip("arcbatt._engine")
    answer = batt("solve", *WORDS)
    assert (answer.code, answer.err) == (0, "")
    assert "tasks solved       3 of 3 (100.0 %)" in answer.out
    submission = json.loads((place / "submission.json").read_text())
    assert submission["0000cccc"][0]["attempt_1"] == [[1, 4], [0, 5], [3, 6]]
    with Archive.open(place / "archive", create=False) as archive:
        [best] = archive.entries("0000cccc", limit=1)
        text = archive.text(best.md5)
    assert "dmirror(" in text
    explained = batt("show", "0000cccc", "--steps", "1", "--dataset", "tasks")
    assert "= dmirror(" in explained.out
    assert explained.out.rstrip().endswith("the output is right")


def test_the_reference_engine_does_not_search(batt: Batt, place: Path) -> None:
    answer = batt("solve", *WORDS, "--engine", "reference", "--no-archive")
    assert (answer.code, answer.out) == (2, "")
    assert "the source 'search' needs the native engine" in answer.err


def test_a_batt_is_dealt_without_search(batt: Batt, place: Path) -> None:
    answer = batt("deal", "-o", "x.batt", "--sources", "library,search")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith("error[usage]: ")
    assert "search" in answer.err
    assert not (place / "x.batt").exists()


@pytest.mark.parametrize("command", ["solve", "eval"])
def test_little_memory_ends_a_search(batt: Batt, place: Path, command: str) -> None:
    pytest.importorskip("arcbatt._engine")
    words = [command, "28e73c20", "--sources", "search", "--search-nodes", "4000", "--jobs", "1"]
    words += ["--no-archive"] if command == "solve" else []
    for limit, runs_out in ((["--search-memory", "1"], True), ([], False)):
        answer = batt(*words, *limit, "--json")
        assert answer.code == 0
        assert ("the memory was used up" in answer.out) == runs_out


LIMITS = ("--search-nodes", "--search-seconds", "--search-memory")


@pytest.mark.parametrize("words", [[limit, "0"] for limit in LIMITS])
def test_a_search_needs_a_limit(batt: Batt, place: Path, words: list[str]) -> None:
    assert batt("solve", *WORDS, *words).code == 2
