"""What programs for arc-dsl do with values that are no grids, patches or numbers.

The results follow from the operators of Python that the original applies to its arguments.
"""

from __future__ import annotations

import pytest
from tests.cases import each
from tests.conformance.test_native import call, reference_call
from tests.conformance.test_vectors import outcome
from tests.conformance.vectors import FAILED, LOOSE, Vector, lines, vectors

from arcbatt.dsl.functions import as_function, compose, fork, lbind, rbind
from arcbatt.dsl.types import Value
from arcbatt.dsl.values import FailureKind, alike
from arcbatt.engine import Budget, Case
from arcbatt.engine.reference import ReferenceEngine
from arcbatt.program.parse import parse_program

ROW = (5, 0, 7)
LOCATIONS = frozenset({(3, 4), (3, 5), (6, 0)})
TAGGED = frozenset({((1, 2), (0, 0)), (300, (2, 1))})
TABLE = ((1, (2, 3)), (frozenset({(4, 4)}), 300))
SIZE = as_function("size")

CALLS: list[tuple[str, tuple[Value, ...], Value]] = [
    ("add", (ROW, (10, 20)), (15, 20)),
    ("add", (((8, 8), 1), ((1,), 2)), ((8, 8, 1), 3)),
    ("increment", (ROW,), (6, 1)),
    ("multiply", (((8, 8), (8, 0)), (1, 2)), ((8, 8), (8, 0, 8, 0))),
    ("double", (((8,), 2),), ((8, 8), 4)),
    ("subtract", ((frozenset({1, 2}), 5), (frozenset({2}), 1)), (frozenset({1}), 4)),
    ("both", (3, 5), 5),
    ("either", ((), 5), 5),
    ("intersection", (6, 3), 2),
    ("maximum", (((1, 2), (1, 3)),), (1, 3)),
    ("valmax", ((), as_function("increment")), 1),
    ("height", (ROW,), 3),
    ("width", (((1, 2, 3), 4),), 3),
    ("shape", ((frozenset({(0, 0), (4, 1)}), 3),), (2, 2)),
    ("portrait", (((1,), (2,)),), True),
    ("square", ((ROW, 1, 2),), True),
    ("center", (((3, 1), (2, 7), (4, 4)),), (3, 2)),
    ("vline", (((3, 1), (4, 1)),), False),
    ("ulcorner", (((3, 1, 7), (2, 5, 7)),), (2, 1, 7)),
    ("lrcorner", (TAGGED,), (2, 1)),
    ("hmirror", (ROW,), (7, 0, 5)),
    ("hmirror", (TAGGED,), frozenset({((1, 2), (2, 0)), (300, (0, 1))})),
    ("dmirror", (((1, 2, 3), (4, 5)),), ((1, 4), (2, 5))),
    ("bordering", (frozenset({(0, 5)}), 2), True),
    ("vfrontier", ((2, (3, 4)),), frozenset({(row, (3, 4)) for row in range(30)})),
    ("dneighbors", (ROW,), frozenset({(4, 0), (6, 0), (5, -1), (5, 1)})),
    ("toindices", (((10, 10), (-10, -10)),), ((10, 10), (-10, -10))),
    ("toindices", ((),), frozenset()),
    ("shift", ((), (1, 1)), ()),
    ("color", (LOCATIONS,), 3),
    ("colorcount", (LOCATIONS, 3), 2),
    ("palette", (TAGGED,), frozenset({(1, 2), 300})),
    ("mostcolor", (((2, (0, 0)), (2, (0, 1))),), 2),
    ("colorfilter", ((LOCATIONS, ((4, 4),)), 3), frozenset({LOCATIONS})),
    ("ofcolor", (LOCATIONS, 3), frozenset({(0, 0), (1, 0)})),
    ("asindices", (((1, 2), 3),), frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})),
    ("asobject", ((frozenset({7}),),), frozenset({(7, (0, 0))})),
    (
        "objects",
        (TABLE, 1, (), None),
        frozenset(
            {
                frozenset({(1, (0, 0))}),
                frozenset({((2, 3), (0, 1))}),
                frozenset({(frozenset({(4, 4)}), (1, 0))}),
                frozenset({(300, (1, 1))}),
            }
        ),
    ),
    ("index", (TABLE, (0, 1)), (2, 3)),
    ("rot90", (TABLE,), ((frozenset({(4, 4)}), 1), (300, (2, 3)))),
    ("tophalf", ((1, 2, 3, 4),), (1, 2)),
    ("hconcat", ((1, 2), (3, 4)), (4, 6)),
    ("vconcat", (9, 0), 9),
    ("vconcat", ((1, 2), (3,)), (1, 2, 3)),
    ("vupscale", ((1, 2), 2), (1, 1, 2, 2)),
    ("canvas", ((1, 2), (1, 2)), (((1, 2), (1, 2)),)),
    ("fill", (((1, 1),), 300, frozenset({(0, 0)})), ((300, 1),)),
    ("paint", (((1, 1, 1),) * 3, TAGGED), (((1, 2), 1, 1), (1, 1, 1), (1, 300, 1))),
    ("switch", (((0, 4),), 0, (8, 9)), (((8, 9), 4),)),
    ("apply", (as_function("height"), ((1, 2), (3, 4))), (2, 2)),
    (
        "apply",
        (fork(as_function("subtract"), as_function("height"), SIZE), (ROW, ROW)),
        (0, 0),
    ),
    ("sfilter", (((), ROW), SIZE), (ROW,)),
    (
        "mfilter",
        ((LOCATIONS, frozenset({(0, 1)})), compose(as_function("even"), as_function("color"))),
        ((0, 1),),
    ),
    ("apply", (rbind(as_function("ofcolor"), 8), ((LOCATIONS, TAGGED))), (frozenset(),) * 2),
    ("argmax", ((ROW, (1,)), as_function("height")), ROW),
    ("apply", (lbind(as_function("recolor"), (1, 1)), ()), ()),
]


@each(("name", "args", "expected"), CALLS)
def test_a_call_returns_what_python_makes_of_it(
    name: str, args: tuple[Value, ...], expected: Value
) -> None:
    vector = Vector(name, str(args), args, expected)
    assert alike(outcome(vector), expected)
    assert alike(call(vector), reference_call(vector))


@each("primitive", lines(LOOSE))
def test_both_engines_return_what_python_makes_of_odd_arguments(primitive: str) -> None:
    for vector in vectors(LOOSE, primitive):
        wanted = FailureKind.ARGUMENT if vector.out is FAILED else vector.out
        value, fuel = reference_call(vector)
        assert alike(value, wanted), vector.written
        assert alike(call(vector), (value, fuel)), vector.written


@pytest.mark.parametrize("engine", ["reference", "native"])
def test_a_truth_value_that_is_filled_in_is_an_integer(engine: str) -> None:
    program = parse_program("def solve(I): return fill(I, equality(I, I), asindices(I))").program
    if engine == "reference":
        [*_, last] = ReferenceEngine().trace(program, Case(S=(), I=((0, 2),)), Budget())
    else:
        from arcbatt.engine.native import NativeEngine

        [*_, last] = NativeEngine().trace(program, Case(S=(), I=((0, 2),)), Budget())
    assert alike(last.value, ((1, 1),))
