//! Patterns completed: lines, paths, copies and marks.
//!
//! A cell of colour 0 is empty, all others are coloured.

use rustc_hash::{FxHashMap, FxHashSet};

use super::cuts_regions::{check_cells, coordinates, edges, groups, normalized, parts};
use super::patterns_fields::{
    flood_fields, hole_counts, hole_sizes, learn_colors, like, most_common, part_sizes,
    share_fields,
};
use super::rays::direction_of;
use super::shapes_fields::{Field, Step, ALL_STEPS};
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Location, Value};

primitives! {
    part_sizes(grid) = part_sizes;
    hole_sizes(grid) = hole_sizes;
    hole_counts(grid) metered = hole_counts;
    flood_fields(grid) = flood_fields;
    share_fields(grid) = share_fields;
    keep_every(grid, k, direction) = keep_every;
    perforate(grid) = perforate;
    carry(grid, direction) = carry;
    carry_parts(grid, direction) = carry_parts;
    extend_ends(grid) = extend_ends;
    cross_lines(grid, value) = cross_lines;
    elbow(a, b) metered = elbow;
    unfold(grid, direction) metered = unfold;
    stamp_lone(grid, picture) metered = stamp_lone;
    overlay_around(grid, value) = overlay_around;
    mark_nearest(grid, value) metered = mark_nearest;
    copy_looks(grid) = copy_looks;
    learn_colors(samples, function, grid) metered = learn_colors;
}

fn keep_every([grid, k, direction]: [&Value; 3]) -> Outcome<Value> {
    let (down, right) = direction_of(direction)?;
    let grid = arguments::grid(grid)?;
    let k = arguments::number(k)?;
    if k < 1 {
        return Err(Failure::argument("expected a number of at least 1"));
    }
    let is_kept = |place: usize, count: usize, step: isize| match step {
        0 => true,
        1 => place as i64 % k == 0,
        _ => (count - 1 - place) as i64 % k == 0,
    };
    let mut cells = grid.cells().to_vec();
    for row in 0..grid.height() {
        for column in 0..grid.width() {
            if !is_kept(row, grid.height(), down) || !is_kept(column, grid.width(), right) {
                cells[row * grid.width() + column] = 0;
            }
        }
    }
    Ok(like(grid, cells))
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

fn elbow(meter: &mut Meter<'_>, [a, b]: [&Value; 2]) -> Outcome<Value> {
    let [a, b] = [
        arguments::patch(a)?.extent()?,
        arguments::patch(b)?.extent()?,
    ];
    let ends = [(a.top, a.left), (b.top, b.left)];
    let [(top, left), (row, column)] = ends;
    meter.claim(2 * (i128::from((top - row).abs()) + i128::from((left - column).abs()) + 1))?;
    let down = (top.min(row)..=top.max(row)).map(|i| (i, left));
    let along = (left.min(column)..=left.max(column)).map(|j| (row, j));
    let path: Vec<Location> = down
        .chain(along)
        .filter(|place| !ends.contains(place))
        // Between coordinates of 16 bits lie others.
        .map(|(i, j)| (i as i16, j as i16))
        .collect();
    Ok(Value::indices(path))
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

fn stamp_lone(meter: &mut Meter<'_>, [grid, picture]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let picture = arguments::grid(picture)?;
    let lone = groups(grid);
    let lone: Vec<usize> = lone
        .iter()
        .filter_map(|group| (group.len() == 1).then_some(group[0]))
        .collect();
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
            if let (Some((row, column)), true) =
                (field.step(field.location(place), step), color != 0)
            {
                cells[row * field.width + column] = color;
            }
        }
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
