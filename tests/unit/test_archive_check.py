"""Checking and mending an archive."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.archives import TASK, list_files, list_rows, make_entry, make_program

from arcbatt.archive import DIFFER, AddStatus, Archive, ProblemKind, RunRecord, check_archive
from arcbatt.archive.head import read_program_file, write_head
from arcbatt.errors import ArchiveError
from arcbatt.program.render import md5_of_text

OTHER_TASK = "d07ae81c"
Whole = tuple[dict[str, str], list[object]]
"""Files and rows of an archive."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def whole(path: Path) -> Whole:
    """Make an archive and return all that it has."""
    with Archive.open(path, capacity=3) as archive:
        archive.add_many(
            [
                make_entry(1, parents=("p",), aliases=("a",)),
                make_entry(1, task=OTHER_TASK),
                make_entry(2, demos=(3,)),
                make_entry(3, kind=DIFFER),
            ]
        )
    report = check_archive(path, repair=False, capacity=3)
    assert report.is_clean
    assert (report.programs, report.entries, report.foreign) == (3, 4, ())
    return list_files(path), list_rows(path)


def md5(number: int) -> str:
    return make_program(number).md5


def file_of_1(path: Path) -> Path:
    return path / "solver_md5" / f"{md5(1)}.py"


def link_of_1(path: Path) -> Path:
    return path / f"solver_dir/solve_{TASK}/01700/0000000100/{md5(1)}.py"


def change(path: Path, *statements: str) -> None:
    """Change the index as a person could, without foreign keys."""
    with closing(sqlite3.connect(path / "index.sqlite", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def mend(path: Path, *expected: ProblemKind) -> Whole:
    found = check_archive(path, repair=False, capacity=3)
    assert sorted({problem.kind for problem in found.problems}) == sorted(expected)
    assert found.unmended == found.problems
    assert not found.is_clean
    mended = check_archive(path, repair=True, capacity=3)
    assert [(one.kind, one.place) for one in mended.problems] == [
        (one.kind, one.place) for one in found.problems
    ]
    assert mended.unmended == ()
    after = check_archive(path, repair=False, capacity=3)
    assert after.is_clean
    assert (after.programs, after.entries) == (mended.programs, mended.entries)
    return list_files(path), list_rows(path)


class TestFiles:
    """Each test breaks one thing; all that was there comes back."""

    def test_a_missing_file(self, path: Path, whole: Whole) -> None:
        file_of_1(path).unlink()
        assert mend(path, ProblemKind.FILE_MISSING) == whole

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"#",
            b"# solver",
            b"\xff\xfe",
            b"\x00" * 100,
            b"def solve(S, I, C):\n    return I\n",
        ],
    )
    def test_a_damaged_file(self, path: Path, whole: Whole, content: bytes) -> None:
        file_of_1(path).write_bytes(content)
        with Archive.open(path) as archive:
            for ask in (archive.text, archive.load):
                with pytest.raises(ArchiveError, match=f"solver_md5/{md5(1)}.py .*repair"):
                    ask(md5(1))
            kept = archive.programs(TASK)
            assert [one.entry.md5 for one in kept.programs] == [md5(2)]
            assert [md5(1) in str(error) for error in kept.errors] == [True]
            with pytest.raises(ArchiveError, match="does not hold the program"):
                archive.export(path / "all.py")
        assert mend(path, ProblemKind.FILE_DAMAGED) == whole

    def test_an_edited_head(self, path: Path, whole: Whole) -> None:
        file_of_1(path).write_text("# mine\n" + file_of_1(path).read_text())
        assert mend(path, ProblemKind.FILE_OUTDATED) == whole

    def test_a_missing_link(self, path: Path, whole: Whole) -> None:
        link_of_1(path).unlink()
        assert mend(path, ProblemKind.LINK_MISSING, ProblemKind.FOLDER_EMPTY) == whole

    def test_an_empty_folder(self, path: Path, whole: Whole) -> None:
        (path / "solver_dir" / "solve_x" / "00000").mkdir(parents=True)
        assert mend(path, ProblemKind.FOLDER_EMPTY) == whole

    @pytest.mark.parametrize("target", ["nowhere", "../../../../solver_md5/../index.sqlite"])
    def test_a_wrong_link(self, path: Path, whole: Whole, target: str) -> None:
        link_of_1(path).unlink()
        link_of_1(path).symlink_to(target)
        assert mend(path, ProblemKind.LINK_WRONG) == whole

    def test_a_copy_in_place_of_a_link(self, path: Path, whole: Whole) -> None:
        text = link_of_1(path).read_text()
        link_of_1(path).unlink()
        link_of_1(path).write_text(text)
        assert mend(path, ProblemKind.LINK_WRONG) == whole

    def test_a_link_to_nothing(self, path: Path, whole: Whole) -> None:
        link = path / "solver_dir" / "solve_x" / "00000" / "0000000000" / f"{'0' * 32}.py"
        link.parent.mkdir(parents=True)
        link.symlink_to(f"../../../../solver_md5/{'0' * 32}.py")
        assert mend(path, ProblemKind.LINK_UNKNOWN) == whole

    def test_temporary_files(self, path: Path, whole: Whole) -> None:
        (path / "solver_md5" / f".{md5(1)}.py.abc").touch()
        (path / ".index.sqlite.xyz-wal").touch()
        assert mend(path, ProblemKind.FILE_TEMPORARY) == whole

    def test_files_of_others_are_left_alone(self, path: Path, whole: Whole) -> None:
        names = ("notes.txt", "solver_md5/notes.py", "solver_dir/notes.md", "solver_md5/.hidden")
        for name in names:
            (path / name).write_text(name)
        report = check_archive(path, repair=True)
        assert report.is_clean
        assert report.foreign == ("notes.txt", "solver_dir/notes.md", "solver_md5/notes.py")
        assert [(path / name).read_text() for name in names] == list(names)


class TestFilesThatTheIndexDoesNotKnow:
    """A process that dies between writing files and the index leaves such."""

    def write(self, path: Path, number: int, **options: object) -> Path:
        """Make a file as an archive does, without a row."""
        other = path.with_name("other")
        with Archive.open(other) as archive:
            archive.add_many([make_entry(number, **options)])  # type: ignore[arg-type]
        file = path / "solver_md5" / f"{md5(number)}.py"
        file.write_bytes((other / "solver_md5" / file.name).read_bytes())
        return file

    def test_is_taken_in(self, path: Path, whole: Whole) -> None:
        self.write(path, 7, demos=(1000, 900), parents=("q", "p"), source="mutation: a, b")
        files, _ = mend(path, ProblemKind.FILE_UNKNOWN, ProblemKind.LINK_MISSING)
        assert files.keys() > whole[0].keys()
        with Archive.open(path) as archive:
            best = archive.entries(TASK)[0]
            added = make_entry(7, demos=(1000, 900))
            assert (best.md5, best.score, best.fuel) == (md5(7), added.score, added.fuel)
            assert (best.size, best.source) == (make_program(7).size, "mutation: a, b")
            assert archive.parents(md5(7)) == ("p", "q")
            assert archive.add_many([added]) == [AddStatus.REFUSED]

    def test_is_removed_if_the_kept_ones_are_better(self, path: Path, whole: Whole) -> None:
        with Archive.open(path, capacity=3) as archive:
            archive.add_many([make_entry(4), make_entry(5)])
        before = list_files(path)
        self.write(path, 7, demos=(0,))
        assert mend(path, ProblemKind.FILE_UNKNOWN)[0] == before

    def test_makes_the_worst_give_way(self, path: Path, whole: Whole) -> None:
        with Archive.open(path, capacity=3) as archive:
            archive.add_many([make_entry(4)])
        self.write(path, 7, demos=(1000, 999))
        kinds = (ProblemKind.FILE_UNKNOWN, ProblemKind.LINK_MISSING, ProblemKind.LINK_UNKNOWN)
        files, _ = mend(path, *kinds)
        assert not any(md5(2) in name for name in files)

    @pytest.mark.parametrize("text", ["", "def solve(S, I, C):\n    return vmirror(I)\n"])
    def test_is_removed_if_damaged(self, path: Path, whole: Whole, text: str) -> None:
        (path / "solver_md5" / f"{'0' * 32}.py").write_text(text)
        assert mend(path, ProblemKind.FILE_DAMAGED) == whole

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("# solver", "# differ"),
            ("# solver", "# program"),
            ("[1000 700]", "[1000 1700]"),
            ("[1000 700]", "[1000 x]"),
            (f"# task {TASK}", "# task ../x"),
            ("fuel 100", "fuel 9999999999999999999"),
            ("# task", "# stray line\n# task"),
        ],
    )
    def test_stays_outside_without_its_scores(
        self, path: Path, whole: Whole, old: str, new: str
    ) -> None:
        file = self.write(path, 7)
        text = file.read_text().replace(old, new, 1)
        file.write_text(text)
        for repair in (True, False):
            report = check_archive(path, repair=repair)
            assert len(report.problems) == 1
            assert report.unmended == report.problems
        assert list_rows(path) == whole[1]
        assert report.problems[0].kind == ProblemKind.FILE_UNKNOWN
        assert file.read_text() == text


class TestIndex:
    def test_a_program_that_is_only_in_the_file(self, path: Path, whole: Whole) -> None:
        change(path, f"UPDATE programs SET text = 'x' WHERE md5 = '{md5(1)}'")
        assert mend(path, ProblemKind.TEXT_DAMAGED) == whole

    def test_entries_without_their_program(self, path: Path, whole: Whole) -> None:
        change(path, f"DELETE FROM programs WHERE md5 = '{md5(1)}'")
        assert mend(path, ProblemKind.TEXT_DAMAGED) == whole

    def test_a_program_that_is_nowhere(self, path: Path, whole: Whole) -> None:
        change(path, f"UPDATE programs SET text = 'x' WHERE md5 = '{md5(1)}'")
        file_of_1(path).write_text("y")
        files, rows = mend(path, ProblemKind.PROGRAM_LOST, ProblemKind.LINK_UNKNOWN)
        assert not any(md5(1) in name for name in files)
        assert rows == [row for row in whole[1] if md5(1) not in str(row)]

    def test_a_program_that_no_task_has(self, path: Path, whole: Whole) -> None:
        change(path, f"DELETE FROM entries WHERE md5 = '{md5(2)}'")
        files, rows = mend(path, ProblemKind.PROGRAM_UNUSED, ProblemKind.LINK_UNKNOWN)
        assert not any(md5(2) in name for name in files)
        assert rows == [row for row in whole[1] if md5(2) not in str(row)]

    def test_rows_that_belong_to_nothing(self, path: Path, whole: Whole) -> None:
        change(
            path,
            "INSERT INTO aliases VALUES ('solver', 'x', 'y', 'z')",
            "INSERT INTO lineage VALUES ('solver', 'x', 'y')",
        )
        assert mend(path, ProblemKind.ROW_LOOSE) == whole

    @pytest.mark.parametrize(
        "fault",
        ["score = 7", "exact = 1", "demos = '[1000,700]'"],
    )
    def test_columns_that_do_not_agree(self, path: Path, whole: Whole, fault: str) -> None:
        change(path, f"UPDATE entries SET {fault} WHERE md5 = '{md5(1)}'")
        assert mend(path, ProblemKind.ROW_DAMAGED) == whole

    def test_a_wrong_size(self, path: Path, whole: Whole) -> None:
        change(path, f"UPDATE programs SET size = 77 WHERE md5 = '{md5(1)}'")
        assert mend(path, ProblemKind.ROW_DAMAGED) == whole

    @pytest.mark.parametrize(
        "fault",
        [
            "demos = 'x'",
            "demos = '7'",
            "demos = '[1000, \"x\"]'",
            "demos = x'00'",
            "fuel = 'much'",
            "fuel = -1",
            "nanoseconds = 0.5",
            "source = 7",
            "task = '../../x'",
            "kind = 'judge'",
            "md5 = 'x'",
        ],
    )
    def test_rows_that_make_no_sense(self, path: Path, whole: Whole, fault: str) -> None:
        # A number in a text column would be stored as text.
        change(
            path,
            "PRAGMA writable_schema = ON",
            "UPDATE sqlite_master SET sql = replace(sql, 'source TEXT', 'source')",
        )
        change(path, f"UPDATE entries SET {fault} WHERE md5 = '{md5(2)}'")
        assert "entry" in str(check_archive(path, repair=False).problems[0])
        files, rows = mend(
            path, ProblemKind.ROW_DAMAGED, ProblemKind.PROGRAM_UNUSED, ProblemKind.LINK_UNKNOWN
        )
        assert not any(md5(2) in name for name in files)
        assert rows == [row for row in whole[1] if md5(2) not in str(row)]

    def test_such_rows_are_not_used(self, path: Path, whole: Whole) -> None:
        change(path, f"UPDATE entries SET demos = 'x' WHERE md5 = '{md5(2)}'")
        with (
            Archive.open(path) as archive,
            pytest.raises(ArchiveError, match=r"index is damaged .*; a check with repair"),
        ):
            archive.entries(TASK)

    def test_too_many_programs(self, path: Path, whole: Whole) -> None:
        with Archive.open(path) as archive:
            archive.add_many(make_entry(number, demos=(number,)) for number in (10, 11, 12))
        files, _ = mend(path, ProblemKind.SHELF_OVERFULL, ProblemKind.LINK_UNKNOWN)
        assert not any(md5(2) in name or md5(10) in name for name in files)
        with Archive.open(path) as archive:
            kept = [entry.md5 for entry in archive.entries(TASK)]
        assert kept == [md5(1), md5(12), md5(11)]

    def test_a_program_of_another_version(self, path: Path, whole: Whole) -> None:
        text = "def solve(S, I, C):\n    return unheard_of(I)\n"
        name = md5_of_text(text)
        with Archive.open(path) as archive:
            entry = replace(archive.entries(TASK)[1], md5=name)
        change(
            path,
            f"INSERT INTO programs VALUES ('solver', '{name}', {entry.size}, '{text}')",
            f"UPDATE entries SET md5 = '{name}' WHERE md5 = '{md5(2)}'",
            f"DELETE FROM programs WHERE md5 = '{md5(2)}'",
        )
        (path / "solver_md5" / f"{md5(2)}.py").unlink()
        check_archive(path, repair=True)
        report = check_archive(path, repair=True)
        assert [one.kind for one in report.unmended] == [ProblemKind.PROGRAM_UNREADABLE]
        file = path / "solver_md5" / f"{name}.py"
        assert file.read_text() == write_head([entry], []) + text
        assert read_program_file(file, name) is not None
        with Archive.open(path) as archive:
            assert archive.text(name) == text
            kept = archive.programs(TASK)
            assert len(kept.programs) == 1
            assert "nothing is called 'unheard_of'" in str(kept.errors[0])


class TestLostIndex:
    def without_aliases(self, rows: list[object]) -> list[object]:
        """Leave out what only the index has."""
        return [row[:3] for row in rows if isinstance(row, tuple)]

    @pytest.mark.parametrize("left", ["nothing", "noise", "old changes"])
    def test_missing(self, path: Path, whole: Whole, left: str) -> None:
        wal = path / "index.sqlite-wal"
        with Archive.open(path) as archive:
            archive.record_run(RunRecord("batt", "2025-01-02", 0.0, 0.0, "stopped"))
            archive.add_many([make_entry(1, aliases=("b",))])
            changes = {"nothing": None, "noise": b"noise" * 100, "old changes": wal.read_bytes()}
        (path / "index.sqlite").unlink()
        if changes[left] is not None:
            wal.write_bytes(changes[left] or b"")
        with pytest.raises(ArchiveError, match=r"index\.sqlite is missing; a check with repair"):
            Archive.open(path)
        report = check_archive(path, repair=False)
        assert [one.kind for one in report.problems] == [ProblemKind.INDEX_MISSING]
        self.rebuild(path, whole)

    @pytest.mark.parametrize("damage", ["empty", "noise", "cut", "overwritten"])
    def test_damaged(self, path: Path, whole: Whole, damage: str) -> None:
        index = path / "index.sqlite"
        data = index.read_bytes()
        broken = {
            "empty": b"",
            "noise": b"noise" * 1000,
            "cut": data[: len(data) // 2],
            "overwritten": data[:4096] + b"\xff" * (len(data) - 4096),
        }[damage]
        index.write_bytes(broken)
        report = check_archive(path, repair=False)
        assert [one.kind for one in report.problems] == [ProblemKind.INDEX_DAMAGED]
        with pytest.raises(ArchiveError, match="a check with repair"):
            Archive.open(path).entries()
        self.rebuild(path, whole)
        assert (path / "index.sqlite.damaged").read_bytes() == broken

    def rebuild(self, path: Path, whole: Whole) -> None:
        report = check_archive(path, repair=True, capacity=3)
        assert report.unmended == ()
        assert report.counts[ProblemKind.FILE_UNKNOWN] == 3
        assert check_archive(path, repair=False, capacity=3).is_clean
        assert list_files(path) == whole[0]
        assert self.without_aliases(list_rows(path)) == self.without_aliases(whole[1])
        with Archive.open(path) as archive:
            assert archive.runs() == []
        assert oct(os.stat(path / "index.sqlite").st_mode)[-3:] == "644"
