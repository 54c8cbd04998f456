//! Primitives that pick by a number: a place, a rank, a symmetry.

use super::containers::call_each;
use super::counts::Counts;
use super::ordering::{check_function, rank};
use super::table::primitives;
use super::turns;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    second(container) = second;
    rank_by(container, key, k) metered = rank_by;
    color_rank(grid, k) = color_rank;
    mir_rot(grid, k) = mir_rot;
}

/// How many symmetries the square has.
pub(super) const SYMMETRIES: i64 = 8;

/// Finds a place among so many; -1 is the last.
fn pick(length: usize, place: i64) -> Outcome<usize> {
    let from_start = if place < 0 {
        place + length as i64
    } else {
        place
    };
    usize::try_from(from_start)
        .ok()
        .filter(|&place| place < length)
        .ok_or(Failure::argument("expected a place among the members"))
}

/// Returns the place from the start of a list that was turned round for negative places.
fn from_start(place: i64) -> i64 {
    if place >= 0 {
        place
    } else {
        -1 - place
    }
}

fn member_at(container: &Value, place: i64) -> Outcome<Value> {
    let mut members = arguments::container(container)?;
    let place = pick(members.len(), place)?;
    members
        .nth(place)
        .ok_or(Failure::argument("expected a place among the members"))
}

fn second([container]: [&Value; 1]) -> Outcome<Value> {
    member_at(container, 1)
}

fn rank_by(meter: &mut Meter<'_>, [container, key, k]: [&Value; 3]) -> Outcome<Value> {
    check_function(key, 1)?;
    let members = arguments::container(container)?;
    let place = arguments::number(k)?;
    let keys = call_each(meter, key, members)?;
    let positions = rank(meter, &keys, place >= 0)?;
    let position = positions[pick(positions.len(), from_start(place))?];
    member_at(container, position as i64)
}

fn color_rank([grid, k]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let place = arguments::number(k)?;
    let mut counts = Counts::of_grid(grid).pairs().to_vec();
    if place >= 0 {
        counts.sort_by_key(|&(_, count)| std::cmp::Reverse(count));
    } else {
        counts.sort_by_key(|&(_, count)| count);
    }
    Ok(Value::Int(
        counts[pick(counts.len(), from_start(place))?].0.into(),
    ))
}

/// Turns a grid by a symmetry of the square, by its number.
pub(super) fn turn(grid: &Grid, symmetry: i64) -> Outcome<Value> {
    Ok(match symmetry {
        0 => Value::grid(grid.height(), grid.width(), grid.cells().to_vec()),
        1 => turns::turn_clockwise(grid),
        2 => turns::turn_half(grid),
        3 => turns::turn_anticlockwise(grid),
        4 => turns::flip_rows(grid),
        5 => turns::flip_columns(grid),
        6 => turns::transpose(grid),
        7 => turns::transpose_backwards(grid),
        _ => return Err(Failure::argument("expected a number in 0..7")),
    })
}

fn mir_rot([grid, k]: [&Value; 2]) -> Outcome<Value> {
    turn(arguments::grid(grid)?, arguments::number(k)?)
}
