//! Rules that repeat until nothing changes.

use super::table::primitives;
use crate::arguments;
use crate::failure::{Failure, Outcome};
use crate::function::Function;
use crate::primitives::lookup;
use crate::value::Value;

primitives! {
    by_growth(grid, rule) = by_growth;
}

/// The colour that counts for what is outside the grid.
pub(crate) const OUTSIDE: i8 = -1;
/// How far away a neighbour is, at most.
pub(crate) const REACH: i64 = 2;
/// How often a rule repeats, at most; in the end nothing may change any more.
pub(crate) const ROUNDS_MAX: usize = 200;
/// How many cells a grid has, at most.
const CELLS_MAX: usize = 4096;
/// How many cases a rule has, and how many conditions one of them, at most.
const CASES_MAX: usize = 16;
const WRONG: Failure = Failure::argument("expected a rule about cells and neighbours");

/// Neighbours of which one is enough, by the primitives that stand for them.
pub(crate) const SIDES: [(&str, &[(i32, i32)]); 5] = [
    ("hline", &[(0, -1), (0, 1)]),
    ("vline", &[(-1, 0), (1, 0)]),
    ("dneighbors", &[(-1, 0), (0, -1), (0, 1), (1, 0)]),
    ("ineighbors", &[(-1, -1), (-1, 1), (1, -1), (1, 1)]),
    (
        "neighbors",
        &[
            (-1, -1),
            (-1, 0),
            (-1, 1),
            (0, -1),
            (0, 1),
            (1, -1),
            (1, 0),
            (1, 1),
        ],
    ),
];

/// Where a neighbour is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// At a step.
    Step(i32, i32),
    /// At one of several steps, by the place of the name.
    Named(usize),
}

impl Side {
    /// Lists the steps.
    pub(crate) fn steps(self) -> Vec<(i32, i32)> {
        match self {
            Self::Step(down, right) => vec![(down, right)],
            Self::Named(place) => SIDES[place].1.to_vec(),
        }
    }
}

/// Whether a neighbour has a colour, or has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Condition {
    pub(crate) side: Side,
    pub(crate) color: i8,
    pub(crate) holds: bool,
}

/// What becomes of cells of a colour under conditions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Change {
    pub(crate) old: i8,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) new: i8,
}

fn side(value: &Value) -> Outcome<Side> {
    if let Some((down, right)) = value.two_numbers() {
        let near = -REACH..=REACH;
        if near.contains(&down) && near.contains(&right) {
            return Ok(Side::Step(down as i32, right as i32));
        }
    }
    match value {
        Value::Func(function) if function.parts().is_empty() => {
            let name = function.callee().name();
            let place = SIDES.iter().position(|(known, _)| *known == name);
            place.map(Side::Named).ok_or(WRONG)
        }
        _ => Err(WRONG),
    }
}

fn parts<const COUNT: usize>(value: &Value) -> Outcome<[Value; COUNT]> {
    let parts: Vec<Value> = arguments::tuple(value)?.collect();
    parts.try_into().map_err(|_| WRONG)
}

fn few(value: &Value) -> Outcome<Vec<Value>> {
    let members: Vec<Value> = arguments::tuple(value)?.collect();
    if members.len() > CASES_MAX {
        return Err(WRONG);
    }
    Ok(members)
}

fn condition(value: &Value) -> Outcome<Condition> {
    let [of, color, holds] = parts(value)?;
    Ok(Condition {
        side: side(&of)?,
        color: arguments::color(&color)?,
        holds: arguments::number(&holds)? != 0,
    })
}

fn change(value: &Value) -> Outcome<Change> {
    let [old, conditions, new] = parts(value)?;
    Ok(Change {
        old: arguments::color(&old)?,
        conditions: few(&conditions)?
            .iter()
            .map(condition)
            .collect::<Outcome<_>>()?,
        new: arguments::color(&new)?,
    })
}

fn by_growth([grid, rule]: [&Value; 2]) -> Outcome<Value> {
    let grid = arguments::grid(grid)?;
    let changes: Vec<Change> = few(rule)?.iter().map(change).collect::<Outcome<_>>()?;
    let (height, width) = (grid.height(), grid.width());
    if grid.cells().len() > CELLS_MAX {
        return Err(Failure::argument("expected a grid of up to 4096 cells"));
    }
    let mut cells = grid.cells().to_vec();
    for _ in 0..ROUNDS_MAX {
        let at = |row: i32, column: i32| {
            let inside = (0..height as i32).contains(&row) && (0..width as i32).contains(&column);
            if inside {
                cells[row as usize * width + column as usize]
            } else {
                OUTSIDE
            }
        };
        let holds = |row: i32, column: i32, condition: &Condition| {
            let steps = condition.side.steps();
            let mut steps = steps.iter();
            let found =
                steps.any(|&(down, right)| at(row + down, column + right) == condition.color);
            found == condition.holds
        };
        let next: Vec<i8> = (0..cells.len())
            .map(|place| {
                let (row, column) = ((place / width) as i32, (place % width) as i32);
                let mut fitting = changes.iter().filter(|change| change.old == cells[place]);
                let first = fitting.find(|change| {
                    let mut conditions = change.conditions.iter();
                    conditions.all(|condition| holds(row, column, condition))
                });
                first.map_or(cells[place], |change| change.new)
            })
            .collect();
        if next == cells {
            return Ok(Value::grid(height, width, cells));
        }
        cells = next;
    }
    Err(Failure::argument("expected a rule that comes to an end"))
}

/// Writes a rule as a value of the language.
pub(crate) fn write(changes: &[Change]) -> Value {
    let condition = |condition: &Condition| {
        let side = match condition.side {
            Side::Step(down, right) => Value::pair(down.into(), right.into()),
            Side::Named(place) => lookup(SIDES[place].0)
                .map_or(Value::None, |callee| Value::function(Function::of(callee))),
        };
        let color = Value::Int(condition.color.into());
        Value::tuple(vec![side, color, Value::Int(condition.holds.into())])
    };
    let change = |change: &Change| {
        Value::tuple(vec![
            Value::Int(change.old.into()),
            Value::tuple(change.conditions.iter().map(condition).collect()),
            Value::Int(change.new.into()),
        ])
    };
    Value::tuple(changes.iter().map(change).collect())
}
