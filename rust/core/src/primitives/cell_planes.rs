//! Colours and numbers of cells by which a rule may decide.
//!
//! A cell of colour 0 is empty, all others are coloured. Every result has the shape of its grid;
//! numbers beyond those that a cell may have become the nearest that it may have.

use rustc_hash::FxHashMap;

use super::connected_components::{check_cells, parts};
use super::counts::most_common;
use super::ordering::check_function;
use super::rays::direction_of;
use super::shapes_fields::{like, Field, Step, ALL_STEPS, DIRECT_STEPS};
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    beside(grid, direction) = beside;
    sight(grid, k, direction) = sight;
    distance(grid, k, direction) = distance;
    line_numbers(grid, direction) = line_numbers;
    line_colors(grid, direction) = line_colors;
    line_counts(grid, direction) = line_counts;
    neighbor_counts(grid, k, value) = neighbor_counts;
    colored_counts(grid, k) = colored_counts;
    alike_counts(grid, k) = alike_counts;
    remainders(grid, k) = remainders;
    ranks(grid) = ranks;
    color_ranks(grid) = color_ranks;
    shape_counts(grid) = shape_counts;
    mark(grid, objects, function) metered = mark;
    box_lines(grid, objects, direction) = box_lines;
    box_depths(grid, objects) = box_depths;
}

/// The colour beyond the edge.
const OUTSIDE: i8 = -1;

fn clamped(number: i64) -> i8 {
    number.clamp(i8::MIN.into(), i8::MAX.into()) as i8
}

/// Makes a grid of the number of each row and column.
fn made(grid: &Grid, number: impl Fn(usize, usize) -> i64) -> Value {
    let field = Field::of(grid);
    let cells = (0..field.size()).map(|place| {
        let (i, j) = field.location(place);
        clamped(number(i, j))
    });
    like(grid, cells.collect())
}

fn beside([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let step = direction_of(direction)?;
    let field = Field::of(grid);
    Ok(made(grid, |i, j| {
        let color = field.step((i, j), step).map(|(i, j)| grid.at(i, j));
        color.unwrap_or(OUTSIDE).into()
    }))
}

/// Finds the colour of a stretch ahead of each cell, and its distance; 0 without one.
fn ahead(grid: &Value, k: &Value, direction: &Value, pick: fn(i8, usize) -> i64) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let number = arguments::number(k)?;
    let direction = direction_of(direction)?;
    if number < 1 {
        return Err(Failure::argument("expected a number from 1 on"));
    }
    let back = usize::try_from(number).unwrap_or(usize::MAX);
    let mut cells = vec![0; grid.cells().len()];
    let mut starts: Vec<(usize, i8)> = Vec::new();
    Field::of(grid).for_each_line((-direction.0, -direction.1), |line| {
        // The line is walked backwards: what was seen last is nearest.
        starts.clear();
        for (step, &place) in line.iter().enumerate() {
            let color = grid.cells()[place];
            if let Some(&(start, color)) = starts.len().checked_sub(back).map(|at| &starts[at]) {
                cells[place] = clamped(pick(color, step - start));
            }
            let next = line.get(step + 1).map_or(0, |&next| grid.cells()[next]);
            if color != 0 && color != next {
                starts.push((step, color));
            }
        }
    });
    Ok(like(grid, cells))
}

fn sight([grid, k, direction]: [&Value; 3]) -> Outcome<Value> {
    ahead(grid, k, direction, |color, _| color.into())
}

fn distance([grid, k, direction]: [&Value; 3]) -> Outcome<Value> {
    ahead(grid, k, direction, |_, steps| steps as i64)
}

/// Numbers the lines in a direction from 0, the one farthest to its left.
fn line_number(height: i64, width: i64, (down, right): Step) -> impl Fn(i64, i64) -> i64 {
    let (down, right) = (down as i64, right as i64);
    let rows = [0, (height - 1) * right];
    let columns = [0, -(width - 1) * down];
    let least = rows[0].min(rows[1]) + columns[0].min(columns[1]);
    move |i, j| i * right - j * down - least
}

/// Numbers the lines of a grid.
fn line_of(grid: &Grid, direction: &Value) -> Outcome<impl Fn(usize, usize) -> i64> {
    let step = direction_of(direction)?;
    let number = line_number(grid.height() as i64, grid.width() as i64, step);
    Ok(move |i: usize, j: usize| number(i as i64, j as i64))
}

fn line_numbers([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    Ok(made(grid, line_of(grid, direction)?))
}

/// Gives each cell what is measured on its line.
fn of_lines(grid: &Value, direction: &Value, measure: fn(&[i8]) -> i64) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let number = line_of(grid, direction)?;
    let mut lines = vec![Vec::new(); grid.height() + grid.width()];
    for i in 0..grid.height() {
        for j in 0..grid.width() {
            lines[number(i, j) as usize].push(grid.at(i, j));
        }
    }
    let measured: Vec<i64> = lines.iter().map(|line| measure(line)).collect();
    Ok(made(grid, |i, j| measured[number(i, j) as usize]))
}

fn line_colors([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    of_lines(grid, direction, |colors| {
        let colored = colors.iter().copied().filter(|&color| color != 0);
        most_common(colored).map_or(0, i64::from)
    })
}

fn line_counts([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    of_lines(grid, direction, |colors| {
        colors.iter().filter(|&&color| color != 0).count() as i64
    })
}

fn steps_of(k: &Value) -> Outcome<&'static [Step]> {
    match arguments::number(k)? {
        4 => Ok(DIRECT_STEPS),
        8 => Ok(ALL_STEPS),
        _ => Err(Failure::argument("expected 4 or 8")),
    }
}

/// Counts beside each cell those of which a test of the cell's colour and theirs tells.
fn count_beside(grid: &Grid, steps: &[Step], counts: impl Fn(i8, i8) -> bool) -> Value {
    let field = Field::of(grid);
    made(grid, |i, j| {
        let own = grid.at(i, j);
        let beside = steps.iter().filter_map(|&step| field.step((i, j), step));
        beside.filter(|&(i, j)| counts(own, grid.at(i, j))).count() as i64
    })
}

fn neighbor_counts([grid, k, value]: [&Value; 3]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let (steps, color) = (steps_of(k)?, arguments::color(value)?);
    Ok(count_beside(grid, steps, |_, other| other == color))
}

fn colored_counts([grid, k]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    Ok(count_beside(grid, steps_of(k)?, |_, other| other != 0))
}

fn alike_counts([grid, k]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    Ok(count_beside(grid, steps_of(k)?, |own, other| own == other))
}

fn remainders([grid, k]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let divisor = arguments::number(k)?;
    if divisor < 1 {
        return Err(Failure::argument("expected a number above 0"));
    }
    Ok(made(grid, |i, j| {
        i64::from(grid.at(i, j)).rem_euclid(divisor)
    }))
}

/// Gives cells the places of their numbers in a list, from 1; 0 for others.
fn ranked(grid: &Grid, order: &[i8]) -> Value {
    let mut rank = [0; 256];
    for (&number, place) in order.iter().zip(1..) {
        rank[usize::from(number as u8)] = place;
    }
    made(grid, |i, j| rank[usize::from(grid.at(i, j) as u8)])
}

fn ranks([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let mut numbers = grid.cells().to_vec();
    numbers.retain(|&number| number != 0);
    numbers.sort_unstable_by_key(|&number| std::cmp::Reverse(number));
    numbers.dedup();
    Ok(ranked(grid, &numbers))
}

fn color_ranks([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let mut counts = [0; 256];
    for &color in grid.cells() {
        counts[usize::from(color as u8)] += 1;
    }
    let count = |color: i8| counts[usize::from(color as u8)];
    let mut colors: Vec<i8> = (i8::MIN..=i8::MAX).collect();
    colors.retain(|&color| color != 0 && count(color) > 0);
    colors.sort_by_key(|&color| std::cmp::Reverse(count(color)));
    Ok(ranked(grid, &colors))
}

fn shape_counts([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let field = Field::of(grid);
    let found = parts(grid);
    let shape = |part: &Vec<usize>| {
        let places = part.iter().map(|&place| field.location(place));
        let top = places.clone().map(|(i, _)| i).min().unwrap_or(0);
        let left = places.clone().map(|(_, j)| j).min().unwrap_or(0);
        places.map(|(i, j)| (i - top, j - left)).collect::<Vec<_>>()
    };
    let shapes: Vec<_> = found.iter().map(shape).collect();
    let mut counts = FxHashMap::default();
    for shape in &shapes {
        *counts.entry(shape).or_insert(0) += 1;
    }
    let mut cells = vec![0; field.size()];
    for (part, shape) in found.iter().zip(&shapes) {
        part.iter()
            .for_each(|&place| cells[place] = clamped(counts[shape]));
    }
    Ok(like(grid, cells))
}

/// Gives the cells of each object a number; that of the last object with the cell counts.
fn by_place<F: Fn(i64, i64) -> i64>(
    grid: &Grid,
    objects: &Value,
    mut number: impl FnMut(&Value) -> Outcome<F>,
) -> Outcome<Value> {
    let field = Field::of(grid);
    let mut cells = vec![0; field.size()];
    for member in arguments::container(objects)? {
        let object = arguments::object(&member)?;
        let of_place = number(&member)?;
        for cell in object.iter() {
            if let Some(place) = grid.place(cell.location) {
                let (row, column) = cell.location;
                cells[place] = clamped(of_place(row.into(), column.into()));
            }
        }
    }
    Ok(like(grid, cells))
}

fn mark(meter: &mut Meter<'_>, [grid, objects, function]: [&Value; 3]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    check_function(function, 1)?;
    by_place(grid, objects, |object| {
        let measured = arguments::number(&meter.invoke(function, &[object])?)?;
        Ok(move |_, _| measured)
    })
}

/// Finds the edges of an object: top, left, bottom, right; none without cells.
fn box_of(object: &Value) -> Outcome<Option<[i64; 4]>> {
    let edges = arguments::patch(object)?.edges();
    Ok(edges.map(|edges| [edges.top, edges.left, edges.bottom, edges.right].map(i64::from)))
}

fn box_lines([grid, objects, direction]: [&Value; 3]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let step = direction_of(direction)?;
    by_place(grid, objects, |object| {
        let [top, left, bottom, right] = box_of(object)?.unwrap_or_default();
        let number = line_number(bottom - top + 1, right - left + 1, step);
        Ok(move |i, j| 1 + number(i - top, j - left))
    })
}

fn box_depths([grid, objects]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    by_place(grid, objects, |object| {
        let [top, left, bottom, right] = box_of(object)?.unwrap_or_default();
        Ok(move |i: i64, j: i64| {
            let rows = (i - top).min(bottom - i);
            1 + rows.min(j - left).min(right - j)
        })
    })
}
