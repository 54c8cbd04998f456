//! What the primitives on grids do with tables: tuples of tuples with members of any kind.
//!
//! A table is what a grid would be whose rows may differ in length and whose cells may be
//! anything. Each kernel here is called where the one on grids rejects its arguments.

use super::numbers::plus;
use super::objects::shift;
use super::table_cells::most_color;
use crate::arguments::{self, cell_at, container, rows, sides, tuple};
use crate::failure::Outcome;
use crate::meter::Meter;
use crate::value::{Location, Members, Value};

pub(super) type Rows = Vec<Vec<Value>>;

/// Makes a tuple of tuples.
fn table(rows: impl IntoIterator<Item = Vec<Value>>) -> Value {
    Value::tuple(rows.into_iter().map(Value::tuple).collect())
}

/// The members of each member of a tuple.
pub(super) fn tuple_rows(value: &Value) -> Outcome<Rows> {
    tuple(value)?;
    rows(value)
}

/// The members of each member of a tuple of tuples.
fn tuples(value: &Value) -> Outcome<Rows> {
    let collect = |row: Value| Ok(tuple(&row)?.collect());
    tuple(value)?.map(collect).collect()
}

/// The columns of some rows, up to the end of the shortest one.
pub(super) fn columns(rows: &Rows) -> Rows {
    let width = rows.iter().map(Vec::len).min().unwrap_or(0);
    let column = |place: usize| rows.iter().map(|row| row[place].clone()).collect();
    (0..width).map(column).collect()
}

fn reversed(mut rows: Rows) -> Rows {
    rows.reverse();
    rows
}

fn each_reversed(rows: Rows) -> Rows {
    rows.into_iter().map(reverse_one).collect()
}

fn reverse_one(mut row: Vec<Value>) -> Vec<Value> {
    row.reverse();
    row
}

/// Walks some members: a slice that counts from the end below 0.
fn slice(members: Members<'_>, start: i64, count: i64) -> Vec<Value> {
    let length = members.len() as i64;
    let place = |end: i64| (if end < 0 { end + length } else { end }).clamp(0, length);
    let (first, end) = (place(start), place(start.saturating_add(count)));
    let kept = (end - first).max(0) as usize;
    members.skip(first as usize).take(kept).collect()
}

/// Cuts by the row and column to start with and the height and width, as slices do.
fn cut(grid: &Value, start: (i64, i64), dims: (i64, i64)) -> Outcome<Value> {
    let kept = slice(tuple(grid)?, start.0, dims.0);
    let cut_row = |row: &Value| Ok(slice(tuple(row)?, start.1, dims.1));
    Ok(table(
        kept.iter().map(cut_row).collect::<Outcome<Vec<_>>>()?,
    ))
}

fn wide((row, column): (i32, i32)) -> (i64, i64) {
    (row.into(), column.into())
}

pub(super) fn index([grid, loc]: [&Value; 2]) -> Outcome<Value> {
    let (row, column) = arguments::location(loc)?;
    let (height, width) = sides(grid)?;
    match (usize::try_from(row), usize::try_from(column)) {
        (Ok(row), Ok(column)) if row < height && column < width => cell_at(grid, row, column),
        _ => Ok(Value::None),
    }
}

pub(super) fn crop([grid, start, dims]: [&Value; 3]) -> Outcome<Value> {
    let (start, dims) = (arguments::start(start)?, arguments::start(dims)?);
    cut(grid, wide(start), wide(dims))
}

/// Cuts a part out of a table, given its first row and column and its height and width.
pub(super) fn cut_box(grid: &Value, start: &Value, dims: (i64, i64)) -> Outcome<Value> {
    let (row, column) = arguments::first_two(start)?;
    let start = (arguments::number(&row)?, arguments::number(&column)?);
    cut(grid, start, dims)
}

pub(super) fn trim([grid]: [&Value; 1]) -> Outcome<Value> {
    let inner = |members: Members<'_>| {
        let count = members.len().saturating_sub(2);
        members.skip(1).take(count).collect::<Vec<_>>()
    };
    let kept = inner(tuple(grid)?);
    let rows: Outcome<Rows> = kept.iter().map(|row| Ok(inner(tuple(row)?))).collect();
    Ok(table(rows?))
}

pub(super) fn tophalf([grid]: [&Value; 1]) -> Outcome<Value> {
    let members = tuple(grid)?;
    let half = members.len() / 2;
    Ok(Value::tuple(members.take(half).collect()))
}

pub(super) fn bottomhalf([grid]: [&Value; 1]) -> Outcome<Value> {
    let members = tuple(grid)?;
    let half = members.len().div_ceil(2);
    Ok(Value::tuple(members.skip(half).collect()))
}

pub(super) fn lefthalf([grid]: [&Value; 1]) -> Outcome<Value> {
    rot270([&tophalf([&rot90([grid])?])?])
}

pub(super) fn righthalf([grid]: [&Value; 1]) -> Outcome<Value> {
    rot270([&bottomhalf([&rot90([grid])?])?])
}

/// Returns the size of each of some parts of a length, and how far each is from the next one.
fn split(length: usize, parts: i64) -> (i64, i64) {
    let (length, size) = (length as i64, (length as i64).div_euclid(parts));
    // For fewer than 0 parts nothing is cut.
    (size, size + i64::from(length % parts != 0))
}

pub(super) fn hsplit(meter: &mut Meter<'_>, [grid, n]: [&Value; 2]) -> Outcome<Value> {
    let parts = arguments::divisor(n)?;
    let (height, width) = sides(grid)?;
    let (size, step) = split(width, parts);
    meter.claim(i128::from(parts) * height as i128 * i128::from(size.max(1)))?;
    let part = |place| cut(grid, (0, place * step), (height as i64, size));
    Ok(Value::tuple((0..parts).map(part).collect::<Outcome<_>>()?))
}

pub(super) fn vsplit(meter: &mut Meter<'_>, [grid, n]: [&Value; 2]) -> Outcome<Value> {
    let parts = arguments::divisor(n)?;
    let (height, width) = sides(grid)?;
    let (size, step) = split(height, parts);
    let leaves = i128::from(size) * width.max(1) as i128;
    meter.claim(i128::from(parts) * leaves.max(1))?;
    let part = |place| cut(grid, (place * step, 0), (size, width as i64));
    Ok(Value::tuple((0..parts).map(part).collect::<Outcome<_>>()?))
}

/// Returns whether all members are equal; no members are not.
pub(super) fn is_uniform(members: &[Value]) -> bool {
    members
        .first()
        .is_some_and(|first| members.iter().all(|member| member == first))
}

pub(super) fn compress([grid]: [&Value; 1]) -> Outcome<Value> {
    let rows = tuple_rows(grid)?;
    let uniform: Vec<bool> = columns(&rows).iter().map(|one| is_uniform(one)).collect();
    let keep = |row: Vec<Value>| {
        let places = row.into_iter().enumerate();
        let kept = places.filter(|(place, _)| uniform.get(*place) != Some(&true));
        kept.map(|(_, value)| value).collect()
    };
    Ok(table(
        rows.into_iter().filter(|row| !is_uniform(row)).map(keep),
    ))
}

pub(super) fn rot90([grid]: [&Value; 1]) -> Outcome<Value> {
    Ok(table(columns(&reversed(tuple_rows(grid)?))))
}

pub(super) fn rot180([grid]: [&Value; 1]) -> Outcome<Value> {
    Ok(table(reversed(each_reversed(tuples(grid)?))))
}

pub(super) fn rot270([grid]: [&Value; 1]) -> Outcome<Value> {
    Ok(table(reversed(columns(&tuple_rows(grid)?))))
}

/// Reverses a tuple.
pub(super) fn hmirror(piece: &Value) -> Outcome<Value> {
    Ok(Value::tuple(tuple(piece)?.rev().collect()))
}

/// Reverses each member of a tuple.
pub(super) fn vmirror(piece: &Value) -> Outcome<Value> {
    Ok(table(each_reversed(tuples(piece)?)))
}

/// Turns the rows of a tuple into columns.
pub(super) fn dmirror(piece: &Value) -> Outcome<Value> {
    Ok(table(columns(&tuple_rows(piece)?)))
}

/// Turns the rows of a tuple into columns, both counted from the end.
pub(super) fn cmirror(piece: &Value) -> Outcome<Value> {
    Ok(table(columns(&reversed(each_reversed(tuples(piece)?)))))
}

pub(super) fn hconcat([a, b]: [&Value; 2]) -> Outcome<Value> {
    let pairs = container(a)?.zip(container(b)?);
    let joined: Outcome<Vec<Value>> = pairs.map(|(left, right)| plus(&left, &right)).collect();
    Ok(Value::tuple(joined?))
}

pub(super) fn vconcat([a, b]: [&Value; 2]) -> Outcome<Value> {
    plus(a, b)
}

/// Counts the leaves of members.
fn leaves<'a>(members: impl IntoIterator<Item = &'a Value>) -> i128 {
    let count = |member: &Value| i128::from(member.leaves());
    members.into_iter().map(count).sum()
}

/// Requires room for repeated rows; an empty row counts as one leaf, since it takes room too.
fn claim_rows(meter: &Meter<'_>, rows: &Rows, down: i64, right: i64) -> Outcome<()> {
    let row = |row: &Vec<Value>| (i128::from(right).saturating_mul(leaves(row))).max(1);
    let all: i128 = rows.iter().map(row).fold(0, i128::saturating_add);
    meter.claim(i128::from(down).saturating_mul(all))
}

fn factor(value: &Value) -> Outcome<i64> {
    Ok(arguments::number(value)?.max(0))
}

fn repeat_each(members: Vec<Value>, times: i64) -> Vec<Value> {
    if members.is_empty() {
        return members;
    }
    let repeat = |value| std::iter::repeat_n(value, times as usize);
    members.into_iter().flat_map(repeat).collect()
}

pub(super) fn hupscale(meter: &mut Meter<'_>, [grid, times]: [&Value; 2]) -> Outcome<Value> {
    let (times, rows) = (factor(times)?, rows(grid)?);
    claim_rows(meter, &rows, 1, times)?;
    Ok(table(rows.into_iter().map(|row| repeat_each(row, times))))
}

pub(super) fn vupscale(meter: &mut Meter<'_>, [grid, times]: [&Value; 2]) -> Outcome<Value> {
    let times = factor(times)?;
    let members: Vec<Value> = container(grid)?.collect();
    meter.claim(i128::from(times).saturating_mul(leaves(&members)))?;
    Ok(Value::tuple(repeat_each(members, times)))
}

/// Makes a square of each cell of a tuple of rows.
pub(super) fn upscale(meter: &mut Meter<'_>, [element, times]: [&Value; 2]) -> Outcome<Value> {
    let (times, rows) = (factor(times)?, tuple_rows(element)?);
    claim_rows(meter, &rows, times, times)?;
    claim_rows(meter, &rows, 1, times)?;
    let wide = rows.into_iter().map(|row| repeat_each(row, times));
    Ok(Value::tuple(repeat_each(
        wide.map(Value::tuple).collect(),
        times,
    )))
}

pub(super) fn downscale([grid, factor]: [&Value; 2]) -> Outcome<Value> {
    let (_, width) = sides(grid)?;
    let step = usize::try_from(arguments::divisor(factor)?.unsigned_abs()).unwrap_or(usize::MAX);
    let keep = |row: Value| {
        tuple(&row)?;
        let places = (0..width).step_by(step);
        places
            .map(|place| arguments::member_at(&row, place))
            .collect()
    };
    let rows: Outcome<Rows> = tuple(grid)?.map(keep).collect();
    Ok(table(rows?.into_iter().step_by(step)))
}

pub(super) fn cellwise([a, b, fallback]: [&Value; 3]) -> Outcome<Value> {
    let (height, width) = sides(a)?;
    let cell = |row, column| {
        let value = cell_at(a, row, column)?;
        Ok(if value == cell_at(b, row, column)? {
            value
        } else {
            fallback.clone()
        })
    };
    let row = |row| (0..width).map(|column| cell(row, column)).collect();
    Ok(table((0..height).map(row).collect::<Outcome<Rows>>()?))
}

fn map_cells(grid: &Value, change: impl Fn(Value) -> Value) -> Outcome<Value> {
    let rows = rows(grid)?.into_iter();
    Ok(table(
        rows.map(|row| row.into_iter().map(&change).collect()),
    ))
}

pub(super) fn replace([grid, replacee, replacer]: [&Value; 3]) -> Outcome<Value> {
    map_cells(grid, |value| {
        if value == *replacee {
            replacer.clone()
        } else {
            value
        }
    })
}

pub(super) fn switch([grid, a, b]: [&Value; 3]) -> Outcome<Value> {
    map_cells(grid, |value| match value {
        value if value == *a => b.clone(),
        value if value == *b => a.clone(),
        value => value,
    })
}

pub(super) fn canvas(meter: &mut Meter<'_>, [value, dimensions]: [&Value; 2]) -> Outcome<Value> {
    let (rows, columns) = arguments::start(dimensions)?;
    let (rows, columns) = (rows.max(0), columns.max(0));
    let width = (i128::from(columns) * i128::from(value.leaves())).max(1);
    meter.claim(i128::from(rows) * width)?;
    let row = Value::tuple(vec![value.clone(); columns as usize]);
    Ok(Value::tuple(vec![row; rows as usize]))
}

/// The locations that lie in a table, as places in its rows.
fn inside((height, width): (usize, usize), (row, column): Location) -> Option<(usize, usize)> {
    let (row, column) = (usize::try_from(row).ok()?, usize::try_from(column).ok()?);
    (row < height && column < width).then_some((row, column))
}

/// Puts a value into a table; a row may be shorter than the first one.
fn put(rows: &mut Rows, (row, column): (usize, usize), value: &Value) -> Outcome<()> {
    let place = rows.get_mut(row).and_then(|cells| cells.get_mut(column));
    *place.ok_or(arguments::NO_CELL)? = value.clone();
    Ok(())
}

/// The places of a patch inside a table.
pub(super) fn places_inside(grid: &Value, patch: &Value) -> Outcome<Vec<(usize, usize)>> {
    let sides = sides(grid)?;
    let patch = arguments::places(patch)?;
    let locations = patch.locations();
    Ok(locations
        .iter()
        .filter_map(|&location| inside(sides, location))
        .collect())
}

pub(super) fn fill([grid, value, patch]: [&Value; 3]) -> Outcome<Value> {
    let places = places_inside(grid, patch)?;
    let mut cells = rows(grid)?;
    for place in places {
        put(&mut cells, place, value)?;
    }
    Ok(table(cells))
}

pub(super) fn underfill([grid, value, patch]: [&Value; 3]) -> Outcome<Value> {
    let background = most_color(tuple_rows(grid)?)?;
    let places = places_inside(grid, patch)?;
    let mut cells = rows(grid)?;
    for (row, column) in places {
        if cell_at(grid, row, column)? == background {
            put(&mut cells, (row, column), value)?;
        }
    }
    Ok(table(cells))
}

pub(super) fn cover([grid, patch]: [&Value; 2]) -> Outcome<Value> {
    fill([grid, &most_color(tuple_rows(grid)?)?, patch])
}

pub(super) fn paint([grid, obj]: [&Value; 2]) -> Outcome<Value> {
    let sides = sides(grid)?;
    let mut painted = rows(grid)?;
    for (value, location) in arguments::cells(obj)? {
        if let Some(place) = inside(sides, location) {
            put(&mut painted, place, &value)?;
        }
    }
    Ok(table(painted))
}

pub(super) fn underpaint([grid, obj]: [&Value; 2]) -> Outcome<Value> {
    let sides = sides(grid)?;
    let background = most_color(tuple_rows(grid)?)?;
    let mut painted = rows(grid)?;
    for (value, location) in arguments::cells(obj)? {
        if let Some((row, column)) = inside(sides, location) {
            cell_at(grid, row, column)?;
            if painted[row][column] == background {
                put(&mut painted, (row, column), &value)?;
            }
        }
    }
    Ok(table(painted))
}

pub(super) fn move_object([grid, obj, offset]: [&Value; 3]) -> Outcome<Value> {
    paint([&cover([grid, obj])?, &shift([obj, offset])?])
}
