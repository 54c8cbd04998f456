//! Pictures laid over each other, side by side, or in an order.

use std::cmp::Reverse;

use super::connected_components::check_cells;
use super::counts::Counts;
use super::table::primitives;
use super::tilings::draw;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    overlay(below, above) = overlay;
    both_colored(a, b) = both_colored;
    first_colored(a, b) = first_colored;
    overlay_all(grids) = overlay_all;
    overlay_ordered(grids, k) = overlay_ordered;
    common_all(grids) = common_all;
    lone_all(grids) = lone_all;
    vacant_all(grids) = vacant_all;
    sort_rows(grid) = sort_rows;
    colored_row(grid) = colored_row;
    color_ranking(grid) = color_ranking;
    histogram(grid) metered = histogram;
    fill_first(grid, value, k) = fill_first;
    changed_part(before, after) = changed_part;
}

/// The colour of cells that a primitive finds and that have none of their own.
const MARK: i8 = 1;
/// How many grids `overlay_ordered` takes.
const ORDERED_MAX: usize = 8;

/// Requires a tuple of grids, at least one.
fn check_grids(value: &Value) -> Outcome<Vec<Value>> {
    let grids: Vec<Value> = value
        .members()
        .filter(|_| value.is_tuple())
        .into_iter()
        .flatten()
        .collect();
    if grids.is_empty() || grids.iter().any(|grid| grid.as_grid().is_none()) {
        return Err(Failure::argument("expected a tuple of grids"));
    }
    Ok(grids)
}

/// Makes each cell from the cells at its place in grids of one shape.
fn merge(grids: &[&Grid], cell: fn(&[i8]) -> i8) -> Outcome<Value> {
    let shape = |grid: &Grid| (grid.height(), grid.width());
    let first = grids[0];
    if grids.iter().any(|grid| shape(grid) != shape(first)) {
        return Err(Failure::argument("expected grids of one shape"));
    }
    let mut stack = vec![0; grids.len()];
    let cells = (0..first.cells().len()).map(|place| {
        for (value, grid) in stack.iter_mut().zip(grids) {
            *value = grid.cells()[place];
        }
        cell(&stack)
    });
    let cells: Vec<i8> = cells.collect();
    Ok(Value::grid(first.height(), first.width(), cells))
}

fn merge_two([a, b]: [&Value; 2], cell: fn(&[i8]) -> i8) -> Outcome<Value> {
    merge(&[arguments::grid(a)?, arguments::grid(b)?], cell)
}

fn merge_all(grids: &Value, cell: fn(&[i8]) -> i8) -> Outcome<Value> {
    let grids = check_grids(grids)?;
    merge(
        &grids.iter().filter_map(Value::as_grid).collect::<Vec<_>>(),
        cell,
    )
}

fn last(cells: &[i8]) -> i8 {
    cells
        .iter()
        .rev()
        .copied()
        .find(|&cell| cell != 0)
        .unwrap_or(0)
}

fn common(cells: &[i8]) -> i8 {
    if cells.contains(&0) {
        0
    } else {
        cells[0]
    }
}

fn lone(cells: &[i8]) -> i8 {
    let mut colored = cells.iter().copied().filter(|&cell| cell != 0);
    match (colored.next(), colored.next()) {
        (Some(cell), None) => cell,
        _ => 0,
    }
}

fn vacant(cells: &[i8]) -> i8 {
    if cells.iter().all(|&cell| cell == 0) {
        MARK
    } else {
        0
    }
}

fn overlay(grids: [&Value; 2]) -> Outcome<Value> {
    merge_two(grids, last)
}

fn both_colored(grids: [&Value; 2]) -> Outcome<Value> {
    merge_two(grids, common)
}

fn first_colored(grids: [&Value; 2]) -> Outcome<Value> {
    merge_two(grids, |cells| if cells[1] == 0 { cells[0] } else { 0 })
}

fn overlay_all([grids]: [&Value; 1]) -> Outcome<Value> {
    merge_all(grids, last)
}

/// Counts the orders of some things.
fn factorial(number: usize) -> i64 {
    (1..=number as i64).product()
}

fn overlay_ordered([grids, k]: [&Value; 2]) -> Outcome<Value> {
    let grids = check_grids(grids)?;
    let mut place = arguments::number(k)?;
    if grids.len() > ORDERED_MAX {
        return Err(Failure::argument("expected fewer grids to order"));
    }
    if !(0..factorial(grids.len())).contains(&place) {
        return Err(Failure::argument("expected the number of an order"));
    }
    let mut left: Vec<&Grid> = grids.iter().filter_map(Value::as_grid).collect();
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let orders = factorial(left.len() - 1);
        ordered.push(left.remove((place / orders) as usize));
        place %= orders;
    }
    merge(&ordered, last)
}

fn common_all([grids]: [&Value; 1]) -> Outcome<Value> {
    merge_all(grids, common)
}

fn lone_all([grids]: [&Value; 1]) -> Outcome<Value> {
    merge_all(grids, lone)
}

fn vacant_all([grids]: [&Value; 1]) -> Outcome<Value> {
    merge_all(grids, vacant)
}

fn count_colored(cells: &[i8]) -> usize {
    cells.iter().filter(|&&cell| cell != 0).count()
}

fn sort_rows([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let mut rows: Vec<&[i8]> = (0..grid.height()).map(|row| grid.row(row)).collect();
    rows.sort_by_key(|row| count_colored(row));
    Ok(Value::grid(grid.height(), grid.width(), rows.concat()))
}

/// Requires a grid with coloured cells, and returns those in reading order.
fn colored_cells(value: &Value) -> Outcome<Vec<i8>> {
    let cells = arguments::grid(value)?.cells().iter().copied();
    let colored: Vec<i8> = cells.filter(|&cell| cell != 0).collect();
    if colored.is_empty() {
        return Err(Failure::argument("expected a grid with coloured cells"));
    }
    Ok(colored)
}

fn colored_row([grid]: [&Value; 1]) -> Outcome<Value> {
    let cells = colored_cells(grid)?;
    Ok(Value::grid(1, cells.len(), cells))
}

/// Returns the colours of a grid's coloured cells and their counts, the most common first.
fn ranked(grid: &Value) -> Outcome<Vec<(i8, u32)>> {
    let mut counts = Counts::of_colors(&colored_cells(grid)?).pairs().to_vec();
    counts.sort_by_key(|&(_, count)| Reverse(count));
    Ok(counts)
}

fn color_ranking([grid]: [&Value; 1]) -> Outcome<Value> {
    let colors: Vec<i8> = ranked(grid)?.into_iter().map(|(color, _)| color).collect();
    Ok(Value::grid(colors.len(), 1, colors))
}

fn histogram(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let ranked = ranked(grid)?;
    let height = ranked[0].1 as usize;
    meter.claim(ranked.len() as i128 * height as i128)?;
    Ok(draw(height, ranked.len(), |row, column| {
        let (color, count) = ranked[column];
        if row < count as usize {
            color
        } else {
            0
        }
    }))
}

fn fill_first([grid, value, k]: [&Value; 3]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let color = arguments::color(value)?;
    let mut left = arguments::number(k)?;
    let cells = grid.cells().iter().map(|&cell| {
        if cell == 0 && left > 0 {
            left -= 1;
            color
        } else {
            cell
        }
    });
    let cells: Vec<i8> = cells.collect();
    Ok(Value::grid(grid.height(), grid.width(), cells))
}

fn changed_part([before, after]: [&Value; 2]) -> Outcome<Value> {
    let (before, after) = (check_cells(before)?, check_cells(after)?);
    if (before.height(), before.width()) != (after.height(), after.width()) {
        return Err(Failure::argument("expected grids of one shape"));
    }
    let differing = || {
        let pairs = before.cells().iter().zip(after.cells()).enumerate();
        pairs
            .filter(|(_, (old, new))| old != new)
            .map(|(place, _)| (place / after.width(), place % after.width()))
    };
    let none = Failure::argument("expected two grids that differ");
    let top = differing().map(|(row, _)| row).min().ok_or(none)?;
    let bottom = differing().map(|(row, _)| row).max().ok_or(none)?;
    let left = differing().map(|(_, column)| column).min().ok_or(none)?;
    let right = differing().map(|(_, column)| column).max().ok_or(none)?;
    Ok(draw(bottom - top + 1, right - left + 1, |row, column| {
        after.at(top + row, left + column)
    }))
}
