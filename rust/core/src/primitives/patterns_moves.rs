//! Cells and objects that move to a colour, and copies that marks show.
//!
//! A cell of colour 0 is empty, all others are coloured.

use rustc_hash::{FxHashMap, FxHashSet};

use super::connected_components::{bodies, edges, groups, Rectangle, Region};
use super::counts::most_common;
use super::shapes_fields::{like, Field, Step, DIRECT_STEPS};
use crate::arguments;
use crate::failure::Outcome;
use crate::meter::Meter;
use crate::value::{Grid, Value};

/// Requires time to walk from every cell to the edge.
fn claim_walks(meter: &Meter<'_>, grid: &Grid) -> Outcome<()> {
    let sides = grid.height() as i128 + grid.width() as i128;
    meter.claim_steps(grid.cells().len() as i128 * sides)
}

pub(super) fn gather(meter: &mut Meter<'_>, [grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let grid = arguments::grid(grid)?;
    claim_walks(meter, grid)?;
    let field = Field::of(grid);
    // The length of the way to a cell of the colour, and the last place before it.
    let way = |start: usize, step: Step| {
        let (mut place, mut length) = (start, 1);
        loop {
            let (row, column) = field.step(field.location(place), step)?;
            let next = row * field.width + column;
            match grid.cells()[next] {
                0 => (place, length) = (next, length + 1),
                color => return (color == value).then_some((length, place)),
            }
        }
    };
    let mut cells = grid.cells().to_vec();
    let mut moved: FxHashMap<usize, i8> = FxHashMap::default();
    for (start, &color) in grid.cells().iter().enumerate() {
        if color == 0 || color == value || value == 0 {
            continue;
        }
        let ways = DIRECT_STEPS.iter().filter_map(|&step| way(start, step));
        if let Some((_, place)) = ways.min_by_key(|&(length, _)| length) {
            cells[start] = 0;
            let known = moved.entry(place).or_insert(color);
            *known = color.min(*known);
        }
    }
    moved
        .into_iter()
        .for_each(|(place, color)| cells[place] = color);
    Ok(like(grid, cells))
}

/// The step from one box to another; none if it is not straight.
fn towards(from: Rectangle, to: Rectangle) -> Option<Step> {
    if from.top <= to.bottom && to.top <= from.bottom {
        return Some(if from.left < to.left { (0, 1) } else { (0, -1) });
    }
    if from.left <= to.right && to.left <= from.right {
        return Some(if from.top < to.top { (1, 0) } else { (-1, 0) });
    }
    None
}

pub(super) fn pull(meter: &mut Meter<'_>, [grid, value]: [&Value; 2]) -> Outcome<Value> {
    let value = arguments::color(value)?;
    let shown = arguments::grid(grid)?;
    let colors = shown.cells();
    let goal: Vec<usize> = (0..colors.len())
        .filter(|&place| value != 0 && colors[place] == value)
        .collect();
    if goal.is_empty() {
        return Ok(grid.clone());
    }
    claim_walks(meter, shown)?;
    let field = Field::of(shown);
    let to = edges(shown, &goal);
    let rest = colors
        .iter()
        .map(|&color| if color == value { 0 } else { color });
    let rest = like(shown, rest.collect());
    let rest = arguments::grid(&rest)?;
    let mut cells = vec![0; colors.len()];
    goal.iter().for_each(|&place| cells[place] = value);
    for region in bodies(rest) {
        let step = towards(edges(shown, &region), to);
        // Empty places before the first cell of the goal.
        let room = |&place: &usize| {
            let mut location = field.step(field.location(place), step?);
            let mut room = 0;
            while let Some((row, column)) = location {
                if shown.at(row, column) == value {
                    return Some(room);
                }
                room += 1;
                location = field.step((row, column), step?);
            }
            None
        };
        let far = region.iter().filter_map(room).min().unwrap_or(0);
        let (down, right) = step.unwrap_or((0, 0));
        for place in region {
            let moved = field.step(field.location(place), (down * far, right * far));
            if let Some((row, column)) = moved {
                cells[row * field.width + column] = colors[place];
            }
        }
    }
    Ok(like(shown, cells))
}

/// A location that may lie outside.
type Spot = (isize, isize);

/// The symmetries of the square, applied to a location.
const TURNS: [fn(Spot) -> Spot; 8] = [
    |(row, column)| (row, column),
    |(row, column)| (row, -column),
    |(row, column)| (-row, column),
    |(row, column)| (-row, -column),
    |(row, column)| (column, row),
    |(row, column)| (column, -row),
    |(row, column)| (-column, row),
    |(row, column)| (-column, -row),
];

/// Returns the most common colour of a group that is a model.
fn main_of(grid: &Grid, group: &Region) -> Option<i8> {
    let colors = || group.iter().map(|&place| grid.cells()[place]);
    let main = most_common(colors())?;
    let count = colors().filter(|&color| color == main).count();
    (1 < count && count < group.len()).then_some(main)
}

pub(super) fn copies_by_marks(meter: &mut Meter<'_>, [grid]: [&Value; 1]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let field = Field::of(grid);
    let found = groups(grid);
    let models: Vec<(&Region, i8)> = found
        .iter()
        .filter_map(|group| Some((group, main_of(grid, group)?)))
        .collect();
    let size: usize = models.iter().map(|(model, _)| model.len()).sum();
    meter.claim_steps((TURNS.len() * field.size()) as i128 * size as i128)?;
    let mut is_free = vec![true; field.size()];
    for &place in models.iter().flat_map(|(model, _)| *model) {
        is_free[place] = false;
    }
    let inside = |(row, column): Spot| field.step((0, 0), (row, column));
    let place_of = |(row, column): (usize, usize)| row * field.width + column;
    let mut cells = vec![0; field.size()];
    for (model, main) in models {
        // The marks come first: the first of them is tried on every cell.
        let (mut ordered, body): (Vec<usize>, Vec<usize>) = model
            .iter()
            .partition(|&&place| grid.cells()[place] != main);
        ordered.extend(body);
        let mut seen: FxHashSet<Vec<Spot>> = FxHashSet::default();
        for turn in TURNS {
            let turned: Vec<(Spot, i8)> = ordered
                .iter()
                .map(|&place| {
                    let (row, column) = field.location(place);
                    (turn((row as isize, column as isize)), grid.cells()[place])
                })
                .collect();
            let ((top, left), first) = turned[0];
            let starts =
                (0..field.size()).filter(|&place| is_free[place] && grid.cells()[place] == first);
            for start in starts {
                let (row, column) = field.location(start);
                let (down, right) = (row as isize - top, column as isize - left);
                let copy: Vec<(Spot, i8)> = turned
                    .iter()
                    .map(|&((row, column), color)| ((row + down, column + right), color))
                    .collect();
                let is_open = copy.iter().all(|&(spot, color)| match inside(spot) {
                    Some(location) if color == main => {
                        let below = grid.cells()[place_of(location)];
                        below == 0 || below == color
                    }
                    Some(location) => {
                        let place = place_of(location);
                        is_free[place] && grid.cells()[place] == color
                    }
                    None => color == main,
                });
                let marks = copy.iter().filter(|&&(_, color)| color != main);
                let mut marks: Vec<Spot> = marks.map(|&(spot, _)| spot).collect();
                marks.sort_unstable();
                if !is_open || !seen.insert(marks) {
                    continue;
                }
                for (spot, color) in copy {
                    if let Some(location) = inside(spot) {
                        cells[place_of(location)] = color;
                    }
                }
            }
        }
    }
    Ok(like(grid, cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_all_different() {
        let turned: FxHashSet<Spot> = TURNS.iter().map(|turn| turn((1, 2))).collect();
        assert_eq!(turned.len(), TURNS.len());
    }

    #[test]
    fn only_what_lies_straight_ahead_is_a_goal() {
        let at = |top, left| Rectangle {
            top,
            left,
            bottom: top + 1,
            right: left + 1,
        };
        assert_eq!(towards(at(0, 0), at(1, 5)), Some((0, 1)));
        assert_eq!(towards(at(5, 1), at(0, 0)), Some((-1, 0)));
        assert_eq!(towards(at(0, 0), at(2, 2)), None);
    }
}
