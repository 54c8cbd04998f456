//! Learns rules that repeat until nothing changes.
//!
//! All demos lie in one field of bits, a plane for each colour, so that a condition is tested for
//! all cells at once. A case that makes one wrong cell at any time is refuted. Cases that make none
//! are put together, those first that make the most cells right, until all are right.

use rustc_hash::FxHashMap;

use super::{Examples, Learner, Rule};
use crate::primitives::growth::{write, Change, Condition, Side, OUTSIDE, ROUNDS_MAX, SIDES};
use crate::value::{Grid, Value};

/// How many cases a rule has, at most.
const CASES_MAX: usize = 3;
/// How many cases are grown in each step, and with how many of them the next step goes on.
const GROWN_MAX: usize = 400;
const BEAM: usize = 3;
/// How many cases with the same first cells are grown.
const ALIKE_MAX: usize = 3;
/// How many rules are kept.
const KEPT: usize = 3;

type Bits = Vec<u64>;

/// The learner of rules that repeat until nothing changes.
pub(super) struct Growth;

impl Learner for Growth {
    fn name(&self) -> &'static str {
        "growth"
    }

    fn primitive(&self) -> &'static str {
        "by_growth"
    }

    fn argument(&self, mut values: Vec<Value>) -> Value {
        values.pop().unwrap_or(Value::None)
    }

    fn learn(&self, examples: &Examples<'_>) -> Vec<Rule> {
        examples.learn_from_picture(learn)
    }
}

/// Learns rules from inputs and outputs, each with its bits; those with the fewest come first.
fn learn(demos: &[(Value, Value)]) -> Vec<(Value, u32)> {
    let grids: Option<Vec<(&Grid, &Grid)>> = demos
        .iter()
        .map(|(given, wanted)| given.as_grid().zip(wanted.as_grid()))
        .collect();
    let Some(grids) = grids.filter(|grids| !grids.is_empty()) else {
        return Vec::new();
    };
    let shape = |grid: &Grid| (grid.height(), grid.width());
    let fits = |&(given, wanted): &(&Grid, &Grid)| {
        shape(given) == shape(wanted) && !given.cells().contains(&OUTSIDE)
    };
    if !grids.iter().all(fits) || grids.iter().all(|(given, wanted)| given == wanted) {
        return Vec::new();
    }
    let field = Field::new(&grids);
    if field.kinds() > CASES_MAX {
        return Vec::new();
    }
    let start = Grown {
        changes: Vec::new(),
        bits: 0,
        planes: field.given.clone(),
    };
    let (mut found, mut beam) = (Vec::new(), vec![start]);
    for _ in 0..CASES_MAX {
        let mut next: Vec<Grown> = beam.iter().flat_map(|one| field.extend(one)).collect();
        next.sort_by_cached_key(|one| (field.open(&one.planes), one.bits));
        let is_done = |one: &Grown| field.open(&one.planes) == 0;
        let done = next.iter().take_while(|one| is_done(one)).count();
        found.extend(next.drain(..done).filter(|one| field.is_right(one)));
        if !found.is_empty() {
            break;
        }
        next.dedup_by(|one, other| one.planes == other.planes);
        next.truncate(BEAM);
        beam = next;
    }
    found.sort_by_key(|one| one.bits);
    found.truncate(KEPT);
    let rules = found.into_iter();
    rules.map(|one| (write(&one.changes), one.bits)).collect()
}

/// Cases, with what they make of the inputs.
struct Grown {
    changes: Vec<Change>,
    bits: u32,
    planes: Vec<Bits>,
}

struct Field {
    /// How far a cell is from the one below it.
    stride: isize,
    /// The colour of each plane; the last one is outside.
    colors: Vec<i8>,
    given: Vec<Bits>,
    wanted: Vec<Bits>,
    inside: Bits,
    /// All conditions with their bits.
    conditions: Vec<(Condition, u32)>,
}

fn and(one: &[u64], other: &[u64]) -> Bits {
    one.iter().zip(other).map(|(a, b)| a & b).collect()
}

fn is_within(one: &[u64], other: &[u64]) -> bool {
    one.iter().zip(other).all(|(a, b)| a & !b == 0)
}

fn is_empty(one: &[u64]) -> bool {
    one.iter().all(|word| *word == 0)
}

fn size(one: &[u64]) -> u32 {
    one.iter().map(|word| word.count_ones()).sum()
}

/// Moves all bits so that each place has the bit that was some places after it.
fn shifted(plane: &[u64], by: isize) -> Bits {
    let mut moved = vec![0; plane.len()];
    let (words, bits) = (by.unsigned_abs() / 64, by.unsigned_abs() % 64);
    for (place, word) in moved.iter_mut().enumerate() {
        let at = |place: Option<usize>| place.and_then(|place| plane.get(place)).copied();
        let (near, far) = if by >= 0 {
            (at(Some(place + words)), at(Some(place + words + 1)))
        } else {
            (
                at(place.checked_sub(words)),
                at(place.checked_sub(words + 1)),
            )
        };
        let (near, far) = (near.unwrap_or(0), far.unwrap_or(0));
        *word = match (bits, by >= 0) {
            (0, _) => near,
            (_, true) => near >> bits | far << (64 - bits),
            (_, false) => near << bits | far >> (64 - bits),
        };
    }
    moved
}

impl Field {
    fn new(grids: &[(&Grid, &Grid)]) -> Self {
        let both = || grids.iter().flat_map(|(given, wanted)| [*given, *wanted]);
        let mut colors: Vec<i8> = both()
            .flat_map(|grid| grid.cells().iter().copied())
            .collect();
        colors.sort_unstable();
        colors.dedup();
        // Two free rows and columns are between any two rows or demos.
        let stride = 2 + both().map(Grid::width).max().unwrap_or(0);
        let rows: usize = grids.iter().map(|(given, _)| 4 + given.height()).sum();
        let words = (rows * stride).div_ceil(64);
        let mut inside = vec![0; words];
        let mut given = vec![vec![0; words]; colors.len() + 1];
        let mut wanted = given.clone();
        let mut top = 2;
        for (input, output) in grids {
            for row in 0..input.height() {
                for column in 0..input.width() {
                    let place = (top + row) * stride + column;
                    inside[place / 64] |= 1 << (place % 64);
                    for (planes, grid) in [(&mut given, input), (&mut wanted, output)] {
                        let color = grid.at(row, column);
                        let plane = colors.partition_point(|other| *other < color);
                        planes[plane][place / 64] |= 1 << (place % 64);
                    }
                }
            }
            top += 4 + input.height();
        }
        let outside: Bits = inside.iter().map(|word: &u64| !word).collect();
        given[colors.len()].clone_from(&outside);
        wanted[colors.len()] = outside;
        colors.push(OUTSIDE);
        let mut sides: Vec<(Side, u32)> = (0..SIDES.len())
            .map(|place| (Side::Named(place), 3))
            .collect();
        for down in -2..=2_i32 {
            for right in -2..=2_i32 {
                let far = down.abs().max(right.abs());
                let is_straight = down == 0 || right == 0 || down.abs() == right.abs();
                if far > 0 && is_straight {
                    sides.push((Side::Step(down, right), if far == 1 { 3 } else { 6 }));
                }
            }
        }
        let mut conditions = Vec::new();
        for (side, bits) in sides {
            for &color in &colors {
                for holds in [true, false] {
                    let condition = Condition { side, color, holds };
                    conditions.push((condition, bits + 3 + u32::from(!holds)));
                }
            }
        }
        conditions.sort_by_key(|(_, bits)| *bits);
        Self {
            stride: stride as isize,
            colors,
            given,
            wanted,
            inside,
            conditions,
        }
    }

    fn plane(&self, color: i8) -> usize {
        let known = self.colors.iter().position(|other| *other == color);
        known.unwrap_or(self.colors.len() - 1)
    }

    /// Finds the cells for which a condition holds.
    fn mask(&self, condition: Condition, planes: &[Bits]) -> Bits {
        let plane = &planes[self.plane(condition.color)];
        let mut found = vec![0; plane.len()];
        for (down, right) in condition.side.steps() {
            let moved = shifted(plane, down as isize * self.stride + right as isize);
            for (word, more) in found.iter_mut().zip(moved) {
                *word |= more;
            }
        }
        for (word, inside) in found.iter_mut().zip(&self.inside) {
            *word = if condition.holds { *word } else { !*word } & inside;
        }
        found
    }

    /// Counts the pairs of an old and a new colour.
    fn kinds(&self) -> usize {
        let news = |given: &Bits| {
            let wanted = self.wanted.iter();
            wanted
                .filter(|wanted| !is_empty(&and(given, wanted)))
                .count()
        };
        let all: usize = self.given.iter().map(news).sum();
        let pairs = self.given.iter().zip(&self.wanted);
        all - pairs
            .filter(|(given, wanted)| !is_empty(&and(given, wanted)))
            .count()
    }

    /// Counts the cells that are not as they are wanted.
    fn open(&self, planes: &[Bits]) -> u32 {
        let pairs = planes.iter().zip(&self.wanted);
        pairs
            .map(|(plane, wanted)| size(plane) - size(&and(plane, wanted)))
            .sum()
    }

    /// Applies cases again and again; None if a cell becomes wrong.
    fn grow(&self, changes: &[Change], mut planes: Vec<Bits>) -> Option<Vec<Bits>> {
        for _ in 0..ROUNDS_MAX {
            let mut masks = Vec::with_capacity(changes.len());
            for change in changes {
                let mut mask = planes[self.plane(change.old)].clone();
                for condition in &change.conditions {
                    mask = and(&mask, &self.mask(*condition, &planes));
                }
                if !is_within(&mask, &self.wanted[self.plane(change.new)]) {
                    return None;
                }
                masks.push(mask);
            }
            if masks.iter().all(|mask| is_empty(mask)) {
                return Some(planes);
            }
            for (change, mask) in changes.iter().zip(&masks) {
                for (word, mask) in planes[self.plane(change.old)].iter_mut().zip(mask) {
                    *word &= !mask;
                }
                for (word, mask) in planes[self.plane(change.new)].iter_mut().zip(mask) {
                    *word |= mask;
                }
            }
        }
        None
    }

    /// Returns whether cases make all outputs when they apply from the start.
    fn is_right(&self, one: &Grown) -> bool {
        let made = self.grow(&one.changes, self.given.clone());
        made.is_some_and(|made| self.open(&made) == 0)
    }

    /// Adds to cases each one that makes more cells right and none wrong.
    fn extend(&self, one: &Grown) -> Vec<Grown> {
        let planes = &one.planes;
        let masks: Vec<Bits> = self
            .conditions
            .iter()
            .map(|(condition, _)| self.mask(*condition, planes))
            .collect();
        let mut cases: Vec<(u32, Change)> = Vec::new();
        let mut alike: FxHashMap<Bits, usize> = FxHashMap::default();
        let colors = &self.colors[..self.colors.len() - 1];
        for (old, base) in colors.iter().zip(planes) {
            for (new, wanted) in colors.iter().zip(&self.wanted) {
                if old == new || is_empty(&and(base, wanted)) {
                    continue;
                }
                let mut add = |mask: Bits, bits: u32, conditions: Vec<Condition>| {
                    let count = alike.entry(mask).or_insert(0);
                    *count += 1;
                    if *count <= ALIKE_MAX {
                        let (old, new) = (*old, *new);
                        let change = Change {
                            old,
                            conditions,
                            new,
                        };
                        cases.push((bits + 4, change));
                    }
                };
                for ((first, bits), mask) in self.conditions.iter().zip(&masks) {
                    let mask = and(base, mask);
                    if !first.holds || is_empty(&and(&mask, wanted)) {
                        continue;
                    }
                    if is_within(&mask, wanted) {
                        add(mask, *bits, vec![*first]);
                        continue;
                    }
                    for ((second, more), beside) in self.conditions.iter().zip(&masks) {
                        let wrong = mask.iter().zip(beside).zip(wanted);
                        let mut wrong = wrong.map(|((a, b), wanted)| a & b & !wanted);
                        if wrong.any(|word| word != 0) {
                            continue;
                        }
                        let both = and(&mask, beside);
                        if !is_empty(&both) {
                            add(both, bits + more, vec![*first, *second]);
                        }
                    }
                }
            }
        }
        cases.sort_by_key(|(bits, _)| *bits);
        cases.truncate(GROWN_MAX);
        let grown = cases.into_iter().filter_map(|(bits, change)| {
            let mut changes = one.changes.clone();
            changes.push(change);
            let planes = self.grow(&changes, planes.clone())?;
            Some(Grown {
                bits: one.bits + bits,
                changes,
                planes,
            })
        });
        grown.collect()
    }
}
