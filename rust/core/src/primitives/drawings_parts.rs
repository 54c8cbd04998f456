//! Gaps, holes, compartments, and members picked by their size.

use super::connected_components::{check_cells, check_grid, edges, groups, only, EMPTY};
use super::counts::Counts;
use super::cuts::lattice;
use super::drawings::Canvas;
use super::parts::ascending_locations;
use super::picks::main_color_of;
use super::shapes_fields::{Field, DIRECT_STEPS};
use crate::arguments::{self};
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

pub(super) fn gaps([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let field = Field::of(grid);
    let mut open: Vec<bool> = grid.cells().iter().map(|&color| color == EMPTY).collect();
    let as_locations = |mut part: Vec<usize>| {
        part.sort_unstable();
        ascending_locations(part.into_iter().map(|place| {
            let (row, column) = field.location(place);
            (row as i32, column as i32)
        }))
    };
    // Parts are listed by their first place, and so ascend.
    let found = field.parts(&mut open, DIRECT_STEPS);
    Ok(Value::ascending_set(
        found.into_iter().map(as_locations).collect(),
    ))
}

pub(super) fn rectangular([patch]: [&Value; 1]) -> Outcome<Value> {
    let patch = arguments::patch(patch)?;
    let edges = patch.extent()?;
    let area = i64::from(edges.rows()) * i64::from(edges.columns());
    Ok(Value::Bool(patch.locations().len() as i64 == area))
}

fn by_size(container: &Value, best: fn(&[usize]) -> Option<usize>) -> Outcome<Value> {
    if !container.is_set() {
        return Err(Failure::argument("expected a set"));
    }
    let members: Vec<Value> = arguments::container(container)?.collect();
    let mut sizes = Vec::with_capacity(members.len());
    for member in &members {
        sizes.push(arguments::container(member)?.len());
    }
    let wanted = best(&sizes);
    let pairs = members.into_iter().zip(sizes);
    let kept = pairs.filter(|(_, size)| Some(*size) == wanted);
    Ok(Value::ascending_set(
        kept.map(|(member, _)| member).collect(),
    ))
}

pub(super) fn largest_members([container]: [&Value; 1]) -> Outcome<Value> {
    by_size(container, |sizes| sizes.iter().copied().max())
}

pub(super) fn smallest_members([container]: [&Value; 1]) -> Outcome<Value> {
    by_size(container, |sizes| sizes.iter().copied().min())
}

/// Returns whether a group shuts empty places off from the outside of its box.
fn encloses(grid: &Grid, group: &[usize]) -> bool {
    let around = edges(grid, group);
    let field = Field {
        height: around.height() + 2,
        width: around.width() + 2,
    };
    let mut open = vec![true; field.size()];
    for &place in group {
        let (row, column) = Field::of(grid).location(place);
        open[(row - around.top + 1) * field.width + column - around.left + 1] = false;
    }
    field.keep_shut_in(&mut open, DIRECT_STEPS);
    open.contains(&true)
}

pub(super) fn keep_holed([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let found = groups(grid);
    let kept = found.iter().filter(|group| encloses(grid, group));
    Ok(only(grid, kept))
}

pub(super) fn overlay_centered(meter: &mut Meter<'_>, [grids]: [&Value; 1]) -> Outcome<Value> {
    const NO_GRIDS: Failure = Failure::argument("expected a tuple of grids");
    if !grids.is_tuple() {
        return Err(NO_GRIDS);
    }
    let members: Vec<Value> = arguments::container(grids)?.collect();
    let mut layers = Vec::with_capacity(members.len());
    for member in &members {
        layers.push(check_grid(member)?);
    }
    let height = layers
        .iter()
        .map(|grid| grid.height())
        .max()
        .ok_or(NO_GRIDS)?;
    let width = layers
        .iter()
        .map(|grid| grid.width())
        .max()
        .ok_or(NO_GRIDS)?;
    meter.claim(height as i128 * width as i128)?;
    let mut cells = vec![EMPTY; height * width];
    for grid in layers {
        let (top, left) = ((height - grid.height()) / 2, (width - grid.width()) / 2);
        for row in 0..grid.height() {
            for (column, &color) in grid.row(row).iter().enumerate() {
                if color != EMPTY {
                    cells[(top + row) * width + left + column] = color;
                }
            }
        }
    }
    Ok(Value::grid(height, width, cells))
}

pub(super) fn compartment_at([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let (down, right) = arguments::location(direction)?;
    let (boxes, across) = lattice(check_cells(grid)?)?;
    let at = |way: i32, count: usize| match way {
        ..0 => 0,
        0 => count / 2,
        _ => count - 1,
    };
    let one = boxes[at(down, boxes.len() / across) * across + at(right, across)];
    Ok(ascending_locations((one.top..=one.bottom).flat_map(
        move |row| (one.left..=one.right).map(move |column| (row as i32, column as i32)),
    )))
}

pub(super) fn fill_fullest([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let (boxes, _) = lattice(grid)?;
    let mut found = Vec::with_capacity(boxes.len());
    for one in &boxes {
        let rows = one.top..=one.bottom;
        let colors: Vec<i8> = rows
            .flat_map(|row| grid.row(row)[one.left..=one.right].iter().copied())
            .collect();
        let count = colors.iter().filter(|&&color| color != EMPTY).count();
        let color = main_color_of(&Counts::of_colors(&colors)).unwrap_or(EMPTY);
        found.push((count, color));
    }
    let most = found.iter().map(|&(count, _)| count).max();
    let mut canvas = Canvas::of(grid);
    for (one, (count, color)) in boxes.iter().zip(found) {
        canvas.fill(*one, if Some(count) == most { color } else { EMPTY });
    }
    Ok(canvas.finish())
}
