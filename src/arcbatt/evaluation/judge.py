"""Judge: compare what was measured with the answers, and add it up.

This is where answers are read: the attempts of a task are fixed before it gets here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from arcbatt.dsl.values import digest
from arcbatt.evaluation.measure import ATTEMPTS_MAX, Effort, Fit, Measured
from arcbatt.tasks import Task


@dataclass(frozen=True, slots=True)
class InputRecord:
    """What one test input came to.

    Attributes:
        right_attempt: the attempt (1..3) that was right, or None.
        found: whether a program that fits all demos gives the right output.
        known: whether the right output is known.
    """

    right_attempt: int | None
    found: bool
    known: bool


@dataclass(frozen=True, slots=True)
class RightProgram:
    """The smallest program that is right on all demos and all tests."""

    md5: str
    text: str
    size: int


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """What one task came to, with one number of nodes and of mutants.

    Attributes:
        task: its id.
        nodes_max: that search might try; 0 without search.
        mutants_max: that might be tried; 0 where no source makes any.
        tests: one for each test input.
        programs: for each test input the md5s of the programs behind the attempts, empty ones
            where the input itself stands in.
        fitting: programs that fit all demos.
        source: of the program that was right on the first test input; empty if there is none.
        layers: of that program, if search made it.
        right: the smallest program that is right everywhere, or None.
        effort: what it took.
        reason: why search ended, in a sentence.
        problem: why the task was lost, or empty.
    """

    task: str
    nodes_max: int
    mutants_max: int
    tests: tuple[InputRecord, ...]
    programs: tuple[tuple[str, ...], ...]
    fitting: int
    source: str
    layers: int | None
    right: RightProgram | None
    effort: Effort
    reason: str
    problem: str

    @property
    def known(self) -> bool:
        """Whether all answers are known."""
        return all(test.known for test in self.tests)

    def is_right(self, attempts: int) -> bool:
        """Tell whether every test input has a right one among so many attempts."""
        return all(
            test.right_attempt is not None and test.right_attempt <= attempts for test in self.tests
        )

    @property
    def is_found(self) -> bool:
        """Whether programs that fit all demos give the right output for every test input."""
        return all(test.found for test in self.tests)

    def document(self) -> dict[str, Any]:
        """Return the record as JSON, see `read_record`."""
        return asdict(self)


def judge(
    task: Task, measured: Measured, *, nodes_max: int = 0, mutants_max: int = 0
) -> TaskRecord:
    """Compare what was measured with the answers of its task."""
    answers = [test.output for test in task.tests]
    wanted = [None if answer is None else digest(answer) for answer in answers]
    tests = []
    for index, answer in enumerate(answers):
        grids = [guess.grid for guess in measured.guesses[index]] if measured.guesses else []
        right = grids.index(answer) + 1 if answer is not None and answer in grids else None
        found = any(fit.test_digests[index] == wanted[index] for fit in measured.fits)
        tests.append(InputRecord(right, found, answer is not None))
    source, layers = "", None
    if tests[0].right_attempt is not None:
        guess = measured.guesses[0][tests[0].right_attempt - 1]
        source, layers = guess.source, guess.layers
    return TaskRecord(
        task=task.id,
        nodes_max=nodes_max,
        mutants_max=mutants_max,
        tests=tuple(tests),
        programs=tuple(tuple(guess.md5 for guess in guesses) for guesses in measured.guesses),
        fitting=len(measured.fits),
        source=source,
        layers=layers,
        right=_smallest([fit for fit in measured.fits if list(fit.test_digests) == wanted]),
        effort=measured.effort,
        reason=measured.reason,
        problem=measured.problem,
    )


def _smallest(fits: Sequence[Fit]) -> RightProgram | None:
    if not fits:
        return None
    best = min(fits, key=lambda fit: (fit.size, len(fit.text), fit.text))
    return RightProgram(best.md5, best.text, best.size)


def read_record(document: Mapping[str, Any]) -> TaskRecord:
    """Read a record from JSON; raises KeyError, TypeError or ValueError if it is none."""
    right = document["right"]
    record = TaskRecord(
        **{
            **document,
            "tests": tuple(InputRecord(**test) for test in document["tests"]),
            "programs": tuple(map(tuple, document["programs"])),
            "right": None if right is None else RightProgram(**right),
            "effort": Effort(**document["effort"]),
        }
    )
    if not record.tests or not isinstance(record.task, str):
        raise ValueError("a record without task or tests")
    return record


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the records of a set.

    Attributes:
        tasks: of the set, done or not.
        tests: test inputs of the set.
        done: tasks that came to an end.
        attempts: that count.
        tasks_right: tasks right with 1, 2 and 3 attempts.
        tests_right: test inputs right with 1, 2 and 3 attempts.
        fitting: tasks with a program that fits all demos.
        not_ranked: tasks whose right outputs are among those of the programs that fit all demos,
            but not among the attempts that count.
        by_source: right tasks, by the source of the program on their first test input.
        by_layers: the same for programs of search, by the layers.
        cpu_s: CPU time, all phases: sum.
        cpu_mean_s: mean over the tasks that were done.
        cpu_median_s: median of them.
        cpu_max_s: the most that one took.
        search_cpu_s: CPU time of search: sum.
        nodes: that search tried: sum.
        states: that search kept: sum.
        search_bytes: sum over tasks of what search's states, values and layers took.
        search_bytes_max: the most that they took on one task.
        process_bytes_max: the most memory that one process had.
        mutants: that were tried: sum over tasks.
        evaluations: runs of one of them on a sample: sum.
        mutants_cpu_s: CPU time of making and trying them: sum.
        lost: tasks whose evaluation was lost.
        unknown: tasks of those done with an unknown answer.
    """

    tasks: int
    tests: int
    done: int
    attempts: int
    tasks_right: tuple[int, ...]
    tests_right: tuple[int, ...]
    fitting: int
    not_ranked: int
    by_source: Mapping[str, int]
    by_layers: Mapping[int, int]
    cpu_s: float
    cpu_mean_s: float
    cpu_median_s: float
    cpu_max_s: float
    search_cpu_s: float
    nodes: int
    states: int
    search_bytes: int
    search_bytes_max: int
    process_bytes_max: int
    mutants: int
    evaluations: int
    mutants_cpu_s: float
    lost: int
    unknown: int

    @property
    def nodes_per_cpu_s(self) -> float:
        """Nodes that search tries in a CPU-second; 0 where it took no time."""
        return self.nodes / self.search_cpu_s if self.search_cpu_s else 0.0

    @property
    def mutants_per_cpu_s(self) -> float:
        """Mutants tried in a CPU-second of that; 0 where it took no time."""
        return self.mutants / self.mutants_cpu_s if self.mutants_cpu_s else 0.0

    @property
    def bytes_per_node(self) -> float:
        """Memory of search for each node that it tries; 0 where there are none."""
        return self.search_bytes / self.nodes if self.nodes else 0.0


def add_up(records: Sequence[TaskRecord], tasks: Sequence[Task], *, attempts: int) -> Totals:
    """Sum up records; the denominators are those of the set.

    Args:
        records: one for each task that came to an end, all with the same reach.
        tasks: the set.
        attempts: that count, 1..3.
    """
    counts = range(1, ATTEMPTS_MAX + 1)
    tests = [test for record in records for test in record.tests]
    right = [record for record in records if record.is_right(attempts)]
    cpu = [record.effort.cpu_s for record in records] or [0.0]
    efforts = [record.effort for record in records]
    return Totals(
        tasks=len(tasks),
        tests=sum(len(task.tests) for task in tasks),
        done=len(records),
        attempts=attempts,
        tasks_right=tuple(sum(record.is_right(count) for record in records) for count in counts),
        tests_right=tuple(
            sum(test.right_attempt is not None and test.right_attempt <= count for test in tests)
            for count in counts
        ),
        fitting=sum(record.fitting > 0 for record in records),
        not_ranked=sum(record.is_found and not record.is_right(attempts) for record in records),
        by_source=_counted(record.source for record in right),
        by_layers=_counted(record.layers for record in right if record.layers is not None),
        cpu_s=sum(cpu),
        cpu_mean_s=sum(cpu) / len(cpu),
        cpu_median_s=median(cpu),
        cpu_max_s=max(cpu),
        search_cpu_s=sum(effort.search_cpu_s for effort in efforts),
        nodes=sum(effort.nodes for effort in efforts),
        states=sum(effort.states for effort in efforts),
        search_bytes=sum(effort.search_bytes for effort in efforts),
        search_bytes_max=max((effort.search_bytes for effort in efforts), default=0),
        process_bytes_max=max((effort.process_bytes for effort in efforts), default=0),
        mutants=sum(effort.mutants for effort in efforts),
        evaluations=sum(effort.evaluations for effort in efforts),
        mutants_cpu_s=sum(effort.mutants_cpu_s for effort in efforts),
        lost=sum(bool(record.problem) for record in records),
        unknown=sum(not record.known for record in records),
    )


def _counted(things: Any) -> dict[Any, int]:
    return dict(sorted(Counter(things).items()))
