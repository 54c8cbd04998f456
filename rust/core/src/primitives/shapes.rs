//! Interiors, hulls, borders and outlines of shapes.
//!
//! A cell of colour 0 is empty, all others are coloured.

use super::connected_components;
use super::counts::most_common;
use super::parts::{ascending_locations, collect_parts, with_cells, GridCell};
use super::shapes_fields::{like, Field, Step, ALL_STEPS, DIAGONAL_STEPS, DIRECT_STEPS};
use super::shapes_patches::{block, core, halo, hull, rim, skin, solid};
use super::table::primitives;
use crate::arguments;
use crate::failure::Outcome;
use crate::value::{Grid, Value};

primitives! {
    enclosed(grid) = enclosed;
    holes(grid) = holes;
    fill_enclosed(grid, value) = fill_enclosed;
    flood_enclosed(grid) = flood_enclosed;
    flood(grid, value) = flood;
    solid(patch) metered = solid;
    block(patch) metered = block;
    hull(patch) metered = hull;
    halo(patch) = halo;
    rim(patch) = rim;
    core(patch) = core;
    skin(patch) = skin;
    grow(grid) = grow;
    grow_around(grid) = grow_around;
    grow_diagonally(grid) = grow_diagonally;
    surround(grid, value) = surround;
    paint_core(grid, value) = paint_core;
    paint_skin(grid, value) = paint_skin;
    keep_lone(grid) = keep_lone;
    drop_lone(grid) = drop_lone;
    keep_blocks(grid) = keep_blocks;
    fill_boxes(grid, value) = fill_boxes;
    frame_objects(grid, value) = frame_objects;
    largest_rectangle(grid, value) = largest_rectangle;
    paint_edge(grid, value) = paint_edge;
}

/// Makes every cell anew from its place and its colour.
fn map_places(grid: &Grid, change: impl Fn(usize, i8) -> i8) -> Value {
    let cells = grid.cells().iter().enumerate();
    like(
        grid,
        cells.map(|(place, &color)| change(place, color)).collect(),
    )
}

/// Makes every cell anew from its colour and those of its neighbours inside the grid.
fn map_cells(grid: &Grid, steps: &[Step], change: impl Fn(i8, &[i8]) -> i8) -> Value {
    let field = Field::of(grid);
    let cells = grid.cells();
    let strides = field.strides(steps);
    let mut changed = Vec::with_capacity(cells.len());
    let mut around = [0; ALL_STEPS.len()];
    for row in 0..field.height {
        for column in 0..field.width {
            let place = row * field.width + column;
            let mut count = 0;
            if field.is_inner((row, column)) {
                for (around, &stride) in around.iter_mut().zip(&strides) {
                    *around = cells[place.wrapping_add_signed(stride)];
                }
                count = strides.len();
            } else {
                for &step in steps {
                    if let Some((row, column)) = field.step((row, column), step) {
                        around[count] = grid.at(row, column);
                        count += 1;
                    }
                }
            }
            changed.push(change(cells[place], &around[..count]));
        }
    }
    like(grid, changed)
}

/// Makes the set of the marked places of a grid.
fn marked(grid: &Grid, marks: &[bool]) -> Value {
    let field = Field::of(grid);
    let places = marks.iter().enumerate().filter(|(_, &is_marked)| is_marked);
    ascending_locations(places.map(move |(place, _)| {
        let (row, column) = field.location(place);
        (row as i32, column as i32)
    }))
}

/// Marks the open cells from which no steps over open cells lead to the edge.
fn shut_in(grid: &Grid, is_open: impl Fn(i8) -> bool, steps: &[Step]) -> Vec<bool> {
    let mut open: Vec<bool> = grid.cells().iter().map(|&color| is_open(color)).collect();
    Field::of(grid).keep_shut_in(&mut open, steps);
    open
}

fn enclosed([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(marked(
        grid,
        &shut_in(grid, |color| color == 0, DIRECT_STEPS),
    ))
}

/// Returns the connected parts of the enclosed cells.
fn hole_parts(grid: &Grid) -> Vec<Vec<usize>> {
    let mut open = shut_in(grid, |color| color == 0, DIRECT_STEPS);
    Field::of(grid).parts(&mut open, DIRECT_STEPS)
}

fn collect_holes<C: GridCell>(grid: &Grid) -> Value {
    let field = Field::of(grid);
    let as_cells = |mut part: Vec<usize>| {
        part.sort_unstable();
        let cell = |place| {
            let (row, column) = field.location(place);
            C::new(0, row, column)
        };
        part.into_iter().map(cell).collect::<Vec<C>>()
    };
    collect_parts(hole_parts(grid).into_iter().map(as_cells).collect())
}

fn holes([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(with_cells!(grid, collect_holes(grid)))
}

fn fill_enclosed([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let open = shut_in(grid, |color| color == 0, DIRECT_STEPS);
    Ok(map_places(
        grid,
        |place, color| {
            if open[place] {
                value
            } else {
                color
            }
        },
    ))
}

fn flood_enclosed([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    let mut cells = grid.cells().to_vec();
    for part in hole_parts(grid) {
        let mut around: Vec<i8> = Vec::new();
        for &place in &part {
            let beside = field.beside(place, DIRECT_STEPS);
            around.extend(beside.map(|beside| grid.cells()[beside]));
        }
        around.retain(|&color| color != 0);
        let color = most_common(around.into_iter()).unwrap_or(0);
        part.into_iter().for_each(|place| cells[place] = color);
    }
    Ok(like(grid, cells))
}

fn flood([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let places_of = |wanted: i8| grid.cells().iter().map(move |&color| color == wanted);
    let mut open: Vec<bool> = places_of(0).collect();
    let mut starts: Vec<usize> = places_of(value)
        .enumerate()
        .filter_map(|(place, is_start)| is_start.then_some(place))
        .collect();
    Field::of(grid).take_connected(&mut open, &mut starts, DIRECT_STEPS);
    let mut cells = grid.cells().to_vec();
    starts.into_iter().for_each(|place| cells[place] = value);
    Ok(like(grid, cells))
}

/// Gives empty cells the most common colour of some of their neighbours.
fn grown(grid: &Value, steps: &[Step]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(map_cells(grid, steps, |color, around| {
        if color != 0 {
            return color;
        }
        most_common(around.iter().copied().filter(|&other| other != 0)).unwrap_or(0)
    }))
}

fn grow([grid]: [&Value; 1]) -> Outcome<Value> {
    grown(grid, DIRECT_STEPS)
}

fn grow_around([grid]: [&Value; 1]) -> Outcome<Value> {
    grown(grid, ALL_STEPS)
}

fn grow_diagonally([grid]: [&Value; 1]) -> Outcome<Value> {
    grown(grid, DIAGONAL_STEPS)
}

fn surround([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    Ok(map_cells(grid, ALL_STEPS, |color, around| {
        if color == 0 && around.iter().any(|&other| other != 0) {
            value
        } else {
            color
        }
    }))
}

fn is_inner(color: i8, around: &[i8]) -> bool {
    around.len() == ALL_STEPS.len() && around.iter().all(|&other| other == color)
}

/// Gives the coloured cells inside areas of their colour another one, or the rest of them.
fn paint_areas(grid: &Value, value: &Value, inner: bool) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    Ok(map_cells(grid, ALL_STEPS, |color, around| {
        if color != 0 && is_inner(color, around) == inner {
            value
        } else {
            color
        }
    }))
}

fn paint_core([grid, value]: [&Value; 2]) -> Outcome<Value> {
    paint_areas(grid, value, true)
}

fn paint_skin([grid, value]: [&Value; 2]) -> Outcome<Value> {
    paint_areas(grid, value, false)
}

fn keep_lone([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(map_cells(grid, ALL_STEPS, |color, around| {
        if around.contains(&color) {
            0
        } else {
            color
        }
    }))
}

fn drop_lone([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    Ok(map_cells(grid, ALL_STEPS, |color, around| {
        if around.contains(&color) {
            color
        } else {
            0
        }
    }))
}

fn keep_blocks([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let (width, cells) = (grid.width(), grid.cells());
    let mut kept = vec![0; cells.len()];
    for row in 1..grid.height() {
        for column in 1..width {
            let last = row * width + column;
            let block = [last, last - 1, last - width, last - width - 1];
            if block.iter().all(|&place| cells[place] == cells[last]) {
                block.iter().for_each(|&place| kept[place] = cells[last]);
            }
        }
    }
    Ok(like(grid, kept))
}

/// The first and the last row, the first and the last column of some places.
fn edges_of(field: Field, part: &[usize]) -> (usize, usize, usize, usize) {
    let (mut top, mut bottom, mut left, mut right) = (usize::MAX, 0, usize::MAX, 0);
    for &place in part {
        let (row, column) = field.location(place);
        (top, bottom) = (top.min(row), bottom.max(row));
        (left, right) = (left.min(column), right.max(column));
    }
    (top, bottom, left, right)
}

fn fill_boxes([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    // How many boxes begin or end at a place, and so how many cover it: boxes may overlap a lot.
    let stride = field.width + 1;
    let mut covers = vec![0_i32; stride * (field.height + 1)];
    for part in connected_components::bodies(grid) {
        let (top, bottom, left, right) = edges_of(field, &part);
        covers[top * stride + left] += 1;
        covers[top * stride + right + 1] -= 1;
        covers[(bottom + 1) * stride + left] -= 1;
        covers[(bottom + 1) * stride + right + 1] += 1;
    }
    for row in 0..field.height {
        let mut sum = 0;
        for place in row * stride..(row + 1) * stride {
            sum += covers[place];
            let above = if row > 0 { covers[place - stride] } else { 0 };
            covers[place] = above + sum;
        }
    }
    Ok(map_places(grid, |place, color| {
        let (row, column) = field.location(place);
        if color == 0 && covers[row * stride + column] > 0 {
            value
        } else {
            color
        }
    }))
}

fn frame_objects([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    let mut cells = grid.cells().to_vec();
    for part in connected_components::bodies(grid) {
        // All numbers are one too high, so that what is left of the grid or above it has some.
        let (top, bottom, left, right) = edges_of(field, &part);
        let (bottom, right) = (bottom + 2, right + 2);
        let sides = (top..=bottom).flat_map(|row| [(row, left), (row, right)]);
        let ends = (left..=right).flat_map(|column| [(top, column), (bottom, column)]);
        for (row, column) in sides.chain(ends) {
            if (1..=field.height).contains(&row) && (1..=field.width).contains(&column) {
                let place = (row - 1) * field.width + column - 1;
                if grid.cells()[place] == 0 {
                    cells[place] = value;
                }
            }
        }
    }
    Ok(like(grid, cells))
}

fn largest_rectangle([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    // Area, first row, first column and height; the least of these tuples counts.
    let mut best = (0_i64, 0_i64, 0_i64, 0_i64);
    let mut ends = vec![0_i64; grid.width() + 1];
    // Heights that rise, each with the column where a rectangle of that height begins.
    let mut rising: Vec<(i64, usize)> = Vec::new();
    for bottom in 0..grid.height() {
        for (end, &color) in ends.iter_mut().zip(grid.row(bottom)) {
            *end = if color == value { *end + 1 } else { 0 };
        }
        for (column, &rows) in ends.iter().enumerate() {
            let mut left = column;
            while let Some(&(high, start)) = rising.last().filter(|(high, _)| *high >= rows) {
                rising.pop();
                left = start;
                let area = high * (column - left) as i64;
                best = best.min((-area, bottom as i64 - high + 1, left as i64, -high));
            }
            if rows > 0 {
                rising.push((rows, left));
            }
        }
    }
    let (area, top, left, high) = best;
    let width = if high == 0 { 0 } else { area / high };
    let locations = (top..top - high)
        .flat_map(move |row| (left..left + width).map(move |column| (row as i32, column as i32)));
    Ok(ascending_locations(locations))
}

fn paint_edge([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    Ok(map_places(grid, |place, color| {
        if !field.is_inner(field.location(place)) {
            value
        } else {
            color
        }
    }))
}
