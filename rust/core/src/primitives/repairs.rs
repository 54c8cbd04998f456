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
fn lattices(height: usize, width: usize, is_shifted: bool) -> Vec<Lattice> {
    let lengths = |whole: usize| (1..=whole / 2).chain([whole]);
    let mut found = Vec::new();
    for columns in 1..=width / 2 {
        let shifts = if is_shifted { columns } else { 1 };
        found.extend((0..shifts).map(|shift| Lattice {
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
    found.sort_unstable_by_key(|&lattice| (lattice.size(), lattice));
    found.dedup();
    found
}

/// Finds the part that repeats and leaves it in `part`; returns whether cells agree and none of it
/// is hidden.
fn find_part(rows: &[&[i8]], lattice: Lattice, hidden: i8, part: &mut Vec<i8>) -> bool {
    part.clear();
    part.resize(lattice.size(), hidden);
    for (row, cells) in rows.iter().enumerate() {
        let start = row % lattice.rows * lattice.columns;
        let part = &mut part[start..start + lattice.columns];
        let mut place = lattice.place(row, 0) - start;
        for &cell in *cells {
            if cell != hidden {
                let known = &mut part[place];
                if *known == hidden {
                    *known = cell;
                } else if *known != cell {
                    return false;
                }
            }
            place += 1;
            if place == lattice.columns {
                place = 0;
            }
        }
    }
    !part.contains(&hidden)
}

fn mend_period(meter: &mut Meter<'_>, [grid, value]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let hidden = arguments::color(value)?;
    let (height, width) = (grid.height(), grid.width());
    claim_steps(meter, grid, (height + width) * width / 4)?;
    let rows: Vec<&[i8]> = (0..height).map(|row| grid.row(row)).collect();
    let mut part = Vec::new();
    lattices(height, width, true)
        .into_iter()
        .find(|&lattice| find_part(&rows, lattice, hidden, &mut part))
        .map(|lattice| {
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
    let mut part = Vec::new();
    for row in (0..grid.height()).map(|row| grid.row(row)) {
        let lattice = |columns| Lattice {
            rows: 1,
            columns,
            shift: 0,
        };
        let repeats = |columns| find_part(&[row], lattice(columns), hidden, &mut part);
        if (1..=width / 2).any(repeats) {
            cells.extend(part.iter().cycle().take(width));
        } else {
            cells.extend_from_slice(row);
        }
    }
    Ok(Value::grid(grid.height(), width, cells))
}

fn mend_noise(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let (height, width) = (grid.height(), grid.width());
    claim_steps(meter, grid, height * width / 4 + height + width)?;
    let colors: Vec<i8> = Counts::of_grid(grid).colors().collect();
    let kind = |cell| colors.partition_point(|&color| color < cell) as u8;
    let kinds: Vec<u8> = grid.cells().iter().map(|&cell| kind(cell)).collect();
    let mut counts = KindCounts {
        kinds: &kinds,
        width,
        colors: colors.len(),
        counts: Vec::new(),
    };
    // A part with as many rows or columns as the picture keeps no fewer cells than one with less.
    let whole = |rows, columns| Lattice {
        rows,
        columns,
        shift: 0,
    };
    let mut by_rows = vec![None; height + 1];
    let mut by_columns = vec![None; width + 1];
    let mut best: Option<(usize, Lattice)> = None;
    for lattice in lattices(height, width, false) {
        let least = best.map_or(usize::MAX, |(least, _)| least);
        let cost = |kept| lattice.size() + 2 * (kinds.len() - kept);
        if lattice.size() >= least {
            break;
        }
        let most =
            *by_rows[lattice.rows].get_or_insert_with(|| counts.kept(whole(lattice.rows, width)));
        if cost(most) >= least {
            continue;
        }
        let most = *by_columns[lattice.columns]
            .get_or_insert_with(|| counts.kept(whole(height, lattice.columns)));
        if cost(most) >= least {
            continue;
        }
        let cost = cost(counts.kept(lattice));
        if cost < least {
            best = Some((cost, lattice));
        }
    }
    let (_, lattice) = best.ok_or(Failure::argument("expected a grid with cells"))?;
    let part = counts.part(lattice);
    Ok(draw(height, width, |row, column| {
        colors[part[lattice.place(row, column)]]
    }))
}

/// Counts of the kinds of cells of a picture at the places of a part that repeats.
struct KindCounts<'a> {
    /// The kind of each cell.
    kinds: &'a [u8],
    width: usize,
    colors: usize,
    counts: Vec<u32>,
}

impl KindCounts<'_> {
    /// Counts the kinds for a lattice without a shift.
    fn count(&mut self, lattice: Lattice) -> std::slice::ChunksExact<'_, u32> {
        self.counts.clear();
        self.counts.resize(lattice.size() * self.colors, 0);
        let length = lattice.columns * self.colors;
        for (row, kinds) in self.kinds.chunks_exact(self.width).enumerate() {
            let counts = &mut self.counts[row % lattice.rows * length..][..length];
            for kinds in kinds.chunks(lattice.columns) {
                for (counts, &kind) in counts.chunks_exact_mut(self.colors).zip(kinds) {
                    counts[usize::from(kind)] += 1;
                }
            }
        }
        self.counts.chunks_exact(self.colors)
    }

    /// Counts the cells that have the most common kind of their place.
    fn kept(&mut self, lattice: Lattice) -> usize {
        let most = |counts: &[u32]| counts.iter().copied().max().unwrap_or(0) as usize;
        self.count(lattice).map(most).sum()
    }

    /// The most common kind of each place, of equally common ones the first.
    fn part(&mut self, lattice: Lattice) -> Vec<usize> {
        let common = |counts: &[u32]| {
            let ranked = counts.iter().enumerate();
            ranked
                .min_by_key(|&(_, count)| Reverse(*count))
                .map_or(0, |(kind, _)| kind)
        };
        self.count(lattice).map(common).collect()
    }
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
        let found = lattices(3, 4, true);
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
        let mut part = Vec::new();
        assert!(find_part(&[row], lattice(2), 9, &mut part));
        assert_eq!(part, [1, 2]);
        assert!(!find_part(&[row], lattice(1), 9, &mut part));
        assert!(!find_part(&[row], lattice(4), 9, &mut part));
    }
}
