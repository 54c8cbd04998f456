//! Grids repeated, mirrored, scaled or placed to make one of a wanted shape.

use super::connected_components::check_cells;
use super::counts::most_common;
use super::table::primitives;
use super::turns;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    tile(grid, dimensions) metered = tile;
    tile_mirrored(grid, dimensions) metered = tile_mirrored;
    tile_bounced(grid, dimensions) metered = tile_bounced;
    tile_times(grid, k) metered = tile_times;
    kaleidoscope(grid) = kaleidoscope;
    pinwheel(grid) = pinwheel;
    pour(grid, dimensions) metered = pour;
    shrink(grid, dimensions) metered = shrink;
    stamp_cells(mask, picture) metered = stamp_cells;
    put(grid, dimensions, direction) metered = put;
}

/// Requires a height and a width, each at least 1, and for room for such a grid.
pub(super) fn check_shape(meter: &Meter<'_>, value: &Value) -> Outcome<(usize, usize)> {
    let (rows, columns) = arguments::location(value)?;
    if rows < 1 || columns < 1 {
        return Err(Failure::argument(
            "expected a height and a width of at least 1",
        ));
    }
    meter.claim(i128::from(rows) * i128::from(columns))?;
    Ok((rows as usize, columns as usize))
}

/// Makes a grid from what stands at each row and column.
pub(super) fn draw(rows: usize, columns: usize, mut cell: impl FnMut(usize, usize) -> i8) -> Value {
    let mut cells = Vec::with_capacity(rows * columns);
    for row in 0..rows {
        cells.extend((0..columns).map(|column| cell(row, column)));
    }
    Value::grid(rows, columns, cells)
}

/// Fills a shape with cells of a grid; `source` says which row or column stands at a place, given
/// the place, the grid's length and that of the shape.
fn repeat(
    meter: &Meter<'_>,
    [grid, dimensions]: [&Value; 2],
    source: fn(usize, usize, usize) -> usize,
) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let (rows, columns) = check_shape(meter, dimensions)?;
    let from: Vec<usize> = (0..columns)
        .map(|column| source(column, grid.width(), columns))
        .collect();
    let mut cells = Vec::with_capacity(rows * columns);
    for row in 0..rows {
        let row = grid.row(source(row, grid.height(), rows));
        cells.extend(from.iter().map(|&column| row[column]));
    }
    Ok(Value::grid(rows, columns, cells))
}

fn tile(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    repeat(meter, args, |place, length, _| place % length)
}

fn tile_mirrored(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    repeat(meter, args, |place, length, _| {
        let place = place % (2 * length);
        place.min(2 * length - 1 - place)
    })
}

fn tile_bounced(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    repeat(meter, args, |place, length, _| {
        let place = place % (2 * length - 2).max(1);
        place.min(2 * length - 2 - place)
    })
}

fn tile_times(meter: &mut Meter<'_>, [grid, k]: [&Value; 2]) -> Outcome<Value> {
    let times = arguments::number(k)?;
    let grid = arguments::grid(grid)?;
    if times < 1 {
        return Err(Failure::argument("expected a number of at least 1"));
    }
    let leaves = grid.cells().len().max(grid.height()) as i128;
    let copies = i128::from(times).saturating_mul(times.into());
    meter.claim(copies.saturating_mul(leaves))?;
    if grid.height() == 0 {
        return Ok(Value::empty_tuple());
    }
    let (height, width, times) = (grid.height(), grid.width(), times as usize);
    Ok(draw(height * times, width * times, |row, column| {
        grid.at(row % height, column % width)
    }))
}

fn kaleidoscope([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let (height, width) = (grid.height(), grid.width());
    Ok(draw(2 * height, 2 * width, |row, column| {
        grid.at(
            row.min(2 * height - 1 - row),
            column.min(2 * width - 1 - column),
        )
    }))
}

fn pinwheel([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let side = grid.height();
    if grid.width() != side {
        return Err(Failure::argument("expected a grid as high as wide"));
    }
    let quarters = [
        Value::grid(side, side, grid.cells().to_vec()),
        turns::turn_clockwise(grid),
        turns::turn_anticlockwise(grid),
        turns::turn_half(grid),
    ];
    let quarters: Vec<&Grid> = quarters.iter().filter_map(Value::as_grid).collect();
    Ok(draw(2 * side, 2 * side, |row, column| {
        let quarter = quarters[row / side * 2 + column / side];
        quarter.at(row % side, column % side)
    }))
}

fn pour(meter: &mut Meter<'_>, [grid, dimensions]: [&Value; 2]) -> Outcome<Value> {
    let colored = arguments::grid(grid)?
        .cells()
        .iter()
        .copied()
        .filter(|&cell| cell != 0);
    let (rows, columns) = check_shape(meter, dimensions)?;
    let poured = colored.chain(std::iter::repeat(0)).take(rows * columns);
    Ok(Value::grid(rows, columns, poured.collect()))
}

/// Makes each cell of a shape from the block of a grid's cells that go into it.
fn shrink(meter: &mut Meter<'_>, [grid, dimensions]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let (rows, columns) = check_shape(meter, dimensions)?;
    if rows > grid.height() || columns > grid.width() {
        return Err(Failure::argument("expected a shape of at most the grid's"));
    }
    let mut blocks = vec![Vec::new(); rows * columns];
    for row in 0..grid.height() {
        let first = row * rows / grid.height() * columns;
        for (column, &cell) in grid.row(row).iter().enumerate() {
            blocks[first + column * columns / grid.width()].push(cell);
        }
    }
    let cells = blocks
        .iter()
        .map(|block| most_common(block.iter().copied()).unwrap_or(0));
    Ok(Value::grid(rows, columns, cells.collect()))
}

/// Makes a cell from each cell of a mask with each cell of a picture.
fn stamp_cells(meter: &mut Meter<'_>, [mask, picture]: [&Value; 2]) -> Outcome<Value> {
    let picture = check_cells(picture)?;
    let mask = check_cells(mask)?;
    meter.claim(mask.cells().len() as i128 * picture.cells().len() as i128)?;
    let (height, width) = (picture.height(), picture.width());
    Ok(draw(
        mask.height() * height,
        mask.width() * width,
        |row, column| {
            if mask.at(row / height, column / width) == 0 {
                0
            } else {
                picture.at(row % height, column % width)
            }
        },
    ))
}

/// Tells where something begins that has so much room in a direction.
fn start(room: i64, direction: i32) -> i64 {
    match direction {
        0 => room.div_euclid(2),
        1.. => room,
        _ => 0,
    }
}

fn put(meter: &mut Meter<'_>, args: [&Value; 3]) -> Outcome<Value> {
    let [grid, dimensions, direction] = args;
    let grid = arguments::grid(grid)?;
    let (rows, columns) = check_shape(meter, dimensions)?;
    let (down, right) = arguments::location(direction)?;
    let top = start(rows as i64 - grid.height() as i64, down);
    let left = start(columns as i64 - grid.width() as i64, right);
    let inside = |place: usize, start: i64, length: usize| {
        usize::try_from(place as i64 - start)
            .ok()
            .filter(|&place| place < length)
    };
    Ok(draw(rows, columns, |row, column| {
        let row = inside(row, top, grid.height());
        let column = inside(column, left, grid.width());
        row.zip(column)
            .map_or(0, |(row, column)| grid.at(row, column))
    }))
}
