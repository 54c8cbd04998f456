"""Send signals to commands at random moments, and at the moment when they save.

python -m tests.fuzz.signals --count 200

Each scenario is one command, which is interrupted and started again until it is done. After each
signal the archive has to be sound, the submission valid, no process left, the exit code 128 + n,
nothing printed but what belongs there, and what was reported before must still be known. In the
end the archive and the submission have to be those of a command that was never interrupted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from arcbatt.archive.check import check_archive
from arcbatt.archive.schema import archive_file
from arcbatt.pipeline.answers import read_submission
from arcbatt.tasks import TaskChoice
from tests.interrupts import listen

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PYTHON_S = 0.1
"""Seconds in which Python itself starts: a signal in them may end it before arcbatt is there."""
DEADLINE_S = 120.0
"""Seconds in which a process has to end after a signal."""


@dataclass(frozen=True)
class Scenario:
    """A command that is interrupted.

    Attributes:
        name: name of the scenario.
        words: the command line after ``batt``; it has an archive ``a``, or results ``r``.
        saved: pattern of the files that change when it saves.
    """

    name: str
    words: tuple[str, ...]
    saved: str

    @property
    def command(self) -> list[str]:
        """The command line."""
        return [sys.executable, "-m", "arcbatt", *self.words]


PROGRAMS = "def a(I): return vmirror(I)\ndef b(I): return rot90(hmirror(I))\n"
_TASKS = ("--count", "12", "--start", "100")
SCENARIOS = (
    Scenario(
        "solve",
        (
            "solve", *_TASKS, "--sources", "library,search", "--search-evaluations", "300",
            "--archive", "a", "--jobs", "1", "--json",
        ),
        "a/archive.db-wal",
    ),
    Scenario(
        "solve in passes",
        (
            "solve", "--count", "6", "--start", "100", "--sources", "search,learners",
            "--search-evaluations", "60000", "--archive", "a", "--jobs", "1", "--json",
        ),
        "a/archive.db-wal",
    ),
    Scenario(
        "solve in processes",
        (
            "solve", "--count", "6", "--start", "100", "--sources", "none", "--library", "p.py",
            "--engine", "reference", "--archive", "a", "--jobs", "2", "--json",
        ),
        "a/archive.db-wal",
    ),
    Scenario(
        "eval",
        (
            "eval", *_TASKS, "--sources", "search", "--search-evaluations", "300",
            "--results", "r", "--jobs", "2", "--json",
        ),
        "r",
    ),
    Scenario(
        "evolve",
        (
            "evolve", "--count", "4", "--start", "100", "--mutants", "300", "--rounds", "6",
            "--keep-solved", "--archive", "a", "--jobs", "1", "--json",
        ),
        "a/*.evolve-*.json",
    ),
)  # fmt: skip


@dataclass
class Interrupted:
    """The figures of a scenario.

    Attributes:
        signals: number of signals that were sent to a running process.
        ended: number of processes by exit code.
        problems: whatever was wrong.
        slowest_s: longest time from a signal to the end of the process, in seconds.
        rounds: number of times that the command was done.
    """

    signals: int = 0
    ended: Counter[int] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    rounds: int = 0


def run_whole(scenario: Scenario, folder: Path) -> float:
    """Run the command without a signal and return its wall-clock time, in seconds."""
    (folder / "p.py").write_text(PROGRAMS)
    began = time.monotonic()
    subprocess.run(
        scenario.command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=True,
    )  # fmt: skip
    return time.monotonic() - began


def interrupt(scenario: Scenario, count: int, rng: random.Random, base: Path) -> Interrupted:
    """Interrupt a command ``count`` times, starting it again each time."""
    whole = base / "whole"
    whole.mkdir(parents=True)
    seconds = run_whole(scenario, whole)
    wanted = read_state(whole)
    figures = Interrupted()
    folder = None
    while figures.signals < count:
        if folder is None:
            figures.rounds += 1
            folder = base / str(figures.rounds)
            folder.mkdir()
        if is_done := not step(scenario, folder, seconds, rng, figures):
            found = read_state(folder)
            for name in wanted:
                if found[name] != wanted[name]:
                    figures.problems.append(f"{folder.name}: {name} is not that of a whole run")
            folder = None
    if not is_done and folder is not None:
        run_whole(scenario, folder)
        if read_state(folder) != wanted:
            figures.problems.append(f"{folder.name}: the rest leaves something else")
    return figures


def step(
    scenario: Scenario, folder: Path, seconds: float, rng: random.Random, figures: Interrupted
) -> bool:
    """Start the command, send a signal, check what it leaves; return whether it was interrupted."""
    number = rng.choice(SIGNALS)
    (folder / "p.py").write_text(PROGRAMS)
    before = read_state(folder)
    process = subprocess.Popen(
        scenario.command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=listen,
    )
    if rng.random() < 0.5:
        until, moment = time.monotonic() + rng.uniform(PYTHON_S, seconds), "at random"
        while time.monotonic() < until and process.poll() is None:
            time.sleep(0.002)
    else:
        moment = "when it saves"
        wait_for_changes(folder, scenario.saved, rng.randint(1, 4), process)
    if process.poll() is None:
        figures.signals += 1
    sent = time.monotonic()
    with suppress(ProcessLookupError):
        # A terminal sends it to the whole group.
        os.killpg(process.pid, number) if rng.random() < 0.5 else process.send_signal(number)
    try:
        out, err = process.communicate(timeout=DEADLINE_S)
    except subprocess.TimeoutExpired:
        figures.problems.append(f"{folder.name}: it hangs after {number.name} {moment}")
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    figures.slowest_s = max(figures.slowest_s, time.monotonic() - sent)
    code = process.returncode
    figures.ended[code] += 1
    for problem in find_problems(scenario, folder, before, code, number, out, err):
        figures.problems.append(f"{folder.name}: {number.name} {moment}: {problem}")
    if left := session_of(process.pid):
        figures.problems.append(f"{folder.name}: {number.name} {moment}: processes {left} are left")
    return code != 0 and '"finished": true' not in out


def wait_for_changes(
    folder: Path, pattern: str, count: int, process: subprocess.Popen[str]
) -> None:
    """Wait until files have changed ``count`` times, or the process has ended."""
    last = stamp(folder, pattern)
    while count and process.poll() is None:
        now = stamp(folder, pattern)
        if now != last:
            last, count = now, count - 1
        time.sleep(0.0005)


def stamp(folder: Path, pattern: str) -> list[tuple[int, int]]:
    """Return sizes and times of files."""
    found = []
    for path in folder.glob(pattern):
        with suppress(OSError):
            status = path.stat()
            found.append((status.st_size, status.st_mtime_ns))
    return found


def find_problems(
    scenario: Scenario,
    folder: Path,
    before: dict[str, Any],
    code: int,
    number: signal.Signals,
    out: str,
    err: str,
) -> Iterator[str]:
    """Yield what is wrong after a signal."""
    if code not in (0, 128 + number):
        yield f"exit code {code}; {err[-300:]}"
    if "Traceback" in err + out or "Exception ignored" in err:
        yield f"it says {err[-500:]}"
    state = read_state(folder)
    yield from state["damage"]
    for name in ("tasks", "results", "round"):
        if not state[name] >= before[name]:
            yield f"{name} were {before[name]} and are {state[name]}"
    if out.strip():
        try:
            reported = json.loads(out)
        except ValueError:
            yield f"its report is no JSON: {out[-200:]}"
            return
        if "error" in reported:  # it came before the work began
            return
        if scenario.words[0] == "solve":
            missing = [
                each["task"]
                for each in reported["results"]
                if each["best"] and each["task"] not in state["tasks"]
            ]
            if missing:
                yield f"reported, but not in the archive: {missing}"
        if scenario.words[0] == "evolve" and reported["rounds"] != state["round"]:
            yield f"reported {reported['rounds']} rounds, saved are {state['round']}"


def session_of(leader: int) -> list[str]:
    """Return the commands of the processes of a session that are there a moment later."""
    left: list[str] = []
    for _ in range(40):
        left = []
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ValueError):
                words = (path / "stat").read_text().rpartition(")")[2].split()
                if int(words[3]) == leader and words[0] != "Z":
                    left.append((path / "cmdline").read_text().replace("\0", " ")[:80])
        if not left:
            break
        time.sleep(0.05)
    return left


def read_state(folder: Path) -> dict[str, Any]:
    """Return what lies in a folder, without times; sizes of sets can be compared."""
    state: dict[str, Any] = {
        "damage": [], "rows": [], "tasks": set(), "results": set(), "round": 0, "submission": None,
    }  # fmt: skip
    archive = folder / "a"
    if archive_file(archive).exists():
        state["damage"] += map(str, check_archive(archive, repair=False).problems)
        with closing(sqlite3.connect(archive_file(archive))) as connection:
            state["rows"] = sorted(
                connection.execute(
                    "SELECT task, content, kind, md5, score, demos, fuel, source, weight, aliases"
                    " FROM entries"
                )
            )
            state["rows"] += sorted(connection.execute("SELECT * FROM parents"))
            state["tasks"] = {row[0] for row in state["rows"] if len(row) > 2}
    if (folder / "r").exists():
        for line in (folder / "r").read_text().splitlines()[1:]:
            with suppress(ValueError):
                record = json.loads(line)
                state["results"].add(f"{record['task']} {record['tests']} {record['programs']}")
    for path in archive.glob("*.evolve-*.json"):
        state["round"] = json.loads(path.read_text())["state"]["progress"]["round"]
    submission = folder / "submission.json"
    if submission.exists():
        state["submission"] = json.loads(submission.read_text())
        state["damage"] += faults(submission)
    return state


def faults(path: Path) -> list[str]:
    """Return what is wrong with a submission."""
    found = read_submission(path).answers
    tasks = list(TaskChoice(start=100, count=12).load())
    problems = [
        f"the submission has not two attempts for each test of {task.id}"
        for task in tasks
        if task.id in found
        and [len(each.attempts) for each in found[task.id].values()] != [2] * len(task.tests)
    ]
    if list(found) not in ([task.id for task in tasks], [task.id for task in tasks[:6]]):
        problems.append(f"the submission has the tasks {list(found)}")
    return problems


def interrupt_early(count: int, rng: random.Random, folder: Path) -> Interrupted:
    """Interrupt a command in its first moments, while Python imports."""
    figures = Interrupted()
    for _ in range(count):
        number = rng.choice(SIGNALS)
        process = subprocess.Popen(
            [sys.executable, "-m", "arcbatt", "dsl", "--json"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=listen,
        )
        wait_for_python(process)
        time.sleep(rng.uniform(0.0, 0.3))
        process.send_signal(number)
        _, err = process.communicate(timeout=DEADLINE_S)
        figures.signals += 1
        figures.ended[process.returncode] += 1
        if process.returncode not in (0, 128 + number) or err not in (
            "",
            "stopped: interrupted\n",
            f"stopped: interrupted by {number.name}\n",
        ):
            figures.problems.append(f"{number.name}: {process.returncode}, {err[-500:]}")
    return figures


def wait_for_python(process: subprocess.Popen[str]) -> None:
    """Wait until a process catches SIGTERM: Python itself never does, so arcbatt has begun."""
    while process.poll() is None:
        with suppress(OSError):
            status = Path(f"/proc/{process.pid}/status").read_text()
            caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
            if int(caught.split()[1], 16) & 1 << signal.SIGTERM - 1:
                return
        time.sleep(0.001)


def main(words: Sequence[str] | None = None, write: Callable[[str], object] = print) -> int:
    """Interrupt all scenarios; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=200, help="signals, shared by all scenarios")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=[each.name for each in SCENARIOS], help="one scenario")
    options = parser.parse_args(words)
    rng = random.Random(options.seed)
    chosen = [each for each in SCENARIOS if options.only in (None, each.name)]
    share = -(-options.count // len(chosen))
    problems = 0
    with TemporaryDirectory(prefix="arcbatt-signals-") as place:

        def tell(name: str, figures: Interrupted) -> int:
            codes = ", ".join(f"{code}: {count}" for code, count in sorted(figures.ended.items()))
            write(
                f"{name}: {figures.signals} signals, {len(figures.problems)} problems,"
                f" exit codes {codes}, slowest end {figures.slowest_s:.2f} s"
            )
            for problem in figures.problems:
                write(f"  {problem}")
            return len(figures.problems)

        for scenario in chosen:
            folder = Path(place) / scenario.name.replace(" ", "_")
            problems += tell(scenario.name, interrupt(scenario, share, rng, folder))
        if options.only is None:
            problems += tell("start", interrupt_early(share // 2, rng, Path(place)))
    return int(problems > 0)


if __name__ == "__main__":
    sys.exit(main())
