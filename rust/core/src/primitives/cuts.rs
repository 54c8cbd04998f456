//! Grids cut into parts or down to what matters.
//!
//! A cell of colour 0 is empty, all others are coloured.

use super::connected_components::{
    check_cells, edges, groups, only, parts, Rectangle, Region, EMPTY,
};
use super::counts::Counts;
use super::picks::main_color_of;
use super::table::primitives;
use super::turns;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    cut_to_cells(grid) = cut_to_cells;
    cut_color(grid, color) = cut_color;
    cut_border(grid) = cut_border;
    drop_empty_lines(grid) = drop_empty_lines;
    drop_repeats(grid) = drop_repeats;
    drop_separators(grid) = drop_separators;
    compartments(grid) = compartments;
    compartment_colors(grid) = compartment_colors;
    halves(grid) = halves;
    quarters(grid) = quarters;
    split_squares(grid) = split_squares;
    tile_of(grid) = tile_of;
    color_pictures(grid) metered = color_pictures;
    part_pictures(grid) metered = part_pictures;
    part_layers(grid) metered = part_layers;
    group_pictures(grid) metered = group_pictures;
    group_layers(grid) metered = group_layers;
    rectangles(grid) metered = rectangles;
    frame_insides(grid) metered = frame_insides;
}

/// Cuts out the box around the cells whose colours are wanted.
fn cut_box(grid: &Grid, wanted: impl Fn(i8) -> bool) -> Outcome<Value> {
    let cells = grid.cells().iter().enumerate();
    let places: Region = cells
        .filter(|&(_, &color)| wanted(color))
        .map(|(place, _)| place)
        .collect();
    if places.is_empty() {
        return Err(Failure::argument("expected a grid with such cells"));
    }
    Ok(edges(grid, &places).cut(grid))
}

fn cut_to_cells([grid]: [&Value; 1]) -> Outcome<Value> {
    cut_box(check_cells(grid)?, |color| color != EMPTY)
}

fn cut_color([grid, color]: [&Value; 2]) -> Outcome<Value> {
    let wanted = arguments::color(color)?;
    cut_box(check_cells(grid)?, |color| color == wanted)
}

fn cut_border([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let border = grid.at(0, 0);
    cut_box(grid, |color| color != border)
}

/// Keeps some rows and columns of a grid; fails if nothing is left.
fn select(grid: &Grid, rows: &[usize], columns: &[usize]) -> Outcome<Value> {
    if rows.is_empty() || columns.is_empty() {
        return Err(Failure::argument(
            "expected a grid of which something is left",
        ));
    }
    let mut cells = Vec::with_capacity(rows.len() * columns.len());
    for &row in rows {
        let line = grid.row(row);
        cells.extend(columns.iter().map(|&column| line[column]));
    }
    Ok(Value::grid(rows.len(), columns.len(), cells))
}

/// Lists the lines that pass a test.
fn lines_where(count: usize, test: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..count).filter(|&line| test(line)).collect()
}

fn column(grid: &Grid, column: usize) -> impl Iterator<Item = i8> + '_ {
    (0..grid.height()).map(move |row| grid.at(row, column))
}

fn drop_empty_lines([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let rows = lines_where(grid.height(), |i| {
        grid.row(i).iter().any(|&color| color != EMPTY)
    });
    let columns = lines_where(grid.width(), |j| {
        column(grid, j).any(|color| color != EMPTY)
    });
    select(grid, &rows, &columns)
}

fn drop_repeats([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let rows = lines_where(grid.height(), |i| i == 0 || grid.row(i) != grid.row(i - 1));
    let columns = lines_where(grid.width(), |j| {
        j == 0 || !column(grid, j).eq(column(grid, j - 1))
    });
    select(grid, &rows, &columns)
}

/// The colour that all have, if there is one.
fn shared(mut colors: impl Iterator<Item = i8>) -> Option<i8> {
    let first = colors.next()?;
    colors.all(|color| color == first).then_some(first)
}

/// For each row and each column whether it separates compartments.
pub(super) fn separators(grid: &Grid) -> Outcome<(Vec<bool>, Vec<bool>)> {
    let rows = (0..grid.height()).map(|i| shared(grid.row(i).iter().copied()));
    let columns = (0..grid.width()).map(|j| shared(column(grid, j)));
    let (rows, columns): (Vec<_>, Vec<_>) = (rows.collect(), columns.collect());
    let found: Vec<i8> = rows.iter().chain(&columns).flatten().copied().collect();
    let counts = Counts::of_colors(&found);
    let best = counts
        .pairs()
        .iter()
        .min_by_key(|&&(color, count)| (color == EMPTY, std::cmp::Reverse(count), color));
    let Some(&(color, _)) = best else {
        return Err(Failure::argument("expected a grid with separators"));
    };
    let separates = |line: &Option<i8>| *line == Some(color);
    Ok((
        rows.iter().map(separates).collect(),
        columns.iter().map(separates).collect(),
    ))
}

/// The first and the last of the lines between separators.
fn spans(separates: &[bool]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for run in separates.chunk_by(|a, b| a == b) {
        if !run[0] {
            found.push((start, start + run.len() - 1));
        }
        start += run.len();
    }
    found
}

/// The compartments, row by row, and how many of them lie side by side.
pub(super) fn lattice(grid: &Grid) -> Outcome<(Vec<Rectangle>, usize)> {
    let (rows, columns) = separators(grid)?;
    let (down, across) = (spans(&rows), spans(&columns));
    if down.is_empty() || across.is_empty() {
        return Err(Failure::argument("expected a grid with compartments"));
    }
    Ok((boxes(&down, &across), across.len()))
}

fn boxes(down: &[(usize, usize)], across: &[(usize, usize)]) -> Vec<Rectangle> {
    let mut found = Vec::with_capacity(down.len() * across.len());
    for &(top, bottom) in down {
        found.extend(across.iter().map(|&(left, right)| Rectangle {
            top,
            left,
            bottom,
            right,
        }));
    }
    found
}

fn cut_all(grid: &Grid, boxes: &[Rectangle]) -> Value {
    Value::tuple(boxes.iter().map(|one| one.cut(grid)).collect())
}

fn drop_separators([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let (rows, columns) = separators(grid)?;
    without_lines(grid, &rows, &columns)
}

/// Drops the rows and columns that are marked; fails if nothing is left.
pub(super) fn without_lines(grid: &Grid, rows: &[bool], columns: &[bool]) -> Outcome<Value> {
    select(
        grid,
        &lines_where(grid.height(), |i| !rows[i]),
        &lines_where(grid.width(), |j| !columns[j]),
    )
}

pub(super) fn compartments([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    Ok(cut_all(grid, &lattice(grid)?.0))
}

fn compartment_colors([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let (boxes, across) = lattice(grid)?;
    let mut colors = Vec::new();
    let mut cells = Vec::with_capacity(boxes.len());
    for one in &boxes {
        colors.clear();
        for row in one.top..=one.bottom {
            colors.extend_from_slice(&grid.row(row)[one.left..=one.right]);
        }
        cells.push(main_color_of(&Counts::of_colors(&colors)).unwrap_or(EMPTY));
    }
    Ok(Value::grid(boxes.len() / across, across, cells))
}

/// The two sides of a length, without the middle one of an odd number.
fn sides(length: usize) -> Outcome<[(usize, usize); 2]> {
    if length < 2 {
        return Err(Failure::argument("expected a grid with two sides"));
    }
    Ok([(0, length / 2 - 1), (length.div_ceil(2), length - 1)])
}

pub(super) fn halves([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let (height, width) = (grid.height(), grid.width());
    let mut downwards = height > width;
    if height == width && height % 2 == 1 {
        let middle = height / 2;
        downwards = shared(grid.row(middle).iter().copied()).is_some()
            && shared(column(grid, middle)).is_none();
    }
    let boxes = if downwards {
        boxes(&sides(height)?, &[(0, width - 1)])
    } else {
        boxes(&[(0, height - 1)], &sides(width)?)
    };
    Ok(cut_all(grid, &boxes))
}

pub(super) fn quarters([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let boxes = boxes(&sides(grid.height())?, &sides(grid.width())?);
    Ok(cut_all(grid, &boxes))
}

pub(super) fn split_squares([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let (height, width) = (grid.height(), grid.width());
    let (side, length) = (height.min(width), height.max(width));
    let is_dense = length % side == 0;
    if side == length || (!is_dense && (length + 1) % (side + 1) != 0) {
        return Err(Failure::argument("expected a grid of several squares"));
    }
    let step = if is_dense { side } else { side + 1 };
    let starts = (0..length).step_by(step);
    let along: Vec<_> = starts.map(|start| (start, start + side - 1)).collect();
    let short = [(0, side - 1)];
    let boxes = if height > width {
        boxes(&along, &short)
    } else {
        boxes(&short, &along)
    };
    Ok(cut_all(grid, &boxes))
}

/// The least distance by which some lines repeat themselves, their number if they never do.
fn period(count: usize, equal: impl Fn(usize, usize) -> bool) -> usize {
    // The longest beginning that is an end too, for each beginning: no comparison is made twice.
    let mut ends = vec![0; count];
    for line in 1..count {
        let mut length: usize = ends[line - 1];
        while length > 0 && !equal(line, length) {
            length = ends[length - 1];
        }
        ends[line] = length + usize::from(equal(line, length));
    }
    count - ends.last().copied().unwrap_or(0)
}

fn tile_of([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let transposed = turns::transpose(grid);
    let columns = check_cells(&transposed)?;
    let rows = period(grid.height(), |a, b| grid.row(a) == grid.row(b));
    let across = period(grid.width(), |a, b| columns.row(a) == columns.row(b));
    let tile = Rectangle {
        top: 0,
        left: 0,
        bottom: rows - 1,
        right: across - 1,
    };
    Ok(tile.cut(grid))
}

/// The coloured colours of a grid, ascending, once there is room for a grid of each.
fn layer_colors(meter: &Meter<'_>, grid: &Grid) -> Outcome<Vec<i8>> {
    let counts = Counts::of_grid(grid);
    let colors: Vec<i8> = counts.colors().filter(|&color| color != EMPTY).collect();
    meter.claim(colors.len() as i128 * grid.cells().len() as i128)?;
    Ok(colors)
}

fn layer(grid: &Grid, color: i8) -> Value {
    let cells = grid.cells().iter();
    let cells = cells.map(|&cell| if cell == color { cell } else { EMPTY });
    Value::grid(grid.height(), grid.width(), cells.collect())
}

pub(super) fn color_pictures(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let colors = layer_colors(meter, grid)?;
    let pictures = colors
        .into_iter()
        .map(|color| cut_box(check_cells(&layer(grid, color))?, |cell| cell != EMPTY));
    Ok(Value::tuple(pictures.collect::<Outcome<_>>()?))
}

fn claim_boxes(meter: &Meter<'_>, boxes: &[Rectangle]) -> Outcome<()> {
    meter.claim(boxes.iter().map(|one| one.area() as i128).sum())
}

fn pictures(meter: &Meter<'_>, grid: &Grid, boxes: &[Rectangle]) -> Outcome<Value> {
    claim_boxes(meter, boxes)?;
    Ok(cut_all(grid, boxes))
}

fn boxes_of(grid: &Grid, found: &[Region]) -> Vec<Rectangle> {
    found.iter().map(|region| edges(grid, region)).collect()
}

fn layers(meter: &Meter<'_>, grid: &Grid, found: &[Region]) -> Outcome<Value> {
    meter.claim(found.len() as i128 * grid.cells().len() as i128)?;
    let layers = found.iter().map(|region| only(grid, [region]));
    Ok(Value::tuple(layers.collect()))
}

pub(super) fn part_pictures(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    pictures(meter, grid, &boxes_of(grid, &parts(grid)))
}

fn part_layers(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    layers(meter, grid, &parts(grid))
}

pub(super) fn group_pictures(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    pictures(meter, grid, &boxes_of(grid, &groups(grid)))
}

fn group_layers(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    layers(meter, grid, &groups(grid))
}

/// The boxes of the parts that hold their box's whole outline, with the sizes of the parts.
fn framed(grid: &Grid) -> Vec<(Rectangle, usize)> {
    let mut found = Vec::new();
    for part in parts(grid) {
        let outer = edges(grid, &part);
        if outer.height() < 2 || outer.width() < 2 {
            continue;
        }
        let is_outer = |&&place: &&usize| {
            let (row, column) = (place / grid.width(), place % grid.width());
            row == outer.top || row == outer.bottom || column == outer.left || column == outer.right
        };
        let outline = 2 * (outer.height() + outer.width()) - 4;
        if part.iter().filter(is_outer).count() == outline {
            found.push((outer, part.len()));
        }
    }
    found
}

pub(super) fn rectangles(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let boxes: Vec<_> = framed(grid).into_iter().map(|(outer, _)| outer).collect();
    pictures(meter, grid, &boxes)
}

pub(super) fn frame_insides(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let mut insides = Vec::new();
    for (outer, size) in framed(grid) {
        if size < outer.area() {
            insides.push(Rectangle {
                top: outer.top + 1,
                left: outer.left + 1,
                bottom: outer.bottom - 1,
                right: outer.right - 1,
            });
        }
    }
    pictures(meter, grid, &insides)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_the_least() {
        let least = |lines: &[i8]| period(lines.len(), |a, b| lines[a] == lines[b]);
        assert_eq!(least(&[1]), 1);
        assert_eq!(least(&[1, 1, 1]), 1);
        assert_eq!(least(&[1, 2, 1, 2, 1]), 2);
        assert_eq!(least(&[1, 2, 1, 1, 2]), 3);
        assert_eq!(least(&[1, 2, 3, 4]), 4);
    }
}
