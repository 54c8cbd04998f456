//! Pictures that are cut out of a grid as the demo samples show.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use super::cuts_regions::check_cells;
use super::learnt::{background, check_shown, switched, Pairs, STEPS_PER_CELL};
use super::samples::check_samples;
use super::{lookup, Kernel};
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

/// What a grid may be cut into.
const CUTTERS: [&str; 9] = [
    "group_pictures",
    "part_pictures",
    "compartments",
    "rectangles",
    "frame_insides",
    "color_pictures",
    "split_squares",
    "halves",
    "quarters",
];
/// Properties of a picture: the first ones tell the greatest and the least as well.
const PROPERTIES: [&str; 15] = [
    "cell_count",
    "height",
    "width",
    "numcolors",
    "part_count",
    "hole_count",
    "symmetry_count",
    "density",
    "identity",
    "main_color",
    "rare_color",
    "mostcolor",
    "leastcolor",
    "silhouette",
    "free_shape",
];
/// How many of the properties are numbers.
const NUMBERS: usize = 8;

/// Looks up the kernels of some primitives, once.
fn kernels(names: &[&str]) -> Vec<Kernel> {
    names
        .iter()
        .filter_map(|name| lookup(name))
        .map(|primitive| primitive.kernel)
        .collect()
}

fn cutters() -> &'static [Kernel] {
    static ALL: OnceLock<Vec<Kernel>> = OnceLock::new();
    ALL.get_or_init(|| kernels(&CUTTERS))
}

fn properties() -> &'static [Kernel] {
    static ALL: OnceLock<Vec<Kernel>> = OnceLock::new();
    ALL.get_or_init(|| kernels(&PROPERTIES))
}

/// The place of a key that no other member has.
fn lone(keys: &[Value], key: &Value) -> Option<usize> {
    let mut found = (0..keys.len()).filter(|&place| keys[place] == *key);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The first place of the key that comes most or least often, if it is one of several.
fn frequent(keys: &[Value], is_most: bool) -> Option<usize> {
    let mut counts: FxHashMap<&Value, (usize, usize)> = FxHashMap::default();
    for (place, key) in keys.iter().enumerate() {
        counts.entry(key).or_insert((0, place)).0 += 1;
    }
    let all = counts.values().map(|&(count, _)| count);
    let best = if is_most { all.max() } else { all.min() }?;
    let mut found = counts.values().filter(|&&(count, _)| count == best);
    let &(_, place) = found.next()?;
    (found.next().is_none() && counts.len() > 1).then_some(place)
}

/// A way to pick one of several pictures by their keys.
enum Pick {
    Greatest,
    Least,
    Rare,
    Frequent,
    With(Value),
}

impl Pick {
    fn place(&self, keys: &[Value]) -> Option<usize> {
        let numbers = keys.iter().filter_map(Value::number);
        match self {
            Self::Greatest => lone(keys, &Value::Int(numbers.max()?)),
            Self::Least => lone(keys, &Value::Int(numbers.min()?)),
            Self::Rare => frequent(keys, false),
            Self::Frequent => frequent(keys, true),
            Self::With(key) => lone(keys, key),
        }
    }
}

/// Lists the ways to pick by a key; the one that all wanted pictures have comes last.
fn picks(keys: &[Vec<Value>], places: &[usize], is_number: bool) -> Vec<Pick> {
    let mut picks = Vec::new();
    if is_number {
        picks.extend([Pick::Greatest, Pick::Least]);
    }
    picks.extend([Pick::Rare, Pick::Frequent]);
    let mut wanted = keys.iter().zip(places).map(|(keys, &place)| &keys[place]);
    if let Some(first) = wanted.next() {
        if wanted.all(|key| key == first) {
            picks.push(Pick::With(first.clone()));
        }
    }
    picks
}

fn pick(meter: &mut Meter<'_>, shown: &Pairs, grid: &Value) -> Option<Value> {
    for cut in cutters() {
        let grids = shown.iter().map(|[given, _]| given).chain([grid]);
        let cuts: Option<Vec<Vec<Value>>> = grids
            .map(|grid| {
                let pictures = cut(meter, &[grid]).ok()?;
                let pictures: Vec<Value> = pictures.members()?.collect();
                (pictures.len() > 1).then_some(pictures)
            })
            .collect();
        let Some(cuts) = cuts else { continue };
        let places = cuts
            .iter()
            .zip(shown)
            .map(|(pictures, [_, wanted])| pictures.iter().position(|picture| picture == wanted));
        let Some(places) = places.collect::<Option<Vec<usize>>>() else {
            continue;
        };
        for (number, property) in properties().iter().enumerate() {
            let keys: Outcome<Vec<Vec<Value>>> = cuts
                .iter()
                .map(|pictures| {
                    let key = |picture: &Value| property(meter, &[picture]);
                    pictures.iter().map(key).collect()
                })
                .collect();
            let Ok(keys) = keys else { continue };
            for pick in picks(&keys[..shown.len()], &places, number < NUMBERS) {
                let Some(found) = pick.place(&keys[shown.len()]) else {
                    continue;
                };
                let is_right =
                    cuts.iter()
                        .zip(&keys)
                        .zip(shown)
                        .all(|((pictures, keys), [_, wanted])| {
                            let place = pick.place(keys);
                            place.is_some_and(|place| pictures[place] == *wanted)
                        });
                if is_right {
                    return Some(cuts[shown.len()][found].clone());
                }
            }
        }
    }
    None
}

pub(super) fn learn_pick(meter: &mut Meter<'_>, [samples, grid]: [&Value; 2]) -> Outcome<Value> {
    let cells = check_cells(grid)?;
    let background = background(cells)?;
    let shown = check_shown(samples)?;
    if shown.is_empty() {
        return Err(Failure::argument("expected samples"));
    }
    let grids = shown.iter().filter_map(|[given, _]| given.as_grid());
    let count: usize = grids.chain([cells]).map(|grid| grid.cells().len()).sum();
    meter.claim_steps(count as i128 * STEPS_PER_CELL)?;
    if let Some(picked) = pick(meter, &check_samples(samples)?, grid) {
        return Ok(picked);
    }
    let picked = pick(meter, &shown, &switched(cells, background));
    let picked = picked.ok_or(Failure::argument(
        "expected samples that pick a picture of the grid",
    ))?;
    Ok(picked
        .as_grid()
        .map_or(picked.clone(), |grid: &Grid| switched(grid, background)))
}
