//! Measures of places, fields of a lattice, and colours that are learnt from the demos.
//!
//! A cell of colour 0 is empty, all others are coloured. Every result has the shape of its grid.

use rustc_hash::{FxHashMap, FxHashSet};

use super::connected_components::{check_cells, edges, parts};
use super::counts::most_common;
use super::ordering::check_function;
use super::samples::check_samples;
use super::shapes_fields::{like, Field, DIRECT_STEPS};
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    part_sizes(grid) = part_sizes;
    hole_sizes(grid) = hole_sizes;
    hole_counts(grid) metered = hole_counts;
    flood_fields(grid) = flood_fields;
    share_fields(grid) = share_fields;
    learn_colors(samples, function, grid) metered = learn_colors;
    learn_stripes(samples, k, grid) = learn_stripes;
}

/// Gives each region a number, at most the greatest that a cell may be.
fn measured(
    grid: &Grid,
    found: &[Vec<usize>],
    measure: impl Fn(&[usize]) -> Outcome<usize>,
) -> Outcome<Value> {
    let mut cells = vec![0; grid.cells().len()];
    for region in found {
        let number = i8::try_from(measure(region)?).unwrap_or(i8::MAX);
        region.iter().for_each(|&place| cells[place] = number);
    }
    Ok(like(grid, cells))
}

fn part_sizes([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    measured(grid, &parts(grid), |part| Ok(part.len()))
}

fn hole_sizes([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    let mut empty: Vec<bool> = grid.cells().iter().map(|&color| color == 0).collect();
    field.keep_shut_in(&mut empty, DIRECT_STEPS);
    let holes = field.parts(&mut empty, DIRECT_STEPS);
    measured(grid, &holes, |hole| Ok(hole.len()))
}

/// Counts the regions that one region shuts off from outside.
pub(super) fn count_holes(meter: &Meter<'_>, grid: &Grid, region: &[usize]) -> Outcome<usize> {
    let edges = edges(grid, region);
    let around = Field {
        height: edges.height() + 2,
        width: edges.width() + 2,
    };
    meter.claim(around.size() as i128)?;
    let mut free = vec![true; around.size()];
    for &place in region {
        let (row, column) = (place / grid.width(), place % grid.width());
        free[(row - edges.top + 1) * around.width + column - edges.left + 1] = false;
    }
    Ok(around.parts(&mut free, DIRECT_STEPS).len() - 1)
}

fn hole_counts(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    measured(grid, &parts(grid), |part| count_holes(meter, grid, part))
}

/// Lists the runs between cuts, each as its start and its stop.
fn spans(is_cut: &[bool]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for (place, &cut) in is_cut.iter().chain([&true]).enumerate() {
        if cut {
            if place > start {
                found.push((start, place));
            }
            start = place + 1;
        }
    }
    found
}

/// A field between full lines: its places row by row, and its shape.
pub(super) struct Lot {
    pub(super) places: Vec<usize>,
    height: usize,
    width: usize,
}

/// Lists the fields between full rows and columns of one colour other than 0.
pub(super) fn lattice(grid: &Grid) -> Vec<Lot> {
    let is_line = |mut line: Box<dyn Iterator<Item = i8> + '_>| {
        let first = line.next().unwrap_or(0);
        first != 0 && line.all(|color| color == first)
    };
    let rows: Vec<bool> = (0..grid.height())
        .map(|row| is_line(Box::new(grid.row(row).iter().copied())))
        .collect();
    let columns: Vec<bool> = (0..grid.width())
        .map(|column| {
            is_line(Box::new(
                (0..grid.height()).map(move |row| grid.at(row, column)),
            ))
        })
        .collect();
    let mut lots = Vec::new();
    for &(top, bottom) in &spans(&rows) {
        for &(left, right) in &spans(&columns) {
            let row = |row: usize| (left..right).map(move |column| row * grid.width() + column);
            lots.push(Lot {
                places: (top..bottom).flat_map(row).collect(),
                height: bottom - top,
                width: right - left,
            });
        }
    }
    lots
}

fn flood_fields([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let mut cells = grid.cells().to_vec();
    for Lot { places, .. } in lattice(grid) {
        let colors = places.iter().map(|&place| grid.cells()[place]);
        if let Some(color) = most_common(colors.filter(|&color| color != 0)) {
            places.iter().for_each(|&place| cells[place] = color);
        }
    }
    Ok(like(grid, cells))
}

fn share_fields([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let lots = lattice(grid);
    let mut shared: FxHashMap<(usize, usize), Vec<i8>> = FxHashMap::default();
    for lot in &lots {
        let known = shared
            .entry((lot.height, lot.width))
            .or_insert_with(|| vec![0; lot.places.len()]);
        for (color, &place) in known.iter_mut().zip(&lot.places) {
            if *color == 0 {
                *color = grid.cells()[place];
            }
        }
    }
    let mut cells = grid.cells().to_vec();
    for lot in &lots {
        let known = &shared[&(lot.height, lot.width)];
        for (&color, &place) in known.iter().zip(&lot.places) {
            if cells[place] == 0 {
                cells[place] = color;
            }
        }
    }
    Ok(like(grid, cells))
}

/// Requires a grid of the shape of another.
fn same_shape<'a>(value: &'a Value, grid: &Grid) -> Outcome<&'a [i8]> {
    value
        .as_grid()
        .filter(|other| (other.height(), other.width()) == (grid.height(), grid.width()))
        .map(Grid::cells)
        .ok_or(Failure::argument("expected a grid of the same shape"))
}

/// Pairs of colours, each a cell's own and that of a measure, with the colour that they become.
type Shown = FxHashMap<(i8, i8), i8>;

/// Notes what pairs become; returns whether each becomes one colour.
fn note(shown: &mut Shown, pairs: impl Iterator<Item = (i8, i8)>, wanted: &[i8]) -> bool {
    pairs
        .zip(wanted)
        .all(|(pair, &new)| *shown.entry(pair).or_insert(new) == new)
}

/// Returns the most common colour; fails if several are.
fn only_most_common(colors: &[i8]) -> Outcome<i8> {
    let count = |color: i8| colors.iter().filter(|&&other| other == color).count();
    let best = most_common(colors.iter().copied());
    let most = best.map_or(0, count);
    match best {
        Some(best)
            if !colors
                .iter()
                .any(|&color| color != best && count(color) == most) =>
        {
            Ok(best)
        }
        _ => Err(Failure::argument(
            "expected samples in which one colour is the most common",
        )),
    }
}

/// Gives each pair its colour, or the one that most pairs with its first colour get.
fn recolored(grid: &Grid, shown: &Shown, pairs: impl Iterator<Item = (i8, i8)>) -> Outcome<Value> {
    let mut seen: FxHashMap<i8, Vec<i8>> = FxHashMap::default();
    for (&(color, _), &new) in shown {
        seen.entry(color).or_default().push(new);
    }
    let usual: FxHashMap<i8, Outcome<i8>> = seen
        .into_iter()
        .map(|(color, new)| (color, only_most_common(&new)))
        .collect();
    let learnt = |pair: (i8, i8)| match shown.get(&pair) {
        Some(&new) => Ok(new),
        None => usual.get(&pair.0).copied().unwrap_or(Ok(pair.0)),
    };
    Ok(like(grid, pairs.map(learnt).collect::<Outcome<_>>()?))
}

const NO_CELLS: Failure = Failure::argument("expected samples with cells");

fn learn_colors(meter: &mut Meter<'_>, [samples, function, grid]: [&Value; 3]) -> Outcome<Value> {
    fn pairs<'a>(grid: &'a Grid, measure: &'a [i8]) -> impl Iterator<Item = (i8, i8)> + 'a {
        grid.cells().iter().copied().zip(measure.iter().copied())
    }
    check_function(function, 1)?;
    let shape = arguments::grid(grid)?;
    let mut shown = Shown::default();
    for [given, wanted] in check_samples(samples)? {
        let measure = meter.invoke(function, &[&given])?;
        let of = arguments::grid(&given)?;
        let measure = same_shape(&measure, of)?;
        if !note(&mut shown, pairs(of, measure), same_shape(&wanted, of)?) {
            return Err(Failure::argument(
                "expected samples in which each pair of colours becomes one",
            ));
        }
    }
    if shown.is_empty() {
        return Err(NO_CELLS);
    }
    let measure = meter.invoke(function, &[grid])?;
    recolored(shape, &shown, pairs(shape, same_shape(&measure, shape)?))
}

/// The number of the line that a place is on, from the size of the grid and its row and column.
type Stripe = fn(Field, (usize, usize)) -> isize;

/// Columns and rows, each from both ends, and the two diagonals.
const STRIPES: [Stripe; 6] = [
    |_, (_, column)| column as isize,
    |field, (_, column)| (field.width - 1 - column) as isize,
    |_, (row, _)| row as isize,
    |field, (row, _)| (field.height - 1 - row) as isize,
    |_, (row, column)| (row + column) as isize,
    |_, (row, column)| row as isize - column as isize,
];

/// Pairs each cell's colour with its line modulo a number.
fn striped(grid: &Grid, k: i8, stripe: Stripe) -> impl Iterator<Item = (i8, i8)> + '_ {
    let field = Field::of(grid);
    let cells = grid.cells().iter().enumerate();
    cells.map(move |(place, &color)| {
        let line = stripe(field, field.location(place));
        (color, line.rem_euclid(k.into()) as i8)
    })
}

fn learn_stripes([samples, k, grid]: [&Value; 3]) -> Outcome<Value> {
    let k = i8::try_from(arguments::number(k)?)
        .ok()
        .filter(|&k| k >= 2)
        .ok_or(Failure::argument("expected a number in 2..127"))?;
    let grid = arguments::grid(grid)?;
    let samples = check_samples(samples)?;
    let mut demos = Vec::with_capacity(samples.len());
    for [given, wanted] in &samples {
        let given = arguments::grid(given)?;
        demos.push((given, same_shape(wanted, given)?));
    }
    for stripe in STRIPES {
        let mut shown = Shown::default();
        let is_clear = demos
            .iter()
            .all(|(given, wanted)| note(&mut shown, striped(given, k, stripe), wanted));
        if is_clear && shown.is_empty() {
            return Err(NO_CELLS);
        }
        if is_clear {
            let known: FxHashSet<i8> = shown.keys().map(|&(color, _)| color).collect();
            if !grid.cells().iter().all(|color| known.contains(color)) {
                break;
            }
            return recolored(grid, &shown, striped(grid, k, stripe));
        }
    }
    Err(Failure::argument(
        "expected samples whose stripes become one colour each",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_lie_between_cuts() {
        assert_eq!(spans(&[]), []);
        assert_eq!(spans(&[true, true]), []);
        assert_eq!(spans(&[false, true, true, false, false]), [(0, 1), (3, 5)]);
    }

    #[test]
    fn fields_are_listed_row_by_row() {
        let value = Value::grid(3, 3, vec![0, 5, 1, 5, 5, 5, 0, 5, 0]);
        let lots = lattice(value.as_grid().expect("a grid"));
        let places: Vec<_> = lots.into_iter().map(|lot| lot.places).collect();
        assert_eq!(places, [[0], [2], [6], [8]]);
    }
}
