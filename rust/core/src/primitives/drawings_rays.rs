//! Rays and places next to a grid's groups.

use super::connected_components::{check_grid, edges, groups, Rectangle, EMPTY};
use super::drawings::{location, split, Canvas};
use super::parts::ascending_locations;
use super::rays::direction_of;
use super::shapes_fields::Step;
use crate::arguments;
use crate::failure::Outcome;
use crate::value::{Grid, Value};

/// Lists the places next to a box on one side, or at one corner.
fn side(around: Rectangle, (down, right): Step) -> Vec<(isize, isize)> {
    let lines = |first: usize, last: usize, way: isize| {
        let (first, last) = (first as isize, last as isize);
        match way {
            -1 => first - 1..first,
            0 => first..last + 1,
            _ => last + 1..last + 2,
        }
    };
    let columns = lines(around.left, around.right, right);
    lines(around.top, around.bottom, down)
        .flat_map(|row| columns.clone().map(move |column| (row, column)))
        .collect()
}

pub(super) fn beside_boxes([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let step = direction_of(direction)?;
    let grid = check_grid(grid)?;
    let canvas = Canvas::of(grid);
    let mut marks = vec![false; grid.cells().len()];
    for group in groups(grid) {
        for (row, column) in side(edges(grid, &group), step) {
            if let Some(place) = canvas.place(row, column) {
                marks[place] = true;
            }
        }
    }
    let places = marks.iter().enumerate().filter(|(_, &is_marked)| is_marked);
    Ok(ascending_locations(places.map(|(place, _)| {
        let (row, column) = location(grid, place);
        (row as i32, column as i32)
    })))
}

pub(super) fn beam([grid, value, direction]: [&Value; 3]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let (down, right) = direction_of(direction)?;
    let grid = check_grid(grid)?;
    let (marks, _) = split(grid, value);
    let marks = check_grid(&marks)?;
    let mut canvas = Canvas::of(grid);
    for group in groups(marks) {
        for (mut row, mut column) in side(edges(grid, &group), (down, right)) {
            while let Some(place) = canvas.place(row, column) {
                if grid.cells()[place] != EMPTY {
                    break;
                }
                canvas.set(place, value);
                row += down;
                column += right;
            }
        }
    }
    Ok(canvas.finish())
}

pub(super) fn smear_striped([grid, value, direction]: [&Value; 3]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let (down, right) = direction_of(direction)?;
    let grid = check_grid(grid)?;
    let mut canvas = Canvas::of(grid);
    for (start, &color) in grid.cells().iter().enumerate() {
        if color == EMPTY {
            continue;
        }
        let (mut row, mut column) = location(grid, start);
        for turn in 0.. {
            row += down;
            column += right;
            match canvas.place(row, column) {
                Some(place) if grid.cells()[place] == EMPTY => {
                    canvas.set(place, if turn % 2 == 0 { value } else { color });
                }
                _ => break,
            }
        }
    }
    Ok(canvas.finish())
}

/// The direction, to the left or the right, in which a group goes down as a line.
fn slope(grid: &Grid, group: &[usize]) -> Option<isize> {
    let (row, column) = location(grid, *group.first()?);
    let (_, next) = location(grid, *group.get(1)?);
    let right = (next - column).signum();
    let is_line = right != 0
        && (0_isize..)
            .zip(group)
            .all(|(steps, &place)| location(grid, place) == (row + steps, column + steps * right));
    is_line.then_some(right)
}

pub(super) fn ricochet([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = check_grid(grid)?;
    let mut canvas = Canvas::of(grid);
    for group in groups(grid) {
        if let (Some(right), [first, .., last]) = (slope(grid, &group), &group[..]) {
            bounce(grid, &mut canvas, *last, (1, right), value);
            bounce(grid, &mut canvas, *first, (-1, -right), value);
        }
    }
    Ok(canvas.finish())
}

/// Draws the ray from a place.
fn bounce(grid: &Grid, canvas: &mut Canvas, start: usize, step: Step, value: i8) {
    let (mut row, mut column) = location(grid, start);
    let (mut down, mut right) = step;
    // More steps than that go in circles.
    for _ in 0..4 * grid.cells().len() {
        let blocked = |row, column| {
            let place = canvas.place(row, column);
            place.is_some_and(|place| grid.cells()[place] != EMPTY)
        };
        if blocked(row + down, column + right) {
            let turned = (
                if blocked(row + down, column) {
                    -down
                } else {
                    down
                },
                if blocked(row, column + right) {
                    -right
                } else {
                    right
                },
            );
            if turned == (down, right) || blocked(row + turned.0, column + turned.1) {
                return;
            }
            (down, right) = turned;
        }
        row += down;
        column += right;
        let Some(place) = canvas.place(row, column) else {
            return;
        };
        canvas.set(place, value);
    }
}
