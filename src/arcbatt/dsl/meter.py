"""Fuel: what every call costs, and the bounds that a run may not pass.

The fuel of a call is 1 + the leaves of its arguments + the leaves of its result, calls of
function values inside it included. It does not depend on the machine or the engine.

The total bounds what all values of an evaluation take together. The load of a value is its leaves
times its depth, which bounds its containers too. While a primitive runs, the results of the
functions that it calls are held, as a primitive collects them; a function that a primitive built,
such as a power, does not.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain

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
from arcbatt.dsl.values import depth as depth_of

NODE_FUEL = 200_000
VALUE_LEAVES = 100_000
TOTAL_LEAVES = 2**24
NO_TOTAL = 2**64 - 1
"""The room of a meter without a total."""
STEPS_PER_LEAF = 100
"""A primitive that compares all with all may take this many steps for each allowed leaf."""

_CLOCK_FUEL = 1000
"""Fuel between two looks at the clock."""

PYTHON_ERRORS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a primitive's body raises when Python's own operations reject an argument."""


class Meter:
    """Counts the fuel of one node's call and stops it at a bound.

    Args:
        node_fuel: fuel that the call may use.
        value_leaves: leaves that any value may have.
        deadline: `time.monotonic` seconds after which calls stop; None for never.

    Attributes:
        room: what is left of the total for the node, in leaves; `NO_TOTAL` for no bound.
        held_most: the loads of the results that primitives held at the same time, at most.
        spent: fuel of this node so far.
        leaves: of what the last call returned that came to an end.
    """

    __slots__ = (
        "_collects",
        "_depth",
        "_held",
        "_until_clock",
        "deadline",
        "held_most",
        "leaves",
        "node_fuel",
        "room",
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
        self.room = NO_TOTAL
        self.held_most = 0
        self.spent = 0
        self.leaves = 0
        self._depth = 0
        self._held = 0
        self._collects = True
        self._until_clock = 1

    def restart(self) -> None:
        """Begin to count for another node."""
        self.resume(0, 0)
        self._held = self.held_most = 0
        self._collects = True

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
            self._until_clock -= fuel
            if self._until_clock <= 0:
                if time.monotonic() > self.deadline:
                    # The counter stays at 0, so that every later call fails at once.
                    raise CallFailure(FailureKind.DEADLINE, "out of time")
                self._until_clock = _CLOCK_FUEL

    def claim(self, leaves: int) -> None:
        """Ask for room before a big value is built; raises CallFailure with ``size``."""
        if leaves > self.value_leaves:
            raise CallFailure(FailureKind.SIZE, f"{leaves} leaves, {self.value_leaves} are allowed")

    def claim_steps(self, steps: int) -> None:
        """Ask for time before work that grows with a product; raises CallFailure with ``size``."""
        allowed = self.value_leaves * STEPS_PER_LEAF
        if steps > allowed:
            raise CallFailure(FailureKind.SIZE, f"{steps} steps, {allowed} are allowed")

    def claim_room(self, leaves: int) -> None:
        """Ask for room for the value of a node beside all that are alive.

        Raises CallFailure with ``memory``.

        Args:
            leaves: what the value takes, see `load`.
        """
        if leaves > self.room:
            raise out_of_memory()

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

        Raises CallFailure if the value is no function, if calls nest deeper than `CALL_DEPTH`, or
        if a primitive that collects the results has no room for them.
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
        held, collects = self._held, self._collects
        self._collects = not function.parts
        try:
            if not function.parts:
                result = self.call(REGISTRY[function.name], args)
            else:
                result = REGISTRY[function.name].apply_built(self, function.parts, args)
        except PYTHON_ERRORS as error:
            raise CallFailure(FailureKind.ARGUMENT, f"{function.name}: {error}") from error
        finally:
            self._depth -= 1
            self._held, self._collects = held, collects
        if collects and self.room != NO_TOTAL:
            self._hold(result)
        return result

    def call_built(
        self, primitive: Primitive, parts: tuple[Value, ...], args: tuple[Value, ...]
    ) -> Value:
        """Call a function that a primitive built; raises CallFailure as `invoke` does."""
        self._collects = False
        return primitive.apply_built(self, parts, args)

    def _hold(self, result: Value) -> None:
        """Count a result that a running primitive holds until it returns."""
        self._held += 1 if type(result) in _NO_CONTAINERS else load(result, measure(result))
        if self._held > self.room:
            raise out_of_memory()
        self.held_most = max(self.held_most, self._held)


def out_of_memory() -> CallFailure:
    """Make the failure of a call for whose values there is no room; the caller raises it."""
    return CallFailure(FailureKind.MEMORY, "out of memory: all values together are too big")


def load(value: Value, leaves: int) -> int:
    """Return what a value takes of the total, in leaves.

    Args:
        value: the value.
        leaves: its own leaves, see `measure`.

    >>> load(7, 1), load((1, 2, 3), 3), load(((1, 2), (3, 4)), 4)
    (1, 3, 8)
    """
    if type(value) not in _CONTAINERS:
        return leaves * max(1, depth_of(value))
    depth = 1
    level: Collection[Value] = value
    # Level by level, which is several times as fast as value by value.
    while not (kinds := set(map(type, level))) <= _NO_CONTAINERS:
        if Function in kinds:
            return leaves * depth_of(value)
        if not kinds <= _CONTAINERS:
            level = [member for member in level if type(member) in _CONTAINERS]
        level = list(chain.from_iterable(level))
        depth += 1
    return leaves * depth


_CONTAINERS = {tuple, frozenset}
_NO_CONTAINERS = {int, bool, type(None)}

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
