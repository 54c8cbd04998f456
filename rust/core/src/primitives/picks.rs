//! Picks by a property, and the properties to pick by.
//!
//! A cell of colour 0 is empty, all others are coloured.

use rustc_hash::FxHashMap;

use super::connected_components::{check_grid, coordinates, groups, normalized, EMPTY};
use super::containers::call_each;
use super::counts::Counts;
use super::geometry::MIRRORS;
use super::ordering::check_function;
use super::parts::ascending_locations;
use super::table::primitives;
use crate::arguments::{self, Piece};
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    odd_one(values) = odd_one;
    odd_one_by(container, key) metered = odd_one_by;
    most_frequent_by(container, key) metered = most_frequent_by;
    cell_count(piece) = cell_count;
    group_count(grid) = group_count;
    symmetry_count(piece) = symmetry_count;
    symmetric(piece) = symmetric;
    silhouette(piece) = silhouette;
    free_shape(piece) = free_shape;
    main_color(element) = main_color;
}

/// For each key how many are equal to it, itself included.
pub(super) fn frequencies<T: std::hash::Hash + Eq>(keys: &[T]) -> Vec<usize> {
    let mut counts: FxHashMap<&T, usize> = FxHashMap::default();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    keys.iter().map(|key| counts[key]).collect()
}

/// Finds the only key that comes once.
fn single(keys: &[Value]) -> Outcome<usize> {
    let counts = frequencies(keys);
    let mut places = (0..keys.len()).filter(|&place| counts[place] == 1);
    match (places.next(), places.next()) {
        (Some(place), None) => Ok(place),
        _ => Err(Failure::argument("expected one that comes once")),
    }
}

fn odd_one([values]: [&Value; 1]) -> Outcome<Value> {
    if !values.is_tuple() {
        return Err(Failure::argument("expected a tuple"));
    }
    let mut members: Vec<Value> = arguments::container(values)?.collect();
    Ok(members.swap_remove(single(&members)?))
}

/// Returns the member whose place is chosen by the keys.
fn pick(
    meter: &mut Meter<'_>,
    [container, key]: [&Value; 2],
    choose: impl Fn(&[Value]) -> Outcome<usize>,
) -> Outcome<Value> {
    const NO_MEMBERS: Failure = Failure::argument("expected a container with members");
    check_function(key, 1)?;
    let mut members = arguments::container(container)?;
    if members.len() == 0 {
        return Err(NO_MEMBERS);
    }
    let keys = call_each(meter, key, members.clone())?;
    members.nth(choose(&keys)?).ok_or(NO_MEMBERS)
}

fn odd_one_by(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    pick(meter, args, single)
}

/// Chooses the first place with the least number.
fn first_least<N: Ord>(numbers: impl Iterator<Item = N>) -> Outcome<usize> {
    numbers
        .enumerate()
        .min_by(|(_, a), (_, b)| a.cmp(b))
        .map(|(place, _)| place)
        .ok_or(Failure::argument("expected a container with members"))
}

fn most_frequent_by(meter: &mut Meter<'_>, args: [&Value; 2]) -> Outcome<Value> {
    pick(meter, args, |keys| {
        first_least(frequencies(keys).into_iter().map(std::cmp::Reverse))
    })
}

/// The places of a grid's coloured cells, ascending.
fn colored(grid: &Grid) -> Vec<usize> {
    let cells = grid.cells().iter().enumerate();
    cells
        .filter(|(_, &color)| color != EMPTY)
        .map(|(place, _)| place)
        .collect()
}

/// The coloured cells of a grid, or the locations of a patch, ascending.
fn places(piece: &Piece<'_>) -> Vec<(i32, i32)> {
    match piece {
        Piece::Grid(grid) => coordinates(grid, &colored(grid)),
        Piece::Patch(patch) => {
            let locations = patch.locations();
            let wide = |&(row, column): &(i16, i16)| (row.into(), column.into());
            locations.iter().map(wide).collect()
        }
    }
}

fn cell_count([piece]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(match arguments::piece(piece)? {
        Piece::Grid(grid) => colored(grid).len(),
        Piece::Patch(patch) => patch.locations().len(),
    } as i64))
}

fn group_count([grid]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(groups(check_grid(grid)?).len() as i64))
}

pub(super) fn symmetries(piece: &Value) -> Outcome<i64> {
    arguments::piece(piece)?;
    let mut count = 0;
    for mirror in MIRRORS {
        count += i64::from(mirror([piece])? == *piece);
    }
    Ok(count)
}

fn symmetry_count([piece]: [&Value; 1]) -> Outcome<Value> {
    symmetries(piece).map(Value::Int)
}

fn symmetric([piece]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Bool(symmetries(piece)? > 0))
}

fn silhouette([piece]: [&Value; 1]) -> Outcome<Value> {
    let places = normalized(places(&arguments::piece(piece)?));
    Ok(ascending_locations(places.into_iter()))
}

fn free_shape([piece]: [&Value; 1]) -> Outcome<Value> {
    let form = normalized(places(&arguments::piece(piece)?));
    let bottom = form.iter().map(|place| place.0).max().unwrap_or(0);
    let right = form.iter().map(|place| place.1).max().unwrap_or(0);
    let mut least: Vec<u64> = Vec::new();
    let mut image = Vec::with_capacity(form.len());
    for turn in 0..8 {
        image.clear();
        image.extend(form.iter().map(|&(row, column)| {
            let row = if turn & 1 == 0 { row } else { bottom - row };
            let column = if turn & 2 == 0 {
                column
            } else {
                right - column
            };
            let (row, column) = if turn & 4 == 0 {
                (row, column)
            } else {
                (column, row)
            };
            // Neither is below 0: the words are ordered as the pairs are.
            (row as u64) << u32::BITS | column as u64
        }));
        image.sort_unstable();
        if turn == 0 || image < least {
            std::mem::swap(&mut image, &mut least);
        }
    }
    let pairs = least.iter();
    let pairs = pairs.map(|&word| ((word >> u32::BITS) as i32, word as u32 as i32));
    Ok(ascending_locations(pairs))
}

/// The coloured colour that comes first by its count, the lowest of several.
fn ranked_color<N: Ord>(counts: &Counts, rank: impl Fn(u32) -> N) -> Outcome<i8> {
    let colored = counts.pairs().iter().filter(|(color, _)| *color != EMPTY);
    colored
        .min_by_key(|&&(color, count)| (rank(count), color))
        .map(|&(color, _)| color)
        .ok_or(Failure::argument("expected coloured cells"))
}

/// The most frequent coloured colour, the lowest of several.
pub(super) fn main_color_of(counts: &Counts) -> Outcome<i8> {
    ranked_color(counts, std::cmp::Reverse)
}

/// The least frequent coloured colour, the lowest of several.
pub(super) fn rare_color_of(counts: &Counts) -> Outcome<i8> {
    ranked_color(counts, |count| count)
}

fn main_color([element]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(
        main_color_of(&Counts::of_element(element)?)?.into(),
    ))
}
