"""Checks and repairs, trees, and archives of older formats."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.archives import OLD_ARCHIVE, OTHER_TASK, TASK, list_rows, make_entry, make_program

from arcbatt.archive import (
    DIFFER,
    AddStatus,
    Archive,
    ProblemKind,
    RunRecord,
    check_archive,
    write_programs,
    write_tree,
)
from arcbatt.errors import ArchiveError
from arcbatt.program.parse import SourceProgram, parse_file, parse_program
from arcbatt.program.render import md5_of_text, render
from arcbatt.tasks import TaskKey

OLD_TASK = TaskKey(TASK.id)
DEEP = '{"a":' * 990 + "1" + "}" * 990
FOREIGN = "def solve(S, I, C):\n    return of_the_future(I)\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return the path of an archive with three programs and four entries."""
    with Archive.open(tmp_path / "archive", capacity=3) as archive:
        archive.add_many(
            [
                make_entry(1, parents=("p",), aliases=("a",), weight=0.5),
                make_entry(1, task=OTHER_TASK),
                make_entry(2, demos=(3, 4)),
                make_entry(3, kind=DIFFER),
            ]
        )
        archive.record_run(RunRecord("solve", "2025-01-02", 1.0, 2.0, "stopped"), {TASK.id: [1]})
    report = check_archive(tmp_path / "archive", repair=False, capacity=3)
    assert report.problems == ()
    assert (report.programs, report.entries) == (3, 4)
    return tmp_path / "archive"


def md5(number: int) -> str:
    return make_program(number).md5


def change(file: Path, *statements: str) -> None:
    """Change a database as a person could, without foreign keys."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


PROGRAM_1 = f"programs SET text = {{}} WHERE md5 = '{md5(1)}'"
ENTRY_2 = f"entries SET {{}} WHERE md5 = '{md5(2)}'"


class TestCheck:
    @pytest.mark.parametrize(
        ("statement", "kind", "place", "left"),
        [
            ("UPDATE " + PROGRAM_1.format("'x'"), ProblemKind.PROGRAM_DAMAGED, md5(1), 2),
            ("UPDATE " + PROGRAM_1.format("x'00'"), ProblemKind.PROGRAM_DAMAGED, md5(1), 2),
            ("UPDATE programs SET size = 99", ProblemKind.PROGRAM_DAMAGED, md5(1), 0),
            ("UPDATE programs SET size = 'x'", ProblemKind.PROGRAM_DAMAGED, md5(1), 0),
            (f"DELETE FROM entries WHERE md5 = '{md5(2)}'", ProblemKind.PROGRAM_UNUSED, md5(2), 3),
            (f"DELETE FROM programs WHERE md5 = '{md5(1)}'", ProblemKind.ENTRY_LOOSE, md5(1), 2),
            ("UPDATE parents SET md5 = 'x'", ProblemKind.PARENT_BROKEN, "parent p of x", 4),
            ("UPDATE parents SET parent = ''", ProblemKind.PARENT_BROKEN, md5(1), 4),
            ("UPDATE runs SET details = '{'", ProblemKind.RUN_BROKEN, "run 1", 4),
            ("UPDATE runs SET details = '[]'", ProblemKind.RUN_BROKEN, "run 1", 4),
            *(
                (f"UPDATE runs SET {wrong}", ProblemKind.RUN_BROKEN, "run 1", 4)
                for wrong in (
                    "details = '{\"a\": NaN}'",
                    f"details = '{'[' * 100_000}'",
                    f"details = '{DEEP}'",
                    "details = CAST(x'227bff7d22' AS TEXT)",
                    "wall_s = 'x'",
                    "cpu_s = 9e999",
                    "cpu_s = -1",
                    "command = 'two' || char(10) || 'lines'",
                    "started = ''",
                    "reason = x'00'",
                )
            ),
            ("UPDATE runs SET number = -7", ProblemKind.RUN_BROKEN, "run -7", 4),
            *(
                (f"UPDATE results SET {wrong}", ProblemKind.RESULT_BROKEN, place, 4)
                for wrong, place in (
                    ("run = 7", f"run 7 for {TASK.id}"),
                    ("run = 'x'", f"run x for {TASK.id}"),
                    ("task = x'00'", "run 1 for b'"),
                    ("task = ''", "run 1 for "),
                    ("document = '{'", f"run 1 for {TASK.id}"),
                    ("document = x'00'", f"run 1 for {TASK.id}"),
                    (f"document = '{DEEP}'", f"run 1 for {TASK.id}"),
                )
            ),
            *(
                (f"INSERT INTO programs VALUES ('{md5_of_text(text)}', 1, '{text}')", kind, "", 4)
                for text, kind in (
                    ("x = ", ProblemKind.PROGRAM_DAMAGED),
                    ("import os", ProblemKind.PROGRAM_DAMAGED),
                    ("-" * 100_000 + "1", ProblemKind.PROGRAM_DAMAGED),
                    ("def solve(S, I, C): return I", ProblemKind.PROGRAM_UNUSED),
                )
            ),
            (
                f"UPDATE programs SET md5 = CAST(x'ff' AS TEXT) WHERE md5 = '{md5(1)}'",
                ProblemKind.PROGRAM_DAMAGED,
                "'\\udcff'",
                2,
            ),
            ("UPDATE " + ENTRY_2.format("md5 = char(10)"), ProblemKind.ENTRY_LOOSE, "'\\n'", 3),
            ("UPDATE programs SET text = CAST(x'ff' AS TEXT)", ProblemKind.PROGRAM_DAMAGED, "", 0),
            ("UPDATE parents SET parent = 'a' || char(10)", ProblemKind.PARENT_BROKEN, md5(1), 4),
            *(
                ("UPDATE " + ENTRY_2.format(wrong), ProblemKind.ENTRY_BROKEN, md5(2), 3)
                for wrong in (
                    "task = '../x'",
                    "task = CAST(x'ff' AS TEXT)",
                    "task = x'00'",
                    "source = char(27) || '[31m'",
                    "content = 'x'",
                    "kind = 'judge'",
                    "demos = '[3, 5]'",
                    "demos = '{}'",
                    "demos = '[3, true]'",
                    "demos = '[3, 1001]'",
                    f"demos = '{'[' * 5000}'",
                    "source = 'two' || char(10) || 'lines'",
                    "score = 8",
                    "exact = 1",
                    "fuel = -1",
                    "nanoseconds = 1.5",
                    "source = x'00'",
                    "weight = -1.0",
                    "weight = 'many'",
                    "weight = 9e999",
                    "aliases = '[1]'",
                    "aliases = ''",
                )
            ),
        ],
    )
    def test_what_is_broken_is_removed(
        self, path: Path, statement: str, kind: ProblemKind, place: str, left: int
    ) -> None:
        change(path / "archive.db", statement)
        found = check_archive(path, repair=False, capacity=3)
        assert kind in found.counts
        assert place in " ".join(problem.place for problem in found.problems)
        assert found.unmended == found.problems
        mended = check_archive(path, repair=True, capacity=3)
        assert [one.place for one in mended.problems] == [one.place for one in found.problems]
        assert mended.unmended == ()
        after = check_archive(path, repair=False, capacity=3)
        assert after.problems == ()
        assert after.entries == mended.entries == left
        assert len(list_rows(path)) == left

    def test_too_many_programs(self, path: Path) -> None:
        with Archive.open(path, capacity=9) as archive:
            archive.add_many(make_entry(number, demos=(9, 9)) for number in (5, 6, 7))
        [problem] = check_archive(path, repair=True, capacity=3).problems
        assert str(problem) == (
            f"task {TASK}: the task has too many programs; mended: the 2 worst solvers removed"
        )
        assert check_archive(path, repair=False, capacity=3).is_clean
        with Archive.open(path) as archive:
            assert [entry.score.total for entry in archive.entries(TASK)] == [1700, 18, 18]

    def test_programs_of_the_future_stay(self, path: Path) -> None:
        new = md5_of_text(FOREIGN)
        file = path / "archive.db"
        change(file, f"INSERT INTO programs VALUES ('{new}', 2, '{FOREIGN}')")
        change(file, "UPDATE " + ENTRY_2.format(f"md5 = '{new}'"))
        [first, second] = check_archive(path, repair=True).problems
        assert {first.kind, second.kind} == {
            ProblemKind.PROGRAM_UNREADABLE,
            ProblemKind.PROGRAM_UNUSED,
        }
        [problem] = check_archive(path, repair=True).problems
        assert (problem.kind, problem.mending) == (ProblemKind.PROGRAM_UNREADABLE, "")
        with Archive.open(path) as archive:
            kept = archive.programs(TASK)
            assert [one.entry.md5 for one in kept.programs] == [md5(1)]
            assert "of_the_future" in str(*kept.errors)
            assert archive.text(new) == FOREIGN

    def test_a_value_that_is_too_long(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Other commands refuse to read it, so it has to go."""
        for module in ("schema", "check"):
            monkeypatch.setattr(f"arcbatt.archive.{module}.VALUE_BYTES_MAX", 100_000)
        change(path / "archive.db", "UPDATE " + ENTRY_2.format("aliases = zeroblob(200000)"))
        with Archive.open(path) as archive, pytest.raises(ArchiveError, match="too big"):
            archive.entries(TASK)
        [problem] = check_archive(path, repair=True, capacity=3).problems
        assert problem.kind is ProblemKind.ENTRY_BROKEN
        with Archive.open(path) as archive:
            assert [entry.md5 for entry in archive.entries(TASK)] == [md5(1)]

    @pytest.mark.parametrize("adds", [False, True])
    def test_an_index_is_made_anew(self, path: Path, adds: bool) -> None:
        """Also where programs were added meanwhile, which the damaged index could not find."""
        file = path / "archive.db"
        data = file.read_bytes()
        [page] = [
            page
            for page in (data[start : start + 4096] for start in range(0, len(data), 4096))
            if md5(2).encode() in page and b"def solve" not in page and b"007bbfb7" not in page
        ]
        file.write_bytes(data.replace(page, page.replace(md5(2).encode(), b"?" * 32)))
        if adds:
            with Archive.open(path, capacity=3) as archive:
                archive.add_many([make_entry(2, task=OTHER_TASK)])
        found = check_archive(path, repair=False, capacity=3)
        assert ProblemKind.INDEX_DAMAGED in found.counts
        assert check_archive(path, repair=True, capacity=3).unmended == ()
        assert check_archive(path, repair=False, capacity=3).is_clean
        assert len(list_rows(path)) == 4 + adds

    def test_what_a_repair_leaves_says_what_to_do(self, path: Path) -> None:
        file = path / "archive.db"
        with Archive.open(path) as archive:
            archive.add_many(
                make_entry(number, task=TaskKey(f"task{number:03}", "0" * 32))
                for number in range(500)
            )
        data = bytearray(file.read_bytes())
        pages = range(0, len(data), 4096)
        leaves = [page for page in pages if b"task250" in data[page : page + 4096]]
        data[leaves[0] + 8 : leaves[0] + 4096] = b"?" * (4096 - 8)
        file.write_bytes(data)
        report = check_archive(path, repair=True)
        assert report.counts.keys() == {ProblemKind.FILE_DAMAGED}
        assert report.unmended == report.problems != ()
        assert "`batt import FILE --archive OTHER` adds them" in str(report.problems[0])
        assert file.read_bytes() == data
        output = path / "saved.py"
        broken: list[ArchiveError] = []
        with Archive.open(path) as archive:
            with pytest.raises(ArchiveError, match="the file is damaged: `batt archive export"):
                write_programs(archive, output)
            assert 400 < write_programs(archive, output, broken=broken) < 500
        assert {"task000", "task499"} <= set(re.findall("task[0-9]{3}", output.read_text()))
        assert len(broken) < 100

    def test_a_file_that_was_cut_off(self, path: Path) -> None:
        file = path / "archive.db"
        with Archive.open(path) as archive:
            archive.add_many(
                make_entry(number, task=TaskKey(f"task{number:03}", "0" * 32))
                for number in range(500)
            )
        data = file.read_bytes()
        file.write_bytes(data[: len(data) * 3 // 4])
        for repair in (False, True):
            with pytest.raises(ArchiveError, match="is cut off, or damaged at its begin"):
                check_archive(path, repair=repair)
        broken: list[ArchiveError] = []
        with Archive.open(path, create=False, salvages=True) as archive:
            assert 100 < write_programs(archive, path / "saved.py", broken=broken) < 500
            with pytest.raises(ArchiveError, match="attempt to write a readonly database"):
                archive.add_many([make_entry(1)])
        assert broken
        file.write_bytes(data[:512])
        with pytest.raises(ArchiveError, match="bring back a copy of the file"):
            Archive.open(path, create=False, salvages=True)

    @pytest.mark.parametrize("repair", [False, True])
    def test_a_damaged_schema_whose_message_is_no_text(self, path: Path, repair: bool) -> None:
        file = path / "archive.db"
        file.write_bytes(file.read_bytes().replace(b"CREATE TABLE runs", b"CREATE TABL\xff runs"))
        for attempt in (Archive.open, lambda path: check_archive(path, repair=repair)):
            with pytest.raises(ArchiveError, match="the file is damaged"):
                attempt(path)

    def test_a_check_sees_one_state(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What another process adds while the check reads is no problem."""

        def add_and_read(text: str) -> SourceProgram:
            monkeypatch.undo()
            with Archive.open(path, capacity=3) as archive:
                archive.add_many([make_entry(9, kind=DIFFER, parents=("p",))])
            return parse_program(text)

        monkeypatch.setattr("arcbatt.archive.check.parse_program", add_and_read)
        assert check_archive(path, repair=False, capacity=3).is_clean
        assert len(list_rows(path)) == 5

    def test_a_broken_row_is_no_crash(self, path: Path) -> None:
        change(path / "archive.db", "UPDATE " + ENTRY_2.format("demos = 'x'"))
        with (
            Archive.open(path) as archive,
            pytest.raises(ArchiveError, match="check --repair` removes it"),
        ):
            archive.entries(TASK)

    def test_a_broken_record_is_left_out(self, path: Path) -> None:
        change(path / "archive.db", "UPDATE runs SET details = '{'")
        with Archive.open(path) as archive:
            assert archive.runs() == []

    def test_a_broken_row_is_replaced(self, path: Path) -> None:
        change(path / "archive.db", "UPDATE " + ENTRY_2.format("demos = 'x'"))
        change(path / "archive.db", "UPDATE programs SET size = 'x'")
        new = [make_entry(number, demos=(3, 4)) for number in (1, 2)]
        with Archive.open(path, capacity=3) as archive:
            assert archive.add_many(new) == [AddStatus.NEW] * 2
            assert {entry.md5 for entry in archive.entries(TASK)} == {md5(1), md5(2)}

    def test_no_archive(self, tmp_path: Path) -> None:
        with pytest.raises(ArchiveError, match="there is no archive here"):
            check_archive(tmp_path / "none", repair=True)
        assert not (tmp_path / "none").exists()


ATTEMPTS: list[Callable[[Path], object]] = [
    Archive.open,
    lambda path: Archive.open(path, create=False),
    lambda path: check_archive(path, repair=False),
    lambda path: check_archive(path, repair=True),
]


class TestOddFiles:
    """Nothing outside the archive is opened, and nothing blocks."""

    @pytest.mark.parametrize("attempt", ATTEMPTS)
    @pytest.mark.parametrize(
        ("make", "problem"),
        [
            (Path.touch, "archive.db is an empty file; remove it"),
            (Path.mkdir, "expected a regular file, got a folder"),
            (os.mkfifo, "expected a regular file, got a pipe"),
            (lambda file: file.symlink_to("/dev/zero"), "expected a regular file, got a link"),
            (lambda file: file.symlink_to(file), "expected a regular file, got a link"),
            (lambda file: file.symlink_to("nowhere"), "expected a regular file, got a link"),
            (lambda file: file.write_bytes(b"SQLite format 3\0"), "but no archive, or a damaged"),
            (lambda file: file.write_bytes(bytes(9999)), "but no archive, or a damaged one"),
        ],
    )
    def test_in_place_of_the_file(
        self,
        tmp_path: Path,
        attempt: Callable[[Path], object],
        make: Callable[[Path], object],
        problem: str,
    ) -> None:
        make(tmp_path / "archive.db")
        with pytest.raises(ArchiveError, match=problem):
            attempt(tmp_path)
        assert os.listdir(tmp_path) == ["archive.db"]

    @pytest.mark.parametrize("attempt", ATTEMPTS)
    def test_a_link_to_another_archive(
        self, path: Path, tmp_path: Path, attempt: Callable[[Path], object]
    ) -> None:
        """A stranger's archive does not lead to one's own; a link that one names does."""
        change(path / "archive.db", "UPDATE " + ENTRY_2.format("fuel = -1"))
        before = (path / "archive.db").read_bytes()
        (tmp_path / "foreign").mkdir()
        (tmp_path / "foreign" / "archive.db").symlink_to(path / "archive.db")
        with pytest.raises(ArchiveError, match="expected a regular file, got a link"):
            attempt(tmp_path / "foreign")
        assert (path / "archive.db").read_bytes() == before
        with Archive.open(tmp_path / "foreign" / "archive.db", create=False) as archive:
            assert archive.tasks(kind=DIFFER) == [TASK]

    @pytest.mark.parametrize("attempt", ATTEMPTS)
    @pytest.mark.parametrize("ending", ["-wal", "-shm", "-journal"])
    def test_beside_the_file(
        self, path: Path, attempt: Callable[[Path], object], ending: str
    ) -> None:
        os.mkfifo(path / f"archive.db{ending}")
        with pytest.raises(ArchiveError, match=f"{ending}: expected a regular file, got a pipe"):
            attempt(path)

    @pytest.mark.parametrize("attempt", ATTEMPTS)
    def test_in_place_of_the_folder(
        self, tmp_path: Path, attempt: Callable[[Path], object]
    ) -> None:
        os.mkfifo(tmp_path / "pipe")
        os.mkfifo(tmp_path / "pipe.db")
        with pytest.raises(ArchiveError, match="is neither a file nor a folder"):
            attempt(tmp_path / "pipe")
        with pytest.raises(ArchiveError, match="expected a regular file, got a pipe"):
            attempt(tmp_path / "pipe.db")

    @pytest.mark.parametrize("attempt", ATTEMPTS)
    @pytest.mark.parametrize(
        "statement", ["DROP TABLE results", "ALTER TABLE programs DROP COLUMN size"]
    )
    def test_tables_of_something_else(
        self, path: Path, attempt: Callable[[Path], object], statement: str
    ) -> None:
        change(path / "archive.db", "DROP VIEW ranked", statement)
        with pytest.raises(ArchiveError, match="tables were changed by something else than arc"):
            attempt(path)


def names_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))


class TestTree:
    def test_files_and_links(self, path: Path, tmp_path: Path) -> None:
        with Archive.open(path) as archive:
            assert write_tree(archive, tmp_path / "tree") == 4
        file = tmp_path / "tree" / "solver_md5" / f"{md5(1)}.py"
        assert file.read_text() == (
            f"# solver {md5(1)}, 3 nodes\n"
            f"# task {TASK}: score 1700, demos [1000 700], fuel 100, nanoseconds 1000,"
            " weight 0.5, source: test\n"
            "# alias: a\n"
            f"# task {OTHER_TASK}: score 1700, demos [1000 700], fuel 100, nanoseconds 1000,"
            " source: test\n"
            "# parent: p\n" + render(make_program(1))
        )
        [program] = parse_file(file).programs
        assert program.program == make_program(1)
        link = tmp_path / f"tree/solver_dir/solve_{TASK.id}/01700/0000000100/{md5(1)}.py"
        assert os.readlink(link) == f"../../../../solver_md5/{md5(1)}.py"
        moved = (tmp_path / "tree").rename(tmp_path / "moved")
        assert all(path.resolve().is_file() for path in moved.rglob("*.py"))

    def test_tasks_of_one_id(self, path: Path, tmp_path: Path) -> None:
        with Archive.open(path) as archive:
            archive.add_many([make_entry(1, task=TaskKey(TASK.id, "e" * 32)), make_entry(4)])
            archive.add_many([make_entry(1, task=OLD_TASK)])
            write_tree(archive, tmp_path / "tree")
        assert sorted(os.listdir(tmp_path / "tree" / "solver_dir")) == [
            f"solve_{TASK.id}",
            f"solve_{TASK.id}-00000000",
            f"solve_{TASK.id}-eeeeeeee",
            f"solve_{OTHER_TASK.id}",
        ]

    def test_only_into_an_empty_folder(self, path: Path, tmp_path: Path) -> None:
        with Archive.open(path) as archive:
            with pytest.raises(ArchiveError, match="archive is not empty"):
                write_tree(archive, path)
            with pytest.raises(ArchiveError, match=r"archive\.db: (File exists|Not a directory)"):
                write_tree(archive, path / "archive.db")
        assert os.listdir(path) == ["archive.db"]


class TestOlder:
    @pytest.fixture
    def old(self, tmp_path: Path) -> Path:
        shutil.copytree(OLD_ARCHIVE, tmp_path / "old")
        return tmp_path / "old"

    def test_it_is_taken_over(self, old: Path, caplog: pytest.LogCaptureFixture) -> None:
        before = (old / "index.sqlite").read_bytes()
        with Archive.open(old, create=False) as archive:
            assert archive.tasks() == [OLD_TASK, TaskKey(OTHER_TASK.id)]
            first, second, third = archive.entries(OLD_TASK)
            assert [entry.score.demos for entry in (first, second, third)] == [
                (1000, 1000),
                (1000, 700),
                (3, 7),
            ]
            assert (second.weight, second.fuel, second.aliases) == (0.25, 120, ("a", "b"))
            assert (first.source, third.source) == ("file a.py", "evolve")
            assert archive.load(second.md5) == make_program(1)
            assert archive.parents(second.md5) == ("p", "q")
            assert [entry.score.total for entry in archive.entries(kind=DIFFER)] == [640, 500]
            [run] = archive.runs()
            assert (run.reason, run.details) == ("stopped: 2 tasks done", {"seed": 7})
        assert "6 entries of an older format were copied into archive.db" in caplog.text
        assert (old / "index.sqlite").read_bytes() == before
        assert check_archive(old, repair=False).is_clean
        assert len(caplog.messages) == 1

    def test_its_tree_is_as_it_was(self, old: Path, tmp_path: Path) -> None:
        with Archive.open(old) as archive:
            write_tree(archive, tmp_path / "tree")
        assert names_in(tmp_path / "tree") == (old / "names.txt").read_text().splitlines()

    def test_the_first_format_has_no_votes(self, old: Path) -> None:
        change(
            old / "index.sqlite",
            "DROP VIEW ranked",
            "ALTER TABLE entries DROP COLUMN vote",
            "PRAGMA user_version = 1",
        )
        with Archive.open(old) as archive:
            assert [entry.weight for entry in archive.entries(OLD_TASK)] == [None] * 3

    def test_what_is_broken_stays_out(self, old: Path, caplog: pytest.LogCaptureFixture) -> None:
        change(
            old / "index.sqlite",
            "UPDATE entries SET fuel = -1 WHERE score = 2000",
            f"UPDATE programs SET text = 'x' WHERE md5 = '{md5(3)}'",
        )
        with Archive.open(old) as archive:
            assert [entry.md5 for entry in archive.entries(OLD_TASK)] == [md5(1)]
        assert "copied into archive.db, 2 broken ones were left out" in caplog.text
        assert check_archive(old, repair=False).is_clean

    def test_a_view_in_place_of_its_tables(self, old: Path) -> None:
        """Reading it would never end."""
        endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
        change(
            old / "index.sqlite",
            "ALTER TABLE runs RENAME TO others",
            f"CREATE VIEW runs AS {endless} SELECT x AS number FROM n",
        )
        with pytest.raises(ArchiveError, match="has the view 'runs', which no archive has"):
            Archive.open(old)

    def test_a_link_in_place_of_its_index(self, old: Path) -> None:
        (old / "index.sqlite").rename(old / "elsewhere")
        (old / "index.sqlite").symlink_to("elsewhere")
        with pytest.raises(ArchiveError, match="expected a regular file, got a link"):
            Archive.open(old)

    @pytest.mark.parametrize(
        "statement", ["PRAGMA user_version = 7", "PRAGMA application_id = 7", "DROP TABLE runs"]
    )
    def test_all_or_nothing(self, old: Path, statement: str) -> None:
        change(old / "index.sqlite", statement)
        for _ in range(2):
            with pytest.raises(ArchiveError, match=r"is no index|no such table"):
                Archive.open(old)

    def test_where_nothing_can_be_written(self, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("arcbatt.archive.schema.is_writable", lambda file: False)
        with Archive.open(old, create=False) as archive:
            assert not archive.writable
            assert len(archive.entries(OLD_TASK)) == 3
        assert sorted(os.listdir(old)) == ["index.sqlite", "names.txt"]

    def test_its_index_is_no_archive(self, old: Path) -> None:
        with pytest.raises(ArchiveError, match="older archive; name its folder"):
            Archive.open(old / "index.sqlite")

    def test_one_without_its_index(self, old: Path) -> None:
        (old / "index.sqlite").unlink()
        (old / "solver_md5").mkdir()
        with pytest.raises(ArchiveError, match="without its index"):
            Archive.open(old)
