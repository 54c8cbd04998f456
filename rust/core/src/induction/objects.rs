//! Learns rules about objects: what becomes of which of them.
//!
//! For each way to take the grids apart, each action is tried on each object: it is right there if
//! the cells that it makes are those of the output. A few actions that explain all changed cells
//! are chosen, then the simplest conditions that tell the objects of one from those of another.

mod actions;
mod conditions;

use actions::{choose, Candidate};
use conditions::{all_features, bits_of};

use super::{Examples, Learner, Rule};
use crate::primitives::object_actions::{Action, Layout, Length};
use crate::primitives::object_rules::{apply, write, Case};
use crate::primitives::object_scenes::{Feature, Scene, FLAGS, PARTITIONS, PROPERTIES};
use crate::value::{Grid, Value};

/// How many objects an input has, at most.
const THINGS_MAX: usize = 40;
/// The partitions before this one consist of what may move.
const MOVING: usize = 4;
/// For how many choices of objects two tests are tried together, in a task.
const PAIRS_MAX: usize = 60;
/// How often conditions are sought for one choice of actions.
const ORDERS_MAX: usize = 60;
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
    let mut found: Vec<(u32, usize, Vec<Case>)> = Vec::new();
    let mut pairs_left = PAIRS_MAX;
    for partition in 0..PARTITIONS.len() {
        let scenes: Result<Vec<Scene<'_>>, _> = grids
            .iter()
            .map(|(given, _)| Scene::new(given, background, partition))
            .collect();
        let Ok(scenes) = scenes else { continue };
        let counts = scenes.iter().map(|scene| scene.things.len());
        let (least, most) = counts.fold((usize::MAX, 0), |(least, most), count| {
            (least.min(count), most.max(count))
        });
        if most == 0 || most > THINGS_MAX || (least == 0 && !same_shape) {
            continue;
        }
        let wanted = grids.iter().map(|(_, wanted)| *wanted).collect();
        let mut task = Task::new(scenes, wanted, partition < MOVING, pairs_left);
        let mut rules = Vec::new();
        if same_shape {
            rules.append(&mut task.recolour());
        } else {
            if smaller {
                rules.append(&mut task.cut());
            }
            rules.append(&mut task.list());
        }
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

struct Task<'a> {
    scenes: Vec<Scene<'a>>,
    wanted: Vec<&'a Grid>,
    /// The objects of all demos, each by the number of the demo and its own.
    things: Vec<(usize, usize)>,
    /// All features with their bits, and what they are of each object.
    features: Vec<(Feature, u32, Vec<i64>)>,
    /// Whether objects are tried to be moved and copied.
    moves: bool,
    /// For how many choices of objects two tests may still be tried together.
    pairs_left: usize,
    /// How often conditions may still be sought for the choice of actions at hand.
    orders_left: usize,
}

impl<'a> Task<'a> {
    fn new(scenes: Vec<Scene<'a>>, wanted: Vec<&'a Grid>, moves: bool, pairs_left: usize) -> Self {
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
            moves,
            pairs_left,
            orders_left: 0,
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

    /// Learns which objects are listed, and how.
    fn list(&mut self) -> Vec<(u32, Vec<Case>)> {
        let mut found = Vec::new();
        for across in [false, true] {
            let background = self.scenes[0].background;
            let lines: Option<Vec<Vec<(i8, i64)>>> = self
                .wanted
                .iter()
                .map(|wanted| lines_of(wanted, background, across))
                .collect();
            let Some(lines) = lines else { continue };
            // Objects of a listed colour that is theirs alone are listed, those of others not.
            let listed: Vec<usize> = self
                .things
                .iter()
                .map(|&(demo, number)| {
                    let color = self.scenes[demo].things[number].color;
                    lines[demo].iter().filter(|line| line.0 == color).count()
                })
                .collect();
            let alone = |thing: usize| {
                let (demo, number) = self.things[thing];
                let things = &self.scenes[demo].things;
                let same = things
                    .iter()
                    .filter(|one| one.color == things[number].color);
                same.count() == listed[thing]
            };
            let positives: Vec<bool> = (0..listed.len())
                .map(|thing| listed[thing] > 0 && alone(thing))
                .collect();
            let negatives: Vec<bool> = listed.iter().map(|count| *count == 0).collect();
            let Some(choices) = self.separate(&positives, &negatives) else {
                continue;
            };
            let mut lengths: Vec<Length> = [0, 1, 2, 4, 11, 21, 25, 28]
                .into_iter()
                .map(Length::Property)
                .collect();
            let first = lines[0].first().map_or(1, |line| line.1);
            lengths.extend([Length::Fixed(first), Length::Count]);
            for (bits, tests) in choices {
                for order in (0..PROPERTIES.len()).filter(|order| !FLAGS.contains(order)) {
                    for descends in [false, true] {
                        for &length in &lengths {
                            let action = Action::List(Layout {
                                across,
                                order,
                                descends,
                                length,
                            });
                            let tests = tests.clone();
                            let more = bits_of(Feature::Plain(order)) + 5;
                            found.push((bits + more, vec![Case { tests, action }]));
                        }
                    }
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
                for &id in gains.iter().filter(|_| one.right[thing]) {
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
        self.orders_left = ORDERS_MAX;
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
            let is_vain = !positives.contains(&true) || !negatives.contains(&true);
            if is_vain || self.orders_left == 0 {
                continue;
            }
            self.orders_left -= 1;
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
}

/// Returns the colours and lengths of the lines that a grid consists of.
fn lines_of(grid: &Grid, background: i8, across: bool) -> Option<Vec<(i8, i64)>> {
    let (count, length) = if across {
        (grid.width(), grid.height())
    } else {
        (grid.height(), grid.width())
    };
    let line = |line: usize| {
        let cells = (0..length).map(|cell| {
            if across {
                grid.at(cell, line)
            } else {
                grid.at(line, cell)
            }
        });
        let cells: Vec<i8> = cells.collect();
        let color = *cells.first().filter(|color| **color != background)?;
        let filled = cells.iter().take_while(|other| **other == color).count();
        let rest = cells[filled..].iter().all(|color| *color == background);
        rest.then_some((color, filled as i64))
    };
    (0..count).map(line).collect()
}
