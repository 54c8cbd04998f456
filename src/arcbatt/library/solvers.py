"""Solvers of training tasks of ARC-AGI-1: each is right on every sample of its task.

Each computes its output from the input, in terms as general as the task allows.
"""


def solve_007bbfb7(S, I, C):
    """Put a copy of the grid wherever the enlarged grid has colour."""
    row = hconcat(I, hconcat(I, I))
    tiles = vconcat(row, vconcat(row, row))
    empty = ofcolor(upscale(I, 3), 0)
    return fill(tiles, 0, empty)


def solve_00d62c1b(S, I, C):
    """Fill the enclosed holes."""
    gaps = colorfilter(objects(I, True, False, False), mostcolor(I))
    open_gap = rbind(bordering, I)
    holes = mfilter(gaps, compose(flip, open_gap))
    return fill(I, first(new_colors(S)), holes)


def solve_017c7c7b(S, I, C):
    """Continue the pattern downwards by its period, in another colour."""
    period = vperiod(asobject(I))
    unit = crop(I, (0, 0), astuple(period, width(I)))
    rows = merge(repeat(unit, height(I)))
    longer = crop(rows, (0, 0), output_shape(S))
    return replace(longer, first(lost_colors(S)), first(new_colors(S)))


def solve_025d127b(S, I, C):
    """Straighten each slanted shape: all but its bottom row and right column step right."""
    shapes = objects(I, True, True, True)
    bottom = compose(hfrontier, lrcorner)
    side = compose(vfrontier, lrcorner)
    anchor = fork(recolor, color, fork(combine, bottom, side))
    movers = mapply(fork(difference, identity, anchor), shapes)
    return move(I, movers, RIGHT)


def solve_045e512c(S, I, C):
    """Repeat the large shape towards each small piece, in the piece's colour."""
    pieces = objects(I, True, True, True)
    model = argmax(pieces, size)
    step = increment(shape(model))
    direction = lbind(position, model)
    ray = compose(lbind(shoot, ORIGIN), direction)
    offsets = compose(lbind(apply, lbind(multiply, step)), ray)
    copies = compose(lbind(mapply, lbind(shift, toindices(model))), offsets)
    echoes = mapply(fork(recolor, color, copies), remove(model, pieces))
    return paint(paint(I, echoes), model)


def solve_0520fde7(S, I, C):
    """Mark the cells that both halves have."""
    shared = cellwise(lefthalf(I), righthalf(I), 0)
    return replace(shared, 1, first(new_colors(S)))


def solve_05269061(S, I, C):
    """Extend coloured diagonals over the grid with a period of three."""
    cells = merge(fgpartition(I))
    span = height(I)
    diagonal = connect(astuple(span, invert(span)), astuple(invert(span), span))
    stripes = mapply(lbind(shift, cells), diagonal)
    period = size(palette(cells))
    reach = multiply(period, span)
    offsets = product(initset(0), interval(invert(reach), reach, period))
    return paint(I, mapply(lbind(shift, stripes), offsets))


def solve_05f2a901(S, I, C):
    """Let the red shape fall onto the square."""
    shapes = objects(I, True, True, True)
    block = extract(shapes, square)
    faller = other(shapes, block)
    return move(I, faller, gravitate(faller, block))


def solve_06df4c85(S, I, C):
    """Join blocks of one colour that lie in one row or column."""
    mesh = color(first(frontiers(I)))
    colors = partition(I)
    empty_or_mesh = combine(colorfilter(colors, 0), colorfilter(colors, mesh))
    blocks = difference(colors, empty_or_mesh)
    segments = fork(lbind(prapply, connect), toindices, toindices)
    straight = rbind(sfilter, fork(either, hline, vline))
    bridges = fork(recolor, color, chain(merge, straight, segments))
    joined = paint(I, mapply(bridges, blocks))
    return paint(joined, merge(difference(colors, colorfilter(colors, 0))))


def solve_08ed6ac7(S, I, C):
    """Number the bars by their height, the highest first."""
    bars = objects(I, True, False, True)
    one = fill(I, 1, rank_by(bars, height, 0))
    two = fill(one, 2, rank_by(bars, height, 1))
    three = fill(two, 3, rank_by(bars, height, 2))
    return fill(three, 4, rank_by(bars, height, 3))


def solve_09629e4f(S, I, C):
    """Enlarge the one part that has the fewest colours to the whole grid."""
    parts = mapply(rbind(vsplit, 3), hsplit(I, 3))
    plain = argmin(parts, numcolors)
    large = crop(upscale(plain, increment(height(plain))), (0, 0), shape(I))
    lines = color(first(frontiers(I)))
    return fill(large, lines, ofcolor(I, lines))


def solve_0962bcdd(S, I, C):
    """Grow each plus: its arms straight, its core along the diagonals."""
    core = leastcolor(I)
    arms = color_rank(I, 1)
    centers = ofcolor(I, core)
    plus = combine(connect((-2, 0), (2, 0)), connect((0, -2), (0, 2)))
    cross = combine(connect((-2, -2), (2, 2)), connect((-2, 2), (2, -2)))
    grown = fill(I, arms, mapply(lbind(shift, plus), centers))
    return fill(grown, core, mapply(lbind(shift, cross), centers))


def solve_0a938d79(S, I, C):
    """Draw a line across at each of two dots and repeat both lines at twice their distance."""
    turn = branch(portrait(I), dmirror, identity)
    grid = turn(I)
    dots = objects(grid, True, False, True)
    bars = mapply(fork(recolor, color, compose(vfrontier, ulcorner)), dots)
    period = double(decrement(width(merge(dots))))
    offsets = product(initset(0), interval(0, width(grid), period))
    return turn(paint(grid, mapply(lbind(shift, bars), offsets)))


def solve_0b148d64(S, I, C):
    """Cut out the part with the rare colour."""
    return subgrid(ofcolor(I, leastcolor(I)), I)


def solve_0ca9ddb6(S, I, C):
    """Put corners around red cells and a plus around blue cells."""
    corners_on = fill(I, 4, mapply(ineighbors, ofcolor(I, 2)))
    return fill(corners_on, 7, mapply(dneighbors, ofcolor(I, 1)))


def solve_0d3d703e(S, I, C):
    """Swap colours in fixed pairs."""
    return recolor_by(I, color_map(S))


def solve_0dfd9992(S, I, C):
    """Repair a wallpaper with holes: find its periods in whole rows and columns, then repeat it."""
    whole = compose(flip, lbind(contained, 0))
    across = hperiod(asobject(sfilter(I, whole)))
    down = hperiod(asobject(sfilter(dmirror(I), whole)))
    cells = toobject(difference(asindices(I), ofcolor(I, 0)), I)
    reach = multiply((4, 4), astuple(down, across))
    rightward = product(initset(0), interval(invert(last(reach)), increment(last(reach)), across))
    wide = paint(I, mapply(lbind(shift, cells), rightward))
    more = toobject(difference(asindices(I), ofcolor(wide, 0)), wide)
    downward = product(interval(invert(first(reach)), increment(first(reach)), down), initset(0))
    return paint(wide, mapply(lbind(shift, more), downward))


def solve_0e206a2e(S, I, C):
    """Move each figure onto the equal dots, turned or mirrored as they need it."""
    figures = sfilter(objects(I, False, True, True), compose(rbind(greater, 3), size))
    body = mostcolor(merge(figures))
    grids = apply(rbind(subgrid, I), figures)
    variants = prapply(mir_rot, grids, interval(0, 8, 1))
    filled = fork(difference, asindices, rbind(ofcolor, 0))
    marked = fork(difference, filled, rbind(ofcolor, body))
    cells = fork(toobject, filled, identity)
    marks = fork(toobject, marked, identity)
    places = compose(lbind(occurrences, I), marks)
    origin = fork(shift, cells, chain(invert, ulcorner, marks))
    copies = fork(mapply, compose(lbind(lbind, shift), origin), places)
    return fill(paint(I, mapply(copies, variants)), 0, merge(figures))


def solve_10fcaaa3(S, I, C):
    """Tile the grid two by two and mark the corners of each cell."""
    row = hconcat(I, I)
    tiles = vconcat(row, row)
    dots = ofcolor(tiles, leastcolor(I))
    return underfill(tiles, first(new_colors(S)), mapply(ineighbors, dots))


def solve_11852cab(S, I, C):
    """Complete a figure to full symmetry."""
    part = merge(fgpartition(I))
    slanted = combine(part, dmirror(part))
    doubled = combine(slanted, hmirror(slanted))
    return paint(I, combine(doubled, vmirror(doubled)))


def solve_1190e5a7(S, I, C):
    """Count the fields between the lines, down and across."""
    fields = colorfilter(objects(I, True, False, False), mostcolor(I))
    rows = size(apply(uppermost, fields))
    columns = size(apply(leftmost, fields))
    return canvas(mostcolor(I), astuple(rows, columns))


def solve_137eaa0f(S, I, C):
    """Lay the surroundings of all grey cells on top of each other."""
    hubs = ofcolor(I, 5)
    around = compose(rbind(toobject, I), neighbors)
    recenter = fork(shift, around, lbind(subtract, (1, 1)))
    blank = canvas(5, output_shape(S))
    return paint(blank, mapply(recenter, hubs))


def solve_178fcbfb(S, I, C):
    """Red cells draw their column, all others their row over it."""
    columns = fill(I, 2, mapply(vfrontier, ofcolor(I, 2)))
    dots = difference(fgpartition(I), colorfilter(fgpartition(I), 2))
    rows = fork(recolor, color, compose(lbind(mapply, hfrontier), toindices))
    return paint(columns, mapply(rows, dots))


def solve_1a07d186(S, I, C):
    """Dots move to the line of their colour, the others vanish."""
    parts = objects(I, True, False, True)
    dots = sizefilter(parts, 1)
    lines = difference(parts, dots)
    colors = apply(color, lines)
    loyal = sfilter(dots, compose(rbind(contained, colors), color))
    line_of = compose(first, compose(lbind(colorfilter, lines), color))
    landing = fork(shift, identity, fork(gravitate, identity, line_of))
    return paint(cover(I, merge(dots)), mapply(landing, loyal))


def solve_1b2d62fb(S, I, C):
    """Mark the cells that are empty in both halves."""
    left = lefthalf(I)
    empty = intersection(ofcolor(left, 0), ofcolor(righthalf(I), 0))
    return fill(canvas(0, shape(left)), first(new_colors(S)), empty)


def solve_1b60fb0c(S, I, C):
    """Complete a shape that is the same upside down."""
    part = ofcolor(I, 1)
    turned = vmirror(hmirror(part))
    offset = tojvec(subtract(width(part), height(part)))
    return underfill(I, 2, shift(turned, offset))


def solve_1bfc4729(S, I, C):
    """Give each dot a frame around its half, with a bar in the dot's row."""
    dots = objects(I, True, False, True)
    half = shape(tophalf(I))
    upper = canvas(color(argmin(dots, uppermost)), half)
    lower = canvas(color(argmax(dots, uppermost)), half)
    bars = mapply(compose(hfrontier, ulcorner), dots)
    kept = combine(bars, box(asindices(I)))
    return fill(vconcat(upper, lower), 0, difference(asindices(I), kept))


def solve_1c786137(S, I, C):
    """Cut out what stands inside the frame."""
    parts = objects(I, True, False, False)
    framed = sfilter(parts, fork(equality, toindices, box))
    return trim(subgrid(argmax(framed, size), I))


def solve_1caeab9d(S, I, C):
    """Bring all blocks to the level of the blue one."""
    blocks = objects(I, True, True, True)
    level = lowermost(ofcolor(I, 1))
    rise = compose(toivec, compose(lbind(subtract, level), lowermost))
    moved = mapply(fork(shift, identity, rise), blocks)
    return paint(canvas(0, shape(I)), moved)


def solve_1cf80156(S, I, C):
    """Cut out the only shape."""
    return subgrid(merge(fgpartition(I)), I)


def solve_1e0a9b12(S, I, C):
    """Let the cells fall down in their columns."""
    columns = dmirror(I)
    return dmirror(apply(rbind(order, positive), columns))


def solve_1e32b0e9(S, I, C):
    """Show in every field what it lacks of the first field's figure."""
    mesh = first(frontiers(I))
    field = crop(I, (0, 0), (5, 5))
    figure = difference(asindices(field), ofcolor(field, 0))
    steps = interval(0, height(I), increment(height(field)))
    offsets = product(steps, steps)
    return underfill(I, color(mesh), mapply(lbind(shift, figure), offsets))


def solve_1f0c79e5(S, I, C):
    """Drag the block in the direction of each of its red cells."""
    block = merge(fgpartition(I))
    base = ulcorner(block)
    ink = other(palette(block), 2)
    inner = apply(rbind(subtract, base), ofcolor(I, 2))
    directions = apply(compose(decrement, double), inner)
    offsets = mapply(lbind(shoot, ORIGIN), directions)
    return fill(I, ink, mapply(lbind(shift, toindices(block)), offsets))


def solve_1f642eb9(S, I, C):
    """Project each dot onto the side of the block that it faces."""
    parts = objects(I, True, True, True)
    block = argmax(parts, size)
    fall = compose(crement, rbind(gravitate, block))
    images = mapply(fork(shift, identity, fall), remove(block, parts))
    return paint(I, images)


def solve_1f85a75f(S, I, C):
    """Cut out the largest connected shape."""
    return subgrid(argmax(objects(I, True, True, True), size), I)


def solve_1f876c06(S, I, C):
    """Join the two cells of each colour."""
    start = compose(last, first)
    end = compose(last, last)
    return paint(I, mapply(fork(recolor, color, fork(connect, start, end)), fgpartition(I)))


def solve_1fad071e(S, I, C):
    """Count the blue squares with a bar."""
    blue = colorfilter(objects(I, True, False, True), 1)
    count = size(sizefilter(blue, 4))
    full = canvas(1, astuple(1, count))
    rest = canvas(0, astuple(1, subtract(5, count)))
    return hconcat(full, rest)


def solve_2013d3e2(S, I, C):
    """Cut out the upper left quarter of the shape."""
    return tophalf(lefthalf(subgrid(merge(fgpartition(I)), I)))


def solve_2204b7a8(S, I, C):
    """Give each dot the colour of the closer edge line."""
    parts = objects(I, True, False, True)
    dots = colorfilter(parts, 3)
    lines = difference(parts, dots)
    closest = compose(lbind(argmin, lines), lbind(lbind, manhattan))
    return paint(I, mapply(fork(recolor, compose(color, closest), identity), dots))


def solve_22168020(S, I, C):
    """Fill each shape row by row."""
    chords = fork(lbind(prapply, connect), toindices, toindices)
    rows = chain(merge, rbind(sfilter, hline), chords)
    return paint(I, mapply(fork(recolor, color, rows), fgpartition(I)))


def solve_22233c11(S, I, C):
    """Add the two squares that face the open corners of each pair."""
    pairs = objects(I, True, True, True)
    side = compose(halve, width)
    east = fork(shift, toindices, compose(lbind(multiply, (-1, 2)), side))
    north = fork(shift, toindices, compose(lbind(multiply, (-2, 1)), side))
    upper_right = mapply(fork(intersection, east, north), pairs)
    west = fork(shift, toindices, compose(lbind(multiply, (1, -2)), side))
    south = fork(shift, toindices, compose(lbind(multiply, (2, -1)), side))
    lower_left = mapply(fork(intersection, west, south), pairs)
    far_west = fork(shift, toindices, compose(lbind(multiply, (-1, -2)), side))
    far_north = fork(shift, toindices, compose(lbind(multiply, (-2, -1)), side))
    upper_left = mapply(fork(intersection, far_west, far_north), pairs)
    far_east = fork(shift, toindices, compose(lbind(multiply, (1, 2)), side))
    far_south = fork(shift, toindices, compose(lbind(multiply, (2, 1)), side))
    lower_right = mapply(fork(intersection, far_east, far_south), pairs)
    rising = combine(upper_right, lower_left)
    return fill(I, first(new_colors(S)), combine(rising, combine(upper_left, lower_right)))


def solve_2281f1f4(S, I, C):
    """Mark the crossings of marked rows and marked columns."""
    marks = ofcolor(I, 5)
    top = intersection(marks, hfrontier(ORIGIN))
    side = difference(marks, top)
    return underfill(I, 2, product(apply(first, side), apply(last, top)))


def solve_228f6490(S, I, C):
    """Put the pieces into the holes that they fit."""
    parts = objects(I, True, False, False)
    outline = compose(normalize, toindices)
    holes = difference(colorfilter(parts, 0), sfilter(colorfilter(parts, 0), rbind(bordering, I)))
    loose = difference(parts, combine(colorfilter(parts, 0), colorfilter(parts, 5)))
    fitting = sfilter(holes, compose(rbind(contained, apply(outline, loose)), outline))
    piece_of = compose(lbind(extract, loose), compose(lbind(matcher, outline), outline))
    filled = mapply(fork(recolor, compose(color, piece_of), identity), fitting)
    return paint(fill(I, 0, mapply(piece_of, fitting)), filled)


def solve_22eb0ac0(S, I, C):
    """Fill the rows that have the same colour at both ends."""
    ends = astuple(height(I), 1)
    right = crop(I, tojvec(decrement(width(I))), ends)
    same = hupscale(cellwise(crop(I, (0, 0), ends), right, 0), width(I))
    return paint(I, toobject(difference(asindices(I), ofcolor(same, 0)), same))


def solve_23581191(S, I, C):
    """Draw a cross through each dot and mark where the crosses meet."""
    dots = objects(I, True, False, True)
    lines = fork(combine, compose(vfrontier, ulcorner), compose(hfrontier, ulcorner))
    crosses = apply(lines, dots)
    meeting = intersection(first(crosses), last(crosses))
    drawn = paint(I, mapply(fork(recolor, color, lines), dots))
    return fill(drawn, 2, meeting)


def solve_239be575(S, I, C):
    """Tell whether the squares are linked."""
    squares = ofcolor(I, 2)
    groups = colorfilter(objects(replace(I, 8, 2), True, True, False), 2)
    touched = chain(positive, size, compose(lbind(intersection, squares), toindices))
    linked = equality(size(sfilter(groups, touched)), 1)
    return canvas(branch(linked, 8, 0), output_shape(S))


def solve_23b5c85d(S, I, C):
    """Cut out the colour with the fewest cells."""
    smallest = argmin(fgpartition(I), size)
    return canvas(color(smallest), shape(smallest))


def solve_253bf280(S, I, C):
    """Join the dots that see each other along rows or columns."""
    dots = ofcolor(I, leastcolor(I))
    straight = fork(either, hline, vline)
    lines = sfilter(prapply(connect, dots, dots), straight)
    return underfill(I, first(new_colors(S)), merge(lines))


def solve_25d487eb(S, I, C):
    """Shoot a beam out of the tip of the shape, in the colour of its tail."""
    tail = argmin(fgpartition(I), size)
    body = argmax(fgpartition(I), size)
    beam = shoot(ulcorner(tail), position(tail, body))
    return underfill(I, color(tail), beam)


def solve_25d8a9c8(S, I, C):
    """Mark the rows of one colour."""
    plain = mfilter(frontiers(I), hline)
    return fill(canvas(0, shape(I)), 5, plain)


def solve_25ff71a9(S, I, C):
    """Move everything down by one."""
    return paint(canvas(0, shape(I)), shift(asobject(I), DOWN))


def solve_272f95fa(S, I, C):
    """Colour the middle field and the four beside it by where they are."""
    fields = colorfilter(objects(I, True, False, False), 0)
    middle = extract(fields, compose(flip, rbind(bordering, I)))
    place = lbind(position, middle)
    inner = fill(I, 6, middle)
    top = fill(inner, 2, extract(fields, matcher(place, UP)))
    bottom = fill(top, 1, extract(fields, matcher(place, DOWN)))
    left = fill(bottom, 4, extract(remove(middle, fields), matcher(place, LEFT)))
    return fill(left, 3, extract(fields, matcher(place, RIGHT)))


def solve_28bf18c6(S, I, C):
    """Cut out the shape and put it twice side by side."""
    figure = subgrid(merge(fgpartition(I)), I)
    return hconcat(figure, figure)


def solve_28e73c20(S, I, C):
    """Draw a spiral: nested squares, cut and joined along the diagonal."""
    side = height(I)
    middle = halve(increment(side))
    depths = combine(initset(0), interval(0, middle, 2))
    end = decrement(shape(I))
    square_at = compose(box, fork(connect, lbind(add, ORIGIN), lbind(subtract, end)))
    squares = fill(I, 3, mapply(square_at, depths))
    diagonal = lbind(add, DOWN)
    cuts = combine(initset(0), interval(0, decrement(middle), 2))
    joints = combine(initset(1), interval(1, halve(side), 2))
    cut = fill(squares, 0, apply(diagonal, cuts))
    return fill(cut, 3, apply(diagonal, joints))


def solve_29623171(S, I, C):
    """Fill the fields that have the most dots and clear the others."""
    ink = color_rank(I, 2)
    dots = ofcolor(I, ink)
    corner_field = asindices(first(vsplit(first(hsplit(I, 3)), 3)))
    steps = interval(0, height(I), 4)
    fields = apply(lbind(shift, corner_field), product(steps, steps))
    count = compose(size, lbind(intersection, dots))
    fullest = mfilter(fields, matcher(count, valmax(fields, count)))
    return fill(replace(I, ink, 0), ink, fullest)


def solve_29c11459(S, I, C):
    """Draw each end of a row up to the middle and mark where they meet."""
    column = astuple(height(I), 1)
    half = halve(width(I))
    start = crop(I, ORIGIN, column)
    end = crop(I, tojvec(decrement(width(I))), column)
    used = difference(asindices(start), ofcolor(start, 0))
    middle = fill(start, first(new_colors(S)), used)
    return hconcat(hconcat(hupscale(start, half), middle), hupscale(end, half))


def solve_29ec7d0e(S, I, C):
    """Repair a wallpaper: repeat the known cells by the periods of its whole rows and columns."""
    whole = compose(flip, lbind(contained, 0))
    across = hperiod(asobject(sfilter(I, whole)))
    down = hperiod(asobject(sfilter(dmirror(I), whole)))
    known = toobject(difference(asindices(I), ofcolor(I, 0)), I)
    far = multiply((4, 4), astuple(down, across))
    columns = product(initset(0), interval(invert(last(far)), increment(last(far)), across))
    rows = product(interval(invert(first(far)), increment(first(far)), down), initset(0))
    wide = paint(I, mapply(lbind(shift, known), columns))
    more = toobject(difference(asindices(I), ofcolor(wide, 0)), wide)
    return paint(wide, mapply(lbind(shift, more), rows))


def solve_2bcee788(S, I, C):
    """Mirror the shape at its red edge on a green ground."""
    edge = ofcolor(I, 2)
    figure = first(difference(fgpartition(I), colorfilter(fgpartition(I), 2)))
    upright = vmatching(figure, edge)
    direction = multiply(position(figure, edge), branch(upright, DOWN, RIGHT))
    image = branch(upright, hmirror(figure), vmirror(figure))
    ground = replace(replace(I, 0, 3), 2, 3)
    return paint(ground, shift(image, multiply(direction, shape(figure))))


def solve_2bee17df(S, I, C):
    """Draw the rows and columns that are free from wall to wall."""
    free = merge(colorfilter(frontiers(trim(I)), 0))
    return fill(I, first(new_colors(S)), shift(free, UNITY))


def solve_2c608aff(S, I, C):
    """Draw a line to the block from each dot that faces it."""
    parts = objects(I, True, False, True)
    block = argmax(parts, size)
    facing = fork(either, rbind(vmatching, block), rbind(hmatching, block))
    dots = sfilter(remove(block, parts), facing)
    landing = fork(shift, identity, rbind(gravitate, block))
    line = fork(connect, ulcorner, compose(ulcorner, landing))
    return paint(I, mapply(fork(recolor, color, line), dots))


def solve_2dc579da(S, I, C):
    """Find the quarter with the odd dot."""
    quarters = mapply(rbind(vsplit, 2), hsplit(I, 2))
    return argmax(quarters, numcolors)


def solve_2dee498d(S, I, C):
    """Return the left third."""
    return first(hsplit(I, 3))


def solve_31aa019c(S, I, C):
    """Keep only the cell of the rarest colour and frame it."""
    cell = toobject(ofcolor(I, leastcolor(I)), I)
    framed = fill(canvas(0, shape(I)), 2, outbox(cell))
    return paint(framed, cell)


def solve_321b1fc6(S, I, C):
    """Move the coloured pattern onto the marked places."""
    colors = fgpartition(I)
    marks = colorfilter(colors, 8)
    pattern = merge(difference(colors, marks))
    places = apply(ulcorner, objects(cover(I, pattern), True, True, True))
    return paint(cover(I, pattern), mapply(lbind(shift, normalize(pattern)), places))


def solve_32597951(S, I, C):
    """Recolour what lies in the box around the marked cells."""
    region = backdrop(ofcolor(I, 8))
    return fill(I, first(new_colors(S)), intersection(region, ofcolor(I, 1)))


def solve_3345333e(S, I, C):
    """Take the lid off and complete the figure to its mirror image."""
    colors = fgpartition(I)
    lid = extract(colors, fork(equality, toindices, backdrop))
    figure = other(colors, lid)
    seen = toindices(figure)
    known = combine(seen, toindices(lid))
    offsets = product(initset(0), interval(invert(width(I)), width(I), 1))
    image = lbind(shift, vmirror(seen))
    fits = sfilter(offsets, matcher(chain(size, rbind(difference, known), image), 0))
    shared = chain(size, lbind(intersection, seen), image)
    return fill(cover(I, lid), color(figure), image(argmax(fits, shared)))


def solve_3428a4f5(S, I, C):
    """Mark the cells in which the two halves differ."""
    differing = cellwise(tophalf(I), bottomhalf(I), 3)
    return replace(differing, 2, 0)


def solve_3618c87e(S, I, C):
    """Drop the blue cells through the posts onto the ground."""
    return move(I, recolor(1, ofcolor(I, 1)), TWO_BY_ZERO)


def solve_3631a71a(S, I, C):
    """Uncover what is hidden by the symmetries of the carpet."""
    lid = first(lost_colors(S))
    everywhere = asindices(I)
    slanted = dmirror(I)
    one = paint(I, toobject(difference(everywhere, ofcolor(slanted, lid)), slanted))
    side = vmirror(one)
    right = toobject(difference(everywhere, ofcolor(side, lid)), side)
    two = paint(one, shift(right, ZERO_BY_TWO))
    upside = hmirror(two)
    below = toobject(difference(everywhere, ofcolor(upside, lid)), upside)
    return paint(two, shift(below, TWO_BY_ZERO))


def solve_363442ee(S, I, C):
    """Stamp the pattern around each blue cell."""
    pattern = asobject(crop(I, ORIGIN, THREE_BY_THREE))
    stamp = shift(pattern, NEG_UNITY)
    return paint(I, mapply(lbind(shift, stamp), ofcolor(I, 1)))


def solve_36d67576(S, I, C):
    """Complete the plain figures like the richest one, turned or mirrored as they need it."""
    model = argmax(objects(I, False, True, True), numcolors)
    variants = prapply(mir_rot, initset(subgrid(model, I)), interval(0, 8, 1))
    filled = fork(difference, asindices, rbind(ofcolor, 0))
    plain = fork(combine, rbind(ofcolor, 2), rbind(ofcolor, 4))
    cells = fork(toobject, filled, identity)
    marks = fork(toobject, plain, identity)
    places = compose(lbind(occurrences, I), marks)
    base = fork(shift, cells, chain(invert, ulcorner, marks))
    copies = fork(mapply, compose(lbind(lbind, shift), base), places)
    return paint(I, mapply(copies, variants))


def solve_36fdfd69(S, I, C):
    """Fill the boxes around groups of red cells that are at most two steps apart."""
    reds = ofcolor(I, 2)
    reach = interval(-2, 3, 1)
    window = lbind(shift, product(reach, reach))
    close = compose(lbind(intersection, reds), window)
    linked = fill(canvas(0, shape(I)), 2, mapply(compose(backdrop, close), reds))
    groups = objects(linked, True, True, True)
    boxes = mapply(chain(backdrop, lbind(intersection, reds), toindices), groups)
    return fill(I, first(new_colors(S)), difference(boxes, reds))


def solve_3906de3d(S, I, C):
    """Let the red bars rise until they hit something."""
    columns = dmirror(I)
    return dmirror(apply(rbind(order, rbind(equality, 0)), columns))


def solve_39a8645d(S, I, C):
    """Find the shape that occurs most often."""
    common = mostcommon(apply(normalize, o_g(I, 7)))
    return paint(canvas(0, shape(common)), common)


def solve_3aa6fb7a(S, I, C):
    """Mark the inner corner of each hook."""
    hooks = objects(I, True, False, True)
    return fill(I, first(new_colors(S)), mapply(delta, hooks))


def solve_3ac3eb23(S, I, C):
    """Make a zigzag below each dot."""
    dots = objects(I, True, False, True)
    zigzag = fork(recolor, color, compose(ineighbors, ulcorner))
    start = paint(I, mapply(zigzag, dots))
    top = crop(start, ORIGIN, astuple(2, width(I)))
    return merge(repeat(top, halve(height(I))))


def solve_3af2c5a8(S, I, C):
    """Mirror to the right and then down."""
    row = hconcat(I, vmirror(I))
    return vconcat(row, hmirror(row))


def solve_3bd67248(S, I, C):
    """Draw a diagonal and a floor from the lower left corner."""
    corner = add(llcorner(ofcolor(I, leastcolor(I))), RIGHT)
    diagonal = fill(I, 2, shoot(add(corner, UP), UP_RIGHT))
    return fill(diagonal, 4, shoot(corner, RIGHT))


def solve_3bdb4ada(S, I, C):
    """Punch every other cell out of the middle row of each bar."""
    bars = objects(I, True, False, True)
    offsets = product(initset(0), interval(0, width(I), 2))
    inside = compose(increment, ulcorner)
    row = compose(rbind(apply, offsets), compose(lbind(lbind, add), inside))
    return fill(I, 0, mapply(fork(intersection, toindices, row), bars))


def solve_3befdf3e(S, I, C):
    """Turn each ringed square inside out and unfold its ring to all sides."""
    squares = objects(I, False, False, True)
    depth = chain(decrement, decrement, width)
    sides = compose(rbind(apply, dneighbors(ORIGIN)), compose(lbind(lbind, multiply), depth))
    flaps = fork(mapply, compose(lbind(lbind, shift), backdrop), sides)
    unfolded = paint(I, mapply(fork(recolor, mostcolor, flaps), squares))
    swapped = switch(I, color_rank(I, 1), color_rank(I, 2))
    return paint(unfolded, merge(objects(swapped, False, False, True)))


def solve_3c9b0459(S, I, C):
    """Turn the grid as the demos do."""
    turn = sample_symmetry(S)
    return turn(I)


def solve_3de23699(S, I, C):
    """Cut out what lies between four corner dots, in their colour."""
    colors = fgpartition(I)
    dots = argmax(colors, compose(size, backdrop))
    figure = other(colors, dots)
    return replace(trim(subgrid(dots, I)), color(figure), color(dots))


def solve_3e980e27(S, I, C):
    """Copy the figures to the loose dots: mirrored around red, as they are around green."""
    parts = objects(I, False, True, True)
    dots = paint(canvas(0, shape(I)), merge(sizefilter(parts, 1)))
    figures = sfilter(parts, compose(rbind(greater, 1), size))
    core = fork(difference, identity, fork(recolor, mostcolor, identity))
    base = fork(shift, identity, chain(invert, ulcorner, core))
    places = compose(lbind(ofcolor, dots), leastcolor)
    copies = fork(mapply, compose(lbind(lbind, shift), base), places)
    red = sfilter(figures, matcher(leastcolor, 2))
    mirrored = paint(I, mapply(copies, apply(vmirror, red)))
    return paint(mirrored, mapply(copies, difference(figures, red)))


def solve_3eda0437(S, I, C):
    """Fill the largest empty rectangle."""
    heights = interval(2, increment(height(I)), 1)
    extents = product(heights, interval(2, increment(width(I)), 1))
    gap = compose(asobject, lbind(canvas, 0))
    places = compose(lbind(occurrences, I), gap)
    possible = sfilter(extents, chain(positive, size, places))
    largest = argmax(possible, fork(multiply, first, last))
    rectangle = shift(toindices(gap(largest)), first(places(largest)))
    return fill(I, first(new_colors(S)), rectangle)


def solve_3f7978a0(S, I, C):
    """Cut out the gate: the grey posts with their caps."""
    posts = ofcolor(I, 5)
    return crop(I, add(ulcorner(posts), UP), add(shape(posts), TWO_BY_ZERO))


def solve_40853293(S, I, C):
    """Join the dots of each colour, columns over rows."""
    lines = apply(fork(recolor, color, backdrop), fgpartition(I))
    rows = paint(I, mfilter(lines, hline))
    return paint(rows, mfilter(lines, vline))


def solve_4093f84a(S, I, C):
    """Pull the dots to the band, where they turn grey."""
    turn = branch(portrait(ofcolor(I, 5)), identity, dmirror)
    grid = turn(replace(I, leastcolor(I), 5))
    pull = rbind(order, identity)
    left = apply(pull, lefthalf(grid))
    right = vmirror(apply(pull, righthalf(grid)))
    return turn(hconcat(left, right))


def solve_41e4d17e(S, I, C):
    """Draw a row and a column through the centre of each ring."""
    rings = objects(I, True, False, True)
    columns = mapply(compose(vfrontier, center), rings)
    rows = mapply(compose(hfrontier, center), rings)
    return underfill(I, first(new_colors(S)), combine(rows, columns))


def solve_4258a5f9(S, I, C):
    """Frame each dot."""
    return fill(I, first(new_colors(S)), mapply(neighbors, ofcolor(I, leastcolor(I))))


def solve_42a50994(S, I, C):
    """Remove the single cells."""
    singles = sizefilter(objects(I, True, True, True), 1)
    return cover(I, merge(singles))


def solve_4347f46a(S, I, C):
    """Hollow out the blocks."""
    blocks = objects(I, True, False, True)
    return fill(I, 0, mapply(fork(difference, toindices, box), blocks))


def solve_444801d8(S, I, C):
    """Fill each cup with the colour of its drop, and lay a lid of that colour over it."""
    cups = colorfilter(objects(I, True, False, True), 1)
    drop = compose(leastcolor, compose(rbind(toobject, I), delta))
    above = compose(rbind(shift, UP), fork(connect, ulcorner, urcorner))
    filled = fork(combine, delta, above)
    return paint(I, mapply(fork(recolor, drop, filled), cups))


def solve_445eab21(S, I, C):
    """Tell the colour of the larger ring."""
    ring = argmax(objects(I, True, False, True), size)
    return canvas(color(ring), output_shape(S))


def solve_447fd412(S, I, C):
    """Complete the marks like the whole figure, at the size that they have."""
    figure = argmax(objects(I, False, True, True), numcolors)
    variants = prapply(upscale, initset(figure), interval(1, 5, 1))
    blank = canvas(0, add(shape(I), TWO_BY_TWO))
    margin = paint(blank, shift(asobject(I), UNITY))
    marks = rbind(sfilter, matcher(first, 2))
    around = compose(lbind(mapply, neighbors), toindices)
    gap = compose(lbind(recolor, 0), fork(difference, around, toindices))
    key = fork(combine, identity, gap)
    places = chain(lbind(occurrences, margin), key, marks)
    base = fork(shift, identity, chain(invert, ulcorner, compose(key, marks)))
    copies = fork(mapply, compose(lbind(lbind, shift), base), places)
    return trim(paint(margin, mapply(copies, variants)))


def solve_44d8ac46(S, I, C):
    """Fill the square holes."""
    gaps = colorfilter(objects(I, True, False, False), 0)
    return fill(I, first(new_colors(S)), mfilter(gaps, square))


def solve_44f52bb0(S, I, C):
    """Tell whether the grid is its own mirror image."""
    return canvas(branch(equality(I, vmirror(I)), 1, 7), UNITY)


def solve_4522001f(S, I, C):
    """Enlarge the small square without the cells beside the red one."""
    square_part = merge(fgpartition(I))
    kept = replace(cover(I, dneighbors(first(ofcolor(I, 2)))), 2, 3)
    large = upscale(kept, 4)
    return crop(large, multiply(ulcorner(square_part), 3), output_shape(S))


def solve_4612dd53(S, I, C):
    """Complete the frame and the bar inside it."""
    known = ofcolor(I, 1)
    inner = difference(known, box(known))
    along = branch(portrait(inner), vfrontier, hfrontier)
    bar = intersection(backdrop(known), mapply(along, inner))
    return underfill(I, 2, combine(box(known), bar))


def solve_46442a0e(S, I, C):
    """Put the four turns of the grid around a point."""
    top = hconcat(I, rot90(I))
    return vconcat(top, hconcat(rot270(I), rot180(I)))


def solve_469497ad(S, I, C):
    """Enlarge by the number of colours and send rays out of the corners of the block."""
    large = upscale(I, decrement(numcolors(I)))
    block = argmax(sfilter(objects(large, True, False, True), square), size)
    falling = combine(shoot(ulcorner(block), NEG_UNITY), shoot(lrcorner(block), UNITY))
    rising = combine(shoot(urcorner(block), UP_RIGHT), shoot(llcorner(block), DOWN_LEFT))
    return underfill(large, 2, combine(falling, rising))


def solve_46f33fce(S, I, C):
    """Enlarge the cells at odd places."""
    odd = downscale(crop(I, UNITY, shape(I)), 2)
    return upscale(odd, 4)


def solve_47c1f68c(S, I, C):
    """Mirror the quarter with the figure to all sides, in the colour of the lines."""
    quarter = tophalf(lefthalf(I))
    figure = difference(asindices(quarter), ofcolor(quarter, 0))
    redrawn = fill(quarter, color(first(frontiers(I))), figure)
    row = hconcat(redrawn, vmirror(redrawn))
    return vconcat(row, hmirror(row))


def solve_484b58aa(S, I, C):
    """Repair a wallpaper: repeat the known cells by the periods of its whole rows and columns."""
    whole = compose(flip, lbind(contained, 0))
    across = hperiod(asobject(sfilter(I, whole)))
    down = hperiod(asobject(sfilter(dmirror(I), whole)))
    known = toobject(difference(asindices(I), ofcolor(I, 0)), I)
    far = multiply((4, 4), astuple(down, across))
    columns = product(initset(0), interval(invert(last(far)), increment(last(far)), across))
    rows = product(interval(invert(first(far)), increment(first(far)), down), initset(0))
    wide = paint(I, mapply(lbind(shift, known), columns))
    more = toobject(difference(asindices(I), ofcolor(wide, 0)), wide)
    return paint(wide, mapply(lbind(shift, more), rows))


def solve_48d8fb45(S, I, C):
    """Cut out the shape that hangs on the grey cell."""
    marked = extract(objects(I, True, True, True), rbind(adjacent, ofcolor(I, 5)))
    return subgrid(marked, I)


def solve_4938f0c2(S, I, C):
    """Mirror the figure at the middle of the small square to all four sides."""
    hub = argmin(fgpartition(I), size)
    figure = argmax(fgpartition(I), size)
    twice_middle = add(ulcorner(hub), lrcorner(hub))
    offset = subtract(twice_middle, add(ulcorner(figure), lrcorner(figure)))
    beside = combine(figure, shift(vmirror(figure), multiply(offset, RIGHT)))
    return paint(I, combine(beside, shift(hmirror(beside), multiply(offset, DOWN))))


def solve_496994bd(S, I, C):
    """Mirror the upper half down."""
    top = tophalf(I)
    return vconcat(top, hmirror(top))


def solve_49d1d64f(S, I, C):
    """Repeat the outermost cells around the grid."""
    cells = asobject(I)
    blank = canvas(0, add(shape(I), TWO_BY_TWO))
    spread = paint(blank, mapply(lbind(shift, cells), dneighbors(UNITY)))
    return paint(spread, shift(cells, UNITY))


def solve_4be741c5(S, I, C):
    """List the bands of colour in their order."""
    layered = equality(size(dedupe(first(I))), 1)
    turn = branch(layered, dmirror, identity)
    bands = dedupe(first(turn(I)))
    return turn(repeat(bands, 1))


def solve_4c4377d9(S, I, C):
    """Put the mirror image on top."""
    return vconcat(hmirror(I), I)


def solve_4c5c2cf0(S, I, C):
    """Mirror the figure at the middle of the symmetric part to all four sides."""
    parts = fgpartition(I)
    hub = extract(parts, fork(equality, identity, hmirror))
    figure = other(parts, hub)
    twice_middle = add(ulcorner(hub), lrcorner(hub))
    offset = subtract(twice_middle, add(ulcorner(figure), lrcorner(figure)))
    beside = combine(figure, shift(vmirror(figure), multiply(offset, RIGHT)))
    return paint(I, combine(beside, shift(hmirror(beside), multiply(offset, DOWN))))


def solve_508bd3b6(S, I, C):
    """Lengthen the line up to the wall and let it bounce off."""
    line = ofcolor(I, 8)
    wall = ofcolor(I, 2)
    direction = sign(subtract(last(line), first(line)))
    way = combine(shoot(first(line), direction), shoot(first(line), invert(direction)))
    corner_sum = add(ulcorner(way), lrcorner(way))
    before = double(decrement(ulcorner(wall)))
    behind = double(increment(lrcorner(wall)))
    right = positive(leftmost(wall))
    low = positive(uppermost(wall))
    sideways = subtract(branch(right, before, behind), corner_sum)
    upward = subtract(branch(low, before, behind), corner_sum)
    from_side = shift(vmirror(way), multiply(sideways, RIGHT))
    from_ground = shift(hmirror(way), multiply(upward, DOWN))
    bounced = branch(portrait(wall), from_side, from_ground)
    return underfill(I, first(new_colors(S)), combine(way, bounced))


def solve_50cb2852(S, I, C):
    """Fill the inside of the blocks."""
    blocks = objects(I, True, False, True)
    return fill(I, first(new_colors(S)), mapply(compose(backdrop, inbox), blocks))


def solve_5117e062(S, I, C):
    """Cut out the shape with a spot and paint the spot over."""
    shapes = objects(I, False, True, True)
    spotted = argmax(shapes, numcolors)
    return replace(subgrid(spotted, I), leastcolor(spotted), mostcolor(spotted))


def solve_5168d44c(S, I, C):
    """Move the red ring one stop along the green dots."""
    ring = ofcolor(I, 2)
    step = branch(portrait(ofcolor(I, 3)), TWO_BY_ZERO, ZERO_BY_TWO)
    return fill(fill(I, 0, ring), 2, shift(ring, step))


def solve_539a4f51(S, I, C):
    """Continue the nested corners with their colours in turn."""
    colors = remove(0, first(I))
    row = merge(repeat(colors, 10))
    columns = crop(repeat(row, 10), ORIGIN, output_shape(S))
    rows = dmirror(columns)
    diagonal = connect(ORIGIN, decrement(shape(columns)))
    below = mapply(rbind(shoot, DOWN), diagonal)
    return paint(columns, toobject(below, rows))


def solve_53b68214(S, I, C):
    """Continue the pattern downwards: find the step by which it repeats itself, and go on in it."""
    pattern = merge(fgpartition(I))
    room = asindices(I)
    steps = product(interval(1, height(I), 1), interval(0, width(pattern), 1))
    seen = compose(lbind(intersection, room), lbind(shift, toindices(pattern)))
    strange = compose(rbind(difference, toindices(pattern)), seen)
    step = extract(steps, matcher(compose(size, strange), 0))
    offsets = apply(lbind(multiply, step), connect(ORIGIN, output_shape(S)))
    return paint(canvas(0, output_shape(S)), mapply(lbind(shift, pattern), offsets))


def solve_543a7ed5(S, I, C):
    """Frame each shape and fill its gaps."""
    shapes = objects(I, True, False, True)
    framed = fill(I, 3, mapply(outbox, shapes))
    return fill(framed, 4, mapply(delta, shapes))


def solve_54d82841(S, I, C):
    """Mark the ground below the middle of each arch."""
    middles = apply(compose(last, center), objects(I, True, False, True))
    return fill(I, first(new_colors(S)), product(initset(decrement(height(I))), middles))


def solve_54d9e175(S, I, C):
    """Fill the field of each dot with the colour five above the dot's."""
    dots = sizefilter(objects(I, True, False, True), 1)
    ink = compose(rbind(add, 5), color)
    return paint(I, mapply(fork(recolor, ink, compose(backdrop, outbox)), dots))


def solve_5521c0d9(S, I, C):
    """Lift each block by its own height."""
    blocks = objects(I, True, False, True)
    lift = chain(toivec, invert, height)
    return paint(canvas(0, shape(I)), mapply(fork(shift, identity, lift), blocks))


def solve_5582e5ca(S, I, C):
    """Fill the grid with its most common colour."""
    return canvas(mostcolor(I), shape(I))


def solve_5614dbcf(S, I, C):
    """Reduce each block to its main colour."""
    row = compose(lbind(apply, mostcolor), rbind(hsplit, 3))
    return apply(row, vsplit(I, 3))


def solve_56dc2b01(S, I, C):
    """Let the shape fall to the wall and close it in with a second wall behind it."""
    figure = toobject(ofcolor(I, 3), I)
    wall = ofcolor(I, 2)
    fall = gravitate(figure, wall)
    back = multiply(invert(sign(fall)), increment(shape(figure)))
    return fill(move(I, figure, fall), 8, shift(wall, back))


def solve_56ff96f3(S, I, C):
    """Draw the rectangle between the two dots of each colour."""
    return paint(I, mapply(fork(recolor, color, backdrop), fgpartition(I)))


def solve_5ad4f10b(S, I, C):
    """Reduce the large figure to one cell per block, in the colour of the dust."""
    figure = argmax(objects(I, True, True, True), size)
    clean = paint(canvas(0, shape(figure)), normalize(figure))
    small = downscale(clean, divide(width(figure), last(output_shape(S))))
    dust = other(remove(0, palette(I)), color(figure))
    return replace(small, color(figure), dust)


def solve_5bd6f4ac(S, I, C):
    """Cut out the upper right corner."""
    extent = output_shape(S)
    return crop(I, tojvec(subtract(width(I), last(extent))), extent)


def solve_5c0a986e(S, I, C):
    """Send a trail out of each square: red down right, blue up left."""
    red = fill(I, 2, shoot(lrcorner(ofcolor(I, 2)), UNITY))
    return fill(red, 1, shoot(ulcorner(ofcolor(I, 1)), NEG_UNITY))


def solve_5c2c9af4(S, I, C):
    """Draw squares around the middle dot, as far apart as the dots are."""
    dots = merge(fgpartition(I))
    middle = center(dots)
    gap = halve(decrement(width(dots)))
    radii = combine(initset(gap), interval(gap, width(I), gap))
    ring = compose(box, fork(connect, lbind(subtract, middle), lbind(add, middle)))
    return fill(I, color(dots), mapply(ring, radii))


def solve_5daaa586(S, I, C):
    """Cut out the frame of the four lines and draw its dots out to the line of their colour."""
    solid = fill(canvas(1, shape(I)), 0, ofcolor(I, 0))
    lines = colorfilter(frontiers(solid), 1)
    rows = apply(uppermost, sfilter(lines, hline))
    columns = apply(leftmost, sfilter(lines, vline))
    frame = subgrid(product(rows, columns), I)
    dots = shift(first(fgpartition(trim(frame))), UNITY)
    side = intersection(box(asindices(frame)), ofcolor(frame, color(dots)))
    spots = apply(initset, toindices(dots))
    landing = fork(shift, identity, rbind(gravitate, side))
    beam = fork(connect, ulcorner, compose(ulcorner, landing))
    return fill(frame, color(dots), mapply(beam, spots))


def solve_60b61512(S, I, C):
    """Fill the boxes of the shapes."""
    return fill(I, first(new_colors(S)), mapply(delta, objects(I, True, True, True)))


def solve_6150a2bd(S, I, C):
    """Turn the grid as the demos do."""
    turn = sample_symmetry(S)
    return turn(I)


def solve_623ea044(S, I, C):
    """Draw both diagonals through the dot."""
    dot = ofcolor(I, leastcolor(I))
    rays = mapply(lbind(shoot, first(dot)), ineighbors(ORIGIN))
    return fill(I, leastcolor(I), rays)


def solve_62c24649(S, I, C):
    """Mirror down and then to the right."""
    column = vconcat(I, hmirror(I))
    return hconcat(column, vmirror(column))


def solve_63613498(S, I, C):
    """Mark the shape that equals the one in the corner."""
    model = crop(I, ORIGIN, THREE_BY_THREE)
    outline = normalize(difference(asindices(model), ofcolor(model, 0)))
    shapes = objects(I, True, False, True)
    equal = mfilter(shapes, matcher(compose(normalize, toindices), outline))
    return paint(fill(I, 5, equal), asobject(model))


def solve_6430c8c4(S, I, C):
    """Mark the cells that are empty in both halves."""
    top = tophalf(I)
    empty = intersection(ofcolor(top, 0), ofcolor(bottomhalf(I), 0))
    return fill(canvas(0, shape(top)), first(new_colors(S)), empty)


def solve_6455b5f5(S, I, C):
    """Fill the largest room with one colour and the smallest rooms with another."""
    rooms = colorfilter(objects(I, True, False, False), 0)
    large = fill(I, 1, argmax(rooms, size))
    return fill(large, 8, merge(sizefilter(rooms, valmin(rooms, size))))


def solve_662c240a(S, I, C):
    """Find the part that is not its own mirror image at the diagonal."""
    symmetric = fork(equality, identity, dmirror)
    return extract(vsplit(I, 3), compose(flip, symmetric))


def solve_67385a82(S, I, C):
    """Recolour the shapes of more than two cells."""
    shapes = colorfilter(objects(I, True, False, False), 3)
    large = mfilter(shapes, compose(rbind(greater, 2), size))
    return fill(I, first(new_colors(S)), large)


def solve_673ef223(S, I, C):
    """Beam each dot into the near bar, and across the row at the same place of the far bar."""
    bars = colorfilter(objects(I, True, False, True), 2)
    dots = colorfilter(objects(I, True, False, True), 8)
    near = extract(bars, lbind(hmatching, merge(dots)))
    far = other(bars, near)
    landing = compose(ulcorner, fork(shift, identity, rbind(gravitate, near)))
    beams = mapply(fork(connect, ulcorner, landing), dots)
    drop = toivec(subtract(uppermost(far), uppermost(near)))
    rows = mapply(compose(hfrontier, ulcorner), apply(rbind(shift, drop), dots))
    lit = underfill(I, 8, combine(beams, rows))
    return fill(lit, first(new_colors(S)), merge(dots))


def solve_6773b310(S, I, C):
    """Mark the fields with two dots."""
    row = compose(lbind(apply, rbind(colorcount, 6)), rbind(hsplit, 3))
    counts = apply(row, vsplit(I, 3))
    return replace(replace(counts, 1, 0), 2, 1)


def solve_67a3c6ac(S, I, C):
    """Turn the grid as the demos do."""
    turn = sample_symmetry(S)
    return turn(I)


def solve_67a423a3(S, I, C):
    """Frame the crossing of the two lines."""
    lines = fgpartition(I)
    row = uppermost(argmax(lines, width))
    column = leftmost(argmax(lines, height))
    return fill(I, first(new_colors(S)), neighbors(astuple(row, column)))


def solve_67e8384a(S, I, C):
    """Mirror to the right and then down."""
    wide = hconcat(I, vmirror(I))
    return vconcat(wide, hmirror(wide))


def solve_681b3aeb(S, I, C):
    """Fit the two pieces together to a square."""
    pieces = fgpartition(I)
    frame = asindices(canvas(0, output_shape(S)))
    piece = normalize(toindices(first(pieces)))
    hole = normalize(toindices(last(pieces)))
    rest = chain(normalize, lbind(difference, frame), lbind(shift, piece))
    place = extract(frame, matcher(rest, hole))
    ground = canvas(color(last(pieces)), output_shape(S))
    return fill(ground, color(first(pieces)), shift(piece, place))


def solve_6855a6e4(S, I, C):
    """Fold what lies outside the brackets inwards over their backs."""
    brackets = objects(replace(I, 5, 0), True, True, True)
    turn = branch(hmatching(first(brackets), last(brackets)), dmirror, identity)
    grid = turn(I)
    backs = ofcolor(grid, 2)
    outside = colorfilter(objects(grid, True, True, True), 5)
    above = sfilter(outside, compose(lbind(greater, uppermost(backs)), uppermost))
    below = difference(outside, above)
    edges = fork(add, uppermost, lowermost)
    down = chain(toivec, lbind(subtract, double(uppermost(backs))), edges)
    up = chain(toivec, lbind(subtract, double(lowermost(backs))), edges)
    cleared = cover(grid, merge(outside))
    lower = paint(cleared, mapply(fork(shift, hmirror, down), above))
    return turn(paint(lower, mapply(fork(shift, hmirror, up), below)))


def solve_68b16354(S, I, C):
    """Turn the grid as the demos do."""
    turn = sample_symmetry(S)
    return turn(I)


def solve_694f12f3(S, I, C):
    """Fill the larger block with red and the smaller one with blue."""
    blocks = colorfilter(objects(I, True, False, False), 4)
    inside = compose(backdrop, inbox)
    large = fill(I, 2, inside(argmax(blocks, size)))
    return fill(large, 1, inside(argmin(blocks, size)))


def solve_6aa20dc0(S, I, C):
    """Complete the marks like the whole figure, at the size and in the turn that they have."""
    ground = mostcolor(I)
    figure = argmax(objects(I, False, True, True), numcolors)
    body = mostcolor(figure)
    turns = prapply(mir_rot, initset(subgrid(figure, I)), interval(0, 8, 1))
    variants = prapply(upscale, turns, interval(1, 5, 1))
    filled = fork(difference, asindices, rbind(ofcolor, ground))
    marked = fork(difference, filled, rbind(ofcolor, body))
    cells = fork(toobject, filled, identity)
    marks = fork(toobject, marked, identity)
    places = compose(lbind(occurrences, I), marks)
    base = fork(shift, cells, chain(invert, ulcorner, marks))
    copies = fork(mapply, compose(lbind(lbind, shift), base), places)
    return paint(I, mapply(copies, variants))


def solve_6b9890af(S, I, C):
    """Enlarge the figure so that it fills the frame."""
    frame = ofcolor(I, 2)
    figure = first(difference(fgpartition(I), colorfilter(fgpartition(I), 2)))
    factor = divide(subtract(width(frame), 2), width(figure))
    large = shift(upscale(normalize(figure), factor), UNITY)
    return paint(subgrid(frame, I), large)


def solve_6c434453(S, I, C):
    """Turn each small ring into a plus."""
    shapes = sizefilter(objects(I, True, False, True), 8)
    rings = sfilter(shapes, fork(equality, toindices, box))
    blank = cover(I, merge(rings))
    arms = fill(blank, 2, mapply(compose(dneighbors, center), rings))
    return fill(arms, 2, apply(center, rings))


def solve_6cdd2623(S, I, C):
    """Keep only the lines between equal marks on opposite edges."""
    ink = leastcolor(I)
    marks = ofcolor(I, ink)
    lines = prapply(connect, marks, marks)
    rows = sfilter(lines, fork(both, hline, matcher(width, width(I))))
    columns = sfilter(lines, fork(both, vline, matcher(height, height(I))))
    return fill(canvas(0, shape(I)), ink, merge(combine(rows, columns)))


def solve_6cf79266(S, I, C):
    """Fill the empty squares of three by three, of overlapping ones the first."""
    gap = canvas(0, THREE_BY_THREE)
    places = occurrences(I, asobject(gap))
    higher = product(interval(-2, 0, 1), interval(-2, 3, 1))
    earlier = combine(higher, product(initset(0), interval(-2, 0, 1)))
    rivals = compose(lbind(intersection, places), lbind(shift, earlier))
    free = sfilter(places, matcher(compose(size, rivals), 0))
    return fill(I, first(new_colors(S)), mapply(lbind(shift, asindices(gap)), free))


def solve_6d0160f0(S, I, C):
    """Move the field with the yellow cell to where that cell stands in it."""
    mark = first(ofcolor(I, 4))
    corner = multiply(divide(mark, 4), 4)
    field = asobject(crop(I, corner, THREE_BY_THREE))
    lines = fill(canvas(0, shape(I)), 5, ofcolor(I, 5))
    return paint(lines, shift(field, multiply(subtract(mark, corner), 4)))


def solve_6d0aefbc(S, I, C):
    """Put the mirror image to the right."""
    return hconcat(I, vmirror(I))


def solve_6d58a25d(S, I, C):
    """Draw the columns from the roof down wherever a dot lies below it."""
    roof = argmax(objects(I, True, True, True), size)
    ink = other(remove(0, palette(I)), color(roof))
    under = mapply(rbind(shoot, DOWN), toindices(roof))
    dots = intersection(ofcolor(I, ink), under)
    return underfill(I, ink, intersection(under, mapply(vfrontier, dots)))


def solve_6d75e8bb(S, I, C):
    """Complete the shape to its box."""
    return fill(I, first(new_colors(S)), delta(ofcolor(I, leastcolor(replace(I, 0, mostcolor(I))))))


def solve_6e02f1e3(S, I, C):
    """Tell the number of colours by a line: a row, a falling or a rising diagonal."""
    row = connect(ORIGIN, (0, 2))
    falling = connect(ORIGIN, (2, 2))
    rising = connect((2, 0), (0, 2))
    several = branch(equality(numcolors(I), 2), falling, rising)
    line = branch(equality(numcolors(I), 1), row, several)
    return fill(canvas(0, shape(I)), 5, line)


def solve_6e19193c(S, I, C):
    """Shoot each hook's arrow through its open corner."""
    hooks = objects(I, True, False, True)
    gap = compose(first, delta)
    direction = chain(decrement, double, fork(subtract, gap, ulcorner))
    arrow = fork(shoot, fork(add, gap, direction), direction)
    return paint(I, mapply(fork(recolor, color, arrow), hooks))


def solve_6e82a1ae(S, I, C):
    """Colour the shapes by their size."""
    shapes = objects(I, True, False, True)
    four = fill(I, 1, merge(sizefilter(shapes, 4)))
    three = fill(four, 2, merge(sizefilter(shapes, 3)))
    return fill(three, 3, merge(sizefilter(shapes, 2)))


def solve_6ecd11f4(S, I, C):
    """Keep the cells of the small picture that the large figure covers."""
    parts = objects(I, False, True, True)
    picture = argmax(parts, numcolors)
    figure = argmax(parts, size)
    mask = downscale(subgrid(figure, I), divide(width(figure), width(picture)))
    return fill(subgrid(picture, I), 0, ofcolor(mask, 0))


def solve_6f8cd79b(S, I, C):
    """Draw a frame along the edge."""
    return fill(I, first(new_colors(S)), box(asindices(I)))


def solve_6fa7a44f(S, I, C):
    """Put the mirror image below."""
    return vconcat(I, hmirror(I))


def solve_72322fa7(S, I, C):
    """Complete every part of a two-coloured figure to the whole figure."""
    figures = sfilter(objects(I, False, True, True), compose(rbind(greater, 1), numcolors))
    rim = fork(intersection, identity, fork(recolor, mostcolor, identity))
    core = fork(difference, identity, rim)
    from_rim = fork(shift, identity, chain(invert, ulcorner, rim))
    from_core = fork(shift, identity, chain(invert, ulcorner, core))
    rims = compose(lbind(occurrences, I), rim)
    cores = compose(lbind(occurrences, I), core)
    around_rims = fork(mapply, compose(lbind(lbind, shift), from_rim), rims)
    around_cores = fork(mapply, compose(lbind(lbind, shift), from_core), cores)
    rimmed = paint(I, mapply(around_rims, figures))
    return paint(rimmed, mapply(around_cores, figures))


def solve_72ca375d(S, I, C):
    """Cut out the shape that is its own mirror image."""
    shapes = objects(I, True, True, True)
    return subgrid(extract(shapes, fork(equality, identity, vmirror)), I)


def solve_73251a56(S, I, C):
    """Repair the carpet by its mirror image, then along the diagonals."""
    filled = compose(lbind(difference, asindices(I)), rbind(ofcolor, 0))
    known = fork(toobject, filled, identity)
    mirrored = paint(dmirror(I), known(I))
    slide = fork(paint, identity, compose(rbind(shift, UNITY), known))
    step = fork(paint, slide, known)
    repair = power(step, halve(height(I)))
    return repair(mirrored)


def solve_7447852a(S, I, C):
    """Fill every third gap of the zigzag."""
    gaps = colorfilter(objects(I, True, False, False), 0)
    starts = combine(initset(0), interval(5, width(I), 6))
    return fill(I, 4, mfilter(gaps, compose(rbind(contained, starts), leftmost)))


def solve_7468f01a(S, I, C):
    """Cut out the shape and mirror it."""
    return vmirror(subgrid(merge(fgpartition(I)), I))


def solve_746b3537(S, I, C):
    """Reduce the bands of colour to one cell each."""
    bands = order(objects(I, True, False, False), fork(add, uppermost, leftmost))
    line = repeat(apply(color, bands), 1)
    layered = equality(size(dedupe(first(I))), 1)
    return branch(layered, dmirror(line), line)


def solve_74dd1130(S, I, C):
    """Turn the grid as the demos do."""
    turn = sample_symmetry(S)
    return turn(I)


def solve_75b8110e(S, I, C):
    """Lay the four quarters on top of each other."""
    top = tophalf(I)
    low = bottomhalf(I)
    filled = fork(difference, asindices, rbind(ofcolor, 0))
    cells = fork(toobject, filled, identity)
    one = paint(lefthalf(top), cells(righthalf(low)))
    two = paint(one, cells(lefthalf(low)))
    return paint(two, cells(righthalf(top)))


def solve_760b3cac(S, I, C):
    """Mirror the upper shape to the side that the lower one points to."""
    pointer = ofcolor(I, 4)
    figure = ofcolor(I, 8)
    left = contained(ulcorner(pointer), pointer)
    direction = branch(left, LEFT, RIGHT)
    return fill(I, 8, shift(vmirror(figure), multiply(direction, width(figure))))


def solve_776ffc46(S, I, C):
    """Colour the shapes like the equal ones that stand in a frame."""
    shapes = objects(I, True, False, True)
    frames = sfilter(colorfilter(shapes, 5), fork(equality, toindices, box))
    framed = mapply(delta, frames)
    outline = compose(normalize, toindices)
    inside = fork(equality, toindices, compose(lbind(intersection, framed), toindices))
    models = sfilter(shapes, inside)
    equal = sfilter(shapes, compose(rbind(contained, apply(outline, models)), outline))
    model = compose(lbind(extract, models), compose(lbind(matcher, outline), outline))
    return paint(I, mapply(fork(recolor, compose(color, model), identity), equal))


def solve_77fdfe62(S, I, C):
    """Give each quarter of the figure the colour of its corner."""
    figure = trim(trim(I))
    corner_colors = downscale(I, decrement(width(I)))
    quarters = upscale(corner_colors, halve(width(figure)))
    return fill(quarters, 0, ofcolor(figure, 0))


def solve_780d0b14(S, I, C):
    """Reduce the fields to one cell each."""
    shapes = objects(I, True, True, True)
    solid = paint(I, mapply(fork(recolor, color, backdrop), shapes))
    rows = dedupe(compress(solid))
    return dmirror(dedupe(dmirror(rows)))


def solve_7837ac64(S, I, C):
    """Tell for each mesh the colour that its four corners share."""
    lines = color(first(frontiers(I)))
    plain = combine(ofcolor(I, lines), ofcolor(I, 0))
    knots = difference(asindices(I), plain)
    step = divide(decrement(height(knots)), first(output_shape(S)))
    grid = replace(downscale(subgrid(knots, I), step), lines, 0)
    part = rbind(lbind(crop, grid), output_shape(S))
    top = cellwise(part(ORIGIN), part(RIGHT), 0)
    low = cellwise(part(DOWN), part(UNITY), 0)
    return cellwise(top, low, 0)


def solve_7b6016b9(S, I, C):
    """Fill the enclosed rooms and the ground outside with two colours."""
    rooms = colorfilter(objects(I, True, False, False), 0)
    closed = mfilter(rooms, compose(flip, rbind(bordering, I)))
    return replace(fill(I, 2, closed), 0, 3)


def solve_7b7f7511(S, I, C):
    """Return one of the two equal halves."""
    return branch(portrait(I), tophalf(I), lefthalf(I))


def solve_7c008303(S, I, C):
    """Colour the quarters of the figure by the small key."""
    plain = combine(ofcolor(I, 0), combine(ofcolor(I, 3), ofcolor(I, 8)))
    key = difference(asindices(I), plain)
    start = subtract(3, multiply(3, sign(ulcorner(key))))
    figure = crop(I, start, output_shape(S))
    return fill(upscale(subgrid(key, I), 3), 0, ofcolor(figure, 0))


def solve_7ddcd7ec(S, I, C):
    """Lengthen the tails of the square."""
    parts = objects(I, True, False, True)
    body = argmax(parts, size)
    trails = mapply(fork(shoot, ulcorner, lbind(position, body)), remove(body, parts))
    return fill(I, color(body), trails)


def solve_7df24a62(S, I, C):
    """Put a lid with the same stars, in any turn, over each such group of stars."""
    lid = subgrid(ofcolor(I, 1), I)
    lids = prapply(mir_rot, initset(lid), interval(0, 8, 1))
    sky = compose(asobject, rbind(rbind(replace, 0), 1))
    blank = canvas(0, add(shape(I), TWO_BY_TWO))
    margin = paint(blank, shift(asobject(I), UNITY))
    places = compose(lbind(occurrences, margin), sky)
    copies = fork(mapply, compose(lbind(lbind, shift), asobject), places)
    return trim(paint(margin, mapply(copies, lids)))


def solve_7e0986d6(S, I, C):
    """Remove the dust: inside the blocks it becomes block, elsewhere ground."""
    dust = ofcolor(I, leastcolor(I))
    ink = color_rank(I, 1)
    beside = compose(lbind(intersection, ofcolor(I, ink)), dneighbors)
    inside = sfilter(dust, chain(rbind(greater, 1), size, beside))
    return fill(fill(I, 0, dust), ink, inside)


def solve_7f4411dc(S, I, C):
    """Keep only what squares of two by two can cover."""
    ink = color_rank(I, 1)
    brush = canvas(ink, TWO_BY_TWO)
    places = occurrences(I, asobject(brush))
    return fill(canvas(0, shape(I)), ink, mapply(lbind(shift, asindices(brush)), places))


def solve_7fe24cdd(S, I, C):
    """Put the four turns of the grid around a point."""
    left = vconcat(I, rot270(I))
    return hconcat(left, rot180(left))


def solve_80af3007(S, I, C):
    """Reduce the figure to one cell per block and repeat it in its own cells."""
    small = downscale(subgrid(merge(fgpartition(I)), I), 3)
    row = hconcat(small, hconcat(small, small))
    tiles = vconcat(row, vconcat(row, row))
    return cellwise(tiles, upscale(small, 3), 0)


def solve_810b9b61(S, I, C):
    """Recolour the closed rings."""
    shapes = objects(I, True, False, True)
    hollow = chain(positive, size, delta)
    closed = fork(both, hollow, fork(equality, toindices, box))
    return fill(I, first(new_colors(S)), mfilter(shapes, closed))


def solve_82819916(S, I, C):
    """Continue each row in its own two colours, as the full row has them."""
    rows = objects(I, False, False, True)
    full = argmax(rows, width)
    ones = sfilter(full, matcher(first, mostcolor(full)))
    twos = difference(full, ones)
    bits = objects(cover(I, full), True, False, True)
    level = chain(toivec, rbind(subtract, uppermost(full)), uppermost)
    one_row = compose(lbind(shift, toindices(ones)), level)
    two_row = compose(lbind(shift, toindices(twos)), level)
    like_one = sfilter(bits, lbind(vmatching, ones))
    like_two = difference(bits, like_one)
    first_ink = paint(I, mapply(fork(recolor, color, one_row), like_one))
    return paint(first_ink, mapply(fork(recolor, color, two_row), like_two))


def solve_83302e8f(S, I, C):
    """Fill the intact meshes of the net with one colour and the torn ones with another."""
    meshes = colorfilter(objects(I, True, False, False), 0)
    return replace(fill(I, 3, mfilter(meshes, square)), 0, 4)


def solve_834ec97d(S, I, C):
    """Move the dot down and rain on every other column above it."""
    dot = merge(fgpartition(I))
    rows = interval(0, increment(uppermost(dot)), 1)
    columns = interval(subtract(leftmost(dot), double(width(I))), width(I), 2)
    return fill(move(I, dot, DOWN), 4, product(rows, columns))


def solve_8403a5d5(S, I, C):
    """Draw every other column to the right of the dot, tied in turn above and below."""
    dot = merge(fgpartition(I))
    start = leftmost(dot)
    rows = interval(0, height(I), 1)
    bars = fill(I, color(dot), product(rows, interval(start, width(I), 2)))
    above = product(initset(0), interval(increment(start), width(I), 4))
    below = product(initset(uppermost(dot)), interval(add(start, 3), width(I), 4))
    return fill(bars, 5, combine(above, below))


def solve_846bdb03(S, I, C):
    """Put the piece into the box, mirrored if its colours would face the wrong walls."""
    marks = ofcolor(I, 4)
    outside = difference(toindices(merge(fgpartition(I))), backdrop(marks))
    wall = index(I, add(ulcorner(marks), DOWN))
    wall_part = intersection(outside, ofcolor(I, wall))
    fits = equality(leftmost(wall_part), leftmost(outside))
    loose = toobject(outside, I)
    turned = branch(fits, loose, vmirror(loose))
    placed = shift(normalize(turned), increment(ulcorner(marks)))
    return subgrid(marks, paint(I, placed))


def solve_855e0971(S, I, C):
    """Lengthen every black hole across the whole stripe that it lies in."""
    parts = partition(I)
    stripes = difference(parts, colorfilter(parts, 0))
    lying = equality(width(first(stripes)), width(I))
    line = branch(lying, vfrontier, hfrontier)
    lines_of_holes = compose(lbind(mapply, line), delta)
    cuts = mapply(fork(intersection, backdrop, lines_of_holes), stripes)
    return fill(I, 0, cuts)


def solve_85c4e7cd(S, I, C):
    """Swap the colours of nested rings: outermost with innermost and so on."""
    outward = order(partition(I), height)
    inward = order(partition(I), compose(invert, height))
    rings = papply(recolor, apply(color, inward), outward)
    return paint(I, merge(merge(initset(rings))))


def solve_868de0fa(S, I, C):
    """Fill the inside of each box: one colour for even sides, another for odd ones."""
    empty = colorfilter(objects(I, T, F, F), 0)
    outside = sfilter(empty, rbind(bordering, I))
    insides = difference(empty, outside)
    even_sided = sfilter(insides, compose(even, height))
    odd_sided = difference(insides, even_sided)
    half_done = fill(I, first(new_colors(S)), merge(even_sided))
    return fill(half_done, last(new_colors(S)), merge(odd_sided))


def solve_8731374e(S, I, C):
    """Cut the clean rectangle out of the noise and mark the rows and columns of its odd cells."""
    largest = argmax(objects(I, T, F, F), size)
    main = color(largest)
    cut = subgrid(largest, I)
    count = compose(size, rbind(sfilter, matcher(identity, main)))
    mostly = fork(greater, compose(double, count), size)
    clean = dmirror(sfilter(dmirror(sfilter(cut, mostly)), mostly))
    odd = difference(asindices(clean), ofcolor(clean, main))
    lines = combine(mapply(hfrontier, odd), mapply(vfrontier, odd))
    return fill(clean, leastcolor(clean), lines)


def solve_88a10436(S, I, C):
    """Copy the shape to where the lone marker stands, which it replaces."""
    found = objects(I, F, T, T)
    marker = argmin(found, size)
    pattern = argmax(found, size)
    offset = subtract(center(marker), center(pattern))
    copy = shift(pattern, offset)
    return paint(cover(I, marker), copy)


def solve_88a62173(S, I, C):
    """Return the one of four tiles that differs from the others."""
    bands = vsplit(I, 2)
    tiles = mapply(rbind(hsplit, 2), bands)
    return leastcommon(tiles)


def solve_890034e9(S, I, C):
    """Frame every other place that looks like the inside of the frame that is there."""
    frame_color = leastcolor(I)
    frame = ofcolor(I, frame_color)
    inside = toobject(delta(frame), I)
    places = occurrences(I, inside)
    step = subtract(ulcorner(frame), ulcorner(inside))
    origins = apply(rbind(add, step), places)
    frames = mapply(lbind(shift, normalize(frame)), origins)
    return fill(I, frame_color, frames)


def solve_8a004b2b(S, I, C):
    """Enlarge the drawing to the size of its traces in the box and lay it over them."""
    marks = ofcolor(I, 4)
    inside = backdrop(marks)
    drawing = toobject(difference(toindices(merge(fgpartition(I))), inside), I)
    hint = leastcolor(drawing)
    trace = intersection(ofcolor(I, hint), inside)
    large = upscale(normalize(drawing), width(trace))
    hint_in_large = intersection(toindices(large), ofcolor(paint(canvas(0, (30, 30)), large), hint))
    placed = shift(large, subtract(ulcorner(trace), ulcorner(hint_in_large)))
    return subgrid(marks, paint(I, placed))


def solve_8be77c9e(S, I, C):
    """Put the upside-down grid below the grid."""
    return vconcat(I, hmirror(I))


def solve_8d5021e8(S, I, C):
    """Mirror to the left, then stack the result upside down, upright and upside down."""
    wide = hconcat(vmirror(I), I)
    flipped = hmirror(wide)
    return vconcat(vconcat(flipped, wide), flipped)


def solve_8d510a79(S, I, C):
    """Let 2s grow to the dividing line and 1s away from it."""
    line = ofcolor(I, 5)
    heading = chain(toivec, first, compose(rbind(position, line), initset))
    stop = fork(add, identity, compose(rbind(gravitate, line), initset))
    inward = mapply(fork(connect, identity, stop), ofcolor(I, 2))
    outward = mapply(fork(shoot, identity, compose(invert, heading)), ofcolor(I, 1))
    return fill(fill(I, 2, inward), 1, outward)


def solve_8e1813be(S, I, C):
    """List the parallel lines in order, each as a full line of a square."""
    parts = fgpartition(I)
    lines = difference(parts, sfilter(parts, square))
    upright = portrait(first(lines))
    ordered = order(lines, branch(upright, leftmost, uppermost))
    rows = apply(rbind(repeat, size(ordered)), apply(color, ordered))
    return branch(upright, dmirror(rows), rows)


def solve_8e5a5113(S, I, C):
    """Add the left tile turned by a quarter and by a half, with dividers between."""
    tile = first(hsplit(I, 3))
    divider = crop(I, tojvec(width(tile)), astuple(height(I), 1))
    two_tiles = hconcat(hconcat(tile, divider), rot90(tile))
    return hconcat(hconcat(two_tiles, divider), rot180(tile))


def solve_8eb1be9a(S, I, C):
    """Repeat the band upwards and downwards until the grid is full."""
    band = merge(fgpartition(I))
    thickness = height(band)
    counts = initset(interval(invert(height(I)), height(I), 1))
    offsets = apply(compose(toivec, lbind(multiply, thickness)), merge(counts))
    return paint(I, mapply(lbind(shift, band), offsets))


def solve_8efcae92(S, I, C):
    """Return the rectangle with the most dots."""
    surrounded = hconcat(I, canvas(0, shape(I)))
    rectangles = objects(surrounded, F, F, T)
    dotted = argmax(rectangles, rbind(colorcount, 2))
    return subgrid(dotted, I)


def solve_8f2ea7aa(S, I, C):
    """Replace every cell of the small pattern by the pattern itself."""
    pattern = normalize(merge(fgpartition(I)))
    spread = lbind(multiply, shape(pattern))
    place = compose(lbind(shift, pattern), spread)
    copies = mapply(place, toindices(pattern))
    return paint(canvas(mostcolor(I), shape(I)), copies)


def solve_90c28cc7(S, I, C):
    """Shrink a patchwork of rectangles to one cell for each."""
    patches = subgrid(merge(fgpartition(I)), I)
    few_rows = dedupe(patches)
    return dmirror(dedupe(dmirror(few_rows)))


def solve_913fb3ed(S, I, C):
    """Ring every cell in the colour that belongs to its own."""
    around_threes = fill(I, 6, mapply(neighbors, ofcolor(I, 3)))
    around_eights = fill(around_threes, 4, mapply(neighbors, ofcolor(I, 8)))
    return fill(around_eights, 1, mapply(neighbors, ofcolor(I, 2)))


def solve_91413438(S, I, C):
    """Lay a copy per coloured cell into a square of copies, as wide as there are empty cells."""
    empty = colorcount(I, 0)
    copies = subtract(size(asindices(I)), empty)
    slots = totuple(asindices(canvas(0, astuple(empty, empty))))
    taken = merge(initset(apply(first, pair(slots, repeat(0, copies)))))
    spread = lbind(multiply, shape(I))
    tiles = mapply(compose(lbind(shift, asobject(I)), spread), taken)
    side = multiply(empty, height(I))
    return paint(canvas(0, astuple(side, side)), tiles)


def solve_91714a58(S, I, C):
    """Keep the largest one-coloured rectangle and drop all noise, also what sticks to it."""
    largest = argmax(objects(I, T, F, T), size)
    inside = chain(size, lbind(intersection, toindices(largest)), dneighbors)
    kept = sfilter(toindices(largest), compose(rbind(greater, 1), inside))
    return fill(canvas(mostcolor(I), shape(I)), color(largest), kept)


def solve_9172f3a0(S, I, C):
    """Enlarge every cell by the same factor as in the samples."""
    factor = divide(height(first(outputs(S))), height(first(inputs(S))))
    return upscale(I, factor)


def solve_928ad970(S, I, C):
    """Draw a frame in the shape's colour just inside the box of the grey marks."""
    marks = ofcolor(I, 5)
    shape_color = other(remove(mostcolor(I), palette(I)), 5)
    return fill(I, shape_color, inbox(marks))


def solve_93b581b8(S, I, C):
    """Throw each of four colours as a block into the opposite corner."""
    core = first(objects(I, F, T, T))
    turned = vmirror(hmirror(core))
    blocks = shift(upscale(turned, 3), (-2, -2))
    cells = toindices(core)
    cross = combine(mapply(hfrontier, cells), mapply(vfrontier, cells))
    thrown = fill(paint(I, blocks), mostcolor(I), cross)
    return paint(thrown, core)


def solve_941d9a10(S, I, C):
    """Colour the first room, the middle room and the last room."""
    rooms = colorfilter(objects(I, T, F, F), 0)
    cells = asindices(I)
    one = argmin(rooms, rbind(manhattan, initset(ORIGIN)))
    two = argmin(rooms, rbind(manhattan, initset(center(cells))))
    three = argmin(rooms, rbind(manhattan, initset(lrcorner(cells))))
    return fill(fill(fill(I, 1, one), 2, two), 3, three)


def solve_94f9d214(S, I, C):
    """Mark the cells that are empty in both halves."""
    upper = ofcolor(tophalf(I), 0)
    lower = ofcolor(bottomhalf(I), 0)
    blank = canvas(0, shape(tophalf(I)))
    return fill(blank, first(new_colors(S)), intersection(upper, lower))


def solve_952a094c(S, I, C):
    """Send each dot inside the frame to the far outer corner."""
    found = objects(I, T, F, T)
    frame = argmax(found, size)
    dots = remove(frame, found)
    middle_twice = add(ulcorner(frame), lrcorner(frame))
    heading = chain(sign, lbind(subtract, middle_twice), compose(double, center))
    jump = compose(lbind(multiply, decrement(shape(frame))), heading)
    moved = mapply(fork(shift, identity, jump), dots)
    return paint(cover(I, merge(dots)), moved)


def solve_9565186b(S, I, C):
    """Turn everything grey that has not the commonest colour."""
    common = ofcolor(I, mostcolor(I))
    return fill(canvas(first(new_colors(S)), shape(I)), mostcolor(I), common)


def solve_95990924(S, I, C):
    """Number the four outer corners of each square."""
    rings = apply(outbox, objects(I, T, F, T))
    one = fill(I, 1, apply(ulcorner, rings))
    two = fill(one, 2, apply(urcorner, rings))
    three = fill(two, 3, apply(llcorner, rings))
    return fill(three, 4, apply(lrcorner, rings))


def solve_963e52fc(S, I, C):
    """Go on with the pattern to twice the width."""
    pattern = asobject(I)
    goal = double(width(I))
    steps = merge(initset(interval(0, goal, hperiod(pattern))))
    copies = mapply(compose(lbind(shift, pattern), tojvec), steps)
    return paint(canvas(0, astuple(height(I), goal)), copies)


def solve_97999447(S, I, C):
    """Let every cell grow to the right, every second cell grey."""
    ray = compose(rbind(shoot, RIGHT), center)
    rays = mapply(fork(recolor, color, ray), objects(I, T, F, T))
    odd = apply(tojvec, interval(1, width(I), 2))
    grey = prapply(add, toindices(merge(fgpartition(I))), odd)
    return fill(paint(I, rays), first(new_colors(S)), grey)


def solve_97a05b5b(S, I, C):
    """Fit the pieces, turned as needed, into the holes that just their red cells fill."""
    found = objects(hconcat(I, canvas(0, shape(I))), F, T, T)
    sheet_object = argmax(found, size)
    sheet = subgrid(sheet_object, I)
    larger = canvas(2, add(shape(sheet), TWO_BY_TWO))
    margined = paint(larger, shift(asobject(sheet), UNITY))
    pieces = apply(rbind(subgrid, I), remove(sheet_object, found))
    turned = prapply(mir_rot, pieces, interval(0, 4, 1))
    red = rbind(ofcolor, 2)
    hole = compose(lbind(recolor, 0), red)
    around = fork(combine, asindices, compose(lbind(mapply, dneighbors), red))
    rim = compose(lbind(recolor, 2), fork(difference, around, red))
    key = fork(combine, hole, rim)
    places = compose(lbind(occurrences, margined), key)
    origin = compose(invert, compose(ulcorner, key))
    put = compose(lbind(lbind, shift), fork(shift, asobject, origin))
    return paint(sheet, shift(mapply(fork(mapply, put, places), turned), NEG_UNITY))


def solve_98cf29f8(S, I, C):
    """Pull the block in by its rope until it touches the other one."""
    shapes = fgpartition(I)
    pulled = extract(shapes, chain(positive, size, delta))
    anchor = other(shapes, pulled)
    cells = toindices(pulled)
    fits_down = intersection(cells, shift(cells, UP))
    starts = intersection(fits_down, shift(fits_down, LEFT))
    columns = combine(starts, shift(starts, DOWN))
    block = combine(columns, shift(columns, RIGHT))
    drawn = shift(block, gravitate(block, anchor))
    return fill(cover(I, pulled), color(pulled), drawn)


def solve_99b1bc43(S, I, C):
    """Mark the cells that are filled in just one of the halves."""
    upper = ofcolor(tophalf(I), 0)
    lower = ofcolor(bottomhalf(I), 0)
    differing = difference(combine(upper, lower), intersection(upper, lower))
    return fill(canvas(0, shape(tophalf(I))), first(new_colors(S)), differing)


def solve_99fa7670(S, I, C):
    """Let every cell run to the right edge and from there down to the next one."""
    edge = decrement(width(I))
    downward = order(objects(I, T, F, T), uppermost)
    right_end = compose(rbind(astuple, edge), uppermost)
    turns = apply(right_end, downward)
    next_turns = combine(remove(first(turns), turns), repeat(lrcorner(asindices(I)), 1))
    falls = papply(recolor, apply(color, downward), papply(connect, turns, next_turns))
    fallen = paint(I, merge(merge(initset(falls))))
    run = fork(recolor, color, fork(connect, center, right_end))
    return paint(fallen, merge(apply(run, objects(I, T, F, T))))


def solve_9aec4887(S, I, C):
    """Put the shape into the frame, each cell in the colour of the nearest side."""
    shape_cells = ofcolor(I, 8)
    sides = difference(fgpartition(I), colorfilter(fgpartition(I), 8))
    frame = toindices(merge(sides))
    inside = shift(normalize(shape_cells), increment(ulcorner(frame)))
    alone = fork(connect, identity, identity)
    distance_from = compose(lbind(lbind, manhattan), alone)
    nearest_color = chain(color, lbind(argmin, sides), distance_from)
    colored = paint(I, mapply(fork(recolor, nearest_color, alone), inside))
    falling = shoot(ulcorner(frame), UNITY)
    rising = shoot(llcorner(frame), UP_RIGHT)
    undecided = intersection(inside, combine(falling, rising))
    return subgrid(frame, fill(colored, 8, undecided))


def solve_9af7a82c(S, I, C):
    """Chart the colours as hanging bars, the longest first."""
    bars = order(partition(I), compose(invert, size))
    tallest = size(first(bars))
    bar = fork(repeat, color, size)
    rest = chain(lbind(repeat, 0), lbind(subtract, tallest), size)
    return dmirror(apply(fork(combine, bar, rest), bars))


def solve_9d9215db(S, I, C):
    """Mirror the dots both ways and dot the lines between those that stand off the diagonals."""
    to_side = paint(I, merge(fgpartition(vmirror(I))))
    whole = paint(to_side, merge(fgpartition(hmirror(to_side))))
    from_middle = compose(rbind(subtract, center(asindices(I))), center)
    squared = fork(multiply, from_middle, from_middle)
    found = objects(whole, T, F, T)
    level = sfilter(found, compose(fork(greater, first, last), squared))
    plumb = sfilter(found, compose(fork(greater, last, first), squared))
    other_column = compose(lbind(subtract, decrement(width(I))), leftmost)
    other_row = compose(lbind(subtract, decrement(height(I))), uppermost)
    across = fork(connect, center, fork(astuple, uppermost, other_column))
    down = fork(connect, center, fork(astuple, other_row, leftmost))
    lattice = product(interval(1, height(I), 2), interval(1, width(I), 2))
    dotted_across = fork(recolor, color, compose(lbind(intersection, lattice), across))
    dotted_down = fork(recolor, color, compose(lbind(intersection, lattice), down))
    return paint(whole, combine(mapply(dotted_across, level), mapply(dotted_down, plumb)))


def solve_9dfd6313(S, I, C):
    """Turn or mirror the grid as the samples do."""
    return sample_symmetry(S)(I)


def solve_9ecd008a(S, I, C):
    """Return what the symmetric picture has under the black hole."""
    hole = ofcolor(I, 0)
    return subgrid(hole, vmirror(I))


def solve_9edfc990(S, I, C):
    """Let the 1s flood the empty areas that they touch."""
    empty = colorfilter(objects(I, T, F, F), 0)
    flooded = sfilter(empty, rbind(adjacent, ofcolor(I, 1)))
    return fill(I, 1, merge(flooded))


def solve_9f236235(S, I, C):
    """Shrink every tile between the lines to a cell and mirror the result."""
    tiles = compress(I)
    lines = subtract(height(I), height(tiles))
    factor = divide(height(tiles), increment(lines))
    return vmirror(downscale(tiles, factor))


def solve_a1570a43(S, I, C):
    """Move the shape in between the four marks."""
    piece = ofcolor(I, 2)
    marks = ofcolor(I, 3)
    goal = increment(ulcorner(marks))
    return move(I, recolor(2, piece), subtract(goal, ulcorner(piece)))


def solve_a2fd1cf0(S, I, C):
    """Lead a path sideways from one cell, then up or down to the other."""
    start = first(ofcolor(I, 2))
    end = first(ofcolor(I, 3))
    turn = astuple(first(start), last(end))
    path = combine(connect(start, turn), connect(turn, end))
    return underfill(I, 8, path)


def solve_a3325580(S, I, C):
    """List the colours of the largest shapes from left to right, one column each."""
    found = objects(I, T, F, T)
    most = valmax(found, size)
    largest = order(sizefilter(found, most), leftmost)
    columns = apply(rbind(repeat, most), apply(color, largest))
    return dmirror(columns)


def solve_a3df8b1e(S, I, C):
    """Let the ball bounce upwards between the walls."""
    start = first(ofcolor(I, 1))
    period = double(decrement(width(I)))
    beyond = decrement(invert(period))
    rows = interval(first(start), beyond, invert(period))
    bounces = apply(toivec, merge(initset(rows)))
    rising = mapply(rbind(shoot, UP_RIGHT), bounces)
    falling = mapply(rbind(shoot, UNITY), bounces)
    return fill(I, 1, combine(rising, falling))


def solve_a416b8f3(S, I, C):
    """Put the grid beside itself."""
    return hconcat(I, I)


def solve_a48eeaf7(S, I, C):
    """Draw every grey cell to the nearest place around the square."""
    grey = ofcolor(I, 5)
    ring = outbox(ofcolor(I, 2))
    alone = fork(connect, identity, identity)
    distance_from = compose(lbind(lbind, manhattan), alone)
    nearest = chain(lbind(argmin, ring), rbind(compose, alone), distance_from)
    return fill(cover(I, grey), 5, apply(nearest, grey))


def solve_a5313dff(S, I, C):
    """Fill every area that is closed off from the edge."""
    empty = colorfilter(objects(I, T, F, F), 0)
    open_areas = sfilter(empty, rbind(bordering, I))
    return fill(I, first(new_colors(S)), merge(difference(empty, open_areas)))


def solve_a5f85a15(S, I, C):
    """Recolour the cells of the diagonals in every second column."""
    cells = merge(fgpartition(I))
    odd = sfilter(toindices(cells), chain(flip, even, last))
    return fill(I, first(new_colors(S)), odd)


def solve_a61ba2ce(S, I, C):
    """Fit four corner pieces together to a frame, each with its gap inwards."""
    pieces = apply(normalize, objects(I, T, F, T))
    gap = compose(first, delta)
    place = chain(double, lbind(subtract, UNITY), gap)
    blank = canvas(mostcolor(I), output_shape(S))
    return paint(blank, mapply(fork(shift, identity, place), pieces))


def solve_a61f2674(S, I, C):
    """Keep only the tallest and the shortest bar, in colours of their own."""
    bars = objects(I, T, F, T)
    blank = cover(I, merge(bars))
    with_tallest = fill(blank, first(new_colors(S)), argmax(bars, size))
    return fill(with_tallest, last(new_colors(S)), argmin(bars, size))


def solve_a65b410d(S, I, C):
    """Let the bar grow by a cell with each row above it and shrink with each row below."""
    bar = ofcolor(I, 2)
    end = lrcorner(bar)
    leftward = rbind(shoot, LEFT)
    above = mapply(leftward, shoot(end, UP_RIGHT))
    below = mapply(leftward, shoot(end, DOWN_LEFT))
    return fill(fill(fill(I, 3, above), 1, below), 2, bar)


def solve_a68b268e(S, I, C):
    """Stack the four quadrants, the upper ones over the lower, left over right."""
    upper = hsplit(tophalf(I), 2)
    lower = hsplit(bottomhalf(I), 2)
    filled = fork(difference, asindices, rbind(ofcolor, 0))
    sheet = fork(toobject, filled, identity)
    below = paint(last(lower), sheet(first(lower)))
    return paint(paint(below, sheet(last(upper))), sheet(first(upper)))


def solve_a699fb00(S, I, C):
    """Fill the gap between cells that are two columns apart."""
    dots = ofcolor(I, 1)
    gaps = intersection(shift(dots, LEFT), shift(dots, RIGHT))
    return fill(I, first(new_colors(S)), gaps)


def solve_a740d043(S, I, C):
    """Cut the drawing out and blacken its background."""
    drawing = merge(fgpartition(I))
    return replace(subgrid(drawing, I), mostcolor(I), first(new_colors(S)))


def solve_a78176bb(S, I, C):
    """Draw a parallel through the outer corner of each triangle beside the diagonal."""
    triangles = colorfilter(objects(I, T, F, T), 5)
    line_color = other(remove(0, palette(I)), 5)
    upper = sfilter(triangles, fork(contained, urcorner, toindices))
    lower = difference(triangles, upper)
    above = apply(compose(rbind(add, UP_RIGHT), urcorner), upper)
    below = apply(compose(rbind(add, DOWN_LEFT), llcorner), lower)
    starts = combine(above, below)
    lines = combine(mapply(rbind(shoot, UNITY), starts), mapply(rbind(shoot, NEG_UNITY), starts))
    return fill(replace(I, 5, 0), line_color, lines)


def solve_a79310a0(S, I, C):
    """Move the shape one row down in a new colour."""
    piece = merge(fgpartition(I))
    return fill(cover(I, piece), first(new_colors(S)), shift(piece, DOWN))


def solve_a87f7484(S, I, C):
    """Return the one tile whose cells are arranged differently."""
    count = divide(maximum(shape(I)), minimum(shape(I)))
    tiles = branch(portrait(I), vsplit(I, count), hsplit(I, count))
    gaps = rbind(ofcolor, 0)
    return extract(tiles, matcher(gaps, leastcommon(apply(gaps, tiles))))


def solve_a8c38be5(S, I, C):
    """Assemble the square: the gaps of each coloured part tell its side or corner."""
    found = objects(I, T, F, T)
    parts = apply(normalize, difference(found, colorfilter(found, 5)))
    edge_sum = fork(add, ulcorner, lrcorner)
    heading = fork(subtract, edge_sum, compose(edge_sum, delta))
    place = chain(halve, lbind(multiply, 7), compose(increment, heading))
    return paint(canvas(5, output_shape(S)), mapply(fork(shift, identity, place), parts))


def solve_a9f96cdd(S, I, C):
    """Replace the cell by four colours at its corners."""
    cell = ofcolor(I, 2)
    blank = cover(I, cell)
    upper = fill(fill(blank, 3, shift(cell, NEG_UNITY)), 6, shift(cell, UP_RIGHT))
    return fill(fill(upper, 8, shift(cell, DOWN_LEFT)), 7, shift(cell, UNITY))


def solve_aabf363d(S, I, C):
    """Give the shape the colour of the lone cell, which goes."""
    found = objects(I, T, F, T)
    cell = argmin(found, size)
    return fill(cover(I, cell), color(cell), argmax(found, size))


def solve_aba27056(S, I, C):
    """Fill the vessel and let it spray out of its opening, straight and to both sides."""
    vessel = merge(fgpartition(I))
    opening = difference(box(vessel), toindices(vessel))
    ahead = position(vessel, opening)
    aside = astuple(multiply(last(ahead), last(ahead)), multiply(first(ahead), first(ahead)))
    straight = mapply(rbind(shoot, ahead), opening)
    near_side = shoot(ulcorner(opening), subtract(ahead, aside))
    far_side = shoot(lrcorner(opening), add(ahead, aside))
    spray = combine(straight, combine(near_side, far_side))
    return fill(I, first(new_colors(S)), combine(delta(vessel), spray))


def solve_ac0a08a4(S, I, C):
    """Enlarge the grid by as many times as it has colours."""
    return upscale(I, decrement(numcolors(I)))


def solve_ae3edfdc(S, I, C):
    """Draw the satellites to the planet that has their row or column."""
    found = objects(I, T, F, T)
    red_orbit = colorfilter(found, 3)
    blue_orbit = colorfilter(found, 7)
    to_red = fork(shift, identity, rbind(gravitate, ofcolor(I, 2)))
    to_blue = fork(shift, identity, rbind(gravitate, ofcolor(I, 1)))
    blank = cover(I, merge(combine(red_orbit, blue_orbit)))
    return paint(blank, combine(mapply(to_red, red_orbit), mapply(to_blue, blue_orbit)))


def solve_ae4f1146(S, I, C):
    """Return the square with the most blue cells."""
    squares = objects(I, F, F, T)
    return subgrid(argmax(squares, rbind(colorcount, 1)), I)


def solve_aedd82e4(S, I, C):
    """Recolour the cells that stand alone."""
    single = sizefilter(colorfilter(objects(I, T, F, F), 2), 1)
    return fill(I, first(new_colors(S)), merge(single))


def solve_af902bf9(S, I, C):
    """Fill the rectangles that are marked by four corners."""
    marks = ofcolor(I, 4)
    patches = apply(fork(insert, first, compose(initset, last)), product(marks, marks))
    held = chain(size, lbind(intersection, marks), corners)
    whole = sfilter(patches, matcher(held, 4))
    alone = sfilter(whole, matcher(chain(size, lbind(intersection, marks), backdrop), 4))
    insides = mapply(fork(difference, backdrop, box), alone)
    return fill(I, first(new_colors(S)), insides)


def solve_b0c4d837(S, I, C):
    """Count the rows that the vessel could still take and lay the count out to and fro."""
    vessel = ofcolor(I, 5)
    free = subtract(decrement(height(vessel)), height(ofcolor(I, 8)))
    counted = hconcat(canvas(8, astuple(1, free)), canvas(0, (1, 9)))
    one = crop(counted, (0, 0), (1, 3))
    two = crop(counted, (0, 3), (1, 3))
    three = crop(counted, (0, 6), (1, 3))
    return vconcat(vconcat(one, vmirror(two)), three)


def solve_b190f7f5(S, I, C):
    """Enlarge the colourful half and see it through the other half's stencil, once per cell."""
    halves = branch(portrait(I), vsplit(I, 2), hsplit(I, 2))
    stencil = argmin(halves, numcolors)
    colors = argmax(halves, numcolors)
    holes = ofcolor(stencil, other(palette(stencil), 0))
    place = lbind(multiply, shape(stencil))
    seen = mapply(compose(lbind(shift, holes), place), asindices(colors))
    large = upscale(colors, height(stencil))
    return paint(canvas(0, shape(large)), toobject(seen, large))


def solve_b1948b0a(S, I, C):
    """Change colours as the samples do."""
    return recolor_by(I, color_map(S))


def solve_b230c067(S, I, C):
    """Recolour the shapes, the odd one differently."""
    shapes = objects(I, T, T, T)
    rare = leastcommon(apply_t(normalize, shapes))
    odd = extract(shapes, matcher(normalize, rare))
    return fill(fill(I, first(new_colors(S)), merge(shapes)), last(new_colors(S)), odd)


def solve_b27ca6d3(S, I, C):
    """Ring the pairs of cells."""
    pairs = sizefilter(objects(I, T, F, T), 2)
    return fill(I, first(new_colors(S)), mapply(outbox, pairs))


def solve_b2862040(S, I, C):
    """Recolour the loops that enclose something."""
    background = colorfilter(objects(I, T, F, F), mostcolor(I))
    enclosed = difference(background, sfilter(background, rbind(bordering, I)))
    loops = sfilter(objects(I, T, F, T), rbind(adjacent, merge(enclosed)))
    return fill(I, first(new_colors(S)), merge(loops))


def solve_b527c5c6(S, I, C):
    """Send a beam off each red cell, as wide as the rectangle is thick on either side."""
    red = ofcolor(I, 2)
    tip = chain(first, lbind(intersection, red), toindices)
    beyond = compose(first, fork(difference, compose(dneighbors, tip), toindices))
    ahead = fork(subtract, beyond, tip)
    thickness = compose(decrement, compose(minimum, shape))
    aside = fork(multiply, compose(fork(astuple, last, first), ahead), thickness)
    far = fork(add, tip, compose(lbind(multiply, 30), ahead))
    start = fork(subtract, tip, aside)
    end = fork(add, far, aside)
    beam = compose(backdrop, fork(insert, start, compose(initset, end)))
    blocks = objects(I, F, F, T)
    return fill(fill(I, 3, mapply(beam, blocks)), 2, mapply(fork(shoot, tip, ahead), blocks))


def solve_b548a754(S, I, C):
    """Stretch the framed rectangle up to the lone cell."""
    mark = ofcolor(I, 8)
    rectangle = difference(merge(fgpartition(I)), recolor(8, mark))
    border = index(I, ulcorner(rectangle))
    filling = other(palette(rectangle), border)
    goal = combine(toindices(rectangle), mark)
    return fill(fill(I, filling, backdrop(goal)), border, box(goal))


def solve_b60334d2(S, I, C):
    """Turn every cell into a ring with marked corners."""
    cells = ofcolor(I, 5)
    sides = fill(cover(I, cells), 1, mapply(dneighbors, cells))
    return fill(sides, 5, mapply(ineighbors, cells))


def solve_b6afb2da(S, I, C):
    """Paint the corners, the edges and the inside of each rectangle differently."""
    blocks = colorfilter(objects(I, T, F, F), 5)
    inside = fill(I, 2, merge(blocks))
    edges = fill(inside, 4, mapply(box, blocks))
    return fill(edges, 1, mapply(corners, blocks))


def solve_b7249182(S, I, C):
    """Let the two cells reach out to each other and clasp."""
    cells = order(objects(I, T, F, T), ulcorner)
    a = center(first(cells))
    b = center(last(cells))
    ahead = sign(subtract(b, a))
    aside = astuple(last(ahead), first(ahead))
    arm = subtract(halve(decrement(manhattan(first(cells), last(cells)))), 1)
    tip_a = add(a, multiply(ahead, arm))
    tip_b = subtract(b, multiply(ahead, arm))
    bar = connect(double(aside), double(invert(aside)))
    ends = insert(double(aside), initset(double(invert(aside))))
    hand = combine(bar, shift(ends, ahead))
    other_hand = combine(bar, shift(ends, invert(ahead)))
    with_a = fill(I, color(first(cells)), combine(connect(a, tip_a), shift(hand, tip_a)))
    return fill(with_a, color(last(cells)), combine(connect(b, tip_b), shift(other_hand, tip_b)))


def solve_b775ac94(S, I, C):
    """Mirror each drawing over the foreign cells at its corner, in the colours of these."""
    drawings = objects(I, F, T, T)
    main = fork(intersection, toindices, compose(lbind(ofcolor, I), mostcolor))
    foreign = fork(difference, toindices, main)
    count_around = rbind(lbind(chain, size), neighbors)
    foreign_around = chain(count_around, lbind(lbind, intersection), foreign)
    corner = fork(argmax, main, foreign_around)
    holds = compose(rbind(compose, toindices), lbind(lbind, contained))
    owner = compose(lbind(extract, drawings), holds)
    seed = compose(corner, owner)
    step = fork(subtract, identity, seed)
    turning = fork(multiply, step, step)
    keeping = chain(lbind(subtract, UNITY), double, turning)
    mirror_line = fork(multiply, fork(add, identity, seed), turning)
    adding_line = compose(lbind(lbind, add), mirror_line)
    mirror = fork(compose, adding_line, compose(lbind(lbind, multiply), keeping))
    image = fork(apply, mirror, compose(main, owner))
    images = mapply(fork(recolor, lbind(index, I), image), mapply(foreign, drawings))
    return paint(I, images)


def solve_b782dc8a(S, I, C):
    """Go on colouring the passages of the maze in turns."""
    middle = first(ofcolor(I, leastcolor(I)))
    beside = other(palette(toobject(dneighbors(middle), I)), 8)
    blank = replace(replace(I, leastcolor(I), 0), beside, 0)
    holds_middle = compose(lbind(contained, middle), toindices)
    passages = toindices(extract(objects(blank, T, F, F), holds_middle))
    parity = compose(even, fork(add, first, last))
    alike = sfilter(passages, matcher(parity, even(add(first(middle), last(middle)))))
    return fill(fill(I, beside, passages), leastcolor(I), alike)


def solve_b8825c91(S, I, C):
    """Restore the covered part of the picture from its mirror images."""
    by_side = paint(I, toobject(ofcolor(I, 4), vmirror(I)))
    return paint(by_side, toobject(ofcolor(by_side, 4), hmirror(by_side)))


def solve_b8cdaf2b(S, I, C):
    """Let two rays of the inner colour fly off the upper corners."""
    inner = leastcolor(I)
    core = ofcolor(I, inner)
    left_ray = shoot(add(ulcorner(core), UP), NEG_UNITY)
    right_ray = shoot(add(urcorner(core), UP), UP_RIGHT)
    return underfill(I, inner, combine(left_ray, right_ray))


def solve_b91ae062(S, I, C):
    """Enlarge every cell as often as there are colours besides black."""
    colors = remove(0, palette(I))
    return upscale(I, size(colors))


def solve_b94a9452(S, I, C):
    """Cut out the square and swap its two colours."""
    cut = subgrid(merge(fgpartition(I)), I)
    return switch(cut, mostcolor(cut), leastcolor(cut))


def solve_b9b7f026(S, I, C):
    """Return the colour of the rectangle with a hole."""
    holed = extract(objects(I, T, F, T), chain(positive, size, delta))
    return canvas(color(holed), UNITY)


def solve_ba26e723(S, I, C):
    """Recolour every third column."""
    chosen = product(interval(0, height(I), 1), interval(0, width(I), 3))
    return fill(I, first(new_colors(S)), intersection(ofcolor(I, 4), chosen))


def solve_ba97ae07(S, I, C):
    """Put the bar that lies below on top."""
    bars = fgpartition(I)
    crossing = intersection(backdrop(first(bars)), backdrop(last(bars)))
    on_top = index(I, first(crossing))
    return fill(I, other(apply(color, bars), on_top), crossing)


def solve_bb43febb(S, I, C):
    """Fill the rectangles up to their border."""
    blocks = colorfilter(objects(I, T, F, F), 5)
    insides = mapply(fork(difference, toindices, box), blocks)
    return fill(I, first(new_colors(S)), insides)


def solve_bbc9ae5d(S, I, C):
    """Lengthen the bar by one cell in each new row."""
    rows = halve(width(I))
    blank = vupscale(I, rows)
    bar = merge(fgpartition(hconcat(I, canvas(0, shape(I)))))
    growing = mapply(rbind(shoot, LEFT), shoot(urcorner(bar), UNITY))
    return fill(blank, color(bar), growing)


def solve_bc1d5164(S, I, C):
    """Lay the four corner squares over each other."""
    ink = ofcolor(I, leastcolor(I))
    offset = subtract(output_shape(S), shape(I))
    offsets = product(toivec(first(offset)), tojvec(last(offset)))
    overlaid = mapply(lbind(shift, ink), offsets)
    return fill(canvas(mostcolor(I), output_shape(S)), leastcolor(I), overlaid)


def solve_bd4472b8(S, I, C):
    """Spell out the first row downwards, a full row for each colour, again and again."""
    full_rows = apply(rbind(repeat, width(I)), first(I))
    many = merge(repeat(full_rows, height(I)))
    head = crop(I, ORIGIN, astuple(2, width(I)))
    return crop(vconcat(head, many), ORIGIN, shape(I))


def solve_bda2d7a6(S, I, C):
    """Hand every colour on to the next ring inwards, the innermost to the outermost."""
    rings = order(partition(I), uppermost)
    colors = apply(color, rings)
    handed = combine(repeat(last(colors), 1), colors)
    return paint(I, merge(merge(initset(papply(recolor, handed, rings)))))


def solve_bdad9b1f(S, I, C):
    """Lengthen both lines over the whole grid and mark where they cross."""
    row = hfrontier(first(ofcolor(I, 2)))
    column = vfrontier(first(ofcolor(I, 8)))
    crossed = fill(fill(I, 2, row), 8, column)
    return fill(crossed, first(new_colors(S)), intersection(row, column))


def solve_be94b721(S, I, C):
    """Cut out the largest shape."""
    return subgrid(argmax(objects(I, T, F, T), size), I)


def solve_beb8660c(S, I, C):
    """Sort the lines by length, the longest at the bottom, all pushed to the right."""
    lines = order(objects(I, T, F, T), width)
    gap = chain(lbind(repeat, 0), lbind(subtract, width(I)), width)
    rows = apply(fork(combine, gap, fork(repeat, color, width)), lines)
    free = subtract(height(I), size(lines))
    return vconcat(canvas(0, astuple(free, width(I))), rows)


def solve_c0f76784(S, I, C):
    """Fill the squares by their size."""
    empty = colorfilter(objects(I, T, F, F), 0)
    insides = difference(empty, sfilter(empty, rbind(bordering, I)))
    fill_color = compose(lbind(add, 5), width)
    return paint(I, mapply(fork(recolor, fill_color, identity), insides))


def solve_c1d99e64(S, I, C):
    """Mark the empty rows and columns."""
    return fill(I, first(new_colors(S)), merge(colorfilter(frontiers(I), 0)))


def solve_c3e719e8(S, I, C):
    """Put the grid in place of each cell of its commonest colour."""
    place = lbind(multiply, shape(I))
    copies = mapply(compose(lbind(shift, asobject(I)), place), ofcolor(I, mostcolor(I)))
    return paint(canvas(0, multiply(shape(I), shape(I))), copies)


def solve_c3f564a4(S, I, C):
    """Fill the gaps along the diagonals, which have one colour each."""
    kept = difference(asobject(I), recolor(0, ofcolor(I, 0)))
    reach = interval(invert(height(I)), height(I), 1)
    steps = apply(lbind(multiply, UP_RIGHT), merge(initset(reach)))
    return paint(I, mapply(lbind(shift, kept), steps))


def solve_c444b776(S, I, C):
    """Copy what one room holds into all the others."""
    found = objects(I, T, T, T)
    walls = argmax(found, size)
    content = difference(merge(fgpartition(I)), walls)
    rooms = colorfilter(objects(cover(I, content), T, F, F), 0)
    home = argmax(rooms, compose(numcolors, rbind(toobject, I)))
    offset = compose(rbind(subtract, ulcorner(home)), ulcorner)
    return paint(I, mapply(compose(lbind(shift, content), offset), rooms))


def solve_c59eb873(S, I, C):
    """Enlarge the grid as the samples do."""
    factor = divide(height(first(outputs(S))), height(first(inputs(S))))
    return upscale(I, factor)


def solve_c8cbb738(S, I, C):
    """Lay all patterns over each other with a common middle."""
    patterns = apply(normalize, fgpartition(I))
    largest = astuple(valmax(patterns, height), valmax(patterns, width))
    margin = chain(halve, lbind(subtract, largest), shape)
    centered = mapply(fork(shift, identity, margin), patterns)
    return paint(canvas(mostcolor(I), largest), centered)


def solve_c8f0f002(S, I, C):
    """Change colours as the samples do."""
    return recolor_by(I, color_map(S))


def solve_c909285e(S, I, C):
    """Cut out the frame of the rarest colour."""
    return subgrid(ofcolor(I, leastcolor(I)), I)


def solve_c9e6f938(S, I, C):
    """Put the mirror image beside the grid."""
    return hconcat(I, vmirror(I))


def solve_c9f8e694(S, I, C):
    """Give the grey blocks the colours of the bar at the left, row by row."""
    bar = crop(I, ORIGIN, astuple(height(I), 1))
    light = hupscale(bar, width(I))
    return paint(I, toobject(ofcolor(I, 5), light))


def solve_caa06a1f(S, I, C):
    """Spread the pattern over the whole grid, begun one column later."""
    margin = index(I, lrcorner(asindices(I)))
    pattern = difference(asobject(I), recolor(margin, ofcolor(I, margin)))
    down = interval(0, height(I), vperiod(pattern))
    right = interval(-1, width(I), hperiod(pattern))
    return paint(I, mapply(lbind(shift, pattern), product(down, right)))


def solve_cbded52d(S, I, C):
    """Fill the block between two blocks that carry the same colour at the same place."""
    marks = sfilter(partition(I), compose(rbind(greater, 1), color))
    beside = fork(intersection, rbind(shift, (0, 3)), rbind(shift, (0, -3)))
    above = fork(intersection, rbind(shift, (3, 0)), rbind(shift, (-3, 0)))
    return paint(I, combine(mapply(beside, marks), mapply(above, marks)))


def solve_cce03e0d(S, I, C):
    """Put the grid in place of each red cell."""
    place = lbind(multiply, shape(I))
    copies = mapply(compose(lbind(shift, asobject(I)), place), ofcolor(I, 2))
    return paint(canvas(0, multiply(shape(I), shape(I))), copies)


def solve_cdecee7f(S, I, C):
    """List the cells' colours from left to right, to and fro over three rows."""
    colors = apply(color, order(objects(I, T, F, T), leftmost))
    line = repeat(combine(colors, repeat(0, 9)), 1)
    one = crop(line, (0, 0), (1, 3))
    two = crop(line, (0, 3), (1, 3))
    three = crop(line, (0, 6), (1, 3))
    return vconcat(vconcat(one, vmirror(two)), three)


def solve_ce22a75a(S, I, C):
    """Turn every cell into a square block of another colour."""
    cells = objects(I, T, F, T)
    return fill(I, first(new_colors(S)), mapply(compose(backdrop, outbox), cells))


def solve_ce4f8723(S, I, C):
    """Mark the cells that are filled in one half or the other."""
    empty = intersection(ofcolor(tophalf(I), 0), ofcolor(bottomhalf(I), 0))
    return fill(canvas(first(new_colors(S)), shape(tophalf(I))), 0, empty)


def solve_ce9e57f2(S, I, C):
    """Recolour the lower half of each bar, rounded down."""
    bars = objects(I, T, F, T)
    upper_half = compose(toivec, fork(subtract, size, compose(halve, size)))
    lower = fork(intersection, identity, fork(shift, identity, upper_half))
    return fill(I, first(new_colors(S)), mapply(lower, bars))


def solve_cf98881b(S, I, C):
    """Lay the left sheet on the middle one and both on the right one."""
    sheets = hsplit(I, 3)
    filled = fork(difference, asindices, rbind(ofcolor, 0))
    drawing = fork(toobject, filled, identity)
    return paint(paint(last(sheets), drawing(second(sheets))), drawing(first(sheets)))


def solve_d037b0a7(S, I, C):
    """Let every cell run down to the bottom."""
    cells = objects(I, T, F, T)
    return paint(I, mapply(fork(recolor, color, compose(rbind(shoot, DOWN), center)), cells))


def solve_d06dbe63(S, I, C):
    """Build stairs from the cell to both sides."""
    cell = ofcolor(I, 8)
    step = combine(connect((-1, 0), (-2, 0)), connect((-2, 0), (-2, 2)))
    climbs = apply(lbind(multiply, (-2, 2)), merge(initset(interval(0, height(I), 1))))
    upward = mapply(lbind(shift, step), climbs)
    stairs = combine(upward, apply(invert, upward))
    return fill(I, 5, shift(stairs, first(cell)))


def solve_d07ae81c(S, I, C):
    """Shoot diagonals from the dots, in the dots' colour of the ground they cross."""
    ground = color_rank(I, 0)
    other_ground = color_rank(I, 1)
    a = color_rank(I, 2)
    b = color_rank(I, 3)
    around_a = mostcolor(toobject(neighbors(first(ofcolor(I, a))), I))
    a_first = equality(around_a, ground)
    dots = combine(ofcolor(I, a), ofcolor(I, b))
    down = combine(mapply(rbind(shoot, UNITY), dots), mapply(rbind(shoot, DOWN_LEFT), dots))
    up = combine(mapply(rbind(shoot, NEG_UNITY), dots), mapply(rbind(shoot, UP_RIGHT), dots))
    rays = combine(down, up)
    on_ground = fill(I, branch(a_first, a, b), intersection(rays, ofcolor(I, ground)))
    return fill(on_ground, branch(a_first, b, a), intersection(rays, ofcolor(I, other_ground)))


def solve_d0f5fe59(S, I, C):
    """Count the shapes with a diagonal."""
    shapes = objects(I, T, F, T)
    count = size(shapes)
    return fill(canvas(0, astuple(count, count)), color(first(shapes)), shoot(ORIGIN, UNITY))


def solve_d10ecb37(S, I, C):
    """Return the corner of the pattern."""
    return crop(I, ORIGIN, output_shape(S))


def solve_d13f3404(S, I, C):
    """Let every cell run diagonally down over a grid of twice the size."""
    run = fork(recolor, color, compose(rbind(shoot, UNITY), center))
    trails = mapply(run, objects(I, T, F, T))
    return paint(canvas(0, double(shape(I))), trails)


def solve_d22278a0(S, I, C):
    """Send rings off the corner cells, each over the places that are nearest to its own corner."""
    sources = order(objects(I, T, F, T), ulcorner)
    backwards = order(sources, compose(invert, ulcorner))
    alone = fork(connect, identity, identity)
    distance_from = compose(lbind(lbind, manhattan), alone)
    nearest = compose(lbind(argmin, sources), distance_from)
    last_nearest = compose(lbind(argmin, backwards), distance_from)
    decided = sfilter(asindices(I), fork(equality, nearest, last_nearest))
    own = compose(lbind(sfilter, decided), lbind(matcher, nearest))
    diagonal = fork(astuple, identity, identity)
    span = fork(insert, diagonal, chain(initset, invert, diagonal))
    steps = merge(initset(interval(0, height(I), 2)))
    rings = mapply(compose(box, span), steps)
    around = compose(lbind(shift, rings), center)
    waves = mapply(fork(recolor, color, fork(intersection, around, own)), merge(initset(sources)))
    return paint(I, waves)


def solve_d23f8c26(S, I, C):
    """Keep only the middle column."""
    middle = vfrontier(center(asindices(I)))
    return paint(canvas(0, shape(I)), toobject(middle, I))


def solve_d2abd087(S, I, C):
    """Recolour the shapes of six cells, and the others differently."""
    shapes = objects(I, T, F, T)
    others = fill(I, first(new_colors(S)), merge(shapes))
    return fill(others, last(new_colors(S)), merge(sizefilter(shapes, 6)))


def solve_d364b489(S, I, C):
    """Give every cell four neighbours, each in its own colour."""
    cells = ofcolor(I, 1)
    upright = fill(fill(I, 2, shift(cells, UP)), 8, shift(cells, DOWN))
    return fill(fill(upright, 7, shift(cells, LEFT)), 6, shift(cells, RIGHT))


def solve_d406998b(S, I, C):
    """Recolour the cells in every second column, counted from the right."""
    columns = interval(decrement(width(I)), -1, -2)
    chosen = product(interval(0, height(I), 1), columns)
    return fill(I, first(new_colors(S)), intersection(ofcolor(I, 5), chosen))


def solve_d43fd935(S, I, C):
    """Let the cells beside the square or above it reach out to it."""
    square_cells = ofcolor(I, 3)
    cells = remove(recolor(3, square_cells), objects(I, T, F, T))
    level = sfilter(cells, rbind(hmatching, square_cells))
    plumb = sfilter(cells, rbind(vmatching, square_cells))
    goal = fork(add, center, rbind(gravitate, square_cells))
    reach = fork(recolor, color, fork(connect, center, goal))
    return paint(I, mapply(reach, combine(level, plumb)))


def solve_d4a91cb9(S, I, C):
    """Lead a path up or down from one cell, then sideways to the other."""
    start = first(ofcolor(I, 8))
    end = first(ofcolor(I, 2))
    turn = astuple(first(end), last(start))
    path = combine(connect(start, turn), connect(turn, end))
    return underfill(I, first(new_colors(S)), path)


def solve_d4f3cd78(S, I, C):
    """Fill the box and let it run out of its opening."""
    walls = merge(fgpartition(I))
    opening = difference(box(walls), toindices(walls))
    stream = mapply(rbind(shoot, position(walls, opening)), opening)
    return fill(I, first(new_colors(S)), combine(delta(walls), stream))


def solve_d511f180(S, I, C):
    """Change colours as the samples do."""
    return recolor_by(I, color_map(S))


def solve_d5d6de2d(S, I, C):
    """Keep only the insides of the closed shapes."""
    insides = mapply(delta, objects(I, T, F, T))
    return fill(canvas(0, shape(I)), first(new_colors(S)), insides)


def solve_d631b094(S, I, C):
    """Line up all coloured cells in a row."""
    cells = merge(fgpartition(hconcat(I, canvas(0, shape(I)))))
    return canvas(color(cells), astuple(1, size(cells)))


def solve_d687bc17(S, I, C):
    """Let each cell fall to the side of its colour; cells without a side vanish."""
    found = objects(I, T, F, T)
    cells = sizefilter(found, 1)
    sides = difference(found, cells)
    same_sides = compose(lbind(colorfilter, sides), color)
    drawn = sfilter(cells, chain(positive, size, same_sides))
    fall = fork(gravitate, identity, compose(first, same_sides))
    return paint(cover(I, merge(cells)), mapply(fork(shift, identity, fall), drawn))


def solve_d6ad076f(S, I, C):
    """Bridge the gap between two rectangles, a cell narrower than both at each side."""
    rectangles = fgpartition(I)
    a = first(rectangles)
    b = last(rectangles)
    across = branch(hmatching(a, b), hfrontier, vfrontier)
    from_a = mapply(across, backdrop(inbox(a)))
    from_b = mapply(across, backdrop(inbox(b)))
    between = backdrop(combine(toindices(a), toindices(b)))
    bridge = intersection(intersection(from_a, from_b), between)
    return underfill(I, first(new_colors(S)), bridge)


def solve_d89b689b(S, I, C):
    """Draw each cell into the nearest corner of the block."""
    found = objects(I, T, F, T)
    block = argmax(found, size)
    cells = remove(block, found)
    alone = fork(connect, identity, identity)
    distance_from = chain(rbind(compose, alone), lbind(lbind, manhattan), toindices)
    nearest = compose(lbind(argmin, toindices(block)), distance_from)
    drawn = mapply(fork(recolor, color, compose(alone, nearest)), cells)
    return paint(cover(I, merge(cells)), drawn)


def solve_d8c310e9(S, I, C):
    """Continue the pattern to the right edge."""
    pattern = merge(fgpartition(I))
    period = hperiod(asobject(subgrid(pattern, I)))
    steps = apply(tojvec, merge(initset(interval(0, width(I), period))))
    return paint(I, mapply(lbind(shift, pattern), steps))


def solve_d90796e8(S, I, C):
    """Merge the pairs of green and red cells into one cell of another colour."""
    green = ofcolor(I, 3)
    red = ofcolor(I, 2)
    merged = intersection(green, mapply(dneighbors, red))
    lost = intersection(red, mapply(dneighbors, green))
    return fill(fill(I, 0, lost), first(new_colors(S)), merged)


def solve_d9f24cd1(S, I, C):
    """Let the lines grow upwards, sidestepping the grey cells."""
    sources = ofcolor(I, 2)
    foot = decrement(height(I))
    columns = mapply(vfrontier, sources)
    blocks = intersection(ofcolor(I, 5), columns)
    free = difference(columns, mapply(vfrontier, blocks))
    base = compose(lbind(astuple, foot), last)
    below = mapply(fork(connect, compose(rbind(add, DOWN), identity), base), blocks)
    beside = mapply(compose(rbind(shoot, UP), rbind(add, UNITY)), blocks)
    return fill(I, 2, combine(free, combine(below, beside)))


def solve_d9fac9be(S, I, C):
    """Return the colour in the middle of the ring."""
    ring = argmax(objects(I, T, F, T), size)
    inner = other(remove(0, palette(I)), color(ring))
    return canvas(inner, UNITY)


def solve_dae9d2b5(S, I, C):
    """Mark the cells that are filled in the left half or in the right one."""
    empty = intersection(ofcolor(lefthalf(I), 0), ofcolor(righthalf(I), 0))
    return fill(canvas(first(new_colors(S)), shape(lefthalf(I))), 0, empty)


def solve_db3e9e38(S, I, C):
    """Hang curtains on both sides of the line, shorter and shorter and in turns of colour."""
    line = ofcolor(I, 7)
    tip = llcorner(line)
    hems = combine(shoot(tip, NEG_UNITY), shoot(tip, UP_RIGHT))
    curtains = mapply(rbind(shoot, UP), hems)
    side = double(width(I))
    odd_columns = interval(decrement(subtract(last(tip), side)), side, 2)
    odd = product(interval(0, height(I), 1), odd_columns)
    return fill(fill(I, 7, curtains), first(new_colors(S)), intersection(curtains, odd))


def solve_db93a21d(S, I, C):
    """Frame each square by half its width and let it cast a shadow downwards."""
    squares = objects(I, T, F, T)
    shadow = mapply(rbind(shoot, DOWN), merge(apply(toindices, squares)))
    reach = compose(halve, width)
    start = fork(subtract, ulcorner, reach)
    end = fork(add, lrcorner, reach)
    frame = compose(backdrop, fork(insert, start, compose(initset, end)))
    shaded = fill(I, 1, shadow)
    return paint(fill(shaded, 3, mapply(frame, squares)), merge(squares))


def solve_dbc1a6ce(S, I, C):
    """Connect the cells that share a row or a column."""
    cells = ofcolor(I, 1)
    lines = prapply(connect, cells, cells)
    straight = combine(sfilter(lines, hline), sfilter(lines, vline))
    return underfill(I, first(new_colors(S)), merge(straight))


def solve_dc0a314f(S, I, C):
    """Return what the symmetric picture has under the green square."""
    hidden = ofcolor(I, 3)
    by_side = paint(I, toobject(hidden, vmirror(I)))
    whole = paint(by_side, toobject(ofcolor(by_side, 3), hmirror(by_side)))
    return subgrid(hidden, whole)


def solve_dc1df850(S, I, C):
    """Ring the red cells."""
    return underfill(I, first(new_colors(S)), mapply(neighbors, ofcolor(I, 2)))


def solve_dc433765(S, I, C):
    """Let the green cell take a step towards the yellow one."""
    mover = ofcolor(I, 3)
    way = sign(subtract(center(ofcolor(I, 4)), center(mover)))
    return move(I, recolor(3, mover), way)


def solve_ddf7fa4f(S, I, C):
    """Give every grey block the colour of the cell above it in the first row."""
    found = objects(I, T, F, T)
    blocks = colorfilter(found, 5)
    cells = difference(found, blocks)
    above = compose(lbind(extract, cells), lbind(lbind, vmatching))
    return paint(I, mapply(fork(recolor, compose(color, above), identity), blocks))


def solve_de1cd16c(S, I, C):
    """Return the colour of the area with the most specks."""
    speck = leastcolor(I)
    areas = difference(partition(I), colorfilter(partition(I), speck))
    specks_in = compose(rbind(colorcount, speck), compose(rbind(toobject, I), backdrop))
    return canvas(color(argmax(areas, specks_in)), UNITY)


def solve_ded97339(S, I, C):
    """Connect the cells that share a row or a column."""
    cells = ofcolor(I, 8)
    lines = prapply(connect, cells, cells)
    straight = combine(sfilter(lines, hline), sfilter(lines, vline))
    return fill(I, 8, merge(straight))


def solve_e179c5f4(S, I, C):
    """Let the ball bounce upwards between the walls and colour the rest."""
    start = first(ofcolor(I, 1))
    period = double(decrement(width(I)))
    beyond = decrement(invert(period))
    rows = interval(first(start), beyond, invert(period))
    bounces = apply(toivec, merge(initset(rows)))
    rising = mapply(rbind(shoot, UP_RIGHT), bounces)
    falling = mapply(rbind(shoot, UNITY), bounces)
    return fill(canvas(first(new_colors(S)), shape(I)), 1, combine(rising, falling))


def solve_e21d9049(S, I, C):
    """Continue both arms of the cross to the edges."""
    cross = merge(fgpartition(I))
    cells = toindices(cross)
    in_row = chain(size, lbind(intersection, cells), hfrontier)
    in_column = chain(size, lbind(intersection, cells), vfrontier)
    crossing = argmax(cells, fork(multiply, in_row, in_column))
    row = toobject(intersection(cells, hfrontier(crossing)), I)
    column = toobject(intersection(cells, vfrontier(crossing)), I)
    counts = merge(initset(interval(-15, 16, 1)))
    sideways = apply(compose(tojvec, lbind(multiply, width(row))), counts)
    upright = apply(compose(toivec, lbind(multiply, height(column))), counts)
    rows = mapply(lbind(shift, row), sideways)
    return paint(paint(I, rows), mapply(lbind(shift, column), upright))


def solve_e26a3af2(S, I, C):
    """Clean the stripes of noise, whichever way they run."""
    row_colors = apply(mostcommon, I)
    column_colors = apply(mostcommon, dmirror(I))
    lying = dmirror(repeat(row_colors, width(I)))
    upright = repeat(column_colors, height(I))
    agreement = chain(size, lbind(intersection, asobject(I)), asobject)
    return argmax(insert(lying, initset(upright)), agreement)


def solve_e3497940(S, I, C):
    """Fold the right side over onto the left one."""
    left = lefthalf(I)
    right = vmirror(righthalf(I))
    drawn = difference(asindices(right), ofcolor(right, 0))
    return paint(left, toobject(drawn, right))


def solve_e40b9e2f(S, I, C):
    """Turn the drawing about its solid core by a quarter, a half and three quarters."""
    cells = toindices(merge(fgpartition(I)))
    pairs = intersection(cells, shift(cells, UP))
    squares = intersection(pairs, shift(pairs, LEFT))
    square_pairs = intersection(squares, shift(squares, UP))
    large_squares = intersection(square_pairs, shift(square_pairs, LEFT))
    is_large = positive(size(large_squares))
    corner = first(branch(is_large, large_squares, squares))
    side = branch(is_large, THREE_BY_THREE, TWO_BY_TWO)
    core = shift(asindices(canvas(0, side)), corner)
    mark = fill(canvas(0, shape(I)), 1, core)
    back = subtract(corner, ulcorner(ofcolor(rot90(mark), 1)))
    quarter = paint(I, shift(merge(fgpartition(rot90(I))), back))
    half_back = subtract(corner, ulcorner(ofcolor(rot180(mark), 1)))
    return paint(quarter, shift(merge(fgpartition(rot180(quarter))), half_back))


def solve_e48d4e1a(S, I, C):
    """Shift the cross left and down by a cell for each grey mark."""
    count = colorcount(I, 5)
    cross = argmax(objects(I, T, F, T), size)
    lines = colorfilter(frontiers(I), color(cross))
    upright = shift(extract(lines, vline), tojvec(invert(count)))
    lying = shift(extract(lines, hline), toivec(count))
    return paint(paint(canvas(0, shape(I)), upright), lying)


def solve_e509e548(S, I, C):
    """Recolour angles, open boxes and all other shapes, each kind in its own colour."""
    shapes = objects(I, T, F, T)
    on_edge = fork(equality, toindices, fork(intersection, toindices, box))
    boxes = sfilter(shapes, on_edge)
    half_edge = compose(decrement, fork(add, height, width))
    angles = sfilter(boxes, fork(equality, size, half_edge))
    return fill(fill(fill(I, 2, merge(shapes)), 6, merge(boxes)), 1, merge(angles))


def solve_e50d258f(S, I, C):
    """Return the rectangle with the most red cells."""
    surrounded = hconcat(I, canvas(0, shape(I)))
    rectangles = objects(surrounded, F, F, T)
    return subgrid(argmax(rectangles, rbind(colorcount, 2)), I)


def solve_e73095fd(S, I, C):
    """Fill the rectangular rooms whose corners are corners, not junctions of lines."""
    lines = ofcolor(I, 5)
    beside = chain(size, lbind(intersection, lines), dneighbors)
    junctions = sfilter(lines, compose(rbind(greater, 2), beside))
    empty = colorfilter(objects(I, T, F, F), 0)
    rectangles = sfilter(empty, matcher(compose(size, delta), 0))
    junctions_at = chain(lbind(intersection, junctions), corners, outbox)
    rooms = sfilter(rectangles, matcher(compose(size, junctions_at), 0))
    return fill(I, first(new_colors(S)), merge(rooms))


def solve_e76a88a6(S, I, C):
    """Put the patterned block in place of each grey one."""
    found = objects(I, F, F, T)
    pattern = argmax(found, numcolors)
    blocks = remove(pattern, found)
    copies = mapply(compose(lbind(shift, normalize(pattern)), ulcorner), blocks)
    return paint(I, copies)


def solve_e8593010(S, I, C):
    """Colour the black shapes by their size."""
    shapes = colorfilter(objects(I, T, F, F), 0)
    new_color = compose(lbind(subtract, 4), size)
    return paint(I, mapply(fork(recolor, new_color, identity), shapes))


def solve_e8dc4411(S, I, C):
    """Repeat the shape towards the dot, in its colour, up to the edge."""
    pattern = ofcolor(I, 0)
    dot_color = other(remove(mostcolor(I), palette(I)), 0)
    dot = ofcolor(I, dot_color)
    start = first(dot)
    back = invert(position(pattern, dot))
    behind = intersection(pattern, shoot(start, back))
    steps = merge(initset(interval(1, 30, 1)))
    alone = fork(connect, identity, identity)
    opposite = argmax(behind, compose(lbind(manhattan, dot), alone))
    offset = lbind(multiply, subtract(start, opposite))
    return fill(I, dot_color, mapply(compose(lbind(shift, pattern), offset), steps))


def solve_e9614598(S, I, C):
    """Draw a plus half-way between the two cells."""
    middle = center(ofcolor(I, 1))
    return fill(I, first(new_colors(S)), insert(middle, dneighbors(middle)))


def solve_e98196ab(S, I, C):
    """Lay the lower half over the upper one."""
    sheet = bottomhalf(I)
    drawn = difference(asindices(sheet), ofcolor(sheet, 0))
    return paint(tophalf(I), toobject(drawn, sheet))


def solve_e9afcf9a(S, I, C):
    """Swap the two rows in every second column."""
    odd_columns = product(interval(0, height(I), 1), interval(1, width(I), 2))
    return paint(I, toobject(odd_columns, hmirror(I)))


def solve_ea32f347(S, I, C):
    """Colour the bars by their length."""
    bars = objects(I, T, F, T)
    all_middle = fill(I, 4, merge(bars))
    with_longest = fill(all_middle, 1, argmax(bars, size))
    return fill(with_longest, 2, argmin(bars, size))


def solve_ea786f4a(S, I, C):
    """Draw both diagonals through the black cell."""
    cell = first(ofcolor(I, 0))
    rays = mapply(lbind(shoot, cell), ineighbors(ORIGIN))
    return fill(I, 0, rays)


def solve_eb281b96(S, I, C):
    """Unfold the picture downwards three times, without doubling rows."""
    rest = astuple(decrement(height(I)), width(I))
    up_again = crop(hmirror(I), DOWN, rest)
    down_again = crop(I, DOWN, rest)
    return vconcat(vconcat(vconcat(I, up_again), down_again), up_again)


def solve_eb5a1d5d(S, I, C):
    """Shrink the nested rectangles so that each ring is one cell wide."""
    few_rows = dedupe(I)
    quarter = dmirror(dedupe(dmirror(few_rows)))
    side = height(quarter)
    top = hconcat(quarter, crop(vmirror(quarter), RIGHT, astuple(side, decrement(side))))
    rest = crop(hmirror(top), DOWN, astuple(decrement(side), width(top)))
    return vconcat(top, rest)


def solve_ec883f72(S, I, C):
    """Shoot rays in the inner colour off the outer corners of the vessel."""
    shapes = fgpartition(I)
    vessel = argmax(shapes, compose(size, backdrop))
    inner = color(argmin(shapes, compose(size, backdrop)))
    upper = combine(shoot(ulcorner(vessel), NEG_UNITY), shoot(urcorner(vessel), UP_RIGHT))
    lower = combine(shoot(llcorner(vessel), DOWN_LEFT), shoot(lrcorner(vessel), UNITY))
    return underfill(I, inner, combine(upper, lower))


def solve_ecdecbb3(S, I, C):
    """Draw lines from the red cells to the nearest walls and knot them there."""
    cells = ofcolor(I, 2)
    walls = ofcolor(I, 8)
    lines = prapply(connect, cells, walls)
    straight = combine(sfilter(lines, hline), sfilter(lines, vline))
    touching = sfilter(straight, matcher(compose(size, lbind(intersection, walls)), 1))
    drawn = merge(touching)
    knots = intersection(walls, drawn)
    return fill(fill(fill(I, 2, drawn), 8, mapply(neighbors, knots)), 2, knots)


def solve_ed36ccf7(S, I, C):
    """Turn or mirror the grid as the samples do."""
    return sample_symmetry(S)(I)


def solve_ef135b50(S, I, C):
    """Fill the gaps between the blocks row by row, but not in the grid's outermost rows."""
    blocks = ofcolor(I, 2)
    right = mapply(rbind(shoot, RIGHT), blocks)
    left = mapply(rbind(shoot, LEFT), blocks)
    gaps = difference(intersection(right, left), blocks)
    return fill(I, first(new_colors(S)), difference(gaps, box(asindices(I))))


def solve_f15e1fac(S, I, C):
    """Let the lines run across the grid; each red mark pushes them a step aside."""
    sources = ofcolor(I, 8)
    upright = equality(lowermost(sources), 0)
    at_left = equality(rightmost(sources), 0)
    turned = branch(upright, I, branch(at_left, dmirror(I), rot270(I)))
    top = ofcolor(turned, 8)
    marks = ofcolor(turned, 2)
    aside = branch(equality(leftmost(marks), 0), RIGHT, LEFT)
    end = rbind(astuple, width(turned))
    passed = compose(backdrop, compose(lbind(insert, ORIGIN), compose(initset, end)))
    pushes = chain(size, lbind(intersection, marks), passed)
    offset = fork(add, toivec, compose(lbind(multiply, aside), pushes))
    rows = merge(initset(interval(0, height(turned), 1)))
    drawn = fill(turned, 8, mapply(compose(lbind(shift, top), offset), rows))
    clean = fill(drawn, 2, marks)
    return branch(upright, clean, branch(at_left, dmirror(clean), rot90(clean)))


def solve_f1cefba8(S, I, C):
    """Draw lines where the inner rectangle bulges: dark inside, bright outside."""
    frame = color(argmax(fgpartition(I), compose(size, backdrop)))
    bright = other(remove(0, palette(I)), frame)
    inner = ofcolor(I, bright)
    beside = chain(size, lbind(intersection, inner), dneighbors)
    bulges = sfilter(inner, matcher(beside, 1))
    rest = difference(inner, bulges)
    columns = intersection(bulges, mapply(vfrontier, rest))
    rows = difference(bulges, columns)
    lines = combine(mapply(vfrontier, columns), mapply(hfrontier, rows))
    outside = fill(I, bright, intersection(lines, ofcolor(I, 0)))
    return fill(fill(outside, frame, bulges), frame, intersection(lines, rest))


def solve_f25fbde4(S, I, C):
    """Cut the shape out and double its size."""
    return upscale(subgrid(merge(fgpartition(I)), I), 2)


def solve_f25ffba3(S, I, C):
    """Mirror the lower half upwards."""
    return vconcat(hmirror(bottomhalf(I)), bottomhalf(I))


def solve_f2829549(S, I, C):
    """Mark the cells that are empty on both sides of the divider."""
    empty = intersection(ofcolor(lefthalf(I), 0), ofcolor(righthalf(I), 0))
    return fill(canvas(0, shape(lefthalf(I))), first(new_colors(S)), empty)


def solve_f35d900a(S, I, C):
    """Ring each corner cell in the other colour and dot the lines between them."""
    cells = objects(I, T, F, T)
    marks = toindices(merge(cells))
    alone = fork(connect, identity, identity)
    distance_from = compose(lbind(lbind, manhattan), alone)
    to_nearest = compose(lbind(valmin, cells), distance_from)
    dots = sfilter(box(marks), compose(even, to_nearest))
    dotted = underfill(I, first(new_colors(S)), dots)
    swap = compose(lbind(other, apply(color, cells)), color)
    rings = mapply(fork(recolor, swap, outbox), cells)
    return paint(dotted, rings)


def solve_f5b8619d(S, I, C):
    """Colour the empty cells of the used columns, then repeat the grid both ways."""
    cells = toindices(merge(fgpartition(I)))
    tile = underfill(I, first(new_colors(S)), mapply(vfrontier, cells))
    row = hconcat(tile, tile)
    return vconcat(row, row)


def solve_f76d97a5(S, I, C):
    """Give the other colour to the grey cells and blacken the rest."""
    ink = other(palette(I), 5)
    return replace(switch(I, 5, ink), 5, 0)


def solve_f8a8fe49(S, I, C):
    """Fold what lies between the two brackets outwards over the nearer one."""
    walls_here = ofcolor(I, 2)
    along_top = intersection(walls_here, hfrontier(ulcorner(walls_here)))
    lying = equality(size(along_top), width(walls_here))
    turned = branch(lying, I, dmirror(I))
    walls = ofcolor(turned, 2)
    folded = ofcolor(hmirror(turned), 5)
    top = uppermost(walls)
    bottom = lowermost(walls)
    reach = halve(subtract(bottom, top))
    last_row = decrement(height(turned))
    columns = interval(0, width(turned), 1)
    over_top = shift(folded, toivec(subtract(double(top), last_row)))
    over_bottom = shift(folded, toivec(subtract(double(bottom), last_row)))
    above = product(interval(subtract(top, reach), top, 1), columns)
    below = product(interval(increment(bottom), increment(add(bottom, reach)), 1), columns)
    outside = combine(intersection(over_top, above), intersection(over_bottom, below))
    result = fill(replace(turned, 5, 0), 5, outside)
    return branch(lying, result, dmirror(result))


def solve_f8b3ba0a(S, I, C):
    """List the colours of the blocks by their number, without the commonest."""
    by_count = order(fgpartition(I), compose(invert, size))
    rare = remove(first(by_count), by_count)
    return apply(rbind(repeat, 1), apply(color, rare))


def solve_f8c80d96(S, I, C):
    """Go on nesting boxes at the distance of the two outermost ones; the rest turns grey."""
    boxes = objects(I, T, F, T)
    outermost = argmax(boxes, size)
    inner = rank_by(boxes, size, 1)
    after = maximum(subtract(lrcorner(outermost), lrcorner(inner)))
    before = maximum(subtract(ulcorner(inner), ulcorner(outermost)))
    distance = branch(greater(after, before), after, before)
    steps = merge(initset(interval(distance, 30, distance)))
    start = compose(lbind(subtract, ulcorner(outermost)), fork(astuple, identity, identity))
    end = compose(lbind(add, lrcorner(outermost)), fork(astuple, identity, identity))
    ring = compose(box, fork(insert, start, compose(initset, end)))
    grey = replace(I, 0, first(new_colors(S)))
    return fill(grey, color(outermost), mapply(ring, steps))


def solve_f8ff0b80(S, I, C):
    """List the colours of the shapes by size."""
    by_size = order(objects(I, T, T, T), compose(invert, size))
    return apply(rbind(repeat, 1), apply(color, by_size))


def solve_f9012d9b(S, I, C):
    """Return what the repeated pattern has in the hole."""
    hole = ofcolor(I, 0)
    full = compose(flip, lbind(contained, 0))
    across = hperiod(asobject(sfilter(I, full)))
    down = hperiod(asobject(sfilter(dmirror(I), full)))
    kept = difference(asobject(I), recolor(0, hole))
    rows = interval(multiply(down, -9), height(I), down)
    columns = interval(multiply(across, -9), width(I), across)
    whole = paint(I, mapply(lbind(shift, kept), product(rows, columns)))
    return subgrid(hole, whole)


def solve_fafffa47(S, I, C):
    """Mark the cells that are empty in both halves."""
    empty = intersection(ofcolor(tophalf(I), 0), ofcolor(bottomhalf(I), 0))
    return fill(canvas(0, shape(tophalf(I))), first(new_colors(S)), empty)


def solve_fcb5c309(S, I, C):
    """Cut out the box with the most dots, its border in their colour."""
    boxes_color = color(argmax(objects(I, T, F, T), size))
    boxes = colorfilter(objects(I, T, F, T), boxes_color)
    dot = other(remove(0, palette(I)), boxes_color)
    dots_in = chain(rbind(colorcount, dot), rbind(toobject, I), backdrop)
    return replace(subgrid(argmax(boxes, dots_in), I), boxes_color, dot)


def solve_fcc82909(S, I, C):
    """Let each block drip down as far as it has colours."""
    start = compose(rbind(add, DOWN), llcorner)
    end = fork(add, lrcorner, compose(toivec, numcolors))
    drip = compose(backdrop, fork(insert, start, compose(initset, end)))
    return fill(I, first(new_colors(S)), mapply(drip, objects(I, F, F, T)))


def solve_feca6190(S, I, C):
    """Let all cells of the row fly up to the right in a square sized by their number."""
    cells = sfilter(objects(I, T, F, F), compose(positive, color))
    side = multiply(width(I), size(merge(cells)))
    foot = toivec(decrement(side))
    at_foot = compose(toindices, rbind(shift, foot))
    flight = compose(lbind(mapply, rbind(shoot, UP_RIGHT)), at_foot)
    flights = mapply(fork(recolor, color, flight), cells)
    return paint(canvas(0, astuple(side, side)), flights)


def solve_ff28f65a(S, I, C):
    """Count the squares with cells of a checkerboard."""
    count = size(objects(I, T, F, T))
    board = canvas(0, output_shape(S))
    squares = sfilter(asindices(board), compose(even, fork(add, first, last)))
    taken = apply(first, pair(totuple(squares), repeat(0, count)))
    return fill(board, first(new_colors(S)), merge(initset(taken)))


def solve_ff805c23(S, I, C):
    """Return what the symmetric picture has under the square."""
    hidden = argmax(sfilter(objects(I, T, F, F), square), size)
    by_side = paint(I, toobject(hidden, vmirror(I)))
    still_hidden = ofcolor(by_side, color(hidden))
    return subgrid(hidden, paint(by_side, toobject(still_hidden, hmirror(by_side))))
