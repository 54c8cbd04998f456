"""Votes in an archive: kept, replaced, written to files, and missing in older archives."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.archives import TASK, list_files, list_rows, make_entry, make_program

from arcbatt.archive import AddStatus, Archive, check_archive
from arcbatt.archive.database import FORMAT_VERSION
from arcbatt.archive.layout import INDEX
from arcbatt.errors import ArchiveError

MD5S = [make_program(number).md5 for number in range(4)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the folder of an archive with programs 1 and 2; only 1 has a vote."""
    with Archive.open(tmp_path / "archive") as archive:
        archive.add_many([make_entry(1, vote=0.1), make_entry(2)])
    return tmp_path / "archive"


def query(path: Path, *statements: str) -> list[object]:
    with closing(sqlite3.connect(path / INDEX, isolation_level=None)) as connection:
        return [connection.execute(statement).fetchall() for statement in statements][-1]


def make_older(path: Path) -> None:
    """Make of an index what the first version would have made."""
    query(
        path,
        "DROP VIEW ranked",
        "ALTER TABLE entries DROP COLUMN vote",
        "CREATE VIEW ranked AS SELECT kind, task, md5 FROM entries",
        "PRAGMA user_version = 1",
    )


def votes(path: Path) -> dict[str, float | None]:
    with Archive.open(path, create=False) as archive:
        return {entry.md5: entry.vote for entry in archive.entries(TASK)}


def test_a_vote_is_kept(path: Path) -> None:
    assert votes(path) == {MD5S[1]: 0.1, MD5S[2]: None}
    assert (
        "nanoseconds 1000, vote 0.1, source: test" in list_files(path)[f"solver_md5/{MD5S[1]}.py"]
    )
    assert "nanoseconds 1000, source: test" in list_files(path)[f"solver_md5/{MD5S[2]}.py"]
    assert query(path, "SELECT md5, vote FROM ranked WHERE vote > 0") == [(MD5S[1], 0.1)]
    assert check_archive(path, repair=False).is_clean


@pytest.mark.parametrize(
    ("changes", "status", "vote"),
    [
        ({"vote": 2e-13}, AddStatus.REFUSED, 2e-13),
        ({"vote": 0.5, "fuel": 7}, AddStatus.IMPROVED, 0.5),
        ({"vote": 0.5, "fuel": 700}, AddStatus.REFUSED, 0.5),
        ({"fuel": 7}, AddStatus.IMPROVED, 0.1),
        ({}, AddStatus.REFUSED, 0.1),
    ],
)
def test_the_last_vote_that_was_told_counts(
    path: Path, changes: dict[str, object], status: AddStatus, vote: float
) -> None:
    with Archive.open(path) as archive:
        assert archive.add_many([make_entry(1, **changes)]) == [status]  # type: ignore[arg-type]
    assert votes(path)[MD5S[1]] == vote
    assert check_archive(path, repair=False).is_clean


def test_votes_are_noted_beside_what_is_added(path: Path) -> None:
    noted = {TASK: {MD5S[0]: 3.0, MD5S[1]: 1.0, MD5S[3]: 2.0}, "d07ae81c": {MD5S[1]: 9.0}}
    with Archive.open(path) as archive:
        archive.add_many([make_entry(3)], votes=noted)
        archive.add_many((), votes={TASK: {MD5S[2]: 0.25}})
    assert votes(path) == {MD5S[1]: 1.0, MD5S[2]: 0.25, MD5S[3]: 2.0}
    assert check_archive(path, repair=False).is_clean


@pytest.mark.parametrize("vote", [-0.5, float("nan"), float("inf")])
def test_what_is_no_vote_is_refused(path: Path, vote: float) -> None:
    before = list_rows(path), list_files(path)
    with Archive.open(path) as archive:
        with pytest.raises(ArchiveError, match="expected a finite vote of 0 or more"):
            archive.add_many([make_entry(3), make_entry(1, vote=vote)])
        with pytest.raises(ArchiveError, match=f"can't note a vote of {vote} for {MD5S[1]}"):
            archive.add_many([make_entry(3)], votes={TASK: {MD5S[1]: vote}})
    assert (list_rows(path), list_files(path)) == before


def test_a_lost_index_gets_its_votes_from_the_files(path: Path) -> None:
    before = votes(path)
    (path / INDEX).unlink()
    check_archive(path, repair=True)
    assert votes(path) == before
    assert check_archive(path, repair=False).is_clean


def test_a_file_that_says_nonsense_is_written_again(path: Path) -> None:
    file = path / "solver_md5" / f"{MD5S[1]}.py"
    text = file.read_text()
    file.write_text(text.replace("vote 0.1", "vote 1e+999"))
    assert [problem.kind.name for problem in check_archive(path, repair=True).problems] == [
        "FILE_OUTDATED"
    ]
    assert file.read_text() == text


@pytest.mark.parametrize("value", ["-1.0", "'many'", "9e999"])
def test_a_damaged_vote_is_found(path: Path, value: str) -> None:
    query(path, f"UPDATE entries SET vote = {value} WHERE md5 = '{MD5S[1]}'")
    with pytest.raises(ArchiveError, match="a row of its index is damaged"):
        votes(path)
    check_archive(path, repair=True)
    assert check_archive(path, repair=False).is_clean
    assert MD5S[2] in votes(path)


class TestOlder:
    def test_it_is_brought_up_to_date(self, path: Path) -> None:
        make_older(path)
        assert votes(path) == {MD5S[1]: None, MD5S[2]: None}
        assert query(path, "PRAGMA user_version") == [(FORMAT_VERSION,)]
        with Archive.open(path) as archive:
            archive.add_many([make_entry(3, vote=0.5)])
        assert votes(path)[MD5S[3]] == 0.5
        assert query(path, "SELECT vote FROM ranked WHERE vote > 0") == [(0.5,)]

    def test_its_files_say_what_its_index_does_not(self, path: Path) -> None:
        make_older(path)
        check_archive(path, repair=True)
        assert check_archive(path, repair=False).is_clean

    def test_it_is_read_where_it_can_not_be_written(
        self, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        make_older(path)
        monkeypatch.setattr("arcbatt.archive.store.is_writable", lambda layout: False)
        assert votes(path) == {MD5S[1]: None, MD5S[2]: None}
        assert query(path, "PRAGMA user_version") == [(1,)]

    def test_a_version_that_is_half_there_stays_as_it_is(self, path: Path) -> None:
        make_older(path)
        query(path, "DROP VIEW ranked", "CREATE TABLE ranked (md5)")
        with pytest.raises(ArchiveError):
            votes(path)
        assert query(path, "PRAGMA user_version") == [(1,)]
        assert "vote" not in str(query(path, "SELECT sql FROM sqlite_master WHERE name='entries'"))
