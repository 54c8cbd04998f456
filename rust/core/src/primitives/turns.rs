//! Grids turned and mirrored.

use crate::value::{Grid, Value};

/// Turns a grid upside down.
pub(super) fn flip_rows(grid: &Grid) -> Value {
    let mut cells = Vec::with_capacity(grid.cells().len());
    for row in (0..grid.height()).rev() {
        cells.extend_from_slice(grid.row(row));
    }
    Value::grid(grid.height(), grid.width(), cells)
}

/// Swaps left and right.
pub(super) fn flip_columns(grid: &Grid) -> Value {
    let mut cells = grid.cells().to_vec();
    if grid.width() > 0 {
        cells
            .chunks_exact_mut(grid.width())
            .for_each(<[i8]>::reverse);
    }
    Value::grid(grid.height(), grid.width(), cells)
}

/// Turns a grid by a half.
pub(super) fn turn_half(grid: &Grid) -> Value {
    let cells: Vec<i8> = grid.cells().iter().rev().copied().collect();
    Value::grid(grid.height(), grid.width(), cells)
}

/// Mirrors a grid at the diagonal; without columns it loses its rows.
pub(super) fn transpose(grid: &Grid) -> Value {
    by_columns(grid, |column, row| (row, column))
}

/// Mirrors a grid at the other diagonal; without columns it loses its rows.
pub(super) fn transpose_backwards(grid: &Grid) -> Value {
    by_columns(grid, |column, row| {
        (grid.height() - 1 - row, grid.width() - 1 - column)
    })
}

/// Turns a grid clockwise by a quarter; without columns it loses its rows.
pub(super) fn turn_clockwise(grid: &Grid) -> Value {
    by_columns(grid, |column, row| (grid.height() - 1 - row, column))
}

/// Turns a grid anticlockwise by a quarter; without columns it loses its rows.
pub(super) fn turn_anticlockwise(grid: &Grid) -> Value {
    by_columns(grid, |column, row| (row, grid.width() - 1 - column))
}

/// Makes a grid with a row for each column; `source` says where a cell comes from.
fn by_columns(grid: &Grid, source: impl Fn(usize, usize) -> (usize, usize)) -> Value {
    let mut cells = Vec::with_capacity(grid.cells().len());
    for column in 0..grid.width() {
        for row in 0..grid.height() {
            let (row, column) = source(column, row);
            cells.push(grid.at(row, column));
        }
    }
    Value::grid(grid.width(), grid.height(), cells)
}
