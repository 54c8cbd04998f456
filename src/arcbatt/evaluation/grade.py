"""Grade the outcomes of tasks and sum up the grades.

Only this module reads the answers; the attempts of a task are fixed before.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from statistics import median
from typing import Any, Self

from arcbatt.candidates import Effort, check_scalars
from arcbatt.dsl.values import digest
from arcbatt.evaluation.task import ATTEMPTS_MAX, FittingProgram, Ungraded
from arcbatt.tasks import Task


@dataclass(frozen=True, slots=True)
class InputRecord:
    """The grade of one test input.

    Attributes:
        right_attempt: the number of the first right attempt, 1..3; None if none is right.
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
    """The graded outcome of one task, with one effort.

    Attributes:
        task: the id of the task.
        effort: the largest effort that was allowed, in evaluations.
        tests: the grade of each test input.
        programs: for each test input, the md5s of the programs of the attempts; empty where the
            input itself is the attempt.
        fitting: the number of programs that fit all demos.
        source: the source of the program that was right on the first test input, or empty.
        right: the smallest program that is right on all demos and tests, or None.
        efforts: the effort of each source, by its name.
        cpu_s: CPU time of all phases, in seconds.
        wall_s: wall-clock time of all phases, in seconds.
        process_bytes: peak memory of the process so far, in bytes.
        stopped: the reasons why sources stopped, a sentence each, by name of the source.
        confidence: the probability that one of the first two attempts is right, 0..1.
        problem: the reason why the task was lost; empty if it was not.
        content: the digest of its samples, see `content_of`.
        reached: whether the effort was tried, or nothing was left to try; else the time ended
            before.
    """

    task: str
    effort: int
    tests: tuple[InputRecord, ...]
    programs: tuple[tuple[str, ...], ...]
    fitting: int
    source: str
    right: RightProgram | None
    efforts: Mapping[str, Effort]
    cpu_s: float
    wall_s: float
    process_bytes: int
    stopped: Mapping[str, str]
    confidence: float
    problem: str
    content: str = ""
    reached: bool = True

    @property
    def known(self) -> bool:
        """Whether all test outputs are known."""
        return all(test.known for test in self.tests)

    def is_right(self, attempts: int) -> bool:
        """Return whether every test input has a right attempt among the first ``attempts``."""
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


def content_of(task: Task) -> str:
    """Return a digest (32 hexadecimal digits) of all samples of a task, answers included."""
    samples = repr((task.content, [test.output for test in task.tests]))
    return hashlib.blake2b(samples.encode(), digest_size=16).hexdigest()


def grade_task(task: Task, outcome: Ungraded) -> TaskRecord:
    """Compare the outcome of a task with its answers."""
    answers = [test.output for test in task.tests]
    wanted = [None if answer is None else digest(answer) for answer in answers]
    tests = []
    for index, answer in enumerate(answers):
        grids = [each.grid for each in outcome.attempts[index]] if outcome.attempts else []
        right = grids.index(answer) + 1 if answer is not None and answer in grids else None
        found = any(fit.test_digests[index] == wanted[index] for fit in outcome.fitting)
        tests.append(InputRecord(right, found, answer is not None))
    first = tests[0].right_attempt
    return TaskRecord(
        task=task.id,
        effort=outcome.effort,
        tests=tuple(tests),
        programs=tuple(tuple(each.md5 for each in attempts) for attempts in outcome.attempts),
        fitting=len(outcome.fitting),
        source="" if first is None else outcome.attempts[0][first - 1].source,
        right=_smallest([fit for fit in outcome.fitting if list(fit.test_digests) == wanted]),
        efforts=outcome.efforts,
        cpu_s=outcome.cpu_s,
        wall_s=outcome.wall_s,
        process_bytes=outcome.process_bytes,
        stopped=outcome.stopped,
        confidence=outcome.confidence,
        problem=outcome.problem,
        content=content_of(task),
        reached=outcome.reached,
    )


def _smallest(fitting: Sequence[FittingProgram]) -> RightProgram | None:
    if not fitting:
        return None
    best = min(fitting, key=lambda fit: (fit.size, len(fit.text), fit.text))
    return RightProgram(best.md5, best.text, best.size)


def read_record(document: Mapping[str, Any]) -> TaskRecord:
    """Read a record from JSON; raises KeyError, TypeError or ValueError if it is not one."""
    right = document["right"]
    record = TaskRecord(
        **{
            **document,
            "tests": tuple(InputRecord(**test) for test in document["tests"]),
            "programs": tuple(map(tuple, document["programs"])),
            "right": None if right is None else RightProgram(**right),
            "efforts": {
                str(name): Effort(**effort) for name, effort in document["efforts"].items()
            },
        }
    )
    check_scalars(record, *record.tests, *record.efforts.values())
    if record.right is not None:
        check_scalars(record.right)
    if not record.tests:
        raise ValueError("a record without tests")
    if any(each.right_attempt is not None and each.right_attempt < 1 for each in record.tests):
        raise ValueError("expected numbers of attempts from 1 on")
    counts = [count for effort in record.efforts.values() for count in effort.details.values()]
    md5s = [md5 for attempts in record.programs for md5 in attempts]
    texts = [*md5s, *record.efforts, *record.stopped.keys(), *record.stopped.values()]
    if not all(type(text) is str for text in texts) or not all(
        type(count) is int for count in counts
    ):
        raise ValueError("expected texts as programs and reasons, and numbers as details")
    "".join(texts).encode()
    return record


@dataclass(frozen=True, slots=True)
class GroupTotals:
    """Sums over the tasks of a group, such as those of a folder.

    Attributes:
        tasks: the number of tasks of the group, done or not.
        tests: the number of test inputs of the group.
        tasks_right: the numbers of tasks that are right with 1, 2 and 3 attempts.
        tests_right: the numbers of test inputs that are right with 1, 2 and 3 attempts.
    """

    tasks: int
    tests: int
    tasks_right: tuple[int, ...]
    tests_right: tuple[int, ...]

    @classmethod
    def of(cls, records: Sequence[TaskRecord], tasks: Sequence[Task]) -> Self:
        """Sum up the records of the tasks of a group that are done."""
        counts = range(1, ATTEMPTS_MAX + 1)
        rights = [test.right_attempt for record in records for test in record.tests]
        return cls(
            tasks=len(tasks),
            tests=sum(len(task.tests) for task in tasks),
            tasks_right=tuple(
                sum(record.is_right(count) for record in records) for count in counts
            ),
            tests_right=tuple(
                sum(right is not None and right <= count for right in rights) for count in counts
            ),
        )


@dataclass(frozen=True, slots=True)
class EvaluationTotals:
    """Sums over the records of a set.

    Attributes:
        tasks: the number of tasks of the set, done or not.
        tests: the number of test inputs of the set.
        done: the number of tasks that are done.
        attempts: the number of attempts that count, 1..3.
        tasks_right: the numbers of tasks that are right with 1, 2 and 3 attempts.
        tests_right: the numbers of test inputs that are right with 1, 2 and 3 attempts.
        fitting: the number of tasks with a program that fits all demos.
        not_ranked: the number of tasks whose right outputs are among those of the programs that
            fit all demos, but not among the attempts that count.
        by_source: the number of right tasks by the source of the program on their first test
            input.
        efforts: the effort of each source, by its name: sums over the tasks, but for ``bytes``
            the maximum.
        cpu_s: CPU time of all phases, in seconds, summed over the tasks.
        cpu_mean_s: mean CPU time per finished task, in seconds.
        cpu_median_s: median CPU time per finished task, in seconds.
        cpu_max_s: largest CPU time of a task, in seconds.
        process_bytes_max: peak memory of a process, in bytes.
        lost: the number of tasks whose evaluation was lost.
        unknown: the number of tasks that are done and have an unknown answer.
        groups: sums over the tasks of each group, by its name, ascending; empty without groups.
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
    efforts: Mapping[str, Effort]
    cpu_s: float
    cpu_mean_s: float
    cpu_median_s: float
    cpu_max_s: float
    process_bytes_max: int
    lost: int
    unknown: int
    groups: Mapping[str, GroupTotals] = field(default_factory=dict)


def add_up(
    records: Sequence[TaskRecord],
    tasks: Sequence[Task],
    *,
    attempts: int,
    groups: Mapping[str, str] | None = None,
) -> EvaluationTotals:
    """Sum up records; the denominators are those of the set.

    Args:
        records: the records of the tasks that are done, all with the same effort.
        tasks: the tasks of the set.
        attempts: the number of attempts that count, 1..3.
        groups: the group of each task, by its id; None without groups.
    """
    whole = GroupTotals.of(records, tasks)
    right = [record for record in records if record.is_right(attempts)]
    cpu = [record.cpu_s for record in records] or [0.0]
    return EvaluationTotals(
        tasks=whole.tasks,
        tests=whole.tests,
        done=len(records),
        attempts=attempts,
        tasks_right=whole.tasks_right,
        tests_right=whole.tests_right,
        fitting=sum(record.fitting > 0 for record in records),
        not_ranked=sum(record.is_found and not record.is_right(attempts) for record in records),
        by_source=dict(sorted(Counter(record.source for record in right).items())),
        efforts=_add_efforts(records),
        cpu_s=sum(cpu),
        cpu_mean_s=sum(cpu) / len(cpu),
        cpu_median_s=median(cpu),
        cpu_max_s=max(cpu),
        process_bytes_max=max((record.process_bytes for record in records), default=0),
        lost=sum(bool(record.problem) for record in records),
        unknown=sum(not record.known for record in records),
        groups=_add_groups(records, tasks, groups or {}),
    )


def _add_groups(
    records: Sequence[TaskRecord], tasks: Sequence[Task], groups: Mapping[str, str]
) -> dict[str, GroupTotals]:
    members: dict[str, tuple[list[TaskRecord], list[Task]]] = {
        name: ([], []) for name in sorted(set(groups.values()))
    }
    for record in records:
        if record.task in groups:
            members[groups[record.task]][0].append(record)
    for task in tasks:
        if task.id in groups:
            members[groups[task.id]][1].append(task)
    return {name: GroupTotals.of(*each) for name, each in members.items()}


def _add_efforts(records: Sequence[TaskRecord]) -> dict[str, Effort]:
    total: dict[str, Effort] = {}
    for record in records:
        for name, effort in record.efforts.items():
            known = total.get(name, Effort())
            details = Counter(known.details)
            details.update(effort.details)
            total[name] = replace(
                known,
                cpu_s=known.cpu_s + effort.cpu_s,
                evaluations=known.evaluations + effort.evaluations,
                bytes=max(known.bytes, effort.bytes),
                details=dict(details),
            )
    return total
