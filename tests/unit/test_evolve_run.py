"""`batt evolve`: rounds, going on after a kill, the same with any number of jobs, faults."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.archives import fork, wait
from tests.commands import Answer, Batt
from tests.evolution import small_request
from tests.interrupts import listen

from arcbatt.archive import Archive, check_archive
from arcbatt.commands import evolve as command_module
from arcbatt.commands.evolve import evolve
from arcbatt.engine.breeder import Breeder, Findings, Island
from arcbatt.errors import ArchiveError
from arcbatt.evolve.loop import NO_PROGRAM, Evolution
from arcbatt.evolve.state import RunState, load_state, save_state
from arcbatt.interrupts import SIGNALS

pytestmark = pytest.mark.native

WORDS = (
    "evolve", "--dataset", "tasks", "--library", "programs.py", "--sources", "archive",
    "--mutants", "2000", "--population", "20", "--jobs", "1",
)  # fmt: skip
SMALL = ("--mutants", "100", "--population", "12", "--keep-solved")


@pytest.fixture
def command(batt: Batt, place: Path) -> Callable[..., Answer]:
    """Return `batt evolve` on the tasks and programs of the place, with little to do."""

    def run(*words: str | Path) -> Answer:
        return batt(*WORDS, *words)

    return run


Command = Callable[..., Answer]


def kept(name: str) -> list[tuple[object, ...]]:
    """Return all that an archive keeps, without what depends on the machine."""
    with Archive.open(Path(name), create=False) as archive:
        return [
            (
                each.task,
                each.md5,
                each.score,
                each.size,
                each.fuel,
                each.source,
                each.weight,
                *archive.parents(each.md5),
            )
            for each in archive.entries()
        ]


def test_a_run_says_what_it_found(command: Command) -> None:
    answer = command("--rounds", "2")
    assert answer.code == 0
    assert "round 1: " in answer.err and "round 2: " in answer.err
    lines = [line.rstrip() for line in answer.out.splitlines()]
    assert lines[0].split()[:3] == ["task", "best", "score"]
    assert lines[1].split()[:7] == ["0000aaaa", "3000", "of", "3000", "3", "of", "3"]
    assert "return vmirror(I)" in lines[1]
    assert lines[3].split()[:4] == ["0000cccc", "3000", "of", "3000"]
    assert "tasks solved  3 of 3, on their demos" in lines
    assert lines[-2:] == ["archive: archive", "stopped: 2 rounds done"]
    made = [row for row in kept("archive") if row[5] == "evolution"]
    assert made
    # Behind the source and the vote stand the parents.
    assert any(len(row) > 7 for row in made)


def test_the_run_as_json(command: Command) -> None:
    document = command("--rounds", "1", "--json").json
    assert document["stopped"] == "stopped: 1 round done"
    assert document["tasks"] == 3
    assert [result["task"] for result in document["results"]] == [
        "0000aaaa", "0000bbbb", "0000cccc",
    ]  # fmt: skip
    assert document["counts"]["mutants"] > 0


def test_solved_tasks_end_a_run(command: Command) -> None:
    answer = command("0000aaaa", "--rounds", "50")
    assert answer.out.splitlines()[-1] == "stopped: 1 task solved after 3 rounds"


def test_what_was_done_is_not_done_again(command: Command) -> None:
    first = command("--rounds", "1", "--keep-solved")
    again = command("--rounds", "1", "--keep-solved")
    assert "going on after round 1" in again.err
    assert again.out.splitlines()[-1] == (
        "stopped: 1 round was done before; to go on, give more --rounds"
    )
    assert first.out.splitlines()[:4] == again.out.splitlines()[:4]


def test_time_ends_a_run(command: Command) -> None:
    answer = command("--total-time", "0.06s", "--rounds", "9999", "--keep-solved")
    assert answer.out.splitlines()[-1].startswith("stopped: the time was used up after ")


def test_the_mutations_are_listed(command: Command) -> None:
    answer = command("--mutations")
    assert "constant" in answer.out and "another one of the same meaning" in answer.out
    assert len(command("--mutations", "--json").json) == 12


def test_one_job_finds_what_two_find(place: Path) -> None:
    first = evolve(small_request("one", jobs=1))
    second = evolve(small_request("two", jobs=2))
    assert first.state == second.state
    assert kept("one") == kept("two") != []


def test_another_seed_finds_something_else(place: Path) -> None:
    one, two = evolve(small_request("one")), evolve(small_request("two", seed=1))
    assert one.state.progress != two.state.progress


def test_rounds_add_up(place: Path) -> None:
    whole = evolve(small_request("whole"))
    evolve(small_request("parts", rounds=1))
    rest = evolve(small_request("parts", rounds=3))
    assert rest.start.rounds_before == 1
    assert whole.state == rest.state
    assert kept("whole") == kept("parts")


@pytest.mark.parametrize("late", [False, True])
def test_a_killed_run_goes_on(place: Path, late: bool) -> None:
    whole = evolve(small_request("whole"))

    def die(state: RunState, archive: Path) -> None:
        # The archive was told already: the state is of the round before, or just written.
        if state.round < 2 or late:
            save_state(state, archive)
        if state.round == 2:
            os.kill(os.getpid(), signal.SIGKILL)

    def child() -> None:
        command_module.save_state = die  # type: ignore[attr-defined]
        evolve(small_request("killed"))

    assert wait(fork(child)) == -signal.SIGKILL
    rest = evolve(small_request("killed"))
    assert rest.start.rounds_before == (2 if late else 1)
    assert whole.state == rest.state
    assert kept("whole") == kept("killed")


def test_a_user_ends_a_run_after_a_round(place: Path) -> None:
    evolved = evolve(small_request("archive"), should_stop=lambda: True)
    assert evolved.stopped == "stopped: on request after 1 round"
    assert not evolved.interrupted


def test_ctrl_c_keeps_the_rounds_before(place: Path) -> None:
    def interrupt(state: RunState) -> None:
        if state.round == 2:
            raise KeyboardInterrupt

    evolved = evolve(small_request("archive"), on_round=interrupt)
    assert evolved.stopped == "stopped: interrupted after 2 rounds"
    assert evolved.interrupted
    assert evolve(small_request("archive")).start.rounds_before == 2


def test_a_broken_library_costs_only_what_is_broken(command: Command, place: Path) -> None:
    with (place / "programs.py").open("a") as file:
        file.write("\ndef broken(I):\n    return nothing(I)\n")
        file.write("\ndef loose(I):\n    return vmirror(size(I))\n")
    answer = command("--rounds", "1")
    assert answer.code == 0
    assert "warning[parse]: programs.py:" in answer.err
    assert "note: 1 program can't be mutated (" in answer.err
    assert "): loose\n" in answer.err
    assert answer.out.splitlines()[-1] == "stopped: 1 round done"


def test_tasks_without_a_program_begin_with_random_ones(command: Command, place: Path) -> None:
    (place / "programs.py").write_text("def number(I):\n    return size(I)\n")
    answer = command("--rounds", "1", "--json")
    assert answer.code == 0
    assert answer.json["counts"]["dealt"] == 0
    assert answer.json["counts"]["mutants"] > 0


def test_a_broken_state_is_refused(command: Command, place: Path) -> None:
    command("--rounds", "1", "--keep-solved")
    [path] = (place / "archive").glob("*.evolve-*.json")
    fingerprint = json.loads(path.read_text())["state"]["fingerprint"]
    state = load_state(place / "archive", fingerprint)
    assert state is not None
    state.progress.tasks["0000aaaa"].islands[0][0] = "$I;nothing 0"
    save_state(state, place / "archive")
    answer = command("--rounds", "2", "--keep-solved")
    assert answer.code == 1
    assert "error[archive]" in answer.err and f"remove {path.name} to begin anew" in answer.err


def test_words_that_make_no_sense(command: Command) -> None:
    assert command("--selection", "luck").code == 2
    assert command("--rounds", "0").code == 2


def test_islands_begin_anew_where_no_simple_program_is_found(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns: list[tuple[int, int]] = []
    draw = Evolution._draw_islands

    def spy(self: Evolution, tasks: Sequence[str], turn: int, *rest: Any) -> None:
        turns.append((turn, len(tasks)))
        draw(self, tasks, turn, *rest)

    monkeypatch.setattr(Evolution, "_draw_islands", spy)
    monkeypatch.setattr(command_module, "SURE_SIZE", 0)
    whole = evolve(small_request("whole", rounds=5))
    assert turns == [(0, 3), (1, 3), (2, 3)]
    evolve(small_request("parts", rounds=2))
    rest = evolve(small_request("parts", rounds=5))
    assert whole.state == rest.state
    assert kept("whole") == kept("parts")


def test_two_processes_are_never_at_one_run(command: Command, place: Path) -> None:
    def child() -> None:
        def wait_for_the_other(state: RunState) -> None:
            (place / "begun").touch()
            while not (place / "done").exists():
                time.sleep(0.01)

        evolve(small_request("archive", rounds=1), on_round=wait_for_the_other)

    other = fork(child)
    while not (place / "begun").exists():
        time.sleep(0.01)
    with pytest.raises(ArchiveError, match="another process is at this run of evolution"):
        evolve(small_request("archive", rounds=2))
    # Another seed is another run.
    assert evolve(small_request("archive", rounds=1, seed=1)).stopped == "stopped: 1 round done"
    (place / "done").touch()
    assert wait(other) == 0
    assert evolve(small_request("archive", rounds=2)).start.rounds_before == 1


def test_two_archives_in_one_folder_have_states_of_their_own(place: Path) -> None:
    for name in ("one.db", "two.db"):
        assert evolve(small_request(name, rounds=1)).start.rounds_before == 0
    assert kept("one.db") == kept("two.db") != []


def test_a_file_without_a_program_is_an_error(command: Command, place: Path) -> None:
    (place / "programs.py").write_text("\ndef broken(I):\n    return nothing(I)\n")
    answer = command("--rounds", "1")
    assert answer.code == 1
    assert "error[parse]: programs.py:3: " in answer.err and "no program is left" in answer.err
    assert not (place / "archive").exists()


def started(*words: str, limit: int | None = None) -> subprocess.Popen[str]:
    """Start the command as a process of its own, with a bound in bytes for each file it writes."""

    def bound() -> None:
        listen()
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, "-B", "-m", "arcbatt", *WORDS, "--keep-solved", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=bound,
    )


def states(path: Path) -> list[str]:
    return [each.read_text() for each in sorted(path.glob("*.evolve-*.json"))]


def test_a_disk_that_is_full_in_the_middle_loses_no_round(command: Command, place: Path) -> None:
    assert command(*SMALL, "--rounds", "3", "--archive", "whole").code == 0
    assert command(*SMALL, "--rounds", "1", "--archive", "full").code == 0
    before, state = kept("full"), states(place / "full")
    for limit in (0, 1000, 20_000):
        process = started(*SMALL, "--rounds", "3", "--archive", "full", limit=limit)
        out, err = process.communicate(timeout=60)
        assert process.returncode == 1, (out, err)
        assert "error[archive]: archive full: " in err and "Traceback" not in err + out
        assert set(before) <= set(kept("full"))
        assert states(place / "full") == state
        assert not list((place / "full").glob("*.evolve-*.json.*"))
    assert command(*SMALL, "--rounds", "3", "--archive", "full").code == 0
    assert kept("full") == kept("whole")
    assert states(place / "full") == states(place / "whole")
    assert check_archive(place / "full", repair=False).is_clean


@pytest.mark.parametrize("number", SIGNALS)
def test_the_command_ends_at_a_signal_and_says_where_it_stands(place: Path, number: int) -> None:
    process = started("--mutants", "1000000000", "--rounds", "5")
    path = place / "archive"
    for _ in range(600):
        if path.exists() and states(path):
            break
        time.sleep(0.1)
    time.sleep(0.5)  # until it is breeding: only then it says after how many rounds it ended
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    name = "" if number == signal.SIGINT else f" by {signal.Signals(number).name}"
    assert out.splitlines()[-2:] == [
        "archive: archive; the same command goes on from the last round",
        f"stopped: interrupted{name} after 0 rounds",
    ]
    assert len(states(path)) == 1 and kept("archive") == []
    assert "Traceback" not in err + out


def test_a_task_whose_population_dies_out_leaves_the_others_alone(
    command: Command, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breed = Breeder.breed

    def die_out(self: Breeder, islands: list[Island], **options: Any) -> list[Findings]:
        found = breed(self, islands, **options)
        # The last task's programs are lost.
        return [*found[:-2], *(Findings((), each.tallies, each.counts) for each in found[-2:])]

    with monkeypatch.context() as patch:
        patch.setattr(Breeder, "breed", die_out)
        first = command(*SMALL, "--rounds", "1", "--json").json
    problems = [result["problem"] for result in first["results"]]
    assert problems == [None, None, NO_PROGRAM]
    answer = command(*SMALL, "--rounds", "2")
    assert answer.code == 0
    assert NO_PROGRAM[:40] in answer.out
    assert answer.out.splitlines()[-1] == "stopped: 2 rounds done"
