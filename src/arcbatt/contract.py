"""The contract between sources and the pipeline: the records and interfaces of both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, runtime_checkable

from arcbatt.candidates import Proposal, Weighted

if TYPE_CHECKING:
    # The command line reads the options of sources: nothing heavy is loaded for that.
    from arcbatt.context import Context
    from arcbatt.dsl.types import Samples
    from arcbatt.tasks import Sample, Task

JOBS_MAX = 1_024
"""Largest number of threads or worker processes."""
COUNT_MAX = 10**9
"""Largest number of an option that counts things."""
SECONDS_MAX = 10**6
"""Largest wall-clock limit, in seconds: the system's clocks overflow at about 10**10."""
TIME = "TIME"
"""The word for durations such as ``90``, ``20m`` or ``1h30m`` in help texts."""
SEED_MAX = 2**63 - 1
"""Largest seed of random numbers."""
EFFORTS: Mapping[str, int] = {
    "quick": 50_000,
    "normal": 400_000,
    "deep": 1_600_000,
    "max": 6_400_000,
}
"""The efforts that have a name: evaluations for a task, ascending."""
EFFORT = "normal"
"""The effort of a run that names none."""
FUEL_MIN, FUEL_MAX = 200_000, 10**12
"""The least and the largest fuel that a call of a program of people may use."""


class TaskView:
    """A task as sources get it: without its test outputs.

    Attributes:
        id: its name.
        demos: the demo samples, with their outputs.
        tests: the test samples, without outputs.
        S: the demos as pairs of input and output.
        task: a `Task` with the same demos, further demos, and with tests that have no output.
    """

    __slots__ = ("task",)

    def __init__(self, task: Task) -> None:
        if any(test.output is not None for test in task.tests):
            from arcbatt.tasks import Sample

            task = replace(task, tests=tuple(Sample(test.input) for test in task.tests))
        self.task = task

    @property
    def id(self) -> str:
        """Return the name of the task."""
        return self.task.id

    @property
    def demos(self) -> tuple[Sample, ...]:
        """Return the demo samples."""
        return self.task.demos

    @property
    def tests(self) -> tuple[Sample, ...]:
        """Return the test samples, without outputs."""
        return self.task.tests

    @property
    def S(self) -> Samples:
        """Return the demos as pairs of input and output."""
        return self.task.S


@dataclass(frozen=True, slots=True)
class SourceBudget:
    """The limits that a source has to keep to.

    Attributes:
        threads: the number of tasks or samples that may run at once, 1 or more; proposals do not
            depend on it.
        evaluations: the effort for a task: calls of primitives in search, 1 or more; options of a
            source may set it to another number.
        seconds: wall-clock limit per task, in seconds, > 0; None for none.
    """

    threads: int = 1
    evaluations: int = EFFORTS["quick"]
    seconds: float | None = None

    @property
    def factor(self) -> float:
        """The effort in relation to the least one that has a name, > 0."""
        return self.evaluations / EFFORTS["quick"]


class Known:
    """The programs that earlier sources have proposed, and the tasks that they fit.

    Attributes:
        programs: the programs that earlier sources proposed, by task id.
    """

    def __init__(
        self,
        programs: Mapping[str, Sequence[Weighted]] | None = None,
        fitting: frozenset[str] | Callable[[], frozenset[str]] = frozenset(),
    ) -> None:
        self.programs: Mapping[str, Sequence[Weighted]] = programs or {}
        self._fitting = fitting

    @cached_property
    def fitting(self) -> frozenset[str]:
        """The ids of the tasks for which one of the programs is right on all demos."""
        return self._fitting() if callable(self._fitting) else self._fitting


class Source(Protocol):
    """Proposes programs for tasks.

    Attributes:
        name: the word for the source in ``--sources``.
        is_slow: whether a task takes seconds, so that few tasks are processed together.
        is_brought: whether people brought its programs, which then get more fuel.
    """

    @property
    def name(self) -> str: ...  # noqa: D102

    @property
    def is_slow(self) -> bool: ...  # noqa: D102

    @property
    def is_brought(self) -> bool: ...  # noqa: D102

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        """Propose programs, one proposal for each task, in their order.

        Args:
            tasks: the tasks, without their test outputs.
            known: the programs that earlier sources proposed for these tasks.
            budget: the limits.
        """
        ...


@dataclass(frozen=True)
class NoOptions:
    """The options of a source that has none."""


@runtime_checkable
class SendsPerTask(Protocol):
    """A source that reads what is on the driver's machine alone, such as an archive."""

    def send(self, task: TaskView) -> Source:
        """Return a source with what it has for a task, which can be sent to a worker."""
        ...


def sent_with(sources: Sequence[Source], task: TaskView) -> dict[str, Source]:
    """Return the sources that are sent to a worker together with a task, by name."""
    return {each.name: each.send(task) for each in sources if isinstance(each, SendsPerTask)}


class SourceKind(Protocol):
    """A source that a user can name.

    Attributes:
        name: the word for it in ``--sources``.
        summary: one line for help texts and reports.
        options: a frozen dataclass, whose fields `option` makes and which becomes options of the
            command line.
        is_default: whether it is used where a user names no sources.
        is_slow: whether a task takes seconds, so that few tasks are processed together.
        is_brought: whether people brought its programs, which then get more fuel.
        all_fit: whether all programs that it proposes are right on all demos.
        needs_native: whether it needs the native engine.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    options: ClassVar[type[Any]] = NoOptions
    is_default: ClassVar[bool] = False
    is_slow: ClassVar[bool] = False
    is_brought: ClassVar[bool] = False
    all_fit: ClassVar[bool] = False
    needs_native: ClassVar[bool] = False

    @classmethod
    def open(cls, options: Any, context: Context) -> Self:
        """Open the source.

        Args:
            options: an instance of its class of options.
            context: the engine, the archive and the differs that the sources of a command share.

        Raises ArcbattError if it can't be opened.
        """
        ...

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        """Propose programs; see `Source`."""
        ...


def option(
    default: Any,
    flag: str,
    help: str,
    *,
    metavar: str = "N",
    minimum: float | None = None,
    maximum: float | None = None,
    is_rare: bool = False,
) -> Any:
    """Declare a field of a class of options that becomes an option of the command line.

    Args:
        default: the value where the option is left out.
        flag: the option's name, such as ``--search-seconds``.
        help: one line about what it does.
        metavar: the word for its value in help texts; empty for a switch. With `TIME` the value
            is a duration, which is read into seconds, 0.001..`SECONDS_MAX`.
        minimum: the least value that is allowed; None for any.
        maximum: the largest value that is allowed; None for any.
        is_rare: whether ``--help`` of commands with all sources leaves it out; `batt sources`
            lists it.
    """
    metadata = {
        "flag": flag,
        "help": help,
        "metavar": metavar,
        "minimum": minimum,
        "maximum": maximum,
        "is_rare": is_rare,
    }
    return field(default=default, metadata=metadata)


class GivenPrograms:
    """A source that proposes given programs.

    Args:
        programs: the programs, by task id; a task without an entry gets none.
        name: the name of the source.
        is_brought: whether people brought the programs, which then get more fuel.
    """

    is_slow = False

    def __init__(
        self,
        programs: Mapping[str, Sequence[Weighted]],
        *,
        name: str = "given",
        is_brought: bool = False,
    ) -> None:
        self.name = name
        self.is_brought = is_brought
        self._programs = programs

    def propose(
        self, tasks: Sequence[TaskView], known: Known, budget: SourceBudget
    ) -> list[Proposal]:
        """Propose the programs of each task."""
        return [Proposal(self._programs.get(task.id, ())) for task in tasks]
