//! What a picture lacks, completed from its own repetition; see `repairs_symmetry` for symmetry.

use std::cmp::Reverse;

use super::connected_components::check_cells;
use super::counts::Counts;
use super::repairs_symmetry::{
    complete_mirror, complete_rotation, mend_symmetry, symmetrize, Plane,
};
use super::table::primitives;
use super::tilings::draw;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    mend_symmetry(grid, value) metered = mend_symmetry;
    complete_mirror(grid) metered = complete_mirror;
    complete_rotation(grid) metered = complete_rotation;
    mend_period(grid, value) metered = mend_period;
    mend_rows(grid, value) metered = mend_rows;
    mend_noise(grid) metered = mend_noise;
    continue_box(grid, direction) metered = continue_box;
    continue_rows(grid) metered = continue_rows;
    symmetrize(grid) = symmetrize;
}

/// Requires time to look at all cells so many times.
pub(super) fn claim_steps(meter: &Meter<'_>, grid: &Grid, ways: usize) -> Outcome<()> {
    meter.claim_steps(grid.cells().len() as i128 * ways as i128)
}

/// A way in which a picture repeats.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Lattice {
    /// Rows of the part that repeats.
    rows: usize,
    /// Its columns.
    columns: usize,
    /// How far each row is shifted by the one above; less than the columns.
    shift: usize,
}

impl Lattice {
    fn size(self) -> usize {
        self.rows * self.columns
    }

    /// The place in the part that a cell of the picture has.
    fn place(self, row: usize, column: usize) -> usize {
        let back = self.shift * row % self.columns;
        row % self.rows * self.columns + (column + self.columns - back) % self.columns
    }
}

/// Lists the ways in which a picture may repeat, those with the smallest part first.
fn lattices(height: usize, width: usize) -> Vec<Lattice> {
    let lengths = |whole: usize| (1..=whole / 2).chain([whole]);
    let mut found = Vec::new();
    for columns in 1..=width / 2 {
        found.extend((0..columns).map(|shift| Lattice {
            rows: 1,
            columns,
            shift,
        }));
    }
    for rows in lengths(height) {
        found.extend(lengths(width).map(|columns| Lattice {
            rows,
            columns,
            shift: 0,
        }));
    }
    found.sort_by_key(|&lattice| (lattice.size(), lattice));
    found.dedup();
    found
}

/// Returns the part that repeats; none if cells disagree or some of it is hidden.
fn part(rows: &[&[i8]], lattice: Lattice, hidden: i8) -> Option<Vec<i8>> {
    let mut part = vec![None; lattice.size()];
    for (row, cells) in rows.iter().enumerate() {
        for (column, &cell) in cells.iter().enumerate() {
            if cell != hidden && *part[lattice.place(row, column)].get_or_insert(cell) != cell {
                return None;
            }
        }
    }
    part.into_iter().collect()
}

fn mend_period(meter: &mut Meter<'_>, [grid, value]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let hidden = arguments::color(value)?;
    let (height, width) = (grid.height(), grid.width());
    claim_steps(meter, grid, (height + width) * width / 4)?;
    let rows: Vec<&[i8]> = (0..height).map(|row| grid.row(row)).collect();
    lattices(height, width)
        .into_iter()
        .find_map(|lattice| Some((lattice, part(&rows, lattice, hidden)?)))
        .map(|(lattice, part)| {
            draw(height, width, |row, column| {
                part[lattice.place(row, column)]
            })
        })
        .ok_or(Failure::argument("expected a grid with a pattern"))
}

fn mend_rows(meter: &mut Meter<'_>, [grid, value]: [&Value; 2]) -> Outcome<Value> {
    let hidden = arguments::color(value)?;
    let grid = check_cells(grid)?;
    let width = grid.width();
    claim_steps(meter, grid, width)?;
    let mut cells = Vec::with_capacity(grid.cells().len());
    for row in (0..grid.height()).map(|row| grid.row(row)) {
        let lattice = |columns| Lattice {
            rows: 1,
            columns,
            shift: 0,
        };
        let found = (1..=width / 2).find_map(|columns| part(&[row], lattice(columns), hidden));
        match found {
            Some(part) => cells.extend(part.iter().cycle().take(width)),
            None => cells.extend_from_slice(row),
        }
    }
    Ok(Value::grid(grid.height(), width, cells))
}

fn mend_noise(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let (height, width) = (grid.height(), grid.width());
    claim_steps(meter, grid, height * width / 4 + height + width)?;
    let colors: Vec<i8> = Counts::of_grid(grid).colors().collect();
    let kinds: Vec<usize> = (0..grid.cells().len())
        .filter_map(|place| colors.binary_search(&grid.cells()[place]).ok())
        .collect();
    let mut best: Option<(usize, Lattice, Vec<usize>)> = None;
    let mut counts = Vec::new();
    for lattice in lattices(height, width) {
        if best
            .as_ref()
            .is_some_and(|&(least, ..)| lattice.size() >= least)
        {
            break;
        }
        if lattice.shift != 0 {
            continue;
        }
        counts.clear();
        counts.resize(lattice.size() * colors.len(), 0_usize);
        for (row, kinds) in kinds.chunks_exact(width).enumerate() {
            let first = row % lattice.rows * lattice.columns;
            for (column, kind) in kinds.iter().enumerate() {
                counts[(first + column % lattice.columns) * colors.len() + kind] += 1;
            }
        }
        let common = |counts: &[usize]| {
            let ranked = counts.iter().enumerate();
            ranked
                .min_by_key(|&(_, count)| Reverse(*count))
                .map_or(0, |(kind, _)| kind)
        };
        let part: Vec<usize> = counts.chunks_exact(colors.len()).map(common).collect();
        let kept: usize = counts
            .chunks_exact(colors.len())
            .zip(&part)
            .map(|(counts, &kind)| counts[kind])
            .sum();
        let cost = lattice.size() + 2 * (kinds.len() - kept);
        if best.as_ref().is_none_or(|&(least, ..)| cost < least) {
            best = Some((cost, lattice, part));
        }
    }
    let (_, lattice, part) = best.ok_or(Failure::argument("expected a grid with cells"))?;
    Ok(draw(height, width, |row, column| {
        colors[part[lattice.place(row, column)]]
    }))
}

/// The first and the last row and column with coloured cells.
pub(super) struct Edges {
    pub(super) rows: [usize; 2],
    pub(super) columns: [usize; 2],
}

pub(super) fn edges(grid: &Grid) -> Option<Edges> {
    let colored = |row: &usize| grid.row(*row).iter().any(|&cell| cell != 0);
    let top = (0..grid.height()).find(colored)?;
    let bottom = (0..grid.height()).rfind(colored)?;
    let colored = |column: &usize| (top..=bottom).any(|row| grid.at(row, *column) != 0);
    let left = (0..grid.width()).find(colored)?;
    let right = (0..grid.width()).rfind(colored)?;
    Some(Edges {
        rows: [top, bottom],
        columns: [left, right],
    })
}

/// Returns how far a box has to go in a direction so that it doesn't overlap itself.
fn length(_: &Grid, edges: &Edges, (down, right): (i64, i64)) -> usize {
    let along = |[first, last]: [usize; 2], step| match step {
        0 => usize::MAX,
        _ => last - first + 1,
    };
    along(edges.rows, down).min(along(edges.columns, right))
}

/// Returns the least distance at which a box repeats itself in a direction.
fn period(grid: &Grid, edges: &Edges, (down, right): (i64, i64)) -> usize {
    let Edges {
        rows: [top, bottom],
        columns: [left, last],
    } = *edges;
    let length = length(grid, edges, (down, right));
    let within = |place: usize, step: i64, [first, last]: [usize; 2]| {
        usize::try_from(place as i64 - step)
            .ok()
            .filter(|place| (first..=last).contains(place))
    };
    let repeats = |&step: &usize| {
        let step = step as i64;
        (top..=bottom).all(|row| {
            let Some(above) = within(row, step * down, edges.rows) else {
                return true;
            };
            (left..=last).all(|column| {
                within(column, step * right, edges.columns)
                    .is_none_or(|before| grid.at(row, column) == grid.at(above, before))
            })
        })
    };
    (1..length).find(repeats).unwrap_or(length)
}

type Distance = fn(&Grid, &Edges, (i64, i64)) -> usize;

/// Repeats what is coloured in a direction; none without coloured cells.
fn repeat_toward(
    meter: &Meter<'_>,
    grid: &Grid,
    (down, right): (i64, i64),
    distance: Distance,
) -> Outcome<Option<Value>> {
    let Some(edges) = edges(grid) else {
        return Ok(None);
    };
    claim_steps(meter, grid, grid.height() + grid.width())?;
    let step = distance(grid, &edges, (down, right)) as i64;
    let plane = Plane::of(grid);
    let drawn = draw(grid.height(), grid.width(), |row, column| {
        let (mut row, mut column) = (row as i64, column as i64);
        while let Some(place) = plane.place(row, column) {
            if grid.cells()[place] != 0 {
                return grid.cells()[place];
            }
            row -= step * down;
            column -= step * right;
        }
        0
    });
    Ok(Some(drawn))
}

fn repeat_in_direction(
    meter: &Meter<'_>,
    [grid, direction]: [&Value; 2],
    distance: Distance,
) -> Outcome<Value> {
    let (down, right) = arguments::location(direction)?;
    if down == 0 && right == 0 {
        return Err(Failure::argument("expected a direction"));
    }
    let direction = (down.signum().into(), right.signum().into());
    let repeated = repeat_toward(meter, arguments::grid(grid)?, direction, distance)?;
    Ok(repeated.unwrap_or_else(|| grid.clone()))
}

fn continue_box(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    repeat_in_direction(meter, args, length)
}

fn continue_rows(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let width = grid.width();
    claim_steps(meter, grid, width)?;
    let mut cells = Vec::with_capacity(grid.cells().len());
    for row in (0..grid.height()).map(|row| grid.row(row)) {
        let line = Value::grid(1, width, row.to_vec());
        let continued = repeat_toward(meter, arguments::grid(&line)?, (0, 1), period)?;
        match continued.as_ref().and_then(Value::as_grid) {
            Some(line) => cells.extend_from_slice(line.cells()),
            None => cells.extend_from_slice(row),
        }
    }
    Ok(Value::grid(grid.height(), width, cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_parts_come_first_and_once() {
        let found = lattices(3, 4);
        let sizes: Vec<usize> = found.iter().map(|lattice| lattice.size()).collect();
        assert!(sizes.is_sorted());
        let key = |lattice: &Lattice| (lattice.rows, lattice.columns, lattice.shift);
        assert_eq!(
            found.iter().map(key).collect::<Vec<_>>(),
            [
                (1, 1, 0),
                (1, 2, 0),
                (1, 2, 1),
                (3, 1, 0),
                (1, 4, 0),
                (3, 2, 0),
                (3, 4, 0)
            ]
        );
    }

    #[test]
    fn a_shifted_row_begins_later() {
        let lattice = Lattice {
            rows: 1,
            columns: 3,
            shift: 1,
        };
        let first_row: Vec<usize> = (0..4).map(|column| lattice.place(0, column)).collect();
        let third_row: Vec<usize> = (0..4).map(|column| lattice.place(2, column)).collect();
        assert_eq!(first_row, [0, 1, 2, 0]);
        assert_eq!(third_row, [1, 2, 0, 1]);
    }

    #[test]
    fn hidden_cells_need_a_visible_one_of_their_class() {
        let lattice = |columns| Lattice {
            rows: 1,
            columns,
            shift: 0,
        };
        let row: &[i8] = &[1, 9, 1, 2];
        assert_eq!(part(&[row], lattice(2), 9), Some(vec![1, 2]));
        assert_eq!(part(&[row], lattice(1), 9), None);
        assert_eq!(part(&[row], lattice(4), 9), None);
    }
}
