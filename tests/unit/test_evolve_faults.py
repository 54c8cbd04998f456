"""`batt evolve` where things go wrong for real: full disks, kills, Ctrl-C, what nothing fits."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.commands import Batt
from tests.interrupts import interrupted

from arcbatt.archive import Archive, check_archive
from arcbatt.engine.breeder import Bred, Breeder, Findings, Island
from arcbatt.evolve import run as evolution
from arcbatt.evolve.state import TaskState

pytest.importorskip("arcbatt._engine")

WORDS = (
    "evolve", "--dataset", "tasks", "--library", "programs.py", "--sources", "archive",
    "--population", "12", "--jobs", "1", "--keep-solved", "--differ-mutants", "20",
)  # fmt: skip
SMALL = ("--mutants", "100")


def started(*words: str, limit: int | None = None) -> subprocess.Popen[str]:
    """Start the command as a process of its own, with a bound in bytes for each file it writes."""

    def bound() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, "-B", "-m", "arcbatt", *WORDS, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=bound,
    )


def read_until(process: subprocess.Popen[str], start: str) -> None:
    """Read what a process says until a line begins in a way."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(start):
            return
    raise AssertionError(f"it never said {start!r}")


def kept(path: Path) -> list[tuple[object, ...]]:
    """Return what an archive keeps, without what depends on the machine."""
    with Archive.open(path, create=False) as archive:
        return [
            (each.kind, each.task, each.md5, each.score, each.fuel, each.source, each.vote)
            for kind in ("solver", "differ")
            for each in archive.entries(kind=kind)
        ]


def states(path: Path) -> list[str]:
    return [each.read_text() for each in sorted(path.glob(".evolve-*.json"))]


def test_a_disk_that_is_full_in_the_middle_loses_no_round(batt: Batt, place: Path) -> None:
    assert batt(*WORDS, *SMALL, "--rounds", "3", "--archive", "whole").code == 0
    assert batt(*WORDS, *SMALL, "--rounds", "1", "--archive", "full").code == 0
    before, state = kept(place / "full"), states(place / "full")
    for limit in (0, 1000, 20_000):
        process = started(*SMALL, "--rounds", "3", "--archive", "full", limit=limit)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 1, (out, err)
        assert "error[archive]: archive full: " in err and "Traceback" not in err + out
        assert set(before) <= set(kept(place / "full"))
        assert states(place / "full") == state
        assert not list((place / "full").glob(".evolve-*.json.*"))
    assert batt(*WORDS, *SMALL, "--rounds", "3", "--archive", "full").code == 0
    assert kept(place / "full") == kept(place / "whole")
    assert states(place / "full") == states(place / "whole")
    assert check_archive(place / "full", repair=False).is_clean


@pytest.mark.parametrize("pause_s", [0.0, 0.15])
def test_a_kill_in_the_middle_of_a_round_loses_only_that(
    batt: Batt, place: Path, pause_s: float
) -> None:
    process = started(*SMALL, "--rounds", "50", "--archive", "killed")
    read_until(process, "round 1: ")
    time.sleep(pause_s)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    answer = batt(*WORDS, *SMALL, "--rounds", "1", "--archive", "killed", "--json")
    done = answer.json["rounds"]
    assert done >= 1
    rounds = str(done + 1)
    assert batt(*WORDS, *SMALL, "--rounds", rounds, "--archive", "killed").code == 0
    assert batt(*WORDS, *SMALL, "--rounds", rounds, "--archive", "whole").code == 0
    assert kept(place / "killed") == kept(place / "whole")
    assert states(place / "killed") == states(place / "whole")


def test_ctrl_c_in_the_middle_of_breeding_ends_it(place: Path) -> None:
    code = """
        from pathlib import Path
        from arcbatt.evolve.request import Request
        from arcbatt.evolve.run import evolve

        evolved = evolve(
            Request(dataset="tasks", archive=Path("archive"), library=(Path("programs.py"),),
                    sources=("archive",), mutants=10**9, keep_solved=True),
            on_start=lambda start, state: print("ready", flush=True),
        )
        print(evolved.stopped, evolved.interrupted, flush=True)
    """
    assert interrupted(code) == ("stopped: interrupted after 0 rounds True\n", 0)
    assert len(states(place / "archive")) == 1
    assert kept(place / "archive") == []


def test_the_command_ends_at_the_second_ctrl_c_and_says_where_it_stands(place: Path) -> None:
    process = started("--mutants", "1000000000", "--rounds", "5")
    assert process.stderr is not None
    path = place / "archive"
    for _ in range(300):
        if path.exists() and states(path):
            break
        time.sleep(0.1)
    time.sleep(0.5)  # until it is breeding: only then it says after how many rounds it ended
    process.send_signal(signal.SIGINT)
    read_until(process, "ending after this round")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.splitlines()[-1] == "stopped: interrupted after 0 rounds"
    assert "Traceback" not in err + out


def test_a_task_whose_population_dies_out_leaves_the_others_alone(
    batt: Batt, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breed = Breeder.breed

    def die_out(self: Breeder, islands: list[Island], **options: Any) -> list[Findings]:
        found = breed(self, islands, **options)
        # The last task's programs are lost.
        return [*found[:-2], *(Findings((), each.tallies, each.counts) for each in found[-2:])]

    with monkeypatch.context() as patch:
        patch.setattr(Breeder, "breed", die_out)
        first = batt(*WORDS, *SMALL, "--rounds", "1", "--json").json
    problems = [result["problem"] for result in first["results"]]
    assert problems == [None, None, evolution.NO_PROGRAM]
    answer = batt(*WORDS, *SMALL, "--rounds", "2")
    assert answer.code == 0
    assert evolution.NO_PROGRAM[:40] in answer.out
    assert answer.out.splitlines()[-1] == "stopped: 2 rounds done"


def bred(number: int) -> Bred:
    return Bred(f"$I;={number};asindices 0;fill 0 1 2", (0,), 4, number, (), True, number, 1)


def test_each_island_takes_in_the_best_of_its_neighbour() -> None:
    known = TaskState(islands=[[], [], []])
    found = [
        Findings(tuple(bred(10 * island + place) for place in range(4)), {}, {})
        for island in range(3)
    ]
    found[2] = Findings((bred(0), bred(1)), {}, {})
    evolution.settle(known, found)
    numbers = [[int(line.split(";")[1][1:]) for line in island] for island in known.islands]
    # The best two of the island before it, nothing twice; the last one is the first one's.
    assert numbers == [[0, 1, 2, 3], [10, 11, 12, 13, 0, 1], [0, 1, 10, 11]]
    assert known.problem == ""


def test_islands_that_are_all_empty_have_a_problem() -> None:
    known = TaskState(islands=[["$I;vmirror 0"], []])
    evolution.settle(known, [Findings((), {}, {}), Findings((), {}, {})])
    assert (known.islands, known.problem) == ([[], []], evolution.NO_PROGRAM)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x00\xff\xfe", "warning[parse]: broken.py"),
        (b"def solve(I:\n", "warning[parse]: broken.py"),
        (b"def solve(I):\n    return nothing(I)\n", "warning[parse]: broken.py:2"),
        (b"import os\n", ""),
    ],
)
def test_a_library_that_is_no_library_costs_only_itself(
    batt: Batt, place: Path, content: bytes, said: str
) -> None:
    (place / "broken.py").write_bytes(content)
    answer = batt(*WORDS, *SMALL, "--rounds", "1", "--library", "broken.py", "0000aaaa")
    assert "Traceback" not in answer.err
    assert said in answer.err or answer.err.startswith("error[")
    if answer.code == 0:
        assert answer.out.splitlines()[-1] == "stopped: 1 round done"
    else:
        assert answer.err.startswith("error[") and not (place / "archive").exists()


def test_a_library_that_is_not_there_is_named(batt: Batt, place: Path) -> None:
    answer = batt(*WORDS, *SMALL, "--library", "missing.py")
    assert answer.code != 0
    assert "missing.py" in answer.err and "Traceback" not in answer.err
    assert not (place / "archive").exists()
