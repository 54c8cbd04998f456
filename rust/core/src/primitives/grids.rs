//! Primitives that make grids: cut, turn, scale, join and colour them.

use std::ops::Range;

use super::counts::most_color;
use super::geometry::{dimensions, ulcorner};
use super::objects::shift;
use super::table::primitives;
use super::tables;
use super::turns;
use crate::arguments::{self, Element};
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Cell, Grid, Location, Value};

primitives! {
    canvas(value, dimensions) metered = canvas, or tables::canvas;
    index(grid, loc) = index, or tables::index;
    crop(grid, start, dims) = crop, or tables::crop;
    subgrid(patch, grid) = subgrid;
    trim(grid) = trim, or tables::trim;
    tophalf(grid) = tophalf, or tables::tophalf;
    bottomhalf(grid) = bottomhalf, or tables::bottomhalf;
    lefthalf(grid) = lefthalf, or tables::lefthalf;
    righthalf(grid) = righthalf, or tables::righthalf;
    hsplit(grid, n) metered = hsplit, or tables::hsplit;
    vsplit(grid, n) metered = vsplit, or tables::vsplit;
    compress(grid) = compress, or tables::compress;
    rot90(grid) = rot90, or tables::rot90;
    rot180(grid) = rot180, or tables::rot180;
    rot270(grid) = rot270, or tables::rot270;
    hconcat(a, b) = hconcat, or tables::hconcat;
    vconcat(a, b) = vconcat, or tables::vconcat;
    hupscale(grid, factor) metered = hupscale, or tables::hupscale;
    vupscale(grid, factor) metered = vupscale, or tables::vupscale;
    upscale(element, factor) metered = upscale, or upscale_any;
    downscale(grid, factor) = downscale, or tables::downscale;
    cellwise(a, b, fallback) = cellwise, or tables::cellwise;
    replace(grid, replacee, replacer) = replace, or tables::replace;
    switch(grid, a, b) = switch, or tables::switch;
    fill(grid, value, patch) = fill, or tables::fill;
    underfill(grid, value, patch) = underfill, or tables::underfill;
    cover(grid, patch) = cover, or tables::cover;
    paint(grid, obj) = paint, or tables::paint;
    underpaint(grid, obj) = underpaint, or tables::underpaint;
    move(grid, obj, offset) = move_object, or tables::move_object;
}

/// Requires room for a grid; an empty row counts as one leaf, since it takes room too.
fn claim_grid(meter: &Meter<'_>, rows: i128, columns: i128) -> Outcome<()> {
    meter.claim(rows.saturating_mul(columns.max(1)))
}

/// Returns which places a slice from `start` to `stop` takes: below 0, they count from the end.
fn slice(start: i64, stop: i64, length: usize) -> Range<usize> {
    let length = length as i64;
    let place = |end: i64| (if end < 0 { end + length } else { end }).clamp(0, length);
    let (start, stop) = (place(start), place(stop));
    start as usize..stop.max(start) as usize
}

/// Keeps a rectangle of a grid.
fn cut(grid: &Grid, rows: Range<usize>, columns: Range<usize>) -> Value {
    let (height, width) = (rows.len(), columns.len());
    let mut cells = Vec::with_capacity(height * width);
    for row in rows {
        cells.extend_from_slice(&grid.row(row)[columns.clone()]);
    }
    Value::grid(height, width, cells)
}

/// Cuts by the row and column to start with and the height and width, as slices do.
fn cut_slices(grid: &Grid, (top, left): (i32, i32), (rows, columns): (i32, i32)) -> Value {
    let part = |start: i32, count: i32, length| {
        slice(start.into(), i64::from(start) + i64::from(count), length)
    };
    cut(
        grid,
        part(top, rows, grid.height()),
        part(left, columns, grid.width()),
    )
}

fn canvas(meter: &mut Meter<'_>, [value, dimensions]: [&Value; 2]) -> Outcome<Value> {
    let (rows, columns) = arguments::location(dimensions)?;
    let (rows, columns) = (rows.max(0), columns.max(0));
    let color = if rows > 0 && columns > 0 {
        arguments::color(value)?
    } else {
        0
    };
    claim_grid(meter, rows.into(), columns.into())?;
    let (rows, columns) = (rows as usize, columns as usize);
    Ok(Value::grid(rows, columns, vec![color; rows * columns]))
}

fn index([grid, loc]: [&Value; 2]) -> Outcome<Value> {
    let (row, column) = arguments::location(loc)?;
    let grid = arguments::grid_with_rows(grid)?;
    // A checked location has coordinates of 16 bits.
    let place = grid.place((row as i16, column as i16));
    Ok(place.map_or(Value::None, |place| Value::Int(grid.cells()[place].into())))
}

fn crop([grid, start, dims]: [&Value; 3]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(cut_slices(
        grid,
        arguments::location(start)?,
        arguments::location(dims)?,
    ))
}

fn subgrid([patch, grid]: [&Value; 2]) -> Outcome<Value> {
    if let (Value::Indices(_) | Value::Object(_), Value::Grid(grid)) = (patch, grid) {
        let edges = arguments::patch(patch)?.extent()?;
        let dims = (edges.rows(), edges.columns());
        return Ok(cut_slices(grid, (edges.top, edges.left), dims));
    }
    tables::cut_box(grid, &ulcorner([patch])?, dimensions(patch)?)
}

fn trim([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(cut(
        grid,
        slice(1, -1, grid.height()),
        slice(1, -1, grid.width()),
    ))
}

fn tophalf([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(cut(grid, 0..grid.height() / 2, 0..grid.width()))
}

fn bottomhalf([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(cut(
        grid,
        grid.height().div_ceil(2)..grid.height(),
        0..grid.width(),
    ))
}

/// Keeps some columns of a grid; without columns there are no rows either.
fn columns(grid: &Grid, columns: Range<usize>) -> Value {
    if columns.is_empty() {
        return Value::empty_tuple();
    }
    cut(grid, 0..grid.height(), columns)
}

fn lefthalf([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(columns(grid, 0..grid.width() / 2))
}

fn righthalf([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(columns(grid, grid.width().div_ceil(2)..grid.width()))
}

/// Returns which places a part of a split length takes. If the parts leave a rest, one place is
/// skipped after each.
fn part(place: i64, size: usize, parts: i64, length: usize) -> Range<usize> {
    let step = size as i64 + i64::from(length as i64 % parts != 0);
    slice(place * step, place * step + size as i64, length)
}

/// Returns how long the parts of a split length are.
fn part_size(length: usize, parts: i64) -> usize {
    usize::try_from(parts).map_or(0, |parts| length / parts)
}

fn hsplit(meter: &mut Meter<'_>, [grid, n]: [&Value; 2]) -> Outcome<Value> {
    let parts = arguments::divisor(n)?;
    let grid = arguments::grid_with_rows(grid)?;
    let (rows, columns) = (grid.height(), part_size(grid.width(), parts));
    meter.claim(i128::from(parts) * rows as i128 * columns.max(1) as i128)?;
    let cut_part = |place| cut(grid, 0..rows, part(place, columns, parts, grid.width()));
    Ok(Value::tuple((0..parts).map(cut_part).collect()))
}

fn vsplit(meter: &mut Meter<'_>, [grid, n]: [&Value; 2]) -> Outcome<Value> {
    let parts = arguments::divisor(n)?;
    let grid = arguments::grid_with_rows(grid)?;
    let (rows, columns) = (part_size(grid.height(), parts), grid.width());
    let leaves = rows as i128 * columns.max(1) as i128;
    meter.claim(i128::from(parts) * leaves.max(1))?;
    let cut_part = |place| cut(grid, part(place, rows, parts, grid.height()), 0..columns);
    Ok(Value::tuple((0..parts).map(cut_part).collect()))
}

fn compress([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let kept: Vec<usize> = (0..grid.width())
        .filter(|&column| (1..grid.height()).any(|row| grid.at(row, column) != grid.at(0, column)))
        .collect();
    let mut cells = Vec::with_capacity(grid.cells().len());
    let mut height = 0;
    for row in (0..grid.height()).map(|row| grid.row(row)) {
        let uniform = row
            .first()
            .is_some_and(|first| row.iter().all(|cell| cell == first));
        if !uniform {
            cells.extend(kept.iter().map(|&column| row[column]));
            height += 1;
        }
    }
    Ok(Value::grid(height, kept.len(), cells))
}

fn rot90([grid]: [&Value; 1]) -> Outcome<Value> {
    Ok(turns::turn_clockwise(arguments::grid(grid)?))
}

fn rot180([grid]: [&Value; 1]) -> Outcome<Value> {
    Ok(turns::turn_half(arguments::grid(grid)?))
}

fn rot270([grid]: [&Value; 1]) -> Outcome<Value> {
    Ok(turns::turn_anticlockwise(arguments::grid(grid)?))
}

fn hconcat([a, b]: [&Value; 2]) -> Outcome<Value> {
    let (a, b) = (arguments::grid(a)?, arguments::grid(b)?);
    let (height, width) = (a.height().min(b.height()), a.width() + b.width());
    let mut cells = Vec::with_capacity(height * width);
    for row in 0..height {
        cells.extend_from_slice(a.row(row));
        cells.extend_from_slice(b.row(row));
    }
    Ok(Value::grid(height, width, cells))
}

fn vconcat([a, b]: [&Value; 2]) -> Outcome<Value> {
    let (upper, lower) = (arguments::grid(a)?, arguments::grid(b)?);
    if upper.height() == 0 {
        return Ok(b.clone());
    }
    if lower.height() == 0 {
        return Ok(a.clone());
    }
    if upper.width() != lower.width() {
        let rows = a.members().into_iter().chain(b.members()).flatten();
        return Ok(Value::tuple(rows.collect()));
    }
    let cells = [upper.cells(), lower.cells()].concat();
    Ok(Value::grid(
        upper.height() + lower.height(),
        upper.width(),
        cells,
    ))
}

/// Requires a factor; a negative one counts as 0.
fn factor(value: &Value) -> Outcome<i64> {
    Ok(arguments::number(value)?.max(0))
}

/// Repeats every cell along its row, and every row.
fn scale(grid: &Grid, down: i64, right: i64) -> Value {
    // Room was claimed for the result, so these fit; without cells `right` may be anything.
    let (down, right) = (down as usize, right as usize);
    let width = if grid.width() == 0 {
        0
    } else {
        grid.width() * right
    };
    if grid.height() == 0 || down == 0 {
        return Value::empty_tuple();
    }
    let mut cells = Vec::with_capacity(grid.height() * down * width);
    for row in (0..grid.height()).map(|row| grid.row(row)) {
        let start = cells.len();
        row.iter()
            .for_each(|&cell| cells.extend(std::iter::repeat_n(cell, right)));
        for _ in 1..down {
            cells.extend_from_within(start..start + width);
        }
    }
    Value::grid(grid.height() * down, width, cells)
}

fn hupscale(meter: &mut Meter<'_>, [grid, times]: [&Value; 2]) -> Outcome<Value> {
    let times = factor(times)?;
    let grid = arguments::grid(grid)?;
    claim_grid(
        meter,
        grid.height() as i128,
        grid.width() as i128 * i128::from(times),
    )?;
    Ok(scale(grid, 1, times))
}

fn vupscale(meter: &mut Meter<'_>, [grid, times]: [&Value; 2]) -> Outcome<Value> {
    let times = factor(times)?;
    let grid = arguments::grid(grid)?;
    claim_grid(
        meter,
        grid.height() as i128 * i128::from(times),
        grid.width() as i128,
    )?;
    Ok(scale(grid, times, 1))
}

fn upscale(meter: &mut Meter<'_>, [element, times]: [&Value; 2]) -> Outcome<Value> {
    match arguments::element(element)? {
        Element::Grid(grid) => {
            let times = factor(times)?;
            let (rows, columns) = (grid.height() as i128, grid.width() as i128);
            claim_grid(meter, rows * i128::from(times), columns * i128::from(times))?;
            claim_grid(meter, rows, columns * i128::from(times))?;
            Ok(scale(grid, times, times))
        }
        Element::Object(cells) if cells.is_empty() => Ok(Value::empty_set()),
        Element::Object(cells) => upscale_object(meter, &cells, factor(times)?),
    }
}

fn upscale_object(meter: &Meter<'_>, cells: &[Cell], factor: i64) -> Outcome<Value> {
    let squared = i128::from(factor) * i128::from(factor);
    meter.claim((3 * cells.len() as i128).saturating_mul(squared))?;
    let first = |pick: fn(&Cell) -> i16| i64::from(cells.iter().map(pick).min().unwrap_or(0));
    let (top, left) = (first(|cell| cell.location.0), first(|cell| cell.location.1));
    let mut scaled = Vec::with_capacity(cells.len() * (factor * factor) as usize);
    for cell in cells {
        let (row, column) = (i64::from(cell.location.0), i64::from(cell.location.1));
        for down in 0..factor {
            for right in 0..factor {
                let row = top + (row - top) * factor + down;
                let column = left + (column - left) * factor + right;
                scaled.push((cell.color, row, column));
            }
        }
    }
    let narrow = |&(color, row, column): &(i8, i64, i64)| {
        let location = (i16::try_from(row).ok()?, i16::try_from(column).ok()?);
        Some(Cell::new(color, location))
    };
    Ok(match scaled.iter().map(narrow).collect() {
        Some(cells) => Value::object(cells),
        None => Value::set(
            scaled
                .into_iter()
                .map(|(color, row, column)| {
                    Value::two(Value::Int(color.into()), Value::pair(row, column))
                })
                .collect(),
        ),
    })
}

/// Scales a tuple of rows, or cells that may have any value as their colour.
fn upscale_any(meter: &mut Meter<'_>, [element, times]: [&Value; 2]) -> Outcome<Value> {
    if element.is_tuple() {
        return tables::upscale(meter, [element, times]);
    }
    let (cells, factor) = (arguments::cells(element)?, factor(times)?);
    let leaves = |(value, _): &(Value, Location)| i128::from(value.leaves()) + 2;
    let squared = i128::from(factor) * i128::from(factor);
    let all: i128 = cells.iter().map(leaves).sum();
    meter.claim(all.saturating_mul(squared))?;
    let first = |pick: fn(&Location) -> i16| {
        let least = cells.iter().map(|(_, location)| pick(location)).min();
        i64::from(least.unwrap_or(0))
    };
    let (top, left) = (first(|&(row, _)| row), first(|&(_, column)| column));
    let mut scaled = Vec::new();
    for (value, (row, column)) in &cells {
        let row = top + (i64::from(*row) - top) * factor;
        let column = left + (i64::from(*column) - left) * factor;
        for place in 0..factor * factor {
            let location = Value::pair(row + place / factor, column + place % factor);
            scaled.push(Value::two(value.clone(), location));
        }
    }
    Ok(Value::set(scaled))
}

fn downscale([grid, factor]: [&Value; 2]) -> Outcome<Value> {
    let step = usize::try_from(arguments::divisor(factor)?.unsigned_abs()).unwrap_or(usize::MAX);
    let grid = arguments::grid_with_rows(grid)?;
    let mut cells = Vec::new();
    for row in (0..grid.height()).step_by(step) {
        cells.extend(grid.row(row).iter().step_by(step));
    }
    Ok(Value::grid(
        (grid.height() - 1) / step + 1,
        grid.width().div_ceil(step),
        cells,
    ))
}

fn cellwise([a, b, fallback]: [&Value; 3]) -> Outcome<Value> {
    let (grid, other) = (arguments::grid_with_rows(a)?, arguments::grid_with_rows(b)?);
    if other.height() < grid.height() || other.width() < grid.width() {
        return Err(Failure::argument(
            "expected a grid of at least the first one's size",
        ));
    }
    let mut cells = grid.cells().to_vec();
    if grid.width() > 0 {
        for (row, own) in cells.chunks_exact_mut(grid.width()).enumerate() {
            for (cell, beside) in own.iter_mut().zip(other.row(row)) {
                if cell != beside {
                    *cell = arguments::color(fallback)?;
                }
            }
        }
    }
    Ok(Value::grid(grid.height(), grid.width(), cells))
}

/// Returns which colour a grid's cells of a value have: none if no cell has it.
fn occurring(grid: &Grid, value: &Value) -> Option<i8> {
    value.color().filter(|color| grid.cells().contains(color))
}

fn replace([grid, replacee, replacer]: [&Value; 3]) -> Outcome<Value> {
    let cells = arguments::grid(grid)?;
    let Some(taken) = occurring(cells, replacee) else {
        return Ok(grid.clone());
    };
    let given = arguments::color(replacer)?;
    let map = |&cell: &i8| if cell == taken { given } else { cell };
    let replaced: Vec<i8> = cells.cells().iter().map(map).collect();
    Ok(Value::grid(cells.height(), cells.width(), replaced))
}

fn switch([grid, a, b]: [&Value; 3]) -> Outcome<Value> {
    let cells = arguments::grid(grid)?;
    let (has_a, has_b) = (occurring(cells, a), occurring(cells, b));
    let to_b = has_a.map(|_| arguments::color(b)).transpose()?;
    let to_a = has_b.map(|_| arguments::color(a)).transpose()?;
    let map = |&cell: &i8| match (to_b, to_a) {
        (Some(given), _) if Some(cell) == has_a => given,
        (_, Some(given)) if Some(cell) == has_b => given,
        _ => cell,
    };
    let switched: Vec<i8> = cells.cells().iter().map(map).collect();
    Ok(Value::grid(cells.height(), cells.width(), switched))
}

/// Colours a patch's locations inside a grid, those where a cell passes the test.
fn fill_where(
    grid: &Value,
    value: &Value,
    patch: &Value,
    test: impl Fn(i8) -> bool,
) -> Outcome<Value> {
    let shown = arguments::grid_with_rows(grid)?;
    let patch = arguments::patch(patch)?;
    let (height, width) = (shown.height() as i64, shown.width() as i64);
    let mut cells = shown.cells().to_vec();
    let color = value.color();
    let mut lacks_color = false;
    patch.for_each(|row, column| {
        let (row, column) = (i64::from(row), i64::from(column));
        if (0..height).contains(&row) && (0..width).contains(&column) {
            let place = (row * width + column) as usize;
            if test(shown.cells()[place]) {
                match color {
                    Some(color) => cells[place] = color,
                    None => lacks_color = true,
                }
            }
        }
    });
    if lacks_color {
        return Err(Failure::argument("expected a colour"));
    }
    Ok(Value::grid(shown.height(), shown.width(), cells))
}

fn fill([grid, value, patch]: [&Value; 3]) -> Outcome<Value> {
    fill_where(grid, value, patch, |_| true)
}

fn underfill([grid, value, patch]: [&Value; 3]) -> Outcome<Value> {
    let background = most_color(arguments::grid(grid)?)?;
    fill_where(grid, value, patch, |cell| cell == background)
}

fn cover([grid, patch]: [&Value; 2]) -> Outcome<Value> {
    let background = most_color(arguments::grid(grid)?)?;
    fill_where(grid, &Value::Int(background.into()), patch, |_| true)
}

/// Puts cells on a grid where the cell at hand passes the test.
fn paint_where(grid: &Grid, cells: &[Cell], test: impl Fn(i8) -> bool) -> Value {
    let mut painted = grid.cells().to_vec();
    for cell in cells {
        if let Some(place) = grid.place(cell.location) {
            if test(painted[place]) {
                painted[place] = cell.color;
            }
        }
    }
    Value::grid(grid.height(), grid.width(), painted)
}

fn paint([grid, obj]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid_with_rows(grid)?;
    Ok(paint_where(grid, &arguments::object(obj)?, |_| true))
}

fn underpaint([grid, obj]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let background = most_color(grid)?;
    Ok(paint_where(grid, &arguments::object(obj)?, |cell| {
        cell == background
    }))
}

fn move_object([grid, obj, offset]: [&Value; 3]) -> Outcome<Value> {
    arguments::object(obj)?;
    let shifted = shift([obj, offset])?;
    paint([&cover([grid, obj])?, &shifted])
}
