//! How primitives judge truth, compare values and take functions.

use crate::failure::{Failure, Outcome};
use crate::meter::Meter;
use crate::value::Value;

/// Requires a function that takes `arity` arguments.
pub(super) fn check_function(value: &Value, arity: usize) -> Outcome<()> {
    match value.as_function() {
        Some(function) if function.arity() == arity => Ok(()),
        _ => Err(Failure::argument(match arity {
            1 => "expected a function of 1 argument",
            _ => "expected a function of 2 arguments",
        })),
    }
}

/// Tells the truth of any value: 0, None and empty containers are false, all else is true.
pub(super) fn is_true(value: &Value) -> bool {
    match value {
        Value::None => false,
        Value::Func(_) => true,
        _ => value
            .number()
            .map_or_else(|| value.size() != Some(0), |number| number != 0),
    }
}

/// Returns whether the first value is greater.
///
/// Numbers compare by value and tuples by the first members that differ; a longer tuple exceeds
/// the tuple that it begins with. A set exceeds the sets that it properly contains, and no other.
/// Values of two kinds do not compare, nor do functions or None.
pub(super) fn exceeds(a: &Value, b: &Value) -> Outcome<bool> {
    if let (Some(a), Some(b)) = (a.number(), b.number()) {
        return Ok(a > b);
    }
    let (Some(mut a_members), Some(b_members)) = (a.members(), b.members()) else {
        return Err(Failure::argument("expected two values that compare"));
    };
    if a.is_tuple() && b.is_tuple() {
        let longer = a_members.len() > b_members.len();
        return match a_members.zip(b_members).find(|(x, y)| x != y) {
            Some((x, y)) => exceeds(&x, &y),
            None => Ok(longer),
        };
    }
    if a.is_set() && b.is_set() {
        let larger = a_members.len() > b_members.len();
        // Both walks ascend, so that each search goes on where the last one ended.
        return Ok(larger
            && b_members
                .into_iter()
                .all(|member| a_members.any(|own| own == member)));
    }
    Err(Failure::argument("expected two values that compare"))
}

/// Returns the position of the best key, the first of equally good ones; 0 without keys.
pub(super) fn best(
    keys: &[Value],
    better: impl Fn(&Value, &Value) -> Outcome<bool>,
) -> Outcome<usize> {
    let mut position = 0;
    for (place, key) in keys.iter().enumerate().skip(1) {
        if better(key, &keys[position])? {
            position = place;
        }
    }
    Ok(position)
}

fn holds_set(value: &Value) -> bool {
    match value {
        Value::Indices(_) | Value::Object(_) | Value::Set(_) => true,
        Value::Tuple(tuple) => tuple.members().iter().any(holds_set),
        _ => false,
    }
}

/// Returns the positions of some keys from the least to the greatest, equal ones in order;
/// `falling` begins with the greatest, equal ones in order all the same.
///
/// Not all sets compare, so where a key holds one, what comes out depends on how it is sorted:
/// each key in turn moves left past those that exceed it, and stops at the first that does not.
pub(super) fn rank(meter: &Meter<'_>, keys: &[Value], falling: bool) -> Outcome<Vec<usize>> {
    if !keys.iter().any(holds_set) {
        return rank_comparable(keys, falling);
    }
    meter.claim_steps(keys.len() as i128 * keys.len() as i128)?;
    let mut positions: Vec<usize> = Vec::with_capacity(keys.len());
    for (position, key) in keys.iter().enumerate() {
        let mut place = position;
        while place > 0 {
            let before = &keys[positions[place - 1]];
            let goes_before = if falling {
                exceeds(key, before)
            } else {
                exceeds(before, key)
            };
            if !goes_before? {
                break;
            }
            place -= 1;
        }
        positions.insert(place, position);
    }
    Ok(positions)
}

/// Ranks keys without sets. Where all of them compare, their order is the canonical one; where
/// two do not, two that stand side by side in that order do not either.
fn rank_comparable(keys: &[Value], falling: bool) -> Outcome<Vec<usize>> {
    let mut positions: Vec<usize> = (0..keys.len()).collect();
    if falling {
        positions.sort_by(|&a, &b| keys[b].cmp(&keys[a]));
    } else {
        positions.sort_by(|&a, &b| keys[a].cmp(&keys[b]));
    }
    for beside in positions.windows(2) {
        exceeds(&keys[beside[0]], &keys[beside[1]])?;
    }
    Ok(positions)
}
