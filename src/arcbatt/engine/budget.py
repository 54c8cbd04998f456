"""What a run may use."""

from __future__ import annotations

from dataclasses import dataclass

from arcbatt.dsl.meter import NODE_FUEL, VALUE_LEAVES


@dataclass(frozen=True, slots=True)
class Budget:
    """Bounds of an evaluation; what hits one fails with that bound in its failure.

    Attributes:
        node_fuel: fuel that one call may use, inner calls included.
        value_leaves: leaves that one value may have.
        sample_seconds: wall-clock seconds that all nodes may take on one sample together: the
            last resort, the only bound that depends on the machine. None for no bound.
    """

    node_fuel: int = NODE_FUEL
    value_leaves: int = VALUE_LEAVES
    sample_seconds: float | None = 10.0
