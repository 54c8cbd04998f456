"""The archive: what it keeps, how it lies on the disk, and what it refuses."""

from __future__ import annotations

import ast
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.archives import (
    TASK,
    fork,
    list_files,
    list_rows,
    make_entry,
    make_program,
    wait,
)

from arcbatt.archive import (
    CAPACITY,
    DIFFER,
    AddStatus,
    Archive,
    NewEntry,
    RunRecord,
    check_archive,
)
from arcbatt.archive.index import ALIASES_PER_ENTRY
from arcbatt.errors import ArchiveError
from arcbatt.program.parse import parse_file, parse_program
from arcbatt.program.render import render

OTHER_TASK = "d07ae81c"
REFUSED, IMPROVED, NEW = AddStatus


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    with Archive.open(path, capacity=3) as archive:
        yield archive


def md5(number: int) -> str:
    return make_program(number).md5


def query(path: Path, statement: str) -> list[tuple[object, ...]]:
    """Run a statement as a person would, beside arcbatt."""
    with closing(sqlite3.connect(path / "index.sqlite", isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()


class TestAdd:
    def test_statuses_are_ordered(self) -> None:
        assert AddStatus.REFUSED < AddStatus.IMPROVED < AddStatus.NEW

    def test_a_program_is_new_once(self, archive: Archive) -> None:
        assert archive.add_many([make_entry(1)]) == [NEW]
        assert archive.add_many([make_entry(1)]) == [REFUSED]

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"demos": (1000, 701)}, IMPROVED),
            ({"demos": (1000, 699)}, REFUSED),
            ({"fuel": 99}, IMPROVED),
            ({"fuel": 101}, REFUSED),
            ({"demos": (1000, 701), "fuel": 101}, IMPROVED),
        ],
    )
    def test_only_better_data_replace_data(
        self, archive: Archive, change: dict[str, object], status: AddStatus
    ) -> None:
        archive.add_many([make_entry(1)])
        second = make_entry(1, **change)  # type: ignore[arg-type]
        assert archive.add_many([second]) == [status]
        (entry,) = archive.entries(TASK)
        kept = second if status is IMPROVED else make_entry(1)
        assert (entry.score, entry.fuel) == (kept.score, kept.fuel)

    def test_time_does_not_count(self, archive: Archive) -> None:
        program, score = make_program(1), make_entry(1).score
        for nanoseconds in (50, 20):
            status = archive.add(
                TASK, program, score=score, fuel=1, nanoseconds=nanoseconds, source="test"
            )
        assert status is REFUSED
        assert archive.entries(TASK)[0].nanoseconds == 50

    def test_the_worst_gives_way(self, archive: Archive) -> None:
        entries = [make_entry(number, demos=(number,)) for number in (5, 1, 4, 2, 3)]
        assert archive.add_many(entries) == [NEW, NEW, NEW, NEW, NEW]
        assert [entry.score.total for entry in archive.entries(TASK)] == [5, 4, 3]
        assert archive.add_many([make_entry(1, demos=(1,))]) == [REFUSED]

    def test_shelves_do_not_push_each_other(self, archive: Archive) -> None:
        entries = [
            make_entry(number, task=task, kind=kind)
            for number in range(3)
            for task in (TASK, OTHER_TASK)
            for kind in ("solver", "differ")
        ]
        assert set(archive.add_many(entries)) == {NEW}
        assert len(archive.entries()) == len(archive.entries(kind=DIFFER)) == 6

    def test_capacity_is_32(self, path: Path) -> None:
        with Archive.open(path) as archive:
            archive.add_many(make_entry(number) for number in range(40))
            assert len(archive.entries(TASK)) == CAPACITY == 32

    def test_the_order_of_adding_does_not_matter(self, tmp_path: Path) -> None:
        shuffler = random.Random(7)
        entries = [
            make_entry(
                shuffler.randrange(12),
                task=shuffler.choice([TASK, OTHER_TASK]),
                demos=(shuffler.randrange(3),),
                fuel=shuffler.randrange(3),
            )
            for _ in range(60)
        ]
        contents = []
        for order in range(5):
            shuffler.shuffle(entries)
            path = tmp_path / str(order)
            with Archive.open(path, capacity=3) as archive:
                cut = shuffler.randrange(60)
                archive.add_many(entries[:cut])
                for new in entries[cut:]:
                    archive.add_many([new])
            assert check_archive(path, repair=False).is_clean
            contents.append((list_files(path), list_rows(path)))
        assert contents.count(contents[0]) == 5

    def test_nothing_to_add(self, archive: Archive) -> None:
        assert archive.add_many([]) == []

    def test_aliases_and_parents_are_on_record(self, archive: Archive) -> None:
        archive.add_many([make_entry(1, aliases=("b", "a"), parents=("q", "p"))])
        assert archive.add_many([make_entry(1, aliases=("c",))]) == [REFUSED]
        assert archive.aliases(TASK, md5(1)) == ("a", "b", "c")
        assert archive.aliases(OTHER_TASK, md5(1)) == ()
        assert archive.parents(md5(1)) == ("p", "q")

    def test_aliases_are_bounded(self, archive: Archive) -> None:
        names = [f"{number:03}" for number in range(50)]
        for name in reversed(names):
            archive.add_many([make_entry(1, aliases=(name,))])
        assert archive.aliases(TASK, md5(1)) == tuple(names[:ALIASES_PER_ENTRY])

    @pytest.mark.parametrize(
        "wrong",
        [
            make_entry(1, task="../../etc"),
            make_entry(1, task=""),
            make_entry(1, kind="judge"),
            make_entry(1, fuel=-1),
            make_entry(1, fuel=2**63),
            make_entry(1, demos=(1001,)),
            make_entry(1, demos=(-1,)),
            make_entry(1, source="two\nlines"),
            make_entry(1, source=""),
            make_entry(1, parents=("",)),
            make_entry(1, aliases=("\x00",)),
            make_entry(1, aliases=("a" * 501,)),
            make_entry(1, source="\udc80"),
        ],
    )
    def test_wrong_entries_are_refused_with_all_others(
        self, archive: Archive, wrong: NewEntry
    ) -> None:
        with pytest.raises(ArchiveError, match=r"can't add to task .*: expected") as caught:
            archive.add_many([make_entry(2), wrong])
        assert caught.value.context["path"] == archive.path
        assert archive.entries() == []

    def test_five_hundred_programs_a_second(self, path: Path) -> None:
        entries = [make_entry(number, task=f"task{number % 20}") for number in range(500)]
        with Archive.open(path) as archive:
            started = time.process_time()
            archive.add_many(entries)
            assert time.process_time() - started < 1

    def test_adding_does_not_get_slower_as_the_archive_grows(self, archive: Archive) -> None:
        def steps_of_adding(number: int) -> int:
            """Count SQLite's own steps, which do not depend on the machine."""
            steps = 0

            def count() -> int:
                nonlocal steps
                steps += 1
                return 0

            archive._index._connection.set_progress_handler(count, 10)
            assert archive.add_many([make_entry(number)]) == [NEW]
            archive._index._connection.set_progress_handler(None, 0)
            return steps

        few = steps_of_adding(1)
        archive.add_many(make_entry(100 + number, task=f"task{number}") for number in range(400))
        assert steps_of_adding(2) < 2 * few


class TestFiles:
    def test_layout(self, archive: Archive, path: Path) -> None:
        archive.add_many([make_entry(1, demos=(1000, 7), fuel=42, parents=("p",))])
        name = f"{md5(1)}.py"
        link = f"solver_dir/solve_{TASK}/01007/0000000042/{name}"
        assert list_files(path) == {
            f"solver_md5/{name}": f"# solver {md5(1)}, {make_program(1).size} nodes\n"
            f"# task {TASK}: score 1007, demos [1000 7], fuel 42, nanoseconds 420, source: test\n"
            f"# parent: p\n{render(make_program(1))}",
            f"solver_dir/solve_{TASK}": "folder",
            f"solver_dir/solve_{TASK}/01007": "folder",
            f"solver_dir/solve_{TASK}/01007/0000000042": "folder",
            link: f"../../../../solver_md5/{name}",
        }
        assert parse_program((path / link).read_text()).program == make_program(1)

    def test_differs_have_folders_of_their_own(self, archive: Archive, path: Path) -> None:
        archive.add_many([make_entry(1, kind=DIFFER)])
        files = list_files(path)
        assert f"differ_md5/{md5(1)}.py" in files
        assert f"differ_dir/differ_{TASK}/01700/0000000100/{md5(1)}.py" in files
        assert not any(name.startswith("solver") for name in files)

    def test_a_file_lists_all_tasks(self, archive: Archive, path: Path) -> None:
        archive.add_many([make_entry(1, task=OTHER_TASK), make_entry(1)])
        head = (path / "solver_md5" / f"{md5(1)}.py").read_text().splitlines()
        assert [line.split(":")[0] for line in head[1:3]] == [
            f"# task {TASK}",
            f"# task {OTHER_TASK}",
        ]

    def test_files_stay_while_a_task_has_the_program(self, archive: Archive, path: Path) -> None:
        archive.add_many([make_entry(9, demos=(0,)), make_entry(9, task=OTHER_TASK)])
        archive.add_many(make_entry(number) for number in (1, 2, 3))
        files = list_files(path)
        assert TASK not in files[f"solver_md5/{md5(9)}.py"]
        assert [name for name in files if md5(9) in name and "solver_dir" in name] == [
            f"solver_dir/solve_{OTHER_TASK}/01700/0000000100/{md5(9)}.py"
        ]
        archive.add_many(
            make_entry(number, task=OTHER_TASK, demos=(1000,) * 3) for number in (1, 2, 3)
        )
        assert not any(md5(9) in name for name in list_files(path))

    def test_empty_folders_go(self, archive: Archive, path: Path) -> None:
        archive.add_many([make_entry(1, demos=(5,), fuel=5)])
        archive.add_many([make_entry(1, demos=(6,), fuel=6)])
        assert [name for name in list_files(path) if name.startswith("solver_dir")] == [
            f"solver_dir/solve_{TASK}",
            f"solver_dir/solve_{TASK}/00006",
            f"solver_dir/solve_{TASK}/00006/0000000006",
            f"solver_dir/solve_{TASK}/00006/0000000006/{md5(1)}.py",
        ]

    def test_a_listing_sorts_scores(self, archive: Archive, path: Path) -> None:
        archive.add_many(
            [make_entry(1, demos=(9,)), make_entry(2, demos=(1000,)), make_entry(3, demos=(80,))]
        )
        listed = sorted(os.listdir(path / "solver_dir" / f"solve_{TASK}"))
        assert list(map(int, listed)) == [9, 80, 1000]

    def test_the_folder_may_move(self, archive: Archive, path: Path) -> None:
        archive.add_many([make_entry(1)])
        archive.close()
        moved = path.rename(path.with_name("moved"))
        assert check_archive(moved, repair=False).is_clean
        (link,) = moved.rglob("solve_*/*/*/*.py")
        assert link.resolve().parent == (moved / "solver_md5").resolve()


class TestRead:
    def test_entries_are_sorted_as_ranked(self, archive: Archive, path: Path) -> None:
        archive.add_many(
            make_entry(number, task=task, demos=(number % 2,), fuel=number % 3)
            for number in range(6)
            for task in (TASK, OTHER_TASK)
        )
        entries = archive.entries()
        assert entries == sorted(entries, key=lambda entry: (entry.task, entry.rank))
        places = query(path, "SELECT task, md5 FROM ranked ORDER BY kind, task, place")
        assert places == [(entry.task, entry.md5) for entry in entries]

    def test_limit_is_per_task(self, archive: Archive) -> None:
        archive.add_many(
            make_entry(number, task=task) for number in range(3) for task in (TASK, OTHER_TASK)
        )
        assert [entry.task for entry in archive.entries(limit=2)] == [TASK] * 2 + [OTHER_TASK] * 2
        assert len(archive.entries(TASK, limit=1)) == 1

    def test_programs_come_back_as_they_were(self, archive: Archive) -> None:
        archive.add_many(make_entry(number) for number in (1, 22))
        assert archive.load(md5(22)) == make_program(22)
        assert archive.text(md5(22)) == render(make_program(22))
        kept = archive.programs(TASK)
        assert {one.entry.md5: one.program for one in kept.programs} == {
            md5(number): make_program(number) for number in (1, 22)
        }
        assert kept.errors == ()

    def test_tasks_and_summary(self, archive: Archive) -> None:
        archive.add_many(
            [
                make_entry(1, task=OTHER_TASK, demos=(1000, 1000)),
                make_entry(1),
                make_entry(2),
                make_entry(1, kind=DIFFER, task="00000000"),
            ]
        )
        assert archive.tasks() == [TASK, OTHER_TASK]
        assert archive.tasks(kind=DIFFER) == ["00000000"]
        counted = archive.summary()
        assert (counted.tasks, counted.solved, counted.solvers) == (2, 1, 2)
        assert (counted.differs, counted.entries, counted.runs) == (1, 4, 0)

    @pytest.mark.parametrize("name", ["0" * 32, "../index", "", "*"])
    def test_unknown_programs(self, archive: Archive, name: str) -> None:
        with pytest.raises(ArchiveError, match="keeps no solver"):
            archive.load(name)

    def test_unknown_kind(self, archive: Archive) -> None:
        for ask in (archive.entries, archive.tasks):
            with pytest.raises(ArchiveError, match="solver, differ, got 'judge'"):
                ask(kind="judge")

    def test_a_closed_archive(self, archive: Archive) -> None:
        archive.close()
        with pytest.raises(ArchiveError, match="closed"):
            archive.entries()

    def test_runs(self, archive: Archive, path: Path) -> None:
        run = RunRecord(
            command="batt run",
            started="2025-01-02T03:04:05+00:00",
            wall_s=1.5,
            cpu_s=2.5,
            reason="stopped: 3 rounds done",
            details={"seed": 7, "counts": {"saved": 3}},
        )
        assert archive.record_run(run).number == 1
        assert archive.record_run(run).number == 2
        assert [(one.number, one.details) for one in archive.runs()] == [
            (1, run.details),
            (2, run.details),
        ]
        assert query(path, "SELECT reason FROM runs")[0] == (run.reason,)
        assert archive.record_run(replace(run, number=1, reason="again")).number == 1
        assert [(one.number, one.reason) for one in archive.runs()] == [
            (1, "again"),
            (2, run.reason),
        ]

    @pytest.mark.parametrize("value", [float("nan"), {1, 2}])
    def test_runs_need_details_that_are_json(self, archive: Archive, value: object) -> None:
        run = RunRecord("batt", "2025-01-02", 0.0, 0.0, "stopped", {"value": value})
        with pytest.raises(ArchiveError, match="details of a run"):
            archive.record_run(run)
        assert archive.runs() == []

    def test_export_reads_as_a_library(self, archive: Archive, tmp_path: Path) -> None:
        archive.add_many(
            [
                make_entry(1, demos=(9,)),
                make_entry(2, demos=(8,)),
                make_entry(3, task="a.b"),
                make_entry(4, task="a-b"),
                make_entry(5, task=f"{TASK}_2"),
            ]
        )
        file = tmp_path / "all.py"
        assert archive.export(file) == 5
        found = parse_file(file)
        assert found.errors == []
        assert [(one.name, one.program) for one in found.programs] == [
            (f"solve_{TASK}", make_program(1)),
            (f"solve_{TASK}_2", make_program(2)),
            (f"solve_{TASK}_2_2", make_program(5)),
            ("solve_a_b", make_program(4)),
            ("solve_a_b_2", make_program(3)),
        ]
        assert {one.task for one in found.programs[:2]} == {TASK}
        assert archive.export(file, limit=1) == 4

    def test_export_of_differs(self, archive: Archive, tmp_path: Path) -> None:
        archive.add_many([make_entry(1, kind=DIFFER)])
        assert archive.export(tmp_path / "all.py", kind=DIFFER) == 1
        assert (tmp_path / "all.py").read_text().startswith(f"def differ_{TASK}(S, I, C):")

    def test_export_to_nowhere(self, archive: Archive, tmp_path: Path) -> None:
        with pytest.raises(ArchiveError, match="No such file"):
            archive.export(tmp_path / "missing" / "all.py")


class TestOpen:
    def test_again(self, path: Path) -> None:
        with Archive.open(path) as archive:
            archive.add_many([make_entry(1)])
        with Archive.open(path, create=False) as archive:
            assert archive.add_many([make_entry(1)]) == [REFUSED]

    def test_an_empty_folder_becomes_one(self, path: Path) -> None:
        path.mkdir()
        (path / ".gitkeep").touch()
        with Archive.open(path) as archive:
            assert archive.entries() == []

    def test_none_is_made_unasked(self, path: Path) -> None:
        with pytest.raises(ArchiveError, match="there is no archive here"):
            Archive.open(path, create=False)
        assert not path.exists()

    def test_a_file(self, path: Path) -> None:
        path.write_text("")
        with pytest.raises(ArchiveError, match="is a file, expected a folder"):
            Archive.open(path)

    def test_another_folder(self, path: Path) -> None:
        path.mkdir()
        (path / "thesis.txt").touch()
        for attempt in (Archive.open, lambda path: check_archive(path, repair=True)):
            with pytest.raises(ArchiveError, match=r"holds other files and no index\.sqlite"):
                attempt(path)
        assert os.listdir(path) == ["thesis.txt"]

    def test_another_database(self, path: Path) -> None:
        path.mkdir()
        query(path, "CREATE TABLE entries (name TEXT)")
        for attempt in (Archive.open, lambda path: check_archive(path, repair=True)):
            with pytest.raises(ArchiveError, match="belongs to something else"):
                attempt(path)
        assert query(path, "SELECT * FROM entries") == []

    def test_no_database(self, path: Path) -> None:
        path.mkdir()
        (path / "index.sqlite").write_text("not a database, but long enough to look at" * 20)
        for attempt in (Archive.open, lambda path: check_archive(path, repair=True)):
            with pytest.raises(ArchiveError, match="not a database"):
                attempt(path)

    def test_a_newer_version(self, archive: Archive, path: Path) -> None:
        archive.add_many([make_entry(1)])
        archive.close()
        query(path, "PRAGMA user_version = 9")
        before = list_files(path)
        for attempt in (Archive.open, lambda path: check_archive(path, repair=True)):
            with pytest.raises(ArchiveError, match="format version 9, this arcbatt reads 2"):
                attempt(path)
        assert list_files(path) == before

    @pytest.mark.parametrize("capacity", [0, -1])
    def test_capacity_is_positive(self, path: Path, capacity: int) -> None:
        with pytest.raises(ArchiveError, match="capacity of 1 or more"):
            Archive.open(path, capacity=capacity)

    def test_sqlite_is_imported_late(self) -> None:
        code = "import sys, arcbatt.archive; print(sorted(sys.modules))"
        loaded = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout
        assert not {"sqlite3", "numpy", "fcntl"} & set(ast.literal_eval(loaded))


class TestReadOnly:
    @pytest.fixture
    def shelf(self) -> Iterator[Path]:
        """Make a folder that any user can get at."""
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            yield Path(folder) / "archive"
            for below in Path(folder).rglob("*"):
                if below.is_dir() and not below.is_symlink():
                    below.chmod(0o755)

    @staticmethod
    def lock(path: Path) -> None:
        for below in (path, *path.rglob("*")):
            if below.is_dir() and not below.is_symlink():
                below.chmod(0o555)

    @staticmethod
    def become_nobody() -> None:
        if os.geteuid() == 0:
            os.setgid(65534)
            os.setuid(65534)

    def test_can_be_read_and_not_written(self, shelf: Path) -> None:
        with Archive.open(shelf) as archive:
            archive.add_many([make_entry(1)])
        self.lock(shelf)

        def use() -> None:
            self.become_nobody()
            with Archive.open(shelf) as archive:
                assert not archive.writable
                assert archive.load(archive.entries(TASK)[0].md5) == make_program(1)
                with pytest.raises(ArchiveError, match="is read-only"):
                    archive.add_many([make_entry(2)])
                with pytest.raises(ArchiveError, match="is read-only"):
                    archive.record_run(RunRecord("batt", "2025-01-02", 0.0, 0.0, "stopped"))
            assert check_archive(shelf, repair=False).is_clean
            with pytest.raises(ArchiveError, match="is read-only"):
                check_archive(shelf, repair=True)
            with pytest.raises(ArchiveError, match="Permission denied"):
                Archive.open(shelf / "solver_md5" / "inside")

        assert wait(fork(use)) == 0

    def test_unless_it_was_not_closed(self, shelf: Path) -> None:
        archive = Archive.open(shelf)
        archive.add_many([make_entry(1)])
        wal = (shelf / "index.sqlite-wal").read_bytes()
        archive.close()
        (shelf / "index.sqlite-wal").write_bytes(wal)
        self.lock(shelf)

        def use() -> None:
            self.become_nobody()
            with pytest.raises(ArchiveError, match="was not closed; copy the folder"):
                Archive.open(shelf)

        assert wait(fork(use)) == 0

    def test_one_folder_that_can_not_be_written(self, shelf: Path) -> None:
        with Archive.open(shelf) as archive:
            archive.add_many([make_entry(1)])
        for below in shelf.iterdir():
            below.chmod(0o777 if below.is_dir() else 0o666)
        (shelf / ".lock").chmod(0o666)
        shelf.chmod(0o777)
        self.lock(shelf / "solver_md5")

        def use() -> None:
            self.become_nobody()
            with Archive.open(shelf) as archive:
                with pytest.raises(ArchiveError, match=r"denied; nothing was added \(1 asked"):
                    archive.add_many([make_entry(2)])
                assert [entry.md5 for entry in archive.entries()] == [md5(1)]

        assert wait(fork(use)) == 0
