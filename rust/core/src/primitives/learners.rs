//! What to make of a grid, learnt from the demos: which of some answers is right.
//!
//! A cell of colour 0 is empty, all others are coloured. Each primitive has a list of answers,
//! simple ones first, and takes the first that all demos show.

use std::cmp::Reverse;
use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};

use super::connected_components::{check_cells, groups, parts};
use super::counts::{slot, Counts};
use super::cuts;
use super::picks::{frequencies, symmetries};
use super::ranks::{turn, SYMMETRIES};
use super::samples::{check_samples, Samples};
use super::table::primitives;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    learn_pick(samples, grid) metered = learn_pick;
    learn_mosaic(samples, grid) metered = learn_mosaic;
    learn_stamps(samples, grid) = learn_stamps;
    learn_answer(samples, grid) = learn_answer;
}

/// A way to cut a grid into pictures.
type Cut = fn(&mut Meter<'_>, [&Value; 1]) -> Outcome<Value>;

const CUTS: [Cut; 9] = [
    cuts::part_pictures,
    cuts::group_pictures,
    cuts::color_pictures,
    |_, grid| cuts::compartments(grid),
    |_, grid| cuts::split_squares(grid),
    cuts::rectangles,
    cuts::frame_insides,
    |_, grid| cuts::halves(grid),
    |_, grid| cuts::quarters(grid),
];

/// Of how many pictures one is picked, at most.
const PICTURES_MAX: usize = 40;

/// Cuts a grid into pictures; none if it can't be cut in this way, or if there are too many.
fn pictures(meter: &mut Meter<'_>, cut: Cut, grid: &Value) -> Vec<Value> {
    let Ok(found) = cut(meter, [grid]) else {
        return Vec::new();
    };
    let found: Vec<Value> = found.members().into_iter().flatten().collect();
    if found.len() > PICTURES_MAX {
        return Vec::new();
    }
    found
}

/// Lists the coloured colours with their cells, ascending.
fn colored(grid: &Grid) -> Vec<(i8, usize)> {
    let counts = Counts::of_grid(grid);
    let pairs = counts.pairs().iter();
    let pairs = pairs.filter(|&&(color, _)| color != 0);
    pairs
        .map(|&(color, count)| (color, count as usize))
        .collect()
}

/// Returns the colour with the most cells, the lowest of several, 0 if there is none.
fn main_of(colored: &[(i8, usize)]) -> i8 {
    let best = colored
        .iter()
        .min_by_key(|&&(color, count)| (Reverse(count), color));
    best.map_or(0, |&(color, _)| color)
}

const CELLS: usize = 3;
const PARTS: usize = 8;

fn measures(picture: &Value) -> Outcome<Vec<usize>> {
    let grid = check_cells(picture)?;
    let area = grid.cells().len();
    let counts = colored(grid);
    let cells = counts.iter().map(|&(_, count)| count).sum();
    let most = counts.iter().map(|&(_, count)| count).max().unwrap_or(0);
    let mut numbers = vec![
        area,
        grid.height(),
        grid.width(),
        cells,
        area - cells,
        counts.len(),
        cells - most,
        counts.iter().map(|&(_, count)| count).min().unwrap_or(0),
        parts(grid).len(),
        groups(grid).len(),
        symmetries(picture)? as usize,
        100 * cells / area,
    ];
    for color in 1..10 {
        let count = counts.iter().find(|&&(other, _)| other == color);
        numbers.push(count.map_or(0, |&(_, count)| count));
    }
    Ok(numbers)
}

/// Lists how often each picture's key occurs.
fn shared<T: Hash + Eq>(grids: &[&Grid], key: impl Fn(&Grid) -> T) -> Vec<usize> {
    frequencies(&grids.iter().map(|grid| key(grid)).collect::<Vec<T>>())
}

/// Lists for each measure the picture that is greatest by it and the one that is least, by their
/// numbers; none where that is not one alone, among equal ones.
fn picks(pictures: &[Value]) -> Outcome<Vec<Option<usize>>> {
    let own: Vec<Vec<usize>> = pictures.iter().map(measures).collect::<Outcome<_>>()?;
    let grids: Vec<&Grid> = pictures.iter().map(check_cells).collect::<Outcome<_>>()?;
    let mut columns: Vec<Vec<usize>> = (0..own[0].len())
        .map(|place| own.iter().map(|numbers| numbers[place]).collect())
        .collect();
    let extra = [
        shared(&grids, |grid| (grid.width(), grid.cells().to_vec())),
        shared(&grids, |grid| {
            let is_colored = grid.cells().iter().map(|&color| color != 0);
            (grid.width(), is_colored.collect::<Vec<bool>>())
        }),
        shared(&grids, |grid| main_of(&colored(grid))),
        shared(&grids, |grid| (grid.height(), grid.width())),
        frequencies(&columns[CELLS]),
        frequencies(&columns[PARTS]),
    ];
    columns.extend(extra);
    let only_one = |numbers: &[usize], best: Option<&usize>| {
        let mut those = (0..pictures.len()).filter(|&each| Some(&numbers[each]) == best);
        let first = those.next()?;
        those
            .all(|other| pictures[other] == pictures[first])
            .then_some(first)
    };
    Ok(columns
        .iter()
        .flat_map(|numbers| {
            [
                only_one(numbers, numbers.iter().max()),
                only_one(numbers, numbers.iter().min()),
            ]
        })
        .collect())
}

/// Lists the places of the measures that pick the outputs of all demos.
fn learn_picks(meter: &mut Meter<'_>, cut: Cut, demos: &Samples) -> Outcome<Vec<usize>> {
    let mut right: Option<Vec<usize>> = None;
    for [given, wanted] in demos {
        let pictures = pictures(meter, cut, given);
        if pictures.len() < 2 || !pictures.contains(wanted) {
            return Ok(Vec::new());
        }
        let picks = picks(&pictures)?;
        let is_right = |&place: &usize| picks[place].is_some_and(|each| pictures[each] == *wanted);
        let places = right.unwrap_or_else(|| (0..picks.len()).collect());
        right = Some(places.into_iter().filter(is_right).collect());
    }
    Ok(right.unwrap_or_default())
}

fn learn_pick(meter: &mut Meter<'_>, [samples, grid]: [&Value; 2]) -> Outcome<Value> {
    let demos = check_samples(samples)?;
    check_cells(grid)?;
    for cut in CUTS {
        let right = learn_picks(meter, cut, &demos)?;
        if right.is_empty() {
            continue;
        }
        let pictures = pictures(meter, cut, grid);
        if pictures.is_empty() {
            continue;
        }
        let picks = picks(&pictures)?;
        if let Some(found) = right.into_iter().find_map(|place| picks[place]) {
            return Ok(pictures[found].clone());
        }
    }
    Err(Failure::argument(
        "expected samples in which a measure picks the outputs",
    ))
}

/// Forms of a grid in a mosaic: its turns, an empty one, and one with coloured and empty swapped.
const FORMS: i64 = SYMMETRIES + 2;
/// Of how many tiles a mosaic consists, at most.
const TILES_MAX: usize = 64;

/// Returns the cells of a form of a grid; none if it hasn't the shape of the grid, or isn't there.
fn form(grid: &Grid, number: i64) -> Outcome<Option<Vec<i8>>> {
    if number < SYMMETRIES {
        let turned = turn(grid, number)?;
        let turned = turned.as_grid();
        let same_shape = turned.filter(|turned| turned.height() == grid.height());
        return Ok(same_shape.map(|turned| turned.cells().to_vec()));
    }
    if number == SYMMETRIES {
        return Ok(Some(vec![0; grid.cells().len()]));
    }
    let [(color, _)] = colored(grid)[..] else {
        return Ok(None);
    };
    let swapped = grid
        .cells()
        .iter()
        .map(|&cell| if cell == 0 { color } else { 0 });
    Ok(Some(swapped.collect()))
}

fn forms(grid: &Grid) -> Outcome<Vec<Option<Vec<i8>>>> {
    (0..FORMS).map(|number| form(grid, number)).collect()
}

/// Returns how many tiles lie below each other and side by side in the outputs.
fn tiles(demos: &[(&Grid, &Grid)]) -> Outcome<(usize, usize)> {
    let wrong = Err(Failure::argument("expected outputs that consist of tiles"));
    let mut found = None;
    for (given, wanted) in demos {
        if wanted.height() == 0
            || wanted.height() % given.height() != 0
            || wanted.width() % given.width() != 0
        {
            return wrong;
        }
        let own = (
            wanted.height() / given.height(),
            wanted.width() / given.width(),
        );
        if *found.get_or_insert(own) != own {
            return wrong;
        }
    }
    match found {
        Some((down, right)) if (2..=TILES_MAX).contains(&(down * right)) => Ok((down, right)),
        _ => wrong,
    }
}

/// Cuts a tile of the shape of one grid out of another.
fn tile(given: &Grid, wanted: &Grid, top: usize, left: usize) -> Vec<i8> {
    let rows = top * given.height()..(top + 1) * given.height();
    let columns = left * given.width()..(left + 1) * given.width();
    rows.flat_map(|row| &wanted.row(row)[columns.clone()])
        .copied()
        .collect()
}

fn learn_mosaic(meter: &mut Meter<'_>, [samples, grid]: [&Value; 2]) -> Outcome<Value> {
    let demos = check_samples(samples)?;
    let grid = check_cells(grid)?;
    let mut pairs = Vec::with_capacity(demos.len());
    for [given, wanted] in &demos {
        pairs.push((check_cells(given)?, crate::arguments::grid(wanted)?));
    }
    let (down, right) = tiles(&pairs)?;
    let (height, width) = (down * grid.height(), right * grid.width());
    meter.claim(height as i128 * width as i128)?;
    let own = forms(grid)?;
    let shown: Vec<_> = pairs
        .iter()
        .map(|(given, _)| forms(given))
        .collect::<Outcome<_>>()?;
    let mut cells = vec![0; height * width];
    for top in 0..down {
        for left in 0..right {
            let tiles: Vec<Vec<i8>> = pairs
                .iter()
                .map(|(given, wanted)| tile(given, wanted, top, left))
                .collect();
            let mut numbers = 0..FORMS as usize;
            let is_shown = |&number: &usize| {
                let mut made = shown.iter().zip(&tiles);
                made.all(|(forms, tile)| forms[number].as_ref() == Some(tile))
            };
            let form = numbers
                .find(is_shown)
                .and_then(|number| own[number].as_ref())
                .ok_or(Failure::argument(
                    "expected samples whose outputs consist of their inputs",
                ))?;
            for (row, line) in form.chunks(grid.width()).enumerate() {
                let start = (top * grid.height() + row) * width + left * grid.width();
                cells[start..start + line.len()].copy_from_slice(line);
            }
        }
    }
    Ok(Value::grid(height, width, cells))
}

/// How many rows and columns a stamp goes beyond its cell.
const STAMP_REACH: isize = 2;

type Step = (isize, isize);

/// The colours that demos show at a step, as far as they agree.
#[derive(Clone, Copy, PartialEq)]
enum New {
    /// That of the coloured cell itself.
    Own,
    One(i8),
    Several,
}

type Stamp = FxHashMap<Step, New>;

/// Lists the cells that a coloured cell may change, each with its step.
fn around(grid: &Grid, place: usize) -> impl Iterator<Item = (Step, usize)> + '_ {
    let (row, column) = (place / grid.width(), place % grid.width());
    let reach = -STAMP_REACH..=STAMP_REACH;
    let steps = reach
        .clone()
        .flat_map(move |down| reach.clone().map(move |right| (down, right)));
    steps.filter_map(move |step| {
        let row = row
            .checked_add_signed(step.0)
            .filter(|&row| row < grid.height())?;
        let column = column.checked_add_signed(step.1)?;
        let target = row * grid.width() + column;
        let is_free = column < grid.width() && (step == (0, 0) || grid.cells()[target] == 0);
        is_free.then_some((step, target))
    })
}

/// Lists the coloured cells of a grid, each with its place.
fn colored_places(grid: &Grid) -> impl Iterator<Item = (usize, i8)> + '_ {
    let cells = grid.cells().iter().copied().enumerate();
    cells.filter(|&(_, color)| color != 0)
}

fn find_stamp(demos: &Samples) -> Outcome<Stamp> {
    let mut stamp = Stamp::default();
    for [given, wanted] in demos {
        let given = check_cells(given)?;
        let wanted = wanted
            .as_grid()
            .filter(|grid| (grid.height(), grid.width()) == (given.height(), given.width()))
            .ok_or(Failure::argument(
                "expected outputs of the shape of their inputs",
            ))?;
        for (place, color) in colored_places(given) {
            for (step, target) in around(given, place) {
                let new = match wanted.cells()[target] {
                    new if new == color => New::Own,
                    new => New::One(new),
                };
                let known = stamp.entry(step).or_insert(new);
                if *known != new {
                    *known = New::Several;
                }
            }
        }
    }
    Ok(stamp)
}

fn stamped(grid: &Grid, stamp: &Stamp) -> Value {
    let mut cells = grid.cells().to_vec();
    for (place, color) in colored_places(grid) {
        for (step, target) in around(grid, place) {
            match stamp.get(&step) {
                Some(New::Own) => cells[target] = color,
                Some(&New::One(new)) if new != 0 || step == (0, 0) => cells[target] = new,
                _ if step == (0, 0) => cells[target] = color,
                _ => {}
            }
        }
    }
    Value::grid(grid.height(), grid.width(), cells)
}

fn learn_stamps([samples, grid]: [&Value; 2]) -> Outcome<Value> {
    let demos = check_samples(samples)?;
    let grid = check_cells(grid)?;
    let stamp = find_stamp(&demos)?;
    let made = |given: &Value| check_cells(given).map(|given| stamped(given, &stamp));
    if demos.is_empty()
        || demos
            .iter()
            .any(|[given, wanted]| made(given).as_ref() != Ok(wanted))
    {
        return Err(Failure::argument(
            "expected samples whose outputs a stamp makes from their inputs",
        ));
    }
    Ok(stamped(grid, &stamp))
}

/// Lists the keys of an input, each as some numbers.
fn keys(value: &Value) -> Outcome<Vec<Vec<usize>>> {
    let grid = check_cells(value)?;
    let counts = colored(grid);
    let found = parts(grid);
    Ok(vec![
        vec![counts.iter().map(|&(_, count)| count).sum()],
        vec![counts.len()],
        vec![slot(main_of(&counts))],
        counts.iter().map(|&(color, _)| slot(color)).collect(),
        vec![found.len()],
        vec![groups(grid).len()],
        vec![symmetries(value)? as usize],
        vec![found.iter().map(Vec::len).max().unwrap_or(0)],
    ])
}

fn learn_answer([samples, grid]: [&Value; 2]) -> Outcome<Value> {
    let demos = check_samples(samples)?;
    let several = demos
        .iter()
        .map(|[_, wanted]| wanted)
        .collect::<FxHashSet<_>>()
        .len();
    let different = demos.iter().collect::<FxHashSet<_>>().len();
    if several < 2 || several == different {
        return Err(Failure::argument(
            "expected several outputs, some of which are equal",
        ));
    }
    let shown: Vec<_> = demos
        .iter()
        .map(|[given, _]| keys(given))
        .collect::<Outcome<_>>()?;
    for (place, own) in keys(grid)?.iter().enumerate() {
        let sorts: FxHashSet<_> = shown.iter().map(|keys| &keys[place]).collect();
        let pairs: FxHashSet<_> = shown
            .iter()
            .zip(&demos)
            .map(|(keys, [_, wanted])| (&keys[place], wanted))
            .collect();
        if sorts.len() != several || pairs.len() != several {
            continue;
        }
        if let Some(found) = shown.iter().position(|keys| keys[place] == *own) {
            return Ok(demos[found][1].clone());
        }
    }
    Err(Failure::argument(
        "expected samples whose outputs a key tells apart",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: &[&[i8]]) -> Value {
        Value::grid(rows.len(), rows[0].len(), rows.concat())
    }

    #[test]
    fn a_stamp_ends_at_the_edges_and_leaves_what_is_coloured() {
        let value = grid(&[&[0, 0, 0], &[0, 0, 7]]);
        let grid = value.as_grid().expect("a grid");
        let found: Vec<_> = around(grid, 0).map(|(_, place)| place).collect();
        assert_eq!(found, [0, 1, 2, 3, 4]);
        assert_eq!(around(grid, 5).next(), Some(((-1, -2), 0)));
    }

    #[test]
    fn equal_pictures_are_one() -> Outcome<()> {
        let pictures = [grid(&[&[1]]), grid(&[&[2, 2]]), grid(&[&[1]])];
        let picks = picks(&pictures)?;
        assert_eq!(picks[..2], [Some(1), Some(0)]);
        assert_eq!(picks[2..4], [None, None]);
        Ok(())
    }

    #[test]
    fn a_form_has_the_shape_of_its_grid() -> Outcome<()> {
        let value = grid(&[&[1, 0]]);
        let forms = forms(value.as_grid().expect("a grid"))?;
        assert_eq!(forms[1], None);
        assert_eq!(forms[2], Some(vec![0, 1]));
        assert_eq!(forms[8], Some(vec![0, 0]));
        assert_eq!(forms[9], Some(vec![0, 1]));
        Ok(())
    }
}
