//! A grid's groups redrawn: completed, mirrored, moved, lined up or marked.
//!
//! A cell of colour 0 is empty, all others are coloured. What would lie outside a grid is left out.

use super::connected_components::{
    check_cells, check_grid, edges, groups, only, parts, Rectangle, Region, EMPTY,
};
use super::drawings_copies::complete_copies;
use super::drawings_parts::{
    compartment_at, fill_fullest, gaps, keep_holed, largest_members, overlay_centered, rectangular,
    smallest_members,
};
use super::drawings_rays::{beam, beside_boxes, ricochet, smear_striped};
use super::rays::direction_of;
use super::shapes_fields::{Field, DIRECT_STEPS};
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    complete_copies(grid) metered = complete_copies;
    mirror_around(grid, patch) = mirror_around;
    reflect_at(grid, value) = reflect_at;
    fold_out(grid, value) = fold_out;
    replace_marks(grid, value) metered = replace_marks;
    align(grid, value, direction) = align;
    hop(grid, direction) = hop;
    paint_half(grid, value, direction) = paint_half;
    beside_boxes(grid, direction) = beside_boxes;
    beam(grid, value, direction) = beam;
    smear_striped(grid, value, direction) = smear_striped;
    ricochet(grid, value) = ricochet;
    gaps(grid) = gaps;
    rectangular(patch) = rectangular;
    largest_members(container) = largest_members;
    smallest_members(container) = smallest_members;
    keep_columns(grid, step) = keep_columns;
    keep_holed(grid) = keep_holed;
    tint_by(grid, colors) = tint_by;
    overlay_centered(grids) metered = overlay_centered;
    compartment_at(grid, direction) = compartment_at;
    fill_fullest(grid) = fill_fullest;
}

/// A picture that is drawn on.
pub(super) struct Canvas {
    field: Field,
    cells: Vec<i8>,
}

impl Canvas {
    /// An empty one of a grid's shape.
    pub(super) fn empty(grid: &Grid) -> Self {
        Self {
            field: Field::of(grid),
            cells: vec![EMPTY; grid.cells().len()],
        }
    }

    /// One that shows a grid.
    pub(super) fn of(grid: &Grid) -> Self {
        Self {
            field: Field::of(grid),
            cells: grid.cells().to_vec(),
        }
    }

    /// The place of a row and a column, if they are inside.
    pub(super) fn place(&self, row: isize, column: isize) -> Option<usize> {
        self.field
            .step((0, 0), (row, column))
            .map(|(row, column)| row * self.field.width + column)
    }

    /// Puts a colour at a row and a column unless they are outside.
    pub(super) fn put(&mut self, row: isize, column: isize, color: i8) {
        if let Some(place) = self.place(row, column) {
            self.cells[place] = color;
        }
    }

    /// Puts a colour at a place.
    pub(super) fn set(&mut self, place: usize, color: i8) {
        self.cells[place] = color;
    }

    /// Gives a rectangle inside one colour.
    pub(super) fn fill(&mut self, inside: Rectangle, color: i8) {
        for row in inside.top..=inside.bottom {
            let start = row * self.field.width;
            self.cells[start + inside.left..=start + inside.right].fill(color);
        }
    }

    /// Makes a grid of it.
    pub(super) fn finish(self) -> Value {
        Value::grid(self.field.height, self.field.width, self.cells)
    }
}

/// The row and the column of a place.
pub(super) fn location(grid: &Grid, place: usize) -> (isize, isize) {
    let (row, column) = Field::of(grid).location(place);
    (row as isize, column as isize)
}

/// Makes a grid of one colour's cells alone, and one of the others alone.
pub(super) fn split(grid: &Grid, value: i8) -> (Value, Value) {
    let part = |keep: bool| {
        let cells = grid.cells().iter();
        let cells = cells.map(|&color| {
            if (color == value) == keep {
                color
            } else {
                EMPTY
            }
        });
        Value::grid(grid.height(), grid.width(), cells.collect())
    };
    (part(true), part(false))
}

/// The places of all coloured cells.
fn colored(grid: &Grid) -> Region {
    let cells = grid.cells().iter().enumerate();
    cells
        .filter(|(_, &color)| color != EMPTY)
        .map(|(place, _)| place)
        .collect()
}

/// Draws a region again so many rows down and columns right.
fn draw_moved(canvas: &mut Canvas, grid: &Grid, region: &[usize], (down, right): (isize, isize)) {
    for &place in region {
        let (row, column) = location(grid, place);
        canvas.put(row + down, column + right, grid.cells()[place]);
    }
}

fn mirror_around([grid, patch]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_grid(grid)?;
    let around = arguments::patch(patch)?.extent()?;
    let rows = around.top as isize + around.bottom as isize;
    let columns = around.left as isize + around.right as isize;
    let mut canvas = Canvas::of(grid);
    for (place, &color) in grid.cells().iter().enumerate() {
        if color != EMPTY {
            continue;
        }
        let (row, column) = location(grid, place);
        let images = [
            (rows - row, column),
            (row, columns - column),
            (rows - row, columns - column),
        ];
        let image = images.iter().find_map(|&(row, column)| {
            let image = canvas.place(row, column)?;
            (grid.cells()[image] != EMPTY).then_some(grid.cells()[image])
        });
        canvas.set(place, image.unwrap_or(EMPTY));
    }
    Ok(canvas.finish())
}

/// Finds distance, number of the step and line of the first wall that a group sees.
fn nearest_wall(walls: &Grid, group: &[usize]) -> Option<(usize, usize, usize)> {
    let field = Field::of(walls);
    let mut nearest = None;
    for (turn, &step) in DIRECT_STEPS.iter().enumerate() {
        for &place in group {
            let mut distance = 1;
            let mut next = field.step(field.location(place), step);
            while let Some((row, column)) = next {
                if walls.at(row, column) != EMPTY {
                    let seen = (distance, turn, if step.0 == 0 { column } else { row });
                    nearest =
                        Some(nearest.map_or(seen, |other: (usize, usize, usize)| other.min(seen)));
                    break;
                }
                distance += 1;
                next = field.step((row, column), step);
            }
        }
    }
    nearest
}

fn reflect_at([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = check_grid(grid)?;
    let (walls, others) = split(grid, value);
    let (walls, others) = (check_grid(&walls)?, check_grid(&others)?);
    let mut canvas = Canvas::of(walls);
    for group in groups(others) {
        let wall = nearest_wall(walls, &group);
        for &place in &group {
            let (row, column) = location(grid, place);
            let (row, column) = match wall {
                None => (row, column),
                Some((_, turn, line)) if DIRECT_STEPS[turn].0 != 0 => {
                    (2 * line as isize - row, column)
                }
                Some((_, _, line)) => (row, 2 * line as isize - column),
            };
            canvas.put(row, column, grid.cells()[place]);
        }
    }
    Ok(canvas.finish())
}

fn fold_out([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = check_grid(grid)?;
    let (marks, others) = split(grid, value);
    let (marks, others) = (colored(check_grid(&marks)?), colored(check_grid(&others)?));
    if marks.is_empty() || others.is_empty() {
        return Err(Failure::argument(
            "expected a grid with this and another colour",
        ));
    }
    let (own, marked) = (edges(grid, &others), edges(grid, &marks));
    // Twice the line between a row or a column and its image.
    let (down, right) = if marked.top > own.bottom {
        (Some(2 * own.bottom as isize + 1), None)
    } else if marked.left > own.right {
        (None, Some(2 * own.right as isize + 1))
    } else if marked.bottom < own.top {
        (Some(2 * own.top as isize - 1), None)
    } else if marked.right < own.left {
        (None, Some(2 * own.left as isize - 1))
    } else {
        return Err(Failure::argument(
            "expected a colour on one side of the others",
        ));
    };
    let mut canvas = Canvas::empty(grid);
    draw_moved(&mut canvas, grid, &others, (0, 0));
    for &place in &others {
        let (row, column) = location(grid, place);
        let row = down.map_or(row, |line| line - row);
        let column = right.map_or(column, |line| line - column);
        canvas.put(row, column, grid.cells()[place]);
    }
    Ok(canvas.finish())
}

fn replace_marks(meter: &mut Meter<'_>, [grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = check_grid(grid)?;
    let (marks, others) = split(grid, value);
    let picture = colored(check_grid(&others)?);
    if picture.is_empty() {
        return Err(Failure::argument("expected a grid with other colours"));
    }
    let corner = edges(grid, &picture);
    let found = groups(check_grid(&marks)?);
    meter.claim_steps(found.len() as i128 * picture.len() as i128)?;
    let mut canvas = Canvas::empty(grid);
    for group in found {
        let goal = edges(grid, &group);
        let down = goal.top as isize - corner.top as isize;
        let right = goal.left as isize - corner.left as isize;
        draw_moved(&mut canvas, grid, &picture, (down, right));
    }
    Ok(canvas.finish())
}

fn align([grid, value, direction]: [&Value; 3]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let (down, right) = direction_of(direction)?;
    let grid = check_grid(grid)?;
    let (marks, others) = split(grid, value);
    let marks = check_grid(&marks)?;
    let places = colored(marks);
    if places.is_empty() {
        return Err(Failure::argument("expected a grid with this colour"));
    }
    let goal = edges(grid, &places);
    let way = |from: usize, to: usize| to as isize - from as isize;
    let mut canvas = Canvas::of(marks);
    for group in groups(check_grid(&others)?) {
        let own = edges(grid, &group);
        let rows = match down {
            0 => 0,
            -1 => way(own.top, goal.top),
            _ => way(own.bottom, goal.bottom),
        };
        let columns = match right {
            0 => 0,
            -1 => way(own.left, goal.left),
            _ => way(own.right, goal.right),
        };
        draw_moved(&mut canvas, grid, &group, (rows, columns));
    }
    Ok(canvas.finish())
}

fn hop([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let (down, right) = direction_of(direction)?;
    let grid = check_grid(grid)?;
    let mut canvas = Canvas::empty(grid);
    for group in groups(grid) {
        let own = edges(grid, &group);
        let way = (down * own.height() as isize, right * own.width() as isize);
        draw_moved(&mut canvas, grid, &group, way);
    }
    Ok(canvas.finish())
}

fn paint_half([grid, value, direction]: [&Value; 3]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let (down, right) = direction_of(direction)?;
    let grid = check_grid(grid)?;
    let mut canvas = Canvas::of(grid);
    for part in parts(grid) {
        let Rectangle {
            top,
            left,
            bottom,
            right: last,
        } = edges(grid, &part);
        for place in part {
            let (row, column) = location(grid, place);
            let rows = down * (2 * row - (top + bottom) as isize);
            let columns = right * (2 * column - (left + last) as isize);
            if (rows > 0 || down == 0) && (columns > 0 || right == 0) {
                canvas.set(place, value);
            }
        }
    }
    Ok(canvas.finish())
}

fn keep_columns([grid, step]: [&Value; 2]) -> Outcome<Value> {
    let step = arguments::number(step)?;
    if step < 1 {
        return Err(Failure::argument("expected a number of at least 1"));
    }
    let grid = check_grid(grid)?;
    let kept: Region = (0..grid.cells().len())
        .filter(|place| (place % grid.width()) as i64 % step == 0)
        .collect();
    Ok(only(grid, [&kept]))
}

fn tint_by([grid, colors]: [&Value; 2]) -> Outcome<Value> {
    let colors = check_cells(colors)?;
    let grid = check_grid(grid)?;
    let mut canvas = Canvas::of(grid);
    for place in colored(grid) {
        let (row, column) = Field::of(grid).location(place);
        let row = row * colors.height() / grid.height();
        let column = column * colors.width() / grid.width();
        canvas.set(place, colors.at(row, column));
    }
    Ok(canvas.finish())
}
