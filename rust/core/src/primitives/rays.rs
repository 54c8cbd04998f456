//! Smears, falls and connections along lines.
//!
//! A cell of colour 0 is empty, all others are coloured. Every result has the shape of its grid.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::connected_components;
use super::shapes_fields::{like, Field, Step, DIAGONAL_STEPS, DIRECT_STEPS};
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::value::{Grid, Value};

primitives! {
    smear(grid, direction) = smear;
    stretch(grid, direction) = stretch;
    join_with(grid, value, direction) = join_with;
    join_lines(grid) = join_lines;
    join_diagonals(grid) = join_diagonals;
    shoot_cross(grid) = shoot_cross;
    shoot_diagonals(grid) = shoot_diagonals;
    bounce(grid, direction) = bounce;
    reach(grid, value) = reach;
    attract(grid, value) = attract;
    fall(grid, direction) = fall;
    fall_objects(grid, direction) = fall_objects;
    slide(grid, patch, direction) = slide;
    cast(grid, obj, direction) = cast;
}

/// Requires a pair of numbers in -1..1, not both 0.
pub(super) fn direction_of(value: &Value) -> Outcome<Step> {
    match arguments::location(value)? {
        (down @ -1..=1, right @ -1..=1) if (down, right) != (0, 0) => {
            Ok((down as isize, right as isize))
        }
        _ => Err(Failure::argument("expected a direction")),
    }
}

/// Rewrites the colours of every line in a direction.
fn along(grid: &Grid, direction: Step, mut rewrite: impl FnMut(&mut [i8])) -> Vec<i8> {
    let mut cells = grid.cells().to_vec();
    let mut colors = Vec::with_capacity(grid.height().max(grid.width()));
    Field::of(grid).for_each_line(direction, |line| {
        colors.clear();
        colors.extend(line.iter().map(|&place| cells[place]));
        rewrite(&mut colors);
        for (&place, &color) in line.iter().zip(&colors) {
            cells[place] = color;
        }
    });
    cells
}

/// Puts the coloured cells of two layers on the empty cells of a grid, the second one on top.
fn laid_over(grid: &Grid, below: &[i8], above: &[i8]) -> Value {
    let layers = below.iter().zip(above);
    let cells = grid.cells().iter().zip(layers);
    let pick = |(&color, (&below, &above)): (&i8, (&i8, &i8))| {
        [color, above, below]
            .into_iter()
            .find(|&color| color != 0)
            .unwrap_or(0)
    };
    like(grid, cells.map(pick).collect())
}

fn smear([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let cells = along(grid, direction_of(direction)?, |line| {
        let mut carried = 0;
        for color in line {
            if *color == 0 {
                *color = carried;
            }
            carried = *color;
        }
    });
    Ok(like(grid, cells))
}

fn stretch([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let mut places = Vec::new();
    let cells = along(grid, direction_of(direction)?, |line| {
        places.clear();
        places.extend((0..line.len()).filter(|&place| line[place] != 0));
        let mut nearest = 0;
        for place in 0..line.len() {
            while places
                .get(nearest + 1)
                .is_some_and(|&next| next.abs_diff(place) < places[nearest].abs_diff(place))
            {
                nearest += 1;
            }
            if let Some(&source) = places.get(nearest) {
                line[place] = line[source];
            }
        }
    });
    Ok(like(grid, cells))
}

/// Rewrites the gaps between neighbours of every line with the colour for these two, if any.
fn bridge(grid: &Grid, direction: Step, color_for: impl Fn(i8, i8) -> Option<i8>) -> Vec<i8> {
    along(grid, direction, |line| {
        let mut last: Option<usize> = None;
        for place in 0..line.len() {
            if line[place] == 0 {
                continue;
            }
            if let Some(last) = last {
                if let Some(color) = color_for(line[last], line[place]) {
                    line[last + 1..place].fill(color);
                }
            }
            last = Some(place);
        }
    })
}

/// Says how equal cells are joined in their own colour.
fn own_color(a: i8, b: i8) -> Option<i8> {
    (a == b).then_some(a)
}

fn join_with([grid, value, direction]: [&Value; 3]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let direction = direction_of(direction)?;
    let value = arguments::color(value)?;
    let cells = bridge(grid, direction, |a, b| (a == b).then_some(value));
    Ok(like(grid, cells))
}

fn join_lines([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let rows = bridge(grid, (0, 1), own_color);
    Ok(laid_over(grid, &rows, &bridge(grid, (1, 0), own_color)))
}

fn join_diagonals([grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let falling = bridge(grid, (1, 1), own_color);
    Ok(laid_over(grid, &falling, &bridge(grid, (1, -1), own_color)))
}

fn reach([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let other = |a: i8, b: i8| match (a == value, b == value) {
        (true, false) => Some(b),
        (false, true) => Some(a),
        _ => None,
    };
    let rows = bridge(grid, (0, 1), other);
    Ok(laid_over(grid, &rows, &bridge(grid, (1, 0), other)))
}

/// Draws rays from every coloured cell in some directions.
fn shot(grid: &Value, directions: &[Step]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let cells = grid.cells();
    let mut nearest = vec![(usize::MAX, 0); cells.len()];
    for &direction in directions {
        Field::of(grid).for_each_line(direction, |line| {
            let mut start = None;
            for (at, &place) in line.iter().enumerate() {
                if cells[place] != 0 {
                    start = Some((at, cells[place]));
                } else if let Some((from, color)) = start {
                    nearest[place] = nearest[place].min((at - from, color));
                }
            }
        });
    }
    let drawn = cells.iter().zip(nearest);
    let pick = |(&color, (_, ray)): (&i8, (usize, i8))| if color == 0 { ray } else { color };
    Ok(like(grid, drawn.map(pick).collect()))
}

fn shoot_cross([grid]: [&Value; 1]) -> Outcome<Value> {
    shot(grid, DIRECT_STEPS)
}

fn shoot_diagonals([grid]: [&Value; 1]) -> Outcome<Value> {
    shot(grid, DIAGONAL_STEPS)
}

fn bounce([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let (down, right) = direction_of(direction)?;
    let shown = arguments::grid(grid)?;
    if down == 0 || right == 0 {
        return smear([grid, direction]);
    }
    let (height, width) = (shown.height(), shown.width());
    let mut cells = shown.cells().to_vec();
    // The rays that come into a row, by their column: those to the left and those to the right.
    let mut rays = vec![[0_i8; 2]; width];
    for turn in 0..height {
        let row = if down > 0 { turn } else { height - 1 - turn };
        let mut next = vec![[0_i8; 2]; width];
        for (column, arriving) in rays.iter().enumerate() {
            let cell = &mut cells[row * width + column];
            let mut leaving = *arriving;
            if *cell != 0 {
                leaving = [0, 0];
                leaving[usize::from(right > 0)] = *cell;
            } else {
                let drawn = arriving.iter().copied().filter(|&color| color != 0);
                *cell = drawn.min().unwrap_or(0);
            }
            for (side, color) in leaving.into_iter().enumerate() {
                let beside = |side: usize| {
                    let column = (column + 2 * side).checked_sub(1)?;
                    (column < width).then_some((column, side))
                };
                let goal = beside(side).or_else(|| beside(1 - side));
                if let (Some((column, side)), true) = (goal, color != 0) {
                    next[column][side] = color;
                }
            }
        }
        rays = next;
    }
    Ok(like(shown, cells))
}

fn attract([grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    let cells = grid.cells();
    // How far off the nearest goal of each cell is, and where it ends.
    let mut goals = vec![(usize::MAX, 0); cells.len()];
    for &direction in DIRECT_STEPS.iter().chain(DIAGONAL_STEPS) {
        Field::of(grid).for_each_line(direction, |line| {
            let mut last: Option<usize> = None;
            for (at, &place) in line.iter().enumerate() {
                if cells[place] == 0 {
                    continue;
                }
                if cells[place] != value {
                    last = Some(at);
                } else if let Some(from) = last.take() {
                    let goal = &mut goals[line[from]];
                    if at - from < goal.0 {
                        *goal = (at - from, line[at - 1]);
                    }
                }
            }
        });
    }
    let mut moved = cells.to_vec();
    let mut movers = Vec::new();
    for (place, &(distance, goal)) in goals.iter().enumerate() {
        if distance < usize::MAX {
            moved[place] = 0;
            movers.push((cells[place], goal));
        }
    }
    movers.sort_unstable_by_key(|&mover| Reverse(mover));
    for (color, goal) in movers {
        moved[goal] = color;
    }
    Ok(like(grid, moved))
}

fn fall([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let cells = along(grid, direction_of(direction)?, |line| {
        let mut floor = line.len();
        for place in (0..line.len()).rev() {
            let color = std::mem::take(&mut line[place]);
            if color != 0 {
                floor -= 1;
                line[floor] = color;
            }
        }
    });
    Ok(like(grid, cells))
}

/// No body, or one of which nothing is known.
const NONE: usize = usize::MAX;

/// Returns how far each body falls when all do at the same time.
fn falls(field: Field, bodies: &[Vec<usize>], direction: Step) -> Vec<usize> {
    let mut owner = vec![NONE; field.size()];
    for (body, places) in bodies.iter().enumerate() {
        places.iter().for_each(|&place| owner[place] = body);
    }
    let mut resting: Vec<Vec<(usize, usize)>> = vec![Vec::new(); bodies.len()];
    let mut falls = vec![NONE; bodies.len()];
    field.for_each_line(direction, |line| {
        let (mut below, mut gap) = (NONE, 0);
        for &place in line.iter().rev() {
            let body = owner[place];
            if body == NONE {
                gap += 1;
                continue;
            }
            if below == NONE {
                falls[body] = falls[body].min(gap);
            } else if below != body {
                resting[below].push((body, gap));
            }
            (below, gap) = (body, 0);
        }
    });
    // A body falls as far as what is below it and the gap between: these are shortest paths.
    let start = |(body, &fall): (usize, &usize)| (fall < NONE).then_some(Reverse((fall, body)));
    let mut queue: BinaryHeap<_> = falls.iter().enumerate().filter_map(start).collect();
    while let Some(Reverse((fallen, below))) = queue.pop() {
        if fallen > falls[below] {
            continue;
        }
        for &(body, gap) in &resting[below] {
            if fallen + gap < falls[body] {
                falls[body] = fallen + gap;
                queue.push(Reverse((fallen + gap, body)));
            }
        }
    }
    falls
}

/// The place that is some steps away from one; it is inside.
fn moved(field: Field, place: usize, steps: usize, (down, right): Step) -> usize {
    let offset = down * field.width as isize + right;
    place.wrapping_add_signed(offset * steps as isize)
}

fn fall_objects([grid, direction]: [&Value; 2]) -> Outcome<Value> {
    let direction = direction_of(direction)?;
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    let bodies = connected_components::bodies(grid);
    let mut cells = vec![0; field.size()];
    for (places, steps) in bodies.iter().zip(falls(field, &bodies, direction)) {
        for &place in places {
            cells[moved(field, place, steps, direction)] = grid.cells()[place];
        }
    }
    Ok(like(grid, cells))
}

fn slide([grid, patch, direction]: [&Value; 3]) -> Outcome<Value> {
    let direction = direction_of(direction)?;
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    let mut is_moving = vec![false; field.size()];
    let mut moving = Vec::new();
    for &location in arguments::patch(patch)?.locations().iter() {
        if let Some(place) = grid.place(location) {
            if grid.cells()[place] != 0 {
                is_moving[place] = true;
                moving.push(place);
            }
        }
    }
    let mut steps = NONE;
    field.for_each_line(direction, |line| {
        let mut gap = Some(0);
        for &place in line.iter().rev() {
            if is_moving[place] {
                // What is behind a moving cell is not in the way: both move at the same time.
                steps = steps.min(gap.take().unwrap_or(NONE));
            } else if grid.cells()[place] != 0 {
                gap = Some(0);
            } else {
                gap = gap.map(|gap| gap + 1);
            }
        }
    });
    let mut cells = grid.cells().to_vec();
    moving.iter().for_each(|&place| cells[place] = 0);
    for place in moving {
        cells[moved(field, place, steps, direction)] = grid.cells()[place];
    }
    Ok(like(grid, cells))
}

fn cast([grid, obj, direction]: [&Value; 3]) -> Outcome<Value> {
    let direction = direction_of(direction)?;
    let grid = arguments::grid(grid)?;
    let mut cells = grid.cells().to_vec();
    let mut is_start = vec![false; cells.len()];
    for cell in arguments::object(obj)?.iter() {
        if let Some(place) = grid.place(cell.location) {
            cells[place] = cell.color;
            is_start[place] = true;
        }
    }
    Field::of(grid).for_each_line(direction, |line| {
        let mut carried = 0;
        for &place in line {
            if is_start[place] {
                carried = cells[place];
            } else if cells[place] != 0 {
                carried = 0;
            } else {
                cells[place] = carried;
            }
        }
    });
    Ok(like(grid, cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads bodies from a picture: one letter each.
    fn fallen(picture: &[&str], direction: Step) -> Vec<usize> {
        let field = Field {
            height: picture.len(),
            width: picture[0].len(),
        };
        let letters: Vec<u8> = picture.concat().into_bytes();
        let places = |letter| (0..letters.len()).filter(move |&place| letters[place] == letter);
        let bodies: Vec<Vec<usize>> = (b'a'..=b'z')
            .map(|letter| places.clone()(letter).collect())
            .filter(|body: &Vec<usize>| !body.is_empty())
            .collect();
        falls(field, &bodies, direction)
    }

    #[test]
    fn bodies_fall_on_each_other() {
        assert_eq!(fallen(&["a.c", "b..", "..."], (1, 0)), [1, 1, 2]);
        assert_eq!(fallen(&["aab.", ".c.."], (0, 1)), [1, 1, 2]);
        assert_eq!(fallen(&["aa..", ".b..", "..c."], (1, 1)), [0, 0, 0]);
    }

    #[test]
    fn bodies_that_hook_into_each_other_fall_together() {
        assert_eq!(fallen(&["aaa", "aba", "bbb", "...", "..."], (1, 0)), [2, 2]);
        // What has room below it falls further than what it falls on.
        assert_eq!(
            fallen(&["aaaa", "a..a", ".b.a", ".bb.", "...."], (1, 0)),
            [2, 1]
        );
    }
}
