//! Decision trees over cells: what a cell becomes, decided by the numbers that planes have there.
//!
//! Cells are bits: a test, "the plane's number is in this range", is the set of the cells that pass
//! it, and trees grow by counting bits. A node's test is the one that takes the most bits off the
//! labels of its cells, less its own. Labels say what a cell becomes: its own colour, what a
//! picture has there, else a colour. Each picture that explains changed cells gives other labels
//! and so other trees; those with the fewest bits are the rules.

use std::sync::atomic::Ordering;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Examples, Feature, Kind, Learner, Rule};
use crate::value::{Grid, Value};

/// A set of cells, one bit each.
type Cells = Vec<u64>;

/// Decisions on the longest way through a tree, at most.
const DEPTH: usize = 6;
/// Leaves of a tree, at most.
const LEAVES: usize = 12;
/// Bits of a rule, at most: hardly a longer one is right.
const BITS: u32 = 110;
/// Tests that are tried first in trees with the same labels.
const FIRST_TESTS: usize = 6;
/// Pictures beside a cell's own colour from which cells are copied, each in trees of its own.
const COPIED: usize = 4;
/// The numbers of planes, which a range without a bound goes down to.
const LEAST: i64 = -128;
/// Units of a bit in which sums are kept: whole numbers, so that they are the same everywhere.
const UNITS: f64 = 1024.0;

/// The learner.
pub(super) struct Trees;

impl Learner for Trees {
    fn name(&self) -> &'static str {
        "trees"
    }

    fn primitive(&self) -> &'static str {
        "by_tree"
    }

    fn learn(&self, examples: &Examples<'_>) -> Vec<Rule> {
        let Some(table) = Table::new(examples) else {
            return Vec::new();
        };
        let mut found: Vec<Grown> = Vec::new();
        for view in table.views() {
            if examples.cancel.load(Ordering::Relaxed) {
                return Vec::new();
            }
            found.extend(table.grow_all(&view));
        }
        let mut rules: Vec<Rule> = found.iter().map(|grown| table.rule(grown)).collect();
        rules.sort_by_key(|rule| rule.bits);
        let mut seen = FxHashSet::default();
        rules.retain(|rule| seen.insert(format!("{:?} {:?}", rule.features, rule.literal)));
        rules
    }
}

/// A plane: a feature with a grid of one shape for each sample.
struct Plane<'a> {
    feature: &'a Feature,
    /// The numbers at the cells of the demos.
    numbers: Vec<i8>,
}

/// Whether the number of a plane is in a range.
struct Test {
    plane: usize,
    low: i64,
    high: i64,
    passes: Cells,
    /// Bits of description.
    bits: u32,
}

/// What a cell becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Action {
    /// The number of a plane.
    Copy(usize),
    /// A colour.
    Color(i8),
}

/// A tree, its decisions by their numbers among the tests.
#[derive(Clone)]
enum Grown {
    Leaf(Action),
    Node(usize, Box<Grown>, Box<Grown>),
}

impl Grown {
    fn leaves(&self) -> usize {
        match self {
            Self::Leaf(_) => 1,
            Self::Node(_, yes, no) => yes.leaves() + no.leaves(),
        }
    }
}

/// Labels of cells under which a tree grows: disjoint sets of cells.
type View = Vec<Cells>;

/// What the rest of a growing tree may take.
struct Room {
    leaves: usize,
    bits: u32,
    /// The planes that it uses already.
    used: Vec<usize>,
}

impl Room {
    /// Takes bits, if there are so many.
    fn spend(&mut self, bits: u32) -> Option<()> {
        self.bits = self.bits.checked_sub(bits)?;
        Some(())
    }

    /// Takes the bits of a plane that is new.
    fn use_plane(&mut self, plane: usize, bits: u32) -> Option<()> {
        if !self.used.contains(&plane) {
            self.used.push(plane);
            self.spend(bits)?;
        }
        Some(())
    }
}

struct Table<'a> {
    planes: Vec<Plane<'a>>,
    cells: usize,
    colors: usize,
    tests: Vec<Test>,
    /// Each action with the cells that it makes right, the likeliest action first.
    actions: Vec<(Action, Cells)>,
    /// Of each number up to the cells: number times logarithm, in units.
    entropies: Vec<i64>,
}

fn count(cells: &[u64]) -> usize {
    cells.iter().map(|word| word.count_ones() as usize).sum()
}

fn count_both(one: &[u64], other: &[u64]) -> usize {
    let words = one.iter().zip(other);
    words.map(|(a, b)| (a & b).count_ones() as usize).sum()
}

fn is_within(one: &[u64], other: &[u64]) -> bool {
    one.iter().zip(other).all(|(a, b)| a & !b == 0)
}

fn both(one: &[u64], other: &[u64]) -> Cells {
    one.iter().zip(other).map(|(a, b)| a & b).collect()
}

fn without(one: &[u64], other: &[u64]) -> Cells {
    one.iter().zip(other).map(|(a, b)| a & !b).collect()
}

fn collect(cells: usize, has: impl Fn(usize) -> bool) -> Cells {
    let mut found = vec![0; cells.div_ceil(64)];
    for cell in (0..cells).filter(|&cell| has(cell)) {
        found[cell / 64] |= 1 << (cell % 64);
    }
    found
}

fn log2_ceil(number: usize) -> u32 {
    number.max(1).next_power_of_two().trailing_zeros()
}

fn shape(value: &Value) -> Option<(usize, usize)> {
    let grid = value.as_grid()?;
    (grid.height() * grid.width() > 0).then(|| (grid.height(), grid.width()))
}

impl<'a> Table<'a> {
    /// Reads the planes: features whose shapes are those of the first one, which are those wanted.
    fn new(examples: &Examples<'a>) -> Option<Self> {
        let first = examples.features.first()?;
        let shapes: Vec<_> = first.values.iter().map(shape).collect::<Option<_>>()?;
        let mut wanted: Vec<i8> = Vec::new();
        for (sample, grid) in examples.demos {
            if shape(grid) != Some(shapes[*sample]) {
                return None;
            }
            wanted.extend(grid.as_grid()?.cells());
        }
        if !wanted.iter().all(|color| (0..10).contains(color)) {
            return None;
        }
        let is_plane = |feature: &&Feature| {
            let shapes_of = feature.values.iter().map(shape);
            feature.kind != Kind::Other && shapes_of.eq(shapes.iter().map(|&one| Some(one)))
        };
        let mut features: Vec<&Feature> = examples.features.iter().filter(is_plane).collect();
        features.sort_by_key(|feature| feature.bits);
        let mut seen = FxHashSet::default();
        features.retain(|feature| seen.insert(&feature.values));
        let planes: Vec<Plane<'a>> = features
            .into_iter()
            .map(|feature| Plane {
                feature,
                numbers: examples
                    .demos
                    .iter()
                    .filter_map(|(sample, _)| feature.values[*sample].as_grid())
                    .flat_map(Grid::cells)
                    .copied()
                    .collect(),
            })
            .collect();
        let cells = wanted.len();
        let own = planes
            .iter()
            .position(|one| one.feature.number == first.number)?;
        let is_right =
            |plane: usize| collect(cells, |cell| planes[plane].numbers[cell] == wanted[cell]);
        let stays = is_right(own);
        let mut actions = vec![(Action::Copy(own), stays)];
        let mut colors = wanted.clone();
        colors.sort_unstable();
        colors.dedup();
        actions.extend(colors.iter().map(|&color| {
            let right = collect(cells, |cell| wanted[cell] == color);
            (Action::Color(color), right)
        }));
        let pictures = (0..planes.len())
            .filter(|&plane| plane != own && planes[plane].feature.kind == Kind::Picture);
        actions.extend(pictures.map(|plane| (Action::Copy(plane), is_right(plane))));
        let entropies = (0..=cells).map(|number| {
            let number = number as f64;
            (number * number.max(1.0).log2() * UNITS).round() as i64
        });
        let mut table = Self {
            cells,
            colors: colors.len(),
            tests: Vec::new(),
            actions,
            entropies: entropies.collect(),
            planes,
        };
        table.tests = table.all_tests();
        Some(table)
    }

    /// Lists the tests, those of cheap planes first; of tests that the same cells pass, the first.
    fn all_tests(&self) -> Vec<Test> {
        let mut seen: FxHashMap<Cells, ()> = FxHashMap::default();
        let mut tests = Vec::new();
        let all = collect(self.cells, |_| true);
        for (plane, Plane { feature, numbers }) in self.planes.iter().enumerate() {
            let mut values = numbers.clone();
            values.sort_unstable();
            values.dedup();
            if values.len() < 2 {
                continue;
            }
            let equal = values
                .iter()
                .map(|&value| (i64::from(value), i64::from(value)));
            let below = values
                .windows(2)
                .map(|two| (LEAST, (i64::from(two[0]) + i64::from(two[1])).div_euclid(2)));
            let ranges: Vec<(i64, i64)> = match feature.kind {
                Kind::Numbers => equal.chain(below).collect(),
                _ => equal.collect(),
            };
            let bits = 1 + feature.bits + log2_ceil(ranges.len());
            for (low, high) in ranges {
                let has = |cell: usize| (low..=high).contains(&i64::from(numbers[cell]));
                let passes = collect(self.cells, has);
                // A test and its opposite make the same trees.
                let key = if passes[0] & 1 == 1 {
                    without(&all, &passes)
                } else {
                    passes.clone()
                };
                if seen.insert(key, ()).is_none() {
                    tests.push(Test {
                        plane,
                        low,
                        high,
                        passes,
                        bits,
                    });
                }
            }
        }
        tests
    }

    /// Lists the labels under which trees grow.
    fn views(&self) -> Vec<View> {
        let all = collect(self.cells, |_| true);
        let (_, stays) = &self.actions[0];
        let changed = without(&all, stays);
        let is_color = |action: &Action| matches!(action, Action::Color(_));
        let copies = self.actions[1..]
            .iter()
            .filter(|(action, _)| !is_color(action));
        let mut copies: Vec<(usize, &Cells)> = copies
            .map(|(_, right)| (count_both(right, &changed), right))
            .filter(|(count, _)| *count > 0)
            .collect();
        // The sort keeps the order of equal ones: cheap planes come first.
        copies.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        let mut seen = FxHashSet::default();
        copies.retain(|(_, right)| seen.insert(both(right, &changed)));
        let view = |first: &[&Cells]| {
            let mut left = all.clone();
            let mut labels = View::new();
            let colors = self.actions.iter().filter(|(action, _)| is_color(action));
            for right in first.iter().copied().chain(colors.map(|(_, right)| right)) {
                let label = both(right, &left);
                left = without(&left, &label);
                if count(&label) > 0 {
                    labels.push(label);
                }
            }
            labels
        };
        let mut views = vec![view(&[stays]), view(&[])];
        for (_, right) in copies.into_iter().take(COPIED) {
            views.push(view(&[stays, right]));
        }
        views
    }

    /// Finds the likeliest action that makes all of some cells right.
    fn leaf(&self, cells: &[u64]) -> Option<Action> {
        let mut actions = self.actions.iter();
        let found = actions.find(|(_, right)| is_within(cells, right));
        found.map(|(action, _)| *action)
    }

    /// Lists the gains of all tests that tell some cells apart, the greatest first.
    fn gains(&self, cells: &[u64], view: &View, most: usize) -> Vec<(i64, usize)> {
        let labels: Vec<Cells> = view
            .iter()
            .map(|label| both(label, cells))
            .filter(|label| count(label) > 0)
            .collect();
        let counts: Vec<usize> = labels.iter().map(|label| count(label)).collect();
        let total: usize = counts.iter().sum();
        let entropy = |number: usize| self.entropies[number];
        let before = entropy(total) - counts.iter().map(|&one| entropy(one)).sum::<i64>();
        let mut best: Vec<(i64, usize)> = Vec::new();
        for (number, test) in self.tests.iter().enumerate() {
            let (mut passed, mut after) = (0, 0);
            for (label, &count) in labels.iter().zip(&counts) {
                let yes = count_both(label, &test.passes);
                passed += yes;
                after -= entropy(yes) + entropy(count - yes);
            }
            if passed == 0 || passed == total {
                continue;
            }
            after += entropy(passed) + entropy(total - passed);
            let gain = before - after - i64::from(test.bits) * UNITS as i64;
            if best.len() == most && best.last().is_some_and(|&(least, _)| least >= gain) {
                continue;
            }
            let place = best.partition_point(|&(other, _)| other >= gain);
            best.insert(place, (gain, number));
            best.truncate(most);
        }
        best
    }

    /// Grows a tree for each of the best first tests.
    fn grow_all(&self, view: &View) -> Vec<Grown> {
        let all = collect(self.cells, |_| true);
        match self.leaf(&all) {
            Some(Action::Copy(plane)) => return vec![Grown::Leaf(Action::Copy(plane))],
            // Whatever the samples are: no rule about planes.
            Some(Action::Color(_)) => return Vec::new(),
            None => {}
        }
        let firsts = self.gains(&all, view, FIRST_TESTS);
        let trees = firsts.into_iter().filter_map(|(_, test)| {
            let mut room = Room {
                leaves: LEAVES,
                bits: BITS,
                used: Vec::new(),
            };
            self.split(&all, view, test, DEPTH, &mut room)
        });
        trees.collect()
    }

    fn split(
        &self,
        cells: &[u64],
        view: &View,
        test: usize,
        depth: usize,
        room: &mut Room,
    ) -> Option<Grown> {
        let Test {
            plane,
            passes,
            bits,
            ..
        } = &self.tests[test];
        let of_plane = self.planes[*plane].feature.bits;
        room.spend(bits - of_plane)?;
        room.use_plane(*plane, of_plane)?;
        let yes = self.grow(&both(cells, passes), view, depth - 1, room)?;
        let no = self.grow(&without(cells, passes), view, depth - 1, room)?;
        Some(Grown::Node(test, Box::new(yes), Box::new(no)))
    }

    /// Grows a tree that is right for some cells, with so many leaves at most.
    fn grow(&self, cells: &[u64], view: &View, depth: usize, room: &mut Room) -> Option<Grown> {
        if room.leaves == 0 {
            return None;
        }
        if let Some(action) = self.leaf(cells) {
            room.leaves -= 1;
            room.spend(self.leaf_bits())?;
            if let Action::Copy(plane) = action {
                room.use_plane(plane, self.planes[plane].feature.bits)?;
            }
            return Some(Grown::Leaf(action));
        }
        if depth == 0 {
            return None;
        }
        let (_, test) = *self.gains(cells, view, 1).first()?;
        self.split(cells, view, test, depth, room)
    }

    /// Bits of a leaf, without those of the plane that it may name.
    fn leaf_bits(&self) -> u32 {
        1 + log2_ceil(self.colors + 1)
    }

    /// Writes a tree down.
    fn rule(&self, grown: &Grown) -> Rule {
        let mut used = Vec::new();
        let literal = self.write(grown, &mut used);
        let each = log2_ceil(used.len()) + 1;
        let planes: u32 = used
            .iter()
            .map(|&plane| self.planes[plane].feature.bits)
            .sum();
        let decisions = self.bits(grown);
        let leaves = grown.leaves() as u32;
        Rule {
            literal,
            bits: planes + decisions + (leaves - 1) * each + leaves * self.leaf_bits(),
            features: used
                .into_iter()
                .map(|plane| self.planes[plane].feature.number)
                .collect(),
        }
    }

    /// Bits of the ranges of a tree's decisions.
    fn bits(&self, grown: &Grown) -> u32 {
        match grown {
            Grown::Leaf(_) => 0,
            Grown::Node(test, yes, no) => {
                let test = &self.tests[*test];
                let range = test.bits - self.planes[test.plane].feature.bits;
                range + self.bits(yes) + self.bits(no)
            }
        }
    }

    fn write(&self, grown: &Grown, used: &mut Vec<usize>) -> Value {
        let number = |plane: usize, used: &mut Vec<usize>| {
            let place = used.iter().position(|&one| one == plane);
            Value::Int(place.unwrap_or_else(|| {
                used.push(plane);
                used.len() - 1
            }) as i64)
        };
        match grown {
            Grown::Leaf(Action::Color(color)) => Value::Int((*color).into()),
            Grown::Leaf(Action::Copy(plane)) => Value::tuple(vec![number(*plane, used)]),
            Grown::Node(test, yes, no) => {
                let Test {
                    plane, low, high, ..
                } = self.tests[*test];
                let plane = number(plane, used);
                let (yes, no) = (self.write(yes, used), self.write(no, used));
                Value::tuple(vec![plane, Value::Int(low), Value::Int(high), yes, no])
            }
        }
    }
}
