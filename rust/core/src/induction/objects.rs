//! Learns rules about objects: what becomes of which of them.
//!
//! For each way to take the grids apart, each action is tried on each object: it is right there if
//! the cells that it makes are those of the output. A few actions that explain all changed cells
//! are chosen, then the simplest conditions that tell the objects of one from those of another.

use super::{Examples, Learner, Rule};
use crate::primitives::object_actions::{
    Action, Cells, Paint, Path, Shape, Target, COLORS, SHAPES, TURNS, WAYS,
};
use crate::primitives::object_rules::{apply, write, Case, Test};
use crate::primitives::object_scenes::{
    Feature, Scene, COLOR, COMPARISONS, FLAGS, KINDS, PARTITIONS, PROPERTIES,
};
use crate::value::{Grid, Value};

/// The largest number that a feature can have.
const MOST: i64 = 9999;
/// How many different actions a rule has, at most.
const ACTIONS_MAX: usize = 4;
/// How many sets of actions are tried for each way to take grids apart.
const SETS_MAX: usize = 40;
/// How many steps the choice of actions takes, at most.
const STEPS_MAX: usize = 3000;
/// For how many choices of objects two tests are tried together, in a task.
const PAIRS_MAX: usize = 60;
/// How many vectors are tried.
const VECTORS_MAX: usize = 30;
/// How many rules are kept.
const KEPT: usize = 3;

/// The learner of rules about objects.
pub(super) struct Objects;

impl Learner for Objects {
    fn name(&self) -> &'static str {
        "objects"
    }

    fn primitive(&self) -> &'static str {
        "by_objects"
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
    let background = background(&grids);
    let same_shape = grids.iter().all(|(given, wanted)| {
        (given.height(), given.width()) == (wanted.height(), wanted.width())
    });
    let smaller = grids.iter().all(|(given, wanted)| {
        wanted.height() <= given.height() && wanted.width() <= given.width()
    });
    if !same_shape && !smaller {
        return Vec::new();
    }
    let mut found: Vec<(u32, usize, Vec<Case>)> = Vec::new();
    let mut pairs_left = PAIRS_MAX;
    for partition in 0..PARTITIONS.len() {
        let scenes: Result<Vec<Scene<'_>>, _> = grids
            .iter()
            .map(|(given, _)| Scene::new(given, background, partition))
            .collect();
        let Ok(scenes) = scenes else { continue };
        if scenes.iter().all(|scene| scene.things.is_empty()) {
            continue;
        }
        let wanted = grids.iter().map(|(_, wanted)| *wanted).collect();
        let mut task = Task::new(scenes, wanted, pairs_left);
        let rules = if same_shape {
            task.recolour()
        } else {
            task.cut()
        };
        pairs_left = task.pairs_left;
        found.extend(
            rules
                .into_iter()
                .map(|(bits, rules)| (bits + 3, partition, rules)),
        );
    }
    found.sort_by_key(|(bits, partition, _)| (*bits, *partition));
    found.truncate(KEPT);
    found
        .into_iter()
        .map(|(bits, partition, rules)| (write(background, partition, &rules), bits))
        .collect()
}

/// Chooses the colour that is most common in all inputs, or else 0.
fn background(grids: &[(&Grid, &Grid)]) -> i8 {
    let most = |grid: &Grid| {
        let cells = || grid.cells().iter().copied();
        crate::primitives::object_scenes::most_common(cells())
    };
    let mut colors = grids.iter().map(|(given, _)| most(given));
    let first = colors.next().flatten();
    match first {
        Some(first) if colors.all(|color| color == Some(first)) => first,
        _ => 0,
    }
}

/// An action with what it explains.
struct Candidate {
    action: Action,
    bits: u32,
    /// For each object, whether the action is right there.
    right: Vec<bool>,
    /// For each object, the changed cells that it explains.
    gains: Vec<Vec<usize>>,
    /// All changed cells that it explains.
    cover: Vec<u64>,
}

/// What the motion of an object explains.
struct Motion {
    /// Whether its own colours are right.
    own: bool,
    /// The colour that all its cells have in the output, none without cells; if it is one.
    color: Option<Option<i8>>,
    /// The changed cells that it explains.
    gains: Vec<usize>,
}

struct Task<'a> {
    scenes: Vec<Scene<'a>>,
    wanted: Vec<&'a Grid>,
    /// The objects of all demos, each by the number of the demo and its own.
    things: Vec<(usize, usize)>,
    /// All features with their bits, and what they are of each object.
    features: Vec<(Feature, u32, Vec<i64>)>,
    pairs_left: usize,
}

fn bits_of(feature: Feature) -> u32 {
    match feature {
        Feature::Plain(0 | 1 | 2 | 3 | 4 | 9 | 11) => 5,
        Feature::Plain(10 | 12..=16 | 20..=25) => 6,
        Feature::Plain(_) => 7,
        Feature::Compared(0 | 1, 0) => 4,
        Feature::Compared(2, 3 | 17 | 0) => 5,
        Feature::Compared(0 | 1, 1 | 2 | 5..=8 | 11 | 28 | 4 | 25) => 6,
        Feature::Compared(2, 18 | 19) => 6,
        Feature::Compared(_, _) => 8,
        Feature::Has(_) | Feature::Touches(_) => 7,
    }
}

fn all_features(colors: &[i8]) -> Vec<Feature> {
    let mut found = Vec::new();
    for property in 0..PROPERTIES.len() {
        let is_kind = KINDS.contains(&property);
        if !is_kind || property == COLOR {
            found.push(Feature::Plain(property));
        }
        for comparison in 0..COMPARISONS.len() {
            let fits = match comparison {
                2 => true,
                3 => matches!(property, 0 | 1 | 2 | 5 | 7 | 11),
                _ => !is_kind && !FLAGS.contains(&property),
            };
            if fits {
                found.push(Feature::Compared(comparison, property));
            }
        }
    }
    found.extend(colors.iter().map(|&color| Feature::Has(color)));
    found.extend(colors.iter().map(|&color| Feature::Touches(color)));
    found
}

impl<'a> Task<'a> {
    fn new(scenes: Vec<Scene<'a>>, wanted: Vec<&'a Grid>, pairs_left: usize) -> Self {
        let mut colors: Vec<i8> = scenes
            .iter()
            .flat_map(|scene| scene.grid.cells().iter().copied())
            .collect();
        colors.sort_unstable();
        colors.dedup();
        let things = (0..scenes.len())
            .flat_map(|demo| (0..scenes[demo].things.len()).map(move |number| (demo, number)))
            .collect();
        let mut features: Vec<(Feature, u32, Vec<i64>)> = all_features(&colors)
            .into_iter()
            .map(|feature| {
                let values = scenes.iter().flat_map(|scene| scene.read(feature));
                (feature, bits_of(feature), values.collect())
            })
            .filter(|(_, _, values): &(_, _, Vec<i64>)| values.iter().any(|one| *one != values[0]))
            .collect();
        features.sort_by_key(|(_, bits, _)| *bits);
        Self {
            scenes,
            wanted,
            things,
            features,
            pairs_left,
        }
    }

    /// Learns which object is cut out.
    fn cut(&mut self) -> Vec<(u32, Vec<Case>)> {
        let mut found = Vec::new();
        for action in [Action::Cut, Action::Lift] {
            let mut labels = Vec::with_capacity(self.things.len());
            for &(demo, number) in &self.things {
                let mut actions = vec![Action::Keep; self.scenes[demo].things.len()];
                actions[number] = action;
                let scene = &self.scenes[demo];
                let edges = scene.things[number].edges;
                let wanted = self.wanted[demo];
                let is_right = (edges.height(), edges.width()) == (wanted.height(), wanted.width())
                    && (edges.top..=edges.bottom).all(|row| {
                        (edges.left..=edges.right).all(|column| {
                            let place = row * scene.grid.width() + column;
                            let own = action == Action::Cut || scene.owners[place] == Some(number);
                            let color = if own {
                                scene.grid.cells()[place]
                            } else {
                                scene.background
                            };
                            color == wanted.at(row - edges.top, column - edges.left)
                        })
                    });
                labels.push(is_right);
            }
            let every = (0..self.scenes.len()).all(|demo| {
                let mut own = self.things.iter().zip(&labels);
                own.any(|(thing, right)| thing.0 == demo && *right)
            });
            if !every {
                continue;
            }
            // Where several objects are right, only those of demos with one must be picked.
            let count = |demo: usize| {
                let own = self.things.iter().zip(&labels);
                own.filter(|(thing, right)| thing.0 == demo && **right)
                    .count()
            };
            let single: Vec<bool> = self
                .things
                .iter()
                .map(|thing| count(thing.0) == 1)
                .collect();
            let positives: Vec<bool> = labels
                .iter()
                .zip(&single)
                .map(|(right, single)| *right && *single)
                .collect();
            let negatives: Vec<bool> = labels.iter().map(|right| !right).collect();
            if let Some(tests) = self.separate(&positives, &negatives) {
                for (bits, tests) in tests {
                    found.push((bits + 2, vec![Case { tests, action }]));
                }
            }
        }
        self.verified(found)
    }

    fn verified(&self, mut found: Vec<(u32, Vec<Case>)>) -> Vec<(u32, Vec<Case>)> {
        found.retain(|(_, rules)| {
            self.scenes.iter().zip(&self.wanted).all(|(scene, wanted)| {
                let made = apply(scene, rules);
                made.is_ok_and(|made| made.as_grid() == Some(*wanted))
            })
        });
        found.sort_by_key(|(bits, _)| *bits);
        found.dedup_by(|one, other| one.1 == other.1);
        found.truncate(KEPT);
        found
    }

    /// Lists the simplest tests that all of some objects pass and none of others.
    fn separate(
        &mut self,
        positives: &[bool],
        negatives: &[bool],
    ) -> Option<Vec<(u32, Vec<Test>)>> {
        if !negatives.contains(&true) {
            return Some(vec![(1, Vec::new())]);
        }
        if !positives.contains(&true) {
            return None;
        }
        let mut found = Vec::new();
        for (feature, bits, values) in &self.features {
            if let Some((more, test)) = single(*feature, values, positives, negatives) {
                found.push((bits + more, vec![test]));
            }
        }
        if found.is_empty() && self.pairs_left > 0 {
            self.pairs_left -= 1;
            found = self.pairs(positives, negatives);
        }
        found.sort_by_key(|(bits, _)| *bits);
        found.truncate(KEPT);
        (!found.is_empty()).then_some(found)
    }

    fn pairs(&self, positives: &[bool], negatives: &[bool]) -> Vec<(u32, Vec<Test>)> {
        let against: Vec<usize> = (0..negatives.len())
            .filter(|&each| negatives[each])
            .collect();
        let words = against.len().div_ceil(64);
        let mut halves: Vec<(u32, Test, Vec<u64>)> = Vec::new();
        for (feature, bits, values) in &self.features {
            let own = || {
                values
                    .iter()
                    .zip(positives)
                    .filter(|(_, is)| **is)
                    .map(|(value, _)| *value)
            };
            let (Some(low), Some(high)) = (own().min(), own().max()) else {
                continue;
            };
            let mut ranges = vec![(low, MOST, 3), (0, high, 3)];
            if low == high {
                ranges.push((low, high, 3));
            }
            if *feature == Feature::Plain(COLOR) {
                ranges.drain(..2);
            }
            for (low, high, more) in ranges {
                let mut out = vec![0_u64; words];
                for (place, &each) in against.iter().enumerate() {
                    if !(low <= values[each] && values[each] <= high) {
                        out[place / 64] |= 1 << (place % 64);
                    }
                }
                if out.iter().any(|word| *word != 0) {
                    let feature = *feature;
                    halves.push((bits + more, Test { feature, low, high }, out));
                }
            }
        }
        let full = |one: &[u64], other: &[u64]| {
            let count: u32 = one
                .iter()
                .zip(other)
                .map(|(a, b)| (a | b).count_ones())
                .sum();
            count as usize == against.len()
        };
        let mut found = Vec::new();
        for (place, (bits, test, out)) in halves.iter().enumerate() {
            for (more, second, beside) in &halves[..place] {
                if full(out, beside) {
                    found.push((bits + more, vec![*second, *test]));
                }
            }
        }
        found
    }

    /// Learns what changes on a grid that keeps its shape.
    fn recolour(&mut self) -> Vec<(u32, Vec<Case>)> {
        let mut ids: Vec<Vec<usize>> = Vec::new();
        let mut changed = 0;
        for (scene, wanted) in self.scenes.iter().zip(&self.wanted) {
            let mut own = vec![usize::MAX; wanted.cells().len()];
            for (place, id) in own.iter_mut().enumerate() {
                if scene.grid.cells()[place] != wanted.cells()[place] {
                    *id = changed;
                    changed += 1;
                }
            }
            ids.push(own);
        }
        if changed == 0 {
            return Vec::new();
        }
        let candidates = self.candidates(&ids, changed);
        let sets = choose(&candidates, changed);
        let mut found = Vec::new();
        for set in sets {
            let chosen: Vec<&Candidate> = set.iter().map(|&each| &candidates[each]).collect();
            let base: u32 = chosen.iter().map(|one| one.bits).sum();
            for (bits, rules) in self.conditions(&chosen, changed) {
                found.push((base + bits, rules));
            }
        }
        found.sort_by_key(|(bits, _)| *bits);
        found.dedup_by(|one, other| one.1 == other.1);
        let limit = changed as u32 * 3 + 12;
        found.retain(|(bits, _)| *bits <= limit);
        found.truncate(60);
        self.verified(found)
    }

    /// Lists lists of rules with these actions, with the bits of their tests.
    fn conditions(&mut self, chosen: &[&Candidate], changed: usize) -> Vec<(u32, Vec<Case>)> {
        let count = self.things.len();
        // Which object has to act, since nothing else explains a cell.
        let mut only: Vec<Option<(usize, usize)>> = vec![None; changed];
        let mut several = vec![false; changed];
        for (which, one) in chosen.iter().enumerate() {
            for (thing, gains) in one.gains.iter().enumerate() {
                for &id in gains {
                    several[id] |= only[id].is_some();
                    only[id] = Some((thing, which));
                }
            }
        }
        let mut forced: Vec<Option<usize>> = vec![None; count];
        for (only, several) in only.iter().zip(&several) {
            if let (Some((thing, which)), false) = (only, several) {
                if forced[*thing].is_some_and(|other| other != *which) {
                    return Vec::new();
                }
                forced[*thing] = Some(*which);
            }
        }
        // The last choice is to keep.
        let keep = chosen.len();
        let mut right: Vec<Vec<bool>> = chosen.iter().map(|one| one.right.clone()).collect();
        right.push(forced.iter().map(Option::is_none).collect());
        for thing in 0..count {
            if let Some(which) = forced[thing] {
                for (other, right) in right.iter_mut().enumerate() {
                    right[thing] &= other == which;
                }
            }
        }
        let mut found = Vec::new();
        let mut rules = Vec::new();
        let left = vec![true; count];
        let actions: Vec<Action> = chosen
            .iter()
            .map(|one| one.action)
            .chain([Action::Keep])
            .collect();
        self.order(
            &actions,
            &right,
            &forced,
            keep,
            &left,
            (1 << (keep + 1)) - 1,
            0,
            &mut rules,
            &mut found,
        );
        found
    }

    /// Extends a list of rules by the actions that are open, in each order.
    #[allow(clippy::too_many_arguments)]
    fn order(
        &mut self,
        actions: &[Action],
        right: &[Vec<bool>],
        forced: &[Option<usize>],
        keep: usize,
        left: &[bool],
        open: u32,
        bits: u32,
        rules: &mut Vec<Case>,
        found: &mut Vec<(u32, Vec<Case>)>,
    ) {
        for which in 0..=keep {
            if open & (1 << which) == 0 {
                continue;
            }
            let rest = open & !(1 << which);
            let negatives: Vec<bool> = (0..left.len())
                .map(|thing| left[thing] && !right[which][thing])
                .collect();
            // As the last one it takes all that is left.
            let is_last = rest == 0 || rest == 1 << keep && which != keep;
            if !negatives.contains(&true) && (rest == 0 || which != keep) && is_last {
                let mut rules = rules.clone();
                if which != keep {
                    rules.push(Case {
                        tests: Vec::new(),
                        action: actions[which],
                    });
                }
                found.push((bits + 1, rules));
                continue;
            }
            if rest == 0 {
                continue;
            }
            let positives: Vec<bool> = (0..left.len())
                .map(|thing| {
                    left[thing]
                        && if which == keep {
                            (0..keep).all(|other| open & (1 << other) == 0 || !right[other][thing])
                        } else {
                            forced[thing] == Some(which)
                        }
                })
                .collect();
            if !positives.contains(&true) || !negatives.contains(&true) {
                continue;
            }
            for (more, tests) in self.separate(&positives, &negatives).unwrap_or_default() {
                let mut after = left.to_vec();
                for (thing, after) in after.iter_mut().enumerate() {
                    *after &= !self.passes(&tests, thing);
                }
                rules.push(Case {
                    tests,
                    action: actions[which],
                });
                self.order(
                    actions,
                    right,
                    forced,
                    keep,
                    &after,
                    rest,
                    bits + more,
                    rules,
                    found,
                );
                rules.pop();
            }
        }
    }

    fn passes(&self, tests: &[Test], thing: usize) -> bool {
        tests.iter().all(|test| {
            let known = self
                .features
                .iter()
                .find(|(feature, _, _)| *feature == test.feature);
            known.is_some_and(|(_, _, values)| {
                test.low <= values[thing] && values[thing] <= test.high
            })
        })
    }

    /// Tries every action on every object.
    fn candidates(&self, ids: &[Vec<usize>], changed: usize) -> Vec<Candidate> {
        let mut found = Vec::new();
        let mut news: Vec<i8> = Vec::new();
        for (wanted, own) in self.wanted.iter().zip(ids) {
            let places = own.iter().enumerate().filter(|(_, id)| **id != usize::MAX);
            news.extend(places.map(|(place, _)| wanted.cells()[place]));
        }
        news.sort_unstable();
        news.dedup();
        let mut paints: Vec<(Paint, u32, Vec<Option<i8>>)> = Vec::new();
        for &color in &news {
            paints.push((
                Paint::Constant(color),
                4,
                vec![Some(color); self.things.len()],
            ));
        }
        for named in 0..COLORS.len() {
            let paint = Paint::Named(named);
            let colors = self
                .things
                .iter()
                .map(|&(demo, number)| self.scenes[demo].paint(number, paint));
            paints.push((paint, if named == 0 { 3 } else { 5 }, colors.collect()));
        }
        let mut shapes: Vec<(Shape, u32)> = (0..SHAPES.len())
            .map(|place| (Shape::Named(place), if place == 0 { 1 } else { 5 }))
            .collect();
        for way in 0..WAYS {
            shapes.push((Shape::Shoot(way), 7));
            shapes.push((Shape::Reach(way), 7));
            if matches!(way, 2 | 3 | 6 | 7) {
                shapes.push((Shape::Connect(way), 7));
            }
        }
        shapes.extend((1..10).map(|color| (Shape::Link(color), 8)));
        for &(shape, shape_bits) in &shapes {
            let all: Vec<Vec<usize>> = self
                .things
                .iter()
                .map(|&(demo, number)| self.scenes[demo].shape(number, shape))
                .collect();
            for under in [false, true] {
                if under && shape == Shape::Named(0) {
                    continue;
                }
                // The colour that all cells get, if there are any and it is one.
                let mut colors: Vec<Result<Option<i8>, ()>> = Vec::with_capacity(all.len());
                let mut gains: Vec<Vec<usize>> = Vec::with_capacity(all.len());
                for (places, &(demo, _)) in all.iter().zip(&self.things) {
                    let scene = &self.scenes[demo];
                    let mut color = Ok(None);
                    let mut gain = Vec::new();
                    for &place in places {
                        if under && scene.grid.cells()[place] != scene.background {
                            continue;
                        }
                        let new = self.wanted[demo].cells()[place];
                        color = match color {
                            Ok(None) => Ok(Some(new)),
                            Ok(Some(one)) if one == new => color,
                            _ => Err(()),
                        };
                        if color.is_err() {
                            gain.clear();
                            break;
                        }
                        let id = ids[demo][place];
                        if id != usize::MAX {
                            gain.push(id);
                        }
                    }
                    colors.push(color);
                    gains.push(gain);
                }
                if gains.iter().all(Vec::is_empty) {
                    continue;
                }
                for (paint, paint_bits, values) in &paints {
                    let right: Vec<bool> = colors
                        .iter()
                        .zip(values)
                        .map(|(color, value)| match color {
                            Ok(None) => true,
                            Ok(color) => color == value,
                            Err(()) => false,
                        })
                        .collect();
                    let gains: Vec<Vec<usize>> = gains
                        .iter()
                        .zip(&right)
                        .map(|(gain, right)| if *right { gain.clone() } else { Vec::new() })
                        .collect();
                    let action = if under {
                        Action::Underfill(shape, *paint)
                    } else {
                        Action::Fill(shape, *paint)
                    };
                    add(
                        &mut found,
                        action,
                        1 + shape_bits + paint_bits,
                        right,
                        gains,
                        changed,
                    );
                }
            }
        }
        self.motions(ids, changed, &paints, &mut found);
        distinct(found)
    }

    fn motions(
        &self,
        ids: &[Vec<usize>],
        changed: usize,
        paints: &[(Paint, u32, Vec<Option<i8>>)],
        found: &mut Vec<Candidate>,
    ) {
        let mut paths: Vec<(Path, u32)> = Vec::new();
        for way in 0..WAYS {
            paths.push((Path::Fall(way), 4));
            paths.push((Path::Edge(way), 5));
            paths.push((Path::Beside(way), 5));
            if way < 4 {
                paths.push((Path::Mirrored(way), 5));
            }
        }
        paths.extend((0..TURNS.len()).map(|turn| (Path::Turned(turn), 5)));
        paths.extend((1..10).map(|color| (Path::Towards(Target::Color(color)), 6)));
        paths.push((Path::Towards(Target::Own), 6));
        paths.push((Path::Towards(Target::Any), 6));
        paths.extend(self.vectors(ids).into_iter().map(|vector| {
            let length = vector.0.unsigned_abs() + vector.1.unsigned_abs();
            (Path::By(vector.0, vector.1), 5 + length.ilog2() * 2)
        }));
        for (path, bits) in paths {
            for is_move in [true, false] {
                let motions: Vec<Option<Motion>> = self
                    .things
                    .iter()
                    .map(|&(demo, number)| self.motion(ids, demo, number, path, is_move))
                    .collect();
                let action = |paint| {
                    if is_move {
                        Action::Move(path, paint)
                    } else {
                        Action::Copy(path, paint)
                    }
                };
                let mut try_paint = |paint, bits, is_right: &dyn Fn(usize, &Motion) -> bool| {
                    let right = |(thing, motion): (usize, &Option<Motion>)| {
                        motion
                            .as_ref()
                            .is_some_and(|motion| is_right(thing, motion))
                    };
                    let right: Vec<bool> = motions.iter().enumerate().map(right).collect();
                    let gains = motions.iter().zip(&right).map(|(motion, right)| {
                        let gains = motion.as_ref().filter(|_| *right);
                        gains.map_or_else(Vec::new, |motion| motion.gains.clone())
                    });
                    add(
                        found,
                        action(paint),
                        bits,
                        right.clone(),
                        gains.collect(),
                        changed,
                    );
                };
                try_paint(None, 1 + bits, &|_, motion| motion.own);
                if motions.iter().flatten().any(|motion| !motion.own) {
                    for (paint, more, values) in paints {
                        let fits = |thing: usize, motion: &Motion| match motion.color {
                            Some(Some(color)) => values[thing] == Some(color),
                            Some(None) => true,
                            None => false,
                        };
                        try_paint(Some(*paint), 1 + bits + more, &fits);
                    }
                }
            }
        }
    }

    /// Returns what a motion explains, if it is right in some colour.
    fn motion(
        &self,
        ids: &[Vec<usize>],
        demo: usize,
        number: usize,
        path: Path,
        is_move: bool,
    ) -> Option<Motion> {
        let (scene, wanted) = (&self.scenes[demo], self.wanted[demo]);
        // The colour that all cells have in the output, and whether it is their own.
        let look = |cells: &Cells| {
            let (mut own, mut one, mut first) = (true, true, None);
            for &(row, column, color) in cells {
                if let Some(place) = scene.place(row, column) {
                    let new = wanted.cells()[place];
                    own &= new == color;
                    one &= *first.get_or_insert(new) == new;
                }
            }
            (own || one).then_some((own, one.then_some(first)))
        };
        let (cells, (own, color)) = match path {
            Path::Fall(way) => {
                // What is in the way may move too: it may go as far as agrees.
                let mut cells = scene.follow(number, Path::By(0, 0), &[])?;
                let (down, right) = scene.step(number, way)?;
                let mut last = None;
                loop {
                    let mut places = cells.iter();
                    if places.any(|&(row, column, _)| scene.place(row, column).is_none()) {
                        break last?;
                    }
                    if let Some(seen) = look(&cells).filter(|seen| seen.0) {
                        last = Some((cells.clone(), seen));
                    }
                    for cell in &mut cells {
                        cell.0 += down;
                        cell.1 += right;
                    }
                }
            }
            _ => {
                let cells = scene.follow(number, path, scene.grid.cells())?;
                let seen = look(&cells)?;
                (cells, seen)
            }
        };
        let mut places: Vec<usize> = cells
            .iter()
            .filter_map(|&(row, column, _)| scene.place(row, column))
            .collect();
        if is_move {
            let old = &scene.things[number].places;
            let gone = old.iter().copied().filter(|place| !places.contains(place));
            let gone: Vec<usize> = gone.collect();
            let is_gone = |&place: &usize| {
                let new = wanted.cells()[place];
                new == scene.background || new != scene.grid.cells()[place]
            };
            if !gone.iter().all(is_gone) {
                return None;
            }
            places.extend(gone);
        }
        let gains = places.iter().map(|&place| ids[demo][place]);
        Some(Motion {
            own,
            color,
            gains: gains.filter(|&id| id != usize::MAX).collect(),
        })
    }

    /// Lists the vectors by which objects of the first demo with changes may have moved.
    fn vectors(&self, ids: &[Vec<usize>]) -> Vec<(i32, i32)> {
        let Some(demo) = ids
            .iter()
            .position(|ids| ids.iter().any(|&id| id != usize::MAX))
        else {
            return Vec::new();
        };
        let scene = &self.scenes[demo];
        let wanted = self.wanted[demo];
        let mut found: Vec<(usize, i32, i32)> = Vec::new();
        let (height, width) = (wanted.height() as i32, wanted.width() as i32);
        for down in 1 - height..height {
            for right in 1 - width..width {
                if (down, right) == (0, 0) {
                    continue;
                }
                let moves = |number: &usize| {
                    let thing = &scene.things[*number];
                    let mut gains = false;
                    thing.places.iter().all(|&place| {
                        let (row, column) = scene.location(place);
                        match scene.place(row + down, column + right) {
                            Some(to) => {
                                gains |= ids[demo][to] != usize::MAX;
                                wanted.cells()[to] == scene.grid.cells()[place]
                            }
                            None => true,
                        }
                    }) && gains
                };
                let count = (0..scene.things.len()).filter(moves).count();
                if count > 0 {
                    found.push((count, down, right));
                }
            }
        }
        found.sort_by_key(|&(count, down, right)| {
            (
                std::cmp::Reverse(count),
                down.abs() + right.abs(),
                down,
                right,
            )
        });
        found.truncate(VECTORS_MAX);
        found
            .into_iter()
            .map(|(_, down, right)| (down, right))
            .collect()
    }
}

fn add(
    found: &mut Vec<Candidate>,
    action: Action,
    bits: u32,
    right: Vec<bool>,
    gains: Vec<Vec<usize>>,
    changed: usize,
) {
    let mut cover = vec![0_u64; changed.div_ceil(64)];
    for &id in gains.iter().flatten() {
        cover[id / 64] |= 1 << (id % 64);
    }
    if cover.iter().any(|word| *word != 0) {
        found.push(Candidate {
            action,
            bits,
            right,
            gains,
            cover,
        });
    }
}

/// Keeps of the candidates that are right at the same objects and explain the same the simplest.
fn distinct(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by_key(|one| one.bits);
    let mut kept: Vec<Candidate> = Vec::new();
    for one in found {
        let same = |other: &Candidate| other.cover == one.cover && other.right == one.right;
        if !kept.iter().any(same) {
            kept.push(one);
        }
    }
    kept
}

/// Finds a test of one feature that separates objects, with the bits of its numbers.
fn single(
    feature: Feature,
    values: &[i64],
    positives: &[bool],
    negatives: &[bool],
) -> Option<(u32, Test)> {
    let own = || {
        values
            .iter()
            .zip(positives)
            .filter(|(_, is)| **is)
            .map(|(value, _)| *value)
    };
    let others = || {
        values
            .iter()
            .zip(negatives)
            .filter(|(_, is)| **is)
            .map(|(value, _)| *value)
    };
    let (low, high) = (own().min()?, own().max()?);
    if others().any(|value| low <= value && value <= high) {
        return None;
    }
    let below = others().filter(|&value| value < low).max();
    let above = others().filter(|&value| value > high).min();
    let (low, high, bits) = match (feature, below, above) {
        (Feature::Plain(COLOR), _, _) if low != high => return None,
        (Feature::Plain(COLOR), _, _) => (low, high, 3),
        (Feature::Compared(..), Some(_), None) => (low, MOST, 2),
        (Feature::Compared(..), None, Some(_)) => (0, high, 1),
        (_, Some(below), None) => ((below + low + 1).div_euclid(2), MOST, 3),
        (_, None, Some(above)) => (0, (above + high).div_euclid(2), 3),
        _ => (low, high, if low == high { 3 } else { 6 }),
    };
    Some((bits, Test { feature, low, high }))
}

/// Chooses sets of candidates that explain all changed cells together, by steps that are bounded.
fn choose(candidates: &[Candidate], changed: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    let size = |one: &Candidate| one.cover.iter().map(|word| word.count_ones()).sum::<u32>();
    order.sort_by_key(|&each| {
        (
            std::cmp::Reverse(size(&candidates[each])),
            candidates[each].bits,
        )
    });
    let mut found = Vec::new();
    let mut open = vec![0_u64; changed.div_ceil(64)];
    for id in 0..changed {
        open[id / 64] |= 1 << (id % 64);
    }
    for depth in 1..=ACTIONS_MAX {
        let mut steps = STEPS_MAX;
        extend(
            candidates,
            &order,
            &open,
            depth,
            &mut Vec::new(),
            &mut found,
            &mut steps,
        );
        if found.len() >= SETS_MAX {
            break;
        }
    }
    found
}

fn extend(
    candidates: &[Candidate],
    order: &[usize],
    open: &[u64],
    depth: usize,
    set: &mut Vec<usize>,
    found: &mut Vec<Vec<usize>>,
    steps: &mut usize,
) {
    let Some(word) = open.iter().position(|word| *word != 0) else {
        if depth == 0 {
            let mut sorted = set.clone();
            sorted.sort_unstable();
            if !found.contains(&sorted) {
                found.push(sorted);
            }
        }
        return;
    };
    if depth == 0 {
        return;
    }
    let bit = open[word] & open[word].wrapping_neg();
    for &each in order {
        if candidates[each].cover[word] & bit == 0 {
            continue;
        }
        if *steps == 0 || found.len() >= SETS_MAX {
            return;
        }
        *steps -= 1;
        let rest: Vec<u64> = open
            .iter()
            .zip(&candidates[each].cover)
            .map(|(open, cover)| open & !cover)
            .collect();
        if depth == 1 && rest.iter().any(|word| *word != 0) {
            continue;
        }
        set.push(each);
        extend(candidates, order, &rest, depth - 1, set, found, steps);
        set.pop();
    }
}
