"""Fuel: what every call costs, and the bounds that a run may not pass.

The fuel of a call is 1 + the leaves of its arguments + the leaves of its result, calls of
function values inside it included. It does not depend on the machine or the engine.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from arcbatt.dsl.registry import REGISTRY, Primitive
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import (
    CALL_DEPTH,
    CallFailure,
    FailureKind,
    Function,
    measure,
    plain,
    reject,
)

NODE_FUEL = 200_000
VALUE_LEAVES = 100_000
STEPS_PER_LEAF = 100
"""A primitive that compares all with all may take this many steps for each allowed leaf."""

_CLOCK_INTERVAL = 64

PYTHON_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a primitive's body raises when Python's own operations reject an argument."""


class Meter:
    """Counts the fuel of one node's call and stops it at a bound.

    Args:
        node_fuel: fuel that the call may use.
        value_leaves: leaves that any value may have.
        deadline: `time.monotonic` seconds after which calls stop; None for never.

    Attributes:
        spent: fuel of this node so far.
        leaves: of what the last call returned that came to an end.
    """

    __slots__ = (
        "_depth",
        "_until_clock",
        "deadline",
        "leaves",
        "node_fuel",
        "spent",
        "value_leaves",
    )

    def __init__(
        self,
        node_fuel: int = NODE_FUEL,
        value_leaves: int = VALUE_LEAVES,
        deadline: float | None = None,
    ) -> None:
        self.node_fuel = node_fuel
        self.value_leaves = value_leaves
        self.deadline = deadline
        self.spent = 0
        self.leaves = 0
        self._depth = 0
        self._until_clock = 1

    def restart(self) -> None:
        """Begin to count for another node."""
        self.resume(0, 0)

    def resume(self, spent: int, depth: int) -> None:
        """Take over what was spent and how deeply calls nest, for a call that changes engines."""
        self.spent = spent
        self._depth = depth

    def spend(self, fuel: int) -> None:
        """Take fuel; raises CallFailure with ``fuel`` or ``deadline`` when there is none left."""
        self.spent += fuel
        if self.spent > self.node_fuel:
            raise CallFailure(FailureKind.FUEL, f"more than {self.node_fuel} fuel")
        if self.deadline is not None:
            self._until_clock -= 1
            if self._until_clock <= 0:
                self._until_clock = _CLOCK_INTERVAL
                if time.monotonic() > self.deadline:
                    raise CallFailure(FailureKind.DEADLINE, "out of time")

    def claim(self, leaves: int) -> None:
        """Ask for room before a big value is built; raises CallFailure with ``size``."""
        if leaves > self.value_leaves:
            raise CallFailure(FailureKind.SIZE, f"{leaves} leaves, {self.value_leaves} are allowed")

    def claim_steps(self, steps: int) -> None:
        """Ask for time before work that grows with a product; raises CallFailure with ``size``."""
        allowed = self.value_leaves * STEPS_PER_LEAF
        if steps > allowed:
            raise CallFailure(FailureKind.SIZE, f"{steps} steps, {allowed} are allowed")

    def call(
        self, primitive: Primitive, args: tuple[Value, ...], leaves: int | None = None
    ) -> Value:
        """Call a primitive and count it.

        Args:
            primitive: what to call.
            args: its arguments.
            leaves: leaves of the arguments together, where the caller knows them.

        Raises CallFailure if the call has no value.
        """
        if len(args) != len(primitive.parameters):
            raise CallFailure(
                FailureKind.ARGUMENT,
                f"{primitive.name} takes {len(primitive.parameters)} arguments, got {len(args)}",
            )
        self.spend(1 + (sum(map(measure, args)) if leaves is None else leaves))
        # Function values that the body calls find this meter, and none of their own.
        token = None if _METER.get() is self else _METER.set(self)
        try:
            result = primitive.body(*args)
        except PYTHON_ERRORS as error:
            raise CallFailure(FailureKind.ARGUMENT, f"{primitive.name}: {error}") from error
        finally:
            if token is not None:
                _METER.reset(token)
        size = self.leaves = measure(result)
        self.claim(size)
        self.spend(size)
        return plain(result)

    def invoke(self, function: Value, args: tuple[Value, ...]) -> Value:
        """Call a function value; every primitive that it reaches is counted.

        Raises CallFailure if the value is no function, or if calls nest deeper than
        `CALL_DEPTH`.
        """
        if type(function) is not Function:
            raise reject("a function", function)
        if len(args) != function.arity:
            raise CallFailure(
                FailureKind.ARGUMENT,
                f"{function} takes {function.arity} arguments, got {len(args)}",
            )
        if self._depth >= CALL_DEPTH:
            raise CallFailure(FailureKind.DEPTH, f"calls nest deeper than {CALL_DEPTH}")
        self._depth += 1
        try:
            if not function.parts:
                return self.call(REGISTRY[function.name], args)
            return REGISTRY[function.name].apply_built(self, function.parts, args)
        except PYTHON_ERRORS as error:
            raise CallFailure(FailureKind.ARGUMENT, f"{function.name}: {error}") from error
        finally:
            self._depth -= 1


_METER: ContextVar[Meter | None] = ContextVar("meter", default=None)


def current_meter() -> Meter:
    """Return the meter in force; outside an engine a fresh one with the default bounds."""
    return _METER.get() or Meter()


@contextmanager
def metered(meter: Meter) -> Iterator[Meter]:
    """Put a meter in force for a block."""
    token = _METER.set(meter)
    try:
        yield meter
    finally:
        _METER.reset(token)
