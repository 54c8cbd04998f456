//! Where a picture occurs in a grid in part.

use super::connected_components::{check_grid, groups, EMPTY};
use super::drawings::{location, Canvas};
use crate::failure::Outcome;
use crate::meter::Meter;
use crate::value::{Grid, Value};

/// Takes a place, from the middle, to where a symmetry of the square puts it.
type Turn = fn(isize, isize) -> (isize, isize);

/// How many times as large a copy may be as its picture.
const SCALES: [isize; 4] = [1, 2, 3, 4];
/// Cells of all forms of a picture for each of its cells: eight symmetries at all scales.
const FORM_CELLS: i128 = 240;

/// A cell of a picture: its row, its column and its colour.
type Cell = (isize, isize, i8);

/// Lists a picture as `mir_rot` numbers its forms, each at some scales, its box at (0, 0).
fn forms(picture: &[Cell], scales: &[isize]) -> Vec<Vec<Cell>> {
    let turns: [Turn; 8] = [
        |i, j| (i, j),
        |i, j| (j, -i),
        |i, j| (-i, -j),
        |i, j| (-j, i),
        |i, j| (-i, j),
        |i, j| (i, -j),
        |i, j| (j, i),
        |i, j| (-j, -i),
    ];
    let mut found = Vec::with_capacity(turns.len() * scales.len());
    for turn in turns {
        let turned = picture.iter().map(|&(i, j, color)| (turn(i, j), color));
        let top = turned.clone().map(|((i, _), _)| i).min().unwrap_or(0);
        let left = turned.clone().map(|((_, j), _)| j).min().unwrap_or(0);
        for &scale in scales {
            let mut form = Vec::with_capacity(picture.len() * (scale * scale) as usize);
            for ((i, j), color) in turned.clone() {
                for down in 0..scale {
                    form.extend((0..scale).map(|right| {
                        ((i - top) * scale + down, (j - left) * scale + right, color)
                    }));
                }
            }
            form.sort_unstable();
            found.push(form);
        }
    }
    found
}

/// The places of each colour in a form, ascending both.
fn classes(form: &[Cell]) -> Vec<(i8, Vec<(isize, isize)>)> {
    let mut colors: Vec<i8> = form.iter().map(|cell| cell.2).collect();
    colors.sort_unstable();
    colors.dedup();
    let places = |own| {
        let cells = form.iter().filter(move |cell| cell.2 == own);
        cells.map(|&(i, j, _)| (i, j)).collect()
    };
    colors.into_iter().map(|own| (own, places(own))).collect()
}

/// The scales at which there are cells enough for all of one colour of a picture.
fn scales(picture: &[Cell], loose: &[Cell]) -> Vec<isize> {
    let there = |own| loose.iter().filter(|cell| cell.2 == own).count() as isize;
    let counts: Vec<(isize, isize)> = classes(picture)
        .into_iter()
        .map(|(own, places)| (places.len() as isize, there(own)))
        .collect();
    let fits = |scale: &isize| {
        let is_enough = |&(needed, there): &(isize, isize)| needed * scale * scale <= there;
        counts.iter().any(is_enough)
    };
    SCALES.into_iter().filter(fits).collect()
}

/// A cell of a copy: its place and its colour.
type Drawn = (usize, i8);

/// What copies may lie on.
struct Board<'a> {
    canvas: Canvas,
    /// The colour of each place; nothing where a picture lies.
    open: Vec<Option<i8>>,
    loose: &'a [Cell],
}

impl Board<'_> {
    fn color(&self, row: isize, column: isize) -> Option<i8> {
        self.canvas
            .place(row, column)
            .and_then(|place| self.open[place])
    }

    /// The part inside of a form that lies somewhere, if nothing is in its way.
    fn laid(&self, form: &[Cell], down: isize, right: isize) -> Option<Vec<Drawn>> {
        let mut copy = Vec::with_capacity(form.len());
        for &(i, j, color) in form {
            if let Some(place) = self.canvas.place(i + down, j + right) {
                match self.open[place] {
                    Some(below) if below == EMPTY || below == color => copy.push((place, color)),
                    _ => return None,
                }
            }
        }
        Some(copy)
    }

    /// Finds where all of one colour of a form is there and nothing is in its way.
    fn copies(&self, form: &[Cell], mut found: impl FnMut(Vec<Drawn>)) {
        let mut seen = rustc_hash::FxHashSet::default();
        for (own, places) in classes(form) {
            for &(i, j, color) in self.loose {
                let (down, right) = (i - places[0].0, j - places[0].1);
                let is_there =
                    |&(a, b): &(isize, isize)| self.color(a + down, b + right) == Some(own);
                if color != own || seen.contains(&(down, right)) || !places.iter().all(is_there) {
                    continue;
                }
                if let Some(copy) = self.laid(form, down, right) {
                    seen.insert((down, right));
                    found(copy);
                }
            }
        }
    }
}

fn cells_of(grid: &Grid, group: &[usize]) -> Vec<Cell> {
    let cell = |&place: &usize| {
        let (row, column) = location(grid, place);
        (row, column, grid.cells()[place])
    };
    group.iter().map(cell).collect()
}

pub(super) fn complete_copies(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let found: Vec<Vec<Cell>> = groups(grid)
        .iter()
        .map(|group| cells_of(grid, group))
        .collect();
    let counts: Vec<usize> = found.iter().map(|group| classes(group).len()).collect();
    let most = counts.iter().copied().max().unwrap_or(0);
    if most < 2 {
        return Ok(Canvas::of(grid).finish());
    }
    let mut pictures = Vec::new();
    let mut loose = Vec::new();
    for (group, count) in found.iter().zip(counts) {
        if count == most {
            pictures.push(group);
        } else {
            loose.extend_from_slice(group);
        }
    }
    let size: usize = pictures.iter().map(|picture| picture.len()).sum();
    meter.claim_steps(loose.len() as i128 * FORM_CELLS * size as i128)?;
    let mut board = Board {
        canvas: Canvas::of(grid),
        open: grid.cells().iter().copied().map(Some).collect(),
        loose: &loose,
    };
    for &(row, column, _) in pictures.iter().copied().flatten() {
        if let Some(place) = board.canvas.place(row, column) {
            board.open[place] = None;
        }
    }
    let mut copies = Vec::new();
    for picture in pictures {
        for form in forms(picture, &scales(picture, &loose)) {
            board.copies(&form, |copy| {
                let there = copy
                    .iter()
                    .filter(|&&(place, color)| board.open[place] == Some(color));
                let count = there.count();
                if count < copy.len() {
                    copies.push((std::cmp::Reverse(count), copy));
                }
            });
        }
    }
    copies.sort_by_key(|(count, _)| *count);
    Ok(draw(board, copies.into_iter().map(|(_, copy)| copy)))
}

/// Draws the copies that find cells which none before them found.
fn draw(board: Board<'_>, copies: impl Iterator<Item = Vec<Drawn>>) -> Value {
    let Board {
        mut canvas, open, ..
    } = board;
    let mut drawn = open.clone();
    let mut used = vec![false; open.len()];
    for copy in copies {
        let is_new = |&(place, color): &Drawn| open[place] != Some(color) || !used[place];
        let fits = |&(place, color): &Drawn| {
            drawn[place].is_some_and(|below| below == EMPTY || below == color)
        };
        if !copy.iter().all(is_new) || !copy.iter().all(fits) {
            continue;
        }
        for (place, color) in copy {
            used[place] |= open[place] == Some(color);
            drawn[place] = Some(color);
            canvas.set(place, color);
        }
    }
    canvas.finish()
}
