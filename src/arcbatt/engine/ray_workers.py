"""Workers on a Ray cluster: each call is a task of Ray, which runs on any of the machines.

Ray is imported when a cluster is opened; the extra ``arcbatt[ray]`` installs it.
"""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from arcbatt import interrupts
from arcbatt.engine.processes import share_machine
from arcbatt.engine.workers import TRIES, WHOLE_MACHINE, Lost
from arcbatt.errors import ClusterError

LOOK_S = 0.05
"""Seconds between two looks for a signal while results are waited for."""
KNOCK_S = 10.0
"""Seconds in which a cluster has to answer."""
REFRESH_S = 1.0
"""Seconds between two looks at the nodes of the cluster."""
AHEAD = 0.5
"""Calls that wait in Ray, as a part of those that run: workers go on without the driver, and a
cluster that grows with its work sees that there is more."""
AHEAD_MIN = 2
"""The least number of calls that wait in Ray."""
MOVES = 20
"""Number of nodes that a call may lose before it is given up."""


@dataclass(slots=True)
class Flight:
    """A call that is in flight.

    Attributes:
        key: its name for the driver.
        function: the function.
        arguments: the arguments.
        memory: memory that it needs, in bytes; 0 if that is not known.
        killed: number of workers that have died of it.
        moved: number of nodes that were lost while it ran or waited there.
    """

    key: Hashable
    function: Callable[..., Any]
    arguments: Sequence[Any]
    memory: int = 0
    killed: int = 0
    moved: int = 0


@dataclass(frozen=True, slots=True)
class Raised:
    """The result of a call that raised an error.

    Attributes:
        error: the error.
    """

    error: Exception


class RayWorkers:
    """Runs calls on a Ray cluster; see `arcbatt.engine.workers.Workers`.

    Each call asks for one CPU. Nodes may come and go: what was in flight on a node that is lost is
    done again on another.

    Args:
        address: ``auto`` for the cluster of which this machine is a node, else its address, such
            as ``192.0.2.1:6379``.

    Raises ClusterError if Ray is not installed, or no cluster answers.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._ray = _import_ray(address)
        self._is_own = not self._ray.is_initialized()
        if self._is_own:
            _connect(self._ray, address)
        self._task = self._ray.remote(num_cpus=1, max_retries=0)(_run)
        self._flights: dict[Any, Flight] = {}
        self._looked = -REFRESH_S
        self._nodes = 0
        self._cpus = 0
        self._memory = 0
        self._look()

    def _look(self) -> None:
        """Look at the nodes, unless that was done a moment ago."""
        now = time.monotonic()
        if now - self._looked >= REFRESH_S:
            self._looked = now
            resources = [each["Resources"] for each in self._ray.nodes() if each["Alive"]]
            self._nodes = len(resources)
            self._cpus = int(sum(each.get("CPU", 0) for each in resources))
            self._memory = int(max((each.get("memory", 0) for each in resources), default=0))

    @property
    def count(self) -> int:
        """The number of CPUs of all nodes, 1 or more."""
        self._look()
        return max(1, self._cpus)

    @property
    def in_flight(self) -> int:
        """The number of calls that were submitted and not yet taken."""
        return len(self._flights)

    @property
    def has_room(self) -> bool:
        """Whether few calls wait for a worker."""
        count = self.count
        return self.in_flight < count + max(AHEAD_MIN, int(AHEAD * count))

    def describe(self) -> str:
        """Return the number of nodes, of CPUs, and of the calls in flight."""
        self._look()
        nodes = "1 node" if self._nodes == 1 else f"{self._nodes} nodes"
        return f"{nodes}, {self._cpus} CPUs, {self.in_flight} in flight"

    def share(self, value: Any) -> SharedObject:
        """Put a value into the object store of the cluster, from which each node takes it once."""
        return SharedObject(self._ray.put(value))

    def submit(
        self,
        key: Hashable,
        function: Callable[..., Any],
        arguments: Sequence[Any],
        *,
        memory: int = 0,
    ) -> None:
        """Submit a call; see `Workers.submit`."""
        self._start(Flight(key, function, arguments, memory))

    def _start(self, flight: Flight) -> None:
        task = self._task
        if flight.memory:
            # A call that needs more than any node has would wait for ever.
            task = task.options(memory=min(flight.memory, self._memory or flight.memory))
        self._flights[task.remote(flight.function, flight.arguments, flight.memory)] = flight

    def take(self) -> list[tuple[Any, Any]]:
        """Wait for a result, and return all that are there; see `Workers.take`."""
        results: list[tuple[Any, Any]] = []
        while not results:
            with interrupts.hold():
                interrupts.check()
                ready, _ = self._ray.wait(list(self._flights), timeout=LOOK_S)
                if ready:
                    refs = list(self._flights)
                    ready, _ = self._ray.wait(refs, num_returns=len(refs), timeout=0)
                for ref in ready:
                    flight = self._flights.pop(ref)
                    result = self._result(ref, flight)
                    if result is flight:
                        self._start(flight)
                    else:
                        results.append((flight.key, result))
        for _, result in results:
            if isinstance(result, Raised):
                raise result.error
        return results

    def _result(self, ref: Any, flight: Flight) -> Any:
        """Return the result of a call; the flight itself if it has to be done again."""
        errors = self._ray.exceptions
        problem = ""
        try:
            result = self._ray.get(ref)
            if not (isinstance(result, Raised) and isinstance(result.error, MemoryError)):
                return result
            problem = "its worker ran out of memory"
        except errors.OutOfMemoryError:
            problem = "its worker ran out of memory and was killed"
        except errors.WorkerCrashedError:
            problem = "its worker died"
        except (errors.NodeDiedError, errors.ObjectLostError, errors.LocalRayletDiedError):
            flight.moved += 1
            return flight if flight.moved < MOVES else Lost(f"it lost {MOVES} nodes")
        except errors.RayError as error:
            words = str(error).strip().splitlines() or [type(error).__name__]
            raise ClusterError(
                address=self._address, problem=f"a worker can't run arcbatt: {words[-1]}"
            ) from error
        flight.killed += 1
        return flight if flight.killed < TRIES else Lost(f"{problem}, {TRIES} times")

    def close(self) -> None:
        """End the calls that are in flight, and leave the cluster as it was."""
        if self._is_own:
            self._ray.shutdown()
        else:
            for ref in self._flights:
                self._ray.cancel(ref, force=True)
        self._flights.clear()


class SharedObject:
    """A value in the object store of a cluster, which each worker unpacks once.

    Args:
        ref: the reference of Ray.
    """

    def __init__(self, ref: Any) -> None:
        self._ref = ref

    def get(self) -> Any:
        """Return the value, of which this process keeps the last one that was asked for."""
        key = self._ref.hex()
        if key not in _unpacked:
            import ray

            _unpacked.clear()
            _unpacked[key] = ray.get(self._ref)
        return _unpacked[key]


_unpacked: dict[str, Any] = {}
"""The shared value that this process has unpacked, by the name of its reference."""


def _run(function: Callable[..., Any], arguments: Sequence[Any], memory: int) -> Any:
    """Run a call in a worker, which has its part of the memory of its node."""
    share_machine(1 if memory >= WHOLE_MACHINE else _node_cpus())
    try:
        return function(*arguments)
    except Exception as error:
        return Raised(error)


@cache
def _node_cpus() -> int:
    """Return the number of CPUs, and so of workers, of the node of this worker."""
    import ray

    own = ray.get_runtime_context().get_node_id()
    cpus = [each["Resources"].get("CPU", 1) for each in ray.nodes() if each["NodeID"] == own]
    return max(1, int(max(cpus, default=1)))


def _import_ray(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise ClusterError(
            address=address, problem="is not installed: pip install 'arcbatt[ray]'"
        ) from error
    return ray


def _connect(ray: ModuleType, address: str) -> None:
    """Connect to a cluster, and keep signals and stdout as they are."""
    numbers = interrupts.SIGNALS if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        _knock(address)
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        problem = f"no cluster answers ({' '.join(str(error).split())[:200]})"
        hint = "`ray start --head` starts one on this machine"
        raise ClusterError(address=address, problem=f"{problem}; {hint}") from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    _keep_stdout(sys.modules["ray._private.worker"])


def _knock(address: str) -> None:
    """Raise OSError if nobody listens at an address, for which Ray would wait long."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdecimal() and "://" not in address:
        socket.create_connection((host, int(port)), KNOCK_S).close()


def _keep_stdout(module: ModuleType) -> None:
    """Let Ray print what it says about workers to stderr: stdout may be a document."""
    with suppress(AttributeError):
        show = module.print_to_stdstream
        if not hasattr(show, "to_stderr"):

            def show_on_stderr(data: dict[str, Any], *words: Any, **options: Any) -> None:
                show({**data, "is_err": True}, *words, **options)

            show_on_stderr.to_stderr = True  # type: ignore[attr-defined]
            module.print_to_stdstream = show_on_stderr  # type: ignore[attr-defined]
