//! Patterns completed: lines, paths, copies and marks.
//!
//! A cell of colour 0 is empty, all others are coloured.

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::connected_components::{
    check_cells, coordinates, edges, groups, normalized, only, parts,
};
use super::counts::most_common;
use super::patterns_moves::{copies_by_marks, gather, pull};
use super::rays::direction_of;
use super::shapes_fields::{like, Field, Step, ALL_STEPS, DIRECT_STEPS};
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    perforate(grid) = perforate;
    carry(grid, direction) = carry;
    carry_parts(grid, direction) = carry_parts;
    extend_ends(grid) = extend_ends;
    cross_lines(grid, value) = cross_lines;
    unfold(grid, direction) metered = unfold;
    stamp_lone(grid, picture) metered = stamp_lone;
    replace_lone(grid) metered = replace_lone;
    dock_lone(grid) metered = dock_lone;
    gather(grid, value) metered = gather;
    pull(grid, value) metered = pull;
    dissolve(grid, value) = dissolve;
    overlay_around(grid, value) = overlay_around;
    mark_nearest(grid, value) metered = mark_nearest;
    copies_by_marks(grid) metered = copies_by_marks;
    copy_looks(grid) = copy_looks;
}

fn perforate([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let mut cells = grid.cells().to_vec();
    for part in parts(grid) {
        let edges = edges(grid, &part);
        for place in part {
            let (row, column) = (place / grid.width(), place % grid.width());
            if (row - edges.top) % 2 == 1 && (column - edges.left) % 2 == 1 {
                cells[place] = 0;
            }
        }
    }
    Ok(like(grid, cells))
}

/// Gives the coloured cells of each line the colour of its first one.
fn carried(grid: &Grid, direction: Step) -> Vec<i8> {
    let mut cells = grid.cells().to_vec();
    Field::of(grid).for_each_line(direction, |line| {
        let mut colored = line.iter().filter(|&&place| grid.cells()[place] != 0);
        if let Some(&first) = colored.next() {
            colored.for_each(|&place| cells[place] = grid.cells()[first]);
        }
    });
    cells
}

fn carry([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let direction = direction_of(direction)?;
    let grid = arguments::grid(grid)?;
    Ok(like(grid, carried(grid, direction)))
}

fn carry_parts([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let direction = direction_of(direction)?;
    let grid = arguments::grid(grid)?;
    let carried = carried(grid, direction);
    let mut cells = grid.cells().to_vec();
    for part in parts(grid) {
        let colors = part.iter().map(|&place| carried[place]);
        let own = grid.cells()[part[0]];
        if let Some(color) = most_common(colors.filter(|&color| color != own)) {
            part.iter().for_each(|&place| cells[place] = color);
        }
    }
    Ok(like(grid, cells))
}

fn extend_ends([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    let color_at = |(row, column): (usize, usize)| grid.at(row, column);
    let mut cells = grid.cells().to_vec();
    for (place, &color) in grid.cells().iter().enumerate() {
        let start = field.location(place);
        let mut beside = ALL_STEPS.iter().filter(|&&step| {
            field
                .step(start, step)
                .is_some_and(|beside| color_at(beside) != 0)
        });
        if color == 0 {
            continue;
        }
        let (Some(&(down, right)), None) = (beside.next(), beside.next()) else {
            continue;
        };
        let away = (-down, -right);
        let mut next = field.step(start, away);
        while let Some(location) = next.filter(|&location| color_at(location) == 0) {
            let cell = &mut cells[location.0 * field.width + location.1];
            // A ray that is drawn over has a colour already, which may be below 0.
            *cell = if *cell == 0 { color } else { color.max(*cell) };
            next = field.step(location, away);
        }
    }
    Ok(like(grid, cells))
}

fn cross_lines([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let mut rows = vec![false; grid.height()];
    let mut columns = vec![false; grid.width()];
    for group in groups(grid) {
        let edges = edges(grid, &group);
        if edges.height() % 2 == 1 {
            rows[(edges.top + edges.bottom) / 2] = true;
        }
        if edges.width() % 2 == 1 {
            columns[(edges.left + edges.right) / 2] = true;
        }
    }
    let mut cells = grid.cells().to_vec();
    for (place, cell) in cells.iter_mut().enumerate() {
        if *cell == 0 && (rows[place / grid.width()] || columns[place % grid.width()]) {
            *cell = value;
        }
    }
    Ok(like(grid, cells))
}

fn unfold(meter: &mut Meter<'_>, [grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let (down, right) = direction_of(direction)?;
    let grid = check_cells(grid)?;
    meter.claim(grid.cells().len() as i128 * 4)?;
    let places = |count: usize, step: isize| -> Vec<usize> {
        match step {
            0 => (0..count).collect(),
            1 => (0..count).chain((0..count - 1).rev()).collect(),
            _ => (1..count).rev().chain(0..count).collect(),
        }
    };
    let (rows, columns) = (places(grid.height(), down), places(grid.width(), right));
    let row = |&row: &usize| columns.iter().map(move |&column| grid.at(row, column));
    let cells = rows.iter().flat_map(row).collect();
    Ok(Value::grid(rows.len(), columns.len(), cells))
}

/// The coloured cells without a coloured neighbour.
fn lone_cells(grid: &Grid) -> Vec<usize> {
    let groups = groups(grid);
    let lone = groups.iter().filter(|group| group.len() == 1);
    lone.map(|group| group[0]).collect()
}

fn stamp_lone(meter: &mut Meter<'_>, [grid, picture]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    stamped(meter, grid, arguments::grid(picture)?)
}

/// Replaces each lone cell by a picture's coloured cells.
fn stamped(meter: &Meter<'_>, grid: &Grid, picture: &Grid) -> Outcome<Value> {
    let lone = lone_cells(grid);
    meter.claim_steps(lone.len() as i128 * picture.cells().len() as i128)?;
    let field = Field::of(grid);
    let mut cells = grid.cells().to_vec();
    lone.iter().for_each(|&place| cells[place] = 0);
    let up = (picture.height() as isize - 1).div_euclid(2);
    let left = (picture.width() as isize - 1).div_euclid(2);
    for place in lone {
        for (at, &color) in picture.cells().iter().enumerate() {
            let (row, column) = (at / picture.width(), at % picture.width());
            let step = (row as isize - up, column as isize - left);
            let goal = field.step(field.location(place), step);
            if let (Some((row, column)), true) = (goal, color != 0) {
                cells[row * field.width + column] = color;
            }
        }
    }
    Ok(like(grid, cells))
}

fn replace_lone(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let found = groups(grid);
    let largest = found.iter().rev().max_by_key(|group| group.len());
    let largest = largest.ok_or(Failure::argument("expected a grid with coloured cells"))?;
    let picture = only(grid, [largest]);
    let picture = edges(grid, largest).cut(arguments::grid(&picture)?);
    stamped(meter, grid, arguments::grid(&picture)?)
}

fn dock_lone(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    let mut goals: FxHashMap<i8, Vec<usize>> = FxHashMap::default();
    for part in parts(grid) {
        let goal = goals.entry(grid.cells()[part[0]]).or_default();
        if part.len() > goal.len() {
            *goal = part;
        }
    }
    let mut is_harbor = vec![false; field.size()];
    for goal in goals.values().filter(|goal| goal.len() > 1) {
        goal.iter().for_each(|&place| is_harbor[place] = true);
    }
    let lone = lone_cells(grid);
    meter.claim_steps(lone.len() as i128 * (field.height as i128 + field.width as i128))?;
    // The number of steps to the harbour, and the place that the last but one leads to.
    let harbor = |start: usize, step: Step| {
        let (mut before, mut steps) = (start, 0);
        while let Some((row, column)) = field.step(field.location(before), step) {
            let place = row * field.width + column;
            if is_harbor[place] && grid.cells()[place] == grid.cells()[start] {
                return Some((steps, before));
            }
            (before, steps) = (place, steps + 1);
        }
        None
    };
    let mut cells = grid.cells().to_vec();
    lone.iter().for_each(|&place| cells[place] = 0);
    let mut docked: FxHashMap<usize, i8> = FxHashMap::default();
    for start in lone {
        let color = grid.cells()[start];
        let found = DIRECT_STEPS.iter().filter_map(|&step| harbor(start, step));
        if let Some((_, place)) = found.min_by_key(|&(steps, _)| steps) {
            let known = docked.entry(place).or_insert(color);
            *known = color.min(*known);
        }
    }
    docked
        .into_iter()
        .for_each(|(place, color)| cells[place] = color);
    Ok(like(grid, cells))
}

fn dissolve([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    let mut cells = grid.cells().to_vec();
    for (place, cell) in cells.iter_mut().enumerate() {
        if *cell != value {
            continue;
        }
        let beside: SmallVec<[i8; 4]> = field
            .beside(place, DIRECT_STEPS)
            .map(|beside| grid.cells()[beside])
            .filter(|&color| color != value)
            .collect();
        let count = |color: i8| beside.iter().filter(|&&other| other == color).count();
        let best = beside
            .iter()
            .copied()
            .min_by_key(|&color| (Reverse(count(color)), color == 0, color));
        *cell = best.unwrap_or(0);
    }
    Ok(like(grid, cells))
}

fn overlay_around([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    let mut laid = None;
    for (place, &color) in grid.cells().iter().enumerate() {
        if color != value {
            continue;
        }
        let laid: &mut Vec<i8> = laid.get_or_insert_with(|| vec![0; 9]);
        for (at, cell) in laid.iter_mut().enumerate() {
            let step = ((at / 3) as isize - 1, (at % 3) as isize - 1);
            if let Some((row, column)) = field.step(field.location(place), step) {
                if grid.at(row, column) != 0 {
                    *cell = grid.at(row, column);
                }
            }
        }
    }
    laid.map(|cells| Value::grid(3, 3, cells))
        .ok_or(Failure::argument("expected a colour that the grid has"))
}

fn mark_nearest(meter: &mut Meter<'_>, [grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let places = |test: &dyn Fn(i8) -> bool| -> Vec<usize> {
        let cells = grid.cells().iter().enumerate();
        cells
            .filter(|(_, &color)| color != 0 && test(color))
            .map(|(place, _)| place)
            .collect()
    };
    let goals = places(&|color| color == value);
    let starts = places(&|color| color != value);
    meter.claim_steps(goals.len() as i128 * starts.len() as i128)?;
    let field = Field::of(grid);
    let mut cells = grid.cells().to_vec();
    for start in starts {
        let (row, column) = field.location(start);
        let distance = |&&goal: &&usize| {
            let (i, j) = field.location(goal);
            i.abs_diff(row) + j.abs_diff(column)
        };
        if let Some(&goal) = goals.iter().min_by_key(distance) {
            cells[goal] = grid.cells()[start];
        }
    }
    Ok(like(grid, cells))
}

fn copy_looks([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let found = groups(grid);
    let silhouettes: Vec<_> = found
        .iter()
        .map(|group| normalized(coordinates(grid, group)))
        .collect();
    // Of each silhouette: the group with the most colours, and how many these are.
    let mut looks: FxHashMap<&[(i32, i32)], (usize, usize)> = FxHashMap::default();
    for (number, (group, silhouette)) in found.iter().zip(&silhouettes).enumerate() {
        let colors: FxHashSet<i8> = group.iter().map(|&place| grid.cells()[place]).collect();
        let known = looks.entry(silhouette).or_insert((number, colors.len()));
        if colors.len() > known.1 {
            *known = (number, colors.len());
        }
    }
    let mut cells = grid.cells().to_vec();
    for (group, silhouette) in found.iter().zip(&silhouettes) {
        let (look, _) = looks[silhouette.as_slice()];
        for (&place, &of) in group.iter().zip(&found[look]) {
            cells[place] = grid.cells()[of];
        }
    }
    Ok(like(grid, cells))
}
