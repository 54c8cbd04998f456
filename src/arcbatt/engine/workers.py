"""Workers: run calls of functions elsewhere, in processes of this machine or on a cluster.

`ProcessWorkers` and `RayWorkers` are the two kinds. The process that submits the calls is the
driver: it alone writes archives, submissions and files of results. A call gets records and returns
records; what all calls need is sent to each worker once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

TRIES = 2
"""Number of workers that a call may kill before it is given up."""
WHOLE_MACHINE = 2**60
"""The memory of a call that needs a machine for itself, in bytes: more than any has."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The result of a call whose workers died or hung.

    Attributes:
        problem: the reason, as a sentence.
    """

    problem: str


class Shared(Protocol):
    """A value that many calls need, as one of their arguments."""

    def get(self) -> Any:
        """Return the value; in a worker it is unpacked with the first call that needs it."""
        ...


class Workers(Protocol):
    """Runs calls elsewhere; the thread that made it uses it."""

    @property
    def count(self) -> int:
        """The number of calls that run at once, 1 or more; it may change."""
        ...

    @property
    def in_flight(self) -> int:
        """The number of calls that were submitted and not yet taken."""
        ...

    @property
    def has_room(self) -> bool:
        """Whether another call would begin soon, so that it should be submitted now."""
        ...

    def describe(self) -> str:
        """Return where calls run and how many are in flight, for a line of progress."""
        ...

    def share(self, value: Any) -> Shared:
        """Return a handle for a value that many calls need."""
        ...

    def submit(
        self,
        key: Hashable,
        function: Callable[..., Any],
        arguments: Sequence[Any],
        *,
        memory: int = 0,
    ) -> None:
        """Submit a call.

        Args:
            key: the name of the call for the driver.
            function: a function that can be imported from a module.
            arguments: its arguments; they may hold handles of `share`.
            memory: memory that it needs, in bytes, where calls are placed by it: 0 if it is not
                known, `WHOLE_MACHINE` for all of a machine.
        """
        ...

    def take(self) -> list[tuple[Any, Any]]:
        """Wait for a result, and return all that are there: keys, each with a result or a `Lost`.

        A call whose worker has died is done again elsewhere; one that kills `TRIES` workers is
        lost. There has to be a call in flight.

        Raises what a call raises, and KeyboardInterrupt after a signal.
        """
        ...

    def close(self) -> None:
        """End the calls that are in flight."""
        ...


def run_on(
    workers: Workers,
    function: Callable[..., Any],
    calls: Iterable[Sequence[Any]],
    *,
    memory: int = 0,
) -> Iterator[tuple[int, Any]]:
    """Run calls of a function on workers and yield the results as they arrive.

    Args:
        workers: the workers.
        function: a function that can be imported from a module.
        calls: the arguments of each call; they are drawn as calls are submitted.
        memory: memory that each call needs, as in `Workers.submit`.

    Yields:
        the index of a call and its result, or a `Lost`.

    Raises as `Workers.take` does.
    """
    waiting = enumerate(calls)
    while True:
        while workers.has_room and (following := list(islice(waiting, 1))):
            [(index, arguments)] = following
            workers.submit(index, function, arguments, memory=memory)
        if not workers.in_flight:
            return
        yield from workers.take()
