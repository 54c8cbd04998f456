"""The native engine returns what was recorded, and spends what the reference engine spends."""

from __future__ import annotations

import pytest
from tests.cases import each
from tests.conformance.test_vectors import differs_on_purpose
from tests.conformance.vectors import EDGE, FAILED, TYPICAL, Vector, lines, vectors

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.meter import NODE_FUEL, VALUE_LEAVES, Meter
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import CallFailure, FailureKind, alike, digest

pytestmark = pytest.mark.native


def call(vector: Vector) -> tuple[Value, int]:
    """Return the value of a call or the kind of its failure, and its fuel."""
    from arcbatt import _engine

    called = _engine.call(
        vector.primitive, vector.args, node_fuel=NODE_FUEL, value_leaves=VALUE_LEAVES
    )
    failure = called.failure
    return called.value if failure is None else FailureKind(failure.kind), called.fuel


def reference_call(vector: Vector) -> tuple[Value, int]:
    meter = Meter()
    try:
        return meter.call(REGISTRY[vector.primitive], vector.args), meter.spent
    except CallFailure as failure:
        return failure.kind, meter.spent


@each("primitive", lines(TYPICAL))
def test_typical_calls_return_what_was_recorded(primitive: str) -> None:
    for vector in vectors(TYPICAL, primitive):
        value, fuel = call(vector)
        assert alike((value, digest(value)), (vector.out, digest(vector.out))), vector.written
        assert fuel == reference_call(vector)[1], vector.written


@each("primitive", lines(EDGE))
def test_edge_calls_return_what_was_recorded(primitive: str) -> None:
    for vector in vectors(EDGE, primitive):
        got = call(vector)
        assert alike(got, reference_call(vector)), vector.written
        if not differs_on_purpose(vector):
            wanted = FailureKind.ARGUMENT if vector.out is FAILED else vector.out
            assert alike(got[0], wanted), vector.written
