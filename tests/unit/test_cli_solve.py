"""`batt solve`, `batt grade`, `batt merge` and `batt sources`: from words to files."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.commands import Answer, Batt
from tests.interrupts import interrupt_after, listen

from arcbatt.archive import Archive
from arcbatt.errors import ArchiveError
from arcbatt.interrupts import SIGNALS
from arcbatt.pipeline import run as pipeline
from arcbatt.pipeline.run import Settings
from arcbatt.pipeline.saving import save_programs
from arcbatt.sources import SOURCES

SOURCE = Path(pipeline.__file__).parents[2]


@pytest.fixture
def solve(batt: Batt, place: Path) -> Callable[..., Answer]:
    """Return `batt solve` on the tasks and programs of the place."""

    def run(*words: str | Path) -> Answer:
        return batt(
            "solve", "--dataset", "tasks", "--library", "programs.py", "--sources", "archive",
            "--engine", "reference", "--jobs", "1", *words,
        )  # fmt: skip

    return run


Solve = Callable[..., Answer]


def test_a_run_says_what_it_found(solve: Solve, place: Path) -> None:
    answer = solve()
    assert (answer.code, answer.err) == (0, "")
    lines = [line.rstrip() for line in answer.out.splitlines()]
    assert lines[0].split()[:2] == ["task", "demos"]
    assert lines[1].split()[:6] == ["0000aaaa", "3", "of", "3", "3000", "1"]
    assert "tasks                 3" in lines
    assert "with an exact solver  2 of 3" in lines
    assert "tasks solved       2 of 3 (66.7 %)" in lines
    assert "test inputs right  2 of 3 (66.7 %), Kaggle's score" in lines
    assert lines[-1] == "stopped: 3 tasks done"
    submission = json.loads((place / "submission.json").read_text())
    assert submission["0000aaaa"][0]["attempt_1"] == [[3, 0, 1], [6, 5, 4]]
    with Archive.open(place / "archive", create=False) as archive:
        assert [key.id for key in archive.tasks()] == ["0000aaaa", "0000bbbb", "0000cccc"]
        [record] = archive.runs()
    assert record.reason == "stopped: 3 tasks done"
    assert record.details["finished"] is True


def test_many_tasks_are_summed_up(solve: Solve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("arcbatt.report.results.TASKS_IN_FULL", 2)
    answer = solve()
    assert "0000aaaa" not in answer.out
    assert answer.out.startswith("tasks                 3")


def test_tasks_are_chosen(solve: Solve, place: Path) -> None:
    (place / "ids.txt").write_text("0000cccc\n0000aaaa\n")
    for words, chosen in (
        ("0000bbbb -i 0000aaaa,0000bbbb", ["0000aaaa", "0000bbbb"]),
        ("-i ids.txt", ["0000aaaa", "0000cccc"]),
        ("--start 1 --count 1", ["0000bbbb"]),
        ("0000cccc 0000aaaa -c 1", ["0000aaaa"]),
    ):
        answer = solve("--no-archive", "--json", *words.split())
        assert [result["task"] for result in answer.json["results"]] == chosen
        assert list(json.loads((place / "submission.json").read_text())) == chosen
        (place / "submission.json").unlink()
    assert not (place / "archive").exists()


def test_json_has_it_all(solve: Solve) -> None:
    document = solve("--json", "--timing").json
    assert document["dataset"] == "tasks"
    assert document["engine"] == "reference"
    assert document["totals"]["exact"] == 2
    assert document["totals"]["proposed"] == 9
    assert document["grade"]["tasks_solved"] == 2
    assert document["grade"]["by_task"]["0000aaaa"]["right_attempts"] == [1]
    best = document["results"][0]["best"]
    assert (best["names"], best["source"]) == (["solve_0000aaaa"], "file programs.py")
    assert (best["o_score"], best["o_score_max"], best["demos_right"]) == (3000, 3000, 3)
    keys = {"wall_s", "cpu_s", "calls", "own_wall_s", "beside"}
    assert set(document["timings"]["run_batt.check_batt"]) == keys
    assert document["unaccounted_wall_s"] <= document["total"]["wall_s"]


def test_timings_are_a_table_and_a_document(solve: Solve) -> None:
    answer = solve("--timing", "--no-archive")
    names = [line.split()[0] for line in answer.out.splitlines() if line.startswith("run_batt.")]
    document = solve("--timing", "--no-archive", "--json").json
    assert sorted(names) == sorted(document["timings"])
    assert "unaccounted" in answer.out
    walls = [value["wall_s"] for value in document["timings"].values()]
    assert walls == sorted(walls, reverse=True)


def test_what_is_unknown_is_not_graded(solve: Solve, place: Path) -> None:
    for path in (place / "tasks").iterdir():
        task = json.loads(path.read_text())
        del task["test"][0]["output"]
        path.write_text(json.dumps(task))
    answer = solve("--json")
    assert answer.json["grade"] is None
    assert "solved" not in solve().out


def test_what_can_not_work_ends_before_the_run(solve: Solve, place: Path) -> None:
    for words, error in (
        ("--submission no/where.json", "error[submission]: no/where.json: expected a file"),
        ("--submission tasks", "error[submission]: tasks: expected a file"),
        ("--trace no/where.json", "error[usage]: no/where.json can't be written"),
        ("--effort huge", "error[usage]: no effort is called 'huge': expected one of quick"),
        ("--effort deep --search-evaluations 9", "error[usage]: --effort and --search-evaluations"),
        ("--total-time soon", "error[usage]: Invalid value for '--total-time': expected a time"),
        ("--time-per-task 0s", "error[usage]: Invalid value for '--time-per-task': expected a"),
        ("--memory 3", "error[usage]: Invalid value for '--memory': expected a size from 64M"),
        ("0000aaab", "error[task-not-found]: no task '0000aaab' in tasks; did you mean"),
        ("-s 3", "error[usage]: start 3 is beyond the last of 3 tasks, number 2"),
        ("--sources archives", "error[usage]: no source is called 'archives'"),
        ("--batt x", "error[batt-file]: x: "),
        ("--archive a --no-archive", "error[usage]: --archive and --no-archive"),
        ("--archive programs.py", "error[archive]: archive programs.py: "),
        ("--engine steam", "error[engine]: engine steam: unknown"),
        ("--sources command", "error[usage]: the source 'command' needs a command line"),
        ("--sources no_module:X", "error[usage]: the source 'no_module:X' can't be made"),
    ):
        answer = solve(*words.split())
        assert (answer.code in (1, 2), answer.out) == (True, ""), words
        assert answer.err.startswith(error)
        assert not (place / "submission.json").exists()


def test_a_run_needs_sources(batt: Batt, place: Path) -> None:
    answer = batt("solve", "--dataset", "tasks", "--sources", "none")
    assert answer.code == 2
    assert answer.err.startswith("error[usage]: no sources and no files")


def test_a_broken_program_costs_only_itself(solve: Solve, place: Path) -> None:
    with (place / "programs.py").open("a") as file:
        file.write("\n\ndef broken(I):\n    return I + I\n")
    answer = solve()
    assert answer.code == 0
    assert answer.err.startswith("warning[parse]: programs.py:20: ")
    assert answer.err.count("\n") == 1


def test_a_second_run_reads_the_archive(solve: Solve, batt: Batt, place: Path) -> None:
    solve()
    answer = batt("solve", "--dataset", "tasks", "--sources", "archive", "--json")
    assert answer.json["totals"]["exact"] == 2
    assert answer.json["results"][0]["best"]["source"] == "archive"
    assert answer.json["done_before"] == []


def test_control_c_keeps_what_is_done(
    solve: Solve, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = solve("--archive", "other")
    wanted = (place / "submission.json").read_text()
    (place / "submission.json").unlink()
    with monkeypatch.context() as patched:
        interrupt_after(2, patched)
        answer = solve()
    assert answer.code == 130
    assert answer.out.splitlines()[-3:] == [
        "submission: submission.json",
        "what is done is kept in archive; the same command goes on from there",
        "stopped: interrupted after 2 of 3 tasks",
    ]
    partly = json.loads((place / "submission.json").read_text())
    assert list(partly) == list(json.loads(wanted))
    assert partly["0000cccc"][0]["attempt_1"] == [[1, 0, 3], [4, 5, 6]]
    again = solve("--json")
    assert again.err == "going on with pass 1: 2 of 3 tasks were tried\n"
    assert again.json["done_before"] == ["0000aaaa", "0000bbbb"]
    assert again.json["stopped"] == "stopped: 3 tasks done (2 before)"
    assert [result["best"]["source"] for result in again.json["results"]] == [
        "file programs.py",
        "file programs.py",
        "file programs.py",
    ]
    assert (place / "submission.json").read_text() == wanted
    assert whole.code == 0
    over = solve("--json")
    assert over.err.startswith("finished before: 3 of 3 tasks were tried; give more --effort ")
    assert over.json["stopped"] == "stopped: 3 tasks done (3 before)"


def test_an_interrupted_run_goes_on_twice(solve: Solve, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        with monkeypatch.context() as patched:
            interrupt_after(1, patched)
            assert solve().code == 130
    assert solve().err == "going on with pass 1: 2 of 3 tasks were tried\n"


KILLED = """
import os, signal, sys
import arcbatt.cli.solve
from arcbatt.cli import main
from arcbatt.pipeline.run import Settings
from arcbatt.report.progress import SolveProgress

arcbatt.cli.solve.make_settings = lambda *words: Settings(batch=1, limits=words[-1])
advanced = []

def add(self, result):
    advanced.append(result)
    if len(advanced) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

SolveProgress.add = add
main(sys.argv[1:])
"""


def test_a_killed_run_goes_on(solve: Solve, place: Path) -> None:
    solve("--archive", "other")
    wanted = (place / "submission.json").read_text()
    (place / "submission.json").unlink()
    done = subprocess.run(
        [
            sys.executable, "-c", KILLED, "solve", "--dataset", "tasks", "--library",
            "programs.py", "--sources", "archive", "--engine", "reference", "--jobs", "1",
        ],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    with Archive.open(place / "archive", create=False) as archive:
        [record] = archive.runs()
    assert record.reason == "not finished: still running, or killed"
    again = solve("--json")
    assert again.err == "going on with pass 1: 2 of 3 tasks were tried\n"
    assert again.json["done_before"] == ["0000aaaa", "0000bbbb"]
    assert (place / "submission.json").read_text() == wanted


def test_another_run_does_not_go_on(solve: Solve, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        interrupt_after(1, patched)
        solve()
    for words in (["--timeout", "5"], ["--cross-check"], ["--no-differs"]):
        assert solve(*words).err == "", words
    assert solve().err == "going on with pass 1: 1 of 3 tasks were tried\n"


def test_an_error_in_the_middle_keeps_what_is_done(
    solve: Solve, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[int] = []

    def save_or_fail(*words: object, **options: object) -> list[int]:
        if done:
            raise ArchiveError(path="archive", problem="no space left")
        done.append(1)
        return save_programs(*words, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "save_programs", save_or_fail)
        patched.setattr(
            "arcbatt.cli.solve.make_settings", lambda *words: Settings(batch=1, limits=words[-1])
        )
        answer = solve()
    assert (answer.code, answer.err) == (
        1,
        (
            "error[archive]: archive archive: no space left; the programs are kept in archive;"
            " the answers for 2 tasks are in submission.json\n"
        ),
    )
    submission = json.loads((place / "submission.json").read_text())
    assert submission["0000bbbb"][0]["attempt_1"] == [[4, 5, 6], [1, 0, 3]]
    assert len(submission) == 3
    assert solve().err == "going on with pass 1: 1 of 3 tasks were tried\n"


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_while_a_batch_is_saved_waits(
    solve: Solve, place: Path, monkeypatch: pytest.MonkeyPatch, number: int, moment: str
) -> None:
    """The batch is in the archive, in the record of the run, in the report, in the submission."""

    def save(*words: object, **options: object) -> list[int]:
        if moment == "before":
            signal.raise_signal(number)
        saved = save_programs(*words, **options)  # type: ignore[arg-type]
        if moment == "after":
            signal.raise_signal(number)
        return saved

    before = [signal.getsignal(each) for each in SIGNALS]
    listen()
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "save_programs", save)
        patched.setattr(
            "arcbatt.cli.solve.make_settings", lambda *words: Settings(batch=2, limits=words[-1])
        )
        answer = solve("--json")
    assert answer.code == 128 + number
    assert [result["task"] for result in answer.json["results"]] == ["0000aaaa", "0000bbbb"]
    submission = json.loads((place / "submission.json").read_text())
    assert submission["0000bbbb"][0]["attempt_1"] == [[4, 5, 6], [1, 0, 3]]
    with Archive.open(place / "archive", create=False) as archive:
        assert [key.id for key in archive.tasks()] == ["0000aaaa", "0000bbbb"]
        [record] = archive.runs()
        assert sorted(archive.results(record.number)) == ["0000aaaa", "0000bbbb"]
    for each, handler in zip(SIGNALS, before, strict=True):
        signal.signal(each, handler)


def test_a_signal_in_the_middle_of_the_last_batch_is_told_by_the_exit_code(
    solve: Solve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(*words: object, **options: object) -> list[int]:
        saved = save_programs(*words, **options)  # type: ignore[arg-type]
        signal.raise_signal(signal.SIGTERM)
        return saved

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "save_programs", save)
        answer = solve("--json")
    assert (answer.code, answer.json["finished"]) == (128 + signal.SIGTERM, True)
    assert answer.json["stopped"] == "stopped: 3 tasks done"


def archived(path: Path) -> list[object]:
    """Return all rows of an archive, but for dates and times."""
    with closing(sqlite3.connect(path / "archive.db")) as connection:
        entries = connection.execute(
            "SELECT task, content, kind, md5, score, demos, exact, fuel, source, weight, aliases"
            " FROM entries ORDER BY 1, 2, 3, 4"
        )
        rows: list[object] = [*entries]
        for table in ("programs", "parents"):
            rows += sorted(connection.execute(f"SELECT * FROM {table}"))
        for *key, document in sorted(connection.execute("SELECT * FROM results")):
            result = json.loads(document)
            del result["progress"]["seconds"], result["progress"]["last_seconds"]
            for each in result["earlier"].values():
                del each["effort"]["cpu_s"]
            rows.append((*key, result))
        runs = connection.execute("SELECT number, command, details FROM runs")
        return [*rows, *runs]


@pytest.mark.parametrize("count", [1, 2])
def test_a_run_that_goes_on_leaves_the_archive_of_a_whole_one(
    solve: Solve, place: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    assert solve("--archive", "whole").code == 0
    with monkeypatch.context() as patched:
        interrupt_after(count, patched)
        assert solve("--archive", "parts").code == 130
    assert archived(place / "parts") != archived(place / "whole")
    assert solve("--archive", "parts").code == 0
    assert archived(place / "parts") == archived(place / "whole")
    kinds = {row[2] for row in archived(place / "whole") if len(row) == 11}  # type: ignore[arg-type, index]
    assert kinds == {"solver", "differ"}


def test_a_task_that_has_changed_is_done_again(
    solve: Solve, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        interrupt_after(2, patched)
        assert solve().code == 130
    changed = (place / "tasks" / "0000aaaa.json").read_text()
    (place / "tasks" / "0000bbbb.json").write_text(changed)
    again = solve("--json")
    assert again.err.splitlines() == [
        "going on with pass 1: 1 of 3 tasks were tried",
        "note: 1 task has changed since the last run, and will be done again: 0000bbbb",
    ]
    assert again.json["done_before"] == ["0000aaaa"]
    submission = json.loads((place / "submission.json").read_text())
    assert submission["0000bbbb"] == submission["0000aaaa"]


TEST = [[1, 0, 3], [4, 5, 6]]
"""The test input of all tasks of the place."""


class TestSubmission:
    """A submission gives way only to something as complete."""

    @pytest.fixture
    def good(self, solve: Solve, place: Path) -> str:
        """Return the submission of all tasks, which is there."""
        assert solve("--no-archive").code == 0
        return (place / "submission.json").read_text()

    def test_nothing_takes_its_place(
        self, solve: Solve, place: Path, good: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        interrupt_after(0, monkeypatch)
        answer = solve()
        assert (answer.code, (place / "submission.json").read_text()) == (130, good)
        assert not (place / "submission.json.bak").exists()
        (place / "submission.json").unlink()
        assert solve().code == 130
        fallback = json.loads((place / "submission.json").read_text())
        assert [tests[0]["attempt_1"] for tests in fallback.values()] == 3 * [TEST]

    def test_fewer_tasks_leave_the_answers_for_the_others(
        self, solve: Solve, place: Path, good: str
    ) -> None:
        other = "def solve_x(I): return rot180(I)\n"
        (place / "programs.py").write_text(other)
        answer = solve("0000aaaa", "--no-archive")
        assert answer.out.splitlines()[-2] == (
            "submission: submission.json; the answers for 2 other tasks stay; the former file is"
            " submission.json.bak"
        )
        now, before = json.loads((place / "submission.json").read_text()), json.loads(good)
        assert list(now) == list(before)
        assert now["0000bbbb"] == before["0000bbbb"]
        assert now["0000aaaa"] != before["0000aaaa"]
        assert (place / "submission.json.bak").read_text() == good

    def test_a_part_of_a_run_leaves_the_answers_for_the_rest(
        self, solve: Solve, place: Path, good: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (place / "programs.py").write_text("def solve_x(I): return rot180(I)\n")
        with monkeypatch.context() as patched:
            interrupt_after(1, patched)
            assert solve().code == 130
        now, before = json.loads((place / "submission.json").read_text()), json.loads(good)
        assert now["0000aaaa"] != before["0000aaaa"]
        assert now["0000bbbb"] == before["0000bbbb"]
        # What goes on is the same run: the former file is the one from before it.
        assert solve().code == 0
        assert json.loads((place / "submission.json").read_text())["0000bbbb"] != before["0000bbbb"]
        assert (place / "submission.json.bak").read_text() == good

    def test_another_set_needs_another_name(self, solve: Solve, place: Path, good: str) -> None:
        (place / "others").mkdir()
        (place / "others" / "0000dddd.json").write_text(
            (place / "tasks" / "0000aaaa.json").read_text()
        )
        answer = solve("--dataset", "others")
        assert (answer.code, answer.out) == (1, "")
        assert answer.err == (
            "error[submission]: submission.json: expected answers for tasks of others, got answers"
            " for 3 other tasks, such as 0000aaaa; name another file with --submission, or move"
            " this one away\n"
        )
        assert not (place / "archive").exists()
        assert (place / "submission.json").read_text() == good
        assert solve("--dataset", "others", "--submission", "others.json").code == 0

    @pytest.mark.parametrize("content", ["[]", "{", "my notes", '{"0000aaaa": []}', '{"x": 1}'])
    def test_what_is_no_submission_stays(self, solve: Solve, place: Path, content: str) -> None:
        (place / "submission.json").write_text(content)
        answer = solve()
        assert (answer.code, answer.out) == (1, "")
        assert "name another file with --submission, or move this one away" in answer.err
        assert (place / "submission.json").read_text() == content

    def test_an_empty_file_is_nothing(self, solve: Solve, place: Path) -> None:
        (place / "submission.json").touch()
        assert solve().code == 0
        assert not (place / "submission.json.bak").exists()

    def test_a_bad_attempt_of_a_task_that_stays_is_mended(
        self, solve: Solve, place: Path, good: str
    ) -> None:
        document = json.loads(good)
        document["0000bbbb"][0] = {"attempt_1": None, "attempt_2": [[1], [2, 3]]}
        (place / "submission.json").write_text(json.dumps(document))
        assert solve("0000cccc").code == 0
        now = json.loads((place / "submission.json").read_text())
        assert now["0000bbbb"] == [{"attempt_1": TEST, "attempt_2": TEST}]

    def test_it_is_written_while_a_long_run_goes_on(
        self, solve: Solve, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seen: list[int] = []

        def look(*words: object, **options: object) -> list[int]:
            seen.append((place / "submission.json").exists())
            return save_programs(*words, **options)  # type: ignore[arg-type]

        monkeypatch.setattr("arcbatt.commands.solve.WRITE_S", 0.0)
        monkeypatch.setattr(pipeline, "save_programs", look)
        monkeypatch.setattr(
            "arcbatt.cli.solve.make_settings", lambda *words: Settings(batch=1, limits=words[-1])
        )
        assert solve().code == 0
        assert seen == [False, True, True]


WAITS = """
import json, sys, time
for number, line in enumerate(sys.stdin):
    task = json.loads(line)["task"]
    if number == 4:
        open("waiting", "w").close()
        time.sleep(600)
    print(json.dumps({"task": task, "program": "def f(I): return vmirror(I)"}))
    print(json.dumps({"task": task, "done": True}), flush=True)
"""


@pytest.mark.native
@pytest.mark.parametrize("number", SIGNALS)
def test_a_real_signal_ends_a_run(place: Path, number: int) -> None:
    """It comes while a source is waited for, in the second batch."""
    for digit in range(2, 4):
        text = (place / "tasks" / "0000cccc.json").read_text()
        (place / "tasks" / f"0000ccc{digit}.json").write_text(text)
    (place / "waits.py").write_text(WAITS)
    process = subprocess.Popen(
        [
            sys.executable, "-m", "arcbatt", "solve", "--dataset", "tasks", "--sources",
            "command", "--command", f"{sys.executable} waits.py", "--jobs", "1", "--json",
        ],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=listen,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not (place / "waiting").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (128 + number, "")
    document = json.loads(out)
    assert document["finished"] is False
    name = "" if number == signal.SIGINT else f" by {signal.Signals(number).name}"
    assert document["stopped"] == f"stopped: interrupted{name} after 4 of 5 tasks"
    assert len(json.loads((place / "submission.json").read_text())) == 5
    with Archive.open(place / "archive", create=False) as archive:
        assert len(archive.tasks()) == len(document["results"]) == 4


def test_a_submission_is_graded(solve: Solve, batt: Batt, place: Path) -> None:
    solve("0000aaaa", "0000cccc")
    document = json.loads((place / "submission.json").read_text())
    document["ffffffff"] = []
    (place / "submission.json").write_text(json.dumps(document))
    answer = batt("grade", "submission.json", "--dataset", "tasks")
    assert answer.code == 1
    assert [line.split() for line in answer.out.splitlines()[1:3]] == [
        ["0000aaaa", "yes", "1"],
        ["0000cccc", "no", "none"],
    ]
    assert "tasks solved       1 of 3 (33.3 %)" in answer.out
    assert "not submitted      1 of 3; they count as wrong" in answer.out
    assert "unknown tasks      ffffffff" in answer.out
    everything = batt("grade", "submission.json", "--dataset", "tasks", "--all")
    assert "0000bbbb  no      not submitted" in everything.out
    document = batt("grade", "submission.json", "--dataset", "tasks", "--json").json
    assert document["missing"] == ["0000bbbb"]
    assert document["unknown"] == ["ffffffff"]
    assert document["by_task"]["0000aaaa"] == {
        "solved": True,
        "submitted": True,
        "right_attempts": [1],
    }


def test_a_batt_is_merged_and_solved_with(solve: Solve, batt: Batt, place: Path) -> None:
    solve()
    document = batt("merge", "-o", "all.batt", "--sources", "archive", "--json").json
    assert (document["file"], document["programs"], document["bodies"]) == ("all.batt", 9, 3)
    one = batt("merge", "0000aaaa", "--sources", "archive", "-o", "one.batt", "--json").json
    assert one["programs"] == 3
    again = batt("solve", "--batt", "all.batt", "--dataset", "tasks", "--no-archive", "--json")
    assert again.json["sources"] == ["files"]
    assert again.json["totals"]["exact"] == 2
    assert again.json["results"][0]["best"]["source"] == "file all.batt"


def test_a_batt_shares_nodes(batt: Batt, place: Path) -> None:
    (place / "more.py").write_text("def a(I): return hmirror(vmirror(I))\n")
    document = batt(
        "merge", "-o", "x.batt", "--sources", "none", "--library", "programs.py",
        "--library", "more.py", "--json",
    ).json  # fmt: skip
    assert document == {
        "file": "x.batt",
        "programs": 4,
        "bodies": 4,
        "nodes_before": 9,
        "nodes_after": 5,
    }


@pytest.mark.usefixtures("place")
def test_a_batt_needs_programs_and_a_place(batt: Batt) -> None:
    for words, error in (
        (["--sources", "none"], "error[usage]: no programs to merge"),
        (["--sources", "library,search"], "error[usage]: the source 'search' looks for programs"),
        (
            ["--sources", "none", "--library", "programs.py", "-o", "no/x"],
            "error[usage]: no/x can't",
        ),
    ):
        answer = batt("merge", *words)
        assert answer.code == 2
        assert answer.err.startswith(error)
    assert not Path("archive").exists() and not Path("batt.json").exists()


def test_sources_are_listed(batt: Batt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    document = batt("sources", "--json").json
    assert [each["name"] for each in document] == [kind.name for kind in SOURCES]
    table = batt("sources").out
    for kind, each in zip(SOURCES, document, strict=True):
        for word in (kind.name, kind.summary, *each["options"]):
            assert word in table


SEARCH = (
    "--dataset",
    "tasks",
    "--sources",
    "search",
    "--search-evaluations",
    "2000",
    "--jobs",
    "1",
)


@pytest.mark.native
def test_a_task_is_solved_without_a_library(batt: Batt, place: Path) -> None:
    answer = batt("solve", *SEARCH)
    assert (answer.code, answer.err) == (0, "")
    assert "tasks solved       3 of 3 (100.0 %)" in answer.out
    submission = json.loads((place / "submission.json").read_text())
    assert submission["0000cccc"][0]["attempt_1"] == [[1, 4], [0, 5], [3, 6]]
    explained = batt("show", "0000cccc", "--steps", "1", "--dataset", "tasks")
    assert "= dmirror(" in explained.out
    assert explained.out.rstrip().endswith("the output is right")
    answer = batt("solve", *SEARCH, "--engine", "reference", "--no-archive")
    assert (answer.code, answer.out) == (2, "")
    assert "the source 'search' needs the native engine" in answer.err


@pytest.mark.native
@pytest.mark.usefixtures("place")
def test_little_memory_ends_a_search(batt: Batt) -> None:
    words = ["28e73c20", "--sources", "search", "--search-evaluations", "4000", "--jobs", "1"]
    for command in (["solve", "--no-archive"], ["eval"]):
        for limit, runs_out in ((["--search-memory", "1"], True), ([], False)):
            answer = batt(*command, *words, *limit, "--json")
            assert answer.code == 0
            assert ("memory" in str(answer.json["results"][0]["stopped"])) == runs_out


def test_progress_is_a_line_now_and_then_without_a_terminal(
    solve: Solve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("arcbatt.report.progress.LINE_S", 0.0)
    lines = solve("0000aaaa", "0000cccc").err.splitlines()
    assert lines == [
        "pass 1: 1 of 2 tasks done, 1 have a program that fits all demos",
        "pass 1: 2 of 2 tasks done, 1 have a program that fits all demos",
    ]
    assert solve("--json", "--archive", "other").err == ""


def test_every_step_has_a_timing(solve: Solve) -> None:
    document = solve("--json", "--timing").json
    steps = (
        "start load_tasks load_programs open source_files source_archive merge check_batt"
        " phase1_filter phase4_differs phase2_inline_batch evidence phase3a_validate_batch"
        " phase3b_file_ops attempts submission record report"
    )
    assert {f"run_batt.{step}" for step in steps.split()} <= set(document["timings"])
    assert 0 <= document["unaccounted_wall_s"] < document["total"]["wall_s"] / 2
