//! What a picture lacks, completed from its own symmetry.

use super::repairs::claim_steps;
use super::tilings::{check_cells, draw};
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

/// How often cells are filled from their mirror images, those filled before included.
const PASSES: usize = 8;

/// The places that a picture has.
#[derive(Clone, Copy)]
pub(super) struct Plane {
    height: i64,
    width: i64,
}

impl Plane {
    pub(super) fn of(grid: &Grid) -> Self {
        Self {
            height: grid.height() as i64,
            width: grid.width() as i64,
        }
    }

    /// The place of a row and a column among the cells, if it is inside.
    pub(super) fn place(self, row: i64, column: i64) -> Option<usize> {
        let inside = (0..self.height).contains(&row) && (0..self.width).contains(&column);
        inside.then(|| (row * self.width + column) as usize)
    }

    /// Walks the places whose image is inside; gives each with its image.
    fn pairs(self, symmetry: Symmetry) -> impl Iterator<Item = (usize, usize)> {
        (0..self.height * self.width).filter_map(move |place| {
            let (row, column) = symmetry.image(place / self.width, place % self.width);
            Some((place as usize, self.place(row, column)?))
        })
    }
}

/// Where a row and a column go: each is a sum of a part of the row, one of the column, and a
/// distance.
#[derive(Clone, Copy)]
struct Symmetry {
    row: [i64; 3],
    column: [i64; 3],
}

impl Symmetry {
    const fn new(row: [i64; 3], column: [i64; 3]) -> Self {
        Self { row, column }
    }

    fn image(self, row: i64, column: i64) -> (i64, i64) {
        let sum =
            |[of_row, of_column, distance]: [i64; 3]| of_row * row + of_column * column + distance;
        (sum(self.row), sum(self.column))
    }
}

fn mirror_columns(sum: i64) -> Symmetry {
    Symmetry::new([1, 0, 0], [0, -1, sum])
}

fn mirror_rows(sum: i64) -> Symmetry {
    Symmetry::new([-1, 0, sum], [0, 1, 0])
}

fn mirror_diagonal(distance: i64) -> Symmetry {
    Symmetry::new([0, 1, distance], [1, 0, -distance])
}

fn mirror_backwards(sum: i64) -> Symmetry {
    Symmetry::new([0, -1, sum], [-1, 0, sum])
}

/// Returns a number and its neighbours up to a distance, the nearest and least first.
fn nearest_first(middle: i64, distance: i64) -> impl Iterator<Item = i64> {
    let beside = (1..=distance).flat_map(move |away| [middle - away, middle + away]);
    std::iter::once(middle).chain(beside)
}

fn holds(plane: Plane, cells: &[i8], symmetry: Symmetry, hidden: i8) -> bool {
    plane.pairs(symmetry).all(|(place, image)| {
        let (cell, image) = (cells[place], cells[image]);
        cell == image || cell == hidden || image == hidden
    })
}

/// Gives hidden cells the colour of their first visible image.
fn fill_images(plane: Plane, cells: &mut [i8], symmetries: &[Symmetry], hidden: i8) {
    for row in 0..plane.height {
        for column in 0..plane.width {
            let Some(place) = plane.place(row, column) else {
                continue;
            };
            for symmetry in symmetries {
                let (up, left) = symmetry.image(row, column);
                if cells[place] == hidden {
                    if let Some(image) = plane.place(up, left) {
                        cells[place] = cells[image];
                    }
                }
            }
        }
    }
}

pub(super) fn mend_symmetry(meter: &mut Meter<'_>, [grid, value]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let hidden = arguments::color(value)?;
    claim_steps(meter, grid, 4 * (grid.height() + grid.width()))?;
    let plane = Plane::of(grid);
    let shorter = plane.height.min(plane.width);
    type Kind = (fn(i64) -> Symmetry, i64, i64);
    // About half of the picture has its mirror image inside.
    let kinds: [Kind; 4] = [
        (mirror_columns, plane.width - 1, plane.width / 2),
        (mirror_rows, plane.height - 1, plane.height / 2),
        (mirror_diagonal, 0, shorter / 2),
        (mirror_backwards, shorter - 1, shorter / 2),
    ];
    let find = |(mirror, middle, distance): Kind| {
        nearest_first(middle, distance)
            .map(mirror)
            .find(|&mirror| holds(plane, grid.cells(), mirror, hidden))
    };
    let mirrors: Vec<Symmetry> = kinds.into_iter().filter_map(find).collect();
    if mirrors.is_empty() {
        return Err(Failure::argument("expected a grid with a symmetry"));
    }
    let mut cells = grid.cells().to_vec();
    for _ in 0..PASSES {
        fill_images(plane, &mut cells, &mirrors, hidden);
    }
    Ok(Value::grid(grid.height(), grid.width(), cells))
}

/// Counts the coloured cells that have an equal image, and those that have an empty one; none if
/// two colours meet.
fn agreement(plane: Plane, cells: &[i8], symmetry: Symmetry) -> Option<(usize, usize)> {
    let (mut equal, mut empty) = (0, 0);
    for (place, image) in plane.pairs(symmetry) {
        match (cells[place], cells[image]) {
            (0, _) => {}
            (_, 0) => empty += 1,
            (cell, image) if cell == image => equal += 1,
            _ => return None,
        }
    }
    Some((equal, empty))
}

/// Fills empty cells by the group of symmetries under which most coloured cells agree.
fn complete(grid: &Grid, groups: impl Iterator<Item = Vec<Symmetry>>) -> Value {
    let plane = Plane::of(grid);
    let mut cells = grid.cells().to_vec();
    let mut best = Vec::new();
    let mut most_equal = 0;
    for group in groups {
        let agreements: Option<Vec<(usize, usize)>> = group
            .iter()
            .map(|&symmetry| agreement(plane, &cells, symmetry))
            .collect();
        let Some(agreements) = agreements else {
            continue;
        };
        let equal = agreements.iter().map(|&(equal, _)| equal).min();
        let lacks = agreements.iter().any(|&(_, empty)| empty > 0);
        if let Some(equal) = equal.filter(|&equal| equal > most_equal && lacks) {
            (best, most_equal) = (group, equal);
        }
    }
    fill_images(plane, &mut cells, &best, 0);
    Value::grid(grid.height(), grid.width(), cells)
}

pub(super) fn complete_mirror(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    claim_steps(meter, grid, 2 * (grid.height() + grid.width()))?;
    let (bottom, last) = (grid.height() as i64 - 1, grid.width() as i64 - 1);
    let columns = nearest_first(last, last).map(mirror_columns);
    let rows = nearest_first(bottom, bottom).map(mirror_rows);
    Ok(complete(
        grid,
        columns.chain(rows).map(|mirror| vec![mirror]),
    ))
}

pub(super) fn complete_rotation(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    claim_steps(meter, grid, 4 * grid.cells().len())?;
    let (height, width) = (grid.height() as i64, grid.width() as i64);
    // Twice the centre: its coordinates are both whole or both halves.
    let centers = (0..2 * height - 1).flat_map(|row| {
        (row % 2..2 * width - 1)
            .step_by(2)
            .map(move |column| (row, column))
    });
    let turns = centers.map(|(row, column)| {
        vec![
            Symmetry::new([0, 1, (row - column) / 2], [-1, 0, (row + column) / 2]),
            Symmetry::new([-1, 0, row], [0, -1, column]),
            Symmetry::new([0, -1, (row + column) / 2], [1, 0, (column - row) / 2]),
        ]
    });
    Ok(complete(grid, turns))
}

pub(super) fn symmetrize([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let (height, width) = (grid.height(), grid.width());
    Ok(draw(height, width, |row, column| {
        let (up, left) = (height - 1 - row, width - 1 - column);
        let straight = [(row, column), (up, left), (up, column), (row, left)];
        let turned = [
            (row, column),
            (left, row),
            (up, left),
            (column, up),
            (up, column),
            (row, left),
            (column, row),
            (left, up),
        ];
        let images = if height == width {
            &turned[..]
        } else {
            &straight[..]
        };
        images
            .iter()
            .map(|&(row, column)| grid.at(row, column))
            .find(|&cell| cell != 0)
            .unwrap_or(0)
    }))
}
