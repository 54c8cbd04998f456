"""Both engines know the same primitives."""

from __future__ import annotations

import pytest

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.registry import primitive
from arcbatt.engine.native import slow_primitives

pytestmark = pytest.mark.native


def test_every_primitive_has_a_kernel_with_the_same_parameters() -> None:
    from arcbatt import _engine

    kernels = dict(_engine.primitives())
    assert len(kernels) == len(_engine.primitives())
    declared = {name: [p.name for p in known.parameters] for name, known in REGISTRY.items()}
    assert kernels == declared


def test_only_primitives_of_ones_own_are_slow() -> None:
    assert slow_primitives() == frozenset()

    @primitive()
    def without_kernel(x: Integer) -> Integer:  # type: ignore[name-defined]  # noqa: F821
        """Return a number."""
        return x

    try:
        assert slow_primitives() == {"without_kernel"}
    finally:
        REGISTRY.remove("without_kernel")
