"""Regularities: each reads one property off an input grid I and an output grid C.

Where all demos of a task have the same value, an output for a test input should have it too. Of
programs that fit all demos, those whose outputs have other values are rarely right.
"""


def colors(S, I, C):
    """The colours of the output."""
    return palette(C)


def color_number(S, I, C):
    """How many colours the output has."""
    return numcolors(C)


def colors_kept(S, I, C):
    """Whether input and output have the same colours."""
    return equality(palette(I), palette(C))


def colors_new(S, I, C):
    """The colours that only the output has."""
    return difference(palette(C), palette(I))


def colors_new_number(S, I, C):
    """How many colours only the output has."""
    return size(difference(palette(C), palette(I)))


def colors_lost(S, I, C):
    """The colours that only the input has."""
    return difference(palette(I), palette(C))


def colors_lost_number(S, I, C):
    """How many colours only the input has."""
    return size(difference(palette(I), palette(C)))


def counts_changed(S, I, C):
    """The colours that one grid has more often than the other."""
    same = fork(equality, lbind(colorcount, I), lbind(colorcount, C))
    return sfilter(combine(palette(I), palette(C)), compose(flip, same))


def counts_grown(S, I, C):
    """The colours that the output has more often than the input."""
    more = fork(greater, lbind(colorcount, C), lbind(colorcount, I))
    return sfilter(combine(palette(I), palette(C)), more)


def counts_kept(S, I, C):
    """Whether both grids have each colour equally often."""
    same = fork(equality, lbind(colorcount, I), lbind(colorcount, C))
    return flip(size(sfilter(combine(palette(I), palette(C)), compose(flip, same))))


def cells_added(S, I, C):
    """Whether the output has more coloured cells."""
    return greater(cell_count(C), cell_count(I))


def cells_removed(S, I, C):
    """Whether the output has fewer coloured cells."""
    return greater(cell_count(I), cell_count(C))


def cells_filled(S, I, C):
    """Whether every cell of the output is coloured."""
    return flip(colorcount(C, ZERO))


def background(S, I, C):
    """The most frequent colour of the output."""
    return mostcolor(C)


def background_kept(S, I, C):
    """Whether the most frequent colour stays."""
    return equality(mostcolor(I), mostcolor(C))


def shape_kept(S, I, C):
    """Whether the output has the shape of the input."""
    return equality(shape(I), shape(C))


def shape_of_output(S, I, C):
    """The shape of the output."""
    return shape(C)


def shape_difference(S, I, C):
    """By how many rows and columns the input is larger."""
    return subtract(shape(I), shape(C))


def shape_part(S, I, C):
    """How often the output fits into the input, down and across."""
    return divide(shape(I), shape(C))


def cut_out(S, I, C):
    """Whether the output is a part of the input."""
    return positive(size(occurrences(I, asobject(C))))


def rows_known(S, I, C):
    """Whether the input has all rows of the output."""
    return flip(size(difference(C, I)))


def rows_distinct(S, I, C):
    """Whether no two rows of the output are equal."""
    return equality(size(dedupe(C)), height(C))


def columns_distinct(S, I, C):
    """Whether no two columns of the output are equal."""
    return equality(size(dedupe(dmirror(C))), width(C))


def mirrored_upright(S, I, C):
    """Whether the output is its own mirror image, left to right."""
    return equality(C, vmirror(C))


def mirrored_level(S, I, C):
    """Whether the output is its own mirror image, top to bottom."""
    return equality(C, hmirror(C))


def mirrored_diagonal(S, I, C):
    """Whether the output is its own mirror image at the main diagonal."""
    return equality(C, dmirror(C))


def mirrored_counter(S, I, C):
    """Whether the output is its own mirror image at the other diagonal."""
    return equality(C, cmirror(C))


def half_turned(S, I, C):
    """Whether half a turn leaves the output as it is."""
    return equality(C, rot180(C))


def pairs_upright(S, I, C):
    """Which colours of the output stand above which."""
    rows = decrement(height(C))
    above = crop(C, ORIGIN, astuple(rows, width(C)))
    below = crop(C, DOWN, astuple(rows, width(C)))
    return merge(initset(merge(papply(pair, above, below))))


def pairs_level(S, I, C):
    """Which colours of the output stand left of which."""
    columns = decrement(width(C))
    left = crop(C, ORIGIN, astuple(height(C), columns))
    right = crop(C, RIGHT, astuple(height(C), columns))
    return merge(initset(merge(papply(pair, left, right))))


def part_number(S, I, C):
    """How many parts of one colour the output has."""
    return size(objects(C, T, T, T))


def part_number_kept(S, I, C):
    """Whether the number of parts stays."""
    return equality(size(objects(I, T, T, T)), size(objects(C, T, T, T)))


def direct_part_number_kept(S, I, C):
    """Whether the number of parts that are connected by edges stays."""
    return equality(size(objects(I, T, F, T)), size(objects(C, T, F, T)))


def part_forms(S, I, C):
    """The forms of the parts of the output, however they are turned."""
    return apply(free_shape, objects(C, T, T, T))


def part_forms_kept(S, I, C):
    """Whether both grids have parts of the same forms."""
    form = compose(normalize, toindices)
    return equality(apply(form, objects(I, T, T, T)), apply(form, objects(C, T, T, T)))


def part_form_is_one(S, I, C):
    """Whether all parts of the output have one form."""
    return equality(size(apply(free_shape, objects(C, T, T, T))), ONE)


def part_forms_by_color(S, I, C):
    """Whether parts of one colour have one form."""
    parts = objects(C, T, T, T)
    return equality(size(apply(normalize, parts)), size(apply(color, parts)))


def part_sizes(S, I, C):
    """How many cells the parts of the output have."""
    return apply(size, objects(C, T, T, T))


def parts_lone(S, I, C):
    """Whether the output has a part of one cell."""
    return contained(ONE, apply(size, objects(C, T, T, T)))


def direct_parts_lone(S, I, C):
    """Whether the output has a part of one cell, where corners don't connect."""
    return contained(ONE, apply(size, objects(C, T, F, T)))


def parts_rectangular(S, I, C):
    """Whether all parts of the output are rectangles."""
    return flip(size(sfilter(objects(C, T, F, T), compose(flip, rectangular))))


def parts_whole(S, I, C):
    """Whether each part of the input stays or changes as a whole, the background's too."""
    after = rbind(toobject, C)
    partly = fork(both, compose(flip, fork(equality, identity, after)), compose(size, fork(intersection, identity, after)))
    return flip(size(sfilter(objects(I, T, F, F), partly)))


def diagonal_parts_whole(S, I, C):
    """Whether each part of the input stays or changes as a whole, where corners connect."""
    after = rbind(toobject, C)
    partly = fork(both, compose(flip, fork(equality, identity, after)), compose(size, fork(intersection, identity, after)))
    return flip(size(sfilter(objects(I, T, T, T), partly)))


def group_number(S, I, C):
    """How many groups of coloured cells the output has."""
    return group_count(C)


def group_number_is_one(S, I, C):
    """Whether all coloured cells of the output are connected."""
    return equality(group_count(C), ONE)


def group_number_kept(S, I, C):
    """Whether the number of groups stays."""
    return equality(size(objects(I, F, T, T)), size(objects(C, F, T, T)))


def group_number_grown(S, I, C):
    """Whether the output has more groups."""
    return greater(group_count(C), group_count(I))


def gap_number(S, I, C):
    """How many connected parts the cells without colour make in the output."""
    return size(colorfilter(objects(C, T, F, F), ZERO))


def gaps_rectangular(S, I, C):
    """Whether the connected parts of the cells without colour are rectangles."""
    gaps = colorfilter(objects(C, T, F, F), ZERO)
    return flip(size(sfilter(gaps, compose(flip, rectangular))))


def hole_number(S, I, C):
    """How many enclosed parts the cells without colour make in the output."""
    return size(holes(C))


def exchanges(S, I, C):
    """Which colours become which."""
    pairs = merge(initset(merge(papply(pair, I, C))))
    return sfilter(pairs, compose(flip, fork(equality, first, last)))


def changed_to(S, I, C):
    """The colours of cells that are new at their place."""
    return apply(first, difference(asobject(C), asobject(I)))


def changed_to_number(S, I, C):
    """How many colours the cells have that are new at their place."""
    return size(apply(first, difference(asobject(C), asobject(I))))


def changed_from(S, I, C):
    """The colours of cells that are no longer at their place."""
    return apply(first, difference(asobject(I), asobject(C)))


def changed_from_number(S, I, C):
    """How many colours the cells have that are no longer at their place."""
    return size(apply(first, difference(asobject(I), asobject(C))))


def changed_number(S, I, C):
    """How many cells are new at their place."""
    return size(difference(asobject(C), asobject(I)))


def changed_at_edge(S, I, C):
    """Whether all cells that are new at their place are at the edge of the output."""
    changed = toindices(difference(asobject(C), asobject(I)))
    return flip(size(difference(changed, box(asindices(C)))))


def changed_inside(S, I, C):
    """Whether no cell that is new at its place is at the edge of the output."""
    changed = toindices(difference(asobject(C), asobject(I)))
    return flip(size(intersection(changed, box(asindices(C)))))


def changed_beside_figure(S, I, C):
    """Whether all cells that are new at their place touch a coloured cell of the input."""
    changed = toindices(difference(asobject(C), asobject(I)))
    near = mapply(neighbors, difference(asindices(I), ofcolor(I, ZERO)))
    return flip(size(difference(changed, near)))


def change_number(S, I, C):
    """How many connected parts the changed cells make."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    return size(colorfilter(objects(mask, T, T, F), ONE))


def change_number_is_one(S, I, C):
    """Whether the changed cells are connected."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    return equality(size(colorfilter(objects(mask, T, T, F), ONE)), ONE)


def change_forms(S, I, C):
    """The forms of the connected parts of the changed cells, however they are turned."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    return apply(free_shape, colorfilter(objects(mask, T, T, F), ONE))


def change_form_is_one(S, I, C):
    """Whether the connected parts of the changed cells have one form."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    return equality(size(apply(normalize, colorfilter(objects(mask, T, T, F), ONE))), ONE)


def change_sizes(S, I, C):
    """How many cells the connected parts of the changed cells have."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    return apply(size, colorfilter(objects(mask, T, T, F), ONE))


def change_size_is_one(S, I, C):
    """Whether the connected parts of the changed cells have equally many cells."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    return equality(size(apply(size, colorfilter(objects(mask, T, T, F), ONE))), ONE)


def changes_lone(S, I, C):
    """Whether each connected part of the changed cells is a single cell."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    return equality(apply(size, colorfilter(objects(mask, T, T, F), ONE)), initset(ONE))


def changes_rectangular(S, I, C):
    """Whether the parts of the changed cells are rectangles, where corners don't connect."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    return flip(size(sfilter(colorfilter(objects(mask, T, F, F), ONE), compose(flip, rectangular))))


def changes_one_colored(S, I, C):
    """Whether each connected part of the changed cells has one colour in the output."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    looks = compose(numcolors, rbind(toobject, C))
    return equality(apply(looks, colorfilter(objects(mask, T, T, F), ONE)), initset(ONE))


def changes_beside_own(S, I, C):
    """Whether each connected part of the changed cells touches its colour in the input."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    near = chain(palette, rbind(toobject, I), halo)
    touches = fork(contained, compose(mostcolor, rbind(toobject, C)), near)
    return flip(size(sfilter(colorfilter(objects(mask, T, T, F), ONE), compose(flip, touches))))


def changes_mirrored_upright(S, I, C):
    """Whether the changed cells are their own mirror image, left to right."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    return equality(mask, vmirror(mask))


def changes_mirrored_level(S, I, C):
    """Whether the changed cells are their own mirror image, top to bottom."""
    changed = toindices(difference(asobject(C), asobject(I)))
    mask = fill(canvas(ZERO, shape(C)), ONE, changed)
    return equality(mask, hmirror(mask))
