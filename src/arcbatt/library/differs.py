"""Differs: each tells in one respect how near a grid I is to the wanted grid C.

1000 means equal in that respect, 0 as far apart as can be. Sets are compared by the share of
their members that both have, numbers by the smaller one's share of the larger one; one is added
on both sides, so that nothing at all equals nothing at all.
"""


def differ_cells(S, I, C):
    """Share of the larger grid's cells that have the same colour at the same place in both."""
    ours = asobject(I)
    wanted = asobject(C)
    same = size(intersection(ours, wanted))
    return divide(multiply(1000, same), maximum(astuple(size(ours), size(wanted))))


def differ_height(S, I, C):
    """Ratio of the heights."""
    both = astuple(height(I), height(C))
    return divide(multiply(1000, minimum(both)), maximum(both))


def differ_width(S, I, C):
    """Ratio of the widths."""
    both = astuple(width(I), width(C))
    return divide(multiply(1000, minimum(both)), maximum(both))


def differ_palette(S, I, C):
    """Share of all colours of either grid that both have."""
    ours = palette(I)
    wanted = palette(C)
    shared = size(intersection(ours, wanted))
    return divide(multiply(1000, shared), size(combine(ours, wanted)))


def differ_color_number(S, I, C):
    """Ratio of the numbers of colours."""
    both = astuple(numcolors(I), numcolors(C))
    return divide(multiply(1000, minimum(both)), maximum(both))


def differ_color_counts(S, I, C):
    """Cells that could keep their colour if only the places were wrong, as a share."""
    both_counts = fork(astuple, lbind(colorcount, I), lbind(colorcount, C))
    ticks = chain(lbind(repeat, ONE), minimum, both_counts)
    matched = size(mapply_t(ticks, palette(C)))
    cells = maximum(astuple(size(asindices(I)), size(asindices(C))))
    return divide(multiply(1000, matched), cells)


def differ_background(S, I, C):
    """Whether the most frequent colour is the same: 1000 or 0."""
    return branch(equality(mostcolor(I), mostcolor(C)), 1000, ZERO)


def differ_figure(S, I, C):
    """Share of the places outside the most frequent colour that both grids have."""
    ours = difference(asindices(I), ofcolor(I, mostcolor(I)))
    wanted = difference(asindices(C), ofcolor(C, mostcolor(C)))
    shared = increment(size(intersection(ours, wanted)))
    return divide(multiply(1000, shared), increment(size(combine(ours, wanted))))


def differ_forms(S, I, C):
    """Share of the objects' forms, with their colours, that both grids have."""
    ours = apply(normalize, objects(I, T, T, T))
    wanted = apply(normalize, objects(C, T, T, T))
    shared = increment(size(intersection(ours, wanted)))
    return divide(multiply(1000, shared), increment(size(combine(ours, wanted))))


def differ_outlines(S, I, C):
    """Share of the objects' forms, whatever their colours, that both grids have."""
    form = compose(normalize, toindices)
    ours = apply(form, objects(I, T, F, T))
    wanted = apply(form, objects(C, T, F, T))
    shared = increment(size(intersection(ours, wanted)))
    return divide(multiply(1000, shared), increment(size(combine(ours, wanted))))


def differ_object_sizes(S, I, C):
    """Share of the objects' sizes in cells that both grids have."""
    ours = apply(size, objects(I, T, F, T))
    wanted = apply(size, objects(C, T, F, T))
    shared = increment(size(intersection(ours, wanted)))
    return divide(multiply(1000, shared), increment(size(combine(ours, wanted))))


def differ_object_places(S, I, C):
    """Share of the objects' upper left corners that both grids have."""
    ours = apply(ulcorner, objects(I, T, T, T))
    wanted = apply(ulcorner, objects(C, T, T, T))
    shared = increment(size(intersection(ours, wanted)))
    return divide(multiply(1000, shared), increment(size(combine(ours, wanted))))


def differ_object_count(S, I, C):
    """Ratio of the numbers of objects."""
    both = increment(astuple(size(objects(I, T, T, T)), size(objects(C, T, T, T))))
    return divide(multiply(1000, minimum(both)), maximum(both))


def differ_boxes(S, I, C):
    """Share of the objects' bounding boxes that both grids have, of all colours together."""
    bounds = fork(astuple, ulcorner, lrcorner)
    ours = apply(bounds, objects(I, F, T, T))
    wanted = apply(bounds, objects(C, F, T, T))
    shared = increment(size(intersection(ours, wanted)))
    return divide(multiply(1000, shared), increment(size(combine(ours, wanted))))


def differ_symmetry(S, I, C):
    """Share of the symmetries of the square that both grids have."""
    numbers = interval(ZERO, EIGHT, ONE)
    ours = sfilter(numbers, compose(lbind(equality, I), lbind(mir_rot, I)))
    wanted = sfilter(numbers, compose(lbind(equality, C), lbind(mir_rot, C)))
    shared = size(intersection(insert(ZERO, merge(initset(ours))), merge(initset(wanted))))
    return divide(multiply(1000, shared), size(dedupe(combine(ours, wanted))))


def differ_holes(S, I, C):
    """Ratio of the numbers of background areas that do not reach the border."""
    ours = colorfilter(objects(I, T, F, F), mostcolor(I))
    wanted = colorfilter(objects(C, T, F, F), mostcolor(C))
    our_holes = size(sfilter(ours, compose(flip, rbind(bordering, I))))
    wanted_holes = size(sfilter(wanted, compose(flip, rbind(bordering, C))))
    both = increment(astuple(our_holes, wanted_holes))
    return divide(multiply(1000, minimum(both)), maximum(both))


def differ_upright_edges(S, I, C):
    """Share of the places where the colour changes to the right that both grids have."""
    ours = toindices(difference(asobject(I), shift(asobject(I), LEFT)))
    wanted = toindices(difference(asobject(C), shift(asobject(C), LEFT)))
    shared = increment(size(intersection(ours, wanted)))
    return divide(multiply(1000, shared), increment(size(combine(ours, wanted))))


def differ_level_edges(S, I, C):
    """Share of the places where the colour changes downwards that both grids have."""
    ours = toindices(difference(asobject(I), shift(asobject(I), UP)))
    wanted = toindices(difference(asobject(C), shift(asobject(C), UP)))
    shared = increment(size(intersection(ours, wanted)))
    return divide(multiply(1000, shared), increment(size(combine(ours, wanted))))


def differ_rows(S, I, C):
    """Share of the different rows that both grids have, wherever they stand."""
    ours = merge(initset(I))
    wanted = merge(initset(C))
    shared = size(intersection(ours, wanted))
    return divide(multiply(1000, shared), size(combine(ours, wanted)))


def differ_columns(S, I, C):
    """Share of the different columns that both grids have, wherever they stand."""
    ours = merge(initset(dmirror(I)))
    wanted = merge(initset(dmirror(C)))
    shared = size(intersection(ours, wanted))
    return divide(multiply(1000, shared), size(combine(ours, wanted)))
