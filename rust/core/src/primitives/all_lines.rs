//! Lines between all pairs of two sets of locations: programs often ask for them.

use crate::failure::Outcome;
use crate::meter::{Meter, CALL_DEPTH};
use crate::value::{location_of_key, Ascend, Location, Value};

/// Fuel of a call of `connect`, without the leaves of what it returns.
const CALL_FUEL: u64 = 5;
/// The directions of lines, as the second location of each is ordered; no line has the first one.
const DIRECTIONS: [(i32, i32); 5] = [(0, 0), (0, 1), (1, -1), (1, 0), (1, 1)];
const DIRECTION_BITS: u32 = 3;
const LENGTH_BITS: u32 = 17;

/// Does what calls of `connect` with all pairs do, if this is what is asked for: it counts the same
/// fuel, and makes each line once.
pub(super) fn connect_all(
    meter: &mut Meter<'_>,
    function: &Value,
    a: &Value,
    b: &Value,
) -> Option<Outcome<Value>> {
    let is_connect = function.as_function().is_some_and(|function| {
        function.parts().is_empty() && function.callee().name() == "connect"
    });
    // Whoever counts calls wants to see them.
    if !is_connect || meter.tally().is_some() || meter.depth() >= CALL_DEPTH {
        return None;
    }
    match (a, b) {
        (Value::Indices(a), Value::Indices(b)) => Some(lines(meter, a, b)),
        _ => None,
    }
}

fn lines(meter: &mut Meter<'_>, a: &[Location], b: &[Location]) -> Outcome<Value> {
    let mut keys = Vec::new();
    let mut has_empty = false;
    // Where both are the same, each line comes twice.
    let is_twice = a == b;
    for &x in a {
        for &y in b {
            meter.spend(CALL_FUEL)?;
            let Some(line) = Line::between(x, y) else {
                meter.take(1)?;
                has_empty = true;
                continue;
            };
            let leaves = 2 * (u64::from(line.length) + 1);
            meter.claim(leaves.into())?;
            meter.take(leaves)?;
            if !is_twice || x <= y {
                keys.push(line.key());
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
    let empty = has_empty.then(Value::empty_set);
    let lines = keys.into_iter().map(|key| Line::of(key).locations());
    Ok(Value::ascending_set(
        empty.into_iter().chain(lines).collect(),
    ))
}

/// A straight or diagonal line.
struct Line {
    start: Location,
    direction: usize,
    length: u32,
}

impl Line {
    fn between(a: Location, b: Location) -> Option<Self> {
        let (start, end) = (a.min(b), a.max(b));
        let down = i32::from(end.0) - i32::from(start.0);
        let right = i32::from(end.1) - i32::from(start.1);
        if down != 0 && right != 0 && right.abs() != down {
            return None;
        }
        let step = (down.signum(), right.signum());
        Some(Self {
            start,
            direction: DIRECTIONS.iter().position(|one| *one == step)?,
            length: down.max(right.abs()) as u32,
        })
    }

    /// A number that orders lines as the sets of their locations are ordered.
    fn key(&self) -> u64 {
        let direction = self.start.key() << DIRECTION_BITS | self.direction as u64;
        direction << LENGTH_BITS | u64::from(self.length)
    }

    fn of(key: u64) -> Self {
        let bits = |key: u64, count: u32| key & ((1 << count) - 1);
        let direction = key >> LENGTH_BITS;
        Self {
            start: location_of_key(direction >> DIRECTION_BITS),
            direction: bits(direction, DIRECTION_BITS) as usize,
            length: bits(key, LENGTH_BITS) as u32,
        }
    }

    fn locations(&self) -> Value {
        let (down, right) = DIRECTIONS[self.direction];
        let (row, column) = (i32::from(self.start.0), i32::from(self.start.1));
        let place = |n: i32| ((row + n * down) as i16, (column + n * right) as i16);
        Value::ascending_indices((0..=self.length as i32).map(place).collect())
    }
}
