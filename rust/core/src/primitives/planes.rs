//! The parts of small grids, found by bits: each row of each colour is one word.

use smallvec::SmallVec;

use super::parts::Connection;
use crate::value::{Cell, Grid};

/// How many rows and columns a small grid has at most.
const SIDE: usize = u32::BITS as usize;
/// The colours of a small grid are below this.
const COLORS: usize = 10;

/// A word for each row, with a bit for each column.
type Plane = [u32; SIDE];

/// Finds the connected parts of a grid, each ascending; nothing if the grid is not small.
pub(super) fn small_parts(grid: &Grid, connection: &Connection) -> Option<Vec<Vec<Cell>>> {
    let (mut planes, colors) = planes_of(grid)?;
    let height = grid.height();
    let colors = (0..COLORS)
        .filter(|&color| colors & 1 << color != 0 && connection.background != Some(color as i8));
    let mut parts = Vec::new();
    if connection.one_color {
        for color in colors {
            let open = &mut planes[color][..height];
            each_part(open, connection.diagonal, |top, rows| {
                let mut part = Vec::with_capacity(size(rows));
                read(top, rows.iter().copied(), color as i8, &mut part);
                parts.push(part);
            });
        }
        return Some(parts);
    }
    let mut open: Plane = [0; SIDE];
    for color in colors.clone() {
        for (word, row) in open.iter_mut().zip(&planes[color]) {
            *word |= row;
        }
    }
    each_part(&mut open[..height], connection.diagonal, |top, rows| {
        let mut part = Vec::with_capacity(size(rows));
        for color in colors.clone() {
            let colored = rows.iter().zip(&planes[color][top..]);
            let colored = colored.map(|(row, plane)| row & plane);
            read(top, colored, color as i8, &mut part);
        }
        parts.push(part);
    });
    Some(parts)
}

/// Returns where each colour is in a grid, and a bit for each that occurs; nothing if the grid is
/// not small.
fn planes_of(grid: &Grid) -> Option<([Plane; COLORS], u32)> {
    if grid.height() > SIDE || grid.width() > SIDE {
        return None;
    }
    let mut planes = [[0; SIDE]; COLORS];
    let mut colors = 0;
    for row in 0..grid.height() {
        for (column, &color) in grid.row(row).iter().enumerate() {
            // No plane has the place that a negative colour becomes.
            planes.get_mut(color as usize)?[row] |= 1 << column;
            colors |= 1 << color;
        }
    }
    Some((planes, colors))
}

/// Visits the connected parts of some rows in the order of their first locations; empties the rows.
///
/// A visit gets the first row of a part, and the words of its rows.
fn each_part(open: &mut [u32], diagonal: bool, mut visit: impl FnMut(usize, &[u32])) {
    let mut part: Plane = [0; SIDE];
    let mut edge: SmallVec<[(usize, u32); SIDE]> = SmallVec::new();
    for top in 0..open.len() {
        while open[top] != 0 {
            let mut bottom = top;
            edge.push((top, open[top] & open[top].wrapping_neg()));
            while let Some((row, seeds)) = edge.pop() {
                let runs = runs_around(seeds & open[row], open[row]);
                if runs == 0 {
                    continue;
                }
                open[row] &= !runs;
                part[row] |= runs;
                bottom = bottom.max(row);
                let near = if diagonal {
                    runs | runs << 1 | runs >> 1
                } else {
                    runs
                };
                // The rows above the first are empty by now.
                if row > top && open[row - 1] & near != 0 {
                    edge.push((row - 1, near));
                }
                if row + 1 < open.len() && open[row + 1] & near != 0 {
                    edge.push((row + 1, near));
                }
            }
            visit(top, &part[top..=bottom]);
            part[top..=bottom].fill(0);
        }
    }
}

/// Returns the runs of open bits that have a seed; all seeds are open.
fn runs_around(seeds: u32, open: u32) -> u32 {
    let (mut left, mut right) = (seeds, seeds);
    let (mut left_way, mut right_way) = (open, open);
    // Each step doubles how far the seeds have spread, and how far the way is known to be open.
    for distance in [1, 2, 4, 8, 16] {
        left |= left_way & left << distance;
        right |= right_way & right >> distance;
        left_way &= left_way << distance;
        right_way &= right_way >> distance;
    }
    left | right
}

fn size(rows: &[u32]) -> usize {
    rows.iter().map(|row| row.count_ones() as usize).sum()
}

/// Appends the cells of one colour whose bits are set, in order.
fn read(top: usize, rows: impl Iterator<Item = u32>, color: i8, cells: &mut Vec<Cell>) {
    for (row, mut bits) in (top as i16..).zip(rows) {
        while bits != 0 {
            cells.push(Cell::new(color, (row, bits.trailing_zeros() as i16)));
            bits &= bits - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parts::{collect_parts, connected};
    use super::*;
    use crate::value::Value;

    /// Cells that look random, mostly in runs.
    fn cells(seed: u64, count: usize, colors: u64) -> Vec<i8> {
        let mut state = seed;
        let mut last = 0;
        let mut next = |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            if state >> 60 < 9 {
                last = ((state >> 33) % colors) as i8;
            }
            last
        };
        (0..count).map(&mut next).collect()
    }

    #[test]
    fn bits_find_the_parts_that_a_walk_finds() {
        let sides = [
            (1, 1),
            (1, 32),
            (32, 1),
            (32, 32),
            (30, 30),
            (7, 13),
            (3, 0),
        ];
        for seed in 0..96 {
            let (height, width) = sides[seed % sides.len()];
            let cells = cells(seed as u64, height * width, 1 + seed as u64 % 10);
            let value = Value::grid(height, width, cells);
            let grid = value.as_grid().expect("a grid");
            for flags in 0..16 {
                let connection = Connection {
                    one_color: flags & 1 != 0,
                    diagonal: flags & 2 != 0,
                    background: [None, Some(0), Some(3), Some(-1)][flags >> 2],
                };
                let parts = small_parts(grid, &connection).expect("a small grid");
                let walked = connected::<Cell>(grid, &connection);
                assert_eq!(collect_parts(parts), walked, "seed {seed}, flags {flags}");
            }
        }
    }

    #[test]
    fn other_grids_are_not_small() {
        let connection = Connection {
            one_color: true,
            diagonal: false,
            background: None,
        };
        for (height, width, color) in [(33, 1, 0), (1, 33, 0), (1, 1, 10), (1, 1, -1)] {
            let value = Value::grid(height, width, vec![color; height * width]);
            let grid = value.as_grid().expect("a grid");
            assert!(small_parts(grid, &connection).is_none());
        }
    }
}
