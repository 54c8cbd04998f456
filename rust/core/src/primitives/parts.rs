//! Grids taken apart into sets of cells and of locations.

use super::counts::{slot, Counts};
use crate::value::{Cell, Grid, Location, Value};

/// A cell of a grid, in the form that its coordinates need.
///
/// Locations have 16 bits. A grid may have more rows or columns than that; its cells are then
/// tuples of tuples like any other.
pub(super) trait GridCell: Copy + Ord {
    fn new(color: i8, row: usize, column: usize) -> Self;
    fn collect(ascending: Vec<Self>) -> Value;
}

impl GridCell for Cell {
    fn new(color: i8, row: usize, column: usize) -> Self {
        Self {
            color,
            location: (row as i16, column as i16),
        }
    }

    fn collect(ascending: Vec<Self>) -> Value {
        Value::ascending_object(ascending)
    }
}

impl GridCell for (i8, usize, usize) {
    fn new(color: i8, row: usize, column: usize) -> Self {
        (color, row, column)
    }

    fn collect(ascending: Vec<Self>) -> Value {
        let cell = |(color, row, column): Self| {
            let location = Value::pair(row as i64, column as i64);
            Value::two(Value::Int(color.into()), location)
        };
        Value::ascending_set(ascending.into_iter().map(cell).collect())
    }
}

/// Returns whether all locations of a grid have coordinates of 16 bits.
pub(super) fn has_locations(grid: &Grid) -> bool {
    const SIDE: usize = i16::MAX as usize + 1;
    grid.height() <= SIDE && grid.width() <= SIDE
}

/// Calls a generic function for cells of 16 bits where they fit a grid.
macro_rules! with_cells {
    ($grid:expr, $function:ident($($argument:expr),*)) => {
        if $crate::primitives::parts::has_locations($grid) {
            $function::<$crate::value::Cell>($($argument),*)
        } else {
            $function::<(i8, usize, usize)>($($argument),*)
        }
    };
}

pub(super) use with_cells;

/// Makes a set of locations with coordinates of any size; they ascend and are distinct already.
pub(super) fn ascending_locations(locations: impl Iterator<Item = (i32, i32)> + Clone) -> Value {
    let mut narrow: Vec<Location> = Vec::with_capacity(locations.size_hint().0);
    for (row, column) in locations.clone() {
        match (i16::try_from(row), i16::try_from(column)) {
            (Ok(row), Ok(column)) => narrow.push((row, column)),
            _ => {
                let pairs = locations.map(|(row, column)| Value::Pair(row, column));
                return Value::ascending_set(pairs.collect());
            }
        }
    }
    Value::ascending_indices(narrow)
}

/// Makes the set of the locations whose cells pass a test.
pub(super) fn locations_where(grid: &Grid, test: impl Fn(i8) -> bool) -> Value {
    if has_locations(grid) {
        let mut locations: Vec<Location> = Vec::new();
        for row in 0..grid.height() {
            let cells = grid
                .row(row)
                .iter()
                .enumerate()
                .filter(|(_, &cell)| test(cell));
            locations.extend(cells.map(|(column, _)| (row as i16, column as i16)));
        }
        return Value::ascending_indices(locations);
    }
    let places = grid
        .cells()
        .iter()
        .enumerate()
        .filter(|(_, &cell)| test(cell));
    let pair =
        |(place, _)| Value::pair((place / grid.width()) as i64, (place % grid.width()) as i64);
    Value::ascending_set(places.map(pair).collect())
}

/// Collects all cells of a grid, ascending.
pub(super) fn all_cells<C: GridCell>(grid: &Grid) -> Vec<C> {
    let mut next = [0; 256];
    let mut start = 0;
    for &(color, count) in Counts::of_grid(grid).pairs() {
        next[slot(color)] = start;
        start += count as usize;
    }
    let mut cells = vec![C::new(0, 0, 0); grid.cells().len()];
    for row in 0..grid.height() {
        for (column, &color) in grid.row(row).iter().enumerate() {
            let place = &mut next[slot(color)];
            cells[*place] = C::new(color, row, column);
            *place += 1;
        }
    }
    cells
}

/// Collects the cells of each colour that occurs, ascending both, but for one colour's.
pub(super) fn by_color<C: GridCell>(grid: &Grid, background: Option<i8>) -> Vec<Vec<C>> {
    let cells = all_cells::<C>(grid);
    let mut rest = cells.as_slice();
    let mut parts = Vec::new();
    for &(color, count) in Counts::of_grid(grid).pairs() {
        let (part, after) = rest.split_at(count as usize);
        if Some(color) != background {
            parts.push(part.to_vec());
        }
        rest = after;
    }
    parts
}

/// Makes a set of sets of cells: each ascending, none empty, no two with a first cell in common.
pub(super) fn collect_parts<C: GridCell>(mut parts: Vec<Vec<C>>) -> Value {
    parts.sort_unstable_by(|a, b| a[0].cmp(&b[0]));
    Value::ascending_set(parts.into_iter().map(C::collect).collect())
}

/// How cells of a grid belong together.
pub(super) struct Connection {
    /// Whether only cells of one colour do.
    pub(super) one_color: bool,
    /// Whether cells that share only a corner do.
    pub(super) diagonal: bool,
    /// The colour whose cells are left out.
    pub(super) background: Option<i8>,
}

/// Finds the connected parts of a grid.
pub(super) fn connected<C: GridCell>(grid: &Grid, connection: &Connection) -> Value {
    let mut parts = labelled(grid, connection, C::new);
    if !connection.one_color {
        parts.iter_mut().for_each(|part| part.sort_unstable());
    }
    collect_parts(parts)
}

/// Collects what is made of the colour, row and column of each cell of the connected parts of a
/// grid, each part and the parts by their first cells row by row.
pub(super) fn labelled<T>(
    grid: &Grid,
    connection: &Connection,
    make: impl Fn(i8, usize, usize) -> T,
) -> Vec<Vec<T>> {
    let mut field = Field::new(grid, connection);
    let sizes = if connection.one_color {
        field.label::<true>()
    } else {
        field.label::<false>()
    };
    let mut parts: Vec<Vec<T>> = sizes.into_iter().map(Vec::with_capacity).collect();
    for row in 0..grid.height() {
        let labels = &field.labels[(row + 1) * field.stride + 1..];
        for (column, (&color, &label)) in grid.row(row).iter().zip(labels).enumerate() {
            if let Some(part) = parts.get_mut(label as usize) {
                part.push(make(color, row, column));
            }
        }
    }
    parts
}

/// No part: the background, and a border around the grid that saves asking for its edges.
const NONE: u32 = u32::MAX;
/// A colour that no cell has.
const TAKEN: i16 = i16::MAX;

/// A grid inside a border, with what was found of its parts so far.
struct Field {
    /// How far a place is from the one below it.
    stride: usize,
    /// Colours of the cells that are in no part yet.
    colors: Vec<i16>,
    /// The part of each cell.
    labels: Vec<u32>,
    /// How far the neighbours are from a place.
    steps: Vec<isize>,
}

impl Field {
    fn new(grid: &Grid, connection: &Connection) -> Self {
        let stride = grid.width() + 2;
        let mut colors = vec![TAKEN; stride * (grid.height() + 2)];
        for row in 0..grid.height() {
            let inner = &mut colors[(row + 1) * stride + 1..];
            for (place, &color) in inner.iter_mut().zip(grid.row(row)) {
                if connection.background != Some(color) {
                    *place = color.into();
                }
            }
        }
        let down = stride as isize;
        let steps = if connection.diagonal {
            vec![-down - 1, -down, 1 - down, -1, 1, down - 1, down, down + 1]
        } else {
            vec![-down, -1, 1, down]
        };
        Self {
            stride,
            labels: vec![NONE; colors.len()],
            colors,
            steps,
        }
    }

    /// Numbers the parts and returns their sizes.
    fn label<const ONE_COLOR: bool>(&mut self) -> Vec<usize> {
        let (mut sizes, mut open) = (Vec::new(), Vec::new());
        for start in 0..self.colors.len() {
            let color = self.colors[start];
            if color == TAKEN {
                continue;
            }
            let part = sizes.len() as u32;
            let mut size = 0;
            self.colors[start] = TAKEN;
            open.push(start);
            while let Some(place) = open.pop() {
                self.labels[place] = part;
                size += 1;
                for step in &self.steps {
                    let beside = place.wrapping_add_signed(*step);
                    let other = self.colors[beside];
                    if if ONE_COLOR {
                        other == color
                    } else {
                        other != TAKEN
                    } {
                        self.colors[beside] = TAKEN;
                        open.push(beside);
                    }
                }
            }
            sizes.push(size);
        }
        sizes
    }
}
