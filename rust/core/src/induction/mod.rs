//! Induction: learners that find a rule in the demos and write it down.
//!
//! A rule is a literal and the features that it is about. Features are ordinary expressions over
//! the grid at hand; a primitive applies the literal to their values. So a learner exists once, the
//! programs that come out of it read no demos, and leave-one-out means learning again without the
//! demo. A learner is one module and one line in [`LEARNERS`].

mod objects;
mod trees;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::Arc;

use crate::evaluate::{
    catch_panic, evaluate, in_parallel, Cancelled, Case, Job, Settings, Surroundings,
};
use crate::graph::Graph;
use crate::meter::{Bounds, Meter};
use crate::primitives::lookup;
use crate::value::{Grid, Value};

/// All learners.
pub static LEARNERS: &[&dyn Learner] = &[&trees::Trees, &objects::Objects];

/// Rules that are kept of those that a learner lists, at most.
const RULES: usize = 3;

/// What a learner makes of demos.
pub trait Learner: Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// The name of the primitive that applies a rule. It takes what [`argument`](Self::argument)
    /// makes of the values of the rule's features, and the literal.
    fn primitive(&self) -> &'static str;

    /// Makes the first argument of the primitive of the values of the rule's features, in their
    /// order: the tuple of them.
    fn argument(&self, values: Vec<Value>) -> Value {
        Value::tuple(values)
    }

    /// Lists rules that make the wanted grids of all demos, the likeliest first. Rules that take
    /// more bits than the wanted grids themselves are refused later, and of those that make the
    /// same of all tests only the first is kept.
    fn learn(&self, examples: &Examples<'_>) -> Vec<Rule>;
}

/// The kind of a feature's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Grids of colours.
    Picture,
    /// Grids of numbers, which have an order.
    Numbers,
    /// Anything else.
    Other,
}

impl Kind {
    /// Finds a kind by its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "picture" => Self::Picture,
            "numbers" => Self::Numbers,
            "other" => Self::Other,
            _ => return None,
        })
    }
}

/// An expression of which rules may make use, with its values.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Its number among the features of the problem.
    pub number: usize,
    /// What its values are.
    pub kind: Kind,
    /// Bits of description.
    pub bits: u32,
    /// Its values: one for each sample, those of the demos first.
    pub values: Vec<Value>,
}

/// What is given to a learner: features of all samples, and what some demos want.
pub struct Examples<'a> {
    /// The features that have a value on all samples, in the order of the problem.
    pub features: &'a [Feature],
    /// The numbers of the demos to learn from, with their wanted grids.
    pub demos: &'a [(usize, Value)],
    /// Stops the learner when it is set.
    pub cancel: &'a AtomicBool,
}

/// A rule that makes the wanted grids of the demos from which it was learnt.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// What the primitive of the learner takes after the features.
    pub literal: Value,
    /// The numbers of the features that it is about.
    pub features: Vec<usize>,
    /// Bits of description, those of the features included.
    pub bits: u32,
}

/// A rule that makes the wanted grids of all demos.
#[derive(Clone, Debug, PartialEq)]
pub struct Learnt {
    /// The rule.
    pub rule: Rule,
    /// How many demos it misses: what is learnt without the demo, in the same place of the list,
    /// makes another grid of it.
    pub missed: usize,
}

impl Examples<'_> {
    /// Learns rules about the first feature as a picture, from its values and the wanted grids.
    fn learn_from_picture(
        &self,
        learn: impl Fn(&[(Value, Value)]) -> Vec<(Value, u32)>,
    ) -> Vec<Rule> {
        let Some(picture) = self.features.first() else {
            return Vec::new();
        };
        let demos = self.demos.iter();
        let pairs: Vec<(Value, Value)> = demos
            .map(|(sample, wanted)| (picture.values[*sample].clone(), wanted.clone()))
            .collect();
        let rules = learn(&pairs).into_iter();
        rules
            .map(|(literal, bits)| Rule {
                literal,
                features: vec![picture.number],
                bits,
            })
            .collect()
    }
}

/// What to learn: a learner, features, and samples.
pub struct Problem {
    /// The learner.
    pub learner: &'static dyn Learner,
    /// The expressions of the features; one root for each of them.
    pub graph: Arc<Graph>,
    /// Of each feature, its kind and its bits.
    pub features: Vec<(Kind, u32)>,
    /// The samples: first the demos, whose wanted grids are given, then the tests.
    pub cases: Vec<Case>,
}

/// Finds a learner by its name.
pub fn learner(name: &str) -> Option<&'static dyn Learner> {
    LEARNERS.iter().copied().find(|one| one.name() == name)
}

/// Learns rules for each problem, on as many threads as the settings ask for.
///
/// Runs on the calling thread too, which needs a stack of
/// [`STACK_BYTES`](crate::evaluate::STACK_BYTES). The rules do not depend on the threads.
///
/// Fails if it is cancelled.
pub fn induce(
    problems: &[Problem],
    settings: &Settings,
    cancel: &AtomicBool,
) -> Result<Vec<Vec<Learnt>>, Cancelled> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(problem) = problems.get(number) else {
                return done;
            };
            let learnt = induce_one(problem, settings, cancel);
            done.push((number, learnt.unwrap_or_default()));
        }
    };
    let threads = settings.threads.clamp(1, problems.len().max(1));
    let mut done: Vec<_> = in_parallel(threads, work).into_iter().flatten().collect();
    if cancel.load(Ordering::Relaxed) {
        return Err(Cancelled);
    }
    done.sort_unstable_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, learnt)| learnt).collect())
}

fn induce_one(
    problem: &Problem,
    settings: &Settings,
    cancel: &AtomicBool,
) -> Result<Vec<Learnt>, Cancelled> {
    let features = evaluate_features(problem, settings, cancel)?;
    let wanted = problem.cases.iter().map(|case| case.wanted.clone());
    let wanted: Vec<Value> = wanted.map_while(|one| one).collect();
    let lesson = Lesson {
        learner: problem.learner,
        features: &features,
        wanted: &wanted,
        samples: problem.cases.len(),
        bounds: settings.bounds(),
        cancel,
    };
    Ok(lesson.learn())
}

/// A learner with the values of features on all samples.
struct Lesson<'a> {
    learner: &'a dyn Learner,
    features: &'a [Feature],
    /// The wanted grids of the demos.
    wanted: &'a [Value],
    /// How many samples there are, the demos first.
    samples: usize,
    bounds: Bounds,
    cancel: &'a AtomicBool,
}

impl Lesson<'_> {
    /// Learns rules from all demos, and counts the demos that they miss.
    fn learn(&self) -> Vec<Learnt> {
        let demos: Vec<(usize, Value)> = (0..).zip(self.wanted.iter().cloned()).collect();
        let mut rules = self.rules(&demos);
        let most = plain_bits(self.features, &demos);
        rules.retain(|rule| u64::from(rule.bits) <= most);
        let mut missed = vec![0; rules.len()];
        if !rules.is_empty() && demos.len() > 1 {
            for left_out in 0..demos.len() {
                let mut others = demos.clone();
                let (sample, wanted) = others.remove(left_out);
                let mut again = self.rules(&others).into_iter();
                for count in &mut missed {
                    let made = again.next().and_then(|rule| self.apply(&rule, sample));
                    *count += usize::from(made.as_ref() != Some(&wanted));
                }
            }
        }
        let learnt = rules.into_iter().zip(missed);
        let learnt = learnt.map(|(rule, missed)| Learnt { rule, missed });
        learnt.collect()
    }

    /// Learns from some demos; keeps the likeliest of the rules that make the same of all tests.
    fn rules(&self, demos: &[(usize, Value)]) -> Vec<Rule> {
        if demos.is_empty() {
            return Vec::new();
        }
        let examples = Examples {
            features: self.features,
            demos,
            cancel: self.cancel,
        };
        // A panic is a bug of the learner; it costs its own rules, not the run.
        let learnt = catch_panic(|| Ok(self.learner.learn(&examples)));
        let mut rules = learnt.unwrap_or_default();
        let mut seen: Vec<Vec<Option<Value>>> = Vec::new();
        rules.retain(|rule| {
            if seen.len() == RULES {
                return false;
            }
            let tests = self.wanted.len()..self.samples;
            let made = tests.map(|sample| self.apply(rule, sample)).collect();
            let is_new = !seen.contains(&made);
            if is_new {
                seen.push(made);
            }
            is_new
        });
        rules
    }

    /// Applies a rule to a sample; nothing if that fails.
    fn apply(&self, rule: &Rule, sample: usize) -> Option<Value> {
        let value = |number: &usize| {
            let feature = self.features.iter().find(|one| one.number == *number)?;
            Some(feature.values[sample].clone())
        };
        let values = rule.features.iter().map(value).collect::<Option<_>>()?;
        let argument = self.learner.argument(values);
        let mut meter = Meter::new(self.bounds).with_cancel(self.cancel);
        let callee = lookup(self.learner.primitive())?;
        let made = meter.call(&callee, &[&argument, &rule.literal]);
        made.ok()
    }
}

/// Returns the bits that it takes to list the cells of all wanted grids that differ from the first
/// feature, with their colours.
fn plain_bits(features: &[Feature], demos: &[(usize, Value)]) -> u64 {
    let (mut cells, mut changed, mut colors) = (0, 0, 0_u16);
    for (sample, wanted) in demos {
        let Some(wanted) = wanted.as_grid() else {
            continue;
        };
        let first = features
            .first()
            .and_then(|one| one.values[*sample].as_grid());
        let shape = |grid: &Grid| (grid.height(), grid.width());
        let first = first.filter(|first| shape(first) == shape(wanted));
        for (cell, &color) in wanted.cells().iter().enumerate() {
            cells += 1;
            if first.is_none_or(|first| first.cells()[cell] != color) {
                changed += 1;
                colors |= 1 << (color as u32 % 16);
            }
        }
    }
    // For each changed cell its place, about, and its colour.
    let (cells, changed) = (f64::from(cells), f64::from(changed));
    let place = (cells / changed.max(1.0)).log2() + 1.5;
    (changed * (place + f64::from(1 + colors.count_ones()).log2())) as u64
}

/// Evaluates the features, and keeps those that have a value on all samples.
fn evaluate_features(
    problem: &Problem,
    settings: &Settings,
    cancel: &AtomicBool,
) -> Result<Vec<Feature>, Cancelled> {
    let jobs = [Job {
        graph: Arc::clone(&problem.graph),
        cases: problem.cases.clone(),
    }];
    let settings = Settings {
        threads: 1,
        keep_outputs: true,
        ..*settings
    };
    let surroundings = Surroundings {
        cancel,
        externals: None,
    };
    let outcomes = evaluate(&jobs, &settings, surroundings)?;
    let cases = outcomes.first().map_or(&[][..], Vec::as_slice);
    let feature = |(number, &(kind, bits)): (usize, &(Kind, u32))| {
        let values = cases
            .iter()
            .map(|case| case.outputs.get(number).cloned().flatten())
            .collect::<Option<_>>()?;
        Some(Feature {
            number,
            kind,
            bits,
            values,
        })
    };
    let features = problem.features.iter().enumerate();
    Ok(features.filter_map(feature).collect())
}
