"""Archives of several runs are merged into one; merging again changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.archives import OTHER_TASK, TASK, list_rows, make_entry, make_program
from tests.commands import Batt

from arcbatt.archive import DIFFER, Archive, NewEntry, RunRecord, merge_archives
from arcbatt.errors import ArchiveError

RUN = RunRecord(
    "solve", "2026-07-29T10:00:00+00:00", 2.0, 1.5, "stopped", {"fingerprint": "a", "effort": 5}
)


def fill(path: Path, entries: Sequence[NewEntry], *runs: RunRecord) -> Path:
    with Archive.open(path) as archive:
        archive.add_many(entries)
        for run in runs:
            archive.record_run(run, {"007bbfb7": {"from": path.name}})
    return path


@pytest.fixture
def two(tmp_path: Path) -> list[Path]:
    """Return two archives that share a program, which each has with something better."""
    one = [
        make_entry(1, demos=(1000, 1000), fuel=90, weight=0.5, aliases=("a",), parents=("p",)),
        make_entry(2, demos=(1000, 0)),
        make_entry(5, task=OTHER_TASK),
        make_entry(6, kind=DIFFER),
    ]
    other = [
        make_entry(1, demos=(1000, 1000), fuel=70, weight=0.25, aliases=("b",), parents=("q",)),
        make_entry(3, demos=(1000, 1000)),
        make_entry(4, demos=(0, 0)),
    ]
    return [fill(tmp_path / "one", one, RUN), fill(tmp_path / "other", other)]


def test_the_best_of_both_are_ranked_anew(tmp_path: Path, two: list[Path]) -> None:
    merged = merge_archives(two, tmp_path / "all", capacity=3)
    with Archive.open(tmp_path / "all", create=False) as archive:
        kept = archive.entries(TASK)
        assert [entry.md5 for entry in kept] == [make_program(each).md5 for each in (1, 3, 2)]
        first = kept[0]
        assert (first.fuel, first.nanoseconds, first.weight) == (70, 700, 0.5)
        assert first.aliases == ("a", "b")
        assert archive.parents(first.md5) == ("p", "q")
        assert len(archive.entries(OTHER_TASK)) == 1
        assert len(archive.entries(TASK, kind=DIFFER)) == 1
    assert (merged.read, merged.added, merged.kept, merged.runs) == (6, 5, 5, 1)
    assert merged.broken == []


def test_merging_again_changes_nothing_and_the_order_does_not_matter(
    tmp_path: Path, two: list[Path]
) -> None:
    merge_archives(two, tmp_path / "all")
    rows = list_rows(tmp_path / "all")
    again = merge_archives([*two, tmp_path / "all"], tmp_path / "all")
    assert (again.added, again.runs) == (0, 0)
    merge_archives(two[::-1], tmp_path / "reverse")
    merge_archives([two[0]], two[1])
    for path in (tmp_path / "all", tmp_path / "reverse", two[1]):
        assert list_rows(path) == rows


def test_the_longest_record_of_a_run_stays_with_its_results(
    tmp_path: Path, two: list[Path]
) -> None:
    longer = fill(tmp_path / "longer", [], replace(RUN, wall_s=3.0))
    other = fill(tmp_path / "third", [], replace(RUN, details={}))
    for paths in ([*two, longer, other], [other, longer, *two]):
        output = tmp_path / paths[0].name / "all"
        merge_archives(paths, output)
        with Archive.open(output, create=False) as archive:
            found = {run.details.get("fingerprint"): run for run in archive.runs()}
            assert {name: run.wall_s for name, run in found.items()} == {"a": 3.0, None: 2.0}
            assert archive.results(found["a"].number) == {"007bbfb7": {"from": "longer"}}


def test_a_damaged_program_is_left_out_and_named(
    batt: Batt, tmp_path: Path, two: list[Path]
) -> None:
    md5 = make_program(3).md5
    with sqlite3.connect(two[1] / "archive.db") as connection:
        connection.execute("UPDATE programs SET text = 'nonsense' WHERE md5 = ?", (md5,))
    connection.close()
    answer = batt("archive", "merge", *map(str, two), "-o", str(tmp_path / "all"))
    assert answer.code == 1
    assert f"program {md5} is damaged" in answer.err
    assert (
        answer.out
        == f"{tmp_path}/all: 5 entries; of 5 entries read, 5 new or better; 1 run added\n"
    )
    with Archive.open(tmp_path / "all", create=False) as archive:
        assert md5 not in {entry.md5 for entry in archive.entries(TASK)}


def test_nothing_is_made_where_an_archive_is_missing(tmp_path: Path, two: list[Path]) -> None:
    with pytest.raises(ArchiveError, match="missing"):
        merge_archives([*two, tmp_path / "missing"], tmp_path / "all")
    assert not (tmp_path / "all").exists()


def test_the_command_has_json(batt: Batt, tmp_path: Path, two: list[Path]) -> None:
    words = ("archive", "merge", *map(str, two), "-o", str(tmp_path / "all"), "--json")
    first, second = batt(*words).json, batt(*words).json
    assert first == {
        "archive": str(tmp_path / "all"),
        "read": 6,
        "added": 6,
        "kept": 6,
        "runs": 1,
        "left_out": 0,
    }
    assert second == {**first, "added": 0, "runs": 0}
