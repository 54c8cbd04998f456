//! Rules about cells that are learnt from the demo samples.
//!
//! The background, a grid's most common colour, and 0 change places before a rule is learnt and
//! after it is followed.

use std::cell::RefCell;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::counts::most_color;
use super::cuts_regions::check_cells;
use super::learnt_features::{features, Feature, Shapes};
use super::samples::check_samples;
use super::table::primitives;
use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::{Grid, Value};

primitives! {
    learn_cells(samples, grid) metered = learn_cells;
}

/// So many of the simplest rules are tried.
const RULES: usize = 64;
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

/// Lets the background and 0 change places in a colour.
fn switched(color: i8, background: i8) -> i8 {
    match color {
        0 => background,
        color if color == background => 0,
        color => color,
    }
}

impl Look {
    /// Appends the features of one more grid.
    fn add(&mut self, meter: &Meter<'_>, grid: &Grid, shapes: &mut Shapes) -> Outcome<()> {
        let background = background(grid)?;
        let cells = grid.cells().iter();
        let seen = Value::grid(
            grid.height(),
            grid.width(),
            cells
                .map(|&color| switched(color, background))
                .collect::<Vec<i8>>(),
        );
        let found = features(meter, seen.as_grid().unwrap_or(grid), shapes)?;
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
        self.all[one].iter().copied().zip(self.all[other].iter().copied())
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

/// A list of samples, as values.
type Demos = Vec<[Value; 2]>;

fn learn_rules(meter: &Meter<'_>, samples: &Demos) -> Outcome<Learnt> {
    let unfit = Failure::argument("expected samples whose outputs have the shape of their inputs");
    let mut grids = Vec::with_capacity(samples.len());
    for [given, wanted] in samples {
        let (given, wanted) = (check_cells(given)?, wanted.as_grid().ok_or(unfit)?);
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
    for (given, _) in &grids {
        look.add(meter, given, &mut shapes)?;
    }
    for (given, wanted) in grids {
        background(wanted)?;
        let background = background(given)?;
        let colors = wanted.cells().iter();
        outputs.extend(colors.map(|&color| i32::from(switched(color, background))));
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
    let two = (0..count).flat_map(|one| (one + 1..count).map(move |other| (one, other)));
    let mut rules: Vec<Rule> = one
        .chain(two)
        .filter_map(|places| learn(places, &look, &outputs, &flags))
        .collect();
    rules.sort_by_key(Rule::complexity);
    rules.truncate(RULES);
    Ok(Learnt { rules, shapes })
}

/// So many samples are remembered with what was learnt from them.
const REMEMBERED: usize = 4;

/// What is learnt depends on the samples and on how much room there is for a value.
struct Memory {
    samples: Demos,
    value_leaves: u64,
    learnt: Rc<RefCell<Outcome<Learnt>>>,
}

thread_local! {
    // Search asks for the same samples again and again.
    static MEMORY: RefCell<Vec<Memory>> = const { RefCell::new(Vec::new()) };
}

/// Learns from samples, or recalls what was learnt.
fn recall(meter: &Meter<'_>, samples: Demos) -> Rc<RefCell<Outcome<Learnt>>> {
    let value_leaves = meter.bounds().value_leaves;
    let known = MEMORY.with_borrow(|all| {
        let found = all
            .iter()
            .find(|known| known.value_leaves == value_leaves && known.samples == samples);
        found.map(|known| Rc::clone(&known.learnt))
    });
    known.unwrap_or_else(|| {
        let learnt = Rc::new(RefCell::new(learn_rules(meter, &samples)));
        MEMORY.with_borrow_mut(|all| {
            all.truncate(REMEMBERED - 1);
            all.insert(
                0,
                Memory {
                    samples,
                    value_leaves,
                    learnt: Rc::clone(&learnt),
                },
            );
        });
        learnt
    })
}

fn learn_cells(meter: &mut Meter<'_>, [samples, grid]: [&Value; 2]) -> Outcome<Value> {
    let grid = check_cells(grid)?;
    let learnt = recall(meter, check_samples(samples)?);
    let mut learnt = learnt.borrow_mut();
    let Learnt { rules, shapes } = learnt.as_mut().map_err(|failure| *failure)?;
    let background = background(grid)?;
    if rules.is_empty() {
        return Err(NO_RULE);
    }
    let mut look = Look::default();
    look.add(meter, grid, shapes)?;
    let made = rules.iter().find_map(|rule| follow(rule, &look));
    let cells = made.ok_or(NO_RULE)?.into_iter();
    Ok(Value::grid(
        grid.height(),
        grid.width(),
        cells
            .map(|color| switched(color, background))
            .collect::<Vec<i8>>(),
    ))
}
