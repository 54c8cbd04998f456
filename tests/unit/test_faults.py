"""What breaks around a run, and what is odd about its tasks and programs.

Each ends in a sentence that says what happened and what was kept; the rest of the run goes on.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Answer, Batt

import arcbatt
from arcbatt.archive import Archive
from arcbatt.dsl import REGISTRY
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.values import FailureKind
from arcbatt.engine import Budget, Case, Job, open_engine, pool
from arcbatt.engine.reference import Columns, run_job
from arcbatt.program.merge import merge, save_batt
from arcbatt.program.parse import parse_program
from arcbatt.timings import Timings

ENGINES = ("reference", "native")
SOURCE = Path(arcbatt.__file__).parents[1]
Solve = Callable[..., Answer]


@pytest.fixture
def solve(batt: Batt, place: Path) -> Solve:
    """Return `batt solve` on the tasks and programs of the place."""

    def run(*words: str | Path) -> Answer:
        return batt(
            "solve", "--dataset", "tasks", "--sources", "archive", "--library", "programs.py",
            *words,
        )  # fmt: skip

    return run


def run_in_process(*words: str, **limits: int) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with limits such as ``FSIZE``, in bytes.

    A file that reaches the bound can't grow any more, as on a disk that is full.
    """
    limit = "".join(
        f"resource.setrlimit(resource.RLIMIT_{name}, ({bytes_},) * 2); "
        for name, bytes_ in limits.items()
    )
    call = "import sys; from arcbatt.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", f"import resource; {limit}{call}", *words],
        env={**os.environ, "PYTHONPATH": str(SOURCE), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )


def make_task(place: Path, name: str, *, demos: int = 3, answer: bool = True) -> None:
    """Add a task that mirrors its grids."""
    samples = [{"input": [[n, 1, 2]], "output": [[2, 1, n]]} for n in range(3, 3 + demos)]
    test: dict[str, Any] = {"input": [[0, 8, 9]]}
    if answer:
        test["output"] = [[9, 8, 0]]
    (place / "tasks" / f"{name}.json").write_text(json.dumps({"train": samples, "test": [test]}))


class TestPrimitives:
    @pytest.fixture
    def buggy(self) -> Iterator[None]:
        """Declare a primitive with a bug."""

        @primitive()
        def own_bug(grid: Grid) -> Grid:  # type: ignore[name-defined]  # noqa: F821
            """Return nothing, there is a bug."""
            raise RuntimeError("this is the bug")

        yield
        REGISTRY.remove("own_bug")

    @pytest.mark.usefixtures("buggy")
    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_bug_costs_its_own_call(self, solve: Solve, place: Path, engine: str) -> None:
        program = parse_program("def solve(I): return own_bug(I)").program
        [evaluation] = open_engine(engine).evaluate([Job(program, [Case((), ((1,),))])], Budget())
        failure = evaluation.outcomes[0][0].failure
        assert failure is not None
        assert (failure.kind, failure.primitive) == (FailureKind.PANIC, "own_bug")
        assert str(failure).startswith("own_bug (node 1) failed: panic")
        (place / "bug.py").write_text("def bug(I): return hmirror(own_bug(vmirror(I)))\n")
        answer = solve("--library", "bug.py", "--engine", engine, "--jobs", "1", "--json")
        assert (answer.code, answer.err) == (0, "")
        totals = answer.json["totals"]
        assert (totals["tasks"], totals["exact"], totals["lost"]) == (3, 2, 0)
        assert totals["failed"] == 3
        assert totals["saved"] == 9

    @pytest.mark.usefixtures("buggy")
    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_bug_is_shown_with_its_line(self, batt: Batt, place: Path, engine: str) -> None:
        (place / "bug.py").write_text("def bug(I):\n    x = vmirror(I)\n    return own_bug(x)\n")
        answer = batt(
            "show", "bug.py", "--on", "0000aaaa", "--dataset", "tasks", "--engine", engine
        )
        assert answer.code == 0
        assert "bug.py:3: own_bug (node 2) failed: panic" in answer.out


def die_of_the_third_task(job: Job, budget: Budget, keep_outputs: bool) -> Columns:
    """Evaluate a job, but for the task that transposes: that one kills the worker."""
    if any(case.wanted == ((1, 3), (2, 4)) for case in job.cases):
        os._exit(9)
    return run_job(job, budget, keep_outputs)


def test_a_worker_that_is_killed_costs_its_task(
    solve: Solve, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "run_job_in_worker", die_of_the_third_task)
    words = ("--engine", "reference", "--jobs", "2")
    answer = solve(*words, "--json")
    warning = "warning[lost]: 0000cccc: its worker died with exit code 9\n"
    assert (answer.code, answer.err) == (0, warning)
    first, second, lost = answer.json["results"]
    assert (first["exact"], second["exact"], lost["exact"]) == (1, 1, 0)
    assert first["problem"] is second["problem"] is None
    assert lost["problem"] == "its worker died with exit code 9"
    assert answer.json["totals"]["lost"] == 1
    # Without the record of the run above, of which only the lost task would be tried again.
    told = solve(*words, "--no-archive").out
    assert "its worker died with exit code 9" in told
    assert "lost                  1 of 3" in told
    submission = json.loads((place / "submission.json").read_text())
    assert submission["0000cccc"][0]["attempt_1"] == [[1, 0, 3], [4, 5, 6]]
    with Archive.open(place / "archive", create=False) as archive:
        assert [key.id for key in archive.tasks()] == ["0000aaaa", "0000bbbb"]


class TestLittleMemory:
    GIB = 2**30

    def write_big(self, path: Path, lines: int) -> None:
        """Write a program of many lines, whose values are all alive at the end."""
        text = ["def big(I):", *(f"    x{n} = repeat({n + 1000}, 65000)" for n in range(lines))]
        text += ["    y0 = ONE"]
        # The first argument is computed first, and waits for the second.
        text += [f"    y{n + 1} = equality(x{n}, y{n})" for n in range(lines)]
        path.write_text("\n".join([*text, f"    return canvas(y{lines}, UNITY)\n"]))

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_program_that_needs_too_much_fails_alone(self, place: Path, engine: str) -> None:
        self.write_big(place / "big.py", 4500)
        done = run_in_process(
            "solve", "--dataset", "tasks", "--count", "1", "--sources", "archive",
            "--library", "programs.py", "--library", "big.py", "--engine", engine,
            "--jobs", "2", "--no-differs", "--json", "--timeout", "100",
            AS=3 * self.GIB,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        answer = json.loads(done.stdout)
        assert [result["exact"] for result in answer["results"]] == [1]
        assert answer["totals"]["lost"] == 0

    def test_it_is_shown_why(self, batt: Batt, place: Path) -> None:
        self.write_big(place / "big.py", 300)
        answer = batt("show", "big.py", "--on", "0000aaaa", "--dataset", "tasks")
        assert answer.code == 0
        assert "failed: memory, out of memory" in answer.out


@pytest.mark.native
class TestFullDisk:
    WORDS = ("solve", "--dataset", "tasks", "--sources", "archive", "--library")

    def write_many(self, path: Path, count: int) -> None:
        lines = [f"def p{n}(I): return replace(I, {n % 10}, {n // 10})\n" for n in range(count)]
        path.write_text("".join(lines))

    def test_an_archive_keeps_what_it_had(self, solve: Solve, batt: Batt, place: Path) -> None:
        solve()
        before = batt("archive", "list", "--json").json
        self.write_many(place / "many.py", 90)
        done = run_in_process(*self.WORDS, "many.py", FSIZE=40_000)
        assert done.returncode == 1
        assert done.stderr.startswith("error[archive]: archive archive: ")
        assert "nothing was added, the archive is unchanged; " in done.stderr
        assert done.stderr.endswith("; the answers for 3 tasks are in submission.json\n")
        assert len(json.loads((place / "submission.json").read_text())) == 3
        assert done.stderr.count("\n") == 1
        assert batt("archive", "list", "--json").json == before
        assert batt("archive", "check").code == 0

    def test_without_room_for_a_submission_the_programs_are_kept(
        self, solve: Solve, batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(path: Path, text: str) -> None:
            raise OSError(28, "No space left on device")

        (place / "submission.json").write_text("{}")
        monkeypatch.setattr("arcbatt.pipeline.submission.write_atomically", fail)
        answer = solve()
        told = "error[submission]: submission.json: expected a file that can be written, got "
        assert answer.code == 1
        assert answer.err.startswith(f"{told}No space left on device")
        assert answer.err.endswith("; the programs are kept in archive\n")
        assert answer.err.count("\n") == 1
        assert (place / "submission.json").read_text() == "{}"
        assert len(batt("archive", "list", "--json").json) == 3
        bare = solve("--no-archive")
        assert bare.code == 1
        assert "kept" not in bare.err

    def test_a_device_is_no_submission(self, solve: Solve) -> None:
        answer = solve("--submission", "/dev/full")
        assert answer.code == 1
        assert answer.err.startswith("error[submission]: /dev/full: expected a file that ")


class TestArchives:
    def test_a_read_only_one_ends_before_the_run(
        self, solve: Solve, batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        solve()
        (place / "submission.json").unlink()
        monkeypatch.setattr("arcbatt.archive.schema.is_writable", lambda file: False)
        answer = solve()
        assert (answer.code, answer.out) == (1, "")
        assert answer.err == (
            "error[archive]: archive archive: is read-only, so nothing could be kept in it\n"
        )
        assert not (place / "submission.json").exists()
        assert len(batt("archive", "list", "--json").json) == 3

    def test_one_of_a_later_version_is_left_as_it_is(self, solve: Solve, place: Path) -> None:
        solve()
        index = place / "archive" / "archive.db"
        with closing(sqlite3.connect(index)) as connection:
            connection.execute("PRAGMA user_version = 9")
        before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
        answer = solve()
        assert (answer.code, answer.out) == (1, "")
        assert "format version 9, this arcbatt reads 3" in answer.err
        assert answer.err.count("\n") == 1
        assert {path: path.read_bytes() for path in before} == before

    @pytest.mark.parametrize("damage", ["", "\0", "def solve(S, I, C):\n    return hmirror(I)\n"])
    def test_a_corrupt_program_costs_only_itself(
        self, solve: Solve, batt: Batt, place: Path, damage: str
    ) -> None:
        solve()
        best = batt("archive", "show", "0000aaaa", "--json").json[0]["md5"]
        with closing(sqlite3.connect(place / "archive" / "archive.db")) as connection, connection:
            change = "UPDATE programs SET text = ? WHERE md5 = ?"
            connection.execute(change, (damage, best))
        answer = batt("solve", "--dataset", "tasks", "--sources", "archive", "--json")
        assert answer.code == 0
        totals = answer.json["totals"]
        assert (totals["tasks"], totals["lost"]) == (3, 0)
        lines = answer.err.splitlines()
        assert lines
        for line in lines:
            assert line.startswith(f"warning[archive]: archive archive: program {best} is damaged")
        assert batt("archive", "check").code == 1
        assert batt("archive", "check", "--repair").code == 0
        again = batt("solve", "--dataset", "tasks", "--sources", "archive", "--json")
        # No warning any more; what the repaired archive has is tried again.
        [line] = again.err.splitlines()
        assert line.startswith("going on with pass 1: 3 of 3 tasks were tried, 3 of them are tried")
        assert line.endswith("since a source had failed, or arcbatt or the archive has changed")
        assert best not in [each["best"]["md5"] for each in again.json["results"] if each["best"]]


class TestClock:
    """The clock on the wall is set back and forth, as a time server or a user does."""

    @staticmethod
    def let_jump(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        """Let a clock be an hour fast and an hour slow in turn."""
        real: Callable[[], float] = getattr(time, name)
        hours = cycle((1, -1))
        monkeypatch.setattr(time, name, lambda: real() + 3600 * next(hours))

    def test_timings_do_not_notice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.let_jump(monkeypatch, "time")
        self.let_jump(monkeypatch, "monotonic")
        timings = Timings()
        for _ in range(5):
            with timings.measure("outer"), timings.measure("inner"):
                pass
        for _, timing in timings.longest_first():
            assert 0 <= timing.wall_s < 60
            assert 0 <= timing.cpu_s < 60
        assert 0 <= timings.unaccounted_s <= timings.total.wall_s < 60

    @pytest.mark.native
    def test_a_run_does_not_notice(self, solve: Solve, monkeypatch: pytest.MonkeyPatch) -> None:
        words = ("--engine", "native", "--no-archive", "--json", "--timing")
        expected = solve(*words).json
        self.let_jump(monkeypatch, "time")
        answer = solve(*words)
        assert answer.code == 0
        got = answer.json
        assert got["results"] == expected["results"]
        assert all(
            0 <= each[key] < 60 for each in got["timings"].values() for key in ("wall_s", "cpu_s")
        )
        assert 0 <= got["unaccounted_wall_s"] <= got["total"]["wall_s"] < 60


class TestManyAndLarge:
    MEGABYTES_MAX = 600
    """Limit of the process: a peak, as the system tells it, begins with that of its parent."""

    @pytest.mark.native
    def test_10_000_candidates_on_one_task(self, place: Path) -> None:
        calls = "replace(replace(I, {}, {}), {}, {})"
        pairs = [divmod(n, 10) for n in range(100)]
        texts = [calls.format(*one, *other) for one in pairs for other in pairs]
        file = "".join(f"def p{n}(I): return {text}\n" for n, text in enumerate(texts))
        (place / "many.py").write_text(file)
        done = run_in_process(
            "solve", "0000aaaa", "--dataset", "tasks", "--sources", "archive", "--library",
            "many.py", "--engine", "native", "--jobs", "2", "--json",
            DATA=self.MEGABYTES_MAX * 2**20,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")
        counts = json.loads(done.stdout)["results"][0]["counts"]
        assert counts["proposed"] == counts["bodies"] == 10_000
        assert counts["failed"] == counts["refused"] == 0
        assert counts["kept"] == counts["saved"] == 32
        assert 32 < counts["behaviours"] < 10_000
        assert counts["behaviours"] == len({behaviour(text) for text in texts})

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_program_of_5_000_lines(self, batt: Batt, place: Path, engine: str) -> None:
        turns = ("vmirror", "rot90", "hmirror", "rot270")
        lines = [f"    x{n + 1} = {turns[n % 4]}(x{n})\n" for n in range(5_000)]
        (place / "long.py").write_text(
            f"def solve(S, I, C):\n    x0 = identity(I)\n{''.join(lines)}    return x5000\n"
        )
        words = ("solve", "0000aaaa", "--dataset", "tasks", "--engine", engine, "--jobs", "1")
        first = batt(*words, "--sources", "none", "--library", "long.py", "--json")
        assert (first.code, first.err) == (0, "")
        best = first.json["results"][0]["best"]
        assert best["size"] == 5_002
        assert first.json["totals"]["saved"] == 1
        again = batt(*words, "--sources", "archive", "--json").json["results"][0]["best"]
        assert (again["md5"], again["size"], again["fuel"]) == (
            best["md5"], best["size"], best["fuel"],
        )  # fmt: skip
        assert again["o_score"] == best["o_score"]
        shown = batt("show", best["md5"])
        assert shown.code == 0
        assert shown.out.count("rot90(") == 1_250
        assert batt("archive", "check").code == 0


def behaviour(text: str) -> tuple[int, ...]:
    """Return where the colours that the task 0000aaaa has go, by what the text says."""
    digits = [int(character) for character in text if character.isdigit()]
    colors = []
    for color in range(10):
        for old, new in (digits[:2], digits[2:]):
            color = new if color == old else color
        colors.append(color)
    return tuple(colors)


class TestOddBattsAndTasks:
    def test_an_empty_batt(self, batt: Batt, place: Path) -> None:
        save_batt(merge([]), place / "empty.batt")
        answer = batt("solve", "--dataset", "tasks", "--batt", "empty.batt")
        assert (answer.code, answer.out) == (2, "")
        assert answer.err == "error[usage]: empty.batt holds no program\n"
        assert not (place / "submission.json").exists()

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_batt_whose_every_candidate_fails(self, batt: Batt, place: Path, engine: str) -> None:
        (place / "fail.py").write_text(
            "def a(I): return first(ZERO)\n"
            "def b(I): return vmirror(first(ZERO))\n"
            "def c(S, I, C): return hmirror(C)\n"
        )
        answer = batt(
            "solve", "--dataset", "tasks", "--sources", "none", "--library", "fail.py",
            "--engine", engine, "--jobs", "1", "--json",
        )  # fmt: skip
        assert (answer.code, answer.err) == (0, "")
        totals = answer.json["totals"]
        assert (totals["proposed"], totals["failed"], totals["kept"]) == (9, 9, 0)
        assert totals["exact"] == totals["lost"] == totals["saved"] == 0
        submission = json.loads((place / "submission.json").read_text())
        assert submission["0000aaaa"][0] == {
            "attempt_1": [[1, 0, 3], [4, 5, 6]],
            "attempt_2": [[1, 0, 3], [4, 5, 6]],
        }
        assert batt("archive", "list", "--json").json == []

    @pytest.mark.parametrize("engine", ENGINES)
    def test_a_task_without_answer_and_one_with_a_single_demo(
        self, solve: Solve, place: Path, engine: str
    ) -> None:
        shutil.rmtree(place / "tasks")
        (place / "tasks").mkdir()
        make_task(place, "0000dddd", answer=False)
        make_task(place, "0000eeee", demos=1)
        answer = solve("--engine", engine, "--jobs", "1", "--json")
        assert (answer.code, answer.err) == (0, "")
        assert [result["exact"] for result in answer.json["results"]] == [1, 1]
        assert [result["best"]["demos"] for result in answer.json["results"]] == [3, 1]
        grade = answer.json["grade"]
        assert (grade["tasks_solved"], grade["ungradable"]) == (1, 1)
        submission = json.loads((place / "submission.json").read_text())
        for task in ("0000dddd", "0000eeee"):
            assert submission[task][0]["attempt_1"] == [[9, 8, 0]]
