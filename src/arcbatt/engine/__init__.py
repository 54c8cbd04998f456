"""Engines: one interface, the reference engine and the native one behind it."""

from __future__ import annotations

from arcbatt.engine.budget import Budget
from arcbatt.engine.outcome import (
    Case,
    Engine,
    Evaluation,
    Failure,
    Job,
    NodeOutcome,
    RootOutcome,
    agreement,
)

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
]

ENGINES = ("native", "reference")


def open_engine(name: str | None = None, *, processes: int = 1) -> Engine:
    """Return an engine by name; without a name the native one where it is built.

    Args:
        name: ``native`` or ``reference``.
        processes: for the reference engine: how many worker processes share its jobs. The
            native engine runs threads instead, see `Engine.evaluate`.

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
