//! Primitives about the demo samples: what their inputs, their outputs and both have in common.
//!
//! The samples are a tuple of (input, output) pairs of grids. One without a known output is none.

use super::counts::slot;
use super::functions::bind_last;
use super::ranks::{turn, SYMMETRIES};
use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::value::{Grid, Value};

primitives! {
    inputs(S) = inputs;
    outputs(S) = outputs;
    lost_colors(S) = lost_colors;
    new_colors(S) = new_colors;
    kept_colors(S) = kept_colors;
    sample_symmetry(S) = sample_symmetry;
    color_map(S) = color_map;
    recolor_by(grid, map) = recolor_by;
    output_shape(S) = output_shape;
}

/// The input and the output grid of each sample, as values.
pub(super) type Samples = Vec<[Value; 2]>;

pub(super) fn check_samples(value: &Value) -> Outcome<Samples> {
    let sample = |member: Value| match (member.is_tuple(), member.members()) {
        (true, Some(grids)) => {
            let grids: [Value; 2] = grids.collect::<Vec<_>>().try_into().ok()?;
            grids
                .iter()
                .all(|grid| grid.as_grid().is_some())
                .then_some(grids)
        }
        _ => None,
    };
    let members = value.members().filter(|_| value.is_tuple());
    members
        .and_then(|members| members.map(sample).collect())
        .ok_or(Failure::argument(
            "expected pairs of an input and an output grid",
        ))
}

fn side(value: &Value, side: usize) -> Outcome<Vec<Value>> {
    let samples = check_samples(value)?;
    Ok(samples
        .into_iter()
        .map(|grids| grids[side].clone())
        .collect())
}

const INPUT: usize = 0;
const OUTPUT: usize = 1;

fn inputs([samples]: [&Value; 1]) -> Outcome<Value> {
    side(samples, INPUT).map(Value::tuple)
}

fn outputs([samples]: [&Value; 1]) -> Outcome<Value> {
    side(samples, OUTPUT).map(Value::tuple)
}

/// Lists the colours, ascending, that pass a test of whether inputs and outputs have them.
fn colors_where(value: &Value, test: fn(bool, bool) -> bool) -> Outcome<Value> {
    let mut has = [[false; 256]; 2];
    for sample in check_samples(value)? {
        for (grid, has) in sample.iter().zip(&mut has) {
            let cells = grid.as_grid().into_iter().flat_map(Grid::cells);
            cells.for_each(|&cell| has[slot(cell)] = true);
        }
    }
    let passes = |color: &i8| test(has[INPUT][slot(*color)], has[OUTPUT][slot(*color)]);
    Ok(Value::row(
        &(i8::MIN..=i8::MAX).filter(passes).collect::<Vec<i8>>(),
    ))
}

fn lost_colors([samples]: [&Value; 1]) -> Outcome<Value> {
    colors_where(samples, |given, wanted| given && !wanted)
}

fn new_colors([samples]: [&Value; 1]) -> Outcome<Value> {
    colors_where(samples, |given, wanted| wanted && !given)
}

fn kept_colors([samples]: [&Value; 1]) -> Outcome<Value> {
    colors_where(samples, |given, wanted| given && wanted)
}

fn sample_symmetry([samples]: [&Value; 1]) -> Outcome<Value> {
    let samples = check_samples(samples)?;
    let none = Failure::argument("expected samples with a symmetry in common");
    if samples.is_empty() {
        return Err(none);
    }
    let turns_each = |symmetry: &i64| {
        samples.iter().all(|[given, wanted]| {
            let turned = given.as_grid().and_then(|grid| turn(grid, *symmetry).ok());
            turned.as_ref() == Some(wanted)
        })
    };
    let symmetry = (0..SYMMETRIES).find(turns_each).ok_or(none)?;
    bind_last("mir_rot", &Value::Int(symmetry))
}

/// What each colour becomes.
struct ColorMap([Option<i8>; 256]);

impl ColorMap {
    fn new() -> Self {
        Self([None; 256])
    }

    /// Notes what a colour becomes, and tells what was noted before.
    fn insert(&mut self, old: i8, new: i8) -> Option<i8> {
        self.0[slot(old)].replace(new)
    }

    fn get(&self, old: i8) -> Option<i8> {
        self.0[slot(old)]
    }
}

fn color_map([samples]: [&Value; 1]) -> Outcome<Value> {
    let unclear = Failure::argument("expected samples in which each colour becomes one");
    let mut map = ColorMap::new();
    let mut has_sample = false;
    for [given, wanted] in check_samples(samples)? {
        let (given, wanted) = (arguments::grid(&given)?, arguments::grid(&wanted)?);
        if (given.height(), given.width()) != (wanted.height(), wanted.width()) {
            continue;
        }
        has_sample = true;
        for (&old, &new) in given.cells().iter().zip(wanted.cells()) {
            if map.insert(old, new).is_some_and(|before| before != new) {
                return Err(unclear);
            }
        }
    }
    if !has_sample {
        return Err(unclear);
    }
    let pair = |old: i8| map.get(old).map(|new| Value::pair(old.into(), new.into()));
    Ok(Value::tuple((i8::MIN..=i8::MAX).filter_map(pair).collect()))
}

fn recolor_by([grid, map]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let wanted = Failure::argument("expected a tuple of pairs that name a colour once");
    let pairs = map.members().filter(|_| map.is_tuple()).ok_or(wanted)?;
    let mut new_of = ColorMap::new();
    for pair in pairs {
        let (old, new) = pair.two_numbers().ok_or(wanted)?;
        let (Ok(old), Ok(new)) = (i8::try_from(old), i8::try_from(new)) else {
            return Err(wanted);
        };
        if new_of.insert(old, new).is_some() {
            return Err(wanted);
        }
    }
    let cells = grid
        .cells()
        .iter()
        .map(|&cell| new_of.get(cell).unwrap_or(cell));
    Ok(Value::grid(
        grid.height(),
        grid.width(),
        cells.collect::<Vec<i8>>(),
    ))
}

fn output_shape([samples]: [&Value; 1]) -> Outcome<Value> {
    let outputs = side(samples, OUTPUT)?;
    let mut shapes = outputs
        .iter()
        .filter_map(Value::as_grid)
        .map(|grid| (grid.height() as i64, grid.width() as i64));
    match shapes.next() {
        Some(common) if shapes.all(|shape| shape == common) => Ok(Value::pair(common.0, common.1)),
        _ => Err(Failure::argument("expected samples with one output shape")),
    }
}
