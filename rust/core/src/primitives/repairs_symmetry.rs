//! What a picture lacks, completed from its own symmetry.

use std::cmp::Reverse;

use super::connected_components::check_cells;
use super::repairs::{claim_steps, edges, Edges};
use super::tilings::draw;
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

/// Makes a mirror from what tells its axis.
type Mirror = fn(i64) -> Symmetry;

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
    type Kind = (Mirror, i64, i64);
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

/// The coloured cells of a grid, which symmetries are to map onto each other.
struct Colored<'a> {
    plane: Plane,
    cells: &'a [i8],
    places: Vec<(i64, i64, i8)>,
}

impl<'a> Colored<'a> {
    fn of(grid: &'a Grid) -> Self {
        let plane = Plane::of(grid);
        let colored = grid.cells().iter().zip(0..).filter(|(&cell, _)| cell != 0);
        let places = colored.map(|(&cell, place)| (place / plane.width, place % plane.width, cell));
        Self {
            plane,
            cells: grid.cells(),
            places: places.collect(),
        }
    }

    /// Counts the cells that have an equal image, and tells whether one has an empty one; 0 if
    /// two colours meet, or if there are surely not more than `enough`. Of several symmetries the
    /// least count is taken.
    fn agreement(&self, group: &[Symmetry], enough: usize) -> (usize, bool) {
        let (mut least, mut lacks) = (usize::MAX, false);
        for symmetry in group {
            let mut equal = 0;
            for (place, &(row, column, cell)) in self.places.iter().enumerate() {
                if equal + (self.places.len() - place) <= enough {
                    return (0, false);
                }
                let (up, left) = symmetry.image(row, column);
                let Some(image) = self.plane.place(up, left) else {
                    continue;
                };
                match self.cells[image] {
                    0 => lacks = true,
                    other if other == cell => equal += 1,
                    _ => return (0, false),
                }
            }
            least = least.min(equal);
        }
        (least, lacks)
    }
}

/// Fills empty cells from their first coloured image.
fn filled(grid: &Grid, group: &[Symmetry]) -> Value {
    let mut cells = grid.cells().to_vec();
    fill_images(Plane::of(grid), &mut cells, group, 0);
    Value::grid(grid.height(), grid.width(), cells)
}

pub(super) fn complete_mirror(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    claim_steps(meter, grid, 2 * (grid.height() + grid.width()))?;
    let (bottom, last) = (grid.height() as i64 - 1, grid.width() as i64 - 1);
    let colored = Colored::of(grid);
    let kinds: [(Mirror, i64); 2] = [(mirror_columns, last), (mirror_rows, bottom)];
    let mut best = None;
    let mut most_equal = 0;
    for (mirror, end) in kinds {
        let found = nearest_first(end, end).map(mirror).map(|mirror| {
            let (equal, lacks) = colored.agreement(&[mirror], 0);
            (equal, lacks, mirror)
        });
        // The first of equal minima wins, but the last of equal maxima.
        let Some((equal, lacks, mirror)) = found.min_by_key(|&(equal, ..)| Reverse(equal)) else {
            continue;
        };
        if lacks && equal > most_equal {
            (best, most_equal) = (Some(mirror), equal);
        }
    }
    Ok(filled(grid, best.as_slice()))
}

/// The turns around a centre, given twice its row and column, both even or both odd.
fn turns(row: i64, column: i64) -> [Symmetry; 3] {
    [
        Symmetry::new([0, 1, (row - column) / 2], [-1, 0, (row + column) / 2]),
        Symmetry::new([-1, 0, row], [0, -1, column]),
        Symmetry::new([0, -1, (row + column) / 2], [1, 0, (column - row) / 2]),
    ]
}

pub(super) fn complete_rotation(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let value = grid;
    let grid = check_cells(grid)?;
    claim_steps(meter, grid, 4 * grid.cells().len())?;
    let Some(Edges { rows, columns }) = edges(grid) else {
        return Ok(value.clone());
    };
    let [top, bottom] = rows.map(|row| row as i64);
    let [left, last] = columns.map(|column| column as i64);
    // How far twice a centre is from twice the middle of the box.
    let away = |(row, column): (i64, i64)| (row - top - bottom, column - left - last);
    let mut centers: Vec<(i64, i64)> = (2 * top..=2 * bottom)
        .flat_map(|row| {
            let first = 2 * left + (row & 1);
            (first..=2 * last)
                .step_by(2)
                .map(move |column| (row, column))
        })
        .collect();
    centers.sort_by_key(|&center| {
        let (down, right) = away(center);
        down * down + right * right
    });
    let colored = Colored::of(grid);
    let mut best = None;
    let mut most_equal = 0;
    for center in centers {
        let (down, right) = away(center);
        // No more cells than these stay in the box when it is turned by a half.
        let overlap = (bottom - top + 1 - down.abs()) * (last - left + 1 - right.abs());
        if overlap as usize <= most_equal {
            continue;
        }
        let group = turns(center.0, center.1);
        let (equal, _) = colored.agreement(&group, most_equal);
        if equal > most_equal {
            (best, most_equal) = (Some(group), equal);
        }
    }
    Ok(filled(grid, best.as_ref().map_or(&[], |group| &group[..])))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_nearest_to_the_middle_come_first() {
        assert_eq!(nearest_first(5, 2).collect::<Vec<_>>(), [5, 4, 6, 3, 7]);
        assert_eq!(nearest_first(0, 0).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn mirrors_undo_themselves() {
        for mirror in [
            mirror_columns(7),
            mirror_rows(4),
            mirror_diagonal(-2),
            mirror_backwards(5),
        ] {
            let (row, column) = mirror.image(2, 3);
            assert_eq!(mirror.image(row, column), (2, 3));
        }
    }

    #[test]
    fn four_turns_are_none() {
        for center in [(4, 6), (3, 5), (0, 2)] {
            let [quarter, half, back] = turns(center.0, center.1);
            let (row, column) = quarter.image(9, 2);
            assert_eq!(back.image(row, column), (9, 2));
            assert_eq!(quarter.image(row, column), half.image(9, 2));
        }
    }
}
