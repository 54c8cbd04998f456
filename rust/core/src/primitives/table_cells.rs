//! What the primitives on objects do with tables, and with cells whose colour is any value.
//!
//! Each kernel here is called where the one on grids and objects rejects its arguments.

use rustc_hash::{FxHashMap, FxHashSet};

use super::geometry::{dimensions, extent};
use super::objects::object_flags;
use super::ordering::is_true;
use super::tables::{columns, is_uniform, places_inside, tuple_rows, Rows};
use crate::arguments::{self, cell_at, container, rows, sides};
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::Value;

/// The members of all rows of a tuple, or the first parts of all pairs of a set.
fn colors(element: &Value) -> Outcome<Vec<Value>> {
    if element.is_tuple() {
        return Ok(rows(element)?.into_iter().flatten().collect());
    }
    let first = |pair: Value| Ok(arguments::split_pair(&pair)?.0);
    container(element)?.map(first).collect()
}

/// Counts values: each with its count, ascending.
pub(super) fn count(values: impl IntoIterator<Item = Value>) -> Vec<(Value, usize)> {
    let mut counts: FxHashMap<Value, usize> = FxHashMap::default();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_unstable();
    counts
}

const NO_CELLS: Failure = Failure::argument("expected a grid or object with cells");

/// Returns the most common member of some rows, the lowest of several.
pub(super) fn most_color(rows: Rows) -> Outcome<Value> {
    most(count(rows.into_iter().flatten()))
}

fn most(counts: Vec<(Value, usize)>) -> Outcome<Value> {
    let most = counts
        .into_iter()
        .min_by_key(|&(_, count)| std::cmp::Reverse(count));
    most.map(|(value, _)| value).ok_or(NO_CELLS)
}

pub(super) fn mostcolor([element]: [&Value; 1]) -> Outcome<Value> {
    most(count(colors(element)?))
}

pub(super) fn leastcolor([element]: [&Value; 1]) -> Outcome<Value> {
    let least = count(colors(element)?)
        .into_iter()
        .min_by_key(|&(_, count)| count);
    least.map(|(value, _)| value).ok_or(NO_CELLS)
}

pub(super) fn colorcount([element, value]: [&Value; 2]) -> Outcome<Value> {
    if element.is_tuple() {
        for row in container(element)? {
            arguments::tuple(&row)?;
        }
    }
    let equal = colors(element)?.into_iter().filter(|color| color == value);
    Ok(Value::Int(equal.count() as i64))
}

pub(super) fn palette([element]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::set(colors(element)?))
}

pub(super) fn numcolors([element]: [&Value; 1]) -> Outcome<Value> {
    Ok(Value::Int(count(colors(element)?).len() as i64))
}

/// The first part of the first member.
pub(super) fn color([obj]: [&Value; 1]) -> Outcome<Value> {
    let first = arguments::walk(obj)?.next().ok_or(NO_CELLS)?;
    arguments::tuple(&first)?.next().ok_or(NO_CELLS)
}

pub(super) fn colorfilter([objs, value]: [&Value; 2]) -> Outcome<Value> {
    let mut kept = Vec::new();
    for obj in container(objs)? {
        if color([&obj])? == *value {
            kept.push(obj);
        }
    }
    Ok(Value::set(kept))
}

/// The rows, or the columns, of a location.
type Axis = fn((i64, i64)) -> (i64, i64);

fn period(meter: &Meter<'_>, obj: &Value, axis: Axis) -> Outcome<Value> {
    if container(obj)?.len() == 0 {
        return Ok(Value::Int(0));
    }
    let edges = extent(obj)?;
    let (first, _) = axis((edges.top.into(), edges.left.into()));
    let (last, _) = axis((edges.bottom.into(), edges.right.into()));
    let length = last - first + 1;
    meter.claim_steps(i128::from(length) * container(obj)?.len() as i128)?;
    let placed = |(value, (row, column)): (Value, (i16, i16))| {
        let (along, across) = axis((row.into(), column.into()));
        (value, along - first, across)
    };
    let pattern: FxHashSet<_> = arguments::cells(obj)?.into_iter().map(placed).collect();
    let repeats = |distance: &i64| {
        let moved = pattern.iter().filter(|(_, along, _)| along >= distance);
        moved
            .map(|(value, along, across)| (value.clone(), along - distance, *across))
            .all(|cell| pattern.contains(&cell))
    };
    Ok(Value::Int((1..length).find(repeats).unwrap_or(length)))
}

pub(super) fn hperiod(meter: &mut Meter<'_>, [obj]: [&Value; 1]) -> Outcome<Value> {
    period(meter, obj, |(row, column)| (column, row))
}

pub(super) fn vperiod(meter: &mut Meter<'_>, [obj]: [&Value; 1]) -> Outcome<Value> {
    period(meter, obj, |(row, column)| (row, column))
}

pub(super) fn occurrences(meter: &mut Meter<'_>, [grid, obj]: [&Value; 2]) -> Outcome<Value> {
    let (rows, columns) = sides(grid)?;
    let (height, width) = dimensions(obj)?;
    let cells = arguments::cells(obj)?;
    let (top_places, left_places) = (rows as i64 - height + 1, columns as i64 - width + 1);
    if top_places <= 0 || left_places <= 0 {
        return Ok(Value::empty_set());
    }
    let size = container(obj)?.len();
    meter.claim_steps(i128::from(top_places) * i128::from(left_places) * size as i128)?;
    let edges = arguments::places(obj)?.edges();
    let (top, left) = edges.map_or((0, 0), |edges| (edges.top, edges.left));
    let distance = |place: i16, edge: i32| (i32::from(place) - edge) as usize;
    let mut found = Vec::new();
    for row in 0..top_places as usize {
        for column in 0..left_places as usize {
            let mut matches = true;
            for (value, place) in &cells {
                let (down, right) = (
                    row + distance(place.0, top),
                    column + distance(place.1, left),
                );
                matches = down < rows && right < columns && cell_at(grid, down, right)? == *value;
                if !matches {
                    break;
                }
            }
            if matches {
                found.push(Value::pair(row as i64, column as i64));
            }
        }
    }
    Ok(Value::ascending_set(found))
}

/// Makes the set of the connected parts of a table.
pub(super) fn objects([grid, univalued, diagonal, without_bg]: [&Value; 4]) -> Outcome<Value> {
    let (height, width) = sides(grid)?;
    let background = if is_true(without_bg) {
        most_color(tuple_rows(grid)?)?
    } else {
        Value::None
    };
    let mut unseen = Vec::with_capacity(height);
    for row in 0..height {
        let cell = |column| {
            let value = cell_at(grid, row, column)?;
            Ok((value != background).then_some(value))
        };
        unseen.push((0..width).map(cell).collect::<Outcome<Vec<_>>>()?);
    }
    let reach = |place: usize, end: usize| place.saturating_sub(1)..(place + 2).min(end);
    let mut found = Vec::new();
    for start in (0..height).flat_map(|row| (0..width).map(move |column| (row, column))) {
        let Some(first) = unseen[start.0][start.1].take() else {
            continue;
        };
        let mut part = vec![(first.clone(), start)];
        let mut done = 0;
        while let Some(&(_, (row, column))) = part.get(done) {
            done += 1;
            for near in reach(row, height) {
                for beside in reach(column, width) {
                    if near != row && beside != column && !is_true(diagonal) {
                        continue;
                    }
                    let joins = |value: &Value| !is_true(univalued) || *value == first;
                    if unseen[near][beside].as_ref().is_some_and(joins) {
                        let value = unseen[near][beside].take().unwrap_or(Value::None);
                        part.push((value, (near, beside)));
                    }
                }
            }
        }
        found.push(cells_at(part));
    }
    Ok(Value::set(found))
}

pub(super) fn o_g([grid, k]: [&Value; 2]) -> Outcome<Value> {
    let flags = object_flags(k)?;
    let flag = |bit: i64| Value::Bool(flags & bit != 0);
    let found = objects([grid, &flag(4), &flag(2), &flag(1)])?;
    Ok(Value::tuple(container(&found)?.collect()))
}

/// Makes a set of cells.
fn cells_at(cells: Vec<(Value, (usize, usize))>) -> Value {
    let cell = |(value, (row, column))| Value::two(value, Value::pair(row as i64, column as i64));
    Value::set(cells.into_iter().map(cell).collect())
}

/// All members of some rows with their places.
pub(super) fn placed(rows: Rows) -> impl Iterator<Item = (Value, (usize, usize))> {
    rows.into_iter().enumerate().flat_map(|(row, values)| {
        let values = values.into_iter().enumerate();
        values.map(move |(column, value)| (value, (row, column)))
    })
}

pub(super) fn asindices(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    if container(grid)?.len() == 0 {
        return Ok(Value::empty_set());
    }
    let (height, width) = sides(grid)?;
    meter.claim(2 * height as i128 * width as i128)?;
    let pair = |place: usize| Value::pair((place / width) as i64, (place % width) as i64);
    Ok(Value::ascending_set(
        (0..height * width).map(pair).collect(),
    ))
}

pub(super) fn asobject([grid]: [&Value; 1]) -> Outcome<Value> {
    Ok(cells_at(placed(rows(grid)?).collect()))
}

pub(super) fn ofcolor([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let found = placed(rows(grid)?).filter(|(cell, _)| cell == value);
    let pair = |(_, (row, column))| Value::pair(row as i64, column as i64);
    Ok(Value::ascending_set(found.map(pair).collect()))
}

pub(super) fn toobject([patch, grid]: [&Value; 2]) -> Outcome<Value> {
    let cell = |(row, column)| Ok((cell_at(grid, row, column)?, (row, column)));
    let places = places_inside(grid, patch)?.into_iter();
    Ok(cells_at(places.map(cell).collect::<Outcome<_>>()?))
}

fn by_color(grid: &Value, background: Option<&Value>) -> Outcome<Value> {
    let mut parts: FxHashMap<Value, Vec<_>> = FxHashMap::default();
    for (value, place) in placed(tuple_rows(grid)?) {
        if Some(&value) != background {
            parts.entry(value.clone()).or_default().push((value, place));
        }
    }
    Ok(Value::set(parts.into_values().map(cells_at).collect()))
}

pub(super) fn partition([grid]: [&Value; 1]) -> Outcome<Value> {
    by_color(grid, None)
}

pub(super) fn fgpartition([grid]: [&Value; 1]) -> Outcome<Value> {
    by_color(grid, Some(&most_color(tuple_rows(grid)?)?))
}

pub(super) fn frontiers([grid]: [&Value; 1]) -> Outcome<Value> {
    let (height, width) = sides(grid)?;
    let rows = rows(grid)?;
    let cell = |(row, column)| Ok((cell_at(grid, row, column)?, (row, column)));
    let mut lines = Vec::new();
    for (row, _) in rows.iter().enumerate().filter(|(_, row)| is_uniform(row)) {
        let line: Outcome<_> = (0..width).map(|column| cell((row, column))).collect();
        lines.push(cells_at(line?));
    }
    let columns = columns(&rows);
    for (column, _) in columns
        .iter()
        .enumerate()
        .filter(|(_, one)| is_uniform(one))
    {
        let line: Outcome<_> = (0..height).map(|row| cell((row, column))).collect();
        lines.push(cells_at(line?));
    }
    Ok(Value::set(lines))
}
