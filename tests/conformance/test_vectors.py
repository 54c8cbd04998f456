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
    ("canvas", '{"t":[3,4]}]'): "A colour is a number",
    ("canvas", '{"t":[16,12]}]'): "A colour is a number",
    ("canvas", '{"t":[16,13]}]'): "A colour is a number",
    ("cellwise", '{"t":[4,2]}]'): "A colour is a number",
    ("cellwise", '{"t":[8,3]}]'): "A colour is a number",
    ("cellwise", '8,0,0,0,0,8,0,0,0,0,0,0]}]},{"t":[2,9]}]'): "A colour is a number",
    ("cellwise", '1,1,1,1,1,1,1,1,1,1,1,1]}]},{"t":[2,9]}]'): "A colour is a number",
    ("cellwise", '{"t":[0,0]}]}]}]'): "A colour is a number",
    ("cellwise", '{"t":[10,16]}]'): "A colour is a number",
    ("cellwise", '{"t":[2,23]}]'): "A colour is a number",
    ("fill", '{"t":[11,11]}]}]'): "A colour is a number",
    ("fill", '{"t":[11,11]}]}]}]'): "A colour is a number",
    ("fill", '{"t":[1,1]}]}]}]'): "A colour is a number",
    ("switch", '{"t":[8,9]}]'): "A colour is a number",
    ("switch", '{"t":[2,9]}]'): "A colour is a number",
    ("underfill", '{"t":[1,0]}]}]}]'): "A colour is a number",
    ("apply", '{"t":[6,5]}]}]}]'): "Locations have no colour",
    ("mfilter", '{"f":"color"}]}]}]}]'): "Locations have no colour",
    ("sfilter", '{"f":"color"},2]}]'): "Locations have no colour",
    ("apply", '{"t":[8,3]}]}]}]}]'): "A grid is a grid",
    ("bordering", '{"t":[3,3]}]},2]'): "A grid is a grid",
    ("bordering", '{"t":[2,3]}]}]},1]'): "A grid is a grid",
    ("bordering", '{"t":[29,2]}]},-4]'): "A grid is a grid",
    ("vconcat", "[9,0]"): "A grid is a grid",
    ("argmax", '{"f":"vfrontier"}]'): "A pair holds two numbers",
    ("prapply", '{"t":[16,8]}]}]'): "A pair holds two numbers",
    ("dedupe", '{"t":[2,2]}]}]}]}]'): "Functions are equal when their expressions are",
    ("toindices", '{"t":[-10,-10]}]}]'): "Locations come as a set",
    ("occurrences", '{"t":[18,4]}]}]}]'): "A cell given twice is one cell",
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


def test_differences_are_few() -> None:
    assert len(DIFFERENCES) < 0.02 * sum(map(len, lines(EDGE).values()))


def test_each_difference_has_its_reason_in_the_document() -> None:
    sections = DOCUMENT.read_text(encoding="utf-8").split("\n## ")[1:]
    reasons = {section.splitlines()[0]: section for section in sections}
    assert set(reasons) == set(DIFFERENCES.values())
    for (primitive, _), reason in DIFFERENCES.items():
        assert f"`{primitive}`" in reasons[reason]


@each("signature", (DATA / "signatures.txt").read_text().splitlines())
def test_names_and_parameters_are_the_recorded_ones(signature: str) -> None:
    name, _, rest = signature.partition("(")
    parameters = rest.partition(")")[0].split(", ")
    assert [parameter.partition(":")[0] for parameter in parameters] == [
        parameter.name for parameter in REGISTRY[name].parameters
    ]
