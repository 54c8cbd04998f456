"""Engines: one interface with two implementations, the reference and the native engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arcbatt.engine.outcome import (
    Budget,
    Case,
    Engine,
    Evaluation,
    Failure,
    Job,
    NodeOutcome,
    RootOutcome,
    agreement,
)

if TYPE_CHECKING:
    from arcbatt.timings import Timings

__all__ = [
    "Budget",
    "Case",
    "Engine",
    "Evaluation",
    "Failure",
    "Job",
    "NodeOutcome",
    "RootOutcome",
    "agreement",
    "open_engine",
    "with_arrays",
]

ENGINES = ("native", "reference")


def open_engine(name: str | None = None, *, processes: int = 1) -> Engine:
    """Return an engine by name; without a name the native one where it is built.

    Args:
        name: ``native`` or ``reference``.
        processes: number of worker processes of the reference engine, 1 or more. The native
            engine runs threads instead, see `Engine.evaluate`.

    Raises EngineError if there is no such engine here.
    """
    from arcbatt.engine.native import NativeEngine, native_available
    from arcbatt.engine.reference import ReferenceEngine
    from arcbatt.errors import EngineError

    if name is None:
        name = "native" if native_available() else "reference"
    if name == "native":
        return NativeEngine()
    if name != "reference":
        raise EngineError(engine=name, problem=f"unknown, expected one of {', '.join(ENGINES)}")
    if processes > 1:
        from arcbatt.engine.pool import PooledEngine

        return PooledEngine(processes)
    return ReferenceEngine()


def with_arrays(engine: Engine, backend: str, timings: Timings) -> Engine:
    """Return an engine that scores the outputs of another one by arrays.

    Args:
        engine: the engine that evaluates.
        backend: ``numpy``, ``torch`` or ``cupy``.
        timings: the timings to which the time of scoring is added, as ``run_batt.batch_arrays``.

    Raises ArrayBackendError if the backend is unknown, not installed, or sees no device.
    """
    from arcbatt.errors import ArrayBackendError

    try:
        from arcbatt.engine.arrays import ArrayScoringEngine, open_arrays
    except ImportError as error:
        raise ArrayBackendError(
            backend=backend,
            problem=f"numpy can't be imported ({error}); to install it:"
            " pip install 'arcbatt[arrays]'",
        ) from error
    return ArrayScoringEngine(engine, open_arrays(backend), timings)
