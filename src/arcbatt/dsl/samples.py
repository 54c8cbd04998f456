"""Primitives about the demo samples: what their inputs, their outputs and both have in common.

The samples are a tuple of (input, output) pairs of grids. One without a known output is none.
"""

from __future__ import annotations

from arcbatt.dsl.functions import as_function, rbind
from arcbatt.dsl.geometry import shape
from arcbatt.dsl.ranks import SYMMETRIES, mir_rot
from arcbatt.dsl.registry import primitive
from arcbatt.dsl.support.arguments import check_color, check_grid
from arcbatt.dsl.types import Callable, Color, Grid, IntegerTuple, Samples, Tuple, Value
from arcbatt.dsl.values import is_grid, is_pair, reject


def check_samples(value: Value) -> Samples:
    """Return the samples, if they are."""
    if type(value) is not tuple or not all(
        type(sample) is tuple and len(sample) == 2 and all(map(is_grid, sample)) for sample in value
    ):
        raise reject("pairs of an input and an output grid", value)
    return value


def _colors(grids: Tuple[Grid]) -> frozenset[Color]:
    return frozenset(color for grid in grids for row in grid for color in row)


@primitive(hidden_from_search=True)
def inputs(S: Samples) -> Tuple[Grid]:
    """List the input grids. Fails where an output is not known.

    >>> inputs(((((1,),), ((2,),)), (((3,),), ((4,),))))
    (((1,),), ((3,),))
    """
    return tuple([given for given, _ in check_samples(S)])


@primitive(hidden_from_search=True)
def outputs(S: Samples) -> Tuple[Grid]:
    """List the output grids. Fails where one is not known.

    >>> outputs(((((1,),), ((2,),)), (((3,),), ((4,),))))
    (((2,),), ((4,),))
    """
    return tuple([wanted for _, wanted in check_samples(S)])


@primitive()
def lost_colors(S: Samples) -> Tuple[Color]:
    """List the colours that inputs have and no output has, ascending.

    Fails where an output is not known.

    >>> lost_colors(((((1, 2),), ((2, 3),)),))
    (1,)
    """
    return tuple(sorted(_colors(inputs(S)) - _colors(outputs(S))))


@primitive()
def new_colors(S: Samples) -> Tuple[Color]:
    """List the colours that outputs have and no input has, ascending.

    Fails where an output is not known.

    >>> new_colors(((((1, 2),), ((2, 3),)),))
    (3,)
    """
    return tuple(sorted(_colors(outputs(S)) - _colors(inputs(S))))


@primitive()
def kept_colors(S: Samples) -> Tuple[Color]:
    """List the colours that some input and some output has, ascending.

    Fails where an output is not known.

    >>> kept_colors(((((1, 2),), ((2, 3),)),))
    (2,)
    """
    return tuple(sorted(_colors(inputs(S)) & _colors(outputs(S))))


@primitive(hidden_from_search=True)
def sample_symmetry(S: Samples) -> Callable[[Grid], Grid]:
    """Find the symmetry of the square that turns each input into its output.

    It is the first one by its number in `mir_rot`. Fails if there is none, and without samples.

    >>> sample_symmetry(((((1, 2), (3, 4)), ((2, 1), (4, 3))),))
    rbind(mir_rot, 5)
    """
    samples = check_samples(S)
    for k in range(len(SYMMETRIES)):
        if samples and all(mir_rot(given, k) == wanted for given, wanted in samples):
            return rbind(as_function("mir_rot"), k)
    raise reject("samples with a symmetry in common", S)


def _pairs_of_colors(samples: Samples) -> frozenset[IntegerTuple]:
    """Return each (input colour, output colour) of samples whose two grids have one shape."""
    return frozenset(
        pair
        for given, wanted in samples
        if len(given) == len(wanted)
        for given_row, wanted_row in zip(given, wanted, strict=True)
        for pair in zip(given_row, wanted_row, strict=True)
    )


@primitive()
def color_map(S: Samples) -> Tuple[IntegerTuple]:
    """Find which colour becomes which, as ascending (input colour, output colour) pairs.

    Samples count whose input and output have the same shape. Fails if there is none, and if a
    colour becomes two.

    >>> color_map(((((1, 2),), ((3, 2),)),))
    ((1, 3), (2, 2))
    """
    same = tuple(
        (given, wanted)
        for given, wanted in check_samples(S)
        if list(map(len, given)) == list(map(len, wanted))
    )
    pairs = _pairs_of_colors(same)
    if not same or len(dict(pairs)) < len(pairs):
        raise reject("samples in which each colour becomes one", S)
    return tuple(sorted(pairs))


@primitive()
def recolor_by(grid: Grid, map: Tuple[IntegerTuple]) -> Grid:
    """Change colours by (colour, new colour) pairs; colours that they do not name stay.

    Fails if two pairs name one colour.

    >>> recolor_by(((1, 2, 5),), ((1, 3), (2, 2)))
    ((3, 2, 5),)
    """
    check_grid(grid)
    if type(map) is not tuple or not all(is_pair(pair) for pair in map):
        raise reject("a tuple of pairs of colours", map)
    new_of = {check_color(old): check_color(new) for old, new in map}
    if len(new_of) < len(map):
        raise reject("pairs that name a colour once", map)
    return tuple([tuple([new_of.get(color, color) for color in row]) for row in grid])


@primitive()
def output_shape(S: Samples) -> IntegerTuple:
    """Return the (height, width) that all outputs share.

    Fails if they differ, and without samples.

    >>> output_shape(((((1,),), ((2, 3),)),))
    (1, 2)
    """
    shapes = frozenset(shape(wanted) for wanted in outputs(S))
    if len(shapes) != 1:
        raise reject("samples with one output shape", S)
    (common,) = shapes
    return common
