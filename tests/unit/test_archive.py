"""The archive: what it keeps, whose task an entry is for, and what it refuses."""

from __future__ import annotations

import ast
import os
import random
import re
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
    OTHER_TASK,
    TASK,
    fork,
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
    write_programs,
)
from arcbatt.archive.records import (
    ALIASES_MAX,
    PARENTS_MAX,
    Head,
    HeadTask,
    read_head,
    write_head,
)
from arcbatt.archive.schema import VALUE_BYTES_MAX
from arcbatt.dsl.types import Grid
from arcbatt.errors import ArchiveError
from arcbatt.program.parse import parse_file
from arcbatt.program.render import render
from arcbatt.tasks import Sample, Task, TaskKey

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
    with closing(sqlite3.connect(path / "archive.db", isolation_level=None)) as connection:
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
        archive.add_many([make_entry(1)])
        assert archive.add_many([replace(make_entry(1), nanoseconds=1)]) == [REFUSED]
        assert archive.entries(TASK)[0].nanoseconds == 1000

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
            contents.append(list_rows(path))
        assert contents.count(contents[0]) == 5

    def test_nothing_to_add(self, archive: Archive) -> None:
        assert archive.add_many([]) == []

    def test_aliases_and_parents_are_kept(self, archive: Archive) -> None:
        archive.add_many([make_entry(1, aliases=("b", "a"), parents=("q", "p"))])
        assert archive.add_many([make_entry(1, aliases=("c",))]) == [REFUSED]
        assert archive.entries(TASK)[0].aliases == ("a", "b", "c")
        assert archive.parents(md5(1)) == ("p", "q")

    def test_aliases_are_bounded(self, archive: Archive) -> None:
        names = [f"{number:03}" for number in range(50)]
        for name in reversed(names):
            archive.add_many([make_entry(1, aliases=(name,))])
        assert archive.entries(TASK)[0].aliases == tuple(names[:ALIASES_MAX])

    def test_a_text_is_there_once_and_goes_with_its_last_entry(
        self, archive: Archive, path: Path
    ) -> None:
        archive.add_many(
            [make_entry(1, demos=(1,)), make_entry(1, kind=DIFFER), make_entry(1, task=OTHER_TASK)]
        )
        count = "SELECT count(*) FROM programs"
        assert query(path, count) == [(1,)]
        archive.add_many(make_entry(number, parents=("p",)) for number in (2, 3, 4))
        assert query(path, count) == [(4,)]
        archive.add_many(make_entry(number, kind=DIFFER, demos=(1000,) * 3) for number in (2, 3, 4))
        archive.add_many(make_entry(n, task=OTHER_TASK, demos=(1000,) * 3) for n in (5, 6, 7))
        assert md5(1) not in {text for (text,) in query(path, "SELECT md5 FROM programs")}

    @pytest.mark.parametrize(
        "wrong",
        [
            make_entry(1, task=TaskKey("../../etc")),
            make_entry(1, task=TaskKey("")),
            make_entry(1, task=TaskKey("a", "x")),
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
        entries = [
            make_entry(number, task=TaskKey(f"task{number % 20}", "0" * 32))
            for number in range(500)
        ]
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

            archive._connection.set_progress_handler(count, 10)
            assert archive.add_many([make_entry(number)]) == [NEW]
            archive._connection.set_progress_handler(None, 0)
            return steps

        few = steps_of_adding(1)
        archive.add_many(
            make_entry(100 + number, task=TaskKey(f"task{number}", "0" * 32))
            for number in range(400)
        )
        assert steps_of_adding(2) < 2 * few


class TestContent:
    """Two sets may use one id for different tasks."""

    SAME_ID = TaskKey(TASK.id, "f" * 32, 3)
    OLD = TaskKey(TASK.id)

    def test_tasks_of_one_id_do_not_mix(self, archive: Archive) -> None:
        archive.add_many(make_entry(number, demos=(5, 5)) for number in range(3))
        archive.add_many(
            make_entry(number, task=self.SAME_ID, demos=(1000,) * 3) for number in (7, 8, 9)
        )
        assert {entry.md5 for entry in archive.entries(TASK)} == set(map(md5, range(3)))
        assert {entry.md5 for entry in archive.entries(self.SAME_ID)} == set(map(md5, (7, 8, 9)))
        assert archive.tasks() == [TASK, self.SAME_ID]
        assert [key.demos for key in archive.tasks()] == [2, 3]

    def test_entries_without_content_count_where_they_may_be_right(self, archive: Archive) -> None:
        archive.add_many(
            [
                make_entry(1, task=self.OLD),
                make_entry(2, task=self.OLD, demos=(9, 9, 9)),
                make_entry(3),
            ]
        )
        assert {entry.md5 for entry in archive.entries(TASK)} == {md5(1), md5(3)}
        assert {entry.md5 for entry in archive.entries(self.SAME_ID)} == {md5(2)}
        assert {kept.entry.md5 for kept in archive.programs(TASK).programs} == {md5(1), md5(3)}

    def test_they_move_once_they_score_alike(self, archive: Archive) -> None:
        archive.add_many(
            [
                make_entry(1, task=self.OLD, weight=0.5, aliases=("b",)),
                make_entry(2, task=self.OLD),
            ]
        )
        archive.add_many([make_entry(1, aliases=("a",)), make_entry(2, demos=(0, 0))])
        entries = {(entry.task, entry.md5): entry for entry in archive.entries()}
        assert set(entries) == {(self.OLD, md5(2)), (TASK, md5(1)), (TASK, md5(2))}
        moved = entries[TASK, md5(1)]
        assert (moved.weight, moved.aliases) == (0.5, ("a", "b"))
        assert [entry.score.total for entry in archive.entries(TASK)] == [1700, 0]

    def test_they_take_no_place(self, archive: Archive) -> None:
        archive.add_many(make_entry(number, task=self.OLD) for number in range(3))
        archive.add_many(make_entry(number, demos=(1, 1)) for number in (4, 5, 6))
        assert len(archive.entries(TASK)) == 6

    @pytest.mark.parametrize(
        ("word", "found"),
        [
            (TASK.id, [OLD, TASK, SAME_ID]),
            (f"{TASK.id}/f", [SAME_ID]),
            (f"{TASK.id}/00000000", [TASK]),
            (f"{TASK.id}/unknown", [OLD]),
            (f"{TASK.id}/1", []),
            (TASK.id[:4], []),
        ],
    )
    def test_words_of_people(self, archive: Archive, word: str, found: list[TaskKey]) -> None:
        archive.add_many(make_entry(1, task=key) for key in (self.OLD, TASK, self.SAME_ID))
        assert archive.find(word) == found

    def test_the_content_of_a_task(self) -> None:
        grids: list[Grid] = [((1, 2),), ((1,), (2,)), ((3,),), ((4,),)]
        one, two, three, four = map(Sample, grids)
        pair = Sample(grids[0], grids[1])
        task = Task("a", (pair,), (three,))
        same = Task("b", (pair,), (Sample(grids[2], grids[3]),))
        assert task.content == same.content == task.key.content
        assert re.fullmatch("[0-9a-f]{32}", task.content)
        assert (task.key.id, task.key.demos) == ("a", 1)
        others = [
            Task("a", (Sample(grids[1], grids[0]),), (three,)),
            Task("a", (pair,), (four,)),
            Task("a", (pair, pair), (three,)),
            Task("a", (pair,), (three, three)),
            Task("a", (pair,), (one, two, three)),
            Task("a", (pair, pair), (three, three, three)),
            Task("a", (pair, pair, pair), (three,)),
        ]
        assert len({task.content, *(other.content for other in others)}) == 1 + len(others)


class TestWeights:
    def weights(self, archive: Archive) -> dict[str, float | None]:
        return {entry.md5: entry.weight for entry in archive.entries(TASK)}

    @pytest.mark.parametrize(
        ("changes", "status", "weight"),
        [
            ({"weight": 2e-13}, REFUSED, 2e-13),
            ({"weight": 0.5, "fuel": 7}, IMPROVED, 0.5),
            ({"weight": 0.5, "fuel": 700}, REFUSED, 0.5),
            ({"fuel": 7}, IMPROVED, 0.1),
            ({}, REFUSED, 0.1),
        ],
    )
    def test_the_last_one_counts(
        self, archive: Archive, changes: dict[str, object], status: AddStatus, weight: float
    ) -> None:
        archive.add_many([make_entry(1, weight=0.1)])
        assert archive.add_many([make_entry(1, **changes)]) == [status]  # type: ignore[arg-type]
        assert self.weights(archive) == {md5(1): weight}

    def test_they_can_be_set_alone(self, archive: Archive) -> None:
        archive.add_many([make_entry(1, weight=0.1), make_entry(2)])
        noted = {TASK: {md5(0): 3.0, md5(1): 1.0, md5(3): 2.0}, OTHER_TASK: {md5(1): 9.0}}
        archive.add_many([make_entry(3)], weights=noted)
        archive.add_many((), weights={TASK: {md5(2): 0.25}})
        assert self.weights(archive) == {md5(1): 1.0, md5(2): 0.25, md5(3): 2.0}

    @pytest.mark.parametrize("weight", [-0.5, float("nan"), float("inf")])
    def test_others_are_refused(self, archive: Archive, weight: float) -> None:
        archive.add_many([make_entry(1, weight=0.1)])
        with pytest.raises(ArchiveError, match="expected a finite weight of 0 or more"):
            archive.add_many([make_entry(3), make_entry(1, weight=weight)])
        with pytest.raises(ArchiveError, match=f"the weight of {md5(1)} of task .* to {weight}"):
            archive.add_many([make_entry(3)], weights={TASK: {md5(1): weight}})
        assert self.weights(archive) == {md5(1): 0.1}


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
        assert places == [(entry.task.id, entry.md5) for entry in entries]

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
                make_entry(1, kind=DIFFER, task=TaskKey("00000000")),
            ]
        )
        assert archive.tasks() == [TASK, OTHER_TASK]
        assert archive.tasks(kind=DIFFER) == [TaskKey("00000000")]
        counted = archive.summary()
        assert (counted.tasks, counted.solved, counted.solvers) == (2, 1, 2)
        assert (counted.differs, counted.entries, counted.runs) == (1, 4, 0)

    @pytest.mark.parametrize("name", ["0" * 32, "../index", "", "*"])
    def test_unknown_programs(self, archive: Archive, name: str) -> None:
        with pytest.raises(ArchiveError, match="keeps no program"):
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
                make_entry(3, task=TaskKey("a.b")),
                make_entry(4, task=TaskKey("a-b")),
                make_entry(5, task=TaskKey(f"{TASK.id}_2")),
            ]
        )
        file = tmp_path / "all.py"
        assert write_programs(archive, file) == 5
        found = parse_file(file)
        assert found.errors == []
        assert [(one.name, one.program) for one in found.programs] == [
            (f"solve_{TASK.id}", make_program(1)),
            (f"solve_{TASK.id}_2", make_program(2)),
            (f"solve_{TASK.id}_2_2", make_program(5)),
            ("solve_a_b", make_program(4)),
            ("solve_a_b_2", make_program(3)),
        ]
        assert {one.task for one in found.programs[:2]} == {TASK.id}
        assert write_programs(archive, file, limit=1) == 4

    def test_export_of_differs(self, archive: Archive, tmp_path: Path) -> None:
        archive.add_many([make_entry(1, kind=DIFFER)])
        assert write_programs(archive, tmp_path / "all.py", kind=DIFFER) == 1
        assert f"def differ_{TASK.id}(S, I, C):" in (tmp_path / "all.py").read_text()

    def test_export_to_nowhere(self, archive: Archive, tmp_path: Path) -> None:
        with pytest.raises(ArchiveError, match="No such file"):
            write_programs(archive, tmp_path / "missing" / "all.py")


class TestHead:
    """The comments above an exported program."""

    KEY = TaskKey("a.b", "12345678" * 4, 2)
    LINES = (
        f"# solver {'0' * 32}, 3 nodes",
        "# task a.b/12345678: score 9, demos [4 5], fuel 1, nanoseconds 2, weight 0.1, source: s",
        "# alias: z",
    )

    def test_what_is_written_can_be_read(self, archive: Archive) -> None:
        odd = '", source: ] # parent: é'
        archive.add_many(
            [
                make_entry(1, weight=0.1, source=odd, aliases=(odd, "b"), parents=("p", odd)),
                make_entry(1, task=TaskKey(OTHER_TASK.id, "", 2)),
            ]
        )
        entries = archive.entries()
        head = read_head(write_head(entries, archive.parents(md5(1))).splitlines())
        assert head is not None
        assert (head.md5, head.parents) == (md5(1), (odd, "p"))
        first, second = head.find(TASK), head.find(OTHER_TASK)
        assert first is not None and second is not None
        assert (first.weight, first.source, first.aliases) == (0.1, odd, (odd, "b"))
        assert (second.weight, second.source, second.aliases) == (None, "test", ())

    def test_it_is_for_one_task(self) -> None:
        head = read_head(self.LINES)
        assert head is not None
        assert head.find(self.KEY) == HeadTask("a.b", "12345678", 2, "s", 0.1, ("z",))
        others = {"id": "a-b"}, {"content": "1234567f" * 4}, {"demos": 3}
        assert [head.find(replace(self.KEY, **other)) for other in others] == [None] * 3

    @pytest.mark.parametrize(
        "wrong",
        [
            ("weight 0.1", "weight 1e999"),
            ("weight 0.1", "weight -1"),
            ("weight 0.1", "weight 1.2.3"),
            ("weight 0.1", "weight nan"),
            ("weight 0.1", "weight " + "9" * 50),
            ("a.b", "../a"),
            ("12345678", "1234"),
            ("[4 5]", "[4, 5]"),
            (": s", ": \x1b[31m"),
            (": s", ": " + "x" * 501),
            ("# task", "#task"),
        ],
    )
    def test_what_is_wrong_is_left_out(self, wrong: tuple[str, str]) -> None:
        first, task, alias = self.LINES
        assert wrong[0] in task
        assert read_head([first, task.replace(*wrong), alias]) == Head("0" * 32, (), ())
        assert read_head([first.replace("solver", "differ"), task, alias]) is None
        assert read_head([task, alias]) is None

    def test_it_is_bounded(self) -> None:
        many = [f"# {kind}: {number:04}" for kind in ("alias", "parent") for number in range(999)]
        head = read_head([*self.LINES, *many])
        assert head is not None
        assert len(head.parents) == PARENTS_MAX
        assert len(head.tasks[0].aliases) == ALIASES_MAX


class TestOpen:
    def test_again(self, path: Path) -> None:
        with Archive.open(path) as archive:
            archive.add_many([make_entry(1)])
        with Archive.open(path, create=False) as archive:
            assert archive.add_many([make_entry(1)]) == [REFUSED]

    @pytest.mark.parametrize(
        ("name", "file"),
        [
            ("a", "a/archive.db"),
            ("a/b", "a/b/archive.db"),
            ("a.db", "a.db"),
            ("f.db", "f.db/archive.db"),
        ],
    )
    def test_a_path_names_a_file_or_its_folder(self, tmp_path: Path, name: str, file: str) -> None:
        (tmp_path / "f.db").mkdir()
        (tmp_path / "f.db" / "thesis.txt").touch()
        with Archive.open(tmp_path / name) as archive:
            archive.add_many([make_entry(1)])
            assert archive.path == tmp_path / name
            assert archive.file == tmp_path / file
        with Archive.open(tmp_path / file, create=False) as archive:
            assert archive.tasks() == [TASK]

    def test_none_is_made_unasked(self, path: Path) -> None:
        with pytest.raises(ArchiveError, match="there is no archive here"):
            Archive.open(path, create=False)
        assert not path.exists()

    @pytest.mark.parametrize("make", [True, False])
    def test_another_file(self, path: Path, make: bool) -> None:
        path.write_text("not a database, but long enough to look at" * 20)
        with pytest.raises(ArchiveError, match="is a file, but no archive"):
            Archive.open(path, create=make)

    def test_another_database(self, tmp_path: Path) -> None:
        path = tmp_path / "archive.db"
        query(tmp_path, "CREATE TABLE entries (name TEXT)")
        before = path.read_bytes()
        for attempt in (Archive.open, lambda path: check_archive(path, repair=True)):
            with pytest.raises(ArchiveError, match="belongs to something else"):
                attempt(path)
        assert path.read_bytes() == before

    @pytest.mark.parametrize(
        "statement",
        [
            "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM runs; END",
            "DROP TABLE runs; CREATE VIEW runs AS SELECT 1",
        ],
    )
    def test_a_file_that_would_do_something(
        self, archive: Archive, path: Path, statement: str
    ) -> None:
        archive.close()
        for each in statement.split("; ", 1 if "VIEW" in statement else 0):
            query(path, each)
        with pytest.raises(ArchiveError, match="which no archive has"):
            Archive.open(path)

    def test_a_text_without_bound(self, archive: Archive, path: Path) -> None:
        archive.add_many([make_entry(1)])
        query(path, f"UPDATE programs SET text = zeroblob({VALUE_BYTES_MAX + 1})")
        with pytest.raises(ArchiveError, match="too big"):
            archive.programs(TASK)

    def test_a_newer_version(self, archive: Archive, path: Path) -> None:
        archive.add_many([make_entry(1)])
        archive.close()
        query(path, "PRAGMA user_version = 9")
        before = archive.file.read_bytes()
        for attempt in (Archive.open, lambda path: check_archive(path, repair=True)):
            with pytest.raises(ArchiveError, match="format version 9, this arcbatt reads 3"):
                attempt(path)
        assert archive.file.read_bytes() == before

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
                Archive.open(shelf / "inside")

        assert wait(fork(use)) == 0

    def test_unless_it_was_not_closed(self, shelf: Path) -> None:
        archive = Archive.open(shelf)
        archive.add_many([make_entry(1)])
        wal = (shelf / "archive.db-wal").read_bytes()
        archive.close()
        (shelf / "archive.db-wal").write_bytes(wal)
        self.lock(shelf)

        def use() -> None:
            self.become_nobody()
            with pytest.raises(ArchiveError, match="was not closed; copy it"):
                Archive.open(shelf)

        assert wait(fork(use)) == 0
