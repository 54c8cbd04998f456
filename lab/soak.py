"""Run the pipeline for long, with programs that never end and programs that need too much memory.

    python -m lab.soak --seconds 300

Batches of small tasks go through the pipeline in turn with the native engine and with worker
processes of the reference engine. Of the programs, 5 % use up their fuel or time, and 5 % make
values that have no room together. A line a minute says how it goes. The exit code is 1 if the
memory of all processes has grown from the second quarter of the time to the last, if a worker
process is lost, or if a task is not solved because of the other programs.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

from arcbatt.candidates import Weighted
from arcbatt.contract import GivenPrograms
from arcbatt.engine import Budget, Engine, open_engine
from arcbatt.errors import EngineError
from arcbatt.library import load_library
from arcbatt.pipeline.run import Run, Settings
from arcbatt.program.parse import parse_program
from arcbatt.tasks import Sample, Task
from lab import positive, run

BATCH = 4
"""Number of tasks in a batch."""
PROGRAMS = 40
"""Number of programs for a batch."""
PART = 20
"""One program of so many is endless, and one explodes."""
LINES = 600
"""Lines of an exploding program; about half of them fill the total."""
TOTAL_LEAVES = Budget().total_leaves
"""Leaves that all values of a program may have together."""
SAMPLE_SECONDS = 2.0
"""Wall-clock limit of a program on a sample, in seconds."""
GROWTH = 1.1
"""Ratio of the last to the second quarter's memory that is no growth."""
MIB = 2**20

ENDLESS = (
    "f = power(vmirror, 1000000000)\n    return f(I)",
    "f = power(compose(hmirror, dmirror), {n}000000)\n    return f(I)",
    "x = asindices(I)\n    f = power(lbind(apply, lbind(add, {n})), 1000000)\n    return f(x)",
)
EXPLODING = (
    "repeat({n}, 60000)",
    "asindices(canvas({color}, (150, {side})))",
    "asobject(canvas({color}, (100, {side})))",
    "apply(initset, interval({n}, {above}, ONE))",
    "product(interval({n}, {above}, {step}), interval(ZERO, 100, ONE))",
)
"""A value of each kind: with ``n`` in thousands, and a ``side`` that differs from line to line."""


def endless(random: Random) -> str:
    """Return the text of a program that uses up fuel or time."""
    body = random.choice(ENDLESS).format(n=random.randint(300, 999))
    return f"def solve(S, I, C):\n    {body}\n"


def exploding(random: Random) -> str:
    """Return the text of a program of many lines, whose values are all alive at the end."""
    value = random.choice(EXPLODING)
    text = ["def solve(S, I, C):"]
    for line in range(LINES):
        n = 1000 * random.randint(300, 900) + line
        words = {
            "n": n,
            "above": n + 20_000,
            "step": 100,
            "color": line % 10,
            "side": 150 + line // 10,
        }
        text.append(f"    x{line} = {value.format(**words)}")
    text.append("    y0 = ONE")
    # The first argument is computed first, and waits for the second.
    text += [f"    y{line + 1} = equality(x{line}, y{line})" for line in range(LINES)]
    return "\n".join([*text, f"    return canvas(y{LINES}, UNITY)\n"])


def make_task(random: Random, name: str) -> Task:
    """Return a task that mirrors random grids."""

    def sample(*, answer: bool) -> Sample:
        height, width = random.randint(1, 20), random.randint(2, 20)
        grid = tuple(
            (color, *(random.randrange(10) for _ in range(width - 2)), (color + 1) % 10)
            for color in (random.randrange(10) for _ in range(height))
        )
        return Sample(grid, tuple(row[::-1] for row in grid) if answer else None)

    demos = tuple(sample(answer=True) for _ in range(3))
    return Task(name, demos, (sample(answer=False),))


@dataclass
class Soak:
    """One long run.

    Attributes:
        seconds: duration, in seconds.
        jobs: number of threads, or of worker processes.
        seed: seed of the random choices.
        memory: memory of all processes after each batch, in bytes, with the time, in seconds.
        workers: ids of the worker processes that were seen.
        problems: what went wrong, a sentence each.
        tasks: number of tasks done.
    """

    seconds: float
    jobs: int
    seed: int = 0
    memory: list[tuple[float, int]] = field(default_factory=list)
    workers: set[int] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    tasks: int = 0

    def execute(self) -> None:
        """Run batches until the time is over, and print how it goes."""
        random = Random(self.seed)
        library = [Weighted(each.name, each.program) for each in load_library()]
        engines = [open_engine(name, processes=self.jobs) for name in ("native", "reference")]
        started = reported = time.monotonic()
        print(f"{'seconds':>8} {'tasks':>8} {'memory':>9} {'workers':>8}", flush=True)
        while (now := time.monotonic()) < started + self.seconds or len(self.memory) < 4:
            self.run_batch(random, library, engines[len(self.memory) % len(engines)])
            self.memory.append((time.monotonic() - started, self.look_at_processes()))
            if now - reported >= 60:
                reported = now
                self.report()
        self.report()
        self.compare_quarters()

    def run_batch(self, random: Random, library: list[Weighted], engine: Engine) -> None:
        """Run the pipeline on some tasks."""
        tasks = [make_task(random, f"{self.tasks + place:08x}") for place in range(BATCH)]
        odd = PROGRAMS // PART
        texts = [endless(random) for _ in range(odd)] + [exploding(random) for _ in range(odd)]
        programs = [
            Weighted("mirror", parse_program("def solve(I): return vmirror(I)").program),
            *random.sample(library, PROGRAMS - 2 * odd - 1),
            *(Weighted(f"odd{n}", parse_program(text).program) for n, text in enumerate(texts)),
        ]
        report = Run(
            tasks,
            [GivenPrograms({task.id: programs for task in tasks})],
            engine,
            Settings(
                budget=Budget(
                    node_fuel=20_000_000, sample_seconds=SAMPLE_SECONDS, total_leaves=TOTAL_LEAVES
                ),
                jobs=self.jobs,
            ),
        ).execute()
        self.tasks += len(report.results)
        if not report.finished:
            raise KeyboardInterrupt
        for result in report.results:
            if result.problem or not result.exact:
                problem = result.problem or "the right program was not found"
                self.problems.append(f"task {result.task}, {engine.name} engine: {problem}")

    def look_at_processes(self) -> int:
        """Return the memory of all processes, in bytes, and note lost workers."""
        alive = dict(process_tree())
        lost = self.workers - alive.keys()
        self.problems += [f"worker {worker} is lost" for worker in sorted(lost)]
        self.workers = {
            process
            for process in alive.keys() - {os.getpid()}
            if "resource_tracker" not in Path(f"/proc/{process}/cmdline").read_text()
        }
        return sum(alive.values())

    def report(self) -> None:
        """Print how it goes."""
        passed, memory = self.memory[-1]
        print(
            f"{passed:>8.0f} {self.tasks:>8,} {memory / MIB:>5,.0f} MiB {len(self.workers):>8}",
            flush=True,
        )

    def compare_quarters(self) -> None:
        """Note a problem if the memory has grown from the second to the last quarter."""
        end = self.memory[-1][0]
        quarters: list[list[int]] = [[], [], [], []]
        for passed, memory in self.memory:
            quarters[min(3, int(4 * passed / end))].append(memory)
        second, last = (median(quarter or [0]) for quarter in (quarters[1], quarters[3]))
        print(f"median memory: second quarter {second / MIB:,.0f} MiB, last {last / MIB:,.0f} MiB")
        if second and last > GROWTH * second:
            self.problems.append(f"the memory has grown by {last / second - 1:.0%}")


def process_tree() -> Iterator[tuple[int, int]]:
    """Yield the ids of this process and all that it has started, with their memory in bytes."""
    parents: dict[int, int] = {}
    resident: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name, in brackets, may hold anything.
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parents[int(path.parent.name)] = int(fields[1])
        resident[int(path.parent.name)] = int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
    found = [os.getpid()]
    for pid in found:
        yield pid, resident[pid]
        found += [child for child, parent in parents.items() if parent == pid]


def main(arguments: list[str] | None = None) -> int:
    """Run and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=positive, default=3600, help="default: %(default)s")
    parser.add_argument("--jobs", type=positive, default=2, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parsed = parser.parse_args(arguments)
    if not Path("/proc/self/stat").exists():
        raise EngineError(engine="soak", problem="it reads /proc, which only Linux has")
    soak = Soak(parsed.seconds, parsed.jobs, parsed.seed)
    soak.execute()
    for problem in soak.problems:
        print(f"problem: {problem}", file=sys.stderr)
    return 1 if soak.problems else 0


if __name__ == "__main__":
    run(main)
