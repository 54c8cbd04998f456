//! Rules about cells that are learnt from the demo samples.
//!
//! The background, a grid's most common colour, and 0 change places before a rule is learnt and
//! after it is followed.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::cell_features::{features, Feature, Shapes};
use super::connected_components::check_cells;
use super::counts::most_color;
use super::samples::check_samples;
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    learn_cells(samples, k, grid) metered = learn_cells;
}

/// So many of the simplest rules are tried.
const RULES: usize = 64;
/// A rule is about so many features at most.
const FEATURES: i64 = 2;
/// What a cell of the samples counts for: most pairs of features are refused after few cells.
const STEPS_PER_CELL: i128 = 150;
/// The flag of a cell's own colour among those that may be copied.
const OWN: u32 = 1;

/// What the demos show about the cells with certain features.
#[derive(Clone, Copy)]
struct Shown {
    /// Flags of the colours of a cell that all of them become.
    copies: u32,
    /// What all of them become, if it is one colour.
    color: Option<i32>,
}

/// The values of the features on which a rule depends.
type Key = (i32, i32);

/// A rule that all demos follow.
struct Rule {
    /// The numbers of the features on which it depends; the same twice if it is one.
    places: (usize, usize),
    outcomes: FxHashMap<Key, Shown>,
    /// The number of the colour that a cell becomes if nothing simpler is known.
    copied: usize,
}

impl Rule {
    /// The features that it uses, then the cases that it tells apart.
    fn complexity(&self) -> (usize, usize) {
        let features = 1 + usize::from(self.places.0 != self.places.1);
        (features + usize::from(self.copied > 0), self.outcomes.len())
    }
}

/// The features of the cells of some grids, one after the other.
#[derive(Default)]
struct Look {
    colors: usize,
    all: Vec<Feature>,
}

/// What was learnt from some samples, with the shapes that occur in them.
struct Learnt {
    rules: Vec<Rule>,
    shapes: Shapes,
}

const NO_RULE: Failure = Failure::argument("expected a grid that the samples explain");

/// Returns the background of a grid of ARC's colours.
fn background(grid: &Grid) -> Outcome<i8> {
    if !grid.cells().iter().all(|cell| (0..10).contains(cell)) {
        return Err(Failure::argument("expected a grid of the colours 0..9"));
    }
    most_color(grid)
}

/// Lets the background and 0 change places.
fn switched(grid: &Grid, background: i8) -> Value {
    let cells = grid.cells().iter().map(|&color| match color {
        0 => background,
        color if color == background => 0,
        color => color,
    });
    Value::grid(grid.height(), grid.width(), cells.collect::<Vec<i8>>())
}

impl Look {
    /// Appends the features of one more grid.
    fn add(&mut self, meter: &Meter<'_>, grid: &Grid, shapes: &mut Shapes) -> Outcome<()> {
        let found = features(meter, grid, shapes)?;
        self.colors = found.colors.len();
        self.all
            .resize(found.colors.len() + found.numbers.len(), Feature::new());
        for (all, feature) in self
            .all
            .iter_mut()
            .zip(found.colors.into_iter().chain(found.numbers))
        {
            all.extend(feature);
        }
        Ok(())
    }

    fn keys(&self, (one, other): (usize, usize)) -> impl Iterator<Item = Key> + '_ {
        self.all[one]
            .iter()
            .copied()
            .zip(self.all[other].iter().copied())
    }
}

/// Learns what becomes of cells with equal features, unless the demos disagree.
fn learn(places: (usize, usize), look: &Look, wanted: &[i32], flags: &[u32]) -> Option<Rule> {
    let mut outcomes: FxHashMap<Key, Shown> = FxHashMap::default();
    for ((key, &color), &copies) in look.keys(places).zip(wanted).zip(flags) {
        let known = outcomes.entry(key).or_insert(Shown {
            copies,
            color: Some(color),
        });
        known.copies &= copies;
        if known.color != Some(color) {
            known.color = None;
            if known.copies == 0 {
                return None;
            }
        }
    }
    let needed = outcomes
        .values()
        .filter(|shown| shown.copies & OWN == 0 && shown.color.is_none())
        .fold(u32::MAX, |needed, shown| needed & shown.copies);
    let copied = match needed {
        0 => return None,
        u32::MAX => 0,
        needed => needed.trailing_zeros() as usize,
    };
    Some(Rule {
        places,
        outcomes,
        copied,
    })
}

/// Makes each cell what a rule says, if it says something about all.
fn follow(rule: &Rule, look: &Look) -> Option<Vec<i8>> {
    let cells = look.keys(rule.places).enumerate();
    let made = cells.map(|(place, key)| {
        let shown = rule.outcomes.get(&key)?;
        let is_own = shown.copies & OWN != 0;
        let copied = &look.all[if is_own { 0 } else { rule.copied }];
        let color = shown.color.filter(|_| !is_own).unwrap_or(copied[place]);
        i8::try_from(color).ok()
    });
    made.collect()
}

/// Grids, each with the wanted one, of ARC's colours.
type Pairs = Vec<[Value; 2]>;

/// Requires a grid with cells of ARC's colours.
fn check_colors(value: &Value) -> Outcome<&Grid> {
    let grid = check_cells(value)?;
    background(grid)?;
    Ok(grid)
}

/// Lists the grids of some samples as they are seen, with the background in the place of 0.
fn check_shown(samples: &Value) -> Outcome<Pairs> {
    let mut shown = Pairs::new();
    for [given, wanted] in check_samples(samples)? {
        let background = background(check_cells(&given)?)?;
        let grids = [check_cells(&given)?, check_colors(&wanted)?];
        shown.push(grids.map(|grid| switched(grid, background)));
    }
    Ok(shown)
}

fn learn_rules(meter: &Meter<'_>, shown: &Pairs, most: i64) -> Outcome<Learnt> {
    let unfit = Failure::argument("expected samples with grids of the shapes of the outputs");
    let mut grids = Vec::with_capacity(shown.len());
    for [given, wanted] in shown {
        let (given, wanted) = (check_cells(given)?, check_cells(wanted)?);
        if (given.height(), given.width()) != (wanted.height(), wanted.width()) {
            return Err(unfit);
        }
        grids.push((given, wanted));
    }
    if grids.is_empty() {
        return Err(unfit);
    }
    let cells: usize = grids.iter().map(|(given, _)| given.cells().len()).sum();
    meter.claim_steps(cells as i128 * STEPS_PER_CELL)?;
    let (mut look, mut shapes) = (Look::default(), Shapes::default());
    let mut outputs = Vec::with_capacity(cells);
    for (given, wanted) in grids {
        look.add(meter, given, &mut shapes)?;
        outputs.extend(wanted.cells().iter().map(|&color| i32::from(color)));
    }
    let flag = |(place, &output): (usize, &i32)| {
        let colors = look.all[..look.colors].iter().zip(0..);
        colors.fold(0, |flags, (color, number)| {
            flags | u32::from(color[place] == output) << number
        })
    };
    let flags: Vec<u32> = outputs.iter().enumerate().map(flag).collect();
    let count = look.all.len();
    let one = (0..count).map(|place| (place, place));
    let pairs = if most > 1 { 0..count } else { 0..0 };
    let two = pairs.flat_map(|one| (one + 1..count).map(move |other| (one, other)));
    let mut rules: Vec<Rule> = one
        .chain(two)
        .filter_map(|places| learn(places, &look, &outputs, &flags))
        .collect();
    rules.sort_by_key(Rule::complexity);
    rules.truncate(RULES);
    Ok(Learnt { rules, shapes })
}

/// So many lists of pairs are remembered with what was learnt from them.
const REMEMBERED: usize = 16;

/// What is learnt depends on the pairs, the features of a rule, and the room for a value.
struct Memory {
    shown: Pairs,
    most: i64,
    value_leaves: u64,
    learnt: Rc<RefCell<Outcome<Learnt>>>,
}

thread_local! {
    // Search asks for the same samples again and again.
    static MEMORY: RefCell<Vec<Memory>> = const { RefCell::new(Vec::new()) };
}

/// Learns from pairs, or recalls what was learnt.
fn recall(meter: &Meter<'_>, shown: Pairs, most: i64) -> Rc<RefCell<Outcome<Learnt>>> {
    let value_leaves = meter.bounds().value_leaves;
    let known = MEMORY.with_borrow_mut(|all| {
        let place = all.iter().position(|known| {
            (known.value_leaves, known.most) == (value_leaves, most) && known.shown == shown
        })?;
        all[..=place].rotate_right(1);
        Some(Rc::clone(&all[0].learnt))
    });
    known.unwrap_or_else(|| {
        let learnt = Rc::new(RefCell::new(learn_rules(meter, &shown, most)));
        let memory = Memory {
            shown,
            most,
            value_leaves,
            learnt: Rc::clone(&learnt),
        };
        MEMORY.with_borrow_mut(|all| {
            all.truncate(REMEMBERED - 1);
            all.insert(0, memory);
        });
        learnt
    })
}

fn learn_cells(meter: &mut Meter<'_>, [samples, k, grid]: [&Value; 3]) -> Outcome<Value> {
    let most = arguments::number(k)?;
    if !(1..=FEATURES).contains(&most) {
        return Err(Failure::argument("expected 1 or 2"));
    }
    let grid = check_cells(grid)?;
    let background = background(grid)?;
    let learnt = recall(meter, check_shown(samples)?, most);
    let mut learnt = learnt.borrow_mut();
    let Learnt { rules, shapes } = learnt.as_mut().map_err(|failure| *failure)?;
    let mut look = Look::default();
    let seen = switched(grid, background);
    look.add(meter, check_cells(&seen)?, shapes)?;
    let mut answers = rules
        .iter()
        .filter_map(|rule| Some((rule.complexity(), follow(rule, &look)?)));
    let (simplest, made) = answers.next().ok_or(NO_RULE)?;
    let mut as_simple = answers.take_while(|(complexity, _)| *complexity == simplest);
    if as_simple.any(|(_, other)| other != made) {
        return Err(Failure::argument(
            "expected a grid of which equally simple rules say the same",
        ));
    }
    let made = Value::grid(grid.height(), grid.width(), made);
    Ok(switched(check_cells(&made)?, background))
}
