//! Grids taken apart into sets of cells and of locations.

use super::geometry::{DIAGONAL_STEPS, DIRECT_STEPS};
use crate::value::{Cell, Grid, Location, Value};

/// A cell of a grid, in the form that its coordinates need.
///
/// Locations have 16 bits. A grid may have more rows or columns than that; its cells are then
/// tuples of tuples like any other.
pub(super) trait GridCell: Clone + Ord {
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

/// Tells whether all locations of a grid have coordinates of 16 bits.
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

/// Makes the set of the locations whose cells pass a test.
pub(super) fn locations_where(grid: &Grid, test: impl Fn(i8) -> bool) -> Value {
    let places = grid
        .cells()
        .iter()
        .enumerate()
        .filter(|(_, &cell)| test(cell));
    let spot = |place: usize| (place / grid.width(), place % grid.width());
    if has_locations(grid) {
        let location = |(place, _)| {
            let (row, column) = spot(place);
            (row as i16, column as i16)
        };
        return Value::ascending_indices(places.map(location).collect::<Vec<Location>>());
    }
    let pair = |(place, _)| {
        let (row, column) = spot(place);
        Value::pair(row as i64, column as i64)
    };
    Value::ascending_set(places.map(pair).collect())
}

/// Collects the cells of each colour, ascending both; colours that don't occur have none.
pub(super) fn by_color<C: GridCell>(grid: &Grid) -> Vec<Vec<C>> {
    let mut counts = [0; 256];
    grid.cells()
        .iter()
        .for_each(|&cell| counts[slot(cell)] += 1);
    let mut cells: Vec<Vec<C>> = counts
        .iter()
        .map(|&count| Vec::with_capacity(count))
        .collect();
    for row in 0..grid.height() {
        for (column, &color) in grid.row(row).iter().enumerate() {
            cells[slot(color)].push(C::new(color, row, column));
        }
    }
    cells
}

/// The place of a colour among all colours.
pub(super) fn slot(color: i8) -> usize {
    (i16::from(color) - i16::from(i8::MIN)) as usize
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

const UNSEEN: u32 = u32::MAX;

/// Finds the connected parts of a grid.
pub(super) fn connected<C: GridCell>(grid: &Grid, connection: &Connection) -> Value {
    let (labels, sizes) = label(grid, connection);
    let mut parts: Vec<Vec<C>> = sizes.into_iter().map(Vec::with_capacity).collect();
    for row in 0..grid.height() {
        let start = row * grid.width();
        for (column, &color) in grid.row(row).iter().enumerate() {
            if let Some(part) = parts.get_mut(labels[start + column] as usize) {
                part.push(C::new(color, row, column));
            }
        }
    }
    if !connection.one_color {
        parts.iter_mut().for_each(|part| part.sort_unstable());
    }
    collect_parts(parts)
}

/// Numbers the parts: gives each cell its part, `UNSEEN` to the background, and each part's size.
fn label(grid: &Grid, connection: &Connection) -> (Vec<u32>, Vec<usize>) {
    let (height, width) = (grid.height() as i32, grid.width() as i32);
    let cells = grid.cells();
    let steps = if connection.diagonal {
        [DIRECT_STEPS, DIAGONAL_STEPS].concat()
    } else {
        DIRECT_STEPS.to_vec()
    };
    let mut labels = vec![UNSEEN; cells.len()];
    let (mut sizes, mut open) = (Vec::new(), Vec::new());
    for start in 0..cells.len() {
        if labels[start] != UNSEEN || connection.background == Some(cells[start]) {
            continue;
        }
        let part = sizes.len() as u32;
        let mut size = 0;
        labels[start] = part;
        open.push(start);
        while let Some(place) = open.pop() {
            size += 1;
            let (row, column) = ((place / grid.width()) as i32, (place % grid.width()) as i32);
            for (down, right) in &steps {
                let (row, column) = (row + down, column + right);
                if row < 0 || row >= height || column < 0 || column >= width {
                    continue;
                }
                let beside = (row * width + column) as usize;
                let joins = labels[beside] == UNSEEN
                    && connection.background != Some(cells[beside])
                    && (!connection.one_color || cells[beside] == cells[place]);
                if joins {
                    labels[beside] = part;
                    open.push(beside);
                }
            }
        }
        sizes.push(size);
    }
    (labels, sizes)
}
