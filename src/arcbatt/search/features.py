"""Features: expressions over a picture, of whose values at each cell rules may make use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from arcbatt.dsl.types import Samples
from arcbatt.program.graph import GraphBuilder, Node, Op, Program
from arcbatt.program.parse import parse_program


@dataclass(frozen=True)
class Feature:
    """An expression over a picture.

    Attributes:
        text: the expression, in which ``I`` is the picture.
        kind: ``picture`` if its values are colours, ``numbers`` if they are numbers with an order.
        bits: the description length, in bits.
    """

    text: str
    kind: str
    bits: int

    def add(self, builder: GraphBuilder, picture: int) -> int:
        """Add the nodes of the expression over a picture and return the index of the last."""
        indices: list[int] = []
        for node in _parse(self.text).nodes:
            if node.op is Op.INPUT:
                indices.append(picture)
            else:
                args = tuple([indices[arg] for arg in node.args])
                indices.append(builder.add(Node(node.op, node.name, args, node.value)))
        return indices[-1]


@cache
def _parse(text: str) -> Program:
    return parse_program(f"def solve(I): return {text}").program


DIRECT = ("(0, 1)", "(0, -1)", "(1, 0)", "(-1, 0)")
DIAGONAL = ("(1, 1)", "(-1, -1)", "(1, -1)", "(-1, 1)")
DIRECTIONS = DIRECT + DIAGONAL
PARTS = "objects(I, True, False, True)"
GROUPS = "objects(I, False, True, True)"
AREAS = "objects(I, True, False, False)"


def _pictures() -> Iterator[tuple[int, str]]:
    """Yield pictures that are like the grid, with their bits."""
    for name in ("hmirror", "vmirror", "rot180", "dmirror", "rot90", "rot270"):
        yield 6, f"{name}(I)"
    for direction in DIRECTIONS:
        bits = 5 if direction in DIRECT else 6
        yield bits, f"sight(I, 1, {direction})"
        yield bits + 2, f"sight(I, 2, {direction})"
        yield bits, f"beside(I, {direction})"
        yield bits + 1, f"smear(I, {direction})"
    for direction in ("(0, 1)", "(1, 0)", "(1, 1)", "(1, -1)"):
        yield 7, f"line_colors(I, {direction})"
        yield 7, f"stretch(I, {direction})"
    for function in ("mostcolor", "leastcolor"):
        yield 7, f"mark(I, {GROUPS}, {function})"
    yield 8, f"mark(I, {AREAS}, compose(compose(mostcolor, rbind(toobject, I)), outbox))"
    for name in (
        "drop_lone",
        "keep_lone",
        "keep_blocks",
        "flood_enclosed",
        "complete_mirror",
        "complete_rotation",
        "symmetrize",
        "join_lines",
        "join_diagonals",
        "grow",
        "grow_around",
        "grow_diagonally",
        "flood_fields",
        "share_fields",
        "keep_largest",
        "keep_largest_group",
        "keep_main_color",
        "keep_rare_color",
        "keep_common_shape",
        "keep_holed",
        "drop_at_edge",
        "mend_noise",
        "perforate",
    ):
        yield 8, f"{name}(I)"
    yield 8, "fill_enclosed(I, 1)"
    yield 8, "fill_boxes(I, 1)"


def _numbers() -> Iterator[tuple[int, str]]:
    """Yield planes of numbers, with their bits."""
    for name in ("part_sizes", "hole_sizes", "hole_counts"):
        yield 5, f"{name}(I)"
        yield 6, f"ranks({name}(I))"
    yield 7, "ranks(ranks(part_sizes(I)))"
    yield 6, "rank_by_size(I)"
    yield 7, "ranks(rank_by_size(I))"
    yield 6, "color_ranks(I)"
    yield 7, "ranks(color_ranks(I))"
    yield 7, "shape_counts(I)"
    for function in ("size", "height", "width", "compose(size, delta)", "rbind(bordering, I)"):
        for objects in (PARTS, GROUPS, AREAS):
            yield 8, f"mark(I, {objects}, {function})"
    yield 8, f"mark(I, {GROUPS}, numcolors)"
    yield 9, f"ranks(mark(I, {GROUPS}, numcolors))"
    for objects in (PARTS, GROUPS, AREAS):
        yield 8, f"box_depths(I, {objects})"
        yield 9, f"remainders(box_depths(I, {objects}), 2)"
        for direction in DIRECT:
            yield 9, f"box_lines(I, {objects}, {direction})"
            yield 9, f"remainders(box_lines(I, {objects}, {direction}), 2)"
    for k in (4, 8):
        yield 5, f"alike_counts(I, {k})"
        yield 5, f"colored_counts(I, {k})"
        for color in range(10):
            yield 7, f"neighbor_counts(I, {k}, {color})"
    for direction in DIRECTIONS:
        yield 6, f"line_numbers(I, {direction})"
        yield 6, f"distance(I, 1, {direction})"
        yield 8, f"distance(I, 2, {direction})"
        for k in (2, 3):
            yield 7, f"remainders(line_numbers(I, {direction}), {k})"
            yield 8, f"remainders(distance(I, 1, {direction}), {k})"
    for direction in ("(0, 1)", "(1, 0)", "(1, 1)", "(1, -1)"):
        yield 7, f"line_counts(I, {direction})"
        yield 8, f"ranks(line_counts(I, {direction}))"


def _all() -> Iterator[Feature]:
    yield Feature("I", "picture", 1)
    for bits, text in _pictures():
        yield Feature(text, "picture", bits)
    for bits, text in _numbers():
        yield Feature(text, "numbers", bits)


FEATURES = tuple(_all())
"""All features; the first is the picture itself."""


@dataclass(frozen=True)
class Base:
    """Pictures of the shape of the output, and the features over them.

    Attributes:
        pictures: the pictures, as expressions over the grid at hand; a rule's cells are those of
            the first one.
        bits: the description length of the choice of these pictures, in bits.
        features: features, each with the place of the picture that it is over.
    """

    pictures: tuple[Feature, ...]
    bits: int
    features: tuple[tuple[int, Feature], ...]


PLAIN = Base((FEATURES[0],), 0, ((0, FEATURES[0]),))
"""The grid at hand alone, whatever the shape of the output."""


@cache
def _base(bits: int, *texts: str) -> Base:
    pictures = tuple([Feature(text, "picture", 1) for text in texts])
    places = range(len(texts))
    features = ((place, feature) for place in places for feature in FEATURES)
    return Base(pictures, bits, tuple(features))


def bases_of(demos: Samples) -> list[Base]:
    """List the bases whose pictures have the shapes of the outputs of all demos."""
    shapes = [
        (len(given), len(given[0]), len(wanted), len(wanted[0]))
        for given, wanted in demos
        if given and given[0] and wanted and wanted[0]
    ]
    if len(shapes) < len(demos):
        return []
    return list(_bases(frozenset(shapes)))


def _bases(shapes: frozenset[tuple[int, int, int, int]]) -> Iterator[Base]:
    if all((height, width) == (rows, columns) for height, width, rows, columns in shapes):
        yield _base(0, "I")
