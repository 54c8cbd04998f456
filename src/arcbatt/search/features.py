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
NEAR = tuple(
    feature
    for feature in FEATURES
    if feature.text in ("I", "alike_counts(I, 8)", "colored_counts(I, 4)", "colored_counts(I, 8)")
)
"""The features over pictures beside the first one of a base."""
PANELS_MAX = 3
"""The number of panels side by side or below each other that a base may have."""
TIMES_MAX = 36
"""The number of copies of the grid that a base may have."""


@cache
def _base(bits: int, *texts: str) -> Base:
    pictures = tuple([Feature(text, "picture", 1) for text in texts])
    features = [(0, feature) for feature in FEATURES]
    features += [(place, feature) for place in range(1, len(texts)) for feature in NEAR]
    return Base(pictures, bits, tuple(features))


def bases_of(demos: Samples) -> list[Base]:
    """List the bases whose pictures have the shapes of the outputs of all demos."""
    sides = [
        ((len(given), len(wanted)), (len(given[0]), len(wanted[0])))
        for given, wanted in demos
        if given and given[0] and wanted and wanted[0]
    ]
    if len(sides) < len(demos):
        return []
    rows, columns = (frozenset(pairs) for pairs in zip(*sides, strict=True))
    return list(_bases(rows, columns))


Lengths = frozenset[tuple[int, int]]
"""The lengths of one side of the inputs, each with that of the output."""


def _bases(rows: Lengths, columns: Lengths) -> Iterator[Base]:
    down, right = _times(rows), _times(columns)
    if down == right == 1:
        yield _base(0, "I")
        return
    if down and right and down * right <= TIMES_MAX:
        sides = f"multiply(shape(I), ({down}, {right}))"
        scaled = f"hupscale(vupscale(I, {down}), {right})"
        yield _base(4, f"tile(I, {sides})", scaled, f"tile_mirrored(I, {sides})")
    down, right = _panels(rows), _panels(columns)
    if (down, right) == (2, 2):
        halves = ("tophalf(I)", "bottomhalf(I)")
        yield _base(
            4, *[f"{side}({half})" for half in halves for side in ("lefthalf", "righthalf")]
        )
    elif (down, right) in ((2, 1), (1, 2)):
        names = ("tophalf", "bottomhalf") if down == 2 else ("lefthalf", "righthalf")
        yield _base(4, *[f"{name}(I)" for name in names])
    elif down and right and 1 < down * right <= PANELS_MAX:
        is_plain = _times(frozenset(_turned(rows))) and _times(frozenset(_turned(columns)))
        split = f"vsplit(I, {down})" if down > 1 else f"hsplit(I, {right})"
        whole = split if is_plain else "compartments(I)"
        yield _base(4, *[f"{name}({whole})" for name in ("first", "second", "last")])
    down, right = _times(frozenset(_turned(rows))), _times(frozenset(_turned(columns)))
    if down and right and down * right > 1:
        sides = f"divide(shape(I), ({down}, {right}))"
        yield _base(6, f"shrink(I, {sides})", f"crop(I, ORIGIN, {sides})")
    elif len(outputs := {(row, column) for _, row in rows for _, column in columns}) == 1:
        (sides_of,) = outputs
        yield _base(6, f"shrink(I, {sides_of})", f"shrink(cut_to_cells(I), {sides_of})")


def _turned(lengths: Lengths) -> Iterator[tuple[int, int]]:
    return ((wanted, given) for given, wanted in lengths)


def _times(lengths: Lengths) -> int:
    """Return how many times an input goes into its output; 0 if it doesn't, or differs."""
    times = {wanted // given if wanted % given == 0 else 0 for given, wanted in lengths}
    return times.pop() if len(times) == 1 else 0


def _panels(lengths: Lengths) -> int:
    """Return how many outputs lie side by side in an input, perhaps with lines between them.

    0 if it isn't so, or if that differs.
    """
    for between in (0, 1):
        counts = {
            (given + between) // (wanted + between)
            if (given + between) % (wanted + between) == 0
            else 0
            for given, wanted in lengths
        }
        if len(counts) == 1 and (count := counts.pop()):
            return count
    return 0
