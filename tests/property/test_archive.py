"""Properties of archives that something else has changed: errors, and sound after one repair."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcbatt.archive import (
    DIFFER,
    KINDS,
    Archive,
    RunRecord,
    check_archive,
    write_programs,
    write_tree,
)
from arcbatt.archive.schema import TABLES
from arcbatt.errors import ArchiveError
from tests.archives import OTHER_TASK, TASK, make_entry

ODD_VALUES: list[object] = [
    None, 0, -1, 2**63 - 1, 1.5, float("inf"), "", "x", "two\nlines", "\x1b[31m", b"\xff", b"",
    "[" * 50_000, "[1, 2]", "[NaN]",
    "{}", '["\\ud800"]', "0" * 32, TASK.id, "def solve(I): return I"
]  # fmt: skip
EDITS = st.tuples(
    st.sampled_from(sorted(TABLES)),
    st.integers(0, 11),
    st.integers(1, 3),
    st.sampled_from(ODD_VALUES) | st.text(max_size=9) | st.binary(max_size=9) | st.just("REMOVE"),
)


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """Make an archive in a folder of its own."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template"
        with Archive.open(path) as archive:
            archive.add_many(
                make_entry(number, task=task, weight=0.5, parents=("p",), aliases=("a",), kind=kind)
                for number in range(9)
                for task in (TASK, OTHER_TASK)
                for kind in KINDS
            )
            run = RunRecord("solve", "2025-01-02", 1.0, 2.0, "stopped", {"finished": False})
            archive.record_run(run, {TASK.id: {"task": TASK.id}})
            archive.record_run(run, {TASK.id: {}, OTHER_TASK.id: []})
        yield path


def read_all(path: Path, output: Path) -> None:
    """Read all that commands read of an archive, and add to it; raises ArchiveError."""
    with Archive.open(path, create=False) as archive:
        for kind in KINDS:
            for key in archive.tasks(kind=kind):
                archive.find(str(key), kind=kind)
                for error in archive.programs(key, kind=kind).errors:
                    raise error
            archive.entries(kind=kind)
            write_programs(archive, output / f"{kind}.py", kind=kind)
        for run in archive.runs():
            archive.results(run.number)
        archive.summary()
        write_tree(archive, output / "tree")
        archive.add_many([make_entry(77), make_entry(78, kind=DIFFER)])


def use(path: Path) -> None:
    """Do what commands do with an archive that may be broken; errors are told as such."""
    with TemporaryDirectory() as output:
        with suppress(ArchiveError):
            read_all(path, Path(output))
        with suppress(ArchiveError), Archive.open(path, create=False) as archive:
            broken: list[ArchiveError] = []
            for kind in KINDS:
                write_programs(archive, Path(output) / "all.py", kind=kind, broken=broken)
                for key in (TASK, OTHER_TASK):
                    archive.programs(key, kind=kind)


@settings(max_examples=40)
@given(edits=st.lists(EDITS, min_size=1, max_size=5))
def test_cells_that_were_edited_are_mended(
    template: Path, edits: list[tuple[str, int, int, object]]
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive"
        shutil.copytree(template, path)
        with closing(sqlite3.connect(path / "archive.db", isolation_level=None)) as connection:
            for table, column, part, value in edits:
                names = TABLES[table].split(", ")
                some = f"abs(random()) % {part} = 0"
                # Surrogates, and keys that are there already, can't be written.
                with suppress(sqlite3.IntegrityError, UnicodeEncodeError):
                    if value == "REMOVE":
                        connection.execute(f"DELETE FROM {table} WHERE {some}")
                    else:
                        name = names[column % len(names)]
                        connection.execute(f"UPDATE {table} SET {name} = ? WHERE {some}", (value,))
        use(path)
        found = check_archive(path, repair=False)
        mended = check_archive(path, repair=True)
        assert {each.place for each in mended.problems} >= {each.place for each in found.problems}
        assert mended.unmended == ()
        assert check_archive(path, repair=False).is_clean
        read_all(path, Path(folder))


@settings(max_examples=40)
@given(
    data=st.binary(min_size=1, max_size=200),
    share=st.floats(0, 1, exclude_max=True),
    cuts=st.booleans(),
)
def test_bytes_that_were_overwritten_are_no_crash(
    template: Path, data: bytes, share: float, cuts: bool
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "archive"
        shutil.copytree(template, path)
        file = path / "archive.db"
        before = file.read_bytes()
        start = int(share * len(before))
        rest = b"" if cuts else before[start + len(data) :]
        file.write_bytes(before[:start] + data + rest)
        use(path)
        try:
            mended = check_archive(path, repair=True)
        except ArchiveError as error:
            problem = str(error)
        else:
            problem = ""
            after = check_archive(path, repair=False)
            assert after.problems == mended.unmended
            if after.is_clean:
                read_all(path, Path(folder))
        assert "Traceback" not in problem
