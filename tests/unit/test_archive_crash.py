"""Killed writers, full disks and several writers at once.

Steps are the calls that change something: of files, of links, of SQLite. A sweep stops a writer
before each of its steps; random kills stop it anywhere, SQLite's inside included.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import BuiltinMethodType, FrameType

import pytest
from tests.archives import TASK, fork, list_files, list_rows, make_entry, wait

from arcbatt.archive import DIFFER, AddStatus, Archive, Entry, NewEntry, check_archive
from arcbatt.archive.guard import hold_lock
from arcbatt.archive.layout import Layout
from arcbatt.errors import ArchiveError

CAPACITY = 3
OTHER_TASK = "d07ae81c"
RANDOM_KILLS = 200
BATCHES_BEFORE = 4
"""A writer is killed after fewer batches than this, or while it is at the next ones."""

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

Trace = Callable[[FrameType, str, object], None]
_FILE_STEPS = {"chmod", "close", "flock", "fsync", "mkdir", "open", "replace", "rmdir"}
_FILE_STEPS |= {"fchmod", "rename", "symlink", "unlink", "write"}
_OTHER_STEPS = {"close", "commit", "execute", "executemany", "executescript", "flush", "write"}


def is_step(called: object) -> bool:
    if not isinstance(called, BuiltinMethodType):
        return False
    if isinstance(called.__self__, sqlite3.Connection):
        return called.__name__ in _OTHER_STEPS
    if hasattr(called.__self__, "fileno"):
        return called.__name__ in _OTHER_STEPS
    return called.__module__ in ("posix", "fcntl", "_io") and called.__name__ in _FILE_STEPS


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


def mend(path: Path) -> None:
    """Check that all problems can be mended, and mend them."""
    found = check_archive(path, repair=False, capacity=CAPACITY)
    assert all(problem.mending for problem in found.problems)
    mended = check_archive(path, repair=True, capacity=CAPACITY)
    assert len(mended.problems) == len(found.problems)
    assert check_archive(path, repair=False, capacity=CAPACITY).is_clean


Contents = tuple[dict[str, str], list[object]]
"""Files and rows."""


def contents(path: Path) -> Contents:
    return list_files(path), list_rows(path)


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
def final(folder: Path, template: Path) -> Contents:
    """Return what an archive has after everything was added in peace."""
    shutil.copytree(template, folder / "final", symlinks=True)
    add(folder / "final", ADDED)
    return contents(folder / "final")


def renew(path: Path, template: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(template, path, symlinks=True)


class TestKilledAtEachStep:
    def test_while_adding(self, path: Path, template: Path, final: Contents) -> None:
        before = list_rows(template)
        renew(path, template)
        names = count_steps(lambda: add(path, ADDED))
        assert {"execute", "replace", "symlink", "unlink", "rmdir"} <= set(names)
        states = []
        for step in range(len(names)):
            renew(path, template)
            kill_at(step, lambda: add(path, ADDED))
            rows = list_rows(path)
            assert rows in (before, final[1])
            states.append(rows == before)
            mend(path)
            if rows == final[1]:
                assert contents(path) == final
            add(path, ADDED)
            assert contents(path) == final
        assert states == sorted(states, reverse=True)
        assert set(states) == {True, False}

    def test_while_making_an_archive(self, path: Path) -> None:
        names = count_steps(lambda: add(path, BEFORE))
        expected = contents(path)
        for step in range(len(names)):
            shutil.rmtree(path)
            kill_at(step, lambda: add(path, BEFORE))
            Archive.open(path, capacity=CAPACITY).close()
            mend(path)
            add(path, BEFORE)
            assert contents(path) == expected
            assert check_archive(path, repair=False, capacity=CAPACITY).is_clean

    @pytest.mark.parametrize("index", ["whole", "missing", "damaged"])
    def test_while_mending(self, path: Path, template: Path, index: str) -> None:
        def damage() -> None:
            renew(path, template)
            md5 = BEFORE[0].program.md5
            (path / "solver_md5" / f"{md5}.py").write_text("x") if index == "whole" else None
            next(path.rglob("solve_*/*/*/*.py")).unlink()
            (path / "solver_dir" / "solve_x").mkdir()
            (path / "solver_md5" / f".{md5}.py.x").touch()
            orphan = path.with_name("orphan")
            add(orphan, [make_entry(7, demos=(1000,))])
            shutil.copytree(orphan / "solver_md5", path / "solver_md5", dirs_exist_ok=True)
            if index == "missing":
                (path / "index.sqlite").unlink()
            if index == "damaged":
                (path / "index.sqlite").write_bytes(b"?" * 5000)

        def repair() -> None:
            check_archive(path, repair=True, capacity=CAPACITY)

        damage()
        names = count_steps(repair)
        expected = contents(path)
        for step in range(len(names)):
            damage()
            kill_at(step, repair)
            repair()
            assert check_archive(path, repair=False, capacity=CAPACITY).is_clean
            assert contents(path) == expected


def best(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    """Return what ought to be kept of entries, by task: a second, simple ranking."""
    kept: dict[str, list[Entry]] = {}
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


def as_entries(batch: Sequence[NewEntry]) -> list[Entry]:
    return [
        Entry(
            new.kind,
            new.task,
            new.program.md5,
            new.score,
            new.program.size,
            new.fuel,
            new.nanoseconds,
            new.source,
        )
        for new in batch
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
                kept += as_entries(next(batches))
            pending = as_entries(next(batches))
            if not path.exists():
                continue
            Archive.open(path, capacity=CAPACITY).close()
            mend(path)
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
        mend(path)
        add(path, [new for batch in batches for new in batch])
        assert check_archive(path, repair=False, capacity=CAPACITY).is_clean


class TestSeveralWriters:
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
        assert check_archive(path, repair=False, capacity=CAPACITY).is_clean
        assert contents(path) == contents(folder / "alone")

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
        with Archive.open(path, timeout_s=0.05) as archive:
            with (
                hold_lock(Layout(path), timeout_s=0),
                pytest.raises(ArchiveError, match=r"has been writing for 0\.05 s"),
            ):
                archive.add_many(ADDED)
            assert AddStatus.NEW in archive.add_many(ADDED)

    def test_a_person_may_hold_the_index(self, path: Path) -> None:
        add(path, BEFORE)
        before = contents(path)
        other = sqlite3.connect(path / "index.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with (
            Archive.open(path, timeout_s=0.05, capacity=CAPACITY) as archive,
            pytest.raises(ArchiveError, match="database is locked; nothing was added"),
        ):
            archive.add_many(ADDED)
        other.close()
        assert contents(path) == before


def next_batch(seed: int) -> list[NewEntry]:
    return next(random_batches(seed))


class TestFailingDisk:
    def test_at_each_step(self, path: Path, template: Path, final: Contents) -> None:
        """The archive that met the failure stays open and goes on."""
        before = contents(template)
        outcomes = set()
        step = 0
        failed = True
        while failed:
            failed = False
            renew(path, template)

            def fail(number: int, name: str, step: int = step) -> None:
                if number == step:
                    nonlocal failed
                    failed = True
                    if name in ("execute", "executemany"):
                        raise sqlite3.OperationalError("database or disk is full")
                    raise OSError(28, "No space left on device", "somewhere")

            with Archive.open(path, capacity=CAPACITY) as archive:
                try:
                    with steps(fail):
                        archive.add_many(ADDED)
                except ArchiveError as error:
                    rows = list_rows(path)
                    if "nothing was added" in str(error):
                        outcomes.add("nothing")
                        assert rows == before[1]
                        assert list_files(path).items() >= before[0].items()
                    elif "the programs are kept" in str(error):
                        outcomes.add("links")
                        assert rows == final[1]
                    else:
                        outcomes.add("lock")
                        assert rows in (before[1], final[1])
                archive.add_many(ADDED)
            mend(path)
            assert contents(path) == final
            step += 1
        assert outcomes == {"nothing", "links", "lock"}
        assert step > 30

    def test_for_good(self, path: Path, template: Path) -> None:
        """Files can't grow beyond a bound here, as on a disk that stays full."""
        before = contents(template)
        shutil.copytree(template, path, symlinks=True)
        many = [make_entry(1000 + number, demos=(999,)) for number in range(300)]

        def use() -> None:
            with Archive.open(path, capacity=400) as archive:
                resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
                with pytest.raises(ArchiveError, match=r"nothing was added \(300 asked for\)"):
                    archive.add_many(many)
                assert [entry.md5 for entry in archive.entries()]

        assert wait(fork(use)) == 0
        mend(path)
        assert contents(path) == before

    def test_an_interrupted_run_leaves_nothing_to_mend(
        self, path: Path, template: Path, final: Contents
    ) -> None:
        before = contents(template)
        renew(path, template)
        names = count_steps(lambda: add(path, ADDED))
        states = set()
        for step in range(len(names)):
            renew(path, template)

            def interrupt(number: int, name: str, step: int = step) -> None:
                if number == step:
                    raise KeyboardInterrupt

            with Archive.open(path, capacity=CAPACITY) as archive:
                try:
                    with steps(interrupt):
                        archive.add_many(ADDED)
                except KeyboardInterrupt:
                    pass
            assert check_archive(path, repair=False, capacity=CAPACITY).is_clean
            assert contents(path) in (before, final)
            states.add(contents(path) == final)
        assert states == {True, False}
