"""The reference bodies return what was recorded."""

from __future__ import annotations

from pathlib import Path

from tests.cases import each
from tests.conformance.vectors import DATA, EDGE, FAILED, TYPICAL, Vector, lines, vectors

from arcbatt.dsl import REGISTRY
from arcbatt.dsl.meter import Meter
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import CallFailure, FailureKind, alike

DOCUMENT = Path(__file__).parents[2] / "docs" / "differences.md"

DIFFERENCES: dict[tuple[str, str], str] = {
    ("dedupe", '{"t":[2,2]}]}]}]}]'): "Functions are equal when their expressions are",
}
"""Edge calls, by primitive and the end of their arguments, whose result differs on purpose, with
the heading in the document that gives the reason."""


def outcome(vector: Vector) -> Value:
    """Return the value of a call, or `FAILED`."""
    try:
        return Meter().call(REGISTRY[vector.primitive], vector.args)
    except CallFailure as failure:
        if failure.kind is not FailureKind.ARGUMENT:
            raise
        return FAILED


def differs_on_purpose(vector: Vector) -> bool:
    return any(
        vector.primitive == primitive and vector.written.endswith(end)
        for primitive, end in DIFFERENCES
    )


@each("primitive", lines(TYPICAL))
def test_typical_calls_return_what_was_recorded(primitive: str) -> None:
    for vector in vectors(TYPICAL, primitive):
        assert alike(outcome(vector), vector.out), vector.written


@each("primitive", lines(EDGE))
def test_edge_calls_return_what_was_recorded(primitive: str) -> None:
    for vector in vectors(EDGE, primitive):
        if not differs_on_purpose(vector):
            assert alike(outcome(vector), vector.out), vector.written


@each(("primitive", "end"), DIFFERENCES)
def test_a_difference_is_one_call_that_still_differs(primitive: str, end: str) -> None:
    (vector,) = [v for v in vectors(EDGE, primitive) if v.written.endswith(end)]
    assert outcome(vector) != vector.out


def test_each_difference_has_its_reason_in_the_document() -> None:
    sections = DOCUMENT.read_text(encoding="utf-8").split("\n## ")[1:]
    reasons = {section.splitlines()[0]: section for section in sections}
    assert set(DIFFERENCES.values()) <= set(reasons)
    for (primitive, _), reason in DIFFERENCES.items():
        assert f"`{primitive}`" in reasons[reason]


@each(
    ("primitive", "args"),
    [
        ("apply", (1, frozenset())),
        ("uppermost", (frozenset({(32768, 0)}),)),
        ("uppermost", (frozenset({((1, 2), 3)}),)),
    ],
)
def test_the_bounds_in_the_document_hold(primitive: str, args: tuple[Value, ...]) -> None:
    assert outcome(Vector(primitive, str(args), args, FAILED)) is FAILED


@each("signature", (DATA / "signatures.txt").read_text().splitlines())
def test_names_and_parameters_are_the_recorded_ones(signature: str) -> None:
    name, _, rest = signature.partition("(")
    parameters = rest.partition(")")[0].split(", ")
    assert [parameter.partition(":")[0] for parameter in parameters] == [
        parameter.name for parameter in REGISTRY[name].parameters
    ]
