//! Connected regions of a grid's coloured cells, and cuts out of grids.
//!
//! A cell of colour 0 is empty, all others are coloured. A *part* is a set of coloured cells of
//! one colour that are connected by their edges, a *group* one of coloured cells of any colours
//! that are connected by edges or corners. Both are listed by their first cell, row by row.

use super::parts::{labelled, Connection, GridCell};
use crate::failure::{Failure, Outcome};
use crate::value::{Grid, Value};

/// The colour of an empty cell.
pub(super) const EMPTY: i8 = 0;

/// Requires a grid that has cells.
pub(super) fn check_cells(value: &Value) -> Outcome<&Grid> {
    value
        .as_grid()
        .filter(|grid| !grid.cells().is_empty())
        .ok_or(Failure::argument("expected a grid with cells"))
}

/// Requires a grid, which may have no cells.
pub(super) use crate::arguments::grid as check_grid;

/// A rectangle of a grid, its edges inside it.
#[derive(Clone, Copy)]
pub(crate) struct Rectangle {
    pub(crate) top: usize,
    pub(crate) left: usize,
    pub(crate) bottom: usize,
    pub(crate) right: usize,
}

impl Rectangle {
    pub(crate) fn height(self) -> usize {
        self.bottom - self.top + 1
    }

    pub(crate) fn width(self) -> usize {
        self.right - self.left + 1
    }

    pub(crate) fn area(self) -> usize {
        self.height() * self.width()
    }

    /// Cuts it out of a grid that it lies in.
    pub(super) fn cut(self, grid: &Grid) -> Value {
        let mut cells = Vec::with_capacity(self.area());
        for row in self.top..=self.bottom {
            cells.extend_from_slice(&grid.row(row)[self.left..=self.right]);
        }
        Value::grid(self.height(), self.width(), cells)
    }
}

/// Places in a grid, row after row, ascending.
pub(super) type Region = Vec<usize>;

/// Finds the box around some places.
pub(super) fn edges(grid: &Grid, region: &[usize]) -> Rectangle {
    let width = grid.width();
    let mut found = Rectangle {
        top: usize::MAX,
        left: usize::MAX,
        bottom: 0,
        right: 0,
    };
    for place in region {
        let (row, column) = (place / width, place % width);
        found.top = found.top.min(row);
        found.bottom = found.bottom.max(row);
        found.left = found.left.min(column);
        found.right = found.right.max(column);
    }
    found
}

/// Finds the connected coloured cells of a grid.
pub(super) fn regions(grid: &Grid, one_color: bool, diagonal: bool) -> Vec<Region> {
    let connection = Connection {
        one_color,
        diagonal,
        background: Some(EMPTY),
    };
    let width = grid.width();
    labelled(grid, &connection, |_, row, column| row * width + column)
}

/// Finds the parts of a grid.
pub(super) fn parts(grid: &Grid) -> Vec<Region> {
    regions(grid, true, false)
}

/// Finds the groups of a grid.
pub(super) fn groups(grid: &Grid) -> Vec<Region> {
    regions(grid, false, true)
}

/// Finds what one colour connects by edges or corners.
pub(super) fn bodies(grid: &Grid) -> Vec<Region> {
    regions(grid, true, true)
}

/// Empties all cells but those of some regions.
pub(super) fn only<'a>(grid: &Grid, found: impl IntoIterator<Item = &'a Region>) -> Value {
    let mut cells = vec![EMPTY; grid.cells().len()];
    for &place in found.into_iter().flatten() {
        cells[place] = grid.cells()[place];
    }
    Value::grid(grid.height(), grid.width(), cells)
}

/// Returns whether a region reaches an edge of the grid.
pub(super) fn at_edge(grid: &Grid, region: &[usize]) -> bool {
    let Rectangle {
        top,
        left,
        bottom,
        right,
    } = edges(grid, region);
    top == 0 || left == 0 || bottom + 1 == grid.height() || right + 1 == grid.width()
}

/// Makes an object of a region.
pub(super) fn object<C: GridCell>(grid: &Grid, region: &[usize]) -> Value {
    let mut cells: Vec<C> = region
        .iter()
        .map(|&place| {
            let (row, column) = (place / grid.width(), place % grid.width());
            C::new(grid.cells()[place], row, column)
        })
        .collect();
    cells.sort_unstable();
    C::collect(cells)
}

/// Moves places to row 0 and column 0, and sorts them.
pub(super) fn normalized(mut places: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    let top = places.iter().map(|place| place.0).min().unwrap_or(0);
    let left = places.iter().map(|place| place.1).min().unwrap_or(0);
    for place in &mut places {
        *place = (place.0 - top, place.1 - left);
    }
    places.sort_unstable();
    places
}

/// The rows and columns of some places of a grid.
pub(super) fn coordinates(grid: &Grid, region: &[usize]) -> Vec<(i32, i32)> {
    let width = grid.width();
    let coordinate = |&place: &usize| ((place / width) as i32, (place % width) as i32);
    region.iter().map(coordinate).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: &[&[i8]]) -> Value {
        Value::grid(rows.len(), rows[0].len(), rows.concat())
    }

    #[test]
    fn regions_come_by_their_first_cell() {
        let value = grid(&[&[0, 3, 4], &[3, 0, 0], &[3, 0, 3]]);
        let grid = value.as_grid().expect("a grid");
        assert_eq!(parts(grid), [vec![1], vec![2], vec![3, 6], vec![8]]);
        assert_eq!(groups(grid), [vec![1, 2, 3, 6], vec![8]]);
        assert_eq!(regions(grid, true, true), [vec![1, 3, 6], vec![2], vec![8]]);
        assert!(at_edge(grid, &[8]) && !at_edge(grid, &[4]));
    }

    #[test]
    fn rectangles_hold_their_edges() {
        let value = grid(&[&[1, 2, 3], &[4, 5, 6]]);
        let grid_of = value.as_grid().expect("a grid");
        let found = edges(grid_of, &[1, 5]);
        assert_eq!((found.height(), found.width(), found.area()), (2, 2, 4));
        assert_eq!(found.cut(grid_of), grid(&[&[2, 3], &[5, 6]]));
    }
}
