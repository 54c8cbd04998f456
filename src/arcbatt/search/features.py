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


PICTURES = (
    "hmirror(I)",
    "vmirror(I)",
    "rot180(I)",
    "dmirror(I)",
    "rot90(I)",
    "rot270(I)",
    "drop_lone(I)",
    "keep_lone(I)",
    "flood_enclosed(I)",
    "fill_enclosed(I, 1)",
    "complete_mirror(I)",
    "complete_rotation(I)",
    "symmetrize(I)",
    "join_lines(I)",
    "join_diagonals(I)",
    "smear(I, (0, 1))",
    "smear(I, (0, -1))",
    "smear(I, (1, 0))",
    "smear(I, (-1, 0))",
    "smear(I, (1, 1))",
    "smear(I, (1, -1))",
    "smear(I, (-1, 1))",
    "smear(I, (-1, -1))",
    "grow(I)",
    "grow_around(I)",
    "flood_fields(I)",
    "share_fields(I)",
    "keep_largest(I)",
    "keep_main_color(I)",
    "keep_rare_color(I)",
    "keep_blocks(I)",
    "mend_noise(I)",
    "perforate(I)",
    "keep_common_shape(I)",
    "keep_holed(I)",
    "drop_at_edge(I)",
    "fill_boxes(I, 1)",
)
NUMBERS = ("part_sizes(I)", "hole_sizes(I)", "hole_counts(I)", "rank_by_size(I)")


def _all() -> Iterator[Feature]:
    yield Feature("I", "picture", 1)
    for text in PICTURES:
        yield Feature(text, "picture", 7)
    for text in NUMBERS:
        yield Feature(text, "numbers", 6)


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
