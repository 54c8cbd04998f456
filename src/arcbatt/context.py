"""The context of a command: engine, archive and differs, each opened once and closed at the end."""

from __future__ import annotations

import os
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from arcbatt.archive import CAPACITY, Archive
from arcbatt.candidates import Weighted
from arcbatt.differs import Differs
from arcbatt.engine import Engine, open_engine, with_arrays
from arcbatt.errors import ArcbattError, ArchiveError, UsageError
from arcbatt.library import DIFFERS, load_merged_library
from arcbatt.timings import Timings

if TYPE_CHECKING:
    from arcbatt.engine.workers import Workers

DEFAULT_ARCHIVE = Path("archive")
"""The archive of a command that names none, in the folder where it is started."""


def count_cores() -> int:
    """Return the number of cores that this process may use, 1 or more."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def native_engine_is_built() -> bool:
    """Return whether the native engine is built."""
    from arcbatt.engine.native import native_available

    return native_available()


class Context:
    """Opens the engine, the archive and the differs of a command when they are first used.

    Used as a context manager it closes everything at the end.

    Args:
        engine: the name of the engine; None for the native one where it is built.
        jobs: threads of the native engine, or worker processes of the reference engine, >= 1.
        archive: the path of the archive; None for none.
        keeps: whether programs will be added to the archive, which is made if it is not there.
        capacity: solvers that the archive keeps per task, >= 1.
        array_backend: the library that scores outputs by arrays; None leaves that to the engine.
        timings: the timings to which scoring by arrays adds its time; None for none.
        hold_out: whether no task may get programs that are named after it.

    Attributes:
        jobs: the number of threads or worker processes, as given.
        hold_out: whether no task may get programs that are named after it, as given.
        warnings: programs that could not be read; sources add to it.
        common: programs that sources propose for every task, from which mutants are made.
    """

    def __init__(
        self,
        *,
        engine: str | None = None,
        jobs: int = 1,
        archive: Path | None = None,
        keeps: bool = False,
        capacity: int = CAPACITY,
        array_backend: str | None = None,
        timings: Timings | None = None,
        hold_out: bool = False,
    ) -> None:
        self.jobs = jobs
        self.hold_out = hold_out
        self.warnings: list[ArcbattError] = []
        self.common: list[Weighted] = []
        self._engine_name = engine
        self._array_backend = array_backend
        self._timings = timings or Timings()
        self._archive_path = archive
        self._keeps = keeps
        self._capacity = capacity
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all that was opened."""
        self._stack.close()

    @cached_property
    def engine(self) -> Engine:
        """The engine that evaluates; raises EngineError if it is not available."""
        engine = self._open_engine(self._engine_name)
        if self._array_backend is None:
            return engine
        return with_arrays(engine, self._array_backend, self._timings)

    @cached_property
    def reference(self) -> Engine:
        """The reference engine, for the cross-check."""
        return self._open_engine("reference")

    def _open_engine(self, name: str | None) -> Engine:
        engine = open_engine(name, processes=self.jobs)
        if hasattr(engine, "close"):  # it has worker processes
            self._stack.callback(engine.close)
        return engine

    @cached_property
    def archive(self) -> Archive | None:
        """The archive; None where none was named, or none is there to read.

        Raises ArchiveError if it can't be opened, or can't be written though it has to be.
        """
        path = self._archive_path
        if path is None:
            return None
        archive = Archive.open(path, capacity=self._capacity, create=self._keeps)
        self._stack.enter_context(archive)
        if self._keeps and not archive.writable:
            raise ArchiveError(path=path, problem="is read-only, so nothing could be kept in it")
        return archive

    @cached_property
    def differs(self) -> Differs:
        """The differs of the library."""
        return Differs.of_batt(load_merged_library(DIFFERS))

    def open_workers(self, address: str) -> Workers:
        """Return the workers of a Ray cluster, which are left at the end.

        Args:
            address: the address of the cluster; ``auto`` for that of this machine.

        Raises ClusterError if Ray is not installed, or no cluster answers.
        """
        from arcbatt.engine.ray_workers import RayWorkers

        workers = RayWorkers(address)
        self.add_cleanup(workers)
        return workers

    def require_archive(self) -> Archive:
        """Return the archive; raises UsageError if none was named."""
        if self.archive is None:
            raise UsageError(problem="no archive to read: name one with --archive")
        return self.archive

    def add_cleanup(self, close: object) -> None:
        """Close another object at the end too; it has a method ``close``."""
        self._stack.callback(close.close)  # type: ignore[attr-defined]


def existing_archive(path: Path | None) -> Path | None:
    """Return the named archive, or without a name the default one if it exists, else None."""
    if path is not None:
        return path
    return DEFAULT_ARCHIVE if DEFAULT_ARCHIVE.exists() else None
