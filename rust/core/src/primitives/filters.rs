//! A grid's objects kept, dropped or coloured; the grid keeps its shape.
//!
//! A cell of colour 0 is empty, all others are coloured.

use super::connected_components::{
    at_edge, check_grid, coordinates, groups, normalized, object, only, parts, Region, EMPTY,
};
use super::counts::Counts;
use super::ordering::{best, check_function, exceeds, is_true, rank};
use super::parts::with_cells;
use super::picks::{frequencies, main_color_of, rare_color_of};
use super::table::primitives;
use crate::arguments;
use crate::failure::Outcome;
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    keep_largest(grid) = keep_largest;
    drop_smallest(grid) = drop_smallest;
    keep_largest_group(grid) = keep_largest_group;
    drop_at_edge(grid) = drop_at_edge;
    keep_common_shape(grid) = keep_common_shape;
    keep_main_color(grid) = keep_main_color;
    keep_rare_color(grid) = keep_rare_color;
    drop_rare_color(grid) = drop_rare_color;
    keep_parts(grid, condition) metered = keep_parts;
    keep_greatest(grid, key) metered = keep_greatest;
    color_groups(grid, key) metered = color_groups;
    rank_by_size(grid) metered = rank_by_size;
}

/// Keeps the regions that pass a test of their place in the list and their cells.
fn keep(grid: &Grid, found: &[Region], test: impl Fn(usize, &Region) -> bool) -> Outcome<Value> {
    let passing = found.iter().enumerate();
    let passing = passing.filter(|(place, region)| test(*place, region));
    Ok(only(grid, passing.map(|(_, region)| region)))
}

fn sizes(found: &[Region]) -> impl Iterator<Item = usize> + '_ {
    found.iter().map(Vec::len)
}

fn keep_longest(grid: &Grid, found: &[Region]) -> Outcome<Value> {
    let most = sizes(found).max();
    keep(grid, found, |_, region| Some(region.len()) == most)
}

fn keep_largest([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    keep_longest(grid, &parts(grid))
}

fn drop_smallest([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let found = parts(grid);
    let fewest = sizes(&found).min();
    keep(grid, &found, |_, region| Some(region.len()) > fewest)
}

fn keep_largest_group([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    keep_longest(grid, &groups(grid))
}

fn drop_at_edge([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    keep(grid, &groups(grid), |_, group| !at_edge(grid, group))
}

/// For each region how many have its shape, itself included.
fn shape_counts(grid: &Grid, found: &[Region]) -> Vec<usize> {
    let shape = |region: &Region| normalized(coordinates(grid, region));
    frequencies(&found.iter().map(shape).collect::<Vec<_>>())
}

fn keep_common_shape([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let found = groups(grid);
    let counts = shape_counts(grid, &found);
    let most = counts.iter().max();
    keep(grid, &found, |place, _| Some(&counts[place]) == most)
}

fn with_colors(grid: &Grid, wanted: impl Fn(i8) -> bool) -> Value {
    let cells = grid.cells().iter();
    let cells = cells.map(|&color| if wanted(color) { color } else { EMPTY });
    Value::grid(grid.height(), grid.width(), cells.collect())
}

fn keep_main_color([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let kept = main_color_of(&Counts::of_grid(grid))?;
    Ok(with_colors(grid, |color| color == kept))
}

fn keep_rare_color([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let kept = rare_color_of(&Counts::of_grid(grid))?;
    Ok(with_colors(grid, |color| color == kept))
}

fn drop_rare_color([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let dropped = rare_color_of(&Counts::of_grid(grid))?;
    Ok(with_colors(grid, |color| color != dropped))
}

/// Calls a function with the object of each region.
fn call_each(
    meter: &mut Meter<'_>,
    key: &Value,
    grid: &Grid,
    found: &[Region],
) -> Outcome<Vec<Value>> {
    check_function(key, 1)?;
    let mut results = Vec::with_capacity(found.len());
    for region in found {
        results.push(meter.invoke(key, &[&with_cells!(grid, object(grid, region))])?);
    }
    Ok(results)
}

fn keep_true(
    meter: &mut Meter<'_>,
    grid: &Grid,
    found: &[Region],
    condition: &Value,
) -> Outcome<Value> {
    let truths = call_each(meter, condition, grid, found)?;
    keep(grid, found, |place, _| is_true(&truths[place]))
}

fn keep_parts(meter: &mut Meter<'_>, [grid, condition]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    keep_true(meter, grid, &parts(grid), condition)
}

fn keep_greatest(meter: &mut Meter<'_>, [grid, key]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let found = groups(grid);
    let keys = call_each(meter, key, grid, &found)?;
    let greatest = best(&keys, exceeds)?;
    keep(grid, &found, |place, _| keys[place] == keys[greatest])
}

/// Gives each region a colour.
fn colored(grid: &Grid, found: &[Region], colors: &[Value]) -> Outcome<Value> {
    let mut cells = grid.cells().to_vec();
    for (region, color) in found.iter().zip(colors) {
        let color = arguments::color(color)?;
        region.iter().for_each(|&place| cells[place] = color);
    }
    Ok(Value::grid(grid.height(), grid.width(), cells))
}

fn color_groups(meter: &mut Meter<'_>, [grid, key]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let found = groups(grid);
    let colors = call_each(meter, key, grid, &found)?;
    colored(grid, &found, &colors)
}

/// Gives each region the rank of its key: 1 for the greatest, equal ones share theirs.
fn ranked(meter: &Meter<'_>, grid: &Grid, found: &[Region], keys: &[Value]) -> Outcome<Value> {
    let positions = rank(meter, keys, true)?;
    let mut ranks = vec![Value::None; keys.len()];
    let mut above = 0;
    let mut before: Option<&Value> = None;
    for position in positions {
        above += i64::from(before != Some(&keys[position]));
        before = Some(&keys[position]);
        ranks[position] = Value::Int(above);
    }
    colored(grid, found, &ranks)
}

fn rank_by_size(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let found = groups(grid);
    let keys: Vec<Value> = sizes(&found).map(|size| Value::Int(size as i64)).collect();
    ranked(meter, grid, &found, &keys)
}
