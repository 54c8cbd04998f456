"""Killed writers, full disks and several writers at once.

Steps are the calls of SQLite. A sweep stops a writer before each of them; random kills stop it
anywhere, SQLite's inside included. Three variables of the environment make the tests longer:
ARCBATT_KILLS and ARCBATT_SOLVE_KILLS, the numbers of random kills, and ARCBATT_WRITERS_S, the
seconds that four writers write at once.
"""

from __future__ import annotations

import json
import os
import random
import resource
import select
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from types import BuiltinMethodType, FrameType

import pytest
from tests.archives import OLD_ARCHIVE, OTHER_TASK, TASK, fork, list_rows, make_entry, wait

from arcbatt.archive import DIFFER, AddStatus, Archive, Entry, NewEntry, check_archive
from arcbatt.archive.records import entry_of
from arcbatt.errors import ArchiveError
from arcbatt.tasks import TaskKey

CAPACITY = 3
RANDOM_KILLS = int(os.environ.get("ARCBATT_KILLS", "100"))
SOLVE_KILLS = int(os.environ.get("ARCBATT_SOLVE_KILLS", "4"))
WRITERS = 4
WRITERS_S = float(os.environ.get("ARCBATT_WRITERS_S", "2"))
BATCHES_BEFORE = 4
"""A writer is killed after fewer batches than this, or while it adds the next ones."""

BEFORE = [
    make_entry(1, demos=(5,), parents=("p",)),
    make_entry(1, task=OTHER_TASK),
    make_entry(2, demos=(6,)),
    make_entry(3, demos=(7,)),
    make_entry(4, aliases=("a",), kind=DIFFER),
]
ADDED = [
    make_entry(1, demos=(4,), aliases=("refused",)),
    make_entry(5, demos=(8,), parents=("p", "q")),
    make_entry(2, demos=(9,), aliases=("b",)),
    make_entry(6, task=OTHER_TASK),
    make_entry(6, demos=(10,), kind=DIFFER),
    make_entry(8, demos=(11,)),
]
"""One is refused, one is improved, the others are new; of two programs that give way one is kept
for another task."""

_STEPS = {"close", "commit", "execute", "executemany"}


def is_step(called: object) -> bool:
    return (
        isinstance(called, BuiltinMethodType)
        and isinstance(called.__self__, sqlite3.Connection)
        and called.__name__ in _STEPS
    )


@contextmanager
def steps(at_step: Callable[[int, str], None]) -> Iterator[None]:
    """Call a function before each step of a block with its number and its name."""
    number = 0

    def trace(frame: FrameType, event: str, called: object) -> None:
        nonlocal number
        if event == "c_call" and is_step(called):
            number += 1
            at_step(number - 1, called.__name__)  # type: ignore[attr-defined]

    sys.setprofile(trace)
    try:
        yield
    finally:
        sys.setprofile(None)


def count_steps(action: Callable[[], object]) -> list[str]:
    names: list[str] = []
    with steps(lambda _, name: names.append(name)):
        action()
    return names


def kill_at(step: int, action: Callable[[], object]) -> None:
    """Run an action in a child process that dies before a step."""

    def die(number: int, name: str) -> None:
        if number == step:
            os.kill(os.getpid(), signal.SIGKILL)

    def run() -> None:
        with steps(die):
            action()

    assert wait(fork(run)) == -signal.SIGKILL


def add(path: Path, entries: Sequence[NewEntry]) -> None:
    with Archive.open(path, capacity=CAPACITY) as archive:
        archive.add_many(entries)


def check(path: Path) -> None:
    assert check_archive(path, repair=False, capacity=CAPACITY).problems == ()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Make a folder in memory where the system has such: a kill never touches the disk's cache."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="arcbatt-") as name:
        yield Path(name)


@pytest.fixture
def template(folder: Path) -> Path:
    add(folder / "template", BEFORE)
    return folder / "template"


@pytest.fixture
def path(folder: Path) -> Path:
    return folder / "archive"


@pytest.fixture
def final(folder: Path, template: Path) -> list[object]:
    """Return the rows after everything was added without a failure."""
    shutil.copytree(template, folder / "final")
    add(folder / "final", ADDED)
    return list_rows(folder / "final")


def renew(path: Path, template: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(template, path)


class TestKilledAtEachStep:
    def test_while_adding(self, path: Path, template: Path, final: list[object]) -> None:
        before = list_rows(template)
        renew(path, template)
        names = count_steps(lambda: add(path, ADDED))
        states = []
        for step in range(len(names)):
            renew(path, template)
            kill_at(step, lambda: add(path, ADDED))
            check(path)
            rows = list_rows(path)
            assert rows in (before, final)
            states.append(rows == before)
            add(path, ADDED)
            assert list_rows(path) == final
        assert states == sorted(states, reverse=True)
        assert set(states) == {True, False}

    @pytest.mark.parametrize("old", [False, True])
    def test_while_making_an_archive(self, path: Path, old: bool) -> None:
        """Where an older one is taken over, all of it arrives or nothing."""

        def begin() -> None:
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir()
            if old:
                shutil.copy(OLD_ARCHIVE / "index.sqlite", path)

        begin()
        names = count_steps(lambda: add(path, BEFORE))
        expected = list_rows(path)
        for step in range(len(names)):
            begin()
            kill_at(step, lambda: add(path, BEFORE))
            add(path, BEFORE)
            check(path)
            assert list_rows(path) == expected


def best(entries: Sequence[Entry]) -> dict[TaskKey, list[Entry]]:
    """Return the entries that should be kept, by task: a second, simple ranking."""
    kept: dict[TaskKey, list[Entry]] = {}
    for task in {entry.task for entry in entries}:
        first: dict[str, Entry] = {}
        for entry in sorted(entries, key=lambda entry: entry.rank):
            if entry.task == task:
                first.setdefault(entry.md5, entry)
        kept[task] = list(first.values())[:CAPACITY]
    return kept


def random_batches(seed: int) -> Iterator[list[NewEntry]]:
    chooser = random.Random(seed)
    while True:
        yield [
            make_entry(
                chooser.randrange(200),
                task=chooser.choice([TASK, OTHER_TASK]),
                demos=(chooser.randrange(1000),),
                fuel=chooser.randrange(50),
            )
            for _ in range(chooser.randrange(1, 5))
        ]


class TestKilledAnywhere:
    def test_what_was_acknowledged_is_there(self, path: Path) -> None:
        chooser = random.Random(os.environ.get("PYTEST_SEED", "1"))
        kept: list[Entry] = []
        waited = survivors = 0
        for seed in range(RANDOM_KILLS):
            batches_before = chooser.randrange(BATCHES_BEFORE)
            waited += batches_before
            acknowledged = self.kill_after(path, seed, batches_before, chooser.random() * 0.006)
            survivors += acknowledged
            batches = random_batches(seed)
            for _ in range(acknowledged):
                kept += map(entry_of, next(batches))
            pending = list(map(entry_of, next(batches)))
            Archive.open(path, capacity=CAPACITY).close()
            check(path)
            with Archive.open(path, capacity=CAPACITY) as archive:
                found = archive.entries()
                assert all(archive.load(entry.md5) for entry in found)
            arrived = [entry for entry in pending if entry in found]
            expected = best([*kept, *arrived])
            assert found == [entry for task in sorted(expected) for entry in expected[task]]
            kept = found
        assert survivors >= waited > RANDOM_KILLS

    def kill_after(self, path: Path, seed: int, batches: int, seconds: float) -> int:
        """Kill a writer that long after so many batches; returns how many it finished.

        However busy the machine is, the writer gets to the place where it may be killed.
        """
        read, write = os.pipe()

        def run() -> None:
            os.write(write, b"-")
            with Archive.open(path, capacity=CAPACITY) as archive:
                for batch in random_batches(seed):
                    archive.add_many(batch)
                    os.write(write, b".")

        child = fork(run)
        os.close(write)
        assert [os.read(read, 1) for _ in range(1 + batches)] == [b"-", *[b"."] * batches]
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        assert wait(child) == -signal.SIGKILL
        finished = os.read(read, 1_000_000)
        os.close(read)
        return batches + len(finished)

    def test_beside_another_writer(self, path: Path) -> None:
        Archive.open(path).close()
        total = 40
        batches = [next(random_batches(1000 + seed)) for seed in range(total)]

        def go_on() -> None:
            with Archive.open(path, capacity=CAPACITY) as archive:
                for batch in batches:
                    archive.add_many(batch)
                    time.sleep(0.002)

        steady = fork(go_on)
        chooser = random.Random(2)
        for seed in range(15):
            self.kill_after(path, seed, 0, chooser.random() * 0.01)
        assert wait(steady) == 0
        check(path)
        add(path, [new for batch in batches for new in batch])
        check(path)


SOLVE = """
import sys
from pathlib import Path
from arcbatt.commands.solve import SolveRequest, solve
from arcbatt.pipeline.run import Settings
from arcbatt.tasks import TaskChoice

def show(result):
    print(result.task, result.best.md5, flush=True)

request = SolveRequest(
    choice=TaskChoice(dataset=sys.argv[1]),
    sources=("library", "archive"),
    archive=Path(sys.argv[2]),
    settings=Settings(batch=1),
)
print("begins", "", flush=True)
solve(request, on_progress=show)
print("ended", "", flush=True)
"""
"""Solves tasks one by one, and prints each once it is saved."""


def write_tasks(folder: Path, count: int) -> Path:
    """Write tasks whose rule is to mirror left and right."""
    chooser = random.Random(3)
    folder.mkdir()
    for number in range(count):
        grids = [[[chooser.randrange(10) for _ in range(4)] for _ in range(3)] for _ in range(3)]
        samples = [{"input": grid, "output": [row[::-1] for row in grid]} for grid in grids]
        document = {"train": samples[1:], "test": samples[:1]}
        (folder / f"{number:08x}.json").write_text(json.dumps(document))
    return folder


class TestKilledSolve:
    def test_what_was_shown_is_there(self, folder: Path) -> None:
        """A run is killed again and again, and goes on each time, until it ends."""
        tasks = write_tasks(folder / "tasks", 8)
        chooser = random.Random(5)
        shown: dict[str, str] = {}
        path, kills = folder / "archive", 0
        while kills < SOLVE_KILLS:
            lines, was_killed = self.kill_solve(tasks, path, chooser)
            shown |= {task: md5 for task, md5 in lines if md5}
            kills += was_killed
            if not path.exists():
                continue
            assert check_archive(path, repair=False).is_clean
            with Archive.open(path) as archive:
                kept = {(entry.task.id, entry.md5) for entry in archive.entries()}
                runs = archive.runs()
                results = {task for run in runs for task in archive.results(run.number)}
            assert kept.issuperset(shown.items())
            if runs and runs[-1].details["finished"]:
                assert len(shown) == 8
                shutil.rmtree(path)
                shown = {}
            assert results.issuperset(shown)

    def kill_solve(
        self, tasks: Path, path: Path, chooser: random.Random
    ) -> tuple[list[tuple[str, str]], bool]:
        """Kill a run at a random moment; return what it had printed, and whether it was killed."""
        until = chooser.randrange(5)
        lines: list[tuple[str, str]] = []
        with subprocess.Popen(
            [sys.executable, "-c", SOLVE, tasks, path], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                task, _, md5 = line.strip().partition(" ")
                lines.append((task, md5))
                if len(lines) > until:
                    time.sleep(chooser.random() * 0.05)
                    process.kill()
                    until = sys.maxsize
        assert process.returncode in (0, -signal.SIGKILL)
        return lines, process.returncode != 0


class TestSeveralWriters:
    def test_four_for_long(self, path: Path) -> None:
        """No program is lost, and no writer ever has to give up."""
        Archive.open(path).close()

        def batch(writer: int, number: int) -> list[NewEntry]:
            """Return programs for a task that all writers have, of which none is another's."""
            return [
                make_entry(
                    2 * (WRITERS * number + writer) + place,
                    task=TaskKey(f"shared{number}", "0" * 32, 2),
                )
                for place in range(2)
            ]

        def write(writer: int, descriptor: int) -> None:
            until = time.monotonic() + WRITERS_S
            with Archive.open(path) as archive:
                for number in count():
                    assert set(archive.add_many(batch(writer, number))) == {AddStatus.NEW}
                    os.write(descriptor, b".")
                    if time.monotonic() > until:
                        return

        pipes = [os.pipe() for _ in range(WRITERS)]
        children = [fork(partial(write, writer, pipes[writer][1])) for writer in range(WRITERS)]
        for _, end in pipes:
            os.close(end)
        done = [0] * WRITERS
        open_ends = {start: writer for writer, (start, _) in enumerate(pipes)}
        while open_ends:
            for start in select.select(list(open_ends), [], [])[0]:
                data = os.read(start, 100_000)
                done[open_ends[start]] += len(data)
                if not data:
                    del open_ends[start]
                    os.close(start)
        assert [wait(child) for child in children] == [0] * WRITERS
        print(f"{done} batches of {WRITERS} writers in {WRITERS_S:g} s")
        assert check_archive(path, repair=False).is_clean
        with Archive.open(path) as archive:
            found = {(entry.task.id, entry.md5) for entry in archive.entries()}
        assert found == {
            (new.task.id, new.program.md5)
            for writer, number_max in enumerate(done)
            for number in range(number_max)
            for new in batch(writer, number)
        }

    def test_two_at_once(self, folder: Path, path: Path) -> None:
        entries = [new for seed in range(60) for new in next_batch(seed)]
        add(folder / "alone", entries)
        halves = entries[::2], entries[1::2]

        def write(half: Sequence[NewEntry]) -> Callable[[], None]:
            def run() -> None:
                with Archive.open(path, capacity=CAPACITY) as archive:
                    for start in range(0, len(half), 3):
                        archive.add_many(half[start : start + 3])

            return run

        children = [fork(write(half)) for half in halves]
        assert [wait(child) for child in children] == [0, 0]
        check(path)
        assert list_rows(path) == list_rows(folder / "alone")

    def test_reading_beside_a_writer(self, path: Path) -> None:
        add(path, BEFORE)

        def write() -> None:
            with Archive.open(path, capacity=CAPACITY) as archive:
                for seed in range(60):
                    archive.add_many(next_batch(seed))

        child = fork(write)
        reads = 0
        with Archive.open(path, create=False, capacity=CAPACITY) as archive:
            while not os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                kept = archive.programs(TASK)
                assert kept.errors == ()
                ranks = [one.entry.rank for one in kept.programs]
                assert ranks == sorted(ranks)
                reads += 1
        assert wait(child) == 0
        assert reads > 0

    def test_a_writer_does_not_wait_forever(self, path: Path) -> None:
        add(path, BEFORE)
        before = list_rows(path)
        other = sqlite3.connect(path / "archive.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with Archive.open(path, timeout_s=0.05, capacity=CAPACITY) as archive:
            with pytest.raises(ArchiveError, match=r"been writing for 0\.05 s; nothing was added"):
                archive.add_many(ADDED)
            assert list_rows(path) == before
            other.close()
            assert AddStatus.NEW in archive.add_many(ADDED)

    def test_all_make_it_at_once(self, path: Path) -> None:
        for _ in range(10):
            children = [fork(lambda: add(path, BEFORE)) for _ in range(4)]
            assert [wait(child) for child in children] == [0] * 4
            check(path)
            shutil.rmtree(path)

    def test_all_take_it_over_at_once(self, path: Path) -> None:
        for _ in range(5):
            path.mkdir()
            shutil.copy(OLD_ARCHIVE / "index.sqlite", path)
            children = [fork(lambda: add(path, BEFORE)) for _ in range(4)]
            assert [wait(child) for child in children] == [0] * 4
            check(path)
            with Archive.open(path) as archive:
                assert len(archive.entries(TaskKey(TASK.id))) == 3
            shutil.rmtree(path)


def next_batch(seed: int) -> list[NewEntry]:
    return next(random_batches(seed))


class TestFailingDisk:
    @pytest.mark.parametrize("interrupt", [False, True])
    def test_at_each_step(
        self, path: Path, template: Path, final: list[object], interrupt: bool
    ) -> None:
        """The archive that met the failure, or Ctrl-C, stays open and goes on."""
        before = list_rows(template)
        outcomes: list[bool] = []
        message = ""
        failed = True
        while failed:
            failed = False
            renew(path, template)

            def fail(number: int, name: str) -> None:
                nonlocal failed
                if number == len(outcomes):
                    failed = True
                    if interrupt:
                        raise KeyboardInterrupt
                    raise sqlite3.OperationalError("database or disk is full")

            with Archive.open(path, capacity=CAPACITY) as archive:
                try:
                    with steps(fail):
                        archive.add_many(ADDED)
                except KeyboardInterrupt:
                    assert list_rows(path) in (before, final)
                except ArchiveError as error:
                    message = str(error)
                    assert list_rows(path) == before
                outcomes.append(failed)
                archive.add_many(ADDED)
            check(path)
            assert list_rows(path) == final
        assert len(outcomes) > 10
        assert interrupt or "is full; nothing was added (6 requested), the archive is" in message

    @pytest.mark.parametrize("more", [0, 5_000, 20_000, 50_000, 100_000])
    def test_for_good(self, path: Path, template: Path, more: int) -> None:
        """Files can't grow beyond a bound here, as on a disk that stays full."""
        before = list_rows(template)
        shutil.copytree(template, path)
        many = [make_entry(1000 + number, demos=(999, 0)) for number in range(900)]
        size = (path / "archive.db").stat().st_size

        def use() -> None:
            with Archive.open(path, capacity=1000) as archive:
                resource.setrlimit(resource.RLIMIT_FSIZE, (size + more, size + more))
                with pytest.raises(ArchiveError, match=r"nothing was added \(900 requested\)"):
                    archive.add_many(many)
                assert len(archive.entries()) == 4

        assert wait(fork(use)) == 0
        check(path)
        assert list_rows(path) == before
        add(path, ADDED)
